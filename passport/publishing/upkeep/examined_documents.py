"""Signed documents of a store, examined: credentials, views of restricted credentials, documents of events."""

from __future__ import annotations

from typing import Any

from passport.credentials.credential import types
from passport.errors import MalformedDocument, PassportError, UnresolvableDid
from passport.linked_data import strict_json
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.event_credentials import digest_of
from passport.publishing.places import list_address
from passport.publishing.sign import base_credential, full_view
from passport.publishing.stored_sample import in_force
from passport.publishing.upkeep.examination import ExaminedPart, PartResult, Scope, numbered_runs
from passport.store import StatusEntry, StoredCredential
from passport.store.copying.record_reading import RecordReading
from passport.texts import Message

_AT_ONCE = 200


def credentials(scope: Scope) -> PartResult:
    """Signature, row and places of each credential."""
    result = PartResult(ExaminedPart.CREDENTIALS, total=scope.store.version()[0])
    for after, length in numbered_runs(scope.drawn(result.total), _AT_ONCE):
        rows = scope.store.numbered(after, length)
        places = scope.store.places_of_each([stored.id for _, stored in rows])
        for _, stored in rows:
            result.examined += 1
            _credential(scope, result, stored, places.get(stored.id, {}))
        scope.progress(result.part, len(rows), result.total)
    return result


def _credential(scope: Scope, result: PartResult, stored: StoredCredential, places: dict[str, StatusEntry]) -> None:
    try:
        document = stored.document
    except PassportError as error:
        result.fault(stored.id, str(error))
        return
    subject = document.get("credentialSubject")
    of_row = (stored.id, stored.subject, True)
    of_document = (document.get("id"), subject.get("id") if isinstance(subject, dict) else None,
                   stored.type in types(document))  # fmt: skip
    if of_row != of_document:
        result.fault(stored.id, Message("the row says another id, subject or type than the signed document"))
    # Places in lists of another site belong to its store.
    own = f"{scope.project.base_url}/status/"
    named = {place for place in _named_places(document) if place[1].startswith(own)}
    kept = {
        (purpose, list_address(scope.project.base_url, place.list), str(place.position))
        for purpose, place in places.items()
    }
    if named != kept:
        result.fault(stored.id, Message("its places in status lists are not those that the signed document names"))
    try:
        reason = scope.signature_fault(document)
    except UnresolvableDid as error:
        result.undetermined(str(error))
        return
    # What was replaced after a theft of the key stays as history, though it verifies no more.
    if reason is not None and in_force(scope.store, stored):
        result.fault(stored.id, reason)


def _named_places(document: JsonObject) -> set[tuple[str, str, str]]:
    status = document.get("credentialStatus", [])
    entries = status if isinstance(status, list) else [status]
    return {
        (str(each.get("statusPurpose")), str(each.get("statusListCredential")), str(each.get("statusListIndex")))
        for each in entries
        if isinstance(each, dict)
    }


def views(scope: Scope) -> PartResult:
    """Each view of a restricted credential against its base proof; none where the store is a copy of the read side."""
    result = PartResult(ExaminedPart.VIEWS, total=RecordReading(scope.store).counts()["base_proofs"])
    if not result.total:
        return result
    for after, length in numbered_runs(scope.drawn(scope.store.version()[0]), _AT_ONCE):
        for _, stored in scope.store.numbered(after, length):
            if b'"ecdsa-sd-2023"' not in stored.body:
                continue
            kept = scope.store.base_proof(stored.id)
            if kept is None:
                result.fault(stored.id, Message("its base proof is missing"))
                continue
            result.examined += 1
            scope.progress(result.part, 1, result.total)
            try:
                is_same = full_view(base_credential(stored.document, kept)) == stored.body
            except (PassportError, KeyError, TypeError) as error:
                result.fault(stored.id, Message("its base proof cannot be read: {reason}", reason=str(error)[:200]))
                continue
            if not is_same:
                result.fault(stored.id, Message("the view is not what its base proof gives"))
    return result


def events(scope: Scope) -> PartResult:
    """Digest and signature of each document of events: events, details, accreditations, lists that judged them."""
    reading = RecordReading(scope.store)
    result = PartResult(ExaminedPart.EVENTS, total=reading.counts()["event_documents"])
    for after, length in numbered_runs(scope.drawn(result.total), _AT_ONCE):
        rows = reading.documents(after, length)
        for _, document in rows:
            result.examined += 1
            if digest_of(document.body) != document.digest:
                result.fault(document.id, Message("the document is not what its digest says"))
                continue
            try:
                reason = scope.signature_fault(_parsed(document.body))
            except UnresolvableDid as error:
                result.undetermined(str(error))
            except PassportError as error:
                result.fault(document.id, str(error))
            else:
                if reason is not None:
                    result.fault(document.id, reason)
        scope.progress(result.part, len(rows), result.total)
    return result


def _parsed(body: bytes) -> JsonObject:
    document: Any = strict_json.loads(body)
    if not isinstance(document, dict):
        raise MalformedDocument(Message("not a JSON object"))
    return document
