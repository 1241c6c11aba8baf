"""A list of take-back outlets as a CSV file: which maker has which outlet in which province, since when. Pure.

Vehicle and battery makers publish their outlets; no event names them. So an authority hands in the whole list, and the
rule ``outlet-missing`` judges by it. Columns: maker and outlet (DIDs), province (ISO 3166-2), since and until (days;
until may be empty), and, where the list has it, city.

    rows = read_outlets(data, "outlets.csv")
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.identifiers.identifier import shown
from passport.errors import FaultyRecord, MalformedDocument
from passport.supervision.pack_facts import FOREVER, seconds
from passport.supervision.provinces import provinces
from passport.texts import Message

COLUMNS = ("maker", "province", "outlet", "since", "until")
#: A column that a list may have after these.
CITY = "city"
MOST = 200_000
_DID = re.compile(r"did:[a-z0-9]+:[^\s<>\"{}|\\^`]{1,300}", re.ASCII)
_FAULTS = 200


def read_outlets(data: bytes, name: str) -> list[dict[str, Any]]:
    """The rows of ``fact_outlets``: instants in seconds since 1970, ``until`` the end of its day.

    :param name: of the file, for messages.
    :raises MalformedDocument: not UTF-8, other columns, or too long.
    :raises FaultyRecord: with every fault, and its row and column.
    """
    try:
        lines = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise MalformedDocument(Message("{name} is no CSV file in UTF-8", name=name)) from error
    columns = tuple(cell.strip() for cell in lines[0]) if lines else ()
    if columns not in (COLUMNS, (*COLUMNS, CITY)):
        raise MalformedDocument(
            Message("{name} has other columns", name=name),
            expected=", ".join(COLUMNS),
            found=shown(", ".join(columns), 100),
        )
    if len(lines) > MOST:
        raise MalformedDocument(Message("{name} is too long", name=name), expected=Message("{n} rows", n=MOST))
    rows: dict[tuple[str, str, str], dict[str, Any]] = {}
    faults: list[Fault] = []
    for number, cells in enumerate(lines[1:], 2):
        if not any(cell.strip() for cell in cells):
            continue
        row, wrong = _row(dict(zip(columns, (cell.strip() for cell in cells), strict=False)))
        key = (row.get("maker", ""), row.get("province", ""), row.get("outlet", ""))
        if not wrong and key in rows:
            wrong = [("outlet", Message("this outlet is listed twice for its maker and province"))]
        rows[key] = row
        faults += [
            Fault("outlet", Location(name, row=number, heading=heading), None, message) for heading, message in wrong
        ]
    if faults:
        raise FaultyRecord(
            Message("the list of outlets has {n} fault", plural="the list of outlets has {n} faults", n=len(faults)),
            tuple(faults[:_FAULTS]),
        )
    return list(rows.values())


def _row(cells: dict[str, str]) -> tuple[dict[str, Any], list[tuple[str, Message]]]:
    wrong: list[tuple[str, Message]] = []
    row: dict[str, Any] = {name: cells.get(name, "") for name in ("maker", "province", "outlet")}
    wrong += [(name, Message("this is no DID")) for name in ("maker", "outlet") if _DID.fullmatch(row[name]) is None]
    if row["province"] not in provinces():
        wrong.append(("province", Message("this is no province (ISO 3166-2, such as CN-AH)")))
    row[CITY] = cells.get(CITY) or None
    since, until = _day(cells.get("since", "")), _day(cells.get("until", ""))
    if since is None:
        wrong.append(("since", Message("this is no day (2026-04-01)")))
    if cells.get("until") and until is None:
        wrong.append(("until", Message("this is no day (2026-04-01)")))
    if since is not None and until is not None and until < since:
        wrong.append(("until", Message("it ends before it begins")))
    row["since"] = 0 if since is None else _midnight(since)
    row["until"] = FOREVER if until is None else _midnight(until + timedelta(days=1))
    return row, wrong


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _midnight(day: date) -> int:
    return seconds(datetime(day.year, day.month, day.day, tzinfo=UTC))
