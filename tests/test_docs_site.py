"""The documents hold together: links and anchors, the pages that errors and comments name, the navigation, the hooks.

``make docs`` builds the whole site and checks its HTML; these tests read the sources alone, in a few seconds.
"""

from __future__ import annotations

import importlib.util
import posixpath
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from tests.conftest import CHECKOUT

pytest.importorskip("mkdocs", reason="mkdocs is not installed: pip install -e '.[docs]'")

from mkdocs.exceptions import PluginError  # noqa: E402
from pymdownx.slugs import slugify  # noqa: E402

from tests.each import each

SLUG = slugify(case="lower")
AT_THE_ROOT = ("README.md", "README.zh.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "keys/README.md")
FENCED = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def hook(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"docs_hook_{name}", CHECKOUT / "docs" / "hooks" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def written_pages() -> dict[str, str]:
    paths = [*(CHECKOUT / name for name in AT_THE_ROOT), *sorted((CHECKOUT / "docs").rglob("*.md"))]
    return {path.relative_to(CHECKOUT).as_posix(): path.read_text(encoding="utf-8") for path in paths}


def anchors(text: str) -> set[str]:
    found = set()
    for heading in re.findall(r"^#{1,6} +(.+?)\s*$", FENCED.sub("", text), re.MULTILINE):
        name, _, given = heading.partition(" { #")
        found.add(given.removesuffix(" }") if given else SLUG(re.sub(r"<[^>]+>|[`*]", "", name), "-"))
    return found


def dead_links(pages: dict[str, str]) -> Iterator[str]:
    """Links of the pages that lead to no file of the checkout, no page given, or no heading of one."""
    for name, text in pages.items():
        for target in LINK.findall(FENCED.sub("", text)):
            if re.match(r"[a-z][a-z0-9+.-]*:", target):
                continue
            path, _, anchor = target.partition("#")
            path = posixpath.normpath(posixpath.join(posixpath.dirname(name), path)) if path else name
            if path not in pages and not (CHECKOUT / path).exists():
                yield f"{name}: {target} leads to no file"
            elif anchor and path in pages and anchor not in anchors(pages[path]):
                yield f"{name}: {target} leads to no heading of {path}"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    """Pages that the hooks add, by their place under docs/."""
    vocabulary = hook("vocabulary_pages")
    pages = {**vocabulary.pages(vocabulary.load()), **hook("api_pages").pages(CHECKOUT)}
    return {f"docs/{path}": text for path, text in pages.items()}


def test_every_link_of_the_documents_leads_to_a_file_and_a_heading(generated):
    assert list(dead_links({**written_pages(), **generated})) == []


@each("target", ["missing.md", "#missing", "keys.md#missing", "../missing.md", "images/missing.png"])
def test_a_dead_link_is_found(target):
    pages = {"docs/keys.md": "# Keys\n", "docs/page.md": f"# Page\n\nSee [this]({target}).\n"}
    assert len(list(dead_links(pages))) == 1


def test_every_file_and_module_that_a_page_names_exists():
    """Code moves; a page that names the old place sends its reader nowhere."""
    top = "passport|resolver|issuer|tests|ontology|shapes|contexts|examples|benchmarks|docs"
    missing = []
    for name, text in written_pages().items():
        for path in re.findall(rf"`((?:{top}|linked_data|proofs|credentials|identity)/[\w./-]*)`", text):
            if not any((folder / path).exists() for folder in (CHECKOUT, CHECKOUT / "passport")):
                missing.append((name, path))
        for module in re.findall(r"\b(?:from|import) (passport(?:\.\w+)*)", text):
            path = CHECKOUT.joinpath(*module.split("."))
            if not path.is_dir() and not path.with_suffix(".py").is_file():
                missing.append((name, module))
    assert missing == []


# --- pages that code names -----------------------------------------------------------------------------------------


def sources() -> Iterator[Path]:
    for folder in ("passport", "resolver", "issuer", "tests", "benchmarks", "ontology", "shapes"):
        for path in sorted((CHECKOUT / folder).rglob("*")):  # this file makes up names of its own
            if path.suffix in {".py", ".ttl", ".html"} and not {"node_modules", "test_docs_site.py"} & {*path.parts}:
                yield path


def test_every_page_that_code_names_exists():
    """A hint that leads to no page leaves an operator alone with the error."""
    missing = []
    for path in sources():
        text = path.read_text(encoding="utf-8")
        for name in re.findall(r"\bdocs/([\w/-]+\.md)\b", text):
            if not (CHECKOUT / "docs" / name).is_file():
                missing.append((path.name, name))
        for number in re.findall(r"\bdocs/decisions/(\d{4})", text):
            if not list((CHECKOUT / "docs" / "decisions").glob(f"{number}-*.md")):
                missing.append((path.name, number))
    assert missing == []


def test_every_section_that_a_hint_names_exists():
    named = set()
    for path in sources():
        named |= set(re.findall(r"docs/([\w-]+\.md), ([A-Z][\w ]+?)[.\"]", path.read_text(encoding="utf-8")))
    assert len(named) >= 2
    for page, section in named:
        assert f"\n## {section}\n" in (CHECKOUT / "docs" / page).read_text(encoding="utf-8"), (page, section)


# --- the site --------------------------------------------------------------------------------------------------------


def test_every_indicator_has_a_page_in_both_languages(generated):
    from passport.vocabulary.vocabulary import load

    indicators = load().indicators
    english, chinese = generated["docs/vocabulary/index.md"], generated["docs/vocabulary/zh.md"]
    for name, indicator in indicators.items():
        page = generated[f"docs/vocabulary/indicators/{name}.md"]
        assert f"`{indicator.iri}`" in page
        assert indicator.label["zh"] in page and indicator.definition["zh"].split("，")[0] in page, name
        assert f"(indicators/{name}.md)" in english and f"(indicators/{name}.md)" in chinese, name
    assert len([path for path in generated if "/indicators/" in path]) == len(indicators) > 170


def test_text_of_the_ontology_is_no_markup():
    cell = hook("vocabulary_pages").cell
    assert not set("|<>`*_[]") & set(cell("a|b <b>x</b> `c` *d* _e_ [f](g)"))
    assert "\n" not in cell("two\nlines")


def test_the_reference_covers_the_library_and_follows_its_modules(generated):
    text = "\n".join(page for path, page in generated.items() if path.startswith("docs/api/"))
    documented = set(re.findall(r"^::: ([\w.]+)$", text, re.MULTILINE))
    assert {"passport.errors", "passport.credentials.verifier", "passport.proofs"} <= documented
    assert [name for name in documented if name.startswith("passport.commands") or "._" in name] == []
    for name in documented:
        path = CHECKOUT.joinpath(*name.split("."))
        assert path.with_suffix(".py").is_file() or (path / "__init__.py").is_file(), name


def test_the_navigation_names_every_page_once(generated):
    from mkdocs.config import load_config

    navigation = hook("navigation").expand
    root_pages = {f"docs/{page}" for page in hook("repository_pages").ROOT_PAGES.values()}
    written = {name for name in written_pages() if name.startswith("docs/")}
    known = [name.removeprefix("docs/") for name in sorted(written | set(generated) | root_pages)]
    config = load_config(str(CHECKOUT / "mkdocs.yml"))
    listed = list(leaves(navigation(config["nav"], known)))
    assert len(listed) == len(set(listed))
    assert {name for name in known if not name.startswith("vocabulary/indicators/")} == set(listed)
    with pytest.raises(PluginError, match="found none"):
        navigation([{"Nowhere": "nowhere/*"}], known)


def leaves(nav: object) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from leaves(entry)


def test_every_decision_is_in_the_list_of_decisions():
    folder = CHECKOUT / "docs" / "decisions"
    listed = (folder / "index.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(folder.glob("0*.md")) if f"({path.name})" not in listed] == []


@each(
    ("html", "fault"),
    [
        ('<a href="other.html#there">', None),
        ('<a href="https://example.com/">', None),
        ('<img src="data:image/png;base64,AA">', None),
        ('<a href="missing.html">', "leads to no file"),
        ('<a href="other.html#missing">', "leads to no anchor"),
        ('<img src="missing.png">', "leads to no file"),
        ('<script src="https://cdn.example/x.js"></script>', "from another host"),
        ('<script src="//cdn.example/x.js"></script>', "from another host"),
        ('<link rel="stylesheet" href="https://fonts.example/a.css">', "from another host"),
        ('<link rel="preconnect" href="https://fonts.example">', "from another host"),
        ('<p style="background:url(https://cdn.example/x.png)">', "from another host"),
    ],
)
def test_the_built_site_is_searched_for_dead_links_and_foreign_hosts(tmp_path, html, fault):
    (tmp_path / "other.html").write_text('<h1 id="there">Other</h1>', encoding="utf-8")
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    (tmp_path / "site.css").write_text("body { background: url(picture.png) }", encoding="utf-8")
    faults = list(hook("built_site").faults_of(tmp_path))
    assert faults == [] if fault is None else len(faults) == 1 and fault in faults[0]


def test_a_style_sheet_that_loads_from_another_host_is_found(tmp_path):
    (tmp_path / "site.css").write_text('@import "https://fonts.example/a.css";', encoding="utf-8")
    assert len(list(hook("built_site").faults_of(tmp_path))) == 1
