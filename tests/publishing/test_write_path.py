"""The one way of everything that is written: what happens under the writers' lock, in a crash, and beside others."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sql

from passport.battery.fault import Location
from passport.battery.record import Record
from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION, BitString, check_status, read_list
from passport.exchange.event_tables.read_out_files import ReadOut
from passport.identity import Signer
from passport.identity.keys import PrivateKey
from passport.project import Project
from passport.publishing import places as places_module
from passport.publishing.condition.read_outs import ReadOutLoader
from passport.publishing.places import KINDS, PURPOSES, Places
from passport.publishing.prepare import prepare_statement
from passport.publishing.publisher import Publisher
from passport.publishing.reissue import Affected, Reissuer
from passport.publishing.role_grants import RoleGrants
from passport.publishing.write_path import WritePath, newest_of
from passport.publishing.writes import Head
from passport.store import Store, engines
from passport.vocabulary import vocabulary
from passport.vocabulary.credential_types import CONDITION, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
ISSUER = "did:example:issuer"


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Project:
    folder = tmp_path_factory.mktemp("projects") / "operator"
    return make_project(folder, "https://passport.example.com", names={"en": "Operator", "zh": None})


@pytest.fixture(scope="module")
def record() -> Record:
    return example_records("lmt-ebike.xlsx")[0]


def publisher(project: Project, store: Store, issuer: Issuer | None = None) -> Publisher:
    issuer = issuer or project.issuer_with_key(None)
    return RememberingPublisher(store, issuer, project.base_url, vocabulary.load(), ())


def numbered(record: Record, number: int) -> Record:
    return replace(record, pack={**record.pack, "serialNumber": f"EB{number:04}"})


def signed_bits(store: Store, credential: str) -> dict[str, bool]:
    """What the signed lists say of a stored credential, by purpose."""
    return {
        entry["statusPurpose"]: check_status(
            entry, store.status_list(int(entry["statusListCredential"].split("/")[-1]))
        )
        for entry in store.credential(credential).document["credentialStatus"]
    }


# --- nothing is signed while a writer has its turn ------------------------------------------------------------------


class TurnTaking:
    """A signer that takes the writers' turn itself at each signature, over a connection of its own."""

    def __init__(self, signer: Signer, url: str) -> None:
        self._signer, self._url = signer, url
        self.signatures = 0

    @property
    def verification_method(self) -> str:
        return self._signer.verification_method

    @property
    def public_key(self):
        return self._signer.public_key

    def sign(self, data: bytes) -> bytes:
        self.signatures += 1
        take_the_turn(self._url)
        return self._signer.sign(data)


def take_the_turn(url: str) -> None:
    """Take the writers' turn at once, and give it back.

    :raises Exception: another writer has it.
    """
    address = sql.make_url(url)
    if address.get_backend_name() == "sqlite":
        connection = sqlite3.connect(address.database, timeout=0, isolation_level=None)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        finally:
            connection.close()
        return
    engine = sql.create_engine(address.set(drivername="postgresql+psycopg"), poolclass=sql.NullPool)
    with engine.begin() as connection:
        assert connection.exec_driver_sql(f"SELECT pg_try_advisory_xact_lock({engines.WRITERS_TURN})").scalar() is True


def test_the_probe_notices_a_writer(shared_url):
    store = Store.open(shared_url)
    take_the_turn(shared_url)
    with store.transaction(), pytest.raises((sqlite3.OperationalError, AssertionError)):
        take_the_turn(shared_url)


def test_nothing_is_signed_while_a_writer_has_its_turn(shared_url, project, record):
    store = Store.open(shared_url)
    issuer = project.issuer_with_key(None)
    signer = TurnTaking(issuer.signer, shared_url)
    issuer = replace(issuer, signer=signer)
    office = publisher(project, store, issuer)
    grants = RoleGrants(store, issuer, project.base_url)
    pack = office.issue([record], at=AT).of_kind("pack")[0].subject
    assert signer.signatures
    holder = PrivateKey.generate().public_key.did_key
    newer = replace(record, condition={**record.condition, "recordedAt": "2027-03-07T08:00:00Z"})
    heavier = replace(newer, model={**record.model, "batteryMass": "2.9"})
    loaded = ReadOut(
        {"serialNumber": record.pack["serialNumber"]},
        {"recordedAt": "2027-03-07T09:00:00Z", "stateOfCharge": "70"},
        lambda name: Location("a.csv"),
    )
    role: dict = {}

    def declare(value: str) -> Callable[[], object]:
        return lambda: office.publish(MODEL, "urn:model", "BatteryModel", {"batteryMass": value}, at=AT)

    def anew() -> None:
        current = store.current(pack, PASSPORT)
        reissuer = Reissuer(store, issuer, project.base_url)
        (done,) = reissuer.reissue([Affected(current.id, PASSPORT, pack, AT, False)], reason="rotated", at=AT)
        assert done.before == current.id

    steps: dict[str, Callable[[], object]] = {
        "a newer read-out": lambda: office.issue([newer], at=AT),
        "a loaded read-out": lambda: ReadOutLoader(store, issuer, project.base_url).add([loaded], at=AT),
        "replace": lambda: office.issue([heavier], at=AT, replace=True, reason="mass corrected"),
        "suspend": lambda: office.suspend(pack, reason="recall", at=AT),
        "lift": lambda: office.suspend(pack, reason="checked", at=AT, lift=True),
        "refresh": lambda: office.refresh_status_lists(at=AT + timedelta(days=1)),
        "sign lists": lambda: office.sign_status_lists(at=AT),
        "declare": declare("1"),
        "declare again": declare("2"),
        "reissue": anew,
        "grant": lambda: role.update(
            grants.grant(holder, Audience.LEGITIMATE_INTEREST, "recycling", valid_from=AT)
        ),
        "take back": lambda: grants.revoke(role["id"], "ended", AT),
        "revoke": lambda: office.revoke(pack, reason="stolen", at=AT),
    }  # fmt: skip
    for name, step in steps.items():
        before = signer.signatures
        step()
        assert signer.signatures > before, f"{name}: nothing was signed"
    assert signed_bits(store, store.current(pack, PASSPORT).id) == {REVOCATION: True, SUSPENSION: False}
    assert store.lists_behind() == ()


# --- a write that is interrupted ------------------------------------------------------------------------------------


class Last(TurnTaking):
    """A signer whose process is killed at a signature."""

    def __init__(self, signer: Signer, signatures: int) -> None:
        super().__init__(signer, "")
        self._left = signatures

    def sign(self, data: bytes) -> bytes:
        self._left -= 1
        if self._left < 0:
            os._exit(9)
        return self._signer.sign(data)


def _issue_and_die(project: Project, url: str, record: Record, signatures: int) -> None:
    issuer = project.issuer_with_key(None)
    issuer = replace(issuer, signer=Last(issuer.signer, signatures))
    publisher(project, Store.open(url), issuer).issue([record], at=AT)


def in_processes(*calls: tuple) -> list[int]:
    """Exit codes of functions, each called in a process of its own, all at once."""
    context = multiprocessing.get_context("fork")
    running = [context.Process(target=function, args=arguments) for function, *arguments in calls]
    for process in running:
        process.start()
    for process in running:
        process.join(300)
    return [process.exitcode for process in running]


@pytest.mark.parametrize("signatures", [0, 3], ids=["at the first signature", "at a later one"])
def test_a_process_that_is_killed_between_reservation_and_commit_leaves_only_unused_places(
    shared_url, project, record, signatures
):
    Store.open(shared_url).close()
    assert in_processes((_issue_and_die, project, shared_url, record, signatures)) == [9]
    store = Store.open(shared_url)
    assert store.packs() == () and store.version() == (0, 0, 0, 0, 0, 0)
    unused = {number: store.places(number) for number in store.list_numbers()}
    assert any(unused.values())
    # The next run has places of its own.
    publisher(project, store).issue([record], at=AT)
    for _, stored in store.numbered():
        for place in store.status_entries(stored.id):
            assert place.position not in unused[place.list]


class OutOfOrder(Exception):
    """The signing device does not answer."""


def broken(issuer: Issuer) -> Issuer:
    class Broken(TurnTaking):
        def sign(self, data: bytes) -> bytes:
            raise OutOfOrder

    return replace(issuer, signer=Broken(issuer.signer, ""))


NEXT = {
    "the same command": lambda office, pack, other: office.revoke(pack, reason="stolen", at=AT),
    "a suspension of another pack": lambda office, pack, other: office.suspend(other, reason="recall", at=AT),
    "a refresh": lambda office, pack, other: office.refresh_status_lists(at=AT + timedelta(hours=1)),
    "an issue": lambda office, pack, other: office.issue([], at=AT),
}


@each("following", NEXT)
def test_a_revocation_whose_list_was_not_signed_is_signed_by_the_next_command(project, record, following):
    store = Store.open("sqlite://")
    office = publisher(project, store)
    pack, other = (
        entry.subject for entry in office.issue([record, numbered(record, 2)], at=AT).of_kind("pack")
    )  # fmt: skip
    passport = store.current(pack, PASSPORT).id
    with pytest.raises(OutOfOrder):
        publisher(project, store, broken(project.issuer_with_key(None))).revoke(pack, reason="stolen", at=AT)
    assert store.is_flagged(passport) and not signed_bits(store, passport)[REVOCATION]
    NEXT[following](office, pack, other)
    assert signed_bits(store, passport)[REVOCATION]


def test_a_role_whose_withdrawal_was_not_signed_is_withdrawn_by_the_same_command(project):
    store, issuer = Store.open("sqlite://"), project.issuer_with_key(None)
    grants = RoleGrants(store, issuer, project.base_url)
    holder = PrivateKey.generate().public_key.did_key
    role = grants.grant(holder, Audience.LEGITIMATE_INTEREST, "recycling", valid_from=AT)
    (entry,) = role["credentialStatus"]
    number = int(entry["statusListCredential"].split("/")[-1])
    with pytest.raises(OutOfOrder):
        RoleGrants(store, broken(issuer), project.base_url).revoke(role["id"], "ended", AT)
    assert not check_status(entry, store.status_list(number))
    assert grants.revoke(role["id"], "ended", AT) is False
    assert check_status(entry, store.status_list(number))


# --- several at once ------------------------------------------------------------------------------------------------


def _issue_some(project: Project, url: str, records: list[Record]) -> None:
    publisher(project, Store.open(url)).issue(records, at=AT)


def test_processes_that_issue_at_once_get_places_of_their_own(shared_url, project, record):
    Store.open(shared_url).close()
    shares = [[numbered(record, 10 * process + number) for number in range(4)] for process in range(2)]
    assert in_processes(*((_issue_some, project, shared_url, share) for share in shares)) == [0, 0]
    store = Store.open(shared_url)
    assert len(store.packs()) == 8
    (model,) = store.models()
    assert len(store.history(model, MODEL)) == 1, "the model is issued once"
    assert sorted(store.list_purposes().values()) == sorted(KINDS), "no list is begun twice"
    places = []
    for _, stored in store.numbered():
        named = stored.document["credentialStatus"]
        entries = store.places_of(stored.id)
        for entry in named:
            place = entries[entry["statusPurpose"]]
            assert entry["statusListCredential"].endswith(f"/{place.list}")
            assert entry["statusListIndex"] == str(place.position)
            places.append((place.list, place.position))
    assert len(places) == len(set(places))
    assert store.lists_behind() == ()


def _suspend_each(project: Project, url: str, packs: list[str]) -> None:
    office = publisher(project, Store.open(url))
    for pack in packs:
        office.suspend(pack, reason="recall", at=AT)


def test_processes_that_change_one_list_at_once_lose_no_change(shared_url, project, record):
    store = Store.open(shared_url)
    office = publisher(project, store)
    packs = [
        entry.subject
        for entry in office.issue([numbered(record, number) for number in range(8)], at=AT).of_kind("pack")
    ]
    store.close()
    assert in_processes(*((_suspend_each, project, shared_url, packs[half::2]) for half in range(2))) == [0, 0]
    store = Store.open(shared_url)
    for pack in packs:
        assert signed_bits(store, store.current(pack, PASSPORT).id) == {REVOCATION: False, SUSPENSION: True}
    assert store.lists_behind() == ()


class Overtaken(Store):
    """A store in which somebody else writes before one of its turns, counted from 1."""

    def __init__(self, store: Store, first: Callable[[], object], turn: int) -> None:
        super().__init__(store.engine)
        self._first_of_all, self._turns_left = first, turn

    @contextmanager
    def transaction(self) -> Iterator:
        self._turns_left -= 1
        if self._turns_left == 0:
            self._first_of_all()
        with super().transaction() as transaction:
            yield transaction


def test_a_list_that_another_process_signed_meanwhile_is_made_again(project, record):
    store = Store.open("sqlite://")
    office = publisher(project, store)
    pack, other = (entry.subject for entry in office.issue([record, numbered(record, 2)], at=AT).of_kind("pack"))
    # The first turn stores the change, the second one the list.
    late = Overtaken(store, lambda: office.refresh_status_lists(at=AT + timedelta(days=1)), 2)
    publisher(project, late).revoke(pack, reason="stolen", at=AT)
    assert signed_bits(store, store.current(pack, PASSPORT).id)[REVOCATION]
    late = Overtaken(store, lambda: office.revoke(other, reason="stolen", at=AT), 1)
    publisher(project, late).sign_status_lists(at=AT)
    for item in (pack, other):
        assert signed_bits(store, store.current(item, PASSPORT).id)[REVOCATION]


def test_what_is_revoked_while_it_is_signed_anew_stays_revoked(project, record):
    store = Store.open("sqlite://")
    office = publisher(project, store)
    (pack,) = (entry.subject for entry in office.issue([record], at=AT).of_kind("pack"))
    current = store.current(pack, PASSPORT)
    late = Overtaken(store, lambda: office.revoke(pack, reason="stolen", at=AT), 2)
    reissuer = Reissuer(late, project.issuer_with_key(None), project.base_url)
    assert reissuer.reissue([Affected(current.id, PASSPORT, pack, AT, False)], reason="rotated", at=AT) == ()
    assert store.current(pack, PASSPORT) == current and store.is_flagged(current.id)


def test_what_is_suspended_while_it_is_signed_anew_stays_suspended(project, record):
    store = Store.open("sqlite://")
    office = publisher(project, store)
    (pack,) = (entry.subject for entry in office.issue([record], at=AT).of_kind("pack"))
    current = store.current(pack, PASSPORT)
    late = Overtaken(store, lambda: office.suspend(pack, reason="recall", at=AT), 2)
    reissuer = Reissuer(late, project.issuer_with_key(None), project.base_url)
    (done,) = reissuer.reissue([Affected(current.id, PASSPORT, pack, AT, False)], reason="rotated", at=AT)
    assert signed_bits(store, done.after) == {REVOCATION: False, SUSPENSION: True}


# --- prepared anywhere ----------------------------------------------------------------------------------------------


def test_what_is_prepared_can_be_signed_and_stored_elsewhere(project):
    store, issuer = Store.open("sqlite://"), project.issuer_with_key(None)
    path = WritePath(store, issuer, project.base_url)
    about, content = (MODEL, "urn:model"), {"batteryMass": "1"}
    prepared = prepare_statement(
        about[::-1], "BatteryModel", content, "digest", Head(), path.places.take(), issuer=issuer.id, at=AT
    )
    copy = pickle.loads(pickle.dumps(prepared))
    assert copy == prepared
    signed = pickle.loads(pickle.dumps(path.sign(copy)))
    assert path.commit([signed], at=AT) == (True,)
    assert store.current("urn:model", MODEL).document["credentialSubject"]["batteryMass"] == "1"
    assert path.commit([signed], at=AT) == (False,), "it was prepared for a subject without a credential"


def test_of_several_writes_those_that_still_hold_are_stored(project):
    store, issuer = Store.open("sqlite://"), project.issuer_with_key(None)
    path = WritePath(store, issuer, project.base_url)
    publisher(project, store).publish(MODEL, "urn:model:1", "BatteryModel", {"batteryMass": "1"}, at=AT)
    writes = [
        path.sign(
            prepare_statement(
                (f"urn:model:{number}", MODEL), "BatteryModel", {"batteryMass": "2"}, "digest", Head(),
                path.places.take(), issuer=issuer.id, at=AT,
            )
        )
        for number in (1, 2)
    ]  # fmt: skip
    assert path.commit(writes, at=AT) == (False, True)
    assert store.current("urn:model:1", MODEL).document["credentialSubject"]["batteryMass"] == "1"


def test_of_two_writes_about_one_subject_the_second_is_refused_also_where_nothing_else_changed(project):
    """What was newest when both were prepared is not read again; the first of them is newer."""
    store, issuer = Store.open("sqlite://"), project.issuer_with_key(None)
    path = WritePath(store, issuer, project.base_url)
    read_at = newest_of(store.version())
    writes = [
        path.sign(
            prepare_statement(
                ("urn:model:1", MODEL), "BatteryModel", {"batteryMass": mass}, mass, Head(), path.places.take(),
                issuer=issuer.id, at=AT,
            )
        )
        for mass in ("1", "2")
    ]  # fmt: skip
    turn = path.commit_turn(writes, at=AT, read_at=read_at)
    assert turn.stored == (True, False) and newest_of(turn.before) == read_at
    assert path.commit_turn(writes[1:], at=AT, read_at=read_at).stored == (False,), "something changed since"


# --- places ---------------------------------------------------------------------------------------------------------


class Counting(Store):
    """A store that counts its turns."""

    turns = 0

    @contextmanager
    def transaction(self) -> Iterator:
        self.turns += 1
        with super().transaction() as transaction:
            yield transaction


def test_places_are_reserved_in_blocks_and_no_more_than_are_expected(monkeypatch):
    monkeypatch.setattr(places_module, "BLOCK", 4)
    store = Counting(Store.open("sqlite://").engine)
    places = Places(store, ISSUER, "https://passport.example.com")
    places.expect([PURPOSES, (REVOCATION, REFRESH)] * 6)
    reserved = [places.take(purposes) for _ in range(6) for purposes in (PURPOSES, (REVOCATION, REFRESH))]
    assert store.turns == 2
    taken = {(place.list, place.position) for each in reserved for place in each.places.values()}
    assert len(taken) == 24
    assert {store.count_places(number) for number in store.list_numbers()} == {12, 6}, "none is left over"
    places.take()
    assert store.turns == 3, "what nobody expected is reserved alone"


def test_two_who_reserve_at_once_never_get_the_same_place(shared_url, monkeypatch):
    """Also where chance gives both of them the same numbers."""
    for name in ("a", "b"):
        random_indexes = partial(places_module.status_list.random_indexes, token_bytes=Random(7).randbytes)
        with monkeypatch.context() as patch:
            patch.setattr("passport.publishing.places.status_list.random_indexes", random_indexes)
            places = Places(Store.open(shared_url), ISSUER, f"https://{name}.example.com")
            places.expect([PURPOSES] * 50)
            for _ in range(50):
                places.take()
    store = Store.open(shared_url)
    assert all(store.count_places(number) in (0, 100) for number in store.list_numbers())


# --- lists ----------------------------------------------------------------------------------------------------------


def test_a_list_that_is_carried_on_says_what_a_list_made_of_all_changes_says(project, record):
    store, chance = Store.open("sqlite://"), Random(11)
    office = publisher(project, store)
    packs = [
        entry.subject
        for entry in office.issue([numbered(record, number) for number in range(5)], at=AT).of_kind("pack")
    ]
    for _ in range(20):
        office.suspend(chance.choice(packs), reason="x", at=AT, lift=chance.random() < 0.4)
        (number,) = (number for number, purpose in store.list_purposes().items() if purpose == SUSPENSION)
        bits = BitString()
        for change in store.status_changes(number):
            bits.set(change.position, change.value)
        assert read_list(store.status_list(number), SUSPENSION) == bits


def test_a_change_reads_the_later_changes_of_its_list_only(project, record, monkeypatch):
    store = Store.open("sqlite://")
    office = publisher(project, store)
    packs = [
        entry.subject
        for entry in office.issue([numbered(record, number) for number in range(3)], at=AT).of_kind("pack")
    ]
    read: list[int] = []
    bits_since = Store.bits_since

    def watched(self: Store, number: int, sequence: int):
        changes = list(bits_since(self, number, sequence))
        read.append(len(changes))
        return changes

    def refused(*_arguments: object):
        raise AssertionError("a list is read whole")

    monkeypatch.setattr(Store, "bits_since", watched)
    monkeypatch.setattr(Store, "status_changes", refused)
    monkeypatch.setattr(Store, "places", refused)
    for pack in packs:
        office.revoke(pack, reason="stolen", at=AT)
    assert read == [1, 1, 1]


def test_a_list_that_another_key_signed_is_not_carried_on(project, record):
    store = Store.open("sqlite://")
    office = publisher(project, store)
    first, second = (
        entry.subject for entry in office.issue([record, numbered(record, 2)], at=AT).of_kind("pack")
    )  # fmt: skip
    office.revoke(first, reason="stolen", at=AT)
    number = store.places_of(store.current(first, PASSPORT).id)[REVOCATION].list
    forged = {**store.status_list(number), "proof": store.status_list(2)["proof"]}
    forged["credentialSubject"] = store.status_list(2)["credentialSubject"] | {"statusPurpose": REVOCATION}
    last_change = store.signed_list(number).last_change
    with store.transaction() as transaction:
        transaction.add_status_list(number, forged, last_change=last_change)
    office.revoke(second, reason="stolen", at=AT)
    for pack in (first, second):
        assert signed_bits(store, store.current(pack, PASSPORT).id)[REVOCATION]


def test_a_read_out_waits_for_its_batch_when_another_pack_is_revoked(project, record):
    """A revocation catches up with revocations and suspensions only."""
    store = Store.open("sqlite://")
    office = publisher(project, store)
    pack, other = (entry.subject for entry in office.issue([record, numbered(record, 2)], at=AT).of_kind("pack"))
    older = store.current(pack, CONDITION).id
    newer = replace(record, condition={**record.condition, "recordedAt": "2027-03-07T08:00:00Z"})
    office.issue([newer], at=AT, progress=lambda _: office.revoke(other, reason="stolen", at=AT))
    assert signed_bits(store, older) == {REVOCATION: False, REFRESH: True}
    assert signed_bits(store, store.current(other, PASSPORT).id)[REVOCATION]
