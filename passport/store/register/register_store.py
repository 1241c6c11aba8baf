"""The register's own store: submissions, registrations, codes, and copies of the passports. One SQLite file, mode 600.

* A *submission* is what an operator handed in, under its idempotency key, with its correlation identifier. The same key
  with the same content is the same submission.
* A *registration* is what a product is registered as; it begins with the first submission that is accepted and keeps
  its identifier when a newer version is.
* ``history`` is append-only, by triggers: each change of state with its instant and reason.
* ``changes`` leads from an operator to what became of its registrations after they were made, in the order in which it
  happened: an operator asks for what is newer than what it knows.
* ``codes`` leads from everything that a passport is known by to its registration.
* A *copy* is a passport as its operator's resolver gave it (:mod:`passport.store.register.passport_copies`).

Several processes share the file: each transaction takes the writers' lock first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from passport.store.register import passport_copies
from passport.store.register.passport_copies import CopiedPassport, PassportCopy
from passport.store.register.register_file import RegisterFile
from passport.store.register.register_rows import (
    Decision,
    Registration,
    RegistrationState,
    Submission,
    instant,
    registration_of,
    submission_of,
)
from passport.store.register.registration_decisions import note, write_decision
from passport.texts import Message

_NAME = Message("the register")
_VERSION = 2
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS submissions (correlation TEXT PRIMARY KEY, operator TEXT NOT NULL, key TEXT NOT NULL,"
    " product TEXT NOT NULL, digest TEXT NOT NULL, body BLOB NOT NULL, state TEXT NOT NULL, registration TEXT,"
    " differences TEXT NOT NULL DEFAULT '[]', fault TEXT, attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL,"
    " received REAL NOT NULL, decided REAL, UNIQUE (operator, key)) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS submissions_due ON submissions (state, due, received)",
    "CREATE TABLE IF NOT EXISTS registrations (registration TEXT PRIMARY KEY, product TEXT NOT NULL,"
    " operator TEXT NOT NULL, submission TEXT NOT NULL, state TEXT NOT NULL, since REAL NOT NULL, reason TEXT,"
    " released_to TEXT, moved_to TEXT) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS registrations_of_product ON registrations (product, since)",
    "CREATE TABLE IF NOT EXISTS history (sequence INTEGER PRIMARY KEY, registration TEXT, correlation TEXT,"
    " state TEXT NOT NULL, at REAL NOT NULL, reason TEXT)",
    "CREATE TRIGGER IF NOT EXISTS history_no_update BEFORE UPDATE ON history"
    " BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS history_no_delete BEFORE DELETE ON history"
    " BEGIN SELECT RAISE(ABORT, 'the history is append-only'); END",
    "CREATE INDEX IF NOT EXISTS history_of_registration ON history (registration, sequence)",
    "CREATE TABLE IF NOT EXISTS changes (operator TEXT NOT NULL, sequence INTEGER NOT NULL,"
    " registration TEXT NOT NULL, PRIMARY KEY (operator, sequence)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS codes (code TEXT NOT NULL, registration TEXT NOT NULL,"
    " PRIMARY KEY (code, registration)) WITHOUT ROWID",
)
#: Files of version 1 have no ``changes``.
_UPGRADE = (
    "INSERT OR IGNORE INTO changes SELECT operator, sequence, registration FROM history JOIN registrations"
    " USING (registration) WHERE correlation IS NULL",
)


class RegisterStore:
    """:param path: the file; it is made where missing.

    :raises StoreFailure: the file cannot be opened or made, or a later version of this software made it.
    """

    def __init__(self, path: Path) -> None:
        self._file = RegisterFile(path, _NAME, _VERSION, (*_SCHEMA, *passport_copies.SCHEMA), _UPGRADE)
        self.turn = self._file.turn

    @property
    def path(self) -> Path:
        return self._file.path

    def close(self) -> None:
        """Give up this thread's connection."""
        self._file.close()

    # --- submissions --------------------------------------------------------------------------------------------------

    def submit(self, submissions: Sequence[Submission]) -> tuple[Submission, ...]:
        """Store new submissions; of one that was handed in before under its key, the first one is handed back."""
        stored: list[Submission] = []
        with self.turn() as connection:
            for each in submissions:
                known = connection.execute(
                    "SELECT * FROM submissions WHERE operator = ? AND key = ?", (each.operator, each.key)
                ).fetchone()
                if known is not None:
                    stored.append(submission_of(known))
                    continue
                connection.execute(
                    "INSERT INTO submissions (correlation, operator, key, product, digest, body, state, due, received)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    (each.correlation, each.operator, each.key, each.product, each.digest, each.body, each.state.value,
                     each.received.timestamp(), each.received.timestamp()),
                )  # fmt: skip
                note(connection, None, each.correlation, each.state, each.received, None)
                stored.append(each)
        return tuple(stored)

    def submission(self, correlation: str) -> Submission | None:
        """The submission of that correlation identifier."""
        return next(iter(self._submissions("correlation = ?", (correlation,), 1)), None)

    def due(self, at: datetime, limit: int) -> tuple[Submission, ...]:
        """Submissions to be validated now, the oldest first."""
        return self._submissions(
            "state = 'pending' AND due <= ? ORDER BY due, received, correlation", (at.timestamp(),), limit
        )

    def decide(self, decisions: Iterable[Decision], at: datetime) -> None:
        """Write down what validation came to, all of it or nothing."""
        with self.turn() as connection:
            for decision in decisions:
                write_decision(connection, decision, at)

    # --- registrations ------------------------------------------------------------------------------------------------

    def registration(self, name: str) -> Registration | None:
        return next(iter(self._registrations("registration = ?", (name,))), None)

    def registrations_of(self, product: str) -> tuple[Registration, ...]:
        """All registrations of a product, the oldest first."""
        return self._registrations("product = ? ORDER BY since, registration", (product,))

    def find(self, code: str, limit: int = 20) -> tuple[Registration, ...]:
        """Registrations whose passport is known by a code."""
        return self._registrations(
            "registration IN (SELECT registration FROM codes WHERE code = ?) ORDER BY registration LIMIT ?",
            (code, limit),
        )

    def registered(self, *, after: str = "", limit: int = 1000) -> tuple[Registration, ...]:
        """Registrations in the order of their identifiers, moved ones left out."""
        return self._registrations(
            "registration > ? AND moved_to IS NULL ORDER BY registration LIMIT ?", (after, limit)
        )

    def counts(self) -> dict[str, int]:
        """How many there are: registrations by state, and submissions that wait (``pending``)."""
        with self._file.reading() as connection:
            found = dict(connection.execute("SELECT state, count(*) FROM registrations GROUP BY state").fetchall())
            (waiting,) = connection.execute("SELECT count(*) FROM submissions WHERE state = 'pending'").fetchone()
            (rejected,) = connection.execute("SELECT count(*) FROM submissions WHERE state = 'rejected'").fetchone()
        return {
            **{str(state): int(number) for state, number in found.items()},
            "pending": waiting,
            "rejected": rejected,
        }

    def change_state(self, name: str, state: RegistrationState, reason: str, at: datetime) -> bool:
        """Suspend, deactivate or restore a registration. :returns: whether it changed."""
        with self.turn() as connection:
            changed = connection.execute(
                "UPDATE registrations SET state = ?, since = ?, reason = ? WHERE registration = ? AND state != ?"
                " AND moved_to IS NULL AND state != 'deactivated'",
                (state.value, at.timestamp(), reason, name, state.value),
            ).rowcount
            if changed:
                note(connection, name, None, state, at, reason)
        return changed == 1

    def release(self, name: str, to: str, at: datetime) -> bool:
        """Write down to whom an operator released a registration. :returns: whether there is such a one."""
        with self.turn() as connection:
            changed = connection.execute(
                "UPDATE registrations SET released_to = ? WHERE registration = ? AND moved_to IS NULL", (to, name)
            ).rowcount
            if changed:
                note(connection, name, None, RegistrationState.REGISTERED, at, f"released to {to}")
        return changed == 1

    def changes(self, operator: str, after: int, limit: int) -> tuple[tuple[int, Registration], ...]:
        """Registrations of an operator that changed after they were made, as they are now, with the number of the
        change: suspended, restored, deactivated, moved, released.

        :param after: number of the last change that is known.
        """
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT sequence, registrations.* FROM changes JOIN registrations USING (registration)"
                " WHERE changes.operator = ? AND sequence > ? ORDER BY sequence LIMIT ?",
                (operator, after, limit),
            ).fetchall()
        return tuple((row["sequence"], registration_of(row)) for row in rows)

    def history(self, name: str) -> tuple[tuple[str, datetime, str | None], ...]:
        """State, instant and reason of each change of a registration, the oldest first."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT state, at, reason FROM history WHERE registration = ? ORDER BY sequence", (name,)
            ).fetchall()
        return tuple((row["state"], instant(row["at"]), row["reason"]) for row in rows)

    # --- copies -------------------------------------------------------------------------------------------------------

    def keep_copy(self, copy: PassportCopy, facts: CopiedPassport) -> None:
        """Replace the copy of a passport by a newer one."""
        with self.turn() as connection:
            passport_copies.keep(connection, copy, facts)

    def copy(self, product: str) -> PassportCopy | None:
        """The copy of a product's passport."""
        with self._file.reading() as connection:
            return passport_copies.copy_of(connection, product)

    def copies(
        self, *, maker: str = "", model: str = "", category: str = "", after: str = "", limit: int = 100
    ) -> tuple[CopiedPassport, ...]:
        """Copies of passports of all makers, in the order of their products; every part that is given must fit.

        Of registrations that are suspended, deactivated or moved there is none.

        :param maker: part of the name; :param model: part of the identifier.
        """
        with self._file.reading() as connection:
            return passport_copies.search(connection, maker, model, category, after, limit)

    # --- inside -------------------------------------------------------------------------------------------------------

    def _submissions(self, condition: str, values: Sequence[Any], limit: int) -> tuple[Submission, ...]:
        with self._file.reading() as connection:
            # The conditions are constants of this module.
            query = f"SELECT * FROM submissions WHERE {condition} LIMIT ?"  # noqa: S608
            return tuple(map(submission_of, connection.execute(query, (*values, limit)).fetchall()))

    def _registrations(self, condition: str, values: Sequence[Any]) -> tuple[Registration, ...]:
        with self._file.reading() as connection:
            query = f"SELECT * FROM registrations WHERE {condition}"  # noqa: S608
            return tuple(map(registration_of, connection.execute(query, values).fetchall()))
