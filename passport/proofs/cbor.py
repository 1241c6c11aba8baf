"""The little CBOR that proof values and COSE need (RFC 8949).

Non-negative integers, byte strings, text, arrays, and maps with integer keys; definite lengths, shortest heads, each
key once, nothing after the end. Headers of COSE also have negative integers and text for keys. A general decoder would
also accept indefinite lengths, tags, floats and doubled keys, and build dates or regular expressions out of a
stranger's bytes. Written in deterministic order; in what others wrote, keys may come in any order, which their
specification leaves open.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from passport.errors import ProofError
from passport.texts import Message

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP = 0, 1, 2, 3, 4, 5
_MAX_DEPTH = 4
#: What :func:`decode` takes, as the types of a map's keys. Under ``COSE``, negative integers are taken as well.
PROOF_VALUE: tuple[type, ...] = (int,)
COSE: tuple[type, ...] = (int, str)
_WIDTHS = {24: 1, 25: 2, 26: 4, 27: 8}
_SIGNATURE, _LENGTH = b"\x58\x40", 64  # head of a string of 64 bytes, of which a proof value has hundreds


def encode(value: Any) -> bytes:
    """CBOR of a value made of the kinds above; a list or tuple is an array."""
    if isinstance(value, bytes):
        return _head(_BYTES, len(value)) + value
    if isinstance(value, int) and value >= 0:
        return _head(_UNSIGNED, value)
    if isinstance(value, int):
        return _head(_NEGATIVE, -1 - value)
    if isinstance(value, str):
        text = value.encode("utf-8")
        return _head(_TEXT, len(text)) + text
    if isinstance(value, list | tuple):
        head = _head(_ARRAY, len(value))
        if set(map(type, value)) == {bytes} and set(map(len, value)) == {_LENGTH}:
            return head + _SIGNATURE + _SIGNATURE.join(value)
        return head + b"".join(map(encode, value))
    if isinstance(value, Mapping):
        return _head(_MAP, len(value)) + b"".join(encode(key) + encode(value[key]) for key in sorted(value))
    raise TypeError(f"no CBOR for {type(value).__name__} here")  # a mistake of the calling code, never of a document


def decode(data: bytes, keys: tuple[type, ...] = PROOF_VALUE) -> Any:
    """The value of one whole CBOR item; arrays as lists.

    :param keys: :data:`PROOF_VALUE` or :data:`COSE`.
    :raises ProofError: another kind of value, another encoding of it, or bytes missing or left over.
    """
    value, end = _item(data, 0, 0, keys)
    if end != len(data):
        raise ProofError(
            Message("bytes follow the end of the CBOR value"), found=Message("{length} bytes", length=len(data) - end)
        )
    return value


@lru_cache(maxsize=1024)  # of hundreds of heads in a proof value, nearly all are those of a signature and of a label
def _head(kind: int, number: int) -> bytes:
    if number < 24:
        return bytes([kind << 5 | number])
    for code, width in _WIDTHS.items():
        if number < 1 << 8 * width:
            return bytes([kind << 5 | code]) + number.to_bytes(width, "big")
    raise TypeError("an integer beyond 64 bits")


def _item(data: bytes, at: int, depth: int, keys: tuple[type, ...]) -> tuple[Any, int]:
    if depth > _MAX_DEPTH:
        raise ProofError(Message("the CBOR value is nested too deeply"))
    kind, number, at = _read_head(data, at)
    if kind == _UNSIGNED:
        return number, at
    if kind == _NEGATIVE and keys is COSE:
        return -1 - number, at
    if kind in (_BYTES, _TEXT):
        end = at + number
        if end > len(data):
            raise ProofError(Message("the CBOR value ends too early"))
        if kind == _BYTES:
            return data[at:end], end
        try:
            return data[at:end].decode("utf-8"), end
        except UnicodeDecodeError:
            raise ProofError(Message("a CBOR text is not UTF-8")) from None
    if kind == _ARRAY:
        items = []
        for _ in range(number):  # a false length runs out of bytes at once
            if data[at : at + 2] == _SIGNATURE and at + 66 <= len(data):  # as below, in one step
                items.append(data[at + 2 : at + 66])
                at += 66
                continue
            item, at = _item(data, at, depth + 1, keys)
            items.append(item)
        return items, at
    if kind == _MAP:
        entries: dict[Any, Any] = {}
        for _ in range(number):
            key, at = _item(data, at, depth + 1, keys)
            if not isinstance(key, keys) or key in entries:
                raise ProofError(Message("the keys of a CBOR map are not different integers"))
            entries[key], at = _item(data, at, depth + 1, keys)
        return entries, at
    raise ProofError(
        Message("a kind of CBOR value that proof values do not have"), found=Message("major type {kind}", kind=kind)
    )


def _read_head(data: bytes, at: int) -> tuple[int, int, int]:
    if at >= len(data):
        raise ProofError(Message("the CBOR value ends too early"))
    kind, number = data[at] >> 5, data[at] & 0x1F
    at += 1
    if number < 24:
        return kind, number, at
    width = _WIDTHS.get(number)
    if width is None:
        raise ProofError(Message("a CBOR value of indefinite length"), expected=Message("definite lengths"))
    if at + width > len(data):
        raise ProofError(Message("the CBOR value ends too early"))
    number = int.from_bytes(data[at : at + width], "big")
    if len(_head(kind, number)) != 1 + width:
        raise ProofError(Message("a CBOR length or integer is not written in its shortest form"))
    return kind, number, at + width
