"""Answers that are kept: what Flask said, or would have said, to everybody who asks the same.

An :class:`Answer` is good for one version of the store and for the minute in which it was made: after a revocation
nobody gets what was true before, and a page that says when it was made is never older than a minute.

Only an answer that says of itself that everybody may have it is kept (:func:`keepable`). What a kept answer depends on
is in its key; what a client sent besides never reached whoever made it (:mod:`resolver.front`).
"""

from __future__ import annotations

import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from werkzeug.http import http_date, remove_entity_headers

Headers = list[tuple[str, str]]

OK = "200 OK"
NOT_MODIFIED = "304 NOT MODIFIED"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The headers of one kind of answer, with the places of those that differ from answer to answer.

    :ivar full: with status 200; :ivar short: with 304. What differs is empty in both.
    :ivar places: name -> its place in ``full`` and in ``short``, None where it is in ``full`` alone.
    """

    full: Headers
    short: Headers
    places: tuple[tuple[str, int, int | None], ...]
    full_date: int
    short_date: int

    @classmethod
    def of(cls, headers: Sequence[tuple[str, str]], differing: Sequence[str]) -> Pattern:
        """From the headers of a 200; those of the 304 follow from them. (RFC 9110 section 15.4.5)"""
        full = [(name, "" if name in differing or name == "Date" else value) for name, value in headers]
        short = list(full)
        remove_entity_headers(short)
        places = tuple((name, _place(full, name), _place(short, name)) for name in differing)
        return cls(full, short, places, _place(full, "Date"), _place(short, "Date"))

    def filled(self, good_for: Hashable, values: Mapping[str, str], body: bytes) -> Answer:
        """The answer with these values in the empty places."""
        full, short = self.full.copy(), self.short.copy()
        for name, place, short_place in self.places:
            full[place] = (name, values[name])
            if short_place is not None:
                short[short_place] = full[place]
        return Answer(good_for, full, short, self.full_date, self.short_date, values["ETag"], body)


@dataclass(frozen=True, slots=True)
class Answer:
    """One kept answer.

    :ivar good_for: store version and minute.
    :ivar full: its headers with status 200; :ivar short: those with 304. ``Date`` is empty in both.
    :ivar etag: as in the header, with its quotation marks.
    """

    good_for: Hashable
    full: Headers
    short: Headers
    full_date: int
    short_date: int
    etag: str
    body: bytes

    @classmethod
    def of(cls, good_for: Hashable, headers: Sequence[tuple[str, str]], body: bytes) -> Answer:
        """An answer that was given, with status 200."""
        return Pattern.of(headers, ["ETag"]).filled(good_for, {"ETag": dict(headers)["ETag"]}, body)

    def headers(self, *, modified: bool) -> Headers:
        """The headers as they go out now."""
        headers, place = (self.full.copy(), self.full_date) if modified else (self.short.copy(), self.short_date)
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


def _place(headers: Sequence[tuple[str, str]], wanted: str) -> int | None:
    return next((place for place, (name, _) in enumerate(headers) if name == wanted), None)


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return http_date(second)
