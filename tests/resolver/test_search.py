"""Finding passports by public data, the directory of issuers, and the dumps."""

from __future__ import annotations

import csv
import io
import json

import pytest
import rdflib

from passport.errors import MalformedDocument
from passport.linked_data import nquads
from passport.presenter import EVENT
from passport.store import StoredCredential
from resolver.search import Query

BASE = "https://passport.example.com"
CODE = "ZZZPE10A7K2M05G6J0000317"


def found(client, **query) -> list[str]:
    answer = client.get("/search", query_string={**query, "format": "json"})
    assert answer.status_code == 200, answer.text
    return [item["subject"] for item in answer.json["items"]]


# --- search ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"category": "ev"}, {"ev"}),
        ({"category": "lmt"}, {"lmt"}),
        ({"category": "industrial"}, set()),
        ({"code": CODE}, {"ev"}),
        ({"code": f"{CODE[:14]} {CODE[14:]}"}, {"ev"}),
        ({"code": CODE.lower()}, {"ev"}),
        ({"code": CODE[:-1]}, set()),
        ({"maker": "LANHU"}, {"ev"}),
        ({"maker": "澜湖"}, {"ev"}),
        ({"model": "vo-hv13"}, {"stationary"}),
        ({"model": "09529999001009"}, {"ev"}),
        ({"maker": "lanhu", "category": "lmt"}, set()),
        ({"maker": "%"}, set()),
        ({"code": "' OR 1=1 --"}, set()),
        ({}, {"ev", "stationary", "lmt"}),
    ],
)
def test_a_passport_is_found_by_what_everybody_may_read(site, query, names):
    assert set(found(site.client, **query)) == {site.operator.packs[name] for name in names}


def test_pages_hold_every_pack_once(site):
    seen, url = [], "/search?format=json&limit=1"
    while url:
        page = site.client.get(url.removeprefix(BASE)).json
        seen += [item["subject"] for item in page["items"]]
        url = page["next"]
    assert seen == sorted(site.operator.packs.values())


def test_a_hit_says_what_it_is_and_leads_to_its_passport(site):
    (item,) = site.client.get("/search?format=json&category=ev").json["items"]
    assert item["code"] == CODE
    assert site.client.get(item["passport"].removeprefix(BASE)).status_code == 200


@pytest.mark.parametrize(
    "query", [{"category": "car"}, {"limit": "0"}, {"limit": "101"}, {"limit": "x"}, {"maker": "x" * 201},
              {"code": "a\0b"}, {"makers": "x"}],
)  # fmt: skip
def test_a_query_that_cannot_be_meant_is_refused(site, query):
    assert site.client.get("/search", query_string={**query, "format": "json"}).status_code == 400
    with pytest.raises(MalformedDocument):
        Query.parse(query)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_people_search_with_a_form_and_without_a_script(site, language):
    form = site.client.get(f"/search?lang={language}", headers={"Accept": "text/html"})
    assert form.mimetype == "text/html"
    assert "<script" not in form.text
    page = site.client.get(f"/search?lang={language}&maker=lanhu", headers={"Accept": "text/html"})
    assert CODE in page.text
    assert site.client.get(f"/search?lang={language}&maker=nobody").text.count("<li>") == 0


def test_what_is_typed_is_shown_as_text(site):
    page = site.client.get("/search", query_string={"maker": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text


def test_search_knows_a_pack_that_was_issued_since_and_no_recycled_one(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path)
    pack = operator.packs["lmt"]
    assert found(site.client) == [pack]
    recycle(operator.store, pack, site.clock[0])
    assert found(site.client) == []


def recycle(store, pack: str, at) -> None:
    document = {"id": f"{BASE}/credentials/recycled", "credentialSubject": {"id": pack, "lifecycleEvent": "recycle"}}
    with store.transaction() as transaction:
        transaction.add_credential(
            StoredCredential(document["id"], EVENT, pack, json.dumps(document).encode(), "x", at)
        )


# --- a recycled pack ------------------------------------------------------------------------------------------------


def test_a_recycled_pack_leaves_a_tombstone_everywhere(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path)
    pack = operator.packs["lmt"]
    path = pack.removeprefix(BASE)
    recycle(operator.store, pack, site.clock[0])
    dpp = site.client.get(f"/v1/dppsByProductId/{pack.replace('/', '%2F').replace(':', '%3A')}")
    assert dpp.status_code == 410
    assert dpp.json["messages"][0]["code"] == "ClientErrorResourceNotFound"
    for address in (path, f"/passports{path}", f"/passports{path}?format=vp", f"{path}?linkType=linkset"):
        answer = site.client.get(address)
        assert answer.status_code == 410, address
        assert answer.json["code"] == "passport-ceased"
    assert pack not in site.client.get("/dumps/passports.nq").text
    assert site.client.get(f"/passports{path.rpartition('/')[0]}").status_code == 200  # the model goes on


# --- issuers --------------------------------------------------------------------------------------------------------


def test_the_directory_names_who_is_trusted_and_for_what(site):
    (issuer,) = site.client.get("/issuers?format=json").json["issuers"]
    assert issuer["id"] == site.operator.project.issuer
    assert "BatteryPassportCredential" in issuer["trustedFor"]
    page = site.client.get("/issuers?lang=zh")
    assert "示例运营者" in page.text


# --- dumps ----------------------------------------------------------------------------------------------------------


def test_the_dump_holds_the_public_statements_of_every_pack_and_no_other(site):
    answer = site.client.get("/dumps/passports.nq")
    assert answer.is_streamed
    quads = nquads.parse(answer.text)
    single = set()
    for pack in site.operator.packs.values():
        single |= set(nquads.parse(site.client.get(site.path(pack) + "?format=nquads").text))
    assert set(quads) == single
    assert "stateOfCharge" not in answer.text


def test_the_table_has_one_heading_and_a_row_for_each_value(site):
    rows = list(csv.DictReader(io.StringIO(site.client.get("/dumps/passports.csv").data.decode("utf-8-sig"))))
    assert {row["subject"] for row in rows} >= set(site.operator.packs.values())
    energies = [row["value"] for row in rows if row["indicator"] == "ratedEnergy"]
    assert "100" in energies
    assert len(energies) == len(site.operator.packs)  # each pack has a model of its own here
    assert not any(row["indicator"] == "indicator" for row in rows)


@pytest.mark.parametrize(("accept", "format_"), [("text/turtle", "turtle"), ("application/ld+json", "json-ld")])
def test_the_dumps_are_described_alike_in_both_forms(site, accept, format_):
    answer = site.client.get("/dumps", headers={"Accept": accept})
    graph = rdflib.Graph().parse(data=answer.data, format=format_)
    dcat = rdflib.Namespace("http://www.w3.org/ns/dcat#")
    urls = {str(url) for url in graph.objects(None, dcat.downloadURL)}
    assert urls == {f"{BASE}/dumps/passports.nq", f"{BASE}/dumps/passports.csv"}
    for url in urls:
        assert site.client.head(url.removeprefix(BASE)).status_code == 200


def test_there_is_no_other_dump(site):
    assert site.client.get("/dumps/passports.db").status_code == 404
    assert site.client.get("/dumps/..%2Fpassports.db").status_code == 404


def test_a_token_adds_nothing_to_a_dump_or_a_search(site):
    bearer = site.bearer()
    for path in ("/dumps/passports.nq", "/search?format=json"):
        assert site.client.get(path, headers=bearer).data == site.client.get(path).data
