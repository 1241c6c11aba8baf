"""Forms out of the ontology: what can be typed for an indicator, and what a posted form says.

* A field of a form is named by its indicator, entry and field: ``nominalVoltage``, ``componentMass.0.mass``,
  ``damageWarnings.0.text.zh``.
* A list has one empty entry at its end, so that one more can be typed without a script.
* What is typed becomes a value as a reader of files would place it (:class:`RecordBuilder`); nothing is converted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.record import Record
from passport.battery.value_reader import RecordBuilder, part_of
from passport.vocabulary.credential_types import READING_TIMES, RECORDED_AT
from passport.vocabulary.indicator import LANGUAGES
from passport.vocabulary.vocabulary import Code, Datatype, Field, Indicator, Vocabulary

#: Entries of a list that a form shows; longer ones are corrected in the file.
MOST_ENTRIES = 60
#: Characters of one field of a form.
MOST_TEXT = 4000
_WHOLE = re.compile(r"-?[0-9]{1,18}", re.ASCII).fullmatch
_LONG = frozenset({Datatype.LANG_STRING})


@dataclass(frozen=True)
class Control:
    """One input of a form.

    :ivar name: of the input; :ivar kind: ``text``, ``number``, ``date``, ``select`` or ``area``.
    :ivar label: of the field in a structured value; None for the indicator's own single input.
    :ivar codes: what a ``select`` offers; :ivar tongue: language of a text in several languages.
    """

    name: str
    kind: str
    value: str
    unit: Mapping[str, str] | None
    label: Mapping[str, str] | None
    definition: Mapping[str, str] | None
    codes: tuple[Code, ...] = ()
    tongue: str | None = None
    required: bool = False


@dataclass(frozen=True)
class FormEntry:
    """The inputs of one entry; of an indicator without fields, its one input."""

    controls: tuple[Control, ...]


@dataclass(frozen=True)
class IndicatorForm:
    """:ivar too_long: its list has more entries than a form shows, and stays as it is."""

    indicator: Indicator
    entries: tuple[FormEntry, ...]
    too_long: bool = False


#: A truth value is chosen like a code.
TRUTH = (
    Code("true", {"en": "yes", "zh": "yes"}, {}, {}, {}),
    Code("false", {"en": "no", "zh": "no"}, {}, {}, {}),
)


def form_of(indicator: Indicator, value: Any) -> IndicatorForm:
    """The inputs for an indicator with its value in a record; None: empty."""
    values = list(value) if isinstance(value, list) else [] if value is None else [value]
    if len(values) > MOST_ENTRIES:
        return IndicatorForm(indicator, (), too_long=True)
    if indicator.repeatable:
        values = [*values, None]
    elif not values:
        values = [None]
    entries = []
    for number, each in enumerate(values):
        stem = f"{indicator.id}.{number}" if indicator.repeatable else indicator.id
        if indicator.datatype is Datatype.STRUCTURED:
            inner = each if isinstance(each, Mapping) else {}
            controls = tuple(
                control
                for field in indicator.fields
                if not field.personal_data
                for control in _controls(field, f"{stem}.{field.name}", inner.get(field.name), field)
            )
        else:
            controls = tuple(_controls(indicator, stem, each, None))
        entries.append(FormEntry(controls))
    return IndicatorForm(indicator, tuple(entries))


#: Units (UCUM) that people write as words: "cycles" and "mo" are no symbols outside English.
_IN_WORDS = frozenset({"a", "mo", "min", "%/mo", "{cycle}", "{event}"})


def _unit(kind: Indicator | Field) -> Mapping[str, str] | None:
    if kind.unit is None or kind.unit.code == "1":
        return None
    if kind.unit.code in _IN_WORDS:
        return {**kind.unit.label, "en": kind.unit.plural}
    return dict.fromkeys(kind.unit.label, kind.unit.symbol)


def _controls(kind: Indicator | Field, name: str, value: Any, field: Field | None) -> Iterator[Control]:
    label, definition = (field.label, field.definition) if field is not None else (None, None)
    required = field is not None and field.required
    if kind.datatype is Datatype.LANG_STRING:
        texts = value if isinstance(value, Mapping) else {}
        for language in LANGUAGES:
            text = str(texts.get(language, ""))
            yield Control(f"{name}.{language}", "area", text, None, label, definition, (), language, required)
        return
    unit = _unit(kind)
    if field is not None and field.repeatable:
        lines = "\n".join(map(_text, value)) if isinstance(value, list) else _text(value)
        yield Control(name, "area", lines, unit, label, definition, (), None, required)
    elif kind.datatype is Datatype.ENUM and kind.enumeration is not None:
        allowed = kind.range.one_of
        codes = tuple(code for code in kind.enumeration.codes if allowed is None or code.code in allowed)
        yield Control(name, "select", _text(value), unit, label, definition, codes, None, required)
    elif kind.datatype is Datatype.BOOLEAN:
        yield Control(name, "select", _text(value), unit, label, definition, TRUTH, None, required)
    else:
        sort = {Datatype.DATE: "date", Datatype.DECIMAL: "number", Datatype.INTEGER: "number"}.get(
            kind.datatype, "text"
        )
        yield Control(name, sort, _text(value), unit, label, definition, (), None, required)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- what a form says -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TypedValues:
    """:ivar values: by indicator, or time of the read-out, what is to be in the record; None: nothing.

    :ivar faults: what could not be placed.
    """

    values: Mapping[str, Any]
    faults: tuple[Fault, ...] = ()


def typed_values(record: Record, indicators: Sequence[Indicator], form: Mapping[str, str]) -> TypedValues:
    """What is different in a posted form from the record.

    :param indicators: that the form showed; fields of others are not looked at.
    """
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    if any(part_of(indicator.id) == "condition" for indicator in indicators):
        for time in READING_TIMES:
            typed = form.get(time, "").strip()[:40]
            if time in form and typed != str((record.condition or {}).get(time, "")):
                values[time] = typed or None
    recorded_at = values.get(RECORDED_AT) or (record.condition or {}).get(RECORDED_AT)
    for indicator in indicators:
        before = record.value(indicator.id)
        shown = form_of(indicator, before)
        names = [control.name for entry in shown.entries for control in entry.controls]
        if shown.too_long or not any(name in form for name in names):
            continue
        raw = _raw(indicator, form)
        if raw == _raw(
            indicator, {control.name: control.value for entry in shown.entries for control in entry.controls}
        ):
            continue
        if raw is None:
            values[indicator.id] = None
            continue
        part = part_of(indicator.id)
        builder = RecordBuilder(lambda *_: Location(record.file))
        given = {indicator.id: raw}
        if part == "condition":
            given = {RECORDED_AT: recorded_at, **given} if recorded_at else given
        placed = builder.part(part, given, "production" if part == "events" else None)
        faults += [fault for fault in builder.faults if fault.severity == "violation" and fault.code != "missing-time"]
        if indicator.id in placed:
            values[indicator.id] = placed[indicator.id]
    return TypedValues(values, tuple(faults))


def _raw(indicator: Indicator, form: Mapping[str, str]) -> Any:
    """The raw value of an indicator, as a JSON document would have it; None where all is empty."""
    if not indicator.repeatable:
        return _entry(indicator, indicator.id, form)
    entries = [_entry(indicator, f"{indicator.id}.{number}", form) for number in range(MOST_ENTRIES + 1)]
    return [entry for entry in entries if entry is not None] or None


def _entry(indicator: Indicator, stem: str, form: Mapping[str, str]) -> Any:
    if indicator.datatype is not Datatype.STRUCTURED:
        return _single(indicator, stem, form)
    values = {field.name: _single(field, f"{stem}.{field.name}", form) for field in indicator.fields}
    return {name: value for name, value in values.items() if value is not None} or None


def _single(kind: Indicator | Field, name: str, form: Mapping[str, str]) -> Any:
    if kind.datatype is Datatype.LANG_STRING:
        texts = {language: _line(form.get(f"{name}.{language}", "")) for language in LANGUAGES}
        return {language: text for language, text in texts.items() if text} or None
    typed = form.get(name, "")[:MOST_TEXT]
    if isinstance(kind, Field) and kind.repeatable:
        return [line.strip() for line in typed.splitlines() if line.strip()] or None
    text = _line(typed)
    if not text:
        return None
    if kind.datatype is Datatype.INTEGER and _WHOLE(text):
        return int(text)
    if kind.datatype is Datatype.BOOLEAN and text in ("true", "false"):
        return text == "true"
    return text


def _line(text: str) -> str:
    return text[:MOST_TEXT].replace("\r\n", "\n").strip()


def indicators_of(vocabulary: Vocabulary, dimension: str) -> tuple[Indicator, ...]:
    """The indicators of a dimension that a form may ask for: personal data enters no passport."""
    return tuple(
        each for each in vocabulary.indicators.values() if each.dimension.id == dimension and not each.personal_data
    )
