"""Workbooks: what is read, and every way in which a workbook can be wrong, each at its cell."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import FaultyRecord, UnreadableInput
from passport.exchange.spreadsheet import record_writer, workbook_reader
from passport.exchange.spreadsheet.opening.workbook import Limits, shown_number, trimmed
from passport.texts import say
from passport.vocabulary.vocabulary import Category, load
from tests.conftest import example_count
from tests.each import each

MODEL = "batteryModelIdentifier"


def small() -> dict[str, list[list]]:
    """Two packs of one model: headings, units, data."""
    return {
        "models": [
            [MODEL, "nominalVoltage", "batteryCategory", "registeredTrademark"],
            [None, "V", None, None],
            ["M1", 352, "ev", "ALPHA\nBETA"],
        ],
        "packs": [
            [MODEL, "serialNumber", "manufacturingDate"],
            [],
            ["M1", "S1", date(2026, 7, 20)],
            ["M1", "S2", date(2026, 7, 21)],
        ],
        "conditions": [
            ["serialNumber", "recordedAt", "stateOfCharge"],
            [None, None, "%"],
            ["S1", "2026-11-16T08:30:00Z", 64],
        ],
        "componentMass": [[MODEL, "component", "mass"], [None, None, "kg"], ["M1", "module", 34.4], ["M1", "cell", 2]],
    }


def book(sheets: dict[str, list[list]], change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row, values in enumerate(rows, 1):
            for column, value in enumerate(values, 1):
                if value is not None:
                    sheet.cell(row, column, value)
    if change:
        change(made)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def repacked(data: bytes, part: str, edit: Callable[[bytes], bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, edit(old.read(name)) if name == part else old.read(name))
    return buffer.getvalue()


def faults_of(data: bytes):
    with pytest.raises(FaultyRecord) as refusal:
        workbook_reader.read(data, name="packs.xlsx")
    for fault in refusal.value.faults:
        assert fault.location.file == "packs.xlsx"
        assert say(fault.message, "en") != say(fault.message, "zh")
        assert fault.expected
        assert fault.found
    return refusal.value.faults


def the_fault(data: bytes):
    (fault,) = faults_of(data)
    return fault


# --- reading --------------------------------------------------------------------------------------------------------


def test_a_small_workbook_reads_as_two_packs_of_one_model():
    one, two = workbook_reader.read(book(small()))
    assert one.model is two.model
    assert one.model == {
        MODEL: "M1",
        "nominalVoltage": "352",
        "batteryCategory": "ev",
        "registeredTrademark": ["ALPHA", "BETA"],
        "componentMass": [{"component": "module", "mass": "34.4"}, {"component": "cell", "mass": "2"}],
    }
    assert (one.category, one.pack) == (Category.EV, {"serialNumber": "S1", "manufacturingDate": "2026-07-20"})
    assert one.condition == {"recordedAt": "2026-11-16T08:30:00Z", "stateOfCharge": "64"}
    assert two.condition is None


def test_headings_may_be_ids_or_names_in_either_language_in_any_case():
    sheets = small()
    sheets["models"][0] = ["电池型号", "NOMINAL  voltage", "Battery Category ", "注册商标名称"]
    sheets["组件"] = sheets.pop("componentMass")
    label = load().indicators["componentMass"].label["zh"]
    sheets[label] = sheets.pop("组件")
    sheets["型号"] = sheets.pop("models")
    assert workbook_reader.read(book(sheets)) == workbook_reader.read(book(small()))


def test_every_value_keeps_its_cell():
    one, two = workbook_reader.read(book(small()), name="packs.xlsx")
    places = {
        ("nominalVoltage",): "models!B3",
        ("registeredTrademark", 1): "models!D3",
        ("componentMass", 1, "mass"): "componentMass!C4",
        ("serialNumber",): "packs!B3",
        ("stateOfCharge",): "conditions!C3",
        ("recordedAt",): "conditions!B3",
    }
    for key, cell in places.items():
        place = one.locate(*key)
        assert f"{place.sheet}!{place.cell}" == cell
        assert place.heading == small()[place.sheet][0][ord(place.column) - ord("A")]
    assert two.locate("manufacturingDate").cell == "C4"


def test_a_missing_value_stands_in_its_empty_cell_or_in_the_row_of_its_part():
    sheets = small()
    sheets["packs"][0].append("batchNumber")
    one, two = workbook_reader.read(book(sheets), name="packs.xlsx")
    assert (two.locate("batchNumber").cell, two.locate("batchNumber").heading) == ("D4", "batchNumber")
    assert (two.locate("registrationIdentifier").sheet, two.locate("registrationIdentifier").row) == ("packs", 4)
    assert (two.locate("batteryMass").sheet, two.locate("batteryMass").row) == ("models", 3)
    assert one.locate("energyThroughput").row == 3
    no_row = two.locate("stateOfCharge")
    assert (no_row.sheet, no_row.row, no_row.pack) == ("conditions", None, two.pack["serialNumber"])


def test_times_are_read_as_text_with_a_zone_or_as_cells_below_utc():
    sheets = small()
    sheets["conditions"][1][1] = "UTC"
    sheets["conditions"][2][1] = datetime(2026, 11, 16, 8, 30)
    assert workbook_reader.read(book(sheets))[0].condition["recordedAt"] == "2026-11-16T08:30:00Z"


def test_a_time_without_a_zone_is_refused():
    sheets = small()
    sheets["conditions"][2][1] = datetime(2026, 11, 16, 8, 30)
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell) == ("time-without-zone", "B3")


def test_a_per_cent_that_the_program_stored_as_a_fraction_is_a_per_cent_again():
    def as_percent(made):
        cell = made["conditions"]["C3"]
        cell.value, cell.number_format = 0.643, "0.0%"

    assert workbook_reader.read(book(small(), as_percent))[0].condition["stateOfCharge"] == "64.3"


def test_a_per_cent_format_in_a_column_of_volts_is_refused():
    def as_percent(made):
        made["models"]["B3"].number_format = "0%"

    fault = the_fault(book(small(), as_percent))
    assert (fault.code, fault.location.cell, fault.expected) == ("percent-format", "B3", "a number of volts")


def test_a_number_that_may_be_shown_otherwise_is_refused_as_text():
    def padded(made):
        cell = made["packs"]["B3"]
        cell.value, cell.number_format = 17, "00000"

    fault = the_fault(book(small() | {"conditions": []}, padded))
    assert (fault.code, fault.location.cell) == ("number-for-text", "B3")


def test_a_text_that_the_program_took_for_a_date_is_refused():
    sheets = small() | {"conditions": []}
    sheets["packs"][2][1] = date(2026, 10, 11)
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell, fault.found) == ("date-for-text", "B3", "the date 2026-10-11")


def test_full_width_digits_of_numbers_are_digits_and_of_text_stay():
    sheets = small()
    sheets["models"][2][1] = "３５２．５"
    sheets["models"][2][3] = "ＡＬＰＨＡ"
    model = workbook_reader.read(book(sheets))[0].model
    assert (model["nominalVoltage"], model["registeredTrademark"]) == ("352.5", ["ＡＬＰＨＡ"])


def test_what_is_no_number_is_handed_on_for_validation_to_refuse():
    sheets = small()
    sheets["models"][2][1] = "约350"
    record = workbook_reader.read(book(sheets))[0]
    assert (record.model["nominalVoltage"], record.locate("nominalVoltage").cell) == ("约350", "B3")


@each(
    ("stored", "shown"),
    [
        (0.1 + 0.2, "0.3"),
        (1e-7, "0.0000001"),
        (1e21, "1000000000000000000000"),
        (-0.0, "0"),
        (2.50, "2.5"),
        (141, "141"),
        (710.4, "710.4"),
        (1 / 3, "0.333333333333333"),
        (float("nan"), "nan"),
    ],
)
def test_a_number_reads_as_the_program_shows_it(stored, shown):
    assert shown_number(stored) == shown


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**8), max_value=10**8))
def test_every_number_of_fifteen_digits_survives_the_program(number):
    assert Decimal(shown_number(float(number))) == number


def test_edges_that_nobody_sees_are_trimmed():
    sheets = small()
    sheets["packs"][0][1] = "\u00a0serialNumber\u200b"
    sheets["packs"][2][1] = " S1\u3000"
    assert workbook_reader.read(book(sheets))[0].pack["serialNumber"] == "S1"


@given(st.text(st.sampled_from(" \t\r\n\x0b\x0c\x1c\x1f\x85\xa0\u200b\u3000\ufeffab"), max_size=8))
def test_no_blank_is_left_at_an_edge_and_every_line_ends_alike(text):
    edges = r"[\s\u200b-\u200f\u2060\ufeff]+"
    right = re.sub(rf"^{edges}|{edges}$", "", text)
    assert trimmed(text) == re.sub("\r\n?", "\n", right)


def test_empty_rows_and_a_sheet_of_notes_are_not_read():
    sheets = small() | {"notes": [["call", "Li Si"]], "Sheet9": []}
    sheets["packs"].insert(3, [])
    assert len(workbook_reader.read(book(sheets))) == 2


def test_durations_and_truth_values_have_their_cells():
    sheets = small()
    sheets["originalPowerCapability"] = [
        [MODEL, "stateOfCharge", "power", "pulseDuration"],
        [],
        ["M1", 80, 350000, timedelta(seconds=10)],
        ["M1", 50, 1, time(1, 2, 3)],
        ["M1", 20, 1, "PT1M"],
    ]
    sheets["detailedComposition"] = [
        [MODEL, "name", "isCriticalRawMaterial"],
        [],
        ["M1", "a", True],
        ["M1", "b", "FALSE"],
    ]
    model = workbook_reader.read(book(sheets))[0].model
    assert [entry["pulseDuration"] for entry in model["originalPowerCapability"]] == ["PT10S", "PT1H2M3S", "PT1M"]
    assert [entry["isCriticalRawMaterial"] for entry in model["detailedComposition"]] == [True, False]


# --- what is wrong with a workbook ----------------------------------------------------------------------------------


def test_an_unknown_column_is_refused_with_the_nearest_and_the_place_of_its_unit():
    sheets = small()
    sheets["models"][0][1] = "标称电压(V)"
    with pytest.raises(FaultyRecord) as refusal:
        workbook_reader.read(book(sheets), name="ev-packs.xlsx")
    error = refusal.value
    assert error.message == 'unknown column "标称电压(V)" in ev-packs.xlsx, sheet models, B1, 标称电压(V)'
    assert error.expected == "the id, the Chinese or the English name of an indicator"
    assert error.hint == "nearest is 标称电压 (nominalVoltage); the unit belongs in row 2"
    assert error.exit_code == 2


@each(
    ("heading", "expected"),
    [
        ("serialNumber", "it on sheet packs"),
        ("stateOfCharge", "it on sheet conditions"),
        ("componentMass", "a sheet componentMass with a row for each entry"),
        ("manufacturerAddress", "a column for each field, such as manufacturerAddress.streetAddress"),
    ],
)
def test_a_column_on_the_wrong_sheet_is_refused_with_the_right_one(heading, expected):
    sheets = small()
    sheets["models"][0][3] = heading
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell, fault.expected) == ("unknown-column", "D1", expected)


def test_a_text_column_without_its_language_is_refused():
    sheets = small()
    sheets["models"][0][3] = "dismantlingInformation.tools"
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell) == ("missing-language", "D1")
    assert "dismantlingInformation.tools.zh" in fault.expected


def test_a_second_column_of_one_indicator_is_refused_under_any_name():
    sheets = small()
    sheets["models"][0][3] = "标称电压"
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell, fault.found) == ("duplicate-column", "D1", "also column B")


def test_a_value_below_no_heading_is_refused_once():
    sheets = small()
    sheets["packs"][2].append("x")
    sheets["packs"][3].append("y")
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell) == ("no-heading", "D3")


@each("name", ["Tabelle1", "model", "pack", "stateOfCharge"])
def test_an_unknown_sheet_is_refused(name):
    fault = the_fault(book(small() | {name: [["x"]]}))
    assert (fault.code, fault.location.sheet) == ("unknown-sheet", name)


def test_two_sheets_of_one_kind_are_refused():
    assert the_fault(book(small() | {"电池包": small()["packs"]})).code == "duplicate-sheet"


@each("name", ["models", "packs"])
def test_a_workbook_without_models_or_packs_is_refused(name):
    sheets = small()
    del sheets[name]
    assert "missing-sheet" in [fault.code for fault in faults_of(book(sheets))]


def test_a_workbook_without_a_pack_is_refused():
    sheets = small() | {"conditions": []}
    sheets["packs"] = sheets["packs"][:1]
    assert the_fault(book(sheets)).code == "no-packs"


@each(("sheet", "column"), [("models", 1), ("packs", 1), ("conditions", 1), ("componentMass", 1)])
def test_a_sheet_that_does_not_say_whose_its_rows_are_is_refused(sheet, column):
    sheets = small()
    for row in sheets[sheet]:
        if len(row) >= column:
            row[column - 1] = None
    codes = {fault.code for fault in faults_of(book(sheets)) if fault.location.sheet == sheet}
    assert codes == {"missing-column"}


def test_another_unit_in_row_2_is_refused():
    sheets = small()
    sheets["models"][1][1] = "kV"
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell, fault.expected, fault.found) == ("other-unit", "B2", "V", '"kV"')


def test_data_in_row_2_is_refused_as_a_unit():
    sheets = small()
    del sheets["packs"][1]
    assert {fault.code for fault in faults_of(book(sheets | {"conditions": []}))} == {"other-unit"}


@each(
    ("indicator", "unit"),
    [
        ("ohmicResistance", "Ω"),
        ("ohmicResistance", "Ohm"),
        ("remainingCapacity", "A.h"),
        ("remainingCapacity", " Ah "),
        ("energyThroughput", "kWh"),
        ("numberOfFullCycles", ""),
    ],
)
def test_a_unit_is_known_by_symbol_and_code(indicator, unit):
    sheets = small()
    sheets["conditions"][0][2], sheets["conditions"][1][2] = indicator, unit
    assert indicator in workbook_reader.read(book(sheets))[0].condition


@each("unit", ["text", "V", "UTC"])
def test_a_unit_where_there_is_none_is_refused(unit):
    sheets = small()
    sheets["packs"][1] = [None, unit]
    assert the_fault(book(sheets)).expected == "an empty cell, for there is no unit"


def test_an_error_in_a_cell_is_refused():
    def broken(made):
        made["models"]["B3"] = "#N/A"

    fault = the_fault(book(small(), broken))
    assert (fault.code, fault.location.cell, fault.found) == ("error-cell", "B3", "#N/A")


def test_a_formula_that_was_never_calculated_is_refused_and_a_calculated_one_is_read():
    def formula(made):
        made["models"]["B3"] = "=350+2"

    data = book(small(), formula)
    fault = the_fault(data)
    assert (fault.code, fault.location.cell) == ("formula-without-value", "B3")
    calculated = repacked(
        data,
        "xl/worksheets/sheet1.xml",
        lambda xml: (
            xml.replace(b"<v></v>", b"<v>352</v>").replace(b"<v/>", b"<v>352</v>").replace(b"<v />", b"<v>352</v>")
        ),
    )
    assert workbook_reader.read(calculated)[0].model["nominalVoltage"] == "352"


@each("cells", ["A1:B1", "C3:C4"])
def test_merged_cells_are_refused(cells):
    faults = faults_of(book(small(), lambda made: made["packs"].merge_cells(cells)))
    assert ("merged-cells", cells) in {(fault.code, fault.found) for fault in faults}


def test_data_in_a_hidden_row_column_or_sheet_is_refused():
    def hide(made):
        made["packs"].row_dimensions[4].hidden = True
        made["models"].column_dimensions["D"].hidden = True
        made["componentMass"].sheet_state = "hidden"

    faults = {fault.code: fault.location for fault in faults_of(book(small(), hide))}
    assert (faults["hidden-row"].sheet, faults["hidden-row"].row) == ("packs", 4)
    assert (faults["hidden-column"].sheet, faults["hidden-column"].column) == ("models", "D")
    assert faults["hidden-sheet"].sheet == "componentMass"


def test_an_empty_hidden_row_or_column_is_let_pass():
    def hide(made):
        made["packs"].row_dimensions[40].hidden = True
        made["packs"].column_dimensions["K"].hidden = True

    assert len(workbook_reader.read(book(small(), hide))) == 2


# --- rows that belong to nobody -------------------------------------------------------------------------------------


def test_a_pack_of_an_unknown_model_is_refused():
    sheets = small()
    sheets["packs"][3][0] = "M2"
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell, fault.found) == ("unknown-model", "A4", '"M2"')


@each(("sheet", "cell"), [("conditions", "A3"), ("componentMass", "A4")])
def test_a_row_of_an_unknown_pack_or_model_is_refused(sheet, cell):
    fault = the_fault(book(small(), lambda made: made[sheet].__setitem__(cell, "nobody")))
    assert fault.code in ("unknown-pack", "unknown-model")
    assert (fault.location.sheet, fault.location.cell) == (sheet, cell)


@each(
    ("sheet", "row", "column"),
    [("models", 2, 0), ("packs", 3, 1), ("packs", 3, 0), ("conditions", 2, 0), ("componentMass", 3, 0)],
)
def test_a_row_without_its_key_is_refused_at_the_empty_cell(sheet, row, column):
    sheets = small()
    sheets[sheet][row][column] = None
    faults = [fault for fault in faults_of(book(sheets)) if fault.code == "missing-key"]
    assert [(fault.location.sheet, fault.location.cell) for fault in faults] == [(sheet, f"{'AB'[column]}{row + 1}")]


def test_a_pack_that_is_described_twice_is_refused_with_the_row_of_the_first():
    sheets = small()
    sheets["packs"][0].append("packTractionBatteryCode")
    sheets["packs"][2].append("001PE01A1B2C3DG7L0000042")
    sheets["packs"][3].append("001PE01A1B2C3D G7L0000042")
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell) == ("duplicate-pack", "D4")
    assert (fault.expected, fault.found) == ("a code of its own", "the code of row 3")


def test_a_model_or_a_read_out_that_stands_twice_is_refused():
    sheets = small()
    sheets["models"].append(sheets["models"][2])
    sheets["conditions"].append(sheets["conditions"][2])
    assert [(fault.code, fault.found) for fault in faults_of(book(sheets))] == [
        ("duplicate-model", "that of row 3"),
        ("duplicate-row", "also row 3"),
    ]


def test_a_serial_number_of_two_models_asks_for_the_model():
    sheets = small()
    sheets["models"].append(["M2", 48, "lmt"])
    sheets["packs"].append(["M2", "S1", date(2026, 7, 20)])
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.cell, fault.hint) == ("ambiguous-pack", "A3", f"add a column {MODEL}")
    sheets["conditions"][0].append(MODEL)
    sheets["conditions"][2].append("M2")
    assert [record.condition is not None for record in workbook_reader.read(book(sheets))] == [False, False, True]


def test_a_code_and_a_serial_number_of_different_packs_are_refused():
    sheets = small()
    sheets["packs"][0].append("packTractionBatteryCode")
    sheets["packs"][2].append("001PE01A1B2C3DG7L0000042")
    sheets["packs"][3].append("001PE01A1B2C3DG7L0000043")
    sheets["conditions"][0].append("packTractionBatteryCode")
    sheets["conditions"][2].append("001PE01A1B2C3D G7L0000043")
    assert the_fault(book(sheets)).found == "a code and a serial number of different packs"


def test_a_read_out_without_its_time_is_refused_at_its_row():
    sheets = small()
    sheets["conditions"][2][1] = None
    fault = the_fault(book(sheets))
    assert (fault.code, fault.location.sheet, fault.location.row) == ("missing-time", "conditions", 3)


def test_all_faults_of_a_workbook_are_reported_at_once():
    sheets = small()
    sheets["models"][0][3] = "x"
    sheets["models"][1][1] = "kV"
    sheets["packs"][3][0] = "M2"
    sheets["conditions"][2][0] = "S9"
    sheets["junk"] = [["y"]]
    with pytest.raises(FaultyRecord, match=r"packs\.xlsx has 5 faults") as refusal:
        workbook_reader.read(book(sheets), name="packs.xlsx")
    assert [fault.code for fault in refusal.value.faults] == [
        "unknown-column",
        "other-unit",
        "unknown-sheet",
        "unknown-model",
        "unknown-pack",
    ]
    assert refusal.value.exit_code == 1


def test_a_faulty_workbook_gives_what_can_be_judged_with_its_faults():
    sheets = small()
    sheets["models"][2][1] = "=1"
    sheets["packs"][3][0] = "M2"
    records, faults = workbook_reader.read_tolerantly(book(sheets))
    assert [fault.code for fault in faults] == ["formula-without-value", "unknown-model"]
    assert [(record.pack["serialNumber"], record.model.get("nominalVoltage")) for record in records] == [("S1", None)]


def test_a_workbook_whose_columns_nobody_knows_is_judged_no_further():
    sheets = small()
    sheets["models"][0][1] = "x"
    with pytest.raises(FaultyRecord) as refusal:
        workbook_reader.read_tolerantly(book(sheets))
    assert refusal.value.exit_code == 2


# --- files that are no workbook -------------------------------------------------------------------------------------


@each(
    ("data", "words"),
    [
        (b"", "is no workbook"),
        (b"a;b;c\n1;2;3\n", "is no workbook"),
        (b"PK\x03\x04 and then nothing", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "older format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_what_is_no_workbook_is_refused(data, words):
    with pytest.raises(UnreadableInput, match=words):
        workbook_reader.read(data, name="x.xlsx")


def test_another_zip_archive_is_refused():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(UnreadableInput, match="is no workbook"):
        workbook_reader.read(buffer.getvalue())


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UnreadableInput, match="cannot be read"):
        workbook_reader.read(tmp_path / "nothing.xlsx")


@each(
    ("limits", "words"),
    [
        (Limits(file=1000), "too large"),
        (Limits(unpacked=1000), "unpacks to more"),
        (Limits(parts=3), "too many parts"),
        (Limits(rows=2), "too many rows"),
        (Limits(columns=2), "too wide"),
        (Limits(last_row=3), "beyond the end"),
    ],
)
def test_a_workbook_beyond_the_limits_is_refused(limits, words):
    with pytest.raises(UnreadableInput, match=words):
        workbook_reader.read(book(small()), limits=limits)


@each("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"])
def test_a_part_with_a_document_type_is_refused(part):
    bomb = b'<?xml version="1.0"?>\n<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
    data = repacked(book(small()), part, lambda xml: bomb + re.sub(rb"^<\?xml[^>]*>", b"", xml))
    with pytest.raises(UnreadableInput, match="no spreadsheet program writes"):
        workbook_reader.read(data)


def test_a_part_in_another_encoding_is_refused():
    data = repacked(
        book(small()),
        "xl/worksheets/sheet1.xml",
        lambda xml: re.sub(rb"^<\?xml[^>]*>", b"", xml).decode().encode("utf-16"),
    )
    with pytest.raises(UnreadableInput, match="no spreadsheet program writes"):
        workbook_reader.read(data)


def test_a_row_that_claims_a_number_beyond_every_sheet_is_refused():
    far = b"99999999999"
    data = repacked(
        book(small()),
        "xl/worksheets/sheet1.xml",
        lambda xml: xml.replace(b'<row r="3"', b'<row r="' + far).replace(b'r="A3"', b'r="A' + far + b'"'),
    )
    with pytest.raises(UnreadableInput):
        workbook_reader.read(data, limits=Limits(last_row=5000))


WHOLE = record_writer.write(None, workbook_reader.read(book(small())))


@settings(max_examples=example_count(30), deadline=None)
@given(st.data())
def test_no_damage_to_a_workbook_escapes_as_another_error(data):
    whole = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(0, len(whole)) | st.just(len(whole)))
    with contextlib.suppress(UnreadableInput, FaultyRecord):
        workbook_reader.read(bytes(whole[:cut]))


@settings(max_examples=example_count(30), deadline=None)
@given(st.data())
def test_no_damage_to_a_sheet_escapes_as_another_error(data):
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        xml = archive.read("xl/worksheets/sheet2.xml")
    at = data.draw(st.integers(60, len(xml) - 1))
    piece = data.draw(
        st.sampled_from(
            [
                b"",
                b"<",
                b'"',
                b"0",
                b"<v>x</v>",
                b' t="d"',
                b' t="s"',
                b' r="ZZZ1"',
                b"\xff",
                b"1E999",
                b"<c/>",
                b"<row/>",
                b' hidden="1"',
                b"<f>1</f>",
            ]
        )
    )
    cut = data.draw(st.integers(0, 3))
    damaged = repacked(WHOLE, "xl/worksheets/sheet2.xml", lambda xml: xml[:at] + piece + xml[at + cut :])
    with contextlib.suppress(UnreadableInput, FaultyRecord):
        workbook_reader.read(damaged)
