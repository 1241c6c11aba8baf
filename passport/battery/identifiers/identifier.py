"""The GB/T 34014 code of a battery, printed on the plate of a pack, a module or a cell.

A :class:`TractionBatteryCode` is checked when it is parsed and need not be checked again. The code has 24 characters,
or 19 in its second-life form, which leaves the traceability block out and ends in ``R`` and a letter. Blanks are
removed, since plates print the code in parts. A date in the future is refused only where the caller gives the day.

    code = TractionBatteryCode.parse("001PE01A1B2C3DG7L0000042")
    code.production_date, code.serial           # 2026-07-20, 42

Source: GB/T 34014-2017.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from passport.errors import MalformedIdentifier
from passport.texts import Message, languages
from passport.texts import month as month_of

EDITION = "GB/T 34014-2017"

DIGITS = "0123456789"
CHARACTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Date characters leave out I, O, Q, U and Z, which other fields may contain: these letters are never banned globally.
_DATE_LETTERS = "ABCDEFGHJKLMNPRSTVWXY"
_YEARS = {character: 2011 + n for n, character in enumerate("123456789" + _DATE_LETTERS)}
_MONTHS = {character: 1 + n for n, character in enumerate("123456789ABC")}
_DAYS = {character: 1 + n for n, character in enumerate("123456789" + _DATE_LETTERS + "0")}

PRODUCT_TYPES: Mapping[str, str] = {"P": "pack", "M": "module", "C": "cell"}
#: Position 5 -> kind of cell. B and E are confirmed by sources; the others are from memory.
BATTERY_TYPES: Mapping[str, str] = {
    "A": "nickel-metal hydride",
    "B": "lithium iron phosphate",
    "C": "lithium manganese oxide",
    "D": "lithium cobalt oxide",
    "E": "ternary",
    "F": "supercapacitor",
    "G": "lithium titanate",
    "Z": "other",
}


class _CodePart(NamedTuple):
    name: str
    length: int
    alphabet: str
    expected: str


_HEAD = (
    _CodePart(Message("manufacturer", context="code"), 3, CHARACTERS, Message("0-9 or A-Z")),
    _CodePart(Message("product type", context="code"), 1, "PMC", Message("P, M or C")),
    _CodePart(Message("battery type", context="code"), 1, "".join(BATTERY_TYPES), Message("A-G or Z")),
    _CodePart(Message("specification", context="code"), 2, CHARACTERS, Message("0-9 or A-Z")),
)
_TAIL = (
    _CodePart(Message("year", context="code"), 1, "".join(_YEARS), Message("1-9 or A-Y without I, O, Q, U")),
    _CodePart(Message("month", context="code"), 1, "".join(_MONTHS), Message("1-9, A, B or C")),
    _CodePart(Message("day", context="code"), 1, "".join(_DAYS), Message("0-9 or A-Y without I, O, Q, U")),
    _CodePart(Message("serial number", context="code"), 7, DIGITS, Message("a digit")),
)
_NEW = (
    *_HEAD,
    _CodePart(Message("traceability information", context="code"), 7, CHARACTERS, Message("0-9 or A-Z")),
    *_TAIL,
)
_SECOND_LIFE = (
    *_HEAD,
    *_TAIL,
    _CodePart(Message("second-life mark", context="code"), 1, "R", "R"),
    _CodePart(Message("second-life form", context="code"), 1, "PMC", Message("P, M or C")),
)
_LAYOUTS = {24: _NEW, 19: _SECOND_LIFE}


@dataclass(frozen=True)
class TractionBatteryCode:
    """A GB/T 34014 code of a pack, module or cell, taken apart.

    :param manufacturer: positions 1-3, assigned when the maker files its coding rules.
    :param product_type: position 4, a key of :data:`PRODUCT_TYPES`.
    :param battery_type: position 5, a key of :data:`BATTERY_TYPES`.
    :param specification: positions 6-7, the maker's own.
    :param traceability: positions 8-14, the maker's own; None in a second-life code.
    :param production_date: the day that the three date characters name.
    :param serial: seven characters, digits except in lenient mode.
    :param second_life: form of the second-life product (``P``, ``M`` or ``C``), None in an ordinary code.
    :param edition: the edition of the standard that it was read by.
    :param departures: what a lenient reading let pass, in words; empty for a code that follows the standard.
    :param appended: characters behind the 24, in lenient mode only.
    """

    manufacturer: str
    product_type: str
    battery_type: str
    specification: str
    traceability: str | None
    production_date: date
    serial: str
    second_life: str | None = None
    edition: str = EDITION
    departures: tuple[str, ...] = ()
    appended: str = ""

    @classmethod
    def parse(cls, text: object, *, on: date | None = None, lenient: bool = False) -> TractionBatteryCode:
        """Read a code.

        :param text: the code; blanks anywhere are dropped.
        :param on: the day it is; given, a production date after it is refused.
        :param lenient: also accept what is seen in the wild: small letters, letters in the serial number, one or two
            characters behind the 24. Each is named in ``departures``.
        :raises MalformedIdentifier: naming the first position at fault, what it may hold and what it holds.
        """
        if not isinstance(text, str):
            raise _not_a_code(text, None, Message("text"), type(text).__name__)
        code = "".join(text.split())
        departures: list[str] = []
        if lenient and code.isascii() and code != code.upper():
            departures.append(Message("small letters"))
            code = code.upper()
        appended = ""
        if lenient and len(code) in (25, 26):
            code, appended = code[:24], code[24:]
            departures.append(Message("non-standard length {length}", length=24 + len(appended)))
        layout = _LAYOUTS.get(len(code))
        if layout is None:
            raise _not_a_code(text, None, Message("24 characters, or 19 for a second-life product"), f"{len(code)}")
        parts = _take_apart(text, code, layout, lenient)
        if not parts["serial number"].isdecimal():
            departures.append(Message("letters in the serial number"))
        start = 15 if layout is _NEW else 8
        production_date = _date(text, parts, start)
        if not parts["serial number"].strip("0"):
            raise _not_a_code(
                text,
                Message("positions {first}-{last}, serial number", first=start + 3, last=start + 9),
                Message("0000001 or more"),
                parts["serial number"],
            )
        if on is not None and production_date > on:
            raise _not_a_code(
                text,
                Message("positions {first}-{last}, date", first=start, last=start + 2),
                Message("a day not after {day}", day=on),
                Message("{characters}, {day}", characters=code[start - 1 : start + 2], day=production_date),
            )
        return cls(
            manufacturer=parts["manufacturer"],
            product_type=parts["product type"],
            battery_type=parts["battery type"],
            specification=parts["specification"],
            traceability=parts.get("traceability information"),
            production_date=production_date,
            serial=parts["serial number"],
            second_life=parts.get("second-life form"),
            departures=tuple(departures),
            appended=appended,
        )

    @property
    def date_characters(self) -> str:
        """The three characters of the production date."""
        day = self.production_date
        return _character(_YEARS, day.year) + _character(_MONTHS, day.month) + _character(_DAYS, day.day)

    @property
    def design_part(self) -> str:
        """Manufacturer to traceability information: 14 characters, 7 in a second-life code."""
        return f"{self.model_part}{self.traceability or ''}"

    @property
    def production_part(self) -> str:
        """Date and serial number, and the second-life mark where there is one: 10 or 12 characters."""
        mark = f"R{self.second_life}" if self.second_life else ""
        return f"{self.date_characters}{self.serial}{mark}"

    @property
    def model_part(self) -> str:
        """Positions 1-7, the same for all batteries of a specification; a GS1 address leaves them to the GTIN."""
        return f"{self.manufacturer}{self.product_type}{self.battery_type}{self.specification}"

    @property
    def item_part(self) -> str:
        """Positions 8 to the end: what a GS1 address carries as its serial (AI 21)."""
        return str(self)[7:]

    @property
    def groups(self) -> tuple[str, ...]:
        """The code cut into the parts in which it is printed for people: model, traceability, date, serial."""
        parts = (self.model_part, self.traceability, self.date_characters, self.production_part[3:])
        return tuple(part for part in parts if part)

    def __str__(self) -> str:
        return self.design_part + self.production_part


def _take_apart(text: str, code: str, layout: Sequence[_CodePart], lenient: bool) -> dict[str, str]:
    parts: dict[str, str] = {}
    at = 0
    for part in layout:
        piece = code[at : at + part.length]
        alphabet, expected = part.alphabet, part.expected
        if lenient and part.name == "serial number":
            alphabet, expected = CHARACTERS, Message("0-9 or A-Z")
        # Nothing is left of a piece that holds no other characters: the usual case.
        for offset, character in enumerate(piece if piece.strip(alphabet) else ""):
            if character not in alphabet:
                raise _not_a_code(
                    text,
                    Message("position {position}, {part}", position=at + offset + 1, part=part.name),
                    expected,
                    shown(character),
                    _swapped(code),
                )
        parts[part.name] = piece
        at += part.length
    return parts


def _date(text: str, parts: Mapping[str, str], start: int) -> date:
    year, month, day = _YEARS[parts["year"]], _MONTHS[parts["month"]], _DAYS[parts["day"]]
    try:
        return date(year, month, day)
    except ValueError:
        raise _not_a_code(
            text,
            None,
            Message("a calendar date in positions {first}-{last}", first=start, last=start + 2),
            Message(
                "{characters}, {day} {month}",
                characters=parts["year"] + parts["month"] + parts["day"],
                day=day,
                month={language: month_of(date(year, month, 1), language) for language in languages()},
            ),
        ) from None


def _character(table: Mapping[str, int], value: int) -> str:
    return next(character for character, number in table.items() if number == value)


def _swapped(code: str) -> str | None:
    """A hint where the parts of a plate were typed in the wrong order."""
    if len(code) != 24:
        return None
    for cut in range(7, 18):
        turned = code[cut:] + code[:cut]
        fits = all(
            set(turned[sum(p.length for p in _NEW[:n]) :][: part.length]) <= set(part.alphabet)
            for n, part in enumerate(_NEW)
        )
        if fits:
            parts = f"{turned[: 24 - cut]} {turned[24 - cut :]}"
            return Message("the two printed parts may be swapped: {parts}", parts=parts)
    return None


def _not_a_code(
    text: object, where: str | None, expected: str, found: str, hint: str | None = None
) -> MalformedIdentifier:
    return MalformedIdentifier(
        Message("{text} is not a GB/T 34014 code", text=shown(text)),
        where=where,
        expected=expected,
        found=found,
        hint=hint or Message("compare it with the plate"),
    )


def shown(text: object, limit: int = 60) -> str:
    """Text of a stranger as an error may repeat it: one line, printable, short."""
    printable = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(text)[: limit + 1])
    return printable if len(str(text)) <= limit else printable[:limit] + "…"
