"""Headers of a peer's document: periods of validity, judged on the day of checking.

A passport or a marking that begins later or has ended is a fault: what it says of the battery is not in force. Without
a day nothing is judged, and the header is named as not taken over like any other value.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from passport.exchange.converters import DAY, UnreadableValue
from passport.exchange.leaves import LeafDocument
from passport.texts import Message

PASSPORT = Message("the passport")


def read_period(
    source: LeafDocument,
    begins: tuple[str, Any] | None,
    ends: tuple[str, Any] | None,
    on: date | None,
    *,
    thing: Message = PASSPORT,
) -> None:
    """Judge the period of validity.

    :param begins: path and value of its first day or instant; None where the format has none.
    :param ends: the same of its last.
    :param on: the day of checking.
    :param thing: what the period is of.
    """
    if on is None:
        return
    for limit in (begins, ends):
        if limit is None or limit[1] is None:
            continue
        path, value = limit
        try:
            day = date.fromisoformat(DAY.read(value))
        except UnreadableValue as error:
            source.not_taken("malformed-value", path, None, error.reason, value)
            continue
        source.take(path)
        if limit is begins and day > on:
            source.faulty(
                "not-valid", path, None, on.isoformat(), value, Message("{thing} is not valid yet", thing=thing)
            )
        elif limit is ends and day < on:
            message = Message("{thing} has expired", thing=thing)
            source.faulty("not-valid", path, None, on.isoformat(), value, message)
