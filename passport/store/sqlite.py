"""SQLite files: readable by their owner only, never created by accident, shared by several readers and one writer.

Used by the store, by its direct readers and, in the resolver, for the resolver's own state.
"""

from __future__ import annotations

import os
import random
import sqlite3
import time
from contextlib import suppress
from pathlib import Path

from passport.errors import StoreNewer
from passport.texts import Message

#: Seconds that a writer waits for its turn.
PATIENCE = 10


def make_file(path: Path) -> None:
    """Make an empty file of mode 600 where there is none: SQLite would let others read what it makes.

    A file that is there is not opened. To close any descriptor of a file takes from this process all its POSIX locks on
    it (https://www.sqlite.org/howtocorrupt.html, 2.2): another process would take itself for the last that has the
    store open, and remove the write-ahead log under the connections of this one.

    :raises OSError: it cannot be made.
    """
    with suppress(FileExistsError):
        # The real path, since O_EXCL refuses a link whose target is still to be made.
        os.close(os.open(os.path.realpath(path), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))


def connect(path: Path, *, timeout: float = PATIENCE) -> sqlite3.Connection:
    """A connection to a file that exists, for any thread, without transactions that begin by themselves.

    A file that is missing stays so: an empty one in its place would look like a store that lost everything.
    A file that cannot be written can still be read.

    :param timeout: seconds to wait for a lock.
    :raises sqlite3.Error: it cannot be opened.
    """
    address = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(address, uri=True, isolation_level=None, timeout=timeout, check_same_thread=False)


def use_write_ahead_log(connection: sqlite3.Connection) -> None:
    """Let readers read while a writer writes. A file that cannot be written is read as it is.

    The first connection to a new file switches it. For that SQLite reads the head of the file and then asks for the
    writer's lock while it still holds a reader's. SQLite never waits for a lock that is raised in this way, whatever
    the timeout says: the writer may be waiting for this very reader, and both would wait for ever. The connection that
    is refused has given up its reader's lock, so it is safe to try again.

    :raises sqlite3.OperationalError: the file stayed locked for :data:`PATIENCE` seconds, or cannot be read.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL").fetchone()
            return
        except sqlite3.OperationalError as error:
            primary = error.sqlite_errorcode & 0xFF
            if primary == sqlite3.SQLITE_READONLY:
                return
            if primary != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        # At different times, so that not all come again at once.
        time.sleep(random.uniform(0.001, 0.02))  # noqa: S311 (no secret)


def check_version(connection: sqlite3.Connection, known: int, name: str) -> None:
    """Refuse a file that a later version of this software made. A file without a number is older than the numbers.

    :param known: the newest version that this software knows, kept in the file as ``user_version``.
    :raises StoreNewer: the file is of a later one.
    """
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > known:
        raise StoreNewer(
            Message("{name} is of a newer version", name=name),
            expected=Message("at most {known}", known=known),
            found=str(version),
        )
