"""Queries that readers of the desk keep: the choices of a list under a name, by holder, in the state file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passport.errors import MalformedDocument
from passport.store.state.state_file import StateFile
from passport.texts import Message

_NAME = "the saved queries"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS saved_queries (holder TEXT NOT NULL, name TEXT NOT NULL, query TEXT NOT NULL,"
    " at TEXT NOT NULL, PRIMARY KEY (holder, name)) WITHOUT ROWID"
)
MOST = 40
MAX_NAME, MAX_QUERY = 60, 1000


@dataclass(frozen=True)
class SavedQuery:
    """:ivar query: the choices, as the query of an address."""

    name: str
    query: str


class SavedQueries:
    """The saved queries of all holders.

    :param path: of the state file, which exists.
    """

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path, _NAME)
        with self._file.reading() as connection:
            connection.execute(_SCHEMA)

    def of(self, holder: str) -> tuple[SavedQuery, ...]:
        """Those of one holder, by name."""
        query = "SELECT name, query FROM saved_queries WHERE holder = ? ORDER BY name"
        with self._file.reading() as connection:
            return tuple(SavedQuery(*row) for row in connection.execute(query, (holder,)))

    def keep(self, holder: str, saved: SavedQuery, at: datetime) -> None:
        """Keep a query; one of the same name is replaced.

        :raises MalformedDocument: it has no name, is too long, or there are too many.
        """
        if not saved.name.strip() or len(saved.name) > MAX_NAME or not saved.name.isprintable():
            raise MalformedDocument(
                Message("name of a saved query"), expected=Message("1 to {count} printable characters", count=MAX_NAME)
            )
        if len(saved.query) > MAX_QUERY:
            raise MalformedDocument(
                Message("saved query"), expected=Message("at most {count} characters", count=MAX_QUERY)
            )
        with self._file.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                others = connection.execute(
                    "SELECT count(*) FROM saved_queries WHERE holder = ? AND name <> ?", (holder, saved.name)
                ).fetchone()[0]
                if others >= MOST:
                    raise MalformedDocument(Message("saved queries"), expected=Message("at most {count}", count=MOST))
                connection.execute(
                    "INSERT INTO saved_queries VALUES (?, ?, ?, ?)"
                    " ON CONFLICT (holder, name) DO UPDATE SET query = excluded.query, at = excluded.at",
                    (holder, saved.name, saved.query, at.isoformat()),
                )
                connection.execute("COMMIT")
            except BaseException:
                connection.execute("ROLLBACK")
                raise

    def forget(self, holder: str, name: str) -> None:
        """Forget a query of a holder."""
        with self._file.reading() as connection:
            connection.execute("DELETE FROM saved_queries WHERE holder = ? AND name = ?", (holder, name))
