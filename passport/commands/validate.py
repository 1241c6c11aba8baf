"""``passport validate``: judge records by the shapes, without issuing anything."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import click

from passport.battery.batch import made_up_batches
from passport.battery.fault import of_severity
from passport.battery.identifiers.record_address import long_addresses
from passport.battery.linked_documents import without_digest
from passport.battery.record import Record
from passport.commands.terminal import console
from passport.commands.terminal.fault_list import LOSING, print_faults, print_losses
from passport.commands.terminal.inputs import (
    allow_loss_option,
    day_or_usage,
    documents_option,
    inputs_options,
    judging_options,
)
from passport.exchange.records import record_files
from passport.exchange.records.fault_order import in_order
from passport.exchange.records.linked_files import with_documents
from passport.texts import Message
from passport.validation.record_intake import each_once, judge
from passport.validation.validator import RegimeReport, ValidationReport
from passport.vocabulary.vocabulary import Stage, chosen_regimes, due_on


@click.command()
@inputs_options
@judging_options
@documents_option
@allow_loss_option
@console.command
def validate(
    paths: tuple[Path, ...],
    source_format: str | None,
    merge: bool,
    regime_codes: tuple[str, ...],
    day: str | None,
    stage: str,
    documents_folder: Path | None,
    allow_loss: bool,
    as_json: bool,
) -> None:
    """Judge the packs in FILE... (.xlsx, .json, folders of .csv): every fault with its place, and completeness.

    What is read and would not be issued is listed; it ends with 1 unless --allow-loss is given.

    \b
    Examples:
      passport validate packs.xlsx
      passport validate packs.xlsx --regime eu --on 2027-02-18 --lang zh
      passport validate --from catenax sample.json --json
      passport validate maker.xlsx supplier.json --merge
    """
    started = perf_counter()
    regimes = chosen_regimes(regime_codes or ("eu", "cn"))
    today = console.now().date()
    chosen_day = day_or_usage(day) if day else None
    on = chosen_day or due_on(today)
    inputs = record_files.read_inputs(paths, source_format, merge=merge, on=chosen_day or today)
    reports = [judge(record, regimes, on=on, at_stage=Stage(stage)) for record in inputs.records]
    faults = each_once(inputs.faults, (fault for _, report in reports for fault in report.faults))
    records = with_documents(inputs.records, documents_folder)
    notices = (*made_up_batches(records), *long_addresses(records), *without_digest(records))
    violations, losses = of_severity("violation", faults), inputs.losses
    console.talk(
        Message(
            "{n} pack read and judged in {seconds:.1f} s",
            plural="{n} packs read and judged in {seconds:.1f} s",
            n=len(inputs.records),
            seconds=perf_counter() - started,
        )
    )
    console.talk()
    if as_json:
        console.say_json(
            {
                "file": " + ".join(map(str, paths)),
                "packs": [{"pack": pack_name(record), **report.to_json()} for record, report in reports],
                "notices": [notice.to_json() for notice in notices],
                "faults": [fault.to_json() for fault in in_order(faults) if fault.severity != "loss"],
                "notIssued": [fault.to_json() for fault in in_order(losses)],
                "conforms": not violations,
            }
        )
    else:
        print_faults(inputs.name, faults)
        print_losses(inputs.name, losses)
        print_completeness(reports)
        print_notices(reports)
        for notice in notices:
            console.say_wrapped(Message("Notice: {notice}", notice=notice.message))
        words = list(map(str, paths))
        words += ["--from", source_format] if source_format else []
        words += ["--merge"] if merge else []
        words += ["--documents", str(documents_folder)] if documents_folder else []
        words += ["--allow-loss"] if losses and allow_loss else []
        _print_end(words, bool(violations), bool(losses) and not allow_loss)
    if violations:
        raise SystemExit(2 if inputs.unusable else 1)
    if losses and not allow_loss:
        raise SystemExit(1)


def _print_end(words: Sequence[str], faulty: bool, losing: bool) -> None:
    console.say()
    if faulty:
        console.say(Message("Nothing can be issued from this. Correct the places above and run the command again."))
    elif losing:
        console.say(LOSING)
    else:
        console.say(Message("Ready to issue:"))
        console.say_command(f"{console.program()} issue {shlex.join(words)}")


def pack_name(record: Record) -> str:
    """What people call the pack: its code, else its serial number."""
    return str(
        record.pack.get("packTractionBatteryCode") or record.pack.get("serialNumber") or Message("without a number")
    )


def print_completeness(reports: Sequence[tuple[Record, ValidationReport]]) -> None:
    """Each pack, and below it a line for each regime."""
    for record, report in reports:
        rows = [(console.spoken(each.regime.label), completeness(each)) for each in report.regimes.values()]
        if rows:
            console.say(pack_name(record))
            console.say(console.table(rows, indent="  "))


def print_notices(reports: Sequence[tuple[Record, ValidationReport]]) -> None:
    """Which day's obligations were judged, and what is worth knowing and no fault; each once."""
    applying = [judged for _, report in reports for judged in report.regimes.values() if judged.applies]
    sentences = [Message("{regime}: {day}", regime=judged.regime.label, day=judged.day_in_words) for judged in applying]
    sentences += [Message("Notice: {what}", what=notice.message) for judged in applying for notice in judged.notices]
    lines = dict.fromkeys(map(console.spoken, sentences))
    if lines:
        console.say()
    for line in lines:
        console.say_wrapped(line)


def completeness(report: RegimeReport) -> Message:
    """``61 of 61 due, 34 not yet due, 0 missing``, or ``not asked``."""
    if not report.applies:
        return Message("not asked")
    filled = Message("{present} of {due} due", present=report.present_due, due=report.due)
    if report.not_yet_due:
        filled = Message("{filled}, {later} not yet due", filled=filled, later=report.not_yet_due)
    filled = Message("{filled}, {missing} missing", filled=filled, missing=report.missing)
    if report.malformed:
        filled = Message("{filled}, {malformed} malformed", filled=filled, malformed=report.malformed)
    return filled


def as_of(report: RegimeReport) -> str:
    """The day of checking, as people write it."""
    return console.long_date(report.on)
