"""The five checks of one credential, in their order, and the failures that end them.

After a failure of 1 or 2 the later ones are not reached: whatever an unsigned text says about itself is not looked at.
Where 2 could only not be *made*, 3 to 5 are answered all the same: they say what would hold.

A status list is a credential too; ``list_check`` verifies it before ``status_check`` reads a bit of it. Which subjects
an issuer may speak of is judged over the whole file (:class:`~passport.credentials.verifier.Verifier`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from passport.credentials import credential as vcdm
from passport.credentials.checks.proof_check import ProofCheck, as_proof, foreign_key
from passport.credentials.checks.related import check_related
from passport.credentials.checks.status_check import StatusCheck
from passport.credentials.envelopes import enveloping
from passport.credentials.trust import Policy
from passport.credentials.verification_result import Check, CredentialResult, Outcome, step, stopped
from passport.credentials.wording import Phrase, validity
from passport.errors import MalformedCredential, Respelled, UnsafeJsonLd
from passport.linked_data import spelling
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.rdfc10 import shared_work_left
from passport.proofs.cryptosuite import CRYPTOSUITES
from passport.proofs.data_integrity import CLOCK_SKEW, VerifiedProof
from passport.texts import Message


class CredentialCheck:
    """What is at hand for the credentials of one call.

    :param proofs: check 2, with the keys at hand.
    :param statuses: check 4, with the lists at hand.
    :param resources: content of related resources at hand, by URL.
    :param foreign: also take what we never issue (see :class:`~passport.credentials.verifier.Verifier`).
    """

    def __init__(
        self,
        policy: Policy,
        proofs: ProofCheck,
        statuses: StatusCheck,
        at: datetime,
        *,
        resources: Mapping[str, bytes],
        foreign: bool,
        loader: ContextLoader,
    ) -> None:
        self._policy = policy
        self._proofs = proofs
        self.statuses = statuses
        self._at = at
        self._resources = resources
        self._foreign = foreign
        self._loader = loader

    def credentials(self, documents: Sequence[JsonObject]) -> list[CredentialResult]:
        """Each of ``documents``; a second one of the same id is refused."""
        results: list[CredentialResult] = []
        seen: set[str] = set()
        for document in documents:
            result = self.credential(document)
            if result.id is not None and result.id in seen:
                # Two documents under one name: a reader who looks one up by its id may get the other.
                result = stopped(document, step(1, Outcome.FAILED, Phrase("duplicate")))
            if result.id is not None:
                seen.add(result.id)
            results.append(result)
        return results

    def credential(self, document: Any, challenge: str | None = None, domain: str | None = None) -> CredentialResult:
        """One credential, whatever it is. ``challenge`` and ``domain`` concern tokens that are bound to an occasion."""
        key = self._proofs.key("credential", document)
        before = self._proofs.verified_before(key, document)
        if before is not None:
            # Byte for byte what passed checks 1 and 2 in another file.
            return self._signed_by(document, vcdm.issuer_id(document), before, None)
        work = shared_work_left()
        # 1. The document is a credential of VC Data Model 2.0.
        try:
            if vcdm.is_enveloped(document):
                return self._enveloped(document, challenge, domain)
            vcdm.check_credential(document, allow_v1=self._foreign)
            check_related(document, self._resources)
            if not self._foreign:
                _refuse_direction(document)
            _refuse_respelled(document, self._loader)
        except (MalformedCredential, UnsafeJsonLd) as error:
            return stopped(document, step(1, Outcome.FAILED, error=error))
        # 2. Its proof verifies with a key of its issuer.
        issuer = vcdm.issuer_id(document)
        proofs, failed = self._proofs.proofs(document, issuer)
        if failed is not None and (failed.outcome is Outcome.FAILED or failed.number == 1):
            return stopped(document, failed)
        if failed is None:
            self._proofs.remember(key, proofs, work)
        return self._signed_by(document, issuer, proofs, failed)

    def _enveloped(self, document: JsonObject, challenge: str | None, domain: str | None) -> CredentialResult:
        """A credential inside a token: opened, then checked like any other."""
        media_type, content = vcdm.check_enveloped(document)
        if media_type not in enveloping.OPENED_HERE:
            return stopped(document, step(1, Outcome.UNDETERMINED, Phrase("enveloped", {"kind": media_type})))
        opened = self._proofs.open(document, media_type, content, challenge, domain)
        if isinstance(opened, Check):
            return stopped(document, opened)
        inner, issuer = opened.document, vcdm.issuer_id(opened.document)
        try:
            # The token covers the text itself; the rule protects readers of the text, so it holds here too.
            _refuse_respelled(inner, self._loader)
        except MalformedCredential as error:
            return stopped(inner, step(1, Outcome.FAILED, error=error))
        failed = foreign_key([opened.method], issuer, inner.get("id"))
        if failed is not None:
            return stopped(inner, failed)
        return self._signed_by(inner, issuer, (as_proof(opened),), None)

    def _signed_by(
        self, document: JsonObject, issuer: str, proofs: tuple[VerifiedProof, ...], failed: Check | None
    ) -> CredentialResult:
        """Checks 3 to 5 of a credential of which 1 and 2 passed, or 2 could not be made (``failed``)."""
        name = document.get("id")
        checks = [step(1, Outcome.PASSED, None, name), failed or self._proofs.passed(proofs, issuer, name)]
        # 3. It is valid at the instant asked about.
        checks.append(self._validity(document))
        # 4. Its status bits are not set.
        status, readings = self.statuses.check(document, issuer)
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

    def _validity(self, document: JsonObject) -> Check:
        name, starts, ends = document.get("id"), vcdm.valid_from(document), vcdm.valid_until(document)
        if starts is not None and starts > self._at + CLOCK_SKEW:
            return step(3, Outcome.FAILED, Phrase("not-yet-valid", {"starts": starts}), name)
        if ends is not None and self._at > ends:
            return step(3, Outcome.FAILED, Phrase("expired", {"ends": ends}), name)
        return step(3, Outcome.PASSED, validity([starts], [ends]), name)

    def _accepted(self, document: JsonObject, issuer: str) -> Check:
        name = document.get("id")
        acceptance = self._policy.accepts(issuer, vcdm.types(document))
        if acceptance.accepted is False:
            return step(5, Outcome.FAILED, acceptance.reason, name, code="issuer-not-accepted")
        if self._proofs.self_asserted(issuer):
            # The author of the file wrote the DID document too. That the two fit says nothing about who that was.
            return step(5, Outcome.UNDETERMINED, Phrase("self-asserted-keys", {"did": issuer}), name)
        if acceptance.accepted is None:
            return step(5, Outcome.UNDETERMINED, acceptance.reason, name, code="issuer-undetermined")
        return step(5, Outcome.PASSED, acceptance.reason, name)


def _refuse_respelled(document: JsonObject, loader: ContextLoader) -> None:
    """:raises Respelled: a document of our own context in another spelling of its graph, under any signature."""
    where = spelling.respelled(document, loader=loader)
    if where is not None:
        raise Respelled(where)


def _refuse_direction(document: JsonObject) -> None:
    """:raises UnsafeJsonLd: a base direction under a proof over RDF, which leaves no trace of it: a third party could
    have put it there to make a reader see a text in another order than its issuer wrote it."""
    proofs = document.get("proof", [])
    names = [proof.get("cryptosuite") for proof in (proofs if isinstance(proofs, list) else [proofs])]
    if all(isinstance(name, str) and getattr(CRYPTOSUITES.get(name), "context_in_proof", False) for name in names):
        return
    pending: list[Any] = [{key: value for key, value in document.items() if key != "proof"}]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if value.get("@direction") is not None:
                raise UnsafeJsonLd(
                    Message("the document contains a base direction, which its signature does not cover")
                )
            pending.extend(value.values())
        elif isinstance(value, list):
            pending.extend(value)
