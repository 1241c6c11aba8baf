"""A supplier's part of a record, signed by the supplier for one request.

The form is that of data that a connector hands over (:mod:`passport.connector.data.sealed_data`): a JWS of the provider
with the kind, the content, the receiver and the instant. Instead of an agreement it names the request that it answers,
so that a part for one pack does not pass for another. A supplier that the receiver's trust list does not name encloses
a credential about itself.

    part_request = {"request": "3f…", "audience": "did:web:maker.example", "indicators": ["ratedCapacity"]}
    text = sign_part({"ratedCapacity": "120"}, part_request, supplier, signer, at=now)
    open_part(text, "3f…", "did:web:maker.example", dids, at=now).content
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from passport.connector.data.data_offer import DataKind
from passport.connector.data.sealed_data import SIGNED, signed_data
from passport.errors import MalformedDocument, ProofError, UsageError
from passport.identity.did import DidResolver
from passport.identity.signer import Signer
from passport.linked_data.json_types import JsonObject
from passport.proofs import jose
from passport.texts import Message

#: Characters of a signed part, and how far the supplier's clock may be ahead.
MAX_LENGTH, _SKEW = 2_000_000, timedelta(minutes=5)


@dataclass(frozen=True)
class SignedPart:
    """A part whose signature holds.

    :ivar provider: DID of the supplier; :ivar at: instant of signing.
    :ivar credential: about the supplier, enclosed by it and not verified; None where it encloses none.
    """

    provider: str
    content: JsonObject
    at: datetime
    credential: JsonObject | None
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of what the supplier signed, in hex."""
        return sha256(self.text.encode()).hexdigest()


def sign_part(
    content: JsonObject, part_request: Mapping[str, Any], provider: str, signer: Signer, *, at: datetime,
    credential: JsonObject | None = None,
) -> str:  # fmt: skip
    """The part, signed for a request.

    :param part_request: as the maker's page gives it: ``request``, ``audience``, ``indicators``.
    :param credential: about the supplier, where the maker's trust list does not name it.
    :raises MalformedDocument: that is no request.
    :raises UsageError: the part holds what was not asked for, or nothing.
    """
    named = part_request.get("indicators")
    members = ("request", "audience", "indicators")
    texts = [part_request.get(name) for name in members[:2]]
    if not all(isinstance(text, str) for text in texts) or not isinstance(named, list):
        raise MalformedDocument(
            Message("a request for a part"),
            expected=Message("an object with {names}", names=", ".join(members)),
        )
    if unknown := sorted(set(content) - set(map(str, named))):
        raise UsageError(Message("the part holds what was not asked for"), found=unknown[0][:80])
    if not content:
        raise UsageError(Message("the part is empty"))
    payload = {
        "iss": provider, "aud": texts[1], "iat": int(at.timestamp()), "request": texts[0],
        "kind": DataKind.RECORD_PART.value, "content": content,
        **({} if credential is None else {"credential": credential}),
    }  # fmt: skip
    return jose.sign(payload, signer, typ=SIGNED)


def open_part(text: str, request_id: str, audience: str, dids: DidResolver, *, at: datetime) -> SignedPart:
    """The part that a supplier signed for a request of ours.

    :param dids: of suppliers, besides those that are computed from their keys.
    :raises PassportError: the signature is not that of the supplier it names, or the part is for another request or
        receiver, or of another time.
    """
    if len(text) > MAX_LENGTH:
        raise MalformedDocument(
            Message("a signed part"), expected=Message("at most {count} characters", count=MAX_LENGTH)
        )
    provider = str((jose.parse(text, typ=SIGNED).kid or "").partition("#")[0])
    payload = signed_data(text, provider, dids, at=at)
    expected = {"iss": provider, "aud": audience, "request": request_id, "kind": DataKind.RECORD_PART.value}
    wrong = [name for name, value in expected.items() if payload.get(name) != value]
    content, credential, made = (payload.get(name) for name in ("content", "credential", "iat"))
    if wrong or not isinstance(content, dict) or not isinstance(credential, dict | None):
        raise ProofError(Message("the part is for another request or company"), found=", ".join(wrong) or "content")
    if not isinstance(made, int) or isinstance(made, bool) or not 0 <= made <= (at + _SKEW).timestamp():
        raise ProofError(Message("the part was signed at another time"), found=str(made)[:40])
    return SignedPart(provider, content, datetime.fromtimestamp(made, UTC), credential, text)
