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

import secrets
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any

from passport.linked_data import strict_json
from passport.web.limits import Buckets, Limit, client_of

COST_OF_POST = 10
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


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
