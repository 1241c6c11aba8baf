"""Queries and writes of life-cycle events. Every query is one statement over an index.

store.event_head(pack)                       # row of the last event of the chain
store.event_chain(pack, after=0)             # rows of a chain, in the order of acceptance
store.packs_by_key(keys, swap_limit=8)       # packs whose histories bear on these vehicles, parts and codes
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sql

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
        return _one(self._all(sql.select(events).where(events.c.id == event_id)))

    def events_by_id(self, ids: Collection[str]) -> dict[str, StoredEvent]:
        """Those of ``ids`` that were accepted."""
        rows = [row for some in _portions(ids) for row in self._all(sql.select(events).where(events.c.id.in_(some)))]
        return {row.id: _event(row) for row in rows}

    def event_head(self, pack: str) -> StoredEvent | None:
        """The last event of the chain of a pack; None where it has none."""
        query = sql.select(events).where(events.c.pack == pack).order_by(events.c.position.desc()).limit(1)
        return _one(self._all(query))

    def event_heads(self, packs: Collection[str]) -> dict[str, tuple[int, str]]:
        """Position and digest of the last event of each pack; packs without events are left out."""
        newest = (
            sql.select(events.c.pack, sql.func.max(events.c.position).label("position"))
            .group_by(events.c.pack)
        )  # fmt: skip
        heads: dict[str, tuple[int, str]] = {}
        for some in _portions(packs):
            of_packs = newest.where(events.c.pack.in_(some)).subquery()
            query = sql.select(events.c.pack, events.c.position, events.c.digest).join(
                of_packs, sql.and_(of_packs.c.pack == events.c.pack, of_packs.c.position == events.c.position)
            )
            heads |= {row.pack: (row.position, row.digest) for row in self._all(query)}
        return heads

    def event_chain(
        self, pack: str, *, after: int = 0, limit: int | None = None, kinds: Collection[str] | None = None
    ) -> tuple[StoredEvent, ...]:
        """The events of a pack in the order of acceptance.

        :param after: position of the last one that was seen.
        :param kinds: only events whose audiences are those of these kinds.
        """
        query = sql.select(events).where(events.c.pack == pack, events.c.position > after).order_by(events.c.position)
        if kinds is not None:
            query = query.where(events.c.audience_kind.in_(sorted(kinds)))
        return tuple(_event(row) for row in self._all(query if limit is None else query.limit(limit)))

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
                query = sql.select(events).where(events.c.pack.in_(some), events.c.position > position)
                for row in self._all(query.order_by(events.c.pack, events.c.position)):
                    chains.setdefault(row.pack, []).append(_event(row))
        return chains

    def latest_events(self, *, after: int = 0, limit: int = 100) -> tuple[StoredEvent, ...]:
        """Events of all packs in the order of acceptance. :param after: number of the last one that was seen."""
        query = sql.select(events).where(events.c.sequence > after).order_by(events.c.sequence).limit(limit)
        return tuple(_event(row) for row in self._all(query))

    def event_packs(self, *, after: str = "", limit: int = 1000) -> tuple[str, ...]:
        """Packs with events, in their order. :param after: the last one that was seen."""
        query = sql.select(events.c.pack).distinct().where(events.c.pack > after).order_by(events.c.pack).limit(limit)
        return tuple(row.pack for row in self._all(query))

    def event_number(self) -> int:
        """The number of the newest event; 0 for none."""
        (row,) = self._all(sql.select(sql.func.coalesce(sql.func.max(events.c.sequence), 0).label("newest")))
        return int(row.newest)

    def event_document(self, digest: str) -> EventDocument | None:
        """The signed document of that digest."""
        return next(iter(self.event_documents([digest]).values()), None)

    def event_documents(self, digests: Collection[str]) -> dict[str, EventDocument]:
        """Signed documents by digest; those that are not here are left out."""
        by_digest: dict[str, EventDocument] = {}
        for some in _portions(digests):
            rows = self._all(sql.select(event_documents).where(event_documents.c.digest.in_(some)))
            by_digest |= {row.digest: _document(row) for row in rows}
        return by_digest

    def known_digests(self, digests: Collection[str]) -> frozenset[str]:
        """Those of ``digests`` under which a document is stored."""
        column = event_documents.c.digest
        return frozenset(
            row.digest for some in _portions(digests) for row in self._all(sql.select(column).where(column.in_(some)))
        )

    def held_documents(self, kind: DocumentKind, holder: str, *, limit: int = 20) -> tuple[EventDocument, ...]:
        """Accreditations of an actor or versions of a status list, newest first."""
        query = (
            sql.select(event_documents)
            .where(event_documents.c.kind == kind.value, event_documents.c.holder == holder)
            .order_by(event_documents.c.sequence.desc())
            .limit(limit)
        )
        return tuple(_document(row) for row in self._all(query))

    def documents_of_kind(self, kind: DocumentKind) -> tuple[EventDocument, ...]:
        """All documents of a kind, oldest first; for lists of accreditations."""
        query = (
            sql.select(event_documents)
            .where(event_documents.c.kind == kind.value)
            .order_by(event_documents.c.sequence)
        )  # fmt: skip
        return tuple(_document(row) for row in self._all(query))

    def document_of_id(self, document_id: str) -> EventDocument | None:
        """The newest document of that id."""
        query = (
            sql.select(event_documents)
            .where(event_documents.c.id == document_id)
            .order_by(event_documents.c.sequence.desc())
            .limit(1)
        )
        return next((_document(row) for row in self._all(query)), None)

    def packs_by_key(self, wanted: Collection[EventKey], *, swap_limit: int) -> dict[EventKey, frozenset[str]]:
        """Packs with an event under each of these keys; keys without one are left out.

        :param swap_limit: at most so many of the newest events under the key of a swap vehicle, which can have
            thousands; any one of them shows what it is.
        """
        keys = event_keys.c
        packs_of: dict[EventKey, set[str]] = {}
        by_kind: dict[KeyKind, list[str]] = {}
        for key in wanted:
            by_kind.setdefault(key.kind, []).append(key.value)
        for value in by_kind.pop(KeyKind.SWAP_VEHICLE, ()):
            newest = sql.select(keys.pack).where(keys.kind == KeyKind.SWAP_VEHICLE.value, keys.value == value)
            rows = self._all(newest.order_by(keys.event.desc()).limit(swap_limit))
            if rows:
                packs_of[EventKey(KeyKind.SWAP_VEHICLE, value)] = {row.pack for row in rows}
        for kind, values in by_kind.items():
            for some in _portions(values):
                query = sql.select(keys.value, keys.pack).distinct()
                for row in self._all(query.where(keys.kind == kind.value, keys.value.in_(some))):
                    packs_of.setdefault(EventKey(kind, row.value), set()).add(row.pack)
        return {key: frozenset(packs) for key, packs in packs_of.items()}

    def keys_since(self, number: int, wanted: Iterable[EventKey], pack: str) -> bool:
        """Whether another pack got an event under one of these keys after the event of that number."""
        by_kind: dict[KeyKind, list[str]] = {}
        for key in wanted:
            by_kind.setdefault(key.kind, []).append(key.value)
        keys = event_keys.c
        for kind, values in by_kind.items():
            for some in _portions(values):
                query = sql.select(keys.event).where(
                    keys.kind == kind.value, keys.value.in_(some), keys.event > number, keys.pack != pack
                )
                if self._all(query.limit(1)):
                    return True
        return False

    def refused_events(self, *, after: int = 0, limit: int = 100) -> tuple[RefusedEvent, ...]:
        """Messages of accredited actors that were refused, oldest first."""
        query = (
            sql.select(refused_events)
            .where(refused_events.c.sequence > after)
            .order_by(refused_events.c.sequence)
            .limit(limit)
        )
        return tuple(_refused(row) for row in self._all(query))

    def keys_of_events(self, pack: str) -> dict[int, frozenset[EventKey]]:
        """The keys of each event of a pack, by the number of the event, as they are stored."""
        numbers = sql.select(events.c.sequence).where(events.c.pack == pack)
        stored: dict[int, set[EventKey]] = {}
        for row in self._all(sql.select(event_keys).where(event_keys.c.event.in_(numbers))):
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
        newest = sql.select(sql.func.coalesce(sql.func.max(event_documents.c.sequence), 0).label("newest"))
        (row,) = self._all(newest)
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
        query = sql.select(refused_events.c.sequence).where(refused_events.c.digest == refused.digest)
        if self._all(query):
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


def _one(rows: Sequence[_Row]) -> StoredEvent | None:
    return _event(rows[0]) if rows else None


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
