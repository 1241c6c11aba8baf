"""Workbooks that are written: they read back as they were, and what no cell can hold is refused."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.battery.identifiers.record_address import addressed
from passport.battery.plain_value import refusal
from passport.battery.record import Record
from passport.battery.record_json import from_json
from passport.errors import UsageError
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import record_writer, workbook_reader
from passport.exchange.spreadsheet.layout import Layout, folded
from passport.vocabulary.vocabulary import Category, Datatype, ObligationStatus, load, regimes
from tests.conftest import example_count
from tests.each import each
from tests.packs import CHINESE_FOOTPRINT

PACKS = ("ev-ncm-100kwh", "stationary-lfp", "lmt-ebike")
MODEL = "batteryModelIdentifier"


@pytest.fixture(scope="module")
def records(examples: Path) -> dict[str, Record]:
    return {name: from_json(json.loads((examples / f"{name}.json").read_text("utf-8")), name) for name in PACKS}


@each("language", [None, "en", "zh"])
@each("name", PACKS)
def test_an_example_pack_comes_back_from_its_workbook_unchanged(records, name, language):
    assert workbook_reader.read(record_writer.write(None, [records[name]], language=language)) == (records[name],)


def test_three_models_share_one_workbook(records):
    assert workbook_reader.read(record_writer.write(None, records.values())) == tuple(records.values())


def test_the_same_records_give_the_same_bytes(records, tmp_path):
    one = record_writer.write(tmp_path / "a.xlsx", [records["lmt-ebike"]])
    assert one == record_writer.write(None, [records["lmt-ebike"]]) == (tmp_path / "a.xlsx").read_bytes()


def test_every_cell_of_an_example_can_be_found_again(records):
    (record,) = workbook_reader.read(record_writer.write(None, [records["ev-ncm-100kwh"]]))
    for part in (record.model, record.pack, record.condition, *record.events.values()):
        for indicator, value in part.items():
            entries = value if isinstance(value, list) else [value]
            for n, entry in enumerate(entries):
                fields = load().indicators[indicator].fields if indicator in load().indicators else ()
                for field in entry if fields else [None]:
                    place = record.locate(indicator, n, field)
                    assert place.cell
                    assert (field or indicator) in place.heading.split(".")


def test_a_form_has_a_column_for_everything_that_is_due_when_a_battery_is_made():
    form = openpyxl.load_workbook(io.BytesIO(record_writer.write(None, [], form=True, language="zh")))
    headings = {folded(str(cell.value)) for sheet in form for cell in sheet[1] if cell.value}
    sheets = {folded(name) for name in form.sheetnames}
    for indicator in load().indicators.values():
        if indicator.carrier.value == "event" and indicator.stage.value != "production":
            continue
        label = folded(indicator.label["zh"])
        assert label in headings or folded(indicator.id) in sheets or any(h.startswith(f"{label}.") for h in headings)
    assert form["models"]["A1"].value == "电池型号"


def test_text_that_looks_like_a_formula_is_text_on_the_way_out_and_back():
    record = Record(Category.EV, {MODEL: "M", "manufacturerName": "=1+1"}, {"serialNumber": "-1"})
    data = record_writer.write(None, [record])
    assert openpyxl.load_workbook(io.BytesIO(data))["models"]["B3"].data_type != "f"
    assert workbook_reader.read(data)[0].model["manufacturerName"] == "=1+1"


@each("value", [1.5, None, ["a\nb", "c"], "\x00"])
def test_a_value_that_no_cell_can_hold_is_refused(value):
    record = Record(None, {MODEL: "M", "registeredTrademark": value}, {"serialNumber": "S"})
    with pytest.raises(UsageError, match="registeredTrademark"):
        record_writer.write(None, [record])


def test_a_workbook_is_not_written_into_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(UsageError, match="packs.xlsx cannot be written"):
        record_writer.write(tmp_path / "absent" / "packs.xlsx", [], form=True)


def test_a_workbook_of_nothing_is_refused():
    with pytest.raises(UsageError, match="nothing to write"):
        record_writer.write(None, [])


def test_two_contents_of_one_model_are_refused():
    packs = [Record(None, {MODEL: "M", "batteryMass": mass}, {"serialNumber": mass}) for mass in ("1", "2")]
    with pytest.raises(UsageError, match="two models are called M"):
        record_writer.write(None, packs)


def says_something(text: str) -> bool:
    """Whether readers take a text for a value: not "xxx", "none" or a shortened number, which they refuse."""
    return refusal(text, load().indicators["batteryModelIdentifier"]) is None


LINES = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=12).filter(says_something)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False).map(lambda number: format(number, "f")) | st.from_regex(
    r"-?[0-9]{1,20}(\.[0-9]{1,20})?", fullmatch=True
)
VALUES = {
    Datatype.STRING: LINES,
    Datatype.ANY_URI: LINES,
    Datatype.DURATION: st.just("PT10S"),
    Datatype.ENUM: st.text("abcxyz-", min_size=1).filter(says_something),
    Datatype.DECIMAL: DECIMALS.filter(lambda text: Decimal(text) not in (Decimal("-9999"), Decimal("-9.999"))),
    Datatype.BOOLEAN: st.booleans(),
    Datatype.INTEGER: st.integers(-(10**15), 10**15),
    Datatype.DATE: st.dates().map(str),
    Datatype.DATE_TIME: st.datetimes(timezones=st.just(None)).map(lambda at: f"{at.isoformat()}Z"),
    Datatype.LANG_STRING: st.dictionaries(st.sampled_from(["en", "zh", "zh-hant", "de"]), LINES, min_size=1),
}


@st.composite
def handed_in(draw) -> Record:
    parts: dict[str, dict] = {"model": {MODEL: draw(LINES)}, "pack": {"serialNumber": draw(LINES)}, "condition": {}}
    names = draw(
        st.lists(
            st.sampled_from([i for i in load().indicators.values() if i.carrier.value != "event"]),
            unique_by=lambda indicator: indicator.id,
            max_size=6,
        )
    )
    for indicator in names:
        part = "pack" if indicator.carrier.about_pack else "model"
        part = "condition" if indicator.carrier.value == "condition" else part
        if indicator.fields:
            own = draw(st.lists(st.sampled_from(indicator.fields), unique_by=lambda field: field.name, min_size=1))
            one = st.fixed_dictionaries(
                {
                    field.name: st.lists(VALUES[field.datatype], min_size=1, max_size=2)
                    if field.repeatable
                    else VALUES[field.datatype]
                    for field in own
                }
            )
        else:
            one = VALUES[indicator.datatype]
        value = draw(st.lists(one, min_size=1, max_size=3) if indicator.repeatable else one)
        parts[part].setdefault(indicator.id, value)
    if parts["condition"]:
        parts["condition"]["recordedAt"] = "2026-11-16T08:30:00Z"
    batch = draw(st.none() | st.sampled_from(["B1", "2026-07-A", "%"]))
    return Record(None, parts["model"], parts["pack"], parts["condition"] or None, batch_identifier=batch)


@settings(max_examples=example_count(30), deadline=None)
@given(handed_in())
def test_every_record_that_can_be_written_reads_back_to_itself(record):
    (back,) = workbook_reader.read(record_writer.write(None, [record]))
    assert (back.model, back.pack, back.condition) == (record.model, record.pack, record.condition)


def test_no_two_columns_of_a_sheet_answer_to_one_heading():
    for sheet in Layout(load()).sheets.values():
        owners: dict[str, str] = {}
        for column in sheet.columns.values():
            for spelling in sheet.own_spellings(column):
                assert owners.setdefault(folded(spelling), column.heading) == column.heading
                assert sheet.column(spelling) is column


# --- the workbooks of the project -----------------------------------------------------------------------------------

EXAMPLES = Path(__file__).parents[2] / "examples"


@each("name", PACKS)
def test_the_example_workbooks_hold_what_their_descriptions_say(records, name):
    ((record,), faults) = record_files.read(EXAMPLES / f"{name}.xlsx")
    assert not faults
    assert "batteryIdentifier" not in record.pack, "it depends on the base URL"
    described = records[name]
    left_out = {"remainingCapacity", "remainingPowerCapability"} if described.category == "ev" else set()
    condition = {key: value for key, value in described.condition.items() if key not in left_out}
    footprints = {"carbonFootprintMethod": "eu-jrc-2023", "carbonFootprintBoundary": "partial", **CHINESE_FOOTPRINT}
    batch = described.batch | (footprints if described.category == "ev" else {})
    assert addressed(record, "https://passport.example.com") == replace(
        described, batch=batch, batch_identifier=record.pack["batchNumber"], condition=condition
    )


def test_the_example_of_an_electric_vehicle_leaves_out_what_is_not_to_be_filled():
    ((record,), _) = record_files.read(EXAMPLES / "ev-ncm-100kwh.xlsx")
    eu = regimes()["eu"].obligations(record.category)
    filled = {name for part in (record.model, record.batch, record.pack, record.condition) for name in part}
    forbidden = {name for name, duty in eu.items() if duty.status is ObligationStatus.NOT_TO_BE_FILLED}
    assert {"remainingCapacity", "remainingPowerCapability"} <= forbidden
    assert not forbidden & filled


def test_the_example_workbooks_are_what_their_script_makes(records, examples, tmp_path):
    space: dict = {"__name__": "make_workbooks"}
    exec((EXAMPLES / "make_workbooks.py").read_text("utf-8"), space)
    space["make"](examples, tmp_path)
    for name in PACKS:
        with zipfile.ZipFile(tmp_path / f"{name}.xlsx") as made, zipfile.ZipFile(EXAMPLES / f"{name}.xlsx") as kept:
            # Compression may differ between machines; what is compressed may not.
            assert made.namelist() == kept.namelist()
            assert all(made.read(part) == kept.read(part) for part in made.namelist())
