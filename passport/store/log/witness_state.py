"""The memory of a witness: the newest checkpoint of each log that it cosigned. One small SQLite file, mode 600.

Comparing a checkpoint with the memory and remembering it is one turn (:meth:`WitnessState.turn`): two runs at once
never cosign two histories. What was remembered is on the disk before the cosignature is handed out.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from passport.store import sqlite
from passport.store.failures import answering, failure_of_file
from passport.transparency.checkpoint import Checkpoint
from passport.transparency.note import Note
from passport.transparency.witness import Sighting

_NAME = "the state of the witness"
_VERSION = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS sightings (origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL,"
    " note BLOB NOT NULL) WITHOUT ROWID"
)


class WitnessState:
    """:param path: the file; it is made where missing.

    :raises StoreFailure: the file cannot be opened or made, or a later version of this software made it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            sqlite.make_file(path)
            os.chmod(path, 0o600)
        except OSError as error:
            raise failure_of_file(error, _NAME, path) from error
        with answering(_NAME, path):
            self._connection = sqlite.connect(path)
            sqlite.use_write_ahead_log(self._connection)
            self._connection.execute("PRAGMA synchronous=FULL")
            sqlite.check_version(self._connection, _VERSION, f"{_NAME} {path}")
            self._connection.execute(_SCHEMA)
            self._connection.execute(f"PRAGMA user_version={_VERSION}")

    def close(self) -> None:
        self._connection.close()

    @contextmanager
    def turn(self) -> Iterator[WitnessTurn]:
        """Everything inside is remembered, or nothing; another witness with this file waits."""
        with answering(_NAME, self._path):
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield WitnessTurn(self._connection)
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")


class WitnessTurn:
    """What can be asked and remembered during a turn."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def seen(self, origin: str) -> Sighting | None:
        """The newest tree that was cosigned of a log."""
        query = "SELECT size, root FROM sightings WHERE origin = ?"
        row = self._connection.execute(query, (origin,)).fetchone()
        return None if row is None else Sighting(row[0], bytes(row[1]))

    def remember(self, checkpoint: Checkpoint, cosigned: Note) -> None:
        """Remember a checkpoint that is cosigned."""
        self._connection.execute(
            "INSERT INTO sightings VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE SET size = excluded.size,"
            " root = excluded.root, note = excluded.note",
            (checkpoint.origin, checkpoint.size, checkpoint.root, bytes(cosigned)),
        )
