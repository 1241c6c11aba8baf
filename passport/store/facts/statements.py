"""DriverStatements over one connection, past the compiler: in SQLite they go to the driver, which keeps them prepared.

    statements = DriverStatements(connection)
    statements.rows("SELECT number FROM fact_packs WHERE pack = :pack", {"pack": iri})

An arriving event needs some sixty of them, each of microseconds; SQLAlchemy would add several times as much to each.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sql


class DriverStatements:
    """:param connection: in a transaction; its errors are those of SQLAlchemy or of the driver."""

    def __init__(self, connection: sql.Connection) -> None:
        self._connection = connection
        driver = connection.connection.driver_connection
        self._driver = driver if isinstance(driver, sqlite3.Connection) else None

    def rows(self, statement: str, values: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows of a statement; none of one that answers nothing. :param values: more than it names do no harm."""
        if self._driver is not None:
            return self._driver.execute(statement, values).fetchall()
        compiled, names = _compiled(statement)
        result = self._connection.execute(compiled, {name: values[name] for name in names})
        return result.all() if result.returns_rows else ()

    def each(self, statement: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Run a statement that answers nothing for each of several values."""
        if not rows:
            return
        if self._driver is not None:
            self._driver.executemany(statement, rows)
        else:
            self._connection.execute(_compiled(statement)[0], [dict(row) for row in rows])


@lru_cache(maxsize=200)
def _compiled(statement: str) -> tuple[sql.TextClause, tuple[str, ...]]:
    """A statement, and the named values that it takes."""
    text = sql.text(statement)
    return text, tuple(text.compile().params)
