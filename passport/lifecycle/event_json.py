"""Read an event from JSON: every fault at once, each with its JSON pointer.

    event = from_json(document, roles={"vehicleMaker"})
    # {"id": …, "pack": …, "event": "fit", "occurredAt": "2026-07-02T09:00:00+08:00", "actor": "did:web:…",
    #  "predecessor": {"id": …, "digest": …}, "vehicle": [{"keyId": …, "hash": …}], "fields": {"isSwapModel": false}}

Only the form is judged here: members, fields of the kind, datatypes and ranges by the vocabulary. Whether the event may
happen is for :func:`passport.lifecycle.decision.decide`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from passport.errors import FaultyRecord
from passport.lifecycle.event import (
    CORRECTION,
    READ_OUT,
    LifecycleEvent,
    PartChange,
    Place,
    Predecessor,
)
from passport.lifecycle.event_catalogue import MEMBERS, EventKind, catalogue
from passport.lifecycle.event_values import EventFault, FaultList, field_value
from passport.lifecycle.vehicles import HASH_PATTERN, VehicleHash
from passport.texts import Message
from passport.vocabulary.indicator import Term

_IRI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
_DID = re.compile(r"did:[a-z0-9]+:[^\s<>\"{}|\\^`]+")
_DIGEST = re.compile(r"[uz][A-Za-z0-9_-]{43,}")
# As xsd:dateTime: no offset beyond 14 hours. (XML Schema 1.1 Part 2, section 3.3.7)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]((0\d|1[0-3]):[0-5]\d|14:00))", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")
_PROVINCE = re.compile(r"[A-Z]{2}-[A-Z0-9]{1,3}")
_CODE = re.compile(r"[0-9A-Z]{19}|[0-9A-Z]{24}")
_LINE = re.compile(r"[^\x00-\x1f]{1,200}")
_KEY_ID = re.compile(r"[\x21-\x7e]{1,100}")
_AN_IRI, _A_DID, _A_DIGEST = Message("an absolute IRI"), Message("a DID"), Message("a multibase digest")
_A_COUNTRY, _A_PROVINCE = Message("a country code of two letters"), Message("a code such as CN-AH (ISO 3166-2)")
_ONE_LINE = Message("one line of text")
_A_KEY_ID, _A_HASH = Message("the id of a key"), Message("u and 43 characters of base64url")
_A_CODE = Message("a GB/T 34014 code of 24 characters, or 19 for second life")
_NAMES = ("id", "pack", "event", "occurredAt", "actor", "predecessor", *MEMBERS, "fields")
_ABSENT: Any = object()


def from_json(document: Any, *, roles: Iterable[str]) -> LifecycleEvent:
    """An event.

    :param document: parsed JSON.
    :param roles: of the actor, out of its accreditation.
    :raises FaultyRecord: with every :class:`passport.lifecycle.event_values.EventFault`.
    """
    reader = _EventReader()
    event = reader.event(document, frozenset(roles))
    if event is None or reader.faults:
        raise FaultyRecord(
            Message("the event has {n} fault", plural="the event has {n} faults", n=len(reader.faults)),
            tuple(reader.faults),
        )
    return event


class _EventReader:
    def __init__(self) -> None:
        self.faults: FaultList = []

    def event(self, document: Any, roles: frozenset[str]) -> LifecycleEvent | None:
        if not isinstance(document, Mapping):
            self._wrong("", "malformed-event", Message("an event is a JSON object"))
            return None
        for name in document:
            if name not in _NAMES:
                self._wrong(f"/{_token(name)}", "unknown-member", Message("an event has no member of this name"))
        kind = self._kind(document)
        id_ = self._text(document, "id", _IRI, _AN_IRI)
        pack = self._text(document, "pack", _IRI, _AN_IRI)
        actor = self._text(document, "actor", _DID, _A_DID)
        instant = self._instant(document)
        predecessor = self._predecessor(document)
        place = self._place(document)
        counterpart = self._text(document, "counterpart", _DID, _A_DID, required=False)
        corrects = self._text(document, "corrects", _IRI, _AN_IRI, required=False)
        vehicle = self._each(document, "vehicle", self._vehicle_hash)
        parts = self._each(document, "parts", self._part)
        if kind is not None:
            self._members(kind, document)
        fields = self._fields(kind, document)
        if self.faults or kind is None or instant is None:
            return None
        return LifecycleEvent(
            id=id_ or "",
            pack=pack or "",
            kind=kind.code,
            instant=instant,
            actor=actor or "",
            roles=roles,
            predecessor=predecessor,
            place=place,
            counterpart=counterpart,
            vehicle=vehicle,
            parts=parts,
            fields=MappingProxyType(fields),
            corrects=corrects,
        )

    # --- members --------------------------------------------------------------------------------------------------

    def _kind(self, document: Mapping[str, Any]) -> EventKind | None:
        code = document.get("event")
        if code == READ_OUT:
            self._wrong("/event", "read-out-is-no-event", Message("a read-out is a condition credential, not an event"))
            return None
        kind = catalogue().kinds.get(code) if isinstance(code, str) else None
        if kind is None:
            self._wrong(
                "/event",
                "unknown-event",
                Message("expected one of {codes}", codes=list(catalogue().kinds)),
            )
        return kind

    def _instant(self, document: Mapping[str, Any]) -> datetime | None:
        text = document.get("occurredAt")
        if isinstance(text, str) and _INSTANT.fullmatch(text):
            try:
                return datetime.fromisoformat(text)
            except ValueError:
                pass
        self._wrong(
            "/occurredAt",
            "malformed-value",
            Message("expected an instant with its offset, such as 2026-07-02T09:00:00+08:00"),
        )
        return None

    def _predecessor(self, document: Mapping[str, Any]) -> Predecessor | None:
        value = document.get("predecessor", _ABSENT)
        if value is _ABSENT or not self._object(value, "/predecessor", ("id", "digest")):
            return None
        id_ = self._text(value, "id", _IRI, _AN_IRI, within="/predecessor")
        digest = self._text(value, "digest", _DIGEST, _A_DIGEST, within="/predecessor")
        return Predecessor(id_, digest) if id_ and digest else None

    def _place(self, document: Mapping[str, Any]) -> Place | None:
        value = document.get("place", _ABSENT)
        if value is _ABSENT or not self._object(value, "/place", ("country", "province", "locality", "facility")):
            return None
        country = self._text(value, "country", _COUNTRY, _A_COUNTRY, within="/place")
        province = self._text(value, "province", _PROVINCE, _A_PROVINCE, within="/place", required=False)
        locality = self._text(value, "locality", _LINE, _ONE_LINE, within="/place", required=False)
        facility = self._text(value, "facility", _LINE, _ONE_LINE, within="/place", required=False)
        if country and province and not province.startswith(f"{country}-"):
            self._wrong("/place/province", "malformed-value", Message("the province is in another country"))
        return Place(country, province, locality, facility) if country else None

    def _vehicle_hash(self, value: Any, pointer: str) -> VehicleHash | None:
        if not self._object(value, pointer, ("keyId", "hash")):
            return None
        key_id = self._text(value, "keyId", _KEY_ID, _A_KEY_ID, within=pointer)
        # A plain VIN must never get past here: only the form of the keyed hash is taken, and nothing is repeated.
        hash_ = self._text(value, "hash", HASH_PATTERN, _A_HASH, within=pointer)
        return VehicleHash(key_id, hash_) if key_id and hash_ else None

    def _part(self, value: Any, pointer: str) -> PartChange | None:
        if not self._object(value, pointer, ("code", "within", "out")):
            return None
        code = self._text(value, "code", _CODE, _A_CODE, within=pointer)
        out = value.get("out", False)
        if not isinstance(out, bool):
            self._wrong(f"{pointer}/out", "malformed-value", Message("expected true or false"))
        within = self._text(value, "within", _CODE, _A_CODE, within=pointer, required=out is False)
        return PartChange(code, within, out) if code and isinstance(out, bool) else None

    def _members(self, kind: EventKind, document: Mapping[str, Any]) -> None:
        for member in MEMBERS:
            given = member in document
            if not given and member in kind.members_required:
                self._wrong(
                    f"/{member}", "missing-member", Message("{event} needs this member", event=dict(kind.label))
                )
            if given and member not in (*kind.members_required, *kind.members_optional):
                self._wrong(
                    f"/{member}", "member-not-of-kind", Message("{event} has no such member", event=dict(kind.label))
                )

    # --- fields ---------------------------------------------------------------------------------------------------

    def _fields(self, kind: EventKind | None, document: Mapping[str, Any]) -> dict[str, Any]:
        values = document.get("fields", {})
        if not isinstance(values, Mapping):
            self._wrong("/fields", "malformed-value", Message("expected an object of fields"))
            return {}
        if kind is None:
            return {}
        known = _fields_of(kind)
        fields: dict[str, Any] = {}
        for name, value in values.items():
            term = known.get(name)
            if term is None:
                message = Message("{event} has no such field", event=dict(kind.label))
                self._wrong(f"/fields/{_token(name)}", "field-not-of-kind", message)
            else:
                fields[name] = field_value(term, value, f"/fields/{name}", self.faults)
        for name, term in kind.required.items():
            if name not in values:
                self._wrong(
                    f"/fields/{name}",
                    "missing-field",
                    Message("{event} needs the field {field}", event=dict(kind.label), field=dict(term.label)),
                )
        return fields

    # --- form -----------------------------------------------------------------------------------------------------

    def _wrong(self, pointer: str, code: str, message: Message) -> None:
        self.faults.append(EventFault(pointer, code, message))

    def _object(self, value: Any, pointer: str, names: tuple[str, ...]) -> bool:
        if not isinstance(value, Mapping):
            self._wrong(pointer, "malformed-value", Message("expected a JSON object"))
            return False
        for name in value:
            if name not in names:
                self._wrong(f"{pointer}/{_token(name)}", "unknown-member", Message("there is no member of this name"))
        return True

    def _text(
        self,
        holder: Mapping[str, Any],
        name: str,
        form: re.Pattern[str],
        expected: Message,
        *,
        within: str = "",
        required: bool = True,
    ) -> str | None:
        """:param within: pointer to ``holder``."""
        value = holder.get(name, _ABSENT)
        if value is _ABSENT and not required:
            return None
        if isinstance(value, str) and form.fullmatch(value):
            return value
        self._wrong(
            f"{within}/{name}",
            "missing-member" if value is _ABSENT else "malformed-value",
            Message("expected {expected}", expected=expected),
        )
        return None

    def _each(self, document: Mapping[str, Any], name: str, read: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        values = document.get(name, _ABSENT)
        if values is _ABSENT:
            return ()
        if not isinstance(values, list) or not values:
            self._wrong(f"/{name}", "malformed-value", Message("expected a list with at least one entry"))
            return ()
        return tuple(item for item in (read(value, f"/{name}/{n}") for n, value in enumerate(values)) if item)


def _fields_of(kind: EventKind) -> Mapping[str, Term]:
    """The fields that an event may have; a correction may have those of every kind, since it says what was wrong."""
    if kind.code != CORRECTION:
        return kind.fields
    every = {name: term for other in catalogue().kinds.values() for name, term in other.fields.items()}
    return {**every, **kind.fields}


def _token(name: Any) -> str:
    """A key as a reference token of a JSON pointer (RFC 6901)."""
    return str(name).replace("~", "~0").replace("/", "~1")
