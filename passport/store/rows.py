"""The rows of the store, as values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from passport.errors import MalformedDocument, StoreDamaged
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message


def stored_document(body: bytes, what: str) -> JsonObject:
    """A document as it was stored. It was well-formed then: a page of the file was overwritten where it is not now.

    :param what: names the document in the message.
    :raises StoreDamaged: it is no JSON object.
    """
    try:
        document = strict_json.loads(body)
    except MalformedDocument as error:
        raise StoreDamaged(
            Message("{what} in the store is damaged", what=what), expected=Message("JSON, as it was stored")
        ) from error
    if not isinstance(document, dict):
        raise StoreDamaged(
            Message("{what} in the store is damaged", what=what), expected=Message("a JSON object, as it was stored")
        )
    return document


def stored_instant(text: str, what: str) -> datetime:
    """An instant as it was stored.

    :raises StoreDamaged: it is none.
    """
    try:
        return datetime.fromisoformat(text)
    except (TypeError, ValueError) as error:
        raise StoreDamaged(
            Message("{what} in the store is damaged", what=what), expected=Message("an instant, as it was stored")
        ) from error


@dataclass(frozen=True)
class StoredCredential:
    """One signed credential as the read side serves it.

    :ivar id: credential IRI; :ivar type: its own type, such as ``BatteryPassportCredential``.
    :ivar subject: subject IRI, of a pack or of a model.
    :ivar body: the signed document, UTF-8 JSON, as signed.
    :ivar content: SHA-256 (hex) of what it says, free of ids and dates, to tell "the same again" from "something else".
    :ivar issued_at: instant of signing.
    """

    id: str
    type: str
    subject: str
    body: bytes
    content: str
    issued_at: datetime

    @property
    def document(self) -> JsonObject:
        """:raises StoreDamaged: the body is not what was stored."""
        return stored_document(self.body, f"the credential {self.id}")


@dataclass(frozen=True)
class Pack:
    """Where a pack is found: its address (subject IRI), its model's, and what people read off the plate."""

    subject: str
    model: str
    category: str
    serial: str
    code: str | None


@dataclass(frozen=True)
class StatusEntry:
    """Place of one credential in one status list (list number, bit position)."""

    list: int
    position: int
    credential: str


@dataclass(frozen=True)
class Notice:
    """What everybody may know of one change of status, beside the bit and the day: what the issuer chose to publish.

    :ivar reason: why, in the issuer's words; None where no reason is published.
    :ivar replaced_by: subject IRI of the passport that takes the place of this one; None where none is named.
    """

    reason: str | None = None
    replaced_by: str | None = None

    def __bool__(self) -> bool:
        return self.reason is not None or self.replaced_by is not None


@dataclass(frozen=True)
class PublicStatus:
    """The public side of one status bit: its value, the instant of its last change, and the notice of that change."""

    value: bool
    changed_at: datetime
    notice: Notice


@dataclass(frozen=True)
class StatusChange:
    """One change of a status bit. ``reason`` is the issuer's note to itself; what is public is a :class:`Notice`."""

    list: int
    position: int
    value: bool
    reason: str
    changed_at: datetime


@dataclass(frozen=True)
class StoredSignedList:
    """The newest signed version of one status list.

    :ivar sequence: its number among all signed lists.
    :ivar body: the signed document, UTF-8 JSON, as signed.
    :ivar last_change: number of the last change that is in it; None where the store does not know.
    """

    sequence: int
    body: bytes
    last_change: int | None


@dataclass(frozen=True)
class Role:
    """A role credential that was given: what it says, without the signed document.

    :ivar id: credential IRI; :ivar holder: DID.
    :ivar packs: subject IRIs that it opens; empty: all.
    :ivar list: number of the status list in which it has its place.
    """

    id: str
    holder: str
    audience: str
    purpose: str
    packs: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    list: int
