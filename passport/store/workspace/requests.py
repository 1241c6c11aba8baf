"""Requests of strangers for access, and the accreditations that they show.

* A stranger holds a ticket; the file has its hash. It opens that one request and nothing else.
* Open requests are bounded, so that strangers cannot fill the file.
"""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import dataclass, field
from datetime import datetime

from passport.errors import UsageError
from passport.store.rows import stored_instant
from passport.store.workspace.journal import enter_into
from passport.store.workspace.workspace_file import NAME, WorkspaceFile, token_digest
from passport.texts import Message

#: Access requests that may be open at a time: in all, and for one pack.
MOST_OPEN, MOST_OPEN_FOR_PACK = 500, 20
STRANGER = "stranger"


@dataclass(frozen=True)
class AccessRequest:
    """:ivar pack: address of the pack; :ivar holder: DID of who asks, empty for any wallet;
    :ivar person: as they call themselves.

    :ivar state: ``open``, ``granted``, ``refused`` or ``revoked``; :ivar answer: what the asker is told.
    :ivar credential: the signed role, until it was revoked.
    """

    id: str
    at: datetime
    pack: str
    holder: str
    audience: str
    purpose: str
    person: str
    reason: str
    state: str
    decided_by: str | None
    decided: datetime | None
    answer: str | None
    credential_id: str | None
    credential: bytes | None = field(repr=False, default=None)


class AccessRequests:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def add(
        self, pack: str, holder: str, audience: str, purpose: str, person: str, reason: str, *, at: datetime
    ) -> str:
        """Keep a request. :returns: the ticket.

        :raises UsageError: too many are open.
        """
        ticket = secrets.token_urlsafe(32)
        id_ = secrets.token_hex(5)
        with self._file.turn() as connection:
            every, same = connection.execute(
                "SELECT count(*), coalesce(sum(pack = ?), 0) FROM access_requests WHERE state = 'open'", (pack,)
            ).fetchone()
            if every >= MOST_OPEN or same >= MOST_OPEN_FOR_PACK:
                raise UsageError(
                    Message("too many requests are open"), hint=Message("Try again when some have been answered.")
                )
            connection.execute(
                "INSERT INTO access_requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', NULL, NULL, NULL, NULL, NULL)",
                (id_, token_digest(ticket), at.isoformat(), pack, holder, audience, purpose, person, reason),
            )
            enter_into(connection, at, STRANGER, "ask-access", id_, pack)
        return ticket

    def of_ticket(self, ticket: str) -> AccessRequest | None:
        return self._one("ticket = ?", token_digest(ticket))

    def get(self, id_: str) -> AccessRequest | None:
        return self._one("id = ?", id_)

    def all(self, *, limit: int = 200) -> tuple[AccessRequest, ...]:
        """Open ones first, then the newest."""
        with self._file.reading() as connection:
            rows = connection.execute(
                "SELECT * FROM access_requests ORDER BY state <> 'open', at DESC LIMIT ?", (limit,)
            )
            return tuple(map(_access, rows))

    def count_open(self) -> int:
        with self._file.reading() as connection:
            return int(connection.execute("SELECT count(*) FROM access_requests WHERE state = 'open'").fetchone()[0])

    def grant(self, request: AccessRequest, credential_id: str, credential: bytes, *, at: datetime, by: str) -> None:
        """Keep the signed role for its asker. :raises UsageError: it was decided already."""
        self._decide(request, "open", "granted", None, at, by, credential_id, credential)

    def grant_to_wallet(self, request: AccessRequest, *, at: datetime, by: str) -> None:
        """Granted to the first wallet that takes it: no role is signed yet.

        :raises UsageError: it was decided already.
        """
        self._decide(request, "open", "granted", None, at, by)

    def hand_over(
        self, request: AccessRequest, holder: str, credential_id: str, credential: bytes, *, at: datetime
    ) -> AccessRequest:
        """Keep the role that was signed for the first wallet.

        :raises UsageError: another wallet has it, or it was taken back.
        """
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE access_requests SET holder = ?, credential_id = ?, credential = ?"
                " WHERE id = ? AND state = 'granted' AND credential_id IS NULL AND holder IN ('', ?)",
                (holder, credential_id, credential, request.id, holder),
            )
            if done.rowcount != 1:
                raise UsageError(Message("the role was handed out already, or taken back"))
            enter_into(connection, at, STRANGER, "take-role", request.id, credential_id)
        kept = self.get(request.id)
        assert kept is not None
        return kept

    def keep_accreditation(self, request: AccessRequest, document: bytes, *, at: datetime) -> None:
        """Keep the accreditation that the asker showed; a later one replaces it.

        :raises UsageError: the request was decided already.
        """
        with self._file.turn() as connection:
            done = connection.execute(
                "INSERT OR REPLACE INTO shown_accreditations"
                " SELECT id, ?, ? FROM access_requests WHERE id = ? AND state = 'open'",
                (at.isoformat(), document, request.id),
            )
            if done.rowcount != 1:
                raise UsageError(Message("the request was decided already"))
            enter_into(connection, at, STRANGER, "show-accreditation", request.id, "")

    def accreditation(self, request: AccessRequest) -> tuple[datetime, bytes] | None:
        """When the asker of a request showed an accreditation, and which; None where none was shown."""
        with self._file.reading() as connection:
            row = connection.execute(
                "SELECT at, document FROM shown_accreditations WHERE request = ?", (request.id,)
            ).fetchone()
        return None if row is None else (stored_instant(row["at"], NAME), bytes(row["document"]))

    def refuse(self, request: AccessRequest, answer: str, *, at: datetime, by: str) -> None:
        """:raises UsageError: there is no answer, or it was decided already."""
        if not answer.strip():
            raise UsageError(Message("a refusal needs a reason"))
        self._decide(request, "open", "refused", answer, at, by)

    def revoked(self, request: AccessRequest, answer: str, *, at: datetime, by: str) -> None:
        """The role was taken back; its copy here goes too. :raises UsageError: it was not granted."""
        self._decide(request, "granted", "revoked", answer, at, by, request.credential_id)

    def _decide(
        self, request: AccessRequest, before: str, after: str, answer: str | None, at: datetime, by: str,
        credential_id: str | None = None, credential: bytes | None = None,
    ) -> None:  # fmt: skip
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE access_requests SET state = ?, decided_by = ?, decided = ?, answer = ?, credential_id = ?,"
                " credential = ? WHERE id = ? AND state = ?",
                (after, by, at.isoformat(), answer, credential_id, credential, request.id, before),
            )
            if done.rowcount != 1:
                raise UsageError(Message("the request was decided already"))
            enter_into(connection, at, by, f"access-{after}", request.id, answer or credential_id or "")

    def _one(self, where: str, value: object) -> AccessRequest | None:
        with self._file.reading() as connection:
            row = connection.execute(f"SELECT * FROM access_requests WHERE {where}", (value,)).fetchone()  # noqa: S608
        return None if row is None else _access(row)


def _access(row: sqlite3.Row) -> AccessRequest:
    return AccessRequest(
        row["id"], stored_instant(row["at"], NAME), row["pack"], row["holder"], row["audience"], row["purpose"],
        row["person"], row["reason"], row["state"], row["decided_by"],
        row["decided"] and stored_instant(row["decided"], NAME), row["answer"], row["credential_id"],
        row["credential"],
    )  # fmt: skip
