"""The vocabulary: every indicator, field, code list and unit, read from ``ontology/battery.ttl``.

The ontology is the single source of domain facts; context, shapes, views, templates and labels are derived from what
this module hands out. Reading is strict: a contradiction stops it with :class:`MalformedOntology`, which names
the term.

    vocabulary = load()
    vocabulary.indicators["nominalVoltage"].unit.symbol        # "V"
    vocabulary.by_heading("标称电压")                           # the same indicator
    regimes()["eu"].obligations(Category.EV)["nominalVoltage"].status

Both results are cached and immutable. Nothing here knows a date or a clock.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from types import MappingProxyType

from rdflib import Namespace, URIRef

from passport.battery.indicator import (
    Audience,
    Carrier,
    Category,
    Code,
    Datatype,
    Dimension,
    Enumeration,
    ExportClass,
    Field,
    Indicator,
    IndicatorCategory,
    Match,
    Range,
    Stage,
    Term,
    TermMapping,
    Texts,
    Unit,
)
from passport.battery.regime import Obligation, Regime, Status, read_regime
from passport.battery.turtle import BASE, CODES, META, NS, OWL, RDF, RDFS, SKOS, Node, Source, local_name
from passport.errors import MalformedOntology
from passport.linked_data import resources

__all__ = [
    "Audience", "Carrier", "Category", "ClassTerm", "Code", "Datatype", "Dimension", "Enumeration", "ExportClass",
    "Field", "Indicator", "IndicatorCategory", "Match", "NS", "Obligation", "Range", "Regime", "Stage", "Status",
    "Term", "TermMapping", "Unit", "Vocabulary", "load", "read", "regimes",
]  # fmt: skip

ONTOLOGY = "ontology/battery.ttl"
REGIMES = "ontology/regimes"

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
_MATCHES = {str(SKOS[f"{match}Match"]): match for match in Match}
_IDTA = "urn:samm:io.admin-shell.idta."
#: GS1 Web Vocabulary, CIRPASS-2 EU DPP core ontology, EMMO electrochemistry (which BattINFO imports).
_PEERS = ("https://ref.gs1.org/voc/", "https://w3id.org/eudpp#", "https://w3id.org/emmo/domain/electrochemistry#")


@dataclass(frozen=True)
class ClassTerm:
    """A class or credential type: a name that stands under ``type``."""

    id: str
    iri: str
    label: Texts
    definition: Texts


@dataclass(frozen=True)
class Vocabulary:
    """Everything in the ontology but the obligations. All mappings are read-only and in the vocabulary's order.

    :param terms: every property a credential may hold: indicators, terms of fields and of the frame. Those with
        ``own`` and without ``personal_data`` are defined by our JSON-LD context.
    """

    version: str
    dimensions: Mapping[str, Dimension]
    categories: Mapping[str, IndicatorCategory]
    enumerations: Mapping[str, Enumeration]
    units: Mapping[str, Unit]
    indicators: Mapping[str, Indicator]
    terms: Mapping[str, Term]
    classes: Mapping[str, ClassTerm]

    @cached_property
    def _headings(self) -> Mapping[str, Indicator]:
        found: dict[str, Indicator] = {}
        for indicator in self.indicators.values():
            for heading in dict.fromkeys(_heading(text) for text in (indicator.id, *indicator.label.values())):
                if heading in found:
                    raise MalformedOntology(
                        f"{ONTOLOGY}: {indicator.id} and {found[heading].id} share the heading {heading!r}"
                    )
                found[heading] = indicator
        return found

    @cached_property
    def _foreign_names(self) -> Mapping[str, tuple[Indicator, ...]]:
        """Names in other vocabularies -> whose they are; exact matches only, where there are any."""
        found: dict[str, dict[str, tuple[Indicator, bool]]] = {}
        for indicator in self.indicators.values():
            for name, exact in _named_elsewhere(indicator):
                bearers = found.setdefault(_heading(name), {})
                bearers[indicator.id] = (indicator, exact or bearers.get(indicator.id, (None, False))[1])
        names = {}
        for name, bearers in found.items():
            exactly = tuple(indicator for indicator, exact in bearers.values() if exact)
            names[name] = exactly or tuple(indicator for indicator, _ in bearers.values())
        return names

    def by_heading(self, text: str) -> Indicator | None:
        """The indicator that a column is about; case and outer blanks do not count. None if nobody's.

        Its id, its English or Chinese label; else the name that the EU, the Chinese digital ID or the battery ID gives
        it, where no other indicator has that name as exactly (see :meth:`candidates`).
        """
        heading = _heading(text)
        if heading in self._headings:
            return self._headings[heading]
        bearers = self._foreign_names.get(heading, ())
        return bearers[0] if len(bearers) == 1 else None

    def candidates(self, text: str) -> tuple[Indicator, ...]:
        """Every indicator that somebody calls so, in the vocabulary's order: several where a name is ambiguous."""
        heading = _heading(text)
        found = {one.id for one in self._foreign_names.get(heading, ())}
        found |= {self._headings[heading].id} if heading in self._headings else set()
        return tuple(one for one in self.indicators.values() if one.id in found)

    def foreign_names(self, indicator: Indicator) -> tuple[str, ...]:
        """The names in other vocabularies under which :meth:`by_heading` finds an indicator."""
        names = dict.fromkeys(name for name, _ in _named_elsewhere(indicator))
        return tuple(name for name in names if self.by_heading(name) is indicator)

    def nearest(self, text: str) -> Indicator | None:
        """The indicator whose id or label looks most like ``text``, for a hint; None where nothing is near."""
        close = difflib.get_close_matches(_heading(text), self._headings, n=1, cutoff=0.7)
        return self._headings[close[0]] if close else None

    def carried_by(self, carrier: Carrier) -> tuple[Indicator, ...]:
        """The indicators of one credential, in order."""
        return tuple(indicator for indicator in self.indicators.values() if indicator.carrier is carrier)


def _named_elsewhere(indicator: Indicator) -> Iterable[tuple[str, bool]]:
    """What others call it, and whether they mean exactly this."""
    for mapping in (indicator.eu, indicator.cn):
        if mapping is not None:
            for name in mapping.label.values():
                yield name, mapping.match is Match.EXACT
    if indicator.catarc is not None:
        yield indicator.catarc, True


def _heading(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def load() -> Vocabulary:
    """The vocabulary of ``ontology/battery.ttl``.

    :raises MalformedOntology: the ontology contradicts itself; the message names the term.
    :raises UsageError: the file is not there.
    """
    return read(resources.read_text(ONTOLOGY), ONTOLOGY)


@cache
def regimes() -> Mapping[str, Regime]:
    """Every regime by its code, found by listing ``ontology/regimes/*.ttl``: a third country is one more file.

    :raises MalformedOntology: a file contradicts itself, the vocabulary or another file.
    """
    found: dict[str, Regime] = {}
    for file in sorted(resources.path(REGIMES).glob("*.ttl"), key=lambda path: (path.stem != "eu", path.stem)):
        name = f"{REGIMES}/{file.name}"
        regime = read_regime(resources.read_text(name), name, load().indicators)
        if regime.code in found:
            raise MalformedOntology(f"{name}: another file has the regime {regime.code} already")
        found[regime.code] = regime
    return MappingProxyType(found)


def read(text: str, name: str = ONTOLOGY) -> Vocabulary:
    """Read an ontology from Turtle.

    :param name: of the file, for messages.
    :raises MalformedOntology: not Turtle, or a contradiction in it.
    """
    return _Reader(Source(text, name)).vocabulary()


class _Reader:
    """Reads one ontology in the order in which its parts need each other."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.units = dict(map(self._unit, source.of_type(META.Unit)))
        self.enumerations = self._enumerations()
        self.dimensions, self.categories = self._dimensions()
        self.field_terms = {node.iri: self._term(node) for node in source.of_type(META.Term)}

    def vocabulary(self) -> Vocabulary:
        ontology = Node(self.source, URIRef(BASE + "ns"))
        version = ontology.required_text(OWL.versionInfo)
        indicators = sorted(
            ((self._indicator(node), node.integer(META.order)) for node in self.source.of_type(META.Indicator)),
            key=lambda pair: (pair[0].dimension.order, pair[0].category.order, pair[1]),
        )
        self._refuse_shared_places(indicators)
        by_id = {indicator.id: indicator for indicator, _ in indicators}
        terms = {indicator.id: indicator.as_term() for indicator in by_id.values()}
        for term in sorted(self.field_terms.values(), key=lambda term: term.id.casefold()):
            if term.id in terms:
                raise MalformedOntology(f"{self.source.name}: {term.id} is both an indicator and a term")
            terms[term.id] = term
        classes = {node.id: self._class(node) for node in self.source.of_type(OWL.Class) if node.iri.startswith(NS)}
        for clash in sorted(classes.keys() & terms.keys()):
            raise MalformedOntology(f"{self.source.name}: {clash} is both a class and a property")
        vocabulary = Vocabulary(
            version=version,
            dimensions=MappingProxyType(_by_order(self.dimensions.values())),
            categories=MappingProxyType(_by_order(self.categories.values())),
            enumerations=MappingProxyType({entry.id: entry for entry in self.enumerations.values()}),
            units=MappingProxyType({unit.code: unit for unit in self.units.values()}),
            indicators=MappingProxyType(by_id),
            terms=MappingProxyType(terms),
            classes=MappingProxyType(dict(sorted(classes.items()))),
        )
        vocabulary.by_heading("")  # two indicators under one heading are found now, not at the first workbook
        return vocabulary

    # --- units, lists, dimensions ---------------------------------------------------------------------------------

    @staticmethod
    def _unit(node: Node) -> tuple[str, Unit]:
        qudt = node.one(SKOS.exactMatch) or node.one(SKOS.broadMatch)
        return node.iri, Unit(
            code=node.required_text(_QUDT.ucumCode),
            symbol=node.required_text(_QUDT.symbol),
            qudt=None if qudt is None else str(qudt),
            label=node.texts(RDFS.label),
            plural=node.required_text(META.plural),
        )

    def _enumerations(self) -> dict[str, Enumeration]:
        members: dict[str, list[Node]] = {node.iri: [] for node in self.source.of_type(SKOS.ConceptScheme)}
        for node in self.source.of_type(SKOS.Concept):
            scheme = node.node(SKOS.inScheme)
            if scheme.iri not in members:
                raise node.wrong(f"is in the scheme {scheme.id}, which nobody defines")
            members[scheme.iri].append(node)
        return {iri: self._enumeration(Node(self.source, URIRef(iri)), nodes) for iri, nodes in members.items()}

    @staticmethod
    def _enumeration(scheme: Node, nodes: list[Node]) -> Enumeration:
        entries: list[tuple[int, Code]] = []
        for node in nodes:
            code = Code(
                code=node.required_text(SKOS.notation),
                label=node.texts(SKOS.prefLabel),
                definition=node.some_texts(SKOS.definition).get("en", ""),
            )
            if node.iri != f"{scheme.iri}.{code.code}":
                raise node.wrong(f"has the notation {code.code!r}, which its IRI does not end in")
            entries.append((node.integer(META.order) or 0, code))
        return Enumeration(
            id=scheme.id,
            label=scheme.texts(RDFS.label),
            codes=tuple(code for _, code in sorted(entries, key=lambda entry: (entry[0], entry[1].code))),
        )

    def _dimensions(self) -> tuple[dict[str, Dimension], dict[str, IndicatorCategory]]:
        dimensions: dict[str, Dimension] = {}
        categories: dict[str, IndicatorCategory] = {}
        concepts = sorted(self.source.of_type(SKOS.Concept), key=lambda node: node.iri)
        for node in concepts:
            if node.node(SKOS.inScheme).iri == CODES + "dimension":
                dimensions[node.iri] = Dimension(
                    id=node.required_text(SKOS.notation),
                    label=node.texts(SKOS.prefLabel),
                    order=node.integer(META.order) or 0,
                )
        for node in concepts:
            if node.node(SKOS.inScheme).iri == CODES + "category":
                dimension = dimensions.get(node.node(SKOS.broader).iri)
                if dimension is None:
                    raise node.wrong("belongs to a dimension that nobody defines")
                categories[node.iri] = IndicatorCategory(
                    id=node.required_text(SKOS.notation),
                    label=node.texts(SKOS.prefLabel),
                    dimension=dimension,
                    # The place among all categories: dimension first, then within it.
                    order=dimension.order * 1000 + (node.integer(META.order) or 0),
                )
        return dimensions, categories

    def _code(self, node: Node, predicate: URIRef, enumeration: str) -> str:
        return self._codes(node, predicate, enumeration, [node.required(predicate)])[0]

    def _codes(self, node: Node, predicate: URIRef, enumeration: str, values: Iterable | None = None) -> list[str]:
        known = self.enumerations[CODES + enumeration]
        found = []
        for value in node.all(predicate) if values is None else values:
            code = str(value).removeprefix(f"{CODES}{enumeration}.")
            if code not in known:
                raise node.wrong(f"has the unknown {enumeration} {local_name(str(value))!r}")
            found.append(code)
        return found

    # --- terms ----------------------------------------------------------------------------------------------------

    def _class(self, node: Node) -> ClassTerm:
        return ClassTerm(node.id, node.iri, node.texts(RDFS.label), node.texts(SKOS.definition))

    def _type(self, node: Node) -> tuple[Datatype, Enumeration | None]:
        """The one type of a term: rdfs:range, and whether it has codes or fields, must agree with its kind."""
        ranges = node.all(RDFS.range)
        if len(ranges) > 1:
            raise node.wrong("has two types: " + " and ".join(sorted(local_name(str(value)) for value in ranges)))
        datatype = _DATATYPES.get(str(node.required(RDFS.range)))
        if datatype is None:
            raise node.wrong(f"has the unknown type {ranges[0]}")
        if node.is_a(OWL.ObjectProperty) == node.is_a(OWL.DatatypeProperty):
            raise node.wrong("must be either an owl:ObjectProperty or an owl:DatatypeProperty")
        if node.is_a(OWL.ObjectProperty) != (datatype is Datatype.ANY_URI):
            raise node.wrong(f"is an {'object' if datatype is not Datatype.ANY_URI else 'datatype'} property"
                             f" with the type {local_name(str(ranges[0]))}")  # fmt: skip
        if node.one(META.fields) is not None:
            if datatype is not Datatype.ANY_URI:
                raise node.wrong("has fields, but is not an object property")
            return Datatype.STRUCTURED, None
        scheme = node.one(META.codes)
        if scheme is None:
            return datatype, None
        if datatype is not Datatype.STRING:
            raise node.wrong("has a code list, but is not a string")
        enumeration = self.enumerations.get(str(scheme))
        if enumeration is None:
            raise node.wrong(f"has the unknown code list {local_name(str(scheme))!r}")
        return Datatype.ENUM, enumeration

    def _unit_of(self, node: Node, datatype: Datatype) -> Unit | None:
        value = node.one(META.unit)
        if value is None:
            return None
        unit = self.units.get(str(value))
        if unit is None:
            raise node.wrong(f"has the unknown unit {local_name(str(value))!r}")
        if datatype not in (*_NUMBERS, Datatype.STRUCTURED):
            raise node.wrong(f"has a unit, but is of type {datatype}")
        return unit

    @staticmethod
    def _range(node: Node, datatype: Datatype, enumeration: Enumeration | None, base: Range | None = None) -> Range:
        base = base or Range()
        one_of = node.sorted_texts(META.oneOf)
        for code in one_of:
            if enumeration is None or code not in enumeration:
                raise node.wrong(f"allows the code {code!r}, which its list does not have")
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
            raise node.wrong(f"has bounds, but is of type {datatype}")
        if (own.min_length is not None or own.pattern is not None) and datatype in _NUMBERS:
            raise node.wrong(f"has a length or pattern, but is of type {datatype}")
        lower = (own.minimum, own.min_exclusive) if (own.minimum, own.min_exclusive) != (None, None) else (
            base.minimum, base.min_exclusive)  # fmt: skip
        upper = (own.maximum, own.max_exclusive) if (own.maximum, own.max_exclusive) != (None, None) else (
            base.maximum, base.max_exclusive)  # fmt: skip
        if None not in lower or None not in upper:
            raise node.wrong("has both an inclusive and an exclusive bound on one side")
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

    def _term(self, node: Node) -> Term:
        datatype, enumeration = self._type(node)
        return Term(
            id=local_name(node.iri).rpartition("/")[2],
            iri=node.iri,
            label=node.texts(RDFS.label),
            definition=node.texts(SKOS.definition),
            datatype=datatype,
            unit=self._unit_of(node, datatype),
            repeatable=node.flag(META.repeatable, default=False),
            range=self._range(node, datatype, enumeration),
            enumeration=enumeration,
            own=node.iri.startswith(NS),
            personal_data=node.flag(META.personalData, default=False),
        )

    def _field(self, node: Node, indicator: Node) -> Field:
        name = node.required_text(META.fieldName)
        if node.iri != f"{indicator.iri}.{name}":
            raise node.wrong(f"is a field of {indicator.id} named {name!r}, which its IRI does not say")
        term = self.field_terms.get(node.node(META.writtenAs).iri)
        if term is None:
            raise node.wrong("uses a term that nobody defines")
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
            range=self._range(node, term.datatype, term.enumeration, term.range),
            enumeration=term.enumeration,
            personal_data=term.personal_data,
            note=node.text(META.note),
        )

    # --- indicators -----------------------------------------------------------------------------------------------

    def _indicator(self, node: Node) -> Indicator:
        if not node.iri.startswith(NS):
            raise node.wrong("is an indicator outside the namespace of the vocabulary")
        datatype, enumeration = self._type(node)
        fields = tuple(self._field(entry, node) for entry in node.members(META.fields))
        for names in ([field.name for field in fields], [field.term for field in fields]):
            if len(names) != len(set(names)):
                raise node.wrong("has two fields of one name or term")
        category = self.categories.get(node.node(META.category).iri)
        if category is None:
            raise node.wrong("belongs to a category that nobody defines")
        if node.integer(META.order) is None:
            raise node.wrong("has no order")
        audiences = frozenset(map(Audience, self._codes(node, META.readableBy, "audience")))
        if not audiences:
            raise node.wrong("has no audience")
        dated_by = node.one(META.datedBy)
        if dated_by is not None and str(dated_by) not in self.field_terms:
            raise node.wrong("is dated by a term that nobody defines")
        return Indicator(
            id=node.id,
            iri=node.iri,
            label=node.texts(RDFS.label),
            definition=node.texts(SKOS.definition),
            dimension=category.dimension,
            category=category,
            datatype=datatype,
            unit=self._unit_of(node, datatype),
            max_count=node.integer(META.maxCount),
            range=self._range(node, datatype, enumeration),
            enumeration=enumeration,
            fields=fields,
            static=self._code(node, META.staticDynamic, "staticDynamic") == "S",
            granularity=self._code(node, META.granularity, "granularity"),
            carrier=Carrier(self._code(node, META.carrier, "carrier")),
            stage=Stage(self._code(node, META.stage, "stage")),
            audiences=audiences,
            audiences_art77=frozenset(map(Audience, self._codes(node, META.readableByArticle77, "audience")))
            or audiences,
            annex_xiii=node.text(META.annexXIII),
            ec_dp=tuple(sorted(int(str(value)) for value in node.all(META.guidanceDataPoint))),
            spec_clause=node.text(META.specClause),
            longlist=node.text(META.longlist),
            legal_reference=node.text(META.legalReference),
            fill_rule=node.required_text(META.fillRule),
            rule=node.required_text(META.rule),
            note=node.text(META.note),
            dated_by=None if dated_by is None else local_name(str(dated_by)),
            personal_data=node.flag(META.personalData, default=False),
            eu=self._eu(node),
            idta=self._idta(node),
            cn=self._cn(node),
            catarc=node.text(META.catarcTerm),
            catarc_access=node.text(META.catarcAccess),
            batterypass_paths=node.sorted_texts(META.batteryPassPath),
            catenax_paths=node.sorted_texts(META.catenaXPath),
            counted=node.flag(META.counted),
            confidence=node.required_text(META.confidence),
            sources=tuple(sorted(local_name(str(value)) for value in node.all(META.source))),
            export_class=self._export_class(node),
            peers=self._peers(node),
        )

    def _export_class(self, node: Node) -> ExportClass:
        # Denied by default: a new indicator leaves the country only after somebody has thought about it.
        said = self._codes(node, META.exportClass, "exportClass")
        if len(said) > 1:
            raise node.wrong("has two export classes")
        return ExportClass(next(iter(said), ExportClass.WITHHELD))

    @staticmethod
    def _mapped(node: Node) -> dict[Match, list[str]]:
        return {match: sorted(str(value) for value in node.all(URIRef(iri))) for iri, match in _MATCHES.items()}

    def _eu(self, node: Node) -> TermMapping | None:
        label = node.some_texts(META.euTerm)
        found = {
            match: [iri for iri in iris if not iri.startswith((_IDTA, *_PEERS))]
            for match, iris in self._mapped(node).items()
        }
        used = [match for match, iris in found.items() if iris]
        if len(used) > 1:
            raise node.wrong("maps to EU terms in two ways: " + " and ".join(used))
        if not label and not used:
            return None
        return TermMapping(label, used[0] if used else None, tuple(found[used[0]]) if used else ())

    def _idta(self, node: Node) -> tuple[TermMapping, ...]:
        found = {match: [iri for iri in iris if iri.startswith(_IDTA)] for match, iris in self._mapped(node).items()}
        return tuple(TermMapping({}, match, tuple(iris)) for match, iris in found.items() if iris)

    def _peers(self, node: Node) -> tuple[TermMapping, ...]:
        found = {match: [iri for iri in iris if iri.startswith(_PEERS)] for match, iris in self._mapped(node).items()}
        return tuple(TermMapping({}, match, tuple(iris)) for match, iris in found.items() if iris)

    @staticmethod
    def _cn(node: Node) -> TermMapping | None:
        label = node.some_texts(META.cnTerm)
        if not label:
            return None
        match = _MATCHES.get(str(node.required(META.cnMatch)))
        if match is None:
            raise node.wrong(f"has the unknown cnMatch {node.required(META.cnMatch)}")
        return TermMapping(label, match, source=node.text(META.cnSource))

    def _refuse_shared_places(self, indicators: Iterable[tuple[Indicator, int | None]]) -> None:
        places: dict[tuple[str, int | None], str] = {}
        for indicator, order in indicators:
            place = (indicator.category.id, order)
            if place in places:
                raise MalformedOntology(
                    f"{self.source.name}: {indicator.id} and {places[place]} have the same order in their category"
                )
            places[place] = indicator.id


def _by_order(values: Iterable) -> dict:
    return {value.id: value for value in sorted(values, key=lambda value: value.order)}
