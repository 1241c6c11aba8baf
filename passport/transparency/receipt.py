"""Receipts: the proof that a document is in a log, for a verifier without a network. (C2SP tlog-proof)

A receipt (``.tlog-proof``) holds the index of the entry, the proof of inclusion, and the signed checkpoint.
A verification takes the document, the key of the log and the keys of witnesses:

1. The entry is the SHA-256 digest of the document as it was signed.
2. The checkpoint is of this log and signed with its key.
3. As many of the known witnesses cosigned it as the verifier demands.
4. The proof leads from the entry to the root of the checkpoint.

    verify(Receipt.parse(data), document_entry(body), log_key, Quorum((witness_key,), needed=1))
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import sha256

from passport.errors import MalformedLogData
from passport.texts import Message
from passport.transparency import merkle
from passport.transparency.checkpoint import (
    Checkpoint,
    Cosignature,
    Quorum,
    encoded_hash,
    open_checkpoint,
    parse_hash,
    parse_number,
)
from passport.transparency.note import MAX_NOTE_BYTES, NoteKey

SUFFIX = ".tlog-proof"
_VERSION = "c2sp.org/tlog-proof@v1"
_MAX_BYTES = MAX_NOTE_BYTES + 16_384
_MAX_EXTRA = 8_192


def document_entry(body: bytes) -> bytes:
    """The entry of a document: SHA-256 of its bytes, as they were signed, and nothing else."""
    return sha256(body).digest()


@dataclass(frozen=True)
class Receipt:
    """A receipt as it was read; nothing of it is verified.

    :ivar proof: sibling hashes, from the leaf's up.
    :ivar checkpoint: the signed note.
    :ivar extra: opaque data of others, which nothing protects; ours have none.
    """

    index: int
    proof: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def __bytes__(self) -> bytes:
        lines = [_VERSION]
        if self.extra is not None:
            lines.append(f"extra {base64.b64encode(self.extra).decode()}")
        lines += [f"index {self.index}", *map(encoded_hash, self.proof), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> Receipt:
        """:raises MalformedLogData: not a receipt, or larger than the limits allow."""
        if len(data) > _MAX_BYTES:
            raise MalformedLogData(
                Message("the receipt is too large"), expected=Message("at most {n} bytes", n=_MAX_BYTES)
            )
        head, gap, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n")
        except UnicodeDecodeError:
            lines = []
        if not gap or not lines or lines.pop(0) != _VERSION:
            raise MalformedLogData(
                Message("not a receipt of a log"),
                expected=Message("a file that begins with {version}", version=_VERSION),
            )
        extra = _extra(lines.pop(0)) if lines and lines[0].startswith("extra ") else None
        if not lines or not lines[0].startswith("index "):
            raise MalformedLogData(Message("the receipt does not say the index of its entry"))
        index = parse_number(lines.pop(0).removeprefix("index "))
        if len(lines) > merkle.MAX_PROOF:
            raise MalformedLogData(
                Message("the proof in the receipt is too long"),
                expected=Message("at most {n} hashes", n=merkle.MAX_PROOF),
            )
        return cls(index, tuple(map(parse_hash, lines)), checkpoint, extra)


@dataclass(frozen=True)
class VerifiedReceipt:
    """What a verified receipt says: this entry is in that log, and these witnesses saw the log with it."""

    index: int
    checkpoint: Checkpoint
    cosignatures: tuple[Cosignature, ...]


def verify(receipt: Receipt, entry: bytes, log_key: NoteKey, quorum: Quorum) -> VerifiedReceipt:
    """What the receipt says about an entry, by the steps 2 to 4.

    :param entry: see :func:`document_entry`.
    :raises MalformedLogData: the checkpoint cannot be read.
    :raises UntrustedCheckpoint: it is not signed by the log, or not by enough witnesses.
    :raises LogProofFailed: the entry is not in the log at this index.
    """
    # 2. The log.
    signed = open_checkpoint(receipt.checkpoint, log_key)
    # 3. The witnesses.
    witnessed = quorum.require(signed.note)
    # 4. The proof.
    checkpoint = signed.checkpoint
    leaf = merkle.leaf_hash(entry)
    merkle.verify_inclusion(leaf, receipt.index, checkpoint.size, receipt.proof, checkpoint.root)
    return VerifiedReceipt(receipt.index, checkpoint, witnessed)


def _extra(line: str) -> bytes:
    text = line.removeprefix("extra ")
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if base64.b64encode(data).decode() != text or len(data) > _MAX_EXTRA:
        raise MalformedLogData(Message("the extra data of the receipt cannot be read"), expected="base64")
    return data
