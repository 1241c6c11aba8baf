"""The footprint indicators of the passport, from a result: rounded once, so that the stages add up.

The EU's footprint and the Chinese one are two values. Each has indicators of its own, and the method of a result
decides which of them it fills: a Chinese figure never takes the place of the EU's, nor the other way round.

Raw materials and parts are one indicator there. Treatment and credits at the end of life are the other end, and
only the full boundary has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from passport.battery.record import Record
from passport.errors import UsageError
from passport.footprint.formulas import quotient
from passport.footprint.method import METHODS, find
from passport.footprint.result import FootprintResult, plain, rounded_parts
from passport.texts import Message

ENERGY = "totalEnergyOverServiceLife"
_STAGES = (("raw-materials", "parts"), ("production",), ("distribution",), ("end-of-life",))


@dataclass(frozen=True)
class FigureNames:
    """The indicators of one regime's footprint.

    :ivar stages: which stages of a result each indicator of a stage holds.
    :ivar absolute: kg CO2e of one battery.
    :ivar fills_energy: whether a result fills the energy over the service life, a value of the model, as well. One
        regime does, so that the other's result does not change the base of its figures.
    :ivar declaration: address of the maker's declaration; :ivar study: of the public study; :ivar statement: of the
        accounting statement. None where the regime has no such indicator.
    """

    total: str
    stages: Mapping[str, tuple[str, ...]]
    absolute: str
    fills_energy: bool
    method: str
    boundary: str
    declaration: str
    study: str | None
    statement: str | None

    @property
    def figures(self) -> tuple[str, ...]:
        """The indicators with a number that a result fills."""
        return (self.total, *self.stages, self.absolute, *((ENERGY,) if self.fills_energy else ()))

    @property
    def filled(self) -> tuple[str, ...]:
        """Every indicator that a result fills: the figures, and what they are by."""
        return (*self.figures, self.method, self.boundary)


def _stages_of(prefix: str) -> Mapping[str, tuple[str, ...]]:
    names = (f"{prefix}{stage}" for stage in ("RawMaterials", "Production", "Distribution", "EndOfLife"))
    return dict(zip(names, _STAGES, strict=True))


EUROPEAN = FigureNames(
    total="batteryCarbonFootprint", stages=_stages_of("carbonFootprint"), absolute="absoluteCarbonFootprint",
    fills_energy=True, method="carbonFootprintMethod", boundary="carbonFootprintBoundary",
    declaration="carbonFootprintDeclaration", study="carbonFootprintStudy", statement=None,
)  # fmt: skip
CHINESE = FigureNames(
    total="chinaCarbonFootprint", stages=_stages_of("chinaCarbonFootprint"), absolute="chinaCarbonFootprintAbsolute",
    fills_energy=False,
    method="chinaCarbonFootprintMethod", boundary="chinaCarbonFootprintBoundary",
    declaration="chinaCarbonFootprintDeclaration", study=None, statement="carbonFootprintAccountingStatement",
)  # fmt: skip
#: By the code of the regime.
NAMES: Mapping[str, FigureNames] = {"eu": EUROPEAN, "cn": CHINESE}


def names_of(method: str) -> FigureNames:
    """The indicators that results of a method fill.

    :raises UnknownMethod: no such method.
    """
    return NAMES[find(method).regime]


def names_in(claims: Mapping[str, Any]) -> FigureNames | None:
    """The indicators of the footprint that a declaration states; None unless it is exactly one regime's.

    A figure by a method that is known here fills the indicators of that method's regime, or none.
    """
    stated = [names for names in NAMES.values() if names.total in claims]
    if len(stated) != 1:
        return None
    method = claims.get("footprintMethod")
    known = METHODS.get(method) if isinstance(method, str) else None
    return stated[0] if known is None or NAMES[known.regime] is stated[0] else None


def indicators(result: FootprintResult) -> dict[str, str]:
    """The figures by indicator, in the vocabulary's order, as the exact decimals that a credential carries.

    To three places, or to as many as give the total three significant digits.
    """
    names = names_of(result.method)
    places = max(3, 2 - result.per_functional_unit.adjusted()) if result.per_functional_unit else 3
    kept = {name: of for name, of in names.stages.items() if any(stage in result.stages for stage in of)}
    parts = [
        quotient(sum((result.stages.get(stage, Decimal(0)) for stage in of), Decimal(0)), result.energy.total)
        for of in kept.values()
    ]
    rounded, whole = rounded_parts(parts, places)
    values = {names.total: whole, **dict(zip(kept, rounded, strict=True))}
    values[names.absolute] = result.total.quantize(Decimal("0.001"))
    if names.fills_energy:
        values[ENERGY] = result.energy.total
    return {name: plain(value) for name, value in values.items()}


def fill(record: Record, result: FootprintResult, links: Mapping[str, str | None] | None = None) -> Record:
    """The record with the indicators of the result's regime filled in, with method and boundary.

    Earlier figures of the regime are replaced; the other regime's stay as they are.

    :param links: addresses for the indicators of the declaration, the study, …; None leaves one as it is.
    """
    names = names_of(result.method)
    model = {name: value for name, value in record.model.items() if name not in names.filled}
    batch = {name: value for name, value in record.batch.items() if name not in names.filled}
    model |= indicators(result) | {names.method: result.method, names.boundary: result.boundary}
    model |= {name: link for name, link in (links or {}).items() if link}
    # A link is replaced as well; where none is given, the one before stays.
    batch = {name: value for name, value in batch.items() if name not in model}
    return replace(record, model=model, batch=batch)


def links_of(
    result: FootprintResult, *, declaration: str, study: str | None = None, statement: str | None = None
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The addresses that go with a result by indicator, and those for which its regime has no indicator."""
    names = names_of(result.method)
    evidence = ((names.declaration, declaration), (names.study, study), (names.statement, statement))
    return (
        {name: link for name, link in evidence if name and link},
        tuple(link for name, link in evidence if not name and link),
    )


def of_model(record: Record, result: FootprintResult) -> None:
    """See that record and result speak of one model.

    :raises UsageError: they do not.
    """
    named: Any = record.model.get("batteryModelIdentifier")
    if named != result.model:
        raise UsageError(
            Message("the inventory is of another model"), expected=str(named)[:80], found=result.model[:80]
        )
