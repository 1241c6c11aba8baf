"""``passport issue``: from records to signed passports."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path

import click

from passport.commands.issuing.issue_call import IssueCall, IssueWay
from passport.commands.terminal import console
from passport.commands.terminal.inputs import allow_loss_option, documents_option, inputs_options, stdin_as_file
from passport.errors import UsageError
from passport.exchange.records.record_input import open_input
from passport.project import Project
from passport.publishing.bulk.crew import Crew, ProcessCrew, WorkbenchPlan, spare_collections
from passport.publishing.bulk.dask_crew import DaskCrew
from passport.publishing.publisher import Publisher, issue_order
from passport.texts import Message
from passport.vocabulary.vocabulary import due_on


@click.command()
@inputs_options
@click.option(
    "--replace", is_flag=True, help="Revoke and re-issue what was issued with other content, or does not verify."
)
@click.option("--reason", help="Why it is replaced; kept in the store.")
@click.option("--public-reason", metavar="TEXT", help="Why, for readers of the version that is replaced.")
@documents_option
@allow_loss_option
@click.option("--dry-run", is_flag=True, help="Judge everything, say what would be issued, and issue nothing.")
@click.option("--keep-going", is_flag=True, help="Issue what is right; list and keep apart what is not.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted run of the same files ended.")
@click.option(
    "--jobs", type=click.IntRange(1, 256), default=1, metavar="N", help="Processes that read, judge and sign."
)
@click.option(
    "--engine",
    type=click.Choice(("processes", "dask")),
    default="processes",
    help="Where packs are read, judged and signed: in processes of this machine, or by the workers of a Dask cluster.",
)
@click.option("--scheduler", metavar="URL", help="Address of the Dask scheduler, such as tcp://10.0.0.5:8786.")
@console.output_option("--results", help="A line for each pack: .jsonl or .csv.", endings=(".jsonl", ".csv"))
@console.project_option
@console.passphrase_option
@console.command
def issue(
    paths: tuple[Path, ...],
    source_format: str | None,
    merge: bool,
    replace: bool,
    reason: str | None,
    public_reason: str | None,
    documents_folder: Path | None,
    allow_loss: bool,
    dry_run: bool,
    keep_going: bool,
    resume: bool,
    jobs: int,
    engine: str,
    scheduler: str | None,
    results: console.Destination | None,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Validate the packs in FILE... and issue their passports: all of them, or none.

    What is read and would not be issued is listed; with --allow-loss the rest is issued, else nothing. FILE may be -
    for JSON lines on stdin. With --keep-going faulty packs are left out and everything else is issued. A long run keeps
    a journal in the project's folder out/issue, from which --resume goes on.

    With --engine dask the workers of a cluster read, judge and sign, and this machine stores. The project and the files
    are at the same path on each machine, and the store is PostgreSQL. Who reaches the scheduler has the issuer's key.

    \b
    Examples:
      passport issue packs.xlsx --project shop
      passport issue packs.xlsx --replace --reason "mass corrected"
      passport issue maker.xlsx supplier.json --merge
      passport issue packs.jsonl --jobs 4 --keep-going --results issued.csv
      passport issue packs.jsonl --engine dask --scheduler tcp://10.0.0.5:8786
      passport issue packs.xlsx --documents manuals
    """
    _check_options(replace, reason, public_reason, resume, paths)
    _check_engine(engine, scheduler, jobs, paths)
    project = Project.find(project_folder)
    passphrase = console.read_passphrase(passphrase_file)
    at = console.now()
    publisher = Publisher.of_project(project, project.open_store(), passphrase)
    order = issue_order(at, due_on(at.date()), replace, reason, public_reason)
    spare_collections()
    with stdin_as_file(paths) as files:
        records = open_input(files, source_format, merge=merge, on=at.date(), staging=project.folder / "out" / "issue")
        records = dataclasses.replace(records, documents=documents_folder)
        crew: Crew | None = None
        if jobs > 1 or scheduler is not None:
            plan = WorkbenchPlan(
                project.folder.resolve(), passphrase, at.date(), dataclasses.replace(order, on=at.date())
            )
            crew = ProcessCrew(plan, jobs) if scheduler is None else DaskCrew(plan, scheduler, project.store_url)
        try:
            way = IssueWay(
                allow_loss=allow_loss, keep_going=keep_going, resume=resume, dry_run=dry_run, as_json=as_json
            )
            with IssueCall(project, publisher, order, records, crew, way) as call:
                call.run(results)
        finally:
            if crew is not None:
                crew.close()


def _check_engine(engine: str, scheduler: str | None, jobs: int, paths: Iterable[Path]) -> None:
    """:raises UsageError: the engine and the other options contradict each other."""
    if (engine == "dask") != (scheduler is not None):
        raise UsageError(Message("--engine dask and --scheduler go together"))
    if engine == "dask" and jobs > 1:
        raise UsageError(Message("--jobs is for processes of this machine; the workers of a cluster are its own"))
    if engine == "dask" and Path("-") in paths:
        raise UsageError(
            Message("the workers of a cluster cannot read stdin"), hint=Message("Write it to a file that all can read.")
        )


def _check_options(
    replacing: bool, reason: str | None, public_reason: str | None, resume: bool, paths: Iterable[Path]
) -> None:
    """:raises UsageError: options contradict each other."""
    if replacing and not reason:
        raise UsageError(Message("--replace needs --reason"), hint=Message('Such as --reason "mass corrected".'))
    if public_reason and not replacing:
        raise UsageError(Message("--public-reason is for --replace"))
    if resume and Path("-") in paths:
        raise UsageError(
            Message("stdin cannot be resumed"),
            hint=Message("Hand it in again as a whole: what was issued is left alone. Or write it to a file first."),
        )
