"""Certification schemes: which indicators a third party examines, how far, and for how long that holds. Data.

Every file of ``ontology/certification/`` is a scheme; a new one needs no code. ``verified`` says whether the rules were
taken from a published text; a scheme of this project's own is not.

    schemes()["https://w3id.org/battery-passport/certification#carbon-footprint"].rules
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from rdflib import RDFS, Namespace

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.texts import Message
from passport.vocabulary.indicator import Enumeration, Indicator, Texts
from passport.vocabulary.strict_turtle import OntologyNode, OntologySource
from passport.vocabulary.vocabulary import Vocabulary, load

FOLDER = "ontology/certification"
LEVELS = "attestationLevel"
_CERT = Namespace("https://w3id.org/battery-passport/certification#")


@dataclass(frozen=True)
class CertificationRule:
    """What a scheme asks of one indicator.

    :ivar least_level: code of the list ``attestationLevel``; :ivar required: whether a certificate needs it.
    """

    indicator: str
    least_level: str
    required: bool


@dataclass(frozen=True)
class CertificationScheme:
    """:ivar iri: by which attestations name it; :ivar valid_months: how long an examination holds at most.

    :ivar verified: whether its rules were taken from a published text.
    """

    iri: str
    code: str
    label: Texts
    description: Texts
    valid_months: int
    verified: bool
    rules: Mapping[str, CertificationRule]

    @property
    def required(self) -> tuple[str, ...]:
        """Indicators that a certificate needs."""
        return tuple(rule.indicator for rule in self.rules.values() if rule.required)


def read_scheme(text: str, name: str, vocabulary: Vocabulary) -> CertificationScheme:
    """The scheme of a file.

    :raises MalformedOntology: it is none, or speaks of what the vocabulary does not have.
    """
    source = OntologySource(text, name)
    found = list(source.of_type(_CERT.Scheme))
    if len(found) != 1:
        raise MalformedOntology(Message("{name} holds no scheme, or several", name=name))
    (scheme,) = found
    by_iri = {indicator.iri: indicator for indicator in vocabulary.indicators.values()}
    levels = vocabulary.enumerations[LEVELS]
    months = scheme.integer(_CERT.validMonths)
    if months is None or months < 1:
        raise scheme.wrong(Message("needs a number of months for which it holds"))
    rules: dict[str, CertificationRule] = {}
    for node in source.of_type(_CERT.Rule):
        rule = _rule(node, scheme, by_iri, levels)
        if rule.indicator in rules:
            raise node.wrong(Message("says a second thing about {id}", id=rule.indicator))
        rules[rule.indicator] = rule
    if not any(rule.required for rule in rules.values()):
        raise scheme.wrong(Message("requires no indicator"))
    return CertificationScheme(
        scheme.iri, scheme.required_text(_CERT.code), scheme.texts(RDFS.label), scheme.texts(RDFS.comment), months,
        scheme.flag(_CERT.verified), MappingProxyType(rules),
    )  # fmt: skip


def _rule(
    node: OntologyNode, scheme: OntologyNode, by_iri: Mapping[str, Indicator], levels: Enumeration
) -> CertificationRule:  # fmt: skip
    if node.node(_CERT.scheme).iri != scheme.iri:
        raise node.wrong(Message("is of another scheme"))
    indicator = by_iri.get(node.node(_CERT.indicator).iri)
    if indicator is None:
        raise node.wrong(Message("speaks of an indicator that the vocabulary does not have"))
    level = node.node(_CERT.leastLevel).iri.rpartition(f"{LEVELS}.")[2]
    if levels.get(level) is None:
        raise node.wrong(Message("has an unknown level"))
    return CertificationRule(indicator.id, level, node.flag(_CERT.required))


@cache
def schemes() -> Mapping[str, CertificationScheme]:
    """Every scheme by its IRI."""
    vocabulary = load()
    files = sorted(path for path in resources.path(FOLDER).iterdir() if path.suffix == ".ttl")
    read = [read_scheme(path.read_text("utf-8"), f"{FOLDER}/{path.name}", vocabulary) for path in files]
    return MappingProxyType({scheme.iri: scheme for scheme in read})


def scheme_named(text: str) -> CertificationScheme | None:
    """The scheme of a code or IRI."""
    return next((scheme for scheme in schemes().values() if text in (scheme.iri, scheme.code)), None)


def level_order(code: str) -> int:
    """The place of a level among the others: a greater number looks further."""
    codes = [each.code for each in load().enumerations[LEVELS].codes]
    return codes.index(code) if code in codes else -1
