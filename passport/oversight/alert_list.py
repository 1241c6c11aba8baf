"""The worklist of alerts: filtered, counted by facet, sorted, a page at a time.

* The alerts of a store are read once and kept until one of them changes.
* The order is severity, then deadline, then id; those without a deadline come last.
* The count of a facet is over the alerts that fit everything else that was chosen, so it says what a click gives.

    alerts = AlertList(register)
    page = alerts.page(AlertFilter(severities=frozenset({"high"})), at=now)
    page.total, page.facets["rule"]["cloned-code"], page.next
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any
from urllib.parse import parse_qsl

from passport.oversight.alert_register import AlertEntry, AlertRegister
from passport.supervision.alerts import LIVE, AlertStatus
from passport.supervision.rulebook import SEVERITIES

PAGE = 50
#: Deadlines that can be chosen.
LATE, WEEK, MONTH, NO_DEADLINE = DEADLINES = ("late", "week", "month", "none")
#: Means an alert without an owner.
NOBODY = "nobody"
#: Choices that may be several.
_SEVERAL = ("severity", "status")
FACETS = ("severity", "status", "rule", "province", "actor", "owner", "deadline")


@dataclass(frozen=True)
class AlertFilter:
    """What is chosen; an empty part does not matter.

    :ivar statuses: empty means the unresolved ones.
    :ivar actor: DID, as any of the parties of the finding; :ivar owner: name, or :data:`NOBODY`.
    :ivar deadline: of :data:`DEADLINES`; :ivar pack: IRI.
    :ivar since: only alerts opened from this instant on.
    """

    severities: frozenset[str] = frozenset()
    statuses: frozenset[AlertStatus] = frozenset()
    rule: str | None = None
    province: str | None = None
    actor: str | None = None
    owner: str | None = None
    deadline: str | None = None
    pack: str | None = None
    since: datetime | None = None

    @classmethod
    def of(cls, choices: Mapping[str, Any], at: datetime, *, me: str | None = None) -> AlertFilter:
        """The filter of choices as an address has them: ``severity`` and ``status`` may be several.

        :param me: the person that the owner ``me`` means.
        """
        owner, days = choices.get("owner"), choices.get("days")
        return cls(
            severities=frozenset(choices.get("severity", ())),
            statuses=frozenset(AlertStatus(status) for status in choices.get("status", ())),
            rule=choices.get("rule"),
            province=choices.get("province"),
            actor=choices.get("actor"),
            owner=me if owner == "me" else owner,
            deadline=choices.get("deadline"),
            since=at - timedelta(days=int(days)) if days else None,
        )

    def misses(self, entry: AlertEntry, at: datetime) -> tuple[str, ...]:
        """The facets that an alert does not fit; ``scope`` for pack and instant."""
        fits = {
            "severity": not self.severities or entry.rule.severity in self.severities,
            "status": entry.status in (self.statuses or LIVE),
            "rule": self.rule in (None, entry.rule.code),
            "province": self.province in (None, entry.province),
            "actor": self.actor is None or self.actor in parties(entry),
            "owner": self.owner in (None, entry.alert.owner or NOBODY),
            "deadline": self.deadline is None or self.deadline in deadlines(entry, at),
            "scope": (self.pack is None or self.pack in (entry.finding.pack, entry.finding.other))
            and (self.since is None or entry.alert.opened >= self.since),
        }
        return tuple(name for name, fit in fits.items() if not fit)


@dataclass(frozen=True)
class AlertPage:
    """A page of alerts.

    :ivar total: how many fit; :ivar first: place of the first of the page, from 1.
    :ivar next: cursor of the page behind; None behind the last.
    :ivar facets: counts by value, by name of the facet.
    """

    entries: tuple[AlertEntry, ...]
    total: int
    first: int
    next: str | None
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


class AlertList:
    """The alerts of a register, read again when one has changed."""

    def __init__(self, register: AlertRegister) -> None:
        self._register = register
        self._lock = Lock()
        self._version: tuple[int, int, str, int] | None = None
        self._entries: tuple[AlertEntry, ...] = ()
        self._by_id: dict[str, AlertEntry] = {}

    def entries(self) -> tuple[AlertEntry, ...]:
        """All alerts, in the order of the list."""
        # Read before the alerts are: what changes meanwhile is read once more next time.
        version = self._register.version()
        with self._lock:
            if version != self._version:
                self._entries = tuple(sorted(self._register.entries(), key=order))
                self._by_id = {entry.id: entry for entry in self._entries}
                self._version = version
            return self._entries

    def find(self, id_: str) -> AlertEntry | None:
        """The alert of an id."""
        self.entries()
        return self._by_id.get(id_)

    def page(
        self,
        wanted: AlertFilter,
        at: datetime,
        *,
        after: str | None = None,
        limit: int = PAGE,
        visible: Callable[[AlertEntry], bool] = lambda entry: True,
    ) -> AlertPage:
        """A page of the alerts that fit.

        :param after: cursor; :param visible: what a reader may see.
        """
        fitting: list[AlertEntry] = []
        facets: dict[str, Counter[str]] = {name: Counter() for name in FACETS}
        for entry in self.entries():
            if not visible(entry):
                continue
            missed = wanted.misses(entry, at)
            if not missed:
                fitting.append(entry)
                for name in FACETS:
                    facets[name].update(_values(name, entry, at))
            elif len(missed) == 1 and missed[0] in facets:
                facets[missed[0]].update(_values(missed[0], entry, at))
        start = 0
        if after:
            start = next((place for place, entry in enumerate(fitting) if cursor(entry) > after), len(fitting))
        shown = tuple(fitting[start : start + limit])
        more = start + limit < len(fitting)
        return AlertPage(shown, len(fitting), start + 1, cursor(shown[-1]) if more and shown else None, facets)


def choices_of(query: str) -> dict[str, Any]:
    """The choices of a query of alerts, as :meth:`AlertFilter.of` takes them."""
    choices: dict[str, Any] = {}
    for name, value in parse_qsl(query):
        if name in _SEVERAL:
            choices.setdefault(name, []).append(value)
        else:
            choices[name] = value
    return choices


def order(entry: AlertEntry) -> tuple[int, bool, float, str]:
    """Severity, deadline, id."""
    due = entry.finding.due
    return SEVERITIES.index(entry.rule.severity), due is None, due.timestamp() if due else 0.0, entry.id


def cursor(entry: AlertEntry) -> str:
    """The place of an alert in the list, as text that sorts as the list does. It holds when the alert is gone."""
    severity, endless, due, id_ = order(entry)
    return f"{severity}{int(endless)}{int(due):011}{id_}"


def parties(entry: AlertEntry) -> tuple[str, ...]:
    """The actors that a finding names."""
    named = (entry.finding.actor, entry.finding.other, entry.finding.subject)
    return tuple(dict.fromkeys(name for name in named if name and name.startswith("did:")))


def deadlines(entry: AlertEntry, at: datetime) -> tuple[str, ...]:
    """The choices of :data:`DEADLINES` that an alert falls under."""
    due = entry.finding.due
    if due is None:
        return (NO_DEADLINE,)
    if due < at:
        return (LATE,)
    return tuple(name for name, days in ((WEEK, 7), (MONTH, 30)) if due < at + timedelta(days=days))


def concerning(entries: Iterable[AlertEntry], did: str) -> tuple[AlertEntry, ...]:
    """The alerts whose finding names an actor."""
    return tuple(entry for entry in entries if did in parties(entry))


def _values(name: str, entry: AlertEntry, at: datetime) -> Sequence[str]:
    if name == "severity":
        return (entry.rule.severity,)
    if name == "status":
        return (entry.status.value,)
    if name == "rule":
        return (entry.rule.code,)
    if name == "province":
        return (entry.province,) if entry.province else ()
    if name == "actor":
        return parties(entry)
    if name == "owner":
        return (entry.alert.owner or NOBODY,)
    return deadlines(entry, at)
