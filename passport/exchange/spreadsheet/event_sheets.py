"""Tables of life-cycle events: a form for each kind, and its rows as the JSON of events.

* A workbook has a sheet for each kind, named by its code; a column ``event`` says the kind where the sheet does not, as
  in a CSV file.
* Row 1 holds the headings: the id of a column, or its name in Chinese, in English, or in both. Row 2 holds units, and
  ``UTC`` where times of the column are UTC. Data begins in row 3.
* A cell of parts holds a part on each line: ``CODE WITHIN`` for what is or comes in, ``CODE -`` for what goes out.
* The VIN is read into the member ``vin`` of the JSON, which the reporter hashes; it is written nowhere.
* A fault names sheet, row and column of the cell. Faults of cells are all found before an event is judged.

    for row in read(Path("fit.xlsx")):
        row.document, row.locate("/fields/isSwapModel")
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from passport.battery.fault import Fault, Location
from passport.errors import FaultyRecord, UnreadableInput
from passport.exchange.spreadsheet import csv_folder, sheet_checks
from passport.exchange.spreadsheet.cells import UTC_MARK, CellFault, value_of
from passport.exchange.spreadsheet.layout import both, folded
from passport.exchange.spreadsheet.opening.workbook import Sheet, WorkbookCell, WorkbookRow, open_workbook
from passport.exchange.spreadsheet.opening.workbook_guard import Limits
from passport.exchange.spreadsheet.workbook_writer import empty, put, saved
from passport.lifecycle import EventKind, catalogue
from passport.lifecycle.event import CORRECTION
from passport.texts import Message, by_language
from passport.vocabulary.expectation import phrase
from passport.vocabulary.indicator import Datatype, Term
from passport.vocabulary.vocabulary import load

_FIRST_ROW, _LAST_ROW = 3, 500
_VIN = "vin"
#: Columns beside the fields: id -> pointer into the JSON of the event; the ids are terms, but for the VIN.
_FRAME: Mapping[str, str] = {
    "lifecycleEvent": "/event",
    "packs": "/pack",
    "occurredAt": "/occurredAt",
    "previousEvent": "/predecessor/id",
    "previousEventDigest": "/predecessor/digest",
    "eventCountry": "/place/country",
    "eventProvince": "/place/province",
    "eventLocality": "/place/locality",
    "eventFacility": "/place/facility",
    "counterpart": "/counterpart",
    _VIN: "/vin",
    "partChanges": "/parts",
    "correctedEvent": "/corrects",
}
_NAMED_AS = {"lifecycleEvent": "event", "packs": "pack"}
_MEMBER_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "place": ("eventCountry", "eventProvince", "eventLocality", "eventFacility"),
    "counterpart": ("counterpart",),
    "vehicle": (_VIN,),
    "parts": ("partChanges",),
    "corrects": ("correctedEvent",),
}
_NEEDED = ("packs", "occurredAt", "eventCountry")


@dataclass(frozen=True)
class EventColumn:
    """:ivar id: its heading for machines; :ivar term: None for the VIN; :ivar pointer: where its value goes."""

    id: str
    term: Term | None
    pointer: str
    label: Mapping[str, str]

    @property
    def headings(self) -> tuple[str, ...]:
        """All that its heading may be."""
        zh, en = self.label["zh"], self.label["en"]
        return (self.id, zh, en, both(zh, en))


@dataclass(frozen=True)
class EventRow:
    """:ivar document: JSON of the event; :ivar locate: the cell of a pointer into it."""

    document: dict[str, Any]
    locate: Callable[[str], Location]


# --- reading ----------------------------------------------------------------------------------------------------------


def read(path: Path) -> tuple[EventRow, ...]:
    """The events of a workbook or of a CSV file, in the order of sheets and rows.

    :raises UnreadableInput: it is neither, or holds no event.
    :raises FaultyRecord: with every fault of a heading or cell, hidden data, and remarks beside the cells.
    """
    limits = Limits()
    if path.suffix.lower() == ".csv":
        sheets: Sequence[Sheet] = (csv_folder.sheet(_bytes(path, limits), path.stem, path.name, limits),)
    else:
        sheets = open_workbook(path, path.name, limits)
    faults: list[Fault] = []
    rows = [row for sheet in sheets if sheet.rows and sheet.name != "notes" for row in _sheet(sheet, path.name, faults)]
    if faults:
        raise FaultyRecord(Message("nothing was signed"), tuple(faults))
    if not rows:
        raise UnreadableInput(Message("{name} holds no events", name=path.name), expected=Message("rows from row 3 on"))
    return tuple(rows)


def _bytes(path: Path, limits: Limits) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(limits.file + 1)
    except OSError as error:
        raise UnreadableInput(Message("{name} cannot be read", name=path.name), found=error.strerror) from None
    if len(data) > limits.file:
        raise UnreadableInput(Message("{name} is too large", name=path.name))
    return data


def _sheet(sheet: Sheet, file: str, faults: list[Fault]) -> Iterator[EventRow]:
    # An event is signed once and never again: a remark beside it has to be settled before.
    faults += sheet_checks.hidden_data(sheet, file)
    faults += sheet_checks.not_read(sheet, file, {})
    kind = sheet.name if sheet.name in catalogue().kinds else None
    columns: dict[int, EventColumn] = {}
    utc: set[int] = set()
    by_heading = {folded(heading): column for column in _every_column() for heading in column.headings}
    for row in sheet.rows:
        if row.number == 1:
            for cell in row.cells:
                heading = by_heading.get(folded(str(cell.value)))
                at = Location(file, sheet.name, 1, cell.letter, str(cell.value)[:80])
                if heading is None:
                    faults.append(
                        _fault("unknown-column", at, Message("the heading of a column of events"),
                               Message("this column is unknown"))
                    )  # fmt: skip
                elif heading in columns.values():
                    faults.append(_fault("duplicate-column", at, Message("each column once"),
                                         Message("this column occurs twice")))  # fmt: skip
                else:
                    columns[cell.column] = heading
        elif row.number == 2:
            utc |= {cell.column for cell in row.cells if str(cell.value).strip() == UTC_MARK}
        elif row.cells:
            row_event = _row(row, columns, utc, kind, Location(file, sheet.name, row.number), faults)
            if row_event is not None:
                yield row_event


def _row(
    row: WorkbookRow,
    columns: Mapping[int, EventColumn],
    utc: set[int],
    kind: str | None,
    place: Location,
    faults: list[Fault],
) -> EventRow | None:
    document: dict[str, Any] = {} if kind is None else {"event": kind}
    before, letters = len(faults), {column.pointer: get_column_letter(n) for n, column in columns.items()}
    headings = {column.pointer: column.id for column in columns.values()}

    def locate(pointer: str) -> Location:
        """The cell of a value; of a member that is missing, the cell where it would be; else the row."""
        near = [known for known in letters if pointer == known or pointer.startswith(f"{known}/")]
        near += [known for known in letters if known.startswith(f"{pointer}/")] if pointer else []
        near += ["/vin"] if pointer.startswith("/vehicle") and "/vin" in letters else []
        if not near:
            return Location(place.file, place.sheet, place.row, pointer=pointer or None)
        return Location(place.file, place.sheet, place.row, letters[near[0]], headings[near[0]])

    for cell in row.cells:
        column = columns.get(cell.column)
        if column is None:
            at = Location(place.file, place.sheet, place.row, cell.letter)
            faults.append(_fault("no-heading", at, Message("a heading in row 1"), Message("the column has no heading")))
            continue
        at = locate(column.pointer)
        try:
            value = _value(cell, column, utc=cell.column in utc)
        except CellFault as error:
            # The number of a vehicle is repeated nowhere.
            content = None if column.id == _VIN else error.found
            faults.append(Fault(error.code, at, None, error.message, error.expected, content, hint=error.hint))
            continue
        if value is not None and value != "":
            _put(document, column.pointer, value)
    return EventRow(document, locate) if len(faults) == before and document else None


def _value(cell: WorkbookCell, column: EventColumn, *, utc: bool) -> Any:
    if column.id == "partChanges":
        return [_part(line.split()) for line in str(cell.value).splitlines() if line.strip()]
    if column.term is None or column.id == "pack":
        return str(cell.value).strip()
    value = value_of(cell, column.term, utc=utc)
    return [value] if column.term.repeatable and not isinstance(value, list) else value


def _part(words: list[str]) -> dict[str, Any]:
    code, within = words[0], " ".join(words[1:])
    if within == "-":
        return {"code": code, "out": True}
    return {"code": code, "within": within} if within else {"code": code}


def _put(document: dict[str, Any], pointer: str, value: Any) -> None:
    *path, last = pointer.removeprefix("/").split("/")
    holder = document
    for step in path:
        holder = holder.setdefault(step, {})
    holder[last] = value


def _fault(code: str, at: Location, expected: Message, message: Message) -> Fault:
    return Fault(code, at, None, message, expected)


# --- columns ----------------------------------------------------------------------------------------------------------


def columns_of(kind: EventKind) -> tuple[EventColumn, ...]:
    """The columns of the form of a kind."""
    members = [name for member in (*kind.members_required, *kind.members_optional) for name in _MEMBER_COLUMNS[member]]
    frame = ["lifecycleEvent", "packs", "occurredAt", *(name for name in _FRAME if name in members)]
    return (*(_frame_column(name) for name in frame), *(_field_column(term) for term in _fields(kind).values()))


def _fields(kind: EventKind) -> Mapping[str, Term]:
    """The fields of a kind; a correction may have those of every kind."""
    if kind.code != CORRECTION:
        return kind.fields
    every = {name: term for other in catalogue().kinds.values() for name, term in other.fields.items()}
    return {**kind.fields, **every}


def _every_column() -> Iterator[EventColumn]:
    yield from (_frame_column(name) for name in _FRAME)
    yield from (_field_column(term) for term in _fields(catalogue().kinds[CORRECTION]).values())


def _frame_column(name: str) -> EventColumn:
    if name == _VIN:
        label = by_language(Message("Vehicle identification number (hashed, stored nowhere)"))
        return EventColumn(_VIN, None, _FRAME[name], label)
    term = load().terms[name]
    return EventColumn(_NAMED_AS.get(name, name), term, _FRAME[name], dict(term.label))


def _field_column(term: Term) -> EventColumn:
    return EventColumn(term.id, term, f"/fields/{term.id}", dict(term.label))


# --- writing ----------------------------------------------------------------------------------------------------------


def template(kind: EventKind, *, as_csv: bool = False) -> bytes:
    """The form of a kind, empty: a workbook, or a CSV file with the ids as headings."""
    columns = columns_of(kind)
    if as_csv:
        return _csv_form(kind, columns)
    book = empty()
    sheet = book.create_sheet(kind.code)
    sheet.freeze_panes = f"A{_FIRST_ROW}"
    needed = {*_NEEDED, *kind.required, *(name for each in kind.members_required for name in _MEMBER_COLUMNS[each][:1])}
    for number, column in enumerate(columns, 1):
        heading, unit = sheet.cell(1, number), sheet.cell(2, number)
        put(heading, both(column.label["zh"], column.label["en"]), "@")
        heading.font = Font(bold=column.id in needed or (column.term is not None and column.term.id in needed))
        heading.alignment = Alignment(wrap_text=True, vertical="top")
        heading.comment = _comment(column)
        put(unit, column.term.unit.symbol if column.term is not None and column.term.unit is not None else None, "@")
        sheet.column_dimensions[get_column_letter(number)].width = 26
        _drop_down(sheet, number, column)
    put(sheet.cell(_FIRST_ROW, 1), kind.code, "@")
    return saved(book, None)


def _csv_form(kind: EventKind, columns: Sequence[EventColumn]) -> bytes:
    buffer = io.StringIO(newline="")
    units = [
        column.term.unit.symbol if column.term is not None and column.term.unit is not None else ""
        for column in columns
    ]
    rows = [[column.id for column in columns], units, [kind.code, *[""] * (len(columns) - 1)]]
    csv.writer(buffer).writerows(rows)
    return buffer.getvalue().encode("utf-8-sig")


def _comment(column: EventColumn) -> Comment:
    if column.term is None:
        return Comment(column.label["en"], "passport")
    expected = by_language(Message("expected {expected}", expected=phrase(column.term)))
    texts = [f"{column.term.definition[language]} {expected[language]}" for language in ("zh", "en")]
    return Comment("\n".join(texts), "passport", height=140, width=320)


def _drop_down(sheet: Any, number: int, column: EventColumn) -> None:
    term = column.term
    if term is None or column.id == "event" or term.repeatable:
        return
    codes = [code.code for code in term.enumeration.codes] if term.enumeration is not None else []
    codes = ["TRUE", "FALSE"] if term.datatype is Datatype.BOOLEAN else codes
    listed = ",".join(codes)
    # A list written in the formula itself has at most 255 characters.
    if not codes or len(listed) > 250:
        return
    choice = DataValidation(type="list", formula1=f'"{listed}"', allow_blank=True)
    letter = get_column_letter(number)
    choice.add(f"{letter}{_FIRST_ROW}:{letter}{_LAST_ROW}")
    sheet.add_data_validation(choice)
