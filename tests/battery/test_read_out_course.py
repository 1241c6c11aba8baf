"""The course of values from one read-out to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from passport.battery.fault import Location
from passport.battery.read_out_course import course_faults, followed
from tests.each import each

DAY = datetime(2027, 3, 1, 8, tzinfo=UTC)


def read_out(hours: float = 0, **values):
    return {"recordedAt": (DAY + timedelta(hours=hours)).isoformat(), **values}


def codes(earlier, later):
    faults = course_faults(earlier, later, lambda name: Location("x.csv", heading=name))
    return [(fault.indicator, fault.code, fault.severity) for fault in faults]


@each("name", [each.id for each in followed() if each.course.never_falls])
def test_a_counter_that_falls_is_refused(name):
    assert codes(read_out(**{name: "11"}), read_out(24, **{name: "10"})) == [(name, "value-fell", "violation")]


def test_minutes_that_grow_faster_than_time_are_refused():
    name = "timeAboveTemperatureBoundary"
    assert codes(read_out(**{name: "0"}), read_out(1, **{name: "66"})) == [(name, "faster-than-time", "violation")]
    # Five minutes are forgiven to a clock that was set.
    assert codes(read_out(**{name: "0"}), read_out(1, **{name: "65"})) == []


def test_more_cycles_than_a_day_can_hold_are_flagged():
    flagged = [("numberOfFullCycles", "value-jumped", "warning")]
    assert codes(read_out(numberOfFullCycles=10), read_out(24, numberOfFullCycles=61)) == flagged
    assert codes(read_out(numberOfFullCycles=10), read_out(24, numberOfFullCycles=60)) == []
    assert codes(read_out(numberOfFullCycles=10), read_out(25, numberOfFullCycles=110)) == []


def test_a_capacity_that_rises_is_flagged():
    flagged = [("remainingCapacity", "value-jumped", "warning")]
    assert codes(read_out(remainingCapacity="100"), read_out(1, remainingCapacity="105.1")) == flagged
    assert codes(read_out(remainingCapacity="100"), read_out(1, remainingCapacity="105")) == []


@each("value", ["", "much", None, True, "NaN", "Infinity", ["1"], "1,5"])
def test_a_malformed_value_is_left_to_its_shape(value):
    assert codes(read_out(numberOfFullCycles=11), read_out(24, numberOfFullCycles=value)) == []
    assert codes(read_out(numberOfFullCycles=value), read_out(24, numberOfFullCycles=1)) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 40), st.decimals(0, 50, places=1), st.decimals(0, 600, places=0)),
        min_size=1, max_size=12,
    )
)  # fmt: skip
def test_what_only_grows_at_a_plausible_rate_has_no_fault(steps):
    cycles, throughput, minutes = 0, Decimal(0), Decimal(0)
    before = None
    for number, (more_cycles, more_energy, more_minutes) in enumerate(steps):
        cycles, throughput, minutes = cycles + more_cycles, throughput + more_energy, minutes + more_minutes
        values = read_out(
            24 * number, numberOfFullCycles=cycles, energyThroughput=str(throughput),
            timeBelowTemperatureBoundary=str(minutes),
        )  # fmt: skip
        assert before is None or codes(before, values) == []
        before = values
