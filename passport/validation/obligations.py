"""Due dates of obligations: whether an obligation is due, and otherwise what it waits for. Pure.

The validator, the completeness report and the page of a passport all use these functions::

    waits_for(obligation, date(2027, 2, 18), Stage.PRODUCTION)      # (Wait.STAGE,): of a later stage of life
    is_due(obligation, date(2027, 2, 18), Stage.USE)                # True

A conditional or optional obligation can be due like any other: from then on a value may be asked for or given. An
excluded one is never asked for, whatever its day; its status says so.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from passport.vocabulary.regime import Obligation, ObligationStatus
from passport.vocabulary.vocabulary import Stage

__all__ = ["Wait", "is_due", "waits_for"]


class Wait(StrEnum):
    """What an obligation waits for: an act that settles its content, a stage of life, or a day."""

    ACT = "pending"
    STAGE = "at-stage"
    DAY = "from-date"


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
