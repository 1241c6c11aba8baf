"""Whether a vehicle may be scrapped now, by what is on record of it and of the packs found: three answers. Pure.

* *Yes*: the packs found are those on record in the vehicle, and nothing is held, lost or elsewhere.
* *No*: something does not fit. It is "not yet": a report that explains it changes the answer.
* *Unknown*: this node cannot tell, for example because it has no record of the vehicle. Unknown is never yes.

    answer = may_be_scrapped(record, found)
    answer.outcome, answer.checks
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class ScrapOutcome(StrEnum):
    """The answer, or how one check came out."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class ScrapCheck(StrEnum):
    """What is looked at, in this order."""

    VEHICLE_KNOWN = "vehicle-known"
    NOT_SCRAPPED = "not-scrapped"
    PACKS_KNOWN = "packs-known"
    PACKS_OF_VEHICLE = "packs-of-vehicle"
    NOT_ELSEWHERE = "not-elsewhere"
    NOT_STOPPED = "not-stopped"


@dataclass(frozen=True)
class FoundPack:
    """A pack whose code was found, as on record. :ivar number: None: no pack with this code is known here.

    :ivar elsewhere: it is on record in another vehicle, or its life has ended.
    :ivar stopped: it is held or reported as lost.
    """

    code: str
    number: int | None = None
    elsewhere: bool = False
    stopped: bool = False


@dataclass(frozen=True)
class VehicleRecord:
    """What is on record of a vehicle.

    :ivar known: an event names it; :ivar scrapped: it was scrapped before.
    :ivar packs: codes of the packs that are in it by the record; a pack without a code has an empty one.
    :ivar stopped: codes of those that are held or reported as lost.
    :ivar swap_model: its packs were swapped.
    """

    known: bool
    scrapped: bool = False
    packs: tuple[str, ...] = ()
    stopped: frozenset[str] = frozenset()
    swap_model: bool = False


@dataclass(frozen=True)
class ScrapAnswer:
    """:ivar checks: how each came out; :ivar missing: codes on record that were not found; :ivar strange: found codes
    that are not on record in the vehicle."""

    outcome: ScrapOutcome
    checks: Mapping[ScrapCheck, ScrapOutcome]
    missing: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()


def may_be_scrapped(record: VehicleRecord, found: Sequence[FoundPack]) -> ScrapAnswer:
    """The answer for a vehicle and the packs found in it.

    :param found: none: no pack was found in it.
    """
    yes, no, unknown = ScrapOutcome.YES, ScrapOutcome.NO, ScrapOutcome.UNKNOWN
    codes = {pack.code for pack in found}
    missing = tuple(code for code in record.packs if code not in codes)
    strange = tuple(pack.code for pack in found if pack.code not in record.packs)
    if not record.known:
        of_vehicle = unknown
    elif missing or (strange and not record.swap_model):
        of_vehicle = no
    else:
        of_vehicle = yes
    checks = {
        ScrapCheck.VEHICLE_KNOWN: yes if record.known else unknown,
        ScrapCheck.NOT_SCRAPPED: no if record.scrapped else yes if record.known else unknown,
        ScrapCheck.PACKS_KNOWN: unknown if any(pack.number is None for pack in found) else yes,
        ScrapCheck.PACKS_OF_VEHICLE: of_vehicle,
        ScrapCheck.NOT_ELSEWHERE: no if any(pack.elsewhere for pack in found) else yes,
        ScrapCheck.NOT_STOPPED: no if record.stopped or any(pack.stopped for pack in found) else yes,
    }
    outcomes = set(checks.values())
    outcome = no if no in outcomes else unknown if unknown in outcomes else yes
    return ScrapAnswer(outcome, checks, missing, strange)
