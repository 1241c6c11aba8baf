"""Reading the facts of one actor: volumes, punctuality, corrections, partners, accreditation, stock.

Lists of events are read from their newest end and no further than :data:`NEWEST`, so that a large maker costs no more
than a shop.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sql

#: Events of one kind that are looked at.
NEWEST = 2000


@dataclass(frozen=True)
class VolumeRow:
    """Events of a kind in a period of 30 days since 1970."""

    kind: str
    period: int
    events: int


@dataclass(frozen=True)
class PunctualityRow:
    """How soon events of a kind were reported. :ivar late: those after the limit; :ivar median: seconds."""

    kind: str
    events: int
    late: int
    median: int


@dataclass(frozen=True)
class PartnerRow:
    """:ivar actor: DID, None where none was named; :ivar received: of the packs sent, those whose receipt came."""

    actor: str | None
    packs: int
    received: int


@dataclass(frozen=True)
class StandingRow:
    """An accreditation or permit. :ivar name: role, or kind of permit. Instants are seconds since 1970."""

    name: str
    since: int
    until: int


_VOLUMES = sql.text(
    "SELECT kind, month, sum(n) FROM fact_volumes WHERE actor = :actor AND kind <> '' AND month >= :since"
    " GROUP BY kind, month ORDER BY month, kind"
)
_DELAYS = sql.text(
    "SELECT accepted - reported FROM fact_events WHERE actor = :actor AND kind = :kind AND time >= :since"
    " ORDER BY time DESC LIMIT :newest"
)
_CORRECTIONS = sql.text(
    "SELECT kind, count(*), sum(waited) FROM (SELECT e.kind AS kind, c.accepted - e.accepted AS waited"
    " FROM fact_corrections c JOIN fact_events e ON e.event = c.corrects WHERE c.actor = :actor"
    " ORDER BY c.accepted DESC LIMIT :newest) x GROUP BY kind ORDER BY 2 DESC, kind"
)
_SUPPLIERS = sql.text(
    "SELECT actor, count(*), count(*) FROM"
    " (SELECT (SELECT o.actor FROM fact_events o WHERE o.event = r.object) AS actor"
    " FROM fact_events r WHERE r.actor = :actor AND r.kind = 'receive_in' AND r.time >= :since"
    " ORDER BY r.time DESC LIMIT :newest) x GROUP BY actor ORDER BY 2 DESC, actor LIMIT 12"
)
_RECEIVERS = sql.text(
    "SELECT counterpart, count(*), sum(received) FROM (SELECT o.counterpart AS counterpart,"
    " CASE WHEN EXISTS (SELECT 1 FROM fact_events r WHERE r.pack = o.pack AND r.kind = 'receive_in'"
    " AND r.time >= o.time AND r.actor = o.counterpart) THEN 1 ELSE 0 END AS received"
    " FROM fact_events o WHERE o.actor = :actor AND o.kind = 'send_out' AND o.time >= :since"
    " ORDER BY o.time DESC LIMIT :newest) x GROUP BY counterpart ORDER BY 2 DESC, counterpart LIMIT 12"
)
_ACCREDITATIONS = sql.text(
    "SELECT role, since, until FROM fact_accreditations WHERE actor = :actor ORDER BY role, since"
)
_PERMITS = sql.text("SELECT kind, since, until FROM fact_permits WHERE actor = :actor ORDER BY kind, since")
_STOCK = sql.text(
    "SELECT count(*), coalesce(sum(mass), 0) FROM (SELECT mass FROM fact_packs WHERE holder = :actor AND ended IS NULL"
    " LIMIT 20000) x"
)
_PLACE = sql.text(
    "SELECT province, sum(n) FROM fact_volumes WHERE actor = :actor AND province <> '' GROUP BY province"
    " ORDER BY 2 DESC, province LIMIT 1"
)
_TOTAL = sql.text("SELECT coalesce(sum(n), 0) FROM fact_volumes WHERE actor = :actor AND kind = ''")


def volumes(connection: sql.Connection, actor: str, since: int) -> tuple[VolumeRow, ...]:
    """Events by kind and period. :param since: first period."""
    rows = connection.execute(_VOLUMES, {"actor": actor, "since": since})
    return tuple(VolumeRow(kind, int(period), int(events)) for kind, period, events in rows)


def total(connection: sql.Connection, actor: str) -> int:
    """How many events an actor reported; 0 for one that is not known."""
    return int(connection.execute(_TOTAL, {"actor": actor}).scalar_one())


def punctuality(
    connection: sql.Connection, actor: str, limits: Iterable[tuple[str, int]], since: int
) -> tuple[PunctualityRow, ...]:
    """By kind of event. :param limits: kind, and seconds within which it is to be reported."""
    rows = []
    for kind, seconds in limits:
        values = {"actor": actor, "kind": kind, "since": since, "newest": NEWEST}
        delays = sorted(int(row[0]) for row in connection.execute(_DELAYS, values))
        if delays:
            late = sum(delay > seconds for delay in delays)
            rows.append(PunctualityRow(kind, len(delays), late, delays[len(delays) // 2]))
    return tuple(rows)


def corrected(connection: sql.Connection, actor: str) -> tuple[tuple[str, int, int], ...]:
    """Kind of the corrected event, how often, and seconds from report to correction on average."""
    rows = connection.execute(_CORRECTIONS, {"actor": actor, "newest": NEWEST})
    return tuple((kind, int(times), int(waited or 0) // int(times)) for kind, times, waited in rows)


def partners(
    connection: sql.Connection, actor: str, since: int
) -> tuple[tuple[PartnerRow, ...], tuple[PartnerRow, ...]]:
    """Where packs came from, and where they went, the most first."""
    values = {"actor": actor, "since": since, "newest": NEWEST}
    return (
        tuple(PartnerRow(row[0], int(row[1]), int(row[2])) for row in connection.execute(_SUPPLIERS, values)),
        tuple(PartnerRow(row[0], int(row[1]), int(row[2])) for row in connection.execute(_RECEIVERS, values)),
    )


def standing(connection: sql.Connection, actor: str) -> tuple[tuple[StandingRow, ...], tuple[StandingRow, ...]]:
    """Accreditations and permits."""
    values = {"actor": actor}
    return (
        tuple(StandingRow(*row) for row in connection.execute(_ACCREDITATIONS, values)),
        tuple(StandingRow(*row) for row in connection.execute(_PERMITS, values)),
    )


def stock(connection: sql.Connection, actor: str) -> tuple[int, int]:
    """How many packs an actor holds, and their mass in grams."""
    count, mass = connection.execute(_STOCK, {"actor": actor}).one()
    return int(count), int(mass)


def place(connection: sql.Connection, actor: str) -> str | None:
    """The province of most of its events."""
    row = connection.execute(_PLACE, {"actor": actor}).first()
    return None if row is None else row[0]
