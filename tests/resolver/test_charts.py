"""Pictures say nothing that their table does not say, and nothing that the reader may not read."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.footprint import declared as cn
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience, Category
from resolver.page.pictures import charts, line_chart
from resolver.page.wording import Words
from tests.each import each
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EN, ZH = Words("en"), Words("zh")
NAMES = {id_: indicator.in_text for id_, indicator in vocabulary.load().indicators.items()}
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
HTML = {"Accept": "text/html"}
STAGES = {
    "batteryCarbonFootprint": "0.154",
    "carbonFootprintRawMaterials": "0.127",
    "carbonFootprintProduction": "0.022",
    "carbonFootprintDistribution": "0.005",
}


def minima(category: Category = Category.EV) -> dict:
    eu = vocabulary.regimes()["eu"]
    return {id_: eu.minima(id_, category) for id_ in ("recycledCobaltShare", "recycledNickelShare")}


def recycled(claims: dict, words: Words = EN, on: date = date(2027, 3, 8), least: dict | None = None):
    return charts.recycled(claims, words, names=NAMES, minima=minima() if least is None else least, on=on)


def test_the_stages_fill_one_bar_in_proportion():
    drawing = charts.footprint(STAGES, EN, names=NAMES).drawing
    widths = [Decimal(text) for text in re.findall(r"<rect x=[\d.]+% y=\d+ width=([\d.]+)%", drawing)]
    assert len(widths) == 3
    assert abs(sum(widths) - 100) < Decimal("0.05")
    assert widths[0] == Decimal("82.47")


CHINESE = {id_.replace("battery", "china").replace("carbonF", "chinaCarbonF"): value for id_, value in STAGES.items()}


@each(("words", "by"), [
    (EN, "Method: Draft standard on the carbon footprint of power batteries, March 2025. System boundary: Partial"),
    (ZH, "动力电池碳足迹标准征求意见稿（2025年3月）"),
])  # fmt: skip
def test_a_footprint_is_drawn_with_its_method_and_boundary(words, by):
    indicators = vocabulary.load().indicators
    codes = {id_: indicators[id_].enumeration for id_ in (cn.CHINESE.method, cn.CHINESE.boundary)}
    claims = {**CHINESE, cn.CHINESE.method: "cn-mee-2024-63-draft-2025-03", cn.CHINESE.boundary: "partial"}
    figure = charts.footprint(claims, words, names=NAMES, of=cn.CHINESE, codes=codes)
    assert by in figure.note
    assert charts.footprint(claims, words, names=NAMES) is None, "no picture of the EU's footprint from Chinese figures"


def test_a_footprint_without_method_says_so():
    assert "Method: not stated. System boundary: not stated" in charts.footprint(STAGES, EN, names=NAMES).note


def test_the_energy_of_the_eus_figures_divides_no_chinese_mass():
    claims = {**CHINESE, cn.CHINESE.absolute: "7392", "totalEnergyOverServiceLife": "50000"}
    assert "50,000" not in charts.footprint(claims, EN, names=NAMES, of=cn.CHINESE).note


def test_stages_are_told_apart_without_colour():
    drawing = charts.footprint(STAGES, EN, names=NAMES).drawing
    assert "url(#cf2)" in drawing and "url(#cf3)" in drawing
    assert all(name in drawing for name in ("Raw materials, parts", "Battery production", "Distribution"))


def test_stages_that_do_not_add_up_are_not_drawn_as_parts_of_a_whole():
    figure = charts.footprint({**STAGES, "carbonFootprintProduction": "0.030"}, EN, names=NAMES)
    assert "url(#cf2)" not in figure.drawing
    assert figure.total is None


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=6))
def test_shares_of_a_whole_add_up(parts):
    told = charts.shares([Decimal(part) for part in parts], Decimal(sum(parts)))
    assert sum(Decimal(share) for share in told) == 100
    for share, part in zip(told, parts, strict=True):
        assert abs(Decimal(share) - Decimal(part) * 100 / sum(parts)) < Decimal("0.1")


def test_a_line_is_dated_at_both_ends():
    drawing = over_time(readings("99.3", "96.3")).drawing
    assert ">March 2027</text>" in drawing and ">March 2028</text>" in drawing


def test_a_share_below_the_next_minimum_is_said_to_be_below_it():
    figure = recycled({"recycledCobaltShare": "18.0", "recycledNickelShare": "4.5"})
    assert "meets the 2031 minimum" in figure.drawing
    assert "below the 2031 minimum" in figure.drawing
    assert "url(#rc2)" in figure.drawing
    assert figure.rows[0] == ("Cobalt", "18.0\u202f%", "≥ 16\u202f%", "≥ 26\u202f%")


def test_after_the_first_day_the_next_minimum_is_the_one_that_counts():
    figure = recycled({"recycledCobaltShare": "18.0"}, on=date(2033, 1, 1))
    assert "below the 2036 minimum" in figure.drawing


def test_without_a_regime_that_names_minima_there_are_no_marks_and_no_judgement():
    figure = recycled({"recycledCobaltShare": "18.0"}, least={})
    assert "minimum" not in figure.drawing
    assert len(figure.headings) == 2


def test_a_metal_that_is_not_in_the_battery_has_no_bar():
    assert recycled({"recycledLeadShare": "0"}) is None


def test_the_label_of_a_picture_tells_all_its_values():
    drawing = recycled({"recycledCobaltShare": "18.0", "recycledNickelShare": "9.0"}, ZH).drawing
    label = re.search(r'aria-label="([^"]+)"', drawing)[1]
    for part in ("钴 18.0%", "16% 2031", "26% 2036", "镍 9.0%", "6% 2031", "15% 2036"):
        assert part in label


def readings(*values: str) -> list[line_chart.ChartReading]:
    start = datetime(2027, 3, 2, tzinfo=UTC)
    return [
        line_chart.ChartReading(start + timedelta(days=365 * n), Decimal(value), (value,))
        for n, value in enumerate(values)
    ]


def over_time(found: list[line_chart.ChartReading]):
    return line_chart.over_time(
        found,
        EN,
        title=EN("chart-soce"),
        note=EN("chart-soce-note", number=len(found)),
        shown=EN.percent,
        headings=("Read on", "SOCE"),
        threshold=(Decimal(70), "70 %: exhausted"),
    )


def test_one_read_out_is_no_line():
    assert over_time(readings("99.3")) is None


def test_a_line_falls_where_the_values_fall_and_names_its_lowest_gridline():
    drawing = over_time(readings("99.3", "96.3", "78.3")).drawing
    heights = [float(y) for y in re.findall(r"<circle cx=[\d.]+% cy=([\d.]+)", drawing)]
    assert heights == sorted(heights)
    assert len(heights) == 3
    # Within the picture: above its top stands the caption.
    grid = [float(y) for y in re.findall(r"<line x2=100% y1=([\d.]+)", drawing)]
    assert min(grid) <= min(heights) and max(heights) <= max(grid)
    assert ">70</text>" in drawing
    assert "70 %: exhausted" in drawing


def test_a_read_out_that_came_late_is_marked_in_the_table():
    first, second, third = readings("99.3", "96.3", "78.3")
    rows = over_time([first, replace(second, late=True), third]).rows
    assert [str(row[0]).endswith("came late") for row in rows] == [False, True, False]


def test_an_event_is_marked_on_the_line_where_it_happened():
    found = readings("100", "60")
    middle = found[0].at + (found[1].at - found[0].at) / 2
    drawing = line_chart.over_time(
        found,
        EN,
        title=EN("chart-soce"),
        note=EN("chart-soce-note", number=2),
        shown=EN.percent,
        headings=("Read on", "SOCE"),
        marks=[(middle, "fall"), (found[0].at - timedelta(days=1), "before")],
    ).drawing
    heights = [float(y) for y in re.findall(r"<circle cx=[\d.]+% cy=([\d.]+)", drawing)]
    x, foot = re.search(r"<line x1=([\d.]+)% x2=\S+ y1=\S+ y2=(\S+) class=ln", drawing).groups()
    assert (float(x), float(foot) + 6) == (50, sum(heights) / 2)
    assert "fall" in drawing and "before" not in drawing


@pytest.fixture
def aged(make_operator, make_site, tmp_path):
    """A pack with three read-outs, each issued when it was taken."""
    operator = make_operator(tmp_path, "ev-ncm-100kwh")
    publisher = RememberingPublisher(
        operator.store,
        operator.issuer,
        operator.project.base_url,
        vocabulary.load(),
        tuple(vocabulary.regimes().values()),
    )
    record = example_records("ev-ncm-100kwh.xlsx")[0]
    for number, energy in enumerate(("98.1", "97.4"), 1):
        at = NOW - timedelta(minutes=30 - number)
        changed = {
            **record.condition,
            "recordedAt": f"2027-0{number}-10T08:30:00Z",
            "stateOfCertifiedEnergy": energy,
            "remainingUsableBatteryEnergy": str(Decimal(energy) * Decimal("0.96")),
        }
        publisher.issue([replace(record, condition=changed)], at=at)
    return make_site(operator, tmp_path)


def test_who_may_see_the_condition_sees_it_over_time_and_the_public_does_not(aged):
    shown = aged.get(aged.ev, {**HTML, **aged.bearer()}).text
    assert "State of certified energy (SOCE) over time" in shown
    assert shown.count("class=pt") == 3
    assert "Last read-out" in shown
    public = aged.get(aged.ev, HTML).text
    other = aged.get(aged.ev, {**HTML, **aged.bearer(Audience.MARKET_SURVEILLANCE)}).text
    for text in (public, other):
        assert "over time" not in text
        assert "98.1" not in text
        assert "Last read-out" not in text
