"""Judges a record by compiled shapes: gives its report where it surely conforms, and otherwise leaves it to pySHACL.

1. The model's part is judged once for its content and the day of checking; many packs share it.
2. The other parts are judged with the model beside them: form, rules, and what each regime asks for.
3. The report of a record without a fault or warning has only states and notices. The same functions make these as for
   any other record.

A shape is judged where its focus nodes are stated. Rules that need something are judged as soon as it is there.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from rdflib import URIRef

from passport.battery import record_graph as graphs
from passport.battery.record import NOTHING, Record
from passport.battery.statements import Statements
from passport.validation import rules, shacl
from passport.validation.battery_facts import BatteryFacts, BelowMinimum, below_minimum
from passport.validation.compiled.shape import SUBCLASS, Check, CompiledShape, compiled
from passport.validation.fault_places import GraphPlaces, RecordPlaces, notice
from passport.validation.indicator_states import states_of
from passport.validation.notices import RegimeFinding, findings_of_notice
from passport.validation.obligations import DutyDay, duty_day, is_due
from passport.validation.rule_functions import CHECKS, EACH_VALUE, RuleFacts, pack_batch_model
from passport.validation.shacl import SH
from passport.validation.validation_report import IndicatorState, RegimeReport, ValidationReport
from passport.vocabulary.vocabulary import NS, Category, Obligation, Regime, Stage, load

DATATYPES = "shapes/datatypes.ttl"


def judge_record(
    record: Record, regimes: Sequence[Regime], days: Mapping[str, date], today: date | None, at_stage: Stage
) -> ValidationReport | None:
    """The report on a record that surely conforms, without a warning; None for every other record.

    :param days: the day of checking by regime.
    :param today: the day after which nothing may be dated.
    """
    if record.category is None:
        return None
    model = _judged_model(record.model, today)
    stated = graphs.statements_of_pack(record, load()) if model is not None else None
    if model is None or stated is None:
        return None
    both = stated.joined(model.statements)
    if not _conforms(stated, both, today, model.rules):
        return None
    return _report(both, regimes, record.category, days, at_stage, RecordPlaces(record, load()))


def judge_statements(
    data: Statements, regimes: Sequence[Regime], category: Category | None, days: Mapping[str, date],
    today: date | None, at_stage: Stage, file: str,
) -> ValidationReport | None:  # fmt: skip
    """The same for statements that came from a graph, such as those of published credentials."""
    if category is None or SUBCLASS in data.by_predicate or not _conforms(data, data, today, frozenset()):
        return None
    return _report(data, regimes, category, days, at_stage, GraphPlaces(file))


# --- form and rules -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rule:
    """A rule on its way to be judged.

    :param needs: predicates without which it is not due_checks.
    :param shape: None where it is a function of :mod:`passport.validation.rule_functions`.
    :param of_model: it is such a function and reads the model alone.
    """

    name: str
    needs: frozenset[str]
    shape: CompiledShape | None
    of_model: bool


@cache
def _rules() -> tuple[_Rule, ...]:
    shapes = {shape.iri: shape for shape in compiled(rules.shapes())}
    about_model = {indicator.id for indicator in load().indicators.values() if indicator.carrier.about_model}
    compiled_rules = []
    for rule in rules.rules().values():
        names = rule.reads | rule.needs | rule.present
        needs = frozenset(NS + name for name in rule.needs | rule.present)
        shape = None if rule.programmed else shapes[str(rule.iri)]
        compiled_rules.append(_Rule(rule.name, needs, shape, rule.programmed and bool(names) and names <= about_model))
    return tuple(compiled_rules)


@lru_cache(maxsize=256)
def _asked(given: frozenset[str], classes: frozenset[str]) -> tuple[_Rule, ...]:
    """The rules that statements of these predicates and classes can break: the same for all records of one form."""
    return tuple(
        rule
        for rule in _rules()
        if rule.needs <= given and (rule.shape is None or rule.shape.has_focus(given, classes))
    )


@dataclass(frozen=True)
class _JudgedModel:
    """A model's part that conforms.

    :param rules: names of the rules that were judged.
    """

    statements: Statements
    rules: frozenset[str]


def _judged_model(model: Mapping[str, Any], today: date | None) -> _JudgedModel | None:
    try:
        # What is kept is found by its content, never by an object that could change. To Python 1, 1.0 and True are
        # equal; to these bytes they are not.
        content = marshal.dumps(dict(model), 2)
    except ValueError:  # a value that no JSON has
        return None
    return _model_by_content(_Content(content, model), today)


@dataclass(frozen=True)
class _Content:
    """A model's part, found by its bytes."""

    content: bytes
    model: Mapping[str, Any] = field(compare=False)


def forget() -> None:
    """Forget what was compiled and judged, so that changed rules are read anew."""
    for kept in (_rules, _asked, _model_by_content, _plan):
        kept.cache_clear()


@lru_cache(maxsize=64)
def _model_by_content(key: _Content, today: date | None) -> _JudgedModel | None:
    stated = graphs.statements_of_model(Record(None, key.model, NOTHING), load())
    if stated is None or not _conforms(stated, stated, today, frozenset(), pack=False):
        return None
    given = stated.by_predicate.keys()
    judged = {rule.name for rule in _rules() if rule.needs <= given and (rule.shape or rule.of_model)}
    return _JudgedModel(stated, frozenset(judged))


def _conforms(
    own: Statements, both: Statements, today: date | None, judged: frozenset[str], *, pack: bool = True
) -> bool:
    """Whether what ``own`` states surely conforms, beside what ``both`` state.

    :param judged: rules that the rest of ``both`` was judged by.
    :param pack: False: only the model's part is there.
    """
    if not all(shape.conform(both, of=own) for shape in compiled(shacl.shapes(DATATYPES))):
        return False
    alone, together = RuleFacts(own, today), RuleFacts(both, today)
    for rule in _asked(frozenset(both.by_predicate), both.classes):
        if rule.shape is not None:
            # One that the rest was not judged by for want of something is judged for all of it now.
            conforms = rule.shape.conform(both, of=own if rule.name in judged else both)
        elif rule.name in EACH_VALUE:
            conforms = next(iter(CHECKS[rule.name](alone)), None) is None
        elif rule.name in judged or not (pack or rule.of_model):
            continue
        else:
            conforms = next(iter(CHECKS[rule.name](together)), None) is None
        if not conforms:
            return False
    return True


# --- completeness ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Plan:
    """What a regime asks of a battery of one category on a day.

    :param always: checks that no battery is spared.
    :param due_checks: checks by the indicator that is due.
    :param conditional: obligations that do not bind every battery.
    """

    obligations: Mapping[str, Obligation]
    always: tuple[Check, ...]
    due_checks: tuple[tuple[str, Check], ...]
    conditional: tuple[Obligation, ...]


@lru_cache(maxsize=256)
def _plan(regime: Regime, category: Category, day: date, at_stage: Stage) -> _Plan | None:
    """None where a shape is not compiled."""
    graph = shacl.shapes(f"shapes/{regime.code}-{category.value}.ttl")
    obligations = regime.obligations(category)
    always: list[Check] = []
    due: list[tuple[str, Check]] = []
    for shape in compiled(graph):
        if shape.properties is None or shape.classes != (NS + "BatteryPack",):
            return None
        for iri, check in shape.properties.items():
            stated = {str(node): str(value) for node, value in graph.predicate_objects(URIRef(iri))}
            obligation = obligations.get(stated.get(_INDICATOR, "").removeprefix(NS))
            if obligation is None:
                return None
            if str(SH.minCount) not in stated:
                always.append(check)
            elif is_due(obligation, day, at_stage):
                due.append((obligation.indicator, check))
    conditional = tuple(node for node in obligations.values() if node.exempts or node.above_energy is not None)
    return _Plan(obligations, tuple(always), tuple(due), conditional)


_INDICATOR = "https://w3id.org/battery-passport/meta#indicator"


def _report(
    data: Statements, regimes: Sequence[Regime], category: Category, days: Mapping[str, date], at_stage: Stage,
    places: RecordPlaces | GraphPlaces,
) -> ValidationReport | None:  # fmt: skip
    subjects = [node for node in pack_batch_model(data) if node is not None]
    facts = BatteryFacts(data, subjects)
    placed = facts.placed_on_market()
    given = frozenset(predicate.removeprefix(NS) for subject in subjects for predicate in data.nodes.get(subject, ()))
    reports = {}
    for regime in regimes:
        duty = duty_day(placed, days[regime.code])
        if not regime.applies_to(category):
            reports[regime.code] = RegimeReport(
                regime, category, duty.day, at_stage, False, MappingProxyType({}), duty.placed
            )
            continue
        report = _regime_report(data, regime, category, duty, at_stage, facts, given, places)
        if report is None:
            return None
        reports[regime.code] = report
    return ValidationReport((), reports)


def _regime_report(
    data: Statements, regime: Regime, category: Category, duty: DutyDay, at_stage: Stage, facts: BatteryFacts,
    given: frozenset[str], places: RecordPlaces | GraphPlaces,
) -> RegimeReport | None:  # fmt: skip
    plan = _plan(regime, category, duty.day, at_stage)
    if plan is None:
        return None
    free = facts.spared(plan.conditional)
    for pack in data.instances(NS + "BatteryPack"):
        if not all(check(data.nodes, pack) is True for check in plan.always):
            return None
        if not all(check(data.nodes, pack) is True for indicator, check in plan.due_checks if indicator not in free):
            return None
    below = list(below_minimum(regime, category, facts, duty.day))
    if any(node.in_force for node in below):
        return None
    states, findings = _states(regime, category, duty.day, at_stage, given, frozenset(free), tuple(below))
    report = RegimeReport(regime, category, duty.day, at_stage, True, states, duty.placed, MappingProxyType(free))
    return replace(report, notices=tuple(notice(finding, places) for finding in findings))


@lru_cache(maxsize=256)
def _states(
    regime: Regime,
    category: Category,
    day: date,
    at_stage: Stage,
    given: frozenset[str],
    free: frozenset[str],
    below: tuple[BelowMinimum, ...],
) -> tuple[Mapping[str, IndicatorState], tuple[RegimeFinding, ...]]:
    """States and notices of what conforms: the same for many packs of a model."""
    spared = dict.fromkeys(free, "")
    states = states_of(regime.obligations(category), day, at_stage, given=given, missing=(), malformed=(), free=spared)
    report = RegimeReport(regime, category, day, at_stage, True, MappingProxyType(states), False, spared)
    return report.states, tuple(findings_of_notice(report, below, given))
