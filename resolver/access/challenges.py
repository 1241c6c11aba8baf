"""Challenges of the resolver: nonces that expire, of which each is used once."""

from __future__ import annotations

from datetime import datetime, timedelta

from passport.errors import ProofError
from passport.proofs import jose
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from passport.web.timed_nonces import TimedNonces
from resolver.access.authorised_reader import InvalidGrant

CHALLENGE_LIFETIME = timedelta(minutes=5)


class Challenges:
    """Hands out challenges, and uses each up once.

    :param base_url: our address. A challenge of another resolver with the same secret is none of ours.
    """

    def __init__(self, base_url: str, state: ResolverState) -> None:
        self._nonces = TimedNonces(state.secret, b"challenge\0" + base_url.encode())
        self._state = state

    def new(self, at: datetime) -> str:
        """A new single-use challenge, good for five minutes."""
        return jose.encode(self._nonces.new(at + CHALLENGE_LIFETIME))

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
            # Strict: base64 has several spellings of the same bits, and each would count as unused.
            expires = self._nonces.end(jose.decode(challenge))
        except ProofError:
            expires = None
        if expires is None:
            raise InvalidGrant(
                Message("the challenge is not one of ours"), hint=Message("GET /token gives a challenge.")
            )
        return expires
