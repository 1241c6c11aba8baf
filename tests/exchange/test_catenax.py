"""The published Catena-X sample: what is read, what is converted, and every fault at its path."""

from __future__ import annotations

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.battery.claims import claims
from passport.errors import FaultyRecord
from passport.exchange.catenax import catenax_reader
from passport.exchange.catenax.catenax_mapping import DOCUMENTS, READINGS, VALUES
from passport.exchange.records import record_files
from passport.texts import say
from passport.vocabulary.vocabulary import Carrier, load
from tests.each import each

SAMPLE = "io.catenax.battery.battery_pass-6.1.0-sample.json"


@pytest.fixture(scope="module")
def path(vectors: Path) -> Path:
    return vectors / "catenax" / SAMPLE


@pytest.fixture
def document(path) -> dict:
    return json.loads(path.read_text("utf-8"))


@pytest.fixture
def sample(document) -> catenax_reader.PeerReading:
    return catenax_reader.read(document, SAMPLE)


def faults_at(reading: catenax_reader.PeerReading, pointer: str) -> list[str]:
    return [fault.code for fault in reading.faults if fault.location.pointer == pointer]


def value_at(document, pointer):
    for step in pointer.removeprefix("$.").replace("[", ".").replace("]", "").split("."):
        document = document[int(step)] if isinstance(document, list) else document[step]
    return document


@pytest.mark.parametrize(
    ("pointer", "code", "found"),
    [
        ("$.identification.category", "no-passport-category", '"SLI"'),
        ("$.commercial.purpose", "no-passport-category", '"automotive"'),
        ("$.operation.intoServiceDate", "impossible-date", '"7172-75-08"'),
        ("$.commercial.placedOnMarket", "placeholder", '"2000-01-01"'),
        ("$.metadata.status", "not-approved", '"draft"'),
        ("$.metadata.passportIdentifier", "placeholder", '"urn:uuid:550e8400-e29b-41d4-a716-446655440000"'),
        ("$.metadata.registrationIdentifier", "placeholder", '"https://dummy.link/ID8283746239078"'),
        ("$.metadata.economicOperatorId", "placeholder", '"BPNL0123456789ZZ"'),
        ("$.safety.dismantling[0].content", "placeholder", '"https://dummy.link"'),
        ("$.conformity.declarationOfConformity[0].content", "placeholder", '"https://dummy.link"'),
        ("$.characteristics.warranty.lifeUnit", "inexact-unit", '"unit:day"'),
        ("$.materials.hazardous.mercury.concentration", "restricted-substance", "0.00053 %"),
    ],
)
def test_the_faults_of_the_sample_are_reported_by_path(sample, pointer, code, found):
    (fault,) = [fault for fault in sample.faults if (fault.location.pointer, fault.code) == (pointer, code)]
    assert fault.found == found
    assert fault.expected
    assert say(fault.message, "en") != say(fault.message, "zh")
    assert fault.location.file == SAMPLE


def test_the_gaps_of_the_sample_are_named_by_path_and_nothing_is_made_up_for_them(sample):
    gaps = {gap.indicator: gap for gap in sample.gaps}
    assert all(gap.severity == "warning" for gap in sample.gaps)
    assert gaps["operatorInformation"].location.pointer == "$.metadata.economicOperatorId"
    assert gaps["operatorInformation"].expected == "name, streetAddress, addressCountry"
    assert gaps["labelMeaning"].location.pointer == "$.safety.meaningOfLabels"
    assert gaps["carbonFootprintDistribution"].found == "nothing"
    nowhere = gaps[None].found.split(", ")
    assert {"manufacturerName", "packTractionBatteryCode", "maximumPermittedPower"} <= set(nowhere)
    for name in (*nowhere, *filter(None, gaps)):
        assert sample.record.value(name) is None


def test_a_pack_placed_on_the_market_before_it_was_made_is_refused(document):
    document["commercial"]["placedOnMarket"] = "2024-03-01"
    document["operation"]["manufacturer"]["manufacturingDate"] = "2024-03-02"
    assert faults_at(catenax_reader.read(document), "$.commercial.placedOnMarket") == ["wrong-order"]


def test_what_is_wrong_only_by_the_rules_of_a_battery_is_mapped_and_can_be_found(sample):
    model = sample.record.model
    assert [model[name] for name in ("ratedEnergy", "ratedCapacity", "nominalVoltage")] == ["0.5", "4", "3.7"]
    assert sample.record.locate("ratedEnergy").pointer == "$.performance.rated.energy.value"
    assert sample.record.model["batteryCategory"] == "SLI"
    assert sample.record.category is None


def test_units_are_converted_exactly(sample, document):
    model = sample.record.model
    assert model["batteryMass"] == "0.02"
    assert model["batteryDimensions"] == {"length": "20", "width": "20", "height": "20"}
    assert model["hazardousSubstances"][0]["concentration"] == "0.00053"
    # 5.3 parts per million of 20 g
    assert model["detailedComposition"][0]["mass"] == "0.000106"
    document["characteristics"]["physicalDimension"] |= {
        "weight": {"value": 0.1, "unit": "unit:ounceAvoirdupois"},
        "length": {"value": 3, "unit": "unit:inch"},
    }
    document["characteristics"]["warranty"] = {"lifeValue": 8, "lifeUnit": "unit:year"}
    model = catenax_reader.read(document).record.model
    assert (model["batteryMass"], model["batteryDimensions"]["length"]) == ("0.0028349523125", "76.2")
    assert model["warrantyPeriod"] == 96


@each(
    ("pointer", "unit"),
    [
        ("characteristics.warranty.lifeUnit", "unit:cycle"),
        ("characteristics.physicalDimension.weight.unit", "unit:stone"),
        ("characteristics.physicalDimension.weight.unit", None),
        ("materials.hazardous.other[0].materialUnit", "unit:percentVolume"),
    ],
)
def test_a_unit_that_cannot_be_converted_exactly_is_refused_and_its_value_left_out(document, pointer, unit):
    holder = value_at(document, pointer.rpartition(".")[0])
    holder[pointer.rpartition(".")[2]] = unit
    assert faults_at(catenax_reader.read(document), f"$.{pointer}") == ["inexact-unit"]


def test_a_read_out_keeps_its_time_and_a_reading_of_another_time_is_refused(document):
    record = catenax_reader.read(document).record
    assert record.condition["recordedAt"] == "2023-12-07T10:39:13.576+01:00"
    assert (record.condition["stateOfCharge"], record.condition["numberOfFullCycles"]) == ("50", 1500)
    document["performance"]["dynamic"]["energy"]["soce"]["time"] = "2024-12-07T10:39:13.576+01:00"
    assert faults_at(catenax_reader.read(document), "$.performance.dynamic.energy.soce.time") == ["other-time"]


def test_categories_and_chemistries_are_renamed(document):
    document["identification"] |= {"category": "EV", "chemistry": "Lithium iron phosphate (LFP)"}
    reading = catenax_reader.read(document)
    assert reading.record.category.value == "ev"
    assert reading.record.model["batteryChemistry"]["shortName"] == "LFP"
    assert not faults_at(reading, "$.commercial.purpose"), "the format itself asks for 'automotive'"


def test_a_chemistry_of_no_or_two_known_names_stays_as_it_is(document):
    for text in ("sodium something", "NCM and LFP blend"):
        document["identification"]["chemistry"] = text
        assert catenax_reader.read(document).record.model["batteryChemistry"]["shortName"] == text


def test_a_dummy_predecessor_is_none_as_the_format_asks(sample, document):
    assert "previousPassport" not in sample.record.pack
    document["metadata"]["predecessor"] = "0F1E2D3C-1111-4222-8333-0123456789AB"
    assert catenax_reader.read(document).record.pack["previousPassport"] == [
        "urn:uuid:0f1e2d3c-1111-4222-8333-0123456789ab"
    ]


def test_spare_parts_that_are_not_applicable_may_be_dummies(sample, document):
    assert sample.record.model["componentPartNumbers"][0]["partName"] == "Mirror left"
    document["handling"]["applicable"] = False
    assert "componentPartNumbers" not in catenax_reader.read(document).record.model


def test_lead_above_the_limit_asks_for_its_symbol(sample, document):
    assert sample.record.model["cadmiumLeadSymbol"] == ["none"]
    document["materials"]["hazardous"]["lead"] |= {"concentration": 1, "materialUnit": "unit:percent"}
    assert catenax_reader.read(document).record.model["cadmiumLeadSymbol"] == ["Pb"]


def test_serial_batch_and_gtin_are_found_by_their_keys(sample, document):
    assert (sample.record.pack["serialNumber"], sample.record.pack["batchNumber"]) == ("SN12345678", "BID12345678")
    assert "gtin" not in sample.record.model
    document["identification"]["identification"]["codes"].append({"key": "GTIN", "value": "09506000134352"})
    assert catenax_reader.read(document).record.model["gtin"] == "09506000134352"


def test_every_mapped_value_of_the_sample_leads_back_to_its_place(sample, document):
    checked = 0
    for part in (sample.record.model, sample.record.pack, sample.record.condition):
        for indicator, value in part.items():
            entries = value if isinstance(value, list) else [value]
            for n, entry in enumerate(entries):
                for field in entry if isinstance(entry, dict) else [None]:
                    place = sample.record.locate(indicator, n if isinstance(value, list) else None, field)
                    value_at(document, place.pointer)
                    checked += place.pointer != "$"
    assert checked > 80


def test_every_path_and_indicator_of_the_tables_exists(document):
    indicators = load().indicators
    for path, indicator, *_ in (*VALUES, *READINGS, *DOCUMENTS):
        value_at(document, path)
        assert indicator in indicators
    for _, indicator, field, _ in VALUES:
        assert field is None or indicators[indicator].field(field)


def test_the_tables_agree_with_the_paths_that_the_ontology_gives():
    # The ontology names the holder of a reading or a list of documents; a table goes down to the value.
    differing = {
        indicator
        for path, indicator, *_ in (*VALUES, *READINGS, *DOCUMENTS)
        if not any(
            known.replace("[*]", "[0]").removeprefix("$.").startswith(path)
            or path.startswith(
                known.replace("[*]", "[0]").removeprefix("$.").removesuffix(".content").removesuffix("[0]")
            )
            for known in load().indicators[indicator].catenax_paths
        )
    }
    assert differing == {"cycleLifeTestCRate"}, "its second field has a path of its own"


@each("document", [None, [], "x", {}, {"model": {}, "pack": {}}, {"performance": {}}])
def test_what_is_no_such_passport_is_refused(document):
    if isinstance(document, str):
        document = [document]
    with pytest.raises(FaultyRecord, match="no Catena-X battery passport"):
        catenax_reader.read(document)


def test_another_version_of_the_format_is_refused(document):
    document["specVersion"] = "urn:io.catenax.battery.battery_pass:7.0.0"
    assert faults_at(catenax_reader.read(document), "$.specVersion") == ["other-version"]


def leaves(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from leaves(inner, (*path, n))
    yield path


@given(data=st.data())
def test_no_damage_to_the_sample_escapes_as_another_error(path, data):
    document = json.loads(path.read_text("utf-8"))
    places = [place for place in leaves(document) if place]
    for place in data.draw(st.lists(st.sampled_from(places), min_size=1, max_size=3)):
        holder = document
        for step in place[:-1]:
            holder = (
                holder[step]
                if isinstance(holder, dict)
                and step in holder
                or (isinstance(holder, list) and isinstance(step, int) and step < len(holder))
                else {}
            )
        junk = st.sampled_from(
            [None, True, 10**40, 1e300, -0.0, "", " ", "n/a", [], [None], {}, {"value": []}, [[]], [{}]]
        )
        if isinstance(holder, dict) or (isinstance(holder, list) and place[-1] < len(holder)):
            holder[place[-1]] = copy.deepcopy(data.draw(junk))
    try:
        reading = catenax_reader.read(document)
    except FaultyRecord:
        return
    for carrier in Carrier:
        claims(reading.record, carrier, "urn:x")
    assert all(fault.location.pointer.startswith("$") for fault in reading.faults)


def test_the_file_is_read_by_the_name_of_its_format(path):
    (record,), faults = record_files.read(path, "catenax")
    assert record.pack["serialNumber"] == "SN12345678"
    assert any(fault.severity == "violation" for fault in faults)
