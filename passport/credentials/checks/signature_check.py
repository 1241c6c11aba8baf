"""Verification of our own signatures as an outside verifier does it: with the key of the DID document.

This answers one question of check 2 and nothing else: no validity, no status, no trust. An issuer asks it of the first
document that it signs, before anything is stored; a publisher asks it of what is stored already.

    check_signature(signed, resolver, controller=issuer, at=now)      # returns, or raises the reason
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from passport.errors import BaseProofPresented, ProofError
from passport.identity import DidResolver
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Walked
from passport.proofs import ecdsa_sd_2023
from passport.proofs.data_integrity import VerifiedProof, verify_proof
from passport.texts import Message


def check_signature(
    document: JsonObject,
    resolver: DidResolver,
    *,
    controller: str,
    at: datetime,
    purpose: str = "assertionMethod",
    loader: ContextLoader = PINNED,
    graph: Walked | None = None,
    postponed: list[Callable[[], None]] | None = None,
) -> tuple[VerifiedProof, ...]:
    """Return the proofs of ``document`` if all verify and belong to ``controller``.

    A base proof (ecdsa-sd-2023) has no verifier: the view of what every reader sees is derived and verified.

    :param resolver: DID documents of the issuer.
    :param at: aware instant of verification.
    :param graph: of ``document`` without its proofs, where the caller has walked it.
    :param postponed: takes the verification of signatures, which the caller has to call before anything is believed;
        see :func:`passport.proofs.data_integrity.verify_proof`.
    :raises UnresolvableDid: the DID document of the signer is not at hand.
    :raises PassportError: the signature does not hold; the error says why.
    """
    try:
        proofs = verify_proof(
            document, resolver, expected_purpose=purpose, at=at, loader=loader, graph=graph, postponed=postponed
        )
    except BaseProofPresented:
        view = ecdsa_sd_2023.derive(document, [], loader=loader)
        proofs = verify_proof(view, resolver, expected_purpose=purpose, at=at, loader=loader)
    for proof in proofs:
        if proof.verification_method.controller != controller:
            raise ProofError(
                Message("the key belongs to another"),
                expected=controller,
                found=proof.verification_method.controller[:120],
            )
    return proofs
