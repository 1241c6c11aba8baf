"""The events of a pack at the resolver: what each audience may read, page by page."""

from __future__ import annotations

import json
import sqlite3

import pytest

from passport.belonging import passport_verifier
from passport.vocabulary.vocabulary import Audience, load
from resolver.serving.public_view import PublicView
from tests.each import each
from tests.lifecycle.life_world import CAR_1, car
from tests.publishing.event_world import ACTORS, SigningWorld

VP = {"Accept": "application/vp"}


@pytest.fixture(scope="module")
def told(make_operator, tmp_path_factory):
    """A pack with nine events: registered and produced, placed on the market, handed on, fitted, sold, repaired."""
    operator = make_operator(tmp_path_factory.mktemp("told"), "ev-ncm-100kwh")
    world = SigningWorld(operator.store)
    pack = operator.packs["ev"]
    world.sold(pack)
    world.accept("repair", "workshop", pack=pack, vehicle=car(CAR_1))
    return operator, world, pack


@pytest.fixture
def site(told, make_site, tmp_path):
    return make_site(told[0], tmp_path)


def events(site, pack, headers=None, query=""):
    answer = site.client.get(f"{site.path(pack)}/events{query}", headers=headers or {})
    assert answer.status_code == 200, answer.text
    return answer


def kinds(answer):
    return [each["event"]["credentialSubject"]["lifecycleEvent"] for each in answer.json["events"]]


def test_the_public_sees_public_events_and_no_detail(site, told):
    answer = events(site, told[2])
    assert kinds(answer) == ["place_on_market"]
    (event,) = answer.json["events"]
    assert "detail" not in event and event["position"] == 4
    assert event["event"]["credentialSubject"]["previousEventDigest"].startswith("u")
    assert "vehicleHash" not in answer.text and "handledMass" not in answer.text


def test_a_legitimate_interest_sees_repairs_too_and_no_detail(site, told):
    answer = events(site, told[2], site.bearer())
    assert kinds(answer) == ["place_on_market", "repair"]
    assert "detail" not in answer.text.replace("eventDetail", "").replace("/detail", "").replace(":detail", "")
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_the_chinese_authority_sees_every_event_with_its_detail(site, told):
    _, world, pack = told
    answer = events(site, pack, site.bearer(Audience.CN_REGULATOR))
    assert kinds(answer) == [link.event.kind for link in world.history(pack).links]
    assert all(
        "detail" in each for each in answer.json["events"] if "eventDetail" in each["event"]["credentialSubject"]
    )


def test_pages_follow_one_another(site, told):
    _, world, pack = told
    headers, seen, query = site.bearer(Audience.CN_REGULATOR), [], "?limit=3"
    while query:
        answer = events(site, pack, headers, query)
        seen += [each["position"] for each in answer.json["events"]]
        query = f"?limit=3&after={answer.json['next']}" if "next" in answer.json else ""
        assert ("Link" in answer.headers) == bool(query)
    assert seen == list(range(1, len(world.history(pack)) + 1))


def test_a_page_as_a_presentation_verifies(site, told):
    answer = events(site, told[2], {**VP, **site.bearer(Audience.CN_REGULATOR)})
    result = passport_verifier(ACTORS.trust_list()).verify(json.loads(answer.data), at=told[1].now)
    assert result.verified, [check.detail for check in result.checks]


HTML = {"Accept": "text/html"}


def test_the_life_line_of_the_public_tells_public_events_and_counts_no_others(site, told):
    page = events(site, told[2], HTML).text
    assert "Placed on the market" in page and "Events that you may not read" in page
    assert "Vehicle sold" not in page and "keyed hash" not in page and 'id="hands"' not in page
    assert CAR_1 not in page and 'data-n="4"' not in page


def test_the_life_line_of_the_chinese_authority_tells_all(site, told):
    page = events(site, told[2], {**HTML, **site.bearer(Audience.CN_REGULATOR)}, "?lang=zh").text
    assert 'lang="zh"' in page and 'id="hands"' in page and "自然人，不具名" in page or "a person, not named" in page
    assert CAR_1 not in page and "may not read" not in page


def test_the_life_line_says_where_an_actor_is_not_trusted_here(site, told):
    """The trust list of this site names nobody who accredits."""
    page = events(site, told[2], HTML).text
    assert "✓ Verified" not in page


def test_a_page_leads_to_its_life_line_where_there_are_events(site, told):
    page = site.client.get(site.path(told[2]), headers=HTML).text
    assert "/events" in page


def test_who_read_which_events_is_logged(site, told):
    headers = site.bearer(Audience.CN_REGULATOR)
    events(site, told[2], headers, "?limit=2")
    with sqlite3.connect(site.state.path) as connection:
        (newest,) = connection.execute("SELECT elements FROM access_log ORDER BY sequence DESC LIMIT 1").fetchone()
    assert newest.split() == ["event:1", "event:2"]


def test_a_role_for_another_pack(site, told):
    other = told[2][:-1] + "x"
    headers = site.bearer(packs=(other,))
    assert site.client.get(f"{site.path(told[2])}/events", headers=headers).status_code == 403


def test_a_token_that_is_not_valid_is_never_the_public(site, told):
    answer = site.client.get(f"{site.path(told[2])}/events", headers={"Authorization": "Bearer x"})
    assert answer.status_code == 401


def test_an_unknown_pack(site, told):
    assert site.client.get(f"{site.path(told[2])}x/events").status_code == 404


@each("query", ["?after=-1", "?limit=x", "?after=9999999999"])
def test_a_page_that_is_none(site, told, query):
    assert site.client.get(f"{site.path(told[2])}/events{query}").status_code == 400


def test_the_link_set_of_the_pack_leads_to_its_events_and_to_the_inbox(site, told):
    path = told[2].removeprefix("https://passport.example.com")
    answer = site.client.get(f"{path}?linkType=linkset", headers={"Accept": "application/linkset+json"})
    level = answer.json["linkset"][0]
    link, prov = level["https://w3id.org/battery-passport/ns#events"]
    (epcis,) = level["https://ref.gs1.org/voc/epcis"]
    assert link["href"].endswith("/events")
    for item in (link, prov, epcis):
        served = site.client.get(item["href"].removeprefix("https://passport.example.com"))
        assert served.status_code == 200 and served.mimetype == item["type"]
    led = site.client.get(f"{path}?linkType=gs1:epcis")
    assert led.status_code == 307 and led.headers["Location"] == epcis["href"]
    assert level["https://w3id.org/battery-passport/ns#eventInbox"][0]["href"] == "https://passport.example.com/events"


@pytest.fixture(scope="module")
def recycled(make_operator, tmp_path_factory):
    """A pack whose recycling its actors report, event by event; the public has seen its passport before."""
    operator = make_operator(tmp_path_factory.mktemp("recycled"), "ev-ncm-100kwh")
    return operator, SigningWorld(operator.store), operator.packs["ev"]


def test_a_pack_that_its_actors_report_as_recycled_has_no_passport_any_more(recycled, make_site, tmp_path):
    operator, world, pack = recycled
    site = make_site(operator, tmp_path)
    view, model = PublicView(operator.store, load()), operator.store.pack(pack).model
    assert site.client.get(site.path(pack)).status_code == 200 and view.presentation(pack, model) is not None
    before = operator.store.version()
    world.sold(pack)
    world.accept("remove", "workshop", pack=pack, vehicle=car(CAR_1))
    world.accept("retire", "workshop", pack=pack)
    world.handed("workshop", "utiliser", pack)
    world.accept("assess", "utiliser", pack=pack, fields={"assessmentDecision": "recycling"})
    world.accept("declare_waste", "utiliser", pack=pack)
    assert site.client.get(site.path(pack)).status_code == 200 and view.presentation(pack, model) is not None
    recycling = world.accept("recycle", "utiliser", pack=pack)
    assert operator.store.version() != before
    assert site.client.get(site.path(pack)).status_code == 410
    assert site.client.get(f"{site.path(pack)}/events").status_code == 410
    assert view.presentation(pack, model) is None
    assert site.client.get(site.path(pack), headers=site.bearer(Audience.CN_REGULATOR)).status_code == 200
    the_address_of_a_recycled_pack_leads_on_whom_it_may(site, pack)
    world.accept("correct", "utiliser", pack=pack, corrects=recycling.id, fields={"eventWithdrawn": True})
    assert site.client.get(site.path(pack)).status_code == 200


def the_address_of_a_recycled_pack_leads_on_whom_it_may(site, pack):
    """The address in the QR code: the public gets the tombstone, a reader whose role opens the pack is led on."""
    address = pack.removeprefix("https://passport.example.com")
    for query in ("", "?linkType=linkset"):
        told = site.client.get(address + query, headers=HTML)
        assert told.status_code == 410 and "Cache-Control" in told.headers
        assert "; The address" not in told.text and "ceased to exist. The address stays" in told.text
    for audience in (Audience.LEGITIMATE_INTEREST, Audience.MARKET_SURVEILLANCE, Audience.CN_REGULATOR):
        led = site.client.get(address, headers=site.bearer(audience))
        assert led.status_code == 307 and led.headers["Location"].endswith(site.path(pack))
        assert led.headers["Cache-Control"] == "private, no-store" and "Authorization" in led.headers["Vary"]
    linkset = site.client.get(f"{address}?linkType=linkset", headers=site.bearer(Audience.CN_REGULATOR))
    assert linkset.status_code == 200 and linkset.json["linkset"][0]["anchor"] == pack
    other = site.bearer(packs=(pack[:-1] + "x",))
    assert site.client.get(address, headers=other).status_code == 403
    assert site.client.get(address, headers={"Authorization": "Bearer x"}).status_code == 401
