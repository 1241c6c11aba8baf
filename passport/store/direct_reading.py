"""Reads an SQLite store over one connection per thread, without SQLAlchemy. Used for public views."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable

_VERSION = """
SELECT (SELECT max(sequence) FROM credentials), (SELECT max(sequence) FROM status_lists),
  (SELECT max(sequence) FROM status_changes)"""


class _OfThread(threading.local):
    """What one thread has open, none of it before :meth:`DirectReading.connection` was called there."""

    connection: sqlite3.Connection
    seen: int | None
    version: tuple[int, ...]
    held: tuple[int, ...] | None
    never_waits: bool


class DirectReading:
    """An embedded store's file, read past the toolkit: a connection for each thread, which never writes.

    :param connect: opens a connection that begins no transaction of its own accord.

    Finding a row takes a tenth of the time that the toolkit needs to ask for it; the resolver asks often.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection]) -> None:
        self._connect = connect
        self._local = _OfThread()

    def never_wait(self) -> None:
        """Let this thread fail at once where the file is locked: an event loop would keep all its clients waiting."""
        if not getattr(self._local, "never_waits", False):
            self.connection().execute("PRAGMA busy_timeout=0")
            self._local.never_waits = True

    def version(self) -> tuple[int, ...]:
        """As :meth:`Store.version`; while one moment is held, that of this moment."""
        connection = self.connection()
        if self._local.held is not None:
            return self._local.held
        # Changes when another connection has committed, and this one never writes. It costs no look into a table.
        (seen,) = connection.execute("PRAGMA data_version").fetchone()
        if self._local.seen != seen:
            self._local.version = tuple(number or 0 for number in connection.execute(_VERSION).fetchone())
            self._local.seen = seen
        return self._local.version

    def hold(self) -> bool:
        """Read nothing but this moment until :meth:`release`, in this thread; False where one is held already.

        All that is read then belongs to one version, and the file is locked and unlocked once for all of it.
        """
        connection = self.connection()
        if self._local.held is not None:
            return False
        if connection.in_transaction:
            # One that could not be ended, with the disk away.
            connection.execute("ROLLBACK")
        connection.execute("BEGIN")
        try:
            self._local.held = self.version()
        except BaseException:
            connection.execute("ROLLBACK")
            raise
        return True

    def release(self) -> None:
        """Let the moment go that this thread holds, where it holds one."""
        if getattr(self._local, "held", None) is not None:
            self._local.held = None
            self._local.connection.execute("COMMIT")

    def connection(self) -> sqlite3.Connection:
        """This thread's connection; it begins no transaction of its own accord."""
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
            self._local.connection, self._local.seen, self._local.held = connection, None, None
        return connection
