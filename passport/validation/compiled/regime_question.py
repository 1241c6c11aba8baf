"""What regimes ask of a battery whose form and rules conform: which obligations bind it, and what is missing for them.

The checks of a regime's shapes that ask for presence alone are answered once for many packs with the same predicates.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from rdflib import Graph, URIRef
from rdflib.collection import Collection as RdfList

from passport.battery.record import NOTHING
from passport.battery.statements import Node, Nodes, Statements, Term, Value
from passport.texts import Text
from passport.validation import shacl
from passport.validation.battery_facts import BatteryFacts, BelowMinimum, below_minimum
from passport.validation.compiled.node_checks import Check
from passport.validation.compiled.shape import compiled
from passport.validation.fault_places import GraphPlaces, RecordPlaces, notice
from passport.validation.indicator_states import states_of
from passport.validation.notices import RegimeFinding, findings_of_notice
from passport.validation.obligations import duty_day, is_due
from passport.validation.rule_facts import pack_batch_model
from passport.validation.shacl import SH
from passport.validation.validation_report import IndicatorState, RegimeReport, ValidationReport
from passport.vocabulary.vocabulary import NS, Category, Obligation, Regime, Stage


def forget() -> None:
    """Forget what was compiled, so that changed shapes are read anew."""
    _plan.cache_clear()
    _presence.cache_clear()


@dataclass(frozen=True)
class _Plan:
    """What a regime asks of a battery of one category on a day.

    :param always: checks that no battery is spared.
    :param due_checks: checks by the indicator that is due.
    :param conditional: obligations that do not bind every battery.
    :param of_presence: whether all checks ask only which predicates the pack, its batch and its model have.
    """

    obligations: Mapping[str, Obligation]
    always: tuple[Check, ...]
    due_checks: tuple[tuple[str, Check], ...]
    conditional: tuple[Obligation, ...]
    of_presence: bool


@lru_cache(maxsize=256)
def _plan(regime: Regime, category: Category, day: date, at_stage: Stage) -> _Plan | None:
    """None where a shape is not compiled."""
    graph = shacl.shapes(f"shapes/{regime.code}-{category.value}.ttl")
    obligations = regime.obligations(category)
    always: list[Check] = []
    due: list[tuple[str, Check]] = []
    of_presence = True
    for shape in compiled(graph):
        if shape.properties is None or shape.classes != (NS + "BatteryPack",):
            return None
        for iri, check in shape.properties.items():
            stated = {str(node): str(value) for node, value in graph.predicate_objects(URIRef(iri))}
            obligation = obligations.get(stated.get(_INDICATOR, "").removeprefix(NS))
            if obligation is None:
                return None
            of_presence = of_presence and _asks_for_presence(graph, URIRef(iri))
            if str(SH.minCount) not in stated:
                always.append(check)
            elif is_due(obligation, day, at_stage):
                due.append((obligation.indicator, check))
    conditional = tuple(node for node in obligations.values() if node.exempts or node.above_energy is not None)
    return _Plan(obligations, tuple(always), tuple(due), conditional, of_presence)


_NO_CONSTRAINTS = (SH.path, SH.name, SH.description, SH.message, SH.severity, SH.order, SH.group)


def _asks_for_presence(graph: Graph, shape: URIRef) -> bool:
    """Whether a property shape asks for a value or for none, of the pack or of what a link of the pack leads to."""
    stated = {node: value for node, value in graph.predicate_objects(shape) if str(node).startswith(str(SH))}
    path = stated.get(SH.path)
    steps = [path] if isinstance(path, URIRef) else list(RdfList(graph, path)) if path is not None else []
    # A link, or any of several: what it leads to is stated as well.
    choices = graph.value(steps[0], SH.alternativePath) if steps else None
    links = [steps[0]] if choices is None else list(RdfList(graph, choices)) if len(steps) == 2 else []
    counts = {(node, str(value)) for node, value in stated.items() if node not in _NO_CONSTRAINTS}
    return (
        counts in ({(SH.minCount, "1")}, {(SH.maxCount, "0")})
        and all(isinstance(step, URIRef) for step in (*links, *steps[1:]))
        and (len(steps) == 1 or len(steps) == 2 and {str(link) for link in links} <= set(_LINKS))
    )


_LINKS = (NS + "batteryModel", NS + "batteryBatch")
#: Which predicates a node has.
_Given = frozenset[str]


def _given_about(data: Statements, pack: Node) -> tuple[_Given, tuple[tuple[str, tuple[_Given, ...]], ...]]:
    """Which predicates a pack has, and those of what its links lead to."""
    own = data.nodes.get(pack, NOTHING)
    led = [
        (link, tuple([frozenset(data.nodes.get(node, NOTHING)) for node in own[link] if not isinstance(node, Value)]))
        for link in _LINKS
        if link in own
    ]
    return frozenset(own), tuple(led)


@lru_cache(maxsize=256)
def _presence(
    regime: Regime, category: Category, day: date, at_stage: Stage, free: frozenset[str],
    given: tuple[_Given, tuple[tuple[str, tuple[_Given, ...]], ...]],
) -> bool:  # fmt: skip
    """Whether checks of presence hold, with which predicates they are asked about: the same for many packs."""
    plan = _plan(regime, category, day, at_stage)
    assert plan is not None and plan.of_presence, "asked for such plans alone"
    own, led = given
    some: list[Term] = [Value("")]
    stand_in: dict[str, list[Term]] = dict.fromkeys(own, some)
    nodes: dict[Node, dict[str, list[Term]]] = {"urn:pack": stand_in}
    for link, targets in led:
        names: list[Term] = [f"urn:{len(nodes) + n}" for n in range(len(targets))]
        stand_in[link] = names or some
        nodes.update((str(name), dict.fromkeys(target, some)) for name, target in zip(names, targets, strict=True))
    return _all_hold(plan, nodes, "urn:pack", free)


def _all_hold(plan: _Plan, nodes: Nodes, pack: Node, free: Collection[str]) -> bool:
    if not all(check(nodes, pack) is True for check in plan.always):
        return False
    return all(check(nodes, pack) is True for indicator, check in plan.due_checks if indicator not in free)


_INDICATOR = "https://w3id.org/battery-passport/meta#indicator"


def report(
    data: Statements, regimes: Sequence[Regime], category: Category, days: Mapping[str, date], at_stage: Stage,
    places: RecordPlaces | GraphPlaces,
) -> ValidationReport | None:  # fmt: skip
    """The report on a battery whose form and rules conform; None where something is missing, or not decided here."""
    question = RegimeQuestion.of(data, category)
    given = frozenset(
        predicate.removeprefix(NS) for subject in question.subjects for predicate in data.nodes.get(subject, ())
    )
    reports = {}
    for regime in regimes:
        duty = duty_day(question.placed, days[regime.code])
        if not regime.applies_to(category):
            reports[regime.code] = RegimeReport(
                regime, category, duty.day, at_stage, False, MappingProxyType({}), duty.placed
            )
            continue
        judged = question.judged(regime, duty.day, at_stage)
        if judged is None:
            return None
        free, below = judged
        states, findings = _states(regime, category, duty.day, at_stage, given, frozenset(free), below)
        report = RegimeReport(
            regime, category, duty.day, at_stage, True, states, duty.placed, MappingProxyType(dict(free))
        )
        reports[regime.code] = replace(report, notices=tuple(notice(finding, places) for finding in findings))
    return ValidationReport((), reports)


@dataclass(frozen=True)
class RegimeQuestion:
    """What regimes ask of a battery.

    :ivar placed: its day of placing on the market, where that is stated.
    """

    data: Statements
    category: Category
    subjects: tuple[Node, ...]
    facts: BatteryFacts
    placed: date | None

    @classmethod
    def of(cls, data: Statements, category: Category) -> RegimeQuestion:
        subjects = tuple(node for node in pack_batch_model(data) if node is not None)
        facts = BatteryFacts(data, subjects)
        return cls(data, category, subjects, facts, facts.placed_on_market())

    def judged(
        self, regime: Regime, day: date, at_stage: Stage
    ) -> tuple[Mapping[str, Text], tuple[BelowMinimum, ...]] | None:
        """Why obligations do not bind, by indicator, and values below a minimum to come; None: something is missing."""
        plan = _plan(regime, self.category, day, at_stage)
        if plan is None:
            return None
        free = self.facts.spared(plan.conditional)
        for pack in self.data.instances(NS + "BatteryPack"):
            if plan.of_presence:
                given = _given_about(self.data, pack)
                if not _presence(regime, self.category, day, at_stage, frozenset(free), given):
                    return None
            elif not _all_hold(plan, self.data.nodes, pack, free):
                return None
        below = tuple(below_minimum(regime, self.category, self.facts, day))
        return None if any(minimum.in_force for minimum in below) else (free, below)


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
