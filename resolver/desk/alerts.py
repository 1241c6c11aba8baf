"""The worklist of alerts: filters with counts, saved queries, exports."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from passport.oversight.alert_list import DEADLINES, LATE, NOBODY, PAGE, AlertFilter, AlertPage, choices_of, parties
from passport.oversight.alert_register import AlertEntry
from passport.store.state.saved_queries import SavedQuery
from passport.supervision.alerts import LIVE, AlertStatus
from passport.supervision.provinces import provinces
from passport.supervision.rulebook import SEVERITIES, rulebook
from passport.texts import Message
from resolver.desk.frame import (
    CHINA,
    JSON,
    ROOT,
    DeskPage,
    Table,
    Visitor,
    chosen,
    chosen_code,
    chosen_codes,
    desk,
    route,
)
from resolver.desk.names import DeskNames
from resolver.page.wording import Words
from resolver.views import services

#: Rows of an export.
_EXPORTED = 10_000
#: Actors that are listed because several alerts name them.
_OFTEN = 20
_DAYS = ("1", "7", "30", "365")
#: The choices of the list, as their names in an address.
_CHOICES = ("severity", "status", "rule", "province", "actor", "owner", "deadline", "days")
_HEADINGS = ("id", "severity", "status", "rule", "text", "pack", "packCode", "actors", "province", "due", "owner",
             "opened", "closed", "evidence", "basisVerified")  # fmt: skip
#: Queries that everybody has: name and choices.
_STANDING: tuple[tuple[Message, Mapping[str, str]], ...] = (
    (Message("All unresolved"), {}),
    (Message("Mine"), {"owner": "me"}),
    (Message("Past their deadline"), {"deadline": LATE}),
    (Message("Nobody yet"), {"owner": NOBODY}),
    (Message("New since yesterday"), {"days": "1"}),
)


@route("", "/alerts")
def desk_alerts(visitor: Visitor) -> DeskPage:
    """The list of alerts that fit."""
    return alerts_page(visitor)


@route("/queries")
def desk_queries(visitor: Visitor) -> DeskPage | Response:
    """Keep the choices of a list under a name, or forget them; the list follows.

    :raises MalformedDocument: the name is none.
    """
    queries, holder = desk().queries, visitor.reader.holder
    if request.method == "POST":
        if (name := chosen("forget")) is not None:
            queries.forget(holder, name)
        else:
            queries.keep(holder, SavedQuery(chosen("name") or "", urlencode(chosen_query(), doseq=True)), visitor.at)
    return alerts_page(visitor)


def alerts_page(visitor: Visitor) -> DeskPage:
    """The worklist."""
    query = chosen_query()
    wanted = AlertFilter.of(query, visitor.at, me=visitor.reader.holder)
    exported = (chosen("format") or "") in ("csv", JSON)
    page = desk().alerts.page(
        wanted, visitor.at, after=chosen("after"), limit=_EXPORTED if exported else PAGE, visible=visitor.may_see
    )
    everything = desk().alerts.page(AlertFilter(), visitor.at, limit=0, visible=visitor.may_see)
    table = Table(_HEADINGS, [_row(entry) for entry in page.entries]) if exported else Table(_HEADINGS, ())
    return DeskPage(
        "alerts",
        f"{ROOT}/alerts",
        {
            "list": page,
            "rows": [entry_row(entry, visitor) for entry in page.entries],
            "wanted": wanted,
            "query": query,
            "total": everything.total,
            "late": everything.facets["deadline"][LATE],
            "nobody": everything.facets["owner"][NOBODY],
            "saved": _saved(visitor),
            "facets": _facets(page, visitor),
            "by_rule": sorted(everything.facets["rule"].items(), key=lambda item: (-item[1], item[0])),
            "by_actor": _often(everything.facets["actor"], page_names(visitor)),
            "in_force": [name for name in _CHOICES if name in query],
        },
        elements=tuple(f"{name}={value}" for name, value in _flat(query)),
        table=table,
        query=query,
    )


def entry_row(entry: AlertEntry, visitor: Visitor) -> dict[str, Any]:
    """An alert as a row of a list."""
    names = page_names(visitor)
    finding = entry.finding
    due, late = names.deadline(finding.due, visitor.at) if finding.due else ("", False)
    return {
        "entry": entry,
        "address": f"{ROOT}/alerts/{entry.id}",
        "text": entry.sentence(visitor.language, naming(entry, names)),
        "pack": names.pack(finding.pack, entry.code) if finding.pack else "",
        "pack_address": f"{ROOT}/packs/{finding.pack_number}" if finding.pack_number is not None else None,
        "actors": [(names.actor(did), did) for did in parties(entry)],
        "province": names.province(entry.province),
        "due": names.day(finding.due),
        "due_words": due,
        "late": late and entry.status in LIVE,
        "owner": names.actor(entry.alert.owner) if entry.alert.owner else None,
    }


def naming(entry: AlertEntry, names: DeskNames) -> Callable[[str], str]:
    """How the sentence of an alert names packs, actors and values."""
    return lambda text: names.pack(text, entry.code) if text == entry.finding.pack else names.value(text)


def page_names(visitor: Visitor) -> DeskNames:
    return DeskNames(visitor.language, services(), link=lambda path, **query: path)


def chosen_query() -> dict[str, Any]:
    """The choices of the request, as they go into an address."""
    query: dict[str, Any] = {
        "severity": sorted(chosen_codes("severity", SEVERITIES)),
        "status": sorted(chosen_codes("status", tuple(AlertStatus))),
        "rule": chosen_code("rule", tuple(rulebook().rules)),
        "province": chosen_code("province", tuple(provinces())),
        "actor": chosen("actor"),
        "owner": chosen("owner"),
        "deadline": chosen_code("deadline", DEADLINES),
        "days": chosen_code("days", _DAYS),
    }
    return {name: value for name, value in query.items() if value}


def _flat(query: Mapping[str, Any]) -> Sequence[tuple[str, str]]:
    """Choices as pairs without blanks, for the log. A name that was typed is not among them."""
    return [
        (name, ",".join(value) if isinstance(value, list) else value)
        for name, value in query.items()
        if name not in ("owner", "actor")
    ]


def _saved(visitor: Visitor) -> list[tuple[str, dict[str, Any], bool]]:
    """Name, choices and whether it can be forgotten."""
    words = Words(visitor.language)
    standing = [(words.say(name), dict(query), False) for name, query in _STANDING]
    kept = [(saved.name, choices_of(saved.query), True) for saved in desk().queries.of(visitor.reader.holder)]
    return standing + kept


def _facets(page: AlertPage, visitor: Visitor) -> dict[str, list[tuple[str, str, int]]]:
    """Value, label and count of each facet, the values in their own order or by count."""
    names, facets = page_names(visitor), page.facets
    return {
        "severity": [(code, "", facets["severity"][code]) for code in SEVERITIES],
        "status": [(status.value, "", facets["status"][status.value]) for status in AlertStatus],
        "province": sorted(
            ((code, names.province(code), count) for code, count in facets["province"].items()),
            key=lambda item: item[1],
        ),
        "deadline": [(code, "", facets["deadline"][code]) for code in DEADLINES],
        "owner": sorted(
            (code, "" if code == NOBODY else names.actor(code), count) for code, count in facets["owner"].items()
        ),
    }


def _often(counts: Mapping[str, int], names: DeskNames) -> list[tuple[str, str, int]]:
    """DID, name and count of the actors that several alerts name, the most first: what a ring looks like from afar."""
    several = sorted((item for item in counts.items() if item[1] > 1), key=lambda item: (-item[1], item[0]))
    return [(did, names.actor(did), count) for did, count in several[:_OFTEN]]


def _row(entry: AlertEntry) -> tuple[Any, ...]:
    finding, alert = entry.finding, entry.alert
    return (
        entry.id, entry.rule.severity, entry.status.value, entry.rule.code, entry.sentence("en"), finding.pack,
        entry.code, " ".join(parties(entry)), entry.province,
        finding.due.astimezone(CHINA).isoformat() if finding.due else None, alert.owner,
        alert.opened.astimezone(CHINA).isoformat(),
        alert.closed.astimezone(CHINA).isoformat() if alert.closed else None,
        " ".join(finding.evidence), entry.rule.verified,
    )  # fmt: skip
