"""Signed documents, kept as they were signed. Append-only, in SQL.

* A row is never changed and never deleted: triggers refuse both. What a new version supersedes stays readable.
* ``credentials`` is the read side: public credentials byte for byte as signed, restricted ones as the full derived
  view.
* ``base_proofs`` is the write side: the issuer's own copy of a restricted credential. The read side never asks for it.
* Which status entry belongs to which credential, and each change of an entry with its reason, are rows too; the
  signed status lists are made from them and kept like every other signed document.
* "Current" means the newest row of a subject and type.

    store = Store.open("sqlite:///passports.db")
    with store.transaction() as transaction:
        transaction.add_credential(stored)
    store.current(subject, "BatteryPassportCredential")

SQLAlchemy Core speaks to SQLite here; the tables use nothing that PostgreSQL has not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sql
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from passport.direct_reading import DirectReading
from passport.errors import AlreadyIssued, UnusableProject
from passport.linked_data import strict_json

_metadata = sql.MetaData()

_credentials = sql.Table(
    "credentials",
    _metadata,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("id", sql.Text, nullable=False, unique=True),
    sql.Column("type", sql.Text, nullable=False),
    sql.Column("subject", sql.Text, nullable=False),
    sql.Column("body", sql.LargeBinary, nullable=False),
    sql.Column("content", sql.Text, nullable=False),
    sql.Column("issued_at", sql.Text, nullable=False),
    sql.Index("credentials_of_subject", "subject", "type", "sequence"),
)
_base_proofs = sql.Table(
    "base_proofs",
    _metadata,
    sql.Column("id", sql.Text, primary_key=True),
    sql.Column("body", sql.LargeBinary, nullable=False),
)
_packs = sql.Table(
    "packs",
    _metadata,
    sql.Column("subject", sql.Text, primary_key=True),
    sql.Column("model", sql.Text, nullable=False),
    sql.Column("category", sql.Text, nullable=False),
    sql.Column("serial", sql.Text, nullable=False, index=True),
    sql.Column("code", sql.Text, nullable=True, unique=True),
)
_status_entries = sql.Table(
    "status_entries",
    _metadata,
    sql.Column("list", sql.Integer, primary_key=True),
    sql.Column("position", sql.Integer, primary_key=True),
    sql.Column("credential", sql.Text, nullable=False, index=True),
)
_status_changes = sql.Table(
    "status_changes",
    _metadata,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("list", sql.Integer, nullable=False),
    sql.Column("position", sql.Integer, nullable=False),
    sql.Column("value", sql.Boolean, nullable=False),
    sql.Column("reason", sql.Text, nullable=False),
    sql.Column("changed_at", sql.Text, nullable=False),
)
_status_lists = sql.Table(
    "status_lists",
    _metadata,
    sql.Column("sequence", sql.Integer, primary_key=True, autoincrement=True),
    sql.Column("list", sql.Integer, nullable=False, index=True),
    sql.Column("body", sql.LargeBinary, nullable=False),
)

_VERSIONED = (_credentials, _status_lists, _status_changes)

for _table in _metadata.sorted_tables:
    for _verb in ("UPDATE", "DELETE"):
        sql.event.listen(
            _table,
            "after_create",
            sql.DDL(
                f"CREATE TRIGGER {_table.name}_no_{_verb.lower()} BEFORE {_verb} ON {_table.name} "
                "BEGIN SELECT RAISE(ABORT, 'the store is append-only'); END"
            ).execute_if(dialect="sqlite"),
        )


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
    def document(self) -> dict:
        return strict_json.loads(self.body)


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
class StatusChange:
    """One change of a status bit, with the reason that the issuer gave."""

    list: int
    position: int
    value: bool
    reason: str
    changed_at: datetime


class _Reading:
    """What can be asked of the store, outside a transaction or within one."""

    def _connected(self) -> AbstractContextManager[sql.Connection]:
        raise NotImplementedError

    # --- credentials ------------------------------------------------------------------------------------------------

    def credential(self, credential_id: str) -> StoredCredential | None:
        """The credential of that id."""
        row = self._first(sql.select(_credentials).where(_credentials.c.id == credential_id))
        return None if row is None else _stored(row)

    def current(self, subject: str, type_: str) -> StoredCredential | None:
        """The newest credential of that type about ``subject``."""
        row = self._first(_about(subject, type_).order_by(_credentials.c.sequence.desc()).limit(1))
        return None if row is None else _stored(row)

    def history(self, subject: str, type_: str) -> tuple[StoredCredential, ...]:
        """All credentials of that type about ``subject``, oldest first."""
        return tuple(_stored(row) for row in self._all(_about(subject, type_).order_by(_credentials.c.sequence)))

    def subjects_since(self, type_: str, sequence: int) -> tuple[str, ...]:
        """Whom credentials of that type are about that were stored since: ``sequence`` is the first number of an
        earlier :meth:`version`."""
        query = sql.select(_credentials.c.subject).where(
            _credentials.c.sequence > sequence, _credentials.c.type == type_
        )
        return tuple(dict.fromkeys(row.subject for row in self._all(query)))

    def base_proof(self, credential_id: str) -> dict | None:
        """The issuer's own copy of a restricted credential. Write side only."""
        row = self._first(sql.select(_base_proofs.c.body).where(_base_proofs.c.id == credential_id))
        return None if row is None else strict_json.loads(row.body)

    # --- packs ------------------------------------------------------------------------------------------------------

    def pack(self, subject: str) -> Pack | None:
        """The pack of that address."""
        return next(iter(self._packs(_packs.c.subject == subject)), None)

    def pack_of_code(self, code: str) -> Pack | None:
        """The pack that carries this GB/T 34014 code."""
        return next(iter(self._packs(_packs.c.code == code)), None)

    def packs(self) -> tuple[Pack, ...]:
        """All packs, in no particular order."""
        return self._packs(sql.true())

    def packs_named(self, text: str) -> tuple[Pack, ...]:
        """Packs whose address, code or serial number is ``text``: serial numbers are unique per model only."""
        return self._packs(sql.or_(_packs.c.subject == text, _packs.c.code == text, _packs.c.serial == text))

    def models(self) -> tuple[str, ...]:
        """The models that packs belong to, in the order of their addresses."""
        query = sql.select(_packs.c.model).distinct().order_by(_packs.c.model)
        return tuple(row.model for row in self._all(query))

    def find_packs(
        self,
        *,
        models: Sequence[str] | None = None,
        category: str | None = None,
        named: Sequence[str] | None = None,
        after: str = "",
        limit: int = 100,
    ) -> tuple[Pack, ...]:
        """The next packs behind the address ``after``, in the order of their addresses; what is None does not count.

        :param named: addresses, codes or serial numbers, exact.
        """
        query = sql.select(_packs).where(_packs.c.subject > after).order_by(_packs.c.subject).limit(limit)
        if models is not None:
            query = query.where(_packs.c.model.in_(models))
        if category is not None:
            query = query.where(_packs.c.category == str(category))
        if named is not None:
            columns = (_packs.c.subject, _packs.c.code, _packs.c.serial)
            query = query.where(sql.or_(*(column.in_(named) for column in columns)))
        return tuple(Pack(**row._mapping) for row in self._all(query))

    # --- status -----------------------------------------------------------------------------------------------------

    def status_list(self, number: int) -> dict | None:
        """The newest signed status list credential of that number."""
        body = self.status_list_body(number)
        return None if body is None else strict_json.loads(body)

    def status_list_body(self, number: int) -> bytes | None:
        """The same, as it was signed."""
        row = self._first(
            sql.select(_status_lists.c.body)
            .where(_status_lists.c.list == number)
            .order_by(_status_lists.c.sequence.desc())
            .limit(1)
        )
        return None if row is None else bytes(row.body)

    def list_numbers(self) -> tuple[int, ...]:
        """Numbers of all lists in which a place was allotted."""
        query = sql.select(_status_entries.c.list).distinct().order_by(_status_entries.c.list)
        return tuple(row.list for row in self._all(query))

    def status_entries(self, credential_id: str) -> tuple[StatusEntry, ...]:
        """The places of one credential, one per list that it is in."""
        query = sql.select(_status_entries).where(_status_entries.c.credential == credential_id)
        return tuple(StatusEntry(**row._mapping) for row in self._all(query))

    def status_changes(self, number: int) -> tuple[StatusChange, ...]:
        """All changes of one list, oldest first: what the list says is their sum."""
        query = (
            sql.select(_status_changes).where(_status_changes.c.list == number).order_by(_status_changes.c.sequence)
        )
        return tuple(
            StatusChange(row.list, row.position, row.value, row.reason, datetime.fromisoformat(row.changed_at))
            for row in self._all(query)
        )

    def is_flagged(self, credential_id: str) -> bool:
        """Whether any status bit of the credential is set: revoked, suspended or replaced."""
        for entry in self.status_entries(credential_id):
            bits = {change.position: change.value for change in self.status_changes(entry.list)}
            if bits.get(entry.position, False):
                return True
        return False

    # --- for caches -------------------------------------------------------------------------------------------------

    def version(self) -> tuple[int, ...]:
        """Changes with everything that is stored and shown: newest credential, status list and status change.

        What was read between two equal versions is still what the store says. Writers take turns, so the newest row is
        also the last one to be seen.
        """
        newest = [sql.select(sql.func.max(table.c.sequence)).scalar_subquery() for table in _VERSIONED]
        row = self._first(sql.select(*newest))
        return tuple(number or 0 for number in row)

    # --- inside -----------------------------------------------------------------------------------------------------

    def _first(self, query: sql.Select) -> sql.Row | None:
        with self._connected() as connection:
            return connection.execute(query).first()

    def _all(self, query: sql.Select) -> Sequence[sql.Row]:
        with self._connected() as connection:
            return connection.execute(query).all()

    def _packs(self, condition: sql.ColumnElement[bool]) -> tuple[Pack, ...]:
        return tuple(Pack(**row._mapping) for row in self._all(sql.select(_packs).where(condition)))


class Store(_Reading):
    """The project's signed documents. Writing happens in :meth:`transaction` only."""

    def __init__(self, engine: sql.Engine) -> None:
        self._engine = engine
        path = self._sqlite_path()
        #: Quick reading where the store is a file; None for a store in memory or on a server.
        self.direct = DirectReading(path) if path else None

    @classmethod
    def open(cls, url: str) -> Store:
        """Open the store at an SQLAlchemy URL and make missing tables. ``sqlite://`` is a store in memory.

        :raises UnusableProject: the address cannot be opened.
        """
        try:
            if url == "sqlite://":
                # One connection for all threads: a second one would be another, empty store.
                engine = sql.create_engine(
                    url, poolclass=sql.pool.StaticPool, connect_args={"check_same_thread": False}
                )
            else:
                engine = sql.create_engine(url)
            if engine.dialect.name == "sqlite":
                sql.event.listen(engine, "connect", _prepare_sqlite)
                sql.event.listen(engine, "begin", _begin_sqlite)
            with engine.begin() as connection:
                _metadata.create_all(connection)
        except (SQLAlchemyError, ImportError) as error:
            raise UnusableProject("the store cannot be opened", found=type(error).__name__) from error
        return cls(engine)

    def version(self) -> tuple[int, ...]:
        return self.direct.version() if self.direct else super().version()

    def _sqlite_path(self) -> str | None:
        url = self._engine.url
        name = url.database if url.get_backend_name() == "sqlite" else None
        return name if name and name != ":memory:" and not url.query else None

    def close(self) -> None:
        """Give up all connections."""
        self._engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Everything inside is stored, or nothing; other writers wait.

        :raises AlreadyIssued: another writer stored the same id, address, code or status entry first.
        """
        try:
            with self._engine.connect().execution_options(writes=True) as connection, connection.begin():
                yield Transaction(connection)
        except IntegrityError as error:
            raise AlreadyIssued(
                "the store holds a document of this id, address or code already", hint="Read it and try again."
            ) from error

    def _connected(self) -> AbstractContextManager[sql.Connection]:
        return self._engine.connect()


class Transaction(_Reading):
    """What may be written, and every question of the store asked under the writer's own lock."""

    def __init__(self, connection: sql.Connection) -> None:
        self._connection = connection

    def _connected(self) -> AbstractContextManager[sql.Connection]:
        return nullcontext(self._connection)

    def add_credential(self, stored: StoredCredential, base_proof: dict | None = None) -> None:
        """Store a signed document, and the base proof that only the write side may see."""
        self._connection.execute(
            _credentials.insert(), {**vars(stored), "issued_at": stored.issued_at.isoformat()}
        )
        if base_proof is not None:
            self._connection.execute(
                _base_proofs.insert(), {"id": stored.id, "body": strict_json.dumps(base_proof)}
            )

    def add_pack(self, pack: Pack) -> None:
        self._connection.execute(_packs.insert(), vars(pack))

    def add_status_entries(self, entries: Sequence[StatusEntry]) -> None:
        self._connection.execute(_status_entries.insert(), [vars(entry) for entry in entries])

    def add_status_change(self, change: StatusChange) -> None:
        self._connection.execute(
            _status_changes.insert(), {**vars(change), "changed_at": change.changed_at.isoformat()}
        )

    def add_status_list(self, number: int, document: dict) -> None:
        self._connection.execute(
            _status_lists.insert(), {"list": number, "body": strict_json.dumps(document)}
        )

    def positions(self, number: int) -> TakenPositions:
        """The places of one list that are taken; asks the store, so that a full list is never read into memory."""
        return TakenPositions(self._connection, number)


class TakenPositions:
    """The taken places of one status list, as a sized container."""

    def __init__(self, connection: sql.Connection, number: int) -> None:
        self._connection = connection
        self._of_list = _status_entries.c.list == number

    def __contains__(self, position: object) -> bool:
        query = sql.select(_status_entries.c.position).where(self._of_list, _status_entries.c.position == position)
        return self._connection.scalar(query) is not None

    def __len__(self) -> int:
        query = sql.select(sql.func.count()).select_from(_status_entries).where(self._of_list)
        return self._connection.scalar(query) or 0


def _about(subject: str, type_: str) -> sql.Select:
    return sql.select(_credentials).where(_credentials.c.subject == subject, _credentials.c.type == type_)


def _stored(row: sql.Row) -> StoredCredential:
    return StoredCredential(
        row.id, row.type, row.subject, bytes(row.body), row.content, datetime.fromisoformat(row.issued_at)
    )


def _prepare_sqlite(connection: object, _record: object) -> None:
    # The driver's own implicit transactions would begin only at the first write: see _begin_sqlite.
    connection.isolation_level = None
    cursor = connection.cursor()
    # A resolver reads while a publisher writes: the write-ahead log lets both go on. FULL: a passport that was
    # reported as issued must survive a power cut.
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA busy_timeout=10000")
    cursor.close()


def _begin_sqlite(connection: sql.Connection) -> None:
    # A writer takes the lock before it reads, so that two publishers never both find a pack unknown.
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
