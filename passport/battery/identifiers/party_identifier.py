"""Identifiers of enterprises, each with the check that its own standard asks for.

| scheme | identifier | check |
|---|---|---|
| ``credit-code`` | unified social credit code, 18 characters | check character, modulo 31 (GB 32100-2015) |
| ``lei`` | legal entity identifier, 20 characters | two check digits, modulo 97-10 (ISO 17442, ISO/IEC 7064) |
| ``eori`` | customs number in the Union | country that gives them, 1 to 15 letters or digits; it has no check digit |
| ``gln`` | global location number, 13 digits | check digit, modulo 10 (GS1 General Specifications) |

    parse("lei", "506700GE1G29325QX363").value
    find("914403001922038216")                 # (PartyIdentifier(scheme=CREDIT_CODE, …),)

A code that passes was not mistyped. Whether a register knows it is another question, which nothing here asks.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from passport.battery.identifiers.address import check_digit
from passport.errors import MalformedIdentifier
from passport.texts import Message


class PartyScheme(StrEnum):
    """Schemes of identifiers of enterprises."""

    CREDIT_CODE = "credit-code"
    LEI = "lei"
    EORI = "eori"
    GLN = "gln"

    @property
    def term(self) -> str:
        """Name of the term under which a credential states it."""
        return _TERMS[self]

    @property
    def iri(self) -> str:
        """IRI of the scheme: the term of our vocabulary."""
        return f"https://w3id.org/battery-passport/ns#{self.term}"


_TERMS: Mapping[PartyScheme, str] = {
    PartyScheme.CREDIT_CODE: "unifiedSocialCreditCode",
    PartyScheme.LEI: "legalEntityIdentifier",
    PartyScheme.EORI: "eoriNumber",
    PartyScheme.GLN: "globalLocationNumber",
}
NAMES: Mapping[PartyScheme, Message] = {
    PartyScheme.CREDIT_CODE: Message("unified social credit code"),
    PartyScheme.LEI: Message("LEI"),
    PartyScheme.EORI: Message("EORI number"),
    PartyScheme.GLN: Message("GLN"),
}

#: GB 32100-2015, table 1: the characters in the order of their values; no I, O, S, V, Z.
_CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FORMS: Mapping[PartyScheme, re.Pattern[str]] = {
    PartyScheme.CREDIT_CODE: re.compile(f"[{_CREDIT_CHARACTERS}]{{2}}[0-9]{{6}}[{_CREDIT_CHARACTERS}]{{10}}", re.ASCII),
    PartyScheme.LEI: re.compile(r"[0-9A-Z]{18}[0-9]{2}", re.ASCII),
    PartyScheme.EORI: re.compile(r"[A-Z]{2}[0-9A-Z]{1,15}", re.ASCII),
    PartyScheme.GLN: re.compile(r"[0-9]{13}", re.ASCII),
}
_EXPECTED: Mapping[PartyScheme, Message] = {
    PartyScheme.CREDIT_CODE: Message("18 characters with their check character (GB 32100)"),
    PartyScheme.LEI: Message("20 characters with their two check digits (ISO 17442)"),
    PartyScheme.EORI: Message("the code of a member state, XI or GB, and 1 to 15 letters or digits"),
    PartyScheme.GLN: Message("13 digits with their check digit (GS1)"),
}
#: Those who give EORI numbers: the member states, Northern Ireland (XI), and the United Kingdom for its own scheme.
_EORI_COUNTRIES = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI", "GB",
})  # fmt: skip


@dataclass(frozen=True)
class PartyIdentifier:
    """An identifier that passed the check of its scheme."""

    scheme: PartyScheme
    value: str


def credit_character(first_17: str) -> str:
    """The check character for the 17 characters before it (weights 3 to the power of the place, modulo 31)."""
    total = sum(_CREDIT_CHARACTERS.index(sign) * pow(3, place, 31) for place, sign in enumerate(first_17))
    return _CREDIT_CHARACTERS[-total % 31]


def lei_check_digits(first_18: str) -> str:
    """The two check digits for the 18 characters before them: 98 less the remainder by 97, letters as 10 to 35."""
    return f"{98 - int(''.join(str(int(sign, 36)) for sign in first_18) + '00') % 97:02d}"


_CHECKS: Mapping[PartyScheme, Callable[[str], bool]] = {
    PartyScheme.CREDIT_CODE: lambda text: credit_character(text[:17]) == text[17],
    # Compared, not only divided: 00, 01 and 99 leave the right remainder for some codes and are never given.
    PartyScheme.LEI: lambda text: lei_check_digits(text[:18]) == text[18:],
    PartyScheme.EORI: lambda text: text[:2] in _EORI_COUNTRIES,
    PartyScheme.GLN: lambda text: check_digit(text[:12]) == text[12],
}


def is_identifier(scheme: PartyScheme, text: str) -> bool:
    """Whether ``text`` is an identifier of the scheme."""
    return _FORMS[scheme].fullmatch(text) is not None and _CHECKS[scheme](text)


def parse(scheme: PartyScheme | str, text: str) -> PartyIdentifier:
    """The identifier that ``text`` is.

    :raises MalformedIdentifier: of another form, or its check characters are wrong.
    """
    scheme = PartyScheme(scheme)
    if not is_identifier(scheme, text):
        raise MalformedIdentifier(
            Message("this is not of the form of: {name}", name=NAMES[scheme]),
            expected=_EXPECTED[scheme],
            found=repr(text)[:60],
        )
    return PartyIdentifier(scheme, text)


def find(text: str) -> tuple[PartyIdentifier, ...]:
    """What a text may be by its form and check characters; empty where it is no identifier of an enterprise.

    An EORI number has no check digit, so it is taken for one only where it is nothing else.
    """
    sure: list[PartyScheme] = [
        scheme for scheme in PartyScheme if scheme is not PartyScheme.EORI and is_identifier(scheme, text)
    ]
    if not sure and is_identifier(PartyScheme.EORI, text):
        sure = [PartyScheme.EORI]
    return tuple(PartyIdentifier(scheme, text) for scheme in sure)
