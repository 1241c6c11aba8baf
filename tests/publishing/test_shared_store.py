"""A store that two issuers share: each has status lists of its own, and changes only what it issued itself."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from passport.battery.fault import Location
from passport.battery.record import Record
from passport.commands import main
from passport.commands.keeping.init import make_project
from passport.credentials.credential import issuer_id
from passport.credentials.status_list import REVOCATION
from passport.errors import AnotherIssuer, FaultyRecord
from passport.exchange.event_tables.read_out_files import ReadOut
from passport.identity.did import DidResolver
from passport.project import Project
from passport.publishing.condition.read_outs import ReadOutLoader
from passport.publishing.places import KINDS
from passport.publishing.publisher import Publisher
from passport.publishing.reissue import survey
from passport.publishing.role_grants import RoleGrants
from passport.publishing.stored_sample import sample
from passport.store import Store
from passport.vocabulary.credential_types import CONDITION, MODEL, PASSPORT
from passport.vocabulary.vocabulary import Audience
from tests.packs import example_records

BASE = "https://passport.example.com"
AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
LATER = AT + timedelta(days=1)


@dataclass
class Shared:
    """:ivar pack: of the maker; :ivar cabinet: of the second operator."""

    store: Store
    projects: Mapping[str, Project]
    pack: str
    cabinet: str

    def publisher(self, name: str) -> Publisher:
        return Publisher.of_project(self.projects[name], self.store, None)

    def issuer(self, name: str) -> str:
        return self.projects[name].issuer

    def lists(self, name: str) -> dict[int, str]:
        return self.store.list_purposes(issuer=self.issuer(name))

    def bodies(self, name: str) -> dict[int, bytes]:
        return {number: self.store.signed_list(number).body for number in self.lists(name)}


@pytest.fixture
def shared(tmp_path) -> Shared:
    """Two project folders that name one store, each with a passport in it."""
    url = f"sqlite:///{tmp_path / 'passports.db'}"
    projects = {}
    for name in ("maker", "second"):
        made = make_project(tmp_path / name, BASE, names={"en": name, "zh": None})
        replace(made, store=url).write()
        projects[name] = Project.open(tmp_path / name)
    store = projects["second"].open_store()
    subjects = [
        Publisher.of_project(projects[name], store, None).issue([record], at=AT).of_kind("pack")[0].subject
        for name, record in (("maker", ebike()), ("second", cabinet()))
    ]
    return Shared(store, projects, *subjects)


def ebike() -> Record:
    return example_records("lmt-ebike.xlsx")[0]


def cabinet() -> Record:
    return example_records("stationary-lfp.xlsx")[0]


def lists_named(store: Store, subject: str) -> set[int]:
    document = store.current(subject, PASSPORT).document
    return {int(entry["statusListCredential"].rsplit("/", 1)[1]) for entry in document["credentialStatus"]}


def test_each_issuer_signs_its_own_passports_and_lists(shared):
    for name, subject in (("maker", shared.pack), ("second", shared.cabinet)):
        document = shared.store.current(subject, PASSPORT).document
        assert issuer_id(document) == shared.issuer(name)
        assert sorted(shared.lists(name).values()) == sorted(KINDS)
        assert lists_named(shared.store, subject) <= set(shared.lists(name))
        for number in shared.lists(name):
            assert issuer_id(shared.store.status_list(number)) == shared.issuer(name)
    assert not set(shared.lists("maker")) & set(shared.lists("second"))
    assert len(shared.store.list_issuers()) == len(shared.store.list_numbers()) == 6
    assert not sample(shared.store, DidResolver(), at=AT).faults


def test_lists_are_never_mixed_however_often_they_take_turns(shared):
    for number in range(3):
        for name, record in (("maker", ebike()), ("second", cabinet())):
            numbered = replace(record, pack={**record.pack, "serialNumber": f"{name.upper()}{number}"})
            numbered.pack.pop("packTractionBatteryCode", None)
            (entry,) = shared.publisher(name).issue([numbered], at=AT).of_kind("pack")
            assert lists_named(shared.store, entry.subject) <= set(shared.lists(name))
    assert len(shared.store.list_numbers()) == 6


def test_a_refresh_of_one_leaves_the_lists_of_the_other_alone(shared):
    for name, other in (("maker", "second"), ("second", "maker")):
        own, others = shared.bodies(name), shared.bodies(other)
        refreshed = shared.publisher(name).refresh_status_lists(at=LATER)
        assert len(refreshed) == 3 and all(each.signed for each in refreshed)
        assert shared.bodies(other) == others
        assert not set(shared.bodies(name).values()) & set(own.values())
        assert {issuer_id(shared.store.status_list(n)) for n in own} == {shared.issuer(name)}


def test_a_revocation_signs_the_lists_of_its_issuer_only(shared):
    others = shared.bodies("maker")
    (revoked,) = shared.publisher("second").revoke(shared.cabinet, reason="recalled", at=LATER)
    assert shared.store.is_flagged(revoked) and not shared.store.lists_behind()
    assert shared.bodies("maker") == others


@pytest.mark.parametrize("name, of_the_other", [("maker", "cabinet"), ("second", "pack")])
def test_a_revocation_of_what_another_issuer_issued_is_refused(shared, name, of_the_other):
    subject = getattr(shared, of_the_other)
    changes = [shared.store.status_changes(number) for number in shared.store.list_numbers()]
    office = shared.publisher(name)
    for refused in (
        lambda: office.revoke(subject, reason="mine now", at=LATER),
        lambda: office.suspend(subject, reason="mine now", at=LATER),
        lambda: office.suspend(subject, reason="mine now", at=LATER, lift=True),
    ):
        with pytest.raises(AnotherIssuer, match="another issuer issued it") as caught:
            refused()
        assert caught.value.code == "another-issuer" and caught.value.hint
    assert [shared.store.status_changes(number) for number in shared.store.list_numbers()] == changes
    assert not shared.store.is_flagged(shared.store.current(subject, PASSPORT).id)


@pytest.mark.parametrize("changes", [{}, {"manufacturingDate": "2026-01-21"}], ids=["the same", "other content"])
def test_a_passport_of_another_issuer_is_not_replaced(shared, changes):
    record = ebike()
    before = shared.store.version()
    for replaced in (False, True):
        with pytest.raises(FaultyRecord) as caught:
            shared.publisher("second").issue(
                [replace(record, pack={**record.pack, **changes})], at=LATER, replace=replaced, reason="mine now"
            )
        assert {fault.code for fault in caught.value.faults} == {"another-issuer"}
    assert shared.store.version() == before


def test_a_statement_of_another_issuer_is_not_replaced(shared):
    """Also where nothing looked at it before: what is stored is decided in the transaction that stores it."""
    model = shared.store.pack(shared.pack).model
    current = shared.store.current(model, MODEL)
    with pytest.raises(AnotherIssuer):
        shared.publisher("second").publish(MODEL, model, "BatteryModel", {"batteryMass": "1"}, at=LATER)
    assert shared.store.current(model, MODEL) == current


def test_a_read_out_of_a_pack_of_another_issuer_is_refused(shared):
    serial = shared.store.pack(shared.pack).serial
    values = {"recordedAt": "2027-03-07T10:00:00Z", "stateOfCharge": "80"}
    read_out = ReadOut({"serialNumber": serial}, values, lambda _: Location("readings.csv", row=3))
    current = shared.store.current(shared.pack, CONDITION)
    report = ReadOutLoader(shared.store, shared.projects["second"].issuer_with_key(None), BASE).add([read_out], at=AT)
    assert [fault.code for fault in report.faults] == ["another-issuer"] and not report.entries
    assert shared.store.current(shared.pack, CONDITION) == current


def test_a_role_of_another_issuer_is_not_taken_back(shared):
    grants = {
        name: RoleGrants(shared.store, project.issuer_with_key(None), BASE) for name, project in shared.projects.items()
    }
    holder = shared.issuer("maker")
    role = grants["maker"].grant(holder, Audience.LEGITIMATE_INTEREST, "recycling", valid_from=AT)
    with pytest.raises(AnotherIssuer):
        grants["second"].revoke(role["id"], "mine now", LATER)
    assert grants["maker"].revoke(role["id"], "over", LATER)
    assert shared.store.role_lists() <= set(shared.lists("maker"))


def test_the_survey_of_a_lost_key_finds_what_its_issuer_signed(shared):
    grants = RoleGrants(shared.store, shared.projects["maker"].issuer_with_key(None), BASE)
    grants.grant(shared.issuer("maker"), Audience.LEGITIMATE_INTEREST, "recycling", valid_from=AT)
    for name, other in (("maker", "second"), ("second", "maker")):
        project = shared.projects[name]
        found = survey(shared.store, project.issuer, project.verification_method, DidResolver(), since=None, at=LATER)
        issuers = {issuer_id(shared.store.credential(each.id).document) for each in found.affected}
        assert issuers == {shared.issuer(name)} and not found.changed
        numbers = {int(address.rsplit("/", 1)[1]) for address in found.lists}
        assert numbers == set(shared.lists(name)) and not numbers & set(shared.lists(other))
        assert len(found.roles) == (1 if name == "maker" else 0)


def test_a_list_that_belongs_to_nobody_is_signed_and_changed_by_nobody(shared):
    with shared.store.transaction() as transaction:
        transaction.begin_status_list(99, REVOCATION, None)
    for name in shared.projects:
        shared.publisher(name).sign_status_lists(at=LATER)
    assert shared.store.status_list(99) is None and shared.store.unsigned_lists() == (99,)


def test_a_dry_run_says_what_another_issuer_issued(shared):
    workbook = Path(__file__).resolve().parents[2] / "examples" / "lmt-ebike.xlsx"
    words = ["issue", str(workbook), "--project", str(shared.projects["second"].folder), "--dry-run", "--json"]
    answer = json.loads(CliRunner().invoke(main, words).stdout)
    assert answer["faulty"] == 1 and {fault["code"] for fault in answer["faults"]} == {"another-issuer"}
