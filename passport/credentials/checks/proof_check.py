"""Check 2: does the proof verify, **and** does the key belong to the issuer (of a presentation: to its holder)?

Two answers, kept apart as the parts of the check. The proof of a document and the signature of a token come to the same
in the end: who signed, with which key, and when.

* An undefined term is a failure of check 1: no signature covers it. An unpinned context leaves check 1 undetermined:
  what the words mean is not known here, so there is nothing yet whose proof could be checked.
* A cryptosuite or type of proof that is not known here leaves the check undetermined, also beside proofs that hold.
* A key that is not at hand leaves the check undetermined, except where the proof already names a key of another party.
* A DID document out of the file itself may make a proof verify. Who its controller is, it cannot show:
  :meth:`ProofCheck.self_asserted`.

The work is bounded over all documents of one call together, status lists included.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from passport.credentials.checks.remembered import Key, Remembered, digest
from passport.credentials.envelopes import enveloping
from passport.credentials.verification_result import Check, Outcome, signed, step
from passport.credentials.wording import Phrase, shortened
from passport.errors import (
    MalformedCredential,
    MalformedDocument,
    PassportError,
    ProofError,
    Undetermined,
    UnknownContext,
    UnknownProof,
    UnsafeJsonLd,
    UsageError,
)
from passport.identity import DidResolver, VerificationMethod
from passport.identity.did import is_computed
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.rdfc10 import shared_work_left
from passport.proofs.data_integrity import VerifiedProof, verify_proof
from passport.texts import Message

MAX_PROOFS_IN_ALL = 400
"""Proofs in one call, status lists included; each costs an expansion and a canonicalisation."""
MAX_PROOF_LENGTH_IN_ALL = 2_000_000
"""Characters of proof values in one call: some 20,000 signatures of ecdsa-sd-2023, two or three seconds of work."""


class ProofCheck:
    """The keys at hand in one verification, and the work that is left for it.

    :param known: the DID documents that the policy pins and the caller hands over.
    :param enclosed: those out of the file, by DID; a known one wins.
    :param at: the instant asked about, aware.
    :param remembered: members of other files that verified; None: each is verified here.
    """

    def __init__(
        self,
        known: DidResolver,
        enclosed: dict[str, JsonObject],
        at: datetime,
        loader: ContextLoader,
        remembered: Remembered | None = None,
    ) -> None:
        self._known = known
        self._resolver = known.extended(enclosed)
        self._at = at
        self._loader = loader
        self._proof_count = self._proof_length = 0
        self._remembered = remembered
        self._enclosed = digest(enclosed) if remembered is not None else None

    def key(self, kind: str, document: JsonObject) -> Key | None:
        """By which a document is remembered whose checks 1 and 2 pass; None: it is not.

        :param kind: which checks 1 and 2 these are: those of a list are not those of other credentials.
        """
        if self._remembered is None or self._enclosed is None or type(document) is not dict:
            return None
        own = digest(document)
        return None if own is None else (kind, own, self._enclosed, self._at)

    def verified_before(self, key: Key | None, document: JsonObject) -> tuple[VerifiedProof, ...] | None:
        """The proofs of a document that passed checks 1 and 2 under this key; None: make the checks."""
        proofs = None if self._remembered is None or key is None else self._remembered.proofs(key)
        if proofs is not None:
            try:
                # What is remembered counts for the bounds of the file as if it were verified now.
                self._spend(document)
            except ProofError:
                return None
        return proofs

    def remember(self, key: Key | None, proofs: tuple[VerifiedProof, ...], work_before: int | None) -> None:
        """Remember a document that passed checks 1 and 2.

        :param work_before: :func:`~passport.linked_data.rdfc10.shared_work_left` before these checks.
        """
        if self._remembered is not None and key is not None and work_before == shared_work_left():
            self._remembered.keep(key, proofs)

    def proofs(
        self,
        document: JsonObject,
        controller: str | None,
        *,
        purpose: str = "assertionMethod",
        challenge: str | None = None,
        domain: str | None = None,
        at: datetime | None = None,
    ) -> tuple[tuple[VerifiedProof, ...], Check | None]:
        """The proofs, if all verify and belong to ``controller`` (None: to one DID); else the check that says why.

        :param at: as of another instant than the one asked about.
        """
        name = document.get("id")
        try:
            self._spend(document)
        except ProofError as error:
            parts, finding = signed(Outcome.FAILED, Outcome.NOT_REACHED), Phrase.of(error, "too-much-work")
            return (), step(2, Outcome.FAILED, finding, name, code=finding.key, error=error, parts=parts)
        if not document.get("proof"):
            parts = signed(Outcome.FAILED, Outcome.NOT_REACHED)
            return (), step(2, Outcome.FAILED, Phrase("unsigned"), name, parts=parts)
        try:
            proofs = verify_proof(
                document,
                self._resolver,
                expected_purpose=purpose,
                expected_challenge=challenge,
                expected_domain=domain,
                at=at or self._at,
                loader=self._loader,
            )
        except UnknownContext as error:
            return (), step(1, Outcome.UNDETERMINED, None, name, error=error)
        except (UnsafeJsonLd, MalformedDocument) as error:
            # What the words mean is not settled, so there is nothing yet whose proof could be looked at.
            return (), step(1, Outcome.FAILED, None, name, error=error)
        except Undetermined as error:
            named = set() if isinstance(error, UnknownProof) else _named_controllers(document)
            if controller is not None and named - {controller}:
                parts = signed(Outcome.UNDETERMINED, Outcome.FAILED)
                finding = Phrase("key-elsewhere", {"controller": controller})
                return (), step(2, Outcome.FAILED, finding, name, code="foreign-key", parts=parts)
            parts = signed(Outcome.UNDETERMINED, Outcome.UNDETERMINED)
            return (), step(2, Outcome.UNDETERMINED, None, name, error=error, parts=parts)
        except UsageError:
            raise
        except PassportError as error:
            parts = signed(Outcome.FAILED, Outcome.NOT_REACHED)
            return (), step(2, Outcome.FAILED, None, name, error=error, parts=parts)
        failed = foreign_key([proof.verification_method for proof in proofs], controller, name)
        return (proofs, None) if failed is None else ((), failed)

    def open(
        self,
        document: JsonObject,
        media_type: str,
        content: str,
        challenge: str | None = None,
        domain: str | None = None,
    ) -> enveloping.Opened | Check:
        """What is in a token; or the check that says why it was not opened."""
        name = document.get("id")
        name = name[:80] if isinstance(name, str) else None
        try:
            return enveloping.open_token(
                media_type,
                content,
                self._resolver,
                at=self._at,
                challenge=challenge,
                domain=domain,
                loader=self._loader,
            )
        except UnknownContext as error:
            return step(1, Outcome.UNDETERMINED, None, name, error=error)
        except (MalformedCredential, UnsafeJsonLd, MalformedDocument) as error:
            return step(1, Outcome.FAILED, None, name, error=error)
        except Undetermined as error:
            parts = signed(Outcome.UNDETERMINED, Outcome.UNDETERMINED)
            return step(2, Outcome.UNDETERMINED, None, name, error=error, parts=parts)
        except UsageError:
            raise
        except PassportError as error:
            parts = signed(Outcome.FAILED, Outcome.NOT_REACHED)
            return step(2, Outcome.FAILED, None, name, error=error, parts=parts)

    def passed(self, proofs: Sequence[VerifiedProof], controller: str, name: str | None) -> Check:
        """Check 2 where both answers are yes."""
        values = {
            "suites": [proof.cryptosuite for proof in proofs],
            "keys": [shortened(proof.verification_method.id) for proof in proofs],
        }
        finding = Phrase("signed-with-enclosed" if self.self_asserted(controller) else "signed-with", values)
        return step(2, Outcome.PASSED, finding, name, parts=signed(Outcome.PASSED, Outcome.PASSED))

    def self_asserted(self, did: str) -> bool:
        """Whether whatever is known of the keys of ``did`` comes from the file itself."""
        return not is_computed(did) and did not in self._known.documents

    def _spend(self, document: JsonObject) -> None:
        """:raises ProofError: the proofs of all documents so far are more than one call looks at."""
        value = document.get("proof")
        for proof in value if isinstance(value, list) else [value]:
            text = proof.get("proofValue") if isinstance(proof, dict) else None
            self._proof_count += 1
            self._proof_length += len(text) if isinstance(text, str) else 0
        if self._proof_count > MAX_PROOFS_IN_ALL or self._proof_length > MAX_PROOF_LENGTH_IN_ALL:
            raise ProofError(
                Message("too many or too long proofs in one file"),
                expected=Message(
                    "at most {max_proofs_in_all} proofs and {max_proof_length_in_all} characters of them",
                    max_proofs_in_all=MAX_PROOFS_IN_ALL,
                    max_proof_length_in_all=MAX_PROOF_LENGTH_IN_ALL,
                ),
            )


def foreign_key(methods: Sequence[VerificationMethod], controller: str | None, name: str | None) -> Check | None:
    """The second answer of check 2, where it is no: the keys are not all those of ``controller`` (None: of one)."""
    controllers = {method.controller for method in methods}
    expected = {controller} if controller is not None else controllers
    if controllers and controllers == expected and len(expected) == 1:
        return None
    values = {
        "keys": sorted(shortened(each) for each in controllers) or Phrase("nobody"),
        "controller": controller or Phrase("one-holder"),
    }
    parts = signed(Outcome.PASSED, Outcome.FAILED)
    return step(2, Outcome.FAILED, Phrase("foreign-key", values), name, parts=parts)


def as_proof(opened: enveloping.Opened) -> VerifiedProof:
    """The signature of a token, as results speak of proofs."""
    name = f"{opened.media_type.removeprefix('application/')} {opened.algorithm}"
    purpose = "authentication" if opened.media_type in enveloping.PRESENTATIONS else "assertionMethod"
    return VerifiedProof(name, opened.method, opened.signed_at, purpose, opened.derived)


def _named_controllers(document: JsonObject) -> set[str]:
    proofs = document.get("proof")
    entries = [proof for proof in (proofs if isinstance(proofs, list) else [proofs]) if isinstance(proof, dict)]
    methods = [proof.get("verificationMethod") for proof in entries]
    return {method.partition("#")[0] for method in methods if isinstance(method, str)}
