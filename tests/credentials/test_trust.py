from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.credentials.trust import TrustList, UnsafeAnyIssuer
from passport.errors import MalformedTrustList
from passport.identity import PrivateKey, did_jwk, did_web
from tests.each import each

DID = "did:web:battery.example.com"
KEY = PrivateKey.generate().public_key


def entry(**changes) -> dict:
    content = {
        "id": DID,
        "name": {"en": "Example Battery Co., Ltd.", "zh": "示例电池有限公司"},
        "trustedFor": ["BatteryModelCredential", "BatteryPassportCredential"],
        "regimes": ["eu", "cn"],
        "didDocument": did_web.document(DID, {"2026": KEY}),
    } | changes
    return {name: value for name, value in content.items() if value is not ...}


def trust_list(*entries) -> TrustList:
    return TrustList.from_json({"issuers": list(entries)}, source="trusted-issuers.json")


def refused(document, *words: str) -> None:
    with pytest.raises(MalformedTrustList) as caught:
        TrustList.from_json(document, source="trusted-issuers.json")
    for word in ("trusted-issuers.json", *words):
        assert word in str(caught.value)


def test_an_entry_is_read_whole():
    issuer = trust_list(entry()).issuer(DID)
    assert issuer.named("zh") == "示例电池有限公司"
    assert issuer.named("fr") == issuer.named() == "Example Battery Co., Ltd."
    assert issuer.trusted_for == {"BatteryModelCredential", "BatteryPassportCredential"}
    assert issuer.regimes == {"eu", "cn"}


def test_a_did_key_needs_no_document():
    issuer = trust_list(entry(id=KEY.did_key, didDocument=...)).issuer(KEY.did_key)
    assert issuer.did_document is None


def test_pinned_documents_are_handed_out_for_a_resolver():
    assert trust_list(entry()).did_documents() == {DID: did_web.document(DID, {"2026": KEY})}


def test_a_listed_issuer_is_accepted_for_what_it_is_trusted_for():
    acceptance = trust_list(entry()).accepts(DID, ["VerifiableCredential", "BatteryPassportCredential"])
    assert acceptance.accepted is True
    assert "Example Battery Co., Ltd." in acceptance.reason.detail


@each(
    "types",
    [
        ["VerifiableCredential", "BatteryRoleCredential"],
        ["VerifiableCredential", "BatteryPassportCredential", "BatteryRoleCredential"],
        ["VerifiableCredential"],
        [],
    ],
    ids=repr,
)
def test_a_listed_issuer_is_refused_for_anything_else(types):
    assert trust_list(entry()).accepts(DID, types).accepted is False


def test_being_trusted_for_verifiable_credential_says_nothing():
    listed = trust_list(entry(trustedFor=["VerifiableCredential"]))
    assert listed.accepts(DID, ["VerifiableCredential"]).accepted is False


def test_an_unknown_issuer_is_refused_with_the_name_of_the_list():
    acceptance = trust_list(entry()).accepts(KEY.did_key, ["VerifiableCredential", "BatteryPassportCredential"])
    assert acceptance.accepted is False
    assert "is not on the trust list trusted-issuers.json" in acceptance.reason.detail
    assert acceptance.reason.hint() and acceptance.reason.hint("zh")


def test_an_empty_list_trusts_nobody():
    assert trust_list().accepts(DID, ["VerifiableCredential", "BatteryPassportCredential"]).accepted is False


def test_whoever_wants_no_policy_has_to_type_so():
    assert UnsafeAnyIssuer().accepts("did:example:anybody", ["VerifiableCredential"]).accepted is True


def test_a_list_is_loaded_from_its_file(tmp_path):
    path = tmp_path / "trusted-issuers.json"
    path.write_text(json.dumps({"issuers": [entry()]}, ensure_ascii=False), encoding="utf-8")
    loaded = TrustList.load(path)
    assert loaded.issuer(DID) is not None
    assert loaded.source == str(path)


@each("content", [b"", b"{", b'{"issuers":[],"issuers":[]}', b"\xff\xfe", b"[" * 5000, b"NaN"], ids=repr)
def test_a_file_that_is_no_strict_json_is_refused(tmp_path, content):
    path = tmp_path / "trusted-issuers.json"
    path.write_bytes(content)
    with pytest.raises(MalformedTrustList, match="trusted-issuers.json"):
        TrustList.load(path)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / "nowhere.json", tmp_path):
        with pytest.raises(MalformedTrustList, match="cannot be read"):
            TrustList.load(path)


@each("document", [None, [], "text", {}, {"issuer": []}, {"issuers": {}}, {"issuers": [], "x": 1}])
def test_a_file_of_another_shape_is_refused(document):
    refused(document)


@each(
    ("changes", "place"),
    [
        ({"id": ...}, "issuers[1].id"),
        ({"id": "https://battery.example.com"}, "issuers[1].id"),
        ({"id": "did:key:zDnaJunk", "didDocument": ...}, "issuers[1].id"),
        ({"id": 5}, "issuers[1].id"),
        ({"name": ...}, "issuers[1].name"),
        ({"name": "Example"}, "issuers[1].name"),
        ({"name": {"zh": "示例"}}, "issuers[1].name.en"),
        ({"name": {"en": ""}}, "issuers[1].name.en"),
        ({"name": {"en": "Example", "zh": 5}}, "issuers[1].name.zh"),
        ({"pinnedOn": "yesterday"}, "issuers[1].pinnedOn"),
        ({"pinnedOn": 20270308}, "issuers[1].pinnedOn"),
        ({"pinnedOn": "2027-02-30"}, "issuers[1].pinnedOn"),
        ({"trustedFor": ...}, "issuers[1].trustedFor"),
        ({"trustedFor": "BatteryPassportCredential"}, "issuers[1].trustedFor"),
        ({"trustedFor": [None]}, "issuers[1].trustedFor"),
        ({"regimes": "eu"}, "issuers[1].regimes"),
        ({"regimes": [{}]}, "issuers[1].regimes"),
        ({"didDocument": []}, "issuers[1].didDocument"),
        ({"didDocument": {}}, "issuers[1].didDocument.id"),
        ({"didDocument": {"id": "did:web:elsewhere.example.com"}}, "issuers[1].didDocument.id"),
        ({"didDocument": {"id": "did:web:second.example.com"}}, "issuers[1].didDocument"),
        ({"trustedfor": ["BatteryPassportCredential"]}, "issuers[1].trustedfor"),
    ],
    ids=lambda value: repr(value)[:60],
)
def test_an_entry_of_another_shape_is_refused_by_its_place(changes, place):
    second = "did:web:second.example.com"
    base = {"id": second, "didDocument": did_web.document(second, {"2026": KEY})}
    refused({"issuers": [entry(), entry(**{**base, **changes})]}, place)


def test_a_did_jwk_needs_no_document_and_takes_none():
    did = did_jwk.did_for(KEY)
    assert trust_list(entry(id=did, didDocument=...)).issuer(did).did_document is None
    refused({"issuers": [entry(id=did, didDocument={"id": did})]}, "issuers[0].didDocument")
    refused({"issuers": [entry(id="did:jwk:e30", didDocument=...)]}, "issuers[0].id")


@each("relative", [False, True], ids=["absolute", "relative"])
def test_a_document_whose_key_stands_only_inside_assertion_method_is_accepted(relative):
    document = did_web.document(DID, {"2026": KEY})
    (method,) = document.pop("verificationMethod")
    if relative:
        method["id"] = "#2026"
    document = {"@context": document["@context"], "id": DID, "assertionMethod": [method]}
    assert trust_list(entry(didDocument=document)).did_documents()[DID] == document


def test_the_day_of_a_pinned_document_is_read_and_decides_nothing():
    listed = trust_list(entry(pinnedOn="2027-03-08"))
    assert listed.issuer(DID).pinned_on.isoformat() == "2027-03-08"
    assert trust_list(entry()).issuer(DID).pinned_on is None
    assert listed.accepts(DID, ["BatteryPassportCredential"]).accepted is True


def test_a_document_whose_key_stands_under_another_purpose_only_is_refused():
    document = did_web.document(DID, {"2026": KEY})
    document = {"id": DID, "authentication": document["verificationMethod"]}
    refused({"issuers": [entry(didDocument=document)]}, "a key under assertionMethod")


def test_an_issuer_listed_twice_is_refused():
    refused({"issuers": [entry(), entry()]}, "issuers[1].id")


def test_a_document_for_a_did_key_is_refused():
    refused({"issuers": [entry(id=KEY.did_key, didDocument={"id": KEY.did_key})]}, "issuers[0].didDocument")


def test_a_pinned_document_whose_key_expires_one_day_is_accepted():
    document = did_web.document(DID, {"2026": KEY})
    document["verificationMethod"][0]["expires"] = "2030-01-01T00:00:00Z"
    assert trust_list(entry(didDocument=document)).did_documents()[DID] == document


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(["id", "name", "trustedFor", "regimes", "didDocument"]), json_values)
def test_no_value_in_an_entry_fails_in_another_way(name, value):
    with contextlib.suppress(MalformedTrustList):
        trust_list(entry(**{name: value}))
