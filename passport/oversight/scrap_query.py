"""The question of a dismantler: may this vehicle be scrapped? Facts for :mod:`passport.supervision.scrapping`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from passport.store import Store
from passport.store.facts import vehicle_reading as reading
from passport.store.facts.actor_reading import standing
from passport.store.facts.rule_queries import judging
from passport.supervision.scrapping import FoundPack, ScrapAnswer, VehicleRecord, may_be_scrapped

DISMANTLER = "dismantler"


def scrap_answer(store: Store, hashes: Sequence[str], codes: Sequence[str]) -> tuple[ScrapAnswer, VehicleRecord]:
    """The answer for a vehicle, and what is on record of it.

    :param hashes: of the vehicle, one for each key; :param codes: found in it.
    """
    with judging(store) as (_, connection):
        record = _record(connection, hashes)
        return may_be_scrapped(record, [_found(connection, code, frozenset(hashes)) for code in codes]), record


def packs_of_vehicle(store: Store, hashes: Sequence[str]) -> tuple[int, ...]:
    """Numbers of the packs whose events name a vehicle."""
    with judging(store) as (_, connection):
        return tuple(dict.fromkeys(event.pack for event in reading.naming_events(connection, hashes)))


def is_dismantler(store: Store, did: str, at: int) -> bool:
    """Whether an actor is accredited to dismantle. :param at: seconds since 1970."""
    with judging(store) as (_, connection):
        accreditations, _permits = standing(connection, did)
    return any(row.name == DISMANTLER and row.since <= at < row.until for row in accreditations)


def _record(connection: Any, hashes: Sequence[str]) -> VehicleRecord:
    events = reading.naming_events(connection, hashes)
    packs = reading.packs_in(connection, hashes)
    kinds = {event.kind for event in events}
    return VehicleRecord(
        known=bool(events),
        scrapped="scrap_vehicle" in kinds,
        packs=tuple(code or "" for _, code in packs),
        stopped=frozenset(code or "" for number, code in packs if reading.is_stopped(connection, number)),
        swap_model=not kinds.isdisjoint(("swap_in", "swap_out")),
    )


def _found(connection: Any, code: str, hashes: frozenset[str]) -> FoundPack:
    packs = reading.packs_with(connection, code)
    if not packs:
        return FoundPack(code)
    # Two packs under one code: whatever is on record of either counts.
    elsewhere = any(
        ended is not None or ((vehicles := reading.vehicles_of(connection, number)) and not vehicles & hashes)
        for number, ended in packs
    )
    return FoundPack(
        code, packs[0][0], bool(elsewhere), any(reading.is_stopped(connection, number) for number, _ in packs)
    )
