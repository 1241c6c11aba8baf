"""The version of a store, so that an older program refuses what a newer one made.

SQLite keeps the number in the head of its file, PostgreSQL in the comment on the table of credentials. A store without
a number is older than the numbering: its version follows from its tables (:mod:`passport.store.tables`).
"""

from __future__ import annotations

import re
import sqlite3

import sqlalchemy as sql

from passport.errors import StoreNewer
from passport.store import sqlite
from passport.store.failures import STORE
from passport.texts import Message

#: Raised whenever tables are added or a program that does not know of a change would go wrong.
VERSION = 6

COMMENT = "Battery passports, version "
_OF_COMMENT = re.compile(re.escape(COMMENT) + r"([0-9]{1,9})").fullmatch


def check(connection: sql.Connection) -> None:
    """:raises StoreNewer: a later version of this software made the store."""
    driver = connection.connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        sqlite.check_version(driver, VERSION, STORE)
        return
    query = "SELECT obj_description(to_regclass('credentials')::oid, 'pg_class')"
    number = _OF_COMMENT(connection.exec_driver_sql(query).scalar() or "")
    if number and int(number[1]) > VERSION:
        raise StoreNewer(
            Message("the store is of a newer version"),
            expected=Message("at most {version}", version=VERSION),
            found=number[1],
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
