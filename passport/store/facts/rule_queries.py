"""Running the rules of supervision over the facts: the same query for one pack and for the whole population.

* A query begins with ``judge_scope`` (packs) or ``judge_actors`` (actors): temporary tables that hold the affected
  ones, or all. ``CROSS JOIN`` after it fixes the order of the joins in SQLite, which needs no statistics then.
* Parameters of rules, duties and lists are temporary tables (:mod:`passport.store.facts.judge_tables`) and named
  values, never text put into a query.
* Nothing here runs ANALYZE on SQLite, see :mod:`passport.store.facts.engine_test`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sql

from passport.store import Store
from passport.store.facts import fact_tables, judge_tables
from passport.store.facts.engine_test import refuse_faulty_engine
from passport.store.facts.judge_tables import JudgeInputs
from passport.store.facts.statements import DriverStatements
from passport.store.failures import answering

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
        self._rows = DriverStatements(connection).rows

    def prepare(self, inputs: JudgeInputs) -> None:
        """Make the temporary tables and fill in duties and lists, where the connection does not have these yet."""
        judge_tables.prepare(self._connection, inputs)

    def everything(self) -> None:
        """Take all packs and actors into scope."""
        judge_tables.take_everything(self._connection)

    def only(self, packs: Iterable[int], actors: Iterable[str]) -> None:
        """Take these packs and actors into scope."""
        judge_tables.take(self._connection, packs, actors)

    def portion(self, first: int, last: int) -> None:
        """Take the packs with these numbers and those between them into scope, and no actors."""
        judge_tables.take_portion(self._connection, first, last)

    def actors(self) -> None:
        """Take all actors into scope, and no packs."""
        judge_tables.take_actors(self._connection)

    def affected(self, pack: int) -> tuple[set[int], set[str]]:
        """The packs and actors whose answers an event of a pack can change.

        Those that share a part, a vehicle, a code or a certificate with it, and those that it was made from or into.
        """
        values = {"pack": pack}
        packs = {pack, *(row[0] for row in self._rows(_AFFECTED, values))}
        return packs, {row[0] for row in self._rows(_AFFECTED_ACTORS, values) if row[0] is not None}

    def answer(self, query: str, values: Mapping[str, int]) -> tuple[RuleRow, ...]:
        """The rows of one query over the scope."""
        return tuple(RuleRow(*map(_plain, row)) for row in self._rows(query, values))

    def plan(self, query: str, values: Mapping[str, int]) -> tuple[str, ...]:
        """The steps by which SQLite answers a query."""
        return tuple(row[3] for row in self._rows(f"EXPLAIN QUERY PLAN {query}", values))

    def event_ids(self, numbers: Iterable[int]) -> dict[int, str]:
        """The ids of events by their numbers."""
        return self._by_number("event", _EVENTS, numbers)

    def accepted(self, numbers: Iterable[int]) -> dict[int, int]:
        """The instants at which events were accepted, by their numbers."""
        return self._by_number("accepted", _EVENTS, numbers)

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
            if len(wanted) <= _SINGLE:
                query = f"SELECT number, {column} FROM {table.name} WHERE number = :number"  # noqa: S608 (our names)
                by_number |= {row[0]: row[1] for n in wanted for row in self._rows(query, {"number": n})}
                continue
            for part in _parts(wanted):
                statement = sql.select(table.c.number, table.c[column]).where(table.c.number.in_(part))
                by_number |= dict(tuple(row) for row in self._connection.execute(statement))
        return by_number


def _plain(value: Any) -> Any:
    # PostgreSQL answers sums as Decimal.
    return value if value is None or isinstance(value, int | str) else int(value)


def _parts(numbers: Sequence[int], size: int = 500) -> Iterator[Sequence[int]]:
    for start in range(0, len(numbers), size):
        yield numbers[start : start + size]


_EVENTS = (fact_tables.events, fact_tables.corrections)
#: So many numbers are looked up one by one.
_SINGLE = 20
_AFFECTED = """
SELECT b.pack FROM fact_stays a CROSS JOIN fact_stays b WHERE a.pack = :pack AND b.sort = a.sort AND b.object = a.object
UNION SELECT b.pack FROM fact_vehicles a CROSS JOIN fact_vehicles b WHERE a.pack = :pack AND b.hash = a.hash
UNION SELECT b.number FROM fact_packs a CROSS JOIN fact_packs b WHERE a.number = :pack AND b.code = a.code
UNION SELECT b.pack FROM fact_packs a CROSS JOIN fact_events b WHERE a.number = :pack AND b.code = a.code
UNION SELECT b.pack FROM fact_events a CROSS JOIN fact_events b
  WHERE a.pack = :pack AND a.kind = 'scrap_vehicle' AND b.object = a.object
UNION SELECT b.pack FROM fact_packs a CROSS JOIN fact_origins b WHERE a.number = :pack AND b.origin = a.pack
UNION SELECT b.number FROM fact_origins a CROSS JOIN fact_packs b WHERE a.pack = :pack AND b.pack = a.origin
"""
_AFFECTED_ACTORS = """
SELECT actor FROM fact_events WHERE pack = :pack
UNION SELECT counterpart FROM fact_events WHERE pack = :pack
UNION SELECT actor FROM fact_corrections WHERE pack = :pack
UNION SELECT holder FROM fact_packs WHERE number = :pack
"""


@contextmanager
def judging(store: Store, *, writes: bool = False, snapshot: bool = False) -> Iterator[tuple[Judge, sql.Connection]]:
    """A judge over a transaction of the store, after the self-test of the engine.

    :param snapshot: all queries see the facts of one moment, also in PostgreSQL.
    :raises UnusableStore: the engine answers wrongly.
    :raises StoreFailure: the database failed.
    """
    options: dict[str, Any] = {"writes": writes}
    if snapshot and store.engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with (
        answering(),
        store.engine.connect().execution_options(**options) as connection,
        connection.begin(),
    ):
        refuse_faulty_engine(connection)
        yield Judge(connection), connection
