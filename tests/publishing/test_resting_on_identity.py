"""Accreditations and roles rest on the identity of their holder: what becomes of it reaches them."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import timedelta

import pytest

from passport.belonging import passport_verifier
from passport.credentials import identity_status
from passport.credentials.digests import document_digest
from passport.credentials.identity_status import RestsOn, identity_of
from passport.credentials.issuer import presentation
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import Outcome
from passport.directory.enterprise import Enterprise
from passport.errors import FaultyRecord, UsageError
from passport.lifecycle import Permit
from passport.linked_data import jsonld
from passport.linked_data.graphs import merged
from passport.oversight.supervised_store import catch_up
from passport.presenting.pack_events import event_page
from passport.publishing.events.accreditation import read_accreditation
from passport.publishing.events.event_check import EventCheck
from passport.publishing.events.identified_actor import statement_from
from passport.publishing.events.inbox import Inbox, Status
from passport.publishing.role_grants import RoleGrants
from passport.publishing.status.status_lists import StatusLists
from passport.store import Store
from passport.validation import shacl
from passport.vocabulary.credential_types import IDENTITY
from passport.vocabulary.vocabulary import Audience
from tests.directory_world import DirectoryWorld
from tests.lifecycle.life_world import LONG_AGO, NOW, PACK, PERMITS, ROLES, RULES, did
from tests.publishing.event_world import ACTORS, BASE_URL, Authority, SigningWorld, statement
from tests.supervision.test_standing_facts import ends_of

MAKER = did("maker")
HOUR, LONG = timedelta(hours=1), timedelta(days=20_000)


class IdentityWorld(SigningWorld):
    """A registrar states who the maker is; an authority accredits it on that."""

    def __init__(self, store: Store | None = None) -> None:
        self.directory = DirectoryWorld()
        self.maker = Enterprise(
            MAKER, {"en": "maker", "zh": "maker公司"}, "CN", tuple(ROLES["maker"]), registration_number="HRB 1"
        )
        self.identity = self.directory.registrar.issue(
            self.maker, ACTORS.documents[MAKER], valid_from=LONG_AGO, valid_until=LONG_AGO + LONG
        )
        self.trust = TrustList.from_json({"issuers": [*ACTORS.trusted(), self.directory.trusted]})
        super().__init__(store, Authority())
        self.accredit()

    def accredit(self, until=NOW + LONG) -> dict:
        permits = [Permit(PERMITS["maker"], "P-1", LONG_AGO)] if "maker" in PERMITS else []
        stated = statement_from(self.identity, ROLES["maker"], permits=permits)
        signed = self.authority.grants.grant(stated, valid_from=LONG_AGO, valid_until=until)
        self.authority.accreditations["maker"] = signed
        return signed

    def new_inbox(self) -> Inbox:
        return Inbox(self.store, EventCheck(self.store, self.trust, BASE_URL), RULES)

    @property
    def lists(self):
        return (*super().lists, *self.registrar_lists())

    def registrar_lists(self, at=None) -> list[dict]:
        store = self.directory.store
        StatusLists(store, self.directory.registrar._issuer, "https://registrar.example").sign_all(at or self.now)
        return [store.status_list(number) for number in sorted(store.role_lists())]

    def withdraw(self, purpose=REVOCATION, value=True) -> None:
        self.directory.registrar.change(MAKER, purpose, value, "struck off", self.now)


@pytest.fixture
def world():
    return IdentityWorld().produced()


def issue_passport(world):
    return world.message(world.event("issue_passport", "maker"))


def refused(world, message, code, status=Status.REFUSED):
    outcome = world.hand_in(message)
    assert outcome.status is status and code in outcome.codes, outcome.to_json()
    return outcome


# --- what an accreditation says ---------------------------------------------------------------------------------------


def test_an_accreditation_names_the_identity_by_id_and_digest_and_has_its_status_entries(world):
    accreditation = world.authority.accreditation("maker")
    subject = accreditation["credentialSubject"]
    assert subject["identityCredential"] == world.identity["id"]
    assert subject["identityDigest"] == document_digest(world.identity)
    own, *others = accreditation["credentialStatus"]
    assert identity_of(own) is None and own["statusPurpose"] == REVOCATION
    assert [{**entry, "identityCredential": None} for entry in others] == [
        {**entry, "identityCredential": None} for entry in world.identity["credentialStatus"]
    ]
    assert all(identity_of(entry) == world.identity["id"] for entry in others)
    assert read_accreditation(accreditation).holder == MAKER


def test_an_accreditation_ends_with_the_identity_on_which_it_rests(world):
    assert world.accredit(NOW + 2 * LONG)["validUntil"] == world.identity["validUntil"]


def test_an_identity_of_another_holder_is_refused(world):
    other = statement("dealer", identity=RestsOn.of(world.identity))
    with pytest.raises(UsageError, match="of another"):
        world.authority.grants.grant(other, valid_from=NOW)
    grants = RoleGrants(world.authority.store, world.authority.issuer, "https://authority.example")
    with pytest.raises(UsageError, match="of another"):
        grants.grant(
            did("dealer"), Audience.COMMISSION, "oversight", valid_from=NOW, identity=RestsOn.of(world.identity)
        )


@pytest.mark.parametrize("change", [{"identityDigest": None}, {"identityCredential": None}, {"identityDigest": 7}])
def test_an_accreditation_that_names_an_identity_by_half_is_refused(world, change):
    accreditation = copy.deepcopy(world.authority.accreditation("maker"))
    subject = accreditation["credentialSubject"]
    subject |= change
    accreditation["credentialSubject"] = {name: value for name, value in subject.items() if value is not None}
    with pytest.raises(FaultyRecord) as refusal:
        read_accreditation(accreditation)
    assert [fault.pointer for fault in refusal.value.faults] == ["/accreditation/credentialSubject/identityCredential"]


def test_the_shapes_refuse_a_digest_without_its_identity(world):
    def conforms(document):
        unsigned = {name: value for name, value in document.items() if name != "proof"}
        return not shacl.run(merged([jsonld.to_dataset(unsigned)]), shacl.shapes("shapes/parties.ttl"))

    accreditation = copy.deepcopy(world.authority.accreditation("maker"))
    assert conforms(accreditation)
    del accreditation["credentialSubject"]["identityCredential"]
    assert not conforms(accreditation)


def test_the_type_of_an_identity_has_one_name():
    assert identity_status.IDENTITY_TYPE == IDENTITY


# --- what becomes of the identity -------------------------------------------------------------------------------------


def test_a_revoked_identity_stops_new_events_and_leaves_old_ones(world):
    before = world.history(PACK).links
    world.withdraw()
    world.now = NOW + HOUR
    outcome = refused(world, issue_passport(world), "identity-withdrawn")
    assert outcome.kept and "accreditation-revoked" not in outcome.codes
    assert world.history(PACK).links == before and world.new_inbox().history(PACK).links == before


def test_a_suspended_identity_stops_new_events_until_it_is_restored(world):
    world.withdraw(SUSPENSION)
    world.now = NOW + HOUR
    refused(world, issue_passport(world), "identity-withdrawn")
    world.now += HOUR
    world.withdraw(SUSPENSION, value=False)
    assert world.hand_in(issue_passport(world)).status is Status.ACCEPTED


def test_an_older_list_of_the_registrar_after_the_newer_one_was_seen_helps_nobody(world):
    old = world.lists
    world.withdraw()
    world.now = NOW + HOUR
    refused(world, issue_passport(world), "identity-withdrawn")
    refused(world, world.message(world.event("issue_passport", "maker"), status_lists=old), "identity-withdrawn")


def test_an_identity_whose_status_is_not_known(world):
    fresh = IdentityWorld()
    event = fresh.event("register_code", "maker")
    message = fresh.message(event, status_lists=fresh.authority.status_lists(fresh.now))
    refused(fresh, message, "accreditation-status-unknown", Status.UNDETERMINED)


def test_a_list_of_somebody_who_is_no_registrar_says_nothing_of_an_identity(world):
    fresh = IdentityWorld()
    fresh.trust = TrustList.from_json({
        "issuers": [*ACTORS.trusted(), {**fresh.directory.trusted, "trustedFor": ["BatteryPassportCredential"]}]
    })  # fmt: skip
    fresh.inbox = fresh.new_inbox()
    event = fresh.event("register_code", "maker")
    refused(fresh, fresh.message(event), "accreditation-status-unknown", Status.UNDETERMINED)


def test_lists_that_came_before_are_enough(world):
    assert world.hand_in(replace(issue_passport(world), accreditation=None, status_lists=())).status is Status.ACCEPTED


def test_a_revoked_identity_ends_the_accreditation_in_the_facts_of_supervision(world):
    catch_up(world.store)
    assert all(end > NOW.timestamp() for end in ends_of(world.store, "maker"))
    world.withdraw()
    world.now = NOW + HOUR
    refused(world, issue_passport(world), "identity-withdrawn")
    catch_up(world.store)
    assert {end <= (NOW + HOUR).timestamp() for end in ends_of(world.store, "maker")} == {True}


# --- in a file --------------------------------------------------------------------------------------------------------


def verify(world, document, **lists):
    return passport_verifier(world.trust, **lists).verify(document, at=world.now)


def test_the_events_of_a_pack_go_out_with_the_lists_of_the_identity_and_verify(world):
    page = event_page(world.store, PACK, Audience.CN_REGULATOR)
    assert len(page.to_json()["statusLists"]) == 2, "that of the accreditation, and that of the identity"
    assert verify(world, page.presentation()).verified is True
    world.withdraw()
    world.now = NOW + timedelta(days=9)
    assert verify(world, event_page(world.store, PACK, Audience.CN_REGULATOR).presentation()).verified is True


def test_an_event_after_the_revocation_of_the_identity_does_not_verify(world):
    world.withdraw()
    world.now = NOW + HOUR
    message = world.message(world.event("issue_passport", "maker", world.now))
    world.now += HOUR
    file = presentation([message.event, message.detail, message.accreditation, *message.status_lists])
    result = verify(world, file)
    assert result.check(5).outcome is Outcome.FAILED and result.verified is False


def test_an_accreditation_of_a_revoked_identity_says_so(world):
    world.withdraw()
    accreditation = world.authority.accreditation("maker")
    result = verify(world, presentation([accreditation, *world.lists]))
    (shown,) = result.credentials
    assert (shown.check(4).outcome, shown.check(4).code) == (Outcome.FAILED, "identity-revoked")
    assert "identity of its holder was withdrawn" in str(shown.check(4).detail)


def test_an_identity_in_the_file_that_is_another_than_the_one_named_is_refused(world):
    accreditation = world.authority.accreditation("maker")
    assert verify(world, presentation([accreditation, world.identity, *world.lists])).check(6).passed
    renewed = world.directory.registrar.issue(
        replace(world.maker, country="DE"), ACTORS.documents[MAKER], valid_from=NOW, replace="moved",
        valid_until=NOW + LONG,
    )  # fmt: skip
    assert verify(world, presentation([accreditation, renewed, *world.lists])).check(4).outcome is Outcome.FAILED
    altered = {**accreditation, "credentialSubject": {**accreditation["credentialSubject"], "identityDigest": "u" * 47}}
    signed = world.authority.issuer.issue({k: v for k, v in altered.items() if k != "proof"}, created=NOW)
    result = verify(world, presentation([signed, world.identity, *world.lists]))
    assert (result.check(6).outcome, result.check(6).code) == (Outcome.FAILED, "other-identity")


# --- the directory of one's own ---------------------------------------------------------------------------------------


def test_what_a_registrar_grants_rests_on_its_own_directory_without_being_told():
    directory = DirectoryWorld()
    dealer = Enterprise(did("dealer"), {"en": "dealer"}, "CN", ("dealer",), registration_number="HRB 2")
    identity = directory.registrar.issue(dealer, ACTORS.documents[did("dealer")], valid_from=NOW)
    grants = RoleGrants(directory.store, directory.registrar._issuer, "https://registrar.example")
    role = grants.grant(did("dealer"), Audience.COMMISSION, "oversight", valid_from=NOW)
    assert role["credentialSubject"]["identityDigest"] == document_digest(identity)
    directory.registrar.change(did("dealer"), SUSPENSION, True, "under examination", NOW)
    with pytest.raises(UsageError, match="does not count"):
        grants.grant(did("dealer"), Audience.COMMISSION, "oversight", valid_from=NOW)
    stranger = grants.grant(did("fleet"), Audience.COMMISSION, "oversight", valid_from=NOW)
    assert "identityDigest" not in stranger["credentialSubject"]
