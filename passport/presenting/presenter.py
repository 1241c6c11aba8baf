"""The read side: what one audience may see of one passport, still signed.

1. Public credentials go out byte for byte as they were signed.
2. A restricted credential is thinned to the whole indicators that the audience may read; with none left it is left out.
3. An event goes out whole, and only to a reader who may read every indicator in it; one that was replaced does not.
4. The status lists that these credentials name go with them, so that the saved passport can be checked offline.
5. The newest checkpoint of the log of events goes with them too, so that many hands keep what the operator signed.

The presenter holds no issuer key and never sees a base proof. What it hands out cannot prove that nothing else was
left out: every reader can thin a derived view further.

Thinning costs more than everything else together, so its result is kept, by credential and reader: both are in the
key, and a credential of that id never changes. Whole views are kept too, by address and reader, for one version of
the store. A reader is an audience, or an audience with its purpose; nothing else about who reads decides. What is kept
are bytes, so a reader cannot change the view of another.

    presenter.present(subject, Audience.LEGITIMATE_INTEREST).presentation()
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Any, Protocol

from cachetools import LRUCache

from passport.battery.privacy import rights
from passport.battery.privacy.rights import Right
from passport.credentials import credential as vcdm
from passport.credentials.issuer import presentation
from passport.errors import UnknownPassport
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import ecdsa_sd_2023
from passport.store import Pack, ReadOutRow, StoredCredential
from passport.store.log.log_writing import EVENTS
from passport.texts import Message
from passport.vocabulary.credential_types import (
    BATCH,
    CONDITION,
    EVENT,
    MODEL,
    MODEL_DETAIL,
    NOT_INDICATORS,
    PASSPORT,
    RECORDED_AT,
)
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.vocabulary import Audience, Vocabulary

#: Bytes of derived views that one presenter keeps.
DERIVED_BYTES = 32_000_000
#: What an entry of a cache costs besides its value: key, links and objects, in bytes. An estimate, on the safe side.
ENTRY_BYTES = 1000

#: Members of an event's credential, which goes out whole. Any other is not classified.
EVENT_MEMBERS = frozenset({
    "@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSubject", "proof",
})  # fmt: skip


def mandatory_pointers(document: Mapping[str, Any]) -> tuple[str, ...]:
    """What every view of a restricted credential shows, as JSON pointers, where present. (design, section 1.3)"""
    # The refresh service tells no more than the subject's id does, and who holds an old read-out needs it.
    top = ("issuer", "validFrom", "validUntil", "credentialStatus", "refreshService")
    subject = document["credentialSubject"]
    return (
        *(f"/{key}" for key in top if key in document),
        *(f"/credentialSubject/{key}" for key in ("id", RECORDED_AT) if key in subject),
    )


def presentation_of(bodies: Iterable[bytes], checkpoint: bytes | None = None) -> bytes:
    """The saved passport of signed documents that are bytes already: none of them is read or written anew.

    :param checkpoint: the newest checkpoint of the log, a signed note.
    """
    opening, closing = _FRAME if checkpoint is None else _frame(_with_checkpoint(presentation(()), checkpoint))
    return opening + b",".join(bodies) + closing


def _with_checkpoint(saved: JsonObject, checkpoint: bytes) -> JsonObject:
    """A saved passport with a checkpoint of the log. The context of batteries defines the member."""
    return {**saved, "@context": [*saved["@context"], CONTEXT], vcdm.LOG_CHECKPOINT: checkpoint.decode()}


def _frame(saved: JsonObject) -> tuple[bytes, bytes]:
    """The bytes before and after the documents of a saved passport."""
    opening, closing = strict_json.dumps(saved | {"verifiableCredential": ["\0"]}).split(b'"\\u0000"')
    return opening, closing


_FRAME = _frame(presentation(()))


def digest_of(digests: Iterable[bytes], checkpoint: bytes | None = None) -> bytes:
    """What tells one saved passport from another.

    :param digests: SHA-256 of each document in it, in their order.
    """
    return sha256(b"".join((*_FRAME, *digests, checkpoint or b""))).digest()


@dataclass(frozen=True)
class PassportView:
    """One passport as one audience may see it.

    :ivar subject: IRI of the pack, or of the batch or model where the address names no pack.
    :ivar model: IRI of the model.
    :ivar credentials: signed documents in the order model, model detail, batch, passport, condition, events.
    :ivar status_lists: signed status list credentials that they refer to.
    :ivar bodies: the same documents, credentials and then status lists, as the bytes that were signed or derived.
    :ivar checkpoint: newest checkpoint of the log of events, a signed note; None where there is none.
    :ivar batch: IRI of the batch; None for a model, and for a pack that was issued without a batch.
    """

    subject: str
    model: str
    audience: Audience
    credentials: tuple[JsonObject, ...]
    status_lists: tuple[JsonObject, ...]
    bodies: tuple[bytes, ...] = ()
    batch: str | None = None
    checkpoint: bytes | None = None

    @property
    def grain(self) -> str:
        """What the view is about: ``model``, ``batch`` or ``pack``."""
        return {self.model: "model", self.batch: "batch"}.get(self.subject, "pack")

    @property
    def own(self) -> JsonObject | None:
        """The public credential about the subject itself; None where nothing was issued there yet."""
        return self.credential({"model": MODEL, "batch": BATCH, "pack": PASSPORT}[self.grain])

    def credential(self, type_: str) -> JsonObject | None:
        """The credential of that type in this view, or None where there is nothing in it for this reader."""
        return next((document for document in self.credentials if type_ in document["type"]), None)

    @property
    def claims(self) -> Mapping[str, Any]:
        """All disclosed indicators, as signed (JSON-LD form), by indicator id."""
        merged: dict[str, Any] = {}
        for document in self.credentials:
            for key, value in document["credentialSubject"].items():
                if key not in NOT_INDICATORS:
                    merged[key] = value
        return merged

    def presentation(self) -> JsonObject:
        """The saved passport: an unsigned verifiable presentation of credentials and status lists."""
        saved = presentation((*self.credentials, *self.status_lists))
        return saved if self.checkpoint is None else _with_checkpoint(saved, self.checkpoint)

    def presentation_bytes(self) -> bytes:
        """The same as bytes: each signed document is in it as it is stored."""
        if not self.bodies:
            return strict_json.dumps(self.presentation())
        return presentation_of(self.bodies, self.checkpoint)

    @property
    def digest(self) -> bytes:
        """What tells :meth:`presentation_bytes` from others."""
        if not self.bodies:
            return sha256(self.presentation_bytes()).digest()
        return digest_of((sha256(body).digest() for body in self.bodies), self.checkpoint)


class SignedDocuments(Protocol):
    """What views are composed from: :class:`passport.store.Store`, or the store as it was at an instant."""

    def version(self) -> tuple[int, ...]: ...

    def pack(self, subject: str) -> Pack | None: ...

    def current(self, subject: str, type_: str) -> StoredCredential | None: ...

    def history(self, subject: str, type_: str) -> tuple[StoredCredential, ...]: ...

    def read_outs(self, subject: str, *, limit: int) -> tuple[ReadOutRow, ...]: ...

    def is_flagged(self, credential_id: str) -> bool: ...

    def status_list_body(self, number: int) -> bytes | None: ...

    def log_checkpoint_note(self, log: str) -> bytes | None: ...


@dataclass(frozen=True)
class _Signed:
    """A document and its bytes."""

    body: bytes
    document: JsonObject

    @classmethod
    def of(cls, body: bytes) -> _Signed:
        # From our own store, where only strict JSON was ever signed: no second look at every value.
        return cls(body, json.loads(body))


@dataclass(frozen=True)
class _Collected:
    """What a view is made of, in one version of the store.

    :ivar credentials: how many of ``bodies`` are credentials; the rest are status lists.
    """

    version: tuple[int, ...]
    model: str
    batch: str | None
    credentials: int
    bodies: tuple[bytes, ...]
    checkpoint: bytes | None


class Presenter:
    """Composes views from the store.

    :param policy: who may read Annex XIII point 2 (:mod:`passport.battery.privacy.rights`).
    :param derived_bytes: how many bytes of derived views to keep; 0 derives each time.
    """

    def __init__(
        self,
        store: SignedDocuments,
        vocabulary: Vocabulary,
        *,
        policy: str = rights.DEFAULT_POLICY,
        derived_bytes: int = DERIVED_BYTES,
    ) -> None:
        self._store = store
        self._vocabulary = vocabulary
        self._policy = policy
        # Shared by all threads. No lock is held while anything is derived or collected.
        self._lock = Lock()
        self._derived: LRUCache[tuple[str, Audience | Right], bytes] = LRUCache(
            derived_bytes, lambda body: len(body) + ENTRY_BYTES
        )
        self._views: LRUCache[tuple[str, Audience | Right], _Collected] = LRUCache(
            derived_bytes, lambda kept: sum(map(len, kept.bodies)) + ENTRY_BYTES
        )

    @property
    def kept_bytes(self) -> tuple[int, int]:
        """Bytes of the derived credentials and of the whole views that are kept now."""
        return int(self._derived.currsize), int(self._views.currsize)

    def present(self, subject: str, reader: Audience | Right) -> PassportView:
        """The view of the passport at ``subject`` (pack, batch or model IRI) for ``reader``.

        :raises UnknownPassport: nothing is issued under that address.
        """
        version, key = self._store.version(), (subject, reader)
        with self._lock:
            kept = self._views.get(key)
        if kept is None or kept.version != version:
            # Read after its version: should the store have changed between, the next reader finds another version.
            kept = self._collect(subject, reader, version)
            # One that is too large for the whole cache is not kept.
            with self._lock, suppress(ValueError):
                self._views[key] = kept
        documents = tuple(json.loads(body) for body in kept.bodies)
        audience = reader.audience if isinstance(reader, Right) else Audience(reader)
        credentials, status_lists = documents[: kept.credentials], documents[kept.credentials :]
        return PassportView(
            subject, kept.model, audience, credentials, status_lists, kept.bodies, kept.batch, kept.checkpoint
        )

    def _collect(self, subject: str, reader: Audience | Right, version: tuple[int, ...]) -> _Collected:
        pack = self._store.pack(subject)
        passport = self._public(subject, PASSPORT) if pack is not None else []
        if pack is None:
            model, batch = self._model_and_batch(subject)
        else:
            model, batch = pack.model, _named_batch([signed.document for signed in passport])
        signed = [*self._public(model, MODEL), *self._restricted(model, MODEL_DETAIL, reader)]
        if batch is not None:
            signed += self._public(batch, BATCH)
        if pack is not None:
            signed += passport
            signed += self._restricted(subject, CONDITION, reader)
            signed += self._events(subject, reader)
        lists = self._status_lists(entry.document for entry in signed)
        bodies = tuple(entry.body for entry in (*signed, *lists))
        return _Collected(version, model, batch, len(signed), bodies, self._store.log_checkpoint_note(EVENTS))

    def _model_and_batch(self, subject: str) -> tuple[str, str | None]:
        """:raises UnknownPassport: there is neither a model nor a batch under that address."""
        if self._store.current(subject, MODEL) is not None:
            return subject, None
        stored = self._store.current(subject, BATCH)
        if stored is None:
            raise UnknownPassport(Message("no passport at {subject}", subject=subject))
        return stored.document["credentialSubject"]["batteryModel"], subject

    def read_outs(self, subject: str, reader: Audience | Right, *, newest: int = 40) -> tuple[JsonObject, ...]:
        """The newest read-outs of a pack as this reader may see them, oldest first, each still signed.

        The view itself holds the current one alone: earlier ones were replaced and do not go into a saved passport.
        Those that were revoked, because they were wrong, are left out.
        """
        limit = newest
        while True:
            rows = self._store.read_outs(subject, limit=limit)
            right = [row.stored for row in rows if not self._store.is_flagged(row.stored.id)][:newest]
            if len(right) == newest or len(rows) < limit:
                break
            limit *= 2
        return tuple(entry.document for stored in reversed(right) for entry in self._derived_of(stored, reader))

    def _public(self, subject: str, type_: str) -> list[_Signed]:
        stored = self._store.current(subject, type_)
        return [_Signed.of(stored.body)] if stored else []

    def _restricted(self, subject: str, type_: str, reader: Audience | Right) -> list[_Signed]:
        stored = self._store.current(subject, type_)
        return self._derived_of(stored, reader) if stored else []

    def _derived_of(self, stored: StoredCredential, reader: Audience | Right) -> list[_Signed]:
        key = (stored.id, reader)
        with self._lock:
            body = self._derived.get(key)
        if body is None:
            body = self._thinned(stored, reader)
            with self._lock, suppress(ValueError):
                self._derived[key] = body
        return [_Signed.of(body)] if body else []

    def _thinned(self, stored: StoredCredential, reader: Audience | Right) -> bytes:
        """What ``reader`` may see of a restricted credential, as a derived view; empty where that is nothing."""
        full_view = stored.document
        pointers = rights.pointers(self._vocabulary, full_view, reader, policy=self._policy)
        if not pointers:
            return b""
        mandatory = mandatory_pointers(full_view)
        return strict_json.dumps(ecdsa_sd_2023.thin(full_view, pointers, mandatory_pointers=mandatory))

    def _events(self, subject: str, reader: Audience | Right) -> list[_Signed]:
        history = self._store.history(subject, EVENT)
        if not history:
            return []
        readable = rights.readable(self._vocabulary, reader, policy=self._policy)
        shown = []
        for stored in history:
            signed = _Signed.of(stored.body)
            if self._is_readable(signed.document, readable) and not self._store.is_flagged(stored.id):
                shown.append(signed)
        return shown

    def _is_readable(self, event: Mapping[str, Any], readable: Collection[str]) -> bool:
        """Whether all that an event says is for this reader; what is not classified is for none."""
        subject, indicators = event["credentialSubject"], self._vocabulary.indicators
        keys = subject.keys() - NOT_INDICATORS
        return (
            event.keys() <= EVENT_MEMBERS
            and keys <= readable
            and all(rights.is_classified(indicators[key], subject[key]) for key in keys)
        )

    def _status_lists(self, credentials: Iterable[JsonObject]) -> list[_Signed]:
        numbers = {
            int(entry["statusListCredential"].rsplit("/", 1)[1])
            for document in credentials
            for entry in document.get("credentialStatus", [])
        }
        bodies = (self._store.status_list_body(number) for number in sorted(numbers))
        return [_Signed.of(body) for body in bodies if body is not None]


def batch_of(store: SignedDocuments, pack: str) -> str | None:
    """The address of a pack's batch; None for a pack that was issued without one, and where there is no pack."""
    passport = store.current(pack, PASSPORT)
    return None if passport is None else _named_batch([passport.document])


def _named_batch(passports: Iterable[JsonObject]) -> str | None:
    """The batch that a pack's own credential names."""
    named = (document["credentialSubject"].get("batteryBatch") for document in passports)
    return next((batch for batch in named if isinstance(batch, str)), None)
