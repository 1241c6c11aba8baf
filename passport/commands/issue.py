"""``passport issue``: from records to signed passports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter

import click

from passport.battery.record import Fault, Record
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import LOSING, print_faults, print_losses
from passport.commands.terminal.inputs import allow_loss_option, inputs_options
from passport.commands.validate import completeness
from passport.credentials.wording import shortened
from passport.errors import FaultyRecord, UsageError
from passport.exchange import record_files
from passport.exchange.fault_order import in_order
from passport.linked_data.json_types import JsonObject
from passport.project import Project
from passport.publishing.publisher import Issued, IssueReport, Publisher
from passport.texts import Message
from passport.validation.record_intake import each_once
from passport.validation.validator import On
from passport.vocabulary.vocabulary import due_on


@click.command()
@inputs_options
@click.option(
    "--replace", is_flag=True, help="Revoke and re-issue what was issued with other content, or does not verify."
)
@click.option("--reason", help="Why it is replaced; kept in the store.")
@click.option("--public-reason", metavar="TEXT", help="Why, for readers of the version that is replaced.")
@allow_loss_option
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
    allow_loss: bool,
    project_folder: str | None,
    passphrase_file: str | None,
    as_json: bool,
) -> None:
    """Validate the packs in FILE... and issue their passports: all of them, or none.

    What is read and would not be issued is listed; with --allow-loss the rest is issued, else nothing.

    \b
    Examples:
      passport issue packs.xlsx --project shop
      passport issue packs.xlsx --replace --reason "mass corrected"
      passport issue maker.xlsx supplier.json --merge
    """
    project = Project.find(project_folder)
    if replace and not reason:
        raise UsageError(Message("--replace needs --reason"), hint=Message('Such as --reason "mass corrected".'))
    if public_reason and not replace:
        raise UsageError(Message("--public-reason is for --replace"))
    started = perf_counter()
    at = console.now()
    on = due_on(at.date())
    publisher = Publisher.of_project(project, project.open_store(), console.read_passphrase(passphrase_file))
    name = record_files.names_of(paths)
    try:
        handed_in, reading_faults = record_files.read_many(paths, source_format, merge=merge, on=at.date())
        losses = record_files.Inputs(name, handed_in, reading_faults).losses
        refuse_faulty(publisher, handed_in, reading_faults, on)
        refuse_losing(name, losses, allow_loss, as_json)
        console.talk(
            Message(
                "Signing {n} pack as {issuer} …",
                plural="Signing {n} packs as {issuer} …",
                n=len(handed_in),
                issuer=shortened(project.issuer),
            )
        )
        report = publisher.issue(
            handed_in,
            at=at,
            on=on,
            replace=replace,
            reason=reason,
            public_reason=public_reason,
            progress=_IssueProgress(len(handed_in)),
        )
    except FaultyRecord as error:
        raise_faulty(name, error, as_json)
    console.talk(Message("Done in {seconds:.1f} s", seconds=perf_counter() - started))
    console.talk()
    if as_json:
        console.say_json(
            {
                "issuer": project.issuer,
                "entries": [entry_json(entry) for entry in report.entries],
                "notices": [notice.to_json() for notice in report.notices],
                "notIssued": [fault.to_json() for fault in in_order(losses)],
            }
        )
    else:
        print_report(report, at)


def refuse_faulty(publisher: Publisher, handed_in: Sequence[Record], faults: Sequence[Fault], on: On) -> None:
    """Refuse what was read with faults, together with all that validation finds besides.

    :raises FaultyRecord: with all faults.
    """
    violations = tuple(fault for fault in faults if fault.severity == "violation")
    if not violations:
        return
    try:
        publisher.check(handed_in, on=on)
    except FaultyRecord as error:
        violations = each_once(violations, error.faults)
    raise FaultyRecord(Message("nothing was issued"), violations)


def refuse_losing(name: str, losses: Sequence[Fault], allowed: bool, as_json: bool) -> None:
    """List what would not be issued, and refuse it unless the caller allows it.

    :raises FaultyRecord: with every loss, where the answer is JSON.
    """
    if not as_json:
        print_losses(name, losses)
    if not losses or allowed:
        return
    if as_json:
        raise FaultyRecord(Message("nothing was issued"), tuple(losses), hint=LOSING)
    console.say(Message("Nothing was issued."), " ", LOSING)
    raise SystemExit(1)


def raise_faulty(name: str, error: FaultyRecord, as_json: bool) -> None:
    """Print the faults as a list to work through, and leave with the exit code of the error."""
    if as_json or len(error.faults) < 2 and error.exit_code == 2:
        raise error
    print_faults(name, error.faults)
    console.say(Message("Nothing was issued. Correct the places above and run the same command again."))
    raise SystemExit(error.exit_code)


def entry_json(entry: Issued) -> JsonObject:
    """One entry of an issue report as JSON."""
    document: JsonObject = {
        "kind": entry.kind,
        "name": entry.name,
        "id": entry.subject,
        "outcome": entry.outcome,
        "credentials": list(entry.credentials),
        "issuedAt": entry.issued_at.isoformat(),
        "signedAnew": list(entry.unverified),
    }
    if entry.report is not None:
        document["completeness"] = {code: report.to_json() for code, report in entry.report.regimes.items()}
    return document


def print_report(report: IssueReport, at: datetime) -> None:
    """A line per model, batch and pack, the batches that the input does not name, and the sum."""
    rows = []
    for entry in report.entries:
        details: list[str] = []
        if entry.outcome == "same":
            details.append(Message("nothing to do, issued {day}", day=console.long_date(entry.issued_at)))
        elif entry.report is None:
            details.append(Message("{n} credential", plural="{n} credentials", n=len(entry.credentials)))
        else:
            details += [
                Message("{regime} {completeness}", regime=regime.regime.label, completeness=completeness(regime))
                for regime in entry.report.regimes.values()
            ]
        if entry.unverified:
            details.append(Message("{number} did not verify, signed anew", number=len(entry.unverified)))
        rows.append((entry.outcome, entry.kind, entry.name, "   ".join(map(console.spoken, details))))
    console.say(console.table(rows))
    for notice in report.notices:
        console.say(Message("Notice: {notice}", notice=notice.message))
    packs = report.of_kind("pack")
    unchanged = sum(entry.outcome == "same" for entry in packs)
    console.say()
    console.say(Message("{issued} issued, {unchanged} unchanged.", issued=len(packs) - unchanged, unchanged=unchanged))


class _IssueProgress:
    """One line that rewrites itself, on a terminal, for long runs only."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._done = 0
        self._started = perf_counter()

    def __call__(self, entry: Issued) -> None:
        if entry.kind != "pack":
            return
        self._done += 1
        if self._total <= 100:
            return
        rate = self._done / max(perf_counter() - self._started, 1e-6)
        left = (self._total - self._done) / max(rate, 1e-6)
        text = Message(
            "{done:,} of {total:,}   {rate:.0f}/s   {left:.0f} min left",
            done=self._done,
            total=self._total,
            rate=rate,
            left=left / 60,
        )
        console.progress(console.spoken(text) + ("\n" if self._done == self._total else ""))
