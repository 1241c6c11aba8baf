"""Reading what moved in a time: events by kind, packs out of vehicles by province, hand-overs, recycling.

Each query takes one kind of event and one time, which the index of kinds gives without the rest of the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sql

RECEIVED, MISSING, UNDER_WAY = "received", "missing", "under-way"


@dataclass(frozen=True)
class ProvinceRow:
    """:ivar province: None where the events name none; :ivar mass: grams."""

    province: str | None
    packs: int
    mass: int


@dataclass(frozen=True)
class HandOverRow:
    """Hand-overs of a time. :ivar outcome: of :data:`RECEIVED`, :data:`MISSING`, :data:`UNDER_WAY`.

    :ivar receiver, arrival: role and province of the receipt; None where there is none.
    """

    sender: str | None
    province: str | None
    receiver: str | None
    arrival: str | None
    outcome: str
    packs: int
    mass: int


@dataclass(frozen=True)
class RecyclingRow:
    """Recycling of a time. Masses in grams."""

    packs: int
    mass: int
    materials: int
    residue: int


_COUNT = sql.text("SELECT count(*) FROM fact_events WHERE kind = :kind AND time >= :start AND time < :end")
_COUNT_IN = sql.text(
    "SELECT count(*) FROM fact_events WHERE kind = :kind AND time >= :start AND time < :end AND province = :province"
)
_BY_PROVINCE = sql.text(
    "SELECT e.province, count(*), sum(coalesce(e.mass, p.mass, 0)) FROM fact_events e CROSS JOIN fact_packs p"
    " WHERE e.kind = :kind AND e.time >= :start AND e.time < :end AND p.number = e.pack GROUP BY e.province"
)
_HAND_OVERS = sql.text(
    "SELECT x.role, x.province, r.role, r.province, x.outcome, count(*), sum(x.mass) FROM ("
    " SELECT o.role AS role, o.province AS province, o.receipt AS receipt, coalesce(o.mass, p.mass, 0) AS mass,"
    " CASE WHEN o.receipt IS NOT NULL THEN 'received' WHEN o.time < :due THEN 'missing' ELSE 'under-way' END AS outcome"
    " FROM (SELECT s.role AS role, s.province AS province, s.mass AS mass, s.pack AS pack, s.time AS time,"
    " (SELECT min(t.number) FROM fact_events t WHERE t.pack = s.pack AND t.kind = 'receive_in' AND t.time >= s.time"
    " AND t.time < s.time + :days AND t.actor = s.counterpart) AS receipt FROM fact_events s"
    " WHERE s.kind = 'send_out' AND s.time >= :start AND s.time < :end) o CROSS JOIN fact_packs p"
    " WHERE p.number = o.pack) x LEFT JOIN fact_events r ON r.number = x.receipt"
    " GROUP BY x.role, x.province, r.role, r.province, x.outcome"
)
_RECYCLED = sql.text(
    "SELECT count(*), coalesce(sum(coalesce(e.mass, p.mass, 0)), 0) FROM fact_events e CROSS JOIN fact_packs p"
    " WHERE e.kind = 'recycle' AND e.time >= :start AND e.time < :end AND p.number = e.pack"
)
_RECOVERED = sql.text(
    "SELECT CASE WHEN r.material = 'residue' THEN 1 ELSE 0 END, coalesce(sum(r.mass), 0)"
    " FROM fact_events e CROSS JOIN fact_recoveries r"
    " WHERE e.kind = 'recycle' AND e.time >= :start AND e.time < :end AND r.number = e.number AND r.pack = e.pack"
    " GROUP BY CASE WHEN r.material = 'residue' THEN 1 ELSE 0 END"
)


def counts(
    connection: sql.Connection, kinds: Iterable[str], bounds: Sequence[int], province: str | None = None
) -> dict[str, tuple[int, ...]]:
    """Events by kind between each bound and the next. :param bounds: seconds since 1970, ascending."""
    statement = _COUNT if province is None else _COUNT_IN
    place = {} if province is None else {"province": province}
    return {
        kind: tuple(
            int(connection.execute(statement, {"kind": kind, "start": start, "end": end, **place}).scalar_one())
            for start, end in zip(bounds, bounds[1:], strict=False)
        )
        for kind in kinds
    }


def by_province(connection: sql.Connection, kind: str, start: int, end: int) -> tuple[ProvinceRow, ...]:
    """Packs and mass of the events of a kind, by province. The pack's mass counts where the event states none."""
    rows = connection.execute(_BY_PROVINCE, {"kind": kind, "start": start, "end": end})
    return tuple(ProvinceRow(row[0], int(row[1]), int(row[2] or 0)) for row in rows)


def hand_overs(connection: sql.Connection, start: int, end: int, *, now: int, days: int) -> tuple[HandOverRow, ...]:
    """Hand-overs by roles and provinces. :param days: within which the receipt is due."""
    values = {"start": start, "end": end, "due": now - days * 86400, "days": days * 86400}
    return tuple(
        HandOverRow(sender, province, receiver, arrival, outcome, int(packs), int(mass or 0))
        for sender, province, receiver, arrival, outcome, packs, mass in connection.execute(_HAND_OVERS, values)
    )


def recycling(connection: sql.Connection, start: int, end: int) -> RecyclingRow:
    """What went into recycling and what came out."""
    values = {"start": start, "end": end}
    packs, mass = connection.execute(_RECYCLED, values).one()
    recovered = {int(row[0]): int(row[1]) for row in connection.execute(_RECOVERED, values)}
    return RecyclingRow(int(packs), int(mass), recovered.get(0, 0), recovered.get(1, 0))
