"""A store in an archive: each table a member of JSON lines, readable without this software.

    store/credentials.jsonl     [1, "https://…", "BatteryPassportCredential", "https://…", "{\\"@context\\": …}", …]

* A row is an array of the values in the order of the columns, which the manifest names. Bytes that are UTF-8 are
  written as text, so a signed document is there as it was signed; other bytes are ``{"base64": "…"}``.
* Only the record is written: tables whose rows follow from others, and the facts of supervision, are made again.
* A digest over each member is in the manifest, and compared before anything that was read is committed.

Writing reads one moment of the store and holds up no writer. Reading fills an empty store in one transaction.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Protocol

import sqlalchemy as sql

from passport.errors import DamagedBackup
from passport.store import Store, Transaction
from passport.store.copying.store_move import LogRoot, Progress, log_roots, places_set, refuse_filled
from passport.store.copying.table_rows import AT_ONCE, Row, count, moment, parts, record_tables
from passport.store.derived_rows import fill_identifiers, fill_modules
from passport.store.failures import answering
from passport.store.log.log_tables import log_entries
from passport.store.log.log_writing import append
from passport.store.tables import status_entries
from passport.texts import Message

#: Longest line that is read: a signed document with all that belongs to it.
MAX_LINE = 64_000_000


class ArchiveWriter(Protocol):
    """Opens members of an archive for writing, one after the other."""

    def __call__(self, name: str) -> Any: ...


@dataclass(frozen=True)
class ArchivedTable:
    """A member with the rows of a table.

    :ivar bytes: its length; :ivar sha256: its digest, hexadecimal.
    """

    rows: int
    bytes: int
    sha256: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class ArchivedStore:
    """What an archive holds of a store.

    :ivar version: of the store.
    :ivar documents: signed documents; :ivar places: places in status lists; :ivar places_set: of those, with a bit.
    """

    version: int
    tables: dict[str, ArchivedTable]
    documents: int
    places: int
    places_set: int
    logs: dict[str, LogRoot]


def member(table: str) -> str:
    """Name of the member with the rows of a table."""
    return f"store/{table}.jsonl"


def write(store: Store, version: int, open_member: ArchiveWriter, progress: Progress) -> ArchivedStore:
    """Write the record of a store, as it is at one moment.

    :param open_member: opens a member of the archive by its name; its bytes are written until it is closed.
    :raises StoreFailure: the store cannot be read.
    """
    with answering(path=store.path), moment(store.engine) as connection:
        known = record_tables()
        total = sum(count(connection, table) for table in known)
        written: dict[str, ArchivedTable] = {}
        for table in known:
            digest, length, rows = hashlib.sha256(), 0, 0
            with open_member(member(table.name)) as stream:
                for part in parts(connection, table):
                    data = b"".join(map(_line, part))
                    stream.write(data)
                    digest.update(data)
                    length += len(data)
                    rows += len(part)
                    progress(len(part), total)
            columns = tuple(column.name for column in table.columns)
            written[table.name] = ArchivedTable(rows, length, digest.hexdigest(), columns)
        transaction = Transaction(connection)
        return ArchivedStore(
            version,
            written,
            sum(written[table.name].rows for table in known if "body" in table.c),
            written[status_entries.name].rows,
            places_set(connection),
            log_roots(transaction),
        )


@contextmanager
def filling(
    store: Store, archived: ArchivedStore, open_member: Callable[[str], IO[bytes]], progress: Progress
) -> Iterator[Transaction]:
    """Fill an empty store from an archive. What is done inside belongs to the same transaction.

    :raises StoreNotEmpty: the store holds something.
    :raises DamagedBackup: a member is not what its digest says, or its rows are not those of the table. Nothing is
        stored.
    :raises StoreFailure: the store cannot be written. Nothing is stored.
    """
    total = sum(table.rows for table in archived.tables.values())
    with store.transaction() as transaction:
        connection = transaction.connection
        refuse_filled(connection)
        for table in record_tables():
            if table.name in archived.tables:
                _fill(table, archived.tables[table.name], open_member, connection, lambda n: progress(n, total))
        fill_identifiers(connection)
        fill_modules(connection)
        if (roots := log_roots(transaction)) != archived.logs:
            raise DamagedBackup(
                Message("the logs have other roots than when the backup was made"),
                expected=str({name: root.root for name, root in archived.logs.items()})[:200],
                found=str({name: root.root for name, root in roots.items()})[:200],
            )
        yield transaction


def _fill(
    table: sql.Table,
    archived: ArchivedTable,
    open_member: Callable[[str], IO[bytes]],
    connection: sql.Connection,
    progress: Callable[[int], None],
) -> None:
    columns = [column.name for column in table.columns]
    if not set(archived.columns) <= set(columns):
        raise DamagedBackup(
            Message("the backup has other columns of {table} than the store", table=table.name),
            expected=", ".join(columns),
            found=", ".join(archived.columns)[:200],
        )
    binary = frozenset(
        number for number, name in enumerate(archived.columns) if isinstance(table.c[name].type, sql.LargeBinary)
    )
    digest, rows, waiting = hashlib.sha256(), 0, list[dict[str, Any]]()
    with open_member(member(table.name)) as stream:
        while line := stream.readline(MAX_LINE):
            digest.update(line)
            waiting.append(dict(zip(archived.columns, _values(line, table.name, rows, archived, binary), strict=True)))
            rows += 1
            if len(waiting) == AT_ONCE:
                _insert(table, waiting, connection)
                progress(len(waiting))
                waiting = []
    _insert(table, waiting, connection)
    progress(len(waiting))
    if (rows, digest.hexdigest()) != (archived.rows, archived.sha256):
        raise DamagedBackup(
            Message("{member} is not what the manifest says", member=member(table.name)),
            expected=Message("{n:,} rows with the digest {digest}", n=archived.rows, digest=archived.sha256),
            found=Message("{n:,} rows with the digest {digest}", n=rows, digest=digest.hexdigest()),
        )


def _insert(table: sql.Table, rows: list[dict[str, Any]], connection: sql.Connection) -> None:
    if not rows:
        return
    if table is not log_entries:
        connection.execute(table.insert(), rows)
        return
    # Entries make their tiles as they are appended. They come in the order of log and position.
    begin = 0
    for number in range(1, len(rows) + 1):
        if number == len(rows) or rows[number]["log"] != rows[begin]["log"]:
            some = rows[begin:number]
            if append(connection, some[0]["log"], [row["entry"] for row in some]) != some[0]["position"]:
                raise DamagedBackup(
                    Message("the log {log} has gaps in the backup", log=some[0]["log"]),
                    found=Message("entry {index}", index=some[0]["position"]),
                )
            begin = number


def _line(row: Row) -> bytes:
    return json.dumps([_written(value) for value in row], ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _written(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        data = bytes(value)
        try:
            return data.decode()
        except UnicodeDecodeError:
            return {"base64": base64.b64encode(data).decode("ascii")}
    return value


def _values(line: bytes, table: str, number: int, archived: ArchivedTable, binary: frozenset[int]) -> list[Any]:
    try:
        values = json.loads(line)
        if not isinstance(values, list) or len(values) != len(archived.columns):
            raise ValueError
        return [_read(value) if at in binary else _plain(value) for at, value in enumerate(values)]
    except (ValueError, KeyError, TypeError, RecursionError, binascii.Error) as error:
        raise DamagedBackup(
            Message("row {number} of {member} cannot be read", number=number + 1, member=member(table)),
            expected=Message("{n} values", n=len(archived.columns)),
        ) from error


def _read(value: Any) -> bytes:
    if isinstance(value, str):
        return value.encode()
    return base64.b64decode(value["base64"], validate=True)


def _plain(value: Any) -> Any:
    if value is not None and not isinstance(value, str | int):
        raise ValueError
    return value
