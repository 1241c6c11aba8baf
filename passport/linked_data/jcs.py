"""JSON Canonicalization Scheme, RFC 8785: one JSON value, one sequence of bytes.

Used for digests of contexts, JSON literals and the jcs cryptosuites. The work is done by the ``rfc8785`` package; this
module keeps its errors inside the family and refuses what would exhaust its recursion.
"""

from __future__ import annotations

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
    try:
        return rfc8785.dumps(value)
    except (ValueError, TypeError) as error:
        raise MalformedDocument(Message("the value has no canonical JSON form: {error}", error=error)) from error
