"""The sheet of batches: whose facts its rows are, and every fault by its cell."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import openpyxl
import pytest

from passport.battery.batch import identifier_of, made_up_batches
from passport.battery.record import Record
from passport.battery.record_json import from_json
from passport.errors import FaultyRecord, UsageError
from passport.exchange.spreadsheet import record_writer, workbook_reader
from tests.each import each

MODEL, PLANT, SHARE = "batteryModelIdentifier", "facilityIdentifier", "recycledNickelShare"
PACKS = [[MODEL, "serialNumber", "batch", "batchNumber"], [], ["M1", "S1", "B1"], ["M1", "S2", "B2"]]
BATCHES = [[MODEL, "batch", PLANT, SHARE], [], ["M1", "B1", "plant 1", "16"], ["M1", "B2", "plant 2", "17"]]
MODELS = [[MODEL], [], ["M1"], ["M2"]]


def book(**changed: list[list[Any]]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in {"models": MODELS, "batches": BATCHES, "packs": PACKS, **changed}.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def faults(**changed: list[list[Any]]) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(FaultyRecord) as refused:
        workbook_reader.read(book(**changed))
    return [(one.code, one.location.sheet, one.location.cell) for one in refused.value.faults]


def test_packs_of_one_model_have_the_facts_of_their_batches():
    first, second = workbook_reader.read(book())
    assert (first.batch_identifier, first.batch) == ("B1", {PLANT: "plant 1", SHARE: "16"})
    assert (second.batch_identifier, second.batch) == ("B2", {PLANT: "plant 2", SHARE: "17"})
    assert first.model == second.model == {MODEL: "M1"}
    assert (first.locate(SHARE).sheet, first.locate(SHARE).cell) == ("batches", "D3")
    assert (second.locate(SHARE).sheet, second.locate(SHARE).cell) == ("batches", "D4")


def test_an_empty_batch_is_that_of_the_batch_number():
    first, second = workbook_reader.read(book(packs=[PACKS[0], [], ["M1", "S1", None, "B2"], ["M1", "S2", "B1", "L9"]]))
    assert (first.batch_identifier, first.batch[SHARE], first.pack["batchNumber"]) == ("B2", "17", "B2")
    assert (second.batch_identifier, second.batch[SHARE], second.pack["batchNumber"]) == ("B1", "16", "L9")


def test_headings_may_be_in_chinese():
    rows = [["电池型号", "生产批次", "recycledNickelShare"], [], ["M1", "B1", "16"]]
    rows[0][0] = MODEL
    (record,) = workbook_reader.read(
        book(batches=rows, packs=[[MODEL, "serialNumber", "生产批次"], [], ["M1", "S1", "B1"]])
    )
    assert record.batch == {SHARE: "16"} and record.batch_identifier == "B1"


def test_what_the_model_says_of_the_batch_is_said_of_each():
    models = [[MODEL, "renewableContentShare"], [], ["M1", "3"]]
    assert [one.batch["renewableContentShare"] for one in workbook_reader.read(book(models=models))] == ["3", "3"]


def test_a_batch_that_nobody_describes_is_refused():
    assert faults(packs=[*PACKS, ["M1", "S3", "B3"]]) == [("unknown-batch", "packs", "C5")]


def test_a_batch_of_another_model_is_refused():
    assert faults(packs=[*PACKS, ["M2", "S3", "B1"]]) == [("batch-of-other-model", "packs", "C5")]


def test_a_pack_without_a_batch_is_refused_where_its_model_has_batches():
    assert faults(packs=[*PACKS, ["M1", "S3", None, "other"]]) == [("missing-batch", "packs", "C5")]
    # Of the other model no batch is known at all: its pack has none, or one of its plant and year.
    assert len(workbook_reader.read(book(packs=[*PACKS, ["M2", "S3"]]))) == 3


def test_a_batch_without_packs_is_named():
    content = book(batches=[*BATCHES, ["M1", "B3", "plant 3", "18"]], models=[[MODEL], [], ["M1"]])
    records, (loss,) = workbook_reader.read_tolerantly(content)
    assert len(records) == 2
    assert (loss.code, loss.severity, loss.location.sheet, loss.location.cell) == (
        "batch-without-pack",
        "loss",
        "batches",
        "B5",
    )


def test_a_batch_that_is_described_twice_is_refused():
    assert faults(batches=[*BATCHES, ["M1", "B1", "plant 3", "18"]]) == [("duplicate-batch", "batches", "B5")]


@each("identifier", ["A" * 21, "甲批", "A/B", ".."])
def test_an_identifier_that_no_address_can_carry_is_refused(identifier):
    rows = [*BATCHES, ["M1", identifier, "plant 3", "18"]]
    assert ("malformed-batch", "batches", "B5") in faults(batches=rows, packs=[*PACKS, ["M1", "S3", "B1"]])


def test_a_batch_row_without_its_model_or_its_name_is_refused():
    assert faults(batches=[*BATCHES, [None, "B3", "plant 3"]]) == [("missing-key", "batches", "A5")]
    assert faults(batches=[*BATCHES, ["M1", None, "plant 3"]]) == [("missing-key", "batches", "B5")]


def test_a_batch_of_a_model_that_nobody_describes_is_refused():
    assert faults(batches=[*BATCHES, ["M9", "B9", "plant 3"]]) == [("unknown-model", "batches", "A5")]


def test_a_column_batch_without_a_sheet_of_batches_is_refused():
    made = openpyxl.load_workbook(io.BytesIO(book()))
    made.remove(made["batches"])
    buffer = io.BytesIO()
    made.save(buffer)
    with pytest.raises(FaultyRecord) as refused:
        workbook_reader.read(buffer.getvalue())
    assert {one.code for one in refused.value.faults} == {"unknown-batch"}


def test_a_batch_that_contradicts_its_model_is_refused():
    models = [[MODEL, SHARE], [], ["M1", "16.0"]]
    assert faults(models=models) == [("two-values", "batches", "D4")]


def test_a_fact_of_the_batch_on_the_sheet_of_packs_is_sent_to_the_batches():
    with pytest.raises(FaultyRecord) as refused:
        workbook_reader.read(book(packs=[[*PACKS[0], SHARE], [], ["M1", "S1", "B1", None, "1"], ["M1", "S2", "B2"]]))
    assert "batches" in refused.value.faults[0].expected


def test_batches_that_are_written_read_back():
    records = workbook_reader.read(book())
    assert workbook_reader.read(record_writer.write(None, records)) == records


def test_two_batches_without_names_are_written_under_the_names_they_get():
    records = [
        Record(None, {MODEL: "M1", PLANT: plant}, {"serialNumber": plant, "manufacturingDate": "2026-07-20"})
        for plant in ("plant 1", "plant 2")
    ]
    back = workbook_reader.read(record_writer.write(None, records))
    assert [one.batch_identifier for one in back] == [identifier_of(one) for one in records]
    assert [one.batch for one in back] == [one.batch for one in records]


def test_two_contents_of_one_batch_cannot_be_written():
    first, _ = workbook_reader.read(book())
    second = replace(first, pack={"serialNumber": "S9"}, batch={PLANT: "elsewhere"})
    with pytest.raises(UsageError, match="two batches are called B1"):
        record_writer.write(None, [first, second])


def test_values_given_with_the_model_form_a_batch_that_the_report_names():
    models = [[MODEL, PLANT], [], ["M1", "plant 1"]]
    packs = [[MODEL, "serialNumber", "manufacturingDate"], [], ["M1", "S1", "2026-07-20"], ["M1", "S2", "2026-07-21"]]
    made = openpyxl.load_workbook(io.BytesIO(book(models=models, packs=packs)))
    made.remove(made["batches"])
    buffer = io.BytesIO()
    made.save(buffer)
    records = workbook_reader.read(buffer.getvalue())
    (notice,) = made_up_batches(records)
    assert notice.severity == "info" and identifier_of(records[0]) in notice.message
    assert made_up_batches(workbook_reader.read(book())) == ()


# --- JSON -----------------------------------------------------------------------------------------------------------


def document(**parts: Any) -> dict[str, Any]:
    return {"model": {MODEL: "M1"}, "pack": {"serialNumber": "S1"}, **parts}


def test_a_json_record_has_a_part_for_the_batch():
    record = from_json(document(batch={"identifier": "B1", PLANT: "plant 1"}), "a.json")
    assert (record.batch_identifier, record.batch) == ("B1", {PLANT: "plant 1"})
    assert record.locate(PLANT).pointer == "/batch/facilityIdentifier"


def test_a_json_record_of_the_old_form_has_its_batch_with_the_model():
    record = from_json(document(model={MODEL: "M1", PLANT: "plant 1"}), "a.json")
    assert (record.model, record.batch, record.batch_identifier) == ({MODEL: "M1"}, {PLANT: "plant 1"}, None)
    assert record.locate(PLANT).pointer == "/model/facilityIdentifier"


@each(
    ("parts", "code", "pointer"),
    [
        ({"batch": {"identifier": "A" * 21}}, "malformed-batch", "/batch/identifier"),
        ({"batch": {"identifier": 17}}, "malformed-batch", "/batch/identifier"),
        ({"batch": {"nominalVoltage": "1"}}, "wrong-part", "/batch/nominalVoltage"),
        ({"batch": []}, "malformed-record", "/batch"),
        ({"pack": {"serialNumber": "S1", PLANT: "p"}}, "wrong-part", "/pack/facilityIdentifier"),
        ({"model": {MODEL: "M1", PLANT: "p"}, "batch": {PLANT: "q"}}, "two-values", "/model/facilityIdentifier"),
    ],
)  # fmt: skip
def test_a_json_record_is_refused_for(parts, code, pointer):
    with pytest.raises(FaultyRecord) as refused:
        from_json(document(**parts), "a.json")
    assert [(one.code, one.location.pointer) for one in refused.value.faults] == [(code, pointer)]
