"""Personal numbers in free text: found in any writing, certain by their check digits, and never repeated."""

from __future__ import annotations

import json
from datetime import date

from passport.battery.privacy.personal_text import PersonalKind, PersonalNumber, free_text_terms, personal_numbers
from passport.texts import by_language
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import NS, regimes
from tests.each import each

VIN, WRONG_VIN = "1M8GDM9AXKP042788", "1M8GDM9A1KP042788"
IDENTITY, WRONG_IDENTITY = "11010519491231002X", "110105194912310021"


@each(
    ("text", "kind", "certain"),
    [
        (f"fitted in {VIN}.", PersonalKind.VIN, True),
        (f"装于车辆{VIN}内", PersonalKind.VIN, True),
        ("装于１Ｍ８ＧＤＭ９ＡＸＫＰ０４２７８８", PersonalKind.VIN, True),
        (f"fitted in {VIN.lower()}", PersonalKind.VIN, True),
        (f"fitted in {WRONG_VIN}", PersonalKind.VIN, False),
        (f"司机{IDENTITY}", PersonalKind.IDENTITY, True),
        (f"司机{IDENTITY.lower()}报案", PersonalKind.IDENTITY, True),
        (f"driver {WRONG_IDENTITY}", PersonalKind.IDENTITY, False),
        ("司机 110105 19491231 002X", PersonalKind.IDENTITY, True),
        ("driver 110105-19491231-002x", PersonalKind.IDENTITY, True),
        (f"fitted in {VIN[:8]}\u200b{VIN[8:]}", PersonalKind.VIN, True),
        ("车牌沪A12345", PersonalKind.PLATE, False),
        ("车牌粤B·D12345", PersonalKind.PLATE, False),
        ("请致电13812345678", PersonalKind.TELEPHONE, False),
        ("call +49 170 1234567", PersonalKind.TELEPHONE, False),
        ("电话010-12345678", PersonalKind.TELEPHONE, False),
    ],
)
def test_a_personal_number_is_found_in_a_text(text, kind, certain):
    assert list(personal_numbers(text)) == [PersonalNumber(kind, certain)]


@each(
    "text",
    [
        "", "Lithium nickel manganese cobalt oxide", "镍钴锰酸锂", "IEC 62660-1:2018", "001CB240000003B3C0221953",
        "GB/T 31486-2015", "2026-07-20", "https://lanhu.example/docs", "1.5 kWh, 350 V", "110105999999990021",
        "Undertaking-2026-000123456789", "11111111111111111",
    ],
)  # fmt: skip
def test_what_is_no_personal_number_is_left_alone(text):
    assert list(personal_numbers(text)) == []


def test_identifiers_of_ours_are_not_searched():
    terms = {iri.removeprefix(NS) for iri in free_text_terms()}
    assert {"manufacturerName", "damageWarnings", "vehicleModel", "postalCode"} <= terms
    assert not {"serialNumber", "batchNumber", "packTractionBatteryCode", "operatorIdentifier", "vinHash"} & terms


def faults(record):
    report = validate(record, [regimes()["eu"]], on=date(2027, 4, 1))
    return report, [fault for fault in report.faults if fault.code.startswith("personal-number")]


@each(
    ("number", "word", "wort"),
    [(VIN, "vehicle identification", "车辆识别代号"), (IDENTITY, "identity", "公民身份号码")],
)
def test_a_free_text_with_a_certain_number_is_refused_and_the_number_is_not_repeated(number, word, wort, pack_record):
    report, (fault,) = faults(pack_record("EV", {"/model/manufacturerName": f"Lanhu {number}"}))
    assert (fault.code, fault.severity, report.conforms) == ("personal-number", "violation", False)
    message = by_language(fault.message)
    assert word in message["en"] and wort in message["zh"] and "校验位正确" in message["zh"]
    assert number not in json.dumps(fault.to_json(), ensure_ascii=False)


@each("text", [WRONG_VIN, WRONG_IDENTITY, "沪A12345", "13812345678"])
def test_a_free_text_that_only_seems_to_hold_one_is_warned_of(text, pack_record):
    report, (fault,) = faults(pack_record("EV", {"/model/manufacturerName": f"Lanhu {text}"}))
    assert (fault.code, fault.severity, report.conforms) == ("personal-number-suspected", "warning", True)
    message = by_language(fault.message)
    assert "seems" in message["en"] and "疑似" in message["zh"] and text not in str(fault.to_json())


def test_a_free_text_within_an_entry_and_in_any_language_is_searched(pack_record):
    _, (fault,) = faults(
        pack_record("EV", {"/model/substanceImpact/0/impactStatement": {"zh": f"见{VIN}", "en": "no impact"}})
    )
    assert (fault.indicator, fault.code) == ("substanceImpact", "personal-number")


@each("name", ["EV", "ST", "LMT"])
def test_the_example_packs_hold_none(name, pack_record):
    assert faults(pack_record(name))[1] == []
