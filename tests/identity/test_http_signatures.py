"""HTTP message signatures: the vector of RFC 9421 for Ed25519, and what is refused."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from passport.errors import InvalidSignature, MalformedDocument
from passport.identity.http_signatures import content_digest, signature_base, signed_headers, verify_request
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from tests.each import each

AT = datetime(2026, 11, 29, 12, tzinfo=UTC)
URL = "https://desk.example/hooks?place=1"
BODY = b'{"hello": "world"}'
#: The published test key of RFC 9421 (B.1.4), and its signature (B.2.6).
SEED = bytes.fromhex("9f8362f87a484a954e6e740c5b4c0e84229139a20aa8ab56ff66586f6a7d29c5")
COMPONENTS = [
    ("date", "Tue, 20 Apr 2021 02:07:55 GMT"), ("@method", "POST"), ("@path", "/foo"), ("@authority", "example.com"),
    ("content-type", "application/json"), ("content-length", "18"),
]  # fmt: skip
NAMES = " ".join(f'"{name}"' for name, _ in COMPONENTS)
PARAMETERS = f'({NAMES});created=1618884473;keyid="test-key-ed25519"'
SIGNATURE = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="


def test_the_vector_of_the_standard():
    key = Ed25519PrivateKey.from_private_bytes(SEED)
    assert base64.b64encode(key.sign(signature_base(COMPONENTS, PARAMETERS))).decode() == SIGNATURE


@each("algorithm", [Algorithm.ED25519, Algorithm.P256])
def test_what_is_signed_verifies(algorithm):
    signer = KeySigner(PrivateKey.generate(algorithm))
    headers = signed_headers("POST", URL, BODY, {"Webhook-Id": "1"}, signer, created=AT)
    verify_request("POST", URL, BODY, headers, signer.public_key, at=AT + timedelta(minutes=4))


SIGNER = KeySigner(PrivateKey.generate(Algorithm.ED25519))
HEADERS = signed_headers("POST", URL, BODY, {"Webhook-Id": "1"}, SIGNER, created=AT)
#: The address is not covered.
LESS = HEADERS["Signature-Input"].replace('"@target-uri" ', "")


@each(
    ("changed", "why"),
    [
        ({"body": b"{}"}, "digest"),
        ({"body": b"{}", "headers": {**HEADERS, "Content-Digest": content_digest(b"{}")}}, "match"),
        ({"url": URL + "1"}, "match"),
        ({"method": "PUT"}, "match"),
        ({"headers": {**HEADERS, "Webhook-Id": "2"}}, "match"),
        ({"headers": {name: value for name, value in HEADERS.items() if name != "Webhook-Id"}}, "missing"),
        ({"headers": {name: value for name, value in HEADERS.items() if name != "Signature"}}, "not signed"),
        ({"headers": {**HEADERS, "Signature-Input": LESS}}, "enough"),
        ({"headers": {**HEADERS, "Signature-Input": "sig1=()"}}, "not signed"),
        ({"key": PrivateKey.generate(Algorithm.ED25519).public_key}, "match"),
        ({"at": AT + timedelta(minutes=6)}, "just now"),
        ({"at": AT - timedelta(minutes=6)}, "just now"),
    ],
)  # fmt: skip
def test_a_changed_or_old_request_is_refused(changed, why):
    call = {"method": "POST", "url": URL, "body": BODY, "headers": HEADERS, "key": SIGNER.public_key} | changed
    at = call.pop("at", AT)
    with pytest.raises(InvalidSignature, match=why):
        verify_request(**call, at=at)


@each("value", ["a\nb", "ä"])
def test_a_header_that_is_no_line_of_ascii_is_not_signed(value):
    with pytest.raises(MalformedDocument):
        signed_headers("POST", URL, BODY, {"Webhook-Id": value}, SIGNER, created=AT)
