"""What stands beside the cells of a workbook is named: comments, text boxes, pictures, charts, what has no size."""

from __future__ import annotations

import io
import re
import zipfile

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from passport.battery.fault import of_severity
from passport.errors import FaultyRecord
from passport.exchange.spreadsheet import event_sheets, template, workbook_reader
from passport.vocabulary.vocabulary import Category, regimes
from tests.each import each

TEXT_BOX = """<?xml version="1.0" encoding="UTF-8"?>
<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"
 xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><xdr:twoCellAnchor>
<xdr:from><xdr:col>3</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>6</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:from>
<xdr:to><xdr:col>5</xdr:col><xdr:colOff>0</xdr:colOff><xdr:row>9</xdr:row><xdr:rowOff>0</xdr:rowOff></xdr:to>
<xdr:sp><xdr:txBody><a:p><a:r><a:t>mass is 541 kg</a:t></a:r></a:p>
<a:p><a:r><a:t>since May</a:t></a:r></a:p></xdr:txBody></xdr:sp>
</xdr:twoCellAnchor></xdr:wsDr>"""


def book():
    made = openpyxl.Workbook()
    models, packs = made.active, made.create_sheet("packs")
    models.title = "models"
    models.append(["batteryModelIdentifier", "batteryMass"])
    models.append([])
    models.append(["M-1", 540])
    packs.append(["batteryModelIdentifier", "serialNumber"])
    packs.append([])
    packs.append(["M-1", "S-1"])
    return made


def saved(made):
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def read(data):
    return workbook_reader.read_tolerantly(data, name="packs.xlsx")


def notes(data):
    return [(f.code, f.severity, f.location.sheet, f.location.cell, f.found) for f in read(data)[1]]


def test_a_comment_of_a_cell_is_named_and_the_cell_is_read():
    made = book()
    made["models"]["B3"].comment = Comment("weighed without\nthe cover", "Li Wei")
    (record,), (fault,) = read(saved(made))
    assert record.model["batteryMass"] == "540"
    assert (fault.code, fault.severity, fault.location.cell) == ("comment", "warning", "B3")
    assert fault.found == '"weighed without the cover"' and fault.indicator == "batteryMass"
    assert fault.message == "the comment on the cell is not read"


def test_a_comment_of_an_empty_cell_or_of_a_heading_is_named_too():
    made = book()
    made["packs"]["B1"].comment = Comment("new numbers from June", "Li Wei")
    made["packs"]["C5"].comment = Comment("S-2 follows", "Li Wei")
    assert [(code, sheet, cell) for code, _, sheet, cell, _ in notes(saved(made))] == [
        ("comment", "packs", "B1"), ("comment", "packs", "C5"),
    ]  # fmt: skip


def test_the_comments_of_a_template_are_no_input(pack_record):
    data = template.write(None, Category.EV, tuple(regimes().values()), example=pack_record("EV"))
    assert any(cell.comment for cell in openpyxl.load_workbook(io.BytesIO(data))["models"][1])
    assert "comment" not in {fault.code for fault in read(data)[1]}


def test_a_comment_by_somebody_else_on_a_heading_of_the_template_is_input():
    made = book()
    made["models"]["B1"].comment = Comment("how to fill in", "passport")
    made["models"]["A1"].comment = Comment("how to fill in", "Li Wei")
    assert [cell for _, _, _, cell, _ in notes(saved(made))] == ["A1"]


def test_a_chart_is_named():
    made = book()
    chart = BarChart()
    chart.add_data(Reference(made["models"], min_col=2, min_row=3, max_row=3))
    made["models"].add_chart(chart, "E5")
    assert [(code, cell) for code, _, _, cell, _ in notes(saved(made))] == [("chart", "E5")]


def with_part(data, old, new):
    """The workbook with one part's content replaced."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(buffer, "w") as after:
        for part in before.infolist():
            content = before.read(part)
            after.writestr(
                part.filename, new(content.decode()).encode() if re.fullmatch(old, part.filename) else content
            )
    return buffer.getvalue()


def drawn(content):
    made = book()
    chart = BarChart()
    chart.add_data(Reference(made["models"], min_col=2, min_row=3, max_row=3))
    made["models"].add_chart(chart, "E5")
    return with_part(saved(made), r"xl/drawings/drawing1\.xml", lambda _: content)


def test_a_text_box_is_named_with_its_words():
    assert notes(drawn(TEXT_BOX)) == [("text-box", "warning", "models", "D7", '"mass is 541 kg since May"')]


def test_a_picture_is_named():
    picture = TEXT_BOX.replace("xdr:sp>", "xdr:pic>")
    assert [(code, cell) for code, _, _, cell, _ in notes(drawn(picture))] == [("picture", "D7")]


@each(("old", "new", "code"), [
    (r'<row r="3"', '<row ht="0" customHeight="1" r="3"', "hidden-row"),
    ("<sheetData>", '<cols><col min="2" max="2" width="0" customWidth="1"/></cols><sheetData>', "hidden-column"),
])  # fmt: skip
def test_a_row_or_column_without_size_is_hidden(old, new, code):
    data = with_part(saved(book()), r"xl/worksheets/sheet1\.xml", lambda text: re.sub(old, new, text, count=1))
    assert code in {fault.code for fault in read(data)[1]}


@each("shown", [";;;", '"SN-"@', '@" (old)"', '0;0;0;"none"'])
def test_a_text_that_is_shown_otherwise_than_it_is_stored_is_refused(shown):
    made = book()
    made["packs"]["B3"].number_format = shown
    faults = read(saved(made))[1]
    assert ("shown-otherwise", "B3") in {(fault.code, fault.location.cell) for fault in faults}


@each("shown", ["@", "General", "0", "0.00;[Red]-0.00", "0;0;0;@", " @ ", "yyyy-mm-dd"])
def test_a_text_in_a_format_of_numbers_shows_as_it_is(shown):
    made = book()
    made["packs"]["B3"].number_format = shown
    assert of_severity("violation", read(saved(made))[1]) == ()


# --- events -----------------------------------------------------------------------------------------------------------


def event_book(tmp_path, change):
    made = openpyxl.Workbook()
    sheet = made.active
    sheet.title = "retire"
    sheet.append(["pack", "occurredAt", "eventReason"])
    sheet.append([])
    sheet.append(["https://battery.example/id/EV1/1", "2027-08-01T09:00:00Z", "worn"])
    change(sheet)
    path = tmp_path / "events.xlsx"
    made.save(path)
    return path


def test_an_event_of_a_sheet_that_hides_nothing_is_read(tmp_path):
    assert len(event_sheets.read(event_book(tmp_path, lambda sheet: None))) == 1


def _hide_row(sheet):
    sheet.row_dimensions[3].hidden = True


def _hide_column(sheet):
    sheet.column_dimensions["C"].hidden = True


def _hide_sheet(sheet):
    sheet.parent.create_sheet("notes")
    sheet.sheet_state = "hidden"


def _merge(sheet):
    sheet.merge_cells("A5:B5")


def _comment(sheet):
    sheet["C3"].comment = Comment("or in September?", "Li Wei")


@each(("change", "code"), [
    (_hide_row, "hidden-row"), (_hide_column, "hidden-column"), (_hide_sheet, "hidden-sheet"),
    (_merge, "merged-cells"), (_comment, "comment"),
])  # fmt: skip
def test_an_event_that_is_hidden_or_annotated_is_not_signed(tmp_path, change, code):
    with pytest.raises(FaultyRecord) as caught:
        event_sheets.read(event_book(tmp_path, change))
    assert [fault.code for fault in caught.value.faults] == [code]
