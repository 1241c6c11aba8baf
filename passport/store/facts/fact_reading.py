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
