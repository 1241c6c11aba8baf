"""Reads the terms of the ontology: units, code lists, and the type, unit and range of every term.

Reading is strict: a contradiction raises :class:`MalformedOntology`, which names the term. A field is the use of a term
in one indicator, and may narrow its range.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from rdflib import Namespace, URIRef

from passport.texts import Message
from passport.vocabulary.indicator import ClassTerm, Code, Datatype, Enumeration, Field, Range, Term, Unit
from passport.vocabulary.strict_turtle import (
    CODES,
    META,
    NS,
    OWL,
    RDF,
    RDFS,
    SKOS,
    OntologyNode,
    OntologySource,
    local_name,
)

_QUDT = Namespace("http://qudt.org/schema/qudt/")
_XSD = "http://www.w3.org/2001/XMLSchema#"
_DATATYPES = {
    _XSD + "string": Datatype.STRING,
    _XSD + "decimal": Datatype.DECIMAL,
    _XSD + "integer": Datatype.INTEGER,
    _XSD + "boolean": Datatype.BOOLEAN,
    _XSD + "date": Datatype.DATE,
    _XSD + "dateTime": Datatype.DATE_TIME,
    _XSD + "duration": Datatype.DURATION,
    str(RDF.langString): Datatype.LANG_STRING,
    str(RDFS.Resource): Datatype.ANY_URI,
}
_NUMBERS = (Datatype.DECIMAL, Datatype.INTEGER)


class TermReader:
    """Reads units, code lists and terms, in the order in which they need each other.

    :raises MalformedOntology: a contradiction.
    """

    def __init__(self, source: OntologySource) -> None:
        self.source = source
        self.units = dict(map(self._unit, source.of_type(META.Unit)))
        self.enumerations = self._enumerations()
        self.terms = {node.iri: self._term(node) for node in source.of_type(META.Term)}

    # --- units and lists ------------------------------------------------------------------------------------------

    @staticmethod
    def _unit(node: OntologyNode) -> tuple[str, Unit]:
        qudt = node.one(SKOS.exactMatch) or node.one(SKOS.broadMatch)
        return node.iri, Unit(
            code=node.required_text(_QUDT.ucumCode),
            symbol=node.required_text(_QUDT.symbol),
            qudt=None if qudt is None else str(qudt),
            label=node.texts(RDFS.label),
            plural=node.required_text(META.plural),
        )

    def _enumerations(self) -> dict[str, Enumeration]:
        members: dict[str, list[OntologyNode]] = {node.iri: [] for node in self.source.of_type(SKOS.ConceptScheme)}
        for node in self.source.of_type(SKOS.Concept):
            scheme = node.node(SKOS.inScheme)
            if scheme.iri not in members:
                raise node.wrong(Message("is in the scheme {id}, which is not defined", id=scheme.id))
            members[scheme.iri].append(node)
        return {iri: self._enumeration(OntologyNode(self.source, URIRef(iri)), nodes) for iri, nodes in members.items()}

    @staticmethod
    def _enumeration(scheme: OntologyNode, nodes: list[OntologyNode]) -> Enumeration:
        entries: list[tuple[int, Code]] = []
        for node in nodes:
            label = node.texts(SKOS.prefLabel)
            code = Code(
                code=node.required_text(SKOS.notation),
                label=label,
                in_text=node.in_text(label),
                alternatives=node.many_texts(SKOS.altLabel),
                definition=node.some_texts(SKOS.definition),
                metals=frozenset(node.sorted_texts(META.activeMetal)),
            )
            if node.iri != f"{scheme.iri}.{code.code}":
                raise node.wrong(Message("has the notation {code!r}, which its IRI does not end in", code=code.code))
            entries.append((node.integer(META.order) or 0, code))
        return Enumeration(
            id=scheme.id,
            label=scheme.texts(RDFS.label),
            codes=tuple(code for _, code in sorted(entries, key=lambda entry: (entry[0], entry[1].code))),
        )

    def code(self, node: OntologyNode, predicate: URIRef, enumeration: str) -> str:
        """The one code of a list that a node must have."""
        return self.codes(node, predicate, enumeration, [node.required(predicate)])[0]

    def codes(
        self, node: OntologyNode, predicate: URIRef, enumeration: str, values: Iterable[Any] | None = None
    ) -> list[str]:
        """The codes of a list that a node has; ``values`` in their place where they are at hand."""
        known = self.enumerations[CODES + enumeration]
        entries = []
        for value in node.all(predicate) if values is None else values:
            code = str(value).removeprefix(f"{CODES}{enumeration}.")
            if code not in known:
                raise node.wrong(
                    Message(
                        "has the unknown {enumeration} {local_name!r}",
                        enumeration=enumeration,
                        local_name=local_name(str(value)),
                    )
                )
            entries.append(code)
        return entries

    # --- terms ----------------------------------------------------------------------------------------------------

    def classes(self) -> dict[str, ClassTerm]:
        """The classes of our namespace by id, in alphabetical order."""
        by_name = {}
        for node in self.source.of_type(OWL.Class):
            if node.iri.startswith(NS):
                label = node.texts(RDFS.label)
                by_name[node.id] = ClassTerm(node.id, node.iri, label, node.in_text(label), node.texts(SKOS.definition))
        return dict(sorted(by_name.items()))

    def type_of(self, node: OntologyNode) -> tuple[Datatype, Enumeration | None]:
        """The one type of a term: rdfs:range, and whether it has codes or fields, must agree with its kind."""
        ranges = node.all(RDFS.range)
        if len(ranges) > 1:
            raise node.wrong(
                Message(
                    "has two types: {local_name}",
                    local_name=" and ".join(sorted(local_name(str(value)) for value in ranges)),
                )
            )
        datatype = _DATATYPES.get(str(node.required(RDFS.range)))
        if datatype is None:
            raise node.wrong(Message("has the unknown type {ranges}", ranges=ranges[0]))
        if node.is_a(OWL.ObjectProperty) == node.is_a(OWL.DatatypeProperty):
            raise node.wrong(Message("must be either an owl:ObjectProperty or an owl:DatatypeProperty"))
        if node.is_a(OWL.ObjectProperty) != (datatype is Datatype.ANY_URI):
            raise node.wrong(
                Message(
                    "is an {property} with the type {type}",
                    property="owl:ObjectProperty" if datatype is not Datatype.ANY_URI else "owl:DatatypeProperty",
                    type=local_name(str(ranges[0])),
                )
            )
        if node.one(META.fields) is not None:
            if datatype is not Datatype.ANY_URI:
                raise node.wrong(Message("has fields, but is not an object property"))
            return Datatype.STRUCTURED, None
        scheme = node.one(META.codes)
        if scheme is None:
            return datatype, None
        if datatype is not Datatype.STRING:
            raise node.wrong(Message("has a code list, but is not a string"))
        enumeration = self.enumerations.get(str(scheme))
        if enumeration is None:
            raise node.wrong(Message("has the unknown code list {local_name!r}", local_name=local_name(str(scheme))))
        return Datatype.ENUM, enumeration

    def unit_of(self, node: OntologyNode, datatype: Datatype) -> Unit | None:
        """The unit of a term, None where it has none."""
        value = node.one(META.unit)
        if value is None:
            return None
        unit = self.units.get(str(value))
        if unit is None:
            raise node.wrong(Message("has the unknown unit {local_name!r}", local_name=local_name(str(value))))
        if datatype not in (*_NUMBERS, Datatype.STRUCTURED):
            raise node.wrong(Message("has a unit, but is of type {datatype}", datatype=datatype))
        return unit

    @staticmethod
    def range_of(
        node: OntologyNode, datatype: Datatype, enumeration: Enumeration | None, base: Range | None = None
    ) -> Range:
        """The range of a term; that of a field, ``base`` being its term's, where the field does not narrow it."""
        base = base or Range()
        one_of = node.sorted_texts(META.oneOf)
        for code in one_of:
            if enumeration is None or code not in enumeration:
                raise node.wrong(Message("allows the code {code!r}, which its list does not have", code=code))
        if one_of and enumeration is not None:
            one_of = tuple(code.code for code in enumeration.codes if code.code in one_of)
        own = Range(
            minimum=node.number(META.minInclusive),
            maximum=node.number(META.maxInclusive),
            min_exclusive=node.number(META.minExclusive),
            max_exclusive=node.number(META.maxExclusive),
            min_length=node.integer(META.minLength),
            pattern=node.text(META.pattern),
            form=node.texts(META.form) if node.one(META.pattern) is not None else None,
            one_of=one_of or None,
        )
        bounds = (own.minimum, own.maximum, own.min_exclusive, own.max_exclusive)
        if any(bound is not None for bound in bounds) and datatype not in _NUMBERS:
            raise node.wrong(Message("has bounds, but is of type {datatype}", datatype=datatype))
        if (own.min_length is not None or own.pattern is not None) and datatype in _NUMBERS:
            raise node.wrong(Message("has a length or pattern, but is of type {datatype}", datatype=datatype))
        lower = (own.minimum, own.min_exclusive) if (own.minimum, own.min_exclusive) != (None, None) else (
            base.minimum, base.min_exclusive)  # fmt: skip
        upper = (own.maximum, own.max_exclusive) if (own.maximum, own.max_exclusive) != (None, None) else (
            base.maximum, base.max_exclusive)  # fmt: skip
        if None not in lower or None not in upper:
            raise node.wrong(Message("has both an inclusive and an exclusive bound on one side"))
        return Range(
            minimum=lower[0],
            maximum=upper[0],
            min_exclusive=lower[1],
            max_exclusive=upper[1],
            min_length=own.min_length if own.min_length is not None else base.min_length,
            pattern=own.pattern or base.pattern,
            form=own.form or base.form,
            one_of=own.one_of or base.one_of,
        )

    def _term(self, node: OntologyNode) -> Term:
        datatype, enumeration = self.type_of(node)
        return Term(
            id=local_name(node.iri).rpartition("/")[2],
            iri=node.iri,
            label=node.texts(RDFS.label),
            definition=node.texts(SKOS.definition),
            datatype=datatype,
            unit=self.unit_of(node, datatype),
            repeatable=node.flag(META.repeatable, default=False),
            range=self.range_of(node, datatype, enumeration),
            enumeration=enumeration,
            own=node.iri.startswith(NS),
            personal_data=node.flag(META.personalData, default=False),
        )

    def field(self, node: OntologyNode, indicator: OntologyNode) -> Field:
        """One field of a structured indicator."""
        name = node.required_text(META.fieldName)
        if node.iri != f"{indicator.iri}.{name}":
            raise node.wrong(
                Message("is a field of {id} named {name!r}, which its IRI does not say", id=indicator.id, name=name)
            )
        term = self.terms.get(node.node(META.writtenAs).iri)
        if term is None:
            raise node.wrong(Message("uses a term that is not defined"))
        return Field(
            name=name,
            term=term.id,
            iri=term.iri,
            usage=node.iri,
            label=term.label,
            definition=term.definition,
            datatype=term.datatype,
            unit=term.unit,
            required=node.flag(META.required),
            repeatable=term.repeatable,
            range=self.range_of(node, term.datatype, term.enumeration, term.range),
            enumeration=term.enumeration,
            personal_data=term.personal_data,
            note=node.text(META.note),
        )
