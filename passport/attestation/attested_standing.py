"""What attestations are worth for the values of a verified file: who attested which, until when, whether it fits.

For each value that an attestation of the file names, in this order:

1. The attestation verified, and its issuer is trusted for attestations under its scheme (``schemes`` of a trust list).
2. It is in force; one that ended or was withdrawn says so.
3. Its digest is that of the value in the file. Else the value was changed since: the attestation no longer fits.

    for each in attested(result, trust_list):
        each.indicator, each.standing, each.until

A file in which an attestation was withdrawn does not verify as a whole, and says so in check 4. What the attestation
was worth is told here all the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from passport.attestation.attested_values import AttestationStatement, read_attestation, subjects_of, value_digest
from passport.credentials.trust import TrustList
from passport.credentials.verification_result import CredentialResult, VerificationResult
from passport.errors import PassportError
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import ATTESTATION


class AttestedStanding(StrEnum):
    """What an attestation is worth for one value."""

    FITS = "fits"
    CHANGED = "changed"
    ABSENT = "absent"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    NOT_TRUSTED = "not-trusted"
    UNDETERMINED = "undetermined"


STANDING_TEXTS = {
    AttestedStanding.FITS: Message("attested"),
    AttestedStanding.CHANGED: Message("the value was changed since"),
    AttestedStanding.ABSENT: Message("the value is not in this view"),
    AttestedStanding.ENDED: Message("the attestation ended"),
    AttestedStanding.WITHDRAWN: Message("the attestation was withdrawn"),
    AttestedStanding.NOT_TRUSTED: Message("its issuer is not trusted for this"),
    AttestedStanding.UNDETERMINED: Message("it could not be determined"),
}


@dataclass(frozen=True)
class AttestedValue:
    """One attestation of one value.

    :ivar issuer: DID; :ivar until: end of the attestation; :ivar statement: all that it states.
    """

    indicator: str
    subject: str
    standing: AttestedStanding
    issuer: str
    until: datetime | None
    credential: str
    statement: AttestationStatement

    def to_json(self) -> JsonObject:
        return {
            "indicator": self.indicator, "subject": self.subject, "standing": self.standing.value,
            "issuer": self.issuer, "until": None if self.until is None else self.until.isoformat(),
            "scheme": self.statement.scheme, "level": self.statement.level, "method": self.statement.method,
            "examinedOn": self.statement.examined_on.isoformat(), "report": self.statement.report,
            "credential": self.credential,
        }  # fmt: skip


def attested(result: VerificationResult, trust: TrustList) -> tuple[AttestedValue, ...]:
    """Every attestation of every value in a file, in the order of the file.

    :param result: of the verification of the file; values count only in credentials that verified by themselves.
    """
    verified = [each for each in result.credentials if each.verified is True and each.document is not None]
    subjects = subjects_of(each.document for each in verified if each.document is not None)
    found: list[AttestedValue] = []
    for each in result.credentials:
        if ATTESTATION not in each.types or each.document is None or not each.proved:
            continue
        try:
            statement = read_attestation(each.document)
        except PassportError:
            continue
        own = _standing_of(each, statement, trust)
        for indicator, digest in statement.values.items():
            standing = own
            if own is AttestedStanding.FITS:
                values = subjects.get(statement.subject, {})
                if indicator not in values:
                    standing = AttestedStanding.ABSENT
                elif not _is_of(digest, indicator, values[indicator]):
                    standing = AttestedStanding.CHANGED
            found.append(
                AttestedValue(
                    indicator,
                    statement.subject,
                    standing,
                    each.issuer or "",
                    each.valid_until,
                    each.id or "",
                    statement,
                )
            )
    return tuple(found)


def report(result: VerificationResult, trust: TrustList) -> JsonObject:
    """The report of a verification for machines; ``attested`` only where there is an attestation in the file."""
    values = attested(result, trust)
    more: JsonObject = {"attested": [each.to_json() for each in values]} if values else {}
    return {**result.to_json(), **more}


def _is_of(digest: str, indicator: str, value: object) -> bool:
    try:
        return value_digest(indicator, value) == digest
    except PassportError:
        # A value without a canonical form cannot have been attested.
        return False


def _standing_of(result: CredentialResult, statement: AttestationStatement, trust: TrustList) -> AttestedStanding:
    """What the attestation is worth by itself."""
    issuer = trust.issuer(result.issuer or "")
    fifth = result.check(5)
    if issuer is None or fifth.passed is False or (
        issuer.schemes is not None and statement.scheme not in issuer.schemes
    ):  # fmt: skip
        return AttestedStanding.NOT_TRUSTED
    if any(check.code in ("revoked", "suspended") for check in result.checks):
        return AttestedStanding.WITHDRAWN
    if result.check(3).code == "expired":
        return AttestedStanding.ENDED
    return AttestedStanding.FITS if result.verified is True else AttestedStanding.UNDETERMINED


def by_indicator(values: Sequence[AttestedValue]) -> dict[str, tuple[AttestedValue, ...]]:
    """The attestations of each indicator, those that fit first."""
    grouped: dict[str, list[AttestedValue]] = {}
    for each in values:
        grouped.setdefault(each.indicator, []).append(each)
    order = list(AttestedStanding)
    return {name: tuple(sorted(group, key=lambda each: order.index(each.standing))) for name, group in grouped.items()}
