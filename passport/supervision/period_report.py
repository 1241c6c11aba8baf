"""The upload records of one actor and period, stage by stage, with what is missing and late. Pure.

* A record is an event that a duty of the form ``report`` binds. Its fields are those that the duty names.
* Every fault is named at once, each with the key of its record: a missing field, a late report, a step never taken.
* Each stage has its totals: records, packs, mass.
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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from passport.errors import MalformedDocument, UsageError
from passport.linked_data.strict_json import dumps
from passport.supervision.rulebook import DAY, FOLLOW, REPORT, Duty, Rulebook
from passport.texts import Message, by_language

#: Days of a period are those of China.
CHINA = timezone(timedelta(hours=8))
_PERIOD = re.compile(r"(\d{4})(?:-(\d{2})|-Q([1-4]))?", re.ASCII)
MISSING, LATE, OVERDUE = "missing-field", "late", "overdue"
#: Columns of a record in a table, in this order.
COLUMNS = ("stage", "duty", "event", "kind", "pack", "packCode", "occurred", "accepted", "due", "late", "vehicle",
           "province", "counterpart", "massGrams", "certificate", "replacementCode", "newCode", "recovered", "missing",
           "digest")  # fmt: skip


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
) -> dict[str, Any]:
    """The report as a JSON object.

    :param rows: events, with the members of :class:`passport.store.facts.fact_reading.ReportedRow`.
    :param owed: with the members of :class:`passport.store.facts.fact_reading.OwedRow`.
    :param at: instant of judgement; only its day enters the report.
    :param differing, residues, recovered, corrections: as :mod:`passport.store.facts.report_reading` has them.
    """
    duties = [duty for duty in book.duties.values() if duty.form == REPORT]
    records = [
        _record(row, duty)
        for row in rows
        for duty in duties
        if row.kind in duty.events and row.role in duty.reporters and row.time >= _day(duty)
    ]
    day = at.astimezone(CHINA).date()
    faults = [fault for record in records for fault in _faults(record)]
    for row in owed:
        due = datetime.fromtimestamp(row.due, UTC)
        if due < at and period.start <= due < period.end:
            duty = book.duties.get(row.duty)
            label = by_language(duty.label) if duty and duty.form == FOLLOW else by_language(_RECEIPT)
            faults.append({"key": row.event, "errorType": OVERDUE, "field": None, "duty": row.duty or None,
                           "pack": row.pack, "due": _text(row.due), "message": label})  # fmt: skip
    report = {
        "actor": actor,
        "period": period.name,
        "asOf": day.isoformat(),
        "stages": _stages(records),
        "records": records,
        "discrepancies": [{**vars(row), "difference": _difference(row)} for row in differing],
        "residues": [
            {**vars(row), "unaccounted": None if row.mass is None else row.mass - row.residue - row.recovered}
            for row in residues
        ],
        "recovered": [dict(vars(row)) for row in recovered],
        "corrections": [
            {**vars(row), "accepted": _text(row.accepted), "withdrawn": bool(row.withdrawn)} for row in corrections
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


def _record(row: Any, duty: Duty) -> dict[str, Any]:
    values = {
        "packCode": row.packCode, "vehicle": row.vehicle, "province": row.province, "counterpart": row.counterpart,
        "mass": row.mass, "certificate": row.object if row.kind == "scrap_vehicle" else None,
        "replacementCode": row.code if row.kind == "replace" else None,
        "newCode": row.code if row.kind == "transform" else None, "recovered": row.recovered or None,
    }  # fmt: skip
    due = row.reported + duty.days * DAY
    record = {
        "stage": by_language(duty.stage or duty.label), "duty": duty.code, "event": row.event, "kind": row.kind,
        "pack": row.pack, "occurred": _text(row.time), "accepted": _text(row.accepted), "due": _text(due),
        "late": row.accepted > due, "digest": row.digest,
        "missing": [name for name in duty.fields if values[name] is None],
    }  # fmt: skip
    mass = values.pop("mass")
    return {**record, **values, "massGrams": mass}


def _faults(record: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
    about = {"key": record["event"], "duty": record["duty"], "pack": record["pack"], "due": record["due"]}
    for name in record["missing"]:
        yield {**about, "errorType": MISSING, "field": name,
               "message": by_language(Message("{field} is missing", field=name))}  # fmt: skip
    if record["late"]:
        yield {
            **about,
            "errorType": LATE,
            "field": None,
            "message": by_language(Message("reported after its deadline")),
        }


def _stages(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    counted: dict[str, dict[str, Any]] = {}
    packs: dict[str, set[str]] = {}
    for record in records:
        entry = counted.setdefault(
            record["duty"],
            {"duty": record["duty"], "stage": record["stage"], "records": 0, "packs": 0, "massGrams": 0, "late": 0,
             "incomplete": 0},
        )  # fmt: skip
        entry["records"] += 1
        packs.setdefault(record["duty"], set()).add(record["pack"])
        entry["packs"] = len(packs[record["duty"]])
        entry["massGrams"] += record["massGrams"] or 0
        entry["late"] += int(record["late"])
        entry["incomplete"] += int(bool(record["missing"]))
    return [counted[code] for code in sorted(counted)]


def table(report: Mapping[str, Any], language: str) -> list[list[Any]]:
    """The records as rows of :data:`COLUMNS`, the heading first. None is an empty cell."""
    rows: list[list[Any]] = [list(COLUMNS)]
    for record in report["records"]:
        values = {**record, "stage": record["stage"][language], "missing": " ".join(record["missing"]),
                  "late": "late" if record["late"] else ""}  # fmt: skip
        rows.append([values[name] for name in COLUMNS])
    return rows


#: Columns of what a report has beside records and faults.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "discrepancies": ("pack", "sent", "sender", "sentMass", "received", "receiver", "receivedMass", "difference"),
    "residues": ("pack", "event", "mass", "recovered", "residue", "unaccounted"),
    "recovered": ("pack", "event", "material", "mass"),
    "corrections": ("pack", "event", "corrects", "accepted", "withdrawn"),
}


def beside(report: Mapping[str, Any], name: str) -> list[list[Any]]:
    """One of :data:`BESIDE` as rows, the heading first."""
    return [list(BESIDE[name]), *([_plain(row[column]) for column in BESIDE[name]] for row in report[name])]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, bool) else value


def _text(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, CHINA).isoformat()


def _day(duty: Duty) -> int:
    return int(datetime(duty.since.year, duty.since.month, duty.since.day, tzinfo=CHINA).timestamp())
