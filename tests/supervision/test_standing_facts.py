"""A revocation ends an accreditation in the facts, and what its actor reported after it is found."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sql

from passport.oversight.supervised_store import catch_up, rebuild_from_events
from passport.oversight.supervisor import check_event
from passport.publishing.events.accreditation_status import ListVersions, revocation_entries
from passport.store.facts import fact_tables
from passport.supervision.pack_facts import seconds
from passport.supervision.rulebook import rulebook
from tests.lifecycle.life_world import HEFEI, LONG_AGO, NOW, OTHER_CODE, OTHER_PACK, PACK, day, did
from tests.publishing.event_world import Authority, SigningWorld

REVOKED = day("2027-07-08")
#: As :class:`Authority` accredits.
ENDS = seconds(NOW + timedelta(days=3650))
RULE = "outside-accreditation"


def ends_of(store, actor):
    table = fact_tables.accreditations
    with store.engine.connect() as connection:
        return {row.until for row in connection.execute(sql.select(table).where(table.c.actor == did(actor)))}


@pytest.fixture
def revoked_later():
    """The maker's accreditation is revoked; its next event comes with the list of before."""
    world = SigningWorld(authority=Authority(LONG_AGO))
    world.now = day("2027-07-05")
    for actor in ("maker", "other_maker"):
        world.authority.accredit(actor)
    world.accept("register_code", "maker", day("2027-07-01"))
    world.accept("produce", "maker", day("2027-07-02"), place=HEFEI)
    catch_up(world.store)
    before = world.lists
    accreditation = world.authority.accreditation("maker")["id"]
    assert world.authority.grants.revoke(accreditation, "left the register", REVOKED)
    world.now = day("2027-07-10")
    late = world.event("issue_passport", "maker", day("2027-07-09"))
    assert world.hand_in(world.message(late, status_lists=before)).status.value == "accepted"
    return world, late


def other_registers(world):
    """An event of another actor, with the list that was signed at the revocation."""
    world.now = day("2027-07-11")
    event = world.event(
        "register_code", "other_maker", day("2027-07-11", 8), pack=OTHER_PACK, fields={"packCode": OTHER_CODE}
    )
    store = world.authority.store
    lists = [store.status_list(number) for number in store.role_lists()]
    assert world.hand_in(world.message(event, status_lists=lists)).status.value == "accepted"


def test_a_list_that_came_with_another_event_ends_the_accreditation_and_what_came_after_is_found(revoked_later):
    world, late = revoked_later
    (arrival,) = catch_up(world.store)
    assert RULE not in {finding.rule for finding in judged(world, arrival)}
    assert ends_of(world.store, "maker") == {ENDS}
    other_registers(world)
    by_pack = {arrival.pack: arrival for arrival in catch_up(world.store)}
    assert ends_of(world.store, "maker") == {seconds(REVOKED)}
    (finding,) = [finding for finding in judged(world, by_pack[1]) if finding.rule == RULE]
    assert (finding.pack, finding.actor, finding.evidence) == (PACK, did("maker"), (late.id,))
    assert catch_up(world.store) == ()


def test_a_revocation_is_read_from_signed_lists_whenever_facts_are_made_again(revoked_later):
    world, _ = revoked_later
    other_registers(world)
    rebuild_from_events(world.store)
    assert ends_of(world.store, "maker") == {seconds(REVOKED)}
    assert ends_of(world.store, "other_maker") == {ENDS}


def test_a_revocation_by_the_stores_own_authority_needs_no_event():
    """Grants, lists and events in one store: the next judgement knows the revocation."""
    authority = Authority(LONG_AGO)
    world = SigningWorld(authority.store, authority)
    world.now = day("2027-07-05")
    world.accept("register_code", "maker", day("2027-07-01"))
    catch_up(world.store)
    assert ends_of(world.store, "maker") == {ENDS}
    assert authority.grants.revoke(authority.accreditation("maker")["id"], "left the register", REVOKED)
    assert catch_up(world.store) == ()
    assert ends_of(world.store, "maker") == {seconds(REVOKED)}


def test_a_list_of_another_issuer_revokes_nothing(revoked_later):
    world, _ = revoked_later
    accreditation = world.authority.accreditation("maker")
    versions = [world.lists[0], {**world.lists[0], "issuer": did("maker")}]
    ((_, entry),) = revocation_entries(accreditation)
    known = ListVersions([0], versions.__getitem__)
    assert known.revoked_since(entry, accreditation["issuer"]) == world.now
    assert ListVersions([1], versions.__getitem__).revoked_since(entry, accreditation["issuer"]) is None


def test_what_is_no_list_revokes_nothing():
    entry = {"statusPurpose": "revocation", "statusListIndex": "1", "statusListCredential": "https://a.example/1"}
    for document in ({}, {"validFrom": "x"}, {"validFrom": "2027-07-08T00:00:00Z", "issuer": "did:x"}):
        assert ListVersions([0], [document].__getitem__).revoked_since(entry, document.get("issuer")) is None


def judged(world, arrival):
    return check_event(
        world.store, rulebook(), pack=arrival.pack, event=arrival.event, at=world.now, touched=arrival.touched
    ).findings
