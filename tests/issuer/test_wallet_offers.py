"""A granted request as a credential offer, by OpenID4VCI: how a wallet gets its role, and every refusal."""

from __future__ import annotations

import html
import json
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from issuer.wallets.issuance import GRANT
from passport.credentials.envelopes import sd_jwt_vc
from passport.credentials.issuer import Issuer
from passport.credentials.verifier import Verifier
from passport.identity import did_jwk
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.presenting.role_tokens import ACTOR_KIND
from passport.proofs import jose, sd_jwt
from passport.publishing.events.accreditation import ActorStatement
from passport.publishing.events.actor_grants import ActorGrants
from passport.publishing.publisher import Publisher
from passport.vocabulary import vocabulary
from tests.issuer.work_world import AT, BASE, ORIGIN, WorkWorld
from tests.packs import example_records


def issued_pack(world):
    """The address of a pack that was issued in the project of a workspace."""
    regimes = tuple(vocabulary.regimes().values())
    publisher = Publisher(world.store, world.here.config.issuer, BASE, vocabulary.load(), regimes)
    report = publisher.issue(example_records("stationary-lfp.xlsx"), at=AT - timedelta(hours=1))
    return report.of_kind("pack")[0].subject


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = WorkWorld(tmp_path_factory.mktemp("offers"))
    made.pack = issued_pack(made)
    made.tan = made.join("tan", "sign")
    made.trust_accreditations()
    return made


@pytest.fixture(autouse=True)
def _now(world):
    world.at = AT
    yield
    # Open requests are bounded.
    for request in world.here.access.all():
        if request.state == "open":
            world.here.access.refuse(request, "the test is over", at=AT, by=world.tan.person.id)


class Wallet:
    """A wallet that takes the offer of a request; what it sends can be changed."""

    def __init__(self, world, *, holder: str = "", key: PrivateKey | None = None):
        self.world, self.client = world, world.app.test_client()
        self.key = key or PrivateKey.generate()
        self.ticket = self.post("/ask", json={
            "pack": world.pack, "holder": holder, "audience": "legitimate-interest", "purpose": "recycling",
            "person": "Rec GmbH", "reason": "the pack is in our yard",
        }).json["ticket"]  # fmt: skip
        self.id = world.here.access.of_ticket(self.ticket).id

    def post(self, path, **more):
        return self.client.post(path, base_url=ORIGIN, **more)

    def decide(self, step: str, **fields):
        return self.world.tan.post(f"/access/{self.id}", {"step": step, **fields}, at="/access")

    def granted(self):
        assert self.decide("grant", days="14").status_code == 303
        return self

    def answer(self):
        return self.post("/ask/answer", json={"ticket": self.ticket})

    def offer(self, link: str | None = None) -> dict:
        link = link or self.answer().json["credential_offer"]
        return json.loads(parse_qs(urlsplit(link).query)["credential_offer"][0])

    def code(self) -> str:
        return self.offer()["grants"][GRANT]["pre-authorized_code"]

    def exchange(self, code: str, **more):
        return self.post("/oid4vci/token", data={"grant_type": GRANT, "pre-authorized_code": code, **more})

    def token(self) -> str:
        return self.exchange(self.code()).json["access_token"]

    def nonce(self) -> str:
        return self.post("/oid4vci/nonce").json["c_nonce"]

    def proof(self, *, typ: str | None = "openid4vci-proof+jwt", jwk: bool = False, key=None, **changes) -> str:
        key = key or self.key
        claims = {"aud": ORIGIN, "iat": int(self.world.at.timestamp()), "nonce": self.nonce(), **changes}
        header = {"alg": "ES256", "typ": typ, "kid": KeySigner(key).verification_method, "jwk": key.public_key.jwk}
        header.pop("kid" if jwk else "jwk")
        parts = ({name: value for name, value in part.items() if value is not None} for part in (header, claims))
        start = ".".join(jose.encode(json.dumps(part).encode()) for part in parts)
        return f"{start}.{jose.encode(key.sign(start.encode()))}"

    def ask(self, token: str, proof: str | None, configuration: str = "role", **more):
        body = {"credential_configuration_id": configuration, **({"proofs": {"jwt": [proof]}} if proof else {}), **more}
        return self.post("/oid4vci/credential", json=body, headers={"Authorization": f"Bearer {token}"})


@pytest.fixture
def wallet(world):
    return Wallet(world).granted()


def refused(answer, error: str, status: int = 400) -> None:
    assert (answer.status_code, answer.json["error"]) == (status, error), answer.text
    assert "credentials" not in answer.json


# --- the way it goes --------------------------------------------------------------------------------------------------


def test_a_granted_request_is_signed_for_the_wallet_that_proves_its_key(world, wallet):
    assert "credential" not in wallet.answer().json
    token = wallet.token()
    given = wallet.ask(token, wallet.proof())
    assert given.status_code == 200 and given.headers["Cache-Control"] == "no-store"
    role = given.json["credentials"][0]["credential"]
    assert role["credentialSubject"] == {
        "id": wallet.key.public_key.did_key, "audience": ["legitimate-interest"], "purpose": "recycling",
        "packs": [world.pack],
    }  # fmt: skip
    assert role["validUntil"].startswith("2027-03-22")
    assert Verifier(world.project.trust_list()).verify(role, at=AT).check(2).passed
    # The same role in the other format, for the same key.
    sd_jwt = wallet.ask(token, wallet.proof(), "role_sd_jwt").json["credentials"][0]["credential"]
    claims = jose.parse(sd_jwt.partition("~")[0], typ="dc+sd-jwt").claims()
    assert sd_jwt_vc.read_as_credential(claims) == {name: value for name, value in role.items() if name != "proof"}
    assert wallet.answer().json["credential"] == role
    assert len([each for each in world.store.roles() if each.id == role["id"]]) == 1


def test_a_key_in_the_header_becomes_a_did_jwk(wallet):
    role = wallet.ask(wallet.token(), wallet.proof(jwk=True)).json["credentials"][0]["credential"]
    assert role["credentialSubject"]["id"] == did_jwk.did_for(wallet.key.public_key)


def test_a_role_granted_to_a_did_goes_to_the_wallet_with_its_key(world):
    key = PrivateKey.generate()
    wallet = Wallet(world, holder=key.public_key.did_key, key=key).granted()
    signed = wallet.answer().json["credential"]
    token = wallet.token()
    refused(wallet.ask(token, wallet.proof(key=PrivateKey.generate())), "credential_request_denied")
    assert wallet.ask(token, wallet.proof()).json["credentials"][0]["credential"] == signed


def test_the_page_of_an_asker_shows_the_offer_as_a_link_and_a_picture(world, wallet):
    def answer_page(ticket):
        return world.app.test_client().post(
            "/ask/answer?lang=en", data={"ticket": ticket}, base_url=ORIGIN, headers={"Accept": "text/html"}
        )

    page = answer_page(wallet.ticket).text
    assert 'href="openid-credential-offer://?credential_offer=' in page and "data:image/svg+xml;base64," in page
    assert answer_page("x" * 43).status_code == 404
    other = Wallet(world)
    assert "Not decided yet" in answer_page(other.ticket).text
    other.decide("refuse", answer="no recycler")
    assert "no recycler" in answer_page(other.ticket).text


def test_metadata_name_the_formats_and_the_endpoints(world):
    client = world.app.test_client()
    issuer = client.get("/.well-known/openid-credential-issuer", base_url=ORIGIN).json
    server = client.get("/.well-known/oauth-authorization-server", base_url=ORIGIN).json
    assert issuer["credential_issuer"] == server["issuer"] == ORIGIN
    kinds = {id_: each["format"] for id_, each in issuer["credential_configurations_supported"].items()}
    assert kinds == {
        "role": "ldp_vc", "role_sd_jwt": "dc+sd-jwt", "actor": "ldp_vc", "actor_sd_jwt": "dc+sd-jwt",
    }  # fmt: skip
    assert server["grant_types_supported"] == [GRANT]


def test_a_wallet_may_name_in_advance_what_it_wants(wallet):
    wanted = [{"type": "openid_credential", "credential_configuration_id": "role"}]
    given = wallet.exchange(wallet.code(), authorization_details=json.dumps(wanted)).json
    assert given["authorization_details"] == [{**wanted[0], "credential_identifiers": ["role"]}]


# --- transaction codes ------------------------------------------------------------------------------------------------


@pytest.fixture
def protected(world):
    """A wallet whose role was granted with a transaction code, and the code."""
    wallet = Wallet(world)
    return wallet, code_on(wallet.decide("grant", days="14", code="1").text)


def code_on(page: str) -> str:
    return re.search(r'<code class="link">(\d{6})</code>', page)[1]


def test_a_role_with_a_transaction_code_is_given_to_the_wallet_that_has_it(protected):
    wallet, transaction_code = protected
    grant = wallet.offer()["grants"][GRANT]
    assert grant["tx_code"] == {"input_mode": "numeric", "length": 6}
    token = wallet.exchange(grant["pre-authorized_code"], tx_code=transaction_code).json["access_token"]
    assert wallet.ask(token, wallet.proof()).status_code == 200
    page = wallet.post("/ask/answer?lang=en", data={"ticket": wallet.ticket}, headers={"Accept": "text/html"}).text
    assert "transaction code of six digits" in page and transaction_code not in page


def test_a_transaction_code_that_is_missing_wrong_or_not_asked_for_is_refused(protected, wallet):
    other, transaction_code = protected
    code = other.code()
    refused(other.exchange(code), "invalid_request")
    for wrong in ("", f"{transaction_code} ", "１２３４５６"):
        refused(other.exchange(code, tx_code=wrong), "invalid_grant")
    refused(other.exchange(code, tx_code="1" * 21), "invalid_request")
    assert other.exchange(code, tx_code=transaction_code).status_code == 200
    refused(wallet.exchange(wallet.code(), tx_code="123456"), "invalid_request")


def test_five_wrong_transaction_codes_end_the_offer_over_all_of_its_codes(world, protected):
    wallet, transaction_code = protected
    wrong = f"{(int(transaction_code) + 1) % 10**6:06}"
    for _ in range(5):
        refused(wallet.exchange(wallet.code(), tx_code=wrong), "invalid_grant")
    assert "credential_offer" not in wallet.answer().json
    assert wallet.decide("code").status_code == 400


def test_a_new_transaction_code_ends_the_one_before(protected):
    wallet, first = protected
    code = wallet.code()
    second = code_on(wallet.decide("code").text)
    refused(wallet.exchange(code, tx_code=first), "invalid_grant")
    if first != second:
        refused(wallet.exchange(wallet.code(), tx_code=first), "invalid_grant")
    assert wallet.exchange(wallet.code(), tx_code=second).status_code == 200


# --- accreditations ---------------------------------------------------------------------------------------------------


class Actor:
    """A recycler whom the operator accredited, and its wallet."""

    def __init__(self, world):
        self.world, self.wallet = world, Wallet(world)
        self.statement = ActorStatement(
            self.wallet.key.public_key.did_key, {"en": "Rec GmbH"}, ("utiliser",), registration_number="HRB 1"
        )
        self.grants = ActorGrants(world.store, world.here.config.issuer, BASE)
        self.accreditation = self.grants.grant(self.statement, valid_from=world.at)
        self.number = len(ActorGrants.granted(world.store)) - 1

    def page(self):
        return self.world.tan.post(f"/access/accreditations/{self.number}", at="/access")

    def exchanged(self) -> str:
        page = html.unescape(self.page().text)
        link = re.search(r"openid-credential-offer://[^<\s]+", page)[0]
        offer = self.wallet.offer(link)
        assert offer["credential_configuration_ids"] == ["actor", "actor_sd_jwt"]
        code = offer["grants"][GRANT]["pre-authorized_code"]
        return self.wallet.exchange(code, tx_code=code_on(page)).json["access_token"]

    def shown(self, presentation=None, **changes):
        """The answer of the wallet to the request on the asker's page, and the page afterwards."""
        claims = self.request(changes.get("query", ""))
        key = changes.get("key", self.wallet.key)
        if presentation is None:
            presentation = Issuer(key.public_key.did_key, KeySigner(key)).present(
                [changes.get("document", self.accreditation), *changes.get("more", ())],
                challenge=changes.get("nonce", claims["nonce"]), domain=changes.get("domain", claims["client_id"]),
                created=self.world.at,
            )  # fmt: skip
        if callable(presentation):
            presentation = presentation(claims)
        self.response = claims["response_uri"].removeprefix(ORIGIN)
        self.form = {"vp_token": json.dumps({"actor": [presentation]})}
        if "jwks" in claims["client_metadata"] and not changes.get("clear"):
            (jwk,) = claims["client_metadata"]["jwks"]["keys"]
            header = json.dumps({"alg": "ECDH-ES", "enc": "A256GCM", "kid": jwk["kid"]})
            point = JWK(**{name: jwk[name] for name in ("kty", "crv", "x", "y")})
            self.form = {"response": JWE(json.dumps(self.form), header, recipient=point).serialize(True)}
        return self.wallet.post(self.response, data=self.form)

    def request(self, query: str = "") -> dict:
        """What the request says that the asker's page shows."""
        link = self.wallet.post(f"/ask/answer{query}", json={"ticket": self.wallet.ticket}).json[
            "accreditation_request"
        ]
        uri = parse_qs(urlsplit(link).query)["request_uri"][0].removeprefix(ORIGIN)
        return jose.parse(self.wallet.client.get(uri, base_url=ORIGIN).text, typ="oauth-authz-req+jwt").claims()


@pytest.fixture
def actor(world):
    return Actor(world)


def test_an_accreditation_goes_to_the_wallet_with_the_key_of_its_actor_in_both_formats(world, actor):
    assert "Rec GmbH" in world.tan.get("/access").text
    token, wallet = actor.exchanged(), actor.wallet
    refused(wallet.ask(token, wallet.proof(), "role"), "unknown_credential_configuration")
    refused(wallet.ask(token, wallet.proof(key=PrivateKey.generate()), "actor"), "credential_request_denied")
    assert wallet.ask(token, wallet.proof(), "actor").json["credentials"][0]["credential"] == actor.accreditation
    sd_jwt_text = wallet.ask(token, wallet.proof(), "actor_sd_jwt").json["credentials"][0]["credential"]
    claims = jose.parse(sd_jwt_text.partition("~")[0], typ="dc+sd-jwt").claims()
    unsigned = {name: value for name, value in actor.accreditation.items() if name != "proof"}
    assert sd_jwt_vc.read_as_credential(claims) == unsigned
    other = Wallet(world).granted()
    refused(other.ask(other.token(), other.proof(), "actor"), "unknown_credential_configuration")


def test_an_accreditation_that_was_revoked_or_is_not_there_is_not_offered(world, actor):
    token, wallet = actor.exchanged(), actor.wallet
    actor.grants.revoke(actor.accreditation["id"], "licence withdrawn", world.at)
    refused(wallet.ask(token, wallet.proof(), "actor"), "credential_request_denied")
    assert actor.page().status_code == 404
    assert world.tan.post("/access/accreditations/99", at="/access").status_code == 404


def test_an_asker_shows_who_it_is_from_a_wallet_to_the_person_who_decides(world, actor):
    assert actor.shown().json == {}
    page = world.tan.get("/access").text
    assert "Rec GmbH: Comprehensive utiliser" in page and "Accredited by Operator" in page
    form = {"ticket": actor.wallet.ticket}
    own = actor.wallet.post("/ask/answer?lang=en", data=form, headers={"Accept": "text/html"}).text
    assert "Rec GmbH" in own and "openid4vp://" in own
    answer = actor.wallet.post(actor.response, data=actor.form)
    assert answer.status_code == 400 and "used before" in answer.json["detail"]
    assert "revoked since" not in page
    actor.grants.revoke(actor.accreditation["id"], "licence withdrawn", world.at)
    assert "It has ended or was revoked since." in world.tan.get("/access").text


def test_an_accreditation_is_shown_in_an_encrypted_answer_and_then_in_no_other(world, actor):
    form = {"ticket": actor.wallet.ticket}
    page = actor.wallet.post("/ask/answer?lang=en", data=form, headers={"Accept": "text/html"}).text
    assert "answer=encrypted" in page.split("Ask for an encrypted answer")[0].rsplit("<form", 1)[1]
    assert actor.shown(query="?answer=encrypted", clear=True).status_code == 400
    stripped = actor.wallet.post(actor.response.partition("?")[0], data=actor.form)
    assert stripped.status_code == 400 and "not one of ours" in stripped.json["detail"]
    assert actor.shown(query="?answer=encrypted").json == {}
    assert "Rec GmbH" in world.tan.get("/access").text


def test_an_accreditation_as_sd_jwt_is_shown_too(world, actor):
    unsigned = {name: value for name, value in actor.accreditation.items() if name != "proof"}
    key = actor.wallet.key
    token = sd_jwt_vc.secure_as_sd_jwt_vc(
        unsigned, ACTOR_KIND, world.here.config.issuer, holder_key=key.public_key, at=world.at
    )

    def bound(claims):
        binding = {
            "iat": int(world.at.timestamp()), "nonce": claims["nonce"], "aud": claims["client_id"],
            "sd_hash": sd_jwt.digest_of(token.encode(), "sha-256"),
        }  # fmt: skip
        return token + jose.sign(binding, KeySigner(key), typ="kb+jwt")

    assert actor.shown(bound).json == {}
    assert "Rec GmbH" in world.tan.get("/access").text


def test_an_accreditation_is_not_taken_that_is_another(world, actor):
    stranger = PrivateKey.generate()
    role = Wallet(world).granted()
    role = role.ask(role.token(), role.proof(key=actor.wallet.key)).json["credentials"][0]["credential"]
    forged = {name: value for name, value in actor.accreditation.items() if name != "proof"}
    forged = Issuer(stranger.public_key.did_key, KeySigner(stranger)).issue(
        {**forged, "issuer": stranger.public_key.did_key}, created=world.at
    )
    lists = world.store.status_list(world.store.status_entries(actor.accreditation["id"])[0].list)
    wrong = {
        "of another actor": {"key": stranger},
        "for another verifier": {"domain": ORIGIN},
        "for another challenge": {"nonce": "x" * 43},
        "a role": {"document": role},
        "of an authority without trust": {"document": forged},
        "changed": {"document": {**actor.accreditation, "validUntil": "2099-01-01T00:00:00Z"}},
        "with a status list of its own": {"more": [lists]},
    }
    for name, changes in wrong.items():
        assert actor.shown(**changes).status_code == 400, name
    for form in (
        {},
        {"vp_token": "{"},
        {"vp_token": "{}"},
        {"vp_token": "[]"},
        {"vp_token": "a~b~c"},
        {"vp_token": "1"},
    ):
        assert actor.wallet.post(actor.response, data=form).status_code == 400, form
    actor.grants.revoke(actor.accreditation["id"], "licence withdrawn", world.at)
    assert actor.shown().status_code == 400
    assert world.here.access.accreditation(world.here.access.get(actor.wallet.id)) is None


def test_a_request_for_an_accreditation_ends_is_for_one_asker_and_is_not_answered_after_the_decision(world, actor):
    link = actor.wallet.answer().json["accreditation_request"]
    uri = parse_qs(urlsplit(link).query)["request_uri"][0].removeprefix(ORIGIN)
    other = Wallet(world)
    moved = uri.replace(actor.wallet.id, other.id)
    assert actor.wallet.client.get(moved, base_url=ORIGIN).status_code == 400
    assert actor.wallet.client.get("/wallet/requests/x", base_url=ORIGIN).status_code == 400
    assert actor.wallet.post(uri.replace("requests", "responses"), data={"error": "access_denied"}).json == {}
    world.later(minutes=5)
    assert actor.wallet.client.get(uri, base_url=ORIGIN).status_code == 400
    world.later(minutes=-5)
    actor.wallet.decide("refuse", answer="no")
    assert "decided already" in actor.wallet.post(uri.replace("requests", "responses"), data={}).json["detail"]


def test_the_workspace_signs_requests_with_a_key_that_is_for_nothing_else(world):
    document = world.app.test_client().get("/wallet/did.json", base_url=ORIGIN).json
    assert set(document) == {"@context", "id", "verificationMethod", "authentication"}
    assert document["id"] == "did:web:work.example.com:wallet"


# --- refusals: codes and tokens ---------------------------------------------------------------------------------------


def test_a_code_serves_once(wallet):
    code = wallet.code()
    assert wallet.exchange(code).status_code == 200
    refused(wallet.exchange(code), "invalid_grant")


def test_a_code_ends_with_the_next_one_and_after_half_an_hour(world, wallet):
    first, second = wallet.code(), wallet.code()
    refused(wallet.exchange(first), "invalid_grant")
    world.later(minutes=30)
    refused(wallet.exchange(second), "invalid_grant")


def test_a_code_of_nobody_is_refused(wallet):
    refused(wallet.exchange("x" * 43), "invalid_grant")
    refused(wallet.post("/oid4vci/token", data={"grant_type": "password"}), "unsupported_grant_type")
    refused(wallet.post("/oid4vci/token", data={"grant_type": GRANT}), "invalid_request")
    for details in ("[]", "1", '[{"type":"openid_credential","credential_configuration_id":"other"}]', "{"):
        refused(wallet.exchange(wallet.code(), authorization_details=details), "invalid_request")


def test_an_access_token_ends_and_another_is_refused(world, wallet):
    token, proof = wallet.token(), wallet.proof()
    for wrong in ("", "x" * 43, token + "x"):
        refused(wallet.ask(wrong, proof), "invalid_token", 401)
    world.later(minutes=10)
    refused(wallet.ask(token, wallet.proof()), "invalid_token", 401)


def test_a_role_that_was_taken_back_is_given_to_nobody(world, wallet):
    token, code_of_later = wallet.token(), Wallet(world).granted()
    wallet.decide("revoke", answer="contract ended")
    refused(wallet.ask(token, wallet.proof()), "invalid_token", 401)
    assert wallet.answer().status_code == 403
    code = code_of_later.code()
    code_of_later.decide("revoke", answer="contract ended")
    refused(code_of_later.exchange(code), "invalid_grant")


def test_a_role_that_a_wallet_took_is_taken_back_in_the_status_list(world, wallet):
    role = wallet.ask(wallet.token(), wallet.proof()).json["credentials"][0]["credential"]
    wallet.decide("revoke", answer="contract ended")
    assert world.store.is_flagged(role["id"])


def test_a_request_that_is_open_or_refused_has_no_offer(world):
    wallet = Wallet(world)
    assert wallet.answer().status_code == 202
    wallet.decide("refuse", answer="no")
    assert "credential_offer" not in wallet.answer().text


# --- refusals: proofs -------------------------------------------------------------------------------------------------


def test_a_second_wallet_gets_nothing(wallet):
    token = wallet.token()
    assert wallet.ask(token, wallet.proof()).status_code == 200
    refused(wallet.ask(token, wallet.proof(key=PrivateKey.generate())), "credential_request_denied")


def test_a_request_without_a_proof_is_refused(wallet):
    refused(wallet.ask(wallet.token(), None), "invalid_proof")


def test_a_nonce_serves_once_and_for_five_minutes(world, wallet):
    token, proof = wallet.token(), wallet.proof()
    assert wallet.ask(token, proof).status_code == 200
    refused(wallet.ask(token, proof), "invalid_nonce")
    proof = wallet.proof(iat=int((AT + timedelta(minutes=4)).timestamp()))
    world.later(minutes=5)
    refused(wallet.ask(token, proof), "invalid_nonce")


WRONG = {
    "another issuer": ({"aud": "https://elsewhere.example"}, "invalid_proof"),
    "several issuers": ({"aud": [ORIGIN, "https://elsewhere.example"]}, "invalid_proof"),
    "a nonce of its own": ({"nonce": "A" * 54}, "invalid_nonce"),
    "no nonce": ({"nonce": None}, "invalid_nonce"),
    "a moment long past": ({"iat": int(AT.timestamp()) - 301}, "invalid_proof"),
    "a moment to come": ({"iat": int(AT.timestamp()) + 301}, "invalid_proof"),
    "no moment": ({"iat": None}, "invalid_proof"),
    "an end that has passed": ({"exp": int(AT.timestamp())}, "invalid_proof"),
    "another type": ({"typ": "kb+jwt"}, "invalid_proof"),
}


@pytest.mark.parametrize(("changes", "error"), WRONG.values(), ids=WRONG)
def test_a_proof_is_refused_with(wallet, changes, error):
    refused(wallet.ask(wallet.token(), wallet.proof(**changes)), error)


def test_a_proof_that_another_key_signed_is_refused(wallet):
    start, _, _ = wallet.proof().rpartition(".")
    forged = f"{start}.{jose.encode(PrivateKey.generate().sign(start.encode()))}"
    refused(wallet.ask(wallet.token(), forged), "invalid_proof")


@pytest.mark.parametrize("proof", ["", "a.b.c", "x" * 30_000, 7, None])
def test_what_is_no_proof_is_refused(wallet, proof):
    body = {"credential_configuration_id": "role", "proofs": {"jwt": [proof]}}
    refused(wallet.post("/oid4vci/credential", json=body, headers={"Authorization": f"Bearer {wallet.token()}"}),
            "invalid_proof")  # fmt: skip


def test_another_credential_and_several_keys_are_refused(wallet):
    token = wallet.token()
    refused(wallet.ask(token, wallet.proof(), "other"), "unknown_credential_configuration")
    body = {"credential_configuration_id": "role", "proofs": {"jwt": [wallet.proof(), wallet.proof()]}}
    headers = {"Authorization": f"Bearer {token}"}
    refused(wallet.post("/oid4vci/credential", json=body, headers=headers), "invalid_proof")
    for data in (b"", b"[]", b"{", b"\xff"):
        answer = wallet.post("/oid4vci/credential", data=data, headers=headers)
        assert answer.status_code == 400 and "error" in answer.json
