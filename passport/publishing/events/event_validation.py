"""Validation of events: form and values, every fault at once with its place.

The reference is ``shapes/events.ttl``. :func:`passport.lifecycle.from_json` judges the same by the same vocabulary and
costs a hundredth of it, so it goes first. Where it finds nothing, the event conforms (a test compares the two on
generated events). Where it finds a fault, the shapes run too, and what they alone report is added.

Free text is searched for personal numbers: what is signed cannot be taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from passport.battery.privacy.personal_text import KIND_NAMES, PersonalKind, personal_numbers
from passport.errors import FaultyRecord, PassportError
from passport.lifecycle import LifecycleEvent, catalogue, from_json
from passport.lifecycle.event_shapes import FILE, KINDS
from passport.lifecycle.event_values import EventFault
from passport.linked_data import jsonld
from passport.linked_data.graphs import merged
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.event_credentials import (
    DETAIL_PART,
    EVENT_PART,
    pointer_in_message,
    read_event,
    unsigned_detail,
    unsigned_event,
)
from passport.texts import Message
from passport.validation import shacl
from passport.vocabulary.indicator import Datatype
from passport.vocabulary.strict_turtle import NS
from passport.vocabulary.vocabulary import load


def validated(
    event: JsonObject, detail: JsonObject | None, roles: Iterable[str], detail_digest: str | None = None
) -> LifecycleEvent:
    """The event of two credentials whose proofs were checked.

    :param roles: of the actor, out of its accreditation.
    :param detail_digest: of the detail, where it is known.
    :raises FaultyRecord: with every fault; pointers are into the message.
    """
    document = read_event(event, detail, detail_digest)
    faults: list[EventFault] = []
    try:
        read = from_json(document, roles=roles)
        faults += personal_faults(document)
        if not faults:
            return read
    except FaultyRecord as error:
        faults += [*error.faults, *personal_faults(document)]
    placed = [EventFault(pointer_in_message(fault.pointer), fault.code, fault.message) for fault in faults]
    raise FaultyRecord(
        Message("the event has {n} fault", plural="the event has {n} faults", n=len(placed)),
        (*placed, *_reported_by_shapes(event, detail, {fault.pointer for fault in placed})),
    )


def check_document(document: Any, roles: Iterable[str] = ()) -> LifecycleEvent:
    """An event that is still to be signed, judged as :func:`validated` judges it.

    :param document: JSON of an event.
    :raises FaultyRecord: with every fault; pointers are into ``document``.
    """
    faults: list[EventFault] = []
    event: LifecycleEvent | None = None
    try:
        event = from_json(document, roles=roles)
    except FaultyRecord as error:
        faults += error.faults
    if isinstance(document, Mapping):
        faults += personal_faults(document)
    if faults or event is None:
        raise FaultyRecord(
            Message("the event has {n} fault", plural="the event has {n} faults", n=len(faults)), tuple(faults)
        )
    return event


def shape_results(event: JsonObject, detail: JsonObject | None) -> tuple[shacl.ShaclResult, ...]:
    """What the shape of the event's kind reports about its two credentials; nothing for an unknown kind.

    :raises PassportError: the documents are no JSON-LD that could be signed.
    """
    documents = [each for each in (event, detail) if each is not None]
    graph = merged(jsonld.to_dataset(_unsigned(each)) for each in documents)
    kind = event.get("credentialSubject", {}).get("lifecycleEvent")
    if not isinstance(kind, str) or kind not in catalogue().kinds:
        return ()
    use = shacl.with_properties(FILE, KINDS + kind)
    return shacl.run(graph, shacl.shapes(FILE), use)


def conforms(document: Mapping[str, Any]) -> bool:
    """Whether the JSON of an event, as credentials, conforms to the shape of its kind: the reference alone."""
    detail = unsigned_detail(document)
    event = unsigned_event(document, None)
    return not shape_results(event, detail)


def personal_faults(document: Mapping[str, Any]) -> Iterator[EventFault]:
    """A fault for each free text with a number that names a person or a vehicle. The number is never repeated."""
    fields, place = document.get("fields"), document.get("place")
    terms = load().terms
    texts = [
        (f"/fields/{name}", value)
        for name, value in (fields.items() if isinstance(fields, Mapping) else ())
        if (term := terms.get(name)) is not None
        and term.datatype is Datatype.STRING
        and term.range.pattern is None
    ]  # fmt: skip
    texts += [(f"/place/{name}", value) for name, value in (place.items() if isinstance(place, Mapping) else ())]
    for pointer, value in texts:
        for text in value if isinstance(value, list) else [value]:
            numbers = personal_numbers(text) if isinstance(text, str) else ()
            certain = next((each for each in numbers if each.certain or each.kind is PersonalKind.PLATE), None)
            if certain is not None:
                message = Message("the text holds {number}: take it out", number=KIND_NAMES[certain.kind])
                yield EventFault(pointer, "personal-data", message)


def _unsigned(document: JsonObject) -> JsonObject:
    return {name: value for name, value in document.items() if name != "proof"}


def _reported_by_shapes(event: JsonObject, detail: JsonObject | None, named: set[str]) -> Iterator[EventFault]:
    try:
        results = shape_results(event, detail)
    except PassportError:
        return  # the faults remain, and no shape can say more of such a document
    of_event = {*event.get("credentialSubject", ())}
    for result in results:
        name = str(result.path[0]).removeprefix(NS) if result.path else ""
        part = EVENT_PART if name in of_event or detail is None else DETAIL_PART
        pointer = f"/{part}/credentialSubject/{name}".rstrip("/")
        if not any(other == pointer or other.startswith(f"{pointer}/") for other in named):
            named.add(pointer)
            yield EventFault(pointer, "shape", Message("{message}", message=dict(result.messages)))
