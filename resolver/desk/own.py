"""The other side: what an actor owes, what is overdue, and the alerts that concern it. For the holder of any role.

An actor learns of an alert what it says about the actor itself: other parties are not named, and what an authority
wrote stays with the authority.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from passport.oversight.alert_list import concerning, order
from passport.oversight.alert_register import AlertEntry
from passport.oversight.overview import owed_by
from passport.supervision.alerts import LIVE
from passport.supervision.rulebook import rulebook
from passport.texts import Message, say
from resolver.desk.alerts import page_names
from resolver.desk.frame import CHINA, OWN, DeskPage, Table, Visitor, desk, own_route
from resolver.desk.scrap import may_ask
from resolver.views import services

_SHOWN = 200
_OTHER = Message("another party")


@own_route(OWN)
def own_duties(visitor: Visitor) -> DeskPage:
    """Duties that are due or overdue, and alerts."""
    return own_page(visitor)


def own_page(visitor: Visitor) -> DeskPage:
    did, at, names = visitor.reader.holder, int(visitor.at.timestamp()), page_names(visitor)
    book = rulebook().profile(*services().config.regimes)
    rows = owed_by(services().store, book, did)
    overdue = sum(row.due < at for row in rows)
    alerts = sorted((entry for entry in concerning(desk().alerts.entries(), did) if entry.status in LIVE), key=order)
    return DeskPage(
        "own",
        OWN,
        {
            "rows": [_row(row, at, names) for row in rows[:_SHOWN]],
            "total": len(rows),
            "overdue": overdue,
            "alerts": [_told(entry, visitor) for entry in alerts[:_SHOWN]],
            "alert_total": len(alerts),
            "may_ask": may_ask(visitor),
            "name": names.actor(did),
        },
        subject=did,
        table=Table(
            ("duty", "pack", "event", "kind", "since", "due", "overdue"),
            [(row.duty or "receipt", row.pack, row.event, row.kind, _instant(row.since), _instant(row.due),
              row.due < at) for row in rows],
        ),
    )  # fmt: skip


def _row(row: Any, at: int, names: Any) -> dict[str, Any]:
    return {
        "duty": names.duty(row.duty),
        "verified": row.duty in rulebook().duties and rulebook().duties[row.duty].verified,
        "pack": names.pack(row.pack),
        "kind": names.kind(row.kind),
        "since": names.day(row.since),
        "due": names.day(row.due),
        "late": row.due < at,
        "days": abs(row.due - at) // 86400,
    }


def _told(entry: AlertEntry, visitor: Visitor) -> dict[str, Any]:
    """An alert as the actor may know it."""
    did, names = visitor.reader.holder, page_names(visitor)

    def shown(text: str) -> str:
        if text == entry.finding.pack:
            return names.pack(text, entry.code)
        if text.startswith("did:") and text != did:
            return say(_OTHER, visitor.language)
        return names.value(text)

    due, late = names.deadline(entry.finding.due, visitor.at) if entry.finding.due else ("", False)
    return {
        "entry": entry,
        "text": entry.sentence(visitor.language, shown),
        "due": names.day(entry.finding.due),
        "due_words": due,
        "late": late,
    }


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, CHINA).isoformat()
