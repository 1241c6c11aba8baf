"""The lines of the Chinese draft: the contribution of each datum of an inventory, with its calculation.

The result, its alternative readings and its sensitivities share these functions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal

from passport.footprint import cutoff
from passport.footprint.facts import facts
from passport.footprint.formulas import (
    KG_PER_TONNE,
    credit_terms,
    exactly,
    input_terms,
    lifetime_energy,
    material_per_kg,
    value,
)
from passport.footprint.inventory.inventory import Inventory, InventoryLocation, Material, Provenance, known
from passport.footprint.result import FootprintLine, LifetimeEnergy
from passport.footprint.transport import factor_of
from passport.texts import ENGLISH

_ZERO = Decimal(0)


def allocation_of(inventory: Inventory) -> Decimal:
    """A: the inventory's, else that of the draft."""
    return facts().number("setting", "allocation-factor") if inventory.allocation is None else inventory.allocation


def energy_of(inventory: Inventory, usable: Decimal | None = None) -> LifetimeEnergy:
    """P_T. The maker's value for the vehicle type goes before the default of the class.

    :param usable: another energy in the place of the usable one.
    """
    usable = inventory.usable_energy if usable is None else usable
    if inventory.cycles_per_year is not None:
        cycles, origin = inventory.cycles_per_year, "maker"
    else:
        cycles, origin = facts().number("vehicle-class", inventory.vehicle_class or ""), inventory.vehicle_class or ""
    total = lifetime_energy(usable_kwh=usable, cycles_per_year=cycles, years=inventory.warranty_years)
    basis = inventory.cycles_source if origin == "maker" else None
    return LifetimeEnergy(usable, cycles, inventory.warranty_years, total, origin, basis)


def per_kg(material: Material, allocation: Decimal, *, full: bool) -> Decimal:
    """kg CO2e that a kilogram of the material counts for, credits taken off."""
    return material_per_kg(
        known(material.virgin),
        material.recycled or _ZERO,
        material.recycled_share,
        material.recovered_share,
        allocation,
        full=full,
    )


@exactly
def lines_of(
    inventory: Inventory, allocation: Decimal, limit: Decimal | None = None
) -> tuple[list[FootprintLine], tuple[cutoff.CutOff, ...]]:
    """Every line of the result, and the cuts.

    :param limit: of the cut-off; None takes that of the draft where the inventory wants it.
    """
    full = inventory.boundary == "full"
    factor: Callable[[Material], Decimal] = lambda material: per_kg(material, allocation, full=full)  # noqa: E731
    if limit is None:
        limit = facts().number("setting", "cut-off") if inventory.cut_off else _ZERO
    masses, record = cutoff.cut(inventory.materials, factor, limit)
    lines = list(_material_lines(inventory, masses, allocation, full))
    lines += _part_lines(inventory)
    lines += _process_lines(inventory)
    lines += _transport_lines(inventory)
    if full:
        lines += _end_of_life_lines(inventory)
    return lines, record


def _material_lines(
    inventory: Inventory, masses: list[Decimal], allocation: Decimal, full: bool
) -> Iterator[FootprintLine]:
    for index, (material, mass) in enumerate(zip(inventory.materials, masses, strict=True)):
        if not mass and material.mass:
            continue
        share, virgin = material.recycled_share, known(material.virgin)
        terms = input_terms(virgin, material.recycled or _ZERO, share, allocation, full=full)
        formula = "(1−R)·Ev" + (" + R·Er" + (" + R·A·Ev" if full else "") if share else "")
        yield FootprintLine(
            "raw-materials",
            material.component,
            material.name,
            mass,
            "kg",
            terms,
            formula,
            mass * value(terms),
            ("materials", index),
            material.provenance,
            material.place,
            mass - material.mass,
        )
        if full and material.recovered_share:
            terms = credit_terms(virgin, material.recovered_share, allocation)
            yield FootprintLine(
                "end-of-life",
                material.component,
                material.name,
                mass,
                "kg",
                terms,
                "−R*·A·Ev",
                mass * value(terms),
                ("materials", index),
                material.provenance,
                material.place,
                mass - material.mass,
            )


def _part_lines(inventory: Inventory) -> Iterator[FootprintLine]:
    for index, part in enumerate(inventory.parts):
        factor = known(part.factor)
        yield FootprintLine(
            "parts",
            part.component,
            part.name,
            part.quantity,
            part.unit,
            ((factor,),),
            "EF",
            part.quantity * factor,
            ("parts", index),
            part.provenance,
            part.place,
        )


def _process_lines(inventory: Inventory) -> Iterator[FootprintLine]:
    for index, line in enumerate(inventory.energy):
        factor = known(line.factor)
        yield FootprintLine(
            line.stage,
            line.process,
            line.name,
            line.amount,
            line.unit,
            ((factor,),),
            "EF",
            line.amount * factor,
            ("energy", index),
            line.provenance,
            line.place,
        )
    potentials = facts().gwp(inventory.gwp_set)
    source = facts().lists["gwp-set"][inventory.gwp_set].source
    assert source is not None
    for index, emission in enumerate(inventory.emissions):
        gwp = potentials[emission.gas]
        yield FootprintLine(
            emission.stage,
            emission.process,
            emission.gas,
            emission.mass,
            "kg",
            ((gwp,),),
            "GWP",
            emission.mass * gwp,
            ("emissions", index),
            Provenance(source.label[ENGLISH], None, source.day.year, "primary", emission.provenance.activity_data),
            emission.place,
        )


def _transport_lines(inventory: Inventory) -> Iterator[FootprintLine]:
    for index, leg in enumerate(inventory.transport):
        factor = factor_of(leg)
        provenance = leg.provenance
        if leg.factor is None:
            source = facts().lists["mode"][leg.mode].source
            provenance = Provenance(
                source.label[ENGLISH] if source else None,
                "CN",
                source.day.year if source else None,
                "default",
                leg.provenance.activity_data,
            )
        terms = ((leg.distance, factor),)
        tonnes = leg.mass / KG_PER_TONNE
        yield FootprintLine(
            leg.stage,
            leg.name,
            leg.mode,
            tonnes,
            "t",
            terms,
            "km·EF",
            tonnes * value(terms),
            ("transport", index),
            provenance,
            leg.place,
        )


def _end_of_life_lines(inventory: Inventory) -> Iterator[FootprintLine]:
    if inventory.end_of_life_counting == "once" and inventory.end_of_life is not None:
        yield FootprintLine(
            "end-of-life",
            "battery",
            "treatment",
            Decimal(1),
            "piece",
            ((inventory.end_of_life,),),
            "E_EOL",
            inventory.end_of_life,
            ("end-of-life", 0),
            inventory.end_of_life_provenance,
            InventoryLocation(inventory.file, columns={}),
        )
    elif inventory.end_of_life_counting == "per-material":
        for index, material in enumerate(inventory.materials):
            if material.end_of_life is not None:
                yield FootprintLine(
                    "end-of-life",
                    material.component,
                    material.name,
                    Decimal(1),
                    "piece",
                    ((material.end_of_life,),),
                    "E_EOL",
                    material.end_of_life,
                    ("materials", index),
                    material.provenance,
                    material.place,
                )
