"""Signed documents, kept as they were signed. Append-only, in SQL: SQLite embedded, or PostgreSQL by another address.

* A row is never changed and never deleted: triggers refuse both. Superseded versions stay readable.
* ``credentials`` is the read side: public credentials byte for byte as signed, restricted ones as the full derived
  view.
* ``base_proofs`` is the write side: the parts of a restricted credential's base proof that its view lacks. The read
  side never asks for it.
* Which status entry belongs to which credential, and each change of an entry with its reason, are rows too; the
  signed status lists are made from them and kept like every other signed document.
* Transparency logs have their entries, tiles and signed checkpoints here (:mod:`passport.store.log.log_writing`).
* "Current" means the newest row of a subject and type. A read-out that came after a newer one is in the history
  (:mod:`passport.store.read_out_queries`) and never the current one.
* Writers take turns, and readers never wait. Slow work is done before a turn begins: nothing is signed or verified
  inside :meth:`Store.transaction` (:mod:`passport.publishing.write_path`).

    store = Store.open("sqlite:///passports.db")
    with store.transaction() as transaction:
        transaction.add_credential(stored)
    store.current(subject, "BatteryPassportCredential")

The SQL common to both databases is in :mod:`passport.store.tables` and :mod:`passport.store.reading`; the differences
are in :mod:`passport.store.engines`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from passport.errors import (
    AlreadyIssued,
    MalformedDocument,
    StoreOlder,
    StoreReadOnly,
    StoreUnavailable,
    UnusableProject,
)
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store import derived_rows, integrity, migrations, tables, versions
from passport.store import reading_statements as ask
from passport.store.directory.directory_rows import DirectoryChange, DirectoryQueries, change_row
from passport.store.directory.directory_tables import directory_changes
from passport.store.engines import direct_of, engine_of, file_of
from passport.store.events.event_rows import DocumentKind, EventDocument, EventKey, KeyKind, RefusedEvent, StoredEvent
from passport.store.events.event_store import EventQueries, EventWrites
from passport.store.failures import STORE, answering, failure_of, is_refused
from passport.store.inserting import insert_rows
from passport.store.integrity import Integrity
from passport.store.log.log_reading import LogQueries, StoredCheckpoint
from passport.store.log.log_transaction import LogTransaction
from passport.store.read_out_queries import ReadOutQueries, ReadOutRow
from passport.store.rows import (
    Notice,
    Pack,
    PublicStatus,
    Role,
    StatusChange,
    StatusEntry,
    StoredCredential,
    StoredSignedList,
)
from passport.texts import Message

#: Identifiers asked for in one question.
_AT_ONCE = 500

__all__ = [
    "DocumentKind", "EventDocument", "EventKey", "KeyKind", "Notice", "Pack", "PublicStatus", "ReadOutRow",
    "RefusedEvent", "Role", "StatusChange", "StatusEntry", "Store", "StoredCheckpoint", "StoredCredential",
    "StoredEvent", "StoredSignedList", "Transaction",
]  # fmt: skip

_HINT = Message("docs/deploy.md says how a store is set up, and under Upgrading how an older one is renewed.")


class Store(ReadOutQueries, EventQueries, LogQueries, DirectoryQueries):
    """The project's signed documents. Writing happens in :meth:`transaction` only."""

    def __init__(self, engine: sql.Engine) -> None:
        #: The SQLAlchemy engine, for maintenance and for tests that look below these methods.
        self.engine = engine
        # One statement needs no transaction around it: two more ways to the server and back, or for SQLite a third of
        # the time of most queries.
        on_server = engine.dialect.name == "postgresql"
        single = {"isolation_level": "AUTOCOMMIT"} if on_server else {"single": True}
        self._for_reading = engine.execution_options(**single)
        self._path = file_of(engine.url)
        #: Quick reading of a store in a file or on a server; None for one in memory.
        self.direct = direct_of(engine)

    @classmethod
    def open(cls, url: str) -> Store:
        """Open the store at an SQLAlchemy URL. ``sqlite://`` is a store in memory.

        Missing tables are made, and a store of an earlier version is brought up to date
        (:mod:`passport.store.migrations`).

        :param url: without a password, see :mod:`passport.store.engines`.
        :raises UnusableProject: the address cannot be opened.
        :raises StoreOlder: the store is of an earlier version, and this user may not make tables in it.
        :raises StoreFailure: the database is locked, full, read-only, damaged, missing, of a newer version, or no
            database at all.
        """
        engine = engine_of(url)
        older = None
        try:
            with engine.connect() as connection:
                versions.check(connection)
                lacking = migrations.missing(connection)
                older = migrations.version_of(connection, lacking) if lacking else None
            # A read-only user finds them there, and asks for no turn.
            if lacking:
                with engine.connect().execution_options(writes=True) as connection, connection.begin():
                    migrations.upgrade(connection)
        except (SQLAlchemyError, sqlite3.Error) as error:
            engine.dispose()
            path = file_of(engine.url)
            failure = failure_of(error, STORE, path)
            if older is not None and older < versions.VERSION and (is_refused(error) or type(failure) is StoreReadOnly):
                raise StoreOlder(
                    Message("the store is of an older version, and may not be upgraded by this user"),
                    expected=Message("version {version}", version=versions.VERSION),
                    found=Message("version {version}", version=older),
                ) from error
            if type(failure) is StoreUnavailable and path is None:
                # No known failure: the driver's own words say most about an address.
                raise UnusableProject(
                    Message("the store cannot be opened"), found=_first_line(error), hint=_HINT
                ) from error
            raise failure from error
        return cls(engine)

    @property
    def path(self) -> Path | None:
        """The file of an embedded store; None for one in memory or on a server."""
        return self._path

    def version(self) -> tuple[int, ...]:
        # On a server the quick reading has connections of its own, which a publisher does not need.
        return super().version() if self.direct is None or self._path is None else self.direct.version()

    def integrity(self) -> Integrity:
        """What the database finds when it looks itself through. Takes time: it reads everything.

        :raises StoreFailure: it is damaged so much that it cannot be read.
        """
        with self._connected() as connection:
            return integrity.examine(connection)

    def close(self) -> None:
        """Give up all connections."""
        self.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything inside is stored, or nothing; other writers wait.

        :raises AlreadyIssued: another writer stored the same id, address, code or status entry first.
        :raises StoreFailure: the database failed, takes no writes, or another writer kept its turn for too long.
        """
        with answering(path=self._path):
            try:
                with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
                    yield Transaction(connection)
            except IntegrityError as error:
                raise AlreadyIssued(
                    Message("the store holds a document of this id, address or code already"),
                    hint=Message("Read it and try again."),
                ) from error

    @contextmanager
    def _connected(self) -> Iterator[sql.Connection]:
        with answering(path=self._path), self._for_reading.connect() as connection:
            yield connection


class Transaction(LogTransaction, EventWrites, ReadOutQueries, DirectoryQueries):
    """What may be written, and every question of the store asked under the writer's own lock."""

    @property
    def connection(self) -> sql.Connection:
        """The connection of this transaction, for the projections of :mod:`passport.store.facts.fact_writing`."""
        return self._connection

    def add_credential(self, stored: StoredCredential, base_proof: bytes | None = None) -> None:
        """Store a signed document, and the base proof that only the write side may see."""
        self.add_credentials([(stored, base_proof)])

    def add_credentials(
        self,
        credentials: Sequence[tuple[StoredCredential, bytes | None]],
        *,
        late: Collection[str] = (),
        excerpts: Mapping[str, JsonObject] = MappingProxyType({}),
    ) -> int:
        """Store signed documents in this order, each with its base proof (UTF-8 JSON) where it has one.

        :param late: ids of read-outs of an earlier time than the current one, which stays the current one.
        :param excerpts: of documents by their ids (:func:`passport.store.derived_rows.excerpt`); others are parsed.
        :returns: the number of the first one.
        """
        first = self._next(tables.credentials)
        instants = _iso_texts(stored.issued_at for stored, _ in credentials)
        rows = [
            {**vars(stored), "issued_at": instant, "sequence": number}
            for number, ((stored, _), instant) in enumerate(zip(credentials, instants, strict=True), first)
        ]
        self._insert(tables.credentials, *rows)
        proofs = [{"id": stored.id, "body": proof} for stored, proof in credentials if proof is not None]
        self._insert(tables.base_proofs, *proofs)
        read = [
            {"sequence": number, "subject": stored.subject, "instant": instant, "late": stored.id in late}
            for number, (stored, _) in enumerate(credentials, first)
            if stored.type == tables.READ_OUT and (instant := _read_at(stored, excerpts)) is not None
        ]
        self._insert(tables.read_outs, *read)
        whole = [(stored.id, stored.body) for stored, _ in credentials if stored.id not in excerpts]
        known = [(stored.id, excerpts[stored.id]) for stored, _ in credentials if stored.id in excerpts]
        self._add_identifiers(
            derived_rows.identifiers_in(body for _, body in whole)
            | derived_rows.identifiers_of(document for _, document in known)
        )
        modules = derived_rows.modules_in(whole) | derived_rows.modules_of(known)
        rows = [{"code": code, "credential": id_, "pack": pack} for code, id_, pack in sorted(modules)]
        self._insert(tables.pack_modules, *rows)
        return first

    def _add_identifiers(self, identifiers: Collection[tuple[str, str]]) -> None:
        stated = sorted(identifiers)
        own = tables.passport_identifiers
        for start in range(0, len(stated), _AT_ONCE):
            part = stated[start : start + _AT_ONCE]
            stored = self._all(ask.IDENTIFIERS, identifiers=[identifier for identifier, _ in part])
            known = {(row.identifier, row.subject) for row in stored}
            rows = [{"identifier": each[0], "subject": each[1]} for each in part if each not in known]
            self._insert(own, *rows)

    def credential_number(self) -> int:
        """The number that the next credential will get."""
        return self._next(tables.credentials)

    def add_pack(self, pack: Pack) -> None:
        self.add_packs([pack])

    def add_packs(self, packs: Iterable[Pack]) -> None:
        self._insert(tables.packs, *map(vars, packs))

    def add_status_entries(self, entries: Sequence[StatusEntry]) -> None:
        self._insert(tables.status_entries, *(vars(entry) for entry in entries))

    def begin_status_list(self, number: int, purpose: str, issuer: str | None, *, for_roles: bool = False) -> None:
        """Begin a list. Its purpose never changes: a verifier who finds another one there takes no bit from it.

        :param issuer: to whom it belongs, and who alone signs it; None: no issuer of this store, for a list in a copy.
        :param for_roles: only roles get places in it.
        """
        self._insert(tables.status_list_purposes, {"list": number, "purpose": purpose})
        if issuer is not None:
            self._insert(tables.status_list_issuers, {"list": number, "issuer": issuer})
        if for_roles:
            self._insert(tables.role_status_lists, {"list": number})

    def add_status_change(self, change: StatusChange, notice: Notice | None = None) -> None:
        """Store a change of status, and what is published of it."""
        self.add_status_changes([(change, notice)])

    def add_status_changes(self, changes: Sequence[tuple[StatusChange, Notice | None]]) -> None:
        """Store changes of status in this order, and what is published of them."""
        first = self._next(tables.status_changes)
        instants = _iso_texts(change.changed_at for change, _ in changes)
        rows = [
            {**vars(change), "changed_at": instant, "sequence": number}
            for number, ((change, _), instant) in enumerate(zip(changes, instants, strict=True), first)
        ]
        self._insert(tables.status_changes, *rows)
        notices = [{**vars(notice), "change": number} for number, (_, notice) in enumerate(changes, first) if notice]
        self._insert(tables.status_notices, *notices)

    def add_role(self, role: Role) -> None:
        row = {
            **vars(role),
            "packs": "\n".join(role.packs),
            "valid_from": role.valid_from.isoformat(),
            "valid_until": role.valid_until.isoformat(),
        }
        self._append(tables.roles, row)

    def add_directory_change(self, change: DirectoryChange) -> None:
        """Store what became known of an enterprise, or a signed directory."""
        self._append(directory_changes, change_row(change))

    def add_status_list(self, number: int, document: JsonObject, *, last_change: int | None = None) -> None:
        """Store the next signed version of a list.

        :param last_change: number of the last change of this list that is in it, 0 for none; None: not known.
        """
        self._append(tables.status_lists, {"list": number, "body": strict_json.dumps(document)})
        if last_change is not None:
            newest = sql.select(sql.func.max(tables.status_lists.c.sequence)).scalar_subquery()
            self._insert(tables.status_list_coverage.insert().values(signed=newest), {"last_change": last_change})

    def _next(self, table: sql.Table) -> int:
        """The number of the next row of a table, under the writers' lock."""
        return int(self._all(_newest_of(table))[0].newest) + 1

    def _append(self, table: sql.Table, row: dict[str, Any]) -> None:
        self._insert(_appending_to(table), row)

    def _insert(self, statement: sql.Insert | sql.Table, *rows: dict[str, Any]) -> None:
        """:param statement: a table where it is a plain insertion.

        :raises MalformedDocument: a text that not every database can hold; nothing would ever find it again."""
        texts = [value for row in rows for value in row.values() if isinstance(value, str)]
        for name, value in () if tables.is_storable("".join(texts)) else (item for row in rows for item in row.items()):
            if isinstance(value, str) and not tables.is_storable(value):
                raise MalformedDocument(
                    Message("{name} cannot be stored", name=name), expected=Message("text in UTF-8 without U+0000")
                )
        if isinstance(statement, sql.Table):
            insert_rows(self._connection, statement, rows)
        elif rows:
            self._connection.execute(statement, list(rows))


@cache
def _newest_of(table: sql.Table) -> sql.Select[tuple[int]]:
    return sql.select(sql.func.coalesce(sql.func.max(table.c.sequence), 0).label("newest"))


@cache
def _appending_to(table: sql.Table) -> sql.Insert:
    """The insertion of a row behind all others."""
    return table.insert().values(tables.is_behind_all(table))


def _iso_texts(instants: Iterable[datetime]) -> Iterator[str]:
    """Instants in ISO 8601. Those of one turn are mostly the same object."""
    last, text = None, ""
    for each in instants:
        if each is not last:
            last, text = each, each.isoformat()
        yield text


def _read_at(stored: StoredCredential, excerpts: Mapping[str, JsonObject]) -> str | None:
    """When the values of a read-out were read."""
    excerpt = excerpts.get(stored.id)
    return derived_rows.read_instant(stored.body) if excerpt is None else derived_rows.instant_of(excerpt)


def _first_line(error: Exception) -> str:
    """What the driver says of an address, which holds no password (:func:`engine_of`)."""
    text = str(getattr(error, "orig", None) or type(error).__name__).strip()
    return text.splitlines()[0][:200]
