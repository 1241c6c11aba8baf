"""What validation says of whole packs: faults in the open, states and figures per regime, whatever the record holds."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any

import pyshacl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rdflib import RDF, XSD, Graph, Literal, URIRef

from passport.battery import record_graph as graphs
from passport.battery.fault import Location
from passport.battery.record import Record
from passport.battery.record_graph import BP, MODEL, PACK
from passport.battery.record_json import from_json
from passport.errors import FaultyRecord
from passport.texts import say
from passport.validation import shacl
from passport.validation.fault_places import RecordPlaces
from passport.validation.validator import IndicatorState, ValidationReport, validate, validate_graph
from passport.vocabulary.vocabulary import Category, ObligationStatus, Stage, load, regimes
from tests.conftest import example_count
from tests.each import each

ON = date(2027, 2, 18)
EU, CN = regimes()["eu"], regimes()["cn"]


def judged(record: Record, *asked, on=ON, at_stage=Stage.PRODUCTION) -> ValidationReport:
    return validate(record, asked or (EU, CN), on=on, at_stage=at_stage)


# --- whole packs ----------------------------------------------------------------------------------------------------


@each(
    ("name", "stage", "due", "later"),
    [
        ("EV", Stage.PRODUCTION, 57, 0), ("EV", Stage.USE, 57, 0),
        ("ST", Stage.PRODUCTION, 60, 7), ("ST", Stage.USE, 67, 0),
        ("LMT", Stage.PRODUCTION, 60, 7), ("LMT", Stage.USE, 67, 0),
    ],
)  # fmt: skip
def test_a_whole_pack_is_complete_under_the_eu(name, stage, due, later, pack_record):
    report = judged(pack_record(name), EU, at_stage=stage)
    eu = report.regimes["eu"]
    assert report.faults == () and report.conforms and report.unchecked == ()
    assert (eu.present_due, eu.due, eu.missing, eu.malformed, eu.not_yet_due) == (due, due, 0, 0, later)
    assert eu.complete


def test_the_figures_of_the_ev_pack_are_those_of_its_readme(pack_record):
    report = judged(pack_record("EV"))
    eu, cn = report.regimes["eu"], report.regimes["cn"]
    assert report.conforms
    assert (eu.present_due, eu.due, eu.only_if_applicable, eu.missing) == (57, 57, 44, 0)
    assert (cn.present_due, cn.due, cn.not_yet_due, cn.missing) == (20, 20, 5, 0)
    assert cn.later == {Stage.FITTING: 3, Stage.SALE: 1, Stage.RECYCLING: 1}


def test_the_chinese_regime_asks_a_pack_in_use_for_the_vehicle_it_was_fitted_in(pack_record):
    report = judged(pack_record("EV"), CN, at_stage=Stage.USE)
    assert report.regimes["cn"].missing_indicators == (
        "vehicleIdentificationNumber", "vehicleModel", "vehicleProductionRecord", "vehicleSaleRecord",
    )  # fmt: skip
    assert {fault.code for fault in report.faults} == {"missing"}


@each("name", ["ST", "LMT"])
def test_a_regime_that_does_not_speak_of_the_category_is_not_asked(name, pack_record):
    report = judged(pack_record(name))
    cn = report.regimes["cn"]
    assert report.conforms
    assert (cn.applies, cn.complete, cn.due, dict(cn.states)) == (False, False, 0, {})
    assert cn.to_json() == {"regime": "cn", "category": name.lower() if name == "LMT" else "stationary",
                            "on": "2027-02-18", "dayOf": "checking", "stage": "production",
                            "applies": False}  # fmt: skip


def test_every_indicator_that_a_regime_names_has_one_state(pack_record):
    report = judged(pack_record("EV"))
    for code, regime in (("eu", EU), ("cn", CN)):
        states = report.regimes[code].states
        assert list(states) == list(regime.obligations(Category.EV))
        assert sum(report.regimes[code].counts.values()) == len(states)


# --- states ---------------------------------------------------------------------------------------------------------


def test_what_is_pending_is_not_yet_due_although_its_value_is_there(pack_record):
    report = judged(pack_record("EV"))
    assert EU.obligations(Category.EV)["batteryCarbonFootprint"].status is ObligationStatus.PENDING
    assert report.regimes["eu"].states["batteryCarbonFootprint"] is IndicatorState.NOT_YET_DUE
    assert "batteryCarbonFootprint" not in report.regimes["cn"].states
    assert report.regimes["cn"].states["chinaCarbonFootprint"] is IndicatorState.PRESENT


def test_a_value_whose_stage_has_not_come_is_not_yet_due_and_no_fault(pack_record):
    report = judged(pack_record("LMT"), EU)
    assert report.conforms
    assert report.regimes["eu"].states["energyThroughput"] is IndicatorState.NOT_YET_DUE


def test_nothing_is_due_before_a_regime_is_in_force(pack_record):
    record = pack_record("EV", {"/model/batteryMass": ...})
    before = judged(record, EU, on=date(2027, 2, 17))
    assert before.conforms and before.regimes["eu"].due == 0 and before.regimes["eu"].not_yet_due == 57
    assert not before.regimes["eu"].missing_indicators
    assert judged(record, EU, on=ON).regimes["eu"].missing_indicators == ("batteryMass",)


def test_an_optional_value_that_is_not_given_does_not_apply(pack_record):
    record = pack_record("EV", {"/model/renewableContentShare": "0", "/model/thirdPartyAssurances": ...})
    report = judged(record, EU)
    assert report.conforms and report.regimes["eu"].states["thirdPartyAssurances"] is IndicatorState.NOT_APPLICABLE


def test_what_the_category_excludes_is_a_fault_only_where_it_is_given(pack_record):
    whole = judged(pack_record("ST"), EU)
    given = judged(pack_record("ST", {"/model/capacityThresholdForExhaustion": "7"}), EU)
    assert whole.regimes["eu"].states["capacityThresholdForExhaustion"] is IndicatorState.EXCLUDED and whole.conforms
    assert given.regimes["eu"].states["capacityThresholdForExhaustion"] is IndicatorState.EXCLUDED
    assert [fault.code for fault in given.faults] == ["excluded"]
    assert given.regimes["eu"].complete


def test_a_malformed_value_counts_as_malformed_and_neither_as_present_nor_as_missing(pack_record):
    report = judged(pack_record("EV", {"/model/nominalVoltage": "约350"}))
    for code, due in (("eu", 57), ("cn", 20)):
        regime = report.regimes[code]
        assert regime.states["nominalVoltage"] is IndicatorState.MALFORMED
        assert (regime.present_due, regime.malformed, regime.missing, regime.due) == (due - 1, 1, 0, due)
        assert not regime.complete
    (fault,) = report.faults
    assert (fault.code, fault.expected, fault.found) == ("malformed", "a number of volts greater than 0", '"约350"')
    assert say(fault.message, "zh").endswith('实为"约350"。')
    assert {entry.rule.name for entry in report.unchecked} >= {"minimum-voltage", "maximum-voltage", "rated-energy"}


def test_a_wrong_check_digit_is_malformed(pack_record):
    report = judged(pack_record("EV", {"/model/gtin": "09529999001000"}), EU)
    assert report.regimes["eu"].states["gtin"] is IndicatorState.MALFORMED


def test_a_malformed_value_is_a_fault_although_it_is_not_due(pack_record):
    report = judged(pack_record("LMT", {"/condition/deepDischargeEvents/value": "two"}), EU)
    assert [fault.code for fault in report.faults] == ["malformed"]
    assert report.regimes["eu"].states["deepDischargeEvents"] is IndicatorState.MALFORMED


@each("value", [..., "automotive", "EV", 3, ["ev"]])
def test_without_a_battery_category_nobody_knows_what_is_asked_for(value, pack_record):
    report = judged(pack_record("EV", {"/model/batteryCategory": value}))
    assert [fault.code for fault in report.faults] == ["missing" if value is ... else "malformed"]
    assert report.faults[0].indicator == "batteryCategory"
    assert not any(regime.applies or regime.complete for regime in report.regimes.values())


# --- faults ---------------------------------------------------------------------------------------------------------


@each(
    ("name", "pointer", "value", "expected", "found", "at"),
    [
        ("EV", "/model/nominalVoltage", "-1", "a number of volts greater than 0", '"-1"', None),
        ("EV", "/model/nominalVoltage", "NaN", "a number of volts greater than 0", '"NaN"', None),
        (
            "EV",
            "/model/euDeclarationOfConformity",
            "see file",
            "an address that begins with https://",
            '"see file"',
            None,
        ),
        (
            "EV",
            "/model/safetyMeasures/0",
            "http://x.example/",
            "an address that begins with https://",
            '"http://x.example/"',
            None,
        ),
        ("EV", "/pack/manufacturingDate", "18 June 2026", "a day written YYYY-MM-DD", '"18 June 2026"', None),
        ("EV", "/model/manufacturerAddress/addressCountry", "China", "a country code", '"China"', None),
        (
            "EV",
            "/model/manufacturerAddress/streetAddress",
            ...,
            "text",
            "nothing",
            "/model/manufacturerAddress/streetAddress",
        ),
        ("EV", "/model/componentMass/1/mass", "2,0", "a number of kilograms greater than 0", '"2,0"', None),
        ("EV", "/model/manufacturerAddress", "1 Example Road", "an entry with streetAddress", '"1 Example Road"', None),
        ("ST", "/condition/recordedAt", "2026-11-15T21:00:00", "an instant with its time zone", None, None),
    ],
)
def test_a_malformed_value_is_named_with_its_place_what_was_expected_and_what_was_found(
    name, pointer, value, expected, found, at, pack_document
):
    document = pack_document(name, {pointer: value})
    if pointer == "/condition/recordedAt":
        document = json.loads(json.dumps(document).replace("2026-11-15T21:00:00Z", value))
    report = judged(from_json(document, "pack.json"), EU)
    (fault,) = [fault for fault in report.faults if fault.location.pointer == (at or pointer)]
    assert fault.code == "malformed"
    assert fault.expected.startswith(expected)
    assert found is None or fault.found == found
    assert "given once" not in say(fault.message, "en") and re.search(r"[\u4e00-\u9fff]", say(fault.message, "zh"))


def test_faults_stand_in_the_order_of_the_vocabulary(pack_record):
    changes = {"/model/safetyMeasures/0": "link", "/model/nominalVoltage": "x", "/pack/operatorInformation/name": "",
               "/model/componentMass/1/mass": "0", "/model/componentMass/0/mass": "0"}  # fmt: skip
    found = [fault.location.pointer for fault in judged(pack_record("EV", changes), EU).faults]
    order = list(load().indicators)
    assert len(found) == 5
    assert found == sorted(found, key=lambda pointer: (order.index(pointer.split("/")[2]), pointer))


def test_a_missing_value_is_one_fault_however_many_regimes_ask_for_it(pack_record):
    report = judged(pack_record("EV", {"/model/nominalVoltage": ...}))
    (fault,) = report.faults
    assert "EU" in say(fault.message, "en") and "Chinese" in say(fault.message, "en")
    assert fault.location.pointer == "/model/nominalVoltage"


def test_the_strict_form_raises_with_every_fault(pack_record):
    judged(pack_record("ST")).conforms_or_raise()
    with pytest.raises(FaultyRecord, match="2 faults") as caught:
        judged(pack_record("ST", {"/model/ratedCapacity": "a", "/model/nominalVoltage": "b"})).conforms_or_raise()
    assert len(caught.value.faults) == 2


def test_the_day_may_differ_per_regime_and_the_strictest_is_today(pack_record):
    days = {"eu": date(2027, 2, 18), "cn": date(2026, 11, 14)}
    report = judged(pack_record("EV"), on=lambda regime: days[regime.code])
    assert {code: regime.on for code, regime in report.regimes.items()} == days
    assert "not-in-the-future" in {fault.code for fault in report.faults}
    assert judged(pack_record("EV"), EU, on=lambda regime: days[regime.code]).conforms


def test_without_a_regime_only_form_and_rules_are_judged(pack_record):
    record = pack_record("EV", {"/model/nominalVoltage": ..., "/model/gtin": "1"})
    report = validate(record, (), on=lambda regime: ON)
    assert [fault.indicator for fault in report.faults] == ["gtin"] and not report.regimes


def test_the_report_is_json(pack_record):
    report = judged(pack_record("EV", {"/model/ratedCapacity": "17,0"}))
    members = json.loads(json.dumps(report.to_json(), ensure_ascii=False))
    assert members["conforms"] is False
    assert members["regimes"]["eu"]["states"]["ratedCapacity"] == "malformed"
    assert {"rule": "rated-energy", "because": ["ratedCapacity"]} in members["notChecked"]


def test_what_cannot_be_evaluated_is_a_fault_and_never_a_pass(pack_record, monkeypatch):
    def give_up(*_: Any, **__: Any):
        raise TypeError("unorderable")

    faulty = pack_record("ST", {"/model/ratedCapacity": "17,0"})
    monkeypatch.setattr(pyshacl, "validate", give_up)
    report = judged(faulty, EU)
    assert not report.conforms and {fault.code for fault in report.faults} == {"not-validated"}
    monkeypatch.setattr(shacl, "run", lambda *_: (_ for _ in ()).throw(shacl.ShaclFailure("x")))
    assert not judged(faulty, EU).conforms


# --- graphs of what was published -----------------------------------------------------------------------------------


def published(record: Record) -> Graph:
    """The statements under other addresses, with xsd:string spelt out, as a foreign tool may give them."""
    moved = Graph()
    for triple in graphs.graph(record, load()):
        subject, predicate, value = (
            URIRef(str(term).replace(str(PACK), "https://p.example/01/1/21/2").replace(str(MODEL), "https://p.example/01/1"))
            if isinstance(term, URIRef) else term
            for term in triple
        )  # fmt: skip
        if isinstance(value, Literal) and value.datatype is None and value.language is None:
            value = Literal(str(value), datatype=XSD.string)
        moved.add((subject, predicate, value))
    return moved


@each("name", ["EV", "ST", "LMT"])
def test_the_same_shapes_judge_what_was_published(name, pack_record):
    record = pack_record(name)
    report = validate_graph(published(record), (EU, CN), on=ON)
    assert without_places(report) == without_places(judged(record))


def without_places(report: ValidationReport) -> ValidationReport:
    """A published graph has no places for notices."""
    regimes = {
        code: replace(one, notices=tuple(replace(notice, location=Location("")) for notice in one.notices))
        for code, one in report.regimes.items()
    }
    return replace(report, regimes=regimes)


def test_a_fault_in_a_published_graph_names_the_indicator(pack_record):
    data = published(pack_record("EV", {"/model/maximumVoltage": "700", "/model/detailedComposition/8/mass": "some"}))
    report = validate_graph(data, (EU,), on=ON, file="ev.jsonld")
    assert [(fault.code, fault.indicator, fault.location.file) for fault in report.faults] == [
        ("maximum-voltage", "maximumVoltage", "ev.jsonld"), ("malformed", "detailedComposition", "ev.jsonld"),
    ]  # fmt: skip


def test_an_empty_graph_is_not_complete_and_does_no_harm():
    report = validate_graph(Graph(), (EU, CN), on=ON)
    assert not report.conforms and [fault.indicator for fault in report.faults] == ["batteryCategory"]


def test_a_pack_without_its_model_lacks_what_the_model_says():
    data = Graph()
    data.add((PACK, RDF.type, BP.BatteryPack))
    report = validate_graph(data, (EU,), on=ON, category=Category.EV)
    assert report.regimes["eu"].missing == 57


# --- hostile values -------------------------------------------------------------------------------------------------

JUNK_TEXT = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["n/a", "NaN", "-0", "1e400", "9" * 5000, "0.0000001", "2026-02-30", "urn:x", "\ud800", "none"]),
    st.decimals(allow_nan=True).map(str),
)
JUNK = st.one_of(
    JUNK_TEXT, st.integers(), st.booleans(), st.floats(), st.lists(JUNK_TEXT, max_size=2),
    st.dictionaries(st.sampled_from(["value", "name", "en", "x"]), JUNK_TEXT, max_size=2),
)  # fmt: skip


def leaves(value: Any, way: tuple = ()) -> Iterator[tuple]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(inner, (*way, key))
    else:
        yield way


@each("number", [12.5, 1.3407807922138224e154, float("inf"), 10**300, 5])
def test_a_number_where_text_belongs_is_refused_however_large(
    pack_document: Callable[..., dict], number: float
) -> None:
    document = copy.deepcopy(pack_document("LMT"))
    document["model"]["manufacturerName"] = number
    report = judged(from_json(document, "pack.json"), EU)
    assert [(fault.code, fault.indicator) for fault in report.faults] == [("malformed", "manufacturerName")]


@settings(
    max_examples=example_count(40), deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(data=st.data())
def test_any_leaf_may_hold_junk_and_a_report_comes_out(data: st.DataObject, pack_document: Callable[..., dict]):
    document = copy.deepcopy(pack_document("LMT"))
    way = data.draw(st.sampled_from(list(leaves(document))))
    junk = data.draw(JUNK)
    inner = document
    for key in way[:-1]:
        inner = inner[key]
    was, inner[way[-1]] = inner[way[-1]], junk
    try:
        report = judged(from_json(document, "pack.json"), EU, at_stage=Stage.USE)
    except FaultyRecord as refused:
        assert refused.faults
        return
    assert isinstance(report, ValidationReport)
    # A number may stand for the text of a quantity; anything else in the place of a text is refused.
    if isinstance(was, str) and (isinstance(junk, bool) or not isinstance(junk, str | int | float)):
        assert not report.conforms, (way, junk)
    if not report.conforms:
        assert all(say(fault.message, "en") != say(fault.message, "zh") for fault in report.faults)


def test_the_indicators_of_the_packs_are_looked_for_where_the_faults_say(pack_record):
    # Every place that validation can name leads somewhere in the file, never nowhere.
    record = pack_record("EV")
    places = RecordPlaces(record, load())
    given = {**record.model, **record.pack, **record.condition, **record.events["production"]}
    for identifier in given.keys() & load().indicators.keys():
        pointer = places.location(graphs.GraphLocation(identifier)).pointer
        assert pointer and identifier in pointer


@each(
    ("pack", "pointer", "code"),
    [
        ("LMT", "/model/criticalRawMaterials/0/identifier", "7440-02-0"),
        ("LMT", "/model/removalManual/0/language", "en"),
    ],
)
def test_a_line_break_behind_a_code_is_malformed(pack, pointer, code, pack_record):
    """To Python the ``$`` of a pattern is also the place before such a line break, to SHACL the end of the text."""
    assert judged(pack_record(pack, {pointer: code})).conforms
    (fault,) = judged(pack_record(pack, {pointer: code + "\n"})).faults
    assert (fault.code, fault.location.pointer) == ("malformed", pointer)


def test_a_count_that_not_every_engine_can_hold_is_malformed(pack_record):
    """Some take 64 bits for an integer, and would refuse what was issued."""
    pointer = "/model/dismantlingInformation/cellCount"
    assert judged(pack_record("LMT", {pointer: 10**18 - 1})).conforms
    (fault,) = judged(pack_record("LMT", {pointer: 10**18})).faults
    assert (fault.code, fault.location.pointer) == ("malformed", pointer)
