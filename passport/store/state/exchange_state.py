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
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sql

from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store import sqlite
from passport.store.engines import engine_of
from passport.store.failures import answering, failure_of_file
from passport.store.log import log_tables
from passport.store.log.log_transaction import LogTransaction
from passport.store.state.exchange_reading import ExchangeQueries, ExchangeRecord, HeldCredential, QueuedMessage, salted
from passport.store.state.state_file import StateFile

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


class ExchangeState(ExchangeQueries):
    """:param path: the file; it and its tables are made where missing.

    :raises StoreFailure: the file cannot be opened or made, or a later version of this software made it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._engine = engine_of(f"sqlite:///{path}")
        try:
            # Made before SQLite makes it, so that there is no moment in which others could open it.
            sqlite.make_file(path)
        except OSError as error:
            raise failure_of_file(error, CONNECTOR, path) from error
        file = StateFile(path, CONNECTOR)
        with file.reading() as connection:
            sqlite.use_write_ahead_log(connection)
        with file.turn() as connection:
            sqlite.check_version(connection, _VERSION, f"{CONNECTOR} {path}")
            if connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
                for statement in (*_SCHEMA, *log_tables.sqlite_schema()):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={_VERSION}")

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

    def transaction(self) -> AbstractContextManager[ExchangeTurn]:
        """The same under the name that a log's store has."""
        return self.turn()

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
