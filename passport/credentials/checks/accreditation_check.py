"""Check 5 through an enclosed accreditation: an issuer that no trust list names, for what it did at one instant.

A caller's rule says which credential of the file is a claim of an accredited actor, of which instant it is, and which
other credential accredits the actor (:class:`ActorClaim`). Then:

* Check 5 of the claim passes if the accreditation is what its issuer signed, the policy accepts that issuer for it, it
  was valid and not revoked at that instant, and the caller's rule has no objection: the accreditation covers the claim.
* Checks 3 and 4 of the accreditation are answered as of that instant, not as of now. An accreditation that ended or was
  revoked later leaves what was done inside it as it is.
* A revocation is for good: a list of a later time whose bit is not set shows that it was not set before. A list whose
  bit is set shows nothing of the time before it was signed.

*Not* shown by this: that the claim was made at the instant it states. An actor can write any date into what it signs;
that a registry accepted it, and when, is shown by the registry's log.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from passport.credentials.checks.status_check import StatusCheck
from passport.credentials.verification_result import Check, CredentialResult, Outcome, step
from passport.credentials.wording import Phrase, shortened, validity


@dataclass(frozen=True)
class ActorClaim:
    """:ivar accreditation: id of the credential that accredits the issuer; :ivar at: instant of the claim, aware.

    :ivar objection: why the accreditation does not cover the claim; None where it does.
    """

    accreditation: str
    at: datetime
    objection: Phrase | None = None


def through_accreditations(
    credentials: Sequence[CredentialResult], claims: Mapping[str, ActorClaim], statuses: StatusCheck
) -> list[CredentialResult]:
    """The results with check 5 of each claim, and checks 3 and 4 of the accreditations, judged as of the claims.

    :param claims: by id of the credential.
    """
    by_id = {result.id: result for result in credentials if result.id is not None}
    changed: dict[str, list[Check]] = {}
    for name, claim in claims.items():
        actor, accreditation = by_id.get(name), by_id.get(claim.accreditation)
        if actor is None or accreditation is None or actor.check(5).passed or not actor.proved:
            continue
        as_of = _as_of(accreditation, claim.at, statuses)
        changed[name] = [_spoken_for(actor, accreditation, as_of, claim)]
        changed.setdefault(claim.accreditation, []).extend(as_of)
    return [_with(result, changed.get(result.id or "", ())) for result in credentials]


def _as_of(accreditation: CredentialResult, at: datetime, statuses: StatusCheck) -> list[Check]:
    """Checks 3 and 4 of an accreditation as of an instant; none where it is not what its issuer signed."""
    if not accreditation.proved or accreditation.document is None or accreditation.issuer is None:
        return []
    name, starts, ends = accreditation.id, accreditation.valid_from, accreditation.valid_until
    if starts is not None and starts > at:
        valid = step(3, Outcome.FAILED, Phrase("not-yet-valid", {"starts": starts}), name)
    elif ends is not None and at > ends:
        valid = step(3, Outcome.FAILED, Phrase("expired", {"ends": ends}), name)
    else:
        valid = step(3, Outcome.PASSED, validity([starts], [ends]), name)
    return [valid, statuses.as_of(dict(accreditation.document), accreditation.issuer, at)]


def _spoken_for(
    actor: CredentialResult, accreditation: CredentialResult, as_of: list[Check], claim: ActorClaim
) -> Check:
    values = {"actor": shortened(actor.issuer or ""), "issuer": shortened(accreditation.issuer or ""), "at": claim.at}
    outcomes = {accreditation.check(5).outcome, *(check.outcome for check in as_of)} if as_of else {Outcome.FAILED}
    if claim.objection is not None and Outcome.FAILED not in outcomes:
        return step(5, Outcome.FAILED, claim.objection, actor.id, code="outside-accreditation")
    if outcomes == {Outcome.PASSED}:
        return step(5, Outcome.PASSED, Phrase("accredited", values), actor.id)
    if Outcome.FAILED in outcomes:
        return step(5, Outcome.FAILED, Phrase("not-accredited", values), actor.id)
    return step(5, Outcome.UNDETERMINED, Phrase("accreditation-undetermined", values), actor.id)


def _with(result: CredentialResult, checks: Sequence[Check]) -> CredentialResult:
    """The result with the worst of these checks under each number in the place of its own."""
    worst: dict[int, Check] = {}
    for check in checks:
        known = worst.get(check.number)
        if known is None or check.outcome.severity < known.outcome.severity:
            worst[check.number] = check
    return replace(result, checks=tuple(worst.get(check.number, check) for check in result.checks)) if worst else result
