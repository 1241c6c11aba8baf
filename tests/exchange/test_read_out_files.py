"""Files of read-outs: CSV, JSON, JSON lines."""

from __future__ import annotations

import json
import weakref

import pytest

from passport.errors import FaultyRecord, MalformedDocument, UnreadableInput, UsageError
from passport.exchange.event_tables.read_out_files import BLOCK, read_blocks
from passport.vocabulary.vocabulary import load
from tests.each import each

CODE = "ZZZPE10A7K2M05G6J0000317"
HEAD = "packTractionBatteryCode,recordedAt,stateOfCharge,numberOfFullCycles"
UNITS = ",,%,"
ROW = f"{CODE},2027-03-01T08:00:00Z,80,412"


@pytest.fixture
def read(tmp_path):
    def read(name: str, content: str | bytes, format=None):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        blocks = list(read_blocks(path, format))
        return [each for block, _ in blocks for each in block], [fault for _, faults in blocks for fault in faults]

    return read


EXPECTED = {"recordedAt": "2027-03-01T08:00:00Z", "stateOfCharge": "80", "numberOfFullCycles": 412}


@each(
    ("name", "content"),
    [
        ("a.csv", f"{HEAD}\n{UNITS}\n{ROW}\n"),
        ("a.csv", f"{HEAD}\n{ROW}\n"),
        ("a.csv", f"{HEAD}\r\n{ROW}\r\n".replace(",", ";")),
        ("a.json", json.dumps({"packTractionBatteryCode": CODE, **EXPECTED})),
        ("a.json", json.dumps([{"packTractionBatteryCode": CODE, **EXPECTED}])),
        ("a.jsonl", "\n" + json.dumps({"packTractionBatteryCode": CODE, **EXPECTED}) + "\n\n"),
    ],
)
def test_the_forms_of_a_file_say_the_same(read, name, content):
    (read_out,), faults = read(name, content)
    assert (read_out.keys, read_out.values, faults) == ({"packTractionBatteryCode": CODE}, EXPECTED, [])


def test_chinese_headings_in_an_old_encoding(read):
    indicators, times = load().indicators, load().terms
    headings = [indicators["packTractionBatteryCode"], times["recordedAt"], indicators["stateOfCharge"]]
    line = ",".join(each.label["zh"] for each in headings)
    (read_out,), faults = read("a.csv", f"{line}\n{CODE},2027-03-01T08:00:00Z,80\n".encode("gb18030"))
    assert (read_out.name, read_out.values["stateOfCharge"], faults) == (CODE, "80", [])


def test_a_cell_that_occurs_again_is_read_as_the_first_time(read):
    """Right and wrong ones: with its unit, full-width, no number, of another unit."""
    cells = [("80", "412"), ("80 %", "412.0"), ("８０", "many"), ("80 V", ""), ("80,5", "-1")]
    rows = [f'{CODE},2027-03-01T08:00:00Z,"{charge}",{cycles}\n' for charge, cycles in cells]
    alone = [read("a.csv", f"{HEAD}\n{UNITS}\n{row}") for row in rows]
    read_outs, faults = read("a.csv", f"{HEAD}\n{UNITS}\n" + "".join(rows) * 3)
    assert [each.values for each in read_outs] == [each.values for own, _ in alone for each in own] * 3
    assert [fault.code for fault in faults] == [fault.code for _, own in alone for fault in own] * 3


@each(("units", "row"), [(f"{UNITS}\n", 4), ("", 3)])
def test_a_fault_has_the_row_of_the_file(read, units, row):
    _, (fault,) = read("a.csv", f"{HEAD}\n{units}{ROW}\n,2027-03-01T08:00:00Z,80,\n")
    assert (fault.code, fault.location.row) == ("missing-key", row)


@each(
    ("head", "units", "code"),
    [
        (HEAD, ",,V,", "other-unit"),
        (f"{HEAD},colour", f"{UNITS},", "unknown-column"),
        (f"{HEAD},stateOfCharge", f"{UNITS},%", "duplicate-column"),
        ("recordedAt,stateOfCharge", ",%", "missing-column"),
    ],
)
def test_nothing_is_read_under_a_heading_that_is_at_fault(read, head, units, code):
    with pytest.raises(FaultyRecord) as refused:
        read("a.csv", f"{head}\n{units}\n{ROW}\n")
    assert [fault.code for fault in refused.value.faults] == [code]
    assert refused.value.exit_code == 2


def test_the_place_of_a_value(read):
    (read_out,), _ = read("a.csv", f"{HEAD}\n{ROW}\n")
    assert (read_out.locate("stateOfCharge").cell, read_out.locate(None).row) == ("C2", 2)
    (read_out,), _ = read("a.json", json.dumps([{"packTractionBatteryCode": CODE, **EXPECTED}]))
    assert read_out.locate("stateOfCharge").pointer == "/0/stateOfCharge"


@each(
    ("content", "code"),
    [
        ({"recordedAt": "2027-03-01T08:00:00Z", "stateOfCharge": "80"}, "missing-key"),
        ({"serialNumber": "A1", "stateOfCharge": "80"}, "missing-time"),
        ({"serialNumber": "A1", "recordedAt": "2027-03-01T08:00:00Z"}, "no-values"),
        ({"serialNumber": "A1", "recordedAt": "2027-03-01T08:00:00Z", "ratedEnergy": "80"}, "wrong-part"),
        ({"serialNumber": "A1", "recordedAt": "2027-03-01T08:00:00Z", "socc": "80"}, "unknown-indicator"),
        ({"serialNumber": "A1", "recordedAt": "2027-03-01T08:00:00Z", "stateOfCharge": None}, "empty-value"),
        ("a text", "malformed-record"),
    ],
)
def test_an_object_that_is_no_read_out_is_named(read, content, code):
    _, faults = read("a.json", json.dumps(content))
    assert code in [fault.code for fault in faults]


def test_a_broken_line_is_named_and_the_others_are_read(read):
    line = json.dumps({"serialNumber": "A1", **EXPECTED})
    read_outs, (fault,) = read("a.jsonl", f"{line}\n{{broken\n{line}\n")
    assert (len(read_outs), fault.code, fault.location.row) == (2, "malformed-record", 2)


def test_a_line_without_end_is_refused(read):
    with pytest.raises(UnreadableInput, match="line 2"):
        read("a.jsonl", b"{}\n" + b"[" * 1_000_100)


def test_an_unknown_format_is_refused(read):
    with pytest.raises(UsageError, match="known format"):
        read("a.pdf", b"")


def test_a_json_file_that_is_none_is_refused(read):
    with pytest.raises(MalformedDocument):
        read("a.json", b"{")


def test_an_encoding_that_changes_in_the_middle_is_refused(read):
    filler = "\n".join([ROW] * 30_000)
    with pytest.raises(UnreadableInput, match="encoding"):
        read("a.csv", f"{HEAD}\n{filler}\n".encode() + "荷电\n".encode("gb18030"))


@each(
    ("name", "line", "head"),
    [("a.csv", ROW, f"{HEAD}\n"), ("a.jsonl", json.dumps({"packTractionBatteryCode": CODE, **EXPECTED}), "")],
)
def test_a_block_is_forgotten_when_the_next_one_is_read(tmp_path, name, line, head):
    path = tmp_path / name
    path.write_text(head + f"{line}\n" * (2 * BLOCK + 1))
    blocks = read_blocks(path)
    read_outs, _ = next(blocks)
    first = weakref.ref(read_outs[0])
    assert first() is not None
    read_outs, _ = next(blocks)
    assert (first(), len(read_outs)) == (None, BLOCK)
