"""The resolver's site: cached answers are sent at once, all others come from the WSGI application in threads.

A cacheable GET of a passport (:mod:`resolver.serving.cacheable_request`) is answered where it is read, by
:meth:`resolver.serving.public_cache.Front.ready`: no thread, no Flask. The store is asked for its version once for all
requests that came in together; a request that arrives after a revocation was stored gets the new state.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import NamedTuple

from flask import Flask
from werkzeug.http import http_date

from passport.web.server import Application, Connection
from resolver.limits import RateLimited
from resolver.serving.cacheable_request import CacheableRequest, from_lines
from resolver.serving.public_cache import Front
from resolver.serving.stored_answers import Moment

_LINE = re.compile(rb"(GET|HEAD) (/passports/[!-~]+) HTTP/1\.1").fullmatch


class _Now(NamedTuple):
    """What is the same for all requests that came in together."""

    good_for: Moment
    date: bytes


class _Known(NamedTuple):
    """The headers of a plain request, and what they say; most clients send the same ones each time.

    :ivar client: what the rate limit remembers the client by.
    """

    lines: bytes
    asked: CacheableRequest
    client: bytes


class Site(Application):
    """The resolver as an ASGI application, with a quick way beside the usual one."""

    def __init__(self, application: Flask) -> None:
        super().__init__(application.wsgi_app)
        self.front: Front = application.extensions["front"]
        self._limits: RateLimited = application.extensions["limits"]
        direct = application.extensions["resolver"].store.direct
        #: A store in memory is no store of a server.
        self._is_quick = direct is not None
        if direct is not None:
            direct.prepare()
        self._moment: _Now | None = None
        self._second, self._date = 0, b""

    def at_once(self, request: bytes, connection: Connection) -> bytes | None:
        line, _, lines = request.partition(b"\r\n")
        plain = _LINE(line) if self._is_quick else None
        if plain is None:
            return None
        known = connection.known
        if known is None or known.lines != lines:
            cacheable = from_lines(lines)
            if cacheable is None:
                return None
            client = self._limits.client(connection.address, cacheable.forwarded)
            known = connection.known = _Known(lines, cacheable, client)
        cacheable = known.asked
        method, target = plain.groups()
        path, _, query = target.decode("ascii").partition("?")
        variant = self.front.variants.of(query, cacheable.accept, cacheable.language)
        if variant is None:
            return None
        moment = self._moment or self._now()
        answer = self.front.ready(path, variant, moment.good_for)
        if answer is None:
            return None
        allowed, headers = self._limits.asks(known.client, "GET")
        if not allowed:
            return None
        modified = not answer.is_in(cacheable.condition)
        limits = "".join([f"{name}: {value}\r\n" for name, value in headers]).encode("ascii")
        body = answer.body if modified and method == b"GET" else b""
        return b"".join((answer.wire(modified=modified), limits, moment.date, body))

    def _now(self) -> _Now:
        """This moment; it ends before anything that arrives later is read."""
        # A wait for the store would be a wait of all connections.
        self.front.never_wait()
        second = int(time.time())
        if second != self._second:
            self._second, self._date = second, f"Date: {http_date(second)}\r\n\r\n".encode("ascii")
        self._moment = moment = _Now(self.front.moment(), self._date)
        asyncio.get_running_loop().call_soon(self._passed)
        return moment

    def _passed(self) -> None:
        self._moment = None
        self.front.passed()
