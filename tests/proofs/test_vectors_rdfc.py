"""ecdsa-rdfc-2019 and eddsa-rdfc-2022 against the published test vectors, step by step."""

import pytest

from passport.errors import InvalidSignature
from passport.identity import DidResolver, KeySigner, PrivateKey
from passport.proofs import CRYPTOSUITES, transformation
from passport.proofs.data_integrity import add_proof, verify_proof

# folder, suffix of its files, key pair and member with the secret, hash function, suite
VECTORS = [
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "ECDSAP256", "p256KeyPair.json", "secretKeyMultibase", "sha256"),
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p384", "ECDSAP384", "p384KeyPair.json", "secretKeyMultibase", "sha384"),
    ("vc-di-eddsa/eddsa-rdfc-2022", "DataInt", "keyPair.json", "privateKeyMultibase", "sha256"),
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
        self.options = {key: value for key, value in self.proof.items() if key != "proofValue"}
        self.suite = CRYPTOSUITES[self.proof["cryptosuite"]]


@pytest.fixture(params=VECTORS, ids=[vector[0].split("/")[1] for vector in VECTORS])
def vector(request, w3c):
    return Vector(w3c, *request.param)


def test_canonical_document_and_its_hash(vector, vector_loader):
    form = transformation.canonical_form(vector.unsigned, algorithm=vector.algorithm, loader=vector_loader)
    assert form.text == vector.file("canonDoc", "txt")
    assert transformation.digest(form.text, vector.algorithm).hex() == vector.file("docHash", "txt").strip()


def test_proof_configuration_its_canonical_form_and_its_hash(vector, vector_loader):
    configuration = transformation.proof_configuration(vector.unsigned, vector.proof)
    assert configuration == vector.file("proofConfig", "json")
    form = transformation.canonical_form(configuration, algorithm=vector.algorithm, loader=vector_loader)
    assert form.text == vector.file("proofCanon", "txt")
    assert transformation.digest(form.text, vector.algorithm).hex() == vector.file("proofHash", "txt").strip()


def test_combined_hash(vector, vector_loader):
    data = transformation.hash_data(vector.unsigned, vector.options, algorithm=vector.algorithm, loader=vector_loader)
    assert data.hex() == vector.file("combinedHash", "txt").strip()


def test_signature_and_proof_value(vector, vector_loader):
    data = transformation.hash_data(vector.unsigned, vector.options, algorithm=vector.algorithm, loader=vector_loader)
    assert vector.signer.sign(data).hex() == vector.file("sigHex", "txt").strip()
    value = vector.suite.create_proof_value(
        vector.unsigned, vector.options, vector.signer, mandatory_pointers=(), loader=vector_loader
    )
    assert value == vector.file("sigBTC58", "txt").strip() == vector.proof["proofValue"]


def test_the_signed_document_is_made_again(vector, vector_loader):
    from datetime import datetime

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
    assert proof.verification_method.public_key == vector.signer.public_key
    assert proof.created.isoformat() == "2023-02-24T23:36:38+00:00"
    assert not proof.derived


@pytest.mark.parametrize("change", ["name", "id", "validFrom", "issuer", "alumniOf"])
def test_a_changed_document_does_not_verify(vector, vector_loader, change):
    document = dict(vector.signed)
    if change == "alumniOf":
        document["credentialSubject"] = {**document["credentialSubject"], "alumniOf": "The School of Hard Knocks"}
    else:
        document[change] = "https://example.org/x" if change in ("id", "issuer") else "2024-01-01T00:00:00Z"
    with pytest.raises(InvalidSignature):
        verify_proof(document, DidResolver(), loader=vector_loader)
