"""Folders of .csv files: read as workbooks are, in the encodings that are known beyond doubt and no other."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from passport.errors import FaultyRecord, UnreadableInput
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import csv_folder
from passport.exchange.spreadsheet.opening.workbook import Limits
from tests.each import each

MODELS = "batteryModelIdentifier,nominalVoltage,batteryCategory,registeredTrademark\n,V,,\nM1,352,ev,北辰\n"
PACKS = "batteryModelIdentifier,serialNumber,manufacturingDate\n\nM1,S1,2026-07-20\nM1,0002,2026-07-21\n"


def folder(path: Path, **tables: str | bytes) -> Path:
    path.mkdir(exist_ok=True)
    for name, text in {"models": MODELS, "packs": PACKS, **tables}.items():
        (path / f"{name}.csv").write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def read(path: Path):
    records, faults = record_files.read(path)
    assert not faults
    return records


def test_a_folder_reads_as_a_workbook_does(tmp_path):
    entries = "batteryModelIdentifier,component,mass\n,,kg\nM1,module,34.4\nM1,cell,2\n"
    one, two = read(folder(tmp_path / "packs", componentMass=entries))
    assert one.model == {
        "batteryModelIdentifier": "M1",
        "nominalVoltage": "352",
        "batteryCategory": "ev",
        "registeredTrademark": ["北辰"],
        "componentMass": [{"component": "module", "mass": "34.4"}, {"component": "cell", "mass": "2"}],
    }
    assert two.pack == {"serialNumber": "0002", "manufacturingDate": "2026-07-21"}, "leading zeros stay"
    place = two.locate("manufacturingDate")
    assert (place.file, place.sheet, place.cell, place.heading) == ("packs", "packs", "C4", "manufacturingDate")


@each("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_chinese_text_is_read_in_the_encodings_that_are_known(tmp_path, encoding):
    text = "电池型号,标称电压,电池类别,注册商标名称\n,V,,\nM1,352,电动汽车电池,北辰（喆）\n"
    (record, _) = read(folder(tmp_path / "packs", models=text.encode(encoding)))
    assert record.model["registeredTrademark"] == ["北辰（喆）"]
    assert record.category == "ev"


@each("encoding", ["latin-1", "cp1252", "big5", "utf-16-le", "utf-16-be"])
def test_an_encoding_that_is_in_doubt_is_refused_and_never_garbled(tmp_path, encoding):
    western = "Société d'été à Zürich"
    name = "電動車電池，蓄電池組製造廠" if encoding == "big5" else western
    text = MODELS.replace("北辰", f'"{name}"').encode(encoding)
    with pytest.raises(UnreadableInput, match="packs/models.csv is no text in a known encoding") as refused:
        record_files.read(folder(tmp_path / "packs", models=text))
    assert "UTF-8" in refused.value.hint


@each("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16-le", "utf-16-be"])
def test_a_long_file_is_read_alike_wherever_its_sample_is_cut(encoding, monkeypatch):
    """U+0A00 and U+000A share their bytes at odd places of UTF-16, and the clef takes two units."""
    text = "编号\t名称\n" + "".join(f"电池{n}\t名称北辰\n" for n in range(9))
    text += "\u0a0a\u0a00\U0001d11e\tx\n" * 3 if "16" in encoding else ""
    data = (b"\xff\xfe" if encoding == "utf-16-le" else b"\xfe\xff" if encoding == "utf-16-be" else b"") + text.encode(
        encoding
    )
    whole = [[cell.value for cell in row.cells] for row in csv_folder.rows_of(io.BytesIO(data), "long.csv")]
    assert len(whole) == text.count("\n") and whole[1] == ["电池0", "名称北辰"]
    for length in range(60, len(data) + 1):
        monkeypatch.setattr(csv_folder, "_SAMPLE", length)
        rows = csv_folder.rows_of(io.BytesIO(data), "long.csv")
        assert [[cell.value for cell in row.cells] for row in rows] == whole


@each("separator", [",", ";", "\t"])
def test_the_separator_is_the_one_of_the_heading_line(tmp_path, separator):
    models = MODELS.replace(",", separator).replace("北辰", '"a, b; c"')
    (record, _) = read(folder(tmp_path / "packs", models=models))
    assert record.model["registeredTrademark"] == ["a, b; c"]


def test_several_values_stand_on_the_lines_of_a_quoted_cell(tmp_path):
    (record, _) = read(folder(tmp_path / "packs", models=MODELS.replace("北辰", '"ALPHA\r\nBETA"')))
    assert record.model["registeredTrademark"] == ["ALPHA", "BETA"]


def test_faults_are_named_by_table_row_and_column(tmp_path):
    path = folder(tmp_path / "packs", packs=PACKS.replace("M1,S1", "M9,S1"))
    _, faults = record_files.read(path)
    assert [(fault.code, fault.location.sheet, fault.location.cell) for fault in faults] == [
        ("unknown-model", "packs", "A3")
    ]


def test_a_table_of_an_unknown_name_is_refused(tmp_path):
    with pytest.raises(FaultyRecord, match="unknown sheet"):
        csv_folder.read_tolerantly(folder(tmp_path / "packs", prices="a,b\n"))


def test_a_quote_that_does_not_close_is_refused_with_its_row(tmp_path):
    with pytest.raises(UnreadableInput, match=r"packs/models.csv, row \d is no CSV"):
        record_files.read(folder(tmp_path / "packs", models=MODELS + '"M2,353\n'))


def test_a_folder_without_tables_is_refused(tmp_path):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(UnreadableInput, match="holds no table"):
        record_files.read(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(UnreadableInput, match="absent cannot be read"):
        csv_folder.read_tolerantly(tmp_path / "absent")


def test_a_folder_of_more_tables_than_anybody_needs_is_refused(tmp_path):
    path = folder(tmp_path / "packs", **{f"t{n}": "" for n in range(200)})
    with pytest.raises(UnreadableInput, match="too many tables"):
        csv_folder.read_tolerantly(path)


def test_the_limit_that_a_folder_breaks_is_the_one_that_is_named(tmp_path):
    with pytest.raises(UnreadableInput) as refused:
        csv_folder.read_tolerantly(folder(tmp_path / "packs"), limits=Limits(file=40))
    assert refused.value.expected == "at most 40 bytes in all files"


@each(
    ("limits", "words"),
    [
        (Limits(file=40), "too large"),
        (Limits(columns=2), "too wide"),
        (Limits(rows=2), "holds too much"),
        (Limits(cells=5), "holds too much"),
    ],
)
def test_a_folder_beyond_the_limits_is_refused(tmp_path, limits, words):
    with pytest.raises(UnreadableInput, match=words):
        csv_folder.read_tolerantly(folder(tmp_path / "packs"), limits=limits)


def test_other_files_of_the_folder_are_not_read(tmp_path):
    path = folder(tmp_path / "packs", notes="anything,at all\n")
    (path / "readme.txt").write_bytes(b"\xff\xfe\x00")
    assert len(read(path)) == 2
