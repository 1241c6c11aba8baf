"""The three example packs as documents that a test may change, and as records."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from passport.battery import record as records
from passport.battery.record_json import from_json
from passport.exchange.records import record_files
from tests.remembered_readings import remember_readings

remember_readings()

PACKS = {"EV": "ev-ncm-100kwh.json", "ST": "stationary-lfp.json", "LMT": "lmt-ebike.json"}
#: What the description of the electric vehicle's pack lacks: it has one footprint for both sides.
CHINESE_FOOTPRINT = {
    "chinaCarbonFootprint": "0.154",
    "chinaCarbonFootprintRawMaterials": "0.1269",
    "chinaCarbonFootprintProduction": "0.022",
    "chinaCarbonFootprintDistribution": "0.0051",
    "chinaCarbonFootprintMethod": "cn-mee-2024-63-draft-2025-03",
    "chinaCarbonFootprintBoundary": "partial",
}


EXAMPLES = Path(__file__).resolve().parent.parent / "examples"


def example_records(workbook: str) -> list[records.Record]:
    """The records of an example workbook, a copy for each caller."""
    return list(record_files.read(EXAMPLES / workbook)[0])


@pytest.fixture(scope="session")
def _read_packs(examples: Path) -> dict[str, dict]:
    read = {name: json.loads((examples / file).read_text(encoding="utf-8")) for name, file in PACKS.items()}
    read["EV"]["model"] |= CHINESE_FOOTPRINT
    return read


@pytest.fixture
def pack_document(_read_packs: dict[str, dict]) -> Callable[..., dict]:
    """``pack_document("EV", {"/model/gtin": "…"})``: a pack with the values at some JSON pointers replaced; ``...``
    takes one out, and a pointer that ends in ``/-`` appends."""

    def document(name: str, changes: dict[str, Any] | None = None) -> dict:
        changed = copy.deepcopy(_read_packs[name])
        for pointer, value in (changes or {}).items():
            _change(changed, pointer, value)
        return changed

    return document


@pytest.fixture
def pack_record(pack_document: Callable[..., dict]) -> Callable[..., records.Record]:
    """The same, read."""
    return lambda name, changes=None: from_json(pack_document(name, changes), "pack.json")


def _change(document: Any, pointer: str, value: Any) -> None:
    *way, last = pointer.split("/")[1:]
    for step in way:
        document = document[int(step)] if isinstance(document, list) else document.setdefault(step, {})
    if isinstance(document, list) and last == "-":
        document.append(value)
        return
    key = int(last) if isinstance(document, list) else last
    if value is ...:
        del document[key]
    else:
        document[key] = value
