"""Two plants make one model: each batch says its own facts, and correcting one changes nothing of the other."""

from __future__ import annotations

from dataclasses import replace

import pytest

from passport.battery.batch import identifier_of
from passport.battery.record import Record
from passport.belonging import passport_verifier
from passport.errors import AlreadyIssued, FaultyRecord
from passport.publishing.planned_credential import planned_credentials
from passport.vocabulary.credential_types import BATCH, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience

HEFEI, LEIPZIG = "HF-2606-A", "LE-2606-A"
SHARES = {"recycledNickelShare": "9", "preConsumerRecycledNickelShare": "4", "postConsumerRecycledNickelShare": "5"}


def of_plants(world) -> tuple[Record, Record]:
    """A pack of each plant."""
    (first,) = world.records("ev-ncm-100kwh.xlsx")
    code = "ZZZPE10A7K2M05G6J0000318"
    made = first.events["production"]
    modules = [f"{module[:17]}1{module[18:]}" for module in made["moduleTractionBatteryCodes"]]
    production = {
        **made,
        "moduleTractionBatteryCodes": modules,
        "cellTractionBatteryCodes": [
            {**cell, "moduleCode": f"{cell['moduleCode'][:17]}1{cell['moduleCode'][18:]}"}
            for cell in made["cellTractionBatteryCodes"]
        ],
        "batteryProductionRecord": {**made["batteryProductionRecord"], "packCode": code, "moduleCodes": modules},
    }
    second = replace(
        first,
        pack={**first.pack, "packTractionBatteryCode": code, "serialNumber": code[7:]},
        batch={**first.batch, "facilityIdentifier": "9529999000033", **SHARES},
        batch_identifier=LEIPZIG,
        events={"production": production},
    )
    return replace(first, batch_identifier=HEFEI), second


@pytest.fixture
def two_plants(world) -> tuple[Record, Record]:
    records = of_plants(world)
    world.publisher.issue(records, at=world.now)
    return records


def address_of_batch(world, pack: str) -> str:
    return world.store.current(pack, PASSPORT).document["credentialSubject"]["batteryBatch"]


def packs(world) -> list[str]:
    return [pack.subject for pack in world.store.packs()]


def test_a_pack_names_its_batch_and_the_batch_its_model(world, two_plants):
    for pack, identifier in zip(packs(world), (HEFEI, LEIPZIG), strict=True):
        batch = address_of_batch(world, pack)
        model = pack.split("/21/")[0]
        assert batch == f"{model}/10/{identifier}"
        stored = world.store.current(batch, BATCH).document
        assert stored["credentialSubject"]["batteryModel"] == model
        assert stored["credentialSubject"]["type"] == "BatteryBatch"
        assert stored["proof"]["cryptosuite"] == "ecdsa-rdfc-2019"
        view = world.scan(pack)
        result = passport_verifier(world.project.trust_list()).verify(view.presentation(), at=world.now, about=pack)
        assert result.verified is True and result.check(6).detail == "one pack, its batch and its model"


def test_two_plants_say_different_shares_of_one_model(world, two_plants):
    first, second = (world.scan(pack).claims for pack in packs(world))
    assert (first["recycledNickelShare"], second["recycledNickelShare"]) == ("6.5", "9")
    assert first["batteryModelIdentifier"] == second["batteryModelIdentifier"]
    model = packs(world)[0].split("/21/")[0]
    assert "recycledNickelShare" not in world.scan(model).claims
    assert world.store.history(model, MODEL)[0].id == world.store.current(model, MODEL).id


def test_correcting_one_batch_changes_nothing_of_the_other(world, two_plants):
    hefei, leipzig = packs(world)
    before = {pack: world.scan(pack) for pack in (hefei, leipzig)}
    first, second = two_plants
    corrected = replace(second, batch={**second.batch, "renewableContentShare": "3"})
    world.later(days=1)
    with pytest.raises(AlreadyIssued, match="batch LE-2606-A"):
        world.publisher.issue([first, corrected], at=world.now)
    report = world.publisher.issue([first, corrected], at=world.now, replace=True, reason="share measured anew")
    outcomes = {(entry.kind, entry.name): entry.outcome for entry in report.entries}
    assert outcomes["batch", LEIPZIG] == "replaced" and outcomes["batch", HEFEI] == "same"
    assert all(outcome == "same" for (kind, _), outcome in outcomes.items() if kind != "batch")
    assert len([entry for entry in report.entries if entry.credentials]) == 1
    # The other plant's packs say, byte for byte, what they said before; so do model and pack of this one.
    assert world.scan(hefei).credentials == before[hefei].credentials
    for type_ in (MODEL, PASSPORT):
        assert world.scan(leipzig).credential(type_) == before[leipzig].credential(type_)
    assert world.scan(leipzig).claims["renewableContentShare"] == "3"
    verifier = passport_verifier(world.project.trust_list())
    assert verifier.verify(world.scan(leipzig).presentation(), at=world.now).verified is True
    # What was saved before is told to be replaced, and what the other plant's reader saved is not.
    lists = world.scan(hefei).status_lists
    old = [*before[leipzig].credentials, *lists]
    saved = [*before[hefei].credentials, *lists]
    assert (
        verifier.verify({**world.scan(hefei).presentation(), "verifiableCredential": old}, at=world.now).verified
        is False
    )
    assert verifier.verify({**world.scan(hefei).presentation(), "verifiableCredential": saved}, at=world.now).verified


def test_the_same_again_signs_nothing(world, two_plants):
    report = world.publisher.issue(two_plants, at=world.now)
    assert {entry.outcome for entry in report.entries} == {"same"}
    assert [entry.kind for entry in report.entries] == ["model", "batch", "pack", "batch", "pack"]
    assert {notice.code for notice in report.notices} <= {"long-address"}, "said of each run"


def test_a_batch_is_a_page_of_its_own_with_its_model(world, two_plants):
    batch = address_of_batch(world, packs(world)[1])
    view = world.scan(batch)
    assert (view.grain, view.subject, view.batch) == ("batch", batch, batch)
    assert view.claims["recycledNickelShare"] == "9" and "serialNumber" not in view.claims
    result = passport_verifier(world.project.trust_list()).verify(view.presentation(), at=world.now, about=batch)
    assert result.verified is True and result.check(6).detail == "one batch and its model"


def test_a_batch_that_is_described_in_two_ways_is_refused(world):
    first, second = of_plants(world)
    with pytest.raises(FaultyRecord) as refused:
        world.publisher.issue([first, replace(second, batch_identifier=HEFEI)], at=world.now)
    assert [fault.code for fault in refused.value.faults] == ["two-batches"]
    assert not world.store.packs()


def test_a_workbook_without_batches_gets_one_for_each_plant_and_year(world):
    first, second = (replace(record, batch_identifier=None) for record in of_plants(world))
    report = world.publisher.issue([first, second], at=world.now)
    batches = report.of_kind("batch")
    assert [entry.name for entry in batches] == [identifier_of(first), identifier_of(second)]
    assert {entry.name[:5] for entry in batches} == {"2026-"} and batches[0].name != batches[1].name
    assert [notice.code for notice in report.notices if notice.code == "batch-made-up"] == ["batch-made-up"] * 2


def test_a_revoked_batch_is_told_on_its_packs_and_on_no_others(world, two_plants):
    hefei, leipzig = packs(world)
    changed = world.publisher.revoke(address_of_batch(world, leipzig), reason="wrong shares", at=world.now)
    assert changed == (world.store.current(address_of_batch(world, leipzig), BATCH).id,)
    verifier = passport_verifier(world.project.trust_list())
    assert verifier.verify(world.scan(leipzig).presentation(), at=world.now).verified is False
    assert verifier.verify(world.scan(hefei).presentation(), at=world.now).verified is True


def test_a_suspension_of_a_batch_is_lifted_again(world, two_plants):
    hefei, _ = packs(world)
    batch = address_of_batch(world, hefei)
    verifier = passport_verifier(world.project.trust_list())
    world.publisher.suspend(batch, reason="audit", at=world.now)
    assert verifier.verify(world.scan(hefei).presentation(), at=world.now).verified is False
    world.publisher.suspend(batch, reason="audit closed", at=world.now, lift=True)
    assert verifier.verify(world.scan(hefei).presentation(), at=world.now).verified is True


# --- packs of the time before there were batches --------------------------------------------------------------------


def issued_the_old_way(world, monkeypatch) -> str:
    """A pack whose model states the facts of the batch, and that names no batch."""

    def planned(record: Record, base_url: str):
        everything = [one for one in planned_credentials(record, base_url) if one.kind != "batch"]
        model = next(one for one in everything if one.type == MODEL)
        old = [replace(one, extra={"batteryModel": one.extra["batteryModel"]}) if one.type == PASSPORT else one
               for one in everything]  # fmt: skip
        stated = dict(record.batch)
        # The nested entry of the address needs an id and terms, as every one of a credential.
        stated.pop("manufacturingPlace", None)
        return tuple(replace(one, extra=stated) if one is model else one for one in old)

    monkeypatch.setattr("passport.publishing.bulk.workbench.planned_credentials", planned)
    (record,) = world.records("ev-ncm-100kwh.xlsx")
    (pack,) = world.publisher.issue([record], at=world.now).of_kind("pack")
    monkeypatch.undo()
    return pack.subject


@pytest.mark.parametrize("audience", list(Audience))
def test_a_pack_issued_without_a_batch_stays_readable_and_verifiable(world, monkeypatch, audience):
    pack = issued_the_old_way(world, monkeypatch)
    view = world.scan(pack, audience)
    assert view.credential(BATCH) is None and view.batch is None and view.grain == "pack"
    assert view.claims["recycledNickelShare"] == "6.5"
    result = passport_verifier(world.project.trust_list()).verify(view.presentation(), at=world.now, about=pack)
    assert result.verified is True
    assert "batteryBatch" not in view.credential(PASSPORT)["credentialSubject"]


def test_a_pack_issued_without_a_batch_gets_one_when_it_is_issued_anew(world, monkeypatch):
    pack = issued_the_old_way(world, monkeypatch)
    records = world.records("ev-ncm-100kwh.xlsx")
    with pytest.raises(AlreadyIssued):
        world.publisher.issue(records, at=world.now)
    world.publisher.issue(records, at=world.now, replace=True, reason="facts of the batch apart")
    assert world.scan(pack).credential(BATCH) is not None
    assert "recycledNickelShare" not in world.scan(pack).credential(MODEL)["credentialSubject"]
