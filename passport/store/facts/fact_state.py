"""In which state the facts are: the same text as long as nothing was added to them."""

from __future__ import annotations

import json

import sqlalchemy as sql

from passport.store import Store
from passport.store.facts import fact_tables, judge_tables
from passport.store.facts.rule_queries import judging

_packs, _settings = fact_tables.packs, fact_tables.settings


def fact_state(connection: sql.Connection) -> str:
    """Up to where the facts reach. Events, read-outs, statements and standing that come later change it."""
    rows = connection.execute(sql.select(_settings.c.name, _settings.c.value).order_by(_settings.c.name))
    return json.dumps([list(row) for row in rows])


def pack_bounds(store: Store) -> tuple[int, int] | None:
    """The first and the last number of a pack in the facts; None where there is none."""
    with judging(store) as (_, connection):
        first, last = connection.execute(sql.select(sql.func.min(_packs.c.number), sql.func.max(_packs.c.number))).one()
        return None if first is None else (int(first), int(last))


def analyse_facts(store: Store) -> None:
    """Let PostgreSQL count the rows of the facts before they are judged in portions."""
    if store.engine.dialect.name != "sqlite":
        with judging(store, writes=True) as (_, connection):
            judge_tables.analyse(connection)
