"""What becomes of read-outs of one pack: newer than the current one, late, stored already, or refused.

* The order of times decides, and not the order of arrival. Each read-out is compared with the one before it and, where
  it is late, with the one after it (:mod:`passport.battery.read_out_course`). Revoked ones are no neighbours.
* Of one time there is one read-out, as long as it is not revoked.
* Nothing is read of what is newer than the current read-out, so that the cost of the usual case does not grow with the
  history.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from passport.battery.fault import Fault, found
from passport.battery.read_out_course import course_faults
from passport.credentials.status_list import REVOCATION
from passport.exchange.event_tables.read_out_files import ReadOut
from passport.publishing.condition.known_packs import CurrentReadOut
from passport.publishing.planned_credential import PlannedCredential
from passport.publishing.status.status_lists import purposes_set_of
from passport.store import Store
from passport.texts import Message
from passport.vocabulary.credential_types import RECORDED_AT


@dataclass(frozen=True)
class PlacedReadOut:
    """A read-out, with its pack and its future credential, and when it was read."""

    read_out: ReadOut
    planned: PlannedCredential
    instant: datetime


@dataclass
class ChosenReadOuts:
    """The read-outs of one pack, by what becomes of them, each in the order of their times.

    :ivar late: of an earlier time than the current one; :ivar newer: of a later time; :ivar same: stored already.
    :ivar faults: of those that are refused; :ivar doubts: of those that are stored.
    """

    late: list[PlacedReadOut] = field(default_factory=list)
    newer: list[PlacedReadOut] = field(default_factory=list)
    same: list[PlacedReadOut] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    doubts: list[Fault] = field(default_factory=list)

    @property
    def added(self) -> list[PlacedReadOut]:
        """Those that are stored."""
        return [*self.late, *self.newer]


class ReadOutCourses:
    """Compares read-outs with their neighbours in time: stored ones, and those of the block before them."""

    def __init__(
        self,
        store: Store,
        current: Mapping[str, CurrentReadOut],
        by_pack: Mapping[str, Sequence[PlacedReadOut]],
    ) -> None:
        """:param current: the current read-out of each pack."""
        self._store = store
        self._heads = {subject: each.values for subject, each in current.items() if each.values is not None}
        self._revoked = {subject for subject, each in current.items() if each.revoked}
        # Only what is not newer than the current one can be stored already, or be late.
        moments = {
            (subject, each.instant)
            for subject, placed in by_pack.items()
            for each in placed
            if subject in self._heads and each.instant <= self._instant_of_head(subject)
        }
        self._stored = store.read_outs_at(moments)

    def of(self, subject: str, placed: Sequence[PlacedReadOut]) -> ChosenReadOuts:
        """What becomes of the read-outs of a pack, which are in the order of their times."""
        chosen = ChosenReadOuts()
        values = None if subject in self._revoked else self._heads.get(subject)
        latest = self._instant_of_head(subject) if subject in self._heads else None
        previous: PlacedReadOut | None = None
        for each in placed:
            if previous is not None and previous.instant == each.instant:
                self._repeated(each, previous.planned.digest == each.planned.digest, chosen)
                continue
            stored = self._stored.get((subject, each.instant), ())
            if any(digest == each.planned.digest for _, digest in stored):
                chosen.same.append(each)
                continue
            if self._in_force([id_ for id_, _ in stored]):
                self._repeated(each, False, chosen)
                continue
            late = latest is not None and each.instant <= latest
            before, after = self._neighbours(subject, each, previous) if late else (values, None)
            if self._follows(each, before, after, chosen):
                previous = each
                (chosen.late if late else chosen.newer).append(each)
                if not late:
                    values = each.read_out.values
        return chosen

    def _instant_of_head(self, subject: str) -> datetime:
        return datetime.fromisoformat(self._heads[subject][RECORDED_AT])

    def _in_force(self, ids: Sequence[str]) -> bool:
        """Whether one of these read-outs is not revoked."""
        purposes = purposes_set_of(self._store, ids) if ids else {}
        return any(REVOCATION not in purposes.get(id_, ()) for id_ in ids)

    def _neighbours(
        self, subject: str, late: PlacedReadOut, previous: PlacedReadOut | None
    ) -> tuple[Mapping[str, Any] | None, Mapping[str, Any] | None]:
        """The values before and after a late read-out, revoked ones left out. :param previous: of the block."""
        at = late.instant
        before: tuple[datetime, Mapping[str, Any]] | None = None
        while before is None:
            rows = self._store.read_outs(subject, before=at, limit=1)
            if not rows:
                break
            at = rows[0].instant
            before = self._values_at(subject, at)
        if previous is not None and (before is None or previous.instant > before[0]):
            before = previous.instant, previous.read_out.values
        at, after = late.instant, None
        while after is None:
            rows = self._store.read_outs_after(subject, at, limit=1)
            if not rows:
                break
            at = rows[0].instant
            after = self._values_at(subject, at)
        return before and before[1], after and after[1]

    def _values_at(self, subject: str, instant: datetime) -> tuple[datetime, Mapping[str, Any]] | None:
        """What the read-out of that time says; None where it is revoked."""
        for id_, _ in reversed(self._store.read_outs_at([(subject, instant)]).get((subject, instant), ())):
            stored = self._store.credential(id_)
            if stored is not None and self._in_force([id_]):
                return instant, stored.document["credentialSubject"]
        return None

    def _follows(
        self,
        each: PlacedReadOut,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
        chosen: ChosenReadOuts,
    ) -> bool:
        """Whether no value makes the read-out impossible between its neighbours."""
        values, locate = each.read_out.values, each.read_out.locate
        doubts = [] if before is None else list(course_faults(before, values, locate))
        doubts += [] if after is None else list(course_faults(values, after, locate))
        possible = not any(fault.severity == "violation" for fault in doubts)
        (chosen.doubts if possible else chosen.faults).extend(doubts)
        return possible

    def _repeated(self, each: PlacedReadOut, same: bool, chosen: ChosenReadOuts) -> None:
        """A read-out of a time of which there is another one."""
        if same:
            chosen.same.append(each)
            return
        chosen.faults.append(
            Fault(
                "other-of-that-time",
                each.read_out.locate(RECORDED_AT),
                RECORDED_AT,
                Message("another read-out of this time is there already"),
                Message("the same values, or another time"),
                found(each.read_out.values[RECORDED_AT]),
                hint=Message("correct a wrong read-out with passport issue --replace"),
            )
        )
