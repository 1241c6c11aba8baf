"""The events of a pack as values, as far as one audience may read them: for the life line, EPCIS and PROV-O.

An authority that reads details gets the whole event. Anybody else gets what the event itself says: kind, instant,
actor, predecessor, country and province. That an event was withdrawn is told to every reader of the correction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from passport.lifecycle import LifecycleEvent, Place, Predecessor, from_json
from passport.lifecycle.event import CORRECTION, WITHDRAWN
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.presenting.pack_events import readable_kinds
from passport.publishing.events.event_credentials import read_event
from passport.store import Store, StoredEvent
from passport.vocabulary.vocabulary import Audience


def reads_details(audience: Audience) -> bool:
    """Whether an audience may read the details of events."""
    return audience is Audience.CN_REGULATOR


def documents_of(store: Store, rows: Sequence[StoredEvent], audience: Audience) -> dict[str, JsonObject]:
    """The signed documents of events by digest, with those details that are read for this audience.

    Of a correction the detail is read for every audience, since it says whether the event was withdrawn;
    :func:`event_of` takes nothing else from it.
    """
    wanted = {row.digest for row in rows}
    wanted |= {
        row.detail for row in rows if row.detail is not None and (reads_details(audience) or row.kind == CORRECTION)
    }
    documents = store.event_documents(wanted) if wanted else {}
    return {digest: strict_json.loads(document.body) for digest, document in documents.items()}


def event_of(row: StoredEvent, documents: Mapping[str, JsonObject], audience: Audience) -> LifecycleEvent:
    """One event as an audience may read it.

    :param documents: at least those of :func:`documents_of`.
    """
    document, detail = documents[row.digest], documents.get(row.detail or "")
    if reads_details(audience):
        return from_json(read_event(document, detail), roles=row.roles)
    claims = document["credentialSubject"]
    country, before = claims.get("eventCountry"), claims.get("previousEvent")
    withdrawn = row.kind == CORRECTION and detail is not None and detail["credentialSubject"].get(WITHDRAWN) is True
    return LifecycleEvent(
        id=row.id, pack=row.pack, kind=row.kind, instant=row.instant, actor=row.actor, roles=frozenset(row.roles),
        predecessor=Predecessor(before, claims["previousEventDigest"]) if before else None,
        place=Place(country, claims.get("eventProvince")) if country else None,
        fields=MappingProxyType({WITHDRAWN: True} if withdrawn else {}),
        corrects=claims.get("correctedEvent"),
    )  # fmt: skip


def readable_events(store: Store, pack: str, audience: Audience) -> list[tuple[StoredEvent, LifecycleEvent]]:
    """All events of a pack that an audience may read, in the order of acceptance."""
    rows = store.event_chain(pack, kinds=readable_kinds(audience))
    documents = documents_of(store, rows, audience)
    return [(row, event_of(row, documents, audience)) for row in rows]
