"""Events in a store and in its log, of which only their bytes count."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from passport.publishing.events.event_credentials import digest_of
from passport.store import DocumentKind, EventDocument, Store, StoredEvent
from passport.store.log.log_writing import EVENTS
from passport.transparency.receipt import document_entry

_AT = datetime(2027, 7, 20, tzinfo=UTC)


def log_events(store: Store, bodies: Sequence[bytes]) -> None:
    """Store bytes as signed events of one pack, and enter them in the log."""
    with store.transaction() as transaction:
        number = transaction.event_number()
        first = transaction.append_to_log(EVENTS, [document_entry(body) for body in bodies])
        documents = [
            EventDocument(digest_of(body), f"urn:event:{first + at}", DocumentKind.EVENT, body)
            for at, body in enumerate(bodies)
        ]
        transaction.add_event_documents(documents)
        rows = [
            StoredEvent(
                document.id, "https://battery.example/id/EV1/1", number + at, "produce", "produce", _AT,
                "did:web:maker.example", ("batteryMaker",), document.digest, None, "u0", None, False, _AT,
                first + at - 1, number + at,
            )
            for at, document in enumerate(documents, 1)
        ]  # fmt: skip
        transaction.add_events(rows, [()] * len(rows))
