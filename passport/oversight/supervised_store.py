"""The facts of supervision, kept in step with the signed events of a store.

* :func:`rebuild_from_events` makes all facts again from the signed bytes.
* :func:`catch_up` renews the packs that got events or read-outs since. It can be repeated, and after a crash it goes on
  where it stopped: the facts note up to which event they reach.
* Accreditations with their revocations, and permits, are read from signed accreditations and status lists
  (:mod:`passport.oversight.standing_facts`), read-outs and what packs hold from signed statements
  (:mod:`passport.oversight.stated_facts`).

    for arrival in catch_up(store):
        check_event(store, book, pack=arrival.pack, event=arrival.event, at=now, touched=arrival.touched)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from passport.lifecycle import History
from passport.oversight.standing_facts import follow_standing
from passport.oversight.stated_facts import follow_read_outs, follow_statements, state_all, state_contents
from passport.oversight.supervisor import record
from passport.publishing.events.histories import Histories
from passport.store import Store, Transaction
from passport.store.facts.fact_writing import FactWriter
from passport.supervision.pack_facts import AcceptanceRecord, facts_of
from passport.supervision.rulebook import READ_OUT


@dataclass(frozen=True)
class Arrival:
    """What came of one pack.

    :ivar pack: number of the pack; :ivar event: id of its newest event, else of its newest read-out; empty where its
        actors have another standing.
    :ivar touched: see :meth:`passport.supervision.rulebook.SupervisionRule.can_change`.
    """

    pack: int
    event: str
    touched: frozenset[str] | None


def rebuild_from_events(store: Store) -> int:
    """Make all facts again from the signed events of the store; returns the number of packs.

    :raises UsageError: the facts are those of a benchmark.
    :raises StoreDamaged: a signed event is missing, or is not what was accepted.
    """
    with store.transaction() as transaction:
        facts = FactWriter(transaction.connection)
        facts.begin()
        count = facts.fill(
            rows
            for packs in _portions(transaction)
            for pack in packs
            for history, receipts in [_history(transaction, pack)]
            if (rows := facts_of(history, receipts)) is not None
        )
        follow_standing(transaction, facts)
        state_all(transaction, facts, _portions(transaction))
        follow_read_outs(transaction, facts)
        facts.reach(transaction.event_number())
        return count


def catch_up(store: Store) -> tuple[Arrival, ...]:
    """Renew the packs that got events or read-outs since the facts were made; returns one arrival a pack.

    Facts that were never made from this store are made now, and no arrivals are returned: a full check follows.

    :raises StoreDamaged: a signed event is missing, or is not what was accepted.
    """
    with store.transaction() as transaction:
        facts = FactWriter(transaction.connection)
        reached, newest = facts.reached(), transaction.event_number()
        if reached is not None:
            return _arrivals(transaction, facts, reached, newest)
        if not newest or facts.source() is not None:
            return ()
    rebuild_from_events(store)
    return ()


def _arrivals(transaction: Transaction, facts: FactWriter, reached: int, newest: int) -> tuple[Arrival, ...]:
    events = transaction.latest_events(after=reached, limit=newest - reached) if newest > reached else ()
    latest = {row.pack: row.id for row in events}
    recorded = {pack: record(facts, *_history(transaction, pack)) for pack in latest}
    arrivals = {
        of_pack.number: Arrival(of_pack.number, latest[pack], of_pack.touched) for pack, of_pack in recorded.items()
    }
    for pack in state_contents(transaction, facts, recorded):
        number = recorded[pack].number
        arrivals[number] = Arrival(number, latest[pack], None)
    follow_statements(transaction, facts, recorded)
    for number, credential in facts.numbers_of(follow_read_outs(transaction, facts)).items():
        known = arrivals.get(number)
        if known is None:
            arrivals[number] = Arrival(number, credential, frozenset({READ_OUT}))
        elif known.touched is not None:
            arrivals[number] = Arrival(number, known.event, known.touched | {READ_OUT})
    for number in follow_standing(transaction, facts):
        known = arrivals.get(number)
        arrivals[number] = Arrival(number, known.event if known else "", None)
    if newest > reached:
        facts.reach(newest)
    return tuple(arrivals.values())


def _portions(transaction: Transaction) -> Iterator[tuple[str, ...]]:
    after = ""
    while packs := transaction.event_packs(after=after):
        yield packs
        after = packs[-1]


def _history(transaction: Transaction, pack: str) -> tuple[History, dict[str, AcceptanceRecord]]:
    rows = transaction.event_chain(pack)
    events = Histories(transaction).events(rows)
    history = History.of(pack, ((event, row.digest) for event, row in zip(events, rows, strict=True)))
    # The credential of an event has the IRI of the event.
    return history, {row.id: AcceptanceRecord(row.sequence, row.id, row.digest, row.accepted_at) for row in rows}
