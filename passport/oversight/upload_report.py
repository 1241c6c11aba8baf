"""The upload records of one actor and period, read from the facts: for the command, the desk and the actor's own page.

report = upload_report(store, book, actor, Period.parse("2026-Q3"), at=now)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from passport.store import Store
from passport.store.facts.fact_reading import owed
from passport.store.facts.reports import outlet_reading
from passport.store.facts.reports import report_reading as reading
from passport.store.facts.reports.report_records import reported
from passport.store.facts.rule_queries import judging
from passport.supervision.outlet_stage import outlet_stage
from passport.supervision.pack_facts import seconds
from passport.supervision.period_report import Period, period_report
from passport.supervision.rulebook import Rulebook

#: The rule whose time limit a receipt has.
_RECEIPT_RULE = "hand-over-without-receipt"
_RECEIPT_DAYS = 30


def upload_report(
    store: Store, book: Rulebook, actor: str, period: Period, at: datetime, *, for_itself: bool = False
) -> dict[str, Any]:
    """The report as :func:`passport.supervision.period_report.period_report` makes it.

    :param for_itself: the actor reads it: it learns that the other party stated another mass, and not which; of
        statements about packs it reads its own, and of outlets that are other parties no volumes.
    """
    rule = book.rules.get(_RECEIPT_RULE)
    start, end = seconds(period.start), seconds(period.end)
    with judging(store) as (judge, connection):
        judge.prepare(book.inputs())
        rows = reported(connection, actor, start, end, issuer=actor if for_itself else None)
        published = outlet_reading.published(connection, actor, start, end)
        outlets = {actor} if for_itself else {actor, *(row.outlet for row in published)}
        open_duties = owed(judge, connection, actor, receipt_days=rule.numbers["days"] if rule else _RECEIPT_DAYS)
        return period_report(
            actor, period, rows, open_duties, book, at=at,
            differing=[
                _without_other(row, actor) if for_itself else row
                for row in reading.differing(connection, actor, start, end)
            ],
            residues=reading.residues(connection, actor, start, end),
            recovered=reading.recovered(connection, actor, start, end),
            corrections=reading.corrections(connection, actor, start, end),
            outlets=outlet_stage(
                actor, start, end, published, outlet_reading.outlet_events(connection, outlets, end),
                for_itself=for_itself,
            ),
        )  # fmt: skip


def _without_other(row: reading.DifferingRow, actor: str) -> reading.DifferingRow:
    """A hand-over without what the other party weighed: details of its event are not for everybody."""
    return replace(
        row,
        sentMass=row.sentMass if row.sender == actor else None,
        receivedMass=row.receivedMass if row.receiver == actor else None,
    )
