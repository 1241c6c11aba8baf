"""The formulas of the draft, one function each, on exact decimals. No I/O; one place rounds.

(1) CFP = (E_raw+parts + E_production + E_distribution) / P_T                        partial life cycle
(2) CFP = (E_raw+EoL + E_parts + E_production + E_distribution) / P_T                full life cycle
(3) E_raw+EoL = sum over materials i of m_i·{R·A·E_v + R·E_r + (1 - R)·E_v - R*·A·E_v} + E_EOL
(4) E_transport = sum over legs of mass[t]·distance[km]·factor

(3) is printed without the mass and with E_EOL inside the braces; docs/footprint.md says why it is read like this.
The terms of (3) belong to two stages of a passport: what goes in to raw materials, treatment and
credit to end of life.

Inexact arithmetic is trapped: inputs have at most 12 digits on either side of the point, and the longest product
has five factors, so that 200 digits hold every sum exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal, Inexact, localcontext
from functools import wraps
from typing import ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Terms = tuple[tuple[Decimal, ...], ...]
ONE = Decimal(1)
KG_PER_TONNE = Decimal(1000)
_EXACT = Context(prec=200, traps=[Inexact])
#: Decimal places of a quotient before it is rounded for declaration.
_PLACES = Decimal("1e-15")


def exactly(function: Callable[Arguments, Result]) -> Callable[Arguments, Result]:
    """Run a function in arithmetic that never rounds."""

    @wraps(function)
    def run(*arguments: Arguments.args, **named: Arguments.kwargs) -> Result:
        with localcontext(_EXACT):
            return function(*arguments, **named)

    return run


def quotient(dividend: Decimal, divisor: Decimal) -> Decimal:
    """To 15 places, half up."""
    with localcontext(Context(prec=200, rounding=ROUND_HALF_UP)):
        return (dividend / divisor).quantize(_PLACES)


@exactly
def lifetime_energy(*, usable_kwh: Decimal, cycles_per_year: Decimal, years: Decimal) -> Decimal:
    """P_T in kWh: usable energy times full equivalent cycles per year times warranty years."""
    return usable_kwh * cycles_per_year * years


def per_functional_unit(kg_co2e: Decimal, energy_kwh: Decimal) -> Decimal:
    """(1) and (2): kg CO2e per kWh delivered over the service life."""
    return quotient(kg_co2e, energy_kwh)


def input_terms(virgin: Decimal, recycled: Decimal, share: Decimal, allocation: Decimal, *, full: bool) -> Terms:
    """What a kilogram of material brings in, as a sum of products.

    Partial: recycled content at the burden of its reprocessing alone. Full: with A·E_v on top, as (3) has it.
    """
    terms: Terms = ((ONE - share, virgin),)
    if share:
        terms += ((share, recycled),)
        if full:
            terms += ((share, allocation, virgin),)
    return terms


def credit_terms(virgin: Decimal, recovered: Decimal, allocation: Decimal) -> Terms:
    """What a kilogram gives back at its end of life: -R*·A·E_v."""
    return ((-recovered, allocation, virgin),)


def value(terms: Terms) -> Decimal:
    """The sum of the products."""
    total = Decimal(0)
    for term in terms:
        product = term[0]
        for number in term[1:]:
            product = product * number
        total += product
    return total


@exactly
def material_per_kg(
    virgin: Decimal, recycled: Decimal, share: Decimal, recovered: Decimal, allocation: Decimal, *, full: bool
) -> Decimal:
    """The braces of (3) without E_EOL, or what the partial boundary has in their place; kg CO2e/kg."""
    terms = input_terms(virgin, recycled, share, allocation, full=full)
    return value(terms + credit_terms(virgin, recovered, allocation) if full else terms)


@exactly
def raw_and_end_of_life(materials: Sequence[tuple[Decimal, Decimal]], treatment: Decimal) -> Decimal:
    """(3) from (mass, kg CO2e/kg) of each material and the treatment of the battery, in kg CO2e."""
    return sum((mass * per_kg for mass, per_kg in materials), treatment)
