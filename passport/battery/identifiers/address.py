"""Where a passport is found for ever: the address of a pack, made of a GTIN or a model, and a serial number.

* An address is ``{base}/{path}`` and its path belongs to a *scheme*. ``gs1`` is the GS1 Digital Link syntax
  (``/01/{GTIN-14}/21/{serial}``), ``id`` our own for makers without a GTIN (``/id/{model}/{serial}``), and ``gbt34014``
  a way in by the code on the plate, which only the store can lead on. The model's address is the same without the
  serial. A scheme joins by an entry in :data:`SCHEMES`.
* One pack has one address: a path is read, its parts are checked, and it is written again in one canonical spelling.

Sources: GS1 Digital Link Standard: URI Syntax 1.4 and later; GS1 General Specifications (AI 01, 21).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import quote, unquote, urlsplit

from passport.battery.identifiers.identifier import CHARACTERS, DIGITS, TractionBatteryCode, shown
from passport.errors import MalformedIdentifier
from passport.texts import Message

# --- GTIN and serial ------------------------------------------------------------------------------------------------

SERIAL_LENGTH = 20
#: What a part of our own scheme may have at most: an address stays short enough for a QR code.
PART_LENGTH = 80
_CHARACTER_SET_82 = frozenset("!\"%&'()*+,-./:;<=>?_" + CHARACTERS + "abcdefghijklmnopqrstuvwxyz")


def check_digit(digits: str) -> str:
    """The GS1 check digit for the digits before it (weights 3, 1, 3, … from the right)."""
    total = sum(int(digit) * (3 if n % 2 == 0 else 1) for n, digit in enumerate(reversed(digits)))
    return str(-total % 10)


def check_gtin(text: object) -> str:
    """Give back a GTIN-14 that is one.

    :raises MalformedIdentifier: not 14 digits (a GS1 address takes no shorter form), or a wrong check digit.
    """
    if not isinstance(text, str) or len(text) != 14 or any(character not in DIGITS for character in text):
        raise MalformedIdentifier(
            Message("{text} is not a GTIN", text=shown(text)),
            expected=Message("14 digits"),
            found=f'"{shown(text)}"',
            hint=Message("a shorter GTIN is filled up with zeros on the left"),
        )
    computed = check_digit(text[:13])
    if text[13] != computed:
        raise MalformedIdentifier(
            Message("{text} is not a GTIN", text=text),
            where=Message("position 14, check digit"),
            expected=computed,
            found=text[13],
            hint=Message("compare all digits with the GTIN as it was assigned"),
        )
    return text


def check_serial(text: object) -> str:
    """Give back a serial that GS1 application identifier 21 can carry in an address.

    :raises MalformedIdentifier: empty, over 20 characters, outside GS1 character set 82, or unsafe in a path.
    """
    if isinstance(text, str):
        if len(text) > SERIAL_LENGTH:
            raise MalformedIdentifier(
                Message("{text} is not a GS1 serial number", text=shown(text)),
                expected=Message("at most {count} characters (AI 21)", count=SERIAL_LENGTH),
                found=str(len(text)),
            )
        for position, character in enumerate(text, 1):
            if character not in _CHARACTER_SET_82:
                raise MalformedIdentifier(
                    Message("{text} is not a GS1 serial number", text=shown(text)),
                    where=Message("position {position}", position=position),
                    expected=Message("a character of GS1 character set 82"),
                    found=shown(character),
                )
    return _check_segment(text, Message("serial number"))


def check_batch(text: object) -> str:
    """Give back an identifier of a batch that GS1 application identifier 10 can carry in an address.

    :raises MalformedIdentifier: empty, over 20 characters, outside GS1 character set 82, or unsafe in a path.
    """
    if isinstance(text, str):
        if len(text) > SERIAL_LENGTH:
            raise MalformedIdentifier(
                Message("{text} is not an identifier of a batch", text=shown(text)),
                expected=Message("at most {count} characters (AI 10)", count=SERIAL_LENGTH),
                found=str(len(text)),
            )
        for position, character in enumerate(text, 1):
            if character not in _CHARACTER_SET_82:
                raise MalformedIdentifier(
                    Message("{text} is not an identifier of a batch", text=shown(text)),
                    where=Message("position {position}", position=position),
                    expected=Message("a character of GS1 character set 82"),
                    found=shown(character),
                )
    return _check_segment(text, Message("batch"))


def _check_segment(text: object, name: str) -> str:
    """One part of a path, as text.

    Slashes are refused although they could be escaped: proxies decode ``%2F``, and then one pack's address would be
    read as another's. Dots alone would climb in the path; blanks at the edges and control characters cannot be seen.
    """
    reason: str | None = None
    if not isinstance(text, str) or not text:
        reason = Message("at least one character")
    elif len(text) > PART_LENGTH:
        reason = Message("at most {count} characters", count=PART_LENGTH)
    elif text in (".", ".."):
        reason = Message("more than dots")
    elif "/" in text or "\\" in text:
        reason = Message("no slash")
    elif text != text.strip() or any(unicodedata.category(c)[0] == "C" for c in text):
        reason = Message("no control character and no blank at either end")
    if reason or not isinstance(text, str):
        raise MalformedIdentifier(
            Message("{text!r} cannot be part of an address", text=shown(text)),
            where=name,
            expected=reason,
            found=f'"{shown(text)}"',
        )
    # Two spellings of one visible text (composed, decomposed) must not become two packs.
    return unicodedata.normalize("NFC", text)


# --- addresses ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PassportAddress:
    """The address of a pack, or of its batch or model where ``serial`` is None, without the base.

    :param scheme: a key of :data:`SCHEMES`.
    :param model: the model's part as text, not percent-encoded: a GTIN-14, a model identifier.
    :param serial: the pack's part as text.
    :param batch: the batch's part as text. With a serial it only says which batch the pack should be of, and is no part
        of the pack's own address.
    """

    scheme: str
    model: str
    serial: str | None = None
    batch: str | None = None

    @property
    def path(self) -> str:
        """The canonical path, percent-encoded, beginning with a slash."""
        return SCHEMES[self.scheme].path(self)

    @property
    def of_model(self) -> PassportAddress:
        """The address of the model."""
        return PassportAddress(self.scheme, self.model)

    def of_batch(self, identifier: str) -> PassportAddress:
        """The address of a batch of the model.

        :raises MalformedIdentifier: no identifier of a batch.
        """
        return PassportAddress(self.scheme, self.model, batch=check_batch(identifier))

    @property
    def is_batch(self) -> bool:
        """True where this is the address of a batch."""
        return self.batch is not None and self.serial is None

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

    def address(self, model: Mapping[str, Any], pack: Mapping[str, Any]) -> PassportAddress:
        """The address of a pack from its indicators; raises MalformedIdentifier."""
        ...

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        """Read the segments behind the prefix; raises MalformedIdentifier."""
        ...

    def path(self, address: PassportAddress) -> str: ...


def _joined(*segments: str) -> str:
    return "".join(f"/{quote(segment, safe='')}" for segment in segments)


class Gs1DigitalLink:
    """``/01/{GTIN-14}/21/{serial}``, a batch ``/01/{GTIN-14}/10/{batch}``.

    A GB/T 34014 code splits: positions 1-7 go to the GTIN, the rest is AI 21.
    """

    prefix = "01"
    alias = False

    def address(self, model: Mapping[str, Any], pack: Mapping[str, Any]) -> PassportAddress:
        code = pack.get("packTractionBatteryCode")
        serial = TractionBatteryCode.parse(code).item_part if code is not None else pack.get("serialNumber")
        return PassportAddress("gs1", check_gtin(model.get("gtin")), check_serial(serial))

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        if not segments:
            raise _no_address(Message("a GTIN-14 behind /01"), Message("nothing"))
        gtin, rest = check_gtin(segments[0]), list(segments[1:])
        # Key qualifiers come in this order. A variant is valid in a link and adds nothing.
        if rest[:1] == ["22"] and len(rest) > 1:
            check_serial(rest[1])
            del rest[:2]
        batch = None
        if rest[:1] == ["10"] and len(rest) > 1:
            batch = check_batch(rest[1])
            del rest[:2]
        if not rest:
            return PassportAddress("gs1", gtin, batch=batch)
        if len(rest) != 2 or rest[0] != "21":
            raise _no_address(Message("/21/ and a serial number behind the GTIN"), "/" + "/".join(map(shown, rest)))
        return PassportAddress("gs1", gtin, check_serial(rest[1]), batch)

    def path(self, address: PassportAddress) -> str:
        model = _joined("01", address.model)
        if address.serial:
            return model + _joined("21", address.serial)
        return model + (_joined("10", address.batch) if address.batch else "")


class OwnScheme:
    """``/id/{model}/{serial}``, a batch ``/id/{model}/batch/{batch}``, for makers without a GTIN."""

    prefix = "id"
    alias = False

    def address(self, model: Mapping[str, Any], pack: Mapping[str, Any]) -> PassportAddress:
        serial = pack.get("serialNumber")
        if serial is None and pack.get("packTractionBatteryCode") is not None:
            serial = TractionBatteryCode.parse(pack["packTractionBatteryCode"]).item_part
        return PassportAddress(
            "id",
            _check_segment(model.get("batteryModelIdentifier"), Message("model identifier")),
            _own_serial(serial),
        )

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        is_batch = len(segments) == 3 and segments[1] == _BATCH_SEGMENT
        if not 1 <= len(segments) <= 2 and not is_batch:
            raise _no_address(
                Message("a model and a serial number behind /id"), Message("{count} parts", count=len(segments))
            )
        model = _check_segment(segments[0], Message("model identifier"))
        if is_batch:
            return PassportAddress("id", model, batch=check_batch(segments[2]))
        return PassportAddress("id", model, *(_own_serial(segment) for segment in segments[1:]))

    def path(self, address: PassportAddress) -> str:
        model = _joined("id", address.model)
        if address.serial:
            return model + _joined(address.serial)
        return model + (_joined(_BATCH_SEGMENT, address.batch) if address.batch else "")


_BATCH_SEGMENT = "batch"


def _own_serial(text: object) -> str:
    if text == _BATCH_SEGMENT:
        raise MalformedIdentifier(
            Message("{text!r} cannot be part of an address", text=_BATCH_SEGMENT),
            where=Message("serial number"),
            expected=Message("a serial number other than {word}: addresses of batches have it", word=_BATCH_SEGMENT),
            found=f'"{_BATCH_SEGMENT}"',
        )
    return _check_segment(text, Message("serial number"))


class PlateCode:
    """``/gbt34014/{code}``: the code on the plate. Only the store knows which passport has it."""

    prefix = "gbt34014"
    alias = True

    def address(self, model: Mapping[str, Any], pack: Mapping[str, Any]) -> PassportAddress:
        code = TractionBatteryCode.parse(pack.get("packTractionBatteryCode"))
        return PassportAddress("gbt34014", code.model_part, code.item_part)

    def parse(self, segments: Sequence[str]) -> PassportAddress:
        if len(segments) != 1:
            raise _no_address(Message("a code behind /gbt34014"), Message("{count} parts", count=len(segments)))
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
    raise _no_address(Message("/01/…, /id/… or /gbt34014/…"), f'"{shown(path)}"')


def parse_iri(iri: str, base_url: str) -> PassportAddress:
    """Read an address that begins with a base URL.

    :raises MalformedIdentifier: another base, a query or fragment, or a path that :func:`parse_path` refuses.
    """
    base = base_url.rstrip("/")
    if not isinstance(iri, str) or not iri.startswith(base + "/"):
        raise _no_address(Message("an address under {base}", base=base), f'"{shown(iri)}"')
    if "?" in iri or "#" in iri:
        raise _no_address(Message("no query and no fragment"), f'"{shown(iri)}"')
    return parse_path(iri[len(base) :])


def check_base_url(text: str) -> str:
    """Give back a base URL without its last slash.

    :raises MalformedIdentifier: not http or https, no host, or with user, query or fragment.
    """
    try:
        parts = urlsplit(text if isinstance(text, str) else "")
        good = (
            parts.scheme in ("http", "https")
            and parts.hostname
            and parts.username is None
            and not re.search(r"[\s?#\\]", text)
            and (parts.port is None or parts.port > 0)
        )
    except ValueError:
        good = False
    if not good:
        raise MalformedIdentifier(
            Message("{text} is not a base URL", text=shown(text)),
            expected=Message("https:// and a host, without query or fragment"),
            found=f'"{shown(text)}"',
        )
    return text.rstrip("/")


def _unquoted(segment: str) -> str:
    if re.search(r"%(?![0-9A-Fa-f]{2})", segment):
        raise _no_address(Message("% with two hexadecimal digits behind it"), f'"{shown(segment)}"')
    try:
        return unquote(segment, errors="strict")
    except UnicodeDecodeError:
        raise _no_address(Message("UTF-8 behind the percent signs"), f'"{shown(segment)}"') from None


def _no_address(expected: str, found: str) -> MalformedIdentifier:
    return MalformedIdentifier(Message("not the address of a passport"), expected=expected, found=found)
