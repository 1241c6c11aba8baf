"""The footprint report: a result with its explanation, as one value and as JSON, for HTML, workbook and command.

Numbers are exact decimals as text. ``per_functional_unit`` is given to 15 places; what a passport states is rounded
once, so that the stages add up (:mod:`.declared`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from passport.footprint.declared import indicators
from passport.footprint.facts import facts
from passport.footprint.formulas import exactly, quotient
from passport.footprint.inventory.inventory import Inventory
from passport.footprint.method import AlternativeReading, FootprintMethod, Influence, calculate, find
from passport.footprint.report_items import ReportItem, report_items
from passport.footprint.result import FootprintLine, FootprintResult, plain
from passport.texts import by_language


@dataclass(frozen=True)
class FootprintReport:
    """A result, other readings of its method, and the inputs that move it most."""

    result: FootprintResult
    method: FootprintMethod
    readings: tuple[AlternativeReading, ...]
    influences: tuple[Influence, ...]
    items: tuple[ReportItem, ...] = ()

    @property
    @exactly
    def significant(self) -> tuple[tuple[str, Decimal, Decimal], ...]:
        """Materials and parts that make up the significant share together: name, kg CO2e, cumulative share of one.

        The share is of what all materials and parts bring in; credits are left out.
        """
        incoming = [(name, value) for name, value in self.by_material if value > 0]
        whole = sum((value for _, value in incoming), Decimal(0))
        limit = facts().number("setting", "significance")
        shown: list[tuple[str, Decimal, Decimal]] = []
        sum_so_far = Decimal(0)
        for name, value in incoming:
            if sum_so_far >= limit * whole:
                break
            sum_so_far += value
            shown.append((name, value, quotient(sum_so_far, whole)))
        return tuple(shown)

    @property
    @exactly
    def by_material(self) -> tuple[tuple[str, Decimal], ...]:
        """kg CO2e of each material or part over all stages, largest first."""
        sums: dict[str, Decimal] = {}
        for line in self.result.lines:
            if line.key[0] in ("materials", "parts"):
                sums[line.item] = sums.get(line.item, Decimal(0)) + line.emissions
        return tuple(sorted(sums.items(), key=lambda pair: (-pair[1], pair[0])))

    def to_json(self) -> dict[str, Any]:
        result = self.result
        quality, capacity = result.quality, result.per_capacity
        return {
            "model": result.model,
            "manufacturer": result.manufacturer,
            "plant": result.plant,
            "plantCountry": result.plant_country,
            "period": result.period,
            "method": result.method,
            "methodName": by_language(self.method.label),
            "boundary": result.boundary,
            "functionalUnit": by_language(result.functional_unit),
            "software": result.software,
            "perFunctionalUnit": plain(result.per_functional_unit),
            "unit": "kg CO2e/kWh",
            "total": plain(result.total),
            "energyOverServiceLife": {
                "total": plain(result.energy.total),
                "usableEnergy": plain(result.energy.usable),
                "cyclesPerYear": plain(result.energy.cycles),
                "cyclesFrom": result.energy.cycles_from,
                "warrantyYears": plain(result.energy.years),
                "cyclesBasis": result.energy.basis,
            },
            "stages": {
                stage: {"emissions": plain(value), "share": plain(result.share(stage))}
                for stage, value in result.stages.items()
            },
            "indicators": indicators(result),
            "plausibility": {
                "perKwhOfCapacity": plain(capacity.value),
                "range": [plain(facts().number("setting", code)) for code in ("capacity-low", "capacity-high")],
                "mean": plain(facts().number("setting", "capacity-mean")),
            },
            "allocationFactor": plain(result.allocation),
            "allocationProof": result.allocation_proof,
            "electricityTreatment": result.electricity,
            "gwpSet": result.gwp_set,
            "dataQuality": {
                "rating": None if quality.rating is None else plain(quality.rating),
                "class": quality.category,
                "limit": plain(quality.limit),
                "withinLimit": quality.within_limit,
                "rated": plain(quality.rated),
                "unrated": plain(quality.unrated),
                "primary": plain(quality.primary),
            },
            "findings": [{"code": each.code, "message": by_language(each.message)} for each in result.findings],
            "cutOffs": [
                {
                    "component": cut.component,
                    "material": cut.name,
                    "mass": plain(cut.mass),
                    "componentMass": plain(cut.share_of),
                    "movedTo": cut.receiver,
                    "difference": plain(cut.difference),
                }
                for cut in result.cut_offs
            ],
            "readings": [
                {
                    "code": each.code,
                    "label": by_language(each.label),
                    "total": plain(each.total),
                    "energy": plain(each.energy),
                    "perFunctionalUnit": plain(each.per_functional_unit),
                    "difference": plain(each.difference),
                }
                for each in self.readings
            ],
            "influences": [
                {"input": by_language(each.input), "effect": plain(each.effect), "perCent": plain(each.per_cent)}
                for each in self.influences
            ],
            "byMaterial": {name: plain(value) for name, value in self.by_material},
            "significant": [
                {"item": name, "emissions": plain(value), "cumulativeShare": plain(share)}
                for name, value, share in self.significant
            ],
            "notVerified": [
                {"list": name, "code": code, "label": by_language(facts().named(name, code))}
                for name, listed in facts().lists.items()
                for code, fact in listed.items()
                if not fact.verified
            ],
            "dataKinds": {kind: plain(value) for kind, value in result.by_data_kind.items()},
            "reportItems": [
                {
                    "code": item.code,
                    "label": by_language(item.label),
                    "stated": [by_language(text) for text in item.texts],
                }
                for item in self.items
            ],
            "factorSources": list(result.factor_sources),
            "lines": [_line(line) for line in result.lines],
        }


def make(inventory: Inventory, *, software: str, most: int = 12) -> FootprintReport:
    """Calculate, and explain.

    :param most: how many of the strongest inputs are listed.
    :raises FaultyRecord: the inventory has faults. :raises UnknownMethod: its method is unknown.
    """
    result = calculate(inventory, software=software)
    method = find(inventory.method)
    readings, influences = method.readings(inventory, result), method.influences(inventory, result, most)
    items = report_items(inventory, result, method, readings, influences)
    return FootprintReport(result, method, readings, influences, items)


def _line(line: FootprintLine) -> dict[str, Any]:
    provenance = line.provenance
    place = line.place.at()
    document: Mapping[str, Any] = {
        "stage": line.stage,
        "group": line.group,
        "item": line.item,
        "quantity": plain(line.quantity),
        "unit": line.unit,
        "formula": line.formula,
        "working": line.working,
        "perUnit": plain(line.per_unit),
        "emissions": plain(line.emissions),
        "activityData": provenance.activity_data,
        "factorData": provenance.factor_data,
        "source": provenance.source,
        "geography": provenance.geography,
        "year": provenance.year,
        "place": str(place),
        "movedIn": plain(line.moved_in) if line.moved_in else None,
        "levels": None
        if provenance.quality is None
        else [provenance.quality.time, provenance.quality.technology, provenance.quality.geography],
    }
    return {name: value for name, value in document.items() if value is not None}
