"""``passport report-period``: the upload records of one actor and period."""

from __future__ import annotations

import click

from passport.commands.terminal import console
from passport.linked_data import strict_json
from passport.oversight.supervised_store import catch_up
from passport.project import Project
from passport.reports import period_tables
from passport.store.facts.fact_reading import owed, reported
from passport.store.facts.rule_queries import judging
from passport.supervision.pack_facts import seconds
from passport.supervision.period_report import Period, period_report, table
from passport.supervision.rulebook import rulebook
from passport.texts import Message

_FAULTY = 1
_FAULT_COLUMNS = ("key", "errorType", "field", "duty", "pack", "due")


@click.command("report-period")
@click.argument("period", metavar="PERIOD")
@click.option("--actor", metavar="DID", required=True, help="Records of this actor (DID).")
@click.option("--country", "countries", multiple=True, help="Duties of this jurisdiction only; repeatable.")
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
    """
    span = Period.parse(period)
    project = Project.find(project_folder)
    book = rulebook().profile(*(countries or project.regimes))
    store, now = project.open_store(), console.now()
    catch_up(store)
    with judging(store) as (judge, connection):
        judge.prepare(book.inputs())
        rows = reported(connection, actor, seconds(span.start), seconds(span.end))
        open_duties = owed(judge, connection, actor, receipt_days=30)
    report = period_report(actor, span, rows, open_duties, book, at=now)
    if report["faults"]:
        console.settle(_FAULTY)
    if output is None:
        console.say_json(report)
        return
    records = table(report, console.language())
    faults = [list(_FAULT_COLUMNS), *([fault[name] for name in _FAULT_COLUMNS] for fault in report["faults"])]
    makers = {
        ".csv": lambda: period_tables.csv_bytes(records),
        ".xlsx": lambda: period_tables.workbook([("records", records), ("faults", faults)]),
    }
    output.write(makers.get(output.suffix, lambda: strict_json.dumps(report))())
    if as_json:
        console.say_json({"file": str(output), "receipt": report["receipt"], "faults": report["faults"]})
    else:
        console.say(Message(
            "{n} record, {faults} faults; receipt {receipt}", plural="{n} records, {faults} faults; receipt {receipt}",
            n=len(report["records"]), faults=len(report["faults"]), receipt=report["receipt"],
        ))  # fmt: skip
