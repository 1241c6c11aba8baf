"""Whether the attestations of a passport meet a certification scheme. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from passport.attestation.attested_standing import AttestedStanding, AttestedValue
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.certification import CertificationScheme, level_order


@dataclass(frozen=True)
class RuleOutcome:
    """What became of one rule of a scheme.

    :ivar met: True, False, or None where it is not required and nothing is attested.
    :ivar by: the attestation that meets it; None where none does.
    """

    indicator: str
    required: bool
    met: bool | None
    reason: Message
    by: AttestedValue | None = None

    def to_json(self) -> JsonObject:
        return {
            "indicator": self.indicator, "required": self.required, "met": self.met, "reason": str(self.reason),
            "attestation": None if self.by is None else self.by.to_json(),
        }  # fmt: skip


def judge(scheme: CertificationScheme, values: Sequence[AttestedValue], on: date) -> tuple[RuleOutcome, ...]:
    """What became of each rule of a scheme on a day."""
    return tuple(_judged(scheme, rule.indicator, values, on) for rule in scheme.rules.values())


def is_met(outcomes: Sequence[RuleOutcome]) -> bool:
    """Whether every required rule is met."""
    return all(each.met is True for each in outcomes if each.required)


def _judged(scheme: CertificationScheme, indicator: str, values: Sequence[AttestedValue], on: date) -> RuleOutcome:
    rule = scheme.rules[indicator]
    own = [each for each in values if each.indicator == indicator and each.statement.scheme == scheme.iri]
    reason = Message("it is not attested")
    for each in own:
        examined = each.statement.examined_on
        if each.standing is not AttestedStanding.FITS:
            reason = _REASONS.get(each.standing, Message("its attestation does not count"))
        elif level_order(each.statement.level) < level_order(rule.least_level):
            reason = Message("it was not examined far enough")
        elif (on.year - examined.year) * 12 + on.month - examined.month - (
            on.day < examined.day
        ) >= scheme.valid_months:
            reason = Message("it was examined too long ago")
        else:
            return RuleOutcome(indicator, rule.required, True, Message("attested"), each)
    return RuleOutcome(indicator, rule.required, False if rule.required or own else None, reason)


_REASONS = {
    AttestedStanding.CHANGED: Message("the value was changed since"),
    AttestedStanding.ABSENT: Message("the value is not in this view"),
    AttestedStanding.ENDED: Message("the attestation ended"),
    AttestedStanding.WITHDRAWN: Message("the attestation was withdrawn"),
    AttestedStanding.NOT_TRUSTED: Message("its issuer is not trusted for this"),
}
