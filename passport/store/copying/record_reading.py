"""Rows of the record that only an examination of the whole store reads, some at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sql

from passport.store import Store
from passport.store.copying.table_rows import count
from passport.store.derived_rows import identifiers_in, modules_in, read_instant
from passport.store.events.event_rows import DocumentKind, EventDocument
from passport.store.events.event_tables import event_documents, events
from passport.store.failures import answering
from passport.store.tables import (
    READ_OUT,
    base_proofs,
    credentials,
    pack_modules,
    passport_identifiers,
    read_outs,
    status_lists,
)

_AT_ONCE = 500


@dataclass(frozen=True)
class RowDifference:
    """A row that is missing from a table, or that follows from no document.

    :ivar row: its values, for a message.
    """

    table: str
    row: str
    is_missing: bool


@dataclass(frozen=True)
class StoredListVersion:
    """A signed version of a status list. :ivar number: of the list."""

    sequence: int
    number: int
    body: bytes


class RecordReading:
    """:param store: to be examined."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def counts(self) -> dict[str, int]:
        """How many signed documents there are of each sort, by the name of their table, and how many events."""
        with answering(path=self._store.path), self._store.engine.connect() as connection:
            known = (credentials, base_proofs, event_documents, status_lists, events)
            return {table.name: count(connection, table) for table in known}

    def documents(self, after: int = 0, limit: int = _AT_ONCE) -> list[tuple[int, EventDocument]]:
        """The next signed documents of events with their numbers. :param after: the last number that was seen."""
        columns = event_documents.c
        query = sql.select(event_documents).where(columns.sequence > after).order_by(columns.sequence).limit(limit)
        return [
            (row.sequence, EventDocument(row.digest, row.id, DocumentKind(row.kind), bytes(row.body), row.holder))
            for row in self._rows(query)
        ]

    def list_versions(self, after: int = 0, limit: int = 50) -> list[StoredListVersion]:
        """The next signed versions of status lists. :param after: the last number that was seen."""
        columns = status_lists.c
        query = sql.select(status_lists).where(columns.sequence > after).order_by(columns.sequence).limit(limit)
        return [StoredListVersion(row.sequence, row.list, bytes(row.body)) for row in self._rows(query)]

    def differences(self) -> Iterator[RowDifference]:
        """Rows that should follow from signed credentials and do not, and those that are missing.

        Memory grows with the number of identifiers and modules.
        """
        identifiers: set[tuple[str, ...]] = set()
        modules: set[tuple[str, ...]] = set()
        instants: set[tuple[str, ...]] = set()
        after = 0
        while part := self._store.numbered(after, _AT_ONCE):
            after = part[-1][0]
            identifiers |= identifiers_in(stored.body for _, stored in part)
            modules |= modules_in((stored.id, stored.body) for _, stored in part)
            instants |= {
                (str(number), stored.subject, instant)
                for number, stored in part
                if stored.type == READ_OUT and (instant := read_instant(stored.body)) is not None
            }
        own, parts, times = passport_identifiers.c, pack_modules.c, read_outs.c
        yield from self._compared("passport_identifiers", identifiers, sql.select(own.identifier, own.subject))
        yield from self._compared("pack_modules", modules, sql.select(parts.code, parts.credential, parts.pack))
        query = sql.select(sql.cast(times.sequence, sql.String), times.subject, times.instant)
        yield from self._compared("read_outs", instants, query)

    def _compared(
        self, table: str, expected: set[tuple[str, ...]], query: sql.Select[*tuple[object, ...]]
    ) -> Iterator[RowDifference]:
        for row in self._rows(query):
            values = tuple(map(str, row))
            if values not in expected:
                yield RowDifference(table, " ".join(values), False)
            expected.discard(values)
        for values in sorted(expected):
            yield RowDifference(table, " ".join(values), True)

    def _rows(self, query: sql.Select[*tuple[object, ...]]) -> list[sql.Row[*tuple[object, ...]]]:
        with answering(path=self._store.path), self._store.engine.connect() as connection:
            return list(connection.execute(query).all())
