"""A shapes graph compiled: each shape that has a target becomes a function from a node to an :data:`Answer`.

    for shape in compiled(shacl.shapes("shapes/datatypes.ttl")):
        shape.conform(statements, of=statements)      # True, or not decided here

Compiled are paths of predicates, sequences and alternatives, and the constraints of :class:`_Compiler`. Everything
else, SPARQL without a counterpart among it, leaves the shape uncompiled: ``check`` is None.

An answer of False is sure, since ``sh:not`` turns it into True. Constraints that are not sure answer None.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from rdflib import OWL, RDF, RDFS, Graph, Literal, URIRef
from rdflib.collection import Collection as RdfList
from rdflib.term import Node as GraphNode

from passport.battery.record_graph import as_term
from passport.battery.statements import XSD, Nodes, Statements, Term, Value, table_of
from passport.validation.compiled.comparisons import Answer, lexical, number, same_set
from passport.validation.compiled.node_checks import (
    MANY,
    NOTHING,
    OF_MANY,
    OF_VALUE,
    Check,
    Path,
    SetCheck,
    all_conform,
    alternative,
    bounded,
    conjunction,
    counting,
    objects_of,
    of_predicate,
    of_values,
    ordered,
    qualified,
    sequence,
)
from passport.validation.compiled.queries import COUNTERPARTS, digest
from passport.validation.shacl import SH
from passport.vocabulary.vocabulary import NS

#: Data that state a subclass have instances of a class that are not found by its name: no shape of theirs is confirmed.
SUBCLASS = str(RDFS.subClassOf)

_RULES = "https://w3id.org/battery-passport/rules#"
_TARGETS = (SH.targetClass, SH.targetObjectsOf, SH.targetSubjectsOf)
_PLAIN = frozenset((*_TARGETS, SH.path, SH.name, SH.description, SH.message, SH.severity, SH.order, SH.group))
_DATATYPES = frozenset(
    XSD + name for name in ("string", "decimal", "integer", "boolean", "date", "dateTime", "duration")
)
# With these a graph means more than its shapes say.
_EXTENSIONS = (SH.parameter, SH.entailment, SH.target, SH.shapesGraph, OWL.imports)


@dataclass(frozen=True)
class CompiledShape:
    """One shape that has a target.

    :param check: None where the shape is not compiled.
    :param properties: the checks of its property shapes by the shape's IRI, where it has nothing else.
    """

    iri: str
    classes: tuple[str, ...]
    objects_of: tuple[str, ...]
    subjects_of: tuple[str, ...]
    check: Check | None
    properties: Mapping[str, Check] | None

    def focus_nodes(self, of: Statements) -> Collection[Term]:
        """The nodes that the shape is about, as far as some statements say so."""
        if self.classes and not self.objects_of and not self.subjects_of and len(self.classes) == 1:
            return of.instances(self.classes[0])
        focus: dict[Term, None] = {}
        for class_iri in self.classes:
            focus.update(dict.fromkeys(of.instances(class_iri)))
        for predicate in self.objects_of:
            focus.update(dict.fromkeys([term for _, term in of.subject_objects(predicate)]))
        for predicate in self.subjects_of:
            focus.update(dict.fromkeys([subject for subject, _ in of.subject_objects(predicate)]))
        return focus

    def has_focus(self, given: Collection[str], classes: Collection[str]) -> bool:
        """Whether statements of these predicates, about nodes of these classes, make any node a focus node."""
        return any(name in classes for name in self.classes) or any(
            name in given for name in (*self.objects_of, *self.subjects_of)
        )

    def conform(self, among: Statements, *, of: Statements) -> bool:
        """Whether all nodes that ``of`` makes focus nodes surely conform; their values are looked up in ``among``."""
        nodes = self.focus_nodes(of)
        if not nodes:
            return True
        check = self.check
        if check is None:
            return False
        if len(nodes) >= MANY and all_conform(check, among.nodes, list(nodes)):
            return True
        return all(check(among.nodes, node) is True for node in nodes)


def unconfirmed(shapes: Graph, data: Statements, use: Iterable[str] | None = None) -> list[str]:
    """IRIs of the shapes that do not surely conform.

    :param use: the shapes in question; None: all that have a target.
    """
    wanted = None if use is None else {str(iri) for iri in use}
    known = {shape.iri: shape for shape in compiled(shapes)}
    iris = known.keys() if wanted is None else wanted
    if SUBCLASS in data.by_predicate:
        return sorted(iris)
    return [iri for iri in sorted(iris) if iri not in known or not known[iri].conform(data, of=data)]


class _NotCompiled(Exception):
    """A construct that is not compiled."""


@lru_cache(maxsize=32)
def compiled(shapes: Graph) -> tuple[CompiledShape, ...]:
    """The shapes of a graph that have a target."""
    tops = {shape for predicate in (*_TARGETS, SH.targetNode) for shape in shapes.subjects(predicate, None)}
    # A shape that is a class is about its instances.
    tops |= {shape for shape in shapes.subjects(RDF.type, RDFS.Class) if (shape, SH.property, None) in shapes}
    compiler = _Compiler(shapes)
    return tuple(compiler.top(shape) for shape in sorted(tops, key=str))


class _Compiler:
    """One shapes graph on its way into functions."""

    def __init__(self, shapes: Graph) -> None:
        self.shapes = shapes
        classes = {node for node in shapes.subjects(RDFS.subClassOf, None) if not str(node).startswith(str(OWL))}
        self.extended = bool(classes) or any((None, predicate, None) in shapes for predicate in _EXTENSIONS)
        self.under_way: set[GraphNode] = set()

    def top(self, shape: GraphNode) -> CompiledShape:
        classes, objects_of, subjects_of = (
            tuple(sorted(str(node) for node in self.shapes.objects(shape, predicate))) for predicate in _TARGETS
        )
        properties = None
        try:
            if self.extended or (shape, SH.targetNode, None) in self.shapes:
                raise _NotCompiled
            check: Check | None = self.check(shape)
            stated = set(self.shapes.predicates(shape))
            if (shape, SH.path, None) not in self.shapes and stated <= {RDF.type, *_PLAIN, SH.property}:
                properties = {str(node): self.check(node) for node in self.shapes.objects(shape, SH.property)}
        except _NotCompiled:
            check = None
        return CompiledShape(str(shape), classes, objects_of, subjects_of, check, properties)

    def check(self, shape: GraphNode) -> Check:
        if shape in self.under_way:
            raise _NotCompiled
        self.under_way.add(shape)
        try:
            types = {
                node for node in self.shapes.objects(shape, RDF.type) if str(node).startswith((str(SH), str(RDFS)))
            }
            if not types <= {SH.NodeShape, SH.PropertyShape}:
                raise _NotCompiled
            stated: dict[GraphNode, list[GraphNode]] = {}
            for predicate, value in self.shapes.predicate_objects(shape):
                if str(predicate).startswith(str(SH)) and predicate not in _PLAIN:
                    stated.setdefault(predicate, []).append(value)
            if (shape, SH.path, None) in self.shapes:
                return self.property_shape(shape, stated)
            return self.node_shape(shape, stated)
        finally:
            self.under_way.discard(shape)

    # --- shapes

    def node_shape(self, shape: GraphNode, stated: dict[GraphNode, list[GraphNode]]) -> Check:
        checks = [self.query(shape, node) for node in stated.pop(SH.sparql, [])]
        if SH.hasValue in stated:
            constant = self.constant(_one(stated.pop(SH.hasValue)))
            checks.append(lambda nodes, focus: focus == constant)
        return conjunction([*checks, *self.constraints(stated)])

    def property_shape(self, shape: GraphNode, stated: dict[GraphNode, list[GraphNode]]) -> Check:
        way = _one(list(self.shapes.objects(shape, SH.path)))
        path = self.path(way)
        sets = self.set_constraints(stated)
        each = self.constraints(stated)
        if isinstance(way, URIRef):
            return of_predicate(str(way), sets, each)

        judged = of_values(sets, each)
        return lambda nodes, focus: judged(nodes, focus, path(nodes, focus))

    def properties(self, shapes: Iterable[GraphNode]) -> Check:
        """The property shapes of one node. Those that hold without a value are asked only where there is one."""
        always: list[Check] = []
        by_predicate: dict[str, list[Check]] = {}
        for shape in shapes:
            check = self.check(shape)
            path = self.shapes.value(shape, SH.path)
            if isinstance(path, URIRef) and self.holds_without_value(shape):
                by_predicate.setdefault(str(path), []).append(check)
            else:
                always.append(check)

        def every(nodes: Nodes, focus: Term) -> Answer:
            for check in always:
                answer = check(nodes, focus)
                if answer is not True:
                    return answer
            if isinstance(focus, Value):
                return True
            for predicate in nodes.get(focus, NOTHING):
                for check in by_predicate.get(predicate, ()):
                    answer = check(nodes, focus)
                    if answer is not True:
                        return answer
            return True

        def all_of(nodes: Nodes, terms: list[Term]) -> bool:
            table = table_of(nodes, terms)
            if table is not None:
                given = set(table.texts)
            else:
                stated = [nodes.get(term, NOTHING) for term in terms if type(term) is not Value]  # type: ignore[arg-type]
                given = set(chain.from_iterable(stated))
            due = [check for predicate in given for check in by_predicate.get(predicate, ())]
            return all(all_conform(check, nodes, terms) for check in (*always, *due))

        OF_MANY[every] = all_of
        return every

    def holds_without_value(self, shape: GraphNode) -> bool:
        return not set(self.shapes.predicates(shape)) & {SH.minCount, SH.hasValue, SH.equals, SH.qualifiedMinCount}

    # --- constraints about the values of a path together

    def set_constraints(self, stated: dict[GraphNode, list[GraphNode]]) -> list[SetCheck]:
        """Taken out of what is stated."""
        checks: list[SetCheck] = []
        for predicate, make in self.of_sets.items():
            if predicate in stated:
                checks.append(make(self, _one(stated.pop(predicate))))
        if SH.qualifiedValueShape in stated:
            shape, least = _one(stated.pop(SH.qualifiedValueShape)), _one(stated.pop(SH.qualifiedMinCount, []))
            checks.append(qualified(self.check(shape), _integer(least)))
        return checks

    def min_count(self, value: GraphNode) -> SetCheck:
        least = _integer(value)
        return counting(lambda nodes, focus, values: len(values) >= least)

    def max_count(self, value: GraphNode) -> SetCheck:
        most = _integer(value)
        return counting(lambda nodes, focus, values: len(values) <= most)

    def has_value(self, value: GraphNode) -> SetCheck:
        constant = self.constant(value)
        return lambda nodes, focus, values: constant in values

    def unique_language(self, value: GraphNode) -> SetCheck:
        if value != Literal(True):
            raise _NotCompiled

        def check(nodes: Nodes, focus: Term, values: list[Term]) -> Answer:
            tags = [term.language.lower() for term in values if isinstance(term, Value) and term.language]
            return len(set(tags)) == len(tags)

        return check

    def equals(self, value: GraphNode) -> SetCheck:
        predicate = _iri(value)
        return lambda nodes, focus, values: same_set(values, objects_of(nodes, focus, predicate))

    def disjoint(self, value: GraphNode) -> SetCheck:
        predicate = _iri(value)

        def check(nodes: Nodes, focus: Term, values: list[Term]) -> Answer:
            others = objects_of(nodes, focus, predicate)
            if any(isinstance(term, Value) and term.language for term in values):
                return None if others else True
            return set(values).isdisjoint(others)

        return check

    def less_than(self, value: GraphNode) -> SetCheck:
        return ordered(_iri(value), frozenset((-1,)))

    def less_than_or_equals(self, value: GraphNode) -> SetCheck:
        return ordered(_iri(value), frozenset((-1, 0)))

    of_sets: Mapping[GraphNode, Callable[[_Compiler, GraphNode], SetCheck]] = {
        SH.minCount: min_count,
        SH.maxCount: max_count,
        SH.hasValue: has_value,
        SH.uniqueLang: unique_language,
        SH.equals: equals,
        SH.disjoint: disjoint,
        SH.lessThan: less_than,
        SH.lessThanOrEquals: less_than_or_equals,
    }

    # --- constraints about one value

    def constraints(self, stated: dict[GraphNode, list[GraphNode]]) -> list[Check]:
        checks: list[Check] = []
        for predicate, values in stated.items():
            if predicate == SH.property:
                checks.append(self.properties(values))
            elif predicate in (SH["not"], SH["or"]):
                make = self.negation if predicate == SH["not"] else self.disjunction
                checks += [make(value) for value in values]
            elif predicate in self.of_values:
                checks.append(self.of_values[predicate](self, _one(values)))
                OF_VALUE.add(checks[-1])
            else:
                raise _NotCompiled
        return checks

    def datatype(self, value: GraphNode) -> Check:
        datatype = str(value)
        if datatype == str(RDF.langString):
            return lambda nodes, term: isinstance(term, Value) and term.language is not None
        if datatype not in _DATATYPES:
            raise _NotCompiled
        # xsd:string is implicit in statements.
        stated = None if datatype == XSD + "string" else datatype

        def check(nodes: Nodes, term: Term) -> Answer:
            return isinstance(term, Value) and term.datatype == stated and term.language is None

        OF_MANY[check] = lambda nodes, terms: (
            set(map(type, terms)) == {Value} and {term[1:] for term in terms} == {(stated, None)}
        )
        return check

    def node_kind(self, value: GraphNode) -> Check:
        if value != SH.IRI:
            raise _NotCompiled

        def check(nodes: Nodes, term: Term) -> Answer:
            return isinstance(term, str)

        OF_MANY[check] = lambda nodes, terms: set(map(type, terms)) == {str}
        return check

    def one_of(self, value: GraphNode) -> Check:
        constants = frozenset(self.constant(node) for node in RdfList(self.shapes, value))

        def check(nodes: Nodes, term: Term) -> Answer:
            return term in constants

        OF_MANY[check] = lambda nodes, terms: constants.issuperset(terms)
        return check

    def pattern(self, value: GraphNode) -> Check:
        search = re.compile(str(value)).search

        def check(nodes: Nodes, term: Term) -> Answer:
            text = lexical(term)
            return None if text is None else search(text) is not None

        def all_of(nodes: Nodes, terms: list[Term]) -> bool:
            kinds = set(map(type, terms))
            if kinds == {Value}:
                texts = [term[0] for term in terms]
            elif kinds == {str}:
                texts = terms  # type: ignore[assignment]
            else:
                return False
            return "\n" not in "".join(texts) and None not in map(search, texts)

        OF_MANY[check] = all_of
        return check

    def min_length(self, value: GraphNode) -> Check:
        least = _integer(value)

        def check(nodes: Nodes, term: Term) -> Answer:
            text = lexical(term)
            return None if text is None else len(text) >= least

        return check

    def negation(self, shape: GraphNode) -> Check:
        check = self.check(shape)

        def opposite(nodes: Nodes, term: Term) -> Answer:
            answer = check(nodes, term)
            return None if answer is None else not answer

        return opposite

    def disjunction(self, shapes: GraphNode) -> Check:
        checks = [self.check(shape) for shape in RdfList(self.shapes, shapes)]

        def some(nodes: Nodes, term: Term) -> Answer:
            answers = [check(nodes, term) for check in checks]
            return True if True in answers else None if None in answers else False

        return some

    def bound(self, value: GraphNode, allowed: frozenset[int]) -> Check:
        limit = number(as_term(value)) if isinstance(value, Literal) else None
        if limit is None:
            raise _NotCompiled
        return bounded(limit, allowed)

    of_values: Mapping[GraphNode, Callable[[_Compiler, GraphNode], Check]] = {
        SH.datatype: datatype,
        SH.nodeKind: node_kind,
        SH["in"]: one_of,
        SH.pattern: pattern,
        SH.minLength: min_length,
        SH.minInclusive: lambda compiler, value: compiler.bound(value, frozenset((0, 1))),
        SH.minExclusive: lambda compiler, value: compiler.bound(value, frozenset((1,))),
        SH.maxInclusive: lambda compiler, value: compiler.bound(value, frozenset((-1, 0))),
        SH.maxExclusive: lambda compiler, value: compiler.bound(value, frozenset((-1,))),
    }

    def query(self, shape: GraphNode, node: GraphNode) -> Check:
        """The counterpart of a SPARQL constraint, if there is one for this very query."""
        if not set(self.shapes.predicates(node)) <= {RDF.type, SH.select, SH.prefixes, SH.message}:
            raise _NotCompiled
        declared = {
            (str(self.shapes.value(entry, SH.prefix)), str(self.shapes.value(entry, SH.namespace)))
            for prefixes in self.shapes.objects(node, SH.prefixes)
            for entry in self.shapes.objects(prefixes, SH.declare)
        }
        counterpart = COUNTERPARTS.get(str(shape).removeprefix(_RULES))
        if (
            declared != {("bp", NS)}
            or counterpart is None
            or counterpart.digest != digest(str(self.shapes.value(node, SH.select)))
        ):
            raise _NotCompiled
        return counterpart

    # --- paths and constants

    def path(self, path: GraphNode) -> Path:
        if isinstance(path, URIRef):
            predicate = str(path)
            return lambda nodes, focus: objects_of(nodes, focus, predicate)
        if (path, RDF.first, None) in self.shapes:
            return sequence([self.path(step) for step in RdfList(self.shapes, path)])
        if set(self.shapes.predicates(path)) == {SH.alternativePath}:
            choices = _one(list(self.shapes.objects(path, SH.alternativePath)))
            return alternative([self.path(choice) for choice in RdfList(self.shapes, choices)])
        raise _NotCompiled

    def constant(self, node: GraphNode) -> Term:
        if isinstance(node, URIRef) or (isinstance(node, Literal) and not node.language):
            return as_term(node)
        raise _NotCompiled


# --- terms of a shapes graph ------------------------------------------------------------------------------------------


def _one(values: list[GraphNode]) -> GraphNode:
    if len(values) != 1:
        raise _NotCompiled
    return values[0]


def _integer(value: GraphNode) -> int:
    number = value.value if isinstance(value, Literal) else None
    if not isinstance(number, int):
        raise _NotCompiled
    return number


def _iri(value: GraphNode) -> str:
    if not isinstance(value, URIRef):
        raise _NotCompiled
    return str(value)
