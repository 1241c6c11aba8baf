"""Values that annexes of Regulation (EU) 2023/1542 fix, read from ``ontology/eu-annexes.ttl``.

Restricted substances (Annex I), recycling efficiency and recovery of materials (Annex XII), each with its first day,
its source and whether it was read in the text of the regulation.

    limit(LimitKind.MATERIAL_RECOVERY, "Li", date(2032, 1, 1)).share        # Decimal("80.0")
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import cache

from rdflib import RDFS, Literal, Namespace
from rdflib.namespace import DCTERMS

from passport.errors import MalformedOntology
from passport.linked_data import resources
from passport.texts import Message
from passport.vocabulary.indicator import Texts
from passport.vocabulary.strict_turtle import BASE, OntologyNode, OntologySource

FILE = "ontology/eu-annexes.ttl"
_ANNEX = Namespace(BASE + "annexes#")


class LimitKind(StrEnum):
    """What a value limits. ``content`` is the greatest share allowed, the others are the least."""

    CONTENT = "content"
    RECYCLING_EFFICIENCY = "recycling-efficiency"
    MATERIAL_RECOVERY = "material-recovery"


@dataclass(frozen=True)
class AnnexLimit:
    """One value of an annex.

    :param subject: symbol of a metal, or a kind of waste battery (``lithium-based``).
    :param batteries: code of the battery category that it binds; None for all.
    :param share: per cent by weight.
    :param source: annex and point, by language.
    :param verified: whether the value was read in the text of the regulation.
    """

    kind: LimitKind
    subject: str
    batteries: str | None
    share: Decimal
    since: date
    label: Texts
    source: Texts
    verified: bool


@cache
def annex_limits() -> tuple[AnnexLimit, ...]:
    """All values, by kind, subject and first day.

    :raises MalformedOntology: the file contradicts itself or is no Turtle.
    """
    source = OntologySource(resources.read_text(FILE), FILE)
    limits = [_limit(node) for node in source.of_type(_ANNEX.Limit)]
    return tuple(sorted(limits, key=lambda limit: (limit.kind, limit.subject, limit.since)))


def limit(kind: LimitKind, subject: str, on: date) -> AnnexLimit | None:
    """The value in force for a subject on a day; None where there is none."""
    in_force = [
        limit for limit in annex_limits() if limit.kind is kind and limit.subject == subject and limit.since <= on
    ]
    return in_force[-1] if in_force else None


def _limit(node: OntologyNode) -> AnnexLimit:
    day, share = node.one(_ANNEX["from"]), node.number(_ANNEX.share)
    since = day.toPython() if isinstance(day, Literal) else None
    kind = node.required_text(_ANNEX.kind)
    if type(since) is not date or share is None or kind not in set(LimitKind):
        raise MalformedOntology(Message("{file}: {id} needs a kind, a share and a day", file=FILE, id=node.id))
    return AnnexLimit(
        kind=LimitKind(kind),
        subject=node.required_text(_ANNEX.subject),
        batteries=node.text(_ANNEX.batteries),
        share=share,
        since=since,
        label=node.texts(RDFS.label),
        source=node.texts(DCTERMS.source),
        verified=node.flag(_ANNEX.verified),
    )
