"""Tables of transparency logs (store version 4), append-only like all others.

* ``log_entries`` holds the entries, 32 bytes each, from position 0 on, in the order in which they were accepted.
* ``log_tiles`` holds the full tiles of a log's tree, 256 hashes each, with the root over them. A tile that is not full
  yet is read from the entries, or from the roots of the level below.
* ``log_checkpoints`` holds signed checkpoints, ``log_cosignatures`` the lines of witnesses under them.
"""

from __future__ import annotations

import sqlalchemy as sql
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from passport.store import tables
from passport.store.events.event_tables import events
from passport.store.tables import Text, metadata, sequence

log_entries = sql.Table(
    "log_entries",
    metadata,
    sql.Column("log", Text, primary_key=True),
    sql.Column("position", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("entry", sql.LargeBinary, nullable=False),
    sql.Index("log_entries_of_digest", "log", "entry"),
)
log_tiles = sql.Table(
    "log_tiles",
    metadata,
    sql.Column("log", Text, primary_key=True),
    sql.Column("level", sql.Integer, primary_key=True, autoincrement=False),
    sql.Column("number", sql.BigInteger, primary_key=True, autoincrement=False),
    sql.Column("hashes", sql.LargeBinary, nullable=False),
    sql.Column("root", sql.LargeBinary, nullable=False),
)
log_checkpoints = sql.Table(
    "log_checkpoints",
    metadata,
    sequence(),
    sql.Column("log", Text, nullable=False),
    sql.Column("size", sql.BigInteger, nullable=False),
    sql.Column("root", sql.LargeBinary, nullable=False),
    sql.Column("note", sql.LargeBinary, nullable=False),
    sql.Index("log_checkpoints_of_log", "log", "sequence"),
)
log_cosignatures = sql.Table(
    "log_cosignatures",
    metadata,
    sequence(),
    sql.Column("checkpoint", sql.BigInteger, nullable=False, index=True),
    sql.Column("line", Text, nullable=False),
)
#: Tables whose newest rows make up the version of the store: a saved passport has the newest checkpoint in it.
VERSIONED = (*tables.VERSIONED, log_checkpoints, log_cosignatures, events)


def sqlite_schema() -> tuple[str, ...]:
    """The statements that make these tables in an SQLite file which is no store; to be run once."""
    made: list[str] = []
    dialect = sqlite.dialect()
    for table in (log_entries, log_tiles, log_checkpoints, log_cosignatures):
        made.append(str(CreateTable(table).compile(dialect=dialect)))
        made += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
        made += [statement.format(table=table.name) for statement in tables.APPEND_ONLY["sqlite"]]
    return tuple(made)
