"""Everything that the facts say of one pack, and the stretch of its history that an alert is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from passport.oversight.alert_register import AlertEntry
from passport.store import Store
from passport.store.facts import dossier_reading as reading
from passport.store.facts.dossier_reading import FactEventRow, ReadOutFact, StayRow
from passport.store.facts.rule_queries import judging
from passport.supervision.pack_facts import PackFact
from passport.supervision.questions import AFTER, BEFORE, RuleQuestion, questions
from passport.supervision.rulebook import rulebook


@dataclass(frozen=True)
class PackDossier:
    """:ivar origins, successors: IRI and number of other packs; the number is None where no event is of it."""

    pack: PackFact
    history: tuple[FactEventRow, ...]
    stays: tuple[StayRow, ...]
    read_outs: tuple[ReadOutFact, ...]
    origins: list[tuple[Any, ...]]
    successors: list[tuple[Any, ...]]


def pack_dossier(store: Store, number: int) -> PackDossier | None:
    """The dossier of a pack; None where there is no such pack."""
    with judging(store) as (_, connection):
        row = reading.pack_row(connection, number)
        if row is None:
            return None
        pack = PackFact(**row)
        origins, successors = reading.relatives(connection, number)
        return PackDossier(
            pack, reading.history(connection, number), reading.stays(connection, number),
            reading.read_outs(connection, pack.pack), origins, successors,
        )  # fmt: skip


@dataclass(frozen=True)
class EvidenceStop:
    """One stop of the line of evidence: an event, or what was looked for and is not there.

    :ivar key: whether the event is evidence of the alert.
    :ivar question: what was looked for; :ivar kinds: of events; :ivar since, until: where, seconds since 1970 or None.
    """

    event: FactEventRow | None = None
    key: bool = False
    question: RuleQuestion | None = None
    kinds: tuple[str, ...] = ()
    since: int | None = None
    until: int | None = None


def evidence_line(store: Store, entry: AlertEntry) -> tuple[EvidenceStop, ...]:
    """The history of the pack of an alert with its evidence marked, events of other packs that are evidence, and gaps.

    The line of an alert about an actor has its evidence only.
    """
    numbers = set(entry.finding.numbers)
    with judging(store) as (_, connection):
        events = list(reading.events_numbered(connection, numbers))
        if entry.finding.pack_number is not None:
            events += reading.history(connection, entry.finding.pack_number)
    line = sorted({event.number: event for event in events}.values(), key=lambda event: (event.time, event.number))
    stops = [EvidenceStop(event, event.number in numbers) for event in line]
    gaps = [
        _gap(question, kinds, stops)
        for question in questions()[entry.rule.code]
        if (kinds := question.missing(entry.finding.values, rulebook()))
    ]
    for place, gap in sorted((gap for gap in gaps if gap is not None), key=lambda pair: -pair[0]):
        stops.insert(place, gap)
    return tuple(stops)


def _gap(question: RuleQuestion, kinds: tuple[str, ...], stops: list[EvidenceStop]) -> tuple[int, EvidenceStop] | None:
    keys = [place for place, stop in enumerate(stops) if stop.key]
    if not keys:
        return None
    first, last = stops[keys[0]].event, stops[keys[-1]].event
    assert first is not None and last is not None
    if question.when == BEFORE:
        return keys[0], EvidenceStop(question=question, kinds=kinds, until=first.time)
    if question.when == AFTER:
        return keys[0] + 1, EvidenceStop(question=question, kinds=kinds, since=first.time)
    return keys[-1], EvidenceStop(question=question, kinds=kinds, since=first.time, until=last.time)
