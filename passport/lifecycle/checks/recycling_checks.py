"""Checks of recycling: the pack's mass, the recovered materials, and no part that is in use elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.checks.handover_checks import heavier
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import PackState
from passport.texts import Message

RESIDUE = "residueMass"


def outputs(event: LifecycleEvent) -> dict[str, Decimal]:
    """What came out, in kg by field, the residue among it."""
    named = (name for name in event.fields if name == RESIDUE or name.startswith("recovered"))
    return {name: mass for name in named if (mass := event.number(name)) is not None}


def recycling(state: PackState, event: LifecycleEvent, context: CheckContext) -> Iterator[Refusal]:
    """No more in than there was, no more out than in, and every part here."""
    came_out = outputs(event)
    taken = event.number("handledMass")
    yield from heavier("mass-grew", taken, state.mass)
    if not came_out:
        yield Refusal(
            "nothing-recovered",
            Message("The report names no output."),
            Message("Give the mass of what was recovered, and the residue."),
        )
    yield from heavier("more-out-than-in", sum(came_out.values(), Decimal(0)), taken)
    if context.surroundings is None:
        return
    for code in sorted(state.parts):
        for stay in context.surroundings.parts.get(code, ()):
            if stay.ending is None and stay.since <= event.instant and (stay.until or event.instant) >= event.instant:
                yield Refusal(
                    "part-in-use-elsewhere",
                    Message("Part {code} of this pack is in use in {pack}.", code=code, pack=stay.pack),
                    Message("Report first that it went out of this pack."),
                )
