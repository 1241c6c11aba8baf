"""The result of a calculation: a figure with its method, and every line from datum to result.

A footprint per kWh *delivered over the service life* and one per kWh of *capacity* differ by a factor of some
hundred. They are different types of intensity here, and comparing them is refused like comparing methods.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from enum import StrEnum

from passport.battery.fault import Location
from passport.errors import MixedMethods
from passport.footprint.cutoff import CutOff
from passport.footprint.data_quality import DataQuality
from passport.footprint.facts import facts
from passport.footprint.formulas import Terms, exactly, per_functional_unit, quotient, value
from passport.footprint.inventory.inventory import NOWHERE, InventoryLocation, Provenance
from passport.texts import Message, Text


class Basis(StrEnum):
    """Per kWh of what."""

    SERVICE_LIFE = "service-life"
    CAPACITY = "capacity"


@dataclass(frozen=True)
class Intensity:
    """kg CO2e per kWh, of a basis. Two of different bases cannot be compared."""

    value: Decimal
    basis: Basis

    def difference(self, other: Intensity) -> Decimal:
        """This less the other.

        :raises MixedMethods: of another basis.
        """
        if self.basis is not other.basis:
            raise MixedMethods(
                Message("two footprints per kWh of different things"),
                expected=self.basis.value,
                found=other.basis.value,
                hint=Message("One is per kWh delivered over the service life, the other per kWh of capacity."),
            )
        return self.value - other.value


@dataclass(frozen=True)
class LifetimeEnergy:
    """P_T and what it is made of. ``cycles_from`` is ``maker`` or the code of the vehicle class, ``basis`` what the
    maker's number rests on."""

    usable: Decimal
    cycles: Decimal
    years: Decimal
    total: Decimal
    cycles_from: str
    basis: str | None = None


@dataclass(frozen=True, slots=True)
class FootprintLine:
    """One line from datum to result: ``emissions = quantity x the sum of the products in terms``.

    :param stage: code of the stage; :param group: component, process or leg; :param item: material, part, carrier, gas.
    :param formula: the terms in symbols; :param moved_in: kg that the cut-off moved here, part of ``quantity``.
    :param key: which datum of the inventory: (list, position).
    """

    stage: str
    group: str
    item: str
    quantity: Decimal
    unit: str
    terms: Terms
    formula: str
    emissions: Decimal
    key: tuple[str, int]
    provenance: Provenance = Provenance()
    place: InventoryLocation = NOWHERE
    moved_in: Decimal = Decimal(0)

    @property
    @exactly
    def per_unit(self) -> Decimal:
        """kg CO2e per unit of the quantity."""
        return value(self.terms)

    @property
    def working(self) -> str:
        """The line in numbers, such as ``100 kg × (0.8 × 10 + 0.2 × 3)``."""
        products = " + ".join(" × ".join(_signed(number) for number in term) for term in self.terms)
        return f"{plain(self.quantity)} {self.unit} × ({products})"


@dataclass(frozen=True)
class FootprintFinding:
    """Something that a reader of the result must know: a preference not met, a limit passed."""

    code: str
    message: Text
    place: Location | None = None


@dataclass(frozen=True)
class FootprintResult:
    """The footprint of one battery by one method.

    :param total: kg CO2e of one battery; :param stages: the same by stage, in order.
    :param factor_sources: each source once, in order of first use.
    """

    method: str
    boundary: str
    functional_unit: Message
    software: str
    model: str
    energy: LifetimeEnergy
    total: Decimal
    stages: Mapping[str, Decimal]
    lines: tuple[FootprintLine, ...]
    cut_offs: tuple[CutOff, ...]
    quality: DataQuality
    allocation: Decimal
    factor_sources: tuple[str, ...]
    findings: tuple[FootprintFinding, ...] = ()
    allocation_proof: str | None = None
    electricity: str | None = None
    gwp_set: str | None = None
    plant: str | None = None
    period: str | None = None
    capacity: Decimal | None = None
    manufacturer: str | None = None
    plant_country: str | None = None

    @property
    def per_functional_unit(self) -> Decimal:
        """kg CO2e per kWh delivered over the service life, to 15 places."""
        return per_functional_unit(self.total, self.energy.total)

    @property
    def intensity(self) -> Intensity:
        return Intensity(self.per_functional_unit, Basis.SERVICE_LIFE)

    @property
    def per_capacity(self) -> Intensity:
        """kg CO2e per kWh of capacity, for plausibility only; of rated energy where it is known, else usable."""
        return Intensity(quotient(self.total, self.capacity or self.energy.usable), Basis.CAPACITY)

    @property
    @exactly
    def by_data_kind(self) -> Mapping[str, Decimal]:
        """kg CO2e that rest on each kind of factor data, in the order of preference. Credits are left out."""
        sums = {kind: Decimal(0) for kind in facts().lists["data-kind"]}
        for line in self.lines:
            if line.emissions > 0:
                sums[line.provenance.factor_data] += line.emissions
        return {kind: value for kind, value in sums.items() if value}

    def share(self, stage: str) -> Decimal:
        """What a stage contributes, per cent of the total; 0 where the total is 0."""
        return quotient(self.stages[stage] * 100, self.total) if self.total else Decimal(0)


# --- never mixed ------------------------------------------------------------------------------------------------------


_NEVER_MIXED = {
    "method": Message("results of different methods cannot be compared"),
    "boundary": Message("results of different boundaries cannot be compared"),
    "functional_unit": Message("results of different functional units cannot be compared"),
}


def compare(first: FootprintResult, second: FootprintResult) -> Decimal:
    """How much more the first is, in kg CO2e per functional unit.

    :raises MixedMethods: other method, boundary or functional unit.
    """
    _same_method((first, second))
    return first.intensity.difference(second.intensity)


def average(results: Sequence[tuple[FootprintResult, int]]) -> Decimal:
    """The mean per functional unit of several results, each weighted by its number of batteries.

    :raises MixedMethods: not all of one method, boundary and functional unit, or none at all.
    """
    _same_method([result for result, _ in results])
    kilograms = sum((result.total * number for result, number in results), Decimal(0))
    energy = sum((result.energy.total * number for result, number in results), Decimal(0))
    if not energy:
        raise MixedMethods(Message("there is nothing to average"), expected=Message("results of at least one battery"))
    return per_functional_unit(kilograms, energy)


def _same_method(results: Sequence[FootprintResult]) -> None:
    for name, message in _NEVER_MIXED.items():
        values = [getattr(result, name) for result in results]
        for other in values[1:]:
            if other != values[0]:
                raise MixedMethods(message, expected=values[0], found=other)


# --- numbers as people read them --------------------------------------------------------------------------------------


def plain(number: Decimal) -> str:
    """An exact decimal without exponent and without trailing zeros."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _signed(number: Decimal) -> str:
    return f"({plain(number)})" if number < 0 else plain(number)


def rounded_parts(parts: Sequence[Decimal], places: int) -> tuple[tuple[Decimal, ...], Decimal]:
    """Parts and their sum, rounded so that they add up: the sum half up, the largest remainders get the units left.

    0.127 + 0.022 + 0.005 = 0.154.
    """
    unit = Decimal(1).scaleb(-places)
    whole = sum(parts, Decimal(0)).quantize(unit)
    floors = [part.quantize(unit, rounding=ROUND_FLOOR) for part in parts]
    left = int(((whole - sum(floors, Decimal(0))) / unit).to_integral_value())
    order = sorted(range(len(parts)), key=lambda index: (floors[index] - parts[index], index))
    for index in order[:left]:
        floors[index] += unit
    return tuple(floors), whole
