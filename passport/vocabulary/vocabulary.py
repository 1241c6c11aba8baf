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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, cached_property
from types import MappingProxyType
from typing import TypeVar

from rdflib import URIRef

from passport.errors import MalformedOntology, UsageError
from passport.linked_data import resources
from passport.texts import Message
from passport.vocabulary.indicator import (
    Audience,
    Carrier,
    Category,
    ClassTerm,
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
    Unit,
)
from passport.vocabulary.ontology.indicators import IndicatorReader
from passport.vocabulary.ontology.terms import TermReader
from passport.vocabulary.regime import LegalMinimum, Obligation, ObligationStatus, Regime, read_regime
from passport.vocabulary.strict_turtle import BASE, NS, OWL, OntologyNode, OntologySource

__all__ = [
    "Audience", "Carrier", "Category", "ClassTerm", "Code", "Datatype", "Dimension", "Enumeration", "ExportClass",
    "Field", "Indicator", "IndicatorCategory", "LegalMinimum", "Match", "NS", "Obligation", "ObligationStatus", "Range",
    "Regime", "Stage", "Term", "TermMapping", "Unit", "Vocabulary", "chosen_regimes", "due_on",
    "load", "read", "regimes",
]  # fmt: skip

ONTOLOGY = "ontology/battery.ttl"
REGIMES = "ontology/regimes"


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
    def of_carrier(self) -> Mapping[Carrier, tuple[Indicator, ...]]:
        """The indicators that each kind of credential carries."""
        carried: dict[Carrier, tuple[Indicator, ...]] = {}
        for indicator in self.indicators.values():
            carried[indicator.carrier] = (*carried.get(indicator.carrier, ()), indicator)
        return MappingProxyType(carried)

    @cached_property
    def _headings(self) -> Mapping[str, Indicator]:
        by_heading: dict[str, Indicator] = {}
        for indicator in self.indicators.values():
            for heading in dict.fromkeys(
                _heading(text) for text in (indicator.id, *indicator.label.values(), *indicator.former_labels)
            ):
                if heading in by_heading:
                    raise MalformedOntology(
                        Message(
                            "{ontology}: {id} and {other} share the heading {heading!r}",
                            ontology=ONTOLOGY,
                            id=indicator.id,
                            other=by_heading[heading].id,
                            heading=heading,
                        )
                    )
                by_heading[heading] = indicator
        return by_heading

    @cached_property
    def _foreign_names(self) -> Mapping[str, tuple[Indicator, ...]]:
        """Names in other vocabularies -> whose they are; exact matches only, where there are any."""
        bearers_by_name: dict[str, dict[str, tuple[Indicator, bool]]] = {}
        for indicator in self.indicators.values():
            for name, exact in _named_elsewhere(indicator):
                bearers = bearers_by_name.setdefault(_heading(name), {})
                bearers[indicator.id] = (indicator, exact or bearers.get(indicator.id, (None, False))[1])
        names = {}
        for name, bearers in bearers_by_name.items():
            exactly = tuple(indicator for indicator, exact in bearers.values() if exact)
            names[name] = exactly or tuple(indicator for indicator, _ in bearers.values())
        return names

    def by_heading(self, text: str) -> Indicator | None:
        """The indicator that a column is about; case and outer blanks do not count. None if it has none.

        Its id, its English or Chinese label; else the name that the EU, the Chinese digital ID or the battery ID gives
        it, where no other indicator has that name as exactly (see :meth:`candidates`).
        """
        heading = _heading(text)
        if heading in self._headings:
            return self._headings[heading]
        bearers = self._foreign_names.get(heading, ())
        return bearers[0] if len(bearers) == 1 else None

    def candidates(self, text: str) -> tuple[Indicator, ...]:
        """Every indicator of this name, in the vocabulary's order: several where a name is ambiguous."""
        heading = _heading(text)
        identifiers = {indicator.id for indicator in self._foreign_names.get(heading, ())}
        identifiers |= {self._headings[heading].id} if heading in self._headings else set()
        return tuple(indicator for indicator in self.indicators.values() if indicator.id in identifiers)

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
    by_code: dict[str, Regime] = {}
    for file in sorted(resources.path(REGIMES).glob("*.ttl"), key=lambda path: (path.stem != "eu", path.stem)):
        name = f"{REGIMES}/{file.name}"
        regime = read_regime(resources.read_text(name), name, load().indicators)
        if regime.code in by_code:
            raise MalformedOntology(
                Message("{name}: another file has the regime {code} already", name=name, code=regime.code)
            )
        by_code[regime.code] = regime
    return MappingProxyType(by_code)


def chosen_regimes(codes: Iterable[str]) -> tuple[Regime, ...]:
    """The regimes of these codes, each once, in this order.

    :raises UsageError: no such regime.
    """
    known = regimes()
    codes = tuple(dict.fromkeys(codes))
    for code in codes:
        if code not in known:
            raise UsageError(Message("unknown regime {code!r}", code=code), expected=", ".join(known), found=code)
    return tuple(known[code] for code in codes)


def due_on(day: date) -> Callable[[Regime], date]:
    """The day whose obligations count for a regime: this day, or the regime's first where that is later."""
    return lambda regime: max(day, regime.in_force)


def read(text: str, name: str = ONTOLOGY) -> Vocabulary:
    """Read an ontology from Turtle.

    :param name: of the file, for messages.
    :raises MalformedOntology: not Turtle, or a contradiction in it.
    """
    source = OntologySource(text, name)
    own = TermReader(source)
    reader = IndicatorReader(own)
    version = OntologyNode(source, URIRef(BASE + "ns")).required_text(OWL.versionInfo)
    indicators = reader.indicators()
    terms = {indicator.id: indicator.as_term() for indicator in indicators.values()}
    for term in sorted(own.terms.values(), key=lambda term: term.id.casefold()):
        if term.id in terms:
            raise MalformedOntology(Message("{name}: {id} is both an indicator and a term", name=name, id=term.id))
        terms[term.id] = term
    classes = own.classes()
    for clash in sorted(classes.keys() & terms.keys()):
        raise MalformedOntology(Message("{name}: {clash} is both a class and a property", name=name, clash=clash))
    vocabulary = Vocabulary(
        version=version,
        dimensions=_in_order(reader.dimensions),
        categories=_in_order(reader.categories),
        enumerations=MappingProxyType({entry.id: entry for entry in own.enumerations.values()}),
        units=MappingProxyType({unit.code: unit for unit in own.units.values()}),
        indicators=MappingProxyType(indicators),
        terms=MappingProxyType(terms),
        classes=MappingProxyType(classes),
    )
    vocabulary.by_heading("")  # two indicators under one heading are found now, not at the first workbook
    return vocabulary


_Ordered = TypeVar("_Ordered", Dimension, IndicatorCategory)


def _in_order(by_id: Mapping[str, _Ordered]) -> Mapping[str, _Ordered]:
    return MappingProxyType({value.id: value for value in sorted(by_id.values(), key=lambda value: value.order)})
