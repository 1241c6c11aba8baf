from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedKey, PassportError, ProofError, UnresolvableDid
from passport.identity import DidResolver, PrivateKey, did_jwk, did_key, did_web
from tests.each import each

DID = "did:web:battery.example.com"
METHOD = f"{DID}#2026"
KEY = PrivateKey.generate().public_key
NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


@pytest.fixture
def document(p256) -> dict:
    return did_web.document(DID, {"2026": p256.public_key})


def resolve(document, purpose="assertionMethod", at=NOW):
    return DidResolver({DID: document}).verification_method(METHOD, purpose, at=at)


def test_a_did_key_is_resolved_from_itself(private_key):
    key = private_key.public_key
    method = DidResolver().verification_method(f"{key.did_key}#{key.multikey}", "authentication")
    assert method.public_key == key
    assert method.controller == key.did_key
    assert {"authentication", "assertionMethod"} <= method.purposes


def test_a_did_web_is_resolved_from_the_given_document(document, p256):
    method = resolve(document)
    assert (method.id, method.controller, method.public_key) == (METHOD, DID, p256.public_key)


def test_relative_references_are_read_against_the_document(document, p256):
    document["verificationMethod"][0]["id"] = "#2026"
    document["assertionMethod"] = "#2026"
    assert resolve(document).public_key == p256.public_key


def test_a_method_embedded_under_its_purpose_is_found(document, p256):
    document["assertionMethod"] = document.pop("verificationMethod")
    document["authentication"] = []
    assert resolve(document).public_key == p256.public_key
    with pytest.raises(ProofError):
        resolve(document, "authentication")


@each("kind", ["JsonWebKey", "JsonWebKey2020"])
def test_a_key_written_as_a_jwk_is_read(document, p256, kind):
    method = document["verificationMethod"][0]
    del method["publicKeyMultibase"]
    method |= {"type": kind, "publicKeyJwk": p256.public_key.jwk}
    assert resolve(document).public_key == p256.public_key


@each("did_of", [lambda key: key.did_key, did_jwk.did_for], ids=["did:key", "did:jwk"])
@each("purpose", sorted(did_key.PURPOSES))
def test_a_did_without_a_fragment_names_its_one_key_where_it_can_have_one_only(private_key, did_of, purpose):
    did = did_of(private_key.public_key)
    method = DidResolver().verification_method(did, purpose)
    assert method.public_key == private_key.public_key
    assert method.controller == did
    assert method.id.startswith(f"{did}#")


def test_a_did_web_without_a_fragment_names_no_key(document):
    with pytest.raises(ProofError, match="not a verification method"):
        DidResolver({DID: document}).verification_method(DID, "assertionMethod", at=NOW)


def test_an_enclosed_document_replaces_no_did_jwk(p256):
    did = did_jwk.did_for(PrivateKey.generate().public_key)
    forged = did_jwk.document(did_jwk.did_for(p256.public_key)) | {"id": did}
    resolver = DidResolver({did: forged}).extended({did: forged})
    assert resolver.verification_method(f"{did}#0", "assertionMethod").public_key != p256.public_key
    with pytest.raises(ProofError):
        resolver.verification_method(f"{did}#1", "assertionMethod")


@each("did", ["did:web:elsewhere.example.com", "did:ion:abc", "https://example.com", "", None, 3])
def test_a_did_without_a_document_at_hand_is_undetermined(did, document):
    with pytest.raises(UnresolvableDid):
        DidResolver({DID: document}).resolve(did)


def test_the_document_of_another_did_is_refused(document):
    with pytest.raises(ProofError):
        DidResolver({"did:web:elsewhere.example.com": document}).resolve("did:web:elsewhere.example.com")


def test_an_enclosed_document_replaces_neither_a_pinned_one_nor_a_did_key(document, p256):
    forger = PrivateKey.generate().public_key
    forged = did_web.document(DID, {"2026": forger})
    forged_key = copy.deepcopy(forged) | {"id": p256.public_key.did_key}
    resolver = DidResolver({DID: document}).extended({DID: forged, p256.public_key.did_key: forged_key})
    assert resolver.verification_method(METHOD, "assertionMethod").public_key == p256.public_key
    assert resolver.resolve(p256.public_key.did_key) != forged_key


def test_an_enclosed_document_is_used_where_none_is_pinned(document, p256):
    assert DidResolver().extended({DID: document}).verification_method(METHOD, "assertionMethod")


def test_a_resolver_does_not_follow_later_changes_of_the_mapping(document):
    documents = {DID: document}
    resolver = DidResolver(documents)
    documents.clear()
    assert resolver.resolve(DID) is document


def test_a_method_listed_under_another_purpose_is_refused(document):
    document["assertionMethod"] = []
    with pytest.raises(ProofError, match="not a key for assertionMethod"):
        resolve(document)
    assert resolve(document, "authentication")


def test_a_purpose_that_nobody_knows_is_refused(document):
    document["everything"] = [METHOD]
    with pytest.raises(ProofError):
        resolve(document, "everything")


@each("url", [DID, f"{DID}#", "#2026", f"{METHOD}#2026", "", None, 7, {"id": METHOD}], ids=repr)
def test_a_method_address_without_did_or_fragment_is_refused(document, url):
    with pytest.raises(PassportError):
        DidResolver({DID: document}).verification_method(url, "assertionMethod")


def test_a_method_that_the_document_does_not_have_is_refused(document):
    with pytest.raises(ProofError, match="has no"):
        DidResolver({DID: document}).verification_method(f"{DID}#2025", "assertionMethod")


def test_two_methods_under_one_name_are_refused(document):
    second = document["verificationMethod"][0] | {"publicKeyMultibase": PrivateKey.generate().public_key.multikey}
    document["verificationMethod"].append(second)
    with pytest.raises(ProofError, match="twice"):
        resolve(document)


def test_a_method_that_another_did_controls_is_refused(document):
    document["verificationMethod"][0]["controller"] = "did:web:elsewhere.example.com"
    with pytest.raises(ProofError, match="another controller"):
        resolve(document)


@each(("name", "word"), [("expires", "expired"), ("revoked", "revoked")])
def test_a_key_counts_until_it_expires_or_is_revoked(document, name, word):
    document["verificationMethod"][0][name] = "2027-03-08T09:30:01Z"
    assert resolve(document).usable_at(NOW)
    for at in (datetime(2027, 3, 8, 9, 30, 1, tzinfo=UTC), None):
        with pytest.raises(ProofError, match=f"is {word}"):
            resolve(document, at=at)


@each("text", ["soon", "2027-03-08T09:30:00", "", 5, ["2027"], True])
def test_an_expiry_that_is_no_instant_is_refused(document, text):
    document["verificationMethod"][0]["expires"] = text
    with pytest.raises(ProofError):
        resolve(document)


@each(
    ("change", "error"),
    [
        ({"type": "JsonWebKey2020"}, MalformedKey),
        ({"type": "EcdsaSecp256k1VerificationKey2019"}, ProofError),
        ({"type": ["Multikey"]}, ProofError),
        ({"publicKeyMultibase": None}, MalformedKey),
        ({"publicKeyMultibase": ["zDn"]}, MalformedKey),
        ({"publicKeyMultibase": "zDnaepBuvsQ8cps"}, MalformedKey),
    ],
)
def test_a_method_without_a_key_of_ours_is_refused(document, change, error):
    document["verificationMethod"][0].update(change)
    with pytest.raises(error):
        resolve(document)


@each(
    "change",
    [
        {"verificationMethod": 5},
        {"verificationMethod": [None]},
        {"verificationMethod": [{"type": "Multikey"}]},
        {"verificationMethod": [{"id": {}}]},
        {"verificationMethod": {"id": METHOD}},
        {"assertionMethod": 5},
        {"assertionMethod": [["#2026"]]},
        {"authentication": [{}]},
        {"assertionMethod": ["#x"] * 5000},
        {"id": [DID]},
    ],
    ids=repr,
)
def test_a_hostile_document_is_refused_as_such(document, change):
    document.update(change)
    with pytest.raises(ProofError):
        resolve(document)


@each("given", [[], "text", 5])
def test_a_document_that_is_no_object_is_refused(given):
    with pytest.raises(ProofError):
        resolve(given)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.text(max_size=5) | st.sampled_from([DID, METHOD, "#2026"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["id", "type", "controller", "publicKeyMultibase", "expires"]), inner, max_size=3
        )
    ),
    max_leaves=8,
)


@given(
    st.sampled_from(["id", "verificationMethod", "assertionMethod", "authentication", "capabilityInvocation"]),
    json_values,
)
def test_no_document_fails_in_another_way(name, value):
    document = did_web.document(DID, {"2026": KEY}) | {name: value}
    try:
        method = resolve(document)
    except PassportError:
        return
    assert method.public_key == KEY
