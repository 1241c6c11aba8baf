"""Reading what a report of one actor and period has besides records: masses that differ, residues, corrections."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sql

#: Hand-overs that the actor received, and those that it sent, whose two masses differ.
_DIFFERING = (
    sql.text(
        "SELECT p.pack, o.event, o.actor, o.mass, r.event, r.actor, r.mass FROM fact_events r"
        " JOIN fact_events o ON o.pack = r.pack AND o.event = r.object JOIN fact_packs p ON p.number = r.pack"
        " WHERE r.actor = :actor AND r.kind = 'receive_in' AND r.time >= :start AND r.time < :end"
        " AND o.kind = 'send_out' AND o.mass <> r.mass"
    ),
    sql.text(
        "SELECT p.pack, o.event, o.actor, o.mass, r.event, r.actor, r.mass FROM fact_events o"
        " JOIN fact_events r ON r.pack = o.pack AND r.object = o.event JOIN fact_packs p ON p.number = o.pack"
        " WHERE o.actor = :actor AND o.kind = 'send_out' AND o.time >= :start AND o.time < :end"
        " AND r.kind = 'receive_in' AND o.mass <> r.mass"
    ),
)
_RESIDUES = sql.text(
    "SELECT p.pack, e.event, e.mass, coalesce(sum(CASE WHEN r.material = 'residue' THEN r.mass ELSE 0 END), 0),"
    " coalesce(sum(CASE WHEN r.material = 'residue' THEN 0 ELSE r.mass END), 0)"
    " FROM fact_events e JOIN fact_packs p ON p.number = e.pack LEFT JOIN fact_recoveries r ON r.number = e.number"
    " WHERE e.actor = :actor AND e.kind = 'recycle' AND e.time >= :start AND e.time < :end"
    " GROUP BY p.pack, e.event, e.mass ORDER BY e.event"
)
_RECOVERED = sql.text(
    "SELECT p.pack, e.event, r.material, r.mass FROM fact_events e JOIN fact_packs p ON p.number = e.pack"
    " JOIN fact_recoveries r ON r.number = e.number"
    " WHERE e.actor = :actor AND e.kind = 'recycle' AND e.time >= :start AND e.time < :end AND r.material <> 'residue'"
    " ORDER BY e.event, r.material"
)
_CORRECTIONS = sql.text(
    "SELECT p.pack, c.event, c.corrects, c.accepted, c.withdrawn FROM fact_corrections c"
    " JOIN fact_packs p ON p.number = c.pack"
    " WHERE c.actor = :actor AND c.accepted >= :start AND c.accepted < :end ORDER BY c.number"
)


@dataclass(frozen=True)
class DifferingRow:
    """A hand-over of which sender and receiver state two masses, in grams; None: not told."""

    pack: str
    sent: str
    sender: str
    sentMass: int | None  # noqa: N815 (the name of the field)
    received: str
    receiver: str
    receivedMass: int | None  # noqa: N815


@dataclass(frozen=True)
class ResidueRow:
    """What came of a recycling, in grams. :ivar mass: of what went in."""

    pack: str
    event: str
    mass: int | None
    residue: int
    recovered: int


@dataclass(frozen=True)
class RecoveredRow:
    """A material that a recycling gave back. :ivar mass: grams."""

    pack: str
    event: str
    material: str
    mass: int


@dataclass(frozen=True)
class CorrectionRow:
    """A correction. :ivar accepted: seconds since 1970; :ivar withdrawn: whether the event is taken back."""

    pack: str
    event: str
    corrects: str
    accepted: int
    withdrawn: int


def differing(connection: sql.Connection, actor: str, start: int, end: int) -> tuple[DifferingRow, ...]:
    """Hand-overs of an actor in a time whose two masses differ, in the order of their events."""
    values = {"actor": actor, "start": start, "end": end}
    rows = {DifferingRow(*row) for query in _DIFFERING for row in connection.execute(query, values)}
    return tuple(sorted(rows, key=lambda row: (row.sent, row.received)))


def residues(connection: sql.Connection, actor: str, start: int, end: int) -> tuple[ResidueRow, ...]:
    """Recyclings of an actor in a time, with what was recovered and what was left."""
    rows = connection.execute(_RESIDUES, {"actor": actor, "start": start, "end": end})
    return tuple(
        ResidueRow(row[0], row[1], None if row[2] is None else int(row[2]), int(row[3]), int(row[4])) for row in rows
    )


def recovered(connection: sql.Connection, actor: str, start: int, end: int) -> tuple[RecoveredRow, ...]:
    """What recyclings of an actor in a time gave back, material by material."""
    rows = connection.execute(_RECOVERED, {"actor": actor, "start": start, "end": end})
    return tuple(RecoveredRow(row[0], row[1], row[2], int(row[3])) for row in rows)


def corrections(connection: sql.Connection, actor: str, start: int, end: int) -> tuple[CorrectionRow, ...]:
    """Corrections of an actor that were accepted in a time."""
    return tuple(
        CorrectionRow(*row) for row in connection.execute(_CORRECTIONS, {"actor": actor, "start": start, "end": end})
    )
