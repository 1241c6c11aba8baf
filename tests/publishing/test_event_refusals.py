"""Each refusal of a handed-in event, named after what is refused."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.credentials.issuer import Issuer
from passport.identity import KeySigner, PrivateKey
from passport.lifecycle import to_json
from passport.proofs.data_integrity import add_proof
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.events.event_credentials import unsigned_event
from passport.publishing.events.inbox import Status
from passport.publishing.events.message import EventMessage
from passport.publishing.status.status_lists import StatusLists
from tests.lifecycle.life_world import CAR_1, CODE, LONG_AGO, NOW, OTHER_CODE, OTHER_PACK, PACK, car, did
from tests.publishing.event_world import ACTORS, BASE_URL, SigningWorld, produced_world, statement


@pytest.fixture
def world():
    return produced_world()


def refused(world, message, *codes, status=Status.REFUSED):
    """The outcome of a message that must be refused for these reasons, and change nothing."""
    before = world.store.event_number()
    outcome = world.hand_in(message)
    assert outcome.status is status, outcome.to_json()
    assert set(codes) <= set(outcome.codes), outcome.codes
    assert world.store.event_number() == before
    return outcome


def issue_passport(world, **members):
    return world.event("issue_passport", "maker", **members)


# --- what was signed --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("occurredAt", "2027-07-30T09:00:00+08:00"),
        ("lifecycleEvent", "place_on_market"),
        ("previousEventDigest", "u" + "A" * 46),
        ("id", OTHER_PACK),
    ],
)
def test_a_tampered_event(world, member, value):
    message = world.message(issue_passport(world))
    event = copy.deepcopy(message.event)
    event["credentialSubject"][member] = value
    outcome = refused(world, replace(message, event=event), "invalid-signature")
    assert not outcome.kept


def test_a_tampered_detail(world):
    message = world.message(issue_passport(world))
    detail = copy.deepcopy(message.detail)
    detail["credentialSubject"]["carrierType"] = "RFID"
    outcome = refused(world, replace(message, detail=detail), "invalid-signature", "detail-altered")
    assert {fault.pointer for fault in outcome.faults} == {"/detail", "/event/credentialSubject/eventDetailDigest"}


def test_an_altered_signature_among_others_of_its_group(world):
    """Signatures of a group are verified together: each is told by its own, in the event and in the detail."""
    good = world.message(issue_passport(world))
    forged = []
    for part in ("event", "detail"):
        document = copy.deepcopy(getattr(good, part))
        first, value = document["proof"]["proofValue"][:20], document["proof"]["proofValue"][20:]
        document["proof"]["proofValue"] = first + ("2" if value[0] != "2" else "3") + value[1:]
        forged.append(replace(good, **{part: document}))
    before = world.store.event_number()
    outcomes = world.inbox.accept([*forged, good, forged[0]], now=world.now)
    assert [outcome.status.value for outcome in outcomes[:3]] == ["refused", "refused", "accepted"]
    assert "invalid-signature" in outcomes[0].codes and "invalid-signature" in outcomes[1].codes
    assert not any(outcome.kept for outcome in outcomes) and outcomes[3].status is Status.REFUSED
    assert world.store.event_number() == before + 1


def test_an_event_signed_by_another_actor(world):
    message = world.message(issue_passport(world))
    unsigned = {name: value for name, value in message.event.items() if name != "proof"}
    foreign = add_proof(unsigned, ACTORS.issuer("dealer").signer, cryptosuite="ecdsa-rdfc-2019", created=world.now)
    refused(world, replace(message, event=foreign), "proof-error")


def test_an_event_under_the_accreditation_of_another_actor(world):
    message = world.message(issue_passport(world))
    other = world.authority.accreditation("other_maker")
    refused(world, replace(message, accreditation=other), "not-the-accredited-actor")


def test_an_event_that_one_actor_signs_in_the_name_of_another_pack_maker(world):
    event = issue_passport(world)
    refused(world, world.message(event, signer="dealer"), "not-the-accredited-actor")


def test_an_unsigned_event(world):
    message = world.message(issue_passport(world))
    event = {name: value for name, value in message.event.items() if name != "proof"}
    refused(world, replace(message, event=event), "proof-error")


def test_an_event_signed_for_selective_disclosure(world):
    message = world.message(issue_passport(world))
    unsigned = {name: value for name, value in message.event.items() if name != "proof"}
    signed = ACTORS.issuer("maker").issue(
        unsigned, created=world.now, cryptosuite="ecdsa-sd-2023", mandatory_pointers=["/issuer"]
    )
    refused(world, replace(message, event=signed), "other-proof")


def test_an_event_signed_over_json_only(world):
    message = world.message(issue_passport(world))
    unsigned = {name: value for name, value in message.event.items() if name != "proof"}
    signed = ACTORS.issuer("maker").issue(unsigned, created=world.now, cryptosuite="ecdsa-jcs-2019")
    refused(world, replace(message, event=signed), "other-proof")


def test_an_event_of_an_actor_whose_key_is_not_at_hand_is_undetermined(world):
    key = PrivateKey.generate()
    name = "did:web:stranger.example"
    issuer = Issuer(name, KeySigner(key, f"{name}#1"))
    document = {**to_json(issue_passport(world)), "actor": name}
    document.pop("fields")
    signed = issuer.issue(unsigned_event(document, None), created=world.now)
    accreditation = world.authority.grants.grant(
        statement("maker", holder=name), valid_from=LONG_AGO, valid_until=NOW + timedelta(days=1)
    )
    message = EventMessage(signed, None, accreditation, world.authority.status_lists())
    outcome = world.hand_in(message)
    assert outcome.status is Status.REFUSED and "unresolvable-did" in outcome.codes
    assert not outcome.kept


# --- replayed, moved, doubled -----------------------------------------------------------------------------------------


def test_the_same_event_again_changes_nothing(world):
    message = world.message(issue_passport(world))
    first = world.hand_in(message)
    again = refused(world, message, "already-stored", status=Status.DUPLICATE)
    assert again.stored == world.store.event(first.event)


def test_the_same_event_twice_in_one_group_is_stored_once(world):
    message = world.message(issue_passport(world))
    first, second = world.inbox.accept([message, message], now=world.now)
    assert (first.status, second.status) == (Status.ACCEPTED, Status.DUPLICATE)
    assert len(world.history(PACK)) == 3


def test_a_refused_event_twice_in_one_group_is_refused_twice(world):
    message = world.message(world.event("recycle", "recycler"))
    first, second = world.inbox.accept([message, message], now=world.now)
    assert first.codes == second.codes and first.status is second.status is Status.REFUSED


def test_another_event_under_an_id_that_is_taken(world):
    event = issue_passport(world)
    world.hand_in(world.message(event))
    other = replace(world.event("place_on_market", "maker"), id=event.id)
    refused(world, world.message(other), "id-of-another-event")


def test_another_event_of_another_pack_under_an_id_that_is_taken(world):
    event = issue_passport(world)
    world.hand_in(world.message(event))
    other = world.event("register_code", "maker", pack=OTHER_PACK, fields={"packCode": OTHER_CODE})
    refused(world, world.message(replace(other, id=event.id)), "id-of-another-event")


def test_a_detail_moved_to_another_event(world):
    first, second = world.message(issue_passport(world)), world.message(issue_passport(world))
    outcome = refused(world, replace(first, detail=second.detail), "other-detail", "detail-of-another-event")
    assert outcome.kept, "an accredited actor signed both"


def test_an_event_without_its_detail(world):
    message = world.message(issue_passport(world))
    refused(world, replace(message, detail=None), "detail-missing")


def test_an_event_on_a_head_that_is_taken_is_told_the_new_head(world):
    first = world.message(issue_passport(world))
    second = world.message(issue_passport(world))
    world.hand_in(first)
    outcome = refused(world, second, "not-the-head")
    assert outcome.head == world.history(PACK).head
    assert outcome.to_json()["head"]["id"] == first.event["id"]


def test_an_event_left_out(world):
    world.accept("issue_passport", "maker")
    head = world.history(PACK).links[-2]
    event = world.event("place_on_market", "maker")
    left_out = replace(event, predecessor=type(event.predecessor)(head.event.id, head.digest))
    refused(world, world.message(left_out), "not-the-head")


# --- accreditation ----------------------------------------------------------------------------------------------------


def test_an_actor_without_accreditation(world):
    message = world.message(world.event("send_out", "dealer", counterpart=did("maker")))
    refused(world, replace(message, accreditation=None), "not-accredited")


def test_an_accreditation_by_somebody_who_is_not_trusted_for_it(world):
    store = SigningWorld().store
    own = ActorGrants(store, ACTORS.issuer("maker"), "https://maker.example")
    signed = own.grant(statement("maker"), valid_from=NOW)
    message = world.message(issue_passport(world))
    lists = tuple(store.status_list(number) for number in store.role_lists())
    outcome = refused(world, replace(message, accreditation=signed, status_lists=lists), "issuer-not-accepted")
    assert not outcome.kept


def test_a_tampered_accreditation(world):
    message = world.message(issue_passport(world))
    accreditation = copy.deepcopy(message.accreditation)
    accreditation["credentialSubject"]["actorRole"].append("regulator")
    refused(world, replace(message, accreditation=accreditation), "invalid-signature")


def test_a_revoked_accreditation_stops_new_events_and_leaves_old_ones(world):
    before = world.history(PACK).links
    world.authority.grants.revoke(world.authority.accreditation("maker")["id"], "licence withdrawn", NOW)
    world.now = NOW + timedelta(hours=1)
    outcome = refused(world, world.message(issue_passport(world)), "accreditation-revoked")
    assert outcome.kept
    assert world.history(PACK).links == before and world.new_inbox().history(PACK).links == before


def test_a_revoked_accreditation_with_an_older_list_after_the_newer_one_was_seen(world):
    old = world.lists
    world.authority.grants.revoke(world.authority.accreditation("maker")["id"], "licence withdrawn", NOW)
    world.now = NOW + timedelta(hours=1)
    refused(world, world.message(issue_passport(world)), "accreditation-revoked")
    refused(world, world.message(issue_passport(world), status_lists=old), "accreditation-revoked")


def test_an_accreditation_whose_status_is_not_known(world):
    fresh = SigningWorld(authority=world.authority)
    event = fresh.event("register_code", "maker")
    outcome = fresh.hand_in(fresh.message(event, status_lists=()))
    assert outcome.status is Status.UNDETERMINED and outcome.codes == ("accreditation-status-unknown",)


def test_an_accreditation_whose_list_is_out_of_date(world):
    world.now = NOW + timedelta(days=30)
    message = world.message(issue_passport(world), status_lists=())
    refused(world, message, "accreditation-status-unknown", status=Status.UNDETERMINED)


def test_an_expired_accreditation(world):
    world.authority.accredit("maker", valid_from=LONG_AGO, valid_until=NOW - timedelta(days=1))
    refused(world, world.message(issue_passport(world)), "accreditation-not-in-force")


def test_an_accreditation_that_was_not_in_force_when_it_happened(world):
    world.authority.accredit("maker", valid_from=NOW - timedelta(days=1))
    refused(world, world.message(issue_passport(world)), "accreditation-not-in-force")


def test_a_role_that_the_actor_is_not_accredited_for(world):
    refused(world, world.message(world.event("fit", "dealer", vehicle=car(CAR_1))), "role-may-not-report")


def test_a_stored_accreditation_is_enough(world):
    message = replace(world.message(issue_passport(world)), accreditation=None, status_lists=())
    assert world.hand_in(message).status is Status.ACCEPTED


def test_an_accreditation_of_this_project_needs_no_list_beside_it():
    world = SigningWorld()
    grants = ActorGrants(world.store, ACTORS.issuer("regulator"), BASE_URL)
    signed = grants.grant(statement("maker"), valid_from=NOW - timedelta(days=9000), valid_until=NOW)
    StatusLists(world.store, ACTORS.issuer("regulator"), BASE_URL).sign_all(NOW)
    event = world.event("register_code", "maker")
    message = replace(world.message(event), accreditation=None, status_lists=())
    world.now = NOW - timedelta(seconds=1)
    assert world.hand_in(message).status is Status.ACCEPTED
    grants.revoke(signed["id"], "over", world.now)
    refused(
        world, replace(world.message(world.event("produce", "maker")), accreditation=None, status_lists=()),
        "accreditation-revoked",
    )  # fmt: skip


# --- content ----------------------------------------------------------------------------------------------------------


def test_personal_data_in_free_text(world):
    event = world.event("report_lost", "maker", fields={"eventReason": "stolen with 1M8GDM9AXKP042788"})
    outcome = refused(world, world.message(event), "personal-data")
    assert "1M8GDM9AXKP042788" not in str(outcome.to_json())


def test_all_faults_are_said_at_once_by_place(world):
    event = world.event("report_lost", "maker", fields={"eventReason": " ", "caseNumber": ""})
    message = world.message(event)
    altered = replace(message, accreditation=None)
    outcome = refused(world, altered, "malformed-value")
    assert {fault.pointer for fault in outcome.faults} == {
        "/detail/credentialSubject/eventReason", "/detail/credentialSubject/caseNumber",
    }  # fmt: skip
    for fault in outcome.faults:
        assert fault.to_json()["message"]["en"]


@pytest.mark.parametrize(
    ("value", "pointer"),
    [
        ([], ""),
        ({}, "/event"),
        ({"event": "x"}, "/event"),
        ({"event": {}, "more": 1}, "/more"),
        ({"event": {}, "detail": []}, "/detail"),
        ({"event": {}, "statusLists": [{}] * 5}, "/statusLists"),
        ({"event": {"a": "x" * 1_000_001}}, ""),
    ],
)
def test_a_malformed_message(world, value, pointer):
    (outcome,) = world.inbox.accept([value], now=world.now)
    assert outcome.status is Status.REFUSED and pointer in {fault.pointer for fault in outcome.faults}


@pytest.mark.parametrize("event", [{}, {"issuer": 3}, {"credentialSubject": []}, {"@context": 1, "id": ["x"]}])
def test_a_hostile_event_is_refused_and_never_an_error(world, event):
    (outcome,) = world.inbox.accept([{"event": event, "detail": {}, "accreditation": {}}], now=world.now)
    assert outcome.status is Status.REFUSED and not outcome.kept


# --- what is kept -----------------------------------------------------------------------------------------------------


def test_a_refused_message_of_an_accredited_actor_is_kept_with_its_reasons(world):
    message = world.message(world.event("recycle", "recycler"))
    refused(world, message, "not-waste")
    world.hand_in(message)
    (kept,) = world.store.refused_events()
    assert kept.body == message.to_bytes() and "not-waste" in kept.reasons and kept.actor == did("recycler")


def test_a_message_of_a_stranger_is_not_kept(world):
    message = world.message(issue_passport(world))
    world.hand_in(replace(message, event={**message.event, "proof": {}}))
    assert world.store.refused_events() == ()


def test_a_code_that_another_pack_has(world):
    event = world.event("register_code", "maker", pack=OTHER_PACK, fields={"packCode": CODE}, parts=())
    refused(world, world.message(event))
