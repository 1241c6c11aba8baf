"""The footprint indicators of the passport, from a result: rounded once, so that the stages add up.

Raw materials and parts are one indicator there. Treatment and credits at the end of life are the other end, and
only the full boundary has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from passport.battery.record import Record
from passport.errors import UsageError
from passport.footprint.formulas import quotient
from passport.footprint.result import FootprintResult, plain, rounded_parts
from passport.texts import Message

TOTAL, ABSOLUTE, ENERGY = "batteryCarbonFootprint", "absoluteCarbonFootprint", "totalEnergyOverServiceLife"
STAGES: Mapping[str, tuple[str, ...]] = {
    "carbonFootprintRawMaterials": ("raw-materials", "parts"),
    "carbonFootprintProduction": ("production",),
    "carbonFootprintDistribution": ("distribution",),
    "carbonFootprintEndOfLife": ("end-of-life",),
}
#: Every indicator that a result fills.
INDICATORS = (TOTAL, *STAGES, ABSOLUTE, ENERGY)
DECLARATION, STUDY, STATEMENT = (
    "carbonFootprintDeclaration",
    "carbonFootprintStudy",
    "carbonFootprintAccountingStatement",
)


def indicators(result: FootprintResult) -> dict[str, str]:
    """The indicators by id, in the vocabulary's order, as the exact decimals that a credential carries.

    To three places, or to as many as give the total three significant digits.
    """
    places = max(3, 2 - result.per_functional_unit.adjusted()) if result.per_functional_unit else 3
    kept = {name: of for name, of in STAGES.items() if any(stage in result.stages for stage in of)}
    parts = [
        quotient(sum((result.stages.get(stage, Decimal(0)) for stage in of), Decimal(0)), result.energy.total)
        for of in kept.values()
    ]
    rounded, whole = rounded_parts(parts, places)
    values = {TOTAL: whole, **dict(zip(kept, rounded, strict=True))}
    values[ABSOLUTE] = result.total.quantize(Decimal("0.001"))
    values[ENERGY] = result.energy.total
    return {name: plain(value) for name, value in values.items()}


def fill(record: Record, figures: Mapping[str, str], links: Mapping[str, str | None] | None = None) -> Record:
    """The record with the footprint indicators filled in; what stood there is replaced.

    :param figures: of :func:`indicators`.
    :param links: addresses for ``carbonFootprintDeclaration``, ``carbonFootprintStudy``, …; None leaves one as it is.
    """
    model = {name: value for name, value in record.model.items() if name not in INDICATORS}
    batch = {name: value for name, value in record.batch.items() if name not in INDICATORS}
    model |= dict(figures) | {name: link for name, link in (links or {}).items() if link}
    # A link is replaced as well; where none is given, the one before stays.
    batch = {name: value for name, value in batch.items() if name not in model}
    return replace(record, model=model, batch=batch)


def of_model(record: Record, result: FootprintResult) -> None:
    """See that record and result speak of one model.

    :raises UsageError: they do not.
    """
    named: Any = record.model.get("batteryModelIdentifier")
    if named != result.model:
        raise UsageError(
            Message("the inventory is of another model"), expected=str(named)[:80], found=result.model[:80]
        )
