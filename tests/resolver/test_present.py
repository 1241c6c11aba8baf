"""Reading with a role in a browser: no cookie, no token in an address, no audience but from the presentation."""

from __future__ import annotations

import html
import io
import json
import re

from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.page_rows import has_value

HTML = {"Accept": "text/html"}
RESTRICTED = "batteryStatus"


def challenge_on(answer) -> str:
    return re.search(r'<code id="challenge">([^<]+)</code>', answer.text)[1]


def token_on(answer) -> str:
    return html.unescape(re.search(r'name="access_token" value="([^"]+)"', answer.text)[1])


def present(site, role: dict | None = None, *, passport: str | None = None, lang: str = "en", **changes):
    page = site.client.get("/present", headers=HTML)
    challenge = changes.pop("challenge", challenge_on(page))
    role = role or site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST)
    presentation = json.dumps(site.presentation(role, challenge=challenge, **changes)).encode()
    form = {"file": (io.BytesIO(presentation), "presentation.jsonld"), "passport": passport or site.ev}
    return site.client.post(f"/present?lang={lang}", data=form, content_type="multipart/form-data", headers=HTML)


@each("lang", ["en", "zh"])
def test_the_restricted_view_is_the_answer_to_the_presentation(site, lang):
    answer = present(site, lang=lang)
    assert answer.status_code == 200
    assert has_value(answer.text, RESTRICTED)
    assert {"en": "You are reading in a role", "zh": "您正凭角色凭证查看"}[lang] in answer.text


def test_no_cookie_is_set_and_no_cache_keeps_the_view(site):
    answer = present(site)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    assert "Access-Control-Allow-Origin" not in answer.headers


def test_the_token_stands_in_no_address(site):
    answer = present(site)
    token = token_on(answer)
    for address in re.findall(r'(?:href|action|formaction)="([^"]*)"', answer.text):
        assert token not in address
        assert "access_token" not in address


def test_the_switches_post_the_token_and_keep_the_role(site):
    answer = present(site)
    token = token_on(answer)
    target = html.unescape(re.search(r'formaction="([^"]*lang=zh[^"]*)"', answer.text)[1])
    switched = site.client.post(target, data={"access_token": token}, headers=HTML)
    assert switched.status_code == 200
    assert switched.headers["Content-Language"] == "zh"
    assert has_value(switched.text, RESTRICTED)
    assert switched.headers["Cache-Control"] == "private, no-store"


def test_the_download_of_the_restricted_view_verifies_and_is_a_file(site):
    answer = present(site)
    target = html.unescape(re.search(r'formaction="([^"]*format=vp)"', answer.text)[1])
    saved = site.client.post(target, data={"access_token": token_on(answer)}, headers=HTML)
    assert saved.headers["Content-Disposition"].startswith("attachment;")
    assert "BatteryConditionCredential" in saved.text


def test_another_passport_opens_in_the_same_role(site):
    answer = present(site)
    other = site.operator.packs["lmt"]
    opened = site.client.post("/present/open", data={"access_token": token_on(answer), "passport": other}, headers=HTML)
    assert opened.status_code == 200
    assert other in opened.text


def test_a_role_for_one_pack_opens_no_other(site):
    role = site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST, (site.ev,))
    answer = present(site, role)
    refused = site.client.post(
        "/present/open", data={"access_token": token_on(answer), "passport": site.operator.packs["lmt"]}, headers=HTML
    )
    assert refused.status_code == 403


def test_each_view_is_written_to_the_access_log(site):
    before = len(list(site.state.accesses()))
    answer = present(site)
    site.client.post(site.path(site.ev), data={"access_token": token_on(answer)}, headers=HTML)
    entries = list(site.state.accesses())[before:]
    assert [entry.subject for entry in entries] == [site.ev, site.ev]
    assert RESTRICTED in entries[0].elements


@each("field", ["audience", "role", "as"])
def test_an_audience_is_never_taken_from_a_field_or_a_parameter(site, field):
    for answer in (
        site.client.get(site.path(site.ev), query_string={field: "commission"}, headers=HTML),
        site.client.get(site.path(site.ev), query_string={"access_token": "x"}, headers=HTML),
    ):
        assert not has_value(answer.text, RESTRICTED)
    assert site.client.post(site.path(site.ev), data={field: "commission"}, headers=HTML).status_code == 401


def test_a_token_in_the_address_is_not_looked_at(site):
    token = site.token()
    answer = site.client.post(f"{site.path(site.ev)}?access_token={token}", headers=HTML)
    assert answer.status_code == 401
    assert not has_value(answer.text, RESTRICTED)


def test_two_tokens_at_once_are_refused(site):
    answer = site.client.post(site.path(site.ev), data={"access_token": site.token()}, headers=site.bearer())
    assert answer.status_code == 401


def test_a_form_of_another_site_is_refused(site):
    for source in ("cross-site", "same-site"):
        answer = site.client.post(
            site.path(site.ev), data={"access_token": site.token()}, headers={**HTML, "Sec-Fetch-Site": source}
        )
        assert answer.status_code == 403
        assert not has_value(answer.text, RESTRICTED)


def test_a_presentation_counts_once(site):
    challenge = challenge_on(site.client.get("/present", headers=HTML))
    assert present(site, challenge=challenge).status_code == 200
    again = present(site, challenge=challenge)
    assert again.status_code == 400
    assert "was used before" in again.text
    assert challenge_on(again) != challenge


def test_a_view_ends_with_its_token(site):
    token = token_on(present(site))
    site.later(seconds=601)
    answer = site.client.post(site.path(site.ev), data={"access_token": token}, headers=HTML)
    assert answer.status_code == 401
    assert 'href="/present"' in answer.text
    assert not has_value(answer.text, RESTRICTED)


def test_a_typing_error_in_the_passport_costs_no_challenge(site):
    challenge = challenge_on(site.client.get("/present", headers=HTML))
    wrong = present(site, challenge=challenge, passport="9ZX")
    assert wrong.status_code == 400
    assert present(site, challenge=challenge).status_code == 200


def test_a_presentation_for_another_site_is_refused(site):
    assert present(site, domain="https://elsewhere.example").status_code == 400


@each("data", [b"", b"{", b"[]", b'{"type":"VerifiablePresentation"}'])
def test_nonsense_gets_the_form_again_with_a_new_challenge(site, data):
    form = {"file": (io.BytesIO(data), "x"), "passport": site.ev}
    answer = site.client.post("/present", data=form, content_type="multipart/form-data", headers=HTML)
    assert answer.status_code == 400
    assert challenge_on(answer)


def test_what_was_asked_to_be_opened_is_text_and_leads_nowhere(site):
    answer = site.client.get("/present", query_string={"passport": '"><script>alert(1)</script>'}, headers=HTML)
    assert "<script" not in answer.text
    assert answer.status_code == 200
    assert "Location" not in answer.headers


def test_two_visitors_get_two_challenges_and_nobody_keeps_either(site):
    one, two = (site.client.get("/present", headers=HTML) for _ in range(2))
    assert challenge_on(one) != challenge_on(two)
    assert "no-store" in one.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in one.headers


def test_the_public_page_leads_to_where_a_role_is_shown(site):
    assert "/present?lang=en" in site.get(site.ev, HTML, query_string={"lang": "en"}).text
