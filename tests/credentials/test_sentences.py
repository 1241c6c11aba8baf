"""Each finding of a verification has a sentence in both languages: read from the code, not from a list beside it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from string import Formatter

from passport import belonging, credentials, errors
from passport.belonging import BelongingPhrase
from passport.credentials.sentences import HINTS, PHRASES
from passport.credentials.verdict import FAILURES
from passport.credentials.wording import Phrase
from passport.texts import template
from tests.each import each

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
HAN = re.compile(r"[\u4e00-\u9fff]")
#: Raised when something is issued, stored, looked up or read in; a verification never meets them.
WRITE_SIDE = {
    "KeyFileError", "MalformedTrustList", "MalformedIdentifier", "MalformedOntology", "UnreadableInput",
    "MalformedPolicy", "FaultyRecord", "UnknownMethod", "MixedMethods", "UnusableProject", "UnknownPassport",
    "AlreadyIssued", "AccessDenied", "ForeignKey", "UnverifiedSignature", "FixedKey", "StoredUnverified",
    "UnknownRole", "NoPassportThere", "MalformedCatalogue", "AnotherIssuer", "WorkerLost", "JournalUnwritten",
    # Of signers, of moving and restoring a store, of a file that is opened in three lines.
    "UnusableSigner", "SignerUnavailable", "StoreNotEmpty", "StoreDiffers", "DamagedBackup", "NotVerified",
    # Of the exchange between companies.
    "MalformedMessage", "IllegalStep", "UnknownExchange", "UnauthenticatedPeer", "RefusedUsage", "PeerFailed",
    # Of the log, which no verification of a credential reads.
    "MalformedLogData", "LogProofFailed", "UntrustedCheckpoint", "LogRolledBack", "TwoHistories", "UnloggedDocument",
    "BrokenLog",
    *(name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.StoreFailure)),
}  # fmt: skip
ERRORS = [kind for kind in vars(errors).values() if inspect.isclass(kind) and issubclass(kind, errors.PassportError)]


def phrases_in_the_code(*paths: Path) -> Iterator[str]:
    """The first argument of each phrase, and of each choice between two; the codes that name a phrase."""
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "_failed":
                yield node.args[0].value
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("Phrase", "BelongingPhrase"):
                yield from (part.value for part in ast.walk(node.args[0]) if _is_key(part))
            elif isinstance(node, ast.Call) and ast.unparse(node.func) == "Phrase.of" and len(node.args) > 1:
                yield node.args[1].value


def _is_key(part: ast.AST) -> bool:
    return isinstance(part, ast.Constant) and isinstance(part.value, str)


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@each("kind", [kind for kind in ERRORS if kind.__name__ not in WRITE_SIDE])
def test_each_error_that_a_document_can_cause_has_a_sentence_in_both_languages(kind):
    assert kind.code in PHRASES
    phrase = Phrase.of(kind("$.credentialSubject", expected="one", found="two"))
    assert HAN.search(phrase.text("zh"))
    assert phrase.detail == "$.credentialSubject; expected one; found two"
    assert phrase.machine_detail == (phrase.detail,)


def test_an_error_of_a_new_kind_needs_a_sentence_or_a_place_on_the_write_side():
    names = {kind.__name__ for kind in ERRORS}
    assert names >= WRITE_SIDE
    assert {kind.code for kind in ERRORS if kind.__name__ not in WRITE_SIDE} <= set(PHRASES)


def test_each_phrase_in_the_code_is_in_the_table_and_none_there_is_dead():
    used = set(phrases_in_the_code(*Path(credentials.__file__).parent.rglob("*.py")))
    # Chosen by a variable.
    used |= {"revoked", "suspended", "identity-revoked", "identity-suspended"}
    used |= {"address-elsewhere", "gtin-elsewhere", "code-elsewhere"}
    assert used <= set(PHRASES)
    magic = {key for key in PHRASES if key.startswith("file-")}
    assert set(PHRASES) - used - magic <= {kind.code for kind in ERRORS}


def test_each_phrase_of_the_rule_of_batteries_is_in_its_own_table_and_none_there_is_dead():
    chosen = {"kind-not-known", "role-may-not-report", "province-unknown", "outside-province", "permit-missing"}
    used = {*phrases_in_the_code(Path(belonging.__file__)), *chosen}  # chosen by what the accreditation lacks
    assert used == set(BelongingPhrase.sentences)


@each("text", [*PHRASES.values(), *HINTS.values()])
def test_no_sentence_of_this_package_names_a_battery(text):
    assert "batter" not in text.lower()


@each("text", [*PHRASES.values(), *HINTS.values(), *FAILURES.values(), *BelongingPhrase.sentences.values()])
def test_both_languages_say_the_same_things(text):
    chinese = template(text, "zh")
    assert fields(text.source) == fields(chinese)
    assert not HAN.search(text)
    assert HAN.search(chinese) or re.sub(r"\{.*?\}|\W", "", chinese) == ""


def test_each_hint_is_of_a_phrase_and_a_sentence():
    for table in (Phrase, BelongingPhrase):
        assert set(table.hints) <= set(table.sentences)
        for hint in table.hints.values():
            assert hint[-1] in ".E" and template(hint, "zh")[-1] in "。E"


def test_an_instant_is_told_in_the_readers_own_time():
    phrase = Phrase("revoked", {"index": 7, "at": AT})
    assert phrase.text() == phrase.detail == "withdrawn (status 7, list of 8 March 2027, 09:30 UTC)"
    assert phrase.text("zh") == "已撤销（状态序号7，列表签署于2027年3月8日17:30（UTC+8））"


def test_a_phrase_inside_a_phrase_is_told_in_the_same_language():
    inner = Phrase.of(errors.InvalidSignature("signature and content do not match", found="P1363"))
    phrase = Phrase(
        "unusable-status-list", {"faults": [Phrase("list-of-another"), Phrase("list-proof", {"why": inner})]}
    )
    assert phrase.text("zh") == "现有状态列表不可采信：由其他签发方签署和其证明：签名与内容不符"
    assert phrase.detail.endswith("its proof: signature and content do not match; found P1363")
    assert phrase.machine_detail == ("signature and content do not match; found P1363",)


def test_braces_in_a_value_are_text():
    assert "{__class__}" in Phrase("unknown-purpose", {"purpose": "{__class__}"}).text("zh")
