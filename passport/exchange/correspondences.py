"""Mapping tables between formats, applied in both directions by the same code.

    Single("batteryMass", "batteryMass", NUMBER)                              one value
    Single("stateOfCharge.stateOfChargeValue", "stateOfCharge", NUMBER, time="stateOfCharge.lastUpdate")
    Single("resistance[part=pack].ohm", "initialInternalResistancePack", NUMBER)   in the entry whose part is pack
    Many("components", "componentPartNumbers", (Member("partName", "partName", TEXT), …))

A path is the members' names with dots between; ``[name=value]`` chooses the entry of a list that says so, and makes it
when it is written. Reading never fails: a value that cannot be taken over is a fault with its path. Writing never
invents: a value that the format cannot hold is left out with a reason, and where the schema asks for the member it is
filled with the placeholder of its kind.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.battery.record import Record, category_of
from passport.battery.value_reader import PARTS, RecordBuilder, part_of
from passport.exchange.converters import UnreadableValue, Unwritable, ValueConverter
from passport.exchange.peer_format import NO_INSTANT, Notes
from passport.texts import Message, Text
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import load

_STEP = re.compile(r"([^.\[\]]+)(?:\[([^=\]]+)=([^\]]+)\])?")


@dataclass(frozen=True)
class Single:
    """One value.

    :param path: in the peer's document.
    :param field: of a structured indicator that occurs once.
    :param required: whether the peer's schema asks for the member.
    :param time: path of the time of the read-out, where the format has one beside the value.
    """

    path: str
    indicator: str
    kind: ValueConverter
    field: str | None = None
    required: bool = True
    time: str | None = None


@dataclass(frozen=True)
class Member:
    """One member of an entry."""

    path: str
    field: str
    kind: ValueConverter
    required: bool = True


@dataclass(frozen=True)
class Many:
    """A list. Without members its entries are plain values of ``kind``.

    :param where: (name, value) that the entries of this indicator have, where several share a list.
    """

    path: str
    indicator: str
    members: tuple[Member, ...] = ()
    kind: ValueConverter | None = None
    where: tuple[str, str] | None = None


Rule = Single | Many


def at(document: Any, path: str) -> tuple[Any, str]:
    """The value at a path (None where there is none), and the path with the places of entries in it."""
    place = ""
    for name, key, wanted in _STEP.findall(path):
        document = document.get(name) if isinstance(document, Mapping) else None
        place += f".{name}" if place else name
        if key:
            entries = document if isinstance(document, list) else []
            chosen = [n for n, entry in enumerate(entries) if isinstance(entry, Mapping) and entry.get(key) == wanted]
            document = entries[chosen[0]] if chosen else None
            place += f"[{chosen[0]}]" if chosen else f"[?(@.{key}=='{wanted}')]"
    return document, place


def put(document: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a path, making what is on the way."""
    steps = _STEP.findall(path)
    for n, (name, key, wanted) in enumerate(steps):
        last = n == len(steps) - 1
        if key:
            entries = document.setdefault(name, [])
            chosen = next((entry for entry in entries if entry.get(key) == wanted), None)
            if chosen is None:
                chosen = {key: wanted}
                entries.append(chosen)
            document = chosen
        elif last:
            document[name] = value
        else:
            document = document.setdefault(name, {})


class PeerDocument:
    """A peer's document that is being read: raw values of the record, their places, and faults.

    :param file: name for messages.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.raw: dict[str, dict[str, Any]] = {"model": {}, "batch": {}, "pack": {}, "condition": {}}
        self.faults: list[Fault] = []
        self._places: dict[tuple[str, int | None, str | None], Location] = {
            (part, None, None): Location(file, pointer="$") for part in PARTS
        }

    def location(self, path: str) -> Location:
        return Location(self.file, pointer=f"$.{path}" if path else "$")

    def value(self, kind: ValueConverter, value: Any, path: str, indicator: str | None) -> Any:
        """A value in our form; None with a fault where it cannot be taken over."""
        try:
            return kind.read(value)
        except UnreadableValue as error:
            code = "malformed-value" if isinstance(value, str) else "wrong-type"
            self.not_taken(code, path, indicator, error.reason, value)
            return None

    def put(self, indicator: str, value: Any, path: str, *, entry: int | None = None, field: str | None = None) -> None:
        """Take over a value."""
        if value is None:
            return
        part = self.raw[part_of(indicator)]
        place = self.location(path)
        if entry is not None:
            entries = part.setdefault(indicator, [])
            while len(entries) <= entry:
                entries.append({})
            if field is None:
                entries[entry] = value
            else:
                entries[entry][field] = value
        elif field is not None:
            part.setdefault(indicator, {})[field] = value
        else:
            part[indicator] = value
        self._places[indicator, entry, field] = place
        self._places.setdefault((indicator, None, None), place)

    def take(self, *paths: str) -> None:
        """Count what is at these paths, and below, as read. This class counts nothing."""

    def append(self, indicator: str, value: Any, path: str) -> None:
        """Take over a value as the next entry of a list."""
        self.put(indicator, value, path, entry=self.count(indicator))

    def count(self, indicator: str) -> int:
        """How many entries of a list were taken over already."""
        return len(self.raw[part_of(indicator)].get(indicator, ()))

    def timed(self, indicator: str, value: Any, path: str, time: Any, time_path: str) -> None:
        """Take over a value of a read-out with its time."""
        if value is None:
            return
        self.put(indicator, {"value": value, RECORDED_AT: time}, path)
        self._places[indicator, None, RECORDED_AT] = self.location(time_path)
        self._places.setdefault((RECORDED_AT, None, None), self.location(time_path))

    def fault(
        self,
        code: str,
        path: str,
        indicator: str | None,
        expected: str,
        instead: str,
        message: Text,
        severity: str = "violation",
    ) -> None:
        """Note what is wrong.

        :param instead: what was found, as it is to be shown (:func:`passport.battery.fault.found`).
        """
        self.faults.append(Fault(code, self.location(path), indicator, message, expected, instead, severity))

    def not_taken(self, code: str, path: str, indicator: str | None, expected: str, value: Any) -> None:
        """Note a value that cannot be taken over."""
        self.fault(code, path, indicator, expected, found(value), Message("the value cannot be taken over"))

    def inexact_unit(self, path: str, indicator: str, expected: str, unit: Any) -> None:
        """Note a unit that has no exact factor to ours."""
        self.fault(
            "inexact-unit",
            path,
            indicator,
            expected,
            found(unit),
            Message("the unit cannot be converted exactly"),
        )

    def record(self) -> Record:
        """The record of all that was taken over; further faults are noted."""
        parts = {}
        for part in self.raw:
            reader = RecordBuilder(self._place)
            parts[part] = reader.part(part, {name: value for name, value in self.raw[part].items() if value != []})
            self.faults += reader.faults
        return Record(
            category_of(parts["model"]),
            parts["model"],
            parts["pack"],
            parts["condition"] or None,
            {},
            self.file,
            self._places,
            parts["batch"],
        )

    def _place(self, indicator: str, entry: int | None, field: str | None) -> Location:
        keys = ((indicator, entry, field), (indicator, entry, None), (indicator, None, None))
        return next((self._places[key] for key in keys if key in self._places), self.location(""))


def read(rules: Sequence[Rule], document: Any, source: PeerDocument, prefix: str = "") -> None:
    """Take over what the rules name.

    :param prefix: text before every path in messages, such as ``Labeling.``
    """
    for rule in rules:
        if isinstance(rule, Single):
            _read_single(rule, document, source, prefix)
        else:
            _read_many(rule, document, source, prefix)


def _read_single(rule: Single, document: Any, source: PeerDocument, prefix: str) -> None:
    value, place = at(document, rule.path)
    if value is None:
        return
    _take_selectors(rule.path, place, source, prefix)
    ours = source.value(rule.kind, value, prefix + place, rule.indicator)
    if rule.time is not None:
        time, time_place = at(document, rule.time)
        source.timed(rule.indicator, ours, prefix + place, time, prefix + time_place)
        return
    one_of_many = rule.field is None and load().indicators[rule.indicator].repeatable
    source.put(rule.indicator, ours, prefix + place, field=rule.field, entry=0 if one_of_many else None)


def _take_selectors(path: str, place: str, source: PeerDocument, prefix: str) -> None:
    """The members by which a path chooses entries are read by that."""
    steps, places = _STEP.findall(path), place.split(".")
    for n, (_, key, _) in enumerate(steps):
        if key and len(steps) == len(places):
            source.take(f"{prefix}{'.'.join(places[: n + 1])}.{key}")


def entries_at(document: Any, path: str, source: PeerDocument, prefix: str = "") -> Iterator[tuple[Any, str]]:
    """The entries of a list with their paths."""
    entries, place = at(document, path)
    if entries is not None and not isinstance(entries, list):
        source.not_taken("wrong-type", prefix + place, None, Message("a list"), entries)
        return
    for n, entry in enumerate(entries or ()):
        yield entry, f"{prefix}{place}[{n}]"


def _read_many(rule: Many, document: Any, source: PeerDocument, prefix: str) -> None:
    for entry, place in entries_at(document, rule.path, source, prefix):
        if rule.where is not None:
            if at(entry, rule.where[0])[0] != rule.where[1]:
                continue
            source.take(f"{place}.{rule.where[0]}")
        if rule.kind is not None:
            source.append(rule.indicator, source.value(rule.kind, entry, place, rule.indicator), place)
        count = source.count(rule.indicator)
        for member in rule.members:
            held, inner = at(entry, member.path)
            if held is not None:
                value = source.value(member.kind, held, f"{place}.{inner}", rule.indicator)
                source.put(rule.indicator, value, f"{place}.{inner}", entry=count, field=member.field)


def write(rules: Sequence[Rule], record: Record, document: dict[str, Any], notes: Notes, prefix: str = "") -> None:
    """Put what the rules name into a document."""
    for rule in rules:
        if isinstance(rule, Single):
            _write_single(rule, record, document, notes, prefix)
        else:
            _write_many(rule, record, document, notes, prefix)


def _write_single(rule: Single, record: Record, document: dict[str, Any], notes: Notes, prefix: str) -> None:
    value = record.value(rule.indicator)
    if rule.field is not None:
        value = value.get(rule.field) if isinstance(value, Mapping) else None
    elif load().indicators[rule.indicator].repeatable and isinstance(value, list):
        value = value[0] if value else None  # the format has room for one
    theirs = None
    if value is not None:
        try:
            theirs = rule.kind.write(value)
        except Unwritable as error:
            notes.reasons.setdefault(rule.indicator, error.reason)
    if theirs is None:
        if not rule.required:
            return
        if rule.kind.placeholder is None:
            notes.missing.append(f"$.{prefix}{rule.path}")
            return
        theirs = rule.kind.placeholder
        notes.filled.append(f"$.{prefix}{rule.path}")
        if rule.time is not None:
            put(document, rule.time, NO_INSTANT)
    elif rule.time is not None:
        dated_by = load().indicators[rule.indicator].dated_by or RECORDED_AT
        put(document, rule.time, (record.condition or {}).get(dated_by, NO_INSTANT))
    put(document, rule.path, theirs)


def _write_many(rule: Many, record: Record, document: dict[str, Any], notes: Notes, prefix: str) -> None:
    entries: list[Any] = at(document, rule.path)[0] or []
    put(document, rule.path, entries)
    values = record.value(rule.indicator)
    for value in values if isinstance(values, list) else []:
        place = f"$.{prefix}{rule.path}[{len(entries)}]"
        entry = written_entry(rule, value, notes, place)
        if entry is not None:
            entries.append(entry)


def written_entry(rule: Many, value: Any, notes: Notes, place: str) -> Any:
    """One entry in the peer's form, None where the format cannot hold it."""
    if rule.kind is not None:
        try:
            return rule.kind.write(value)
        except Unwritable as error:
            notes.reasons.setdefault(rule.indicator, error.reason)
            return None
    entry: dict[str, Any] = {}
    if rule.where is not None:
        put(entry, *rule.where)
    filled = []
    for member in rule.members:
        held = value.get(member.field) if isinstance(value, Mapping) else None
        try:
            theirs = None if held is None else member.kind.write(held)
        except Unwritable as error:
            notes.reasons.setdefault(rule.indicator, error.reason)
            theirs = None
        if theirs is None and member.required:
            theirs = member.kind.placeholder
            if theirs is None:
                return None
            filled.append(f"{place}.{member.path}")
        if theirs is not None:
            put(entry, member.path, theirs)
    notes.filled += filled
    return entry


def places(rules: Sequence[Rule], prefix: str = "") -> dict[str, str]:
    """The indicators that a table knows, each with its first path."""
    known: dict[str, str] = {}
    for rule in rules:
        known.setdefault(rule.indicator, f"$.{prefix}{rule.path}")
    return known
