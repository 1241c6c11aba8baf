"""The facts of supervision, kept in step with the signed events of a store.

* :func:`rebuild_from_events` makes all facts again from the signed bytes.
* :func:`catch_up` renews the packs that got events since. It can be repeated, and after a crash it goes on where it
  stopped: the facts note up to which event they reach.
* Accreditations and their permits are read from the signed accreditations that events brought along, read-outs and
  what packs hold from signed statements (:mod:`passport.oversight.stated_facts`).

    for arrival in catch_up(store):
        check_event(store, book, pack=arrival.pack, event=arrival.event, at=now)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from passport.lifecycle import Accreditation, History
from passport.linked_data import strict_json
from passport.oversight.stated_facts import follow_read_outs, state_contents
from passport.oversight.supervisor import record
from passport.publishing.events.accreditation import read_accreditation
from passport.publishing.events.histories import Histories
from passport.store import Store, Transaction
from passport.store.events.event_rows import DocumentKind
from passport.store.facts.fact_writing import FactWriter
from passport.supervision.pack_facts import FOREVER, AcceptanceRecord, facts_of, seconds


@dataclass(frozen=True)
class Arrival:
    """An event whose pack was renewed. :param pack: number of the pack; :param event: id of the event."""

    pack: int
    event: str


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
        _refer(transaction, facts)
        for packs in _portions(transaction):
            state_contents(transaction, facts, packs)
        follow_read_outs(transaction, facts)
        facts.reach(transaction.event_number())
        return count


def catch_up(store: Store) -> tuple[Arrival, ...]:
    """Renew the packs that got events since the facts were made; returns these events, oldest first.

    Facts that were never made from this store are made now, and no arrivals are returned: a full check follows.

    :raises StoreDamaged: a signed event is missing, or is not what was accepted.
    """
    with store.transaction() as transaction:
        facts = FactWriter(transaction.connection)
        reached, newest = facts.reached(), transaction.event_number()
        if reached is not None:
            follow_read_outs(transaction, facts)
            if reached == newest:
                return ()
            rows = transaction.latest_events(after=reached, limit=newest - reached)
            numbers = {
                pack: record(facts, *_history(transaction, pack)) for pack in dict.fromkeys(row.pack for row in rows)
            }
            _refer(transaction, facts)
            state_contents(transaction, facts, numbers)
            facts.reach(newest)
            return tuple(Arrival(numbers[row.pack], row.id) for row in rows)
        if not newest or facts.source() is not None:
            return ()
    rebuild_from_events(store)
    return ()


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


def _refer(transaction: Transaction, facts: FactWriter) -> None:
    accreditations: dict[tuple[str, str, int], dict[str, Any]] = {}
    permits: dict[tuple[str, str, int], dict[str, Any]] = {}
    for document in transaction.documents_of_kind(DocumentKind.ACCREDITATION):
        accreditation = read_accreditation(strict_json.loads(document.body))
        for row in _accredited(accreditation):
            accreditations[row["actor"], row["role"], row["since"]] = row
        for permit in accreditation.permits:
            until = FOREVER if permit.valid_until is None else seconds(permit.valid_until)
            row = {
                "actor": accreditation.holder,
                "kind": permit.kind,
                "since": seconds(permit.valid_from),
                "until": until,
            }
            permits[row["actor"], row["kind"], row["since"]] = row
    facts.refer(accreditations=accreditations.values(), permits=permits.values())


def _accredited(accreditation: Accreditation) -> Iterator[dict[str, Any]]:
    ends = [end for end in (accreditation.valid_until, accreditation.revoked_at) if end is not None]
    for role in sorted(accreditation.roles):
        yield {
            "actor": accreditation.holder, "role": role, "since": seconds(accreditation.valid_from),
            "until": min(map(seconds, ends), default=FOREVER),
        }  # fmt: skip
