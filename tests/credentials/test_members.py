"""What "verified" covers: the whole file, member by member, and which lists count as of when."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from passport.credentials import status_list
from passport.credentials.verification_result import Outcome
from passport.errors import Undetermined
from passport.proofs.data_integrity import add_proof
from tests.each import each

LIST_TYPE = status_list.LIST_CREDENTIAL


def resigned(world, document: dict, issuer=None, **changes) -> dict:
    """``document`` with changes, signed by the issuer or somebody else, whatever the model says of it."""
    unsigned = {key: value for key, value in document.items() if key != "proof"} | changes
    signer = (issuer or world.issuer).signer
    return add_proof(unsigned, signer, cryptosuite="ecdsa-rdfc-2019", created=world.now, loader=world.loader)


# --- 1. every member ------------------------------------------------------------------------------------------------


def test_a_forged_credential_that_also_calls_itself_a_status_list_is_refused(world):
    forged = world.sign(
        world.unsigned(2, type=["VerifiableCredential", "ModelCredential", LIST_TYPE], issuer=world.stranger.id),
        world.stranger,
    )
    result = world.verify(world.saved(world.pack(), forged, world.list()))
    assert result.verified is False
    assert len(result.credentials) == 2
    assert result.documents == ()


@each(
    "types",
    [
        ["VerifiableCredential", LIST_TYPE, "PackCredential"],
        ["VerifiableCredential", LIST_TYPE, LIST_TYPE],
        [LIST_TYPE],
        LIST_TYPE,
        ["VerifiableCredential", f"https://www.w3.org/ns/credentials/status#{LIST_TYPE}"],
        ["VerifiableCredential", LIST_TYPE, 5],
    ],
)
def test_a_member_of_any_other_types_is_no_status_list(world, types):
    assert not status_list.is_list(world.list() | {"type": types})
    result = world.verify(world.saved(world.pack(), world.list(), world.list(number=2) | {"type": types}))
    assert result.verified is False


@each(
    "subject",
    [
        {"id": "https://battery.example.com/id/1", "ratedCapacity": "300.0"},
        [{"type": "BitstringStatusList"}, {"type": "BitstringStatusList"}],
        {"type": ["BitstringStatusList", "PackCredential"]},
        {"type": "BitstringStatusList", "@id": "https://battery.example.com/status/1#list"},
        {"type": "BitstringStatusList", "statusPurpose": {"@set": "refresh"}},
        None,
        "BitstringStatusList",
    ],
)
def test_a_member_with_another_subject_than_a_list_is_no_status_list(world, subject):
    assert not status_list.is_list(world.list() | {"credentialSubject": subject})


def test_a_credential_typed_as_a_list_and_saying_something_else_is_refused(world):
    document = world.unsigned(2, type=["VerifiableCredential", LIST_TYPE])
    result = world.verify(world.saved(world.pack(), world.list(), world.sign(document)))
    assert result.verified is False
    assert result.check(5).code == "issuer-not-accepted"


def test_status_lists_alone_are_no_passport(world):
    assert world.verify(world.saved(world.list())).verified is False


def test_every_member_is_named_with_its_verdict(world):
    report = world.verify(world.saved(world.pack(1), world.pack(2), world.list())).to_json()
    assert [(credential["id"], credential["verified"]) for credential in report["credentials"]] == [
        (f"{world.base}/credentials/1", True),
        (f"{world.base}/credentials/2", True),
    ]
    assert [
        (credential["id"], credential["label"], credential["verified"]) for credential in report["statusLists"]
    ] == [(f"{world.base}/status/1", LIST_TYPE, True)]


def test_only_documents_of_a_file_that_verified_are_handed_out(world):
    good = world.verify(world.saved(world.pack(1), world.list()))
    assert [document["id"] for document in good.documents] == [f"{world.base}/credentials/1"]
    unknown = world.verify(world.saved(world.pack(1)))
    assert unknown.verified is None
    assert unknown.documents == ()
    tampered = copy.deepcopy(world.pack(2))
    tampered["credentialSubject"]["ratedCapacity"] = "300.0"
    assert world.verify(world.saved(world.pack(1), tampered, world.list())).documents == ()


def test_two_members_of_one_id_are_refused_also_where_one_is_in_a_token(world):
    from passport.credentials.envelopes.enveloping import VC_JWT, envelope, secure

    pack = world.pack(1)
    unsigned = {key: value for key, value in pack.items() if key != "proof"}
    token = envelope(VC_JWT, secure(unsigned, world.issuer, loader=world.loader))
    result = world.verify(world.saved(pack, token, world.list()))
    assert result.verified is False
    assert result.check(1).code == "duplicate"


def test_an_unsigned_holder_is_reported_as_unproved_and_handed_to_nobody(world):
    saved = world.saved(world.pack(), world.list()) | {"holder": world.stranger.id, "termsOfUse": [{"type": "Free"}]}
    result = world.verify(saved)
    assert result.verified is True
    assert result.holder is None
    assert result.unproved == ("holder", "termsOfUse")
    assert result.to_json()["unproved"] == ["holder", "termsOfUse"]
    assert world.stranger.id not in str(result.documents)


def test_a_signed_holder_is_proved(world):
    members = [world.pack(), world.list()]
    saved = world.issuer.present(members, challenge="c", domain="d", created=world.now, loader=world.loader)
    result = world.verify(saved, challenge="c", domain="d")
    assert result.holder == world.issuer.id
    assert result.unproved == ()


# --- 3. freshness ---------------------------------------------------------------------------------------------------


def test_a_list_past_its_time_leaves_the_status_open_and_not_the_validity(world):
    old = world.list(at=world.now - timedelta(days=8), until=world.now - timedelta(days=1))
    result = world.verify(world.saved(world.pack(), old))
    assert result.verified is None
    assert result.check(3).passed
    assert result.check(4).outcome is Outcome.UNDETERMINED
    with pytest.raises(Undetermined):
        result.verify_or_raise()


def test_a_list_past_its_time_in_which_the_bit_is_set_does_not_count_either(world):
    old = world.list(4711, at=world.now - timedelta(days=8), until=world.now - timedelta(days=1))
    assert world.verify(world.saved(world.pack(), old)).verified is None


def test_another_instant_judges_the_lists_as_of_then(world):
    old = world.list(at=world.now - timedelta(days=8), until=world.now - timedelta(days=1))
    pack = resigned(world, world.pack(), credentialStatus=world.pack()["credentialStatus"])
    pack["proof"] = add_proof(
        {key: value for key, value in pack.items() if key != "proof"},
        world.issuer.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now - timedelta(days=9),
        loader=world.loader,
    )["proof"]
    then = world.now - timedelta(days=7)
    assert world.verify(world.saved(pack, old), at=then).verified is True
    # A list of later says nothing of that instant, and is no fault of the file.
    assert world.verify(world.saved(pack, world.list()), at=then).verified is None
    assert world.verify(world.saved(pack, old, world.list(4711)), at=then).verified is True


def fetched(world, answer) -> object:
    return world.verifier(lists={f"{world.base}/status/1": answer})


def test_a_newer_list_that_was_fetched_decides_over_the_enclosed_one(world):
    saved = world.saved(world.pack(), world.list(at=world.now - timedelta(days=2)))
    assert world.verify(saved, verifier=fetched(world, world.list(4711))).check(4).code == "revoked"
    assert world.verify(saved, verifier=fetched(world, world.list())).verified is True


def test_an_older_answer_does_not_take_back_what_the_enclosed_list_says(world):
    saved = world.saved(world.pack(), world.list(4711))
    older = world.list(at=world.now - timedelta(days=2))
    assert world.verify(saved, verifier=fetched(world, older)).check(4).code == "revoked"


@each("answer", ["<html>", [], {}, {"type": ["VerifiableCredential", LIST_TYPE]}, 5, None])
def test_a_fetched_answer_that_is_no_list_leaves_the_status_open(world, answer):
    saved = world.saved(world.pack(), world.list())
    result = world.verify(saved, verifier=fetched(world, answer))
    assert result.verified is (True if answer is None else None)  # None: nobody asked


def test_a_fetched_list_of_a_stranger_leaves_the_status_open(world):
    saved = world.saved(world.pack(), world.list())
    result = world.verify(saved, verifier=fetched(world, world.list(issuer=world.stranger)))
    assert result.verified is None
    assert result.check(4).code == "unusable-status-list"


def test_a_fetched_list_that_was_tampered_with_leaves_the_status_open(world):
    tampered = world.list(4711)
    tampered["credentialSubject"]["encodedList"] = status_list.BitString().encoded()
    result = world.verify(world.saved(world.pack(), world.list()), verifier=fetched(world, tampered))
    assert result.verified is None


def test_where_nothing_could_be_fetched_the_enclosed_list_decides_and_it_is_said(world):
    saved = world.saved(world.pack(), world.list())
    result = world.verify(saved, verifier=fetched(world, Undetermined("battery.example.com did not answer")))
    assert result.verified is True
    assert "could not be fetched: battery.example.com did not answer" in result.check(4).detail
    alone = world.verify(world.pack(), verifier=fetched(world, Undetermined("no answer")))
    assert alone.verified is None
    assert alone.check(4).code == "unusable-status-list"


def test_a_set_refresh_bit_passes_and_is_told(world):
    entry = status_list.entry(f"{world.base}/status/1", 5, "refresh")
    pack = world.pack(credentialStatus=entry)
    result = world.verify(world.saved(pack, world.list(5, purpose="refresh")))
    assert result.verified is True
    assert [credential.id for credential, _ in result.superseded] == [pack["id"]]
    assert "newer" in result.check(4).detail
    assert world.verify(world.saved(pack, world.list(purpose="refresh"))).superseded == ()


def test_a_revoked_read_out_is_refused_whatever_its_refresh_bit_says(world):
    entries = [
        status_list.entry(f"{world.base}/status/1", 5, "refresh"),
        status_list.entry(f"{world.base}/status/2", 6, "revocation"),
    ]
    pack = world.pack(credentialStatus=entries)
    lists = (world.list(5, purpose="refresh"), world.list(6, number=2))
    assert world.verify(world.saved(pack, *lists)).check(4).code == "revoked"
