"""The actor's side: an event as JSON becomes a signed message.

* The actor is the signer. Where the JSON names no id, the event gets one under the actor's own address, made from what
  it says: the same JSON again is the same event. Where it names no predecessor, it follows the last event of the pack
  that is known here, or that this reporter signed before it.
* A VIN is read from the member ``vin``, hashed with the key of the vehicle hashes, and forgotten. No document, error or
  log holds it.
* Faults are all found before anything is signed.

    reporter = Reporter(issuer, base_url, head_of=…, vehicle_keys=keys)
    message = reporter.message({"pack": …, "event": "fit", "occurredAt": …, "vin": "LSV…"}, at=now)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from passport.credentials.issuer import Issuer
from passport.errors import FaultyRecord, MalformedIdentifier
from passport.identity.shared_secret import SharedSecret
from passport.lifecycle import Predecessor, vehicle_hash
from passport.lifecycle.event_values import EventFault
from passport.linked_data import jcs
from passport.linked_data.json_types import JsonObject
from passport.publishing.events.event_credentials import document_digest, unsigned_detail, unsigned_event
from passport.publishing.events.event_validation import check_document
from passport.publishing.events.message import EventMessage
from passport.texts import Message, error_text

#: Member of the JSON of an event that is never written: hashed into ``vehicle``.
VIN = "vin"


@dataclass
class Reporter:
    """:param base_url: of the actor; new events are named under it.

    :param head_of: the last event of a pack that is known here; None where none is.
    :param vehicle_keys: a hash is made under each; :param check_digit: whether a VIN must have its check digit, as in
        China and North America.
    :param accreditation: to be enclosed; None where the receiver has it.
    """

    issuer: Issuer
    base_url: str
    head_of: Callable[[str], Predecessor | None]
    vehicle_keys: Sequence[SharedSecret] = ()
    check_digit: bool = True
    accreditation: JsonObject | None = None
    status_lists: tuple[JsonObject, ...] = ()
    _heads: dict[str, Predecessor | None] = field(default_factory=dict)

    def complete(self, document: Any) -> JsonObject:
        """The JSON of an event with its id and actor, its VIN hashed, without faults.

        :raises FaultyRecord: with every fault; pointers are into ``document``.
        """
        if not isinstance(document, Mapping):
            raise _faulty(EventFault("", "malformed-event", Message("an event is a JSON object")))
        event = {name: value for name, value in document.items() if name != VIN}
        faults: list[EventFault] = []
        if event.setdefault("actor", self.issuer.id) != self.issuer.id:
            faults.append(EventFault("/actor", "another-actor", Message("an actor signs its own events only")))
        if VIN in document:
            event["vehicle"] = self._hashed(document, faults)
        event.setdefault("id", self._id_of(event))
        try:
            check_document(event)
        except FaultyRecord as error:
            # Without its hash, the event is said to lack a vehicle: that follows from the fault of the VIN.
            follows = any(fault.pointer == f"/{VIN}" for fault in faults)
            faults += [fault for fault in error.faults if not (follows and fault.pointer.startswith("/vehicle"))]
        if faults:
            raise _faulty(*faults)
        return event

    def message(self, document: Any, *, at: datetime) -> EventMessage:
        """The signed message of an event.

        :param at: instant of signing, aware.
        :raises FaultyRecord: as :meth:`complete`.
        """
        event = self.complete(document)
        pack = event["pack"]
        if "predecessor" not in event:
            head = self._heads[pack] if pack in self._heads else self.head_of(pack)
            if head is not None:
                event["predecessor"] = {"id": head.id, "digest": head.digest}
        at = at.replace(microsecond=0)
        detail = unsigned_detail(event)
        signed_detail = None if detail is None else self.issuer.issue(detail, created=at)
        signed = self.issuer.issue(unsigned_event(event, signed_detail), created=at)
        message = EventMessage(signed, signed_detail, self.accreditation, self.status_lists)
        self.follow(message)
        return message

    def follow(self, message: EventMessage) -> None:
        """Take a message that was signed before as the last event of its pack."""
        head = Predecessor(message.event["id"], document_digest(message.event))
        self._heads[message.event["credentialSubject"]["id"]] = head

    def _id_of(self, event: Mapping[str, Any]) -> str:
        content = jcs.canonicalize({name: value for name, value in event.items() if name != "predecessor"})
        return f"{self.base_url}/events/{uuid5(NAMESPACE_URL, self.issuer.id + content.decode())}"

    def _hashed(self, document: Mapping[str, Any], faults: list[EventFault]) -> list[dict[str, str]]:
        if not self.vehicle_keys:
            faults.append(
                EventFault(f"/{VIN}", "no-vehicle-key", Message("no key for hashes of vehicles in this project"))
            )
        if "vehicle" in document:
            faults.append(EventFault(f"/{VIN}", "vehicle-twice", Message("give the VIN or its hashes, not both")))
        hashes = []
        for key in self.vehicle_keys:
            try:
                made = vehicle_hash(document[VIN], key.value, key_id=key.id, check_digit=self.check_digit)
            except MalformedIdentifier as error:
                faults.append(EventFault(f"/{VIN}", error.code, error_text(error)))
                break
            hashes.append({"keyId": made.key_id, "hash": made.value})
        return hashes


def _faulty(*faults: EventFault) -> FaultyRecord:
    return FaultyRecord(
        Message("the event has {n} fault", plural="the event has {n} faults", n=len(faults)), tuple(faults)
    )
