"""The four cryptosuites that sign a document as a whole: one way of signing, two canonical forms, two kinds of key.

    ===================  ==============  =====================  ==============================================
    suite                signed form     key                    specification
    ===================  ==============  =====================  ==============================================
    ``ecdsa-rdfc-2019``  RDF, RDFC-1.0   P-256 or P-384         VC Data Integrity ECDSA Cryptosuites 1.0, 3.2
    ``ecdsa-jcs-2019``   JSON, RFC 8785  P-256 or P-384         VC Data Integrity ECDSA Cryptosuites 1.0, 3.3
    ``eddsa-rdfc-2022``  RDF, RDFC-1.0   Ed25519                VC Data Integrity EdDSA Cryptosuites 1.0, 3.2
    ``eddsa-jcs-2022``   JSON, RFC 8785  Ed25519                VC Data Integrity EdDSA Cryptosuites 1.0, 3.3
    ===================  ==============  =====================  ==============================================

The proof value is one signature (``r || s`` of fixed length for ECDSA) in multibase ``z``. Hash functions follow the
key, everywhere: SHA-384 with P-384, SHA-256 with the others. How a document becomes the bytes that are signed is for
:mod:`passport.proofs.rdfc_hashing` and :mod:`passport.proofs.jcs_hashing`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from passport.errors import MalformedKey, ProofError, UsageError
from passport.identity import Algorithm, Signer, VerificationMethod, multibase_decode, multibase_encode
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Listed, Walked
from passport.proofs import jcs_hashing, rdfc_hashing
from passport.texts import Message


@dataclass(frozen=True)
class WholeDocumentSuite:
    """A suite without selective disclosure; see :class:`passport.proofs.cryptosuite.Cryptosuite`.

    :param hash_data: from ``(document, options, algorithm=…, loader=…, graph=…)`` to the bytes that are signed.
    """

    name: str
    algorithms: frozenset[Algorithm]
    hash_data: Callable[..., bytes]
    context_in_proof: bool

    def create_proof_value(
        self,
        document: JsonObject,
        options: JsonObject,
        signer: Signer,
        *,
        mandatory_pointers: Sequence[str],
        loader: ContextLoader,
        graph: Walked | Listed | None = None,
    ) -> str:
        if mandatory_pointers:
            raise UsageError(
                Message("{name} signs whole documents and takes no mandatory pointers", name=self.name),
                expected=Message("none"),
                found=Message("{count} of them", count=len(mandatory_pointers)),
                hint=Message("For selective disclosure sign with ecdsa-sd-2023."),
            )
        algorithm = hash_name(signer.public_key.algorithm)
        data = self.hash_data(document, options, algorithm=algorithm, loader=loader, graph=graph)
        return multibase_encode(signer.sign(data))

    def verify_proof_value(
        self,
        document: JsonObject,
        proof: JsonObject,
        method: VerificationMethod,
        *,
        loader: ContextLoader,
        graph: Walked | None = None,
    ) -> bool:
        self.postponed(document, proof, method, loader=loader, graph=graph)()
        return False

    def postponed(
        self,
        document: JsonObject,
        proof: JsonObject,
        method: VerificationMethod,
        *,
        loader: ContextLoader,
        graph: Walked | None = None,
    ) -> Callable[[], None]:
        """All but the signature, which the caller has verified by a call of what this returns.

        :raises ProofError: the value is malformed. The returned function raises where the signature does not verify.
        """
        signature = _signature(proof)  # its length is for the key to check
        algorithm = hash_name(method.public_key.algorithm)
        data = self.hash_data(document, proof, algorithm=algorithm, loader=loader, graph=graph)
        return partial(method.public_key.verify, signature, data)


def hash_name(algorithm: Algorithm) -> str:
    """The hash function that goes with a key: SHA-384 for P-384 (inside RDFC-1.0 too), SHA-256 for the others."""
    return "sha384" if algorithm is Algorithm.P384 else "sha256"


def _signature(proof: JsonObject) -> bytes:
    try:
        return multibase_decode(proof.get("proofValue"))
    except MalformedKey as error:
        raise ProofError(
            Message("the proofValue is {problem}", problem=error.message),
            expected=Message("z and base58btc characters"),
        ) from None


_ECDSA = frozenset({Algorithm.P256, Algorithm.P384})
_EDDSA = frozenset({Algorithm.ED25519})

SUITES = (
    WholeDocumentSuite("ecdsa-rdfc-2019", _ECDSA, rdfc_hashing.hash_data, context_in_proof=False),
    WholeDocumentSuite("eddsa-rdfc-2022", _EDDSA, rdfc_hashing.hash_data, context_in_proof=False),
    WholeDocumentSuite("ecdsa-jcs-2019", _ECDSA, jcs_hashing.hash_data, context_in_proof=True),
    WholeDocumentSuite("eddsa-jcs-2022", _EDDSA, jcs_hashing.hash_data, context_in_proof=True),
)
