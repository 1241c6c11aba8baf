"""GTINs, serial numbers and addresses: read at the door, written in one spelling, refused by name."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from passport.battery.batch import identifier_of
from passport.battery.identifiers.address import (
    SCHEMES,
    PassportAddress,
    check_base_url,
    check_batch,
    check_digit,
    check_gtin,
    check_serial,
    parse_iri,
    parse_path,
)
from passport.battery.identifiers.record_address import address_of, model_address_of
from passport.battery.record import Record
from passport.errors import MalformedIdentifier
from tests.each import each

PACK = "001PE01A1B2C3DG7L0000042"
GTIN = "09506000134352"

# --- GTIN and serial ------------------------------------------------------------------------------------------------


@each("text", ["09506000134352", "09506000134369", "09506000134376", "09529999001009"])
def test_the_published_gtins_are_right(text):
    assert check_gtin(text) == text


def test_a_wrong_check_digit_is_refused_with_the_right_one():
    with pytest.raises(MalformedIdentifier, match="check digit: expected 9; found 0"):
        check_gtin("09529999001000")


@each("text", ["9506000134352", "095060001343520", "0950600013435X", "٠٩٥٠٦٠٠٠١٣٤٣٥٢", " 9506000134352", ""])
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


@each("text", ["", "A" * 21, "Ünder", "A B", "A#B", "A/B", ".", "..", "A\x00", "电池"])
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


@each(
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


@each(
    ("path", "address"),
    [
        (f"/01/{GTIN}/21/A1B2C3DG7L0000042", PassportAddress("gs1", GTIN, "A1B2C3DG7L0000042")),
        (f"/01/{GTIN}", PassportAddress("gs1", GTIN)),
        (f"/01/{GTIN}/", PassportAddress("gs1", GTIN)),
        (f"/01/{GTIN}/22/2A/21/S1", PassportAddress("gs1", GTIN, "S1")),
        (f"/01/{GTIN}/10/LOT1", PassportAddress("gs1", GTIN, batch="LOT1")),
        (f"/01/{GTIN}/22/2A/10/LOT1", PassportAddress("gs1", GTIN, batch="LOT1")),
        ("/id/NL-HOME%2015/batch/2026-A", PassportAddress("id", "NL-HOME 15", batch="2026-A")),
        ("/id/NL-HOME%2015/S%2317", PassportAddress("id", "NL-HOME 15", "S#17")),
        ("/id/%E7%94%B5%E6%B1%A0", PassportAddress("id", "电池")),
        (f"/gbt34014/{PACK}", PassportAddress("gbt34014", "001PE01", "A1B2C3DG7L0000042")),
    ],
)
def test_paths_are_read_and_written_again(path, address):
    assert parse_path(path) == address
    assert parse_path(address.path) == address
    assert address.is_alias == (address.scheme == "gbt34014")
    assert address.is_batch == (address.batch is not None)


def test_a_pack_found_by_its_batch_has_the_address_without_it():
    read = parse_path(f"/01/{GTIN}/22/2A/10/LOT1/21/S1")
    assert (read.serial, read.batch, read.is_batch) == ("S1", "LOT1", False)
    assert parse_path(read.path) == PassportAddress("gs1", GTIN, "S1")


@each("text", ["", "A" * 21, "A/B", "..", "Ünder", "A B", "电池", 17, None])
def test_an_identifier_of_a_batch_that_an_address_cannot_carry_is_refused(text):
    with pytest.raises(MalformedIdentifier):
        check_batch(text)
    with pytest.raises(MalformedIdentifier):
        PassportAddress("gs1", GTIN).of_batch(text)


def test_the_serial_number_batch_is_refused_in_the_own_scheme_alone():
    with pytest.raises(MalformedIdentifier, match="batch"):
        parse_path("/id/M/batch")
    with pytest.raises(MalformedIdentifier, match="batch"):
        address_of(record({"batteryModelIdentifier": "M"}, {"serialNumber": "batch"}), "https://b.example")
    assert parse_path(f"/01/{GTIN}/21/batch").serial == "batch"


@given(st.text("ABCabc019!\"%&'()*+,-.:;<=>?_", min_size=1, max_size=20).filter(lambda text: text not in (".", "..")))
def test_every_batch_address_is_read_again(identifier):
    for model in (PassportAddress("gs1", GTIN), PassportAddress("id", "NL-HOME 15")):
        batch = model.of_batch(identifier)
        assert parse_path(batch.path) == batch and batch.of_model == model


def test_an_unnamed_batch_is_one_for_each_plant_and_year():
    def made(plant: str, day: str) -> str | None:
        return identifier_of(
            record({"facilityIdentifier": plant, "batteryModelIdentifier": "M"}, {"manufacturingDate": day})
        )

    digits = hashlib.sha256(b"plant 1").hexdigest()[:8]
    assert made("plant 1", "2026-07-20") == made("plant 1", "2026-01-01") == f"2026-{digits}"
    assert made("plant 1", "2027-01-01") == f"2027-{digits}"
    assert made("plant 2", "2026-07-20") != made("plant 1", "2026-07-20")
    assert identifier_of(record({"batteryModelIdentifier": "M"}, {})) is None
    assert check_batch(made("plant 1", "2026-07-20"))


@each(
    "path",
    [
        "",
        "/",
        "/x/1",
        "/01",
        "/01/",
        "/01/09506000134350/21/1",
        "/01/9506000134352",
        f"/01/{GTIN}/21",
        f"/01/{GTIN}/21/",
        f"/01/{GTIN}/21/1/2",
        f"/01/{GTIN}/22",
        f"/01/{GTIN}/21/1/10/2",
        f"/01/{GTIN}/10/",
        f"/01/{GTIN}/21/" + "A" * 21,
        f"/01/{GTIN}/21/a%2Fb",
        "/id",
        "/id/",
        "/id//",
        "/id/a/b/c",
        "/id/../b",
        "/id/%2e%2e/b",
        "/id/a/%00",
        "/id/a/%zz",
        "/id/a/%ff",
        "/id/a/%",
        "/id/a/b%5Cc",
        "/id/%20a/b",
        "/id/" + "a" * 81,
        "/gbt34014",
        "/gbt34014/350V",
        f"/gbt34014/{PACK}/x",
        "//id/a/b",
        f"/GBT34014/{PACK}",
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
    for iri in (
        "https://p.example.evil/id/M/1",
        "http://p.example/id/M/1",
        "https://p.example/id/M/1?x=1",
        "https://p.example/id/M/1#x",
        None,
    ):
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


@each("text", ["https://battery.example.com/", "http://127.0.0.1:8080", "https://h.example/dpp"])
def test_a_base_url_loses_its_last_slash(text):
    assert check_base_url(text) == text.rstrip("/")


@each(
    "text",
    [
        "",
        "battery.example.com",
        "ftp://h",
        "https://",
        "https://h/?x",
        "https://h/#",
        "https://u@h",
        "https://h:99999",
        "https://h x",
        "https://[::1",
        None,
    ],
)
def test_what_is_no_base_url_is_refused(text):
    with pytest.raises(MalformedIdentifier):
        check_base_url(text)
