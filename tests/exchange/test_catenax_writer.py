"""Writing Catena-X 6.1.0: own packs valid against the published schema, and what is filled, lost and kept."""

from __future__ import annotations

import json
from dataclasses import replace

from passport.battery.record_json import from_json
from passport.exchange import peer_format
from passport.exchange.catenax import catenax_reader, catenax_writer
from passport.exchange.catenax.catenax_mapping import NO_SHARE
from passport.exchange.catenax.catenax_required import REQUIRED
from passport.vocabulary.vocabulary import load

SCHEMA = "io.catenax.battery.battery_pass-6.1.0-schema.json"
#: Indicators with a path in the format that come back changed or not at all, and need not.
NOT_HELD = {
    "manufacturerIdentifier", "operatorIdentifier", "operatorInformation", "facilityIdentifier", "manufacturingPlace",
    "batteryIdentifier", "originalPowerCapability", "remainingPowerCapability", "cycleLifeReferenceTest",
    "criticalRawMaterials",
    "detailedComposition", "hazardousSubstances", "substanceImpact", "renewableContentShare", "batteryCarbonFootprint",
    "removalManual", "disassemblyManual", "dismantlingInformation", "sparePartSources", "labelMeaning",
    "internalResistanceAtStatusChange", "temperatureInformation", "negativeEvents", "accidentInformation",
    "batteryChemistry",  # one text for two fields
}  # fmt: skip


def test_our_packs_are_valid_against_the_published_schema(pack, vectors, schema_errors):
    export = catenax_writer.write(pack)
    assert schema_errors(vectors / "catenax" / SCHEMA, export.document) == []
    assert export.missing == ()


def test_there_and_back_loses_nothing_that_the_format_can_hold(pack):
    export = catenax_writer.write(pack)
    again = catenax_reader.read(json.loads(json.dumps(export.document)))
    assert again.faults == ()
    lost = {loss.indicator for loss in export.losses}
    held = {i.id for i in load().indicators.values() if i.catenax_paths and pack.value(i.id) is not None}
    assert held & lost <= NOT_HELD
    for name in held - lost:
        assert peer_format.same(pack.value(name), again.record.value(name)), name


def test_reading_back_adds_nothing(pack):
    again = catenax_reader.read(catenax_writer.write(pack).document).record
    said = {**again.model, **again.pack, **(again.condition or {})}
    assert [name for name in said if name != "recordedAt" and pack.value(name) is None] == []


def test_a_stationary_battery_stays_one(examples):
    record = json.loads((examples / "stationary-lfp.json").read_text("utf-8"))
    document = catenax_writer.write(from_json(record, "x")).document
    assert document["identification"]["category"] == "industrial"
    assert catenax_reader.read(document).record.category == "stationary"


def test_catena_x_numbers_are_written_and_others_are_not(ev):
    assert "$.operation.manufacturer.manufacturer" in catenax_writer.write(ev).filled
    named = replace(ev, model={**ev.model, "manufacturerIdentifier": "BPNL00000003CSGV"})
    export = catenax_writer.write(named)
    assert export.document["operation"]["manufacturer"]["manufacturer"] == "BPNL00000003CSGV"
    assert "$.operation.manufacturer.manufacturer" not in export.filled
    assert catenax_reader.read(export.document).record.value("manufacturerIdentifier") == "BPNL00000003CSGV"


def test_a_recycled_share_that_nobody_gave_is_not_written_as_zero(ev):
    batch = {name: value for name, value in ev.batch.items() if "Nickel" not in name}
    export = catenax_writer.write(replace(ev, batch=batch))
    # The schema leaves no number free that could stand for "not known": the document says that it is not valid.
    assert "recycled" not in export.document["materials"]["active"]["nickel"]
    assert export.missing == ("$.materials.active.nickel.recycled",)
    assert catenax_reader.read(export.document).record.value("recycledNickelShare") is None
    assert catenax_reader.read(export.document).record.value("recycledCobaltShare") == "12"


def test_without_a_status_category_or_share_the_document_says_that_it_is_not_valid(ev, vectors, schema_errors):
    bare = replace(ev, model={}, batch={}, pack={}, condition=None, events={})
    export = catenax_writer.write(bare)
    shares = {f"$.materials.active.{metal}.recycled" for metal in ("nickel", "cobalt", "lithium", "lead")}
    assert set(export.missing) == shares | {
        "$.materials.hazardous.lead.recycled", "$.identification.category", "$.sustainability.status",
    }  # fmt: skip
    assert len(schema_errors(vectors / "catenax" / SCHEMA, export.document)) == len(export.missing)
    assert {f"$.{path}" for path in REQUIRED} <= set(export.filled)


def test_the_rulebook_of_a_footprint_is_its_method_and_a_chinese_one_makes_it_none_of_the_eus(ev):
    known = replace(ev, model={**ev.model, "carbonFootprintMethod": "eu-jrc-2023"})
    document = json.loads(json.dumps(catenax_writer.write(known).document))
    again = catenax_reader.read(document).record
    assert again.value("carbonFootprintMethod") == "eu-jrc-2023"
    assert again.value("carbonFootprintProduction") == ev.value("carbonFootprintProduction")
    entries = document["sustainability"]["carbonFootprint"]
    for entry in entries:
        entry["rulebook"] = [{"content": "https://rules.example/", "contentType": "URL", "header": "GHG"}]
    # The format is for the EU's figure, and the method stays unknown.
    unknown = catenax_reader.read(document).record
    assert (unknown.value("carbonFootprintMethod"), unknown.value("carbonFootprintProduction")) == (None, "0.022")
    for entry in entries:
        entry["rulebook"][0]["header"] = "cn-mee-2024-63-draft-2025-03"
    reading = catenax_reader.read(document)
    assert reading.record.value("carbonFootprintProduction") is None
    places = {f"$.sustainability.carbonFootprint[{n}].value" for n in range(len(entries))}
    named = [fault for fault in reading.faults if fault.location.pointer in places]
    assert {fault.code for fault in named} == {"not-taken"} and len(named) == len(entries)


def test_the_concentration_of_a_heavy_metal_that_nobody_gave_is_no_zero(ev):
    hazardous = catenax_writer.write(ev).document["materials"]["hazardous"]
    for metal in ("cadmium", "mercury", "lead"):
        assert hazardous[metal]["concentration"] == NO_SHARE > 100  # per cent


def test_a_concentration_of_cadmium_comes_out_as_it_came_in(ev):
    entry = {"name": "cadmium", "identifier": "7440-43-9", "concentration": "0.0015", "componentName": "cell"}
    cadmium = replace(ev, model={**ev.model, "hazardousSubstances": [entry]})
    document = catenax_writer.write(cadmium).document
    assert document["materials"]["hazardous"]["cadmium"]["concentration"] == 0.0015
    assert catenax_reader.read(document).record.value("hazardousSubstances") == [entry]


def test_spare_parts_that_nobody_gave_are_not_said_not_to_exist(ev):
    model = {name: value for name, value in ev.model.items() if name != "componentPartNumbers"}
    export = catenax_writer.write(replace(ev, model=model))
    assert export.document["handling"]["applicable"] is True
    assert "$.handling.applicable" in export.filled


def test_what_stands_there_always_is_not_taken_for_a_value(ev):
    bare = replace(ev, model={}, batch={}, pack={}, condition=None, events={})
    again = catenax_reader.read(catenax_writer.write(bare).document)
    assert (again.record.model, again.record.condition) == ({}, None)
    # A passport without an identifier is at fault, whoever wrote it.
    assert again.record.pack == {}
    assert "placeholder" in [fault.code for fault in again.faults]
