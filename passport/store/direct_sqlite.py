"""Quick reading of a store that is an SQLite file; see :mod:`passport.store.direct_reading`."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from passport.errors import StoreFailure
from passport.store import sqlite
from passport.store.direct_reading import VERSION, DirectReading
from passport.store.failures import STORE, failure_of


class _ThreadConnection(threading.local):
    """What belongs to one thread.

    :ivar seen: SQLite's number of the last change that was seen; :ivar version: of the store at that change.
    :ivar held: the version of the moment that is held; None where none is.
    """

    connection: sqlite3.Connection | None = None
    seen: int | None = None
    version: tuple[int, ...] = ()
    held: tuple[int, ...] | None = None
    never_waits = False


class SqliteReading(DirectReading):
    """:param path: the file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = _ThreadConnection()

    def prepare(self) -> None:
        """A file is opened in no time."""

    def never_wait(self) -> None:
        """See :meth:`DirectReading.never_wait`; here a lock of the file is not waited for."""
        if not self._local.never_waits:
            try:
                self.connection().execute("PRAGMA busy_timeout=0")
            except sqlite3.Error as error:
                raise self._failure(error) from error
            self._local.never_waits = True

    def version(self) -> tuple[int, ...]:
        local = self._local
        if local.held is not None:
            return local.held
        try:
            connection = self.connection()
            # Changes when another connection has committed, and this one never writes. It costs no look into a table.
            (seen,) = connection.execute("PRAGMA data_version").fetchone()
            if local.seen != seen:
                local.version = tuple(number or 0 for number in connection.execute(VERSION).fetchone())
                local.seen = seen
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return local.version

    def hold(self) -> bool:
        """See :meth:`DirectReading.hold`; the file is locked and unlocked once for all that is read."""
        local = self._local
        if local.held is not None:
            return False
        try:
            connection = self.connection()
            if connection.in_transaction:
                # One that could not be ended, with the disk away.
                connection.execute("ROLLBACK")
            connection.execute("BEGIN")
            try:
                local.held = self.version()
            except BaseException:
                connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return True

    def release(self) -> None:
        if self._local.held is not None:
            self._local.held = None
            try:
                self.connection().execute("COMMIT")
            except sqlite3.Error as error:
                raise self._failure(error) from error

    def _row(self, statement: str, *values: str | int) -> tuple[Any, ...] | None:
        try:
            row: tuple[Any, ...] | None = self.connection().execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return row

    def _rows(self, statement: str, *values: str | int) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self.connection().execute(statement, values)
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def connection(self) -> sqlite3.Connection:
        """This thread's connection; it begins no transaction of its own accord."""
        local = self._local
        if local.connection is None:
            connection = sqlite.connect(self._path)
            connection.execute("PRAGMA query_only=ON")
            local.connection, local.seen, local.held = connection, None, None
        return local.connection

    def _failure(self, error: sqlite3.Error) -> StoreFailure:
        # Of a file with a path the folder is looked at, which writes to the disk: an event loop must not wait for that.
        return failure_of(error, STORE, None if self._local.never_waits else self._path)
