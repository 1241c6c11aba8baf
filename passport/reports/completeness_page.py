"""The completeness report as one page: what to do first, then every indicator with its obligation and legal basis."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from passport.battery.fault import Fault
from passport.reports.report_words import labels
from passport.reports.standalone_page import render
from passport.texts import Message, Text
from passport.validation.batch_completeness import BatchCompleteness, batch_completeness
from passport.validation.completeness import STATES, STATUSES, CompletenessLine, CompletenessReport
from passport.validation.validation_report import IndicatorState
from passport.vocabulary.vocabulary import load

TEXTS: dict[str, Text] = {
    "title": Message("Completeness report, {file}"),
    "heading": Message("Completeness report"),
    "contents": Message("Reports"),
    "file": Message("File"),
    "made": Message("Made on"),
    "pack": Message("Pack"),
    "on": Message("Obligations as of"),
    "stage": Message("Stage reached"),
    "file-faults": Message("These places could not be read. What they would have said is missing below."),
    "not-asked": Message("This regime does not speak of batteries of this category. Nothing is asked."),
    "complete": Message("Complete: all {due} indicators that are due are given."),
    "incomplete": Message("Not complete: {present} of {due} indicators that are due are given; {todo} to do."),
    "all": Message("All"),
    "to-do": Message("To do"),
    "other-faults": Message("Faults that belong to no single indicator of this regime"),
    "entries": Message("{n} entry", plural="{n} entries"),
    "state": Message("State"),
    "asked": Message("Asked"),
    "basis": Message("Legal basis"),
    "batches": Message("By production batch"),
    "batch": Message("Production batch"),
    "no-batch": Message("no batch stated"),
    "regime": Message("Regime"),
    "packs": Message("Packs"),
    "packs-complete": Message("Complete"),
    "superfluous": Message("Given, and not asked for here"),
    "superfluous-why": Message("No fault: another regime may ask for it."),
    "footer": Message(
        "What is not yet due is never a fault. This report says whether data are there and well formed, not whether "
        "they are true."
    ),
}

_TONES = {IndicatorState.PRESENT: "good", IndicatorState.MISSING: "bad", IndicatorState.MALFORMED: "bad"}


def page(
    reports: Sequence[CompletenessReport],
    *,
    file: str,
    made: date,
    language: str = "en",
    file_faults: Sequence[Fault] = (),
) -> str:
    """The page as HTML.

    :param file: name of what was judged.
    :param made: the day on the page.
    :param language: the reader's; names and definitions are given in a second one too.
    :param file_faults: what could not be read at all.
    """
    lists = load().enumerations
    texts = TEXTS | {"category": load().indicators["batteryCategory"].label}
    return render(
        "report.html", texts, language, reports=reports, batches=_batches(reports), file=file, made=made,
        file_faults=file_faults, states=STATES, statuses=STATUSES, tone=_tone, stages=labels(lists["stage"]),
        categories=labels(lists["batteryCategory"]),
    )  # fmt: skip


def _batches(reports: Sequence[CompletenessReport]) -> tuple[BatchCompleteness, ...]:
    """Totals by production batch, where there are several packs."""
    return batch_completeness(reports) if len({each.name for each in reports}) > 1 else ()


def _tone(line: CompletenessLine) -> str:
    return "bad" if line.to_do else _TONES.get(line.state, "")
