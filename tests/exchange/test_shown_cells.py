"""What a cell shows decides: escapes, units and scales in number formats, and workbooks of another dialect."""

from __future__ import annotations

import io
import zipfile

import openpyxl
import pytest

from passport.errors import UnreadableInput
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import csv_folder, number_format, workbook_reader
from passport.exchange.spreadsheet.opening.workbook import escaped, unescaped
from tests.each import each

MODELS = [["batteryModelIdentifier", "batteryMass", "warrantyPeriod", "initialInternalResistancePack"], [],
          ["M-1", 540, 96, 0.128]]  # fmt: skip
PACKS = [["batteryModelIdentifier", "serialNumber"], [], ["M-1", "S-1"]]


def book(models=MODELS, formats=None):
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in (("models", models), ("packs", PACKS)):
        sheet = made.create_sheet(name)
        for n, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                sheet.cell(n, column, value)
    for cell, shown in (formats or {}).items():
        made["models"][cell].number_format = shown
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def faults(data):
    found = workbook_reader.read_tolerantly(data, name="packs.xlsx")[1]
    return [(fault.code, fault.location.cell) for fault in found]


@each(("cell", "shown"), [
    ("D3", '0.0 "mΩ"'), ("B3", '#,##0" g"'), ("B3", "0.00\\ \\m"), ("C3", '0" 年"'), ("B3", "0,"), ("B3", '0.0,," t"'),
    ("B3", ";;;"), ("B3", '"ok"'), ("B3", "[$€-407] 0.00"), ("B3", 'General" t"'),
])  # fmt: skip
def test_a_cell_that_shows_another_number_than_it_holds_is_refused(cell, shown):
    assert faults(book(formats={cell: shown})) == [("shown-otherwise", cell)]


@each(("cell", "shown"), [
    ("D3", '0.000 "Ω"'), ("B3", '#,##0.0" kg"'), ("C3", '0" 个月"'), ("B3", "0.00_ ;[Red]-0.00 "), ("B3", "0.00E+00"),
    ("B3", "#,##0"), ("B3", "@"), ("B3", "# ?/?"), ("B3", 'General" kg"'),
])  # fmt: skip
def test_the_own_unit_of_a_column_and_plain_formats_are_taken(cell, shown):
    assert faults(book(formats={cell: shown})) == []


def test_the_section_of_the_sign_is_the_one_that_counts():
    two = '0.0;"minus "0.0" mV"'
    assert number_format.shown(two, 5) == number_format.Shown("", False, False)
    assert number_format.shown(two, -5).text.endswith("mV")


def test_an_escape_is_the_character_that_the_program_shows():
    models = [["电池质量_x000D_\nBattery mass" if cell == "batteryMass" else cell for cell in MODELS[0]], [],
              ["M_x005F_x0041_-1_x000D_", 540, 96, 0.1]]  # fmt: skip
    packs_model = "M_x005F_x0041_-1"
    data = book(models)
    made = openpyxl.load_workbook(io.BytesIO(data))
    made["packs"]["A3"] = packs_model
    buffer = io.BytesIO()
    made.save(buffer)
    (record,), found = workbook_reader.read_tolerantly(buffer.getvalue(), name="packs.xlsx")
    assert found == ()
    assert (record.model["batteryModelIdentifier"], record.model["batteryMass"]) == ("M_x0041_-1", "540")


@each("text", ["_x000D_", "a_x0041_b", "_x005F_", "_X0041_", "x_", "_x12_"])
def test_a_text_that_looks_like_an_escape_is_written_so_that_it_comes_back(text):
    assert unescaped(escaped(text)) == text


def test_strict_open_xml_is_named_with_the_way_to_save_it():
    source, target = zipfile.ZipFile(io.BytesIO(book())), io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name in source.namelist():
            data = source.read(name)
            made.writestr(name, data.replace(b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                                             b"http://purl.oclc.org/ooxml/spreadsheetml/main"))  # fmt: skip
    with pytest.raises(UnreadableInput, match="Strict Open XML") as raised:
        workbook_reader.read(target.getvalue(), name="strict.xlsx")
    assert "save it as" in raised.value.hint


@each(("line", "separator"), [("sep=;", ";"), ("sep=,", ","), ('"sep=;"', ";"), ("SEP=\t", "\t")])
def test_the_line_that_names_the_separator_is_obeyed_and_not_counted(tmp_path, line, separator):
    for name, rows in (("models", [["batteryModelIdentifier", "batteryMass"], ["", "kg"], ["M-1", "540"]]),
                       ("packs", [["batteryModelIdentifier", "serialNumber"], ["", ""], ["M-1", "S;1"]])):  # fmt: skip
        quoted = [separator.join(f'"{cell}"' for cell in row) for row in rows]
        (tmp_path / f"{name}.csv").write_text("\r\n".join([line, *quoted]), encoding="utf-8-sig")
    (record,), found = record_files.read(tmp_path)
    assert found == () and (record.model["batteryMass"], record.pack["serialNumber"]) == ("540", "S;1")
    assert record.locate("serialNumber").cell == "B3"


def test_a_line_that_only_begins_like_it_is_a_heading():
    sheet = csv_folder.sheet(b"sep=x,b\n1,2\n", "models", "models.csv")
    assert [cell.value for cell in sheet.rows[0].cells] == ["sep=x", "b"]


def test_a_separator_that_the_rows_do_not_have_is_refused_in_one_sentence():
    with pytest.raises(UnreadableInput, match="names a separator"):
        csv_folder.sheet(b"sep=;\na,b\n1,2\n", "models", "models.csv")
    assert len(csv_folder.sheet(b"sep=;\na\n1\n", "models", "models.csv").rows) == 2
