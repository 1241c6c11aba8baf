"""Notices of one regime about a record: worth knowing, and no fault.

* ``below-minimum``: a value below a least value that binds batteries placed on the market at a later day. Once that day
  is the battery's it is a fault, with the same words.
* ``not-to-be-filled``: a value that the guidance says not to fill in for this category of battery.
* ``asked-by-registry``: nothing is given for what the register asks for when the passport is entered there.
* ``part-missing``: a whole is given without one of its parts, such as a carbon footprint without its end-of-life stage
  or its method.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from passport.texts import Message, Text
from passport.validation.battery_facts import BelowMinimum
from passport.validation.obligations import is_due
from passport.validation.validation_report import IndicatorState, RegimeReport
from passport.vocabulary.vocabulary import Indicator, Obligation, ObligationStatus, Regime, load


@dataclass(frozen=True)
class RegimeFinding:
    """What a regime says of one indicator of a record."""

    indicator: str
    code: str
    message: Text
    expected: str
    found: str


def below_a_minimum(regime: Regime, below: BelowMinimum) -> RegimeFinding:
    """A value below a least value, in force or to come."""
    minimum, unit = below.minimum, below.indicator.unit
    symbol = f" {unit.symbol}" if unit is not None else ""
    least, value = (f"{number.normalize():f}{symbol}" for number in (minimum.value, below.value))
    message = Message(
        "{indicator}: {regime} asks for at least {least} of batteries placed on the market from {day} on ({basis}); "
        "found {found}.",
        indicator=below.indicator.label, regime=regime.label, least=least, day=minimum.due_from, basis=minimum.basis,
        found=value,
    )  # fmt: skip
    return RegimeFinding(below.indicator.id, "below-minimum", message, Message("at least {least}", least=least), value)


def findings_of_notice(
    report: RegimeReport, below: Iterable[BelowMinimum], given: Collection[str]
) -> Iterator[RegimeFinding]:
    """The notices of one regime, in the vocabulary's order.

    :param below: values below a least value; those in force are faults and left out here.
    :param given: indicators that have a value.
    """
    to_come = {minimum.indicator.id: minimum for minimum in below if not minimum.in_force}
    for indicator in load().indicators.values():
        obligation = report.obligations.get(indicator.id)
        if indicator.id in to_come:
            yield below_a_minimum(report.regime, to_come[indicator.id])
        if obligation is None:
            continue
        present = report.states[indicator.id] is IndicatorState.PRESENT
        if present and obligation.status is ObligationStatus.NOT_TO_BE_FILLED:
            yield _not_to_be_filled(report.regime, indicator, obligation)
        absent = report.states[indicator.id] is IndicatorState.NOT_APPLICABLE
        if absent and obligation.asked_by_registry and is_due(obligation, report.on, report.at_stage):
            yield _asked_by_registry(report.regime, indicator, obligation)
        if _lacks_part(report, obligation, given):
            yield _part_missing(report.regime, indicator, obligation)


def _lacks_part(report: RegimeReport, obligation: Obligation, given: Collection[str]) -> bool:
    whole = obligation.part_of
    if whole is None or whole not in given or obligation.indicator in given:
        return False
    if report.states.get(whole) in (IndicatorState.MALFORMED, IndicatorState.EXCLUDED):
        return False
    # Before an act is adopted nothing is due, but a figure that is given all the same says nothing without its method.
    if obligation.status is ObligationStatus.PENDING:
        return True
    state = report.states[obligation.indicator]
    return state is IndicatorState.NOT_APPLICABLE and is_due(obligation, report.on, report.at_stage)


def _not_to_be_filled(regime: Regime, indicator: Indicator, obligation: Obligation) -> RegimeFinding:
    message = Message(
        "{indicator} is not to be filled in or displayed for this battery category under {regime} ({basis}).",
        indicator=indicator.label, regime=regime.label, basis=obligation.basis,
    )  # fmt: skip
    return RegimeFinding(indicator.id, "not-to-be-filled", message, Message("no value"), Message("a value"))


def _asked_by_registry(regime: Regime, indicator: Indicator, obligation: Obligation) -> RegimeFinding:
    message = Message(
        "{indicator} is not given; the register of the {regime} asks for it when the passport is entered ({basis}).",
        indicator=indicator.label, regime=regime.label, basis=obligation.basis,
    )  # fmt: skip
    return RegimeFinding(indicator.id, "asked-by-registry", message, Message("a value"), Message("nothing"))


def _part_missing(regime: Regime, indicator: Indicator, obligation: Obligation) -> RegimeFinding:
    whole = load().indicators[obligation.part_of or ""]
    message = Message(
        "{part} is not given, although {whole} is, of which {regime} counts it a part ({basis}).",
        part=indicator.label, whole=whole.label, regime=regime.label, basis=obligation.basis,
    )  # fmt: skip
    return RegimeFinding(indicator.id, "part-missing", message, Message("a value"), Message("nothing"))
