"""The values of one write: the rows read before it, the rows that it stores, and the conditions for storing them.

All of these can be pickled, so that a write can be prepared in one process, signed in another and stored by a third.
How a write is made is in :mod:`passport.publishing.prepare`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from passport.credentials.status_list import REFRESH
from passport.linked_data.json_types import JsonObject
from passport.store import Notice, Pack, StatusChange, StatusEntry, StoredCredential

#: Subject and type.
About: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class Head:
    """What is in force about one subject and type, as it was read before the preparation.

    :ivar sequence: its number in the store; 0 where there is none. :ivar places: by purpose.
    :ivar to_be_signed_anew: whether its signature does not verify although it counts.
    :ivar other_issuer: DID of another issuer, who alone may replace it; None where it is this one's.
    """

    sequence: int = 0
    stored: StoredCredential | None = None
    places: Mapping[str, StatusEntry] = field(default_factory=dict)
    to_be_signed_anew: bool = False
    other_issuer: str | None = None


@dataclass(frozen=True)
class WriteCondition:
    """What must still be so when a prepared write is stored.

    :ivar sequence: number of the newest credential of that subject and type, 0 for none; None: any.
    :ivar unrevoked: place of a bit that must not be set.
    :ivar content: digest of what the newest credential says; None: anything.
    """

    about: About
    sequence: int | None
    unrevoked: StatusEntry | None = None
    content: str | None = None


@dataclass(frozen=True)
class UnsignedCredential:
    """A credential without proof, and what is stored beside it.

    :ivar content: digest of what it says; :ivar restricted: whether only some readers may see it.
    :ivar issued_at: instant of signing.
    :ivar late: whether it is a read-out of an earlier time than the current one, which stays the current one.
    """

    document: JsonObject
    type: str
    subject: str
    content: str
    restricted: bool
    issued_at: datetime
    late: bool = False


@dataclass(frozen=True)
class BitChange:
    """A bit that is set together with the credentials.

    :ivar purpose: of its list; :ivar notice: what is published of it.
    """

    purpose: str
    change: StatusChange
    notice: Notice = Notice()


@dataclass(frozen=True)
class CarriedBit:
    """A bit that is set for the new credential where it is set for the one before at the commit.

    :ivar change: of the new credential's bit.
    """

    before: StatusEntry
    change: StatusChange


@dataclass(frozen=True)
class PreparedWrite:
    """All that one write stores, still unsigned.

    :ivar lists: numbers of the status lists that its credentials name; they must be signed before it is seen.
    :ivar pack: to be stored where it is unknown.
    :ivar modules: code of each module that is said to be in the pack, and the credentials that named it before.
    """

    credentials: tuple[UnsignedCredential, ...] = ()
    conditions: tuple[WriteCondition, ...] = ()
    changes: tuple[BitChange, ...] = ()
    carried: tuple[CarriedBit, ...] = ()
    lists: frozenset[int] = frozenset()
    pack: Pack | None = None
    modules: Mapping[str, frozenset[str]] = field(default_factory=dict)

    @property
    def decides_status(self) -> bool:
        """Whether it may change a bit on which validity depends, so that a list has to be signed after it."""
        return bool(self.carried) or any(change.purpose != REFRESH for change in self.changes)


@dataclass(frozen=True)
class SignedCredential:
    """A credential as it is stored.

    :ivar issuer_part: of a restricted credential what the write side keeps of its base proof, UTF-8 JSON.
    :ivar late: as of :class:`UnsignedCredential`.
    :ivar excerpt: of the document, from which rows follow; None: the store parses the document.
    """

    stored: StoredCredential
    issuer_part: bytes | None
    late: bool = False
    excerpt: JsonObject | None = None


@dataclass(frozen=True)
class SignedWrite:
    """A prepared write, and its credentials signed.

    :ivar prepared: without the unsigned credentials.
    """

    prepared: PreparedWrite
    credentials: tuple[SignedCredential, ...]


@dataclass(frozen=True)
class GrainOutcome:
    """What becomes of one model, batch or pack.

    :ivar credentials: ids of those to be signed; :ivar replaced: whether one of them takes the place of another.
    :ivar since: when the present ones were signed; :ivar unverified: ids of those that are signed anew.
    """

    credentials: tuple[str, ...]
    replaced: bool
    since: datetime
    unverified: tuple[str, ...]

    @property
    def name(self) -> str:
        """``issued``, ``replaced`` or ``same``."""
        if not self.credentials:
            return "same"
        return "replaced" if self.replaced else "issued"


@dataclass(frozen=True)
class PreparedGrain:
    """The write of one model, batch or pack, and what becomes of it."""

    write: PreparedWrite
    outcome: GrainOutcome


@dataclass(frozen=True)
class Replacing:
    """Why something takes the place of what is in force.

    :ivar allowed: whether other content may. :ivar reason: the operator's note; :ivar notice: what is published.
    """

    allowed: bool = False
    reason: str = "replaced"
    notice: Notice = Notice()
