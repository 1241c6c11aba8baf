"""did:jwk: the published example, every kind of key, and what is no public signing key."""

from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedKey
from passport.identity import PublicKey, did_jwk
from tests.each import each


def did(value: object) -> str:
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return did_jwk.PREFIX + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_every_kind_of_key_has_a_did_that_leads_back_to_it(private_key):
    key = private_key.public_key
    assert did_jwk.public_key(did_jwk.did_for(key)) == key


def test_the_document_lists_the_key_under_every_signing_purpose(private_key):
    name = did_jwk.did_for(private_key.public_key)
    document = did_jwk.document(name)
    (method,) = document["verificationMethod"]
    assert (document["id"], method["id"], method["controller"]) == (name, f"{name}#0", name)
    assert PublicKey.from_jwk(method["publicKeyJwk"]) == private_key.public_key
    assert all(document[purpose] == [f"{name}#0"] for purpose in did_jwk.PURPOSES)
    assert "keyAgreement" not in document


def test_a_key_with_members_that_say_no_more_is_read(p256):
    jwk = p256.public_key.jwk | {"kid": "1", "use": "sig", "alg": "ES256"}
    assert did_jwk.public_key(did(jwk)) == p256.public_key


@each(
    "changes",
    [{"use": "enc"}, {"d": "AAAA"}, {"crv": "secp256k1"}, {"kty": "RSA"}, {"alg": "ES384"}, {"x": ""}, {"y": None}],
    ids=str,
)
def test_a_key_that_verifies_no_signatures_is_refused(p256, changes):
    with pytest.raises(MalformedKey):
        did_jwk.document(did(p256.public_key.jwk | changes))


@each(
    "name",
    ["", None, 5, "did:jwk:", "did:jwk:{}", "did:jwk:e30=", "did:jwk:e31", "did:key:zDn", did([]), did(b"{"),
     did(b"\xff"), did(b'{"kty":"EC","kty":"OKP"}'), did_jwk.PREFIX + "A" * 5000],
)  # fmt: skip
def test_what_is_no_did_jwk_is_refused(name):
    with pytest.raises(MalformedKey):
        did_jwk.document(name)


def test_a_secret_in_it_is_not_quoted(p256):
    with pytest.raises(MalformedKey) as caught:
        did_jwk.document(did(p256.public_key.jwk | {"d": "c2VjcmV0"}))
    assert "c2VjcmV0" not in str(caught.value)


@given(st.binary(max_size=200) | st.text(max_size=80).map(str.encode))
def test_no_bytes_fail_in_another_way(data):
    with contextlib.suppress(MalformedKey):
        did_jwk.document(did(data))
