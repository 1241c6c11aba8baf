"""The battery ID profile: its shape, its sets beside the published counts, and every printed row cell by cell."""

from __future__ import annotations

import csv
from pathlib import Path

from passport.vocabulary.profile import PrintedRow, battery_id
from passport.vocabulary.vocabulary import Audience, Category, ObligationStatus, load, regimes
from tests.conftest import skip_unless
from tests.each import each

# id: module | name | EU name en | EU name zh | CN name | disclosure | S or D
PRINTED = """
registeredTrademark|manufacturer|注册商标名称|Manufacturer information: registered trade name or trade mark|注册商品名或注册商标|/|/|S
cellManufacturerName|manufacturer|电芯制造商名称|/|/|电池单体生产企业名称|公众|S
batteryIdentifier|basic|电池编码|Battery identifier|电池编码|动力电池包编码|公众|S
manufacturingDate|basic|生产日期|Manufacturing date|生产日期|生产日期|公众|S
nominalVoltage|performance|标称电压|Nominal voltage|标称电压|电池包标称电压|公众|S
maximumChargingPower|performance|最大充电功率|Power limits (charging), with temperature range when relevant|功率限制及相关温度范围|/|公众|S
batteryChemistry|materials|化学体系|Battery chemistry|化学成分|正极材料|公众|S
recycledNickelShare|materials|再生镍使用比例|Recycled content: nickel share|再生镍使用比例|再生镍比例 (%) 及核算说明|公众|S
recycledCobaltShare|materials|再生钴使用比例|Recycled content: cobalt share|再生钴使用比例|再生钴比例 (%) 及核算说明|公众|S
recycledLithiumShare|materials|再生锂使用比例|Recycled content: lithium share|再生锂使用比例|再生锂比例 (%) 及核算说明|公众|S
batteryCarbonFootprint|carbonFootprint|电池碳足迹|Battery carbon footprint per Functional Unit|电池碳足迹|产品碳足迹及核算说明|公众|S
carbonFootprintPerformanceClass|carbonFootprint|碳足迹性能等级|Carbon footprint performance class|碳足迹性能等级|/|公众|S
removalManual|dismantlingRecycling|电池包拆卸手册|Dismantling information: Manuals for the removal and the disassembly of the battery pack|拆卸信息|动力电池拆卸指导手册|合法权益人&委员会|S
separateCollectionSymbol|labels|电池单独收集标识|Separate collection symbol|电池单独回收符号|/|公众|S
testReportResults|compliance|电池测试报告|Results of test reports proving compliance|试验报告符合欧盟电池法或其他授权或实施中的法规要求|/|监管机构&委员会&通知机构|S
dueDiligenceReport|compliance|供应链尽职调查报告|Information of due diligence report|供应链尽职调查报告|/|公众|S
numberOfFullCycles|dynamic|充放电循环次数|Number of full charging and discharging cycles|充电和放电循环次数|/|合法权益人|D
timeChargingAboveTemperatureBoundary|dynamic|超过最高温度的充电时间|Time spent charging during extreme temperatures above boundary|定期记录有关运行环境条件的充电状态信息|/|合法权益人|D
recyclingLocation|traceability|回收地点(省、市)|/|/|回收地点(省、市)|/|S
"""  # noqa: E501
ROWS = {line.split("|")[0]: tuple(line.split("|")[1:]) for line in PRINTED.strip().splitlines()}

# What a disclosure label means: who must be able to read, besides nobody else of those it leaves out.
READERS = {
    "公众": {Audience.PUBLIC},
    "合法权益人": {Audience.LEGITIMATE_INTEREST},
    "合法权益人&委员会": {Audience.LEGITIMATE_INTEREST, Audience.COMMISSION},
    "监管机构&委员会&通知机构": {Audience.MARKET_SURVEILLANCE, Audience.COMMISSION, Audience.NOTIFIED_BODY},
}


def test_each_reader_of_a_disclosure_label_is_a_label_or_an_alternative_label_of_the_audience():
    listed = load().enumerations["audience"]
    known = {name: code.code for code in listed.codes for name in (code.label["zh"], *code.alternatives.get("zh", ()))}
    assert {said: {known[one] for one in said.split("&")} for said in READERS} == READERS


def cells(row: PrintedRow) -> tuple[str, ...]:
    return (
        row.module.id, row.name, row.eu_term["en"], row.eu_term["zh"], row.cn_term, row.disclosure,
        "S" if row.static else "D",
    )  # fmt: skip


def test_the_system_has_nine_dimensions_and_twenty_one_categories():
    profile = battery_id()
    assert [one.id for one in profile.dimensions] == [
        "manufacturer", "basic", "performance", "materials", "carbonFootprint", "dismantlingRecycling", "labels",
        "compliance", "dynamic",
    ]  # fmt: skip
    assert len(profile.categories) == 21
    assert {category.dimension.id for category in profile.categories} == {one.id for one in profile.dimensions}


@each(("category", "published", "ours"), [(Category.EV, 77, 78), (Category.STATIONARY, 83, 85), (Category.LMT, 83, 85)])
def test_the_sets_stand_beside_the_published_counts(category, published, ours):
    product = battery_id().products[category]
    assert (product.published, product.count, product.difference) == (published, ours, ours - published)
    assert len({indicator.id for indicator in product.indicators}) == ours


def test_a_set_holds_what_is_asked_for_and_counted_and_nothing_else():
    for category, product in battery_id().products.items():
        obligations = regimes()["eu"].obligations(category)
        chosen = {indicator.id for indicator in product.indicators}
        for indicator in load().indicators.values():
            status = obligations[indicator.id].status if indicator.id in obligations else None
            asked = status in (ObligationStatus.MANDATORY, ObligationStatus.CONDITIONAL, ObligationStatus.PENDING)
            assert (indicator.id in chosen) == (asked and indicator.counted), indicator.id


def test_every_category_has_an_indicator_in_every_set():
    for product in battery_id().products.values():
        assert {one.category.id for one in product.indicators} == {one.id for one in battery_id().categories}


def test_nineteen_rows_are_printed():
    assert len(ROWS) == 19
    assert [row.indicator.id for row in battery_id().printed] == list(ROWS)


@each("row", battery_id().printed, ids=lambda row: row.indicator.id)
def test_a_printed_row_is_as_printed(row: PrintedRow):
    assert cells(row) == ROWS[row.indicator.id]
    assert row.indicator.label["en"] and row.indicator.label["zh"]


@each("row", battery_id().printed, ids=lambda row: row.indicator.id)
def test_a_printed_row_is_disclosed_to_those_its_label_names(row: PrintedRow):
    # What the Chinese side asks for its regulator may read as well; "/" prints no label at all.
    if row.disclosure != "/":
        assert row.indicator.audiences - {Audience.CN_REGULATOR} == READERS[row.disclosure]


def test_the_printed_rows_agree_with_the_master_table(vectors: Path):
    table = vectors.parent / "domain" / "indicators.csv"
    skip_unless(table.is_file(), "vectors", f"no {table}")
    with open(table, encoding="utf-8", newline="") as stream:
        rows = {row["id"]: row for row in csv.DictReader(stream) if row["catarc_term"] not in ("", "/")}
    assert set(rows) == set(ROWS)
    for row in battery_id().printed:
        given = rows[row.indicator.id]
        assert cells(row) == (
            given["dimension"], given["catarc_term"], given["eu_term"] or "/", given["eu_term_zh"] or "/",
            given["cn_term"] or "/", given["catarc_access"] or "/", given["static_dynamic"],
        )  # fmt: skip
        assert (row.indicator.label["zh"], row.module.label["zh"]) == (given["label_zh"], given["dimension_zh"])
        assert {audience.value for audience in row.indicator.audiences} == set(given["audience"].split(";"))
        assert row.indicator.category.id == given["category"]


def test_the_profile_as_json_names_sets_and_counts():
    document = battery_id().to_json()
    assert len(document["dimensions"]) == 9 and len(document["categories"]) == 21 and len(document["printedRows"]) == 19
    assert document["products"]["ev"]["count"] == len(document["products"]["ev"]["indicators"])
