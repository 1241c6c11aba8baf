"""Everything that the facts say of one actor, judged against itself.

dossier = actor_dossier(store, did, at=now)
dossier.series["receive_in"]         # events by period of 30 days, the newest last
dossier.usual("receive_in")          # the middle of the periods before the newest
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from passport.store import Store
from passport.store.facts import actor_reading as reading
from passport.store.facts.actor_reading import PartnerRow, PunctualityRow, StandingRow
from passport.store.facts.rule_queries import judging
from passport.supervision.rulebook import DAY, REPORT, rulebook

#: Length of a period of the counts, in seconds.
PERIOD = 30 * DAY
PERIODS = 13
_YEAR = 365 * DAY


@dataclass(frozen=True)
class ActorDossier:
    """:ivar periods: their numbers, the newest last; :ivar series: events of each period, by kind.

    :ivar limits: days within which a kind is to be reported, and whether the basis was read.
    :ivar suppliers, receivers: of the last year.
    """

    did: str
    events: int
    province: str | None
    periods: tuple[int, ...]
    series: Mapping[str, tuple[int, ...]]
    punctuality: tuple[PunctualityRow, ...]
    limits: Mapping[str, tuple[int, bool]]
    corrections: tuple[tuple[str, int, int], ...]
    suppliers: tuple[PartnerRow, ...]
    receivers: tuple[PartnerRow, ...]
    accreditations: tuple[StandingRow, ...]
    permits: tuple[StandingRow, ...]
    stock: tuple[int, int]

    def usual(self, kind: str) -> int:
        """The middle of the periods before the newest one."""
        before = sorted(self.series.get(kind, (0,) * PERIODS)[:-1])
        return before[len(before) // 2]

    @property
    def in_time(self) -> tuple[int, int]:
        """Reports in time, and all reports with a limit."""
        every = sum(row.events for row in self.punctuality)
        return every - sum(row.late for row in self.punctuality), every


def actor_dossier(store: Store, did: str, at: datetime) -> ActorDossier | None:
    """The dossier of an actor; None where no event and no accreditation names it."""
    now = int(at.timestamp())
    newest = now // PERIOD
    periods = tuple(range(newest - PERIODS + 1, newest + 1))
    with judging(store) as (_, connection):
        accreditations, permits = reading.standing(connection, did)
        events = reading.total(connection, did)
        if not events and not accreditations:
            return None
        limits = _limits({row.name for row in accreditations})
        counted = reading.volumes(connection, did, periods[0])
        suppliers, receivers = reading.partners(connection, did, now - _YEAR)
        by_kind: dict[str, dict[int, int]] = {}
        for row in counted:
            by_kind.setdefault(row.kind, {})[row.period] = row.events
        return ActorDossier(
            did,
            events,
            reading.place(connection, did),
            periods,
            {kind: tuple(counts.get(period, 0) for period in periods) for kind, counts in sorted(by_kind.items())},
            reading.punctuality(
                connection, did, [(kind, days * DAY) for kind, (days, _) in sorted(limits.items())], now - _YEAR
            ),
            limits,
            reading.corrected(connection, did),
            suppliers,
            receivers,
            accreditations,
            permits,
            reading.stock(connection, did),
        )


def period_start(period: int) -> datetime:
    """The first instant of a period."""
    return datetime.fromtimestamp(period * PERIOD, UTC)


def _limits(roles: set[str]) -> dict[str, tuple[int, bool]]:
    """Days by kind, of the duties to report that bind an actor in these roles; the shortest."""
    limits: dict[str, tuple[int, bool]] = {}
    for duty in rulebook().duties.values():
        if duty.form == REPORT and roles & set(duty.reporters):
            for kind in duty.events:
                if kind not in limits or duty.days < limits[kind][0]:
                    limits[kind] = (duty.days, duty.verified)
    return limits
