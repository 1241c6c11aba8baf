from __future__ import annotations

import pytest

from passport.errors import UsageError
from passport.identity import DidResolver, PrivateKey, did_web
from tests.each import each


@each(
    ("did", "url"),
    [
        ("did:web:example.com", "https://example.com/.well-known/did.json"),
        ("did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"),
        ("did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"),
        ("did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"),
        ("did:web:xn--fiq228c.example.cn:a%20b", "https://xn--fiq228c.example.cn/a%20b/did.json"),
    ],
)
def test_the_address_of_a_document(did, url):
    assert did_web.url_for(did) == url


@each(
    "did",
    [
        "",
        "did:web:",
        "did:key:zDn",
        "did:web:localhost",
        "did:web:localhost%3A8080",
        "did:web:127.0.0.1",
        "did:web:2130706433",
        "did:web:0x7f.1",
        "did:web:[::1]",
        "did:web:printer.local",
        "did:web:user@example.com",
        "did:web:user%40example.com",
        "did:web:example.com%3A",
        "did:web:example.com%3A99999",
        "did:web:example.com%3A80%3A80",
        "did:web:example.com%2Fetc",
        "did:web:example.com:",
        "did:web:example.com::alice",
        "did:web:example.com:..:alice",
        "did:web:example.com:%2e%2e",
        "did:web:example.com:a%2Fb",
        "did:web:example.com:a%00",
        "did:web:example.com:a?b",
        "did:web:example.com#key",
        "did:web:example.com/path",
        "did:web:-bad.example",
        "did:web:example.com\n",
        "did:web:" + "a" * 64 + ".com",
        None,
    ],
    ids=repr,
)
def test_a_did_web_that_leads_astray_is_refused(did):
    with pytest.raises(UsageError):
        did_web.url_for(did)


@each(
    ("base_url", "did"),
    [
        ("https://battery.example.com", "did:web:battery.example.com"),
        ("https://battery.example.com/", "did:web:battery.example.com"),
        ("https://battery.example.com:8443/issuers/cn", "did:web:battery.example.com%3A8443:issuers:cn"),
    ],
)
def test_the_did_of_an_address(base_url, did):
    assert did_web.did_for(base_url) == did


@each(
    "base_url",
    [
        "http://battery.example.com",
        "https://127.0.0.1:8080",
        "https://u:p@battery.example.com",
        "https://battery.example.com?x=1",
        "https://battery.example.com:abc",
        "battery.example.com",
        "",
    ],
)
def test_an_address_that_did_web_cannot_carry_is_refused(base_url):
    with pytest.raises(UsageError):
        did_web.did_for(base_url)


DID = "did:web:battery.example.com"


def test_a_retired_key_keeps_verifying_and_no_longer_authenticates():
    old, new = PrivateKey.generate().public_key, PrivateKey.generate().public_key
    document = did_web.document(DID, {"2027": new}, retired={"2026": old})
    resolver = DidResolver({DID: document})
    assert resolver.verification_method(f"{DID}#2026", "assertionMethod").public_key == old
    assert resolver.verification_method(f"{DID}#2026", "assertionMethod").purposes == {"assertionMethod"}
    assert "authentication" in resolver.verification_method(f"{DID}#2027", "assertionMethod").purposes


@each("fragment", ["", "a b", "#2026", "2026/1", "钥"])
def test_a_malformed_fragment_is_refused(p256, fragment):
    with pytest.raises(UsageError):
        did_web.document(DID, {fragment: p256.public_key})


def test_a_document_without_a_key_and_a_fragment_used_twice_are_refused(p256):
    with pytest.raises(UsageError):
        did_web.document(DID, {})
    with pytest.raises(UsageError):
        did_web.document(DID, {"2026": p256.public_key}, retired={"2026": p256.public_key})
