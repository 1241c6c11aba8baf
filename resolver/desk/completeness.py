"""Passports beside packs by maker, withdrawals and suspensions, and who owes reports or receipts."""

from __future__ import annotations

from datetime import datetime

from passport.oversight.overview import OWED_RULES, completeness, debtors
from passport.supervision.alerts import LIVE
from resolver.desk.alerts import page_names
from resolver.desk.frame import CHINA, ROOT, DeskPage, Table, Visitor, chosen_code, desk, route
from resolver.views import services

_PARTS = ("makers", "changes")
#: Rows of a page; the export has all.
_SHOWN = 50


@route("/completeness", sees_all=True)
def desk_completeness(visitor: Visitor) -> DeskPage:
    """Makers, the largest first; the newest changes of status."""
    makers, changes = completeness(services().store)
    part = chosen_code("part", _PARTS) or "makers"
    names = page_names(visitor)
    silent = sum(entry.rule.code == "silent-in-use" and entry.status in LIVE for entry in desk().alerts.entries())
    produced, passports = sum(row.produced for row in makers), sum(row.passports for row in makers)
    if part == "makers":
        headings = ("maker", "codes", "produced", "passports", "marketed")
        table = Table(headings, [tuple(getattr(row, name) for name in headings) for row in makers])
    else:
        told = [(row.subject, row.type, row.purpose, row.set_, row.changed_at, row.reason) for row in changes]
        table = Table(("subject", "type", "purpose", "set", "changedAt", "reason"), told)
    return DeskPage(
        "completeness",
        f"{ROOT}/completeness",
        {
            "makers": makers[:_SHOWN],
            "maker_total": len(makers),
            "produced": produced,
            "passports": passports,
            "changes": [(names.day(datetime.fromisoformat(row.changed_at)), names.pack(row.subject), row)
                        for row in changes[:_SHOWN]],
            "silent": silent,
        },
        table=table,
    )  # fmt: skip


@route("/overdue", sees_all=True)
def desk_overdue(visitor: Visitor) -> DeskPage:
    """Who owes reports, receipts or read-outs, by open alerts."""
    owing = debtors(desk().alerts.entries())
    return DeskPage(
        "overdue",
        f"{ROOT}/overdue",
        {
            "debtors": owing[:_SHOWN],
            "debtor_total": len(owing),
            "rules": OWED_RULES,
            "total": sum(sum(debtor.counts.values()) for debtor in owing),
        },
        table=Table(
            ("actor", *OWED_RULES, "oldestDeadline"),
            [(debtor.actor, *debtor.counts.values(),
              debtor.oldest.astimezone(CHINA).isoformat() if debtor.oldest else None) for debtor in owing],
        ),
    )  # fmt: skip
