"""Who looked at what: the access log of this site, newest first."""

from __future__ import annotations

from typing import Any

from passport.store.log.access_log import Look
from resolver.desk.frame import CHINA, ROOT, DeskPage, Table, Visitor, chosen, chosen_number, route
from resolver.views import services

_AT_ONCE = 50
_EXPORTED = 10_000
_HEADINGS = ("number", "at", "holder", "role", "purpose", "subject", "what")


@route("/looks")
def desk_looks(visitor: Visitor) -> DeskPage:
    """Entries of the log, by reader or by what was looked at."""
    holder, subject = chosen("holder"), chosen("subject", 600)
    mine = visitor.reader.holder if holder == "me" or not visitor.sees_all else holder
    exported = (chosen("format") or "") in ("csv", "json")
    limit = _EXPORTED if exported else _AT_ONCE
    looks = services().state.reads.looks(before=chosen_number("before"), limit=limit + 1, holder=mine, subject=subject)
    shown = looks[:limit]
    query = {name: value for name, value in (("holder", holder), ("subject", subject)) if value}
    return DeskPage(
        "looks",
        f"{ROOT}/looks",
        {
            "looks": [_seen(look) for look in shown],
            "next": shown[-1].number if len(looks) > limit else None,
            "mine": holder == "me",
            "about": subject,
            "only_mine": not visitor.sees_all,
        },
        elements=tuple(query),
        table=Table(_HEADINGS, [_row(look) for look in shown]),
        query=query,
    )


def _seen(look: Look) -> dict[str, Any]:
    record = look.record
    base = services().config.base_url
    return {
        "record": record,
        "subject": record.subject.removeprefix(base),
        "what": record.elements[:6],
        "more": max(0, len(record.elements) - 6),
    }


def _row(look: Look) -> tuple[Any, ...]:
    record = look.record
    return (
        look.number, record.at.astimezone(CHINA).isoformat(), record.holder, record.audience, record.purpose,
        record.subject, " ".join(record.elements),
    )  # fmt: skip
