"""Converters between one value of a peer's document and one value of our vocabulary, both ways.

A kind converts exactly or not at all: :class:`UnreadableValue` becomes a fault at the place of the value,
:class:`Unwritable` a reason why an indicator is not in the exported document. Numbers are decimals on our side. A JSON
number is written only where every program that reads it as a double gets the same decimal back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal, Inexact, InvalidOperation
from functools import reduce
from typing import Any

from passport.exchange import peer_format
from passport.texts import Message

_EXACT = Context(prec=80, traps=[Inexact, InvalidOperation])
_UUID = re.compile(
    r"urn:uuid:([0-9a-f]{8})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{4})-?([0-9a-f]{12})", re.IGNORECASE
)
#: A day, by itself or with a time of day; either may have a zone.
_DAY = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]+)?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
)
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_MONTH = re.compile(r"--(0[1-9]|1[0-2])(Z|[+-][0-9]{2}:[0-9]{2})?")


class _Inconvertible(Exception):
    """A value that cannot be converted.

    :param reason: a phrase without a closing stop.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnreadableValue(_Inconvertible):
    """A foreign value that cannot be taken over; the reason says what was expected."""


class Unwritable(_Inconvertible):
    """A value of ours that the format cannot hold; the reason says why."""


@dataclass(frozen=True)
class ValueConverter:
    """One kind of value.

    :param read: their value -> ours. Raises :class:`UnreadableValue`.
    :param write: our value -> theirs. Raises :class:`Unwritable`.
    :param placeholder: written where the format requires a value and there is none; None where no placeholder exists.
    """

    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    placeholder: Any = None


def decimal_of(value: Any) -> Decimal:
    """A JSON number as a decimal.

    :raises Unreadable: it is no number, or no measurable one.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = Decimal(repr(value))
        if _can_be_meant(number):
            return number
        raise UnreadableValue(Message("a number that can be meant"))
    raise UnreadableValue(Message("a number"))


def _can_be_meant(number: Decimal) -> bool:
    """Whether it can have been measured. Beyond that, exact arithmetic has no end."""
    return number.is_finite() and abs(number.adjusted()) < 30


def json_number(number: Decimal) -> int | float:
    """A finite decimal as a JSON number that reads back as the same decimal.

    :raises Unwritable: it has more digits than a double carries.
    """
    if number == number.to_integral_value() and abs(number) < 2**53:
        return int(number)
    if Decimal(repr(float(number))) != number:
        raise Unwritable(Message("it has more digits than a JSON number carries from program to program"))
    return float(number)


def our_decimal(value: Any) -> Decimal:
    """A value of a record as a decimal.

    :raises Unwritable: it is no number, or no measurable one.
    """
    try:
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise InvalidOperation
        number = Decimal(str(value))
    except InvalidOperation:
        raise Unwritable(Message("it is no number")) from None
    if not _can_be_meant(number):
        raise Unwritable(Message("it is no number that can be meant"))
    return number


def times(number: Decimal, factor: str | Decimal) -> Decimal:
    """An exact product.

    :raises Inexact: it has no end; factors here are chosen so that it has.
    """
    return _EXACT.multiply(number, Decimal(factor))


def total(numbers: Iterable[Decimal]) -> Decimal:
    """An exact sum."""
    return reduce(_EXACT.add, numbers, Decimal(0))


def divided(number: Decimal, factor: str | Decimal) -> Decimal:
    """An exact quotient.

    :raises Inexact: it has no end.
    """
    return _EXACT.divide(number, Decimal(factor))


def written(number: Decimal) -> str:
    """A decimal as text, without exponent and without zeros at its end."""
    return format(number.normalize(_EXACT), "f") if number else "0"


def number(factor: str = "1", *, whole: bool = False) -> ValueConverter:
    """A number; theirs times ``factor`` is ours.

    :param whole: ours is an integer.
    """

    def read(value: Any) -> Any:
        ours = times(decimal_of(value), factor)
        return int(ours) if whole and ours == ours.to_integral_value() else written(ours)

    def write(value: Any) -> Any:
        try:
            return json_number(divided(our_decimal(value), factor))
        except Inexact:
            raise Unwritable(Message("it cannot be converted exactly into the unit of the format")) from None

    return ValueConverter(read, write, peer_format.NO_NUMBER)


def _text(value: Any) -> str:
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise UnreadableValue(Message("text"))


def _our_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Unwritable(Message("it is no text"))


def matching(pattern: str, why: str, placeholder: str | None) -> ValueConverter:
    """Text that the format's schema holds to a pattern (searched, as JSON Schema does)."""

    def write(value: Any) -> str:
        text = _our_text(value)
        if not re.search(pattern, text):
            raise Unwritable(why)
        return text

    return ValueConverter(_text, write, placeholder)


def _link(value: Any) -> str:
    text = _text(value)
    if not _URI.fullmatch(text):
        raise UnreadableValue(Message("a link"))
    return text


def _our_link(value: Any) -> str:
    text = _our_text(value)
    if not _URI.fullmatch(text):
        raise Unwritable(Message("the format asks for a link, and this is text"))
    return text


def _truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise UnreadableValue(Message("true or false"))


def _our_truth(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise Unwritable(Message("the format takes true or false"))


def _day(value: Any) -> str:
    known = _DAY.fullmatch(_text(value))
    try:
        return date.fromisoformat(known[1]).isoformat() if known else _no_day()
    except ValueError:
        return _no_day()


def _no_day() -> str:
    raise UnreadableValue(Message("a day of the calendar"))


def _our_day(value: Any) -> str:
    try:
        return _day(value)
    except UnreadableValue:
        raise Unwritable(Message("it is no day")) from None


def _uuid(value: Any) -> str:
    known = _UUID.fullmatch(_text(value))
    return "urn:uuid:" + "-".join(known.groups()).lower() if known else _text(value)


def _compact_uuid(value: Any) -> str:
    if not re.fullmatch(r"urn:[a-z0-9]+:[a-z0-9]+", compact := _our_text(value).replace("-", "")):
        raise Unwritable(Message("the format takes urn:x:y of small letters and digits only"))
    if _uuid(compact) != value and compact != value:
        raise Unwritable(Message("the format takes urn:x:y of small letters and digits only"))
    return compact


def _months(value: Any) -> int:
    known = _MONTH.fullmatch(_text(value))
    if not known:
        raise UnreadableValue(Message("a number of months, written --01 to --12"))
    return int(known[1])


def _our_months(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 12:
        return f"--{value:02d}"
    raise Unwritable(Message("the format takes 1 to 12 months, written as a month of the year"))


TEXT = ValueConverter(_text, _our_text, peer_format.NO_TEXT)
LINK = ValueConverter(_link, _our_link, peer_format.NO_LINK)
TRUTH = ValueConverter(_truth, _our_truth)
DAY = ValueConverter(_day, _our_day, peer_format.NO_DAY)
MIDNIGHT = ValueConverter(_day, lambda value: f"{_our_day(value)}T00:00:00Z", peer_format.NO_INSTANT)
INSTANT = ValueConverter(_text, _our_text, peer_format.NO_INSTANT)
COMPACT_UUID = ValueConverter(_uuid, _compact_uuid, peer_format.NO_COMPACT_UUID)
MONTHS = ValueConverter(_months, _our_months, peer_format.NO_MONTH)
CAS = matching(r"^\d{2,7}-\d{2}-\d{1}$", Message("it is no CAS number"), peer_format.NO_CAS)
NUMBER = number()
WHOLE = number(whole=True)


def codes(theirs: Mapping[str, str], *, placeholder: str | None = None, others: bool = False) -> ValueConverter:
    """Codes by table.

    :param theirs: our code -> theirs.
    :param others: whether a code that the table does not name is taken over unchanged.
    """
    ours = {code: name for name, code in theirs.items()}

    def read(value: Any) -> str:
        text = _text(value)
        if text in ours:
            return ours[text]
        if not others:
            raise UnreadableValue(Message("one of {codes}", codes=", ".join(ours)))
        return text

    def write(value: Any) -> str:
        if isinstance(value, str) and value in theirs:
            return theirs[value]
        if not others:
            raise Unwritable(Message("the format has no code for {code}", code=value))
        return _our_text(value)

    return ValueConverter(read, write, placeholder)
