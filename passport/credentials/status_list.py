"""Bitstring Status List 1.0: one bit (or a few) for each credential, published as a credential of its own.

* A list has at least 131,072 entries. A request for a list reveals only which list is of interest; a shorter one would
  tell which pack.
* Index 0 is the leftmost bit of the first byte (section 3.1 of the Recommendation). An entry with a ``statusSize`` of
  ``n`` has the ``n`` bits from ``n`` times its index on, and a word for each of their values (``statusMessage``).
* A place in the list is drawn at random among the free ones. It hints neither at the serial number nor at the order in
  which packs were made, and two lists never use the same place for the same pack on purpose.
* Decoding stops at a limit before memory does: a few kilobytes of GZIP can claim gigabytes.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import re
import secrets
import struct
import zlib
from collections.abc import Callable, Container, Sequence
from datetime import datetime
from typing import Any

from passport.credentials.credential import CREDENTIALS_V2, VERIFIABLE_CREDENTIAL, date_time, subjects, types
from passport.errors import MalformedStatusList, UsageError
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

MINIMUM_LENGTH = 131_072
MAXIMUM_LENGTH = 16_777_216  # 2 MiB of bits; ten times the packs that one list should carry

LIST_CREDENTIAL = "BitstringStatusListCredential"
LIST = "BitstringStatusList"
ENTRY = "BitstringStatusListEntry"
REVOCATION, SUSPENSION, REFRESH, MESSAGE = "revocation", "suspension", "refresh", "message"
MAXIMUM_SIZE = 8  # bits an entry: 256 messages, all of which are in every credential

_ENCODED = re.compile(r"u[A-Za-z0-9_-]+\Z")
_INDEX = re.compile(r"(?:0|[1-9][0-9]{0,9})\Z", re.ASCII)
_ATTEMPTS = 64
_FOUR_BYTES = struct.Struct(">I")
_LAST = MINIMUM_LENGTH - 1


class BitString:
    """The bits of one list.

    :param length: number of entries, a multiple of 8.
    :raises MalformedStatusList: fewer than 131,072 entries, or not a multiple of 8.
    """

    def __init__(self, length: int = MINIMUM_LENGTH) -> None:
        _check_length(length)
        self._bytes = bytearray(length // 8)

    def __len__(self) -> int:
        return len(self._bytes) * 8

    def __eq__(self, other: object) -> bool:
        # Without a __hash__ beside it: the bits can change, so it is no key.
        return isinstance(other, BitString) and self._bytes == other._bytes

    def get(self, index: int) -> bool:
        """The bit at ``index``.

        :raises MalformedStatusList: the index lies outside the list.
        """
        self._check_index(index)
        return bool(self._bytes[index >> 3] & (0x80 >> (index & 7)))

    def value(self, index: int, size: int) -> int:
        """The number in the ``size`` bits of entry ``index``, most significant first.

        :raises MalformedStatusList: the entry lies outside, or with entries of this size the list is too short.
        """
        if len(self) < size * MINIMUM_LENGTH:
            raise MalformedStatusList(
                Message("length of a status list"),
                expected=Message("{minimum_length} entries of {size} bits", minimum_length=MINIMUM_LENGTH, size=size),
                found=Message("{length} bits", length=len(self)),
            )
        number = 0
        for place in range(index * size, (index + 1) * size):
            number = number << 1 | self.get(place)
        return number

    def set_value(self, index: int, size: int, number: int) -> None:
        """Write ``number`` into the ``size`` bits of entry ``index``.

        :raises MalformedStatusList: the entry lies outside.
        :raises UsageError: the number does not fit.
        """
        if not 0 <= number < 2**size:
            raise UsageError(
                Message("status value"), expected=Message("0 to {maximum}", maximum=2**size - 1), found=str(number)
            )
        for offset in range(size):
            self.set(index * size + offset, bool(number >> (size - 1 - offset) & 1))

    def set(self, index: int, value: bool) -> None:
        """Set or clear the bit at ``index``.

        :raises MalformedStatusList: the index lies outside the list.
        """
        self._check_index(index)
        mask = 0x80 >> (index & 7)
        if value:
            self._bytes[index >> 3] |= mask
        else:
            self._bytes[index >> 3] &= ~mask

    def encoded(self) -> str:
        """``u`` + base64url of the GZIP form. The same bits give the same text: the GZIP header carries no time."""
        compressed = gzip.compress(bytes(self._bytes), compresslevel=9, mtime=0)
        return "u" + base64.urlsafe_b64encode(compressed).rstrip(b"=").decode("ascii")

    @classmethod
    def decode(cls, text: Any, *, max_length: int = MAXIMUM_LENGTH) -> BitString:
        """The bits behind ``encodedList``.

        :param max_length: entries at which decompression stops.
        :raises MalformedStatusList: not multibase base64url, not one whole GZIP member, too short or too long.
        """
        if not isinstance(text, str) or not _ENCODED.match(text):
            raise MalformedStatusList("encodedList", expected=Message("u and base64url characters"))
        if len(text) > max_length // 4 + 1024:  # more than the bits could need uncompressed
            raise MalformedStatusList(
                "encodedList", expected=Message("at most {max_length} entries", max_length=max_length)
            )
        try:
            compressed = base64.b64decode(text[1:] + "=" * (-len(text[1:]) % 4), altchars=b"-_", validate=True)
            inflater = zlib.decompressobj(wbits=31)
            # The limit is handed to zlib itself, so that a bomb is never unpacked to be measured.
            data = inflater.decompress(compressed, max_length // 8 + 1)
        except (zlib.error, binascii.Error):
            raise MalformedStatusList("encodedList", expected=Message("GZIP in base64url")) from None
        if len(data) * 8 > max_length:
            raise MalformedStatusList(
                "encodedList",
                expected=Message("at most {max_length} entries", max_length=max_length),
                found=Message("more"),
            )
        if not inflater.eof or inflater.unused_data:
            raise MalformedStatusList("encodedList", expected=Message("one whole GZIP member and nothing behind it"))
        _check_length(len(data) * 8)
        bits = cls.__new__(cls)
        bits._bytes = bytearray(data)
        return bits

    def _check_index(self, index: int) -> None:
        if not 0 <= index < len(self):
            raise MalformedStatusList(
                Message("status list index"),
                expected=Message("0 to {maximum}", maximum=len(self) - 1),
                found=str(index),
            )


def status_list_credential(
    id: str, issuer: str, purpose: str, bits: BitString, valid_from: datetime, valid_until: datetime | None = None
) -> JsonObject:
    """The credential that publishes ``bits``, still unsigned.

    :param id: address of the list, the ``statusListCredential`` of its entries.
    :param purpose: ``revocation`` (for good), ``suspension`` (until lifted) or ``refresh`` (a newer one exists).
    :param valid_from: instant of this state; aware.
    """
    return {
        "@context": [CREDENTIALS_V2],
        "id": id,
        "type": [VERIFIABLE_CREDENTIAL, LIST_CREDENTIAL],
        "issuer": issuer,
        "validFrom": date_time(valid_from),
        **({} if valid_until is None else {"validUntil": date_time(valid_until)}),
        "credentialSubject": {
            "id": f"{id}#list",
            "type": LIST,
            "statusPurpose": purpose,
            "encodedList": bits.encoded(),
        },
    }


def entry(
    list_id: str, index: int, purpose: str, *, messages: Sequence[str] = (), reference: str | None = None
) -> JsonObject:
    """The ``credentialStatus`` entry ``index`` of ``list_id``. It has an id, so it is no blank node.

    :param messages: what each value of the entry means, from 0 on: 2, 4, … of them, as its bits can say.
    :param reference: URL of a page about these messages.
    :raises UsageError: the number of messages is no power of two.
    """
    size = len(messages).bit_length() - 1
    if messages and (len(messages) != 2**size or not 1 <= size <= MAXIMUM_SIZE):
        raise UsageError(
            Message("status messages"),
            expected=Message("2, 4, 8, … of them, one for each value"),
            found=str(len(messages)),
        )
    name = f"{list_id}#{index}"
    return {
        "id": name,
        "type": ENTRY,
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": list_id,
        **({"statusSize": size} if messages else {}),
        **(
            {
                "statusMessage": [
                    {"id": f"{name}-{value:#x}", "status": f"{value:#x}", "message": text}
                    for value, text in enumerate(messages)
                ]
            }
            if messages
            else {}
        ),
        **({} if reference is None else {"statusReference": reference}),
    }


def is_list(document: Any) -> bool:
    """Whether a member of a presentation is a status list, and nothing else.

    Its types are exactly ``VerifiableCredential`` and ``BitstringStatusListCredential``, and its one subject is a list.
    A credential that only adds the second type, to be taken for support that needs no trust, is none.
    """
    if not isinstance(document, dict) or not isinstance(document.get("type"), list):
        return False
    subject = document.get("credentialSubject")
    return (
        sorted(map(str, document["type"])) == sorted((LIST_CREDENTIAL, VERIFIABLE_CREDENTIAL))
        and isinstance(subject, dict)
        and subject.get("type") in (LIST, [LIST])
        # A program would not find an id under a keyword of JSON-LD, nor a text inside an object.
        and not any(str(key).startswith("@") or isinstance(value, dict) for key, value in subject.items())
    )


def free_index(
    taken: Container[int], length: int = MINIMUM_LENGTH, randbelow: Callable[[int], int] = secrets.randbelow
) -> int:
    """A place drawn at random among those not in ``taken``.

    :param randbelow: source of chance, ``randbelow(n)`` in ``0 … n-1``; for tests.
    :raises UsageError: no place is left.
    """
    for _ in range(_ATTEMPTS):
        if (index := randbelow(length)) not in taken:
            return index
    # Nearly full: one pass over what is left, still drawn at random.
    free = [index for index in range(length) if index not in taken]
    if not free:
        raise UsageError(
            Message("all {length} places of the status list are taken", length=length),
            hint=Message("Begin another list."),
        )
    return free[randbelow(len(free))]


def random_indexes(count: int, token_bytes: Callable[[int], bytes] = secrets.token_bytes) -> tuple[int, ...]:
    """So many places of a list of :data:`MINIMUM_LENGTH` drawn at random, each by itself: one may come twice.

    Many are drawn from one answer of the operating system, which costs a tenth of asking for each.

    :param token_bytes: source of chance; for tests.
    """
    # The length is a power of two, so that the last bits of a number are as random as the number.
    return tuple([number & _LAST for (number,) in _FOUR_BYTES.iter_unpack(token_bytes(4 * count))])


def check_status(entry: JsonObject, list_credential: JsonObject) -> bool:
    """Whether a bit of ``entry`` is set in ``list_credential``. See :func:`status_value`."""
    return status_value(entry, list_credential) != 0


def status_value(entry: JsonObject, list_credential: JsonObject, bits: BitString | None = None) -> int:
    """The number that ``list_credential`` holds for ``entry``; 0 or 1 where the entry has one bit.

    :param bits: the bits of that list for this purpose, where they are already unpacked.

    Only the two are compared here. The verifier checks the signature of the list, its issuer and whether it is in
    force.

    :raises MalformedStatusList: another list, another purpose, an index outside, or no list at all.
    """
    index, list_id = entry.get("statusListIndex"), entry.get("statusListCredential")
    if not isinstance(index, str) or not _INDEX.match(index):
        raise MalformedStatusList("statusListIndex", expected=Message("a number from 0 as a string"))
    if not isinstance(list_id, str) or list_credential.get("id") != list_id:
        raise MalformedStatusList(Message("a status list of another address"), expected=str(list_id))
    size = entry.get("statusSize", 1)
    if isinstance(size, bool) or not isinstance(size, int) or not 1 <= size <= MAXIMUM_SIZE:
        raise MalformedStatusList(
            "statusSize",
            expected=Message("1 to {maximum_size}", maximum_size=MAXIMUM_SIZE),
            found=repr(size)[:40],
        )
    if bits is None:
        bits = read_list(list_credential, entry.get("statusPurpose"))
    # The size belongs to the entry; where the list names one too, the two must not read the same bits differently.
    if subjects(list_credential)[0].get("statusSize", size) != size:
        raise MalformedStatusList(
            Message("a status list with entries of another size"), expected=Message("statusSize {size}", size=size)
        )
    return bits.value(int(index), size)


def status_message(entry: JsonObject, value: int) -> str | None:
    """What ``value`` means by the entry's own ``statusMessage``; None where it does not say."""
    messages = entry.get("statusMessage", [])
    for message in messages if isinstance(messages, list) else [messages]:
        if int(message["status"], 16) == value:
            text: str = message["message"]
            return text
    return None


def read_list(list_credential: JsonObject, purpose: Any) -> BitString:
    """The bits of ``list_credential``, if it speaks of ``purpose``.

    :raises MalformedStatusList: not a status list credential, or of another purpose.
    """
    if LIST_CREDENTIAL not in types(list_credential):
        raise MalformedStatusList(
            Message("not a status list"), expected=Message("type {list_credential}", list_credential=LIST_CREDENTIAL)
        )
    subject_objects = subjects(list_credential)
    if len(subject_objects) != 1 or LIST not in types(subject_objects[0]):
        raise MalformedStatusList(
            Message("not a status list"), expected=Message("one subject of type {list}", list=LIST)
        )
    purposes = subject_objects[0].get("statusPurpose")
    purposes = purposes if isinstance(purposes, list) else [purposes]
    if not isinstance(purpose, str) or purpose not in purposes:
        raise MalformedStatusList(
            Message("a status list of another purpose"), expected=str(purpose), found=str(purposes[:3])
        )
    return BitString.decode(subject_objects[0].get("encodedList"))


def _check_length(length: int) -> None:
    if length < MINIMUM_LENGTH or length % 8:
        raise MalformedStatusList(
            Message("length of a status list"),
            expected=Message("at least {minimum_length} entries, in whole bytes", minimum_length=MINIMUM_LENGTH),
            found=str(length),
        )
