"""Each cryptosuite, both ways: what we sign and derive verifies there, what they sign and derive verifies here."""

from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from passport.errors import BaseProofPresented, InvalidSignature, ProofError
from passport.identity.did import DidResolver
from passport.identity.keys import Algorithm, PrivateKey
from passport.identity.signer import KeySigner
from passport.proofs import ecdsa_sd_2023
from passport.proofs.data_integrity import add_proof, verify_proof

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
MANDATORY = ["/issuer", "/validFrom", "/credentialSubject/id"]
SELECTIVE = ["/credentialSubject/name", "/evidence/1"]

# What implementations disagree about: nodes without an id, equal siblings, languages, text that needs escapes.
CREDENTIAL = {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    "id": "https://passport.example/credentials/8a1c",
    "type": ["VerifiableCredential"],
    "validFrom": "2026-11-21T00:00:00Z",
    "name": [{"@value": "电池护照", "@language": "zh"}, {"@value": "Battery passport", "@language": "en"}],
    "credentialSubject": {
        "id": "https://passport.example/01/09520123456788/21/A1",
        "name": 'quotation "marks", back\\slash, tab\t, line\nbreak, delete\u007f, emoji 🔋, combining e\u0301',
        "description": "二〇二六年十一月",
    },
    "evidence": [
        {"type": ["https://passport.example/ns#Reading"], "name": "first"},
        {"type": ["https://passport.example/ns#Reading"], "name": "second"},
        {"type": ["https://passport.example/ns#Reading"], "name": "second"},
    ],
    "relatedResource": {
        "id": "https://passport.example/manual.pdf",
        "type": ["https://passport.example/ns#Manual"],
        "digestSRI": "sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO",
    },
}


def signer_of(algorithm: Algorithm = Algorithm.P256) -> KeySigner:
    return KeySigner(PrivateKey.generate(algorithm))


def ours(cryptosuite: str, algorithm: Algorithm = Algorithm.P256, mandatory_pointers: list[str] = ()) -> dict:
    """CREDENTIAL signed by us, with a key of its own."""
    signer = signer_of(algorithm)
    document = {**copy.deepcopy(CREDENTIAL), "issuer": signer.public_key.did_key}
    return add_proof(document, signer, cryptosuite=cryptosuite, created=AT, mandatory_pointers=mandatory_pointers)


def theirs(peer, cryptosuite: str, **arguments) -> dict:
    """CREDENTIAL signed by them."""
    result = peer("issue", credential=CREDENTIAL, cryptosuite=cryptosuite, **arguments)
    assert result["ok"], result
    return result["document"]


def tampered(document: dict) -> dict:
    changed = copy.deepcopy(document)
    changed["credentialSubject"]["name"] += "."
    return changed


# --- whole documents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cryptosuite", "algorithm"),
    [
        ("ecdsa-rdfc-2019", Algorithm.P256),
        ("ecdsa-rdfc-2019", Algorithm.P384),
        ("eddsa-rdfc-2022", Algorithm.ED25519),
    ],
)
def test_they_verify_what_we_sign_and_refuse_it_changed(peer, cryptosuite, algorithm):
    document = ours(cryptosuite, algorithm)
    good, bad = peer.all([{"op": "verify", "document": document}, {"op": "verify", "document": tampered(document)}])
    assert good["ok"], good
    assert not bad["ok"]
    assert "Invalid signature" in bad["error"]


@pytest.mark.parametrize("cryptosuite", ["ecdsa-rdfc-2019", "eddsa-rdfc-2022"])
def test_we_verify_what_they_sign_and_refuse_it_changed(peer, cryptosuite):
    document = theirs(peer, cryptosuite)
    (proof,) = verify_proof(document, DidResolver())
    assert proof.cryptosuite == cryptosuite
    assert proof.verification_method.controller == document["issuer"]
    with pytest.raises(InvalidSignature):
        verify_proof(tampered(document), DidResolver())


def test_both_refuse_a_proof_moved_to_another_document(peer):
    document, other = ours("ecdsa-rdfc-2019"), theirs(peer, "ecdsa-rdfc-2019")
    moved = {**other, "proof": document["proof"]}
    assert not peer("verify", document=moved)["ok"]
    with pytest.raises(ProofError):
        verify_proof(moved, DidResolver())


# --- selective disclosure -------------------------------------------------------------------------------------------


def base_proofs(peer) -> dict[str, dict]:
    return {
        "ours": ours("ecdsa-sd-2023", mandatory_pointers=MANDATORY),
        "theirs": theirs(peer, "ecdsa-sd-2023", mandatoryPointers=MANDATORY),
    }


def derive(peer, by: str, document: dict, pointers: list[str]) -> dict:
    if by == "ours":
        return ecdsa_sd_2023.derive(document, pointers)
    result = peer("derive", document=document, selectivePointers=pointers)
    assert result["ok"], result
    return result["document"]


def unsecured(document: dict) -> dict:
    return {key: value for key, value in document.items() if key != "proof"}


@pytest.mark.parametrize("signed_by", ["ours", "theirs"])
@pytest.mark.parametrize("derived_by", ["ours", "theirs"])
def test_a_derived_view_verifies_on_both_sides_whoever_made_it(peer, signed_by, derived_by):
    derived = derive(peer, derived_by, base_proofs(peer)[signed_by], SELECTIVE)
    assert derived["evidence"] == [CREDENTIAL["evidence"][1]]
    assert "relatedResource" not in derived
    (proof,) = verify_proof(derived, DidResolver())
    assert proof.cryptosuite == "ecdsa-sd-2023"
    assert proof.derived
    result = peer("verify", document=derived)
    assert result["ok"], result

    changed = tampered(derived)
    assert not peer("verify", document=changed)["ok"]
    with pytest.raises(InvalidSignature):
        verify_proof(changed, DidResolver())


@pytest.mark.parametrize("signed_by", ["ours", "theirs"])
@pytest.mark.parametrize(
    "pointers", [[], ["/credentialSubject"], ["/evidence"], ["/evidence/0", "/evidence/2", "/name"]], ids=len
)
def test_both_derive_the_same_document(peer, signed_by, pointers):
    base = base_proofs(peer)[signed_by]
    mine, other = derive(peer, "ours", base, pointers), derive(peer, "theirs", base, pointers)
    assert unsecured(mine) == unsecured(other)
    assert mine["proof"] == other["proof"]


@pytest.mark.parametrize("signed_by", ["ours", "theirs"])
def test_a_view_thinned_from_their_view_is_the_one_derived_from_the_base_proof(peer, signed_by):
    base = base_proofs(peer)[signed_by]
    full = derive(peer, "theirs", base, ["/credentialSubject", "/evidence", "/name", "/relatedResource", "/type"])
    thin = ecdsa_sd_2023.thin(full, ["/credentialSubject/name"])
    assert thin == derive(peer, "theirs", base, ["/credentialSubject/name"])
    result = peer("verify", document=thin)
    assert result["ok"], result


@pytest.mark.parametrize("signed_by", ["ours", "theirs"])
def test_both_refuse_a_base_proof(peer, signed_by):
    base = base_proofs(peer)[signed_by]
    assert "must be a derived proof" in peer("verify", document=base)["error"]
    with pytest.raises(BaseProofPresented):
        verify_proof(base, DidResolver())


@pytest.mark.parametrize("signed_by", ["ours", "theirs"])
def test_both_refuse_a_derived_view_with_a_statement_added(peer, signed_by):
    derived = derive(peer, "ours", base_proofs(peer)[signed_by], SELECTIVE)
    added = {**derived, "relatedResource": CREDENTIAL["relatedResource"]}
    assert not peer("verify", document=added)["ok"]
    with pytest.raises(ProofError):
        verify_proof(added, DidResolver())


@pytest.mark.parametrize("signed_by", ["ours", "theirs"])
def test_both_refuse_a_derived_view_without_a_mandatory_statement(peer, signed_by):
    derived = derive(peer, "ours", base_proofs(peer)[signed_by], SELECTIVE)
    del derived["validFrom"]
    assert not peer("verify", document=derived)["ok"]
    with pytest.raises(ProofError):
        verify_proof(derived, DidResolver())


# --- identity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_both_read_the_same_verification_method_out_of_a_did_key(peer, algorithm):
    did = PrivateKey.generate(algorithm).public_key.did_key
    result = peer("resolve", did=did)
    assert result["ok"], result
    mine, other = DidResolver().resolve(did), result["document"]
    assert mine["id"] == other["id"]
    assert mine["verificationMethod"] == other["verificationMethod"]
    for purpose in ("assertionMethod", "authentication"):
        assert mine[purpose] == other[purpose]
