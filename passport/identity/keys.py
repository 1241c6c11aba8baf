"""Keys: what may sign a passport, and what checks the signature.

* Four algorithms and no negotiation: P-256 (ours by default), Ed25519, and P-384 and P-521 for documents of others.
* A :class:`PublicKey` is a value: it is checked when it is made and can be compared and kept in a set afterwards. A
  point off the curve and an Ed25519 key of small order (for which signatures can be made without it) are refused.
* ECDSA signatures are ``r || s`` of fixed length, with SHA-256 for P-256, SHA-384 for P-384 and SHA-512 for P-521 (VC
  Data Integrity ECDSA Cryptosuites 1.0, section 3.2; RFC 7518, section 3.4); a high ``s`` is neither refused nor
  repaired, since published vectors have one. They are made deterministically (RFC 6979): no random number generator can
  leak a key through a signature. A key for one proof (:meth:`PrivateKey.ephemeral`) is the exception.
* A :class:`PrivateKey` shows its secret nowhere: not in ``repr``, not in an error, and it cannot be pickled or copied.

    key = PrivateKey.generate(Algorithm.P256)
    key.save(Path("keys/issuer.pem"), passphrase=b"…")
    key.public_key.did_key                      # did:key:zDn…
    key.public_key.verify(key.sign(data), data)
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import NoReturn

from cryptography.exceptions import InvalidSignature as _BadSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from passport.errors import InvalidSignature, KeyFileError, MalformedKey, UsageError
from passport.identity import key_file
from passport.identity.multibase import multibase_decode, multibase_encode
from passport.texts import Message

#: Order of the base point of P-256. (SEC 2, section 2.4.2)
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


class Algorithm(StrEnum):
    """The algorithms that sign here, named as in the suites' specifications."""

    P256 = "P-256"
    P384 = "P-384"
    P521 = "P-521"
    ED25519 = "Ed25519"

    @property
    def public_prefix(self) -> bytes:
        """Multicodec prefix of a public key, as varint."""
        return _PARAMETERS[self].public_prefix

    @property
    def private_prefix(self) -> bytes:
        """Multicodec prefix of a private key, as varint; only test vectors use it."""
        return _PARAMETERS[self].private_prefix

    @property
    def public_length(self) -> int:
        """Bytes of the raw public key: a compressed point, or the 32 bytes of Ed25519."""
        return _PARAMETERS[self].public_length

    @property
    def signature_length(self) -> int:
        """Bytes of a signature."""
        return _PARAMETERS[self].signature_length


@dataclass(frozen=True)
class _AlgorithmParameters:
    public_prefix: bytes
    private_prefix: bytes
    public_length: int
    private_length: int
    signature_length: int
    digest: hashes.HashAlgorithm
    curve: ec.EllipticCurve | None = None


_PARAMETERS = {
    Algorithm.P256: _AlgorithmParameters(b"\x80\x24", b"\x86\x26", 33, 32, 64, hashes.SHA256(), ec.SECP256R1()),
    Algorithm.P384: _AlgorithmParameters(b"\x81\x24", b"\x87\x26", 49, 48, 96, hashes.SHA384(), ec.SECP384R1()),
    Algorithm.P521: _AlgorithmParameters(b"\x82\x24", b"\x88\x26", 67, 66, 132, hashes.SHA512(), ec.SECP521R1()),
    Algorithm.ED25519: _AlgorithmParameters(b"\xed\x01", b"\x80\x26", 32, 32, 64, hashes.SHA512()),
}


# The same key and data give the same signature. (RFC 6979)
_DETERMINISTIC = {
    algorithm: ec.ECDSA(parameters.digest, deterministic_signing=True)
    for algorithm, parameters in _PARAMETERS.items()
    if parameters.curve is not None
}

# Made once: each costs a fifteenth of a verification.
_ECDSA = {
    algorithm: ec.ECDSA(parameters.digest)
    for algorithm, parameters in _PARAMETERS.items()
    if parameters.curve is not None
}

# A key may name the one algorithm it is for (RFC 7517, section 4.4); the last name is that of RFC 9864.
_JWK_NAMES = {
    Algorithm.P256: ("ES256",),
    Algorithm.P384: ("ES384",),
    Algorithm.P521: ("ES512",),
    Algorithm.ED25519: ("EdDSA", "Ed25519"),
}


@dataclass(frozen=True)
class PublicKey:
    """A public key that has been checked.

    :param raw: the compressed point (P-256: 33 bytes, P-384: 49, P-521: 67) or the 32 bytes of an Ed25519 key.
    :raises MalformedKey: wrong length, not a point of the curve, or of small order.
    """

    algorithm: Algorithm
    raw: bytes

    def __post_init__(self) -> None:
        if not isinstance(self.algorithm, Algorithm) or not isinstance(self.raw, bytes):
            raise MalformedKey(Message("not a public key"), expected=Message("an Algorithm and bytes"))
        _opened(self.algorithm, self.raw)

    @property
    def multikey(self) -> str:
        """The key as ``publicKeyMultibase``."""
        return multibase_encode(self.algorithm.public_prefix + self.raw)

    @property
    def did_key(self) -> str:
        """The did:key that this key controls."""
        return f"did:key:{self.multikey}"

    @property
    def jwk(self) -> dict[str, str]:
        """The key as a JSON Web Key: ``kty``, ``crv``, ``x`` and for a curve point ``y``. (RFC 7518, RFC 8037)"""
        parameters = _PARAMETERS[self.algorithm]
        if parameters.curve is None:
            return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(self.raw)}
        point = _opened(self.algorithm, self.raw).public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)[1:]
        half = len(point) // 2
        return {
            "kty": "EC",
            "crv": self.algorithm.value,
            "x": _base64url(point[:half]),
            "y": _base64url(point[half:]),
        }

    @classmethod
    def from_object(cls, key: object) -> PublicKey:
        """The key behind an object of ``cryptography``, such as one read from a token.

        :raises MalformedKey: of another algorithm.
        """
        if not isinstance(key, ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey):
            raise _unknown_algorithm()
        return _public(key)

    @classmethod
    def from_jwk(cls, jwk: object) -> PublicKey:
        """The key behind a public JSON Web Key.

        :raises MalformedKey: of another kind, not a point of the curve, for another use than signatures, or with a
            secret in it.
        """
        if not isinstance(jwk, dict):
            raise MalformedKey(Message("not a JSON Web Key"), expected=Message("an object"), found=type(jwk).__name__)
        if "d" in jwk or "k" in jwk:
            raise MalformedKey(Message("a JSON Web Key with a secret in it"), expected=Message("the public half alone"))
        operations = jwk.get("key_ops", ["verify"])
        if jwk.get("use", "sig") != "sig" or not isinstance(operations, list) or "verify" not in operations:
            raise MalformedKey(
                Message("a JSON Web Key for another use"), expected=Message("one that verifies signatures")
            )
        kind = (jwk.get("kty"), jwk.get("crv"))
        for algorithm, parameters in _PARAMETERS.items():
            if kind != ("OKP" if parameters.curve is None else "EC", algorithm.value):
                continue
            if "alg" in jwk and jwk["alg"] not in _JWK_NAMES[algorithm]:
                raise MalformedKey(
                    Message("a JSON Web Key for another algorithm"),
                    expected=Message("one of {names}", names=", ".join(_JWK_NAMES[algorithm])),
                    found=repr(jwk["alg"])[:40],
                )
            x = _base64url_decoded(jwk.get("x"), parameters.private_length)
            if parameters.curve is None:
                return cls(algorithm, x)
            y = _base64url_decoded(jwk.get("y"), parameters.private_length)
            try:
                key = ec.EllipticCurvePublicKey.from_encoded_point(parameters.curve, b"\x04" + x + y)
            except ValueError:
                raise MalformedKey(
                    Message("public key of {algorithm} that is not a point of the curve", algorithm=algorithm)
                ) from None
            return cls(algorithm, key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
        raise MalformedKey(
            Message("key of an unknown algorithm"),
            expected=Message("one of {names}", names=", ".join(Algorithm)),
            found=str(kind)[:80],
        )

    def verify_digest(self, signature: bytes, digest: bytes) -> None:
        """The same for the digest of the data, with the hash of the algorithm; ECDSA only.

        :raises InvalidSignature: it was not, or it has the wrong length.
        """
        parameters = _PARAMETERS[self.algorithm]
        key = _opened(self.algorithm, self.raw)
        half = parameters.signature_length // 2
        if len(signature) != 2 * half or not isinstance(key, ec.EllipticCurvePublicKey):
            raise InvalidSignature(Message("not a signature of {algorithm}", algorithm=self.algorithm))
        r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
        try:
            key.verify(encode_dss_signature(r, s), digest, ec.ECDSA(Prehashed(parameters.digest)))
        except (_BadSignature, ValueError):
            raise InvalidSignature(Message("signature and content do not match")) from None

    def verify(self, signature: bytes, data: bytes) -> None:
        """Return if ``signature`` was made over ``data`` with the private half of this key.

        :param signature: ``r || s`` for ECDSA, 64 bytes for Ed25519.
        :raises InvalidSignature: it was not, or it has the wrong length.
        """
        parameters = _PARAMETERS[self.algorithm]
        if len(signature) != parameters.signature_length:
            raise InvalidSignature(
                Message("not a signature of {algorithm}", algorithm=self.algorithm),
                expected=Message("{length} bytes", length=parameters.signature_length),
                found=str(len(signature)),
            )
        key = _opened(self.algorithm, self.raw)
        try:
            if isinstance(key, ed25519.Ed25519PublicKey):
                key.verify(signature, data)
            else:
                half = parameters.signature_length // 2
                r, s = int.from_bytes(signature[:half], "big"), int.from_bytes(signature[half:], "big")
                key.verify(encode_dss_signature(r, s), data, _ECDSA[self.algorithm])
        except _BadSignature:
            raise InvalidSignature(Message("signature and content do not match")) from None

    def __str__(self) -> str:
        return self.multikey


class PrivateKey:
    """A private key. It signs, saves itself, and shows nothing of itself but its public half."""

    __slots__ = ("_key", "_kind", "_half", "public_key")

    public_key: PublicKey

    def __init__(self, key: PrivateKeyTypes) -> None:
        if not isinstance(key, ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey):
            raise _unknown_algorithm()
        self._key = key
        self.public_key = _public_half(key)
        # Looked up once: a credential with selective disclosure takes a signature for each statement.
        algorithm = self.public_key.algorithm
        self._kind = _DETERMINISTIC.get(algorithm)
        self._half = _PARAMETERS[algorithm].signature_length // 2

    @classmethod
    def generate(cls, algorithm: Algorithm = Algorithm.P256) -> PrivateKey:
        """A new key from the operating system's random numbers."""
        curve = _PARAMETERS[algorithm].curve
        return cls(ed25519.Ed25519PrivateKey.generate() if curve is None else ec.generate_private_key(curve))

    @classmethod
    def ephemeral(cls) -> PrivateKey:
        """A new P-256 key for one proof, which is forgotten when the proof is made.

        The numbers in its signatures are drawn, and mixed with key and text by OpenSSL. Who could foresee them could
        foresee the key, which was drawn a moment before: RFC 6979 would protect nothing, and takes a tenth longer.
        """
        key = cls.generate(Algorithm.P256)
        key._kind = _ECDSA[Algorithm.P256]
        return key

    @classmethod
    def from_multikey(cls, text: str) -> PrivateKey:
        """The key behind a ``secretKeyMultibase``. For test vectors: no key of ours is ever written so.

        :raises MalformedKey: not a private key of a known algorithm; the message never quotes ``text``.
        """
        try:
            data = multibase_decode(text)
        except MalformedKey:
            raise MalformedKey(Message("not a secret key"), expected=Message("z and base58btc characters")) from None
        algorithm = next((each for each in Algorithm if data[:2] == each.private_prefix), None)
        if algorithm is None:
            raise MalformedKey(
                Message("secret key of an unknown algorithm"),
                expected=Message("one of {names}", names=", ".join(Algorithm)),
            )
        parameters, raw = _PARAMETERS[algorithm], data[2:]
        if len(raw) != parameters.private_length:
            raise MalformedKey(
                Message("secret key of {algorithm} with the wrong length", algorithm=algorithm),
                expected=Message("{length} bytes", length=parameters.private_length),
            )
        try:
            if parameters.curve is None:
                return cls(ed25519.Ed25519PrivateKey.from_private_bytes(raw))
            return cls(ec.derive_private_key(int.from_bytes(raw, "big"), parameters.curve))
        except ValueError:
            raise MalformedKey(Message("secret key of {algorithm} out of range", algorithm=algorithm)) from None

    @classmethod
    def derived(cls, secret: bytes, purpose: bytes) -> PrivateKey:
        """A P-256 key that the same secret and purpose always give.

        :param secret: at least 32 random bytes; :param purpose: what the key is for, so that no two uses share one.
        :raises UsageError: the secret is shorter.
        """
        if len(secret) < 32:
            raise UsageError(Message("a secret that a key is derived from"), expected=Message("at least 32 bytes"))
        # 128 bits more than the order has, so that the remainder shows no bias. (FIPS 186-5, A.4.1)
        material = HKDF(hashes.SHA256(), 48, salt=None, info=purpose).derive(secret)
        return cls(ec.derive_private_key(int.from_bytes(material, "big") % (_P256_ORDER - 1) + 1, ec.SECP256R1()))

    @property
    def algorithm(self) -> Algorithm:
        return self.public_key.algorithm

    def sign(self, data: bytes) -> bytes:
        """Signature over ``data``; the same key and data give the same signature, but for an ephemeral key."""
        key, kind, half = self._key, self._kind, self._half
        if kind is None:
            assert isinstance(key, ed25519.Ed25519PrivateKey), "the only keys without a hash function"
            return key.sign(data)
        r, s = decode_dss_signature(key.sign(data, kind))  # type: ignore[call-arg]
        return r.to_bytes(half, "big") + s.to_bytes(half, "big")

    def agree(self, other: PublicKey) -> bytes:
        """The secret that this key and ``other`` have in common (ECDH); from it a key is derived, see
        :mod:`passport.identity.jwe`.

        :raises MalformedKey: the two are not on one curve, or one of them only signs (Ed25519).
        """
        peer = _opened(other.algorithm, other.raw)
        if (
            self.algorithm is not other.algorithm
            or not isinstance(self._key, ec.EllipticCurvePrivateKey)
            or not isinstance(peer, ec.EllipticCurvePublicKey)
        ):
            raise MalformedKey(
                Message("two keys that agree on nothing"),
                expected=Message("two keys of one elliptic curve"),
                found=f"{self.algorithm}, {other.algorithm}",
            )
        return self._key.exchange(ec.ECDH(), peer)

    def save(self, path: Path | str, passphrase: bytes | None) -> None:
        """Create ``path`` (PKCS#8 PEM, mode 600); see :mod:`passport.identity.key_file`.

        :param passphrase: encrypts the file; ``None`` writes it in the clear. There is no default: the caller decides.
        :raises KeyFileError: the file exists, or cannot be written.
        """
        key_file.write(Path(path), self._key, passphrase)

    @classmethod
    def load(cls, path: Path | str, passphrase: bytes | None) -> PrivateKey:
        """The key in ``path``.

        :raises KeyFileError: missing, readable by others, of another kind, or not opened by ``passphrase``.
        """
        try:
            return cls(key_file.read(Path(path), passphrase))
        except MalformedKey:
            raise KeyFileError(
                Message("{path} holds a key of another kind", path=path),
                expected=Message("one of {names}", names=", ".join(Algorithm)),
            ) from None

    def __repr__(self) -> str:
        return f"<PrivateKey {self.algorithm} of {self.public_key.multikey}>"

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        # Pickles end in caches, queues and crash reports; their copies are forgotten.
        raise UsageError(
            Message("a private key can be neither pickled nor copied"),
            hint=Message("Save it, and load it where needed."),
        )


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _base64url_decoded(text: object, length: int) -> bytes:
    data = b""
    if isinstance(text, str) and re.fullmatch(r"[A-Za-z0-9_-]+", text) and len(text) < 128:
        with contextlib.suppress(binascii.Error):
            data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    # One text for one key: neither padding nor bits left over.
    if len(data) != length or _base64url(data) != text:
        raise MalformedKey(
            Message("coordinate of a JSON Web Key"), expected=Message("{length} bytes in base64url", length=length)
        )
    return data


@lru_cache(maxsize=256)
def _opened(algorithm: Algorithm, raw: bytes) -> ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey:
    """The key object of ``cryptography`` for a raw public key; the point is checked here."""
    parameters = _PARAMETERS[algorithm]
    if len(raw) != parameters.public_length:
        raise MalformedKey(
            Message("public key of {algorithm} with the wrong length", algorithm=algorithm),
            expected=Message("{length} bytes", length=parameters.public_length),
            found=str(len(raw)),
        )
    try:
        if parameters.curve is None:
            _refuse_weak_ed25519(raw)
            return ed25519.Ed25519PublicKey.from_public_bytes(raw)
        return ec.EllipticCurvePublicKey.from_encoded_point(parameters.curve, raw)
    except ValueError:
        raise MalformedKey(
            Message("public key of {algorithm} that is not a point of the curve", algorithm=algorithm)
        ) from None


def _public_half(key: ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey) -> PublicKey:
    return _public(key.public_key())


def _public(key: ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey) -> PublicKey:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return PublicKey(Algorithm.ED25519, key.public_bytes(Encoding.Raw, PublicFormat.Raw))
    name = key.curve.name
    for algorithm, parameters in _PARAMETERS.items():
        if parameters.curve is not None and parameters.curve.name == name:
            # It is a point of the curve already: finding it anew from the compressed form takes longer than making it.
            public = object.__new__(PublicKey)
            object.__setattr__(public, "algorithm", algorithm)
            object.__setattr__(public, "raw", key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))
            return public
    raise _unknown_algorithm()


def _unknown_algorithm() -> MalformedKey:
    return MalformedKey(
        Message("key of an unknown algorithm"),
        expected=Message("one of {names}", names=", ".join(Algorithm)),
    )


# --- Ed25519 keys that are no keys ----------------------------------------------------------------------------------
# For a public key of small order a signature over one text holds for others too, so "signed by this key" means nothing.
# The library does not look for that (RFC 8032 does not ask for it), so the point is decoded here and multiplied by 8.

_P = 2**255 - 19
_D = -121665 * pow(121666, -1, _P) % _P


def _refuse_weak_ed25519(raw: bytes) -> None:
    """:raises ValueError: not a canonical point of the curve, or a point of small order."""
    y = int.from_bytes(raw, "little") & (2**255 - 1)
    if y >= _P:
        raise ValueError("not canonical")
    numerator, denominator = (y * y - 1) % _P, (_D * y * y + 1) % _P
    x_squared = numerator * pow(denominator, -1, _P) % _P
    if x_squared != 0 and pow(x_squared, (_P - 1) // 2, _P) != 1:
        raise ValueError("not on the curve")
    # Doubling needs only x squared and y: x' = 2xy / (1 + d x^2 y^2), y' = (y^2 + x^2) / (1 - d x^2 y^2).
    for _ in range(3):
        product = _D * x_squared * y % _P * y % _P
        y_squared = y * y % _P
        doubled_x = 4 * x_squared * y_squared * pow(1 + product, -2, _P) % _P
        y, x_squared = (y_squared + x_squared) * pow(1 - product, -1, _P) % _P, doubled_x
    if x_squared == 0 and y == 1:
        raise ValueError("small order")
