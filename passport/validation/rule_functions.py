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
from datetime import date
from decimal import Decimal

from passport.battery.identifiers.address import check_gtin
from passport.battery.identifiers.identifier import TractionBatteryCode
from passport.battery.privacy.personal_text import KIND_NAMES
from passport.battery.record_graph import GraphLocation
from passport.battery.statements import RDF_TYPE, XSD, Node, Value, text_of
from passport.errors import MalformedIdentifier
from passport.texts import Message, Text
from passport.validation.rule_facts import (
    RuleFacts,
    StatementPlace,
    code_of,
    entry,
    first_day,
    last_day,
    made_on,
    plain_text,
    stems_of,
)
from passport.vocabulary.vocabulary import NS


@dataclass(frozen=True)
class Hit:
    """One thing that breaks a rule: where, and the words for the rule's texts."""

    place: GraphLocation | StatementPlace
    words: Mapping[str, object] = field(default_factory=dict)


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


# --- one value ------------------------------------------------------------------------------------------------------


@check("gtin-check-digit")
def gtin(facts: RuleFacts) -> Iterator[Hit]:
    for value in facts.values("gtin"):
        text = plain_text([value])
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
        table = facts.data.table(NS + name)
        plain = (
            [each[0] for _, each in literals if type(each) is Value and each[1] is None and not each[2]]
            if table is None
            else table.texts[NS + name]
        )
        stems = set(stems_of(tuple(dict.fromkeys(plain))))
        if not any(_wrong_code(stem, letters, facts.on) for stem in stems):
            continue
        for node, literal in literals:
            text = plain_text([literal])
            if text is None:
                continue
            words = _wrong_code(text, letters, facts.on)
            if words:
                yield Hit(StatementPlace(node, NS + name, literal), words)


def _wrong_code(text: str, letters: str, on: date | None) -> dict[str, Text]:
    """What is expected of a code and was found instead; empty where nothing is wrong."""
    code = code_of(text)
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
        first = first_day(literal)
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
    for text in listed if any(_is_later(stem, pack) for stem in set(stems_of(listed))) else ():
        yield from _later(facts, GraphLocation("moduleTractionBatteryCodes", text=text), text, pack)
    cells, modules = (facts.texts("cellTractionBatteryCodes", term) for term in ("cellCode", "moduleCode"))
    named = [module or pack for cell, module in zip(cells, modules, strict=True) if cell is not None]
    stems = stems_of(tuple([cell for cell in cells if cell is not None]))
    if not any(_is_later(cell, whole) for cell, whole in set(zip(stems, named, strict=True))):
        return
    for node, cell, module in zip(facts.nodes("cellTractionBatteryCodes"), cells, modules, strict=True):
        place = GraphLocation("cellTractionBatteryCodes", entry(node), "cellCode")
        yield from _later(facts, place, cell, module or pack)


def _is_later(part: str | None, whole: str | None) -> bool:
    """Whether a part was made after its whole; False where a code says nothing."""
    inner = None if part is None else made_on(part)
    outer = None if whole is None or inner is None else made_on(whole)
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
        last = last_day(literal)
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
