"""In which state an entry is, and why. Pure: obligations, dates and what the reader may see go in.

Five states, each with a word of its own on the page: a value; *not yet due*, with the date or reason; *restricted*,
with who may see it; *does not apply*; *missing*. An entry that is neither due nor filled in is not listed.

Restricted is decided before the value is looked up, so the answer does not depend on it.
"""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from passport.validation.obligations import Wait, is_due, waits_for
from passport.vocabulary.vocabulary import Obligation, ObligationStatus, Regime, Stage

_NOT_ASKED = (ObligationStatus.EXCLUDED, ObligationStatus.NOT_TO_BE_FILLED)
_ARTICLE = re.compile(r"Art(?:icle|\.) (\d+)")


class EntryState(StrEnum):
    """State of an entry on the page."""

    VALUE = "value"
    NOT_YET_DUE = "not-yet-due"
    RESTRICTED = "restricted"
    NOT_APPLICABLE = "not-applicable"
    MISSING = "missing"


@dataclass(frozen=True)
class Waiting:
    """What a regime waits for.

    :ivar day: set where it waits for a day, and where the day behind an act is known; :ivar stage: where it waits for
        that stage of life.
    :ivar article: of the regime's law, under which the act is to come; None where its basis names none.
    """

    regime: str
    kind: Wait
    day: date | None = None
    stage: Stage | None = None
    article: str | None = None


@dataclass(frozen=True)
class StateDecision:
    """:ivar waiting: per regime, why it is not due; shown beside a value too.

    :ivar excluded: codes of the regimes that do not ask it of this kind of battery.
    """

    state: EntryState
    waiting: tuple[Waiting, ...] = ()
    excluded: tuple[str, ...] = ()


def waiting_for(regime: Regime, obligation: Obligation, on: date, at_stage: Stage) -> Waiting | None:
    """Why ``obligation`` is not due on that day at that stage, of several reasons the first; None where it is due."""
    match waits_for(obligation, on, at_stage):
        case (Wait.ACT, *_):
            named = _ARTICLE.search(obligation.basis["en"])
            return Waiting(regime.code, Wait.ACT, obligation.due_from, article=named[1] if named else None)
        case (Wait.STAGE, *_):
            return Waiting(regime.code, Wait.STAGE, stage=obligation.stage)
        case (Wait.DAY, *_):
            return Waiting(regime.code, Wait.DAY, obligation.due_from)
        case _:
            return None


def decide(
    obligations: Sequence[tuple[Regime, Obligation]],
    *,
    present: bool,
    readable: bool,
    on: date,
    at_stage: Stage,
    alone: bool = False,
) -> StateDecision | None:
    """The state of one entry under the regimes shown; None: not listed.

    :param obligations: of the regimes that speak of it for this category of battery.
    :param present: the view holds a value.
    :param readable: the reader may see this indicator, whether or not there is a value.
    :param alone: the page shows one regime; then a value that this regime does not want yet is left out.
    """
    demanded = [(regime, duty) for regime, duty in obligations if duty.status not in _NOT_ASKED]
    if not demanded and not (readable and present):
        excluded = tuple(regime.code for regime, _ in obligations)
        return StateDecision(EntryState.NOT_APPLICABLE, excluded=excluded) if excluded else None
    if not readable:
        return StateDecision(EntryState.RESTRICTED)
    if present:
        return _with_value(demanded, on, at_stage, alone)
    waiting = [
        waiting_for(regime, duty, on, at_stage) for regime, duty in demanded if _binds(regime, duty, on, at_stage)
    ]
    if any(reason is None for reason in waiting):
        return StateDecision(EntryState.MISSING)
    reasons = tuple(reason for reason in waiting if reason is not None)
    return StateDecision(EntryState.NOT_YET_DUE, reasons) if reasons else None


def _binds(regime: Regime, duty: Obligation, on: date, at_stage: Stage) -> bool:
    """True for what is asked of every battery now or later; whether a condition applies, no machine can tell here."""
    if duty.status is ObligationStatus.CONDITIONAL:
        # Dated later than the regime itself: the law has said when it will ask.
        dated = duty.due_from is not None and duty.due_from > regime.in_force
        return dated and Wait.DAY in waits_for(duty, on, at_stage)
    return duty.status in (ObligationStatus.MANDATORY, ObligationStatus.PENDING)


def _with_value(demanded: Sequence[tuple[Regime, Obligation]], on: date, at_stage: Stage, alone: bool) -> StateDecision:
    """A value is shown, with what waits for it; under one regime alone that waits, it is left out."""
    waiting = tuple(
        reason
        for regime, duty in demanded
        # Before a regime's first day everything waits for it; that is said once, not at each entry.
        if (reason := waiting_for(regime, duty, max(on, regime.in_force), at_stage)) and reason.kind is not Wait.STAGE
    )
    if alone and waiting:
        return StateDecision(EntryState.NOT_YET_DUE, waiting)
    return StateDecision(EntryState.VALUE, waiting)


@dataclass(frozen=True)
class Tally:
    """How many of the items that a regime asks for are there. ``since``: its first day, where that is to come."""

    regime: Regime
    present: int
    due: int
    since: date | None


def tally(
    regime: Regime,
    duties: Mapping[str, Obligation],
    *,
    present: Container[str],
    readable: Container[str],
    on: date,
    at_stage: Stage,
) -> Tally:
    """Count the mandatory items that are due and that this reader may see."""
    day = max(on, regime.in_force)
    due = [
        indicator
        for indicator, duty in duties.items()
        if duty.status is ObligationStatus.MANDATORY and indicator in readable and is_due(duty, day, at_stage)
    ]
    since = regime.in_force if on < regime.in_force else None
    return Tally(regime, sum(indicator in present for indicator in due), len(due), since)
