"""The upload records of a period as CSV and as a workbook. Text is never written as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from passport.exchange.spreadsheet.workbook_writer import empty, put, saved


def csv_bytes(rows: Iterable[Sequence[Any]]) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheet programs expect Chinese text.

    A text that a spreadsheet program would take for a formula gets an apostrophe before it.
    """
    buffer = io.StringIO(newline="")
    csv.writer(buffer).writerows([[_cell(value) for value in row] for row in rows])
    return buffer.getvalue().encode("utf-8-sig")


def workbook(sheets: Iterable[tuple[str, Iterable[Sequence[Any]]]]) -> bytes:
    """A workbook of sheets, each a name and its rows, the heading first. The same rows give the same bytes."""
    book = empty()
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for line, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                if value is not None:
                    put(sheet.cell(line, column), value, "General" if isinstance(value, int) else "@", bold=line == 1)
        sheet.freeze_panes = "A2"
    return saved(book)


def _cell(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return "" if value is None else value
