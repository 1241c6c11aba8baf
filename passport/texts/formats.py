"""Dates, instants and lists as a language writes them, by CLDR (Babel)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

#: The locale whose customs a language follows here: English spelling and dates are British.
_LOCALES = {"en": "en_GB"}
#: Readers are told the time of their own clocks, where a language has one clock.
_CLOCKS: dict[str, tuple[tzinfo, str]] = {"zh": (timezone(timedelta(hours=8)), "UTC+8")}
_UTC = (UTC, "UTC")


def locale(language: str) -> str:
    """The CLDR locale of a language."""
    return _LOCALES.get(language, language)


def day(at: date, language: str = "en") -> str:
    """21 July 2026; 2026年7月21日. An instant is a day by the readers' clock: UTC, and UTC+8 for Chinese."""
    from babel.dates import format_date

    if isinstance(at, datetime):
        at = at.astimezone(_CLOCKS.get(language, _UTC)[0])
    return format_date(at, "long", locale=locale(language))


def month(at: date, language: str = "en") -> str:
    """July 2026; 2026年7月."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", at, locale=locale(language))


def moment(at: datetime, language: str = "en") -> str:
    """8 March 2027, 09:00 UTC; 2027年3月8日17:00（UTC+8）."""
    clock, name = _CLOCKS.get(language, _UTC)
    local = at.astimezone(clock)
    if language == "zh":
        return f"{day(at, language)}{local:%H:%M}（{name}）"
    return f"{day(at, language)}, {local:%H:%M} {name}"


def listed(items: Iterable[str], language: str = "en") -> str:
    """``a``, ``a and b``, ``a, b and c``; ``a、b和c``; each item once, in order."""
    from babel.lists import format_list

    return format_list(list(dict.fromkeys(items)), locale=locale(language))
