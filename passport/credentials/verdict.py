"""What a verification comes to, in words: the same on the command line and on the page, in English and in Chinese.

One sentence first: what holds, then what could not be checked, or what is wrong and not to be done. Then the six
checks under their numbers. A sentence never claims more than was checked: "nothing was changed since … signed it",
not "the data are correct"; of a signature that does not fit, nobody can say whether content or signature was changed.

    verdict = Verdict(result, names=trust_list.issuer, at=now, language="zh", type_names=credential_types.names())
    verdict.sentence
    [(row.number, row.name, row.outcome, row.detail) for row in verdict.rows]

What was found by one check is worded in ``sentences``; here stand the names of things and the judgement on the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from passport.credentials import wording
from passport.credentials.credential import VERIFIABLE_CREDENTIAL
from passport.credentials.result import CHECKS, EACH, Check, CredentialResult, Outcome, VerificationResult
from passport.credentials.status_list import LIST_CREDENTIAL
from passport.credentials.trust import TrustedIssuer
from passport.credentials.wording import LANGUAGES, Phrase
from passport.texts import Message

_T = TypeVar("_T")
#: A file of two hundred credentials may have as many faults; these are enough to begin with.
_LISTED = 8

#: What the steps are called; English as in the report for machines.
NAMES: dict[int, Message] = {
    1: (CHECKS[1], "符合可验证凭证数据模型2.0"),
    2: (CHECKS[2], "证明（签名）有效"),
    3: (CHECKS[3], "在有效期内"),
    4: (CHECKS[4], "状态位未置位（未撤销、未暂停）"),
    5: (CHECKS[5], "签发方就此对象获认可"),
    6: (CHECKS[6], "内容彼此对应"),
}
OUTCOMES: dict[Outcome, Message] = {
    Outcome.PASSED: Message("passed"),
    Outcome.FAILED: Message("failed"),
    Outcome.UNDETERMINED: Message("could not be checked"),
    Outcome.NOT_REACHED: Message("not reached"),
    Outcome.NOT_APPLIED: Message("not applied"),
}
#: Names of credential types by type and language, as a caller hands them in.
TypeNames = Mapping[str, Mapping[str, str]]
#: The one type that this wing has itself; the others' names belong to those who define them.
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
    5: Message("Who signed the {name} credential is not on the trust list for it."),
    "subject-not-accepted": Message("Who signed the {name} credential is not trusted for this battery: {why}."),
    6: Message("Its parts do not belong together: {why}."),
    "other-asked": Message("It is another battery's: {why}."),
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

    :ivar details: what was found: one entry for all credentials, or one for each group of them that fared alike.
    :ivar machine_detail: messages of the library behind it, to the letter, in English.
    :ivar hint: what can be done about it, None where it passed or nothing can.
    """

    number: int
    name: str
    outcome: Outcome
    outcome_name: str
    details: tuple[str, ...]
    machine_detail: tuple[str, ...]
    code: str | None
    hint: str | None
    pause: str

    @property
    def detail(self) -> str:
        return self.pause.join(self.details)


class Verdict:
    """The words for one result.

    :param names: gives the trust list's entry of a DID, None where it has none.
    :param type_names: what people call each type of credential; a type without a name is shown as it is.
    :param at: the instant of verification.
    """

    def __init__(
        self,
        result: VerificationResult,
        *,
        names: Callable[[str], TrustedIssuer | None],
        at: datetime,
        language: str = "en",
        type_names: TypeNames | None = None,
    ) -> None:
        self.result = result
        self._type_names = type_names or {}
        self._names = names
        self._at = at
        self._language = language
        self._index = LANGUAGES.index(language)

    # --- the sentence -----------------------------------------------------------------------------------------------

    @property
    def sentence(self) -> str:
        """One sentence, or two: the judgement, and what it rests on."""
        result = self.result
        if result.verified is False:
            return self._of(Message("Do not rely on this file. ")) + self._failure()
        who = self._listed(self._issuer(result.issuer) for result in result.credentials if result.issuer)
        held = self._of(Message("Nothing was changed since {who} signed it", who=who))
        if result.verified:
            return self._of(Message("Verified. {held}, ", held=held)) + self._not_withdrawn() + self._newer()
        checks = {check.number: check for check in result.checks if check.outcome is Outcome.UNDETERMINED}
        unknown = [OPEN[number][self._index] for number in checks]
        if result.presentation is not None and result.presentation.verified is None:
            unknown.append(self._of(Message("who presents it")))
        open_ = self._of(f"{wording.listed(unknown)} could not be checked.", f"{wording.listed(unknown, 'zh')}未核验。")
        if result.check(2).passed:
            # Keys that come with the file show that nothing was changed, not who signed.
            if 5 in checks:
                held = self._of(Message("Nothing was changed since it was signed"))
            return self._of(Message("Not fully checked. {held}; {open}", held=held, open=open_))
        return self._of(f"Not fully checked. {_capital(open_)}", f"未能完全核验。{open_}")

    def _not_withdrawn(self) -> str:
        as_of = self.result.status_lists_at
        if as_of is None:
            at = self.moment(self._at)
            return self._of(Message("and nothing in it can be withdrawn; checked at {at}.", at=at))
        when = self.moment(as_of)
        return self._of(Message("and it is not withdrawn as of {when}.", when=when))

    def _newer(self) -> str:
        """That a newer read-out exists, and of when this one is."""
        instants = [at for _, at in self.result.superseded if at is not None]
        if not self.result.superseded:
            return ""
        if not instants:
            return self._of(Message(" A newer read-out exists."))
        when = wording.day(max(instants), self._language)
        return self._of(Message(" A newer read-out exists; this one is of {when}.", when=when))

    def _failure(self) -> str:
        result = self.result
        if result.presentation is not None and result.presentation.verified is False:
            why = self.of_check(_worst(result.presentation))
            return self._of(Message("The presentation itself does not hold: {why}.", why=why))
        bad = next((member for member in result.members if member.verified is False), None)
        together = result.check(6)
        if bad is None and together.outcome is Outcome.FAILED:
            template = FAILURES.get(together.code or "") or FAILURES[6]
            return template[self._index].format(why=self.of_check(together))
        if bad is None:
            return self._of(Message("It holds no credential."))
        check = _worst(bad)
        if check.number == 1 and VERIFIABLE_CREDENTIAL not in bad.types and check.code == "malformed-credential":
            return self._of(Message("It is no Verifiable Credential."))
        template = FAILURES.get(check.code or "") or FAILURES[check.number]
        said = template[self._index].format(name=self.label(bad), why=self.of_check(check))
        if check.number == 5 and result.check(2).passed:
            # Two answers to two questions; the second must not look like the first.
            return said + self._of(Message(" Nothing was changed since it was signed."))
        return said

    # --- the checks -------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[VerdictRow, ...]:
        """The six checks over all members, in order."""
        return tuple(self._row(check) for check in self.result.checks)

    def _row(self, check: Check) -> VerdictRow:
        members = self.result.members if check.number in EACH else ()
        found = [(result, result.check(check.number)) for result in members]
        below = [(result, one) for result, one in found if one.outcome not in (Outcome.PASSED, Outcome.NOT_APPLIED)]
        said = [one.said for _, one in below if one.said is not None]
        return VerdictRow(
            check.number,
            NAMES[check.number][self._index],
            check.outcome,
            OUTCOMES[check.outcome][self._index],
            self._details(check, found, below),
            tuple(dict.fromkeys(text for phrase in said for text in phrase.machine_detail))[:_LISTED],
            check.code,
            None if check.passed or check.said is None else check.said.hint(self._language),
            self._of("; ", "；"),
        )

    def _details(self, check: Check, found: list[Any], below: list[Any]) -> tuple[str, ...]:
        if check.passed:
            counted = self._of(": ", "：") + self.labels(self.result.credentials) if check.number == 1 else ""
            return (self.of_check(check) + counted,)
        if not found:
            return (self.of_check(check),)
        by_text: dict[str, list[str]] = {}
        for result, one in below:
            by_text.setdefault(self.of_check(one), []).append(self.label(result))
        if len(found) == len(below) and len(by_text) == 1:
            return tuple(by_text)
        colon = self._of(": ", "：")
        lines = [self._listed(labels) + colon + text for text, labels in by_text.items()]
        return tuple(lines[:_LISTED])

    def of_check(self, check: Check) -> str:
        """What one check of one credential found, a phrase without a stop."""
        return check.said.text(self._language) if check.said is not None else check.detail

    @property
    def presentation(self) -> VerdictRow | None:
        """What was found out about the presentation's own signature; None where there was nothing to find out."""
        if self.result.presentation is None:
            return None
        check = _worst(self.result.presentation)
        said = check.said
        return VerdictRow(
            check.number,
            PRESENTATION[self._index],
            check.outcome,
            OUTCOMES[check.outcome][self._index],
            (self._of(Message("signed by its holder")) if check.passed else self.of_check(check),),
            () if check.passed or said is None else said.machine_detail,
            check.code,
            None if check.passed or said is None else said.hint(self._language),
            self._of("; ", "；"),
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What is in the file and proves nothing, each a sentence."""
        names = self.result.unproved
        if not names:
            return ()
        listed = wording.listed(names[:_LISTED], self._language)
        return (
            self._of(
                Message(
                    "The wrapper of the file says more ({listed}), which no signature covers: reported, and not used.",
                    listed=listed,
                ),
            ),
        )

    @property
    def members(self) -> tuple[tuple[str, str, Outcome, str], ...]:
        """Each member of the file: its name, its id, how it fared, and that in words."""
        return tuple(
            (self.label(one), one.id or "", outcome, OUTCOMES[outcome][self._index])
            for one in self.result.members
            for outcome in [_OUTCOME[one.verified]]
        )

    # --- names ------------------------------------------------------------------------------------------------------

    def label(self, credential: CredentialResult) -> str:
        """A credential by the word people use for it."""
        return type_name(credential.label, self._type_names, self._language)

    def labels(self, credentials: Sequence[CredentialResult]) -> str:
        """All of them, for a list of what is in a file."""
        return self._of(", ", "、").join(self.label(credential) for credential in credentials)

    def moment(self, at: datetime) -> str:
        return wording.moment(at, self._language)

    def _issuer(self, did: str) -> str:
        entry = self._names(did)
        return entry.named(self._language) if entry is not None else wording.shortened(did)

    def _listed(self, items: Iterable[str]) -> str:
        return wording.listed(items, self._language) or Phrase("nobody").text(self._language)

    def _of(self, english: _T, chinese: _T) -> _T:
        return (english, chinese)[self._index]


def type_name(type_: str, names: TypeNames, language: str) -> str:
    """A type of credential by the word people use for it; the type itself where it has none."""
    found = names.get(type_) or _OWN_NAMES.get(type_)
    return type_ if found is None else found[language]


def _worst(result: CredentialResult) -> Check:
    """The first of its checks that fared worst."""
    return min(result.checks, key=lambda check: check.outcome.severity)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
