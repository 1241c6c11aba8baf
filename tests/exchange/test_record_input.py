"""Inputs in chunks: whichever way a file is read, the same packs and the same faults come out of it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from passport.battery.fault import Fault
from passport.errors import FaultyRecord
from passport.exchange import formats
from passport.exchange.records import record_files, record_input
from passport.exchange.records.record_input import RecordInput, open_input
from passport.exchange.spreadsheet import staged_tables

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
ON = date(2026, 11, 29)


@pytest.fixture
def workbook(tmp_path) -> Callable[..., Path]:
    """A workbook of so many bicycle packs, edited if so wished."""

    def write(packs: int, edit: Callable[[openpyxl.Workbook], None] = lambda book: None, name="packs.xlsx") -> Path:
        book = openpyxl.load_workbook(EXAMPLES / "lmt-ebike.xlsx")
        for sheet in book:
            headings = [cell.value for cell in sheet[1]]
            if "serialNumber" not in headings:
                continue
            rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)]
            sheet.delete_rows(3, len(rows))
            at = 3
            # The rows of other sheets come in another order than the packs.
            for number in range(packs) if sheet.title == "packs" else reversed(range(packs)):
                for row in copy.deepcopy(rows):
                    row[headings.index("serialNumber")] = f"EB{number:04}"
                    if "batteryPassportIdentifier" in headings:
                        identifier = f"urn:uuid:00000000-0000-4000-8000-{number:012}"
                        row[headings.index("batteryPassportIdentifier")] = identifier
                    put_row(sheet, at, row)
                    at += 1
        edit(book)
        path = tmp_path / name
        book.save(path)
        return path

    return write


def put_row(sheet, number: int, values: list) -> None:
    for column, value in enumerate(values, 1):
        sheet.cell(number, column).value = value


@pytest.fixture
def staged(tmp_path, monkeypatch) -> Callable[[Path], RecordInput]:
    """Opens an input as if it were large, in chunks of three packs."""
    monkeypatch.setattr(record_input, "STAGED_FROM", 0)
    monkeypatch.setattr(staged_tables, "CHUNK", 3)
    staged_tables.tables_of.cache_clear()
    return lambda path: open_input([path], None, merge=False, on=ON, staging=tmp_path / "staging")


def read(records: RecordInput) -> tuple[list, list[Fault]]:
    """The records, and every fault once, in any order."""
    items, faults = [], {}
    for chunk in records.chunks():
        content = chunk.read()
        assert len(content.items) == chunk.size
        items += content.items
        faults |= dict.fromkeys(content.common)
        for item in content.items:
            faults |= dict.fromkeys(item.faults)
    return [item.record for item in items if item.record is not None], list(faults)


def whole(path: Path) -> tuple[list, list[Fault]]:
    records, faults = record_files.read(path)
    return list(records), list(dict.fromkeys(faults))


def test_a_large_workbook_is_read_like_a_small_one(workbook, staged, tmp_path):
    path = workbook(8)
    records, faults = read(staged(path))
    assert (records, faults) == whole(path)
    assert len(records) == 8
    folder = next((tmp_path / "staging").iterdir())
    assert folder.stat().st_mode & 0o077 == 0 and len(list(folder.glob("*.rows"))) == 3


def spoiled(book: openpyxl.Workbook) -> None:
    """Faults of a pack, of a list, of a model; rows of nobody; a model of which there is no pack."""
    packs, conditions = book["packs"], book["conditions"]
    headings = [cell.value for cell in packs[1]]
    packs.cell(7, headings.index("manufacturingDate") + 1).value = "=1/0"
    conditions.cell(4, [cell.value for cell in conditions[1]].index("serialNumber") + 1).value = "EB9999"
    models = book["models"]
    put_row(models, 4, [cell.value for cell in models[3]])
    models.cell(4, [cell.value for cell in models[1]].index("batteryModelIdentifier") + 1).value = "OTHER-1"
    lists = next(sheet for sheet in book if sheet.title not in ("models", "packs", "conditions", "batches", "notes"))
    put_row(lists, lists.max_row + 1, ["nobody"])


def kinds(faults: list[Fault]) -> set[tuple]:
    return {(fault.code, fault.severity, fault.location.sheet, fault.location.row) for fault in faults}


def test_the_faults_of_a_large_workbook_are_those_of_a_small_one(workbook, staged):
    path = workbook(8, spoiled)
    records, faults = read(staged(path))
    right_records, right_faults = whole(path)
    assert records == right_records
    assert kinds(faults) == kinds(right_faults)
    assert {"unknown-pack", "model-without-pack"} <= {fault.code for fault in faults}


@pytest.mark.parametrize("way", ["small", "large"])
def test_sheets_that_are_full_go_on_in_others(workbook, staged, way):
    def divide(book: openpyxl.Workbook) -> None:
        for title in ("packs", "conditions"):
            more = book.create_sheet(f"{title} 2")
            for number in (1, 2):
                put_row(more, number, [cell.value for cell in book[title][number]])
            for number, row in enumerate(book[title].iter_rows(min_row=6), 3):
                put_row(more, number, [cell.value for cell in row])
            book[title].delete_rows(6, 100)

    together, divided = workbook(8), workbook(8, divide, "divided.xlsx")
    records, faults = read(staged(divided)) if way == "large" else whole(divided)
    assert (records, faults) == whole(together)
    assert records[5].locate("pack").sheet == "packs 2" and records[5].locate("pack").row == 5


def test_a_second_sheet_of_one_kind_without_a_number_is_refused(workbook):
    def second(book: openpyxl.Workbook) -> None:
        more = book.create_sheet("电池包")
        for number, row in enumerate(book["packs"].iter_rows(), 1):
            put_row(more, number, [cell.value for cell in row])

    with pytest.raises(FaultyRecord, match="a second sheet of one kind"):
        whole(workbook(2, second))


def test_a_folder_of_large_tables_is_read_like_a_workbook(workbook, staged, tmp_path):
    records = record_files.read_records(workbook(5))
    folder = tmp_path / "tables"
    folder.mkdir()
    for name, data in formats.write("csv", records).files.items():
        (folder / name).write_bytes(data)
    assert read(staged(folder)) == whole(folder)
    assert len(whole(folder)[0]) == 5


def test_a_pack_of_an_unknown_model_is_not_lost(workbook, staged):
    def rename(book: openpyxl.Workbook) -> None:
        headings = [cell.value for cell in book["packs"][1]]
        for row in (4, 5):
            book["packs"].cell(row, headings.index("batteryModelIdentifier") + 1).value = "NONE-1"

    items = [item for chunk in staged(workbook(4, rename)).chunks() for item in chunk.read().items]
    assert [item.record is None for item in items] == [False, True, True, False]
    assert all("unknown-model" in {fault.code for fault in item.faults} for item in items[1:3])


def test_a_staged_input_is_staged_once_and_anew_when_the_file_has_changed(workbook, staged, monkeypatch):
    path = workbook(4)
    first = list(staged(path).chunks())
    with monkeypatch.context() as patch:
        patch.setattr(staged_tables, "_Staging", None)
        assert list(staged(path).chunks()) == first
    workbook(5)
    assert sum(chunk.size for chunk in staged(path).chunks()) == 5


def test_what_was_staged_is_gone_when_the_input_was_issued(workbook, staged, tmp_path):
    records = staged(workbook(4))
    assert list(records.chunks()) and list((tmp_path / "staging").iterdir())
    records.clear()
    assert list((tmp_path / "staging").iterdir()) == []


def test_chunks_go_on_from_where_any_of_them_ends(workbook, staged, tmp_path, monkeypatch):
    monkeypatch.setattr(record_input, "CHUNK", 2)
    records = record_files.read_records(workbook(7))
    lines = tmp_path / "packs.jsonl"
    lines.write_bytes(b"".join(formats.write("json", [record]).files.popitem()[1].replace(b"\n", b"") + b"\n\n"
                               for record in records))  # fmt: skip
    small = open_input([workbook(7), lines], None, merge=False, on=ON)
    for inputs in (staged(workbook(7)), small):
        chunks = list(inputs.chunks())
        for number, chunk in enumerate(chunks):
            assert list(inputs.chunks(chunk.end)) == chunks[number + 1 :]
        assert [chunk.begin.number for chunk in chunks] == list(range(len(chunks)))
        assert [chunk.begin.first for chunk in chunks] == [
            sum(each.size for each in chunks[:number]) for number in range(len(chunks))
        ]
