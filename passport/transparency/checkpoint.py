"""Checkpoints: size and root of a log at one moment, signed by the log, cosigned by witnesses. (C2SP tlog-checkpoint)

* The first line is the origin, the name of the log. It is also the name of the key that signs.
* A checkpoint says nothing about time. The cosignature of a witness does: it saw this tree at an instant, and no tree
  before that contradicts it.

    signed = open_checkpoint(data, log_key)       # the log's signature is verified
    witnessed = cosignatures(signed.note, [witness_key])
"""

from __future__ import annotations

import base64
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from passport.errors import MalformedKey, MalformedLogData, UntrustedCheckpoint
from passport.identity.signer import Signer
from passport.texts import Message
from passport.transparency import note
from passport.transparency.merkle import HASH_BYTES, MAX_SIZE
from passport.transparency.note import Kind, Note, NoteKey

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}").fullmatch
_HASH = re.compile(r"[A-Za-z0-9+/]{43}=").fullmatch


@dataclass(frozen=True)
class Checkpoint:
    """Size and root of a log.

    :ivar extensions: further lines, signed too. Ours have none.
    """

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The text that is signed."""
        lines = (self.origin, str(self.size), encoded_hash(self.root), *self.extensions)
        return "".join(f"{line}\n" for line in lines)

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """:raises MalformedLogData: not the text of a checkpoint."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "" or not all(lines):
            raise MalformedLogData(Message("not a checkpoint"), expected=Message("origin, size and root, a line each"))
        return cls(lines[0], parse_number(lines[1]), parse_hash(lines[2]), tuple(lines[3:]))


@dataclass(frozen=True)
class SignedCheckpoint:
    """A checkpoint whose log signature is verified, in its note."""

    checkpoint: Checkpoint
    note: Note


@dataclass(frozen=True)
class Cosignature:
    """The verified statement of a witness: at this instant it had seen no larger tree, and none that contradicts."""

    witness: NoteKey
    at: datetime


def sign_checkpoint(checkpoint: Checkpoint, signer: Signer) -> Note:
    """The note of a checkpoint, signed by the log itself."""
    return Note(checkpoint.text, (note.sign(checkpoint.text, checkpoint.origin, signer),))


def open_checkpoint(data: bytes, log_key: NoteKey) -> SignedCheckpoint:
    """The checkpoint in a note, if the log signed it.

    :raises MalformedLogData: not a note, or not a checkpoint.
    :raises UntrustedCheckpoint: of another log, or not signed with its key.
    :raises MalformedKey: ``log_key`` is the key of a witness.
    """
    if log_key.kind is not Kind.LOG:
        raise MalformedKey(Message("the key of a witness, where the key of a log is needed"))
    signed = Note.parse(data)
    checkpoint = Checkpoint.parse(signed.text)
    if checkpoint.origin != log_key.name:
        raise UntrustedCheckpoint(
            Message("the checkpoint is of another log"), expected=log_key.name, found=repr(checkpoint.origin)[:120]
        )
    if signed.verify(log_key) is None:
        raise UntrustedCheckpoint(Message("the checkpoint has no signature with the key of the log"))
    return SignedCheckpoint(checkpoint, signed)


def cosignatures(signed: Note, witnesses: Collection[NoteKey]) -> tuple[Cosignature, ...]:
    """The verified cosignatures of known witnesses, one for each witness: the newest.

    :raises UntrustedCheckpoint: a line in the name of one of them was not made with its key.
    :raises MalformedKey: one of the keys is the key of a log.
    """
    if any(witness.kind is not Kind.WITNESS for witness in witnesses):
        raise MalformedKey(Message("the key of a log, where the key of a witness is needed"))
    instants = {witness: signed.verify(witness) for witness in witnesses}
    return tuple(Cosignature(witness, times[-1]) for witness, times in instants.items() if times)


@dataclass(frozen=True)
class Quorum:
    """The witnesses that a verifier knows, and how many of them must have cosigned.

    Keys with the same 32 bytes count once: one party under two names is one party.

    :raises MalformedKey: one of the keys is no witness's, or more are needed than there are.
    """

    witnesses: tuple[NoteKey, ...]
    needed: int

    def __post_init__(self) -> None:
        known = len({witness.public_key for witness in self.witnesses})
        if not 0 <= self.needed <= known:
            raise MalformedKey(
                Message("more cosignatures are demanded than there are witnesses"),
                expected=Message("at most {n}", n=known),
                found=str(self.needed),
            )

    def require(self, signed: Note) -> tuple[Cosignature, ...]:
        """The cosignatures, if there are enough.

        :raises UntrustedCheckpoint: there are not.
        """
        cosigned = cosignatures(signed, self.witnesses)
        count = len({cosignature.witness.public_key for cosignature in cosigned})
        if count < self.needed:
            raise UntrustedCheckpoint(
                Message("the checkpoint has too few cosignatures of witnesses"),
                expected=Message("at least {n}", n=self.needed),
                found=str(count),
            )
        return cosigned


# --- numbers and hashes as text -------------------------------------------------------------------------------------


def parse_number(text: str) -> int:
    """:raises MalformedLogData: not a size or index in its one spelling."""
    if not _NUMBER(text) or int(text) > MAX_SIZE:
        raise MalformedLogData(
            Message("a size or index cannot be read"),
            expected=Message("a whole number without leading zeroes"),
            found=repr(text)[:40],
        )
    return int(text)


def parse_hash(text: str) -> bytes:
    """:raises MalformedLogData: not a hash in base64, in its one spelling."""
    data = base64.b64decode(text) if _HASH(text) else b""
    if len(data) != HASH_BYTES or encoded_hash(data) != text:
        raise MalformedLogData(
            Message("a hash cannot be read"), expected=Message("32 bytes in base64"), found=repr(text)[:60]
        )
    return data


def encoded_hash(data: bytes) -> str:
    return base64.b64encode(data).decode()
