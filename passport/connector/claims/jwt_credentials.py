"""Credentials and presentations as JWT, in the two profiles of the Decentralized Claims Protocol.

* ``vc20-bssl/jwt``: VCDM 2.0 as ``vc+jwt``, the payload is the credential; presented as ``vp+jwt`` with enveloped
  credentials. Ours.
* ``vc11-sl2021/jwt``: VCDM 1.1 in the claim ``vc`` of a JWT, presented in the claim ``vp``. Taken from others, and
  presented as it came.

A presentation is of one profile: credentials of the two go into two presentations.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from passport.credentials.credential import CREDENTIALS_V2
from passport.errors import MalformedCredential, ProofError
from passport.identity.did import DidResolver
from passport.identity.signer import Signer
from passport.linked_data.json_types import JsonObject, as_list
from passport.proofs import jose
from passport.texts import Message

V20: Final = "vc20-bssl/jwt"
V11: Final = "vc11-sl2021/jwt"
#: Names of the two in messages, the profile's own and those of older implementations.
FORMATS: Mapping[str, str] = {V20: V20, "VC2_0_JOSE": V20, V11: V11, "VC1_0_JWT": V11, "VC1_1_JWT": V11}
_V1 = "https://www.w3.org/2018/credentials/v1"
_ENVELOPE = "data:application/vc+jwt,"
#: Lifetime of a presentation.
_PRESENTED = timedelta(minutes=5)
#: Terms of membership that no context defines.
_UNDEFINED = "https://www.w3.org/ns/credentials/undefined-terms/v2"
_MAX_CREDENTIALS = 30


@dataclass(frozen=True)
class JwtCredential:
    """A credential whose signature and time were checked.

    :ivar types: without ``VerifiableCredential``.
    :ivar subject: DID of the company that it is about; :ivar claims: what it says of it.
    :ivar status: its status entries, not looked up.
    """

    id: str | None
    types: tuple[str, ...]
    issuer: str
    subject: str
    claims: JsonObject = field(repr=False)
    status: tuple[JsonObject, ...] = ()
    valid_until: datetime | None = None
    text: str = field(default="", repr=False)


def open_credential(text: Any, profile: str, resolver: DidResolver, *, at: datetime) -> JwtCredential:
    """A credential, once it verified.

    :raises PassportError: its signature, form or time does not hold, its issuer's document is not at hand, or it names
        a schema, which is not fetched.
    """
    token = jose.parse(text, typ="vc+jwt" if profile == V20 else "jwt", **({"cty": "vc"} if profile == V20 else {}))
    payload = token.claims()
    document = payload if profile == V20 else payload.get("vc")
    if not isinstance(document, dict):
        raise _malformed("vc")
    issuer = document.get("issuer", payload.get("iss"))
    issuer = issuer.get("id") if isinstance(issuer, dict) else issuer
    if not isinstance(issuer, str) or payload.get("iss", issuer) != issuer:
        raise _malformed("issuer")
    _verify(token, issuer, "assertionMethod", resolver, at)
    subjects = as_list(document.get("credentialSubject"))
    if len(subjects) != 1 or not isinstance(subjects[0], dict) or not isinstance(subjects[0].get("id"), str):
        raise _malformed("credentialSubject")
    types = as_list(document.get("type"))
    if not all(isinstance(each, str) for each in types):
        raise _malformed("type")
    if document.get("credentialSchema") or document.get("termsOfUse"):
        # What it demands cannot be checked here, so it is not known whether it holds.
        raise _malformed("credentialSchema, termsOfUse")
    status = tuple(as_list(document.get("credentialStatus")))
    if not all(isinstance(each, dict) for each in status):
        raise _malformed("credentialStatus")
    until = _within(document, payload, at)
    named = tuple(each for each in types if each != "VerifiableCredential")
    id_ = document.get("id")
    return JwtCredential(
        id_ if isinstance(id_, str) else None, named, issuer, subjects[0]["id"], subjects[0], status, until, text
    )


def open_presentation(
    text: Any, resolver: DidResolver, *, holder: str, audience: str, at: datetime
) -> list[tuple[str, str]]:
    """The credentials in a presentation, unopened, each with its profile, once the presentation verified.

    :param holder: who has to have signed it; :param audience: for whom.
    :raises PassportError: it does not verify.
    """
    try:
        token, profile = jose.parse(text, typ="vp+jwt", cty="vp"), V20
    except ProofError:
        token, profile = jose.parse(text, typ="jwt"), V11
    payload = token.claims()
    if payload.get("iss", holder) != holder or payload.get("aud") not in (audience, [audience]):
        raise _malformed("iss, aud")
    _verify(token, holder, "authentication", resolver, at)
    _within({}, payload, at)
    presentation = payload if profile == V20 else payload.get("vp")
    if not isinstance(presentation, dict) or presentation.get("holder", holder) != holder:
        raise _malformed("holder")
    entries = as_list(presentation.get("verifiableCredential"))
    if len(entries) > _MAX_CREDENTIALS:
        raise _malformed("verifiableCredential")
    return [(_enveloped(entry) if profile == V20 else entry, profile) for entry in entries]


def sign_membership(
    signer: Signer, issuer: str, holder: str, type_: str, claims: Mapping[str, Any], *, at: datetime,
    until: datetime, profile: str = V20, status: Sequence[JsonObject] = (),
) -> str:  # fmt: skip
    """A credential of membership or of a role, about another company.

    :param claims: such as ``{"memberOf": …, "roles": […], "country": "DE"}``; :param status: its status entries.
    """
    subject = {"id": holder, **claims}
    extra = {"credentialStatus": list(status)} if status else {}
    id_ = f"urn:uuid:{uuid.uuid4()}"
    types = ["VerifiableCredential", type_]
    if profile == V20:
        credential = {
            "@context": [CREDENTIALS_V2, _UNDEFINED], "id": id_, "type": types, "issuer": issuer,
            "validFrom": _written(at), "validUntil": _written(until), "credentialSubject": subject, **extra,
        }  # fmt: skip
        return jose.sign(credential, signer, typ="vc+jwt", cty="vc")
    document = {
        "@context": [_V1], "id": id_, "type": types, "issuer": issuer, "issuanceDate": _written(at),
        "expirationDate": _written(until), "credentialSubject": subject, **extra,
    }  # fmt: skip
    claims_of_token = {
        "iss": issuer, "sub": holder, "jti": id_, "nbf": int(at.timestamp()), "iat": int(at.timestamp()),
        "exp": int(until.timestamp()), "vc": document,
    }  # fmt: skip
    return jose.sign(claims_of_token, signer, typ="JWT")


def present(
    credentials: Iterable[tuple[str, str]], signer: Signer, holder: str, audience: str, *, at: datetime
) -> list[str]:
    """Signed presentations of credentials, one a profile; an empty one where there are none.

    :param credentials: text and profile of each.
    """
    by_profile: dict[str, list[str]] = {}
    for text, profile in credentials:
        by_profile.setdefault(profile, []).append(text)
    return [_presented(texts, profile, signer, holder, audience, at) for profile, texts in by_profile.items()]


def _presented(texts: Sequence[str], profile: str, signer: Signer, holder: str, audience: str, at: datetime) -> str:
    times = {"nbf": int(at.timestamp()), "iat": int(at.timestamp()), "exp": int((at + _PRESENTED).timestamp())}
    named = {"iss": holder, "aud": audience, "jti": str(uuid.uuid4()), **times}
    if profile == V11:
        presentation = {"@context": [_V1], "type": ["VerifiablePresentation"], "verifiableCredential": list(texts)}
        return jose.sign({**named, "sub": holder, "vp": presentation}, signer, typ="JWT")
    enveloped = [
        {"@context": CREDENTIALS_V2, "type": "EnvelopedVerifiableCredential", "id": f"{_ENVELOPE}{text}"}
        for text in texts
    ]
    members = {
        "@context": [CREDENTIALS_V2], "type": ["VerifiablePresentation"], "holder": holder,
        "verifiableCredential": enveloped,
    }  # fmt: skip
    return jose.sign({**members, **named}, signer, typ="vp+jwt", cty="vp")


def _enveloped(entry: Any) -> str:
    id_ = entry.get("id") if isinstance(entry, dict) else None
    if not isinstance(id_, str) or not id_.startswith(_ENVELOPE):
        raise _malformed("verifiableCredential")
    return id_.removeprefix(_ENVELOPE)


def _verify(token: jose.Token, controller: str, purpose: str, resolver: DidResolver, at: datetime) -> None:
    url = token.kid or ""
    url = url if url.startswith("did:") else f"{controller}#{url.removeprefix('#')}"
    if url.partition("#")[0] != controller:
        raise ProofError(Message("the token is signed with another's key"), expected=controller, found=url[:120])
    jose.verify(token, resolver.verification_method(url, purpose, at=at).public_key)


def _within(document: Mapping[str, Any], payload: Mapping[str, Any], at: datetime) -> datetime | None:
    """The end of a credential that is in force now; of several ends the first."""
    begins = [_instant(document[name]) for name in ("validFrom", "issuanceDate") if document.get(name)]
    ends = [_instant(document[name]) for name in ("validUntil", "expirationDate") if document.get(name)]
    begins += [_seconds(payload[name], at) for name in ("nbf", "iat") if name in payload]
    ends += [_seconds(payload["exp"], at)] if "exp" in payload else []
    skew = timedelta(seconds=10)
    if any(at + skew < begin for begin in begins):
        raise MalformedCredential(Message("the credential is not in force yet"))
    if any(at >= end for end in ends):
        raise MalformedCredential(Message("the credential has expired"))
    return min(ends, default=None)


def _instant(text: Any) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        raise _malformed("validFrom, validUntil") from None
    if instant.tzinfo is None:
        raise _malformed("validFrom, validUntil")
    return instant


def _seconds(value: Any, at: datetime) -> datetime:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e11:
        raise _malformed("nbf, iat, exp")
    return datetime.fromtimestamp(value, at.tzinfo)


def _written(instant: datetime) -> str:
    return instant.isoformat(timespec="seconds").replace("+00:00", "Z")


def _malformed(name: str) -> MalformedCredential:
    return MalformedCredential(Message("{name} of the credential or presentation is wrong", name=name))
