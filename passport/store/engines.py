"""Database engines: how SQLite and PostgreSQL are opened, and how writers take turns in each.

* A writer's turn lasts from its first statement to its commit. Within it, it reads all that the writer before stored.
  Readers never wait.
* Data reported as stored survives a power cut.
* A database address with a password is refused: it would end in a configuration file, an argument or a log. libpq finds
  the password in PGPASSWORD or in the file that PGPASSFILE names.
* An embedded store is a file that only its owner may read.
* An error of the driver is reported without the statement and its parameters: these may be restricted data.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import ArgumentError

from passport.errors import UnusableProject
from passport.store import sqlite
from passport.store.direct_postgresql import PostgresqlReading
from passport.store.direct_reading import DirectReading
from passport.store.direct_sqlite import SqliteReading
from passport.store.failures import STORE, failure_of_file
from passport.store.sqlite import PATIENCE
from passport.texts import Message

#: Name of the turn among the advisory locks of a PostgreSQL database: "passport" as a number.
WRITERS_TURN = int.from_bytes(b"passport")
#: Memory for pages of a connection in KiB, and pages of 4 KiB in the write-ahead log before they go into the file.
_CACHE, _LOGGED_PAGES = 16_000, 8_000
_EXAMPLE = Message("such as {address}", address="postgresql://publisher@db.example/passports")


def engine_of(address: str) -> sql.Engine:
    """The engine for an SQLAlchemy URL, not connected yet. ``sqlite://`` is a store in memory.

    :raises UnusableProject: it is no address of SQLite or PostgreSQL, holds a password, or its driver is not installed.
    """
    try:
        url = sql.make_url(address)
    except (ArgumentError, ValueError):
        # Neither the address nor what is said of it: a password may be in it.
        raise UnusableProject(Message("the address of the store cannot be read"), expected=_EXAMPLE) from None
    if url.password is not None or any("password" in name.lower() for name in url.query):
        raise UnusableProject(
            Message("the address of the store holds a password"),
            expected=_EXAMPLE,
            hint=Message("Take it out, and name a file of mode 600 in PGPASSFILE: HOST:PORT:DATABASE:USER:PASSWORD."),
        )
    if url.drivername == "sqlite":
        return _sqlite(url)
    if url.drivername in ("postgresql", "postgresql+psycopg"):
        return _postgresql(url)
    raise UnusableProject(
        Message("the store is in no known database"),
        expected=Message("{first} or {second}", first="sqlite", second="postgresql"),
        found=repr(url.drivername)[:80],
    )


def file_of(url: sql.URL) -> Path | None:
    """The file of an embedded store; None for a store in memory, on a server, or with options in its address."""
    name = url.database if url.get_backend_name() == "sqlite" and not url.query else None
    return Path(name) if name and name != ":memory:" else None


def direct_of(engine: sql.Engine) -> DirectReading | None:
    """Quick reading of the same store, which connects when it is first used; None for a store in memory."""
    if engine.dialect.name == "postgresql":
        return PostgresqlReading(lambda: _connect_postgresql(engine))
    path = file_of(engine.url)
    return None if path is None else SqliteReading(path)


# --- SQLite ---------------------------------------------------------------------------------------------------------


def _sqlite(url: sql.URL) -> sql.Engine:
    """:raises StoreFailure: there is no file and none can be made."""
    options: dict[str, Any] = {}
    path = file_of(url)
    if path is not None:
        try:
            sqlite.make_file(path)
        except OSError as error:
            # One that others own may still be readable.
            if not path.exists():
                raise failure_of_file(error, STORE, path) from error
        options = {"creator": lambda: sqlite.connect(path)}
    elif not url.query:
        # One connection for all threads: a second one would be another, empty store.
        options = {"poolclass": sql.pool.StaticPool, "connect_args": {"check_same_thread": False}}
    engine = sql.create_engine(url, hide_parameters=True, **options)
    sql.event.listen(engine, "connect", _prepare_sqlite)
    sql.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver's own implicit transactions would begin only at the first write: see _begin_sqlite.
    connection.isolation_level = None
    connection.execute(f"PRAGMA busy_timeout={PATIENCE * 1000}")
    # A resolver reads while a publisher writes: the write-ahead log lets both go on.
    sqlite.use_write_ahead_log(connection)
    connection.execute("PRAGMA synchronous=FULL")
    # A commit of several hundred documents touches a thousand pages, those of the indexes again and again. They stay in
    # memory until the commit, and go from the log into the file after several commits.
    connection.execute(f"PRAGMA cache_size=-{_CACHE}")
    connection.execute(f"PRAGMA wal_autocheckpoint={_LOGGED_PAGES}")
    # Without it, REPLACE deletes rows and asks no trigger.
    connection.execute("PRAGMA recursive_triggers=ON")


def _begin_sqlite(connection: sql.Connection) -> None:
    # A writer takes the lock before it reads, so that two publishers never both find a pack unknown. A single statement
    # is a transaction of its own (:class:`passport.store.Store`).
    if not connection.get_execution_options().get("single", False):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


def _postgresql(url: sql.URL) -> sql.Engine:
    try:
        engine = sql.create_engine(
            url.set(drivername="postgresql+psycopg"),
            # A server that was told otherwise would show a writer what was stored before it began to wait.
            isolation_level="READ COMMITTED",
            connect_args={} if "connect_timeout" in url.query else {"connect_timeout": PATIENCE},
            hide_parameters=True,
            # A resolver lives longer than its connections: a server is restarted, a line is cut.
            pool_pre_ping=True,
        )
    except ImportError as error:
        raise UnusableProject(
            Message("the driver for PostgreSQL is not installed"),
            hint=Message("Install it: {command}", command='pip install "battery-passport[postgresql]"'),
        ) from error
    sql.event.listen(engine, "connect", _prepare_postgresql)
    sql.event.listen(engine, "begin", _begin_postgresql)
    return engine


def _connect_postgresql(engine: sql.Engine) -> Any:
    """A connection of the driver, without transactions of its own accord.

    :raises psycopg.Error: the server cannot be reached.
    """
    import psycopg

    words, options = engine.dialect.create_connect_args(engine.url)
    return psycopg.connect(*words, **{"connect_timeout": PATIENCE, **options, "autocommit": True})


def _prepare_postgresql(connection: Any, _record: object) -> None:
    # Outside a transaction, whose end would take the settings back.
    connection.autocommit = True
    connection.execute("SELECT set_config('lock_timeout', %s, false)", (f"{PATIENCE}s",))
    # A server may report as stored what only its memory holds; one that waits for more than its own disk goes on so.
    connection.execute(
        "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'"
    )
    connection.autocommit = False


def _begin_postgresql(connection: sql.Connection) -> None:
    # No lock of a table: that asks for the right to change rows, which no client may have. The server gives the turn to
    # the next writer when the commit can be seen by everybody, so turns and commits have one order.
    if _writes(connection):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_TURN})")


def _writes(connection: sql.Connection) -> bool:
    return bool(connection.get_execution_options().get("writes", False))
