"""The constants of the methods, read from ``ontology/footprint.ttl``: every number there has its source and date.

For example:

    facts().number("setting", "allocation-factor")      # Decimal("0.5")
    facts().lists["mode"]["rail"].value                 # Decimal("0.003")
    facts().gwp("ar6")["ch4-fossil"]                    # Decimal("29.8")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType

import rdflib

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.texts import ENGLISH, Message, Text, say
from passport.vocabulary.strict_turtle import BASE, META, RDFS, SKOS, OntologyNode, OntologySource

FILE = "ontology/footprint.ttl"
FP = rdflib.Namespace(BASE + "footprint#")
#: Name of a list -> class of its members.
LISTS = {
    "setting": "Setting",
    "vehicle-class": "VehicleClass",
    "material": "DefaultMaterial",
    "mode": "TransportMode",
    "gas": "Gas",
    "gwp-set": "GwpSet",
    "boundary": "Boundary",
    "stage": "Stage",
    "step": "Step",
    "data-kind": "DataKind",
    "electricity": "ElectricityTreatment",
    "end-of-life": "EndOfLifeCounting",
    "unit": "Unit",
    "quality-class": "QualityClass",
    "material-without-default": "MaterialWithoutDefault",
    "time-level": "TimeLevel",
    "geography-level": "GeographyLevel",
    "region": "Region",
    "exclusion": "Exclusion",
    "report-item": "ReportItem",
}


@dataclass(frozen=True)
class Reference:
    """Where a fact was read; ``day`` is the date of that text."""

    code: str
    label: Mapping[str, str]
    day: date


@dataclass(frozen=True)
class MethodFact:
    """One member of a list.

    :param value: the number, None for a code without one.
    :param below: exclusive upper bound, :param up_to: inclusive one, of a class.
    :param synonyms: other names in use, in any language.
    :param members: country codes of a region, ``*`` for all.
    :param verified: False where the fact was not read in the text that it is ascribed to.
    """

    code: str
    label: Mapping[str, str]
    value: Decimal | None
    source: Reference | None
    below: Decimal | None = None
    up_to: Decimal | None = None
    synonyms: tuple[str, ...] = ()
    members: frozenset[str] = frozenset()
    verified: bool = True

    def is_called(self, name: str) -> bool:
        """Whether a name is the code, a label or a synonym, in any language."""
        wanted = name.strip().casefold()
        return wanted in (self.code.casefold(), *(each.casefold() for each in (*self.label.values(), *self.synonyms)))


@dataclass(frozen=True)
class MethodFacts:
    """All lists: name -> code -> fact, in the order of the file."""

    lists: Mapping[str, Mapping[str, MethodFact]]
    _gwp: Mapping[str, Mapping[str, Decimal]]

    def number(self, name: str, code: str) -> Decimal:
        """The number of a fact that has one."""
        value = self.lists[name][code].value
        assert value is not None
        return value

    def gwp(self, name: str) -> Mapping[str, Decimal]:
        """Potentials by gas, kg CO2e per kg."""
        return self._gwp[name]

    def named(self, name: str, code: str) -> Text:
        """The label of a code, marked where the fact is not verified; the code itself where the list has no such."""
        fact = self.lists[name].get(code)
        if fact is None:
            return code
        return fact.label if fact.verified else Message("{label} (not verified)", label=fact.label)

    def label(self, name: str, code: str, language: str) -> str:
        """The label of a code in a language."""
        return say(self.named(name, code), language)

    def item(self, table: str, item: str) -> Text:
        """The item of a line in a table of the inventory: codes of gases and modes have labels, others are names."""
        listed = {"emissions": "gas", "transport": "mode"}.get(table)
        return self.named(listed, item) if listed else item

    def source(self, name: str) -> Text:
        """A source that a result names in English: its label in all languages; the name itself where it is not one of
        the methods' sources but the inventory's."""
        every = (fact.source for facts_ in self.lists.values() for fact in facts_.values())
        return next((each.label for each in every if each and each.label[ENGLISH] == name), name)

    def default_material(self, name: str) -> MethodFact | None:
        """The default factor of a material called by its code, a label or a usual synonym."""
        return self._called("material", name)

    def material_without_default(self, name: str) -> MethodFact | None:
        """A material that resembles one with a default factor and has none, such as NCA beside NCM."""
        return self._called("material-without-default", name)

    def _called(self, listed: str, name: str) -> MethodFact | None:
        return next((fact for fact in self.lists[listed].values() if fact.is_called(name)), None)


@lru_cache(maxsize=1)
def facts() -> MethodFacts:
    """The facts of the installed file.

    :raises MalformedOntology: it is not Turtle, or something in it is said twice or not in both languages.
    """
    return read(resources.read_text(FILE))


def read(text: str, name: str = FILE) -> MethodFacts:
    """The facts that a text states; see :func:`facts`."""
    source = OntologySource(text, name)
    references = {node.iri: _reference(node) for node in source.of_type(FP.Source)}
    lists = {list_name: _list(source, kind, references) for list_name, kind in LISTS.items()}
    potentials: dict[str, dict[str, Decimal]] = {code: {} for code in lists["gwp-set"]}
    for node in sorted(source.of_type(FP.Gas), key=lambda node: node.integer(META.order) or 0):
        blend = node.sorted_texts(FP.blendOf)
        for code, table in potentials.items():
            value = _potential_of_blend(node, blend, table) if blend else node.number(FP[code])
            if value is None:
                raise node.wrong(Message("has no potential in {set}", set=code))
            table[node.required_text(SKOS.notation)] = value
    frozen = {code: MappingProxyType(table) for code, table in potentials.items()}
    return MethodFacts(MappingProxyType(lists), MappingProxyType(frozen))


def _potential_of_blend(node: OntologyNode, blend: Sequence[str], known: Mapping[str, Decimal]) -> Decimal:
    """The potential of a blend: that of its parts, weighted by their shares of its mass."""
    shares = {name: Decimal(share) for name, _, share in (part.partition(" ") for part in blend)}
    if not shares.keys() <= known.keys() or sum(shares.values()) != 1:
        raise node.wrong(Message("is no blend of gases defined before it"))
    return sum((known[name] * share for name, share in shares.items()), Decimal(0))


def _list(source: OntologySource, kind: str, references: Mapping[str, Reference]) -> Mapping[str, MethodFact]:
    nodes = sorted(source.of_type(FP[kind]), key=lambda node: (node.integer(META.order) or 0, node.iri))
    entries: dict[str, MethodFact] = {}
    for node in nodes:
        fact = _fact(node, references)
        if fact.code in entries:
            raise node.wrong(Message("has the notation {code}, which another has too", code=fact.code))
        entries[fact.code] = fact
    if not entries:
        raise MalformedOntology(Message("{file} has no {kind}", file=source.name, kind=kind))
    return MappingProxyType(entries)


def _reference(node: OntologyNode) -> Reference:
    written = node.required(FP.date)
    day = written.toPython() if isinstance(written, rdflib.Literal) else str(written)
    if not isinstance(day, date):
        raise node.wrong(Message("has the date {day!r}", day=day))
    return Reference(node.required_text(SKOS.notation), node.texts(RDFS.label), day)


def _fact(node: OntologyNode, references: Mapping[str, Reference]) -> MethodFact:
    named = node.one(FP.source)
    if named is not None and str(named) not in references:
        raise node.wrong(Message("names the unknown source {source}", source=named))
    value = node.number(FP.value)
    if value is not None and named is None:
        raise node.wrong(Message("has a value without a source"))
    return MethodFact(
        node.required_text(SKOS.notation),
        node.texts(RDFS.label),
        value,
        references[str(named)] if named is not None else None,
        node.number(FP.below),
        node.number(FP.upTo),
        tuple(sorted(str(each) for each in node.all(SKOS.altLabel))),
        frozenset((node.text(FP.members) or "").split()),
        node.flag(FP.verified, True),
    )
