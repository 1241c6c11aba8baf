"""Validation of a record against the shapes: per regime, on a day, at a stage of life.

1. *Form*. ``shapes/datatypes.ttl`` judges each value alone, whatever the regime: type, range, code list, required
   fields. Check digits and the calendar inside a code belong here too. What fails is ``malformed``.
2. *Rules*. ``shapes/rules-*.ttl`` compare values with each other, where these are well formed (see
   :mod:`passport.validation.rules`).
3. *Completeness*. ``shapes/{regime}-{category}.ttl`` say what is missing and what the category excludes; the regime's
   obligations say what of it is due. A file is found by its name, so a third regime needs no code.

Per regime each indicator that the regime names has one :class:`IndicatorState`. In this order:

* ``excluded``: not for this category of battery. A value is a fault.
* ``malformed``: there is a value and it is not well formed. A fault, due or not.
* ``not-yet-due``: its stage is not reached, its day not come, or the act that asks for it is outstanding. Never a
  fault, and also the state of a value that is there because another regime asks for it.
* ``present``, and ``missing`` for what is mandatory. Missing is a fault.
* ``not-applicable``: optional, or asked for only if it applies, and not given; or not asked of this battery.

Obligations are those of the day of placing on the market that the record gives; where it gives none, the day of
checking is used, and the report says so. From that day on a value below a least value of the regime is a fault,
before it a notice. Notices are in a regime's report and prevent nothing (:mod:`passport.validation.notices`).

A record that surely conforms is judged by compiled shapes (:mod:`passport.validation.compiled`), every other one by
pySHACL. The compiled shapes can only say that there is no fault and no warning; a sample of their reports is compared
with the reference's.

Nothing here knows the day of checking: the caller says it. Nothing raises for what a record holds; what could not be
evaluated is a fault of its own (``not-validated``), never a pass.

    report = validate(record, [regimes()["eu"]], on=date(2027, 2, 18))
    report.conforms, report.regimes["eu"].present_due, report.regimes["eu"].due      # True, 61, 61
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Any

from rdflib import Graph
from rdflib.term import Node

from passport.battery import record_graph as graphs
from passport.battery.fault import Fault
from passport.battery.record import Record
from passport.battery.record_graph import BP, GraphLocation
from passport.errors import Undetermined
from passport.texts import ENGLISH, Message, Text, say
from passport.validation import rules, shacl
from passport.validation.battery_facts import BatteryFacts, below_minimum, category_without_passport
from passport.validation.compiled import precheck
from passport.validation.compiled.shape import unconfirmed
from passport.validation.fault_places import GraphPlaces, RecordPlaces, notice
from passport.validation.indicator_states import states_of
from passport.validation.notices import RegimeFinding, below_a_minimum, findings_of_notice
from passport.validation.obligations import DutyDay, duty_day, is_due
from passport.validation.shacl import ShaclFailure, ShaclResult
from passport.validation.validation_report import IndicatorState, RegimeReport, ValidationReport
from passport.vocabulary.expectation import ONCE
from passport.vocabulary.vocabulary import Category, Code, Regime, Stage, Vocabulary, load

__all__ = ["On", "RegimeReport", "IndicatorState", "ValidationReport", "validate", "validate_graph"]

On = date | Callable[[Regime], date]

#: Of so many reports of the compiled shapes one is made by the reference too, and compared. That takes as long as some
#: hundred packs.
CHECKED_ONE_IN = 10_000

_MIN_COUNT = "MinCountConstraintComponent"
_MAX_COUNT = "MaxCountConstraintComponent"
# Of several complaints about one value the first of these is the cause, the others follow from it.
_CAUSES = (
    _MAX_COUNT,
    "NodeKindConstraintComponent",
    "DatatypeConstraintComponent",
    "InConstraintComponent",
    _MIN_COUNT,
)


def validate(
    record: Record,
    regimes: Sequence[Regime],
    *,
    on: On,
    at_stage: Stage = Stage.PRODUCTION,
    brief: bool = False,
    checked_one_in: int | None = None,
) -> ValidationReport:
    """Judge a record before it is issued.

    :param on: the day of checking, or a function that gives it per regime; later dates are in the future.
    :param at_stage: the stage of life that the pack has reached.
    :param brief: of a record without a fault or warning the report may be empty.
    :param checked_one_in: of so many reports of the compiled shapes one is compared with the reference's; None:
        :data:`CHECKED_ONE_IN`.
    """
    vocabulary = load()
    days, today = _days(regimes, on)

    def reference(*, sparing: bool = False) -> ValidationReport:
        judge = _Judge(graphs.graph(record, vocabulary), RecordPlaces(record, vocabulary), vocabulary, sparing)
        return judge.report(regimes, record.category, days, today, at_stage)

    is_compared = is_sampled(checked_one_in)
    if brief and not is_compared and precheck.surely_conforms(record, regimes, days, today, at_stage):
        return ValidationReport((), {})
    quick = precheck.judge_record(record, regimes, days, today, at_stage)
    if quick is None:
        return reference(sparing=True)
    return _confirmed(quick, reference) if is_compared else quick


def validate_graph(
    data: Graph,
    regimes: Sequence[Regime],
    *,
    on: On,
    at_stage: Stage = Stage.PRODUCTION,
    category: Category | None = None,
    file: str = "",
) -> ValidationReport:
    """Judge the graph of published credentials, all their statements merged, by the same shapes.

    :param category: None: that of the graph.
    :param file: name for the places of faults.
    """
    vocabulary, data = load(), graphs.strict(data)
    if category is None:
        named = {str(value) for value in data.objects(None, BP.batteryCategory)}
        category = next((member for member in Category if named == {member.value}), None)
    days, today = _days(regimes, on)

    def reference(*, sparing: bool = False) -> ValidationReport:
        return _Judge(data, GraphPlaces(file), vocabulary, sparing).report(regimes, category, days, today, at_stage)

    stated = graphs.statements_of_graph(data)
    quick = precheck.judge_statements(stated, regimes, category, days, today, at_stage, file)
    if quick is None:
        return reference(sparing=True)
    return _confirmed(quick, reference) if is_sampled() else quick


def _days(regimes: Sequence[Regime], on: On) -> tuple[dict[str, date], date | None]:
    """The day of checking by regime, and the strictest: nothing is in the future by one regime's calendar and not by
    another's."""
    days = {regime.code: on(regime) if callable(on) else on for regime in regimes}
    return days, min(days.values(), default=None if callable(on) else on)


def is_sampled(one_in: int | None = None) -> bool:
    """Whether the report of the compiled shapes is to be held against the reference's."""
    return not random.randrange(one_in or CHECKED_ONE_IN)  # noqa: S311 (no secret)


def _confirmed(quick: ValidationReport, reference: Callable[[], ValidationReport]) -> ValidationReport:
    """The reference's report, which is that of the compiled shapes.

    :raises CompiledShapesDiffer: they differ.
    """
    report = reference()
    if quick != report:
        raise CompiledShapesDiffer(
            Message("the compiled shapes found no fault in a record that is judged otherwise by the shapes themselves")
        )
    return report


# --- the judging ----------------------------------------------------------------------------------------------------


class CompiledShapesDiffer(Undetermined):
    """Compiled shapes and pySHACL do not agree on a record: neither answer counts until the cause is known."""

    code = "compiled-shapes-differ"
    hint = Message("This is a fault of this program, not of the record. Please report it with the record.")


class _Judge:
    """One validation: a graph, and the places of its values in the input.

    :param sparing: leave out the shapes that compiled shapes confirm; they would give no result.
    """

    def __init__(self, data: Graph, places: RecordPlaces | GraphPlaces, vocabulary: Vocabulary, sparing: bool) -> None:
        self.leave_out = confirmed_shapes if sparing else None
        self.data = data
        self.places = places
        self.vocabulary = vocabulary
        self.order = {identifier: n for n, identifier in enumerate(vocabulary.indicators)}
        self.faults: list[tuple[GraphLocation, Fault]] = []
        self.subjects = [subject for subject in graphs.subjects(data) if subject is not None]

    def report(
        self, regimes: Sequence[Regime], category: Category | None, days: Mapping[str, date], today: date | None,
        at_stage: Stage,
    ) -> ValidationReport:  # fmt: skip
        results = self._run(precheck.DATATYPES)
        places = [self._place(result) for result in results or ()]
        bad_form = frozenset(place.indicator for place in places if place.indicator is not None)
        single = rules.single_values(self.data, on=today)
        self._form(results or (), single)
        # Without the first pass it is unknown which values can be compared.
        findings, unchecked = (
            ((), ())
            if results is None
            else rules.run(self.data, malformed=bad_form, on=today, leave_out=self.leave_out)
        )
        for finding in (*single, *findings):
            self._add(finding.place, finding.rule.name, finding.message, finding.expected, finding.found,
                      finding.rule.severity)  # fmt: skip
        self._given_up(unchecked)
        malformed = bad_form | {finding.place.indicator for finding in single}
        facts = BatteryFacts(graphs.statements_of_graph(self.data), map(graphs.as_subject, self.subjects))
        placed = facts.placed_on_market()
        duty_days = {code: duty_day(placed, day) for code, day in days.items()}
        reports = self._completeness(regimes, category, duty_days, at_stage, malformed, facts)
        faults = sorted(self.faults, key=self._sort_key)
        return ValidationReport(tuple(fault for _, fault in faults), reports, unchecked)

    def _run(self, shapes: str) -> tuple[ShaclResult, ...] | None:
        """Results; None, and a fault, where there can be none."""
        try:
            graph = shacl.shapes(shapes)
            if self.leave_out and not unconfirmed(graph, graphs.statements_of_graph(self.data)):
                return ()
            return shacl.run(self.data, graph)
        except ShaclFailure as failure:
            self._not_validated(shapes, str(failure))
            return None

    def _place(self, result: ShaclResult) -> GraphLocation:
        return graphs.place(self.data, result.focus, result.path, result.value)

    def _add(
        self, place: GraphLocation, code: str, message: Text, expected: str | None, instead: str | None,
        severity: str = "violation", hint: str | None = None,
    ) -> None:  # fmt: skip
        location = self.places.location(place)
        if (
            code == IndicatorState.MISSING.value
            and location.pointer
            and place.indicator
            and "/events" not in location.pointer
            # Where the value itself was refused in reading, its place is known already.
            and not location.pointer.endswith(f"/{place.indicator}")
        ):
            location = replace(location, pointer=f"{location.pointer}/{place.indicator}")
        self.faults.append((place, Fault(code, location, place.indicator, message, expected, instead, severity, hint)))

    def _not_validated(self, what: str, why: str) -> None:
        message = Message("{name} could not be evaluated: {reason}.", name=what, reason=why)
        self._add(
            GraphLocation(None),
            "not-validated",
            message,
            Message("values that can be compared"),
            Message("others"),
        )

    def _given_up(self, unchecked: Iterable[rules.Unchecked]) -> None:
        for entry in unchecked:
            if entry.failure is not None:
                self._not_validated(Message("rule {name}", name=entry.rule.name), entry.failure)

    def _sort_key(self, pair: tuple[GraphLocation, Fault]) -> tuple[Any, ...]:
        place, fault = pair
        rank = self.order.get(place.indicator or "", len(self.order))
        return rank, -1 if place.entry is None else place.entry, place.term or "", place.text or "", fault.code

    # --- 1 form

    def _form(self, results: Iterable[ShaclResult], single: Iterable[rules.RuleFinding]) -> None:
        explained = {finding.place for finding in single}
        by_place: dict[GraphLocation, list[ShaclResult]] = {}
        for result in results:
            by_place.setdefault(self._place(result), []).append(result)
        for place, complaints in by_place.items():
            # "position 17, day: …" says more than "does not match the pattern".
            if place in explained:
                continue
            cause = min(complaints, key=lambda result: _rank(result.component))
            if place.indicator == "batteryCategory" and (free := category_without_passport(str(cause.value))):
                self._no_passport(place, free)
            else:
                self._malformed(place, cause)

    def _no_passport(self, place: GraphLocation, category: Code) -> None:
        message = Message(
            "A passport is owed for electric-vehicle and light-means-of-transport batteries and for industrial ones "
            "above 2 kWh, primary and rechargeable alike (Art. 77(1)); none is owed for this one: {category}.",
            category=category.label,
        )
        known = Message("one of {categories}", categories=", ".join(member.value for member in Category))
        self._add(place, "no-passport-owed", message, known, category.code)

    def _malformed(self, place: GraphLocation, result: ShaclResult) -> None:
        if result.component == _MIN_COUNT:
            instead: str = Message("nothing")
        elif result.component == _MAX_COUNT:
            instead = Message("{n} value", plural="{n} values", n=sum(1 for _ in self._values_at(result)))
        else:
            instead = self.places.found(place, result.value)
        stated = dict(result.messages)
        # That a value may occur once is only said where that is the fault.
        if result.component != _MAX_COUNT:
            stated = {language: text.removesuffix(say(ONCE, language)) for language, text in stated.items()}
        message = Message("{shape}; found {found}.", shape=stated, found=instead)
        expected = stated.get(ENGLISH, "").partition(": expected ")[2] or None
        self._add(
            place,
            IndicatorState.MALFORMED.value,
            message,
            expected,
            instead,
            result.severity,
            self.places.advice(place),
        )

    def _values_at(self, result: ShaclResult) -> Iterable[Node]:
        nodes: list[Node] = [result.focus]
        for step in result.path:
            nodes = [value for node in nodes for value in self.data.objects(node, step)]
        return nodes

    # --- 3 completeness

    def _completeness(
        self, regimes: Sequence[Regime], category: Category | None, days: Mapping[str, DutyDay], at_stage: Stage,
        malformed: frozenset[str | None], facts: BatteryFacts,
    ) -> dict[str, RegimeReport]:  # fmt: skip
        if category is None and "batteryCategory" not in malformed:
            self._add(
                GraphLocation("batteryCategory"), IndicatorState.MISSING.value,
                Message("The battery category is missing; without it, what is due is unknown."),
                Message("one of {categories}", categories=", ".join(each.value for each in Category)),
                Message("nothing"),
            )  # fmt: skip
        results_of: dict[tuple[str, str], list[tuple[Regime, ShaclResult]]] = {}
        reports = {}
        given = graphs.indicators_of(self.data, self.subjects)
        for regime in regimes:
            day, placed = days[regime.code].day, days[regime.code].placed
            if category is None or not regime.applies_to(category):
                reports[regime.code] = RegimeReport(
                    regime, category, day, at_stage, False, MappingProxyType({}), placed
                )
                continue
            missing: set[str] = set()
            free = facts.spared(regime.obligations(category).values())
            for result in self._run(f"shapes/{regime.code}-{category.value}.ttl") or ():
                identifier = self._place(result).indicator
                obligation = None if identifier is None else regime.obligations(category).get(identifier)
                if identifier is None or obligation is None:
                    continue
                if result.component == _MAX_COUNT:
                    results_of.setdefault((IndicatorState.EXCLUDED.value, identifier), []).append((regime, result))
                elif is_due(obligation, day, at_stage) and identifier not in free:
                    missing.add(identifier)
                    results_of.setdefault((IndicatorState.MISSING.value, identifier), []).append((regime, result))
            states = states_of(
                regime.obligations(category),
                day,
                at_stage,
                given=given,
                missing=missing,
                malformed=malformed,
                free=free,
            )
            report = RegimeReport(
                regime, category, day, at_stage, True, MappingProxyType(states), placed, MappingProxyType(free)
            )
            below = [
                minimum
                for minimum in below_minimum(regime, category, facts, day)
                if minimum.indicator.id not in malformed
            ]
            for minimum in below:
                if minimum.in_force:
                    self._below(below_a_minimum(regime, minimum))
            notices = tuple(notice(finding, self.places) for finding in findings_of_notice(report, below, given))
            reports[regime.code] = replace(report, notices=notices)
        for (code, identifier), whys in results_of.items():
            self._asked(code, identifier, whys)
        return reports

    def _below(self, finding: RegimeFinding) -> None:
        place = GraphLocation(finding.indicator)
        self._add(place, finding.code, finding.message, finding.expected, finding.found)

    def _asked(self, code: str, identifier: str, whys: Sequence[tuple[Regime, ShaclResult]]) -> None:
        """One fault for an indicator, however many regimes ask for it."""
        message = Message("{statement}.", statement=whys[0][1].messages)
        for _, result in whys[1:]:
            message = Message("{statements} {statement}.", statements=message, statement=result.messages)
        names = [regime.label for regime, _ in whys]
        if code == IndicatorState.MISSING.value:
            self._add(
                GraphLocation(identifier),
                code,
                message,
                Message("a value, mandatory under {regimes}", regimes=names),
                Message("nothing"),
            )
        else:
            self._add(
                GraphLocation(identifier),
                code,
                message,
                Message("no value in this battery category under {regimes}", regimes=names),
                self.places.found(GraphLocation(identifier), None),
            )


def confirmed_shapes(data: Graph, shapes: Graph, use: Iterable[str]) -> frozenset[str]:
    """The shapes among ``use`` that compiled shapes confirm."""
    use = frozenset(map(str, use))
    return use.difference(unconfirmed(shapes, graphs.statements_of_graph(data), use))


def _rank(component: str) -> int:
    return _CAUSES.index(component) if component in _CAUSES else len(_CAUSES)
