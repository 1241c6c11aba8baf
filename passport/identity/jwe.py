"""Encryption to the holder of a key: compact JSON Web Encryption.

* Key agreement ECDH-ES with a fresh key for each message (RFC 7518, section 4.6), content A256GCM (section 5.3). The
  recipient's key is a P-256 key.
* Between our own programs there is nothing to negotiate. The header has exactly ``alg``, ``enc``, ``typ``, ``epk`` and,
  where the sender names one, ``kid``. ``typ`` is compared, so that a message of one kind is not taken for another.
* A message of a foreign program, such as a wallet, names the key that it was made for by ``kid``, which is compared. It
  may have A128GCM as its content encryption, and ``apu`` and ``apv``, which enter the content's key.
* Any other member of a header is refused: ``zip`` would let a small message become a large one.
* Whatever is wrong with a message that cannot be opened, the error is the same: a reader that says more helps those who
  try.

    token = encrypt(secret, recipient, typ="vehicle-key+jwe")
    decrypt(token, private_key, typ="vehicle-key+jwe") == secret
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.concatkdf import ConcatKDFHash

from passport.errors import MalformedDocument, MalformedKey, ProofError
from passport.identity.keys import Algorithm, PrivateKey, PublicKey
from passport.linked_data import strict_json
from passport.texts import Message

ALGORITHM, ENCRYPTION = "ECDH-ES", "A256GCM"
#: Content encryptions of foreign messages, with the bits of their keys.
FOREIGN_ENCRYPTIONS: Mapping[str, int] = {"A256GCM": 256, "A128GCM": 128}
#: Longest message that is opened, characters.
MAX_LENGTH = 64_000_000
_PART = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_MEMBERS = frozenset({"alg", "enc", "typ", "epk"})
_FOREIGN_MEMBERS = frozenset({"alg", "enc", "kid", "epk"})
_IV, _TAG, _MAX_PARTY = 12, 16, 500


class UnopenedMessage(ProofError):
    """A message that this key does not open: sent to another, or changed on its way."""

    code = "unopened-message"


def encrypt(plaintext: bytes, recipient: PublicKey, *, typ: str, kid: str | None = None) -> str:
    """A message that only the holder of ``recipient``'s private half can read.

    :param typ: kind of message, such as ``vehicle-key+jwe``.
    :param kid: verification method of the recipient's key, where the recipient has several.
    :raises MalformedKey: the key is not P-256.
    """
    return _sealed(plaintext, recipient, {"enc": ENCRYPTION, "typ": typ, **({} if kid is None else {"kid": kid})})


def encrypt_foreign(plaintext: bytes, recipient: PublicKey, *, enc: str, kid: str | None = None) -> str:
    """A message to a foreign program, such as a wallet, that named its key and what it can open.

    :param enc: one of :data:`FOREIGN_ENCRYPTIONS`; :param kid: the name that the program gave its key.
    :raises MalformedKey: the key is not P-256.
    """
    return _sealed(plaintext, recipient, {"enc": enc, **({} if kid is None else {"kid": kid})})


def decrypt(token: str, key: PrivateKey, *, typ: str) -> bytes:
    """The content of a message of our own programs.

    :param typ: the kind that it must be of.
    :raises MalformedDocument: it is no message of this form and kind.
    :raises UnopenedMessage: this key does not open it, or it was changed.
    """
    message = _Message.of(token)
    message.check_members(_MEMBERS, frozenset({"kid"}))
    message.check({"alg": ALGORITHM, "enc": ENCRYPTION, "typ": typ})
    return message.opened(key)


def decrypt_foreign(token: str, key: PrivateKey, *, kid: str) -> bytes:
    """The content of a message that a foreign program made for a key that was named to it.

    :param kid: the name of the key.
    :raises MalformedDocument: it is no message of this form, or is for a key of another name.
    :raises UnopenedMessage: this key does not open it, or it was changed.
    """
    message = _Message.of(token)
    message.check_members(_FOREIGN_MEMBERS, frozenset({"apu", "apv", "typ", "cty"}))
    message.check({"alg": ALGORITHM, "kid": kid})
    if message.header["enc"] not in tuple(FOREIGN_ENCRYPTIONS):
        raise _malformed(Message("{member} {right}", member="enc", right=", ".join(FOREIGN_ENCRYPTIONS)))
    return message.opened(key)


def _sealed(plaintext: bytes, recipient: PublicKey, members: Mapping[str, str]) -> str:
    if recipient.algorithm is not Algorithm.P256:
        raise MalformedKey(Message("a key that nothing can be encrypted to"), expected=Message("a P-256 key"))
    ephemeral = PrivateKey.generate(Algorithm.P256)
    header = {"alg": ALGORITHM, "epk": ephemeral.public_key.jwk, **members}
    protected = _encoded(strict_json.dumps(header))
    iv = secrets.token_bytes(_IV)
    sealed = AESGCM(_content_key(ephemeral, recipient, header)).encrypt(iv, plaintext, protected.encode("ascii"))
    return ".".join((protected, "", _encoded(iv), _encoded(sealed[:-_TAG]), _encoded(sealed[-_TAG:])))


@dataclass(frozen=True)
class _Message:
    """A message taken apart. :ivar protected: the header as it was sent."""

    protected: str
    header: Mapping[str, Any]
    iv: bytes
    sealed: bytes

    @classmethod
    def of(cls, token: str) -> _Message:
        parts = token.split(".") if len(token) <= MAX_LENGTH else []
        if len(parts) != 5 or not all(_PART.fullmatch(part) for part in parts) or parts[1]:
            raise _malformed(Message("five parts in base64url, the second of them empty"))
        header = strict_json.loads(_decoded(parts[0]), max_bytes=4_000)
        iv, tag = _decoded(parts[2]), _decoded(parts[4])
        if len(iv) != _IV or len(tag) != _TAG:
            raise _malformed(Message("12 bytes of initialisation vector and 16 of tag"))
        return cls(parts[0], header if isinstance(header, dict) else {}, iv, _decoded(parts[3]) + tag)

    def check_members(self, required: frozenset[str], optional: frozenset[str]) -> None:
        if not required <= self.header.keys() <= required | optional:
            raise _malformed(Message("a header with {names}", names=", ".join(sorted(required))))

    def check(self, members: Mapping[str, str]) -> None:
        for member, right in members.items():
            if self.header[member] != right:
                raise _malformed(Message("{member} {right}", member=member, right=right))

    def opened(self, key: PrivateKey) -> bytes:
        try:
            epk = PublicKey.from_jwk(self.header["epk"])
        except MalformedKey as error:
            raise _malformed(Message("a P-256 key in epk")) from error
        if epk.algorithm is not Algorithm.P256:
            raise _malformed(Message("a P-256 key in epk"))
        if key.algorithm is not Algorithm.P256:
            raise UnopenedMessage(Message("this key does not open the message"), expected=Message("a P-256 key"))
        try:
            return AESGCM(_content_key(key, epk, self.header)).decrypt(
                self.iv, self.sealed, self.protected.encode("ascii")
            )
        except InvalidTag:
            raise UnopenedMessage(Message("this key does not open the message")) from None


def _content_key(own: PrivateKey, other: PublicKey, header: Mapping[str, Any]) -> bytes:
    """The content's key from the agreed secret, by the Concat KDF of RFC 7518, section 4.6.2."""
    bits = FOREIGN_ENCRYPTIONS[header["enc"]]
    parties = (header["enc"].encode("ascii"), _party(header.get("apu", "")), _party(header.get("apv", "")))
    info = b"".join((*(len(part).to_bytes(4, "big") + part for part in parties), bits.to_bytes(4, "big")))
    return ConcatKDFHash(SHA256(), bits // 8, info).derive(own.agree(other))


def _party(text: Any) -> bytes:
    """``apu`` or ``apv``; absent, its length is 0."""
    if not isinstance(text, str) or len(text) > _MAX_PARTY or not _PART.fullmatch(text):
        raise _malformed(Message("apu and apv in base64url"))
    return _decoded(text)


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
