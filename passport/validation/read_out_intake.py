"""Intake of a read-out for a pack that has a passport: the form of each value, and the rules between them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.record import Record
from passport.validation.validator import validate
from passport.vocabulary.vocabulary import Carrier, Category, load


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
    record = Record(category, {"batteryCategory": category.value}, {"batteryIdentifier": pack}, values)
    report = validate(record, (), on=on, brief=True)
    indicators = load().indicators
    own = (
        fault
        for fault in report.faults
        if fault.indicator is None
        or fault.indicator not in indicators
        or indicators[fault.indicator].carrier is Carrier.CONDITION
    )
    return tuple(replace(fault, location=locate(fault.indicator)) for fault in own)
