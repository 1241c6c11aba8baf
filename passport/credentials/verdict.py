"""The verdict on a verification, in words: the same on the command line and on the page, in any language.

One sentence first: what holds, then what could not be checked, or what is wrong. Then the six checks under their
numbers. A sentence never claims more than was checked: "nothing was changed since … signed it", not "the data are
correct". A signature that does not fit leaves open whether the content or the signature was changed.

    verdict = Verdict(result, names=trust_list.issuer, at=now, language="zh", type_names=credential_types.names())
    verdict.sentence
    [(row.number, row.name, row.outcome, row.detail) for row in verdict.rows]

The findings of single checks are worded in ``sentences``; names and the judgement on the whole are worded here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce

from passport.credentials import wording
from passport.credentials.credential import VERIFIABLE_CREDENTIAL
from passport.credentials.status_list import LIST_CREDENTIAL
from passport.credentials.trust import TrustedIssuer
from passport.credentials.verification_result import CHECKS, EACH, Check, CredentialResult, Outcome, VerificationResult
from passport.texts import ENGLISH, Message, Text, say

#: A file of two hundred credentials may have as many faults; these are enough to begin with.
_LISTED = 8

OUTCOMES: dict[Outcome, Message] = {
    Outcome.PASSED: Message("passed"),
    Outcome.FAILED: Message("failed"),
    Outcome.UNDETERMINED: Message("could not be checked"),
    Outcome.NOT_REACHED: Message("not reached"),
    Outcome.NOT_APPLIED: Message("not applied"),
}
#: Names of credential types by type, each in several languages, as a caller hands them in.
TypeNames = Mapping[str, Text]
#: The one type that is defined with the standards of this package; the other names belong to an ontology.
_OWN_NAMES: TypeNames = {LIST_CREDENTIAL: Message("status list")}
#: What is wrong with the credential {name}: by the code of the check that failed, else by its number.
FAILURES: dict[int | str, Message] = {
    1: Message("The {name} credential is malformed: {why}."),
    "unknown-context": Message("The {name} credential cannot be understood: {why}."),
    "respelled": Message("The {name} credential is written in another way than its issuer wrote it: {why}."),
    "duplicate": Message("It holds two documents under one id, and a reader may get either of them."),
    2: Message("The proof of the {name} credential does not hold."),
    "unsigned": Message("The {name} credential is not signed."),
    "invalid-signature": Message(
        "The {name} credential was changed after it was signed, or never signed with the key that it names."
    ),
    "foreign-key": Message("The {name} credential is not signed with a key of its issuer."),
    "base-proof": Message("The {name} credential carries a base proof, which is the issuer's own copy."),
    "too-much-work": Message("The {name} credential was not judged: {why}."),
    "canonicalization-limit": Message("The {name} credential was not judged: {why}."),
    3: Message("The {name} credential is not within its validity: {why}."),
    4: Message("The {name} credential does not count any more: {why}."),
    "revoked": Message("The {name} credential was withdrawn by its issuer."),
    "suspended": Message("The {name} credential is suspended by its issuer."),
    "identity-revoked": Message("The {name} credential rests on an identity that was withdrawn by its registrar."),
    "identity-suspended": Message("The {name} credential rests on an identity that is suspended by its registrar."),
    5: Message("Who signed the {name} credential is not on the trust list for it."),
    "subject-not-accepted": Message("Who signed the {name} credential is not trusted for this subject: {why}."),
    6: Message("Its parts do not belong together: {why}."),
    "other-asked": Message("It is about another subject: {why}."),
}
#: What is left open where a check could not be made.
OPEN: dict[int, Message] = {
    1: Message("whether it is a credential that can be judged"),
    2: Message("whether anything was changed since it was signed"),
    3: Message("whether it is within its validity"),
    4: Message("whether it was withdrawn since"),
    5: Message("who its issuer is"),
    6: Message("whether its parts belong together"),
}
_OUTCOME = {True: Outcome.PASSED, False: Outcome.FAILED, None: Outcome.UNDETERMINED}
PRESENTATION = Message("the presentation itself")


@dataclass(frozen=True)
class VerdictRow:
    """One numbered check over all credentials, in the language of the verdict.

    :ivar detail: the findings as one text.
    :ivar details: the findings: one entry for all credentials, or one for each group of credentials that fared alike.
    :ivar machine_detail: messages of the library behind it, to the letter, in English.
    :ivar hint: what can be done about it, None where it passed or nothing can.
    """

    number: int
    name: str
    outcome: Outcome
    outcome_name: str
    detail: str
    details: tuple[str, ...]
    machine_detail: tuple[str, ...]
    code: str | None
    hint: str | None


class Verdict:
    """The words for one result.

    :param names: gives the trust list's entry of a DID, None where it has none.
    :param type_names: what people call each type of credential; a type without a name is shown as it is.
    :param at: the instant of verification.
    :param language: a code of :func:`passport.texts.languages`; texts without a translation are in English.
    """

    def __init__(
        self,
        result: VerificationResult,
        *,
        names: Callable[[str], TrustedIssuer | None],
        at: datetime,
        language: str = ENGLISH,
        type_names: TypeNames | None = None,
    ) -> None:
        self.result = result
        self._type_names = type_names or {}
        self._names = names
        self._at = at
        self._language = language

    # --- the sentence -----------------------------------------------------------------------------------------------

    @property
    def sentence(self) -> str:
        """One sentence, or two: the judgement, and what it rests on."""
        return say(self._sentence(), self._language)

    def _sentence(self) -> Message:
        result = self.result
        if result.verified is False:
            return Message("Do not rely on this file. {failure}", failure=self._failure())
        issuers = [self._issuer(credential.issuer) for credential in result.credentials if credential.issuer]
        held = Message("Nothing was changed since {who} signed it", who=_listed(issuers))
        if result.verified:
            return self._with_newer(self._verified(held))
        open_checks = [check.number for check in result.checks if check.outcome is Outcome.UNDETERMINED]
        unknown = [OPEN[number] for number in open_checks]
        if result.presentation is not None and result.presentation.verified is None:
            unknown.append(Message("who presents it"))
        if not result.check(2).passed:
            return Message("Not fully checked. It could not be determined {unknown}.", unknown=unknown)
        # Keys that come with the file show that nothing was changed, not who signed.
        if 5 in open_checks:
            held = Message("Nothing was changed since it was signed")
        return Message("Not fully checked. {held}; {unknown} could not be checked.", held=held, unknown=unknown)

    def _verified(self, held: Message) -> Message:
        as_of = self.result.status_lists_at
        if as_of is None:
            return Message(
                "Verified. {held}, and nothing in it can be withdrawn; checked at {at}.", held=held, at=self._at
            )
        return Message("Verified. {held}, and it is not withdrawn as of {at}.", held=held, at=as_of)

    def _with_newer(self, sentence: Message) -> Message:
        """That a newer read-out exists, and of when this one is."""
        if not self.result.superseded:
            return sentence
        instants = [at for _, at in self.result.superseded if at is not None]
        if not instants:
            return Message("{sentence} A newer read-out exists.", sentence=sentence)
        return Message(
            "{sentence} A newer read-out exists; this one is of {at:day}.", sentence=sentence, at=max(instants)
        )

    def _failure(self) -> Message:
        result = self.result
        if result.presentation is not None and result.presentation.verified is False:
            why = _finding(_worst(result.presentation))
            return Message("The presentation itself does not hold: {why}.", why=why)
        bad = next((member for member in result.members if member.verified is False), None)
        together = result.check(6)
        if bad is None and together.outcome is Outcome.FAILED:
            return (FAILURES.get(together.code or "") or FAILURES[6]).fill(why=_finding(together))
        if bad is None:
            return Message("It holds no credential.")
        check = _worst(bad)
        if check.number == 1 and VERIFIABLE_CREDENTIAL not in bad.types and check.code == "malformed-credential":
            return Message("It is no Verifiable Credential.")
        template = FAILURES.get(check.code or "") or FAILURES[check.number]
        failure = template.fill(name=self._name(bad), why=_finding(check))
        if check.number == 5 and result.check(2).passed:
            # Two answers to two questions; the second must not look like the first.
            return Message("{failure} Nothing was changed since it was signed.", failure=failure)
        return failure

    # --- the checks -------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[VerdictRow, ...]:
        """The six checks over all members, in order."""
        return tuple(self._row_of_all(check) for check in self.result.checks)

    def _row_of_all(self, check: Check) -> VerdictRow:
        members = self.result.members if check.number in EACH else ()
        each = [(result, result.check(check.number)) for result in members]
        below = [(result, part) for result, part in each if part.outcome not in (Outcome.PASSED, Outcome.NOT_APPLIED)]
        exact = dict.fromkeys(
            text for _, part in below if part.finding is not None for text in part.finding.machine_detail
        )
        return self._row(check, CHECKS[check.number], self._details(check, each, below), tuple(exact)[:_LISTED])

    def _row(self, check: Check, name: Text, details: Sequence[Text], machine_detail: tuple[str, ...]) -> VerdictRow:
        joined = reduce(lambda left, right: Message("{left}; {right}", left=left, right=right), details)
        return VerdictRow(
            check.number,
            say(name, self._language),
            check.outcome,
            say(OUTCOMES[check.outcome], self._language),
            say(joined, self._language),
            tuple(say(text, self._language) for text in details),
            machine_detail,
            check.code,
            None if check.passed or check.finding is None else check.finding.hint(self._language),
        )

    def _details(
        self,
        check: Check,
        each: Sequence[tuple[CredentialResult, Check]],
        below: Sequence[tuple[CredentialResult, Check]],
    ) -> list[Text]:
        if check.passed and check.number == 1:
            names = _enumerated(self._name(credential) for credential in self.result.credentials)
            return [Message("{finding}: {names}", finding=_finding(check), names=names)]
        if check.passed or not each:
            return [_finding(check)]
        by_finding: dict[str, tuple[Text, list[Text]]] = {}
        for result, part in below:
            finding = _finding(part)
            by_finding.setdefault(say(finding, self._language), (finding, []))[1].append(self._name(result))
        if len(each) == len(below) and len(by_finding) == 1:
            return [finding for finding, _ in by_finding.values()]
        lines: list[Text] = [
            Message("{names}: {finding}", names=names, finding=finding) for finding, names in by_finding.values()
        ]
        return lines[:_LISTED]

    @property
    def presentation(self) -> VerdictRow | None:
        """The check of the presentation's own signature; None where it has none and none was asked for."""
        if self.result.presentation is None:
            return None
        check = _worst(self.result.presentation)
        details = [Message("signed by its holder") if check.passed else _finding(check)]
        exact = () if check.passed or check.finding is None else check.finding.machine_detail
        return self._row(check, PRESENTATION, details, exact)

    @property
    def notes(self) -> tuple[str, ...]:
        """What is in the file and proves nothing, each a sentence."""
        names = self.result.unproved
        if not names:
            return ()
        note = Message(
            "The wrapper of the file says more ({members}), which no signature covers: reported, and not used.",
            members=names[:_LISTED],
        )
        return (say(note, self._language),)

    @property
    def members(self) -> tuple[tuple[str, str, Outcome, str], ...]:
        """Each member of the file: its name, its id, its outcome, and the name of that outcome."""
        return tuple(
            (self.label(member), member.id or "", outcome, say(OUTCOMES[outcome], self._language))
            for member in self.result.members
            for outcome in [_OUTCOME[member.verified]]
        )

    # --- names ------------------------------------------------------------------------------------------------------

    def label(self, credential: CredentialResult) -> str:
        """A credential by the word people use for it."""
        return say(self._name(credential), self._language)

    def labels(self, credentials: Sequence[CredentialResult]) -> str:
        """All of them, for a list of what is in a file."""
        return say(_enumerated(self._name(credential) for credential in credentials), self._language)

    def _name(self, credential: CredentialResult) -> Text:
        return _type_name(credential.label, self._type_names)

    def _issuer(self, did: str) -> Text:
        entry = self._names(did)
        return entry.name if entry is not None else wording.shortened(did)


def type_name(type_: str, names: TypeNames, language: str) -> str:
    """A type of credential by the word people use for it; the type itself where it has none."""
    return say(_type_name(type_, names), language)


def _type_name(type_: str, names: TypeNames) -> Text:
    return names.get(type_) or _OWN_NAMES.get(type_) or type_


def _finding(check: Check) -> Text:
    """What one check of one credential found, a phrase without a stop."""
    return check.finding.message if check.finding is not None else check.detail


def _listed(items: Sequence[Text]) -> Sequence[Text]:
    return items or [Message("nobody")]


def _enumerated(items: Iterable[Text]) -> Text:
    """``a, b, b``: each item as often as it occurs, unlike a list in a sentence."""
    names = list(items)
    return reduce(lambda left, right: Message("{left}, {right}", left=left, right=right), names) if names else ""


def _worst(result: CredentialResult) -> Check:
    """The first of its checks that fared worst."""
    return min(result.checks, key=lambda check: check.outcome.severity)
