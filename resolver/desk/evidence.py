"""Verification of the signed events behind the facts: what holds, what does not, what could not be checked."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from passport.credentials.issuer import presentation
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store import StoredEvent
from passport.texts import Message, Text
from resolver.desk.frame import Visitor
from resolver.page.life.event_verification import remark_on, verified_events
from resolver.views import services

HOLDS, FAILS, UNKNOWN = "ok", "no", "qm"
#: Events that one page verifies; the file has all.
MOST = 24
_NOT_STORED = Message("The signed document is not in this store.")
_NOT_LOOKED = Message("Not checked on this page: it has too many events.")


@dataclass(frozen=True)
class EventProof:
    """:ivar outcome: of :data:`HOLDS`, :data:`FAILS`, :data:`UNKNOWN`; :ivar remark: why, where it does not hold.

    :ivar log_index: place in the log of events; :ivar document: IRI of the credential.
    """

    outcome: str
    remark: Text | None = None
    log_index: int | None = None


def proofs(visitor: Visitor, ids: Collection[str]) -> dict[str, EventProof]:
    """What verification says of each event, by id."""
    checked = list(dict.fromkeys(ids))[:MOST]
    rows = services().store.events_by_id(checked)
    found: dict[str, EventProof] = {
        id_: EventProof(UNKNOWN, _NOT_STORED if id_ in checked else _NOT_LOOKED) for id_ in ids
    }
    for pack in {row.pack for row in rows.values()}:
        of_pack = [row for row in rows.values() if row.pack == pack]
        documents = supports(visitor, of_pack)
        results = verified_events(documents, services().config.trust_list, pack, visitor.at)
        for row in of_pack:
            result = results.get(row.id)
            if result is None:
                found[row.id] = EventProof(UNKNOWN, _NOT_STORED, row.log_index)
            else:
                outcome = {True: HOLDS, False: FAILS, None: UNKNOWN}[result.verified]
                found[row.id] = EventProof(outcome, None if outcome == HOLDS else remark_on(result), row.log_index)
    return found


def supports(visitor: Visitor, rows: Iterable[StoredEvent]) -> list[JsonObject]:
    """The signed documents of events, with the accreditations and status lists that verify them."""
    wanted = {
        digest
        for row in rows
        for digest in (row.digest, row.accreditation, row.status_list, row.detail if visitor.sees_all else None)
        if digest is not None
    }
    stored = services().store.event_documents(wanted) if wanted else {}
    return [strict_json.loads(document.body) for document in stored.values()]


def evidence_file(visitor: Visitor, ids: Collection[str]) -> bytes | None:
    """All signed documents of events as one presentation, which verifies offline; None where none is stored."""
    documents = supports(visitor, services().store.events_by_id(list(ids)).values())
    return strict_json.dumps(presentation(documents)) if documents else None
