"""Receipts in the answers of the inbox: the proof that an accepted event is in the log, which verifies offline."""

from __future__ import annotations

import pytest

from passport.errors import LogProofFailed, LogRolledBack
from passport.identity import KeySigner, PrivateKey
from passport.identity.keys import Algorithm
from passport.publishing.events.event_check import EventCheck
from passport.publishing.events.inbox import Inbox, Status
from passport.publishing.events.receipts import NO_KEY, ReceiptWriter
from passport.publishing.log.log_checkpoints import Log, log_name
from passport.store.log.log_writing import EVENTS
from passport.transparency import receipt as receipts
from passport.transparency.checkpoint import Quorum
from passport.transparency.receipt import Receipt, document_entry
from tests.lifecycle.life_world import NOW, RULES
from tests.publishing.event_world import ACTORS, BASE_URL, produced_world

SIGNER = KeySigner(PrivateKey.generate(Algorithm.ED25519))


def inbox(world, signer=SIGNER):
    log = Log(world.store, EVENTS, log_name(BASE_URL, EVENTS))
    check = EventCheck(world.store, ACTORS.trust_list(), BASE_URL)
    return Inbox(world.store, check, RULES, ReceiptWriter(log, signer)), log


def verified(world, log, proof, digest):
    body = world.store.event_document(digest).body
    return receipts.verify(Receipt.parse(proof.encode()), document_entry(body), log.key(SIGNER), Quorum((), 0))


@pytest.fixture
def world():
    return produced_world()


def test_the_receipt_of_an_event_and_of_its_detail_verifies_offline(world):
    own, log = inbox(world)
    (outcome,) = own.accept([world.message(world.event("issue_passport", "maker"))], now=NOW)
    row = outcome.stored
    assert outcome.status is Status.ACCEPTED and row.detail is not None
    answer = outcome.to_json()["receipt"]
    assert verified(world, log, answer["proof"], row.digest).index == row.log_index
    assert verified(world, log, answer["detailProof"], row.detail).index == row.log_index + 1
    with pytest.raises(LogProofFailed):
        verified(world, log, answer["proof"], row.detail)


def test_a_group_is_under_one_checkpoint(world):
    own, log = inbox(world)
    first = world.message(world.event("issue_passport", "maker"))
    refused = world.message(world.event("declare_waste", "dealer"))
    outcomes = own.accept([first, refused, first], now=NOW)
    assert [each.status for each in outcomes] == [Status.ACCEPTED, Status.REFUSED, Status.DUPLICATE]
    assert len(world.store.log_checkpoints(EVENTS)) == 1
    assert outcomes[0].proofs == outcomes[2].proofs and outcomes[0].proofs.event
    assert "receipt" not in outcomes[1].to_json()


def test_a_duplicate_has_a_receipt_under_the_newest_checkpoint(world):
    own, log = inbox(world)
    sent = world.message(world.event("issue_passport", "maker"))
    own.accept([sent], now=NOW)
    own.accept([world.message(world.event("place_on_market", "maker"))], now=NOW)
    (again,) = own.accept([sent], now=NOW)
    found = verified(world, log, again.proofs.event, again.stored.digest)
    assert again.status is Status.DUPLICATE and found.checkpoint.size == world.store.log_size(EVENTS)


def test_without_the_key_the_answer_says_that_no_proof_can_be_made(world):
    own, _ = inbox(world, None)
    (outcome,) = own.accept([world.message(world.event("issue_passport", "maker"))], now=NOW)
    receipt = outcome.to_json()["receipt"]
    assert "proof" not in receipt and receipt["logIndex"] == outcome.stored.log_index
    assert receipt["withoutProof"]["en"] == str(NO_KEY)


def test_an_event_stays_accepted_where_no_checkpoint_can_be_signed(world, monkeypatch, caplog):
    own, log = inbox(world)

    def broken(*_):
        raise LogRolledBack("the log is shorter than its newest checkpoint")

    monkeypatch.setattr(Log, "sign", broken)
    (outcome,) = own.accept([world.message(world.event("issue_passport", "maker"))], now=NOW)
    assert outcome.status is Status.ACCEPTED and world.store.event(outcome.event) is not None
    assert outcome.proofs.event is None and outcome.proofs.missing is not None
    assert "no checkpoint was signed" in caplog.text
