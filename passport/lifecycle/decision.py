"""Whether an event joins the history of its pack. A pure decision over values.

1. The event is of this pack and not accepted yet.
2. It names the head of the chain as its predecessor, by id and digest.
3. It is inside the accreditation of its actor, at its own instant and now.
4. It does not lie in the future.
5. A correction is of an event of the same reporter, and the history with it is legal.
6. The event is legal at its place in time (conditions of its kind, rules, other packs).
7. The events after that place stay legal: a late report is accepted on that condition.
8. No part is in this pack and in another at the same time.

All reasons are given at once where they do not follow from each other.

    decision = decide(history, event, accreditation, now=now, rules=catalogue().profile("cn", "eu"))
    match decision:
        case Accepted(late=late): history = history.with_event(event, digest)
        case Refused(refusals): ...
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from passport.lifecycle.accreditation_scope import Accreditation, outside
from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.checks.corrections import correction_faults
from passport.lifecycle.effects import after
from passport.lifecycle.event import CORRECTION, LifecycleEvent
from passport.lifecycle.event_catalogue import LifecycleRule, catalogue
from passport.lifecycle.history import ChainLink, History, state_of, timeline
from passport.lifecycle.judging import objections
from passport.lifecycle.part_stays import overlaps, stays
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import PackState
from passport.lifecycle.surroundings import NOTHING_KNOWN, Surroundings, needs
from passport.texts import Message
from passport.vocabulary.credential_types import RECYCLED


@dataclass(frozen=True)
class Accepted:
    """The event may join.

    :param late: whether an event that happened after it is accepted already.
    :param state: of the pack, with the event.
    """

    late: bool
    state: PackState


@dataclass(frozen=True)
class Refused:
    """The event may not join.

    :param refusals: every reason, at least one.
    """

    refusals: tuple[Refusal, ...]

    @property
    def code(self) -> str:
        """Code of the first reason."""
        return self.refusals[0].code

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of all reasons."""
        return tuple(refusal.code for refusal in self.refusals)

    @property
    def message(self) -> Message:
        """The first reason in words."""
        return self.refusals[0].message

    def to_json(self) -> list[dict[str, Any]]:
        """The reasons as JSON objects."""
        return [refusal.to_json() for refusal in self.refusals]


Decision: TypeAlias = Accepted | Refused


def decide(
    history: History,
    event: LifecycleEvent,
    accreditation: Accreditation,
    *,
    now: datetime,
    rules: Mapping[str, LifecycleRule],
    surroundings: Surroundings | None = None,
) -> Decision:
    """Whether an event joins a history.

    :param accreditation: of the event's actor, verified before.
    :param now: with its offset.
    :param rules: those in force, see :meth:`passport.lifecycle.event_catalogue.LifecycleCatalogue.profile`.
    :param surroundings: facts of other packs as of the event's instant, see
        :func:`passport.lifecycle.surroundings.needs`; None: nothing is known of them.
    """
    context = CheckContext(rules, surroundings or NOTHING_KNOWN)
    refusals = list(_belongs(history, event))  # 1
    if refusals:
        return Refused(tuple(refusals))
    refusals += _chain(history, event)  # 2
    refusals += outside(event, accreditation, now=now, rules=rules)  # 3
    refusals += _future(event.instant, now)  # 4
    if event.kind == CORRECTION:
        refusals += correction_faults(history, event)  # 5
        if not refusals:
            refusals += _corrected(history, event, context, now)
        late = False
        happened = timeline((*history.links, ChainLink(event, ""))) if not refusals else history.timeline
        state = state_of(happened)
    else:
        before, later = _split(history, event)
        start = history.state if not later else state_of(before)
        own = tuple(_own(objections(start, event, context), history, event))  # 6
        refusals += own
        if later and not own:
            refusals += _contradictions(start, event, later, context)  # 7
        late = bool(later)
        happened = (*before, event, *later)
        state = history.state if refusals else state_of(later, after(start, event))
    if not refusals:
        refusals += _parts_elsewhere(history, event, happened, state, context)  # 8
    return Refused(tuple(refusals)) if refusals else Accepted(late, state)


def _belongs(history: History, event: LifecycleEvent) -> Iterator[Refusal]:
    if event.pack != history.pack:
        yield Refusal(
            "another-pack",
            Message("The event is about {pack}.", pack=event.pack),
            Message("It belongs to the history of that pack."),
        )
    elif history.get(event.id) is not None:
        yield Refusal(
            "already-accepted",
            Message("An event with this id is accepted already."),
            Message("An event is sent once; to change it, send a correction."),
            event=event.id,
        )


def _chain(history: History, event: LifecycleEvent) -> Iterator[Refusal]:
    head, named = history.head, event.predecessor
    if head == named:
        return
    if head is None:
        yield Refusal(
            "not-the-head",
            Message("The event names a predecessor, and the pack has no events."),
            Message("The first event of a pack has no predecessor."),
        )
    elif named is not None and named.id == head.id:
        yield Refusal(
            "predecessor-altered",
            Message("The digest of the predecessor is not that of the accepted event."),
            Message("Name the digest {digest}; if your copy has another, it was altered.", digest=head.digest),
            event=head.id,
        )
    else:
        yield Refusal(
            "not-the-head",
            Message("Another event came first: the event does not follow the last one of the pack."),
            Message(
                "Look at it, name {event} with the digest {digest} as predecessor, and sign again.",
                event=head.id,
                digest=head.digest,
            ),
            event=head.id,
        )


def _future(instant: datetime, now: datetime) -> Iterator[Refusal]:
    if instant > now:
        yield Refusal(
            "in-the-future",
            Message("The event lies in the future: {instant}.", instant=instant.isoformat()),
            Message("It is reported after it happened."),
        )


def _split(history: History, event: LifecycleEvent) -> tuple[tuple[LifecycleEvent, ...], tuple[LifecycleEvent, ...]]:
    """The events up to the instant of an event, and those after it."""
    at = len(history.timeline)
    while at and history.timeline[at - 1].instant > event.instant:
        at -= 1
    return history.timeline[:at], history.timeline[at:]


def _own(refusals: Iterable[Refusal], history: History, event: LifecycleEvent) -> Iterator[Refusal]:
    listed = tuple(refusals)
    if not listed:
        return
    produced = next((other for other in history.timeline if other.kind == "produce"), None)
    for refusal in listed:
        if refusal.code == "not-produced" and produced is not None:
            yield Refusal(
                "before-production",
                Message(
                    "The event lies before the production of the pack, which was at {instant}.",
                    instant=produced.instant.isoformat(),
                ),
                Message("Correct the time of one of the two."),
                event=produced.id,
            )
        else:
            yield refusal


def _contradictions(
    start: PackState, event: LifecycleEvent, later: tuple[LifecycleEvent, ...], context: CheckContext
) -> Iterator[Refusal]:
    without = dict(_walk(start, later, context))
    for id_, refusals in _walk(after(start, event), later, context):
        new = [refusal for refusal in refusals if refusal.code not in {old.code for old in without.get(id_, ())}]
        if new:
            yield _contradicts(next(other for other in later if other.id == id_), new[0])
            return  # what comes after follows from it


def _walk(
    start: PackState, events: Iterable[LifecycleEvent], context: CheckContext
) -> Iterator[tuple[str, tuple[Refusal, ...]]]:
    replayed = context.replayed()
    state = start
    for event in events:
        yield event.id, objections(state, event, replayed)
        state = after(state, event)


def _contradicts(other: LifecycleEvent, reason: Refusal) -> Refusal:
    return Refusal(
        "contradicts-later-event",
        Message(
            "With it, the accepted event “{event}” of {instant} could not have happened: {problem}",
            event=dict(catalogue().kinds[other.kind].label),
            instant=other.instant.isoformat(),
            problem=reason.problem,
        ),
        Message("Correct the time, or have that event corrected by its reporter."),
        event=other.id,
    )


def _parts_elsewhere(
    history: History,
    event: LifecycleEvent,
    happened: tuple[LifecycleEvent, ...],
    state: PackState,
    context: CheckContext,
) -> Iterator[Refusal]:
    others = context.surroundings.parts if context.surroundings is not None else {}
    codes = needs(history, event).parts & set(others) if others and event.kind != RECYCLED else frozenset()
    if codes:
        yield from overlaps(stays(event.pack, happened, codes), others, state.predecessors)


def _corrected(history: History, correction: LifecycleEvent, context: CheckContext, now: datetime) -> Iterator[Refusal]:
    corrected = timeline((*history.links, ChainLink(correction, "")))
    result = next((event for event in corrected if event.id == correction.corrects), None)
    if result is not None:
        yield from _future(result.instant, now)
    without = dict(_walk(PackState(), history.timeline, context))
    state = PackState()
    for event in corrected:
        own = event.id == correction.corrects
        refusals = objections(state, event, context if own else context.replayed())
        new = [refusal for refusal in refusals if refusal.code not in {old.code for old in without.get(event.id, ())}]
        if own:
            yield from new
        if new:
            if not own:
                yield _contradicts(event, new[0])
            return
        state = after(state, event)
