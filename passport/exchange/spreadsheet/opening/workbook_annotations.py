"""What a sheet holds beside its cells: comments, text boxes, pictures and charts. None of it is read as data.

People write values and corrections there, so a reader that is silent about them loses input. Each is named with its
cell. The comments of our own templates, on the headings in row 1, say how to fill in and are left out.

The parts have passed :mod:`passport.exchange.spreadsheet.opening.workbook_guard`: no document type, bounded elements
and texts.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from xml.parsers import expat

from passport.exchange.spreadsheet.column_letters import column_letter

#: Author of the comments that our own templates have.
OWN_AUTHOR = "passport"


class AnnotationKind(StrEnum):
    """Kind of an annotation beside the cells."""

    COMMENT = "comment"
    TEXT_BOX = "text-box"
    PICTURE = "picture"
    CHART = "chart"


@dataclass(frozen=True, slots=True)
class Annotation:
    """One of them.

    :param column: letters, of the cell that it belongs to, or whose corner it begins in; None where it has no cell.
    :param row: from 1.
    :param text: the words in it; empty for a picture.
    """

    kind: AnnotationKind
    column: str | None
    row: int | None
    text: str


_COMMENTS, _DRAWING = "/comments", "/drawing"
_CELL = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_BREAK = re.compile(r"\s+")
#: Excel writes this before the text of a threaded comment, for programs that know no threads.
_THREADED = re.compile(r"\A\[Threaded comment\].*?(?:Comment:|\Z)", re.DOTALL)


def annotations_of(archive: zipfile.ZipFile, sheet_part: str) -> tuple[Annotation, ...]:
    """The annotations of a sheet, in the order of its parts.

    :param sheet_part: such as ``xl/worksheets/sheet1.xml``.
    """
    parts = set(archive.namelist())
    every: list[Annotation] = []
    for kind, target in _related(archive, sheet_part, parts):
        part = _resolved(sheet_part, target)
        if part not in parts:
            continue
        if kind.endswith(_COMMENTS):
            every += _Comments().read(archive.read(part))
        elif kind.endswith(_DRAWING):
            every += _Drawing().read(archive.read(part))
    return tuple(every)


def _related(archive: zipfile.ZipFile, sheet_part: str, parts: set[str]) -> Iterator[tuple[str, str]]:
    folder, name = posixpath.split(sheet_part)
    relations = f"{folder}/_rels/{name}.rels"
    if relations not in parts:
        return
    found: list[tuple[str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if tag.rpartition(":")[2] == "Relationship" and attributes.get("TargetMode") != "External":
            found.append((attributes.get("Type", ""), attributes.get("Target", "")))

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.Parse(archive.read(relations), True)
    yield from found


def _resolved(sheet_part: str, target: str) -> str:
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(sheet_part), target))


class _PartWalk:
    """A walk through one part that gathers annotations."""

    def __init__(self) -> None:
        self.annotations: list[Annotation] = []
        self._open: list[str] = []

    def read(self, content: bytes) -> list[Annotation]:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler = self._text
        parser.Parse(content, True)
        return self.annotations

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self._open.append(tag)
        self.begin(tag, attributes)

    def _end(self, tag: str) -> None:
        self.end(self._open.pop())

    def _text(self, text: str) -> None:
        self.text(self._open[-1], text)

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        raise NotImplementedError

    def end(self, tag: str) -> None:
        raise NotImplementedError

    def text(self, tag: str, text: str) -> None:
        raise NotImplementedError


class _Comments(_PartWalk):
    def __init__(self) -> None:
        super().__init__()
        self._authors: list[str] = []
        self._cell, self._author, self._words = "", "", ""

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "author":
            self._authors.append("")
        elif tag == "comment":
            number = attributes.get("authorId", "")
            self._author = self._authors[int(number)] if number.isdecimal() and int(number) < len(self._authors) else ""
            self._cell, self._words = attributes.get("ref", ""), ""

    def text(self, tag: str, text: str) -> None:
        if tag == "author":
            self._authors[-1] += text
        elif tag == "t":
            self._words += text

    def end(self, tag: str) -> None:
        cell = _CELL.fullmatch(self._cell) if tag == "comment" else None
        if tag != "comment" or (cell and cell[2] == "1" and self._author == OWN_AUTHOR):
            return
        words = _BREAK.sub(" ", _THREADED.sub("", self._words)).strip()
        column, row = (cell[1], int(cell[2])) if cell else (None, None)
        self.annotations.append(Annotation(AnnotationKind.COMMENT, column, row, words))


_DRAWN = {"sp": AnnotationKind.TEXT_BOX, "pic": AnnotationKind.PICTURE, "graphicFrame": AnnotationKind.CHART}
_ANCHORS = ("twoCellAnchor", "oneCellAnchor", "absoluteAnchor")


class _Drawing(_PartWalk):
    def __init__(self) -> None:
        super().__init__()
        self._at: dict[str, str] = {}
        self._kind: AnnotationKind | None = None
        self._words = ""

    def begin(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in _ANCHORS:
            self._at, self._kind, self._words = {}, None, ""
        elif tag in _DRAWN:
            self._kind = self._kind or _DRAWN[tag]

    def text(self, tag: str, text: str) -> None:
        if tag in ("col", "row") and "from" in self._open:
            self._at[tag] = self._at.get(tag, "") + text
        elif tag == "t":
            self._words += text

    def end(self, tag: str) -> None:
        if tag == "p" and self._words:
            self._words += " "
        if tag not in _ANCHORS or self._kind is None:
            return
        column, row = (self._at.get(name, "") for name in ("col", "row"))
        has_cell = column.isdecimal() and row.isdecimal() and int(column) < 16384 and len(row) < 8
        words = _BREAK.sub(" ", self._words).strip()
        letters = column_letter(int(column) + 1) if has_cell else None
        self.annotations.append(Annotation(self._kind, letters, int(row) + 1 if has_cell else None, words))
