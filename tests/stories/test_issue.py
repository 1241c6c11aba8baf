"""Story 1: workbook to records, validated, signed, stored in one transaction, with a QR code that leads there."""

from __future__ import annotations

from io import BytesIO

import pytest
import zxingcpp
from PIL import Image

from passport.errors import AlreadyIssued, FaultyRecord, UsageError
from passport.reports import qr_code
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Audience

PACKS = ("ev-ncm-100kwh.xlsx", "stationary-lfp.xlsx", "lmt-ebike.xlsx")


@pytest.mark.parametrize("workbook", PACKS)
def test_each_example_pack_becomes_a_passport_whose_qr_code_leads_to_it(world, workbook):
    report = world.issue(workbook)
    (pack,) = report.of_kind("pack")
    assert pack.outcome == "issued"
    image = Image.open(BytesIO(qr_code.png(pack.subject)))
    assert [code.text for code in zxingcpp.read_barcodes(image)] == [pack.subject]
    assert world.store.current(pack.subject, PASSPORT) is not None


def test_the_documents_of_the_ev_pack_are_those_of_the_design(world, ev):
    model = world.store.pack(ev).model
    assert all(world.store.current(model, type_) for type_ in (MODEL, MODEL_DETAIL))
    assert all(world.store.current(ev, type_) for type_ in (PASSPORT, CONDITION, EVENT))
    passport = world.store.current(ev, PASSPORT).document
    assert passport["credentialSubject"]["batteryModel"] == model
    assert passport["proof"]["cryptosuite"] == "ecdsa-rdfc-2019"
    detail = world.store.current(model, MODEL_DETAIL).document
    assert detail["proof"]["cryptosuite"] == "ecdsa-sd-2023"


def test_the_carbon_footprint_is_that_of_the_published_case(world, ev):
    claims = world.scan(ev).claims
    assert claims["batteryCarbonFootprint"] == "0.154"
    assert claims["absoluteCarbonFootprint"] == "7392"
    assert claims["totalEnergyOverServiceLife"] == "48000"
    assert claims["ratedEnergy"] == "100"


def test_issuing_the_same_again_changes_nothing(world, ev):
    before = world.store.history(ev, PASSPORT)
    world.later(days=1)
    report = world.issue("ev-ncm-100kwh.xlsx")
    assert {entry.outcome for entry in report.entries} == {"same"}
    assert world.store.history(ev, PASSPORT) == before


def with_value(record, part: str, indicator: str, value):
    from dataclasses import replace

    return replace(record, **{part: {**getattr(record, part), indicator: value}})


def test_other_content_for_a_known_model_is_refused_and_says_what_differs(world, ev):
    (record,) = world.records("ev-ncm-100kwh.xlsx")
    changed = with_value(record, "model", "batteryMass", "541")
    with pytest.raises(AlreadyIssued, match="Battery mass.*540.*541"):
        world.publisher.issue([changed], at=world.now)


def test_a_replacement_without_a_reason_is_refused(world, ev):
    with pytest.raises(UsageError, match="reason"):
        world.issue("ev-ncm-100kwh.xlsx", replace=True)


def test_a_replacement_revokes_what_it_replaces_and_keeps_it_readable(world, ev):
    old = world.scan(ev).presentation()
    (record,) = world.records("ev-ncm-100kwh.xlsx")
    changed = with_value(record, "model", "batteryMass", "541")
    world.later(days=1)
    report = world.publisher.issue([changed], at=world.now, replace=True, reason="mass corrected")
    assert [entry.outcome for entry in report.entries] == ["replaced", "same", "same"]
    assert world.scan(ev).claims["batteryMass"] == "541"
    assert world.verify(world.scan(ev).presentation()).verified is True
    stale = {
        **old,
        "verifiableCredential": [
            *(c for c in old["verifiableCredential"] if "BitstringStatusListCredential" not in c["type"]),
            *world.scan(ev).status_lists,
        ],
    }
    assert world.verify(stale).verified is False


def test_one_fault_anywhere_and_nothing_is_issued(world):
    good = world.records("stationary-lfp.xlsx")[0]
    bad = with_value(world.records("lmt-ebike.xlsx")[0], "model", "ratedCapacity", "17,0")
    with pytest.raises(FaultyRecord) as caught:
        world.publisher.issue([good, bad], at=world.now)
    assert any(fault.indicator == "ratedCapacity" for fault in caught.value.faults)
    assert world.store.packs() == ()


def test_a_pack_described_twice_in_one_file_is_refused(world):
    twice = [*world.records("lmt-ebike.xlsx"), *world.records("lmt-ebike.xlsx")]
    with pytest.raises(FaultyRecord) as caught:
        world.publisher.issue(twice, at=world.now)
    assert [fault.code for fault in caught.value.faults] == ["duplicate-pack"]


def test_a_failure_while_signing_leaves_nothing_half_written(world, monkeypatch):
    import passport.publishing.sign as module

    def broken(*_args, **_options):
        raise RuntimeError("the signing device went away")

    monkeypatch.setattr(module.ecdsa_sd_2023, "derive", broken)
    with pytest.raises(RuntimeError):
        world.issue("lmt-ebike.xlsx")
    assert world.store.packs() == ()
    # Places are reserved before anything is signed. Nothing that was signed, not even a list, is in the store.
    assert world.store.version() == (0, 0, 0, 0, 0, 0)


def test_a_newer_read_out_replaces_the_older_without_being_asked(world, ev):
    (record,) = world.records("ev-ncm-100kwh.xlsx")
    newer = {**record.condition, "recordedAt": "2027-03-01T08:00:00Z", "stateOfCharge": "80"}
    newer = with_value(record, "condition", "stateOfCharge", "80").condition | newer
    from dataclasses import replace

    world.publisher.issue([replace(record, condition=newer)], at=world.now)
    view = world.scan(ev, Audience.LEGITIMATE_INTEREST)
    assert view.claims["stateOfCharge"] == "80"
    assert len(world.store.history(ev, CONDITION)) == 2
