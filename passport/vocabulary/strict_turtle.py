"""Strict reading of a Turtle file of the ontology: each property has one value, or the error names the term.

The ontology is written by hand. A slip in it (a label in one language only, an undefined code, two types for one
name) would spread into context, shapes and pages, so it stops the load with :class:`MalformedOntology`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

import rdflib
from rdflib.namespace import OWL, RDF, RDFS, SKOS

from passport.errors import MalformedOntology
from passport.texts import Message
from passport.vocabulary import label_files
from passport.vocabulary.indicator import LANGUAGES
from passport.vocabulary.ontology import graph as ontology_graph

BASE = "https://w3id.org/battery-passport/"
NS = BASE + "ns#"
META = rdflib.Namespace(BASE + "meta#")
CODES = BASE + "codes#"

__all__ = ["BASE", "CODES", "META", "NS", "OWL", "OntologyNode", "OntologySource", "RDF", "RDFS", "SKOS", "local_name"]


def local_name(iri: str) -> str:
    """The fragment of an IRI, without ``#``; the whole IRI where it has none."""
    return iri.rpartition("#")[2]


class OntologySource:
    """One parsed file.

    :param text: Turtle.
    :param name: for messages, such as ``ontology/battery.ttl``.
    :raises MalformedOntology: not Turtle.
    """

    def __init__(self, text: str, name: str) -> None:
        self.name = name
        try:
            self.graph = ontology_graph.read(text)
        except Exception as error:  # rdflib's parser raises its own BadSyntax, but also IndexError and others
            raise MalformedOntology(Message("{name} is not Turtle: {error}", name=name, error=error)) from error

    def of_type(self, kind: rdflib.URIRef) -> Iterator[OntologyNode]:
        """The nodes of an ``rdf:type``, in the order of the file as far as rdflib keeps it; sort them."""
        for subject in self.graph.subjects(RDF.type, kind):
            yield OntologyNode(self, subject)


class OntologyNode:
    """A subject and what is said of it. Every accessor either answers or raises MalformedOntology with the term."""

    def __init__(self, source: OntologySource, term: rdflib.term.Node) -> None:
        self.source = source
        self.term = term

    @property
    def iri(self) -> str:
        return str(self.term)

    @property
    def id(self) -> str:
        return local_name(self.iri)

    def wrong(self, message: str) -> MalformedOntology:
        return MalformedOntology(
            Message("{file}: {term} {fault}", file=self.source.name, term=self.id or self.iri, fault=message)
        )

    def is_a(self, kind: rdflib.URIRef) -> bool:
        return (self.term, RDF.type, kind) in self.source.graph

    def all(self, predicate: rdflib.URIRef) -> list[rdflib.term.Node]:
        return list(self.source.graph.objects(self.term, predicate))

    def one(self, predicate: rdflib.URIRef) -> rdflib.term.Node | None:
        """The single object, or None. Two are a contradiction."""
        values = self.all(predicate)
        if len(values) > 1:
            raise self.wrong(
                Message(
                    "has {count} values for {local_name}, where one is meant",
                    count=len(values),
                    local_name=local_name(predicate),
                )
            )
        return values[0] if values else None

    def required(self, predicate: rdflib.URIRef) -> rdflib.term.Node:
        value = self.one(predicate)
        if value is None:
            raise self.wrong(Message("has no {local_name}", local_name=local_name(predicate)))
        return value

    def node(self, predicate: rdflib.URIRef) -> OntologyNode:
        value = self.required(predicate)
        if not isinstance(value, rdflib.URIRef):
            raise self.wrong(
                Message(
                    "has {value!r} for {local_name}, where an IRI is meant",
                    value=value,
                    local_name=local_name(predicate),
                )
            )
        return OntologyNode(self.source, value)

    def texts(self, predicate: rdflib.URIRef) -> dict[str, str]:
        """Text in both languages, each once, and in those of :mod:`passport.vocabulary.label_files`."""
        by_language = self.some_texts(predicate)
        missing = [language for language in LANGUAGES if language not in by_language]
        if missing:
            raise self.wrong(
                Message("has no {local_name} in {missing}", local_name=local_name(predicate), missing=missing)
            )
        return by_language

    def some_texts(self, predicate: rdflib.URIRef) -> dict[str, str]:
        """Text by language, each language at most once; may be empty."""
        by_language: dict[str, str] = {}
        for literal in self.all(predicate):
            language = getattr(literal, "language", None)
            if language not in LANGUAGES:
                raise self.wrong(
                    Message(
                        "has a {local_name} in {language}",
                        local_name=local_name(predicate),
                        language=language or Message("no language"),
                    )
                )
            if language in by_language:
                raise self.wrong(
                    Message(
                        "has two texts for {local_name} in {language}",
                        local_name=local_name(predicate),
                        language=language,
                    )
                )
            if not str(literal).strip():
                raise self.wrong(
                    Message(
                        "has an empty {local_name} in {language}", local_name=local_name(predicate), language=language
                    )
                )
            by_language[language] = str(literal)
        own = {language: by_language[language] for language in LANGUAGES if language in by_language}
        # A text in a further language alone would hide that the ontology has none.
        return {**own, **label_files.labels().get((self.iri, str(predicate)), {})} if own else own

    def in_text(self, label: Mapping[str, str]) -> dict[str, str]:
        """How a sentence names it, by language; ``label`` where the ontology has nothing of its own."""
        return {**label, **self.some_texts(META.inText)}

    def many_texts(self, predicate: rdflib.URIRef) -> dict[str, tuple[str, ...]]:
        """Texts by language, any number of each, sorted; languages without any are left out."""
        by_language: dict[str, set[str]] = {}
        for literal in self.all(predicate):
            language = getattr(literal, "language", None)
            if language not in LANGUAGES or not str(literal).strip():
                raise self.wrong(
                    Message(
                        "has an empty {local_name}, or one in {language}",
                        local_name=local_name(predicate),
                        language=language or Message("no language"),
                    )
                )
            by_language.setdefault(language, set()).add(str(literal))
        return {language: tuple(sorted(by_language[language])) for language in LANGUAGES if language in by_language}

    def text(self, predicate: rdflib.URIRef) -> str | None:
        value = self.one(predicate)
        return None if value is None else str(value)

    def required_text(self, predicate: rdflib.URIRef) -> str:
        return str(self.required(predicate))

    def sorted_texts(self, predicate: rdflib.URIRef) -> tuple[str, ...]:
        return tuple(sorted(str(value) for value in self.all(predicate)))

    def number(self, predicate: rdflib.URIRef) -> Decimal | None:
        value = self.one(predicate)
        if value is None:
            return None
        python = value.toPython() if isinstance(value, rdflib.Literal) else value
        if isinstance(python, bool) or not isinstance(python, int | Decimal):
            raise self.wrong(
                Message(
                    "has {value!r} for {local_name}, where a number is meant",
                    value=value,
                    local_name=local_name(predicate),
                )
            )
        return Decimal(python)

    def integer(self, predicate: rdflib.URIRef) -> int | None:
        value = self.number(predicate)
        if value is None:
            return None
        if value != value.to_integral_value():
            raise self.wrong(
                Message(
                    "has {value} for {local_name}, where a whole number is meant",
                    value=value,
                    local_name=local_name(predicate),
                )
            )
        return int(value)

    def flag(self, predicate: rdflib.URIRef, default: bool | None = None) -> bool:
        value = self.one(predicate)
        python = value.toPython() if isinstance(value, rdflib.Literal) else value
        if python is None and default is not None:
            return default
        if not isinstance(python, bool):
            raise self.wrong(
                Message(
                    "has {value!r} for {local_name}, where true or false is meant",
                    value=value,
                    local_name=local_name(predicate),
                )
            )
        return python

    def members(self, predicate: rdflib.URIRef) -> list[OntologyNode]:
        """The members of an RDF list, in order."""
        head = self.one(predicate)
        if head is None:
            return []
        return [OntologyNode(self.source, item) for item in self.source.graph.items(head)]
