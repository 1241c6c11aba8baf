"""Completeness reports: one record, one report per regime, every line with what a person needs to act on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from passport.battery.record import Record
from passport.texts import by_language, say
from passport.validation.completeness import STATES, STATUSES, CompletenessReport, reports
from passport.validation.validation_report import IndicatorState
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import ObligationStatus, Stage, regimes
from tests.each import each

ON = date(2027, 2, 18)


def both(
    record: Record, on: date = ON, at_stage: Stage = Stage.PRODUCTION
) -> tuple[CompletenessReport, CompletenessReport]:
    eu, cn = reports(record, validate(record, [regimes()["eu"], regimes()["cn"]], on=on, at_stage=at_stage))
    return eu, cn


def line(report: CompletenessReport, indicator: str):
    return next(one for one in report.lines if one.indicator.id == indicator)


def test_one_record_gives_a_domestic_and_an_international_report(pack_record: Callable[..., Record]):
    eu, cn = both(pack_record("EV"))
    assert eu.complete and cn.complete and not eu.to_do and not cn.to_do
    assert (eu.result.due, cn.result.due) == (57, 20)
    assert (len(eu.lines), len(cn.lines)) == (150, 68)
    for report in (eu, cn):
        assert sum(report.counts.values()) == len(report.lines)
        assert {state: len(report.of(state)) for state in IndicatorState} == dict(report.counts)


def test_every_line_says_what_a_person_needs(pack_record):
    for report in both(pack_record("EV")):
        for one in report.lines:
            for texts in (one.indicator.label, one.indicator.definition, by_language(one.why), one.expected):
                assert texts["en"] and texts["zh"]
            assert one.indicator.fill_rule and one.obligation.basis
            assert STATES[one.state]["zh"] and STATUSES[one.obligation.status]["en"]


def test_what_is_missing_is_to_do_with_its_rule_unit_and_legal_basis(pack_record):
    eu, cn = both(pack_record("EV", {"/model/batteryMass": ...}))
    (todo,) = eu.to_do
    assert todo.indicator.id == "batteryMass" and todo.state is IndicatorState.MISSING and not todo.given
    document = todo.to_json()
    assert document["name"]["zh"] == "电池质量" and document["unit"]["symbol"] == "kg"
    assert "Annex XIII" in document["basis"] and document["fillingRule"] and document["status"] == "mandatory"
    assert document["why"]["en"] == "mandatory since 2027-02-18"
    assert not eu.complete and eu.result.missing == 1
    assert not cn.to_do, "the Chinese side does not ask for the mass"


def test_a_malformed_value_is_to_do_where_a_regime_asks_for_it_and_told_where_it_does_not(pack_record):
    eu, cn = both(pack_record("EV", {"/model/maximumVoltage": "400 kV"}))
    (todo,) = eu.to_do
    assert (todo.indicator.id, todo.state) == ("maximumVoltage", IndicatorState.MALFORMED)
    assert "400 kV" in say(todo.faults[0].message, "zh") and "V" in todo.faults[0].hint
    assert not cn.to_do and [fault.indicator for fault in cn.other_faults] == ["maximumVoltage"]


def test_a_broken_rule_is_to_do_although_every_value_is_well_formed(pack_record):
    eu, _ = both(pack_record("EV", {"/model/minimumVoltage": "710.4"}))
    (todo,) = eu.to_do
    assert todo.state is IndicatorState.PRESENT and todo.faults[0].code == "minimum-voltage"


def test_what_the_category_excludes_is_to_do_where_it_is_given(pack_record):
    excluded = next(
        one
        for one in regimes()["eu"].obligations(pack_record("LMT").category).values()
        if one.status is ObligationStatus.EXCLUDED and one.indicator == "capacityThresholdForExhaustion"
    )
    eu, _ = both(pack_record("LMT", {f"/model/{excluded.indicator}": "80"}))
    todo = line(eu, excluded.indicator)
    assert todo.to_do and todo.state is IndicatorState.EXCLUDED
    assert excluded.indicator in {one.id for one in eu.superfluous}


def test_what_only_one_side_asks_for_is_superfluous_on_the_other_and_no_fault(pack_record):
    eu, cn = both(pack_record("EV"))
    assert "cellTractionBatteryCodes" in {one.id for one in eu.superfluous}
    assert "cadmiumLeadSymbol" in {one.id for one in cn.superfluous}
    for report in (eu, cn):
        asked = {one.indicator.id for one in report.lines if one.state is not IndicatorState.EXCLUDED}
        assert not asked & {one.id for one in report.superfluous}


@each(
    ("indicator", "on", "why"),
    [
        (
            "batteryCarbonFootprint",
            ON,
            "the act that says how to fill it is outstanding; the earliest day is 2025-02-18",
        ),
        ("recycledNickelShare", ON, "the act that says how to fill it is outstanding; the earliest day is 2028-08-18"),
        ("instructionsForUse", ON, "the act that says how to fill it is outstanding"),
        ("dueDiligenceReport", ON, "asked for from 2027-08-18"),
        ("deepDischargeEvents", ON, "asked for at the stage “Use”"),
        ("ratedCapacity", date(2026, 12, 1), "asked for from 2027-02-18"),
    ],
)
def test_what_is_not_yet_due_says_why(indicator, on, why, pack_record):
    # Read on the last day of all, so that nothing in the example lies in the future.
    eu, _ = both(pack_record("EV"), on=on)
    one = line(eu, indicator)
    assert one.state is IndicatorState.NOT_YET_DUE and say(one.why, "en") == why != say(one.why, "zh")
    assert not one.to_do


def test_a_regime_that_does_not_speak_of_a_category_asks_for_nothing(pack_record):
    _, cn = both(pack_record("LMT"))
    assert not cn.result.applies and cn.lines == () and cn.superfluous == () and not cn.complete
    assert cn.to_json()["applies"] is False


def test_lines_stand_under_their_dimensions_in_order(pack_record):
    eu, _ = both(pack_record("EV"))
    names = [label["en"] for label, _ in eu.by_dimension()]
    assert names[0] == "Manufacturer" and len(names) == len(set(names)) == 9
    assert [one for _, lines in eu.by_dimension() for one in lines] == list(eu.lines)


def test_every_state_and_status_has_its_name_in_the_ontology():
    assert set(STATES) == set(IndicatorState) and set(STATUSES) == set(ObligationStatus)
    for names in (*STATES.values(), *STATUSES.values()):
        assert say(names, "en") != say(names, "zh")
