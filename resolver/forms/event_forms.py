"""The events of a pack as EPCIS 2.0 and in RDF (PROV-O). Pure.

* EPCIS is a query document. Its pages are by key (:mod:`passport.exchange.epcis.epcis_pages`), and a page names when
  the token of the next one ends.
* One accepted event is one or two EPCIS events: a correction declares the corrected one erroneous, and says what is
  right. A page may part the two. The chain only grows, so the order of all that was written before stays.
* In N-Quads each event is a named graph.

Source: EPCIS 2.0, sections 12.5 and 12.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from passport.errors import MalformedDocument, UsageError
from passport.exchange.epcis import epcis_pages
from passport.exchange.epcis.epcis_writer import EpcisEvent, epcis_events, query_document
from passport.exchange.provenance import PREFIXES, provenance
from passport.lifecycle import LifecycleEvent
from passport.linked_data import nquads, turtle_writer
from passport.linked_data.json_types import JsonObject
from passport.store import StoredEvent
from passport.texts import Message
from passport.vocabulary.vocabulary import Audience
from resolver.forms.negotiation import NQUADS, Form

EPCIS = Form("epcis", "application/ld+json")
#: Headers of every EPCIS answer.
VERSIONS: Mapping[str, str] = {"GS1-EPCIS-Version": "2.0.0", "GS1-CBV-Version": "2.0.0"}
EXPIRES = "GS1-Next-Page-Token-Expires"
#: Events of a page where the reader names no number.
PER_PAGE = 30
_PARTS = ("original", "declared", "corrective")


@dataclass(frozen=True)
class EpcisPage:
    """:ivar positions: in the chain, of the accepted events that are told of.

    :ivar next_query: of the address of the next page; None at the end. :ivar expires: when that page ends.
    """

    document: JsonObject
    positions: tuple[int, ...]
    next_query: str | None
    expires: datetime | None


def epcis_page(
    events: Sequence[tuple[StoredEvent, LifecycleEvent]],
    audience: Audience,
    *,
    size: int,
    token: str | None,
    now: datetime,
) -> EpcisPage:
    """A page of EPCIS events.

    :param events: all that the audience may read.
    :param token: of the page before; None begins.
    :raises MalformedDocument: no such size, a token that is none of ours, or one that has expired.
    """
    position = {event.id: row.position for row, event in events}

    def key(item: EpcisEvent) -> str:
        return f"{position[item.of]:09} {_PARTS.index(item.part)}"

    written = sorted(epcis_events([event for _, event in events], audience, []), key=key)
    try:
        if token is None:
            page = epcis_pages.first(written, key=key, size=size, now=now)
        else:
            page = epcis_pages.following(written, token, key=key, size=size, now=now)
    except UsageError as error:
        raise MalformedDocument(error.message, expected=error.expected, found=error.found, hint=error.hint) from error
    query = None
    if page.next_token is not None:
        query = urlencode({"format": EPCIS.name, "perPage": size, "nextPageToken": page.next_token})
    return EpcisPage(
        query_document(page.items, created=now),
        tuple(sorted({position[item.of] for item in page.items})),
        query,
        None if query is None else now + epcis_pages.LIFETIME,
    )


def as_rdf(events: Iterable[LifecycleEvent], form: Form) -> bytes:
    """Events in PROV-O, as Turtle or N-Quads."""
    if form is NQUADS:
        quads = (quad._replace(graph=f"<{event.id}>") for event in events for quad in provenance(event))
        return nquads.serialize(quads).encode("utf-8")
    return turtle_writer.serialize((quad for event in events for quad in provenance(event)), PREFIXES).encode("utf-8")


def per_page(text: str | None) -> int:
    """The number of ``?perPage=``; which numbers there are is for the page to say.

    :raises MalformedDocument: it is no number.
    """
    if text is None:
        return PER_PAGE
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise MalformedDocument(Message("{name} of the request", name="perPage"), expected=Message("a whole number"))
    return int(text)
