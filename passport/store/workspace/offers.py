"""Credential offers of granted access requests: one at a time for a request, its code and its access token.

* Codes and tokens are kept as their digests. A new code ends the one before, and the token that came of it.
* A code is exchanged once. A nonce of a proof is used once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from passport.store.workspace.workspace_file import WorkspaceFile, token_digest

#: How long a code and a token can be used.
CODE, TOKEN = timedelta(minutes=30), timedelta(minutes=10)


@dataclass(frozen=True)
class GrantedRole:
    """:ivar request: id of the access request; :ivar until: when the role ends."""

    request: str
    until: datetime


class Offers:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def allow(self, request: str, until: datetime) -> None:
        """Let the asker of a granted request have its role in a wallet. :param until: when the role ends."""
        with self._file.turn() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO credential_offers VALUES (?, ?, NULL, 0, NULL, 0)", (request, until.timestamp())
            )

    def forget(self, request: str) -> None:
        """End the offer of a request whose role was taken back."""
        with self._file.turn() as connection:
            connection.execute("DELETE FROM credential_offers WHERE request = ?", (request,))

    def offer(self, request: str, *, at: datetime) -> str | None:
        """A new pre-authorized code for a request; None where nothing is offered, or the role has ended."""
        code = secrets.token_urlsafe(32)
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE credential_offers SET code = ?, code_until = ?, token = NULL WHERE request = ? AND until > ?",
                (token_digest(code), (at + CODE).timestamp(), request, at.timestamp()),
            )
        return code if done.rowcount == 1 else None

    def exchange(self, code: str, *, at: datetime) -> str | None:
        """The access token for a code; None where it was used, has ended, or never was."""
        token = secrets.token_urlsafe(32)
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE credential_offers SET code = NULL, token = ?, token_until = ?"
                " WHERE code = ? AND code_until > ?",
                (token_digest(token), (at + TOKEN).timestamp(), token_digest(code), at.timestamp()),
            )
        return token if done.rowcount == 1 else None

    def of_token(self, token: str, *, at: datetime) -> GrantedRole | None:
        """What an access token opens; None where it has ended or never was."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT request, until FROM credential_offers WHERE token = ? AND token_until > ? AND until > ?",
                (token_digest(token), at.timestamp(), at.timestamp()),
            ).fetchone()
        return None if row is None else GrantedRole(row["request"], datetime.fromtimestamp(row["until"], UTC))

    def use_nonce(self, nonce: str, *, until: datetime, at: datetime) -> bool:
        """Use a nonce up; False where it was used before."""
        with self._file.turn() as connection:
            connection.execute("DELETE FROM used_nonces WHERE until < ?", (at.timestamp(),))
            added = connection.execute(
                "INSERT OR IGNORE INTO used_nonces VALUES (?, ?)", (token_digest(nonce), until.timestamp())
            )
        return added.rowcount == 1
