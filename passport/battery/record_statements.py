"""The statements of a record, in the shape in which the published credentials make them.

* The pack is the subject of pack, read-out and event indicators. It names its batch by ``batteryBatch`` and its model
  by ``batteryModel``; these are the subjects of theirs. Structured values are nodes ``{subject}#{indicator}-{n}``. So
  the same shapes judge a record before it is issued and the graph of what was issued.
* Building never fails and never judges. A value that cannot be what it should be becomes a term that says so: text that
  is no absolute IRI stays text, a JSON float becomes ``xsd:double``, and text outside the lexical space of its XSD
  datatype becomes a plain string.
* RDF has sets: two equal literals in one array are one. Such arrays are refused when a record is read.
* What identifies a person is stated only as being there: no value of it enters a graph, a report or a log.

    statements(record, load()).objects(PACK, NS + "gtin")
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from passport.battery.record import Record
from passport.battery.statements import RDF_TYPE, XSD, Node, Statements, Term, TextTable, Value, new_blank
from passport.linked_data.columns import columns
from passport.vocabulary.credential_types import READING_TIMES
from passport.vocabulary.vocabulary import NS, Carrier, Datatype, Field, Indicator, Vocabulary

#: Stand-ins for the addresses, which a record gets only when it is issued.
PACK, BATCH, MODEL = "urn:battery-passport:pack", "urn:battery-passport:batch", "urn:battery-passport:model"
_PACK_CLASS, _BATCH_CLASS, _MODEL_CLASS = NS + "BatteryPack", NS + "BatteryBatch", NS + "BatteryModel"
_BATCH_OF, _MODEL_OF = NS + "batteryBatch", NS + "batteryModel"
_Nodes = dict[Node, dict[str, list[Term]]]

# XSD 1.1 part 2, less what no passport needs: years have four digits, times no 24:00:00.
_DAY = r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
_ZONE = r"(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9]|[+-]14:00)"
LEXICAL: Mapping[str, re.Pattern[str]] = {
    XSD + "decimal": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)"),
    # 18 digits fit 64 bits. Some engines have no larger integers, and would refuse what others take; no battery counts
    # that far.
    XSD + "integer": re.compile(r"[+-]?[0-9]{1,18}"),
    XSD + "boolean": re.compile(r"true|false|1|0"),
    # No NaN and no INF: SHACL engines compare them with decimals, and raise.
    XSD + "double": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"),
    XSD + "float": re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?"),
    XSD + "date": re.compile(rf"{_DAY}{_ZONE}?"),
    XSD + "dateTime": re.compile(rf"{_DAY}T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?{_ZONE}?"),
    XSD + "duration": re.compile(
        r"-?P(?=[0-9T])([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
    ),
}
_CALENDAR = frozenset((XSD + "date", XSD + "dateTime"))
# A number of thousands of digits is an attack on arithmetic, no quantity of a battery.
_LONGEST_LITERAL = 200
_SMALL = 10**18
_TYPED = {
    Datatype.DECIMAL: XSD + "decimal",
    Datatype.DATE: XSD + "date",
    Datatype.DATE_TIME: XSD + "dateTime",
    Datatype.DURATION: XSD + "duration",
}
_ABSOLUTE_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\x9f<>\"{}|\\^`\ud800-\udfff]+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*")
_ENTRY = re.compile(r"#([A-Za-z][A-Za-z0-9]*)-([1-9][0-9]{0,8})\Z")


def statements(record: Record, vocabulary: Vocabulary) -> Statements:
    """The statements of a record about :data:`PACK`, :data:`BATCH` and :data:`MODEL`.

    Indicators that the vocabulary does not know, nulls and empty arrays make no statement. Never raises.
    """
    parts = (record.model, record.batch, *_parts_of_pack(record))
    return _stated(parts, vocabulary, of_batch=bool(record.batch)).statements()


def statements_of_shared(record: Record, vocabulary: Vocabulary) -> Statements | None:
    """What the parts of a record state that many packs share, its model and batch; None where they state something of
    the pack."""
    of_batch = bool(record.batch)
    stated = _stated((record.model, record.batch), vocabulary, of_batch=of_batch)
    nodes = stated.nodes
    is_sound = len(nodes.pop(PACK)) == _OF_PACK + of_batch and (of_batch or BATCH not in nodes)
    return stated.statements() if is_sound else None


def statements_of_pack(record: Record, vocabulary: Vocabulary) -> Statements | None:
    """What the other parts of a record state; None where they state something of the model or the batch."""
    of_batch = bool(record.batch)
    stated = _stated(_parts_of_pack(record), vocabulary, of_batch=of_batch)
    nodes = stated.nodes
    is_sound = len(nodes.pop(MODEL)) == _OF_MODEL and len(nodes.pop(BATCH, ())) == (_OF_BATCH if of_batch else 0)
    return stated.statements() if is_sound else None


def side_by_side(packs: Sequence[Statements]) -> Statements | None:
    """What :func:`statements_of_pack` gives of several records, about a node for each.

    None where one of them has nested nodes.
    """
    if any(len(stated.nodes) != 1 for stated in packs):
        return None
    return Statements({f"{PACK}-{number}": stated.nodes[PACK] for number, stated in enumerate(packs)})


def _parts_of_pack(record: Record) -> tuple[Mapping[str, Any], ...]:
    return (record.pack, record.condition or {}, *record.events.values())


# Predicates that pack, model and batch have in any case.
_OF_PACK, _OF_MODEL, _OF_BATCH = 2, 1, 2


class _Stated:
    """Statements on their way: nodes, and the entries of long lists as tables beside them.

    :ivar tables: by the stem of their nodes.
    """

    def __init__(self, nodes: _Nodes) -> None:
        self.nodes = nodes
        self.tables: dict[str, TextTable] = {}

    def take_apart(self, stem: str) -> None:
        """Make the entries of a table nodes like all others, since more is said of one of them."""
        table = self.tables.pop(stem, None)
        if table is not None:
            self.nodes.update((node, dict(stated)) for node, stated in table.nodes.items())

    def statements(self) -> Statements:
        return (
            Statements.with_tables(self.nodes, tuple(self.tables.values())) if self.tables else Statements(self.nodes)
        )


def _stated(parts: Iterable[Mapping[str, Any]], vocabulary: Vocabulary, *, of_batch: bool) -> _Stated:
    nodes: _Nodes = {
        PACK: {RDF_TYPE: [_PACK_CLASS], _MODEL_OF: [MODEL]},
        MODEL: {RDF_TYPE: [_MODEL_CLASS]},
    }
    if of_batch:
        nodes[PACK][_BATCH_OF] = [BATCH]
        nodes[BATCH] = {RDF_TYPE: [_BATCH_CLASS], _MODEL_OF: [MODEL]}
    stated = _Stated(nodes)
    for part in parts:
        for identifier, value in part.items():
            indicator = vocabulary.indicators.get(identifier)
            if indicator is not None:
                _state(stated, _SUBJECTS[indicator.carrier], indicator, value)
            elif identifier in READING_TIMES:
                _add(nodes, PACK, NS + identifier, _terms(Datatype.DATE_TIME, value))
    return stated


_SUBJECTS = {carrier: MODEL if carrier.about_model else PACK if carrier.about_pack else BATCH for carrier in Carrier}


def _add(nodes: _Nodes, subject: Node, predicate: str, new: list[Term]) -> None:
    if not new:
        return
    stated = nodes.setdefault(subject, {})
    terms = [*stated[predicate], *new] if predicate in stated else new
    # A statement is there once.
    stated[predicate] = terms if len(terms) == 1 else list(dict.fromkeys(terms))


def _state(stated: _Stated, subject: str, indicator: Indicator, value: Any) -> None:
    nodes = stated.nodes
    if type(value) is str and indicator.datatype is not Datatype.STRUCTURED:
        _add(nodes, subject, NS + indicator.id, _terms(indicator.datatype, value))  # most values
        return
    several = isinstance(value, list | tuple)
    if several and not indicator.repeatable:
        _add(nodes, subject, NS + indicator.id, _array(len(value)))
        return
    terms: list[Term] = []
    stem = f"{subject}#{indicator.id}"
    if several and indicator.datatype is Datatype.STRUCTURED:
        names = _state_table(stated, stem, indicator, value)
        if names is not None:
            _add(nodes, subject, NS + indicator.id, names)
            return
    for entry_number, entry in enumerate(value if several else [value], start=1):
        if entry is None:
            continue
        if indicator.datatype is not Datatype.STRUCTURED:
            terms += _terms(indicator.datatype, entry)
        elif isinstance(entry, Mapping):
            node = f"{stem}-{entry_number}" if several else stem
            terms.append(node)
            stated.take_apart(stem)
            for field in indicator.fields:
                _state_field(nodes, node, field, entry.get(field.name))
        else:
            terms.append(Value(_text(entry)))
    _add(nodes, subject, NS + indicator.id, terms)


def _state_table(made: _Stated, stem: str, indicator: Indicator, entries: Sequence[Any]) -> list[Term] | None:
    """States many entries with the same fields, which all hold plain texts. None: they are others."""
    by_name = columns(entries)
    if by_name is None or stem in made.tables:
        return None
    stated: dict[str, tuple[str, ...]] = {}
    for field in indicator.fields:
        texts = by_name.get(field.name)
        if texts is None:
            continue
        # A VIN is withheld.
        if field.datatype is not Datatype.STRING or field.personal_data or field.name == "vin" or field.iri in stated:
            return None
        if set(map(type, texts)) != {str}:
            return None
        stated[field.iri] = texts
    names = _entry_names(stem, len(entries))
    if not stated or not made.nodes.keys().isdisjoint(names):
        return None
    made.tables[stem] = TextTable(names, stated)
    return list(names)


@lru_cache(maxsize=64)
def _entry_names(stem: str, count: int) -> tuple[str, ...]:
    """The nodes of the entries of a long list; packs of a model have as many cells each."""
    return tuple([f"{stem}-{n}" for n in range(1, count + 1)])


def are_entries(terms: Sequence[Term]) -> bool:
    """Whether these are the nodes of the entries of one list, all of them and in their order."""
    first = terms[0]
    return type(first) is str and first.endswith("-1") and tuple(terms) == _entry_names(first[:-2], len(terms))


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
    if type(value) is str and len(value) <= _LONGEST_LITERAL:
        # Lists of terms are never changed, so that packs may share them.
        return _terms_of_text(datatype, value)
    if value is None:
        return []
    if isinstance(value, bool):
        return [typed("true" if value else "false", XSD + "boolean")]
    if isinstance(value, int | float):
        number = typed(_text(value), XSD + "integer") if isinstance(value, int) else typed(repr(value), XSD + "double")
        # A number beyond every bound must not pass for text where text belongs: no shape accepts a blank node.
        return [new_blank() if number.datatype is None and datatype is Datatype.STRING else number]
    if isinstance(value, str):
        return _new_terms(datatype, value)
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
        return [typed(text, _TYPED[datatype])]
    if datatype is Datatype.ANY_URI and _ABSOLUTE_IRI.fullmatch(text):
        return [text]
    return [Value(text)]


@lru_cache(maxsize=4096)
def _terms_of_text(datatype: Datatype, text: str) -> list[Term]:
    return _new_terms(datatype, text)


def typed(lexical: str, datatype: str) -> Value:
    """A literal of a datatype, or a plain string where the text is not in the datatype's lexical space."""
    well_formed = len(lexical) <= _LONGEST_LITERAL and LEXICAL[datatype].fullmatch(lexical)
    if well_formed and (datatype not in _CALENDAR or _exists(lexical)):
        return Value(lexical, datatype)
    return Value(lexical)


def _exists(lexical: str) -> bool:
    """Whether the calendar has this day (years from 1)."""
    year, month, day = int(lexical[:4]), int(lexical[5:7]), int(lexical[8:10])
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return year > 0 and day <= (31, 29 if leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]


def _text(value: Any) -> str:
    """Any JSON value as text, shortened; what the reader of an error will see."""
    if type(value) is int and -_SMALL < value < _SMALL:
        return str(value)
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    except (ValueError, RecursionError):
        # Integers beyond Python's digit limit, or nesting beyond its stack.
        text = f"{type(value).__name__} of excessive size"
    return text if len(text) <= _LONGEST_LITERAL else text[:_LONGEST_LITERAL] + "…"


def entry_number(iri: str) -> int | None:
    """The same of an IRI."""
    match = _ENTRY.search(iri)
    return int(match.group(2)) - 1 if match else None
