"""The suites that sign a whole document against the published test vectors, step by step."""

import hashlib
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import InvalidSignature, PassportError, ProofError, UnknownContext, UnsafeJsonLd
from passport.identity import DidResolver, KeySigner, PrivateKey, multibase_encode
from passport.linked_data import jcs
from passport.linked_data.contexts import CREDENTIALS_V2, PINNED
from passport.proofs import CRYPTOSUITES, rdfc_hashing
from passport.proofs.data_integrity import add_proof, verify_proof

# folder, suffix of its files, key pair and member with the secret, hash function
RDFC = [
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p256", "ECDSAP256", "p256KeyPair.json", "secretKeyMultibase", "sha256"),
    ("vc-di-ecdsa/ecdsa-rdfc-2019-p384", "ECDSAP384", "p384KeyPair.json", "secretKeyMultibase", "sha384"),
    ("vc-di-eddsa/eddsa-rdfc-2022", "DataInt", "keyPair.json", "privateKeyMultibase", "sha256"),
]
JCS = [
    ("vc-di-ecdsa/ecdsa-jcs-2019-p256", "JCSECDSAP256", "p256KeyPair.json", "secretKeyMultibase", "sha256"),
    ("vc-di-ecdsa/ecdsa-jcs-2019-p384", "JCSECDSAP384", "p384KeyPair.json", "secretKeyMultibase", "sha384"),
    ("vc-di-eddsa/eddsa-jcs-2022", "JCS", "keyPair.json", "privateKeyMultibase", "sha256"),
]


class Vector:
    def __init__(self, w3c, folder, suffix, keys, secret, algorithm):
        self.file = lambda name, kind="txt": w3c(f"{folder}/{name}{suffix}.{kind}")
        parent = folder.split("/")[0]
        self.unsigned = w3c(f"{parent}/unsigned.json")
        self.signer = KeySigner(PrivateKey.from_multikey(w3c(f"{parent}/{keys}")[secret]))
        self.algorithm = algorithm
        self.signed = self.file("signed", "json")
        self.proof = self.signed["proof"]
        self.options = {key: value for key, value in self.proof.items() if key != "proofValue"}
        self.suite = CRYPTOSUITES[self.proof["cryptosuite"]]

    @property
    def configuration(self):
        """What of the proof is signed: the jcs suites keep the context in it, the rdfc suites take the document's."""
        if "-jcs-" in self.suite.name:
            return self.options
        return rdfc_hashing.proof_configuration(self.unsigned, self.proof)

    def canonical(self, document, loader):
        if "-jcs-" in self.suite.name:
            return jcs.canonicalize(document)
        return rdfc_hashing.canonical_bytes(document, algorithm=self.algorithm, loader=loader)


def vectors(*descriptions):
    return {"params": descriptions, "ids": [description[0].split("/")[1] for description in descriptions]}


@pytest.fixture(**vectors(*RDFC, *JCS))
def vector(request, w3c):
    return Vector(w3c, *request.param)


@pytest.fixture(**vectors(*JCS))
def jcs_vector(request, w3c):
    return Vector(w3c, *request.param)


# --- the steps of the specifications --------------------------------------------------------------------------------


def test_canonical_document_and_its_hash(vector, vector_loader):
    canonical = vector.canonical(vector.unsigned, vector_loader)
    assert canonical.decode().strip() == vector.file("canonDoc").strip()
    assert hashlib.new(vector.algorithm, canonical).hexdigest() == vector.file("docHash").strip()


def test_proof_configuration_its_canonical_form_and_its_hash(vector, vector_loader):
    assert vector.configuration == vector.file("proofConfig", "json")
    canonical = vector.canonical(vector.configuration, vector_loader)
    assert canonical.decode().strip() == vector.file("proofCanon").strip()
    assert hashlib.new(vector.algorithm, canonical).hexdigest() == vector.file("proofHash").strip()


@pytest.mark.parametrize("of", ["options", "proof"])
def test_combined_hash(vector, vector_loader, of):
    options = getattr(vector, of)  # when signing without the value, when verifying with it
    data = vector.suite.hash_data(vector.unsigned, options, algorithm=vector.algorithm, loader=vector_loader)
    assert data.hex() == vector.file("combinedHash").strip()


def test_signature_and_proof_value(vector, vector_loader):
    assert vector.signer.sign(bytes.fromhex(vector.file("combinedHash"))).hex() == vector.file("sigHex").strip()
    value = vector.suite.create_proof_value(
        vector.unsigned, vector.options, vector.signer, mandatory_pointers=(), loader=vector_loader
    )
    assert value == vector.file("sigBTC58").strip() == vector.proof["proofValue"]


def test_the_signed_document_is_made_again(vector, vector_loader):
    made = add_proof(
        vector.unsigned,
        vector.signer,
        cryptosuite=vector.suite.name,
        created=datetime.fromisoformat(vector.proof["created"]),
        loader=vector_loader,
    )
    assert made == vector.signed


def test_the_published_document_verifies(vector, vector_loader):
    (proof,) = verify_proof(vector.signed, DidResolver(), loader=vector_loader)
    assert proof.cryptosuite == vector.suite.name
    assert proof.verification_method.public_key == vector.signer.public_key
    assert proof.created.isoformat() == "2023-02-24T23:36:38+00:00"
    assert not proof.derived


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [
        {"id": "https://example.org/x"},
        {"issuer": "https://example.org/x"},
        {"name": "Another"},
        {"type": ["VerifiableCredential"]},
        {"undefined": 1},
        {"validFrom": "2024-01-01T00:00:00Z"},
        {"credentialSubject": {"id": "did:example:abcdefgh", "alumniOf": "The School of Hard Knocks"}},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_changed_document_does_not_verify(vector, change, vector_loader):
    with pytest.raises(InvalidSignature):
        verify_proof({**vector.signed, **change}, DidResolver(), loader=vector_loader)


@pytest.mark.parametrize("value", ["", "abc", "z", "z0OIl", "uAAAA", "z" + "1" * 100_000])
def test_a_proof_value_that_is_no_signature_is_refused(vector, value, vector_loader):
    with pytest.raises(ProofError):
        verify_proof({**vector.signed, "proof": {**vector.proof, "proofValue": value}}, DidResolver(),
                     loader=vector_loader)  # fmt: skip


def test_a_context_that_is_not_pinned_is_refused_though_some_sign_no_word_of_it(vector):
    with pytest.raises(UnknownContext):
        verify_proof(vector.signed, DidResolver())


def _signed_as_json_only(vector, document: dict) -> dict:
    """A document that somebody signed without looking at what its words mean."""
    configuration = {**vector.options, "@context": document["@context"]}
    digests = [hashlib.new(vector.algorithm, jcs.canonicalize(value)).digest() for value in (configuration, document)]
    value = multibase_encode(vector.signer.sign(b"".join(digests)))
    return {**document, "proof": {**configuration, "proofValue": value}}


@pytest.mark.parametrize(
    "change",
    [{"typo": "x"}, {"@context": ["https://www.w3.org/ns/credentials/v2", {"degree": "https://example.org/degree"}]}],
)
def test_a_document_with_words_of_its_own_is_refused_though_its_signature_is_good(jcs_vector, change):
    plain = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiableCredential"],
        "issuer": "https://vc.example/issuers/5678",
        "credentialSubject": {"id": "did:example:abcdefgh", "name": "A"},
    }
    assert verify_proof(_signed_as_json_only(jcs_vector, plain), DidResolver())
    with pytest.raises(UnsafeJsonLd):
        verify_proof(_signed_as_json_only(jcs_vector, plain | change), DidResolver())


def test_a_context_that_grew_after_signing_is_refused(jcs_vector, vector_loader):
    """Their specification allows it; then the words of the document could change their meaning behind the signature."""
    signed = jcs_vector.signed
    grown = {**signed, "@context": [*signed["@context"], "https://w3id.org/security/multikey/v1"]}
    with pytest.raises(ProofError, match="other contexts"):
        verify_proof(grown, DidResolver(), loader=vector_loader)
    # Nor does leaving the context out of the proof help.
    proof = {key: value for key, value in signed["proof"].items() if key != "@context"}
    with pytest.raises(InvalidSignature):
        verify_proof({**grown, "proof": proof}, DidResolver(), loader=vector_loader)


# --- what is remembered of proof configurations ---------------------------------------------------------------------


@given(
    created=st.one_of(
        st.just("1970-01-01T00:00:00Z"), st.text("0123456789TZ:.+-", max_size=41), st.text(max_size=20), st.none()
    ),
    others=st.fixed_dictionaries(
        {"type": st.just("DataIntegrityProof"), "proofPurpose": st.sampled_from(["assertionMethod", "authentication"])},
        optional={
            "expires": st.just("1970-01-01T00:00:00Z"),
            "verificationMethod": st.sampled_from(["did:example:1#k", "1970-01-01T00:00:00Z", "urn:x:" + "a" * 600]),
            "domain": st.lists(st.sampled_from(["a.example", "b.example"]), min_size=1, unique=True),
        },
    ),
)
def test_a_remembered_configuration_has_the_hash_of_the_whole_one(created, others):
    document = {"@context": [CREDENTIALS_V2], "id": "urn:uuid:1"}
    options = others if created is None else {**others, "created": created}

    def hashed(loader):
        try:
            return rdfc_hashing.configuration_hash(document, options, algorithm="sha256", loader=loader)
        except PassportError as error:
            return error.code

    def whole():
        configuration = rdfc_hashing.proof_configuration(document, options)
        try:
            return rdfc_hashing.digest(
                rdfc_hashing.canonical_bytes(configuration, algorithm="sha256", loader=PINNED), "sha256"
            )
        except PassportError as error:
            return error.code

    assert [hashed(PINNED), hashed(PINNED)] == [whole()] * 2


def test_the_number_of_remembered_configurations_is_bounded():
    document = {"@context": [CREDENTIALS_V2], "id": "urn:uuid:1"}
    for number in range(600):
        method = f"did:example:{number}"
        options = {"type": "DataIntegrityProof", "verificationMethod": method, "created": "2026-01-01T00:00:00Z"}
        rdfc_hashing.configuration_hash(document, options, algorithm="sha256", loader=PINNED)
    assert len(PINNED.configurations) <= 256
