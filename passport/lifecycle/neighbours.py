"""The surroundings of an event, read from the histories of other packs.

The reference for callers that look the same up in a database, and the short way where all histories are at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType

from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.history import History
from passport.lifecycle.part_stays import stays
from passport.lifecycle.surroundings import (
    NOTHING_KNOWN,
    CodeClaim,
    MadeInto,
    PartStay,
    RecordedReplacement,
    Surroundings,
    fingerprint,
    needs,
)
from passport.lifecycle.vehicles import VehicleHash, is_one_of


def surroundings_of(event: LifecycleEvent, history: History, others: Iterable[History]) -> Surroundings:
    """What the histories of other packs say that bears on an event.

    :param history: of the event's own pack, left out where it is among the others.
    """
    others = [other for other in others if other.pack != event.pack]
    if not others:
        return NOTHING_KNOWN
    wanted = needs(history, event)
    known = frozenset(wanted.vehicles)
    scrapped: set[VehicleHash] = set()
    swap_models: set[VehicleHash] = set()
    replacements: list[RecordedReplacement] = []
    parts: dict[str, tuple[PartStay, ...]] = {}
    codes: dict[str, CodeClaim] = {}
    predecessors: dict[str, MadeInto] = {}
    for other in others:
        scrapped |= _scrapped_before(event, other) & known
        swap_models |= other.state.swap_models & known
        for code, spent in stays(other.pack, other.timeline, wanted.parts).items() if wanted.parts else ():
            parts[code] = (*parts.get(code, ()), *spent)
        if other.pack in wanted.packs:
            predecessors[other.pack] = _made_into(other, event.pack)
        for past in other.timeline:
            if past.kind == "replace" and is_one_of(past.vehicle, known):
                replacements.append(RecordedReplacement(past.vehicle, past.text("installedBatteryCode") or ""))
            registered = past.text("packCode") if past.kind == "register_code" else None
            if registered is not None and registered in wanted.codes:
                codes[registered] = CodeClaim(other.pack, fingerprint(past))
    return Surroundings(
        scrapped=frozenset(scrapped),
        swap_models=frozenset(swap_models),
        replacements=tuple(replacements),
        parts=MappingProxyType(parts),
        codes=MappingProxyType(codes),
        predecessors=MappingProxyType(predecessors),
    )


def _scrapped_before(event: LifecycleEvent, other: History) -> frozenset[VehicleHash]:
    return frozenset(
        vehicle
        for past in other.timeline
        if past.kind == "scrap_vehicle" and past.instant <= event.instant
        for vehicle in past.vehicle
    )


def _made_into(other: History, pack: str) -> MadeInto:
    for event in other.timeline:
        if event.kind == "transform" and event.text("successorPack") == pack:
            return MadeInto(
                successor=True,
                operator=event.counterpart or event.actor,
                code=event.text("newBatteryCode"),
                parts=frozenset(change.code for change in event.parts),
            )
    return MadeInto(successor=False)
