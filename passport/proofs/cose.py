"""COSE signatures with nothing to negotiate: COSE_Sign1 with ES256, ES384, ES512 and EdDSA (RFC 9052, RFC 9053).

The rules are those of :mod:`passport.proofs.jose`, in binary form:

* The key comes from the caller, who took it from the signer's DID document. ``kid`` says only which method of that
  document is meant, so it may be outside of what is signed. ``x5chain`` and ``x5t`` are not read.
* The algorithm is in the protected header and has to be the key's own.
* ``typ`` (RFC 9596) is required and compared; a content type, where there is one, too.
* ``crit``, ``x5u`` and initialisation vectors are refused, and so is a meaning given outside of what is signed.
* The payload is inside. Registered claims (audience, expiry) are in the protected header (RFC 9597).

The bytes are read by :mod:`passport.proofs.cbor` and signatures checked by ``cryptography``. No COSE library takes
part: those at hand decode a stranger's CBOR in full before anybody can object, and bring along HPKE or a second
implementation of elliptic curves. What is needed of COSE is one structure of four fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from passport.errors import MalformedDocument, ProofError
from passport.identity import Algorithm, PublicKey, Signer
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.proofs import cbor
from passport.texts import Message

ALGORITHMS: Mapping[Algorithm, int] = {
    Algorithm.P256: -7,
    Algorithm.P384: -35,
    Algorithm.P521: -36,
    Algorithm.ED25519: -8,
}
NAMES: Mapping[int, str] = {-7: "ES256", -35: "ES384", -36: "ES512", -8: "EdDSA"}
MAX_LENGTH = 6_000_000

ALG, CRIT, CONTENT_TYPE, KID, IV, PARTIAL_IV, CWT_CLAIMS, TYP, X5U = 1, 2, 3, 4, 5, 6, 15, 16, 35
_X5CHAIN = 33
_REFUSED = {CRIT: "crit", IV: "IV", PARTIAL_IV: "partial IV", X5U: "x5u"}
# What gives the message its meaning counts only where it is signed.
_SIGNED_ONLY = {ALG: "alg", CONTENT_TYPE: "content type", CWT_CLAIMS: "CWT claims", TYP: "typ", **_REFUSED}
# RFC 8392, section 4, and RFC 9711 for the nonce; by the names that they have in a JSON Web Token.
_CLAIMS = {1: "iss", 2: "sub", 3: "aud", 4: "exp", 5: "nbf", 6: "iat", 10: "nonce"}
_LABELS = {name: label for label, name in _CLAIMS.items()}
_TEXTS, _NUMBERS = ("iss", "sub", "aud", "nonce"), ("exp", "nbf", "iat")
_TAG = b"\xd2"  # COSE_Sign1 (RFC 9052, section 2); the tag may be left out where the media type says it
_CONTEXT = "Signature1"


@dataclass(frozen=True)
class CoseMessage:
    """A COSE_Sign1 that was taken apart and not verified yet.

    :param protected: the protected header as it was signed; :param header: the same, read.
    :param kid: name of the key, as the sender gives it; all that may be used before the signature was checked.
    """

    protected: bytes
    header: Mapping[Any, Any]
    kid: str | None
    payload: bytes
    signature: bytes

    @property
    def algorithm(self) -> str:
        """``ES256``, ``ES384``, ``ES512`` or ``EdDSA``."""
        return NAMES[self.header[ALG]]

    def content(self) -> JsonObject:
        """The payload as a JSON object.

        :raises ProofError: it is none.
        """
        try:
            value = strict_json.loads(self.payload, max_bytes=MAX_LENGTH)
        except MalformedDocument as error:
            raise ProofError(Message("the payload of the message: {error}", error=error)) from error
        if not isinstance(value, dict):
            raise ProofError(Message("the payload of the message is not a JSON object"), found=type(value).__name__)
        return value

    def claims(self) -> JsonObject:
        """The registered claims in the protected header, by their names in a JSON Web Token.

        :raises ProofError: one is not understood, or its value is not: an expiry that is not read would have no effect.
        """
        cwt_claims = self.header.get(CWT_CLAIMS, {})
        if not isinstance(cwt_claims, dict):
            raise ProofError(
                Message("the CWT claims of the message"), expected=Message("a map"), found=type(cwt_claims).__name__
            )
        claims = {}
        for label, value in cwt_claims.items():
            name = _CLAIMS.get(label)
            kind: type | None = str if name in _TEXTS else int if name in _NUMBERS else None
            if name == "aud" and isinstance(value, list) and all(isinstance(entry, str) for entry in value):
                kind = list
            if name is None or kind is None or not isinstance(value, kind):
                raise ProofError(Message("a claim of the message is not understood"), found=repr(label)[:40])
            claims[name] = value
        return claims


def sign(
    content: JsonObject, signer: Signer, *, typ: str, content_type: str, claims: Mapping[str, Any] | None = None
) -> bytes:
    """A COSE_Sign1 over ``content`` as JSON.

    :param typ: kind of message, such as ``application/vc+cose``; :param content_type: kind of its content.
    :param claims: registered claims, by their names in a JSON Web Token.
    """
    header: dict[int, Any] = {
        ALG: ALGORITHMS[signer.public_key.algorithm],
        CONTENT_TYPE: content_type,
        KID: signer.verification_method.encode("utf-8"),
        TYP: typ,
    }
    if claims:
        header[CWT_CLAIMS] = {_LABELS[name]: value for name, value in claims.items()}
    protected, payload = cbor.encode(header), strict_json.dumps(content)
    signature = signer.sign(_signed(protected, payload))
    return _TAG + cbor.encode([protected, {}, payload, signature])


def parse(data: Any, *, typ: str, content_type: str) -> CoseMessage:
    """Take a message apart and check its header.

    :param typ: the kind that is expected; :param content_type: expected where the header has one.
    :raises ProofError: not a COSE_Sign1 with its payload inside, of another kind, or with a header that is not
        understood here.
    """
    if not isinstance(data, bytes) or len(data) > MAX_LENGTH:
        raise ProofError(
            Message("not a COSE message"), expected=Message("at most {max_length} bytes", max_length=MAX_LENGTH)
        )
    parts = cbor.decode(data.removeprefix(_TAG), cbor.COSE)
    if not isinstance(parts, list) or len(parts) != 4:
        raise ProofError(Message("not a COSE_Sign1"), expected=Message("an array of four"))
    protected, unprotected, payload, signature = parts
    if not isinstance(protected, bytes) or not isinstance(payload, bytes) or not isinstance(signature, bytes):
        raise ProofError(Message("not a COSE_Sign1"), expected=Message("header, payload and signature as byte strings"))
    if not isinstance(unprotected, dict):
        raise ProofError(Message("the unprotected header of the message is no map"))
    header = cbor.decode(protected, cbor.COSE)
    if not isinstance(header, dict):
        raise ProofError(Message("the protected header of the message is no map"))
    if outside := [name for label, name in _SIGNED_ONLY.items() if label in unprotected]:
        raise ProofError(
            Message("{member} of the message is not signed", member=outside[0]),
            expected=Message("it in the protected header"),
        )
    if both := header.keys() & unprotected.keys():
        raise ProofError(Message("a member of the header occurs twice in the message"), found=repr(both)[:60])
    if refused := [name for label, name in _REFUSED.items() if label in header]:
        raise ProofError(
            Message("{member} in the header of the message", member=refused[0]),
            expected=Message("none"),
            found=refused[0],
        )
    if not isinstance(header.get(ALG), int) or header[ALG] not in NAMES:
        raise ProofError(
            Message("algorithm of the message"),
            expected=Message("one of {names}", names=", ".join(NAMES.values())),
            found=repr(header.get(ALG))[:40],
        )
    for label, value in header.items():
        if isinstance(value, dict | list) and label not in (CWT_CLAIMS, _X5CHAIN):
            raise ProofError(Message("a member of the message's header is not understood"), found=repr(label)[:60])
    if _media_type(header.get(TYP)) != _media_type(typ):
        raise ProofError(
            Message("a message of another kind"),
            expected=Message("typ {typ}", typ=typ),
            found=repr(header.get(TYP))[:60],
        )
    if CONTENT_TYPE in header and _media_type(header[CONTENT_TYPE]) != _media_type(content_type):
        raise ProofError(
            Message("a message with another content"), expected=content_type, found=repr(header[CONTENT_TYPE])[:60]
        )
    return CoseMessage(protected, header, _kid(header.get(KID, unprotected.get(KID))), payload, signature)


def verify(message: CoseMessage, key: PublicKey) -> None:
    """Return if ``message`` was signed with the private half of ``key``.

    :raises ProofError: the header names an algorithm that is not the key's.
    :raises InvalidSignature: it was not.
    """
    if message.header[ALG] != ALGORITHMS[key.algorithm]:
        raise ProofError(
            Message("the key is not one for this algorithm"),
            expected=NAMES[ALGORITHMS[key.algorithm]],
            found=message.algorithm,
        )
    key.verify(message.signature, _signed(message.protected, message.payload))


def looks_like_message(data: bytes) -> bool:
    """Whether ``data`` begins as a COSE_Sign1 does: an array of four, with or without its tag, and a byte string."""
    start = data.removeprefix(_TAG)[:2]
    return len(start) == 2 and start[0] == 0x84 and start[1] >> 5 == 2


def kind(data: bytes) -> str | None:
    """``typ`` of the protected header, without ``application/``; None where it cannot be read. Not verified."""
    try:
        parts = cbor.decode(data.removeprefix(_TAG), cbor.COSE)
        header = cbor.decode(parts[0], cbor.COSE) if isinstance(parts, list) and isinstance(parts[0], bytes) else None
    except (ProofError, IndexError):
        return None
    return _media_type(header.get(TYP)) if isinstance(header, dict) else None


def _signed(protected: bytes, payload: bytes) -> bytes:
    """Sig_structure (RFC 9052, section 4.4)."""
    return cbor.encode([_CONTEXT, protected, b"", payload])


def _kid(value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes):
        with suppress(UnicodeDecodeError):
            return value.decode("utf-8")
    raise ProofError(Message("kid of the message"), expected=Message("a DID URL"))


def _media_type(value: Any) -> str | None:
    """``application/`` is left out by some, and case does not matter."""
    return value.lower().removeprefix("application/") if isinstance(value, str) else None
