"""Members that verified before: the answer to a file is the same, whichever files were looked at before it."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from passport.credentials.checks import proof_check
from passport.credentials.checks.remembered import Remembered, digest
from passport.credentials.verifier import Verifier
from passport.linked_data import strict_json
from passport.proofs.data_integrity import add_proof
from tests.each import each


@pytest.fixture
def verifications(monkeypatch):
    """Ids of the documents whose proofs were verified."""
    names = []
    usual = proof_check.verify_proof

    def counted(document, *words, **options):
        names.append(document["id"])
        return usual(document, *words, **options)

    monkeypatch.setattr(proof_check, "verify_proof", counted)
    return names


def verifier(world, remembered=None) -> Verifier:
    return Verifier(world.trust(), loader=world.loader, remembered=remembered)


def files(world) -> list[dict]:
    """A genuine file; the same members beside another; and forgeries under the names of these members."""
    shared, status = world.pack(1), world.list()
    genuine = world.saved(shared, world.pack(2), status)
    forged = copy.deepcopy(shared)
    forged["credentialSubject"]["ratedCapacity"] = "999.0"
    respelled = copy.deepcopy(shared)
    respelled["credentialSubject"] = [respelled["credentialSubject"]]
    of_another = {key: value for key, value in shared.items() if key != "proof"}
    of_another = add_proof(of_another, world.stranger.signer, cryptosuite="ecdsa-rdfc-2019", created=world.now,
                           loader=world.loader)  # fmt: skip
    cleared = copy.deepcopy(status)
    cleared["credentialSubject"]["statusPurpose"] = "suspension"
    return [
        genuine,
        world.saved(shared, world.pack(3), status),
        world.saved(forged, status),
        world.saved(respelled, status),
        world.saved(of_another, status),
        world.saved(shared, cleared),
        world.saved(shared),
        world.saved(shared, world.list(4711)),
    ]


def test_the_answer_is_that_of_a_verifier_that_remembers_nothing(world):
    documents = files(world)
    alone = [verifier(world).verify(document, at=world.now).to_json() for document in documents]
    assert {answer["verified"] for answer in alone} == {True, False, None}
    for order in (range(len(documents)), range(len(documents) - 1, -1, -1)):
        with_memory = verifier(world, Remembered())
        for n in (*order, *order):
            assert with_memory.verify(documents[n], at=world.now).to_json() == alone[n]


def test_a_member_that_is_byte_for_byte_the_same_is_verified_once(world, verifications):
    shared, status, with_memory = world.pack(1), world.list(), verifier(world, Remembered())
    for n in (2, 3, 4):
        document = strict_json.loads(strict_json.dumps(world.saved(shared, world.pack(n), status)))
        assert with_memory.verify(document, at=world.now).verified
    assert verifications.count(shared["id"]) == verifications.count(status["id"]) == 1
    assert len(verifications) == 5


def test_a_forged_member_with_the_id_of_a_remembered_one_is_verified_and_refused(world, verifications):
    made = files(world)
    genuine, forged = made[0], made[2]
    with_memory = verifier(world, Remembered())
    assert with_memory.verify(genuine, at=world.now).verified
    before = len(verifications)
    answer = with_memory.verify(forged, at=world.now)
    assert answer.verified is False and answer.check(2).outcome.value == "failed"
    assert len(verifications) > before


def test_what_is_remembered_is_of_one_instant(world, verifications):
    document, with_memory = world.saved(world.pack(1), world.list()), verifier(world, Remembered())
    with_memory.verify(document, at=world.now)
    with_memory.verify(document, at=world.now + timedelta(seconds=1))
    assert len(verifications) == 4


def test_a_document_that_does_not_verify_is_not_remembered(world):
    remembered = Remembered()
    verifier(world, remembered).verify(files(world)[2], at=world.now)
    assert len(remembered) == 1  # the list beside it


def test_the_oldest_is_forgotten_first(world):
    remembered = Remembered(2)
    for n in range(3):
        remembered.keep(("credential", bytes([n]), b"", world.now), ())
    assert len(remembered) == 2 and remembered.proofs(("credential", b"\0", b"", world.now)) is None


@each(("one", "other"), [(1, True), ("1", 1), (1, 1.0), ([], {})])
def test_values_that_python_takes_for_equal_have_different_digests(one, other):
    assert digest({"a": one}) != digest({"a": other})


def test_what_no_json_has_is_not_remembered():
    assert digest({"a": object()}) is None and digest({"a": strict_json.loads("1.50")}) is None
