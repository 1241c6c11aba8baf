"""The alerts of a project, as desk and command show them: opening, handling and rule of each joined.

register = AlertRegister(store, AlertHandling(project.state_path), rulebook())
for entry in register.entries():
    print(entry.id, entry.status, entry.sentence("zh"))
register.step(entry, "close", person="Li", reason="inspected on site", at=now)
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passport.errors import UsageError
from passport.lifecycle.event import CORRECTION
from passport.store import Store
from passport.store.facts.alert_rows import AlertRow, AlertRows
from passport.store.facts.fact_reading import EvidenceRow, evidence
from passport.store.facts.rule_queries import Judge, judging
from passport.store.state.alert_handling import AlertHandling, Handling
from passport.supervision.alerts import Alert, AlertStatus, refuse_step
from passport.supervision.findings import AlertKey, Finding, finding_json, sentence
from passport.supervision.rulebook import SEVERITIES, Rulebook, SupervisionRule
from passport.texts import Message

_ID = 12


def alert_id(key: AlertKey) -> str:
    """A short name of an alert, from its key: hex, 12 characters."""
    return hashlib.sha256("\n".join(key).encode()).hexdigest()[:_ID]


@dataclass(frozen=True)
class AlertEntry:
    """One alert with its rule and what the rule found.

    :ivar code: of the pack; :ivar province: where the newest event of the evidence happened.
    :ivar kinds: of the events of the evidence.
    """

    alert: Alert
    rule: SupervisionRule
    finding: Finding
    code: str | None = None
    province: str | None = None
    kinds: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """See :func:`alert_id`."""
        return alert_id(self.alert.key)

    @property
    def status(self) -> AlertStatus:
        return self.alert.status

    def sentence(self, language: str, shown: Callable[[str], str] = lambda name: name) -> str:
        """What happened, in a language. :param shown: how a pack, an actor or a value is named."""
        return sentence(self.rule, self.finding, language, shown)

    def to_json(self) -> dict[str, Any]:
        """The alert as a JSON object."""
        alert = self.alert
        return {
            "id": self.id,
            "status": alert.status.value,
            "owner": alert.owner,
            "opened": alert.opened.isoformat(),
            "closed": alert.closed.isoformat() if alert.closed else None,
            "reason": alert.reason,
            "closedByEvent": alert.cause,
            **finding_json(self.rule, self.finding),
            "steps": [
                {"at": step.at.isoformat(), "step": step.step, "by": step.person, "reason": step.reason,
                 "owner": step.owner} for step in alert.steps
            ],
        }  # fmt: skip


class AlertRegister:
    """The alerts of one store.

    :param handling: what people did; it is kept apart from signed data.
    """

    def __init__(self, store: Store, handling: AlertHandling, book: Rulebook) -> None:
        self._store, self._handling, self._book = store, handling, book

    def entries(self) -> tuple[AlertEntry, ...]:
        """Every alert, the most severe first, then the oldest. Alerts of rules that are no more are left out."""
        openings: dict[tuple[str, str, str], list[AlertRow]] = {}
        steps: dict[tuple[str, str, str], list[Handling]] = {}
        with judging(self._store) as (judge, connection):
            for row in AlertRows(connection).all():
                openings.setdefault(row.key, []).append(row)
            newest = [rows[-1] for rows in openings.values() if rows[-1].rule in self._book.rules]
            names = _Names.of(judge, newest)
        for step in self._handling.all():
            steps.setdefault(step.key, []).append(step)
        entries = [self._entry(openings[row.key], steps.get(row.key, []), names) for row in newest]
        return tuple(
            sorted(entries, key=lambda entry: (SEVERITIES.index(entry.rule.severity), entry.alert.opened, entry.id))
        )

    def find(self, id_: str) -> AlertEntry:
        """The alert of an id, or of its beginning.

        :raises UsageError: there is none, or several.
        """
        alerts = [entry for entry in self.entries() if len(id_) >= 4 and entry.id.startswith(id_)]
        if len(alerts) != 1:
            raise UsageError(
                Message("no alert is named {id}", id=id_)
                if not alerts
                else Message("several alerts begin with {id}", id=id_),
                expected=Message("the id of an alert, or its beginning of at least 4 characters"),
                hint=Message("{command} lists them.", command="passport alerts list"),
            )
        return alerts[0]

    def evidence(self, entry: AlertEntry) -> tuple[EvidenceRow, ...]:
        """The events behind an alert, in the order of acceptance."""
        with judging(self._store) as (_, connection):
            return evidence(connection, entry.finding.numbers)

    def step(
        self, entry: AlertEntry, step: str, *, person: str, reason: str, at: datetime, owner: str | None = None
    ) -> AlertEntry:
        """Write down what a person does with an alert; returns it as it is then.

        :raises UsageError: the step is not possible, see :func:`passport.supervision.alerts.refuse_step`.
        """
        if not person.strip():
            raise UsageError(Message("no name was given of the person who takes this step"), expected=Message("a name"))
        refuse_step(entry.alert, step, reason=reason, owner=owner)
        self._handling.add(Handling(at, *entry.alert.key, step, person, reason, owner))
        return self.find(entry.id)

    def version(self) -> tuple[int, int, str, int]:
        """What changes whenever an alert does."""
        with judging(self._store) as (_, connection):
            return (*AlertRows(connection).version(), self._handling.newest())

    def _entry(self, rows: list[AlertRow], steps: list[Handling], names: _Names) -> AlertEntry:
        row, rule = rows[-1], self._book.rules[rows[-1].rule]
        numbers = tuple(number for number in (row.first, row.last) if number is not None)
        finding = Finding(
            rule=row.rule,
            subject=row.subject,
            evidence=tuple(names.events.get(number, row.evidence) for number in numbers),
            pack=names.packs.get(row.pack) if row.pack is not None else None,
            actor=row.actor,
            other=row.other,
            seconds=row.span,
            values=tuple(row.value.splitlines()) if row.value else (),
            due=datetime.fromtimestamp(row.due, UTC) if row.due is not None else None,
            since=datetime.fromtimestamp(row.opened, UTC),
            numbers=numbers,
            pack_number=row.pack,
        )
        return AlertEntry(
            Alert.of(rows, steps),
            rule,
            finding,
            code=names.codes.get(row.pack) if row.pack is not None else None,
            province=next((place for number in reversed(numbers) if (place := names.places.get(number))), None),
            kinds=frozenset(names.kinds.get(number, CORRECTION) for number in numbers),
        )


@dataclass(frozen=True)
class _Names:
    """What the numbers of packs and events in openings stand for."""

    packs: Mapping[int, str]
    codes: Mapping[int, str | None]
    events: Mapping[int, str]
    places: Mapping[int, str | None]
    kinds: Mapping[int, str]

    @classmethod
    def of(cls, judge: Judge, rows: Iterable[AlertRow]) -> _Names:
        listed = list(rows)
        events = [number for row in listed for number in (row.first, row.last) if number is not None]
        packs = [row.pack for row in listed if row.pack is not None]
        return cls(
            judge.pack_iris(packs), judge.codes(packs), judge.event_ids(events), judge.places(events),
            judge.kinds(events),
        )  # fmt: skip
