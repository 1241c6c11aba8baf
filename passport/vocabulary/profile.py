"""The China battery ID as a profile of the vocabulary: the indicator system that serves the domestic and the EU side.

CATARC's brochure describes the system by its counts (9 dimensions, 21 categories; 77 indicators for EV batteries, 83
each for storage and LMT) and prints 19 rows of it; the handbook is not public. So this is what can be said:

* The *dimensions* and *categories* are those of the vocabulary that hold passport indicators. The tenth dimension,
  traceability, belongs to the national platform and its records; one printed row belongs to it.
* An indicator belongs to a product's *set* if the EU regime names it for that product as mandatory, conditional or
  pending, and the vocabulary counts it. Not counted are alternatives (batch, serial number), links and registry fields,
  and second halves of one item.
* The counts are shown beside the published ones. They differ by one or two, and which items differ cannot be known.
* A *printed row* has its names, disclosure label and static or dynamic flag as printed.

    battery_id().products[Category.EV].count, battery_id().products[Category.EV].published      # 78, 77
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any

from passport.vocabulary.vocabulary import (
    Category,
    Dimension,
    Indicator,
    IndicatorCategory,
    ObligationStatus,
    Regime,
    Vocabulary,
    load,
    regimes,
)

#: Printed in the brochure, by product; ``stationary`` is what it calls storage.
PUBLISHED: Mapping[Category, int] = MappingProxyType({Category.EV: 77, Category.STATIONARY: 83, Category.LMT: 83})
#: The dimension of the domestic records, which is no part of the passport.
RECORDS = "traceability"

_ASKED = (ObligationStatus.MANDATORY, ObligationStatus.CONDITIONAL, ObligationStatus.PENDING)


@dataclass(frozen=True)
class PrintedRow:
    """One row of the brochure's excerpt, cell by cell; ``/`` is printed where there is nothing.

    :param name: the battery ID's own name of the indicator, Chinese.
    :param eu_term: what the EU calls it, by language.
    :param cn_term: what the Chinese digital ID calls it.
    :param disclosure: the label of who may read it.
    """

    indicator: Indicator
    module: Dimension
    name: str
    eu_term: Mapping[str, str]
    cn_term: str
    disclosure: str
    static: bool


@dataclass(frozen=True)
class Product:
    """The indicators of one kind of battery, in the vocabulary's order.

    :param published: how many the brochure says there are.
    """

    category: Category
    published: int
    indicators: tuple[Indicator, ...]

    @property
    def count(self) -> int:
        return len(self.indicators)

    @property
    def difference(self) -> int:
        """How many more than published."""
        return self.count - self.published


@dataclass(frozen=True)
class Profile:
    """The whole indicator system."""

    dimensions: tuple[Dimension, ...]
    categories: tuple[IndicatorCategory, ...]
    products: Mapping[Category, Product]
    printed: tuple[PrintedRow, ...]

    def to_json(self) -> dict[str, Any]:
        return {
            "dimensions": [dimension.id for dimension in self.dimensions],
            "categories": [category.id for category in self.categories],
            "products": {
                category.value: {
                    "published": product.published, "count": product.count,
                    "indicators": [indicator.id for indicator in product.indicators],
                }
                for category, product in self.products.items()
            },
            "printedRows": [row.indicator.id for row in self.printed],
        }  # fmt: skip


@cache
def battery_id() -> Profile:
    """The profile of the published ontology."""
    return profile(load(), regimes()["eu"])


def profile(vocabulary: Vocabulary, eu: Regime) -> Profile:
    """The battery ID, worked out from a vocabulary and the obligations of the EU."""
    return Profile(
        dimensions=tuple(term for term in vocabulary.dimensions.values() if term.id != RECORDS),
        categories=tuple(term for term in vocabulary.categories.values() if term.dimension.id != RECORDS),
        products=MappingProxyType(
            {
                category: Product(category, published, _set_of(vocabulary, eu, category))
                for category, published in PUBLISHED.items()
            }
        ),
        printed=tuple(_printed(term) for term in vocabulary.indicators.values() if term.catarc is not None),
    )


def _set_of(vocabulary: Vocabulary, eu: Regime, category: Category) -> tuple[Indicator, ...]:
    return tuple(
        vocabulary.indicators[identifier]
        for identifier, obligation in eu.obligations(category).items()
        if obligation.status in _ASKED and vocabulary.indicators[identifier].counted
    )


def _printed(indicator: Indicator) -> PrintedRow:
    eu = indicator.eu.label if indicator.eu else {}
    return PrintedRow(
        indicator=indicator,
        module=indicator.dimension,
        name=indicator.catarc or "/",
        eu_term={language: eu.get(language, "/") for language in ("en", "zh")},
        cn_term=indicator.cn.label.get("zh", "/") if indicator.cn else "/",
        disclosure=indicator.catarc_access or "/",
        static=indicator.static,
    )
