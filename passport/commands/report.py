"""``passport report``: what each regime asks of a pack, what is there, and what is to be done."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import click

from passport.battery.fault import Fault
from passport.commands.terminal import console
from passport.commands.terminal.inputs import day_or_usage, inputs_options, judging_options
from passport.errors import UsageError
from passport.exchange.records import record_files
from passport.texts import Message, Text, languages, say
from passport.validation.batch_completeness import batch_completeness
from passport.validation.completeness import STATES, CompletenessReport, category_label, reports
from passport.validation.record_intake import judge
from passport.vocabulary.vocabulary import Stage, chosen_regimes, due_on


@click.command()
@inputs_options
@judging_options
@click.option("--pack", "pack", metavar="CODE", help="Only the pack with this code or serial number.")
@click.option("--all", "everything", is_flag=True, help="In the terminal: every indicator, not only what to do.")
@click.option("--html", "as_html", is_flag=True, help="Print one self-contained HTML page.")
@console.output_option(
    "-o",
    "--output",
    endings=(".html", ".htm", ".json", ".txt"),
    help="Write to this file; .html is the page, .json the document.",
)
@console.command
def report(
    paths: tuple[Path, ...],
    source_format: str | None,
    merge: bool,
    regime_codes: tuple[str, ...],
    day: str | None,
    stage: str,
    pack: str | None,
    everything: bool,
    as_html: bool,
    output: console.Destination | None,
    as_json: bool,
) -> None:
    """Report on the packs in FILE: per regime what is due, given, missing and wrong, with its rule and legal basis.

    \b
    Examples:
      passport report packs.xlsx
      passport report packs.xlsx --regime cn --lang zh -o domestic.html
      passport report packs.xlsx --regime eu --on 2027-02-18 --json
    """
    form = _form(as_html, output, as_json)
    regimes = chosen_regimes(regime_codes or ("eu", "cn"))
    today = console.now().date()
    on = day_or_usage(day) if day else due_on(today)
    inputs = record_files.read_inputs(paths, source_format, merge=merge, on=today)
    made: list[CompletenessReport] = []
    for handed_in in inputs.records:
        record, judged = judge(handed_in, regimes, on=on, at_stage=Stage(stage))
        made += [each for each in reports(record, judged) if pack in (None, each.name)]
    if pack is not None and not made:
        raise UsageError(
            Message("{name} has no pack {pack}", name=inputs.name, pack=pack),
            expected=Message("a code or serial number in it"),
            found=pack,
        )
    lacking = any(each.at_fault for each in made)
    console.settle((2 if inputs.unusable else 1) if lacking or inputs.faults else 0)
    _print(made, inputs.name, inputs.faults, everything, form, output)


def _form(as_html: bool, output: console.Destination | None, as_json: bool) -> str:
    """``.json``, ``.html`` or ``.txt``.

    :raises UsageError: the name of the file contradicts the options.
    """
    if as_json or as_html:
        form = ".json" if as_json else ".html"
        if output is not None:
            output.require(*((form,) if as_json else (".html", ".htm")))
        return form
    return {".json": ".json", ".html": ".html", ".htm": ".html"}.get(output.suffix if output else "", ".txt")


def _print(
    made: Sequence[CompletenessReport],
    file: str,
    faults: Sequence[Fault],
    everything: bool,
    form: str,
    output: console.Destination | None,
) -> None:
    if form == ".json":
        document = {
            "file": file,
            "reports": [each.to_json() for each in made],
            "batches": [each.to_json() for each in batch_completeness(made)],
            "faults": [fault.to_json() for fault in faults],
        }
        console.deliver_json(document, output)
    elif form == ".html":
        from passport.reports.completeness_page import page

        made_on: date = console.now().date()
        text = page(made, file=file, made=made_on, language=console.language(), file_faults=faults)
        console.deliver(text.encode(), output)
    else:
        blocks = [_block(each, everything) for each in made]
        blocks += [_batches(made)] if len({each.name for each in made}) > 1 else []
        blocks += [console.lines(_fault(fault) for fault in faults)] if faults else []
        console.deliver(console.Styled("\n\n".join(blocks)), output)


# --- in the terminal ------------------------------------------------------------------------------------------------

_WORDS = {
    "complete": Message("complete, {due} of {due} due"),
    "incomplete": Message("{present} of {due} due, {todo} to do"),
    "not-asked": Message("not asked of this category"),
    "unit": Message("unit"), "value": Message("value"), "rule": Message("rule"), "basis": Message("basis"),
    "superfluous": Message("{number} given that are not asked for here"),
}  # fmt: skip


_NO_BATCH = Message("no batch stated")


def _spoken(name: str, **values: object) -> str:
    return console.spoken(_WORDS[name].fill(**values) if values else _WORDS[name])


def _block(completeness: CompletenessReport, everything: bool) -> console.Styled:
    spoken = console.spoken
    result = completeness.result
    lines = [
        f"{spoken(result.regime.label)}  {completeness.name}",
        "  ".join(filter(None, (category_label(result.category, console.language()), spoken(result.day_in_words)))),
    ]
    if not result.applies:
        return console.lines([*lines, _spoken("not-asked")])
    done = completeness.complete and not completeness.to_do
    lines.append(
        _spoken("complete", due=result.due)
        if done
        else _spoken("incomplete", due=result.due, present=result.present_due, todo=len(completeness.to_do))
    )
    rows = [(spoken(STATES[state]), str(number)) for state, number in completeness.counts.items() if number]
    lines += ["", console.table(rows, indent="  ", right=frozenset({1}))]
    for line in completeness.lines if everything else completeness.to_do:
        name, unit = line.indicator.label, line.indicator.unit
        lines += [
            "",
            f"{spoken(STATES[line.state])}  {spoken(name)} · {_in_other_languages(name)}  {line.indicator.id}",
            f"    {spoken(line.indicator.definition)}",
            "    "
            + spoken(Message("{name}: {what}", name=_WORDS["value"], what=line.expected))
            + (f"  ({_spoken('unit')}: {unit.symbol})" if unit and unit.code != "1" else ""),
            "    " + spoken(Message("{name}: {what}", name=_WORDS["rule"], what=line.indicator.fill_rule)),
            "    " + spoken(Message("{status}, {why}", status=line.status, why=line.why)),
            "    " + spoken(Message("{name}: {what}", name=_WORDS["basis"], what=line.obligation.basis)),
            *(f"    {_fault(fault)}" for fault in (*line.faults, *line.notices) if fault.code != "missing"),
        ]
    lines += ["", *(_fault(fault) for fault in completeness.other_faults)] if completeness.other_faults else []
    if completeness.superfluous:
        lines += ["", _spoken("superfluous", number=len(completeness.superfluous))]
    return console.lines(lines)


def _batches(made: Sequence[CompletenessReport]) -> console.Styled:
    """Totals by production batch: with several packs the sum is what a maker asks for first."""
    rows = [
        (each.regime.code, each.batch or console.spoken(_NO_BATCH),
         console.spoken(Message("{complete} of {packs} packs complete", complete=each.complete, packs=each.packs)),
         console.spoken(Message("{n} to do", n=each.to_do)))
        for each in batch_completeness(made)
    ]  # fmt: skip
    return console.lines([console.spoken(Message("By production batch")), "", console.table(rows, indent="  ")])


def _in_other_languages(name: Text) -> str:
    """The name in the languages that the report is not in: authority and maker look it up by either."""
    return " · ".join(say(name, language) for language in languages() if language != console.language())


def _fault(fault: Fault) -> str:
    mark = "!" if fault.severity == "violation" else "?"
    text = Message("{place}: {what}", place=fault.location.text, what=fault.message or fault.code)
    spoken = f"{mark} {console.spoken(text)}"
    return spoken if fault.hint is None else f"{spoken} {console.spoken(fault.hint)}"
