"""The upload report of one actor and period: records stage by stage, with what is missing and late. Pure.

* A record is an event that a duty of the form ``report`` binds. It has the fields that the duty names
  (:mod:`passport.supervision.upload_fields`).
* Every fault is named at once, each with the key of its record: a missing field, a late report, a step never taken.
* Each stage and each production batch has its totals: records, packs, mass. Outlets are a stage of their own
  (:mod:`passport.supervision.outlet_stage`).
* Beside the records: hand-overs whose sender and receiver state two masses, what recycling left and gave back by
  material, corrections.
* The same facts give the same bytes; their digest is the receipt, against which a later report can be held:
  :func:`changes_since` says what was corrected or came in since.

    report = period_report(actor, period, rows, owed, book, at=now)
    report["receipt"]                      # "sha-256:…"
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from passport.errors import MalformedDocument, UsageError
from passport.linked_data.strict_json import dumps
from passport.supervision.rulebook import FOLLOW, Rulebook
from passport.supervision.upload_records import (
    CHINA,
    MISSING,
    OVERDUE,
    batch_totals,
    cell,
    instant_of,
    instant_text,
    missing_text,
    record_faults,
    records_of,
    stage_totals,
)
from passport.texts import Message, by_language

_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?", re.ASCII)


@dataclass(frozen=True)
class Period:
    """A month, quarter or year of China. :param start: first instant, :param end: first instant after."""

    name: str
    start: datetime
    end: datetime

    @classmethod
    def parse(cls, text: str) -> Period:
        """``2026-07``, ``2026-Q3`` or ``2026``.

        :raises UsageError: it is none of these.
        """
        match = _PERIOD.fullmatch(text)
        year = int(match[1]) if match else 0
        month = int(match[2]) if match and match[2] else 1
        if match is None or not 2000 <= year < 9999 or not 1 <= month <= 12:
            raise UsageError(
                Message("this is no period"),
                expected=Message("a month such as 2026-07, a quarter such as 2026-Q3, or a year"),
                found=repr(text)[:40],
            )
        length = 1 if match[2] else 12
        if match[3]:
            month, length = 3 * int(match[3]) - 2, 3
        start = datetime(year, month, 1, tzinfo=CHINA)
        last = month + length - 1
        days = calendar.monthrange(year, last)[1]
        return cls(text, start, datetime(year, last, days, tzinfo=CHINA) + timedelta(days=1))


def period_report(
    actor: str,
    period: Period,
    rows: Iterable[Any],
    owed: Iterable[Any],
    book: Rulebook,
    *,
    at: datetime,
    differing: Iterable[Any] = (),
    residues: Iterable[Any] = (),
    recovered: Iterable[Any] = (),
    corrections: Iterable[Any] = (),
    outlets: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """The report as a JSON object.

    :param rows: events, with the members of :class:`passport.store.facts.reports.report_records.ReportedRow`.
    :param owed: with the members of :class:`passport.store.facts.fact_reading.OwedRow`.
    :param at: instant of judgement; only its day enters the report.
    :param differing, residues, recovered, corrections: as :mod:`passport.store.facts.reports.report_reading` has them.
    :param outlets: as :func:`passport.supervision.outlet_stage.outlet_stage` has them.
    """
    records = records_of(rows, book)
    day = at.astimezone(CHINA).date()
    faults = [fault for record in records for fault in record_faults(record)]
    for outlet in outlets:
        faults += [
            {"key": outlet["outlet"], "errorType": MISSING, "field": name, "duty": None, "pack": None, "due": None,
             "message": missing_text(name)}
            for name in outlet["missing"]
        ]  # fmt: skip
    for row in owed:
        due = instant_of(row.due)
        if due < at and period.start <= due < period.end:
            duty = book.duties.get(row.duty)
            label = by_language(duty.label) if duty and duty.form == FOLLOW else by_language(_RECEIPT)
            faults.append({"key": row.event, "errorType": OVERDUE, "field": None, "duty": row.duty or None,
                           "pack": row.pack, "due": instant_text(row.due), "message": label})  # fmt: skip
    report = {
        "actor": actor,
        "period": period.name,
        "asOf": day.isoformat(),
        "stages": stage_totals(records),
        "batches": batch_totals(records),
        "outlets": list(outlets),
        "records": records,
        "discrepancies": [{**vars(row), "difference": _difference(row)} for row in differing],
        "residues": [
            {**vars(row), "unaccounted": None if row.mass is None else row.mass - row.residue - row.recovered}
            for row in residues
        ],
        "recovered": [dict(vars(row)) for row in recovered],
        "corrections": [
            {**vars(row), "accepted": instant_text(row.accepted), "withdrawn": bool(row.withdrawn)}
            for row in corrections
        ],
        "faults": sorted(faults, key=lambda fault: (fault["key"], fault["errorType"], fault["field"] or "")),
    }
    return {**report, "receipt": receipt_of(report)}


def changes_since(before: Any, after: Mapping[str, Any]) -> dict[str, Any]:
    """What became of the records of an earlier report, by the events that they are of.

    :param before: the earlier report, as a file has it.
    :raises MalformedDocument: it is no report of the same actor and period, or not what its receipt says.
    """
    if not isinstance(before, dict) or not isinstance(before.get("records"), list):
        raise MalformedDocument(Message("the earlier report is none"))
    stated = before.get("receipt")
    if stated != receipt_of({name: value for name, value in before.items() if name != "receipt"}):
        raise MalformedDocument(
            Message("the earlier report is not what its receipt says"), hint=Message("Take the file as it was written.")
        )
    for name in ("actor", "period"):
        if before.get(name) != after[name]:
            raise MalformedDocument(
                Message("the earlier report is of another {name}", name=name),
                expected=str(after[name]),
                found=str(before.get(name))[:80],
            )
    old, new = ({_key(record): record for record in report["records"]} for report in (before, after))
    return {
        "against": stated,
        "added": sorted(event for event, _ in new.keys() - old.keys()),
        "removed": sorted(event for event, _ in old.keys() - new.keys()),
        "changed": sorted(event for event, duty in old.keys() & new.keys() if old[event, duty] != new[event, duty]),
        "faultsLeft": len(after["faults"]),
    }


def _difference(row: Any) -> int | None:
    return None if row.sentMass is None or row.receivedMass is None else row.receivedMass - row.sentMass


def receipt_of(report: Mapping[str, Any]) -> str:
    """The receipt of a report: the digest of its bytes."""
    return f"sha-256:{hashlib.sha256(dumps(dict(report))).hexdigest()}"


def _key(record: Any) -> tuple[str, str]:
    try:
        return str(record["event"]), str(record["duty"])
    except (KeyError, TypeError):
        raise MalformedDocument(Message("the earlier report is none")) from None


_RECEIPT = Message("Receipt of a hand-over")


#: Columns of what a report has beside records and faults.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "batches": ("batch", "duty", "records", "packs", "massGrams"),
    "outlets": (
        "outlet",
        "facility",
        "province",
        "city",
        "since",
        "until",
        "receivedPacks",
        "receivedUnweighed",
        "receivedGrams",
        "sentPacks",
        "sentUnweighed",
        "sentGrams",
        "stock",
        "types",
        "receivers",
        "missing",
    ),
    "discrepancies": ("pack", "sent", "sender", "sentMass", "received", "receiver", "receivedMass", "difference"),
    "residues": ("pack", "event", "mass", "recovered", "residue", "unaccounted"),
    "recovered": ("pack", "event", "material", "mass"),
    "corrections": ("pack", "event", "corrects", "accepted", "withdrawn"),
}


def beside(report: Mapping[str, Any], name: str) -> list[list[Any]]:
    """One of :data:`BESIDE` as rows, the heading first."""
    rows = [_outlet_cells(row) for row in report[name]] if name == "outlets" else report[name]
    return [list(BESIDE[name]), *([cell(row[column]) for column in BESIDE[name]] for row in rows)]


_QUANTITIES = {"Packs": "packs", "Unweighed": "unweighed", "Grams": "massGrams"}


def _outlet_cells(row: Mapping[str, Any]) -> dict[str, Any]:
    received, sent = row["received"] or {}, row["sent"] or {}
    types = {f"{each['productType'] or ''}{each['batteryType'] or ''}": f"{each['received']}/{each['sent']}"
             for each in row["types"]}  # fmt: skip
    return {
        **row,
        **{f"received{name}": received.get(key) for name, key in _QUANTITIES.items()},
        **{f"sent{name}": sent.get(key) for name, key in _QUANTITIES.items()},
        "types": types,
        "receivers": " ".join(f"{each['receiver'] or ''} {each['packs']}" for each in row["receivers"]),
    }  # fmt: skip
