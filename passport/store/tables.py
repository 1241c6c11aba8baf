"""The tables, the same in SQLite and in PostgreSQL, and what keeps them append-only.

* Triggers refuse UPDATE and DELETE of every table, and TRUNCATE where there is such a thing.
* Rows that have an order carry a ``sequence``. It is one more than the newest row's, under the writers' lock, and never
  taken from a sequence of the database. Such a sequence hands out numbers before they are committed, so a row could
  appear late under a low number, and readers would miss the change.
* A new version adds tables and indexes and fills them from the existing rows, in one transaction; it changes no row
  (:mod:`passport.store.migrations`).
* Texts are ordered by their code points. The order of a server's locale differs from one machine to the next, and an
  update of the locale breaks the indexes that were made with the old one.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sql
from sqlalchemy.schema import CreateIndex, CreateTable


class Text(sql.types.TypeDecorator[str]):
    """Text that both databases can hold; a question for any other text finds nothing.

    That is text with U+0000, which PostgreSQL refuses, or with half a surrogate pair, which is not in UTF-8.
    """

    impl = sql.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sql.Dialect) -> sql.types.TypeEngine[str]:
        return sql.Text(collation="C") if dialect.name == "postgresql" else sql.Text()

    def process_bind_param(self, value: str | None, dialect: sql.Dialect) -> str | None:
        # Nothing equals NULL, so such a text is found nowhere, be it alone or one of several.
        return value if value is not None and is_storable(value) else None


def is_storable(text: str) -> bool:
    """Whether :class:`Text` can hold it."""
    # Nearly every text is ASCII, of which nothing else has to be looked at.
    return "\0" not in text and (text.isascii() or _SURROGATE(text) is None)


_SURROGATE = re.compile("[\ud800-\udfff]").search


def sequence() -> sql.Column[int]:
    """The column of the order of rows, see the head of this module."""
    number = sql.BigInteger().with_variant(sql.Integer(), "sqlite")
    return sql.Column("sequence", number, primary_key=True, autoincrement=False)


#: The types of read-outs and of events, as :mod:`passport.vocabulary.credential_types` has them.
READ_OUT, EVENT = "BatteryConditionCredential", "BatteryEventCredential"

metadata = sql.MetaData()

credentials = sql.Table(
    "credentials",
    metadata,
    sequence(),
    sql.Column("id", Text, nullable=False, unique=True),
    sql.Column("type", Text, nullable=False),
    sql.Column("subject", Text, nullable=False),
    sql.Column("body", sql.LargeBinary, nullable=False),
    sql.Column("content", Text, nullable=False),
    sql.Column("issued_at", Text, nullable=False),
    sql.Index("credentials_of_subject", "subject", "type", "sequence"),
    # The few models and batches among the credentials of many packs.
    sql.Index("credentials_of_type", "type", "sequence"),
)
base_proofs = sql.Table(
    "base_proofs",
    metadata,
    sql.Column("id", Text, primary_key=True),
    sql.Column("body", sql.LargeBinary, nullable=False),
)
packs = sql.Table(
    "packs",
    metadata,
    sql.Column("subject", Text, primary_key=True),
    sql.Column("model", Text, nullable=False),
    sql.Column("category", Text, nullable=False),
    sql.Column("serial", Text, nullable=False, index=True),
    sql.Column("code", Text, nullable=True, unique=True),
    # A page of a search begins behind an address, and costs the same however many packs others have.
    sql.Index("packs_of_model", "model", "subject"),
    sql.Index("packs_of_category", "category", "subject"),
)
#: When the values of a read-out were read, by the number of its credential. A late one came after a newer one: it is
#: part of the history and never the current one.
read_outs = sql.Table(
    "read_outs",
    metadata,
    sequence(),
    sql.Column("subject", Text, nullable=False),
    sql.Column("instant", Text, nullable=False),
    sql.Column("late", sql.Boolean, nullable=False),
    sql.Index("read_outs_of_subject", "subject", "instant", "sequence"),
)
#: Which pack a passport of this identifier is of; a pack whose passport was given another one has both.
passport_identifiers = sql.Table(
    "passport_identifiers",
    metadata,
    sql.Column("identifier", Text, primary_key=True),
    sql.Column("subject", Text, primary_key=True),
)
#: Which pack the event of its production says a module is in. For the write side: no reader asks for it.
pack_modules = sql.Table(
    "pack_modules",
    metadata,
    sql.Column("code", Text, primary_key=True),
    sql.Column("credential", Text, primary_key=True),
    sql.Column("pack", Text, nullable=False),
)
status_entries = sql.Table(
    "status_entries",
    metadata,
    sql.Column("list", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("position", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("credential", Text, nullable=False, index=True),
)
#: What a list speaks of: its purpose holds for every place in it, and for good.
status_list_purposes = sql.Table(
    "status_list_purposes",
    metadata,
    sql.Column("list", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("purpose", Text, nullable=False),
)
#: The issuer of a list: the issuer that began it, and no other. A list without a row is signed by none: an older
#: version began it and never signed it.
status_list_issuers = sql.Table(
    "status_list_issuers",
    metadata,
    sql.Column("list", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("issuer", Text, nullable=False),
)
#: Role credentials that were given, so that they can be taken back. What was signed is not kept: it names a person.
roles = sql.Table(
    "roles",
    metadata,
    sequence(),
    sql.Column("id", Text, nullable=False, unique=True),
    sql.Column("holder", Text, nullable=False, index=True),
    sql.Column("audience", Text, nullable=False),
    sql.Column("purpose", Text, nullable=False),
    sql.Column("packs", Text, nullable=False),
    sql.Column("valid_from", Text, nullable=False),
    sql.Column("valid_until", Text, nullable=False),
    sql.Column("list", sql.Integer, nullable=False),
)
#: Status lists in which only roles have places; written when such a list begins, so that no pack ever gets one in it.
role_status_lists = sql.Table(
    "role_status_lists",
    metadata,
    sql.Column("list", sql.Integer, primary_key=True, autoincrement=False),
)
status_changes = sql.Table(
    "status_changes",
    metadata,
    sequence(),
    sql.Column("list", sql.Integer, nullable=False),
    sql.Column("position", sql.Integer, nullable=False),
    sql.Column("value", sql.Boolean, nullable=False),
    sql.Column("reason", Text, nullable=False),
    sql.Column("changed_at", Text, nullable=False),
    sql.Index("status_changes_of_place", "list", "position", "sequence"),
    sql.Index("status_changes_of_list", "list", "sequence"),
)
#: The published notice of a change, by the number of the change. Only reasons in this table are public.
status_notices = sql.Table(
    "status_notices",
    metadata,
    sql.Column("change", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("reason", Text, nullable=True),
    sql.Column("replaced_by", Text, nullable=True),
)
status_lists = sql.Table(
    "status_lists",
    metadata,
    sequence(),
    sql.Column("list", sql.Integer, nullable=False, index=True),
    sql.Column("body", sql.LargeBinary, nullable=False),
)
#: How far a signed list goes: the number of the last change of that list which is in it, by the number of the signed
#: list. The next signing begins with its bits and reads later changes only. A signed list without a row here (of an
#: earlier version, or signed elsewhere) is made again from all changes.
status_list_coverage = sql.Table(
    "status_list_coverage",
    metadata,
    sql.Column("signed", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("last_change", sql.BigInteger, nullable=False),
)

#: Documents whose newest rows belong to the version of the store (:data:`passport.store.log.log_tables.VERSIONED`).
VERSIONED = (credentials, status_lists, status_changes)

_REFUSED = "the store is append-only"
# ALWAYS: a session that calls itself a replica is refused as well.
APPEND_ONLY = {
    "sqlite": tuple(
        f"CREATE TRIGGER {{table}}_no_{verb.lower()} BEFORE {verb} ON {{table}} "
        f"BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END"
        for verb in ("UPDATE", "DELETE")
    ),
    "postgresql": (
        "CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
        "CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
        "ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only",
    ),
}


def absent(connection: sql.Connection, *schemas: sql.MetaData) -> list[sql.Table]:
    """The tables of ``schemas`` that the database lacks, in the order in which they can be made.

    One question: every command asks it when it opens a store, and a server may be far away.
    """
    names = set(connection.exec_driver_sql(_PRESENT[connection.dialect.name]).scalars())
    if all(names.issuperset(schema.tables) for schema in schemas):
        return []
    return [table for schema in schemas for table in schema.sorted_tables if table.name not in names]


#: Names of the tables that a connection sees without naming a schema.
_PRESENT = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": (
        "SELECT relname FROM pg_catalog.pg_class WHERE relkind IN ('r', 'p', 'f', 'v', 'm') "
        "AND pg_catalog.pg_table_is_visible(oid)"
    ),
}

_CREATION: dict[tuple[sql.Table, str], tuple[str, ...]] = {}


def make(connection: sql.Connection, table: sql.Table) -> None:
    """Make a table and its indexes. What they are in a dialect is spelt out once in a process."""
    key = table, connection.dialect.name
    if key not in _CREATION:
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        parts: list[CreateTable | CreateIndex] = [CreateTable(table), *map(CreateIndex, indexes)]
        _CREATION[key] = tuple(str(part.compile(dialect=connection.dialect)) for part in parts)
    for statement in _CREATION[key]:
        connection.exec_driver_sql(statement)


def make_missing(connection: sql.Connection) -> None:
    """Make the tables of the record, with their triggers, in the writer's transaction that ``connection`` is in."""
    # Asked again: another process may have made them while this one waited for its turn.
    for table in absent(connection, metadata):
        make(connection, table)
        for statement in APPEND_ONLY[connection.dialect.name]:
            connection.exec_driver_sql(statement.format(table=table.name))


def is_behind_all(table: sql.Table) -> dict[str, Any]:
    """The number of a new row, for ``insert().values()``. Under the writers' lock only."""
    return {"sequence": sql.select(sql.func.coalesce(sql.func.max(table.c.sequence), 0) + 1).scalar_subquery()}
