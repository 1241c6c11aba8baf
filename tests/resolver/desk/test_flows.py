"""Flows: series, provinces and stages agree with the events, and what goes in comes out."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from passport.oversight.flows import CHINA, LEFT, RECYCLING, Month, month_flows
from passport.vocabulary.vocabulary import Audience
from resolver.desk.flows.sankey import layout
from tests.each import each
from tests.resolver.conftest import NOW

MONTH = Month.of(NOW - timedelta(days=40))


@pytest.fixture
def flows(desk_site):
    return month_flows(desk_site.site.operator.store, MONTH, NOW)


def of_month(desk_site, month, kinds):
    corrections = {event.corrects for event, _ in desk_site.population.events() if event.corrects}
    return [
        event
        for event, _ in desk_site.population.events()
        if event.kind in kinds and Month.of(event.instant) == month and event.id not in corrections
    ]


def test_provinces_add_up_to_what_left_vehicles(desk_site, flows):
    events = of_month(desk_site, MONTH, LEFT)
    assert events
    assert flows.left[0] == len(events)
    assert sum(row.packs for row in flows.provinces) == len(events)


def test_the_series_count_the_events_of_each_month(desk_site, flows):
    for place, month in enumerate(flows.months):
        assert flows.series["received"][place] == len(of_month(desk_site, month, ("receive_in",)))
    assert flows.months[-1] == MONTH
    assert len(flows.months) == 12


def test_what_goes_into_a_stage_comes_out(flows):
    for stage in ("outlet", "utiliser"):
        into = sum(grams for _, target, grams in flows.links if target == stage)
        out = sum(grams for source, _, grams in flows.links if source == stage)
        assert into == out
    recycled = sum(grams for _, target, grams in flows.links if target == RECYCLING)
    assert recycled <= sum(grams for source, _, grams in flows.links if source == RECYCLING)


def test_a_hand_over_that_nobody_received_is_a_link_of_its_own(desk_site):
    entry = desk_site.alert("hand-over-without-receipt")
    month = Month.of(entry.finding.due - timedelta(days=30))
    flows = month_flows(desk_site.site.operator.store, month, NOW)
    assert any(target == "not-received" and grams > 0 for _, target, grams in flows.links)
    assert flows.missing > 0


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_shows_series_map_table_and_stages(desk_site, flows, lang):
    answer = desk_site.post(f"/desk/flows?month={MONTH}", lang=lang)
    assert answer.status_code == 200
    assert answer.text.count('width="11.9%"') == 34
    assert 'class="fl"' in answer.text
    assert answer.text.count("<details>") >= 3


@pytest.mark.parametrize("part", ["series", "provinces", "between", "stages"])
def test_each_part_is_a_table_too(desk_site, flows, part):
    answer = desk_site.post(f"/desk/flows?month={MONTH}&part={part}&format=csv")
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    expected = {"series": 12, "provinces": len(flows.provinces), "between": len(flows.between),
                "stages": len(flows.links)}  # fmt: skip
    assert len(rows) == expected[part] + 1


@each("query", ["month=2029-13", "month=May", "part=all", "province=XX"])
def test_a_month_province_or_part_that_is_none_is_refused(desk_site, query):
    assert desk_site.post(f"/desk/flows?{query}").status_code == 400


def test_a_month_without_events_says_so(desk_site):
    answer = desk_site.post("/desk/flows?month=2001-01")
    assert "No hand-over and no recycling was reported in this month." in answer.text


def test_flows_are_404_for_market_surveillance(desk_site):
    assert desk_site.post("/desk/flows", Audience.MARKET_SURVEILLANCE).status_code == 404


def test_the_layout_keeps_masses_on_one_scale_and_nodes_apart():
    links = (("a", "b", 300), ("a", "lost", 100), ("b", "c", 300))
    nodes, ribbons, height = layout(links, {"a": 0, "b": 1, "lost": 1, "c": 2}, frozenset({"lost"}))
    heights = {node.key: node.height for node in nodes}
    assert heights["a"] == pytest.approx(heights["b"] * 4 / 3, abs=0.2)
    (b,), (lost,) = ([node for node in nodes if node.key == key] for key in ("b", "lost"))
    assert b.y + b.height < lost.y
    assert sum(ribbon.lost for ribbon in ribbons) == 1
    assert height >= max(node.y + node.height for node in nodes)


def test_a_month_is_one_of_china():
    assert Month(2026, 12).plus(1) == Month(2027, 1)
    assert Month.parse("2026-07").first.astimezone(CHINA).hour == 0
