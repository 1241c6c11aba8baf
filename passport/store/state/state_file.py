"""A part of a state file: tables in an SQLite file that other parts may share, over a connection for each use.

file = StateFile(path, "state of the resolver")
with file.reading() as connection: ...      # read, or write one statement
with file.turn() as connection: ...         # all of it is stored, or nothing
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from passport.store import sqlite
from passport.store.failures import answering


class StateFile:
    """:param path: the file, which exists; :param name: of what is kept in it, for messages."""

    def __init__(self, path: Path, name: str) -> None:
        self.path = path
        self._name = name

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection. :raises StoreFailure: the file cannot be read or written."""
        with answering(self._name, self.path):
            connection = sqlite.connect(self.path)
            try:
                yield connection
            finally:
                connection.close()

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """The only writer's turn: all of it is stored, or nothing."""
        with self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A commit that failed on a full disk has ended the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
