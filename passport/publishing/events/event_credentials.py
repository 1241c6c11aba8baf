"""Events as credentials, both ways: the JSON of :mod:`passport.lifecycle.event_json`, and the signed documents.

* A ``BatteryEventCredential`` holds kind, instant with its offset, actor (its issuer), predecessor by id and digest,
  country and province, and the event that a correction corrects. Its audience is that of the kind.
* A ``BatteryEventDetailCredential`` of the same actor holds the rest, for cn-regulator only: town and facility,
  counterpart, hashes of the vehicle, parts, reported fields. The event names it by id and digest; it names the event by
  id. Where there is no rest, there is no detail.
* A digest is SHA-256 over the signed document in canonical JSON (RFC 8785), as a multihash in multibase. It is the same
  however the document was sent. The store keeps these bytes.
* Building and reading are the inverse of each other. Reading takes no member that building does not write.

    detail = unsigned_detail(document)
    event = unsigned_event(document, detail and issuer.issue(detail, …))
    read_event(signed_event, signed_detail) == document
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from passport.credentials.credential import CREDENTIALS_V2, VERIFIABLE_CREDENTIAL, issuer_id, types
from passport.credentials.digests import canonical_bytes, digest_of, document_digest
from passport.errors import FaultyRecord
from passport.lifecycle.event_values import EventFault
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.credential_types import EVENT, EVENT_DETAIL
from passport.vocabulary.derivation.derived_context import CONTEXT
from passport.vocabulary.indicator import Datatype, Term
from passport.vocabulary.vocabulary import load

__all__ = [
    "DETAIL_PART", "DETAIL_TERMS", "EVENT_PART", "EVENT_TERMS", "canonical_bytes", "detail_id", "digest_of",
    "document_digest", "pointer_in_message", "read_event", "unsigned_detail", "unsigned_event",
]  # fmt: skip

#: Places of the two documents in a message, and in the pointers of faults.
EVENT_PART, DETAIL_PART = "event", "detail"
_SUBJECT_TYPE = "BatteryPack"
#: Members of a place, with their terms: what the event says, and what only its detail says.
_PLACE = {"country": "eventCountry", "province": "eventProvince"}
_PLACE_DETAIL = {"locality": "eventLocality", "facility": "eventFacility"}
_PREDECESSOR = {"id": "previousEvent", "digest": "previousEventDigest"}
_VEHICLE = {"keyId": "hashKeyId", "hash": "vehicleHash"}
_PART = {"code": "partCode", "within": "withinCode", "out": "partRemoved"}
EVENT_TERMS = frozenset({
    "id", "type", "lifecycleEvent", "occurredAt", "previousEvent", "previousEventDigest", "correctedEvent",
    "eventDetail", "eventDetailDigest", *_PLACE.values(),
})  # fmt: skip
DETAIL_TERMS = frozenset(
    {"id", "type", "detailOf", "counterpart", "vehicleHashes", "partChanges", *_PLACE_DETAIL.values()}
)
_OF_DOCUMENT = frozenset({"@context", "id", "type", "issuer", "credentialSubject", "proof"})


# --- building -------------------------------------------------------------------------------------------------------


def unsigned_detail(document: Mapping[str, Any]) -> JsonObject | None:
    """The detail credential of an event, None where there is nothing for it to say.

    :param document: JSON of an event without faults, see :func:`passport.lifecycle.from_json`.
    """
    place = document.get("place", {})
    name = detail_id(document["id"])
    members = {
        **{term: place[member] for member, term in _PLACE_DETAIL.items() if member in place},
        "counterpart": document.get("counterpart"),
        "vehicleHashes": _nodes(document.get("vehicle", ()), _VEHICLE, f"{name}#vehicleHash"),
        "partChanges": _nodes(document.get("parts", ()), _PART, f"{name}#partChange"),
        **{field: _written(field, value) for field, value in document.get("fields", {}).items()},
    }
    stated = {term: value for term, value in members.items() if value is not None and value != []}
    if not stated:
        return None
    return _credential(EVENT_DETAIL, name, document, {"detailOf": document["id"], **stated})


def unsigned_event(document: Mapping[str, Any], detail: JsonObject | None) -> JsonObject:
    """The event credential.

    :param document: as in :func:`unsigned_detail`.
    :param detail: the signed detail, None where there is none.
    """
    place, before = document.get("place", {}), document.get("predecessor")
    members = {
        "lifecycleEvent": document["event"],
        "occurredAt": document["occurredAt"],
        "previousEvent": before and before["id"],
        "previousEventDigest": before and before["digest"],
        "correctedEvent": document.get("corrects"),
        **{term: place.get(member) for member, term in _PLACE.items()},
        "eventDetail": detail and detail["id"],
        "eventDetailDigest": detail and document_digest(detail),
    }
    return _credential(EVENT, document["id"], document, members)


def detail_id(event_id: str) -> str:
    """IRI of the detail of an event."""
    return f"{event_id}{'/' if event_id.startswith(('http://', 'https://')) else ':'}detail"


def _credential(type_: str, name: str, document: Mapping[str, Any], members: Mapping[str, Any]) -> JsonObject:
    return {
        "@context": [CREDENTIALS_V2, CONTEXT],
        "id": name,
        "type": [VERIFIABLE_CREDENTIAL, type_],
        "issuer": document["actor"],
        "credentialSubject": {
            "id": document["pack"],
            "type": _SUBJECT_TYPE,
            **{term: value for term, value in members.items() if value is not None},
        },
    }


def _nodes(entries: Iterable[Mapping[str, Any]], terms: Mapping[str, str], name: str) -> list[JsonObject]:
    """Nested nodes, each with an IRI of its own under the credential's."""
    return [
        {"id": f"{name}-{number}", **{terms[member]: value for member, value in entry.items()}}
        for number, entry in enumerate(entries, 1)
    ]


def _written(name: str, value: Any) -> Any:
    """A value of a field in the spelling of credentials: quantities are text, whole numbers JSON numbers."""
    if isinstance(value, list):
        return [_written(name, item) for item in value]
    datatype = load().terms[name].datatype
    if datatype is Datatype.INTEGER:
        return int(value)
    return str(value) if datatype is Datatype.DECIMAL else value


# --- reading --------------------------------------------------------------------------------------------------------


def read_event(event: JsonObject, detail: JsonObject | None, detail_digest: str | None = None) -> JsonObject:
    """The JSON of an event, from its credentials. Proofs and form of the values are for others to check.

    :param detail_digest: of the detail, where it is known; None: it is computed.
    :raises FaultyRecord: the two do not belong together, or say what no event says; with every fault and its pointer.
    """
    faults: list[EventFault] = []
    subject = _subject(event, EVENT, EVENT_PART, faults)
    more = {} if detail is None else _subject(detail, EVENT_DETAIL, DETAIL_PART, faults)
    _belonging(event, detail, detail_digest, subject, more, faults)
    fields = {term: value for term, value in more.items() if term not in DETAIL_TERMS}
    known = load().terms
    for part, unknown in (
        (EVENT_PART, [name for name in subject if name not in EVENT_TERMS]),
        (DETAIL_PART, [name for name in fields if name not in known]),
    ):
        faults += [
            _fault(f"{part}/credentialSubject/{name}", "unknown-member", Message("an event has no such member"))
            for name in unknown
        ]
    place = {member: subject[term] for member, term in _PLACE.items() if term in subject}
    place |= {member: more[term] for member, term in _PLACE_DETAIL.items() if term in more}
    before = {name: subject[term] for name, term in _PREDECESSOR.items() if term in subject}
    members: dict[str, Any] = {
        "id": event.get("id"),
        "pack": subject.get("id"),
        "event": subject.get("lifecycleEvent"),
        "occurredAt": subject.get("occurredAt"),
        "actor": event.get("issuer"),
        "predecessor": before,
        "place": place,
        "counterpart": more.get("counterpart"),
        "vehicle": _entries(more, "vehicleHashes", _VEHICLE, faults),
        "parts": _entries(more, "partChanges", _PART, faults),
        "corrects": subject.get("correctedEvent"),
        "fields": {name: _read(known[name], value) for name, value in fields.items() if name in known},
    }
    if faults:
        raise FaultyRecord(
            Message("the event has {n} fault", plural="the event has {n} faults", n=len(faults)), tuple(faults)
        )
    return {name: value for name, value in members.items() if value is not None and value not in ({}, [])}


def pointer_in_message(pointer: str) -> str:
    """Where in the signed documents the value is that a pointer into the JSON of an event means.

    ``/fields/handledMass`` is ``/detail/credentialSubject/handledMass``.
    """
    head, _, rest = pointer.removeprefix("/").partition("/")
    if head in _WHOLE:
        return _WHOLE[head]
    subject = f"/{EVENT_PART}/credentialSubject"
    of_detail = f"/{DETAIL_PART}/credentialSubject"
    if head == "predecessor":
        return f"{subject}/previousEvent{'Digest' if rest == 'digest' else ''}"
    if head == "place":
        return f"{subject}/{_PLACE[rest]}" if rest in _PLACE else f"{of_detail}/{_PLACE_DETAIL.get(rest, rest)}"
    if head in _LISTED:
        listed, terms = _LISTED[head]
        steps = [terms.get(step, step) for step in rest.split("/")] if rest else []
        return "/".join((of_detail, listed, *steps))
    return "/".join(part for part in (of_detail, rest if head == "fields" else pointer[1:]) if part)


_WHOLE = {
    "": f"/{EVENT_PART}",
    "id": f"/{EVENT_PART}/id",
    "pack": f"/{EVENT_PART}/credentialSubject/id",
    "event": f"/{EVENT_PART}/credentialSubject/lifecycleEvent",
    "occurredAt": f"/{EVENT_PART}/credentialSubject/occurredAt",
    "actor": f"/{EVENT_PART}/issuer",
    "corrects": f"/{EVENT_PART}/credentialSubject/correctedEvent",
}
_LISTED = {"vehicle": ("vehicleHashes", _VEHICLE), "parts": ("partChanges", _PART)}


def _subject(document: JsonObject, type_: str, part: str, faults: list[EventFault]) -> JsonObject:
    if types(document) != (VERIFIABLE_CREDENTIAL, type_):
        faults.append(_fault(f"{part}/type", "other-type", Message("expected {type}", type=type_)))
    for name in () if _OF_DOCUMENT.issuperset(document) else sorted(document.keys() - _OF_DOCUMENT):
        faults.append(_fault(f"{part}/{name}", "unknown-member", Message("an event has no such member")))
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        faults.append(_fault(f"{part}/credentialSubject", "malformed-value", Message("expected a JSON object")))
        return {}
    if subject.get("type") != _SUBJECT_TYPE:
        message = Message("expected {type}", type=_SUBJECT_TYPE)
        faults.append(_fault(f"{part}/credentialSubject/type", "malformed-value", message))
    return subject


def _belonging(
    event: JsonObject,
    detail: JsonObject | None,
    detail_digest: str | None,
    subject: JsonObject,
    more: JsonObject,
    faults: list[EventFault],
) -> None:
    named, stated = subject.get("eventDetail"), subject.get("eventDetailDigest")
    if detail is None:
        if named is not None or stated is not None:
            faults.append(_fault(DETAIL_PART, "detail-missing", Message("the event names a detail, which is not here")))
        return
    place = f"{EVENT_PART}/credentialSubject/"
    if named != detail.get("id"):
        faults.append(_fault(f"{place}eventDetail", "other-detail", Message("the event names another detail")))
    elif stated != (detail_digest or document_digest(detail)):
        message = Message("the digest is not that of the detail: one of the two was altered")
        faults.append(_fault(f"{place}eventDetailDigest", "detail-altered", message))
    if more.get("detailOf") != event.get("id"):
        message = Message("the detail is that of another event")
        faults.append(_fault(f"{DETAIL_PART}/credentialSubject/detailOf", "detail-of-another-event", message))
    if more.get("id") != subject.get("id"):
        message = Message("the detail is about another pack than the event")
        faults.append(_fault(f"{DETAIL_PART}/credentialSubject/id", "detail-of-another-pack", message))
    issuer = event.get("issuer")
    if (type(issuer) is not str or detail.get("issuer") != issuer) and issuer_id(detail) != issuer_id(event):
        message = Message("the detail is by another actor than the event")
        faults.append(_fault(f"{DETAIL_PART}/issuer", "detail-of-another-actor", message))


def _entries(
    subject: JsonObject, term: str, terms: Mapping[str, str], faults: list[EventFault]
) -> list[dict[str, Any]] | None:
    value = subject.get(term)
    if value is None:
        return None
    members = {written: member for member, written in terms.items()}
    entries = []
    for number, entry in enumerate(value if isinstance(value, list) else [value]):
        pointer = f"{DETAIL_PART}/credentialSubject/{term}/{number}"
        if not isinstance(entry, dict):
            faults.append(_fault(pointer, "malformed-value", Message("expected a JSON object")))
            continue
        for name in sorted(entry.keys() - {"id", *members}):
            faults.append(_fault(f"{pointer}/{name}", "unknown-member", Message("there is no member of this name")))
        entries.append({members[name]: item for name, item in entry.items() if name in members})
    return entries


def _read(term: Term, value: Any) -> Any:
    return value if not term.repeatable or isinstance(value, list) else [value]


def _fault(pointer: str, code: str, message: Message) -> EventFault:
    return EventFault(f"/{pointer}", code, message)
