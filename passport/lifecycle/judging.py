"""The judgement of an event against the state of its pack: conditions of its kind, then its special checks.

All reasons that do not follow from each other are given at once. A pack whose passport ended, that is lost or held, or
that is not produced yet gets that one reason, since every other would follow from it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType

from passport.lifecycle.checks import (
    handover_checks,
    recycling_checks,
    registration_checks,
    second_life_checks,
    vehicle_checks,
)
from passport.lifecycle.checks.check_context import CheckContext
from passport.lifecycle.checks.conditions import CONDITIONS, Condition
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.event_catalogue import EventKind, catalogue
from passport.lifecycle.refusal import Refusal
from passport.lifecycle.state import Ending, PackState
from passport.texts import Message
from passport.vocabulary.credential_types import RECYCLED

_Check = Callable[[PackState, LifecycleEvent, CheckContext], Iterator[Refusal]]

_CHECKS: Mapping[str, tuple[_Check, ...]] = MappingProxyType(
    {
        "register_code": (registration_checks.registration, second_life_checks.origin),
        "produce": (registration_checks.production, second_life_checks.origin),
        "place_on_market": (registration_checks.placing_on_market,),
        "export": (registration_checks.export,),
        "fit": (vehicle_checks.into_vehicle,),
        "swap_in": (vehicle_checks.into_vehicle,),
        "sell_vehicle": (vehicle_checks.sale, vehicle_checks.same),
        "repair": (vehicle_checks.same, registration_checks.changed_parts),
        "remove": (vehicle_checks.same,),
        "replace": (vehicle_checks.same, vehicle_checks.replacement),
        "swap_out": (vehicle_checks.same,),
        "scrap_vehicle": (vehicle_checks.scrapping,),
        "send_out": (handover_checks.sending,),
        "receive_in": (handover_checks.receipt,),
        "assess": (second_life_checks.assessment,),
        "transform": (second_life_checks.transformation,),
        RECYCLED: (recycling_checks.recycling,),
    }
)


def objections(state: PackState, event: LifecycleEvent, context: CheckContext) -> tuple[Refusal, ...]:
    """Every reason against an event, given the facts just before it; empty where there is none.

    The accreditation and the place in the chain are no part of this.
    """
    kind = catalogue().kinds[event.kind]
    stop = _stop(state, kind)
    if stop is not None:
        return (stop,)
    refused = tuple(_conditions(kind, state, event))
    if any(refusal.code == "not-produced" for refusal in refused):
        return refused[:1]
    special = (refusal for check in _CHECKS.get(event.kind, ()) for refusal in check(state, event, context))
    return (*refused, *special)


def _conditions(kind: EventKind, state: PackState, event: LifecycleEvent) -> Iterator[Refusal]:
    for condition in _conditions_of(kind.conditions):
        refusal = condition.objection(state, event)
        if refusal is not None:
            yield refusal


@cache
def _conditions_of(codes: tuple[str, ...]) -> tuple[Condition, ...]:
    return tuple(condition for code, condition in CONDITIONS.items() if code in codes)


def _stop(state: PackState, kind: EventKind) -> Refusal | None:
    if state.ending is not None and not kind.after_end:
        problem = {
            Ending.RECYCLED: Message("The pack is recycled: its passport has ended."),
            Ending.TRANSFORMED: Message("The whole pack went into another product: its passport has ended."),
        }
        return Refusal(
            "ended",
            problem[state.ending],
            Message("Only a correction of an earlier event is accepted; what follows belongs to the successor."),
            event=state.ended_by,
        )
    if kind.while_stopped:
        return None
    if state.lost_by is not None:
        return Refusal(
            "lost",
            Message("The pack is reported lost."),
            Message("An authority releases it before anything else is reported."),
            event=state.lost_by,
        )
    if state.held_by is not None:
        return Refusal(
            "held",
            Message("An authority holds the pack."),
            Message("It is released before anything else is reported."),
            event=state.held_by,
        )
    return None
