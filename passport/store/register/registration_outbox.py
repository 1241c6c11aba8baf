"""The outbox of a maker that registers its passports. One SQLite file, mode 600.

* A row is one version of one passport to be registered: its entry, and an idempotency key that is made once, before
  anything is sent. So a run that was interrupted anywhere sends the same again, and the register answers the same.
* A newer version of a passport is a new row; an older row that was not sent yet is *superseded*.
* States: ``queued``, ``sent`` (the register gave a correlation identifier), ``registered``, ``rejected``,
  ``superseded``. Counting and going on are one question over an index, however many rows there are.
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
_VERSION = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS outbox (key TEXT PRIMARY KEY, product TEXT NOT NULL, digest TEXT NOT NULL,"
    " entry BLOB NOT NULL, state TEXT NOT NULL, correlation TEXT, registration TEXT, detail TEXT, receipt TEXT,"
    " attempts INTEGER NOT NULL DEFAULT 0, changed REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS outbox_of_state ON outbox (state, product)",
    "CREATE INDEX IF NOT EXISTS outbox_of_product ON outbox (product, state)",
)
QUEUED, SENT, REGISTERED, REJECTED, SUPERSEDED = "queued", "sent", "registered", "rejected", "superseded"


@dataclass(frozen=True)
class OutboxRow:
    """One version of one passport to be registered.

    :ivar key: idempotency key; :ivar digest: of the entry; :ivar entry: canonical JSON.
    :ivar detail: why it was rejected, or why it could not be sent; :ivar receipt: the newest one.
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

    def queue(self, rows: Iterable[OutboxRow], at: datetime) -> int:
        """Queue versions that are not queued, sent or registered already. :returns: how many are new."""
        new = 0
        with self._file.turn() as connection:
            for row in rows:
                known = connection.execute(
                    "SELECT 1 FROM outbox WHERE product = ? AND digest = ?"
                    " AND state IN ('queued', 'sent', 'registered')",
                    (row.product, row.digest),
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
            connection.executemany(
                "UPDATE outbox SET state = ?, correlation = ?, registration = ?, detail = ?, receipt = ?, attempts = ?,"
                " changed = ? WHERE key = ?",
                [
                    (row.state, row.correlation, row.registration, row.detail, row.receipt, row.attempts,
                     at.timestamp(), row.key)
                    for row in changed
                ],
            )  # fmt: skip

    def counts(self) -> dict[str, int]:
        """How many rows of each state there are."""
        with self._file.reading() as connection:
            rows = connection.execute("SELECT state, count(*) FROM outbox GROUP BY state").fetchall()
        return {str(row[0]): int(row[1]) for row in rows}


def _row(row: sqlite3.Row) -> OutboxRow:
    return OutboxRow(
        row["key"], row["product"], row["digest"], bytes(row["entry"]), row["state"], row["correlation"],
        row["registration"], row["detail"], row["receipt"], row["attempts"],
    )  # fmt: skip
