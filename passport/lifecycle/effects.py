"""The effects of an event on the state of its pack. A total function: it judges nothing and never fails.

The catalogue's effects of a kind (holder, owner, status, legal state, end) are applied unchanged. Effects beyond the
catalogue (vehicles, hand-overs, parts, mass) are computed here for each kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from passport.lifecycle.event import CORRECTION, LifecycleEvent
from passport.lifecycle.event_catalogue import AS_STATED, EventKind, catalogue
from passport.lifecycle.parts import PartsTree
from passport.lifecycle.state import (
    ORIGINAL,
    UNNAMED,
    Ending,
    HandOver,
    LegalState,
    PackState,
    Party,
)
from passport.vocabulary.credential_types import RECYCLED

#: Facts that change, by name.
Changes = dict[str, Any]
_Effect = Callable[[PackState, LifecycleEvent], Changes]


def after(state: PackState, event: LifecycleEvent) -> PackState:
    """The facts after an event. A correction changes nothing by itself: the history applies it to what it corrects."""
    kind = catalogue().kinds[event.kind]
    changes: Changes = {**_stated(kind, state, event)}
    own = EFFECTS.get(event.kind)
    if own is not None:
        changes.update(own(state, event))
    return state.changed(changes)


def _stated(kind: EventKind, state: PackState, event: LifecycleEvent) -> Changes:
    changes: Changes = {}
    if kind.code == CORRECTION:
        return changes
    if event.place is not None:
        changes["place"] = event.place
    actor = Party(event.actor, event.roles)
    buyer = Party(event.counterpart) if event.counterpart else UNNAMED
    if kind.holder:
        changes["holder"] = actor if kind.holder == "actor" else buyer
    if kind.owner and (kind.owner != "actor-if-stated" or event.flag("ownershipPasses")):
        changes["owner"] = buyer if kind.owner == "buyer" else actor
    if kind.status == AS_STATED:
        changes["status"] = event.text("batteryStatus") or ORIGINAL
    elif kind.status:
        changes["status"] = kind.status
    if kind.status_after_reuse and state.reusable:
        changes["status"] = kind.status_after_reuse
    if kind.legal:
        changes["legal"] = LegalState(kind.legal)
    return changes


def _register(state: PackState, event: LifecycleEvent) -> Changes:
    code = event.text("packCode")
    return {
        "code": code,
        "model": event.text("batteryModel"),
        "parts": PartsTree(code).changed(event.parts),
        "predecessors": _together(state.predecessors, event.texts("derivedFromPacks")),
    }


def _produce(state: PackState, event: LifecycleEvent) -> Changes:
    return {
        "produced": event.instant,
        "mass": event.number("handledMass"),
        "parts": state.parts.changed(event.parts),
        "predecessors": _together(state.predecessors, event.texts("derivedFromPacks")),
    }


def _issue(state: PackState, event: LifecycleEvent) -> Changes:
    return {"passport": event.text("issuedCredential"), "responsible": event.actor}


def _place_on_market(state: PackState, event: LifecycleEvent) -> Changes:
    return {"markets": state.markets | {event.text("market") or ""}, "responsible": event.actor}


def _fit(state: PackState, event: LifecycleEvent) -> Changes:
    return {"vehicle": event.vehicle, "in_use": False, **_new_use(), **_swap_model(state, event)}


def _sell(state: PackState, event: LifecycleEvent) -> Changes:
    changes: Changes = {"in_use": True, **_swap_model(state, event)}
    if not event.flag("batteryIncluded", True):
        changes["owner"] = state.owner
    return changes


def _swap_in(state: PackState, event: LifecycleEvent) -> Changes:
    return {
        "vehicle": event.vehicle,
        "in_use": True,
        "swap_models": state.swap_models | set(event.vehicle),
        **_new_use(),
    }


def _swap_out(state: PackState, event: LifecycleEvent) -> Changes:
    return {**_out_of_vehicle(state, event), "swap_models": state.swap_models | set(event.vehicle)}


def _new_use() -> Changes:
    return {"retired_by": None, "decision": None, "assessor": None}


def _swap_model(state: PackState, event: LifecycleEvent) -> Changes:
    return {"swap_models": state.swap_models | set(event.vehicle)} if event.flag("isSwapModel") else {}


def _out_of_vehicle(state: PackState, event: LifecycleEvent) -> Changes:
    return {"vehicle": (), "in_use": False, "removed": True}


def _scrap(state: PackState, event: LifecycleEvent) -> Changes:
    scrapped: Changes = {"scrapped": state.scrapped | set(event.vehicle)}
    # A swap model can be scrapped without this pack: then custody and ownership stay.
    unchanged: Changes = {"holder": state.holder, "owner": state.owner, "place": state.place}
    if state.code in event.texts("foundPackCodes") or (state.code is None and state.fitted):
        return {**scrapped, **_out_of_vehicle(state, event)}
    if state.fitted:
        return {**scrapped, **unchanged, **_out_of_vehicle(state, event)}
    return {**scrapped, **unchanged}


def _repair(state: PackState, event: LifecycleEvent) -> Changes:
    return {"parts": state.parts.changed(event.parts), "mass": event.number("handledMass") or state.mass}


def _retire(state: PackState, event: LifecycleEvent) -> Changes:
    return {"retired_by": event.id, "decision": None, "assessor": None}


def _assess(state: PackState, event: LifecycleEvent) -> Changes:
    return {"decision": event.text("assessmentDecision"), "assessor": event.actor}


def _transform(state: PackState, event: LifecycleEvent) -> Changes:
    changes: Changes = {"successors": _together(state.successors, (event.text("successorPack") or "",))}
    taken = event.number("handledMass")
    if state.mass is not None and taken is not None:
        changes["mass"] = max(state.mass - taken, state.mass - state.mass)
    if event.parts:
        changes["parts"] = state.parts.changed(event.parts)
    else:
        changes |= {"ending": Ending.TRANSFORMED, "ended_by": event.id}
    return changes


def _declare_waste(state: PackState, event: LifecycleEvent) -> Changes:
    # Custody and ownership stay: waste moves responsibility only. (Article 77(7), third subparagraph)
    return {"responsible": event.text("responsibleOperator") or event.actor}


def _send(state: PackState, event: LifecycleEvent) -> Changes:
    hand_over = HandOver(event.id, event.actor, event.counterpart or "", event.number("handledMass"))
    return {"transit": hand_over, "mass": event.number("handledMass") or state.mass}


def _receive(state: PackState, event: LifecycleEvent) -> Changes:
    return {"transit": None, "mass": event.number("handledMass") or state.mass}


def _recycle(state: PackState, event: LifecycleEvent) -> Changes:
    return {"ending": Ending.RECYCLED, "ended_by": event.id}


def _export(state: PackState, event: LifecycleEvent) -> Changes:
    return {"exported_to": state.exported_to | {event.text("market") or ""}}


def _lose(state: PackState, event: LifecycleEvent) -> Changes:
    return {"lost_by": event.id}


def _hold(state: PackState, event: LifecycleEvent) -> Changes:
    return {"held_by": event.id}


def _release(state: PackState, event: LifecycleEvent) -> Changes:
    return {"held_by": None, "lost_by": None}


def _together(known: tuple[str, ...], more: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*known, *(item for item in more if item))))


EFFECTS: Mapping[str, _Effect] = MappingProxyType(
    {
        "register_code": _register,
        "produce": _produce,
        "issue_passport": _issue,
        "place_on_market": _place_on_market,
        "fit": _fit,
        "sell_vehicle": _sell,
        "repair": _repair,
        "remove": _out_of_vehicle,
        "replace": _out_of_vehicle,
        "swap_out": _swap_out,
        "swap_in": _swap_in,
        "retire": _retire,
        "assess": _assess,
        "transform": _transform,
        "declare_waste": _declare_waste,
        "send_out": _send,
        "receive_in": _receive,
        "scrap_vehicle": _scrap,
        RECYCLED: _recycle,
        "export": _export,
        "report_lost": _lose,
        "hold": _hold,
        "release": _release,
    }
)
