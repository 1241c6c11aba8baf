"""The worklist: filters and their counts, order, pages, exports, saved queries."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from passport.oversight.alert_list import FACETS, LATE, AlertFilter, cursor, order
from passport.supervision.alerts import LIVE
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.conftest import NOW
from tests.resolver.desk.conftest import addresses


@pytest.fixture
def alert_list(desk_site):
    with desk_site.site.app.app_context():
        from resolver.desk.frame import desk

        yield desk().alerts


def test_the_list_shows_the_planted_alerts_by_severity_then_deadline(desk_site):
    answer = desk_site.post("/desk/alerts")
    entries = [entry for entry in desk_site.alerts if entry.status in LIVE]
    assert f"{len(entries)} alerts are unresolved." in answer.text
    places = [answer.text.find(f"/desk/alerts/{entry.id}") for entry in sorted(entries, key=order)[:50]]
    assert -1 not in places
    assert places == sorted(places)


@each("severity", ["high", "medium", "low"])
def test_a_severity_chosen_leaves_the_others_out(desk_site, severity):
    rows = desk_site.post(f"/desk/alerts?severity={severity}&format=json").json["items"]
    assert rows
    assert {row["severity"] for row in rows} == {severity}


@pytest.mark.parametrize(
    ("field", "column"), [("rule", "rule"), ("province", "province"), ("actor", "actors"), ("owner", "owner")]
)
def test_each_filter_gives_what_its_count_says(desk_site, alert_list, field, column):
    facets = alert_list.page(AlertFilter(), NOW).facets[field]
    value, count = next(iter(sorted(facets.items())))
    rows = desk_site.post("/desk/alerts", **{field: value, "format": "json"}).json["items"]
    assert len(rows) == count
    if field != "owner":
        assert all(value in (row[column] or "") for row in rows)


@pytest.mark.parametrize("facet", FACETS)
def test_a_count_stays_what_it_is_when_only_its_own_facet_is_chosen(alert_list, facet):
    everything = alert_list.page(AlertFilter(), NOW).facets[facet]
    value = next(iter(everything))
    parts = {"severity": ("severities", frozenset({value})), "status": ("statuses", frozenset({value}))}
    name, chosen = parts.get(facet, (facet, value))
    assert alert_list.page(AlertFilter(**{name: chosen}), NOW).facets[facet] == everything


def test_pages_by_key_hold_every_alert_once(alert_list):
    seen, after = [], None
    while True:
        page = alert_list.page(AlertFilter(), NOW, after=after, limit=7)
        seen += [entry.id for entry in page.entries]
        after = page.next
        if after is None:
            break
    assert len(seen) == len(set(seen)) == page.total
    assert [cursor(entry) for entry in alert_list.page(AlertFilter(), NOW, limit=1000).entries] == sorted(
        cursor(entry) for entry in alert_list.page(AlertFilter(), NOW, limit=1000).entries
    )


def test_past_deadlines_are_those_before_the_instant(alert_list):
    page = alert_list.page(AlertFilter(deadline=LATE), NOW, limit=1000)
    assert page.entries
    assert all(entry.finding.due < NOW for entry in page.entries)
    later = alert_list.page(AlertFilter(deadline=LATE), NOW - timedelta(days=3000), limit=1000)
    assert later.total == 0


@each(
    "query", ["severity=worst", "status=lost", "rule=none", "province=XX", "deadline=soon", "days=2", "after=a&after=b"]
)
def test_a_filter_that_is_none_is_refused(desk_site, query):
    assert desk_site.post(f"/desk/alerts?{query}").status_code == 400


def test_the_export_is_what_is_seen_and_no_cell_begins_a_formula(desk_site):
    answer = desk_site.post("/desk/alerts?severity=high&format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="alerts.csv"'
    rows = list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    shown = desk_site.post("/desk/alerts?severity=high&format=json").json["items"]
    assert [row["id"] for row in rows] == [row["id"] for row in shown]
    from resolver.desk.frame import Table

    assert b"'=1+1" in Table(["a"], [["=1+1"]]).to_csv()


def test_a_query_is_kept_for_its_holder_and_forgotten(desk_site):
    desk_site.post("/desk/queries?severity=high&province=CN-GD", name="South, high")
    page = desk_site.post("/desk/alerts")
    assert "South, high" in page.text
    assert any("province=CN-GD" in address and "severity=high" in address for address in addresses(page))
    desk_site.post("/desk/queries", forget="South, high")
    assert "South, high" not in desk_site.post("/desk/alerts").text


@each("name", ["", " ", "x" * 61, "a\nb"])
def test_a_saved_query_without_a_proper_name_is_refused(desk_site, name):
    assert desk_site.post("/desk/queries?severity=high", name=name).status_code == 400


def test_too_many_saved_queries_are_refused(desk_site):
    for number in range(40):
        assert desk_site.post("/desk/queries", name=f"q{number}").status_code == 200
    assert desk_site.post("/desk/queries", name="one more").status_code == 400


def test_an_alert_on_events_that_are_closed_to_a_reader_is_not_in_its_list(desk_site):
    mine = {row["id"] for row in desk_site.post("/desk/alerts?format=json").json["items"]}
    theirs = {
        row["id"] for row in desk_site.post("/desk/alerts?format=json", Audience.MARKET_SURVEILLANCE).json["items"]
    }
    assert theirs < mine
    hidden = desk_site.alert("cloned-code")
    assert hidden.id in mine - theirs


@each("lang", ["en", "zh"])
def test_a_name_in_an_alert_is_short_and_no_address(desk_site, lang):
    answer = desk_site.post("/desk/alerts", lang=lang)
    main = answer.text[answer.text.index('<table class="wl"') : answer.text.index("</table>")]
    assert "https://battery.example" not in main
    assert "did:web:" not in main
