"""Findings: what a rule says of one pack or actor, with its evidence, as a value. An alert is a finding with a life.

The key of a finding is rule, subject and first evidence. It is the same however often, and over whatever scope, the
rule is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from passport.supervision.rulebook import DAY, SupervisionRule
from passport.texts import Message, by_language, day, fallback, say

#: Values that a finding lists, at most.
_VALUES = 10


class AlertKey(NamedTuple):
    """What makes an alert this one.

    :param subject: IRI of the pack, or DID of the actor.
    :param evidence: id of the first event of the evidence.
    """

    rule: str
    subject: str
    evidence: str


@dataclass(frozen=True)
class Finding:
    """One violation.

    :param evidence: ids of the events, first one first.
    :param pack: IRI; :param actor: DID; :param other: DID of another actor or IRI of another pack.
    :param seconds: span that the rule measured; :param values: what it found.
    :param due: deadline; :param since: instant at which the rule was broken.
    :param numbers: of the events of the evidence.
    """

    rule: str
    subject: str
    evidence: tuple[str, ...]
    pack: str | None
    actor: str | None
    other: str | None
    seconds: int | None
    values: tuple[str, ...]
    due: datetime | None
    since: datetime
    numbers: tuple[int, ...]
    pack_number: int | None = None

    @property
    def key(self) -> AlertKey:
        """See :class:`AlertKey`."""
        return AlertKey(self.rule, self.subject, self.evidence[0])


def findings_of(
    rule: SupervisionRule,
    rows: Iterable[Any],
    *,
    packs: Mapping[int, str],
    events: Mapping[int, str],
    accepted: Mapping[int, int],
) -> tuple[Finding, ...]:
    """The findings of a rule out of the rows of its query, one for each key.

    :param rows: with the members of :class:`passport.store.facts.rule_queries.RuleRow`.
    :param packs: IRIs of packs, :param events: ids of events, :param accepted: instants of acceptance, by number.
    """
    by_key: dict[AlertKey, Finding] = {}
    for row in sorted(rows, key=lambda row: (row.first, row.last or 0, row.other or "", row.value or "")):
        numbers = tuple(number for number in (row.first, row.last) if number is not None)
        pack = packs.get(row.pack) if row.pack is not None else None
        finding = Finding(
            rule=rule.code,
            subject=(pack if rule.subject == "pack" else row.actor) or "",
            evidence=tuple(events[number] for number in numbers),
            pack=pack,
            actor=row.actor,
            other=row.other,
            seconds=row.span,
            values=(row.value,) if row.value is not None else (),
            due=None if row.due is None else _instant(row.due),
            since=_instant(max([*(accepted[number] for number in numbers), *([row.due] if row.due else [])])),
            numbers=numbers,
            pack_number=row.pack,
        )
        known = by_key.get(finding.key)
        by_key[finding.key] = finding if known is None else _merged(known, finding)
    return tuple(by_key.values())


def sentence(
    rule: SupervisionRule, finding: Finding, language: str, shown: Callable[[str], str] = lambda name: name
) -> str:
    """What the rule says of a finding, in a language.

    :param shown: how a pack, an actor or a value is named.
    """
    return fallback(rule.sentence, language).format(
        pack=shown(finding.pack or finding.subject),
        actor=shown(finding.actor) if finding.actor else _nobody(language),
        other=shown(finding.other) if finding.other else _nobody(language),
        days=(finding.seconds or 0) // DAY,
        value=", ".join(map(shown, finding.values)),
        due=day(finding.due.date(), language) if finding.due else "",
    )


def finding_json(rule: SupervisionRule, finding: Finding) -> dict[str, Any]:
    """A finding with its rule as a JSON object."""
    return {
        "rule": rule.code,
        "severity": rule.severity,
        "subject": finding.subject,
        "text": {language: sentence(rule, finding, language) for language in rule.sentence},
        "pack": finding.pack,
        "actors": [actor for actor in (finding.actor, finding.other) if actor and actor.startswith("did:")],
        "days": None if finding.seconds is None else finding.seconds // DAY,
        "values": list(finding.values),
        "evidence": list(finding.evidence),
        "due": finding.due.isoformat() if finding.due else None,
        "since": finding.since.isoformat(),
        "basis": by_language(rule.basis),
        "basisVerified": rule.verified,
    }


def _merged(known: Finding, more: Finding) -> Finding:
    values = tuple(dict.fromkeys((*known.values, *more.values)))[:_VALUES]
    return replace(known, values=values, since=min(known.since, more.since))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _nobody(language: str) -> str:
    return say(Message("a party that no event names"), language)
