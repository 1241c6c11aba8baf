"""Names of batteries: the GB/T 34014 code, the GTIN, and the address that a passport keeps for ever.

* A :class:`TractionBatteryCode` is parsed once at the door; whoever holds one need not check it again. The code has 24
  characters, or 19 in its second-life form, which leaves the traceability block out and ends in ``R`` and a letter.
  Blanks are removed, since plates print the code in parts. Whether its date lies in the future is judged only when the
  caller says what day it is.
* An address is ``{base}/{path}`` and its path belongs to a *scheme*. ``gs1`` is the GS1 Digital Link syntax
  (``/01/{GTIN-14}/21/{serial}``), ``id`` our own for makers without a GTIN (``/id/{model}/{serial}``), and ``gbt34014``
  a way in by the code on the plate, which only the store can lead on. The model's address is the same without the
  serial. A scheme joins by an entry in :data:`SCHEMES`.
* One pack has one address: a path is read, its parts are checked, and it is written again in one canonical spelling.

Sources: GB/T 34014-2017; GS1 Digital Link Standard: URI Syntax 1.4 and later; GS1 General Specifications (AI 01, 21).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, NamedTuple, Protocol
from urllib.parse import quote, unquote, urlsplit

from passport.errors import MalformedIdentifier

if TYPE_CHECKING:
    from passport.battery.record import Record

# --- GB/T 34014 -----------------------------------------------------------------------------------------------------

EDITION = "GB/T 34014-2017"

DIGITS = "0123456789"
CHARACTERS = DIGITS + "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# Date characters leave out I, O, Q, U and Z, which other fields may contain: these letters are never banned globally.
_DATE_LETTERS = "ABCDEFGHJKLMNPRSTVWXY"
_YEARS = {character: 2011 + n for n, character in enumerate("123456789" + _DATE_LETTERS)}
_MONTHS = {character: 1 + n for n, character in enumerate("123456789ABC")}
_DAYS = {character: 1 + n for n, character in enumerate("123456789" + _DATE_LETTERS + "0")}
_MONTH_NAMES = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)

PRODUCT_TYPES: Mapping[str, str] = {"P": "pack", "M": "module", "C": "cell"}
#: Position 5 -> kind of cell. B and E are confirmed by sources; the others are from memory.
BATTERY_TYPES: Mapping[str, str] = {
    "A": "nickel-metal hydride", "B": "lithium iron phosphate", "C": "lithium manganese oxide",
    "D": "lithium cobalt oxide", "E": "ternary", "F": "supercapacitor", "G": "lithium titanate", "Z": "other",
}


class _Part(NamedTuple):
    name: str
    length: int
    alphabet: str
    expected: str


_HEAD = (
    _Part("manufacturer", 3, CHARACTERS, "0-9 or A-Z"),
    _Part("product type", 1, "PMC", "P, M or C"),
    _Part("battery type", 1, "".join(BATTERY_TYPES), "A-G or Z"),
    _Part("specification", 2, CHARACTERS, "0-9 or A-Z"),
)
_TAIL = (
    _Part("year", 1, "".join(_YEARS), "1-9 or A-Y without I, O, Q, U"),
    _Part("month", 1, "".join(_MONTHS), "1-9, A, B or C"),
    _Part("day", 1, "".join(_DAYS), "0-9 or A-Y without I, O, Q, U"),
    _Part("serial number", 7, DIGITS, "a digit"),
)
_NEW = (*_HEAD, _Part("traceability information", 7, CHARACTERS, "0-9 or A-Z"), *_TAIL)
_SECOND_LIFE = (
    *_HEAD, *_TAIL, _Part("second-life mark", 1, "R", "R"), _Part("second-life form", 1, "PMC", "P, M or C")
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
    def parse(cls, text: str, *, on: date | None = None, lenient: bool = False) -> TractionBatteryCode:
        """Read a code.

        :param text: the code; blanks anywhere are dropped.
        :param on: the day it is; given, a production date after it is refused.
        :param lenient: also accept what is seen in the wild: small letters, letters in the serial number, one or two
            characters behind the 24. Each is named in ``departures``.
        :raises MalformedIdentifier: naming the first position at fault, what it may hold and what it holds.
        """
        if not isinstance(text, str):
            raise _not_a_code(text, None, "text", type(text).__name__)
        code = "".join(text.split())
        departures: list[str] = []
        if lenient and code.isascii() and code != code.upper():
            departures.append("small letters")
            code = code.upper()
        appended = ""
        if lenient and len(code) in (25, 26):
            code, appended = code[:24], code[24:]
            departures.append(f"non-standard length {24 + len(appended)}")
        layout = _LAYOUTS.get(len(code))
        if layout is None:
            raise _not_a_code(
                text, None, "24 characters, or 19 for a second-life product", f"{len(code)}"
            )
        parts = _take_apart(text, code, layout, lenient)
        if not parts["serial number"].isdecimal():
            departures.append("letters in the serial number")
        start = sum(part.length for part in layout[: layout.index(_TAIL[0])]) + 1
        production_date = _date(text, parts, start)
        if not parts["serial number"].strip("0"):
            raise _not_a_code(
                text, f"positions {start + 3}-{start + 9}, serial number", "0000001 or more", parts["serial number"]
            )
        if on is not None and production_date > on:
            raise _not_a_code(
                text, f"positions {start}-{start + 2}, date", f"a day not after {_in_words(on)}",
                f"{code[start - 1:start + 2]}, {_in_words(production_date)}",
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


def _take_apart(text: str, code: str, layout: Sequence[_Part], lenient: bool) -> dict[str, str]:
    parts: dict[str, str] = {}
    at = 0
    for part in layout:
        piece = code[at : at + part.length]
        alphabet, expected = part.alphabet, part.expected
        if lenient and part.name == "serial number":
            alphabet, expected = CHARACTERS, "0-9 or A-Z"
        for offset, character in enumerate(piece):
            if character not in alphabet:
                raise _not_a_code(
                    text, f"position {at + offset + 1}, {part.name}", expected, _shown(character), _swapped(code)
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
            text, None, f"a calendar date in positions {start}-{start + 2}",
            f"{parts['year']}{parts['month']}{parts['day']}, {day} {_MONTH_NAMES[month - 1]} {year}",
        ) from None


def _character(table: Mapping[str, int], value: int) -> str:
    return next(character for character, number in table.items() if number == value)


def _in_words(day: date) -> str:
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"


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
            return f"the two printed parts may be swapped: {turned[:24 - cut]} {turned[24 - cut:]}"
    return None


def _not_a_code(
    text: object, where: str | None, expected: str, found: str, hint: str | None = None
) -> MalformedIdentifier:
    return MalformedIdentifier(
        f"{_shown(text)} is not a GB/T 34014 code", where=where, expected=expected, found=found,
        hint=hint or "compare it with the plate",
    )


def _shown(text: object, limit: int = 60) -> str:
    """Text of a stranger as an error may repeat it: one line, printable, short."""
    said = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in str(text)[: limit + 1])
    return said if len(str(text)) <= limit else said[:limit] + "…"


# --- GTIN and serial ------------------------------------------------------------------------------------------------

SERIAL_LENGTH = 20
#: What a part of our own scheme may have at most: an address stays short enough for a QR code.
PART_LENGTH = 80
_CHARACTER_SET_82 = frozenset("!\"%&'()*+,-./:;<=>?_" + CHARACTERS + "abcdefghijklmnopqrstuvwxyz")


def check_digit(digits: str) -> str:
    """The GS1 check digit for the digits before it (weights 3, 1, 3, … from the right)."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def check_gtin(text: str) -> str:
    """Give back a GTIN-14 that is one.

    :raises MalformedIdentifier: not 14 digits (a GS1 address takes no shorter form), or a wrong check digit.
    """
    if not isinstance(text, str) or len(text) != 14 or any(character not in DIGITS for character in text):
        raise MalformedIdentifier(
            f"{_shown(text)} is not a GTIN", expected="14 digits", found=f'"{_shown(text)}"',
            hint="a shorter GTIN is filled up with zeros on the left",
        )
    computed = check_digit(text[:13])
    if text[13] != computed:
        raise MalformedIdentifier(
            f"{text} is not a GTIN", where="position 14, check digit", expected=computed, found=text[13],
            hint="compare all digits with the GTIN as it was assigned",
        )
    return text


def check_serial(text: str) -> str:
    """Give back a serial that GS1 application identifier 21 can carry in an address.

    :raises MalformedIdentifier: empty, over 20 characters, outside GS1 character set 82, or unsafe in a path.
    """
    if isinstance(text, str):
        if len(text) > SERIAL_LENGTH:
            raise MalformedIdentifier(
                f"{_shown(text)} is not a GS1 serial number", expected=f"at most {SERIAL_LENGTH} characters (AI 21)",
                found=str(len(text)),
            )
        for position, character in enumerate(text, 1):
            if character not in _CHARACTER_SET_82:
                raise MalformedIdentifier(
                    f"{_shown(text)} is not a GS1 serial number", where=f"position {position}",
                    expected="a character of GS1 character set 82", found=_shown(character),
                )
    return _check_segment(text, "serial number")


def _check_segment(text: object, name: str) -> str:
    """One part of a path, as text.

    Slashes are refused although they could be escaped: proxies decode ``%2F``, and then one pack's address would be
    read as another's. Dots alone would climb in the path; blanks at the edges and control characters cannot be seen.
    """
    reason = None
    if not isinstance(text, str) or not text:
        reason = "at least one character"
    elif len(text) > PART_LENGTH:
        reason = f"at most {PART_LENGTH} characters"
    elif text in (".", ".."):
        reason = "more than dots"
    elif "/" in text or "\\" in text:
        reason = "no slash"
    elif text != text.strip() or any(unicodedata.category(c)[0] == "C" for c in text):
        reason = "no control character and no blank at either end"
    if reason:
        raise MalformedIdentifier(
            f"{_shown(text)!r} cannot stand in an address", where=name, expected=reason, found=f'"{_shown(text)}"'
        )
    # Two spellings of one visible text (composed, decomposed) must not become two packs.
    return unicodedata.normalize("NFC", text)


# --- addresses ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PassportAddress:
    """The address of a pack, or of its model where ``serial`` is None, without the base.

    :param scheme: a key of :data:`SCHEMES`.
    :param model: the model's part as text, not percent-encoded: a GTIN-14, a model identifier.
    :param serial: the pack's part as text.
    """

    scheme: str
    model: str
    serial: str | None = None

    @property
    def path(self) -> str:
        """The canonical path, percent-encoded, beginning with a slash."""
        return SCHEMES[self.scheme].path(self)

    @property
    def of_model(self) -> PassportAddress:
        """The address of the model."""
        return PassportAddress(self.scheme, self.model)

    @property
    def is_alias(self) -> bool:
        """True where this only leads to a passport and is no subject's own address."""
        return SCHEMES[self.scheme].alias

    def iri(self, base_url: str) -> str:
        """The subject IRI under a base URL."""
        return base_url.rstrip("/") + self.path


class AddressScheme(Protocol):
    """How one kind of address is written and read. ``prefix`` is the first segment of its paths."""

    prefix: str
    alias: bool

    def address(self, model: Mapping, pack: Mapping) -> PassportAddress:
        """The address of a pack from its indicators; raises MalformedIdentifier."""
        ...

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        """Read the segments behind the prefix; raises MalformedIdentifier."""
        ...

    def path(self, address: PassportAddress) -> str: ...


def _joined(*segments: str) -> str:
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


class Gs1DigitalLink:
    """``/01/{GTIN-14}/21/{serial}``. A GB/T 34014 code splits: positions 1-7 go to the GTIN, the rest is AI 21."""

    prefix = "01"
    alias = False

    def address(self, model: Mapping, pack: Mapping) -> PassportAddress:
        code = pack.get("packTractionBatteryCode")
        serial = TractionBatteryCode.parse(code).item_part if code is not None else pack.get("serialNumber")
        return PassportAddress("gs1", check_gtin(model.get("gtin")), check_serial(serial))

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        if not segments:
            raise _no_address("a GTIN-14 behind /01", "nothing")
        gtin, rest = check_gtin(segments[0]), list(segments[1:])
        # Key qualifiers stand in this order. Variant and lot are valid in a link and add nothing to a serial.
        for qualifier in ("22", "10"):
            if rest[:1] == [qualifier] and len(rest) > 1:
                check_serial(rest[1])
                del rest[:2]
        if not rest:
            return PassportAddress("gs1", gtin)
        if len(rest) != 2 or rest[0] != "21":
            raise _no_address("/21/ and a serial number behind the GTIN", "/" + "/".join(map(_shown, rest)))
        return PassportAddress("gs1", gtin, check_serial(rest[1]))

    def path(self, address: PassportAddress) -> str:
        return _joined("01", address.model) + (_joined("21", address.serial) if address.serial else "")


class OwnScheme:
    """``/id/{model}/{serial}``, for makers without a GTIN."""

    prefix = "id"
    alias = False

    def address(self, model: Mapping, pack: Mapping) -> PassportAddress:
        serial = pack.get("serialNumber")
        if serial is None and pack.get("packTractionBatteryCode") is not None:
            serial = TractionBatteryCode.parse(pack["packTractionBatteryCode"]).item_part
        return PassportAddress(
            "id", _check_segment(model.get("batteryModelIdentifier"), "model identifier"),
            _check_segment(serial, "serial number"),
        )

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        if not 1 <= len(segments) <= 2:
            raise _no_address("a model and a serial number behind /id", f"{len(segments)} parts")
        names = ("model identifier", "serial number")
        return PassportAddress("id", *(_check_segment(*pair) for pair in zip(segments, names, strict=False)))

    def path(self, address: PassportAddress) -> str:
        return _joined("id", address.model) + (_joined(address.serial) if address.serial else "")


class PlateCode:
    """``/gbt34014/{code}``: the code on the plate. Only the store knows which passport has it."""

    prefix = "gbt34014"
    alias = True

    def address(self, model: Mapping, pack: Mapping) -> PassportAddress:
        code = TractionBatteryCode.parse(pack.get("packTractionBatteryCode"))
        return PassportAddress("gbt34014", code.model_part, code.item_part)

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        if len(segments) != 1:
            raise _no_address("a code behind /gbt34014", f"{len(segments)} parts")
        code = TractionBatteryCode.parse(segments[0])
        return PassportAddress("gbt34014", code.model_part, code.item_part)

    def path(self, address: PassportAddress) -> str:
        return _joined("gbt34014", address.model + (address.serial or ""))


SCHEMES: dict[str, AddressScheme] = {"gs1": Gs1DigitalLink(), "id": OwnScheme(), "gbt34014": PlateCode()}


def parse_path(path: str, *, decoded: bool = False) -> PassportAddress:
    """Read the path of an address, as the resolver gets it.

    :param path: ``/01/…``, ``/id/…`` or ``/gbt34014/…``, without the base; one slash at the end is let pass.
    :param decoded: True where the server has already undone the percent-encoding (WSGI does).
    :raises MalformedIdentifier: no such scheme, a wrong check digit, an unsafe part: a bad request (400).
    """
    segments = path.removeprefix("/").removesuffix("/").split("/")
    if not decoded:
        segments = [_unquoted(segment) for segment in segments]
    for scheme in SCHEMES.values():
        if segments[0] == scheme.prefix:
            return scheme.parse(segments[1:])
    raise _no_address("/01/…, /id/… or /gbt34014/…", f'"{_shown(path)}"')


def parse_iri(iri: str, base_url: str) -> PassportAddress:
    """Read an address that begins with a base URL.

    :raises MalformedIdentifier: another base, a query or fragment, or a path that :func:`parse_path` refuses.
    """
    base = base_url.rstrip("/")
    if not isinstance(iri, str) or not iri.startswith(base + "/"):
        raise _no_address(f"an address under {base}", f'"{_shown(iri)}"')
    if "?" in iri or "#" in iri:
        raise _no_address("no query and no fragment", f'"{_shown(iri)}"')
    return parse_path(iri[len(base) :])


def address(record: Record, scheme: str | None = None) -> PassportAddress:
    """The address of a record's pack.

    :param scheme: a key of :data:`SCHEMES`, no alias; None takes ``gs1`` where the model has a GTIN, else ``id``.
    :raises MalformedIdentifier: what the address is made of is missing or malformed.
    """
    name = scheme or ("gs1" if record.model.get("gtin") is not None else "id")
    chosen = SCHEMES.get(name)
    if chosen is None or chosen.alias:
        own = ", ".join(name for name, kind in SCHEMES.items() if not kind.alias)
        raise MalformedIdentifier("unknown address scheme", expected=own, found=f'"{_shown(name)}"')
    return chosen.address(record.model, record.pack)


def address_of(record: Record, base_url: str, scheme: str | None = None) -> str:
    """The pack's subject IRI; see :func:`address`."""
    return address(record, scheme).iri(base_url)


def model_address_of(record: Record, base_url: str, scheme: str | None = None) -> str:
    """The model's subject IRI; see :func:`address`."""
    return address(record, scheme).of_model.iri(base_url)


def serial_of(iri: str) -> str:
    """The pack's part of an address, as text: what people call the serial number."""
    return unquote(iri.rstrip("/").rpartition("/")[2])


def check_base_url(text: str) -> str:
    """Give back a base URL without its last slash.

    :raises MalformedIdentifier: not http or https, no host, or with user, query or fragment.
    """
    try:
        parts = urlsplit(text if isinstance(text, str) else "")
        good = (
            parts.scheme in ("http", "https") and parts.hostname and parts.username is None
            and not re.search(r"[\s?#\\]", text) and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        good = False
    if not good:
        raise MalformedIdentifier(
            f"{_shown(text)} is not a base URL", expected="https:// and a host, without query or fragment",
            found=f'"{_shown(text)}"',
        )
    return text.rstrip("/")


def _unquoted(segment: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", segment):
        raise _no_address("% with two hexadecimal digits behind it", f'"{_shown(segment)}"')
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise _no_address("UTF-8 behind the percent signs", f'"{_shown(segment)}"') from None


def _no_address(expected: str, found: str) -> MalformedIdentifier:
    return MalformedIdentifier("not the address of a passport", expected=expected, found=found)
