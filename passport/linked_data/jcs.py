"""JSON Canonicalization Scheme, RFC 8785: one JSON value, one sequence of bytes.

Used for digests of contexts, events, JSON literals and the jcs cryptosuites. The work is done by the ``rfc8785``
package; this module keeps its errors inside the family and refuses what would exhaust its recursion. A value whose keys
are ASCII and whose numbers are small and whole is written by ``orjson``, which gives the same bytes many times as fast:
for such keys bytes and UTF-16 have one order, and both escape the same characters.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from typing import Any

import orjson
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
            return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
        except TypeError:
            pass  # half of a surrogate pair, which the check below names
    strict_json.check_value(value)
    try:
        return rfc8785.dumps(value)
    except (ValueError, TypeError) as error:
        raise MalformedDocument(Message("the value has no canonical JSON form: {error}", error=error)) from error


_LARGEST = 2**53 - 1


def _is_plain(value: Any) -> bool:
    """Whether the value is JSON within the bounds, with ASCII keys and small whole numbers; surrogates aside."""
    level: Iterable[Any] = (value,)
    keys: set[Any] = set()
    # Level by level, as check_value does: no recursion. Nearly all values are texts, of which none is looked at.
    for _ in range(strict_json.MAX_DEPTH):
        others = [item for item in level if type(item) is not str]
        objects = [item for item in others if type(item) is dict]
        lists = [item for item in others if type(item) is list]
        if len(objects) + len(lists) < len(others):
            for item in others:
                kind = type(item)
                if kind is dict or kind is list or kind is bool or item is None:
                    continue
                if kind is not int or not -_LARGEST <= item <= _LARGEST:
                    return False
        keys.update(chain.from_iterable(objects))
        if not objects and not lists:
            try:
                return "".join(keys).isascii()
            except TypeError:
                return False  # a key that is no text
        level = chain(chain.from_iterable(map(dict.values, objects)), chain.from_iterable(lists))
    return False  # as deep as is allowed or deeper: check_value tells
