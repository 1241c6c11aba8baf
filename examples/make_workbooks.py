"""Makes the workbooks of this folder from the JSON descriptions of three invented batteries.

    python examples/make_workbooks.py ../shared/examples

What depends on the address of a pack is left out; it is filled in when the pack is issued. The bytes depend on the
input alone, so a second run changes nothing.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from passport.battery.record_json import from_json
from passport.exchange.spreadsheet import record_writer

#: What the guidance says not to fill in for a kind of battery: points 62 and 63 for electric vehicles, where the state
#: of certified energy stands in their place. An example is to be copied.
NOT_TO_BE_FILLED = {"ev": ("remainingCapacity", "remainingPowerCapability")}
#: The figures of the description are by the rules of the Joint Research Centre, from raw materials to distribution. The
#: Chinese ones are those that footprint-ev-ncm.xlsx gives by the Chinese draft: another value, though the maker's data
#: are the same.
FOOTPRINTS = {
    "ev-ncm-100kwh": {
        "carbonFootprintMethod": "eu-jrc-2023",
        "carbonFootprintBoundary": "partial",
        "chinaCarbonFootprint": "0.154",
        "chinaCarbonFootprintRawMaterials": "0.1269",
        "chinaCarbonFootprintProduction": "0.022",
        "chinaCarbonFootprintDistribution": "0.0051",
        "chinaCarbonFootprintMethod": "cn-mee-2024-63-draft-2025-03",
        "chinaCarbonFootprintBoundary": "partial",
    }
}
PACKS = ("ev-ncm-100kwh", "stationary-lfp", "lmt-ebike")


def without_address(document: dict[str, Any]) -> dict[str, Any]:
    """The description without what the base URL of a publisher decides, and without what is not to be filled in."""
    pack = {name: value for name, value in document["pack"].items() if name != "batteryIdentifier"}
    pack["dataCarrier"] = {name: value for name, value in pack["dataCarrier"].items() if name != "payload"}
    left_out = NOT_TO_BE_FILLED.get(document["model"]["batteryCategory"], ())
    condition = {name: value for name, value in document["condition"].items() if name not in left_out}
    return {**document, "pack": pack, "condition": condition}


def make(source: Path, target: Path) -> None:
    """Write the three workbooks.

    :param source: folder of the JSON files.
    :param target: folder for the workbooks.
    """
    for name in PACKS:
        document = json.loads((source / f"{name}.json").read_text("utf-8"))
        document["model"] |= FOOTPRINTS.get(name, {})
        # The maker's batch number names the batch: a sheet of its own says what was made together.
        record = from_json(without_address(document), f"{name}.json")
        record = replace(record, batch_identifier=record.pack["batchNumber"])
        size = len(record_writer.write(target / f"{name}.xlsx", [record]))
        print(f"{name}.xlsx  {size:,} bytes")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    make(Path(sys.argv[1]), Path(__file__).parent)
