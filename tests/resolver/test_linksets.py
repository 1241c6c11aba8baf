"""Links behind an identifier: GS1 Digital Link, plate codes and addresses of our own, one logic."""

from __future__ import annotations

import re

from resolver.forms import linksets
from resolver.forms.linksets import DEFAULT, GS1, Level, Link, choose, level, linkset, relation_of, web_address
from resolver.forms.negotiation import NQUADS, TURTLE
from tests.each import each

BASE = "https://passport.example.com"
GTIN = "/01/09529999001009"
PACK = f"{GTIN}/21/A7K2M05G6J0000317"
BATCH = f"{GTIN}/10/LH100-2606-B03"
CODE = "ZZZPE10A7K2M05G6J0000317"
LINKSET = {"Accept": "application/linkset+json"}
OWN = "/id/VO-HV13/VO26090001742"
OWN_BATCH = "/id/VO-HV13/batch/2026-W11-A"


# --- one logic for every scheme -------------------------------------------------------------------------------------


@each(
    ("path", "anchors"),
    [
        (PACK, [PACK, BATCH, GTIN]),
        (f"{BATCH}/21/A7K2M05G6J0000317", [PACK, BATCH, GTIN]),
        (f"/gbt34014/{CODE}", [PACK, BATCH, GTIN]),
        (GTIN, [GTIN]),
        (BATCH, [BATCH, GTIN]),
        (f"{GTIN}/21/UNKNOWN1", [GTIN]),
        (OWN, [OWN, OWN_BATCH, "/id/VO-HV13"]),
        (OWN_BATCH, [OWN_BATCH, "/id/VO-HV13"]),
        ("/id/VO-HV13/NOBODY", ["/id/VO-HV13"]),
    ],
)
def test_the_linkset_holds_a_level_for_each_anchor_the_most_specific_first(anonymous, path, anchors):
    answer = anonymous.get(path, headers=LINKSET)
    assert answer.status_code == 200
    assert answer.mimetype == "application/linkset+json"
    assert [one["anchor"] for one in answer.json["linkset"]] == [BASE + anchor for anchor in anchors]


@each("path", [PACK, OWN, GTIN, BATCH, OWN_BATCH, f"{GTIN}/21/UNKNOWN1", f"/gbt34014/{CODE}"])
def test_a_plain_request_is_led_to_the_default_link_of_its_linkset(anonymous, path):
    answer = anonymous.get(path)
    assert answer.status_code == 307
    (default,) = anonymous.get(path, headers=LINKSET).json["linkset"][0][DEFAULT]
    assert set(default) == {"href", "title"}
    assert answer.headers["Location"] == default["href"]
    assert anonymous.get(default["href"].removeprefix(BASE)).status_code == 200


@each("path", [f"{GTIN}/10/LOT7", f"{GTIN}/10/LOT7/21/A7K2M05G6J0000317", "/id/VO-HV13/batch/LOT7"])
@each("headers", [{}, LINKSET, {"Accept": "application/vp"}])
def test_a_batch_that_nobody_issued_or_that_is_not_the_packs_is_404(anonymous, path, headers):
    assert anonymous.get(path, headers=headers).status_code == 404
    assert anonymous.get(f"/passports{path}").status_code == 404


def test_a_pack_that_nobody_issued_leads_to_its_model_and_to_no_other_pack(anonymous):
    answer = anonymous.get(f"{GTIN}/21/UNKNOWN1")
    assert answer.headers["Location"] == f"{BASE}/passports{GTIN}"
    assert "21/" not in answer.headers["Link"]


@each("query", ["?linkType=linkset", "?linkType=all", "?format=linkset"])
def test_the_linkset_can_be_asked_for_in_the_address(anonymous, query):
    answer = anonymous.get(PACK + query, headers={"Accept": "text/html"})
    assert (answer.status_code, answer.mimetype) == (200, "application/linkset+json")
    assert 'rel="http://www.w3.org/ns/json-ld#context"' in answer.headers["Link"]


def test_every_link_to_ourselves_leads_somewhere_and_is_of_its_type(anonymous):
    for one in anonymous.get(PACK, headers=LINKSET).json["linkset"]:
        # The inbox takes POST at the write face, which is another program under the same address.
        offered_by = (key for key in one if key.startswith("http") or key == linksets.DPP)
        relations = (key for key in offered_by if not key.endswith("#eventInbox"))
        for offered in (one[key] for key in relations):
            for link in offered:
                if link["href"].startswith(BASE):
                    answer = anonymous.get(link["href"].removeprefix(BASE))
                    assert answer.status_code == 200
                    assert answer.mimetype == link.get("type", "text/html")


# --- choosing -------------------------------------------------------------------------------------------------------


@each(
    ("headers", "query", "leads_to"),
    [
        ({"Accept-Language": "zh"}, "linkType=gs1:pip", "?format=html&lang=zh"),
        ({"Accept-Language": "zh-CN, en;q=0.5"}, "linkType=gs1:pip", "?format=html&lang=zh"),
        ({"Accept-Language": "fr"}, "linkType=gs1:pip", "?format=html&lang=en"),
        ({"Accept": "application/vp"}, "linkType=gs1:dpp", "?format=vp"),
        ({"Accept": "text/turtle;q=0.5, application/ld+json"}, "linkType=gs1:dpp", "?format=jsonld"),
        ({}, "linkType=https://ref.gs1.org/voc/masterData", "?format=csv"),
        ({}, "linkType=gs1%3AmasterData&foo=bar%0d%0aX", "?format=csv&foo=bar%0d%0aX"),
        ({}, "context=CN&foo=1", "?foo=1"),
        ({"Accept": "text/html"}, "linkType=gs1:dpp&format=vp", "?format=vp"),
        ({"Accept-Language": "en"}, "linkType=gs1:pip&lang=zh", "?format=html&lang=zh"),
        ({}, "linkType=gs1:pip&lang=zh&foo=1&%66ormat=csv", "?format=html&lang=zh&foo=1"),
        ({}, "linkType=gs1:dpp&format=nonsense", "?format=html&lang=en"),
        ({}, "lang=zh&format=vp", "?lang=zh&format=vp"),
    ],
)
def test_type_media_type_and_language_choose_the_link(anonymous, headers, query, leads_to):
    answer = anonymous.get(f"{PACK}?{query}", headers=headers)
    assert answer.status_code == 307
    assert answer.headers["Location"] == f"{BASE}/passports{PACK}{leads_to}"


def test_a_link_of_the_model_is_found_from_the_pack_and_a_foreign_address_gets_no_query(anonymous):
    offered = anonymous.get(PACK, headers=LINKSET).json["linkset"][-1][GS1 + "certificationInfo"]
    answer = anonymous.get(f"{PACK}?linkType=gs1:certificationInfo&secret=1")
    assert answer.status_code in (300, 307)
    assert all(link["fwqs"] is False for link in offered)
    assert "secret" not in answer.headers.get("Location", "")


def test_links_that_nothing_tells_apart_are_a_choice_in_either_form(anonymous):
    answer = anonymous.get(f"{BATCH}?linkType=gs1:sustainabilityInfo")
    assert answer.status_code == 300
    (only,) = answer.json["linkset"]
    assert len(only[GS1 + "sustainabilityInfo"]) > 1
    page = anonymous.get(f"{BATCH}?linkType=gs1:sustainabilityInfo", headers={"Accept": "text/html"})
    assert page.status_code == 300
    assert all(link["href"] in page.text for link in only[GS1 + "sustainabilityInfo"])


@each("link_type", ["gs1:nosuchlt", "https://elsewhere.example/x", "gs1:recallStatus", "data:,x"])
def test_a_type_that_is_not_offered_is_404_and_never_a_target(anonymous, link_type):
    answer = anonymous.get(PACK, query_string={"linkType": link_type})
    assert answer.status_code == 404
    assert "Location" not in answer.headers
    assert answer.json["code"] == "no-such-link"


@each("path", [
    "/01/09529999001000", "/01/9529999001009", "/01/0952999900100A", f"{GTIN}/21", f"{GTIN}/99/X",
    f"{GTIN}/21/X/10/LOT", f"{GTIN}/10/LOT/22/V", f"{GTIN}/21/{'X' * 21}", f"{GTIN}/21/%E4%B8%AD", f"{GTIN}/21/a%2Fb",
    f"/gbt34014/{CODE[:-1]}", f"/gbt34014/{CODE}/x", "/gbt34014/zzzpe10a7k2m05g6j0000317", "/id/a/b/c",
    "/gtin/09529999001009", "/AQnYUc1gmiERBhQ", "/DBL0_cOxmPabcd",
])  # fmt: skip
@each("query", ["", "?linkType=linkset", "?linkType=gs1:dpp"])
def test_what_is_no_address_is_400_and_says_why(anonymous, path, query):
    answer = anonymous.get(path + query)
    assert (answer.status_code, answer.json["code"]) == (400, "malformed-identifier")
    assert "expected" in answer.json["detail"]


@each("path", ["/01/09506000134352", "/8004/9526064ASSET", "/414/9506000134369", "/id/nobody",
                                  f"/gbt34014/{CODE[:-1]}8"])  # fmt: skip
def test_what_nobody_issued_is_404(anonymous, path):
    assert anonymous.get(path).status_code == anonymous.get(path, headers=LINKSET).status_code == 404


# --- the protocol around --------------------------------------------------------------------------------------------


def test_options_names_the_methods_and_the_linkset(anonymous):
    answer = anonymous.options(PACK, headers={"Origin": "https://elsewhere.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD, OPTIONS"
    assert f'<{BASE}{PACK}?linkType=linkset>; rel="linkset"' in answer.headers["Link"]
    assert "Content-Type" not in answer.headers


@each("path", [OWN, f"/gbt34014/{CODE}", GTIN])
def test_every_scheme_has_the_same_protocol(anonymous, path):
    plain, linkset = anonymous.get(path), anonymous.get(path, headers=LINKSET)
    assert 'rel="linkset"' in plain.headers["Link"] and 'rel="linkset"' in linkset.headers["Link"]
    assert plain.headers["Cache-Control"] == "no-cache"
    assert anonymous.options(path).status_code == 204
    assert anonymous.post(path).status_code == 405
    chinese = anonymous.get(f"{path}?linkType=gs1:pip", headers={"Accept-Language": "zh"})
    assert chinese.headers["Location"].endswith("?format=html&lang=zh")
    again = anonymous.get(path, headers={**LINKSET, "If-None-Match": linkset.headers["ETag"]})
    assert again.status_code == 304


@each("query", ["", "?linkType=linkset", "?linkType=gs1:dpp"])
def test_head_says_what_get_says_without_a_body(anonymous, query):
    head, got = anonymous.head(PACK + query), anonymous.get(PACK + query)
    assert head.status_code == got.status_code
    assert head.data == b""
    assert head.headers.get("Location") == got.headers.get("Location")
    assert head.headers["Link"] == got.headers["Link"]


def test_the_description_file_says_what_can_be_asked(anonymous):
    document = anonymous.get("/.well-known/gs1resolver").json
    assert document["resolverRoot"] == BASE
    assert document["supportedPrimaryKeys"] == ["01"]
    assert {"namespace": GS1, "prefix": "gs1:"} in document["supportedLinkType"]


def test_the_linkset_does_not_depend_on_who_asks(site):
    public = site.client.get(PACK, headers=LINKSET)
    told = site.client.get(PACK, headers={**LINKSET, **site.bearer()})
    assert public.data == told.data


# --- pure -----------------------------------------------------------------------------------------------------------


@each(
    ("text", "relation"),
    [
        ("gs1:dpp", GS1 + "dpp"), ("https://gs1.org/voc/dpp", GS1 + "dpp"), ("all", "linkset"),
        ("alternate", "alternate"), ("", ""),
    ],
)  # fmt: skip
def test_a_link_type_has_several_spellings(text, relation):
    assert relation_of(text) == relation


@each(
    "text",
    [
        "javascript:alert(1)", "data:text/html,x", "//evil.example", "https://", "http://a b", "https://a/\r\nX: y",
        "https://user@evil.example", "ftp://a.example", 'https://a.example/"><script>', "https://[::1", "https://a/\u2028",
        "https://a.example:x/", "https://a.example:99999/", "https://" + "é" * 70 + ".example/", "https://é..example/",
    ],
)  # fmt: skip
def test_only_a_plain_web_address_becomes_a_link(text):
    assert web_address(text) is None


def test_an_address_in_any_script_becomes_one_that_a_header_and_the_gs1_schema_take():
    address = web_address("https://电池.example/手册?用途=回收")
    assert re.fullmatch(r"https://[a-zA-Z0-9./]+[!-~]*", address)
    assert web_address("https://a.example/%E6%89%8B?a=%2F#b") == "https://a.example/%E6%89%8B?a=%2F#b"


def test_an_address_that_cannot_stand_in_a_header_is_left_out_of_the_documents(site):
    vocabulary = site.app.extensions["resolver"].vocabulary
    claims = {"instructionsForUse": ["javascript:alert(1)", "https://maker.example/manual"]}
    assert linksets.documents_of(claims, vocabulary) == (
        (GS1 + "instructions", Link("https://maker.example/manual", "Instructions for use", pass_query=False)),
    )


def test_two_default_links_cannot_happen():
    one = level("https://a.example/x", "https://a.example/p", "x")
    assert len(one.links[DEFAULT]) == 1
    assert linkset([one])["linkset"][0][DEFAULT] == [{"href": "https://a.example/p", "title": "Battery passport"}]


def test_the_pack_comes_before_the_model():
    pack, model = (Level(name, name, {GS1 + "dpp": (Link(f"https://{name}.example", name),)}) for name in "pm")
    assert choose([pack, model], GS1 + "dpp")[0].href == "https://p.example"
    assert choose([Level("p", "p", {}), model], GS1 + "dpp")[0].href == "https://m.example"
    assert choose([pack, model], GS1 + "epcis") == ()


def test_the_forms_that_links_name_are_forms():
    offered = {link.type for link in level("https://a.example", "https://a.example/p", "x").links[GS1 + "dpp"]}
    assert {TURTLE.media_type, NQUADS.media_type} <= offered


def test_the_passport_is_offered_under_the_relation_of_the_iana_registry(anonymous):
    for one in anonymous.get(PACK, headers=LINKSET).json["linkset"]:
        assert one["dpp"] == one[GS1 + "dpp"]
    answer = anonymous.get(f"{PACK}?linkType=dpp", headers={"Accept": "application/vp"})
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{BASE}/passports{PACK}?format=vp")
