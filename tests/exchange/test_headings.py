"""Columns by the terms of the EU, of the Chinese digital ID and of the battery ID; a name that two have is refused."""

from __future__ import annotations

import io

import openpyxl
import pytest

from passport.errors import FaultyRecord
from passport.exchange.spreadsheet import workbook_reader
from passport.exchange.spreadsheet.layout import Layout, folded
from passport.texts import say
from passport.vocabulary.vocabulary import load
from tests.each import each


def book(headings: list[str], values: list, *, packs: tuple[list, list] | None = None) -> bytes:
    made = openpyxl.Workbook()
    models, sheet = made.active, made.create_sheet("packs")
    models.title = "models"
    for row in (["batteryModelIdentifier", *headings], [], ["M1", *values]):
        models.append(row)
    for row in packs or (["batteryModelIdentifier", "serialNumber"], ["M1", "S1"]):
        sheet.append(row)
        if row[0] != "M1":
            sheet.append([])
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


@each(
    ("heading", "indicator"),
    [
        ("电池包标称电压", "nominalVoltage"), ("Nominal voltage", "nominalVoltage"),
        ("电池单体生产企业名称", "cellManufacturerName"),
        ("再生镍比例 (%) 及核算说明", "recycledNickelShare"),
        ("Recycled content:  nickel share", "recycledNickelShare"), ("产品碳足迹及核算说明", "chinaCarbonFootprint"),
        ("标称电压\nNominal voltage", "nominalVoltage"),
    ],
)  # fmt: skip
def test_a_column_is_known_by_the_term_of_either_side(heading, indicator):
    (record,) = workbook_reader.read(book([heading], ["12.5"]))
    assert record.value(indicator) in ("12.5", ["12.5"])


def test_the_pack_code_is_known_by_its_chinese_name_because_that_means_it_exactly():
    # "动力电池包编码" is near to the battery identifier and exactly the pack's code.
    code = "ZZZPE10A7K2M05G6J0000317"
    (record,) = workbook_reader.read(book([], [], packs=(["batteryModelIdentifier", "动力电池包编码"], ["M1", code])))
    assert record.pack == {"packTractionBatteryCode": code}


def test_a_field_stands_below_the_foreign_name_of_its_indicator():
    (record,) = workbook_reader.read(book(["化学成分.shortName", "Battery chemistry.化学体系全称"], ["NMC", "镍钴锰"]))
    assert record.model["batteryChemistry"] == {"shortName": "NMC", "clearName": "镍钴锰"}


def test_a_sheet_of_a_list_is_known_by_its_foreign_name_cut_off_as_programs_do():
    layout = Layout(load())
    term = load().indicators["maximumChargingPower"].eu.label["en"]
    assert layout.sheet(term[:31]).name == "maximumChargingPower"
    assert layout.sheet("功率限制及相关温度范围").name == "maximumChargingPower"


@each(
    ("heading", "candidates"),
    [
        ("Batch or serial number", ("batchNumber", "serialNumber")),
        ("正极材料", ("cathodeActiveMaterial", "batteryChemistry")),
    ],
)
def test_a_name_that_two_indicators_have_is_refused_with_both(heading, candidates):
    with pytest.raises(FaultyRecord) as refused:
        workbook_reader.read(book([heading], ["x"]))
    (fault,) = refused.value.faults
    assert (fault.code, fault.location.cell) == ("ambiguous-column", "B1")
    assert all(candidate in fault.expected for candidate in candidates)
    assert say(fault.message, "en") != say(fault.message, "zh")


def test_no_foreign_name_takes_a_column_from_the_indicator_whose_own_name_it_is():
    vocabulary = load()
    for indicator in vocabulary.indicators.values():
        for name in (indicator.id, *indicator.label.values()):
            assert vocabulary.by_heading(name) is indicator
        for name in vocabulary.foreign_names(indicator):
            assert vocabulary.by_heading(name) is indicator
    for sheet in Layout(vocabulary).sheets.values():
        owners: dict[str, str] = {}
        for column in sheet.columns.values():
            for spelling in (*sheet.own_spellings(column), *sheet.foreign_spellings(column)):
                owner = owners.setdefault(folded(spelling), column.heading)
                assert sheet.column(spelling) is sheet.columns[owner]


def test_every_printed_name_of_the_battery_id_leads_to_its_indicator():
    vocabulary = load()
    named = [one for one in vocabulary.indicators.values() if one.catarc]
    assert len(named) == 19
    assert all(vocabulary.by_heading(one.catarc) is one for one in named)
