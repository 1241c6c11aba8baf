"""Who did what in the workspace, and when. Entries are only added.

enter_into(connection, at, person.id, "approve", draft.id, "version 3")
"""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime

from passport.store.rows import stored_instant
from passport.store.workspace.workspace_file import NAME, WorkspaceFile


@dataclass(frozen=True)
class Deed:
    """:ivar person: id of who did it; ``command`` for the command line, ``supplier``, ``stranger``.

    :ivar deed: a code such as ``approve``; :ivar subject: id of what it was done to.
    """

    at: datetime
    person: str
    deed: str
    subject: str
    detail: str


def enter_into(connection: sqlite3.Connection, at: datetime, person: str, deed: str, subject: str, detail: str) -> None:
    """Write a deed down in the transaction that does it."""
    connection.execute(
        "INSERT INTO journal (at, person, deed, subject, detail) VALUES (?, ?, ?, ?, ?)",
        (at.isoformat(), person, deed, subject, detail[:500]),
    )


class DeedJournal:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def add(self, at: datetime, person: str, deed: str, subject: str, detail: str) -> None:
        """Write down what was done elsewhere than in this file."""
        with self._file.turn() as connection:
            enter_into(connection, at, person, deed, subject, detail)

    def of(self, subject: str, *, limit: int = 50) -> tuple[Deed, ...]:
        """The deeds about something, newest first."""
        return self._read("WHERE subject = ? ORDER BY sequence DESC LIMIT ?", subject, limit)

    def newest(self, *, limit: int = 50) -> tuple[Deed, ...]:
        return self._read("ORDER BY sequence DESC LIMIT ?", limit)

    def _read(self, rest: str, *values: object) -> tuple[Deed, ...]:
        query = f"SELECT at, person, deed, subject, detail FROM journal {rest}"  # noqa: S608 - a constant
        with self._file.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return tuple(Deed(stored_instant(row["at"], NAME), *tuple(row)[1:]) for row in rows)
