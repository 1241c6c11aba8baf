"""Records from a workbook (.xlsx), and a workbook from records. :mod:`passport.exchange.layout` says what stands where.

Every value keeps the cell that it came from, and every fault names file, sheet, row, column, what was expected and what
was found. All faults of a workbook are reported at once:

1. the sheets and columns are known, and each stands once;
2. row 2 says the units of the vocabulary, or nothing;
3. no cell holds an error, an uncalculated formula or a value that the program has bent; none is merged;
4. nothing hides in a row, column or sheet that cannot be seen;
5. every row says whose it is, and that model or pack exists and has no other row of the kind.

Whether a value is right (a proper decimal, a date, a code of its list) is for validation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from passport.battery import vocabulary as vocabulary_module
from passport.battery.fault import Fault, Location, count, found
from passport.battery.reader import PARTS, Reader
from passport.battery.record import Record, category_of, duplicate_packs
from passport.battery.vocabulary import Datatype, Vocabulary
from passport.errors import FaultyRecord
from passport.exchange.cells import UTC_MARK, CellFault, value_of
from passport.exchange.layout import (
    FIRST_ROW,
    HEADING_ROW,
    MODEL_KEY,
    PACK_KEYS,
    UNIT_ROW,
    Column,
    Layout,
    SheetLayout,
)
from passport.exchange.spreadsheet_writer import write
from passport.exchange.workbook import Limits, Row, Sheet, get_column_letter, open_workbook

__all__ = ["read", "write"]

#: Faults of the file's make, not of what a battery is said to be: the input is unusable as it stands.
_STRUCTURAL = frozenset({
    "unknown-sheet", "missing-sheet", "duplicate-sheet", "unknown-column", "ambiguous-column", "missing-column",
    "duplicate-column", "missing-language", "no-heading", "merged-cells",
})


def read(path: Path | str | bytes, *, name: str | None = None, limits: Limits | None = None) -> tuple[Record, ...]:
    """The packs of a workbook, in the order of their rows.

    :param path: the file, or its bytes.
    :param name: the file's name for messages; by default that of the path.
    :raises UnreadableInput: it is no workbook, or beyond the limits.
    :raises FaultyRecord: with every fault. Its exit code is 2 where all of them are of the workbook's make.
    """
    records, faults = read_tolerantly(path, name=name, limits=limits)
    if faults:
        raise _faulty(faults[0].location.file, faults)
    return records


def read_tolerantly(
    path: Path | str | bytes, *, name: str | None = None, limits: Limits | None = None, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The packs of known models as far as they could be placed, and every fault: all of a faulty file can be judged.

    :param partial: whether the file may say only a part, to be merged with others: models without packs, packs whose
        models stand elsewhere, lists alone.
    :raises UnreadableInput: it is no workbook, or beyond the limits.
    :raises FaultyRecord: nothing could be placed. Its exit code is 2 where all faults are of the workbook's make.
    """
    source = path if isinstance(path, bytes) else Path(path)
    name = name or (source.name if isinstance(source, Path) else "workbook")
    return from_sheets(open_workbook(source, name, limits), name, partial=partial)


def from_sheets(
    sheets: tuple[Sheet, ...], name: str, *, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The same from sheets, wherever they come from; see :func:`read_tolerantly`.

    :raises FaultyRecord: nothing could be placed.
    """
    reading = _Reading(name, vocabulary_module.load(), partial)
    records = reading.records(sheets)
    faults = tuple(reading.faults)
    records = records if partial else tuple(record for record in records if record.model)
    if faults and (not records or all(fault.code in _STRUCTURAL for fault in faults)):
        raise _faulty(name, faults)
    return records, faults


def _faulty(name: str, faults: tuple[Fault, ...]) -> FaultyRecord:
    first = faults[0]
    if len(faults) == 1 and first.code in _STRUCTURAL:
        error = FaultyRecord(
            f"{first.message['en']} in {first.location}", faults, expected=first.expected, found=first.found,
            hint=first.hint,
        )
    else:
        error = FaultyRecord(f"{name} has {count(faults)}", faults, hint=first.hint)
    if all(fault.code in _STRUCTURAL for fault in faults):
        error.exit_code = 2
    return error


@dataclass
class _Table:
    """One sheet, read: its columns by number with their headings, and its rows with values by column number."""

    file: str
    name: str
    layout: SheetLayout
    columns: dict[int, tuple[Column, str]] = field(default_factory=dict)
    rows: list[_TableRow] = field(default_factory=list)

    def place(self, row: int, indicator: str | None = None, field: str | None = None) -> Location:
        """The cell of a value in a row; the row where there is no such column."""
        for number, (column, heading) in self.columns.items():
            if column.indicator == indicator and field in (None, column.field):
                return Location(self.file, self.name, row, get_column_letter(number), heading)
        return Location(self.file, self.name, row)

    def has(self, indicator: str) -> bool:
        return any(column.indicator == indicator for column, _ in self.columns.values())


@dataclass(frozen=True, slots=True)
class _TableRow:
    number: int
    values: Mapping[int, Any]
    table: _Table
    refused: frozenset[int] = frozenset()

    def was_refused(self, indicator: str) -> bool:
        """Whether a cell of that indicator was refused: then its absence is no second fault."""
        return any(self.table.columns[number][0].indicator == indicator for number in self.refused)

    def keys(self) -> dict[str, str]:
        """What says whose row this is: heading of the key -> text."""
        return {
            column.indicator: str(self.values[number])
            for number, (column, _) in self.table.columns.items()
            if column.indicator in (MODEL_KEY, *PACK_KEYS) and column.field is None and number in self.values
        }

    def raw(self) -> dict[str, Any]:
        """The values by indicator, fields and languages gathered; key columns left out."""
        gathered: dict[str, Any] = {}
        for number, value in self.values.items():
            column = self.table.columns[number][0]
            if column.key:
                continue
            path = [part for part in (column.indicator, column.field, column.language) if part]
            holder = gathered
            for part in path[:-1]:
                holder = holder.setdefault(part, {})
            holder[path[-1]] = value
        return gathered

    def place(self, indicator: str | None = None, field: str | None = None) -> Location:
        return self.table.place(self.number, indicator, field)


class _Places(Mapping):
    """Where the values of one record stand: a row a part, and the rows of its entries."""

    def __init__(self) -> None:
        self.parts: dict[str, list[_TableRow]] = {}
        self.entries: dict[str, list[_TableRow]] = {}

    def add(self, part: str, row: _TableRow) -> None:
        """A row that holds values of a part."""
        self.parts.setdefault(part, []).append(row)

    def place(self, name: str, entry: int | None, field: str | None) -> Location:
        """As ``[]``, for a reader: what stands nowhere stands where its part does."""
        return self.get((name, entry, field)) or next(iter(self.parts.values()))[0].place()

    def __getitem__(self, key: tuple[str, int | None, str | None]) -> Location:
        name, entry, field = key
        if name in PARTS:
            if name not in self.parts:
                name = "pack"
            return self.parts[name][0].place()
        if name in self.entries:
            rows = self.entries[name]
            return rows[min(entry or 0, len(rows) - 1)].place(name, field)
        for rows in self.parts.values():
            for row in rows:
                if row.table.has(name) and not row.table.layout.entries_of:
                    return row.place(name, field)
        raise KeyError(key)

    def __iter__(self) -> Iterator:
        return iter(())

    def __len__(self) -> int:
        return 0


@dataclass
class _Model:
    row: _TableRow
    raw: dict[str, Any]
    places: _Places
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class _Pack:
    row: _TableRow
    model: _Model | None
    raw: dict[str, dict[str, Any]]
    places: _Places


class _Reading:
    def __init__(self, file: str, vocabulary: Vocabulary, partial: bool = False) -> None:
        self._file = file
        self._vocabulary = vocabulary
        self._partial = partial
        self._layout = Layout(vocabulary)
        self.faults: list[Fault] = []
        self._tables: dict[str, _Table] = {}
        self._models: dict[str, _Model] = {}
        self._packs: list[_Pack] = []
        self._by_key: dict[tuple[str, str], list[_Pack]] = {}
        self._unknown_keys: set[tuple[str, str, str]] = set()

    def records(self, sheets: tuple[Sheet, ...]) -> tuple[Record, ...]:
        for sheet in sheets:
            self._read_sheet(sheet)
        for name in ("models", "packs"):
            if name not in self._tables and not self._partial:
                self._fault("missing-sheet", Location(self._file), f"a sheet {name}", "none",
                            en=f"there is no sheet {name}", zh=f"缺少工作表{name}")
        if "packs" in self._tables and not self._tables["packs"].rows and not self._partial:
            self._fault("no-packs", Location(self._file, "packs", FIRST_ROW), "a pack in each row from row 3", "none",
                        en="the workbook describes no pack", zh="没有电池包数据")
        for row in self._rows("models"):
            self._add_model(row)
        for row in self._rows("packs"):
            self._add_pack(row)
        for table in self._tables.values():
            if table.layout.name not in ("models", "packs"):
                for row in table.rows:
                    self._add_row(row)
        for model in self._models.values():
            model.values = self._part("model", model.raw, model.places)
        records = tuple(self._record(pack) for pack in self._packs)
        self.faults += duplicate_packs(records)
        if self._partial:
            with_pack = {id(pack.model) for pack in self._packs}
            records += tuple(
                Record(category_of(model.values), model.values, {}, file=self._file, places=model.places)
                for model in self._models.values() if id(model) not in with_pack
            )
        return records

    # --- sheets ---------------------------------------------------------------------------------------------------

    def _read_sheet(self, sheet: Sheet) -> None:
        if not sheet.rows or self._layout.is_notes(sheet.name):
            return
        layout = self._layout.sheet(sheet.name)
        place = Location(self._file, sheet.name)
        if layout is None:
            self._fault("unknown-sheet", place, "models, packs, conditions, production or the id of a list",
                        found(sheet.name), en="unknown sheet", zh="未知工作表",
                        hint="a sheet named notes is for people and is not read")
            return
        if layout.name in self._tables:
            self._fault("duplicate-sheet", place, "one sheet of a kind",
                        f"also sheet {self._tables[layout.name].name}",
                        en="a second sheet of one kind", zh="工作表重复")
            return
        table = self._tables[layout.name] = _Table(self._file, sheet.name, layout)
        self._refuse_what_nobody_sees(sheet)
        for merged in sheet.merged:
            self._fault("merged-cells", place, "one value in each cell", merged,
                        en="cells are merged", zh="存在合并单元格", hint="unmerge them")
        rows = {row.number: row for row in sheet.rows}
        self._read_headings(table, rows.get(HEADING_ROW))
        in_utc = self._read_units(table, rows.get(UNIT_ROW))
        # A column whose heading was refused has been reported already.
        orphans = {cell.column for cell in rows[HEADING_ROW].cells} if HEADING_ROW in rows else set()
        for row in sheet.rows:
            if row.number >= FIRST_ROW:
                self._read_row(table, row, in_utc, orphans)

    def _refuse_what_nobody_sees(self, sheet: Sheet) -> None:
        if sheet.hidden:
            self._fault("hidden-sheet", Location(self._file, sheet.name), "a sheet that can be seen", "a hidden sheet",
                        en="the sheet is hidden", zh="工作表被隐藏", hint="show the sheet, or delete it")
        for row in sheet.rows:
            if row.hidden:
                self._fault("hidden-row", Location(self._file, sheet.name, row.number), "a row that can be seen",
                            "data in a hidden row", en="the row is hidden", zh="该行被隐藏",
                            hint="clear the filter and show all rows, or delete the row")
        held = {cell.column for row in sheet.rows for cell in row.cells}
        for column in sorted(held & sheet.hidden_columns):
            self._fault("hidden-column", Location(self._file, sheet.name, None, get_column_letter(column)),
                        "a column that can be seen", "data in a hidden column", en="the column is hidden",
                        zh="该列被隐藏", hint="show the column, or delete it")

    def _read_headings(self, table: _Table, row: Row | None) -> None:
        layout = table.layout
        taken: dict[str, int] = {}
        for cell in row.cells if row else ():
            heading = str(cell.value)
            place = Location(self._file, table.name, HEADING_ROW, cell.letter, heading[:80])
            column = layout.column(heading)
            if column is None:
                self._unknown_column(table, place, heading)
                continue
            if column.kind.datatype is Datatype.LANG_STRING and column.language is None:
                spelled = layout.spelled(column)
                self._fault("missing-language", place, f"{spelled}.zh and {spelled}.en", found(heading),
                            indicator=column.indicator, en="the column names no language", zh="该列未注明语言")
                continue
            if column.heading in taken:
                self._fault("duplicate-column", place, "one column for each value",
                            f"also column {get_column_letter(taken[column.heading])}", indicator=column.indicator,
                            en=f"a second column {layout.spelled(column)}", zh="该列重复")
                continue
            taken[column.heading] = cell.column
            table.columns[cell.column] = (column, heading)
        present = {column.indicator for column, _ in table.columns.values()}
        if layout.by_model or (layout.name == "packs" and not self._partial):
            self._require(table, (MODEL_KEY,), present)
        if not layout.by_model:
            self._require(table, PACK_KEYS, present)

    def _require(self, table: _Table, keys: tuple[str, ...], present: set[str]) -> None:
        if not present.intersection(keys):
            place = Location(self._file, table.name, HEADING_ROW)
            self._fault("missing-column", place, "a column " + " or ".join(keys), "none",
                        en="the sheet does not say whose its rows are", zh="缺少关键列")

    def _unknown_column(self, table: _Table, place: Location, heading: str) -> None:
        named = found(heading)
        for other in self._layout.sheets.values():
            column = other.column(heading) if other.name != table.layout.name else None
            if column is not None and not column.key and not (other.entries_of and column.field):
                self._fault("unknown-column", place, f"it on sheet {other.name}", f"it on sheet {table.name}",
                            indicator=column.indicator,
                            en=f"column {named} stands on the wrong sheet", zh="该列不属于此工作表")
                return
        bearers = self._vocabulary.candidates(heading.partition(".")[0])
        if len(bearers) > 1:
            names = ", ".join(f"{one.id} ({one.label['zh']})" for one in bearers)
            self._fault("ambiguous-column", place, f"the id or label of one of: {names}", named,
                        en=f"column {named} may mean more than one indicator", zh=f"列{named}可能指多个指标")
            return
        known = self._vocabulary.by_heading(heading)
        if known is not None and known.fields:
            if known.repeatable:
                expected, hint = f"a sheet {known.id} with a row for each entry", None
            else:
                expected = f"a column for each field, such as {known.id}.{known.fields[0].name}"
                hint = "fields: " + ", ".join(each.name for each in known.fields)
            self._fault("unknown-column", place, expected, named, indicator=known.id, hint=hint,
                        en=f"unknown column {named}", zh=f"未知列{named}")
            return
        nearest = self._vocabulary.nearest(re.sub(r"[(（\[].*", "", heading).strip() or heading)
        hints = [f"nearest is {nearest.label['zh']} ({nearest.id})"] if nearest else []
        if re.search(r"[(（\[].+[)）\]]", heading):
            hints.append("the unit belongs in row 2")
        of_entries = table.layout.entries_of
        expected = "the id, the Chinese or the English name of " + (
            f"a field of {of_entries.id}" if of_entries else "an indicator"
        )
        self._fault("unknown-column", place, expected, named, en=f"unknown column {named}", zh=f"未知列{named}",
                    hint="; ".join(hints) or None)

    def _read_units(self, table: _Table, row: Row | None) -> set[int]:
        in_utc = set()
        for cell in row.cells if row else ():
            if cell.column not in table.columns:
                continue
            column, heading = table.columns[cell.column]
            said = str(cell.value)
            if column.kind.datatype is Datatype.DATE_TIME and said.strip().upper() == UTC_MARK:
                in_utc.add(cell.column)
            elif not column.takes_unit(said):
                place = Location(self._file, table.name, UNIT_ROW, cell.letter, heading)
                self._fault("other-unit", place, column.unit or "an empty cell, for there is no unit", found(said),
                            indicator=column.indicator, en="row 2 holds another unit", zh="第2行单位不符",
                            hint="row 2 holds units; data begins in row 3")
        return in_utc

    def _read_row(self, table: _Table, row: Row, in_utc: set[int], orphans: set[int]) -> None:
        values: dict[int, Any] = {}
        refused: set[int] = set()
        for cell in row.cells:
            if cell.column not in table.columns:
                if cell.column not in orphans:
                    place = Location(self._file, table.name, row.number, cell.letter)
                    self._fault("no-heading", place, "a heading in row 1 of the column", "none",
                                en="there is a value below no heading", zh="该列没有标题")
                orphans.add(cell.column)
                continue
            column, heading = table.columns[cell.column]
            try:
                values[cell.column] = value_of(cell, column.kind, utc=cell.column in in_utc)
            except CellFault as fault:
                refused.add(cell.column)
                place = Location(self._file, table.name, row.number, cell.letter, heading)
                self.faults.append(Fault(fault.code, place, column.indicator, fault.message, fault.expected,
                                         fault.found, hint=fault.hint))
        table.rows.append(_TableRow(row.number, values, table, frozenset(refused)))

    # --- rows -----------------------------------------------------------------------------------------------------

    def _rows(self, sheet: str) -> list[_TableRow]:
        return self._tables[sheet].rows if sheet in self._tables else []

    def _add_model(self, row: _TableRow) -> None:
        key = row.keys().get(MODEL_KEY)
        if key is None:
            self._missing_key(row, (MODEL_KEY,))
        elif key in self._models:
            self._fault("duplicate-model", row.place(MODEL_KEY), "a model identifier of its own",
                        f"that of row {self._models[key].row.number}", indicator=MODEL_KEY,
                        en="this model is described twice", zh="同一型号出现两次")
        else:
            model = self._models[key] = _Model(row, row.raw(), _Places())
            model.places.add("model", row)

    def _add_pack(self, row: _TableRow) -> None:
        keys = row.keys()
        model = None
        if MODEL_KEY not in keys:
            if not self._partial:
                self._missing_key(row, (MODEL_KEY,))
        else:
            model = self._models.get(keys[MODEL_KEY])
            if model is None and self._partial:
                model = self._named_model(row, keys[MODEL_KEY])
            elif model is None and "models" in self._tables:
                self._unknown(row, MODEL_KEY, keys[MODEL_KEY], "model", "models")
        if not any(key in keys for key in PACK_KEYS):
            self._missing_key(row, PACK_KEYS)
        pack = _Pack(row, model, {"pack": row.raw()}, _Places())
        pack.places.add("pack", row)
        if model is not None:
            pack.places.parts["model"] = model.places.parts["model"]
            pack.places.entries.update(model.places.entries)
        self._packs.append(pack)
        for key in PACK_KEYS:
            if key in keys:
                self._by_key.setdefault((key, _key_text(keys[key])), []).append(pack)

    def _add_row(self, row: _TableRow) -> None:
        """A row of a read-out, an event or an entry goes to its model or pack."""
        layout = row.table.layout
        owner = self._owning_model(row) if layout.by_model else self._owning_pack(row)
        if owner is None:
            return
        part = layout.part if layout.event is None else f"events.{layout.event}"
        if layout.entries_of is not None:
            raw = owner.raw if isinstance(owner, _Model) else owner.raw.setdefault(part, {})
            raw.setdefault(layout.entries_of.id, []).append(row.raw().get(layout.entries_of.id, {}))
            owner.places.entries.setdefault(layout.entries_of.id, []).append(row)
            if part not in owner.places.parts and isinstance(owner, _Pack):
                owner.places.add(layout.part, row)
            return
        first = next((other for other in owner.places.parts.get(layout.part, ()) if other.table is row.table), None)
        if first is not None:
            self._fault("duplicate-row", row.place(), "one row for each pack", f"also row {first.number}",
                        en="this pack has two rows on the sheet", zh="同一电池包有两行")
            return
        owner.raw.setdefault(part, {}).update(row.raw())
        owner.places.parts.setdefault(layout.part, []).insert(0, row)

    def _named_model(self, row: _TableRow, key: str) -> _Model:
        """A model that another input describes: here only its name is known."""
        model = self._models[key] = _Model(row, {MODEL_KEY: key}, _Places())
        model.places.add("model", row)
        return model

    def _owning_model(self, row: _TableRow) -> _Model | None:
        key = row.keys().get(MODEL_KEY)
        if key is None:
            self._missing_key(row, (MODEL_KEY,))
            return None
        if key not in self._models and self._partial:
            return self._named_model(row, key)
        if key not in self._models:
            self._unknown(row, MODEL_KEY, key, "model", "models")
        return self._models.get(key)

    def _named_pack(self, row: _TableRow, keys: Mapping[str, str]) -> _Pack:
        """A pack that another input describes: here only its code or serial number is known."""
        pack = _Pack(row, None, {"pack": {key: keys[key] for key in PACK_KEYS if key in keys}}, _Places())
        pack.places.add("pack", row)
        if MODEL_KEY in keys:
            pack.model = self._models.get(keys[MODEL_KEY]) or self._named_model(row, keys[MODEL_KEY])
            pack.places.parts["model"] = pack.model.places.parts["model"]
        self._packs.append(pack)
        for key in PACK_KEYS:
            if key in keys:
                self._by_key.setdefault((key, _key_text(keys[key])), []).append(pack)
        return pack

    def _owning_pack(self, row: _TableRow) -> _Pack | None:
        keys = row.keys()
        owners: list[_Pack] | None = None
        for key in PACK_KEYS:
            if key not in keys:
                continue
            named = self._by_key.get((key, _key_text(keys[key])), [])
            if MODEL_KEY in keys:
                named = [pack for pack in named if pack.row.keys().get(MODEL_KEY) == keys[MODEL_KEY]]
            if not named and self._partial:
                return self._named_pack(row, keys)
            if not named:
                self._unknown(row, key, keys[key], "pack", "packs")
                return None
            owners = named if owners is None else [pack for pack in owners if pack in named]
        if owners is None:
            self._missing_key(row, PACK_KEYS)
            return None
        if len(owners) != 1:
            several = "two packs" if owners else "a code and a serial number of different packs"
            self._fault("ambiguous-pack", row.place(next(key for key in PACK_KEYS if key in keys)), "one pack", several,
                        en="the row does not say which pack it is about", zh="无法确定该行属于哪个电池包",
                        hint=f"add a column {MODEL_KEY}" if owners else None)
            return None
        return owners[0]

    def _record(self, pack: _Pack) -> Record:
        model = pack.model.values if pack.model else {}
        if pack.model is not None:
            pack.places.entries.update(pack.model.places.entries)
        events = {
            part.removeprefix("events."): self._part("events", raw, pack.places, part.removeprefix("events."))
            for part, raw in pack.raw.items() if part.startswith("events.")
        }
        return Record(
            category=category_of(model),
            model=model,
            pack=self._part("pack", pack.raw["pack"], pack.places),
            condition=self._part("condition", pack.raw.get("condition", {}), pack.places) or None,
            events={event: values for event, values in events.items() if values},
            file=self._file,
            places=pack.places,
        )

    def _part(self, part: str, raw: Mapping[str, Any], places: _Places, event: str | None = None) -> dict[str, Any]:
        reader = Reader(places.place, self._vocabulary)
        values = reader.part(part, raw, event)
        untimed = any(row.was_refused("recordedAt") for row in places.parts.get(part, ()))
        self.faults += [fault for fault in reader.faults if not (untimed and fault.code == "missing-time")]
        return values

    # --- faults ---------------------------------------------------------------------------------------------------

    def _missing_key(self, row: _TableRow, keys: tuple[str, ...]) -> None:
        key = next((key for key in keys if row.table.has(key)), None)
        # A missing column and a refused cell are faults of their own.
        if key is not None and not any(row.was_refused(name) for name in keys):
            self._fault("missing-key", row.place(key), "a value that says whose row this is", "an empty cell",
                        indicator=key, en="the row does not say whose it is", zh="该行缺少标识")

    def _unknown(self, row: _TableRow, key: str, value: str, what: str, sheet: str) -> None:
        # Once per sheet: a slip in one pack's code would otherwise be reported for each of its two hundred cells.
        if (row.table.name, key, value) in self._unknown_keys:
            return
        self._unknown_keys.add((row.table.name, key, value))
        self._fault(f"unknown-{what}", row.place(key), f"a {what} of the sheet {sheet}", found(value), indicator=key,
                    en=f"there is no such {what}", zh="没有对应的" + {"model": "型号", "pack": "电池包"}[what])

    def _fault(
        self, code: str, place: Location, expected: str, found: str, *, indicator: str | None = None, en: str, zh: str,
        hint: str | None = None,
    ) -> None:
        self.faults.append(Fault(code, place, indicator, {"en": en, "zh": zh}, expected, found, hint=hint))


def _key_text(text: str) -> str:
    return "".join(text.split())
