"""Transport by mode, formula (4): each leg is mass in tonnes times distance in km times a factor in kg CO2e/(t·km)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from passport.footprint.facts import facts
from passport.footprint.formulas import KG_PER_TONNE, exactly
from passport.footprint.inventory.inventory import Leg


def factor_of(leg: Leg) -> Decimal:
    """The leg's own factor, else the default of its mode; kg CO2e/(t·km)."""
    return leg.factor if leg.factor is not None else facts().number("mode", leg.mode)


@exactly
def emissions(legs: Iterable[Leg]) -> Decimal:
    """(4) for some legs, kg CO2e."""
    return sum((leg.mass / KG_PER_TONNE * leg.distance * factor_of(leg) for leg in legs), Decimal(0))
