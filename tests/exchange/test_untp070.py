"""UNTP 0.7.0: own packs valid against the published schema, headers read, every leaf accounted for."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.errors import FaultyRecord, PassportError
from passport.exchange import leaves, peer_format
from passport.exchange.aas.aas_documents import document_links
from passport.exchange.untp import untp070
from tests.conftest import example_count
from tests.each import each

AT = datetime(2028, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def schema(vectors):
    return vectors / "untp" / "0.7.0" / "untp-dpp-schema-0.7.0.json"


@pytest.fixture
def sample(vectors):
    return json.loads((vectors / "untp" / "0.7.0" / "minimal-dpp-own-sample.json").read_text("utf-8"))


def violations(reading):
    return [fault for fault in reading.faults if fault.severity == "violation"]


def test_our_packs_are_valid_against_the_published_schema(pack, schema, schema_errors):
    export = untp070.write(pack)
    assert schema_errors(schema, export.document) == []
    assert export.missing == ()


def test_a_record_that_says_next_to_nothing_is_valid_too_with_every_filled_member_named(ev, schema, schema_errors):
    bare = replace(ev, model={"batteryCategory": "ev"}, batch={}, pack={}, condition=None, events={})
    export = untp070.write(bare)
    assert schema_errors(schema, export.document) == []
    assert {"$.id", "$.name", "$.validFrom", "$.issuer.id", "$.credentialSubject.id", "$.credentialSubject.name",
            "$.credentialSubject.countryOfProduction.countryCode"} <= set(export.filled)  # fmt: skip
    reading = untp070.read(export.document)
    assert reading.record.model == {"batteryCategory": "ev"} and reading.record.pack == {}
    assert reading.faults == ()


def test_every_filled_member_holds_a_placeholder(pack):
    export = untp070.write(pack)
    for path in export.filled:
        node = export.document
        for step in path.removeprefix("$.").replace("[", ".").replace("]", "").split("."):
            node = node[int(step)] if step.isdigit() else node[step]
        assert peer_format.without_placeholders(node)[1] or node == peer_format.NO_UUID, path


def test_there_and_back_keeps_what_is_not_named_as_lost_and_adds_nothing(pack):
    export = untp070.write(pack)
    again = untp070.read(json.loads(json.dumps(export.document)))
    assert violations(again) == []
    lost = {loss.indicator for loss in export.losses}
    values = {**pack.model, **pack.batch, **pack.pack}
    for name in values.keys() - lost:
        assert peer_format.same(values[name], again.record.value(name)), name
    assert {
        name for name in {**again.record.model, **again.record.batch, **again.record.pack} if pack.value(name) is None
    } == set()
    assert all(loss.reason for loss in export.losses)
    kept = {"batteryIdentifier", "batteryModelIdentifier", "serialNumber", "manufacturingDate", "batteryMass",
            "batteryDimensions", "batteryCategory", "manufacturerName", "manufacturerAddress"}  # fmt: skip
    assert kept & lost == set()
    manuals = {"removalManual", "disassemblyManual"}  # their language has no place
    assert {name for name, _ in document_links()} & lost <= manuals


def test_no_claim_no_proof_and_nothing_harmless_is_made_up(pack):
    document = untp070.write(pack).document
    assert "proof" not in document and "performanceClaim" not in document["credentialSubject"]
    for entry in document["credentialSubject"].get("materialProvenance", ()):
        assert entry.get("hazardous", True) is True


@each("grain", ["model", "batch"])
def test_a_passport_of_another_grain_is_a_fault(sample, grain):
    sample["credentialSubject"]["idGranularity"] = grain
    (fault,) = violations(untp070.read(sample))
    assert (fault.code, fault.location.pointer) == ("other-granularity", "$.credentialSubject.idGranularity")


@each(("member", "value"), [("validFrom", "2030-01-01T00:00:00Z"), ("validUntil", "2027-06-01T00:00:00Z")])
def test_a_passport_that_is_not_valid_at_the_instant_is_a_fault(sample, member, value):
    sample[member] = value
    (fault,) = violations(untp070.read(sample, on=AT.date()))
    assert (fault.code, fault.location.pointer) == ("not-valid", f"$.{member}")


def test_a_limit_of_validity_without_an_instant_is_named(sample):
    sample["validUntil"] = "2027-06-01T00:00:00Z"
    assert "$.validUntil" in {fault.location.pointer for fault in untp070.read(sample).faults}
    assert violations(untp070.read({**sample, "validUntil": "2030-06-01T00:00:00Z"}, on=AT.date())) == []


def test_a_status_and_a_proof_are_named_as_not_checked(sample):
    sample["credentialStatus"] = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
    sample["proof"] = {"type": "DataIntegrityProof"}
    faults = {fault.location.pointer: str(fault.message) for fault in untp070.read(sample).faults}
    assert "not checked" in faults["$.credentialStatus.statusPurpose"]
    assert "not checked" in faults["$.proof.type"]


def test_every_leaf_of_the_sample_is_taken_or_named(sample):
    reading = untp070.read(sample)
    assert violations(reading) == []
    known = {fault.location.pointer for fault in reading.faults}
    known |= {place.pointer for place in reading.record.places.values()}
    headers = ("@context", "type", "validFrom", "idGranularity", "idScheme")
    rest = {path for path, _ in leaves.leaves(sample) if f"$.{path}" not in known}
    assert {path for path in rest if not any(name in path for name in headers)} == set()


def test_another_unit_is_a_fault_and_a_known_one_is_converted(sample):
    sample["credentialSubject"]["dimensions"] = {"weight": {"value": 1500, "unit": "GRM"}}
    assert untp070.read(sample).record.value("batteryMass") == "1.5"
    sample["credentialSubject"]["dimensions"]["weight"]["unit"] = "LBR"
    reading = untp070.read(sample)
    assert reading.record.value("batteryMass") is None
    assert [fault.code for fault in violations(reading)] == ["inexact-unit"]


def test_other_documents_and_versions_are_refused(sample):
    for content in ({}, 7, {"credentialSubject": {}}, {"credentialSubject": 7, "@context": []}):
        with pytest.raises(FaultyRecord, match="no UNTP"):
            untp070.read(content)
    with pytest.raises(FaultyRecord, match="another version"):
        untp070.read({**sample, "@context": ["https://test.uncefact.org/vocabulary/untp/dpp/0.6.1/"]})


@settings(max_examples=example_count(80), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_content_makes_reading_fail_in_a_way_of_its_own(data, ev, anything, spoil):
    document = json.loads(json.dumps(untp070.write(ev).document))
    path = data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=8))
    with contextlib.suppress(PassportError):
        untp070.read(spoil(document, path, data.draw(anything)), on=AT.date())
