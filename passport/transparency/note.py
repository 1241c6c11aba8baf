"""Signed notes: a text and the signatures below it. (C2SP signed-note, tlog-cosignature)

* A key has a name, a kind and 32 bytes. Its short id is part of each signature line, so that a reader finds the line;
  the id protects nothing.
* A log signs the text itself. A witness signs the text with the instant at which it saw it (``cosignature/v1``).
* Signatures of unknown keys are ignored. A signature that a known key did not make refuses the whole note.

    key = NoteKey.parse("passport.example.com/log/events+5d3f1c20+AQ…")
    Note.parse(data).verify(key)
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from hashlib import sha256

from passport.errors import InvalidSignature, MalformedKey, MalformedLogData, UntrustedCheckpoint
from passport.identity.keys import Algorithm, PublicKey
from passport.identity.signer import Signer
from passport.texts import Message

#: A note has at most so many bytes and signatures. Signatures of others may be post-quantum ones of 5 kB.
MAX_NOTE_BYTES = 262_144
MAX_SIGNATURES = 64
_MAX_NAME = 512
_MAX_INSTANT = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp())

_ID_BYTES = 4
_INSTANT_BYTES = 8
_VKEY = re.compile(r"(?P<name>[^+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/=]+)").fullmatch
_LINE = re.compile(r"— (?P<name>[^ +\n]+) (?P<signature>[A-Za-z0-9+/=]+)").fullmatch


class Kind(IntEnum):
    """What a key signs: the identifier of the signature type."""

    LOG = 0x01
    WITNESS = 0x04


@dataclass(frozen=True)
class NoteKey:
    """The public key of a log or of a witness.

    :param name: by convention an address without scheme, such as ``passport.example.com/log/events``.
    :raises MalformedKey: the name is empty, too long or has a space, a plus or a control character in it, or the key is
        not of Ed25519.
    """

    name: str
    kind: Kind
    public_key: PublicKey

    def __post_init__(self) -> None:
        if not is_name(self.name):
            raise MalformedKey(
                Message("not the name of a log or witness"),
                expected=Message("a text without spaces and plus signs"),
                found=repr(self.name)[:80],
            )
        if self.public_key.algorithm is not Algorithm.ED25519:
            raise MalformedKey(
                Message("logs and witnesses sign with Ed25519"),
                expected=Algorithm.ED25519.value,
                found=self.public_key.algorithm.value,
            )

    @property
    def id(self) -> bytes:
        """The first 4 bytes of a digest over name, kind and key."""
        return sha256(self.name.encode() + b"\n" + self._encoded()).digest()[:_ID_BYTES]

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """The key of a *vkey*: name, id and key with plus signs between them.

        :raises MalformedKey: not a vkey of a log or of a cosigning witness with Ed25519.
        """
        expected = Message("a vkey such as {vkey}", vkey="example.com/log+530d903a+AekyeRrm…")
        match = _VKEY(text) if len(text) <= _MAX_NAME + 100 else None
        data = _decoded(match["key"]) if match else None
        if match is None or data is None or not is_name(match["name"]):
            raise MalformedKey(Message("not the key of a log or witness"), expected=expected, found=repr(text)[:80])
        if data[:1] not in {bytes([kind]) for kind in Kind}:
            raise MalformedKey(
                Message("the key of a log or witness is of an unknown kind"),
                expected=Message("Ed25519, kind 01 or 04"),
                found=data[:1].hex(),
            )
        key = cls(match["name"], Kind(data[0]), PublicKey(Algorithm.ED25519, data[1:]))
        if key.id.hex() != match["id"]:
            raise MalformedKey(
                Message("the id of the key does not fit name and key"), expected=key.id.hex(), found=match["id"]
            )
        return key

    def __str__(self) -> str:
        """The vkey."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(self._encoded()).decode()}"

    def _encoded(self) -> bytes:
        return bytes([self.kind]) + self.public_key.raw


@dataclass(frozen=True)
class NoteSignature:
    """One signature line.

    :ivar key_id: 4 bytes; :ivar signature: what follows it.
    """

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        """The line, without its end."""
        return f"— {self.name} {base64.b64encode(self.key_id + self.signature).decode()}"

    @classmethod
    def parse(cls, line: str) -> NoteSignature:
        """:raises MalformedLogData: not a signature line."""
        match = _LINE(line)
        data = _decoded(match["signature"]) if match else None
        if match is None or data is None or len(data) <= _ID_BYTES or not is_name(match["name"]):
            raise MalformedLogData(
                Message("a signature line of a note cannot be read"),
                expected=Message("an em dash, a name and a signature in base64"),
                found=repr(line)[:80],
            )
        return cls(match["name"], data[:_ID_BYTES], data[_ID_BYTES:])


@dataclass(frozen=True)
class Note:
    """A text with signatures.

    :ivar text: ends with a line break.
    """

    text: str
    signatures: tuple[NoteSignature, ...]

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """:raises MalformedLogData: not a signed note, or larger than the limits allow."""
        if len(data) > MAX_NOTE_BYTES:
            raise MalformedLogData(
                Message("the note is too large"), expected=Message("at most {n} bytes", n=MAX_NOTE_BYTES)
            )
        try:
            whole = data.decode()
        except UnicodeDecodeError:
            raise MalformedLogData(Message("the note is not text"), expected="UTF-8") from None
        if any(character < " " and character != "\n" for character in whole):
            raise MalformedLogData(Message("the note has control characters in it"), expected=Message("none"))
        # Only "\n" ends a line: str.splitlines would also split at characters that a text may contain.
        text, gap, tail = whole.rpartition("\n\n")
        lines = tail.split("\n")
        if not gap or not text or lines.pop() != "" or not lines:
            raise MalformedLogData(
                Message("not a signed note"), expected=Message("a text, an empty line and signature lines")
            )
        if len(lines) > MAX_SIGNATURES:
            raise MalformedLogData(
                Message("the note has too many signatures"), expected=Message("at most {n}", n=MAX_SIGNATURES)
            )
        return cls(text + "\n", tuple(NoteSignature.parse(line) for line in lines))

    def __bytes__(self) -> bytes:
        return (self.text + "\n" + "".join(f"{signature}\n" for signature in self.signatures)).encode()

    def with_signatures(self, more: tuple[NoteSignature, ...]) -> Note:
        """The same note with further signatures, each at most once."""
        return Note(self.text, tuple(dict.fromkeys((*self.signatures, *more))))

    def verify(self, key: NoteKey) -> tuple[datetime, ...] | None:
        """The instants of the signatures by a key, earliest first; one of a log has none. None: it did not sign.

        :raises UntrustedCheckpoint: a line with name and id of this key was not made with it.
        """
        instants, signed = [], False
        for signature in self.signatures:
            if (signature.name, signature.key_id) != (key.name, key.id):
                continue
            try:
                instant = _verified(self.text, signature.signature, key)
            except InvalidSignature:
                raise UntrustedCheckpoint(
                    Message("a signature in the name of {name} was not made with its key", name=key.name)
                ) from None
            signed = True
            instants += [instant] if instant else []
        return tuple(sorted(instants)) if signed else None


def sign(text: str, name: str, signer: Signer) -> NoteSignature:
    """The signature of a log over a text."""
    key = NoteKey(name, Kind.LOG, signer.public_key)
    return NoteSignature(name, key.id, signer.sign(text.encode()))


def cosign(text: str, name: str, signer: Signer, at: datetime) -> NoteSignature:
    """The signature of a witness over a text.

    :param at: aware; the signature has it in whole seconds.
    """
    key = NoteKey(name, Kind.WITNESS, signer.public_key)
    seconds = int(at.timestamp())
    signature = signer.sign(_cosigned(text, seconds))
    return NoteSignature(name, key.id, seconds.to_bytes(_INSTANT_BYTES, "big") + signature)


def _verified(text: str, signature: bytes, key: NoteKey) -> datetime | None:
    """:raises InvalidSignature: not made with this key, or of an instant that there is not."""
    if key.kind is Kind.LOG:
        key.public_key.verify(signature, text.encode())
        return None
    seconds = int.from_bytes(signature[:_INSTANT_BYTES], "big")
    key.public_key.verify(signature[_INSTANT_BYTES:], _cosigned(text, seconds))
    if seconds > _MAX_INSTANT:
        raise InvalidSignature(Message("a cosignature of an instant that there is not"))
    return datetime.fromtimestamp(seconds, UTC)


def _cosigned(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()


def is_name(text: str) -> bool:
    """Whether a key may have this name."""
    return 0 < len(text) <= _MAX_NAME and not any(
        character.isspace() or character < " " or character == "+" for character in text
    )


def _decoded(text: str) -> bytes | None:
    """Base64 in its one spelling; None where it is not."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data).decode() == text else None
