"""Each refusal has its test, named after what is refused."""

from __future__ import annotations

import copy
import json
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.credentials import status_list
from passport.credentials import verifier as verifier_module
from passport.credentials.checks import proof_check
from passport.credentials.credential import date_time
from passport.credentials.issuer import presentation
from passport.credentials.trust import TrustList, UnsafeAnyIssuer
from passport.credentials.verification_result import EACH
from passport.credentials.verifier import Outcome, Verifier
from passport.errors import (
    BaseProofPresented,
    InvalidSignature,
    PassportError,
    Undetermined,
    UnresolvableDid,
    UsageError,
    VerificationFailed,
)
from passport.identity import DidResolver, KeySigner, PrivateKey, did_web
from passport.proofs import ecdsa_sd_2023
from passport.proofs.data_integrity import add_proof
from tests.conftest import example_count
from tests.each import each

PASSED, FAILED, UNDETERMINED, NOT_REACHED = Outcome.PASSED, Outcome.FAILED, Outcome.UNDETERMINED, Outcome.NOT_REACHED


def outcomes(result) -> str:
    """The outcomes of checks 1 to 5 as the terminal marks them; without a rule the sixth is not applied."""
    assert result.check(6).outcome is Outcome.NOT_APPLIED
    marks = {PASSED: "✓", FAILED: "✗", UNDETERMINED: "?", NOT_REACHED: "·"}
    return "".join(marks[result.check(number).outcome] for number in EACH)


def changed(document: dict, **claims) -> dict:
    copied = copy.deepcopy(document)
    copied["credentialSubject"] |= claims
    return copied


# --- what passes ----------------------------------------


def test_a_saved_passport_verifies_offline_and_says_as_of_when(world):
    result = world.verify(world.saved(world.pack(1), world.pack(2), world.list()))
    assert result.verified is True
    assert outcomes(result) == "✓✓✓✓✓"
    assert result.presentation is None
    assert result.status_lists_at == world.now - timedelta(minutes=30)
    assert result.check(1).detail == "2 of 2"
    assert result.check(2).detail.startswith("ecdsa-rdfc-2019, key did:key:zDn")
    assert result.check(3).detail == "from 21 July 2026, no end"
    assert result.check(4).detail == "list signed 8 March 2027, 09:00 UTC"
    assert "Example Battery Co., Ltd." in result.check(5).detail
    assert result.verify_or_raise() is result


def test_a_single_credential_verifies_with_the_list_at_hand(world):
    lists = {f"{world.base}/status/1": world.list()}
    result = world.verify(world.pack(), verifier=world.verifier(lists=lists))
    assert result.verified is True
    (credential,) = result.credentials
    assert (credential.id, credential.issuer, credential.derived) == (
        f"{world.base}/credentials/1",
        world.issuer.id,
        False,
    )
    assert credential.label == "PackCredential"
    assert credential.subjects == (f"{world.base}/id/NL-100/S000171",)
    (status,) = credential.statuses
    assert (status.purpose, status.index, status.value) == ("revocation", 4711, False)


def test_a_derived_view_verifies_and_is_marked_as_derived(world):
    base = world.sign(
        world.unsigned(credentialStatus=...),
        cryptosuite="ecdsa-sd-2023",
        mandatory_pointers=["/issuer", "/validFrom", "/credentialSubject/id"],
    )
    view = ecdsa_sd_2023.derive(base, ["/credentialSubject/ratedCapacity"], loader=world.loader)
    result = world.verify(world.saved(view))
    assert result.verified is True
    assert result.credentials[0].derived is True


def test_a_credential_without_a_status_entry_has_nothing_to_look_up(world):
    result = world.verify(world.pack(credentialStatus=...))
    assert result.verified is True
    assert result.check(4).detail == "no status entry"
    assert result.status_lists_at is None


def test_an_issuer_with_a_pinned_did_document_verifies(world):
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    assert world.verify(document, verifier=world.verifier(world.trust(world.web_entry()))).verified is True


def test_a_did_document_handed_over_by_the_caller_counts_as_known(world):
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    resolver = DidResolver({world.did_web: world.web_document})
    verifier = world.verifier(world.trust(world.web_entry(pinned=False)), resolver)
    assert world.verify(document, verifier=verifier).verified is True


def test_a_list_enclosed_once_serves_all_credentials_and_is_no_credential_of_its_own(world):
    result = world.verify(world.saved(world.list(), world.pack(1), world.pack(2), world.pack(3)))
    assert [credential.id for credential in result.credentials] == [f"{world.base}/credentials/{n}" for n in (1, 2, 3)]


def test_a_list_verified_by_itself_is_a_credential_like_any_other(world):
    assert world.verify(world.list(), verifier=world.verifier(UnsafeAnyIssuer())).verified is True


# --- 1: a credential of VC Data Model 2.0 ----------------------------------------


@each("document", [None, [], "text", 7, {}, {"type": 5}, {"type": ["VerifiablePresentation"]}], ids=repr)
def test_what_is_no_credential_is_refused(world, document):
    result = world.verify(document)
    assert result.verified is False
    assert result.check(5).outcome is NOT_REACHED
    with pytest.raises(PassportError):
        result.verify_or_raise()


def test_a_credential_that_breaks_the_model_is_refused_though_its_proof_verifies(world):
    document = world.unsigned(validUntil="2020-01-01T00:00:00Z", credentialStatus=...)
    signed = add_proof(
        document, world.issuer.signer, cryptosuite="ecdsa-rdfc-2019", created=world.now, loader=world.loader
    )
    result = world.verify(signed)
    assert outcomes(result) == "✗····"
    assert "validUntil" in result.check(1).detail


def test_an_unknown_context_is_not_wrong_but_cannot_be_checked(world):
    document = world.pack()
    document["@context"] = [*document["@context"], "https://example.org/contexts/v7"]
    result = world.verify(document)
    assert outcomes(result) == "?····"
    assert result.verified is None
    assert result.check(1).code == "unknown-context"
    with pytest.raises(Undetermined) as caught:
        result.verify_or_raise()
    assert caught.value.exit_code == 3


def test_an_inline_context_is_refused(world):
    document = world.pack()
    document["@context"] = [*document["@context"], {"cycles": "https://example.org/ns#other"}]
    assert outcomes(world.verify(document)) == "✗····"


def test_a_term_that_no_context_defines_is_refused_though_nothing_signed_was_changed(world):
    result = world.verify(changed(world.pack(credentialStatus=...), stateOfHealth="100"))
    assert outcomes(result) == "✗····"
    assert result.check(1).code == "unsafe-json-ld"


def test_deep_nesting_is_refused(world):
    value: dict = {"ratedCapacity": "1"}
    for _ in range(5000):
        value = {"part": value}
    document = world.pack()
    document["credentialSubject"] = value
    assert world.verifier().verify(document, at=world.now).verified is False
    saved = world.saved(document)
    assert world.verifier().verify(saved, at=world.now).verified is False


def test_two_credentials_of_one_id_are_refused(world):
    result = world.verify(world.saved(world.pack(1), world.pack(1), world.list()))
    assert [credential.verified for credential in result.credentials] == [True, False]
    assert result.credentials[1].check(1).code == "duplicate"


@each("name", ["data:text/plain,junk", "data:application/vc+jwt", "https://example.org/1", 5, None])
def test_enveloped_junk_is_refused(world, name):
    junk = {"@context": world.unsigned()["@context"], "type": "EnvelopedVerifiableCredential", "id": name}
    assert world.verify(world.saved(junk)).verified is False


def test_an_envelope_of_an_unknown_kind_is_neither_good_nor_bad(world):
    token = {
        "@context": world.unsigned()["@context"],
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+mdoc,0oRDoQEm",
    }
    result = world.verify(world.saved(token))
    assert result.verified is None
    assert outcomes(result) == "?····"


@each(
    "member",
    [None, "text", 5, {}, {"type": "VerifiablePresentation"}, {"proof": {}}, {"id": []}, {"type": [None]}],
    ids=repr,
)
def test_junk_in_a_presentation_is_refused(world, member):
    assert world.verify(world.saved(world.pack(credentialStatus=...), member)).verified is False


def test_an_empty_presentation_is_refused(world):
    result = world.verify(world.saved())
    assert result.verified is False
    with pytest.raises(VerificationFailed, match="nothing to verify"):
        result.verify_or_raise()


def test_a_presentation_of_nothing_but_lists_is_refused(world):
    assert world.verify(world.saved(world.list())).verified is False


# --- what a proof would not notice ----------------------------------------


def test_an_expiry_hidden_under_its_iri_is_refused_though_the_proof_verifies(world):
    document = world.pack(validUntil="2026-08-01T00:00:00Z", credentialStatus=...)
    until = document.pop("validUntil")
    document["https://www.w3.org/2018/credentials#validUntil"] = {
        "@value": until,
        "@type": "http://www.w3.org/2001/XMLSchema#dateTime",
    }
    from passport.proofs.data_integrity import verify_proof

    assert verify_proof(document, DidResolver(), loader=world.loader)  # the graph is the same
    assert outcomes(world.verify(document)) == "✗····"


def test_a_status_entry_moved_out_of_sight_is_refused_though_the_proof_verifies(world):
    document = world.pack()
    status = document.pop("credentialStatus")
    document["@included"] = [{"id": document["id"], "type": "VerifiableCredential", "credentialStatus": status}]
    from passport.proofs.data_integrity import verify_proof

    assert verify_proof(document, DidResolver(), loader=world.loader)
    assert outcomes(world.verify(document)) == "✗····"


def test_the_packs_of_a_role_moved_out_of_sight_are_refused_though_the_proof_verifies(world):
    document = world.role(world.stranger.id)
    subject = document["credentialSubject"]
    document["credentialSubject"] = [{"id": subject["id"]}, subject]
    from passport.proofs.data_integrity import verify_proof

    assert verify_proof(document, DidResolver(), loader=world.loader)
    assert world.verify(document).verified is True  # a reference beside the description hides nothing
    document["credentialSubject"] = [{"id": subject["id"], "type": []}, subject]
    assert world.verify(document).verified is False


# --- 2: the proof verifies, with a key of the issuer ----------------------------------------


def test_a_tampered_value_is_refused_and_the_other_credential_still_verifies(world):
    saved = world.saved(changed(world.pack(1), ratedCapacity="300.0"), world.pack(2), world.list())
    result = world.verify(saved)
    assert outcomes(result) == "✓✗···"
    assert [credential.verified for credential in result.credentials] == [False, True]
    assert "signature and content do not match" in result.check(2).detail
    assert result.check(2).subject == f"{world.base}/credentials/1"
    with pytest.raises(InvalidSignature):
        result.verify_or_raise()


@each(
    "change",
    [
        {"issuer": "did:web:elsewhere.example.com"},
        {"validFrom": "2026-07-22T00:00:00Z"},
        {"validUntil": "2099-01-01T00:00:00Z"},
        {"id": "https://battery.example.com/credentials/2"},
        {"credentialStatus": []},
        {"type": ["VerifiableCredential", "ModelCredential"]},
    ],
    ids=repr,
)
def test_a_change_outside_the_subject_is_refused(world, change):
    assert world.verify(world.saved(world.pack() | change, world.list())).check(2).outcome is FAILED


def test_a_proof_moved_to_another_pack_is_refused(world):
    moved = world.unsigned(2) | {"proof": world.pack(1)["proof"]}
    assert outcomes(world.verify(world.saved(moved, world.list()))) == "✓✗···"


def test_a_foreign_key_is_refused_though_its_signature_verifies(world):
    document = add_proof(
        world.unsigned(credentialStatus=...),
        world.stranger.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
        loader=world.loader,
    )
    result = world.verify(document)
    assert outcomes(result) == "✓✗···"
    assert result.check(2).code == "foreign-key"
    assert result.check(2).detail.startswith("the signature verifies, but the key belongs to")


def test_a_second_proof_by_somebody_else_is_refused(world):
    document = add_proof(
        world.pack(credentialStatus=...),
        world.stranger.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
        loader=world.loader,
    )
    assert world.verify(document).check(2).code == "foreign-key"


def test_the_published_vector_shows_a_good_signature_by_a_key_that_is_not_the_issuers(vectors):
    folder = vectors / "w3c"
    document = json.loads((folder / "vc-di-ecdsa" / "ecdsa-rdfc-2019-p256" / "signedECDSAP256.json").read_bytes())
    from passport.linked_data.contexts import PINNED

    examples = json.loads((folder / "contexts" / "credentials-examples-v2.jsonld").read_bytes())
    loader = PINNED.extended({"https://www.w3.org/ns/credentials/examples/v2": examples})
    result = Verifier(UnsafeAnyIssuer(), loader=loader).verify(
        document, at=datetime.fromisoformat("2024-01-01T00:00:00Z")
    )
    assert result.check(1).passed
    assert result.check(2).code == "foreign-key"
    assert "the signature verifies" in result.check(2).detail


@each("proof", [None, [], {}, "proof", 5, [{}], {"type": "DataIntegrityProof"}], ids=repr)
def test_an_unsecured_credential_is_refused(world, proof):
    document = world.unsigned() | {"proof": proof}
    assert world.verify(document).verified is False
    assert world.verify(world.unsigned()).check(2).code == "unsigned"


@each(
    "change",
    [
        {"proofValue": "z1111"},
        {"proofValue": "u2V0BhVhA"},
        {"proofValue": None},
        {"cryptosuite": None},
        {"type": ["DataIntegrityProof"]},
        {"proofPurpose": "authentication"},
        {"verificationMethod": "#key"},
        {"verificationMethod": {"id": "x"}},
        {"created": "yesterday"},
    ],
    ids=repr,
)
def test_a_malformed_proof_is_refused(world, change):
    document = world.pack(credentialStatus=...)
    document["proof"] |= change
    result = world.verify(document)
    assert result.verified is False
    assert result.check(5).outcome is NOT_REACHED


@each("change", [{"cryptosuite": "rot13-2026"}, {"type": "Ed25519Signature2020"}], ids=repr)
def test_an_unknown_kind_of_proof_is_not_wrong_but_cannot_be_checked(world, change):
    document = world.pack(credentialStatus=...)
    good = document["proof"]
    for proof in (good | change, [good, good | change], [good | change, good]):
        result = world.verify(document | {"proof": proof})
        assert result.verified is None
        assert result.check(2).code == "unknown-proof"
        assert result.documents == ()


def test_a_proof_that_fails_beside_an_unknown_one_is_refused(world):
    document = world.pack(credentialStatus=...)
    broken = document["proof"] | {"created": "2027-03-08T08:30:01Z"}
    result = world.verify(document | {"proof": [document["proof"] | {"cryptosuite": "rot13-2026"}, broken]})
    assert result.verified is False
    assert result.check(2).code == "invalid-signature"


def test_a_base_proof_is_refused_with_its_own_error(world):
    base = world.sign(world.unsigned(), cryptosuite="ecdsa-sd-2023", mandatory_pointers=["/issuer"])
    result = world.verify(base)
    assert outcomes(result) == "✓✗···"
    assert result.check(2).code == "base-proof"
    with pytest.raises(BaseProofPresented) as caught:
        result.verify_or_raise()
    assert "make a view" in caught.value.hint


def test_an_issuer_whose_did_document_is_not_at_hand_is_undetermined(world):
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    result = world.verify(document, verifier=world.verifier(UnsafeAnyIssuer()))
    assert result.verified is None
    assert outcomes(result) == "✓?✓✓?"
    with pytest.raises(UnresolvableDid):
        result.verify_or_raise()


def test_an_unknown_issuer_is_refused_even_where_its_keys_are_not_at_hand(world):
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    assert world.verify(document).verified is False


def test_a_key_at_an_unknown_did_is_refused_for_an_issuer_with_another_did(world):
    document = add_proof(
        world.unsigned(credentialStatus=...),
        KeySigner(world.web_key, f"{world.did_web}#2026"),
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
        loader=world.loader,
    )
    assert world.verify(document).check(2).code == "foreign-key"


def test_a_key_that_was_removed_from_the_did_document_is_refused(world):
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    entry = world.web_entry() | {
        "didDocument": did_web.document(world.did_web, {"2027": world.stranger.signer.public_key})
    }
    assert outcomes(world.verify(document, verifier=world.verifier(world.trust(entry)))) == "✓✗···"


def test_a_key_that_has_expired_is_refused(world):
    pinned = world.web_document
    pinned["verificationMethod"][0]["expires"] = "2027-03-08T09:00:00Z"
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    verifier = world.verifier(world.trust(world.web_entry() | {"didDocument": pinned}))
    assert world.verify(document, verifier=verifier).verified is False
    assert world.verify(document, verifier=verifier, at=world.now - timedelta(hours=1)).verified is True


# --- DID documents that the file brings along ----------------------------------------


def test_an_enclosed_did_document_makes_the_signature_right_and_the_issuer_not_accepted(world):
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    saved = world.saved(document, did_documents=[world.web_document])
    for policy in (world.trust(world.web_entry(pinned=False)), UnsafeAnyIssuer()):
        result = world.verify(saved, verifier=world.verifier(policy))
        assert outcomes(result) == "✓✓✓✓?"
        assert result.verified is None
        assert result.check(5).code == "self-asserted-keys"
    assert world.verify(saved).verified is False  # not on the list at all


def test_an_enclosed_did_document_cannot_replace_a_pinned_one(world):
    forger = PrivateKey.generate()
    forged_document = did_web.document(world.did_web, {"2026": forger.public_key})
    forged = world.sign(
        world.unsigned(issuer=world.did_web, credentialStatus=...),
        type(world.web_issuer)(world.did_web, KeySigner(forger, f"{world.did_web}#2026")),
    )
    saved = world.saved(forged, did_documents=[forged_document])
    assert outcomes(world.verify(saved, verifier=world.verifier(world.trust(world.web_entry())))) == "✓✗···"


def test_a_did_document_from_the_caller_cannot_replace_a_pinned_one(world):
    forger = PrivateKey.generate()
    resolver = DidResolver({world.did_web: did_web.document(world.did_web, {"2026": forger.public_key})})
    document = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    verifier = world.verifier(world.trust(world.web_entry()), resolver)
    assert world.verify(document, verifier=verifier).verified is True


@each(
    "value",
    [
        "text",
        5,
        {},
        [{"@type": "@json", "@value": "text"}],
        [{"@type": "@json", "@value": {}}],
        [{"@value": {"id": "did:x"}}],
    ],
    ids=repr,
)
def test_malformed_enclosed_did_documents_are_refused(world, value):
    saved = world.saved(world.pack(credentialStatus=...)) | {"https://w3id.org/battery-passport/ns#didDocument": value}
    result = world.verify(saved)
    assert result.verified is False
    assert result.presentation.check(1).outcome is FAILED


def test_two_enclosed_documents_of_one_did_are_refused(world):
    saved = world.saved(world.pack(credentialStatus=...), did_documents=[world.web_document, world.web_document])
    assert world.verify(saved).verified is False


# --- 3: within its validity ----------------------------------------


def test_an_expired_credential_is_refused(world):
    document = world.pack(validUntil="2027-03-08T09:29:59Z", credentialStatus=...)
    result = world.verify(document)
    assert outcomes(result) == "✓✓✗✓✓"
    assert result.check(3).code == "expired"
    assert result.check(3).detail == "expired 8 March 2027, 09:29 UTC"
    with pytest.raises(VerificationFailed, match="check 3"):
        result.verify_or_raise()


def test_a_credential_is_valid_up_to_and_including_its_last_instant(world):
    assert world.verify(world.pack(validUntil="2027-03-08T09:30:00Z", credentialStatus=...)).verified is True


def test_a_credential_that_is_not_yet_valid_is_refused(world):
    result = world.verify(world.pack(validFrom="2027-03-08T09:35:01Z", credentialStatus=...))
    assert outcomes(result) == "✓✓✗✓✓"
    assert result.check(3).code == "not-yet-valid"


def test_an_issuers_clock_may_run_five_minutes_ahead(world):
    assert world.verify(world.pack(validFrom="2027-03-08T09:35:00Z", credentialStatus=...)).verified is True


def test_an_instant_of_verification_without_a_zone_is_refused(world):
    with pytest.raises(UsageError):
        world.verify(world.pack(), at=datetime(2027, 3, 8, 9, 30))


# --- 4: no status bit is set ----------------------------------------


def test_a_revoked_credential_is_refused_and_called_withdrawn(world):
    result = world.verify(world.saved(world.pack(1), world.pack(2), world.list(4711)))
    assert outcomes(result) == "✓✓✓✗✓"
    assert [credential.verified for credential in result.credentials] == [False, True]
    assert result.check(4).code == "revoked"
    assert "withdrawn (status 4711, list of 8 March 2027, 09:00 UTC)" in result.check(4).detail


def test_a_suspended_credential_is_refused_and_called_suspended(world):
    both = [
        status_list.entry(f"{world.base}/status/1", 4711, "revocation"),
        status_list.entry(f"{world.base}/status/2", 99, "suspension"),
    ]
    document = world.pack(credentialStatus=both)
    suspended = world.list(99, purpose="suspension", number=2)
    result = world.verify(world.saved(document, world.list(), suspended))
    assert result.check(4).code == "suspended"
    assert result.check(4).detail.startswith("suspended (status 99")
    lifted = world.list(purpose="suspension", number=2)
    assert world.verify(world.saved(document, world.list(), lifted)).verified is True


def test_status_is_as_of_the_oldest_list_that_was_used(world):
    both = [
        status_list.entry(f"{world.base}/status/1", 4711, "revocation"),
        status_list.entry(f"{world.base}/status/2", 99, "suspension"),
    ]
    old = world.list(purpose="suspension", number=2, at=world.now - timedelta(days=2))
    other = world.pack(2, credentialStatus=both[0] | {"id": f"{world.base}/status/1#other"})
    result = world.verify(world.saved(other, world.pack(credentialStatus=both), world.list(), old))
    assert result.verified is True
    assert result.status_lists_at == world.now - timedelta(days=2)
    assert result.check(4).detail == result.credentials[1].check(4).detail == "list signed 6 March 2027, 09:30 UTC"
    assert result.credentials[0].check(4).detail == "list signed 8 March 2027, 09:00 UTC"


def test_one_list_of_two_is_not_enough(world):
    both = [
        status_list.entry(f"{world.base}/status/1", 4711, "revocation"),
        status_list.entry(f"{world.base}/status/2", 99, "suspension"),
    ]
    assert world.verify(world.saved(world.pack(credentialStatus=both), world.list())).verified is None


def test_a_revocation_counts_even_where_the_other_list_is_missing(world):
    both = [
        status_list.entry(f"{world.base}/status/2", 99, "suspension"),
        status_list.entry(f"{world.base}/status/1", 4711, "revocation"),
    ]
    assert world.verify(world.saved(world.pack(credentialStatus=both), world.list(4711))).check(4).code == "revoked"


def test_a_missing_status_list_is_neither_good_nor_bad(world):
    result = world.verify(world.saved(world.pack()))
    assert outcomes(result) == "✓✓✓?✓"
    assert result.verified is None
    assert result.check(4).detail == "no status list in the file"
    with pytest.raises(Undetermined) as caught:
        result.verify_or_raise()
    assert caught.value.exit_code == 3


def unusable(result, reason: str) -> None:
    assert outcomes(result) == "✓✓✓?✓"
    assert result.check(4).code == "unusable-status-list"
    assert reason in result.check(4).detail
    assert result.status_lists_at is None


def refused(result, number: int, reason: str) -> None:
    """An enclosed list that does not verify fails the file, under its own name."""
    assert result.verified is False
    assert result.check(number).outcome is FAILED
    assert reason in result.check(number).detail
    assert [member.label for member in result.members if member.verified is False] == ["BitstringStatusListCredential"]
    assert result.documents == ()


def test_an_enclosed_list_that_was_tampered_with_is_refused(world):
    tampered = changed(world.list(4711), encodedList=status_list.BitString().encoded())
    refused(world.verify(world.saved(world.pack(), tampered)), 2, "do not match")


def test_an_enclosed_list_without_a_signature_is_refused(world):
    unsigned = {name: value for name, value in world.list().items() if name != "proof"}
    refused(world.verify(world.saved(world.pack(), unsigned)), 2, "not signed")


def test_an_enclosed_list_that_breaks_the_model_is_refused(world):
    refused(world.verify(world.saved(world.pack(), world.list() | {"validUntil": "soon"})), 1, "validUntil")


@each(
    "respelled",
    [
        {"statusPurpose": ["revocation", None]},
        {"statusPurpose": [{"@value": "revocation"}]},
        {"statusSize": None},
        {"ttl": []},
    ],
)
def test_an_enclosed_list_in_another_spelling_of_its_graph_is_refused(world, respelled):
    document = changed(world.list(), **respelled)
    result = world.verify(world.saved(world.pack(), world.list(number=9), document))
    refused(result, 1, "under a plain name")
    assert result.check(1).code == "respelled"


@each("respelled", [{"@id": "urn:x:list"}, {"ttl": {"@value": 5}}, {"ttl": None}])
def test_a_fetched_list_in_another_spelling_leaves_the_status_open(world, respelled):
    answer = changed(world.list(), **respelled)
    verifier = world.verifier(lists={answer["id"]: answer})
    assert world.verify(world.pack(), verifier=verifier).verified is None


def test_a_list_that_names_its_purpose_in_an_array_is_accepted(world):
    """Bitstring Status List 1.0, section 2.2: one or more purposes."""
    document = changed(world.list(), statusPurpose=["revocation"])
    assert world.verify(world.saved(world.pack(), document)).verified is True


def test_an_enclosed_list_of_a_stranger_is_refused(world):
    refused(world.verify(world.saved(world.pack(), world.list(issuer=world.stranger))), 5, "issued nothing else")
    # Also where no credential asks for it: what verifies as neither list nor credential has no place in the file.
    extra = world.list(issuer=world.stranger, number=9)
    refused(world.verify(world.saved(world.pack(), world.list(), extra)), 5, "issued nothing else")


def test_an_enclosed_list_in_the_issuers_name_with_a_foreign_key_is_refused(world):
    forged = add_proof(
        {name: value for name, value in world.list().items() if name != "proof"},
        world.stranger.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
    )
    refused(world.verify(world.saved(world.pack(), forged)), 2, "the key belongs to")


def test_an_expired_status_list_does_not_count(world):
    expired = world.list(until=world.now - timedelta(seconds=1))
    unusable(world.verify(world.saved(world.pack(), expired)), "past its time")


def test_a_status_list_of_the_future_does_not_count(world):
    later = world.now + timedelta(hours=1)
    unusable(world.verify(world.saved(world.pack(), world.list(at=later))), "of a later time")
    # One that was signed beforehand for a later day is no better.
    ahead = {"validFrom": date_time(later)}
    unusable(world.verify(world.saved(world.pack(), world.list(**ahead))), "of a later time")


def test_a_status_list_of_another_purpose_does_not_count(world):
    unusable(world.verify(world.saved(world.pack(), world.list(purpose="suspension"))), "another purpose")


def test_a_status_list_that_is_too_short_does_not_count(world):
    import base64
    import gzip

    short = "u" + base64.urlsafe_b64encode(gzip.compress(bytes(1024))).rstrip(b"=").decode()
    subject = world.list()["credentialSubject"] | {"encodedList": short}
    unusable(world.verify(world.saved(world.pack(), world.list(credentialSubject=subject))), "length of a status list")


def test_a_status_list_that_is_a_zip_bomb_does_not_count(world):
    import base64
    import gzip

    bomb = "u" + base64.urlsafe_b64encode(gzip.compress(bytes(50_000_000))).rstrip(b"=").decode()
    subject = world.list()["credentialSubject"] | {"encodedList": bomb}
    unusable(world.verify(world.saved(world.pack(), world.list(credentialSubject=subject))), "at most")


def test_a_status_entry_outside_its_list_does_not_count(world):
    outside = status_list.entry(f"{world.base}/status/1", status_list.MINIMUM_LENGTH, "revocation")
    unusable(world.verify(world.saved(world.pack(credentialStatus=outside), world.list())), "index")


def test_a_list_with_another_id_is_not_the_list(world):
    assert world.verify(world.saved(world.pack(), world.list(number=2))).check(4).code == "no-status-list"


def test_a_list_at_hand_under_a_false_address_does_not_count(world):
    verifier = world.verifier(lists={f"{world.base}/status/1": world.list(number=2)})
    unusable(world.verify(world.pack(), verifier=verifier), "another address")


def test_a_credential_in_the_place_of_a_list_does_not_count(world):
    verifier = world.verifier(lists={f"{world.base}/status/1": world.pack(id=f"{world.base}/status/1")})
    unusable(world.verify(world.pack(2), verifier=verifier), "not a status list")


def test_an_old_list_enclosed_by_the_bearer_does_not_hide_a_newer_one(world):
    old = world.list(at=world.now - timedelta(days=3))
    newer = {f"{world.base}/status/1": world.list(4711)}
    saved = world.saved(world.pack(), old)
    assert world.verify(saved).verified is True  # as of three days ago, which the result says
    assert world.verify(saved).status_lists_at == world.now - timedelta(days=3)
    assert world.verify(saved, verifier=world.verifier(lists=newer)).check(4).code == "revoked"


def test_of_two_lists_of_the_same_instant_the_set_bit_counts(world):
    lists = {f"{world.base}/status/1": world.list()}
    saved = world.saved(world.pack(), world.list(4711))
    assert world.verify(saved, verifier=world.verifier(lists=lists)).check(4).code == "revoked"


def test_a_broken_list_beside_a_good_one_is_refused(world):
    tampered = changed(world.list(4711), encodedList=status_list.BitString().encoded())
    refused(world.verify(world.saved(world.pack(), tampered, world.list())), 2, "do not match")


@each(
    "entry",
    [
        {"id": "https://battery.example.com/s#1", "type": "BitstringStatusListEntry", "statusPurpose": "mood",
         "statusListIndex": "1", "statusListCredential": "https://battery.example.com/status/1"},
    ],
)  # fmt: skip
def test_a_status_purpose_that_nobody_knows_is_neither_good_nor_bad(world, entry):
    result = world.verify(world.saved(world.pack(credentialStatus=entry), world.list()))
    assert result.check(4).code == "unknown-status"
    assert result.verified is None


def test_a_message_has_no_bearing_on_validity(world):
    entry = status_list.entry(f"{world.base}/status/3", 5, "message")
    assert world.verify(world.pack(credentialStatus=entry)).verified is True


# --- 5: issuer accepted ----------------------------------------


def test_an_unknown_issuer_is_refused_though_the_signature_verifies(world):
    document = world.sign(world.unsigned(issuer=world.stranger.id, credentialStatus=...), world.stranger)
    result = world.verify(document)
    assert outcomes(result) == "✓✓✓✓✗"
    assert "is not on the trust list trusted-issuers.json" in result.check(5).detail
    with pytest.raises(VerificationFailed) as caught:
        result.verify_or_raise()
    assert "know it by another way" in caught.value.hint


def test_an_issuer_is_refused_for_a_kind_of_credential_it_is_not_trusted_for(world):
    kinds = TrustList.from_json(
        {"issuers": [{"id": world.issuer.id, "name": {"en": "Example"}, "trustedFor": ["ModelCredential"]}]}
    )
    result = world.verify(world.pack(credentialStatus=...), verifier=world.verifier(kinds))
    assert outcomes(result) == "✓✓✓✓✗"


def test_the_policy_has_no_default():
    with pytest.raises(TypeError):
        Verifier()


# --- the presentation's own signature ----------------------------------------

RESOLVER = "https://resolver.example.com"


def presented(world, holder=None, role=None, challenge="4711", domain=RESOLVER) -> dict:
    holder = holder or world.stranger
    return holder.present(
        [role or world.role(holder.id)], challenge=challenge, domain=domain, created=world.now, loader=world.loader
    )


def test_a_presentation_signed_for_this_occasion_names_its_holder(world):
    result = world.verify(presented(world), challenge="4711", domain=RESOLVER)
    assert result.verified is True
    assert result.holder == world.stranger.id
    assert result.presentation.verified is True
    assert result.credentials[0].subjects == (world.stranger.id,)


def test_a_presentation_with_a_wrong_challenge_is_refused(world):
    result = world.verify(presented(world), challenge="4712", domain=RESOLVER)
    assert (result.verified, result.holder) == (False, None)
    assert "challenge" in result.presentation.check(2).detail


def test_a_presentation_for_another_domain_is_refused(world):
    result = world.verify(presented(world), challenge="4711", domain="https://elsewhere.example.com")
    assert (result.verified, result.holder) == (False, None)
    assert "domain" in result.presentation.check(2).detail


def test_a_presentation_without_a_signature_is_refused_where_a_challenge_was_asked(world):
    unsigned = presentation([world.role(world.stranger.id)], holder=world.stranger.id)
    result = world.verify(unsigned, challenge="4711", domain=RESOLVER)
    assert (result.verified, result.holder) == (False, None)
    assert result.presentation.check(2).code == "unsigned"


def test_a_bare_credential_is_refused_where_a_challenge_was_asked(world):
    result = world.verify(world.role(world.stranger.id), challenge="4711")
    assert (result.verified, result.holder) == (False, None)


def test_a_replayed_presentation_under_another_holder_is_refused(world):
    replayed = presented(world) | {"holder": world.issuer.id}
    assert world.verify(replayed, challenge="4711", domain=RESOLVER).presentation.verified is False
    signed_by_thief = add_proof(
        presentation([world.role(world.stranger.id)], holder=world.stranger.id),
        world.issuer.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
        purpose="authentication",
        challenge="4711",
        domain=RESOLVER,
        loader=world.loader,
    )
    result = world.verify(signed_by_thief, challenge="4711", domain=RESOLVER)
    assert result.presentation.check(2).code == "foreign-key"
    assert result.holder is None


def test_somebody_elses_role_is_seen_by_comparing_holder_and_subject(world):
    thief = type(world.stranger)(world.web_key.public_key.did_key, KeySigner(world.web_key))
    result = world.verify(presented(world, thief, world.role(world.stranger.id)), challenge="4711", domain=RESOLVER)
    assert result.holder == thief.id
    assert result.holder not in result.credentials[0].subjects


def test_a_credential_exchanged_in_a_signed_presentation_is_refused(world):
    exchanged = presented(world) | {"verifiableCredential": [world.role(world.stranger.id, credentialSubject={
        "id": world.stranger.id, "packs": [f"{world.base}/id/other"]})]}  # fmt: skip
    result = world.verify(exchanged, challenge="4711", domain=RESOLVER)
    assert (result.verified, result.holder) == (False, None)


def test_a_presentation_signed_as_an_assertion_is_refused(world):
    asserted = add_proof(
        presentation([world.role(world.stranger.id)], holder=world.stranger.id),
        world.stranger.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
        challenge="4711",
        domain=RESOLVER,
        loader=world.loader,
    )
    assert world.verify(asserted, challenge="4711", domain=RESOLVER).presentation.verified is False


def test_without_a_challenge_a_signed_presentation_proves_no_holder(world):
    result = world.verify(presented(world))
    assert result.verified is True
    assert result.holder is None
    assert "no challenge was asked for" in result.presentation.check(2).detail


def test_a_holder_whose_keys_come_from_the_file_is_undetermined(world):
    signed = add_proof(
        presentation([world.role(world.did_web)], holder=world.did_web, did_documents=[world.web_document]),
        KeySigner(world.web_key, f"{world.did_web}#2026"),
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
        purpose="authentication",
        challenge="4711",
        domain=RESOLVER,
        loader=world.loader,
    )
    result = world.verify(signed, challenge="4711", domain=RESOLVER)
    assert result.verified is None
    assert result.holder is None


# --- the result ----------------------------------------


def test_the_report_for_machines_is_json_and_has_the_same_numbers(world):
    saved = world.saved(changed(world.pack(1), ratedCapacity="300.0"), world.pack(2), world.list())
    report = json.loads(json.dumps(world.verify(saved).to_json()))
    assert report["verified"] is False
    assert [check["number"] for check in report["checks"]] == [1, 2, 3, 4, 5, 6]
    assert [check["outcome"] for check in report["checks"]] == [
        "passed", "failed", *["not-reached"] * 3, "not-applied",
    ]  # fmt: skip
    assert report["credentials"][1]["verified"] is True
    assert report["credentials"][1]["statuses"][0]["listAt"] == "2027-03-08T09:00:00Z"
    assert report["statusListsAt"] == "2027-03-08T09:00:00Z"


def test_a_label_can_be_printed_whatever_the_document_says(world):
    hostile = {"id": "\x1b[2J", "type": ["VerifiableCredential", "\x9b2J", "Pass\u202eport"]}
    assert world.verify(hostile).credentials[0].label == "document"


def test_verifying_changes_nothing_in_the_document(world):
    saved = world.saved(world.pack(), world.list())
    before = copy.deepcopy(saved)
    world.verifier().verify(saved, at=world.now)
    assert saved == before


def test_verifying_loads_no_ontology(world):
    import subprocess
    import sys

    code = (
        "import sys, passport.credentials.verifier;"
        "print([name for name in sys.modules if name.startswith(('passport.battery', 'passport.vocabulary', "
        "'pyshacl', 'owlrl'))])"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.text(max_size=6)
    | st.sampled_from(["_:b0", "did:key:z", "a:b"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["id", "type", "@id", "x", "@context"]), inner)
    ),
    max_leaves=8,
)
PLACES = [
    *(("@context",), ("id",), ("type",), ("issuer",), ("validFrom",), ("credentialSubject",), ("credentialStatus",)),
    *(("credentialStatus", 0), ("credentialStatus", 0, "statusListCredential"), ("proof",), ("proof", "proofValue")),
    *(("proof", "verificationMethod"), ("proof", "created"), ("credentialSubject", "id"), ("name",), ("evidence",)),
]


@settings(max_examples=example_count(30), deadline=None)
@given(place=st.sampled_from(PLACES), value=json_values, enclosed=st.booleans())
def test_no_value_anywhere_fails_in_another_way_or_verifies(place, value, enclosed):
    document = copy.deepcopy(_signed())
    target = document
    for step in place[:-1]:
        target = target[step]
    before = json.dumps(document, sort_keys=True)
    target[place[-1]] = value
    result = _WORLD.verifier().verify(_WORLD.saved(document) if enclosed else document, at=_WORLD.now)
    assert result.verified is not True or json.dumps(document, sort_keys=True) == before
    json.dumps(result.to_json())


_WORLD = None
_SIGNED: dict = {}


def _signed() -> dict:
    return _SIGNED


@pytest.fixture(autouse=True, scope="module")
def _keep_world(world):
    # Hypothesis and function fixtures do not mix; the world of this module never changes.
    global _WORLD
    _WORLD = world
    _SIGNED.update(world.pack())


# --- the answers of check 2, directions, messages ----------------------------------------


def parts(result) -> dict:
    return {part.name: part.outcome for part in result.check(2).parts}


def test_the_two_answers_of_check_2_are_told_apart(world):
    good = world.pack(credentialStatus=...)
    assert parts(world.verify(good)) == {"proof": PASSED, "controller": PASSED}
    tampered = changed(good, ratedCapacity="1.0")
    assert parts(world.verify(tampered)) == {"proof": FAILED, "controller": NOT_REACHED}
    unsigned = world.unsigned(credentialStatus=...)
    foreign = add_proof(
        unsigned, world.stranger.signer, cryptosuite="ecdsa-rdfc-2019", created=world.now, loader=world.loader
    )
    assert parts(world.verify(foreign)) == {"proof": PASSED, "controller": FAILED}
    by_web = world.sign(world.unsigned(issuer=world.did_web, credentialStatus=...), world.web_issuer)
    assert parts(world.verify(by_web)) == {"proof": UNDETERMINED, "controller": UNDETERMINED}


def test_of_several_credentials_the_worst_part_counts_and_the_report_names_it(world):
    good = world.pack(1, credentialStatus=...)
    foreign = add_proof(
        world.unsigned(2, credentialStatus=...),
        world.stranger.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=world.now,
        loader=world.loader,
    )
    result = world.verify(world.saved(good, foreign))
    assert parts(result) == {"proof": PASSED, "controller": FAILED}
    assert result.to_json()["checks"][1]["parts"] == [
        {"name": "proof", "outcome": "passed"},
        {"name": "controller", "outcome": "failed"},
    ]


def test_a_base_direction_that_no_signature_covers_is_refused(world):
    """RDF has no place for it: added afterwards, it would leave the signature as it is."""
    signed = world.sign(world.unsigned(credentialStatus=..., name={"@value": "280 Ah", "@language": "en"}))
    assert world.verify(signed).verified is True
    turned = copy.deepcopy(signed)
    turned["name"]["@direction"] = "rtl"
    result = world.verify(turned)
    assert (result.verified, result.check(1).code) == (False, "unsafe-json-ld")
    # Where the JSON itself is signed, the direction is too.
    name = {"@value": "280 Ah", "@language": "en", "@direction": "ltr"}
    document = world.unsigned(credentialStatus=..., name=name)
    as_json = add_proof(
        document, world.issuer.signer, cryptosuite="ecdsa-jcs-2019", created=world.now, loader=world.loader
    )
    assert world.verify(as_json).verified is True


def message_list(world, *values: int, at=None) -> dict:
    bits = status_list.BitString(2 * status_list.MINIMUM_LENGTH)
    for index, value in enumerate(values):
        bits.set_value(index, 2, value)
    at = at or world.now - timedelta(minutes=30)
    document = status_list.status_list_credential(f"{world.base}/status/3", world.issuer.id, "message", bits, at)
    return world.issuer.issue(document, created=at)


def test_a_message_is_reported_and_has_no_bearing_on_validity(world):
    words = ("in use", "in repair", "recalled", "scrapped")
    entry = status_list.entry(f"{world.base}/status/3", 1, "message", messages=words)
    pack = world.pack(credentialStatus=[entry])
    result = world.verify(world.saved(pack, message_list(world, 0, 2)))
    assert result.verified is True
    (reading,) = result.credentials[0].statuses
    assert (reading.number, reading.message, reading.value) == (2, "recalled", True)
    assert reading.to_json()["message"] == "recalled"
    alone = world.verify(pack)
    assert (alone.verified, alone.credentials[0].statuses) == (True, ())


def test_a_list_is_replaced_while_a_verifier_holds_the_old_one(world):
    """Refreshed without downtime: who holds the old list goes on, as of then; who gets the new one sees more."""
    address, pack = f"{world.base}/status/1", world.pack()
    old = world.list(at=world.now - timedelta(hours=2), until=world.now + timedelta(hours=22))
    holder = world.verifier(lists={address: old})
    before = world.verify(pack, verifier=holder)
    assert (before.verified, before.status_lists_at) == (True, world.now - timedelta(hours=2))
    new = world.list(4711, at=world.now - timedelta(minutes=1), until=world.now + timedelta(hours=24))
    # The verifier that holds the old one still answers, and says as of when.
    assert world.verify(pack, verifier=holder).verified is True
    # A file that brings the new one is believed at once, by the verifier with the old one too.
    result = world.verify(world.saved(pack, new), verifier=holder)
    assert (result.verified, result.check(4).code) == (False, "revoked")
    # Once the old one has run out, it no longer counts.
    late = world.verify(pack, verifier=holder, at=world.now + timedelta(hours=23))
    assert (late.verified, late.check(4).code) == (None, "unusable-status-list")
    assert world.verify(pack, verifier=world.verifier(lists={address: new})).verified is False


# --- bounded work ----------------------------------------


def test_proofs_of_all_documents_together_are_bounded(world, monkeypatch):
    monkeypatch.setattr(proof_check, "MAX_PROOFS_IN_ALL", 3)
    packs = [world.pack(number, credentialStatus=...) for number in range(1, 6)]
    result = world.verify(world.saved(*packs))
    assert [credential.verified for credential in result.credentials] == [True, True, True, False, False]
    assert result.check(2).code == "too-much-work"


def test_the_length_of_all_proofs_together_is_bounded(world, monkeypatch):
    monkeypatch.setattr(proof_check, "MAX_PROOF_LENGTH_IN_ALL", 200)
    result = world.verify(world.saved(*(world.pack(number, credentialStatus=...) for number in (1, 2, 3))))
    assert [credential.verified for credential in result.credentials] == [True, True, False]


def test_graphs_that_look_alike_share_one_budget(world, monkeypatch):
    """Each small poison stays below the budget of one document; together they do not."""
    twins = [{"type": "PackCredential"} for _ in range(6)]
    documents = [
        world.sign(world.unsigned(number, credentialStatus=..., evidence=twins), allow_blank_nodes=True)
        for number in (1, 2, 3)
    ]

    def outcome(limit: int, *members: dict) -> list:
        monkeypatch.setattr(verifier_module, "MAX_WORK_IN_ALL", limit)
        return [credential.check(2).code for credential in world.verify(world.saved(*members)).credentials]

    enough = next(2**n for n in range(20) if outcome(2**n, documents[0]) == [None])
    assert outcome(enough, documents[1]) == outcome(enough, documents[2]) == [None]
    assert outcome(enough, *documents)[-1] == "canonicalization-limit"
    assert outcome(3 * enough, *documents) == [None, None, None]


def test_a_credential_with_more_status_entries_than_anybody_needs_is_refused(world):
    entries = [status_list.entry(f"{world.base}/status/{n}", n, "revocation") for n in range(65)]
    result = world.verify(world.unsigned(credentialStatus=entries))
    assert result.check(1).code == "malformed-credential"
