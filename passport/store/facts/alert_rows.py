"""Openings of alerts and their closings by cause, as rows: a projection that judging makes, and makes again.

What people do with an alert is kept apart, in :mod:`passport.store.state.alert_handling`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sql

from passport.store.facts import fact_tables
from passport.store.facts.statements import DriverStatements

_alerts = fact_tables.alerts
#: Values in one statement.
_AT_ONCE = 500


@dataclass(frozen=True)
class AlertRow:
    """One opening. Instants are seconds since 1970.

    :param evidence: id of the first event of the evidence; :param first: its number; :param last: number of the last.
    :param value: what the rule found, each on a line.
    :param opened: when the rule was broken, by the evidence; the same whenever the facts are made again.
    :param returned: instant of the check that found it again after it had closed; None for the first opening.
    :param closed: None while the cause is there; :param cause: id of the event that took it away, empty for the clock.
    """

    sequence: int
    rule: str
    subject: str
    evidence: str
    pack: int | None
    actor: str | None
    other: str | None
    first: int
    last: int | None
    span: int | None
    value: str | None
    due: int | None
    opened: int
    returned: int | None = None
    closed: int | None = None
    cause: str | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """Rule, subject and first evidence."""
        return (self.rule, self.subject, self.evidence)


_COLUMNS = tuple(_alerts.c[field.name] for field in fields(AlertRow))
_OPEN = f"SELECT {', '.join(column.name for column in _COLUMNS)} FROM fact_alerts WHERE closed IS NULL"  # noqa: S608
_OPEN_OF_PACK = f"{_OPEN} AND pack = :pack"
_OPEN_OF_ACTOR = f"{_OPEN} AND pack IS NULL AND actor = :actor"


class AlertRows:
    """Openings over one connection.

    :param connection: in a writer's transaction where something is written.
    """

    def __init__(self, connection: sql.Connection) -> None:
        self._connection = connection

    def version(self) -> tuple[int, int, str]:
        """What changes whenever an opening does: newest number, how many have closed, the newest event in the facts."""
        newest, closed = self._connection.execute(
            sql.select(sql.func.coalesce(sql.func.max(_alerts.c.sequence), 0), sql.func.count(_alerts.c.closed))
        ).one()
        settings = fact_tables.settings
        reached = sql.select(settings.c.value).where(settings.c.name == "reached")
        return int(newest), int(closed), self._connection.execute(reached).scalar() or ""

    def all(self) -> tuple[AlertRow, ...]:
        """Every opening, oldest first."""
        return self._rows(sql.select(*_COLUMNS).order_by(_alerts.c.sequence))

    def of(self, rule: str, subject: str, evidence: str) -> tuple[AlertRow, ...]:
        """The openings of one alert, oldest first."""
        query = sql.select(*_COLUMNS).where(
            _alerts.c.rule == rule, _alerts.c.subject == subject, _alerts.c.evidence == evidence
        )
        return self._rows(query.order_by(_alerts.c.sequence))

    def open(self) -> tuple[AlertRow, ...]:
        """All openings whose cause is there."""
        return self._rows(sql.select(*_COLUMNS).where(_alerts.c.closed.is_(None)))

    def open_of(self, packs: Iterable[int], actors: Iterable[str]) -> tuple[AlertRow, ...]:
        """Those of these packs, and those of actors as such."""
        statements = DriverStatements(self._connection)
        found = [row for pack in sorted(packs) for row in statements.rows(_OPEN_OF_PACK, {"pack": pack})]
        found += [row for actor in sorted(actors) for row in statements.rows(_OPEN_OF_ACTOR, {"actor": actor})]
        return tuple(AlertRow(*row) for row in found)

    def closed_before(self, rules: Iterable[str], subjects: Iterable[str]) -> set[tuple[str, str, str]]:
        """The keys of alerts about these that have closed by cause."""
        wanted = sorted(set(subjects))
        raised: set[tuple[str, str, str]] = set()
        for start in range(0, len(wanted), _AT_ONCE):
            query = sql.select(_alerts.c.rule, _alerts.c.subject, _alerts.c.evidence).where(
                _alerts.c.rule.in_(sorted(set(rules))),
                _alerts.c.subject.in_(wanted[start : start + _AT_ONCE]),
                _alerts.c.closed.is_not(None),
            )
            raised |= {(row[0], row[1], row[2]) for row in self._connection.execute(query)}
        return raised

    def add(self, rows: Iterable[AlertRow]) -> None:
        """Open alerts; their numbers follow the newest one."""
        new = list(rows)
        if not new:
            return
        newest = self._connection.execute(
            sql.select(sql.func.coalesce(sql.func.max(_alerts.c.sequence), 0))
        ).scalar_one()
        self._connection.execute(
            _alerts.insert(), [{**vars(row), "sequence": newest + place} for place, row in enumerate(new, 1)]
        )

    def close(self, rows: Iterable[AlertRow], at: int, cause: str) -> None:
        """Close alerts whose cause has left.

        :param cause: id of the event that took it away; empty where time did.
        """
        numbers = [{"number": row.sequence} for row in rows]
        if numbers:
            statement = (
                _alerts.update().where(_alerts.c.sequence == sql.bindparam("number")).values(closed=at, cause=cause)
            )
            self._connection.execute(statement, numbers)

    def _rows(self, query: sql.Select[Any]) -> tuple[AlertRow, ...]:
        return tuple(AlertRow(**row._mapping) for row in self._connection.execute(query))
