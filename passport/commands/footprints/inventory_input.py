"""The inventory that a command is given, and the report of it."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

import passport
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import print_faults
from passport.errors import FaultyRecord, UsageError
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import footprint_report as reports
from passport.footprint.footprint_report import FootprintReport
from passport.footprint.inventory import inventory_reading
from passport.footprint.inventory.inventory import Inventory
from passport.linked_data import strict_json
from passport.texts import Message

SOFTWARE = f"battery-passport {passport.__version__}"
_JSON_BYTES = 64 * 1024 * 1024
INVENTORY = click.argument("path", metavar="INVENTORY", type=click.Path(path_type=Path))


def explained(path: Path, as_json: bool) -> FootprintReport:
    """The report of an inventory file."""
    given = read_inventory(path, as_json)
    try:
        return reports.make(given, software=SOFTWARE)
    except FaultyRecord as error:
        _leave(path, error, as_json)


def read_inventory(path: Path, as_json: bool) -> Inventory:
    """The inventory in a file; its faults are printed as a list to work through.

    :raises SystemExit: it has faults (exit code 1).
    """
    try:
        if path.suffix.lower() == ".xlsx":
            return inventory_workbook.read(path)
        if path.suffix.lower() == ".json" or str(path) == "-":
            document = strict_json.loads(console.read_input(str(path)), max_bytes=_JSON_BYTES)
            return inventory_reading.from_json(document, path.name)
    except FaultyRecord as error:
        _leave(path, error, as_json)
    raise UsageError(Message("unknown form of inventory"), expected=Message(".xlsx or .json"), found=path.name)


def _leave(path: Path, error: FaultyRecord, as_json: bool) -> NoReturn:
    if as_json:
        raise error
    print_faults(path.name, error.faults)
    console.say(Message("Nothing was calculated. Correct the places above and run the same command again."))
    raise SystemExit(error.exit_code)
