"""Statements that revisions are made of.

A revision states its tables as they were in its version; it does not read them from the tables of today, which go on.
Each statement leaves alone what is there already: a store whose table was lost gets this table again, with its rows as
far as they follow from others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sql
from alembic import op

from passport.store.tables import APPEND_ONLY, Text

#: Rows that are held in memory before they are written.
AT_ONCE = 1_000


def text(name: str, *, key: bool = False, nullable: bool = False, unique: bool = False) -> sql.Column[str]:
    """A column of text, ordered by code points."""
    return sql.Column(name, Text, primary_key=key, nullable=nullable, unique=unique)


def number(name: str, *, key: bool = False, nullable: bool = False) -> sql.Column[int]:
    """A column of 64-bit integers; in SQLite a sole key of this type is the number of the row."""
    type_ = sql.BigInteger().with_variant(sql.Integer(), "sqlite")
    return sql.Column(name, type_, primary_key=key, nullable=nullable, autoincrement=False)


def big(name: str, *, key: bool = False, nullable: bool = False) -> sql.Column[int]:
    """A column that is declared BIGINT in both databases."""
    return sql.Column(name, sql.BigInteger, primary_key=key, nullable=nullable, autoincrement=False)


def integer(name: str, *, key: bool = False) -> sql.Column[int]:
    """A column of 32-bit integers."""
    return sql.Column(name, sql.Integer, primary_key=key, nullable=False, autoincrement=False)


def data(name: str, *, nullable: bool = False) -> sql.Column[bytes]:
    """A column of bytes."""
    return sql.Column(name, sql.LargeBinary, nullable=nullable)


def flag(name: str) -> sql.Column[bool]:
    """A column of truth values."""
    return sql.Column(name, sql.Boolean, nullable=False)


def has(table: str) -> bool:
    """Whether the store has a table of that name."""
    return sql.inspect(op.get_bind()).has_table(table)


def make(table: str, *columns: sql.Column[Any], append_only: bool = True) -> bool:
    """Make a table where there is none of its name; returns whether it was made.

    :param append_only: give it the triggers that refuse changes.
    """
    if has(table):
        return False
    op.create_table(table, *columns)
    connection = op.get_bind()
    for statement in APPEND_ONLY[connection.dialect.name] if append_only else ():
        connection.exec_driver_sql(statement.format(table=table))
    return True


def add_column(table: str, column: sql.Column[Any]) -> bool:
    """Add a column where the table has none of its name; returns whether it was added."""
    if column.name in {known["name"] for known in sql.inspect(op.get_bind()).get_columns(table)}:
        return False
    op.add_column(table, column)
    return True


def index(table: str, name: str, *columns: str, unique: bool = False, where: str | None = None) -> None:
    """Make an index where there is none of its name."""
    condition = None if where is None else sql.text(where)
    op.create_index(
        name, table, list(columns), unique=unique, if_not_exists=True,
        sqlite_where=condition, postgresql_where=condition,
    )  # fmt: skip


def fill(table: sql.TableClause, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows into a table that was made."""
    if rows:
        op.get_bind().execute(table.insert(), [dict(row) for row in rows])
