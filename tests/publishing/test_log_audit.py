"""The audit of a log finds what was done to it and says where; checkpoints and receipts hold what they promise."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime
from hashlib import sha256

import pytest
import sqlalchemy as sql

from passport.errors import LogRolledBack, TwoHistories, UnloggedDocument, UntrustedCheckpoint
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.publishing.log.log_audit import FaultKind, LoggedDocument, audit
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.store import Store
from passport.store.log.log_tables import log_entries, log_tiles
from passport.store.log.log_writing import EVENTS
from passport.transparency import merkle, note, receipt
from passport.transparency.checkpoint import Checkpoint, Quorum, open_checkpoint, sign_checkpoint
from passport.transparency.note import Kind, Note, NoteKey
from passport.transparency.receipt import Receipt, document_entry

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
SIGNER = KeySigner(PrivateKey.generate(Algorithm.ED25519))
WITNESS = KeySigner(PrivateKey.generate(Algorithm.ED25519))
WITNESS_KEY = NoteKey("witness.example", Kind.WITNESS, WITNESS.public_key)
DOCUMENTS = [f'{{"event":{number}}}'.encode() for number in range(400)]
SIZE = 300


def documents(count: int = SIZE, *, placed: bool = True) -> list[LoggedDocument]:
    return [
        LoggedDocument(number if placed else None, f"urn:event:{number}", body)
        for number, body in enumerate(DOCUMENTS[:count])
    ]


class World:
    """A log of 300 documents in a store, signed at 100, 200 and 300 entries. 256 of them are in a full tile."""

    def __init__(self) -> None:
        self.store = Store.open("sqlite://")
        self.log = Log(self.store, EVENTS, log_name("https://passport.example.com", EVENTS))
        self.key = self.log.key(SIGNER)
        for begin in (0, 100, 200):
            self.append(DOCUMENTS[begin : begin + 100])
            self.log.sign(SIGNER)
        self.kept = [open_checkpoint(bytes(each.note), self.key).checkpoint for each in self.stored()]

    def stored(self):
        return self.store.log_checkpoints(EVENTS)

    def append(self, bodies) -> int:
        with self.store.transaction() as transaction:
            return transaction.append_to_log(EVENTS, [document_entry(body) for body in bodies])

    def tamper(self, *statements) -> None:
        """Change rows as one who owns the database can."""
        with self.store.engine.connect().execution_options(writes=True) as connection, connection.begin():
            for table, verb in itertools.product(("log_entries", "log_tiles"), ("update", "delete")):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {table}_no_{verb}")
            for statement in statements:
                connection.execute(statement)

    def audit(self, *, of=None, checkpoints=None):
        return audit(self.store, EVENTS, self.kept if checkpoints is None else checkpoints, of)

    def faults(self, **arguments) -> list[tuple[str, int | None]]:
        return [(fault.kind.value, fault.index) for fault in self.audit(**arguments).faults]


@pytest.fixture
def world():
    made = World()
    yield made
    made.store.close()


def change(index: int, body: bytes):
    return sql.update(log_entries).where(log_entries.c.position == index).values(entry=document_entry(body))


def delete(index: int):
    return sql.delete(log_entries).where(log_entries.c.position == index)


def swap(first: int, second: int):
    return change(first, DOCUMENTS[second]), change(second, DOCUMENTS[first])


# --- what is found --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("placed", [True, False])
def test_a_sound_log_has_no_faults(world, placed):
    result = world.audit(of=documents(placed=placed))
    assert result.faults == ()
    assert (result.size, result.documents, result.checkpoints) == (300, 300, 3)
    assert result.root == world.kept[-1].root


def test_an_empty_log_is_sound():
    store = Store.open("sqlite://")
    assert audit(store, EVENTS, [], []).faults == ()


@pytest.mark.parametrize("index", [0, 17, 255, 270])
def test_a_deletion_is_located(world, index):
    world.tamper(delete(index))
    assert world.faults(of=documents()) == [("deleted", index)]
    (fault, *_) = world.audit(of=documents()).faults
    assert fault.message == f"entry {index} is missing: it was deleted"


def test_a_deletion_is_located_without_documents(world):
    world.tamper(delete(17), delete(270))
    assert world.faults() == [("deleted", 17), ("deleted", 270)]


@pytest.mark.parametrize("index", [0, 17, 255, 270])
def test_an_alteration_is_located(world, index):
    world.tamper(change(index, b"another"))
    assert world.faults(of=documents()) == [("altered", index)]
    (fault,) = world.audit(of=documents()).faults
    assert f"entry {index}" in fault.message and "altered" in fault.message


def test_an_alteration_is_located_without_documents(world):
    world.tamper(change(17, b"another"))
    assert world.faults() == [("altered", 17)]


def test_an_altered_document_is_located(world):
    changed = documents()
    changed[41] = LoggedDocument(41, "urn:event:41", b"another")
    assert world.faults(of=changed) == [("altered", 41)]


def test_a_document_that_was_deleted_is_located(world):
    assert world.faults(of=[each for each in documents() if each.position != 41]) == [("undocumented", 41)]


def test_a_document_that_never_entered_the_log_is_named(world):
    (fault,) = world.audit(of=[*documents(), LoggedDocument(None, "urn:event:x", b"x")]).faults
    assert fault.kind is FaultKind.UNLOGGED and "urn:event:x" in fault.message


@pytest.mark.parametrize(("first", "second"), [(17, 41), (0, 255), (260, 270), (17, 270)])
def test_a_reordering_is_located(world, first, second):
    world.tamper(*swap(first, second))
    assert world.faults(of=documents()) == [("reordered", first), ("reordered", second)]
    fault = world.audit(of=documents()).faults[0]
    assert f"entry {first} was reordered" in fault.message and str(second) in fault.message


def test_a_reordering_is_located_without_documents(world):
    world.tamper(*swap(17, 41))
    assert world.faults() == [("reordered", 17), ("reordered", 41)]


@pytest.mark.parametrize("size", [299, 256, 150, 0])
def test_a_truncation_is_located(world, size):
    world.tamper(
        sql.delete(log_entries).where(log_entries.c.position >= size),
        sql.delete(log_tiles).where(log_tiles.c.number >= size // 256, log_tiles.c.level == 0),
    )
    assert world.faults() == [("truncated", size)]
    (fault,) = world.audit().faults
    assert fault.message == (f"the log was truncated: it ends before entry {size}, and a checkpoint has 300 entries")


def test_an_altered_tile_is_located(world):
    world.tamper(sql.update(log_tiles).values(hashes=bytes(8192)))
    assert world.faults() == [("altered", 0)]


def rewritten() -> World:
    """The same log, but its operator rewrote entry 150, its tile and all that follows, and signed it anew."""
    other = World.__new__(World)
    other.store = Store.open("sqlite://")
    other.log = Log(other.store, EVENTS, log_name("https://passport.example.com", EVENTS))
    other.key = other.log.key(SIGNER)
    other.append([*DOCUMENTS[:150], b"another", *DOCUMENTS[151:300]])
    other.log.sign(SIGNER)
    other.kept = []
    return other


def test_two_histories_are_told_apart_by_checkpoints_kept_elsewhere(world):
    other = rewritten()
    assert other.faults() == [], "nothing inside the rewritten log contradicts it"
    (fault,) = other.audit(checkpoints=world.kept).faults
    assert (fault.kind, fault.index) == (FaultKind.TWO_HISTORIES, 100)
    assert "they part between entry 100 and entry 199" in fault.message


def test_two_checkpoints_of_one_size_are_two_histories(world):
    forked = Checkpoint(world.kept[1].origin, 200, sha256(b"other").digest())
    assert world.faults(checkpoints=[*world.kept, forked]) in (
        [("two-histories", 100)],
        [("two-histories", 200)],
    )


# --- signing --------------------------------------------------------------------------------------------------------


def test_a_checkpoint_is_signed_once_for_one_size(world):
    newest = world.log.sign(SIGNER)
    assert newest == world.stored()[-1] and len(world.stored()) == 3
    assert open_checkpoint(bytes(newest.note), world.key).checkpoint.size == 300
    assert world.key.name == "passport.example.com/log/events"


def test_another_key_signs_the_same_size_anew(world):
    other = KeySigner(PrivateKey.generate(Algorithm.ED25519))
    assert world.log.sign(other).sequence == 4


def test_an_empty_log_has_a_checkpoint():
    store = Store.open("sqlite://")
    stored = Log(store, EVENTS, "log.example").sign(SIGNER)
    assert (stored.size, stored.root) == (0, merkle.EMPTY_ROOT)


def test_a_log_that_was_truncated_is_not_signed(world):
    world.tamper(sql.delete(log_entries).where(log_entries.c.position >= 290))
    with pytest.raises(LogRolledBack, match="at least 300"):
        world.log.sign(SIGNER)


def test_a_log_that_contradicts_its_checkpoint_is_not_signed(world):
    world.append(DOCUMENTS[300:])
    world.tamper(change(280, b"another"))
    with pytest.raises(TwoHistories):
        world.log.sign(SIGNER)


def test_an_entry_that_comes_during_the_signing_waits_for_the_next_checkpoint(world):
    class Slow:
        public_key = SIGNER.public_key
        verification_method = SIGNER.verification_method

        def sign(self, data: bytes) -> bytes:
            world.append([b"meanwhile"])
            return SIGNER.sign(data)

    world.append([b"before"])
    assert world.log.sign(Slow()).size == 301
    assert world.log.sign(SIGNER).size == 302
    assert world.faults() == []


def test_a_checkpoint_that_another_process_signed_meanwhile_is_taken_into_account(world):
    turns = iter([True])

    class Slow:
        public_key = SIGNER.public_key
        verification_method = SIGNER.verification_method

        def sign(self, data: bytes) -> bytes:
            if next(turns, False):
                world.append([b"meanwhile"])
                world.log.sign(SIGNER)
            return SIGNER.sign(data)

    world.append([b"before"])
    assert world.log.sign(Slow()).size == 302
    assert [each.size for each in world.stored()] == [100, 200, 300, 302]


# --- cosignatures and receipts --------------------------------------------------------------------------------------


def cosigned(world, at: int = -1) -> Note:
    signed = world.stored()[at].note
    return signed.with_signatures((note.cosign(signed.text, WITNESS_KEY.name, WITNESS, AT),))


def test_a_cosignature_is_stored_once_and_comes_with_the_receipt(world):
    assert world.log.add_cosignatures(cosigned(world), [WITNESS_KEY]) == (WITNESS_KEY,)
    assert world.log.add_cosignatures(cosigned(world), [WITNESS_KEY]) == ()
    made = Receipt.parse(bytes(world.log.receipt(document_entry(DOCUMENTS[41]))))
    result = receipt.verify(made, document_entry(DOCUMENTS[41]), world.key, Quorum((WITNESS_KEY,), 1))
    assert (result.index, result.checkpoint.size, result.cosignatures[0].at) == (41, 300, AT)


def test_a_receipt_has_the_checkpoint_with_a_witness_rather_than_the_newest(world):
    world.log.add_cosignatures(cosigned(world, 1), [WITNESS_KEY])
    assert Checkpoint.parse(Note.parse(world.log.receipt(document_entry(DOCUMENTS[41])).checkpoint).text).size == 200
    assert Checkpoint.parse(Note.parse(world.log.receipt(document_entry(DOCUMENTS[250])).checkpoint).text).size == 300


def test_a_document_that_is_not_in_the_log_gets_no_receipt(world):
    with pytest.raises(UnloggedDocument, match="not in the log"):
        world.log.receipt(document_entry(b"x"))


def test_a_document_that_no_checkpoint_contains_yet_gets_no_receipt(world):
    world.append([b"x"])
    with pytest.raises(UnloggedDocument, match="no checkpoint contains entry 300 yet"):
        world.log.receipt(document_entry(b"x"))


def test_a_cosignature_of_an_unknown_witness_is_not_stored(world):
    with pytest.raises(UntrustedCheckpoint, match="no known witness"):
        world.log.add_cosignatures(world.stored()[-1].note, [WITNESS_KEY])


def test_a_forged_cosignature_is_not_stored(world):
    signed = world.stored()[-1].note
    forged = note.cosign("another text\n", WITNESS_KEY.name, WITNESS, AT)
    with pytest.raises(UntrustedCheckpoint, match="not made with its key"):
        world.log.add_cosignatures(signed.with_signatures((forged,)), [WITNESS_KEY])


def test_a_cosignature_under_a_checkpoint_of_another_log_is_not_stored(world):
    other = sign_checkpoint(Checkpoint("other.example", 300, bytes(32)), SIGNER)
    line = note.cosign(other.text, WITNESS_KEY.name, WITNESS, AT)
    with pytest.raises(UntrustedCheckpoint, match="signed no such checkpoint"):
        world.log.add_cosignatures(other.with_signatures((line,)), [WITNESS_KEY])
