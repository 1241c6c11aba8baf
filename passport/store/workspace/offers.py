"""Credential offers: one at a time for a granted access request or an accreditation, its code and its access token.

* Codes and tokens are kept as their digests. A new code ends the one before, and the token that came of it.
* A code is exchanged once. A nonce of a proof is used once.
* An offer may need a transaction code, which its holder gets on another way. After :data:`MOST_TRIES` wrong ones the
  offer ends, since a transaction code is short. (OpenID4VCI 1.0, section 13.6.1) For the same reason a MAC of it is
  kept and no digest: a copy of the file has no secret, so that trying all codes finds none.
"""

from __future__ import annotations

import hmac
import secrets
import sqlite3
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from passport.errors import UsageError
from passport.store.workspace.workspace_file import WorkspaceFile, token_digest
from passport.texts import Message

#: How long a code and a token can be used.
CODE, TOKEN = timedelta(minutes=30), timedelta(minutes=10)
#: Digits of a transaction code, and how many wrong ones end an offer.
TRANSACTION_CODE, MOST_TRIES = 6, 5


@dataclass(frozen=True)
class OfferedCredential:
    """:ivar request: id of the access request or of the accreditation; :ivar until: when the credential ends."""

    request: str
    until: datetime


@dataclass(frozen=True)
class OfferCode:
    """A pre-authorized code. :ivar needs_transaction_code: whether the holder has to enter one beside it."""

    code: str
    needs_transaction_code: bool


class Offers:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def allow(self, request: str, until: datetime) -> None:
        """Let the asker of a granted request, or an actor, have the credential in a wallet.

        :param until: when the credential ends.
        """
        with self._file.turn() as connection:
            connection.execute("DELETE FROM transaction_codes WHERE request = ?", (request,))
            connection.execute(
                "INSERT OR REPLACE INTO credential_offers VALUES (?, ?, NULL, 0, NULL, 0)", (request, until.timestamp())
            )

    def ask_transaction_code(self, request: str) -> str:
        """A new transaction code, without which the offer of a request gives nothing. It is shown once, here.

        :raises UsageError: there is no offer.
        """
        digits = "".join(secrets.choice("0123456789") for _ in range(TRANSACTION_CODE))
        kept = _mac(self._file.secret(), request, digits)
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE credential_offers SET code = NULL, token = NULL WHERE request = ?", (request,)
            )
            if done.rowcount != 1:
                raise UsageError(Message("there is no offer that a transaction code could protect"))
            connection.execute("INSERT OR REPLACE INTO transaction_codes VALUES (?, ?, 0)", (request, kept))
        return digits

    def forget(self, request: str) -> None:
        """End the offer of a request whose role was taken back."""
        with self._file.turn() as connection:
            _end(connection, request)

    def offer(self, request: str, *, at: datetime) -> OfferCode | None:
        """A new pre-authorized code for a request; None where nothing is offered, or the credential has ended."""
        code = secrets.token_urlsafe(32)
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE credential_offers SET code = ?, code_until = ?, token = NULL WHERE request = ? AND until > ?",
                (token_digest(code), (at + CODE).timestamp(), request, at.timestamp()),
            )
            protected = _transaction_code(connection, request) is not None
        return OfferCode(code, protected) if done.rowcount == 1 else None

    def exchange(self, code: str, transaction_code: str | None, *, at: datetime) -> str | None:
        """The access token for a code; None where it was used, has ended or never was, or a transaction code is wrong.

        :raises UsageError: a transaction code is needed and missing, or is there and not needed.
        """
        token, secret = secrets.token_urlsafe(32), self._file.secret()
        with self._file.turn() as connection:
            row = connection.execute(
                "SELECT request FROM credential_offers WHERE code = ? AND code_until > ?",
                (token_digest(code), at.timestamp()),
            ).fetchone()
            if row is None:
                return None
            request = row["request"]
            expected = _transaction_code(connection, request)
            if (expected is None) is not (transaction_code is None):
                raise UsageError(Message("a transaction code is missing, or not asked for"), found="tx_code")
            given = _mac(secret, request, transaction_code or "")
            if expected is not None and not hmac.compare_digest(expected["mac"], given):
                _count_try(connection, request, expected["tries"] + 1)
                return None
            connection.execute(
                "UPDATE credential_offers SET code = NULL, token = ?, token_until = ? WHERE request = ?",
                (token_digest(token), (at + TOKEN).timestamp(), request),
            )
        return token

    def of_token(self, token: str, *, at: datetime) -> OfferedCredential | None:
        """What an access token opens; None where it has ended or never was."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT request, until FROM credential_offers WHERE token = ? AND token_until > ? AND until > ?",
                (token_digest(token), at.timestamp(), at.timestamp()),
            ).fetchone()
        return None if row is None else OfferedCredential(row["request"], datetime.fromtimestamp(row["until"], UTC))

    def use_nonce(self, nonce: str, *, until: datetime, at: datetime) -> bool:
        """Use a nonce up; False where it was used before."""
        with self._file.turn() as connection:
            connection.execute("DELETE FROM used_nonces WHERE until < ?", (at.timestamp(),))
            added = connection.execute(
                "INSERT OR IGNORE INTO used_nonces VALUES (?, ?)", (token_digest(nonce), until.timestamp())
            )
        return added.rowcount == 1


def _mac(secret: bytes, request: str, transaction_code: str) -> bytes:
    text = f"transaction code\0{request}\0{transaction_code}"
    return hmac.digest(secret, text.encode("utf-8", "surrogatepass"), "sha256")


def _transaction_code(connection: sqlite3.Connection, request: str) -> sqlite3.Row | None:
    row: sqlite3.Row | None = connection.execute(
        "SELECT mac, tries FROM transaction_codes WHERE request = ?", (request,)
    ).fetchone()
    return row


def _count_try(connection: sqlite3.Connection, request: str, tries: int) -> None:
    if tries >= MOST_TRIES:
        _end(connection, request)
    connection.execute("UPDATE transaction_codes SET tries = ? WHERE request = ?", (tries, request))


def _end(connection: sqlite3.Connection, request: str) -> None:
    for table in ("credential_offers", "transaction_codes"):
        connection.execute(f"DELETE FROM {table} WHERE request = ?", (request,))  # noqa: S608 - names of ours
