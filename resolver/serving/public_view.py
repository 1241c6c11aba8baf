"""The public view of a passport, assembled from stored bytes without parsing the documents.

The answer equals the presenter's byte for byte. :meth:`PublicView.presentation` returns None where that is not certain;
the caller then uses the presenter.

* Public credentials and status lists go in as they are stored, in the presenter's order, and then the checkpoint.
* A pack is published together with its passport credential, under an address that begins with its model's
  (:mod:`passport.battery.identifiers.address`); the caller takes the model from the address.
* A pack's batch is found in its passport credential by a pattern. Where that is not certain, the answer is None.
* The addresses of their status lists are found in the credentials by a pattern. If it finds fewer or more lists than
  there are entries, the answer is None.
* An event is public only if all of it is public, or if it ends the passport. Its first keys decide that, and only they
  are read (:func:`is_hidden_event`).
* A restricted credential holds no public data as long as the vocabulary has no public indicator that such a credential
  carries. With such an indicator, the answer is always None.

A store in a file or on a server is read over its direct connections (:mod:`passport.store.direct_reading`), each
look-up in an index. Documents shared by packs (models, batches and status lists) are kept for one version of the store.
A store in memory is read in the usual way.

    view = PublicView(store, vocabulary)
    version = view.version()                   # equal as long as nothing was issued, replaced, revoked, …
    body, digest = view.presentation(pack, model)
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from passport.battery.privacy import rights
from passport.presenting.presenter import digest_of, presentation_of
from passport.store import Store
from passport.store.direct_reading import DirectReading
from passport.store.log.log_writing import EVENTS
from passport.vocabulary.credential_types import BATCH, EVENT, MODEL, NOT_INDICATORS, PASSPORT, RECYCLED
from passport.vocabulary.vocabulary import Audience, Vocabulary

_NAMED_LIST = re.compile(rb'"statusListCredential":"[^"\\]*/([0-9]{1,9})"').match
_ANY_LIST = b"statusListCredential"
_NAMED_BATCH = re.compile(rb'"batteryBatch":"([^"\\]*)"').findall
_ANY_BATCH = b"batteryBatch"
_HEAD = 8192
_SUBJECTS = 1000


class Composed(NamedTuple):
    """A presentation of several documents, and its digest (:func:`passport.presenting.presenter.digest_of`)."""

    body: bytes
    digest: bytes


class _Document(NamedTuple):
    """A stored document with its SHA-256 and, of a credential, the status lists that it names (None: not certain)."""

    body: bytes
    digest: bytes
    lists: frozenset[int] | None = frozenset()

    @classmethod
    def of(cls, body: bytes) -> _Document:
        return cls(body, sha256(body).digest(), list_numbers(body))


@dataclass
class _Parts:
    """What the packs of one store version share: models, batches and status lists, as they are met.

    :ivar subjects: the public credential of a model or batch, by its address.
    """

    version: tuple[int, ...]
    subjects: dict[str, _Document | None]
    lists: dict[int, _Document | None]
    checkpoint: bytes | None


class _ThreadParts(threading.local):
    """What one thread has met in one version of the store."""

    parts: _Parts | None = None


class PublicView:
    """:param policy: as the presenter's."""

    def __init__(self, store: Store, vocabulary: Vocabulary, *, policy: str = rights.DEFAULT_POLICY) -> None:
        public = rights.readable(vocabulary, Audience.PUBLIC, policy=policy)
        restricted = set(rights.SELECTIVE.values())
        self._certain = not any(vocabulary.indicators[key].carrier in restricted for key in public)
        # Whatever is no frame of an event and not readable by everybody hides it.
        self._readable = public | NOT_INDICATORS
        self._reader: _DirectReader | _StoreReader = (
            _StoreReader(store) if store.direct is None else _DirectReader(store.direct)
        )

    def version(self) -> tuple[int, ...]:
        """As :meth:`passport.store.Store.version`, in a microsecond where the store is a file."""
        return self._reader.version()

    def hold(self) -> None:
        """Let this thread see one moment until :meth:`release`: its answers cost one lock of a file."""
        self._reader.hold()

    def release(self) -> None:
        self._reader.release()

    def knows(self, subject: str) -> bool:
        """Whether anything is issued under that address."""
        return self._reader.knows(subject)

    def presentation(self, subject: str, model: str | None = None, is_batch: bool = False) -> Composed | None:
        """The public view of a passport as the presenter's ``presentation_bytes``; None: ask the presenter.

        :param subject: address (IRI) of a pack, a batch or a model.
        :param model: address of the model of the pack or batch; None where ``subject`` is a model.
        """
        if not self._certain:
            return None
        if is_batch:
            return self._reader.batch_presentation(subject, str(model))
        return self._reader.presentation(subject, model, self._readable)


class _StoreReader:
    """A store in memory, over its own methods."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def version(self) -> tuple[int, ...]:
        return self._store.version()

    def hold(self) -> None:
        """Each question of such a store is a moment of its own."""

    def release(self) -> None:
        """There is nothing to let go."""

    def knows(self, subject: str) -> bool:
        is_about_several = self._store.current(subject, MODEL) or self._store.current(subject, BATCH)
        return bool(self._store.pack(subject) or is_about_several)

    def batch_presentation(self, subject: str, model: str) -> Composed | None:
        own, shared = self._store.current(subject, BATCH), self._store.current(model, MODEL)
        if own is None or shared is None:
            return None
        checkpoint = self._store.log_checkpoint_note(EVENTS)
        return _composed([_Document.of(shared.body), _Document.of(own.body)], self._list, checkpoint)

    def presentation(self, subject: str, model: str | None, readable: Collection[str]) -> Composed | None:
        own = self._store.current(subject, PASSPORT) if model else None
        shared = self._store.current(model or subject, MODEL)
        if model and not own or not model and not shared:
            return None
        if model and not all(
            is_hidden_event(document.body, readable) for document in self._store.history(subject, EVENT)
        ):
            return None
        if model and self._store.event_chain(subject, kinds=(RECYCLED,), limit=1):
            return None
        batch = named_batch(own.body) if own else None
        if batch == "":
            return None
        of_batch = self._store.current(batch, BATCH) if batch else None
        documents = [_Document.of(document.body) for document in (shared, of_batch, own) if document]
        return _composed(documents, self._list, self._store.log_checkpoint_note(EVENTS))

    def _list(self, number: int) -> _Document | None:
        body = self._store.status_list_body(number)
        return _Document.of(body) if body is not None else None


class _DirectReader:
    """A store in a file or on a server, over its direct connections."""

    def __init__(self, direct: DirectReading) -> None:
        self._direct = direct
        self._local = _ThreadParts()

    def version(self) -> tuple[int, ...]:
        return self._direct.version()

    def hold(self) -> None:
        self._direct.hold()

    def release(self) -> None:
        self._direct.release()

    def knows(self, subject: str) -> bool:
        return self._direct.knows(subject, MODEL) or self._direct.knows(subject, BATCH)

    def presentation(self, subject: str, model: str | None, readable: Collection[str]) -> Composed | None:
        return self._in_one_moment(lambda parts: self._compose(parts, subject, model, readable))

    def batch_presentation(self, subject: str, model: str) -> Composed | None:
        return self._in_one_moment(lambda parts: self._compose_batch(parts, subject, model))

    def _in_one_moment(self, compose: Callable[[_Parts], Composed | None]) -> Composed | None:
        is_mine = self._direct.hold()
        try:
            version = self._direct.version()
            parts = self._local.parts
            if parts is None or parts.version != version:
                parts = self._local.parts = _Parts(version, {}, {}, self._direct.log_checkpoint_note(EVENTS))
            return compose(parts)
        finally:
            if is_mine:
                self._direct.release()

    def _compose_batch(self, parts: _Parts, subject: str, model: str) -> Composed | None:
        shared, own = self._shared(parts, model, MODEL), self._shared(parts, subject, BATCH)
        if shared is None or own is None:
            return None
        return _composed([shared, own], lambda number: self._list(parts, number), parts.checkpoint)

    def _compose(
        self,
        parts: _Parts,
        subject: str,
        model: str | None,
        readable: Collection[str],
    ) -> Composed | None:
        shared = self._shared(parts, model or subject, MODEL)
        if model is None:
            if shared is None:
                return None
            return _composed([shared], lambda number: self._list(parts, number), parts.checkpoint)
        row = self._direct.current_beside(subject, PASSPORT, EVENT, RECYCLED)
        if row is None:
            return None
        own, has_events, may_have_ended = row
        if may_have_ended:
            return None
        if has_events and not all(is_hidden_event(body, readable) for body in self._direct.history(subject, EVENT)):
            return None
        batch = named_batch(own)
        if batch == "":
            return None
        of_batch = self._shared(parts, batch, BATCH) if batch else None
        documents = [document for document in (shared, of_batch, _Document.of(own)) if document is not None]
        return _composed(documents, lambda number: self._list(parts, number), parts.checkpoint)

    def _shared(self, parts: _Parts, subject: str, type_: str) -> _Document | None:
        if subject not in parts.subjects:
            stored = self._direct.current(subject, type_)
            if len(parts.subjects) >= _SUBJECTS:
                parts.subjects.clear()
            parts.subjects[subject] = _Document.of(stored) if stored is not None else None
        return parts.subjects[subject]

    def _list(self, parts: _Parts, number: int) -> _Document | None:
        if number not in parts.lists:
            stored = self._direct.status_list(number)
            parts.lists[number] = _Document.of(stored) if stored is not None else None
        return parts.lists[number]


def _composed(
    credentials: list[_Document], status_list: Callable[[int], _Document | None], checkpoint: bytes | None
) -> Composed | None:
    """A presentation of these credentials, the status lists that they name, and the checkpoint of the log."""
    numbers: set[int] = set()
    for document in credentials:
        if document.lists is None:
            return None
        numbers |= document.lists
    documents = [*credentials, *filter(None, map(status_list, sorted(numbers)))]
    body = presentation_of([document.body for document in documents], checkpoint)
    return Composed(body, digest_of([document.digest for document in documents], checkpoint))


def named_batch(body: bytes) -> str | None:
    """The batch that a stored passport credential names; None where it names none, empty where that is not certain."""
    batches = _NAMED_BATCH(body)
    if len(batches) != body.count(_ANY_BATCH) or len(batches) > 1:
        return ""
    return batches[0].decode("ascii", "replace") if batches else None


def list_numbers(body: bytes) -> frozenset[int] | None:
    """Numbers of the status lists that a stored credential names; None where the pattern may have missed one.

    A quotation mark within a JSON string is escaped, so the pattern matches a key and its value, never inside a text.
    """
    numbers, place = set(), body.find(_ANY_LIST)
    while place >= 0:
        named = _NAMED_LIST(body, place - 1)
        if named is None:
            return None
        numbers.add(int(named[1]))
        place = body.find(_ANY_LIST, named.end())
    return frozenset(numbers)


_DECODER = json.JSONDecoder()


def is_hidden_event(body: bytes, readable: Collection[str]) -> bool:
    """Whether an event certainly changes nothing for the public: it holds what not all may read, and ends nothing.

    Members are read one by one up to the first key of the subject that is not ``readable``: the many cell codes behind
    it are not looked at. False says "perhaps not": all of it has to be read.

    :param body: a stored event as we write it, without white space between its parts.
    :param readable: the keys that do not hide an event: what everybody may read, and what is no indicator.
    """
    text = body[:_HEAD].decode("utf-8", "ignore")
    try:
        place = _member(text, 0, "credentialSubject")
        ended = None
        while True:
            key, place = _key(text, place)
            if key not in readable:
                # The kind of the event is only read after this key, and might end the passport.
                return ended is False
            value, place = _DECODER.raw_decode(text, place)
            if key == "lifecycleEvent":
                ended = value == RECYCLED
            if text[place] != ",":
                return False
    except (ValueError, IndexError, RecursionError):
        return False


def _member(text: str, place: int, name: str) -> int:
    """Where the value of a top-level member begins."""
    while True:
        key, place = _key(text, place)
        if key == name:
            return place
        _, place = _DECODER.raw_decode(text, place)
        if text[place] != ",":
            raise ValueError


def _key(text: str, place: int) -> tuple[str, int]:
    """The key behind ``{`` or ``,`` and where its value begins."""
    if text[place] not in "{,":
        raise ValueError
    key, place = _DECODER.raw_decode(text, place + 1)
    if not isinstance(key, str) or text[place] != ":":
        raise ValueError
    return key, place + 1
