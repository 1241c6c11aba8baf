"""The rules that SHACL cannot express, as functions over statements.

Each function is registered under the name of its rule in ``shapes/rules-checks.ttl``, which says in both languages what
it is about. It gives one :class:`Hit` per thing that breaks the rule, with the words that fill the rule's ``{places}``.
A function looks only at what is well enough formed to be compared, and is silent about the rest, which has a fault of
its own. Entries count from 0, as in a JSON pointer.

Some functions judge each statement alone (``each_value``): what they find in two sets of statements is what they find
in both together. Some compare all others with a few indicators (``compared_with``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from operator import itemgetter, le
from typing import TypeVar

from passport.battery import record_graph as graphs
from passport.battery.identifiers.address import check_gtin
from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.battery.privacy.personal_text import KIND_NAMES, PersonalNumber, free_text_terms, personal_numbers
from passport.battery.record_graph import GraphLocation
from passport.battery.statements import DATE, DATE_TIME, RDF_TYPE, XSD, Node, Statements, Term, Value, text_of
from passport.errors import MalformedIdentifier
from passport.texts import Message, Text
from passport.vocabulary.vocabulary import NS


@dataclass(frozen=True)
class StatementPlace:
    """The place of a value in the statements, which is looked up only for a report."""

    subject: Node
    predicate: str
    value: Term


@dataclass(frozen=True)
class Hit:
    """One thing that breaks a rule: where, and the words for the rule's texts."""

    place: GraphLocation | StatementPlace
    words: Mapping[str, object] = field(default_factory=dict)


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
        if len(entries) > 8 and graphs.are_entries(entries):
            return entries
        ranks = [(entry(value) or 0, text_of(value)) for value in entries]
        # Nearly always in order already.
        if all(map(le, ranks, ranks[1:])):
            return entries
        return [value for _, value in sorted(zip(ranks, entries, strict=True), key=itemgetter(0))]

    def nodes(self, indicator: str) -> list[Node]:
        """The nested nodes among these values, in the order of their entries."""
        if indicator not in self._nodes:
            self._nodes[indicator] = [value for value in self.values(indicator) if type(value) is not Value]
        return self._nodes[indicator]

    def texts(self, indicator: str, term: str) -> list[str | None]:
        """The one plain string of a field, or None, of each of these nodes."""
        key = (indicator, term)
        if key not in self._texts:
            nodes, pairs = self.nodes(indicator), self.data.subject_objects(NS + term)
            subjects, values = zip(*pairs, strict=True) if pairs else ((), ())
            if set(map(type, values)) == {Value} and list(subjects) == nodes:
                # A value each, as cells have it.
                texts = [each[0] if each[1] is None and not each[2] else None for each in values]
            else:
                texts = [self.field_text(node, term) for node in nodes]
            self._texts[key] = texts
        return self._texts[key]

    def text(self, indicator: str) -> str | None:
        """The one plain string of an indicator, or None."""
        return _text(self.values(indicator))

    def day(self, indicator: str) -> date | None:
        """The one date of an indicator, or None."""
        values = self.values(indicator)
        return _day(values[0]) if len(values) == 1 else None

    def field_text(self, node: Node, term: str) -> str | None:
        return _text(self.data.objects(node, NS + term))

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
        return None if text is None else _code(text)


_Text = TypeVar("_Text", str, str | None)
#: A code of 24 characters, whose last seven are a serial number above zero.
_SERIAL = re.compile(r"([0-9A-Z]{17})(?!0{7})[0-9]{7}").fullmatch


def _stem(text: _Text) -> _Text:
    """A code as right or wrong as this one and of the same day: the first of that day. Any other text is given back."""
    match = None if text is None else _SERIAL(text)
    return text if match is None else f"{match[1]}0000001"


_SERIALS = re.compile(r"(?:[0-9A-Z]{17}(?!0{7})[0-9]{7}\n)+").fullmatch


@lru_cache(maxsize=16)
def _stems(texts: tuple[str, ...]) -> Sequence[str]:
    """The stem of each text. Codes of cells are many and right, and one expression reads them all.

    Kept, since several rules read the codes of one pack.
    """
    # As many line breaks as texts: none is in a text.
    if texts and _SERIALS(joined := "\n".join((*texts, ""))) and joined.count("\n") == len(texts):
        return [text[:17] + "0000001" for text in texts]
    return list(map(_stem, texts))


def _made_on(text: str) -> date | None:
    """The production date of a code, None where it is none."""
    code = _code(_stem(text))
    return None if code is None else code.production_date


@lru_cache(maxsize=4096)
def _code(text: str) -> TractionBatteryCode | None:
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
    return graphs.entry_number(term) if isinstance(term, str) else None


Check = Callable[[RuleFacts], Iterator[Hit]]
#: Checks by the local name of their rule.
CHECKS: dict[str, Check] = {}
#: Names of those that judge each statement alone.
EACH_VALUE: set[str] = set()
#: Indicators by the name of the rule that is silent about a battery that states none of them.
COMPARED_WITH: dict[str, frozenset[str]] = {}


def check(name: str, *, each_value: bool = False, compared_with: Sequence[str] = ()) -> Callable[[Check], Check]:
    """Register a function as what the rule of that name does.

    :param compared_with: indicators, without all of which it finds nothing.
    """

    def register(function: Check) -> Check:
        CHECKS[name] = function
        if each_value:
            EACH_VALUE.add(name)
        if compared_with:
            COMPARED_WITH[name] = frozenset(compared_with)
        return function

    return register


def _text(values: list[Term]) -> str | None:
    if len(values) == 1 and isinstance(values[0], Value) and values[0].datatype is None and not values[0].language:
        return values[0].text
    return None


def _day(term: Term) -> date | None:
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


def _first_day(literal: Term) -> date | None:
    """The earliest calendar day, anywhere on earth, that a date or instant can fall on."""
    return _shifted(literal, timedelta(hours=-12))


def _last_day(literal: Term) -> date | None:
    """The latest one."""
    return _shifted(literal, timedelta(hours=14))


def _shifted(literal: Term, offset: timedelta) -> date | None:
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


_SUBSTANCE = NS + "substanceIdentifier"
_CAS = re.compile(r"([1-9][0-9]{1,6})-([0-9]{2})-([0-9])")


@check("cas-check-digit", each_value=True)
def cas(facts: RuleFacts) -> Iterator[Hit]:
    for node, literal in facts.data.subject_objects(_SUBSTANCE):
        match = _CAS.fullmatch(text_of(literal))
        if match:
            digits = (match.group(1) + match.group(2))[::-1]
            computed = sum(int(digit) * n for n, digit in enumerate(digits, 1)) % 10
            if computed != int(match.group(3)):
                words = {"computed": computed, "given": match.group(3), "number": text_of(literal)}
                yield Hit(StatementPlace(node, _SUBSTANCE, literal), words)


#: Indicators and terms that hold a GB/T 34014 code -> letters that position 4 may have.
_CODES: Mapping[str, str] = {
    "packTractionBatteryCode": "P", "moduleTractionBatteryCodes": "M", "moduleCode": "M", "cellCode": "C",
    "packCode": "P", "containedModuleCodes": "M", "fittedPackCodes": "P", "removedPackCode": "P",
    "installedPackCode": "P", "removedBatteryCode": "PMC", "installedBatteryCode": "PMC", "batteryCode": "PMC",
    "originalBatteryCodes": "PMC", "newBatteryCode": "PMC",
}  # fmt: skip


_CODE_PREDICATES = frozenset(NS + name for name in _CODES)

#: What position 4 has to be, by the letters that it may have.
_PRODUCTS: Mapping[str, Message] = {
    "P": Message("P for a pack (position 4, product type)"),
    "M": Message("M for a module (position 4, product type)"),
    "C": Message("C for a cell (position 4, product type)"),
}


@check("traction-battery-code", each_value=True)
def traction_battery_code(facts: RuleFacts) -> Iterator[Hit]:
    if _CODE_PREDICATES.isdisjoint(facts.data.by_predicate):
        return
    for name, letters in _CODES.items():
        literals = facts.data.subject_objects(NS + name)
        plain = [each[0] for _, each in literals if type(each) is Value and each[1] is None and not each[2]]
        stems = set(_stems(tuple(dict.fromkeys(plain))))
        if not any(_wrong_code(stem, letters, facts.on) for stem in stems):
            continue
        for node, literal in literals:
            text = _text([literal])
            if text is None:
                continue
            words = _wrong_code(text, letters, facts.on)
            if words:
                yield Hit(StatementPlace(node, NS + name, literal), words)


def _wrong_code(text: str, letters: str, on: date | None) -> dict[str, Text]:
    """What is expected of a code and was found instead; empty where nothing is wrong."""
    code = _code(text)
    if code is None or (on is not None and code.production_date > on):
        try:
            code = TractionBatteryCode.parse(text, on=on)
        except MalformedIdentifier as error:
            return _words(error)
    if "".join(text.split()) != text:
        return {"expected": Message("no blanks"), "found": f'"{text}"'}
    if code.product_type not in letters:
        return {"expected": _PRODUCTS[letters], "found": code.product_type}
    return {}


def _words(error: MalformedIdentifier) -> dict[str, Text]:
    expected: Text = error.expected or ""
    if error.where:
        expected = Message("{expected} ({where})", expected=expected, where=error.where)
    return {"expected": expected, "found": error.found or ""}


@check("personal-number", each_value=True)
def personal_number(facts: RuleFacts) -> Iterator[Hit]:
    yield from _personal(facts, certain=True)


@check("personal-number-suspected", each_value=True)
def personal_number_suspected(facts: RuleFacts) -> Iterator[Hit]:
    yield from _personal(facts, certain=False)


def _personal(facts: RuleFacts, *, certain: bool) -> Iterator[Hit]:
    """Free texts with a personal number. Only its kind is said: a report must not repeat what it refuses."""
    for place, number in facts.personal_numbers:
        if number.certain is certain:
            yield Hit(place, {"kind": KIND_NAMES[number.kind]})


@check("not-in-the-future", each_value=True)
def not_in_the_future(facts: RuleFacts) -> Iterator[Hit]:
    if facts.on is None:
        return
    for node, predicate, literal in facts.data.dated:
        first = _first_day(literal)
        if first is not None and first > facts.on:
            place = StatementPlace(node, predicate, literal)
            yield Hit(place, {"on": facts.on.isoformat(), "found": literal.text})


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
    for node in facts.nodes("batteryChemistry"):
        name = facts.field_text(node, "chemistryShortName")
        if code and name is not None and name not in CHEMISTRIES[code.battery_type]:
            chemistries = ", ".join(CHEMISTRIES[code.battery_type])
            yield Hit(
                GraphLocation("batteryChemistry", entry(node), "chemistryShortName"),
                {"chemistries": chemistries, "letter": code.battery_type, "found": name},
            )


@check("battery-type-letter")
def battery_type_letter(facts: RuleFacts) -> Iterator[Hit]:
    for node, literal in facts.data.subject_objects(NS + "batteryTypeCode"):
        text = facts.field_text(node, "batteryCode")
        code = facts.code(text)
        if code and text_of(literal) != code.battery_type:
            place = StatementPlace(node, NS + "batteryTypeCode", literal)
            yield Hit(place, {"letter": code.battery_type, "code": text, "found": text_of(literal)})


# --- composition ----------------------------------------------------------------------------------------------------

_VIEWS = ("cathodeActiveMaterial", "anodeActiveMaterial", "electrolyteComposition", "separatorMaterial")


@check("composition-views")
def composition_views(facts: RuleFacts) -> Iterator[Hit]:
    # By CAS number where the view gives one, else by name; the mass only where the view gives one.
    whole = set()
    for node in facts.nodes("detailedComposition"):
        name, number = facts.field_text(node, "substanceName"), facts.field_text(node, "substanceIdentifier")
        mass = _amount(facts, node)
        whole |= {(name, None), (name, mass), (number, None), (number, mass)}
    for view in _VIEWS:
        for node in facts.nodes(view):
            name, number = facts.field_text(node, "substanceName"), facts.field_text(node, "substanceIdentifier")
            mass = _amount(facts, node)
            if (number or name, mass) not in whole:
                substance = f"CAS {number}" if number else Message("no CAS number")
                amount = f"{mass} g" if mass is not None else Message("no mass")
                text = Message("{substance}, {mass}", substance=substance, mass=amount)
                yield Hit(GraphLocation(view, entry(node)), {"name": name, "found": text})


def _amount(facts: RuleFacts, node: Node) -> Decimal | None:
    masses = facts.data.objects(node, NS + "substanceMass")
    mass = masses[0] if masses else None
    return Decimal(mass.text) if isinstance(mass, Value) and mass.datatype == XSD + "decimal" else None


# --- pack, modules and cells ----------------------------------------------------------------------------------------


@check("cell-once")
def cell_once(facts: RuleFacts) -> Iterator[Hit]:
    seen: dict[str, tuple[int, str | None]] = {}
    cells, modules = (facts.texts("cellTractionBatteryCodes", term) for term in ("cellCode", "moduleCode"))
    if len(set(cells)) == len(cells):
        return
    for n, node in enumerate(facts.nodes("cellTractionBatteryCodes")):
        text, module = cells[n], modules[n]
        if text is None:
            continue
        first, other = seen.setdefault(text, (n, module))
        if first != n:
            apart = module != other and other is not None
            yield Hit(
                GraphLocation("cellTractionBatteryCodes", entry(node), "cellCode"),
                {
                    "code": text,
                    "first": first,
                    "module": Message(" in module {module}", module=other) if apart else "",
                },
            )


@check("module-listed")
def module_listed(facts: RuleFacts) -> Iterator[Hit]:
    modules = {text_of(value) for value in facts.values("moduleTractionBatteryCodes")}
    named = facts.texts("cellTractionBatteryCodes", "moduleCode")
    if modules.issuperset(named):
        return
    for node, module in zip(facts.nodes("cellTractionBatteryCodes"), named, strict=True):
        if module is not None and module not in modules:
            yield Hit(GraphLocation("cellTractionBatteryCodes", entry(node), "moduleCode"), {"code": module})


@check("made-before-whole")
def made_before_whole(facts: RuleFacts) -> Iterator[Hit]:
    pack = facts.text("packTractionBatteryCode")
    listed = tuple(map(text_of, facts.values("moduleTractionBatteryCodes")))
    for text in listed if any(_is_later(stem, pack) for stem in set(_stems(listed))) else ():
        yield from _later(facts, GraphLocation("moduleTractionBatteryCodes", text=text), text, pack)
    cells, modules = (facts.texts("cellTractionBatteryCodes", term) for term in ("cellCode", "moduleCode"))
    named = [module or pack for cell, module in zip(cells, modules, strict=True) if cell is not None]
    stems = _stems(tuple([cell for cell in cells if cell is not None]))
    if not any(_is_later(cell, whole) for cell, whole in set(zip(stems, named, strict=True))):
        return
    for node, cell, module in zip(facts.nodes("cellTractionBatteryCodes"), cells, modules, strict=True):
        place = GraphLocation("cellTractionBatteryCodes", entry(node), "cellCode")
        yield from _later(facts, place, cell, module or pack)


def _is_later(part: str | None, whole: str | None) -> bool:
    """Whether a part was made after its whole; False where a code says nothing."""
    inner = None if part is None else _made_on(part)
    outer = None if whole is None or inner is None else _made_on(whole)
    return inner is not None and outer is not None and inner > outer


def _later(facts: RuleFacts, place: GraphLocation, part: str | None, whole: str | None) -> Iterator[Hit]:
    inner, outer = facts.code(part), facts.code(whole)
    if inner and outer and inner.production_date > outer.production_date:
        dates = {"date": outer.production_date.isoformat(), "found": inner.production_date.isoformat()}
        yield Hit(place, {**dates, "whole": whole, "part": part})


@check("cells-counted")
def cells_counted(facts: RuleFacts) -> Iterator[Hit]:
    listed = len(facts.values("cellTractionBatteryCodes"))
    for node in facts.nodes("dismantlingInformation"):
        counts = facts.data.objects(node, NS + "cellCount")
        count = counts[0] if counts else None
        if not isinstance(count, Value) or count.datatype != XSD + "integer":
            continue
        stated = int(count.text)
        if stated != listed:
            yield Hit(GraphLocation("cellTractionBatteryCodes"), {"expected": stated, "found": listed})


# --- dates against instants -----------------------------------------------------------------------------------------


_WITH_OWN_RULE = frozenset(
    NS + name for name in ("manufacturingDate", "placingOnMarketDate", "puttingIntoServiceDate", "productionDate")
)


@check("dates-in-order", compared_with=("manufacturingDate", "puttingIntoServiceDate"))
def dates_in_order(facts: RuleFacts) -> Iterator[Hit]:
    made, in_service = facts.day("manufacturingDate"), facts.day("puttingIntoServiceDate")
    for node, predicate, literal in facts.data.dated:
        if predicate in _WITH_OWN_RULE:
            continue
        last = _last_day(literal)
        place = StatementPlace(node, predicate, literal)
        is_pack = NS + "BatteryPack" in facts.data.objects(node, RDF_TYPE)
        readout = predicate == NS + "recordedAt" and is_pack
        if readout and last and in_service and last < in_service:
            yield Hit(
                place,
                {
                    "earlier": in_service.isoformat(),
                    "name": Message("day it was put into service"),
                    "found": literal.text,
                },
            )
        elif last and made and last < made:
            yield Hit(place, {"earlier": made.isoformat(), "name": Message("day it was made"), "found": literal.text})
