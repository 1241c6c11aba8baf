"""The events of a pack as one audience may read them, a page at a time, with what verifies them.

* An event goes out whole, as it was signed, to the audiences of its kind. Its detail goes to cn-regulator only.
* What this reader may not read is left out. A visible event still names its predecessor by digest, and its position in
  the chain: gaps are visible, contents are not.
* Each page holds the accreditations of its events, and the status lists by which they were judged.
* A page begins behind a position, which is stable, since the chain only grows.

    page = event_page(store, pack, Audience.PUBLIC, after=0, limit=50)
    page.next                 # position to go on behind; None at the end
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from passport.credentials import credential as vcdm
from passport.credentials.identity_status import identity_of
from passport.credentials.issuer import presentation
from passport.credentials.status_list import REVOCATION
from passport.lifecycle import catalogue
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.store import DocumentKind, StoredEvent
from passport.store.events.event_store import EventQueries
from passport.vocabulary.vocabulary import Audience

#: Most events of a page: with details, accreditations and lists a presentation stays below 200 members.
LARGEST_PAGE = 40
#: Versions of one status list that are looked at.
_MOST_VERSIONS = 100


@dataclass(frozen=True)
class EventPage:
    """:ivar rows: of the events in the page; :ivar documents: signed documents by digest; :ivar next: see above.

    :ivar identity_lists: digests of the status lists of the identities on which the accreditations rest.
    """

    pack: str
    rows: tuple[StoredEvent, ...]
    documents: dict[str, JsonObject]
    next: int | None
    with_details: bool
    identity_lists: tuple[str, ...] = ()

    def to_json(self) -> JsonObject:
        """The page as JSON: each event with its place in the chain, and the supports behind."""
        return {
            "pack": self.pack,
            "events": [self._event(row) for row in self.rows],
            "accreditations": [self.documents[digest] for digest in self._accreditations],
            "statusLists": [self.documents[digest] for digest in self._lists],
            **({} if self.next is None else {"next": self.next}),
        }

    def presentation(self) -> JsonObject:
        """The page as a verifiable presentation: events, details, accreditations, status lists."""
        digests = [digest for row in self.rows for digest in self._own(row)]
        return presentation([self.documents[digest] for digest in (*digests, *self._accreditations, *self._lists)])

    @property
    def _accreditations(self) -> list[str]:
        return list(dict.fromkeys(row.accreditation for row in self.rows))

    @property
    def _lists(self) -> list[str]:
        own = (row.status_list for row in self.rows if row.status_list is not None)
        return list(dict.fromkeys((*own, *self.identity_lists)))

    def _own(self, row: StoredEvent) -> list[str]:
        return [row.digest, *([row.detail] if row.detail is not None and self.with_details else [])]

    def _event(self, row: StoredEvent) -> JsonObject:
        detail = self.documents[row.detail] if row.detail is not None and self.with_details else None
        members = {
            "position": row.position,
            "digest": row.digest,
            "late": row.late,
            "logIndex": row.log_index,
            "event": self.documents[row.digest],
            "detail": detail,
        }
        return {name: value for name, value in members.items() if value is not None}


def readable_kinds(audience: Audience) -> frozenset[str]:
    """The kinds of events that an audience may read; what is public is readable by all."""
    kinds = catalogue().kinds.values()
    return frozenset(kind.code for kind in kinds if {audience, Audience.PUBLIC} & set(kind.audiences))


def event_page(store: EventQueries, pack: str, audience: Audience, *, after: int = 0, limit: int = 40) -> EventPage:
    """The next events of a pack that an audience may read, in the order of acceptance.

    :param after: position of the last event of the page before; 0 begins.
    :param limit: at most :data:`LARGEST_PAGE`.
    """
    limit = max(1, min(limit, LARGEST_PAGE))
    chain = store.event_chain(pack, after=after, limit=limit + 1, kinds=readable_kinds(audience))
    rows = chain[:limit]
    with_details = audience is Audience.CN_REGULATOR
    wanted = {
        digest
        for row in rows
        for digest in (row.digest, row.accreditation, row.status_list, row.detail if with_details else None)
        if digest is not None
    }
    stored = store.event_documents(wanted) if wanted else {}
    documents = {digest: strict_json.loads(document.body) for digest, document in stored.items()}
    lists = identity_lists(store, rows, documents)
    return EventPage(
        pack, rows, documents | lists, rows[-1].position if len(chain) > limit else None, with_details, tuple(lists)
    )


def identity_lists(
    store: EventQueries, rows: Iterable[StoredEvent], documents: Mapping[str, JsonObject]
) -> dict[str, JsonObject]:
    """Status lists of the identities on which the accreditations of events rest, by digest.

    Of each list the version that was the newest when the event was accepted.

    :param documents: with the accreditations of these events, by digest.
    """
    lists: dict[str, JsonObject] = {}
    kept: dict[str, list[tuple[datetime, str, JsonObject]]] = {}
    for row in rows:
        for entry in vcdm.status_entries(documents[row.accreditation]):
            address = entry.get("statusListCredential")
            if identity_of(entry) is None or entry.get("statusPurpose") != REVOCATION or not isinstance(address, str):
                continue
            if address not in kept:
                kept[address] = list(_versions(store, address))
            before = [version for version in kept[address] if version[0] <= row.accepted_at]
            lists |= {digest: document for _, digest, document in before[:1]}
    return lists


def _versions(store: EventQueries, address: str) -> Iterator[tuple[datetime, str, JsonObject]]:
    """The versions of a status list that came with events, the newest first."""
    read = (
        (each.digest, strict_json.loads(each.body))
        for each in store.held_documents(DocumentKind.STATUS_LIST, address, limit=_MOST_VERSIONS)
    )
    dated = ((vcdm.valid_from(document), digest, document) for digest, document in read)
    yield from sorted(
        ((at, digest, document) for at, digest, document in dated if at is not None),
        key=lambda version: version[0],
        reverse=True,
    )
