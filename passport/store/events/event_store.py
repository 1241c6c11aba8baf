"""Queries and writes of life-cycle events (:mod:`passport.store.events.event_statements`).

store.event_head(pack)                       # row of the last event of the chain
store.event_chain(pack, after=0)             # rows of a chain, in the order of acceptance
store.packs_by_key(keys, swap_limit=8)       # packs whose histories bear on these vehicles, parts and codes
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

from passport.store.events import event_statements as ask
from passport.store.events.event_rows import DocumentKind, EventDocument, EventKey, KeyKind, RefusedEvent, StoredEvent
from passport.store.events.event_tables import event_documents, event_keys, events, refused_events
from passport.store.reading import StoreQueries
from passport.store.rows import stored_instant

_Row = sql.Row[Any]
#: Values in one statement: SQLite takes 32,766 parameters, older builds 999.
_AT_ONCE = 900


class EventQueries(StoreQueries):
    """What can be asked of events, outside a transaction or within one."""

    def event(self, event_id: str) -> StoredEvent | None:
        """The accepted event of that id."""
        return self.events_by_id([event_id]).get(event_id)

    def events_by_id(self, ids: Collection[str]) -> dict[str, StoredEvent]:
        """Those of ``ids`` that were accepted."""
        return {row.id: _event(row) for some in _portions(ids) for row in self._all(ask.BY_ID, ids=some)}

    def event_head(self, pack: str) -> StoredEvent | None:
        """The last event of the chain of a pack; None where it has none."""
        return next((_event(row) for row in self._all(ask.HEAD, pack=pack)), None)

    def event_heads(self, packs: Collection[str]) -> dict[str, tuple[int, str]]:
        """Position and digest of the last event of each pack; packs without events are left out."""
        rows = (row for some in _portions(packs) for row in self._all(ask.HEADS, packs=some))
        return {row.pack: (row.position, row.digest) for row in rows}

    def event_chain(
        self, pack: str, *, after: int = 0, limit: int | None = None, kinds: Collection[str] | None = None
    ) -> tuple[StoredEvent, ...]:
        """The events of a pack in the order of acceptance.

        :param after: position of the last one that was seen.
        :param kinds: only events whose audiences are those of these kinds.
        """
        query = ask.CHAIN if kinds is None else ask.CHAIN_OF_KINDS
        query = query if limit is None else query.limit(limit)
        given = {} if kinds is None else {"kinds": sorted(kinds)}
        return tuple(_event(row) for row in self._all(query, pack=pack, after=after, **given))

    def event_chains(self, after: Mapping[str, int]) -> dict[str, list[StoredEvent]]:
        """The events of several packs in the order of acceptance; packs without any are left out.

        :param after: by pack the position of the last one that was seen.
        """
        by_position: dict[int, list[str]] = {}
        for pack, position in after.items():
            by_position.setdefault(position, []).append(pack)
        chains: dict[str, list[StoredEvent]] = {}
        for position, packs in by_position.items():
            for some in _portions(packs):
                for row in self._all(ask.CHAINS, packs=some, after=position):
                    chains.setdefault(row.pack, []).append(_event(row))
        return chains

    def latest_events(self, *, after: int = 0, limit: int = 100) -> tuple[StoredEvent, ...]:
        """Events of all packs in the order of acceptance. :param after: number of the last one that was seen."""
        return tuple(_event(row) for row in self._all(ask.LATEST, after=after, limit=limit))

    def event_packs(self, *, after: str = "", limit: int = 1000) -> tuple[str, ...]:
        """Packs with events, in their order. :param after: the last one that was seen."""
        return tuple(row.pack for row in self._all(ask.PACKS, after=after, limit=limit))

    def event_number(self) -> int:
        """The number of the newest event; 0 for none."""
        (row,) = self._all(ask.NUMBER)
        return int(row.newest)

    def event_document(self, digest: str) -> EventDocument | None:
        """The signed document of that digest."""
        return next(iter(self.event_documents([digest]).values()), None)

    def event_documents(self, digests: Collection[str]) -> dict[str, EventDocument]:
        """Signed documents by digest; those that are not here are left out."""
        rows = (row for some in _portions(digests) for row in self._all(ask.DOCUMENTS, digests=some))
        return {row.digest: _document(row) for row in rows}

    def known_digests(self, digests: Collection[str]) -> frozenset[str]:
        """Those of ``digests`` under which a document is stored."""
        return frozenset(row.digest for some in _portions(digests) for row in self._all(ask.DIGESTS, digests=some))

    def held_documents(self, kind: DocumentKind, holder: str, *, limit: int = 20) -> tuple[EventDocument, ...]:
        """Accreditations of an actor or versions of a status list, newest first."""
        rows = self._all(ask.HELD, kind=kind.value, holder=holder, limit=limit)
        return tuple(_document(row) for row in rows)

    def documents_of_kind(self, kind: DocumentKind) -> tuple[EventDocument, ...]:
        """All documents of a kind, oldest first; for lists of accreditations."""
        return tuple(_document(row) for row in self._all(ask.OF_KIND, kind=kind.value))

    def document_of_id(self, document_id: str) -> EventDocument | None:
        """The newest document of that id."""
        return next((_document(row) for row in self._all(ask.OF_ID, id=document_id)), None)

    def packs_by_key(self, wanted: Collection[EventKey], *, swap_limit: int) -> dict[EventKey, frozenset[str]]:
        """Packs with an event under each of these keys; keys without one are left out.

        :param swap_limit: at most so many of the newest events under the key of a swap vehicle, which can have
            thousands; any one of them shows what it is.
        """
        packs_of: dict[EventKey, set[str]] = {}
        by_kind: dict[KeyKind, list[str]] = {}
        for key in wanted:
            by_kind.setdefault(key.kind, []).append(key.value)
        for value in by_kind.pop(KeyKind.SWAP_VEHICLE, ()):
            rows = self._all(ask.SWAPPED, value=value, limit=swap_limit)
            if rows:
                packs_of[EventKey(KeyKind.SWAP_VEHICLE, value)] = {row.pack for row in rows}
        for kind, values in by_kind.items():
            for some in _portions(values):
                for row in self._all(ask.PACKS_BY_KEY, kind=kind.value, values=some):
                    packs_of.setdefault(EventKey(kind, row.value), set()).add(row.pack)
        return {key: frozenset(packs) for key, packs in packs_of.items()}

    def keys_since(self, number: int, wanted: Iterable[EventKey], pack: str) -> bool:
        """Whether another pack got an event under one of these keys after the event of that number."""
        by_kind: dict[KeyKind, list[str]] = {}
        for key in wanted:
            by_kind.setdefault(key.kind, []).append(key.value)
        return any(
            self._all(ask.OF_ANOTHER_PACK, kind=kind.value, values=some, number=number, pack=pack)
            for kind, values in by_kind.items()
            for some in _portions(values)
        )

    def refused_events(self, *, after: int = 0, limit: int = 100) -> tuple[RefusedEvent, ...]:
        """Messages of accredited actors that were refused, oldest first."""
        return tuple(_refused(row) for row in self._all(ask.REFUSED, after=after, limit=limit))

    def keys_of_events(self, pack: str) -> dict[int, frozenset[EventKey]]:
        """The keys of each event of a pack, by the number of the event, as they are stored."""
        stored: dict[int, set[EventKey]] = {}
        for row in self._all(ask.KEYS_OF_PACK, pack=pack):
            stored.setdefault(int(row.event), set()).add(EventKey(KeyKind(row.kind), row.value))
        return {number: frozenset(keys) for number, keys in stored.items()}


class EventWrites(EventQueries):
    """What may be written of events. Under the writers' lock only."""

    _connection: sql.Connection

    def _append(self, table: sql.Table, row: dict[str, Any]) -> None:
        raise NotImplementedError

    def _insert(self, statement: sql.Insert | sql.Table, *rows: dict[str, Any]) -> None:
        raise NotImplementedError

    def add_events(self, rows: Sequence[StoredEvent], keys: Sequence[Sequence[EventKey]]) -> None:
        """Store the rows of accepted events, in this order.

        :param keys: of each row.
        """
        if not rows:
            return
        first = self.event_number() + 1
        self._insert(events, *(_row(row, number) for number, row in enumerate(rows, first)))
        listed = [
            {"event": number, "kind": key.kind.value, "value": key.value, "pack": row.pack}
            for number, (row, some) in enumerate(zip(rows, keys, strict=True), first)
            for key in dict.fromkeys(some)
        ]
        if listed:
            self._insert(event_keys, *listed)

    def add_event_keys(self, pack: str, keys: Mapping[int, Sequence[EventKey]]) -> None:
        """Store the keys of events that are stored without them: after a restore.

        :param keys: of each event of the pack, by its number.
        """
        listed = [
            {"event": number, "kind": key.kind.value, "value": key.value, "pack": pack}
            for number, some in keys.items()
            for key in dict.fromkeys(some)
        ]
        if listed:
            self._insert(event_keys, *listed)

    def add_event_documents(self, documents: Iterable[EventDocument]) -> None:
        """Store signed documents; those that are stored already are left alone."""
        given = {document.digest: document for document in documents}
        known = self.known_digests(given)
        new = [document for digest, document in given.items() if digest not in known]
        if not new:
            return
        (row,) = self._all(ask.DOCUMENT_NUMBER)
        self._insert(
            event_documents,
            *(
                {**vars(document), "kind": document.kind.value, "sequence": number}
                for number, document in enumerate(new, row.newest + 1)
            ),
        )

    def add_refused_event(self, refused: RefusedEvent) -> bool:
        """Keep a refused message; one that is kept already is left alone.

        :returns: whether it was stored now.
        """
        if self._all(ask.REFUSED_BY_DIGEST, digest=refused.digest):
            return False
        self._append(refused_events, {**vars(refused), "refused_at": _text(refused.refused_at)})
        return True


def _portions(values: Collection[str]) -> Iterable[list[str]]:
    listed = sorted(values)
    return (listed[start : start + _AT_ONCE] for start in range(0, len(listed), _AT_ONCE))


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def _row(row: StoredEvent, number: int) -> dict[str, Any]:
    times = {"instant": _text(row.instant), "accepted_at": _text(row.accepted_at)}
    return {**vars(row), **times, "roles": " ".join(row.roles), "sequence": number}


def _event(row: _Row) -> StoredEvent:
    what = f"the event {row.id}"
    values = {
        **row._mapping,
        "roles": tuple(row.roles.split()),
        "instant": stored_instant(row.instant, what),
        "accepted_at": stored_instant(row.accepted_at, what),
        "late": bool(row.late),
    }
    return StoredEvent(**values)


def _document(row: _Row) -> EventDocument:
    return EventDocument(row.digest, row.id, DocumentKind(row.kind), bytes(row.body), row.holder)


def _refused(row: _Row) -> RefusedEvent:
    refused_at = stored_instant(row.refused_at, "a refused event")
    return RefusedEvent(row.digest, row.actor, row.pack, bytes(row.body), row.reasons, refused_at)
