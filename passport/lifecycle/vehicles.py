"""Vehicles, of which an event carries a keyed hash and never the number.

* The hash is HMAC-SHA-256 of the normalised VIN, as multibase base64url without padding: 44 characters. A plain
  hash could be reversed by trying every VIN of a maker; with the key that takes the key.
* The key has an id. An event may carry the hash under several keys, since after a leak new events carry both.
* Two vehicles are compared by the hashes under a key that both have. Without such a key the answer is *unknown*,
  never *another vehicle*.

    hashes = (vehicle_hash("LSVNV133922222222", key, key_id="k1"),)
    same_vehicle(hashes, others)          # VehicleMatch.SAME, OTHER or UNKNOWN

Sources: ISO 3779, GB 16735-2019 (form and check digit of the VIN), RFC 2104, FIPS 198-1 (HMAC).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from passport.errors import MalformedIdentifier, MalformedKey
from passport.texts import Message

#: Least length of a key in bytes: that of the hash.
KEY_BYTES = 32
#: ``u`` and 43 characters of base64url.
HASH_PATTERN = re.compile(r"u[A-Za-z0-9_-]{43}", re.ASCII)
_VIN = re.compile(r"[0-9A-HJ-NPR-Z]{17}", re.ASCII)
_LETTERS = dict(zip("ABCDEFGHJKLMNPRSTUVWXYZ", "12345678123457923456789", strict=True))
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)


@dataclass(frozen=True, order=True)
class VehicleHash:
    """A vehicle under one key.

    :param key_id: names the key; says nothing about it.
    :param value: multibase text of 44 characters.
    """

    key_id: str
    value: str


class VehicleMatch(StrEnum):
    """Whether two events are about one vehicle."""

    SAME = "same"
    OTHER = "other"
    UNKNOWN = "unknown"


def normalised_vin(text: object, *, check_digit: bool = True) -> str:
    """A VIN in capitals, without blanks and hyphens.

    :param check_digit: whether position 9 must be the check digit: so in China and North America, not in Europe.
    :raises MalformedIdentifier: not a VIN. The error never repeats the number.
    """
    if not isinstance(text, str):
        raise MalformedIdentifier(Message("this is not a VIN"), expected=Message("text"), found=type(text).__name__)
    vin = re.sub(r"[\s-]", "", text).upper()
    if len(vin) != 17:
        raise MalformedIdentifier(Message("this is not a VIN"), expected=Message("17 characters"), found=str(len(vin)))
    if not _VIN.fullmatch(vin):
        at = next(n for n, character in enumerate(vin, 1) if not _VIN.fullmatch(character * 17))
        raise MalformedIdentifier(
            Message("this is not a VIN"),
            where=Message("position {position}", position=at),
            expected=Message("a digit or a capital letter without I, O and Q"),
            hint=Message("compare it with the registration document"),
        )
    if check_digit and vin[8] != vin_check_digit(vin):
        raise MalformedIdentifier(
            Message("this is not a VIN"),
            where=Message("position 9, check digit"),
            expected=Message("the check digit of the other 16 characters"),
            hint=Message(
                "compare it with the registration document; a VIN of a European maker can be without a check digit"
            ),
        )
    return vin


def vin_check_digit(vin: str) -> str:
    """The character that position 9 must hold, ``0`` to ``9`` or ``X``, for a normalised VIN."""
    values = [int(_LETTERS.get(character, character)) for character in vin]
    rest = sum(value * weight for value, weight in zip(values, _WEIGHTS, strict=True)) % 11
    return "X" if rest == 10 else str(rest)


def vehicle_hash(vin: object, key: bytes, *, key_id: str, check_digit: bool = True) -> VehicleHash:
    """The keyed hash of a VIN.

    :param key: at least 32 random bytes.
    :param check_digit: as in :func:`normalised_vin`.
    :raises MalformedIdentifier: not a VIN.
    :raises MalformedKey: the key is too short, or has no id.
    """
    if len(key) < KEY_BYTES:
        raise MalformedKey(
            Message("the key of vehicle hashes is too short"),
            expected=Message("at least {count} bytes", count=KEY_BYTES),
        )
    if not key_id:
        raise MalformedKey(Message("the key of vehicle hashes has no id"), expected=Message("an id"))
    digest = hmac.new(key, normalised_vin(vin, check_digit=check_digit).encode("ascii"), hashlib.sha256).digest()
    return VehicleHash(key_id, "u" + base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii"))


def same_vehicle(vehicles: Sequence[VehicleHash], other: Sequence[VehicleHash]) -> VehicleMatch:
    """Compare two vehicles by the keys that both are hashed under.

    Hashes that agree under one key and differ under another contradict each other; that is unknown too.
    """
    values = {vehicle.key_id: vehicle.value for vehicle in vehicles}
    answers = {
        hmac.compare_digest(values[vehicle.key_id].encode(), vehicle.value.encode())
        for vehicle in other
        if vehicle.key_id in values
    }
    if len(answers) != 1:
        return VehicleMatch.UNKNOWN
    return VehicleMatch.SAME if answers.pop() else VehicleMatch.OTHER


def is_one_of(vehicle: Sequence[VehicleHash], known: frozenset[VehicleHash]) -> bool:
    """Whether one of the hashes of a vehicle is in a set of hashes."""
    return not known.isdisjoint(vehicle)
