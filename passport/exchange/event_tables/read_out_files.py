"""Read-outs of packs that have a passport already, from a file of any length: CSV, JSON, or JSON lines.

    packTractionBatteryCode,recordedAt,stateOfCharge,numberOfFullCycles
    ,,%,cycles
    ZZZPE10A7K2M05G6J0000317,2027-03-01T08:00:00Z,80,412

    {"packTractionBatteryCode": "ZZZ…0317", "recordedAt": "2027-03-01T08:00:00Z", "stateOfCharge": "80"}

A row or an object is one read-out: the pack by ``packTractionBatteryCode`` or ``serialNumber`` (with
``batteryModelIdentifier`` where two models have the same one), its time, and values by indicator. The headings and
units of a CSV file are those of the sheet ``conditions`` (:mod:`passport.exchange.spreadsheet.layout`).

CSV and JSON lines are read in blocks, in memory that does not grow with the file. Each block comes with its own faults.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import IO, Any

from passport.battery.fault import Fault, Location, count, found
from passport.battery.value_reader import RecordBuilder
from passport.errors import FaultyRecord, MalformedDocument, UnreadableInput, UsageError
from passport.exchange.records.json_file import read_json
from passport.exchange.spreadsheet import csv_folder, sheet_tables
from passport.exchange.spreadsheet.cells import UTC_MARK
from passport.exchange.spreadsheet.layout import FIRST_ROW, MODEL_KEY, PACK_KEYS, Layout, SheetLayout
from passport.exchange.spreadsheet.opening.workbook import Sheet, WorkbookRow
from passport.exchange.spreadsheet.sheet_tables import SheetTable, TableRow
from passport.linked_data import strict_json
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import RECORDED_AT

#: Read-outs of a block: what is done once for each block costs little, and memory holds one of them.
BLOCK = 2_000
#: Longest line of a JSON lines file, bytes.
_LINE = 1_000_000
_SHEET = "conditions"
_SUFFIXES = {".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl"}
FORMATS = tuple(dict.fromkeys(_SUFFIXES.values()))


@dataclass(frozen=True)
class ReadOut:
    """One reading of one pack, as it was handed in.

    :ivar keys: what names the pack: ``packTractionBatteryCode``, ``serialNumber``, ``batteryModelIdentifier``.
    :ivar values: ``recordedAt``, ``statusChangedAt`` and values in input form, by indicator id.
    :ivar locate: the place of an indicator's value; that of the row or object for None.
    """

    keys: Mapping[str, str]
    values: Mapping[str, Any]
    locate: Callable[[str | None], Location] = field(compare=False, repr=False)

    @property
    def name(self) -> str:
        """What people call its pack."""
        for key in PACK_KEYS:
            if key in self.keys:
                return self.keys[key]
        return ""


#: Read-outs, and what kept others from being read.
Block = tuple[tuple[ReadOut, ...], tuple[Fault, ...]]


def read_blocks(path: Path, format: str | None = None) -> Iterator[Block]:
    """The read-outs of a file, in blocks.

    :param format: ``csv``, ``json`` or ``jsonl``; None goes by the suffix.
    :raises UsageError: the format is not known.
    :raises UnreadableInput: the file cannot be opened or is no CSV.
    :raises FaultyRecord: a column is not known, or of another unit; nothing of the file is read.
    :raises MalformedDocument: it is no JSON.
    """
    chosen = format or _SUFFIXES.get(path.suffix.lower())
    if chosen not in FORMATS:
        raise UsageError(
            Message("{name} is of no known format", name=path.name),
            expected=" / ".join(_SUFFIXES),
            found=f'"{format or path.suffix}"',
            hint=Message("name the format with --from: {formats}", formats=", ".join(FORMATS)),
        )
    try:
        stream = open(path, "rb")  # noqa: SIM115 - the generator closes it
    except OSError as error:
        raise UnreadableInput(
            Message("{name} cannot be read", name=path.name), found=error.strerror or type(error).__name__
        ) from None
    with stream:
        if chosen == "csv":
            yield from _csv_blocks(stream, path.name)
        elif chosen == "jsonl":
            yield from _jsonl_blocks(stream, path.name)
        else:
            yield from from_documents(read_json(path), path.name)


def from_documents(document: Any, file: str) -> Iterator[Block]:
    """The read-outs of a JSON document: one object, or an array of them."""
    items = document if isinstance(document, list) else [document]
    pointers = [f"/{number}" if items is document else "" for number in range(len(items))]
    pairs = iter(zip(pointers, items, strict=True))
    while block := list(islice(pairs, BLOCK)):
        yield _from_objects([(_ReadOutPointers(file, pointer), item) for pointer, item in block])


# --- CSV ------------------------------------------------------------------------------------------------------------


def _csv_blocks(stream: IO[bytes], file: str) -> Iterator[Block]:
    vocabulary = vocabulary_module.load()
    layout = Layout(vocabulary)
    rows = csv_folder.rows_of(stream, file)
    head = list(islice(rows, 1))
    following = next(rows, None)
    # Row 2 holds units; where a machine wrote the file it often holds the first read-out.
    if following is not None and _are_units(following, head[0], layout.sheets[_SHEET]):
        head.append(following)
        following = None
    # A table has data from row 3 on; without a row of units they begin in row 2.
    missing = FIRST_ROW - 1 - len(head)
    first = True
    while True:
        block = [] if following is None else [following]
        following = None
        block += islice(rows, BLOCK - len(block))
        if not block and not first:
            return
        lower = tuple(WorkbookRow(row.number + missing, row.cells, row.hidden) for row in block)
        sheet = Sheet(_SHEET, False, (*head, *lower), (), frozenset())
        tables, faults = sheet_tables.read((sheet,), file, layout, vocabulary, partial=True)
        wrong_head = tuple(fault for fault in faults if (fault.location.row or 0) < FIRST_ROW)
        if wrong_head:
            # A column of another unit is wrong in every row: nothing of such a file is read.
            error = FaultyRecord(Message("{file} has {count}", file=file, count=count(wrong_head)), wrong_head)
            error.exit_code = 2
            raise error
        read_outs, more = _from_table(tables[_SHEET], missing) if _SHEET in tables else ((), ())
        yield read_outs, (*(_raised(fault, missing) for fault in faults), *more)
        first = False


def _raised(fault: Fault, rows: int) -> Fault:
    return replace(fault, location=_higher(fault.location, rows))


def _higher(place: Location, rows: int) -> Location:
    return place if place.row is None else replace(place, row=place.row - rows)


def _are_units(row: WorkbookRow, headings: WorkbookRow, layout: SheetLayout) -> bool:
    """Whether a second row has nothing under a heading that names the pack, and no time under one of a time."""
    columns = {cell.column: layout.column(str(cell.value)) for cell in headings.cells}
    naming = {number for number, column in columns.items() if column and column.indicator in (*PACK_KEYS, RECORDED_AT)}
    return not any(cell.column in naming and str(cell.value) != UTC_MARK for cell in row.cells)


@dataclass(frozen=True)
class _CellPlaces:
    row: TableRow
    missing: int

    def place(self, name: str | None = None, entry: int | None = None, field: str | None = None) -> Location:
        return _higher(self.row.place(name, field), self.missing)


def _from_table(table: SheetTable, missing: int) -> Block:
    read_outs: list[ReadOut] = []
    faults: list[Fault] = []
    for row in table.rows:
        places = _CellPlaces(row, missing)
        builder = RecordBuilder(places.place)
        values = builder.part("condition", row.raw())
        faults += builder.faults
        _collect(ReadOut(row.keys(), values, places.place), faults, read_outs)
    return tuple(read_outs), tuple(faults)


# --- JSON -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _ReadOutPointers:
    file: str
    pointer: str
    row: int | None = None

    def place(self, name: str | None = None, entry: int | None = None, field: str | None = None) -> Location:
        steps = [step for step in (name, None if entry is None else str(entry), field) if step is not None]
        if steps and steps[0] == "condition":
            steps = steps[1:]
        return Location(self.file, row=self.row, pointer="/".join([self.pointer, *steps]) or None)


def _jsonl_blocks(stream: IO[bytes], file: str) -> Iterator[Block]:
    number = 0
    while True:
        objects: list[tuple[_ReadOutPointers, Any]] = []
        faults: list[Fault] = []
        while len(objects) + len(faults) < BLOCK:
            line = stream.readline(_LINE + 1)
            if not line:
                break
            number += 1
            if not line.strip():
                continue
            place = _ReadOutPointers(file, "", number)
            try:
                objects.append((place, strict_json.loads(line, max_bytes=_LINE)))
            except MalformedDocument as error:
                if len(line) > _LINE:
                    # The rest of an endless line is no line of its own.
                    raise UnreadableInput(
                        Message("line {number} of {file} is too long", number=number, file=file),
                        expected=Message("at most {count} bytes", count=_LINE),
                    ) from None
                faults.append(Fault("malformed-record", place.place(), None, error.message, Message("a JSON object")))
        if not objects and not faults:
            return
        read_outs, more = _from_objects(objects)
        yield read_outs, (*faults, *more)


def _from_objects(objects: Sequence[tuple[_ReadOutPointers, Any]]) -> Block:
    read_outs: list[ReadOut] = []
    faults: list[Fault] = []
    for place, item in objects:
        if not isinstance(item, Mapping):
            faults.append(
                Fault(
                    "malformed-record",
                    place.place(),
                    None,
                    Message("no read-out"),
                    Message("an object with the pack's code, recordedAt and values"),
                    found(item),
                )
            )
            continue
        keys = {key: item[key] for key in (*PACK_KEYS, MODEL_KEY) if isinstance(item.get(key), str)}
        builder = RecordBuilder(place.place)
        values = builder.part("condition", {key: value for key, value in item.items() if key not in keys})
        faults += builder.faults
        _collect(ReadOut(keys, values, place.place), faults, read_outs)
    return tuple(read_outs), tuple(faults)


def _collect(read_out: ReadOut, faults: list[Fault], read_outs: list[ReadOut]) -> None:
    """Keep a read-out that says whose it is and has a value."""
    if not read_out.name:
        faults.append(
            Fault(
                "missing-key",
                read_out.locate(None),
                None,
                Message("the row does not say whose it is"),
                Message("{key} or {other}", key=PACK_KEYS[0], other=PACK_KEYS[1]),
                Message("nothing"),
            )
        )
    elif not read_out.values:
        faults.append(
            Fault(
                "no-values",
                read_out.locate(None),
                None,
                Message("the read-out has no value"),
                Message("at least one value beside its time"),
                Message("nothing"),
            )
        )
    else:
        read_outs.append(read_out)
