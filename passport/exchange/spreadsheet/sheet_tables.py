"""The sheets of a workbook as tables: known columns, and rows of readable values.

Each sheet is checked by itself, before its rows are assigned to models and packs:

1. the sheets and columns are known, and each occurs once;
2. row 2 has the units of the vocabulary, or is empty;
3. no cell holds an error, an uncalculated formula or a value that the program has bent; none is merged;
4. nothing hides in a row, column or sheet that cannot be seen, and comments, pictures and charts beside the cells
   are named.

A refused column is left out with its values. A refused cell is remembered, so that its missing value is no second
fault.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.exchange.spreadsheet import sheet_checks
from passport.exchange.spreadsheet.cells import UTC_MARK, CellFault, value_of
from passport.exchange.spreadsheet.column_letters import column_letter
from passport.exchange.spreadsheet.layout import (
    BATCH_KEY,
    FIRST_ROW,
    HEADING_ROW,
    MODEL_KEY,
    PACK_KEYS,
    UNIT_ROW,
    Column,
    Layout,
    SheetLayout,
    goes_on,
)
from passport.exchange.spreadsheet.opening.workbook import Sheet, WorkbookRow
from passport.texts import Message, Text
from passport.vocabulary.vocabulary import Datatype, Vocabulary

#: Texts of a column whose values are kept.
_KNOWN = 1_000


class Faults(list[Fault]):
    """The faults of a workbook in the order in which they are found."""

    def add(
        self,
        code: str,
        place: Location,
        expected: str,
        found: str,
        *,
        indicator: str | None = None,
        message: Text,
        hint: str | None = None,
    ) -> None:
        """Note one; the arguments are those of :class:`passport.battery.fault.Fault`."""
        self.append(Fault(code, place, indicator, message, expected, found, hint=hint))


@dataclass
class SheetHead:
    """What is above the rows of a sheet: its columns by number with their headings.

    :ivar known: values of plain texts that were read before, by column number and text.
    """

    file: str
    name: str
    layout: SheetLayout
    columns: dict[int, tuple[Column, str]] = field(default_factory=dict)
    known: dict[int, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    def place(self, row: int, indicator: str | None = None, field: str | None = None) -> Location:
        """The cell of a value in a row; the row where there is no such column."""
        for number, (column, heading) in self.columns.items():
            if column.indicator == indicator and field in (None, column.field):
                return Location(self.file, self.name, row, column_letter(number), heading)
        return Location(self.file, self.name, row)

    def has(self, indicator: str) -> bool:
        """Whether it has a column of that indicator."""
        return any(column.indicator == indicator for column, _ in self.columns.values())


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row.

    :param number: as the program shows it, from 1.
    :param values: by column number.
    :param head: of its sheet, not the table that holds the row: thousands of rows would wait for the collector.
    :param refused: numbers of the columns whose cell was refused.
    """

    number: int
    values: Mapping[int, Any]
    head: SheetHead
    refused: frozenset[int] = frozenset()

    def was_refused(self, indicator: str) -> bool:
        """Whether a cell of that indicator was refused: then its absence is no second fault."""
        return any(self.head.columns[number][0].indicator == indicator for number in self.refused)

    def keys(self) -> dict[str, str]:
        """What says whose row this is: heading of the key -> text."""
        return {
            column.indicator: str(self.values[number])
            for number, (column, _) in self.head.columns.items()
            if column.indicator in (MODEL_KEY, BATCH_KEY, *PACK_KEYS) and column.field is None and number in self.values
        }

    def raw(self) -> dict[str, Any]:
        """The values by indicator, fields and languages gathered; key columns left out."""
        gathered: dict[str, Any] = {}
        for number, value in self.values.items():
            column = self.head.columns[number][0]
            if column.key:
                continue
            if column.field is None and column.language is None:
                gathered[column.indicator] = value
                continue
            path = [part for part in (column.indicator, column.field, column.language) if part]
            holder = gathered
            for part in path[:-1]:
                holder = holder.setdefault(part, {})
            holder[path[-1]] = value
        return gathered

    def place(self, indicator: str | None = None, field: str | None = None) -> Location:
        """The cell of a value; the row where there is no such column."""
        return self.head.place(self.number, indicator, field)


@dataclass
class SheetTable:
    """One sheet, read. :ivar rows: with their values by column number."""

    head: SheetHead
    rows: list[TableRow] = field(default_factory=list)


def read(
    sheets: tuple[Sheet, ...], file: str, layout: Layout, vocabulary: Vocabulary, *, partial: bool = False
) -> tuple[dict[str, SheetTable], tuple[Fault, ...]]:
    """The tables of a workbook by the ids of their sheets, and every fault in them.

    :param file: its name, for messages.
    :param partial: whether sheets and the model of a pack may be missing, since other files have them.
    """
    reading = _SheetReading(file, layout, vocabulary, partial)
    for sheet in sheets:
        reading.sheet(sheet)
    if not partial:
        reading.require_sheets()
    return reading.tables, tuple(reading.faults)


class _SheetReading:
    def __init__(self, file: str, layout: Layout, vocabulary: Vocabulary, partial: bool) -> None:
        self._file = file
        self._layout = layout
        self._vocabulary = vocabulary
        self._partial = partial
        self.faults = Faults()
        self.tables: dict[str, SheetTable] = {}

    def require_sheets(self) -> None:
        for name in ("models", "packs"):
            if name not in self.tables:
                self.faults.add(
                    "missing-sheet",
                    Location(self._file),
                    Message("a sheet {name}", name=name),
                    Message("none"),
                    message=Message("there is no sheet {name}", name=name),
                )
        if "packs" in self.tables and not self.tables["packs"].rows:
            self.faults.add(
                "no-packs",
                Location(self._file, "packs", FIRST_ROW),
                Message("a pack in each row from row 3"),
                Message("none"),
                message=Message("the workbook describes no pack"),
            )

    def sheet(self, sheet: Sheet) -> None:
        if not (sheet.rows or sheet.annotations) or self._layout.is_notes(sheet.name):
            return
        layout = self._layout.sheet(sheet.name)
        place = Location(self._file, sheet.name)
        if layout is None:
            self.faults.add(
                "unknown-sheet",
                place,
                Message("models, batches, packs, conditions, production or the id of a list"),
                found(sheet.name),
                message=Message("unknown sheet"),
                hint=Message("a sheet named notes is for people and is not read"),
            )
            return
        first = self.tables.get(layout.name)
        if first is not None and not goes_on(sheet.name):
            self.faults.add(
                "duplicate-sheet",
                place,
                Message("one sheet of a kind"),
                Message("also sheet {name}", name=self.tables[layout.name].head.name),
                message=Message("a second sheet of one kind"),
            )
            return
        head = SheetHead(self._file, sheet.name, layout)
        table = SheetTable(head)
        self.tables.setdefault(layout.name, table)
        self.faults += sheet_checks.hidden_data(sheet, self._file)
        rows = {row.number: row for row in sheet.rows}
        self._read_headings(head, rows.get(HEADING_ROW))
        headings = {column_letter(n): (column.indicator, text) for n, (column, text) in head.columns.items()}
        self.faults += sheet_checks.not_read(sheet, self._file, headings)
        in_utc = self._read_units(head, rows.get(UNIT_ROW))
        # A column whose heading was refused has been reported already.
        orphans = {cell.column for cell in rows[HEADING_ROW].cells} if HEADING_ROW in rows else set()
        for row in sheet.rows:
            if row.number >= FIRST_ROW:
                table.rows.append(self._read_row(head, row, in_utc, orphans))
        if first is not None:
            first.rows += table.rows

    def _read_headings(self, head: SheetHead, row: WorkbookRow | None) -> None:
        layout = head.layout
        taken: dict[str, int] = {}
        for cell in row.cells if row else ():
            heading = str(cell.value)
            place = Location(self._file, head.name, HEADING_ROW, cell.letter, heading[:80])
            column = layout.column(heading)
            if column is None:
                self._unknown_column(head, place, heading)
                continue
            if column.kind.datatype is Datatype.LANG_STRING and column.language is None:
                spelled = layout.spelled(column)
                self.faults.add(
                    "missing-language",
                    place,
                    Message("{heading}.zh and {heading}.en", heading=spelled),
                    found(heading),
                    indicator=column.indicator,
                    message=Message("the column names no language"),
                )
                continue
            if column.heading in taken:
                self.faults.add(
                    "duplicate-column",
                    place,
                    Message("one column for each value"),
                    Message("also column {column}", column=column_letter(taken[column.heading])),
                    indicator=column.indicator,
                    message=Message("a second column {heading}", heading=layout.spelled(column)),
                )
                continue
            taken[column.heading] = cell.column
            head.columns[cell.column] = (column, heading)
        present = {column.indicator for column, _ in head.columns.values()}
        if layout.part == "batch":
            for key in layout.keys:
                self._require(head, (key,), present)
            return
        if layout.by_model or (layout.name == "packs" and not self._partial):
            self._require(head, (MODEL_KEY,), present)
        if not layout.by_model:
            self._require(head, PACK_KEYS, present)

    def _require(self, head: SheetHead, keys: tuple[str, ...], present: set[str]) -> None:
        if not present.intersection(keys):
            place = Location(self._file, head.name, HEADING_ROW)
            self.faults.add(
                "missing-column",
                place,
                Message("a column {key}", key=keys[0])
                if len(keys) == 1
                else Message("a column {key} or {other}", key=keys[0], other=keys[1]),
                Message("none"),
                message=Message("the sheet does not say whose its rows are"),
            )

    def _unknown_column(self, head: SheetHead, place: Location, heading: str) -> None:
        named = found(heading)
        for other in self._layout.sheets.values():
            column = other.column(heading) if other.name != head.layout.name else None
            if column is not None and column.indicator in other.elsewhere:
                continue
            if column is not None and not column.key and not (other.entries_of and column.field):
                self.faults.add(
                    "unknown-column",
                    place,
                    Message("it on sheet {name}", name=other.name),
                    Message("it on sheet {name}", name=head.name),
                    indicator=column.indicator,
                    message=Message("column {heading} is on the wrong sheet", heading=named),
                )
                return
        bearers = self._vocabulary.candidates(heading.partition(".")[0])
        if len(bearers) > 1:
            names = ", ".join(f"{bearer.id} ({bearer.label['zh']})" for bearer in bearers)
            self.faults.add(
                "ambiguous-column",
                place,
                Message("the id or label of one of: {names}", names=names),
                named,
                message=Message("column {heading} may mean more than one indicator", heading=named),
            )
            return
        known = self._vocabulary.by_heading(heading)
        if known is not None and known.fields:
            expected, hint = Message("a sheet {name} with a row for each entry", name=known.id), None
            if not known.repeatable:
                example = f"{known.id}.{known.fields[0].name}"
                expected = Message("a column for each field, such as {column}", column=example)
                hint = Message("fields: {fields}", fields=", ".join(each.name for each in known.fields))
            self.faults.add(
                "unknown-column",
                place,
                expected,
                named,
                indicator=known.id,
                hint=hint,
                message=Message("unknown column {heading}", heading=named),
            )
            return
        nearest = self._vocabulary.nearest(
            re.sub(r"[(（\[].*", "", heading).strip() or heading
        )  # data: recognised in input
        hint = Message("nearest is {label} ({id})", label=nearest.label["zh"], id=nearest.id) if nearest else None
        if re.search(r"[(（\[].+[)）\]]", heading):  # data: recognised in input
            unit = Message("the unit belongs in row 2")
            hint = Message("{hint}; {other}", hint=hint, other=unit) if hint else unit
        of_entries = head.layout.entries_of
        expected = (
            Message("the id, the Chinese or the English name of a field of {indicator}", indicator=of_entries.id)
            if of_entries
            else Message("the id, the Chinese or the English name of an indicator")
        )
        self.faults.add(
            "unknown-column",
            place,
            expected,
            named,
            message=Message("unknown column {heading}", heading=named),
            hint=hint,
        )

    def _read_units(self, head: SheetHead, row: WorkbookRow | None) -> set[int]:
        in_utc = set()
        for cell in row.cells if row else ():
            if cell.column not in head.columns:
                continue
            column, heading = head.columns[cell.column]
            unit_text = str(cell.value)
            if column.kind.datatype is Datatype.DATE_TIME and unit_text.strip().upper() == UTC_MARK:
                in_utc.add(cell.column)
            elif not column.takes_unit(unit_text):
                place = Location(self._file, head.name, UNIT_ROW, cell.letter, heading)
                self.faults.add(
                    "other-unit",
                    place,
                    column.unit or Message("an empty cell, for there is no unit"),
                    found(unit_text),
                    indicator=column.indicator,
                    message=Message("row 2 holds another unit"),
                    hint=Message("row 2 holds units; data begins in row 3"),
                )
        return in_utc

    def _read_row(self, head: SheetHead, row: WorkbookRow, in_utc: set[int], orphans: set[int]) -> TableRow:
        values: dict[int, Any] = {}
        refused: set[int] = set()
        for cell in row.cells:
            if cell.column not in head.columns:
                if cell.column not in orphans:
                    place = Location(self._file, head.name, row.number, cell.letter)
                    self.faults.add(
                        "no-heading",
                        place,
                        Message("a heading in row 1 of the column"),
                        Message("none"),
                        message=Message("there is a value below no heading"),
                    )
                orphans.add(cell.column)
                continue
            column, heading = head.columns[cell.column]
            known = head.known.setdefault(cell.column, {})
            is_plain = type(cell.value) is str and cell.kind == "value" and cell.number_format == "General"
            if is_plain and cell.value in known:
                values[cell.column] = known[cell.value]
                continue
            try:
                value = values[cell.column] = value_of(cell, column.kind, utc=cell.column in in_utc)
                if is_plain and len(known) < _KNOWN and type(value) is not list:
                    known[cell.value] = value
            except CellFault as fault:
                refused.add(cell.column)
                place = Location(self._file, head.name, row.number, cell.letter, heading)
                self.faults.append(
                    Fault(
                        fault.code, place, column.indicator, fault.message, fault.expected, fault.found, hint=fault.hint
                    )
                )
        return TableRow(row.number, values, head, frozenset(refused))
