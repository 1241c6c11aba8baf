"""Finding passports by public data, the directory of issuers, and what is left of a recycled pack."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from passport.errors import MalformedDocument
from passport.store import StoredCredential
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import EVENT
from resolver import pack_search
from resolver.pack_search import Query
from tests.each import each
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
BASE = "https://passport.example.com"
CODE = "ZZZPE10A7K2M05G6J0000317"


def found(client, **query) -> list[str]:
    answer = client.get("/search", query_string={**query, "format": "json"})
    assert answer.status_code == 200, answer.text
    return [item["subject"] for item in answer.json["items"]]


# --- search ---------------------------------------------------------------------------------------------------------


@each(
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
        ({"maker": "ＬＡＮＨＵ"}, {"ev"}),
        ({"maker": " lanhu "}, {"ev"}),
        ({"maker": "lan_u"}, set()),
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


@each(("named", "looked"), [(0, 1000), (5000, 1), (0, 1)])
@each("query", [{}, {"maker": "o"}, {"category": "lmt"}, {"code": CODE}, {"maker": "澜湖"}])
def test_however_little_one_request_may_do_the_pages_hold_what_fits_once(site, monkeypatch, named, looked, query):
    right = found(site.client, **query)
    monkeypatch.setattr(pack_search, "NAMED", named)
    monkeypatch.setattr(pack_search, "LOOKED", looked)
    monkeypatch.setattr(pack_search, "MAX_PAGE", 1)
    seen, page = [], {"next": f"{BASE}/search?{urlencode({**query, 'format': 'json', 'limit': 1})}"}
    while page["next"]:
        page = site.client.get(page["next"].removeprefix(BASE)).json
        seen += [item["subject"] for item in page["items"]]
    assert seen == right


def test_one_request_looks_at_so_many_packs_and_no_more(site, monkeypatch):
    monkeypatch.setattr(pack_search, "LOOKED", 200)
    store = Crowd(site.operator.store, site.ev)
    page = pack_search.Index(store).find(Query(maker="nobody in particular"))
    assert (page.items, page.next) == ((), None)
    store.recycled = True
    page = pack_search.Index(store).find(Query(maker="lanhu"))
    assert page.items == ()
    assert page.next is not None
    assert store.given == 200


class Crowd:
    """A store of endlessly many packs of one model."""

    given, recycled = 0, False

    def __init__(self, store, subject):
        self._store, self._pack = store, store.pack(subject)

    def find_packs(self, *, after, limit, **_):
        self.given += limit
        return [replace(self._pack, subject=f"{after}.{number:03}") for number in range(limit)]

    def history(self, subject, type_):
        return (event_of(subject, "recycle" if self.recycled else "sale"),)

    def is_flagged(self, credential_id):
        return False

    def __getattr__(self, name):
        return getattr(self._store, name)


def test_only_models_signed_since_are_read_again(make_operator, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike", "stationary-lfp")
    read = []

    class Watched(Crowd):
        def current(self, subject, type_):
            read.append(subject)
            return self._store.current(subject, type_)

    index = pack_search.Index(Watched(operator.store, operator.packs["lmt"]))
    assert len(index.models()) == len(read) == 2
    publisher = RememberingPublisher(operator.store, operator.issuer, BASE, vocabulary.load(), ())
    publisher.issue((), at=NOW)  # status lists are signed, no model is
    index.models()
    assert len(read) == 2
    record = example_records("lmt-ebike.xlsx")[0]
    changed = type(record)(record.category, {**record.model, "manufacturerName": "Somebody Else"}, record.pack,
                           record.condition, record.events)  # fmt: skip
    publisher.issue([changed], at=NOW, replace=True, reason="sold")
    models = index.models()
    assert len(read) == 3
    assert "somebody else" in models[operator.store.pack(operator.packs["lmt"]).model].words


def test_a_language_switch_keeps_what_was_looked_for(site):
    page = site.client.get("/search", query_string={"maker": "lan&hu", "lang": "en", "category": "ev"})
    assert 'href="?lang=zh&amp;maker=lan%26hu&amp;category=ev"' in page.text


def test_a_hit_says_what_it_is_and_leads_to_its_passport(site):
    (item,) = site.client.get("/search?format=json&category=ev").json["items"]
    assert item["code"] == CODE
    assert site.client.get(item["passport"].removeprefix(BASE)).status_code == 200


@each(
    "query", [{"category": "car"}, {"limit": "0"}, {"limit": ""}, {"limit": "101"}, {"limit": "x"},
              {"maker": "x" * 201}, {"code": "a\0b"}, {"makers": "x"}],
)  # fmt: skip
def test_a_query_that_cannot_be_meant_is_refused(site, query):
    assert site.client.get("/search", query_string={**query, "format": "json"}).status_code == 400
    with pytest.raises(MalformedDocument):
        Query.parse(query)


def test_a_parameter_that_is_there_twice_is_refused(site):
    assert site.client.get("/search?format=json&maker=lanhu&maker=volt").status_code == 400


@each("language", ["en", "zh"])
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
    with store.transaction() as transaction:
        transaction.add_credential(replace(event_of(pack, "recycle"), issued_at=at))


def event_of(pack: str, kind: str) -> StoredCredential:
    document = {"id": f"{BASE}/credentials/event", "credentialSubject": {"id": pack, "lifecycleEvent": kind}}
    return StoredCredential(document["id"], EVENT, pack, json.dumps(document).encode(), "x", NOW)


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
    named = site.client.post("/v1/dppsByProductIds", json={"productIds": [pack, pack.rpartition("/")[0]]})
    assert named.json["items"] == [f"{BASE}/passports{path.rpartition('/')[0]}"]
    for query in ("vp", "jsonld", "json", "turtle", "nquads", "csv", "html"):
        assert site.client.get(f"/passports{path}?format={query}").status_code == 410, query
    page = site.client.get(path, headers={"Accept": "text/html", "Accept-Language": "zh"})
    assert (page.status_code, page.mimetype, page.headers["Content-Language"]) == (410, "text/html", "zh")
    assert "No passport fits." in site.client.get("/search", query_string={"code": pack}).text
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
