"""Credentials and presentations inside tokens: ``vc+jwt``, ``vp+jwt`` and ``vc+sd-jwt``.

The token's payload *is* the credential, without a ``vc`` claim around it; the registered claims of JWT may stand beside
its properties and must not contradict them. (Securing Verifiable Credentials using JOSE and COSE 1.0; RFC 9901)

Opening a token, in this order:

1. Its header is one that we understand: kind, closed list of algorithms, no extensions (``proofs.jose``).
2. The method that ``kid`` names stands in the DID document of its controller under the purpose asked for. The header
   never brings a key along.
3. The signature verifies with that key; disclosures have their places; a key binding is the holder's.
4. The content is a credential (a presentation) of VC Data Model 2.0 and safe JSON-LD; ``iss``, ``sub`` and ``jti`` say
   the same as its properties; ``nbf`` and ``exp`` hold.

Whether the controller is the issuer, and whether the issuer is trusted, is the verifier's question, as it is for Data
Integrity. The library alone does this; the resolver keeps to Data Integrity.

    token = secure(credential, issuer)
    Verifier(policy).verify(envelope(VC_JWT, token), at=now)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.issuer import Issuer
from passport.credentials.related import check_related
from passport.errors import MalformedCredential, MalformedKey, ProofError, UsageError
from passport.identity import DidResolver, PublicKey, Signer, VerificationMethod, did_key
from passport.linked_data import jsonld
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.proofs import jose, pointers, sd_jwt
from passport.proofs.data_integrity import CLOCK_SKEW

VC_JWT, VP_JWT, VC_SD_JWT = "application/vc+jwt", "application/vp+jwt", "application/vc+sd-jwt"
OPENED_HERE = (VC_JWT, VP_JWT, VC_SD_JWT)
BINDING_LIFETIME = 600
"""Seconds for which a key binding counts: it answers a question of this moment."""

# RFC 7519 section 4.1 and RFC 7800; they are no properties of a credential and take no part in its graph.
_REGISTERED = frozenset({"iss", "sub", "aud", "exp", "nbf", "iat", "jti", "nonce", "cnf"})
# What a verifier decides by; a holder who could leave it out would decide instead.
_NEVER_HIDDEN = frozenset(
    {"@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialStatus", "credentialSchema"}
)


@dataclass(frozen=True)
class Opened:
    """A token that verified.

    :param document: the credential or presentation in it, without registered claims.
    :param algorithm: ``ES256``, ``ES384`` or ``EdDSA``.
    :param signed_at: ``iat``, where the token has one.
    :param derived: whether some of it may have been left out by the holder.
    :param bound: whether the holder's key signed it for this occasion (``vc+sd-jwt`` with a key binding).
    """

    document: dict
    media_type: str
    method: VerificationMethod
    algorithm: str
    signed_at: datetime | None = None
    derived: bool = False
    bound: bool = False


# --- securing -------------------------------------------------------------------------------------------------------


def secure(credential: dict, issuer: Issuer, *, foreign: bool = False, loader: ContextLoader = PINNED) -> str:
    """``credential`` as a ``vc+jwt``.

    :param foreign: take fractions as JSON numbers too, for documents that others designed; the token covers the JSON.
    :raises MalformedCredential: not VCDM 2.0, of another issuer, or signed already.
    :raises UnsafeJsonLd: a term that no context defines, or another thing that a reader of the graph would not see.
    """
    _check_to_sign(credential, issuer, loader, foreign)
    return jose.sign(credential, issuer.signer, typ="vc+jwt", cty="vc")


def secure_selectively(
    credential: dict,
    issuer: Issuer,
    hidden: Sequence[str],
    *,
    holder_key: PublicKey | None = None,
    decoys: int = 0,
    loader: ContextLoader = PINNED,
) -> str:
    """``credential`` as a ``vc+sd-jwt`` with all its disclosures, for its holder.

    :param hidden: RFC 6901 pointers to what the holder may leave out.
    :param holder_key: who can show it; without one, whoever has the token can.
    :raises UsageError: a pointer names nothing, or something that a verifier decides by.
    :raises MalformedCredential: as :func:`secure`.
    """
    _check_to_sign(credential, issuer, loader)
    for pointer in hidden:
        path = pointers.parse(pointer)
        if not path or path[0] in _NEVER_HIDDEN or path == ("credentialSubject",):
            raise UsageError("this cannot be hidden", expected="something that no verifier decides by", found=pointer)
    claims = credential if holder_key is None else {**credential, "cnf": {"jwk": holder_key.jwk}}
    payload, disclosures = sd_jwt.conceal(claims, hidden, decoys=decoys)
    token = jose.sign(payload, issuer.signer, typ="vc+sd-jwt", cty="vc")
    return str(sd_jwt.Presented(token, disclosures))


def disclose(token: str, keep: Sequence[str]) -> str:
    """A ``vc+sd-jwt`` that shows what is never hidden and what the pointers name, and no key binding.

    :raises ProofError: not an SD-JWT.
    :raises UsageError: a pointer names nothing.
    """
    presented = sd_jwt.split(token)
    payload = jose.parse(presented.issuer_token, typ="vc+sd-jwt", cty="vc").claims()
    return str(sd_jwt.select(presented, sd_jwt.reveal(payload, presented.disclosures), keep))


def bind(token: str, holder: Signer, *, challenge: str, domain: str, at: datetime) -> str:
    """A ``vc+sd-jwt`` with the holder's signature for one verifier and one occasion.

    :param challenge: what the verifier asked to have signed; :param domain: whom it is signed for.
    """
    presented = sd_jwt.split(token)
    if presented.binding is not None:
        raise UsageError("the token has a key binding already", expected="one that ends with a tilde")
    payload = jose.parse(presented.issuer_token, typ="vc+sd-jwt", cty="vc").claims()
    claims = {
        "iat": int(at.timestamp()),
        "aud": domain,
        "nonce": challenge,
        "sd_hash": sd_jwt.digest_of(presented.bound, payload.get("_sd_alg", "sha-256")),
    }
    return f"{presented}{jose.sign(claims, holder, typ='kb+jwt')}"


def secure_presentation(
    credentials: Sequence[dict], holder: Issuer, *, challenge: str, domain: str, at: datetime
) -> str:
    """A ``vp+jwt`` of ``credentials``, enveloped ones among them, for one verifier and one occasion.

    :raises UsageError: challenge or domain are empty.
    """
    if not challenge or not domain:
        raise UsageError("a presentation is signed for somebody", expected="a challenge and a domain")
    claims = {
        "@context": [vcdm.CREDENTIALS_V2],
        "type": [vcdm.VERIFIABLE_PRESENTATION],
        "holder": holder.id,
        "verifiableCredential": list(credentials),
    }
    vcdm.check_presentation(claims)
    claims |= {"iat": int(at.timestamp()), "aud": domain, "nonce": challenge}
    return jose.sign(claims, holder.signer, typ="vp+jwt", cty="vp")


def envelope(media_type: str, token: str) -> dict:
    """The object by which a token stands among credentials, or alone. (VCDM 2.0, sections 4.12.1 and 4.13.2)"""
    kind = vcdm.ENVELOPED_PRESENTATION if media_type == VP_JWT else vcdm.ENVELOPED_CREDENTIAL
    return {"@context": [vcdm.CREDENTIALS_V2], "type": kind, "id": f"data:{media_type},{token}"}


def _check_to_sign(credential: dict, issuer: Issuer, loader: ContextLoader, foreign: bool = False) -> None:
    vcdm.check_credential(credential)
    check_related(credential)
    if vcdm.issuer_id(credential) != issuer.id:
        raise MalformedCredential("issuer", expected=issuer.id, found=vcdm.issuer_id(credential))
    if "proof" in credential:
        raise MalformedCredential("the credential is signed already", expected="no proof")
    jsonld.to_dataset(credential, loader=loader, refuse_floats=not foreign)


# --- opening --------------------------------------------------------------------------------------------------------


def open_token(
    media_type: str,
    text: str,
    resolver: DidResolver,
    *,
    at: datetime,
    challenge: str | None = None,
    domain: str | None = None,
    loader: ContextLoader = PINNED,
) -> Opened:
    """What is in a token, once it verified.

    :param at: aware instant of verification.
    :param challenge: what the presenter was asked to have signed; :param domain: whom it had to be signed for. With
        them a ``vc+sd-jwt`` must carry a key binding.
    :raises ProofError: the token, its signature or its key binding does not hold
        (:class:`~passport.errors.InvalidSignature`).
    :raises MalformedCredential: what is in it is no credential, or its registered claims contradict it.
    :raises UnsafeJsonLd: it holds something that no context defines.
    :raises UnknownContext: a context is not pinned.
    :raises UnresolvableDid: the document of the signer's DID is not at hand.
    """
    if media_type not in OPENED_HERE:
        raise UsageError("tokens of this kind are not opened here", expected=" or ".join(OPENED_HERE), found=media_type)
    presentation = media_type == VP_JWT
    # 1. A header that we understand.
    presented = sd_jwt.split(text) if media_type == VC_SD_JWT else sd_jwt.Presented(text, ())
    token = jose.parse(
        presented.issuer_token, typ=media_type.removeprefix("application/"), cty="vp" if presentation else "vc"
    )
    payload = token.claims()
    # 2. The key, from the controller's document, 3. and the signature.
    purpose = "authentication" if presentation else "assertionMethod"
    method = resolver.verification_method(_method_url(token.kid, payload, presentation), purpose, at=at)
    jose.verify(token, method.public_key)
    claims = payload
    if media_type == VC_SD_JWT:
        revealed = sd_jwt.reveal(payload, presented.disclosures)
        for place in revealed.places:
            path = pointers.parse(place)
            if path[0] in _NEVER_HIDDEN | _REGISTERED or path == ("credentialSubject",):
                raise ProofError("a disclosure of something that must not be hidden", found=repr(place)[:80])
        claims = revealed.claims
    bound = _check_binding(presented, payload, resolver, at, challenge, domain) if media_type == VC_SD_JWT else False
    # 4. The content.
    if "vc" in claims or "vp" in claims:
        raise MalformedCredential("a vc or vp claim in the token", expected="the credential itself, as VCDM 2.0 has it")
    document = {key: value for key, value in claims.items() if key not in _REGISTERED}
    if "proof" in document:
        raise MalformedCredential("a proof inside an envelope", expected="one way of securing")
    if presentation:
        vcdm.check_presentation(document)
        _check_audience(claims, challenge, domain)
        speaker, subjects = vcdm.holder_id(document), None
    else:
        vcdm.check_credential(document)
        check_related(document)
        jsonld.to_dataset(document, loader=loader)
        speaker, subjects = vcdm.issuer_id(document), [entry.get("id") for entry in vcdm.subjects(document)]
    _check_claims(claims, document, speaker, subjects, at)
    issued = _date(claims, "iat")
    if issued is not None and issued > at + CLOCK_SKEW:
        raise ProofError("the token was made in the future", expected="a time gone by", found=str(claims["iat"])[:40])
    return Opened(document, media_type, method, str(token.header["alg"]), issued, media_type == VC_SD_JWT, bound)


def _method_url(kid: str | None, payload: dict, presentation: bool) -> str:
    """The verification method that ``kid`` means: a DID URL, or a name in the document of issuer or holder."""
    if kid is not None and kid.startswith("did:"):
        return kid
    value = payload.get("holder" if presentation else "issuer")
    did = value.get("id") if isinstance(value, dict) else value
    if not isinstance(did, str) or not did.startswith("did:"):
        raise ProofError("the token does not say whose key it is", expected="a kid that is a DID URL")
    if kid is not None:
        return f"{did}#{kid.removeprefix('#')}"
    if not did.startswith(did_key.PREFIX):
        raise ProofError("the token does not say which key it is", expected="a kid")
    return f"{did}#{did.removeprefix(did_key.PREFIX)}"


def _check_claims(
    claims: Mapping[str, Any], document: dict, speaker: str | None, subjects: list | None, at: datetime
) -> None:
    if "iss" in claims and claims["iss"] != speaker:
        raise MalformedCredential("iss of the token", expected=str(speaker), found=repr(claims["iss"])[:80])
    if "jti" in claims and claims["jti"] != document.get("id"):
        raise MalformedCredential("jti of the token", expected=str(document.get("id")), found=repr(claims["jti"])[:80])
    if subjects is not None and "sub" in claims and claims["sub"] not in subjects:
        raise MalformedCredential("sub of the token", expected="the id of its subject", found=repr(claims["sub"])[:80])
    starts, ends = _date(claims, "nbf"), _date(claims, "exp")
    if starts is not None and at + CLOCK_SKEW < starts:
        raise ProofError("the token does not count yet", expected=f"an instant after {starts:%Y-%m-%dT%H:%M:%SZ}")
    if ends is not None and at >= ends:
        raise ProofError("the token has expired", expected=f"an instant before {ends:%Y-%m-%dT%H:%M:%SZ}")


def _check_audience(claims: Mapping[str, Any], challenge: str | None, domain: str | None) -> None:
    if challenge is not None and claims.get("nonce") != challenge:
        raise ProofError("the token does not answer the challenge", found=repr(claims.get("nonce"))[:80])
    audience = claims.get("aud")
    if domain is not None and domain not in (audience if isinstance(audience, list) else [audience]):
        raise ProofError("the token was made for another domain", expected=domain, found=repr(audience)[:80])


def _check_binding(
    presented: sd_jwt.Presented,
    payload: dict,
    resolver: DidResolver,
    at: datetime,
    challenge: str | None,
    domain: str | None,
) -> bool:
    """RFC 9901, section 7.3."""
    if presented.binding is None:
        if challenge is not None or domain is not None:
            raise ProofError("the token has no key binding", expected="one for this challenge and domain")
        return False
    token = jose.parse(presented.binding, typ="kb+jwt")
    claims = token.claims()
    jose.verify(token, _holder_key(payload, resolver, at))
    expected = sd_jwt.digest_of(presented.bound, payload.get("_sd_alg", "sha-256"))
    if claims.get("sd_hash") != expected:
        raise ProofError("the key binding belongs to another token or to other disclosures")
    if not isinstance(claims.get("nonce"), str) or not isinstance(claims.get("aud"), str):
        raise ProofError("the key binding is made for nobody", expected="a nonce and an audience")
    _check_audience(claims, challenge, domain)
    made = _date(claims, "iat")
    if made is None or made > at + CLOCK_SKEW or (at - made).total_seconds() > BINDING_LIFETIME:
        raise ProofError("the key binding is not of this moment", expected=f"at most {BINDING_LIFETIME} seconds old")
    return True


def _holder_key(payload: dict, resolver: DidResolver, at: datetime) -> PublicKey:
    confirmation = payload.get("cnf")
    if isinstance(confirmation, dict) and isinstance(confirmation.get("kid"), str):
        return resolver.verification_method(confirmation["kid"], "authentication", at=at).public_key
    try:
        return PublicKey.from_jwk(confirmation.get("jwk") if isinstance(confirmation, dict) else None)
    except MalformedKey as error:
        raise ProofError(f"the token names no key of its holder: {error}") from error


def _date(claims: Mapping[str, Any], name: str) -> datetime | None:
    value = claims.get(name)
    if name not in claims:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 253_402_300_800:
        return datetime.fromtimestamp(value, UTC)
    raise ProofError(f"{name} of the token", expected="a number of seconds since 1970", found=repr(value)[:40])
