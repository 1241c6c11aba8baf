"""A serial number that nobody issued: 404, and the page says so before it shows anything of the model."""

from __future__ import annotations

import re

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from passport.battery.identifiers.address import parse_path
from passport.errors import MalformedIdentifier
from tests.conftest import example_count
from tests.each import each

BASE = "https://passport.example.com"
HTML = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
GTIN = "/01/09529999001009"
#: A real model with a serial number of somebody's making, by each way in.
COPIED = {
    "gs1": f"{GTIN}/21/A7K2M05G6J0000371",
    "gs1 with a lot": f"{GTIN}/10/LOT7/21/A7K2M05G6J0000371",
    "own": "/id/VO-HV13/VO26090009999",
    "plate": "/gbt34014/ZZZPE10A7K2M05G6J0000371",
    "page": f"/passports{GTIN}/21/A7K2M05G6J0000371",
    "page of a plate": "/passports/gbt34014/ZZZPE10A7K2M05G6J0000371",
    "found by its code": "/find?code=ZZZPE10A7K2M05G6J0000371",
    "found by its address": f"/find?code={BASE}{GTIN}/21/A7K2M05G6J0000371",
}
NOBODY = {"plate": "/gbt34014/001PE01A1B2C3DG7L0000042", "gs1": "/01/09506000134352/21/X1", "own": "/id/NOBODY/1"}
PROGRAMS = [
    "application/vp", "application/ld+json", "application/json", "text/turtle", "application/n-quads", "text/csv",
]  # fmt: skip


def plain(text: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", text).split())


@each("path", COPIED.values(), ids=COPIED)
@each(("language", "first"), [("en", "No passport for"), ("zh", "无此编码的护照")])
def test_the_page_says_first_that_there_is_no_passport(anonymous, path, language, first):
    answer = anonymous.get(path, headers={**HTML, "Accept-Language": language})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert answer.headers["Content-Language"] == language
    assert answer.headers["Cache-Control"] == "no-store"
    (heading,) = re.findall(r"<h1>(.*?)</h1>", answer.text, re.DOTALL)
    assert heading.startswith(first)
    main = answer.text[answer.text.index("<main") :]
    assert main.index("<h1>") < main.index('id="model"') < main.index('class="trust ')
    assert main.count('<ol class="steps" aria-labelledby="do">') == 1
    steps = re.search(r'<ol class="steps" aria-labelledby="do">(.*?)</ol>', main, re.DOTALL)[1]
    assert steps.count("<li>") == 4
    # Nobody is accused: a slip of the pen is the likeliest reason.
    assert not re.search(r"counterfeit|fake|forged|fraud|伪造|假冒|欺诈", main, re.IGNORECASE)


@each("path", COPIED.values(), ids=COPIED)
@each("media_type", PROGRAMS)
def test_a_program_gets_no_data_and_a_link_to_the_model(anonymous, path, media_type):
    answer = anonymous.get(path, headers={"Accept": media_type})
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")
    assert answer.json["code"] == "no-such-serial"
    named = "packCode" if "ZZZ" in path else "serial"
    assert answer.json[named] in path
    model = f"{BASE}/passports" + ("/id/VO-HV13" if "/id/" in path else GTIN)
    assert answer.json["model"] == model
    assert f'<{model}>; rel="up"' in answer.headers["Link"]
    assert anonymous.get(model.removeprefix(BASE), headers={"Accept": media_type}).status_code == 200
    assert "verifiableCredential" not in answer.text


@each("form", ["vp", "jsonld", "json", "turtle", "nquads", "csv"])
@each("path", [COPIED["gs1"], COPIED["own"], COPIED["page"]])
def test_a_form_in_the_address_decides_before_the_accept_of_a_browser(anonymous, path, form):
    answer = anonymous.get(f"{path}?format={form}", headers=HTML)
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    assert anonymous.get(f"{path}?format=html").mimetype == "text/html"


@each("path", NOBODY.values(), ids=NOBODY)
def test_without_a_known_model_the_page_leads_to_the_search(anonymous, path):
    answer = anonymous.get(path, headers=HTML)
    assert answer.status_code == 404
    assert "Its model is not known here either." in answer.text
    assert "/search?lang=en" in answer.text and 'id="model"' not in answer.text
    problem = anonymous.get(path, headers={"Accept": "application/vp"})
    assert "model" not in problem.json and "Link" not in problem.headers


def test_links_walk_up_to_the_model_as_before(anonymous):
    linkset = anonymous.get(COPIED["gs1"], headers={"Accept": "application/linkset+json"})
    assert [level["anchor"] for level in linkset.json["linkset"]] == [BASE + GTIN]
    assert anonymous.get(COPIED["gs1"]).headers["Location"] == f"{BASE}/passports{GTIN}"
    assert anonymous.get(COPIED["gs1"], headers={"Accept": "*/*"}).status_code == 307
    named = anonymous.get(f"{COPIED['gs1']}?linkType=gs1:pip", headers=HTML)
    assert named.headers["Location"].startswith(f"{BASE}/passports{GTIN}?format=html")
    assert anonymous.get(f"{COPIED['gs1']}?linkType=linkset", headers=HTML).status_code == 200


def test_an_issued_pack_is_led_to_as_before(anonymous):
    path = f"{GTIN}/21/A7K2M05G6J0000317"
    for headers in (HTML, {"Accept": "application/vp"}, {}):
        assert anonymous.get(path, headers=headers).headers["Location"] == f"{BASE}/passports{path}"


def test_en_18222_says_the_same_in_its_own_envelope(anonymous):
    for name, id_ in (("dpps", f"{BASE}{COPIED['page']}"), ("dppsByProductId", BASE + COPIED["gs1"]),
                      ("dppsByProductId", "ZZZPE10A7K2M05G6J0000371")):  # fmt: skip
        answer = anonymous.get(f"/v1/{name}/" + id_.replace(":", "%3A").replace("/", "%2F"), headers=HTML)
        assert answer.status_code == 404
        (message,) = answer.json["messages"]
        assert message["code"] == "ClientErrorResourceNotFound"
        assert "no passport for" in message["text"] and "only its model is" in message["text"]
    named = anonymous.post("/v1/dppsByProductIds", json={"productIds": [BASE + COPIED["gs1"]]})
    assert named.json["items"] == []


def test_the_search_finds_no_pack_that_nobody_issued(anonymous):
    for code in ("ZZZPE10A7K2M05G6J0000371", "A7K2M05G6J0000371", BASE + COPIED["gs1"]):
        assert anonymous.get("/search", query_string={"code": code, "format": "json"}).json["items"] == []


def test_a_role_opens_nothing_where_nothing_was_issued(site):
    path = "/passports" + COPIED["gs1"]
    answer = site.client.get(path, headers={**HTML, **site.bearer()})
    assert answer.status_code == 404
    assert "private" in answer.headers["Cache-Control"]
    assert 'class="rolebar"' not in answer.text
    posted = site.client.post(path, data={"access_token": site.token()}, headers=HTML)
    assert posted.status_code == 404 and "No passport for serial" in posted.text


@settings(max_examples=example_count(30), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(serial=st.text(min_size=1, max_size=20))
@example(serial="<b>x")
@example(serial="';a=%22")
@example(serial="{0}{number}")
def test_any_serial_is_refused_or_said_to_be_unknown_and_becomes_no_markup(anonymous, serial):
    from urllib.parse import quote

    for prefix in (f"{GTIN}/21/", "/id/VO-HV13/"):
        path = prefix + quote(serial, safe="")
        try:
            expected = parse_path(path).serial
        except MalformedIdentifier:
            expected = None
        answer = anonymous.get("/passports" + path, headers=HTML)
        assert answer.status_code in ((404, 400) if expected is None else (404,))
        assert "Location" not in answer.headers
        if expected is not None:
            heading = re.search(r"<h1>(.*?)</h1>", answer.text, re.DOTALL)[1]
            assert set(re.findall(r"<[^>]*>", heading)) <= {"<code>", "</code>"}
