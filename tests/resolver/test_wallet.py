"""A role from a wallet, by OpenID4VP: what the request says, how the answer is fetched, and every refusal."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from passport.credentials.envelopes import sd_jwt_vc
from passport.credentials.issuer import Issuer
from passport.identity.did import DidResolver
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.presenting.role_tokens import ROLE_KIND
from passport.presenting.wallet_requests import WalletRequests
from passport.proofs import jose, sd_jwt
from passport.publishing.role_grants import RoleGrants
from passport.vocabulary.credential_types import CONDITION, MODEL_DETAIL
from passport.vocabulary.vocabulary import Audience
from tests.resolver.conftest import BASE, NOW, VP

RECYCLER = Audience.LEGITIMATE_INTEREST
CLIENT = "decentralized_identifier:did:web:passport.example.com:wallet"


@pytest.fixture(scope="module")
def site(operator, make_site, tmp_path_factory):
    return make_site(operator, tmp_path_factory.mktemp("wallet"))


@pytest.fixture(scope="module")
def role(site) -> dict:
    return site.operator.grant(site.holder, RECYCLER)


@pytest.fixture(scope="module")
def sd_role(site, role) -> str:
    return grants_of(site.operator).as_sd_jwt(role, NOW)


def grants_of(operator) -> RoleGrants:
    return RoleGrants(operator.store, operator.issuer, BASE)


def signed(site, role: dict, key: PrivateKey | None = None, **changes) -> str:
    """A role as ``dc+sd-jwt`` whose payload was changed before it was signed; None leaves a claim out."""
    token = grants_of(site.operator).as_sd_jwt(role, NOW)
    claims = {**jose.parse(token.partition("~")[0], typ="dc+sd-jwt").claims(), **changes}
    signer = site.operator.issuer.signer if key is None else KeySigner(key)
    claims = {name: value for name, value in claims.items() if value is not None}
    return jose.sign(claims, signer, typ=changes.pop("typ", "dc+sd-jwt")) + "~"


@pytest.fixture(autouse=True)
def _now(site):
    site.clock[0] = NOW


class Asked:
    """A request as a program shows it, and the wallet's side of it."""

    def __init__(self, site, uri: str | None = None, query: str = ""):
        self.site = site
        self.made = site.client.post(f"/wallet/requests{query}").json if uri is None else {"request_uri": uri}
        self.token = site.client.get(self.made["request_uri"].removeprefix(BASE)).text
        self.claims = jose.parse(self.token, typ="oauth-authz-req+jwt").claims()

    def presented(self, role: dict, **changes) -> dict:
        key = changes.get("key", self.site.holder)
        presentation = Issuer(key.public_key.did_key, KeySigner(key)).present(
            [role], challenge=changes.get("nonce", self.claims["nonce"]),
            domain=changes.get("client", self.claims["client_id"]), created=self.site.clock[0],
        )  # fmt: skip
        return {"role": [presentation]}

    def answer(self, role: dict, **changes):
        return self.post({"vp_token": json.dumps(self.presented(role, **changes))})

    def encrypted(self, content: dict, *, key: dict | None = None, **header) -> dict:
        """The form of an encrypted answer; the key and the members of the header can be others."""
        asked_key = self.claims["client_metadata"]["jwks"]["keys"][0]
        header = {"alg": "ECDH-ES", "enc": "A128GCM", "kid": asked_key["kid"], "apu": "eA", **header}
        point = {name: (key or asked_key)[name] for name in ("kty", "crv", "x", "y")}
        return {"response": JWE(json.dumps(content), json.dumps(header), recipient=JWK(**point)).serialize(True)}

    def answer_sd_jwt(self, token: str, **changes):
        key = changes.get("key", self.site.holder)
        claims = {
            "iat": int(changes.get("made", self.site.clock[0]).timestamp()),
            "nonce": changes.get("nonce", self.claims["nonce"]),
            "aud": changes.get("client", self.claims["client_id"]),
            "sd_hash": sd_jwt.digest_of(changes.get("over", token).encode(), "sha-256"),
        }
        binding = jose.sign(claims, KeySigner(key), typ="kb+jwt")
        return self.post({"vp_token": json.dumps({"role_sd_jwt": [token + binding]})})

    def post(self, form: dict):
        return self.site.client.post(self.claims["response_uri"].removeprefix(BASE), data=form)

    def fetch(self):
        return self.site.client.post("/wallet/token", json={"secret": self.made["secret"]})


@pytest.fixture
def asked(site) -> Asked:
    return Asked(site)


def refused(answer, words: str) -> None:
    assert answer.status_code == 400, answer.text
    assert words in answer.json["detail"], answer.json


# --- the way it goes --------------------------------------------------------------------------------------------------


def test_a_role_from_a_wallet_opens_what_the_same_role_opens_at_token(site, role, asked):
    assert asked.answer(role).json == {}
    granted = asked.fetch()
    assert (granted.status_code, granted.json["audience"]) == (200, "legitimate-interest")
    assert granted.headers["Cache-Control"] == "private, no-store"
    other = site.ask(site.presentation(role)).json["access_token"]
    seen, likewise = (
        json.loads(site.get(site.ev, {**VP, "Authorization": f"Bearer {token}"}).data)
        for token in (granted.json["access_token"], other)
    )
    kinds = [
        {name for each in document["verifiableCredential"] for name in each["type"]} for document in (seen, likewise)
    ]
    assert {MODEL_DETAIL, CONDITION} <= kinds[0] == kinds[1]


def test_the_request_is_signed_by_the_read_face_and_says_what_is_asked(site, asked):
    document = site.client.get("/wallet/did.json").json
    token = jose.parse(asked.token, typ="oauth-authz-req+jwt")
    method = DidResolver({document["id"]: document}).verification_method(token.kid, "authentication", at=NOW)
    jose.verify(token, method.public_key)
    claims = asked.claims
    assert claims["client_id"] == CLIENT == f"decentralized_identifier:{document['id']}"
    assert (claims["response_type"], claims["response_mode"]) == ("vp_token", "direct_post")
    assert claims["exp"] - claims["iat"] == 300
    kind = "https://w3id.org/battery-passport/ns#BatteryRoleCredential"
    first, second = claims["dcql_query"]["credentials"]
    assert (first["format"], first["meta"]) == ("ldp_vc", {"type_values": [[kind]]})
    assert (second["format"], second["meta"]) == ("dc+sd-jwt", {"vct_values": [kind]})
    assert claims["dcql_query"]["credential_sets"] == [{"options": [[first["id"]], [second["id"]]]}]
    link = urlsplit(asked.made["request"])
    assert link.scheme == "openid4vp"
    assert parse_qs(link.query) == {"client_id": [CLIENT], "request_uri": [asked.made["request_uri"]]}


def test_the_key_of_requests_speaks_for_no_credential(site):
    assert set(site.client.get("/wallet/did.json").json) == {"@context", "id", "verificationMethod", "authentication"}


def test_an_address_without_did_web_has_a_did_that_is_computed():
    requests = WalletRequests("http://127.0.0.1:8471", lambda: bytes(32), "role", ROLE_KIND)
    assert requests.did.startswith("did:jwk:") and requests.document() is None


def test_asking_and_showing_store_nothing(site):
    before = site.state.path.stat().st_size
    for _ in range(5):
        Asked(site)
    assert site.state.path.stat().st_size == before


def test_a_page_is_opened_by_the_answer_of_another_device(site, role):
    page = site.client.get("/wallet", query_string={"passport": site.ev}, headers={"Accept": "text/html"})
    secret = page.text.split('name="secret" value="')[1].split('"')[0]
    form = {"secret": secret, "passport": site.ev}
    early = site.client.post("/wallet/open", data=form)
    assert early.status_code == 200 and "Press the button again" in early.text and secret in early.text
    asked = Asked(site, f"{BASE}/wallet/requests/{secret.partition('.')[0]}")
    assert asked.answer(role).status_code == 200
    opened = site.client.post("/wallet/open", data=form)
    assert opened.status_code == 200 and "access_token" in opened.text
    assert "access_token" not in site.client.post("/wallet/open", data=form).text


def test_a_wallet_on_the_same_device_leads_back_to_a_page_that_opens_the_passport(site, role):
    page = site.client.get("/wallet", query_string={"passport": site.ev}).text
    link = page.split('class="btn" href="')[1].split('"')[0].replace("&amp;", "&")
    asked = Asked(site, parse_qs(urlsplit(link).query)["request_uri"][0])
    landing = asked.answer(role).json["redirect_uri"]
    values = {name: values[0] for name, values in parse_qs(urlsplit(landing).query).items()}
    assert landing.startswith(f"{BASE}/wallet/done?") and values["passport"] == site.ev
    assert "access_token" not in site.client.get(landing.removeprefix(BASE)).text
    opened = site.client.post("/wallet/open", data=values)
    assert opened.status_code == 200 and "access_token" in opened.text
    assert site.client.post("/wallet/open", data=values).status_code == 400


def test_without_a_passport_the_answer_opens_the_desk_of_the_role(site):
    asked = Asked(site)
    asked.answer(site.operator.grant(site.holder, Audience.MARKET_SURVEILLANCE))
    assert "access_token" in site.client.post("/wallet/open", data={"secret": asked.made["secret"]}).text


def test_an_unsigned_request_names_the_address_of_its_answer_as_who_asks(site, role):
    made = site.client.post("/wallet/requests?client=uri").json
    claims = {name: values[0] for name, values in parse_qs(urlsplit(made["request"]).query).items()}
    assert "request_uri" not in made and claims["client_id"] == f"redirect_uri:{claims['response_uri']}"
    asked = Asked.__new__(Asked)
    asked.site, asked.made, asked.claims = site, made, claims
    refused(asked.answer(role, client=CLIENT), "does not verify")
    again = site.client.post("/wallet/requests?client=uri").json
    asked.made, asked.claims = (
        again,
        {name: values[0] for name, values in parse_qs(urlsplit(again["request"]).query).items()},
    )
    assert asked.answer(role).status_code == 200 and asked.fetch().status_code == 200


def test_a_role_as_sd_jwt_opens_what_its_twin_opens(site, role, sd_role, asked):
    assert asked.answer_sd_jwt(sd_role).json == {}
    granted = asked.fetch()
    assert granted.json["audience"] == "legitimate-interest"
    other = site.ask(site.presentation(role)).json["access_token"]
    first, second = (
        {
            name
            for document in json.loads(site.get(site.ev, {**VP, "Authorization": f"Bearer {token}"}).data)[
                "verifiableCredential"
            ]
            for name in document["type"]
        }
        for token in (granted.json["access_token"], other)
    )
    assert {MODEL_DETAIL, CONDITION} <= first == second


def test_the_two_forms_of_a_role_say_the_same(role, sd_role):
    claims = jose.parse(sd_role.partition("~")[0], typ="dc+sd-jwt").claims()
    assert claims["vct"] == "https://w3id.org/battery-passport/ns#BatteryRoleCredential"
    assert sd_jwt_vc.read_as_credential(claims) == {name: value for name, value in role.items() if name != "proof"}


# --- encrypted answers ------------------------------------------------------------------------------------------------


def test_an_encrypted_answer_opens_what_the_same_answer_opens_in_the_clear(site, role):
    asked = Asked(site, query="?answer=encrypted")
    metadata = asked.claims["client_metadata"]
    assert asked.claims["response_mode"] == "direct_post.jwt"
    assert metadata["encrypted_response_enc_values_supported"] == ["A256GCM", "A128GCM"]
    (key,) = metadata["jwks"]["keys"]
    assert (key["alg"], key["use"], key["crv"]) == ("ECDH-ES", "enc", "P-256") and "d" not in key
    assert Asked(site, query="?answer=encrypted").claims["client_metadata"]["jwks"] != metadata["jwks"]
    assert asked.post(asked.encrypted({"vp_token": asked.presented(role)})).json == {}
    assert asked.fetch().json["audience"] == "legitimate-interest"


def test_a_page_asks_for_an_encrypted_answer_where_its_reader_wants_one(site, role):
    clear = site.client.get("/wallet", query_string={"passport": site.ev}).text
    assert "answer=encrypted" in clear.split("Ask for an encrypted answer")[0].rsplit("href=", 1)[1]
    page = site.client.get("/wallet", query_string={"passport": site.ev, "answer": "encrypted"}).text
    assert "cannot encrypt its answer" in page
    secret = page.split('name="secret" value="')[1].split('"')[0]
    form = {"secret": secret, "passport": site.ev, "answer": "encrypted"}
    assert secret in site.client.post("/wallet/open", data=form).text
    link = page.split('class="btn" href="')[1].split('"')[0].replace("&amp;", "&")
    asked = Asked(site, parse_qs(urlsplit(link).query)["request_uri"][0])
    landing = asked.post(asked.encrypted({"vp_token": asked.presented(role)})).json["redirect_uri"]
    values = {name: values[0] for name, values in parse_qs(urlsplit(landing).query).items()}
    assert "access_token" in site.client.post("/wallet/open", data=values).text


def test_an_encrypted_answer_is_refused_that_is_another(site, role):
    asked = Asked(site, query="?answer=encrypted")
    token = {"vp_token": asked.presented(role)}
    other = Asked(site, query="?answer=encrypted")
    wrong = {
        "in the clear": {"vp_token": json.dumps(token["vp_token"])},
        "to another key": asked.encrypted(token, key=PrivateKey.generate().public_key.jwk),
        "to the key of another request": other.encrypted(token),
        "with another kid": asked.encrypted(token, kid="other"),
        "with another algorithm": asked.encrypted(token, alg="ECDH-ES+A128KW"),
        "with another encryption": asked.encrypted(token, enc="A128CBC-HS256"),
        "compressed": asked.encrypted(token, zip="DEF"),
        "without a presentation": asked.encrypted({"state": "x"}),
        "that is a list": asked.encrypted([token]),
        "twice": {"response": [asked.encrypted(token)["response"]] * 2},
        "none": {"response": "a.b.c.d.e"},
    }
    for name, form in wrong.items():
        answer = asked.post(form)
        assert answer.status_code == 400, (name, answer.text)
    refused(asked.fetch(), "no wallet has answered")
    assert asked.post(asked.encrypted(token)).status_code == 200
    refused(asked.post(asked.encrypted(token)), "used before")


def test_a_challenge_takes_only_the_kind_of_answer_that_it_is_for(site, role):
    asked = Asked(site, query="?answer=encrypted")
    asked.claims["response_uri"] = asked.claims["response_uri"].replace("?answer=encrypted", "")
    refused(asked.answer(role), "not one of ours")
    clear = Asked(site)
    clear.claims["response_uri"] += "?answer=encrypted"
    clear.claims["client_metadata"] = asked.claims["client_metadata"]
    refused(clear.post(clear.encrypted({"vp_token": clear.presented(role)})), "not one of ours")


def test_a_wallet_that_declines_in_an_encrypted_answer_leaves_nothing(site):
    asked = Asked(site, query="?answer=encrypted")
    assert asked.post(asked.encrypted({"error": "access_denied"})).json == {}
    refused(asked.fetch(), "no wallet has answered")


# --- refusals ---------------------------------------------------------------------------------------------------------


def test_a_replayed_answer_is_refused(role, asked):
    first = asked.answer(role)
    assert first.status_code == 200
    refused(asked.answer(role), "used before")


def test_an_answer_to_another_request_is_refused(site, role, asked):
    refused(asked.answer(role, nonce=Asked(site).claims["nonce"]), "another request")


def test_a_nonce_of_ones_own_is_refused(role, asked):
    refused(asked.answer(role, nonce="x" * 54), "another request")


def test_an_answer_for_another_verifier_is_refused(role, asked):
    refused(asked.answer(role, client="decentralized_identifier:did:web:elsewhere.example:wallet"), "does not verify")


def test_an_answer_for_the_token_endpoint_is_refused_and_the_other_way_round(site, role, asked):
    refused(asked.answer(role, client=BASE), "does not verify")
    refused(site.ask(site.presentation(role, challenge=site.challenge(), domain=CLIENT)), "does not verify")


def test_an_expired_request_is_refused_when_fetched_and_when_answered(site, role, asked):
    site.later(minutes=5)
    refused(asked.answer(role), "has expired")
    refused(site.client.get(asked.made["request_uri"].removeprefix(BASE)), "has expired")


def test_a_request_of_ones_own_is_refused(site):
    refused(site.client.get(f"/wallet/requests/{'A' * 54}"), "not one of ours")


def test_an_answer_by_another_holder_is_refused(role, asked):
    refused(asked.answer(role, key=PrivateKey.generate(Algorithm.P256)), "another holder")


def test_a_role_of_an_issuer_without_trust_is_refused(site, asked):
    stranger = PrivateKey.generate(Algorithm.P256)
    unsigned = {key: value for key, value in site.operator.grant(site.holder, RECYCLER).items() if key != "proof"}
    unsigned["issuer"] = stranger.public_key.did_key
    forged = Issuer(stranger.public_key.did_key, KeySigner(stranger)).issue(unsigned, created=NOW)
    refused(asked.answer(forged), "check 5")


def test_an_expired_role_is_refused(site, asked):
    role = site.operator.grant(site.holder, RECYCLER, days=0.001)
    site.later(minutes=2)
    refused(asked.answer(role), "check 3")


def test_a_role_that_is_revoked_is_refused_and_one_revoked_later_opens_nothing(make_operator, make_site, tmp_path):
    operator = make_operator(tmp_path, "stationary-lfp")
    site = make_site(operator, tmp_path)
    grants = grants_of(operator)
    sd_role = grants.as_sd_jwt(operator.grant(site.holder, RECYCLER), NOW)
    sd_id = jose.parse(sd_role.partition("~")[0], typ="dc+sd-jwt").claims()["jti"]
    role = operator.grant(site.holder, RECYCLER)
    asked = Asked(site)
    asked.answer(role)
    grants.revoke(role["id"], "contract ended", NOW)
    token = asked.fetch().json["access_token"]
    assert site.client.get("/passports", headers={"Authorization": f"Bearer {token}"}).status_code in (401, 404)
    pack = operator.packs["stationary"]
    assert site.get(pack, {**VP, "Authorization": f"Bearer {token}"}).status_code == 401
    refused(Asked(site).answer(role), "check 4")
    assert Asked(site).answer_sd_jwt(sd_role).status_code == 200
    grants.revoke(sd_id, "contract ended", NOW)
    refused(Asked(site).answer_sd_jwt(sd_role), "check 4")


WRONG_BINDINGS = {
    "another nonce": ({"nonce": "x" * 54}, "another request"),
    "another audience": ({"client": BASE}, "another domain"),
    "another key": ({"key": PrivateKey.generate(Algorithm.P256)}, "does not verify"),
    "another token": ({"over": "a.b.c~"}, "another token"),
    "a moment long past": ({"made": NOW - timedelta(minutes=11)}, "not of this moment"),
}


@pytest.mark.parametrize(("changes", "words"), WRONG_BINDINGS.values(), ids=WRONG_BINDINGS)
def test_a_role_as_sd_jwt_is_refused_whose_binding_has(sd_role, asked, changes, words):
    refused(asked.answer_sd_jwt(sd_role, **changes), words)


def test_a_role_as_sd_jwt_serves_once(sd_role, asked):
    assert asked.answer_sd_jwt(sd_role).status_code == 200
    refused(asked.answer_sd_jwt(sd_role), "used before")


def test_a_role_as_sd_jwt_without_a_binding_is_refused(sd_role, asked):
    refused(asked.post({"vp_token": json.dumps({"role_sd_jwt": [sd_role]})}), "not a presentation")


WRONG_ROLES = {
    "another kind": ({"vct": "https://example.com/role"}, "not known here"),
    "hidden packs": ({"_sd": ["x" * 43]}, "left out"),
    "a hidden audience": ({"audience": [{"...": "x" * 43}]}, "left out"),
    "no place in a status list": ({"credentialStatus": None}, "never be taken back"),
    "no key of its holder": ({"cnf": None}, "no key of its holder"),
    "an end that has passed": ({"exp": int(NOW.timestamp()) - 1, "nbf": int(NOW.timestamp()) - 9}, "check 3"),
    "a beginning to come": ({"nbf": int(NOW.timestamp()) + 600}, "check 3"),
    "no end that is a time": ({"exp": "tomorrow"}, "a time of the token"),
    "another issuer": ({"iss": "did:web:elsewhere.example"}, "check 2"),
    "no audience": ({"audience": None}, "does not name the audience"),
    "a subject without a DID": ({"sub": "urn:uuid:1"}, "names no holder"),
    "a claim that no context defines": ({"more": "x"}, "check 1"),
}


@pytest.mark.parametrize(("changes", "words"), WRONG_ROLES.values(), ids=WRONG_ROLES)
def test_a_role_as_sd_jwt_is_refused_with(site, role, asked, changes, words):
    refused(asked.answer_sd_jwt(signed(site, role, **changes)), words)


def test_a_role_as_sd_jwt_of_an_issuer_without_trust_is_refused(site, role, asked):
    stranger = PrivateKey.generate(Algorithm.P256)
    refused(asked.answer_sd_jwt(signed(site, role, stranger, iss=stranger.public_key.did_key)), "check 5")


def test_a_role_as_sd_jwt_with_a_foreign_key_is_refused(site, role, asked):
    refused(asked.answer_sd_jwt(signed(site, role, PrivateKey.generate(Algorithm.P256))), "check 2")


def test_a_role_as_sd_jwt_with_a_disclosure_is_refused(sd_role, asked):
    refused(asked.answer_sd_jwt(sd_role + "WyJzIiwicGFja3MiLFtdXQ~"), "check 2")


def test_an_answer_is_fetched_once_and_only_with_the_secret_of_the_page(site, role, asked):
    refused(asked.fetch(), "no wallet has answered")
    assert asked.fetch().json["error"] == "authorization_pending"
    asked.answer(role)
    secret = asked.made["secret"]
    for wrong in (secret[:-2] + "AA", secret.partition(".")[0], asked.claims["nonce"] + ".", "é"):
        refused(site.client.post("/wallet/token", json={"secret": wrong}), "no wallet has answered")
    refused(site.client.post("/wallet/token", json={"code": asked.claims["nonce"]}), "no wallet has answered")
    assert asked.fetch().status_code == 200
    refused(asked.fetch(), "no wallet has answered")


def test_an_answer_that_is_not_fetched_in_time_is_gone(site, role, asked):
    asked.answer(role)
    site.later(minutes=10)
    refused(asked.fetch(), "no wallet has answered")


def test_the_state_holds_neither_the_secret_nor_a_token(site, role, asked):
    asked.answer(role)
    kept = site.state.connection().execute("SELECT code, reader FROM wallet_answers").fetchall()
    assert kept and not any(asked.made["secret"].encode() in bytes(code) or "eyJ" in reader for code, reader in kept)
    asked.fetch()


def test_a_wallet_that_declines_leaves_nothing(asked):
    assert asked.post({"error": "access_denied"}).json == {}
    refused(asked.fetch(), "no wallet has answered")


@pytest.mark.parametrize(
    "form",
    [{}, {"vp_token": ""}, {"vp_token": "{"}, {"vp_token": "{}"}, {"vp_token": '{"role":[]}'}, {"vp_token": "[1]"},
     {"vp_token": '{"role":[{}],"other":[{}]}'}, {"vp_token": "x.y.z"}, {"vp_token": "a~b~c"},
     {"response": "a.b.c.d.e"}],
)  # fmt: skip
def test_an_answer_that_is_none_is_refused(asked, form):
    assert asked.post(form).status_code == 400


def test_a_form_of_another_site_fetches_no_answer(site, role, asked):
    asked.answer(role)
    headers = {"Sec-Fetch-Site": "cross-site"}
    answer = site.client.post("/wallet/open", data={"secret": asked.made["secret"]}, headers=headers)
    assert answer.status_code == 403 and "access_token" not in answer.text


@pytest.mark.parametrize("body", [{}, {"secret": 1}, {"secret": "a", "code": "b"}, []])
def test_a_token_request_without_one_secret_is_refused(site, body):
    assert site.client.post("/wallet/token", json=body).status_code == 400
