"""Comparisons of terms, with three answers: True, False, and None where another engine might say otherwise.

Numbers are decimals and integers, compared exactly. Days are compared without a time zone, instants with one, to the
microsecond. Everything else is undecided.
"""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from passport.battery.statements import DATE, DATE_TIME, XSD, Blank, Term, Value

#: True: conforms. False: surely does not. None: undecided.
Answer = bool | None

NUMBERS = frozenset((XSD + "decimal", XSD + "integer"))
_INSTANT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?(Z|[+-][0-9]{2}:[0-9]{2})")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def number(term: Term) -> Decimal | None:
    """A decimal or integer; None for any other term."""
    return Decimal(term.text) if isinstance(term, Value) and term.datatype in NUMBERS else None


def order(left: Term, right: Term) -> int | None:
    """Below zero, zero or above: how two numbers, days or instants lie to each other. None: undecided."""
    if not isinstance(left, Value) or not isinstance(right, Value):
        return None
    if left.datatype in NUMBERS and right.datatype in NUMBERS:
        first, other = Decimal(left.text), Decimal(right.text)
        return (first > other) - (first < other)
    if left.datatype == right.datatype == DATE and _DAY.fullmatch(left.text) and _DAY.fullmatch(right.text):
        return (left.text > right.text) - (left.text < right.text)
    if left.datatype == right.datatype == DATE_TIME:
        earlier, later = _instant(left.text), _instant(right.text)
        if earlier is not None and later is not None:
            return (earlier > later) - (earlier < later)
    return None


def _instant(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if _INSTANT.fullmatch(text) else None
    except ValueError:
        return None


def lexical(term: Term) -> str | None:
    """The text that patterns and lengths are about; None for a blank node.

    A text of several lines is undecided too: engines differ on what ``$`` matches.
    """
    text = term.text if isinstance(term, Value) else term
    return None if isinstance(text, Blank) or "\n" in text else text


def same_set(left: list[Term], right: list[Term]) -> Answer:
    """Whether two sets of terms are equal. Texts in a language are undecided: case counts in no language tag."""
    if any(isinstance(term, Value) and term.language for term in (*left, *right)):
        return None
    return set(left) == set(right)
