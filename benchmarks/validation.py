"""How long a pack's validation takes by the compiled shapes, against the reference (pySHACL) in the same run.

    python benchmarks/validation.py [--packs 200] [FOLDER]

The packs of a factory: one of the example workbooks each, with a batch number of its own, judged under all regimes:
form, rules and completeness. The model's part is judged once for all of them, as in a bulk run. ``FOLDER`` holds record
files; without it the workbooks in ``examples/`` are read. Times are of the processor, in milliseconds a pack; the ratio
is the reference's time over the compiled shapes'. Everything goes to standard output as one JSON document; a pack above
the target is also said on standard error.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time

from passport.battery.identifiers.record_address import addressed
from passport.battery.record import Record
from passport.exchange.records import record_files
from passport.validation import validator
from passport.validation.compiled import precheck
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import Stage, regimes

CHECKOUT = Path(__file__).resolve().parent.parent
BASE = "https://passport.example.com"
ON = date(2027, 2, 18)
#: Milliseconds a pack, less its list of cells: form, rules and completeness under two regimes.
TARGET = 1.5


def milliseconds(work: Callable[[Record], object], packs: list[Record]) -> float:
    """Processor time a pack, the best of three runs over all packs."""

    def once() -> float:
        started = process_time()
        for pack in packs:
            work(pack)
        return (process_time() - started) * 1000 / len(packs)

    return min(once() for _ in range(3))


def packs_of(record: Record, count: int) -> list[Record]:
    """Packs of one model, each with a batch number of its own."""
    # Where the cells of a workbook are is the reader's work.
    record = replace(addressed(record, BASE), places={})
    return [replace(record, pack={**record.pack, "batchNumber": f"B-{n:06}"}) for n in range(count)]


def with_four_cells(record: Record) -> Record:
    """The same pack with four of its cells: what is left is what every pack has."""
    production = record.events["production"]
    cells = production["cellTractionBatteryCodes"][:4]
    dismantling = {**record.model["dismantlingInformation"], "cellCount": len(cells)}
    return replace(
        record,
        model={**record.model, "dismantlingInformation": dismantling},
        events={**record.events, "production": {**production, "cellTractionBatteryCodes": cells}},
    )


def race(record: Record, count: int) -> dict[str, float | int]:
    asked = tuple(regimes().values())
    days = {regime.code: ON for regime in asked}

    def quick(pack: Record) -> None:
        if precheck.judge_record(pack, asked, days, ON, Stage.PRODUCTION) is None:
            raise SystemExit(f"error: {pack.file} is not judged by the compiled shapes")

    def reference(pack: Record) -> None:
        kept, precheck.judge_record = precheck.judge_record, lambda *_: None
        try:
            validate(pack, asked, on=ON)
        finally:
            precheck.judge_record = kept

    packs = packs_of(record, count)
    validator.CHECKED_ONE_IN = 1
    validate(packs[0], asked, on=ON)  # shapes are parsed and compiled, and both tiers agree
    compiled, pyshacl = milliseconds(quick, packs), milliseconds(reference, packs[:3])
    cells = sum(len(event.get("cellTractionBatteryCodes", ())) for event in record.events.values())
    return {"cells": cells, "compiled ms": round(compiled, 2), "pySHACL ms": round(pyshacl, 1),
            "ratio": round(pyshacl / compiled)}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--packs", type=int, default=200)
    options = parser.parse_args()
    files = sorted(options.folder.glob("*.json") if options.folder else (CHECKOUT / "examples").glob("*.xlsx"))
    results: dict[str, dict[str, float | int]] = {}
    for file in files:
        if file.name.startswith("footprint"):
            continue
        record = record_files.read(file)[0][0]
        results[file.name] = race(record, options.packs)
        if record.events:
            results[f"{file.name}, four cells"] = race(with_four_cells(record), options.packs)
    print(json.dumps({"machine": platform.platform(), "target ms": TARGET, "packs": results}, indent=2))
    slow = [name for name, one in results.items() if one["cells"] < 5 and one["compiled ms"] > TARGET]
    for name in slow:
        print(f"above the target: {name}", file=sys.stderr)
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
