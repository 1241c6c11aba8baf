"""ecdsa-jcs-2019 and eddsa-jcs-2022 against the published test vectors, step by step."""

import hashlib
from datetime import datetime

import pytest

from passport.errors import InvalidSignature, ProofError, UnknownContext, UnsafeJsonLd
from passport.identity import DidResolver, KeySigner, PrivateKey, multibase_encode
from passport.linked_data import jcs
from passport.proofs import jcs_hashing
from passport.proofs.data_integrity import add_proof, verify_proof

# folder, suffix of its files, key pair and member with the secret, hash function
VECTORS = [
    ("vc-di-ecdsa/ecdsa-jcs-2019-p256", "JCSECDSAP256", "p256KeyPair.json", "secretKeyMultibase", "sha256"),
    ("vc-di-ecdsa/ecdsa-jcs-2019-p384", "JCSECDSAP384", "p384KeyPair.json", "secretKeyMultibase", "sha384"),
    ("vc-di-eddsa/eddsa-jcs-2022", "JCS", "keyPair.json", "privateKeyMultibase", "sha256"),
]


class Vector:
    def __init__(self, w3c, folder, suffix, keys, secret, algorithm):
        self.file = lambda name, kind: w3c(f"{folder}/{name}{suffix}.{kind}")
        parent = folder.split("/")[0]
        self.unsigned = w3c(f"{parent}/unsigned.json")
        self.signer = KeySigner(PrivateKey.from_multikey(w3c(f"{parent}/{keys}")[secret]))
        self.algorithm = algorithm
        self.signed = self.file("signed", "json")
        self.proof = self.signed["proof"]
        self.configuration = {key: value for key, value in self.proof.items() if key != "proofValue"}


@pytest.fixture(params=VECTORS, ids=[vector[0].split("/")[1] for vector in VECTORS])
def vector(request, w3c):
    return Vector(w3c, *request.param)


def test_canonical_forms_and_hashes(vector):
    assert vector.configuration == vector.file("proofConfig", "json")
    for value, form, digest in [
        (vector.unsigned, "canonDoc", "docHash"),
        (vector.configuration, "proofCanon", "proofHash"),
    ]:
        canonical = jcs.canonicalize(value)
        assert canonical.decode() == vector.file(form, "txt").strip()
        assert hashlib.new(vector.algorithm, canonical).hexdigest() == vector.file(digest, "txt").strip()


def test_combined_hash_and_signature(vector, vector_loader):
    data = jcs_hashing.hash_data(vector.unsigned, vector.proof, algorithm=vector.algorithm, loader=vector_loader)
    assert data.hex() == vector.file("combinedHash", "txt").strip()
    assert vector.signer.sign(data).hex() == vector.file("sigHex", "txt").strip()
    assert vector.proof["proofValue"] == vector.file("sigBTC58", "txt").strip()


def test_the_signed_document_is_made_again(vector, vector_loader):
    made = add_proof(
        vector.unsigned,
        vector.signer,
        cryptosuite=vector.proof["cryptosuite"],
        created=datetime.fromisoformat(vector.proof["created"]),
        loader=vector_loader,
    )
    assert made == vector.signed


def test_the_published_document_verifies(vector, vector_loader):
    (proof,) = verify_proof(vector.signed, DidResolver(), loader=vector_loader)
    assert proof.cryptosuite == vector.proof["cryptosuite"]
    assert not proof.derived


@pytest.mark.parametrize("change", [{"name": "Another"}, {"undefined": 1}, {"type": ["VerifiableCredential"]}])
def test_a_changed_document_does_not_verify(vector, change, vector_loader):
    with pytest.raises(InvalidSignature):
        verify_proof({**vector.signed, **change}, DidResolver(), loader=vector_loader)


def test_a_context_that_is_not_pinned_is_refused_though_it_takes_no_part_in_the_signature(vector):
    with pytest.raises(UnknownContext):
        verify_proof(vector.signed, DidResolver())


def _signed_as_json_only(vector, document: dict) -> dict:
    """A document that somebody signed without looking at what its words mean."""
    configuration = {**vector.configuration, "@context": document["@context"]}
    digests = [
        hashlib.new(vector.algorithm, jcs.canonicalize(value)).digest() for value in (configuration, document)
    ]
    value = multibase_encode(vector.signer.sign(b"".join(digests)))
    return {**document, "proof": {**configuration, "proofValue": value}}


@pytest.mark.parametrize(
    "change",
    [{"typo": "x"}, {"@context": ["https://www.w3.org/ns/credentials/v2", {"degree": "https://example.org/degree"}]}],
)
def test_a_document_with_words_of_its_own_is_refused_though_its_signature_is_good(vector, change):
    plain = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "https://vc.example/issuers/5678",
        "credentialSubject": {"id": "did:example:abcdefgh", "name": "A"},
    }
    assert verify_proof(_signed_as_json_only(vector, plain), DidResolver())
    with pytest.raises(UnsafeJsonLd):
        verify_proof(_signed_as_json_only(vector, plain | change), DidResolver())


def test_a_context_that_grew_after_signing_is_refused(vector, vector_loader):
    """Their specification allows it; then the words of the document could change their meaning behind the signature."""
    grown = {**vector.signed, "@context": [*vector.signed["@context"], "https://w3id.org/security/multikey/v1"]}
    with pytest.raises(ProofError, match="other contexts"):
        verify_proof(grown, DidResolver(), loader=vector_loader)
    # Nor does leaving the context out of the proof help.
    proof = {key: value for key, value in vector.proof.items() if key != "@context"}
    with pytest.raises(InvalidSignature):
        verify_proof({**grown, "proof": proof}, DidResolver(), loader=vector_loader)
