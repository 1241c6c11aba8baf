"""Acceptance of events: check, decide, and one short commit for a group.

1. A message whose event is stored already changes nothing: the answer is what was stored. Another document under the
   same id is refused.
2. Each message is checked by itself (:mod:`passport.publishing.events.event_check`). No lock is held.
3. Each is decided in the order of the messages, on the history of its pack with the events of this group before it, and
   on the facts of other packs that bear on it.
4. One transaction stores all that was accepted, if nothing came in between that bears on it: another event of the same
   pack, of a pack under the same vehicle, part or code, or of a predecessor. Else step 3 is done again. So of two
   events on one head exactly one wins, and the other one is told the new head.
5. Of what is stored, each answer has the proof that it is in the log, where the key of the log is at hand
   (:mod:`passport.publishing.events.receipts`).
6. Refused messages of accredited actors are kept with their reasons. Others are not: a stranger could fill the store.

A group that was interrupted is handed in again: what was stored is recognised.

    inbox = Inbox(store, EventCheck(store, trust_list, base_url), rules)
    (outcome,) = inbox.accept([message], now=now)
    outcome.status                          # "accepted", "duplicate", "refused" or "undetermined"
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from passport.credentials.credential import date_time
from passport.errors import AlreadyIssued, FaultyRecord, PassportError, StoreLocked
from passport.lifecycle import (
    Accepted,
    History,
    LifecycleEvent,
    LifecycleRule,
    Needs,
    Predecessor,
    Refusal,
    decide,
    needs,
)
from passport.lifecycle.event import CORRECTION
from passport.lifecycle.event_values import EventFault
from passport.lifecycle.neighbours import surroundings_of
from passport.linked_data import strict_json
from passport.publishing.events.event_check import CheckedEvent, EventCheck, RefusedMessage
from passport.publishing.events.histories import BearingPacks, Histories, keys_of, wanted_keys
from passport.publishing.events.message import EventMessage
from passport.publishing.events.receipts import Proofs, ReceiptWriter
from passport.store import EventKey, RefusedEvent, Store, StoredEvent, Transaction
from passport.store.log.log_writing import EVENTS
from passport.texts import Message, by_language

#: Events in one transaction.
GROUP = 500
#: How often a group is decided anew because other writers came in between.
_ATTEMPTS = 20


class Status(StrEnum):
    """What became of a message."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True)
class InboxOutcome:
    """The answer to one message.

    :ivar event: IRI of the event, where the message has one.
    :ivar stored: the row of an accepted event, or of the equal event that was stored before.
    :ivar faults: what is wrong, with the place in the message; empty where it is accepted.
    :ivar head: the last event of the pack, where the event does not follow it.
    :ivar kept: whether a refused message was kept.
    :ivar proofs: that the stored event is in the log.
    """

    status: Status
    event: str | None
    stored: StoredEvent | None = None
    faults: tuple[EventFault, ...] = ()
    head: Predecessor | None = None
    kept: bool = False
    proofs: Proofs = Proofs()

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all faults."""
        return tuple(fault.code for fault in self.faults)

    def to_json(self) -> dict[str, Any]:
        """The answer as a JSON object: the receipt, or the reasons."""
        row = self.stored
        receipt = row and {
            "pack": row.pack,
            "position": row.position,
            "sequence": row.sequence,
            "digest": row.digest,
            "detailDigest": row.detail,
            "logIndex": row.log_index,
            "late": row.late,
            "acceptedAt": date_time(row.accepted_at),
            "proof": self.proofs.event,
            "detailProof": self.proofs.detail,
            "withoutProof": self.proofs.missing and by_language(self.proofs.missing),
        }
        members: dict[str, Any] = {
            "status": self.status.value,
            "event": self.event,
            "receipt": receipt and {name: value for name, value in receipt.items() if value is not None},
            "faults": [fault.to_json() for fault in self.faults] or None,
            "head": self.head and {"id": self.head.id, "digest": self.head.digest},
            "kept": self.kept or None,
        }
        return {name: value for name, value in members.items() if value is not None}


@dataclass(frozen=True)
class _Joining:
    """An event that was decided to join, and what the decision rests on."""

    checked: CheckedEvent
    row: StoredEvent
    keys: tuple[EventKey, ...]
    wanted: Needs


class Inbox:
    """:param rules: of the jurisdictions that apply, see :meth:`LifecycleCatalogue.profile`.

    :param receipts: makes the proofs in the answers; None: no answer speaks of one.
    """

    def __init__(
        self,
        store: Store,
        check: EventCheck,
        rules: Mapping[str, LifecycleRule],
        receipts: ReceiptWriter | None = None,
    ) -> None:
        self._store = store
        self._check = check
        self._rules = rules
        self._receipts = receipts
        self._histories = Histories(store)

    def accept(self, messages: Iterable[Any], *, now: datetime) -> tuple[InboxOutcome, ...]:
        """Accept messages, or refuse them, each by itself and in their order.

        :param messages: :class:`EventMessage`, or the JSON of one.
        :param now: aware instant of receipt.
        :raises StoreFailure: the database failed; groups before it are stored.
        """
        listed = list(messages)
        outcomes: list[InboxOutcome] = []
        for start in range(0, len(listed), GROUP):
            outcomes += self._proved(self._group(listed[start : start + GROUP], now))
        return tuple(outcomes)

    def _proved(self, outcomes: list[InboxOutcome]) -> list[InboxOutcome]:
        """The answers of a group, those of stored events with their proofs."""
        if self._receipts is None:
            return outcomes
        proofs = self._receipts.proofs(outcome.stored for outcome in outcomes if outcome.stored is not None)
        return [
            outcome if outcome.stored is None else replace(outcome, proofs=proofs.get(outcome.stored.id, Proofs()))
            for outcome in outcomes
        ]

    def history(self, pack: str) -> History:
        """The history of a pack."""
        return self._histories.of(pack)

    # --- one group --------------------------------------------------------------------------------------------------

    def _group(self, messages: Sequence[Any], now: datetime) -> list[InboxOutcome]:
        outcomes: dict[int, InboxOutcome] = {}
        read: dict[int, EventMessage] = {}
        for place, message in enumerate(messages):
            try:
                read[place] = message if isinstance(message, EventMessage) else EventMessage.from_json(message)
            except FaultyRecord as error:
                outcomes[place] = InboxOutcome(Status.REFUSED, None, faults=error.faults)
        outcomes |= self._known(read)
        checked: dict[int, CheckedEvent] = {}
        refused: dict[int, InboxOutcome] = {}
        seen: set[str] = set()
        unknown = {place: message for place, message in read.items() if place not in outcomes}
        for place, one in self._check.check_all(unknown, now=now):
            if isinstance(one, RefusedMessage):
                status = Status.UNDETERMINED if one.undetermined else Status.REFUSED
                outcome = InboxOutcome(status, _id_of(read[place]), faults=one.faults, kept=one.accredited)
                (refused if one.accredited else outcomes)[place] = outcome
                continue
            if one.digest in seen:
                # The second copy in one group: the first one decides, and this one is looked up afterwards.
                continue
            seen.add(one.digest)
            checked[place] = one
        self._commit(checked, refused, outcomes, read, now)
        again = {place: message for place, message in read.items() if place not in outcomes}
        if again:
            outcomes |= self._known(again)
            for place, message in again.items():
                if place not in outcomes:
                    first = next(
                        each for other, each in outcomes.items()
                        if other in read and read[other].event_digest == message.event_digest
                    )  # fmt: skip
                    outcomes[place] = first
        return [outcomes[place] for place in range(len(messages))]

    def _known(self, messages: Mapping[int, EventMessage]) -> dict[int, InboxOutcome]:
        """Answers to messages whose event, or whose id, is stored already."""
        ids = {name for message in messages.values() if (name := _id_of(message)) is not None}
        stored = self._store.events_by_id(ids) if ids else {}
        outcomes: dict[int, InboxOutcome] = {}
        for place, message in messages.items():
            row = stored.get(_id_of(message) or "")
            if row is None:
                continue
            try:
                same = message.event_digest == row.digest
            except PassportError:
                same = False
            if same:
                fault = EventFault("/event/id", "already-stored", Message("The event is stored already."))
                outcomes[place] = InboxOutcome(Status.DUPLICATE, row.id, row, (fault,))
            else:
                text = Message("Another event was accepted under this id.")
                fault = EventFault("/event/id", "id-of-another-event", text)
                outcomes[place] = InboxOutcome(Status.REFUSED, row.id, faults=(fault,))
        return outcomes

    def _commit(
        self,
        checked: Mapping[int, CheckedEvent],
        refused: dict[int, InboxOutcome],
        outcomes: dict[int, InboxOutcome],
        read: Mapping[int, EventMessage],
        now: datetime,
    ) -> None:
        for _ in range(_ATTEMPTS):
            number = self._store.event_number()
            joining, unfit, histories = self._decided(checked, now)
            kept = {**refused, **unfit}
            if not joining and not kept:
                return
            try:
                with self._store.transaction() as transaction:
                    if transaction.event_number() != number and not _still_holds(transaction, joining.values(), number):
                        continue
                    rows = _store_all(transaction, list(joining.values()))
                    for place, outcome in kept.items():
                        _keep(transaction, read[place], outcome, checked.get(place), now)
            except AlreadyIssued:
                continue  # another process stored one of them in this moment
            self._histories.keep(histories)
            outcomes |= kept
            for place, row in zip(joining, rows, strict=True):
                outcomes[place] = InboxOutcome(Status.ACCEPTED, row.id, row)
            return
        raise StoreLocked(Message("other writers came in between each time"))

    def _decided(
        self, checked: Mapping[int, CheckedEvent], now: datetime
    ) -> tuple[dict[int, _Joining], dict[int, InboxOutcome], list[History]]:
        """Which events join, each on the history with those of this group before it, and the histories with them."""
        histories = self._histories.of_all({one.event.pack for one in checked.values()})
        begun = dict(histories)
        expected = {place: needs(begun[one.event.pack], one.event) for place, one in checked.items()}
        bearing = BearingPacks(self._store, {key for wanted in expected.values() for key in wanted_keys(wanted)})
        joining: dict[int, _Joining] = {}
        unfit: dict[int, InboxOutcome] = {}
        for place, one in checked.items():
            event, history = one.event, histories[one.event.pack]
            wanted = expected[place] if history is begun[event.pack] else needs(history, event)
            others = bearing.of(wanted, event.pack)
            histories |= self._histories.of_all(others - histories.keys())
            decision = decide(
                history,
                event,
                one.proved.accreditation,
                now=now,
                rules=self._rules,
                surroundings=surroundings_of(event, history, [histories[pack] for pack in others]),
            )
            if not isinstance(decision, Accepted):
                faults = tuple(_fault(refusal) for refusal in decision.refusals)
                head = history.head if {"not-the-head", "predecessor-altered"} & set(decision.codes) else None
                unfit[place] = InboxOutcome(Status.REFUSED, event.id, faults=faults, head=head, kept=True)
                continue
            keys = keys_of(event, history)
            bearing.add(keys, event.pack)
            joining[place] = _Joining(one, _row(one, history, decision, now), keys, wanted)
            histories[event.pack] = history.with_event(event, one.digest, decision.state)
        return joining, unfit, [histories[pack] for pack in {one.row.pack for one in joining.values()}]


# --- the commit -----------------------------------------------------------------------------------------------------


def _still_holds(transaction: Transaction, joining: Iterable[_Joining], number: int) -> bool:
    """Whether nothing was stored after the event of that number that bears on what was decided."""
    listed = list(joining)
    first: dict[str, int] = {}
    for one in listed:
        first.setdefault(one.row.pack, one.row.position)
    heads = transaction.event_heads(first)
    if any(heads.get(pack, (0, ""))[0] != position - 1 for pack, position in first.items()):
        return False
    predecessors = {pack for one in listed for pack in one.wanted.packs}
    if predecessors and any(
        row.sequence > number for pack in predecessors if (row := transaction.event_head(pack)) is not None
    ):
        return False
    return not any(transaction.keys_since(number, wanted_keys(one.wanted), one.row.pack) for one in listed)


def _store_all(transaction: Transaction, joining: Sequence[_Joining]) -> list[StoredEvent]:
    """Store accepted events, their documents and keys, and enter them in the log."""
    transaction.add_event_documents(document for one in joining for document in one.checked.documents)
    entries = [_digests(one.checked) for one in joining]
    logged = transaction.append_to_log(EVENTS, [digest for digests in entries for digest in digests])
    number = transaction.event_number()
    rows: list[StoredEvent] = []
    for one, digests in zip(joining, entries, strict=True):
        number += 1
        rows.append(one.row.placed(logged, number))
        logged += len(digests)
    transaction.add_events(rows, [one.keys for one in joining])
    return rows


def _digests(checked: CheckedEvent) -> list[bytes]:
    """SHA-256 of the signed event, and of its detail."""
    return [document.sha256 for document in checked.documents if document.holder is None]


def _keep(
    transaction: Transaction, message: EventMessage, outcome: InboxOutcome, checked: CheckedEvent | None, now: datetime
) -> None:
    """Keep a refused message, and the status lists that were learnt with it."""
    if checked is not None and checked.proved.status_lists:
        transaction.add_event_documents(list(checked.proved.status_lists))
    subject = message.event["credentialSubject"]
    transaction.add_refused_event(
        RefusedEvent(
            message.event_digest,
            str(message.event["issuer"]),
            str(subject.get("id")),
            message.to_bytes(),
            strict_json.dumps([fault.to_json() for fault in outcome.faults]).decode(),
            now,
        )
    )


def _row(one: CheckedEvent, history: History, decision: Accepted, now: datetime) -> StoredEvent:
    event, lists = one.event, one.proved.status_lists
    return StoredEvent(
        id=event.id,
        pack=event.pack,
        position=len(history) + 1,
        kind=event.kind,
        audience_kind=_audience_kind(event, history),
        instant=event.instant,
        actor=event.actor,
        roles=tuple(sorted(event.roles)),
        digest=one.digest,
        detail=one.detail_digest,
        accreditation=one.proved.document.digest,
        status_list=lists[0].digest if lists else None,
        late=decision.late,
        accepted_at=now,
    )


def _audience_kind(event: LifecycleEvent, history: History) -> str:
    corrected = history.get(event.corrects or "") if event.kind == CORRECTION else None
    return event.kind if corrected is None else corrected.event.kind


def _fault(refusal: Refusal) -> EventFault:
    return EventFault("/event", refusal.code, refusal.message)


def _id_of(message: EventMessage) -> str | None:
    name = message.event.get("id")
    return name if isinstance(name, str) else None
