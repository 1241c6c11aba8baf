"""Pages whose source is at the root of the repository, and links from pages to files of the repository.

* CONTRIBUTING, SECURITY and CHANGELOG stay at the root, where code hosts look for them. The site shows the same files
  under the names in :data:`ROOT_PAGES`; nothing is copied into ``docs/``.
* A link to one of these files becomes a link to its page. A link to any other file of the repository becomes text with
  the path of the file, since the site does not know the public address of the repository.
"""

from __future__ import annotations

import posixpath
import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

#: File at the root of the repository -> page of the site.
ROOT_PAGES = {
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
    "CHANGELOG.md": "changelog.md",
    "README.md": "index.md",
    "README.zh.md": "index.md",
}
#: Pages of the site that are those files.
MIRRORED = ("CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md")

LINK = re.compile(r"(?<!!)\[(?P<text>[^\]]*)\]\((?P<target>[^)\s]+)\)")
FENCE = re.compile(r"^(```.*?^```|~~~.*?^~~~)", re.MULTILINE | re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the files at the root."""
    root = Path(config.config_file_path).parent
    for name in MIRRORED:
        text = (root / name).read_text(encoding="utf-8")
        files.append(File.generated(config, ROOT_PAGES[name], content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Turn links to files of the repository into links to their pages, or into text."""
    root = Path(config.config_file_path).parent
    here = page.file.src_uri
    home = "" if here in {ROOT_PAGES[name] for name in MIRRORED} else posixpath.dirname(f"docs/{here}")

    def replace(match: re.Match[str]) -> str:
        text, target = match["text"], match["target"]
        if re.match(r"[a-z][a-z0-9+.-]*:|#", target):
            return match[0]
        path, _, anchor = target.partition("#")
        path = posixpath.normpath(posixpath.join(home, path))
        if path in ROOT_PAGES:
            goal = ROOT_PAGES[path]
        elif path.startswith("docs/") and files.get_file_from_path(path.removeprefix("docs/")):
            goal = path.removeprefix("docs/")
        elif path == "docs" or (path.startswith("docs/") and (root / path).is_dir()):
            goal = posixpath.join(path.removeprefix("docs").removeprefix("/"), "index.md")
        elif (root / path).exists():
            return text if text.startswith("`") else f"{text} (`{path}`)"
        else:
            return match[0]
        relative = posixpath.relpath(goal, posixpath.dirname(here) or ".")
        return f"[{text}]({relative}{'#' + anchor if anchor else ''})"

    parts = FENCE.split(markdown)
    return "".join(part if FENCE.match(part) else LINK.sub(replace, part) for part in parts)
