"""The data-quality rating: secondary data only, weighted by what they contribute.

DQR_i is the mean of three levels (time, technology, geography; 1 best, 5 worst), the total sum(CF_i·DQR_i)/sum(CF_i).
It should be at most 3.0. CF_i is what a line brings in: credits are left out, since a negative weight would reward bad
data about recycling.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from passport.footprint.facts import facts
from passport.footprint.formulas import exactly, quotient
from passport.footprint.inventory.inventory import Quality

_SCORES = 3


@dataclass(frozen=True)
class DataQuality:
    """The rating of one result.

    :param rating: None where no secondary datum that is rated contributes.
    :param category: code of the class, None with it.
    :param rated: kg CO2e from rated secondary data, :param unrated: from defaults and others without levels,
    :param primary: from primary data; together all that goes in.
    """

    rating: Decimal | None
    category: str | None
    limit: Decimal
    rated: Decimal
    unrated: Decimal
    primary: Decimal

    @property
    def within_limit(self) -> bool | None:
        """Whether the rating is at most the limit; None without a rating."""
        return None if self.rating is None else self.rating <= self.limit


def class_of(rating: Decimal) -> str:
    """The class of a rating. An upper bound belongs to its class, except that of the best."""
    for code, fact in facts().lists["quality-class"].items():
        if fact.below is not None and rating < fact.below or fact.up_to is not None and rating <= fact.up_to:
            return code
    return code


@exactly
def rate(lines: Iterable[tuple[Decimal, str, Quality | None]]) -> DataQuality:
    """The rating of lines given as (kg CO2e, kind of factor data, levels)."""
    weighted = rated = unrated = primary = Decimal(0)
    for emissions, kind, quality in lines:
        if emissions <= 0:
            continue
        if kind == "primary":
            primary += emissions
        elif quality is None:
            unrated += emissions
        else:
            rated += emissions
            weighted += emissions * quality.total
    limit = facts().number("setting", "quality-limit")
    if not rated:
        return DataQuality(None, None, limit, rated, unrated, primary)
    rating = quotient(weighted, rated * _SCORES)
    return DataQuality(rating, class_of(rating), limit, rated, unrated, primary)
