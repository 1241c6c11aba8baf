"""Inventories from workbooks: what is read, and each fault at its cell."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from openpyxl.comments import Comment

from passport.battery.fault import Fault
from passport.errors import FaultyRecord, UnreadableInput, UsageError
from passport.exchange.spreadsheet import inventory_workbook
from passport.footprint import calculate
from passport.footprint.inventory import inventory_reading
from passport.footprint.inventory.inventory_columns import GENERAL, TABLES
from passport.texts import languages, say
from tests.each import each

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
EXAMPLE = EXAMPLES / "footprint-ev-ncm.xlsx"


def spoiled(edit: Callable[[openpyxl.Workbook], None]) -> bytes:
    book = openpyxl.load_workbook(EXAMPLE)
    edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def faults(edit: Callable[[openpyxl.Workbook], None]) -> tuple[Fault, ...]:
    with pytest.raises(FaultyRecord) as caught:
        inventory_workbook.read(spoiled(edit), name="i.xlsx")
    return caught.value.faults


def column(sheet, heading: str) -> int:
    return next(cell.column for cell in sheet[1] if cell.value == heading)


def put(sheet: str, row: int, heading: str, value) -> Callable[[openpyxl.Workbook], None]:
    return lambda book: book[sheet].cell(row, column(book[sheet], heading)).__setattr__("value", value)


def test_the_example_is_the_worked_example_of_the_draft():
    result = calculate(inventory_workbook.read(EXAMPLE), software="test")
    assert (result.total, result.energy.total, result.per_functional_unit) == (7392, 48000, Decimal("0.154"))
    assert round(result.share("raw-materials") + result.share("parts"), 1) == Decimal("82.4")
    assert round(result.share("production"), 1) == Decimal("14.3")


def test_the_example_is_what_its_script_makes(tmp_path):
    code = (
        f"import runpy, sys; m = runpy.run_path({str(EXAMPLES / 'make_footprint.py')!r}); "
        f"m['inventory_workbook'].write({str(tmp_path / 'x.xlsx')!r}, m['GENERAL'], m['tables']())"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert (tmp_path / "x.xlsx").read_bytes() == EXAMPLE.read_bytes()


def test_a_place_is_file_sheet_cell_and_heading():
    material = inventory_workbook.read(EXAMPLE).materials[2]
    place = material.place.at("mass")
    assert (place.file, place.sheet, place.cell, place.heading) == ("footprint-ev-ncm.xlsx", "materials", "C5", "mass")


@each("language", languages())
def test_headings_may_be_labels_of_any_language(language):
    def rename(book):
        for name, fields in TABLES.items():
            for cell, field in zip(book[name][1], fields, strict=True):
                cell.value = say(field.label, language)
        for row, field in enumerate(GENERAL, 2):
            book["inventory"].cell(row, 1).value = say(field.label, language)

    assert calculate(inventory_workbook.read(spoiled(rename)), software="test").total == 7392


def test_a_unit_that_the_field_knows_is_converted():
    def in_tonnes(book):
        sheet = book["transport"]
        sheet.cell(2, column(sheet, "mass")).value = "t"
        for row in range(3, sheet.max_row + 1):
            sheet.cell(row, column(sheet, "mass")).value = 0.5

    assert calculate(inventory_workbook.read(spoiled(in_tonnes)), software="test").total == 7392


def test_a_share_may_be_a_percentage():
    def per_cent(book):
        sheet = book["materials"]
        for row in range(3, sheet.max_row + 1):
            cell = sheet.cell(row, column(sheet, "recycledShare"))
            cell.number_format = "0 %"

    assert calculate(inventory_workbook.read(spoiled(per_cent)), software="test").total == 7392

    def per_cent_with_unit(book):
        per_cent(book)
        book["materials"].cell(2, column(book["materials"], "recycledShare")).value = "%"

    assert calculate(inventory_workbook.read(spoiled(per_cent_with_unit)), software="test").total == 7392


BAD = {
    "a negative mass": (put("materials", 4, "mass", -1), "negative-mass", "materials", "C4"),
    "a share above one": (put("materials", 5, "recycledShare", 20), "share-above-one", "materials", "D5"),
    "an unknown unit of a row": (put("parts", 3, "unit", "box"), "unknown-unit", "parts", "D3"),
    "an unknown unit of a column": (put("materials", 2, "mass", "lb"), "unknown-unit", "materials", "C2"),
    "an unknown mode": (put("transport", 3, "mode", "pipeline"), "unknown-mode", "transport", "D3"),
    "an unknown gas": (put("emissions", 3, "gas", "xenon"), "unknown-gas", "emissions", "C3"),
    "a missing factor": (put("materials", 4, "virginFactor", None), "missing-factor", "materials", "E4"),
    "a missing mass": (put("materials", 4, "mass", None), "missing-value", "materials", "C4"),
    "text for a number": (put("materials", 4, "mass", "about 3"), "malformed-number", "materials", "C4"),
    "an error": (put("materials", 4, "mass", "#DIV/0!"), "error-cell", "materials", "C4"),
    "a formula without a result": (put("materials", 4, "mass", "=1+1"), "uncalculated-cell", "materials", "C4"),
    "a factor by another method": (put("parts", 3, "method", "eu-pef"), "mixed-methods", "parts", "O3"),
    "no energy": (lambda book: book["inventory"].__setitem__("B7", 0), "zero-lifetime-energy", "inventory", "B7"),
    "another A without proof": (
        lambda book: book["inventory"].__setitem__("B13", 0.2),
        "allocation-without-proof",
        "inventory",
        "B13",
    ),
    "an unknown column": (put("materials", 1, "mass", "weight"), "unknown-column", "materials", "C1"),
    "an unknown sheet": (lambda book: book.create_sheet("extra").append([1]), "unknown-sheet", "extra", None),
    "a hidden row": (
        lambda book: book["materials"].row_dimensions.__getitem__(4).__setattr__("hidden", True),
        "hidden-row",
        "materials",
        None,
    ),
    "merged cells": (lambda book: book["parts"].merge_cells("A3:A4"), "merged-cells", "parts", None),
    "data without a heading": (lambda book: book["parts"].__setitem__("Z3", 1), "no-heading", "parts", "Z3"),
}


@each("case", BAD)
def test_bad_input_is_told_with_its_cell(case):
    edit, code, sheet, cell = BAD[case]
    found = faults(edit)
    assert {(each.code, each.location.sheet, each.location.cell) for each in found} == {(code, sheet, cell)}
    assert all(say(each.message, "zh") != each.message and each.expected and each.found for each in found)


def test_all_faults_are_told_at_once():
    def edit(book):
        put("materials", 4, "mass", -1)(book)
        put("parts", 3, "unit", "box")(book)
        put("transport", 3, "distance", "far")(book)

    assert {each.code for each in faults(edit)} == {"negative-mass", "unknown-unit", "malformed-number"}


def test_a_comment_on_a_cell_is_named_with_the_result():
    def edit(book):
        book["materials"].cell(3, 2).comment = Comment("540 kg since May", "Li")

    inventory = inventory_workbook.read(spoiled(edit), name="i.xlsx")
    (finding,) = [each for each in calculate(inventory, software="test").findings if each.code == "comment"]
    assert (finding.place.sheet, finding.place.row, finding.place.column) == ("materials", 3, "B")
    assert inventory == inventory_workbook.read(EXAMPLE, name="i.xlsx")


def test_a_missing_general_sheet_is_told():
    assert "missing-sheet" in {each.code for each in faults(lambda book: book.remove(book["inventory"]))}


def test_what_is_no_workbook_is_refused():
    with pytest.raises(UnreadableInput):
        inventory_workbook.read(b"mass;factor", name="i.csv")


def test_the_template_has_every_field_and_the_same_bytes_twice():
    first = inventory_workbook.write(None)
    assert first == inventory_workbook.write(None)
    book = openpyxl.load_workbook(io.BytesIO(first))
    assert [row[0].value for row in book["inventory"].iter_rows(min_row=2)] == [field.name for field in GENERAL]
    for name, fields in TABLES.items():
        assert [cell.value for cell in book[name][1]] == [field.name for field in fields]


# --- the same as JSON -------------------------------------------------------------------------------------------------

SMALL = {
    "inventory": {
        "model": "M",
        "method": "cn-mee-2024-63-draft-2025-03",
        "boundary": "full",
        "usableEnergy": "100",
        "vehicleClass": "light-non-commercial",
        "warrantyYears": 8,
        "endOfLife": 50,
        "endOfLifeData": "primary",
    },
    "materials": [
        {
            "component": "cell",
            "name": "x",
            "mass": 100,
            "recycledShare": 0.2,
            "virginFactor": "10",
            "recycledFactor": 3,
            "recoveredShare": "0.9",
            "factorData": "primary",
        }
    ],
}


def test_a_column_that_nobody_knows_is_not_written():
    with pytest.raises(UsageError, match="materials has no column for weight"):
        inventory_workbook.write(None, {}, {"materials": [{"weight": "1"}]})


def test_json_takes_the_same_names():
    assert calculate(inventory_reading.from_json(SMALL, "i.json"), software="test").total == 560


@each(
    ("document", "code", "pointer"),
    [
        ({**SMALL, "materials": [{**SMALL["materials"][0], "mass": "-1"}]}, "negative-mass", "/materials/0/mass"),
        ({**SMALL, "materials": [{**SMALL["materials"][0], "weight": 1}]}, "unknown-column", "/materials/0/weight"),
        ({**SMALL, "materials": {}}, "malformed-inventory", "/materials"),
        ({**SMALL, "materials": [7]}, "malformed-inventory", "/materials/0"),
        ({**SMALL, "extra": []}, "unknown-table", "/extra"),
        (
            {**SMALL, "materials": [{**SMALL["materials"][0], "mass": float("nan")}]},
            "malformed-number",
            "/materials/0/mass",
        ),
        ({**SMALL, "materials": [{**SMALL["materials"][0], "mass": 10**300}]}, "malformed-number", "/materials/0/mass"),
        ({**SMALL, "materials": [{**SMALL["materials"][0], "mass": {}}]}, "malformed-number", "/materials/0/mass"),
        ({**SMALL, "materials": [{**SMALL["materials"][0], "name": True}]}, "malformed-text", "/materials/0/name"),
        ([], "malformed-inventory", ""),
    ],
)
def test_hostile_json_is_faults_and_no_crash(document, code, pointer):
    with pytest.raises(FaultyRecord) as caught:
        inventory_reading.from_json(document, "i.json")
    found = {(each.code, each.location.pointer) for each in caught.value.faults}
    assert (code, pointer) in found


@each(
    ("spelling", "unit"),
    [
        ("度", "kWh"), ("kW·h", "kWh"), ("MWH", "MWh"), ("m³", "m3"), ("m^3", "m3"), ("公斤", "kg"), ("吨", "t"),
        ("pcs", "piece"),
    ],
)  # fmt: skip
def test_the_usual_spellings_of_a_unit_are_read(spelling, unit):
    inventory = inventory_workbook.read(spoiled(put("energy", 3, "unit", spelling)), name="i.xlsx")
    assert inventory.energy[0].unit == unit


def test_a_unit_that_is_none_is_refused_with_the_list():
    (fault,) = faults(put("energy", 3, "unit", "barrel"))
    assert fault.code == "unknown-unit" and fault.location.cell == "E3"
