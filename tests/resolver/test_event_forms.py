"""The events of a pack in the forms of others: EPCIS 2.0 page by page, and PROV-O in RDF; each reader sees its own."""

from __future__ import annotations

import re
import sqlite3
from datetime import datetime, timedelta

import pytest
import rdflib

from passport.exchange.epcis import epcis_reader
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.lifecycle.life_world import CAR_1, car
from tests.publishing.event_world import SigningWorld

LD = {"Accept": "application/ld+json"}
PROV = rdflib.Namespace("http://www.w3.org/ns/prov#")
NEXT = re.compile(r'<https://passport\.example\.com([^>]*)>; rel="next"')


@pytest.fixture(scope="module")
def told(make_operator, tmp_path_factory):
    """A pack that is sold and repaired; the repair is corrected, a second one withdrawn."""
    operator = make_operator(tmp_path_factory.mktemp("told"), "ev-ncm-100kwh")
    world, pack = SigningWorld(operator.store), operator.packs["ev"]
    world.sold(pack)
    repair = world.accept("repair", "workshop", pack=pack, vehicle=car(CAR_1))
    world.accept("correct", "workshop", pack=pack, corrects=repair.id, fields={"eventReason": "typing error"})
    again = world.accept("repair", "workshop", pack=pack, vehicle=car(CAR_1))
    withdrawn = {"eventReason": "typed twice", "eventWithdrawn": True}
    world.accept("correct", "workshop", pack=pack, corrects=again.id, fields=withdrawn)
    return operator, world, pack


@pytest.fixture
def site(told, make_site, tmp_path):
    return make_site(told[0], tmp_path)


def ask(site, pack, query="", status=200, **headers):
    answer = site.client.get(f"{site.path(pack)}/events{query}", headers=headers)
    assert answer.status_code == status, answer.text
    return answer


def epcis(answer):
    assert answer.headers["Content-Type"] == "application/ld+json"
    assert answer.headers["GS1-EPCIS-Version"] == answer.headers["GS1-CBV-Version"] == "2.0.0"
    assert answer.json["type"] == "EPCISQueryDocument" and answer.json["schemaVersion"] == "2.0"
    return answer.json["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def kinds(listed):
    return [event["bp:lifecycleEvent"] for event in listed]


def all_pages(site, pack, query, **headers):
    listed = []
    while query:
        answer = ask(site, pack, query, **headers)
        listed += epcis(answer)
        link = NEXT.fullmatch(answer.headers.get("Link", ""))
        assert bool(link) == ("GS1-Next-Page-Token-Expires" in answer.headers)
        assert link is None or link[1].startswith(f"{site.path(pack)}/events?")
        query = link and "?" + link[1].partition("?")[2]
    return listed


def test_the_public_gets_public_events_in_epcis(site, told):
    for answer in (ask(site, told[2], **LD), ask(site, told[2], "?format=epcis")):
        (event,) = epcis(answer)
        assert event["bp:lifecycleEvent"] == "place_on_market" and event["epcList"] == [told[2]]
        assert "vehicleHash" not in answer.text and "handledMass" not in answer.text and "bp:counterpart" not in event


def test_the_authority_gets_every_event_and_reads_it_back(site, told):
    _, world, pack = told
    answer = ask(site, pack, "?format=epcis&perPage=1000", **site.bearer(Audience.CN_REGULATOR))
    assert answer.headers["Cache-Control"] == "private, no-store"
    reading = epcis_reader.read(answer.json)
    assert [str(fault.message) for fault in reading.faults] == []
    assert [each["id"] for each in reading.events] == [link.event.id for link in world.history(pack).links]


def test_a_correction_declares_the_error_and_keeps_the_original(site, told):
    """A withdrawal is told to every reader of the event, though its reason is in the detail."""
    for audience in (Audience.LEGITIMATE_INTEREST, Audience.CN_REGULATOR):
        listed = epcis(ask(site, told[2], "?format=epcis&perPage=1000", **site.bearer(audience)))
        repairs = [event for event in listed if event["bp:lifecycleEvent"] == "repair"]
        reasons = [event.get("errorDeclaration", {}).get("reason") for event in repairs]
        assert reasons == [None, "incorrect_data", None, None, "did_not_occur"]
        assert repairs[0]["eventID"] == repairs[1]["eventID"]
        assert repairs[1]["errorDeclaration"]["correctiveEventIDs"] == [repairs[2]["eventID"]]
        private = "typed twice" in str(repairs)
        assert private == (audience is Audience.CN_REGULATOR)


@each("size", [1, 3, 7])
def test_pages_follow_one_another_by_their_links(site, told, size):
    headers = site.bearer(Audience.CN_REGULATOR)
    whole = epcis(ask(site, told[2], "?format=epcis&perPage=1000", **headers))
    assert all_pages(site, told[2], f"?format=epcis&perPage={size}", **headers) == whole


def test_the_token_of_a_page_has_an_end(site, told):
    headers = site.bearer(Audience.CN_REGULATOR)
    answer = ask(site, told[2], "?format=epcis&perPage=2", **headers)
    ends = datetime.fromisoformat(answer.headers["GS1-Next-Page-Token-Expires"])
    assert ends == site.clock[0] + timedelta(hours=1)
    query = "?" + NEXT.fullmatch(answer.headers["Link"])[1].partition("?")[2]
    site.clock[0] = ends + timedelta(seconds=1)
    refused = ask(site, told[2], query, 400, **site.bearer(Audience.CN_REGULATOR))
    assert "has expired" in refused.json["detail"]


@each("query", ["perPage=0", "perPage=1001", "perPage=x", "perPage=-1", "nextPageToken=x!", "nextPageToken=AAAA"])
def test_a_page_that_is_none(site, told, query):
    assert ask(site, told[2], f"?format=epcis&{query}", 400).json["code"] == "malformed-document"


def test_a_token_of_another_reader_opens_nothing_more(site, told):
    answer = ask(site, told[2], "?format=epcis&perPage=1", **site.bearer(Audience.CN_REGULATOR))
    query = "?" + NEXT.fullmatch(answer.headers["Link"])[1].partition("?")[2].replace("perPage=1&", "perPage=100&")
    assert set(kinds(epcis(ask(site, told[2], query)))) <= {"place_on_market"}


def test_who_read_which_events_in_epcis_is_logged(site, told):
    ask(site, told[2], "?format=epcis&perPage=2", **site.bearer(Audience.CN_REGULATOR))
    with sqlite3.connect(site.state.path) as connection:
        (newest,) = connection.execute("SELECT elements FROM access_log ORDER BY sequence DESC LIMIT 1").fetchone()
    assert newest.split() == ["event:1", "event:2"]


@each("accept", ["text/turtle", "application/n-quads"])
def test_prov_o_holds_what_the_reader_may_see(site, told, accept):
    graphs = {}
    for audience in (None, Audience.CN_REGULATOR):
        headers = {"Accept": accept, **(site.bearer(audience) if audience else {})}
        answer = ask(site, told[2], "?limit=40", **headers)
        assert answer.headers["Content-Type"].startswith(accept)
        graph = rdflib.Dataset(default_union=True)
        graph.parse(data=answer.data, format="turtle" if accept == "text/turtle" else "nquads")
        graphs[audience] = graph
    activities = {audience: set(graph.subjects(rdflib.RDF.type, PROV.Activity)) for audience, graph in graphs.items()}
    assert len(activities[None]) == 1 and activities[None] < activities[Audience.CN_REGULATOR]
    assert len(activities[Audience.CN_REGULATOR]) == len(told[1].history(told[2]).links)
    (placed,) = activities[None]
    assert (placed, PROV.used, rdflib.URIRef(told[2])) in graphs[None]
    assert len(list(graphs[None].objects(placed, PROV.wasAssociatedWith))) == 1
    assert list(graphs[Audience.CN_REGULATOR].objects(None, PROV.wasInformedBy))


def test_prov_o_goes_on_by_its_link(site, told):
    answer = ask(site, told[2], "?format=turtle&limit=2", **site.bearer(Audience.CN_REGULATOR))
    assert NEXT.fullmatch(answer.headers["Link"])[1].endswith("/events?after=2&format=turtle")
