"""Records from JSON: one object for a pack with its batch and model, or a list of them.

    records, faults = many_from_json_tolerantly(strict_json.loads(data), "packs.json")

What several packs have in common, a model or a batch, is read once for its content and shared
(:class:`passport.battery.record.SharedPart`). Places are JSON pointers, computed when somebody asks.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from passport.battery.fault import Fault, Location, count, found, of_severity, pointer_token
from passport.battery.identifiers.address import check_batch
from passport.battery.record import PlaceKey, Record, SharedPart, category_of, duplicate_packs
from passport.battery.value_reader import PARTS, RecordBuilder
from passport.errors import FaultyRecord, MalformedIdentifier
from passport.texts import Message, Text
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import load


def from_json(document: Any, file: str) -> Record:
    """A record from ``{"model": …, "batch": …, "pack": …, "condition": …, "events": {"production": …}}``.

    The part ``batch`` has a member ``identifier`` beside its indicators.

    :param document: parsed JSON.
    :param file: name for messages.
    :raises FaultyRecord: with every fault that keeps a value from being placed.
    """
    record, faults = _one_from_json(document, file, "", partial=False)
    _refuse(file, faults)
    return record


def many_from_json(document: Any, file: str) -> tuple[Record, ...]:
    """The records of a document: one record, or a list of them.

    :raises FaultyRecord: with every fault of every record, duplicates of a pack among them.
    """
    records, faults = many_from_json_tolerantly(document, file)
    _refuse(file, faults)
    return records


def _refuse(file: str, faults: tuple[Fault, ...]) -> None:
    violations = of_severity("violation", faults)
    if violations:
        raise FaultyRecord(Message("{file} has {count}", file=file, count=count(violations)), violations)


def many_from_json_tolerantly(
    document: Any, file: str, *, partial: bool = False
) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records that have a model and a pack, as far as their values could be placed, and every fault.

    :param partial: whether a record may lack its model or its pack, since another file has it.
    :raises FaultyRecord: nothing could be placed.
    """
    items = document if isinstance(document, list) else [document]
    pairs = [
        _one_from_json(item, file, f"/{n}" if items is document else "", partial=partial)
        for n, item in enumerate(items)
    ]
    faults = [fault for _, own in pairs for fault in own]
    faults += duplicate_packs(record for record, _ in pairs)
    if not pairs:
        faults.append(
            Fault(
                "malformed-record",
                Location(file, pointer=""),
                None,
                Message("there is no record"),
                Message("at least one record"),
                Message("an empty list"),
            )
        )
    records = tuple(record for record, _ in pairs if partial or (record.model and record.pack))
    if faults and not records:
        raise FaultyRecord(Message("{file} has {count}", file=file, count=count(faults)), tuple(faults))
    return records, tuple(faults)


def _one_from_json(document: Any, file: str, root: str, *, partial: bool) -> tuple[Record, tuple[Fault, ...]]:
    faults: list[Fault] = []

    def fault(code: str, pointer: str, expected: str, found: str, message: Text) -> None:
        place = Location(file, pointer=root + pointer)
        faults.append(Fault(code, place, None, message, expected, found))

    if not isinstance(document, Mapping):
        fault(
            "malformed-record",
            "",
            Message("an object with model and pack"),
            found(document),
            Message("no record"),
        )
        document = {}
    else:
        for name in document:
            if name not in PARTS:
                fault(
                    "unknown-part",
                    f"/{pointer_token(name)}",
                    ", ".join(PARTS),
                    found(name),
                    Message("a record has no such part"),
                )
        for name in ("model", "pack") if not partial else ():
            if document.get(name) == {}:
                fault(
                    "empty-part",
                    f"/{name}",
                    Message("an object of indicators"),
                    Message("an empty object"),
                    Message("the {name} says nothing; the record cannot be issued", name=name),
                )
            if name not in document:
                fault(
                    "missing-part",
                    "",
                    Message("a part {name}", name=name),
                    Message("none"),
                    Message("the record has no {name}", name=name),
                )
    placed: dict[str, Any] = {}
    identifier, batch = _batch_part(document.get("batch"), fault)
    for part in ("model", "batch", "pack", "condition"):
        if part in document:
            values = batch if part == "batch" else document[part]
            shared = _shared_part(part, values) if part in ("model", "batch") else None
            if shared is not None:
                placed[part] = shared
                continue
            reader = RecordBuilder(_RecordPointers(file, f"{root}/{part}", values).place)
            placed[part] = reader.part(part, values)
            faults += reader.faults
    for name in placed.get("batch", {}):
        if name in placed.get("model", {}) and placed["model"][name] != placed["batch"][name]:
            fault(
                "two-values",
                f"/model/{pointer_token(name)}",
                found(placed["batch"][name]),
                found(placed["model"][name]),
                Message("the batch says something else"),
            )
    events = document.get("events", {})
    if not isinstance(events, Mapping):
        fault(
            "malformed-record",
            "/events",
            Message("an object of events"),
            found(events),
            Message("events is no object"),
        )
        events = {}
    placed_events = {}
    for event, values in events.items():
        reader = RecordBuilder(_RecordPointers(file, f"{root}/events/{pointer_token(event)}", values).place)
        placed_events[event] = reader.part("events", values, event)
        faults += reader.faults
    model = placed.get("model", {})
    record = Record(
        category_of(model),
        model,
        placed.get("pack", {}),
        placed.get("condition") or None,
        placed_events,
        file,
        _JsonPlaces(file, root, document),
        placed.get("batch", {}),
        identifier,
    )
    return record, tuple(faults)


@dataclass(frozen=True)
class _PartContent:
    """A part of a document, found by its bytes. To Python 1, 1.0 and True are equal; to these bytes they are not."""

    part: str
    content: bytes
    values: Any = field(compare=False)


def _shared_part(part: str, values: Any) -> SharedPart | None:
    """The values of a part without fault; None where it has one, or a value that no cache can tell from others."""
    try:
        content = marshal.dumps(values, 2)
    except ValueError:
        return None
    return _part_of_content(_PartContent(part, content, values))


@lru_cache(maxsize=64)
def _part_of_content(key: _PartContent) -> SharedPart | None:
    reader = RecordBuilder(lambda *_: Location(""))
    values = reader.part(key.part, key.values)
    return None if reader.faults else SharedPart(values)


def _batch_part(part: Any, fault: Callable[[str, str, str, str, Text], None]) -> tuple[str | None, Any]:
    """The identifier of a batch, and its indicators."""
    if not isinstance(part, Mapping) or "identifier" not in part:
        return None, part
    values = {name: value for name, value in part.items() if name != "identifier"}
    try:
        return check_batch(part["identifier"]), values
    except MalformedIdentifier as error:
        fault(
            "malformed-batch",
            "/batch/identifier",
            error.expected or Message("an identifier of a batch"),
            error.found or found(part["identifier"]),
            error.message,
        )
        return None, values


class _RecordPointers:
    """JSON pointers of one part."""

    def __init__(self, file: str, root: str, values: Any) -> None:
        self._file, self._root, self._values = file, root, values

    def place(self, indicator: str, entry: int | None, field: str | None) -> Location:
        pointer = self._root
        key = _key_of(self._values, indicator)
        if key is None:
            return Location(self._file, pointer=pointer)
        value = self._values[key]
        pointer += f"/{pointer_token(key)}"
        if isinstance(value, list) and entry is not None:
            pointer += f"/{entry}"
        if field is not None:
            pointer += f"/{pointer_token(field)}"
        elif isinstance(value, Mapping) and set(value) <= {"value", RECORDED_AT} and "value" in value:
            pointer += "/value"
        return Location(self._file, pointer=pointer)


def _key_of(values: Any, indicator: str) -> Any:
    """The key of a JSON object that holds an indicator: its id, or a label; None where there is none."""
    if not isinstance(values, Mapping):
        return None
    if indicator in values:
        return indicator
    known = load()
    own = known.indicators.get(indicator)
    if own is None or values.keys() <= known.indicators.keys():
        return None
    return next((key for key in values if key not in known.indicators and known.by_heading(str(key)) is own), None)


class _JsonPlaces(Mapping[PlaceKey, Location]):
    """The places of the values of a JSON record, computed on demand to keep records with thousands of cells small."""

    def __init__(self, file: str, root: str, document: Mapping[str, Any]) -> None:
        self._parts: dict[str, tuple[str, Any]] = {}
        for part in ("model", "batch", "pack", "condition"):
            if isinstance(document.get(part), Mapping):
                self._parts[part] = (f"{root}/{part}", document[part])
        events = document.get("events")
        for event, values in events.items() if isinstance(events, Mapping) else ():
            if isinstance(values, Mapping):
                self._parts[f"events.{event}"] = (f"{root}/events/{pointer_token(event)}", values)
        self._file, self._root = file, root

    def __getitem__(self, key: PlaceKey) -> Location:
        name, entry, field = key
        if name in PARTS:
            # A file without a batch may state the batch's values with the model.
            name = "model" if name == "batch" and name not in self._parts else name
            return Location(self._file, pointer=self._parts.get(name, (f"{self._root}/{name}",))[0])
        for root, values in self._parts.values():
            if _key_of(values, name) is not None:
                return _RecordPointers(self._file, root, values).place(name, entry, field)
        raise KeyError(key)

    def __iter__(self) -> Iterator[PlaceKey]:
        return iter(())

    def __len__(self) -> int:
        return 0
