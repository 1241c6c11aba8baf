"""Judges a record by compiled shapes: gives its report where it surely conforms, and otherwise leaves it to pySHACL.

1. What many packs share, their model and batch, is judged once for its content and the day of checking.
2. The other parts are judged with these beside them: form, rules, and what each regime asks for.
3. The report of a record without a fault or warning has only states and notices. The same functions make these as for
   any other record.

A shape is judged where its focus nodes are stated. Rules that need something are judged as soon as it is there.
"""

from __future__ import annotations

import marshal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from typing import Any

from passport.battery import record_statements
from passport.battery.record import NOTHING, Record, SharedPart
from passport.battery.statements import Statements
from passport.validation import rules, shacl
from passport.validation.compiled import regime_question
from passport.validation.compiled.regime_question import RegimeQuestion, report
from passport.validation.compiled.shape import SUBCLASS, CompiledShape, compiled
from passport.validation.fault_places import GraphPlaces, RecordPlaces
from passport.validation.obligations import duty_day
from passport.validation.rule_facts import RuleFacts
from passport.validation.rule_functions import CHECKS, COMPARED_WITH, EACH_VALUE
from passport.validation.validation_report import ValidationReport
from passport.vocabulary.vocabulary import NS, Category, Regime, Stage, load

DATATYPES = "shapes/datatypes.ttl"


def judge_record(
    record: Record, regimes: Sequence[Regime], days: Mapping[str, date], today: date | None, at_stage: Stage
) -> ValidationReport | None:
    """The report on a record that surely conforms, without a warning; None for every other record.

    :param days: the day of checking by regime.
    :param today: the day after which nothing may be dated.
    """
    both = _form_and_rules(record, today)
    if both is None or record.category is None:
        return None
    return report(both, regimes, record.category, days, at_stage, RecordPlaces(record, load()))


def surely_conforms(
    record: Record, regimes: Sequence[Regime], days: Mapping[str, date], today: date | None, at_stage: Stage
) -> bool:
    """Whether :func:`judge_record` would give a report, which is not made."""
    both = _form_and_rules(record, today)
    if both is None or record.category is None:
        return False
    if not regimes:
        return True
    asked = RegimeQuestion.of(both, record.category)
    return all(
        asked.judged(regime, duty_day(asked.placed, days[regime.code]).day, at_stage) is not None
        for regime in regimes
        if regime.applies_to(record.category)
    )


def all_surely_conform(records: Sequence[Record], today: date | None) -> bool:
    """Whether the form and the rules of several records surely conform, judged in one go.

    Each pack is a node of its own, and nearly every check is about one node and what it leads to. So the records
    conform together where each of them does. A check that takes the only pack of its statements is made of each record.

    :param records: of one category, model and batch. Those of the same indicators cost least.
    """
    first = records[0]
    shared = _judged_shared(first.model, first.batch, today) if first.category is not None else None
    stated = [record_statements.statements_of_pack(record, load()) for record in records] if shared is not None else []
    own = [each for each in stated if each is not None]
    joined = record_statements.side_by_side(own)
    if shared is None or joined is None or len(own) < len(records):
        return False
    both = joined.joined(shared.statements)
    of_one = {rule.name for rule in _asked(frozenset(both.by_predicate), both.classes) if rule.takes_one_pack}
    if not _conforms(joined, both, today, shared.rules | of_one):
        return False
    facts = [RuleFacts(each.joined(shared.statements), today) for each in own] if of_one - shared.rules else []
    return not any(next(iter(CHECKS[name](each)), None) for name in of_one - shared.rules for each in facts)


def _form_and_rules(record: Record, today: date | None) -> Statements | None:
    """All statements of a record whose form and rules surely conform; None for every other."""
    if record.category is None:
        return None
    shared = _judged_shared(record.model, record.batch, today)
    stated = record_statements.statements_of_pack(record, load()) if shared is not None else None
    if shared is None or stated is None:
        return None
    both = stated.joined(shared.statements)
    return both if _conforms(stated, both, today, shared.rules) else None


def judge_statements(
    data: Statements, regimes: Sequence[Regime], category: Category | None, days: Mapping[str, date],
    today: date | None, at_stage: Stage, file: str,
) -> ValidationReport | None:  # fmt: skip
    """The same for statements that came from a graph, such as those of published credentials."""
    if category is None or SUBCLASS in data.by_predicate or not _conforms(data, data, today, frozenset()):
        return None
    return report(data, regimes, category, days, at_stage, GraphPlaces(file))


# --- form and rules -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Rule:
    """A rule on its way to be judged.

    :param needs: predicates without which it is not due_checks.
    :param shape: None where it is a function of :mod:`passport.validation.rule_functions`.
    :param of_shared: it is such a function and reads the model and the batch alone.
    :param reads: predicates of indicators, where it holds of a battery that states none of them; None where there are
        no such indicators, and of a function that judges each statement.
    """

    name: str
    needs: frozenset[str]
    shape: CompiledShape | None
    of_shared: bool
    reads: frozenset[str] | None = None

    @property
    def takes_one_pack(self) -> bool:
        """Whether it looks for the pack, of which the statements have to hold only one."""
        return self.shape is None and self.name not in EACH_VALUE

    def is_asked(self, given: frozenset[str], classes: frozenset[str]) -> bool:
        """Whether statements of these predicates, about nodes of these classes, can break it."""
        if not self.needs <= given or self.reads is not None and self.reads.isdisjoint(given):
            return False
        return self.shape is None or self.shape.has_focus(given, classes)


@cache
def _rules() -> tuple[_Rule, ...]:
    shapes = {shape.iri: shape for shape in compiled(rules.shapes())}
    shared = {indicator.id for indicator in load().indicators.values() if not indicator.carrier.about_pack}
    # A battery that says nothing of itself, with a batch and a model.
    silent = record_statements.statements(Record(None, NOTHING, NOTHING, batch={"": None}), load())
    compiled_rules = []
    for rule in rules.rules().values():
        names = rule.reads | rule.needs | rule.present
        needs = frozenset(NS + name for name in rule.needs | rule.present)
        shape = None if rule.programmed else shapes[str(rule.iri)]
        of_shared = rule.programmed and bool(names) and names <= shared
        reads = None
        if names and rule.name not in EACH_VALUE and (shape is None or shape.conform(silent, of=silent)):
            reads = frozenset(NS + name for name in COMPARED_WITH.get(rule.name, names))
        compiled_rules.append(_Rule(rule.name, needs, shape, of_shared, reads))
    return tuple(compiled_rules)


@lru_cache(maxsize=256)
def _asked(given: frozenset[str], classes: frozenset[str]) -> tuple[_Rule, ...]:
    """The rules that statements of these predicates and classes can break: the same for all records of one form."""
    return tuple(rule for rule in _rules() if rule.is_asked(given, classes))


@lru_cache(maxsize=256)
def _forms(given: frozenset[str], classes: frozenset[str]) -> tuple[CompiledShape, ...]:
    """The shapes of form that statements of these predicates and classes have a focus node for."""
    return tuple(shape for shape in compiled(shacl.shapes(DATATYPES)) if shape.has_focus(given, classes))


@dataclass(frozen=True)
class _JudgedShared:
    """A model and a batch that conform.

    :param rules: names of the rules that were judged.
    """

    statements: Statements
    rules: frozenset[str]


def _judged_shared(model: Mapping[str, Any], batch: Mapping[str, Any], today: date | None) -> _JudgedShared | None:
    try:
        key = _Content(_bytes_of(model), _bytes_of(batch), model, batch)
    except ValueError:  # a value that no JSON has
        return None
    return _shared_by_content(key, today)


def _bytes_of(part: Mapping[str, Any]) -> bytes:
    # What is kept is found by its content, never by an object that could change. To Python 1, 1.0 and True are equal;
    # to these bytes they are not.
    return part.content if isinstance(part, SharedPart) else marshal.dumps(dict(part), 2)


@dataclass(frozen=True)
class _Content:
    """A model and a batch, found by their bytes."""

    of_model: bytes
    of_batch: bytes
    model: Mapping[str, Any] = field(compare=False)
    batch: Mapping[str, Any] = field(compare=False)


def forget() -> None:
    """Forget what was compiled and judged, so that changed rules are read anew."""
    for kept in (_rules, _asked, _forms, _shared_by_content):
        kept.cache_clear()
    regime_question.forget()


@lru_cache(maxsize=64)
def _shared_by_content(key: _Content, today: date | None) -> _JudgedShared | None:
    stated = record_statements.statements_of_shared(Record(None, key.model, NOTHING, batch=key.batch), load())
    if stated is None or not _conforms(stated, stated, today, frozenset(), pack=False):
        return None
    given = stated.by_predicate.keys()
    judged = {rule.name for rule in _rules() if rule.needs <= given and (rule.shape or rule.of_shared)}
    return _JudgedShared(stated, frozenset(judged))


def _conforms(
    own: Statements, both: Statements, today: date | None, judged: frozenset[str], *, pack: bool = True
) -> bool:
    """Whether what ``own`` states surely conforms, beside what ``both`` state.

    :param judged: rules that the rest of ``both`` was judged by.
    :param pack: False: only the model and the batch are there.
    """
    for shape in _forms(frozenset(own.by_predicate), own.classes):
        if not shape.conform(both, of=own):
            return False
    alone, together = RuleFacts(own, today), RuleFacts(both, today)
    for rule in _asked(frozenset(both.by_predicate), both.classes):
        if rule.shape is not None:
            # One that the rest was not judged by for want of something is judged for all of it now.
            conforms = rule.shape.conform(both, of=own if rule.name in judged else both)
        elif rule.name in EACH_VALUE:
            conforms = next(iter(CHECKS[rule.name](alone)), None) is None
        elif rule.name in judged or not (pack or rule.of_shared):
            continue
        else:
            conforms = next(iter(CHECKS[rule.name](together)), None) is None
        if not conforms:
            return False
    return True
