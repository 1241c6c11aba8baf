"""Batches over HTTP: their address, their forms, their page; the same with and without the quick way."""

from __future__ import annotations

import json

from passport.vocabulary.credential_types import BATCH, CONDITION, MODEL, PASSPORT
from tests.each import each

GTIN = "/01/09529999001009"
ADDRESS = f"{GTIN}/10/LH100-2606-B03"
OWN = "/id/VO-HV13/batch/2026-W11-A"
PACK = f"{GTIN}/21/A7K2M05G6J0000317"
BASE = "https://passport.example.com"


def types_of(answer) -> list[str]:
    return [document["type"][1] for document in json.loads(answer.data)["verifiableCredential"]]


@each("path", [ADDRESS, OWN])
def test_the_address_of_a_batch_leads_to_its_negotiated_passport(anonymous, path):
    answer = anonymous.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{BASE}/passports{path}")
    shown = anonymous.get(f"/passports{path}", headers={"Accept": "application/vp"})
    assert (shown.status_code, shown.mimetype) == (200, "application/vp")
    assert types_of(shown)[:2] == [MODEL, BATCH] and PASSPORT not in types_of(shown)
    page = anonymous.get(f"/passports{path}", headers={"Accept": "text/html"})
    assert page.mimetype == "text/html" and path.rsplit("/", 1)[1] in page.text
    assert "Batch only, not one battery" in page.text


def test_a_pack_is_found_by_its_batch_and_serial_number_and_by_no_other_batch(anonymous):
    answer = anonymous.get(f"{ADDRESS}/21/A7K2M05G6J0000317")
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{BASE}/passports{PACK}")
    assert anonymous.get(f"{GTIN}/10/LOT7/21/A7K2M05G6J0000317").status_code == 404
    assert anonymous.get(f"/passports{GTIN}/10/LOT7/21/A7K2M05G6J0000317").status_code == 404


@each("path", [f"{GTIN}/10/NOBODY", "/id/VO-HV13/batch/NOBODY"])
def test_a_batch_that_nobody_issued_is_404(anonymous, path):
    assert anonymous.get(path).status_code == 404
    for accept in ("text/html", "application/vp", "application/json"):
        assert anonymous.get(f"/passports{path}", headers={"Accept": accept}).status_code == 404


@each("path", [f"{GTIN}/10/{'A' * 21}", "/id/VO-HV13/batch", f"/id/VO-HV13/batch/{'A' * 21}"])
def test_an_address_that_no_batch_can_have_is_a_bad_request(anonymous, path):
    assert anonymous.get(path).status_code == 400


def test_the_page_of_a_pack_leads_to_its_batch(anonymous):
    page = anonymous.get(f"/passports{PACK}?lang=en").text
    assert f'href="/passports{ADDRESS}?lang=en"' in page and ">LH100-2606-B03</a>" in page


def test_the_page_of_a_model_says_nothing_of_batches(anonymous):
    page = anonymous.get(f"/passports{GTIN}?lang=en").text
    assert "Place of manufacture" not in page and "LH100-2606-B03" not in page


def test_a_credential_of_a_batch_is_public(site):
    stored = site.operator.store.current(BASE + ADDRESS, BATCH)
    answer = site.client.get(stored.id.removeprefix(BASE))
    assert answer.status_code == 200 and answer.data == stored.body


def test_en_18222_knows_batches(anonymous):
    answer = anonymous.get(f"/v1/dppsByProductId/{BASE}{ADDRESS}", headers={"Accept": "application/json"})
    assert answer.status_code == 200
    assert answer.json["granularity"] == "batch"
    assert answer.json["uniqueProductIdentifier"] == BASE + ADDRESS
    assert answer.json["digitalProductPassportId"] == f"{BASE}/passports{ADDRESS}"


def test_dumps_hold_each_batch_once(anonymous):
    dump = anonymous.get("/dumps/passports.nq").text
    assert dump.count(f"<{BASE}{ADDRESS}> <https://w3id.org/battery-passport/ns#facilityIdentifier>") == 1


def test_a_batch_holds_nothing_of_one_pack(anonymous):
    shown = anonymous.get(f"/passports{ADDRESS}", headers={"Accept": "application/vp"})
    assert CONDITION not in types_of(shown) and "A7K2M05G6J0000317" not in shown.text


def test_search_finds_the_packs_of_a_batch_and_names_it(anonymous):
    for batch in ("LH100-2606-B03", BASE + ADDRESS):
        (item,) = anonymous.get("/search", query_string={"batch": batch, "format": "json"}).json["items"]
        assert (item["subject"], item["batch"]) == (BASE + PACK, BASE + ADDRESS)
    assert anonymous.get("/search?batch=LOT7&format=json").json["items"] == []
