"""Corrections of a draft: at cells of its files before they are read, and of values of its records afterwards.

* A correction of a cell has the place and the text to put there. It is right for headings too.
* A correction of a value has part, key and indicator. The key of a model is its identifier, so that all packs of the
  model follow; that of everything else is the number of the pack in the draft.
* Later ones replace earlier ones of the same place. The files stay as they came.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from passport.battery.fault import Location
from passport.battery.record import Record, category_of
from passport.battery.value_reader import part_of
from passport.errors import MalformedDocument
from passport.exchange.spreadsheet.opening.workbook import Sheet, WorkbookCell, WorkbookRow
from passport.texts import Message

_EVENT = "production"


@dataclass(frozen=True)
class CellPlace:
    """A cell of a table, or with ``pointer`` a value of a JSON document."""

    file: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    pointer: str = ""

    @classmethod
    def of(cls, place: Location) -> CellPlace | None:
        """The place of a fault, where a text can be put; None where there is no single cell or value."""
        if place.sheet is not None:
            return cls(place.file, place.sheet, place.row or 0, place.column or "") if place.cell else None
        # A line of JSON lines is corrected in the form.
        if place.pointer and place.pointer.startswith("/") and place.row is None:
            return cls(place.file, pointer=place.pointer)
        return None


@dataclass(frozen=True)
class ValuePlace:
    """:ivar key: identifier of the model, or number of the pack as text."""

    part: str
    key: str
    indicator: str


@dataclass(frozen=True)
class Corrections:
    cells: Mapping[CellPlace, str] = field(default_factory=dict)
    values: Mapping[ValuePlace, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Corrections:
        """As :meth:`to_json` wrote them; they come from the workspace's own file."""
        return cls(
            {CellPlace(*place): text for *place, text in document.get("cells", ())},
            {ValuePlace(*place): value for *place, value in document.get("values", ())},
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "cells": [
                [place.file, place.sheet, place.row, place.column, place.pointer, text]
                for place, text in self.cells.items()
            ],
            "values": [[place.part, place.key, place.indicator, value] for place, value in self.values.items()],
        }

    def with_cells(self, cells: Mapping[CellPlace, str]) -> Corrections:
        return replace(self, cells={**self.cells, **cells})

    def with_values(self, values: Mapping[ValuePlace, Any]) -> Corrections:
        return replace(self, values={**self.values, **values})

    # --- at cells -----------------------------------------------------------------------------------------------------

    def in_sheets(self, sheets: Sequence[Sheet], file: str) -> tuple[Sheet, ...]:
        """The sheets with corrected cells; an empty text empties a cell."""
        by_sheet: dict[str, dict[int, dict[int, str]]] = {}
        for place, text in self.cells.items():
            if place.file == file and place.sheet:
                rows = by_sheet.setdefault(place.sheet, {})
                rows.setdefault(place.row, {})[_number(place.column)] = text
        return tuple(_corrected(sheet, by_sheet[sheet.name]) if sheet.name in by_sheet else sheet for sheet in sheets)

    def in_document(self, document: Any, file: str) -> Any:
        """A JSON document with corrected values. It is changed in place.

        :raises MalformedDocument: a pointer leads nowhere any more.
        """
        for place, text in self.cells.items():
            if place.file == file and place.pointer:
                _put(document, place.pointer.split("/")[1:], text)
        return document

    # --- of values ----------------------------------------------------------------------------------------------------

    def of_record(self, record: Record, number: int) -> Record:
        """The record with its corrected values."""
        model = model_key(record)
        for place, value in self.values.items():
            if place.key == (model if place.part == "model" else str(number)):
                record = _with(record, place, value)
        return record


def value_place(record: Record, number: int, indicator: str) -> ValuePlace:
    """Where a corrected value of a record is kept."""
    part = part_of(indicator)
    return ValuePlace(part, model_key(record) if part == "model" else str(number), indicator)


def model_key(record: Record) -> str:
    return str(record.model.get("batteryModelIdentifier", ""))


def _with(record: Record, place: ValuePlace, value: Any) -> Record:
    def changed(values: Mapping[str, Any]) -> dict[str, Any]:
        kept = {name: each for name, each in values.items() if name != place.indicator}
        return kept if value is None else {**kept, place.indicator: value}

    if place.part == "model":
        model = changed(record.model)
        return replace(record, model=model, category=category_of(model))
    if place.part == "batch":
        return replace(record, batch=changed(record.batch))
    if place.part == "condition":
        return replace(record, condition=changed(record.condition or {}) or None)
    if place.part == "events":
        production = changed(record.events.get(_EVENT, {}))
        return replace(record, events={**record.events, _EVENT: production} if production else {})
    return replace(record, pack=changed(record.pack))


def _corrected(sheet: Sheet, rows: Mapping[int, Mapping[int, str]]) -> Sheet:
    known = {row.number: row for row in sheet.rows}
    for number, texts in rows.items():
        row = known.get(number, WorkbookRow(number, ()))
        cells = {cell.column: cell for cell in row.cells}
        for column, text in texts.items():
            cells.pop(column, None)
            if text.strip():
                cells[column] = WorkbookCell(column, text.strip())
        known[number] = row._replace(cells=tuple(cells[column] for column in sorted(cells)))
    return replace(sheet, rows=tuple(known[number] for number in sorted(known)))


def _number(letters: str) -> int:
    """The number of a column from 1: ``A`` is 1, ``AA`` 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _put(document: Any, tokens: Sequence[str], text: str) -> None:
    *way, last = (token.replace("~1", "/").replace("~0", "~") for token in tokens)
    try:
        for token in way:
            document = document[int(token)] if isinstance(document, list) else document[token]
        if isinstance(document, list):
            document[int(last)] = text.strip()
        elif text.strip():
            document[last] = text.strip()
        else:
            document.pop(last, None)
    except (KeyError, IndexError, ValueError, TypeError, AttributeError):
        raise MalformedDocument(Message("a correction leads nowhere any more"), found="/".join(tokens)[:80]) from None
