"""Requests across the company's border: strangers ask for access, suppliers are asked for their part.

* A stranger holds a ticket, a supplier a link; the file has their hashes. Each opens that one request and nothing else.
* Open requests are bounded, so that strangers cannot fill the file.
"""

from __future__ import annotations

import json
import secrets
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from passport.errors import UsageError
from passport.store.rows import stored_instant
from passport.store.workspace.journal import enter_into
from passport.store.workspace.workspace_file import NAME, WorkspaceFile, token_digest
from passport.texts import Message

#: Access requests that may be open at a time: in all, and for one pack.
MOST_OPEN, MOST_OPEN_FOR_PACK = 500, 20
#: How long a supplier's link can be used.
LINK = timedelta(days=30)
STRANGER, SUPPLIER = "stranger", "supplier"


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


@dataclass(frozen=True)
class SupplierRequest:
    """:ivar draft: id; :ivar pack: number of the pack in it; :ivar indicators: ids of what is asked for.

    :ivar state: ``open``, ``answered``, ``taken`` or ``closed``; :ivar answer: JSON of a partial record.
    """

    id: str
    at: datetime
    until: datetime
    draft: str
    pack: int
    supplier: str
    indicators: tuple[str, ...]
    asked_by: str
    state: str
    answered: datetime | None
    answered_by: str | None
    answer: str | None


@dataclass(frozen=True)
class SupplierSignature:
    """The signature of a supplier over its answer.

    :ivar signer: DID; :ivar at: instant of signing; :ivar text: what was signed, a JWS.
    :ivar credential: about the signer, as it was verified; None where the trust list names the signer.
    """

    signer: str
    at: datetime
    text: str = field(repr=False)
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


class SupplierRequests:
    """:param file: of the workspace."""

    def __init__(self, file: WorkspaceFile) -> None:
        self._file = file

    def add(self, draft: str, pack: int, supplier: str, indicators: Sequence[str], *, at: datetime, by: str) -> str:
        """Ask a supplier. :returns: the secret text of the link.

        :raises UsageError: the supplier has no name, or nothing is asked for.
        """
        name = " ".join(supplier.split())
        if not name or len(name) > 200 or not indicators:
            raise UsageError(Message("a supplier is asked by name, for one value at least"))
        link = secrets.token_urlsafe(32)
        with self._file.turn() as connection:
            connection.execute(
                "INSERT INTO supplier_requests VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', NULL, NULL, NULL)",
                (
                    secrets.token_hex(5), token_digest(link), at.isoformat(), (at + LINK).timestamp(), draft, pack,
                    name, json.dumps(list(indicators)), by,
                ),
            )  # fmt: skip
            enter_into(connection, at, by, "ask-supplier", draft, name)
        return link

    def of_link(self, link: str, *, at: datetime) -> SupplierRequest | None:
        """The request of a link; None where it has ended, was closed or taken in."""
        request = self._one("link = ?", token_digest(link))
        return request if request and request.until >= at and request.state in ("open", "answered") else None

    def get(self, id_: str) -> SupplierRequest | None:
        return self._one("id = ?", id_)

    def all(self, *, draft: str | None = None, limit: int = 200) -> tuple[SupplierRequest, ...]:
        """Answered ones first, then open ones, then the rest."""
        where, values = ("WHERE draft = ?", (draft,)) if draft else ("", ())
        order = "ORDER BY CASE state WHEN 'answered' THEN 0 WHEN 'open' THEN 1 ELSE 2 END, at DESC LIMIT ?"
        with self._file.reading() as connection:
            rows = connection.execute(f"SELECT * FROM supplier_requests {where} {order}", (*values, limit))  # noqa: S608
            return tuple(map(_supplier, rows))

    def answer(
        self, request: SupplierRequest, person: str, answer: str, *, at: datetime,
        signature: SupplierSignature | None = None,
    ) -> None:  # fmt: skip
        """Keep what the supplier says; a later answer replaces it, with its signature, until it is taken in.

        :raises UsageError: it was taken in or closed.
        """
        with self._file.turn() as connection:
            done = connection.execute(
                "UPDATE supplier_requests SET state = 'answered', answered = ?, answered_by = ?, answer = ?"
                " WHERE id = ? AND state IN ('open', 'answered')",
                (at.isoformat(), person, answer, request.id),
            )
            if done.rowcount != 1:
                raise UsageError(Message("the request was closed"))
            connection.execute("DELETE FROM supplier_signatures WHERE request = ?", (request.id,))
            if signature is not None:
                connection.execute(
                    "INSERT INTO supplier_signatures VALUES (?, ?, ?, ?, ?)",
                    (request.id, signature.signer, signature.at.isoformat(), signature.text, signature.credential),
                )
            enter_into(connection, at, SUPPLIER, "supplier-answers", request.draft, request.supplier)

    def signature(self, request: SupplierRequest) -> SupplierSignature | None:
        """The signature over the answer to a request; None where the answer is not signed."""
        with self._file.reading() as connection:
            row = connection.execute("SELECT * FROM supplier_signatures WHERE request = ?", (request.id,)).fetchone()
        if row is None:
            return None
        return SupplierSignature(row["signer"], stored_instant(row["at"], NAME), row["text"], row["credential"])

    def close(self, request: SupplierRequest, state: str, *, at: datetime, by: str) -> None:
        """Taken in or closed: the link opens nothing any more."""
        with self._file.turn() as connection:
            connection.execute("UPDATE supplier_requests SET state = ? WHERE id = ?", (state, request.id))
            enter_into(connection, at, by, f"supplier-{state}", request.draft, request.supplier)

    def _one(self, where: str, value: object) -> SupplierRequest | None:
        with self._file.reading() as connection:
            row = connection.execute(f"SELECT * FROM supplier_requests WHERE {where}", (value,)).fetchone()  # noqa: S608
        return None if row is None else _supplier(row)


def _access(row: sqlite3.Row) -> AccessRequest:
    return AccessRequest(
        row["id"], stored_instant(row["at"], NAME), row["pack"], row["holder"], row["audience"], row["purpose"],
        row["person"], row["reason"], row["state"], row["decided_by"],
        row["decided"] and stored_instant(row["decided"], NAME), row["answer"], row["credential_id"],
        row["credential"],
    )  # fmt: skip


def _supplier(row: sqlite3.Row) -> SupplierRequest:
    at = stored_instant(row["at"], NAME)
    return SupplierRequest(
        row["id"], at, datetime.fromtimestamp(row["until"], at.tzinfo), row["draft"], row["pack"], row["supplier"],
        tuple(json.loads(row["indicators"])), row["asked_by"], row["state"],
        row["answered"] and stored_instant(row["answered"], NAME), row["answered_by"], row["answer"],
    )  # fmt: skip
