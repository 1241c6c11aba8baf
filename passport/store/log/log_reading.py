"""Queries of transparency logs: entries, tiles, checkpoints.

A proof reads one or two tiles for each level of the tree, whatever the size of the log.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

import sqlalchemy as sql

from passport.store.log import log_writing
from passport.store.log.log_tables import log_checkpoints, log_cosignatures, log_entries, log_tiles
from passport.transparency import merkle, tiles
from passport.transparency.note import Note, NoteSignature
from passport.transparency.tiles import Tile, TileTree

_BATCH = 4_096


@dataclass(frozen=True)
class StoredCheckpoint:
    """A signed checkpoint of a log.

    :ivar sequence: its number among all stored checkpoints.
    :ivar note: the signed note with the cosignatures that came since.
    """

    sequence: int
    size: int
    root: bytes
    note: Note


def cosigned_note(note: bytes, lines: Iterable[str]) -> Note:
    """A stored note with the cosignatures that are stored beside it."""
    return Note.parse(note).with_signatures(tuple(map(NoteSignature.parse, lines)))


class LogQueries:
    """What can be asked of the logs in a store, outside a transaction or within one."""

    def _connected(self) -> AbstractContextManager[sql.Connection]:
        raise NotImplementedError

    def log_size(self, log: str) -> int:
        """How many entries a log has."""
        with self._connected() as connection:
            return log_writing.size_of(connection, log)

    def log_position(self, log: str, entry: bytes) -> int | None:
        """The first position of an entry; None where it is not in the log."""
        columns = log_entries.c
        # Not the minimum in SQL: for that SQLite goes through all positions instead of the index of the entries.
        query = sql.select(columns.position).where(columns.log == log, columns.entry == entry)
        with self._connected() as connection:
            return min((int(row.position) for row in connection.execute(query)), default=None)

    def log_rows(self, log: str) -> Iterator[tuple[int, bytes]]:
        """All entries with their positions as they are stored, in order; gaps stay gaps."""
        columns = log_entries.c
        last = -1
        while True:
            query = (
                sql.select(columns.position, columns.entry)
                .where(columns.log == log, columns.position > last)
                .order_by(columns.position)
                .limit(_BATCH)
            )
            with self._connected() as connection:
                rows = connection.execute(query).all()
            for row in rows:
                last = int(row.position)
                yield last, bytes(row.entry)
            if len(rows) < _BATCH:
                return

    def log_tile(self, log: str, tile: Tile) -> bytes:
        """The bytes of a tile, or of a bundle of entries.

        :raises BrokenLog: an entry or tile that it needs is missing, or the log is too short.
        """
        begin = tile.number * tiles.WIDTH
        with self._connected() as connection:
            if tile.level is None:
                return tiles.bundle(log_writing.entries_between(connection, log, begin, begin + tile.width))
            if tile.width == tiles.WIDTH:
                stored = self._full_tile(connection, log, tile)
                if stored is not None:
                    return stored
            if tile.level == 0:
                entries = log_writing.entries_between(connection, log, begin, begin + tile.width)
                return b"".join(map(merkle.leaf_hash, entries))
            return b"".join(log_writing.roots_between(connection, log, tile.level - 1, begin, begin + tile.width))

    def log_tree(self, log: str, size: int) -> TileTree:
        """The tree of the first ``size`` entries."""
        return TileTree(size, lambda tile: self.log_tile(log, tile))

    def stored_tile(self, log: str, level: int, number: int) -> tuple[bytes, bytes] | None:
        """A full tile and the root over it, as they are stored."""
        columns = log_tiles.c
        query = sql.select(columns.hashes, columns.root).where(
            columns.log == log, columns.level == level, columns.number == number
        )
        with self._connected() as connection:
            row = connection.execute(query).first()
        return None if row is None else (bytes(row.hashes), bytes(row.root))

    # --- checkpoints ------------------------------------------------------------------------------------------------

    def log_checkpoint(self, log: str) -> StoredCheckpoint | None:
        """The newest signed checkpoint of a log."""
        columns = log_checkpoints.c
        query = sql.select(log_checkpoints).where(columns.log == log).order_by(columns.sequence.desc()).limit(1)
        return next(iter(self._checkpoints(query)), None)

    def log_checkpoint_note(self, log: str) -> bytes | None:
        """The same as a signed note."""
        stored = self.log_checkpoint(log)
        return None if stored is None else bytes(stored.note)

    def log_checkpoints(self, log: str) -> tuple[StoredCheckpoint, ...]:
        """All signed checkpoints of a log, oldest first."""
        columns = log_checkpoints.c
        return self._checkpoints(sql.select(log_checkpoints).where(columns.log == log).order_by(columns.sequence))

    def log_checkpoints_of(self, log: str, size: int) -> tuple[StoredCheckpoint, ...]:
        """The signed checkpoints of one size, oldest first."""
        columns = log_checkpoints.c
        query = sql.select(log_checkpoints).where(columns.log == log, columns.size == size).order_by(columns.sequence)
        return self._checkpoints(query)

    def _checkpoints(self, query: sql.Select[*tuple[object, ...]]) -> tuple[StoredCheckpoint, ...]:
        with self._connected() as connection:
            rows = connection.execute(query).all()
            lines: dict[int, list[str]] = {int(row.sequence): [] for row in rows}
            columns = log_cosignatures.c
            cosigned = (
                sql.select(columns.checkpoint, columns.line)
                .where(columns.checkpoint.in_(list(lines)))
                .order_by(columns.sequence)
            )
            for line in connection.execute(cosigned) if lines else ():
                lines[int(line.checkpoint)].append(line.line)
        return tuple(
            StoredCheckpoint(
                int(row.sequence),
                int(row.size),
                bytes(row.root),
                cosigned_note(bytes(row.note), lines[int(row.sequence)]),
            )
            for row in rows
        )

    def _full_tile(self, connection: sql.Connection, log: str, tile: Tile) -> bytes | None:
        columns = log_tiles.c
        query = sql.select(columns.hashes).where(
            columns.log == log, columns.level == tile.level, columns.number == tile.number
        )
        hashes = connection.execute(query).scalar()
        return None if hashes is None else bytes(hashes)
