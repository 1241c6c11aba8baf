"""Stories 2 to 5: a scan, a recycler, a verifier without a network, and the production event."""

from __future__ import annotations

import copy
import json

import pytest

from passport.battery.privacy import rights
from passport.credentials.verifier import Verifier
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Audience

PACKS = ("ev-ncm-100kwh.xlsx", "stationary-lfp.xlsx", "lmt-ebike.xlsx")


def keys_at_every_depth(value) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {key for item in value.values() for key in keys_at_every_depth(item)}
    if isinstance(value, list):
        return {key for item in value for key in keys_at_every_depth(item)}
    return set()


def test_a_scan_shows_the_public_what_is_public_and_it_verifies(world, ev):
    view = world.scan(ev)
    assert "manufacturerName" in view.claims
    assert "batteryStatus" not in json.dumps(view.presentation())
    assert world.verify(view.presentation()).verified is True


def test_public_credentials_are_served_byte_for_byte_as_signed(world, ev):
    stored = world.store.current(ev, PASSPORT)
    assert world.scan(ev).credential(PASSPORT) == json.loads(stored.body)


def test_a_recycler_sees_the_dismantling_manual_and_the_public_does_not(world, ev):
    assert "disassemblyManual" not in world.scan(ev).claims
    assert "disassemblyManual" in world.scan(ev, Audience.LEGITIMATE_INTEREST).claims


@pytest.mark.product(of=2)
@pytest.mark.parametrize("workbook", PACKS)
@pytest.mark.parametrize("audience", list(Audience))
def test_each_view_discloses_exactly_what_the_ontology_allows_and_verifies(world, workbook, audience):
    pack = world.issue(workbook).of_kind("pack")[0].subject
    words = vocabulary.load()
    (record,) = world.records(workbook)
    present = {
        key
        for part in (record.model, record.batch, record.pack, record.condition or {}, *record.events.values())
        for key in part
        if key in words.indicators
    } | {"batteryIdentifier"}
    view = world.scan(pack, audience)
    allowed = rights.readable(words, audience)
    events = {key for key in present if words.indicators[key].carrier == "event"}
    expected = {key for key in present if key in allowed} - (events if not events <= allowed else set())
    assert set(view.claims) == expected
    indicator_terms = keys_at_every_depth([document["credentialSubject"] for document in view.credentials])
    assert not (indicator_terms & set(words.indicators)) - allowed
    assert world.verify(view.presentation()).verified is True


def test_a_recyclers_view_verifies_with_the_issuers_public_key_alone(world, ev):
    view = world.scan(ev, Audience.LEGITIMATE_INTEREST)
    result = Verifier(world.project.trust_list()).verify(json.loads(json.dumps(view.presentation())), at=world.now)
    assert result.verified is True
    assert view.credential(MODEL_DETAIL) is not None and view.credential(CONDITION) is not None


def tampered(presentation: dict, type_: str, key: str, value) -> dict:
    copied = copy.deepcopy(presentation)
    for document in copied["verifiableCredential"]:
        if type_ in document["type"]:
            document["credentialSubject"][key] = value
    return copied


def test_a_tampered_value_does_not_verify(world, ev):
    view = world.scan(ev, Audience.LEGITIMATE_INTEREST).presentation()
    assert world.verify(tampered(view, PASSPORT, "manufacturingDate", "2026-06-19")).verified is False
    assert world.verify(tampered(view, CONDITION, "stateOfCharge", "65")).verified is False
    assert world.verify(tampered(view, CONDITION, "batteryStatus", "waste")).verified is False


def test_a_saved_passport_verifies_offline_and_says_as_of_when(world, ev):
    saved = json.loads(json.dumps(world.scan(ev).presentation()))
    world.later(days=3)
    result = world.verify(saved)
    assert result.verified is True
    assert result.status_lists_at is not None and result.status_lists_at < world.now


def test_without_its_status_lists_a_saved_passport_is_neither_good_nor_bad(world, ev):
    saved = world.scan(ev).presentation()
    saved["verifiableCredential"] = [
        item for item in saved["verifiableCredential"] if "BitstringStatusListCredential" not in item["type"]
    ]
    assert world.verify(saved).verified is None


def test_a_revoked_passport_no_longer_verifies(world, ev):
    world.later(days=1)
    assert len(world.publisher.revoke(ev, reason="wrong chemistry declared", at=world.now)) == 1
    assert world.verify(world.scan(ev).presentation()).verified is False


def test_a_suspension_can_be_lifted_and_a_revocation_stays(world, ev):
    world.publisher.suspend(ev, reason="recall", at=world.now)
    assert world.verify(world.scan(ev).presentation()).verified is False
    world.publisher.suspend(ev, reason="recall closed", at=world.now, lift=True)
    assert world.verify(world.scan(ev).presentation()).verified is True


def test_an_issuer_that_nobody_lists_is_not_trusted(world, ev, tmp_path):
    from passport.commands.keeping.init import make_project

    stranger = make_project(tmp_path / "stranger", "https://stranger.example", names={"en": "Stranger"})
    result = Verifier(stranger.trust_list()).verify(world.scan(ev).presentation(), at=world.now)
    assert result.verified is False


def test_the_regulator_sees_the_production_event_whole_and_nobody_else_sees_it(world, ev):
    for audience in Audience:
        event = world.scan(ev, audience).credential(EVENT)
        assert (event is not None) == (audience is Audience.CN_REGULATOR)
    event = world.scan(ev, Audience.CN_REGULATOR).credential(EVENT)
    assert event["credentialSubject"]["lifecycleEvent"] == "produce"
    assert len(event["credentialSubject"]["cellTractionBatteryCodes"]) == 192
