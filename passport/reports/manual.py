"""The indicator manual: every term of the vocabulary with how to fill it in and who asks for it, as one page.

Derived from the ontology and the regimes alone. Each indicator is listed with both names and definitions, its type and
range in words, unit, fields, codes, filling rule, names on the EU side, in the Chinese digital ID and the battery ID,
readers, carrier, grain, and per regime and battery category its status with stage, day and legal basis.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.reports.report_words import labels
from passport.reports.standalone_page import render
from passport.texts import Message, Text
from passport.validation.completeness import status_in_words
from passport.vocabulary.expectation import expected
from passport.vocabulary.profile import Profile
from passport.vocabulary.vocabulary import Category, Dimension, Indicator, Obligation, Regime, Vocabulary

TEXTS: dict[str, Text] = {
    "title": Message("Indicator manual"),
    "lead": Message(
        "Every indicator of the battery passport and the Chinese battery digital ID: what it means, how to fill it in, "
        "who asks for it, since when and on which basis, and who may read it. Version {version} of the vocabulary."
    ),
    "counts": Message("{indicators} indicators in {dimensions} dimensions and {categories} categories."),
    "contents": Message("Contents"),
    "profile": Message("Battery ID profile"),
    "profile-lead": Message(
        "The system that serves both sides has 9 dimensions and 21 categories. The counts of this vocabulary stand "
        "beside the published ones; the complete published list is not public."
    ),
    "product": Message("Product"),
    "published": Message("Published"),
    "here": Message("Here"),
    "regimes": Message("Regimes"),
    "in-force": Message("in force from {day}"),
    "check": Message("Check"),
    "fields": Message("Fields"),
    "fields-of": Message("Fields of {name}"),
    "field": Message("Field"),
    "needed": Message("Needed"),
    "codes": Message("Codes"),
    "eu": Message("EU term"),
    "cn": Message("Chinese digital ID"),
    "catarc": Message("Battery ID"),
    "readers": Message("Readers"),
    "nature": Message("Nature"),
    "several": Message("several values"),
    "personal": Message("personal data: enters no credential"),
    "obligations": Message("Asked for"),
    "nobody": Message("No regime asks for it."),
    "lists": Message("Code lists"),
    "code": Message("Code"),
    "name": Message("Name"),
    "since": Message("from {day}"),
    "no-day": Message("day not known"),
    "under": Message("{regime}:"),
    "under-for": Message("{regime} ({categories}):"),
    "footer": Message("Made from the ontology alone. Legal texts prevail; each basis says how it is known."),
}


@dataclass(frozen=True)
class ManualRow:
    """One status of an indicator under a regime, for the categories that share it."""

    regime: Regime
    categories: tuple[Category, ...]
    obligation: Obligation


@dataclass(frozen=True)
class ManualSection:
    """A dimension with its categories and their indicators."""

    dimension: Dimension
    categories: tuple[tuple[Mapping[str, str], tuple[Indicator, ...]], ...]


def page(vocabulary: Vocabulary, regimes: Sequence[Regime], profile: Profile, language: str = "en") -> str:
    """The manual as HTML.

    :param language: the reader's; names and definitions are given in a second one too.
    """
    lists = vocabulary.enumerations
    audiences, categories = labels(lists["audience"]), labels(lists["batteryCategory"])
    return render(
        "manual.html", TEXTS, language, vocabulary=vocabulary, regimes=regimes, profile=profile,
        sections=tuple(_sections(vocabulary)),
        rows={indicator.id: tuple(_rows(indicator, regimes)) for indicator in vocabulary.indicators.values()},
        used={indicator.enumeration.id for indicator in _kinds(vocabulary) if indicator.enumeration is not None},
        expected=expected, status=status_in_words, carriers=labels(lists["carrier"]),
        grains=labels(lists["granularity"]), changes=labels(lists["staticDynamic"]), stages=labels(lists["stage"]),
        audiences=lambda indicator: [label for code, label in audiences.items() if code in indicator.audiences_art77],
        categories=lambda among: [categories[each.value] for each in among],
        counts={"indicators": len(vocabulary.indicators), "dimensions": len(vocabulary.dimensions),
                "categories": len(vocabulary.categories)},
    )  # fmt: skip


def _kinds(vocabulary: Vocabulary) -> Iterator[Any]:
    for indicator in vocabulary.indicators.values():
        yield indicator
        yield from indicator.fields


def _sections(vocabulary: Vocabulary) -> Iterator[ManualSection]:
    for dimension in vocabulary.dimensions.values():
        categories = []
        for category in vocabulary.categories.values():
            if category.dimension.id == dimension.id:
                held = tuple(
                    indicator for indicator in vocabulary.indicators.values() if indicator.category.id == category.id
                )
                categories.append((category.label, held))
        yield ManualSection(dimension, tuple(categories))


def _rows(indicator: Indicator, regimes: Sequence[Regime]) -> Iterator[ManualRow]:
    for regime in regimes:
        alike: dict[Obligation, list[Category]] = {}
        for category in regime.categories:
            obligation = regime.obligations(category).get(indicator.id)
            if obligation is not None:
                alike.setdefault(obligation, []).append(category)
        for obligation, categories in alike.items():
            yield ManualRow(regime, tuple(categories), obligation)
