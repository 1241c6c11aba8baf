"""The records of an upload report: one for each event that a duty binds, their faults, and their totals. Pure.

records = records_of(rows, book)
stage_totals(records), batch_totals(records)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from passport.supervision.rulebook import DAY, REPORT, Duty, Rulebook
from passport.supervision.upload_fields import upload_fields
from passport.texts import Message, by_language

#: Days of a report are those of China.
CHINA = timezone(timedelta(hours=8))
MISSING, LATE, OVERDUE = "missing-field", "late", "overdue"
_FRAME = ("stage", "duty", "event", "kind", "pack", "batch", "occurred", "accepted", "due", "late")


def columns() -> tuple[str, ...]:
    """The columns of records in a table, in their order: the same for every stage."""
    fields = tuple(field.key for field in upload_fields().values() if field.key not in _FRAME)
    return (*_FRAME, *fields, "missing", "digest")


def records_of(rows: Iterable[Any], book: Rulebook) -> list[dict[str, Any]]:
    """The records of events, as JSON objects.

    :param rows: with the members of :class:`passport.store.facts.reports.report_records.ReportedRow`.
    """
    duties = [duty for duty in book.duties.values() if duty.form == REPORT]
    return [
        _record(row, duty)
        for row in rows
        for duty in duties
        if row.kind in duty.events and row.role in duty.reporters and row.time >= _first_instant(duty)
    ]


def record_faults(record: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What is wrong with a record: fields that it must state, and its deadline."""
    about = {"key": record["event"], "duty": record["duty"], "pack": record["pack"], "due": record["due"]}
    for name in record["missing"]:
        yield {**about, "errorType": MISSING, "field": name, "message": missing_text(name)}
    if record["late"]:
        message = by_language(Message("reported after its deadline"))
        yield {**about, "errorType": LATE, "field": None, "message": message}


def missing_text(field: str) -> dict[str, str]:
    """What is said of a missing field, by language."""
    return by_language(Message("{field} is missing", field=dict(upload_fields()[field].label)))


def stage_totals(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records, packs, mass and faults of each duty."""
    totals = []
    for duty, of in _grouped(records, "duty"):
        totals.append({
            "duty": duty, "stage": of[0]["stage"], **_counted(of),
            "late": sum(record["late"] for record in of),
            "incomplete": sum(bool(record["missing"]) for record in of),
        })  # fmt: skip
    return totals


def batch_totals(records: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Records, packs and mass of each production batch by duty; packs of no known batch come last."""
    return [
        {"batch": batch, "duty": duty, "stage": listed[0]["stage"], **_counted(listed)}
        for batch, of in _grouped(records, "batch")
        for duty, listed in _grouped(of, "duty")
    ]


def table(report: Mapping[str, Any], language: str) -> list[list[Any]]:
    """The records as rows of :func:`columns`, the heading first. None is an empty cell."""
    names = columns()
    rows: list[list[Any]] = [list(names)]
    for record in report["records"]:
        values = {**record, "stage": record["stage"][language], "late": "late" if record["late"] else ""}
        rows.append([cell(values.get(name)) for name in names])
    return rows


def cell(value: Any) -> Any:
    """A value as a cell of a table: several values, or masses by material, beside each other."""
    if isinstance(value, Mapping):
        return " ".join(f"{name}:{each}" for name, each in value.items())
    if isinstance(value, list):
        return " ".join(map(str, value))
    return int(value) if isinstance(value, bool) else value


def instant_text(seconds: int) -> str:
    """An instant as it is written in China, ISO 8601."""
    return datetime.fromtimestamp(seconds, CHINA).isoformat()


def _record(row: Any, duty: Duty) -> dict[str, Any]:
    fields = upload_fields()
    stated = {name: fields[name].value(row) for name in fields if name in (*duty.fields, *duty.also)}
    due = row.reported + duty.days * DAY
    frame = {
        "stage": by_language(duty.stage or duty.label), "duty": duty.code, "event": row.event, "kind": row.kind,
        "pack": row.pack, "batch": row.batch, "occurred": instant_text(row.time),
        "accepted": instant_text(row.accepted), "due": instant_text(due), "late": row.accepted > due,
        "digest": row.digest, "massGrams": row.mass,
        "missing": [name for name in duty.fields if stated[name] is None],
    }  # fmt: skip
    return {**frame, **{fields[name].key: value for name, value in stated.items()}}


def _counted(records: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    listed = list(records)
    return {
        "records": len(listed),
        "packs": len({record["pack"] for record in listed}),
        "massGrams": sum(record["massGrams"] or 0 for record in listed),
    }


def _grouped(records: Iterable[Mapping[str, Any]], name: str) -> Iterator[tuple[str | None, list[Mapping[str, Any]]]]:
    groups: dict[str | None, list[Mapping[str, Any]]] = defaultdict(list)
    for record in records:
        groups[record[name]].append(record)
    yield from sorted(groups.items(), key=lambda item: (item[0] is None, item[0] or ""))


def _first_instant(duty: Duty) -> int:
    return int(datetime(duty.since.year, duty.since.month, duty.since.day, tzinfo=CHINA).timestamp())


def instant_of(seconds: int) -> datetime:
    """Seconds since 1970 as an instant."""
    return datetime.fromtimestamp(seconds, UTC)
