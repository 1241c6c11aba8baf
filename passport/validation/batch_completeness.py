"""Completeness by production batch: how many packs of it are complete under each regime. Pure.

batch_completeness(reports(record, judged))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from passport.validation.completeness import CompletenessReport
from passport.vocabulary.vocabulary import Regime


@dataclass(frozen=True)
class BatchCompleteness:
    """One batch under one regime.

    :ivar batch: its identifier; None for packs without one.
    :ivar packs: how many the regime speaks of; :ivar complete: how many of them have nothing to do.
    :ivar to_do: indicators to do, of all packs.
    """

    regime: Regime
    batch: str | None
    packs: int
    complete: int
    to_do: int

    def to_json(self) -> dict[str, Any]:
        """The totals as a JSON object."""
        return {"regime": self.regime.code, "batch": self.batch, "packs": self.packs, "complete": self.complete,
                "toDo": self.to_do}  # fmt: skip


def batch_completeness(reports: Iterable[CompletenessReport]) -> tuple[BatchCompleteness, ...]:
    """The totals of every batch and regime, by regime, then batch; packs without a batch come last."""
    groups: dict[tuple[str, bool, str], list[CompletenessReport]] = {}
    for each in reports:
        if each.result.applies:
            key = (each.result.regime.code, each.batch is None, each.batch or "")
            groups.setdefault(key, []).append(each)
    return tuple(
        BatchCompleteness(
            regime=of[0].result.regime,
            batch=of[0].batch,
            packs=len(of),
            complete=sum(each.complete and not each.to_do for each in of),
            to_do=sum(len(each.to_do) for each in of),
        )
        for _, of in sorted(groups.items(), key=lambda item: item[0])
    )
