"""Signed status lists of a store, examined: every version by its signature, the newest by its bits."""

from __future__ import annotations

from passport.credentials import status_list
from passport.errors import PassportError, UnresolvableDid
from passport.publishing.places import list_address
from passport.publishing.upkeep.examination import ExaminedPart, PartResult, Scope
from passport.store.copying.record_reading import RecordReading
from passport.store.rows import stored_document
from passport.texts import Message


def status_lists(scope: Scope) -> PartResult:
    """All versions; of a sample the newest of each list."""
    reading = RecordReading(scope.store)
    result = PartResult(ExaminedPart.STATUS_LISTS)
    purposes = scope.store.list_purposes()
    if scope.sample is None:
        _all_versions(scope, reading, result)
    for number, purpose in purposes.items():
        _newest(scope, result, number, purpose)
    return result


def _all_versions(scope: Scope, reading: RecordReading, result: PartResult) -> None:
    result.total = reading.counts()["status_lists"]
    newest = {number: scope.store.signed_number(number) for number in scope.store.list_numbers()}
    after = 0
    while versions := reading.list_versions(after):
        after = versions[-1].sequence
        for version in versions:
            if version.sequence != newest.get(version.number):
                _signature(scope, result, version.number, version.body, is_newest=False)
        scope.progress(result.part, len(versions), result.total)


def _newest(scope: Scope, result: PartResult, number: int, purpose: str) -> None:
    name = list_address(scope.project.base_url, number)
    signed = scope.store.signed_list(number)
    if signed is None:
        return  # nothing refers to it before it is signed
    if scope.sample is not None:
        result.total += 1
    _signature(scope, result, number, signed.body, is_newest=True)
    try:
        bits = status_list.read_list(stored_document(signed.body, f"status list {number}"), purpose)
        if signed.last_change is None:
            return  # of an earlier version, or signed elsewhere: it is not known how far it goes
        expected = status_list.BitString(len(bits))
        for sequence, position, value in scope.store.bits_since(number, 0):
            if sequence <= signed.last_change:
                expected.set(position, value)
    except PassportError as error:
        result.fault(name, str(error))
        return
    if bits != expected:
        result.fault(name, Message("its bits are not those that the changes of status give"))


def _signature(scope: Scope, result: PartResult, number: int, body: bytes, *, is_newest: bool) -> None:
    name = list_address(scope.project.base_url, number)
    result.examined += 1
    try:
        document = stored_document(body, f"status list {number}")
        if document.get("id") != name and is_newest:
            result.fault(name, Message("the signed list has another address"))
        reason = scope.signature_fault(document)
    except UnresolvableDid as error:
        result.undetermined(str(error))
        return
    except PassportError as error:
        result.fault(name, str(error))
        return
    # An older version may have been signed with a key that was stolen later.
    if reason is not None and is_newest:
        result.fault(name, reason)
