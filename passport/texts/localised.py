"""Dates, instants, numbers, units and lists as a language writes them, by CLDR (Babel).

A page has hundreds of them, so the results of Babel are cached.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache

#: The locale whose customs a language follows here: English spelling and dates are British.
_LOCALES = {"en": "en_GB"}
#: Readers are told the time of their own clocks, where a language has one clock.
_CLOCKS: dict[str, tuple[tzinfo, str]] = {"zh": (timezone(timedelta(hours=8)), "UTC+8")}
_UTC = (UTC, "UTC")
#: An instant, where it is not written as in English.
_MOMENTS = {"zh": ("{day}{clock}", "{time}（{zone}）")}
_MOMENT = ("{day}, {clock}", "{time} {zone}")
_DECIMAL = re.compile(r"([+-]?)(\d+)(?:\.(\d+))?\Z", re.ASCII)
_MINUS = "\u2212"


def locale(language: str) -> str:
    """The CLDR locale of a language."""
    return _LOCALES.get(language, language)


@lru_cache(maxsize=64)
def language_name(language: str) -> str:
    """The name of a language in itself: English; 中文."""
    from babel import Locale

    return Locale.parse(language).get_language_name(language) or language


def day(at: date, language: str = "en") -> str:
    """21 July 2026; 2026年7月21日. An instant is a day by the readers' clock: UTC, and UTC+8 for Chinese."""
    if isinstance(at, datetime):
        at = at.astimezone(_CLOCKS.get(language, _UTC)[0]).date()
    return _day(at, language)


@lru_cache(maxsize=1024)
def _day(at: date, language: str) -> str:
    from babel.dates import format_date

    return format_date(at, "long", locale=locale(language))


def month(at: date, language: str = "en") -> str:
    """July 2026; 2026年7月."""
    from babel.dates import format_skeleton

    return format_skeleton("yMMMM", at, locale=locale(language))


def clock(at: datetime, language: str = "en") -> str:
    """09:00 UTC; 17:00（UTC+8）."""
    clock_, zone = _CLOCKS.get(language, _UTC)
    return _MOMENTS.get(language, _MOMENT)[1].format(time=f"{at.astimezone(clock_):%H:%M}", zone=zone)


def moment(at: datetime, language: str = "en") -> str:
    """8 March 2027, 09:00 UTC; 2027年3月8日17:00（UTC+8）."""
    return _MOMENTS.get(language, _MOMENT)[0].format(day=day(at, language), clock=clock(at, language))


@lru_cache(maxsize=4096)
def number(text: str, language: str = "en") -> str:
    """A decimal with its thousands in groups: 1,234.50; never rounded, with a true minus sign.

    What is no plain decimal comes back as it is.
    """
    from babel.numbers import format_decimal, get_decimal_symbol

    match = _DECIMAL.match(text)
    if match is None:
        return text
    sign, whole, fraction = match.groups()
    # A number with zeros in front is written so for a reason; one of thirty digits is none that people group.
    grouped = len(whole) < 30 and not whole.startswith("00")
    written = format_decimal(int(whole), locale=locale(language)) if grouped else whole
    if fraction is not None:
        written += get_decimal_symbol(locale(language)) + fraction
    return (_MINUS if sign == "-" else "") + written


@lru_cache(maxsize=1024)
def counted(text: str, unit: str, language: str = "en") -> str:
    """A decimal and its unit in full: 1 month, 12 months; 12个月.

    :param unit: its name in CLDR, such as ``duration-month``.
    """
    from babel.units import format_unit

    match = _DECIMAL.match(text)
    if match is None:
        return format_unit(text, unit, "long", locale=locale(language))
    digits = f"#,##0.{'0' * len(match[3])}" if match[3] else "#,##0"
    return format_unit(Decimal(text), unit, "long", digits, locale=locale(language)).replace("-", _MINUS)


def listed(items: Iterable[str], language: str = "en") -> str:
    """``a``, ``a and b``, ``a, b and c``; ``a、b和c``; each item once, in order."""
    from babel.lists import format_list

    return format_list(list(dict.fromkeys(items)), locale=locale(language))
