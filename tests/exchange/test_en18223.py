"""EN 18223: compressed and full form, both ways. No schema is public; the header is checked by name."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.errors import FaultyRecord, PassportError
from passport.exchange import en18223, peer_format
from passport.vocabulary.vocabulary import NS, Carrier, load
from tests.conftest import example_count
from tests.each import each

HEADER = {
    "digitalProductPassportId", "uniqueProductIdentifier", "granularity", "dppSchemaVersion", "dppStatus",
    "lastUpdated", "economicOperatorId",
}  # fmt: skip


@pytest.mark.parametrize("full", [False, True])
def test_the_header_is_complete_and_says_which_passport_this_is(pack, full):
    document = en18223.write(pack, full=full).document
    assert not HEADER - document.keys()
    assert document["uniqueProductIdentifier"] == pack.value("batteryIdentifier")
    assert (document["granularity"], document["dppStatus"]) == ("item", "active")
    assert document["dppSchemaVersion"] == "EN18223:v1.0"


@pytest.mark.parametrize("full", [False, True])
def test_there_and_back_loses_the_day_of_manufacture_and_chinese_records_alone(pack, full):
    export = en18223.write(pack, full=full)
    again = en18223.read(json.loads(json.dumps(export.document)))
    events = {i.id for i in load().indicators.values() if i.carrier is Carrier.EVENT}
    assert {loss.indicator for loss in export.losses} - events == {"manufacturingDate"}
    assert [fault.code for fault in again.faults] == ["no-day"]
    for name in {**pack.model, **pack.batch, **pack.pack, **(pack.condition or {})}.keys() - {"manufacturingDate"}:
        mine = pack.value(name) or (pack.condition or {}).get(name)
        theirs = again.record.value(name) or (again.record.condition or {}).get(name)
        assert peer_format.same(mine, theirs), name


def test_both_forms_say_the_same(pack):
    forms = [en18223.read(en18223.write(pack, full=full).document).record for full in (False, True)]
    assert forms[0] == forms[1]


def test_the_date_of_manufacture_is_year_and_month(ev):
    assert ev.value("manufacturingDate") == "2026-06-18"
    assert en18223.write(ev).document["basic"]["manufacturingDate"] == "2026-06"


def test_elements_of_the_full_form_name_our_terms(pack):
    def elements(entries):
        for entry in entries:
            if "dictionaryReference" in entry:
                yield entry
            yield from elements(entry.get("elements", ()))

    found = list(elements(en18223.write(pack, full=True).document["elements"]))
    terms = {term.iri for term in load().terms.values()} | {"https://schema.org/name", "https://schema.org/description"}
    assert len(found) > 100
    assert {entry["dictionaryReference"] for entry in found} <= terms
    indicators = [entry for entry in found if entry["elementId"] in load().indicators]
    assert all(entry["dictionaryReference"] == NS + entry["elementId"] for entry in indicators)


def test_an_element_that_nobody_knows_is_named_as_lost(ev):
    document = en18223.write(ev).document
    document["basic"]["colour"] = "blue"
    fault = next(fault for fault in en18223.read(document).faults if fault.code == "unknown-element")
    assert (fault.location.pointer, fault.severity) == ("$.basic.colour", "loss")


@each("document", [[], {}, {"basic": {}}, "x", None])
def test_what_has_no_header_is_refused(document):
    with pytest.raises(FaultyRecord, match="no passport of EN 18223"):
        en18223.read(document)


@pytest.mark.parametrize("full", [False, True])
@settings(max_examples=example_count(40), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_no_content_makes_reading_fail_in_a_way_of_its_own(data, full, ev, anything, spoil):
    path = data.draw(st.lists(st.integers(0, 40), min_size=1, max_size=8))
    with contextlib.suppress(PassportError):
        en18223.read(spoil(en18223.write(ev, full=full).document, path, data.draw(anything)))


@each("first", ["CO2", 5, {"a": 1}, ["CO2"], None, []])
@each("second", ["powder", ["powder"]])
def test_an_element_that_stands_twice_is_refused(first, second):
    collections = {"safety": {"extinguishingAgent": first}, "more": {"extinguishingAgent": second}}
    reading = en18223.read({"digitalProductPassportId": "x", **collections})
    faults = [(fault.code, fault.location.pointer) for fault in reading.faults if fault.code == "duplicate-element"]
    assert faults == ([("duplicate-element", "$.more.extinguishingAgent")] if first else [])


def test_two_times_of_one_read_out_are_refused():
    times = [{"recordedAt": f"2026-11-{day}T08:30:00Z"} for day in ("16", "17")]
    reading = en18223.read({"digitalProductPassportId": "x", "a": {**times[0], "stateOfCharge": 50}, "b": times[1]})
    assert [fault.code for fault in reading.faults] == ["duplicate-element"]
    assert reading.record.condition["recordedAt"] == times[0]["recordedAt"]


def test_elements_in_no_collection_are_read(ev):
    document = en18223.write(ev, full=True).document
    whole = en18223.read(document).record
    document["elements"] = [element for collection in document["elements"] for element in collection["elements"]]
    reading = en18223.read(document)
    assert peer_format.losses(whole, reading.record, {}) == ()
    assert [fault.code for fault in reading.faults] == ["no-day"]


@pytest.mark.parametrize(
    ("member", "value", "code"),
    [("dppStatus", "inactive", "inactive-passport"), ("granularity", "model", "other-granularity")],
)
def test_a_passport_that_is_not_in_force_or_of_another_grain_is_a_fault(ev, member, value, code):
    document = {**en18223.write(ev).document, member: value}
    (fault,) = (fault for fault in en18223.read(document).faults if fault.severity == "violation")
    assert (fault.code, fault.location.pointer) == (code, f"$.{member}")


def test_the_operator_and_the_facility_of_the_header_are_taken_over(ev):
    document = en18223.write(ev).document
    operator = document["economicOperatorId"]
    bare = {name: document[name] for name in (*en18223.HEADER, "granularity", "dppStatus") if name in document}
    record = en18223.read(bare).record
    assert record.value("operatorIdentifier") == operator
    assert record.value("facilityIdentifier") == ev.value("facilityIdentifier")


@pytest.mark.parametrize("full", [False, True])
def test_the_spelling_of_earlier_accounts_is_read(ev, full):
    document = en18223.write(ev, full=full).document
    earlier = {name: value for name, value in document.items() if name != "lastUpdated"}
    earlier |= {"lastUpdate": document["lastUpdated"], "granularity": "Item", "dppStatus": "Active"}
    earlier["dppSchemaVersion"] = "EN 18223:2026"
    reading = en18223.read(earlier)
    assert reading.record == en18223.read(document).record
    assert [fault.code for fault in reading.faults] == ["no-day"]


@pytest.mark.parametrize("version", ["EN18223:v2.0", "en18223:v1.0", 1, ["EN18223:v1.0"], {}])
def test_another_version_of_the_schema_is_named(ev, version):
    reading = en18223.read({**en18223.write(ev).document, "dppSchemaVersion": version})
    fault = next(fault for fault in reading.faults if fault.code == "unknown-schema-version")
    assert (fault.location.pointer, fault.severity) == ("$.dppSchemaVersion", "warning")


@pytest.mark.parametrize("full", [False, True])
def test_elements_of_collections_within_collections_are_read(ev, full):
    document = en18223.write(ev, full=full).document
    whole = en18223.read(document).record
    if full:
        document["elements"] = [{"elementId": "all", "elements": document["elements"]}]
    else:
        header = {name: document.pop(name) for name in list(document) if not isinstance(document[name], dict)}
        document = {**header, "all": {"more": document}}
    reading = en18223.read(document)
    assert reading.record == whole
    assert [fault.code for fault in reading.faults] == ["no-day"]
