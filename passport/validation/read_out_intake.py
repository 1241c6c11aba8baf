"""Intake of read-outs for packs that have a passport: the form of each value, and the rules between them.

Read-outs of a fleet are of one form. Those of the same category and indicators are judged together by the compiled
shapes. Where these do not call all of them conforming, each half is judged, and at last each read-out by itself: what
is wrong with one, and what pySHACL has to decide, is said as if it had come alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from typing import Any

from passport.battery.fault import Fault, Location
from passport.battery.record import Record, SharedPart
from passport.validation.compiled import precheck
from passport.validation.validator import is_sampled, validate
from passport.vocabulary.vocabulary import Carrier, Category, load

#: Read-outs of a fleet are of one form and come by the million; a comparison with the reference takes a tenth of a
#: second.
CHECKED_ONE_IN = 10_000
#: Fewer read-outs cost more together than one by one.
_FEW = 8


@dataclass(frozen=True)
class ReadOutRecord:
    """A read-out that is to be judged.

    :ivar record: a pack of which nothing but category, address and read-out is stated (:func:`read_out_record`).
    :ivar locate: the place of an indicator's value.
    """

    record: Record
    locate: Callable[[str | None], Location]


def read_out_record(pack: str, category: Category, values: Mapping[str, Any]) -> Record:
    """:param pack: address of the pack; :param values: ``recordedAt``, ``statusChangedAt`` and values by indicator."""
    return Record(category, _model_of(category), {"batteryIdentifier": pack}, values)


@cache
def _model_of(category: Category) -> SharedPart:
    return SharedPart({"batteryCategory": category.value})


def judge_read_outs(read_outs: Sequence[ReadOutRecord], *, on: date) -> tuple[tuple[Fault, ...], ...]:
    """What is wrong with each read-out by itself; completeness is not asked for.

    :param on: the day of checking: a later reading is a fault.
    """
    sampled = {number for number in range(len(read_outs)) if is_sampled(CHECKED_ONE_IN)}
    conforming = {number for group in _groups(read_outs) for number in _conforming(read_outs, group, on)} - sampled
    return tuple(
        () if number in conforming else judge_read_out(each, on=on, compared=number in sampled)
        for number, each in enumerate(read_outs)
    )


def judge_read_out(read_out: ReadOutRecord, *, on: date, compared: bool = False) -> tuple[Fault, ...]:
    """The same of one read-out.

    :param compared: whether the answer of the compiled shapes is held against the reference's.
    :raises CompiledShapesDiffer: the two differ.
    """
    report = validate(read_out.record, (), on=on, brief=True, checked_one_in=1 if compared else CHECKED_ONE_IN)
    indicators = load().indicators
    own = (
        fault
        for fault in report.faults
        if fault.indicator is None
        or fault.indicator not in indicators
        or indicators[fault.indicator].carrier is Carrier.CONDITION
    )
    return tuple(replace(fault, location=read_out.locate(fault.indicator)) for fault in own)


def _groups(read_outs: Sequence[ReadOutRecord]) -> list[list[int]]:
    """The numbers of the read-outs of one category with the same indicators."""
    groups: dict[tuple[Category | None, tuple[str, ...]], list[int]] = {}
    for number, each in enumerate(read_outs):
        groups.setdefault((each.record.category, tuple(each.record.condition or ())), []).append(number)
    return list(groups.values())


def _conforming(read_outs: Sequence[ReadOutRecord], group: Sequence[int], on: date) -> Iterator[int]:
    """Numbers of read-outs of a group that surely conform together."""
    if len(group) < _FEW:
        return
    if precheck.all_surely_conform([read_outs[number].record for number in group], on):
        yield from group
        return
    middle = len(group) // 2
    yield from _conforming(read_outs, group[:middle], on)
    yield from _conforming(read_outs, group[middle:], on)
