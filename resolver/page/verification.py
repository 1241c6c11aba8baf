"""The verifier page's result: what the verdict says, laid out for people. Decides nothing that the verifier did not.

What was hidden is counted from the vocabulary: of a derived view one can say how many indicators its kind of credential
may hold and how many are here, never whether the others were left out or not there in the first place.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from passport.battery.vocabulary import Carrier, Vocabulary
from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.result import CredentialResult, Outcome, VerificationResult
from passport.credentials.trust import TrustList
from passport.credentials.verdict import LABELS, Row, Verdict
from passport.linked_data import strict_json
from passport.presenter import CONDITION, MODEL_DETAIL

_CARRIERS = {MODEL_DETAIL: Carrier.MODEL_DETAIL, CONDITION: Carrier.CONDITION}
_TONES = {True: "good", False: "bad", None: "warn"}
#: A file of a thousand credentials gets a verdict, and no page of a thousand tables.
_LISTED = 50


@dataclass(frozen=True)
class Hidden:
    """How much of one derived credential is here: ``here`` of ``known`` indicators that its kind may hold."""

    label: str
    here: int
    known: int


@dataclass(frozen=True)
class CheckView:
    """One check: the row, and what it found for each credential where there are several."""

    row: Row
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ResultView:
    """:ivar name: of the file, None for pasted text; :ivar tone: a class of the style sheet; :ivar report: JSON."""

    name: str | None
    size: int
    digest: str
    at: datetime
    sentence: str
    tone: str
    counts: tuple[tuple[Outcome, int], ...]
    checks: tuple[CheckView, ...]
    presentation: tuple[Outcome, str] | None
    derived: tuple[Hidden, ...]
    unchecked: tuple[tuple[str, str, str | None], ...]
    codes: tuple[str, ...]
    report: bytes

    @property
    def report_address(self) -> str:
        """The report itself as an address: kept in the page, so that nothing has to be kept here."""
        return "data:application/json;base64," + base64.b64encode(self.report).decode("ascii")


def view(
    result: VerificationResult,
    document: Any,
    data: bytes,
    *,
    name: str | None,
    trust_list: TrustList,
    vocabulary: Vocabulary,
    at: datetime,
    language: str,
) -> ResultView:
    """What the page says about ``result``.

    :param document: what was verified; :param data: the bytes of it, for size and digest.
    """
    verdict = Verdict(result, names=trust_list.issuer, at=at, language=language)
    outcomes = [check.outcome for check in result.checks]
    counted = tuple((outcome, outcomes.count(outcome)) for outcome in Outcome if outcome in outcomes)
    proved = list(_proved(result, document))
    return ResultView(
        name=name,
        size=len(data),
        digest=sha256(data).hexdigest(),
        at=at,
        sentence=verdict.sentence,
        tone=_TONES[result.verified],
        counts=counted,
        checks=tuple(
            CheckView(row, _parts(result.credentials, row.number, verdict, trust_list, at, language))
            for row in verdict.rows
        ),
        presentation=_presentation(result),
        derived=tuple(_hidden(proved, vocabulary, verdict)),
        unchecked=tuple(
            (row.name, row.detail, result.check(row.number).hint)
            for row in verdict.rows
            if row.outcome is Outcome.UNDETERMINED
        ),
        codes=tuple(dict.fromkeys(_codes(member for _, member in proved))),
        report=strict_json.dumps(result.to_json()),
    )


def _parts(
    credentials: Sequence[CredentialResult],
    number: int,
    verdict: Verdict,
    trust_list: TrustList,
    at: datetime,
    language: str,
) -> tuple[tuple[str, str, str], ...]:
    """For each credential: its name, the outcome's word, what was found."""
    if len(credentials) < 2 or number == 1:
        return ()
    found = []
    for one in credentials[:_LISTED]:
        alone = Verdict(
            VerificationResult((one,), None, min((s.list_at for s in one.statuses if s.list_at), default=None)),
            names=trust_list.issuer, at=at, language=language,
        )
        row = alone.rows[number - 1]
        found.append((verdict.label(one), row.outcome_name, row.detail))
    return tuple(found)


def _presentation(result: VerificationResult) -> tuple[Outcome, str] | None:
    if result.presentation is None:
        return None
    worst = next((check for check in result.presentation.checks if not check.passed), None)
    return (Outcome.PASSED, "") if worst is None else (worst.outcome, worst.detail)


def _proved(result: VerificationResult, document: Any) -> Iterable[tuple[CredentialResult, dict]]:
    """The credentials whose proof verified, beside their documents; by place, since a forged one may bear any id."""
    members = vcdm.credentials(document) if vcdm.is_presentation(document) else (document,)
    counted = [
        member
        for member in members
        if isinstance(member, dict) and status_list.LIST_CREDENTIAL not in vcdm.types(member)
    ]
    for one, member in zip(result.credentials, counted, strict=False):
        if one.check(2).passed:
            yield one, member


def _hidden(
    proved: Sequence[tuple[CredentialResult, dict]], vocabulary: Vocabulary, verdict: Verdict
) -> Iterable[Hidden]:
    for one, member in proved[:_LISTED]:
        carrier = next((_CARRIERS[name] for name in one.types if name in _CARRIERS), None)
        if not one.derived or carrier is None:
            continue
        known = {indicator.id for indicator in vocabulary.indicators.values() if indicator.carrier is carrier}
        here = {key for subject in vcdm.subjects(member) for key in subject if key in known}
        yield Hidden(verdict.label(one), len(here), len(known))


def _codes(members: Iterable[dict]) -> Iterable[str]:
    """What stands on the plate, as far as the signed data say."""
    for member in members:
        if not any(name in LABELS for name in vcdm.types(member)):
            continue
        for subject in vcdm.subjects(member):
            for key in ("packTractionBatteryCode", "serialNumber"):
                value = subject.get(key)
                if isinstance(value, str) and len(value) <= 60:
                    yield value
                    break
