"""An event is read from JSON: all faults at once, by pointer; values become what they are."""

from __future__ import annotations

import copy
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import FaultyRecord
from passport.lifecycle import LifecycleEvent, PartChange, Place, Predecessor, catalogue, from_json
from passport.texts import say
from tests.each import each
from tests.lifecycle.life_world import CAR_1, CODE, MODULES, car

FIT = {
    "id": "urn:uuid:1",
    "pack": "https://battery.example/id/EV1/1",
    "event": "fit",
    "occurredAt": "2027-08-01T09:00:00+08:00",
    "actor": "did:web:carmaker.example",
    "predecessor": {"id": "urn:uuid:0", "digest": "u" + "A" * 43},
    "place": {"country": "CN", "province": "CN-AH", "locality": "Wuhu"},
    "vehicle": [{"keyId": hash_.key_id, "hash": hash_.value} for hash_ in car(CAR_1)],
    "fields": {"isSwapModel": False},
}
PRODUCE = {
    "id": "urn:uuid:2",
    "pack": "https://battery.example/id/EV1/1",
    "event": "produce",
    "occurredAt": "2027-07-21T09:00:00.5Z",
    "actor": "did:web:maker.example",
    "place": {"country": "CN"},
    "parts": [{"code": MODULES[0], "within": CODE}, {"code": MODULES[1], "out": True}],
    "fields": {"chemistryShortName": "NMC", "specifiedRatedCapacity": "141", "handledMass": 540},
}


def read(document) -> LifecycleEvent:
    return from_json(document, roles={"vehicleMaker"})


def faults(document) -> dict[str, str]:
    """Pointer -> code."""
    with pytest.raises(FaultyRecord) as caught:
        read(document)
    return {fault.pointer: fault.code for fault in caught.value.faults}


def changed(document, **members):
    result = copy.deepcopy(document)
    for name, value in members.items():
        if value is ...:
            del result[name]
        else:
            result[name] = value
    return result


def test_an_event_is_read():
    event = read(FIT)
    assert event.kind == "fit"
    assert event.instant.utcoffset() == timedelta(hours=8)
    assert event.roles == {"vehicleMaker"}
    assert event.predecessor == Predecessor("urn:uuid:0", "u" + "A" * 43)
    assert event.place == Place("CN", "CN-AH", "Wuhu")
    assert event.vehicle == car(CAR_1)
    assert dict(event.fields) == {"isSwapModel": False}


def test_values_become_what_they_are():
    event = read(PRODUCE)
    assert event.number("handledMass") == Decimal(540)
    assert event.text("chemistryShortName") == "NMC"
    assert event.parts == (PartChange(MODULES[0], CODE), PartChange(MODULES[1], None, out=True))


def test_a_correction_has_the_fields_of_every_kind():
    correction = changed(
        FIT,
        event="correct",
        corrects="urn:uuid:0",
        fields={"eventReason": "typing error", "handledMass": "1", "correctedInstant": "2027-08-01T09:00:00Z"},
    )
    assert read(correction).corrects == "urn:uuid:0"


def test_all_faults_come_at_once():
    found = faults(
        {
            "id": "no iri",
            "event": "fit",
            "occurredAt": "2027-08-01T09:00:00",
            "actor": "carmaker",
            "predecessor": {"id": "urn:x", "digest": "short", "more": 1},
            "place": {"country": "CN", "province": "DE-BY"},
            "counterpart": "did:web:x.example",
            "vin": "1",
            "fields": {"isSwapModel": "no", "market": "EU"},
        }
    )
    assert found == {
        "/id": "malformed-value",
        "/pack": "missing-member",
        "/occurredAt": "malformed-value",
        "/actor": "malformed-value",
        "/predecessor/digest": "malformed-value",
        "/predecessor/more": "unknown-member",
        "/place/province": "malformed-value",
        "/counterpart": "member-not-of-kind",
        "/vehicle": "missing-member",
        "/vin": "unknown-member",
        "/fields/isSwapModel": "malformed-value",
        "/fields/market": "field-not-of-kind",
    }


@each("offset", ["+14:01", "+15:00", "-14:30", "+08:60", "+8:00", "+0800"])
def test_an_offset_that_no_date_time_has(offset):
    """Neither RDF nor EPCIS says it: an event that was accepted with it could not be handed on."""
    found = faults(changed(FIT, occurredAt=f"2027-08-01T09:00:00{offset}"))
    assert found == {"/occurredAt": "malformed-value"}
    assert read(changed(FIT, occurredAt="2027-08-01T09:00:00-14:00")).instant.utcoffset() == timedelta(hours=-14)


@each("document", [None, [], "fit", 1])
def test_what_is_no_object(document):
    assert faults(document) == {"": "malformed-event"}


def test_an_unknown_event():
    assert faults(changed(FIT, event="explode")) == {"/event": "unknown-event"}
    assert faults(changed(FIT, event=["fit"])) == {"/event": "unknown-event"}


def test_a_read_out():
    assert faults(changed(FIT, event="update_dynamic")) == {"/event": "read-out-is-no-event"}


def test_a_missing_field():
    assert faults(changed(PRODUCE, fields={"chemistryShortName": "NMC", "handledMass": "1"})) == {
        "/fields/specifiedRatedCapacity": "missing-field"
    }


@each("mass", [540.0, "5e2", "+1", "-1", True, None, "1,5", "١", [], "9" * 40])
def test_a_quantity_that_is_none(mass):
    fields = {**PRODUCE["fields"], "handledMass": mass}
    assert faults(changed(PRODUCE, fields=fields)) == {"/fields/handledMass": "malformed-value"}


def test_a_value_that_is_repeated():
    correction = changed(
        FIT, event="correct", corrects="urn:x", fields={"eventReason": "x", "foundPackCodes": [CODE, CODE]}
    )
    assert faults(correction) == {"/fields/foundPackCodes": "repeated-value"}


@each("vehicle", [[], {}, [{"keyId": "k1", "hash": "LSVNV133922222222"}], [{"hash": "u" + "A" * 43}], ["x"]])
def test_a_vehicle_that_is_no_keyed_hash(vehicle):
    with pytest.raises(FaultyRecord) as caught:
        read(changed(FIT, vehicle=vehicle))
    assert "LSVNV133922222222" not in str(caught.value) + str([fault.message for fault in caught.value.faults])


@each(
    "part", [{}, {"code": "x", "within": CODE}, {"code": MODULES[0]}, {"code": MODULES[0], "out": 1, "within": CODE}, 1]
)
def test_a_part_that_is_none(part):
    assert faults(changed(PRODUCE, parts=[part]))


def test_a_fault_is_json_in_every_language():
    with pytest.raises(FaultyRecord) as caught:
        read(changed(FIT, vehicle=...))
    (fault,) = caught.value.faults
    stated = fault.to_json()
    assert (stated["pointer"], stated["code"]) == ("/vehicle", "missing-member")
    assert stated["message"]["en"] == say(fault.message, "en") == "Fitted to a vehicle needs this member"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from([*FIT, "parts", "counterpart", "corrects"])


@given(st.sampled_from([FIT, PRODUCE]), st.dictionaries(NAMES, JSON, max_size=4), st.sampled_from([*catalogue().kinds]))
def test_a_hostile_document_is_refused_and_nothing_else(document, members, kind):
    try:
        event = from_json({**document, "event": kind, **members}, roles=())
    except FaultyRecord as error:
        assert error.faults
        assert all(fault.code and fault.message for fault in error.faults)
    else:
        assert isinstance(event, LifecycleEvent)


def test_a_line_break_behind_a_code_is_malformed():
    assert faults(changed(FIT, place={"country": "CN\n"})) == {"/place/country": "malformed-value"}
    sold = changed(PRODUCE, event="place_on_market", parts=..., fields={"market": "DE"})
    assert read(sold).text("market") == "DE"
    assert faults(changed(sold, fields={"market": "DE\n"})) == {"/fields/market": "malformed-value"}
