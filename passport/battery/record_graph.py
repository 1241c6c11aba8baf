"""Statements as a graph of rdflib and back, and from a node of it to the record.

* rdflib is too kind: it takes ``1_000``, ``NaN`` and ``٣`` for decimals and ``2026-W11-1`` for a date. :func:`strict`
  makes what it believes of a graph from elsewhere agree with XSD.
* :func:`place` leads from a focus node, a path and a value (what a SHACL result names) back to indicator, entry, field.

    data = graph(record, load())
    place(data, focus=PACK, path=(BP.gtin,))      # GraphLocation(indicator="gtin", entry=None, term=None)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Identifier
from rdflib.term import Node as Node_

from passport.battery import record_statements
from passport.battery.record import Record
from passport.battery.record_statements import LEXICAL, entry_number, statements, typed
from passport.battery.statements import Blank, Node, Statements, Term, Value
from passport.vocabulary.vocabulary import NS, Datatype, Vocabulary, load

BP = Namespace(NS)
#: From the pack to the other subjects.
_LINKS = (BP.batteryModel, BP.batteryBatch)
# As nodes of rdflib, whose IRIs equal no text.
PACK = URIRef(record_statements.PACK)
BATCH = URIRef(record_statements.BATCH)
MODEL = URIRef(record_statements.MODEL)


@dataclass(frozen=True)
class GraphLocation:
    """What a node or value of the graph belongs to.

    :param indicator: indicator id, ``recordedAt`` or ``statusChangedAt``; None for what no vocabulary knows.
    :param entry: which entry of a repeatable indicator, from 0; None where there is but one, or it cannot be told.
    :param term: local name of the field's term; None where the value is the indicator's own.
    :param text: the value itself, where the indicator holds several plain ones: a graph does not number these.
    """

    indicator: str | None
    entry: int | None = None
    term: str | None = None
    text: str | None = None


def graph(record: Record, vocabulary: Vocabulary) -> Graph:
    """The statements of a record (:func:`passport.battery.record_statements.statements`) as a graph. Never raises."""
    return as_graph(statements(record, vocabulary))


# --- a graph from elsewhere -----------------------------------------------------------------------------------------


def strict(data: Graph) -> Graph:
    """A copy in which what rdflib believes of a literal agrees with XSD, and ``xsd:string`` is left implicit."""
    copy = Graph()
    for subject, predicate, value in data:
        if isinstance(value, Literal) and value.datatype == XSD.string:
            value = Literal(str(value))
        elif isinstance(value, Literal) and value.datatype is not None and str(value.datatype) in LEXICAL:
            value = as_node(typed(str(value), str(value.datatype)))
        copy.add((subject, predicate, value))
    return copy


def as_graph(stated: Statements) -> Graph:
    """Statements as a graph of rdflib."""
    data = Graph()
    for subject, predicate, term in stated:
        data.add((as_node(subject), URIRef(predicate), as_node(term)))
    return data


def as_node(term: Term) -> Identifier:
    """A term of statements as one of rdflib."""
    if isinstance(term, Value):
        datatype = None if term.datatype is None else URIRef(term.datatype)
        return Literal(term.text, datatype=datatype, lang=term.language, normalize=False)
    return URIRef(term) if isinstance(term, str) else BNode(term.label)


def statements_of_graph(data: Graph) -> Statements:
    """A graph of rdflib as statements."""
    return Statements.of((as_subject(subject), str(predicate), as_term(term)) for subject, predicate, term in data)


def as_subject(node: Node_) -> Node:
    """An IRI or blank node of rdflib as a node of statements."""
    return Blank(str(node)) if isinstance(node, BNode) else str(node)


def as_term(node: Node_) -> Term:
    """A term of rdflib as one of statements."""
    if isinstance(node, Literal):
        datatype = None if node.datatype is None or node.datatype == XSD.string else str(node.datatype)
        # rdf:langString is what a language says already.
        return Value(str(node), None if node.language else datatype, node.language)
    return as_subject(node)


def without(data: Graph, indicators: frozenset[str]) -> Graph:
    """A copy without the statements of some indicators (their nested nodes stay behind, unreachable)."""
    predicates = {BP[identifier] for identifier in indicators}
    copy = Graph()
    for triple in data:
        if triple[1] not in predicates or _nested(data, triple[0]):
            copy.add(triple)
    return copy


def _nested(data: Graph, node: Node_) -> bool:
    return (node, RDF.type, None) not in data


def subjects(data: Graph) -> tuple[Node_ | None, Node_ | None, Node_ | None]:
    """The pack, its batch and its model; None for what the graph does not hold. Of several, the first in order."""
    packs = sorted(data.subjects(RDF.type, BP.BatteryPack), key=str)
    pack = packs[0] if packs else None

    def named(predicate: URIRef, class_name: URIRef) -> Node_ | None:
        nodes = sorted(data.objects(pack, predicate), key=str) if pack is not None else []
        return next(iter(nodes or sorted(data.subjects(RDF.type, class_name), key=str)), None)

    return pack, named(BP.batteryBatch, BP.BatteryBatch), named(BP.batteryModel, BP.BatteryModel)


def indicators_of(data: Graph, of: Iterable[Node_]) -> frozenset[str]:
    """Ids of the indicators that some subjects have a value for."""
    return frozenset(str(predicate).removeprefix(NS) for subject in of for predicate in data.predicates(subject))


# --- the way back ---------------------------------------------------------------------------------------------------


def place(data: Graph, focus: Node_, path: Sequence[Node_], value: Node_ | None = None) -> GraphLocation:
    """Where a SHACL result points.

    :param focus: the focus node: pack, batch, model, or a nested node.
    :param path: the predicates of the result path, in order.
    :param value: the value node, where there is one.
    """
    names = [_local(step) for step in path if step not in _LINKS]
    if (focus, RDF.type, None) in data or not names:
        if not names:
            return _of_node(data, focus)
        indicator, term = names[0], names[1] if len(names) > 1 else None
        return GraphLocation(
            indicator, _entry(data, indicator, term, value), term, _one_of_several(indicator, term, value)
        )
    outer = _of_node(data, focus)
    return GraphLocation(outer.indicator, outer.entry, names[0])


def _of_node(data: Graph, node: Node_) -> GraphLocation:
    """The indicator that a nested node is an entry of."""
    for subject, predicate in sorted(data.subject_predicates(node), key=str):
        if predicate not in _LINKS and (subject, RDF.type, None) in data:
            return GraphLocation(_local(predicate), number(node))
    return GraphLocation(None)


def _entry(data: Graph, indicator: str | None, term: str | None, value: Node_ | None) -> int | None:
    if value is None or indicator is None:
        return None
    if term is None:
        return number(value)
    nodes = sorted(
        (
            node
            for node, predicate in data.subject_predicates(value)
            if _local(predicate) == term and (None, BP[indicator], node) in data
        ),
        key=str,
    )
    return number(nodes[0]) if nodes else None


def _one_of_several(identifier: str | None, term: str | None, value: Node_ | None) -> str | None:
    indicator = load().indicators.get(identifier or "")
    if value is None or term is not None or indicator is None or not indicator.repeatable:
        return None
    return None if indicator.datatype is Datatype.STRUCTURED else str(value)


def number(node: Node_) -> int | None:
    """Which entry of an array a nested node is, from 0, by the number in its IRI; None where it has none."""
    return entry_number(str(node)) if isinstance(node, URIRef) else None


@cache
def _names() -> Mapping[str, str]:
    # Not every term is in our namespace: name and description are schema.org's.
    return {term.iri: identifier for identifier, term in load().terms.items()}


def _local(term: Node_) -> str | None:
    return _names().get(str(term))
