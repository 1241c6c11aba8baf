"""A value of a record as a line of text: numbers in groups with unit, codes by their labels, days as people write.

The pages of the workspace show what was handed in. The passport's own page has more to say, and is the resolver's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from passport.texts import Message, day, fallback, say
from passport.texts.localised import number
from passport.vocabulary.vocabulary import Datatype, Field, Indicator

_MAX = 300


def said_value(kind: Indicator | Field, value: Any, language: str) -> list[str]:
    """One line for a single value, one for each entry of a list."""
    if isinstance(value, list):
        return [line for each in value for line in said_value(kind, each, language)]
    if kind.datatype is Datatype.STRUCTURED and isinstance(kind, Indicator) and isinstance(value, Mapping):
        parts = []
        for name, each in value.items():
            field = kind.field(name)
            if field is not None:
                text = "; ".join(said_value(field, each, language))
                parts.append(say(_PART.fill(name=field.label, value=text), language))
        return ["; ".join(parts)]
    return [_said(kind, value, language)[:_MAX]]


_PART = Message("{name}: {value}", context="field")


def _said(kind: Indicator | Field, value: Any, language: str) -> str:
    if isinstance(value, Mapping):
        return fallback({name: str(text) for name, text in value.items()}, language) if value else ""
    if kind.datatype is Datatype.ENUM and kind.enumeration is not None:
        return kind.enumeration.label_of(str(value), language)
    if kind.datatype is Datatype.BOOLEAN:
        return say(Message("yes") if value in (True, "true") else Message("no"), language)
    if kind.datatype is Datatype.DATE:
        try:
            return day(date.fromisoformat(str(value)), language)
        except ValueError:
            return str(value)
    if kind.datatype in (Datatype.DECIMAL, Datatype.INTEGER):
        unit = f"\u202f{kind.unit.symbol}" if kind.unit is not None and kind.unit.code != "1" else ""
        return number(str(value), language) + unit
    return str(value)
