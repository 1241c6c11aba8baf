"""Reading what outlets took in and handed on in a time, and what they still have at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sql


@dataclass(frozen=True)
class PublishedRow:
    """An outlet that a maker published. :ivar since, until: seconds since 1970."""

    outlet: str
    province: str
    city: str | None
    since: int
    until: int


@dataclass(frozen=True)
class OutletEventRow:
    """A receipt or hand-over of an outlet.

    :ivar facility: which of its places; None where the event names none.
    :ivar packCode: GB/T 34014 code; :ivar mass: grams; :ivar counterpart: the other party.
    :ivar left: of a receipt, 1 where the pack had left the outlet again by the end of the time.
    """

    outlet: str
    facility: str | None
    province: str | None
    city: str | None
    kind: str
    time: int
    packCode: str | None  # noqa: N815 (the name of the field)
    mass: int | None
    counterpart: str | None
    left: int


def published(connection: sql.Connection, maker: str, start: int, end: int) -> tuple[PublishedRow, ...]:
    """The outlets that a maker published and that were open in a time."""
    rows = connection.execute(_PUBLISHED, {"maker": maker, "start": start, "end": end})
    return tuple(PublishedRow(*row) for row in rows)


def outlet_events(connection: sql.Connection, outlets: Iterable[str], end: int) -> tuple[OutletEventRow, ...]:
    """All receipts and hand-overs of outlets before an instant, in the order of acceptance."""
    rows = [
        OutletEventRow(*row[1:])
        for outlet in sorted(set(outlets))
        for kind in ("receive_in", "send_out")
        for row in connection.execute(_EVENTS, {"outlet": outlet, "kind": kind, "end": end})
    ]
    return tuple(rows)


_PUBLISHED = sql.text(
    "SELECT outlet, province, city, since, until FROM fact_outlets"
    " WHERE maker = :maker AND since < :end AND until > :start ORDER BY province, outlet"
)
_EVENTS = sql.text("""
SELECT e.number, e.actor, e.facility, e.province,
  (SELECT d.value FROM fact_details d WHERE d.number = e.number AND d.name = 'locality'),
  e.kind, e.time, p.code, e.mass, coalesce(e.counterpart,
    (SELECT o.actor FROM fact_events o WHERE e.kind = 'receive_in' AND o.event = e.object)),
  CASE WHEN e.kind = 'receive_in' AND NOT EXISTS (SELECT 1 FROM fact_events n
    WHERE n.pack = e.pack AND n.time > e.time AND n.time < :end
      AND (n.kind = 'send_out' OR n.kind = 'receive_in' OR n.kind = 'fit' OR n.kind = 'transform'
        OR n.kind = 'recycle' OR n.kind = 'report_lost')) THEN 0 ELSE 1 END
FROM fact_events e CROSS JOIN fact_packs p
WHERE e.actor = :outlet AND e.kind = :kind AND e.time < :end AND e.role = 'outlet' AND p.number = e.pack
ORDER BY e.number
""")
