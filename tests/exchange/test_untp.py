"""UNTP 0.6.1: own packs valid against the published schema and context; the published sample and its units."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import Issuer
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import Verifier
from passport.errors import FaultyRecord, PassportError
from passport.exchange import peer_format
from passport.exchange.untp import untp
from passport.identity import KeySigner, PrivateKey
from passport.linked_data import contexts, jsonld
from passport.vocabulary.vocabulary import load
from tests.conftest import example_count
from tests.each import each

KEY = PrivateKey.generate()
AT = datetime(2028, 1, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def folder(vectors):
    return vectors / "untp" / "0.6.1"


@pytest.fixture(scope="module")
def loader(folder):
    return contexts.PINNED.extended({untp.CONTEXTS[1]: json.loads((folder / "untp-dpp-context.jsonld").read_text())})


@pytest.fixture
def sample(folder):
    return json.loads((folder / "untp-dpp-instance.json").read_text("utf-8"))


def test_our_packs_are_valid_against_the_published_schema(pack, folder, schema_errors):
    assert schema_errors(folder / "untp-dpp-schema.json", untp.write(pack).document) == []


def test_every_term_is_defined_by_the_published_context(pack, loader):
    (expanded,) = jsonld.expand(untp.write(pack).document, loader=loader)
    assert "https://test.uncefact.org/vocabulary/untp/dpp/0/DigitalProductPassport" in expanded["@type"]


@pytest.mark.parametrize("suite", ["ecdsa-rdfc-2019", "ecdsa-jcs-2019", "vc+jwt"])
def test_our_own_export_passes_our_own_check_once_it_is_signed(pack, loader, suite):
    issuer = Issuer(KEY.public_key.did_key, KeySigner(KEY))
    document = untp.write(pack).document
    document["issuer"] = {**document["issuer"], "id": issuer.id}
    if suite == "vc+jwt":
        token = enveloping.secure(document, issuer, foreign=True, loader=loader)
        signed = enveloping.envelope(enveloping.VC_JWT, token)
    else:
        signed = issuer.issue(
            document, created=AT, cryptosuite=suite, allow_blank_nodes=True, foreign=True, loader=loader
        )
    result = Verifier(UnsafeAnyIssuer(), loader=loader).verify(signed, at=AT)
    assert result.verified is True, result.to_json()


def test_there_and_back_keeps_identity_size_footprint_and_every_link(pack):
    pack = replace(pack, model={**pack.model, "carbonFootprintMethod": "eu-jrc-2023"})
    export = untp.write(pack)
    again = untp.read(json.loads(json.dumps(export.document)))
    # The free text, and materials that have nothing but a share, do not come back: each is named.
    assert {fault.severity for fault in again.faults} <= {"loss"}
    assert {fault.location.pointer.partition("[")[0] for fault in again.faults} <= {
        "$.credentialSubject.product.description", "$.credentialSubject.materialsProvenance",
    }  # fmt: skip
    lost = {loss.indicator for loss in export.losses}
    whole = {"batteryIdentifier", "batteryModelIdentifier", "serialNumber", "batchNumber", "gtin", "manufacturingDate",
             "batteryPassportIdentifier", "batteryCategory", "batteryMass", "batteryDimensions", "manufacturerName",
             "batteryCarbonFootprint"}  # fmt: skip
    whole |= {i.id for i in load().indicators.values() if i.datatype == "anyURI" and i.carrier != "event"}
    said = {name for name in whole if pack.value(name) is not None}
    assert said & lost == set()
    for name in said:
        assert peer_format.same(pack.value(name), again.record.value(name)), name


def test_a_footprint_goes_out_with_its_method_or_not_at_all(ev):
    export = untp.write(ev)
    assert "emissionsScorecard" not in export.document["credentialSubject"]
    (loss,) = [loss for loss in export.losses if loss.indicator == "batteryCarbonFootprint"]
    assert "method" in loss.reason
    with_method = untp.write(replace(ev, model={**ev.model, "carbonFootprintMethod": "eu-pefcr"})).document
    record = untp.read(with_method).record
    assert (record.value("batteryCarbonFootprint"), record.value("carbonFootprintMethod")) == ("0.154", "eu-pefcr")


@each(
    "standard",
    [None, {}, {"id": "https://www.globalbattery.org/rulebook.pdf", "name": "GBA rulebook"}, {"name": 7},
     {"name": "cn-mee-2024-63-draft-2025-03"}],
)  # fmt: skip
def test_a_footprint_by_another_or_an_unknown_method_is_none_of_the_eus(ev, standard):
    document = untp.write(replace(ev, model={**ev.model, "carbonFootprintMethod": "eu-jrc-2023"})).document
    card = document["credentialSubject"]["emissionsScorecard"]
    card.pop("reportingStandard")
    if standard is not None:
        card["reportingStandard"] = standard
    reading = untp.read(document)
    assert reading.record.value("batteryCarbonFootprint") is None
    place = "$.credentialSubject.emissionsScorecard.carbonFootprint"
    (fault,) = [fault for fault in reading.faults if fault.location.pointer == place]
    assert (fault.code, fault.severity) == ("not-taken", "loss")


def test_reading_back_adds_nothing(pack):
    again = untp.read(untp.write(pack).document).record
    assert [name for name in {**again.model, **again.pack} if pack.value(name) is None] == []
    assert again.condition is None


def test_no_claim_and_no_proof_is_made_up(pack):
    document = untp.write(pack).document
    assert "proof" not in document and "conformityClaim" not in document["credentialSubject"]


def test_the_published_sample_gives_its_values_and_its_wrong_units_are_faults(sample):
    reading = untp.read(sample)
    assert reading.record.value("batteryMass") == "10"
    assert reading.record.value("serialNumber") == "12345678"
    assert {fault.location.pointer for fault in reading.faults if fault.code == "inexact-unit"} == {
        *(f"$.credentialSubject.product.dimensions.{name}.unit" for name in ("length", "width", "height")),
        "$.credentialSubject.emissionsScorecard.declaredUnit",
    }


@each(("unit", "value", "grams"), [("GRM", 1500, "1.5"), ("KGM", 1.5, "1.5"), ("TNE", 0.5, "500")])
def test_masses_are_converted_exactly(sample, unit, value, grams):
    sample["credentialSubject"]["product"]["dimensions"] = {"weight": {"value": value, "unit": unit}}
    assert untp.read(sample).record.value("batteryMass") == grams


def test_a_record_that_says_next_to_nothing_is_valid_too_with_every_filled_member_named(ev, folder, schema_errors):
    bare = replace(ev, model={"batteryCategory": "ev"}, batch={}, pack={}, condition=None, events={})
    export = untp.write(bare)
    assert schema_errors(folder / "untp-dpp-schema.json", export.document) == []
    assert {"$.id", "$.issuer.name", "$.credentialSubject.product.id"} <= set(export.filled)
    assert untp.read(export.document).record.model == {"batteryCategory": "ev"}


def test_other_documents_and_versions_are_refused(sample):
    with pytest.raises(FaultyRecord, match="no UNTP"):
        untp.read({"credentialSubject": {}})
    with pytest.raises(FaultyRecord, match="another version"):
        untp.read({**sample, "@context": [untp.CONTEXTS[0], "https://vocabulary.uncefact.org/untp/0.7.0/context/"]})


@settings(max_examples=example_count(80), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_content_makes_reading_fail_in_a_way_of_its_own(data, sample, anything, spoil):
    path = data.draw(st.lists(st.integers(0, 30), min_size=1, max_size=8))
    with contextlib.suppress(PassportError):
        untp.read(spoil(sample, path, data.draw(anything)))
