"""Opening an envelope: what is in a token or message, once it verified.

The steps are listed in :mod:`passport.credentials.envelopes.enveloping`, and numbered alike.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.checks.related import check_related
from passport.credentials.envelopes import sd_jwt_vc
from passport.credentials.envelopes.envelope import (
    BINARY,
    DC_SD_JWT,
    OPENED_HERE,
    PRESENTATIONS,
    REGISTERED,
    SELECTIVE,
    Opened,
    may_be_hidden,
    message,
)
from passport.errors import MalformedCredential, MalformedKey, ProofError, UsageError
from passport.identity import DidResolver, PublicKey, VerificationMethod
from passport.identity.did import is_computed
from passport.linked_data import jsonld
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.proofs import cose, jose, pointers, sd_jwt
from passport.proofs.data_integrity import CLOCK_SKEW
from passport.proofs.domains import is_for
from passport.texts import Message

BINDING_LIFETIME = 600
"""Seconds for which a key binding counts: it answers a question of this moment."""


def open_token(
    media_type: str,
    content: str | bytes,
    resolver: DidResolver,
    *,
    at: datetime,
    challenge: str | None = None,
    domain: str | None = None,
    loader: ContextLoader = PINNED,
) -> Opened:
    """What is in a token or message, once it verified.

    :param content: the text of a token; of a COSE message, its bytes, or base64 as in a ``data:`` URL.
    :param at: aware instant of verification.
    :param challenge: the challenge given to the presenter; :param domain: the intended verifier. With them a selective
        token must carry a key binding.
    :raises ProofError: the token, its signature or its key binding does not hold
        (:class:`~passport.errors.InvalidSignature`).
    :raises MalformedCredential: what is in it is no credential, or its registered claims contradict it.
    :raises UnsafeJsonLd: it holds something that no context defines.
    :raises UnknownContext: a context is not pinned.
    :raises UnresolvableDid: the document of the signer's DID is not at hand.
    """
    if media_type not in OPENED_HERE:
        raise UsageError(
            Message("tokens of this kind are not opened here"),
            expected=Message("one of {names}", names=", ".join(OPENED_HERE)),
            found=media_type,
        )
    presentation, selective = media_type in PRESENTATIONS, media_type in SELECTIVE
    occasion = _Occasion(at, challenge, domain)
    # 1. and 2. and 3.
    if media_type in BINARY:
        verified = _cose(media_type, content, resolver, at)
    else:
        verified = _jose(media_type, content, resolver, occasion)
    claims = verified.claims
    # 4. The content.
    if "vc" in verified.document or "vp" in verified.document:
        raise MalformedCredential(
            Message("a vc or vp claim in the token"), expected=Message("the credential itself, as VCDM 2.0 has it")
        )
    document = verified.document
    if "proof" in document:
        raise MalformedCredential(Message("a proof inside an envelope"), expected=Message("one way of securing"))
    if presentation:
        vcdm.check_presentation(document)
        if not selective:
            occasion.check(claims)
        speaker, subjects = vcdm.holder_id(document), None
    else:
        vcdm.check_credential(document)
        check_related(document)
        jsonld.to_dataset(document, loader=loader)
        speaker, subjects = vcdm.issuer_id(document), [entry.get("id") for entry in vcdm.subjects(document)]
    _check_claims(claims, document, speaker, subjects, at)
    issued = _date(claims, "iat")
    if issued is not None and issued > at + CLOCK_SKEW:
        raise ProofError(
            Message("the token was made in the future"),
            expected=Message("a time gone by"),
            found=str(claims["iat"])[:40],
        )
    return Opened(document, media_type, verified.method, verified.algorithm, issued, selective, verified.bound)


@dataclass(frozen=True)
class _VerifiedEnvelope:
    """Steps 1 to 3 are done: ``document`` is what was signed, ``claims`` what is registered of it."""

    document: JsonObject
    claims: JsonObject
    method: VerificationMethod
    algorithm: str
    bound: bool = False


@dataclass(frozen=True)
class _Occasion:
    """The occasion of a signature: its instant, challenge and domain."""

    at: datetime
    challenge: str | None
    domain: str | None

    @property
    def asked(self) -> bool:
        return self.challenge is not None or self.domain is not None

    def check(self, claims: Mapping[str, Any]) -> None:
        """:raises ProofError: the claims answer another challenge, or are for another domain."""
        if self.challenge is not None and claims.get("nonce") != self.challenge:
            raise ProofError(Message("the token does not answer the challenge"), found=repr(claims.get("nonce"))[:80])
        if self.domain is not None and not is_for(claims.get("aud"), self.domain):
            raise ProofError(
                Message("the token was made for another domain"),
                expected=self.domain,
                found=repr(claims.get("aud"))[:80],
            )


def _cose(media_type: str, content: str | bytes, resolver: DidResolver, at: datetime) -> _VerifiedEnvelope:
    presentation = media_type in PRESENTATIONS
    # 1. A header that we understand.
    parsed = cose.parse(
        message(content), typ=media_type, content_type="application/vp" if presentation else "application/vc"
    )
    payload = parsed.content()
    # 2. The key, from the controller's document, 3. and the signature.
    method = _method(parsed.kid, payload, presentation, resolver, at)
    cose.verify(parsed, method.public_key)
    document, registered = _parted(payload)
    claims = parsed.claims()
    if both := sorted(claims.keys() & registered.keys()):
        raise ProofError(Message("a claim occurs twice in the message"), expected=Message("one place"), found=both[0])
    return _VerifiedEnvelope(document, registered | claims, method, parsed.algorithm)


def _jose(media_type: str, content: str | bytes, resolver: DidResolver, occasion: _Occasion) -> _VerifiedEnvelope:
    presentation, selective = media_type in PRESENTATIONS, media_type in SELECTIVE
    # 1. A header that we understand.
    presented = sd_jwt.split(content) if selective else None
    token = jose.parse(
        content if presented is None else presented.issuer_token,
        typ=media_type.removeprefix("application/"),
        cty=None if media_type == DC_SD_JWT else "vp" if presentation else "vc",
    )
    payload = token.claims()
    if media_type == DC_SD_JWT:
        return _sd_jwt_vc(token, payload, presented, resolver, occasion)
    # 2. The key, from the controller's document, 3. and the signature.
    method = _method(token.kid, payload, presentation, resolver, occasion.at)
    jose.verify(token, method.public_key)
    claims, bound = payload, False
    if presented is not None:
        revealed = sd_jwt.reveal(payload, presented.disclosures)
        for place in revealed.places:
            if not may_be_hidden(pointers.parse(place), media_type):
                raise ProofError(Message("a disclosure of something that must not be hidden"), found=repr(place)[:80])
        claims = revealed.claims
        # Who presents has to be the holder: a key that the holder names in passing must not speak in its name for ever.
        bound = _check_binding(presented, payload, resolver, occasion, method.public_key if presentation else None)
    return _VerifiedEnvelope(*_parted(claims), method, str(token.header["alg"]), bound)


def _sd_jwt_vc(
    token: jose.Token,
    payload: JsonObject,
    presented: sd_jwt.Presented | None,
    resolver: DidResolver,
    occasion: _Occasion,
) -> _VerifiedEnvelope:
    # 2. The key, from the issuer's document, 3. and the signature.
    method = _method(token.kid, {"issuer": payload.get("iss")}, False, resolver, occasion.at)
    jose.verify(token, method.public_key)
    if presented is None or presented.disclosures:
        raise ProofError(Message("a disclosure of something that must not be hidden"))
    document = sd_jwt_vc.read_as_credential(payload)
    bound = _check_binding(presented, payload, resolver, occasion, None)
    # Its times are the validity of the credential, which is a check of its own.
    registered = ("iss", "sub", "jti", "iat")
    claims = {name: value for name, value in payload.items() if name in registered}
    return _VerifiedEnvelope(document, claims, method, str(token.header["alg"]), bound)


def _parted(claims: JsonObject) -> tuple[JsonObject, JsonObject]:
    """The credential or presentation, and the registered claims beside it."""
    document = {key: value for key, value in claims.items() if key not in REGISTERED}
    return document, {key: value for key, value in claims.items() if key in REGISTERED}


def _method(
    kid: str | None, payload: JsonObject, presentation: bool, resolver: DidResolver, at: datetime
) -> VerificationMethod:
    purpose = "authentication" if presentation else "assertionMethod"
    return resolver.verification_method(_method_url(kid, payload, presentation), purpose, at=at)


def _method_url(kid: str | None, payload: JsonObject, presentation: bool) -> str:
    """The verification method that ``kid`` means: a DID URL, or a name in the document of issuer or holder."""
    if kid is not None and kid.startswith("did:"):
        return kid
    value = payload.get("holder" if presentation else "issuer")
    did = value.get("id") if isinstance(value, dict) else value
    if not isinstance(did, str) or not did.startswith("did:"):
        raise ProofError(Message("the token does not say whose key it is"), expected=Message("a kid that is a DID URL"))
    if kid is not None:
        return f"{did}#{kid.removeprefix('#')}"
    if not is_computed(did):
        raise ProofError(Message("the token does not say which key it is"), expected=Message("a kid"))
    return did


def _check_claims(
    claims: Mapping[str, Any], document: JsonObject, speaker: str | None, subjects: list[Any] | None, at: datetime
) -> None:
    if "iss" in claims and claims["iss"] != speaker:
        raise MalformedCredential(Message("iss of the token"), expected=str(speaker), found=repr(claims["iss"])[:80])
    if "jti" in claims and claims["jti"] != document.get("id"):
        raise MalformedCredential(
            Message("jti of the token"), expected=str(document.get("id")), found=repr(claims["jti"])[:80]
        )
    if subjects is not None and "sub" in claims and claims["sub"] not in subjects:
        raise MalformedCredential(
            Message("sub of the token"), expected=Message("the id of its subject"), found=repr(claims["sub"])[:80]
        )
    starts, ends = _date(claims, "nbf"), _date(claims, "exp")
    if starts is not None and at + CLOCK_SKEW < starts:
        raise ProofError(
            Message("the token does not count yet"),
            expected=Message("an instant after {starts:%Y-%m-%dT%H:%M:%SZ}", starts=starts),
        )
    if ends is not None and at >= ends:
        raise ProofError(
            Message("the token has expired"), expected=Message("an instant before {ends:%Y-%m-%dT%H:%M:%SZ}", ends=ends)
        )


def _check_binding(
    presented: sd_jwt.Presented,
    payload: JsonObject,
    resolver: DidResolver,
    occasion: _Occasion,
    signer: PublicKey | None,
) -> bool:
    """RFC 9901, section 7.3.

    :param signer: the key that has to have made the binding; None: whichever the payload names.
    """
    if presented.binding is None:
        # Without one, every bearer of the token could leave out parts of it and show it to any verifier.
        if occasion.asked:
            raise ProofError(
                Message("the token has no key binding"), expected=Message("one for this challenge and domain")
            )
        return False
    token = jose.parse(presented.binding, typ="kb+jwt")
    claims = token.claims()
    key = _holder_key(payload, resolver, occasion.at)
    if signer is not None and key != signer:
        raise ProofError(Message("the key binding is not by the key that signed the presentation"))
    jose.verify(token, key)
    expected = sd_jwt.digest_of(presented.bound, payload.get("_sd_alg", "sha-256"))
    if claims.get("sd_hash") != expected:
        raise ProofError(Message("the key binding belongs to another token or to other disclosures"))
    if not isinstance(claims.get("nonce"), str) or not isinstance(claims.get("aud"), str):
        raise ProofError(Message("the key binding names no verifier"), expected=Message("a nonce and an audience"))
    occasion.check(claims)
    made = _date(claims, "iat")
    at = occasion.at
    if made is None or made > at + CLOCK_SKEW or (at - made).total_seconds() > BINDING_LIFETIME:
        raise ProofError(
            Message("the key binding is not of this moment"),
            expected=Message("at most {binding_lifetime} seconds old", binding_lifetime=BINDING_LIFETIME),
        )
    return True


def _holder_key(payload: JsonObject, resolver: DidResolver, at: datetime) -> PublicKey:
    confirmation = payload.get("cnf")
    if isinstance(confirmation, dict) and isinstance(confirmation.get("kid"), str):
        return resolver.verification_method(confirmation["kid"], "authentication", at=at).public_key
    try:
        return PublicKey.from_jwk(confirmation.get("jwk") if isinstance(confirmation, dict) else None)
    except MalformedKey as error:
        raise ProofError(Message("the token names no key of its holder: {error}", error=error)) from error


def _date(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if name not in claims:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 253_402_300_800:
        return datetime.fromtimestamp(value, UTC)
    raise ProofError(
        Message("{name} of the token", name=name),
        expected=Message("a number of seconds since 1970"),
        found=repr(value)[:40],
    )
