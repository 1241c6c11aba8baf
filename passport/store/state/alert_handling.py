"""Handling of alerts: assigned, explained, closed, reopened; by whom and why. Append-only, in the state file.

The file is the resolver's own (``state.db``), so that desk and command see the same. An alert is named by rule, subject
and first evidence, which stay when its openings are made again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passport.store import sqlite
from passport.store.failures import failure_of_file
from passport.store.rows import stored_instant
from passport.store.state.state_file import StateFile

_NAME = "the record of alerts"
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS alert_handling ("
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL,"
    " evidence TEXT NOT NULL, step TEXT NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL, owner TEXT)",
    "CREATE INDEX IF NOT EXISTS alert_handling_of ON alert_handling (rule, subject, evidence)",
    "CREATE TRIGGER IF NOT EXISTS alert_handling_no_update BEFORE UPDATE ON alert_handling"
    " BEGIN SELECT RAISE(ABORT, 'the record of alerts is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS alert_handling_no_delete BEFORE DELETE ON alert_handling"
    " BEGIN SELECT RAISE(ABORT, 'the record of alerts is append-only'); END",
)
_COLUMNS = "at, rule, subject, evidence, step, person, reason, owner"


@dataclass(frozen=True)
class Handling:
    """One step that a person took.

    :ivar step: ``assign``, ``ask``, ``explain``, ``close`` or ``reopen``.
    :ivar person: who took it; :ivar reason: why, in that person's words.
    :ivar owner: who has to see to it from now on; None where that stays.
    """

    at: datetime
    rule: str
    subject: str
    evidence: str
    step: str
    person: str
    reason: str
    owner: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Rule, subject and first evidence."""
        return (self.rule, self.subject, self.evidence)


class AlertHandling:
    """The record.

    :param path: the state file; it and the table are made where missing.
    :raises StoreFailure: the file cannot be opened or made.
    """

    def __init__(self, path: Path) -> None:
        self._file = StateFile(path, _NAME)
        try:
            sqlite.make_file(path)
            os.chmod(path, 0o600)
        except OSError as error:
            raise failure_of_file(error, _NAME, path) from error
        with self._file.reading() as connection:
            sqlite.use_write_ahead_log(connection)
            for statement in _SCHEMA:
                connection.execute(statement)

    def add(self, handling: Handling) -> None:
        """Write one step down."""
        row = (
            handling.at.isoformat(), *handling.key, handling.step, handling.person, handling.reason, handling.owner,
        )  # fmt: skip
        with self._file.reading() as connection:
            connection.execute(f"INSERT INTO alert_handling ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)  # noqa: S608

    def of(self, rule: str, subject: str, evidence: str) -> tuple[Handling, ...]:
        """The steps taken with one alert, oldest first."""
        return self._read("WHERE rule = ? AND subject = ? AND evidence = ?", (rule, subject, evidence))

    def all(self) -> tuple[Handling, ...]:
        """Every step, oldest first."""
        return self._read("", ())

    def newest(self) -> int:
        """The number of the newest step; 0 for none."""
        with self._file.reading() as connection:
            return int(connection.execute("SELECT coalesce(max(sequence), 0) FROM alert_handling").fetchone()[0])

    def _read(self, where: str, values: tuple[str, ...]) -> tuple[Handling, ...]:
        # The condition is one of two constants above.
        query = f"SELECT {_COLUMNS} FROM alert_handling {where} ORDER BY sequence"  # noqa: S608
        with self._file.reading() as connection:
            rows = connection.execute(query, values).fetchall()
        return tuple(Handling(stored_instant(at, _NAME), *others) for at, *others in rows)
