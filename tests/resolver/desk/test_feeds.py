"""Feeds of alerts: Atom and JSON Feed, by token, paged, conditional, in both languages; and what is refused."""

from __future__ import annotations

import base64
import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from passport.vocabulary.vocabulary import Audience
from resolver.access.access_control import FEED_LIFETIME
from tests.each import each
from tests.resolver.conftest import make_site
from tests.resolver.desk.conftest import KEY, DeskSite

ATOM = "{http://www.w3.org/2005/Atom}"
FEED = "/desk/feeds/alerts"


@pytest.fixture(scope="module")
def open_site(desk_operator, tmp_path_factory):
    """A site whose clock and alerts stay as they are: making one takes longer than these tests."""
    operator, population = desk_operator
    return DeskSite(make_site(operator, tmp_path_factory.mktemp("feeds"), vehicle_keys=(KEY,)), population)


def made(desk_site, query: str = "", name: str = "Mine", audience=Audience.CN_REGULATOR) -> str:
    """The token of a new feed, from the page that shows it once."""
    page = desk_site.post(f"/desk/feeds?{query}", audience, name=name)
    assert page.status_code == 200
    return re.search(r'<code class="cmd">([\w.-]+)</code>', page.text)[1]


def read(desk_site, token: str, form: str = "json", headers=None, **query):
    bearer = {"Authorization": f"Bearer {token}"}
    return desk_site.site.client.get(f"{FEED}.{form}", query_string=query, headers={**bearer, **(headers or {})})


def walk(desk_site, token: str, form: str) -> list[str]:
    """Ids of all entries, page by page."""
    ids, address = [], f"{FEED}.{form}"
    while address:
        answer = desk_site.site.client.get(address, headers={"Authorization": f"Bearer {token}"})
        if form == "json":
            ids += [item["id"] for item in answer.json["items"]]
            address = answer.json.get("next_url")
        else:
            feed = ET.fromstring(answer.data)
            ids += [entry.findtext(f"{ATOM}id") for entry in feed.iter(f"{ATOM}entry")]
            address = next((link.get("href") for link in feed.iter(f"{ATOM}link") if link.get("rel") == "next"), None)
    return ids


def test_both_forms_hold_every_alert_once_page_by_page_the_newest_change_first(open_site):
    token = made(open_site)
    ids = walk(open_site, token, "json")
    assert ids == walk(open_site, token, "atom")
    assert len(ids) == len(set(ids)) == len(open_site.alerts) > 25
    dates = [item["date_modified"] for item in read(open_site, token).json["items"]]
    assert dates == sorted(dates, reverse=True)


def test_a_feed_keeps_to_its_query_whatever_the_address_asks_for(open_site):
    token = made(open_site, "severity=high&rule=cloned-code")
    expected = {entry.id for entry in open_site.alerts if entry.rule.code == "cloned-code"}
    for query in ({}, {"rule": "used-as-new"}, {"severity": "low"}):
        items = read(open_site, token, **query).json["items"]
        assert {item["id"].rpartition("/")[2] for item in items} == expected
        assert {item["_alert"]["severity"] for item in items} == {"high"}


def test_an_entry_says_what_happened_in_each_language(open_site):
    token = made(open_site, "rule=sudden-volume")
    english, chinese = (read(open_site, token, lang=language) for language in ("en", "zh"))
    assert (english.json["language"], chinese.json["language"]) == ("en", "zh")
    (item,) = chinese.json["items"]
    assert "小型网点业务量突增" in item["title"] and "30天" in item["content_text"]
    assert english.headers["Content-Language"] == "en"
    atom = read(open_site, token, "atom", lang="zh")
    assert atom.mimetype == "application/atom+xml"
    entry = ET.fromstring(atom.data).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}summary") == item["content_text"]
    assert {each.get("term") for each in entry.iter(f"{ATOM}category")} == set(item["tags"])


@pytest.mark.parametrize("form", ["json", "atom"])
def test_a_reader_that_has_the_page_gets_304_until_something_changes(desk_site, form):
    token = made(desk_site, "rule=cloned-code")
    first = read(desk_site, token, form)
    assert first.headers["Cache-Control"] == "private, no-cache"
    by_tag = {"If-None-Match": first.headers["ETag"]}
    by_time = {"If-Modified-Since": first.headers["Last-Modified"]}
    looks = len(tuple(desk_site.site.state.accesses()))
    assert [read(desk_site, token, form, headers).status_code for headers in (by_tag, by_time)] == [304, 304]
    assert len(tuple(desk_site.site.state.accesses())) == looks
    desk_site.site.later(minutes=1)
    entry = desk_site.alert("cloned-code")
    desk_site.post(f"/desk/alerts/{entry.id}/step", step="ask", reason="by letter", seen="0")
    assert [read(desk_site, token, form, headers).status_code for headers in (by_tag, by_time)] == [200, 200]


def test_a_feed_reader_sends_its_token_as_a_password(open_site):
    token = made(open_site)
    basic = base64.b64encode(f"any:{token}".encode()).decode()
    answer = open_site.site.client.get(f"{FEED}.atom", headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200
    assert answer.headers["ETag"]


def test_a_program_with_an_ordinary_token_reads_a_feed_of_its_own_choices(open_site):
    answer = read(open_site, open_site.token(), rule="cloned-code", severity="high")
    assert {item["_alert"]["rule"] for item in answer.json["items"]} == {"cloned-code"}


def test_reading_a_feed_is_a_look(open_site):
    token = made(open_site)
    read(open_site, token)
    last = tuple(open_site.site.state.accesses())[-1]
    assert last.subject.endswith(f"{FEED}.json") and "feed" in last.elements
    assert token not in str(last)


def test_market_surveillance_gets_only_alerts_whose_evidence_it_may_read(desk_site):
    every = len(walk(desk_site, made(desk_site), "json"))
    assert 0 < len(walk(desk_site, made(desk_site, audience=Audience.MARKET_SURVEILLANCE), "json")) < every


# --- what is refused -------------------------------------------------------------------------------------------------


def test_without_a_token_or_with_one_in_the_address_there_is_no_feed(open_site):
    token = made(open_site)
    for address in (f"{FEED}.json", f"{FEED}.json?access_token={token}", f"{FEED}.json?token={token}"):
        assert open_site.site.client.get(address).status_code == 404


def test_the_token_of_a_feed_opens_nothing_else(open_site):
    token = made(open_site)
    for path in ("/desk/alerts", "/desk/feeds", "/duties", "/desk/looks"):
        assert open_site.site.client.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert open_site.site.client.post(path, data={"access_token": token}).status_code == 401


@each("header", ["Basic !!!", "Basic YTpi", "Bearer x.y.z", "Digest x", "Basic 4pyT"])
def test_what_is_no_token_is_refused(open_site, header):
    answer = open_site.site.client.get(f"{FEED}.json", headers={"Authorization": header})
    assert answer.status_code == 401


def test_an_ended_feed_is_refused(open_site):
    token = made(open_site, name="Last")
    page = open_site.post("/desk/feeds")
    ended = re.search(r'name="end" value="([^"]+)"[^>]*><button class="lk">End “Last”', page.text)[1]
    assert "End “Last”" not in open_site.post("/desk/feeds", end=ended).text
    assert read(open_site, token).status_code == 401


def test_a_feed_of_another_holder_cannot_be_ended(desk_site):
    token = made(desk_site)
    ended = re.search(r'name="end" value="([^"]+)"', desk_site.post("/desk/feeds").text)[1]
    desk_site.site.holder = type(desk_site.site.holder).generate(desk_site.site.holder.algorithm)
    desk_site.site.roles.clear()
    desk_site.tokens.clear()
    desk_site.post("/desk/feeds", end=ended)
    assert read(desk_site, token).status_code == 200


def test_a_feed_ends_with_its_role(desk_site):
    token = made(desk_site)
    desk_site.site.later(days=31)
    assert timedelta(days=31) < FEED_LIFETIME
    assert read(desk_site, token).status_code == 401


def test_a_role_without_a_desk_has_no_feeds(open_site):
    token = open_site.token(Audience.LEGITIMATE_INTEREST)
    assert read(open_site, token).status_code == 404
    assert open_site.post("/desk/feeds", Audience.LEGITIMATE_INTEREST, name="x").status_code == 404


def test_a_feed_without_a_name_or_of_an_unknown_form_is_refused(open_site):
    assert open_site.post("/desk/feeds", name="x" * 61).status_code == 400
    assert read(open_site, made(open_site), "rss").status_code == 404


def test_what_no_xml_may_hold_is_replaced(open_site):
    from resolver.desk.feed_forms import FeedItem, FeedPage, atom, json_feed  # noqa: PLC0415

    at = open_site.site.clock[0]
    item = FeedItem("urn:1", "a\x0b<b>", "\ud800&\x00", at, at, ("\x1f",), "r", "high", "open", None)
    page = FeedPage("urn:f", "t", "en", "p", "urn:h", "urn:x", None, [item])
    entry = ET.fromstring(atom(page)).find(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title") == "a\ufffd<b>"
    clean = FeedPage("urn:f", "t", "en", "p", "urn:h", "urn:x", None, [])
    assert json.loads(json_feed(clean))["items"] == []
