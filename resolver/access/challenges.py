"""Challenges of the resolver: nonces that expire, of which each is used once.

A challenge whose answer has to be encrypted is of another kind than the others, so that an answer in the clear cannot
use it, and the other way round.
"""

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
        self._nonces = {
            False: TimedNonces(state.secret, b"challenge\0" + base_url.encode()),
            True: TimedNonces(state.secret, b"challenge, encrypted answer\0" + base_url.encode()),
        }
        self._state = state

    def new(self, at: datetime, *, encrypted: bool = False) -> str:
        """A new single-use challenge, good for five minutes.

        :param encrypted: whether its answer has to be encrypted.
        """
        return jose.encode(self._nonces[encrypted].new(at + CHALLENGE_LIFETIME))

    def use(self, challenge: str, at: datetime, *, encrypted: bool = False) -> None:
        """Use a challenge up.

        :param encrypted: whether the answer to it was encrypted.
        :raises InvalidGrant: it is not ours, has expired, or was used before.
        """
        expires = self.expiry(challenge, encrypted=encrypted)
        if expires <= at or not self._state.use_challenge(challenge, expires=expires, at=at):
            raise InvalidGrant(
                Message("the challenge has expired") if expires <= at else Message("the challenge was used before"),
                hint=Message("GET /token gives a new one."),
            )

    def expiry(self, challenge: str, *, encrypted: bool = False) -> datetime:
        """The instant at which a challenge of ours expires.

        :param encrypted: whether it is one whose answer has to be encrypted.

        :raises InvalidGrant: it is not ours.
        """
        try:
            # Strict: base64 has several spellings of the same bits, and each would count as unused.
            expires = self._nonces[encrypted].end(jose.decode(challenge))
        except ProofError:
            expires = None
        if expires is None:
            raise InvalidGrant(
                Message("the challenge is not one of ours"), hint=Message("GET /token gives a challenge.")
            )
        return expires
