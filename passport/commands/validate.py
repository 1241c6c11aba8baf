"""``passport validate``: judge records by the shapes, without issuing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from time import perf_counter

import click

from passport.battery.identifier import shown
from passport.battery.record import Fault, Record
from passport.commands import console
from passport.commands.inputs import inputs_options, read_inputs
from passport.commands.regimes import chosen_regimes, day_or_usage, due_on
from passport.texts import Message
from passport.validation.record_intake import each_once, judge
from passport.validation.validator import RegimeReport, ValidationReport
from passport.vocabulary.vocabulary import Stage


@click.command()
@inputs_options
@click.option("--regime", "regime_codes", multiple=True, help="Regime: eu, cn; repeatable (default: both).")
@click.option(
    "--on",
    "day",
    metavar="DATE",
    help="Day whose obligations apply (default: today, or the day on which the regime enters into force).",
)
@click.option(
    "--stage",
    type=click.Choice([stage.value for stage in Stage]),
    default=Stage.PRODUCTION.value,
    show_default=True,
    help="Life-cycle stage that the pack has reached.",
)
@click.option("--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of labels.")
@console.command
def validate(
    paths: tuple[Path, ...],
    source_format: str | None,
    merge: bool,
    regime_codes: tuple[str, ...],
    day: str | None,
    stage: str,
    lang: str,
    as_json: bool,
) -> None:
    """Judge the packs in FILE... (.xlsx, .json, folders of .csv): every fault with its place, and completeness.

    \b
    Examples:
      passport validate packs.xlsx
      passport validate packs.xlsx --regime eu --on 2027-02-18 --lang zh
      passport validate --from catenax sample.json --json
      passport validate maker.xlsx supplier.json --merge
    """
    started = perf_counter()
    regimes = chosen_regimes(regime_codes or ("eu", "cn"))
    on = day_or_usage(day) if day else due_on(console.now().date())
    inputs = read_inputs(paths, source_format, merge=merge)
    reports = [judge(record, regimes, on=on, at_stage=Stage(stage)) for record in inputs.records]
    faults = each_once(inputs.faults, (fault for _, report in reports for fault in report.faults))
    violations = [fault for fault in faults if fault.severity == "violation"]
    console.talk(
        Message(
            "{count} packs read and judged in {perf_counter:.1f} s\n",
            count=len(inputs.records),
            perf_counter=perf_counter() - started,
        )
    )
    if as_json:
        console.say_json(
            {
                "file": " + ".join(map(str, paths)),
                "packs": [{"pack": pack_name(record), **report.to_json()} for record, report in reports],
                "faults": [fault.to_json() for fault in faults],
                "conforms": not violations,
            }
        )
    else:
        if faults:
            print_faults(inputs.name, faults, lang)
        print_completeness(reports, lang)
        _print_end(paths, merge, bool(violations))
    if violations:
        raise SystemExit(2 if inputs.unusable else 1)


def _print_end(paths: Sequence[Path], merge: bool, faulty: bool) -> None:
    if faulty:
        console.say(Message("\nNothing can be issued from this. Correct the places above and run the command again."))
    else:
        words = [*map(str, paths), *(["--merge"] if merge else [])]
        console.say(
            Message("\nReady to issue: {program} issue {words}", program=console.program(), words=" ".join(words))
        )


def pack_name(record: Record) -> str:
    """What people call the pack: its code, else its serial number."""
    return str(record.pack.get("packTractionBatteryCode") or record.pack.get("serialNumber") or "without a number")


def print_faults(name: str, faults: Sequence[Fault], lang: str) -> None:
    """All faults with their places, as in a list that one works through."""
    counts = Counter("fault" if fault.severity == "violation" else "warning" for fault in faults)
    said = [f"{number} {word}{'s' if number != 1 else ''}" for word, number in sorted(counts.items())]
    console.say(Message("{name} has {said}\n", name=name, said=" and ".join(said)))
    several_files = len({fault.location.file for fault in faults}) > 1
    for fault in faults:
        place = fault.location
        where = (
            [place.sheet or "", f"row {place.row}" if place.row else "", place.cell or place.column or ""]
            if place.sheet
            else [place.pointer or place.file]
        )
        where = [place.file, *where] if several_files and where != [place.file] else where
        # Names of sheets, headings and keys are a stranger's: a place is one line, whatever stands in them.
        head = "  ".join(shown(part, 200) for part in [*where, place.heading or fault.indicator or ""] if part)
        console.say(head if fault.severity == "violation" else Message("{head}  (warning)", head=head))
        if message := fault.message.get(lang) or fault.message.get("en"):
            console.say(f"    {message}")
        # Where the sentence says what was expected and found, it says so in the reader's language.
        if "expected" not in fault.message.get("en", ""):
            if fault.expected is not None:
                console.say(Message("    expected {expected}", expected=fault.expected))
            if fault.found is not None:
                console.say(Message("    found {found}", found=fault.found))
        if fault.hint is not None:
            console.say(Message("    hint: {hint}", hint=fault.hint))
    console.say()


def print_completeness(reports: Sequence[tuple[Record, ValidationReport]], lang: str) -> None:
    """One line per pack and regime."""
    rows = []
    for record, report in reports:
        for regime_report in report.regimes.values():
            rows.append((pack_name(record), regime_report.regime.label[lang], completeness(regime_report)))
    if rows:
        console.say(console.table(rows))


def completeness(report: RegimeReport) -> str:
    """``61 of 61 due, 34 only if they apply, 0 missing``, or ``not asked``."""
    if not report.applies:
        return "not asked"
    parts = [f"{report.present_due} of {report.due} due"]
    if report.not_yet_due:
        parts.append(f"{report.not_yet_due} not yet due")
    parts.append(f"{report.missing} missing")
    if report.malformed:
        parts.append(f"{report.malformed} malformed")
    return ", ".join(parts)


def as_of(report: RegimeReport) -> str:
    return console.english_date(report.on if isinstance(report.on, date) else datetime.fromisoformat(report.on))
