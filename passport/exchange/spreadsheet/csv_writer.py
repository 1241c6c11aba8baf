"""A folder of ``.csv`` files from records, one file a sheet, as :mod:`passport.exchange.spreadsheet.csv_folder` reads
it.

UTF-8 with a byte order mark, so that spreadsheet programs show Chinese text; commas; lines end as RFC 4180 says. Row 1
holds ids, row 2 units, data begins in row 3. A cell that holds several values has one a line.

CSV has no types. Text that begins with ``=`` is a formula to a spreadsheet program that opens the file instead of
importing it as text. It is written unchanged, since it has to read back unchanged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from passport.battery.record import Record
from passport.errors import UsageError
from passport.exchange.spreadsheet.layout import FIRST_ROW, Column, Layout
from passport.exchange.spreadsheet.record_writer import tables
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.vocabulary import Vocabulary


def write(records: Iterable[Record], vocabulary: Vocabulary | None = None) -> Mapping[str, bytes]:
    """The files by name, such as ``models.csv``.

    :raises UsageError: a value that no cell can hold, or two contents for one model.
    """
    layout = Layout(vocabulary or vocabulary_module.load())
    files = {}
    for sheet, columns, rows in tables(layout, tuple(records), False):
        lines = [[sheet.spelled(column) for column in columns], [column.unit for column in columns]]
        lines += [[]] * (FIRST_ROW - 1 - len(lines))
        lines += [[_text(row.get(column.heading), column) for column in columns] for row in rows]
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows(lines)
        files[f"{sheet.name}.csv"] = buffer.getvalue().encode("utf-8-sig")
    return files


def _text(value: Any, column: Column) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        items = [_text(item, column) for item in value]
        if any("\n" in item or item.strip() != item or not item for item in items):
            raise UsageError(
                Message("{heading} has a value that no cell can hold", heading=column.heading),
                found=Message("a line break in a list"),
            )
        return "\n".join(items)
    if isinstance(value, str | int):
        return str(value)
    raise UsageError(
        Message("{heading} has a value that no cell can hold", heading=column.heading), found=type(value).__name__
    )
