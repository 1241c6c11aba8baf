"""A file of a register or of a maker's outbox: SQLite, mode 600, tables of one version, a connection for each thread.

A connection stays open until its thread closes it: with the last one SQLite empties the write-ahead log into the file,
which would be done after each of thousands of batches. For a part of a file that many share see
:mod:`passport.store.state.state_file`.

    file = RegisterFile(path, "the register", 1, ("CREATE TABLE IF NOT EXISTS …",))
    with file.turn() as connection: ...         # all of it is stored, or nothing
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from passport.store import sqlite
from passport.store.failures import answering, failure_of_file
from passport.texts import Message


class RegisterFile:
    """:param path: the file; it is made where missing. :param name: of what is kept in it, for messages.

    :param schema: statements that make what is missing; :param upgrade: statements that fill, once, what an earlier
        version of the file does not have.
    :raises StoreFailure: the file cannot be opened or made, or a later version of this software made it.
    """

    def __init__(
        self, path: Path, name: Message, version: int, schema: Sequence[str], upgrade: Sequence[str] = ()
    ) -> None:  # fmt: skip
        self.path = path
        self._name = name
        self._local = threading.local()
        try:
            sqlite.make_file(path)
            os.chmod(path, 0o600)
        except OSError as error:
            raise failure_of_file(error, name, path) from error
        with answering(name, path):
            sqlite.use_write_ahead_log(self._connection())
        with self.turn() as connection:
            sqlite.check_version(connection, version, f"{name} {path}")
            (before,) = connection.execute("PRAGMA user_version").fetchone()
            for statement in (*schema, *(upgrade if before < version else ())):
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={version}")

    def close(self) -> None:
        """Give up this thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    @contextmanager
    def turn(self) -> Iterator[sqlite3.Connection]:
        """Everything inside is stored, or nothing; other writers wait."""
        with answering(self._name, self.path):
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                # A commit that failed on a full disk has ended the transaction already.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with."""
        with answering(self._name, self.path):
            yield self._connection()

    def _connection(self) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite.connect(self.path)
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous=FULL")
        return connection
