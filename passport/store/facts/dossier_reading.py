"""Reading the facts of one pack: its row, its events in time, what else names it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from passport.store.facts import fact_tables

_packs, _events = fact_tables.packs, fact_tables.events


@dataclass(frozen=True)
class FactEventRow:
    """An event as corrected, or a correction.

    :ivar vehicle: keyed hash; :ivar pack: number; :ivar mass: in grams; :ivar corrects: id of the corrected event.
    """

    number: int
    event: str
    digest: str
    pack: int
    kind: str
    time: int
    accepted: int
    actor: str
    role: str | None
    province: str | None
    counterpart: str | None
    mass: int | None
    soh: int | None
    code: str | None
    object: str | None
    choice: str | None
    found: int | None
    state: str | None
    vehicle: str | None
    corrects: str | None = None


@dataclass(frozen=True)
class StayRow:
    """A time of a part or vehicle with a pack. :ivar sort: ``part`` or ``vehicle``; :ivar last: None: it is there."""

    sort: str
    object: str
    since: int
    until: int
    first: int
    last: int | None


@dataclass(frozen=True)
class ReadOutFact:
    """:ivar soh: in hundredths of a percent."""

    time: int
    soh: int | None
    cycles: int | None


_EVENT_COLUMNS = (
    "number, event, digest, pack, kind, time, accepted, actor, role, province, counterpart, mass, soh, code, object,"
    " choice, found, state, (SELECT min(v.hash) FROM fact_vehicles v WHERE v.number = e.number)"
)
_HISTORY = sql.text(f"SELECT {_EVENT_COLUMNS} FROM fact_events e WHERE e.pack = :pack")  # noqa: S608
_NUMBERED = sql.text(
    f"SELECT {_EVENT_COLUMNS} FROM fact_events e WHERE e.number IN :numbers"  # noqa: S608
).bindparams(sql.bindparam("numbers", expanding=True))
_CORRECTION_COLUMNS = "number, event, digest, pack, time, accepted, actor, corrects"
_CORRECTIONS = sql.text(f"SELECT {_CORRECTION_COLUMNS} FROM fact_corrections WHERE pack = :pack")  # noqa: S608
_CORRECTIONS_NUMBERED = sql.text(
    f"SELECT {_CORRECTION_COLUMNS} FROM fact_corrections WHERE number IN :numbers"  # noqa: S608
).bindparams(sql.bindparam("numbers", expanding=True))
_STAYS = sql.text("SELECT sort, object, since, until, first, last FROM fact_stays WHERE pack = :pack")
_READ_OUTS = sql.text("SELECT time, soh, cycles FROM fact_readouts WHERE pack = :iri ORDER BY time DESC LIMIT :limit")
_ORIGINS = sql.text(
    "SELECT DISTINCT o.origin, p.number FROM fact_origins o LEFT JOIN fact_packs p ON p.pack = o.origin"
    " WHERE o.pack = :pack ORDER BY o.origin"
)
_SUCCESSORS = sql.text(
    "SELECT DISTINCT e.object, p.number FROM fact_events e LEFT JOIN fact_packs p ON p.pack = e.object"
    " WHERE e.pack = :pack AND e.kind = 'transform' AND e.object IS NOT NULL ORDER BY e.object"
)


def pack_row(connection: sql.Connection, number: int) -> dict[str, Any] | None:
    """The pack of that number: the members of ``passport.supervision.pack_facts.PackFact``."""
    row = connection.execute(sql.select(_packs).where(_packs.c.number == number)).mappings().first()
    return None if row is None else dict(row)


def history(connection: sql.Connection, number: int) -> tuple[FactEventRow, ...]:
    """The events and corrections of a pack, as they happened."""
    events = [FactEventRow(*row) for row in connection.execute(_HISTORY, {"pack": number})]
    corrections = [_correction(row) for row in connection.execute(_CORRECTIONS, {"pack": number})]
    return tuple(sorted((*events, *corrections), key=lambda event: (event.time, event.number)))


def events_numbered(connection: sql.Connection, numbers: Iterable[int]) -> tuple[FactEventRow, ...]:
    """Events and corrections by their numbers, as they happened."""
    wanted = {"numbers": sorted(set(numbers))}
    rows = [
        *(FactEventRow(*row) for row in connection.execute(_NUMBERED, wanted)),
        *(_correction(row) for row in connection.execute(_CORRECTIONS_NUMBERED, wanted)),
    ]
    return tuple(sorted(rows, key=lambda event: (event.time, event.number)))


def _correction(row: Any) -> FactEventRow:
    return FactEventRow(
        number=row.number, event=row.event, digest=row.digest, pack=row.pack, kind="correct", time=row.time,
        accepted=row.accepted, actor=row.actor, role=None, province=None, counterpart=None, mass=None, soh=None,
        code=None, object=None, choice=None, found=None, state=None, vehicle=None, corrects=row.corrects,
    )  # fmt: skip


def stays(connection: sql.Connection, number: int) -> tuple[StayRow, ...]:
    """Parts and vehicles of a pack, the first one first."""
    rows = [StayRow(*row) for row in connection.execute(_STAYS, {"pack": number})]
    return tuple(sorted(rows, key=lambda stay: (stay.sort, stay.since, stay.object)))


def read_outs(connection: sql.Connection, iri: str, limit: int = 12) -> tuple[ReadOutFact, ...]:
    """The newest read-outs of a pack, newest first."""
    return tuple(ReadOutFact(*row) for row in connection.execute(_READ_OUTS, {"iri": iri, "limit": limit}))


def relatives(connection: sql.Connection, number: int) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """IRI and number of the packs that a pack was made from, and of those that were made from it."""
    values = {"pack": number}
    return (
        [tuple(row) for row in connection.execute(_ORIGINS, values)],
        [tuple(row) for row in connection.execute(_SUCCESSORS, values)],
    )
