"""Check 5 of an event, through the enclosed accreditation as of the event's instant."""

from __future__ import annotations

import copy
from datetime import timedelta

import pytest

from passport.belonging import passport_verifier
from passport.credentials.issuer import presentation
from passport.credentials.verification_result import Outcome
from tests.lifecycle.life_world import LONG_AGO, NOW
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
