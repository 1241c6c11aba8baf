"""A signer: a private key and the verification method under which verifiers find its public key.

``Signer`` is all that a cryptosuite asks for, so that a key may live in a file, a smart card or a remote signing
service. :class:`KeySigner` signs with a :class:`~passport.identity.keys.PrivateKey` in memory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from passport.identity.keys import PrivateKey, PublicKey


@runtime_checkable
class Signer(Protocol):
    """Signs bytes with one key."""

    @property
    def verification_method(self) -> str:
        """DID URL of the key, the value of ``proof.verificationMethod``."""

    @property
    def public_key(self) -> PublicKey:
        """The public half, from which suites take algorithm and hash."""

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``: ``r || s`` for ECDSA, 64 bytes for Ed25519."""


@runtime_checkable
class BatchSigner(Signer, Protocol):
    """A signer that takes many texts at once, and shares a request between threads that sign at the same time."""

    def sign_all(self, data: Sequence[bytes]) -> list[bytes]:
        """The signatures over several texts, in their order."""


@dataclass(frozen=True)
class KeySigner:
    """Signs with a key in memory.

    :param verification_method: DID URL of the key; by default the one in the key's own did:key document.
    """

    private_key: PrivateKey = field(repr=False)
    verification_method: str = ""

    def __post_init__(self) -> None:
        if not self.verification_method:
            key = self.private_key.public_key
            object.__setattr__(self, "verification_method", f"{key.did_key}#{key.multikey}")

    @property
    def public_key(self) -> PublicKey:
        return self.private_key.public_key

    def sign(self, data: bytes) -> bytes:
        return self.private_key.sign(data)
