"""Due dates of obligations: whether an obligation is due, and otherwise what it waits for. Pure.

The validator, the completeness report and the page of a passport all use these functions::

    waits_for(obligation, date(2027, 2, 18), Stage.PRODUCTION)      # (Wait.STAGE,): of a later stage of life
    is_due(obligation, date(2027, 2, 18), Stage.USE)                # True

The day is that of placing on the market: a battery keeps the obligations of that day. Where the record does not give
it, the day of checking is used, and the report says so (:class:`DutyDay`).

A conditional or optional obligation can be due like any other: from then on a value may be asked for or given. An
excluded one is never asked for, whatever its day, and neither is one that the guidance says not to fill in; their
status says so. Some obligations do not bind every battery of a category (:func:`spared`).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from passport.texts import Message, Text
from passport.vocabulary.regime import Obligation, ObligationStatus
from passport.vocabulary.vocabulary import Stage, load

__all__ = ["DutyDay", "Wait", "duty_day", "is_due", "spared", "waits_for"]


class Wait(StrEnum):
    """What an obligation waits for: an act that settles its content, a stage of life, or a day."""

    ACT = "pending"
    STAGE = "at-stage"
    DAY = "from-date"


@dataclass(frozen=True)
class DutyDay:
    """The day whose obligations apply to a battery.

    :param placed: whether it is the date of placing on the market. False: the record does not give that date, and the
        day of checking is used instead.
    """

    day: date
    placed: bool = False


def duty_day(placed: date | None, checked: date) -> DutyDay:
    """The day whose obligations apply.

    :param placed: the date of placing on the market, where the record gives one.
    :param checked: the day of checking.
    """
    return DutyDay(checked) if placed is None else DutyDay(placed, placed=True)


def waits_for(obligation: Obligation, on: date, at_stage: Stage) -> tuple[Wait, ...]:
    """Everything that keeps an obligation from being due on a day, of a battery at a stage of its life.

    Empty where it is due. While the act is outstanding nothing is known of stage or day, and the act is all it waits
    for.
    """
    if obligation.status is ObligationStatus.PENDING or obligation.due_from is None:
        return (Wait.ACT,)
    waits = () if obligation.stage.reached_by(at_stage) else (Wait.STAGE,)
    return waits if obligation.due_from <= on else (*waits, Wait.DAY)


def is_due(obligation: Obligation, on: date, at_stage: Stage) -> bool:
    """Whether an obligation can be asked for on a day, of a battery at a stage of its life."""
    return not waits_for(obligation, on, at_stage)


def spared(obligation: Obligation, *, statuses: Collection[str], energy: Decimal | None) -> Text | None:
    """Why an obligation does not bind a battery of a category that it binds otherwise; None where it binds it.

    :param statuses: codes of ``batteryStatus`` that the battery has.
    :param energy: rated energy in kWh; None where it is not known, and then a threshold counts as passed.
    """
    for status in sorted(obligation.exempts.intersection(statuses)):
        known = load().enumerations["batteryStatus"].get(status)
        return Message("a battery with the status “{status}” is exempt", status=known.label if known else status)
    limit = obligation.above_energy
    if limit is not None and energy is not None and energy <= limit:
        return Message(
            "asked for above {limit} kWh only; this battery has {energy} kWh",
            limit=f"{limit.normalize():f}",
            energy=f"{energy.normalize():f}",
        )
    return None
