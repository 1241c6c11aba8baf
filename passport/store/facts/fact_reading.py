"""Reading facts: the events behind an alert, and what an actor owes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from passport.store.facts import fact_tables
from passport.store.facts.rule_queries import Judge

_events, _corrections, _packs = fact_tables.events, fact_tables.corrections, fact_tables.packs


@dataclass(frozen=True)
class EvidenceRow:
    """An event as evidence.

    :param event: id; :param credential: IRI of the signed credential, :param digest: of its bytes.
    :param time: seconds since 1970.
    """

    number: int
    event: str
    credential: str
    digest: str
    kind: str
    time: int
    actor: str
    province: str | None


@dataclass(frozen=True)
class OwedRow:
    """A report or step that an actor owes.

    :param duty: its code; empty for the receipt of a hand-over.
    :param event: id of the event that it starts with; :param kind: of that event.
    :param due: seconds since 1970.
    """

    duty: str
    pack: str
    event: str
    kind: str
    since: int
    due: int


def evidence(connection: sql.Connection, numbers: Iterable[int]) -> tuple[EvidenceRow, ...]:
    """Events by their numbers, in the order of acceptance."""
    wanted = sorted(set(numbers))
    columns = ("number", "event", "credential", "digest")
    of_events = sql.select(*(_events.c[name] for name in (*columns, "kind", "time", "actor", "province"))).where(
        _events.c.number.in_(wanted)
    )
    of_corrections = sql.select(
        *(_corrections.c[name] for name in columns), sql.literal("correct").label("kind"), _corrections.c.time,
        _corrections.c.actor, sql.null().label("province"),
    ).where(_corrections.c.number.in_(wanted))  # fmt: skip
    rows = [*connection.execute(of_events), *connection.execute(of_corrections)]
    return tuple(sorted((EvidenceRow(**row._mapping) for row in rows), key=lambda row: row.number))


def owed(judge: Judge, connection: sql.Connection, actor: str, *, receipt_days: int) -> tuple[OwedRow, ...]:
    """What an actor owes, the most urgent first.

    :param judge: prepared with duties.
    :param receipt_days: time limit for the receipt of a hand-over.
    """
    values: Mapping[str, Any] = {"actor": actor, "seconds": receipt_days * 86400}
    rows = [*connection.execute(_FOLLOWING, values), *connection.execute(_RECEIPTS, values)]
    return tuple(sorted((OwedRow(*row) for row in rows), key=lambda row: (row.due, row.event)))


@dataclass(frozen=True)
class ReportedRow:
    """An event that an actor reported, with what an upload record is made of. Instants are seconds since 1970.

    :param packCode: GB/T 34014 code; :param vehicle: keyed hash; :param mass: in grams.
    :param counterpart: of a receipt, the sender of the hand-over that it answers where it names none.
    :param object: what the event names; :param code: code that it names.
    :param recovered: number of recovered materials.
    """

    number: int
    event: str
    digest: str
    pack: str
    packCode: str | None  # noqa: N815 (the name of the field)
    kind: str
    role: str | None
    time: int
    reported: int
    accepted: int
    province: str | None
    counterpart: str | None
    mass: int | None
    object: str | None
    code: str | None
    vehicle: str | None
    recovered: int


def reported(connection: sql.Connection, actor: str, start: int, end: int) -> tuple[ReportedRow, ...]:
    """The events of an actor that happened from an instant on and before another, in the order of acceptance."""
    rows = connection.execute(_REPORTED, {"actor": actor, "start": start, "end": end})
    return tuple(sorted((ReportedRow(*row) for row in rows), key=lambda row: row.number))


_REPORTED = sql.text("""
SELECT e.number, e.event, e.digest, p.pack, p.code, e.kind, e.role, e.time, e.reported, e.accepted, e.province,
  coalesce(e.counterpart, (SELECT o.actor FROM fact_events o WHERE e.kind = 'receive_in' AND o.event = e.object)),
  e.mass, e.object, e.code, (SELECT min(v.hash) FROM fact_vehicles v WHERE v.number = e.number),
  (SELECT count(*) FROM fact_recoveries r WHERE r.number = e.number)
FROM fact_events e CROSS JOIN fact_packs p
WHERE e.actor = :actor AND e.time >= :start AND e.time < :end AND p.number = e.pack
""")
_FOLLOWING = sql.text("""
SELECT d.duty, p.pack, e.event, e.kind, e.time, e.time + d.seconds
FROM judge_duties d CROSS JOIN fact_events e CROSS JOIN fact_packs p
WHERE d.form = 'follow' AND e.actor = :actor AND e.kind = d.kind AND e.role = d.role AND e.time >= d.since
  AND p.number = e.pack
  AND NOT EXISTS (SELECT 1 FROM judge_done x CROSS JOIN fact_events n
    WHERE x.duty = d.duty AND n.pack = e.pack AND n.kind = x.kind AND n.time >= e.time)
""")
_RECEIPTS = sql.text("""
SELECT '', p.pack, o.event, o.kind, o.time, o.time + :seconds
FROM fact_events o CROSS JOIN fact_packs p
WHERE o.counterpart = :actor AND o.kind = 'send_out' AND p.number = o.pack
  AND NOT EXISTS (SELECT 1 FROM fact_events r WHERE r.pack = o.pack AND r.kind = 'receive_in' AND r.time >= o.time
    AND r.actor = o.counterpart)
""")
