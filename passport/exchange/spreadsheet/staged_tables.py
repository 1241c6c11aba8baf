"""Rows of large tables, staged on disk by pack: what is said of a pack on many sheets is read together again.

* Sheets are read row by row. Rows of a pack go to the file of its chunk, whatever the order of the sheets. Rows of
  models and batches stay in memory, for many packs share them.
* A chunk is read as a small workbook of its own, so that its faults are those of the whole one
  (:func:`passport.exchange.spreadsheet.workbook_reader.from_sheets`).
* The folder is for its owner only. It is made again where it is not whole, and removed when the input was issued.
"""

from __future__ import annotations

import io
import pickle
import shutil
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.battery.first_numbers import FirstNumbers
from passport.battery.record import Record
from passport.battery.record_chunks import CHUNK, Item
from passport.errors import FaultyRecord
from passport.exchange.spreadsheet import row_records
from passport.exchange.spreadsheet.cells import CellFault, value_of
from passport.exchange.spreadsheet.layout import BATCH_KEY, FIRST_ROW, MODEL_KEY, PACK_KEYS, Layout, SheetLayout
from passport.exchange.spreadsheet.opening.workbook import Sheet, StreamedSheet, WorkbookRow
from passport.exchange.spreadsheet.row_records import key_text
from passport.exchange.spreadsheet.workbook_reader import from_sheets
from passport.texts import Message
from passport.vocabulary import vocabulary as vocabulary_module

_BATCH_NUMBER = "batchNumber"
_CODE, _SERIAL = PACK_KEYS
#: Bytes that wait in memory for their files, and rows that belong to no pack and are kept to be named.
_WAITING, _STRAY = 16 * 1024 * 1024, 10_000


@dataclass
class StagedTables:
    """What is known of the tables beside the rows of packs.

    :ivar heads: the sheets with their headings, units and the rows of models; by number.
    :ivar batches: rows of batches by model and identifier, with the numbers of their sheets.
    :ivar sizes: packs of each chunk; :ivar stray: rows that name no pack of the input.
    :ivar faults: of the whole input; :ivar unused: losses, models and batches of which there is no pack.
    """

    heads: list[Sheet] = field(default_factory=list)
    batches: dict[tuple[str, str], tuple[int, WorkbookRow]] = field(default_factory=dict)
    first_batches: dict[str, tuple[str, str]] = field(default_factory=dict)
    sizes: list[int] = field(default_factory=list)
    stray: list[tuple[int, WorkbookRow]] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unused: list[Fault] = field(default_factory=list)


class _Keys:
    """Reads the keys of the rows of a sheet, as the reader of rows does."""

    def __init__(self, layout: SheetLayout, heading: WorkbookRow | None) -> None:
        self._columns: dict[int, tuple[str, Any]] = {}
        for cell in heading.cells if heading is not None else ():
            column = layout.column(str(cell.value))
            wanted = (MODEL_KEY, BATCH_KEY, _BATCH_NUMBER, *PACK_KEYS)
            if column is not None and column.field is None and column.indicator in wanted:
                self._columns.setdefault(cell.column, (column.indicator, column.kind))

    def of(self, row: WorkbookRow) -> dict[str, str]:
        keys = {}
        for cell in row.cells:
            if cell.column in self._columns:
                indicator, kind = self._columns[cell.column]
                try:
                    keys[indicator] = str(value_of(cell, kind))
                except CellFault:
                    continue
        return keys


class _Staging:
    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._layout = Layout(vocabulary_module.load())
        self._numbers = FirstNumbers()
        self._ambiguous: set[tuple[str, ...]] = set()
        self._waiting: dict[int, list[bytes]] = {}
        self._size = 0
        self._packs = 0
        self._used: set[tuple[str, ...]] = set()
        self.tables = StagedTables()

    def stage(self, sheets: Iterable[StreamedSheet]) -> None:
        """Read all sheets: packs first, for the rows of the others belong to them."""
        known = [(sheet, self._layout.sheet(sheet.head.name)) for sheet in sheets]
        order = sorted(known, key=lambda pair: pair[1] is None or pair[1].name != "packs")
        for sheet, layout in order:
            self._stage_sheet(sheet, layout)
        self._flush()
        self.tables.sizes = [min(CHUNK, self._packs - start) for start in range(0, self._packs, CHUNK)]
        self._name_unused()

    def _stage_sheet(self, sheet: StreamedSheet, layout: SheetLayout | None) -> None:
        number = len(self.tables.heads)
        if layout is None or self._layout.is_notes(sheet.head.name):
            # An unknown sheet is a fault; that it has rows is all that counts.
            first = next(sheet.rows(), None)
            self.tables.heads.append(replace(sheet.head, rows=() if first is None else (first,)))
            return
        rows, head = sheet.rows(), []
        keys = _Keys(layout, None)
        kept: list[WorkbookRow] = []
        for row in rows:
            if row.number < FIRST_ROW:
                head.append(row)
                if row.number == 1:
                    keys = _Keys(layout, row)
                continue
            named = keys.of(row)
            if layout.name == "packs":
                self._add_pack(number, row, named)
            elif layout.part == "batch" and layout.entries_of is None:
                self._add_batch(number, row, named, kept)
            elif layout.by_model:
                kept.append(row)
            else:
                self._add_row(number, row, named)
        self.tables.heads.append(replace(sheet.head, rows=(*head, *kept)))

    def _add_pack(self, sheet: int, row: WorkbookRow, keys: Mapping[str, str]) -> None:
        pack, model = self._packs, keys.get(MODEL_KEY, "")
        self._packs += 1
        if _CODE in keys:
            self._numbers.first((_CODE, key_text(keys[_CODE])), pack)
        if _SERIAL in keys:
            serial = key_text(keys[_SERIAL])
            self._numbers.first((MODEL_KEY, model, serial), pack)
            if self._numbers.first((_SERIAL, serial), pack) is not None:
                self._ambiguous.add((_SERIAL, serial))
        self._used.add((model,))
        self._used.add((model, keys.get(BATCH_KEY) or keys.get(_BATCH_NUMBER, "")))
        self._put(pack, sheet, row)

    def _add_batch(self, sheet: int, row: WorkbookRow, keys: Mapping[str, str], kept: list[WorkbookRow]) -> None:
        key = (keys.get(MODEL_KEY, ""), keys.get(BATCH_KEY, ""))
        if not all(key) or key in self.tables.batches:
            kept.append(row)  # a fault, which the reader of rows names
            return
        self.tables.batches[key] = (sheet, row)
        self.tables.first_batches.setdefault(key[0], key)

    def _add_row(self, sheet: int, row: WorkbookRow, keys: Mapping[str, str]) -> None:
        pack: int | None = None
        if _CODE in keys:
            pack = self._numbers.get((_CODE, key_text(keys[_CODE])))
        elif _SERIAL in keys:
            serial = key_text(keys[_SERIAL])
            if MODEL_KEY in keys:
                pack = self._numbers.get((MODEL_KEY, keys[MODEL_KEY], serial))
            elif (_SERIAL, serial) not in self._ambiguous:
                pack = self._numbers.get((_SERIAL, serial))
        if pack is not None:
            self._put(pack, sheet, row)
        elif len(self.tables.stray) < _STRAY:
            self.tables.stray.append((sheet, row))

    def _put(self, pack: int, sheet: int, row: WorkbookRow) -> None:
        data = pickle.dumps((pack % CHUNK, sheet, row), pickle.HIGHEST_PROTOCOL)
        self._waiting.setdefault(pack // CHUNK, []).append(data)
        self._size += len(data)
        if self._size > _WAITING:
            self._flush()

    def _flush(self) -> None:
        for chunk, parts in self._waiting.items():
            with open(_chunk_path(self._folder, chunk), "ab") as stream:
                stream.writelines(parts)
        self._waiting.clear()
        self._size = 0

    def _name_unused(self) -> None:
        for number, sheet in enumerate(self.tables.heads):
            layout = self._layout.sheet(sheet.name)
            if layout is None or layout.name != "models" or layout.entries_of is not None:
                continue
            keys = _Keys(layout, next((row for row in sheet.rows if row.number == 1), None))
            for row in sheet.rows:
                model = keys.of(row).get(MODEL_KEY)
                if row.number >= FIRST_ROW and model is not None and (model,) not in self._used:
                    place = Location(self._name, self.tables.heads[number].name, row.number)
                    self.tables.unused.append(row_records.model_without_pack(model, place))
        for key, (number, row) in self.tables.batches.items():
            if key not in self._used:
                place = Location(self._name, self.tables.heads[number].name, row.number)
                self.tables.unused.append(row_records.batch_without_pack(key[1], place))


def stage(folder: Path, name: str, sheets: Callable[[], AbstractContextManager[tuple[StreamedSheet, ...]]]) -> None:
    """Stage tables in a folder, unless they are there already.

    :param name: of the input, for messages; :param sheets: opens it.
    :raises PassportError: the input cannot be read.
    """
    whole = folder / "tables"
    if whole.exists():
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    staging = _Staging(folder, name)
    with sheets() as opened:
        staging.stage(opened)
    # Written last, and at once: where it is, everything is.
    whole.with_suffix(".tmp").write_bytes(pickle.dumps(staging.tables, pickle.HIGHEST_PROTOCOL))
    whole.with_suffix(".tmp").replace(whole)


@lru_cache(maxsize=1)
def tables_of(folder: Path) -> StagedTables:
    """What :func:`stage` wrote into a folder that only its owner can write to."""
    tables: StagedTables = pickle.loads((folder / "tables").read_bytes())  # noqa: S301 (our own file)
    return tables


def _chunk_path(folder: Path, chunk: int) -> Path:
    return folder / f"{chunk:08}.rows"


def read_chunk(folder: Path, name: str, chunk: int) -> tuple[tuple[Item, ...], tuple[Fault, ...], bytes]:
    """The packs of a chunk with their faults, the faults that belong to none of them, and the bytes of their rows.

    :raises FaultyRecord: the tables themselves are at fault.
    """
    tables = tables_of(folder)
    data = _chunk_path(folder, chunk).read_bytes()
    rows: dict[int, list[WorkbookRow]] = {}
    owners: dict[tuple[str, int], int] = {}
    pack_rows: dict[int, Location] = {}
    for pack, sheet, row in _unpickled(data):
        rows.setdefault(sheet, []).append(row)
        owners[tables.heads[sheet].name, row.number] = pack
        # The row of sheet packs was staged first.
        pack_rows.setdefault(pack, Location(name, tables.heads[sheet].name, row.number))
    if chunk == 0:
        for sheet, row in tables.stray:
            rows.setdefault(sheet, []).append(row)
    try:
        records, faults = from_sheets(_sheets(tables, rows, whole=chunk == 0), name)
    except FaultyRecord as error:
        if error.exit_code == 2:
            raise
        records, faults = (), error.faults
    # Of these the whole input is asked, when it is staged.
    faults = tuple(fault for fault in faults if fault.code not in ("model-without-pack", "batch-without-pack"))
    items, common = _items(records, faults, owners, pack_rows)
    return items, (*common, *(tables.unused if chunk == 0 else ())), data


def sheets_of(folder: Path, chunk: int, packs: Collection[int]) -> tuple[Sheet, ...]:
    """Some packs of a chunk as sheets of their own, with their models and batches.

    :param packs: numbers in the chunk.
    """
    tables = tables_of(folder)
    rows: dict[int, list[WorkbookRow]] = {}
    for pack, sheet, row in _unpickled(_chunk_path(folder, chunk).read_bytes()):
        if pack in packs:
            rows.setdefault(sheet, []).append(row)
    return _sheets(tables, rows, whole=False)


def _sheets(tables: StagedTables, rows: dict[int, list[WorkbookRow]], *, whole: bool) -> tuple[Sheet, ...]:
    """A small workbook of some rows, with what they share.

    :param whole: also the sheets of which there are no rows.
    """
    layout = Layout(vocabulary_module.load())
    _add_batches(tables, layout, rows)
    return tuple(
        replace(head, rows=(*head.rows, *sorted(rows.get(number, ()), key=lambda row: row.number)))
        for number, head in enumerate(tables.heads)
        if whole or number in rows or _is_shared(layout, head)
    )


def _unpickled(data: bytes) -> Iterator[tuple[int, int, WorkbookRow]]:
    stream = io.BytesIO(data)
    while stream.tell() < len(data):
        yield pickle.load(stream)  # noqa: S301 (our own file)


def _is_shared(layout: Layout, head: Sheet) -> bool:
    """Whether it is about models or batches."""
    known = layout.sheet(head.name)
    return known is not None and (known.by_model or known.part == "batch")


def _add_batches(tables: StagedTables, layout: Layout, rows: dict[int, list[WorkbookRow]]) -> None:
    """The batches that the packs of a chunk name, and of each model one, which tells that it has batches."""
    wanted: dict[tuple[str, str], None] = {}
    for number, head in enumerate(tables.heads):
        known = layout.sheet(head.name)
        if known is None or known.name != "packs":
            continue
        keys = _Keys(known, next((row for row in head.rows if row.number == 1), None))
        for row in rows.get(number, ()):
            named = keys.of(row)
            model = named.get(MODEL_KEY, "")
            for identifier in (named.get(BATCH_KEY), named.get(_BATCH_NUMBER)):
                if identifier is not None:
                    wanted[model, identifier] = None
            if model in tables.first_batches:
                wanted[tables.first_batches[model]] = None
    for key in wanted:
        if key in tables.batches:
            number, row = tables.batches[key]
            rows.setdefault(number, []).append(row)


def _items(
    records: Iterable[Record], faults: Iterable[Fault], owners: Mapping[tuple[str, int], int],
    pack_rows: Mapping[int, Location],
) -> tuple[tuple[Item, ...], tuple[Fault, ...]]:  # fmt: skip
    """An item for each row of a pack: its record, and the faults of its rows, its model and its batch."""
    of_pack: dict[int, Record] = {}
    users: dict[tuple[str, int], list[int]] = {}
    for record in records:
        place = record.locate("pack")
        pack = owners.get((place.sheet or "", place.row or 0))
        if pack is None:
            continue
        of_pack[pack] = record
        for own in record.own_places():
            if len(own) == 3:
                users.setdefault((own[1], int(own[2])), []).append(pack)
    own_faults: dict[int, list[Fault]] = {}
    common = []
    for fault in faults:
        key = (fault.location.sheet or "", fault.location.row or 0)
        named = [owners[key]] if key in owners else users.get(key, [])
        for pack in named:
            own_faults.setdefault(pack, []).append(fault)
        if not named:
            common.append(fault)
    items = []
    for pack, place in sorted(pack_rows.items()):
        read, of_its_own = of_pack.get(pack), own_faults.get(pack, [])
        if read is None and not any(fault.code == "unknown-model" for fault in of_its_own):
            # The reader of rows names an unknown model once for all of its packs.
            of_its_own = [_unread(place), *of_its_own]
        items.append(Item(read, tuple(of_its_own)))
    return tuple(items), tuple(common)


def _unread(place: Location) -> Fault:
    message = Message("nothing could be made of this row: its model is not known")
    return Fault("unknown-model", place, MODEL_KEY, message, Message("a model of the sheet {sheet}", sheet="models"),
                 found("…"))  # fmt: skip
