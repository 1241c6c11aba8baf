"""Self-issued ID tokens: who sends a request, proved by a key of the sender's own DID document.

Making one (DCP 1.0.1, section on self-issued ID tokens): ``iss`` and ``sub`` are the sender, ``aud`` the receiver, a
random ``jti``, ``iat``, ``exp``. ``token`` gives the receiver access to the sender's presentations. ``digest`` is ours:
SHA-256 of the request's body, so that a token that was recorded carries no other message, and so that either side can
show later what the other signed.

Checking one:

1. It is a JWS of kind JWT, of this form, within its time; ``iss`` equals ``sub``, ``aud`` is the receiver alone.
2. Its key is in the DID document of ``sub``, under ``capabilityInvocation``, and the signature verifies.
3. Its ``digest``, where it has one, is that of the body.
4. Its ``jti`` was not used before; it is used up last, so that a forged token uses up nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Protocol

from passport.errors import PassportError, UnauthenticatedPeer
from passport.identity.did import DidResolver, methods_for
from passport.identity.signer import Signer
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.texts import Message

#: How long a token is good. A request is answered within seconds.
LIFETIME = timedelta(minutes=5)
#: Longest that a foreign token may be good; the memory of used identifiers need not be longer.
MAX_LIFETIME = timedelta(hours=1)
#: How far clocks may differ.
SKEW = timedelta(seconds=10)
_TYPE = "jwt"
_ACCESS = "at+jwt"


class PeerDocuments(Protocol):
    """DID documents of other companies."""

    def document(self, did: str, *, at: datetime) -> JsonObject:
        """The document of a DID.

        :raises PassportError: there is none, or none that can be had now.
        """


@dataclass(frozen=True)
class IdToken:
    """A self-issued token that was checked.

    :ivar did: the sender; :ivar access: the access token in it, or None; :ivar document: the sender's DID document.
    """

    did: str
    access: str | None
    text: str
    document: JsonObject = field(repr=False)


@dataclass(frozen=True)
class SelfIssuer:
    """Makes self-issued tokens and the access tokens in them.

    :ivar did: our DID; :ivar signer: a key that our document lists under ``capabilityInvocation``.
    """

    did: str
    signer: Signer = field(repr=False)

    def token(
        self, audience: str, *, at: datetime, scopes: Sequence[str] = (), body: bytes | None = None,
        access: str | None = None,
    ) -> str:  # fmt: skip
        """A token for one request to ``audience``.

        :param scopes: what of ours the receiver may ask our credential service for.
        :param body: of the request. :param access: an access token of the receiver's own, to be given back.
        """
        given = self.access_token(audience, scopes, at=at) if scopes else access
        claims: dict[str, Any] = {
            "iss": self.did, "sub": self.did, "aud": audience, "jti": secrets.token_urlsafe(16),
            "iat": int(at.timestamp()), "exp": int((at + LIFETIME).timestamp()),
        }  # fmt: skip
        if given is not None:
            claims["token"] = given
        if body is not None:
            claims["digest"] = digest_of(body)
        return jose.sign(claims, self.signer, typ="JWT")

    def access_token(self, verifier: str, scopes: Sequence[str], *, at: datetime) -> str:
        """Access for one verifier to our presentations of these scopes. Only we read it."""
        claims = {
            "iss": self.did, "sub": verifier, "scope": list(scopes), "exp": int((at + LIFETIME).timestamp()),
        }  # fmt: skip
        return jose.sign(claims, self.signer, typ=_ACCESS)

    def scopes(self, access: str | None, verifier: str, *, at: datetime) -> tuple[str, ...]:
        """What an access token gives to this verifier.

        :raises UnauthenticatedPeer: it is not ours, another company's, or over.
        """
        try:
            token = jose.parse(access, typ=_ACCESS)
            jose.verify(token, self.signer.public_key)
            claims = token.claims()
        except PassportError as error:
            raise _refused("access token") from error
        if claims.get("iss") != self.did or claims.get("sub") != verifier or at.timestamp() >= claims["exp"]:
            raise _refused("access token")
        return tuple(claims["scope"])


@dataclass(frozen=True)
class TokenValidator:
    """Checks self-issued tokens.

    :ivar did: our DID, for whom they are.
    :ivar use: uses an identifier up; False where it was used before.
    """

    did: str
    documents: PeerDocuments
    use: Callable[[str, datetime, datetime], bool]

    def validate(self, authorization: str | None, body: bytes, *, at: datetime) -> IdToken:
        """The sender of a request.

        :param authorization: the header, ``Bearer TOKEN``.
        :raises UnauthenticatedPeer: something is wrong with it. What that is stays here.
        """
        scheme, _, text = (authorization or "").partition(" ")
        if scheme != "Bearer":
            raise _refused("Bearer")
        try:
            token = jose.parse(text, typ=_TYPE)
            claims = token.claims()
            did, jti = _checked(claims, self.did, at)
            document = self.documents.document(did, at=at)
            resolver = DidResolver({did: document})
            url = token.kid or _only_method(document)
            # A name without its document is one of the sender's own.
            url = url if "#" in url and url.startswith("did:") else f"{did}#{url.removeprefix('#')}"
            if url.partition("#")[0] != did:
                raise _refused("kid")
            jose.verify(token, resolver.verification_method(url, "capabilityInvocation", at=at).public_key)
        except UnauthenticatedPeer:
            raise
        except PassportError as error:
            raise _refused(error.code) from error
        if "digest" in claims and claims["digest"] != digest_of(body):
            raise _refused("digest")
        until = datetime.fromtimestamp(claims["exp"], at.tzinfo) + SKEW
        if not self.use(f"{did} {jti}", until, at):
            raise _refused("jti")
        access = claims.get("token")
        return IdToken(did, access if isinstance(access, str) and access else None, text, document)


def digest_of(body: bytes) -> str:
    """SHA-256 of a body, as a token carries it."""
    return sha256(body).hexdigest()


def _checked(claims: JsonObject, audience: str, at: datetime) -> tuple[str, str]:
    """Sender and identifier of a token whose claims have their form and time."""
    did, jti = claims.get("iss"), claims.get("jti")
    if not isinstance(did, str) or not did.startswith("did:") or claims.get("sub") != did or len(did) > 500:
        raise _refused("iss, sub")
    if claims.get("aud") not in (audience, [audience]):
        raise _refused("aud")
    if not isinstance(jti, str) or not 8 <= len(jti) <= 200:
        raise _refused("jti")
    now, skew = at.timestamp(), SKEW.total_seconds()
    times: dict[str, Any] = {name: claims.get(name) for name in ("iat", "exp", "nbf") if name in claims}
    if {"iat", "exp"} - times.keys() or not all(
        type(each) in (int, float) or isinstance(each, float) for each in times.values()
    ):
        raise _refused("iat, exp")
    if times["iat"] > now + skew or times.get("nbf", now) > now + skew or now >= times["exp"] + skew:
        raise _refused("iat, nbf, exp")
    if times["exp"] - times["iat"] > MAX_LIFETIME.total_seconds():
        raise _refused("exp")
    return did, jti


def _only_method(document: JsonObject) -> str:
    """The one key of a document, where a token names none."""
    methods = methods_for(document, "capabilityInvocation")
    if len(methods) != 1 or len(document.get("verificationMethod", [])) != 1:
        raise _refused("kid")
    return next(iter(methods))


def _refused(what: str) -> UnauthenticatedPeer:
    return UnauthenticatedPeer(Message("the sender of the request is not proved"), found=what)
