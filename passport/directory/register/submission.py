"""Handing in to a register: the token that proves who does, the body, the receipt. Pure but for the signatures.

* The body is JSON: one entry, or ``{"entries": [{"idempotencyKey": …, "entry": {…}}, …]}``, at most :data:`BATCH`.
* The token is a compact JWS by the operator: ``iss`` its DID, ``aud`` the register's address, ``digest`` of the body,
  not older than :data:`LIFETIME`. It is bound to this body and this register, so it is of no use elsewhere; sent again,
  it does nothing new, since each entry has an idempotency key.
* The receipt is a compact JWS by the register: which entry, by its digest, in which state, since when.

The key comes from the DID document that the trust list pins; ``kid`` says which of its methods is meant.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from passport.credentials.digests import digest_of
from passport.errors import AccessDenied, MalformedDocument, PassportError, ProofError
from passport.identity.did import DidResolver
from passport.identity.signer import Signer
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.texts import Message

TOKEN_TYPE = "dpp-registration+jwt"  # noqa: S105  a kind of token
RECEIPT_TYPE = "dpp-registration-receipt+jwt"
LIFETIME = timedelta(minutes=10)
SKEW = timedelta(minutes=2)
#: Entries of one request, and bytes of it.
BATCH = 500
MAX_BODY = 2_000_000
MAX_KEY = 200


def submission_token(signer: Signer, issuer: str, register: str, body: bytes, at: datetime) -> str:
    """A token for one request. :param register: its address."""
    claims = {
        "iss": issuer,
        "aud": register,
        "iat": int(at.timestamp()),
        "exp": int((at + LIFETIME).timestamp()),
        "jti": secrets.token_urlsafe(16),
        "digest": digest_of(body),
    }
    return jose.sign(claims, signer, typ=TOKEN_TYPE)


def sender_of(token: str, body: bytes, register: str, resolver: DidResolver, at: datetime) -> str:
    """The DID of who signed a request.

    :param resolver: the DID documents of those who may register.
    :raises AccessDenied: the token is none, of another body, for another register, too old, or of a key that is not
        its issuer's.
    """
    try:
        parsed = jose.parse(token, typ=TOKEN_TYPE)
        claims = parsed.claims()
        issuer, method = claims.get("iss"), parsed.kid
        if not isinstance(issuer, str) or not isinstance(method, str) or method.partition("#")[0] != issuer:
            raise ProofError(Message("the token does not name a key of its issuer"))
        jose.verify(parsed, resolver.verification_method(method, "authentication", at=at).public_key)
    except PassportError as error:
        raise AccessDenied(Message("the token of the request does not count"), found=str(error)[:200]) from error
    times = [claims.get("iat"), claims.get("exp")]
    if not all(map(_is_number, times)):
        raise AccessDenied(Message("the token of the request has no time"))
    starts_at, ends_at = (datetime.fromtimestamp(int(str(each)), UTC) for each in times)
    if not starts_at - SKEW <= at <= ends_at + SKEW or ends_at - starts_at > LIFETIME:
        raise AccessDenied(Message("the token of the request is past its time"))
    if claims.get("aud") != register:
        raise AccessDenied(
            Message("the token is for another register"), expected=register, found=repr(claims.get("aud"))[:120]
        )
    if claims.get("digest") != digest_of(body):
        raise AccessDenied(Message("the token is of another request"))
    return issuer


def _is_number(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**40


@dataclass(frozen=True)
class KeyedEntry:
    """One entry of a request as it came. :ivar document: JSON, not looked into yet."""

    key: str
    document: Any


def entries_in(body: bytes, key: str | None) -> tuple[KeyedEntry, ...]:
    """The entries of a request, each with its idempotency key.

    :param key: the ``Idempotency-Key`` of a request with one entry; None for one with several.
    :raises MalformedDocument: the body is none of the two forms, or a key is missing or too long.
    """
    document = strict_json.loads(body, max_bytes=MAX_BODY)
    if key is not None:
        return (KeyedEntry(_key(key), document),)
    entries = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(entries, list) or set(document) != {"entries"} or not 1 <= len(entries) <= BATCH:
        raise MalformedDocument(
            Message("the body of the request"), expected=Message("1 to {count} entries", count=BATCH)
        )  # fmt: skip
    keyed = []
    for each in entries:
        if not isinstance(each, dict) or set(each) != {"idempotencyKey", "entry"}:
            raise MalformedDocument(Message("an entry of the request"), expected=Message("idempotencyKey and entry"))
        keyed.append(KeyedEntry(_key(each["idempotencyKey"]), each["entry"]))
    return tuple(keyed)


def _key(value: Any) -> str:
    if not isinstance(value, str) or not 8 <= len(value) <= MAX_KEY or not value.isascii() or not value.isprintable():
        raise MalformedDocument(
            Message("the idempotency key"),
            expected=Message("{least} to {most} printable characters", least=8, most=MAX_KEY),
        )
    return value


# --- receipts ---------------------------------------------------------------------------------------------------------


def sign_receipt(signer: Signer, issuer: str, claims: JsonObject, at: datetime) -> str:
    """A receipt of the register. :param claims: what it says, besides ``iss`` and ``iat``."""
    return jose.sign({"iss": issuer, "iat": int(at.timestamp()), **claims}, signer, typ=RECEIPT_TYPE)


def read_receipt(receipt: str, register: str, resolver: DidResolver, at: datetime) -> JsonObject:
    """What a receipt says.

    :param register: DID of the register that must have signed it.
    :raises ProofError: it is none, or of another.
    """
    parsed = jose.parse(receipt, typ=RECEIPT_TYPE)
    claims = parsed.claims()
    if claims.get("iss") != register or not isinstance(parsed.kid, str) or parsed.kid.partition("#")[0] != register:
        raise ProofError(Message("the receipt is of another register"), expected=register)
    jose.verify(parsed, resolver.verification_method(parsed.kid, "assertionMethod", at=at).public_key)
    return claims


__all__ = [
    "BATCH", "MAX_BODY", "KeyedEntry", "entries_in", "read_receipt", "sender_of", "sign_receipt",
    "submission_token",
]  # fmt: skip
