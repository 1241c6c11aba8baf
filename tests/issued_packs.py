"""Files with many packs, and what a store must hold after they were issued, whatever happened on the way."""

from __future__ import annotations

import json
import sqlite3
from functools import cache
from pathlib import Path
from typing import Any

from passport.exchange import formats
from passport.exchange.records import record_files
from passport.store import Store

_WORKBOOK = Path(__file__).resolve().parents[1] / "examples" / "lmt-ebike.xlsx"


@cache
def _example() -> str:
    (read,) = record_files.read_records(_WORKBOOK)
    return next(iter(formats.write("json", [read]).files.values())).decode()


def pack_of_number(number: int) -> dict[str, Any]:
    """The pack of an electric bicycle as a JSON record, with a number of its own."""
    document = json.loads(_example())
    document["pack"] |= {
        "serialNumber": f"EB{number:06}",
        "batteryPassportIdentifier": f"urn:uuid:00000000-0000-4000-8000-{number:012}",
    }
    for name in ("batteryIdentifier", "dataCarrier"):
        document["pack"].pop(name, None)
    return document


def write_lines(path: Path, records: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    return path


def store_of(project: Path) -> Store:
    return Store.open(f"sqlite:///{project / 'passports.db'}")


def serials(project: Path) -> list[str]:
    return sorted(pack.serial for pack in store_of(project).packs())


def hold_each_once(project: Path) -> None:
    """Each subject has one credential of a type, no place is given twice, no list lacks a change, the file is whole."""
    with sqlite3.connect(project / "passports.db") as connection:
        twice = "SELECT subject, type FROM credentials GROUP BY subject, type HAVING count(*) > 1"
        assert connection.execute(twice).fetchall() == []
        places = "SELECT list, position FROM status_entries GROUP BY list, position HAVING count(*) > 1"
        assert connection.execute(places).fetchall() == []
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        without = "SELECT subject FROM packs WHERE subject NOT IN (SELECT subject FROM credentials)"
        assert connection.execute(without).fetchall() == []
    assert store_of(project).unsigned_lists() == ()
    assert store_of(project).lists_behind() == ()


def results(project: Path) -> list[dict[str, Any]]:
    """The results of the only run."""
    (path,) = (project / "out" / "issue").glob("*/results.jsonl")
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]
