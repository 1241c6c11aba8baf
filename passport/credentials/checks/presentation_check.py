"""The presentation around credentials: what is in it, and whether its holder signed it.

An unsigned presentation is a file and nothing more. One that is signed, or of which a challenge was asked, has checks 1
and 2 of its own: it must be signed for authentication, by its holder, for this challenge and domain.

* A member counts as a status list only where it is nothing else (:func:`~passport.credentials.status_list.is_list`).
  Everything else is a credential; what verifies as neither fails the file.
* DID documents in it are support for the credentials. Other members of the wrapper are unproved, and not handed on.
* Without a challenge a signature shows that the holder signed it once, not that the holder is the one presenting.
"""

from __future__ import annotations

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.checks.proof_check import ProofCheck, as_proof, foreign_key
from passport.credentials.envelopes import enveloping
from passport.credentials.verification_result import Check, CredentialResult, Outcome, not_reached, signed, step
from passport.credentials.wording import Phrase
from passport.errors import MalformedCredential, ProofError
from passport.linked_data.json_types import JsonObject
from passport.proofs.data_integrity import VerifiedProof
from passport.texts import Message


def enclosed_documents(presentation: JsonObject) -> dict[str, JsonObject]:
    """The DID documents in a saved passport, by their id.

    :raises MalformedCredential: one is no JSON literal with an id, or two are of one DID.
    """
    value = presentation.get(vcdm.DID_DOCUMENT, [])
    documents = {}
    for entry in value if isinstance(value, list) else [value]:
        document = entry.get("@value") if isinstance(entry, dict) and entry.get("@type") == "@json" else None
        if not isinstance(document, dict) or not isinstance(document.get("id"), str):
            raise MalformedCredential(
                Message("an enclosed DID document"), expected=Message("a JSON literal with an id")
            )
        if document["id"] in documents:
            raise MalformedCredential(Message("two enclosed DID documents of one DID"), found=document["id"][:80])
        documents[document["id"]] = document
    return documents


def members(presentation: JsonObject) -> tuple[list[JsonObject], list[JsonObject]]:
    """The credentials of a presentation that count, and the status lists among them, which are support."""
    counted: list[JsonObject] = []
    lists: list[JsonObject] = []
    for member in vcdm.credentials(presentation):
        (lists if status_list.is_list(member) else counted).append(member)
    return counted, lists


def unproved(presentation: JsonObject) -> tuple[str, ...]:
    """The members of an unsigned presentation that say something and that no proof covers, such as ``holder``."""
    known = {"@context", "id", "type", "verifiableCredential", "proof", vcdm.DID_DOCUMENT}
    if isinstance(presentation.get(vcdm.LOG_CHECKPOINT), str):
        # It has signatures of its own; holders of the log's key compare it (passport log verify).
        known.add(vcdm.LOG_CHECKPOINT)
    return tuple(sorted(str(name)[:80] for name in presentation.keys() - known))


def malformed(document: JsonObject, error: MalformedCredential) -> CredentialResult:
    """The result of a presentation that fails check 1."""
    return _result(document, (step(1, Outcome.FAILED, error=error), not_reached(2, None)))


def not_a_presentation() -> CredentialResult:
    """The result where a challenge was asked for and something else than a presentation came."""
    error = ProofError(
        Message("not a presentation, and a challenge was asked for"),
        expected=Message("a presentation that its holder signed for this occasion"),
    )
    failed = step(1, Outcome.FAILED, Phrase.of(error, "unsigned"), code="unsigned", error=error)
    return _result({}, (failed, not_reached(2, None)))


def signed_presentation(
    document: JsonObject, proofs: ProofCheck, challenge: str | None, domain: str | None
) -> CredentialResult:
    """What is to be said of the presentation itself, whose members are looked at elsewhere."""
    first = step(1, Outcome.PASSED, None, document.get("id"))
    verified, failed = proofs.proofs(
        document, vcdm.holder_id(document), purpose="authentication", challenge=challenge, domain=domain
    )
    if failed is not None:
        checks = (failed, not_reached(2, failed.subject)) if failed.number == 1 else (first, failed)
        return _result(document, checks)
    return _held(document, first, verified, verified[0].verification_method.controller, proofs, challenge)


def opened_presentation(
    document: JsonObject, proofs: ProofCheck, challenge: str | None, domain: str | None
) -> tuple[JsonObject | None, CredentialResult]:
    """The presentation in a token, None where it was not opened, and what is to be said about it."""
    try:
        media_type, content = vcdm.check_enveloped(document)
    except MalformedCredential as error:
        return None, malformed({}, error)
    if media_type not in enveloping.OPENED_HERE:
        unknown = step(1, Outcome.UNDETERMINED, Phrase("enveloped", {"kind": media_type}))
        return None, _result({}, (unknown, not_reached(2, None)))
    opened = proofs.open(document, media_type, content, challenge, domain)
    if isinstance(opened, Check):
        checks = (opened, not_reached(2, None)) if opened.number == 1 else (step(1, Outcome.PASSED), opened)
        return None, _result({}, checks)
    inner = opened.document
    first = step(1, Outcome.PASSED, None, inner.get("id"))
    failed = foreign_key([opened.method], vcdm.holder_id(inner), inner.get("id"))
    if failed is not None:
        return inner, _result(inner, (first, failed))
    return inner, _held(inner, first, (as_proof(opened),), opened.method.controller, proofs, challenge)


def _held(
    document: JsonObject,
    first: Check,
    verified: tuple[VerifiedProof, ...],
    signer: str,
    proofs: ProofCheck,
    challenge: str | None,
) -> CredentialResult:
    passed = proofs.passed(verified, signer, document.get("id"))
    if proofs.self_asserted(signer):
        parts = signed(Outcome.PASSED, Outcome.UNDETERMINED)
        finding = Phrase("self-asserted-keys", {"did": signer})
        passed = step(2, Outcome.UNDETERMINED, finding, passed.subject, parts=parts)
    elif challenge is None:
        passed = step(
            2, Outcome.PASSED, Phrase("unasked", {"signed": passed.finding}), passed.subject, parts=passed.parts
        )
    return CredentialResult(
        document.get("id"), vcdm.types(document), signer, (first, passed), subjects=(), proofs=verified
    )


def _result(document: JsonObject, checks: tuple[Check, ...]) -> CredentialResult:
    name = document.get("id")
    return CredentialResult(
        name if isinstance(name, str) else None, vcdm.types(document), vcdm.holder_id(document), checks
    )
