"""Appending to a transparency log: new entries, and the tiles that they complete.

The work for ``k`` entries is that of ``k`` rows and of the tiles among them: the root of the tree is not computed here.
A checkpoint is signed later, outside of the writers' lock (:mod:`passport.publishing.log.log_checkpoints`).

    with store.transaction() as transaction:
        first = transaction.append_to_log(EVENTS, [sha256(body).digest() for body in bodies])
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sql

from passport.errors import BrokenLog, MalformedLogData
from passport.store.inserting import insert_rows
from passport.store.log.log_tables import log_entries, log_tiles
from passport.texts import Message
from passport.transparency import merkle, tiles
from passport.transparency.merkle import HASH_BYTES

#: The log of all accepted events, and the log of reads of restricted data.
EVENTS = "events"
ACCESS = "access"


def append(connection: sql.Connection, log: str, entries: Sequence[bytes]) -> int:
    """Append entries in this order, within the writer's transaction that ``connection`` is in.

    :param log: its name.
    :param entries: digests of 32 bytes. An entry that is in the log already is appended once more.
    :returns: the position of the first one; of the next entry to come where there are none.
    :raises MalformedLogData: an entry has another length; nothing is appended.
    :raises BrokenLog: an entry or tile before it is missing.
    """
    wrong = next((entry for entry in entries if len(entry) != HASH_BYTES), None)
    if wrong is not None:
        raise MalformedLogData(
            Message("the entry of a log is a digest"), expected=Message("32 bytes"), found=str(len(wrong))
        )
    first = size_of(connection, log)
    if not entries:
        return first
    insert_rows(
        connection,
        log_entries,
        [{"log": log, "position": first + at, "entry": bytes(entry)} for at, entry in enumerate(entries)],
    )
    begun = first - first % tiles.WIDTH
    end = first + len(entries)
    if end - begun < tiles.WIDTH:
        return first
    leaves = [merkle.leaf_hash(entry) for entry in (*entries_between(connection, log, begun, first), *entries)]
    for number in range(begun // tiles.WIDTH, end // tiles.WIDTH):
        at = number * tiles.WIDTH - begun
        _add_tile(connection, log, 0, number, leaves[at : at + tiles.WIDTH])
    return first


def size_of(connection: sql.Connection, log: str) -> int:
    """How many entries a log has."""
    position = log_entries.c.position
    query = sql.select(position).where(log_entries.c.log == log).order_by(position.desc()).limit(1)
    last = connection.execute(query).scalar()
    return 0 if last is None else int(last) + 1


def entries_between(connection: sql.Connection, log: str, begin: int, end: int) -> list[bytes]:
    """The entries from position ``begin`` to before ``end``.

    :raises BrokenLog: one of them is missing.
    """
    columns = log_entries.c
    query = (
        sql.select(columns.entry)
        .where(columns.log == log, columns.position >= begin, columns.position < end)
        .order_by(columns.position)
    )
    return _complete([bytes(row.entry) for row in connection.execute(query)], end - begin, log, begin, end)


def roots_between(connection: sql.Connection, log: str, level: int, begin: int, end: int) -> list[bytes]:
    """The roots of the full tiles of a level from number ``begin`` to before ``end``.

    :raises BrokenLog: one of them is missing.
    """
    columns = log_tiles.c
    query = (
        sql.select(columns.root)
        .where(columns.log == log, columns.level == level, columns.number >= begin, columns.number < end)
        .order_by(columns.number)
    )
    return _complete([bytes(row.root) for row in connection.execute(query)], end - begin, log, begin, end)


def _complete(rows: list[bytes], wanted: int, log: str, begin: int, end: int) -> list[bytes]:
    if len(rows) != wanted:
        raise BrokenLog(
            Message("the log {log} has gaps", log=log),
            expected=Message("all of {begin} to {end}", begin=begin, end=end - 1),
            found=str(len(rows)),
            hint=Message("passport log verify names the place. Restore the backup: docs/deploy.md, Restore."),
        )
    return rows


def _add_tile(connection: sql.Connection, log: str, level: int, number: int, hashes: Sequence[bytes]) -> None:
    """Store a full tile, and the tile above it if this was its last."""
    root = merkle.fold(hashes)
    row = {"log": log, "level": level, "number": number, "hashes": b"".join(hashes), "root": root}
    connection.execute(log_tiles.insert(), row)
    above, place = divmod(number, tiles.WIDTH)
    if place == tiles.WIDTH - 1:
        below = roots_between(connection, log, level, above * tiles.WIDTH, number + 1)
        _add_tile(connection, log, level + 1, above, below)
