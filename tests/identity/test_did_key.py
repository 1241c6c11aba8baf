from __future__ import annotations

import pytest

from passport.errors import MalformedKey
from passport.identity import did_key
from tests.each import each


def test_the_document_lists_the_key_under_every_signing_purpose(private_key):
    did = private_key.public_key.did_key
    document = did_key.document(did)
    (method,) = document["verificationMethod"]
    assert document["id"] == method["controller"] == did
    assert method["publicKeyMultibase"] == private_key.public_key.multikey
    assert method["id"] == f"{did}#{private_key.public_key.multikey}"
    assert all(document[purpose] == [method["id"]] for purpose in did_key.PURPOSES)
    assert "keyAgreement" not in document


def test_the_document_of_the_published_key_can_be_made(key_pair):
    public, _ = key_pair
    assert did_key.document(f"did:key:{public}")["verificationMethod"][0]["type"] == "Multikey"


@each(
    "did",
    ["", "did:key:", "did:key:z", "did:web:example.com", "did:key:zDnaepBuvsQ8cps", "DID:KEY:zDn", None, 4],
    ids=repr,
)
def test_a_malformed_did_key_is_refused(did):
    with pytest.raises(MalformedKey):
        did_key.document(did)


def test_a_did_key_with_a_fragment_or_a_query_is_refused(p256):
    for tail in ("#" + p256.public_key.multikey, "?x=1", "/path"):
        with pytest.raises(MalformedKey):
            did_key.document(p256.public_key.did_key + tail)
