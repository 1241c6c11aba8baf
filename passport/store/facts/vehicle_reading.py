"""Reading the facts of one vehicle by its keyed hash, and of packs by their codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sql

_NAMED = sql.text("SELECT kind, pack, time FROM fact_vehicles WHERE hash = :hash ORDER BY time, number LIMIT 500")
_PACKS_IN = sql.text(
    "SELECT DISTINCT p.number, p.code FROM fact_stays s JOIN fact_packs p ON p.number = s.pack"
    " WHERE s.sort = 'vehicle' AND s.object = :hash AND s.last IS NULL AND p.ended IS NULL ORDER BY p.number"
)
_WITH_CODE = sql.text("SELECT number, ended FROM fact_packs WHERE code = :code ORDER BY number LIMIT 20")
_IN_VEHICLES = sql.text(
    "SELECT object FROM fact_stays WHERE pack = :pack AND sort = 'vehicle' AND last IS NULL ORDER BY object"
)
_STOPS = sql.text(
    "SELECT kind FROM fact_events WHERE pack = :pack AND (kind = 'hold' OR kind = 'report_lost' OR kind = 'release')"
    " ORDER BY time DESC, number DESC LIMIT 1"
)


@dataclass(frozen=True)
class VehicleNamed:
    """An event that names a vehicle. :ivar pack: number; :ivar time: seconds since 1970."""

    kind: str
    pack: int
    time: int


def naming_events(connection: sql.Connection, hashes: Iterable[str]) -> tuple[VehicleNamed, ...]:
    """The events that name a vehicle under one of its hashes, oldest first."""
    rows = [row for value in hashes for row in connection.execute(_NAMED, {"hash": value})]
    return tuple(sorted({VehicleNamed(*row) for row in rows}, key=lambda event: event.time))


def packs_in(connection: sql.Connection, hashes: Iterable[str]) -> tuple[tuple[int, str | None], ...]:
    """Number and code of the packs that are in a vehicle by the record."""
    rows = {tuple(row) for value in hashes for row in connection.execute(_PACKS_IN, {"hash": value})}
    return tuple(sorted(rows))


def packs_with(connection: sql.Connection, code: str) -> tuple[tuple[int, int | None], ...]:
    """Number and instant of the end of the packs with a code."""
    return tuple(tuple(row) for row in connection.execute(_WITH_CODE, {"code": code}))


def vehicles_of(connection: sql.Connection, pack: int) -> frozenset[str]:
    """Hashes of the vehicle that a pack is in by the record."""
    return frozenset(row[0] for row in connection.execute(_IN_VEHICLES, {"pack": pack}))


def is_stopped(connection: sql.Connection, pack: int) -> bool:
    """Whether a pack is held, or reported as lost, and not released since."""
    last = connection.execute(_STOPS, {"pack": pack}).scalar()
    return last is not None and last != "release"
