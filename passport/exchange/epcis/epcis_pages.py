"""Pages of a sorted sequence, by key: the answer of an EPCIS query in parts.

* A page begins behind the last key of the page before. Events that come in meanwhile neither repeat nor hide another,
  and a later page costs no more than the first.
* The token holds that key and an end. It gives no rights: the sequence is what its reader may see in any case.

    page = first(events, key=by_time, size=100, now=now)
    page = following(events, page.next_token, key=by_time, size=100, now=later)     # None ends

Source: EPCIS 2.0 section 12.5 (nextPageToken, its expiry, and perPage).
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from passport.errors import UsageError
from passport.texts import Message

#: As long as an answer may be read on before its reader begins anew.
LIFETIME = timedelta(hours=1)
MAX_SIZE = 1_000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,2000}", re.ASCII)

Item = TypeVar("Item")


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One part of the sequence.

    :param next_token: of the page behind it; None at the end.
    """

    items: tuple[Item, ...]
    next_token: str | None


def first(items: Sequence[Item], *, key: Callable[[Item], str], size: int, now: datetime) -> Page[Item]:
    """The first page.

    :param items: sorted by ``key``, each key once.
    :param size: events of a page, 1 to :data:`MAX_SIZE`.
    :raises UsageError: no such size.
    """
    return _page(items, 0, key, size, now)


def following(items: Sequence[Item], token: str, *, key: Callable[[Item], str], size: int, now: datetime) -> Page[Item]:
    """The page that a token names; see :func:`first`.

    :raises UsageError: it is no token of ours, or its end is past.
    """
    after, until = _read(token)
    if now >= until:
        raise UsageError(
            Message("the token of the page has expired"),
            expected=Message("before {until}", until=until),
            found=now.isoformat(),
            hint=Message("begin again with the first page"),
        )
    return _page(items, bisect_right(items, after, key=key), key, size, now)


def _page(items: Sequence[Item], start: int, key: Callable[[Item], str], size: int, now: datetime) -> Page[Item]:
    if not 1 <= size <= MAX_SIZE:
        raise UsageError(
            Message("there is no page of this size"),
            expected=Message("1 to {count} events", count=MAX_SIZE),
            found=str(size),
        )
    page = tuple(items[start : start + size])
    more = start + size < len(items)
    return Page(page, _token(key(page[-1]), now + LIFETIME) if page and more else None)


def _token(after: str, until: datetime) -> str:
    text = json.dumps([after, until.astimezone(UTC).isoformat(timespec="seconds")], ensure_ascii=True)
    return base64.urlsafe_b64encode(text.encode("ascii")).decode("ascii").rstrip("=")


def _read(token: str) -> tuple[str, datetime]:
    try:
        if not _TOKEN.fullmatch(token):
            raise ValueError
        match json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))):
            case [str() as after, str() as text]:
                until = datetime.fromisoformat(text)
                if until.tzinfo is not None:
                    return after, until
    except (ValueError, RecursionError, binascii.Error):
        pass
    raise UsageError(
        Message("it is no token of a page"), expected=Message("the token that the page before gave"), found=token[:40]
    )
