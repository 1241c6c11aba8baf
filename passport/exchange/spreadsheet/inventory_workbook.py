"""An inventory from a workbook (.xlsx), and the empty workbook to fill in.

    inventory                     one field a row: name, value, unit, what it means
    materials, parts, energy,     row 1 headings (name, English or Chinese label), row 2 units, data from row 3
    emissions, transport
    notes                         for people; not read

The same guards as for passports: nothing hidden, no merged cells, no errors, no formulas without a result, and every
fault with sheet, row and column. Comments and pictures are not read, and the result names them. A unit in row 2 that
the field does not know is refused; one that it knows is converted exactly.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from passport.battery.fault import Fault, Location
from passport.errors import UsageError
from passport.exchange.spreadsheet.layout import folded
from passport.exchange.spreadsheet.opening.workbook import Sheet, WorkbookCell, open_workbook, shown_number
from passport.exchange.spreadsheet.sheet_checks import hidden_data, not_read
from passport.exchange.spreadsheet.workbook_writer import empty, saved
from passport.footprint.facts import facts
from passport.footprint.inventory import inventory_checks, inventory_reading
from passport.footprint.inventory.inventory import Inventory, InventoryLocation
from passport.footprint.inventory.inventory_columns import GENERAL, LABELS, TABLES, InventoryField
from passport.footprint.inventory.inventory_reading import InventoryRow
from passport.texts import Message, Text, by_language
from passport.vocabulary.expectation import in_a_row

GENERAL_SHEET = "inventory"
NOTES = ("notes", "说明")  # data: recognised in input
_FIRST = 3


def read(path: Path | str | bytes, *, name: str | None = None) -> Inventory:
    """The inventory of a workbook.

    :raises UnreadableInput: it is no workbook, or beyond the limits.
    :raises FaultyRecord: with every fault.
    """
    source = path if isinstance(path, bytes) else Path(path)
    name = name or (source.name if isinstance(source, Path) else "workbook")
    faults: list[Fault] = []
    general = InventoryRow({}, InventoryLocation(name, GENERAL_SHEET))
    places: dict[str, Location] = {}
    tables: dict[str, list[InventoryRow]] = {}
    seen: set[str] = set()
    remarks: list[Fault] = []
    for sheet in open_workbook(source, name):
        table = _table_of(sheet.name)
        if folded(sheet.name) in NOTES:
            continue
        place = Location(name, sheet.name)
        if table is None or table in seen:
            faults.append(
                inventory_checks.fault(
                    "unknown-sheet" if table is None else "duplicate-sheet",
                    place,
                    ", ".join((GENERAL_SHEET, *TABLES)),
                    sheet.name[:40],
                    Message("the inventory has no such sheet")
                    if table is None
                    else Message("the inventory has this sheet twice"),
                )
            )
            continue
        seen.add(table)
        faults += hidden_data(sheet, name)
        remarks += not_read(sheet, name, {})
        if table == GENERAL_SHEET:
            general, places = _general(sheet, name, faults)
        else:
            tables[table] = _rows(sheet, TABLES[table], name, faults)
    if GENERAL_SHEET not in seen:
        faults.append(
            inventory_checks.fault(
                "missing-sheet",
                Location(name),
                Message("a sheet {name}", name=GENERAL_SHEET),
                Message("none"),
                Message("the general sheet is missing"),
            )
        )
    made = inventory_reading.inventory(general, tables, name, places=places, faults=faults)
    return replace(made, remarks=tuple(remarks))


def _table_of(title: str) -> str | None:
    wanted = folded(title)
    names = {table: {table, *map(folded, by_language(label).values())} for table, label in LABELS.items()}
    return next((table for table in names if wanted in names[table]), None)


def _general(sheet: Sheet, file: str, faults: list[Fault]) -> tuple[InventoryRow, dict[str, Location]]:
    values: dict[str, Any] = {}
    scales: dict[str, Decimal] = {}
    places: dict[str, Location] = {}
    for row in sheet.rows:
        cells = {cell.column: cell for cell in row.cells}
        heading = str(cells[1].value) if 1 in cells else ""
        field = _field(GENERAL, heading)
        if row.number == 1 and field is None:
            continue
        at = Location(file, sheet.name, row.number, "B", heading or None)
        if field is None or field.name in places:
            faults.append(
                inventory_checks.fault(
                    "unknown-column" if field is None else "duplicate-column",
                    at,
                    ", ".join(each.name for each in GENERAL),
                    heading[:40] or Message("nothing"),
                    Message("this field is unknown") if field is None else Message("this field occurs twice"),
                )
            )
            continue
        places[field.name] = at
        if 3 in cells:
            scale = _scale(field, cells[3], Location(file, sheet.name, row.number, "C", heading), faults)
            scales[field.name] = scale
        if 2 in cells:
            _put(values, field, cells[2], at, faults)
    return InventoryRow(values, InventoryLocation(file, sheet.name), scales), places


def _rows(sheet: Sheet, fields: Sequence[InventoryField], file: str, faults: list[Fault]) -> list[InventoryRow]:
    columns: dict[int, tuple[InventoryField, str]] = {}
    scales: dict[str, Decimal] = {}
    rows: list[InventoryRow] = []
    without: set[int] = set()
    shared: dict[str, tuple[str, str]] = {}
    for row in sheet.rows:
        if row.number == 1:
            for cell in row.cells:
                field, at = _field(fields, str(cell.value)), Location(file, sheet.name, 1, cell.letter)
                without.add(cell.column)
                if field is None or field.name in shared:
                    faults.append(
                        inventory_checks.fault(
                            "unknown-column" if field is None else "duplicate-column",
                            at,
                            ", ".join(each.name for each in fields),
                            str(cell.value)[:40],
                            Message("this column is unknown") if field is None else Message("this column occurs twice"),
                        )
                    )
                    continue
                columns[cell.column] = (field, str(cell.value))
                shared[field.name] = (cell.letter, str(cell.value))
            continue
        if row.number == 2:
            for cell in row.cells:
                if cell.column in columns:
                    field, heading = columns[cell.column]
                    at = Location(file, sheet.name, 2, cell.letter, heading)
                    scales[field.name] = _scale(field, cell, at, faults)
            continue
        values: dict[str, Any] = {}
        for cell in row.cells:
            if cell.column in columns:
                field, heading = columns[cell.column]
                at = Location(file, sheet.name, row.number, cell.letter, heading)
                _put(values, field, cell, at, faults, scales.get(field.name))
            elif cell.column not in without:
                without.add(cell.column)
                faults.append(
                    inventory_checks.fault(
                        "no-heading",
                        Location(file, sheet.name, row.number, cell.letter),
                        Message("a heading in row 1"),
                        Message("none"),
                        Message("the column has no heading"),
                    )
                )
        if values:
            rows.append(InventoryRow(values, InventoryLocation(file, sheet.name, row.number, shared), scales))
    return rows


def _field(fields: Sequence[InventoryField], heading: str) -> InventoryField | None:
    wanted = folded(heading)
    return next((each for each in fields if wanted in map(folded, each.headings)), None)


def _one_of(units: Sequence[str]) -> str:
    if len(units) < 2:
        return units[0] if units else Message("no unit")
    return Message("one of {units}", units=", ".join(units))


def _scale(field: InventoryField, cell: WorkbookCell, at: Location, faults: list[Fault]) -> Decimal:
    given = "".join(str(cell.value).split()).replace("*", "·").casefold()
    for unit, scale in field.units.items():
        if given == "".join(unit.split()).casefold():
            return scale
    if field.units or given not in ("-", "–", "—"):
        faults.append(
            inventory_checks.fault(
                "unknown-unit",
                at,
                _one_of(tuple(field.units)),
                str(cell.value)[:40],
                Message("{field} has another unit", field=field.label),
            )
        )
    return Decimal(1)


def _put(
    values: dict[str, Any],
    field: InventoryField,
    cell: WorkbookCell,
    at: Location,
    faults: list[Fault],
    scale: Decimal | None = None,
) -> None:
    """The cell's value as text, as the program shows it; a fault where that cannot be said."""
    value = cell.value
    values[field.name] = inventory_reading.UNREAD
    if cell.kind != "value":
        content = Message("an error") if cell.kind == "error" else Message("a formula that was never calculated")
        faults.append(
            inventory_checks.fault(
                f"{cell.kind}-cell",
                at,
                Message("a value"),
                content,
                Message("the cell holds {content}", content=content),
            )
        )
    elif isinstance(value, bool | str):
        values[field.name] = value
    elif isinstance(value, int | float):
        if "%" in cell.number_format and field.kind != "share":
            faults.append(
                inventory_checks.fault(
                    "percent-format",
                    at,
                    Message("a number that is no percentage"),
                    Message("{number:.15g} shown as %", number=value),
                    Message("the cell is formatted as per cent"),
                )
            )
            return
        number = Decimal(shown_number(value)) if math.isfinite(value) else Decimal(value)
        if "%" in cell.number_format and scale is not None and scale != 1:
            # The program stores 20 % as 0.2. Where row 2 asks for per cent, 20 is meant.
            number = number / scale
        values[field.name] = f"{number:f}"
    else:
        faults.append(
            inventory_checks.fault(
                "date-for-value",
                at,
                Message("a value of {field}", field=field.label),
                str(value)[:40],
                Message("the cell holds a date or time"),
            )
        )


# --- the way back -----------------------------------------------------------------------------------------------------


def write(
    path: Path | str | None,
    general: Mapping[str, Any] | None = None,
    tables: Mapping[str, Sequence[Mapping[str, Any]]] = {},
) -> bytes:
    """A workbook to fill in, or filled with the given values (by field name). The bytes depend on these alone.

    :param path: the file; None writes none.
    :raises UsageError: a table has no such column, or the file cannot be written.
    """
    book = empty()
    sheet = book.create_sheet(GENERAL_SHEET)
    sheet.append(["field", "value", "unit", *by_language(Message("meaning")).values()])
    for field in GENERAL:
        value = (general or {}).get(field.name)
        sheet.append([field.name, _cell(value), field.unit or None, *_meanings(field)])
        sheet.cell(sheet.max_row, 2).number_format = "General"
        _offer(sheet, field, f"B{sheet.max_row}")
    _finish(sheet, [30, 42, 12, 60, 60], 1)
    for name, fields in TABLES.items():
        sheet = book.create_sheet(name)
        sheet.append([field.name for field in fields])
        sheet.append([field.unit or None for field in fields])
        for row in tables.get(name, ()):
            if unknown := set(row) - {field.name for field in fields}:
                raise UsageError(
                    Message("table {name} has no column for {fields}", name=name, fields=", ".join(sorted(unknown))),
                    expected=Message("one of {columns}", columns=", ".join(field.name for field in fields)),
                )
            sheet.append([_cell(row.get(field.name)) for field in fields])
        for number, field in enumerate(fields, 1):
            letter = get_column_letter(number)
            _offer(sheet, field, f"{letter}{_FIRST}:{letter}20000")
        _finish(sheet, [max(12, len(field.name) + 3) for field in fields], 2)
    notes = book.create_sheet("notes")
    for name, fields in TABLES.items():
        for field in fields:
            notes.append([name, field.name, *_meanings(field)])
    _finish(notes, [14, 20, 70, 70], 0)
    return saved(book, path)


def _cell(value: Any) -> Any:
    """A number where the program shows it unchanged, else text; text that begins like a formula stays text."""
    if isinstance(value, Decimal):
        value = format(value, "f")
    if isinstance(value, str):
        try:
            number = float(value)
        except ValueError:
            return value
        return number if shown_number(number) == value else value
    return value


def _meanings(field: InventoryField) -> Iterable[str]:
    """What a field means, in each language."""
    meaning: Text = field.label
    if field.codes:
        names = (
            Message("{code} ({label})", code=code, label=fact.label)
            for code, fact in facts().lists[field.codes].items()
        )
        meaning = Message("{label}: {codes}", label=meaning, codes=in_a_row(names))
    if field.required:
        meaning = Message("{meaning} (required)", meaning=meaning)
    return by_language(meaning).values()


def _offer(sheet: Any, field: InventoryField, cells: str) -> None:
    if field.codes or field.kind == "flag":
        codes = list(facts().lists[field.codes]) if field.codes else ["yes", "no"]
        offered = DataValidation(type="list", formula1=f'"{",".join(codes)}"', allow_blank=True)
        sheet.add_data_validation(offered)
        offered.add(cells)


def _finish(sheet: Any, widths: Sequence[int], heading_rows: int) -> None:
    for number, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(number)].width = width
    for row in sheet.iter_rows():
        for cell in row:
            if isinstance(cell.value, str):
                cell.data_type = "s"
            if cell.row <= heading_rows:
                cell.font = Font(bold=True)
    if heading_rows:
        sheet.freeze_panes = f"A{heading_rows + 1}"
