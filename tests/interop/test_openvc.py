"""A second foreign stack: ``openvc-core`` (Python, independent code), both ways.

=======================  =====================  ==============================================================
                         ours verify there      theirs verify here
=======================  =====================  ==============================================================
Data Integrity           all five suites        all five suites, with the two corrections below
presentation             ``ldp_vc`` in the      signed with their suite, with challenge and domain
                         form of OpenID4VP
``vc+sd-jwt``            with a key binding     no: they issue only ``dc+sd-jwt``, which is no VCDM credential
``vc+cose``              COSE_Sign1 and key     no: they sign no COSE
Bitstring Status List    bits set and not set   bits set and not set
did:key, did:jwk         the same key           the same key
=======================  =====================  ==============================================================

What it cannot do: ``vc+jwt`` and ``vp+jwt`` (it asks for the ``vc`` and ``vp`` claims of VCDM 1.1, and writes them; we
refuse them, as Securing VCs using JOSE and COSE 1.0 has none), ``vp+sd-jwt``, ES512 and P-521, and more than one proof.
Three differences were found, and each has its test:

* Its JCS suites sign the ``@context`` of the proof and leave it out of the proof (VC Data Integrity ECDSA Cryptosuites
  1.0, section 3.3.1, step 2). With it put back, the proof verifies here.
* Its derived documents have ``@context`` as a text where VC Data Model 2.0 (section 4.3) asks for an ordered set.
* With a P-384 key its ``ecdsa-rdfc-2019`` labels blank nodes by SHA-256, where Digital Bazaar's packages and ours take
  the hash function of the key, SHA-384. It shows only where the labels decide: a presentation of credentials.

For tokens of these forms only the signature primitives meet: its key signs ours, and its ``verify_signature`` takes
what we sign. Nothing is fetched: contexts and status lists are handed over.
"""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta

import openvc
import pytest
from openvc import VerificationPolicy, cbor, keys, openid4vp
from openvc import cose as their_cose
from openvc.errors import OpenvcError
from openvc.proof.data_integrity import DataIntegrityProofSuite
from openvc.proof.di_ecdsa_rdfc import EcdsaRdfcProofSuite
from openvc.proof.di_jcs import EcdsaJcsProofSuite, EddsaJcsProofSuite
from openvc.proof.ecdsa_sd import EcdsaSdProofSuite
from openvc.proof.vc_jwt import VcJwtProofSuite
from openvc.status import CredentialRevoked
from openvc.status.bitstring import new_bitstring, set_status_bit
from openvc.status.issue import build_status_list_credential, build_status_list_entry
from openvc.verify import default_resolver

from passport.credentials import status_list
from passport.credentials.envelopes import enveloping
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import BitString
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import Outcome, Verifier
from passport.errors import InvalidSignature, ProofError
from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey, PublicKey, did_jwk
from passport.linked_data.contexts import PINNED
from passport.proofs import cose, ecdsa_sd_2023, jose, sd_jwt
from passport.proofs.data_integrity import verify_proof
from passport.vocabulary.credential_types import MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience
from tests.interop.test_passports import AT as ISSUED
from tests.interop.test_passports import make_operator

AT = datetime(2026, 11, 21, 12, tzinfo=UTC)
NOW = AT + timedelta(days=1)
LIST = "https://passport.example/status/1"
THEIR_KEYS = {
    Algorithm.P256: keys.P256SigningKey,
    Algorithm.P384: keys.P384SigningKey,
    Algorithm.ED25519: keys.Ed25519SigningKey,
}
SUITES = [
    ("ecdsa-rdfc-2019", Algorithm.P256, EcdsaRdfcProofSuite),
    ("ecdsa-rdfc-2019", Algorithm.P384, EcdsaRdfcProofSuite),
    ("eddsa-rdfc-2022", Algorithm.ED25519, DataIntegrityProofSuite),
    ("ecdsa-jcs-2019", Algorithm.P256, EcdsaJcsProofSuite),
    ("eddsa-jcs-2022", Algorithm.ED25519, EddsaJcsProofSuite),
]
MANDATORY = ["/issuer", "/validFrom", "/credentialSubject/id"]


def issuer_of(algorithm: Algorithm = Algorithm.P256) -> Issuer:
    key = PrivateKey.generate(algorithm)
    return Issuer(key.public_key.did_key, KeySigner(key))


def their_key(algorithm: Algorithm = Algorithm.P256):
    """A key of theirs, named by the did:key that follows from its public half, and that DID."""
    made = THEIR_KEYS[algorithm].generate("unnamed")
    public = PublicKey.from_jwk(made.public_jwk())
    made._kid = f"{public.did_key}#{public.multikey}"
    return made, public.did_key


def credential(issuer: str, **changes) -> dict:
    return {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "id": "https://passport.example/credentials/8a1c",
        "type": ["VerifiableCredential"],
        "issuer": issuer,
        "validFrom": "2026-11-21T00:00:00Z",
        "name": [{"@value": "电池护照", "@language": "zh"}, {"@value": "Battery passport", "@language": "en"}],
        "credentialSubject": {
            "id": "https://passport.example/01/09520123456788/21/A1",
            "name": 'quotation "marks", tab\t, emoji 🔋, combining e\u0301',
            "description": "二〇二六年十一月",
        },
    } | changes


def tampered(document: dict) -> dict:
    changed = copy.deepcopy(document)
    changed["credentialSubject"]["name"] += "."
    return changed


def there(document, **options):
    """Verified by them; raises where it is not."""
    policy = VerificationPolicy(now=NOW, **options.pop("policy", {}))
    return openvc.verify_credential(document, policy=policy, **options)


def here(document: dict, lists: dict | None = None, **options):
    return Verifier(UnsafeAnyIssuer(), status_lists=lists).verify(document, at=NOW, **options)


# --- Data Integrity -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("cryptosuite", "algorithm", "_"), SUITES)
def test_they_verify_what_we_sign_and_refuse_it_changed(cryptosuite, algorithm, _):
    issuer = issuer_of(algorithm)
    document = issuer.issue(credential(issuer.id), created=AT, cryptosuite=cryptosuite)
    result = there(document)
    assert (result.issuer, result.format) == (issuer.id, f"data-integrity:{cryptosuite}")
    with pytest.raises(OpenvcError):
        there(tampered(document))


@pytest.mark.parametrize(("cryptosuite", "algorithm", "suite"), SUITES)
def test_we_verify_what_they_sign_and_refuse_it_changed(cryptosuite, algorithm, suite):
    key, did = their_key(algorithm)
    document = suite().add_proof(credential(did), signing_key=key, verification_method=key.kid, created=AT)
    assert document["proof"]["cryptosuite"] == cryptosuite
    if "-jcs-" in cryptosuite:
        assert here(document).check(2).outcome is Outcome.FAILED
        document = with_context_in_proof(document)
    assert here(document).verified is True
    with pytest.raises(InvalidSignature):
        verify_proof(tampered(document), DidResolver(), at=NOW)


def with_context_in_proof(document: dict) -> dict:
    """What their JCS suites signed, and leave out of what they write."""
    assert "@context" not in document["proof"]
    return document | {"proof": {"@context": document["@context"], **document["proof"]}}


def base_proof(by: str) -> dict:
    if by == "ours":
        issuer = issuer_of()
        return issuer.issue(
            credential(issuer.id), created=AT, cryptosuite="ecdsa-sd-2023", mandatory_pointers=MANDATORY
        )
    key, did = their_key()
    return EcdsaSdProofSuite().add_base_proof(
        credential(did), signing_key=key, verification_method=key.kid, mandatory_pointers=MANDATORY, created=AT
    )


@pytest.mark.parametrize("signed_by", ["ours", "theirs"])
@pytest.mark.parametrize("derived_by", ["ours", "theirs"])
def test_a_derived_view_verifies_on_both_sides_whoever_made_it(signed_by, derived_by):
    base, pointers = base_proof(signed_by), ["/credentialSubject/name"]
    if derived_by == "ours":
        view = ecdsa_sd_2023.derive(base, pointers)
    else:
        view = EcdsaSdProofSuite().derive_proof(base, selective_pointers=pointers)
        assert here(view).check(1).outcome is Outcome.FAILED
        view["@context"] = [view["@context"]]
    assert "description" not in view["credentialSubject"]
    assert there(view).format == "data-integrity:ecdsa-sd-2023"
    assert here(view).verified is True
    with pytest.raises(OpenvcError):
        there(tampered(view))
    assert here(tampered(view)).verified is False


# --- our passports --------------------------------------------------------------------------------------------------


def our_contexts(documents) -> dict:
    named = {context for document in documents for context in document["@context"]}
    return {url: PINNED.load(url) for url in named if "www.w3.org" not in url}


def test_they_verify_the_public_credentials_of_our_packs_with_their_status(tmp_path):
    operator = make_operator(tmp_path / "project")
    for pack in operator.packs:
        view = operator.view(pack, Audience.PUBLIC)
        lists = {document["id"]: document for document in view.status_lists}
        extra = our_contexts(view.credentials)
        assert {MODEL, PASSPORT} <= {document["type"][1] for document in view.credentials}
        for document in view.credentials:
            policy = VerificationPolicy(now=ISSUED + timedelta(days=1))
            result = openvc.verify_credential(
                document, policy=policy, extra_contexts=extra, resolve_status_list=lists.__getitem__
            )
            assert result.issuer == operator.project.issuer
            changed = copy.deepcopy(document)
            changed["credentialSubject"]["id"] += "0"
            with pytest.raises(OpenvcError):
                openvc.verify_credential(
                    changed, policy=policy, extra_contexts=extra, resolve_status_list=lists.__getitem__
                )


# --- status ---------------------------------------------------------------------------------------------------------


def test_they_see_a_bit_that_we_set_and_one_that_we_did_not():
    issuer, bits = issuer_of(), BitString()
    bits.set(7, True)
    listed = issuer.issue(status_list.status_list_credential(LIST, issuer.id, "revocation", bits, AT), created=AT)
    for index, revoked in ((7, True), (8, False)):
        entry = status_list.entry(LIST, index, "revocation")
        document = issuer.issue(credential(issuer.id, credentialStatus=entry), created=AT)
        if revoked:
            with pytest.raises(CredentialRevoked):
                there(document, resolve_status_list=lambda url: listed)
        else:
            assert there(document, resolve_status_list=lambda url: listed).status is not None


def test_we_see_a_bit_that_they_set_and_one_that_they_did_not():
    key, did = their_key()
    bits = new_bitstring(131_072)
    set_status_bit(bits, 7, 1)
    unsigned = build_status_list_credential(id=LIST, issuer=did, bitstring=bits, valid_from=AT)
    sign = EcdsaRdfcProofSuite().add_proof
    listed = sign(unsigned, signing_key=key, verification_method=key.kid, created=AT)
    for index, verified in ((7, False), (8, True)):
        entry = build_status_list_entry(status_list_credential=LIST, index=index)
        document = credential(did, credentialStatus=entry)
        signed = sign(document, signing_key=key, verification_method=key.kid, created=AT)
        result = here(signed, {LIST: listed})
        assert result.verified is verified
        assert result.check(4).outcome is (Outcome.PASSED if verified else Outcome.FAILED)


# --- presentations --------------------------------------------------------------------------------------------------

NONCE, CLIENT = "n-0S6_WzA2Mj", "https://verifier.example"
KIND = "https://www.w3.org/2018/credentials#VerifiableCredential"
QUERY = {"credentials": [{"id": "role", "format": "ldp_vc", "meta": {"type_values": [[KIND]]}}]}


def presented(**options) -> dict:
    issuer, holder = issuer_of(), issuer_of()
    member = issuer.issue(credential(issuer.id, credentialSubject={"id": holder.id}), created=AT)
    options = {"challenge": NONCE, "domain": CLIENT, "created": AT} | options
    return holder.present([member], **options)


def test_they_verify_our_presentation_in_the_form_of_openid4vp():
    found = openid4vp.verify_vp_token(
        {"role": [presented()]}, dcql_query=QUERY, nonce=NONCE, client_id=CLIENT, now=NOW, require_holder_binding=True
    )
    assert len(found.presentations) == 1


@pytest.mark.parametrize("other", [{"challenge": "another"}, {"domain": "https://elsewhere.example"}])
def test_both_refuse_our_presentation_for_another_occasion(other):
    document = presented(**other)
    with pytest.raises(OpenvcError):
        openid4vp.verify_vp_token({"role": [document]}, dcql_query=QUERY, nonce=NONCE, client_id=CLIENT, now=NOW)
    assert here(document, challenge=NONCE, domain=CLIENT).verified is False


@pytest.mark.parametrize(("cryptosuite", "algorithm", "suite"), SUITES)
def test_we_verify_a_presentation_that_they_sign(cryptosuite, algorithm, suite):
    key, did = their_key(algorithm)
    issuer = issuer_of()
    unsigned = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": [issuer.issue(credential(issuer.id), created=AT)],
    }
    if algorithm is Algorithm.P384:
        unsigned["id"] = "urn:uuid:0f6f2b3e-5d2c-4c5e-9a53-3a1c9a0f2d12"
        unsigned["verifiableCredential"] = []
    document = suite().add_proof(
        unsigned, signing_key=key, verification_method=key.kid, proof_purpose="authentication", challenge=NONCE,
        domain=CLIENT, created=AT,
    )  # fmt: skip
    if "-jcs-" in cryptosuite:
        document = with_context_in_proof(document)
    presentation = here(document, challenge=NONCE, domain=CLIENT).presentation
    assert (presentation.verified, presentation.issuer) == (True, did)
    assert here(document, challenge="another", domain=CLIENT).verified is False


def test_blank_nodes_under_a_p_384_key_are_labelled_by_the_hash_of_the_key():
    key, did = their_key(Algorithm.P384)
    issuer = issuer_of()
    unsigned = {
        "@context": ["https://www.w3.org/ns/credentials/v2"],
        "type": ["VerifiablePresentation"],
        "holder": did,
        "verifiableCredential": [issuer.issue(credential(issuer.id), created=AT)],
    }
    options = {"signing_key": key, "verification_method": key.kid, "proof_purpose": "authentication", "created": AT}
    theirs = EcdsaRdfcProofSuite().add_proof(unsigned, **options)
    with pytest.raises(InvalidSignature):
        verify_proof(theirs, DidResolver(), expected_purpose="authentication", at=NOW)


# --- tokens and messages --------------------------------------------------------------------------------------------


class TheirSigner:
    """A key of theirs where ours would be: in the way in which a device signs for us."""

    def __init__(self, algorithm: Algorithm) -> None:
        self.key, did = their_key(algorithm)
        self.public_key = PublicKey.from_jwk(self.key.public_jwk())
        self.verification_method, self.did = self.key.kid, did

    def sign(self, data: bytes) -> bytes:
        return self.key.sign(data)


@pytest.mark.parametrize("algorithm", list(THEIR_KEYS))
def test_they_verify_our_selective_token_and_refuse_it_changed(algorithm):
    issuer = issuer_of(algorithm)
    token = enveloping.secure_selectively(credential(issuer.id), issuer, ["/credentialSubject/name", "/name"])
    for part in (token, enveloping.disclose(token, ["/name"])):
        assert there(part).issuer == issuer.id
        assert there(enveloping.envelope(enveloping.VC_SD_JWT, part)).issuer == issuer.id
    head, payload, rest = token.split(".", 2)
    with pytest.raises(OpenvcError):
        there(f"{head}.{payload[:-4]}AAAA.{rest}")
    disclosures = sd_jwt.split(token).disclosures
    with pytest.raises(OpenvcError):
        there(token.replace(disclosures[0], disclosures[0][:-2] + "AA"))


def test_they_verify_our_key_binding_and_refuse_it_for_another_occasion():
    issuer, holder = issuer_of(), issuer_of()
    token = enveloping.secure_selectively(credential(issuer.id), issuer, ["/name"], holder_key=holder.signer.public_key)
    bound = enveloping.bind(token, holder.signer, challenge=NONCE, domain=CLIENT, at=NOW)
    wanted = {"audience": CLIENT, "nonce": NONCE, "require_key_binding": True}
    assert there(bound, policy=wanted).key_bound is True
    for other in ({"nonce": "another"}, {"audience": "https://elsewhere.example"}):
        with pytest.raises(OpenvcError):
            there(bound, policy=wanted | other)
    with pytest.raises(OpenvcError):
        there(token, policy=wanted)


@pytest.mark.parametrize("algorithm", list(THEIR_KEYS))
def test_they_verify_our_message_and_refuse_it_changed(algorithm):
    issuer = issuer_of(algorithm)
    data = enveloping.secure_as_cose(credential(issuer.id), issuer)
    parsed = their_cose.parse_sign1(cbor.decode(data))
    jwk = issuer.signer.public_key.jwk
    assert their_cose.verify_sign1(parsed, public_jwk=jwk)
    assert json.loads(parsed.payload) == credential(issuer.id)
    at = data.index(b"combining")
    changed = their_cose.parse_sign1(cbor.decode(data[:at] + b"K" + data[at + 1 :]))
    assert not their_cose.verify_sign1(changed, public_jwk=jwk)
    with pytest.raises(ProofError):
        cose.verify(
            cose.parse(data[:at] + b"K" + data[at + 1 :], typ="vc+cose", content_type="vc"), issuer.signer.public_key
        )


@pytest.mark.parametrize("algorithm", list(THEIR_KEYS))
@pytest.mark.parametrize("kind", ["vc+jwt", "vc+sd-jwt", "vc+cose"])
def test_we_verify_what_their_key_signs_in_our_forms(algorithm, kind):
    signer = TheirSigner(algorithm)
    issuer, plain = Issuer(signer.did, signer), credential(signer.did)
    secured = {
        "vc+jwt": lambda: enveloping.secure(plain, issuer),
        "vc+sd-jwt": lambda: enveloping.secure_selectively(plain, issuer, ["/name"]),
        "vc+cose": lambda: enveloping.secure_as_cose(plain, issuer),
    }[kind]()
    assert here(enveloping.envelope(f"application/{kind}", secured)).verified is True


@pytest.mark.parametrize("algorithm", list(THEIR_KEYS))
def test_their_primitive_verifies_the_signature_of_our_token(algorithm):
    issuer = issuer_of(algorithm)
    for token in (
        enveloping.secure(credential(issuer.id), issuer),
        enveloping.secure_presentation([], issuer, challenge=NONCE, domain=CLIENT, at=NOW),
    ):
        start, _, signature = token.rpartition(".")
        options = {"alg": jose.ALGORITHMS[algorithm], "public_jwk": issuer.signer.public_key.jwk}
        signed = jose.decode(signature)
        assert keys.verify_signature(**options, signing_input=start.encode(), signature=signed)
        assert not keys.verify_signature(**options, signing_input=start.encode() + b".", signature=signed)


def test_a_token_of_vcdm_1_1_of_theirs_is_refused_here_and_one_of_ours_there():
    key, did = their_key()
    theirs = VcJwtProofSuite().sign(credential(did), signing_key=key)
    with pytest.raises(ProofError, match="another kind"):
        enveloping.open_token(enveloping.VC_JWT, theirs, DidResolver(), at=NOW)
    issuer = issuer_of()
    with pytest.raises(OpenvcError):
        there(enveloping.secure(credential(issuer.id), issuer))


# --- identity -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("algorithm", list(THEIR_KEYS))
@pytest.mark.parametrize("did_of", [lambda key: key.did_key, did_jwk.did_for], ids=["did:key", "did:jwk"])
def test_both_read_the_same_key_out_of_a_did(algorithm, did_of):
    key = PrivateKey.generate(algorithm).public_key
    did = did_of(key)
    document = default_resolver().resolve(did)
    (method,) = document.verification_methods
    ours = DidResolver().verification_method(did, "assertionMethod")
    assert ours.id == method.id
    assert PublicKey.from_jwk(method.public_key_jwk) == ours.public_key == key
