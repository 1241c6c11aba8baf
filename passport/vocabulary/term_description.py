"""The description of one term of the ontology, for people and for programs: the page behind each IRI of ours.

Every namespace of ``ontology/battery.ttl`` is covered: the vocabulary itself (``ns``), the words in which it speaks of
its terms (``meta``), code lists (``codes``), units (``units``) and sources (``sources``). A description is the term's
own statements, and those of the fields of a structured indicator. Only the obligations come from other files
(``regimes/``).

    page = describe("ns", "nominalVoltage")
    page.label["zh"], page.facts, page.turtle()
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from rdflib import BNode, Graph, Literal, Namespace, URIRef
from rdflib.term import Node

from passport.linked_data import resources
from passport.linked_data.graphs import empty_graph
from passport.texts import Message, Text, by_language, fallback, languages
from passport.vocabulary import label_files
from passport.vocabulary.indicator import Texts
from passport.vocabulary.ontology import graph as ontology_graph
from passport.vocabulary.strict_turtle import BASE, META, OWL, RDF, RDFS, SKOS, local_name
from passport.vocabulary.vocabulary import ONTOLOGY, load, regimes

SPACES = ("ns", "meta", "codes", "units", "sources")
_QUDT = Namespace("http://qudt.org/schema/qudt/")

#: Predicates that people are shown, in this order, with their names.
_NAMES: Mapping[Node, Text] = {
    RDF.type: Message("Kind"),
    RDFS.range: Message("Value"),
    META.unit: Message("Unit"),
    META.codes: Message("Code list"),
    META.oneOf: Message("Codes allowed"),
    META.minInclusive: Message("At least"),
    META.maxInclusive: Message("At most"),
    META.minExclusive: Message("More than"),
    META.maxExclusive: Message("Less than"),
    META.minLength: Message("Characters, at least"),
    META.form: Message("Form"),
    META.pattern: Message("Pattern"),
    META.maxCount: Message("Times, at most"),
    META.repeatable: Message("May be repeated"),
    META.required: Message("Required"),
    META.fieldName: Message("Name in input files"),
    META.writtenAs: Message("Term in credentials"),
    META.fields: Message("Fields"),
    META.category: Message("Category"),
    META.carrier: Message("Credential"),
    META.granularity: Message("Granularity"),
    META.staticDynamic: Message("Static or dynamic"),
    META.stage: Message("Stage"),
    META.datedBy: Message("Dated by"),
    META.readableBy: Message("Readable by"),
    META.readableByArticle77: Message("Readable by, after Art. 77(2)"),
    META.exportClass: Message("Export class"),
    META.personalData: Message("Personal data"),
    META.annexXIII: Message("Annex XIII"),
    META.guidanceDataPoint: Message("Data point of the guidance"),
    META.specClause: "DIN DKE SPEC 99100",
    META.legalReference: Message("Legal reference"),
    META.fillRule: Message("How to fill it in"),
    META.rule: Message("When it is right"),
    META.neverFalls: Message("Never falls from read-out to read-out"),
    META.mostPerDay: Message("Growth in a day, plausible up to"),
    META.plausibleRise: Message("Rise between read-outs, plausible up to (%)"),
    META.euTerm: Message("EU name"),
    META.cnTerm: Message("Chinese name"),
    META.cnMatch: Message("Chinese term is"),
    META.catarcTerm: Message("Name in the battery ID"),
    META.catarcAccess: Message("Disclosure in the battery ID"),
    SKOS.exactMatch: Message("Same as"),
    SKOS.closeMatch: Message("Close to"),
    SKOS.broadMatch: Message("Part of"),
    SKOS.narrowMatch: Message("Wider than"),
    SKOS.relatedMatch: Message("Related to"),
    META.batteryPassPath: Message("Battery Pass path"),
    META.catenaXPath: Message("Catena-X path"),
    SKOS.inScheme: Message("Code list"),
    SKOS.notation: Message("Code"),
    _QUDT.ucumCode: Message("UCUM code"),
    _QUDT.symbol: Message("Symbol"),
    META.source: Message("Sources"),
}
#: Mapping properties of SKOS as values.
_NEARNESS: Mapping[Node, Message] = {
    SKOS.exactMatch: Message("the same"),
    SKOS.closeMatch: Message("close in meaning"),
    SKOS.broadMatch: Message("broader"),
    SKOS.narrowMatch: Message("narrower"),
    SKOS.relatedMatch: Message("related"),
}
#: What a fact belongs to, in the order of a page: ``value``, ``law``, ``reading``, ``elsewhere``; ``more`` is the rest.
GROUPS = ("value", "law", "reading", "elsewhere", "more")
_GROUP: Mapping[Node, str] = {
    **dict.fromkeys(
        (RDFS.range, META.unit, META.codes, META.oneOf, META.minInclusive, META.maxInclusive, META.minExclusive,
         META.maxExclusive, META.minLength, META.form, META.pattern, META.maxCount, META.repeatable, META.required,
         META.fields, META.fillRule, META.rule, META.neverFalls, META.mostPerDay, META.plausibleRise, SKOS.inScheme,
         SKOS.notation, _QUDT.ucumCode, _QUDT.symbol), "value"),
    **dict.fromkeys(
        (META.annexXIII, META.guidanceDataPoint, META.specClause, META.legalReference, META.euTerm, META.cnTerm,
         META.cnMatch, META.catarcTerm), "law"),
    **dict.fromkeys(
        (META.readableBy, META.readableByArticle77, META.exportClass, META.personalData, META.catarcAccess,
         META.carrier, META.granularity, META.staticDynamic, META.stage, META.datedBy), "reading"),
    **dict.fromkeys(
        (SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch, SKOS.relatedMatch, META.batteryPassPath,
         META.catenaXPath, META.fieldName, META.writtenAs), "elsewhere"),
}  # fmt: skip
#: Said in the heading, or for maintainers.
_UNSHOWN = frozenset({RDFS.label, SKOS.prefLabel, SKOS.definition, RDFS.comment, META.order, META.plural, META.counted,
                      META.confidence, META.note, META.longlist, META.cnSource, META.accessGroup,
                      META.inText})  # fmt: skip
_OBLIGATIONS = Message("Obligations")
_MEMBERS = Message("Codes")


@dataclass(frozen=True)
class TermValue:
    """One value of a fact.

    :param text: by language; the same in all where the value has none.
    :param iri: where it is a term, ours or another's.
    :param space: of a term of ours: its namespace, one of :data:`SPACES`; ``name`` its name there.
    """

    text: Texts
    iri: str | None = None
    space: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class TermFact:
    """What is said of a term: a name for it in every language, and the values. :ivar group: one of :data:`GROUPS`."""

    name: Texts
    values: tuple[TermValue, ...]
    group: str = "more"


@dataclass(frozen=True)
class Description:
    """One term with all that is said of it."""

    space: str
    name: str
    iri: str
    label: Texts
    definition: Texts
    facts: tuple[TermFact, ...]
    statements: Graph = field(repr=False, compare=False)

    def turtle(self) -> bytes:
        """The statements as Turtle, UTF-8."""
        return self.statements.serialize(format="turtle", encoding="utf-8")

    def jsonld(self) -> bytes:
        """The statements as expanded JSON-LD, UTF-8."""
        return self.statements.serialize(
            format="json-ld", auto_compact=False, sort_keys=True, indent=None, encoding="utf-8"
        )


@cache
def _graph() -> Graph:
    return ontology_graph.read(resources.read_text(ONTOLOGY))


@cache
def version() -> str:
    """The version of the vocabulary, such as ``1.4.0``; empty where it names none."""
    return next((str(text) for text in _graph().objects(None, OWL.versionInfo)), "")


@cache
def names(space: str) -> tuple[str, ...]:
    """The names of all terms of a namespace, in order of the alphabet; none for a namespace that is not ours."""
    prefix = f"{BASE}{space}#"
    local_names = {
        str(subject).removeprefix(prefix) for subject in _graph().subjects() if str(subject).startswith(prefix)
    }
    return tuple(sorted(local_names, key=str.casefold)) if space in SPACES else ()


@cache
def describe(space: str, name: str) -> Description | None:
    """What is said of a term, None where there is no such term.

    :param space: one of :data:`SPACES`.
    """
    if name not in names(space):
        return None
    term = URIRef(f"{BASE}{space}#{name}")
    label = _texts(term, RDFS.label) or _texts(term, SKOS.prefLabel) or {"en": name}
    definition = _texts(term, SKOS.definition) or _texts(term, RDFS.comment)
    return Description(
        space, name, str(term), _complete(label), _complete(definition), tuple(_facts(term)), _statements(term)
    )


def _texts(term: Node, predicate: URIRef) -> dict[str, str]:
    literals = [text for text in _graph().objects(term, predicate) if isinstance(text, Literal)]
    own = {text.language or "en": str(text) for text in sorted(literals, key=lambda text: text.language or "")}
    return {**own, **label_files.labels().get((str(term), str(predicate)), {})} if own else own


def _complete(texts: Mapping[str, str]) -> Texts:
    """Text in every language; what is not there in one is said in English, or in the only language there is."""
    return {language: fallback(texts, language) for language in languages()}


def _facts(term: URIRef) -> Iterator[TermFact]:
    graph = _graph()
    predicates = set(graph.predicates(term)) - _UNSHOWN
    order: dict[Node, int] = {predicate: n for n, predicate in enumerate(_NAMES)}
    for predicate in sorted(predicates, key=lambda p: (order.get(p, len(order)), str(p))):
        name = local_name(str(predicate)).rpartition("/")[2]
        values = _values(graph.objects(term, predicate))
        yield TermFact(by_language(_NAMES.get(predicate, name)), values, _GROUP.get(predicate, "more"))
    members = [member for member in graph.subjects(SKOS.inScheme, term) if isinstance(member, URIRef)]
    if members:
        in_order = sorted(members, key=lambda member: (_order(member), str(member)))
        yield TermFact(by_language(_MEMBERS), tuple(_value(member) for member in in_order), "value")
    if local_name(str(term)) in load().indicators and str(term).startswith(f"{BASE}ns#"):
        obligations = tuple(_obligations(local_name(str(term))))
        if obligations:
            yield TermFact(by_language(_OBLIGATIONS), obligations, "law")


def _order(member: URIRef) -> int:
    return int(str(_graph().value(member, META.order) or 0))


def _values(objects: Iterator[Node]) -> tuple[TermValue, ...]:
    graph = _graph()
    nodes = list(objects)
    lists = [item for node in nodes if isinstance(node, BNode) for item in graph.items(node)]
    texts = {node.language: str(node) for node in nodes if isinstance(node, Literal) and node.language}
    others = [node for node in nodes if not isinstance(node, BNode) and getattr(node, "language", None) is None]
    values = [_value(node) for node in lists]
    values += sorted((_value(node) for node in others), key=lambda value: (value.iri or "", value.text["en"]))
    return ((TermValue(_complete(texts)),) if texts else ()) + tuple(values)


def _value(node: Node) -> TermValue:
    if not isinstance(node, URIRef):
        return TermValue(_complete({"en": str(node)}))
    iri, space = str(node), None
    if iri.startswith(BASE):
        space = next((known for known in SPACES if iri.startswith(f"{BASE}{known}#")), None)
    known = local_name(iri) if space else _short(iri)
    label = _texts(node, RDFS.label) or _texts(node, SKOS.prefLabel) or _nearness(node) or {"en": known}
    return TermValue(_complete(label), iri, space, local_name(iri) if space else None)


def _nearness(node: URIRef) -> dict[str, str]:
    """How near one term is to another, where a SKOS mapping property says it."""
    return dict(by_language(_NEARNESS[node])) if node in _NEARNESS else {}


def _short(iri: str) -> str:
    """An IRI of others as people recognise it: what follows the last ``#`` or ``/``."""
    for prefix, short in ((str(OWL), "owl:"), (str(SKOS), "skos:"), ("http://www.w3.org/2001/XMLSchema#", "xsd:")):
        if iri.startswith(prefix):
            return short + iri.removeprefix(prefix)
    return iri


def _obligations(indicator: str) -> Iterator[TermValue]:
    words = load().enumerations
    for regime in regimes().values():
        for category in regime.categories:
            obligation = regime.obligations(category).get(indicator)
            if obligation is None:
                continue
            status, kind = words["status"].get(obligation.status.value), words["batteryCategory"].get(category.value)
            text = Message(
                "{regime}, {category}: {status} ({basis})",
                regime=regime.label,
                category=kind.label if kind else category.value,
                status=status.label if status else obligation.status.value,
                basis=obligation.basis,
            )
            yield TermValue(by_language(text))


def _statements(term: URIRef) -> Graph:
    whole, made = _graph(), empty_graph()
    for prefix, namespace in whole.namespaces():
        made.bind(prefix, namespace)
    waiting: list[Node] = [term]
    seen: set[Node] = set()
    while waiting:
        node = waiting.pop()
        if node in seen:
            continue
        seen.add(node)
        for predicate, value in whole.predicate_objects(node):
            made.add((node, predicate, value))
            # Lists belong to the term, and so do the fields in them, which have no meaning elsewhere.
            if isinstance(value, BNode) or (value, RDF.type, META.Field) in whole:
                waiting.append(value)
    for (subject, property_), texts in label_files.labels().items():
        if URIRef(subject) in seen:
            for language, text in texts.items():
                made.add((URIRef(subject), URIRef(property_), Literal(text, language)))
    return made
