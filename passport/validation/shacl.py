"""SHACL runs, as values.

pySHACL is the reference. Five of its habits are dealt with here, so that no other module has to know them:

* It raises instead of reporting where arithmetic meets an ill-typed value. That comes out as :class:`ShaclFailure`,
  which means "not validated" and never "valid".
* It answers with a graph; :func:`run` answers with one :class:`ShaclResult` per violation, in a stable order.
* It reads shapes and queries anew in each run. Parsed shapes graphs are kept by :func:`shapes`, parsed queries by the
  graph that is handed to it; parsing them was most of the time.
* For each statement of a shape it goes through the list of all constraint parameters. It gets a set of them instead.
* It reads patterns as Python does, where ``$`` also matches before a line break at the end of a text. SHACL takes them
  from XPath, where ``$`` is the end alone: "de" and a line break are no code of a language. :func:`shapes` hands out
  patterns that mean the same to Python.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from rdflib import OWL, RDF, RDFS, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.query import Result as QueryResult
from rdflib.term import Node

from passport.errors import Undetermined, UsageError
from passport.linked_data import resources
from passport.linked_data.graphs import empty_graph
from passport.texts import Message
from passport.vocabulary.xpath_patterns import python_pattern

if TYPE_CHECKING:
    from rdflib.plugins.sparql.sparql import Query

SH = Namespace("http://www.w3.org/ns/shacl#")


class _ParameterList(list[Any]):
    """A list that is asked often whether it holds something, and grows: pySHACL's advanced features append to it."""

    def __init__(self, parameters: Iterable[Any]) -> None:
        super().__init__(parameters)
        self._held = set(self)

    def append(self, parameter: Any) -> None:
        super().append(parameter)
        self._held.add(parameter)

    def __contains__(self, parameter: object) -> bool:
        return parameter in self._held


@cache
def _engine() -> Any:
    """pySHACL, loaded when it is first needed: most records never need it, and a command starts sooner without it."""
    import pyshacl
    import pyshacl.shape
    from pyshacl.constraints import ALL_CONSTRAINT_PARAMETERS, CONSTRAINT_PARAMETERS_MAP

    # Where pySHACL keeps this pair once it has run. A third of the time of a validation went into comparing IRIs.
    pyshacl.shape.CONSTRAINT_PARAMS = (  # type: ignore[attr-defined]  # pySHACL makes it when it first runs
        _ParameterList(ALL_CONSTRAINT_PARAMETERS),
        CONSTRAINT_PARAMETERS_MAP,
    )
    return pyshacl


#: What pySHACL adds to each shapes graph. It is added before a graph is shared: one that several threads read never
#: changes.
_ADDED = ((OWL.Class, RDFS.subClassOf, RDFS.Class), (OWL.DatatypeProperty, RDFS.subClassOf, RDF.Property))


class ShaclFailure(Undetermined):
    """The shapes engine gave up: the data are neither valid nor invalid."""

    code = "shacl-failure"


@dataclass(frozen=True)
class ShaclResult:
    """One violation.

    :param focus: the node that was looked at.
    :param path: the predicates from it to the value, in order; empty where the shape is about the node itself.
    :param value: the offending value, None where something is missing.
    :param shape: IRI of the shape (of the property shape, where it is one).
    :param component: local name of the constraint component, such as ``MinCountConstraintComponent``.
    :param messages: by language; ``""`` for none.
    :param severity: ``violation``, ``warning`` or ``info``.
    """

    focus: Node
    path: tuple[Node, ...]
    value: Node | None
    shape: Node
    component: str
    messages: Mapping[str, str]
    severity: str


class _Prepared(Graph):
    """A graph that remembers the algebra of the queries it is asked."""

    @classmethod
    def over(cls, data: Graph) -> _Prepared:
        return cls(store=data.store, identifier=data.identifier)

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> QueryResult:
        prepared = _prepared(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *args, **kwargs)


@lru_cache(maxsize=256)
def _prepared(text: str) -> Query:
    from rdflib.plugins.sparql import prepareQuery

    return prepareQuery(text)


@lru_cache(maxsize=32)
def shapes(name: str) -> Graph:
    """The shapes of a published file such as ``"shapes/datatypes.ttl"``, parsed once. Not to be changed.

    :raises UsageError: there is no such file, or it is not Turtle.
    """
    text = resources.read_text(name)
    try:
        graph = empty_graph().parse(data=text, format="turtle")
    except Exception as error:  # rdflib's parsers raise a family of their own for each notation
        raise UsageError(
            Message("{name} is not a shapes graph ({error})", name=name, error=type(error).__name__)
        ) from error
    for statement in _ADDED:
        graph.add(statement)
    for shape, _, pattern in list(graph.triples((None, SH.pattern, None))):
        graph.remove((shape, SH.pattern, pattern))
        graph.add((shape, SH.pattern, Literal(python_pattern(str(pattern)))))
    return graph


@lru_cache(maxsize=256)
def with_properties(name: str, shape: str) -> frozenset[str]:
    """IRIs of a node shape and of all property shapes under it: what :func:`run` uses to run it as a whole.

    :param name: of the published file, see :func:`shapes`.
    """
    graph, known, pending = shapes(name), set[str](), [URIRef(shape)]
    while pending:
        node = pending.pop()
        if str(node) not in known:
            known.add(str(node))
            pending += [each for each in graph.objects(node, SH.property) if isinstance(each, URIRef)]
    return frozenset(known)


def run(data: Graph, shapes_graph: Graph, use: Iterable[str] | None = None) -> tuple[ShaclResult, ...]:
    """Validate a graph.

    :param use: IRIs of the shapes to run; None runs all that have a target.
    :raises ShaclFailure: the engine raised.
    """
    chosen = None if use is None else sorted(use)
    if chosen == []:
        return ()
    try:
        _, report, _ = _engine().validate(
            _Prepared.over(data), shacl_graph=shapes_graph, inference="none", inplace=True, allow_infos=True,
            allow_warnings=True, use_shapes=chosen,
        )  # fmt: skip
    except Exception as error:  # pySHACL lets errors of rdflib, of decimal and of Python itself through
        raise ShaclFailure(
            Message("the shapes could not be evaluated ({error})", error=type(error).__name__)
        ) from error
    if not isinstance(report, Graph):
        raise ShaclFailure(Message("the shapes could not be evaluated ({error})", error=report))
    return _results(report, shapes_graph)


def _results(report: Graph, shapes_graph: Graph) -> tuple[ShaclResult, ...]:
    results = []
    for top in report.objects(None, SH.result):
        focus, shape = report.value(top, SH.focusNode), report.value(top, SH.sourceShape)
        if focus is None or shape is None:  # each result has both (SHACL, section 3.6.2)
            raise ShaclFailure(Message("the shapes engine gave a result without focus node or shape"))
        severity = str(report.value(top, SH.resultSeverity) or SH.Violation)
        results.append(
            ShaclResult(
                focus=focus,
                path=_path(report, report.value(top, SH.resultPath)),
                value=report.value(top, SH.value),
                shape=shape,
                component=str(report.value(top, SH.sourceConstraintComponent) or "").removeprefix(str(SH)),
                messages=messages(report.objects(top, SH.resultMessage)),
                severity=severity.removeprefix(str(SH)).lower(),
            )
        )
    return tuple(sorted(results, key=lambda r: (str(r.shape), str(r.focus), str(r.value), r.component)))


def messages(literals: Iterable[Node]) -> dict[str, str]:
    """Literals by language; of several in one language the first in order."""
    texts = [literal for literal in literals if isinstance(literal, Literal)]
    return {text.language or "": str(text) for text in sorted(texts, reverse=True)}


def _path(report: Graph, path: Node | None) -> tuple[Node, ...]:
    if path is None:
        return ()
    if isinstance(path, URIRef):
        return (path,)
    if (path, RDF.first, None) in report:
        return tuple(step for step in Collection(report, path) if isinstance(step, URIRef))
    return ()
