"""The facts of a battery that decide which obligations and least values bind it. Pure: read from statements.

* Its status: a battery of a second life owes some things no more. (Article 8(4) of Regulation (EU) 2023/1542)
* Its rated energy: some obligations hold above a threshold only.
* Its metals: the least recycled share of cobalt binds a battery that holds cobalt. The chemistry says so; where it says
  nothing of a metal, a share above zero does.

    facts = BatteryFacts(statements, subjects)
    below_minimum(regimes()["eu"], Category.EV, facts, date(2031, 8, 18))
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache

from passport.battery.statements import DATE, XSD, Node, Statements, Term, Value, text_of
from passport.texts import Text
from passport.validation.obligations import spared
from passport.vocabulary.vocabulary import NS, Category, Code, Indicator, LegalMinimum, Obligation, Regime, load


@dataclass(frozen=True)
class BelowMinimum:
    """A value below a least value of a regime.

    :param value: in the indicator's unit.
    :param in_force: whether the minimum binds this battery; False: it binds batteries of a later day.
    """

    indicator: Indicator = field(hash=False)
    minimum: LegalMinimum
    value: Decimal
    in_force: bool


class BatteryFacts:
    """The facts of one battery.

    :ivar statuses: codes of ``batteryStatus``.
    :ivar energy: rated energy in kWh, else rated capacity times nominal voltage; None where neither is given.
    :ivar metals: symbols of the metals that its chemistry surely holds.
    """

    def __init__(self, data: Statements, subjects: Iterable[Node]) -> None:
        self._data, self._subjects = data, tuple(subjects)
        self.statuses = frozenset(text_of(value) for value in self._values("batteryStatus"))
        self.energy = self._energy()
        chemistries = load().enumerations["chemistryShortName"]
        names = {
            text_of(name)
            for node in self._values("batteryChemistry")
            if not isinstance(node, Value)
            for name in data.objects(node, NS + "chemistryShortName")
        }
        known = [code for name in names if (code := chemistries.get(name)) is not None]
        self.metals = frozenset(metal for code in known for metal in code.metals)

    def number(self, indicator: str) -> Decimal | None:
        """The one decimal of an indicator, or None."""
        values = list(self._values(indicator))
        value = values[0] if len(values) == 1 else None
        return Decimal(value.text) if isinstance(value, Value) and value.datatype == XSD + "decimal" else None

    def spared(self, obligations: Iterable[Obligation]) -> dict[str, Text]:
        """By indicator id, why an obligation does not bind this battery; only those that do not."""
        reasons = {
            obligation.indicator: spared(obligation, statuses=self.statuses, energy=self.energy)
            for obligation in obligations
        }
        return {indicator: reason for indicator, reason in reasons.items() if reason is not None}

    def placed_on_market(self) -> date | None:
        """The one date of placing on the market, or None."""
        placed = set(self._values("placingOnMarketDate"))
        return day_of(placed.pop()) if len(placed) == 1 else None

    def _values(self, indicator: str) -> Iterator[Term]:
        return (value for subject in self._subjects for value in self._data.objects(subject, NS + indicator))

    def _energy(self) -> Decimal | None:
        stated, capacity, voltage = map(self.number, ("ratedEnergy", "ratedCapacity", "nominalVoltage"))
        if stated is not None:
            return stated
        return None if capacity is None or voltage is None else capacity * voltage / 1000


def below_minimum(regime: Regime, category: Category, facts: BatteryFacts, day: date) -> Iterator[BelowMinimum]:
    """The values below a least value of a regime, one for each indicator: in force, else the first to come.

    :param day: of placing on the market, or the day of checking in its place.
    """
    for indicator, minima in _minima(regime, category):
        value = facts.number(indicator.id)
        if value is None:
            continue
        missed = [least for least in minima if value < least.value and _binds(least, facts, value)]
        in_force = [least for least in missed if least.due_from <= day]
        if missed:
            yield BelowMinimum(indicator, in_force[-1] if in_force else missed[0], value, bool(in_force))


@cache
def _minima(regime: Regime, category: Category) -> tuple[tuple[Indicator, tuple[LegalMinimum, ...]], ...]:
    """The indicators that have a least value, in the vocabulary's order."""
    minima_of = ((indicator, regime.minima(indicator.id, category)) for indicator in load().indicators.values())
    return tuple((indicator, minima) for indicator, minima in minima_of if minima)


def _binds(least: LegalMinimum, facts: BatteryFacts, value: Decimal) -> bool:
    if least.exempts & facts.statuses:
        return False
    return least.metal is None or least.metal in facts.metals or value > 0


def category_without_passport(text: str) -> Code | None:
    """The battery category of that code or name that owes no passport, such as ``portable``; None for another."""
    wanted = " ".join(text.split()).casefold()
    for code in load().enumerations["categoryWithoutPassport"].codes:
        if wanted in {name.casefold() for name in (code.code, *code.label.values())}:
            return code
    return None


def day_of(term: Term) -> date | None:
    """The calendar day of an ``xsd:date``; None for any other term. Lexical forms are strict, so the day exists."""
    return date.fromisoformat(term.text[:10]) if isinstance(term, Value) and term.datatype == DATE else None
