"""``passport supervise``: facts made again from signed events, and all rules judged over them."""

from __future__ import annotations

from contextlib import closing, nullcontext

import click

from passport.commands.terminal import console
from passport.commands.terminal.fault_list import print_faults
from passport.errors import FaultyRecord, UsageError
from passport.oversight.cluster_pass import check_on_cluster
from passport.oversight.supervised_store import catch_up, rebuild_from_events
from passport.oversight.supervisor import check
from passport.project import Project
from passport.store.facts.fact_writing import writing
from passport.supervision.findings import finding_json, sentence
from passport.supervision.outlet_list import read_outlets
from passport.supervision.rulebook import rulebook
from passport.texts import Message
from passport.worker_cluster import WorkerCluster

_FOUND = 1


@click.group()
def supervise() -> None:
    """Make the facts of supervision again, and judge all rules over them.

    \b
    Examples:
      passport supervise rebuild --project shop
      passport supervise check --project shop
      passport supervise check --project shop --country cn --json
      passport supervise outlets outlets.csv --project shop
    """


@supervise.command("rebuild")
@console.project_option
@console.command
def rebuild_facts(project_folder: str | None, as_json: bool) -> None:
    """Make all facts again from the signed events of the project.

    What people did with alerts stays; the next check opens alerts again. Facts of a benchmark are refused.

    \b
    Example:
      passport supervise rebuild --project shop && passport supervise check --project shop
    """
    count = rebuild_from_events(Project.find(project_folder).open_store())
    if as_json:
        console.say_json({"packs": count})
    else:
        console.say(Message("facts of {n} pack", plural="facts of {n} packs", n=count))


@supervise.command("outlets")
@click.argument("file", metavar="FILE")
@console.project_option
@console.command
def take_outlets(file: str, project_folder: str | None, as_json: bool) -> None:
    """Take the list of take-back outlets in FILE, a CSV file, in place of the list before.

    Columns: maker, province, outlet, since, until, and city where the list has it. The list is whole: from then on the
    rule outlet-missing judges every vehicle maker by it.

    \b
    Example:
      passport supervise outlets outlets.csv --project shop
    """
    try:
        rows = read_outlets(console.read_input(file), file)
    except FaultyRecord as error:
        if as_json:
            raise
        print_faults(file, error.faults)
        raise SystemExit(_FOUND) from None
    with writing(Project.find(project_folder).open_store()) as facts:
        facts.refer(outlets=rows)
    if as_json:
        console.say_json({"outlets": len(rows)})
    else:
        console.say(Message("{n} outlet", plural="{n} outlets", n=len(rows)))


@supervise.command("check")
@click.option("--country", "countries", multiple=True, help="Rules of this jurisdiction only; repeatable.")
@click.option(
    "--engine",
    type=click.Choice(("here", "dask")),
    default="here",
    help="Where rules are judged: in this process, or by the workers of a Dask cluster.",
)
@click.option("--scheduler", metavar="URL", help="Address of the Dask scheduler, such as tcp://10.0.0.5:8786.")
@console.project_option
@console.command
def check_all(
    countries: tuple[str, ...], engine: str, scheduler: str | None, project_folder: str | None, as_json: bool
) -> None:
    """Judge every rule over all facts: open new alerts, close those whose cause has left.

    Events that were accepted since the last time become facts first.

    Meant for a daily timer, since deadlines pass without an event. Exit code 1: something was found.

    With --engine dask the workers of a cluster judge portions of the packs, and this machine opens and closes alerts.
    The project is at the same path on each machine, and the store is PostgreSQL; on one machine it may be a file.

    \b
    Examples:
      passport supervise check --project shop
      passport supervise check --project shop --country cn --json
      passport supervise check --engine dask --scheduler tcp://10.0.0.5:8786
    """
    if (engine == "dask") != (scheduler is not None):
        raise UsageError(Message("--engine dask and --scheduler go together"))
    project = Project.find(project_folder)
    book = rulebook().profile(*(countries or project.regimes))
    store = project.open_store()
    with closing(WorkerCluster(scheduler, project.store_url)) if scheduler else nullcontext() as cluster:
        catch_up(store)
        if cluster is None:
            checked = check(store, book, console.now())
        else:
            checked = check_on_cluster(project, store, book, console.now(), cluster)
    if as_json:
        console.say_json({
            "opened": checked.opened, "closed": checked.closed,
            "findings": [finding_json(book.rules[finding.rule], finding) for finding in checked.findings],
        })  # fmt: skip
    else:
        console.say(Message(
            "{found} violations; {opened} alerts opened, {closed} closed because their cause has left",
            found=len(checked.findings), opened=checked.opened, closed=checked.closed,
        ))  # fmt: skip
        for finding in checked.findings:
            rule = book.rules[finding.rule]
            console.say(f"{rule.severity:6}  {finding.rule}  {sentence(rule, finding, console.language())}")
    if checked.findings:
        raise SystemExit(_FOUND)
