"""Verifying: is this what its issuer signed, does it still count, and does its issuer?

For each credential, in this order, and under these numbers everywhere:

1. It is a credential of VC Data Model 2.0, every context in it is pinned, no digest of a related resource contradicts
   what is at hand, and a document of our own context has its one spelling (``linked_data.spelling``).
2. Its proof verifies, **and** the key belongs to the issuer: two answers, kept apart as the parts of this check.
3. The instant of verification lies between ``validFrom`` and ``validUntil``.
4. No status bit is set, in a list that the same issuer signed and that is in force. Without such a list the check is
   undetermined, never passed; a credential without a status entry has nothing to look up.
5. The policy accepts the issuer for this kind of credential, and for its subject; or an enclosed accreditation speaks
   for it (``accreditation_check``).

And for the file as a whole:

6. Its members belong together. What that means is a rule that the caller hands in (:class:`FileRule`), since this
   package knows nothing of the things that credentials are about; without a rule the check is *not applied*.

What is not known here (a cryptosuite, a context, an envelope) makes a check undetermined; it is neither right nor
wrong. After a failure of 1 or 2 the later ones are not reached: whatever an unsigned text says about itself is not
looked at. Each check has a module: ``credential`` (1), ``proof_check`` (2), ``status_check`` (4), ``trust`` and
``namespaces`` (5); ``credential_check`` makes the first five of one credential.

What is handed in may be one credential, or a presentation (``presentation_check``): a saved passport is an unsigned one
that holds credentials, their status lists, and the DID documents that they need. Every member is verified: a status
list as a list, anything else as a credential. A presentation that is signed, or of which a challenge was asked, has a
result of its own: it must be signed for authentication by its holder.

The work is bounded over all of a file together, not only for each credential in it: proofs, the signatures in them, and
what graphs full of look-alike nodes cost.

Nothing here reads a clock, a network, a store or the ontology. Everything that decides comes in as an argument::

    result = Verifier(TrustList.load("trusted-issuers.json")).verify(document, at=now)
    result.verified                     # True, False, or None: could not be determined
    result.documents                    # what a program may read: the credentials of a file that verified

What is *not* shown by any of this: that the values are true, that the product at hand is the one described, and
that a derived view left nothing out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from passport.credentials import credential as vcdm
from passport.credentials.checks import presentation_check as vp
from passport.credentials.checks.accreditation_check import ActorClaim, through_accreditations
from passport.credentials.checks.credential_check import CredentialCheck
from passport.credentials.checks.list_check import ListCheck
from passport.credentials.checks.proof_check import ProofCheck
from passport.credentials.checks.remembered import Remembered
from passport.credentials.checks.status_check import SignedList, StatusCheck
from passport.credentials.envelopes import enveloping
from passport.credentials.namespaces import Identifiers
from passport.credentials.trust import Policy
from passport.credentials.verification_result import (
    CHECKS,
    Check,
    CredentialResult,
    Outcome,
    StatusReading,
    VerificationResult,
    not_reached,
    step,
)
from passport.credentials.wording import Phrase
from passport.errors import MalformedCredential, PassportError, UsageError
from passport.identity import DidResolver
from passport.linked_data import rdfc10
from passport.linked_data.contexts import PINNED, ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.texts import Message

__all__ = [
    "CHECKS",
    "Check",
    "CredentialResult",
    "FileRule",
    "Outcome",
    "StatusReading",
    "VerificationResult",
    "Verifier",
]

MAX_WORK_IN_ALL = 400_000
"""Steps of Hash N-Degree Quads in one call, less than a second; ordinary passports take none."""


class FileRule(Protocol):
    """What a caller knows of the things that credentials are about."""

    def identifiers(self, credentials: Sequence[CredentialResult]) -> Mapping[str, Identifiers]:
        """What the subjects of these credentials are known by, by subject; of one left out, its address is used.

        :param credentials: those whose proofs verified.
        """

    def concerns(self, result: CredentialResult) -> bool:
        """Whether the subjects of a credential are things that namespaces speak of; actors are not."""

    def together(
        self, credentials: Sequence[CredentialResult], *, holder: str | None, about: str | None
    ) -> tuple[Outcome, Phrase, str | None]:
        """Whether these credentials belong together: the outcome, what is said of it, and a code for machines.

        :param credentials: those whose proofs verified.
        :param holder: the DID that proved to present the file; None where there is none.
        :param about: the address or code that was asked for; None where the file came by itself.
        """

    def instant(self, result: CredentialResult) -> datetime | None:
        """Of when what the credential says is; None where it does not say."""

    def claims(self, credentials: Sequence[CredentialResult]) -> Mapping[str, ActorClaim]:
        """What accredited actors did, by credential id (:mod:`~passport.credentials.checks.accreditation_check`).

        :param credentials: those whose proofs verified.
        """


class Verifier:
    """Verifies credentials and presentations under one policy.

    :param policy: whose signature counts; has no default, and the way round it is ``UnsafeAnyIssuer()``.
    :param resolver: DID documents at hand besides those that the policy pins; a pinned one wins.
    :param status_lists: what came when the caller asked for status lists, by address: the answer, as JSON was parsed,
        or the error that says why nothing came. Lists in the file itself need not be given.
    :param resources: content of related resources at hand, by URL, besides the pinned contexts.
    :param rule: check 6; without it the check is not applied.
    :param foreign: take what we never issue but others may: credentials of VCDM 1.1, and a base direction (of which an
        RDF signature knows nothing). Off, since neither has a place in a passport.
    :param remembered: what this verifier remembers of documents that verified, for callers with many files that share
        members; of no other verifier. None: each document is verified each time.
    """

    def __init__(
        self,
        policy: Policy,
        resolver: DidResolver | None = None,
        status_lists: Mapping[str, JsonObject | PassportError] | None = None,
        loader: ContextLoader = PINNED,
        *,
        resources: Mapping[str, bytes] | None = None,
        rule: FileRule | None = None,
        foreign: bool = False,
        remembered: Remembered | None = None,
    ) -> None:
        pinned: dict[str, JsonObject] = getattr(policy, "did_documents", dict)()
        self._policy = policy
        self._resolver = DidResolver(pinned).extended(resolver.documents if resolver is not None else {})
        self._status_lists = dict(status_lists or {})
        self._loader = loader
        self._resources = dict(resources or {})
        self._rule = rule
        self._foreign = foreign
        self._remembered = remembered

    def verify(
        self,
        document: Any,
        *,
        at: datetime,
        challenge: str | None = None,
        domain: str | None = None,
        about: str | None = None,
    ) -> VerificationResult:
        """What can be said about ``document`` at the instant ``at``. Faults of the document are results, not errors.

        :param document: a credential, or a presentation; as JSON was parsed.
        :param at: aware.
        :param challenge: what the presenter was asked to sign; with it, an unsigned presentation fails.
        :param domain: the verifier that it had to be signed for.
        :param about: the address or code that was asked for; with a rule, a subject of the file must be that.
        :raises UsageError: ``at`` has no zone, or the installation is damaged.
        """
        if at.tzinfo is None or at.utcoffset() is None:
            raise UsageError(Message("the instant of verification has no zone"), expected=Message("an aware datetime"))
        with rdfc10.shared_work(MAX_WORK_IN_ALL):
            return self._verified(document, at, challenge, domain, about)

    def _verified(
        self, document: Any, at: datetime, challenge: str | None, domain: str | None, about: str | None
    ) -> VerificationResult:
        if vcdm.is_enveloped_presentation(document):
            proofs = self._proofs({}, at)
            opened, presentation = vp.opened_presentation(document, proofs, challenge, domain)
            return self._presented(opened, presentation, proofs, at, challenge, about)
        occasion = challenge is not None or domain is not None
        if not vcdm.is_presentation(document):
            checks = self._checks((), self._proofs({}, at), at)
            if occasion and _is_sd_jwt(document):
                # Such a token can be bound to an occasion by itself; without that binding, check 2 fails.
                return self._result([checks.credential(document, challenge, domain)], about=about)
            return self._result(
                [checks.credential(document)], vp.not_a_presentation() if occasion else None, about=about
            )
        try:
            vcdm.check_presentation(document, allow_v1=self._foreign)
            proofs = self._proofs(vp.enclosed_documents(document), at)
        except MalformedCredential as error:
            return self._result([], vp.malformed(document, error))
        holding: CredentialResult | None = None
        if "proof" in document or occasion:
            holding = vp.signed_presentation(document, proofs, challenge, domain)
        return self._presented(document, holding, proofs, at, challenge, about)

    def _presented(
        self,
        document: JsonObject | None,
        presentation: CredentialResult | None,
        proofs: ProofCheck,
        at: datetime,
        challenge: str | None,
        about: str | None,
    ) -> VerificationResult:
        """The members of a presentation, beside what was found out about itself; None could not be opened."""
        if document is None:
            return self._result([], presentation)
        counted, lists = vp.members(document)
        # Only a signature over this occasion's challenge shows that the holder is the one presenting.
        holder = None
        if presentation is not None and presentation.verified and challenge is not None:
            holder = presentation.issuer
        list_check = ListCheck(self._policy, proofs, at)
        enclosed = [list_check.signed(status_list) for status_list in lists]
        checks = self._checks(enclosed, proofs, at, list_check)
        credentials = checks.credentials(counted)
        issuers = {result.issuer for result in credentials if result.issuer is not None}
        return self._result(
            credentials,
            presentation,
            holder=holder,
            lists=list_check.results(enclosed, issuers),
            unproved=() if presentation is not None and presentation.proofs else vp.unproved(document),
            about=about,
            statuses=checks.statuses,
        )

    def _result(
        self,
        credentials: Sequence[CredentialResult],
        presentation: CredentialResult | None = None,
        *,
        holder: str | None = None,
        lists: tuple[CredentialResult, ...] = (),
        unproved: tuple[str, ...] = (),
        about: str | None = None,
        statuses: StatusCheck | None = None,
    ) -> VerificationResult:
        """The result over all members: namespaces, accreditations and check 6 need more than one of them."""
        credentials = self._within_namespaces(credentials)
        if self._rule is not None and statuses is not None:
            claims = self._rule.claims([credential for credential in credentials if credential.proved])
            credentials = through_accreditations(credentials, claims, statuses)
        used = [
            reading.list_at
            for credential in credentials
            for reading in credential.statuses
            if reading.list_at is not None
        ]
        return VerificationResult(
            tuple(credentials),
            presentation,
            min(used) if used else None,
            holder,
            lists,
            self._together(credentials, holder, about),
            unproved,
            tuple((credential, self._instant(credential)) for credential in credentials if credential.superseded),
        )

    def _within_namespaces(self, credentials: Sequence[CredentialResult]) -> list[CredentialResult]:
        """Check 5 once more, for the subjects: what is known of them may be in another credential of the file."""
        proved = [credential for credential in credentials if credential.proved]
        known = self._rule.identifiers(proved) if self._rule is not None else {}
        judged = []
        for credential in credentials:
            check = credential.check(5)
            if check.passed and (self._rule is None or self._rule.concerns(credential)):
                # A subject without an id has no address, so that no namespace covers it.
                names = [subject.get("id", "") for subject in vcdm.subjects(credential.document or {})]
                subjects = [known.get(name) or Identifiers.of_address(name) for name in names]
                check = self._covered(credential, check, subjects)
            judged.append(
                replace(credential, checks=tuple(check if each.number == 5 else each for each in credential.checks))
            )
        return judged

    def _covered(self, result: CredentialResult, passed: Check, subjects: Sequence[Identifiers]) -> Check:
        acceptance = self._policy.covers(result.issuer or "", subjects)
        if acceptance.accepted is False:
            return step(5, Outcome.FAILED, acceptance.reason, passed.subject, code="subject-not-accepted")
        if acceptance.accepted is None:
            return step(5, Outcome.UNDETERMINED, acceptance.reason, passed.subject, code="subject-undetermined")
        finding = Phrase("accepted-for", {"accepted": passed.finding, "subject": acceptance.reason})
        return step(5, Outcome.PASSED, finding, passed.subject)

    def _together(self, credentials: Sequence[CredentialResult], holder: str | None, about: str | None) -> Check:
        if self._rule is None:
            return step(6, Outcome.NOT_APPLIED, Phrase("no-rule"))
        proved = [credential for credential in credentials if credential.proved]
        if not proved:
            return not_reached(6, None)
        outcome, finding, code = self._rule.together(proved, holder=holder, about=about)
        return step(6, outcome, finding, code=code)

    def _instant(self, result: CredentialResult) -> datetime | None:
        return (self._rule.instant(result) if self._rule is not None else None) or result.valid_from

    def _proofs(self, enclosed: dict[str, JsonObject], at: datetime) -> ProofCheck:
        return ProofCheck(self._resolver, enclosed, at, self._loader, self._remembered)

    def _checks(
        self, enclosed: Sequence[SignedList], proofs: ProofCheck, at: datetime, list_check: ListCheck | None = None
    ) -> CredentialCheck:
        list_check = list_check or ListCheck(self._policy, proofs, at)
        by_address: dict[str, list[SignedList]] = {}
        for status_list in enclosed:
            if isinstance(status_list.document.get("id"), str):
                by_address.setdefault(status_list.document["id"], []).append(status_list)
        return CredentialCheck(
            self._policy,
            proofs,
            StatusCheck(
                by_address, self._status_lists, list_check.signed, list_check.successors, list_check.is_registrar
            ),
            at,
            resources=self._resources,
            foreign=self._foreign,
            loader=self._loader,
        )


def _is_sd_jwt(document: Any) -> bool:
    name = document.get("id") if vcdm.is_enveloped(document) else None
    return isinstance(name, str) and name.startswith((f"data:{enveloping.VC_SD_JWT},", f"data:{enveloping.DC_SD_JWT},"))
