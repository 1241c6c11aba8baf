"""Reading whole tables, in one order and at one moment, with a digest of all that was read.

The order is that of the primary key, and text is ordered by code points in both databases. So the digest of a table is
the same in SQLite and in PostgreSQL if, and only if, the rows are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sql

from passport.store import tables
from passport.store.facts import fact_tables

#: Rows that are held in memory.
AT_ONCE = 500
#: Tables whose rows follow from others.
DERIVED = frozenset({"event_keys", "log_tiles", "pack_modules", "passport_identifiers"})

Row = sql.Row[Any]


def all_tables() -> tuple[sql.Table, ...]:
    """Every table of a store, facts among them, in a fixed order."""
    known = (*tables.metadata.tables.values(), *fact_tables.facts.tables.values())
    return tuple(sorted(known, key=lambda table: table.name))


def record_tables() -> tuple[sql.Table, ...]:
    """The tables of which a store consists: what is in them cannot be made from anything else."""
    known = [table for table in tables.metadata.tables.values() if table.name not in DERIVED]
    return tuple(sorted((*known, *fact_tables.REFERENCES), key=lambda table: table.name))


@contextmanager
def moment(engine: sql.Engine) -> Iterator[sql.Connection]:
    """A connection that reads the store as it is now, whatever writers do meanwhile. It holds up no writer."""
    options: dict[str, Any] = {}
    if engine.dialect.name == "postgresql":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        yield connection


def parts(connection: sql.Connection, table: sql.Table) -> Iterator[Sequence[Row]]:
    """All rows of a table in the order of its key, some at a time."""
    query = sql.select(table).order_by(*table.primary_key.columns)
    result = connection.execute(query, execution_options={"yield_per": AT_ONCE})
    yield from result.partitions()


def count(connection: sql.Connection, table: sql.Table) -> int:
    """How many rows a table has."""
    return int(connection.execute(sql.select(sql.func.count()).select_from(table)).scalar() or 0)


class RowDigest:
    """SHA-256 over rows: each value with its type and length, so that no two tables have the same bytes by chance."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()
        self.rows = 0

    def add(self, row: Sequence[Any]) -> None:
        """Add the next row."""
        self.rows += 1
        self._hash.update(b"R%d" % len(row))
        for value in row:
            self._hash.update(_canonical(value))

    @property
    def hex(self) -> str:
        return self._hash.hexdigest()


def _canonical(value: Any) -> bytes:
    if value is None:
        return b"N"
    if isinstance(value, bool):
        return b"T" if value else b"F"
    if isinstance(value, int):
        return b"I%d;" % value
    if isinstance(value, str):
        text = value.encode()
        return b"S%d:%b" % (len(text), text)
    data = bytes(value)
    return b"B%d:%b" % (len(data), data)


def digest(connection: sql.Connection, table: sql.Table) -> RowDigest:
    """The digest of a whole table."""
    result = RowDigest()
    for part in parts(connection, table):
        for row in part:
            result.add(row)
    return result
