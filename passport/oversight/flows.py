"""Flows of packs and mass in a month: series by stage, provinces, hand-overs, mass from stage to stage.

* Masses are grams, of the event or else of the pack. A pack that changes hands twice in a month counts twice.
* A stage that takes in more than it passes on keeps the rest in stock; one that passes on more draws on its stock.
  Both are links of their own, so that what goes into a stage equals what comes out.
* What was handed over and not received in time, and what recycling did not give back, are links too.

    flows = month_flows(store, Month.parse("2029-05"), at=now)
    flows.links                           # (source, target, grams)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from passport.errors import MalformedDocument
from passport.store import Store
from passport.store.facts import flow_reading as reading
from passport.store.facts.flow_reading import MISSING, RECEIVED, HandOverRow, RecyclingRow
from passport.store.facts.rule_queries import judging
from passport.texts import Message
from passport.vocabulary.credential_types import RECYCLED

CHINA = timezone(timedelta(hours=8))
#: Kinds of events of each series.
STAGES: dict[str, tuple[str, ...]] = {
    "fitted": ("fit", "swap_in"),
    "out": ("remove", "replace", "scrap_vehicle", "swap_out"),
    "received": ("receive_in",),
    "recycled": (RECYCLED, "transform"),
}
#: Kinds that take a pack out of its vehicle for good: a swapped one goes back into a vehicle.
LEFT = ("remove", "replace", "scrap_vehicle")
MONTHS = 12
#: Days for a receipt, as the rule of hand-overs has them.
RECEIPT_DAYS = 30
#: Stage of each role: 0 collects, 1 is an outlet, 2 uses or recycles. Other roles are at stage 0.
COLUMNS = {"outlet": 1, "transporter": 1, "utiliser": 2}
STOCK_IN, STOCK_OUT, LOST, UNDER_WAY = "stock", "from-stock", "not-received", "under-way"
RECYCLING, SECOND_LIFE, MATERIALS, RESIDUE, UNEXPLAINED = (
    "recycling", "second-life", "materials", "residue", "unexplained",
)  # fmt: skip


@dataclass(frozen=True)
class Month:
    """A month of China."""

    year: int
    month: int

    @classmethod
    def parse(cls, text: str) -> Month:
        """``2029-05``.

        :raises MalformedDocument: it is none.
        """
        match = re.fullmatch(r"(20\d\d)-(0[1-9]|1[0-2])", text, re.ASCII)
        if match is None:
            raise MalformedDocument(
                Message("this is no month"), expected=Message("such as {month}", month="2029-05"), found=text[:20]
            )
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def of(cls, at: datetime) -> Month:
        local = at.astimezone(CHINA)
        return cls(local.year, local.month)

    def plus(self, months: int) -> Month:
        number = self.year * 12 + self.month - 1 + months
        return Month(number // 12, number % 12 + 1)

    @property
    def first(self) -> datetime:
        return datetime(self.year, self.month, 1, tzinfo=CHINA)

    @property
    def start(self) -> int:
        return int(self.first.timestamp())

    def __str__(self) -> str:
        return f"{self.year:04}-{self.month:02}"


@dataclass(frozen=True)
class ProvinceFlow:
    """:ivar code: None where no province was named. Masses in grams."""

    code: str | None
    packs: int
    mass: int
    sent: int
    missing: int


@dataclass(frozen=True)
class MonthFlows:
    """:ivar series: by stage, the twelve months up to this one; :ivar links: source, target, grams."""

    month: Month
    months: tuple[Month, ...]
    series: dict[str, tuple[int, ...]]
    provinces: tuple[ProvinceFlow, ...]
    between: tuple[tuple[str | None, str | None, int, int], ...]
    links: tuple[tuple[str, str, int], ...]

    @property
    def left(self) -> tuple[int, int]:
        """Packs and grams that left vehicles."""
        return sum(row.packs for row in self.provinces), sum(row.mass for row in self.provinces)

    @property
    def missing(self) -> int:
        """Grams handed over and not received in time."""
        return sum(row.missing for row in self.provinces)


def month_flows(store: Store, month: Month, at: datetime, province: str | None = None) -> MonthFlows:
    """The flows of a month.

    :param province: the series of one province only.
    """
    months = tuple(month.plus(place - MONTHS + 1) for place in range(MONTHS))
    start, end = month.start, month.plus(1).start
    with judging(store) as (_, connection):
        counted = reading.counts(
            connection, {kind for kinds in STAGES.values() for kind in kinds},
            [each.start for each in (*months, month.plus(1))], province,
        )  # fmt: skip
        left = {kind: reading.by_province(connection, kind, start, end) for kind in LEFT}
        handed = reading.hand_overs(connection, start, end, now=int(at.timestamp()), days=RECEIPT_DAYS)
        transformed = sum(row.mass for row in reading.by_province(connection, "transform", start, end))
        recycled = reading.recycling(connection, start, end)
    series = {
        stage: tuple(map(sum, zip(*(counted[kind] for kind in kinds), strict=True))) for stage, kinds in STAGES.items()
    }
    return MonthFlows(
        month, months, series, _provinces(left, handed), _between(handed), _links(handed, recycled, transformed)
    )


def _provinces(
    left: dict[str, tuple[reading.ProvinceRow, ...]], handed: Iterable[HandOverRow]
) -> tuple[ProvinceFlow, ...]:
    totals: dict[str | None, list[int]] = {}
    for rows in left.values():
        for row in rows:
            total = totals.setdefault(row.province, [0, 0, 0, 0])
            total[0] += row.packs
            total[1] += row.mass
    for hand_over in handed:
        total = totals.setdefault(hand_over.province, [0, 0, 0, 0])
        total[2] += hand_over.mass
        total[3] += hand_over.mass if hand_over.outcome == MISSING else 0
    flows = [ProvinceFlow(code, *total) for code, total in totals.items()]
    return tuple(sorted(flows, key=lambda flow: (-flow.missing, -flow.mass, flow.code or "~")))


def _between(handed: Iterable[HandOverRow]) -> tuple[tuple[str | None, str | None, int, int], ...]:
    """From, to, packs and grams of received hand-overs, the most first."""
    totals: dict[tuple[str | None, str | None], list[int]] = {}
    for row in handed:
        if row.outcome == RECEIVED:
            total = totals.setdefault((row.province, row.arrival), [0, 0])
            total[0] += row.packs
            total[1] += row.mass
    rows = [(source, target, packs, mass) for (source, target), (packs, mass) in totals.items()]
    return tuple(sorted(rows, key=lambda row: (-row[3], row[0] or "~", row[1] or "~")))


def _links(handed: Iterable[HandOverRow], recycled: RecyclingRow, transformed: int) -> tuple[tuple[str, str, int], ...]:
    links: dict[tuple[str, str], int] = {}

    def add(source: str, target: str, grams: int) -> None:
        if grams > 0:
            links[source, target] = links.get((source, target), 0) + grams

    for row in handed:
        source = row.sender or "owner"
        # New packs on their way to a vehicle are no part of what comes back.
        if source == "batteryMaker" or row.receiver == "vehicleMaker":
            continue
        if row.outcome != RECEIVED:
            add(source, LOST if row.outcome == MISSING else UNDER_WAY, row.mass)
        else:
            target = row.receiver or "owner"
            forward = COLUMNS.get(target, 0) > COLUMNS.get(source, 0)
            add(source, target if forward else f"to:{target}", row.mass)
    add("utiliser", RECYCLING, recycled.mass)
    add("utiliser", SECOND_LIFE, transformed)
    add(RECYCLING, MATERIALS, recycled.materials)
    add(RECYCLING, RESIDUE, recycled.residue)
    add(RECYCLING, UNEXPLAINED, recycled.mass - recycled.materials - recycled.residue)
    for stage in ("outlet", "transporter", "utiliser"):
        received = sum(grams for (_, target), grams in links.items() if target == stage)
        passed = sum(grams for (source, _), grams in links.items() if source == stage)
        add(stage, STOCK_IN, received - passed)
        add(STOCK_OUT, stage, passed - received)
    ordered = sorted(links.items(), key=lambda item: (-item[1], item[0]))
    return tuple((source, target, grams) for (source, target), grams in ordered)
