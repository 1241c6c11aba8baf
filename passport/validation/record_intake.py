"""Intake of a record: it gets its address and is validated, and each of its faults is reported once.

Without a base URL the record's own address is used, or a placeholder, to validate a file that is not issued.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from passport.battery.identifiers.record_address import addressed
from passport.battery.plausibility import implausible
from passport.battery.record import Fault, Record
from passport.errors import FaultyRecord
from passport.validation.validator import On, ValidationReport, validate
from passport.vocabulary.vocabulary import Regime, Stage

# Stands for an address that could not be made: that it is missing is no second fault.
_NOWHERE = "https://address.invalid/"


# A row of a pack that is not found: what it would have said is missing then, which is the same fault once more.
_UNPLACED = frozenset({"unknown-pack", "unknown-model"})


def each_once(read: Sequence[Fault], judged: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults of reading and those of judging, without what both have found or what only follows.

    :param read: faults of a file; of one place and indicator these say more than the shapes do.
    """
    seen = {(fault.location, fault.indicator) for fault in read}
    follow = {"missing"} if any(fault.code in _UNPLACED for fault in read) else frozenset()
    new = [fault for fault in judged if (fault.location, fault.indicator) not in seen and fault.code not in follow]
    return (*read, *dict.fromkeys(new))


def judge(
    record: Record,
    regimes: Sequence[Regime],
    *,
    on: On,
    base_url: str | None = None,
    at_stage: Stage = Stage.PRODUCTION,
    brief: bool = False,
) -> tuple[Record, ValidationReport]:
    """The record with its address, and the report on it, faults of the address included.

    :param base_url: the operator's base URL; None where nothing is to be issued.
    :param brief: as for :func:`passport.validation.validator.validate`.
    """
    address_faults: tuple[Fault, ...] = ()
    try:
        record = addressed(record, base_url)
    except FaultyRecord as error:
        address_faults = error.faults
        pack = {"batteryIdentifier": _NOWHERE, **record.pack}
        if isinstance(pack.get("dataCarrier"), dict):
            pack["dataCarrier"] = {"payload": _NOWHERE, **pack["dataCarrier"]}
        record = replace(record, pack=pack)
    report = validate(record, regimes, on=on, at_stage=at_stage, brief=brief)
    judged = {fault.location for fault in report.faults}
    # "no address can be made" says nothing more where the code or serial number itself was found at fault.
    new = tuple(fault for fault in address_faults if fault.location not in judged)
    return record, replace(report, faults=new + report.faults + implausible(record))
