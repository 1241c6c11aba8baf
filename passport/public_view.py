"""What everybody may see of a passport, put together from stored bytes without reading the documents.

The answer is the presenter's, byte for byte, or none: :meth:`PublicView.presentation` gives None where it cannot be
sure, and then the presenter has to be asked.

* Public credentials and status lists go in as they are stored, in the presenter's order.
* Which status lists belong to them stands in them at a place that a pattern finds; where the pattern does not find as
  many lists as there are entries, the answer is none.
* An event concerns the public only where everybody may read all of it, or where it ends the passport. Its first keys
  tell; only they are read (:func:`is_hidden_event`).
* A restricted credential holds nothing for the public as long as the vocabulary calls nothing public that such a
  credential carries. Where it does, there is no answer here at all.

An embedded store is read over its direct connections (:mod:`passport.direct_reading`), each look-up in an index.
What packs share, models and status lists, is kept for one version of the store. A store on a server is asked as usual.

    view = PublicView(store, vocabulary)
    version = view.version()                   # equal as long as nothing was issued, replaced, revoked, …
    body = view.presentation(subject)
"""

from __future__ import annotations

import json
import re
import sqlite3
import threading
from collections.abc import Collection
from dataclasses import dataclass

from passport.battery import access
from passport.battery.vocabulary import Audience, Vocabulary
from passport.direct_reading import DirectReading
from passport.presenter import EVENT, MODEL, NOT_INDICATORS, PASSPORT, presentation_of
from passport.store import Store

#: ``lifecycleEvent`` that ends a passport; what happens then is not decided here.
RECYCLED = "recycle"

# All that is a pack's own, in one statement: it is one moment, and each statement gives other threads their turn.
_PACK = f"""
SELECT model,
  (SELECT body FROM credentials WHERE subject = packs.subject AND type = '{PASSPORT}' ORDER BY sequence DESC LIMIT 1),
  EXISTS (SELECT 1 FROM credentials WHERE subject = packs.subject AND type = '{EVENT}')
FROM packs WHERE subject = ?"""  # noqa: S608
_CURRENT = "SELECT body FROM credentials WHERE subject = ? AND type = ? ORDER BY sequence DESC LIMIT 1"
_HISTORY = "SELECT body FROM credentials WHERE subject = ? AND type = ?"
_LIST = "SELECT body FROM status_lists WHERE list = ? ORDER BY sequence DESC LIMIT 1"

_NAMED_LIST = re.compile(rb'"statusListCredential":"[^"\\]*/([0-9]{1,9})"')
_ANY_LIST = re.compile(rb"statusListCredential")
_HEAD = 8192
_MODELS = 1000
#: How often to begin again when somebody writes at the same time.
_ATTEMPTS = 3


@dataclass
class _Parts:
    """What the packs of one store version share: models and status lists, as they are met."""

    version: tuple[int, ...]
    models: dict[str, tuple[bytes, frozenset[int]] | None]
    lists: dict[int, bytes | None]


class PublicView:
    """:param policy: as the presenter's."""

    def __init__(self, store: Store, vocabulary: Vocabulary, *, policy: str = access.DEFAULT_POLICY) -> None:
        public = access.readable(vocabulary, Audience.PUBLIC, policy=policy)
        restricted = set(access.SELECTIVE.values())
        self._certain = not any(vocabulary.indicators[key].carrier in restricted for key in public)
        # Whatever is no frame of an event and not readable by everybody hides it.
        self._readable = public | NOT_INDICATORS
        self._reader = _SqliteReader(store.direct) if store.direct else _StoreReader(store)

    def version(self) -> tuple[int, ...]:
        """As :meth:`passport.store.Store.version`, in a microsecond where the store is embedded."""
        return self._reader.version()

    def knows(self, subject: str) -> bool:
        """Whether anything is issued under that address."""
        return self._reader.knows(subject)

    def presentation(self, subject: str) -> bytes | None:
        """The public view of a pack or model as the presenter's ``presentation_bytes``; None: ask the presenter."""
        if not self._certain:
            return None
        return self._reader.presentation(subject, self._readable)


class _StoreReader:
    """Any store, over its own methods."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def version(self) -> tuple[int, ...]:
        return self._store.version()

    def knows(self, subject: str) -> bool:
        return bool(self._store.pack(subject) or self._store.current(subject, MODEL))

    def presentation(self, subject: str, readable: Collection[str]) -> bytes | None:
        pack = self._store.pack(subject)
        model = self._store.current(pack.model if pack else subject, MODEL)
        own = self._store.current(subject, PASSPORT) if pack else None
        if pack is None and model is None:
            return None
        if pack and not all(is_hidden_event(one.body, readable) for one in self._store.history(subject, EVENT)):
            return None
        bodies = [one.body for one in (model, own) if one]
        found = [list_numbers(body) for body in bodies]
        if None in found:
            return None
        lists = (self._store.status_list_body(number) for number in sorted(frozenset().union(*found)))
        return presentation_of([*bodies, *(body for body in lists if body is not None)])


class _SqliteReader:
    """An embedded store, over its direct connections."""

    def __init__(self, direct: DirectReading) -> None:
        self._direct = direct
        self._local = threading.local()

    def version(self) -> tuple[int, ...]:
        return self._direct.version()

    def knows(self, subject: str) -> bool:
        execute = self._direct.connection().execute
        return bool(execute(_PACK, (subject,)).fetchone() or execute(_CURRENT, (subject, MODEL)).fetchone())

    def presentation(self, subject: str, readable: Collection[str]) -> bytes | None:
        connection = self._direct.connection()
        for _ in range(_ATTEMPTS):
            parts = getattr(self._local, "parts", None)
            body = None if parts is None else self._compose(connection, parts, subject, readable)
            # Looked at last: where it is still the same, all that was read belongs to one version. Otherwise a new
            # status list might have met an old credential.
            version = self._direct.version()
            if parts is not None and parts.version == version:
                return body
            self._local.parts = _Parts(version, {}, {})
        return None

    def _compose(
        self, connection: sqlite3.Connection, parts: _Parts, subject: str, readable: Collection[str]
    ) -> bytes | None:
        row = connection.execute(_PACK, (subject,)).fetchone()
        model, own, has_events = row or (subject, None, 0)
        shared = self._model(connection, parts, model)
        if row is None and shared is None:
            return None
        if has_events and not all(
            is_hidden_event(body, readable) for (body,) in connection.execute(_HISTORY, (subject, EVENT))
        ):
            return None
        found = [shared] if shared else []
        if own is not None:
            found.append((own, list_numbers(own)))
        if any(numbers is None for _, numbers in found):
            return None
        bodies = [body for body, _ in found]
        for number in sorted(frozenset().union(*(numbers for _, numbers in found))):
            if number not in parts.lists:
                last = connection.execute(_LIST, (number,)).fetchone()
                parts.lists[number] = last[0] if last else None
            if parts.lists[number] is not None:
                bodies.append(parts.lists[number])
        return presentation_of(bodies)

    def _model(self, connection: sqlite3.Connection, parts: _Parts, model: str) -> tuple | None:
        if model not in parts.models:
            found = connection.execute(_CURRENT, (model, MODEL)).fetchone()
            if len(parts.models) >= _MODELS:
                parts.models.clear()
            parts.models[model] = (found[0], list_numbers(found[0])) if found else None
        return parts.models[model]


def list_numbers(body: bytes) -> frozenset[int] | None:
    """Numbers of the status lists that a stored credential names; None where the pattern may have missed one.

    A quotation mark within a JSON string is escaped, so the pattern matches a key and its value, never inside a text.
    """
    numbers = _NAMED_LIST.findall(body)
    return frozenset(map(int, numbers)) if len(numbers) == len(_ANY_LIST.findall(body)) else None


_DECODER = json.JSONDecoder()


def is_hidden_event(body: bytes, readable: Collection[str]) -> bool:
    """Whether an event certainly changes nothing for the public: it holds what not all may read, and ends nothing.

    Members are read one by one up to the first key of the subject that is not ``readable``: the many cell codes behind
    it are not looked at. False says "perhaps not": somebody has to read all of it.

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
                # An event whose kind comes only after this might be the one that ends the passport.
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
