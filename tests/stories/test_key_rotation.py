"""Story: an operator changes its key once a year; and one night somebody copies the key of that year."""

from __future__ import annotations

import json
import os
import stat
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from passport.commands.keeping.init import make_project
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import SUSPENSION
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.errors import FixedKey, ForeignKey, KeyFileError, PassportError, UnusableProject, UsageError
from passport.identity import did_rotation
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.linked_data import strict_json
from passport.project import Project
from passport.publishing.keys import key_history, key_rotation, project_files
from passport.publishing.reissue import Reissuer, survey
from passport.publishing.status.status_lists import purposes_set
from passport.store import Store
from passport.vocabulary.credential_types import CONDITION, EVENT, MODEL, MODEL_DETAIL, PASSPORT
from passport.vocabulary.vocabulary import Audience
from tests.each import each
from tests.remembered_stores import copy_of
from tests.stories.conftest import World

BASE = "https://passport.example.com"
DID = "did:web:passport.example.com"
PACKS = ("ev-ncm-100kwh.xlsx", "stationary-lfp.xlsx", "lmt-ebike.xlsx")


@pytest.fixture(scope="module")
def _web_world(tmp_path_factory) -> World:
    folder = tmp_path_factory.mktemp("web") / "web"
    project = make_project(folder, BASE, names={"en": "Operator", "zh": None}, did_web_issuer=True)
    return World(project, Store.open("sqlite://"))


@pytest.fixture
def world(_web_world, tmp_path) -> World:
    return _web_world.copied(tmp_path / "web")


def rotate(world, **options):
    done = key_rotation.rotate(world.project, None, at=world.now, **options)
    world.project = Project.open(world.project.folder)
    return done


def saved(world, pack: str, audience: Audience = Audience.LEGITIMATE_INTEREST) -> dict:
    return world.scan(pack, audience).presentation()


def written(project: Project) -> dict[str, bytes]:
    return {
        str(path.relative_to(project.folder)): path.read_bytes()
        for path in sorted(project.folder.rglob("*")) if path.is_file() and path.name != ".rotation"
    }  # fmt: skip


# --- rotation -------------------------------------------------------------------------------------------------------


def test_after_a_rotation_the_new_key_signs_and_the_old_signatures_verify(world):
    first = world.issue(PACKS[0]).of_kind("pack")[0].subject
    before = saved(world, first)
    old_list = world.project.trust_list()
    world.later(days=300)
    done = rotate(world)
    assert (done.before, done.after, done.outcome) == (f"{DID}#key-1", f"{DID}#key-2", "rotated")
    second = world.issue(PACKS[1]).of_kind("pack")[0].subject
    passport = world.store.current(second, PASSPORT).document
    assert passport["proof"]["verificationMethod"] == f"{DID}#key-2"
    # The old file, with the lists of its day and with those of today.
    fresh = saved(world, first)
    assert world.verify(fresh).verified is True and world.verify(saved(world, second)).verified is True
    assert Verifier(world.project.trust_list()).verify(before, at=world.now - timedelta(days=300)).verified is True
    # Who pins the document of last year takes the old signatures, and cannot verify the new ones.
    assert Verifier(old_list).verify(saved(world, second), at=world.now).verified is False
    assert Verifier(old_list).verify(world.store.current(first, PASSPORT).document, at=world.now).check(2).passed


def test_a_rotation_writes_both_documents_alike_and_says_when(world):
    rotate(world)
    served = json.loads(world.project.did_document_path.read_text(encoding="utf-8"))
    entry = TrustList.load(world.project.trust_list_path).issuers[0]
    assert served == entry.did_document
    assert entry.pinned_on == world.now.date()
    old, new = did_rotation.methods(served)
    assert (old.purposes, new.fragment) == ({"assertionMethod"}, "key-2")
    assert "authentication" in new.purposes
    # No end is written: many verifiers would let everything fall that the old key signed.
    assert not {"expires", "revoked"} & {key for method in served["verificationMethod"] for key in method}
    events = [(event.event, event.key[-5:]) for event in key_history.read(world.project.folder / "keys")]
    assert events == [("made", "key-2"), ("retired", "key-1"), ("in-use", "key-2")]
    assert [state.state for state in key_rotation.states(world.project)] == ["retired", "in use"]


def test_a_rotation_keeps_the_old_key_and_gives_the_new_one_its_mode(world):
    before = world.project.key_path.read_bytes()
    done = rotate(world)
    assert (world.project.folder / "keys" / "issuer.pem").read_bytes() == before
    assert done.file == world.project.key_path and done.file.name == "issuer-key-2.pem"
    assert stat.S_IMODE(done.file.stat().st_mode) == 0o600
    assert stat.S_IMODE((done.file.parent / key_history.NAME).stat().st_mode) == 0o600
    assert b"PRIVATE" not in world.project.did_document_path.read_bytes()


def test_a_passphrase_of_the_old_key_is_the_one_of_the_new_key(world):
    key = PrivateKey.load(world.project.key_path, None)
    world.project.key_path.unlink()
    key.save(world.project.key_path, b"secret")
    for wrong in (None, b"other"):
        before = written(world.project)
        with pytest.raises(KeyFileError):
            key_rotation.rotate(world.project, wrong, at=world.now)
        assert written(world.project) == before
    done = key_rotation.rotate(world.project, b"secret", at=world.now)
    assert b"ENCRYPTED" in done.file.read_bytes()
    assert done.project.issuer_with_key(b"secret").signer.verification_method == f"{DID}#key-2"


def test_a_foreign_key_is_not_rotated(world):
    world.project.key_path.unlink()
    PrivateKey.generate().save(world.project.key_path, None)
    before = written(world.project)
    with pytest.raises(ForeignKey):
        key_rotation.rotate(world.project, None, at=world.now)
    assert written(world.project) == before


def test_a_lost_key_is_a_reason_to_rotate(world):
    (pack,) = world.issue(PACKS[2]).of_kind("pack")
    world.project.key_path.unlink()
    rotate(world)
    world.issue(PACKS[1])
    assert world.verify(saved(world, pack.subject)).verified is True


def test_a_did_key_cannot_be_rotated_and_is_led_to_did_web(world, tmp_path):
    project = make_project(tmp_path / "key", BASE, names={"en": "Operator", "zh": None})
    before = written(project)
    for attempt in (
        lambda: key_rotation.rotate(project, None, at=world.now),
        lambda: key_rotation.compromised_key(project, world.now, at=world.now),
    ):
        with pytest.raises(FixedKey, match="cannot be rotated") as caught:
            attempt()
        assert "did:web" in caught.value.hint
    assert written(project) == before


def test_what_others_wrote_into_the_files_stays(world):
    """Comments, other issuers, services and keys that nobody here knows."""
    toml = world.project.folder / "passport.toml"
    toml.write_text("# ours since 2026\n" + toml.read_text(encoding="utf-8") + "# the end\n", encoding="utf-8")
    other = {"id": PrivateKey.generate().public_key.did_key, "name": {"en": "Other", "zh": "其他"}, "trustedFor": ["X"]}
    site = {"id": f"{DID}#site", "type": "LinkedDomains", "serviceEndpoint": BASE}
    extra = {"service": [site], "alsoKnownAs": ["x:y"]}
    listed = json.loads(world.project.trust_list_path.read_text(encoding="utf-8"))
    listed["issuers"].append(other)
    listed["issuers"][0]["didDocument"] |= extra
    world.project.trust_list_path.write_text(json.dumps(listed), encoding="utf-8")
    served = listed["issuers"][0]["didDocument"]
    world.project.did_document_path.write_text(json.dumps(served), encoding="utf-8")
    os.chmod(world.project.trust_list_path, 0o640)
    rotate(world)
    text = toml.read_text(encoding="utf-8")
    assert text.startswith("# ours since 2026\n") and "# the end\n" in text
    after = json.loads(world.project.trust_list_path.read_text(encoding="utf-8"))
    assert after["issuers"][1] == other
    assert {key: after["issuers"][0]["didDocument"][key] for key in extra} == extra
    assert stat.S_IMODE(world.project.trust_list_path.stat().st_mode) == 0o640


def test_documents_that_disagree_are_refused_before_anything_is_written(world):
    listed = json.loads(world.project.trust_list_path.read_text(encoding="utf-8"))
    key = PrivateKey.generate().public_key
    listed["issuers"][0]["didDocument"] = did_rotation.with_key(listed["issuers"][0]["didDocument"], "backup", key)
    world.project.trust_list_path.write_text(json.dumps(listed), encoding="utf-8")
    before = written(world.project)
    with pytest.raises(UnusableProject, match="disagree about .*#backup"):
        key_rotation.rotate(world.project, None, at=world.now)
    assert written(world.project) == before


def test_four_rotations_leave_four_keys_that_verify_and_one_that_signs(world):
    packs = []
    (record,) = world.records("lmt-ebike.xlsx")
    for number in range(4):
        pack = replace(record, pack={**record.pack, "serialNumber": f"EB{number:04}"})
        packs.append(world.publisher.issue([pack], at=world.now).of_kind("pack")[0].subject)
        world.later(days=365)
        rotate(world)
    world.publisher.sign_status_lists(at=world.now)
    assert [state.state for state in key_rotation.states(world.project)] == ["retired"] * 4 + ["in use"]
    for pack in packs:
        assert world.verify(saved(world, pack)).verified is True


def test_an_announced_key_is_published_and_signs_with_the_next_rotation(world):
    done = rotate(world, announce=True)
    assert done.outcome == "announced"
    announced = did_rotation.method(strict_json.loads(world.project.did_document_path.read_bytes()), "key-2")
    assert world.project.verification_method == f"{DID}#key-1" and announced.signs
    assert rotate(world, announce=True).outcome == "same"
    (pack,) = world.issue(PACKS[2]).of_kind("pack")
    assert world.store.current(pack.subject, PASSPORT).document["proof"]["verificationMethod"] == f"{DID}#key-1"
    pinned = world.project.trust_list()
    done = rotate(world)
    assert (done.after, done.resumed) == (f"{DID}#key-2", True)
    # Who renewed its list after the announcement verifies what the new key signs, at once.
    (second,) = world.issue(PACKS[1]).of_kind("pack")
    assert Verifier(pinned).verify(saved(world, second.subject), at=world.now).verified is True


# --- a crash in between ---------------------------------------------------------------------------------------------


class Crash(BaseException):
    pass


def steps(monkeypatch, crash_at: int) -> list[str]:
    """Crash before the n-th thing that is written; the names of what was."""
    done: list[str] = []

    def counted(name, real):
        def write(*args, **options):
            if len(done) == crash_at:
                raise Crash
            done.append(f"{name} {getattr(args[0], 'name', '')}")
            return real(*args, **options)

        return write

    monkeypatch.setattr(key_rotation, "replace_file", counted("replace", key_rotation.replace_file))
    monkeypatch.setattr(key_history, "add", counted("note", key_history.add))
    monkeypatch.setattr(PrivateKey, "save", counted("save", PrivateKey.save))
    return done


@pytest.mark.product(of=3)
@pytest.mark.parametrize("crash_at", range(8))
def test_a_rotation_that_crashed_loses_nothing_and_goes_on(world, monkeypatch, crash_at):
    (pack,) = world.issue(PACKS[2]).of_kind("pack")
    old_key = world.project.key_path.read_bytes()
    with monkeypatch.context() as patch:
        done = steps(patch, crash_at)
        try:
            key_rotation.rotate(world.project, None, at=world.now)
            assert crash_at == 7 and len(done) == 7, done
        except Crash:
            assert crash_at < 7
    # Whatever was written, the project signs, and everything verifies.
    world.project = Project.open(world.project.folder)
    world.publisher.sign_status_lists(at=world.now)
    assert world.verify(saved(world, pack.subject)).verified is True
    assert (world.project.folder / "keys" / "issuer.pem").read_bytes() == old_key
    if crash_at < 7:
        after = rotate(world)
        assert after.after == f"{DID}#key-2"
    world.publisher.sign_status_lists(at=world.now)
    assert world.verify(saved(world, pack.subject)).verified is True
    assert [state.state for state in key_rotation.states(world.project)] == ["retired", "in use"]
    assert sorted(path.name for path in (world.project.folder / "keys").glob("*.pem")) == [
        "issuer-key-2.pem",
        "issuer.pem",
    ]


def test_a_key_file_that_nobody_knows_of_is_neither_used_nor_overwritten(world):
    stray = world.project.folder / "keys" / "issuer-key-2.pem"
    PrivateKey.generate().save(stray, None)
    before = stray.read_bytes()
    assert rotate(world).after == f"{DID}#key-3"
    assert stray.read_bytes() == before


def test_a_second_rotation_at_the_same_time_is_refused(world):
    with key_rotation.rotation_turn(world.project), pytest.raises(UsageError, match="being changed"):
        key_rotation.rotate(world.project, None, at=world.now)


def test_a_line_of_the_history_that_a_crash_cut_off_is_left_out(world):
    folder = world.project.folder / "keys"
    rotate(world)
    whole = key_history.read(folder)
    with (folder / key_history.NAME).open("ab") as file:
        file.write(b'{"at":"2027-03-08T0')
    assert key_history.read(folder) == whole
    rotate(world)
    assert key_history.read(folder)[: len(whole)] == whole and len(key_history.read(folder)) == 2 * len(whole)


def test_a_damaged_history_is_refused(world):
    folder = world.project.folder / "keys"
    (folder / key_history.NAME).write_bytes(b'{"at":"2027-03-08T09:30:00Z","event":"burnt","key":"x"}\n')
    with pytest.raises(UnusableProject, match="damaged"):
        key_rotation.rotate(world.project, None, at=world.now)


@each(
    ("text", "expected"),
    [
        ('a = "x"\nkey_file = "old"\n', 'a = "x"\nkey_file = "new"\n'),
        ('a = "x" # note\n', 'a = "x" # note\nkey_file = "new"\n'),
        ('a = "x"', 'a = "x"\nkey_file = "new"\n'),
    ],
)
def test_a_setting_is_changed_or_added_and_the_rest_stays(text, expected):
    assert project_files.with_settings(text, {"key_file": "new"}) == expected
    assert tomllib.loads(expected)["key_file"] == "new"


@each("text", ['"key_file" = "old"\n', "[table]\nx = 1\n", 'note = """\nkey_file = 1\n"""\n'])
def test_a_file_that_cannot_be_changed_safely_is_left_to_its_owner(text):
    with pytest.raises(UnusableProject, match="cannot be changed"):
        project_files.with_settings(text, {"key_file": "new"})


# --- a stolen key ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def _stolen_world(_web_world, tmp_path_factory) -> tuple[World, list[str]]:
    """Three packs, issued a day after another; the theft happens between the second and the third."""
    world, packs = _web_world.copied(tmp_path_factory.mktemp("issued") / "web"), []
    for workbook in PACKS:
        packs.append(world.issue(workbook).of_kind("pack")[0].subject)
        world.later(days=1)
    return world, packs


@pytest.fixture
def issued(world, _stolen_world) -> list[str]:
    made, packs = _stolen_world
    world.store, world.now = copy_of(made.store), made.now
    return list(packs)


def theft(world) -> datetime:
    return world.now - timedelta(days=1, hours=12)


def look(world, url: str, since: datetime | None = None):
    key = did_rotation.as_it_was(world.project.own_documents()[0], url.partition("#")[2])
    return survey(world.store, DID, url, key, since=since, at=world.now)


def compromised(world, since: datetime, reason: str = "stolen", **options):
    """The command, without its words."""
    url = key_rotation.compromised_key(world.project, since, at=world.now, **options)
    done = key_rotation.revoke(world.project, url, None, since=since, at=world.now)
    world.project = Project.open(world.project.folder)
    found = look(world, url, since)
    issuer = world.project.issuer_with_key(None)
    return found, Reissuer(world.store, issuer, BASE).reissue(found.affected, reason=reason, at=world.now), done


def test_all_that_a_stolen_key_signed_falls_whatever_its_date_and_the_good_ones_are_signed_anew(world, issued):
    thief = Issuer(DID, KeySigner(PrivateKey.load(world.project.key_path, None), f"{DID}#key-1"))
    unsigned = {**world.store.current(issued[0], PASSPORT).document, "id": f"{BASE}/credentials/forged"}
    del unsigned["proof"], unsigned["credentialStatus"]
    forged = thief.issue(unsigned, created=datetime(2026, 1, 1, tzinfo=UTC))
    assert world.verify(forged).verified is True, "until the theft is known, nobody can tell"
    old = saved(world, issued[0])
    since = theft(world)
    found, reissued, done = compromised(world, since)
    assert (done.before, done.after) == (f"{DID}#key-1", f"{DID}#key-2")
    assert len(reissued) == len(found.affected) > 10 and len(found.lists) == len(world.store.list_numbers())
    for document in (forged, old):
        assert world.verify(document).verified is False
    # Not at an earlier instant either: a forged document could be of any day.
    for at in (datetime(2026, 1, 2, tzinfo=UTC), since - timedelta(hours=1), world.now + timedelta(days=999)):
        refused = Verifier(world.project.trust_list()).verify(forged, at=at)
        assert refused.check(2).outcome.value == "failed" and "is revoked" in refused.check(2).detail
    for pack in issued:
        for audience in (Audience.PUBLIC, Audience.LEGITIMATE_INTEREST, Audience.MARKET_SURVEILLANCE):
            assert world.verify(saved(world, pack, audience)).verified is True


def test_what_is_signed_anew_says_the_same_and_the_old_one_is_revoked_with_the_reason(world, issued):
    types = [(issued[0], PASSPORT), (issued[0], CONDITION), (issued[0], EVENT),
             (world.store.pack(issued[0]).model, MODEL), (world.store.pack(issued[0]).model, MODEL_DETAIL)]  # fmt: skip
    before = {key: world.store.current(*key) for key in types}
    compromised(world, theft(world), reason="laptop stolen")
    for key, old in before.items():
        new = world.store.current(*key)
        assert (new.content, new.id != old.id, new.issued_at) == (old.content, True, world.now)
        renamed = json.loads(new.body.decode().replace(new.id, old.id))
        assert renamed["credentialSubject"] == old.document["credentialSubject"]
        assert world.store.is_flagged(old.id) and not world.store.is_flagged(new.id)
        (entry,) = (e for e in world.store.status_entries(old.id)
                    if world.store.list_purposes()[e.list] == "revocation")  # fmt: skip
        reasons = [c.reason for c in world.store.status_changes(entry.list) if c.position == entry.position]
        assert reasons == ["laptop stolen"]
        assert (world.store.base_proof(old.id) is None) == (world.store.base_proof(new.id) is None)
    # The publisher takes it for what it is: the same.
    assert {entry.outcome for entry in world.issue(PACKS[0]).entries} == {"same"}


def test_what_was_signed_since_the_theft_is_told_from_the_rest(world, issued):
    found = look(world, f"{DID}#key-1", theft(world))
    late = {one.subject for one in found.affected if one.since}
    assert issued[2] in late and not {issued[0], issued[1]} & late


def test_a_backdated_row_behind_the_theft_is_a_suspect(world, issued):
    """Whoever can write into the store writes any date; the order of the rows stays."""
    stored = world.store.current(issued[0], PASSPORT)
    unsigned = {key: value for key, value in stored.document.items() if key not in ("proof", "credentialStatus")}
    unsigned |= {"id": f"{BASE}/credentials/slipped-in", "validFrom": "2026-01-01T00:00:00Z"}
    early = datetime(2026, 1, 1, tzinfo=UTC)
    body = strict_json.dumps(world.project.issuer_with_key(None).issue(unsigned, created=early))
    with world.store.transaction() as transaction:
        transaction.add_credential(replace(stored, id=unsigned["id"], body=body, issued_at=early, subject="urn:x"))
    (found,) = (one for one in look(world, f"{DID}#key-1", theft(world)).affected if one.subject == "urn:x")
    assert found.since is True and found.signed_at == early


def test_a_row_that_was_changed_is_reported_and_not_signed_anew(world, issued):
    stored = world.store.current(issued[0], PASSPORT)
    body = stored.body.replace(b'"batchNumber":"', b'"batchNumber":"X')
    assert body != stored.body
    with world.store.transaction() as transaction:
        transaction.add_credential(replace(stored, id=stored.id + "x", body=body.replace(
            stored.id.encode(), stored.id.encode() + b"x")))  # fmt: skip
    found, reissued, _ = compromised(world, theft(world))
    assert [fault.id for fault in found.changed] == [stored.id + "x"]
    assert stored.id + "x" not in {one.before for one in reissued}


def test_what_was_suspended_stays_so_and_what_was_revoked_is_not_signed_anew(world, issued):
    world.publisher.suspend(issued[0], reason="recall", at=world.now)
    world.publisher.revoke(issued[1], reason="wrong", at=world.now)
    revoked = world.store.current(issued[1], PASSPORT)
    _, reissued, _ = compromised(world, theft(world))
    assert SUSPENSION in purposes_set(world.store, world.store.current(issued[0], PASSPORT).id)
    assert world.store.current(issued[1], PASSPORT) == revoked
    assert revoked.id not in {one.before for one in reissued}
    codes = {check.code for result in world.verify(saved(world, issued[0])).credentials for check in result.checks}
    assert "suspended" in codes and "revoked" not in codes


def test_a_reissue_that_was_interrupted_goes_on_with_the_same_command(world, issued, monkeypatch):
    class Stop(Exception):
        pass

    def stop(_number):
        raise Stop

    import passport.publishing.reissue as module

    since = theft(world)
    url = key_rotation.compromised_key(world.project, since, at=world.now)
    key_rotation.revoke(world.project, url, None, since=since, at=world.now)
    world.project = Project.open(world.project.folder)
    found = look(world, url, since)
    reissuer = Reissuer(world.store, world.project.issuer_with_key(None), BASE)
    with monkeypatch.context() as small, pytest.raises(Stop):
        small.setattr(module, "BATCH_SIZE", 3)
        reissuer.reissue(found.affected, reason="stolen", at=world.now, progress=stop)
    # The same key is meant again, although another one signs now.
    assert key_rotation.compromised_key(world.project, since, at=world.now) == url
    again, reissued, done = compromised(world, since)
    assert (done.outcome, done.after) == ("revoked", f"{DID}#key-2")
    assert len(reissued) == len(again.affected) == len(found.affected) - 3
    for pack in issued:
        assert world.verify(saved(world, pack)).verified is True
    assert compromised(world, since)[1] == ()


@pytest.mark.product(of=3)
@pytest.mark.parametrize("crash_at", range(7))
def test_a_revocation_that_crashed_signs_nothing_with_the_stolen_key_and_goes_on(world, issued, monkeypatch, crash_at):
    since = theft(world)
    with monkeypatch.context() as patch:
        done = steps(patch, crash_at)
        with pytest.raises(Crash):
            key_rotation.revoke(world.project, f"{DID}#key-1", None, since=since, at=world.now)
            raise Crash
    world.project = Project.open(world.project.folder)
    if any(step.endswith("did.json") for step in done) and not any(step.endswith("passport.toml") for step in done):
        with pytest.raises(PassportError, match="revoked"):
            world.publisher.sign_status_lists(at=world.now)
    compromised(world, since)
    assert [state.state for state in key_rotation.states(world.project)] == ["revoked", "in use"]
    for pack in issued:
        assert world.verify(saved(world, pack)).verified is True


def test_a_retired_key_that_was_stolen_is_revoked_and_the_one_in_use_stays(world, issued):
    world.later(days=30)
    rotate(world)
    world.later(days=1)
    (pack,) = world.publisher.issue(
        [replace(record, pack={**record.pack, "serialNumber": "EB9999"}) for record in world.records(PACKS[2])],
        at=world.now,
    ).of_kind("pack")
    unharmed = world.store.current(pack.subject, PASSPORT)
    # By date: at that time the first key was in use.
    found, reissued, done = compromised(world, world.now - timedelta(days=20))
    assert (done.before, done.after) == (f"{DID}#key-1", f"{DID}#key-2")
    assert [state.state for state in key_rotation.states(world.project)] == ["revoked", "in use"]
    assert world.store.current(pack.subject, PASSPORT) == unharmed
    for item in (*issued, pack.subject):
        assert world.verify(saved(world, item)).verified is True


def test_a_key_that_was_revoked_never_comes_back(world, issued):
    compromised(world, theft(world))
    rotate(world)
    assert [state.state for state in key_rotation.states(world.project)] == ["revoked", "retired", "in use"]
    # Not even where somebody takes it out of the document by hand, and its file is still there.
    document = strict_json.loads(world.project.did_document_path.read_bytes())
    for place in (world.project.did_document_path,):
        document["verificationMethod"] = [m for m in document["verificationMethod"] if not m["id"].endswith("#key-2")]
        document["assertionMethod"] = [url for url in document["assertionMethod"] if not url.endswith("#key-2")]
        place.write_text(json.dumps(document), encoding="utf-8")
    listed = json.loads(world.project.trust_list_path.read_text(encoding="utf-8"))
    listed["issuers"][0]["didDocument"] = document
    world.project.trust_list_path.write_text(json.dumps(listed), encoding="utf-8")
    assert rotate(world).after == f"{DID}#key-4"


def test_an_earlier_theft_moves_the_instant_and_a_later_one_does_not(world, issued):
    since = theft(world)
    compromised(world, since)
    compromised(world, since + timedelta(hours=1), fragment="key-1")
    document = world.project.own_documents()[0]
    assert did_rotation.method(document, "key-1").revoked == since.strftime("%Y-%m-%dT%H:%M:%SZ")
    earlier = since - timedelta(days=1)
    compromised(world, earlier)
    document = world.project.own_documents()[-1]
    assert did_rotation.method(document, "key-1").revoked == earlier.strftime("%Y-%m-%dT%H:%M:%SZ")


def test_an_instant_in_the_future_or_without_a_zone_and_a_key_that_is_not_there_are_refused(world):
    for since in (world.now + timedelta(seconds=1), datetime(2027, 1, 1)):  # noqa: DTZ001
        with pytest.raises(UsageError, match="--since"):
            key_rotation.compromised_key(world.project, since, at=world.now)
    with pytest.raises(UsageError, match="which key"):
        key_rotation.compromised_key(world.project, world.now, at=world.now, fragment="key-9")
    names = {key_rotation.compromised_key(world.project, world.now, at=world.now, fragment=name)
             for name in ("key-1", "#key-1", f"{DID}#key-1", None)}  # fmt: skip
    assert names == {f"{DID}#key-1"}


def test_a_key_changed_by_hand_has_to_be_named(world):
    rotate(world)
    text = (world.project.folder / "passport.toml").read_text(encoding="utf-8")
    world.project = replace(world.project, verification_method=f"{DID}#by-hand")
    assert "key-2" in text
    with pytest.raises(UsageError, match="which key"):
        key_rotation.compromised_key(world.project, world.now, at=world.now)
