"""Multibase, of which one kind is used here: ``z`` and base58btc (Controlled Identifiers 1.0, section 2.4).

Strict and bounded: no other base, no white space, nothing outside the alphabet, at most 1,024 characters.
"""

from __future__ import annotations

import re
from operator import mul

import base58

from passport.errors import MalformedKey
from passport.texts import Message

# Decoding base58 takes quadratic time. The longest text with a meaning here is a P-384 signature (132 characters);
# the limit keeps a megabyte of "z1111…" from being a cheap way to keep a verifier busy.
MAX_MULTIBASE_LENGTH = 1024

_VALUES = bytes.maketrans(base58.BITCOIN_ALPHABET, bytes(range(58)))
#: Characters whose value fits into a machine word, and the weight of each of them.
_CHUNK = 10
_WEIGHTS = tuple(58**place for place in reversed(range(_CHUNK)))
_BASE58BTC = re.compile(r"z[1-9A-HJ-NP-Za-km-z]+\Z")


def multibase_encode(data: bytes) -> str:
    """``data`` as ``z`` + base58btc."""
    return "z" + base58.b58encode(data).decode("ascii")


def multibase_decode(text: object) -> bytes:
    """The bytes behind a ``z…`` multibase text.

    :raises MalformedKey: not a string, another multibase, a character outside the alphabet, empty, or longer than
        1024 characters.
    """
    if not isinstance(text, str):
        raise MalformedKey(Message("not a multibase text"), expected=Message("a string"), found=type(text).__name__)
    if len(text) > MAX_MULTIBASE_LENGTH:
        raise MalformedKey(
            Message("multibase text too long"),
            expected=Message("at most {max_multibase_length} characters", max_multibase_length=MAX_MULTIBASE_LENGTH),
            found=str(len(text)),
        )
    if not _BASE58BTC.match(text):
        raise MalformedKey(
            Message("not a multibase text"), expected=Message("z and base58btc characters"), found=shorten(text)
        )
    return _base58_decode(text[1:])


def _base58_decode(text: str) -> bytes:
    """The bytes of base58btc characters. Leading ``1`` are leading zero bytes."""
    # base58.b58decode takes a step of big numbers for each character and each byte: five times as long.
    values = text.encode("ascii").translate(_VALUES)
    number, rest = 0, len(values) % _CHUNK
    for value in values[:rest]:
        number = number * 58 + value
    for start in range(rest, len(values), _CHUNK):
        number = number * 58**_CHUNK + sum(map(mul, values[start : start + _CHUNK], _WEIGHTS))
    zeros = len(text) - len(text.lstrip("1"))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def shorten(text: str, head: int = 24, tail: int = 4) -> str:
    """``text`` quoted for a message, long ones with head and tail only."""
    if len(text) <= head + tail + 1:
        return repr(text)
    return repr(f"{text[:head]}…{text[-tail:]}")
