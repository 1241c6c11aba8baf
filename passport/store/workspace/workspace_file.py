"""The file of the issuer's workspace: ``workspace.db`` in the project's folder, mode 600.

* It is not the resolver's file (``state.db``). The read face has no right to write who may approve and sign.
* Tokens, invitations and tickets are kept as their SHA-256, so a copy of the file cannot be used to sign in.
* The journal is append-only. Everything else may change, and each change of consequence has an entry in the journal.
* Any thread and any process may use the file. A change is one transaction.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

from passport.store import sqlite
from passport.store.failures import failure_of_file
from passport.store.state.state_file import StateFile

NAME = "the workspace's file"
#: Version of the tables, kept in the file.
_VERSION = 1
_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS secret (id INTEGER PRIMARY KEY CHECK (id = 1), value BLOB NOT NULL)",
    "CREATE TABLE IF NOT EXISTS users ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, full_name TEXT NOT NULL, roles TEXT NOT NULL,"
    " handle BLOB NOT NULL UNIQUE, created TEXT NOT NULL, disabled TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS passkeys ("
    " credential BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users (id), public_key BLOB NOT NULL,"
    " sign_count INTEGER NOT NULL, created TEXT NOT NULL, used TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS subjects ("
    " issuer TEXT NOT NULL, subject TEXT NOT NULL, user TEXT NOT NULL REFERENCES users (id), linked TEXT NOT NULL,"
    " PRIMARY KEY (issuer, subject)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS invitations ("
    " digest BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users (id), until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS sessions ("
    " digest BLOB PRIMARY KEY, user TEXT, data TEXT NOT NULL, begun REAL NOT NULL, seen REAL NOT NULL) WITHOUT ROWID",
    "CREATE INDEX IF NOT EXISTS sessions_of ON sessions (user)",
    "CREATE TABLE IF NOT EXISTS failures (who TEXT NOT NULL, at REAL NOT NULL)",
    "CREATE INDEX IF NOT EXISTS failures_of ON failures (who, at)",
    "CREATE TABLE IF NOT EXISTS journal ("
    " sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, person TEXT NOT NULL, deed TEXT NOT NULL,"
    " subject TEXT NOT NULL, detail TEXT NOT NULL)",
    "CREATE INDEX IF NOT EXISTS journal_of ON journal (subject, sequence)",
    "CREATE TRIGGER IF NOT EXISTS journal_no_update BEFORE UPDATE ON journal"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TRIGGER IF NOT EXISTS journal_no_delete BEFORE DELETE ON journal"
    " BEGIN SELECT RAISE(ABORT, 'the journal is append-only'); END",
    "CREATE TABLE IF NOT EXISTS drafts ("
    " id TEXT PRIMARY KEY, name TEXT NOT NULL, format TEXT, state TEXT NOT NULL, entered_by TEXT NOT NULL,"
    " created TEXT NOT NULL, changed TEXT NOT NULL, version INTEGER NOT NULL, corrections TEXT NOT NULL,"
    " approved_by TEXT, approved TEXT, approved_version INTEGER, summary TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS draft_files ("
    " draft TEXT NOT NULL REFERENCES drafts (id), number INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,"
    " origin TEXT, PRIMARY KEY (draft, number))",
    "CREATE TABLE IF NOT EXISTS orders ("
    " id TEXT PRIMARY KEY, draft TEXT NOT NULL REFERENCES drafts (id), state TEXT NOT NULL, asked_by TEXT NOT NULL,"
    " asked TEXT NOT NULL, settings TEXT NOT NULL, total INTEGER NOT NULL, checked INTEGER NOT NULL,"
    " signed INTEGER NOT NULL, begun TEXT, ended TEXT, fault TEXT, beat REAL, worker TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS order_packs ("
    " order_id TEXT NOT NULL REFERENCES orders (id), number INTEGER NOT NULL, name TEXT NOT NULL,"
    " subject TEXT, outcome TEXT NOT NULL, faults TEXT NOT NULL, PRIMARY KEY (order_id, number)) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS access_requests ("
    " id TEXT PRIMARY KEY, ticket BLOB NOT NULL UNIQUE, at TEXT NOT NULL, pack TEXT NOT NULL, holder TEXT NOT NULL,"
    " audience TEXT NOT NULL, purpose TEXT NOT NULL, person TEXT NOT NULL, reason TEXT NOT NULL, state TEXT NOT NULL,"
    " decided_by TEXT, decided TEXT, answer TEXT, credential_id TEXT, credential BLOB) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS credential_offers ("
    " request TEXT PRIMARY KEY, until REAL NOT NULL, code BLOB,"
    " code_until REAL NOT NULL, token BLOB, token_until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS transaction_codes ("
    " request TEXT PRIMARY KEY, mac BLOB NOT NULL, tries INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS shown_accreditations ("
    " request TEXT PRIMARY KEY, at TEXT NOT NULL, document BLOB NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS used_nonces (nonce BLOB PRIMARY KEY, until REAL NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS supplier_requests ("
    " id TEXT PRIMARY KEY, link BLOB NOT NULL UNIQUE, at TEXT NOT NULL, until REAL NOT NULL, draft TEXT NOT NULL,"
    " pack INTEGER NOT NULL, supplier TEXT NOT NULL, indicators TEXT NOT NULL, asked_by TEXT NOT NULL,"
    " state TEXT NOT NULL, answered TEXT, answered_by TEXT, answer TEXT) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS supplier_signatures ("
    " request TEXT PRIMARY KEY, signer TEXT NOT NULL, at TEXT NOT NULL, text TEXT NOT NULL,"
    " credential BLOB) WITHOUT ROWID",
)


def token_digest(token: str) -> bytes:
    """What is kept of a secret text. It has 256 random bits, so a plain hash cannot be guessed back."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


class WorkspaceFile(StateFile):
    """:param path: the file; it and its tables are made where missing.

    :raises StoreFailure: it cannot be opened or made, or a later version of this software made it.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path, NAME)
        try:
            # Made before SQLite makes it, so that there is no moment in which others could open it.
            sqlite.make_file(path)
            os.chmod(path, 0o600)
        except OSError as error:
            raise failure_of_file(error, NAME, path) from error
        with self.reading() as connection:
            sqlite.use_write_ahead_log(connection)
        with self.turn() as connection:
            sqlite.check_version(connection, _VERSION, f"{NAME} {path}")
            for statement in _SCHEMA:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version={_VERSION}")

    def secret(self) -> bytes:
        """The key for tokens of forms, 32 bytes; made once, so that a restart makes no open form worthless."""
        with self.turn() as connection:
            connection.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (secrets.token_bytes(32),))
            return bytes(connection.execute("SELECT value FROM secret WHERE id = 1").fetchone()[0])

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection whose rows know their columns. :raises StoreFailure: the file cannot be read or written."""
        with super().reading() as connection:
            connection.row_factory = sqlite3.Row
            yield connection
