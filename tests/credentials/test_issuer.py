from __future__ import annotations

import copy
from datetime import UTC, datetime

import pytest

from passport.credentials.credential import DID_DOCUMENT, check_presentation
from passport.credentials.issuer import Issuer, presentation
from passport.errors import MalformedCredential, UnknownContext, UnsafeJsonLd, UsageError
from passport.identity import KeySigner
from passport.proofs.data_integrity import verify_proof
from tests.each import each

CREATED = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)


def test_what_is_issued_verifies_and_the_argument_is_left_alone(world):
    document = world.unsigned()
    before = copy.deepcopy(document)
    signed = world.sign(document)
    assert document == before
    assert {**signed, "proof": None} == {**before, "proof": None}
    assert signed["proof"]["created"] == "2027-03-08T08:30:00Z"


def test_a_key_of_another_issuer_is_refused(world):
    with pytest.raises(UsageError, match="another issuer"):
        Issuer("did:web:battery.example.com", world.issuer.signer)
    with pytest.raises(UsageError):
        Issuer(world.issuer.id, world.stranger.signer)


def test_a_credential_of_another_issuer_is_not_signed(world):
    with pytest.raises(MalformedCredential, match="issuer"):
        world.sign(world.unsigned(issuer=world.stranger.id))


def test_a_malformed_credential_is_not_signed(world):
    with pytest.raises(MalformedCredential, match="validFrom"):
        world.sign(world.unsigned(validFrom="2026-07-21"))


def test_a_signed_credential_is_not_signed_again(world):
    with pytest.raises(MalformedCredential, match="signed already"):
        world.sign(world.pack())


@each(
    "claim",
    [
        {"ratedCapacty": "280.0"},
        {"ratedCapacity": 280.5},
        {"ratedCapacity": None},
        {"packs": []},
        {"packs": ["relative"]},
        {"part": {"ratedCapacity": "1.0"}},
        {"part": "_:b0"},
        {"type": "NoSuchType"},
    ],
    ids=[
        "undefined term",
        "float",
        "null",
        "empty array",
        "relative IRI",
        "blank node",
        "blank node id",
        "undefined type",
    ],
)
def test_what_would_not_be_signed_as_it_reads_is_refused(world, claim):
    subject = {"id": "https://battery.example.com/id/1", "cycles": 3} | claim
    with pytest.raises(UnsafeJsonLd):
        world.sign(world.unsigned(credentialSubject=subject))


def test_blank_nodes_are_signed_where_somebody_asks_for_it(world):
    subject = {"id": "https://battery.example.com/id/1", "part": {"ratedCapacity": "1.0"}}
    assert "proof" in world.sign(world.unsigned(credentialSubject=subject), allow_blank_nodes=True)


def test_an_unknown_context_is_refused(world):
    with pytest.raises(UnknownContext):
        world.sign(world.unsigned(**{"@context": [*world.unsigned()["@context"], "https://example.org/contexts/v7"]}))


def test_the_test_context_is_pinned_for_tests_only(world):
    from passport.linked_data.contexts import PINNED

    assert world.context in world.loader
    assert world.context not in PINNED


# --- presentations ----------------------------------------


def test_a_saved_passport_is_an_unsigned_presentation(world):
    saved = presentation([world.pack()])
    check_presentation(saved)
    assert "proof" not in saved
    assert "holder" not in saved


def test_did_documents_are_enclosed_as_json_literals(world):
    saved = presentation([world.pack()], did_documents=[world.web_document])
    check_presentation(saved)
    assert saved[DID_DOCUMENT] == [{"@type": "@json", "@value": world.web_document}]


def test_a_presentation_is_signed_for_one_verifier_and_one_occasion(world):
    signed = world.stranger.present(
        [world.role(world.stranger.id)],
        challenge="4711",
        domain="https://resolver.example",
        created=CREATED,
        loader=world.loader,
    )
    proof = signed["proof"]
    assert (signed["holder"], proof["proofPurpose"]) == (world.stranger.id, "authentication")
    assert (proof["challenge"], proof["domain"]) == ("4711", "https://resolver.example")


def test_a_presentation_with_enclosed_did_documents_can_be_signed_and_verified(world):
    from passport.identity import DidResolver
    from passport.proofs.data_integrity import add_proof

    unsigned = presentation([world.pack()], holder=world.issuer.id, did_documents=[world.web_document])
    signed = add_proof(
        unsigned,
        world.issuer.signer,
        cryptosuite="ecdsa-rdfc-2019",
        created=CREATED,
        purpose="authentication",
        challenge="4711",
        loader=world.loader,
    )
    assert verify_proof(
        signed, DidResolver(), expected_purpose="authentication", expected_challenge="4711", loader=world.loader
    )


@each(("challenge", "domain"), [("", "https://resolver.example"), ("4711", "")])
def test_a_presentation_for_nobody_in_particular_is_refused(world, challenge, domain):
    with pytest.raises(UsageError):
        world.stranger.present([], challenge=challenge, domain=domain, created=CREATED)


def test_a_presentation_in_the_name_of_another_holder_is_refused(world):
    with pytest.raises(UsageError, match="holder"):
        world.stranger.present([], holder=world.issuer.id, challenge="1", domain="https://r.example", created=CREATED)


def test_a_signer_with_a_web_method_issues_as_did_web(world):
    issuer = Issuer("did:web:battery.example.com", KeySigner(world.web_key, "did:web:battery.example.com#2026"))
    assert world.sign(world.unsigned(issuer=issuer.id), issuer)["proof"]["verificationMethod"].endswith("#2026")
