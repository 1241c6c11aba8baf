"""Assignment of raw values to parts, indicators and fields, the same for every file format.

A file format knows the places of its values; this module knows which part, indicator and field they belong to. A reader
collects a fault for each value that cannot be placed and goes on, so that all faults of a file are found at once:

1. the indicator exists;                               4. the value is not empty;
2. it belongs to this part (or event);                 5. a reading's time is that of its read-out.
3. its fields exist;
"""

from __future__ import annotations

import marshal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from difflib import get_close_matches
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from passport.battery.fault import Fault, Location, found
from passport.battery.plain_value import are_codes, plain, refusal
from passport.linked_data.columns import LEAST, columns
from passport.texts import Message, Text
from passport.vocabulary import code_words
from passport.vocabulary import vocabulary as vocabulary_module
from passport.vocabulary.credential_types import READING_TIMES, RECORDED_AT
from passport.vocabulary.vocabulary import Carrier, Datatype, Field, Indicator, Vocabulary

PARTS: Mapping[str, frozenset[Carrier]] = MappingProxyType(
    {
        "model": frozenset({Carrier.MODEL, Carrier.MODEL_DETAIL}),
        "batch": frozenset({Carrier.BATCH}),
        "pack": frozenset({Carrier.PASSPORT}),
        "condition": frozenset({Carrier.CONDITION}),
        "events": frozenset({Carrier.EVENT}),
    }
)


def part_of(indicator: str) -> str:
    """The part of a record that an indicator (or a time of a read-out) belongs to."""
    if indicator in READING_TIMES:
        return "condition"
    known = vocabulary_module.load().indicators.get(indicator)
    return _PART_OF_CARRIER[known.carrier] if known else "pack"


_PART_OF_CARRIER = {carrier: part for part, carriers in PARTS.items() for carrier in carriers}


def _parts(part: str, indicator: Indicator, event: str | None) -> tuple[str, str]:
    """The part in which an indicator is given, and the one it belongs to; events by their names."""
    own = part_of(indicator.id) if indicator.carrier is not Carrier.EVENT else f"events.{indicator.stage.value}"
    return part if part != "events" else f"events.{event}", own


def _belongs(where: str, own: str) -> bool:
    # Files written before there were batches state the batch's values with the model.
    return where == own or (where, own) == ("model", "batch")


#: Stands for a value that must not enter the record.
_REFUSED = object()


class RecordBuilder:
    """Puts raw values into a record, collecting faults with the places that a file format's own function gives.

    :param place: (indicator or part, entry, field) -> Location in the file.
    """

    def __init__(
        self, place: Callable[[str, int | None, str | None], Location], vocabulary: Vocabulary | None = None
    ) -> None:
        self._place = place
        self._vocabulary = vocabulary or vocabulary_module.load()
        self.faults: list[Fault] = []

    def part(self, part: str, values: Any, event: str | None = None) -> dict[str, Any]:
        """One part with its values in the words of the vocabulary.

        :param part: ``model``, ``batch``, ``pack``, ``condition`` or ``events``.
        :param values: raw values by indicator id, of any type.
        :param event: which event, for ``events``.
        """
        if not isinstance(values, Mapping):
            self._fault(
                "malformed-record",
                part,
                Message("an object of indicators"),
                found(values),
                message=Message("{part} is no object", part=part),
            )
            return {}
        placed: dict[str, Any] = {}
        times: dict[str, Any] = {}
        for name, value in values.items():
            if part == "condition" and name in READING_TIMES:
                times[name] = value
                continue
            indicator = self._known(part, name, event)
            if indicator is None:
                continue
            is_reading = part == "condition" and indicator.datatype is not Datatype.STRUCTURED
            if is_reading and type(value) is not str and isinstance(value, Mapping):
                value = self._reading(indicator, value, values.get(RECORDED_AT), times)
            value = self._placed(indicator, value)
            if value is _REFUSED:
                continue
            if indicator.id in placed:
                self._fault("duplicate-element", name, Message("one name for an indicator"), found(name),
                            indicator=indicator.id, message=Message("the indicator is given twice"))  # fmt: skip
                continue
            placed[indicator.id] = value
        if part == "condition" and placed:
            if times.get(RECORDED_AT) is None:
                self._fault(
                    "missing-time",
                    "condition",
                    Message("recordedAt, the time of the read-out"),
                    Message("nothing"),
                    message=Message("the read-out has no time"),
                )
            placed = {**{name: times[name] for name in READING_TIMES if times.get(name) is not None}, **placed}
        elif times:
            self._fault(
                "empty-read-out",
                next(iter(times)),
                Message("a value that was read out"),
                Message("a time alone"),
                message=Message("the read-out has a time and no value; the time is not issued"),
                severity="loss",
            )
        return placed

    def _placed(self, indicator: Indicator, value: Any) -> Any:
        """The value of an indicator as it enters the record; nothing where it must not."""
        if self._vocabulary is vocabulary_module.load():
            known = _remembered(indicator.id, value)
            if known is not None:
                return known
        return self._read(indicator, value)

    def _read(self, indicator: Indicator, value: Any) -> Any:
        if self._empty(indicator.id, None, None, value):
            return _REFUSED
        value = self._value(indicator, value)
        if indicator.datatype is not Datatype.STRUCTURED:
            return self._accepted(indicator, indicator.id, None, None, value)
        return _REFUSED if value in ({}, []) else value

    def _known(self, part: str, name: str, event: str | None) -> Indicator | None:
        if type(name) is str and self._vocabulary is vocabulary_module.load():
            usual = _usual_indicator(part, name[:_LONG_NAME], event)
            if usual is not None and usual.id == name:
                return usual
        # The same names as in a workbook: the id, the Chinese or the English label.
        indicator = self._vocabulary.indicators.get(name) or self._vocabulary.by_heading(str(name))
        if indicator is None:
            nearest = self._vocabulary.nearest(name)
            self._fault(
                "unknown-indicator",
                name,
                Message("the id of an indicator; nearest is {nearest}", nearest=nearest.id)
                if nearest
                else Message("the id of an indicator"),
                found(name),
                message=Message("there is no such indicator"),
            )
            return None
        where, own = _parts(part, indicator, event)
        if not _belongs(where, own):
            self._fault(
                "wrong-part",
                name,
                Message("it in {part}", part=own),
                Message("it in {part}", part=where),
                indicator=name,
                message=Message("this indicator belongs elsewhere"),
            )
            return None
        return indicator

    def _reading(self, indicator: Indicator, value: Mapping[str, Any], recorded_at: Any, times: dict[str, Any]) -> Any:
        """``{value, recordedAt}`` as a plain value; its time joins those of the read-out."""
        for name in value:
            if name not in ("value", RECORDED_AT):
                self._fault(
                    "unknown-field",
                    indicator.id,
                    Message("value and recordedAt"),
                    found(name),
                    field=str(name),
                    indicator=indicator.id,
                    message=Message("a reading has no such field"),
                )
        kind = indicator.dated_by or RECORDED_AT
        time = value.get(RECORDED_AT)
        if time is None:
            self._fault(
                "missing-time",
                indicator.id,
                Message("recordedAt beside the value"),
                Message("nothing"),
                field=RECORDED_AT,
                indicator=indicator.id,
                message=Message("the reading has no time"),
            )
        else:
            if kind == RECORDED_AT and recorded_at is not None:
                times.setdefault(kind, recorded_at)
            if not _same_instant(times.setdefault(kind, time), time):
                self._fault(
                    "other-time",
                    indicator.id,
                    Message("{time}, the time of the others", time=times[kind]),
                    found(time),
                    field=RECORDED_AT,
                    indicator=indicator.id,
                    message=Message("a read-out has one time; this value has another"),
                )
        return value.get("value")

    def _value(self, indicator: Indicator, value: Any) -> Any:
        if indicator.repeatable and not isinstance(value, list):
            value = [value]
        if indicator.datatype is not Datatype.STRUCTURED:
            return code_words.in_codes(value, indicator)
        if isinstance(value, list):
            if _are_rows_of_codes(indicator, value):
                return list(map(dict.copy, value))
            return [self._entry(indicator, entry, n) for n, entry in enumerate(value)]
        return self._entry(indicator, value, None)

    def _accepted(
        self, kind: Indicator | Field, indicator: str, entry: int | None, field: str | None, value: Any
    ) -> Any:
        """A value or a list of them in plain form, what must not enter the record left out with a fault."""
        if kind.datatype is Datatype.LANG_STRING and isinstance(value, Mapping):
            kept = {tag: self._accepted(kind, indicator, entry, field, text) for tag, text in value.items()}
            return {tag: text for tag, text in kept.items() if text is not _REFUSED} or (_REFUSED if kept else value)
        if type(value) is list and kind.repeatable and len(value) >= LEAST and are_codes(value, kind):
            return list(value)
        if isinstance(value, list) and kind.repeatable:
            items = [self._accepted(kind, indicator, n if field is None else entry, field, each)
                     for n, each in enumerate(value)]  # fmt: skip
            return [item for item in items if item is not _REFUSED] or (_REFUSED if items else value)
        refused = refusal(value, kind)
        if refused is None:
            return plain(value, kind)
        place = self._place(indicator, entry, field)
        self.faults.append(
            Fault(refused.code, place, indicator, refused.message, refused.expected, found(value), hint=refused.hint)
        )
        return _REFUSED

    def _entry(self, indicator: Indicator, entry: Any, n: int | None) -> Any:
        if not isinstance(entry, Mapping):
            self._empty(indicator.id, n, None, entry)
            return entry
        fields = indicator.fields_by_name
        placed: dict[str, Any] = {}
        for name, value in entry.items():
            known = fields.get(name) or indicator.fields_by_label.get(" ".join(str(name).split()).casefold())
            if known is None:
                near = get_close_matches(str(name), fields, 1)
                names = ", ".join(fields)
                expected = Message("{fields}; nearest is {nearest}", fields=names, nearest=near[0]) if near else names
                self._fault(
                    "unknown-field",
                    indicator.id,
                    expected,
                    found(name),
                    entry=n,
                    field=str(name),
                    indicator=indicator.id,
                    message=Message("the indicator has no such field"),
                )
            elif not self._empty(indicator.id, n, name, value):
                if known.repeatable and not isinstance(value, list):
                    value = [value]
                value = self._accepted(known, indicator.id, n, known.name, code_words.in_codes(value, known))
                if value is not _REFUSED:
                    placed[known.name] = value
        return placed

    def _empty(self, indicator: str, entry: int | None, field: str | None, value: Any) -> bool:
        """Nulls and empty lists say nothing and cannot be signed; what is not known is left out."""
        if value is None or type(value) is not str and value in ([], {}):
            self._fault(
                "empty-value",
                indicator,
                Message("a value, or no key at all"),
                found(value),
                entry=entry,
                field=field,
                indicator=indicator,
                message=Message("there is no value"),
            )
            return True
        return False

    def _fault(
        self,
        code: str,
        at: str,
        expected: str,
        instead: str,
        *,
        entry: int | None = None,
        field: str | None = None,
        indicator: str | None = None,
        message: Text,
        severity: str = "violation",
    ) -> None:
        self.faults.append(Fault(code, self._place(at, entry, field), indicator, message, expected, instead, severity))


# --- what was read before -------------------------------------------------------------------------------------------

#: The packs of a batch have most values in common. Longer ones are not remembered, in characters or bytes.
_LONG, _LONG_NAME = 500, 80


@dataclass(frozen=True)
class _ValueContent:
    """A value, found by its bytes: to Python 1, 1.0 and True are equal, to these bytes they are not."""

    indicator: str
    content: bytes
    value: Any = field(compare=False)


def _remembered(indicator: str, value: Any) -> Any:
    """The value of an indicator as it enters a record, where nothing is to be said of it; None: it has to be read."""
    if type(value) is str:
        known = _placed_text(indicator, value) if len(value) <= _LONG else None
        return known if type(known) is str else _copied(known)
    if type(value) is not dict and (type(value) is not list or len(value) >= LEAST):
        return None
    try:
        content = marshal.dumps(value, 2)
    except ValueError:
        return None
    return _copied(_placed_content(_ValueContent(indicator, content, value))) if len(content) <= _LONG else None


@lru_cache(maxsize=4096)
def _placed_text(indicator: str, text: str) -> Any:
    return _placed_without_fault(indicator, text)


@lru_cache(maxsize=1024)
def _placed_content(key: _ValueContent) -> Any:
    return _copied(_placed_without_fault(key.indicator, key.value))


def _placed_without_fault(indicator: str, value: Any) -> Any:
    vocabulary = vocabulary_module.load()
    builder = RecordBuilder(lambda *_: Location(""), vocabulary)
    placed = builder._read(vocabulary.indicators[indicator], value)
    return None if builder.faults or placed is _REFUSED else placed


def _copied(value: Any) -> Any:
    """A copy of a JSON value, which its record may change."""
    if type(value) is dict:
        return {key: _copied(each) for key, each in value.items()}
    return [_copied(each) for each in value] if type(value) is list else value


@lru_cache(maxsize=1024)
def _usual_indicator(part: str, name: str, event: str | None) -> Indicator | None:
    """The indicator of that id, given where it belongs."""
    indicator = vocabulary_module.load().indicators.get(name)
    return indicator if indicator is not None and _belongs(*_parts(part, indicator, event)) else None


# --- many entries ---------------------------------------------------------------------------------------------------


def _are_rows_of_codes(indicator: Indicator, entries: list[Any]) -> bool:
    """Whether many entries, such as those of cells, have the same fields by name, and codes in all of them."""
    by_name = columns(entries)
    if by_name is None:
        return False
    fields = [indicator.fields_by_name.get(name) for name in by_name]
    return all(
        field is not None and not field.repeatable and are_codes(values, field)
        for field, values in zip(fields, by_name.values(), strict=True)
    )


def _same_instant(value: Any, other: Any) -> bool:
    if value == other:
        return True
    try:
        first, second = datetime.fromisoformat(value), datetime.fromisoformat(other)
    except (TypeError, ValueError):
        return False
    return first.tzinfo is not None and second.tzinfo is not None and first == second
