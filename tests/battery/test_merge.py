"""Several inputs, one record: what agrees comes together, what contradicts is a fault that names both places."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from passport.battery.fault import Location
from passport.battery.merge import merge, same
from passport.battery.record import Record
from passport.errors import FaultyRecord
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import record_writer
from passport.texts import by_language, say
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import load, regimes
from tests.each import each

MODEL = "batteryModelIdentifier"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


def part(file: str, model: dict | None = None, pack: dict | None = None, condition: dict | None = None) -> Record:
    places = {
        (name, None, None): Location(file, pointer=f"/{where}/{name}")
        for where, values in (("model", model), ("pack", pack), ("condition", condition))
        for name in values or {}
    }
    places |= {(name, None, None): Location(file, pointer=f"/{name}") for name in ("model", "pack", "condition")}
    return Record(None, model or {}, pack or {}, condition, file=file, places=places)


def faults(*inputs: list[Record]):
    with pytest.raises(FaultyRecord) as refused:
        merge(inputs)
    for fault in refused.value.faults:
        assert say(fault.message, "en") != say(fault.message, "zh") and fault.expected and fault.found
    return refused.value.faults


MAKER = part("maker.xlsx", {MODEL: "M1", "nominalVoltage": "352"}, {"serialNumber": "S1"})


def test_a_supplier_and_a_maker_make_one_record_and_every_value_keeps_its_place():
    supplier = part("supplier.json", {MODEL: "M1", "cellManufacturerName": "Cells Ltd"})
    (record,) = merge([[supplier], [MAKER]])
    assert record.model == {MODEL: "M1", "cellManufacturerName": "Cells Ltd", "nominalVoltage": "352"}
    assert record.pack == {"serialNumber": "S1"}
    assert record.locate("cellManufacturerName").file == "supplier.json"
    assert record.locate("nominalVoltage").file == record.locate("serialNumber").file == "maker.xlsx"
    assert record.locate("batteryMass").file == "supplier.json", "what stands nowhere stands where its part began"


def test_the_order_of_the_inputs_does_not_matter():
    supplier = part("supplier.json", {MODEL: "M1", "cellManufacturerName": "Cells Ltd"})
    (one,), (other,) = merge([[supplier], [MAKER]]), merge([[MAKER], [supplier]])
    assert (one.model, one.pack, one.category) == (other.model, other.pack, other.category)


@each(("mine", "theirs"), [("352", "352"), ("352", "352.0"), ("3.5", "3.50"), (10, "10")])
def test_two_inputs_may_say_the_same_thing(mine, theirs):
    (record,) = merge(
        [
            [part("a", {MODEL: "M1", "nominalVoltage": mine}, {"serialNumber": "S1"})],
            [part("b", {MODEL: "M1", "nominalVoltage": theirs})],
        ]
    )
    assert record.model["nominalVoltage"] == mine


def test_a_contradiction_names_both_places_and_both_values():
    (fault,) = faults([MAKER], [part("supplier.json", {MODEL: "M1", "nominalVoltage": "350"})])
    assert (fault.code, fault.indicator, fault.location.file) == ("conflict", "nominalVoltage", "supplier.json")
    for language, text in by_language(fault.message).items():
        for file in ("maker.xlsx", "supplier.json"):
            assert say(Location(file, pointer="/model/nominalVoltage").text, language) in text
        assert "352" in text and "350" in text


def test_fields_of_one_structured_value_come_together_and_contradict_each_other_singly():
    one = part("a", {MODEL: "M1", "batteryChemistry": {"shortName": "NMC"}}, {"serialNumber": "S1"})
    two = part("b", {MODEL: "M1", "batteryChemistry": {"fullName": "NMC 811"}})
    (record,) = merge([[one], [two]])
    assert record.model["batteryChemistry"] == {"shortName": "NMC", "fullName": "NMC 811"}
    assert record.locate("batteryChemistry", None, "fullName").file == "b"
    assert one.model["batteryChemistry"] == {"shortName": "NMC"}, "no input is changed"
    (fault,) = faults([one], [part("c", {MODEL: "M1", "batteryChemistry": {"shortName": "LFP"}})])
    assert "LFP" in say(fault.message, "en") and "NMC" in say(fault.message, "zh")


def test_two_different_lists_are_a_contradiction_and_not_a_longer_list():
    entries = [{"component": "cell", "mass": "2"}], [{"component": "module", "mass": "34"}]
    one = part("a", {MODEL: "M1", "componentMass": entries[0]}, {"serialNumber": "S1"})
    (fault,) = faults([one], [part("b", {MODEL: "M1", "componentMass": entries[1]})])
    assert fault.code == "conflict" and fault.found == "1 entry"
    again = part("b", {MODEL: "M1", "componentMass": [{"component": "cell", "mass": "2.0"}]})
    assert merge([[one], [again]])[0].model["componentMass"] == entries[0]


def test_the_number_of_a_vehicle_is_never_repeated_in_a_message():
    vin = "LZZ00000000000017"
    name = next(one.id for one in load().indicators.values() if one.personal_data)
    one = part("a", {MODEL: "M1"}, {"serialNumber": "S1", name: vin})
    (fault,) = faults([one], [part("b", {}, {"serialNumber": "S1", name: "LZZ00000000000018"})])
    assert vin not in str(fault) and "withheld" in say(fault.message, "en")


def test_a_pack_is_known_by_its_code_or_by_its_serial_number_within_its_model():
    code = "ZZZPE10A7K2M05G6J0000317"
    one = part("a", {MODEL: "M1"}, {"packTractionBatteryCode": code, "serialNumber": "S1"})
    by_code = part("b", {}, {"packTractionBatteryCode": f"{code[:10]} {code[10:]}", "batchNumber": "B1"})
    by_serial = part("c", {}, {"serialNumber": "S1", "manufacturingDate": "2026-07-20"})
    other = part("d", {MODEL: "M2"}, {"serialNumber": "S1"})
    found = faults([one], [by_code], [other])
    assert [fault.code for fault in found] == ["conflict"], "blanks of a plate are no other code, but are other text"
    first, second = merge([[one], [by_serial], [other]])
    assert (first.pack["manufacturingDate"], second.pack) == ("2026-07-20", {"serialNumber": "S1"})
    assert second.model == {MODEL: "M2"}


def test_a_read_out_without_a_pack_belongs_to_the_only_pack():
    reading = part("bms.json", condition={"recordedAt": "2026-11-16T08:30:00Z", "stateOfCharge": "64"})
    (record,) = merge([[reading], [MAKER]])
    assert record.condition["stateOfCharge"] == "64" and record.locate("stateOfCharge").file == "bms.json"
    second = part("maker2.xlsx", {MODEL: "M1"}, {"serialNumber": "S2"})
    (fault,) = faults([reading], [MAKER], [second])
    assert fault.code == "unidentified-pack" and "S1, S2" in fault.expected


def test_a_model_without_a_name_belongs_to_the_only_model():
    nameless = part("lab.json", {"batteryMass": "540"})
    assert merge([[nameless], [MAKER]])[0].model["batteryMass"] == "540"
    other = part("b", {MODEL: "M2"}, {"serialNumber": "S2"})
    (fault,) = faults([nameless], [MAKER], [other])
    assert fault.code == "unidentified-model" and "M1, M2" in fault.expected


def test_a_model_that_no_pack_is_of_is_refused_because_its_name_may_be_a_slip():
    (fault,) = faults([MAKER], [part("supplier.json", {MODEL: "M-1", "cellManufacturerName": "Cells Ltd"})])
    assert (fault.code, fault.location.file, fault.found) == ("model-without-pack", "supplier.json", '"M-1"')


def test_inputs_without_a_pack_are_refused():
    (fault,) = faults([part("supplier.json", {MODEL: "M1"})])
    assert fault.code == "no-packs"


def test_numbers_are_the_same_and_texts_are_not():
    volts, text = load().indicators["nominalVoltage"], load().indicators["batteryModelIdentifier"]
    assert same("1.0", "1", volts) and not same("1.0", "1", text)
    assert not same("约350", "350", volts) and not same(True, 1, volts) and not same("NaN", "1", volts)


@pytest.mark.product(of=3)
@pytest.mark.parametrize("name", ["ev-ncm-100kwh", "stationary-lfp", "lmt-ebike"])
@pytest.mark.parametrize("order", [1, -1])
def test_an_example_taken_apart_into_three_files_comes_back_whole(tmp_path, name, order):
    ((whole,), _) = record_files.read(EXAMPLES / f"{name}.xlsx")
    model = {**whole.model, **whole.batch}
    half = {key: value for n, (key, value) in enumerate(model.items()) if n % 2 or key == MODEL}
    rest = {key: value for n, (key, value) in enumerate(model.items()) if not n % 2 or key == MODEL}
    key = next(key for key in ("packTractionBatteryCode", "serialNumber") if key in whole.pack)
    (tmp_path / "supplier.json").write_text(json.dumps({"model": half}), encoding="utf-8")
    condition = {"pack": {key: whole.pack[key]}, "condition": dict(whole.condition or {})}
    (tmp_path / "bms.json").write_text(json.dumps(condition), encoding="utf-8")
    events = {event: dict(values) for event, values in whole.events.items()}
    record_writer.write(tmp_path / "maker.xlsx", [Record(whole.category, rest, whole.pack, None, events)])
    paths = [tmp_path / file for file in ("supplier.json", "bms.json", "maker.xlsx")][::order]
    ((record,), found) = record_files.read_many(paths, merge=True)
    assert not found
    assert (record.model, record.batch, record.pack, record.condition, record.events) == (
        whole.model,
        whole.batch,
        whole.pack,
        whole.condition,
        whole.events,
    )
    assert record.category == whole.category
    chosen, on = [regimes()["eu"]], date(2027, 2, 18)
    assert validate(record, chosen, on=on).regimes["eu"].states == validate(whole, chosen, on=on).regimes["eu"].states


def test_a_sheet_of_a_list_alone_is_a_part_in_a_workbook_and_in_a_folder(tmp_path):
    table = f"{MODEL},component,mass\n,,kg\nM1,cell,2\n"
    (tmp_path / "supplier").mkdir()
    (tmp_path / "supplier" / "componentMass.csv").write_text(table, encoding="utf-8")
    maker = {"model": {MODEL: "M1"}, "pack": {"serialNumber": "S1"}}
    (tmp_path / "maker.json").write_text(json.dumps(maker), encoding="utf-8")
    ((record,), found) = record_files.read_many([tmp_path / "maker.json", tmp_path / "supplier"], merge=True)
    assert not found and record.model["componentMass"] == [{"component": "cell", "mass": "2"}]
    place = record.locate("componentMass", 0, "mass")
    assert (place.file, place.sheet, place.cell) == ("supplier", "componentMass", "C3")
    assert record.file == "maker.json + supplier"
