"""Encrypted requests and answers of OpenID4VCI, opened and made by a foreign library, and every refusal."""

from __future__ import annotations

import json

import pytest
from jwcrypto.jwe import JWE
from jwcrypto.jwk import JWK

from passport.identity import jwe
from tests.issuer import test_wallet_offers as offers
from tests.issuer.test_wallet_offers import ORIGIN, refused

world, _now, wallet = offers.world, offers._now, offers.wallet
BAD = "invalid_encryption_parameters"


class SealingWallet:
    """Encrypts by jwcrypto what the other wallet asks, and opens the answer with a key of its own."""

    def __init__(self, wallet) -> None:
        self.wallet, self.key = wallet, JWK.generate(kty="EC", crv="P-256", kid="answer-1", alg="ECDH-ES", use="enc")
        self.metadata = wallet.client.get("/.well-known/openid-credential-issuer", base_url=ORIGIN).json

    def request(self, **changes) -> dict:
        asked = {"jwk": self.key.export_public(as_dict=True), "enc": "A256GCM", **changes}
        asked = {name: value for name, value in asked.items() if value is not None}
        return {
            "credential_configuration_id": "role", "proofs": {"jwt": [self.wallet.proof()]},
            "credential_response_encryption": asked,
        }  # fmt: skip

    def sealed(self, request, *, enc: str = "A256GCM", key: JWK | None = None, **header) -> str:
        (published,) = self.metadata["credential_request_encryption"]["jwks"]["keys"]
        members = {"alg": published["alg"], "enc": enc, "kid": published["kid"], **header}
        content = request if isinstance(request, bytes) else json.dumps(request).encode()
        return JWE(content, json.dumps(members), recipient=key or JWK(**published)).serialize(compact=True)

    def send(self, body: str, token: str | None = None, content_type: str = "application/jwt"):
        headers = {"Authorization": f"Bearer {token or self.wallet.token()}"}
        return self.wallet.post("/oid4vci/credential", data=body, headers=headers, content_type=content_type)

    def opened(self, answer) -> dict:
        assert (answer.status_code, answer.mimetype) == (200, "application/jwt"), answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        message = JWE()
        message.deserialize(answer.text, self.key)
        return {"header": message.jose_header, **json.loads(message.payload)}


@pytest.fixture
def sealing(wallet) -> SealingWallet:
    return SealingWallet(wallet)


@pytest.mark.parametrize("enc", jwe.FOREIGN_ENCRYPTIONS)
def test_a_credential_goes_out_encrypted_to_the_key_of_an_encrypted_request(sealing, enc):
    answer = sealing.opened(sealing.send(sealing.sealed(sealing.request(enc=enc), enc=enc)))
    assert (answer["header"]["kid"], answer["header"]["enc"]) == ("answer-1", enc)
    role = answer["credentials"][0]["credential"]
    assert role["credentialSubject"]["id"] == sealing.wallet.key.public_key.did_key


def test_the_metadata_says_what_is_supported(sealing):
    requests = sealing.metadata["credential_request_encryption"]
    assert requests["enc_values_supported"] == ["A256GCM", "A128GCM"] and requests["encryption_required"] is False
    assert all("d" not in key and key["use"] == "enc" for key in requests["jwks"]["keys"])
    assert sealing.metadata["credential_response_encryption"] == {
        "alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A256GCM", "A128GCM"],
        "encryption_required": False,
    }  # fmt: skip


def test_an_encrypted_request_without_a_key_is_answered_in_the_clear(sealing):
    request = sealing.request()
    del request["credential_response_encryption"]
    answer = sealing.send(sealing.sealed(request))
    assert answer.status_code == 200 and answer.json["credentials"]


def test_an_encrypted_answer_asked_for_in_the_clear_is_refused(sealing):
    answer = sealing.send(json.dumps(sealing.request()), content_type="application/json")
    refused(answer, BAD)


def private(key: JWK) -> dict:
    return key.export_private(as_dict=True)


WRONG = {
    "compression": lambda s: {"zip": "DEF"},
    "an encryption that is not supported": lambda s: {"enc": "A256CBC-HS512"},
    "no encryption": lambda s: {"enc": None},
    "no key": lambda s: {"jwk": None},
    "a key that is a text": lambda s: {"jwk": "key"},
    "an algorithm that is not supported": lambda s: {"jwk": {**s.key.export_public(as_dict=True), "alg": "RSA-OAEP"}},
    "two algorithms": lambda s: {"alg": "ECDH-ES+A128KW"},
    "no algorithm": lambda s: {"jwk": {**s.key.export_public(as_dict=True), "alg": None}},
    "a key for signatures": lambda s: {"jwk": {**s.key.export_public(as_dict=True), "use": "sig"}},
    "a key with its secret": lambda s: {"jwk": private(s.key)},
    "a key of another curve": lambda s: {
        "jwk": JWK.generate(kty="EC", crv="P-384", alg="ECDH-ES").export_public(as_dict=True)
    },
    "a key that is no point": lambda s: {"jwk": {**s.key.export_public(as_dict=True), "y": "A" * 43}},
    "a name that is none": lambda s: {"jwk": {**s.key.export_public(as_dict=True), "kid": 7}},
    "an endless name": lambda s: {"jwk": {**s.key.export_public(as_dict=True), "kid": "k" * 201}},
}


@pytest.mark.parametrize("name", WRONG)
def test_an_answer_is_refused_with(sealing, name):
    refused(sealing.send(sealing.sealed(sealing.request(**WRONG[name](sealing)))), BAD)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff"])
def test_an_encrypted_request_that_says_nothing_is_refused(sealing, content):
    refused(sealing.send(sealing.sealed(content)), BAD)


def test_an_encrypted_request_for_another_key_is_refused(sealing):
    other = JWK.generate(kty="EC", crv="P-256")
    refused(sealing.send(sealing.sealed(sealing.request(), key=other)), BAD)
    refused(sealing.send(sealing.sealed(sealing.request(), kid="other")), BAD)


@pytest.mark.parametrize("body", ["", "a.b.c.d.e", "\N{SNOWMAN}", "x" * 200_000])
def test_what_is_no_encrypted_request_is_refused(sealing, body):
    answer = sealing.send(body.encode())
    assert answer.status_code in (400, 413) and b"credentials" not in answer.data
    if answer.status_code == 400:
        refused(answer, BAD)


def test_a_refusal_of_an_encrypted_request_is_in_the_clear(sealing):
    request = sealing.request()
    request["proofs"] = {"jwt": [sealing.wallet.proof(aud="https://elsewhere.example")]}
    refused(sealing.send(sealing.sealed(request)), "invalid_proof")
