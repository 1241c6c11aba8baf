"""A publisher for tests that issue the same examples again and again."""

from __future__ import annotations

from collections.abc import Sequence

from passport.battery.record import Record
from passport.credentials.issuer import Issuer
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.bulk.worked import IssueOrder
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.validation.validator import ValidationReport
from passport.vocabulary.vocabulary import Regime, Vocabulary

_VERDICTS: dict[tuple, tuple[Record, ValidationReport]] = {}


class RememberingPublisher(Publisher):
    """Judges the same records for the same days once in a process.

    Judging is pure, takes most of the time of issuing, and is not what these tests are about. Faulty records are judged
    each time.
    """

    def __init__(
        self, store: Store, issuer: Issuer, base_url: str, vocabulary: Vocabulary, regimes: Sequence[Regime]
    ) -> None:
        super().__init__(store, issuer, base_url, vocabulary, regimes)
        self.base_url, self.regimes = base_url, tuple(regimes)

    def workbench(self, order: IssueOrder, *, kept: int | None = None) -> Workbench:
        bench = super().workbench(order, kept=kept)
        days = tuple((regime.code, order.on(regime) if callable(order.on) else order.on) for regime in self.regimes)
        strictest = None if callable(order.on) else order.on

        def judge(record: Record, *, brief: bool = False) -> tuple[Record, ValidationReport]:
            key = (repr(record), self.base_url, days, strictest)
            if key not in _VERDICTS:
                verdict = Workbench.judge(bench, record)
                if not verdict[1].conforms:
                    return verdict
                _VERDICTS[key] = verdict
            return _VERDICTS[key]

        bench.judge = judge
        return bench
