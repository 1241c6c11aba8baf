"""The event kinds, rules and permits of ``ontology/lifecycle.ttl``, with the names that ``ontology/battery.ttl`` gives.

kinds = catalogue().kinds
kinds["fit"].roles                     # ("vehicleMaker", "repairShop")
kinds["fit"].label["zh"]               # 装车
catalogue().profile("cn")              # the rules of a jurisdiction, by code
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from types import MappingProxyType
from typing import TypeVar

import rdflib

from passport.errors import MalformedOntology, UsageError
from passport.linked_data import resources
from passport.texts import Message
from passport.vocabulary.indicator import Audience, Code, Enumeration, Term, Texts
from passport.vocabulary.strict_turtle import BASE, CODES, NS, RDFS, SKOS, OntologyNode, OntologySource, local_name
from passport.vocabulary.vocabulary import Vocabulary, load

FILE = "ontology/lifecycle.ttl"
LC = rdflib.Namespace(BASE + "lifecycle#")
#: Parts of an event besides its fields that a kind can ask for.
MEMBERS = ("place", "counterpart", "vehicle", "parts", "corrects")
_HOLDERS = ("actor", "buyer")
_OWNERS = ("actor", "buyer", "actor-if-stated")
_ENDS = ("always", "if-whole")
_LEGAL = ("product", "waste")
AS_STATED = "as-stated"

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class LifecycleSource:
    """Where a statement was read.

    :param kind: ``law``, ``standard``, ``press``, ``publication`` or ``project``.
    :param verified: whether the text itself was read.
    """

    code: str
    label: Texts
    kind: str
    verified: bool


@dataclass(frozen=True)
class EventKind:
    """One kind of event. The meaning of each member is in the head of ``ontology/lifecycle.ttl``.

    :param roles: codes of the list ``actorRole``.
    :param required: fields by name; the name is the id of the term.
    :param members_required: of :data:`MEMBERS`.
    :param conditions: what must be so before the event, see :mod:`passport.lifecycle.checks.conditions`.
    :param holder: ``actor``, ``buyer``; None where custody stays.
    :param owner: ``actor``, ``buyer``, ``actor-if-stated``; None where ownership stays.
    :param status: code of the list ``batteryStatus``, ``as-stated``, or None.
    :param status_after_reuse: EU status where the pack was assessed as fit for re-use.
    :param legal: ``product``, ``waste`` or None.
    :param ends: ``always``, ``if-whole`` or None.
    :param audiences: who may read the event; what is public is readable by all.
    """

    code: str
    label: Texts
    roles: tuple[str, ...]
    required: Mapping[str, Term]
    optional: Mapping[str, Term]
    members_required: tuple[str, ...]
    members_optional: tuple[str, ...]
    conditions: tuple[str, ...]
    holder: str | None
    owner: str | None
    status: str | None
    status_after_reuse: str | None
    legal: str | None
    ends: str | None
    while_stopped: bool
    after_end: bool
    audiences: tuple[Audience, ...]
    sources: tuple[LifecycleSource, ...]

    @cached_property
    def fields(self) -> Mapping[str, Term]:
        """All fields that an event of this kind may have, required ones first."""
        return {**self.required, **self.optional}


@dataclass(frozen=True)
class LifecycleRule:
    """A rule of a jurisdiction that can be left out.

    :param profile: ``cn``, ``eu``.
    :param in_force_from: first day; events before it are not bound.
    :param basis: source of the rule, shown with each refusal by it.
    :param banned_uses: codes of the list ``intendedUse``.
    """

    code: str
    label: Texts
    profile: str
    in_force_from: date
    basis: Texts
    source: LifecycleSource
    banned_uses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class PermitKind:
    """A permit, and the role that needs it."""

    code: str
    label: Texts
    role: str
    source: LifecycleSource


@dataclass(frozen=True)
class LifecycleCatalogue:
    """All kinds, rules, permits and conditions by code; kinds, roles and states in the order of their lists."""

    kinds: Mapping[str, EventKind]
    rules: Mapping[str, LifecycleRule]
    permits: Mapping[str, PermitKind]
    conditions: Mapping[str, Texts]
    roles: Enumeration
    states: Enumeration

    def profile(self, *codes: str) -> Mapping[str, LifecycleRule]:
        """The rules of these jurisdictions; of all, where none is named.

        :raises UsageError: a jurisdiction without rules.
        """
        known = {rule.profile for rule in self.rules.values()}
        for code in codes:
            if code not in known:
                raise UsageError(
                    Message("there are no life-cycle rules of {code}", code=code),
                    expected=Message("one of {codes}", codes=sorted(known)),
                    found=code,
                )
        return {code: rule for code, rule in self.rules.items() if not codes or rule.profile in codes}

    def audiences(self, kind: str, corrected: str | None = None) -> tuple[Audience, ...]:
        """Who may read an event; a correction is readable by those who may read what it corrects."""
        if kind == "correct" and corrected is not None and corrected in self.kinds:
            return self.kinds[corrected].audiences
        return self.kinds[kind].audiences


@cache
def catalogue() -> LifecycleCatalogue:
    """The catalogue of the installed file.

    :raises MalformedOntology: the file contradicts itself or the vocabulary; the message names the term.
    """
    return read(resources.read_text(FILE), load())


def read(text: str, vocabulary: Vocabulary, name: str = FILE) -> LifecycleCatalogue:
    """The catalogue that a text states; see :func:`catalogue`."""
    reader = _CatalogueReader(OntologySource(text, name), vocabulary)
    events = vocabulary.enumerations["lifecycleEvent"]
    nodes = {node.iri: node for node in reader.source.of_type(LC.EventKind)}
    kinds = {
        code.code: reader.kind(nodes.pop(f"{CODES}lifecycleEvent.{code.code}"), code)
        for code in events.codes
        if f"{CODES}lifecycleEvent.{code.code}" in nodes
    }
    for node in nodes.values():
        raise node.wrong("is an event kind that the list lifecycleEvent does not have")
    if not kinds:
        raise MalformedOntology(Message("{name} has no event kinds", name=name))
    return LifecycleCatalogue(
        kinds=MappingProxyType(kinds),
        rules=MappingProxyType(reader.rules()),
        permits=MappingProxyType(reader.permits()),
        conditions=MappingProxyType(dict(reader.conditions.values())),
        roles=vocabulary.enumerations["actorRole"],
        states=vocabulary.enumerations["lifecycleState"],
    )


class _CatalogueReader:
    def __init__(self, source: OntologySource, vocabulary: Vocabulary) -> None:
        self.source = source
        self.vocabulary = vocabulary
        self.sources = {node.iri: self._source(node) for node in source.of_type(LC.Source)}
        self.conditions = {
            node.iri: (node.required_text(SKOS.notation), node.texts(RDFS.label))
            for node in source.of_type(LC.Condition)
        }

    def kind(self, node: OntologyNode, code: Code) -> EventKind:
        audiences = set(self._codes(node, LC.readableBy, "audience"))
        conditions = {self._known(node, value, self.conditions)[0] for value in node.all(LC.presupposes)}
        if not audiences:
            raise node.wrong("names no audience")
        kind = EventKind(
            code=code.code,
            label=code.label,
            roles=self._codes(node, LC.reportedBy, "actorRole"),
            required=self._fields(node, LC.requires),
            optional=self._fields(node, LC.allows),
            members_required=self._members(node, LC.member),
            members_optional=self._members(node, LC.mayHave),
            conditions=tuple(code for code, _ in self.conditions.values() if code in conditions),
            holder=self._one_of(node, LC.holder, _HOLDERS),
            owner=self._one_of(node, LC.owner, _OWNERS),
            status=self._status(node, LC.status),
            status_after_reuse=self._status(node, LC.statusAfterReuse),
            legal=self._one_of(node, LC.legal, _LEGAL),
            ends=self._one_of(node, LC.ends, _ENDS),
            while_stopped=node.flag(LC.whileStopped, False),
            after_end=node.flag(LC.afterEnd, False),
            audiences=tuple(audience for audience in Audience if audience in audiences),
            sources=self._sources(node),
        )
        if not kind.roles:
            raise node.wrong("is reported by no role")
        for name in (
            *kind.required.keys() & kind.optional.keys(),
            *({*kind.members_required} & {*kind.members_optional}),
        ):
            raise node.wrong(f"both requires and allows {name}")
        return kind

    def rules(self) -> dict[str, LifecycleRule]:
        by_code: dict[str, LifecycleRule] = {}
        for node in sorted(self.source.of_type(LC.Rule), key=lambda node: node.iri):
            rule = LifecycleRule(
                code=node.required_text(SKOS.notation),
                label=node.texts(RDFS.label),
                profile=node.required_text(LC.profile),
                in_force_from=self._day(node, LC.inForceFrom),
                basis=node.texts(LC.basis),
                source=self._sources(node)[0],
                banned_uses=frozenset(self._codes(node, LC.bansUse, "intendedUse")),
            )
            if rule.code in by_code:
                raise node.wrong(f"has the notation {rule.code}, which another has too")
            by_code[rule.code] = rule
        return by_code

    def permits(self) -> dict[str, PermitKind]:
        by_code: dict[str, PermitKind] = {}
        for node in sorted(self.source.of_type(LC.PermitKind), key=lambda node: node.iri):
            for role in self._codes(node, LC.neededBy, "actorRole"):
                permit = PermitKind(
                    node.required_text(SKOS.notation), node.texts(RDFS.label), role, self._sources(node)[0]
                )
                by_code[permit.code] = permit
        return by_code

    @staticmethod
    def _source(node: OntologyNode) -> LifecycleSource:
        return LifecycleSource(
            node.required_text(SKOS.notation),
            node.texts(RDFS.label),
            node.required_text(LC.kind),
            node.flag(LC.verified),
        )

    def _sources(self, node: OntologyNode) -> tuple[LifecycleSource, ...]:
        sources = [self._known(node, value, self.sources) for value in node.all(LC.source)]
        if not sources:
            raise node.wrong("names no source")
        return tuple(source for source in self.sources.values() if source in sources)

    def _codes(self, node: OntologyNode, predicate: rdflib.URIRef, name: str) -> tuple[str, ...]:
        prefix = f"{CODES}{name}."
        stated = {str(value).removeprefix(prefix) for value in node.all(predicate)}
        known = [code.code for code in self.vocabulary.enumerations[name].codes]
        for unknown in sorted(stated - set(known)):
            raise node.wrong(f"has the unknown {name} {local_name(unknown)!r}")
        return tuple(code for code in known if code in stated)

    def _fields(self, node: OntologyNode, predicate: rdflib.URIRef) -> Mapping[str, Term]:
        stated = {str(value).removeprefix(NS) for value in node.all(predicate)}
        for unknown in sorted(stated - set(self.vocabulary.terms)):
            raise node.wrong(f"has the unknown field {unknown!r}")
        return MappingProxyType({name: term for name, term in self.vocabulary.terms.items() if name in stated})

    @staticmethod
    def _day(node: OntologyNode, predicate: rdflib.URIRef) -> date:
        value = node.required(predicate)
        day = value.toPython() if isinstance(value, rdflib.Literal) else value
        if type(day) is not date:
            raise node.wrong(f"has {value!r}, where a date is meant")
        return day

    @staticmethod
    def _members(node: OntologyNode, predicate: rdflib.URIRef) -> tuple[str, ...]:
        stated = node.sorted_texts(predicate)
        for unknown in sorted(set(stated) - set(MEMBERS)):
            raise node.wrong(f"has the unknown member {unknown!r}")
        return tuple(member for member in MEMBERS if member in stated)

    @staticmethod
    def _one_of(node: OntologyNode, predicate: rdflib.URIRef, known: Iterable[str]) -> str | None:
        value = node.text(predicate)
        if value is not None and value not in known:
            raise node.wrong(f"has {value!r} for {local_name(str(predicate))}")
        return value

    def _status(self, node: OntologyNode, predicate: rdflib.URIRef) -> str | None:
        if node.text(predicate) == AS_STATED:
            return AS_STATED
        node.one(predicate)
        return next(iter(self._codes(node, predicate, "batteryStatus")), None)

    @staticmethod
    def _known(node: OntologyNode, value: rdflib.term.Node, known: Mapping[str, _Value]) -> _Value:
        if str(value) not in known:
            raise node.wrong(f"names {local_name(str(value))}, which the file does not define")
        return known[str(value)]
