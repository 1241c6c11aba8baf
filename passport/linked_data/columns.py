"""A long list of JSON objects with the same keys, read by columns: thousands of cells cost little more than texts.

columns([{"id": "urn:a", "code": "X"}, {"id": "urn:b", "code": "Y"}])    # {"id": ("urn:a", "urn:b"), "code": …}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: A shorter list is read entry by entry.
LEAST = 8
#: A longer one too: a function takes the entries as its arguments here.
MOST = 100_000


def columns(entries: Sequence[Any]) -> Mapping[str, tuple[Any, ...]] | None:
    """The members of the entries, by key. None where they are no objects with the same keys in the same order.

    :param entries: of a parsed JSON array; a list outside of :data:`LEAST` and :data:`MOST` has no columns.
    """
    if not LEAST <= len(entries) <= MOST or type(entries[0]) is not dict:
        return None
    keys = tuple(entries[0])
    # Not entry by entry: these loops are the interpreter's own.
    if not keys or set(map(type, entries)) != {dict} or set(map(tuple, entries)) != {keys}:
        return None
    return dict(zip(keys, zip(*map(dict.values, entries), strict=True), strict=True))
