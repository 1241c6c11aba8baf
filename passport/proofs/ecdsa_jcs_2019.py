"""ecdsa-jcs-2019: ECDSA over the canonical JSON of a document, with P-256 or P-384.

Hash functions follow the key: SHA-256 with P-256, SHA-384 with P-384.
(VC Data Integrity ECDSA Cryptosuites 1.0, section 3.3)
"""

from __future__ import annotations

from collections.abc import Sequence

from passport.identity import Algorithm, Signer, VerificationMethod, multibase_encode
from passport.linked_data.contexts import ContextLoader
from passport.proofs import signature_value
from passport.proofs.jcs_hashing import hash_data
from passport.proofs.transformation import hash_name


class EcdsaJcs2019:
    """See :class:`passport.proofs.cryptosuite.Cryptosuite`."""

    name = "ecdsa-jcs-2019"
    algorithms = frozenset({Algorithm.P256, Algorithm.P384})
    context_in_proof = True

    def create_proof_value(
        self, document: dict, options: dict, signer: Signer, *, mandatory_pointers: Sequence[str], loader: ContextLoader
    ) -> str:
        signature_value.refuse_pointers(self.name, mandatory_pointers)
        return multibase_encode(
            signer.sign(hash_data(document, options, algorithm=hash_name(signer.public_key.algorithm), loader=loader))
        )

    def verify_proof_value(
        self, document: dict, proof: dict, method: VerificationMethod, *, loader: ContextLoader
    ) -> bool:
        signature = signature_value.decode(proof)
        method.public_key.verify(
            signature, hash_data(document, proof, algorithm=hash_name(method.public_key.algorithm), loader=loader)
        )
        return False
