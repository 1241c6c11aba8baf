"""Numbers, units, dates and links as people write them. Pure; what comes back is safe markup.

Decimals are shown as they were signed: never rounded, no trailing zero added or dropped. Only the look changes:
thousands in groups, a true minus sign, a narrow no-break space before the unit where there is one. The prefix of a
unit is shifted by a thousand where that is what people read and exact: 350000 W is 350 kW, 0.128 Ω is 128 mΩ
(:func:`shifted`). The signed figure is one tap away (:func:`as_signed`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlsplit

from markupsafe import Markup

from passport.credentials.wording import shortened
from passport.linked_data.json_types import JsonObject
from passport.reports.isolation import isolated
from passport.texts import ENGLISH, Message, day, moment, month, say
from passport.texts.localised import clock, counted
from passport.texts.localised import number as localised_number
from passport.vocabulary.vocabulary import Unit
from resolver.page.macros import CELLS

__all__ = ["clock", "day", "moment", "month", "shortened"]  # of the library, beside what is only of pages

NARROW = "\u202f"
_NO_BREAK = "\u00a0"
_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+\Z", re.ASCII)
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?\Z", re.ASCII
)
#: Units whose symbol is not what people read, by UCUM code: their name in CLDR,
_CLDR_UNITS = {"mo": "duration-month", "a": "duration-year"}
#: another symbol,
_SYMBOLS = {"/h": "C", "kg{CO2e}": "kg CO₂e", "kg/(kW.h)": "kg CO₂e/kWh"}
#: Units of which a thousand, or a thousandth, has a prefix that people read: by UCUM code, power of ten and symbol.
_THOUSANDS = {"W": (3, "kW"), "g": (3, "kg"), "Ohm": (-3, "mΩ")}
_PLAIN_DECIMAL = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,15})?\Z")
#: or words that CLDR does not have.
_PERCENT = Message("{number} %")
_UNIT_WORDS: Mapping[str, Message] = {
    "{cycle}": Message("{number} cycle", plural="{number} cycles"),
    "{event}": Message("{number} event", plural="{number} events"),
    "min": Message("{number} min"),
    "%": _PERCENT,
    "%/mo": Message("{number} % per month"),
}
#: Years, months, days, hours, minutes, seconds of a duration.
_DURATION_WORDS = (
    Message("{number} y"),
    Message("{number} month", plural="{number} months"),
    Message("{number} d"),
    Message("{number} h"),
    Message("{number} min"),
    Message("{number} s"),
)
#: How they follow one another.
_PARTS = Message("{a} {b}", context="duration")


def number(value: object, language: str) -> str:
    """A number with its thousands in groups; text that is no plain decimal comes back as it is."""
    return localised_number(str(value), language)


def percent(value: object, language: str) -> str:
    """A number of per cent."""
    return _with_words(str(value), _PERCENT, language)


def shifted(value: object, of: Unit | None) -> tuple[str, str] | None:
    """The figure and symbol in a thousand or a thousandth of the unit, exact; None where the unit itself is read.

    A larger unit is taken where at most one decimal is left: 1,500 W is 1.5 kW, and 1,234 W stays.
    """
    if of is None or of.code not in _THOUSANDS or not _PLAIN_DECIMAL.match(str(value)):
        return None
    power, symbol = _THOUSANDS[of.code]
    number = Decimal(str(value))
    if power > 0 and (abs(number) < 1000 or number % 100):
        return None
    if power < 0 and not 0 < abs(number) < 1:
        return None
    moved = number.scaleb(-power)
    return f"{moved.normalize():f}", symbol


def as_signed(value: object, of: Unit | None, language: str) -> str | None:
    """The figure as it was signed, where :func:`plain_quantity` shows it in another unit; else None."""
    if of is None or shifted(value, of) is None:
        return None
    return f"{localised_number(str(value), language)}{NARROW}{of.symbol}"


def plain_quantity(value: object, of: Unit | None, language: str) -> str:
    """A number with its unit, without markup, for attributes and SVG text; the space between them does not break."""
    text = str(value)
    if of is None or of.code == "1":
        return localised_number(text, language)
    if (moved := shifted(value, of)) is not None:
        return f"{localised_number(moved[0], language)}{NARROW}{moved[1]}"
    if of.code in _CLDR_UNITS:
        return counted(text, _CLDR_UNITS[of.code], language).replace(" ", _NO_BREAK)
    if of.code in _UNIT_WORDS:
        return _with_words(text, _UNIT_WORDS[of.code], language)
    return f"{localised_number(text, language)}{NARROW}{_SYMBOLS.get(of.code, of.symbol)}"


def _with_words(text: str, words: Message, language: str) -> str:
    # A plural is of a whole number; any other text takes the plural of many.
    n = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 2
    sentence = say(words.fill(number=localised_number(text, language), n=n), language)
    # A narrow space separates a symbol from its number, a usual space a word.
    space = _NO_BREAK if words.plural is not None else NARROW
    return sentence.replace(" ", space, 1).replace(" ", _NO_BREAK)


def quantity(value: object, of: Unit | None, language: str) -> Markup:
    """The same with the unit as an element of its own."""
    moved = shifted(value, of)
    figure, whole = number(moved[0] if moved else value, language), plain_quantity(value, of, language)
    unit = whole.removeprefix(figure)
    # A language may write the unit in front.
    return isolated(CELLS.quantity(figure, unit) if unit and unit != whole else whole)


def time_element(value: date | datetime, language: str) -> Markup:
    """A ``time`` element for a date or an instant."""
    if isinstance(value, datetime):
        machine = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
        return isolated(CELLS.time(machine, moment(value, language)))
    return isolated(CELLS.time(value.isoformat(), day(value, language)))


def date_value(text: str, language: str) -> Markup:
    """A signed date (``2026-07-20``); anything else comes back as it is, escaped."""
    try:
        return time_element(date.fromisoformat(text), language)
    except (ValueError, TypeError):
        return isolated(text)


def instant(text: object) -> datetime | None:
    """A signed dateTime as an aware instant; None where it is none."""
    try:
        value = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return value if value.tzinfo else None


def instant_value(text: str, language: str) -> Markup:
    value = instant(text)
    return time_element(value, language) if value else isolated(text)


def duration(text: str, language: str) -> str:
    """An ISO 8601 duration: ``PT10S`` is 10 s."""
    match = _DURATION.match(str(text))
    if match is None or not any(match.groups()):
        return str(text)
    parts = [
        _with_words(amount, words, language)
        for amount, words in zip(match.groups(), _DURATION_WORDS, strict=True)
        if amount is not None
    ]
    return say(_PARTS.fill(a="", b=""), language).join(parts)


def link(text: str) -> Markup:
    """A signed IRI: a link where it is one that a browser may follow, else code.

    Only http and https become links: ``javascript:`` and its like are shown, never offered. No page tells another site
    where its reader came from; the header ``Referrer-Policy`` says so once for all links.
    """
    host = web_host(text)
    if host is None:
        return isolated(CELLS.code(text))
    parts = urlsplit(text)
    name = parts.path.rstrip("/").rsplit("/", 1)[-1] if not parts.query and not parts.fragment else ""
    if not name:
        shown = text.split("://", 1)[1].rstrip("/")
        return isolated(CELLS.link(text, _short(shown)))
    return isolated(CELLS.aside(CELLS.link(text, _short(name)), host))


def web_host(text: str) -> str | None:
    """The host of an address that a browser may follow; None for every other text."""
    try:
        parts = urlsplit(text)
        return parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None


def mail(text: str) -> Markup:
    """A signed e-mail address: a link where it is one, else the text it is."""
    return isolated(CELLS.mail(text) if _E_MAIL.match(text) else text)


def in_languages(texts: JsonObject, language: str) -> Markup:
    """A language map in the reader's language; where it has none, all that there are, each marked with its own."""
    own = [tag for tag in texts if str(tag).split("-")[0] == language]
    shown = []
    for tag in own or sorted(texts):
        for text in texts[tag] if isinstance(texts[tag], list) else [texts[tag]]:
            shown.append(isolated(text) if own else CELLS.foreign(tag, text))
    return isolated(" ").join(shown)


_CHINESE_RUN = re.compile(r"([\u3400-\u9fff\uf900-\ufaff][\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]*)")


def text(value: object, language: str) -> Markup:
    """Signed text; on an English page its Chinese runs are marked, so that they are read and drawn as Chinese."""
    signed = str(value)
    if language == "zh" or signed.isascii():
        return isolated(signed)
    # With a group in the pattern, each second part is a Chinese run.
    parts = _CHINESE_RUN.split(signed)
    return isolated(CELLS.runs([(part, at % 2 == 1) for at, part in enumerate(parts)]))


def is_chinese(text: str) -> bool:
    """True for a text with a Chinese character in it."""
    return any("\u3400" <= character <= "\u9fff" for character in text)


def language_of(name: str) -> str:
    """The language of a name in Chinese or Latin letters, for a reader of the other."""
    return "zh" if is_chinese(name) else ENGLISH


def one_language(text: str, language: str) -> tuple[str, str | None]:
    """A name as signed, in Latin letters with the Chinese name in brackets or the other way round, taken apart.

    :return: the name for a reader of ``language``, and the other one; None where there is only one.
    """
    head, bracket, tail = text.partition(" (" if text.endswith(")") else "（")  # data: recognised in input
    tail = tail.rstrip(")）")  # data: recognised in input
    if not bracket or is_chinese(head) == is_chinese(tail):
        return text, None
    return (tail, head) if is_chinese(head) != (language == "zh") else (head, tail)


def size(octets: int, language: str) -> str:
    """The size of a file, rounded up."""
    return f"{number(-(-octets // 1000), language)}{NARROW}KB"


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
