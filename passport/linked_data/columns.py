"""A long list of JSON objects with the same keys, read by columns: thousands of cells cost little more than texts.

columns([{"id": "urn:a", "code": "X"}, {"id": "urn:b", "code": "Y"}])    # {"id": ("urn:a", "urn:b"), "code": …}
rows({"id": ("urn:a", "urn:b"), "code": ("X", "Y")})                     # the list again
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from operator import itemgetter
from typing import Any, TypeVar

_Value = TypeVar("_Value")
#: A shorter list is read entry by entry.
LEAST = 8


def columns(entries: Sequence[Any]) -> Mapping[str, tuple[Any, ...]] | None:
    """The members of the entries, by key. None where they are no objects with the same keys.

    :param entries: of a parsed JSON array; a list shorter than :data:`LEAST` has no columns.
    """
    if len(entries) < LEAST or type(entries[0]) is not dict:
        return None
    keys = tuple(entries[0])
    # Not entry by entry: these loops are the interpreter's own.
    if not keys or set(map(type, entries)) != {dict} or set(map(len, entries)) != {len(keys)}:
        return None
    try:
        return {key: tuple(map(itemgetter(key), entries)) for key in keys}
    except KeyError:
        return None


def rows(by_key: Mapping[str, Sequence[_Value]]) -> list[dict[str, _Value]]:
    """The entries with these members, which are as many in each column.

    :param by_key: at least one column.
    """
    (first, values), *others = by_key.items()
    made = [{first: value} for value in values]
    for key, column in others:
        for row, value in zip(made, column, strict=True):
            row[key] = value
    return made
