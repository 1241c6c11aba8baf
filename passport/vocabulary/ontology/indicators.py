"""Reads the indicators of the ontology: the part each belongs to, its audiences, and its names in other vocabularies.

An indicator is a term with further properties; :mod:`passport.vocabulary.ontology.terms` reads those of every term.
Reading is strict: a contradiction raises :class:`MalformedOntology`, which names the indicator.
"""

from __future__ import annotations

from collections.abc import Iterable

from rdflib import URIRef

from passport.errors import MalformedOntology
from passport.texts import Message
from passport.vocabulary.indicator import (
    Audience,
    Carrier,
    Course,
    Dimension,
    ExportClass,
    Indicator,
    IndicatorCategory,
    Match,
    Stage,
    TermMapping,
)
from passport.vocabulary.ontology.terms import TermReader
from passport.vocabulary.strict_turtle import CODES, META, NS, RDFS, SKOS, OntologyNode, local_name

_MATCHES = {str(SKOS[f"{match}Match"]): match for match in Match}
_IDTA = "urn:samm:io.admin-shell.idta."
#: GS1 Web Vocabulary, CIRPASS-2 EU DPP core ontology, EMMO electrochemistry (which BattINFO imports).
_PEERS = (
    "https://ref.gs1.org/voc/", "https://w3id.org/eudpp#", "https://w3id.org/eudpp/battery",
    "https://w3id.org/emmo/domain/electrochemistry#",
)  # fmt: skip


class IndicatorReader:
    """Reads dimensions, categories and indicators.

    :param terms: the terms of the same ontology.
    :raises MalformedOntology: a contradiction.
    """

    def __init__(self, terms: TermReader) -> None:
        self._terms = terms
        self._source = terms.source
        self.dimensions, self.categories = self._dimensions()

    def indicators(self) -> dict[str, Indicator]:
        """All of them by id, in the vocabulary's order."""
        indicators = sorted(
            ((self._indicator(node), node.integer(META.order)) for node in self._source.of_type(META.Indicator)),
            key=lambda pair: (pair[0].dimension.order, pair[0].category.order, pair[1]),
        )
        self._refuse_shared_places(indicators)
        return {indicator.id: indicator for indicator, _ in indicators}

    def _dimensions(self) -> tuple[dict[str, Dimension], dict[str, IndicatorCategory]]:
        dimensions: dict[str, Dimension] = {}
        categories: dict[str, IndicatorCategory] = {}
        concepts = sorted(self._source.of_type(SKOS.Concept), key=lambda node: node.iri)
        for node in concepts:
            if node.node(SKOS.inScheme).iri == CODES + "dimension":
                label = node.texts(SKOS.prefLabel)
                dimensions[node.iri] = Dimension(
                    id=node.required_text(SKOS.notation),
                    label=label,
                    in_text=node.in_text(label),
                    order=node.integer(META.order) or 0,
                )
        for node in concepts:
            if node.node(SKOS.inScheme).iri == CODES + "category":
                dimension = dimensions.get(node.node(SKOS.broader).iri)
                if dimension is None:
                    raise node.wrong(Message("belongs to a dimension that is not defined"))
                categories[node.iri] = IndicatorCategory(
                    id=node.required_text(SKOS.notation),
                    label=node.texts(SKOS.prefLabel),
                    dimension=dimension,
                    # The place among all categories: dimension first, then within it.
                    order=dimension.order * 1000 + (node.integer(META.order) or 0),
                )
        return dimensions, categories

    def _indicator(self, node: OntologyNode) -> Indicator:
        if not node.iri.startswith(NS):
            raise node.wrong(Message("is an indicator outside the namespace of the vocabulary"))
        datatype, enumeration = self._terms.type_of(node)
        fields = tuple(self._terms.field(entry, node) for entry in node.members(META.fields))
        for names in ([field.name for field in fields], [field.term for field in fields]):
            if len(names) != len(set(names)):
                raise node.wrong(Message("has two fields of one name or term"))
        category = self.categories.get(node.node(META.category).iri)
        if category is None:
            raise node.wrong(Message("belongs to a category that is not defined"))
        if node.integer(META.order) is None:
            raise node.wrong(Message("has no order"))
        audiences = frozenset(map(Audience, self._terms.codes(node, META.readableBy, "audience")))
        if not audiences:
            raise node.wrong(Message("has no audience"))
        dated_by = node.one(META.datedBy)
        if dated_by is not None and str(dated_by) not in self._terms.terms:
            raise node.wrong(Message("is dated by a term that is not defined"))
        label = node.texts(RDFS.label)
        return Indicator(
            id=node.id,
            iri=node.iri,
            label=label,
            in_text=node.in_text(label),
            definition=node.texts(SKOS.definition),
            dimension=category.dimension,
            category=category,
            datatype=datatype,
            unit=self._terms.unit_of(node, datatype),
            max_count=node.integer(META.maxCount),
            range=self._terms.range_of(node, datatype, enumeration),
            enumeration=enumeration,
            fields=fields,
            static=self._terms.code(node, META.staticDynamic, "staticDynamic") == "S",
            granularity=self._terms.code(node, META.granularity, "granularity"),
            carrier=Carrier(self._terms.code(node, META.carrier, "carrier")),
            stage=Stage(self._terms.code(node, META.stage, "stage")),
            audiences=audiences,
            audiences_art77=frozenset(map(Audience, self._terms.codes(node, META.readableByArticle77, "audience")))
            or audiences,
            annex_xiii=node.text(META.annexXIII),
            ec_dp=tuple(sorted(int(str(value)) for value in node.all(META.guidanceDataPoint))),
            spec_clause=node.text(META.specClause),
            longlist=node.text(META.longlist),
            legal_reference=node.text(META.legalReference),
            fill_rule=node.texts(META.fillRule),
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
            course=Course(
                never_falls=node.flag(META.neverFalls, default=False),
                most_per_day=node.number(META.mostPerDay),
                plausible_rise=node.number(META.plausibleRise),
            ),
            former_labels=tuple(text for texts in node.many_texts(SKOS.hiddenLabel).values() for text in texts),
        )

    def _export_class(self, node: OntologyNode) -> ExportClass:
        # Denied by default: a new indicator leaves the country only after a decision on it.
        codes = self._terms.codes(node, META.exportClass, "exportClass")
        if len(codes) > 1:
            raise node.wrong(Message("has two export classes"))
        return ExportClass(next(iter(codes), ExportClass.WITHHELD))

    @staticmethod
    def _mapped(node: OntologyNode) -> dict[Match, list[str]]:
        return {match: sorted(str(value) for value in node.all(URIRef(iri))) for iri, match in _MATCHES.items()}

    def _eu(self, node: OntologyNode) -> TermMapping | None:
        label = node.some_texts(META.euTerm)
        by_match = {
            match: [iri for iri in iris if not iri.startswith((_IDTA, *_PEERS))]
            for match, iris in self._mapped(node).items()
        }
        used = [match for match, iris in by_match.items() if iris]
        if len(used) > 1:
            raise node.wrong(Message("maps to EU terms in two ways: {used}", used=" and ".join(used)))
        if not label and not used:
            return None
        return TermMapping(label, used[0] if used else None, tuple(by_match[used[0]]) if used else ())

    def _idta(self, node: OntologyNode) -> tuple[TermMapping, ...]:
        by_match = {match: [iri for iri in iris if iri.startswith(_IDTA)] for match, iris in self._mapped(node).items()}
        return tuple(TermMapping({}, match, tuple(iris)) for match, iris in by_match.items() if iris)

    def _peers(self, node: OntologyNode) -> tuple[TermMapping, ...]:
        by_match = {
            match: [iri for iri in iris if iri.startswith(_PEERS)] for match, iris in self._mapped(node).items()
        }
        return tuple(TermMapping({}, match, tuple(iris)) for match, iris in by_match.items() if iris)

    @staticmethod
    def _cn(node: OntologyNode) -> TermMapping | None:
        label = node.some_texts(META.cnTerm)
        if not label:
            return None
        match = _MATCHES.get(str(node.required(META.cnMatch)))
        if match is None:
            raise node.wrong(Message("has the unknown cnMatch {required}", required=node.required(META.cnMatch)))
        return TermMapping(label, match, source=node.text(META.cnSource))

    def _refuse_shared_places(self, indicators: Iterable[tuple[Indicator, int | None]]) -> None:
        places: dict[tuple[str, int | None], str] = {}
        for indicator, order in indicators:
            place = (indicator.category.id, order)
            if place in places:
                raise MalformedOntology(
                    Message(
                        "{name}: {id} and {places} have the same order in their category",
                        name=self._source.name,
                        id=indicator.id,
                        places=places[place],
                    )
                )
            places[place] = indicator.id
