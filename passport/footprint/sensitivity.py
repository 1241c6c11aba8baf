"""Sensitivities: the change of the result when one input rises by a tenth and all others stay the same.

The cuts stay the same too. The formulas are linear in every quantity, factor and share, so the effect of a line is
exact. The lifetime energy is the denominator: a tenth more of it lowers the result by one eleventh.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from passport.footprint.facts import facts
from passport.footprint.formulas import ONE, exactly, quotient
from passport.footprint.inventory.inventory import Inventory, known
from passport.footprint.method import Influence
from passport.footprint.result import FootprintResult
from passport.texts import ENGLISH, Message, say

STEP = Decimal("0.1")
#: The input of a line, by the list of the inventory: ``item`` is the material, part, carrier, gas or mode.
_OF_A_LINE = {
    "materials": Message("mass of {item}, {group}"),
    "parts": Message("quantity of {item}, {group}"),
    "energy": Message("amount of {item}, {group}"),
    "emissions": Message("mass of gas of {item}, {group}"),
    "transport": Message("distance of {item}, {group}"),
    "end-of-life": Message("treatment at end of life"),
}


def influences(inventory: Inventory, result: FootprintResult, most: int) -> tuple[Influence, ...]:
    """The strongest ``most`` inputs."""
    effects = [*_energy(result), *_lines(inventory, result), *_shares(inventory, result)]
    effects.sort(key=lambda entry: (-abs(entry.effect), say(entry.input, ENGLISH)))
    return tuple(effects[:most])


def _influence(result: FootprintResult, input_: Message, kilograms: Decimal) -> Influence:
    effect = quotient(kilograms, result.energy.total)
    return Influence(input_, effect, quotient(kilograms * 100, result.total) if result.total else effect)


def _energy(result: FootprintResult) -> Iterator[Influence]:
    lowered = quotient(result.total, ONE + STEP) - result.total
    yield _influence(result, Message("usable energy"), lowered)
    yield _influence(result, Message("full equivalent cycles per year"), lowered)
    yield _influence(result, Message("warranty years"), lowered)


@exactly
def _lines(inventory: Inventory, result: FootprintResult) -> list[Influence]:
    effects: dict[tuple[str, str, str], Decimal] = {}
    for line in result.lines:
        table = line.key[0]
        key = (table, "", "") if table == "end-of-life" else (table, line.item, line.group)
        effects[key] = effects.get(key, Decimal(0)) + line.emissions * STEP
    return [
        _influence(result, _OF_A_LINE[table].fill(item=facts().item(table, item), group=group), kilograms)
        for (table, item, group), kilograms in effects.items()
    ]


@exactly
def _shares(inventory: Inventory, result: FootprintResult) -> list[Influence]:
    """Recycled and recovered shares, and A."""
    full = result.boundary == "full"
    allocation = result.allocation
    recycled: dict[Message, Decimal] = {}
    by_allocation = Decimal(0)
    for line in result.lines:
        if line.key[0] != "materials" or line.stage != "raw-materials":
            continue
        material = inventory.materials[line.key[1]]
        mass, share, virgin = line.quantity, material.recycled_share, known(material.virgin)
        if share:
            per_kg = (material.recycled or Decimal(0)) - virgin + (allocation * virgin if full else 0)
            name = Message("recycled share of {item}, {group}", item=material.name, group=material.component)
            recycled[name] = recycled.get(name, Decimal(0)) + mass * share * per_kg * STEP
        if full and material.recovered_share:
            name = Message("recovered share of {item}, {group}", item=material.name, group=material.component)
            credit = -mass * material.recovered_share * allocation * virgin * STEP
            recycled[name] = recycled.get(name, Decimal(0)) + credit
        if full:
            by_allocation += mass * (share - material.recovered_share) * allocation * virgin * STEP
    effects = [_influence(result, name, kilograms) for name, kilograms in recycled.items()]
    if full and by_allocation:
        effects.append(_influence(result, Message("allocation factor A"), by_allocation))
    return effects
