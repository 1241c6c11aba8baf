"""The version of a store, so that an older program refuses what a newer one made.

SQLite keeps the number in the head of its file, PostgreSQL in the comment on the table of credentials. A store without
a number is older than the numbering: its version follows from its tables (:mod:`passport.store.migrations`).
"""

from __future__ import annotations

import re
import sqlite3

import sqlalchemy as sql

from passport.errors import StoreNewer
from passport.texts import Message

#: Raised whenever tables are added or a program that does not know of a change would go wrong.
VERSION = 6

COMMENT = "Battery passports, version "
_OF_COMMENT = re.compile(re.escape(COMMENT) + r"([0-9]{1,9})").fullmatch


def number(connection: sql.Connection) -> int | None:
    """The number that the store bears; None where it has none, as a database without a store."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return int(driver.execute("PRAGMA user_version").fetchone()[0]) or None
    query = "SELECT obj_description(to_regclass('credentials')::oid, 'pg_class')"
    match = _OF_COMMENT(connection.exec_driver_sql(query).scalar() or "")
    return int(match[1]) if match else None


def check(connection: sql.Connection) -> None:
    """:raises StoreNewer: a later version of this software made the store."""
    version = number(connection)
    if version is not None and version > VERSION:
        raise StoreNewer(
            Message("the store is of a newer version"),
            expected=Message("at most {version}", version=VERSION),
            found=str(version),
        )


def write(connection: sql.Connection) -> None:
    """Write the number, in the transaction that brought the tables up to date."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql(f"PRAGMA user_version={VERSION}")
        return
    owned = "SELECT pg_has_role(relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass('credentials')"
    # A role that may make tables is not always the owner of the older ones; the owner's upgrade writes it then.
    if connection.exec_driver_sql(owned).scalar():
        connection.exec_driver_sql(f"COMMENT ON TABLE credentials IS '{COMMENT}{VERSION}'")
