"""Story: a battery is read again and again. What an older read-out's status entries say, and to whom it matters."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from passport.commands.keeping.init import make_project
from passport.credentials.credential import valid_from, valid_until
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION, check_status
from passport.linked_data import jsonld
from passport.proofs import ecdsa_sd_2023
from passport.publishing.status.status_lists import VALIDITY
from passport.store import Store
from passport.vocabulary.credential_types import CONDITION, PASSPORT
from passport.vocabulary.vocabulary import Audience
from tests.conftest import example_count
from tests.stories.conftest import BASE, World

READ_AT = "2027-03-{:02}T08:00:00Z"
RECYCLER = Audience.LEGITIMATE_INTEREST


def read(world: World, day: int, charge: str = "80", *, progress=lambda _: None, **options):
    """One more read-out of the e-bike's pack, of that day in March."""
    (record,) = world.records("lmt-ebike.xlsx")
    condition = {**record.condition, "recordedAt": READ_AT.format(day), "stateOfCharge": charge}
    return world.publisher.issue([replace(record, condition=condition)], at=world.now, progress=progress, **options)


def bits(world: World, document: dict) -> dict[str, bool]:
    """What the signed lists say of a credential, by purpose."""
    lists = {signed["id"]: signed for signed in map(world.store.status_list, world.store.list_numbers())}
    return {
        entry["statusPurpose"]: check_status(entry, lists[entry["statusListCredential"]])
        for entry in document["credentialStatus"]
    }


def read_outs(world: World, pack: str) -> list[dict]:
    return [stored.document for stored in world.store.history(pack, CONDITION)]


@pytest.fixture
def pack(world: World) -> str:
    return read(world, 1).of_kind("pack")[0].subject


# --- what a read-out carries ----------------------------------------------------------------------------------------


def test_a_read_out_has_a_place_for_revocation_and_one_for_refresh(world, pack):
    (document,) = read_outs(world, pack)
    assert [entry["statusPurpose"] for entry in document["credentialStatus"]] == [REVOCATION, REFRESH]
    assert bits(world, document) == {REVOCATION: False, REFRESH: False}
    passport = world.store.current(pack, PASSPORT).document
    assert [entry["statusPurpose"] for entry in passport["credentialStatus"]] == [REVOCATION, SUSPENSION]


def test_each_purpose_has_a_list_of_its_own_and_the_list_says_which(world, pack):
    assert sorted(world.store.list_purposes().values()) == [REFRESH, REVOCATION, SUSPENSION]
    for number, purpose in world.store.list_purposes().items():
        assert world.store.status_list(number)["credentialSubject"]["statusPurpose"] == purpose


def test_a_read_out_says_where_a_newer_one_is_found(world, pack):
    (document,) = read_outs(world, pack)
    service = document["refreshService"]
    assert service["id"].partition("#")[0] == pack
    # It is signed: expansion knows the type, and the pack itself does not become a service.
    types = [
        quad.subject for quad in jsonld.to_dataset(document) if "ns#BatteryPassportRefreshService>" in quad.object
    ]  # fmt: skip
    assert types == [f"<{service['id']}>"]


def test_no_view_of_a_read_out_can_leave_out_status_or_refresh_service(world, pack):
    shown = world.scan(pack, RECYCLER).credential(CONDITION)
    keys = [key for key in shown["credentialSubject"] if key not in ("id", "type", "recordedAt")]
    for kept in ([], *([f"/credentialSubject/{key}"] for key in keys)):
        view = ecdsa_sd_2023.thin(shown, kept)
        assert view["credentialStatus"] == read_outs(world, pack)[0]["credentialStatus"]
        assert view["refreshService"] == read_outs(world, pack)[0]["refreshService"]
        assert len(view["credentialSubject"]) == 3 + len(kept)
        assert world.verify(view).credentials[0].check(2).passed


def test_a_refresh_service_that_was_changed_is_refused(world, pack):
    shown = world.scan(pack, RECYCLER).credential(CONDITION)
    changed = {**shown, "refreshService": {**shown["refreshService"], "id": "https://evil.example/#refresh"}}
    assert not world.verify(changed).credentials[0].check(2).passed


# --- a newer one ----------------------------------------------------------------------------------------------------


def test_a_newer_read_out_refreshes_the_older_and_withdraws_nothing(world, pack):
    world.later(days=1)
    read(world, 2)
    older, newer = read_outs(world, pack)
    assert bits(world, older) == {REVOCATION: False, REFRESH: True}
    assert bits(world, newer) == {REVOCATION: False, REFRESH: False}


def test_the_refresh_bit_is_signed_with_the_batch_and_not_at_once(world, pack):
    world.later(days=1)
    (older,), during = read_outs(world, pack), []
    read(world, 2, progress=lambda _: during.append(bits(world, older)[REFRESH]))
    assert during and not any(during)
    assert bits(world, older)[REFRESH]


def test_a_refresh_bit_that_a_crash_left_unsigned_is_signed_by_the_next_refresh(world, pack):
    world.later(days=1)

    class Crash(Exception):
        pass

    def crash(_entry) -> None:
        raise Crash

    (older,) = read_outs(world, pack)
    with pytest.raises(Crash):
        read(world, 2, progress=crash)
    assert len(read_outs(world, pack)) == 2
    assert not bits(world, older)[REFRESH]
    world.publisher.sign_status_lists(at=world.now)
    assert bits(world, older) == {REVOCATION: False, REFRESH: True}


def test_a_revocation_signs_its_own_list_and_leaves_refreshes_to_the_batch(world, pack):
    numbers = {purpose: number for number, purpose in world.store.list_purposes().items()}
    before = {purpose: world.store.status_list(number) for purpose, number in numbers.items()}
    world.later(hours=1)
    world.publisher.revoke(pack, reason="stolen", at=world.now)
    signed = {purpose for purpose, number in numbers.items() if world.store.status_list(number) != before[purpose]}
    assert signed == {REVOCATION}


def test_an_older_read_out_that_was_saved_verifies_after_a_newer_one(world, pack):
    saved = world.scan(pack, RECYCLER)
    older = saved.credential(CONDITION)
    world.later(days=1)
    read(world, 2)
    today = [world.store.status_list(number) for number in world.store.list_numbers()]
    result = world.verify({**saved.presentation(), "verifiableCredential": [*saved.credentials, *today]})
    assert result.verified, result.to_json()
    (about,) = [one for one in result.credentials if one.id == older["id"]]
    assert {reading.purpose: reading.value for reading in about.statuses} == {REVOCATION: 0, REFRESH: 1}


def test_the_view_holds_the_newest_read_out_with_all_lists_that_it_names(world, pack):
    world.later(days=1)
    read(world, 2, "60")
    view = world.scan(pack, RECYCLER)
    assert view.claims["stateOfCharge"] == "60"
    named = {entry["statusListCredential"] for one in view.credentials for entry in one["credentialStatus"]}
    assert {one["id"] for one in view.status_lists} == named
    assert {one["credentialSubject"]["statusPurpose"] for one in view.status_lists} == {
        REVOCATION, SUSPENSION, REFRESH,
    }  # fmt: skip
    assert world.verify(view.presentation()).verified
    # The public sees no read-out, so it gets no list of them.
    assert len(world.scan(pack).status_lists) == 2


def test_the_status_list_of_read_outs_adds_little_to_a_saved_passport(world, pack):
    view = world.scan(pack, RECYCLER)
    (refresh,) = [one for one in view.status_lists if one["credentialSubject"]["statusPurpose"] == REFRESH]
    assert len(json.dumps(refresh)) < 1500


# --- a wrong one ----------------------------------------------------------------------------------------------------


def test_a_read_out_that_was_wrong_is_revoked_when_it_is_replaced(world, pack):
    world.later(days=1)
    read(world, 1, "8", replace=True, reason="typed wrong")
    wrong, right = read_outs(world, pack)
    assert bits(world, wrong) == {REVOCATION: True, REFRESH: False}
    assert bits(world, right) == {REVOCATION: False, REFRESH: False}
    lists = [world.store.status_list(number) for number in world.store.list_numbers()]
    result = world.verify({**world.scan(pack).presentation(), "verifiableCredential": [wrong, *lists]})
    assert not result.verified
    assert result.credentials[0].check(4).code == "revoked"


def test_a_newer_read_out_in_a_replacement_refreshes_all_the_same(world, pack):
    world.later(days=1)
    read(world, 2, replace=True, reason="new data of the week")
    older, _ = read_outs(world, pack)
    assert bits(world, older) == {REVOCATION: False, REFRESH: True}


def test_a_wrong_read_out_is_revoked_at_once_and_not_with_the_batch(world, pack):
    world.later(days=1)
    (wrong,), during = read_outs(world, pack), []
    read(world, 1, "8", replace=True, reason="typed wrong", progress=lambda _: during.append(bits(world, wrong)))
    assert during and all(said[REVOCATION] for said in during)


def test_earlier_read_outs_are_told_without_those_that_were_wrong(world, pack):
    world.later(days=1)
    read(world, 1, "8", replace=True, reason="typed wrong")
    read(world, 2, "60")
    told = world.presenter.read_outs(pack, RECYCLER)
    assert [one["credentialSubject"]["stateOfCharge"] for one in told] == ["8", "60"]


# --- any order of these ---------------------------------------------------------------------------------------------


class ReadOuts(RuleBasedStateMachine):
    """Read-outs, corrections, revocations of the pass and daily signings in any order, against a model of all bits."""

    folder = None

    @initialize()
    def begin(self) -> None:
        self.world = World(type(self).project, Store.open("sqlite://"))
        self.day, self.charge, self.expected = 1, 50, {}
        self.pack = read(self.world, self.day, str(self.charge)).of_kind("pack")[0].subject
        self._newest()

    def _newest(self) -> None:
        self.current = self.world.store.current(self.pack, CONDITION).id
        self.expected[self.current] = {REVOCATION: False, REFRESH: False}

    @rule()
    def newer(self) -> None:
        self.day, self.charge = self.day + 1, (self.charge + 7) % 100
        read(self.world, self.day, str(self.charge))
        self.expected[self.current][REFRESH] = True
        self._newest()

    @rule()
    def corrected(self) -> None:
        self.charge = (self.charge + 3) % 100
        read(self.world, self.day, str(self.charge), replace=True, reason="wrong")
        self.expected[self.current][REVOCATION] = True
        self._newest()

    @rule()
    def same_again(self) -> None:
        read(self.world, self.day, str(self.charge))

    @rule(hours=st.integers(1, 24))
    def signed_by_the_timer(self, hours: int) -> None:
        self.world.later(hours=hours)
        self.world.publisher.sign_status_lists(at=self.world.now)

    @invariant()
    def every_signed_bit_is_that_of_the_model(self) -> None:
        if not hasattr(self, "world"):
            return
        for document in read_outs(self.world, self.pack):
            assert bits(self.world, document) == self.expected[document["id"]]
        assert len(self.expected) == len(read_outs(self.world, self.pack))

    @invariant()
    def the_view_holds_the_newest_and_its_lists_end_in_seven_days(self) -> None:
        if not hasattr(self, "world"):
            return
        view = self.world.scan(self.pack, RECYCLER)
        assert view.credential(CONDITION)["id"] == self.current
        for document in view.status_lists:
            since, until = valid_from(document), valid_until(document)
            assert since <= self.world.now < until == since + VALIDITY

    def teardown(self) -> None:
        if hasattr(self, "world"):
            assert self.world.verify(self.world.scan(self.pack, RECYCLER).presentation()).verified


def test_any_order_of_read_outs_and_corrections_leaves_the_bits_of_its_model(tmp_path):
    ReadOuts.project = make_project(tmp_path / "operator", BASE, names={"en": "Operator", "zh": None})
    run_state_machine_as_test(
        ReadOuts, settings=settings(max_examples=example_count(4), stateful_step_count=6, deadline=None)
    )
