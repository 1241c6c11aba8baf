"""The attestations of a verified file as rows of a table: value, what the attestation is worth, by whom, until when."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from passport.attestation.attested_standing import STANDING_TEXTS, AttestedStanding, AttestedValue
from passport.credentials.trust import TrustList
from passport.texts import day
from passport.vocabulary.certification import LEVELS, schemes
from passport.vocabulary.vocabulary import Vocabulary
from resolver.page.wording import Words


@dataclass(frozen=True)
class AttestedRow:
    """One attestation of one value, in the reader's language.

    :ivar scheme: of certification; :ivar until: last day; empty where the attestation has no end.
    :ivar level: how far the value was examined; :ivar report: address of the report, only where it is one of https.
    """

    label: str
    fits: bool
    standing: str
    by: str
    scheme: str
    until: str
    level: str
    method: str
    report: str


def attested_rows(
    values: Iterable[AttestedValue], trust: TrustList, vocabulary: Vocabulary, language: str
) -> tuple[AttestedRow, ...]:
    """:param trust: names the issuers. Values of indicators that the vocabulary does not have are left out."""
    words, known, levels = Words(language), schemes(), vocabulary.enumerations[LEVELS]

    def until(end: datetime | None) -> str:
        return "" if end is None else day(end, language)

    rows = []
    for each in values:
        if each.indicator not in vocabulary.indicators:
            continue
        statement, issuer, level = each.statement, trust.issuer(each.issuer), levels.get(each.statement.level)
        rows.append(
            AttestedRow(
                words.say(vocabulary.indicators[each.indicator].label), each.standing is AttestedStanding.FITS,
                words.say(STANDING_TEXTS[each.standing]), each.issuer if issuer is None else issuer.named(language),
                words.say(known[statement.scheme].label) if statement.scheme in known else statement.scheme,
                until(each.until), statement.level if level is None else words.say(level.label), statement.method,
                statement.report if statement.report.startswith("https://") else "",
            )
        )  # fmt: skip
    return tuple(rows)
