"""The navigation: ``folder/*`` in ``mkdocs.yml`` is all pages of that folder, its index first, then by file name."""

from __future__ import annotations

from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.plugins import event_priority
from mkdocs.structure.files import Files


@event_priority(-100)  # after the hooks that add pages
def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Write out the navigation, before MkDocs reads it."""
    config.nav = expand(config.nav, [file.src_uri for file in files.documentation_pages()])
    return files


def expand(nav: Any, pages: list[str]) -> Any:
    """The navigation with each ``folder/*`` replaced by the pages of that folder.

    :raises PluginError: a folder has no page.
    """
    if isinstance(nav, list):
        return [expand(entry, pages) for entry in nav]
    if isinstance(nav, dict):
        return {title: expand(entry, pages) for title, entry in nav.items()}
    if isinstance(nav, str) and nav.endswith("/*"):
        folder = nav.removesuffix("*")
        held = [page for page in pages if page.startswith(folder)]
        if not held:
            raise PluginError(f"mkdocs.yml: expected pages in docs/{folder}, found none")
        return sorted(held, key=lambda page: (page != f"{folder}index.md", page))
    return nav
