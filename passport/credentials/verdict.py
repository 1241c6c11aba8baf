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

_T = TypeVar("_T")
#: A file of two hundred credentials may have as many faults; these are enough to begin with.
_LISTED = 8

#: What the steps are called; English as in the report for machines.
NAMES: dict[int, tuple[str, str]] = {
    1: (CHECKS[1], "符合可验证凭证数据模型2.0"),
    2: (CHECKS[2], "证明（签名）有效"),
    3: (CHECKS[3], "在有效期内"),
    4: (CHECKS[4], "状态位未置位（未撤销、未暂停）"),
    5: (CHECKS[5], "签发方就此对象获认可"),
    6: (CHECKS[6], "内容彼此对应"),
}
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.PASSED: ("passed", "通过"),
    Outcome.FAILED: ("failed", "未通过"),
    Outcome.UNDETERMINED: ("could not be checked", "未核验"),
    Outcome.NOT_REACHED: ("not reached", "未进行"),
    Outcome.NOT_APPLIED: ("not applied", "未适用"),
}
#: Names of credential types by type and language, as a caller hands them in.
TypeNames = Mapping[str, Mapping[str, str]]
#: The one type that this wing has itself; the others' names belong to those who define them.
_OWN_NAMES: TypeNames = {LIST_CREDENTIAL: {"en": "status list", "zh": "状态列表"}}
#: What is wrong with the credential {name}: by the code of the check that failed, else by its number.
FAILURES: dict[int | str, tuple[str, str]] = {
    1: ("The {name} credential is malformed: {why}.", "{name}凭证格式有误：{why}。"),
    "unknown-context": ("The {name} credential cannot be understood: {why}.", "{name}凭证无法解读：{why}。"),
    "respelled": (
        "The {name} credential is written in another way than its issuer wrote it: {why}.",
        "{name}凭证的写法与签发方的写法不同：{why}。",
    ),
    "duplicate": (
        "It holds two documents under one id, and a reader may get either of them.",
        "其中有两份文档使用同一标识，读者可能读到其中任何一份。",
    ),
    2: ("The proof of the {name} credential does not hold.", "{name}凭证的证明（签名）不成立。"),
    "unsigned": ("The {name} credential is not signed.", "{name}凭证没有签名。"),
    "invalid-signature": (
        "The {name} credential was changed after it was signed, or never signed with the key that it names.",
        "{name}凭证在签名后被更改，或从未由其所称的密钥签名。",
    ),
    "foreign-key": (
        "The {name} credential is not signed with a key of its issuer.",
        "{name}凭证不是由其签发方的密钥签名的。",
    ),
    "base-proof": (
        "The {name} credential carries a base proof, which is the issuer's own copy.",
        "{name}凭证带有签发方自留的基础证明。",
    ),
    "too-much-work": ("The {name} credential was not judged: {why}.", "{name}凭证未予判定：{why}。"),
    "canonicalization-limit": ("The {name} credential was not judged: {why}.", "{name}凭证未予判定：{why}。"),
    3: ("The {name} credential is not within its validity: {why}.", "{name}凭证不在有效期内：{why}。"),
    4: ("The {name} credential does not count any more: {why}.", "{name}凭证已不再有效：{why}。"),
    "revoked": ("The {name} credential was withdrawn by its issuer.", "{name}凭证已被签发方撤销。"),
    "suspended": ("The {name} credential is suspended by its issuer.", "{name}凭证已被签发方暂停。"),
    5: (
        "Who signed the {name} credential is not on the trust list for it.",
        "{name}凭证的签名者未获信任名录认可。",
    ),
    "subject-not-accepted": (
        "Who signed the {name} credential is not trusted for this battery: {why}.",
        "{name}凭证的签名者未就此电池获认可：{why}。",
    ),
    6: ("Its parts do not belong together: {why}.", "各部分内容不对应：{why}。"),
    "other-asked": ("It is another battery's: {why}.", "这是另一电池的文件：{why}。"),
}
#: What is left open where a check could not be made.
OPEN: dict[int, tuple[str, str]] = {
    1: ("whether it is a credential that can be judged", "是否为可判定的凭证"),
    2: ("whether anything was changed since it was signed", "签名以来内容是否被更改"),
    3: ("whether it is within its validity", "是否在有效期内"),
    4: ("whether it was withdrawn since", "此后是否被撤销"),
    5: ("who its issuer is", "签发方是谁"),
    6: ("whether its parts belong together", "各部分内容是否对应"),
}
_OUTCOME = {True: Outcome.PASSED, False: Outcome.FAILED, None: Outcome.UNDETERMINED}
PRESENTATION = ("the presentation itself", "出示文件本身")


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
            return self._of("Do not rely on this file. ", "请勿依据此文件。") + self._failure()
        who = self._listed(self._issuer(result.issuer) for result in result.credentials if result.issuer)
        held = self._of(f"Nothing was changed since {who} signed it", f"自{who}签名以来内容未被更改")
        if result.verified:
            return self._of(f"Verified. {held}, ", f"核验通过。{held}，") + self._not_withdrawn() + self._newer()
        checks = {check.number: check for check in result.checks if check.outcome is Outcome.UNDETERMINED}
        unknown = [OPEN[number][self._index] for number in checks]
        if result.presentation is not None and result.presentation.verified is None:
            unknown.append(self._of("who presents it", "由谁出示"))
        open_ = self._of(f"{wording.listed(unknown)} could not be checked.", f"{wording.listed(unknown, 'zh')}未核验。")
        if result.check(2).passed:
            # Keys that come with the file show that nothing was changed, not who signed.
            if 5 in checks:
                held = self._of("Nothing was changed since it was signed", "签名以来内容未被更改")
            return self._of(f"Not fully checked. {held}; {open_}", f"未能完全核验。{held}；{open_}")
        return self._of(f"Not fully checked. {_capital(open_)}", f"未能完全核验。{open_}")

    def _not_withdrawn(self) -> str:
        as_of = self.result.status_lists_at
        if as_of is None:
            at = self.moment(self._at)
            return self._of(
                f"and nothing in it can be withdrawn; checked at {at}.", f"其中没有可撤销的凭证；核验时间：{at}。"
            )
        when = self.moment(as_of)
        return self._of(f"and it is not withdrawn as of {when}.", f"截至{when}未被撤销或暂停。")

    def _newer(self) -> str:
        """That a newer read-out exists, and of when this one is."""
        instants = [at for _, at in self.result.superseded if at is not None]
        if not self.result.superseded:
            return ""
        if not instants:
            return self._of(" A newer read-out exists.", "已有更新的读数。")
        when = wording.day(max(instants), self._language)
        return self._of(f" A newer read-out exists; this one is of {when}.", f"已有更新的读数；此份为{when}的读数。")

    def _failure(self) -> str:
        result = self.result
        if result.presentation is not None and result.presentation.verified is False:
            why = self.of_check(_worst(result.presentation))
            return self._of(f"The presentation itself does not hold: {why}.", f"出示文件本身不成立：{why}。")
        bad = next((member for member in result.members if member.verified is False), None)
        together = result.check(6)
        if bad is None and together.outcome is Outcome.FAILED:
            template = FAILURES.get(together.code or "") or FAILURES[6]
            return template[self._index].format(why=self.of_check(together))
        if bad is None:
            return self._of("It holds no credential.", "其中没有凭证。")
        check = _worst(bad)
        if check.number == 1 and VERIFIABLE_CREDENTIAL not in bad.types and check.code == "malformed-credential":
            return self._of("It is no Verifiable Credential.", "它不是可验证凭证。")
        template = FAILURES.get(check.code or "") or FAILURES[check.number]
        said = template[self._index].format(name=self.label(bad), why=self.of_check(check))
        if check.number == 5 and result.check(2).passed:
            # Two answers to two questions; the second must not look like the first.
            return said + self._of(" Nothing was changed since it was signed.", "签名以来内容未被更改。")
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
            (self._of("signed by its holder", "由持有者签名") if check.passed else self.of_check(check),),
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
                f"The wrapper of the file says more ({listed}), which no signature covers: reported, and not used.",
                f"文件外层另有内容（{listed}），没有签名覆盖：仅予说明，不予采用。",
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
