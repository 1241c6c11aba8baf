"""One battery as it was handed in: a model, a batch, a pack, a read-out, events; and where each value came from.

* A record holds values in *input form*: keyed by indicator id, structured values by field *name*, as the file had them.
  Quantities are text; a JSON number becomes its exact decimal (:mod:`passport.battery.plain_value`).
* Reading never judges a value. What cannot be *placed* (see :mod:`passport.battery.value_reader`) is a fault here;
  whether a placed value is right is for validation.
* Every fault carries its place, and all faults of a file are reported at once.
* A read-out is flat: the time of a reading goes to ``recordedAt``, that of the status-change snapshots to
  ``statusChangedAt``; a reading of another time belongs into another read-out.
* Values of the batch may be given with the model, as files did before there were batches. They are the batch's.
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from passport.battery.fault import Fault, Location, count, found, of_severity, pointer_token
from passport.battery.identifiers.address import check_batch
from passport.battery.value_reader import PARTS, RecordBuilder, part_of
from passport.errors import FaultyRecord, MalformedIdentifier
from passport.texts import Message, Text
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import Carrier, Category, load

__all__ = [
    "Fault",
    "Location",
    "Record",
    "category_of",
    "duplicate_packs",
    "from_json",
    "many_from_json",
    "many_from_json_tolerantly",
]

#: What a place is looked up by: indicator, entry (from 0), field.
PlaceKey = tuple[str, int | None, str | None]
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Record:
    """One pack with its batch and model, as handed in.

    :param category: the battery category, None where the file gives none that exists.
    :param model: indicators of the carriers ``model`` and ``model-detail``.
    :param pack: indicators of the carrier ``passport``.
    :param condition: one read-out, flat: ``recordedAt``, ``statusChangedAt``, plain values; None where there is none.
    :param events: indicators of the carrier ``event`` by event name (``production``).
    :param file: name of the file, for messages.
    :param places: what :meth:`locate` looks up: (indicator, entry, field) -> Location; entries count from 0.
    :param batch: indicators of the carrier ``batch``; those given with ``model`` come to it.
    :param batch_identifier: what the maker calls the batch; None where the input does not say (see
        :func:`passport.battery.batch.identifier_of`).
    :param documents: address of a linked document -> its digest, where it is known.
    """

    category: Category | None
    model: Mapping[str, Any]
    pack: Mapping[str, Any]
    condition: Mapping[str, Any] | None = None
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    file: str = field(default="", compare=False)
    places: Mapping[PlaceKey, Location] = field(default_factory=dict, compare=False, repr=False)
    batch: Mapping[str, Any] = field(default_factory=dict)
    batch_identifier: str | None = None
    documents: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if type(self.model) is SharedPart and self.model.is_model_alone:
            return
        model, batch = _divided(self.model, self.batch)
        if batch.keys() != self.batch.keys() or model.keys() != self.model.keys():
            object.__setattr__(self, "model", model)
            object.__setattr__(self, "batch", batch)

    def locate(self, indicator: str, entry: int | None = None, field: str | None = None) -> Location:
        """The place of a value, or of the nearest part around it that has a place (never fails).

        :param indicator: an indicator id, ``recordedAt`` or ``statusChangedAt``.
        :param entry: which entry of a repeatable indicator, from 0.
        :param field: field name of a structured indicator.
        """
        keys: tuple[PlaceKey, ...] = (
            (indicator, entry, field),
            (indicator, entry, None),
            (indicator, None, field),
            (indicator, None, None),
            (part_of(indicator), None, None),
        )
        for key in dict.fromkeys(keys):
            place = self.places.get(key)
            if place is not None:
                return place
        return Location(self.file)

    def own_places(self) -> tuple[tuple[str, ...], ...]:
        """The rows of tables that it was made of as (file, sheet, row); of a document the file and its entry there."""
        rows = getattr(self.places, "rows", None)
        if rows is not None:
            return tuple(rows())
        entry = (self.locate("pack").pointer or "").split("/")[1:2]
        return ((self.file, *entry),) if entry and entry[0].isdecimal() else ((self.file,),)

    def value(self, indicator: str) -> Any:
        """The value of an indicator from any part of the record, None where it is absent."""
        for part in (self.model, self.batch, self.pack, self.condition or NOTHING, *self.events.values()):
            if indicator in part:
                return part[indicator]
        return None


def category_of(model: Mapping[str, Any]) -> Category | None:
    """The battery category that a model names, None where it names none that exists."""
    named = model.get("batteryCategory")
    return next((category for category in Category if category.value == named), None)


def _divided(model: Mapping[str, Any], batch: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The model's own values, and those of the batch with what was given for it beside the model.

    :param batch: values given for the batch itself; they come before those given with the model.
    """
    indicators = load().indicators
    of_batch = {name for name in model if name in indicators and indicators[name].carrier is Carrier.BATCH}
    own = {name: value for name, value in model.items() if name not in of_batch}
    given = {name: value for name, value in model.items() if name in of_batch}
    return own, {**given, **batch}


# --- JSON -----------------------------------------------------------------------------------------------------------


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


class SharedPart(dict[str, Any]):
    """A model or batch that many records have: read once for its content, and never changed."""

    @cached_property
    def is_model_alone(self) -> bool:
        """Whether no value of a batch is among those of a model."""
        return not _divided(self, NOTHING)[1]

    @cached_property
    def content(self) -> bytes:
        """Bytes that tell it from every other part. To Python 1, 1.0 and True are equal; to these bytes they are not.

        :raises ValueError: it holds a value that no JSON has.
        """
        return marshal.dumps(dict(self), 2)


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


def duplicate_packs(records: Iterable[Record]) -> tuple[Fault, ...]:
    """A fault for every record whose pack an earlier one describes: same code, or same model and serial number."""
    faults: list[Fault] = []
    seen: dict[PackKey, Location] = {}

    def first_place(key: PackKey, place: Location) -> Location | None:
        first = seen.setdefault(key, place)
        return None if first is place else first

    described = list(records)
    # One record describes one pack once: its code and its serial number are no keys of each other.
    for record in described if len(described) > 1 else ():
        fault = described_twice(pack_keys(record), first_place)
        if fault is not None:
            faults.append(fault)
    return tuple(faults)


#: What tells one pack from another: its code, or model and serial number.
PackKey = tuple[str, ...]


def pack_keys(record: Record) -> tuple[tuple[PackKey, Location], ...]:
    """By which a second description of its pack is found, each with its place."""
    code, serial = record.pack.get("packTractionBatteryCode"), record.pack.get("serialNumber")
    keys: list[PackKey] = []
    if isinstance(code, str):
        keys.append(("packTractionBatteryCode", "".join(code.split())))
    if isinstance(serial, str):
        keys.append(("serialNumber", str(record.model.get("batteryModelIdentifier")), serial))
    return tuple((key, record.locate(key[0])) for key in keys)


def described_twice(
    keys: Iterable[tuple[PackKey, Location]], first_place: Callable[[PackKey, Location], Location | None]
) -> Fault | None:
    """The fault of a pack that an earlier record describes; None where it is new.

    :param first_place: remembers the place of a key; of one that was there before, gives its first place.
    """
    for key, place in keys:
        first = first_place(key, place)
        if first is not None:
            where = Message("row {row}", row=first.row) if first.row else first.pointer or first.text
            by_code = key[0] == "packTractionBatteryCode"
            return Fault(
                "duplicate-pack",
                place,
                key[0],
                Message("this pack is described twice"),
                Message("a code of its own") if by_code else Message("a serial number of its own"),
                Message("the code of {place}", place=where)
                if by_code
                else Message("the serial number of {place}", place=where),
            )
    return None
