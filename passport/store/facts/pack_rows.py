"""The rows of one pack in the fact tables: only what differs is written, and counts follow.

An event at the end of a history adds one row to ``fact_events`` and changes that of its pack; a correction or a late
event can change all of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from passport.store.facts import fact_tables
from passport.store.facts.statements import DriverStatements

_COUNT = (
    "INSERT INTO fact_volumes (actor, kind, month, province, n) VALUES (:actor, :kind, :month, :province, :n)"
    " ON CONFLICT (actor, kind, month, province) DO UPDATE SET n = fact_volumes.n + excluded.n"
)
_NOT_COUNTED = (
    "DELETE FROM fact_volumes WHERE actor = :actor AND kind = :kind AND month = :month AND province = :province"
    " AND n = 0"
)
_Key = tuple[str, str, int, str]


@dataclass(frozen=True)
class _Change:
    """Rows of a pack that were written and taken away.

    :ivar latest: instant of the last event that stayed as it was.
    """

    added: list[dict[str, Any]]
    removed: list[dict[str, Any]]
    latest: int


class _OwnRows:
    """The statements about the rows of one pack in one table."""

    def __init__(self, table: sql.Table) -> None:
        self._names = [column.name for column in table.c]
        keys = [column.name for column in table.primary_key]
        self._keys = [self._names.index(name) for name in keys]
        same = " AND ".join(f"{name} = :{name}" for name in keys)
        owner = "number" if table is fact_tables.packs else "pack"
        listed, values = ", ".join(self._names), ", ".join(f":{name}" for name in self._names)
        self.select = f"SELECT {listed} FROM {table.name} WHERE {owner} = :pack"  # noqa: S608 (names of our own)
        self.insert = f"INSERT INTO {table.name} ({listed}) VALUES ({values})"  # noqa: S608
        self.delete = f"DELETE FROM {table.name} WHERE {same}"  # noqa: S608
        assigned = ", ".join(f"{name} = :{name}" for name in self._names if name not in keys)
        self.update = f"UPDATE {table.name} SET {assigned} WHERE {same}"  # noqa: S608

    def key_of(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(row[place] for place in self._keys)

    def row_of(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        return tuple(values[name] for name in self._names)

    def named(self, row: Sequence[Any]) -> dict[str, Any]:
        return dict(zip(self._names, row, strict=True))


_OWN = {table: _OwnRows(table) for table in fact_tables.PROJECTED}


def renew(
    statements: DriverStatements, pack: int, given: Mapping[sql.Table, Iterable[Mapping[str, Any]]]
) -> frozenset[str] | None:
    """Renew all rows of a pack.

    :param given: the rows that it has now, by table.
    :returns: kinds of the events that were added behind all others; None where an event that was there has changed, or
        one came in between.
    """
    changes = {table: _renew(statements, table, pack, given.get(table, ())) for table in fact_tables.PROJECTED}
    events, corrections = changes[fact_tables.events], changes[fact_tables.corrections]
    counted: Counter[_Key] = Counter()
    for sign, of_events, of_corrections in (
        (1, events.added, corrections.added),
        (-1, events.removed, corrections.removed),
    ):
        for key in (*_event_keys(of_events), *_correction_keys(of_corrections)):
            counted[key] += sign
    _count(statements, counted)
    if events.removed or corrections.added or corrections.removed:
        return None
    if any(row["time"] < events.latest for row in events.added):
        return None
    return frozenset(row["kind"] for row in events.added)


def _event_keys(rows: Iterable[Mapping[str, Any]]) -> Iterator[_Key]:
    for row in rows:
        yield row["actor"], "", 0, ""
        yield row["actor"], row["kind"], _month(row["time"]), row["province"] or ""


def _correction_keys(rows: Iterable[Mapping[str, Any]]) -> Iterator[_Key]:
    for row in rows:
        yield row["actor"], "correct", _month(row["accepted"]), ""


def _renew(statements: DriverStatements, table: sql.Table, pack: int, given: Iterable[Mapping[str, Any]]) -> _Change:
    """Write what differs of the rows of a pack in one table."""
    own = _OWN[table]
    before = {own.key_of(row): tuple(row) for row in statements.rows(own.select, {"pack": pack})}
    after = {own.key_of(row): row for row in map(own.row_of, given)}
    removed = [own.named(row) for key, row in before.items() if key not in after]
    added = [own.named(row) for key, row in after.items() if key not in before]
    changed = [key for key, row in after.items() if key in before and before[key] != row]
    now = [own.named(after[key]) for key in changed]
    statements.each(own.delete, removed)
    statements.each(own.insert, added)
    statements.each(own.update, now)
    latest = 0
    if table is fact_tables.events:
        latest = max((own.named(row)["time"] for key, row in before.items() if key in after), default=0)
    return _Change([*added, *now], [*removed, *(own.named(before[key]) for key in changed)], latest)


def _count(statements: DriverStatements, counted: Mapping[_Key, int]) -> None:
    names = ("actor", "kind", "month", "province")
    rows: list[dict[str, Any]] = [
        {**dict(zip(names, key, strict=True)), "n": more} for key, more in counted.items() if more
    ]
    statements.each(_COUNT, rows)
    statements.each(_NOT_COUNTED, [row for row in rows if row["n"] < 0])


def _month(time: int) -> int:
    """The period of 30 days since 1970 that the databases give: their division cuts towards zero."""
    return time // 2592000 if time >= 0 else -(-time // 2592000)
