"""What a verification comes to, in words: the same on the command line and on the page, in English and in Chinese.

One sentence first: what holds, then what could not be checked, or what is wrong and not to be done. Then the five
checks under their numbers. A sentence never claims more than was checked: "nothing was changed since … signed it",
not "the data are correct".

    verdict = Verdict(result, names=trust_list.issuer, at=now, language="zh")
    verdict.sentence
    [(row.number, row.name, row.outcome, row.detail) for row in verdict.rows]

The details of checks that did not pass are the verifier's own, in English; in Chinese a sentence by code stands in for
the detail, and :attr:`Row.said` holds the English one for whoever needs it to the letter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from passport.credentials import wording
from passport.credentials.result import CHECKS, Check, CredentialResult, Outcome, VerificationResult
from passport.credentials.trust import TrustedIssuer
from passport.errors import BaseProofPresented

LANGUAGES = ("en", "zh")
_T = TypeVar("_T")

#: What the steps are called; English as in the report for machines.
NAMES: dict[int, tuple[str, str]] = {
    1: (CHECKS[1], "符合可验证凭证数据模型2.0"),
    2: (CHECKS[2], "证明（签名）有效"),
    3: (CHECKS[3], "在有效期内"),
    4: (CHECKS[4], "状态位未置位（未撤销、未暂停）"),
    5: (CHECKS[5], "签发方获认可"),
}
OUTCOMES: dict[Outcome, tuple[str, str]] = {
    Outcome.PASSED: ("passed", "通过"),
    Outcome.FAILED: ("failed", "未通过"),
    Outcome.UNDETERMINED: ("could not be checked", "未核验"),
    Outcome.NOT_REACHED: ("not reached", "未进行"),
}
#: Credentials as people call them, by their own type.
LABELS: dict[str, tuple[str, str]] = {
    "BatteryModelCredential": ("model", "型号"),
    "BatteryModelDetailCredential": ("model detail", "型号详细信息"),
    "BatteryPassportCredential": ("pack", "电池包"),
    "BatteryConditionCredential": ("condition", "电池状况"),
    "BatteryEventCredential": ("event", "事件"),
    "BatteryRoleCredential": ("role", "角色"),
}
#: Why a step did not pass, by its code, where Chinese needs a sentence of its own.
_REASONS_ZH = {
    "unsigned": "没有签名",
    "foreign-key": "签名有效，但密钥不属于签发方",
    "invalid-signature": "签名与内容不符",
    "base-proof": "这是签发方自留的基础证明，不得对外出示",
    "proof-error": "签名无法成立",
    "malformed-credential": "格式不符合规范",
    "malformed-document": "文件格式有误",
    "malformed-key": "密钥格式有误",
    "unsafe-json-ld": "含有未定义的术语",
    "canonicalization-limit": "结构过于复杂",
    "unknown-context": "引用了未收录的上下文",
    "duplicate": "有两份凭证使用同一标识",
    "enveloped": "本版本无法核验封装凭证",
    "not-yet-valid": "尚未生效",
    "expired": "已过期",
    "revoked": "已撤销",
    "suspended": "已暂停",
    "no-status-list": "文件中没有状态列表",
    "unusable-status-list": "现有状态列表不可用",
    "unknown-status": "状态类型不明",
    "issuer-not-accepted": "签发方不在信任名录中，或名录未认可其签发此类凭证",
    "self-asserted-keys": "签发方的密钥仅来自文件本身",
    "unresolvable-did": "无法取得签发方的密钥",
}


@dataclass(frozen=True)
class Row:
    """One numbered check over all credentials.

    :ivar detail: in the language of the verdict; :ivar said: the verifier's own, in English.
    """

    number: int
    name: str
    outcome: Outcome
    outcome_name: str
    detail: str
    said: str
    code: str | None


class Verdict:
    """The words for one result.

    :param names: gives the trust list's entry of a DID, None where it has none.
    :param at: the instant of verification.
    """

    def __init__(
        self,
        result: VerificationResult,
        *,
        names: Callable[[str], TrustedIssuer | None],
        at: datetime,
        language: str = "en",
    ) -> None:
        self.result = result
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
        if result.verified:
            held = self._of(
                f"Verified. Nothing was changed since {who} signed it, ", f"核验通过。自{who}签名以来内容未被更改，"
            )
            if result.status_lists_at is None:
                at = self.moment(self._at)
                return held + self._of(
                    f"and nothing in it can be withdrawn; checked at {at}.", f"其中没有可撤销的凭证；核验时间：{at}。"
                )
            as_of = self.moment(result.status_lists_at)
            return held + self._of(f"and it is not withdrawn as of {as_of}.", f"截至{as_of}未被撤销或暂停。")
        unchecked = [check for check in result.checks if check.outcome is Outcome.UNDETERMINED]
        if [check.number for check in unchecked] == [4]:
            return self._of(
                f"Not fully checked. Nothing was changed since {who} signed it; "
                "whether it was withdrawn since could not be checked.",
                f"未能完全核验。自{who}签名以来内容未被更改；此后是否被撤销未核验。",
            )
        names = [NAMES[check.number][self._index] for check in unchecked]
        if not names:
            names = [self._of("the presentation itself", "出示文件本身")]
        return self._of(
            f"Not fully checked. Could not be checked: {', '.join(names)}.",
            f"未能完全核验。未核验的项目：{'、'.join(names)}。",
        )

    def _failure(self) -> str:
        result = self.result
        if result.presentation is not None and result.presentation.verified is False:
            return self._of("The presentation itself does not hold.", "出示文件本身不成立。")
        bad = next((credential for credential in result.credentials if credential.verified is False), None)
        if bad is None:
            return self._of("It holds no credential.", "其中没有凭证。")
        check = next(check for check in bad.checks if check.outcome is Outcome.FAILED)
        name, why = self.label(bad), self._reason(check)
        if isinstance(check.error, BaseProofPresented):
            return self._of(
                f"The {name} credential carries a base proof, which is the issuer's own copy.",
                f"{name}凭证带有签发方自留的基础证明。",
            )
        english = {
            1: f"The {name} credential is malformed: {why}.",
            2: f"The {name} credential was changed after it was signed, or the key is not its issuer's.",
            3: f"The {name} credential is not within its validity: {why}.",
            4: f"The {name} credential was withdrawn: {why}.",
            5: f"Who signed the {name} credential is not on the trust list for it.",
        }
        chinese = {
            1: f"{name}凭证格式有误：{why}。",
            2: f"{name}凭证在签名后被更改，或密钥不属于其签发方。",
            3: f"{name}凭证不在有效期内：{why}。",
            4: f"{name}凭证已不再有效：{why}。",
            5: f"{name}凭证的签名者未获信任名录认可。",
        }
        return self._of(english, chinese)[check.number]

    # --- the checks -------------------------------------------------------------------------------------------------

    @property
    def rows(self) -> tuple[Row, ...]:
        """The five checks over all credentials, in order."""
        return tuple(
            Row(
                check.number,
                NAMES[check.number][self._index],
                check.outcome,
                OUTCOMES[check.outcome][self._index],
                self.detail(check),
                check.detail,
                check.code,
            )
            for check in self.result.checks
        )

    def detail(self, check: Check) -> str:
        """What a check over all credentials found, for people."""
        if check.number == 1 and check.passed:
            count = len(self.result.credentials)
            return self._of(f"{check.detail}: ", f"共{count}份：") + self.labels(self.result.credentials)
        if self._language == "en":
            return check.detail
        return self._passed_zh(check) if check.passed else self._reason(check)

    def _passed_zh(self, check: Check) -> str:
        credentials = self.result.credentials
        if check.number == 2:
            proofs = [proof for result in credentials for proof in result.proofs]
            suites = self._listed(proof.cryptosuite for proof in proofs)
            return f"{suites}，密钥{self._listed(wording.shortened(p.verification_method.id) for p in proofs)}"
        if check.number == 3:
            begun = sorted({result.valid_from for result in credentials if result.valid_from is not None})
            ends = [result.valid_until for result in credentials if result.valid_until is not None]
            end = f"至{self.moment(min(ends))}" if ends else "无截止日期"
            return f"自{self._listed(wording.day(start, 'zh') for start in begun)}起，{end}" if begun else end
        if check.number == 4:
            at = self.result.status_lists_at
            return f"状态列表签署于{self.moment(at)}" if at is not None else "没有状态条目"
        return self._listed(self._issuer(result.issuer) for result in credentials if result.issuer)

    def _reason(self, check: Check) -> str:
        """Why a check did not pass."""
        if self._language == "en":
            return check.detail
        if check.outcome is Outcome.NOT_REACHED:
            return "未进行"
        return _REASONS_ZH.get(check.code or "") or check.detail

    # --- names ------------------------------------------------------------------------------------------------------

    def label(self, credential: CredentialResult) -> str:
        """A credential by the word people use for it."""
        found = LABELS.get(credential.label)
        return found[self._index] if found else credential.label

    def labels(self, credentials: Sequence[CredentialResult]) -> str:
        return self._of(", ", "、").join(self.label(credential) for credential in credentials)

    def moment(self, at: datetime) -> str:
        return wording.moment(at, self._language)

    def _issuer(self, did: str) -> str:
        entry = self._names(did)
        return entry.named(self._language) if entry is not None else wording.shortened(did)

    def _listed(self, items: Iterable[str]) -> str:
        found = list(dict.fromkeys(items))
        if not found:
            return self._of("nobody", "无")
        return wording.listed(found) if self._language == "en" else "、".join(found)

    def _of(self, english: _T, chinese: _T) -> _T:
        return (english, chinese)[self._index]
