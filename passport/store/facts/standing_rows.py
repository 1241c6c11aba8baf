"""Accreditations and permits as facts: renewed where they differ, and which packs bear on what has changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import sqlalchemy as sql

from passport.store.events.event_tables import event_documents
from passport.store.facts import fact_tables
from passport.store.facts.statements import DriverStatements
from passport.store.tables import status_lists

_KINDS = ("accreditation", "status-list")


def documents_since(connection: sql.Connection, number: int) -> tuple[int, bool]:
    """The number of the newest document beside events, and whether an accreditation or a list is behind ``number``."""
    table = event_documents
    newest = int(connection.execute(sql.select(sql.func.coalesce(sql.func.max(table.c.sequence), 0))).scalar_one())
    query = sql.select(table.c.sequence).where(table.c.sequence > number, table.c.kind.in_(_KINDS)).limit(1)
    return newest, newest > number and connection.execute(query).first() is not None


def newest_list(connection: sql.Connection) -> int:
    """The number of the newest signed version of a list of this store; 0 for none."""
    query = sql.select(sql.func.coalesce(sql.func.max(status_lists.c.sequence), 0))
    return int(connection.execute(query).scalar_one())


def versions_of_list(connection: sql.Connection, number: int) -> tuple[int, ...]:
    """The numbers of the signed versions of a list of this store."""
    query = sql.select(status_lists.c.sequence).where(status_lists.c.list == number)
    return tuple(row[0] for row in connection.execute(query))


def list_body(connection: sql.Connection, sequence: int) -> bytes:
    """One signed version of a list of this store."""
    query = sql.select(status_lists.c.body).where(status_lists.c.sequence == sequence)
    return bytes(connection.execute(query).scalar_one())


def renew_standing(connection: sql.Connection, **tables: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Write what differs of ``accreditations`` and ``permits``.

    :returns: by actor, the instant (seconds since 1970) from which on its standing is another one.
    """
    changed: dict[str, int] = {}
    for name, rows in tables.items():
        table = fact_tables.facts.tables[f"fact_{name}"]
        keys = [column.name for column in table.primary_key]
        before = {_key(row, keys): row["until"] for row in connection.execute(sql.select(table)).mappings()}
        after = {_key(row, keys): row["until"] for row in rows}
        for key in before.keys() | after.keys():
            old, new = before.get(key), after.get(key)
            if old == new:
                continue
            row = dict(zip(keys, key, strict=True))
            same = sql.and_(*(table.c[column] == value for column, value in row.items()))
            connection.execute(table.delete().where(same))
            if new is not None:
                connection.execute(table.insert(), {**row, "until": new})
            since = row["since"] if old is None or new is None else min(old, new)
            changed[row["actor"]] = min(since, changed.get(row["actor"], since))
    return changed


def packs_of_actor(connection: sql.Connection, actor: str, since: int) -> set[int]:
    """The numbers of the packs of which an actor reported an event from an instant on."""
    query = "SELECT DISTINCT pack FROM fact_events WHERE actor = :actor AND time >= :since"
    return {row[0] for row in DriverStatements(connection).rows(query, {"actor": actor, "since": since})}


def _key(row: Any, keys: list[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in keys)
