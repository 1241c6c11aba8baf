"""EN 18222: reading passports by id, product, date and element, as the public and in a role."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from passport.credentials.verifier import Verifier
from passport.errors import MalformedDocument
from passport.presenting.standing import AsOf
from passport.publishing.publisher import Publisher
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, PASSPORT
from resolver.forms import en18222
from tests.each import each
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

BASE = "https://passport.example.com"
EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
CODE = "ZZZPE10A7K2M05G6J0000317"
PROOF = {"Accept": "application/vp"}
CHARGE = "$['dynamic']['stateOfCharge']"


def enc(text: str) -> str:
    return quote(text, safe="")


def dpp_id(subject: str) -> str:
    return enc(BASE + "/passports" + subject.removeprefix(BASE))


@pytest.fixture
def ev(site) -> str:
    return f"/v1/dpps/{dpp_id(site.ev)}"


def code_of(answer) -> str:
    (message,) = answer.json["messages"]
    assert set(message) == {"messageType", "text", "code", "correlationId", "timestamp"}
    return message["code"]


# --- whole passports ------------------------------------------------------------------------------------------------


def test_a_passport_is_read_by_its_id_and_by_its_products_ids(site, ev):
    by_id = site.client.get(ev)
    assert by_id.status_code == 200
    assert by_id.json["uniqueProductIdentifier"] == site.ev
    assert by_id.json["granularity"] == "item"
    assert by_id.json["performance"]["ratedEnergy"] == 100
    for product in (site.ev, CODE):
        assert site.client.get(f"/v1/dppsByProductId/{enc(product)}").json == by_id.json


def test_a_model_has_a_passport_of_its_own(site):
    model = site.ev.split("/21/")[0]
    assert site.client.get(f"/v1/dpps/{dpp_id(model)}").json["granularity"] == "model"


def test_the_full_representation_names_the_terms(site, ev):
    elements = site.client.get(f"{ev}?representation=full").json["elements"]
    references = {each["dictionaryReference"] for one in elements for each in one["elements"]}
    assert "https://w3id.org/battery-passport/ns#ratedEnergy" in references


def test_a_role_sees_its_elements_and_the_public_does_not(site, ev):
    assert "dynamic" not in site.client.get(ev).json
    told = site.client.get(ev, headers=site.bearer())
    assert told.json["dynamic"]["stateOfCharge"] is not None
    assert told.headers["Cache-Control"] == "private, no-store"
    assert "stateOfCharge" in next(iter(reversed(site.state.accesses()))).elements


def test_a_withdrawn_passport_is_inactive(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path)
    pack = operator.packs["lmt"]
    assert site.client.get(f"/v1/dpps/{dpp_id(pack)}").json["dppStatus"] == "active"
    publisher(operator).revoke(pack, reason="test", at=site.clock[0])
    assert site.client.get(f"/v1/dpps/{dpp_id(pack)}").json["dppStatus"] == "inactive"


def publisher(operator) -> Publisher:
    return RememberingPublisher(
        operator.store, operator.issuer, BASE, vocabulary.load(), tuple(vocabulary.regimes().values())
    )


# --- versions -------------------------------------------------------------------------------------------------------


def test_a_former_version_is_read_by_its_date(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "lmt-ebike")
    site = make_site(operator, tmp_path)
    pack = operator.packs["lmt"]
    path = f"/v1/dppsByIdAndDate/{dpp_id(pack)}?date="
    before = site.clock[0]
    site.later(days=10)
    record = example_records("lmt-ebike.xlsx")[0]
    changed = replace(record, model={**record.model, "batteryMass": "4.5"})
    publisher(operator).issue([changed], at=site.clock[0], replace=True, reason="weighed again")
    old = site.client.get(path + before.strftime("%Y-%m-%dT%H:%M:%SZ")).json
    new = site.client.get(path + site.clock[0].strftime("%Y-%m-%dT%H:%M:%SZ")).json
    assert (old["basic"]["batteryMass"], new["basic"]["batteryMass"]) == (float(record.model["batteryMass"]), 4.5)
    assert old["dppStatus"] == "inactive"
    assert code_of(site.client.get(path + "2020-01-01T00:00:00Z")) == "ClientErrorResourceNotFound"


@each("date", ["", "yesterday", "2027-03-08", "2027-03-08T09:30:00", "9999-99-99T00:00:00Z", "T"])
def test_a_date_that_is_no_instant_is_refused(site, date):
    answer = site.client.get(f"/v1/dppsByIdAndDate/{dpp_id(site.ev)}", query_string={"date": date})
    assert (answer.status_code, code_of(answer)) == (400, "ClientErrorBadRequest")


@each(
    "query",
    [
        "date=2027-03-08T09:30:00Z&date=2026-03-08T09:30:00Z",
        "date=2027-03-08T09:30:00Z&representation=full&representation=compressed",
    ],
)
def test_two_answers_to_one_question_are_refused(site, query):
    answer = site.client.get(f"/v1/dppsByIdAndDate/{dpp_id(site.ev)}?{query}")
    assert (answer.status_code, code_of(answer)) == (400, "ClientErrorBadRequest")


@each(("date", "status"), [("0001-01-01T00:00:00+23:59", 404), ("9999-12-31T23:59:59-23:59", 200)])
def test_an_instant_at_the_end_of_the_calendar_is_before_or_after_everything(site, date, status):
    answer = site.client.get(f"/v1/dppsByIdAndDate/{dpp_id(site.ev)}", query_string={"date": date})
    assert answer.status_code == status


def test_an_instant_may_be_written_with_an_offset():
    assert en18222.instant("2027-03-08T10:30:00+01:00") == datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


# --- elements -------------------------------------------------------------------------------------------------------


@each(
    ("path", "value"),
    [
        ("$['performance']['ratedEnergy']", 100),
        ('$["performance"]["ratedEnergy"]', 100),
        ("$.performance.ratedEnergy", 100),
        ("$.performance.originalPowerCapability[0].stateOfCharge", 80),
        ("$.performance.originalPowerCapability[-1]['stateOfCharge']", 20),
        ("$['granularity']", "item"),
    ],
)
def test_an_element_is_read_by_its_path(site, ev, path, value):
    assert site.client.get(f"{ev}/elements/{enc(path)}").json == value


@each(
    "path",
    ["$..*", "$.*", "$['a','b']", "$[0:2]", "$[?@.a]", "$.", "$[", "$['a'", "$x", "$[01]", "$[-0]", "$" + ".a" * 300,
     "$['performance']ratedEnergy", "$\x01.a"],
)  # fmt: skip
def test_a_path_that_does_not_name_one_place_is_refused(site, ev, path):
    answer = site.client.get(f"{ev}/elements/{enc(path)}")
    assert (answer.status_code, code_of(answer)) == (400, "ClientErrorBadRequest")


def test_what_is_not_there_and_what_may_not_be_seen_look_alike(site, ev):
    hidden = site.client.get(f"{ev}/elements/{enc(CHARGE)}")
    absent = site.client.get(f"{ev}/elements/{enc(CHARGE.replace('stateOf', 'nothingOf'))}")
    said = [
        (answer.status_code, answer.json["messages"][0]["text"], sorted(answer.headers.keys()))
        for answer in (hidden, absent)
    ]
    assert said[0] == said[1]
    assert said[0][0] == 404


def test_a_restricted_element_comes_with_a_proof_that_shows_nothing_else(site, ev):
    answer = site.client.get(f"{ev}/elements/{enc(CHARGE)}", headers={**PROOF, **site.bearer()})
    assert answer.mimetype == "application/vp"
    (condition,) = (one for one in json.loads(answer.data)["verifiableCredential"] if CONDITION in one["type"])
    assert set(condition["credentialSubject"]) == {"id", "type", "recordedAt", "stateOfCharge"}
    result = Verifier(site.operator.project.trust_list()).verify(json.loads(answer.data), at=site.clock[0])
    assert result.credentials[0].check(2).passed
    assert tuple(site.state.accesses())[-1].elements == ("stateOfCharge",)


def test_a_public_element_comes_with_the_credential_as_signed(site, ev):
    answer = site.client.get(f"{ev}/elements/{enc('$.performance.ratedEnergy')}", headers=PROOF)
    (model, *lists) = json.loads(answer.data)["verifiableCredential"]
    assert "BatteryModelCredential" in model["type"]
    assert Verifier(site.operator.project.trust_list()).verify(json.loads(answer.data), at=site.clock[0]).verified


def test_a_whole_passport_comes_signed_where_that_is_asked_for(site, ev):
    model = f"/v1/dppsByProductId/{enc(site.ev)}"
    for path in (ev, model, f"{ev}/elements/{enc('$')}"):
        answer = site.client.get(path, headers=PROOF)
        assert answer.mimetype == "application/vp"
        assert answer.data == site.get(site.ev, PROOF).data
        assert site.client.get(path, headers={"Accept": "application/ld+json"}).data == answer.data
        assert "Accept" in answer.headers["Vary"]


@each("accept", ["text/html", "application/json;q=0", "image/png"])
def test_a_form_that_is_not_offered_is_406_in_the_envelope(site, ev, accept):
    for path in (ev, f"{ev}/elements/{enc('$.performance')}", f"/v1/dppsByProductId/{enc(site.ev)}"):
        answer = site.client.get(path, headers={"Accept": accept})
        assert (answer.status_code, code_of(answer)) == (406, "ClientErrorBadRequest")


def test_what_no_credential_says_has_no_proof(site, ev):
    path = f"{ev}/elements/{enc('$.granularity')}"
    assert site.client.get(path).status_code == 200
    assert site.client.get(path, headers=PROOF).status_code == 406


@each("path", ["performance.ratedEnergy", "/performance/ratedEnergy", "ratedEnergy"])
def test_a_path_that_is_none_is_told_apart_from_an_unknown_passport(site, ev, path):
    answer = site.client.get(f"{ev}/elements/{enc(path)}")
    assert (answer.status_code, code_of(answer)) == (400, "ClientErrorBadRequest")
    assert "elementIdPath" in answer.text


# --- ids and pages --------------------------------------------------------------------------------------------------


def test_ids_of_passports_come_in_pages_without_the_unknown(site):
    products = [site.ev, CODE, "unknown", f"{BASE}/01/1", *site.operator.packs.values()]
    first = site.client.post("/v1/dppsByProductIds?limit=2", json={"productIds": products}).json
    rest = site.client.post(
        f"/v1/dppsByProductIds?limit=2&cursor={first['cursor']}", json={"productIds": products}
    ).json
    assert len(first["items"]) == 2
    assert rest["cursor"] == ""
    ids = {
        site.operator.store.current(pack, PASSPORT).document["credentialSubject"]["batteryPassportIdentifier"]
        for pack in site.operator.packs.values()
    }
    assert set(first["items"] + rest["items"]) == ids


@each(
    "body", [b"", b"{}", b"[]", b'{"productIds":[]}', b'{"productIds":[1]}', b'{"productIds":["a"],"x":1}',
             b'{"productIds":["a"],"productIds":["b"]}', b"[" * 100_000, b'{"productIds":["' + b'a","' * 101 + b'"]}'],
)  # fmt: skip
def test_a_body_that_cannot_be_used_is_refused_in_the_envelope(site, body):
    answer = site.client.post("/v1/dppsByProductIds", data=body, content_type="application/json")
    assert (answer.status_code, code_of(answer)) == (400, "ClientErrorBadRequest")


@each("query", ["limit=0", "limit=101", "limit=x", "limit=١", "cursor=zzz", "cursor=cDk5OQ"])
def test_a_limit_or_cursor_out_of_range_is_refused(site, query):
    answer = site.client.post(f"/v1/dppsByProductIds?{query}", json={"productIds": ["a"]})
    assert answer.status_code == 400


# --- errors ---------------------------------------------------------------------------------------------------------


@each(
    ("method", "path", "status", "code"),
    [
        ("POST", "/v1/dpps", 405, "ClientMethodNotAllowed"),
        ("POST", "/v1/registerDPP", 405, "ClientMethodNotAllowed"),
        ("DELETE", "/v1/dpps/x", 405, "ClientMethodNotAllowed"),
        ("PATCH", "/v1/dpps/x/elements/$.a", 405, "ClientMethodNotAllowed"),
        ("GET", "/v1/dppsByProductIds", 405, "ClientMethodNotAllowed"),
        ("TRACE", "/v1/dpps/x", 405, "ClientMethodNotAllowed"),
        ("BREW", "/v1/dpps/x", 405, "ClientMethodNotAllowed"),
        ("GET", "/v1", 404, "ClientErrorResourceNotFound"),
        ("GET", "/v1/", 404, "ClientErrorResourceNotFound"),
        ("GET", "/v1//", 404, "ClientErrorResourceNotFound"),
        ("GET", "/v1/dpps//x", 404, "ClientErrorResourceNotFound"),
        ("GET", "/v1/nothing", 404, "ClientErrorResourceNotFound"),
        ("GET", "/v1/dpps/" + "x" * 3000, 414, "ClientErrorBadRequest"),
        ("GET", "/v1/dppsByProductId/" + "x" * 3000, 414, "ClientErrorBadRequest"),
        ("GET", "/v1/dpps/nobody", 404, "ClientErrorResourceNotFound"),
        ("GET", "/v1/dppsByProductId/a%0Ab", 404, "ClientErrorResourceNotFound"),
        (
            "GET",
            f"/v1/dpps/{enc('https://elsewhere.example/passports/01/09529999001009')}",
            404,
            "ClientErrorResourceNotFound",
        ),
    ],
)
def test_every_error_below_v1_is_in_the_envelope(site, method, path, status, code):
    answer = site.client.open(path, method=method)
    assert (answer.status_code, code_of(answer)) == (status, code)
    assert answer.headers.get("Allow") if status == 405 else True


@each("headers", [{}, {"Accept": "text/html, */*"}])
def test_a_fault_of_ours_is_in_the_envelope_and_says_nothing(site, ev, headers, monkeypatch):
    monkeypatch.setattr(en18222, "document", lambda *_, **__: 1 / 0)
    answer = site.client.get(ev, headers=headers)
    assert (answer.status_code, code_of(answer)) == (500, "ServerInternalError")
    assert "division" not in answer.text


def test_a_body_beyond_the_limit_is_refused_in_the_envelope(site):
    answer = site.client.post("/v1/dppsByProductIds", data=b" " * 1_000_001, content_type="application/json")
    assert (answer.status_code, code_of(answer)) == (413, "ClientErrorBadRequest")


@each(("path", "allow"), [
    ("/v1/dpps/x", {"GET", "HEAD", "OPTIONS"}), ("/v1/dppsByProductIds", {"POST", "OPTIONS"}),
    ("/v1/dpps", {"OPTIONS"}), ("/v1/dppsByIdAndDate/x", {"GET", "HEAD", "OPTIONS"}),
])  # fmt: skip
def test_what_may_be_asked_is_said_alike_when_asked_and_when_refused(site, path, allow):
    for answer in (site.client.options(path), site.client.delete(path)):
        assert {method.strip() for method in answer.headers["Allow"].split(",")} == allow


def test_a_bad_token_is_never_silently_the_public(site, ev):
    answer = site.client.get(ev, headers={"Authorization": "Bearer x.y.z"})
    assert (answer.status_code, code_of(answer)) == (401, "ClientNotAuthorized")
    assert "WWW-Authenticate" in answer.headers


def test_a_role_for_another_pack_opens_nothing_here(site, ev):
    other = site.bearer(packs=(site.operator.packs["lmt"],))
    answer = site.client.get(ev, headers=other)
    assert (answer.status_code, code_of(answer)) == (403, "ClientForbidden")


def test_an_id_is_decoded_once(site):
    assert site.client.get(f"/v1/dpps/{enc(dpp_id(site.ev))}").status_code == 404


# --- pure -----------------------------------------------------------------------------------------------------------


def test_a_name_in_quotes_may_hold_an_escaped_quote():
    assert en18222.parse_path(r"$['a\'b'][ 0 ]['c']") == ("a'b", 0, "c")


def test_a_page_behind_the_last_is_empty():
    assert en18222.page(["a"], 1, en18222.page(["a", "b"], 1, "").cursor) == en18222.ListPage((), "")
    with pytest.raises(MalformedDocument):
        en18222.page(["a"], 1, "p1")


def test_the_store_as_of_an_instant_knows_nothing_later(site):
    store = site.operator.store
    assert AsOf(store, site.clock[0] - timedelta(days=1)).current(site.ev, CONDITION) is None
    assert AsOf(store, site.clock[0]).current(site.ev, CONDITION) == store.current(site.ev, CONDITION)


# --- one identifier -------------------------------------------------------------------------------------------------


def test_a_passport_has_one_identifier_in_the_credential_and_in_en_18222_and_is_found_by_it(site, ev):
    document = site.client.get(ev).json
    given = document["digitalProductPassportId"]
    assert given.startswith("urn:uuid:")
    passport = site.operator.store.current(site.ev, PASSPORT).document
    assert passport["credentialSubject"]["batteryPassportIdentifier"] == given
    assert site.client.get(f"/v1/dpps/{enc(given)}").json == document
    assert site.client.get(f"/v1/dpps/{enc(given)}/elements/{enc('$.performance.ratedEnergy')}").status_code == 200
    listed = site.client.post("/v1/dppsByProductIds", json={"productIds": [site.ev]}).json
    assert listed["items"] == [given]


def test_an_identifier_that_nobody_gave_is_unknown(site):
    assert site.client.get(f"/v1/dpps/{enc('urn:uuid:00000000-0000-4000-8000-000000000000')}").status_code == 404


def test_an_identifier_that_was_given_to_two_packs_names_no_passport(site, monkeypatch):
    packs = tuple(site.operator.packs.values())[:2]
    monkeypatch.setattr(type(site.operator.store), "packs_of_identifier", lambda store, identifier: packs)
    assert site.client.get(f"/v1/dpps/{enc('urn:uuid:00000000-0000-4000-8000-000000000001')}").status_code == 404
