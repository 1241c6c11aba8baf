"""May this vehicle be scrapped? The three answers, and that unknown is never yes."""

from __future__ import annotations

import itertools

from passport.supervision.scrapping import (
    FoundPack,
    ScrapCheck,
    ScrapOutcome,
    VehicleRecord,
    may_be_scrapped,
)
from tests.each import each

IN_IT = VehicleRecord(known=True, packs=("A",))
A = FoundPack("A", 1)


def test_the_pack_on_record_is_found():
    assert may_be_scrapped(IN_IT, [A]).outcome is ScrapOutcome.YES


@each(
    ("record", "found", "check"),
    [
        (IN_IT, [], ScrapCheck.PACKS_OF_VEHICLE),
        (IN_IT, [FoundPack("B", 2)], ScrapCheck.PACKS_OF_VEHICLE),
        (IN_IT, [A, FoundPack("B", 2)], ScrapCheck.PACKS_OF_VEHICLE),
        (VehicleRecord(known=True, scrapped=True), [], ScrapCheck.NOT_SCRAPPED),
        (IN_IT, [FoundPack("A", 1, elsewhere=True)], ScrapCheck.NOT_ELSEWHERE),
        (IN_IT, [FoundPack("A", 1, stopped=True)], ScrapCheck.NOT_STOPPED),
        (VehicleRecord(known=True, packs=("A",), stopped=frozenset({"A"})), [A], ScrapCheck.NOT_STOPPED),
    ],
)
def test_not_yet_where_something_does_not_fit(record, found, check):
    answer = may_be_scrapped(record, found)
    assert answer.outcome is ScrapOutcome.NO
    assert answer.checks[check] is ScrapOutcome.NO


@each(("record", "found"), [(VehicleRecord(known=False), []), (VehicleRecord(known=False), [A])])
def test_a_vehicle_without_a_record_cannot_be_told(record, found):
    assert may_be_scrapped(record, found).outcome is ScrapOutcome.UNKNOWN


def test_a_pack_that_was_taken_out_by_a_report_need_not_be_found():
    assert may_be_scrapped(VehicleRecord(known=True), []).outcome is ScrapOutcome.YES


def test_a_swap_model_may_have_another_pack_in_it():
    swap = VehicleRecord(known=True, packs=(), swap_model=True)
    assert may_be_scrapped(swap, [FoundPack("B", 2)]).outcome is ScrapOutcome.YES


def test_unknown_is_never_yes():
    packs = [A, FoundPack("B"), FoundPack("B", 2)]
    for known, found in itertools.product((True, False), itertools.chain([[]], ([pack] for pack in packs))):
        answer = may_be_scrapped(VehicleRecord(known=known), found)
        if ScrapOutcome.UNKNOWN in answer.checks.values():
            assert answer.outcome is not ScrapOutcome.YES
