"""The publisher when others write at the same moment, and when the records of one call contradict each other."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from passport.errors import AlreadyIssued, FaultyRecord
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.store import Pack, Store
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import BATCH, MODEL, PASSPORT
from tests.packs import example_records

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


#: A write takes two turns: places are reserved before it is prepared, and what was signed is stored after it.
BEFORE_IT_IS_PREPARED, AFTER_IT_IS_SIGNED = 1, 2
either_turn = pytest.mark.parametrize("turn", [BEFORE_IT_IS_PREPARED, AFTER_IT_IS_SIGNED])


class Overtaken(Store):
    """A store in which somebody else gets the turn first, once: after all that was asked before it.

    :param turn: which turn that is, counted from 1.
    """

    def __init__(self, store: Store, first, turn: int = BEFORE_IT_IS_PREPARED) -> None:
        super().__init__(store.engine)
        self._first_of_all, self._turns_left = first, turn

    @contextmanager
    def transaction(self):
        self._turns_left -= 1
        if self._turns_left == 0:
            self._first_of_all()
        with super().transaction() as transaction:
            yield transaction


@pytest.fixture
def project(tmp_path) -> Project:
    return make_project(tmp_path / "operator", "https://passport.example.com", names={"en": "Operator", "zh": None})


@pytest.fixture
def store():
    return Store.open("sqlite://")


@pytest.fixture
def publisher(project):
    """A publisher of the project into a store."""
    regimes = tuple(vocabulary.regimes().values())
    issuer = project.issuer_with_key(None)
    return lambda store: Publisher(store, issuer, project.base_url, vocabulary.load(), regimes)


@pytest.fixture
def record():
    return example_records("lmt-ebike.xlsx")[0]


def changed(record, part: str = "model", **values):
    return replace(record, **{part: {**getattr(record, part), **values}})


def not_revoked(store: Store, subject: str, type_: str) -> list[str]:
    return [stored.id for stored in store.history(subject, type_) if not store.is_flagged(stored.id)]


# --- somebody else was first ----------------------------------------------------------------------------------------


@either_turn
def test_a_pack_that_another_process_issued_meanwhile_with_other_content_is_refused(store, publisher, record, turn):
    other = changed(record, batteryMass="2.9")
    late = publisher(Overtaken(store, lambda: publisher(store).issue([other], at=AT), turn))
    with pytest.raises(AlreadyIssued, match="Battery mass"):
        late.issue([record], at=AT)
    (pack,) = store.packs()
    assert store.version()[0] == 5, "nothing but what the other one stored"
    assert store.current(pack.model, MODEL).document["credentialSubject"]["batteryMass"] == "2.9"
    assert len(store.history(pack.model, MODEL)) == len(not_revoked(store, pack.model, MODEL)) == 1


@either_turn
def test_a_pack_that_another_process_issued_meanwhile_with_the_same_content_is_left_alone(
    store, publisher, record, turn
):
    late = publisher(Overtaken(store, lambda: publisher(store).issue([record], at=AT), turn))
    report = late.issue([record], at=AT)
    assert {entry.outcome for entry in report.entries} == {"same"}
    (pack,) = store.packs()
    assert len(store.history(pack.subject, PASSPORT)) == 1


def test_a_revocation_hits_the_version_that_another_process_issued_meanwhile(store, publisher, record):
    (pack,) = publisher(store).issue([record], at=AT).of_kind("pack")
    newer = changed(record, "pack", batchNumber="2601D")
    replaced = lambda: publisher(store).issue([newer], at=AT, replace=True, reason="batch corrected")  # noqa: E731
    revoked = publisher(Overtaken(store, replaced)).revoke(pack.subject, reason="stolen", at=AT)
    assert revoked == (store.current(pack.subject, PASSPORT).id,)
    assert not_revoked(store, pack.subject, PASSPORT) == []


@either_turn
def test_a_model_that_another_process_corrected_meanwhile_is_not_replaced_unasked(store, publisher, record, turn):
    publisher(store).issue([record], at=AT)
    corrected = changed(record, batteryMass="2.9")
    correct = lambda: publisher(store).issue([corrected], at=AT, replace=True, reason="mass corrected")  # noqa: E731
    second = changed(record, "pack", serialNumber="EB0002")
    with pytest.raises(AlreadyIssued, match="Battery mass"):
        publisher(Overtaken(store, correct, turn)).issue([second], at=AT)
    assert len(store.packs()) == 1


def test_a_code_that_another_pack_got_meanwhile_is_refused_and_nothing_is_stored(store, publisher):
    coded = example_records("ev-ncm-100kwh.xlsx")[0]
    taken = lambda: give_code(store, coded.pack["packTractionBatteryCode"])  # noqa: E731
    before = store.version()
    with pytest.raises(AlreadyIssued):
        publisher(Overtaken(store, taken, AFTER_IT_IS_SIGNED)).issue([coded], at=AT)
    assert store.version() == before and len(store.packs()) == 1


@either_turn
def test_two_declarations_of_one_thing_at_once_leave_one_in_force(store, publisher, turn):
    def publish(into: Store, value: str):
        return publisher(into).publish(MODEL, "urn:model", "BatteryModel", {"batteryMass": value}, at=AT)

    last = publish(Overtaken(store, lambda: publish(store, "1"), turn), "2")
    assert not_revoked(store, "urn:model", MODEL) == [last.id]


def give_code(store: Store, code: str) -> None:
    with store.transaction() as transaction:
        transaction.add_pack(Pack("urn:another", "urn:model", "lmt", "1", code))


# --- one call that contradicts itself -------------------------------------------------------------------------------


def test_packs_that_describe_their_model_in_two_ways_are_refused(store, publisher, record):
    second = changed(changed(record, "pack", serialNumber="EB0002"), batteryMass="2.9")
    with pytest.raises(FaultyRecord) as caught:
        publisher(store).issue([record, second], at=AT)
    assert [(fault.code, fault.indicator) for fault in caught.value.faults] == [("two-models", "batteryMass")]
    assert store.packs() == ()


def test_even_a_replacement_may_not_say_two_things_of_one_model(store, publisher, record):
    second = changed(changed(record, "pack", serialNumber="EB0002"), batteryMass="2.9")
    with pytest.raises(FaultyRecord):
        publisher(store).issue([record, second], at=AT, replace=True, reason="mass corrected")


def test_packs_of_one_model_share_its_credentials(store, publisher, record):
    report = publisher(store).issue([record, changed(record, "pack", serialNumber="EB0002")], at=AT)
    assert [entry.outcome for entry in report.entries] == ["issued"] * 4
    assert [entry.kind for entry in report.entries] == ["model", "batch", "pack", "pack"]
    assert len(store.history(store.packs()[0].model, MODEL)) == 1
    assert len(store.history(report.of_kind("batch")[0].subject, BATCH)) == 1


# --- status ---------------------------------------------------------------------------------------------------------


def test_status_lists_are_signed_anew_with_what_they_said(store, publisher, record):
    (pack,) = publisher(store).issue([record], at=AT).of_kind("pack")
    publisher(store).revoke(pack.subject, reason="stolen", at=AT)
    before = store.status_list(1)
    publisher(store).sign_status_lists(at=AT + timedelta(days=1))
    after = store.status_list(1)
    assert after["validFrom"] == "2027-03-09T09:30:00Z" != before["validFrom"]
    assert after["credentialSubject"] == before["credentialSubject"]


def test_the_list_of_read_outs_begins_before_there_is_a_read_out(store, publisher):
    """Or its first appearance would tell everybody that there are read-outs now."""
    publisher(store).publish(MODEL, "urn:model", "BatteryModel", {"batteryMass": "1"}, at=AT)
    assert sorted(store.list_purposes().values()) == ["refresh", "revocation", "suspension"]
    assert all(store.status_list(number) is not None for number in store.list_numbers())


def test_a_full_list_is_followed_by_the_next_of_its_purpose_alone(store, publisher, record, monkeypatch):
    monkeypatch.setattr("passport.publishing.places._FILL", 1)
    publisher(store).issue([record], at=AT)
    for number, purpose in store.list_purposes().items():
        assert store.status_list(number)["credentialSubject"]["statusPurpose"] == purpose
        assert len(store.places(number)) <= 1
    purposes = list(store.list_purposes().values())
    # Of the e-bike: two credentials of the model, one of the batch, one of the pack, one read-out.
    assert {purpose: purposes.count(purpose) for purpose in set(purposes)} == {
        "revocation": 5, "suspension": 4, "refresh": 1,
    }  # fmt: skip
