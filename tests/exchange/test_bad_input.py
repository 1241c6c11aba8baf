"""Input as it comes: each oddity is read in one stated way or refused with one clear sentence; memory stays small.

What is wrong with the make of a workbook is in test_workbook_reader.py, encodings of text in test_csv_folder.py.
"""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from xml.sax.saxutils import escape

import openpyxl
import pytest

from passport.battery.record import Record
from passport.errors import FaultyRecord, UnreadableInput
from passport.exchange.spreadsheet import workbook_reader
from passport.exchange.spreadsheet.opening.workbook import Limits
from passport.texts import say
from passport.validation.validator import validate
from passport.vocabulary.expectation import advice
from passport.vocabulary.vocabulary import load, regimes
from tests.conftest import share, skip_unless
from tests.each import each

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"


#: Stands where a test puts its own text. Saving a workbook takes a second, changing a text in its archive none.
MARK = "the cell of a test"


@cache
def _with_value(indicator: str, value: str | int) -> bytes:
    book = openpyxl.load_workbook(EXAMPLES / "ev-ncm-100kwh.xlsx")
    sheet = book["models"]
    column = next(cell.column for cell in sheet[1] if cell.value == indicator)
    sheet.cell(3, column).value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def with_cell(indicator: str, text: str) -> bytes:
    """The EV example with another text in one cell of its model."""
    return _edit(_with_value(indicator, MARK), "xl/worksheets/sheet1.xml", MARK.encode(), escape(text).encode())


def with_formula(formula: str) -> bytes:
    """The EV example with a formula for its nominal voltage, whose calculated value is 352."""
    written = f"<f>{escape(formula)}</f><v>352</v>".encode()
    return _edit(_with_value("nominalVoltage", 352), "xl/worksheets/sheet1.xml", b"<v>352</v>", written)


def read(data: bytes) -> Record:
    (record,) = workbook_reader.read(data)
    return record


# --- read in one stated way -----------------------------------------------------------------------------------------


@pytest.mark.product
@each(
    ("indicator", "text", "value"),
    share([
        ("nominalVoltage", "352 V", "352"), ("nominalVoltage", "352V", "352"),
        ("nominalVoltage", "352.5\u202fV", "352.5"), ("nominalVoltage", "352 伏", "352"),
        ("nominalVoltage", "３５２　Ｖ", "352"),
        ("ratedEnergy", "100 kWh", "100"), ("ratedEnergy", "100 kW.h", "100"), ("batteryMass", "540 kg", "540"),
        ("initialRoundTripEnergyEfficiency", "96 %", "96"), ("initialRoundTripEnergyEfficiency", "９６％", "96"),
        ("idleTemperatureLowerBoundary", "−40 °C", "-40"), ("idleTemperatureLowerBoundary", "-40 ℃", "-40"),
    ], 0, of=3),
)  # fmt: skip
def test_a_number_with_the_columns_own_unit_is_that_number(indicator, text, value):
    assert read(with_cell(indicator, text)).value(indicator) == value


@each("text", ["352 mV", "0.352 kV", "352 v", "352 V DC", "352 V 353 V", "V 352", "1,352 V"])
def test_a_number_with_another_unit_is_never_converted(text):
    assert read(with_cell("nominalVoltage", text)).model["nominalVoltage"] == text


def test_full_width_digits_and_signs_are_their_ascii_forms():
    record = read(with_cell("idleTemperatureLowerBoundary", "－４０．５"))
    assert record.model["idleTemperatureLowerBoundary"] == "-40.5"


def test_a_formula_gives_the_value_that_was_calculated():
    assert read(with_formula("176*2")).model["nominalVoltage"] == "352"


# --- refused with one clear sentence --------------------------------------------------------------------------------


@pytest.mark.product
@each(
    ("text", "says"),
    share([
        ("352,5", "write a decimal point: 352.5"), ("17,0", "write a decimal point: 17.0"),
        ("48,000", "without separators"), ("48.000,5", "without separators"), ("1 234.5", "without separators"),
        ("1'234", "without separators"), ("1\u202f234", "without separators"), ("400 kV", "the number alone, in V"),
        ("约350", "one exact number"), ("≈350", "one exact number"), (">350", "one exact number"),
    ], 0, of=2),
)  # fmt: skip
def test_a_number_that_two_countries_read_differently_is_refused_with_what_to_type(text, says):
    record = read(with_cell("nominalVoltage", text))
    report = validate(record, [regimes()["eu"]], on=date(2027, 2, 18))
    (fault,) = [one for one in report.faults if one.indicator == "nominalVoltage"]
    assert fault.code == "malformed" and says in fault.hint
    assert fault.location.sheet == "models" and fault.location.cell
    assert "伏" in say(fault.message, "zh") and "number of volts" in say(fault.message, "en")


@each("text", ["352.5", "-1", "", "n/a", "V"])
def test_advice_is_given_only_where_it_helps(text):
    assert advice(load().indicators["nominalVoltage"], text) is None


def test_advice_is_for_numbers_alone():
    assert advice(load().indicators["batteryModelIdentifier"], "17,0") is None
    assert advice(load().indicators["nominalVoltage"], 17) is None


@each("formula", ["[1]Prices!$B$4", "2*'[12]My sheet'!B4", "SUM([1]Sheet1!A1:A9)", "'[3]Blatt (1)'!A1&\"V\""])
def test_a_value_from_another_workbook_is_refused(formula):
    with pytest.raises(FaultyRecord) as refused:
        workbook_reader.read(with_formula(formula))
    (fault,) = refused.value.faults
    place = fault.location
    assert (fault.code, place.sheet, place.heading) == ("external-link", "models", "nominalVoltage")
    assert say(fault.message, "zh") != say(fault.message, "en") and "paste" in fault.hint


@each("formula", ['"[1]x!"&amp;A1', "Table1[1]*2", "models!A3", "[1]"])
def test_a_formula_about_this_workbook_is_none_from_another(formula):
    assert read(with_formula(formula)).model["nominalVoltage"] == "352"


def test_merged_cells_are_refused_with_their_range():
    book = openpyxl.load_workbook(EXAMPLES / "ev-ncm-100kwh.xlsx")
    book["models"].merge_cells("B1:C1")
    buffer = io.BytesIO()
    book.save(buffer)
    with pytest.raises(FaultyRecord) as refused:
        workbook_reader.read(buffer.getvalue())
    assert any(fault.code == "merged-cells" and "B1:C1" in fault.found for fault in refused.value.faults)


def test_texts_beyond_the_limit_are_refused():
    with pytest.raises(UnreadableInput, match="more text than can be read"):
        workbook_reader.read((EXAMPLES / "ev-ncm-100kwh.xlsx").read_bytes(), limits=Limits(characters=1000))


def test_cells_beyond_the_limit_are_refused():
    with pytest.raises(UnreadableInput, match="too many filled cells"):
        workbook_reader.read((EXAMPLES / "ev-ncm-100kwh.xlsx").read_bytes(), limits=Limits(cells=100))


def _edit(data: bytes, part: str, old: bytes, new: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            content = before.read(name)
            if name == part:
                assert old in content
                content = content.replace(old, new, 1)
            after.writestr(name, content)
    return buffer.getvalue()


# --- memory ---------------------------------------------------------------------------------------------------------

# Loads the program once and forks for each job: a list of paths and a file for what is said. The peak of a child begins
# with what the parent has in memory, so that it is that of a whole `passport validate`.
_MEASURED = """
import json, os, resource, sys
from passport.vocabulary import vocabulary
from passport.commands import main, validate
vocabulary.regimes()
for line in iter(sys.stdin.readline, ""):
    paths, said = json.loads(line)
    child = os.fork()
    if child == 0:
        out = os.open(said, os.O_WRONLY | os.O_CREAT)
        os.dup2(out, 1)
        os.dup2(out, 2)
        # A bomb that goes off ends the child, and not the machine.
        resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        main(["validate", *paths])
    _, status, used = os.wait4(child, 0)
    print(os.waitstatus_to_exitcode(status), used.ru_maxrss // 1024, flush=True)
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., tuple[int, int, str]]]:
    """Exit code, most memory in MB, and everything that ``passport validate`` says, in a process of its own."""
    skip_unless(sys.platform == "linux", "linux", "only Linux tells the memory of a process in kilobytes")
    running = subprocess.Popen(
        [sys.executable, "-c", _MEASURED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=EXAMPLES.parent
    )
    said = tmp_path_factory.mktemp("said") / "said"

    def measure(*paths: Path) -> tuple[int, int, str]:
        said.unlink(missing_ok=True)
        running.stdin.write(json.dumps([[str(path) for path in paths], str(said)]) + "\n")
        running.stdin.flush()
        code, megabytes = running.stdout.readline().split()
        return int(code), int(megabytes), said.read_text("utf-8")

    yield measure
    running.stdin.close()
    running.wait(60)
    running.stdout.close()


def bomb(part: str, opening: bytes, filling: bytes, closing: bytes, times: int) -> bytes:
    """The EV example with one part that packs to next to nothing."""
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(EXAMPLES / "ev-ncm-100kwh.xlsx") as before,
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for name in before.namelist():
            if name != part:
                after.writestr(name, before.read(name))
        with after.open(part, "w", force_zip64=True) as stream:
            stream.write(opening)
            for _ in range(times):
                stream.write(filling)
            stream.write(closing)
    return buffer.getvalue()


_NS = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHEET, END = b"<worksheet " + _NS + b"><sheetData>", b"</sheetData></worksheet>"
# part, how it begins, what is repeated, how it ends, how often, what is said of it
BOMBS = {
    "size": ("xl/styles.xml", b"<styleSheet " + _NS + b">", b" " * (1 << 20), b"</styleSheet>", 300, "more than can"),
    "one text": ("xl/sharedStrings.xml", b"<sst " + _NS + b"><si><t>", b"A" * (1 << 20), b"</t></si></sst>", 20,
                 "a text that is too long"),
    "texts": ("xl/sharedStrings.xml", b"<sst " + _NS + b">", b"<si/>" * 100_000, b"</sst>", 40, "too many texts"),
    "rows": ("xl/worksheets/sheet1.xml", SHEET, b"<row/>" * 100_000, END, 300, "beyond the end of a sheet"),
    "prefixed rows": ("xl/worksheets/sheet1.xml", SHEET, b"<x:row/>" * 100_000, END, 300, "beyond the end of a sheet"),
    "cells": ("xl/worksheets/sheet1.xml", SHEET + b"<row>", b"<c/>" * 100_000, b"</row>" + END, 300, "too wide"),
    "styles": ("xl/styles.xml", b"<styleSheet " + _NS + b"><cellXfs>", b"<xf/>" * 10_000, b"</cellXfs></styleSheet>",
               600, "more elements than"),
    "values of styles": ("xl/styles.xml", b"<styleSheet " + _NS + b"><cellXfs>", b"<v/>" * 10_000,
                         b"</cellXfs></styleSheet>", 600, "more elements than"),
    "values of one cell": ("xl/worksheets/sheet1.xml", SHEET + b"<row><c>", b"<v/>" * 100_000, b"</c></row>" + END, 300,
                           "too wide"),
    "merged cells": ("xl/worksheets/sheet1.xml", SHEET + b"</sheetData>", b"<mergeCell/>" * 9_000, b"</worksheet>", 600,
                     "more elements than"),
    "one value": ("xl/worksheets/sheet1.xml", SHEET + b'<row><c r="', b"A" * (1 << 20), b'"/></row>' + END, 200,
                  "one value that never ends"),
}  # fmt: skip


@pytest.mark.product
@each("name", share(BOMBS, 0, of=3))
def test_a_zip_bomb_is_refused_in_little_memory(measured, tmp_path, name):
    *made_of, words = BOMBS[name]
    data = bomb(*made_of)
    assert len(data) < 1 << 20
    (tmp_path / "bomb.xlsx").write_bytes(data)
    code, megabytes, said = measured(tmp_path / "bomb.xlsx")
    assert code == 2 and words in said
    assert megabytes < 300


def test_a_hundred_thousand_empty_rows_change_nothing(measured, tmp_path):
    # Rows that were formatted and never filled.
    rows = b"".join(b'<row r="%d"><c r="A%d" s="1"/></row>' % (row, row) for row in range(4, 100_004))
    whole = (EXAMPLES / "ev-ncm-100kwh.xlsx").read_bytes()
    data = _edit(whole, "xl/worksheets/sheet1.xml", b"</sheetData>", rows + b"</sheetData>")
    (tmp_path / "rows.xlsx").write_bytes(data)
    code, megabytes, said = measured(tmp_path / "rows.xlsx")
    assert code == 0 and "57 of 57 due" in said
    assert megabytes < 300


def test_a_hundred_thousand_empty_lines_change_nothing(measured, tmp_path):
    (tmp_path / "models.csv").write_text("batteryModelIdentifier,batteryCategory\n\nM1,ev\n" + ",\n" * 100_000)
    (tmp_path / "packs.csv").write_text("batteryModelIdentifier,serialNumber\n\nM1,S1\n" + "\n" * 100_000)
    code, megabytes, said = measured(tmp_path)
    assert code == 1 and "1 pack read" in said
    assert megabytes < 300
