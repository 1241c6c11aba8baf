"""Plausibility: values that are well formed and hardly fit together. Each is a warning, never a fault.

* A per cent value that no battery has so small (an efficiency of 0.96 %) was probably meant as a fraction.
* Shares that are all below 1 % were probably meant as fractions, all of them.
* Mass and volume per kilowatt-hour, and mass per litre, lie in wide bounds that hold for every chemistry on the market.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.texts import Message, Text
from passport.vocabulary import vocabulary as vocabulary_module

#: Per cent values that are above 1 for every battery in use.
NEVER_BELOW_ONE = (
    "initialRoundTripEnergyEfficiency",
    "roundTripEnergyEfficiencyAt50PercentCycleLife",
    "remainingRoundTripEnergyEfficiency",
    "roundTripEfficiencyAtStatusChange",
    "cycleLifeTestDepthOfDischarge",
    "capacityThresholdForExhaustion",
    "stateOfCertifiedEnergy",
)
#: Shares of materials, and how many of them have to be given before their smallness says something.
SHARES = tuple(
    f"{kind}{metal}Share"
    for kind in ("recycled", "preConsumerRecycled", "postConsumerRecycled")
    for metal in ("Nickel", "Cobalt", "Lithium", "Lead")
)
LEAST_SHARES = 3
#: Lithium-ion packs weigh 4 to 15 kg for each kWh, lead-acid ones 25 to 45; packs take 1 to 30 litres
#: for each kWh; a pack is lighter than its lead plates and heavier than foam.
KG_PER_KWH = (Decimal("2"), Decimal("100"))
LITRES_PER_KWH = (Decimal("0.5"), Decimal("150"))
KG_PER_LITRE = (Decimal("0.2"), Decimal("8"))


def implausible(record: Record) -> tuple[Fault, ...]:
    """Warnings about values of a record that are hardly right."""
    return (*_small_per_cents(record), *_small_shares(record), *_ratios(record))


def _small_per_cents(record: Record) -> Iterator[Fault]:
    for name in NEVER_BELOW_ONE:
        number = _number(record.value(name))
        if number is not None and 0 < number <= 1:
            likely = f"{(number * 100).normalize():f}"
            message = Message("{label} is given in per cent: {found} % is hardly meant, {likely} % may be",
                              label=_label(name), found=f"{number:f}", likely=likely)  # fmt: skip
            yield _warning(record, name, message, Message("per cent, such as {likely}", likely=likely), f"{number:f}")


def _small_shares(record: Record) -> Iterator[Fault]:
    given = {name: number for name in SHARES if (number := _number(record.value(name))) is not None and number > 0}
    if len(given) >= LEAST_SHARES and all(number < 1 for number in given.values()):
        first = next(iter(given))
        message = Message("all {number} shares of recycled material are below 1 %: they may be fractions, not per cent",
                          number=len(given))  # fmt: skip
        yield _warning(record, first, message, Message("per cent, such as 12 for 12 %"), f"{given[first]:f}")


def _ratios(record: Record) -> Iterator[Fault]:
    mass, energy = _number(record.value("batteryMass")), _number(record.value("ratedEnergy"))
    sizes = record.value("batteryDimensions")
    edges = [_number(sizes.get(name)) for name in ("length", "width", "height")] if isinstance(sizes, Mapping) else []
    litres = None
    if len(edges) == 3 and None not in edges:
        litres = edges[0] * edges[1] * edges[2] / Decimal(1_000_000)  # type: ignore[operator]
    for name, above, below, bounds, unit in (
        ("batteryMass", mass, energy, KG_PER_KWH, "kg/kWh"),
        ("batteryDimensions", litres, energy, LITRES_PER_KWH, "L/kWh"),
        ("batteryDimensions", mass, litres, KG_PER_LITRE, "kg/L"),
    ):
        if above is None or below is None or above <= 0 or below <= 0 or bounds[0] <= above / below <= bounds[1]:
            continue
        ratio = f"{float(above / below):.3g} {unit}"
        expected = Message("{least} to {most} {unit}", least=f"{bounds[0]}", most=f"{bounds[1]}", unit=unit)
        message = Message("{label}: {ratio} is hardly right; are the units?", label=_label(name), ratio=ratio)
        yield _warning(record, name, message, expected, ratio)


def _number(value: Any) -> Decimal | None:
    try:
        number = Decimal(value) if isinstance(value, str | int) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
    # Beyond this it cannot have been measured, and a product of three has no end.
    return number if number is not None and number.is_finite() and abs(number.adjusted()) < 12 else None


def _label(name: str) -> Text:
    return vocabulary_module.load().indicators[name].label


def _warning(record: Record, name: str, message: Message, expected: Message, found: str) -> Fault:
    return Fault("implausible", record.locate(name), name, message, expected, found, "warning")
