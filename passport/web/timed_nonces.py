"""Nonces that expire and are recognised by a MAC, so that handing one out stores nothing.

A nonce is 16 random bytes, the second at which it expires, and a MAC over both (HMAC-SHA-256, its first 16 bytes). The
caller remembers used ones until they expire.
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

_RANDOM, _BODY, _LENGTH = 16, 24, 40


@dataclass(frozen=True)
class TimedNonces:
    """Nonces for one purpose.

    :ivar secret: gives the secret of the MAC.
    :ivar purpose: what is authenticated with the nonce, so that a nonce of another purpose is none of these.
    """

    secret: Callable[[], bytes]
    purpose: bytes

    def new(self, until: datetime) -> bytes:
        """A new nonce of 40 bytes, good until ``until`` (aware, counted in whole seconds)."""
        body = secrets.token_bytes(_RANDOM) + int(until.timestamp()).to_bytes(_BODY - _RANDOM, "big")
        return body + self._mac(body)

    def end(self, nonce: bytes) -> datetime | None:
        """The instant at which a nonce expires, which may be past; None for bytes that are no nonce of these."""
        body, mac = nonce[:_BODY], nonce[_BODY:]
        if len(nonce) != _LENGTH or not hmac.compare_digest(mac, self._mac(body)):
            return None
        return datetime.fromtimestamp(int.from_bytes(body[_RANDOM:], "big"), UTC)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self.secret(), self.purpose + b"\0" + body, "sha256")[:16]
