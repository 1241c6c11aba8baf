"""Files are read by their name or by the format that the caller names."""

from __future__ import annotations

import json

import pytest

from passport.errors import FaultyRecord, MalformedDocument, UnreadableInput, UsageError
from passport.exchange.records import json_file, record_files
from tests.each import each

RECORD = {"model": {"batteryModelIdentifier": "M"}, "pack": {"serialNumber": "S1"}}


def test_a_json_file_of_one_or_several_records_is_read(tmp_path):
    other = {**RECORD, "pack": {"serialNumber": "S2"}}
    for document, expected in ((RECORD, 1), ([RECORD, other], 2)):
        (tmp_path / "packs.JSON").write_text(json.dumps(document))
        records, faults = record_files.read(tmp_path / "packs.JSON")
        assert (len(records), faults) == (expected, ())
        assert record_files.read_records(tmp_path / "packs.JSON") == records
        assert records[0].locate("serialNumber").file == "packs.JSON"


def test_the_named_format_goes_before_the_name_of_the_file(tmp_path):
    (tmp_path / "packs.txt").write_text(json.dumps(RECORD))
    assert len(record_files.read(tmp_path / "packs.txt", "json")[0]) == 1
    (tmp_path / "packs.xlsx").write_text(json.dumps(RECORD))
    with pytest.raises(UnreadableInput, match="is no workbook"):
        record_files.read(tmp_path / "packs.xlsx")
    with pytest.raises(FaultyRecord, match="no Catena-X battery passport"):
        record_files.read(tmp_path / "packs.txt", "catenax")


@each(("name", "format"), [("packs.ods", None), ("packs", None), ("packs.json", "turtle")])
def test_an_unknown_format_is_refused(tmp_path, name, format):
    (tmp_path / name).write_text("x")
    with pytest.raises(UsageError, match="no known format"):
        record_files.read(tmp_path / name, format)


@each("name", ["packs.json", "packs.xlsx"])
def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path, name):
    with pytest.raises(UnreadableInput, match="cannot be read"):
        record_files.read(tmp_path / name)
    (tmp_path / name).mkdir()
    with pytest.raises(UnreadableInput, match="cannot be read"):
        record_files.read(tmp_path / name)


@each("text", ["", "{", '{"model": {}, "model": {}}', "[NaN]", '"\\ud800"', "[" * 5000])
def test_what_is_no_strict_json_is_refused(tmp_path, text):
    (tmp_path / "packs.json").write_text(text)
    with pytest.raises(MalformedDocument):
        record_files.read(tmp_path / "packs.json")


def test_a_file_beyond_the_limit_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(json_file, "MAX_JSON", 10)
    (tmp_path / "packs.json").write_text(json.dumps(RECORD))
    with pytest.raises(MalformedDocument):
        record_files.read(tmp_path / "packs.json")


def test_a_faulty_file_gives_what_can_be_judged_with_its_faults_and_no_records_to_issue(tmp_path):
    faulty = {"model": {"batteryModelIdentifier": "M", "x": "1"}, "pack": {"serialNumber": "S1"}}
    (tmp_path / "packs.json").write_text(json.dumps([faulty, RECORD, {"model": {}}]))
    records, faults = record_files.read(tmp_path / "packs.json")
    assert [record.pack["serialNumber"] for record in records] == ["S1", "S1"]
    assert [(fault.code, fault.location.pointer) for fault in faults] == [
        ("unknown-indicator", "/0/model/x"),
        ("empty-part", "/2/model"),
        ("missing-part", "/2"),
        ("duplicate-pack", "/1/pack/serialNumber"),
    ]
    with pytest.raises(FaultyRecord, match="4 faults"):
        record_files.read_records(tmp_path / "packs.json")


def test_a_file_of_which_nothing_can_be_placed_is_refused(tmp_path):
    (tmp_path / "packs.json").write_text('{"models": []}')
    with pytest.raises(FaultyRecord):
        record_files.read(tmp_path / "packs.json")


@each("format", [None, "csv"])
def test_one_table_is_refused_with_the_way_to_name_its_folder(tmp_path, format):
    (tmp_path / "packs.csv").write_text("serialNumber\n")
    with pytest.raises(UsageError, match="is one table") as raised:
        record_files.read(tmp_path / "packs.csv", format)
    assert str(tmp_path) in raised.value.hint


def test_a_byte_order_mark_of_utf_8_is_skipped(tmp_path):
    (tmp_path / "packs.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(RECORD).encode())
    assert record_files.read_records(tmp_path / "packs.json")[0].pack == RECORD["pack"]


@each(("encoding", "found"), [("utf-16", "UTF-16"), ("utf-16-le", "UTF-16"), ("gb18030", "byte 39 is not UTF-8")])
def test_json_in_another_encoding_is_unusable_and_named(tmp_path, encoding, found):
    text = '{"model": {"batteryModelIdentifier": "电池"}, "pack": {}}'
    (tmp_path / "packs.json").write_bytes(text.encode(encoding))
    with pytest.raises(UnreadableInput, match="packs.json is not in UTF-8") as raised:
        record_files.read(tmp_path / "packs.json")
    assert (raised.value.exit_code, raised.value.found) == (2, found)


def test_json_that_is_broken_is_refused_with_the_name_of_the_file(tmp_path):
    (tmp_path / "packs.json").write_text("{")
    with pytest.raises(MalformedDocument, match="packs.json: not JSON"):
        record_files.read(tmp_path / "packs.json")
