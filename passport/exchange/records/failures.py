"""The packs of an input that were left out, as a file of their own: to be corrected and handed in again.

* Rows of workbooks and CSV files become a workbook with the same headings, cells as they were, and the rows of their
  models and batches. Its sheet ``notes``, which is not read, says what is wrong with which row.
* JSON becomes JSON lines.
* A peer's file is one pack: it is corrected where it is.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from passport.battery.record_chunks import Position
from passport.exchange.records import record_files
from passport.exchange.records.json_file import read_json
from passport.exchange.records.record_input import LineChunk, RecordInput, TableChunk, WholeChunk
from passport.exchange.spreadsheet import staged_tables
from passport.exchange.spreadsheet.layout import FIRST_ROW
from passport.exchange.spreadsheet.opening.workbook import Sheet
from passport.exchange.spreadsheet.workbook_writer import empty, put, saved
from passport.texts import Message

#: What a pack was left out with: where its chunk begins, which of its items it is, and its result.
Left = Mapping[str, Any]


def write(records: RecordInput, left_out: Iterable[Left], folder: Path) -> Path | None:
    """Write the packs that were left out into ``folder``; only the owner may read the file.

    :returns: the file; None where there is nothing to write.
    :raises UsageError: the file cannot be written.
    """
    lines: list[bytes] = []
    tables: dict[Path, set[tuple[str, int]]] = {}
    staged: dict[tuple[Path, int], set[int]] = {}
    notes: list[tuple[str, str, str]] = []
    for left in left_out:
        chunk = next(records.plain_chunks(Position(**left["position"])))
        if isinstance(chunk, LineChunk):
            lines.append(chunk.line_of(left["index"]))
            continue
        result = left["result"]
        for fault in result.get("faults", ()):
            notes.append((str(result["pack"]), str(fault["place"]), _sentence(fault)))
        if isinstance(chunk, TableChunk):
            staged.setdefault((chunk.source.folder, chunk.begin.offset), set()).add(left["index"])
            continue
        line = _document(chunk, left["index"])
        if line is not None:
            lines.append(line)
            continue
        rows = list(_rows(chunk, left["index"]))
        for path in chunk.source.paths:
            own = {(sheet, int(row)) for file, sheet, row in rows if file == path.name}
            if own:
                tables.setdefault(path, set()).update(own)
    if tables or staged:
        path = folder / "failures.xlsx"
        data = _workbook([*_rows_left(tables), *_staged_rows(staged)], notes)
    elif lines:
        path = folder / "failures.jsonl"
        data = b"".join(lines)
    else:
        return None
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
        stream.write(data)
    return path


def _sentence(fault: Mapping[str, str]) -> str:
    sentence = fault["message"]
    if "expected" in fault:
        sentence = Message("{sentence}; expected {expected}", sentence=sentence, expected=fault["expected"])
    if "found" in fault:
        sentence = Message("{sentence}; found {found}", sentence=sentence, found=fault["found"])
    return sentence


def _document(chunk: WholeChunk, index: int) -> bytes | None:
    """The document of a pack in a JSON file of this project's own form; None for other formats."""
    source = chunk.source
    if len(source.paths) != 1 or record_files.format_of(source.paths[0], source.format) != "json":
        return None
    place = chunk.read().items[index].place
    document = read_json(source.paths[0])
    entry = (place.pointer or "").split("/")[1:2]
    if isinstance(document, list) and entry and entry[0].isdecimal():
        document = document[int(entry[0])]
    return json.dumps(document, ensure_ascii=False).encode() + b"\n"


def _rows(chunk: WholeChunk, index: int) -> Iterator[tuple[str, ...]]:
    record = chunk.read().items[index].record
    for place in record.own_places() if record is not None else ():
        if len(place) == 3:
            yield place


def _rows_left(tables: Mapping[Path, set[tuple[str, int]]]) -> Iterator[tuple[Path, Sheet]]:
    for path, wanted in tables.items():
        for sheet in record_files.sheets(path):
            rows = [row for row in sheet.rows if row.number < FIRST_ROW or (sheet.name, row.number) in wanted]
            yield path, replace(sheet, rows=tuple(rows))


def _staged_rows(staged: Mapping[tuple[Path, int], set[int]]) -> Iterator[tuple[Path, Sheet]]:
    for (folder, chunk), packs in staged.items():
        for sheet in staged_tables.sheets_of(folder, chunk, packs):
            yield folder, sheet


def _workbook(sheets: Iterable[tuple[Path, Sheet]], notes: Iterable[tuple[str, str, str]]) -> bytes:
    book, done = empty(), set()
    for source, sheet in sheets:
        # Rows of models and batches come with each chunk, and are written once.
        rows = [row for row in sheet.rows if row.number >= FIRST_ROW and (source, sheet.name, row.number) not in done]
        done |= {(source, sheet.name, row.number) for row in rows}
        if rows:
            _add_rows(book, sheet, rows)
    sheet = book.create_sheet("notes")
    for number, cells in enumerate([("pack", "place", "what is wrong"), *notes], 1):
        for column, text in enumerate(cells, 1):
            put(sheet.cell(number, column), text, "@", bold=number == 1)
    return saved(book)


def _add_rows(book: Any, sheet: Sheet, rows: Iterable[Any]) -> None:
    """Rows below the headings of their sheet; of a second file below those of the first, by the same headings."""
    heads = [row for row in sheet.rows if row.number < FIRST_ROW]
    headings = {cell.column: cell.value for row in heads if row.number == 1 for cell in row.cells}
    if sheet.name not in book.sheetnames:
        target = book.create_sheet(sheet.name)
        for row in heads:
            for cell in row.cells:
                put(target.cell(row.number, cell.column), cell.value, cell.number_format)
    target = book[sheet.name]
    columns = {target.cell(1, column).value: column for column in range(1, target.max_column + 1)}
    number = max(target.max_row, FIRST_ROW - 1)
    for row in rows:
        number += 1
        for cell in row.cells:
            heading = headings.get(cell.column)
            if heading not in columns:
                columns[heading] = len(columns) + 1
                put(target.cell(1, columns[heading]), heading, "@")
            if cell.kind == "value":
                put(target.cell(number, columns[heading]), cell.value, cell.number_format)
