"""What a number format shows beside the digits of a cell: text such as a unit, a scale, or nothing at all.

A cell that shows ``128 mΩ`` holds 128, and the reader of the sheet has read 0.128 Ω. The format is read as ECMA-376
describes it (Part 1, 18.8.31): sections for positive, negative and zero, text in quotes or behind a backslash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].|(?P<mark>.)', re.DOTALL
)
#: The word that denotes the digits of the general format, outside quotes.
_GENERAL = re.compile(r'"[^"]*"|\\.|(General)', re.IGNORECASE)
#: What a section shows as it is written, and what it does not show: a colour, a condition, the width of a character.
_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[[^\]]*\]|[_*].', re.DOTALL)
_PLACES = "0#?"
#: Characters that a format shows as they are and that are no unit.
_PLAIN = " $+-()/:!^&'~{}<>=.,\u00a0\u202f"


@dataclass(frozen=True)
class Shown:
    """What one section of a number format shows.

    :param text: beside the digits, without blanks and punctuation at its edges; empty where there is none.
    :param scaled: whether thousands are cut off (``0,``).
    :param hidden: whether no digit of the number is shown.
    """

    text: str
    scaled: bool
    hidden: bool


def shown(number_format: str, number: float) -> Shown:
    """What a format shows for a number."""
    if number_format.strip().lower() in ("general", "@", ""):
        return Shown("", False, False)
    sections = [_GENERAL.sub(lambda token: "0" if token[1] else token[0], each) for each in _sections(number_format)]
    place = 1 if number < 0 and len(sections) > 1 else 2 if number == 0 and len(sections) > 2 else 0
    text, pattern = "", ""
    for token in _TOKEN.finditer(sections[place]):
        literal = token["quoted"] or token["escaped"] or token["currency"]
        if literal:
            text += literal
            pattern += "\x00"
        elif token["mark"]:
            pattern += token["mark"]
            text += token["mark"] if token["mark"] not in f"{_PLACES}{_PLAIN}%Ee0123456789@" else ""
    digits = [n for n, mark in enumerate(pattern) if mark in _PLACES]
    scaled = any(re.match(r",+(?![0#?])", pattern[n + 1 :]) for n in digits)
    return Shown(text.strip(_PLAIN), scaled, not digits)


def shows_text_as_it_is(number_format: str) -> bool:
    """Whether a format shows a text as it is stored.

    The fourth section is that of texts, else the last one if it has an ``@``; without either a text is shown as it is.
    """
    if number_format == "General":
        return True
    sections = _sections(number_format)
    if len(sections) < 4 and "@" not in _LITERAL.sub("", sections[-1]):
        return True
    return _LITERAL.sub(lambda token: token[1] or token[2] or "", sections[-1]).strip() == "@"


def _sections(number_format: str) -> list[str]:
    sections, start, quoted = [], 0, False
    for n, mark in enumerate(number_format):
        if mark == '"':
            quoted = not quoted
        elif mark == ";" and not quoted and number_format[n - 1 : n] != "\\":
            sections.append(number_format[start:n])
            start = n + 1
    return [*sections, number_format[start:]]
