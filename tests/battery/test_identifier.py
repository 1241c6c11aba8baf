"""GB/T 34014 codes, GTINs and addresses: what they say, and everything that is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.battery.identifiers.address import (
    check_gtin,
    check_serial,
)
from passport.battery.identifiers.identifier import CHARACTERS, TractionBatteryCode
from passport.errors import MalformedIdentifier
from tests.each import each

PACK = "001PE01A1B2C3DG7L0000042"
GTIN = "09506000134352"

# Code, product type, battery type, production date, serial.
VALID = [
    ("001CB240000003B3C0221953", "C", "B", date(2021, 3, 12), "0221953"),
    ("04QCB76836300JBC40000903", "C", "B", date(2021, 12, 4), "0000903"),
    ("07HCBC1P22G06AC700002596", "C", "B", date(2022, 7, 31), "0002596"),
    (PACK, "P", "E", date(2026, 7, 20), "0000042"),
]

INVALID = [
    ("A765101015", "10"),
    ("JBC4000090304QCB76836300", "position 4, product type: expected P, M or C; found 4"),
    ("001XE01A1B2C3DG7L0000042", "position 4, product type: expected P, M or C; found X"),
    ("001PH01A1B2C3DG7L0000042", "position 5, battery type: expected A-G or Z; found H"),
    ("001PE01A1B2C3D07L0000042", "position 15, year: expected 1-9 or A-Y without I, O, Q, U; found 0"),
    ("001PE01A1B2C3DGDL0000042", "position 16, month: expected 1-9, A, B or C; found D"),
    ("001PE01A1B2C3DG7U0000042", "position 17, day: expected 0-9 or A-Y without I, O, Q, U; found U"),
    ("001PE01A1B2C3DG7I0000042", "position 17, day: expected 0-9 or A-Y without I, O, Q, U; found I"),
    ("001PE01A1B2C3DG2Y0000042", "expected a calendar date in positions 15-17; found G2Y, 30 February 2026"),
    ("001PE01A1B2C3DG7L0000000", "positions 18-24, serial number: expected 0000001 or more; found 0000000"),
    ("001PE01A1-B2CDG7L0000042", "position 10, traceability information: expected 0-9 or A-Z; found -"),
    ("0ABPB01G4A0000007R", "expected 24 characters, or 19 for a second-life product; found 18"),
    ("0ABPB01G4A0000007RX", "position 19, second-life form: expected P, M or C; found X"),
    ("0ABPB01G4A0000007XP", "position 18, second-life mark: expected R; found X"),
    ("001PE01A1B2C3DG7L000004A", "position 24, serial number: expected a digit; found A"),
    ("001pE01A1B2C3DG7L0000042", "position 4, product type: expected P, M or C; found p"),
    ("００1PE01A1B2C3DG7L0000042", "position 1, manufacturer: expected 0-9 or A-Z; found ０"),
    ("001PE01A1B2C3DG7L000004²", "position 24, serial number: expected a digit; found ²"),
    (PACK + "P", "found 25"),
    (PACK + "P1", "found 26"),
    ("", "found 0"),
]


@each(("text", "product", "battery", "day", "serial"), VALID, ids=lambda value: str(value)[:24])
def test_the_published_codes_read_as_their_makers_meant_them(text, product, battery, day, serial):
    code = TractionBatteryCode.parse(text, on=date(2026, 8, 1))
    assert (code.product_type, code.battery_type, code.production_date, code.serial) == (product, battery, day, serial)
    assert (code.second_life, code.departures, str(code)) == (None, (), text)


def test_blanks_are_removed_because_plates_print_the_code_in_parts():
    assert str(TractionBatteryCode.parse(" 001CB2400000 03B3C0221953\n")) == "001CB240000003B3C0221953"


def test_a_second_life_code_has_no_traceability_block_and_names_its_form():
    code = TractionBatteryCode.parse("0ABPB01G4A0000007RP")
    assert (code.traceability, code.second_life, code.production_date) == (None, "P", date(2026, 4, 10))
    assert (code.design_part, code.production_part, str(code)) == ("0ABPB01", "G4A0000007RP", "0ABPB01G4A0000007RP")


def test_the_parts_of_a_code():
    code = TractionBatteryCode.parse(PACK)
    assert (code.design_part, code.production_part) == ("001PE01A1B2C3D", "G7L0000042")
    assert (code.model_part, code.item_part) == ("001PE01", "A1B2C3DG7L0000042")
    assert code.groups == ("001PE01", "A1B2C3D", "G7L", "0000042")


@each(("text", "said"), INVALID)
def test_a_malformed_code_is_refused_with_its_position(text, said):
    with pytest.raises(MalformedIdentifier) as refusal:
        TractionBatteryCode.parse(text)
    assert said in str(refusal.value)
    assert refusal.value.message.endswith("is not a GB/T 34014 code")
    assert refusal.value.hint


def test_a_code_with_its_printed_parts_swapped_is_refused_with_a_hint():
    with pytest.raises(MalformedIdentifier) as refusal:
        TractionBatteryCode.parse("JBC4000090304QCB76836300")
    assert "swapped" in refusal.value.hint


def test_a_production_date_in_the_future_is_refused_only_when_the_day_is_known():
    sample = "X12MCPM27KLPCLX2M2382320"
    assert TractionBatteryCode.parse(sample).production_date == date(2039, 2, 21)
    with pytest.raises(MalformedIdentifier, match="a day not after 18 February 2027; found X2M, 21 February 2039"):
        TractionBatteryCode.parse(sample, on=date(2027, 2, 18))
    assert TractionBatteryCode.parse(sample, on=date(2039, 2, 21)).serial == "2382320"


@each(
    ("text", "departure"),
    [
        ("001PE01A1B2C3DG7L000004A", "letters in the serial number"),
        (PACK + "P", "non-standard length 25"),
        (PACK + "P1", "non-standard length 26"),
        (PACK.lower(), "small letters"),
    ],
)
def test_what_is_seen_in_the_wild_passes_only_leniently_and_is_named(text, departure):
    with pytest.raises(MalformedIdentifier):
        TractionBatteryCode.parse(text)
    assert TractionBatteryCode.parse(text, lenient=True).departures == (departure,)


@each("text", [text for text, _ in INVALID[:13]])
def test_a_lenient_reading_still_refuses_what_the_standard_cannot_mean(text):
    with pytest.raises(MalformedIdentifier):
        TractionBatteryCode.parse(text, lenient=True)


@each("value", [None, 42, b"001PE01A1B2C3DG7L0000042", ["x"], {"a": 1}])
def test_what_is_no_text_is_refused_as_a_code_a_gtin_and_a_serial(value):
    for check in (TractionBatteryCode.parse, check_gtin, check_serial):
        with pytest.raises(MalformedIdentifier):
            check(value)


def test_a_refusal_repeats_hostile_text_short_and_in_one_line():
    with pytest.raises(MalformedIdentifier) as refusal:
        TractionBatteryCode.parse("A\x1b[31m\x00" + "A" * 5000)
    assert len(str(refusal.value)) < 250
    assert str(refusal.value).isprintable()


DAYS = st.dates(min_value=date(2011, 1, 1), max_value=date(2040, 12, 31))
LETTERS = st.sampled_from(CHARACTERS)
SERIALS = st.integers(1, 9_999_999).map(lambda n: f"{n:07}")


@st.composite
def codes(draw) -> TractionBatteryCode:
    second_life = draw(st.none() | st.sampled_from("PMC"))
    return TractionBatteryCode(
        manufacturer=draw(st.text(LETTERS, min_size=3, max_size=3)),
        product_type=draw(st.sampled_from("PMC")),
        battery_type=draw(st.sampled_from("ABCDEFGZ")),
        specification=draw(st.text(LETTERS, min_size=2, max_size=2)),
        traceability=None if second_life else draw(st.text(LETTERS, min_size=7, max_size=7)),
        production_date=draw(DAYS),
        serial=draw(SERIALS),
        second_life=second_life,
    )


@given(codes())
def test_every_code_that_can_be_written_reads_back_to_itself(code):
    assert TractionBatteryCode.parse(str(code)) == code
    assert len(str(code)) == (19 if code.second_life else 24)
    assert code.model_part + code.item_part == code.design_part + code.production_part == str(code)


@given(codes(), st.integers(0, 2), st.characters(exclude_categories=("Z", "C")))
def test_another_date_character_is_another_day_or_refused(code, offset, character):
    text = str(code)
    start = 7 if code.second_life else 14
    changed = text[: start + offset] + character + text[start + offset + 1 :]
    assume(changed != text)
    try:
        read = TractionBatteryCode.parse(changed)
    except MalformedIdentifier:
        return
    assert read.production_date != code.production_date
    assert str(read) == changed


@given(codes(), st.integers(1, 4000))
def test_a_code_from_after_the_day_asked_about_is_refused(code, days):
    with pytest.raises(MalformedIdentifier, match="not after"):
        TractionBatteryCode.parse(str(code), on=code.production_date - timedelta(days))


@given(st.text(max_size=30) | st.text(CHARACTERS, min_size=19, max_size=24))
def test_no_text_at_all_escapes_as_another_error(text):
    for lenient in (False, True):
        try:
            code = TractionBatteryCode.parse(text, lenient=lenient)
        except MalformedIdentifier:
            continue
        assert TractionBatteryCode.parse(str(code), lenient=True).production_date == code.production_date
