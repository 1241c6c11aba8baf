"""What the inspector takes from a file whose author is a stranger: only what is proved, and only what is said."""

from __future__ import annotations

from datetime import UTC, datetime

from passport.battery import vocabulary
from passport.battery.derived_context import CONTEXT
from passport.credentials.issuer import presentation
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import Verifier
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.inspector import Inspection, inspect
from passport.proofs.data_integrity import add_proof

AT = datetime(2027, 3, 8, tzinfo=UTC)
PACK = "https://passport.example.com/id/M/1"


def signed(number: int, subject: dict) -> dict:
    """A credential by somebody whom nobody knows, in any shape that Data Integrity signs."""
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
    found = inspected(signed(1, {"type": ["BatteryPack", "VerifiableCredential"], "proof": nested}))
    assert found.verification.check(2).passed
    assert found.validation is not None


def test_nothing_is_validated_where_nothing_is_proved():
    document = signed(1, {"type": "BatteryPack", "serialNumber": "1"})
    document["credentialSubject"]["serialNumber"] = "2"
    found = inspected(presentation([document]))
    assert found.verification.verified is False
    assert found.validation is None
