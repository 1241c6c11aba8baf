"""Counterparts of the SPARQL rules in ``shapes/rules-*.ttl``: does a focus node conform?

Each is bound to a rule's IRI and to the digest of the query that it was written for. A changed query has no
counterpart: its rule is judged by pySHACL until the function here is renewed, together with its digest (of
:func:`digest`).

Arithmetic follows the queries step by step, in decimals. A value that is no number, and a division by zero, are
undecided.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from itertools import product

from passport.battery.statements import Nodes, Term, Value
from passport.validation.compiled.comparisons import Answer, number
from passport.vocabulary.vocabulary import NS

Query = Callable[["Focus"], bool]


@dataclass(frozen=True)
class Counterpart:
    """A function in place of a query.

    :param digest: of the query that it was written for.
    """

    digest: str
    conforms: Query

    def __call__(self, nodes: Nodes, focus: Term) -> Answer:
        try:
            return self.conforms(Focus(nodes, focus))
        except (_UndecidedValue, ArithmeticError):
            return None


#: By the local name of the rule.
COUNTERPARTS: dict[str, Counterpart] = {}


class _UndecidedValue(Exception):
    """A value that the functions here do not compare."""


def digest(query: str) -> str:
    """What a counterpart is bound to: the query's text without its layout."""
    return sha256(" ".join(query.split()).encode()).hexdigest()[:16]


def counterpart(rule: str, *, of: str) -> Callable[[Query], Query]:
    """Register a function as the counterpart of a rule's query.

    :param of: the digest of the query.
    """

    def register(function: Query) -> Query:
        COUNTERPARTS[rule] = Counterpart(of, function)
        return function

    return register


class Focus:
    """A node and what can be reached from it."""

    def __init__(self, nodes: Nodes, node: Term) -> None:
        self.nodes, self.node = nodes, node

    def terms(self, name: str) -> list[Term]:
        if isinstance(self.node, Value):
            return []
        return self.nodes.get(self.node, {}).get(NS + name, [])

    def each(self, name: str) -> Iterator[Focus]:
        """The values of an indicator or field as nodes; a literal is a node with nothing on it."""
        return (Focus(self.nodes, term) for term in self.terms(name))

    def numbers(self, name: str) -> list[Decimal]:
        values = []
        for term in self.terms(name):
            value = number(term)
            if value is None:
                raise _UndecidedValue
            values.append(value)
        return values

    def rows(self, *names: str) -> Iterator[tuple[Decimal, ...]]:
        """Every combination of values of some indicators or fields."""
        return product(*map(self.numbers, names))


def _within(share: str, value: Decimal, expected: Decimal) -> bool:
    return not abs(value - expected) > Decimal(share) * expected


# --- model ----------------------------------------------------------------------------------------------------------


@counterpart("rated-energy", of="5009a4c0da4f7dc6")
def rated_energy(model: Focus) -> bool:
    rows = model.rows("ratedEnergy", "ratedCapacity", "nominalVoltage")
    return all(_within("0.1", value, capacity * voltage / 1000) for value, capacity, voltage in rows)


@counterpart("power-to-energy-ratio", of="a4b428527fec0348")
def power_to_energy_ratio(model: Focus) -> bool:
    powers = [
        power
        for entry in model.each("originalPowerCapability")
        for charge, power in entry.rows("atStateOfCharge", "powerAtStateOfCharge")
        if charge == 80
    ]
    rows = product(model.numbers("powerToEnergyRatio"), model.numbers("ratedEnergy"), powers)
    return all(_within("0.1", value * energy * 1000, power) for value, energy, power in rows)


@counterpart("composition-mass", of="b93a3f519cd63acb")
def composition_mass(model: Focus) -> bool:
    substances = [mass for entry in model.each("detailedComposition") for mass in entry.numbers("substanceMass")]
    return all(not sum(substances) > 1000 * battery for battery in model.numbers("batteryMass"))


@counterpart("critical-raw-materials-share", of="2b3c79f31881df3b")
def critical_raw_materials_share(model: Focus) -> bool:
    fractions = [share for entry in model.each("criticalRawMaterials") for share in entry.numbers("massFraction")]
    return not sum(fractions) > 100


@counterpart("recycled-shares", of="ed0d082704950d20")
def recycled_shares(model: Focus) -> bool:
    return all(
        not abs(value - (before + after)) > Decimal("0.1")
        for metal in ("Nickel", "Cobalt", "Lithium", "Lead")
        for value, before, after in model.rows(
            f"recycled{metal}Share", f"preConsumerRecycled{metal}Share", f"postConsumerRecycled{metal}Share"
        )
    )


@counterpart("footprint-stages", of="0ec75af8bd1ada13")
def footprint_stages(batch: Focus) -> bool:
    return _stages_add_up(batch, "batteryCarbonFootprint", "carbonFootprint")


@counterpart("china-footprint-stages", of="388a633bce5529d1")
def china_footprint_stages(batch: Focus) -> bool:
    return _stages_add_up(batch, "chinaCarbonFootprint", "chinaCarbonFootprint")


def _stages_add_up(batch: Focus, total: str, stage: str) -> bool:
    last = batch.numbers(f"{stage}EndOfLife") or [Decimal(0)]
    rows = batch.rows(total, f"{stage}RawMaterials", f"{stage}Production", f"{stage}Distribution")
    return all(
        not abs(value - (raw + production + distribution + end)) > Decimal("0.01") * abs(value)
        for (value, raw, production, distribution), end in product(rows, last)
    )


@counterpart("footprint-absolute", of="9cde1fc0c329fd9c")
def footprint_absolute(battery: Focus) -> bool:
    # Of a batch, the energy is a value of its model.
    own = product(battery.rows("batteryCarbonFootprint", "absoluteCarbonFootprint"), _energies(battery))
    return all(_within("0.01", value * energy, absolute) for (value, absolute), energy in own)


def _energies(battery: Focus) -> list[Decimal]:
    models = [battery, *battery.each("batteryModel")]
    return [energy for model in models for energy in model.numbers("totalEnergyOverServiceLife")]


@counterpart("part-number-once", of="d831f57c58bfa7b9")
def part_number_once(model: Focus) -> bool:
    numbers = [number for entry in model.each("componentPartNumbers") for number in entry.terms("partNumber")]
    if len(set(numbers)) < len(numbers):
        raise _UndecidedValue  # whether the part has a name is left to the query
    return True


# --- pack -----------------------------------------------------------------------------------------------------------


@counterpart("state-of-certified-energy", of="51414cc1b88cfa5c")
def state_of_certified_energy(pack: Focus) -> bool:
    return all(
        not abs(value - 100 * remaining / certified) > 1
        for model in pack.each("batteryModel")
        for certified in model.numbers("certifiedUsableBatteryEnergy")
        for value, remaining in pack.rows("stateOfCertifiedEnergy", "remainingUsableBatteryEnergy")
    )


@counterpart("capacity-at-most-rated", of="f151bc748d8fbad5")
def capacity_at_most_rated(pack: Focus) -> bool:
    return all(
        not value > Decimal("1.05") * rated
        for model in pack.each("batteryModel")
        for rated in model.numbers("ratedCapacity")
        for value in (*pack.numbers("remainingCapacity"), *pack.numbers("ratedCapacityAtStatusChange"))
    )


@counterpart("capacity-fade", of="85a7aa44d2bc2314")
def capacity_fade(pack: Focus) -> bool:
    return all(
        not abs(value - (100 - 100 * remaining / rated)) > 2
        for model in pack.each("batteryModel")
        for rated in model.numbers("ratedCapacity")
        for value, remaining in pack.rows("capacityFade", "remainingCapacity")
    )


@counterpart("module-cells", of="b90112768f15c877")
def module_cells(module: Focus) -> bool:
    return all(
        value == series * parallel
        for value, series, parallel in module.rows("cellCount", "seriesCount", "parallelCount")
    )


@counterpart("pack-voltage", of="5dcff71b075114a4")
def pack_voltage(pack: Focus) -> bool:
    cells = [value for cell in pack.each("cellSpecification") for value in cell.numbers("specifiedNominalVoltage")]
    return all(
        _within("0.02", voltage, cell * series)
        for entry in pack.each("packSpecification")
        for voltage, series in entry.rows("specifiedNominalVoltage", "seriesCount")
        for cell in cells
    )


def _only_values_of(battery: Focus, entry: str, field: str, name: str) -> bool:
    """Every value of a field of an entry is a value of an indicator, where the battery has any."""
    known = battery.terms(name)
    return not known or all(value in known for node in battery.each(entry) for value in node.terms(field))


@counterpart("carrier-payload", of="cc9664c5b5e7ca62")
def carrier_payload(battery: Focus) -> bool:
    return _only_values_of(battery, "dataCarrier", "carrierPayload", "batteryIdentifier")


@counterpart("production-pack-code", of="1f67f27697492d52")
def production_pack_code(battery: Focus) -> bool:
    return _only_values_of(battery, "batteryProductionRecord", "packCode", "packTractionBatteryCode")


@counterpart("production-date", of="279cd6af3ced0ac2")
def production_date(battery: Focus) -> bool:
    return _only_values_of(battery, "batteryProductionRecord", "productionDate", "manufacturingDate")


@counterpart("production-modules", of="3ad91ccbeb19cb97")
def production_modules(battery: Focus) -> bool:
    codes = battery.terms("moduleTractionBatteryCodes")
    entries = battery.each("batteryProductionRecord")
    return not codes or all(set(codes) == set(entry.terms("containedModuleCodes")) for entry in entries)
