"""The rules that SHACL cannot express, as functions over a graph.

Each function is registered under the name of its rule in ``shapes/rules-checks.ttl``, which says in both languages what
it is about. It gives one :class:`Hit` per thing that breaks the rule, with the words that fill the rule's ``{places}``.
A function looks only at what is well enough formed to be compared, and is silent about the rest, which has a fault of
its own. Entries count from 0, as in a JSON pointer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from rdflib import RDF, XSD, Graph, Literal
from rdflib.term import Node

from passport.battery import record_graph as graphs
from passport.battery.address import check_gtin
from passport.battery.identifier import TractionBatteryCode
from passport.battery.personal_text import KIND_NAMES, free_text_terms, personal_numbers
from passport.battery.record_graph import BP, GraphLocation
from passport.errors import MalformedIdentifier
from passport.texts import Message, Text


@dataclass(frozen=True)
class Hit:
    """One thing that breaks a rule: where, and the words for the rule's texts."""

    place: GraphLocation
    words: Mapping[str, object] = field(default_factory=dict)


class RuleFacts:
    """What the checks read: one pack, its batch and model, and the day it is.

    :param on: the day of checking; None where nobody said.
    """

    def __init__(self, data: Graph, on: date | None) -> None:
        self.data = data
        self.on = on
        self.pack, self.batch, self.model = graphs.subjects(data)

    def values(self, indicator: str) -> list[Node]:
        """Values of an indicator on pack, batch or model; nested nodes in the order of their entries."""
        found = [
            value
            for subject in (self.pack, self.batch, self.model)
            if subject is not None
            for value in self.data.objects(subject, BP[indicator])
        ]
        return sorted(found, key=lambda value: (graphs.number(value) or 0, str(value)))

    def text(self, indicator: str) -> str | None:
        """The one plain string of an indicator, or None."""
        return _text(self.values(indicator))

    def day(self, indicator: str) -> date | None:
        """The one date of an indicator, or None."""
        values = self.values(indicator)
        return _day(values[0]) if len(values) == 1 else None

    def field_text(self, node: Node, term: str) -> str | None:
        return _text(list(self.data.objects(node, BP[term])))

    @cached_property
    def _codes(self) -> dict[str, TractionBatteryCode | None]:
        return {}

    def code(self, text: str | None) -> TractionBatteryCode | None:
        """A GB/T 34014 code taken apart, None where it is none. Each is parsed once."""
        if text is None:
            return None
        if text not in self._codes:
            try:
                self._codes[text] = TractionBatteryCode.parse(text)
            except MalformedIdentifier:
                self._codes[text] = None
        return self._codes[text]


Check = Callable[[RuleFacts], Iterator[Hit]]
#: Checks by the local name of their rule.
CHECKS: dict[str, Check] = {}


def check(name: str) -> Callable[[Check], Check]:
    """Register a function as what the rule of that name does."""

    def register(function: Check) -> Check:
        CHECKS[name] = function
        return function

    return register


def _text(values: list[Node]) -> str | None:
    if len(values) == 1 and isinstance(values[0], Literal) and values[0].datatype is None and not values[0].language:
        return str(values[0])
    return None


def _day(literal: Node) -> date | None:
    value = literal.value if isinstance(literal, Literal) and literal.datatype == XSD.date else None
    # A datetime is a date to Python; a date with a zone is compared as the calendar day it names.
    return value if isinstance(value, date) and not isinstance(value, datetime) else None


def _instant(literal: Node) -> datetime | None:
    value = literal.value if isinstance(literal, Literal) and literal.datatype == XSD.dateTime else None
    if not isinstance(value, datetime):
        return None
    try:
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except OverflowError:
        return None


def _first_day(literal: Node) -> date | None:
    """The earliest calendar day, anywhere on earth, that a date or instant can fall on."""
    return _shifted(literal, timedelta(hours=-12))


def _last_day(literal: Node) -> date | None:
    """The latest one."""
    return _shifted(literal, timedelta(hours=14))


def _shifted(literal: Node, offset: timedelta) -> date | None:
    instant = _instant(literal)
    if instant is None:
        return _day(literal)
    try:
        return (instant + offset).date()
    except OverflowError:
        return None


# --- one value ------------------------------------------------------------------------------------------------------


@check("gtin-check-digit")
def gtin(facts: RuleFacts) -> Iterator[Hit]:
    for value in facts.values("gtin"):
        text = _text([value])
        if text is not None:
            try:
                check_gtin(text)
            except MalformedIdentifier as error:
                yield Hit(GraphLocation("gtin"), _words(error))


_CAS = re.compile(r"([1-9][0-9]{1,6})-([0-9]{2})-([0-9])")


@check("cas-check-digit")
def cas(facts: RuleFacts) -> Iterator[Hit]:
    for node, literal in sorted(facts.data.subject_objects(BP.substanceIdentifier), key=str):
        match = _CAS.fullmatch(str(literal))
        if match:
            digits = (match.group(1) + match.group(2))[::-1]
            computed = sum(int(digit) * n for n, digit in enumerate(digits, 1)) % 10
            if computed != int(match.group(3)):
                place = graphs.place(facts.data, node, (BP.substanceIdentifier,), literal)
                yield Hit(place, {"computed": computed, "given": match.group(3), "number": str(literal)})


#: Indicators and terms that hold a GB/T 34014 code -> letters that position 4 may have.
_CODES: Mapping[str, str] = {
    "packTractionBatteryCode": "P", "moduleTractionBatteryCodes": "M", "moduleCode": "M", "cellCode": "C",
    "packCode": "P", "containedModuleCodes": "M", "fittedPackCodes": "P", "removedPackCode": "P",
    "installedPackCode": "P", "removedBatteryCode": "PMC", "installedBatteryCode": "PMC", "batteryCode": "PMC",
    "originalBatteryCodes": "PMC", "newBatteryCode": "PMC",
}  # fmt: skip


#: What position 4 has to be, by the letters that it may have.
_PRODUCTS: Mapping[str, Message] = {
    "P": Message("P for a pack (position 4, product type)"),
    "M": Message("M for a module (position 4, product type)"),
    "C": Message("C for a cell (position 4, product type)"),
}


@check("traction-battery-code")
def traction_battery_code(facts: RuleFacts) -> Iterator[Hit]:
    for name, letters in _CODES.items():
        for node, literal in sorted(facts.data.subject_objects(BP[name]), key=str):
            text = _text([literal])
            if text is None:
                continue
            place = graphs.place(facts.data, node, (BP[name],), literal)
            try:
                code = TractionBatteryCode.parse(text, on=facts.on)
            except MalformedIdentifier as error:
                yield Hit(place, _words(error))
                continue
            if "".join(text.split()) != text:
                yield Hit(place, {"expected": Message("no blanks"), "found": f'"{text}"'})
            elif code.product_type not in letters:
                yield Hit(place, {"expected": _PRODUCTS[letters], "found": code.product_type})


def _words(error: MalformedIdentifier) -> dict[str, Text]:
    expected: Text = error.expected or ""
    if error.where:
        expected = Message("{expected} ({where})", expected=expected, where=error.where)
    return {"expected": expected, "found": error.found or ""}


@check("personal-number")
def personal_number(facts: RuleFacts) -> Iterator[Hit]:
    yield from _personal(facts, certain=True)


@check("personal-number-suspected")
def personal_number_suspected(facts: RuleFacts) -> Iterator[Hit]:
    yield from _personal(facts, certain=False)


def _personal(facts: RuleFacts, *, certain: bool) -> Iterator[Hit]:
    """Free texts with a personal number. Only its kind is said: a report must not repeat what it refuses."""
    texts = [(node, term, text) for node, term, text in facts.data if str(term) in free_text_terms()]
    for node, term, text in sorted(texts, key=str):
        for number in personal_numbers(str(text)):
            if number.certain is certain:
                yield Hit(graphs.place(facts.data, node, (term,), text), {"kind": KIND_NAMES[number.kind]})


@check("not-in-the-future")
def not_in_the_future(facts: RuleFacts) -> Iterator[Hit]:
    if facts.on is None:
        return
    for node, predicate, literal in _dated(facts):
        first = _first_day(literal)
        if first is not None and first > facts.on:
            place = graphs.place(facts.data, node, (predicate,), literal)
            yield Hit(place, {"on": facts.on.isoformat(), "found": str(literal)})


def _dated(facts: RuleFacts) -> list[tuple[Node, Node, Literal]]:
    dated = [
        (node, predicate, value)
        for node, predicate, value in facts.data
        if isinstance(value, Literal) and value.datatype in (XSD.date, XSD.dateTime)
    ]
    return sorted(dated, key=str)


# --- the code and what it is about ----------------------------------------------------------------------------------


@check("code-date")
def code_date(facts: RuleFacts) -> Iterator[Hit]:
    text, made = facts.text("packTractionBatteryCode"), facts.day("manufacturingDate")
    code = facts.code(text)
    if code and made and code.production_date != made:
        positions = "8-10" if code.second_life else "15-17"
        yield Hit(
            GraphLocation("manufacturingDate"),
            {"date": code.production_date.isoformat(), "positions": positions, "code": text},
        )


#: Position 5 of the code -> short names of the chemistry. LMFP has no letter of its own: makers use B or Z.
CHEMISTRIES: Mapping[str, tuple[str, ...]] = {
    "A": ("NiMH",), "B": ("LFP", "LMFP"), "C": ("LMO",), "D": ("LCO",), "E": ("NMC", "NCA", "NMCA"), "F": ("EDLC",),
    "G": ("LTO",), "Z": ("LMFP", "Na-ion", "Pb-acid", "NiCd", "VRFB", "other"),
}  # fmt: skip


@check("code-chemistry")
def code_chemistry(facts: RuleFacts) -> Iterator[Hit]:
    code = facts.code(facts.text("packTractionBatteryCode"))
    for node in facts.values("batteryChemistry"):
        name = facts.field_text(node, "chemistryShortName")
        if code and name is not None and name not in CHEMISTRIES[code.battery_type]:
            chemistries = ", ".join(CHEMISTRIES[code.battery_type])
            yield Hit(
                GraphLocation("batteryChemistry", graphs.number(node), "chemistryShortName"),
                {"chemistries": chemistries, "letter": code.battery_type, "found": name},
            )


@check("battery-type-letter")
def battery_type_letter(facts: RuleFacts) -> Iterator[Hit]:
    for node, literal in sorted(facts.data.subject_objects(BP.batteryTypeCode), key=str):
        text = facts.field_text(node, "batteryCode")
        code = facts.code(text)
        if code and str(literal) != code.battery_type:
            place = graphs.place(facts.data, node, (BP.batteryTypeCode,), literal)
            yield Hit(place, {"letter": code.battery_type, "code": text, "found": str(literal)})


# --- composition ----------------------------------------------------------------------------------------------------

_VIEWS = ("cathodeActiveMaterial", "anodeActiveMaterial", "electrolyteComposition", "separatorMaterial")


@check("composition-views")
def composition_views(facts: RuleFacts) -> Iterator[Hit]:
    # By CAS number where the view gives one, else by name; the mass only where the view gives one.
    whole = set()
    for node in facts.values("detailedComposition"):
        name, number = facts.field_text(node, "substanceName"), facts.field_text(node, "substanceIdentifier")
        mass = _amount(facts, node)
        whole |= {(name, None), (name, mass), (number, None), (number, mass)}
    for view in _VIEWS:
        for node in facts.values(view):
            name, number = facts.field_text(node, "substanceName"), facts.field_text(node, "substanceIdentifier")
            mass = _amount(facts, node)
            if (number or name, mass) not in whole:
                substance = f"CAS {number}" if number else Message("no CAS number")
                amount = f"{mass} g" if mass is not None else Message("no mass")
                text = Message("{substance}, {mass}", substance=substance, mass=amount)
                yield Hit(GraphLocation(view, graphs.number(node)), {"name": name, "found": text})


def _amount(facts: RuleFacts, node: Node) -> Decimal | None:
    literal = facts.data.value(node, BP.substanceMass)
    return literal.value if isinstance(literal, Literal) and isinstance(literal.value, Decimal) else None


# --- pack, modules and cells ----------------------------------------------------------------------------------------


@check("cell-once")
def cell_once(facts: RuleFacts) -> Iterator[Hit]:
    seen: dict[str, tuple[int, str | None]] = {}
    for n, node in enumerate(facts.values("cellTractionBatteryCodes")):
        text, module = facts.field_text(node, "cellCode"), facts.field_text(node, "moduleCode")
        if text is None:
            continue
        first, other = seen.setdefault(text, (n, module))
        if first != n:
            apart = module != other and other is not None
            yield Hit(
                GraphLocation("cellTractionBatteryCodes", graphs.number(node), "cellCode"),
                {
                    "code": text,
                    "first": first,
                    "module": Message(" in module {module}", module=other) if apart else "",
                },
            )


@check("module-listed")
def module_listed(facts: RuleFacts) -> Iterator[Hit]:
    modules = {str(value) for value in facts.values("moduleTractionBatteryCodes")}
    for node in facts.values("cellTractionBatteryCodes"):
        module = facts.field_text(node, "moduleCode")
        if module is not None and module not in modules:
            yield Hit(GraphLocation("cellTractionBatteryCodes", graphs.number(node), "moduleCode"), {"code": module})


@check("made-before-whole")
def made_before_whole(facts: RuleFacts) -> Iterator[Hit]:
    pack = facts.text("packTractionBatteryCode")
    for value in facts.values("moduleTractionBatteryCodes"):
        yield from _later(facts, GraphLocation("moduleTractionBatteryCodes", text=str(value)), str(value), pack)
    for node in facts.values("cellTractionBatteryCodes"):
        cell, module = facts.field_text(node, "cellCode"), facts.field_text(node, "moduleCode")
        place = GraphLocation("cellTractionBatteryCodes", graphs.number(node), "cellCode")
        yield from _later(facts, place, cell, module or pack)


def _later(facts: RuleFacts, place: GraphLocation, part: str | None, whole: str | None) -> Iterator[Hit]:
    inner, outer = facts.code(part), facts.code(whole)
    if inner and outer and inner.production_date > outer.production_date:
        dates = {"date": outer.production_date.isoformat(), "found": inner.production_date.isoformat()}
        yield Hit(place, {**dates, "whole": whole, "part": part})


@check("cells-counted")
def cells_counted(facts: RuleFacts) -> Iterator[Hit]:
    listed = len(facts.values("cellTractionBatteryCodes"))
    for node in facts.values("dismantlingInformation"):
        count = facts.data.value(node, BP.cellCount)
        stated = count.value if isinstance(count, Literal) else None
        if isinstance(stated, int) and stated != listed:
            yield Hit(GraphLocation("cellTractionBatteryCodes"), {"expected": stated, "found": listed})


# --- dates against instants -----------------------------------------------------------------------------------------


@check("dates-in-order")
def dates_in_order(facts: RuleFacts) -> Iterator[Hit]:
    made, in_service = facts.day("manufacturingDate"), facts.day("puttingIntoServiceDate")
    apart = {
        BP.manufacturingDate,
        BP.placingOnMarketDate,
        BP.puttingIntoServiceDate,
        BP.productionDate,
    }  # these have rules of their own
    for node, predicate, literal in _dated(facts):
        if predicate in apart:
            continue
        last = _last_day(literal)
        place = graphs.place(facts.data, node, (predicate,), literal)
        readout = predicate == BP.recordedAt and (node, RDF.type, BP.BatteryPack) in facts.data
        if readout and last and in_service and last < in_service:
            yield Hit(
                place,
                {
                    "earlier": in_service.isoformat(),
                    "name": Message("day it was put into service"),
                    "found": str(literal),
                },
            )
        elif last and made and last < made:
            yield Hit(place, {"earlier": made.isoformat(), "name": Message("day it was made"), "found": str(literal)})
