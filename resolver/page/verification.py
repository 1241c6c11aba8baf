"""The result on the verifier page: the verifier's verdict, laid out for people. Makes no decision of its own.

The number of hidden indicators is counted from the vocabulary. A derived view shows how many indicators its kind of
credential may hold and how many it holds, never whether the others were hidden or absent from the start.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from passport.attestation.attested_standing import attested, report
from passport.credentials import credential as vcdm
from passport.credentials import intake
from passport.credentials.status_list import LIST_CREDENTIAL
from passport.credentials.trust import TrustList
from passport.credentials.verdict import Verdict, VerdictRow, type_name
from passport.credentials.verification_result import EACH, CredentialResult, Outcome, VerificationResult
from passport.credentials.wording import Phrase
from passport.errors import PassportError
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.reports.verification_report import SheetCheck, VerificationSheet, sheet_html
from passport.texts import moment
from passport.vocabulary import credential_types
from passport.vocabulary.credential_types import CONDITION, MODEL_DETAIL
from passport.vocabulary.vocabulary import Carrier, Vocabulary
from resolver.page.attested_rows import AttestedRow, attested_rows
from resolver.page.verified_battery import VerifiedBattery, verified_battery
from resolver.page.wording import Words

_CARRIERS = {MODEL_DETAIL: Carrier.MODEL_DETAIL, CONDITION: Carrier.CONDITION}
_TONES = {True: "good", False: "bad", None: "warn"}
#: A file of a thousand credentials gets a verdict, and no page of a thousand tables.
_LISTED = 50


@dataclass(frozen=True)
class UnreadableUpload:
    """What is said about something that is no document at all, and so was not checked.

    :ivar machine_detail: what the library says, in English; None where it says no more than the sentence.
    """

    sentence: str
    hint: str | None
    machine_detail: str | None


@dataclass(frozen=True)
class Hidden:
    """How much of one derived credential is here: ``here`` of ``known`` indicators that its kind may hold."""

    label: str
    here: int
    known: int


@dataclass(frozen=True)
class CheckView:
    """One check: the row, and what it found for each credential where there are several."""

    row: VerdictRow
    parts: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class ResultView:
    """:ivar name: of the file, None for pasted text; :ivar tone: a class of the style sheet; :ivar report: JSON.

    :ivar members: name, id, outcome and its word, of each member of the file; :ivar notes: what proves nothing.
    :ivar attested: who attested which value of the file; empty where there is no attestation in it.
    :ivar sheet: the report for people.
    :ivar all_proved: whether each credential's proof verified; of another, it is unknown what it leaves out.
    """

    name: str | None
    size: int
    digest: str
    at: datetime
    sentence: str
    tone: str
    counts: tuple[tuple[Outcome, int], ...]
    checks: tuple[CheckView, ...]
    presentation: VerdictRow | None
    derived: tuple[Hidden, ...]
    all_proved: bool
    members: tuple[tuple[str, str, Outcome, str], ...]
    notes: tuple[str, ...]
    unchecked: tuple[VerdictRow, ...]
    codes: tuple[str, ...]
    report: bytes
    battery: VerifiedBattery | None
    attested: tuple[AttestedRow, ...]
    report_html: bytes
    sheet: VerificationSheet

    @property
    def report_address(self) -> str:
        """The report itself as an address: kept in the page, so that nothing has to be kept here."""
        return _address("application/json", self.report)

    @property
    def html_address(self) -> str:
        """The report for people as an HTML file."""
        return _address("text/html;charset=utf-8", self.report_html)


def _address(media_type: str, data: bytes) -> str:
    return f"data:{media_type};base64," + base64.b64encode(data).decode("ascii")


def unreadable(data: bytes, error: PassportError, language: str) -> UnreadableUpload:
    """What the page says about ``data``, of which ``error`` says why it cannot be read."""
    seen = intake.looks_like(data)
    phrase = seen or Phrase.of(error)
    sentence = str(Words(language)("full-stop", sentence=sentence_case(phrase.text(language))))
    return UnreadableUpload(sentence, phrase.hint(language), None if seen is not None else str(error))


def view(
    result: VerificationResult,
    data: bytes,
    *,
    name: str | None,
    trust_list: TrustList,
    vocabulary: Vocabulary,
    at: datetime,
    language: str,
    site: str = "",
) -> ResultView:
    """What the page says about ``result``.

    :param data: what was handed in, for size and digest.
    :param site: whose trust list decided.
    """
    type_names = credential_types.names()
    verdict = Verdict(result, names=trust_list.issuer, at=at, language=language, type_names=type_names)
    outcomes = [check.outcome for check in result.checks]
    # That nothing failed is worth a word of its own.
    counted = tuple((each, outcomes.count(each)) for each in Outcome if each in outcomes or each is Outcome.FAILED)
    proved = [credential for credential in result.credentials if credential.proved]
    battery = verified_battery(proved, vocabulary, language)
    rows = attested_rows(attested(result, trust_list), trust_list, vocabulary, language)
    sheet = _sheet(verdict, battery, rows, _TONES[result.verified], name, data, at, language, site)
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
        presentation=verdict.presentation,
        derived=tuple(_hidden(proved, vocabulary, verdict)),
        all_proved=result.check(2).passed,
        members=tuple(
            (sentence_case(name), id_, outcome, word) for name, id_, outcome, word in verdict.members[:_LISTED]
        ),
        notes=verdict.notes,
        unchecked=tuple(row for row in verdict.rows if row.outcome is Outcome.UNDETERMINED),
        codes=tuple(
            dict.fromkeys(_codes(dict(credential.document) for credential in proved if credential.document is not None))
        ),
        report=strict_json.dumps(report(result, trust_list)),
        battery=battery,
        attested=rows[:_LISTED],
        report_html=sheet_html(sheet, language).encode("utf-8"),
        sheet=sheet,
    )


def _sheet(
    verdict: Verdict,
    battery: VerifiedBattery | None,
    rows: Sequence[AttestedRow],
    tone: str,
    name: str | None,
    data: bytes,
    at: datetime,
    language: str,
    site: str,
) -> VerificationSheet:
    """The report for people."""
    words = Words(language)
    about = () if battery is None else (
        (str(words("sheet-name")), f"{battery.name} {battery.code}".strip()),
        (str(words("sheet-address")), battery.subject), *battery.plain(),
    )  # fmt: skip
    checks = tuple(
        SheetCheck(row.number or 0, str(words(f"check-{row.number}")), sentence_case(row.outcome_name), row.detail)
        for row in verdict.rows
    )
    return VerificationSheet(
        verdict.sentence, tone, about, checks, name or str(words("sheet-pasted")), sha256(data).hexdigest(),
        moment(at, language), site,
        tuple((row.label, words.comma.join(filter(None, (row.standing, row.by, row.until)))) for row in rows),
    )  # fmt: skip


def _parts(
    credentials: Sequence[CredentialResult],
    number: int,
    verdict: Verdict,
    trust_list: TrustList,
    at: datetime,
    language: str,
) -> tuple[tuple[str, str, str], ...]:
    """For each credential: its name, the outcome's word, what was found."""
    if len(credentials) < 2 or number == 1 or number not in EACH:
        return ()
    parts = []
    for credential in credentials[:_LISTED]:
        alone = Verdict(
            VerificationResult(
                (credential,), None, min((s.list_at for s in credential.statuses if s.list_at), default=None)
            ),
            names=trust_list.issuer,
            at=at,
            language=language,
            type_names=credential_types.names(),
        )
        row = alone.rows[number - 1]
        parts.append((sentence_case(verdict.label(credential)), row.outcome_name, row.detail))
    return tuple(parts)


def _hidden(proved: Sequence[CredentialResult], vocabulary: Vocabulary, verdict: Verdict) -> Iterable[Hidden]:
    for credential in proved[:_LISTED]:
        carrier = next((_CARRIERS[name] for name in credential.types if name in _CARRIERS), None)
        if not credential.derived or carrier is None or credential.document is None:
            continue
        known = {indicator.id for indicator in vocabulary.indicators.values() if indicator.carrier is carrier}
        here = {key for subject in vcdm.subjects(dict(credential.document)) for key in subject if key in known}
        yield Hidden(sentence_case(verdict.label(credential)), len(here), len(known))


def _codes(members: Iterable[JsonObject]) -> Iterable[str]:
    """The codes on the plate of the battery, from the signed data."""
    for member in members:
        if not any(name in credential_types.TYPES for name in vcdm.types(member)):
            continue
        for subject in vcdm.subjects(member):
            for key in ("packTractionBatteryCode", "serialNumber"):
                value = subject.get(key)
                if isinstance(value, str) and len(value) <= 60:
                    yield value
                    break


def kinds_of(trusted_for: Iterable[str], language: str) -> list[str]:
    """Kinds of credentials as people call them; of an unknown one, its own name."""
    names = credential_types.names()
    return [type_name(kind, names, language) for kind in sorted(trusted_for, key=_order)]


def _order(kind: str) -> tuple[int, str]:
    known = (*credential_types.TYPES, LIST_CREDENTIAL)
    return (known.index(kind) if kind in known else len(known), kind)


def sentence_case(text: str) -> str:
    """With a capital in front, unless the first word is a name that is written small (``ecdsa-rdfc-2019``)."""
    first = text.partition(" ")[0].rstrip(",:;")
    return text[:1].upper() + text[1:] if first.isalpha() else text
