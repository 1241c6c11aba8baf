"""Running the rules of supervision over the facts: the same query for one pack and for the whole population.

* A query begins with ``judge_scope`` (packs) or ``judge_actors`` (actors): temporary tables that hold the affected
  ones, or all. ``CROSS JOIN`` after it fixes the order of the joins in SQLite, which needs no statistics then.
* Parameters of rules, duties and lists are temporary tables and named values, never text put into a query.
* SQLite 3.40 and others answer ``x IN (…) AND time < …`` over an index wrongly, once a database has statistics. So
  nothing here runs ANALYZE on SQLite, and :func:`refuse_faulty_engine` refuses a database with statistics on such an
  engine.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sql

from passport.errors import UnusableStore
from passport.store import Store
from passport.store.facts import fact_tables
from passport.store.failures import answering
from passport.store.tables import Text
from passport.texts import Message

_temporary = sql.MetaData()
_BIG = sql.BigInteger().with_variant(sql.Integer(), "sqlite")
_scope = sql.Table(
    "judge_scope", _temporary, sql.Column("pack", _BIG, primary_key=True, autoincrement=False), prefixes=["TEMPORARY"]
)
_actors = sql.Table("judge_actors", _temporary, sql.Column("actor", Text, primary_key=True), prefixes=["TEMPORARY"])
#: Duties: what follows which event of which role, within how many seconds.
_duties = sql.Table(
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
_done = sql.Table(
    "judge_done",
    _temporary,
    sql.Column("duty", Text, primary_key=True),
    sql.Column("kind", Text, primary_key=True),
    prefixes=["TEMPORARY"],
)
#: Lists: banned uses, permits by role, least recovery by material.
_lists = sql.Table(
    "judge_lists",
    _temporary,
    sql.Column("list", Text, primary_key=True),
    sql.Column("code", Text, primary_key=True),
    sql.Column("text", Text, primary_key=True),
    sql.Column("number", _BIG, nullable=True),
    sql.Column("since", _BIG, nullable=False),
    prefixes=["TEMPORARY"],
)
_INPUTS = {"duties": _duties, "done": _done, "lists": _lists}
#: The columns that every query answers, in this order.
COLUMNS = ("pack", "actor", "other", "first", "last", "span", "value", "due")


@dataclass(frozen=True)
class RuleRow:
    """One row of an answer.

    :param pack: number; :param actor: DID; :param other: DID of another actor, or IRI of another pack.
    :param first: number of the first event of the evidence, :param last: of the last one.
    :param span: seconds that matter to the rule; :param value: what the rule found; :param due: deadline.
    """

    pack: int | None
    actor: str | None
    other: str | None
    first: int
    last: int | None
    span: int | None
    value: str | None
    due: int | None


class Judge:
    """Runs queries over one connection, whose temporary tables hold scope and parameters."""

    def __init__(self, connection: sql.Connection) -> None:
        self._connection = connection
        self._sqlite = connection.dialect.name == "sqlite"

    def prepare(self, inputs: Mapping[str, Iterable[Mapping[str, Any]]]) -> None:
        """Make the temporary tables and fill in duties and lists.

        :param inputs: rows of ``duties``, ``done`` and ``lists``.
        """
        for table in _temporary.sorted_tables:
            self._connection.execute(sql.text(f"DROP TABLE IF EXISTS {table.name}"))
            table.create(self._connection, checkfirst=False)
        for name, rows in inputs.items():
            if listed := list(rows):
                self._connection.execute(_INPUTS[name].insert(), listed)

    def everything(self) -> None:
        """Take all packs and actors into scope."""
        self._empty()
        self._connection.execute(_scope.insert().from_select(["pack"], sql.select(fact_tables.packs.c.number)))
        actors = sql.union(
            sql.select(fact_tables.events.c.actor),
            sql.select(fact_tables.corrections.c.actor),
            sql.select(fact_tables.packs.c.holder).where(fact_tables.packs.c.holder.is_not(None)),
        )
        self._connection.execute(_actors.insert().from_select(["actor"], actors))
        if not self._sqlite:
            for table in (*_temporary.sorted_tables, *fact_tables.facts.sorted_tables):
                self._connection.execute(sql.text(f"ANALYZE {table.name}"))

    def only(self, packs: Iterable[int], actors: Iterable[str]) -> None:
        """Take these packs and actors into scope."""
        self._empty()
        if rows := [{"pack": pack} for pack in sorted(set(packs))]:
            self._connection.execute(_scope.insert(), rows)
        if names := [{"actor": actor} for actor in sorted(set(actors))]:
            self._connection.execute(_actors.insert(), names)

    def affected(self, pack: int) -> tuple[set[int], set[str]]:
        """The packs and actors whose answers an event of a pack can change.

        Those that share a part, a vehicle, a code or a certificate with it, and those that it was made from or into.
        """
        values = {"pack": pack}
        packs = {pack}
        for query in _AFFECTED:
            packs |= {row[0] for row in self._connection.execute(query, values)}
        actors: set[str] = set()
        for query in _AFFECTED_ACTORS:
            actors |= {row[0] for row in self._connection.execute(query, values) if row[0] is not None}
        return packs, actors

    def answer(self, query: str, values: Mapping[str, int]) -> tuple[RuleRow, ...]:
        """The rows of one query over the scope."""
        if self._sqlite:
            # The driver takes named values as they are; an arriving event runs every rule, and this saves the compiler.
            return tuple(RuleRow(*row) for row in self._connection.exec_driver_sql(query, dict(values)))
        statement, names = _statement(query)
        rows = self._connection.execute(statement, {name: values[name] for name in names})
        return tuple(RuleRow(*map(_plain, row)) for row in rows)

    def plan(self, query: str, values: Mapping[str, int]) -> tuple[str, ...]:
        """The steps by which SQLite answers a query."""
        statement, names = _statement(f"EXPLAIN QUERY PLAN {query}")
        rows = self._connection.execute(statement, {name: values[name] for name in names})
        return tuple(row[3] for row in rows)

    def event_ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of events by their numbers."""
        return self._by_number("event", (fact_tables.events, fact_tables.corrections), numbers)

    def accepted(self, numbers: Iterable[int]) -> dict[int, int]:
        """The instants at which events were accepted, by their numbers."""
        return self._by_number("accepted", (fact_tables.events, fact_tables.corrections), numbers)

    def pack_iris(self, numbers: Iterable[int]) -> dict[int, str]:
        """The IRIs of packs by their numbers."""
        return self._by_number("pack", (fact_tables.packs,), numbers)

    def codes(self, numbers: Iterable[int]) -> dict[int, str | None]:
        """The codes of packs by their numbers."""
        return self._by_number("code", (fact_tables.packs,), numbers)

    def places(self, numbers: Iterable[int]) -> dict[int, str | None]:
        """The provinces of events by their numbers."""
        return self._by_number("province", (fact_tables.events,), numbers)

    def kinds(self, numbers: Iterable[int]) -> dict[int, str]:
        """The kinds of events by their numbers; corrections have none."""
        return self._by_number("kind", (fact_tables.events,), numbers)

    def _by_number(self, column: str, tables: Iterable[sql.Table], numbers: Iterable[int]) -> dict[int, Any]:
        wanted = sorted(set(numbers))
        by_number: dict[int, Any] = {}
        for table in tables:
            for part in _parts(wanted):
                query = sql.select(table.c.number, table.c[column]).where(table.c.number.in_(part))
                by_number |= dict(tuple(row) for row in self._connection.execute(query))
        return by_number

    def _empty(self) -> None:
        for table in (_scope, _actors):
            self._connection.execute(table.delete())


@lru_cache(maxsize=200)
def _statement(query: str) -> tuple[sql.TextClause, tuple[str, ...]]:
    """A query, and the named values that it takes."""
    statement = sql.text(query)
    return statement, tuple(statement.compile().params)


def _plain(value: Any) -> Any:
    # PostgreSQL answers sums as Decimal.
    return value if value is None or isinstance(value, int | str) else int(value)


def _parts(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


_AFFECTED = tuple(
    sql.text(query)
    for query in (
        "SELECT b.pack FROM fact_stays a CROSS JOIN fact_stays b"
        " WHERE a.pack = :pack AND b.sort = a.sort AND b.object = a.object",
        "SELECT b.pack FROM fact_vehicles a CROSS JOIN fact_vehicles b WHERE a.pack = :pack AND b.hash = a.hash",
        "SELECT b.number FROM fact_packs a CROSS JOIN fact_packs b WHERE a.number = :pack AND b.code = a.code",
        "SELECT b.pack FROM fact_packs a CROSS JOIN fact_events b WHERE a.number = :pack AND b.code = a.code",
        "SELECT b.pack FROM fact_events a CROSS JOIN fact_events b"
        " WHERE a.pack = :pack AND a.kind = 'scrap_vehicle' AND b.object = a.object",
        "SELECT b.pack FROM fact_packs a CROSS JOIN fact_origins b WHERE a.number = :pack AND b.origin = a.pack",
        "SELECT b.number FROM fact_origins a CROSS JOIN fact_packs b WHERE a.pack = :pack AND b.pack = a.origin",
    )
)
_AFFECTED_ACTORS = tuple(
    sql.text(query)
    for query in (
        "SELECT actor FROM fact_events WHERE pack = :pack",
        "SELECT counterpart FROM fact_events WHERE pack = :pack",
        "SELECT actor FROM fact_corrections WHERE pack = :pack",
        "SELECT holder FROM fact_packs WHERE number = :pack",
    )
)


@contextmanager
def judging(store: Store, *, writes: bool = False) -> Iterator[tuple[Judge, sql.Connection]]:
    """A judge over a transaction of the store, after the self-test of the engine.

    :raises UnusableStore: the engine answers wrongly.
    :raises StoreFailure: the database failed.
    """
    with (
        answering(),
        store.engine.connect().execution_options(writes=writes) as connection,
        connection.begin(),
    ):
        refuse_faulty_engine(connection)
        yield Judge(connection), connection


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
