"""``passport footprint``: a battery's carbon footprint, calculated, explained and declared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from passport.commands.footprints.countersign import check, countersign, publish
from passport.commands.footprints.declare import declare
from passport.commands.footprints.inventory_input import INVENTORY, explained
from passport.commands.terminal import console
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import declared
from passport.footprint.facts import facts
from passport.footprint.footprint_report import FootprintReport
from passport.linked_data import strict_json
from passport.reports import footprint_page, footprint_workbook
from passport.texts import Message

METHOD = "cn-mee-2024-63-draft-2025-03"


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
@console.output_option("-o", "--output", endings=(".xlsx",), required=True, help="Workbook to write (.xlsx).")
@console.command
def template(output: console.Destination, as_json: bool) -> None:
    """Write an empty inventory, a workbook to fill in.

    \b
    Example:
      passport footprint template -o inventory.xlsx
    """
    output.write(inventory_workbook.write(None, {"method": METHOD, "cutOff": "yes", "gwpSet": "ar6"}))
    if as_json:
        console.say_json({"file": str(output)})
    else:
        console.say(
            Message(
                "{file}  fill in the sheets inventory, materials, parts, energy, emissions and transport",
                file=str(output),
            )
        )


@footprint.command()
@INVENTORY
@console.command
def calc(path: Path, as_json: bool) -> None:
    """Calculate the footprint of INVENTORY (.xlsx or .json).

    \b
    Examples:
      passport footprint calc inventory.xlsx
      passport footprint calc inventory.json --json
    """
    report = explained(path, as_json)
    console.is_product()
    if as_json:
        console.say_json(report.to_json())
        return
    _print(report)


@footprint.command("report")
@INVENTORY
@console.output_option(
    "-o", "--output", endings=(".html", ".json", ".xlsx"), required=True, help=".html, .json or .xlsx."
)
@console.command
def write_report(path: Path, output: console.Destination, as_json: bool) -> None:
    """Write a report that shows each line from datum to result: one file, HTML, JSON or XLSX by its name.

    \b
    Examples:
      passport footprint report inventory.xlsx -o report.html --lang zh
      passport footprint report inventory.xlsx -o report.xlsx
    """
    makers: dict[str, Callable[[FootprintReport], bytes]] = {
        ".html": lambda report: footprint_page.html(report, console.language()).encode(),
        ".json": lambda report: strict_json.dumps(report.to_json()),
        ".xlsx": lambda report: footprint_workbook.workbook(report, console.language()),
    }
    # A device has no ending: it gets the page.
    data = makers.get(output.suffix, makers[".html"])(explained(path, as_json))
    output.write(data)
    if as_json:
        console.say_json({"file": str(output), "bytes": len(data)})
    else:
        console.say(Message("{file}  {count:,} bytes", file=str(output), count=len(data)))


for command in (declare, countersign, check, publish):
    footprint.add_command(command)


def _print(report: FootprintReport) -> None:
    lang = console.language()
    result = report.result
    document: dict[str, Any] = report.to_json()
    figures = document["indicators"]
    console.say(
        Message(
            "{model}  {figures} kg CO2e per kWh over the service life",
            model=result.model,
            figures=figures[declared.names_of(result.method).total],
        )
    )
    boundary = facts().label("boundary", result.boundary, lang)
    console.say(Message("{method}, {boundary}", method=report.method.label, boundary=boundary))
    console.say()
    rows = [
        (facts().label("stage", stage, lang), f"{value:,.1f} kg CO2e", f"{result.share(stage):.1f} %")
        for stage, value in result.stages.items()
    ]
    rows.append(("=", f"{result.total:,.1f} kg CO2e", Message("over {energy:,f} kWh", energy=result.energy.total)))
    console.say(console.table(rows, right=frozenset({1, 2})))
    console.say()
    quality = result.quality
    if quality.rating is not None:
        named = facts().label("quality-class", quality.category or "", lang)
        rated = Message(
            "{rating:.2f}, {named} (should be at most {limit})",
            rating=quality.rating,
            named=named,
            limit=quality.limit,
        )
        console.say_fact(Message("Data quality"), rated, 15)
    per_capacity = result.per_capacity.value
    console.say_fact(
        Message("Plausibility"),
        Message("{value:.2f} kg CO2e per kWh of capacity, another unit", value=per_capacity),
        15,
    )
    for cut in result.cut_offs:
        moved = Message(
            "{name}, {mass} kg of {share_of} kg, moved to {receiver}",
            name=cut.name,
            mass=cut.mass,
            share_of=cut.share_of,
            receiver=cut.receiver,
        )
        console.say_fact(Message("Cut off"), moved, 15)
    for each in report.readings:
        figure = f"{each.per_functional_unit:.6f} ({each.difference:+.6f})"
        console.say_fact(Message("Other reading"), f"{figure}  {console.spoken(each.label)}", 15)
    for finding in result.findings:
        console.say("! " + console.spoken(finding.message))
        if finding.place is not None:
            console.say("  " + console.spoken(finding.place.text))
