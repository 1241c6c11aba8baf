"""An actor's dossier: volumes beside the usual ones, punctuality, corrections, alerts, accreditation, partners."""

from __future__ import annotations

from typing import Any

from werkzeug.exceptions import NotFound

from passport.oversight.actor_dossier import ActorDossier, actor_dossier, period_start
from passport.oversight.alert_list import AlertFilter
from passport.supervision.alerts import LIVE, AlertStatus
from passport.supervision.pack_facts import FOREVER
from resolver.desk.alerts import entry_row, page_names
from resolver.desk.frame import ROOT, DeskPage, Table, Visitor, desk, route
from resolver.views import services

IN, OUT = "receive_in", "send_out"
_SHOWN_ALERTS = 20


@route("/actors/<path:did>", sees_all=True)
def desk_actor(visitor: Visitor, did: str) -> DeskPage:
    """The dossier of an actor, by its DID."""
    dossier = actor_dossier(services().store, did, visitor.at)
    if dossier is None:
        raise NotFound
    return actor_page(visitor, dossier)


def actor_page(visitor: Visitor, dossier: ActorDossier) -> DeskPage:
    names = page_names(visitor)
    alerts = desk().alerts.page(
        AlertFilter(statuses=frozenset(AlertStatus), actor=dossier.did), visitor.at, limit=_SHOWN_ALERTS
    )
    live = sum(alerts.facets["status"][status] for status in LIVE)
    at = int(visitor.at.timestamp())
    roles = [row.name for row in dossier.accreditations if row.since <= at < row.until]
    headings = ("period", *dossier.series)
    rows = [
        (period_start(period).date().isoformat(), *(counts[place] for counts in dossier.series.values()))
        for place, period in enumerate(dossier.periods)
    ]
    return DeskPage(
        "actor",
        f"{ROOT}/actors/{dossier.did}",
        {
            "dossier": dossier,
            "roles": roles or sorted({row.name for row in dossier.accreditations}),
            "accredited_until": max((row.until for row in dossier.accreditations), default=None),
            "endless": FOREVER,
            "at": at,
            "live": live,
            "chart": _chart(dossier),
            "starts": [names.day(period_start(period)) for period in dossier.periods],
            "alerts": [entry_row(entry, visitor) for entry in alerts.entries],
            "alert_total": alerts.total,
            "tonnes": names.tonnes(dossier.stock[1]),
        },
        subject=dossier.did,
        table=Table(headings, rows),
    )


def _chart(dossier: ActorDossier) -> dict[str, Any]:
    """Bars of what came in and went out, in percent of width and height; from zero."""
    series = {kind: dossier.series.get(kind, (0,) * len(dossier.periods)) for kind in (IN, OUT)}
    if not any(map(any, series.values())):
        # An actor without stock is drawn by all that it does.
        every = [sum(counts[place] for counts in dossier.series.values()) for place in range(len(dossier.periods))]
        series = {"": tuple(every)}
    most = max(max(counts) for counts in series.values()) or 1
    usual = dossier.usual(IN) if "" not in series else sorted(series[""][:-1])[len(series[""][:-1]) // 2]
    width = 100 / len(dossier.periods)
    bars = [
        {
            "x": round(place * width + (0.1 + 0.4 * number) * width, 2),
            "width": round(width * (0.36 if len(series) == 2 else 0.72), 2),
            "height": round(150 * count / most, 1),
            "count": count,
            "class": "b1" if number == 0 else "b2",
        }
        for number, counts in enumerate(series.values())
        for place, count in enumerate(counts)
    ]
    return {"bars": bars, "most": most, "usual": usual, "line": round(150 * usual / most, 1), "kinds": list(series),
            "width": width}  # fmt: skip
