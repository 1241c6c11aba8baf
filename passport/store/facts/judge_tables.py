"""The temporary tables that rules read beside the facts: the scope of a judgement, duties and lists.

They belong to one connection. In SQLite they are kept from one judgement to the next as long as duties and lists are
the same: a table that is made anew would have every query of a rule planned again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Protocol

import sqlalchemy as sql

from passport.store.facts import fact_tables
from passport.store.facts.statements import DriverStatements
from passport.store.tables import Text

_temporary = sql.MetaData()
_BIG = sql.BigInteger().with_variant(sql.Integer(), "sqlite")
scope = sql.Table(
    "judge_scope", _temporary, sql.Column("pack", _BIG, primary_key=True, autoincrement=False), prefixes=["TEMPORARY"]
)
actors = sql.Table("judge_actors", _temporary, sql.Column("actor", Text, primary_key=True), prefixes=["TEMPORARY"])
#: Duties: what follows which event of which role, within how many seconds.
duties = sql.Table(
    "judge_duties",
    _temporary,
    sql.Column("form", Text, primary_key=True),
    sql.Column("kind", Text, primary_key=True),
    sql.Column("role", Text, primary_key=True),
    sql.Column("duty", Text, primary_key=True),
    sql.Column("seconds", _BIG, nullable=False),
    sql.Column("since", _BIG, nullable=False),
    prefixes=["TEMPORARY"],
)
done = sql.Table(
    "judge_done",
    _temporary,
    sql.Column("duty", Text, primary_key=True),
    sql.Column("kind", Text, primary_key=True),
    prefixes=["TEMPORARY"],
)
#: Lists: banned uses, permits by role, least recovery by material.
lists = sql.Table(
    "judge_lists",
    _temporary,
    sql.Column("list", Text, primary_key=True),
    sql.Column("code", Text, primary_key=True),
    sql.Column("text", Text, primary_key=True),
    sql.Column("number", _BIG, nullable=True),
    sql.Column("since", _BIG, nullable=False),
    prefixes=["TEMPORARY"],
)
#: Which duties and lists the tables hold.
_held = sql.Table("judge_held", _temporary, sql.Column("digest", Text, primary_key=True), prefixes=["TEMPORARY"])


class JudgeInputs(Protocol):
    """Duties and lists as rows, as ``passport.supervision.rulebook.RuleInputs`` has them.

    :ivar digest: the same for the same rows.
    """

    @property
    def duties(self) -> Iterable[Mapping[str, Any]]: ...
    @property
    def done(self) -> Iterable[Mapping[str, Any]]: ...
    @property
    def lists(self) -> Iterable[Mapping[str, Any]]: ...
    @property
    def digest(self) -> str: ...


def prepare(connection: sql.Connection, inputs: JudgeInputs) -> None:
    """Make the temporary tables and fill in duties and lists, where the connection does not have these yet."""
    if connection.dialect.name == "sqlite" and _digest(connection) == inputs.digest:
        return
    for table in _temporary.sorted_tables:
        connection.execute(sql.text(f"DROP TABLE IF EXISTS {table.name}"))
        table.create(connection, checkfirst=False)
    for table, rows in ((duties, inputs.duties), (done, inputs.done), (lists, inputs.lists)):
        if listed := list(rows):
            connection.execute(table.insert(), listed)
    connection.execute(_held.insert(), {"digest": inputs.digest})


def _digest(connection: sql.Connection) -> str | None:
    # Made in a transaction, and taken back with it: so the database says whether they are there.
    made = connection.exec_driver_sql("SELECT 1 FROM sqlite_temp_master WHERE name = 'judge_held'").first()
    return None if made is None else connection.exec_driver_sql("SELECT digest FROM judge_held").scalar()


def take(connection: sql.Connection, packs: Iterable[int], names: Iterable[str]) -> None:
    """Take these packs and actors into scope."""
    statements = DriverStatements(connection)
    statements.rows("DELETE FROM judge_scope", {})
    statements.rows("DELETE FROM judge_actors", {})
    statements.each("INSERT INTO judge_scope VALUES (:pack)", [{"pack": pack} for pack in sorted(set(packs))])
    statements.each("INSERT INTO judge_actors VALUES (:actor)", [{"actor": name} for name in sorted(set(names))])


def take_everything(connection: sql.Connection) -> None:
    """Take all packs and actors into scope."""
    take_actors(connection)
    connection.execute(scope.insert().from_select(["pack"], sql.select(fact_tables.packs.c.number)))
    analyse(connection, (*_temporary.sorted_tables, *fact_tables.facts.sorted_tables))


def take_portion(connection: sql.Connection, first: int, last: int) -> None:
    """Take the packs whose numbers are not before the first and not behind the last into scope, and no actors."""
    take(connection, (), ())
    number = fact_tables.packs.c.number
    connection.execute(scope.insert().from_select(["pack"], sql.select(number).where(number.between(first, last))))
    analyse(connection, _temporary.sorted_tables)


def take_actors(connection: sql.Connection) -> None:
    """Take all actors into scope, and no packs."""
    take(connection, (), ())
    every = sql.union(
        sql.select(fact_tables.volumes.c.actor),
        sql.select(fact_tables.packs.c.holder).where(fact_tables.packs.c.holder.is_not(None)),
    )
    connection.execute(actors.insert().from_select(["actor"], every))
    analyse(connection, _temporary.sorted_tables)


def analyse(connection: sql.Connection, tables: Iterable[sql.Table] = fact_tables.facts.sorted_tables) -> None:
    """Let PostgreSQL count the rows of tables. SQLite goes without, see :mod:`passport.store.facts.engine_test`."""
    if connection.dialect.name != "sqlite":
        for table in tables:
            connection.execute(sql.text(f"ANALYZE {table.name}"))
