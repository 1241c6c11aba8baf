"""The outbox of a maker that registers its passports. One SQLite file, mode 600.

* A row is one version of one passport to be registered: its entry, and an idempotency key that is made once, before
  anything is sent. So a run that was interrupted anywhere sends the same again, and the register answers the same.
* A newer version of a passport is a new row; an older row that was not sent yet is *superseded*.
* States: ``queued``, ``sent`` (the register gave a correlation identifier), ``registered``, ``suspended``,
  ``deactivated`` (registered once, as the register says now), ``rejected``, ``superseded``. Counting and going on are
  one question over an index, however many rows there are.
* ``followed`` has, for each register, the number of the last change of its feed that is in this file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passport.store.register.register_file import RegisterFile
from passport.texts import Message

_NAME = Message("the outbox of registrations")
_VERSION = 2
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS outbox (key TEXT PRIMARY KEY, product TEXT NOT NULL, digest TEXT NOT NULL,"
    " entry BLOB NOT NULL, state TEXT NOT NULL, correlation TEXT, registration TEXT, detail TEXT, receipt TEXT,"
    " attempts INTEGER NOT NULL DEFAULT 0, changed REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS outbox_of_state ON outbox (state, product)",
    "CREATE INDEX IF NOT EXISTS outbox_of_product ON outbox (product, state)",
    "CREATE INDEX IF NOT EXISTS outbox_of_registration ON outbox (registration) WHERE registration IS NOT NULL",
    "CREATE TABLE IF NOT EXISTS followed (register TEXT PRIMARY KEY, change INTEGER NOT NULL) WITHOUT ROWID",
)
QUEUED, SENT, REGISTERED, REJECTED, SUPERSEDED = "queued", "sent", "registered", "rejected", "superseded"
SUSPENDED, DEACTIVATED = "suspended", "deactivated"


@dataclass(frozen=True)
class OutboxRow:
    """One version of one passport to be registered.

    :ivar key: idempotency key; :ivar digest: of the entry; :ivar entry: canonical JSON.
    :ivar detail: why it was rejected, suspended or deactivated, or why it could not be sent.
    :ivar receipt: the newest one.
    """

    key: str
    product: str
    digest: str
    entry: bytes
    state: str
    correlation: str | None = None
    registration: str | None = None
    detail: str | None = None
    receipt: str | None = None
    attempts: int = 0


class RegistrationOutbox:
    """:param path: the file; it is made where missing.

    :raises StoreFailure: the file cannot be opened or made, or a later version of this software made it.
    """

    def __init__(self, path: Path) -> None:
        self._file = RegisterFile(path, _NAME, _VERSION, _SCHEMA)

    def close(self) -> None:
        """Give up this thread's connection."""
        self._file.close()

    def queue(self, rows: Iterable[OutboxRow], at: datetime, *, again: bool = False) -> int:
        """Queue versions that are not queued, sent or registered already. :returns: how many are new.

        :param again: also those that the register deactivated, as after a product came back from another operator.
        """
        new = 0
        with self._file.turn() as connection:
            for row in rows:
                known = connection.execute(
                    "SELECT 1 FROM outbox WHERE product = ? AND digest = ?"
                    " AND state IN ('queued', 'sent', 'registered', 'suspended', ?)",
                    (row.product, row.digest, REGISTERED if again else DEACTIVATED),
                ).fetchone()
                if known is not None:
                    continue
                connection.execute(
                    "UPDATE outbox SET state = 'superseded', changed = ? WHERE product = ? AND state = 'queued'",
                    (at.timestamp(), row.product),
                )
                connection.execute(
                    "INSERT INTO outbox (key, product, digest, entry, state, changed) VALUES (?, ?, ?, ?, 'queued', ?)",
                    (row.key, row.product, row.digest, row.entry, at.timestamp()),
                )
                new += 1
        return new

    def in_state(self, state: str, limit: int, *, after: str = "") -> tuple[OutboxRow, ...]:
        """Rows of a state in the order of their products. :param after: product of the last one that was seen."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM outbox WHERE state = ? AND product > ? ORDER BY product LIMIT ?", (state, after, limit)
            ).fetchall()
        return tuple(map(_row, rows))

    def change(self, changed: Iterable[OutboxRow], at: datetime) -> None:
        """Store what became of rows, in one transaction."""
        with self._file.turn() as connection:
            _change(connection, changed, at)

    def of_registration(self, registration: str) -> tuple[OutboxRow, ...]:
        """Versions that were registered under an identifier."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT * FROM outbox WHERE registration = ?", (registration,)).fetchall()
        return tuple(map(_row, rows))

    def followed(self, register: str) -> int:
        """Number of the last change of a register's feed that is in this file; 0 before the first."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT change FROM followed WHERE register = ?", (register,)).fetchone()
        return 0 if row is None else int(row[0])

    def follow(self, changed: Iterable[OutboxRow], register: str, newest: int, at: datetime) -> None:
        """Store what a register's feed said, and how far it was read, in one transaction."""
        with self._file.turn() as connection:
            _change(connection, changed, at)
            connection.execute(
                "INSERT INTO followed VALUES (?, ?) ON CONFLICT (register) DO UPDATE SET change = excluded.change",
                (register, newest),
            )

    def counts(self) -> dict[str, int]:
        """How many rows of each state there are."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
        return {str(row[0]): int(row[1]) for row in rows}


def _change(connection: sqlite3.Connection, changed: Iterable[OutboxRow], at: datetime) -> None:
    connection.executemany(
        "UPDATE outbox SET state = ?, correlation = ?, registration = ?, detail = ?, receipt = ?, attempts = ?,"
        " changed = ? WHERE key = ?",
        [
            (row.state, row.correlation, row.registration, row.detail, row.receipt, row.attempts,
             at.timestamp(), row.key)
            for row in changed
        ],
    )  # fmt: skip


def _row(row: sqlite3.Row) -> OutboxRow:
    return OutboxRow(
        row["key"], row["product"], row["digest"], bytes(row["entry"]), row["state"], row["correlation"],
        row["registration"], row["detail"], row["receipt"], row["attempts"],
    )  # fmt: skip
