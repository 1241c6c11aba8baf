"""Data as it is handed over: signed by the provider, encrypted to the consumer, bound to the agreement.

1. The content is what the provider's store holds: signed credentials, or a supplier's part of a record.
2. A JWS of the provider holds it, with the agreement, its digest, the transfer, the receiver and the instant. So the
   receiver can show later what it was given and under which terms.
3. A JWE (ECDH-ES with A256GCM) to the key agreement key in the consumer's DID document holds that. Whoever is in
   between, also inside TLS, reads nothing, and changes nothing unnoticed.

The token with which data is pulled is a JWS of the provider to itself: for one transfer, one consumer, until an
instant at or before the end of the agreement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from passport.connector.agreements import agreement_digest, end_of
from passport.connector.exchange_process import ExchangeProcess
from passport.errors import AccessDenied, PassportError, ProofError, RefusedUsage
from passport.identity import jwe
from passport.identity.did import DidResolver
from passport.identity.keys import PrivateKey, PublicKey
from passport.identity.signer import Signer
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.texts import Message

#: Type of a JWS over data that is handed over.
SIGNED = "exchange-data+jws"
_TOKEN, _SEALED = "exchange-token+jwt", "exchange-data+jwe"
#: Longest that one token is good; the consumer may start the transfer anew under the same agreement.
TOKEN_LIFETIME = timedelta(days=1)


@dataclass(frozen=True)
class PulledData:
    """Data that was handed over, decrypted and verified.

    :ivar kind: as in :class:`~passport.connector.data.data_offer.DataKind`; :ivar content: the data.
    :ivar agreement: identifier of the agreement; :ivar signed: the provider's JWS over all of it, to be kept.
    """

    kind: str
    content: JsonObject
    agreement: str
    provider: str
    at: datetime
    signed: str = field(repr=False)

    @property
    def digest(self) -> str:
        """SHA-256 of what the provider signed, in hex: both sides log it."""
        return sha256(self.signed.encode()).hexdigest()


def access_token(process: ExchangeProcess, signer: Signer, *, at: datetime) -> str:
    """A token for the consumer of a transfer.

    :raises RefusedUsage: the agreement has ended, or its terms are not understood.
    """
    agreement = process.agreement or {}
    end = end_of(agreement)
    until = at + TOKEN_LIFETIME if end is None else min(end, at + TOKEN_LIFETIME)
    if at >= until:
        raise RefusedUsage(Message("the agreement has ended"), found=str(end))
    claims = {
        "transfer": process.pid, "sub": process.peer, "agreement": process.agreement_id,
        "agreementDigest": agreement_digest(agreement), "exp": until.timestamp(),
    }  # fmt: skip
    return jose.sign(claims, signer, typ=_TOKEN)


def check_access(text: str | None, process: ExchangeProcess, key: PublicKey, *, at: datetime) -> None:
    """Return if a token gives access to the data of this transfer now.

    :raises AccessDenied: it does not.
    """
    try:
        token = jose.parse(text, typ=_TOKEN)
        jose.verify(token, key)
        claims = token.claims()
    except PassportError as error:
        raise _denied() from error
    stated = (claims.get("transfer"), claims.get("sub"), claims.get("agreementDigest"))
    right = (process.pid, process.peer, agreement_digest(process.agreement or {}))
    end = claims.get("exp")
    if stated != right or not isinstance(end, float | int) or at.timestamp() >= end:
        raise _denied()


def seal(
    kind: str, content: JsonObject, process: ExchangeProcess, provider: str, signer: Signer,
    recipient: tuple[str, PublicKey], *, at: datetime,
) -> tuple[str, str]:  # fmt: skip
    """Content for the consumer of a transfer.

    :param recipient: name and key of the consumer's key agreement key.
    :returns: the JWE, and the SHA-256 of the JWS in it, in hex.
    """
    payload = {
        "iss": provider, "aud": process.peer, "iat": int(at.timestamp()), "transfer": process.consumer_pid,
        "agreement": process.agreement_id, "agreementDigest": agreement_digest(process.agreement or {}),
        "kind": kind, "content": content,
    }  # fmt: skip
    signed = jose.sign(payload, signer, typ=SIGNED)
    url, key = recipient
    return jwe.encrypt(signed.encode("ascii"), key, typ=_SEALED, kid=url), sha256(signed.encode()).hexdigest()


def unseal(
    text: str, key: PrivateKey, process: ExchangeProcess, consumer: str, document: Mapping[str, Any], *, at: datetime
) -> PulledData:
    """What a provider handed over in a transfer of ours.

    :param key: our key agreement key; :param document: the provider's DID document.
    :raises PassportError: it is not for us, was changed, is of another agreement or transfer, or not the provider's.
    """
    signed = jwe.decrypt(text, key, typ=_SEALED).decode("ascii", "replace")
    payload = signed_data(signed, process.peer, DidResolver({process.peer: dict(document)}), at=at)
    expected = {
        "iss": process.peer, "aud": consumer, "transfer": process.consumer_pid, "agreement": process.agreement_id,
        "agreementDigest": agreement_digest(process.agreement or {}),
    }  # fmt: skip
    wrong = [name for name, value in expected.items() if payload.get(name) != value]
    if wrong or not isinstance(payload.get("content"), dict):
        raise ProofError(Message("the data is of another transfer or agreement"), found=", ".join(wrong) or "content")
    return PulledData(str(payload.get("kind")), payload["content"], str(process.agreement_id), process.peer, at, signed)


def signed_data(text: str, provider: str, resolver: DidResolver, *, at: datetime) -> JsonObject:
    """What a provider signed when it handed data over: content, agreement, receiver, instant.

    :raises PassportError: it is not signed by this provider.
    """
    token = jose.parse(text, typ=SIGNED)
    url = token.kid or ""
    if url.partition("#")[0] != provider:
        raise ProofError(Message("the data is signed by another company"), expected=provider, found=url[:120])
    jose.verify(token, resolver.verification_method(url, "assertionMethod", at=at).public_key)
    payload = strict_json.loads(token.payload, max_bytes=jwe.MAX_LENGTH)
    if not isinstance(payload, dict):
        raise ProofError(Message("the payload of the token is not a JSON object"), found=type(payload).__name__)
    return payload


def _denied() -> AccessDenied:
    return AccessDenied(Message("no access to this data"))
