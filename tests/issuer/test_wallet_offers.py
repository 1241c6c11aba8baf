"""A granted request as a credential offer, by OpenID4VCI: how a wallet gets its role, and every refusal."""

from __future__ import annotations

import json
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from issuer.wallets.issuance import GRANT
from passport.credentials.envelopes import sd_jwt_vc
from passport.credentials.verifier import Verifier
from passport.identity import did_jwk
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.proofs import jose
from passport.publishing.publisher import Publisher
from passport.vocabulary import vocabulary
from tests.issuer.work_world import AT, BASE, ORIGIN, WorkWorld
from tests.packs import example_records


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    made = WorkWorld(tmp_path_factory.mktemp("offers"))
    regimes = tuple(vocabulary.regimes().values())
    publisher = Publisher(made.store, made.here.config.issuer, BASE, vocabulary.load(), regimes)
    report = publisher.issue(example_records("stationary-lfp.xlsx"), at=AT - timedelta(hours=1))
    made.pack = report.of_kind("pack")[0].subject
    made.tan = made.join("tan", "sign")
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
        self.id = next(each.id for each in world.here.access.all() if each.state == "open")

    def post(self, path, **more):
        return self.client.post(path, base_url=ORIGIN, **more)

    def decide(self, step: str, **fields):
        return self.world.tan.post(f"/access/{self.id}", {"step": step, **fields}, at="/access")

    def granted(self):
        assert self.decide("grant", days="14").status_code == 303
        return self

    def answer(self):
        return self.post("/ask/answer", json={"ticket": self.ticket})

    def code(self) -> str:
        offer = json.loads(parse_qs(urlsplit(self.answer().json["credential_offer"]).query)["credential_offer"][0])
        return offer["grants"][GRANT]["pre-authorized_code"]

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
    assert kinds == {"role": "ldp_vc", "role_sd_jwt": "dc+sd-jwt"}
    assert server["grant_types_supported"] == [GRANT]


def test_a_wallet_may_name_in_advance_what_it_wants(wallet):
    wanted = [{"type": "openid_credential", "credential_configuration_id": "role"}]
    given = wallet.exchange(wallet.code(), authorization_details=json.dumps(wanted)).json
    assert given["authorization_details"] == [{**wanted[0], "credential_identifiers": ["role"]}]


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


def test_another_credential_several_keys_and_encryption_are_refused(wallet):
    token = wallet.token()
    refused(wallet.ask(token, wallet.proof(), "other"), "unknown_credential_configuration")
    body = {"credential_configuration_id": "role", "proofs": {"jwt": [wallet.proof(), wallet.proof()]}}
    headers = {"Authorization": f"Bearer {token}"}
    refused(wallet.post("/oid4vci/credential", json=body, headers=headers), "invalid_proof")
    refused(wallet.ask(token, wallet.proof(), credential_response_encryption={}), "invalid_encryption_parameters")
    for data in (b"", b"[]", b"{", b"\xff"):
        answer = wallet.post("/oid4vci/credential", data=data, headers=headers)
        assert answer.status_code == 400 and "error" in answer.json
