"""Failures of a database as errors of the library: locked, full, read-only, damaged, missing, no database at all.

* A failure is told by the code that the database gives (the result code of SQLite, the SQLSTATE of PostgreSQL), never
  by its words, which may quote what was stored.
* SQLite calls several causes "disk I/O error" or "unable to open database file". These are told apart by the folder of
  the file: whether it exists, whether it is writable, whether it has room.

Used for the store and, by the resolver, for the file of its own state.
"""

from __future__ import annotations

import errno
import os
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from passport.errors import (
    StoreDamaged,
    StoreFailure,
    StoreForeign,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnavailable,
)
from passport.texts import Message

if sys.platform != "win32":  # Windows has no limit of that kind
    import resource

# What a new page, its copy in the write-ahead log and the index of that log need, with something to spare.
_ROOM = 65_536

_OF_SQLITE: dict[int, type[StoreFailure]] = {
    sqlite3.SQLITE_BUSY: StoreLocked,
    sqlite3.SQLITE_LOCKED: StoreLocked,
    sqlite3.SQLITE_PROTOCOL: StoreLocked,
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_READONLY: StoreReadOnly,
    sqlite3.SQLITE_PERM: StoreReadOnly,
    sqlite3.SQLITE_CORRUPT: StoreDamaged,
    sqlite3.SQLITE_NOTADB: StoreForeign,
    # Our statements are constant: where SQLite knows no such table or column, the file has lost it.
    sqlite3.SQLITE_ERROR: StoreDamaged,
}
_OF_SQLSTATE: dict[str, type[StoreFailure]] = {
    "55P03": StoreLocked,  # lock_not_available
    "40P01": StoreLocked,  # deadlock_detected
    "40001": StoreLocked,  # serialization_failure
    "53100": StoreFull,  # disk_full
    "25006": StoreReadOnly,  # read_only_sql_transaction
    "XX001": StoreDamaged,  # data_corrupted
    "XX002": StoreDamaged,  # index_corrupted
    "42P01": StoreDamaged,  # undefined_table
    "42703": StoreDamaged,  # undefined_column
}
#: What messages call the database of signed documents.
STORE = Message("the store")
_OF_ERRNO: dict[int, type[StoreFailure]] = {
    errno.ENOSPC: StoreFull,
    errno.EDQUOT: StoreFull,
    errno.EFBIG: StoreFull,
    errno.EROFS: StoreReadOnly,
    errno.EACCES: StoreReadOnly,
    errno.EPERM: StoreReadOnly,
    errno.ENOENT: StoreMissing,
    errno.ENOTDIR: StoreMissing,
    errno.EIO: StoreUnavailable,
}
MESSAGES: dict[type[StoreFailure], Message] = {
    StoreLocked: Message("{name} is locked by another program"),
    StoreFull: Message("{name} is full"),
    StoreReadOnly: Message("{name} is read-only"),
    StoreDamaged: Message("{name} is damaged"),
    StoreForeign: Message("{name} is not a database"),
    StoreMissing: Message("{name} is missing"),
    StoreUnavailable: Message("{name} does not answer"),
}
_DISK = Message("The disk fails. Look at the log of the system, and keep a copy of the files before anything else.")


@contextmanager
def answering(name: str = STORE, path: Path | None = None) -> Iterator[None]:
    """Turn every error of a database into one of the library's.

    :param name: what the message calls the database; :param path: its file, None where it is in memory or on a server.
    :raises StoreFailure: the database did not do what it was asked for.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise failure_of(error, name, path) from error


def failure_of(error: Exception, name: str, path: Path | None = None) -> StoreFailure:
    """What an error of the database means. The error that is given back holds no word of the driver.

    :param error: of SQLAlchemy, of a driver, or another one with a ``sqlstate``.
    """
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        kind = _of_sqlite(cause, path)
        # Such as SQLITE_BUSY; errors that the driver itself raises have no name.
        code = getattr(cause, "sqlite_errorname", None) or type(cause).__name__
        disk = kind is StoreUnavailable and _primary(cause) == sqlite3.SQLITE_IOERR
        return _failure(kind, name, path, code, _DISK if disk else None)
    sqlstate = getattr(cause, "sqlstate", None)
    kind = _OF_SQLSTATE.get(sqlstate or "", StoreUnavailable)
    return _failure(kind, name, path, f"SQLSTATE {sqlstate}" if sqlstate else type(error).__name__)


def is_refused(error: SQLAlchemyError | sqlite3.Error) -> bool:
    """Whether the role lacks the right to do it (``insufficient_privilege``)."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) == "42501"


def failure_of_file(error: OSError, name: str, path: Path) -> StoreFailure:
    """The same for an error of the operating system about the file of a database, or its folder."""
    kind = _OF_ERRNO.get(error.errno or 0, StoreUnavailable)
    return _failure(kind, name, path, error.strerror or type(error).__name__)


def _failure(
    kind: type[StoreFailure], name: str, path: Path | None, found: str, hint: str | None = None
) -> StoreFailure:
    if path:
        name = Message("{name} {path}", name=name, path=str(path))
    return kind(MESSAGES[kind].fill(name=name), found=found, hint=hint)


def _primary(error: sqlite3.Error) -> int:
    """The primary result code; 0 for an error that the driver itself raised."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _of_sqlite(error: sqlite3.Error, path: Path | None) -> type[StoreFailure]:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        # Text that is not UTF-8 was never stored; the driver has no code of its own for it.
        return StoreDamaged if str(error).startswith("Could not decode") else StoreUnavailable
    if code == sqlite3.SQLITE_IOERR_CORRUPTFS:
        return StoreDamaged
    if code == sqlite3.SQLITE_READONLY_DBMOVED:
        return StoreMissing
    if _primary(error) in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR) and path is not None:
        return _of_folder(path)
    return _OF_SQLITE.get(_primary(error), StoreUnavailable)


def _of_folder(path: Path) -> type[StoreFailure]:
    """Why a file could not be opened, read or written, as far as its folder tells."""
    if not path.exists():
        return StoreMissing
    if not path.is_file():
        return StoreForeign
    if _at_limit(path):
        return StoreFull
    try:
        # A quota and a disk with reserved blocks show themselves only to one who writes.
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            probe.write(bytes(_ROOM))
            probe.flush()
            os.fsync(probe.fileno())
    except OSError as error:
        return _OF_ERRNO.get(error.errno or 0, StoreUnavailable)
    return StoreUnavailable


def _at_limit(path: Path) -> bool:
    """Whether the file or its write-ahead log has reached the size that this process may give to a file."""
    limit = -1 if sys.platform == "win32" else resource.getrlimit(resource.RLIMIT_FSIZE)[0]
    files = (path, path.with_name(f"{path.name}-wal"))
    return limit >= 0 and any(file.exists() and file.stat().st_size + _ROOM > limit for file in files)
