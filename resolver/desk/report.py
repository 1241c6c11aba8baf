"""The upload records of an actor and a period: for the actor itself, and for an authority that sees all events."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response

from passport.errors import MalformedDocument, UsageError
from passport.linked_data import strict_json
from passport.oversight.upload_report import upload_report
from passport.supervision.period_report import Period
from passport.supervision.rulebook import rulebook
from passport.supervision.upload_records import CHINA, columns, table
from passport.texts import Message, fallback
from resolver.desk.alert import kilograms
from resolver.desk.alerts import page_names
from resolver.desk.frame import JSON, OWN, ROOT, DeskPage, Table, Visitor, chosen, look, own_route, route
from resolver.desk.names import DeskNames
from resolver.views import services

#: Rows of a list of the page; the export has all.
_SHOWN = 100
_OUTLET = Message("Outlets")


@own_route(f"{OWN}/report")
def own_report(visitor: Visitor) -> DeskPage | Response:
    """The reader's own records."""
    return report_page(visitor, visitor.reader.holder, f"{OWN}/report")


@route("/reports/<path:did>", sees_all=True)
def desk_report(visitor: Visitor, did: str) -> DeskPage | Response:
    """The records of an actor, by its DID."""
    return report_page(visitor, did, f"{ROOT}/reports/{did}")


def report_page(visitor: Visitor, did: str, here: str) -> DeskPage | Response:
    """The records of a period, by default this month, with every fault and the receipt.

    :raises MalformedDocument: the period is none.
    """
    try:
        period = Period.parse(chosen("period") or visitor.at.astimezone(CHINA).strftime("%Y-%m"))
    except UsageError as error:
        raise MalformedDocument(error.message, expected=error.expected) from error
    book, own = rulebook().profile(*services().config.regimes), here.startswith(OWN)
    report = upload_report(services().store, book, did, period, visitor.at, for_itself=own)
    if chosen("format") == JSON:
        look(visitor, did, "report", period.name, JSON)
        body = strict_json.dumps(report)
        response = Response(body, content_type="application/json")
        response.headers["Content-Disposition"] = f'attachment; filename="report-{period.name}.json"'
        response.headers["Cache-Control"] = "private, no-store"
        return response
    names = page_names(visitor)
    return DeskPage(
        "report",
        here,
        {
            "report": report,
            "name": names.actor(did),
            "own": own,
            "did": did,
            "stages": [
                (_said(stage["stage"], visitor), stage, kilograms(stage["massGrams"])) for stage in report["stages"]
            ],
            "batches": [
                (row["batch"], names.duty(row["duty"]), row, kilograms(row["massGrams"]))
                for row in report["batches"][:_SHOWN]
            ],
            "outlets": [_outlet(row, names) for row in report["outlets"][:_SHOWN]],
            "faults": [_fault(fault, visitor) for fault in report["faults"][:_SHOWN]],
            "pairs": [
                (names.pack(row["pack"]), names.actor(row["sender"]), _kilograms(row["sentMass"]),
                 names.actor(row["receiver"]), _kilograms(row["receivedMass"]))
                for row in report["discrepancies"][:_SHOWN]
            ],
            "residues": [
                (names.pack(row["pack"]), _kilograms(row["mass"]),
                 kilograms(row["recovered"]), kilograms(row["residue"]))
                for row in report["residues"][:_SHOWN]
            ],
            "recovered": _recovered(report["recovered"]),
            "corrections": [
                (names.pack(row["pack"]), row["corrects"], _day(row["accepted"], visitor), row["withdrawn"])
                for row in report["corrections"][:_SHOWN]
            ],
            "shown": _SHOWN,
        },
        subject=did,
        elements=("report", period.name),
        table=Table(columns(), table(report, visitor.language)[1:]),
        query={"period": period.name},
    )  # fmt: skip


def _outlet(row: dict[str, Any], names: DeskNames) -> dict[str, Any]:
    """An outlet with its quantities; of one that is another party an actor itself is told none."""
    return {
        **row,
        "name": names.actor(row["outlet"]),
        "kinds": [
            (f"{each['productType'] or ''}{each['batteryType'] or ''}" or "—", each["received"], each["sent"])
            for each in row["types"]
        ],
        "to": [(names.actor(each["receiver"]), each["packs"]) for each in row["receivers"]],
        "tonnage": [None if row[name] is None else kilograms(row[name]["massGrams"]) for name in ("received", "sent")],
    }


def _fault(fault: dict[str, Any], visitor: Visitor) -> tuple[str, str, str, str]:
    """Sentence, duty, pack and deadline."""
    names = page_names(visitor)
    outlet = fault["duty"] is None and fault["pack"] is None
    duty = names.say(_OUTLET) if outlet else names.duty(fault["duty"] or "")
    subject = names.pack(fault["pack"]) if fault["pack"] else names.actor(fault["key"])
    return _said(fault["message"], visitor), duty, subject, _day(fault["due"], visitor) if fault["due"] else ""


def _recovered(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Materials with what was recovered of each, in kilograms."""
    masses: dict[str, int] = {}
    for row in rows:
        masses[row["material"]] = masses.get(row["material"], 0) + row["mass"]
    return [(material, kilograms(grams)) for material, grams in sorted(masses.items())]


def _kilograms(grams: int | None) -> str | None:
    return None if grams is None else kilograms(grams)


def _said(texts: dict[str, str], visitor: Visitor) -> str:
    return fallback(texts, visitor.language)


def _day(instant: str, visitor: Visitor) -> str:
    return page_names(visitor).day(datetime.fromisoformat(instant))
