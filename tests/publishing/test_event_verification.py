"""Check 5 of an event, through the enclosed accreditation as of the event's instant."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from passport.belonging import passport_verifier
from passport.credentials.issuer import presentation
from passport.credentials.verification_result import Outcome
from passport.lifecycle import Accreditation, LifecycleEvent, Permit, Place, catalogue, event_shapes
from passport.lifecycle.accreditation_scope import outside as accreditation_scope
from passport.vocabulary.event_reporters import event_reporters
from tests.lifecycle.life_world import HEFEI, LONG_AGO, NOW
from tests.publishing.event_world import ACTORS, SigningWorld


@pytest.fixture
def world():
    return SigningWorld()


@pytest.fixture
def message(world):
    return world.message(world.event("register_code", "maker", NOW - timedelta(days=3)))


def verify(message, lists=None, at=NOW, accreditation=None):
    members = [message.event, message.detail, accreditation or message.accreditation]
    file = presentation([*members, *(message.status_lists if lists is None else lists)])
    return passport_verifier(ACTORS.trust_list()).verify(file, at=at)


def test_an_event_inside_an_accreditation_verifies(message):
    result = verify(message)
    assert result.verified, result.to_json()
    assert result.check(5).passed and result.check(6).passed


def test_an_event_without_its_accreditation_does_not(message):
    file = presentation([message.event, message.detail])
    assert passport_verifier(ACTORS.trust_list()).verify(file, at=NOW).check(5).outcome is Outcome.FAILED


def test_a_revocation_after_the_event_leaves_it_as_it_is(world, message):
    before = message.status_lists
    world.authority.grants.revoke(message.accreditation["id"], "over", NOW)
    later = NOW + timedelta(days=30)
    after = world.authority.status_lists(later)
    assert verify(message, (*before,), at=later).verified
    fetched = {status_list["id"]: status_list for status_list in after}
    file = presentation([message.event, message.detail, message.accreditation, *before])
    assert passport_verifier(ACTORS.trust_list(), status_lists=fetched).verify(file, at=later).verified


def test_a_revocation_before_the_event_fails_it(world):
    message = world.message(world.event("register_code", "maker", NOW - timedelta(days=3)))
    world.authority.grants.revoke(message.accreditation["id"], "over", NOW - timedelta(days=5))
    lists = world.authority.status_lists(NOW - timedelta(days=4))
    result = verify(message, lists)
    assert result.check(5).outcome is Outcome.FAILED and result.verified is False


def test_a_list_that_says_revoked_later_than_the_event_determines_nothing(world, message):
    world.authority.grants.revoke(message.accreditation["id"], "over", NOW)
    result = verify(message, world.authority.status_lists(NOW), at=NOW)
    assert result.check(5).outcome is Outcome.UNDETERMINED and result.verified is None


def test_an_accreditation_that_ended_after_the_event(world, message):
    long_after = NOW + timedelta(days=36500)
    assert verify(message, at=long_after).verified


def test_an_accreditation_that_ended_before_the_event(world):
    world.authority.accredit("maker", valid_from=LONG_AGO, valid_until=NOW - timedelta(days=9))
    message = world.message(world.event("register_code", "maker", NOW - timedelta(days=3)))
    assert verify(message).check(5).outcome is Outcome.FAILED


def test_an_accreditation_without_a_status_list(message):
    assert verify(message, ()).check(5).outcome is Outcome.UNDETERMINED


def test_the_accreditation_of_another_actor(world, message):
    other = world.authority.accreditation("other_maker")
    result = verify(message, world.authority.status_lists(), accreditation=other)
    assert result.check(5).outcome is Outcome.FAILED


def test_a_tampered_accreditation(message):
    accreditation = copy.deepcopy(message.accreditation)
    accreditation["credentialSubject"]["registrationNumber"] = "other"
    assert verify(message, accreditation=accreditation).verified is False


def test_an_accreditation_by_somebody_who_is_not_trusted_for_it(world, message):
    from passport.credentials.trust import TrustList

    listed = TrustList.from_json({"issuers": [
        {"id": name, "name": {"en": "x"}, "trustedFor": [], "didDocument": document}
        for name, document in ACTORS.documents.items()
    ]})  # fmt: skip
    file = presentation([message.event, message.detail, message.accreditation, *message.status_lists])
    assert passport_verifier(listed).verify(file, at=NOW).check(5).outcome is Outcome.FAILED


# --- what the accreditation covers ----------------------------------------------------------------------------------


def outside(world, event):
    """Check 5 of the event and of its detail, signed by its actor with a genuine accreditation."""
    message = world.message(event)
    members = [message.event, *([message.detail] if message.detail else []), message.accreditation]
    result = passport_verifier(ACTORS.trust_list()).verify(presentation([*members, *message.status_lists]), at=NOW)
    own = [each for each in result.credentials if "BatteryActorCredential" not in each.types]
    assert result.verified is False and {each.check(5).code for each in own} == {"outside-accreditation"}
    check = result.check(5)
    assert check.finding.text("zh") != "" and check.outcome is Outcome.FAILED
    return check.finding.key


def test_an_event_of_a_role_that_may_not_report_it(world):
    assert outside(world, world.event("recycle", "dealer", NOW - timedelta(days=3))) == "role-may-not-report"


def test_an_event_outside_the_provinces_of_the_accreditation(world):
    world.authority.accredit("maker", provinces=("CN-SH",))
    event = world.event("register_code", "maker", NOW - timedelta(days=3), place=HEFEI)
    assert outside(world, event) == "outside-province"


@pytest.mark.parametrize("place", [None, Place("CN")])
def test_an_event_that_names_no_province_under_an_accreditation_for_some(world, place):
    world.authority.accredit("maker", provinces=("CN-AH",))
    event = replace(world.event("register_code", "maker", NOW - timedelta(days=3)), place=place)
    assert outside(world, event) == "province-unknown"


def test_an_event_inside_the_provinces_of_the_accreditation(world):
    world.authority.accredit("maker", provinces=("CN-AH",))
    assert verify(world.message(world.event("register_code", "maker", NOW - timedelta(days=3), place=HEFEI))).verified


@pytest.mark.parametrize(
    "permits",
    [
        (),
        (Permit("pollutant-permit", "P-1", LONG_AGO, NOW - timedelta(days=9)),),
        (Permit("dismantling-qualification", "P", LONG_AGO),),
    ],
    ids=["none", "ended", "another"],
)
def test_an_event_in_china_without_the_permit_that_the_role_needs(world, permits):
    world.authority.accredit("recycler", permits=permits)
    assert outside(world, world.event("recycle", "recycler", NOW - timedelta(days=3), place=HEFEI)) == "permit-missing"


def test_an_event_abroad_needs_no_chinese_permit(world):
    world.authority.accredit("recycler", permits=())
    event = world.event("recycle", "recycler", NOW - timedelta(days=3), place=Place("DE", None, "Ulm"))
    assert verify(world.message(event)).verified


def test_of_two_accreditations_the_one_that_covers_the_event_counts(world):
    narrow = world.authority.accredit("maker", roles=("dealer",))
    world.authority.accredit("maker")
    message = world.message(world.event("register_code", "maker", NOW - timedelta(days=3)))
    for order in ([narrow, message.accreditation], [message.accreditation, narrow]):
        file = presentation([message.event, message.detail, *order, *world.authority.status_lists()])
        checks = passport_verifier(ACTORS.trust_list()).verify(file, at=NOW)
        assert {each.check(5).outcome for each in checks.credentials} == {Outcome.PASSED}


def test_offline_and_inbox_agree_on_every_kind_and_role():
    """The derived file says what the catalogue says: who may report what, and under which permits."""
    facts, known = catalogue(), event_reporters()
    day = datetime(2027, 1, 1, tzinfo=UTC)
    for kind, role in product(facts.kinds, [code.code for code in facts.roles.codes]):
        event = LifecycleEvent(
            id="urn:e", pack="urn:p", kind=kind, actor="did:x:1", roles=frozenset({role}), instant=day, place=HEFEI
        )
        codes = {
            refusal.code
            for refusal in accreditation_scope(
                event, Accreditation("did:x:1", frozenset({role}), LONG_AGO), now=day, rules=facts.profile("cn")
            )
        }
        subject = {"lifecycleEvent": kind, "eventCountry": "CN", "eventProvince": "CN-AH"}
        objection = known.objection(subject, {"actorRole": [role]}, day)
        assert ({objection.code} if objection else set()) == codes


def test_the_derived_files_are_not_stale():
    assert event_shapes.stale() == ()
