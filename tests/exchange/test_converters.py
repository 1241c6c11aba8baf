"""Kinds of values: what is converted is converted exactly, and everything else is refused with a reason."""

from __future__ import annotations

import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.exchange import converters, peer_format
from passport.exchange.converters import UnreadableValue, Unwritable
from tests.each import each

FACTORS = ["1", "1000", "0.001", "100", "0.01", "25.4", "0.028349523125"]
JUNK = [None, True, "", " ", [], {}, [1], "x\ny" * 50]


@given(number=st.decimals(allow_nan=False, allow_infinity=False), factor=st.sampled_from(FACTORS))
def test_a_number_comes_back_as_it_was_or_is_not_written(number, factor):
    kind = converters.number(factor)
    try:
        theirs = kind.write(str(number))
    except Unwritable:
        return
    assert Decimal(kind.read(json.loads(json.dumps(theirs)))) == number


@given(value=st.floats() | st.integers() | st.booleans() | st.text())
def test_a_foreign_number_is_taken_over_exactly_or_refused(value):
    try:
        ours = converters.NUMBER.read(value)
    except UnreadableValue:
        return
    assert "E" not in ours.upper(), "the lexical form of xsd:decimal has no exponent"
    assert Decimal(ours) == Decimal(repr(value))


@each("value", ["NaN", "sNaN", "Infinity", "1e30", "1E-31", "x", "", None, True, [], {}, b"1"])
def test_what_is_no_number_anybody_can_mean_is_not_written(value):
    with pytest.raises(Unwritable, match="no number"):
        converters.NUMBER.write(value)


@each("value", [float("nan"), float("inf"), 10**40, 1e-40, "5", None, True])
def test_what_is_no_number_anybody_can_mean_is_not_read(value):
    with pytest.raises(UnreadableValue, match="a number"):
        converters.NUMBER.read(value)


def test_more_digits_than_a_json_number_carries_are_not_written():
    with pytest.raises(Unwritable, match="more digits"):
        converters.NUMBER.write("0.1234567890123456789")
    with pytest.raises(Unwritable, match="converted exactly"):
        converters.number("3").write("1")


def test_a_whole_number_stays_whole_and_a_broken_one_is_left_for_validation():
    assert converters.WHOLE.read(1500.0) == 1500
    assert converters.WHOLE.read(1.5) == "1.5"


@given(numbers=st.lists(st.floats(-1e9, 1e9).map(lambda number: Decimal(repr(round(number, 20))))))
def test_a_sum_is_exact(numbers):
    assert Fraction(converters.total(numbers)) == sum(map(Fraction, numbers))


@each(
    ("kind", "values"),
    [
        (converters.TEXT, JUNK[:-1]),
        (converters.LINK, [*JUNK, "example.org", "https://a b", 'https://a/"b']),
        (converters.TRUTH, ["true", 1, 0, None, "x"]),
        (converters.DAY, [*JUNK, "2026-02-30", "2026-2-3", "20260203", "0000-01-01", 20260101]),
        (converters.DAY, ["2026-01-01T25", "2026-01-01T24:61:00Z", "2026-01-01T00:00:00Z+01:00"]),
        (converters.MONTHS, [*JUNK, "--13", "--00", "12", 12, "--1"]),
        (converters.codes({"ev": "EV"}), [*JUNK, "ev", "LMT", {"EV": 1}]),
    ],
    ids=["text", "link", "truth", "day", "time of day", "months", "codes"],
)
def test_what_is_not_of_the_kind_is_not_read(kind, values):
    for value in values:
        with pytest.raises(UnreadableValue):
            kind.read(value)


@each(
    ("kind", "values"),
    [
        (converters.TEXT, [None, 5, True, [], {}]),
        (converters.LINK, ["example.org", "", None, 5, []]),
        (converters.TRUTH, ["true", 1, None]),
        (converters.DAY, ["2026-02-30", "x", None, 5, []]),
        (converters.MIDNIGHT, ["2026-02-30", "x", None]),
        (converters.MONTHS, [0, 13, True, "5", None, 1.5]),
        (converters.CAS, ["7439-93", "7439-93-2 ", None, 5]),
        (converters.COMPACT_UUID, ["urn:uuid:x y", "URN:UUID:0f1e2d3c", "https://a.example/b", None, 5]),
        (converters.codes({"ev": "EV"}), ["EV", None, 5, [], {"ev": 1}]),
        (converters.codes({"ev": "EV"}, others=True), [None, 5, [], {"ev": 1}]),
    ],
    ids=["text", "link", "truth", "day", "midnight", "months", "CAS", "compact UUID", "codes", "codes and others"],
)
def test_what_the_format_cannot_hold_is_not_written_and_the_reason_is_said(kind, values):
    for value in values:
        with pytest.raises(Unwritable) as refused:
            kind.write(value)
        assert str(refused.value)


@each(
    "kind",
    [
        converters.TEXT,
        converters.LINK,
        converters.NUMBER,
        converters.DAY,
        converters.MIDNIGHT,
        converters.INSTANT,
        converters.COMPACT_UUID,
        converters.MONTHS,
        converters.CAS,
    ],
)
def test_every_placeholder_is_taken_out_again(kind):
    assert peer_format.without_placeholders({"a": kind.placeholder, "b": 1}) == ({"b": 1}, True)


def test_a_day_with_its_midnight_and_a_compact_uuid_come_back():
    assert converters.MIDNIGHT.read(converters.MIDNIGHT.write("2026-07-20")) == "2026-07-20"
    uuid = "urn:uuid:0f1e2d3c-1111-4222-8333-0123456789ab"
    assert converters.COMPACT_UUID.read(converters.COMPACT_UUID.write(uuid)) == uuid
