"""One sentence for one result, in both languages; the checks under the same numbers as everywhere."""

from __future__ import annotations

from datetime import UTC, datetime

from passport.credentials.trust import TrustedIssuer
from passport.credentials.verdict import FAILURES, OPEN, OUTCOMES, Verdict
from passport.credentials.verification_result import (
    CHECKS,
    CredentialResult,
    Outcome,
    VerificationResult,
    not_reached,
    step,
)
from passport.credentials.wording import Phrase
from passport.identity.did import VerificationMethod
from passport.identity.keys import Algorithm, PrivateKey
from passport.proofs.data_integrity import VerifiedProof
from passport.texts import template
from tests.each import each

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LIST_AT = datetime(2027, 3, 8, 9, 0, tzinfo=UTC)
ISSUER = TrustedIssuer("did:web:battery.example.com", {"en": "Example Battery", "zh": "示例电池"}, frozenset())

TYPE_NAMES = {"BatteryPassportCredential": {"en": "pack", "zh": "电池包"}}

KEY = VerificationMethod(f"{ISSUER.id}#2026", ISSUER.id, PrivateKey.generate(Algorithm.P256).public_key, frozenset())
PROOF = VerifiedProof("ecdsa-rdfc-2019", KEY, AT, "assertionMethod", False)


def pack(*outcomes: Outcome, finding: Phrase | None = None) -> CredentialResult:
    checks = tuple(
        step(n, outcome, None if outcome is Outcome.PASSED else finding) for n, outcome in enumerate(outcomes, 1)
    )
    types = ("VerifiableCredential", "BatteryPassportCredential")
    return CredentialResult("https://a.example/1", types, ISSUER.id, checks, valid_from=LIST_AT, proofs=(PROOF,))


def words(*results: CredentialResult, language: str = "en", lists_at: datetime | None = LIST_AT) -> Verdict:
    result = VerificationResult(results, None, lists_at)
    return Verdict(result, names={ISSUER.id: ISSUER}.get, at=AT, language=language, type_names=TYPE_NAMES)


GOOD = pack(*[Outcome.PASSED] * 5)


def test_what_holds_is_said_with_the_issuers_name_and_the_instant_of_the_list():
    assert words(GOOD).sentence == (
        "Verified. Nothing was changed since Example Battery signed it, "
        "and it is not withdrawn as of 8 March 2027, 09:00 UTC."
    )
    assert words(GOOD, language="zh").sentence == (
        "核验通过。自示例电池签名以来内容未被更改，截至2027年3月8日17:00（UTC+8）未被撤销或暂停。"
    )


def test_without_any_list_nothing_is_said_about_withdrawal_that_was_not_looked_up():
    assert "nothing in it can be withdrawn" in words(GOOD, lists_at=None).sentence
    assert "截至" not in words(GOOD, language="zh", lists_at=None).sentence


@each(
    ("number", "english", "chinese"),
    [
        (1, "malformed", "格式有误"),
        (2, "The proof of the pack credential does not hold", "证明（签名）不成立"),
        (3, "not within its validity", "不在有效期内"),
        (4, "does not count any more", "不再有效"),
        (5, "not on the trust list", "未获信任名录认可"),
    ],
)
def test_each_failed_check_has_its_own_words_and_the_same_warning_first(number, english, chinese):
    bad = pack(*(Outcome.FAILED if n == number else Outcome.PASSED for n in range(1, 6)))
    assert words(bad).sentence.startswith("Do not rely on this file. ")
    assert english in words(bad).sentence
    assert words(bad, language="zh").sentence.startswith("请勿依据此文件。")
    assert chinese in words(bad, language="zh").sentence


def test_a_failure_outweighs_whatever_could_not_be_checked():
    open_ = pack(*[Outcome.PASSED] * 3, Outcome.UNDETERMINED, Outcome.PASSED, finding=Phrase("no-status-list"))
    bad = pack(Outcome.PASSED, Outcome.FAILED, *[Outcome.NOT_REACHED] * 3)
    assert words(open_, bad).sentence.startswith("Do not rely on this file.")


def test_an_unknown_status_is_neither_a_pass_nor_a_failure():
    open_ = pack(*[Outcome.PASSED] * 3, Outcome.UNDETERMINED, Outcome.PASSED, finding=Phrase("no-status-list"))
    assert words(open_).sentence.startswith("Not fully checked. Nothing was changed since Example Battery signed it;")
    assert words(open_, language="zh").sentence.startswith("未能完全核验。")
    assert words(open_, language="zh").rows[3].detail == "文件中没有状态列表"


def test_a_file_with_nothing_in_it_is_not_a_good_one():
    assert words().sentence == "Do not rely on this file. It holds no credential."


def test_the_rows_carry_the_numbers_and_english_names_of_the_report():
    rows = words(GOOD).rows
    assert [(row.number, row.name) for row in rows] == list(CHECKS.items())
    assert rows[0].detail == "1 of 1: pack"


def test_a_step_that_was_not_reached_says_so_in_both_languages():
    bad = CredentialResult(
        None,
        ("BatteryPassportCredential",),
        None,
        (step(1, Outcome.FAILED, Phrase("malformed-credential")), *(not_reached(n, None) for n in range(2, 6))),
    )
    assert [row.outcome_name for row in words(bad).rows][1:] == ["not reached"] * 4 + ["not applied"]
    assert [row.detail for row in words(bad, language="zh").rows][1:] == ["未进行"] * 4 + ["未适用"]


def test_every_name_is_there_in_both_languages():
    for table in (CHECKS, OUTCOMES, FAILURES, OPEN):
        assert [entry for entry in table.values() if template(entry, "zh") == entry] == []
    assert set(OUTCOMES) == set(Outcome)


def test_a_type_that_the_caller_has_no_name_for_is_shown_as_it_is():
    result = VerificationResult((GOOD,), None, LIST_AT)
    bare = Verdict(result, names={ISSUER.id: ISSUER}.get, at=AT, language="zh")
    assert bare.label(GOOD) == "BatteryPassportCredential"
    assert words(GOOD, language="zh").label(GOOD) == "电池包"


def test_the_status_list_has_its_name_from_the_standard_alone():
    listed = CredentialResult(None, ("VerifiableCredential", "BitstringStatusListCredential"), None, GOOD.checks)
    bare = Verdict(VerificationResult((listed,), None, LIST_AT), names=lambda _: None, at=AT)
    assert bare.label(listed) == "status list"
