"""Alternative readings: the result under another reading of each ambiguous clause of the draft, for auditors.

Each reading changes one clause and keeps the others. Letters as in docs/footprint.md. Results under another *method*
are not among them: results of different methods are never compared.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from passport.footprint.formulas import exactly, per_functional_unit
from passport.footprint.inventory.inventory import Inventory, known
from passport.footprint.mee_lines import energy_of, per_kg
from passport.footprint.method import AlternativeReading
from passport.footprint.result import FootprintResult
from passport.texts import Message

_LABELS = {
    "a-no-mass": Message(
        "(a) Formula (3) as printed: factors per kg not multiplied by the mass, treatment inside the sum"
    ),
    "b-per-material": Message("(b) Treatment of the battery added once for each material instead of once"),
    "f-rated-energy": Message("(f) Rated energy in the place of usable energy"),
    "g-partial-with-allocation": Message("(g) Partial boundary with A·Ev on recycled content, as in (3)"),
    "h-no-cut-off": Message("(h) Without the cut-off"),
    "i-default-cycles": Message("(i) Cycles per year of the vehicle class instead of the maker's"),
}


def readings(inventory: Inventory, result: FootprintResult) -> tuple[AlternativeReading, ...]:
    """Every reading that has something to say about this inventory."""
    return tuple(_readings(inventory, result))


def _reading(code: str, result: FootprintResult, total: Decimal, energy: Decimal) -> AlternativeReading:
    figure = per_functional_unit(total, energy)
    return AlternativeReading(code, _LABELS[code], total, energy, figure, figure - result.per_functional_unit)


@exactly
def _materials(inventory: Inventory, result: FootprintResult) -> tuple[Decimal, int]:
    """What materials and end of life count for in the result, and how many materials are calculated with."""
    own = [line for line in result.lines if line.key[0] in ("materials", "end-of-life")]
    names = {line.key for line in own if line.stage == "raw-materials"}
    return sum((line.emissions for line in own), Decimal(0)), len(names)


def _readings(inventory: Inventory, result: FootprintResult) -> Iterator[AlternativeReading]:
    full = inventory.boundary == "full"
    energy, total = result.energy.total, result.total
    counted, number = _materials(inventory, result)
    treatment = inventory.end_of_life or Decimal(0)
    if full and number:
        yield _reading("a-no-mass", result, _without_mass(inventory, result, total - counted, treatment), energy)
    if full and inventory.end_of_life_counting == "once" and number > 1:
        yield _reading("b-per-material", result, total + treatment * (number - 1), energy)
    if inventory.rated_energy and inventory.rated_energy != inventory.usable_energy:
        yield _reading("f-rated-energy", result, total, energy_of(inventory, inventory.rated_energy).total)
    if not full and any(line.recycled_share for line in inventory.materials):
        yield _reading("g-partial-with-allocation", result, _with_allocation(inventory, result), energy)
    if result.cut_offs:
        saved = sum((cut.difference for cut in result.cut_offs), Decimal(0))
        yield _reading("h-no-cut-off", result, total - saved, energy)
    if inventory.cycles_per_year is not None and inventory.vehicle_class is not None:
        default = energy_of(replace(inventory, cycles_per_year=None)).total
        yield _reading("i-default-cycles", result, total, default)


@exactly
def _without_mass(inventory: Inventory, result: FootprintResult, rest: Decimal, treatment: Decimal) -> Decimal:
    kept = {line.key[1] for line in result.lines if line.key[0] == "materials"}
    literal = rest
    for index in sorted(kept):
        material = inventory.materials[index]
        literal += per_kg(material, result.allocation, full=True)
        literal += treatment if material.end_of_life is None else material.end_of_life
    return literal


@exactly
def _with_allocation(inventory: Inventory, result: FootprintResult) -> Decimal:
    total = result.total
    for line in result.lines:
        if line.key[0] == "materials":
            material = inventory.materials[line.key[1]]
            total += line.quantity * material.recycled_share * result.allocation * known(material.virgin)
    return total
