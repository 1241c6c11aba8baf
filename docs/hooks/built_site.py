"""Checks the built site: every link and anchor has a target, and no page loads anything from another host.

MkDocs checks links in Markdown. This check reads the HTML, so it covers the theme, raw HTML and generated pages too.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError

#: Attributes by which a page loads something when it is opened; a link that is clicked is none.
LOADING = {
    *((tag, "src") for tag in ("audio", "embed", "iframe", "img", "script", "source", "video")),
    *((tag, "srcset") for tag in ("img", "source")),
    ("object", "data"),
    ("use", "href"),
}
#: Relations of a link element that make a browser ask for its target.
LOADING_RELATIONS = {
    "stylesheet",
    "icon",
    "preload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "modulepreload",
    "manifest",
}
_CSS_URL = re.compile(r"""(?:url\(\s*['"]?|@import\s+['"])((?:https?:)?//[^'")\s]+)""")


def on_post_build(config: MkDocsConfig) -> None:
    """Fail the build if the site has a dead link or loads something from another host."""
    faults = list(faults_of(Path(config.site_dir)))
    if faults:
        raise PluginError("the built site has faults:\n  " + "\n  ".join(faults))


class _Reader(HTMLParser):
    """Collects what a page links to, what it loads, and its anchors."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        self.anchors |= {values[name] for name in ("id", "name") if name in values}
        relations = set(values.get("rel", "").split())
        for name, value in values.items():
            if (tag, name) in LOADING or (tag == "link" and name == "href" and relations & LOADING_RELATIONS):
                self.loads.append(value)
            elif tag == "a" and name == "href":
                self.links.append(value)
        self.loads += _CSS_URL.findall(values.get("style", ""))


def faults_of(site: Path) -> Iterator[str]:
    """One line per fault: the page, the address, and what is wrong with it.

    :param site: the built folder.
    """
    pages = {}
    for path in sorted(site.rglob("*.html")):
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        pages[path.relative_to(site).as_posix()] = reader
    for name, page in pages.items():
        for target in page.loads:
            if re.match(r"(https?:)?//", target):
                yield f"{name}: loads {target} from another host"
            elif not target.startswith("data:"):
                yield from _dead(site, pages, name, target)
        for target in page.links:
            yield from _dead(site, pages, name, target)
    for path in sorted(site.rglob("*.css")):
        for target in _CSS_URL.findall(path.read_text(encoding="utf-8")):
            yield f"{path.relative_to(site).as_posix()}: loads {target} from another host"


def _dead(site: Path, pages: dict[str, _Reader], name: str, target: str) -> Iterator[str]:
    parts = urlsplit(target)
    if parts.scheme or parts.netloc:
        return
    # 404.html is served under any address, so the theme writes its links from the root.
    folder = "" if parts.path.startswith("/") else posixpath.dirname(name)
    path = posixpath.normpath(posixpath.join(folder, unquote(parts.path).lstrip("/"))) if parts.path else name
    if parts.path.endswith("/") or path == ".":
        path = posixpath.normpath(posixpath.join(path, "index.html"))
    if not (site / path).is_file():
        yield f"{name}: {target} leads to no file"
    elif parts.fragment and path in pages and unquote(parts.fragment) not in pages[path].anchors:
        yield f"{name}: {target} leads to no anchor of {path}"
