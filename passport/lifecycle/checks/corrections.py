"""Checks of a correction: its event is in this history, has the same reporter, and allows the corrected members.

Nothing is overwritten. The corrected event stays in the chain as it was signed; the correction comes behind it.
"""

from __future__ import annotations

from collections.abc import Iterator

from passport.lifecycle.event import CORRECTION, LifecycleEvent
from passport.lifecycle.event_catalogue import EventKind, catalogue
from passport.lifecycle.history import History
from passport.lifecycle.refusal import Refusal
from passport.texts import Message

_MEMBERS = ("place", "counterpart", "vehicle", "parts")


def correction_faults(history: History, correction: LifecycleEvent) -> Iterator[Refusal]:
    """Every reason against a correction as such; whether the history stays legal is judged after that."""
    link = history.get(correction.corrects or "")
    if link is None:
        yield Refusal(
            "corrects-unknown-event",
            Message("The corrected event is none of this history."),
            Message("Name the id of an accepted event of this pack."),
        )
        return
    original = link.event
    if original.kind == CORRECTION:
        yield Refusal(
            "corrects-a-correction",
            Message("The corrected event is a correction itself."),
            Message("Correct the original event again."),
            event=original.id,
        )
        return
    if original.actor != correction.actor:
        yield Refusal(
            "not-the-original-reporter",
            Message("The event was reported by {actor}.", actor=original.actor),
            Message("Only its reporter corrects it."),
            event=original.id,
        )
    if history.effective(original.id) is None:
        yield Refusal(
            "already-withdrawn",
            Message("The event was withdrawn already."),
            Message("Report anew what happened."),
            event=original.id,
        )
    if correction.instant < original.instant:
        yield Refusal(
            "correction-before-event",
            Message("The correction lies before the event that it corrects."),
            Message("Its instant is that of the correction; the corrected instant is a field."),
            event=original.id,
        )
    yield from _beyond(catalogue().kinds[original.kind], correction)


def _beyond(kind: EventKind, correction: LifecycleEvent) -> Iterator[Refusal]:
    own = catalogue().kinds[CORRECTION].fields
    foreign = sorted(name for name in correction.fields if name not in own and name not in kind.fields)
    has = (*kind.members_required, *kind.members_optional)
    foreign += [member for member in _MEMBERS if correction.has_member(member) and member not in has]
    if foreign:
        yield Refusal(
            "not-of-the-corrected-kind",
            Message("The event “{event}” has none of: {names}.", event=dict(kind.label), names=foreign),
            Message("A correction says what an event of that kind can say."),
        )
