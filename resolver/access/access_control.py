"""Access control of the resolver: challenges, and tokens for presented roles and for feeds."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from passport.credentials.trust import TrustList
from passport.identity.did import DidResolver
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from resolver.access import tokens
from resolver.access.authorised_reader import AuthorisedReader, Grant, InvalidGrant, InvalidToken
from resolver.access.challenges import Challenges
from resolver.access.presented_role import PresentedRole
from resolver.access.role_check import RoleCheck
from resolver.access.tokens import AccessTokens
from resolver.role_status import RoleStatuses

#: How long a feed goes on, where the role does not end before.
FEED_LIFETIME = timedelta(days=90)


class AccessControl:
    """Hands out challenges and tokens, and reads tokens.

    :param base_url: our address: domain of presentations, issuer and audience of tokens.
    :param trust: gives the trust list as it is now.
    :param lifetime: seconds that a token lasts; never longer than the role itself.
    :param statuses: the status lists of issuers of roles that are at hand.
    """

    def __init__(
        self,
        base_url: str,
        trust: Callable[[], TrustList],
        state: ResolverState,
        *,
        lifetime: int,
        statuses: RoleStatuses,
    ) -> None:
        self._base_url = base_url
        self._trust = trust
        self._state = state
        self._challenges = Challenges(base_url, state)
        self._roles = RoleCheck(trust, timedelta(seconds=lifetime), statuses)
        self._tokens = AccessTokens(base_url, state, self._roles)

    def challenge(self, at: datetime, *, encrypted: bool = False) -> str:
        """A new single-use challenge, good for five minutes.

        :param encrypted: whether its answer has to be encrypted.
        """
        return self._challenges.new(at, encrypted=encrypted)

    def challenge_end(self, challenge: str, *, encrypted: bool = False) -> datetime:
        """The instant at which a challenge of ours expires.

        :param encrypted: whether it is one whose answer has to be encrypted.
        :raises InvalidGrant: it is not ours.
        """
        return self._challenges.expiry(challenge, encrypted=encrypted)

    def grant(self, presentation: Any, at: datetime, *, audience: str | None = None) -> Grant:
        """A token for the role that ``presentation`` shows.

        :param audience: which of the audiences that the role credential names, where it names several.
        :raises InvalidGrant: one of the steps fails that :mod:`resolver.access` lists; the message says which.
        """
        return self.token_for(self.admit(presentation, at, audience=audience), at)

    def admit(
        self,
        presentation: Any,
        at: datetime,
        *,
        audience: str | None = None,
        domain: str | None = None,
        answers: str | None = None,
        encrypted: bool = False,
    ) -> AuthorisedReader:
        """The reader that ``presentation`` shows. The challenge in it is used up.

        :param domain: the domain that the presentation was made for; by default our address.
        :param answers: the challenge that it has to answer; by default any of ours.
        :param encrypted: whether the presentation came encrypted.
        :raises InvalidGrant: one of the steps fails that :mod:`resolver.access` lists; the message says which.
        """
        presented = PresentedRole.of(presentation)  # 1
        if answers is not None and presented.challenge != answers:
            raise InvalidGrant(Message("the presentation answers another request"))
        self._challenges.use(presented.challenge, at, encrypted=encrypted)  # 2
        domain = self._base_url if domain is None else domain
        presented.check_holder(DidResolver(self._trust().did_documents()), domain=domain, at=at)  # 3
        return self._roles.reader(presented, domain, at, audience=audience)  # 4, 5

    def token_for(self, reader: AuthorisedReader, at: datetime) -> Grant:
        """A token for a reader that :meth:`admit` let in.

        :raises InvalidGrant: the role names more packs than a token holds.
        """
        access_token = self._tokens.sign(reader, at)
        if len(access_token) > tokens.MAX_TOKEN:
            raise InvalidGrant(
                Message("the role names more packs than a token holds"),
                found=Message("{count} packs", count=len(reader.packs)),
                hint=Message("Several role credentials, each for some of the packs."),
            )
        return Grant(access_token, reader, int((reader.until - at).total_seconds()))

    def feed_token(self, reader: AuthorisedReader, query: str, at: datetime) -> Grant:
        """A token for one feed of alerts, for programs that cannot show a role every few minutes.

        It is looked at again with each use as every token is, and opens nothing but the feed.

        :param query: the choices of the feed.
        """
        until = at + FEED_LIFETIME
        until = min(until, reader.role_until) if reader.role_until else until
        feed = replace(reader, until=until.replace(microsecond=0), token_id=secrets.token_urlsafe(12))
        return Grant(self._tokens.sign(feed, at, tokens.FEED, feed=query), feed, int((feed.until - at).total_seconds()))

    def read_feed(self, authorization: str, at: datetime) -> tuple[AuthorisedReader, str | None]:
        """The reader of a feed and its choices; None where the token is an ordinary one.

        :param authorization: ``Bearer`` and a token, or ``Basic`` with a token as the password, as feed readers send.
        :raises InvalidToken: as :meth:`read` says.
        """
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() == "basic":
            text = _password(text)
        elif scheme.lower() != "bearer":
            raise InvalidToken(
                Message("no access token"), expected=Message("Authorization: Bearer and a token of ours")
            )
        try:
            reader, claims = self._tokens.read(text.strip(), at, tokens.FEED)
        except InvalidToken:
            return self._reader_of(text.strip(), at), None
        return reader, str(claims["feed"])

    def end_feed(self, token_id: str, until: datetime, at: datetime) -> None:
        """End a feed by the id of its token.

        :param until: when it would have ended by itself.
        """
        self._state.revoke_token(token_id, until=until, at=at)

    def read(self, authorization: str, at: datetime) -> AuthorisedReader:
        """The reader that an ``Authorization`` header names.

        :raises InvalidToken: another scheme, or a token that is malformed, not ours, not yet or no longer valid.
        """
        scheme, _, text = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise InvalidToken(
                Message("no access token"), expected=Message("Authorization: Bearer and a token of ours")
            )
        return self._reader_of(text.strip(), at)

    def revoke(self, text: str, at: datetime) -> None:
        """Revoke a token now, in every worker process. Does nothing for a text that is not a valid token of ours.

        :param text: the token. No further proof is needed: the bearer of a token could already read with it.
        """
        try:
            reader = self._reader_of(text, at)
        except InvalidToken:
            return
        self._state.revoke_token(reader.token_id, until=reader.until, at=at)

    def _reader_of(self, text: str, at: datetime) -> AuthorisedReader:
        return self._tokens.read(text, at)[0]


def _password(text: str) -> str:
    """The password of ``Basic`` credentials (RFC 7617); empty where there is none."""
    try:
        return base64.b64decode(text.strip(), validate=True).decode("ascii").partition(":")[2]
    except ValueError:
        return ""
