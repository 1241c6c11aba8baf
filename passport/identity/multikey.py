"""Multikey: a public key as one line of text (Controlled Identifiers 1.0, section 2.2.2).

The text is ``z`` (base58btc multibase) over a two-byte multicodec prefix and the raw key:

=============  ==============  ==========================  ===============
algorithm      public prefix   raw public key              private prefix
=============  ==============  ==========================  ===============
P-256          ``80 24``       33 bytes, compressed point  ``86 26``
P-384          ``81 24``       49 bytes, compressed point  ``87 26``
P-521          ``82 24``       67 bytes, compressed point  ``88 26``
Ed25519        ``ed 01``       32 bytes                    ``80 26``
=============  ==============  ==========================  ===============

Decoding is strict: one algorithm table, exact lengths, no other multibase, no white space, nothing behind the key. A
text that decodes is the only text for its key, so that comparing texts is comparing keys. What cannot be a public key
(a point off the curve, a key for which signatures can be made without it) is refused by
:class:`~passport.identity.keys.PublicKey`.
"""

from __future__ import annotations

from functools import lru_cache

from passport.errors import MalformedKey
from passport.identity.keys import Algorithm, PublicKey
from passport.identity.multibase import multibase_decode, multibase_encode, shorten
from passport.texts import Message

__all__ = ["decode_multikey", "encode_multikey", "multibase_decode", "multibase_encode"]


def encode_multikey(key: PublicKey) -> str:
    """``key`` as ``publicKeyMultibase``."""
    return key.multikey


def decode_multikey(text: str) -> PublicKey:
    """The public key of a ``publicKeyMultibase``.

    :raises MalformedKey: unknown algorithm, wrong length, not a point of the curve, or not multibase at all.
    """
    if not isinstance(text, str):
        multibase_decode(text)  # raises
    return _decoded(text)


# One actor's key comes with each of its events. A text means the same key at all times. What raises is not kept, so no
# text that is kept is longer than a key.
@lru_cache(maxsize=4096)
def _decoded(text: str) -> PublicKey:
    data = multibase_decode(text)
    for algorithm in Algorithm:
        if data[:2] == algorithm.public_prefix:
            return PublicKey(algorithm, data[2:])
    # A secret key pasted where a public one belongs must not travel on in an error message.
    secret = any(data[:2] == algorithm.private_prefix for algorithm in Algorithm)
    raise MalformedKey(
        Message("key of an unknown algorithm"),
        expected=Message("a Multikey of P-256 (zDn…), P-384 (z82…), P-521 (z2J9…) or Ed25519 (z6Mk…)"),
        found=Message("a secret key") if secret else shorten(text),
    )
