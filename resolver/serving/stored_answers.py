"""Cached answers: Flask's answer, or an equal one, for all readers with the same request.

A :class:`StoredAnswer` is valid for one version of the store and for the minute in which it was made. So no reader gets
the state from before a revocation, and a page that shows its time is never older than a minute.

Only an answer whose headers declare it public is cached (:func:`keepable`). The key of a cached answer contains
everything that it depends on; other parts of a request never influence it (:mod:`resolver.serving.public_cache`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from operator import itemgetter
from string import Formatter

from werkzeug.http import http_date, remove_entity_headers

Headers = list[tuple[str, str]]
#: Version of the store, minute and version of the trust list: what is answered in one moment is good for no other.
Moment = tuple[tuple[int, ...], int, int]

OK = "200 OK"
NOT_MODIFIED = "304 NOT MODIFIED"


@dataclass(frozen=True, slots=True)
class Pattern:
    """The headers of one kind of answer, as texts for :meth:`str.format`: ``{0}`` is the answer's first field.

    :ivar full: with status 200; :ivar short: with 304; ``Date`` is in neither.
    :ivar full_wire: makes of the fields what is sent, the status line first; :ivar short_wire: likewise.
    """

    full: tuple[tuple[str, str], ...]
    short: tuple[tuple[str, str], ...]
    full_wire: Callable[[Sequence[bytes]], bytes] = field(compare=False, repr=False)
    short_wire: Callable[[Sequence[bytes]], bytes] = field(compare=False, repr=False)

    @classmethod
    def of(cls, headers: Iterable[tuple[str, str]]) -> Pattern:
        """From the headers of a 200; those of the 304 follow from them. (RFC 9110 section 15.4.5)"""
        full = [pair for pair in headers if pair[0] != "Date"]
        short = list(full)
        remove_entity_headers(short)
        return cls(tuple(full), tuple(short), _wire(OK, full), _wire(NOT_MODIFIED, short))


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One kept answer.

    :ivar good_for: the moment in which it was made.
    :ivar fields: in which its headers differ from those of others with the same pattern.
    :ivar etag: as in the header, with its quotation marks.
    """

    good_for: Moment
    pattern: Pattern
    fields: tuple[str, ...]
    etag: str
    body: bytes
    _wires: dict[bool, bytes] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of(cls, good_for: Moment, headers: Sequence[tuple[str, str]], body: bytes) -> StoredAnswer:
        """An answer that was given, with status 200."""
        pattern = Pattern.of((name, literal(value)) for name, value in headers)
        return cls(good_for, pattern, (), dict(headers)["ETag"], body)

    def is_in(self, condition: str | None) -> bool:
        """Whether a reader has these bytes, who sent this ``If-None-Match`` with one tag."""
        # Weak comparison: a proxy that compresses the body marks the tag as weak. (RFC 9110 8.8.3.2)
        return condition is not None and condition.removeprefix("W/") == self.etag

    def headers(self, *, modified: bool) -> Headers:
        """The headers as they go out now, with status 200 or, not ``modified``, 304."""
        given = self.pattern.full if modified else self.pattern.short
        return [*((name, value.format(*self.fields)) for name, value in given), ("Date", http_date(time.time()))]

    def wire(self, *, modified: bool) -> bytes:
        """Status line and headers as they are sent, but for ``Date`` and the empty line at the end."""
        wire = self._wires.get(modified)
        if wire is None:
            made = self.pattern.full_wire if modified else self.pattern.short_wire
            wire = self._wires[modified] = made([field_text.encode("latin-1") for field_text in self.fields])
        return wire


def literal(value: str) -> str:
    """A text, escaped so that a :class:`Pattern` repeats it unchanged."""
    return value.replace("{", "{{").replace("}", "}}")


def _wire(status: str, headers: Sequence[tuple[str, str]]) -> Callable[[Sequence[bytes]], bytes]:
    """What is sent, as one formatting of bytes: a crawler asks for another passport each time."""
    text = "".join([f"HTTP/1.1 {status}\r\n", *(f"{name}: {value}\r\n" for name, value in headers)])
    template, places = b"", []
    for constant, place, _, _ in Formatter().parse(text):
        template += constant.encode("latin-1").replace(b"%", b"%%")
        if place is not None:
            template += b"%b"
            places.append(int(place))
    if len(places) < 2:
        return lambda fields: template % tuple(fields[place] for place in places)
    chosen = itemgetter(*places)
    return lambda fields: template % chosen(fields)


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
