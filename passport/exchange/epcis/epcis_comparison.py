"""What one EPCIS event holds beyond another, with its place.

Spellings of one value are equal: a CBV word and its IRI, a node and its IRI, an instant in two zones, a single value
and a list of it, a list in another order.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from passport.battery.fault import pointer_token
from passport.exchange.epcis.epcis_forms import bare
from passport.exchange.epcis.event_document import iri_of

_TIMES = ("eventTime", "declarationTime")


def beyond(given: Any, ours: Any, name: str = "") -> Iterator[tuple[str, Any, bool]]:
    """What ``given`` holds and ``ours`` does not: the path, the value, and whether ``ours`` has another one there."""
    if given is None or given == {} or given == []:
        return
    if isinstance(given, Mapping) and isinstance(ours, Mapping):
        for key, value in given.items():
            if key not in ours:
                if value is not None and value not in ({}, []):
                    yield f"/{pointer_token(key)}", value, False
            else:
                yield from ((f"/{pointer_token(key)}{path}", *more) for path, *more in beyond(value, ours[key], key))
    elif isinstance(given, list) or isinstance(ours, list):
        theirs, mine = (value if isinstance(value, list) else [value] for value in (given, ours))
        known = {_text(item) for item in mine}
        for n, item in enumerate(theirs):
            if _text(item) not in known:
                yield (f"/{n}" if isinstance(given, list) else ""), item, True
    elif not _same(given, ours, name):
        yield "", given, True


def _text(value: Any) -> str:
    """A value in one spelling, so that two can be compared."""
    if isinstance(value, Mapping):
        if len(value) == 1 and ("id" in value or "@id" in value):
            return _text(iri_of(value))
        value = {key: _text(held) for key, held in value.items()}
    return json.dumps(bare(value) if isinstance(value, str) else value, sort_keys=True)


def _same(given: Any, ours: Any, name: str) -> bool:
    if name in _TIMES and isinstance(given, str) and isinstance(ours, str):
        try:
            return datetime.fromisoformat(given) == datetime.fromisoformat(ours)
        except (ValueError, TypeError):
            return False
    return _text(given) == _text(ours)
