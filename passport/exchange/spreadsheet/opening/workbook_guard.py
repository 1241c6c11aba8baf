"""Checks before a workbook is read: the cost of reading it, and its hidden content.

* The archive is refused where it has too many parts, two of one name, or unpacks to more than the limits allow.
* Each part is walked through once without keeping any of it. openpyxl keeps a small object for each element that it
  passes, so that a few hundred kilobytes of archive can become gigabytes of memory: rows, cells, texts and other
  elements are counted first.
* A part with a document type is refused: entities can grow without bound, and spreadsheets have none.
* The same walk notes what openpyxl's streaming reader does not tell: hidden rows and columns, merged cells, formulas
  that were never calculated, formulas that read another workbook.
"""

from __future__ import annotations

import re
import zipfile
from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

from passport.errors import UnreadableInput
from passport.texts import Message


@dataclass(frozen=True)
class Limits:
    """What a workbook may cost: bytes, parts, filled cells, filled rows of a sheet, columns, elements of the part with
    the texts, the last row's number.

    Whatever keeps these limits is read in less than 300 MB of memory. ``characters`` counts all texts and numbers of
    the workbook, which are in memory as a whole.
    """

    file: int = 64 * 1024 * 1024
    unpacked: int = 256 * 1024 * 1024
    characters: int = 24_000_000
    parts: int = 2000
    rows: int = 80_000
    cells: int = 400_000
    columns: int = 2000
    texts: int = 1_600_000
    last_row: int = 1_048_576


#: What a workbook may cost whose rows are staged on disk as they are read: only its texts are in memory as a whole.
STAGED = Limits(
    file=4 * 1024**3, unpacked=64 * 1024**3, characters=10**11, rows=1_048_576, cells=10**9, texts=8_000_000
)


def size(count: int) -> str:
    """A number of bytes as a message says it: ``64 MB``, ``40 bytes``."""
    return f"{count // 1024 // 1024} MB" if count >= 1024 * 1024 else Message("{count} bytes", count=count)


@dataclass
class SheetSurvey:
    """What openpyxl's streaming reader does not tell of a sheet."""

    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    uncalculated: set[str] = field(default_factory=set)
    external: set[str] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)
    characters: int = 0


def surveys(archive: zipfile.ZipFile, name: str, limits: Limits) -> dict[str, SheetSurvey]:
    """The survey of each part, once it is certain that no part costs more than the limits allow.

    :raises UnreadableInput: beyond the limits, encrypted, no workbook, or with a part that has a document type.
    """
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > limits.parts or len(names) != len(parts):
        raise UnreadableInput(
            Message("{name} has too many parts, or two of one name", name=name),
            found=Message("{count} parts", count=len(parts)),
        )
    if any(part.flag_bits & 1 for part in parts):
        raise UnreadableInput(
            Message("{name} is encrypted", name=name),
            expected=Message("an .xlsx workbook"),
            found=Message("a password"),
            hint=Message("open it and save it without a password"),
        )
    # zipfile never unpacks more of a part than its header declares, so the declared sizes bound the work.
    unpacked = sum(part.file_size for part in parts)
    if unpacked > limits.unpacked:
        raise UnreadableInput(
            Message("{name} unpacks to more than can be read", name=name),
            expected=Message("at most {size}", size=size(limits.unpacked)),
            found=size(unpacked),
            hint=Message("delete what is no data, or divide it into several workbooks"),
        )
    if "[Content_Types].xml" not in names:
        raise UnreadableInput(
            Message("{name} is no workbook", name=name),
            expected=Message("an .xlsx workbook"),
            found=Message("another zip archive"),
        )
    sheet_surveys = {
        part.filename: _walk(archive, part, name, limits) for part in parts if part.filename.endswith(_XML)
    }
    if sum(survey.characters for survey in sheet_surveys.values()) > limits.characters:
        raise UnreadableInput(
            Message("{name} holds more text than can be read", name=name),
            expected=Message("at most {count} characters", count=limits.characters),
            found=Message("more"),
            hint=Message("delete what is no data, or divide it into several workbooks"),
        )
    return sheet_surveys


class _Walker:
    """Walks through one part: its size in elements, and of a sheet what a reader does not see of it."""

    def __init__(self, part: str, name: str, limits: Limits) -> None:
        self.survey = SheetSurvey()
        self._part, self._name, self._limits = part, name, limits
        self._strings = part.lower().endswith("sharedstrings.xml")
        self._sheet = "/worksheets/" in part.lower()
        self._rows = self._in_row = self._others = self._length = 0
        self._cell, self._formula, self._filled, self._external = "", False, False, False
        self._text: list[str] | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        self._length = 0
        if self._sheet and tag == "row":
            self._rows, self._in_row = self._rows + 1, 0
            if self._rows > self._limits.last_row:
                self.refuse(
                    Message("a row beyond the end of a sheet"),
                    Message("at most {count}", count=self._limits.last_row),
                )
            if _unseen(attributes, "ht") and attributes.get("r", "").isdecimal():
                self.survey.hidden_rows.add(int(attributes["r"][:9]))
        elif self._sheet and tag in _OF_CELLS:
            self._in_row += 1
            if self._in_row > _ROW:
                self.refuse(Message("a row that is too wide"), Message("at most {count} elements", count=_ROW))
            self._of_cell(tag, attributes)
        elif self._strings:
            self._others += 1
            if self._others > self._limits.texts:
                self.refuse(Message("too many texts"), Message("at most {count} elements", count=self._limits.texts))
        else:
            self._other(tag, attributes)

    def _of_cell(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._cell, self._formula, self._filled, self._external = attributes.get("r", ""), False, False, False
        elif tag in ("f", "v"):
            self._text = []
        elif tag == "is":
            self._filled = True

    def _other(self, tag: str, attributes: dict[str, str]) -> None:
        self._others += 1
        if self._others > _ELEMENTS:
            self.refuse(
                Message("more elements than a spreadsheet program writes"),
                Message("at most {count}", count=_ELEMENTS),
            )
        if tag == "col" and _unseen(attributes, "width"):
            first, last = (attributes.get(end, "0")[:6] for end in ("min", "max"))
            if first.isdecimal() and last.isdecimal():
                self.survey.hidden_columns.update(range(int(first), min(int(last), _COLUMNS) + 1))
        elif tag == "mergeCell":
            self.survey.merged.append(attributes.get("ref", ""))

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "f":
            self._formula, self._external = True, _reads_elsewhere("".join(self._text or ()))
        elif tag == "v":
            self._filled = bool(self._text)
        elif tag == "c" and self._formula and self._external:
            self.survey.external.add(self._cell)
        elif tag == "c" and self._formula and not self._filled:
            self.survey.uncalculated.add(self._cell)
        if tag in ("f", "v"):
            self._text = None

    def text(self, text: str) -> None:
        self._length += len(text)
        self.survey.characters += len(text)
        if self._length > _TEXT:
            self.refuse(Message("a text that is too long"), Message("at most {count} characters", count=_TEXT))
        if self._text is not None:
            self._text.append(text)

    def declared(self, *_: Any) -> None:
        # Entities can grow without bound, and no spreadsheet program declares any.
        raise UnreadableInput(
            Message("{name} has a part that no spreadsheet program writes", name=self._name),
            expected=Message("plain XML in UTF-8"),
            found=Message("a document type or another encoding in {part}", part=self._part),
        )

    def refuse(self, what: str, expected: str) -> None:
        raise UnreadableInput(
            Message("{name} has {what} in {part}", name=self._name, what=what, part=self._part),
            expected=expected,
            found=Message("more"),
            hint=Message("delete what is no data, or divide it into several workbooks"),
        )


def _unseen(attributes: dict[str, str], size: str) -> bool:
    """Whether a row or column is hidden, or has no height or width."""
    return attributes.get("hidden") in _TRUE or _NO_SIZE.fullmatch(attributes.get(size, "")) is not None


_NO_SIZE = re.compile(r"0+(\.0*)?")
_XML = (".xml", ".rels")
_TRUE = ("1", "true")
_OF_CELLS = frozenset({"c", "f", "v", "is", "t", "r", "rPr"})
#: Columns of a sheet; elements of one row, and of a part that is neither sheet nor texts; characters of one text.
_COLUMNS, _ROW, _ELEMENTS, _TEXT = 16384, 100_000, 60_000, 1_000_000


def _walk(archive: zipfile.ZipFile, part: zipfile.ZipInfo, name: str, limits: Limits) -> SheetSurvey:
    walker = _Walker(part.filename, name, limits)
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = walker.start, walker.end
    parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = walker.text, walker.declared
    read = 0
    with archive.open(part) as stream:
        while chunk := stream.read(1 << 18):
            # In another encoding than UTF-8 the same characters are other bytes.
            if not read and b"\x00" in chunk[:64]:
                walker.declared()
            read += len(chunk)
            parser.Parse(chunk, False)
            if read - parser.CurrentByteIndex > _TEXT:
                walker.refuse(Message("one value that never ends"), Message("at most {count} bytes", count=_TEXT))
        parser.Parse(b"", True)
    return walker.survey


#: A reference to another workbook, as it is stored: ``[1]Sheet1!A1`` or ``'[1]My sheet'!A1``; what is quoted is text.
_QUOTED, _EXTERNAL = re.compile(r'"[^"]*"'), re.compile(r"\[[0-9]{1,5}\][^!\[\]]{0,100}!")
#: Longest formula that a spreadsheet program takes.
_FORMULA = 8192


def _reads_elsewhere(formula: str | None) -> bool:
    return formula is not None and _EXTERNAL.search(_QUOTED.sub("", formula[:_FORMULA])) is not None
