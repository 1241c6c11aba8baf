"""Writing the facts of supervision: the rows of a pack, and what comes from elsewhere.

The caller brings rows as values whose members are the columns of :mod:`passport.store.facts.fact_tables`; this module
knows tables only. A database whose facts come from a benchmark is marked, and :meth:`FactWriter.begin` refuses to
replace them by those of real events.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import sqlalchemy as sql

from passport.errors import UsageError
from passport.store import Store
from passport.store.facts import fact_tables
from passport.store.facts.pack_rows import renew
from passport.store.facts.statements import DriverStatements
from passport.store.inserting import insert_rows
from passport.store.tables import is_storable
from passport.texts import Message

SOURCE, EVENTS, BENCHMARK = "source", "events", "benchmark"
#: Setting with the number of the newest event that is in the facts.
REACHED = "reached"
#: The same of read-outs.
REACHED_READ_OUTS = "reached-read-outs"
#: Of documents beside events, and of status lists of the store.
_REACHED_DOCUMENTS, _REACHED_LISTS = "reached-documents", "reached-lists"
#: Of credentials whose statements are facts.
_REACHED_STATEMENTS = "reached-statements"
#: Rows that are held in memory before they are written.
_AT_ONCE = 5000


class _Numbered(Protocol):
    @property
    def number(self) -> int: ...


class PackRows(Protocol):
    """The rows of one pack, as ``passport.supervision.pack_facts.PackFacts`` has them."""

    @property
    def pack(self) -> _Numbered: ...
    @property
    def events(self) -> Sequence[Any]: ...
    @property
    def corrections(self) -> Sequence[Any]: ...
    @property
    def vehicles(self) -> Sequence[Any]: ...
    @property
    def stays(self) -> Sequence[Any]: ...
    @property
    def recoveries(self) -> Sequence[Any]: ...
    @property
    def origins(self) -> Sequence[Any]: ...
    @property
    def details(self) -> Sequence[Any]: ...


#: How events are counted after all were written.
_VOLUMES = (
    "SELECT actor, '', 0, '', count(*) FROM fact_events GROUP BY actor",
    "SELECT actor, kind, time / 2592000, coalesce(province, ''), count(*) FROM fact_events"
    " GROUP BY actor, kind, time / 2592000, coalesce(province, '')",
    "SELECT actor, 'correct', accepted / 2592000, '', count(*) FROM fact_corrections"
    " GROUP BY actor, accepted / 2592000",
)
_LISTS = ("events", "corrections", "vehicles", "stays", "recoveries", "origins", "details")


class FactWriter:
    """Writes facts in the transaction of a connection.

    :param connection: in a writer's transaction.
    """

    def __init__(self, connection: sql.Connection) -> None:
        self._connection = connection
        self._statements = DriverStatements(connection)

    def begin(self, source: str = EVENTS) -> None:
        """Empty the projected tables, before all facts are made again. What comes from elsewhere stays.

        :param source: where the facts will come from.
        :raises UsageError: the facts are those of a benchmark.
        """
        if source == EVENTS and self.source() == BENCHMARK:
            raise UsageError(
                Message("the facts in this database are those of a benchmark"),
                expected=Message("facts of signed events"),
                hint=Message("Take the database of a project; the facts of a benchmark have no signed events."),
            )
        made_again = (fact_tables.statements, fact_tables.alerts, fact_tables.settings)
        for table in (*fact_tables.PROJECTED, *fact_tables.COUNTED, *made_again):
            self._connection.execute(table.delete())
        self._connection.execute(fact_tables.settings.insert(), {"name": SOURCE, "value": source})

    def source(self) -> str | None:
        """Where the facts come from; None where there are none."""
        return self._setting(SOURCE)

    def reached(self) -> int | None:
        """The number of the newest event of the store that is in the facts; None where they were not made from it."""
        number = self._setting(REACHED)
        return None if number is None else int(number)

    def reach(self, number: int) -> None:
        """Note that all events of the store up to this number are in the facts."""
        self._note(REACHED, str(number))

    def reached_read_outs(self) -> int:
        """The number of the newest read-out of the store that is in the facts; 0 for none."""
        return int(self._setting(REACHED_READ_OUTS) or 0)

    def reach_read_outs(self, number: int) -> None:
        """Note that all read-outs of the store up to this number are in the facts."""
        self._note(REACHED_READ_OUTS, str(number))

    def reached_standing(self) -> tuple[int, int]:
        """Numbers of the newest document and of the newest status list from which accreditations were made."""
        return int(self._setting(_REACHED_DOCUMENTS) or 0), int(self._setting(_REACHED_LISTS) or 0)

    def reach_standing(self, document: int, status_list: int) -> None:
        """Note the same."""
        self._note(_REACHED_DOCUMENTS, str(document))
        self._note(_REACHED_LISTS, str(status_list))

    def reached_statements(self) -> int:
        """The number of the newest credential of the store whose statements are facts; 0 for none."""
        return int(self._setting(_REACHED_STATEMENTS) or 0)

    def reach_statements(self, number: int) -> None:
        """Note the same."""
        self._note(_REACHED_STATEMENTS, str(number))

    def _note(self, name: str, value: str) -> None:
        self._statements.rows(
            "INSERT INTO fact_settings (name, value) VALUES (:name, :value)"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            {"name": name, "value": value},
        )

    def _setting(self, name: str) -> str | None:
        rows = self._statements.rows("SELECT value FROM fact_settings WHERE name = :name", {"name": name})
        return rows[0][0] if rows else None

    def fill(self, packs: Iterable[PackRows]) -> int:
        """Write all packs after :meth:`begin`; returns how many."""
        count = self._add(packs)
        for query in _VOLUMES:
            self._connection.execute(sql.text(f"INSERT INTO fact_volumes {query}"))
        return count

    def _add(self, packs: Iterable[PackRows]) -> int:
        count = 0
        waiting: dict[sql.Table, list[Mapping[str, Any]]] = {table: [] for table in fact_tables.PROJECTED}
        for rows in packs:
            count += 1
            for table, more in _rows(rows):
                waiting[table] += more
            if count % _AT_ONCE == 0:
                self._flush(waiting)
        self._flush(waiting)
        return count

    def replace(self, number: int, rows: PackRows | None) -> frozenset[str] | None:
        """Renew the rows of one pack: after a correction or a late event every one may differ; else few do.

        :param number: of the pack; :param rows: None where none of its events holds any more.
        :returns: kinds of the events that were added behind all others; None where an event that was there has changed,
            or came in between.
        """
        return renew(self._statements, number, {} if rows is None else dict(_rows(rows)))

    def refer(self, **tables: Iterable[Mapping[str, Any]]) -> None:
        """Write what comes from elsewhere: each table named is replaced by the rows given.

        :param tables: ``readouts``, ``contents``, ``accreditations``, ``permits``, ``outlets``.
        """
        for table in fact_tables.REFERENCES:
            name = table.name.removeprefix("fact_")
            if name in tables:
                self._connection.execute(table.delete())
                self._insert(table, list(tables.pop(name)))
        if tables:
            raise UsageError(Message("there are no facts of this name: {names}", names=sorted(tables)))

    def add_read_out(self, row: Mapping[str, Any]) -> None:
        """Write a read-out; one of the same pack and time is replaced."""
        self._statements.rows("DELETE FROM fact_readouts WHERE pack = :pack AND time = :time", row)
        self._connection.execute(fact_tables.readouts.insert(), row)

    def numbers_of(self, values: Mapping[str, Any]) -> dict[int, Any]:
        """The same values by number of the pack; packs without an event are left out. :param values: by IRI."""
        query = "SELECT number FROM fact_packs WHERE pack = :pack"
        return {row[0]: value for pack, value in values.items() for row in self._statements.rows(query, {"pack": pack})}

    def is_stated(self, subject: str) -> bool:
        """Whether facts have statements about a pack, batch or model."""
        return bool(self._statements.rows("SELECT 1 FROM fact_statements WHERE subject = :subject LIMIT 1",
                                          {"subject": subject}))  # fmt: skip

    def state(self, subject: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write what is stated of a pack, batch or model, in place of what was stated before.

        :param rows: name, value as JSON, issuer.
        """
        self._statements.rows("DELETE FROM fact_statements WHERE subject = :subject", {"subject": subject})
        self._statements.each(
            "INSERT INTO fact_statements (subject, name, value, issuer) VALUES (:subject, :name, :value, :issuer)",
            [{**row, "subject": subject} for row in rows],
        )

    def state_contents(self, packs: Mapping[str, Iterable[tuple[str, int]]]) -> tuple[str, ...]:
        """Write what packs hold, in grams by material, in place of what was stated before.

        :returns: the packs where it differs.
        """
        table, changed = fact_tables.contents, []
        query = "SELECT material, mass FROM fact_contents WHERE pack = :pack"
        for pack, contents in packs.items():
            stated = dict(contents)
            if {row[0]: row[1] for row in self._statements.rows(query, {"pack": pack})} == stated:
                continue
            self._connection.execute(table.delete().where(table.c.pack == pack))
            self._connection.execute(
                table.insert(), [{"pack": pack, "material": name, "mass": mass} for name, mass in stated.items()]
            )
            changed.append(pack)
        return tuple(changed)

    def _flush(self, waiting: dict[sql.Table, list[Mapping[str, Any]]]) -> None:
        for table, rows in waiting.items():
            self._insert(table, rows)
            rows.clear()

    def _insert(self, table: sql.Table, rows: Sequence[Mapping[str, Any]]) -> None:
        # Only texts that every database can hold go past the types of the columns.
        if is_storable("".join(value for row in rows for value in row.values() if isinstance(value, str))):
            insert_rows(self._connection, table, rows)
        elif rows:
            self._connection.execute(table.insert(), rows)


def _rows(rows: PackRows) -> Iterator[tuple[sql.Table, list[Mapping[str, Any]]]]:
    yield fact_tables.packs, [vars(rows.pack)]
    for name in _LISTS:
        listed = getattr(rows, name)
        if listed:
            yield fact_tables.facts.tables[f"fact_{name}"], [vars(row) for row in listed]


@contextmanager
def writing(store: Store) -> Iterator[FactWriter]:
    """A writer's transaction over the facts: everything inside is written, or nothing.

    :raises StoreFailure: the database failed, or takes no writes.
    """
    with store.transaction() as transaction:
        yield FactWriter(transaction.connection)
