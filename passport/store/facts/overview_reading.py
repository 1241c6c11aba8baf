"""Reading across all makers and credentials: passports beside packs, withdrawals, and what a text may name."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sql

#: Kinds that a maker's packs begin with.
BEGINNINGS = ("register_code", "produce", "issue_passport", "place_on_market")


@dataclass(frozen=True)
class MakerRow:
    """Events of a maker by kind, in the order of :data:`BEGINNINGS`."""

    maker: str
    codes: int
    produced: int
    passports: int
    marketed: int


@dataclass(frozen=True)
class StatusRow:
    """A change of the status of a credential. :ivar purpose: of the list; :ivar set_: whether the bit was set or taken
    back. :ivar reason: as published, None where nothing was."""

    subject: str
    type: str
    purpose: str
    set_: bool
    changed_at: str
    reason: str | None


_BEGUN = sql.text(
    "SELECT actor, kind, sum(n) FROM fact_volumes"
    " WHERE kind IN ('register_code', 'produce', 'issue_passport', 'place_on_market') GROUP BY actor, kind"
)
_CHANGES = sql.text(
    "SELECT c.subject, c.type, p.purpose, s.value, s.changed_at, n.reason FROM"
    " (SELECT sequence, list, position, value, changed_at FROM status_changes ORDER BY sequence DESC LIMIT :limit) s"
    " JOIN status_list_purposes p ON p.list = s.list"
    " JOIN status_entries e ON e.list = s.list AND e.position = s.position"
    " JOIN credentials c ON c.id = e.credential"
    " LEFT JOIN status_notices n ON n.change = s.sequence"
    " WHERE p.purpose <> 'refresh' ORDER BY s.sequence DESC"
)
_CODE_ENDS = sql.text(
    "SELECT number, pack, code FROM fact_packs WHERE code LIKE :text ESCAPE '!' ORDER BY number LIMIT :limit"
)
_ACTORS = sql.text(
    "SELECT actor FROM fact_accreditations WHERE actor LIKE :text ESCAPE '!' GROUP BY actor ORDER BY actor LIMIT :limit"
)
_NUMBERED = sql.text("SELECT number, pack, code FROM fact_packs WHERE number = :number")
_OF_IRI = sql.text(
    "SELECT number, pack, code FROM fact_packs WHERE pack = :text OR code = :text ORDER BY number LIMIT 20"
)


_MODELS = sql.text(
    "SELECT model, category, count(*), min(subject) FROM packs GROUP BY model, category"
    " ORDER BY count(*) DESC, model LIMIT :limit"
)


_PACKS = sql.text(
    "SELECT model, category, subject FROM packs WHERE model = :model AND subject > :after ORDER BY subject LIMIT :limit"
)


def packs_of_model(connection: sql.Connection, model: str, after: str, limit: int) -> tuple[tuple[str, str, str], ...]:
    """Model, category and IRI of packs with a passport, in the order of their IRIs. :param after: the last one seen."""
    rows = connection.execute(_PACKS, {"model": model, "after": after, "limit": limit})
    return tuple((row[0], row[1], row[2]) for row in rows)


def models(connection: sql.Connection, limit: int) -> tuple[tuple[str, str, int, str], ...]:
    """Models of issued passports with category, number of packs and one pack; those with most packs first."""
    return tuple((row[0], row[1], int(row[2]), row[3]) for row in connection.execute(_MODELS, {"limit": limit}))


def makers(connection: sql.Connection) -> tuple[MakerRow, ...]:
    """All makers, the largest first."""
    counted: dict[str, dict[str, int]] = {}
    for actor, kind, count in connection.execute(_BEGUN):
        counted.setdefault(actor, {})[kind] = int(count)
    rows = [MakerRow(actor, *(kinds.get(kind, 0) for kind in BEGINNINGS)) for actor, kinds in counted.items()]
    return tuple(sorted(rows, key=lambda row: (-row.produced, row.maker)))


def status_changes(connection: sql.Connection, limit: int = 200) -> tuple[StatusRow, ...]:
    """The newest withdrawals and suspensions, newest first."""
    return tuple(
        StatusRow(subject, type_, purpose, bool(value), changed_at, reason)
        for subject, type_, purpose, value, changed_at, reason in connection.execute(_CHANGES, {"limit": limit})
    )


def packs_matching(connection: sql.Connection, text: str, limit: int = 20) -> tuple[tuple[int, str, str | None], ...]:
    """Number, IRI and code of packs with this code or IRI, else of those whose code ends so."""
    rows = [tuple(row) for row in connection.execute(_OF_IRI, {"text": text})]
    if not rows and len(text) >= 4:
        rows = [tuple(row) for row in connection.execute(_CODE_ENDS, {"text": f"%{_literal(text)}", "limit": limit})]
    return tuple((number, iri, code) for number, iri, code in rows)


def packs_numbered(connection: sql.Connection, numbers: tuple[int, ...]) -> tuple[tuple[int, str, str | None], ...]:
    """The same by their numbers."""
    rows = [connection.execute(_NUMBERED, {"number": number}).first() for number in numbers]
    return tuple((row[0], row[1], row[2]) for row in rows if row is not None)


def actors_matching(connection: sql.Connection, text: str, limit: int = 20) -> tuple[str, ...]:
    """DIDs of accredited actors that hold a text."""
    values = {"text": f"%{_literal(text)}%", "limit": limit}
    return tuple(row[0] for row in connection.execute(_ACTORS, values))


def _literal(text: str) -> str:
    """A text whose signs mean nothing in a pattern."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
