"""Verifying: is this what its issuer signed, does it still count, and does its issuer?

For each credential, in this order, and under these numbers everywhere:

1. It is a credential of VC Data Model 2.0, every context in it is pinned, and no digest of a related resource
   contradicts what is at hand.
2. Its proof verifies, **and** the key belongs to the issuer: two answers, kept apart as the parts of this check.
3. The instant asked about lies between ``validFrom`` and ``validUntil``.
4. No status bit is set, in a list that the same issuer signed and that is in force. Without such a list the check is
   undetermined, never passed; a credential without a status entry has nothing to look up.
5. The policy accepts the issuer for this kind of credential.

After a failure of 1 or 2 the later ones are not reached: whatever an unsigned text says about itself is not looked at.

What is handed in may be one credential, or a presentation: a saved passport is an unsigned one that holds credentials,
their status lists, and the DID documents that they need. A presentation that is signed, or of which a challenge was
asked, has a result of its own: it must be signed for authentication by its holder.

The work is bounded over all of a file together, not only for each credential in it: proofs, the signatures in them, and
what graphs full of look-alike nodes cost.

Nothing here reads a clock, a network, a store or the ontology. Everything that decides comes in as an argument::

    result = Verifier(TrustList.load("trusted-issuers.json")).verify(document, at=now)
    result.verified                     # True, False, or None: could not be determined

What is *not* shown by any of this: that the values are true, that the battery before you is the one described, and
that a derived view left nothing out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials import enveloping, status_list, wording
from passport.credentials.related import check_related
from passport.credentials.result import (
    CHECKS,
    Check,
    CredentialResult,
    Outcome,
    StatusReading,
    VerificationResult,
    not_reached,
    signed,
    step,
    stopped,
)
from passport.credentials.status_check import SignedList, StatusCheck
from passport.credentials.trust import Policy
from passport.errors import (
    MalformedCredential,
    MalformedDocument,
    PassportError,
    ProofError,
    Undetermined,
    UnknownContext,
    UnsafeJsonLd,
    UsageError,
)
from passport.identity import DidResolver, VerificationMethod, did_key
from passport.linked_data import rdfc10
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.proofs.cryptosuite import CRYPTOSUITES
from passport.proofs.data_integrity import CLOCK_SKEW, VerifiedProof, verify_proof

__all__ = [
    "CHECKS",
    "Check",
    "CredentialResult",
    "Outcome",
    "StatusReading",
    "VerificationResult",
    "Verifier",
]


MAX_PROOFS_IN_ALL = 400
"""Proofs in one call, status lists included; each costs an expansion and a canonicalisation."""
MAX_PROOF_LENGTH_IN_ALL = 2_000_000
"""Characters of proof values in one call: some 20,000 signatures of ecdsa-sd-2023, two or three seconds of work."""
MAX_WORK_IN_ALL = 400_000
"""Steps of Hash N-Degree Quads in one call, less than a second; ordinary passports take none."""


class Verifier:
    """Verifies credentials and presentations under one policy.

    :param policy: whose signature counts; has no default, and the way round it is ``UnsafeAnyIssuer()``.
    :param resolver: DID documents at hand besides those that the policy pins; a pinned one wins.
    :param status_lists: status list credentials at hand, by address. They are verified like enclosed ones, and of
        several that hold, the newest counts.
    :param resources: content of related resources at hand, by URL, besides the pinned contexts.
    :param foreign: take what we never issue but others may: credentials of VCDM 1.1, and a base direction (of which an
        RDF signature knows nothing). Off, since neither has a place in a passport.
    """

    def __init__(
        self,
        policy: Policy,
        resolver: DidResolver | None = None,
        status_lists: Mapping[str, dict] | None = None,
        loader: ContextLoader = PINNED,
        *,
        resources: Mapping[str, bytes] | None = None,
        foreign: bool = False,
    ) -> None:
        pinned = getattr(policy, "did_documents", dict)()
        self._policy = policy
        self._resolver = DidResolver(pinned).extended(resolver.documents if resolver is not None else {})
        self._status_lists = dict(status_lists or {})
        self._loader = loader
        self._resources = dict(resources or {})
        self._foreign = foreign

    def verify(
        self, document: Any, *, at: datetime, challenge: str | None = None, domain: str | None = None
    ) -> VerificationResult:
        """What can be said about ``document`` at the instant ``at``. Faults of the document are results, not errors.

        :param document: a credential, or a presentation; as JSON was parsed.
        :param at: aware.
        :param challenge: what the presenter was asked to sign; with it, an unsigned presentation fails.
        :param domain: whom it had to be signed for.
        :raises UsageError: ``at`` has no zone, or the installation is damaged.
        """
        if at.tzinfo is None or at.utcoffset() is None:
            raise UsageError("the instant of verification has no zone", expected="an aware datetime")
        with rdfc10.shared_work(MAX_WORK_IN_ALL):
            return self._verified(document, at, challenge, domain)

    def _verified(self, document: Any, at: datetime, challenge: str | None, domain: str | None) -> VerificationResult:
        asked = challenge is not None or domain is not None
        if vcdm.is_enveloped_presentation(document):
            return self._enveloped_presentation(document, at, challenge, domain)
        if not vcdm.is_presentation(document):
            run = _Run(self, self._resolver, at, self._lists(()))
            if asked and _is_sd_jwt(document):
                # Such a token can be bound to an occasion by itself; without that binding, check 2 fails.
                return _result([run.credential(document, challenge, domain)], None, None)
            refused = _refused("not a presentation, and a challenge was asked for", "unsigned") if asked else None
            return _result([run.credential(document)], refused, None)
        try:
            vcdm.check_presentation(document, allow_v1=self._foreign)
            enclosed = _enclosed_documents(document)
        except MalformedCredential as error:
            failed = step(1, Outcome.FAILED, str(error), error=error)
            return _result([], _presentation_result(document, (failed, not_reached(2, None))), None)
        counted, lists = _members(document)
        run = _Run(self, self._resolver.extended(enclosed), at, self._lists(lists))
        presentation, holder = None, None
        if "proof" in document or asked:
            presentation = run.presentation(document, challenge, domain)
            # Only a signature over this occasion's challenge shows that the holder is the one presenting.
            if presentation.verified and challenge is not None:
                holder = presentation.issuer
        return _result(run.credentials(counted), presentation, holder)

    def _enveloped_presentation(
        self, document: dict, at: datetime, challenge: str | None, domain: str | None
    ) -> VerificationResult:
        """A presentation inside a token: opened for its holder, then its credentials like those of any other."""
        run = _Run(self, self._resolver, at, self._lists(()))
        try:
            media_type, content = vcdm.check_enveloped(document)
        except MalformedCredential as error:
            failed = step(1, Outcome.FAILED, str(error), error=error)
            return _result([], _presentation_result({}, (failed, not_reached(2, None))), None)
        if media_type not in enveloping.OPENED_HERE:
            failed = step(1, Outcome.UNDETERMINED, f"{media_type} cannot be checked by this version", code="enveloped")
            return _result([], _presentation_result({}, (failed, not_reached(2, None))), None)
        opened, presentation = run.opened_presentation(document, media_type, content, challenge, domain)
        if opened is None:
            return _result([], presentation, None)
        counted, lists = _members(opened.document)
        run = _Run(self, self._resolver, at, self._lists(lists))
        holder = presentation.issuer if presentation.verified and challenge is not None else None
        return _result(run.credentials(counted), presentation, holder)

    def _lists(self, enclosed: Sequence[dict]) -> dict[str, list[dict]]:
        lists: dict[str, list[dict]] = {}
        for address, document in self._status_lists.items():
            lists.setdefault(address, []).append(document)
        for document in enclosed:
            if isinstance(document.get("id"), str):
                lists.setdefault(document["id"], []).append(document)
        return lists


class _Run:
    """One call of :meth:`Verifier.verify`: what is at hand, and what was found out on the way."""

    def __init__(
        self, verifier: Verifier, resolver: DidResolver, at: datetime, lists: Mapping[str, list[dict]]
    ) -> None:
        self._policy = verifier._policy
        self._pinned = verifier._resolver
        self._resolver = resolver
        self._loader = verifier._loader
        self._resources = verifier._resources
        self._foreign = verifier._foreign
        self._at = at
        self._proof_count = self._proof_length = 0
        self._statuses = StatusCheck(lists, self._signed_list)

    # --- credentials ------------------------------------------------------------------------------------------------

    def credentials(self, documents: Sequence[dict]) -> list[CredentialResult]:
        results, seen = [], set()
        for document in documents:
            name = document.get("id")
            if isinstance(name, str) and name in seen:
                # Two documents under one name: a reader who looks one up by its id may get the other.
                results.append(stopped(document, 1, Outcome.FAILED, "there are two documents of this id", "duplicate"))
                continue
            seen.add(name if isinstance(name, str) else None)
            results.append(self.credential(document))
        return results

    def credential(self, document: Any, challenge: str | None = None, domain: str | None = None) -> CredentialResult:
        # 1. The document is a credential of VC Data Model 2.0.
        try:
            if vcdm.is_enveloped(document):
                return self._enveloped(document, challenge, domain)
            vcdm.check_credential(document, allow_v1=self._foreign)
            check_related(document, self._resources)
            if not self._foreign:
                _refuse_direction(document)
        except (MalformedCredential, UnsafeJsonLd) as error:
            return stopped(document, 1, Outcome.FAILED, str(error), error.code, error)
        # 2. Its proof verifies with a key of its issuer.
        issuer = vcdm.issuer_id(document)
        proofs, failed = self._proofs(document, issuer)
        if failed is not None and failed.outcome is Outcome.FAILED:
            return stopped(
                document, failed.number, failed.outcome, failed.detail, failed.code, failed.error, failed.parts
            )
        return self._signed_by(document, issuer, proofs, failed)

    def _signed_by(
        self, document: dict, issuer: str, proofs: tuple[VerifiedProof, ...], failed: Check | None
    ) -> CredentialResult:
        """Checks 3 to 5 of a credential of which 1 and 2 passed, or 2 could not be made (``failed``)."""
        name = document.get("id")
        checks = [step(1, Outcome.PASSED, "", name), failed or self._proof_passed(proofs, issuer, name)]
        # 3. It is valid at the instant asked about.
        checks.append(self._validity(document))
        # 4. Its status bits are not set.
        status, readings = self._statuses.check(document, issuer)
        checks.append(status)
        # 5. The policy accepts its issuer for this kind of credential.
        checks.append(self._accepted(document, issuer))
        return CredentialResult(
            name,
            vcdm.types(document),
            issuer,
            tuple(checks),
            any(proof.derived for proof in proofs),
            vcdm.valid_from(document),
            vcdm.valid_until(document),
            tuple(subject["id"] for subject in vcdm.subjects(document) if "id" in subject),
            proofs,
            readings,
            document,
        )

    def _enveloped(self, document: dict, challenge: str | None, domain: str | None) -> CredentialResult:
        """A credential inside a token: opened, then checked like any other."""
        media_type, content = vcdm.check_enveloped(document)
        if media_type not in enveloping.OPENED_HERE:
            detail = f"{media_type} cannot be checked by this version"
            return stopped(document, 1, Outcome.UNDETERMINED, detail, "enveloped")
        opened, failed = self._open(document, media_type, content, challenge, domain)
        if opened is None:
            return stopped(
                document, failed.number, failed.outcome, failed.detail, failed.code, failed.error, failed.parts
            )
        issuer, inner = vcdm.issuer_id(opened.document), opened.document
        failed = self._foreign_key([opened.method], issuer, inner.get("id"))
        if failed is not None:
            return stopped(inner, 2, failed.outcome, failed.detail, failed.code, failed.error, failed.parts)
        return self._signed_by(inner, issuer, (_as_proof(opened),), None)

    def _open(
        self, document: dict, media_type: str, content: str, challenge: str | None = None, domain: str | None = None
    ) -> tuple[enveloping.Opened | None, Check | None]:
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
            ), None
        except (MalformedCredential, UnknownContext, UnsafeJsonLd, MalformedDocument) as error:
            return None, step(1, Outcome.FAILED, str(error), name, error=error)
        except Undetermined as error:
            parts = signed(Outcome.UNDETERMINED, Outcome.UNDETERMINED)
            return None, step(2, Outcome.UNDETERMINED, str(error), name, error=error, parts=parts)
        except UsageError:
            raise
        except PassportError as error:
            parts = signed(Outcome.FAILED, Outcome.NOT_REACHED)
            return None, step(2, Outcome.FAILED, str(error), name, error=error, parts=parts)

    def _proofs(
        self,
        document: dict,
        controller: str | None,
        *,
        purpose: str = "assertionMethod",
        challenge: str | None = None,
        domain: str | None = None,
    ) -> tuple[tuple[VerifiedProof, ...], Check | None]:
        """The proofs, if all verify and belong to ``controller`` (None: to one DID); else the check that says why."""
        name = document.get("id")
        try:
            self._spend(document)
        except ProofError as error:
            parts = signed(Outcome.FAILED, Outcome.NOT_REACHED)
            return (), step(2, Outcome.FAILED, str(error), name, "too-much-work", error, parts=parts)
        if not document.get("proof"):
            parts = signed(Outcome.FAILED, Outcome.NOT_REACHED)
            return (), step(2, Outcome.FAILED, "not signed", name, "unsigned", parts=parts)
        try:
            proofs = verify_proof(
                document,
                self._resolver,
                expected_purpose=purpose,
                expected_challenge=challenge,
                expected_domain=domain,
                at=self._at,
                loader=self._loader,
            )
        except (UnknownContext, UnsafeJsonLd, MalformedDocument) as error:
            # What the words mean is not settled, so there is nothing yet whose proof could be looked at.
            return (), step(1, Outcome.FAILED, str(error), name, error=error)
        except Undetermined as error:
            named = _named_controllers(document)
            if controller is not None and named - {controller}:
                parts = signed(Outcome.UNDETERMINED, Outcome.FAILED)
                detail = f"the key is not one of {controller}"
                return (), step(2, Outcome.FAILED, detail, name, "foreign-key", parts=parts)
            parts = signed(Outcome.UNDETERMINED, Outcome.UNDETERMINED)
            return (), step(2, Outcome.UNDETERMINED, str(error), name, error=error, parts=parts)
        except UsageError:
            raise
        except PassportError as error:
            parts = signed(Outcome.FAILED, Outcome.NOT_REACHED)
            return (), step(2, Outcome.FAILED, str(error), name, error=error, parts=parts)
        failed = self._foreign_key([proof.verification_method for proof in proofs], controller, name)
        return (proofs, None) if failed is None else ((), failed)

    def _spend(self, document: dict) -> None:
        """:raises ProofError: the proofs of all documents so far are more than one call looks at."""
        value = document.get("proof")
        for proof in value if isinstance(value, list) else [value]:
            text = proof.get("proofValue") if isinstance(proof, dict) else None
            self._proof_count += 1
            self._proof_length += len(text) if isinstance(text, str) else 0
        if self._proof_count > MAX_PROOFS_IN_ALL or self._proof_length > MAX_PROOF_LENGTH_IN_ALL:
            raise ProofError(
                "too many or too long proofs in one file",
                expected=f"at most {MAX_PROOFS_IN_ALL} proofs and {MAX_PROOF_LENGTH_IN_ALL} characters of them",
            )

    @staticmethod
    def _foreign_key(methods: Sequence[VerificationMethod], controller: str | None, name: str | None) -> Check | None:
        """The second answer of check 2, where it is no: the keys are not all those of ``controller`` (None: of one)."""
        controllers = {method.controller for method in methods}
        expected = {controller} if controller is not None else controllers
        if controllers and controllers == expected and len(expected) == 1:
            return None
        keys = wording.listed(sorted(wording.shortened(each) for each in controllers)) if controllers else "nobody"
        detail = f"the signature verifies, but the key belongs to {keys}, not to {controller or 'one holder'}"
        parts = signed(Outcome.PASSED, Outcome.FAILED)
        return step(2, Outcome.FAILED, detail, name, "foreign-key", parts=parts)

    def _proof_passed(self, proofs: Sequence[VerifiedProof], controller: str, name: str | None) -> Check:
        suites = wording.listed(proof.cryptosuite for proof in proofs)
        key = wording.listed(wording.shortened(proof.verification_method.id) for proof in proofs)
        source = ", whose DID document comes from the file itself" if self._self_asserted(controller) else ""
        parts = signed(Outcome.PASSED, Outcome.PASSED)
        return step(2, Outcome.PASSED, f"{suites}, key {key}{source}", name, parts=parts)

    def _validity(self, document: dict) -> Check:
        name, starts, ends = document.get("id"), vcdm.valid_from(document), vcdm.valid_until(document)
        if starts is not None and starts > self._at + CLOCK_SKEW:
            return step(3, Outcome.FAILED, f"valid only from {wording.moment(starts)}", name, "not-yet-valid")
        if ends is not None and self._at > ends:
            return step(3, Outcome.FAILED, f"expired {wording.moment(ends)}", name, "expired")
        return step(3, Outcome.PASSED, wording.validity([starts], [ends]), name)

    def _accepted(self, document: dict, issuer: str) -> Check:
        name = document.get("id")
        acceptance = self._policy.accepts(issuer, vcdm.types(document))
        if acceptance.accepted is False:
            return step(5, Outcome.FAILED, acceptance.reason, name, "issuer-not-accepted", hint=acceptance.hint)
        if self._self_asserted(issuer):
            # Whoever wrote the file wrote the DID document too. That the two fit says nothing about who that was.
            detail = f"the keys of {issuer} come from the file itself"
            hint = "Pin the issuer's DID document in the trust list."
            return step(5, Outcome.UNDETERMINED, detail, name, "self-asserted-keys", hint=hint)
        outcome = Outcome.PASSED if acceptance.accepted else Outcome.UNDETERMINED
        code = None if acceptance.accepted else "issuer-undetermined"
        return step(5, outcome, acceptance.reason, name, code, hint=acceptance.hint)

    def _self_asserted(self, did: str) -> bool:
        return not did.startswith(did_key.PREFIX) and did not in self._pinned.documents

    # --- status lists -----------------------------------------------------------------------------------------------

    def _signed_list(self, document: dict) -> SignedList:
        """``document`` verified as a credential of its own: model, proof, issuer's key and validity."""
        try:
            vcdm.check_credential(document)
        except MalformedCredential as error:
            return SignedList(document, fault=str(error))
        issuer = vcdm.issuer_id(document)
        proofs, failed = self._proofs(document, issuer)
        if failed is not None:
            return SignedList(document, fault=f"its proof: {failed.detail}")
        validity = self._validity(document)
        if not validity.passed:
            return SignedList(document, fault=validity.detail)
        signed = [proof.created for proof in proofs if proof.created is not None]
        signed_at = min(signed) if signed else vcdm.valid_from(document)
        if signed_at is None:
            return SignedList(document, fault="it does not say of when it is")
        return SignedList(document, issuer, signed_at)

    # --- the presentation itself --------------------------------------------------------------------------------------

    def opened_presentation(
        self, document: dict, media_type: str, content: str, challenge: str | None, domain: str | None
    ) -> tuple[enveloping.Opened | None, CredentialResult]:
        """The presentation in a token, None where it was not opened, and what is to be said about it."""
        opened, failed = self._open(document, media_type, content, challenge, domain)
        if opened is None:
            checks = (failed, not_reached(2, None)) if failed.number == 1 else (step(1, Outcome.PASSED, ""), failed)
            return None, _presentation_result({}, checks)
        inner, proof = opened.document, _as_proof(opened)
        name, signer = inner.get("id"), opened.method.controller
        first = step(1, Outcome.PASSED, "", name)
        failed = self._foreign_key([opened.method], vcdm.holder_id(inner), name)
        if failed is not None:
            return opened, _presentation_result(inner, (first, failed))
        return opened, self._presented(inner, first, (proof,), signer, challenge)

    def presentation(self, document: dict, challenge: str | None, domain: str | None) -> CredentialResult:
        first = step(1, Outcome.PASSED, "", document.get("id"))
        holder = vcdm.holder_id(document)
        proofs, failed = self._proofs(document, holder, purpose="authentication", challenge=challenge, domain=domain)
        if failed is not None:
            checks = (failed, not_reached(2, failed.subject)) if failed.number == 1 else (first, failed)
            return _presentation_result(document, checks)
        return self._presented(document, first, proofs, proofs[0].verification_method.controller, challenge)

    def _presented(
        self, document: dict, first: Check, proofs: tuple[VerifiedProof, ...], signer: str, challenge: str | None
    ) -> CredentialResult:
        passed = self._proof_passed(proofs, signer, document.get("id"))
        if self._self_asserted(signer):
            detail = f"the keys of {signer} come from the file itself"
            parts = signed(Outcome.PASSED, Outcome.UNDETERMINED)
            passed = step(2, Outcome.UNDETERMINED, detail, passed.subject, "self-asserted-keys", parts=parts)
        elif challenge is None:
            passed = replace(passed, detail=f"{passed.detail}; no challenge was asked for")
        return CredentialResult(
            document.get("id"), vcdm.types(document), signer, (first, passed), subjects=(), proofs=proofs
        )


def _enclosed_documents(presentation: dict) -> dict[str, dict]:
    """The DID documents in a saved passport, by their id."""
    value = presentation.get(vcdm.DID_DOCUMENT, [])
    documents = {}
    for entry in value if isinstance(value, list) else [value]:
        document = entry.get("@value") if isinstance(entry, dict) and entry.get("@type") == "@json" else None
        if not isinstance(document, dict) or not isinstance(document.get("id"), str):
            raise MalformedCredential("an enclosed DID document", expected="a JSON literal with an id")
        if document["id"] in documents:
            raise MalformedCredential("two enclosed DID documents of one DID", found=document["id"][:80])
        documents[document["id"]] = document
    return documents


def _members(presentation: dict) -> tuple[list[dict], list[dict]]:
    """The credentials of a presentation that count, and the status lists among them, which are support."""
    counted: list[dict] = []
    lists: list[dict] = []
    for member in vcdm.credentials(presentation):
        (lists if status_list.LIST_CREDENTIAL in vcdm.types(member) else counted).append(member)
    return counted, lists


def _is_sd_jwt(document: Any) -> bool:
    name = document.get("id") if vcdm.is_enveloped(document) else None
    return isinstance(name, str) and name.startswith(f"data:{enveloping.VC_SD_JWT},")


def _as_proof(opened: enveloping.Opened) -> VerifiedProof:
    """The signature of a token, as results speak of proofs."""
    name = f"{opened.media_type.removeprefix('application/')} {opened.algorithm}"
    purpose = "authentication" if opened.media_type == enveloping.VP_JWT else "assertionMethod"
    return VerifiedProof(name, opened.method, opened.signed_at, purpose, opened.derived)


def _refuse_direction(document: dict) -> None:
    """:raises UnsafeJsonLd: a base direction under a proof over RDF, which leaves no trace of it: anybody could have
    put it there to make a reader see a text in another order than its issuer wrote it."""
    proofs = document.get("proof", [])
    names = [proof.get("cryptosuite") for proof in (proofs if isinstance(proofs, list) else [proofs])]
    if all(isinstance(name, str) and getattr(CRYPTOSUITES.get(name), "context_in_proof", False) for name in names):
        return
    pending: list[Any] = [{key: value for key, value in document.items() if key != "proof"}]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if value.get("@direction") is not None:
                raise UnsafeJsonLd("a base direction stands in the document, which its signature does not cover")
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)


def _named_controllers(document: dict) -> set[str]:
    proofs = document.get("proof")
    methods = [proof.get("verificationMethod") for proof in (proofs if isinstance(proofs, list) else [proofs])]
    return {method.partition("#")[0] for method in methods if isinstance(method, str)}


def _refused(detail: str, code: str) -> CredentialResult:
    error = ProofError(detail, expected="a presentation that its holder signed for this occasion")
    checks = (step(1, Outcome.FAILED, str(error), None, code, error), not_reached(2, None))
    return CredentialResult(None, (), None, checks)


def _presentation_result(document: dict, checks: tuple[Check, ...]) -> CredentialResult:
    name = document.get("id")
    return CredentialResult(
        name if isinstance(name, str) else None, vcdm.types(document), vcdm.holder_id(document), checks
    )


def _result(
    credentials: Sequence[CredentialResult], presentation: CredentialResult | None, holder: str | None
) -> VerificationResult:
    used = [reading.list_at for result in credentials for reading in result.statuses if reading.list_at is not None]
    return VerificationResult(tuple(credentials), presentation, min(used) if used else None, holder)
