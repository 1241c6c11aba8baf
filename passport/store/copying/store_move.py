"""A store moved to another database, such as from a file to a PostgreSQL server or back.

* All or nothing: every row is written in one transaction of the new store. After a failure the new store is empty, and
  the same call begins again.
* Both stores are held in a writer's turn: nothing is stored meanwhile that would be missing from the copy.
* What was written is read back before the commit, and compared table by table: the number of rows, and a digest over
  every byte of them. The root of each log is computed anew in both stores.
* The old store stays as it is. It takes writes again as soon as the move ends, so publishers are pointed to the new one
  before they go on.

    report = move(old, new)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sql

from passport.errors import StoreDiffers, StoreNotEmpty, UsageError
from passport.store import Store, Transaction
from passport.store.copying.table_rows import RowDigest, all_tables, count, digest, parts
from passport.store.log.log_tables import log_entries
from passport.store.tables import status_changes, status_entries
from passport.texts import Message

#: What is told of progress: the rows that were read or written more, of all that are to be.
Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class LogRoot:
    """The size of a log and the root of its tree."""

    size: int
    root: str


@dataclass(frozen=True)
class StoreMove:
    """What was moved, and found the same in both stores.

    :ivar rows: rows of each table; :ivar digests: SHA-256 over them, hexadecimal.
    :ivar documents: signed documents among them.
    :ivar places: places in status lists; :ivar places_set: those whose bit is set.
    :ivar logs: of each log.
    """

    rows: dict[str, int]
    digests: dict[str, str]
    documents: int
    places: int
    places_set: int
    logs: dict[str, LogRoot]


def move(source: Store, target: Store, progress: Progress = lambda done, total: None) -> StoreMove:
    """Move every row of ``source`` into ``target``.

    :raises StoreNotEmpty: the new store holds something already.
    :raises StoreDiffers: what was read back is not what was written. Nothing was stored.
    :raises UsageError: both are one store.
    :raises StoreFailure: one of the databases failed. Nothing was stored.
    """
    if source.engine.url == target.engine.url and source.engine.url.database:
        raise UsageError(
            Message("a store cannot be moved to itself"),
            expected=Message("two addresses"),
            found=source.engine.url.render_as_string(),
        )
    with target.transaction() as writing:
        refuse_filled(writing.connection)
        with source.transaction() as reading:
            return _moved(reading, writing, progress)


def refuse_filled(connection: sql.Connection) -> None:
    """Refuse a store that holds something.

    :raises StoreNotEmpty: it does.
    """
    for table in all_tables():
        if connection.execute(sql.select(sql.literal(1)).select_from(table).limit(1)).first() is not None:
            raise StoreNotEmpty(
                Message("the store is not empty"),
                expected=Message("a store without rows"),
                found=Message("rows in {table}", table=table.name),
            )


def _moved(reading: Transaction, writing: Transaction, progress: Progress) -> StoreMove:
    known = all_tables()
    total = 2 * sum(count(reading.connection, table) for table in known)
    digests: dict[str, RowDigest] = {}
    for table in known:
        digests[table.name] = _copied(table, reading.connection, writing.connection, lambda n: progress(n, total))
    for table in known:
        written = digest(writing.connection, table)
        progress(written.rows, total)
        if (written.rows, written.hex) != (digests[table.name].rows, digests[table.name].hex):
            raise StoreDiffers(
                Message("the table {table} was not written as it was read", table=table.name),
                expected=Message("{n:,} rows with the digest {digest}", n=digests[table.name].rows,
                                 digest=digests[table.name].hex),
                found=Message("{n:,} rows with the digest {digest}", n=written.rows, digest=written.hex),
            )  # fmt: skip
    logs = log_roots(writing)
    if logs != log_roots(reading):
        raise StoreDiffers(Message("the logs have other roots than in the old store"))
    rows = {name: each.rows for name, each in digests.items()}
    return StoreMove(
        rows,
        {name: each.hex for name, each in digests.items()},
        sum(rows[table.name] for table in known if "body" in table.c),
        rows[status_entries.name],
        places_set(writing.connection),
        logs,
    )


def _copied(
    table: sql.Table, reading: sql.Connection, writing: sql.Connection, progress: Callable[[int], None]
) -> RowDigest:
    read = RowDigest()
    for part in parts(reading, table):
        for row in part:
            read.add(row)
        writing.execute(table.insert(), [dict(row._mapping) for row in part])
        progress(len(part))
    return read


def log_roots(transaction: Transaction) -> dict[str, LogRoot]:
    """Size and root of each log in the store, computed from its tiles and entries."""
    names = transaction.connection.execute(sql.select(log_entries.c.log).distinct()).scalars().all()
    roots = {}
    for name in sorted(names):
        size = transaction.log_size(name)
        roots[name] = LogRoot(size, transaction.log_tree(name, size).root().hex())
    return roots


def places_set(connection: sql.Connection) -> int:
    """How many places of status lists have their bit set: the newest change of each counts."""
    changes = status_changes.c
    newest = sql.select(sql.func.max(changes.sequence)).group_by(changes.list, changes.position)
    query = sql.select(sql.func.count()).where(changes.sequence.in_(newest), changes.value)
    return int(connection.execute(query).scalar() or 0)
