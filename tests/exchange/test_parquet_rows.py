"""Parquet files: a row is a pack, and says what the same record says as JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pyarrow
import pytest
from pyarrow import parquet

from passport.errors import UnreadableInput, UsageError
from passport.exchange.records import parquet_rows, record_files
from passport.exchange.records.record_input import open_input
from tests.issued_packs import pack_of_number

DAY = date(2026, 11, 29)


def written(path, rows, **columns):
    parquet.write_table(pyarrow.Table.from_pylist(rows, **columns), path)
    return path


def records_of(path):
    return [replace(record, file="") for record in record_files.read_records(path)]


@pytest.fixture
def packs():
    return [pack_of_number(n) for n in range(3)]


@pytest.mark.parametrize("form", ["structs", "texts", "records"])
def test_rows_are_the_records_that_they_are_as_json(tmp_path, packs, form):
    (tmp_path / "packs.json").write_text(json.dumps(packs), encoding="utf-8")
    rows = {
        "structs": packs,
        "texts": [{part: json.dumps(value, indent=1) for part, value in pack.items()} for pack in packs],
        "records": [{"record": json.dumps(pack), "plant": "a column of the maker's own"} for pack in packs],
    }[form]
    assert records_of(written(tmp_path / "packs.parquet", rows)) == records_of(tmp_path / "packs.json")


def test_what_is_typed_keeps_its_digits_and_what_is_null_is_left_out(tmp_path):
    row = {
        "pack": {
            "mass": Decimal("540.50"),
            "manufacturingDate": date(2026, 6, 18),
            "empty": None,
            "none": float("nan"),
        },
        "condition": {"recordedAt": datetime(2026, 11, 16, 8, 30, tzinfo=UTC), "stateOfCharge": 64.5},
        "model": '{"width": 1.50}',
        "batch": None,
    }
    (line,) = parquet_rows.lines(written(tmp_path / "packs.parquet", [row]))
    assert json.loads(line) == {
        "pack": {"mass": "540.50", "manufacturingDate": "2026-06-18"},
        "condition": {"recordedAt": "2026-11-16T08:30:00+00:00", "stateOfCharge": 64.5},
        "model": {"width": 1.5},
    }
    assert b'"width": 1.50' in line, "JSON in a text keeps its digits"


def test_a_text_that_only_looks_like_json_adds_no_part(tmp_path):
    row = {"pack": '{"serialNumber": "A"}, "model": {"batteryMass": "1"}'}
    (line,) = parquet_rows.lines(written(tmp_path / "packs.parquet", [row]))
    assert json.loads(line) == row


def test_a_file_is_read_in_chunks_from_lines_on_disk_that_are_gone_in_the_end(tmp_path, packs, monkeypatch):
    monkeypatch.setattr("passport.exchange.records.record_input.CHUNK", 2)
    path = written(tmp_path / "packs.parquet", packs)
    records = open_input([path], None, merge=False, on=DAY, staging=tmp_path / "out")
    chunks = list(records.chunks())
    assert [chunk.size for chunk in chunks] == [2, 1]
    item = chunks[1].read().items[0]
    assert (item.name, item.place.file, item.place.row) == ("EB000002", "packs.parquet", 3)
    (staged,) = (tmp_path / "out").iterdir()
    assert staged.stat().st_mode & 0o077 == 0
    records.clear()
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_that_is_no_parquet_and_one_without_a_column_of_a_record_are_refused(tmp_path):
    (tmp_path / "no.parquet").write_bytes(b"PAR1 and nothing else")
    with pytest.raises(UnreadableInput):
        record_files.read(tmp_path / "no.parquet")
    with pytest.raises(UnreadableInput, match="no column of a record"):
        record_files.read(written(tmp_path / "other.parquet", [{"serial": "A"}]))


def test_bytes_in_a_row_are_refused(tmp_path):
    with pytest.raises(UnreadableInput, match="no record holds"):
        record_files.read(written(tmp_path / "bytes.parquet", [{"pack": {"serialNumber": b"\xff"}}]))


def test_without_pyarrow_the_extra_is_named(tmp_path, packs, monkeypatch):
    path = written(tmp_path / "packs.parquet", packs)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError) as refused:
        record_files.read(path)
    assert "battery-passport[parquet]" in refused.value.hint
