"""A draft judged: every pack with its faults, what each regime asks of it, and whether it can be issued.

A judgement is kept in memory by draft and version, since a page, its preview and its matrix ask for the same one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock

from cachetools import LRUCache

from issuer.workspace.drafts.corrections import Corrections
from issuer.workspace.drafts.draft_reading import DraftReading, read_draft
from passport.battery.fault import Fault, of_severity
from passport.battery.not_issued import not_issued
from passport.battery.record import Record
from passport.store.workspace.drafts import Draft, DraftFile
from passport.validation.completeness import CompletenessReport, reports
from passport.validation.record_intake import each_once, judge
from passport.validation.validation_report import ValidationReport
from passport.vocabulary.vocabulary import ObligationStatus, Regime, due_on

#: Judged drafts that are kept, and packs for which a later day is worked out too.
_KEPT, _LATER_UP_TO = 8, 50


@dataclass(frozen=True)
class JudgedPack:
    """:ivar number: in the draft, from 0; :ivar record: with its address; None where nothing could be read of it.

    :ivar faults: violations; :ivar losses: what would not be issued; :ivar warnings: everything else.
    :ivar complete: by regime, as of today; :ivar later: the same on the day that most is asked for next.
    """

    number: int
    name: str
    record: Record | None
    faults: tuple[Fault, ...]
    losses: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    complete: tuple[CompletenessReport, ...] = ()
    later: tuple[CompletenessReport, ...] = ()

    @property
    def can_be_issued(self) -> bool:
        return self.record is not None and not self.faults


@dataclass(frozen=True)
class JudgedDraft:
    """:ivar common: violations that belong to no pack; while there is one, nothing is issued.

    :ivar later_day: the day of :attr:`JudgedPack.later`; None where it was not worked out.
    """

    reading: DraftReading
    packs: tuple[JudgedPack, ...]
    common: tuple[Fault, ...]
    later_day: date | None = None

    @property
    def ready(self) -> tuple[JudgedPack, ...]:
        return () if self.common else tuple(pack for pack in self.packs if pack.can_be_issued)

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every violation once; those of a model are said once for all its packs."""
        own = (fault for pack in self.packs for fault in pack.faults)
        return tuple(dict.fromkeys((*self.common, *own)))


class DraftJudge:
    """:param regimes: that the operator's packs are judged by; :param base_url: under which they are published."""

    def __init__(self, regimes: Sequence[Regime], base_url: str) -> None:
        self._regimes, self._base_url = tuple(regimes), base_url
        self._kept: LRUCache[tuple[str, int, date], JudgedDraft] = LRUCache(_KEPT)
        self._lock = Lock()

    def judged(self, draft: Draft, files: Sequence[DraftFile], *, on: date) -> JudgedDraft:
        """:param on: the day whose obligations apply."""
        key = (draft.id, draft.version, on)
        with self._lock:
            kept = self._kept.get(key)
        if kept is None:
            kept = self._judge(draft, files, on)
            with self._lock:
                self._kept[key] = kept
        return kept

    def _judge(self, draft: Draft, files: Sequence[DraftFile], on: date) -> JudgedDraft:
        reading = read_draft(files, draft.format, Corrections.from_json(draft.corrections), on=on)
        later = self._next_day(on) if 0 < len(reading.items) <= _LATER_UP_TO else None
        packs = []
        for number, item in enumerate(reading.items):
            read = of_severity("violation", item.faults)
            other = tuple(each for each in item.faults if each.severity == "warning")
            losses = of_severity("loss", item.faults)
            if item.record is None:
                packs.append(JudgedPack(number, item.name, None, read, losses, other))
                continue
            record, report = self._report(item.record, on)
            losses = tuple(dict.fromkeys((*losses, *not_issued(item.record))))
            packs.append(
                JudgedPack(
                    number, item.name, record, each_once(read, of_severity("violation", report.faults)), losses,
                    (*other, *of_severity("warning", report.faults)), reports(item.record, report),
                    () if later is None else reports(item.record, self._report(item.record, later)[1]),
                )
            )  # fmt: skip
        common = of_severity("violation", reading.common)
        return JudgedDraft(reading, tuple(packs), common, later)

    def _report(self, record: Record, on: date) -> tuple[Record, ValidationReport]:
        return judge(record, self._regimes, on=due_on(on), base_url=self._base_url)

    def _next_day(self, on: date) -> date | None:
        """The day after ``on`` from which the regimes ask for most more."""
        counts: dict[date, int] = {}
        for regime in self._regimes:
            for category in regime.categories:
                for obligation in regime.obligations(category).values():
                    day = obligation.due_from
                    if obligation.status is ObligationStatus.MANDATORY and day is not None and day > on:
                        counts[day] = counts.get(day, 0) + 1
        return max(counts, key=lambda day: (counts[day], -day.toordinal())) if counts else None


def completeness_of(pack: JudgedPack) -> Mapping[str, tuple[int, int]]:
    """Present and due by code of the regime, where it speaks of this battery."""
    return {
        report.result.regime.code: (report.result.present_due, report.result.due)
        for report in pack.complete
        if report.result.applies
    }
