"""Challenges of the resolver: random bits, the time of expiry and a MAC over both. Handing one out stores nothing."""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import UTC, datetime, timedelta

from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from resolver.access.authorised_reader import InvalidGrant

CHALLENGE_LIFETIME = timedelta(minutes=5)


class Challenges:
    """Hands out challenges, and uses each up once.

    :param base_url: our address. A challenge of another resolver with the same secret is none of ours.
    """

    def __init__(self, base_url: str, state: ResolverState) -> None:
        self._base_url = base_url
        self._state = state

    def new(self, at: datetime) -> str:
        """A new single-use challenge, good for five minutes."""
        body = secrets.token_bytes(16) + int((at + CHALLENGE_LIFETIME).timestamp()).to_bytes(8, "big")
        return base64url(body + self._mac(body))

    def use(self, challenge: str, at: datetime) -> None:
        """Use a challenge up.

        :raises InvalidGrant: it is not ours, has expired, or was used before.
        """
        expires = self.expiry(challenge)
        if expires <= at or not self._state.use_challenge(challenge, expires=expires, at=at):
            raise InvalidGrant(
                Message("the challenge has expired") if expires <= at else Message("the challenge was used before"),
                hint=Message("GET /token gives a new one."),
            )

    def expiry(self, challenge: str) -> datetime:
        """The instant at which a challenge of ours expires.

        :raises InvalidGrant: it is not ours.
        """
        try:
            raw = base64.urlsafe_b64decode(challenge + "=" * (-len(challenge) % 4))
        except (ValueError, TypeError):
            raw = b""
        body, mac = raw[:24], raw[24:]
        # The last check: base64 has several spellings of the same bits, and each would count as unused.
        ours = len(raw) == 40 and hmac.compare_digest(mac, self._mac(body)) and base64url(raw) == challenge
        if not ours:
            raise InvalidGrant(
                Message("the challenge is not one of ours"), hint=Message("GET /token gives a challenge.")
            )
        return datetime.fromtimestamp(int.from_bytes(body[16:], "big"), UTC)

    def _mac(self, body: bytes) -> bytes:
        return hmac.digest(self._state.secret(), b"challenge\0" + self._base_url.encode() + b"\0" + body, "sha256")[:16]


def base64url(data: bytes) -> str:
    """Base64 with the alphabet for addresses, without padding (RFC 4648, section 5)."""
    return base64.urlsafe_b64encode(data).decode("ascii").rstrip("=")
