"""Values of a file in plain form: what says nothing or cannot be meant is refused by name, numbers stay exact."""

from __future__ import annotations

import json
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from passport.battery.merge import merge
from passport.battery.record_json import from_json, many_from_json_tolerantly
from passport.linked_data import strict_json
from tests.each import each

MODEL = {"batteryModelIdentifier": "M-1"}


def read(model=None, pack=None, condition=None):
    document = {"model": {**MODEL, **(model or {})}, "pack": {"serialNumber": "S-1", **(pack or {})}}
    if condition:
        document["condition"] = condition
    (record,), faults = many_from_json_tolerantly(strict_json.loads(json.dumps(document)), "packs.json")
    return record, [(fault.code, fault.location.pointer) for fault in faults]


@each("text", [
    "TBD", "tbd", " n/a ", "N/A", "/", "nan", "-", "—", "待定", "无", "不适用", "Not available", "#N/A", "？", "ｎ／ａ",
    "to be confirmed", "undefined", "[object Object]", "#REF!", "nil", "Pending", "待提供", "未填写",
    "about:blank", "urn:uuid:00000000-0000-0000-0000-000000000000",
])  # fmt: skip
def test_a_text_that_says_that_there_is_no_value_is_none(text):
    record, faults = read({"manufacturerName": text})
    assert faults == [("placeholder", "/model/manufacturerName")]
    assert "manufacturerName" not in record.model


def test_a_placeholder_is_refused_in_every_place_of_a_value():
    record, faults = read({
        "manufacturerAddress": {"streetAddress": "Street 1", "addressLocality": "TBD", "addressCountry": "DE"},
        "registeredTrademark": ["A", "待定"], "batteryMass": "N/A", "ratedEnergy": -9999,
        "labelMeaning": [{"subject": "ceMarking", "meaning": {"en": "CE", "zh": "无"}}],
    })  # fmt: skip
    assert {code for code, _ in faults} == {"placeholder"}
    assert [pointer for _, pointer in faults] == [
        "/model/manufacturerAddress/addressLocality", "/model/registeredTrademark/1", "/model/batteryMass",
        "/model/ratedEnergy", "/model/labelMeaning/0/meaning",
    ]  # fmt: skip
    assert record.model["registeredTrademark"] == ["A"] and "batteryMass" not in record.model


def test_a_word_of_a_code_list_is_no_placeholder():
    record, faults = read({"cadmiumLeadSymbol": ["none"]})
    assert (record.model["cadmiumLeadSymbol"], faults) == (["none"], [])


@each("text", ["2.60122E+15", "4,687E+11", "9.53e+12", "1E15"])
def test_a_number_that_a_spreadsheet_program_has_shortened_is_no_identifier(text):
    record, faults = read(pack={"serialNumber": text, "batchNumber": "B-1"})
    assert faults == [("shortened-number", "/pack/serialNumber")] and "serialNumber" not in record.pack


@each("text", ["A\u0007B", "A\u0000", "A\u202eB", "A\u202eB\u202c", "A\u2067B", "A\u2069", "A\u2028B", "A\x9fB"])
def test_a_text_with_a_control_character_or_an_open_turn_of_direction_is_refused(text):
    _, faults = read({"manufacturerName": text})
    assert [code for code, _ in faults] in (["control-character"], ["writing-direction"])


@each("text", ["A\u2067עברית\u2069 B", "two\nlines", "tab\there", "שלום", "e\u0301"])
def test_texts_that_people_write_are_taken(text):
    assert read({"manufacturerName": text})[1] == []


def test_a_text_of_excessive_length_is_refused():
    assert read({"manufacturerName": "x" * 5001})[1] == [("text-too-long", "/model/manufacturerName")]
    assert read({"manufacturerName": "x" * 5000})[1] == []


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=Decimal("-1e12"), max_value=Decimal("1e12"), places=9)
)
def test_a_json_number_keeps_every_digit(number):
    text = format(number, "f")
    document = strict_json.loads(f'{{"model": {{"batteryModelIdentifier": "M", "batteryMass": {text}}}, '
                                 f'"pack": {{"serialNumber": "S"}}}}')  # fmt: skip
    (record,), faults = many_from_json_tolerantly(document, "x")
    assert faults == () and Decimal(record.model["batteryMass"]) == number


@each(
    ("name", "given", "taken"),
    [
        ("warrantyPeriod", 96.0, 96), ("warrantyPeriod", "96.0", 96), ("warrantyPeriod", "96.5", "96.5"),
        ("batteryMass", 540, "540"), ("batteryMass", 1e3, "1000.0"), ("ratedEnergy", 0.1, "0.1"),
        ("batteryMass", True, True), ("manufacturerName", 5, 5),
    ],
)  # fmt: skip
def test_what_is_exactly_the_same_is_taken(name, given, taken):
    record, faults = read({name: given})
    assert (faults, record.model[name], type(record.model[name])) == ([], taken, type(taken))


def test_midnight_of_a_day_is_the_day():
    for text in ("2026-06-18 00:00:00", "2026-06-18T00:00:00"):
        assert read(pack={"manufacturingDate": text})[0].pack["manufacturingDate"] == "2026-06-18"
    assert read(pack={"manufacturingDate": "2026-06-18 08:00:00"})[0].pack["manufacturingDate"].endswith("08:00:00")


def test_json_takes_the_same_names_as_a_workbook():
    record, faults = read(
        {"电池质量": "540", "Rated energy": 100, "Battery dimensions": {"外形长度": "1", "Outer width": "2"}}
    )
    assert faults == []
    assert (record.model["batteryMass"], record.model["ratedEnergy"]) == ("540", "100")
    assert record.model["batteryDimensions"] == {"length": "1", "width": "2"}
    assert record.locate("batteryMass").pointer == "/model/电池质量"


def test_an_indicator_under_two_names_is_refused():
    assert read({"batteryMass": "540", "电池质量": "541"})[1] == [("duplicate-element", "/model/电池质量")]


def test_equal_instants_of_two_files_agree():
    conditions = (
        {"recordedAt": "2026-11-16T08:30:00Z", "stateOfCharge": "80"},
        {"recordedAt": "2026-11-16T16:30:00+08:00", "numberOfFullCycles": 1},
    )
    one, other = (
        from_json({"model": MODEL, "pack": {"serialNumber": "S"}, "condition": condition}, f"{n}.json")
        for n, condition in enumerate(conditions)
    )
    (record,) = merge([[one], [other]])
    assert record.condition == {"recordedAt": "2026-11-16T08:30:00Z", "stateOfCharge": "80", "numberOfFullCycles": 1}
