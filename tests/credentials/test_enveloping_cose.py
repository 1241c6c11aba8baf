"""Credentials and presentations in COSE messages: what holds for tokens holds for these."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from passport.credentials.credential import check_enveloped
from passport.credentials.envelopes import enveloping
from passport.credentials.envelopes.enveloping import VC_COSE, VP_COSE, envelope
from passport.credentials.issuer import Issuer
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verification_result import Outcome
from passport.errors import MalformedCredential, PassportError, ProofError, UnsafeJsonLd, UsageError
from passport.identity import Algorithm, DidResolver, KeySigner, PrivateKey
from passport.proofs import cose
from tests.conftest import example_count
from tests.each import each

NONCE, DOMAIN = "c1", "https://verifier.example.org"
NAMES = {Algorithm.P256: "ES256", Algorithm.P384: "ES384", Algorithm.P521: "ES512", Algorithm.ED25519: "EdDSA"}


def plain(world, **changes) -> dict:
    return world.unsigned(credentialStatus=..., **changes)


def message(world, **changes) -> bytes:
    return enveloping.secure_as_cose(plain(world, **changes), world.issuer, loader=world.loader)


def careless(world, content: dict, issuer: Issuer | None = None, typ: str = VC_COSE, **options) -> bytes:
    """A message over whatever content, as a careless issuer would make it."""
    return cose.sign(content, (issuer or world.issuer).signer, typ=typ, content_type=typ[:14], **options)


def opened(world, data, media_type: str = VC_COSE, **options):
    options = {"at": world.now, "loader": world.loader} | options
    return enveloping.open_token(media_type, data, options.pop("resolver", DidResolver()), **options)


@each("algorithm", list(Algorithm))
def test_a_credential_in_a_message_verifies_alone_and_in_a_presentation(world, algorithm):
    key = PrivateKey.generate(algorithm)
    issuer = Issuer(key.public_key.did_key, KeySigner(key))
    document = envelope(VC_COSE, enveloping.secure_as_cose(plain(world, issuer=issuer.id), issuer, loader=world.loader))
    verifier = world.verifier(UnsafeAnyIssuer())
    for handed_in in (document, world.saved(document)):
        result = world.verify(handed_in, verifier=verifier)
        assert result.verified is True
        (credential,) = result.credentials
        assert credential.document == plain(world, issuer=issuer.id)
        assert credential.proofs[0].cryptosuite == f"vc+cose {NAMES[algorithm]}"


def test_a_message_of_an_issuer_that_is_not_trusted_is_refused(world):
    by_stranger = enveloping.secure_as_cose(plain(world, issuer=world.stranger.id), world.stranger, loader=world.loader)
    assert world.verify(envelope(VC_COSE, by_stranger)).check(5).outcome is Outcome.FAILED


def test_a_message_that_somebody_else_signed_is_refused(world):
    check = world.verify(envelope(VC_COSE, careless(world, plain(world), world.stranger))).check(2)
    assert (check.outcome, check.code) == (Outcome.FAILED, "foreign-key")


def test_a_changed_message_is_refused(world):
    data = message(world)
    at = data.index(b"280.0")
    changed = data[:at] + b"281.0" + data[at + 5 :]
    assert world.verify(envelope(VC_COSE, changed)).check(2).code == "invalid-signature"


def test_a_message_whose_key_is_not_at_hand_is_undetermined(world):
    signed = enveloping.secure_as_cose(plain(world, issuer=world.did_web), world.web_issuer, loader=world.loader)
    assert world.verify(envelope(VC_COSE, signed)).verified is None
    entry = world.web_entry()
    assert world.verify(envelope(VC_COSE, signed), verifier=world.verifier(world.trust(entry))).verified is True


@each(
    ("content", "error"),
    [
        ({"vc": {}}, MalformedCredential),
        ({"proof": {"type": "DataIntegrityProof"}}, MalformedCredential),
        ({"type": ["VerifiablePresentation"]}, MalformedCredential),
        ({"typo": 1}, UnsafeJsonLd),
        ({"exp": 1}, ProofError),
        ({"iss": "did:web:other.example.com"}, MalformedCredential),
    ],
    ids=repr,
)
def test_a_message_that_contradicts_itself_is_refused(world, content, error):
    with pytest.raises(error):
        opened(world, careless(world, plain(world) | content))


@each(
    ("claims", "error"),
    [
        ({"exp": 1}, ProofError),
        ({"nbf": 4_000_000_000}, ProofError),
        ({"iat": 4_000_000_000}, ProofError),
        ({"iss": "did:web:other.example.com"}, MalformedCredential),
        ({"sub": "urn:uuid:other"}, MalformedCredential),
    ],
    ids=repr,
)
def test_a_claim_in_the_header_counts_like_one_in_a_token(world, claims, error):
    with pytest.raises(error):
        opened(world, careless(world, plain(world), claims=claims))


def test_a_claim_in_header_and_payload_is_refused(world):
    with pytest.raises(ProofError, match="twice"):
        opened(world, careless(world, plain(world) | {"exp": 4_000_000_000}, claims={"exp": 4_000_000_001}))


def test_a_presentation_does_not_pass_for_a_credential_nor_the_other_way_round(world):
    for typ, media_type in ((VP_COSE, VC_COSE), (VC_COSE, VP_COSE)):
        with pytest.raises(ProofError, match="another kind"):
            opened(world, careless(world, plain(world), typ=typ), media_type)


@each(
    "content",
    ["", "0oRD!", "0oR", "0oRDo-_", "0oRD====", " 0oRD", "0oRD\n", "data"],
)
def test_what_is_no_base64_in_the_url_is_refused(world, content):
    document = envelope(VC_COSE, message(world)) | {"id": f"data:{VC_COSE};base64,{content}"}
    assert world.verify(document).verified is False


def test_padding_may_be_left_out_and_nothing_else(world):
    document = envelope(VC_COSE, message(world) + b"")
    bare = document | {"id": document["id"].rstrip("=")}
    assert world.verify(bare).verified is True
    assert check_enveloped(document)[0] == VC_COSE


@each("name", ["data:application/vc+cose,0oRD", "data:application/vc+jwt;base64,YS5iLmM="])
def test_binary_as_text_and_text_as_binary_are_refused(world, name):
    document = envelope(VC_COSE, message(world)) | {"id": name}
    assert world.verify(document).check(1).outcome is Outcome.FAILED


def test_text_is_not_put_into_a_binary_envelope(world):
    for media_type, content in ((VC_COSE, "text"), (enveloping.VC_JWT, b"bytes")):
        with pytest.raises(UsageError):
            envelope(media_type, content)


def test_what_would_not_verify_is_not_put_into_a_message(world):
    for changes in ({"issuer": "did:web:other.example.com"}, {"proof": {"type": "X"}}, {"validFrom": "x"}):
        with pytest.raises(MalformedCredential):
            enveloping.secure_as_cose(plain(world) | changes, world.issuer, loader=world.loader)


# --- vp+cose --------------------------------------------------------------------------------------------------------


def presented(world, holder=None, **options) -> dict:
    options = {"challenge": NONCE, "domain": DOMAIN, "at": world.now} | options
    members = [envelope(VC_COSE, message(world)), world.pack(2, credentialStatus=...)]
    return envelope(VP_COSE, enveloping.secure_presentation_as_cose(members, holder or world.stranger, **options))


def test_a_presentation_in_a_message_verifies_for_its_occasion_and_names_its_holder(world):
    result = world.verify(presented(world), challenge=NONCE, domain=DOMAIN + "/")
    assert (result.verified, result.holder, len(result.credentials)) == (True, world.stranger.id, 2)
    assert world.verify(presented(world)).holder is None


@each("asked", [{"challenge": "c2"}, {"domain": "https://elsewhere.example.org"}])
def test_a_presentation_for_another_occasion_is_refused(world, asked):
    result = world.verify(presented(world), **({"challenge": NONCE, "domain": DOMAIN} | asked))
    assert (result.verified, result.holder) == (False, None)


def test_a_presentation_that_somebody_else_signed_is_refused(world):
    content = {
        "@context": ["https://www.w3.org/ns/credentials/v2"], "type": ["VerifiablePresentation"],
        "holder": world.issuer.id, "verifiableCredential": [],
    }  # fmt: skip
    claims = {"nonce": NONCE, "aud": [DOMAIN]}
    document = envelope(VP_COSE, careless(world, content, world.stranger, VP_COSE, claims=claims))
    result = world.verify(document, challenge=NONCE, domain=DOMAIN)
    assert (result.verified, result.presentation.check(2).code) == (False, "foreign-key")


@each("options", [{"challenge": ""}, {"domain": ""}])
def test_a_presentation_for_nobody_is_not_signed(world, options):
    with pytest.raises(UsageError):
        presented(world, **options)


@given(st.binary(max_size=200), st.sampled_from([VC_COSE, VP_COSE]))
@settings(max_examples=example_count(40), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_bytes_are_in_the_envelope_the_answer_is_a_result(world, data, media_type):
    result = world.verify(envelope(media_type, data))
    assert result.verified is False
    json.dumps(result.to_json())
    with pytest.raises(PassportError):
        result.verify_or_raise()
