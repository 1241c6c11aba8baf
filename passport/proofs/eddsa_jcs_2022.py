"""eddsa-jcs-2022: Ed25519 over the canonical JSON of a document, hashed with SHA-256.

(VC Data Integrity EdDSA Cryptosuites 1.0, section 3.3)
"""

from __future__ import annotations

from collections.abc import Sequence

from passport.identity import Algorithm, Signer, VerificationMethod, multibase_encode
from passport.linked_data.contexts import ContextLoader
from passport.proofs import signature_value
from passport.proofs.jcs_hashing import hash_data


class EddsaJcs2022:
    """See :class:`passport.proofs.cryptosuite.Cryptosuite`."""

    name = "eddsa-jcs-2022"
    algorithms = frozenset({Algorithm.ED25519})
    context_in_proof = True

    def create_proof_value(
        self, document: dict, options: dict, signer: Signer, *, mandatory_pointers: Sequence[str], loader: ContextLoader
    ) -> str:
        signature_value.refuse_pointers(self.name, mandatory_pointers)
        return multibase_encode(signer.sign(hash_data(document, options, algorithm="sha256", loader=loader)))

    def verify_proof_value(
        self, document: dict, proof: dict, method: VerificationMethod, *, loader: ContextLoader
    ) -> bool:
        signature = signature_value.decode(proof)
        method.public_key.verify(signature, hash_data(document, proof, algorithm="sha256", loader=loader))
        return False
