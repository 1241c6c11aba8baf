"""Supervision of a project: facts made from accepted events, rules judged over them, alerts opened and closed.

* :func:`rebuild` makes all facts again from signed events; :func:`record` renews one pack when an event was accepted.
* :func:`judge_all` and :func:`judge_event` run the same queries: over everything, and over what an event affects.
* :func:`check` and :func:`check_event` keep the alerts: a violation opens one, and it closes when its cause has left.

    with writing(store) as facts:
        record(facts, history, receipts)
    check_event(store, rulebook().profile("cn"), pack=12, event=event.id, at=now)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from passport.errors import UsageError
from passport.lifecycle import History, LifecycleEvent
from passport.store import Store
from passport.store.facts.alert_rows import AlertRow, AlertRows
from passport.store.facts.fact_writing import FactWriter, writing
from passport.store.facts.rule_queries import Judge, RuleRow, judging
from passport.supervision.findings import Finding, findings_of
from passport.supervision.pack_facts import AcceptanceRecord, facts_of, seconds
from passport.supervision.rulebook import Rulebook, SupervisionRule
from passport.texts import Message


@dataclass(frozen=True)
class AcceptedEvent:
    """An accepted event with what the log says of it.

    :param event: as read from its signed document.
    """

    event: LifecycleEvent
    receipt: AcceptanceRecord


@dataclass(frozen=True)
class Checked:
    """What a check changed.

    :param findings: all violations in its scope.
    :param opened: how many alerts are new; :param closed: how many closed.
    """

    findings: tuple[Finding, ...]
    opened: int
    closed: int


def rebuild(store: Store, events: Iterable[AcceptedEvent]) -> int:
    """Make all facts again; returns the number of packs. Alerts are opened again by the next :func:`check`.

    :param events: all accepted events, those of a pack together and in the order of acceptance.
    :raises UsageError: the events of a pack come apart, or the facts are those of a benchmark.
    """
    with writing(store) as facts:
        facts.begin()
        return facts.fill(
            rows for history, receipts in _histories(events) if (rows := facts_of(history, receipts)) is not None
        )


@dataclass(frozen=True)
class Recorded:
    """A pack whose facts were renewed.

    :ivar number: of the pack; :ivar touched: see :meth:`passport.store.facts.fact_writing.FactWriter.replace`.
    """

    number: int
    touched: frozenset[str] | None


def record(facts: FactWriter, history: History, receipts: Mapping[str, AcceptanceRecord]) -> Recorded:
    """Renew the facts of one pack after an event was accepted.

    :param history: with the event; :param receipts: of every event in it.
    """
    number = receipts[history.links[0].event.id].number
    return Recorded(number, facts.replace(number, facts_of(history, receipts)))


def judge_all(store: Store, book: Rulebook, at: datetime) -> tuple[Finding, ...]:
    """Every violation in the facts.

    :raises UnusableStore: the database engine would answer wrongly.
    """
    with judging(store) as (judge, _):
        judge.prepare(book.inputs())
        judge.everything()
        return _findings(judge, book.concerning(None), at)


def judge_event(
    store: Store, book: Rulebook, pack: int, at: datetime, *, touched: frozenset[str] | None = None
) -> tuple[Finding, ...]:
    """Every violation of the packs and actors that an event of a pack affects.

    :param pack: number of the pack.
    :param touched: see :meth:`passport.supervision.rulebook.SupervisionRule.can_change`; None: by all rules.
    """
    with judging(store) as (judge, _):
        judge.prepare(book.inputs())
        judge.only(*judge.affected(pack))
        return _findings(judge, book.concerning(touched), at)


def check(store: Store, book: Rulebook, at: datetime) -> Checked:
    """Judge everything, open an alert for each new violation, close those whose cause has left.

    Alerts of rules outside the book stay as they are.
    """
    with judging(store, writes=True) as (judge, connection):
        judge.prepare(book.inputs())
        judge.everything()
        rules = book.concerning(None)
        return settle(AlertRows(connection), rules, _findings(judge, rules, at), at, cause="")


def check_event(
    store: Store, book: Rulebook, *, pack: int, event: str, at: datetime, touched: frozenset[str] | None = None
) -> Checked:
    """The same for what one accepted event affects, by the rules whose answer it can change.

    :param pack: number of the pack; :param event: id of the event, which is the reason of what it closes.
    :param touched: see :meth:`passport.supervision.rulebook.SupervisionRule.can_change`; None: by all rules.
    """
    with judging(store, writes=True) as (judge, connection):
        judge.prepare(book.inputs())
        scope = judge.affected(pack)
        judge.only(*scope)
        rules = book.concerning(touched)
        return settle(AlertRows(connection), rules, _findings(judge, rules, at), at, cause=event, scope=scope)


def findings_of_rule(judge: Judge, rule: SupervisionRule, at: datetime) -> tuple[Finding, ...]:
    """The violations of one rule in the scope of a judge."""
    return with_names(judge, [(rule, judge.answer(rule.query, values_of(rule, at)))])


def values_of(rule: SupervisionRule, at: datetime) -> dict[str, int]:
    """The named values of the query of a rule."""
    return {**rule.numbers, "now": seconds(at)}


def _findings(judge: Judge, rules: Iterable[SupervisionRule], at: datetime) -> tuple[Finding, ...]:
    return with_names(judge, [(rule, judge.answer(rule.query, values_of(rule, at))) for rule in rules])


def with_names(judge: Judge, answers: list[tuple[SupervisionRule, tuple[RuleRow, ...]]]) -> tuple[Finding, ...]:
    """The findings of rules out of the rows of their queries."""
    rows = [row for _, answer in answers for row in answer]
    if not rows:
        return ()
    numbers = {number for row in rows for number in (row.first, row.last) if number is not None}
    packs = judge.pack_iris(row.pack for row in rows if row.pack is not None)
    events, accepted = judge.event_ids(numbers), judge.accepted(numbers)
    return tuple(
        finding
        for rule, answer in answers
        for finding in findings_of(rule, answer, packs=packs, events=events, accepted=accepted)
    )


def settle(
    rows: AlertRows, rules: Iterable[SupervisionRule], findings: tuple[Finding, ...], at: datetime, cause: str,
    scope: tuple[set[int], set[str]] | None = None,
) -> Checked:  # fmt: skip
    """Open an alert for each new violation, and close those of the rules whose violation is no more.

    :param findings: all that the rules find in the scope; :param cause: why others close, see :class:`AlertRow`.
    :param scope: packs and actors that were judged; None: all.
    """
    judged = {rule.code for rule in rules}
    open_rows = [row for row in (rows.open() if scope is None else rows.open_of(*scope)) if row.rule in judged]
    by_key = {finding.key: finding for finding in findings}
    known = {row.key for row in open_rows}
    left = [row for row in open_rows if row.key not in by_key]
    new = [finding for key, finding in by_key.items() if key not in known]
    rows.close(left, seconds(at), cause)
    before = rows.closed_before({finding.rule for finding in new}, {finding.subject for finding in new})
    rows.add(
        _row(finding, seconds(at) if finding.key in before else None)
        for finding in sorted(new, key=lambda finding: (finding.since, finding.key))
    )
    return Checked(findings, len(new), len(left))


def _row(finding: Finding, returned: int | None) -> AlertRow:
    return AlertRow(
        sequence=0,
        rule=finding.rule,
        subject=finding.subject,
        evidence=finding.evidence[0],
        pack=finding.pack_number,
        actor=finding.actor,
        other=finding.other,
        first=finding.numbers[0],
        last=finding.numbers[1] if len(finding.numbers) > 1 else None,
        span=finding.seconds,
        value="\n".join(finding.values) if finding.values else None,
        due=seconds(finding.due) if finding.due else None,
        opened=seconds(finding.since),
        returned=returned,
    )


def _histories(events: Iterable[AcceptedEvent]) -> Iterable[tuple[History, dict[str, AcceptanceRecord]]]:
    seen: set[str] = set()
    for pack, group in groupby(events, key=lambda accepted: accepted.event.pack):
        if pack in seen:
            raise UsageError(
                Message("the events of {pack} do not come together", pack=pack),
                expected=Message("events in the order of packs, then of acceptance"),
            )
        seen.add(pack)
        listed = list(group)
        yield (
            History.of(pack, ((accepted.event, accepted.receipt.digest) for accepted in listed)),
            {accepted.event.id: accepted.receipt for accepted in listed},
        )
