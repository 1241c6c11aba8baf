"""The resolver's own state: token secret, used challenges, ended tokens, access log. One small SQLite file, mode 600.

* The secret is made once, with 256 random bits, and never leaves this file except as a signing key in memory.
* A challenge is used at most once: using it is an INSERT that the primary key refuses the second time, so two
  requests in the same instant cannot both succeed. Used challenges are forgotten when they have expired anyway.
* A token that was ended is remembered by its id until it would have ended by itself.
* A read of restricted data is written to the log *before* the answer goes out; no log entry, no answer.
* What a wallet's answer earned is kept until the page that asked for it fetches it, once, or until it expires. It is
  found by the digest of a secret that only that page has; it holds no token.
* The status lists of other issuers of roles are kept here, with the instant at which they were fetched and, where they
  could not be, why.
* Readers who come together share one commit, and so one wait for the disk.
* Each entry of the log carries a hash over itself and the hash before it, so that a changed, removed or inserted entry
  is detected (:meth:`ResolverState.first_broken`). SQLite also counts the entries, so that a missing end is detected.
  A change of that count as well, or a whole new log, is detected only if the newest hash
  (:meth:`ResolverState.log_head`) is noted elsewhere from time to time.
* Each entry has a random salt, and the digest of salt and entry is in a transparency log (:meth:`ResolverState.reads`).
  A digest tells nothing about an entry without its salt: where an entry has to be deleted to protect a person, the
  transparency log remains provable.

Several worker processes and threads share the file, each thread over a connection of its own that stays open: closing
the last one would write the whole log file back each time. What is committed is on the disk.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from passport.store import sqlite
from passport.store.engines import engine_of
from passport.store.failures import answering, failure_of_file
from passport.store.log import log_tables
from passport.store.log.access_log import STATE, AccessLog, AccessRecord, chained

#: Version of the tables, kept in the file. Version 1 had no transparency log.
_VERSION = 2
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS secret (id INTEGER PRIMARY KEY CHECK (id = 1), value BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS used_challenges (challenge TEXT PRIMARY KEY, expires REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS revoked_tokens (token TEXT PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS access_log ("
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, token TEXT NOT NULL, holder TEXT NOT NULL,"
    " audience TEXT NOT NULL, purpose TEXT NOT NULL, subject TEXT NOT NULL, elements TEXT NOT NULL, chain TEXT)",
    "CREATE TABLE IF NOT EXISTS wallet_answers ("
    " code BLOB PRIMARY KEY, expires REAL NOT NULL, reader TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS role_lists ("
    " address TEXT PRIMARY KEY, issuer TEXT NOT NULL, wanted REAL NOT NULL, tried REAL, fetched REAL, body BLOB,"
    " fault TEXT) WITHOUT ROWID",
    "CREATE TRIGGER IF NOT EXISTS access_log_no_update BEFORE UPDATE ON access_log"
    " BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS access_log_no_delete BEFORE DELETE ON access_log"
    " BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END",
    "CREATE INDEX IF NOT EXISTS access_log_subject ON access_log (subject, sequence)",
    "CREATE INDEX IF NOT EXISTS access_log_holder ON access_log (holder, at)",
)


@dataclass
class _Waiting:
    """An entry that waits for a commit, and how that ended."""

    record: AccessRecord
    done: bool = False
    failure: BaseException | None = None


@dataclass(frozen=True)
class RoleList:
    """A status list with the status of roles of another issuer.

    :ivar body: as it was fetched last; None where it never came.
    :ivar fetched: when that was; :ivar tried: when it was asked for last.
    :ivar fault: why the last attempt failed; None where it did not.
    """

    address: str
    issuer: str
    tried: datetime | None
    fetched: datetime | None
    body: bytes | None
    fault: str | None


class ResolverState:
    """:param path: the file; it and its tables are made where missing.

    :raises StoreFailure: the file cannot be opened or made, or a later version of this software made it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._engine = engine_of(f"sqlite:///{path}")
        self._queue = threading.Lock()
        self._commits = threading.Lock()
        self._waiting: list[_Waiting] = []
        try:
            # Made before SQLite makes it, so that there is no moment in which others could open it.
            sqlite.make_file(path)
            os.chmod(path, 0o600)
        except OSError as error:
            raise failure_of_file(error, STATE, path) from error
        with answering(STATE, path):
            sqlite.use_write_ahead_log(self.connection())
        # One turn for all of it: another process that starts at the same time finds everything made, or nothing.
        with self._turn() as connection:
            sqlite.check_version(connection, _VERSION, f"{STATE} {path}")
            for statement in _SCHEMA:
                connection.execute(statement)
            columns = {row[1] for row in connection.execute("PRAGMA table_info(access_log)")}
            if "chain" not in columns:
                # A log from before the chain: its old entries stay as they are, new ones are chained.
                connection.execute("ALTER TABLE access_log ADD COLUMN chain TEXT")
            if "salt" not in columns:
                connection.execute("ALTER TABLE access_log ADD COLUMN salt BLOB")
                connection.execute("ALTER TABLE access_log ADD COLUMN entry INTEGER")
            if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'log_entries'").fetchone() is None:
                for statement in log_tables.sqlite_schema():
                    connection.execute(statement)
            if connection.execute("PRAGMA user_version").fetchone() != (_VERSION,):
                # Not at each start: where nothing is missing, the resolver also starts on a full disk.
                connection.execute(f"PRAGMA user_version={_VERSION}")

    def close(self) -> None:
        """Give up this thread's connection, and those of the log."""
        self._engine.dispose()
        connection = getattr(self._local, "connection", None)
        if connection is not None:
            self._local.connection = None
            connection.close()

    def secret(self) -> bytes:
        """The key for access tokens, 32 bytes; the same in every worker process."""
        with self._connection() as connection:
            # Asked for at each reading of a token, so nothing is written where there is one already.
            row = connection.execute("SELECT value FROM secret WHERE id = 1").fetchone()
            if row is None:
                connection.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (secrets.token_bytes(32),))
                row = connection.execute("SELECT value FROM secret WHERE id = 1").fetchone()
            return bytes(row[0])

    def use_challenge(self, challenge: str, *, expires: datetime, at: datetime) -> bool:
        """Use a challenge up; False where it was used before."""
        with self._turn() as connection:
            connection.execute("DELETE FROM used_challenges WHERE expires < ?", (at.timestamp(),))
            added = connection.execute(
                "INSERT OR IGNORE INTO used_challenges VALUES (?, ?)", (challenge, expires.timestamp())
            )
            return added.rowcount == 1

    def revoke_token(self, token: str, *, until: datetime, at: datetime) -> None:
        """Remember that a token was ended.

        :param token: its id (``jti``); :param until: when it would have ended by itself.
        """
        with self._turn() as connection:
            connection.execute("DELETE FROM revoked_tokens WHERE until < ?", (at.timestamp(),))
            connection.execute("INSERT OR IGNORE INTO revoked_tokens VALUES (?, ?)", (token, until.timestamp()))

    def is_revoked(self, token: str) -> bool:
        """Whether the token of that id was ended."""
        with self._connection() as connection:
            return connection.execute("SELECT 1 FROM revoked_tokens WHERE token = ?", (token,)).fetchone() is not None

    # --- answers of wallets -----------------------------------------------------------------------------------------

    def keep_wallet_answer(self, code: str, reader: str, *, expires: datetime, at: datetime) -> None:
        """Keep what a wallet's answer earned until it is fetched.

        :param code: the secret text by which it is fetched; its digest is kept. :param reader: JSON.
        """
        with self._turn() as connection:
            connection.execute("DELETE FROM wallet_answers WHERE expires < ?", (at.timestamp(),))
            connection.execute(
                "INSERT OR REPLACE INTO wallet_answers VALUES (?, ?, ?)", (_digest(code), expires.timestamp(), reader)
            )

    def take_wallet_answer(self, code: str, *, at: datetime) -> str | None:
        """What was kept under ``code``, and forget it. None where there is nothing, or where it has expired."""
        with self._turn() as connection:
            row = connection.execute(
                "DELETE FROM wallet_answers WHERE code = ? RETURNING expires, reader", (_digest(code),)
            ).fetchone()
        return row[1] if row is not None and row[0] > at.timestamp() else None

    # --- status lists of other issuers ------------------------------------------------------------------------------

    def want_role_list(self, address: str, issuer: str, at: datetime, *, limit: int) -> bool:
        """Remember that roles of ``issuer`` have their status in the list at ``address``.

        :param limit: how many lists are remembered at most.
        :returns: False where there are as many already.
        """
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            known = connection.execute("SELECT 1 FROM role_lists WHERE address = ?", (address,)).fetchone()
            if known is None and connection.execute("SELECT count(*) FROM role_lists").fetchone()[0] >= limit:
                return False
            connection.execute(
                "INSERT INTO role_lists (address, issuer, wanted) VALUES (?, ?, ?)"
                " ON CONFLICT (address) DO UPDATE SET wanted = excluded.wanted, issuer = excluded.issuer",
                (address, issuer, at.timestamp()),
            )
            return True

    def forget_role_lists(self, unwanted_since: datetime) -> None:
        """Forget the lists that no presented role named since then."""
        with self._connection() as connection:
            connection.execute("DELETE FROM role_lists WHERE wanted < ?", (unwanted_since.timestamp(),))

    def role_lists(self) -> tuple[RoleList, ...]:
        """All lists that are remembered, by address."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT address, issuer, tried, fetched, body, fault FROM role_lists ORDER BY address"
            ).fetchall()
        return tuple(_role_list(row) for row in rows)

    def role_list(self, address: str) -> RoleList | None:
        with self._connection() as connection:
            row = connection.execute(
                "SELECT address, issuer, tried, fetched, body, fault FROM role_lists WHERE address = ?", (address,)
            ).fetchone()
        return None if row is None else _role_list(row)

    def claim_role_list(self, role_list: RoleList, at: datetime) -> bool:
        """Whether this caller is the one to ask for the list now: of several workers, one is."""
        tried = None if role_list.tried is None else role_list.tried.timestamp()
        with self._connection() as connection:
            claimed = connection.execute(
                "UPDATE role_lists SET tried = ? WHERE address = ? AND tried IS ?",
                (at.timestamp(), role_list.address, tried),
            )
            return claimed.rowcount == 1

    def keep_role_list(self, address: str, body: bytes | None, fault: str | None, at: datetime) -> None:
        """Write down what came of asking: a list, or why there is none, which leaves the list of before in place."""
        with self._connection() as connection:
            if body is None:
                connection.execute("UPDATE role_lists SET fault = ? WHERE address = ?", (fault, address))
            else:
                connection.execute(
                    "UPDATE role_lists SET body = ?, fetched = ?, fault = NULL WHERE address = ?",
                    (body, at.timestamp(), address),
                )

    # --- access log -------------------------------------------------------------------------------------------------

    def log(self, record: AccessRecord) -> None:
        """Append one entry, chained to the one before it. It is on the disk when this returns.

        Those who come while a commit is under way wait for it, and then go into one commit together.
        """
        mine = _Waiting(record)
        with self._queue:
            self._waiting.append(mine)
        with self._commits:
            if not mine.done:
                with self._queue:
                    group, self._waiting = self._waiting, []
                self.commit(group)
        if mine.failure is not None:
            raise mine.failure

    @property
    def waiting(self) -> int:
        """How many entries wait for a commit."""
        with self._queue:
            return len(self._waiting)

    def commit(self, group: list[_Waiting]) -> None:
        try:
            with self.reads.transaction() as transaction:
                transaction.add([waiting.record for waiting in group])
        except BaseException as error:
            # Interrupted as well: no caller goes on as if the entry were on the disk.
            for waiting in group:
                waiting.failure = error
        finally:
            for waiting in group:
                waiting.done = True

    @property
    def reads(self) -> AccessLog:
        """The transparency log of the access log."""
        return AccessLog(self._engine, self.path)

    def log_head(self) -> tuple[int, str]:
        """Number of the newest entry and its hash; (0, "") where the log is empty."""
        with self._connection() as connection:
            last = connection.execute(
                "SELECT sequence, chain FROM access_log ORDER BY sequence DESC LIMIT 1"
            ).fetchone()
        return (last[0], last[1] or "") if last else (0, "")

    def first_broken(self) -> int | None:
        """Number of the first entry that is not what was written, is missing, or has one missing before it.

        :returns: None where all is well.
        :raises StoreFailure: the file cannot be read.
        """
        before = ""
        expected: int | None = None
        with self._connection() as connection:
            number: int
            for number, chain, *row in connection.execute(
                "SELECT sequence, chain, at, token, holder, audience, purpose, subject, elements"
                " FROM access_log ORDER BY sequence"
            ):
                if expected is not None and number != expected:
                    return number
                unchained = chain is None and not before
                if not unchained and chain != chained(before, tuple(row)):
                    return number
                before, expected = chain or "", number + 1
            ever = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'access_log'").fetchone()
        missing = ever is not None and ever[0] >= (expected or 1)
        return (expected or 1) if missing else None

    def accesses(self) -> Iterable[AccessRecord]:
        """All entries of the access log, oldest first."""
        with self._connection() as connection:
            rows = connection.execute(
                "SELECT at, token, holder, audience, purpose, subject, elements FROM access_log ORDER BY sequence"
            ).fetchall()
        return tuple(
            AccessRecord(datetime.fromisoformat(at), token, holder, audience, purpose, subject, tuple(elements.split()))
            for at, token, holder, audience, purpose, subject, elements in rows
        )

    def connection(self) -> sqlite3.Connection:
        """This thread's connection."""
        connection = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._local.connection = sqlite.connect(self.path)
        return connection

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection; what is written over it is kept when the block ends well.

        :raises StoreFailure: the file cannot be read or written.
        """
        with answering(STATE, self.path):
            connection = self.connection()
            try:
                with connection:
                    yield connection
            except sqlite3.Error:
                # Whatever is wrong with the file, the next one in this thread begins afresh.
                self._local.connection = None
                connection.close()
                raise

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        """The same as one transaction, with the lock before the first look: two workers never chain to one entry."""
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection


def _role_list(row: tuple[Any, ...]) -> RoleList:
    address, issuer, tried, fetched, body, fault = row
    return RoleList(address, issuer, _instant(tried), _instant(fetched), None if body is None else bytes(body), fault)


def _digest(code: str) -> bytes:
    return sha256(code.encode("utf-8", "surrogatepass")).digest()


def _instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
