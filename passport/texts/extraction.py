"""Brings the catalogues up to date with the code: ``make texts``.

What is collected, from the syntax alone: the first argument of each ``Message(…)`` with its ``plural`` and ``context``;
of commands the paragraphs of their help and the ``help`` of their options; the ``hint`` of each class of errors. A new
text enters a catalogue untranslated; one that changed a little keeps its old translation, marked as fuzzy; one that is
gone leaves. ``tests/texts`` fails while an entry is untranslated or fuzzy.
"""

from __future__ import annotations

import argparse
import ast
import io
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from passport.texts import catalogue
from passport.texts.command_help import paragraphs

CHECKOUT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("passport", "resolver", "issuer")
_WIDTH = 120
_HEADER = """\
# Texts of the battery passport. `make texts` collects them from the code; translate what is empty or fuzzy.
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Language: {language}\\n"
"Plural-Forms: {plurals}\\n"

"""


@dataclass(frozen=True)
class SourceText:
    """A text in the source code."""

    source: str
    plural: str | None
    context: str | None
    path: str
    line: int


def texts_of(checkout: Path = CHECKOUT) -> list[SourceText]:
    """Every text of the code, in the order of files and lines.

    :raises ValueError: a message is put together, so that it cannot be translated.
    """
    return [
        text
        for package in PACKAGES
        for path in sorted((checkout / package).rglob("*.py"))
        for text in _of_module(ast.parse(path.read_text(encoding="utf-8")), path.relative_to(checkout).as_posix())
    ]


def _of_module(tree: ast.Module, path: str) -> Iterator[SourceText]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if _name(node.func) == "Message":
                yield _message(node, path)
            elif (text := _literal(_keyword(node, "help"))) is not None:
                yield from (SourceText(paragraph, None, None, path, node.lineno) for paragraph in paragraphs(text))
        elif isinstance(node, ast.FunctionDef) and any(_is_command(each) for each in node.decorator_list):
            for paragraph in paragraphs(ast.get_docstring(node) or ""):
                yield SourceText(paragraph, None, None, path, node.lineno)
        elif isinstance(node, ast.ClassDef):
            for statement in node.body:
                if isinstance(statement, ast.Assign) and _name(statement.targets[0]) == "hint":
                    text = _literal(statement.value)
                    if text is not None:
                        yield SourceText(text, None, None, path, statement.lineno)


def _message(call: ast.Call, path: str) -> SourceText:
    source = _literal(call.args[0]) if call.args else None
    if source is None:
        # Message itself restores from parts; all others have to write the text out.
        if path.startswith("passport/texts/"):
            return SourceText("", None, None, path, call.lineno)
        raise ValueError(f"{path}:{call.lineno}: the text of a message is written out, not put together")
    return SourceText(
        source, _literal(_keyword(call, "plural")), _literal(_keyword(call, "context")), path, call.lineno
    )


def _is_command(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _name(called) in ("command", "group")


def _keyword(call: ast.Call, name: str) -> ast.expr | None:
    return next((each.value for each in call.keywords if each.arg == name), None)


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def renewed(path: Path, texts: list[SourceText]) -> bytes:
    """The catalogue at ``path`` as it should be, for a language whose code is the name of the file."""
    template = Catalog(charset="utf-8")
    for text in texts:
        if text.source:
            message = (text.source, text.plural) if text.plural else text.source
            template.add(message, context=text.context, locations=[(text.path, text.line)], flags=())
    if path.exists():
        with path.open("rb") as file:
            catalogue_ = read_po(file, locale=path.stem, abort_invalid=True)
    else:
        catalogue_ = Catalog(locale=path.stem, charset="utf-8")
    catalogue_.update(template, update_header_comment=False, no_fuzzy_matching=False)
    catalogue_.obsolete.clear()
    out = io.BytesIO()
    # Without lines and dates: a catalogue changes when a text does, and not with every edit above it.
    write_po(out, catalogue_, width=_WIDTH, omit_header=True, include_lineno=False, ignore_obsolete=True)
    header = _HEADER.format(language=path.stem, plurals=catalogue_.plural_forms)
    return header.encode() + out.getvalue()


def main(arguments: list[str] | None = None) -> int:
    """Renew all catalogues; with ``--check`` write nothing and say which are behind."""
    parser = argparse.ArgumentParser(description="Collect the texts of the code into the catalogues.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a catalogue is behind the code")
    options = parser.parse_args(arguments)
    texts = texts_of()
    behind = []
    for path in sorted(catalogue.FOLDER.glob("*.po")):
        data = renewed(path, texts)
        if data != path.read_bytes():
            behind.append(path.name)
            if not options.check:
                path.write_bytes(data)
    if behind and options.check:
        print("behind the code: " + ", ".join(behind) + "; run make texts", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
