"""What the checks of rules read of statements: a pack, its batch and model, the codes of its parts, days and instants.

Looked up once and kept: several rules ask the same. Values that are not well formed read as None.

    facts = RuleFacts(statements, date(2027, 3, 8))
    facts.text("packTractionBatteryCode")        # the one plain string, or None
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, lru_cache
from operator import itemgetter, le
from typing import TypeVar

from passport.battery import record_statements
from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.battery.privacy.personal_text import PersonalNumber, free_text_terms, personal_numbers
from passport.battery.statements import DATE, DATE_TIME, Node, Statements, Term, Value, text_of
from passport.errors import MalformedIdentifier
from passport.vocabulary.vocabulary import NS


@dataclass(frozen=True)
class StatementPlace:
    """The place of a value in the statements, which is looked up only for a report."""

    subject: Node
    predicate: str
    value: Term


class RuleFacts:
    """What the checks read: one pack, its batch and model, and the day it is.

    :param on: the day of checking; None where it is not given.
    """

    def __init__(self, data: Statements, on: date | None) -> None:
        self.data = data
        self.on = on
        self._values: dict[str, list[Term]] = {}
        self._nodes: dict[str, list[Node]] = {}
        self._texts: dict[tuple[str, str], list[str | None]] = {}

    @cached_property
    def _subjects(self) -> tuple[Node | None, Node | None, Node | None]:
        return pack_batch_model(self.data)

    @property
    def pack(self) -> Node | None:
        return self._subjects[0]

    @property
    def model(self) -> Node | None:
        return self._subjects[2]

    def values(self, indicator: str) -> list[Term]:
        """Values of an indicator on pack, batch or model; nested nodes in the order of their entries."""
        if indicator not in self._values:
            self._values[indicator] = self._sorted_values(indicator)
        return self._values[indicator]

    def _sorted_values(self, indicator: str) -> list[Term]:
        entries = [
            value
            for subject in self._subjects
            if subject is not None
            for value in self.data.objects(subject, NS + indicator)
        ]
        if len(entries) < 2:
            return entries
        if len(entries) > 8 and record_statements.are_entries(entries):
            return entries
        ranks = [(entry(value) or 0, text_of(value)) for value in entries]
        # Nearly always in order already.
        if all(map(le, ranks, ranks[1:])):
            return entries
        return [value for _, value in sorted(zip(ranks, entries, strict=True), key=itemgetter(0))]

    def nodes(self, indicator: str) -> list[Node]:
        """The nested nodes among these values, in the order of their entries."""
        if indicator not in self._nodes:
            self._nodes[indicator] = [value for value in self.values(indicator) if not isinstance(value, Value)]
        return self._nodes[indicator]

    def texts(self, indicator: str, term: str) -> list[str | None]:
        """The one plain string of a field, or None, of each of these nodes."""
        key = (indicator, term)
        if key not in self._texts:
            nodes, table = self.nodes(indicator), self.data.table(NS + term)
            if table is not None and list(table.names) == nodes:
                self._texts[key] = list(table.texts[NS + term])
            else:
                self._texts[key] = [self.field_text(node, term) for node in nodes]
        return self._texts[key]

    def text(self, indicator: str) -> str | None:
        """The one plain string of an indicator, or None."""
        return plain_text(self.values(indicator))

    def day(self, indicator: str) -> date | None:
        """The one date of an indicator, or None."""
        values = self.values(indicator)
        return calendar_day(values[0]) if len(values) == 1 else None

    def field_text(self, node: Node, term: str) -> str | None:
        return plain_text(self.data.objects(node, NS + term))

    @cached_property
    def personal_numbers(self) -> list[tuple[StatementPlace, PersonalNumber]]:
        """The personal numbers in free texts."""
        return [
            (StatementPlace(node, term, text), number)
            for term in free_text_terms().intersection(self.data.by_predicate)
            for node, text in self.data.subject_objects(term)
            for number in personal_numbers(text_of(text))
        ]

    @staticmethod
    def code(text: str | None) -> TractionBatteryCode | None:
        """A GB/T 34014 code taken apart, None where it is none."""
        return None if text is None else code_of(text)


_Text = TypeVar("_Text", str, str | None)
#: A code of 24 characters, whose last seven are a serial number above zero.
_SERIAL = re.compile(r"([0-9A-Z]{17})(?!0{7})[0-9]{7}").fullmatch


def _stem(text: _Text) -> _Text:
    """A code as right or wrong as this one and of the same day: the first of that day. Any other text is given back."""
    match = None if text is None else _SERIAL(text)
    return text if match is None else f"{match[1]}0000001"


_SERIALS = re.compile(r"(?:[0-9A-Z]{17}(?!0{7})[0-9]{7}\n)+").fullmatch


@lru_cache(maxsize=16)
def stems_of(texts: tuple[str, ...]) -> Sequence[str]:
    """The stem of each text. Codes of cells are many and right, and one expression reads them all.

    Kept, since several rules read the codes of one pack.
    """
    # As many line breaks as texts: none is in a text.
    if texts and _SERIALS(joined := "\n".join((*texts, ""))) and joined.count("\n") == len(texts):
        return [text[:17] + "0000001" for text in texts]
    return list(map(_stem, texts))


def made_on(text: str) -> date | None:
    """The production date of a code, None where it is none."""
    code = code_of(_stem(text))
    return None if code is None else code.production_date


@lru_cache(maxsize=4096)
def code_of(text: str) -> TractionBatteryCode | None:
    """The same, kept: several rules read the codes of one pack."""
    try:
        return TractionBatteryCode.parse(text)
    except MalformedIdentifier:
        return None


def pack_batch_model(data: Statements) -> tuple[Node | None, Node | None, Node | None]:
    """The pack, its batch and its model; None for what the statements do not hold. Of several, the first in order."""
    packs = sorted(data.instances(NS + "BatteryPack"), key=text_of)
    pack = packs[0] if packs else None

    def named(link: str, class_name: str) -> Node | None:
        nodes = sorted(data.objects(pack, NS + link), key=text_of) if pack is not None else []
        first = next(iter(nodes or sorted(data.instances(NS + class_name), key=text_of)), None)
        return None if isinstance(first, Value) else first

    return pack, named("batteryBatch", "BatteryBatch"), named("batteryModel", "BatteryModel")


def entry(term: Term) -> int | None:
    """Which entry of an array a nested node is, from 0; None where its IRI has no number."""
    return record_statements.entry_number(term) if isinstance(term, str) else None


# --- values -----------------------------------------------------------------------------------------------------------


def plain_text(values: list[Term]) -> str | None:
    if len(values) == 1 and isinstance(values[0], Value) and values[0].datatype is None and not values[0].language:
        return values[0].text
    return None


def calendar_day(term: Term) -> date | None:
    """The calendar day that an ``xsd:date`` names, whatever its zone; lexical forms are strict, so it exists."""
    return date.fromisoformat(term.text[:10]) if isinstance(term, Value) and term.datatype == DATE else None


def _instant(term: Term) -> datetime | None:
    if not isinstance(term, Value) or term.datatype != DATE_TIME:
        return None
    try:
        value = datetime.fromisoformat(term.text)
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None


def first_day(literal: Term) -> date | None:
    """The earliest calendar day, anywhere on earth, that a date or instant can fall on."""
    return _shifted(literal, timedelta(hours=-12))


def last_day(literal: Term) -> date | None:
    """The latest one."""
    return _shifted(literal, timedelta(hours=14))


def _shifted(literal: Term, offset: timedelta) -> date | None:
    instant = _instant(literal)
    if instant is None:
        return calendar_day(literal)
    try:
        return (instant + offset).date()
    except OverflowError:
        return None
