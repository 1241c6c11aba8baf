"""The API reference: one page for each package of the library, from the docstrings of its modules.

Modules are found by walking the packages, so the reference follows when a module moves. :data:`LEFT_OUT` is the
only list of modules. Nothing is imported: mkdocstrings reads the source.
"""

from __future__ import annotations

import ast
import html
import inspect
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

FOLDER = "api"
#: The packages whose public names are the library.
LIBRARY = ("passport",)
#: Packages below them that are no public library: the command line, and the generator of the interoperability set.
LEFT_OUT = ("passport.commands", "passport.interop_kit")

# Docstrings refer to code by Sphinx roles, :class:`passport.errors.PassportError`. Markdown would print the role.
_ROLE = re.compile(r":(?:mod|class|func|meth|data|attr|exc):<code>(~?)([^<]+)</code>")
_LITERAL_BLOCK = re.compile(r"::(</p>)")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add a page for each package, and the list of them."""
    root = Path(config.config_file_path).parent
    for path, text in pages(root).items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_content(content: str, page: Page, config: MkDocsConfig, files: Files) -> str | None:
    """Replace Sphinx roles by links, as far as the reference has their targets."""
    if not page.file.src_uri.startswith(f"{FOLDER}/"):
        return None
    return _LITERAL_BLOCK.sub(r":\1", _ROLE.sub(_reference, content))


def _reference(match: re.Match[str]) -> str:
    shortened, name = match[1], html.unescape(match[2])
    shown = name.rpartition(".")[2] if shortened else name
    target = html.escape(name.removesuffix("()"))
    return f'<autoref identifier="{target}" optional><code>{html.escape(shown)}</code></autoref>'


def pages(root: Path) -> dict[str, str]:
    """Path in the site -> Markdown, of the whole reference."""
    made, rows = {}, []
    for package in packages(root):
        made[f"{FOLDER}/{package}.md"] = _package_page(root, package)
        rows.append(f"| [`{package}`]({package}.md) | {_summary(_source(root, package))} |")
    head = ["# API reference", "", "The public names of the library, from the docstrings of the code. "
            "A name with a leading underscore is not part of it.", "", "| package | |", "|---|---|"]  # fmt: skip
    made[f"{FOLDER}/index.md"] = "\n".join([*head, *rows, ""])
    return made


def packages(root: Path) -> list[str]:
    """Names of the packages of the library that hold documented modules."""
    return [name for name in sorted(_walk(root)) if modules(root, name)]


def _walk(root: Path) -> Iterator[str]:
    for library in LIBRARY:
        for path in (root / library).rglob("__init__.py"):
            name = ".".join(path.parent.relative_to(root).parts)
            if not any(name == left or name.startswith(f"{left}.") for left in LEFT_OUT):
                yield name


def modules(root: Path, package: str) -> list[str]:
    """The modules of one package that have a docstring, the package itself first."""
    folder = root.joinpath(*package.split("."))
    names = [package, *(f"{package}.{path.stem}" for path in sorted(folder.glob("*.py")) if path.stem[0] != "_")]
    return [name for name in names if _docstring(_source(root, name))]


def _source(root: Path, module: str) -> Path:
    path = root.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def _docstring(path: Path) -> str:
    # Only the first statement is read: parsing each module to its end takes three seconds.
    with tokenize.open(path) as source:
        for token in tokenize.generate_tokens(source.readline):
            if token.type == tokenize.STRING:
                return inspect.cleandoc(ast.literal_eval(token.string))
            if token.type not in (tokenize.COMMENT, tokenize.NL):
                break
    return ""


def _summary(path: Path) -> str:
    first = " ".join(_docstring(path).split("\n\n")[0].split())
    return re.sub(r":\w+:(`[^`]+`)", r"\1", first).replace("``", "`").replace("|", r"\|")


def _package_page(root: Path, package: str) -> str:
    lines = ["---", f"title: {package}", "---", "", f"# `{package}`"]
    for module in modules(root, package):
        lines += ["", f"::: {module}"]
    return "\n".join([*lines, ""])
