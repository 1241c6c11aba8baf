"""Receipts verify offline, and no changed one does; a witness refuses whatever contradicts what it saw."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import (
    LogProofFailed,
    LogRolledBack,
    MalformedKey,
    MalformedLogData,
    ProofError,
    TwoHistories,
    UntrustedCheckpoint,
)
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.transparency import note, receipt
from passport.transparency.checkpoint import Checkpoint, Quorum, sign_checkpoint
from passport.transparency.merkle import fold, leaf_hash
from passport.transparency.note import Kind, NoteKey
from passport.transparency.receipt import Receipt, document_entry
from passport.transparency.tiles import TileTree
from passport.transparency.witness import Sighting, check_continues
from tests.each import each

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LOG = KeySigner(PrivateKey.generate(Algorithm.ED25519))
WITNESS = KeySigner(PrivateKey.generate(Algorithm.ED25519))
LOG_KEY = NoteKey("passport.example.com/log/events", Kind.LOG, LOG.public_key)
WITNESS_KEY = NoteKey("witness.example.org", Kind.WITNESS, WITNESS.public_key)
QUORUM = Quorum((WITNESS_KEY,), 1)
DOCUMENTS = [f'{{"event":{number}}}'.encode() for number in range(300)]


def tree(documents=DOCUMENTS) -> TileTree:
    hashes = [leaf_hash(document_entry(document)) for document in documents]

    def read(tile):
        if tile.level == 0:
            return b"".join(hashes[tile.number * 256 : tile.number * 256 + tile.width])
        return fold(hashes[:256])

    return TileTree(len(hashes), read)


def checkpoint_of(documents=DOCUMENTS) -> Checkpoint:
    return Checkpoint(LOG_KEY.name, len(documents), tree(documents).root())


def made(index: int = 41) -> Receipt:
    checkpoint = checkpoint_of()
    signed = sign_checkpoint(checkpoint, LOG)
    signed = signed.with_signatures((note.cosign(checkpoint.text, WITNESS_KEY.name, WITNESS, AT),))
    return Receipt(index, tree().inclusion(index), bytes(signed))


# --- receipts -------------------------------------------------------------------------------------------------------


@each("index", [0, 41, 255, 256, 299])
def test_a_receipt_verifies_from_its_bytes_alone(index):
    read = Receipt.parse(bytes(made(index)))
    result = receipt.verify(read, document_entry(DOCUMENTS[index]), LOG_KEY, QUORUM)
    assert (result.index, result.checkpoint.size) == (index, 300)
    assert [(each.witness, each.at) for each in result.cosignatures] == [(WITNESS_KEY, AT)]


def test_a_receipt_has_the_lines_of_the_specification():
    lines = bytes(made()).decode().split("\n")
    assert lines[:2] == ["c2sp.org/tlog-proof@v1", "index 41"]
    gap = lines.index("")
    assert len(lines[2:gap]) == len(tree().inclusion(41))
    assert lines[gap + 1 : gap + 3] == [LOG_KEY.name, "300"]


def test_extra_data_of_others_is_read_and_kept():
    other = Receipt(41, made().proof, made().checkpoint, extra=b"anything")
    assert Receipt.parse(bytes(other)) == other


@given(st.data())
def test_a_changed_byte_anywhere_in_a_receipt_is_refused(data):
    whole = bytes(made())
    at = data.draw(st.integers(0, len(whole) - 1))
    changed = whole[:at] + bytes([whole[at] ^ data.draw(st.integers(1, 255))]) + whole[at + 1 :]
    with pytest.raises((MalformedLogData, ProofError)):
        receipt.verify(Receipt.parse(changed), document_entry(DOCUMENTS[41]), LOG_KEY, QUORUM)


def test_the_receipt_of_another_document_is_refused():
    with pytest.raises(LogProofFailed):
        receipt.verify(made(), document_entry(DOCUMENTS[42]), LOG_KEY, QUORUM)


def test_a_receipt_of_another_log_is_refused():
    other = NoteKey(LOG_KEY.name, Kind.LOG, WITNESS.public_key)
    with pytest.raises(UntrustedCheckpoint):
        receipt.verify(made(), document_entry(DOCUMENTS[41]), other, QUORUM)


def test_a_receipt_that_no_second_party_cosigned_is_refused():
    alone = Receipt(41, made().proof, bytes(sign_checkpoint(checkpoint_of(), LOG)))
    entry = document_entry(DOCUMENTS[41])
    with pytest.raises(UntrustedCheckpoint, match="too few cosignatures"):
        receipt.verify(alone, entry, LOG_KEY, QUORUM)
    assert receipt.verify(alone, entry, LOG_KEY, Quorum((), 0)).cosignatures == ()


def test_a_receipt_whose_index_is_outside_its_tree_is_refused():
    with pytest.raises(LogProofFailed):
        receipt.verify(Receipt(300, made().proof, made().checkpoint), b"", LOG_KEY, QUORUM)


HASH = base64.b64encode(b"\0" * 32).decode() + "\n"


@each(
    ("data", "reason"),
    [
        (b"", "not a receipt"),
        (b"c2sp.org/tlog-proof@v2\nindex 0\n\n", "not a receipt"),
        (b"c2sp.org/tlog-proof@v1\nindex 0\n", "not a receipt"),
        (b"c2sp.org/tlog-proof@v1\n\n", "index"),
        (b"c2sp.org/tlog-proof@v1\nindex\n\n", "index"),
        (b"c2sp.org/tlog-proof@v1\nindex 00\n\n", "index"),
        (b"c2sp.org/tlog-proof@v1\nindex -1\n\n", "index"),
        (b"c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\n", "hash"),
        (b"c2sp.org/tlog-proof@v1\nextra ?\nindex 0\n\n", "extra"),
        (b"c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\n", "hash"),
        (b"c2sp.org/tlog-proof@v1\nextra " + b"A" * 12_000 + b"\nindex 0\n\n", "extra"),
        (b"c2sp.org/tlog-proof@v1\r\nindex 0\n\n", "not a receipt"),
        ("c2sp.org/tlog-proof@v1\nindex ٠\n\n".encode(), "not a receipt"),
        (f"c2sp.org/tlog-proof@v1\nindex 0\n{HASH * 65}\n".encode(), "too long"),
        (b"c" * 400_000, "too large"),
    ],
)
def test_what_is_no_receipt_is_refused(data, reason):
    with pytest.raises(MalformedLogData, match=reason):
        Receipt.parse(data)


def test_a_receipt_without_a_checkpoint_is_refused():
    with pytest.raises(MalformedLogData):
        receipt.verify(Receipt(41, made().proof, b""), document_entry(DOCUMENTS[41]), LOG_KEY, QUORUM)


@each("needed", [-1, 2])
def test_a_quorum_that_cannot_be_reached_is_refused(needed):
    with pytest.raises(MalformedKey):
        Quorum((WITNESS_KEY,), needed)


# --- the decision of a witness --------------------------------------------------------------------------------------


def seen(documents) -> Sighting:
    return Sighting(len(documents), tree(documents).root())


def test_the_first_sight_of_a_log_is_taken():
    check_continues(None, checkpoint_of(), ())


@each("size", [0, 1, 64, 255, 256, 257, 300])
def test_a_log_that_grew_is_taken(size):
    check_continues(seen(DOCUMENTS[:size]), checkpoint_of(), tree().consistency(size))


def test_a_log_that_was_rolled_back_is_refused():
    with pytest.raises(LogRolledBack, match="rolled back"):
        check_continues(seen(DOCUMENTS), checkpoint_of(DOCUMENTS[:299]), ())


def test_two_trees_of_one_size_are_refused():
    with pytest.raises(TwoHistories, match="two trees of 299"):
        check_continues(seen(DOCUMENTS[1:]), checkpoint_of(DOCUMENTS[:299]), ())


def test_a_tree_that_does_not_contain_what_was_seen_is_refused():
    with pytest.raises(TwoHistories, match="does not contain the tree of 200"):
        check_continues(seen(DOCUMENTS[1:201]), checkpoint_of(), tree().consistency(200))


def test_a_larger_tree_without_a_proof_is_refused():
    with pytest.raises(TwoHistories):
        check_continues(seen(DOCUMENTS[:200]), checkpoint_of(), ())
