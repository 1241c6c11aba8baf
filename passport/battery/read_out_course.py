"""The course of a battery's values from one read-out to the next: values that fall or jump although they cannot.

The limits are in the ontology (``meta:neverFalls``, ``meta:mostPerDay``, ``meta:plausibleRise``). A value that cannot
be right is a violation:

* a counter that falls (full cycles, throughput, events, minutes outside a temperature boundary);
* a counter of minutes that grows by more minutes than lie between the two read-outs.

A value that hardly fits is a warning: more full cycles in a day than a battery can take, a capacity that rises again.

    for fault in course_faults(earlier, later, locate): …
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from passport.battery.fault import Fault, Location
from passport.texts import Message
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import RECORDED_AT
from passport.vocabulary.vocabulary import Carrier, Indicator

_MINUTE = "min"
#: A clock of a battery management system may be set between two read-outs; this much is forgiven.
_CLOCK = timedelta(minutes=5)
_DAY = timedelta(days=1)


@cache
def followed() -> tuple[Indicator, ...]:
    """The indicators of a read-out whose course has a limit."""
    return tuple(
        indicator
        for indicator in vocabulary.load().indicators.values()
        if indicator.carrier is Carrier.CONDITION
        and (indicator.course.never_falls or indicator.course.most_per_day or indicator.course.plausible_rise)
    )


def course_faults(
    earlier: Mapping[str, Any],
    later: Mapping[str, Any],
    locate: Callable[[str], Location],
) -> Iterator[Fault]:
    """The values of two read-outs that do not follow each other.

    :param earlier, later: values by indicator id and ``recordedAt``, in the order of their instants.
    :param locate: the place of an indicator's value in the read-out that is judged.
    """
    apart = _instant(later) - _instant(earlier)
    for indicator in followed():
        if indicator.id not in later or indicator.id not in earlier:
            continue
        if earlier[indicator.id] == later[indicator.id]:
            continue  # most values of a battery at rest
        before, after = _number(earlier[indicator.id]), _number(later[indicator.id])
        if before is None or after is None:
            continue
        fault = _fault(indicator, before, after, apart)
        if fault is None:
            continue
        code, severity, message, expected = fault
        unit = f" {indicator.unit.symbol}" if indicator.unit and indicator.unit.code != "1" else ""
        yield Fault(
            code,
            locate(indicator.id),
            indicator.id,
            message,
            expected,
            Message(
                "{after}{unit} on {later}, {before}{unit} on {earlier}",
                after=after,
                before=before,
                unit=unit,
                later=str(later[RECORDED_AT]),
                earlier=str(earlier[RECORDED_AT]),
            ),
            severity,
        )


def _fault(
    indicator: Indicator, before: Decimal, after: Decimal, apart: timedelta
) -> tuple[str, str, Message, Message] | None:
    course, growth = indicator.course, after - before
    if course.never_falls and growth < 0:
        return "value-fell", "violation", Message("this value never falls"), Message("at least {least}", least=before)
    if indicator.unit is not None and indicator.unit.code == _MINUTE and course.never_falls:
        most = Decimal((apart + _CLOCK) // timedelta(minutes=1))
        if growth > most:
            return (
                "faster-than-time",
                "violation",
                Message("it counts more minutes than lie between the two read-outs"),
                Message("at most {most} more", most=most),
            )
    if course.most_per_day is not None:
        days = Decimal(-(-apart // _DAY)) or Decimal(1)
        if growth > course.most_per_day * days:
            return (
                "value-jumped",
                "warning",
                Message("it grew faster than a battery can be used"),
                Message("at most {most} a day", most=course.most_per_day),
            )
    if course.plausible_rise is not None and before > 0 and growth * 100 > course.plausible_rise * before:
        return (
            "value-jumped",
            "warning",
            Message("it rose although batteries age"),
            Message("a rise of at most {most} %", most=course.plausible_rise),
        )
    return None


def _instant(read_out: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(read_out[RECORDED_AT])


def _number(value: Any) -> Decimal | None:
    """A value of a read-out, None where there is none or it is malformed, which its shape says."""
    if not isinstance(value, str | int) or isinstance(value, bool):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
