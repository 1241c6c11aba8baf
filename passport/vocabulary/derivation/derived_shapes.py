"""SHACL shapes, derived from the vocabulary and the regimes.

Two kinds, in two passes:

* ``datatypes``: whether a value that is given is a value at all: datatype or IRI, bounds, pattern, code list, count,
  the fields of an entry. The same under every regime.
* one file per regime and battery category: what must be there (``sh:minCount 1`` for mandatory) and what must not
  (``sh:maxCount 0`` for excluded). Whether it is due already is the caller's to say, by stage and day.

Graph: a pack of class ``bp:BatteryPack`` with its own indicators, ``bp:batteryBatch`` its batch of class
``bp:BatteryBatch`` and ``bp:batteryModel`` its model of class ``bp:BatteryModel`` with theirs, entries as nodes. Values
of the batch are found on the model, too: there they are in passports that were issued without a batch. A property
shape's IRI ends in the indicator's id, a field's in ``indicator.field``; ``meta:indicator`` and ``meta:field`` say the
same to a machine. Fields are checked by property shapes within the indicator's, so that a result names the entry and
the field. (SHACL, section 4.7.2)

A lexical form is checked by ``sh:pattern`` besides ``sh:datatype``: processors take ``1_000`` or digits of other
scripts for numbers. ``"NaN"^^xsd:decimal`` they even stumble over, so a graph goes through ``graph.strict`` first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

from passport.texts import Message, Text, by_language
from passport.vocabulary.expectation import ONCE, phrase
from passport.vocabulary.indicator import Carrier, Category, Datatype, Field, Indicator, Term, Texts
from passport.vocabulary.regime import Obligation, ObligationStatus, Regime
from passport.vocabulary.strict_turtle import BASE, NS
from passport.vocabulary.vocabulary import Vocabulary

SHAPES = BASE + "shapes/"

#: Patterns for the forms we sign, narrower than XSD: no exponent, no plus sign, no blanks, days without a zone.
LEXICAL = {
    Datatype.DECIMAL: "^-?[0-9]+([.][0-9]+)?$",
    Datatype.INTEGER: "^-?[0-9]+$",
    Datatype.BOOLEAN: "^(true|false)$",
    Datatype.DATE: "^[0-9]{4}-[0-9]{2}-[0-9]{2}$",
    Datatype.DATE_TIME: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})$",
    Datatype.DURATION: "^P([0-9]+D)?(T([0-9]+H)?([0-9]+M)?([0-9]+([.][0-9]+)?S)?)?$",
}
_DATATYPES = {
    Datatype.STRING: "xsd:string",
    Datatype.ENUM: "xsd:string",
    Datatype.LANG_STRING: "rdf:langString",
    **{kind: f"xsd:{kind}" for kind in LEXICAL},
}
_PREFIXES = {
    "bp": NS,
    "meta": BASE + "meta#",
    "stage": BASE + "codes#stage.",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "sh": "http://www.w3.org/ns/shacl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
#: From the pack to an indicator of another subject.
_PATHS = {
    Carrier.MODEL: "( bp:batteryModel bp:{} )",
    Carrier.MODEL_DETAIL: "( bp:batteryModel bp:{} )",
    Carrier.BATCH: "( [ sh:alternativePath ( bp:batteryBatch bp:batteryModel ) ] bp:{} )",
}
_WIDE = 80
_WARNING = "# Derived from the ontology by `python -m passport.vocabulary.derived`. Edit ontology/, not this file.\n"


def datatypes(vocabulary: Vocabulary) -> str:
    """``shapes/datatypes.ttl``."""
    frame = [
        vocabulary.terms[name]
        for name in ("recordedAt", "statusChangedAt", "batteryModel", "batteryBatch", "lifecycleEvent")
    ]
    indicators = vocabulary.indicators.values()
    of_model = [indicator for indicator in indicators if indicator.carrier.about_model]
    of_batch = [indicator for indicator in indicators if indicator.carrier is Carrier.BATCH]
    of_pack: list[Indicator | Term] = [
        *frame,
        *(indicator for indicator in indicators if indicator.carrier.about_pack),
    ]
    parts = [head("datatypes", "What a value is: the same under every regime.")]
    parts.append(_node_shape("BatteryModel", (term.id for term in (*of_model, *of_batch))))
    parts.append(_node_shape("BatteryBatch", (term.id for term in of_batch)))
    parts.append(_node_shape("BatteryPack", (term.id for term in of_pack)))
    for term in (*of_model, *of_batch, *of_pack):
        parts.append(_value_shape(term))
        parts.extend(_field_shape(term, field) for field in _fields(term))
    return "\n".join(parts)


def completeness(vocabulary: Vocabulary, regime: Regime, category: Category) -> str:
    """``shapes/{regime}-{category}.ttl``: what a regime asks of one battery category."""
    name = f"{regime.code}-{category}"
    obligations = [
        (vocabulary.indicators[obligation.indicator], obligation)
        for obligation in regime.obligations(category).values()
        if obligation.status in (ObligationStatus.MANDATORY, ObligationStatus.EXCLUDED)
    ]
    parts = [
        head(name, f"{regime.label['en']}: what is asked of batteries of category {category}."),
        _node_shape("BatteryPack", (indicator.id for indicator, _ in obligations)),
    ]
    parts.extend(_asked_shape(regime, indicator, obligation) for indicator, obligation in obligations)
    return "\n".join(parts)


# --- shapes ---------------------------------------------------------------------------------------------------------


def head(name: str, sentence: str) -> str:
    """The beginning of a file of shapes: where it comes from, and its prefixes.

    :param name: of the file, without its folder and ending.
    """
    prefixes = {"": f"{SHAPES}{name}#", **_PREFIXES}
    lines = [f"@prefix {prefix + ':':<7} <{iri}> ." for prefix, iri in prefixes.items()]
    return f"{_WARNING}# {sentence}\n\n" + "\n".join(lines) + "\n"


def _node_shape(class_name: str, identifiers: Iterable[str]) -> str:
    properties = " ,\n        ".join(f":{identifier}" for identifier in identifiers)
    statements = (f"sh:targetClass bp:{class_name}", f"sh:property\n        {properties}")
    return f":{class_name} a sh:NodeShape ;\n    " + " ;\n    ".join(statements) + " .\n"


def _fields(term: Indicator | Term) -> tuple[Field, ...]:
    return term.fields if isinstance(term, Indicator) else ()


def _value_shape(term: Indicator | Term) -> str:
    single = term.max_count if isinstance(term, Indicator) else (None if term.repeatable else 1)
    statements = [f"sh:path bp:{term.id}", f"meta:indicator bp:{term.id}", literals("sh:name", term.label)]
    statements += constraints(term)
    if single is not None and term.datatype is not Datatype.LANG_STRING:
        statements.append(f"sh:maxCount {single}")
    fields = _fields(term)
    if fields:
        statements.append("sh:property " + " , ".join(f":{term.id}.{field.name}" for field in fields))
    statements.append(expectation(term.label, term, single))
    return property_shape(term.id, statements)


def _field_shape(indicator: Indicator | Term, field: Field) -> str:
    statements = [
        f"sh:path {_iri(field.iri)}",
        f"meta:indicator bp:{indicator.id}",
        f"meta:field bp:{indicator.id}.{field.name}",
        literals("sh:name", field.label),
        *constraints(field),
    ]
    single = None if field.repeatable else 1
    if field.required:
        statements.append("sh:minCount 1")
    if single is not None and field.datatype is not Datatype.LANG_STRING:
        statements.append(f"sh:maxCount {single}")
    label = {language: f"{indicator.label[language]} / {field.label[language]}" for language in field.label}
    statements.append(expectation(label, field, single))
    return property_shape(f"{indicator.id}.{field.name}", statements)


def _asked_shape(regime: Regime, indicator: Indicator, obligation: Obligation) -> str:
    path = _PATHS.get(indicator.carrier, "bp:{}").format(indicator.id)
    if obligation.status is ObligationStatus.MANDATORY:
        count = "sh:minCount 1"
        message = Message(
            "{indicator} is missing: mandatory under {regime} ({basis})",
            indicator=indicator.label,
            regime=regime.label,
            basis=obligation.basis,
        )
    else:
        count = "sh:maxCount 0"
        message = Message(
            "{indicator} is not for this battery category under {regime} ({basis}): leave it out",
            indicator=indicator.label,
            regime=regime.label,
            basis=obligation.basis,
        )
    return property_shape(
        indicator.id,
        [
            f"sh:path {path}",
            f"meta:indicator bp:{indicator.id}",
            f"meta:stage stage:{obligation.stage}",
            literals("sh:name", indicator.label),
            count,
            literals("sh:message", by_language(message)),
        ],
    )


def constraints(term: Indicator | Field | Term) -> Iterator[str]:
    """What a value of a term must be, as statements of a property shape."""
    bounds = term.range
    yield "sh:nodeKind sh:IRI" if term.datatype.is_node else f"sh:datatype {_DATATYPES[term.datatype]}"
    if term.datatype is Datatype.LANG_STRING:
        yield "sh:uniqueLang true"
    if term.enumeration is not None:
        codes = bounds.one_of or tuple(code.code for code in term.enumeration.codes)
        yield f"sh:in ( {' '.join(quoted(code) for code in codes)} )"
    for name, bound in (
        ("minInclusive", bounds.minimum),
        ("minExclusive", bounds.min_exclusive),
        ("maxInclusive", bounds.maximum),
        ("maxExclusive", bounds.max_exclusive),
    ):
        if bound is not None:
            yield f"sh:{name} {turtle_number(bound)}"
    # A shape may have one pattern only. An instant's own pattern asks for the zone, which the lexical one does too; a
    # duration's own pattern is the narrower one.
    pattern = bounds.pattern if term.datatype is not Datatype.DATE_TIME else None
    pattern = pattern or LEXICAL.get(term.datatype)
    if pattern is not None:
        yield f"sh:pattern {quoted(pattern)}"
    if bounds.min_length is not None:
        yield f"sh:minLength {bounds.min_length}"


def expectation(label: Texts, term: Indicator | Field | Term, single: int | None) -> str:
    """The message of a property shape: what was expected.

    :param single: how many times a value may be given; None for any number.
    """
    times: Text = ""
    if single is not None:
        times = ONCE if single == 1 else Message(", given at most {count} times", count=single)
    message = Message("{label}: expected {expected}{times}", label=label, expected=phrase(term), times=times)
    return literals("sh:message", by_language(message))


# --- Turtle ---------------------------------------------------------------------------------------------------------


def property_shape(identifier: str, statements: Iterable[str]) -> str:
    """A property shape of the file."""
    return f":{identifier} a sh:PropertyShape ;\n    " + " ;\n    ".join(statements) + " .\n"


def _iri(iri: str) -> str:
    return f"bp:{iri.removeprefix(NS)}" if iri.startswith(NS) else f"<{iri}>"


def literals(predicate: str, texts: Texts) -> str:
    """A predicate with texts in several languages."""
    parts = [f"{quoted(text)}@{language}" for language, text in texts.items()]
    separator = " , " if sum(map(len, parts)) < _WIDE else " ,\n        "
    return f"{predicate} " + separator.join(parts)


def quoted(text: str) -> str:
    """A text as a Turtle literal."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def turtle_number(number: Decimal) -> str:
    # Plain digits are an xsd:integer in Turtle, with a point an xsd:decimal; SHACL compares across both.
    return format(number, "f")
