"""BatteryPass-Ready 1.0: five category schemas, own packs valid by their own, every leaf accounted for."""

from __future__ import annotations

import contextlib
import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.battery.record_json import from_json
from passport.errors import FaultyRecord, PassportError, UsageError
from passport.exchange import leaves, peer_format
from passport.exchange.batterypassready import ready_mapping, ready_reader, ready_writer
from passport.exchange.correspondences import at
from passport.vocabulary.vocabulary import Category
from tests.conftest import example_count
from tests.each import each

FILES = {
    "ev": "EV", "lmt": "LMT", "stationary": "Stationary_Industrial", "industrial": "Other_Industrial",
    "industrial-without-bms": "Industrial_Without_BMS",
}  # fmt: skip
SHARES = [
    f"{when}ConsumerRecycled{metal}Share" for when in ("pre", "post") for metal in ("Nickel", "Cobalt", "Lithium")
]


def schema_of(vectors, schema):
    return vectors / "batterypass-ready" / f"{FILES[schema]}_batterypass_1.0.json"


def whole(record):
    """A record in which the shares that the schemas ask for are all given."""
    model = {**dict.fromkeys(SHARES, "1.5"), "recycledLeadShare": "0", **record.model}
    return replace(record, model=model)


def of_category(record, category):
    return replace(record, category=Category(category), model={**record.model, "batteryCategory": category})


def paths_of(schema):
    """Every leaf of a schema: path -> what it may be."""
    read = json.loads(schema.read_text("utf-8"))

    def walk(part, path):
        while "$ref" in part:
            part = {**read["$defs"][part["$ref"].rpartition("/")[2]], **{k: v for k, v in part.items() if k != "$ref"}}
        if "properties" not in part:
            yield path, part
        for name, inner in part.get("properties", {}).items():
            yield from walk(inner, f"{path}.{name}" if path else name)

    return dict(walk(read, ""))


# --- writing --------------------------------------------------------------------------------------------------------


def test_a_pack_that_says_what_is_asked_for_is_valid_by_the_schema_of_its_category(pack, vectors, schema_errors):
    export = ready_writer.write(whole(pack))
    assert export.missing == ()
    assert schema_errors(schema_of(vectors, pack.category.value), export.document) == []


@pytest.mark.parametrize("schema", ready_mapping.SCHEMAS)
def test_each_of_the_five_schemas_is_chosen_and_kept(ev, stationary, vectors, schema_errors, schema):
    record = whole(of_category(ev if schema == "ev" else stationary, ready_mapping.OUR_CATEGORIES[schema]))
    chemistry = {"shortName": "Pb-acid", "clearName": "Lead"} if schema == "industrial-without-bms" else None
    if chemistry:
        record = replace(record, model={**record.model, "batteryChemistry": chemistry})
    bms = schema != "industrial-without-bms"
    export = ready_writer.write(record, bms=bms)
    assert export.missing == ()
    assert schema_errors(schema_of(vectors, schema), export.document) == []
    assert at(export.document, ready_mapping.CATEGORY)[0] == ready_mapping.CATEGORIES[schema]


@pytest.fixture
def stationary(examples):
    return from_json(json.loads((examples / "stationary-lfp.json").read_text("utf-8")), "stationary-lfp.json")


def test_a_share_that_is_not_known_is_missing_and_no_number(ev, vectors, schema_errors):
    batch = {name: value for name, value in ev.batch.items() if name != "preConsumerRecycledNickelShare"}
    export = ready_writer.write(replace(ev, batch=batch))
    missing = "$.Battery_Passport.CircularityAndResourceEfficiency.Pre-consumerRecycledNickelShare.percentageValue"
    assert export.missing == (missing,)
    (error,) = schema_errors(schema_of(vectors, "ev"), export.document)
    assert "'Pre-consumerRecycledNickelShare' is a required property" in error


def test_every_error_of_the_schema_is_named_as_missing_where_a_record_says_next_to_nothing(ev, vectors, schema_errors):
    bare = replace(ev, model={"batteryCategory": "ev"}, batch={}, pack={}, condition=None, events={})
    export = ready_writer.write(bare)
    errors = schema_errors(schema_of(vectors, "ev"), export.document)
    assert len(errors) == len(export.missing) and all("is a required property" in error for error in errors)
    reading = ready_reader.read(export.document)
    assert (reading.record.model, reading.record.pack, reading.record.condition) == (
        {"batteryCategory": "ev"},
        {},
        None,
    )
    assert [fault for fault in reading.faults if fault.severity == "violation"] == []


def test_a_record_without_a_category_has_no_schema(ev):
    with pytest.raises(UsageError, match="schema for each category"):
        ready_writer.write(replace(ev, category=None))


def test_only_an_industrial_battery_goes_without_a_management_system(ev):
    with pytest.raises(UsageError, match="without a battery management system"):
        ready_writer.write(ev, bms=False)


@each(("ours", "theirs"), [("141", (141, "Ah")), ("14.5", (14500, "mAh"))])
def test_capacity_is_whole_in_one_unit_or_the_other(ev, ours, theirs):
    export = ready_writer.write(replace(ev, model={**ev.model, "ratedCapacity": ours}))
    capacity = at(export.document, ready_mapping.RATED_CAPACITY)[0]
    assert (capacity["amperehourMiliamperehourValue"], capacity["ampereHourMiliamperehour"]) == theirs
    assert ready_reader.read(export.document).record.value("ratedCapacity") == ours


def test_a_number_that_is_not_whole_is_left_out_with_the_reason(ev):
    export = ready_writer.write(ev)
    assert "whole numbers" in next(loss.reason for loss in export.losses if loss.indicator == "powerToEnergyRatio")
    assert (
        at(export.document, f"{ready_mapping.PERFORMANCE}.RatioBetweenNominalBatteryPowerAndBatteryEnergy")[0] is None
    )


# --- there and back -------------------------------------------------------------------------------------------------


def test_there_and_back_changes_nothing_and_names_what_is_lost(pack):
    export = ready_writer.write(whole(pack))
    again = ready_reader.read(json.loads(json.dumps(export.document)))
    assert [fault for fault in again.faults if fault.severity == "violation"] == []
    lost = {loss.indicator for loss in export.losses}
    values = {**whole(pack).model, **whole(pack).batch, **pack.pack, **(pack.condition or {})}
    for name in values.keys() - lost:
        assert peer_format.same(values[name], (again.record.condition or {}).get(name, again.record.value(name))), name
    said = {**again.record.model, **again.record.batch, **again.record.pack, **(again.record.condition or {})}
    assert {name for name in said if name not in values} == set()


def test_what_is_written_for_people_is_named_when_it_is_read(ev):
    faults = ready_reader.read(ready_writer.write(ev).document).faults
    named = {fault.location.pointer.rpartition(".")[2] for fault in faults if fault.code == "not-taken"}
    assert {"CriticalRawMaterials", "postalAddress", "MeaningOfLabelsAndSymbols"} <= named
    (update,) = [fault for fault in faults if fault.code == "time-of-update"]
    assert update.severity == "warning"


# --- reading --------------------------------------------------------------------------------------------------------


@each("schema", ready_mapping.SCHEMAS)
def test_every_leaf_of_a_schema_is_taken_or_named(vectors, schema):
    """A document with a value in every member: each is in the record, read as a header, or named with its place."""
    samples = {"uri": "https://example.com/x", "date": "2026-05-01", "date-time": "2026-05-01T00:00:00Z"}
    document: dict = {}
    for path, part in paths_of(schema_of(vectors, schema)).items():
        value = part["enum"][0] if "enum" in part else samples.get(part.get("format"), "text")
        if part.get("type") in ("integer", "number"):
            value = 7
        if path.endswith(("webAddress", "ThirdPartyAssurancesOfRecognisedSchemes")):
            value = samples["uri"]  # texts by the schema, addresses by what they are
        node = document
        *outer, last = path.split(".")
        for name in outer:
            node = node.setdefault(name, {})
        node[last] = value
    product = document["Battery_Passport"]["IdentifiersAndProductData"]
    product |= {"DPPSchemaVersion": "EN18223:v1.0", "DPPGranularity": "item"}
    reading = ready_reader.read(document)
    assert [fault for fault in reading.faults if fault.severity == "violation"] == []
    named = {fault.location.pointer for fault in reading.faults}
    taken = {place.pointer for place in reading.record.places.values()}
    read_along = set(ready_mapping.HEADER.values()) | set(ready_mapping.UNITS)
    for path, _ in leaves.leaves(document):
        beside = path.endswith((".gramKg", ".ampereHourMiliamperehour", ".amperePerAmpereHour", ".watt"))
        beside |= "temperatureRange" in path
        assert f"$.{path}" in named | taken or path in read_along or beside, path


@each(
    ("member", "value", "code"),
    [("status", "Inactive", "inactive-passport"), ("status", "Archived", "inactive-passport"),
     ("status", "Marked-for-deletion", "inactive-passport"), ("granularity", "Model", "other-granularity"),
     ("version", "7.0", "unknown-version")],
)  # fmt: skip
def test_a_passport_that_is_not_in_force_of_another_grain_or_schema_is_a_fault(ev, member, value, code):
    document = ready_writer.write(ev).document
    path = ready_mapping.HEADER[member]
    at(document, path.rpartition(".")[0])[0][path.rpartition(".")[2]] = value
    faults = [fault for fault in ready_reader.read(document).faults if fault.severity == "violation"]
    assert [(fault.code, fault.location.pointer) for fault in faults] == [(code, f"$.{path}")]


def test_another_unit_than_the_members_own_is_a_fault_and_its_number_is_not_taken(ev):
    document = ready_writer.write(ev).document
    at(document, f"{ready_mapping.PERFORMANCE}.NominalVoltage")[0]["volt"] = "kV"
    reading = ready_reader.read(document)
    assert reading.record.value("nominalVoltage") is None
    assert [fault.code for fault in reading.faults if fault.severity == "violation"] == ["inexact-unit"]


def test_a_mass_in_grams_is_converted(ev):
    document = ready_writer.write(ev).document
    at(document, ready_mapping.MASS)[0].update(gramKg="g", gramKgValue=1500)
    assert ready_reader.read(document).record.value("batteryMass") == "1.5"


@each("content", [{}, [], 7, {"Battery_Passport": 7}])
def test_what_is_no_passport_is_refused(content):
    with pytest.raises(FaultyRecord, match="no BatteryPass-Ready"):
        ready_reader.read(content)


@settings(max_examples=example_count(80), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_content_makes_reading_fail_in_a_way_of_its_own(data, ev, anything, spoil):
    document = ready_writer.write(ev).document
    path = data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=5))
    with contextlib.suppress(PassportError):
        ready_reader.read(spoil(document, path, data.draw(anything)))
