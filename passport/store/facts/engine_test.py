"""A self-test of the database engine, before rules are judged.

SQLite 3.40 and others answer ``x IN (…) AND time < …`` over an index wrongly, once a database has statistics. So a
database with statistics is refused on such an engine.
"""

from __future__ import annotations

import sqlite3
from typing import Any

import sqlalchemy as sql

from passport.errors import UnusableStore
from passport.texts import Message


def engine_is_faulty(connect: Any = sqlite3.connect) -> bool:
    """Whether this SQLite answers a range after ``IN`` over an analysed index with rows outside the range.

    :param connect: makes a connection to a database in memory.
    """
    trial = connect(":memory:")
    try:
        trial.execute("CREATE TABLE event (pack INTEGER NOT NULL, kind INTEGER NOT NULL, time INTEGER NOT NULL)")
        trial.execute("CREATE INDEX event_pack ON event (pack, kind, time)")
        rows = [(pack, kind, 100 + kind) for pack in range(50) for kind in range(12)]
        trial.executemany("INSERT INTO event VALUES (?, ?, ?)", rows)
        trial.execute("ANALYZE")
        # As of a large table: the fault needs a reason to prefer one long walk over two short ones.
        trial.execute("UPDATE sqlite_stat1 SET stat = '1000000 10 2 1'")
        trial.execute("ANALYZE sqlite_schema")
        (wrong,) = trial.execute(
            "SELECT count(*) FROM event a CROSS JOIN event b"
            " WHERE a.kind = 5 AND b.pack = a.pack AND b.kind IN (6, 10) AND b.time < a.time"
        ).fetchone()
    finally:
        trial.close()
    return bool(wrong)


def refuse_faulty_engine(connection: sql.Connection) -> None:
    """Refuse to judge where SQLite would answer wrongly: a faulty engine, and statistics in the database.

    :raises UnusableStore: naming the engine's version.
    """
    if connection.dialect.name != "sqlite":
        return
    # The table is there since the first ANALYZE, and read at each opening of the file.
    analysed = connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'").first()
    if analysed is not None:
        analysed = connection.exec_driver_sql("SELECT 1 FROM sqlite_stat1 LIMIT 1").first()
    if analysed is not None and engine_is_faulty():
        raise UnusableStore(
            Message("this version of SQLite answers comparisons wrongly in a database that ANALYZE has seen"),
            expected=Message("SQLite {version} or later, or a database without statistics", version="3.54"),
            found=sqlite3.sqlite_version,
            hint=Message(
                "Remove the statistics: {command}. The rules need none.",
                command="DELETE FROM sqlite_stat1",
            ),
        )
