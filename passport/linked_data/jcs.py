"""JSON Canonicalization Scheme, RFC 8785: one JSON value, one sequence of bytes.

Used for digests of contexts, events, JSON literals and the jcs cryptosuites. The work is done by the ``rfc8785``
package; this module keeps its errors inside the family and refuses what would exhaust its recursion. A value whose keys
are ASCII and whose numbers are small and whole is written by the interpreter's own encoder, which gives the same bytes
ten times as fast: for such keys code points and UTF-16 have one order, and both escape the same characters.
"""

from __future__ import annotations

import json
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
    strict_json.check_value(value)
    if _is_plain(value):
        return _encode(value).encode("utf-8")
    try:
        return rfc8785.dumps(value)
    except (ValueError, TypeError) as error:
        raise MalformedDocument(Message("the value has no canonical JSON form: {error}", error=error)) from error


_encode = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode
_LARGEST = 2**53 - 1


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is dict:
        return all(type(key) is str and key.isascii() and _is_plain(item) for key, item in value.items())
    if kind is list:
        return all(map(_is_plain, value))
    return kind is int and -_LARGEST <= value <= _LARGEST
