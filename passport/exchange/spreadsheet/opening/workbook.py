"""Safe opening of an untrusted workbook (.xlsx), and its cells with everything that makes a value doubtful.

* A file that is no workbook, is encrypted, or unpacks to more than the limits allow is refused before it is parsed. A
  part with a document type declaration is refused too: spreadsheets have none, and entities can grow without bound.
* A cell keeps apart what other readers confuse: a formula that was never calculated is not an empty cell, an error is
  not text, and data in a hidden row, column or sheet is marked, because a person who looks at the file does not see it.
* Values are those that were stored. A number is given as the decimal that the program shows for it: at most 15
  significant digits, no exponent.
"""

from __future__ import annotations

import io
import math
import os
import re
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, NamedTuple

from passport.errors import PassportError, UnreadableInput
from passport.exchange.spreadsheet.column_letters import column_letter
from passport.exchange.spreadsheet.opening.workbook_annotations import Annotation, annotations_of
from passport.exchange.spreadsheet.opening.workbook_guard import Limits, SheetSurvey, size, surveys
from passport.texts import Message


class WorkbookCell(NamedTuple):
    """One cell that holds something.

    :param value: text, int, float, bool, datetime, date, time or timedelta; the error's name; None for a formula.
    :param kind: ``value``, ``error``, ``uncalculated``, or ``external`` for a formula that reads another workbook.
    :param number_format: how the program shows the number.
    """

    column: int
    value: Any
    kind: str = "value"
    number_format: str = "General"

    @property
    def letter(self) -> str:
        return column_letter(self.column)


class WorkbookRow(NamedTuple):
    """One row that holds something; ``hidden`` where it cannot be seen."""

    number: int
    cells: tuple[WorkbookCell, ...]
    hidden: bool = False


#: Largest workbook that is in memory as a file.
_IN_MEMORY = 64 * 1024 * 1024


@dataclass
class _Budget:
    """What is left for the sheets that are still to be read."""

    cells: int


@dataclass(frozen=True)
class Sheet:
    """A sheet with its rows, empty ones left out.

    :param merged: ranges such as ``A1:C1``.
    :param hidden_columns: numbers from 1.
    :param annotations: comments, text boxes, pictures and charts beside the cells.
    """

    name: str
    hidden: bool
    rows: tuple[WorkbookRow, ...]
    merged: tuple[str, ...]
    hidden_columns: frozenset[int]
    annotations: tuple[Annotation, ...] = ()


def open_workbook(source: Path | bytes, name: str, limits: Limits | None = None) -> tuple[Sheet, ...]:
    """All sheets of a workbook, in order.

    :param source: a path, or the file's bytes.
    :param name: the file's name, for messages.
    :raises UnreadableInput: no workbook, encrypted, an older format, broken, or beyond the limits.
    """
    with streamed(source, name, limits) as sheets:
        return tuple(replace(sheet.head, rows=tuple(sheet.rows())) for sheet in sheets)


@dataclass(frozen=True)
class StreamedSheet:
    """A sheet of an open workbook. :ivar head: the sheet without its rows; :ivar rows: reads them."""

    head: Sheet
    rows: Callable[[], Iterator[WorkbookRow]]


@contextmanager
def streamed(source: Path | bytes, name: str, limits: Limits | None = None) -> Iterator[tuple[StreamedSheet, ...]]:
    """The sheets of a workbook whose rows are read one after the other.

    :raises UnreadableInput: as :func:`open_workbook`, also while rows are read.
    """
    # Not at the head: what reads no workbook starts half a second sooner.
    import openpyxl

    limits = limits or Limits()
    with _stream(source, name, limits) as stream:
        try:
            with zipfile.ZipFile(stream) as archive:
                sheet_surveys = surveys(archive, name, limits)
                _refuse_strict(archive, name)
                with warnings.catch_warnings():
                    # openpyxl warns of extensions it drops (validation lists, pictures): nothing of them is read here.
                    warnings.simplefilter("ignore")
                    stream.seek(0)
                    book = openpyxl.load_workbook(stream, read_only=True, data_only=True, keep_links=False)
                    budget = _Budget(limits.cells)
                    yield tuple(
                        _sheet(archive, book[title], sheet_surveys, name, limits, budget) for title in book.sheetnames
                    )
        except PassportError:
            raise
        except (MemoryError, RecursionError):
            raise UnreadableInput(Message("{name} is too large or too deep to read", name=name)) from None
        except Exception as error:  # a broken part makes openpyxl and the XML parser raise whatever they run into
            raise UnreadableInput(
                Message("{name} is a damaged workbook", name=name),
                expected=Message("a workbook that a spreadsheet program opens"),
                found=type(error).__name__,
                hint=Message("open it in the spreadsheet program and save it again as .xlsx"),
            ) from error


def shown_number(value: int | float) -> str:
    """A number as the program shows it in a cell of the general format: 15 significant digits, no exponent.

    ``0.1 + 0.2`` is stored as 0.30000000000000004 and shown, as its author meant it, as 0.3.
    """
    if isinstance(value, int) or not math.isfinite(value):
        return str(value)
    number = Decimal(f"{value:.15g}")
    return format(number.normalize(), "f") if number else "0"


@contextmanager
def _stream(source: Path | bytes, name: str, limits: Limits) -> Iterator[IO[bytes]]:
    """The file as a stream. A small file is copied to memory, so that a change on disk cannot affect the reading."""
    if isinstance(source, bytes):
        _refuse_large(len(source), name, limits)
        _refuse_other_formats(source, name)
        yield io.BytesIO(source)
        return
    try:
        with open(source, "rb") as file:
            data = file.read(min(limits.file, _IN_MEMORY) + 1)
            _refuse_large(max(len(data), os.fstat(file.fileno()).st_size), name, limits)
            _refuse_other_formats(data, name)
            yield io.BytesIO(data) if len(data) <= _IN_MEMORY else file
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=name), found=error.strerror or type(error).__name__
        ) from None


def _refuse_large(length: int, name: str, limits: Limits) -> None:
    if length > limits.file:
        raise UnreadableInput(
            Message("{name} is too large", name=name),
            expected=Message("at most {size}", size=size(limits.file)),
            found=Message("more"),
            hint=Message("divide it into several workbooks"),
        )


def _refuse_other_formats(data: bytes, name: str) -> None:
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        # An encrypted .xlsx is a compound file that holds the real one under this name, in UTF-16.
        encrypted = "EncryptedPackage".encode("utf-16-le") in data
        raise UnreadableInput(
            Message("{name} is encrypted", name=name)
            if encrypted
            else Message("{name} is in an older format", name=name),
            expected=Message("an .xlsx workbook"),
            found=Message("a password") if encrypted else Message("an .xls file or another compound file"),
            hint=Message("open it and save it without a password")
            if encrypted
            else Message("open it and save it as .xlsx"),
        )
    if not data.startswith(b"PK"):
        raise UnreadableInput(
            Message("{name} is no workbook", name=name),
            expected=Message("an .xlsx workbook"),
            found=Message("an empty file") if not data else Message("another kind of file"),
            hint=Message("save it as .xlsx"),
        )


def _refuse_strict(archive: zipfile.ZipFile, name: str) -> None:
    """A workbook of the other dialect of the format, whose sheets openpyxl does not see."""
    part = "xl/workbook.xml"
    if part in archive.namelist() and b"http://purl.oclc.org/ooxml/" in archive.read(part):
        raise UnreadableInput(
            Message("{name} is a Strict Open XML workbook", name=name),
            expected=Message("an .xlsx workbook"),
            found=Message("the strict form of Open XML"),
            hint=Message("save it as “Excel Workbook (.xlsx)”, not as “Strict Open XML”"),
        )


def _sheet(
    archive: zipfile.ZipFile,
    sheet: Any,
    sheet_surveys: dict[str, SheetSurvey],
    name: str,
    limits: Limits,
    budget: _Budget,
) -> StreamedSheet:
    if not hasattr(sheet, "iter_rows"):  # a chart sheet has no cells
        head = Sheet(sheet.title, sheet.sheet_state != "visible", (), (), frozenset())
        return StreamedSheet(head, lambda: iter(()))
    part = sheet._worksheet_path.lstrip("/")
    survey = sheet_surveys[part]
    # The stored dimension may claim a million rows; without it, rows are as long as what they hold.
    sheet.reset_dimensions()
    head = Sheet(
        name=sheet.title,
        hidden=sheet.sheet_state != "visible",
        rows=(),
        merged=tuple(survey.merged),
        hidden_columns=frozenset(survey.hidden_columns),
        annotations=annotations_of(archive, part),
    )
    return StreamedSheet(head, lambda: _rows(sheet, survey, name, limits, budget))


def _rows(sheet: Any, survey: SheetSurvey, name: str, limits: Limits, budget: _Budget) -> Iterator[WorkbookRow]:
    filled = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if len(cells) > limits.columns:
            raise UnreadableInput(
                Message("{name}, sheet {title}, row {number} is too wide", name=name, title=sheet.title, number=number),
                expected=Message("at most {count} columns", count=limits.columns),
                found=Message("a cell in {cell}", cell=f"{column_letter(len(cells))}{number}"),
            )
        # openpyxl makes up the rows before a row that claims a number beyond every sheet's end.
        if number > limits.last_row:
            raise UnreadableInput(
                Message("{name}, sheet {title} has a row beyond the end of a sheet", name=name, title=sheet.title),
                expected=Message("at most {count}", count=limits.last_row),
                found=Message("more"),
            )
        held = tuple(_cells(cells, number, survey))
        if held:
            filled += 1
            if filled > limits.rows:
                raise UnreadableInput(
                    Message("{name}, sheet {title} has too many rows", name=name, title=sheet.title),
                    expected=Message("at most {count}", count=limits.rows),
                    found=Message("more"),
                )
            budget.cells -= len(held)
            if budget.cells < 0:
                raise UnreadableInput(
                    Message("{name} has too many filled cells", name=name),
                    expected=Message("at most {count}", count=limits.cells),
                    found=Message("more"),
                    hint=Message("divide it into several workbooks"),
                )
            yield WorkbookRow(number, held, number in survey.hidden_rows)


def _cells(cells: tuple[Any, ...], number: int, survey: SheetSurvey) -> Iterator[WorkbookCell]:
    for column, cell in enumerate(cells, 1):
        if survey.uncalculated and f"{column_letter(column)}{number}" in survey.uncalculated:
            yield WorkbookCell(column, None, "uncalculated")
        elif survey.external and f"{column_letter(column)}{number}" in survey.external:
            yield WorkbookCell(column, None, "external")
        elif cell.value is not None:
            value = trimmed(unescaped(cell.value)) if isinstance(cell.value, str) else cell.value
            if value != "":
                yield WorkbookCell(column, value, "error" if cell.data_type == "e" else "value", cell.number_format)


_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def unescaped(text: str) -> str:
    """A cell's text as the program shows it: ``_xHHHH_`` is one character (ECMA-376 Part 1, 22.9.2.19)."""
    return _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text)


def escaped(text: str) -> str:
    """A text as a cell holds it, so that :func:`unescaped` gives it back."""
    return _ESCAPE.sub(lambda escape: f"_x005F_{escape[0][1:]}", text)


#: Blanks, no-break spaces and marks without width, which are invisible at the edges of a cell.
_EDGES = re.compile(r"^[\s\u200b-\u200f\u2060\ufeff]+|[\s\u200b-\u200f\u2060\ufeff]+$")


def trimmed(text: str) -> str:
    """A cell's text without invisible characters at its edges, its lines ended by a line feed."""
    text = text.strip() if text.isascii() else _EDGES.sub("", text)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
