"""The log of reads of restricted data, in the file of the resolver's state: rows in a chain, and a transparency log.

The entry of a row is ``SHA-256(salt || row)``, with a random salt of its own and the row as a JSON array. Rows from
before the transparency log have no salt, and are in the chain alone.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sql

from passport.linked_data import strict_json
from passport.store.failures import answering
from passport.store.log.log_reading import LogQueries
from passport.store.log.log_transaction import LogTransaction
from passport.store.log.log_writing import ACCESS
from passport.store.rows import stored_instant

#: What the file is called in messages.
STATE = "the resolver's state"
_SALT_BYTES = 32
_BATCH = 1_000


@dataclass(frozen=True)
class AccessRecord:
    """One read of restricted data: who, in which role and for what, which passport and which indicators, when.

    :ivar token: id of the access token (its ``jti``), never the token.
    """

    at: datetime
    token: str
    holder: str
    audience: str
    purpose: str
    subject: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class Look:
    """One entry of the log with its number."""

    number: int
    record: AccessRecord


class AccessLog(LogQueries):
    """The transparency log of reads.

    :param engine: of the file at ``path``.
    """

    def __init__(self, engine: sql.Engine, path: Path) -> None:
        self._engine = engine
        self._path = path

    @contextmanager
    def transaction(self) -> Iterator[AccessTransaction]:
        """Everything inside is stored, or nothing; other writers wait.

        :raises StoreFailure: the file cannot be written, or another writer kept its turn for too long.
        """
        with (
            answering(STATE, self._path),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield AccessTransaction(connection)

    @contextmanager
    def _connected(self) -> Iterator[sql.Connection]:
        with answering(STATE, self._path), self._engine.connect() as connection:
            yield connection

    def looks(
        self, *, before: int | None = None, limit: int = 50, subject: str | None = None, holder: str | None = None
    ) -> tuple[Look, ...]:
        """The newest entries, newest first.

        :param before: number of the last one that was seen.
        :param subject: only reads of this; :param holder: only reads by this DID.
        """
        wanted = {"sequence < ?": before, "subject = ?": subject, "holder = ?": holder}
        given = {condition: value for condition, value in wanted.items() if value is not None}
        where = f"WHERE {' AND '.join(given)} " if given else ""
        with self._connected() as connection:
            # The conditions are those above.
            rows = connection.exec_driver_sql(
                "SELECT sequence, at, token, holder, audience, purpose, subject, elements"  # noqa: S608
                f" FROM access_log {where}ORDER BY sequence DESC LIMIT ?",
                (*given.values(), limit),
            ).all()
        return tuple(
            Look(
                number,
                AccessRecord(
                    stored_instant(at, STATE), token, reader, audience, purpose, about, tuple(elements.split())
                ),
            )
            for number, at, token, reader, audience, purpose, about, elements in rows
        )

    def count(self, holder: str, since: datetime) -> int:
        """How many entries a DID has from an instant (UTC) on."""
        with self._connected() as connection:
            query = "SELECT count(*) FROM access_log WHERE holder = ? AND at >= ?"
            return int(connection.exec_driver_sql(query, (holder, since.isoformat())).scalar_one())

    def salted(self) -> Iterator[tuple[int, int, bytes]]:
        """Each row that is in the log: the position of its entry, its number, and the bytes whose digest that is."""
        last = 0
        while True:
            with self._connected() as connection:
                rows = connection.exec_driver_sql(
                    "SELECT sequence, entry, salt, at, token, holder, audience, purpose, subject, elements"
                    " FROM access_log WHERE sequence > ? AND salt IS NOT NULL ORDER BY sequence LIMIT ?",
                    (last, _BATCH),
                ).all()
            for sequence, entry, salt, *row in rows:
                last = sequence
                yield entry, sequence, _salted(bytes(salt), tuple(row))
            if len(rows) < _BATCH:
                return


class AccessTransaction(LogTransaction):
    """What may be written to the log of reads."""

    def add(self, records: Sequence[AccessRecord]) -> None:
        """Append records, each chained to the one before it."""
        last = self._connection.exec_driver_sql("SELECT chain FROM access_log ORDER BY sequence DESC LIMIT 1").scalar()
        rows = [_row(record) for record in records]
        salts = [secrets.token_bytes(_SALT_BYTES) for _ in records]
        entries = [sha256(_salted(salt, row)).digest() for salt, row in zip(salts, rows, strict=True)]
        first = self.append_to_log(ACCESS, entries)
        for at, (row, salt) in enumerate(zip(rows, salts, strict=True)):
            last = chained(last or "", row)
            self._connection.exec_driver_sql(
                "INSERT INTO access_log (at, token, holder, audience, purpose, subject, elements, chain, salt, entry)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*row, last, salt, first + at),
            )


def chained(before: str, row: tuple[str, ...]) -> str:
    """The hash of a row: over the hash before it and the row as one JSON array, so that no two rows look alike."""
    return sha256(strict_json.dumps([before, *row])).hexdigest()


def _row(record: AccessRecord) -> tuple[str, ...]:
    return (
        record.at.isoformat(), record.token, record.holder, record.audience, record.purpose, record.subject,
        " ".join(record.elements),
    )  # fmt: skip


def _salted(salt: bytes, row: tuple[str, ...]) -> bytes:
    return salt + strict_json.dumps(list(row))
