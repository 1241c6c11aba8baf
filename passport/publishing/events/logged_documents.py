"""The signed documents that are in the log of events, for its audit: each event at its place, its detail behind it."""

from __future__ import annotations

from collections.abc import Iterator

from passport.publishing.log.log_audit import LoggedDocument
from passport.store import Store, StoredEvent

#: Events that are read at once.
_PAGE = 500


def logged_documents(store: Store) -> Iterator[LoggedDocument]:
    """All of them, in the order of acceptance. One whose bytes are gone from the store is left out: its entry then has
    no document."""
    after = 0
    while rows := store.latest_events(after=after, limit=_PAGE):
        after = rows[-1].sequence
        digests = {digest for row in rows for digest in (row.digest, row.detail) if digest is not None}
        bodies = {digest: document.body for digest, document in store.event_documents(digests).items()}
        for row in rows:
            yield from _of_row(row, bodies)


def _of_row(row: StoredEvent, bodies: dict[str, bytes]) -> Iterator[LoggedDocument]:
    for offset, digest in enumerate(digest for digest in (row.digest, row.detail) if digest is not None):
        if digest in bodies:
            position = None if row.log_index is None else row.log_index + offset
            yield LoggedDocument(position, row.id, bodies[digest])
