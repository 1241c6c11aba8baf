"""The token endpoint as OAuth clients know it; presentations as tokens; issuers of roles who may let in only some."""

from __future__ import annotations

import json
import re
import sqlite3
from dataclasses import replace

import pytest

from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.errors import MalformedTrustList, UnusableProject
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.proofs import jose
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.resolver.page_rows import has_value

BASE = "https://passport.example.com"
JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"


def vp_jwt(site, *, key: PrivateKey | None = None, challenge: str | None = None, domain: str = BASE, role=None) -> str:
    holder = key or site.holder
    role = role or site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST)
    return enveloping.secure_presentation(
        [role],
        Issuer(holder.public_key.did_key, KeySigner(holder)),
        challenge=challenge or site.challenge(),
        domain=domain,
        at=site.clock[0],
    )


def ask(site, **fields):
    return site.client.post("/token", data=fields)


def test_a_presentation_as_a_token_is_an_assertion(site):
    answer = ask(site, grant_type=JWT_BEARER, assertion=vp_jwt(site))
    assert answer.status_code == 200, answer.text
    assert answer.json["audience"] == "legitimate-interest"
    assert answer.json["token_type"] == "Bearer"
    assert 300 <= answer.json["expires_in"] <= 600
    assert answer.headers["Cache-Control"] == "private, no-store"


@each(("grant_type", "field"), [(JWT_BEARER, "assertion"), ("vp_token", "vp_token")])
def test_signed_json_is_taken_under_both_grants(site, grant_type, field):
    role = site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST)
    answer = ask(site, grant_type=grant_type, **{field: json.dumps(site.presentation(role))})
    assert answer.status_code == 200, answer.text


FORMS = {
    "an object of arrays": lambda one: json.dumps({"role": [one]}),
    "an object": lambda one: json.dumps({"role": one}),
    "an array of one": lambda one: json.dumps([one]),
    "a text in quotes": json.dumps,
}


@each("form", FORMS)
@each("kind", ["token", "json", "json as text", "envelope"])
def test_the_forms_of_openid4vp_are_taken(site, form, kind):
    role = site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST)
    one = {
        "token": lambda: vp_jwt(site),
        "json": lambda: site.presentation(role),
        "json as text": lambda: json.dumps(site.presentation(role)),
        "envelope": lambda: enveloping.envelope(enveloping.VP_JWT, vp_jwt(site)),
    }[kind]()
    answer = ask(site, grant_type="vp_token", vp_token=FORMS[form](one))
    assert answer.status_code == 200, answer.text
    assert answer.json["audience"] == "legitimate-interest"


def test_the_same_forms_are_taken_in_json(site):
    answer = site.client.post("/token", json={"vp_token": {"role": [vp_jwt(site)]}})
    assert answer.status_code == 200, answer.text
    both = {"vp_token": {"role": [vp_jwt(site)]}, "presentation": vp_jwt(site)}
    assert site.client.post("/token", json=both).status_code == 400


@each("form", ["two", "two queries", "none", "nothing"])
def test_more_or_less_than_one_presentation_gives_nothing(site, form):
    one = vp_jwt(site)
    value = {"two": [one, one], "two queries": {"a": [one], "b": [one]}, "none": [], "nothing": {"a": []}}[form]
    answer = ask(site, grant_type="vp_token", vp_token=json.dumps(value))
    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_request"
    assert ask(site, grant_type="vp_token", vp_token=one).status_code == 200  # and the challenge was not used up


@each("kind", ["token", "json"])
def test_a_slash_behind_the_domain_makes_no_difference(site, kind):
    if kind == "token":
        answer = ask(site, grant_type="vp_token", vp_token=vp_jwt(site, domain=BASE + "/"))
    else:
        holder = Issuer(site.holder.public_key.did_key, KeySigner(site.holder))
        role = site.operator.grant(site.holder, Audience.LEGITIMATE_INTEREST)
        signed = holder.present([role], challenge=site.challenge(), domain=BASE + "/", created=site.clock[0])
        answer = site.client.post("/token", json={"presentation": signed})
    assert answer.status_code == 200, answer.text


@each("domain", [BASE + "//", BASE + "/x", BASE.replace("https", "http"), BASE + ":8443", BASE[:-1]])
def test_another_address_than_ours_is_another_domain(site, domain):
    assert ask(site, grant_type="vp_token", vp_token=vp_jwt(site, domain=domain)).status_code == 400


def test_a_token_counts_once(site):
    assertion = vp_jwt(site)
    assert ask(site, grant_type=JWT_BEARER, assertion=assertion).status_code == 200
    again = ask(site, grant_type=JWT_BEARER, assertion=assertion)
    assert again.status_code == 400
    assert again.json["error"] == "invalid_grant"


def test_a_token_signed_by_somebody_else_is_refused(site):
    thief = PrivateKey.generate(Algorithm.P256)
    answer = ask(site, grant_type=JWT_BEARER, assertion=vp_jwt(site, key=thief))
    assert answer.status_code == 400
    assert "another holder" in answer.json["detail"]


def test_a_token_that_claims_another_holder_than_its_key_is_refused(site):
    thief = PrivateKey.generate(Algorithm.P256)
    honest = jose.parse(vp_jwt(site), typ="vp+jwt", cty="vp").claims()
    token = jose.sign(honest, KeySigner(thief), typ="vp+jwt", cty="vp")
    answer = ask(site, grant_type=JWT_BEARER, assertion=token)
    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_grant"


def test_a_token_for_another_site_is_refused(site):
    answer = ask(site, grant_type=JWT_BEARER, assertion=vp_jwt(site, domain="https://elsewhere.example"))
    assert answer.status_code == 400


@each("change", ["payload", "signature", "none"])
def test_a_changed_token_is_refused(site, change):
    head, payload, signature = vp_jwt(site).split(".")
    changed = {
        "payload": f"{head}.{payload[:-4]}AAAA.{signature}",
        "signature": f"{head}.{payload}.{'A' * len(signature)}",
        "none": f"eyJhbGciOiJub25lIiwidHlwIjoidnArand0In0.{payload}.",
    }[change]
    assert ask(site, grant_type=JWT_BEARER, assertion=changed).status_code == 400


@each(
    "fields",
    [
        {}, {"grant_type": "password", "username": "a"}, {"grant_type": JWT_BEARER}, {"grant_type": "vp_token"},
        {"grant_type": JWT_BEARER, "assertion": ""}, {"grant_type": JWT_BEARER, "assertion": "x.y.z"},
        {"grant_type": JWT_BEARER, "vp_token": "{}"}, {"grant_type": JWT_BEARER, "assertion": ["{}", "{}"]},
        {"grant_type": JWT_BEARER, "assertion": "{"}, {"grant_type": "vp_token", "vp_token": "[]"},
    ],
)  # fmt: skip
def test_a_request_of_another_shape_is_refused_and_gives_nothing(site, fields):
    answer = ask(site, **fields)
    assert answer.status_code == 400
    assert "access_token" not in answer.text


def test_a_grant_that_is_not_offered_is_named_as_oauth_names_it(site):
    assert ask(site, grant_type="password").json["error"] == "unsupported_grant_type"
    assert ask(site, grant_type=JWT_BEARER).json["error"] == "invalid_request"


def test_the_page_takes_a_token_too(site):
    page = site.client.post(
        "/present", data={"presentation": vp_jwt(site), "passport": site.ev}, headers={"Accept": "text/html"}
    )
    assert page.status_code == 200
    assert has_value(page.text, "batteryStatus")


def limited(site, make_site, folder, *audiences: str):
    config = site.app.extensions["resolver"].config
    issuers = tuple(replace(issuer, audiences=frozenset(audiences)) for issuer in config.trust_list.issuers)
    folder.mkdir()
    return make_site(site.operator, folder, trust_list=TrustList(issuers, config.trust_list.source))


def test_an_issuer_of_roles_lets_in_only_whom_the_trust_list_allows(site, make_site, tmp_path):
    narrow = limited(site, make_site, tmp_path / "narrow", "legitimate-interest")
    assert narrow.token(Audience.LEGITIMATE_INTEREST)
    refused = narrow.ask(narrow.presentation(narrow.operator.grant(narrow.holder, Audience.COMMISSION)))
    assert refused.status_code == 400
    assert "not trusted for this audience" in refused.json["detail"]


def test_a_trust_list_that_names_no_such_audience_stops_the_start(site, make_site, tmp_path):
    with pytest.raises(UnusableProject):
        limited(site, make_site, tmp_path / "misspelt", "legitimate-intrest")
    with pytest.raises(UnusableProject):
        limited(site, make_site, tmp_path / "public", "public")


def test_audiences_in_a_trust_list_are_texts():
    entry = {"id": "did:web:a.example", "name": {"en": "A"}, "trustedFor": ["BatteryRoleCredential"]}
    found = TrustList.from_json({"issuers": [{**entry, "audiences": ["commission"]}]})
    assert found.issuers[0].audiences == {"commission"}
    assert TrustList.from_json({"issuers": [entry]}).issuers[0].audiences is None
    for wrong in ("commission", [1], None, [""]):
        with pytest.raises(MalformedTrustList):
            TrustList.from_json({"issuers": [{**entry, "audiences": wrong}]})


# --- ending a token -------------------------------------------------------------------------------------------------


def read_with(site, token: str):
    return site.get(site.ev, {"Accept": "application/vp", "Authorization": f"Bearer {token}"})


def test_an_ended_token_is_refused_in_every_worker(site, make_site, operator, tmp_path):
    second = make_site(operator, tmp_path)  # another worker process: the same state file
    token, other = site.token(), site.token()
    assert read_with(second, token).status_code == 200
    answer = site.client.post("/revoke", data={"token": token, "token_type_hint": "access_token"})
    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "Access-Control-Allow-Origin" not in answer.headers
    for worker in (site, second):
        assert read_with(worker, token).status_code == 401
        in_form = worker.client.post(worker.path(worker.ev), data={"access_token": token})
        assert in_form.status_code == 401
        assert read_with(worker, other).status_code == 200


def test_an_ended_token_is_forgotten_when_it_would_have_ended_anyway(site):
    token = site.token()
    site.client.post("/revoke", data={"token": token})
    site.later(minutes=11)
    site.client.post("/revoke", data={"token": site.token()})
    with sqlite3.connect(site.state.path) as connection:
        assert connection.execute("SELECT count(*) FROM revoked_tokens").fetchone() == (1,)


def test_whether_a_token_counted_is_not_said(site):
    good = site.token()
    expected = site.client.post("/revoke", data={"token": good})
    for token in (good, "x.y.z", "nonsense", good[:-2], "é"):
        answer = site.client.post("/revoke", data={"token": token})
        assert (answer.status_code, answer.data, answer.headers.to_wsgi_list()) == (
            200, b"", expected.headers.to_wsgi_list()
        )  # fmt: skip


@each("data", [{}, {"token": ""}, {"token": ["a.b.c", "d.e.f"]}, {"access_token": "a.b.c"}])
def test_a_revocation_without_one_token_is_refused(site, data):
    answer = site.client.post("/revoke", data=data)
    assert answer.status_code == 400
    assert answer.json["error"] == "invalid_request"


def test_a_token_in_the_address_or_the_header_is_not_ended(site):
    token = site.token()
    site.client.post(f"/revoke?token={token}")
    site.client.post("/revoke", headers={"Authorization": f"Bearer {token}"})
    assert site.client.get(f"/revoke?token={token}").status_code == 405
    assert read_with(site, token).status_code == 200


def test_the_way_out_of_the_page_ends_the_token_and_leads_to_the_public_page(site):
    html = {"Accept": "text/html"}
    page = site.client.post(
        "/present?lang=zh", data={"presentation": vp_jwt(site), "passport": site.ev}, headers=html
    ).text
    form = re.search(r'<form id="leave" method="post" action="([^"]+)"[^>]*>(.*?)</form>', page)
    fields = dict(re.findall(r'name="([^"]+)" value="([^"]+)"', form[2]))
    assert re.search(r'<button form="leave"', page)
    answer = site.client.post(form[1], data=fields, headers=html)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"{BASE}{site.path(site.ev)}?lang=zh"
    assert fields["token"] not in answer.headers["Location"]
    assert read_with(site, fields["token"]).status_code == 401


@each("passport", ["https://evil.example/01/09529999001009", "//evil.example", "/\\evil", "x"])
def test_the_way_out_leads_nowhere_else_and_ends_the_token_all_the_same(site, passport):
    token = site.token()
    answer = site.client.post("/revoke", data={"token": token, "passport": passport}, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert read_with(site, token).status_code == 401
