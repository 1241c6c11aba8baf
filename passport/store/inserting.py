"""Insertion of many rows of one table by one statement.

SQLAlchemy asks the type of each column about each value, which costs more than SQLite's own work. The types of our
tables change no value on SQLite, so there the rows are handed to the driver as they are. On other databases, and for a
table with another type of column, the statement is executed as always.

    insert_rows(connection, tables.credentials, rows)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import sqlalchemy as sql
from sqlalchemy.dialects import sqlite

from passport.store.tables import Text

#: Types whose values SQLite takes as they are; of a text it was checked that it can be stored.
_PLAIN = (Text, sql.Integer, sql.LargeBinary, sql.Boolean)
#: Fewer rows are not worth it.
_MANY = 4


def insert_rows(connection: sql.Connection, table: sql.Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns.

    :param rows: values by column; each text can be stored (:func:`passport.store.tables.is_storable`).
    """
    if not rows:
        return
    if len(rows) >= _MANY and connection.dialect.name == "sqlite":
        names = tuple(rows[0])
        statement = _statement(table, names)
        if statement is not None:
            # An itemgetter of one name gives the value itself, of several a tuple, in the interpreter's own loop.
            values = list(map(itemgetter(*names), rows)) if len(names) > 1 else [(row[names[0]],) for row in rows]
            connection.exec_driver_sql(statement, values)
            return
    connection.execute(table.insert(), list(rows))


@lru_cache(maxsize=256)
def _statement(table: sql.Table, names: tuple[str, ...]) -> str | None:
    """The statement for SQLite with its values in the order of ``names``; None where a value is not taken as it is."""
    if any(name not in table.c for name in names) or not all(isinstance(each.type, _PLAIN) for each in table.columns):
        return None
    if any(each.default is not None or each.server_default is not None for each in table.columns):
        return None
    preparer = sqlite.dialect().identifier_preparer
    columns = ", ".join(preparer.format_column(table.c[name]) for name in names)
    return f"INSERT INTO {preparer.format_table(table)} ({columns}) VALUES ({', '.join('?' * len(names))})"  # noqa: S608
