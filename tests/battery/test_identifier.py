"""GB/T 34014 codes, GTINs and addresses: what they say, and everything that is refused."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.battery.identifier import (
    CHARACTERS,
    SCHEMES,
    PassportAddress,
    TractionBatteryCode,
    address_of,
    check_base_url,
    check_digit,
    check_gtin,
    check_serial,
    model_address_of,
    parse_iri,
    parse_path,
)
from passport.battery.record import Record
from passport.errors import MalformedIdentifier

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


@pytest.mark.parametrize(("text", "product", "battery", "day", "serial"), VALID, ids=lambda value: str(value)[:24])
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


@pytest.mark.parametrize(("text", "said"), INVALID)
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize("text", [text for text, _ in INVALID[:13]])
def test_a_lenient_reading_still_refuses_what_the_standard_cannot_mean(text):
    with pytest.raises(MalformedIdentifier):
        TractionBatteryCode.parse(text, lenient=True)


@pytest.mark.parametrize("value", [None, 42, b"001PE01A1B2C3DG7L0000042", ["x"], {"a": 1}])
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


# --- GTIN and serial ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["09506000134352", "09506000134369", "09506000134376", "09529999001009"])
def test_the_published_gtins_are_right(text):
    assert check_gtin(text) == text


def test_a_wrong_check_digit_is_refused_with_the_right_one():
    with pytest.raises(MalformedIdentifier, match="check digit: expected 9; found 0"):
        check_gtin("09529999001000")


@pytest.mark.parametrize(
    "text", ["9506000134352", "095060001343520", "0950600013435X", "٠٩٥٠٦٠٠٠١٣٤٣٥٢", " 9506000134352", ""]
)
def test_a_gtin_of_other_than_fourteen_digits_is_refused(text):
    with pytest.raises(MalformedIdentifier, match="expected 14 digits"):
        check_gtin(text)


@given(st.text("0123456789", min_size=13, max_size=13), st.integers(0, 13), st.integers(1, 9))
def test_any_one_changed_digit_of_a_gtin_is_noticed(digits, position, step):
    good = digits + check_digit(digits)
    assert check_gtin(good) == good
    changed = good[:position] + str((int(good[position]) + step) % 10) + good[position + 1 :]
    with pytest.raises(MalformedIdentifier):
        check_gtin(changed)


@pytest.mark.parametrize("text", ["", "A" * 21, "Ünder", "A B", "A#B", "A/B", ".", "..", "A\x00", "电池"])
def test_a_serial_that_an_address_cannot_carry_is_refused(text):
    with pytest.raises(MalformedIdentifier):
        check_serial(text)


# --- addresses ------------------------------------------------------------------------------------------------------


def record(model: dict, pack: dict) -> Record:
    return Record(category=None, model=model, pack=pack)


def test_a_pack_with_code_and_gtin_leaves_the_first_seven_characters_to_the_gtin():
    pack = record({"gtin": GTIN, "batteryModelIdentifier": "M"}, {"packTractionBatteryCode": PACK, "serialNumber": "x"})
    assert address_of(pack, "https://p.example/") == f"https://p.example/01/{GTIN}/21/A1B2C3DG7L0000042"
    assert model_address_of(pack, "https://p.example") == f"https://p.example/01/{GTIN}"


def test_a_pack_without_gtin_gets_an_address_of_our_own_scheme():
    pack = record({"batteryModelIdentifier": "NL-HOME 15"}, {"serialNumber": "S#17"})
    assert address_of(pack, "http://127.0.0.1:8080") == "http://127.0.0.1:8080/id/NL-HOME%2015/S%2317"
    assert model_address_of(pack, "http://127.0.0.1:8080") == "http://127.0.0.1:8080/id/NL-HOME%2015"


def test_the_scheme_may_be_asked_for_and_an_alias_is_no_address():
    pack = record({"gtin": GTIN, "batteryModelIdentifier": "M"}, {"packTractionBatteryCode": PACK})
    assert address_of(pack, "https://p.example", "id") == "https://p.example/id/M/A1B2C3DG7L0000042"
    for scheme in ("gbt34014", "ftp"):
        with pytest.raises(MalformedIdentifier, match="expected gs1, id"):
            address_of(pack, "https://p.example", scheme)


@pytest.mark.parametrize(
    ("model", "pack"),
    [
        ({}, {"serialNumber": "1"}),
        ({"batteryModelIdentifier": "M"}, {}),
        ({"batteryModelIdentifier": ".."}, {"serialNumber": "1"}),
        ({"batteryModelIdentifier": "a/b"}, {"serialNumber": "1"}),
        ({"batteryModelIdentifier": "M"}, {"serialNumber": 17}),
        ({"gtin": "09506000134350"}, {"serialNumber": "1"}),
        ({"gtin": GTIN}, {"packTractionBatteryCode": "350V"}),
        ({"gtin": GTIN}, {"serialNumber": "A" * 21}),
    ],
)
def test_a_record_whose_names_make_no_address_is_refused(model, pack):
    with pytest.raises(MalformedIdentifier):
        address_of(record(model, pack), "https://p.example")


@pytest.mark.parametrize(
    ("path", "address"),
    [
        (f"/01/{GTIN}/21/A1B2C3DG7L0000042", PassportAddress("gs1", GTIN, "A1B2C3DG7L0000042")),
        (f"/01/{GTIN}", PassportAddress("gs1", GTIN)),
        (f"/01/{GTIN}/", PassportAddress("gs1", GTIN)),
        (f"/01/{GTIN}/10/LOT1/21/S1", PassportAddress("gs1", GTIN, "S1")),
        (f"/01/{GTIN}/22/2A/10/LOT1/21/S1", PassportAddress("gs1", GTIN, "S1")),
        ("/id/NL-HOME%2015/S%2317", PassportAddress("id", "NL-HOME 15", "S#17")),
        ("/id/%E7%94%B5%E6%B1%A0", PassportAddress("id", "电池")),
        (f"/gbt34014/{PACK}", PassportAddress("gbt34014", "001PE01", "A1B2C3DG7L0000042")),
    ],
)
def test_paths_are_read_and_written_again(path, address):
    assert parse_path(path) == address
    assert parse_path(address.path) == address
    assert address.is_alias == (address.scheme == "gbt34014")


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "/x/1", "/01", "/01/", "/01/09506000134350/21/1", "/01/9506000134352", f"/01/{GTIN}/21",
        f"/01/{GTIN}/21/", f"/01/{GTIN}/21/1/2", f"/01/{GTIN}/22", f"/01/{GTIN}/21/1/10/2", f"/01/{GTIN}/10/",
        f"/01/{GTIN}/21/" + "A" * 21, f"/01/{GTIN}/21/a%2Fb",
        "/id", "/id/", "/id//", "/id/a/b/c", "/id/../b", "/id/%2e%2e/b",
        "/id/a/%00", "/id/a/%zz", "/id/a/%ff", "/id/a/%", "/id/a/b%5Cc", "/id/%20a/b", "/id/" + "a" * 81,
        "/gbt34014", "/gbt34014/350V", f"/gbt34014/{PACK}/x", "//id/a/b", f"/GBT34014/{PACK}",
    ],
)
def test_a_path_that_is_no_address_is_refused(path):
    with pytest.raises(MalformedIdentifier):
        parse_path(path)


def test_a_path_that_the_server_decoded_is_not_decoded_twice():
    assert parse_path("/id/M/100%25", decoded=True) == PassportAddress("id", "M", "100%25")
    assert parse_path("/id/M/100%25") == PassportAddress("id", "M", "100%")


def test_two_spellings_of_one_visible_text_are_one_address():
    assert parse_path("/id/Ku%CC%88hl/1") == parse_path("/id/K%C3%BChl/1")


def test_an_address_under_another_base_is_refused():
    good = PassportAddress("id", "M", "1")
    assert parse_iri("https://p.example/id/M/1", "https://p.example/") == good
    for iri in ("https://p.example.evil/id/M/1", "http://p.example/id/M/1", "https://p.example/id/M/1?x=1",
                "https://p.example/id/M/1#x", None):
        with pytest.raises(MalformedIdentifier):
            parse_iri(iri, "https://p.example")


PARTS = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
SERIAL = st.text(st.sampled_from("!\"%&'()*+,-.:;<=>?_AZaz09"), min_size=1, max_size=20)


@given(PARTS, PARTS)
def test_every_name_that_is_accepted_comes_back_from_its_own_address(model, serial):
    pack = record({"batteryModelIdentifier": model}, {"serialNumber": serial})
    try:
        iri = address_of(pack, "https://p.example")
    except MalformedIdentifier:
        return
    assert iri.isascii()
    address = parse_iri(iri, "https://p.example")
    assert address.iri("https://p.example") == iri
    assert model_address_of(pack, "https://p.example") == address.of_model.iri("https://p.example")


@given(SERIAL)
def test_every_gs1_serial_comes_back_from_its_own_address(serial):
    assume(serial not in (".", ".."))
    iri = address_of(record({"gtin": GTIN}, {"serialNumber": serial}), "https://p.example")
    assert parse_iri(iri, "https://p.example") == PassportAddress("gs1", GTIN, serial)


@given(st.text(max_size=60), st.booleans())
def test_no_path_escapes_as_another_error(path, decoded):
    for text in (path, "/id/" + path, f"/01/{GTIN}/21/" + path, "/gbt34014/" + path):
        try:
            address = parse_path(text, decoded=decoded)
        except MalformedIdentifier:
            continue
        assert parse_path(address.path) == address


def test_every_scheme_has_a_prefix_of_its_own():
    prefixes = [scheme.prefix for scheme in SCHEMES.values()]
    assert len(set(prefixes)) == len(prefixes)


@pytest.mark.parametrize("text", ["https://battery.example.com/", "http://127.0.0.1:8080", "https://h.example/dpp"])
def test_a_base_url_loses_its_last_slash(text):
    assert check_base_url(text) == text.rstrip("/")


@pytest.mark.parametrize(
    "text", ["", "battery.example.com", "ftp://h", "https://", "https://h/?x", "https://h/#", "https://u@h", "https://h:99999",
             "https://h x", "https://[::1", None],
)
def test_what_is_no_base_url_is_refused(text):
    with pytest.raises(MalformedIdentifier):
        check_base_url(text)
