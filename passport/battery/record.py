"""One battery as it was handed in: a model, a pack, a read-out, events; and where each value came from.

* A record holds values in *input form*: keyed by indicator id, structured values by field *name*, exactly as the file
  had them. Quantities stay text; a JSON float stays a float, so that validation can refuse it by name.
* Reading never judges a value. What cannot be *placed* (see :mod:`passport.battery.reader`) is a fault here; whether a
  placed value is right is for validation.
* Every fault carries its place, and all faults of a file are reported at once.
* A read-out is flat: the time of a reading goes to ``recordedAt``, that of the status-change snapshots to
  ``statusChangedAt``; a reading of another time belongs into another read-out.
* :func:`claims` is what one credential says; personal data is in none of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from passport.battery import address as addresses
from passport.battery import vocabulary as vocabulary_module
from passport.battery.fault import Fault, Location, count, found, pointer_token
from passport.battery.reader import PARTS, READING_TIMES, Reader, part_of
from passport.battery.vocabulary import Carrier, Category, Datatype, Field, Indicator
from passport.errors import FaultyRecord, MalformedIdentifier

__all__ = [
    "Fault",
    "Location",
    "Record",
    "addressed",
    "category_of",
    "claims",
    "duplicate_packs",
    "from_json",
    "many_from_json",
    "many_from_json_tolerantly",
]

NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True)
class Record:
    """One pack with its model, as handed in.

    :param category: the battery category, None where the file gives none that exists.
    :param model: indicators of the carriers ``model`` and ``model-detail``.
    :param pack: indicators of the carrier ``passport``.
    :param condition: one read-out, flat: ``recordedAt``, ``statusChangedAt``, plain values; None where there is none.
    :param events: indicators of the carrier ``event`` by event name (``production``).
    :param file: name of the file, for messages.
    :param places: what :meth:`locate` looks up: (indicator, entry, field) -> Location; entries count from 0.
    """

    category: Category | None
    model: Mapping[str, Any]
    pack: Mapping[str, Any]
    condition: Mapping[str, Any] | None = None
    events: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    file: str = field(default="", compare=False)
    places: Mapping[tuple[str, int | None, str | None], Location] = field(
        default_factory=dict, compare=False, repr=False
    )

    def locate(self, indicator: str, entry: int | None = None, field: str | None = None) -> Location:
        """Where a value stands, or the nearest thing around it that stands somewhere (never fails).

        :param indicator: an indicator id, ``recordedAt`` or ``statusChangedAt``.
        :param entry: which entry of a repeatable indicator, from 0.
        :param field: field name of a structured indicator.
        """
        for key in (
            (indicator, entry, field),
            (indicator, entry, None),
            (indicator, None, field),
            (indicator, None, None),
            (part_of(indicator), None, None),
        ):
            if key in self.places:
                return self.places[key]
        return Location(self.file)

    def value(self, indicator: str) -> Any:
        """The value of an indicator wherever it stands, None where it is absent."""
        for part in (self.model, self.pack, self.condition or NOTHING, *self.events.values()):
            if indicator in part:
                return part[indicator]
        return None


def category_of(model: Mapping[str, Any]) -> Category | None:
    """The battery category that a model names, None where it names none that exists."""
    named = model.get("batteryCategory")
    return next((category for category in Category if category.value == named), None)


# --- JSON -----------------------------------------------------------------------------------------------------------


def from_json(document: Any, file: str) -> Record:
    """A record from ``{"model": …, "pack": …, "condition": …, "events": {"production": …}}``.

    :param document: parsed JSON.
    :param file: name for messages.
    :raises FaultyRecord: with every fault that keeps a value from being placed.
    """
    record, faults = _one_from_json(document, file, "")
    if faults:
        raise FaultyRecord(f"{file} has {count(faults)}", faults)
    return record


def many_from_json(document: Any, file: str) -> tuple[Record, ...]:
    """The records of a document: one record, or a list of them.

    :raises FaultyRecord: with every fault of every record, duplicates of a pack among them.
    """
    records, faults = many_from_json_tolerantly(document, file)
    if faults:
        raise FaultyRecord(f"{file} has {count(faults)}", faults)
    return records


def many_from_json_tolerantly(document: Any, file: str) -> tuple[tuple[Record, ...], tuple[Fault, ...]]:
    """The records that have a model and a pack, as far as their values could be placed, and every fault.

    :raises FaultyRecord: nothing could be placed.
    """
    items = document if isinstance(document, list) else [document]
    pairs = [_one_from_json(item, file, f"/{n}" if items is document else "") for n, item in enumerate(items)]
    faults = [fault for _, own in pairs for fault in own]
    faults += duplicate_packs(record for record, _ in pairs)
    if not pairs:
        faults.append(
            Fault(
                "malformed-record",
                Location(file, pointer=""),
                None,
                {"en": "there is no record", "zh": "没有记录"},
                "at least one record",
                "an empty list",
            )
        )
    records = tuple(record for record, _ in pairs if record.model and record.pack)
    if faults and not records:
        raise FaultyRecord(f"{file} has {count(faults)}", tuple(faults))
    return records, tuple(faults)


def _one_from_json(document: Any, file: str, root: str) -> tuple[Record, tuple[Fault, ...]]:
    faults: list[Fault] = []

    def fault(code: str, pointer: str, expected: str, found: str, en: str, zh: str) -> None:
        place = Location(file, pointer=root + pointer)
        faults.append(Fault(code, place, None, {"en": en, "zh": zh}, expected, found))

    if not isinstance(document, Mapping):
        fault("malformed-record", "", "an object with model and pack", found(document), "no record", "不是记录")
        document = {}
    else:
        for name in document:
            if name not in PARTS:
                fault(
                    "unknown-part",
                    f"/{pointer_token(name)}",
                    ", ".join(PARTS),
                    found(name),
                    "a record has no such part",
                    "记录没有该部分",
                )
        for name in ("model", "pack"):
            if name not in document:
                fault("missing-part", "", f"a part {name}", "none", f"the record has no {name}", f"记录缺少{name}")
    placed: dict[str, Any] = {}
    for part in ("model", "pack", "condition"):
        if part in document:
            reader = Reader(_Pointers(file, f"{root}/{part}", document[part]).place)
            placed[part] = reader.part(part, document[part])
            faults += reader.faults
    events = document.get("events", {})
    if not isinstance(events, Mapping):
        fault(
            "malformed-record", "/events", "an object of events", found(events), "events is no object", "events不是对象"
        )
        events = {}
    placed_events = {}
    for event, values in events.items():
        reader = Reader(_Pointers(file, f"{root}/events/{pointer_token(event)}", values).place)
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
    )
    return record, tuple(faults)


class _Pointers:
    """JSON pointers of one part."""

    def __init__(self, file: str, root: str, values: Any) -> None:
        self._file, self._root, self._values = file, root, values

    def place(self, indicator: str, entry: int | None, field: str | None) -> Location:
        pointer = self._root
        if not isinstance(self._values, Mapping) or indicator not in self._values:
            return Location(self._file, pointer=pointer)
        value = self._values[indicator]
        pointer += f"/{pointer_token(indicator)}"
        if isinstance(value, list) and entry is not None:
            pointer += f"/{entry}"
        if field is not None:
            pointer += f"/{pointer_token(field)}"
        elif isinstance(value, Mapping) and set(value) <= {"value", "recordedAt"} and "value" in value:
            pointer += "/value"
        return Location(self._file, pointer=pointer)


class _JsonPlaces(Mapping):
    """Where the values of a JSON record stand, worked out when asked: a record with thousands of cells stays small."""

    def __init__(self, file: str, root: str, document: Mapping) -> None:
        self._parts: dict[str, tuple[str, Any]] = {}
        for part in ("model", "pack", "condition"):
            if isinstance(document.get(part), Mapping):
                self._parts[part] = (f"{root}/{part}", document[part])
        events = document.get("events")
        for event, values in events.items() if isinstance(events, Mapping) else ():
            if isinstance(values, Mapping):
                self._parts[f"events.{event}"] = (f"{root}/events/{pointer_token(event)}", values)
        self._file, self._root = file, root

    def __getitem__(self, key: tuple[str, int | None, str | None]) -> Location:
        name, entry, field = key
        if name in PARTS:
            return Location(self._file, pointer=self._parts.get(name, (f"{self._root}/{name}",))[0])
        for root, values in self._parts.values():
            if name in values:
                return _Pointers(self._file, root, values).place(name, entry, field)
        raise KeyError(key)

    def __iter__(self) -> Iterator:
        return iter(())

    def __len__(self) -> int:
        return 0


def duplicate_packs(records: Iterable[Record]) -> tuple[Fault, ...]:
    """A fault for every record whose pack an earlier one describes: same code, or same model and serial number."""
    faults, seen = [], {}
    for record in records:
        code, serial = record.pack.get("packTractionBatteryCode"), record.pack.get("serialNumber")
        keys = []
        if isinstance(code, str):
            keys.append(("packTractionBatteryCode", "".join(code.split())))
        if isinstance(serial, str):
            keys.append(("serialNumber", str(record.model.get("batteryModelIdentifier")), serial))
        for key in keys:
            first = seen.setdefault(key, record)
            if first is not record:
                what = "code" if key[0] == "packTractionBatteryCode" else "serial number"
                place = first.locate(key[0])
                where = f"row {place.row}" if place.row else place.pointer or str(place)
                faults.append(
                    Fault(
                        "duplicate-pack",
                        record.locate(key[0]),
                        key[0],
                        {"en": "this pack is described twice", "zh": "同一电池包出现两次"},
                        f"a {what} of its own",
                        f"the {what} of {where}",
                    )
                )
                break
    return tuple(faults)


# --- addresses and claims -------------------------------------------------------------------------------------------


def addressed(record: Record, base_url: str | None, scheme: str | None = None) -> Record:
    """The record with what depends on its address filled in: identifier, data carrier, serial number.

    :param base_url: the operator's base URL, from the configuration; None takes the one of ``batteryIdentifier``, for
        judging a file that is not to be issued.
    :param scheme: address scheme; None chooses (see :func:`passport.battery.address.address`).
    :raises FaultyRecord: no address can be made, or a value is there and differs.
    """
    try:
        address = addresses.address(record, scheme)
    except MalformedIdentifier as error:
        at = "packTractionBatteryCode" if "34014" in error.message else "serialNumber"
        at = "gtin" if "GTIN" in error.message else at
        fault = Fault(
            "malformed-address",
            record.locate(at),
            at,
            {"en": f"no address can be made: {error.message}", "zh": f"无法生成网址：{error.message}"},
            f"{error.where}: {error.expected}" if error.where else error.expected,
            error.found,
        )
        raise FaultyRecord("a pack has no address", (fault,)) from error
    given = record.pack.get("batteryIdentifier")
    if base_url is None and isinstance(given, str) and given.endswith(address.path):
        subject = given
    else:
        subject = address.iri(base_url or "https://…")
    pack, faults = dict(record.pack), []

    def fill(indicator: str, field: str | None, holder: dict, key: str, right: str) -> None:
        given = holder.setdefault(key, right)
        if given != right:
            faults.append(
                Fault(
                    "other-address",
                    record.locate(indicator, None, field),
                    indicator,
                    {"en": "this does not agree with the address of the pack", "zh": "与电池包网址不一致"},
                    right,
                    found(given),
                )
            )

    fill("batteryIdentifier", None, pack, "batteryIdentifier", subject)
    fill("serialNumber", None, pack, "serialNumber", address.serial or "")
    if isinstance(pack.get("dataCarrier"), Mapping):
        pack["dataCarrier"] = dict(pack["dataCarrier"])
        fill("dataCarrier", "payload", pack["dataCarrier"], "payload", subject)
    if faults:
        raise FaultyRecord(f"{subject} has {count(faults)}", tuple(faults))
    return replace(record, pack=pack)


def claims(record: Record, carrier: Carrier, credential_id: str, event: str = "production") -> dict[str, Any] | None:
    """What one credential says of its subject, in terms, without the subject's id and type.

    The order is the vocabulary's, so the same record gives the same bytes. Nested nodes get IRIs below the given one.

    :param carrier: which credential; only its indicators are taken.
    :param credential_id: IRI of the credential that the nested nodes belong to.
    :param event: which event, for the carrier ``event``.
    :returns: None where the record has nothing for this credential.
    """
    part = {
        Carrier.PASSPORT: record.pack,
        Carrier.CONDITION: record.condition or NOTHING,
        Carrier.EVENT: record.events.get(event, NOTHING),
    }.get(carrier, record.model)
    said: dict[str, Any] = {}
    for indicator in vocabulary_module.load().indicators.values():
        if indicator.carrier is not carrier or indicator.id not in part or indicator.personal_data:
            continue
        value, node = part[indicator.id], f"{credential_id}#{indicator.id}"
        if isinstance(value, list) or indicator.repeatable:
            values = value if isinstance(value, list) else [value]
            said[indicator.id] = [_claim(indicator, item, f"{node}-{n}") for n, item in enumerate(values, 1)]
        else:
            said[indicator.id] = _claim(indicator, value, node)
    if not said:
        return None
    if carrier is Carrier.CONDITION:
        return {**{name: part[name] for name in READING_TIMES if name in part}, **said}
    return said


def _claim(indicator: Indicator, value: Any, node: str) -> Any:
    if indicator.datatype is not Datatype.STRUCTURED or not isinstance(value, Mapping):
        return _plain(indicator, value)
    said: dict[str, Any] = {"id": node}
    for each in indicator.fields:
        if each.name in value and not each.personal_data and not _plain_vin(each, value[each.name]):
            said[each.term] = _plain(each, value[each.name])
            if each.repeatable and not isinstance(said[each.term], list):
                # In a credential a repeatable term is always a list: one value has one spelling.
                said[each.term] = [said[each.term]]
    return said


def _plain_vin(kind: Field, value: Any) -> bool:
    # A VIN leads to a person. Input files give it in the field that a credential fills with a salted hash, which is
    # longer than any VIN: what could be the number itself is left out.
    return kind.term == "vinHash" and (not isinstance(value, str) or len(value) < 43)


def _plain(kind: Indicator | Field, value: Any) -> Any:
    if kind.datatype is Datatype.LANG_STRING and isinstance(value, Mapping):
        return {tag: value[tag] for tag in sorted(value)}
    return list(value) if isinstance(value, list) else value
