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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from rdflib import RDF, XSD, BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Identifier
from rdflib.term import Node as Node_

from passport.battery.record import Record
from passport.battery.statements import RDF_TYPE, Blank, Node, Statements, Term, Value, new_blank, plain_value
from passport.linked_data.columns import columns, rows
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import NS, Carrier, Datatype, Field, Indicator, Vocabulary, load

BP = Namespace(NS)
#: From the pack to the other subjects.
_LINKS = (BP.batteryModel, BP.batteryBatch)
#: Stand-ins for the addresses, which a record gets only when it is issued.
PACK = URIRef("urn:battery-passport:pack")
BATCH = URIRef("urn:battery-passport:batch")
MODEL = URIRef("urn:battery-passport:model")
# The same as plain text: rdflib's IRIs equal no text.
_PACK, _BATCH, _MODEL = str(PACK), str(BATCH), str(MODEL)
_PACK_CLASS, _BATCH_CLASS, _MODEL_CLASS = NS + "BatteryPack", NS + "BatteryBatch", NS + "BatteryModel"
_BATCH_OF, _MODEL_OF = NS + "batteryBatch", NS + "batteryModel"
_Nodes = dict[Node, dict[str, list[Term]]]

# XSD 1.1 part 2, less what no passport needs: years have four digits, times no 24:00:00.
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_ZONE = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
_LEXICAL: Mapping[URIRef, re.Pattern[str]] = {
    XSD.decimal: re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    # 18 digits fit 64 bits. Some engines have no larger integers, and would refuse what others take; no battery counts
    # that far.
    XSD.integer: re.compile(r"[+-]?[0-9]{1,18}"),
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
_NAMES = {datatype: str(datatype) for datatype in _LEXICAL}
_CALENDAR = frozenset((XSD.date, XSD.dateTime))
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
    return as_graph(statements(record, vocabulary))


def statements(record: Record, vocabulary: Vocabulary) -> Statements:
    """The same as plain values."""
    parts = (record.model, record.batch, *_parts_of_pack(record))
    return _stated(parts, vocabulary, of_batch=bool(record.batch)).statements()


def statements_of_shared(record: Record, vocabulary: Vocabulary) -> Statements | None:
    """What the parts of a record state that many packs share, its model and batch; None where they state something of
    the pack."""
    of_batch = bool(record.batch)
    stated = _stated((record.model, record.batch), vocabulary, of_batch=of_batch)
    nodes = stated.nodes
    is_sound = len(nodes.pop(_PACK)) == _OF_PACK + of_batch and (of_batch or _BATCH not in nodes)
    return stated.statements() if is_sound else None


def statements_of_pack(record: Record, vocabulary: Vocabulary) -> Statements | None:
    """What the other parts of a record state; None where they state something of the model or the batch."""
    of_batch = bool(record.batch)
    stated = _stated(_parts_of_pack(record), vocabulary, of_batch=of_batch)
    nodes = stated.nodes
    is_sound = len(nodes.pop(_MODEL)) == _OF_MODEL and len(nodes.pop(_BATCH, ())) == (_OF_BATCH if of_batch else 0)
    return stated.statements() if is_sound else None


def side_by_side(packs: Sequence[Statements]) -> Statements | None:
    """What :func:`statements_of_pack` gives of several records, about a node for each.

    None where one of them has nested nodes.
    """
    if any(len(stated.nodes) != 1 for stated in packs):
        return None
    return Statements({f"{_PACK}-{number}": stated.nodes[_PACK] for number, stated in enumerate(packs)})


def _parts_of_pack(record: Record) -> tuple[Mapping[str, Any], ...]:
    return (record.pack, record.condition or {}, *record.events.values())


# Predicates that pack, model and batch have in any case.
_OF_PACK, _OF_MODEL, _OF_BATCH = 2, 1, 2


class _Stated:
    """Statements on their way: nodes, and the rows of long lists beside them.

    :ivar rows: nodes, too; :ivar columns: what they state, by predicate: plain texts.
    """

    def __init__(self, nodes: _Nodes) -> None:
        self.nodes = nodes
        self.rows: _Nodes = {}
        self.columns: dict[str, list[tuple[Node, Term]]] = {}

    def merge_rows(self) -> None:
        """Make the rows nodes like all others, since more is said of one of them."""
        self.nodes.update(self.rows)
        self.rows, self.columns = {}, {}

    def statements(self) -> Statements:
        return Statements.with_rows(self.nodes, self.rows, self.columns) if self.rows else Statements(self.nodes)


def _stated(parts: Iterable[Mapping[str, Any]], vocabulary: Vocabulary, *, of_batch: bool) -> _Stated:
    nodes: _Nodes = {
        _PACK: {RDF_TYPE: [_PACK_CLASS], _MODEL_OF: [_MODEL]},
        _MODEL: {RDF_TYPE: [_MODEL_CLASS]},
    }
    if of_batch:
        nodes[_PACK][_BATCH_OF] = [_BATCH]
        nodes[_BATCH] = {RDF_TYPE: [_BATCH_CLASS], _MODEL_OF: [_MODEL]}
    stated = _Stated(nodes)
    for part in parts:
        for identifier, value in part.items():
            indicator = vocabulary.indicators.get(identifier)
            if indicator is not None:
                _state(stated, _SUBJECTS[indicator.carrier], indicator, value)
            elif identifier in READING_TIMES:
                _add(nodes, _PACK, NS + identifier, _terms(Datatype.DATE_TIME, value))
    return stated


_SUBJECTS = {carrier: _MODEL if carrier.about_model else _PACK if carrier.about_pack else _BATCH for carrier in Carrier}


def _add(nodes: _Nodes, subject: Node, predicate: str, new: list[Term]) -> None:
    if not new:
        return
    stated = nodes.setdefault(subject, {})
    terms = [*stated[predicate], *new] if predicate in stated else new
    # A statement is there once.
    stated[predicate] = terms if len(terms) == 1 else list(dict.fromkeys(terms))


def _state(stated: _Stated, subject: str, indicator: Indicator, value: Any) -> None:
    nodes = stated.nodes
    several = isinstance(value, list | tuple)
    if several and not indicator.repeatable:
        _add(nodes, subject, NS + indicator.id, _array(len(value)))
        return
    terms: list[Term] = []
    if several and indicator.datatype is Datatype.STRUCTURED:
        names = _state_rows(stated, subject, indicator, value)
        if names is not None:
            _add(nodes, subject, NS + indicator.id, names)
            return
    for entry_number, entry in enumerate(value if several else [value], start=1):
        if entry is None:
            continue
        if indicator.datatype is not Datatype.STRUCTURED:
            terms += _terms(indicator.datatype, entry)
        elif isinstance(entry, Mapping):
            node = f"{subject}#{indicator.id}" + (f"-{entry_number}" if several else "")
            terms.append(node)
            if node in stated.rows:
                stated.merge_rows()
            for field in indicator.fields:
                _state_field(nodes, node, field, entry.get(field.name))
        else:
            terms.append(Value(_text(entry)))
    _add(nodes, subject, NS + indicator.id, terms)


def _state_rows(made: _Stated, subject: str, indicator: Indicator, entries: Sequence[Any]) -> list[Term] | None:
    """States many entries with the same fields, which all hold plain texts. None: they are others."""
    by_name = columns(entries)
    if by_name is None:
        return None
    names = _entry_names(f"{subject}#{indicator.id}", len(entries))
    stated: dict[str, list[list[Term]]] = {}
    columns_of: dict[str, list[tuple[Node, Term]]] = {}
    for field in indicator.fields:
        texts = by_name.get(field.name)
        if texts is None:
            continue
        # A VIN is withheld.
        if (
            field.datatype is not Datatype.STRING
            or field.personal_data
            or field.name == "vin"
            or field.iri in columns_of
        ):
            return None
        if set(map(type, texts)) != {str}:
            return None
        known: dict[str, Term] = {text: plain_value(text) for text in dict.fromkeys(texts)}
        values = [known[text] for text in texts]
        columns_of[field.iri] = list(zip(names, values, strict=True))
        stated[field.iri] = [[value] for value in values]
    if not columns_of or not made.nodes.keys().isdisjoint(names) or not made.rows.keys().isdisjoint(names):
        return None
    made.rows.update(zip(names, rows(stated), strict=True))
    for predicate, pairs in columns_of.items():
        made.columns.setdefault(predicate, []).extend(pairs)
    return list(names)


@lru_cache(maxsize=64)
def _entry_names(stem: str, count: int) -> tuple[str, ...]:
    """The nodes of the entries of a long list; packs of a model have as many cells each."""
    return tuple([f"{stem}-{n}" for n in range(1, count + 1)])


def _state_field(nodes: _Nodes, node: str, field: Field, value: Any) -> None:
    if value is None or field.personal_data:
        return
    several = isinstance(value, list | tuple)
    if several and not field.repeatable:
        terms = _array(len(value))
    else:
        terms = []
        for item in value if several else [value]:
            terms += _terms(field.datatype, item) if field.name != "vin" else _withheld(item)
    _add(nodes, node, field.iri, terms)


def _array(length: int) -> list[Term]:
    """An array where one value belongs: nodes that no shape accepts, as many as it has values, at most two."""
    return [new_blank() for _ in range(min(length, 2))]


def _withheld(value: Any) -> list[Term]:
    # A plain VIN becomes a salted hash when the event is issued; until then only its presence is stated.
    return [] if value is None else [Value("*" * 43)]


def _terms(datatype: Datatype, value: Any) -> list[Term]:
    """The RDF terms for one value that should be of a datatype; more than one for several languages."""
    if value is None:
        return []
    if isinstance(value, bool):
        return [_typed("true" if value else "false", XSD.boolean)]
    if isinstance(value, int | float):
        number = _typed(_text(value), XSD.integer) if isinstance(value, int) else _typed(repr(value), XSD.double)
        # A number beyond every bound must not pass for text where text belongs: no shape accepts a blank node.
        return [new_blank() if number.datatype is None and datatype is Datatype.STRING else number]
    if isinstance(value, str):
        # Lists of terms are never changed, so that packs may share them.
        return _terms_of_text(datatype, value) if len(value) <= _LONGEST_LITERAL else _new_terms(datatype, value)
    if datatype is Datatype.LANG_STRING and isinstance(value, Mapping):
        return [
            Value(text, None, language)
            if isinstance(text, str) and isinstance(language, str) and _LANGUAGE.fullmatch(language)
            else Value(_text(text))
            for language, text in value.items()
        ]
    # An object or array where text, a number or an IRI belongs: a blank node, which no shape accepts.
    return [new_blank()]


def _new_terms(datatype: Datatype, text: str) -> list[Term]:
    if datatype in _TYPED:
        return [_typed(text, _TYPED[datatype])]
    if datatype is Datatype.ANY_URI and _ABSOLUTE_IRI.fullmatch(text):
        return [text]
    return [Value(text)]


@lru_cache(maxsize=4096)
def _terms_of_text(datatype: Datatype, text: str) -> list[Term]:
    return _new_terms(datatype, text)


def _typed(lexical: str, datatype: URIRef) -> Value:
    """A literal of a datatype, or a plain string where the text is not in the datatype's lexical space."""
    well_formed = len(lexical) <= _LONGEST_LITERAL and _LEXICAL[datatype].fullmatch(lexical)
    if well_formed and (datatype not in _CALENDAR or _exists(lexical)):
        return Value(lexical, _NAMES[datatype])
    return Value(lexical)


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
            value = as_node(_typed(str(value), value.datatype))
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


def entry_number(iri: str) -> int | None:
    """The same of an IRI."""
    match = _ENTRY.search(iri)
    return int(match.group(2)) - 1 if match else None


@cache
def _names() -> Mapping[str, str]:
    # Not every term is in our namespace: name and description are schema.org's.
    return {term.iri: identifier for identifier, term in load().terms.items()}


def _local(term: Node_) -> str | None:
    return _names().get(str(term))
