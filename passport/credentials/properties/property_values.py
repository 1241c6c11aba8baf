"""Values of the properties that the VC Data Model has in several places: objects, types, URLs, texts, instants.

Each function refuses a value that breaks the model with the name of its property, and gives back what it checked.

    for entry in objects(document, "credentialStatus"):
        check_typed(entry, "credentialStatus")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from passport.errors import MalformedCredential
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

# VCDM 2.0, 4.9: dateTimeStamp, that is xsd:dateTime with a zone. Years outside 0001-9999 have no instant here.
_DATE_TIME = re.compile(
    r"(?P<date>\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01]))T"
    r"(?:(?P<time>(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)(?P<fraction>\.\d+)?|(?P<midnight>24:00:00(?:\.0+)?))"
    r"(?P<zone>Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))\Z",
    re.ASCII,
)
# Control characters are out, C1 ones too: ids and types are shown on terminals, which take some of them as commands.
_ABSOLUTE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`\x00-\x20\x7f-\x9f]+\Z")
_TERM = re.compile(r"[^\s@:\x00-\x20\x7f-\x9f][^\s:\x00-\x20\x7f-\x9f]*\Z")
_LANGUAGE = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*\Z")


def objects(document: Mapping[str, Any], name: str, *, required: bool = False) -> Iterator[JsonObject]:
    """The objects under ``name``, whether one or a list of them."""
    if name not in document:
        if required:
            raise MalformedCredential(Message("{name} is missing", name=name))
        return
    value = document[name]
    for entry in value if isinstance(value, list) else [value]:
        if not isinstance(entry, dict):
            raise MalformedCredential(name, expected=Message("an object, or a list of objects"), found=show(entry))
        yield entry


def check_typed(entry: JsonObject, name: str) -> None:
    check_id(entry, f"{name}.id")
    check_types(entry.get("type"), f"{name}.type")


def check_id(entry: JsonObject, name: str) -> None:
    if "id" in entry:
        check_url(entry["id"], name)


def required_id(entry: JsonObject, name: str) -> str:
    if "id" not in entry:
        raise MalformedCredential(Message("{name} is missing", name=name))
    return check_url(entry["id"], name)


def check_url(value: Any, name: str) -> str:
    if not isinstance(value, str) or not _ABSOLUTE.match(value):
        raise MalformedCredential(name, expected=Message("an absolute URL"), found=show(value))
    return value


def check_types(value: Any, name: str) -> None:
    entries = value if isinstance(value, list) else [value]
    if not entries or not all(isinstance(entry, str) and _is_type(entry) for entry in entries):
        raise MalformedCredential(name, expected=Message("one or more types"), found=show(value))
    if len(set(entries)) != len(entries):
        raise MalformedCredential(name, expected=Message("each type once"), found=show(value))


def _is_type(text: str) -> bool:
    return _is_short_type(text) if len(text) <= _SHORT else bool(_TERM.match(text) or _ABSOLUTE.match(text))


#: Characters of a type that is remembered: the same few occur in all documents.
_SHORT = 100


@lru_cache(maxsize=512)
def _is_short_type(text: str) -> bool:
    return bool(_TERM.match(text) or _ABSOLUTE.match(text))


def check_text(holder: JsonObject, name: str, prefix: str = "") -> None:
    """VCDM 2.0, 11.1: a string, or one or more language value objects."""
    if name not in holder:
        return
    value = holder[name]
    if isinstance(value, str):
        return
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str) and isinstance(value, list):
            continue
        if not isinstance(entry, dict) or not _is_language_value(entry):
            raise MalformedCredential(
                prefix + name, expected=Message("a string, or objects with @value and @language"), found=show(entry)
            )


_LANGUAGE_VALUE: dict[str, Callable[[Any], bool]] = {
    "@value": lambda value: isinstance(value, str),
    "@language": lambda value: isinstance(value, str) and bool(_LANGUAGE.match(value)),
    "@direction": lambda value: value in ("ltr", "rtl", None),
}


def _is_language_value(entry: JsonObject) -> bool:
    return "@value" in entry and all(
        key in _LANGUAGE_VALUE and _LANGUAGE_VALUE[key](value) for key, value in entry.items()
    )


def instant(document: Mapping[str, Any], name: str) -> datetime | None:
    if name not in document:
        return None
    text = document[name]
    match = _DATE_TIME.match(text) if isinstance(text, str) else None
    try:
        if match is None:
            raise ValueError
        fraction = (match["fraction"] or ".0")[:7]  # microseconds are as fine as it gets
        zone = match["zone"].replace("Z", "+00:00")
        instant = datetime.fromisoformat(f"{match['date']}T{match['time'] or '00:00:00'}{fraction.ljust(7, '0')}{zone}")
        return instant.astimezone(UTC) + timedelta(days=1 if match["midnight"] else 0)
    except (ValueError, OverflowError):
        raise MalformedCredential(
            name, expected=Message("a date and time with its zone, such as 2026-07-21T00:00:00Z"), found=show(text)
        ) from None


def show(value: Any) -> str:
    text = repr(value) if isinstance(value, (str, int, float, bool, type(None))) else type(value).__name__
    return text if len(text) <= 80 else text[:77] + "…"
