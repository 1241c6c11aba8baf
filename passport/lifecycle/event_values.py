"""One value of a field of an event, from JSON to Python, by what the vocabulary says of its term."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias

from passport.texts import Message, by_language, languages
from passport.vocabulary.expectation import expected
from passport.vocabulary.indicator import Datatype, Term
from passport.vocabulary.xpath_patterns import python_pattern

#: The forms that are signed, narrower than XSD: no exponent, no plus sign, instants with their offset.
_FORMS: Mapping[Datatype, re.Pattern[str]] = {
    Datatype.DECIMAL: re.compile(r"-?[0-9]{1,30}([.][0-9]{1,30})?"),
    Datatype.INTEGER: re.compile(r"-?[0-9]{1,30}"),
    Datatype.DATE: re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"),
    Datatype.DATE_TIME: re.compile(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})"
    ),
    Datatype.ANY_URI: re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+"),
}
_READERS: Mapping[Datatype, Callable[[str], Any]] = {
    Datatype.DECIMAL: Decimal,
    Datatype.INTEGER: int,
    Datatype.DATE: date.fromisoformat,
    Datatype.DATE_TIME: datetime.fromisoformat,
}


@dataclass(frozen=True)
class EventFault:
    """One thing that is wrong with the form of an event.

    :param pointer: JSON pointer (RFC 6901) to the value, or to where it is missing.
    :param code: stable, for machines.
    """

    pointer: str
    code: str
    message: Message

    def to_json(self) -> dict[str, Any]:
        """The fault as a JSON object."""
        return {"pointer": self.pointer, "code": self.code, "message": by_language(self.message)}


FaultList: TypeAlias = list[EventFault]


def field_value(term: Term, value: Any, pointer: str, faults: FaultList) -> Any:
    """The value as Python has it; None, with a fault in the list, where it is none.

    :param value: JSON; the values of a repeatable field are a list, and become a tuple.
    """
    if not term.repeatable:
        return _single(term, value, pointer, faults)
    if not isinstance(value, list) or not value:
        faults.append(EventFault(pointer, "malformed-value", Message("expected a list with at least one entry")))
        return None
    read = tuple(_single(term, item, f"{pointer}/{n}", faults) for n, item in enumerate(value))
    if len(set(read)) != len(read):
        faults.append(EventFault(pointer, "repeated-value", Message("expected each value once")))
    return read


def _single(term: Term, value: Any, pointer: str, faults: FaultList) -> Any:
    read = _read(term, value)
    if read is None or not _in_range(term, read):
        faults.append(
            EventFault(pointer, "malformed-value", Message("expected {expected}", expected=_expected_of(term)))
        )
        return None
    return read


def _expected_of(term: Term) -> dict[str, str]:
    return {language: expected(term, language) for language in languages()}


def _read(term: Term, value: Any) -> Any:
    if term.datatype is Datatype.BOOLEAN:
        return value if isinstance(value, bool) else None
    if term.datatype in (Datatype.DECIMAL, Datatype.INTEGER) and type(value) is int and abs(value) < 10**30:
        return value if term.datatype is Datatype.INTEGER else Decimal(value)
    # A float has lost its exact value before it came here: quantities are text.
    if not isinstance(value, str):
        return None
    form = _FORMS.get(term.datatype)
    if form is not None and not form.fullmatch(value):
        return None
    try:
        return _READERS.get(term.datatype, str)(value)
    except ValueError:
        return None


def _in_range(term: Term, value: Any) -> bool:
    bounds = term.range
    if isinstance(value, Decimal) or type(value) is int:
        return (
            (bounds.minimum is None or value >= bounds.minimum)
            and (bounds.maximum is None or value <= bounds.maximum)
            and (bounds.min_exclusive is None or value > bounds.min_exclusive)
            and (bounds.max_exclusive is None or value < bounds.max_exclusive)
        )
    if not isinstance(value, str):
        return True
    if term.enumeration is not None:
        return value in term.enumeration
    return (bounds.min_length is None or len(value.strip()) >= bounds.min_length) and (
        bounds.pattern is None or re.search(python_pattern(bounds.pattern), value) is not None
    )
