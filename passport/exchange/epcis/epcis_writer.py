"""Life-cycle events as an EPCIS 2.0 document for one audience.

* One life-cycle event is one EPCIS event. Extension members of our namespaces hold what EPCIS has no member for.
* An audience gets the events that their kind opens to it. Vehicle, parts, counterpart, facility and reported fields are
  for the Chinese authorities only, as in the credentials.
* A correction changes nothing that was written. It appends the event as it was, with an error declaration that holds
  the correction, and the event as it is now, which the declaration names.
* What is not written is a loss with its event and the reason.

    export = write(events, audience=Audience.CN_REGULATOR, created=now)
    export.document["epcisBody"]["eventList"][0]["eventID"]         # ni:///sha-256;…?ver=CBV2.0

Sources: EPCIS 2.0 sections 7.4 and 9; CBV 2.0 sections 7 and 8.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from passport.exchange.converters import Unwritable, json_number
from passport.exchange.epcis.epcis_forms import ASSOCIATION, OBJECT, TRANSACTION, TRANSFORMATION, EpcisForm, forms
from passport.exchange.epcis.event_document import CORRECTION_OF, NAMESPACES, extension_of
from passport.exchange.epcis.hash_id import hash_id
from passport.lifecycle.event import CORRECTION, WITHDRAWN, LifecycleEvent, Place
from passport.lifecycle.event_catalogue import EventKind, catalogue
from passport.lifecycle.event_writer import to_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.indicator import Audience

#: GS1's context of EPCIS 2.0. It is named, never loaded.
CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"
_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
WITHHELD = Message("the audience may not read it")


@dataclass(frozen=True)
class EventLoss:
    """Something that an event says and the document does not.

    :param event: id of the event.
    :param pointer: into the event's document; empty for the whole event.
    :param reason: a phrase without a closing stop.
    """

    event: str
    pointer: str
    reason: Message

    def to_json(self) -> dict[str, str]:
        return {"event": self.event, "pointer": self.pointer, "reason": str(self.reason)}


@dataclass(frozen=True)
class EpcisExport:
    """An EPCIS document, and what is not in it."""

    document: JsonObject
    losses: tuple[EventLoss, ...]


@dataclass(frozen=True)
class EpcisEvent:
    """One event of the document.

    :param of: id of the life-cycle event that it tells of; of the correction, where it is declared or corrective.
    :param part: ``original``, ``declared`` (in error) or ``corrective``.
    """

    of: str
    part: str
    body: JsonObject


def write(events: Sequence[LifecycleEvent], *, audience: Audience, created: datetime) -> EpcisExport:
    """The document of events, in their order; a correction comes behind what it corrects.

    :param created: when the document is made.
    """
    losses: list[EventLoss] = []
    written = list(epcis_events(events, audience, losses))
    document = {
        "@context": [CONTEXT, dict(NAMESPACES)],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": created.isoformat(),
        "epcisBody": {"eventList": [each.body for each in written]},
    }
    return EpcisExport(document, tuple(losses))


def query_document(events: Sequence[EpcisEvent], *, created: datetime) -> JsonObject:
    """The answer to a query: these events, or a page of them."""
    return {
        "@context": [CONTEXT, dict(NAMESPACES)],
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": created.isoformat(),
        "epcisBody": {
            "queryResults": {
                "queryName": "SimpleEventQuery",
                "resultsBody": {"eventList": [each.body for each in events]},
            }
        },
    }


def epcis_events(events: Sequence[LifecycleEvent], audience: Audience, losses: list[EventLoss]) -> Iterator[EpcisEvent]:
    """The EPCIS events of life-cycle events; what is not written is added to ``losses``."""
    now: dict[str, tuple[LifecycleEvent, JsonObject] | None] = {}
    for event in events:
        before = now.get(event.corrects or "")
        kind = before[0].kind if before else None
        if event.kind == CORRECTION and before is None:
            losses.append(EventLoss(event.id, "", _uncorrectable(event, now)))
            continue
        if not _may_read(catalogue().audiences(event.kind, kind), audience):
            losses.append(EventLoss(event.id, "", WITHHELD))
            continue
        seen = seen_by(event, audience, losses)
        if before is None:
            body = _body(seen, forms()[event.kind])
            now[event.id] = (seen, body)
            yield EpcisEvent(event.id, "original", body)
            continue
        original, declared = before
        corrected = original.corrected_by(seen)
        corrective = None
        if corrected is not None:
            corrective = _body(corrected, forms()[corrected.kind], correction=event.id)
        yield EpcisEvent(event.id, "declared", {**declared, "errorDeclaration": _declaration(seen, corrective)})
        if corrected is not None and corrective is not None:
            yield EpcisEvent(event.id, "corrective", corrective)
        now[original.id] = (corrected, corrective) if corrected is not None and corrective is not None else None


def _uncorrectable(event: LifecycleEvent, now: dict[str, tuple[LifecycleEvent, JsonObject] | None]) -> Message:
    if event.corrects in now:
        return Message("the event that it corrects is withdrawn")
    return Message("the event that it corrects is not written")


def _may_read(readers: Sequence[Audience], audience: Audience) -> bool:
    return Audience.PUBLIC in readers or audience in readers


def seen_by(event: LifecycleEvent, audience: Audience, losses: list[EventLoss]) -> LifecycleEvent:
    """The event as far as the audience may read it; what is left out is added to ``losses``."""
    if audience is Audience.CN_REGULATOR:
        return event
    place = event.place and Place(event.place.country, event.place.province)
    # Every reader of a withdrawn event has to learn that it is withdrawn.
    fields = {name: value for name, value in event.fields.items() if event.kind == CORRECTION and name == WITHDRAWN}
    seen = replace(event, place=place, counterpart=None, vehicle=(), parts=(), fields=MappingProxyType(fields))
    kept = to_json(seen)
    for name, value in to_json(event).items():
        if isinstance(value, dict):
            losses += [
                EventLoss(event.id, f"/{name}/{key}", WITHHELD) for key in value if key not in kept.get(name, {})
            ]
        elif name not in kept:
            losses.append(EventLoss(event.id, f"/{name}", WITHHELD))
    return seen


# --- one event --------------------------------------------------------------------------------------------------------


def _body(event: LifecycleEvent, form: EpcisForm, *, correction: str | None = None) -> JsonObject:
    type_, action = _type(event, form)
    members: JsonObject = {"type": type_, **_time(event.instant), **_things(event, form, type_)}
    members |= {"action": action} if action else {}
    members |= {"bizStep": form.step} if form.step else {}
    members |= {"disposition": form.disposition} if form.disposition else {}
    if event.place:
        where = {"id": place_iri(event.place)}
        members |= {"readPoint": where} if form.leaves else {"readPoint": where, "bizLocation": dict(where)}
    members |= _parties(event, catalogue().kinds[event.kind])
    members |= extension_of(to_json(event))
    if correction is not None:
        members[CORRECTION_OF] = {"id": correction}
    return {"eventID": hash_id(members, NAMESPACES), **members}


def _type(event: LifecycleEvent, form: EpcisForm) -> tuple[str, str | None]:
    """The event's type and action; an object event where what an association or transaction needs is not there."""
    if (form.type == ASSOCIATION and not event.vehicle) or (
        form.type == TRANSACTION and not event.text(form.transaction or "")
    ):
        return OBJECT, "OBSERVE"
    return form.type, form.action


def _time(instant: datetime) -> JsonObject:
    text = instant.isoformat()
    return {"eventTime": text, "eventTimeZoneOffset": text[-6:]}


def _things(event: LifecycleEvent, form: EpcisForm, type_: str) -> JsonObject:
    if type_ == ASSOCIATION:
        first = event.vehicle[0]
        vehicle = f"{NAMESPACES['lc']}vehicle/{quote(first.key_id, safe='')}/{first.value}"
        return {"parentID": vehicle, "childEPCs": [event.pack]}
    if type_ == TRANSACTION:
        transaction = {"type": form.transaction_type, "bizTransaction": event.text(form.transaction or "")}
        return {"bizTransactionList": [transaction], "epcList": [event.pack]}
    if type_ != TRANSFORMATION:
        return {"epcList": [event.pack]}
    epcs, quantities = [], []
    for name, term in form.outputs.items():
        value = event.fields.get(name)
        if isinstance(value, str):
            epcs.append(value)
        elif isinstance(value, Decimal) and (number := _number(value)) is not None:
            quantities.append({"epcClass": term.iri, "quantity": number, "uom": "KGM"})
    made: JsonObject = {"inputEPCList": [event.pack]}
    made |= {"outputEPCList": epcs} if epcs else {}
    made |= {"outputQuantityList": quantities} if quantities else {}
    # Without outputs a transformation is told apart by its own id. (EPCIS 2.0 section 7.4.6)
    return made if epcs or quantities else made | {"transformationID": event.id}


def _number(value: Decimal) -> int | float | None:
    """A JSON number where it is exact; the extension has the decimal in any case."""
    try:
        return json_number(value)
    except Unwritable:
        return None


def place_iri(place: Place) -> str:
    """The facility where it is an IRI; else an IRI of our own for these names."""
    if place.facility and _IRI.fullmatch(place.facility):
        return place.facility
    names = (place.country, place.province, place.locality, place.facility)
    return f"{NAMESPACES['lc']}place/" + "/".join(quote(name or "-", safe="") for name in names)


def _parties(event: LifecycleEvent, kind: EventKind) -> JsonObject:
    """Custody and ownership, as far as the event by itself says who has them before and afterwards."""
    before: list[tuple[str, str | None]] = []
    after: list[tuple[str, str | None]] = []
    if kind.holder == "actor":
        before.append(("possessing_party", event.counterpart))
        after.append(("possessing_party", event.actor))
    elif kind.holder == "buyer" or "counterpart" in kind.members_required:
        before.append(("possessing_party", event.actor))
        after.append(("possessing_party", event.counterpart))
    if kind.owner == "buyer":
        after.append(("owning_party", event.counterpart))
    elif kind.owner == "actor" or (kind.owner and event.flag("ownershipPasses")):
        after.append(("owning_party", event.actor))
    sources = [{"type": of_type, "source": party} for of_type, party in before if party]
    destinations = [{"type": of_type, "destination": party} for of_type, party in after if party]
    return ({"sourceList": sources} if sources else {}) | ({"destinationList": destinations} if destinations else {})


def _declaration(correction: LifecycleEvent, corrective: JsonObject | None) -> dict[str, Any]:
    declaration: dict[str, Any] = {"declarationTime": correction.instant.isoformat()}
    if corrective is None:
        declaration["reason"] = "did_not_occur"
    else:
        declaration |= {"reason": "incorrect_data", "correctiveEventIDs": [corrective["eventID"]]}
    return declaration | extension_of(to_json(correction))
