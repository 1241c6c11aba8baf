"""Reading the events that an actor reported in a time, each with what its upload record is made of."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from passport.store.facts import fact_tables

_statements = fact_tables.statements
#: Values in one statement.
_AT_ONCE = 500
#: Kinds whose records state what the passport says of the pack.
_SPECIFIED = ("register_code", "produce", "fit")
#: Which model and batch a pack is of, by its events and by its passport: the last one that states something counts.
_LINKS = ("model", "statedModel", "batch", "statedBatch")


@dataclass(frozen=True)
class ReportedRow:
    """An event that an actor reported. Instants are seconds since 1970, masses grams.

    :param packCode: GB/T 34014 code; :param vehicle: keyed hash.
    :param batch: IRI, by the events of the pack, else by its passport; :param model: the same.
    :param counterpart: of a receipt, the sender of the hand-over that it answers where it names none.
    :param destination: counterpart, else the receiver of the next hand-over of the actor.
    :param object: what the event names; :param code: code that it names; :param choice: code of a list.
    :param details: fields of the event, as :data:`passport.supervision.pack_facts.DETAILS` names them.
    :param parts: modules and cells in the pack, of a repair those that came or went.
    :param masses: what recycling gave back by material, and ``residue``.
    :param statements: what signed credentials say of the pack, its batch and its model, by indicator.
    """

    number: int
    event: str
    digest: str
    pack: str
    packCode: str | None  # noqa: N815 (the name of the field)
    batch: str | None
    model: str | None
    kind: str
    role: str | None
    time: int
    reported: int
    accepted: int
    actor: str
    province: str | None
    facility: str | None
    counterpart: str | None
    destination: str | None
    mass: int | None
    object: str | None
    code: str | None
    choice: str | None
    vehicle: str | None
    details: Mapping[str, str]
    parts: tuple[str, ...]
    masses: Mapping[str, int]
    statements: Mapping[str, Any]


def reported(
    connection: sql.Connection, actor: str, start: int, end: int, *, issuer: str | None = None
) -> tuple[ReportedRow, ...]:
    """The events of an actor that happened from an instant on and before another, in the order of acceptance.

    :param issuer: statements of this issuer only; None: of all.
    """
    values = {"actor": actor, "start": start, "end": end}
    rows = connection.execute(_REPORTED, values).mappings().all()
    details: dict[int, dict[str, str]] = defaultdict(dict)
    for number, name, value in connection.execute(_DETAILS, values):
        details[number][name] = value
    masses: dict[int, dict[str, int]] = defaultdict(dict)
    for number, material, mass in connection.execute(_MASSES, values):
        masses[number][material] = int(mass)
    parts: dict[int, set[str]] = defaultdict(set)
    for query, kind in _PARTS:
        for number, code in connection.execute(query, {**values, "kind": kind}):
            parts[number].add(code)
    subjects = {row["pack"] for row in rows if row["kind"] in _SPECIFIED}
    stated = _stated(connection, subjects, issuer)
    links = {row["pack"]: tuple(row[name] for name in _LINKS if row[name] is not None) for row in rows}
    stated |= _stated(connection, {subject for pack in subjects for subject in links[pack]}, issuer)
    made = []
    for row in rows:
        number = row["number"]
        about = (*links[row["pack"]], row["pack"]) if row["kind"] in _SPECIFIED else ()
        members = {name: value for name, value in row.items() if name not in ("statedBatch", "statedModel")}
        members["batch"] = row["batch"] or row["statedBatch"]
        members["model"] = row["model"] or row["statedModel"]
        made.append(
            ReportedRow(
                **members,
                details=details[number],
                masses=masses[number],
                parts=tuple(sorted(parts[number])),
                statements={name: value for subject in about for name, value in stated.get(subject, {}).items()},
            )
        )
    return tuple(sorted(made, key=lambda row: row.number))


def _stated(
    connection: sql.Connection, subjects: Iterable[str], issuer: str | None
) -> dict[str | None, dict[str, Any]]:
    stated: dict[str | None, dict[str, Any]] = {}
    wanted = sorted(subjects)
    for start in range(0, len(wanted), _AT_ONCE):
        query = sql.select(_statements.c.subject, _statements.c.name, _statements.c.value, _statements.c.issuer)
        for subject, name, value, of in connection.execute(
            query.where(_statements.c.subject.in_(wanted[start : start + _AT_ONCE]))
        ):
            if issuer in (None, of):
                stated.setdefault(subject, {})[name] = json.loads(value)
    return stated


_FROM = "FROM fact_events e {} WHERE e.actor = :actor AND e.time >= :start AND e.time < :end"
# A statement that names a model or batch is JSON text of one string.
_REPORTED = sql.text(f"""
SELECT e.number AS "number", e.event AS "event", e.digest AS "digest", p.pack AS "pack", p.code AS "packCode",
  p.batch AS "batch", p.model AS "model", e.kind AS "kind", e.role AS "role", e.time AS "time",
  e.reported AS "reported", e.accepted AS "accepted", e.actor AS "actor", e.province AS "province",
  e.facility AS "facility",
  coalesce(e.counterpart, (SELECT o.actor FROM fact_events o WHERE e.kind = 'receive_in' AND o.event = e.object))
    AS "counterpart",
  coalesce(e.counterpart, (SELECT o.counterpart FROM fact_events o WHERE o.pack = e.pack AND o.kind = 'send_out'
    AND o.time >= e.time AND o.actor = e.actor ORDER BY o.time, o.number LIMIT 1)) AS "destination",
  e.mass AS "mass", e.object AS "object", e.code AS "code", e.choice AS "choice",
  (SELECT min(v.hash) FROM fact_vehicles v WHERE v.number = e.number) AS "vehicle",
  (SELECT replace(b.value, '"', '') FROM fact_statements b WHERE b.subject = p.pack AND b.name = 'batteryBatch')
    AS "statedBatch",
  (SELECT replace(b.value, '"', '') FROM fact_statements b WHERE b.subject = p.pack AND b.name = 'batteryModel')
    AS "statedModel"
{_FROM.format("CROSS JOIN fact_packs p")} AND p.number = e.pack
""")  # noqa: S608 (our own text)
_DETAILS = sql.text(
    f"SELECT d.number, d.name, d.value {_FROM.format('CROSS JOIN fact_details d')} AND d.number = e.number"  # noqa: S608
)
_MASSES = sql.text(
    f"SELECT r.number, r.material, r.mass {_FROM.format('CROSS JOIN fact_recoveries r')} AND r.number = e.number"  # noqa: S608
)
_OF_KIND = f"SELECT e.number, s.object {_FROM.format('CROSS JOIN fact_stays s')} AND e.kind = :kind AND s.pack = e.pack"  # noqa: S608
_IN_PACK = sql.text(f"{_OF_KIND} AND s.sort = 'part' AND s.since <= e.time AND s.until > e.time")
_CHANGED = sql.text(f"{_OF_KIND} AND s.sort = 'part' AND (s.first = e.number OR s.last = e.number)")
_PARTS = ((_IN_PACK, "register_code"), (_IN_PACK, "produce"), (_CHANGED, "repair"))
