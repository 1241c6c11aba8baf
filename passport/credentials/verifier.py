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
Each check has a module: ``credential`` (1), ``proof_check`` (2), ``status_check`` (4) and ``trust`` (5);
``credential_check`` makes all five of one credential.

What is handed in may be one credential, or a presentation (``presentation_check``): a saved passport is an unsigned one
that holds credentials, their status lists, and the DID documents that they need. A presentation that is signed, or of
which a challenge was asked, has a result of its own: it must be signed for authentication by its holder.

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
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials import enveloping
from passport.credentials import presentation_check as vp
from passport.credentials.credential_check import CredentialCheck
from passport.credentials.proof_check import ProofCheck
from passport.credentials.result import (
    CHECKS,
    Check,
    CredentialResult,
    Outcome,
    StatusReading,
    VerificationResult,
)
from passport.credentials.trust import Policy
from passport.errors import MalformedCredential, UsageError
from passport.identity import DidResolver
from passport.linked_data import rdfc10
from passport.linked_data.contexts import PINNED, ContextLoader

__all__ = [
    "CHECKS",
    "Check",
    "CredentialResult",
    "Outcome",
    "StatusReading",
    "VerificationResult",
    "Verifier",
]

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
        if vcdm.is_enveloped_presentation(document):
            proofs = self._proofs({}, at)
            opened, presentation = vp.opened_presentation(document, proofs, challenge, domain)
            return self._presented(opened, presentation, proofs, at, challenge)
        asked = challenge is not None or domain is not None
        if not vcdm.is_presentation(document):
            checks = self._checks((), self._proofs({}, at), at)
            if asked and _is_sd_jwt(document):
                # Such a token can be bound to an occasion by itself; without that binding, check 2 fails.
                return _result([checks.credential(document, challenge, domain)])
            return _result([checks.credential(document)], vp.not_a_presentation() if asked else None)
        try:
            vcdm.check_presentation(document, allow_v1=self._foreign)
            proofs = self._proofs(vp.enclosed_documents(document), at)
        except MalformedCredential as error:
            return _result([], vp.malformed(document, error))
        presentation = None
        if "proof" in document or asked:
            presentation = vp.signed_presentation(document, proofs, challenge, domain)
        return self._presented(document, presentation, proofs, at, challenge)

    def _presented(
        self,
        document: dict | None,
        presentation: CredentialResult | None,
        proofs: ProofCheck,
        at: datetime,
        challenge: str | None,
    ) -> VerificationResult:
        """The credentials of a presentation, beside what was found out about itself; None could not be opened."""
        if document is None:
            return _result([], presentation)
        counted, lists = vp.members(document)
        # Only a signature over this occasion's challenge shows that the holder is the one presenting.
        shown = presentation is not None and presentation.verified and challenge is not None
        holder = presentation.issuer if shown else None
        return _result(self._checks(lists, proofs, at).credentials(counted), presentation, holder)

    def _proofs(self, enclosed: dict[str, dict], at: datetime) -> ProofCheck:
        return ProofCheck(self._resolver, enclosed, at, self._loader)

    def _checks(self, enclosed: Sequence[dict], proofs: ProofCheck, at: datetime) -> CredentialCheck:
        lists: dict[str, list[dict]] = {}
        for address, document in self._status_lists.items():
            lists.setdefault(address, []).append(document)
        for document in enclosed:
            if isinstance(document.get("id"), str):
                lists.setdefault(document["id"], []).append(document)
        return CredentialCheck(self._policy, proofs, lists, at, resources=self._resources, foreign=self._foreign)


def _is_sd_jwt(document: Any) -> bool:
    name = document.get("id") if vcdm.is_enveloped(document) else None
    return isinstance(name, str) and name.startswith(f"data:{enveloping.VC_SD_JWT},")


def _result(
    credentials: Sequence[CredentialResult], presentation: CredentialResult | None = None, holder: str | None = None
) -> VerificationResult:
    used = [reading.list_at for result in credentials for reading in result.statuses if reading.list_at is not None]
    return VerificationResult(tuple(credentials), presentation, min(used) if used else None, holder)
