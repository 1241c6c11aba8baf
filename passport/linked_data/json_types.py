"""Names for JSON values, as :mod:`json` gives them. What is in them is checked where it is read, not by the type."""

from __future__ import annotations

from typing import Any, TypeAlias

#: Any JSON value: object, array, string, number, true, false or null.
JsonValue: TypeAlias = Any
#: A JSON object.
JsonObject: TypeAlias = dict[str, Any]
#: A JSON array.
JsonArray: TypeAlias = list[Any]


def as_list(value: JsonValue) -> JsonArray:
    """The entries of a member that may hold one entry or an array of them; none where it is null or absent."""
    return [] if value is None else value if isinstance(value, list) else [value]
