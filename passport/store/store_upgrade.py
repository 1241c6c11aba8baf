"""What a store is, without changing it, and its upgrade as an operation of its own.

:meth:`passport.store.Store.open` upgrades an older store by itself where its user may make tables. On a server with
separate roles neither publisher nor resolver may: the owner of the tables upgrades with :func:`upgrade`.
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

import sqlalchemy as sql
from sqlalchemy.exc import SQLAlchemyError

from passport.errors import StoreMissing, UnusableProject
from passport.store import migrations, rights, tables, versions
from passport.store.engines import engine_of, file_of
from passport.store.facts import fact_tables
from passport.store.failures import STORE, failure_of
from passport.texts import Message


@dataclass(frozen=True)
class StoreInfo:
    """A store as it was found.

    :ivar database: ``sqlite`` or ``postgresql``, and its version.
    :ivar version: of the store, None for a database without one; :ivar newest: the newest that this software knows.
    :ivar size: bytes that it takes; None for a store in memory.
    :ivar rows: rows of each table that is there.
    """

    database: str
    version: int | None
    newest: int
    size: int | None
    rows: dict[str, int]

    @property
    def missing_tables(self) -> tuple[str, ...]:
        """Tables of the newest version that are not there."""
        known = (*tables.metadata.sorted_tables, *fact_tables.facts.sorted_tables)
        return tuple(table.name for table in known if table.name not in self.rows)


def examine(url: str) -> StoreInfo:
    """Look at the store at a URL. A newer one is looked at too, as far as its tables are known.

    :raises StoreMissing: there is no such file; none is made.
    :raises StoreFailure: it cannot be read; :raises UnusableProject: it is no address of a store.
    """
    engine = _existing(url)
    try:
        with engine.connect() as connection:
            lacking = migrations.missing(connection)
            marked = versions.number(connection)
            version = migrations.version_of(connection, lacking)
            if version is not None and marked is not None and marked > versions.VERSION:
                version = marked
            names = {table.name for table in lacking}
            known = (*tables.metadata.sorted_tables, *fact_tables.facts.sorted_tables)
            rows = {table.name: _count(connection, table) for table in known if table.name not in names}
            return StoreInfo(_database(connection), version, versions.VERSION, _size(connection), rows)
    except (SQLAlchemyError, sqlite3.Error) as error:
        raise failure_of(error, STORE, file_of(engine.url)) from error
    finally:
        engine.dispose()


def upgrade(
    url: str, *, owner: str | None = None, publisher: str | None = None, resolver: str | None = None
) -> tuple[int | None, int]:
    """Bring a store up to date, or make its tables in an empty database, and give the roles of a server their rights.

    All of it happens in one transaction, in the writers' turn.

    :param owner, publisher, resolver: see :func:`passport.store.rights.give`.
    :returns: the version before, None where there was no store; and the version now.
    :raises StoreNewer: a later version of this software made it.
    :raises StoreFailure: it cannot be written; :raises UnusableProject: this user may not.
    """
    engine = engine_of(url)
    try:
        with engine.connect().execution_options(writes=True) as connection, connection.begin():
            done = migrations.upgrade(connection)
            if owner or publisher or resolver:
                rights.give(connection, owner=owner, publisher=publisher, resolver=resolver)
            return done
    except (SQLAlchemyError, sqlite3.Error) as error:
        cause = str(getattr(error, "orig", None) or type(error).__name__).strip().splitlines()
        if getattr(getattr(error, "orig", None), "sqlstate", None) in ("42501", "42704"):
            raise UnusableProject(
                Message("the store may not be upgraded by this user"), found=cause[0][:200] if cause else None
            ) from error
        raise failure_of(error, STORE, file_of(engine.url)) from error
    finally:
        engine.dispose()


def _existing(url: str) -> sql.Engine:
    try:
        path = file_of(sql.make_url(url))
    except (sql.exc.ArgumentError, ValueError):
        path = None  # engine_of says why
    if path is not None and not path.exists():
        raise StoreMissing(Message("{name} is missing", name=STORE), found=str(path))
    return engine_of(url)


def _count(connection: sql.Connection, table: sql.Table) -> int:
    return int(connection.execute(sql.select(sql.func.count()).select_from(table)).scalar() or 0)


def _database(connection: sql.Connection) -> str:
    return f"{connection.dialect.name} {'.'.join(map(str, connection.dialect.server_version_info or ()))}"


def _size(connection: sql.Connection) -> int | None:
    if connection.dialect.name == "postgresql":
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar() or 0)
    if file_of(connection.engine.url) is None:
        return None
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar() or 0
    return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar() or 0)
