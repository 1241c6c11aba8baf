"""Reads an SQLite store over one connection per thread, without SQLAlchemy. Used for public views.

SQLite finds a row in a tenth of the time that SQLAlchemy needs to build the query, and the resolver reads often.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from passport.errors import StoreFailure
from passport.store.failures import STORE, failure_of
from passport.store.log.log_reading import cosigned_note

_VERSION = """
SELECT (SELECT max(sequence) FROM credentials), (SELECT max(sequence) FROM status_lists),
  (SELECT max(sequence) FROM status_changes), (SELECT max(sequence) FROM log_checkpoints),
  (SELECT max(sequence) FROM log_cosignatures), (SELECT max(sequence) FROM events)"""
# All that is a pack's own, in one statement: it is one moment, and each statement gives other threads their turn.
_CURRENT_BESIDE = """
SELECT body, EXISTS (SELECT 1 FROM credentials WHERE subject = ?1 AND type = ?3),
  EXISTS (SELECT 1 FROM events WHERE pack = ?1 AND audience_kind = ?4)
FROM credentials WHERE subject = ?1 AND type = ?2
  AND NOT EXISTS (SELECT 1 FROM read_outs WHERE read_outs.sequence = credentials.sequence AND late)
ORDER BY sequence DESC LIMIT 1"""
_KNOWN = "SELECT 1 FROM packs WHERE subject = ?1 UNION ALL SELECT 1 FROM credentials WHERE subject = ?1 AND type = ?2"
_CURRENT = """
SELECT body FROM credentials WHERE subject = ? AND type = ?
  AND NOT EXISTS (SELECT 1 FROM read_outs WHERE read_outs.sequence = credentials.sequence AND late)
ORDER BY sequence DESC LIMIT 1"""
_HISTORY = "SELECT body FROM credentials WHERE subject = ? AND type = ?"
_LIST = "SELECT body FROM status_lists WHERE list = ? ORDER BY sequence DESC LIMIT 1"
_CHECKPOINT = "SELECT note, sequence FROM log_checkpoints WHERE log = ? ORDER BY sequence DESC LIMIT 1"
_COSIGNATURES = "SELECT line FROM log_cosignatures WHERE checkpoint = ? ORDER BY sequence"


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


class DirectReading:
    """An embedded store's file, read past the toolkit: a connection for each thread, which never writes.

    Every method raises :class:`StoreFailure` where the file cannot be read.

    :param connect: opens a connection that begins no transaction of its own accord; :param path: the file.
    """

    def __init__(self, connect: Callable[[], sqlite3.Connection], path: Path) -> None:
        self._connect = connect
        self._path = path
        self._local = _ThreadConnection()

    def never_wait(self) -> None:
        """Let this thread fail at once where the file is locked: an event loop would keep all its clients waiting."""
        if not self._local.never_waits:
            try:
                self.connection().execute("PRAGMA busy_timeout=0")
            except sqlite3.Error as error:
                raise self._failure(error) from error
            self._local.never_waits = True

    def version(self) -> tuple[int, ...]:
        """As :meth:`passport.store.Store.version`; while one moment is held, that of this moment."""
        local = self._local
        if local.held is not None:
            return local.held
        try:
            connection = self.connection()
            # Changes when another connection has committed, and this one never writes. It costs no look into a table.
            (seen,) = connection.execute("PRAGMA data_version").fetchone()
            if local.seen != seen:
                local.version = tuple(number or 0 for number in connection.execute(_VERSION).fetchone())
                local.seen = seen
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return local.version

    def hold(self) -> bool:
        """Read nothing but this moment until :meth:`release`, in this thread; False where one is held already.

        All that is read then belongs to one version, and the file is locked and unlocked once for all of it.
        """
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
        """Let the moment go that this thread holds, where it holds one."""
        if self._local.held is not None:
            self._local.held = None
            try:
                self.connection().execute("COMMIT")
            except sqlite3.Error as error:
                raise self._failure(error) from error

    # --- documents, as they are stored ------------------------------------------------------------------------------

    def knows(self, subject: str, type_: str) -> bool:
        """Whether there is a pack of that address, or a credential of that type about it."""
        return self._row(_KNOWN, subject, type_) is not None

    def current(self, subject: str, type_: str) -> bytes | None:
        """The newest credential of that type about ``subject``, late read-outs aside."""
        row = self._row(_CURRENT, subject, type_)
        return None if row is None else row[0]

    def current_beside(self, pack: str, type_: str, other: str, kind: str) -> tuple[bytes, bool, bool] | None:
        """The same of a pack, and whether there are credentials of the type ``other`` about it besides.

        The third member is whether there are life-cycle events with the audiences of ``kind``.
        """
        try:
            row = self.connection().execute(_CURRENT_BESIDE, (pack, type_, other, kind)).fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return None if row is None else (row[0], bool(row[1]), bool(row[2]))

    def history(self, subject: str, type_: str) -> Iterator[bytes]:
        """All credentials of that type about ``subject``, in no particular order."""
        try:
            for (body,) in self.connection().execute(_HISTORY, (subject, type_)):
                yield body
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def status_list(self, number: int) -> bytes | None:
        """The newest signed status list of that number."""
        row = self._row(_LIST, number)
        return None if row is None else row[0]

    def log_checkpoint_note(self, log: str) -> bytes | None:
        """The newest checkpoint of a log with its cosignatures, as a signed note."""
        row = self._row(_CHECKPOINT, log)
        if row is None:
            return None
        note, sequence = row
        try:
            lines = [line for (line,) in self.connection().execute(_COSIGNATURES, (sequence,))]
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return bytes(cosigned_note(note, lines))

    # --- inside -----------------------------------------------------------------------------------------------------

    def _row(self, statement: str, *values: str | int) -> tuple[bytes, int] | None:
        try:
            row: tuple[bytes, int] | None = self.connection().execute(statement, values).fetchone()
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return row

    def connection(self) -> sqlite3.Connection:
        """This thread's connection; it begins no transaction of its own accord."""
        local = self._local
        if local.connection is None:
            connection = self._connect()
            connection.execute("PRAGMA query_only=ON")
            local.connection, local.seen, local.held = connection, None, None
        return local.connection

    def _failure(self, error: sqlite3.Error) -> StoreFailure:
        # Of a file with a path the folder is looked at, which writes to the disk: an event loop must not wait for that.
        return failure_of(error, STORE, None if self._local.never_waits else self._path)
