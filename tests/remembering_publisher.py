"""A publisher for tests that issue the same examples again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date

from passport.battery.record import Record
from passport.credentials.issuer import Issuer
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.validation.validator import ValidationReport
from passport.vocabulary.vocabulary import Regime, Vocabulary

_VERDICTS: dict[tuple, tuple[tuple[Record, ValidationReport], ...]] = {}


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

    def check(
        self, records: Iterable[Record], *, on: date | Callable[[Regime], date]
    ) -> tuple[tuple[Record, ValidationReport], ...]:
        records = tuple(records)
        days = tuple((regime.code, on(regime) if callable(on) else on) for regime in self.regimes)
        key = (repr(records), self.base_url, days, None if callable(on) else on)
        if key not in _VERDICTS:
            _VERDICTS[key] = super().check(records, on=on)
        return _VERDICTS[key]
