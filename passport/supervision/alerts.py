"""The life of an alert: opened by a violation, handled by people, closed by a person or because its cause has left.

* Openings and closings by cause come from judging; what people did is a record of its own. Status is derived from both.
* A closing by a person holds as long as the violation is the same. If the cause leaves and comes back after that, the
  alert is open again.
* A person closes only with a reason, reopens only what a person closed, and explains what is open. It can ask for an
  explanation before.

    alert = Alert.of(openings, steps)
    alert.status                          # AlertStatus.OPEN
    refuse_step(alert, "close", reason="inspected on site")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Protocol

from passport.errors import UsageError
from passport.supervision.findings import AlertKey
from passport.texts import Message

ASSIGN, ASK, EXPLAIN, CLOSE, REOPEN = STEPS = ("assign", "ask", "explain", "close", "reopen")


class AlertStatus(StrEnum):
    """Where an alert is in its life."""

    OPEN = "open"
    #: An explanation was asked for.
    ASKED = "asked"
    EXPLAINED = "explained"
    CLOSED = "closed"
    #: Its cause has left.
    CEASED = "ceased"


class Opening(Protocol):
    """An opening, as :class:`passport.store.facts.alert_rows.AlertRow` has it."""

    @property
    def rule(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def evidence(self) -> str: ...
    @property
    def opened(self) -> int: ...
    @property
    def returned(self) -> int | None: ...
    @property
    def closed(self) -> int | None: ...
    @property
    def cause(self) -> str | None: ...


class Step(Protocol):
    """A step that a person took, as :class:`passport.store.state.alert_handling.Handling` has it."""

    @property
    def at(self) -> datetime: ...
    @property
    def step(self) -> str: ...
    @property
    def person(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def owner(self) -> str | None: ...


@dataclass(frozen=True)
class Alert:
    """One alert.

    :param owner: who has to see to it; None where none was named.
    :param opened: instant at which the rule was broken.
    :param closed: instant of the closing, by cause or by a person; None while it is open.
    :param reason: why it is closed or explained; a person's words, or None where its cause has left.
    :param cause: id of the event that took the cause away; None where no event did.
    :param steps: what people did, oldest first.
    """

    key: AlertKey
    status: AlertStatus
    owner: str | None
    opened: datetime
    closed: datetime | None
    reason: str | None
    cause: str | None
    steps: tuple[Step, ...]

    @classmethod
    def of(cls, openings: Sequence[Opening], steps: Sequence[Step]) -> Alert:
        """An alert out of its openings, oldest first, at least one, and of what people did."""
        newest = openings[-1]
        status, closed, reason, cause = AlertStatus.OPEN, None, None, None
        returned = None if newest.returned is None else _instant(newest.returned)
        for step in steps:
            if returned is not None and step.at < returned:
                continue
            if step.step == CLOSE:
                status, closed, reason = AlertStatus.CLOSED, step.at, step.reason
            elif step.step in (ASK, EXPLAIN) and status is not AlertStatus.CLOSED:
                status = AlertStatus.ASKED if step.step == ASK else AlertStatus.EXPLAINED
                reason = step.reason
            elif step.step == REOPEN:
                status, closed, reason = AlertStatus.OPEN, None, None
        if newest.closed is not None and status is not AlertStatus.CLOSED:
            status, closed, reason, cause = AlertStatus.CEASED, _instant(newest.closed), None, newest.cause or None
        return cls(
            key=AlertKey(newest.rule, newest.subject, newest.evidence),
            status=status,
            owner=next((step.owner for step in reversed(steps) if step.owner), None),
            opened=_instant(newest.opened),
            closed=closed,
            reason=reason,
            cause=cause,
            steps=tuple(steps),
        )


#: Statuses of an unresolved alert.
LIVE = (AlertStatus.OPEN, AlertStatus.ASKED, AlertStatus.EXPLAINED)
#: Statuses in which a step can be taken.
STEPS_ALLOWED = {
    ASSIGN: LIVE,
    ASK: LIVE,
    EXPLAIN: LIVE,
    CLOSE: LIVE,
    REOPEN: (AlertStatus.CLOSED, AlertStatus.EXPLAINED),
}


def refuse_step(alert: Alert, step: str, *, reason: str, owner: str | None = None) -> None:
    """Refuse what makes no sense with an alert.

    :param step: of :data:`STEPS`; :param owner: who is to see to it.
    :raises UsageError: no reason, no owner to assign it to, or a step that its status does not allow.
    """
    if not reason.strip():
        raise UsageError(Message("no reason was given"), expected=Message("why, in one sentence"))
    if step == ASSIGN and not (owner or "").strip():
        raise UsageError(Message("no owner was named"), expected=Message("who is to see to the alert"))
    allowed = STEPS_ALLOWED[step]
    if alert.status not in allowed:
        raise UsageError(
            Message("the alert is {status}", status=status_text(alert.status)),
            expected=Message("an alert that is {statuses}", statuses=[status_text(status) for status in allowed]),
        )


def status_text(status: AlertStatus) -> Message:
    """A status as people read it."""
    return {
        AlertStatus.OPEN: Message("open"),
        AlertStatus.ASKED: Message("explanation asked"),
        AlertStatus.EXPLAINED: Message("explained"),
        AlertStatus.CLOSED: Message("closed by a person"),
        AlertStatus.CEASED: Message("closed because its cause has left"),
    }[status]


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
