"""A publisher for tests of what is signed, however wrong it is."""

from __future__ import annotations

from passport.battery.record import Record
from passport.publishing.bulk.workbench import Workbench
from passport.publishing.bulk.worked import IssueOrder
from passport.publishing.publisher import Publisher
from passport.validation.validator import ValidationReport


class UnjudgedPublisher(Publisher):
    """Signs what it is given: no shape keeps a script out of a text, or a canary in its range."""

    def prepared(self, record: Record) -> Record:
        """The record as it is signed."""
        return record

    def workbench(self, order: IssueOrder, *, kept: int | None = None) -> Workbench:
        bench = super().workbench(order, kept=kept)
        bench.judge = lambda record, brief=False: (self.prepared(record), ValidationReport((), {}))
        return bench
