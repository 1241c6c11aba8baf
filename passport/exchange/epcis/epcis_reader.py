"""EPCIS 2.0 events as unsigned life-cycle event documents, for their actors to sign.

* The input is an EPCIS document, a query document, or a list of events. An event of ours is read from its extension
  members, a foreign event by its type, action, business step and parties.
* Every document is written again as EPCIS, and whatever the input holds beyond that is named with its place: a warning
  ``not-taken``, or the violation ``contradiction`` where an event of ours says two things.
* All faults come at once. A document with a violation must not be signed.
* The JSON comes through :mod:`passport.linked_data.strict_json`, which bounds its size and depth. Contexts are told by
  their address; an unknown one is a fault, since it could give every name another meaning.

    reading = read(document, "events.jsonld")
    reading.events        # what passport.lifecycle.from_json reads
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from passport.battery.fault import Fault, Location, found, pointer_token
from passport.errors import FaultyRecord
from passport.exchange import peer_format
from passport.exchange.epcis import event_document, foreign_declarations
from passport.exchange.epcis.epcis_comparison import beyond
from passport.exchange.epcis.epcis_context import Names, names_of
from passport.exchange.epcis.epcis_forms import ASSOCIATION, TRANSFORMATION, bare, kinds_of
from passport.exchange.epcis.epcis_writer import EpcisEvent, epcis_events
from passport.exchange.epcis.event_document import CORRECTION_OF, EVENT, KIND
from passport.exchange.epcis.hash_id import hash_id
from passport.lifecycle.event import CORRECTION, LifecycleEvent
from passport.lifecycle.event_catalogue import catalogue
from passport.lifecycle.event_json import from_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.indicator import Audience

#: Limit of work for one document.
MAX_EVENTS = 200_000
_INSTANT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:(\.\d{1,6})\d*)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)", re.ASCII)
_HASH_ID = "ni:///sha-256;"
#: The event in a JSON pointer.
_EVENT = re.compile(r"(?:/epcisBody(?:/queryResults/resultsBody)?/eventList)?/\d+")
_DID = re.compile(r"did:[a-z0-9]+:[^\s<>\"{}|\\^`]+")


@dataclass(frozen=True)
class EpcisReading:
    """Documents of life-cycle events, and what is wrong with the input or not taken over from it."""

    events: tuple[JsonObject, ...]
    faults: tuple[Fault, ...]


@dataclass
class _Source:
    """One event of the input.

    :param names: the prefixes of its context.
    :param raw: the event as it came.
    :param event: the same with the names that the writer gives.
    :param document: what it says as a life-cycle event.
    :param corrects: of a foreign corrective event, the event that it is the right form of.
    :param written: id and part of the written event to compare it with, where a foreign declaration concerns it.
    """

    pointer: str
    names: Names
    raw: Mapping[str, Any]
    event: JsonObject
    document: JsonObject = field(default_factory=dict)
    corrects: _Source | None = None
    written: tuple[str, str] | None = None

    @property
    def root(self) -> _Source:
        """The first event of a chain of foreign corrections."""
        first, seen = self, {id(self)}
        while first.corrects is not None and id(first.corrects) not in seen:
            first = first.corrects
            seen.add(id(first))
        return first

    @property
    def declaration(self) -> Mapping[str, Any] | None:
        declaration = self.event.get("errorDeclaration")
        return declaration if isinstance(declaration, Mapping) else None

    @property
    def ours(self) -> bool:
        return EVENT in self.event


def read(document: Any, file: str = "epcis.jsonld") -> EpcisReading:
    """Read events.

    :param document: parsed JSON.
    :param file: name for the places of faults.
    :raises FaultyRecord: it is no EPCIS at all.
    """
    reader = _EpcisReader(file)
    sources = reader.sources(document)
    reader.find_correctives(sources)
    for source in sources:
        reader.read(source)
    for source in sources:
        reader.declare(source)
    reader.compare(sources)
    return EpcisReading(tuple(reader.documents.values()), tuple(reader.faults))


class _EpcisReader:
    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.documents: dict[str, JsonObject] = {}
        self._places: dict[str, _Source] = {}
        #: Pointers of what has a fault, and of the events around it: a file may have as many faults as values.
        self._faulty: set[str] = set()
        self._by_event_id: dict[str, _Source] = {}

    # --- the document ---------------------------------------------------------------------------------------------

    def sources(self, document: Any) -> list[_Source]:
        """The events of the input, with their names."""
        if isinstance(document, list):
            return self._listed(document, "", None)
        body = document.get("epcisBody") if isinstance(document, Mapping) else None
        if not isinstance(document, Mapping) or not isinstance(body, Mapping):
            raise self._no_epcis(document)
        version = document.get("schemaVersion")
        if not (isinstance(version, str) and version.split(".")[0] == "2"):
            self._wrong("unknown-version", "/schemaVersion", "2.0", version, Message("the version is not read"))
        for name, value in document.items():
            if name not in ("@context", "type", "schemaVersion", "creationDate", "epcisBody"):
                self._not_taken(f"/{pointer_token(name)}", value)
        if isinstance(body.get("eventList"), list):
            return self._listed(body["eventList"], "/epcisBody/eventList", document.get("@context"))
        results = body.get("queryResults")
        results = results.get("resultsBody") if isinstance(results, Mapping) else None
        if not isinstance(results, Mapping) or not isinstance(results.get("eventList"), list):
            raise self._no_epcis(body)
        place = "/epcisBody/queryResults/resultsBody/eventList"
        return self._listed(results["eventList"], place, document.get("@context"))

    def _no_epcis(self, value: Any) -> FaultyRecord:
        message, expected = Message("no EPCIS 2.0 document"), Message("an EPCISDocument or a list of events")
        return peer_format.other_format(self.file, message, expected, found(value))

    def _listed(self, events: Sequence[Any], pointer: str, context: Any) -> list[_Source]:
        if len(events) > MAX_EVENTS:
            expected = Message("at most {count} events", count=MAX_EVENTS)
            self._wrong("too-many-events", pointer, expected, str(len(events)), Message("the list is too long"))
            return []
        shared = names_of(context, given=pointer == "") if context is not None or pointer == "" else Names()
        self._contexts(shared, "/@context")
        sources = []
        for n, event in enumerate(events):
            place = f"{pointer}/{n}"
            if not isinstance(event, Mapping):
                self._wrong("malformed-event", place, Message("a JSON object"), event, Message("it is no event"))
                continue
            names = shared
            if "@context" in event:
                names = names_of(event["@context"], outer=shared)
                self._contexts(names, f"{place}/@context")
            if not names.epcis and not names.faults:
                expected = Message("the context of EPCIS 2.0")
                self._wrong("unknown-context", f"{place}/@context", expected, None, Message("the context is missing"))
            sources.append(_Source(place, names, event, self._renamed(event, names, place)))
        return sources

    def _contexts(self, names: Names, pointer: str) -> None:
        for value, message in names.faults:
            expected = Message("the context of EPCIS 2.0, and prefixes")
            self._wrong("unknown-context", pointer, expected, value, message)

    def _renamed(self, value: Mapping[str, Any], names: Names, pointer: str) -> JsonObject:
        renamed: JsonObject = {}
        for name, held in value.items():
            own, place = names.own(name), f"{pointer}/{pointer_token(name)}"
            if own in renamed:
                message = Message("the member occurs twice under two names")
                self._wrong("repeated-member", place, Message("one of them"), held, message)
            renamed[own] = self._renamed_value(held, names, place)
        return renamed

    def _renamed_value(self, value: Any, names: Names, pointer: str) -> Any:
        if isinstance(value, Mapping):
            return self._renamed(value, names, pointer)
        if isinstance(value, list):
            return [self._renamed_value(item, names, f"{pointer}/{n}") for n, item in enumerate(value)]
        return value

    # --- one event ------------------------------------------------------------------------------------------------

    def read(self, source: _Source) -> None:
        """The documents of one event: its own, and that of the correction that declares it erroneous."""
        event, pointer = source.event, source.pointer
        computed = hash_id(source.raw, source.names.prefixes)
        given = event.get("eventID")
        if isinstance(given, str) and given.startswith(_HASH_ID) and given != computed:
            message = Message("the hash id is not that of the event: the event was changed, or the id made otherwise")
            self._wrong("other-hash-id", f"{pointer}/eventID", computed, given, message, "warning")
        if CORRECTION_OF not in event:
            document = self._document(source, computed)
            if source.corrects is None:
                self._keep(document, source)
            else:
                source.document = document
        if "errorDeclaration" in event and source.ours:
            self._correction(source)

    def _keep(self, document: JsonObject, source: _Source) -> None:
        source.document = document
        id_ = document.get("id")
        if not isinstance(id_, str):
            id_ = source.pointer
        if id_ in self.documents and self.documents[id_] != document:
            expected = Message("one event of each id")
            self._wrong("duplicate-event", source.pointer, expected, id_, Message("two events have one id"))
            return
        if id_ not in self.documents:
            self.documents[id_] = document
            self._places[id_] = source

    def _document(self, source: _Source, computed: str) -> JsonObject:
        event = source.event
        document = event_document.document_from(event)
        if not source.ours:
            given = event.get("eventID")
            document["id"] = given if given is not None else computed
        if KIND not in event and (kind := self._kind(source)) is not None:
            document["event"] = kind
        if isinstance(kind := document.get("event"), str) and not source.ours:
            self._foreign_parties(event, kind, document)
        document["pack"] = self._pack(source)
        document["occurredAt"] = self._instant(source)
        return document

    def _kind(self, source: _Source) -> str | None:
        event = source.event
        words = [event.get(name) for name in ("type", "action", "bizStep", "disposition")]
        if not all(word is None or isinstance(word, str) for word in words):
            words = [None] * 4
        type_, action, step, disposition = (bare(word) if word else None for word in words)
        kinds = kinds_of(type_ or "", action, step, disposition)
        if len(kinds) == 1:
            return kinds[0]
        expected = Message("{member}, or a business step of one kind of event", member=KIND)
        message = Message("it is not clear which kind of event is meant")
        shown = ", ".join(kinds) or step or "null"
        self._wrong("unknown-kind", f"{source.pointer}/bizStep", expected, shown, message)
        return None

    @staticmethod
    def _foreign_parties(event: JsonObject, kind: str, document: JsonObject) -> None:
        """Reporter and counterpart by who has the pack before and afterwards; only a DID can report."""
        known = catalogue().kinds.get(kind)
        before = _party(event.get("sourceList"), "source")
        after = _party(event.get("destinationList"), "destination")
        if known is not None and known.holder == "actor":
            before, after = after, before
        for name, party in (("actor", before), ("counterpart", after)):
            members = (*(known.members_required if known else ()), *(known.members_optional if known else ()))
            if party and name not in document and (name == "actor" or name in members):
                document[name] = party

    def _pack(self, source: _Source) -> Any:
        event = source.event
        member = _pack_member(event)
        packs = event.get(member)
        packs = packs if isinstance(packs, list) else [packs]
        if len(packs) == 1:
            return event_document.iri_of(packs[0])
        expected = Message("one pack; write an event for each")
        message = Message("the event is about several things, or none")
        self._wrong("several-packs", f"{source.pointer}/{member}", expected, event.get(member), message)
        return None

    def _instant(self, source: _Source) -> Any:
        """The event's instant with the offset that the event gives for its place."""
        text, offset = source.event.get("eventTime"), source.event.get("eventTimeZoneOffset")
        if not (isinstance(offset, str) and _OFFSET.fullmatch(offset)):
            place = f"{source.pointer}/eventTimeZoneOffset"
            message = Message("the offset of the place is missing or malformed")
            self._wrong("malformed-value", place, "+08:00", offset, message)
            return text
        # Digits beyond microseconds are dropped: no clock of an actor measures them.
        matched = _INSTANT.fullmatch(text) if isinstance(text, str) else None
        if not matched or not isinstance(text, str):
            return text
        hours, minutes = int(offset[1:3]), int(offset[4:6])
        shift = timedelta(hours=hours, minutes=minutes) * (-1 if offset[0] == "-" else 1)
        try:
            moment = datetime.fromisoformat(matched[1] + (matched[2] or "") + matched[3])
            return moment.astimezone(timezone(shift)).isoformat()
        except (ValueError, OverflowError):
            return None

    def _correction(self, source: _Source) -> None:
        declaration, pointer = source.declaration, f"{source.pointer}/errorDeclaration"
        if declaration is None or EVENT not in declaration:
            expected = Message("the correction in members of ours")
            message = Message("the event is declared erroneous, and the correction cannot be read")
            self._wrong("unreadable-correction", pointer, expected, source.event["errorDeclaration"], message)
            return
        document = event_document.document_from(declaration)
        document |= {"pack": self._pack(source), "occurredAt": declaration.get("declarationTime")}
        self._keep(document, _Source(pointer, source.names, source.raw, source.event))

    # --- declarations of other systems ----------------------------------------------------------------------------

    def find_correctives(self, sources: Sequence[_Source]) -> None:
        """Which foreign events are the right form of another one: they are no events of their own."""
        for source in sources:
            # An event and its declared form share an id; either may hold the right values.
            if isinstance(name := source.event.get("eventID"), str) and not source.ours:
                self._by_event_id.setdefault(name, source)
        for source in sources:
            if not source.ours:
                named = foreign_declarations.corrective_ids(source.event.get("errorDeclaration"))
                right = self._by_event_id.get(named[0]) if len(named) == 1 else None
                if right is not None and right is not source and right.event.get("eventID") != source.event["eventID"]:
                    for each in sources:
                        if not each.ours and each.event.get("eventID") == named[0]:
                            each.corrects = source

    def declare(self, source: _Source) -> None:
        """The correction that a foreign declaration makes of the event."""
        if source.ours or "errorDeclaration" not in source.event:
            return
        declaration, pointer = source.event["errorDeclaration"], f"{source.pointer}/errorDeclaration"
        named = [self._by_event_id.get(each) for each in foreign_declarations.corrective_ids(declaration)]
        corrective = [None if each is None else each.document for each in named]
        made = foreign_declarations.correction_of(source.document, source.root.document, declaration, corrective)
        if isinstance(made, Message):
            expected = Message("did_not_occur, or incorrect_data with one corrective event of the file")
            self._wrong("unreadable-correction", pointer, expected, declaration, made)
            return
        correction = _Source(pointer, source.names, source.raw, source.event)
        self._keep(made, correction)
        source.written = (made["id"], "declared")
        for each in named:
            if each is not None:
                each.written = (made["id"], "corrective")

    # --- what was not taken ---------------------------------------------------------------------------------------

    def compare(self, sources: Sequence[_Source]) -> None:
        """Judge each document, write all of them again, and name what the input holds beyond that."""
        events = [event for id_, document in self.documents.items() if (event := self._judged(id_, document))]
        # A file may hold a declaration before the event that it declares.
        events.sort(key=lambda event: event.kind == CORRECTION)
        again = {(each.of, each.part): each for each in epcis_events(events, Audience.CN_REGULATOR, [])}
        for source in sources:
            written = again.get(_key(source))
            if written is not None:
                self._name_rest(source, written)
            elif source.pointer not in self._faulty:
                expected = Message("the corrected event and every correction of it")
                message = Message("the event belongs to a correction that cannot be followed")
                self._wrong("correction-missing", source.pointer, expected, None, message)

    def _judged(self, id_: str, document: JsonObject) -> LifecycleEvent | None:
        source = self._places[id_]
        try:
            return from_json(document, roles=())
        except FaultyRecord as error:
            pack = _pack_member(source.event)
            for fault in error.faults:
                place = event_document.place_of(fault.pointer, pack)
                if place == "/eventTime" and source.pointer.endswith("/errorDeclaration"):
                    place = "/declarationTime"
                named = fault.pointer == "/event" and f"{source.pointer}/bizStep" in self._faulty
                if not named and source.pointer + place not in self._faulty:
                    location = Location(self.file, pointer=source.pointer + place)
                    self._add(Fault(fault.code, location, None, fault.message))
            return None

    def _name_rest(self, source: _Source, written: EpcisEvent) -> None:
        for path, value, differs in beyond(source.event, written.body):
            top = path.split("/")[1] if path else ""
            if top in ("eventID", "@context"):
                continue
            place = source.pointer + path
            if place in self._faulty or (source.written and path.startswith("/errorDeclaration/correctiveEventIDs")):
                continue
            if differs and source.ours:
                message = Message("the event says two things: this, and what its members of ours say")
                self._wrong("contradiction", place, Message("what follows from them"), value, message)
            else:
                self._not_taken(place, value)

    def _wrong(
        self, code: str, pointer: str, expected: str, value: Any, message: Message, severity: str = "violation"
    ) -> None:
        location = Location(self.file, pointer=pointer)
        self._add(Fault(code, location, None, message, expected, found(value), severity))

    def _add(self, fault: Fault) -> None:
        self.faults.append(fault)
        if fault.severity == "violation" and fault.location.pointer is not None:
            self._faulty.add(fault.location.pointer)
            if event := _EVENT.match(fault.location.pointer):
                self._faulty.add(event[0])

    def _not_taken(self, pointer: str, value: Any) -> None:
        message = Message("the value is not taken over")
        expected = Message("a value that a life-cycle event has a place for")
        self._wrong("not-taken", pointer, expected, value, message, "warning")


def _pack_member(event: JsonObject) -> str:
    """The member that names the pack."""
    members = {ASSOCIATION: "childEPCs", TRANSFORMATION: "inputEPCList"}
    return members.get(str(event.get("type")), "epcList")


def _party(entries: Any, name: str) -> str | None:
    for entry in entries if isinstance(entries, list) else [entries]:
        if isinstance(entry, Mapping) and bare(str(entry.get("type"))) == "possessing_party":
            party = entry.get(name)
            return party if isinstance(party, str) and _DID.fullmatch(party) else None
    return None


def _key(source: _Source) -> tuple[Any, str]:
    """Which written event an event of the input is to be compared with."""
    if source.written is not None:
        return source.written
    declaration = source.declaration
    if declaration is not None and EVENT in declaration:
        return _hashable(event_document.iri_of(declaration[EVENT])), "declared"
    if CORRECTION_OF in source.event:
        return _hashable(event_document.iri_of(source.event[CORRECTION_OF])), "corrective"
    return _hashable(source.document.get("id")), "original"


def _hashable(value: Any) -> str:
    return value if isinstance(value, str) else ""
