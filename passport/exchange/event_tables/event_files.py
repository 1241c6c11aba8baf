"""Files of life-cycle events: our documents as JSON, and EPCIS 2.0.

The events are unsigned in both. A file is judged as a whole, and its faults are named by place; what the other format
cannot hold is named, too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from passport.battery.fault import Fault, Location
from passport.errors import FaultyRecord, UsageError
from passport.exchange.epcis import epcis_reader, epcis_writer
from passport.exchange.epcis.epcis_writer import EventLoss
from passport.exchange.formats import as_json
from passport.exchange.records.json_file import read_json
from passport.lifecycle.event import LifecycleEvent
from passport.lifecycle.event_json import from_json
from passport.linked_data.json_types import JsonObject
from passport.texts import Message
from passport.vocabulary.indicator import Audience

EVENTS, EPCIS = "events", "epcis"
#: What people call them.
FORMATS: Mapping[str, str] = {EVENTS: "life-cycle events as JSON, unsigned", EPCIS: "EPCIS 2.0, JSON-LD"}


@dataclass(frozen=True)
class EventFile:
    """The documents of a file, and everything that is wrong with it.

    :param events: documents without fault, as events; ``documents`` holds the others, too.
    """

    documents: tuple[JsonObject, ...]
    events: tuple[LifecycleEvent, ...]
    faults: tuple[Fault, ...]


def read(path: Path, format: str) -> EventFile:
    """The events of a file.

    :param format: one of :data:`FORMATS`.
    :raises UnreadableInput: the file cannot be read.
    :raises MalformedDocument: it is no JSON.
    :raises FaultyRecord: it is no file of events.
    """
    document = read_json(path)
    if format == EPCIS:
        reading = epcis_reader.read(document, path.name)
        events = [event for each in reading.events if (event := _event(each, [], Location(path.name))) is not None]
        return EventFile(reading.events, tuple(events), reading.faults)
    several = document if isinstance(document, list) else [document]
    faults: list[Fault] = []
    events = []
    for n, each in enumerate(several):
        pointer = f"/{n}" if several is document else ""
        event = _event(each, faults, Location(path.name, pointer=pointer))
        events += [event] if event is not None else []
    return EventFile(tuple(each for each in several if isinstance(each, dict)), tuple(events), tuple(faults))


def _event(document: JsonObject, faults: list[Fault], place: Location) -> LifecycleEvent | None:
    try:
        return from_json(document, roles=())
    except FaultyRecord as error:
        for fault in error.faults:
            location = Location(place.file, pointer=(place.pointer or "") + fault.pointer)
            faults.append(Fault(fault.code, location, None, fault.message))
        return None


def write(format: str, file: EventFile, *, created: datetime) -> tuple[bytes, Sequence[EventLoss]]:
    """The bytes of a file, and what it cannot hold.

    :param created: when the file is made; EPCIS states it.
    :raises UsageError: there is no event to write.
    """
    if not file.documents:
        raise UsageError(
            Message("there is no event to write"), expected=Message("at least one event"), found=Message("none")
        )
    if format == EVENTS:
        return as_json(list(file.documents)), ()
    # The caller has the whole file already, so nothing is withheld.
    export = epcis_writer.write(file.events, audience=Audience.CN_REGULATOR, created=created)
    return as_json(export.document), export.losses
