"""Levels of data quality by table: time from the release of the database, geography from the region of the data set.

Technology stays a judgement of the inventory's author. A level that an inventory states goes before the table; a
stated level better than that of the table is named in the result.
"""

from __future__ import annotations

from passport.footprint.facts import facts
from passport.footprint.inventory.inventory import Provenance, Quality

_COUNTRY, _REGION, _WORLD, _OTHER = "country", "region", "world", "other"
_EVERYWHERE = "*"


def time_level(database_year: int | None, study_year: int | None) -> int | None:
    """The level by years from the release of the database to the study; None where one of the two is unknown."""
    if database_year is None or study_year is None:
        return None
    for code, fact in facts().lists["time-level"].items():
        if fact.up_to is None or study_year - database_year <= fact.up_to:
            return int(code)
    return None


def geography_level(valid_for: str | None, country: str | None) -> int | None:
    """The level of a data set for a process in a country.

    :param valid_for: ISO 3166 code of a country, or code of a region; :param country: of the process, ISO 3166.
    :returns: None where one is unknown, or where the table has nothing to say: part of the country.
    """
    if not valid_for or not country:
        return None
    valid_for, country = valid_for.strip().upper(), country.strip().upper()
    regions = {code.upper(): fact.members for code, fact in facts().lists["region"].items()}
    if country == valid_for or country.startswith(valid_for + "-"):
        kind = _COUNTRY
    elif valid_for.startswith(country + "-"):
        return None
    elif _EVERYWHERE in regions.get(valid_for, ()):
        kind = _WORLD
    elif country[:2] in regions.get(valid_for, ()):
        kind = _REGION
    elif valid_for in regions or any(valid_for[:2] in members for members in regions.values()):
        kind = _OTHER
    else:
        return None
    return int(facts().number("geography-level", kind))


def by_table(
    provenance: Provenance, study_year: int | None, plant_country: str | None
) -> tuple[int | None, int | None]:
    """Levels of time and geography by the tables.

    :param plant_country: used as the country of the process where the line names none.
    """
    country = provenance.process_country or plant_country
    return time_level(provenance.database_year, study_year), geography_level(provenance.geography, country)


def completed(
    stated: tuple[int | None, int | None, int | None],
    provenance: Provenance,
    study_year: int | None,
    plant_country: str | None,
) -> Quality | None:
    """The levels of a datum: those stated, and those of the tables where none is.

    :param stated: time, technology, geography.
    :returns: None where a level is neither stated nor in a table.
    """
    time, technology, geography = stated
    scored_time, scored_geography = by_table(provenance, study_year, plant_country)
    time = scored_time if time is None else time
    geography = scored_geography if geography is None else geography
    if time is None or technology is None or geography is None:
        return None
    return Quality(time, technology, geography)
