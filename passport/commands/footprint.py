"""``passport footprint``: a battery's carbon footprint, calculated, explained and declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

import passport
from passport.battery.footprint import reading
from passport.battery.footprint import report as reports
from passport.battery.footprint.facts import facts
from passport.battery.footprint.inventory import Inventory
from passport.battery.footprint.report import Report
from passport.commands import console
from passport.commands.validate import print_faults
from passport.errors import FaultyRecord, UsageError
from passport.exchange import footprint_page, footprint_workbook, inventory
from passport.linked_data import strict_json

METHOD = "cn-mee-2024-63-draft-2025-03"
SOFTWARE = f"battery-passport {passport.__version__}"
_JSON_BYTES = 64 * 1024 * 1024
_inventory = click.argument("path", metavar="INVENTORY", type=click.Path(path_type=Path))
_language = click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language.")


@click.group()
def footprint() -> None:
    """Calculate, explain and declare the carbon footprint of a battery model.

    \b
    The path of a figure:
      passport footprint template -o inventory.xlsx     fill it in
      passport footprint calc inventory.xlsx            the figure, and what to be careful about
      passport footprint report inventory.xlsx -o report.html --lang zh
      passport footprint declare inventory.xlsx --packs packs.xlsx --project shop -o declaration.jsonld
      passport footprint countersign declaration.jsonld --key verifier.pem -o verified.jsonld
      passport footprint check verified.jsonld view.jsonld --trust trusted-issuers.json
    """


@footprint.command()
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help="Workbook to write (.xlsx).")
@console.command
def template(output: Path, as_json: bool) -> None:
    """Write an empty inventory, a workbook to fill in. An existing file is never overwritten.

    \b
    Example:
      passport footprint template -o inventory.xlsx
    """
    if output.suffix.lower() != ".xlsx":
        raise UsageError("the template is a workbook", expected="a name that ends in .xlsx", found=output.name)
    if output.exists():
        raise UsageError(f"{output} exists already", hint="Choose another name: what was filled in is kept.")
    console.write_output(output, inventory.write(None, {"method": METHOD, "cutOff": "yes", "gwpSet": "ar6"}))
    if as_json:
        console.say_json({"file": str(output)})
    else:
        console.say(f"{output}  fill in the sheets inventory, materials, parts, energy, emissions and transport")


@footprint.command()
@_inventory
@_language
@console.command
def calc(path: Path, lang: str, as_json: bool) -> None:
    """Calculate the footprint of INVENTORY (.xlsx or .json).

    \b
    Examples:
      passport footprint calc inventory.xlsx
      passport footprint calc inventory.json --json
    """
    report = explained(path, as_json)
    if as_json:
        console.say_json(report.to_json())
        return
    _print(report, lang)


@footprint.command("report")
@_inventory
@click.option("-o", "--output", type=click.Path(path_type=Path), required=True, help=".html, .json or .xlsx.")
@_language
@console.command
def write_report(path: Path, output: Path, lang: str, as_json: bool) -> None:
    """Write a report that shows each line from datum to result: one file, HTML, JSON or XLSX by its name.

    \b
    Examples:
      passport footprint report inventory.xlsx -o report.html --lang zh
      passport footprint report inventory.xlsx -o report.xlsx
    """
    makers: dict[str, Callable[[Report], bytes]] = {
        ".html": lambda report: footprint_page.html(report, lang).encode(),
        ".json": lambda report: strict_json.dumps(report.to_json()),
        ".xlsx": lambda report: footprint_workbook.workbook(report, lang),
    }
    maker = makers.get(output.suffix.lower())
    if maker is None:
        raise UsageError("unknown form of report", expected=", ".join(makers), found=output.suffix or "no ending")
    data = maker(explained(path, as_json))
    console.write_output(output, data)
    if as_json:
        console.say_json({"file": str(output), "bytes": len(data)})
    else:
        console.say(f"{output}  {len(data):,} bytes")


# --- shared with declaring --------------------------------------------------------------------------------------------


def read_inventory(path: Path, as_json: bool) -> Inventory:
    """The inventory in a file; its faults are printed as a list to work through.

    :raises SystemExit: it has faults (exit code 1).
    """
    try:
        if path.suffix.lower() == ".xlsx":
            return inventory.read(path)
        if path.suffix.lower() == ".json" or str(path) == "-":
            document = strict_json.loads(console.read_input(str(path)), max_bytes=_JSON_BYTES)
            return reading.from_json(document, path.name)
    except FaultyRecord as error:
        _leave(path, error, as_json)
    raise UsageError("unknown form of inventory", expected=".xlsx or .json", found=path.name)


def explained(path: Path, as_json: bool) -> Report:
    """The report of an inventory file."""
    given = read_inventory(path, as_json)
    try:
        return reports.make(given, software=SOFTWARE)
    except FaultyRecord as error:
        _leave(path, error, as_json)


def _leave(path: Path, error: FaultyRecord, as_json: bool) -> NoReturn:
    if as_json:
        raise error
    print_faults(path.name, error.faults, "en")
    console.say("Nothing was calculated. Correct the places above and run the same command again.")
    raise SystemExit(error.exit_code)


def _print(report: Report, lang: str) -> None:
    result = report.result
    said: dict[str, Any] = report.to_json()
    figures = said["indicators"]
    console.say(f"{result.model}  {figures['batteryCarbonFootprint']} kg CO2e per kWh over the service life")
    console.say(f"{report.method.label[lang]}, {facts().label('boundary', result.boundary, lang)}\n")
    rows = [
        (facts().label("stage", stage, lang), f"{value:,.1f} kg CO2e", f"{result.share(stage):.1f} %")
        for stage, value in result.stages.items()
    ]
    rows.append(("=", f"{result.total:,.1f} kg CO2e", f"over {result.energy.total:,f} kWh"))
    console.say(console.table(rows, right=frozenset({1, 2})))
    console.say()
    quality = result.quality
    if quality.rating is not None:
        named = facts().label("quality-class", quality.category or "", lang)
        console.say(f"Data quality   {quality.rating:.2f}, {named} (should be at most {quality.limit})")
    console.say(f"Plausibility   {result.per_capacity.value:.2f} kg CO2e per kWh of capacity, another unit")
    for cut in result.cut_offs:
        console.say(f"Cut off        {cut.name}, {cut.mass} kg of {cut.share_of} kg, moved to {cut.receiver}")
    for each in report.readings:
        console.say(f"Other reading  {each.per_functional_unit:.6f} ({each.difference:+.6f})  {each.label[lang]}")
    for finding in result.findings:
        console.say(f"! {finding.message[lang]}")
