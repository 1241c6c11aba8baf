"""What the connector remembers, in one small SQLite file of mode 600: processes, waiting messages, a log of all.

* ``processes`` holds each negotiation and transfer with its newest state, ``outbox`` the message that waits to be sent
  in each. A message and the state that it leads to change in one transaction, so a restart loses nothing and sends
  nothing that was taken back.
* ``exchange_log`` is append-only: each message received or sent, each hand-over of data, with the digests of message
  and agreement and the token that the sender signed. A random salt and the row make an entry of the transparency log
  ``exchange`` in the same file, so a party can prove a row later without showing the others.
* A token identifier is used once: the primary key refuses the second use.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sql

from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store import sqlite
from passport.store.engines import engine_of
from passport.store.failures import answering, failure_of_file
from passport.store.log import log_tables
from passport.store.log.log_reading import LogQueries
from passport.store.log.log_transaction import LogTransaction

#: What the file is called in messages.
CONNECTOR = "the connector's state"
#: Name of its transparency log.
EXCHANGE = "exchange"
_VERSION = 1
_SCHEMA = (
    "CREATE TABLE processes ("
    " pid TEXT PRIMARY KEY, kind TEXT NOT NULL, side TEXT NOT NULL, peer TEXT NOT NULL, peer_pid TEXT,"
    " state TEXT NOT NULL, agreement TEXT, begun TEXT NOT NULL, changed TEXT NOT NULL, body BLOB NOT NULL)"
    " WITHOUT ROWID",
    "CREATE UNIQUE INDEX processes_of_peer ON processes (peer, kind, side, peer_pid)",
    "CREATE INDEX processes_by_agreement ON processes (agreement, kind)",
    "CREATE INDEX processes_by_change ON processes (kind, changed)",
    "CREATE TABLE outbox ("
    " pid TEXT PRIMARY KEY, path TEXT NOT NULL, body BLOB NOT NULL, target TEXT NOT NULL, due REAL NOT NULL,"
    " attempts INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE INDEX outbox_by_time ON outbox (due)",
    "CREATE TABLE exchange_log ("
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, direction TEXT NOT NULL, peer TEXT NOT NULL,"
    " pid TEXT NOT NULL, name TEXT NOT NULL, outcome TEXT NOT NULL, digest TEXT NOT NULL, agreement TEXT NOT NULL,"
    " token TEXT NOT NULL, body BLOB, salt BLOB NOT NULL, entry INTEGER NOT NULL)",
    "CREATE INDEX exchange_log_of_process ON exchange_log (pid, sequence)",
    "CREATE TRIGGER exchange_log_no_update BEFORE UPDATE ON exchange_log"
    " BEGIN SELECT RAISE(ABORT, 'the log of exchanges is append-only'); END",
    "CREATE TRIGGER exchange_log_no_delete BEFORE DELETE ON exchange_log"
    " BEGIN SELECT RAISE(ABORT, 'the log of exchanges is append-only'); END",
    "CREATE TABLE used_tokens (token TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE held_credentials ("
    " id TEXT PRIMARY KEY, type TEXT NOT NULL, issuer TEXT NOT NULL, format TEXT NOT NULL, body BLOB NOT NULL,"
    " valid_until REAL) WITHOUT ROWID",
    "CREATE TABLE credential_requests ("
    " id TEXT PRIMARY KEY, side TEXT NOT NULL, peer TEXT NOT NULL, peer_id TEXT NOT NULL, status TEXT NOT NULL,"
    " body BLOB NOT NULL) WITHOUT ROWID",
)


@dataclass(frozen=True)
class ProcessRow:
    """A process as it is stored.

    :ivar body: the process, in the form of :mod:`passport.connector.exchange_process`.
    """

    pid: str
    begun: datetime
    changed: datetime
    body: JsonObject


@dataclass(frozen=True)
class QueuedMessage:
    """A message that waits to be sent.

    :ivar path: absolute address, or from the peer's address on.
    :ivar target: the state that it leads to when it was acknowledged.
    """

    pid: str
    path: str
    body: bytes
    target: str
    due: datetime
    attempts: int


@dataclass(frozen=True)
class ExchangeRecord:
    """One line of the log.

    :ivar direction: ``in``, ``out``, or ``data``.
    :ivar name: type of the message, or kind of the data.
    :ivar outcome: ``accepted``, ``refused CODE``, ``unanswered``.
    :ivar digest: SHA-256 of the message or of the data, in hex; :ivar agreement: that of the agreement, or empty.
    :ivar token: the token that the sender signed over the digest, or empty.
    :ivar body: the message; None of data, which is not kept.
    """

    at: datetime
    direction: str
    peer: str
    pid: str
    name: str
    outcome: str
    digest: str
    agreement: str = ""
    token: str = ""
    body: bytes | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """What is salted and logged."""
        return (
            self.at.isoformat(), self.direction, self.peer, self.pid, self.name, self.outcome, self.digest,
            self.agreement, self.token,
        )  # fmt: skip


@dataclass(frozen=True)
class HeldCredential:
    """A credential of our own that we may present.

    :ivar type: its own type, such as ``MembershipCredential``; :ivar format: profile, such as ``vc20-bssl/jwt``.
    """

    id: str
    type: str
    issuer: str
    format: str
    body: str
    valid_until: datetime | None = None


class ExchangeQueries(LogQueries):
    """What can be asked, in a transaction or outside."""

    def _rows(self, statement: str, parameters: tuple[object, ...] = ()) -> Sequence[tuple[Any, ...]]:
        with self._connected() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(statement, parameters)]

    def process(self, pid: str) -> ProcessRow | None:
        return _first(self._rows(f"{_PROCESS} WHERE pid = ?", (pid,)))

    def process_of_peer(self, peer: str, kind: str, side: str, peer_pid: str) -> ProcessRow | None:
        """The process that a peer calls by this identifier."""
        where = "WHERE peer = ? AND kind = ? AND side = ? AND peer_pid = ?"
        return _first(self._rows(f"{_PROCESS} {where}", (peer, kind, side, peer_pid)))

    def negotiation_of(self, agreement: str) -> ProcessRow | None:
        """The negotiation that ended in an agreement of this id."""
        return _first(
            self._rows(f"{_PROCESS} WHERE agreement = ? AND kind = 'negotiation' AND state = 'FINALIZED'", (agreement,))
        )

    def processes(self, kind: str, *, limit: int = 100) -> tuple[ProcessRow, ...]:
        """The newest of a kind, newest first."""
        rows = self._rows(f"{_PROCESS} WHERE kind = ? ORDER BY changed DESC, pid LIMIT ?", (kind, limit))
        return tuple(map(_process, rows))

    def idle(self) -> tuple[ProcessRow, ...]:
        """Processes that are open and have nothing to send."""
        open_ = "state NOT IN ('FINALIZED', 'COMPLETED', 'TERMINATED')"
        rows = self._rows(f"{_PROCESS} WHERE {open_} AND pid NOT IN (SELECT pid FROM outbox) ORDER BY pid")  # noqa: S608
        return tuple(map(_process, rows))

    def waiting(self, pid: str) -> QueuedMessage | None:
        rows = self._rows(f"{_WAITING} WHERE pid = ?", (pid,))
        return _waiting(rows[0]) if rows else None

    def due(self, at: datetime, *, limit: int = 50) -> tuple[QueuedMessage, ...]:
        """Messages whose time has come, the longest due first."""
        return tuple(
            map(_waiting, self._rows(f"{_WAITING} WHERE due <= ? ORDER BY due LIMIT ?", (at.timestamp(), limit)))
        )

    def next_due(self) -> datetime | None:
        row = self._rows("SELECT min(due) FROM outbox")[0]
        return None if row[0] is None else datetime.fromtimestamp(float(str(row[0])), UTC)

    def records(self, pid: str | None = None, *, limit: int = 1_000) -> tuple[tuple[int, ExchangeRecord, bytes], ...]:
        """Lines of the log, oldest first: position in the transparency log, line, salt."""
        columns = "entry, salt, at, direction, peer, pid, name, outcome, digest, agreement, token, body"
        # The columns are those above; what is asked for is a parameter.
        query = f"SELECT {columns} FROM exchange_log WHERE pid = ? OR ? IS NULL ORDER BY sequence LIMIT ?"  # noqa: S608
        return tuple(_logged(row) for row in self._rows(query, (pid, pid, limit)))

    def held_credentials(self) -> tuple[HeldCredential, ...]:
        rows = self._rows("SELECT id, type, issuer, format, body, valid_until FROM held_credentials ORDER BY id")
        return tuple(_held(row) for row in rows)

    def credential_request(self, id_: str) -> tuple[str, str, str, str, bytes] | None:
        """Side, peer, the peer's id, status and body of a request for credentials."""
        rows = self._rows("SELECT side, peer, peer_id, status, body FROM credential_requests WHERE id = ?", (id_,))
        if not rows:
            return None
        side, peer, peer_id, status, body = rows[0]
        return str(side), str(peer), str(peer_id), str(status), bytes(body)

    def credential_requests(self, side: str, status: str, *, limit: int = 50) -> tuple[str, ...]:
        """Ids of the requests of a side in a state."""
        rows = self._rows(
            "SELECT id FROM credential_requests WHERE side = ? AND status = ? ORDER BY id LIMIT ?",
            (side, status, limit),
        )
        return tuple(str(row[0]) for row in rows)

    def credential_request_of(self, side: str, peer: str, peer_id: str) -> str | None:
        """The id of a request that the peer calls so."""
        rows = self._rows(
            "SELECT id FROM credential_requests WHERE side = ? AND peer = ? AND peer_id = ?", (side, peer, peer_id)
        )
        return str(rows[0][0]) if rows else None


class ExchangeState(ExchangeQueries):
    """:param path: the file; it and its tables are made where missing.

    :raises StoreFailure: the file cannot be opened or made, or a later version of this software made it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = engine_of(f"sqlite:///{path}")
        try:
            sqlite.make_file(path)
        except OSError as error:
            raise failure_of_file(error, CONNECTOR, path) from error
        with answering(CONNECTOR, path):
            connection = sqlite.connect(path)
            try:
                sqlite.use_write_ahead_log(connection)
                connection.execute("BEGIN IMMEDIATE")
                sqlite.check_version(connection, _VERSION, f"{CONNECTOR} {path}")
                if connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
                    for statement in (*_SCHEMA, *log_tables.sqlite_schema()):
                        connection.execute(statement)
                    connection.execute(f"PRAGMA user_version={_VERSION}")
                connection.execute("COMMIT")
            finally:
                connection.close()

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def turn(self) -> Iterator[ExchangeTurn]:
        """Everything inside is stored, or nothing; other writers wait.

        :raises StoreFailure: the file cannot be written, or another writer kept its turn for too long.
        """
        with (
            answering(CONNECTOR, self.path),
            self._engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield ExchangeTurn(connection)

    @contextmanager
    def _connected(self) -> Iterator[sql.Connection]:
        with answering(CONNECTOR, self.path), self._engine.connect() as connection:
            yield connection


class ExchangeTurn(LogTransaction, ExchangeQueries):
    """What may be written, within one transaction."""

    def _do(self, statement: str, parameters: tuple[object, ...]) -> int:
        return self._connection.exec_driver_sql(statement, parameters).rowcount

    def put(self, process: JsonObject, at: datetime, *, agreement: str | None) -> None:
        """Store a process, in place of what was known of it.

        :param process: with ``pid``, ``kind``, ``side``, ``peer``, ``state`` and perhaps ``peer_pid``.
        """
        self._do(
            "INSERT INTO processes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (pid) DO UPDATE SET"
            " peer_pid = excluded.peer_pid, state = excluded.state, agreement = excluded.agreement,"
            " changed = excluded.changed, body = excluded.body",
            (
                process["pid"], process["kind"], process["side"], process["peer"], process.get("peer_pid"),
                process["state"], agreement, at.isoformat(), at.isoformat(), strict_json.dumps(process),
            ),
        )  # fmt: skip

    def queue(self, waiting: QueuedMessage) -> None:
        """Keep a message that waits to be sent. It replaces an earlier one."""
        self._do(
            "INSERT OR REPLACE INTO outbox VALUES (?, ?, ?, ?, ?, ?)",
            (waiting.pid, waiting.path, waiting.body, waiting.target, waiting.due.timestamp(), waiting.attempts),
        )

    def postpone(self, waiting: QueuedMessage, due: datetime) -> bool:
        """One more attempt, not before ``due``. :returns: False where another worker took it, or it is gone."""
        changed = self._do(
            "UPDATE outbox SET due = ?, attempts = attempts + 1 WHERE pid = ? AND body = ? AND attempts = ?",
            (due.timestamp(), waiting.pid, waiting.body, waiting.attempts),
        )
        return changed == 1

    def drop(self, pid: str) -> None:
        """Send nothing more in this process."""
        self._do("DELETE FROM outbox WHERE pid = ?", (pid,))

    def record(self, record: ExchangeRecord) -> None:
        """Append a line to the log."""
        salt = secrets.token_bytes(32)
        entry = self.append_to_log(EXCHANGE, [sha256(salted(salt, record)).digest()])
        self._do(
            "INSERT INTO exchange_log (at, direction, peer, pid, name, outcome, digest, agreement, token, body, salt,"
            " entry) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (*record.row, record.body, salt, entry),
        )

    def use_token(self, token: str, *, until: datetime, at: datetime) -> bool:
        """Use a token identifier up; False where it was used before."""
        self._do("DELETE FROM used_tokens WHERE until < ?", (at.timestamp(),))
        return self._do("INSERT OR IGNORE INTO used_tokens VALUES (?, ?)", (token, until.timestamp())) == 1

    def hold(self, credential: HeldCredential) -> None:
        """Keep a credential of our own, in place of the one of that id."""
        until = None if credential.valid_until is None else credential.valid_until.timestamp()
        self._do(
            "INSERT OR REPLACE INTO held_credentials VALUES (?, ?, ?, ?, ?, ?)",
            (credential.id, credential.type, credential.issuer, credential.format, credential.body.encode(), until),
        )

    def keep_credential_request(self, id_: str, side: str, peer: str, peer_id: str, status: str, body: bytes) -> None:
        """Remember a request for credentials, ours or a holder's."""
        self._do(
            "INSERT OR REPLACE INTO credential_requests VALUES (?, ?, ?, ?, ?, ?)",
            (id_, side, peer, peer_id, status, body),
        )


def salted(salt: bytes, record: ExchangeRecord) -> bytes:
    """The bytes whose SHA-256 is the entry of the transparency log."""
    return salt + strict_json.dumps(list(record.row))


_PROCESS = "SELECT pid, begun, changed, body FROM processes"
_WAITING = "SELECT pid, path, body, target, due, attempts FROM outbox"


def _logged(row: tuple[Any, ...]) -> tuple[int, ExchangeRecord, bytes]:
    entry, salt, at, direction, peer, pid, name, outcome, digest, agreement, token, body = row
    record = ExchangeRecord(
        datetime.fromisoformat(at), direction, peer, pid, name, outcome, digest, agreement, token,
        None if body is None else bytes(body),
    )  # fmt: skip
    return int(entry), record, bytes(salt)


def _held(row: tuple[Any, ...]) -> HeldCredential:
    id_, type_, issuer, format_, body, until = row
    end = None if until is None else datetime.fromtimestamp(until, UTC)
    return HeldCredential(id_, type_, issuer, format_, bytes(body).decode(), end)


def _first(rows: Sequence[tuple[Any, ...]]) -> ProcessRow | None:
    return _process(rows[0]) if rows else None


def _process(row: tuple[Any, ...]) -> ProcessRow:
    pid, begun, changed, body = row
    return ProcessRow(
        str(pid),
        datetime.fromisoformat(str(begun)),
        datetime.fromisoformat(str(changed)),
        strict_json.loads(bytes(body)),
    )


def _waiting(row: tuple[Any, ...]) -> QueuedMessage:
    pid, path, body, target, due, attempts = row
    at = datetime.fromtimestamp(float(str(due)), UTC)
    return QueuedMessage(str(pid), str(path), bytes(body), str(target), at, int(str(attempts)))
