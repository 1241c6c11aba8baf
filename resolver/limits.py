"""Rate limits: a token bucket for each client, as the outermost WSGI layer.

    app.wsgi_app = RateLimited(app.wsgi_app, Limit.parse("600/60"), now=time.monotonic)

* A client is an IPv4 address or an IPv6 network of 64 bits. Only a keyed hash of it is kept, in memory, with a key that
  ends with the process: no address is stored or logged.
* Behind proxies of our own, the address of the client is taken from the outermost proxy. Entries that a client wrote
  into ``X-Forwarded-For`` itself are further left and never read.
* A request that makes us verify signatures costs ten times a read.
* Every answer carries the remaining requests (``RateLimit``, ``RateLimit-Policy``;
  draft-ietf-httpapi-ratelimit-headers-10), and a refusal the time to wait (``Retry-After``). Each worker process counts
  for itself.
"""

from __future__ import annotations

import ipaddress
import math
import re
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import blake2b
from threading import Lock
from typing import Any, NamedTuple

from passport.errors import UnusableProject
from passport.linked_data import strict_json
from passport.texts import Message

MAX_CLIENTS = 100_000
COST_OF_POST = 10
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@dataclass(frozen=True)
class Limit:
    """``quota`` requests in ``window`` seconds, refilled evenly. A quota of 0 is no limit."""

    quota: int = 600
    window: int = 60

    @classmethod
    def parse(cls, text: str) -> Limit:
        """``600/60``, or ``off``.

        :raises UnusableProject: neither.
        """
        if text == "off":
            return cls(0, 60)
        match = re.fullmatch(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,5})", text, re.ASCII)
        if match is None:
            raise UnusableProject(
                Message("rate limit"), expected=Message("requests/seconds such as 600/60, or off"), found=repr(text)
            )
        return cls(int(match[1]), int(match[2]))

    @property
    def policy(self) -> str:
        return f'"default";q={self.quota};w={self.window}'


class RateDecision(NamedTuple):
    """:ivar left: requests that may follow at once; :ivar wait: seconds until ``cost`` fits again, or until all do."""

    allowed: bool
    left: int
    wait: int


class Buckets:
    """The state of all clients. The longest silent ones are forgotten first, and a forgotten one begins anew."""

    def __init__(self, limit: Limit, *, clients: int = MAX_CLIENTS) -> None:
        self._limit = limit
        self._rate = limit.quota / limit.window
        self._clients = clients
        self._levels: OrderedDict[bytes, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def __len__(self) -> int:
        """The number of clients that are remembered."""
        return len(self._levels)

    def take(self, client: bytes, cost: int, at: float) -> RateDecision:
        """Take ``cost`` out of a client's bucket, where there is as much in it.

        :param at: seconds of a clock that never goes back.
        """
        quota, rate = self._limit.quota, self._rate
        with self._lock:
            level, since = self._levels.pop(client, (quota, at))
            if at > since:
                level += (at - since) * rate
                if level > quota:
                    level = quota
            if cost > quota:
                cost = quota
            allowed = level >= cost
            if allowed:
                level -= cost
            self._levels[client] = (level, at)
            if len(self._levels) > self._clients:
                self._levels.popitem(last=False)
        missing = (quota - level) if allowed else (cost - level)
        return RateDecision(allowed, int(level), max(1, math.ceil(missing / rate)))


class RateLimited:
    """The WSGI application behind a limit."""

    def __init__(self, application: Application, limit: Limit, *, now: Callable[[], float], proxies: int = 0) -> None:
        self._application = application
        self._limit = limit
        self._policy = ("RateLimit-Policy", limit.policy)
        self.buckets = Buckets(limit)
        self._now = now
        self._proxies = proxies
        self._key = secrets.token_bytes(32)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        client = self.client(environ.get("REMOTE_ADDR"), environ.get("HTTP_X_FORWARDED_FOR"))
        allowed, rate_headers = self.asks(client, environ["REQUEST_METHOD"])
        if not allowed:
            body = b"" if environ.get("REQUEST_METHOD") == "HEAD" else _REFUSAL
            start_response("429 Too Many Requests", [
                *rate_headers, ("Content-Type", "application/problem+json"),
                ("Content-Length", str(len(_REFUSAL))), ("Cache-Control", "no-store"),
                ("X-Content-Type-Options", "nosniff"), ("Access-Control-Allow-Origin", "*"),
            ])  # fmt: skip
            return [body]

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *rate_headers], *rest)

        return self._application(environ, start)

    def client(self, address: str | None, forwarded: str | None) -> bytes:
        """What a client is remembered by.

        :param address: of the connection; :param forwarded: ``X-Forwarded-For``, which counts behind proxies of ours.
        """
        return blake2b(client_of(address, forwarded, self._proxies).encode(), key=self._key, digest_size=16).digest()

    def asks(self, client: bytes, method: str) -> tuple[bool, list[tuple[str, str]]]:
        """Count a request of ``client`` and give whether it may be answered, and the headers that say so."""
        if not self._limit.quota:
            return True, []
        decision = self.buckets.take(client, COST_OF_POST if method == "POST" else 1, self._now())
        headers = [self._policy, ("RateLimit", f'"default";r={decision.left};t={decision.wait}')]
        if not decision.allowed:
            headers.append(("Retry-After", str(decision.wait)))
        return decision.allowed, headers


_REFUSAL = strict_json.dumps({
    "type": "https://w3id.org/battery-passport/problems#too-many-requests", "title": "Too Many Requests", "status": 429,
    "detail": "too many requests from your network", "hint": "Come back when Retry-After says.",
    "code": "too-many-requests",
})  # fmt: skip


def client_of(address: str | None, forwarded: str | None, proxies: int) -> str:
    """The client's address, or for IPv6 its network: one household has 2⁶⁴ addresses.

    :param proxies: how many proxies of our own a request passes; 0 takes the connection itself.
    """
    if proxies:
        passed = [part.strip() for part in (forwarded or "").split(",")]
        # The last entry was written by the nearest proxy, and so on to the left.
        if len(passed) >= proxies and passed[-proxies]:
            address = passed[-proxies]
    try:
        parsed = ipaddress.ip_address((address or "").strip("[]").split("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((int(parsed), 64), strict=False))
    return str(parsed)
