"""The catalogues hold every text of the code, whole and in order; and a language is one file."""

from __future__ import annotations

import os
import string
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, write_po

from passport.texts import catalogue, extraction, languages
from passport.vocabulary import vocabulary
from tests.each import each

CATALOGUES = sorted(catalogue.FOLDER.glob("*.po"))


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=path.stem, abort_invalid=True)


def _forms(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string)


def test_there_is_a_chinese_catalogue():
    assert languages() == ("en", "zh")


@each("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_catalogue_holds_the_texts_of_the_code_and_no_others(path):
    is_renewed = extraction.renewed(path, extraction.texts_of()) == path.read_bytes()
    # Not compared in the assertion: the difference of two catalogues takes minutes to print.
    assert is_renewed, "run make texts"


@each("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_text_is_untranslated(path):
    assert not [message.id for message in _read(path) if message.id and not all(_forms(message))]


@each("path", CATALOGUES, ids=lambda path: path.stem)
def test_no_translation_is_fuzzy(path):
    assert not [message.id for message in _read(path) if message.id and message.fuzzy]


@each("path", CATALOGUES, ids=lambda path: path.stem)
def test_a_translation_has_the_places_of_its_source(path):
    wrong = []
    for message in _read(path):
        if not message.id:
            continue
        sources = (message.id,) if isinstance(message.id, str) else message.id
        allowed = [_places(source) for source in sources]
        wrong += [(sources[0], form) for form in _forms(message) if _places(form) not in allowed]
    assert not wrong


def _places(text: str) -> set[str]:
    """Names in braces.

    A text that is never filled may hold braces of its own, which are no places.
    """
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return set()


def test_no_label_of_a_code_list_is_in_a_catalogue():
    """A label has one home. A text that is the same in both languages as a label was copied from there."""
    texts = {(message.id, message.string) for path in CATALOGUES for message in _read(path) if path.stem == "zh"}
    assert not sorted(texts & _labels())


def _labels() -> set[tuple[str, str]]:
    lists = vocabulary.load().enumerations.values()
    labels = {(code.label["en"], code.label["zh"]) for each in lists for code in each.codes}
    # How a page heads what a reader may not read (a class of data for export is called the same), and one entry of the
    # accidents of a read-out (the life-cycle event is called the same).
    return labels - {("Restricted", "受限"), ("Accident", "事故")}


def test_a_text_that_is_put_together_cannot_be_collected(tmp_path):
    module = tmp_path / "passport" / "module.py"
    module.parent.mkdir()
    module.write_text('Message(f"no file {path}")', encoding="utf-8")
    with pytest.raises(ValueError, match=r"module\.py:1"):
        extraction.texts_of(tmp_path)


def test_a_third_language_is_one_file(tmp_path):
    """Esperanto, in which three sentences of the terminal are known."""
    known = {
        "no trust list given": "neniu fidolisto",
        "error:": "eraro:",
        _HELP: "Kontroli konservitan pasporton.",
    }
    made = Catalog(locale="eo")
    for source, translated in known.items():
        made.add(source, translated)
    with (tmp_path / "eo.po").open("wb") as file:
        write_po(file, made)
    (tmp_path / "zh.po").symlink_to(catalogue.FOLDER / "zh.po")

    assert "eraro: neniu fidolisto" in _run(tmp_path, "verify", "x", "--lang", "eo").stderr
    assert "Kontroli konservitan pasporton." in _run(tmp_path, "verify", "--help", LANG="eo.UTF-8").stdout
    # What is not translated yet is said in English.
    assert "Trust list: who may sign." in _run(tmp_path, "verify", "--help", "--lang", "eo").stdout
    # Pages in a third language: tests/resolver/test_languages.py.


_HELP = "Verify a saved passport, a presentation, a credential or a token: FILE, - for stdin, or a passport's address."
_SET = (
    "import sys; from pathlib import Path; from passport.texts import catalogue; "
    "catalogue.FOLDER = Path(sys.argv.pop(1))\n"
)
_COMMAND = _SET + "from passport.commands import main; main()"


def _run(folder: Path, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _COMMAND, str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "LC_ALL": "", "LC_MESSAGES": "", **environment},
        check=False,
    )


def test_labels_of_code_lists_are_known():
    assert len(_labels()) > 100
