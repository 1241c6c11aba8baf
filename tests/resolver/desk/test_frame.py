"""Who is let in, what is logged, and what no address and no cache may hold."""

from __future__ import annotations

import io
import json
import re

from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.conftest import HTML
from tests.resolver.desk.conftest import addresses

AUTHORITIES = [Audience.CN_REGULATOR, Audience.MARKET_SURVEILLANCE]
OTHERS = [Audience.LEGITIMATE_INTEREST, Audience.NOTIFIED_BODY, Audience.COMMISSION]
PATHS = ["/desk", "/desk/alerts", "/desk/looks"]


def sign_in(site, role, passport: str = "", lang: str = "en"):
    page = site.client.get("/present", headers=HTML)
    challenge = re.search(r'<code id="challenge">([^<]+)</code>', page.text)[1]
    presentation = json.dumps(site.presentation(role, challenge=challenge)).encode()
    form = {"file": (io.BytesIO(presentation), "presentation.jsonld"), "passport": passport}
    return site.client.post(f"/present?lang={lang}", data=form, content_type="multipart/form-data", headers=HTML)


@each("audience", AUTHORITIES)
@each("path", PATHS)
def test_the_desk_opens_for_an_authority(desk_site, path, audience):
    for answer in (desk_site.post(path, audience), desk_site.get(path, audience)):
        assert answer.status_code == 200
        assert "Supervision desk" in answer.text


@each("path", PATHS)
def test_without_a_token_there_is_no_desk(desk_site, path):
    client = desk_site.site.client
    elsewhere = client.get("/nothing-here", headers=HTML)
    for answer in (client.get(path, headers=HTML), client.post(path, headers=HTML)):
        assert answer.status_code == 404
        assert answer.text == elsewhere.text


@each("audience", OTHERS)
@each("path", PATHS)
def test_for_any_other_role_there_is_no_desk(desk_site, path, audience):
    assert desk_site.post(path, audience).status_code == 404
    assert desk_site.get(path, audience).status_code == 404


def test_a_role_for_some_packs_opens_no_desk(desk_site):
    site = desk_site.site
    token = site.token(Audience.CN_REGULATOR, (site.ev,))
    assert site.client.post("/desk", data={"access_token": token}).status_code == 404


def test_a_token_that_is_not_valid_is_refused_and_not_taken_for_the_public(desk_site):
    site = desk_site.site
    token = desk_site.token()
    site.later(seconds=601)
    assert site.client.post("/desk", data={"access_token": token}).status_code == 401
    assert site.client.get("/desk", headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_token_in_the_address_is_not_looked_at(desk_site):
    assert desk_site.site.client.get(f"/desk?access_token={desk_site.token()}").status_code == 404
    assert desk_site.site.client.post(f"/desk?access_token={desk_site.token()}").status_code == 404


def test_a_token_in_the_header_of_a_form_is_refused(desk_site):
    headers = {"Authorization": f"Bearer {desk_site.token()}"}
    assert desk_site.site.client.post("/desk", headers=headers).status_code == 401
    both = desk_site.site.client.post("/desk", headers=headers, data={"access_token": desk_site.token()})
    assert both.status_code == 401


def test_a_form_of_another_site_is_refused(desk_site):
    answer = desk_site.site.client.post(
        "/desk", data={"access_token": desk_site.token()}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status_code == 403


@each("lang", ["en", "zh"])
def test_an_authority_that_names_no_passport_comes_to_the_desk(desk_site, lang):
    site = desk_site.site
    answer = sign_in(site, site.operator.grant(site.holder, Audience.CN_REGULATOR), lang=lang)
    assert answer.status_code == 200
    assert answer.headers["Content-Language"] == lang
    assert "cn-regulator" in answer.text[: answer.text.index("<main")]


def test_leaving_ends_the_token(desk_site):
    assert desk_site.post("/desk/leave").status_code == 200
    assert desk_site.site.client.post("/desk", data={"access_token": desk_site.token()}).status_code == 401


def test_no_page_is_kept_and_no_cookie_is_set(desk_site):
    for path in PATHS:
        answer = desk_site.post(path)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert "Set-Cookie" not in answer.headers
        assert "Access-Control-Allow-Origin" not in answer.headers


@each("path", PATHS)
def test_the_token_stands_in_no_address_and_every_link_is_of_this_site(desk_site, path):
    answer = desk_site.post(path)
    for address in addresses(answer):
        assert desk_site.token() not in address
        assert address.startswith(("/", "#", "data:,"))


def test_each_look_is_in_the_log_before_the_page_goes_out(desk_site):
    state = desk_site.site.state
    before = len(list(state.accesses()))
    desk_site.post("/desk/alerts?severity=high")
    entry = list(state.accesses())[before]
    assert entry.subject.endswith("/desk/alerts")
    assert entry.elements == ("desk", "alerts", "severity=high", "html")
    assert entry.audience == "cn-regulator"


def test_the_first_line_says_who_why_and_that_it_is_logged(desk_site):
    answer = desk_site.post("/desk")
    head = answer.text[: answer.text.index("<main")]
    assert "Example Operator" in head
    assert "cn-regulator until" in head
    assert "Purpose: recycling" in head
    assert re.search(r"Every look is logged.*1 today", head, re.DOTALL)


def test_who_looked_at_what_is_shown_and_exported(desk_site):
    alert = desk_site.alerts[0]
    desk_site.post("/desk/alerts")
    page = desk_site.post("/desk/looks")
    assert "/desk/alerts" in page.text
    answer = desk_site.post("/desk/looks?format=json")
    assert answer.json["items"][0]["subject"].endswith("/desk/looks") or answer.json["items"]
    assert {"number", "at", "holder", "role", "purpose", "subject", "what"} == set(answer.json["items"][0])
    assert alert.id


def test_looks_come_a_page_at_a_time_newest_first(desk_site):
    for _ in range(60):
        desk_site.post("/desk/looks")
    first = desk_site.post("/desk/looks")
    following = [address for address in addresses(first) if "before=" in address]
    assert following
    second = desk_site.post(following[0].split("?")[0] + "?" + following[0].split("?")[1])
    assert second.status_code == 200
    looks = desk_site.site.state.reads.looks(limit=5)
    assert [look.number for look in looks] == sorted((look.number for look in looks), reverse=True)


def test_market_surveillance_sees_only_its_own_looks(desk_site):
    desk_site.post("/desk/alerts")
    answer = desk_site.post("/desk/looks?format=json", Audience.MARKET_SURVEILLANCE)
    assert {item["holder"] for item in answer.json["items"]} == {desk_site.site.holder.public_key.did_key}


def test_a_form_that_is_none_is_refused(desk_site):
    assert desk_site.post("/desk/alerts?format=pdf").status_code == 400
