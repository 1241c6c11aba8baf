"""JSON Canonicalization Scheme, RFC 8785: one JSON value, one sequence of bytes.

Used for digests of contexts, events, JSON literals and the jcs cryptosuites. The work is done by the ``rfc8785``
package; this module keeps its errors inside the family and refuses what would exhaust its recursion. A value whose keys
are ASCII and whose numbers are small and whole is written by the interpreter's own encoder, which gives the same bytes
ten times as fast: for such keys code points and UTF-16 have one order, and both escape the same characters.
"""

from __future__ import annotations

import json
import json.encoder
from collections.abc import Callable, Iterable
from typing import Any

import rfc8785

from passport.errors import MalformedDocument
from passport.linked_data import strict_json
from passport.texts import Message


def canonicalize(value: Any) -> bytes:
    """Canonical UTF-8 form of a JSON value: keys in UTF-16 order, numbers as ECMAScript writes them.

    :raises MalformedDocument: not JSON, an integer beyond 2**53 - 1, a number that is not finite, half a surrogate
        pair.
    """
    if _is_plain(value):
        try:
            return "".join(_encode(value, 0)).encode("utf-8")
        except UnicodeEncodeError:
            pass  # half of a surrogate pair, which the check below names
    strict_json.check_value(value)
    try:
        return rfc8785.dumps(value)
    except (ValueError, TypeError) as error:
        raise MalformedDocument(Message("the value has no canonical JSON form: {error}", error=error)) from error


# The encoder of `json.JSONEncoder`, which makes one for each value: ensure_ascii=False, sort_keys=True.
_make_encoder = getattr(json.encoder, "c_make_encoder", None)
_encode: Callable[[Any, int], Iterable[str]] = (
    (lambda value, _: [json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(value)])
    if _make_encoder is None
    else _make_encoder(None, None, json.encoder.encode_basestring, None, ":", ",", True, False, False)
)
_LARGEST = 2**53 - 1


def _is_plain(value: Any) -> bool:
    """Whether the value is JSON within the bounds, with ASCII keys and small whole numbers; surrogates aside."""
    level: list[Any] = [value]
    for _ in range(strict_json.MAX_DEPTH):  # level by level, as check_value does: no recursion
        below: list[Any] = []
        for item in level:
            kind = type(item)
            if kind is dict:
                try:
                    if not "".join(item).isascii():
                        return False
                except TypeError:
                    return False  # a key that is no text
                below += [each for each in item.values() if type(each) is not str]
            elif kind is list:
                below += [each for each in item if type(each) is not str]
            elif kind is int:
                if not -_LARGEST <= item <= _LARGEST:
                    return False
            elif kind is not str and item is not None and kind is not bool:
                return False
        if not below:
            return True
        level = below
    return False  # as deep as is allowed or deeper: check_value tells
