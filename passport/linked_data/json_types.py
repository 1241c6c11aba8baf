"""Names for JSON values, as :mod:`json` gives them. What is in them is checked where it is read, not by the type."""

from __future__ import annotations

from typing import Any, TypeAlias

#: Any JSON value: object, array, string, number, true, false or null.
JsonValue: TypeAlias = Any
#: A JSON object.
JsonObject: TypeAlias = dict[str, Any]
#: A JSON array.
JsonArray: TypeAlias = list[Any]
