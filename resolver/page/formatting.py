"""Numbers, units, dates and links as people write them. Pure; what comes back is safe markup.

Decimals are shown as they were signed: never rounded, never converted, no trailing zero added or dropped. Only the
look changes: thousands in groups, a true minus sign, a narrow no-break space before the unit (none before %, 年, 次,
个月 in Chinese).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from passport.credentials.wording import shortened
from passport.linked_data.json_types import JsonObject
from passport.texts import day, moment, month
from passport.vocabulary.vocabulary import Unit

__all__ = ["day", "moment", "month", "shortened"]  # of the library, beside what is only of pages

NARROW = "\u202f"
MINUS = "\u2212"
_NUMBER = re.compile(r"([+-]?)(\d+)(\.\d+)?\Z", re.ASCII)
_E_MAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+\Z", re.ASCII)
_DURATION = re.compile(
    r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?\Z", re.ASCII
)
# Units whose symbol is not what people read; by UCUM code.
_UNIT_WORDS = {
    "mo": ("\u00a0months", "个月"),
    "a": ("\u00a0years", "年"),
    "{cycle}": ("\u00a0cycles", "次"),
    "{event}": ("\u00a0events", "次"),
    "min": (None, "分钟"),
    "/h": (f"{NARROW}C", f"{NARROW}C"),
    "1": ("", ""),
    "kg{CO2e}": (f"{NARROW}kg CO₂e", f"{NARROW}kg CO₂e"),
    "kg/(kW.h)": (f"{NARROW}kg CO₂e/kWh", f"{NARROW}kg CO₂e/kWh"),
    "%": (None, "%"),
    "%/mo": (f"{NARROW}%\u00a0per\u00a0month", "%/月"),
}
_PLURALS = frozenset(word for word, _ in _UNIT_WORDS.values() if word and word.endswith("s") and word[0] == "\u00a0")
_DURATION_WORDS = (
    ("y", (" y", "年")),
    ("mo", ("\u00a0months", "个月")),
    ("d", (" d", "天")),
    ("h", (f"{NARROW}h", "小时")),
    ("min", (f"{NARROW}min", "分钟")),
    ("s", (f"{NARROW}s", f"{NARROW}s")),
)
CHINA = timezone(timedelta(hours=8))


def number(value: object) -> str:
    """A number with its thousands in groups; text that is no plain decimal comes back as it is."""
    text = str(value)
    match = _NUMBER.match(text)
    if match is None:
        return text
    sign, whole, fraction = match.groups()
    groups = f"{int(whole):,}" if len(whole) < 30 and not whole.startswith("00") else whole
    return (MINUS if sign == "-" else "") + groups + (fraction or "")


def unit(of: Unit | None, language: str) -> str:
    """A unit with the space before it."""
    if of is None:
        return ""
    words = _UNIT_WORDS.get(of.code, (None, None))
    word = words[language == "zh"]
    return NARROW + of.symbol if word is None else word


def _unit_of(value: object, of: Unit | None, language: str) -> str:
    """A unit as it stands after this number: 1 cycle, 2 cycles."""
    said = unit(of, language)
    return said[:-1] if said in _PLURALS and str(value) == "1" else said


def quantity(value: object, of: Unit | None, language: str) -> Markup:
    """A number with its unit; the space between them does not break."""
    said = _unit_of(value, of, language)
    return Markup("{}<i>{}</i>").format(number(value), said) if said else escape(number(value))


def plain_quantity(value: object, of: Unit | None, language: str) -> str:
    """The same without markup, for attributes and SVG text."""
    return number(value) + _unit_of(value, of, language)


def clock(value: datetime, language: str) -> str:
    """The time of day of an instant."""
    return f"{value.astimezone(CHINA):%H:%M}（UTC+8）" if language == "zh" else f"{value.astimezone(UTC):%H:%M} UTC"


def time_element(value: date | datetime, language: str) -> Markup:
    """A ``time`` element for a date or an instant."""
    if isinstance(value, datetime):
        machine = value.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ")
        return Markup("<time datetime={}>{}</time>").format(machine, moment(value, language))
    return Markup("<time datetime={}>{}</time>").format(value.isoformat(), day(value, language))


def date_value(text: str, language: str) -> Markup:
    """A signed date (``2026-07-20``); anything else comes back as it is, escaped."""
    try:
        return time_element(date.fromisoformat(text), language)
    except (ValueError, TypeError):
        return escape(text)


def instant(text: object) -> datetime | None:
    """A signed dateTime as an aware instant; None where it is none."""
    try:
        value = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return value if value.tzinfo else None


def instant_value(text: str, language: str) -> Markup:
    value = instant(text)
    return time_element(value, language) if value else escape(text)


def duration(text: str, language: str) -> str:
    """An ISO 8601 duration: ``PT10S`` is 10 s."""
    match = _DURATION.match(str(text))
    if match is None or not any(match.groups()):
        return str(text)
    parts = []
    for amount, (_, words) in zip(match.groups(), _DURATION_WORDS, strict=True):
        if amount is not None:
            parts.append(number(amount) + words[language == "zh"])
    return ("" if language == "zh" else " ").join(parts)


def link(text: str) -> Markup:
    """A signed IRI: a link where it is one that a browser may follow, else code.

    Only http and https become links: ``javascript:`` and its like are shown, never offered. No page tells another site
    where its reader came from; the header ``Referrer-Policy`` says so once for all links.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = None
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        return Markup("<code>{}</code>").format(text)
    name = parts.path.rstrip("/").rsplit("/", 1)[-1] if not parts.query and not parts.fragment else ""
    if not name:
        shown = text.split("://", 1)[1].rstrip("/")
        return Markup('<a href="{}">{}</a>').format(text, _short(shown))
    return Markup('<a href="{}">{}</a> <i class=m>{}</i>').format(text, _short(name), parts.hostname)


def mail(text: str) -> Markup:
    """A signed e-mail address: a link where it is one, else the text it is."""
    return Markup('<a href="mailto:{0}">{0}</a>').format(text) if _E_MAIL.match(text) else escape(text)


def in_languages(texts: JsonObject, language: str) -> Markup:
    """A language map in the reader's language; where it has none, all that there are, each marked with its own."""
    own = [tag for tag in texts if str(tag).split("-")[0] == language]
    shown = []
    for tag in own or sorted(texts):
        for text in texts[tag] if isinstance(texts[tag], list) else [texts[tag]]:
            shown.append(escape(text) if own else Markup('<span lang="{}">{}</span>').format(tag, text))
    return Markup(" ").join(shown)


_CHINESE_RUN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff][\u3000-\u303f\u3400-\u9fff\uf900-\ufaff\uff00-\uffef]*")


def text(value: object, language: str) -> Markup:
    """Signed text; on an English page its Chinese runs are marked, so that they are read and drawn as Chinese."""
    safe = escape(value)
    if language == "zh" or safe.isascii():
        return safe
    return Markup(_CHINESE_RUN.sub(lambda run: f"<span lang=zh>{run.group()}</span>", str(safe)))  # noqa: S704


def is_chinese(text: str) -> bool:
    """True for a text with a Chinese character in it."""
    return any("\u3400" <= character <= "\u9fff" for character in text)


def one_language(text: str, language: str) -> tuple[str, str | None]:
    """A name as signed, ``Example Co., Ltd. (示例有限公司)``, as the name in one language and the one in the other."""
    head, bracket, tail = text.partition(" (") if text.endswith(")") else text.partition("（")
    tail = tail.rstrip(")）")
    if not bracket or is_chinese(head) == is_chinese(tail):
        return text, None
    return (tail, head) if is_chinese(head) != (language == "zh") else (head, tail)


def size(octets: int) -> str:
    """The size of a file."""
    return f"{-(-octets // 1000):,}{NARROW}KB"


def _short(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
