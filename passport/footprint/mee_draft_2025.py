"""The Chinese draft of March 2025 (project 2024-63) as a method. docs/footprint.md states each reading.

1. The lifetime energy: the maker's cycles first, else the default of the vehicle class.
2. The cut-off, per component.
3. Materials by (3) or, in the partial boundary, at what goes in; parts; production; transport by (4).
4. End of life: treatment once for the battery, or for each material where the inventory says so.
5. The sums, the data quality, and what the draft asks for and the inventory does not show.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from passport.footprint import alternative_readings, data_quality, quality_scores, sensitivity
from passport.footprint.facts import facts
from passport.footprint.formulas import exactly
from passport.footprint.inventory.factor_ranges import implausible_factors
from passport.footprint.inventory.inventory import BoughtPart, Energy, Inventory, Leg, Material, known
from passport.footprint.mee_lines import allocation_of, energy_of, lines_of
from passport.footprint.method import AlternativeReading, Influence
from passport.footprint.outside import outside_lines
from passport.footprint.result import Basis, FootprintFinding, FootprintResult, Intensity, plain
from passport.texts import Message, Text

ID = "cn-mee-2024-63-draft-2025-03"
_ZERO = Decimal(0)


class MeeDraft2025:
    """See the module."""

    id = ID
    label: Text = Message("China, draft standard on the carbon footprint of power batteries, March 2025")
    regime = "cn"
    boundaries: tuple[str, ...] = ("partial", "full")
    functional_unit = Message("1 kWh delivered to the vehicle over the service life")

    @exactly
    def calculate(self, inventory: Inventory, *, software: str) -> FootprintResult:
        energy = energy_of(inventory)
        allocation = allocation_of(inventory)
        lines, cut_offs = lines_of(inventory, allocation)
        order = [code for code in facts().lists["stage"] if code != "end-of-life" or inventory.boundary == "full"]
        stages = dict.fromkeys(order, _ZERO)
        for line in lines:
            stages[line.stage] += line.emissions
        rating = data_quality.rate(
            (line.emissions, line.provenance.factor_data, line.provenance.quality) for line in lines
        )
        result = FootprintResult(
            self.id,
            inventory.boundary,
            self.functional_unit,
            software,
            inventory.model,
            energy,
            sum(stages.values(), _ZERO),
            stages,
            tuple(lines),
            cut_offs,
            rating,
            allocation,
            tuple(dict.fromkeys(line.provenance.source for line in lines if line.provenance.source)),
            (),
            inventory.allocation_proof,
            inventory.electricity,
            inventory.gwp_set if inventory.emissions else None,
            inventory.plant,
            inventory.period,
            inventory.rated_energy,
            inventory.manufacturer,
            inventory.plant_country,
        )
        return replace(result, findings=tuple(_findings(inventory, result)))

    def readings(self, inventory: Inventory, result: FootprintResult) -> tuple[AlternativeReading, ...]:
        return alternative_readings.readings(inventory, result)

    def influences(self, inventory: Inventory, result: FootprintResult, most: int = 20) -> tuple[Influence, ...]:
        return sensitivity.influences(inventory, result, most)


# --- what a reader must know ------------------------------------------------------------------------------------------


def _findings(inventory: Inventory, result: FootprintResult) -> Iterator[FootprintFinding]:
    rating = result.quality
    if rating.within_limit is False:
        yield FootprintFinding(
            "data-quality",
            Message(
                "The data-quality rating {rating:.2f} is above {limit}.",
                rating=rating.rating,
                limit=plain(rating.limit),
            ),
        )
    if inventory.cycles_per_year is not None and not inventory.cycles_source:
        yield FootprintFinding(
            "cycles-without-basis",
            Message("Nothing says what the maker's number of cycles rests on."),
            inventory.place("cyclesSource"),
        )
    if inventory.boundary == "full" and not any(
        line.stage == "end-of-life" and line.provenance.factor_data == "primary" for line in result.lines
    ):
        yield FootprintFinding(
            "end-of-life-not-primary",
            Message("The end of life rests on secondary data; primary data go first where there are any."),
        )
    wanting: dict[str, int] = {}
    for line in result.lines:
        datum = line.key[0]
        at_fault = line.provenance.activity_data != "primary" and line.stage in ("production", "distribution")
        if datum in ("materials", "parts"):
            of: Material | BoughtPart = (inventory.materials if datum == "materials" else inventory.parts)[line.key[1]]
            at_fault = of.key_part and line.provenance.factor_data != "primary" and line.stage != "end-of-life"
        if at_fault:
            wanting[line.stage] = wanting.get(line.stage, 0) + 1
    for stage, number in wanting.items():
        yield FootprintFinding(
            f"primary-data-{stage}",
            Message(
                "{stage}: lines that should rest on primary data and do not: {number}.",
                stage=facts().named("stage", stage),
                number=number,
            ),
        )
    yield from _defaults_taken(result)
    yield from _stated_levels(inventory)
    for name, kind, place in outside_lines(inventory):
        yield FootprintFinding(
            "excluded-item",
            Message("{item}: this seems to lie outside of the boundary ({kind}).", item=name[:80], kind=kind.label),
            place.at(),
        )
    for material in inventory.materials:
        if (
            material.recycled_share
            and material.recycled is not None
            and inventory.boundary == "full"
            and (material.recycled > (1 - result.allocation) * known(material.virgin))
        ):
            yield FootprintFinding(
                "recycled-content-raises",
                Message(
                    "{material}: recycled content raises the result, since Er is above (1−A)·Ev.",
                    material=material.name,
                ),
                material.place.at("recycledFactor"),
            )
    yield from implausible_factors(inventory)
    for remark in inventory.remarks:
        yield FootprintFinding(remark.code, remark.message, remark.location)
    low, high = (facts().number("setting", code) for code in ("capacity-low", "capacity-high"))
    intensity = result.per_capacity
    if intensity.difference(Intensity(low, Basis.CAPACITY)) < 0 or (
        intensity.difference(Intensity(high, Basis.CAPACITY)) > 0
    ):
        yield FootprintFinding(
            "implausible",
            Message(
                "{figure:.2f} kg CO2e per kWh of capacity lies outside {low} to {high}.",
                figure=intensity.value,
                low=plain(low),
                high=plain(high),
            ),
        )


def _defaults_taken(result: FootprintResult) -> Iterator[FootprintFinding]:
    """The lines that rest on the method's own values, which come last in the order of preference."""
    taken = dict.fromkeys((line.key[0], line.item) for line in result.lines if line.provenance.factor_data == "default")
    order = [fact.label for fact in facts().lists["data-kind"].values()]
    if taken:
        yield FootprintFinding(
            "default-taken",
            Message(
                "The method's own factor was taken for: {items}. Order of preference: {order}.",
                items=[facts().item(table, item) for table, item in taken],
                order=order,
            ),
        )


def _stated_levels(inventory: Inventory) -> Iterator[FootprintFinding]:
    """Stated levels of data quality that are better than those of the tables."""
    lines: tuple[Material | BoughtPart | Energy | Leg, ...]
    lines = (*inventory.materials, *inventory.parts, *inventory.energy, *inventory.transport)
    for line in lines:
        quality, provenance = line.provenance.quality, line.provenance
        if quality is None or provenance.factor_data != "secondary":
            continue
        time, geography = quality_scores.by_table(provenance, inventory.study_year, inventory.plant_country)
        for name, stated, scored in (
            ("timeLevel", quality.time, time),
            ("geographyLevel", quality.geography, geography),
        ):
            if scored is not None and stated < scored:
                yield FootprintFinding(
                    "level-better-than-table",
                    Message(
                        "{item}: level {stated} is better than the {scored} of the table.",
                        item=line.name[:80],
                        stated=stated,
                        scored=scored,
                    ),
                    line.place.at(name),
                )
