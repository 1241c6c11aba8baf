"""The graph of ``ontology/battery.ttl`` as JSON, so that a program starts without parsing 6,200 lines of Turtle.

``make regenerate`` derives the file, one subject a line. It names the digest of the Turtle it was derived from: of any
other text it is not taken, and the Turtle is parsed. It is published beside the ontology and is trusted as much.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, TypeAlias

from rdflib import BNode, Graph, Literal, URIRef
from rdflib.term import Node

from passport.linked_data import resources
from passport.linked_data.graphs import empty_graph

FILE = "ontology/derived/battery-graph.json"
#: A term: an IRI as ``prefix:name`` or ``_:number``, or a literal as text, language and datatype.
_Term: TypeAlias = "str | list[str]"
_PREFIX = re.compile(r"^@prefix\s+([\w-]+):\s*<([^>]*)>", re.MULTILINE)


@lru_cache(maxsize=2)
def derived(text: str) -> str:
    """The content of :data:`FILE` for an ontology in Turtle, the same on every machine."""
    graph = empty_graph()
    graph.parse(data=text, format="turtle")
    # An IRI under no prefix is written whole, after a colon.
    prefixes = {"": "", **dict(_PREFIX.findall(text))}
    head = {"sha256": _digest(text), "prefixes": dict(sorted(prefixes.items()))}
    return "\n".join(_line(row) for row in (head, *_Subjects(graph, prefixes).rows())) + "\n"


def read(text: str) -> Graph:
    """The graph of an ontology in Turtle. Raises what rdflib's parser raises."""
    return derived_graph(text) or empty_graph().parse(data=text, format="turtle")


def derived_graph(text: str) -> Graph | None:
    """The graph from :data:`FILE`; None where that was derived from another text, or is not there."""
    path = resources.path(FILE)
    if not path.is_file():
        return None
    with path.open(encoding="utf-8") as lines:
        head = json.loads(next(lines))
        return _graph(lines, head["prefixes"]) if head["sha256"] == _digest(text) else None


def _graph(lines: Iterable[str], prefixes: dict[str, str]) -> Graph:
    graph, terms = empty_graph(), _Terms(prefixes)
    add = graph.store.add
    for subject, statements in map(json.loads, lines):
        for predicate, values in statements.items():
            for value in values:
                node = terms[value] if isinstance(value, str) else _literal(*value)
                add((terms[subject], terms[predicate], node), graph)
    return graph


class _Terms(dict[str, "URIRef | BNode"]):
    """IRIs and blank nodes by their names in the file."""

    def __init__(self, prefixes: dict[str, str]) -> None:
        super().__init__()
        self.prefixes = prefixes

    def __missing__(self, name: str) -> URIRef | BNode:
        prefix, _, local = name.partition(":")
        self[name] = node = BNode(f"ontology{local}") if prefix == "_" else URIRef(self.prefixes[prefix] + local)
        return node


def _literal(text: str, language: str, datatype: str) -> Literal:
    # As it was read from the Turtle: not brought into another form.
    return Literal(text, lang=language or None, datatype=datatype or None, normalize=False)


class _Subjects:
    def __init__(self, graph: Graph, prefixes: dict[str, str]) -> None:
        self.graph = graph
        #: The longest namespace first: one may begin with another.
        self.prefixes = sorted(prefixes.items(), key=lambda entry: -len(entry[1]))
        self.blank: dict[Node, int] = {}

    def rows(self) -> Iterator[tuple[str, dict[str, list[_Term]]]]:
        """Each subject with its statements, and blank nodes behind the subject that leads to them."""
        for subject in sorted({node for node in self.graph.subjects() if isinstance(node, URIRef)}, key=str):
            yield from self._of(subject)

    def _of(self, subject: Node) -> Iterator[tuple[str, dict[str, list[_Term]]]]:
        statements: dict[str, list[_Term]] = {}
        below: list[Node] = []
        for predicate in sorted(set(self.graph.predicates(subject)), key=str):
            values = list(self.graph.objects(subject, predicate))
            blank = [value for value in values if isinstance(value, BNode)]
            if len(blank) > 1:
                raise ValueError(f"{subject} has several blank nodes for {predicate}, which have no order")
            below += blank
            for value in blank:
                self.blank[value] = len(self.blank) + 1
            statements[self._term(predicate)] = sorted(map(self._value, values), key=_line)
        yield self._term(subject), statements
        for node in below:
            yield from self._of(node)

    def _term(self, node: Node) -> str:
        if isinstance(node, BNode):
            return f"_:{self.blank[node]}"
        prefix, namespace = next(entry for entry in self.prefixes if str(node).startswith(entry[1]))
        return f"{prefix}:{str(node)[len(namespace) :]}"

    def _value(self, node: Node) -> _Term:
        if isinstance(node, Literal):
            return [str(node), node.language or "", str(node.datatype or "")]
        return self._term(node)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
