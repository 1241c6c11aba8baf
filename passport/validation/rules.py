"""Cross-field rules: what must hold between values that are each well formed.

A rule is written down once, in ``shapes/rules-*.ttl``, with its texts in Chinese and English. Most rules are SHACL
shapes; what SHACL cannot say (or rdflib only slowly) is a function of the same name in
:mod:`passport.validation.rule_functions`. Both run here and give the same thing, a :class:`RuleFinding` with its place
and with sentences that tell what was expected and what was found.

1. Malformed values are taken out of the graph first, so that arithmetic meets numbers only.
2. A rule whose needs are not all there and well formed is left out; one that reads a malformed value is named as *not
   checked*.
3. If the engine fails nevertheless, the rules run one by one. A rule that cannot be evaluated is reported as not
   validated. It never counts as fulfilled.

    findings, unchecked = run(data, malformed=frozenset({"ratedCapacity"}), on=date(2027, 2, 18))
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from rdflib import RDF, Graph, Literal, Namespace, URIRef
from rdflib.query import ResultRow
from rdflib.term import Identifier, Node

from passport.battery import record_graph as graphs
from passport.battery.record_graph import BP, GraphLocation
from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.linked_data.graphs import empty_graph
from passport.texts import Message, say
from passport.validation import shacl
from passport.validation.rule_facts import RuleFacts, StatementPlace
from passport.validation.rule_functions import CHECKS
from passport.validation.shacl import SH, ShaclFailure
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import NS, load

RULE = Namespace("https://w3id.org/battery-passport/rules#")
LANGUAGES = ("en", "zh")
#: IRIs of the shapes that surely hold of a graph, among some shapes of a shapes graph.
LeaveOut = Callable[[Graph, Graph, Iterable[str]], frozenset[str]]


@dataclass(frozen=True)
class Rule:
    """One rule, as ``shapes/rules-*.ttl`` states it.

    :param name: local name of its IRI; the ``code`` of its faults.
    :param reads: indicators it reads.
    :param needs: of these, the ones without which it cannot be asked.
    :param present: indicators that must be there, in whatever form.
    :param about: the indicator its faults are shown at; None where each finding says.
    :param term: local name of the field's term that its faults are shown at.
    :param single_value: it judges one value alone, so what it finds is malformed.
    :param select: its SPARQL query, where it is one.
    :param programmed: it is a function in :mod:`passport.validation.rule_functions`.
    """

    iri: URIRef
    name: str
    reads: frozenset[str]
    needs: frozenset[str]
    present: frozenset[str]
    about: str | None
    term: str | None
    message: Mapping[str, str]
    expected: Mapping[str, str]
    found: Mapping[str, str]
    severity: str
    single_value: bool
    select: str | None
    programmed: bool


@dataclass(frozen=True)
class RuleFinding:
    """A rule broken at a place: a sentence, and what in it was expected and found."""

    rule: Rule
    place: GraphLocation
    message: Message
    expected: str
    found: str


@dataclass(frozen=True)
class Unchecked:
    """A rule that could not be asked of all it reads.

    :param because: the malformed indicators; empty where the engine gave up, which is ``failure``.
    """

    rule: Rule
    because: frozenset[str]
    failure: str | None = None


# --- the rules as written -------------------------------------------------------------------------------------------


@cache
def shapes() -> Graph:
    """All ``shapes/rules-*.ttl`` as one graph. Not to be changed."""
    merged = empty_graph()
    for file in sorted(resources.path("shapes").glob("rules-*.ttl")):
        for triple in shacl.shapes(f"shapes/{file.name}"):
            merged.add(triple)
    return merged


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its name.

    :raises MalformedOntology: a rule without texts, about something unknown, or without its function.
    """
    stated = shapes()
    known = load().indicators.keys() | set(READING_TIMES)
    by_name = {}
    for iri in sorted({subject for subject in stated.subjects(SH.message) if isinstance(subject, URIRef)}):
        if str(iri).startswith(RULE):
            rule = _read(stated, iri)
            strangers = (
                rule.reads | rule.needs | rule.present | ({rule.about} if rule.about is not None else set())
            ) - known
            if strangers:
                raise MalformedOntology(
                    Message("rule {name} speaks of {term}, which is not defined", name=rule.name, term=min(strangers))
                )
            if set(rule.message) != set(LANGUAGES):
                raise MalformedOntology(Message("rule {name} has no message in Chinese and English", name=rule.name))
            by_name[rule.name] = rule
    apart = {name for name, rule in by_name.items() if rule.programmed} ^ CHECKS.keys()
    if apart:
        raise MalformedOntology(
            Message("rule {name} is stated but not programmed, or programmed but not stated", name=min(apart))
        )
    return by_name


def _read(stated: Graph, iri: URIRef) -> Rule:
    def names(predicate: URIRef) -> frozenset[str]:
        return frozenset(str(value).removeprefix(NS) for value in stated.objects(iri, predicate))

    def texts(predicate: URIRef) -> Mapping[str, str]:
        texts = shacl.messages(stated.objects(iri, predicate))
        return {language: texts[language] if language in texts else texts.get("", "") for language in LANGUAGES}

    query = stated.value(stated.value(iri, SH.sparql), SH.select)
    severity = stated.value(iri, SH.severity) or SH.Violation
    return Rule(
        iri=iri,
        name=str(iri).removeprefix(str(RULE)),
        reads=names(RULE.reads),
        needs=names(RULE.needs),
        present=names(RULE.present),
        about=min(names(RULE.about), default=None),
        term=min(names(RULE.field), default=None),
        message=shacl.messages(stated.objects(iri, SH.message)),
        expected=texts(RULE.expected),
        found=texts(RULE.found),
        severity=str(severity).removeprefix(str(SH)).lower(),
        single_value=(iri, RULE.value, Literal(True)) in stated,
        select=None if query is None else str(query),
        programmed=(iri, RDF.type, RULE.Check) in stated,
    )


# --- running them ---------------------------------------------------------------------------------------------------


def single_values(data: Graph, *, on: date | None) -> tuple[RuleFinding, ...]:
    """What the rules about one value alone find: check digits, codes. For values of any form.

    :param on: the day of checking: a code with a later date is refused; None for no such judgement.
    """
    return tuple(_programmed(data, on, [rule for rule in rules().values() if rule.single_value]))


def run(
    data: Graph, *, malformed: frozenset[str], on: date | None, leave_out: LeaveOut | None = None
) -> tuple[tuple[RuleFinding, ...], tuple[Unchecked, ...]]:
    """What the other rules find.

    :param malformed: indicators whose values are not well formed.
    :param on: the day of checking.
    :param leave_out: names those of some shapes that surely hold, which are then not run; None: all are run.
    """
    cleaned = graphs.without(data, malformed) if malformed else data
    given = {str(predicate).removeprefix(NS) for predicate in data.predicates(unique=True)}
    usable = given - malformed
    runnable, unchecked = [], []
    for rule in rules().values():
        if rule.single_value:
            continue
        because = rule.reads & malformed & given
        if because:
            unchecked.append(Unchecked(rule, because))
        if rule.needs <= usable and rule.present <= given:
            runnable.append(rule)
    findings = list(_programmed(cleaned, on, [rule for rule in runnable if rule.programmed]))
    # Malformed values that rules only compare as text are kept in the graph.
    restored = _restored(data, cleaned, frozenset(name for rule in runnable for name in rule.present) & malformed)
    in_shapes = [rule for rule in runnable if not rule.programmed]
    if leave_out is not None:
        held = leave_out(restored, shapes(), [rule.iri for rule in in_shapes])
        in_shapes = [rule for rule in in_shapes if str(rule.iri) not in held]
    by_shape, failed = _by_shape(restored, in_shapes)
    return tuple(findings + by_shape), tuple(unchecked + failed)


def _restored(data: Graph, cleaned: Graph, names: frozenset[str]) -> Graph:
    if not names:
        return cleaned
    restored = Graph()
    for triple in cleaned:
        restored.add(triple)
    for name in names:
        for triple in data.triples((None, BP[name], None)):
            restored.add(triple)
    return restored


def _programmed(data: Graph, on: date | None, chosen: Iterable[Rule]) -> Iterable[RuleFinding]:
    facts = RuleFacts(graphs.statements_of_graph(data), on)
    for rule in chosen:
        for hit in sorted(CHECKS[rule.name](facts), key=str):
            place = hit.place
            if isinstance(place, StatementPlace):
                value = graphs.as_node(place.value)
                place = graphs.place(data, graphs.as_node(place.subject), (URIRef(place.predicate),), value)
            yield _finding(data, rule, place, hit.words)


def _by_shape(data: Graph, chosen: list[Rule]) -> tuple[list[RuleFinding], list[Unchecked]]:
    if not chosen:
        return [], []
    failed = []
    try:
        results = shacl.run(data, shapes(), [rule.iri for rule in chosen])
    except ShaclFailure:
        results = ()
        for rule in chosen:
            try:
                results += shacl.run(data, shapes(), [rule.iri])
            except ShaclFailure as error:
                failed.append(Unchecked(rule, frozenset(), str(error)))
    by_iri: dict[Node, Rule] = {rule.iri: rule for rule in chosen}
    findings: dict[tuple[Any, ...], RuleFinding] = {}
    for result in results:
        broken = by_iri.get(result.shape)
        if broken is not None:
            place = _place(data, broken, result)
            # sh:equals reports both sides, sh:or each focus node: one fault per place is enough.
            key = (broken.name, place) if broken.select is None else (broken.name, place, result.value)
            findings.setdefault(key, _finding(data, broken, place, _words(data, broken, result)))
    return list(findings.values()), failed


def _place(data: Graph, rule: Rule, result: shacl.ShaclResult) -> GraphLocation:
    seen = graphs.place(data, result.focus, result.path, result.value)
    if rule.about is None or seen.indicator == rule.about:
        return GraphLocation(seen.indicator or rule.about, _entry(seen, result), rule.term or seen.term, seen.text)
    return GraphLocation(rule.about, None, rule.term)


def _entry(seen: GraphLocation, result: shacl.ShaclResult) -> int | None:
    if seen.entry is not None or result.value is None:
        return seen.entry
    return graphs.number(result.value)


# --- the words of a finding -----------------------------------------------------------------------------------------

_BLANK = re.compile(r"\{([A-Za-z0-9]+)(?:/([A-Za-z0-9]+))?\}")


def _finding(data: Graph, rule: Rule, place: GraphLocation, words: Mapping[str, object]) -> RuleFinding:
    expected, found = (
        Message("{text}", text={language: _filled(data, text, words, language) for language, text in texts.items()})
        for texts in (rule.expected, rule.found)
    )
    message = Message("{rule}: expected {expected}; found {found}.", rule=rule.message, expected=expected, found=found)
    return RuleFinding(rule, place, message, expected, found)


def _words(data: Graph, rule: Rule, result: shacl.ShaclResult) -> dict[str, object]:
    """Names and values for the texts: of the entry concerned, and of the row of the rule's own query."""
    words: dict[str, object] = {}
    for node in (result.focus, result.value):
        if isinstance(node, URIRef):
            for predicate, value in data.predicate_objects(node):
                words.setdefault(str(predicate).removeprefix(NS), value)
    if result.value is not None:
        words["value"] = result.value
    if rule.select is not None:
        for row in data.query(rule.select, initNs={"bp": BP}, initBindings={"this": _bindable(result.focus)}):
            if not isinstance(row, ResultRow):
                raise MalformedOntology(Message("rule {name} has a query that is no SELECT", name=rule.name))
            bound = row.asdict()
            path = bound.get("path")
            same_value = bound.get("value", result.value) in (result.value, None)
            if same_value and (not result.path or path == result.path[-1]):
                words.update({name: _rounded(data, term) for name, term in bound.items()})
                break
    return words


def _bindable(node: Node) -> Identifier:
    """Every node of a graph of ours is an IRI, a literal or a blank node; rdflib types its nodes more widely."""
    assert isinstance(node, Identifier)
    return node


def _filled(data: Graph, template: str, words: Mapping[str, object], language: str) -> str:
    def fill(match: re.Match[str]) -> str:
        name, term = match.groups()
        if term is None and name in words:
            return _said(words[name], language)
        values = sorted(data.objects(None, BP[name]), key=lambda node: (graphs.number(node) or 0, str(node)))
        if term is not None:
            values = [value for node in values for value in sorted(data.objects(node, BP[term]), key=str)]
        return ", ".join(_said(value, language) for value in values) or "-"

    return _BLANK.sub(fill, template)


def _rounded(data: Graph, term: object) -> object:
    """What was given stays as it is; what the query computed gets five digits."""
    if not isinstance(term, Literal) or not isinstance(term.value, Decimal) or (None, None, term) in data:
        return term
    return Literal(Decimal(f"{term.value:.5g}")) if term.value.is_finite() else term


def _said(value: object, language: str) -> str:
    if isinstance(value, Literal) and isinstance(value.value, Decimal) and value.value.is_finite():
        text = f"{value.value:f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = say(value, language) if isinstance(value, Message) else str(value)
    return text if len(text) <= 120 else text[:120] + "…"
