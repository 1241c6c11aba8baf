"""Integrity of a database: whether its stored data is undamaged, as far as the database itself can tell.

* SQLite checks itself: ``PRAGMA quick_check`` reads every page and the order of every table and index.
* PostgreSQL has no such statement for an ordinary role. Where the cluster has data checksums, the server checks each
  page as it reads it; every signed document is read here. ``pg_amcheck`` looks at the indexes, as a superuser.
* In both, tables that number their rows are counted: rows are only ever added, so the newest number is their count.

A signature that no longer fits its document is another question, see :mod:`passport.publishing.stored_sample`.
"""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sql

from passport.store.log.log_tables import VERSIONED


@dataclass(frozen=True)
class Integrity:
    """:ivar faults: what is wrong, each in a few words; :ivar detail: what was looked at."""

    faults: tuple[str, ...]
    detail: str


def examine(connection: sql.Connection) -> Integrity:
    """Look the database through. Reads all of it: seconds for a gigabyte."""
    faults: list[str] = []
    if connection.dialect.name == "sqlite":
        answers = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA quick_check(5)")]
        # "*** in database main ***" is a headline, and what follows has line breaks.
        faults += [" ".join(line.split())[:120] for line in answers if line != "ok"]
        detail = "quick_check"
    else:
        for table in VERSIONED:
            if "body" in table.c:
                # A digest needs every byte, also those that PostgreSQL keeps beside the row.
                connection.execute(sql.select(sql.func.max(sql.func.md5(table.c.body))))
        checksums = connection.exec_driver_sql("SHOW data_checksums").scalar()
        detail = f"all documents read, data checksums {checksums}"
    counts = []
    for table in VERSIONED:
        number, newest = connection.execute(
            sql.select(sql.func.count(), sql.func.coalesce(sql.func.max(table.c.sequence), 0)).select_from(table)
        ).one()
        counts.append(f"{number:,} {table.name.replace('_', ' ')}")
        if number != newest:
            faults.append(f"{newest - number} rows of {table.name} are missing")
    return Integrity(tuple(faults), f"{detail}; {', '.join(counts)}, none missing")
