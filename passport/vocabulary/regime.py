"""The obligations of a jurisdiction: one file under ``ontology/regimes/``, read as data. A new country is a new file.

Per indicator one node says for which battery categories it is mandatory, optional, conditional, pending or excluded,
from which life-cycle stage and day, and on which basis. Where the node is silent, the stage is the indicator's and the
day the regime's first. An indicator that a regime does not name is none of its business: neither asked for nor refused.

* ``mandatory``: missing once due is a fault.  ``conditional``: only if it applies, which a machine cannot always tell.
* ``pending``: the act on content or format is outstanding: never due, never a fault. A day is then the earliest one.
* ``not-to-be-filled``: the guidance says not to fill it in for this category; a value is a notice.
* ``excluded``: not for this category of battery; a value is a fault.

A regime may also name least values (:class:`LegalMinimum`), such as the recycled shares of a later day: below it is a
fault from that day on, a notice before. Days are those of placing on the market (see
:mod:`passport.validation.obligations`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

import rdflib

from passport.errors import MalformedOntology
from passport.texts import ENGLISH, Message
from passport.vocabulary.indicator import Category, Indicator, Stage, Texts
from passport.vocabulary.strict_turtle import CODES, META, RDFS, OntologyNode, OntologySource, local_name


class ObligationStatus(StrEnum):
    """What a regime asks for."""

    MANDATORY = "mandatory"
    OPTIONAL = "optional"
    CONDITIONAL = "conditional"
    PENDING = "pending"
    NOT_TO_BE_FILLED = "not-to-be-filled"
    EXCLUDED = "excluded"


_PREDICATES = {
    status: META[f"{status}For"] if status is not ObligationStatus.NOT_TO_BE_FILLED else META.notToBeFilledFor
    for status in ObligationStatus
}


@dataclass(frozen=True)
class Obligation:
    """One indicator for one battery category.

    :param indicator: its id.
    :param due_from: first day; the earliest one of what is pending, None where no such day is known.
    :param basis: article, annex point, number in the guidance, table row; and how that is known where it is in doubt.
        By language, English at least.
    :param own_reading: the status is stricter than the sources named: a reading of this project.
    :param exempts: codes of ``batteryStatus`` that owe nothing here.
    :param above_energy: rated energy in kWh above which it holds; None for any.
    :param part_of: id of the indicator of whose value it is a part: where that is given, this is expected too.
    :param asked_by_registry: the register of the regime asks for it when a passport is entered there.
    :param report_within_days: calendar days within which a record has to be reported; None where no limit is known.
    """

    indicator: str
    status: ObligationStatus
    stage: Stage
    due_from: date | None
    basis: Texts = field(hash=False)
    own_reading: bool = False
    exempts: frozenset[str] = frozenset()
    above_energy: Decimal | None = None
    report_within_days: int | None = None
    part_of: str | None = None
    asked_by_registry: bool = False


@dataclass(frozen=True)
class LegalMinimum:
    """The least value of one indicator for batteries placed on the market from a day on.

    :param indicator: its id.
    :param value: in the indicator's unit.
    :param categories: the battery categories that it binds.
    :param basis: article, by language.
    :param exempts: codes of ``batteryStatus`` that it does not bind.
    :param metal: symbol of the metal that a battery holds if it binds it; None where it binds every battery.
    """

    indicator: str
    value: Decimal
    due_from: date
    categories: tuple[Category, ...]
    basis: Texts = field(hash=False)
    exempts: frozenset[str] = frozenset()
    metal: str | None = None


@dataclass(frozen=True)
class Regime:
    """The obligations of one jurisdiction.

    :param code: ``eu``, ``cn``: the name on the command line and of the file.
    :param in_force: its first day.
    :param categories: the battery categories it speaks of, in the usual order.
    """

    code: str
    label: Texts = field(hash=False)
    description: Texts = field(hash=False)
    in_force: date
    categories: tuple[Category, ...]
    _obligations: Mapping[Category, Mapping[str, Obligation]] = field(repr=False, hash=False)
    _minima: tuple[LegalMinimum, ...] = field(default=(), repr=False, hash=False)

    def applies_to(self, category: Category) -> bool:
        """Whether the regime speaks of batteries of this category at all."""
        return category in self.categories

    def obligations(self, category: Category) -> Mapping[str, Obligation]:
        """By indicator id in the vocabulary's order; empty for a category it does not speak of."""
        return self._obligations.get(category, MappingProxyType({}))

    def minima(self, indicator: str, category: Category) -> tuple[LegalMinimum, ...]:
        """The least values of an indicator for a category, by their first days; empty where there are none."""
        minima = (least for least in self._minima if least.indicator == indicator and category in least.categories)
        return tuple(sorted(minima, key=lambda least: least.due_from))


def read_regime(text: str, name: str, indicators: Mapping[str, Indicator]) -> Regime:
    """Read one regime from Turtle.

    :param name: of the file, for messages.
    :param indicators: the vocabulary's, by id: an obligation must speak of one of them.
    :raises MalformedOntology: not Turtle, not one regime, or a contradiction in it.
    """
    source = OntologySource(text, name)
    regimes = list(source.of_type(META.Regime))
    if len(regimes) != 1:
        raise MalformedOntology(Message("{name}: expected one regime, found {count}", name=name, count=len(regimes)))
    regime = regimes[0]
    in_force = _day(regime, META.inForceFrom)
    if in_force is None:
        raise regime.wrong(Message("has no inForceFrom"))
    categories = _categories(regime, META.appliesTo)
    by_iri = {indicator.iri: indicator for indicator in indicators.values()}
    by_category: dict[Category, dict[str, Obligation]] = {category: {} for category in categories}
    for node in source.of_type(META.Obligation):
        indicator = by_iri.get(node.node(META.indicator).iri)
        if indicator is None:
            raise node.wrong(Message("speaks of an indicator that the vocabulary does not have"))
        for category, obligation in _obligations(node, indicator, in_force):
            if category not in by_category:
                raise node.wrong(Message("speaks of {category}, which the regime does not apply to", category=category))
            if indicator.id in by_category[category]:
                raise node.wrong(
                    Message("says a second thing about {id} for {category}", id=indicator.id, category=category)
                )
            by_category[category][indicator.id] = obligation
    return Regime(
        code=regime.required_text(META.code),
        label=regime.texts(RDFS.label),
        description=regime.texts(RDFS.comment),
        in_force=in_force,
        categories=categories,
        _obligations=MappingProxyType(
            {
                category: MappingProxyType({id_: stated[id_] for id_ in indicators if id_ in stated})
                for category, stated in by_category.items()
            }
        ),
        _minima=tuple(_minimum(node, by_iri, categories) for node in source.of_type(META.LegalMinimum)),
    )


def _minimum(node: OntologyNode, by_iri: Mapping[str, Indicator], categories: tuple[Category, ...]) -> LegalMinimum:
    indicator = by_iri.get(node.node(META.indicator).iri)
    if indicator is None:
        raise node.wrong(Message("speaks of an indicator that the vocabulary does not have"))
    value = node.one(META.leastValue)
    number = value.toPython() if isinstance(value, rdflib.Literal) else None
    day, bound = _day(node, META.dueFrom), _categories(node, META.appliesTo)
    if not isinstance(number, Decimal) or day is None or not bound or not set(bound) <= set(categories):
        raise node.wrong(Message("needs a decimal leastValue, a dueFrom, and categories that the regime applies to"))
    metal = node.text(META.activeMetal)
    return LegalMinimum(indicator.id, number, day, bound, _basis(node), _exempts(node), metal)


def _obligations(node: OntologyNode, indicator: Indicator, in_force: date) -> list[tuple[Category, Obligation]]:
    stage = node.one(META.stage)
    stated_day = _day(node, META.dueFrom)
    basis, exempts, own = _basis(node), _exempts(node), _categories(node, META.ownReadingFor)
    above, days = node.number(META.aboveEnergy), node.integer(META.reportWithinDays)
    whole, registry = node.text(META.partOf), node.flag(META.askedByRegistry, False)
    obligations = []
    for status in ObligationStatus:
        day = stated_day if stated_day or status is ObligationStatus.PENDING else in_force
        for category in _categories(node, _PREDICATES[status]):
            obligation = Obligation(
                indicator=indicator.id,
                status=status,
                stage=indicator.stage if stage is None else _stage(node, stage),
                due_from=day,
                basis=basis,
                own_reading=category in own,
                exempts=exempts,
                above_energy=above,
                report_within_days=days,
                part_of=None if whole is None else local_name(whole),
                asked_by_registry=registry,
            )
            obligations.append((category, obligation))
    if not obligations:
        raise node.wrong(Message("asks nothing of any battery category"))
    if not set(own) <= {category for category, _ in obligations}:
        raise node.wrong(Message("has a reading of its own for a battery category of which it asks nothing"))
    return obligations


def _basis(node: OntologyNode) -> Texts:
    texts = node.some_texts(META.basis)
    if ENGLISH not in texts:
        raise node.wrong(Message("has no basis in English"))
    return MappingProxyType(texts)


def _exempts(node: OntologyNode) -> frozenset[str]:
    return frozenset(str(value).removeprefix(CODES + "batteryStatus.") for value in node.all(META.exempts))


def _categories(node: OntologyNode, predicate: rdflib.URIRef) -> tuple[Category, ...]:
    names = {str(value).removeprefix(CODES + "batteryCategory.") for value in node.all(predicate)}
    unknown = sorted(names - set(Category))
    if unknown:
        raise node.wrong(Message("has the unknown battery category {unknown!r}", unknown=unknown[0]))
    return tuple(category for category in Category if category in names)


def _stage(node: OntologyNode, value: rdflib.term.Node) -> Stage:
    try:
        return Stage(str(value).removeprefix(CODES + "stage."))
    except ValueError:
        raise node.wrong(Message("has the unknown stage {value}", value=value)) from None


def _day(node: OntologyNode, predicate: rdflib.URIRef) -> date | None:
    value = node.one(predicate)
    python = value.toPython() if isinstance(value, rdflib.Literal) else value
    if python is not None and type(python) is not date:
        raise node.wrong(Message("has {value!r}, where a date is meant", value=value))
    return python
