"""Who is asking: challenges, role credentials, tokens. Every refusal has its test, named after what is refused."""

from __future__ import annotations

import base64
import copy
import json
import logging
import stat
from datetime import timedelta

import pytest
from jwcrypto import jwk, jws

from passport.credentials.credential import date_time
from passport.credentials.issuer import Issuer
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL_DETAIL
from passport.vocabulary.vocabulary import Audience
from resolver.access.authorised_reader import Grant, opens
from tests.each import each
from tests.resolver.page_rows import has_value, is_withheld

BASE = "https://passport.example.com"
HTML = {"Accept": "text/html"}
VP = {"Accept": "application/vp"}
RECYCLER = Audience.LEGITIMATE_INTEREST


def refused(answer, words: str, status: int = 400) -> None:
    assert answer.status_code == status, answer.text
    assert words in json.dumps(answer.json, ensure_ascii=False), answer.json
    assert "access_token" not in answer.json


def types_of(answer) -> set[str]:
    return {name for document in json.loads(answer.data)["verifiableCredential"] for name in document["type"]}


def part(token: str, number: int) -> dict:
    text = token.split(".")[number]
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


def b64(value: dict) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture
def role(site) -> dict:
    return site.operator.grant(site.holder, RECYCLER)


# --- the way it goes ------------------------------------------------------------------------------------------------


def test_a_recycler_presents_a_role_and_reads_what_it_opens(site, role):
    asked = site.client.get("/token")
    assert asked.json["domain"] == BASE
    assert asked.json["expires_in"] == 300
    assert asked.headers["Cache-Control"] == "private, no-store"
    answer = site.ask(site.presentation(role, challenge=asked.json["challenge"]))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert {key: answer.json[key] for key in ("token_type", "expires_in", "audience")} == {
        "token_type": "Bearer", "expires_in": 600, "audience": "legitimate-interest",
    }  # fmt: skip
    seen = site.get(site.ev, {**VP, "Authorization": f"Bearer {answer.json['access_token']}"})
    assert {MODEL_DETAIL, CONDITION} <= types_of(seen)
    assert EVENT not in types_of(seen)
    result = Verifier(site.operator.project.trust_list()).verify(json.loads(seen.data), at=site.clock[0])
    assert result.verified is True


def test_the_form_of_vp_token_says_the_same(site, role):
    answer = site.client.post(
        "/token", data={"grant_type": "vp_token", "vp_token": json.dumps(site.presentation(role))}
    )
    assert answer.status_code == 200
    assert answer.json["token_type"] == "Bearer"


def test_a_role_with_several_audiences_gives_the_one_asked_for_and_never_another(site):
    role = site.operator.grant(site.holder, RECYCLER, audience=["legitimate-interest", "commission"])
    refused(site.ask(site.presentation(role)), "does not name the audience")
    assert site.ask(site.presentation(role), audience="commission").json["audience"] == "commission"
    refused(site.ask(site.presentation(role), audience="market-surveillance"), "does not name the audience")


# --- challenges -----------------------------------------------------------------------------------------------------


def test_a_replayed_challenge_is_refused(site, role):
    presentation = site.presentation(role)
    assert site.ask(presentation).status_code == 200
    refused(site.ask(presentation), "used before")


def test_a_challenge_is_used_up_by_a_presentation_that_fails(site, role):
    challenge = site.challenge()
    refused(site.ask(site.presentation(role, challenge=challenge, domain="https://other.example")), "does not verify")
    refused(site.ask(site.presentation(role, challenge=challenge)), "used before")


def test_an_expired_challenge_is_refused(site, role):
    presentation = site.presentation(role)
    site.later(minutes=5)
    refused(site.ask(presentation), "has expired")


@pytest.mark.parametrize("text", ["x", "A" * 54, "", "é", "0" * 199])
def test_a_challenge_of_ones_own_is_refused(site, role, text):
    signer = Issuer(site.holder.public_key.did_key, KeySigner(site.holder))
    presentation = signer.present([role], challenge=text or "-", domain=BASE, created=site.clock[0])
    refused(site.ask(presentation), "not one of ours")


def test_a_challenge_with_a_later_end_is_refused(site, role):
    raw = bytearray(base64.urlsafe_b64decode(site.challenge() + "=="))
    raw[23] = (raw[23] + 1) % 256
    moved = base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")
    refused(site.ask(site.presentation(role, challenge=moved)), "not one of ours")


def test_a_challenge_of_another_resolver_is_refused(site, role, make_site, operator, tmp_path):
    other = make_site(operator, tmp_path / "..", state_path=tmp_path / "other.db")
    refused(site.ask(site.presentation(role, challenge=other.challenge())), "not one of ours")


def test_two_challenges_are_never_the_same_and_handing_one_out_stores_nothing(site):
    before = site.state.path.stat().st_size
    assert len({site.challenge() for _ in range(20)}) == 20
    assert site.state.path.stat().st_size == before


# --- presentations --------------------------------------------------------------------------------------------------


def test_a_presentation_for_another_domain_is_refused(site, role):
    refused(site.ask(site.presentation(role, domain="https://elsewhere.example")), "does not verify")


def test_an_unsigned_presentation_is_refused(site, role):
    presentation = {key: value for key, value in site.presentation(role).items() if key != "proof"}
    refused(site.ask(presentation), "not signed")


def test_a_tampered_presentation_is_refused(site, role):
    presentation = copy.deepcopy(site.presentation(role))
    presentation["verifiableCredential"][0]["credentialSubject"]["purpose"] = "curiosity"
    refused(site.ask(presentation), "does not verify")


def test_a_role_presented_by_another_holder_is_refused(site, role):
    thief = PrivateKey.generate(Algorithm.P256)
    refused(site.ask(site.presentation(role, key=thief)), "another holder")


def test_a_presentation_that_names_a_holder_and_is_signed_by_another_is_refused(site, role):
    thief = PrivateKey.generate(Algorithm.P256)
    unsigned = {key: value for key, value in site.presentation(role, key=thief).items() if key != "proof"}
    from passport.proofs.data_integrity import add_proof

    unsigned["holder"] = site.holder.public_key.did_key
    forged = add_proof(
        unsigned, KeySigner(thief), cryptosuite="ecdsa-rdfc-2019", created=site.clock[0], purpose="authentication",
        challenge=site.challenge(), domain=BASE,
    )  # fmt: skip
    refused(site.ask(forged), "not signed by its holder")


def test_a_proof_for_another_purpose_is_refused(site, role):
    from passport.proofs.data_integrity import add_proof

    unsigned = {key: value for key, value in site.presentation(role).items() if key != "proof"}
    asserted = add_proof(
        unsigned, KeySigner(site.holder), cryptosuite="ecdsa-rdfc-2019", created=site.clock[0],
        purpose="assertionMethod", challenge=site.challenge(), domain=BASE,
    )  # fmt: skip
    refused(site.ask(asserted), "does not verify")


def test_two_credentials_in_one_presentation_are_refused(site, role):
    signer = Issuer(site.holder.public_key.did_key, KeySigner(site.holder))
    both = signer.present(
        [role, site.operator.grant(site.holder, "commission")], challenge=site.challenge(), domain=BASE,
        created=site.clock[0],
    )  # fmt: skip
    refused(site.ask(both), "BatteryRoleCredential")


def test_a_credential_that_is_no_role_is_refused(site):
    passport = site.presenter.present(site.ev, Audience.PUBLIC).credentials[0]
    refused(site.ask(site.presentation(passport)), "BatteryRoleCredential")


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"{}", "application/json", 400), (b"[]", "application/json", 400), (b"", "application/json", 400),
        (b"\xff", "application/json", 400), (b'{"presentation":1,"presentation":2}', "application/json", 400),
        (b'{"presentation":' + b"[" * 200 + b"]" * 200 + b"}", "application/json", 400),
        (b'{"presentation":NaN}', "application/json", 400), (b'{"presentation":null}', "application/json", 400),
        (b'{"presentation":{"type":[]}}', "application/json", 400), (b"{}", "text/plain", 400),
        (b'{"presentation":{},"audience":["commission"]}', "application/json", 400),
        (b"grant_type=password&vp_token={}", "application/x-www-form-urlencoded", 400),
        (b" " * 1_000_001, "application/json", 413),
    ],
)  # fmt: skip
def test_a_malformed_request_is_refused_as_a_problem(site, body, content_type, status):
    answer = site.client.post("/token", data=body, content_type=content_type)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"


# --- role credentials -----------------------------------------------------------------------------------------------


def test_a_role_of_an_issuer_that_nobody_lists_is_refused(site):
    stranger = PrivateKey.generate(Algorithm.P256)
    role = site.operator.grant(site.holder, RECYCLER)
    unsigned = {key: value for key, value in role.items() if key != "proof"}
    unsigned["issuer"] = stranger.public_key.did_key
    forged = Issuer(stranger.public_key.did_key, KeySigner(stranger)).issue(unsigned, created=site.clock[0])
    refused(site.ask(site.presentation(forged)), "check 5")


def test_an_issuer_listed_for_passports_only_cannot_give_roles(operator, make_site, tmp_path):
    entry = operator.project.trust_list().issuers[0]
    narrow = TrustList.from_json(
        {"issuers": [{"id": entry.id, "name": {"en": "Maker"}, "trustedFor": ["BatteryPassportCredential"]}]}
    )
    site = make_site(operator, tmp_path, trust_list=narrow)
    refused(site.ask(site.presentation(operator.grant(site.holder, RECYCLER))), "check 5")


def test_a_tampered_role_is_refused(site, role):
    widened = copy.deepcopy(role)
    widened["credentialSubject"]["audience"] = ["commission"]
    refused(site.ask(site.presentation(widened)), "check 2")


def test_an_expired_role_is_refused(site, role):
    site.later(days=31)
    refused(site.ask(site.presentation(role)), "check 3")


def test_a_role_that_is_not_valid_yet_is_refused(site, role):
    unsigned = {key: value for key, value in role.items() if key != "proof"}
    unsigned["validFrom"] = date_time(site.clock[0] + timedelta(days=1))
    early = site.operator.issuer.issue(unsigned, created=site.clock[0])
    refused(site.ask(site.presentation(early)), "check 3")


def test_a_role_signed_in_the_future_is_refused(site, role):
    site.clock[0] -= timedelta(days=1)
    refused(site.ask(site.presentation(role)), "check 2")


def test_a_role_whose_status_cannot_be_checked_is_refused(site, role):
    unsigned = {key: value for key, value in role.items() if key != "proof"}
    unsigned["credentialStatus"] = [
        {
            "id": "https://elsewhere.example/status/1#5", "type": "BitstringStatusListEntry",
            "statusPurpose": "revocation", "statusListIndex": "5",
            "statusListCredential": "https://elsewhere.example/status/1",
        }
    ]  # fmt: skip
    with_status = site.operator.issuer.issue(unsigned, created=site.clock[0])
    refused(site.ask(site.presentation(with_status)), "check 4")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"audience": ["public"]}, "does not name the audience"),
        ({"audience": ["everything"]}, "does not name the audience"),
        ({"audience": None}, "does not name the audience"),
        ({"purpose": None}, "no purpose"),
        ({"purpose": "  "}, "no purpose"),
        ({"purpose": "curiosity"}, "unknown purpose"),
        ({"purpose": "x" * 201, "audience": ["commission"]}, "printable characters"),
        ({"purpose": "inspection\nforged", "audience": ["commission"]}, "printable characters"),
        ({"packs": [f"https://passport.example.com/id/VO-HV13/{number:05}" for number in range(200)]}, "more packs"),
        ({"purpose": "purchase"}, "names no packs"),
        ({"purpose": "purchase", "packs": []}, "packs"),
        ({"id": "did:key:zDnaerx9CtbPJ1q36T5Ln5wYt3MQYeGRG5ehnPAmxcf5mDZpv"}, "another holder"),
    ],
)
def test_a_role_that_does_not_say_who_may_read_what_for_is_refused(site, changes, words):
    refused(site.ask(site.presentation(site.operator.grant(site.holder, RECYCLER, **changes))), words)


# --- tokens ---------------------------------------------------------------------------------------------------------


def bearing(site, token: str, headers=VP):
    return site.get(site.ev, {**headers, "Authorization": f"Bearer {token}"})


def refused_token(answer) -> None:
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]
    assert "private, no-store" in answer.headers["Cache-Control"]
    assert b"verifiableCredential" not in answer.data and b"<table" not in answer.data


def test_an_expired_token_is_refused_and_not_taken_for_the_public(site):
    token = site.token()
    site.later(seconds=599)
    assert bearing(site, token).status_code == 200
    site.later(seconds=1)
    refused_token(bearing(site, token))
    refused_token(bearing(site, token, HTML))


def test_a_token_does_not_outlive_the_role(site):
    role = site.operator.grant(site.holder, RECYCLER, days=3)
    site.later(days=3, seconds=-60)
    answer = site.ask(site.presentation(role))
    assert answer.json["expires_in"] == 60
    site.later(seconds=60)
    refused_token(bearing(site, answer.json["access_token"]))


def test_a_token_from_before_its_time_is_refused(site):
    token = site.token()
    site.clock[0] -= timedelta(minutes=1)
    refused_token(bearing(site, token))


def test_a_token_with_alg_none_is_refused(site):
    token = site.token()
    claims = part(token, 1)
    for alg in ("none", "None", "NONE"):
        refused_token(bearing(site, f"{b64({'alg': alg, 'typ': 'at+jwt'})}.{b64(claims)}."))
        refused_token(bearing(site, f"{b64({'alg': alg, 'typ': 'at+jwt'})}.{b64(claims)}.{token.split('.')[2]}"))


def forged(site, claims: dict, *, alg: str = "HS256", header: dict | None = None, key: bytes | None = None) -> str:
    token = jws.JWS(json.dumps(claims))
    secret = base64.urlsafe_b64encode(key or site.state.secret()).decode().rstrip("=")
    token.add_signature(
        jwk.JWK(kty="oct", k=secret), alg=alg, protected=json.dumps({"alg": alg, "typ": "at+jwt", **(header or {})})
    )
    return token.serialize(compact=True)


def test_a_token_of_another_algorithm_is_refused_even_with_the_right_key(site):
    claims = part(site.token(), 1)
    assert bearing(site, forged(site, claims)).status_code == 200
    refused_token(bearing(site, forged(site, claims, alg="HS512", key=site.state.secret() * 2)))
    refused_token(bearing(site, forged(site, claims, key=b"another key of thirty-two bytes!")))
    refused_token(bearing(site, forged(site, claims, header={"typ": "JWT"})))


@pytest.mark.parametrize(
    "change",
    [
        {"aud": "https://elsewhere.example"}, {"iss": "https://elsewhere.example"}, {"audience": "public"},
        {"audience": "everything"}, {"audience": None}, {"exp": "soon"}, {"exp": 1e300}, {"packs": 5}, {"jti": None},
    ],
)  # fmt: skip
def test_a_token_with_other_claims_is_refused(site, change):
    claims = {**part(site.token(), 1), **change}
    claims = {key: value for key, value in claims.items() if value is not None}
    if "role_exp" not in claims:
        claims["role_exp"] = None
    refused_token(bearing(site, forged(site, claims)))


def test_a_tampered_token_is_refused(site):
    head, body, signature = site.token().split(".")
    claims = {**part(f"{head}.{body}.x", 1), "audience": "commission"}
    refused_token(bearing(site, f"{head}.{b64(claims)}.{signature}"))


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer x", "Basic dXNlcjpwYXNz", "x.y.z", "", "Bearer a.b.c",
                                    "Bearer " + "a" * 9000 + ".b.c", "Bearer a.b.c, Bearer d.e.f"])  # fmt: skip
def test_an_authorization_that_is_no_token_of_ours_is_401(site, header):
    refused_token(site.get(site.ev, {**VP, "Authorization": header}))


def test_a_token_of_another_resolver_is_refused(site, make_site, operator, tmp_path):
    other = make_site(operator, tmp_path, state_path=tmp_path / "other.db")
    refused_token(bearing(site, other.token()))


def test_a_token_counts_in_every_worker_of_one_resolver(site, make_site, operator, tmp_path):
    second = make_site(operator, tmp_path)  # the same state file
    assert bearing(second, site.token()).status_code == 200


def test_a_token_does_not_open_another_pack(site):
    headers = site.bearer(RECYCLER, packs=(site.ev,))
    assert site.get(site.ev, {**VP, **headers}).status_code == 200
    assert site.get(site.ev.split("/21/")[0], {**VP, **headers}).status_code == 200  # its model
    other = site.get(site.operator.packs["lmt"], {**VP, **headers})
    assert other.status_code == 403
    assert 'error="insufficient_scope"' in other.headers["WWW-Authenticate"]
    assert b"verifiableCredential" not in other.data
    condition = site.operator.store.current(site.operator.packs["lmt"], CONDITION).id
    assert site.client.get(condition.removeprefix(BASE), headers=headers).status_code == 404


def test_a_role_for_a_pack_that_nobody_knows_opens_nothing():
    class Reader:
        packs = frozenset({"https://elsewhere.example/1"})

    assert not opens(Reader(), "https://passport.example.com/2", lambda _: ())


# --- the access matrix ----------------------------------------------------------------------------------------------

#: Which point of Annex XIII a reader gets by the wording of Article 77(2); the default leaves out what is marked "*".
MATRIX = {
    ("public", ""): "1",
    ("legitimate-interest", "repair"): "124", ("legitimate-interest", "remanufacturing"): "124",
    ("legitimate-interest", "second-life"): "124", ("legitimate-interest", "recycling"): "124",
    ("legitimate-interest", "purchase"): "14", ("legitimate-interest", "aggregation"): "14",
    ("notified-body", "assessment"): "12*3", ("market-surveillance", "inspection"): "12*3",
    ("commission", "policy"): "123",
}  # fmt: skip
_POINTS = {
    point: {one.id for one in vocabulary.load().indicators.values() if (one.annex_xiii or "-")[0] == point}
    for point in "1234"
}  # fmt: skip


@each("policy", ["annex-xiii", "article-77"])
@each(("role", "points"), MATRIX.items(), ids=lambda value: " ".join(value).strip())
def test_each_role_and_purpose_gets_the_points_of_the_annex_that_it_may_read(
    operator, make_site, tmp_path, role, points, policy
):
    audience, purpose = role
    site = make_site(operator, tmp_path, access_policy=policy)
    headers = dict(VP)
    if audience != "public":
        credential = operator.grant(site.holder, audience, purpose=purpose, packs=[site.ev])
        headers["Authorization"] = "Bearer " + site.ask(site.presentation(credential)).json["access_token"]
    subject = {
        key: value for one in json.loads(site.get(site.ev, headers).data)["verifiableCredential"]
        for key, value in one["credentialSubject"].items()
    }  # fmt: skip
    expected = points.replace("2*", "") if policy == "annex-xiii" else points.replace("*", "")
    assert "".join(point for point, names in _POINTS.items() if names & set(subject)) == expected


def test_a_buyer_reads_the_battery_bought_and_no_other(site):
    role = site.operator.grant(site.holder, RECYCLER, purpose="purchase", packs=[site.ev])
    headers = {**VP, "Authorization": "Bearer " + site.ask(site.presentation(role)).json["access_token"]}
    assert types_of(site.get(site.ev, headers)) >= {CONDITION}
    assert MODEL_DETAIL not in types_of(site.get(site.ev, headers))
    assert MODEL_DETAIL not in types_of(site.get(site.ev.split("/21/")[0], headers))
    assert site.get(site.operator.packs["lmt"], headers).status_code == 403
    detail = site.operator.store.current(site.ev.split("/21/")[0], MODEL_DETAIL).id
    assert site.client.get(detail.removeprefix(BASE), headers=headers).status_code == 404
    page = site.get(site.ev, {**headers, **HTML}).text
    assert has_value(page, "stateOfCertifiedEnergy")
    assert is_withheld(page, "detailedComposition")
    assert is_withheld(site.get(site.ev, HTML).text, "stateOfCertifiedEnergy")


def test_a_buyer_is_not_served_what_a_recycler_left_in_the_cache(site):
    recycler = site.bearer()
    role = site.operator.grant(site.holder, RECYCLER, purpose="purchase", packs=[site.ev])
    buyer = {"Authorization": "Bearer " + site.ask(site.presentation(role)).json["access_token"]}
    for _ in range(2):
        assert MODEL_DETAIL in types_of(site.get(site.ev, {**VP, **recycler}))
        assert MODEL_DETAIL not in types_of(site.get(site.ev, {**VP, **buyer}))


# --- no other way in ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"X-Audience": "legitimate-interest"}, ""), ({"Audience": "commission"}, ""),
        ({"Cookie": "audience=legitimate-interest; access_token=x"}, ""), ({"X-Role": "authority"}, ""),
        ({"X-Forwarded-User": "admin"}, ""), ({}, "?audience=legitimate-interest"), ({}, "?as=commission"),
        ({}, "?role=authority"), ({}, "?access_token={token}"), ({"X-Access-Token": "{token}"}, ""),
        ({"Cookie": "access_token={token}"}, ""),
    ],
)  # fmt: skip
def test_an_audience_never_comes_from_a_header_or_a_parameter(site, headers, query):
    token = site.token()
    told = {name: value.format(token=token) for name, value in headers.items()}
    public = site.get(site.ev, VP)
    told_so = site.client.get(site.path(site.ev) + query.format(token=token), headers={**VP, **told})
    assert told_so.data == public.data


# --- what is written down -------------------------------------------------------------------------------------------


def test_each_restricted_read_is_logged_before_it_is_answered(site):
    assert list(site.state.accesses()) == []
    site.get(site.ev, VP)
    assert list(site.state.accesses()) == []
    headers = site.bearer()
    site.get(site.ev, {**VP, **headers})
    (entry,) = site.state.accesses()
    assert entry.holder == site.holder.public_key.did_key
    assert (entry.audience, entry.purpose, entry.subject) == ("legitimate-interest", "recycling", site.ev)
    assert entry.at == site.clock[0]
    assert "stateOfCharge" in entry.elements and "manufacturerName" not in entry.elements


def test_without_a_log_there_is_no_answer(site, monkeypatch):
    headers = site.bearer()

    def full(*_):
        raise OSError("no space left")

    monkeypatch.setattr(type(site.state), "log", full)
    answer = site.get(site.ev, {**VP, **headers})
    assert answer.status_code == 500
    assert b"stateOfCharge" not in answer.data


def test_a_refused_read_is_not_logged_as_one(site):
    headers = site.bearer(RECYCLER, packs=(site.operator.packs["lmt"],))
    assert site.get(site.ev, {**VP, **headers}).status_code == 403
    assert list(site.state.accesses()) == []


def test_the_log_cannot_be_changed(site):
    import sqlite3

    site.get(site.ev, {**VP, **site.bearer()})
    connection = sqlite3.connect(site.state.path)
    for statement in ("DELETE FROM access_log", "UPDATE access_log SET holder = 'somebody else'"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            connection.execute(statement)


def test_the_state_file_is_for_its_owner_only(site):
    assert stat.S_IMODE(site.state.path.stat().st_mode) == 0o600


def test_neither_token_nor_secret_is_ever_written(site, caplog):
    caplog.set_level(logging.DEBUG)
    token = site.token()
    bearing(site, token)
    bearing(site, token[:-2])
    written = b"".join(path.read_bytes() for path in site.state.path.parent.glob("state.db*"))
    assert token.encode() not in written
    assert token.split(".")[2] not in caplog.text
    assert token not in repr(Grant(token, None, 600))
