"""Encryption to the holder of a key: compact JSON Web Encryption with nothing to negotiate.

* Key agreement ECDH-ES with a fresh key for each message (RFC 7518, section 4.6), content A256GCM (section 5.3). The
  recipient's key is the P-256 key of its DID document.
* The header is flat and has exactly ``alg``, ``enc``, ``typ``, ``epk`` and, where the sender names one, ``kid``. Any
  other member is refused: ``zip`` would let a small message become a large one, ``apu`` and ``apv`` change the key.
* ``typ`` is required and compared, so that a message of one kind is not taken for another.
* Whatever is wrong with a message that cannot be opened, the error is the same: a reader that says more helps those who
  try.

    token = encrypt(secret, recipient, typ="vehicle-key+jwe")
    decrypt(token, private_key, typ="vehicle-key+jwe") == secret
"""

from __future__ import annotations

import base64
import re
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from passport.errors import MalformedDocument, MalformedKey, ProofError
from passport.identity.keys import Algorithm, PrivateKey, PublicKey
from passport.linked_data import strict_json
from passport.texts import Message

ALGORITHM, ENCRYPTION = "ECDH-ES", "A256GCM"
#: Longest message that is opened, characters.
MAX_LENGTH = 64_000_000
_PART = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_MEMBERS = frozenset({"alg", "enc", "typ", "epk"})
_KEY_BITS, _IV, _TAG = 256, 12, 16


class UnopenedMessage(ProofError):
    """A message that this key does not open: sent to another, or changed on its way."""

    code = "unopened-message"


def encrypt(plaintext: bytes, recipient: PublicKey, *, typ: str, kid: str | None = None) -> str:
    """A message that only the holder of ``recipient``'s private half can read.

    :param typ: kind of message, such as ``vehicle-key+jwe``.
    :param kid: verification method of the recipient's key, where the recipient has several.
    :raises MalformedKey: the key is not P-256.
    """
    if recipient.algorithm is not Algorithm.P256:
        raise MalformedKey(Message("a key that nothing can be encrypted to"), expected=Message("a P-256 key"))
    ephemeral = PrivateKey.generate(Algorithm.P256)
    header = {"alg": ALGORITHM, "enc": ENCRYPTION, "typ": typ, "epk": ephemeral.public_key.jwk}
    protected = _encoded(strict_json.dumps(header if kid is None else {**header, "kid": kid}))
    iv = secrets.token_bytes(_IV)
    sealed = AESGCM(_content_key(ephemeral, recipient)).encrypt(iv, plaintext, protected.encode("ascii"))
    return ".".join((protected, "", _encoded(iv), _encoded(sealed[:-_TAG]), _encoded(sealed[-_TAG:])))


def decrypt(token: str, key: PrivateKey, *, typ: str) -> bytes:
    """The content of a message.

    :param typ: the kind that it must be of.
    :raises MalformedDocument: it is no message of this form and kind.
    :raises UnopenedMessage: this key does not open it, or it was changed.
    """
    protected, iv, ciphertext, tag, epk = _taken_apart(token, typ)
    if key.algorithm is not Algorithm.P256:
        raise UnopenedMessage(Message("this key does not open the message"), expected=Message("a P-256 key"))
    try:
        return AESGCM(_content_key(key, epk)).decrypt(iv, ciphertext + tag, protected.encode("ascii"))
    except InvalidTag:
        raise UnopenedMessage(Message("this key does not open the message")) from None


def _taken_apart(token: str, typ: str) -> tuple[str, bytes, bytes, bytes, PublicKey]:
    parts = token.split(".") if len(token) <= MAX_LENGTH else []
    if len(parts) != 5 or not all(_PART.fullmatch(part) for part in parts) or parts[1]:
        raise _malformed(Message("five parts in base64url, the second of them empty"))
    header = strict_json.loads(_decoded(parts[0]), max_bytes=4_000)
    if not isinstance(header, dict) or not _MEMBERS <= header.keys() <= _MEMBERS | {"kid"}:
        raise _malformed(Message("a header with {names}", names=", ".join(sorted(_MEMBERS))))
    for member, right in (("alg", ALGORITHM), ("enc", ENCRYPTION), ("typ", typ)):
        if header[member] != right:
            raise _malformed(Message("{member} {right}", member=member, right=right))
    iv, tag = _decoded(parts[2]), _decoded(parts[4])
    if len(iv) != _IV or len(tag) != _TAG:
        raise _malformed(Message("12 bytes of initialisation vector and 16 of tag"))
    try:
        epk = PublicKey.from_jwk(header["epk"])
    except MalformedKey as error:
        raise _malformed(Message("a P-256 key in epk")) from error
    if epk.algorithm is not Algorithm.P256:
        raise _malformed(Message("a P-256 key in epk"))
    return parts[0], iv, _decoded(parts[3]), tag, epk


def _content_key(own: PrivateKey, other: PublicKey) -> bytes:
    """The key of A256GCM from the agreed secret, by the Concat KDF of RFC 7518, section 4.6.2."""
    algorithm = ENCRYPTION.encode("ascii")
    info = b"".join((
        len(algorithm).to_bytes(4, "big"), algorithm,
        # apu and apv are absent, which is their length of 0 each.
        bytes(4), bytes(4), _KEY_BITS.to_bytes(4, "big"),
    ))  # fmt: skip
    return ConcatKDFHash(SHA256(), _KEY_BITS // 8, info).derive(own.agree(other))


def _malformed(expected: Message) -> MalformedDocument:
    return MalformedDocument(Message("not an encrypted message of this kind"), expected=expected)


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decoded(text: str) -> bytes:
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) if len(text) % 4 != 1 else b""
    # One text for one content: no bits left over.
    if _encoded(data) != text:
        raise _malformed(Message("base64url without padding"))
    return data
