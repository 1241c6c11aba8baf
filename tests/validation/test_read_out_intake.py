"""Read-outs that are judged together are judged as each of them alone."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.battery.fault import Location
from passport.battery.record_statements import statements
from passport.validation import read_out_intake
from passport.validation.read_out_intake import ReadOutRecord, judge_read_out, judge_read_outs, read_out_record
from passport.validation.rule_facts import RuleFacts
from passport.validation.rule_functions import CHECKS, COMPARED_WITH
from passport.vocabulary.vocabulary import NS, Category, load

ON = date(2027, 3, 8)
#: Right and wrong ones: in the future, no number, below the least, of another kind, a personal number, a nested value.
VALUES: dict[str, list[Any]] = {
    "recordedAt": ["2027-03-01T08:00:00Z", "2027-03-01T08:00:00+08:00", "2099-01-01T00:00:00Z", "2027-13-01T00:00:00Z"],
    "statusChangedAt": ["2027-02-01T08:00:00Z", "2027-03-07T08:00:00Z"],
    "stateOfCharge": ["80", "12.5", "101", "-1", "80 %", "8e1", ["80"], True, 80],
    "numberOfFullCycles": [412, "412", -3, "many"],
    "energyThroughput": ["1000", "1_000", ""],
    "remainingCapacity": ["12.99", "99999999", {"value": "12"}],
    "capacityFade": ["4", "104"],
    "batteryStatus": ["original", "unknown word", "waste"],
    "puttingIntoServiceDate": ["2026-05-01", "2027-05-01"],
    "negativeEvents": [[{"description": "call 13800138000", "recordedAt": "2027-01-01T08:00:00Z"}], [{}], "nothing"],
}


def asked(values: dict[str, Any], number: int, category: Category) -> ReadOutRecord:
    record = read_out_record(f"https://passport.example.com/id/m/{number}", category, values)
    return ReadOutRecord(record, lambda indicator: Location("readings.csv", row=number, column=indicator))


@st.composite
def read_outs(draw: st.DrawFn) -> list[ReadOutRecord]:
    """Mostly right ones of the same indicators, as a fleet sends them, and a few of any form."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), min_size=1, unique=True))
    category = draw(st.sampled_from(Category))
    several = [{name: VALUES[name][0] for name in names} for _ in range(draw(st.integers(8, 24)))]
    for _ in range(draw(st.integers(0, 3))):
        name = draw(st.sampled_from(sorted(VALUES)))
        draw(st.sampled_from(several))[name] = draw(st.sampled_from(VALUES[name]))
    return [asked(values, number, category) for number, values in enumerate(several)]


@given(read_outs())
@settings(max_examples=40, deadline=None)
def test_together_they_are_judged_as_each_alone(several: list[ReadOutRecord]) -> None:
    assert judge_read_outs(several, on=ON) == tuple(judge_read_out(each, on=ON) for each in several)


@given(read_outs())
@settings(max_examples=20, deadline=None)
def test_a_rule_that_compares_is_silent_where_there_is_nothing_to_compare_with(several: list[ReadOutRecord]) -> None:
    for each in several:
        stated = statements(each.record, load())
        for rule, indicators in COMPARED_WITH.items():
            if stated.by_predicate.keys().isdisjoint(NS + name for name in indicators):
                assert not list(CHECKS[rule](RuleFacts(stated, ON)))


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> list[ReadOutRecord]:
    """The read-outs that are judged by themselves."""
    judged: list[ReadOutRecord] = []

    def judge(read_out: ReadOutRecord, *, on: date, compared: bool = False) -> tuple[Any, ...]:
        judged.append(read_out)
        return judge_read_out(read_out, on=on, compared=compared)

    monkeypatch.setattr(read_out_intake, "judge_read_out", judge)
    monkeypatch.setattr(read_out_intake, "is_sampled", lambda one_in: False)
    return judged


def fleet(count: int) -> list[ReadOutRecord]:
    values = {name: VALUES[name][0] for name in ("recordedAt", "stateOfCharge", "numberOfFullCycles")}
    return [asked({**values, "stateOfCharge": str(number % 100)}, number, Category.LMT) for number in range(count)]


def test_right_read_outs_of_a_fleet_are_judged_in_one_go(alone: list[ReadOutRecord]) -> None:
    assert not any(judge_read_outs(fleet(200), on=ON))
    assert not alone


def test_a_wrong_read_out_costs_its_neighbours_little(alone: list[ReadOutRecord]) -> None:
    several = fleet(200)
    several[70] = asked({**several[70].record.condition, "stateOfCharge": "180"}, 70, Category.LMT)
    (wrong,) = (number for number, faults in enumerate(judge_read_outs(several, on=ON)) if faults)
    assert wrong == 70
    assert several[70] in alone and len(alone) < 16


def test_some_read_outs_are_compared_with_the_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bool] = []

    def judge(read_out: ReadOutRecord, *, on: date, compared: bool, told: list[bool] = compared) -> tuple[()]:
        told.append(compared)
        return ()

    sampled = iter([False] * 7 + [True] + [False] * 12)
    monkeypatch.setattr(read_out_intake, "judge_read_out", judge)
    monkeypatch.setattr(read_out_intake, "is_sampled", lambda one_in: next(sampled))
    judge_read_outs(fleet(20), on=ON)
    assert compared == [True]
