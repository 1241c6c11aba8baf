"""Factors that no technology has: the usual sign of a unit that was changed without its factor, or the reverse.

A result can hide such a slip: 0.82 MWh at 0.5777 kg CO2e "per unit" looks like a clean cell factory. Factors of parts
have no such range: a part may be a screw or a module.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from passport.footprint.facts import facts
from passport.footprint.formulas import exactly, quotient
from passport.footprint.inventory.inventory import Inventory, InventoryLocation
from passport.footprint.result import FootprintFinding, plain
from passport.texts import Message

_ZERO = Decimal(0)


@exactly
def per_kilowatt_hour(factor: Decimal, unit: str) -> Decimal | None:
    """The factor of an energy carrier, kg CO2e per kWh to 15 places; None where its unit is none of energy."""
    megajoules = facts().lists["unit"][unit].value
    return None if megajoules is None else quotient(factor * facts().number("unit", "kWh"), megajoules)


def implausible_factors(inventory: Inventory) -> Iterator[FootprintFinding]:
    """The factors of materials, energy and transport outside of their range. Zero is a statement, not a slip.

    :param inventory: one without faults.
    """
    for material in inventory.materials:
        for name, figure in (("virginFactor", material.virgin), ("recycledFactor", material.recycled)):
            if figure is not None:
                yield from _outside("material", "kg", figure, material.name, material.place, name)
    for line in inventory.energy:
        figure = None if line.factor is None else per_kilowatt_hour(line.factor, line.unit)
        if figure is not None:
            yield from _outside("energy", "kWh", figure, line.name, line.place)
    for leg in inventory.transport:
        if leg.factor is not None:
            yield from _outside("transport", "t·km", leg.factor, leg.name, leg.place)


def _outside(
    kind: str, unit: str, figure: Decimal, item: str, place: InventoryLocation, column: str = "factor"
) -> Iterator[FootprintFinding]:
    low, high = (facts().number("setting", f"{kind}-factor-{end}") for end in ("low", "high"))
    if figure != _ZERO and not low <= figure <= high:
        yield FootprintFinding(
            "implausible-factor",
            Message(
                "{item}: a factor of {figure} kg CO2e per {unit} lies outside {low} to {high}. Is it per unit of the "
                "amount?",
                item=item[:80],
                figure=plain(figure),
                unit=unit,
                low=plain(low),
                high=plain(high),
            ),
            place.at(column),
        )
