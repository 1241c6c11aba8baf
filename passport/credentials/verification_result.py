"""The result of a verification: numbered checks, each passed, failed or undetermined.

The numbers are the same on the page, in the terminal, in the report for machines and in the tests:

1. a credential of VC Data Model 2.0      4. no status bit is set
2. the proof verifies                     5. issuer trusted for this subject
3. within its validity                    6. belongs together

Checks 1 to 5 are of each credential, check 6 is of the file. *Undetermined* is an outcome of its own: a step that
could not be made is not a pass. *Not reached* means that an earlier step failed, so that the question makes no sense
any more. *Not applied* means that the caller handed in no rule for check 6: nothing is claimed, and the other checks
decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from passport.credentials import wording
from passport.credentials.credential import VERIFIABLE_CREDENTIAL, date_time, issuer_id, types
from passport.credentials.status_list import REFRESH
from passport.credentials.wording import Phrase, shortened
from passport.errors import MalformedCredential, PassportError, Undetermined, VerificationFailed
from passport.proofs.data_integrity import VerifiedProof
from passport.texts import Message

#: What the steps are called.
CHECKS: dict[int, Message] = {
    1: Message("a credential of VC Data Model 2.0"),
    2: Message("the proof verifies"),
    3: Message("within its validity"),
    4: Message("no status bit is set"),
    5: Message("issuer trusted for this subject"),
    6: Message("belongs together"),
}
EACH = range(1, 6)
"""The checks of one credential; the sixth is of the file."""


class Outcome(StrEnum):
    """How one step ended. The order of severity is :attr:`severity`, worst first."""

    PASSED = "passed"
    FAILED = "failed"
    UNDETERMINED = "undetermined"
    NOT_REACHED = "not-reached"
    NOT_APPLIED = "not-applied"

    @property
    def severity(self) -> int:
        return _SEVERITY.index(self)


_SEVERITY = (Outcome.FAILED, Outcome.UNDETERMINED, Outcome.NOT_REACHED, Outcome.NOT_APPLIED, Outcome.PASSED)


_MORE_THAN_A_DATE = ("newer-exists", "list-unfetched")
_GOOD = frozenset({Outcome.PASSED, Outcome.NOT_APPLIED})


def _severity(outcome: Outcome) -> int:
    return outcome.severity


@dataclass(frozen=True)
class CheckPart:
    """One of several questions inside a check. Check 2 asks two: ``proof``, does the proof verify; ``controller``, does
    the key that it verifies with belong to the issuer (of a presentation: to its holder)."""

    name: str
    outcome: Outcome

    def to_json(self) -> dict[str, str]:
        return {"name": self.name, "outcome": self.outcome.value}


@dataclass(frozen=True)
class Check:
    """One numbered step.

    :param stated: what was found, in English, where it is not the detail of ``said``.
    :param subject: id of the document that the step is about; None for all of them together.
    :param code: for machines, where the step did not pass: ``revoked``, ``expired``, ``foreign-key``, ….
    :param hint: what to do.
    :param error: the error behind it, where there was one; :meth:`VerificationResult.verify_or_raise` raises it.
    :param parts: the questions inside it, where they have answers of their own.
    :param finding: what was found, for people, in any language; None where there is nothing to say.
    """

    number: int
    name: str
    outcome: Outcome
    stated: str | None = None
    subject: str | None = None
    code: str | None = None
    hint: str | None = None
    error: PassportError | None = field(default=None, compare=False, repr=False)
    parts: tuple[CheckPart, ...] = ()
    finding: Phrase | None = field(default=None, hash=False, repr=False)

    @property
    def detail(self) -> str:
        """What was found, in English; a library error's message to the letter."""
        if self.stated is not None:
            return self.stated
        # Only when asked for: formatting dates and lists takes longer than most checks.
        return self.finding.detail if self.finding is not None else ""

    @property
    def passed(self) -> bool:
        return self.outcome is Outcome.PASSED

    def part(self, name: str) -> Outcome:
        """Outcome of one part; that of the whole check where it has none of that name."""
        return next((part.outcome for part in self.parts if part.name == name), self.outcome)

    def to_json(self) -> dict[str, Any]:
        optional = {"subject": self.subject, "code": self.code, "hint": self.hint}
        return {
            "number": self.number,
            "name": self.name,
            "outcome": self.outcome.value,
            "detail": self.detail,
            **{key: value for key, value in optional.items() if value is not None},
            **({"parts": [part.to_json() for part in self.parts]} if self.parts else {}),
        }


@dataclass(frozen=True)
class StatusReading:
    """One status entry and what was read.

    :param value: True where a bit is set, None where no list could be used.
    :param list_at: when the list that was used was signed.
    :param number: the value of an entry that has a message for each; None for the others.
    :param message: that message, as the issuer wrote it.
    """

    purpose: str
    list: str
    index: int
    value: bool | None
    list_at: datetime | None = None
    number: int | None = None
    message: str | None = None

    def to_json(self) -> dict[str, Any]:
        message = {} if self.number is None else {"value": self.number, "message": self.message}
        return {
            "purpose": self.purpose,
            "list": self.list,
            "index": self.index,
            "set": self.value,
            "listAt": None if self.list_at is None else date_time(self.list_at),
            **message,
        }


@dataclass(frozen=True)
class CredentialResult:
    """The checks of one credential (1 to 5), or of the presentation itself (1 and 2).

    :param derived: whether it is a derived view (ecdsa-sd-2023): what is missing was left out, or never there.
    :param subjects: ids of its subjects.
    :param proofs: the proofs that verified; empty where check 2 did not pass.
    :param document: the credential itself, out of its envelope where it had one; None where it was not looked into.
    """

    id: str | None
    types: tuple[str, ...]
    issuer: str | None
    checks: tuple[Check, ...]
    derived: bool = False
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    subjects: tuple[str, ...] = ()
    proofs: tuple[VerifiedProof, ...] = ()
    statuses: tuple[StatusReading, ...] = ()
    document: Mapping[str, Any] | None = field(default=None, compare=False, repr=False)

    @property
    def label(self) -> str:
        """Its own type, or what comes nearest to a name; safe to print, also where check 1 did not pass."""
        own = [name for name in (self.id, *self.types) if name and name != VERIFIABLE_CREDENTIAL and name.isprintable()]
        return own[-1][:80] if own else "document"

    @property
    def verified(self) -> bool | None:
        """True if each check passed, False if one failed, None if one could not be made and none failed."""
        return conclusion(self.checks)

    @property
    def proved(self) -> bool:
        """Whether it is what its issuer signed, whatever else may be said of it: checks 1 and 2 passed."""
        return self.document is not None and self.check(1).passed and self.check(2).passed

    @property
    def superseded(self) -> bool:
        """Whether its issuer says that a newer one exists: a ``refresh`` bit is set."""
        return any(reading.purpose == REFRESH and reading.value for reading in self.statuses)

    def check(self, number: int) -> Check:
        """The check of that number; a presentation has only 1 and 2."""
        return next(check for check in self.checks if check.number == number)

    def to_json(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "types": list(self.types),
            "label": self.label,
            "issuer": self.issuer,
            "subjects": list(self.subjects),
            "verified": self.verified,
            "derived": self.derived,
            "validFrom": None if self.valid_from is None else date_time(self.valid_from),
            "validUntil": None if self.valid_until is None else date_time(self.valid_until),
            "proofs": [
                {
                    "cryptosuite": proof.cryptosuite,
                    "verificationMethod": proof.verification_method.id,
                    "created": None if proof.created is None else date_time(proof.created),
                }
                for proof in self.proofs
            ],
            "statuses": [status.to_json() for status in self.statuses],
            "checks": [check.to_json() for check in self.checks],
        }


@dataclass(frozen=True)
class VerificationResult:
    """All that was found out about a document.

    :param credentials: one result for each credential.
    :param lists: one result for each status list in the file; they are support, and must verify too.
    :param presentation: the presentation's own signature; None where it has none and none was asked for.
    :param status_lists_at: when the oldest of the status lists that were used was signed: status is as of then.
    :param holder: the DID that signed the presentation for this occasion; None unless that was checked and holds.
    :param together: check 6, over the whole file.
    :param unproved: members of the wrapper that no proof covers, such as ``holder`` of an unsigned presentation.
    :param superseded: credentials whose ``refresh`` bit is set, with the instant that each of them is of.
    """

    credentials: tuple[CredentialResult, ...]
    presentation: CredentialResult | None = None
    status_lists_at: datetime | None = None
    holder: str | None = None
    lists: tuple[CredentialResult, ...] = ()
    together: Check | None = None
    unproved: tuple[str, ...] = ()
    superseded: tuple[tuple[CredentialResult, datetime | None], ...] = ()

    @property
    def members(self) -> tuple[CredentialResult, ...]:
        """Every member of the file, status lists behind the credentials."""
        return (*self.credentials, *self.lists)

    @property
    def documents(self) -> tuple[Mapping[str, Any], ...]:
        """The credentials that a program may read: those that verified, of a file that verified. Empty otherwise.

        Members of the wrapper and status lists are never among them.
        """
        if not self.verified:
            return ()
        return tuple(result.document for result in self.credentials if result.document is not None)

    @property
    def _all(self) -> tuple[CredentialResult, ...]:
        return self.members if self.presentation is None else (self.presentation, *self.members)

    @property
    def checks(self) -> tuple[Check, ...]:
        """The six checks over all members together."""
        return tuple(self.check(number) for number in CHECKS)

    @property
    def verified(self) -> bool | None:
        """True if every check of every document passed; False if one failed; None if one could not be made.

        A presentation without a credential, be it full of status lists, is no pass.
        """
        if not self.credentials and self.presentation is None:
            return False
        return conclusion([*(check for result in self._all for check in result.checks), self.check(6)])

    def check(self, number: int) -> Check:
        """Check ``number`` over all members: the worst outcome, and who had it."""
        if number == 6:
            return self.together or step(6, Outcome.NOT_APPLIED, Phrase("no-rule"))
        checks = [(result, check) for result in self.members for check in result.checks if check.number == number]
        if not self.credentials and not checks:
            return step(number, Outcome.NOT_REACHED, Phrase("no-credential"))
        worst = min((check for _, check in checks), key=lambda check: check.outcome.severity)
        names = dict.fromkeys(part.name for _, check in checks for part in check.parts)
        parts = tuple(CheckPart(name, min((check.part(name) for _, check in checks), key=_severity)) for name in names)
        if worst.outcome in _GOOD:
            return step(number, Outcome.PASSED, self._passed(number), parts=parts)
        below = [(result, check) for result, check in checks if check.outcome not in _GOOD]
        applied = [check for _, check in checks if check.outcome is not Outcome.NOT_APPLIED]
        details = list(dict.fromkeys(check.detail for check in applied))
        if len(details) > 1:
            details = [f"{result.label}: {check.detail}" for result, check in below]
        detail = "; ".join(details)
        return replace(worst, name=CHECKS[number], stated=detail, parts=parts)

    def _passed(self, number: int) -> Phrase:
        """What check ``number``, passed by all credentials, has to say of them together."""
        count = len(self.credentials)
        if number == 1:
            return Phrase("counted", {"count": count, "of": count})
        if number == 2:
            proofs = [proof for result in self.credentials for proof in result.proofs]
            keys = [shortened(proof.verification_method.id) for proof in proofs]
            return Phrase("signed-with", {"suites": [proof.cryptosuite for proof in proofs], "keys": keys})
        if number == 3:
            return wording.validity(
                (result.valid_from for result in self.credentials), (result.valid_until for result in self.credentials)
            )
        if number == 4 and self.status_lists_at is not None:
            more = [phrase for phrase in self._phrases(4) if phrase.key in _MORE_THAN_A_DATE]
            return Phrase("several", {"each": more}) if more else Phrase("list-signed", {"at": self.status_lists_at})
        phrases = self._phrases(number)
        return phrases[0] if len(phrases) == 1 else Phrase("several", {"each": phrases})

    def _phrases(self, number: int) -> list[Phrase]:
        """What check ``number`` found for the credentials, each finding once."""
        phrases: list[Phrase] = []
        for result in self.credentials:
            phrase = result.check(number).finding
            if phrase is not None and phrase not in phrases:
                phrases.append(phrase)
        return phrases

    @property
    def answers(self) -> dict[str, Outcome]:
        """The questions that people ask, each with its own answer: does the proof verify, is the key the issuer's, does
        it count at that time, is it withdrawn, is the issuer trusted for it, do the parts belong together."""
        second = self.check(2)
        return {
            "proof": second.part("proof"),
            "controller": second.part("controller"),
            "validity": self.check(3).outcome,
            "status": self.check(4).outcome,
            "issuer": self.check(5).outcome,
            "together": self.check(6).outcome,
        }

    def verify_or_raise(self) -> VerificationResult:
        """This result if it is a pass.

        :raises VerificationFailed: a check failed (or the error behind that check, which is of the same family).
        :raises Undetermined: none failed, and one could not be made.
        """
        verified = self.verified
        if verified:
            return self
        wanted = Outcome.FAILED if verified is False else Outcome.UNDETERMINED
        for check in (*(check for result in self._all for check in result.checks), self.check(6)):
            if check.outcome is wanted:
                if check.error is not None and (verified is False or isinstance(check.error, Undetermined)):
                    raise check.error
                error = VerificationFailed if verified is False else Undetermined
                raise error(
                    Message(
                        "check {number}, {name}: {finding}", number=check.number, name=check.name, finding=check.detail
                    ),
                    hint=check.hint,
                )
        raise VerificationFailed(
            Message("nothing to verify"), expected=Message("a credential, or a presentation with credentials")
        )

    def to_json(self) -> dict[str, Any]:
        """The report for machines: the same checks under the same numbers."""
        return {
            "verified": self.verified,
            "answers": {name: outcome.value for name, outcome in self.answers.items()},
            "checks": [check.to_json() for check in self.checks],
            "credentials": [result.to_json() for result in self.credentials],
            "statusLists": [result.to_json() for result in self.lists],
            "presentation": None if self.presentation is None else self.presentation.to_json(),
            "holder": self.holder,
            "unproved": list(self.unproved),
            "superseded": [
                {"id": result.id, "of": None if at is None else date_time(at)} for result, at in self.superseded
            ],
            "statusListsAt": None if self.status_lists_at is None else date_time(self.status_lists_at),
        }


def step(
    number: int,
    outcome: Outcome,
    finding: Phrase | None = None,
    subject: str | None = None,
    *,
    code: str | None = None,
    error: PassportError | None = None,
    parts: tuple[CheckPart, ...] = (),
) -> Check:
    """A :class:`Check` under its own name.

    :param finding: what was found; that of ``error`` where it is not given.
    :param code: that of ``error``, else the key of ``finding``, where it is not given; a check that passed has none.
    """
    hint = None
    if error is not None:
        finding, code, hint = finding or Phrase.of(error), code or error.code, error.hint
    if finding is not None and outcome in (Outcome.FAILED, Outcome.UNDETERMINED):
        code, hint = code or finding.key, hint or finding.hint()
    return Check(number, CHECKS[number], outcome, None, subject, code, hint, error, parts, finding)


def signed(proof: Outcome, controller: Outcome) -> tuple[CheckPart, CheckPart]:
    """The two answers of check 2."""
    return CheckPart("proof", proof), CheckPart("controller", controller)


def not_reached(number: int, subject: str | None) -> Check:
    """The check that an earlier failure has made pointless."""
    return step(number, Outcome.NOT_REACHED, Phrase("not-reached"), subject)


def stopped(document: Any, at: Check) -> CredentialResult:
    """The result of a document of which nothing can be said from the check ``at`` on."""
    known = document if isinstance(document, dict) else {}
    name = known.get("id") if isinstance(known.get("id"), str) else None
    passed = [step(n, Outcome.PASSED, None, name) for n in EACH if n < at.number]
    rest = [not_reached(n, name) for n in EACH if n > at.number]
    try:
        issuer = issuer_id(known)
    except MalformedCredential:
        issuer = None
    return CredentialResult(name, types(known), issuer, (*passed, replace(at, subject=name), *rest))


def conclusion(checks: Iterable[Check]) -> bool | None:
    """False if a check failed, True if all passed and there was one, None if something could not be found out.

    What was not applied counts for nothing.
    """
    outcomes = {check.outcome for check in checks} - {Outcome.NOT_APPLIED}
    if Outcome.FAILED in outcomes or not outcomes:
        return False
    return True if outcomes == {Outcome.PASSED} else None
