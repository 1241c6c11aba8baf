"""Requests to suppliers for their part of a record, the answers, and the signatures over them.

A supplier holds a link; the file has its hash. It opens that one request and nothing else.
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

#: How long a supplier's link can be used.
LINK = timedelta(days=30)
SUPPLIER = "supplier"


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


def _supplier(row: sqlite3.Row) -> SupplierRequest:
    at = stored_instant(row["at"], NAME)
    return SupplierRequest(
        row["id"], at, datetime.fromtimestamp(row["until"], at.tzinfo), row["draft"], row["pack"], row["supplier"],
        tuple(json.loads(row["indicators"])), row["asked_by"], row["state"],
        row["answered"] and stored_instant(row["answered"], NAME), row["answered_by"], row["answer"],
    )  # fmt: skip
