"""Places of what validation finds: where a value of a record is in its file, and what the file has there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rdflib import BNode, Literal
from rdflib.term import Node

from passport.battery.fault import Fault, Location, found
from passport.battery.record import Record
from passport.battery.record_graph import GraphLocation
from passport.texts import Message
from passport.validation.notices import RegimeFinding
from passport.vocabulary.expectation import advice
from passport.vocabulary.vocabulary import Vocabulary


class RecordPlaces:
    """Places of a record: sheet and cell, or JSON pointer, as its reader noted them."""

    def __init__(self, record: Record, vocabulary: Vocabulary) -> None:
        self.record = record
        self.vocabulary = vocabulary

    def location(self, place: GraphLocation) -> Location:
        if place.indicator is None:
            return Location(self.record.file)
        return self.record.locate(place.indicator, self._entry(place), self._field(place))

    def _entry(self, place: GraphLocation) -> int | None:
        values = self.record.value(place.indicator) if place.indicator and place.text is not None else None
        if isinstance(values, list):
            return next((n for n, value in enumerate(values) if str(value) == place.text), None)
        return place.entry

    def _field(self, place: GraphLocation) -> str | None:
        indicator = self.vocabulary.indicators.get(place.indicator or "")
        if indicator is None or place.term is None:
            return None
        return next((entry.name for entry in indicator.fields if entry.term == place.term), None)

    def found(self, place: GraphLocation, value: Node | None) -> str:
        """The value at that place, as the file has it."""
        indicator = self.vocabulary.indicators.get(place.indicator or "")
        if indicator is not None and (indicator.personal_data or place.term == "vinHash"):
            return Message("a value that is withheld")
        present = self._value(place) if place.indicator is not None else None
        if present is None or (isinstance(present, list) and value is not None and not isinstance(value, BNode)):
            return _said(value) if value is not None else Message("nothing")
        try:
            return found(present)
        except ValueError:  # an integer of more digits than Python writes
            return Message("a number of excessive size")

    def advice(self, place: GraphLocation) -> str | None:
        """What to do with a number that is written ambiguously."""
        indicator = self.vocabulary.indicators.get(place.indicator or "")
        kind = indicator and (indicator.field(self._field(place) or "") or indicator)
        return advice(kind, self._value(place)) if kind else None

    def _value(self, place: GraphLocation) -> Any:
        value = None if place.indicator is None else self.record.value(place.indicator)
        entry = self._entry(place)
        if isinstance(value, list) and entry is not None and entry < len(value):
            value = value[entry]
        name = self._field(place)
        if name is not None and isinstance(value, Mapping):
            value = value.get(name)
        return value


class GraphPlaces:
    """Places of a graph: there is only the name of the file."""

    def __init__(self, file: str) -> None:
        self.file = file

    def location(self, place: GraphLocation) -> Location:
        return Location(self.file)

    @staticmethod
    def advice(place: GraphLocation) -> str | None:
        return None

    def found(self, place: GraphLocation, value: Node | None) -> str:
        return Message("a value") if value is None else _said(value)


def _said(value: Node) -> str:
    return found(str(value)) if isinstance(value, Literal) else found(f"<{value}>")


def notice(finding: RegimeFinding, places: RecordPlaces | GraphPlaces) -> Fault:
    """A notice at its place."""
    location = places.location(GraphLocation(finding.indicator))
    return Fault(finding.code, location, finding.indicator, finding.message, finding.expected, finding.found, "info")
