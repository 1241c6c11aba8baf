"""Personal numbers in free text: vehicle identification numbers, licence plates, telephone and identity numbers.

Free text is what people write in their own words, such as a description or a name; identifiers of ours are not
searched, since a serial number may look like anything. A number is *certain* where its check digit is right: a VIN
(ISO 3779, the check digit of position 9) or an identity number (GB 11643). Anything else only looks like one. A text is
searched as people see it: full-width characters count as their narrow forms, characters without a shape count as none,
and blanks or dashes between the groups of an identity number do not part it.

    list(personal_numbers("装于车辆 1M8GDM9AXKP042788"))     # [PersonalNumber(PersonalKind.VIN, certain=True)]

What was found is never handed on: no report or log repeats it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache, lru_cache

from passport.texts import Message
from passport.vocabulary.indicator import Datatype, Field, Indicator
from passport.vocabulary.vocabulary import load


class PersonalKind(StrEnum):
    """What a number identifies a person by."""

    VIN = "vin"
    PLATE = "plate"
    TELEPHONE = "telephone"
    IDENTITY = "identity-number"


#: What people call each kind.
KIND_NAMES: Mapping[PersonalKind, Message] = {
    PersonalKind.VIN: Message("a vehicle identification number"),
    PersonalKind.PLATE: Message("a licence plate number"),
    PersonalKind.TELEPHONE: Message("a telephone number"),
    PersonalKind.IDENTITY: Message("an identity number"),
}


@dataclass(frozen=True)
class PersonalNumber:
    """One number in a text.

    :param certain: its check digit is right; False: it has the form of such a number and no more.
    """

    kind: PersonalKind
    certain: bool


_VIN = re.compile(r"(?<![A-Z0-9])[A-HJ-NPR-Z0-9]{17}(?![A-Z0-9])")
_VIN_VALUES = {
    **{str(digit): digit for digit in range(10)},
    **dict(zip("ABCDEFGH", range(1, 9), strict=True)),
    **dict(zip("JKLMN", range(1, 6), strict=True)),
    "P": 7,
    "R": 9,
    **dict(zip("STUVWXYZ", range(2, 10), strict=True)),
}
_VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_IDENTITY = re.compile(r"(?<![A-Z0-9])([1-9][0-9]{5})[ -]?([0-9]{8})[ -]?([0-9]{3}[0-9X])(?![A-Z0-9])")
_IDENTITY_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_IDENTITY_CHECKS = "10X98765432"
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼][A-Z][·•. -]?"  # data: recognised in input
    r"[A-HJ-NP-Z0-9]{4,5}[A-HJ-NP-Z0-9挂学警港澳](?![A-Z0-9])"  # data: recognised in input
)
_TELEPHONE = re.compile(
    r"(?<![0-9A-Z+.])"
    r"(?:\+[1-9][0-9 ()-]{7,16}[0-9]|1[3-9][0-9]{9}|1[3-9][0-9][ -][0-9]{4}[ -][0-9]{4}|0[0-9]{2,3}-[0-9]{7,8})"
    r"(?![0-9A-Z])"
)
_IDENTIFIER = re.compile(r"([iI]dentifier|Number|Code|Codes|Id|Hash)\Z")
#: Free text by what people write there, although it is called a code.
_NO_IDENTIFIER = "postalCode"


@cache
def free_text_terms() -> frozenset[str]:
    """IRIs of the terms whose values are free text: strings without pattern or code list, less identifiers."""
    kinds: list[Indicator | Field] = []
    for indicator in load().indicators.values():
        kinds += [indicator, *indicator.fields]
    return frozenset(kind.iri for kind in kinds if _is_free_text(kind))


@lru_cache(maxsize=1024)
def personal_numbers(text: str) -> tuple[PersonalNumber, ...]:
    """The numbers in a text, those that are certain first of their kind; each kind once a certainty."""
    if text.isascii():
        seen = text.upper()
    else:
        shown = "".join(character for character in text if unicodedata.category(character) != "Cf")
        seen = unicodedata.normalize("NFKC", shown).upper()
    numbers = [
        *(
            PersonalNumber(PersonalKind.VIN, _vin_is_right(match[0]))
            for match in _VIN.finditer(seen)
            if _is_vin(match[0])
        ),
        *(
            PersonalNumber(PersonalKind.IDENTITY, _identity_is_right(number))
            for match in _IDENTITY.finditer(seen)
            if _has_birthday(number := "".join(match.groups()))
        ),
        *(PersonalNumber(PersonalKind.PLATE, False) for _ in _PLATE.finditer(seen)),
        *(PersonalNumber(PersonalKind.TELEPHONE, False) for _ in _TELEPHONE.finditer(seen)),
    ]
    return tuple(sorted(dict.fromkeys(numbers), key=lambda number: not number.certain))


def _is_free_text(kind: Indicator | Field) -> bool:
    if kind.datatype not in (Datatype.STRING, Datatype.LANG_STRING) or kind.personal_data:
        return False
    term = kind.term if isinstance(kind, Field) else kind.id
    if kind.enumeration is not None or kind.range.pattern is not None:
        return False
    return term == _NO_IDENTIFIER or not _IDENTIFIER.search(term)


def _is_vin(text: str) -> bool:
    # Words and figures of one sort have no check digit to speak of; every VIN has both letters and digits.
    return any(map(str.isdigit, text)) and any(map(str.isalpha, text))


def _vin_is_right(text: str) -> bool:
    total = sum(_VIN_VALUES[character] * weight for character, weight in zip(text, _VIN_WEIGHTS, strict=True))
    return text[8] == "0123456789X"[total % 11]


def _has_birthday(text: str) -> bool:
    try:
        born = date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    return born.year >= 1880


def _identity_is_right(text: str) -> bool:
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _IDENTITY_WEIGHTS, strict=True))
    return text[17] == _IDENTITY_CHECKS[total % 11]
