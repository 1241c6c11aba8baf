"""The two proof values of ecdsa-sd-2023, as bytes and as values.

``u`` + base64url of three bytes and CBOR: ``d9 5d 00`` begins a base proof, which only the issuer and the holder ever
see, and ``d9 5d 01`` a derived one. Everything is checked here once: exactly five parts, each of its own kind and
length.

(VC Data Integrity ECDSA Cryptosuites 1.0, sections 3.5.2 to 3.5.8)
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from passport.errors import BaseProofPresented, MalformedKey, ProofError
from passport.identity import Algorithm, PublicKey
from passport.linked_data.json_types import JsonObject
from passport.proofs import cbor
from passport.texts import Message

BASE_HEADER = b"\xd9\x5d\x00"
DERIVED_HEADER = b"\xd9\x5d\x01"
MAX_STATEMENTS = 20_000
"""Signatures in one proof; each costs a verification."""

_KEY_PREFIX = Algorithm.P256.public_prefix
_BASE64URL = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True)
class BaseProof:
    """What the issuer hands to the holder.

    :param hmac_key: unmasks the labels of blank nodes, so it is a secret.
    :param signatures: one for each statement that is not mandatory, in the order of statements.
    """

    base_signature: bytes
    proof_key: PublicKey
    hmac_key: bytes = field(repr=False)
    signatures: tuple[bytes, ...]
    mandatory_pointers: tuple[str, ...]

    def encode(self) -> str:
        """As ``proofValue``."""
        return self._encoded

    @cached_property
    def _encoded(self) -> str:
        parts = [
            self.base_signature,
            key_bytes(self.proof_key),
            self.hmac_key,
            self.signatures,
            self.mandatory_pointers,
        ]
        return _encode(BASE_HEADER, parts)


@dataclass(frozen=True)
class IssuerPart:
    """The parts of a base proof that the full view lacks. They stay with the issuer.

    :ivar hmac_key: 32 bytes, a secret; see :class:`BaseProof`.
    """

    hmac_key: bytes = field(repr=False)
    mandatory_pointers: tuple[str, ...]

    def to_json(self) -> JsonObject:
        """With the names of the specification, the key in base64url."""
        key = base64.urlsafe_b64encode(self.hmac_key).rstrip(b"=").decode("ascii")
        return {"hmacKey": key, "mandatoryPointers": list(self.mandatory_pointers)}

    @staticmethod
    def from_json(stated: JsonObject) -> IssuerPart:
        """:raises ProofError: it is not what :meth:`to_json` gives."""
        text, pointers = stated.get("hmacKey"), stated.get("mandatoryPointers")
        is_key = isinstance(text, str) and len(text) == 43 and _BASE64URL.fullmatch(text)
        key = base64.urlsafe_b64decode(f"{text}=") if is_key else None
        return IssuerPart(_bytes(key, 32, Message("HMAC key")), _pointers(pointers))


@dataclass(frozen=True)
class DerivedProof:
    """What a verifier sees.

    :param labels: number of a canonical blank-node label of the shown document -> the 32 bytes of its masked label.
    :param mandatory: places of the mandatory statements among those shown, ascending.
    """

    base_signature: bytes
    proof_key: PublicKey
    signatures: tuple[bytes, ...]
    labels: Mapping[int, bytes]
    mandatory: tuple[int, ...]

    def encode(self) -> str:
        """As ``proofValue``."""
        parts = [self.base_signature, key_bytes(self.proof_key), self.signatures, self.labels, self.mandatory]
        return _encode(DERIVED_HEADER, parts)


def key_bytes(key: PublicKey) -> bytes:
    """A P-256 key with its multicodec prefix: the 35 bytes that are signed and sent."""
    return _KEY_PREFIX + key.raw


def is_base(value: object) -> bool:
    """Whether a proof value begins like a base proof's."""
    return isinstance(value, str) and value.startswith("u2V0A")


def decode_base(value: object) -> BaseProof:
    """Parse the value of a base proof.

    :raises ProofError: it is not one.
    """
    parts = _decode(value, BASE_HEADER, Message("base proof"))
    signature, key, hmac_key, signatures, pointers = parts
    return BaseProof(
        _bytes(signature, 64, Message("base signature")),
        _key(key),
        _bytes(hmac_key, 32, Message("HMAC key")),
        _signatures(signatures),
        _pointers(pointers),
    )


def decode_derived(value: object) -> DerivedProof:
    """Parse the value of a derived proof.

    :raises BaseProofPresented: it is a base proof.
    :raises ProofError: it is neither.
    """
    if is_base(value):
        # The HMAC key inside would unmask what other views of the same credential hide, and every signature
        # is in it: its holder can show everything.
        raise BaseProofPresented(
            Message("this is a base proof, which is not for showing"), expected=Message("a proof derived from it")
        )
    signature, key, signatures, labels, mandatory = _decode(value, DERIVED_HEADER, Message("derived proof"))
    if not isinstance(labels, dict):
        raise ProofError(
            Message("the label map of the proof is malformed"), expected=Message("a map"), found=type(labels).__name__
        )
    masked = {number: _bytes(label, 32, Message("masked label")) for number, label in labels.items()}
    if len(set(masked.values())) != len(masked):
        # Two nodes under one label would become one node, of which more is said than was ever signed together.
        raise ProofError(Message("two blank nodes of the proof have the same masked label"))
    if not isinstance(mandatory, list) or not all(isinstance(index, int) for index in mandatory):
        raise ProofError(
            Message("the mandatory indexes of the proof are malformed"), expected=Message("a list of integers")
        )
    if any(later <= earlier for earlier, later in zip(mandatory, mandatory[1:], strict=False)):
        raise ProofError(Message("the mandatory indexes of the proof are not ascending"))
    return DerivedProof(
        _bytes(signature, 64, Message("base signature")), _key(key), _signatures(signatures), masked, tuple(mandatory)
    )


def _encode(header: bytes, parts: list[Any]) -> str:
    return "u" + base64.urlsafe_b64encode(header + cbor.encode(parts)).rstrip(b"=").decode("ascii")


def _decode(value: object, header: bytes, what: Message) -> list[Any]:
    text = value[1:] if isinstance(value, str) and value.startswith("u") else ""
    if not _BASE64URL.fullmatch(text):
        raise ProofError(
            Message("the proofValue is no {what} of ecdsa-sd-2023", what=what),
            expected=Message("u and base64url without padding"),
        )
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        raise ProofError(Message("the proofValue is not base64url")) from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii") != text:
        raise ProofError(Message("the proofValue has bits left over at its end"))
    if not data.startswith(header):
        raise ProofError(
            Message("the proofValue is no {what}", what=what),
            expected=Message("bytes {hex}", hex=header.hex(" ")),
            found=data[:3].hex(" "),
        )
    parts = cbor.decode(data[len(header) :])
    if not isinstance(parts, list) or len(parts) != 5:
        raise ProofError(Message("the {what} is malformed", what=what), expected=Message("an array of five parts"))
    return parts


def _bytes(value: object, length: int, what: Message) -> bytes:
    if not isinstance(value, bytes) or len(value) != length:
        raise ProofError(
            Message("the {what} of the proof is malformed", what=what),
            expected=Message("{length} bytes", length=length),
        )
    return value


def _pointers(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(pointer, str) for pointer in value):
        raise ProofError(
            Message("the mandatory pointers of the base proof are malformed"), expected=Message("a list of texts")
        )
    return tuple(value)


def _signatures(value: object) -> tuple[bytes, ...]:
    if not isinstance(value, list) or len(value) > MAX_STATEMENTS:
        raise ProofError(
            Message("the signatures of the proof are malformed"),
            expected=Message("at most {max_statements} of them", max_statements=MAX_STATEMENTS),
        )
    return tuple(_bytes(signature, 64, Message("statement signature")) for signature in value)


def _key(value: object) -> PublicKey:
    data = _bytes(value, 35, Message("public key"))
    if not data.startswith(_KEY_PREFIX):
        raise ProofError(
            Message("the public key of the proof is not a P-256 key"),
            expected=Message("prefix {hex}", hex=_KEY_PREFIX.hex(" ")),
        )
    try:
        return PublicKey(Algorithm.P256, data[len(_KEY_PREFIX) :])
    except MalformedKey as error:
        raise ProofError(Message("the public key of the proof is not a point of P-256")) from error
