"""``passport report-period``: the upload records of one actor and period."""

from __future__ import annotations

from typing import Any

import click

from passport.commands.terminal import console
from passport.linked_data import strict_json
from passport.oversight.supervised_store import catch_up
from passport.oversight.upload_report import upload_report
from passport.project import Project
from passport.reports import period_tables
from passport.supervision.period_report import BESIDE, Period, beside, changes_since
from passport.supervision.rulebook import rulebook
from passport.supervision.upload_fields import upload_fields
from passport.supervision.upload_records import table
from passport.texts import Message, languages

_FAULTY = 1
_CHANGES = {"added": Message("added"), "removed": Message("removed"), "changed": Message("changed")}
_FAULT_COLUMNS = ("key", "errorType", "field", "duty", "pack", "due")


@click.command("report-period")
@click.argument("period", metavar="PERIOD")
@click.option("--actor", metavar="DID", required=True, help="Records of this actor (DID).")
@click.option("--country", "countries", multiple=True, help="Duties of this jurisdiction only; repeatable.")
@click.option("--against", metavar="FILE", help="An earlier report (JSON): print what has changed since, instead.")
@console.output_option(
    "-o",
    "--output",
    endings=(".json", ".csv", ".xlsx"),
    help="File to write: .json, .csv or .xlsx (default: stdout, JSON).",
)
@console.project_option
@console.command
def report_period(
    period: str,
    actor: str,
    countries: tuple[str, ...],
    against: str | None,
    output: console.Destination | None,
    project_folder: str | None,
    as_json: bool,
) -> None:
    """Write the upload records of PERIOD, stage by stage: what was reported, what is missing, what is late.

    PERIOD is a month (2026-07), a quarter (2026-Q3) or a year (2026). The same facts give the same report on the same
    day, byte for byte, and its digest is the receipt. Exit code 1: something is missing or late.

    \b
    Examples:
      passport report-period 2026-07 --actor did:web:outlet.example --project shop
      passport report-period 2026-Q3 --actor did:web:outlet.example -o records.xlsx --project shop
      passport report-period 2026-Q3 --actor did:web:outlet.example --against october.json --project shop
    """
    span = Period.parse(period)
    project = Project.find(project_folder)
    book = rulebook().profile(*(countries or project.regimes))
    before = None if against is None else strict_json.loads(console.read_input(against))
    store = project.open_store()
    catch_up(store)
    report = upload_report(store, book, actor, span, console.now())
    if report["faults"]:
        console.settle(_FAULTY)
    if before is not None:
        _print_changes(changes_since(before, report), as_json)
        return
    if output is None:
        console.say_json(report)
        return
    records = table(report, console.language())
    faults = [list(_FAULT_COLUMNS), *([fault[name] for name in _FAULT_COLUMNS] for fault in report["faults"])]
    makers = {
        ".csv": lambda: period_tables.csv_bytes(records),
        ".xlsx": lambda: period_tables.workbook(
            [
                ("records", records),
                ("faults", faults),
                *((name, beside(report, name)) for name in BESIDE),
                ("fields", [["field", *languages()], *_field_names()]),
            ]
        ),
    }
    output.write(makers.get(output.suffix, lambda: strict_json.dumps(report))())
    if as_json:
        console.say_json({"file": str(output), "receipt": report["receipt"], "faults": report["faults"]})
    else:
        console.say(Message(
            "{n} record, {faults} faults; receipt {receipt}", plural="{n} records, {faults} faults; receipt {receipt}",
            n=len(report["records"]), faults=len(report["faults"]), receipt=report["receipt"],
        ))  # fmt: skip


def _field_names() -> list[list[str]]:
    """Columns of the records, with what people call them."""
    return [[field.key, *(field.label[language] for language in languages())] for field in upload_fields().values()]


def _print_changes(changes: dict[str, Any], as_json: bool) -> None:
    if as_json:
        console.say_json(changes)
        return
    for name, label in _CHANGES.items():
        for event in changes[name]:
            console.say(label, "  ", event)
    console.say(Message(
        "{added} added, {removed} removed, {changed} changed since; {left} faults are left",
        added=len(changes["added"]), removed=len(changes["removed"]), changed=len(changes["changed"]),
        left=changes["faultsLeft"],
    ))  # fmt: skip
