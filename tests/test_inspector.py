"""What the inspector takes from a file whose author is a stranger: only what is proved, and only what is said."""

from __future__ import annotations

from datetime import UTC, datetime

from passport.credentials.envelopes.enveloping import VC_JWT, envelope, secure
from passport.credentials.issuer import Issuer, presentation
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import Verifier
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.inspector import Inspection, inspect
from passport.proofs.data_integrity import add_proof
from passport.vocabulary import vocabulary
from passport.vocabulary.derivation.derived_context import CONTEXT

AT = datetime(2027, 3, 8, tzinfo=UTC)
PACK = "https://passport.example.com/id/M/1"


def signed(number: int, subject: dict) -> dict:
    """A credential of an unknown issuer, in any shape that Data Integrity signs."""
    signer = KeySigner(PrivateKey.generate())
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "id": f"https://passport.example.com/credentials/{number}",
        "type": ["VerifiableCredential"],
        "issuer": signer.public_key.did_key,
        "validFrom": "2027-03-01T00:00:00Z",
        "credentialSubject": {"id": PACK, **subject},
    }
    return add_proof(document, signer, cryptosuite="ecdsa-rdfc-2019", created=AT)


def inspected(document: dict) -> Inspection:
    verifier = Verifier(UnsafeAnyIssuer())
    return inspect(document, verifier, at=AT, regimes=tuple(vocabulary.regimes().values()))


def test_a_nested_proof_graph_is_no_statement_and_no_crash():
    nested = {"type": "DataIntegrityProof", "cryptosuite": "ecdsa-rdfc-2019"}
    inspection = inspected(signed(1, {"type": ["BatteryPack", "VerifiableCredential"], "proof": nested}))
    assert inspection.verification.check(2).passed
    assert inspection.validation is not None


def test_nothing_is_validated_where_nothing_is_proved():
    document = signed(1, {"type": "BatteryPack", "serialNumber": "1"})
    document["credentialSubject"]["serialNumber"] = "2"
    inspection = inspected(presentation([document]))
    assert inspection.verification.verified is False
    assert inspection.validation is None


def test_six_questions_have_six_answers():
    """The proof, whose key it is, the time, the status, the issuer, the content: a file may fail at one alone."""
    good = signed(1, {"type": "BatteryPack", "serialNumber": "1"})
    names = ("proof", "controller", "validity", "status", "issuer", "content")
    answers = inspected(good).to_json()["answers"]
    assert answers == {**dict.fromkeys(names, "passed"), "together": "not-applied", "completeness": "failed"}
    nonsense = inspected(signed(2, {"type": "BatteryPack", "manufacturingDate": "soon"}))
    assert nonsense.answers["proof"] == "passed"
    assert nonsense.answers["content"] == "failed"
    changed = {**good, "credentialSubject": {**good["credentialSubject"], "serialNumber": "2"}}
    answers = inspected(changed).to_json()["answers"]
    assert (answers["proof"], answers["controller"], answers["content"]) == ("failed", "not-reached", "not-reached")
    assert answers["completeness"] == "not-reached"


def test_the_content_of_an_enveloped_credential_is_judged_like_any_other():
    key = KeySigner(PrivateKey.generate())
    issuer = Issuer(key.public_key.did_key, key)
    document = {
        "@context": ["https://www.w3.org/ns/credentials/v2", CONTEXT],
        "id": "https://passport.example.com/credentials/3",
        "type": ["VerifiableCredential"],
        "issuer": issuer.id,
        "credentialSubject": {"id": PACK, "type": "BatteryPack", "manufacturingDate": "soon"},
    }
    inspection = inspected(envelope(VC_JWT, secure(document, issuer)))
    assert inspection.verification.verified is True
    assert inspection.answers["content"] == "failed"
