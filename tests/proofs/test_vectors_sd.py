"""ecdsa-sd-2023 against the published "employ" vector, step by step: base proof, derived proof, verification."""

import pytest

from passport.errors import BaseProofPresented, InvalidSignature, UnsafeJsonLd
from passport.identity import DidResolver, KeySigner, PrivateKey
from passport.linked_data import jsonld, rdfc10
from passport.proofs import ecdsa_sd_2023, rdfc_hashing, sd_value
from passport.proofs.data_integrity import verify_proof
from passport.proofs.sd_statements import MaskedStatements, mask, masked_label

FOLDER = "vc-di-ecdsa/ecdsa-sd-2023/employ"


@pytest.fixture(scope="module")
def file(w3c):
    return lambda name: w3c(f"{FOLDER}/{name}")


@pytest.fixture(scope="module")
def unsigned(w3c):
    return w3c("vc-di-ecdsa/employmentAuth.json")


@pytest.fixture(scope="module")
def keys(w3c):
    return w3c("vc-di-ecdsa/ecdsa-sd-2023/SDKeyMaterial.json")


@pytest.fixture(scope="module")
def base_document(file):
    return file("addSignedSDBase.json")


@pytest.fixture(scope="module")
def derived_document(file):
    return file("derivedRevealDocument.json")


@pytest.fixture(scope="module")
def pointers(w3c):
    return w3c("vc-di-ecdsa/employMandatory.json"), w3c("vc-di-ecdsa/employSelective.json")


@pytest.fixture(scope="module")
def statements(unsigned, keys, vector_loader):
    return MaskedStatements(unsigned, bytes.fromhex(keys["hmacKeyString"]), loader=vector_loader)


def numbered(file_value):
    return dict(file_value["value"])


# --- base proof ----------------------------------------------------------------------------------------------------


def test_canonical_document(file, unsigned, vector_loader):
    form = rdfc10.canonicalize(jsonld.to_dataset(unsigned, loader=vector_loader))
    assert list(form.lines) == file("addBaseDocCanon.json")


def test_statements_with_masked_labels(file, statements):
    assert list(statements.lines) == file("addBaseDocHMACCanon.json")


def test_mandatory_and_other_statements(file, statements, pointers):
    expected = file("addBaseTransform.json")
    assert expected["mandatoryPointers"] == pointers[0]
    mandatory = statements.numbers(pointers[0])
    assert {n: statements.lines[n] for n in mandatory} == numbered(expected["mandatory"])
    others = {n: line for n, line in enumerate(statements.lines) if n not in mandatory}
    assert others == numbered(expected["nonMandatory"])


def test_what_the_mandatory_pointers_name(file, unsigned):
    from passport.proofs.pointers import resolve

    for entry in file("addPointerValues.json"):
        assert resolve(unsigned, entry["pointer"]) == entry["value"]


def test_proof_configuration(file, unsigned, base_document, vector_loader):
    configuration = rdfc_hashing.proof_configuration(unsigned, base_document["proof"])
    assert configuration == file("addProofConfig.json")
    data = rdfc_hashing.canonical_bytes(configuration, algorithm="sha256", loader=vector_loader)
    assert data.decode() == file("addProofConfigCanon.txt")


def test_hashes(file, unsigned, base_document, statements, pointers, vector_loader):
    expected = file("addHashData.json")
    proof = base_document["proof"]
    digest = rdfc_hashing.configuration_hash(unsigned, proof, algorithm="sha256", loader=vector_loader)
    assert digest.hex() == expected["proofHash"]
    mandatory = sorted(statements.numbers(pointers[0]))
    text = "".join(statements.lines[n] for n in mandatory)
    assert rdfc_hashing.digest(text.encode(), "sha256").hex() == expected["mandatoryHash"]


def test_base_signature_statement_signatures_and_proof_value(
    file, unsigned, base_document, keys, pointers, vector_loader
):
    options = {key: value for key, value in base_document["proof"].items() if key != "proofValue"}
    base = ecdsa_sd_2023.create_base_proof(
        unsigned,
        options,
        KeySigner(PrivateKey.from_multikey(keys["baseKeyPair"]["secretKeyMultibase"])),
        pointers[0],
        loader=vector_loader,
        proof_key=PrivateKey.from_multikey(keys["proofKeyPair"]["secretKeyMultibase"]),
        hmac_key=bytes.fromhex(keys["hmacKeyString"]),
    )
    expected = file("addRawBaseSignatureInfo.json")
    assert base.base_signature.hex() == expected["baseSignature"]
    assert base.proof_key.multikey == expected["publicKey"]
    assert [signature.hex() for signature in base.signatures] == expected["signatures"]
    assert list(base.mandatory_pointers) == expected["mandatoryPointers"]
    assert base.encode() == base_document["proof"]["proofValue"]


# --- derived proof -------------------------------------------------------------------------------------------------


def test_the_base_proof_is_read_back(file, base_document):
    expected = file("derivedRecoveredBaseData.json")
    base = sd_value.decode_base(base_document["proof"]["proofValue"])
    assert base.base_signature.hex() == expected["baseSignature"]
    assert base.proof_key.multikey == expected["proofPublicKey"]
    assert base.hmac_key.hex() == expected["hmacKey"]
    assert [signature.hex() for signature in base.signatures] == expected["signatures"]


def test_groups(file, statements, pointers):
    mandatory_pointers, selective_pointers = pointers
    expected = file("derivedGroupIndexes.json")
    groups = file("derivedAllGroupData.json")["groups"]
    for name, selection in [
        ("mandatory", mandatory_pointers),
        ("selective", selective_pointers),
        ("combined", mandatory_pointers + selective_pointers),
    ]:
        numbers = statements.numbers(selection)
        assert sorted(numbers) == expected[f"{name}Indexes"]
        assert {n: statements.lines[n] for n in numbers} == numbered(groups[name]["matching"])


def test_the_derived_document(file, base_document, derived_document, pointers, vector_loader):
    made = ecdsa_sd_2023.derive(base_document, pointers[1], loader=vector_loader)
    expected = file("derivedDisclosureData.json")
    derived = sd_value.decode_derived(made["proof"]["proofValue"])
    assert derived.base_signature.hex() == expected["baseSignature"]
    assert derived.proof_key.multikey == expected["publicKey"]
    assert [signature.hex() for signature in derived.signatures] == expected["signatures"]
    assert [signature.hex() for signature in derived.signatures] == file("derivedAdjSignatures.json")[
        "filteredSignatures"
    ]
    assert {f"c14n{n}": masked_label(masked) for n, masked in derived.labels.items()} == dict(
        expected["labelMap"]["value"]
    )
    assert list(derived.mandatory) == expected["mandatoryIndexes"]
    assert list(derived.mandatory) == file("derivedAdjMandatoryIndexes.json")["adjMandatoryIndexes"]
    assert {key: value for key, value in made.items() if key != "proof"} == file("derivedUnsignedReveal.json")
    assert made == derived_document


def test_thinning_the_full_view_gives_the_published_document(base_document, derived_document, pointers, vector_loader):
    everything = [f"/{key}" for key in base_document if key not in ("@context", "type", "proof")]
    full = ecdsa_sd_2023.derive(base_document, everything, loader=vector_loader)
    assert ecdsa_sd_2023.thin(full, pointers[1], loader=vector_loader) == derived_document


# --- verification --------------------------------------------------------------------------------------------------


def test_verify_data(file, derived_document, vector_loader):
    derived = sd_value.decode_derived(derived_document["proof"]["proofValue"])
    parsed = file("verifyDerivedProofValue.json")
    assert {f"c14n{n}": masked_label(masked) for n, masked in derived.labels.items()} == dict(parsed["labelMap"])
    assert list(derived.mandatory) == parsed["mandatoryIndexes"]
    document = {key: value for key, value in derived_document.items() if key != "proof"}
    masks = {f"c14n{n}": masked for n, masked in derived.labels.items()}
    statements = MaskedStatements(document, masks, loader=vector_loader)
    assert list(statements.lines) == file("verifyNQuads.json")
    expected = file("verifyCreateVerifyData.json")
    others = [line for n, line in enumerate(statements.lines) if n not in derived.mandatory]
    assert others == expected["nonMandatory"]
    mandatory = "".join(statements.lines[n] for n in derived.mandatory)
    assert rdfc_hashing.digest(mandatory.encode(), "sha256").hex() == expected["mandatoryHash"]
    digest = rdfc_hashing.configuration_hash(
        document, derived_document["proof"], algorithm="sha256", loader=vector_loader
    )
    assert digest.hex() == expected["proofHash"]


def test_the_published_derived_document_verifies(derived_document, vector_loader):
    (proof,) = verify_proof(derived_document, DidResolver(), loader=vector_loader)
    assert proof.derived


def test_the_published_base_document_is_refused(base_document, vector_loader):
    assert ecdsa_sd_2023.is_base_proof(base_document)
    with pytest.raises(BaseProofPresented):
        verify_proof(base_document, DidResolver(), loader=vector_loader)


def test_a_changed_derived_document_does_not_verify(derived_document, vector_loader):
    changed = {**derived_document, "validUntil": "2039-12-03T00:00:00Z"}
    with pytest.raises(InvalidSignature):
        verify_proof(changed, DidResolver(), loader=vector_loader)


def test_an_undefined_term_is_refused(derived_document, vector_loader):
    with pytest.raises(UnsafeJsonLd):
        verify_proof({**derived_document, "typo": "x"}, DidResolver(), loader=vector_loader)


def test_a_masked_label(keys, file):
    masked = mask(bytes.fromhex(keys["hmacKeyString"]), "c14n0")
    assert masked_label(masked) in "".join(file("addBaseDocHMACCanon.json"))
