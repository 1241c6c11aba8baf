"""A record as a graph, in the shape in which the published credentials state it; and the way back from a node of it.

* The pack is the subject of pack, read-out and event indicators. It names its batch by ``batteryBatch`` and its model
  by ``batteryModel``; these are the subjects of theirs. Structured values are nodes ``{subject}#{indicator}-{n}``. So
  the same shapes judge a record before it is issued and the graph of what was issued.
* Building never fails and never judges. A value that cannot be what it should be becomes a term that says so: text that
  is no absolute IRI stays text, a JSON float becomes ``xsd:double``, and text outside the lexical space of its XSD
  datatype becomes a plain string. rdflib alone is too kind for this: it takes ``1_000``, ``NaN`` and ``٣`` for
  decimals and ``2026-W11-1`` for a date. :func:`strict` does the same for a graph that came from elsewhere.
* RDF has sets: two equal literals in one array are one. Such arrays are refused when a record is read.
* What identifies a person is stated only as being there: no value of it enters a graph, a report or a log.
* :func:`place` leads from a focus node, a path and a value (what a SHACL result names) back to indicator, entry, field.

    data = graph(record, load())
    place(data, focus=PACK, path=(BP.gtin,))      # Place(indicator="gtin", entry=None, field=None)
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from passport.battery.record import Record
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import NS, Carrier, Datatype, Vocabulary, load

BP = Namespace(NS)
#: From the pack to the other subjects.
_LINKS = (BP.batteryModel, BP.batteryBatch)
#: Stand-ins for the addresses, which a record gets only when it is issued.
PACK = URIRef("urn:battery-passport:pack")
BATCH = URIRef("urn:battery-passport:batch")
MODEL = URIRef("urn:battery-passport:model")

# XSD 1.1 part 2, less what no passport needs: years have four digits, times no 24:00:00.
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_ZONE = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_LEXICAL: Mapping[URIRef, re.Pattern[str]] = {
    XSD.decimal: re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    XSD.integer: re.compile(r"[+-]?[0-9]+"),
    XSD.boolean: re.compile(r"true|false|1|0"),
    # No NaN and no INF: SHACL engines compare them with decimals, and raise.
    XSD.double: re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"),
    XSD.float: re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"),
    XSD.date: re.compile(rf"{_DAY}{_ZONE}?"),
    XSD.dateTime: re.compile(rf"{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?{_ZONE}?"),
    XSD.duration: re.compile(
        r"-?P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
    ),
}
# A number of thousands of digits is an attack on arithmetic, no quantity of a battery.
_LONGEST_LITERAL = 200
_TYPED = {
    Datatype.DECIMAL: XSD.decimal,
    Datatype.DATE: XSD.date,
    Datatype.DATE_TIME: XSD.dateTime,
    Datatype.DURATION: XSD.duration,
}
_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ENTRY = re.compile(r"#([A-Za-z][A-Za-z0-9]*)-([1-9][0-9]{0,8})\Z")


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


# --- from a record to a graph ---------------------------------------------------------------------------------------


def graph(record: Record, vocabulary: Vocabulary) -> Graph:
    """The statements of a record about :data:`PACK`, :data:`BATCH` and :data:`MODEL`.

    Indicators that the vocabulary does not know, nulls and empty arrays make no statement. Never raises.
    """
    data = Graph()
    data.add((PACK, RDF.type, BP.BatteryPack))
    data.add((MODEL, RDF.type, BP.BatteryModel))
    data.add((PACK, BP.batteryModel, MODEL))
    if record.batch:
        data.add((PACK, BP.batteryBatch, BATCH))
        data.add((BATCH, RDF.type, BP.BatteryBatch))
        data.add((BATCH, BP.batteryModel, MODEL))
    for part in (record.model, record.batch, record.pack, record.condition or {}, *record.events.values()):
        for identifier, value in part.items():
            indicator = vocabulary.indicators.get(identifier)
            if indicator is not None:
                subject = _subject(indicator.carrier)
                _state(data, subject, indicator, value)
            elif identifier in READING_TIMES:
                for term in _terms(Datatype.DATE_TIME, value):
                    data.add((PACK, BP[identifier], term))
    return data


def _subject(carrier: Carrier) -> URIRef:
    if carrier.about_model:
        return MODEL
    return PACK if carrier.about_pack else BATCH


def _state(data: Graph, subject: URIRef, indicator: Any, value: Any) -> None:
    several = isinstance(value, list | tuple)
    if several and not indicator.repeatable:
        _state_array(data, subject, BP[indicator.id], len(value))
        return
    for entry_number, entry in enumerate(value if several else [value], start=1):
        if entry is None:
            continue
        if indicator.datatype is not Datatype.STRUCTURED:
            for term in _terms(indicator.datatype, entry):
                data.add((subject, BP[indicator.id], term))
        elif isinstance(entry, Mapping):
            node = URIRef(f"{subject}#{indicator.id}" + (f"-{entry_number}" if several else ""))
            data.add((subject, BP[indicator.id], node))
            for field in indicator.fields:
                _state_field(data, node, field, entry.get(field.name))
        else:
            data.add((subject, BP[indicator.id], Literal(_text(entry))))


def _state_field(data: Graph, node: URIRef, field: Any, value: Any) -> None:
    several = isinstance(value, list | tuple)
    if field.personal_data:
        return
    if several and not field.repeatable:
        _state_array(data, node, URIRef(field.iri), len(value))
        return
    for one in value if several else [value]:
        for term in _terms(field.datatype, one) if field.name != "vin" else _withheld(one):
            data.add((node, URIRef(field.iri), term))


def _state_array(data: Graph, subject: URIRef, predicate: URIRef, length: int) -> None:
    """An array where one value belongs: nodes that no shape accepts, as many as it has values, at most two."""
    for _ in range(min(length, 2)):
        data.add((subject, predicate, BNode()))


def _withheld(value: Any) -> Iterator[Node]:
    # A plain VIN becomes a salted hash when the event is issued; until then only its presence is stated.
    if value is not None:
        yield Literal("*" * 43)


def _terms(datatype: Datatype, value: Any) -> Iterator[Node]:
    """The RDF terms for one value that should be of a datatype; more than one for several languages."""
    if value is None:
        return
    if isinstance(value, bool):
        yield typed("true" if value else "false", XSD.boolean)
    elif isinstance(value, int | float):
        number = typed(_text(value), XSD.integer) if isinstance(value, int) else typed(repr(value), XSD.double)
        # A number beyond every bound must not pass for text where text belongs: no shape accepts a blank node.
        yield BNode() if number.datatype is None and datatype is Datatype.STRING else number
    elif isinstance(value, str):
        if datatype in _TYPED:
            yield typed(value, _TYPED[datatype])
        elif datatype is Datatype.ANY_URI and _ABSOLUTE_IRI.fullmatch(value):
            yield URIRef(value)
        else:
            yield Literal(value)
    elif datatype is Datatype.LANG_STRING and isinstance(value, Mapping):
        for language, text in value.items():
            if isinstance(text, str) and isinstance(language, str) and _LANGUAGE.fullmatch(language):
                yield Literal(text, lang=language)
            else:
                yield Literal(_text(text))
    else:
        # An object or array where text, a number or an IRI belongs: a blank node, which no shape accepts.
        yield BNode()


def typed(lexical: str, datatype: URIRef) -> Literal:
    """A literal of a datatype, or a plain string where the text is not in the datatype's lexical space."""
    if len(lexical) <= _LONGEST_LITERAL and _LEXICAL[datatype].fullmatch(lexical):
        if datatype in (XSD.date, XSD.dateTime) and not _exists(lexical):
            return Literal(lexical)
        return Literal(lexical, datatype=datatype, normalize=False)
    return Literal(lexical)


def _exists(lexical: str) -> bool:
    """Whether the calendar has this day (years from 1)."""
    year, month, day = int(lexical[:4]), int(lexical[5:7]), int(lexical[8:10])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return year > 0 and day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _text(value: Any) -> str:
    """Any JSON value as text, shortened; what the reader of an error will see."""
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        # Integers beyond Python's digit limit, or nesting beyond its stack.
        text = f"{type(value).__name__} of excessive size"
    return text if len(text) <= _LONGEST_LITERAL else text[:_LONGEST_LITERAL] + "…"


# --- a graph from elsewhere -----------------------------------------------------------------------------------------


def strict(data: Graph) -> Graph:
    """A copy in which what rdflib believes of a literal agrees with XSD, and ``xsd:string`` is left implicit."""
    copy = Graph()
    for subject, predicate, value in data:
        if isinstance(value, Literal) and value.datatype == XSD.string:
            value = Literal(str(value))
        elif isinstance(value, Literal) and value.datatype is not None and value.datatype in _LEXICAL:
            value = typed(str(value), value.datatype)
        copy.add((subject, predicate, value))
    return copy


def without(data: Graph, indicators: frozenset[str]) -> Graph:
    """A copy without the statements of some indicators (their nested nodes stay behind, unreachable)."""
    predicates = {BP[identifier] for identifier in indicators}
    copy = Graph()
    for triple in data:
        if triple[1] not in predicates or _nested(data, triple[0]):
            copy.add(triple)
    return copy


def _nested(data: Graph, node: Node) -> bool:
    return (node, RDF.type, None) not in data


def subjects(data: Graph) -> tuple[Node | None, Node | None, Node | None]:
    """The pack, its batch and its model; None for what the graph does not hold. Of several, the first in order."""
    packs = sorted(data.subjects(RDF.type, BP.BatteryPack), key=str)
    pack = packs[0] if packs else None

    def named(predicate: URIRef, class_name: URIRef) -> Node | None:
        nodes = sorted(data.objects(pack, predicate), key=str) if pack is not None else []
        return next(iter(nodes or sorted(data.subjects(RDF.type, class_name), key=str)), None)

    return pack, named(BP.batteryBatch, BP.BatteryBatch), named(BP.batteryModel, BP.BatteryModel)


# --- the way back ---------------------------------------------------------------------------------------------------


def place(data: Graph, focus: Node, path: Sequence[Node], value: Node | None = None) -> GraphLocation:
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


def _of_node(data: Graph, node: Node) -> GraphLocation:
    """The indicator that a nested node is an entry of."""
    for subject, predicate in sorted(data.subject_predicates(node), key=str):
        if predicate not in _LINKS and (subject, RDF.type, None) in data:
            return GraphLocation(_local(predicate), number(node))
    return GraphLocation(None)


def _entry(data: Graph, indicator: str | None, term: str | None, value: Node | None) -> int | None:
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


def _one_of_several(identifier: str | None, term: str | None, value: Node | None) -> str | None:
    indicator = load().indicators.get(identifier or "")
    if value is None or term is not None or indicator is None or not indicator.repeatable:
        return None
    return None if indicator.datatype is Datatype.STRUCTURED else str(value)


def number(node: Node) -> int | None:
    """Which entry of an array a nested node is, from 0, by the number in its IRI; None where it has none."""
    match = _ENTRY.search(str(node)) if isinstance(node, URIRef) else None
    return int(match.group(2)) - 1 if match else None


@cache
def _names() -> Mapping[str, str]:
    # Not every term is in our namespace: name and description are schema.org's.
    return {term.iri: identifier for identifier, term in load().terms.items()}


def _local(term: Node) -> str | None:
    return _names().get(str(term))
