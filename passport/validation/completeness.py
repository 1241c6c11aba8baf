"""The completeness report: what one regime asks of one pack, line by line, in words that people can act on.

Validation gives states by indicator id; this module puts beside each its names, definition, filling rule, unit, legal
basis and faults, in every language. Pure: a report is worked out from a record and what validation said of it.

* There is one report per regime. The same record gives a report on domestic compliance (``cn``) and one on compliance
  abroad (``eu``). They differ in their requirements, never in the judgement of a value.
* Lines follow the vocabulary's order, one for each indicator that the regime names for the category.
* *To do* are the lines that prevent completeness: missing, malformed, at fault, and values that the category excludes.
* *Superfluous* are values that the regime does not ask for. They are no fault: another regime may ask for them.

    report, = reports(record, validate(record, [regimes()["cn"]], on=date(2027, 2, 18)))
    report.complete, [line.indicator.id for line in report.to_do]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from passport.battery.batch import identifier_of
from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.texts import ENGLISH, Message, Text, by_language
from passport.validation.obligations import Wait, waits_for
from passport.validation.validation_report import IndicatorState, RegimeReport, ValidationReport
from passport.vocabulary.expectation import phrase
from passport.vocabulary.indicator import Texts
from passport.vocabulary.vocabulary import Category, Indicator, Obligation, ObligationStatus, Stage, Vocabulary, load


class _CodeNames(Mapping[str, Texts]):
    """What a report calls the codes of a list, out of the ontology, in the order in which reports tell them."""

    def __init__(self, enumeration: str, *codes: StrEnum) -> None:
        self._enumeration, self._codes = enumeration, codes

    def __getitem__(self, code: str) -> Texts:
        known = load().enumerations[self._enumeration].get(code) if code in self._codes else None
        if known is None:
            raise KeyError(code)
        return known.in_text

    def __iter__(self) -> Iterator[str]:
        return iter(self._codes)

    def __len__(self) -> int:
        return len(self._codes)


#: What a state is called.
STATES: Mapping[str, Texts] = _CodeNames(
    "indicatorState", IndicatorState.PRESENT, IndicatorState.MISSING, IndicatorState.MALFORMED,
    IndicatorState.NOT_YET_DUE, IndicatorState.NOT_APPLICABLE, IndicatorState.EXCLUDED,
)  # fmt: skip
#: What a status is called.
STATUSES: Mapping[str, Texts] = _CodeNames("status", *ObligationStatus)


@dataclass(frozen=True)
class CompletenessLine:
    """One indicator in one report.

    :param state: see :mod:`passport.validation.validator`.
    :param why: why it is in this state, a phrase.
    :param given: whether the record says something, due or not.
    :param faults: what is wrong with it, of those that validation found.
    :param notices: what is worth knowing of it and no fault.
    """

    indicator: Indicator
    obligation: Obligation
    state: IndicatorState
    why: Text
    given: bool
    faults: tuple[Fault, ...] = ()
    notices: tuple[Fault, ...] = ()

    @property
    def to_do(self) -> bool:
        """Whether it prevents completeness."""
        return (
            self.state in (IndicatorState.MISSING, IndicatorState.MALFORMED)
            or (self.state is IndicatorState.EXCLUDED and self.given)
            or any(fault.severity == "violation" for fault in self.faults)
        )

    @property
    def status(self) -> Text:
        """What is asked, and whether that is a reading of this project."""
        return status_in_words(self.obligation)

    @property
    def expected(self) -> Texts:
        """What a single value should be, per language."""
        return by_language(phrase(self.indicator))

    def to_json(self) -> dict[str, Any]:
        unit = self.indicator.unit
        members = {
            "indicator": self.indicator.id,
            "name": dict(self.indicator.label),
            "definition": dict(self.indicator.definition),
            "dimension": dict(self.indicator.dimension.label),
            "status": self.obligation.status.value,
            "state": self.state.value,
            "why": by_language(self.why),
            "given": self.given,
            "expected": dict(self.expected),
            "fillingRule": self.indicator.fill_rule[ENGLISH],
            "unit": None if unit is None else {"symbol": unit.symbol, "ucum": unit.code, "name": dict(unit.label)},
            "stage": self.obligation.stage.value,
            "dueFrom": self.obligation.due_from and self.obligation.due_from.isoformat(),
            "reportWithinDays": self.obligation.report_within_days,
            "basis": self.obligation.basis[ENGLISH],
            "ownReading": self.obligation.own_reading or None,
            "faults": [fault.to_json() for fault in self.faults],
            "notices": [notice.to_json() for notice in self.notices],
        }
        return {name: value for name, value in members.items() if value not in (None, [])}


@dataclass(frozen=True)
class CompletenessReport:
    """What one regime asks of one pack.

    :param name: what people call the pack: its code or serial number.
    :param batch: identifier of its production batch; None where it has none.
    :param lines: empty where the regime does not speak of this category.
    :param superfluous: indicators that the record gives and the regime does not name or excludes.
    :param other_faults: faults that belong to no line: of the record as a whole, and of what the regime does not name.
    """

    name: str
    result: RegimeReport
    lines: tuple[CompletenessLine, ...]
    superfluous: tuple[Indicator, ...]
    other_faults: tuple[Fault, ...] = ()
    batch: str | None = None

    @property
    def complete(self) -> bool:
        """Everything due is there and well formed."""
        return self.result.complete

    @property
    def at_fault(self) -> bool:
        """Whether anything prevents issuing: to do, or a fault that belongs to no line. Warnings do not."""
        other = any(fault.severity == "violation" for fault in self.other_faults)
        return bool(self.to_do) or other or (self.result.applies and not self.complete)

    @property
    def to_do(self) -> tuple[CompletenessLine, ...]:
        return tuple(line for line in self.lines if line.to_do)

    @property
    def counts(self) -> Mapping[IndicatorState, int]:
        return self.result.counts

    def of(self, *states: IndicatorState) -> tuple[CompletenessLine, ...]:
        """The lines in any of these states."""
        return tuple(line for line in self.lines if line.state in states)

    def by_dimension(self) -> Iterator[tuple[Texts, tuple[CompletenessLine, ...]]]:
        """The lines under the names of their dimensions."""
        groups: dict[str, list[CompletenessLine]] = {}
        for line in self.lines:
            groups.setdefault(line.indicator.dimension.id, []).append(line)
        for lines in groups.values():
            yield lines[0].indicator.dimension.label, tuple(lines)

    def to_json(self) -> dict[str, Any]:
        result = self.result
        return {
            "pack": self.name,
            "batch": self.batch,
            "regime": {"code": result.regime.code, "name": dict(result.regime.label)},
            "category": result.category and result.category.value,
            "on": result.on.isoformat(),
            "dayOf": "placing-on-market" if result.placed else "checking",
            "stage": result.at_stage.value,
            "applies": result.applies,
            "complete": self.complete,
            "due": result.due,
            "presentDue": result.present_due,
            "counts": {state.value: number for state, number in self.counts.items()},
            "lines": [line.to_json() for line in self.lines],
            "superfluous": [indicator.id for indicator in self.superfluous],
            "otherFaults": [fault.to_json() for fault in self.other_faults],
        }


def reports(
    record: Record, judged: ValidationReport, vocabulary: Vocabulary | None = None
) -> tuple[CompletenessReport, ...]:
    """One report per regime that was asked, in that order.

    :param record: the record that was judged.
    :param judged: what validation said of it.
    """
    vocabulary = vocabulary or load()
    given = {identifier for identifier in vocabulary.indicators if record.value(identifier) is not None}
    name = str(record.pack.get("packTractionBatteryCode") or record.pack.get("serialNumber") or "?")
    faults: dict[str | None, list[Fault]] = {}
    for fault in judged.faults:
        faults.setdefault(fault.indicator, []).append(fault)
    batch = identifier_of(record)
    return tuple(
        replace(_report(name, result, given, faults, vocabulary), batch=batch) for result in judged.regimes.values()
    )


def _report(
    name: str, result: RegimeReport, given: set[str], faults: Mapping[str | None, list[Fault]], vocabulary: Vocabulary
) -> CompletenessReport:
    lines = tuple(
        CompletenessLine(
            indicator=vocabulary.indicators[identifier],
            obligation=obligation,
            state=result.states[identifier],
            why=_why(obligation, result.states[identifier], result),
            given=identifier in given,
            faults=tuple(_own(faults.get(identifier, ()), result.states[identifier])),
            notices=tuple(notice for notice in result.notices if notice.indicator == identifier),
        )
        for identifier, obligation in result.obligations.items()
    )
    named = {line.indicator.id for line in lines}
    required = {line.indicator.id for line in lines if line.state is not IndicatorState.EXCLUDED}
    return CompletenessReport(
        name=name,
        result=result,
        lines=lines,
        superfluous=tuple(
            indicator for indicator in vocabulary.indicators.values()
            if result.applies and indicator.id in given - required
        ),
        other_faults=tuple(
            fault for identifier, held in faults.items() if identifier not in named
            for fault in held
            # What another regime misses or excludes is for that regime's report; an unknown category is for all.
            if fault.code not in (IndicatorState.MISSING.value, IndicatorState.EXCLUDED.value) or identifier ==
            "batteryCategory"
        ),
    )  # fmt: skip


def _own(faults: tuple[Fault, ...] | list[Fault], state: IndicatorState) -> Iterator[Fault]:
    """One fault speaks for every regime that misses or excludes a value; here it counts only where this one does."""
    for fault in faults:
        if fault.code not in (IndicatorState.MISSING.value, IndicatorState.EXCLUDED.value) or fault.code == state.value:
            yield fault


# --- why ------------------------------------------------------------------------------------------------------------


def status_in_words(obligation: Obligation) -> Text:
    """What is asked; where that is stricter than the sources, that it is our reading; and the limit for reporting."""
    status: Text = STATUSES[obligation.status]
    if obligation.own_reading:
        status = Message("{status} (stricter reading by this project)", status=status)
    if obligation.report_within_days is not None:
        status = Message("{status}; to be reported within {n} days", status=status, n=obligation.report_within_days)
    return status


def _why(obligation: Obligation, state: IndicatorState, result: RegimeReport) -> Text:
    reason = result.spared.get(obligation.indicator)
    if reason is not None and state is not IndicatorState.MALFORMED:
        return reason
    if obligation.status is ObligationStatus.NOT_TO_BE_FILLED and state is not IndicatorState.NOT_YET_DUE:
        return Message("the guidance says not to fill it in for this battery category")
    if state is IndicatorState.MISSING:
        return Message("mandatory since {due_from}", due_from=str(obligation.due_from))
    if state is IndicatorState.NOT_YET_DUE:
        return _not_due(obligation, result)
    if state is IndicatorState.NOT_APPLICABLE and obligation.status is ObligationStatus.CONDITIONAL:
        return Message("to be given only if it applies")
    return _REASONS[state]


_REASONS: Mapping[IndicatorState, Text] = MappingProxyType(
    {
        IndicatorState.PRESENT: Message("given and well formed"),
        IndicatorState.MALFORMED: Message("the value is not well formed"),
        IndicatorState.NOT_APPLICABLE: Message("optional"),
        IndicatorState.EXCLUDED: Message("this category of battery has no such value"),
    }
)


def _not_due(obligation: Obligation, result: RegimeReport) -> Text:
    waiting = waits_for(obligation, result.on, result.at_stage)
    if Wait.ACT in waiting:
        if obligation.due_from is not None:
            return Message(
                "the act that says how to fill it is outstanding; the earliest day is {due_from}",
                due_from=str(obligation.due_from),
            )
        return Message("the act that says how to fill it is outstanding")
    if Wait.DAY in waiting:
        return Message("asked for from {due_from}", due_from=str(obligation.due_from))
    stage = load().enumerations["stage"].get(obligation.stage.value)
    return Message("asked for at the stage “{stage}”", stage=stage.label if stage else obligation.stage.value)


def stage_label(stage: Stage, language: str) -> str:
    """What a stage of life is called."""
    return load().enumerations["stage"].label_of(stage.value, language)


def category_label(category: Category | None, language: str) -> str:
    """What a battery category is called; empty for None."""
    return "" if category is None else load().enumerations["batteryCategory"].label_of(category.value, language)
