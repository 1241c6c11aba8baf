"""A module is in one pack, also for whoever issues passports without reporting events."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from passport.errors import FaultyRecord
from passport.lifecycle import PartChange
from passport.publishing.publisher import Publisher
from passport.store import Store
from passport.vocabulary import vocabulary
from tests.packs import example_records
from tests.publishing.event_world import SigningWorld

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
CODES = "moduleTractionBatteryCodes"


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_project(tmp_path_factory.mktemp("operator") / "shop", "https://battery.example", names={"en": "Shop"})


@pytest.fixture
def store():
    return Store.open("sqlite://")


@pytest.fixture
def publisher(project, store):
    return publisher_of(project, store)


def publisher_of(project, store) -> Publisher:
    # No regime: that a pack names each of its cells is not what is looked at here.
    return Publisher(store, project.issuer_with_key(None), project.base_url, vocabulary.load(), ())


@pytest.fixture(scope="module")
def first():
    return example_records("ev-ncm-100kwh.xlsx")[0]


def another(record, number: int = 8, modules: list[str] | None = None, **pack):
    """A pack like the first, with another code, and the same modules where no others are given."""
    code = f"ZZZPE10A7K2M05G6J00003{number:02}"
    made = record.events["production"]
    modules = made[CODES] if modules is None else modules
    stated = {**made["batteryProductionRecord"], "packCode": code, "moduleCodes": modules}
    production = {
        name: value
        for name, value in {**made, CODES: modules, "batteryProductionRecord": stated}.items()
        if name != "cellTractionBatteryCodes"
    }
    values = {**record.pack, "packTractionBatteryCode": code, "serialNumber": code[7:], **pack}
    return replace(record, pack=values, events={"production": production})


def own_modules(record, number: int) -> list[str]:
    return [f"{module[:17]}{number}{module[18:]}" for module in record.events["production"][CODES]]


def issue(publisher, *records, **more):
    return publisher.issue(records, at=AT, **more).of_kind("pack")


def faults(publisher, *records, **more):
    with pytest.raises(FaultyRecord) as caught:
        issue(publisher, *records, **more)
    assert {fault.code for fault in caught.value.faults} == {"module-in-another-pack"}
    return caught.value.faults


def test_two_packs_of_one_file_with_the_same_module(publisher, store, first):
    modules = own_modules(first, 1)
    modules[3] = first.events["production"][CODES][0]
    (fault,) = faults(publisher, first, another(first, 8, modules))
    assert modules[3] in fault.found and fault.indicator == CODES
    assert store.packs() == ()


def test_sixty_packs_with_the_same_modules(publisher, store, first):
    found = faults(publisher, *(another(first, number) for number in range(20, 80)))
    assert len(found) == 59 * 12 and store.packs() == ()


def test_a_pack_with_a_module_of_a_pack_that_is_issued(publisher, store, first):
    (issued,) = issue(publisher, first)
    found = faults(publisher, another(first))
    assert len(found) == 12 and all(issued.subject in fault.found for fault in found)
    assert len(store.packs()) == 1


def test_packs_with_modules_of_their_own_are_issued(publisher, first):
    assert len(issue(publisher, first, another(first, 8, own_modules(first, 1)))) == 2


def test_the_same_pack_again_and_a_correction_of_it(publisher, first):
    issue(publisher, first)
    assert issue(publisher, first)[0].outcome == "same"
    fewer = another(first, 8, own_modules(first, 1))
    issue(publisher, fewer)
    corrected = another(first, 8, own_modules(first, 2))
    assert issue(publisher, corrected, replace=True, reason="wrong list")[0].outcome == "replaced"
    # What the corrected pack was said to have is free again.
    assert issue(publisher, another(first, 9, own_modules(first, 1)))[0].outcome == "issued"
    assert faults(publisher, another(first, 10, own_modules(first, 2)))


def test_a_pack_that_was_issued_by_mistake_and_revoked_holds_no_module(publisher, first):
    (issued,) = issue(publisher, first)
    publisher.revoke(issued.subject, reason="wrong plate", at=AT)
    assert issue(publisher, another(first))[0].outcome == "issued"


def test_a_pack_hands_its_modules_on_to_the_one_that_names_it(publisher, first):
    (issued,) = issue(publisher, first)
    assert issue(publisher, another(first, previousPassport=issued.subject))[0].outcome == "issued"


def test_a_module_that_went_out_by_an_event_is_free_and_one_that_came_in_is_not(publisher, store, first):
    """The history of a pack outranks the event of its production."""
    (issued,) = issue(publisher, first)
    world, pack = SigningWorld(store), issued.subject
    world.authority.accredit("maker", manufacturer_codes=("ZZZ",))
    old, code = first.events["production"][CODES][0], first.pack["packTractionBatteryCode"]
    new = f"{old[:17]}7{old[18:]}"
    parts = tuple(PartChange(module, code) for module in first.events["production"][CODES])
    registered = world.accept("register_code", "maker", pack=pack, parts=parts, fields={"packCode": code})
    assert len(faults(publisher, another(first))) == 12
    right = (PartChange(new, code), *parts[1:])
    world.accept("correct", "maker", pack=pack, corrects=registered.id, parts=right)
    assert len(faults(publisher, another(first))) == 11
    assert faults(publisher, another(first, 8, [new]))
    assert issue(publisher, another(first, 8, [old]))[0].outcome == "issued"


class Overtaken(Store):
    """A store in which another process issues a pack before the second turn of a write, once."""

    def __init__(self, store: Store, first) -> None:
        super().__init__(store.engine)
        self._others, self._turns = first, 0

    @contextmanager
    def transaction(self):
        self._turns += 1
        if self._turns == 2:
            self._others()
        with super().transaction() as transaction:
            yield transaction


def test_another_process_that_issues_the_module_in_the_same_moment(project, store, first):
    overtaken = Overtaken(store, lambda: issue(publisher_of(project, store), first))
    found = faults(publisher_of(project, overtaken), another(first))
    assert len(found) == 12 and [pack.code for pack in store.packs()] == [first.pack["packTractionBatteryCode"]]
