"""One pack between two regimes: described in Chinese terms alone it becomes a complete EU passport, and the way back.

The pack is the EV example. Its Chinese description is a workbook whose sheets and headings are the names that the
Chinese side uses, and which holds nothing that only the EU asks for.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import openpyxl
import pytest

from passport.battery.merge import merge
from passport.battery.record import Record
from passport.battery.record_json import from_json
from passport.exchange import en18223, peer_format
from passport.exchange.records import record_files
from passport.exchange.spreadsheet import record_writer
from passport.exchange.spreadsheet.layout import Layout
from passport.validation.record_intake import judge
from passport.vocabulary.vocabulary import Category, load, regimes
from tests.packs import CHINESE_FOOTPRINT

ON = date(2027, 2, 18)
EU, CN = (regimes()[code].obligations(Category.EV) for code in ("eu", "cn"))
SHARED = sorted(EU.keys() & CN.keys())
#: What says which model and pack this is, in any description.
KEYS = {"batteryModelIdentifier", "packTractionBatteryCode", "serialNumber", "batteryCategory", "gtin"}


def part(record: Record, names) -> Record:
    """What of a record is said by some indicators; a read-out goes with the first of its values."""
    model, batch, pack, condition = (
        {name: value for name, value in (values or {}).items() if name in names or name in KEYS}
        for values in (record.model, record.batch, record.pack, record.condition)
    )
    if condition:
        condition = {name: record.condition[name] for name in ("recordedAt", "statusChangedAt")} | condition
    events = {stage: {name: value for name, value in values.items() if name in names}
              for stage, values in record.events.items()}  # fmt: skip
    return replace(record, model=model, batch=batch, pack=pack, condition=condition or None,
                   events={stage: values for stage, values in events.items() if values})  # fmt: skip


def state(record: Record, code: str):
    return judge(record, [regimes()[code]], on=ON)[1].regimes[code]


@pytest.fixture(scope="module")
def whole(examples) -> Record:
    document = json.loads((examples / "ev-ncm-100kwh.json").read_text("utf-8"))
    document["model"] |= CHINESE_FOOTPRINT
    return from_json(document, "ev.json")


@pytest.fixture
def chinese_workbook(whole, tmp_path):
    """The pack in Chinese terms alone: sheets, headings and content."""
    path = tmp_path / "电池包.xlsx"
    record_writer.write(path, [part(whole, CN)], language="zh")
    book, layout = openpyxl.load_workbook(path), Layout(load())
    for sheet in book:
        for cell in sheet[1]:
            label, dot, field = str(cell.value).partition(".")
            indicator = load().by_heading(label)
            if indicator is not None and indicator.cn is not None:
                name = indicator.cn.label["zh"]
                # Where two indicators share a Chinese name our own label tells them apart.
                cell.value = f"{name}{dot}{field}" if load().by_heading(name) is indicator and not dot else cell.value
        sheet.title = layout.sheets[sheet.title].labels[-1]
    book.save(path)
    return path


def test_the_chinese_description_is_chinese_alone(chinese_workbook):
    book = openpyxl.load_workbook(chinese_workbook)
    headings = [str(cell.value) for sheet in book for cell in sheet[1]]
    plain = {heading.partition("（")[0] for heading in headings}
    assert {"电池包标称电压", "动力电池包编码", "电池包额定容量", "统一社会信用代码"} <= plain
    assert all(any("\u4e00" <= character <= "\u9fff" for character in heading) for heading in headings), headings
    assert all(any("\u4e00" <= character <= "\u9fff" for character in sheet.title) for sheet in book)


def test_a_pack_in_chinese_terms_is_complete_there_and_has_named_gaps_in_the_eu(chinese_workbook, whole):
    (record,) = record_files.read_records(chinese_workbook)
    assert state(record, "cn").complete
    eu = state(record, "eu")
    assert not eu.complete
    assert eu.missing > 30 and eu.malformed == 0
    assert set(eu.missing_indicators) <= EU.keys() - CN.keys()


def test_with_the_gaps_filled_it_is_a_complete_eu_passport(chinese_workbook, whole):
    (record,) = record_files.read_records(chinese_workbook)
    gaps = set(state(record, "eu").missing_indicators)
    (filled,) = merge([[record], [part(whole, gaps)]])
    report = judge(filled, [regimes()["eu"], regimes()["cn"]], on=ON)[1]
    assert report.regimes["eu"].complete and report.regimes["cn"].complete
    assert [fault.code for fault in report.faults if fault.severity == "violation"] == []
    assert peer_format.same(filled.value("manufacturingDate"), whole.value("manufacturingDate"))


def test_the_way_back_from_an_eu_passport_to_a_complete_chinese_record(whole):
    document = en18223.write(part(whole, EU)).document
    record = en18223.read(json.loads(json.dumps(document))).record
    assert state(record, "cn").missing_indicators
    # Year and month came with the passport; the day is the maker's to say.
    assert "manufacturingDate" in state(record, "cn").missing_indicators
    gaps = {"manufacturingDate", *(CN.keys() - EU.keys())}
    (filled,) = merge([[record], [part(whole, gaps)]])
    assert state(filled, "cn").complete and state(filled, "eu").complete
    assert filled.value("manufacturingDate") == "2026-06-18"


@pytest.mark.parametrize("indicator", SHARED)
def test_both_views_agree_on_what_they_share(indicator, whole):
    chinese = part(whole, CN).value(indicator)
    european = en18223.read(en18223.write(part(whole, EU)).document).record.value(indicator)
    if indicator == "manufacturingDate":
        assert chinese == "2026-06-18" and european is None
        assert en18223.write(whole).document["basic"][indicator] == chinese[:7]
        return
    assert peer_format.same(chinese, european) if chinese is not None else european is None


def test_a_day_is_never_made_of_a_month(whole):
    document = en18223.write(whole).document
    reading = en18223.read(document)
    assert reading.record.value("manufacturingDate") is None
    assert "no-day" in [fault.code for fault in reading.faults]


def test_the_regimes_share_indicators_and_each_has_its_own():
    assert len(SHARED) >= 20
    assert CN.keys() - EU.keys() and EU.keys() - CN.keys()
    traceability = {i.id for i in load().indicators.values() if i.dimension.id == "traceability"}
    assert traceability & EU.keys() == set()
