"""Hand-overs: what is sent out is received by the named receiver, under its event, and weighs no more than before.

A natural person reports nothing. So a pack that a person has is received without having been sent out.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import UNNAMED, PackState
from passport.texts import Message


def heavier(code: str, mass: Decimal | None, before: Decimal | None) -> Iterator[Refusal]:
    """A mass that is greater than the mass before it; both in kg."""
    if mass is not None and before is not None and mass > before:
        yield Refusal(
            code,
            Message("{mass} kg is more than the {before} kg before it.", mass=mass, before=before),
            Message("Weigh again, or correct the earlier report."),
        )


def sending(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Sending out: to another party, with a mass unless the pack is in a vehicle."""
    if event.counterpart == event.actor:
        yield Refusal(
            "sent-to-itself",
            Message("Sender and receiver are the same."),
            Message("A hand-over names the other party; a move within one enterprise is none."),
        )
    if not state.fitted and event.number("handledMass") is None:
        yield _mass_missing()
    yield from heavier("mass-grew", event.number("handledMass"), state.mass)


def receipt(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """Receiving: what was sent to this actor, or what a person brings."""
    transit = state.transit
    if transit is None:
        if state.holder != UNNAMED or event.text("handoverEvent") is not None:
            yield Refusal(
                "no-hand-over",
                Message("The pack was not sent out to this receiver."),
                Message("Its holder reports the sending first; only what a person brings is received without it."),
            )
        return
    if event.actor != transit.receiver:
        yield Refusal(
            "not-the-receiver",
            Message("The pack was sent to {receiver}.", receiver=transit.receiver),
            Message("The named receiver reports the receipt; if the pack went elsewhere, its sender corrects that."),
            event=transit.event,
        )
    if event.counterpart is not None and event.counterpart != transit.sender:
        yield Refusal(
            "not-the-sender",
            Message("The pack was sent by {sender}.", sender=transit.sender),
            Message("Name the sender as counterpart, or none."),
            event=transit.event,
        )
    if event.text("handoverEvent") != transit.event:
        yield Refusal(
            "hand-over-mismatch",
            Message("The receipt does not name the sending that it answers."),
            Message("Name the event {event}.", event=transit.event),
            event=transit.event,
        )
    if transit.mass is not None and event.number("handledMass") is None:
        yield _mass_missing()
    yield from heavier("mass-grew", event.number("handledMass"), transit.mass)


def _mass_missing() -> Refusal:
    return Refusal(
        "mass-missing",
        Message("The mass is missing."),
        Message("A pack outside a vehicle is weighed when it is sent out and when it is received."),
    )
