"""Answers that are kept: what Flask said, or would have said, to everybody who asks the same.

An :class:`Answer` is good for one version of the store and for the minute in which it was made: after a revocation
nobody gets what was true before, and a page that says when it was made is never older than a minute.

Only an answer that says of itself that everybody may have it is kept (:func:`keepable`). What a kept answer depends on
is in its key; what a client sent besides never reached whoever made it (:mod:`resolver.front`).
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from werkzeug.http import http_date, remove_entity_headers

Headers = list[tuple[str, str]]

OK = "200 OK"
NOT_MODIFIED = "304 NOT MODIFIED"


@dataclass(frozen=True, slots=True)
class Answer:
    """One kept answer.

    :ivar good_for: store version and minute.
    :ivar full: its headers with status 200; :ivar short: those with 304. ``Date`` is empty in both.
    :ivar etag: as in the header, with its quotation marks.
    """

    good_for: Hashable
    full: tuple[tuple[str, str], ...]
    short: tuple[tuple[str, str], ...]
    full_date: int
    short_date: int
    etag: str
    body: bytes

    @classmethod
    def of(cls, good_for: Hashable, headers: Iterable[tuple[str, str]], body: bytes) -> Answer:
        """From the headers of a 200; those of the 304 follow from them. (RFC 9110 section 15.4.5)"""
        full = [(name, "" if name == "Date" else value) for name, value in headers]
        short = list(full)
        remove_entity_headers(short)
        return cls(
            good_for, tuple(full), tuple(short), _place(full, "Date"), _place(short, "Date"),
            dict(full)["ETag"], body,
        )

    def headers(self, *, modified: bool) -> Headers:
        """The headers as they go out now."""
        headers, place = (list(self.full), self.full_date) if modified else (list(self.short), self.short_date)
        headers[place] = ("Date", _date(int(time.time())))
        return headers


def keepable(status: str, headers: Sequence[tuple[str, str]]) -> bool:
    """Whether everybody may have this answer: 200, public, with one strong ETag and a date, and no cookie."""
    names = [name.lower() for name, _ in headers]
    values = {name.lower(): value for name, value in headers}
    return (
        status == OK
        and values.get("cache-control", "").startswith("public")
        and values.get("etag", "").startswith('"')
        and all(names.count(name) == 1 for name in ("etag", "date", "cache-control", "content-length"))
        and "set-cookie" not in names
        and "www-authenticate" not in names
    )


def _place(headers: Sequence[tuple[str, str]], wanted: str) -> int:
    return next(place for place, (name, _) in enumerate(headers) if name == wanted)


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return http_date(second)
