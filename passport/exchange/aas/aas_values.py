"""Values of AAS properties: text in the lexical form of an XSD type, whatever they say.

A number is written only where a program that holds the type gets the same decimal back: seven significant digits of an
``xs:float``, what a double carries of an ``xs:double``, every digit of an ``xs:decimal``.
"""

from __future__ import annotations

import re
import struct
from decimal import Decimal, Inexact
from typing import Any

from passport.exchange import converters
from passport.exchange.converters import TEXT, UnreadableValue, Unwritable, ValueConverter
from passport.texts import Message

#: Longest text of a language (metamodel, LangStringTextType).
MAX_TEXT = 1023
_NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_MONTHS = re.compile(r"P(?:([0-9]{1,4})Y)?(?:([0-9]{1,4})M)?")
_WHOLE = {"integer": (None, None), "unsignedInt": (0, 2**32 - 1)}


def lexical(type_: str, factor: str = "1", *, whole: bool = False) -> ValueConverter:
    """A number; theirs times ``factor`` is ours.

    :param type_: XSD type that is written, without its prefix; any number is read.
    :param whole: ours is an integer.
    """

    def read(value: Any) -> Any:
        ours = converters.times(number_of(value), factor)
        return int(ours) if whole and ours == ours.to_integral_value() else converters.written(ours)

    def write(value: Any) -> str:
        try:
            theirs = converters.divided(converters.our_decimal(value), factor)
        except Inexact:
            raise Unwritable(Message("it cannot be converted exactly into the unit of the format")) from None
        if type_ in _WHOLE:
            least, most = _WHOLE[type_]
            if theirs != theirs.to_integral_value():
                raise Unwritable(Message("the format takes whole numbers"))
            if (least is not None and theirs < least) or (most is not None and theirs > most):
                raise Unwritable(Message("the format takes whole numbers of 32 bits, none below zero"))
        elif type_ == "float" and not _in_float(theirs):
            raise Unwritable(Message("it has more digits than the number type of the format carries"))
        elif type_ == "double":
            converters.json_number(theirs)
        return converters.written(theirs)

    return ValueConverter(read, write)


def number_of(value: Any) -> Decimal:
    """A number in lexical form as a decimal.

    :raises UnreadableValue: it is none, or none that can have been measured.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not _NUMBER.fullmatch(text):
        raise UnreadableValue(Message("a number"))
    try:
        return converters.our_decimal(text)
    except Unwritable:
        raise UnreadableValue(Message("a number that can be meant")) from None


def _in_float(number: Decimal) -> bool:
    """Whether a single-precision number carries every digit."""
    if len(number.normalize().as_tuple().digits) > 7:
        return False
    try:
        (single,) = struct.unpack("f", struct.pack("f", float(number)))
    except OverflowError:
        return False
    return Decimal(f"{single:.7g}") == number


def _truth(value: Any) -> bool:
    known = {"true": True, "1": True, "false": False, "0": False}
    if isinstance(value, str) and value.strip() in known:
        return known[value.strip()]
    raise UnreadableValue(Message("true or false"))


def _our_truth(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    raise Unwritable(Message("the format takes true or false"))


def _duration(value: Any) -> int:
    known = _MONTHS.fullmatch(value.strip()) if isinstance(value, str) else None
    if known is None or known[0] == "P":
        raise UnreadableValue(Message("a number of years and months, such as P8Y or P96M"))
    return 12 * int(known[1] or 0) + int(known[2] or 0)


def _our_duration(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return f"P{value}M"
    raise Unwritable(Message("it is no number of months"))


def _label(value: Any) -> str:
    text: str = TEXT.write(value)
    if len(text) > MAX_TEXT:
        raise Unwritable(Message("the format takes texts of at most {count} characters", count=MAX_TEXT))
    return text


TRUTH = ValueConverter(_truth, _our_truth)
#: Months as an ISO 8601 duration.
DURATION = ValueConverter(_duration, _our_duration)
#: The text of a MultiLanguageProperty.
LABEL = ValueConverter(TEXT.read, _label)
FLOAT, DOUBLE, DECIMAL, INTEGER = (lexical(name) for name in ("float", "double", "decimal", "integer"))
COUNT = lexical("unsignedInt", whole=True)
UNSIGNED = lexical("unsignedInt")
