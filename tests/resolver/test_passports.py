"""From the address in a QR code to the passport: redirects, forms, caches, and what is refused."""

from __future__ import annotations

import json

import pytest

from passport.credentials.verifier import Verifier
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL_DETAIL, PASSPORT
from resolver.forms.negotiation import FORMS
from tests.each import each

BASE = "https://passport.example.com"
GTIN = "/01/09529999001009"
SERIAL = "A7K2M05G6J0000317"
CODE = "ZZZPE10A7K2M05G6J0000317"
PACK = f"{GTIN}/21/{SERIAL}"
BATCH = f"{GTIN}/10/LH100-2606-B03"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
VP = {"Accept": "application/vp"}


def types_of(answer) -> set[str]:
    return {name for document in json.loads(answer.data)["verifiableCredential"] for name in document["type"]}


# --- addresses ------------------------------------------------------------------------------------------------------


@each(
    ("path", "leads_to"),
    [
        (PACK, PACK),
        (PACK + "/", PACK),
        (GTIN, GTIN),
        (f"{BATCH}/21/{SERIAL}", PACK),
        (BATCH, BATCH),
        ("/id/VO-HV13/batch/2026-W11-A", "/id/VO-HV13/batch/2026-W11-A"),
        (f"/gbt34014/{CODE}", PACK),
        ("/id/VO-HV13/VO26090001742", "/id/VO-HV13/VO26090001742"),
        ("/id/VO-HV13", "/id/VO-HV13"),
        (f"{PACK}?lang=zh&format=vp", f"{PACK}?lang=zh&format=vp"),
        (f"/passports/gbt34014/{CODE}", PACK),
        (f"/find?code={CODE}", PACK),
        (f"/find?code={CODE[:14]}+{CODE[14:]}", PACK),
        (f"/find?code={BASE}{PACK}", PACK),
    ],
)
def test_each_way_in_leads_to_the_one_passport(anonymous, path, leads_to):
    answer = anonymous.get(path)
    assert answer.status_code == 307
    assert answer.headers["Location"] == f"{BASE}/passports{leads_to}"
    assert answer.headers["Cache-Control"] == "no-cache"


@each(
    ("path", "words"),
    [
        ("/01/09529999001000", "check digit: expected 9"),
        ("/01/9529999001009", "14 digits"),
        (f"{GTIN}/21", "/21/ and a serial number"),
        (f"{GTIN}/21/{SERIAL}/22/x", "serial number"),
        (f"{GTIN}/21/{'9' * 21}", "at most 20 characters"),
        (f"{GTIN}/21/a%2Fb", "serial number"),
        (f"{GTIN}/21/..", "more than dots"),
        (f"{GTIN}/21/a%00b", "character"),
        ("/gbt34014/ZZZPE10A7K2M05G6U0000317", "position 17, day"),
        ("/gbt34014/ZZZPE10A7K2M05G2Y0000317", "calendar date"),
        ("/gbt34014/short", "24 characters"),
        ("/id/a/b/c", "a model and a serial number"),
        ("/find?code=nonsense", "24 characters"),
        ("/find", "nothing to look for"),
        ("/find?code=https://elsewhere.example/01/1", "24 characters"),
    ],
)
def test_an_address_that_cannot_be_right_is_a_bad_request_in_the_librarys_words(anonymous, path, words):
    answer = anonymous.get(path)
    assert answer.status_code == 400
    assert answer.content_type == "application/problem+json"
    assert words in answer.json["detail"]
    assert answer.json["code"] == "malformed-identifier"


@each(
    "path",
    [
        "/01/09506000134352", "/01/09506000134352/21/UNKNOWN1", "/id/NOBODY/1", f"/passports/id/VO-HV13/{SERIAL}",
        "/gbt34014/001PE01A1B2C3DG7L0000042", f"/passports{GTIN}/21/UNKNOWN1", "/passports", "/nothing",
        "/find?code=001PE01A1B2C3DG7L0000042",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404(anonymous, path):
    answer = anonymous.get(path)
    assert answer.status_code == 404
    assert answer.json["status"] == 404


def test_the_host_header_decides_nothing(anonymous):
    answer = anonymous.get(PACK, headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.headers["Location"] == f"{BASE}/passports{PACK}"
    page = anonymous.get(f"/passports{PACK}", headers={**HTML, "Host": "evil.example"})
    assert "evil.example" not in page.text
    assert "evil.example" not in str(page.headers)


# --- forms ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query", "media_type"),
    [
        (HTML, "", "text/html"),
        ({}, "", "text/html"),
        (VP, "", "application/vp"),
        ({"Accept": "application/ld+json"}, "", "application/ld+json"),
        ({"Accept": "application/json"}, "", "application/json"),
        (HTML, "?format=vp", "application/vp"),
        (HTML, "?format=jsonld", "application/ld+json"),
        (VP, "?format=html", "text/html"),
    ],
)
def test_one_address_answers_in_the_form_asked_for(site, headers, query, media_type):
    answer = site.client.get(site.path(site.ev) + query, headers=headers)
    assert answer.status_code == 200
    assert answer.mimetype == media_type
    assert answer.headers["Vary"] == "Accept, Accept-Language, Authorization"
    alternates = answer.headers["Link"]
    assert alternates.count('rel="alternate"') == len(FORMS) - 1
    assert f'type="{media_type}"' not in alternates


def test_a_form_that_is_not_there_is_406_and_named(site):
    answer = site.get(site.ev, {"Accept": "image/png"})
    assert answer.status_code == 406
    assert "application/vp" in answer.json["detail"]
    assert site.client.get(site.path(site.ev) + "?format=docx").status_code == 406


def test_the_presentation_holds_the_public_credentials_as_signed_and_verifies_offline(site):
    answer = site.get(site.ev, VP)
    stored = site.operator.store.current(site.ev, PASSPORT)
    assert stored.body in answer.data
    assert not types_of(answer) & {MODEL_DETAIL, CONDITION, EVENT}
    result = Verifier(site.operator.project.trust_list()).verify(json.loads(answer.data), at=site.clock[0])
    assert result.verified is True


def test_a_model_has_a_page_and_a_presentation_of_its_own(site):
    model = site.ev.split("/21/")[0]
    assert "Model only, not one battery" in site.get(model, HTML).text
    assert "BatteryPassportCredential" not in types_of(site.get(model, VP))


# --- caches ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("headers", [HTML, VP])
def test_a_public_view_has_a_strong_etag_and_answers_304(site, headers):
    first = site.get(site.ev, headers)
    etag = first.headers["ETag"]
    assert not etag.startswith("W/")
    assert first.headers["Cache-Control"] == "public, max-age=60"
    again = site.get(site.ev, {**headers, "If-None-Match": etag})
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == etag
    assert again.headers["Vary"] == first.headers["Vary"]


def test_each_form_and_language_has_an_etag_of_its_own(site):
    path = site.path(site.ev)
    asked = [(HTML, "?lang=en"), (HTML, "?lang=zh"), (VP, ""), ({"Accept": "application/ld+json"}, "")]
    etags = [site.client.get(path + query, headers=headers).headers["ETag"] for headers, query in asked]
    assert len(set(etags)) == len(asked)


def test_an_answer_to_a_token_is_never_stored_and_never_304(site):
    etag = site.get(site.ev, VP).headers["ETag"]
    for headers in (HTML, VP):
        answer = site.get(site.ev, {**headers, **site.bearer(), "If-None-Match": etag})
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "ETag" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


# --- methods, other origins, hygiene --------------------------------------------------------------------------------


def test_head_says_what_get_says_without_the_body(site):
    got, headed = site.get(site.ev, VP), site.client.head(site.path(site.ev), headers=VP)
    assert headed.status_code == 200
    assert headed.data == b""
    for name in ("Content-Type", "ETag", "Vary", "Cache-Control", "Link"):
        assert headed.headers[name] == got.headers[name]


def test_other_origins_may_read_what_is_public(anonymous):
    assert anonymous.get(PACK).headers["Access-Control-Allow-Origin"] == "*"
    asked = anonymous.options(f"/passports{PACK}", headers={"Origin": "https://other.example"})
    assert asked.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    # With a token no page of another origin can read anything.
    assert "Authorization" not in asked.headers["Access-Control-Allow-Headers"]


@each("path", ["/token", "/challenge"])
def test_other_origins_may_not_touch_the_token_endpoint(anonymous, path):
    for answer in (anonymous.options(path), anonymous.get(path), anonymous.post(path, json={})):
        assert "Access-Control-Allow-Origin" not in answer.headers


@each("path", ["/", f"/passports{PACK}", "/ns", "/nothing", PACK, "/token", "/static/passport.css"])
def test_every_answer_carries_the_security_headers_and_no_cookie(anonymous, path):
    headers = anonymous.get(path, headers=HTML).headers
    assert headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "Set-Cookie" not in headers


@each("method", ["put", "delete", "patch"])
def test_a_passport_cannot_be_written_to(anonymous, method):
    answer = getattr(anonymous, method)(f"/passports{PACK}")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert answer.json["status"] == 405


def test_a_query_cannot_inject_a_header(anonymous):
    answer = anonymous.get(f"{PACK}?x=%0d%0aSet-Cookie:%20a=b")
    assert answer.status_code == 307
    assert "Set-Cookie" not in answer.headers
    assert "\r" not in answer.headers["Location"]


def test_a_fault_of_ours_tells_nothing(site, monkeypatch, caplog):
    def broken(*_):
        raise KeyError("secret-of-the-house")

    monkeypatch.setattr(type(site.presenter), "present", broken)
    answer = site.get(site.ev, VP)
    assert answer.status_code == 500
    assert answer.json == {
        "type": "https://w3id.org/battery-passport/problems#internal",
        "title": "Internal Server Error", "status": 500, "code": "internal",
    }  # fmt: skip
    assert "secret-of-the-house" not in caplog.text
    page = site.get(site.ev, HTML)
    assert page.status_code == 500
    assert "secret-of-the-house" not in page.text
