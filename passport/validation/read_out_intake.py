"""Intake of a read-out for a pack that has a passport: the form of each value, and the rules between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from functools import cache
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.record import Record, SharedPart
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import Carrier, Category, load

#: Read-outs of a fleet are of one form and come by the million; a comparison with the reference takes a tenth of a
#: second.
CHECKED_ONE_IN = 10_000


@cache
def _model_of(category: Category) -> SharedPart:
    return SharedPart({"batteryCategory": category.value})


def judge_read_out(
    pack: str,
    category: Category,
    values: Mapping[str, Any],
    locate: Callable[[str | None], Location],
    *,
    on: date,
) -> tuple[Fault, ...]:
    """What is wrong with a read-out by itself; completeness is not asked for.

    :param pack: address of the pack; :param values: ``recordedAt``, ``statusChangedAt`` and values by indicator id.
    :param locate: the place of an indicator's value; :param on: the day of checking: a later reading is a fault.
    """
    record = Record(category, _model_of(category), {"batteryIdentifier": pack}, values)
    report = validate(record, (), on=on, brief=True, checked_one_in=CHECKED_ONE_IN)
    indicators = load().indicators
    own = (
        fault
        for fault in report.faults
        if fault.indicator is None
        or fault.indicator not in indicators
        or indicators[fault.indicator].carrier is Carrier.CONDITION
    )
    return tuple(replace(fault, location=locate(fault.indicator)) for fault in own)
