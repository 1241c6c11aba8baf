"""What the verifier found about the view on this page, in sentences. Computed when the page is served.

Four questions: who signed, which trust list names the signer, is it withdrawn, is it complete. Each sentence claims
only what was checked, and says so where something could not be checked.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from passport.credentials.trust import TrustList
from passport.credentials.verification_result import Check, CredentialResult, Outcome, VerificationResult
from passport.presenting.standing import StandingKind
from passport.reports.isolation import isolated
from passport.vocabulary.credential_types import BATCH, CONDITION, EVENT, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Regime
from resolver.page import formatting as f
from resolver.page.indicators.states import Tally
from resolver.page.wording import Words

_DATA = {
    MODEL: "data-model",
    MODEL_DETAIL: "data-detail",
    BATCH: "data-batch",
    PASSPORT: "data-passport",
    CONDITION: "data-condition",
    EVENT: "data-event",
}
_MARKS = {"good": "✓", "warn": "!", "bad": "✗"}
_WHY = {"foreign-key": "why-key", "unsigned": "why-unsigned"}
_SUITES = ("ecdsa-rdfc-2019", "eddsa-rdfc-2022", "ecdsa-sd-2023")


@dataclass(frozen=True)
class TrustStrip:
    """The trust strip.

    :ivar status: ``valid``, ``suspended``, ``withdrawn``, ``expired``, ``unlisted``, ``unknown`` or ``bad``.
    :ivar tone: class of the status line: ``good``, ``warn`` or ``bad``.
    :ivar mark: of the line, beside the word; :ivar line: by whom and when it was checked.
    :ivar answers: question and answer, in order.
    :ivar suites: signature suites that an independent verifier needs.
    """

    status: str
    tone: str
    headline: Markup
    mark: str
    line: Markup
    about: Markup
    answers: tuple[tuple[Markup, Markup], ...]
    suites: Markup


def trust(
    result: VerificationResult,
    trust_list: TrustList,
    words: Words,
    *,
    at: datetime,
    tallies: Sequence[Tally],
    regimes: Sequence[Regime],
    role: bool,
    issuers_href: str,
    grain: str = "pack",
    condition: bool = False,
    standings: Collection[StandingKind] = (),
) -> TrustStrip:
    """The strip for what ``result`` says.

    :param tallies: completeness per regime.
    :param regimes: all that this site knows, for their names.
    :param role: True where the reader has one; :param grain: what the page is about, ``model``, ``batch`` or ``pack``.
    :param issuers_href: where this site shows its trust list.
    :param condition: True where the page shows the state of the battery itself.
    :param standings: what has become of the passport, which may be more than the status lists of this view say.
    """
    strip = _Strip(result, trust_list, words, at, {regime.code: regime for regime in regimes}, issuers_href)
    strip.superseded = StandingKind.SUPERSEDED in standings
    status = _status(result.credentials)
    answers = (
        (words("signed-by"), strip.signed()),
        (words("listed-in"), strip.listed()),
        (words("withdrawn?"), strip.withdrawn()),
        (words("complete?"), strip.complete(tallies, role)),
    )
    tone = {"valid": "good", "bad": "bad", "withdrawn": "bad"}.get(status, "warn")
    used = [suite for suite in _SUITES if any(p.cryptosuite == suite for c in result.credentials for p in c.proofs)]
    headline = words(_headline(status, result.credentials, grain, standings))
    return TrustStrip(
        status,
        tone,
        headline,
        "?" if status == "unknown" else _MARKS[tone],
        strip.line(status),
        strip.about(status, condition),
        answers,
        words.join([isolated(suite) for suite in used or _SUITES[:1]]),
    )


def _headline(status: str, results: Sequence[CredentialResult], grain: str, standings: Collection[StandingKind]) -> str:
    """The text for both halves: whether the signatures hold, and what has become of what they are on."""
    if status in ("withdrawn", "suspended"):
        return f"status-{status}" if all(r.check(2).passed for r in results) else f"status-{status}-unsure"
    for kind in (StandingKind.ENDED, StandingKind.SUPERSEDED):
        if status == "valid" and kind in standings:
            return f"status-{kind}"
    return f"status-valid-{grain}" if grain != "pack" and status == "valid" else f"status-{status}"


def _status(results: Sequence[CredentialResult]) -> str:
    """One word for the document: the worst thing that was found."""
    if not results or any(r.check(n).outcome is Outcome.FAILED for r in results for n in (1, 2)):
        return "bad"
    flags = {reading.purpose for r in results for reading in r.statuses if reading.value}
    if "revocation" in flags:
        return "withdrawn"
    if "suspension" in flags or any(r.check(4).outcome is Outcome.FAILED for r in results):
        return "suspended"
    if any(r.check(3).outcome is Outcome.FAILED for r in results):
        return "expired"
    if any(r.check(5).outcome is Outcome.FAILED for r in results):
        return "unlisted"
    if any(not check.passed for r in results for check in r.checks):
        return "unknown"
    return "valid"


class _Strip:
    superseded = False

    def __init__(
        self,
        result: VerificationResult,
        trust_list: TrustList,
        words: Words,
        at: datetime,
        regimes: dict[str, Regime],
        issuers_href: str,
    ) -> None:
        self.issuers_href = issuers_href
        self.results = result.credentials
        self.lists_at = result.status_lists_at
        self.trust_list = trust_list
        self.words = words
        self.at = at
        self.regimes = regimes

    def name(self, did: str | None) -> str:
        issuer = self.trust_list.issuer(did) if did else None
        return issuer.named(self.words.language) if issuer else f.shortened(did or "?")

    def why(self, check: Check) -> str:
        """What a check that did not pass found, as a phrase in the reader's language."""
        return check.finding.text(self.words.language) if check.finding else str(self.words("status-bad"))

    def what(self, result: CredentialResult) -> Markup:
        key = next((_DATA[name] for name in result.types if name in _DATA), None)
        return self.words(key) if key else isolated(result.label)

    def named(self, results: Sequence[CredentialResult]) -> Markup:
        return self.words.join(list(dict.fromkeys(self.what(result) for result in results)))

    def day(self, result: CredentialResult) -> Markup:
        created = next((proof.created for proof in result.proofs if proof.created), result.valid_from)
        return f.time_element(created.date(), self.words.language) if created else isolated("?")

    def having(self, wanted: Callable[[CredentialResult], bool]) -> list[CredentialResult]:
        return [result for result in self.results if wanted(result)]

    def by_issuer(self, results: Sequence[CredentialResult]) -> dict[str, list[CredentialResult]]:
        groups: dict[str, list[CredentialResult]] = {}
        for result in results:
            groups.setdefault(result.issuer or "?", []).append(result)
        return groups

    # --- the four answers -------------------------------------------------------------------------------------------

    def signed(self) -> Markup:
        words, sentences = self.words, []
        for issuer, results in self.by_issuer(self.having(lambda r: r.check(2).passed)).items():
            days: dict[Markup, list[Markup]] = {}
            for result in results:
                days.setdefault(self.day(result), []).append(self.what(result))
            parts = [
                words("signed-one", what=words.join(list(dict.fromkeys(data))), date=day) for day, data in days.items()
            ]
            sentences.append(words("signed", who=self.name(issuer), list=words.clauses(parts)))
        failed = self.having(lambda r: r.check(1).outcome is Outcome.FAILED or r.check(2).outcome is Outcome.FAILED)
        for result in failed:
            check = result.check(1) if result.check(1).outcome is Outcome.FAILED else result.check(2)
            why = "why-form" if check.number == 1 else _WHY.get(check.code or "", "why-changed")
            sentences.append(words("not-signed", list=self.what(result), why=words(why)))
        for result in self.having(lambda r: r.check(2).outcome is Outcome.UNDETERMINED):
            sentences.append(words("sign-unknown", list=self.what(result), why=self.why(result.check(2))))
        return words.space.join(sentences)

    def listed(self) -> Markup:
        words, sentences = self.words, []
        for issuer in self.by_issuer(self.having(lambda r: r.check(5).passed)):
            entry = self.trust_list.issuer(issuer)
            codes = [code for code in self.regimes if entry and code in entry.regimes]
            sides = words.join([isolated(self.regime(self.regimes[code])) for code in codes])
            regimes = words("listed-regimes", list=sides) if codes else ""
            sentences.append(words("listed", href=self.issuers_href, who=self.name(issuer), regimes=regimes))
        for issuer, results in self.by_issuer(self.having(lambda r: r.check(5).outcome is Outcome.FAILED)).items():
            sentences.append(
                words("not-listed", href=self.issuers_href, who=self.name(issuer), list=self.named(results))
            )
        rest = self.having(lambda r: r.check(5).outcome in (Outcome.UNDETERMINED, Outcome.NOT_REACHED))
        if rest and not sentences:
            sentences.append(words("list-unknown", why=self.why(rest[0].check(5))))
        return words.space.join(sentences)

    def withdrawn(self) -> Markup:
        words, sentences = self.words, []
        for purpose, key in (("revocation", "is-withdrawn"), ("suspension", "is-suspended")):
            hit = [r for r in self.results if any(s.value and s.purpose == purpose for s in r.statuses)]
            if hit:
                sentences.append(words(key, list=self.named(hit)))
        late = self.having(lambda r: r.check(3).outcome is Outcome.FAILED)
        if late:
            sentences.append(words("expired", list=self.named(late)))
        unknown = self.having(lambda r: r.check(4).outcome in (Outcome.UNDETERMINED, Outcome.NOT_REACHED))
        if unknown:
            why = self.why(unknown[0].check(4))
            sentences.append(words("status-unchecked", list=self.named(unknown), why=why))
        if not sentences:
            if self.lists_at is None:
                return words("no-status")
            language = self.words.language
            sentences.append(
                words("not-withdrawn", at=f.moment(self.at, language), signed=f.moment(self.lists_at, language))
            )
            if not self.superseded and self.having(lambda r: CONDITION in r.types):
                sentences.append(words("condition-newest"))
        return words.space.join(sentences)

    def complete(self, tallies: Sequence[Tally], role: bool) -> Markup:
        words = self.words
        if any(not result.check(2).passed for result in self.results):
            sentences = []
        elif role:
            sentences = [words("complete-role")]
        elif len(self.results) == 2:
            sentences = [words("complete-public-both")]
        else:
            sentences = [words("complete-public", n=len(self.results))]
        now = [words("due-one", **self.counts(tally)) for tally in tallies if not tally.since]
        if now:
            sentences.append(words("due-role" if role else "due", list=words.counts(now)))
        for tally in tallies:
            if tally.since:
                date = f.time_element(tally.since, words.language)
                sentences.append(words("due-later", date=date, **self.counts(tally)))
        return words.space.join(sentences)

    def counts(self, tally: Tally) -> dict[str, object]:
        return {"present": tally.present, "all": tally.due, "regime": self.regime(tally.regime)}

    def regime(self, regime: Regime) -> str:
        """The name of a regime inside a sentence."""
        key, words = f"the-{regime.code}", self.words
        return str(words(key)) if words.has(key) else words.say(regime.label)

    def line(self, status: str) -> Markup:
        """By whom and when, in the fewest words."""
        at = f.moment(self.at, self.words.language)
        issuers = list(self.by_issuer(self.having(lambda r: r.check(5).passed)))
        if status == "valid" and len(issuers) == 1:
            return self.words("line-valid", who=self.name(issuers[0]), at=at)
        return self.words("line-other", at=at)

    def about(self, status: str, condition: bool) -> Markup:
        """When it was issued, until when, and what that is about."""
        words, sentences = self.words, []
        main = [result for kind in (PASSPORT, BATCH, MODEL) for result in self.results if kind in result.types]
        if main and status != "bad":
            end = main[0].valid_until
            until = words("with-end", end=f.time_element(end.date(), words.language)) if end else words("no-end")
            sentences.append(words("about-issued", issued=self.day(main[0]), end=until))
        sentences.append(words("about-document-role" if condition else "about-document"))
        return words.space.join(sentences)
