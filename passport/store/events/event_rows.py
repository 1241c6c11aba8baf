"""The rows of life-cycle events, as values."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DocumentKind(StrEnum):
    """The kinds of signed documents beside the passports'."""

    EVENT = "event"
    DETAIL = "detail"
    ACCREDITATION = "accreditation"
    STATUS_LIST = "status-list"


class KeyKind(StrEnum):
    """What leads from an event of one pack to the history of another."""

    #: Hash of a vehicle that was scrapped or got another pack, or of a corrected event.
    VEHICLE = "vehicle"
    #: Hash of a vehicle that is a swap model.
    SWAP_VEHICLE = "swap-vehicle"
    PART = "part"
    CODE = "code"
    #: Pack that another one was made from.
    ORIGIN = "origin"


@dataclass(frozen=True)
class EventDocument:
    """A signed document.

    :ivar digest: of its bytes, as a multihash in multibase.
    :ivar id: IRI of the credential.
    :ivar holder: DID that an accreditation is about, address of a status list; None for an event and its detail.
    """

    digest: str
    id: str
    kind: DocumentKind
    body: bytes
    holder: str | None = None

    @property
    def sha256(self) -> bytes:
        """SHA-256 of the bytes, as the log of events has it."""
        return hashlib.sha256(self.body).digest()


@dataclass(frozen=True)
class StoredEvent:
    """The index row of an accepted event.

    :ivar position: in the chain of its pack, from 1.
    :ivar audience_kind: kind whose audiences may read it.
    :ivar instant: when it happened, aware; :ivar accepted_at: when it was accepted.
    :ivar roles: of the actor, as accredited when it was accepted.
    :ivar detail: digest of its detail; :ivar accreditation: digest; :ivar status_list: digest of the list by which the
        accreditation was judged, None where it has no status.
    :ivar late: whether a later event had been accepted before it.
    :ivar log_index: its place in the log of events; None where it is in none.
    :ivar sequence: its number among the events of all packs; 0 before it is stored.
    """

    id: str
    pack: str
    position: int
    kind: str
    audience_kind: str
    instant: datetime
    actor: str
    roles: tuple[str, ...]
    digest: str
    detail: str | None
    accreditation: str
    status_list: str | None
    late: bool
    accepted_at: datetime
    log_index: int | None = None
    sequence: int = 0

    def placed(self, log_index: int, sequence: int) -> StoredEvent:
        """The row with its place in the log and its number over all packs."""
        row = object.__new__(StoredEvent)
        row.__dict__.update(self.__dict__, log_index=log_index, sequence=sequence)
        return row


@dataclass(frozen=True)
class EventKey:
    """One way from an event to its pack."""

    kind: KeyKind
    value: str


@dataclass(frozen=True)
class RefusedEvent:
    """A message of an accredited actor that was refused.

    :ivar digest: of the signed event; :ivar body: the whole message, canonical JSON.
    :ivar reasons: JSON text, as it was answered.
    """

    digest: str
    actor: str
    pack: str
    body: bytes
    reasons: str
    refused_at: datetime
