"""Read-outs of issued packs: added, superseded, refused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sql

from passport.battery.fault import Location
from passport.commands.keeping.init import make_project
from passport.exchange.event_tables.read_out_files import ReadOut
from passport.identity.did import DidResolver
from passport.proofs.data_integrity import verify_proof
from passport.publishing.condition.read_outs import ReadOutLoader
from passport.publishing.publisher import Publisher
from passport.publishing.status.status_lists import purposes_set
from passport.store import Store
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION
from tests.packs import example_records
from tests.remembered_stores import copy_of

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def issuing(tmp_path_factory):
    project = make_project(
        tmp_path_factory.mktemp("read-outs") / "operator",
        "https://passport.example.com",
        names={"en": "Operator", "zh": None},
    )
    return project.issuer_with_key(None), project.base_url


@pytest.fixture(scope="module")
def issued(issuing):
    store = Store.open("sqlite://")
    record = example_records("lmt-ebike.xlsx")[0]
    records = [
        replace(record, pack={**record.pack, "serialNumber": "EB0001"}),
        replace(record, pack={**record.pack, "serialNumber": "EB0002"}, condition=None),
    ]
    Publisher(store, *issuing, vocabulary.load(), ()).issue(records, at=AT - timedelta(days=60))
    return store


@pytest.fixture
def store(issued):
    """Two packs, EB0001 with a read-out of November and EB0002 without one."""
    return copy_of(issued)


@pytest.fixture
def loader(store, issuing):
    return ReadOutLoader(store, *issuing)


def read_out(serial: str = "EB0001", day: int = 1, row: int = 3, **values) -> ReadOut:
    values = {"recordedAt": f"2027-03-{day:02}T08:00:00Z", **(values or {"stateOfCharge": "80"})}
    return ReadOut(
        {"serialNumber": serial}, values, lambda name: Location("readings.csv", "conditions", row, "A", name)
    )


def subject(store: Store, serial: str) -> str:
    (pack,) = store.packs_named(serial)
    return pack.subject


def outcomes(report):
    return [entry.outcome for entry in report.entries], [(fault.code, fault.severity) for fault in report.faults]


def test_a_read_out_is_signed_and_the_one_before_marked(store, loader, issuing):
    pack = subject(store, "EB0001")
    before = store.current(pack, CONDITION)
    report = loader.add([read_out(stateOfCharge="71")], at=AT)
    loader.finish(at=AT)
    after = store.current(pack, CONDITION)
    assert outcomes(report) == (["added"], [])
    assert after.id == report.entries[0].credential != before.id
    assert after.document["credentialSubject"]["stateOfCharge"] == "71"
    assert purposes_set(store, before.id) == {"refresh"} and purposes_set(store, after.id) == frozenset()
    assert not store.unsigned_lists() and not store.lists_behind()


def test_several_read_outs_of_one_pack_follow_each_other(store, loader):
    report = loader.add([read_out("EB0002", day) for day in (3, 1, 2)], at=AT)
    history = store.history(subject(store, "EB0002"), CONDITION)
    times = [each.document["credentialSubject"]["recordedAt"][8:10] for each in history]
    assert (outcomes(report), times) == ((["added"] * 3, []), ["01", "02", "03"])
    assert [sorted(purposes_set(store, each.id)) for each in history] == [["refresh"], ["refresh"], []]


def test_the_same_again_changes_nothing(store, loader):
    block = [read_out(day=1), read_out(day=2), read_out("EB0002", 1)]
    loader.add(block, at=AT)
    version = store.version()
    report = loader.add(block, at=AT + timedelta(hours=1))
    assert outcomes(report) == (["same"] * 3, [])
    assert store.version() == version


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"serial": "EB0009"}, "unknown-pack"),
        ({"day": 20}, "not-in-the-future"),
        ({"stateOfCharge": "101"}, "malformed"),
        ({"stateOfCharge": "much"}, "malformed"),
        ({"stateOfCharge": 80.5}, "malformed"),
        ({"recordedAt": "2027-03-01T08:00:00"}, "malformed"),
        ({"numberOfFullCycles": 0}, "value-fell"),
    ],
)
def test_a_faulty_read_out_is_refused_and_the_others_are_added(store, loader, wrong, code):
    report = loader.add([read_out("EB0002", row=3), read_out(row=4, **wrong)], at=AT)
    assert outcomes(report) == (["added"], [(code, "violation")])
    assert report.faults[0].location.row == 4


def test_a_jump_is_stored_and_flagged(store, loader):
    loader.add([read_out(numberOfFullCycles=100)], at=AT)
    report = loader.add([read_out(day=2, numberOfFullCycles=200)], at=AT)
    assert outcomes(report) == (["added"], [("value-jumped", "warning")])


def test_another_value_of_the_same_time_is_refused(store, loader):
    loader.add([read_out(stateOfCharge="80")], at=AT)
    assert outcomes(loader.add([read_out(stateOfCharge="81")], at=AT))[1] == [("other-of-that-time", "violation")]


def test_a_value_is_not_compared_with_a_revoked_read_out(store, issuing, loader):
    loader.add([read_out(numberOfFullCycles=900)], at=AT)
    wrong = store.current(subject(store, "EB0001"), CONDITION)
    publisher = Publisher(store, *issuing, vocabulary.load(), ())
    record = example_records("lmt-ebike.xlsx")[0]
    pack = {**record.pack, "serialNumber": "EB0001"}
    right = {"recordedAt": "2027-03-01T08:00:00Z", "numberOfFullCycles": 90}
    publisher.issue([replace(record, pack=pack, condition=right)], at=AT, replace=True, reason="a slip")
    assert purposes_set(store, wrong.id) == {"revocation"}
    assert outcomes(loader.add([read_out(day=2, numberOfFullCycles=91)], at=AT)) == (["added"], [])


def test_a_read_out_of_a_revoked_pack_is_refused(store, issuing, loader):
    Publisher(store, *issuing, vocabulary.load(), ()).revoke(subject(store, "EB0002"), reason="wrong", at=AT)
    assert outcomes(loader.add([read_out("EB0002")], at=AT))[1] == [("pack-revoked", "violation")]


def test_a_serial_number_of_two_models_is_refused_until_the_model_is_named(store, issuing, loader):
    record = example_records("lmt-ebike.xlsx")[0]
    other = {**record.model, "batteryModelIdentifier": "OTHER-1"}
    other.pop("gtin", None)
    twin = replace(record, model=other, pack={**record.pack, "serialNumber": "EB0002"}, condition=None)
    Publisher(store, *issuing, vocabulary.load(), ()).issue([twin], at=AT)
    assert outcomes(loader.add([read_out("EB0002")], at=AT))[1] == [("ambiguous-pack", "violation")]
    named = replace(read_out("EB0002"), keys={"serialNumber": "EB0002", "batteryModelIdentifier": "OTHER-1"})
    report = loader.add([named], at=AT)
    assert [entry.subject.rsplit("/", 2)[1] for entry in report.entries] == ["OTHER-1"]


def test_of_two_loaders_at_one_time_both_are_heard(store, issuing):
    """The second stores first; the first then judges its read-outs around that one."""

    class Overtaken(Store):
        turns = 0

        def transaction(self):
            self.turns += 1
            if self.turns == 2:
                ReadOutLoader(Store(self.engine), *issuing).add([read_out(day=2)], at=AT)
            return super().transaction()

    late = ReadOutLoader(Overtaken(store.engine), *issuing)
    report = late.add([read_out(day=1), read_out(day=3)], at=AT)
    times = [
        each.document["credentialSubject"]["recordedAt"][8:10]
        for each in store.history(subject(store, "EB0001"), CONDITION)[1:]
    ]
    assert times == ["02", "01", "03"]
    assert outcomes(report) == (["late", "added"], [])


def test_of_two_threads_that_share_a_loader_both_are_heard(store, issuing):
    """One stores between the other's reading and its commit: what that one read does not count any more."""

    class Overtaken(Store):
        turns = 0

        def transaction(self):
            self.turns += 1
            if self.turns == 2:
                assert outcomes(shared.add([read_out(day=2, numberOfFullCycles=120)], at=AT)) == (["added"], [])
            return super().transaction()

    shared = ReadOutLoader(Overtaken(store.engine), *issuing)
    report = shared.add([read_out(day=1, numberOfFullCycles=110), read_out(day=3, numberOfFullCycles=115)], at=AT)
    assert outcomes(report) == (["late"], [("value-fell", "violation")])


def test_what_is_known_of_a_pack_is_kept_until_others_write(store, loader, issuing):
    asked: list[str] = []

    @sql.event.listens_for(store.engine, "before_cursor_execute")
    def note(connection, cursor, statement, *more) -> None:
        asked.append(" ".join(statement.split()))

    def asked_of(table: str) -> int:
        return sum(f"FROM {table}" in statement for statement in asked)

    assert outcomes(loader.add([read_out(day=1, numberOfFullCycles=110)], at=AT)) == (["added"], [])
    assert asked_of("packs") and asked_of("status_entries")
    asked.clear()
    assert outcomes(loader.add([read_out(day=2, numberOfFullCycles=112)], at=AT)) == (["added"], [])
    assert asked_of("status_entries JOIN") == 0 and not any("packs.serial IN" in each for each in asked)
    assert outcomes(loader.add([read_out(day=2, numberOfFullCycles=112)], at=AT)) == (["same"], [])
    # Another process adds a newer one: it is the one to compare with.
    ReadOutLoader(Store(store.engine), *issuing).add([read_out(day=3, numberOfFullCycles=120)], at=AT)
    report = loader.add([read_out(day=4, numberOfFullCycles=115)], at=AT)
    assert outcomes(report) == ([], [("value-fell", "violation")])
    current = store.current(subject(store, "EB0001"), CONDITION)
    assert outcomes(loader.add([read_out(day=5, numberOfFullCycles=121)], at=AT)) == (["added"], [])
    assert "refresh" in purposes_set(store, current.id)
    # Another process revokes the passport.
    publisher = Publisher(Store(store.engine), *issuing, vocabulary.load(), ())
    publisher.revoke(subject(store, "EB0001"), reason="wrong plate", at=AT)
    report = loader.add([read_out(day=6, numberOfFullCycles=122)], at=AT)
    assert outcomes(report) == ([], [("pack-revoked", "violation")])


def test_every_stored_read_out_verifies(store, loader, issuing):
    loader.add([read_out(day=day) for day in (1, 2, 3)], at=AT)
    for each in store.history(subject(store, "EB0001"), CONDITION):
        verify_proof(each.document, DidResolver({}), at=AT)


# --- late ones ------------------------------------------------------------------------------------------------------


def values_of(store, serial="EB0001"):
    """Day and state of the read-outs of March, in the order of their times, and what their status says."""
    rows = reversed(store.read_outs(subject(store, serial)))
    return [
        (row.instant.day, row.late, sorted(purposes_set(store, row.stored.id)))
        for row in rows
        if row.instant.year == 2027
    ]


def test_a_late_read_out_joins_the_history_superseded_and_is_never_the_current_one(store, loader):
    loader.add([read_out(day=1), read_out(day=3)], at=AT)
    pack = subject(store, "EB0001")
    current = store.current(pack, CONDITION)
    report = loader.add([read_out(day=2)], at=AT)
    loader.finish(at=AT)
    assert outcomes(report) == (["late"], [])
    assert values_of(store) == [(1, False, ["refresh"]), (2, True, ["refresh"]), (3, False, [])]
    assert store.current(pack, CONDITION) == current == store.newest([(pack, CONDITION)])[pack, CONDITION][1]
    loader.add([read_out(day=4)], at=AT)
    assert values_of(store)[2:] == [(3, False, ["refresh"]), (4, False, [])]


def test_late_and_newer_read_outs_of_one_block_are_each_put_in_their_place(store, loader):
    loader.add([read_out(day=4)], at=AT)
    report = loader.add([read_out(day=day) for day in (6, 2, 5, 3)], at=AT)
    assert outcomes(report) == (["late", "late", "added", "added"], [])
    assert [day for day, late, _ in values_of(store) if late] == [2, 3]
    assert [purposes for _, _, purposes in values_of(store)] == [["refresh"]] * 4 + [[]]


@pytest.mark.parametrize(
    ("cycles", "expected"),
    [
        (99, ([], [("value-fell", "violation")])),
        (121, ([], [("value-fell", "violation")])),
        (100, (["late"], [])),
        (120, (["late"], [])),
    ],
)
def test_a_late_value_below_the_one_before_it_or_above_the_one_after_it_is_refused(store, loader, cycles, expected):
    loader.add([read_out(day=1, numberOfFullCycles=100), read_out(day=7, numberOfFullCycles=120)], at=AT)
    assert outcomes(loader.add([read_out(day=4, numberOfFullCycles=cycles)], at=AT)) == expected


def test_a_late_value_from_which_the_next_one_jumps_is_stored_and_flagged(store, loader):
    loader.add([read_out(day=1, numberOfFullCycles=100), read_out(day=7, numberOfFullCycles=200)], at=AT)
    report = loader.add([read_out(day=6, numberOfFullCycles=101)], at=AT)
    assert outcomes(report) == (["late"], [("value-jumped", "warning")])


def test_late_read_outs_of_one_block_are_compared_with_each_other(store, loader):
    loader.add([read_out(day=1, numberOfFullCycles=100), read_out(day=7, numberOfFullCycles=120)], at=AT)
    block = [read_out(day=3, numberOfFullCycles=110), read_out(day=4, row=4, numberOfFullCycles=109)]
    assert outcomes(loader.add(block, at=AT)) == (["late"], [("value-fell", "violation")])


def test_the_same_late_read_out_again_changes_nothing(store, loader):
    loader.add([read_out(day=3)], at=AT)
    loader.add([read_out(day=2)], at=AT)
    version = store.version()
    assert outcomes(loader.add([read_out(day=2), read_out(day=2)], at=AT)) == (["same", "same"], [])
    assert store.version() == version


def test_the_same_read_out_twice_in_a_block_is_stored_once(store, loader):
    assert outcomes(loader.add([read_out(day=1), read_out(day=1)], at=AT)) == (["same", "added"], [])
    assert len(values_of(store)) == 1


def test_other_values_of_the_time_of_a_late_read_out_are_refused(store, loader):
    loader.add([read_out(day=3)], at=AT)
    loader.add([read_out(day=2, stateOfCharge="80")], at=AT)
    report = loader.add([read_out(day=2, stateOfCharge="81")], at=AT)
    assert outcomes(report) == ([], [("other-of-that-time", "violation")])


def test_other_values_of_one_time_in_a_block_are_refused(store, loader):
    block = [read_out(day=1, stateOfCharge="80"), read_out(day=1, row=4, stateOfCharge="81")]
    assert outcomes(loader.add(block, at=AT)) == (["added"], [("other-of-that-time", "violation")])


def test_a_late_read_out_is_not_compared_with_a_revoked_one(store, issuing, loader):
    loader.add([read_out(day=1, numberOfFullCycles=900)], at=AT)
    publisher = Publisher(store, *issuing, vocabulary.load(), ())
    record = example_records("lmt-ebike.xlsx")[0]
    pack = {**record.pack, "serialNumber": "EB0001"}
    right = {"recordedAt": "2027-03-01T08:00:00Z", "numberOfFullCycles": 90}
    publisher.issue([replace(record, pack=pack, condition=right)], at=AT, replace=True, reason="a slip")
    loader.add([read_out(day=5, numberOfFullCycles=95)], at=AT)
    assert outcomes(loader.add([read_out(day=2, numberOfFullCycles=91)], at=AT)) == (["late"], [])


def test_of_two_late_read_outs_at_one_time_the_second_is_judged_after_the_first(store, issuing):
    ReadOutLoader(store, *issuing).add(
        [read_out(day=1, numberOfFullCycles=100), read_out(day=7, numberOfFullCycles=120)], at=AT
    )

    class Overtaken(Store):
        turns = 0

        def transaction(self):
            self.turns += 1
            if self.turns == 2:
                ReadOutLoader(Store(self.engine), *issuing).add([read_out(day=3, numberOfFullCycles=115)], at=AT)
            return super().transaction()

    report = ReadOutLoader(Overtaken(store.engine), *issuing).add([read_out(day=4, numberOfFullCycles=110)], at=AT)
    assert outcomes(report) == ([], [("value-fell", "violation")])


def test_the_chart_shows_a_late_read_out_at_its_time_and_the_view_shows_the_newest(store, loader):
    from passport.presenting.presenter import Presenter
    from passport.presenting.standing import AsOf
    from passport.vocabulary.indicator import Audience

    loader.add([read_out(day=1), read_out(day=3)], at=AT)
    loader.add([read_out(day=2)], at=AT)
    pack = subject(store, "EB0001")
    for at_hand in (store, AsOf(store, AT)):
        presenter = Presenter(at_hand, vocabulary.load())
        told = presenter.read_outs(pack, Audience.LEGITIMATE_INTEREST)
        assert [each["credentialSubject"]["recordedAt"][8:10] for each in told][-3:] == ["01", "02", "03"]
        view = presenter.present(pack, Audience.LEGITIMATE_INTEREST).credential(CONDITION)
        assert view["credentialSubject"]["recordedAt"][8:10] == "03"
