"""Putting credentials and presentations into envelopes: the issuer's side, and the holder's.

    token = secure(credential, issuer)                          # vc+jwt
    message = secure_as_cose(credential, issuer)                # vc+cose
    token = secure_selectively(credential, issuer, hidden)      # vc+sd-jwt, for the holder to disclose and bind
    secure_presentation(credentials, holder, …)                 # vp+jwt; …_as_cose, …_selectively likewise

What no verifier takes is not signed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from passport.credentials import credential as vcdm
from passport.credentials.checks.related import check_related
from passport.credentials.envelopes.envelope import VC_COSE, VC_SD_JWT, VP_COSE, VP_SD_JWT, may_be_hidden
from passport.credentials.issuer import Issuer
from passport.errors import MalformedCredential, UsageError
from passport.identity import PublicKey, Signer
from passport.linked_data import jsonld
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.proofs import cose, jose, pointers, sd_jwt
from passport.texts import Message


def secure(credential: JsonObject, issuer: Issuer, *, foreign: bool = False, loader: ContextLoader = PINNED) -> str:
    """``credential`` as a ``vc+jwt``.

    :param foreign: take fractions as JSON numbers too, for documents that others designed; the token covers the JSON.
    :raises MalformedCredential: not VCDM 2.0, of another issuer, or signed already.
    :raises UnsafeJsonLd: a term that no context defines, or another thing that a reader of the graph would not see.
    """
    _check_to_sign(credential, issuer, loader, foreign)
    return jose.sign(credential, issuer.signer, typ="vc+jwt", cty="vc")


def secure_as_cose(
    credential: JsonObject, issuer: Issuer, *, foreign: bool = False, loader: ContextLoader = PINNED
) -> bytes:
    """``credential`` as a ``vc+cose``; parameters and errors as :func:`secure`."""
    _check_to_sign(credential, issuer, loader, foreign)
    return cose.sign(credential, issuer.signer, typ=VC_COSE, content_type="application/vc")


def secure_selectively(
    credential: JsonObject,
    issuer: Issuer,
    hidden: Sequence[str],
    *,
    holder_key: PublicKey | None = None,
    decoys: int = 0,
    loader: ContextLoader = PINNED,
) -> str:
    """``credential`` as a ``vc+sd-jwt`` with all its disclosures, for its holder.

    :param hidden: RFC 6901 pointers to what the holder may leave out.
    :param holder_key: the key that can show it; without one, every bearer of the token can.
    :raises UsageError: a pointer names nothing, or something that a verifier decides by.
    :raises MalformedCredential: as :func:`secure`.
    """
    _check_to_sign(credential, issuer, loader)
    _check_hidden(hidden, VC_SD_JWT)
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

    :param challenge: the verifier's challenge; :param domain: the verifier that it is signed for.
    """
    presented = sd_jwt.split(token)
    if presented.binding is not None:
        raise UsageError(Message("the token has a key binding already"), expected=Message("one that ends with a tilde"))
    payload = jose.parse(presented.issuer_token, typ="vc+sd-jwt", cty="vc").claims()
    return _bound(presented, payload, holder, challenge, domain, at)


def _bound(
    presented: sd_jwt.Presented, payload: JsonObject, holder: Signer, challenge: str, domain: str, at: datetime
) -> str:
    claims = {
        "iat": int(at.timestamp()),
        "aud": domain,
        "nonce": challenge,
        "sd_hash": sd_jwt.digest_of(presented.bound, payload.get("_sd_alg", "sha-256")),
    }
    return f"{presented}{jose.sign(claims, holder, typ='kb+jwt')}"


def secure_presentation(
    credentials: Sequence[JsonObject], holder: Issuer, *, challenge: str, domain: str, at: datetime
) -> str:
    """A ``vp+jwt`` of ``credentials``, enveloped ones among them, for one verifier and one occasion.

    :raises UsageError: challenge or domain are empty.
    """
    claims = _presentation(credentials, holder, challenge, domain)
    claims |= {"iat": int(at.timestamp()), "aud": domain, "nonce": challenge}
    return jose.sign(claims, holder.signer, typ="vp+jwt", cty="vp")


def secure_presentation_as_cose(
    credentials: Sequence[JsonObject], holder: Issuer, *, challenge: str, domain: str, at: datetime
) -> bytes:
    """A ``vp+cose`` of ``credentials``; parameters and errors as :func:`secure_presentation`."""
    document = _presentation(credentials, holder, challenge, domain)
    claims = {"aud": domain, "iat": int(at.timestamp()), "nonce": challenge}
    return cose.sign(document, holder.signer, typ=VP_COSE, content_type="application/vp", claims=claims)


def secure_presentation_selectively(
    credentials: Sequence[JsonObject],
    holder: Issuer,
    hidden: Sequence[str] = (),
    *,
    challenge: str,
    domain: str,
    at: datetime,
) -> str:
    """A ``vp+sd-jwt`` of ``credentials`` with a key binding for one verifier and one occasion.

    :param hidden: RFC 6901 pointers to what is signed and not shown this time, such as ``/verifiableCredential/1``.
    :raises UsageError: challenge or domain are empty, or a pointer names nothing, or something always shown.
    """
    document = _presentation(credentials, holder, challenge, domain)
    _check_hidden(hidden, VP_SD_JWT)
    claims = {**document, "iat": int(at.timestamp()), "cnf": {"jwk": holder.signer.public_key.jwk}}
    payload, _ = sd_jwt.conceal(claims, hidden)
    presented = sd_jwt.Presented(jose.sign(payload, holder.signer, typ="vp+sd-jwt", cty="vp"), ())
    return _bound(presented, payload, holder.signer, challenge, domain, at)


def _presentation(credentials: Sequence[JsonObject], holder: Issuer, challenge: str, domain: str) -> JsonObject:
    if not challenge or not domain:
        raise UsageError(
            Message("a presentation is signed for one verifier"), expected=Message("a challenge and a domain")
        )
    document = {
        "@context": [vcdm.CREDENTIALS_V2],
        "type": [vcdm.VERIFIABLE_PRESENTATION],
        "holder": holder.id,
        "verifiableCredential": list(credentials),
    }
    vcdm.check_presentation(document)
    return document


def _check_hidden(hidden: Sequence[str], media_type: str) -> None:
    for pointer in hidden:
        if not may_be_hidden(pointers.parse(pointer), media_type):
            raise UsageError(
                Message("this cannot be hidden"),
                expected=Message("something that no verifier decides by"),
                found=pointer,
            )


def _check_to_sign(credential: JsonObject, issuer: Issuer, loader: ContextLoader, foreign: bool = False) -> None:
    vcdm.check_credential(credential)
    check_related(credential)
    if vcdm.issuer_id(credential) != issuer.id:
        raise MalformedCredential("issuer", expected=issuer.id, found=vcdm.issuer_id(credential))
    if "proof" in credential:
        raise MalformedCredential(Message("the credential is signed already"), expected=Message("no proof"))
    jsonld.to_dataset(credential, loader=loader, refuse_floats=not foreign)
