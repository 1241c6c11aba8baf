"""SD-JWT-based Verifiable Credentials (``dc+sd-jwt``), as far as wallets need them: a kind of credential in the claims
of a JSON Web Token, read as the credential of VC Data Model 2.0 that says the same.

(draft-ietf-oauth-sd-jwt-vc-16; RFC 9901.) A different thing from ``vc+sd-jwt``, whose payload is such a credential.

* A :class:`CredentialKind` ties a ``vct`` to a credential type and its contexts. Of another ``vct``
  nothing is known: it is neither right nor wrong.
* ``iss``, ``jti``, ``nbf`` and ``exp`` are issuer, id and validity; ``sub`` and the claims that are not registered are
  the subject; ``credentialStatus`` is that of the data model, since its bit is the one of the Data Integrity twin.
* Nothing is hidden. A claim that a holder could leave out, such as the packs that a role is limited to, would be
  decided by the holder. A token with a digest in it is refused.

The key is the issuer's: ``kid`` is a DID URL, as in every token here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.issuer import Issuer
from passport.errors import MalformedCredential, ProofError, UnknownProof, UsageError
from passport.identity import PublicKey
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose, sd_jwt
from passport.texts import Message

TYPE = "dc+sd-jwt"
_ENVELOPE = (
    "iss",
    "sub",
    "jti",
    "iat",
    "nbf",
    "exp",
    "vct",
    "cnf",
    "credentialStatus",
    "_sd_alg",
    "status",
    "vct#integrity",
)


@dataclass(frozen=True)
class CredentialKind:
    """:ivar vct: an IRI; :ivar type: of the credential beside ``VerifiableCredential``."""

    vct: str
    type: str
    contexts: tuple[str, ...]


KINDS: dict[str, CredentialKind] = {}


def register(kind: CredentialKind) -> CredentialKind:
    """Let credentials of this kind be read as the credentials that they say."""
    KINDS[kind.vct] = kind
    return kind


def secure_as_sd_jwt_vc(
    credential: JsonObject, kind: CredentialKind, issuer: Issuer, *, holder_key: PublicKey, at: datetime
) -> str:
    """``credential`` as a ``dc+sd-jwt`` bound to its holder's key.

    :param credential: of ``kind``, unsigned, with an id, a subject and a validity in whole seconds.
    :param at: when it is signed.
    :raises UsageError: it is of another kind or issuer.
    """
    if vcdm.types(credential)[1:] != (kind.type,) or vcdm.issuer_id(credential) != issuer.id:
        raise UsageError(Message("a credential of another kind or issuer"), expected=kind.type)
    starts, ends = vcdm.valid_from(credential), vcdm.valid_until(credential)
    subject = dict(credential["credentialSubject"])
    claims: JsonObject = {
        "iss": issuer.id,
        "jti": credential["id"],
        "sub": subject.pop("id"),
        "iat": int(at.timestamp()),
        **({} if starts is None else {"nbf": int(starts.timestamp())}),
        **({} if ends is None else {"exp": int(ends.timestamp())}),
        "vct": kind.vct,
        "cnf": {"jwk": holder_key.jwk},
        **{name: credential[name] for name in ("credentialStatus",) if name in credential},
        **subject,
    }
    if read_as_credential(claims) != {name: value for name, value in credential.items() if name != "proof"}:
        raise UsageError(Message("the credential says more than a token of its kind"), expected=kind.type)
    return str(sd_jwt.Presented(jose.sign(claims, issuer.signer, typ=TYPE), ()))


def read_as_credential(claims: Mapping[str, Any]) -> JsonObject:
    """The credential of VC Data Model 2.0 that says what a payload says.

    :raises UnknownProof: its ``vct`` is not known here.
    :raises ProofError: part of it may be hidden.
    :raises MalformedCredential: a registered claim is malformed.
    """
    vct = claims.get("vct")
    kind = KINDS.get(vct) if isinstance(vct, str) else None
    if kind is None:
        raise UnknownProof(Message("a kind of credential that is not known here"), found=repr(vct)[:100])
    _refuse_digests(claims)
    starts = claims.get("nbf", claims.get("iat"))
    return {
        "@context": list(kind.contexts),
        **({"id": claims["jti"]} if "jti" in claims else {}),
        "type": [vcdm.VERIFIABLE_CREDENTIAL, kind.type],
        "issuer": claims.get("iss"),
        **({} if starts is None else {"validFrom": _date_time(starts)}),
        **({"validUntil": _date_time(claims["exp"])} if "exp" in claims else {}),
        **({"credentialStatus": claims["credentialStatus"]} if "credentialStatus" in claims else {}),
        "credentialSubject": {
            **({"id": claims["sub"]} if "sub" in claims else {}),
            **{name: value for name, value in claims.items() if name not in _ENVELOPE},
        },
    }


def _date_time(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 253_402_300_800:
        return vcdm.date_time(datetime.fromtimestamp(value, UTC))
    raise MalformedCredential(Message("a time of the token"), expected=Message("whole seconds since 1970"))


def _refuse_digests(root: Any) -> None:
    pending = [root]
    while pending:
        value = pending.pop()
        if isinstance(value, Mapping):
            if "_sd" in value or "..." in value:
                raise ProofError(Message("a token of which parts may be left out"), expected=Message("all of it shown"))
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
