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
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.value_reader import part_of
from passport.texts import Message
from passport.vocabulary.vocabulary import Carrier, Category, load

__all__ = [
    "Fault",
    "Location",
    "Record",
    "category_of",
    "duplicate_packs",
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
