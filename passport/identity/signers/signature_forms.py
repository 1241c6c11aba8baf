"""Digests that are handed to a key elsewhere, and the forms in which its signatures come back."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from passport.errors import UnusableSigner
from passport.identity.keys import Algorithm
from passport.texts import Message

_HASHES = {Algorithm.P256: "sha256", Algorithm.P384: "sha384", Algorithm.P521: "sha512"}


def hash_name(algorithm: Algorithm) -> str:
    """The hash with which keys of an algorithm sign, as :mod:`hashlib` names it.

    :raises UnusableSigner: Ed25519 signs texts and no digests, so its key cannot be elsewhere.
    """
    if algorithm not in _HASHES:
        raise UnusableSigner(
            Message("a key of {algorithm} signs no digests", algorithm=algorithm),
            expected=Message("a key of P-256, P-384 or P-521"),
        )
    return _HASHES[algorithm]


def digest(algorithm: Algorithm, data: bytes) -> bytes:
    """The digest of ``data`` that a key signs.

    :raises UnusableSigner: see :func:`hash_name`.
    """
    return hashlib.new(hash_name(algorithm), data).digest()


def raw_signature(algorithm: Algorithm, signature: bytes) -> bytes | None:
    """A signature as ``r || s``; None where it is neither that nor DER (RFC 3279, section 2.2.3)."""
    if len(signature) == algorithm.signature_length:
        return signature
    half = algorithm.signature_length // 2
    try:
        r, s = decode_dss_signature(signature)
        return r.to_bytes(half, "big") + s.to_bytes(half, "big")
    except (ValueError, OverflowError):
        return None
