"""Access tokens: JWT (RFC 7519) signed with HS256 by the secret of this resolver. No other algorithm is accepted."""

from __future__ import annotations

from datetime import UTC, datetime

from jwcrypto import jwk, jws
from jwcrypto.common import JWException

from passport.errors import PassportError, StoreFailure
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.store.state.resolver_state import ResolverState
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import AuthorisedReader, InvalidToken
from resolver.access.role_check import RoleCheck

ALGORITHM = "HS256"
#: Characters of a token: servers and proxies take headers of 8 KB.
MAX_TOKEN = 8000
ACCESS = "at+jwt"
#: A token that opens one feed of alerts, and nothing else.
FEED = "feed+jwt"


class AccessTokens:
    """Signs and reads tokens.

    :param base_url: our address: issuer and audience of tokens.
    """

    def __init__(self, base_url: str, state: ResolverState, roles: RoleCheck) -> None:
        self._base_url = base_url
        self._state = state
        self._roles = roles

    def sign(self, reader: AuthorisedReader, at: datetime, type_: str = ACCESS, **more: str) -> str:
        """A token that names a reader.

        :param type_: :data:`ACCESS` or :data:`FEED`.
        :param more: further claims.
        """
        claims = {
            "iss": self._base_url,
            "aud": self._base_url,
            "iat": int(at.timestamp()),
            **reader.claims(),
            **more,
        }
        token = jws.JWS(strict_json.dumps(claims))
        header = strict_json.dumps({"alg": ALGORITHM, "typ": type_}).decode()
        token.add_signature(self._key(), alg=ALGORITHM, protected=header)
        compact: str = token.serialize(compact=True)
        return compact

    def read(self, text: str, at: datetime, type_: str = ACCESS) -> tuple[AuthorisedReader, JsonObject]:
        """The reader of a token of one type, and the claims of the token.

        :raises InvalidToken: it is malformed, not ours, not yet or no longer valid, ended, or its role counts no more.
        """
        if text.count(".") != 2 or len(text) > MAX_TOKEN:
            raise InvalidToken(Message("no access token"), expected=Message("a token of ours"))
        try:
            token = jws.JWS()
            token.allowed_algs = [ALGORITHM]
            token.deserialize(text, self._key())
            if token.jose_header.get("typ") != type_:
                raise InvalidToken(Message("no access token of ours"))
            claims = strict_json.loads(token.payload)
            return self._claims(claims, at), claims
        # What is in a token of ours cannot have been chosen by others, but a key may be shared by mistake.
        except (JWException, PassportError, KeyError, TypeError, ValueError, OverflowError) as error:
            if isinstance(error, InvalidToken | StoreFailure):
                # Of a good token, too, nothing is known while the state cannot be read.
                raise
            raise InvalidToken(Message("the access token is not valid")) from None

    def _claims(self, claims: JsonObject, at: datetime) -> AuthorisedReader:
        if claims["iss"] != self._base_url or claims["aud"] != self._base_url:
            raise InvalidToken(Message("the access token is meant for another resolver"))
        until = datetime.fromtimestamp(claims["exp"], UTC)
        if until <= at or datetime.fromtimestamp(claims["iat"], UTC) > at:
            raise InvalidToken(Message("the access token has expired"))
        audience = Audience(claims["audience"])
        if audience is Audience.PUBLIC:
            raise InvalidToken(Message("the access token names no role"))
        if self._state.is_revoked(claims["jti"]):
            raise InvalidToken(Message("the access token was ended"))
        reader = AuthorisedReader.of_claims(claims)
        self._roles.check_standing(reader, at)
        return reader

    def _key(self) -> jwk.JWK:
        return jwk.JWK(kty="oct", k=jose.encode(self._state.secret()))
