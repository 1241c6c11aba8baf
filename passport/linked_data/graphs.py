"""Quads as rdflib graphs, for SPARQL and SHACL. Never for signing.

rdflib rewrites literals by default (``"01"^^xsd:integer`` becomes ``"1"``), which would hide from validation what was
written and from a signature what was signed. Literals are therefore built with normalisation off.
"""

from __future__ import annotations

from collections.abc import Iterable

import rdflib
from rdflib.term import Node

from passport.linked_data.nquads import Quad, unescape


def empty_graph() -> rdflib.Graph:
    """An empty graph in memory, for statements without named graphs.

    The default store of rdflib notes the context of every statement, which makes each look-up several times slower:
    a validation takes a tenth of the time without. In return such a graph must not be changed while it is iterated.
    """
    return rdflib.Graph(store="SimpleMemory")


def to_rdflib(quads: Iterable[Quad]) -> rdflib.Graph | rdflib.Dataset:
    """A :class:`rdflib.Graph` when all quads are in the default graph, else a :class:`rdflib.Dataset`.

    Blank nodes keep their labels.
    """
    quads = tuple(quads)
    if not any(quad.graph for quad in quads):
        graph = rdflib.Graph()
        for s, p, o, _ in quads:
            graph.add((term(s), term(p), term(o)))
        return graph
    dataset = rdflib.Dataset()
    for s, p, o, g in quads:
        target = dataset.graph(_name(g)) if g else dataset.default_graph
        target.add((term(s), term(p), term(o)))
    return dataset


def merged(documents: Iterable[Iterable[Quad]]) -> rdflib.Graph:
    """The statements of several documents as one graph.

    Blank nodes of different documents stay apart, whatever their labels. Named graphs are left out: a nested proof or
    a quoted document is no statement of the document that quotes it.
    """
    graph = rdflib.Graph()
    for number, quads in enumerate(documents):
        for s, p, o, g in quads:
            if not g:
                graph.add((_apart(term(s), number), term(p), _apart(term(o), number)))
    return graph


def _apart(node: Node, number: int) -> Node:
    return rdflib.BNode(f"d{number}-{node}") if isinstance(node, rdflib.BNode) else node


def term(text: str) -> Node:
    """The rdflib term of an N-Quads term, its lexical form untouched."""
    if text[0] == "<":
        return rdflib.URIRef(text[1:-1])
    if text[0] == "_":
        return rdflib.BNode(text[2:])
    end = text.rindex('"')
    value, suffix = unescape(text[1:end]), text[end + 1 :]
    if suffix.startswith("@"):
        return rdflib.Literal(value, lang=suffix[1:])
    if suffix:
        return rdflib.Literal(value, datatype=rdflib.URIRef(suffix[3:-1]), normalize=False)
    return rdflib.Literal(value)


def _name(text: str) -> rdflib.URIRef | rdflib.BNode:
    """The name of a graph, which is no literal."""
    return rdflib.BNode(text[2:]) if text[0] == "_" else rdflib.URIRef(text[1:-1])


def turtle_as_jsonld(text: str) -> bytes:
    """A Turtle document of our own as expanded JSON-LD, UTF-8: the same graph for readers without a Turtle parser."""
    graph = empty_graph()
    graph.parse(data=text, format="turtle")
    return graph.serialize(format="json-ld", auto_compact=False, sort_keys=True, indent=None, encoding="utf-8")
