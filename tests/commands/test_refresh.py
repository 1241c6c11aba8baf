"""``passport refresh``: lists signed where the key is, lists taken where there is none, and a demo that is kept."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from passport.commands.terminal import console
from passport.credentials import status_list
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import BitString
from passport.identity.keys import PrivateKey
from passport.identity.signer import KeySigner
from passport.project import Project
from passport.publishing.status.status_lists import FRESH, VALIDITY
from passport.vocabulary.credential_types import PASSPORT
from tests.commands.conftest import Shell, init

NOW = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


class Clock:
    """The clock of the command line."""

    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> datetime:
        return self.at

    def later(self, **delta: float) -> None:
        self.at += timedelta(**delta)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(console, "now", made)
    return made


@pytest.fixture
def shop(clock: Clock, shop: Path) -> Path:
    """The same project, which begins at the clock's time."""
    return shop


@pytest.fixture(scope="module")
def issued_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that issued the e-bike's pack at the clock's first time. It is copied for each test."""
    shell = Shell(tmp_path_factory.mktemp("refresh"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "now", Clock())
        folder = init(shell)
        shell.run("issue", shell.workbook("lmt-ebike.xlsx"), "--project", folder)
    return folder


@pytest.fixture
def project(shell: Shell, clock: Clock, issued_project: Path) -> Project:
    """A project that issued the e-bike's pack."""
    return Project.open(Path(shutil.copytree(issued_project, shell.folder / "shop")))


def outcomes(shell: Shell, project: Project) -> dict[str, str]:
    lists = shell.json("refresh", "--project", project.folder)["statusLists"]
    return {one["purpose"]: one["outcome"] for one in lists}


def stored(project: Project, number: int = 1) -> dict:
    store = project.open_store()
    try:
        return store.status_list(number)
    finally:
        store.close()


def add(project: Project, document: dict, number: int = 1) -> None:
    """Put a signed list into the store, past the command."""
    store = project.open_store()
    with store.transaction() as transaction:
        transaction.add_status_list(number, document)
    store.close()


SIGNED = {"revocation": "signed", "suspension": "signed", "refresh": "signed"}
LEFT = {"revocation": "fresh", "suspension": "fresh", "refresh": "fresh"}


# --- where the key is -----------------------------------------------------------------------------------------------


def test_lists_of_yesterday_are_signed_and_lists_of_this_morning_are_left_alone(shell, clock, project):
    assert outcomes(shell, project) == LEFT
    clock.later(days=1)
    assert outcomes(shell, project) == SIGNED
    clock.later(hours=1)
    assert outcomes(shell, project) == LEFT


def test_a_second_run_changes_nothing(shell, clock, project):
    clock.later(days=1)
    shell.run("refresh", "--project", project.folder)
    store = project.open_store()
    before = store.version()
    shell.run("refresh", "--project", project.folder)
    assert store.version() == before


def test_a_timer_that_runs_a_little_early_still_signs(shell, clock, project):
    clock.later(hours=23, minutes=30)
    assert outcomes(shell, project) == SIGNED
    assert timedelta(hours=23, minutes=30) > FRESH


def test_what_is_signed_is_told_with_purpose_and_end(shell, clock, project):
    clock.later(days=1)
    lists = shell.json("refresh", "--project", project.folder)["statusLists"]
    assert {one["id"].rpartition("/")[0] for one in lists} == {"https://passport.example.com/status"}
    times = {(one["validFrom"], one["validUntil"]) for one in lists}
    assert times == {("2027-03-09T09:30:00Z", "2027-03-16T09:30:00Z")}
    said = shell.run("refresh", "--project", project.folder).stdout
    assert "fresh  https://passport.example.com/status/1  revocation" in said
    assert "until 2027-03-16 09:30 UTC" in said


def test_a_project_that_issued_nothing_has_nothing_to_do(shell, shop):
    assert shell.run("refresh", "--project", shop).stdout == "nothing to do: no status list yet\n"
    assert shell.json("refresh", "--project", shop) == {"statusLists": []}


def test_a_list_that_no_longer_says_what_the_store_says_is_signed_at_once(shell, clock, project):
    unsigned = {key: value for key, value in stored(project).items() if key != "proof"}
    bits = BitString()
    bits.set(99, True)
    unsigned["credentialSubject"]["encodedList"] = bits.encoded()
    add(project, project.issuer_with_key(None).issue(unsigned, created=clock.at))
    assert outcomes(shell, project) == {**LEFT, "revocation": "signed"}
    assert not BitString.decode(stored(project)["credentialSubject"]["encodedList"]).get(99)


def test_a_list_that_another_key_signed_is_signed_anew(shell, clock, project):
    own, key = stored(project), PrivateKey.generate()
    foreign = Issuer(key.public_key.did_key, KeySigner(key))
    unsigned = {**{name: value for name, value in own.items() if name != "proof"}, "issuer": foreign.id}
    # Signed with the wrong key under the right name.
    add(project, {**foreign.issue(unsigned, created=clock.at), "issuer": own["issuer"]})
    assert outcomes(shell, project) == {**LEFT, "revocation": "signed"}
    assert stored(project)["proof"]["verificationMethod"].startswith(own["issuer"])


def test_a_list_whose_signature_was_damaged_is_signed_anew(shell, project):
    own = stored(project)
    value = own["proof"]["proofValue"]
    damaged = value[:-1] + ("2" if value[-1] != "2" else "3")
    add(project, {**own, "proof": {**own["proof"], "proofValue": damaged}})
    assert outcomes(shell, project) == {**LEFT, "revocation": "signed"}


def test_a_list_that_a_wrong_clock_signed_in_the_future_is_signed_anew(shell, clock, project):
    clock.later(days=400)
    assert outcomes(shell, project) == SIGNED
    clock.later(days=-399)
    assert outcomes(shell, project) == SIGNED
    assert stored(project)["validFrom"] == "2027-03-09T09:30:00Z"


@pytest.mark.parametrize("change", [{"validUntil": None}, {"validUntil": "2027-04-08T09:30:00Z"}])
def test_a_list_with_another_end_than_seven_days_is_signed_anew(shell, clock, project, change):
    unsigned = {key: value for key, value in {**stored(project), **change, "proof": None}.items() if value is not None}
    add(project, project.issuer_with_key(None).issue(unsigned, created=clock.at))
    assert outcomes(shell, project) == {**LEFT, "revocation": "signed"}
    assert stored(project)["validUntil"] == "2027-03-15T09:30:00Z"


def test_without_a_key_nothing_is_signed_and_what_to_do_is_said(shell, clock, project):
    (project.folder / "keys" / "issuer.pem").unlink()
    before = stored(project)
    clock.later(days=1)
    said = shell.json("refresh", "--project", project.folder, code=2)
    assert "--from" in said["error"]["hint"]
    assert stored(project) == before


# --- where there is none --------------------------------------------------------------------------------------------


@pytest.fixture
def pack(project: Project) -> str:
    return project.open_store().packs()[0].subject


@pytest.fixture(scope="module")
def released(issued_project: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A released copy of it, at the clock's first time."""
    shell = Shell(tmp_path_factory.mktemp("released"))
    policy = {"policy": "p1", "recipient": "abroad", "basis": "test", "classes": ["open", "restricted"]}
    (shell.folder / "policy.json").write_text(json.dumps(policy))
    project = shutil.copytree(issued_project, shell.folder / "shop")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(console, "now", Clock())
        patch.chdir(shell.folder)
        shell.run("release", "--policy", "policy.json", "-o", "abroad", "--project", project)
    return shell.folder / "abroad"


@pytest.fixture
def abroad(shell: Shell, project: Project, released: Path) -> Project:
    """A released copy of it, which holds no key."""
    return Project.open(Path(shutil.copytree(released, shell.folder / "abroad")))


def handed_over(shell: Shell, project: Project, *numbers: int) -> list[str]:
    """The signed lists of the project as files, and the options that name them."""
    words = []
    for number in numbers or project.open_store().list_numbers():
        path = shell.folder / f"list-{number}.json"
        path.write_text(json.dumps(stored(project, number)))
        words += ["--from", str(path)]
    return words


def test_a_released_copy_knows_the_purposes_of_its_lists(abroad, project):
    assert abroad.open_store().list_purposes() == project.open_store().list_purposes()


def test_a_released_copy_takes_the_lists_that_were_signed_at_home(shell, clock, project, abroad, pack):
    clock.later(days=8)
    trust = ("--offline", "--trust", "abroad/trusted-issuers.json")
    shell.run("refresh", "--project", project.folder)
    said = shell.json("refresh", *handed_over(shell, project), "--project", abroad.folder)["statusLists"]
    assert {one["purpose"]: one["outcome"] for one in said} == dict.fromkeys(SIGNED, "taken")
    assert {one["changes"] for one in said} == {0}
    shell.run("show", pack, "--project", "abroad", "--as", "legitimate-interest", "--save", "view.jsonld")
    assert shell.json("verify", "view.jsonld", *trust, "--at", "2027-03-16T10:00:00Z")["verified"] is True
    again = shell.json("refresh", *handed_over(shell, project), "--project", abroad.folder)["statusLists"]
    assert {one["outcome"] for one in again} == {"same"}


def test_a_revocation_at_home_is_known_in_the_copy_after_its_lists_were_taken(shell, clock, project, abroad, pack):
    clock.later(hours=1)
    shell.run("revoke", pack, "--reason", "secret reason", "--project", project.folder)
    copy = abroad.open_store()
    revoked = copy.current(pack, PASSPORT).id
    assert not copy.is_flagged(revoked)
    (said,) = shell.json("refresh", *handed_over(shell, project, 1), "--project", abroad.folder)["statusLists"]
    assert (said["outcome"], said["changes"]) == ("taken", 1)
    assert copy.is_flagged(revoked)
    assert all(change.reason == "signed list" for change in copy.status_changes(1))


def refused(shell: Shell, abroad: Project, document: dict) -> str:
    """What is said of a list that is refused; nothing of it stays."""
    before = abroad.open_store().version()
    path = shell.folder / "handed-in.json"
    path.write_text(json.dumps(document))
    error = shell.json("refresh", "--from", path, "--project", abroad.folder, code=1)["error"]
    assert abroad.open_store().version() == before
    return error["message"]


def test_an_older_list_is_refused_by_the_copy(shell, clock, project, abroad, pack):
    old = stored(project)
    clock.later(hours=1)
    shell.run("revoke", pack, "--reason", "recalled", "--project", project.folder)
    shell.run("refresh", *handed_over(shell, project, 1), "--project", abroad.folder)
    assert "not newer" in refused(shell, abroad, old)


def test_a_list_that_was_changed_is_refused_by_the_copy(shell, clock, project, abroad):
    clock.later(days=1)
    shell.run("refresh", "--project", project.folder)
    document = stored(project)
    bits = BitString()
    bits.set(5, True)
    changed = {**document, "credentialSubject": {**document["credentialSubject"], "encodedList": bits.encoded()}}
    assert "does not verify" in refused(shell, abroad, changed)


def test_a_list_that_has_ended_is_refused_by_the_copy(shell, clock, project, abroad):
    clock.later(days=1)
    shell.run("refresh", "--project", project.folder)
    document = stored(project)
    clock.later(days=8)
    assert "does not verify" in refused(shell, abroad, document)


def test_a_list_of_another_issuer_is_refused_by_the_copy_however_trusted(shell, clock, project, abroad):
    clock.later(days=1)
    key = PrivateKey.generate()
    other = Issuer(key.public_key.did_key, KeySigner(key))
    trusted = json.loads(abroad.trust_list_path.read_text(encoding="utf-8"))
    trusted["issuers"].append({**trusted["issuers"][0], "id": other.id})
    abroad.trust_list_path.write_text(json.dumps(trusted), encoding="utf-8")
    unsigned = status_list.status_list_credential(
        f"{abroad.base_url}/status/1", other.id, "revocation", BitString(), clock.at, clock.at + VALIDITY
    )
    assert "another issuer" in refused(shell, abroad, other.issue(unsigned, created=clock.at))


@pytest.mark.parametrize("change", [{"id": "https://passport.example.com/status/77"}, {"id": None}, {"id": ["x"]},
                                    {"id": "https://evil.example/status/1"}])  # fmt: skip
def test_a_list_that_nothing_in_the_copy_names_is_refused(shell, project, abroad, change):
    assert "no credential here" in refused(shell, abroad, {**stored(project), **change})


def test_a_list_of_another_purpose_is_refused_by_the_copy(shell, clock, project, abroad):
    clock.later(days=1)
    unsigned = status_list.status_list_credential(
        f"{abroad.base_url}/status/1", project.issuer, "suspension", BitString(), clock.at, clock.at + VALIDITY
    )
    signed = project.issuer_with_key(None).issue(unsigned, created=clock.at)
    assert "another purpose" in refused(shell, abroad, signed)


def test_one_list_that_is_refused_keeps_the_others_out(shell, clock, project, abroad):
    clock.later(days=1)
    shell.run("refresh", "--project", project.folder)
    before = stored(abroad, 1)
    tampered = {**stored(project, 2), "validUntil": "2030-01-01T00:00:00Z"}
    (shell.folder / "tampered.json").write_text(json.dumps(tampered))
    words = [*handed_over(shell, project, 1), "--from", str(shell.folder / "tampered.json")]
    shell.run("refresh", *words, "--project", abroad.folder, code=1)
    assert stored(abroad, 1) == before


@pytest.mark.parametrize("content", ["[1]", '"x"', "{}", '{"verifiableCredential": "x"}', "[]x"])
def test_a_file_that_holds_no_list_is_refused(shell, abroad, content):
    (shell.folder / "x.json").write_text(content)
    result = shell.run("refresh", "--from", "x.json", "--project", abroad.folder, code=None)
    assert result.exit_code in (1, 2) and "error:" in result.stderr


def test_a_presentation_hands_over_the_lists_in_it(shell, clock, project, abroad):
    clock.later(days=1)
    shell.run("refresh", "--project", project.folder)
    lists = [stored(project, number) for number in project.open_store().list_numbers()]
    (shell.folder / "lists.json").write_text(json.dumps({"verifiableCredential": lists}))
    said = shell.json("refresh", "--from", "lists.json", "--project", abroad.folder)["statusLists"]
    assert len(said) == len(lists) and {one["outcome"] for one in said} == {"taken"}


def test_a_project_with_a_key_takes_no_lists(shell, project):
    before = stored(project)
    words = handed_over(shell, project)
    assert "has a key" in shell.json("refresh", *words, "--project", project.folder, code=2)["error"]["message"]
    assert stored(project) == before


# --- what doctor says of them ---------------------------------------------------------------------------------------


def doctor(shell: Shell, project: Project, code: int) -> dict[str, dict]:
    found = shell.json("doctor", "--project", project.folder, code=code)["findings"]
    return {finding["name"]: finding for finding in found}


def test_doctor_warns_two_days_before_a_list_ends_and_says_what_to_run(shell, clock, project):
    clock.later(days=4, hours=23)
    assert doctor(shell, project, 0)["status list 1"]["outcome"] == "passed"
    clock.later(hours=1)
    found = doctor(shell, project, 1)["status list 1"]
    assert found["outcome"] == "warning"
    assert found["detail"] == "was not renewed and ends on 2027-03-15 at 09:30 UTC"
    assert f"passport refresh --project {project.folder}" in found["hint"]
    said = shell.run("doctor", "--project", project.folder, code=1).stdout
    assert "! status list 1: was not renewed" in said
    shell.run("refresh", "--project", project.folder)
    assert doctor(shell, project, 0)["status list 1"] == {
        "name": "status list 1", "outcome": "passed", "detail": "is signed and fresh, until 2027-03-20", "hint": None,
    }  # fmt: skip


def test_doctor_finds_a_list_that_has_ended(shell, clock, project):
    clock.later(days=7)
    assert doctor(shell, project, 1)["status list 3"]["outcome"] == "failed"


def test_doctor_tells_a_copy_without_a_key_to_take_the_lists(shell, clock, project, abroad):
    clock.later(days=6)
    found = doctor(shell, abroad, 1)["status list 1"]
    assert found["outcome"] == "warning"
    assert "refresh --from" in found["hint"]


# --- the demo -------------------------------------------------------------------------------------------------------


def verdict(shell: Shell, clock: Clock, demo: dict) -> bool:
    save = demo["commands"]["verify"]["save"].split()[1:]
    shell.run(*save, "--force")
    saved = save[save.index("--save") + 1]
    trust = ("--trust", "demo/trusted-issuers.json", "--at", f"{clock.at:%Y-%m-%dT%H:%M:%SZ}")
    return shell.json("verify", saved, "--offline", *trust, code=None)["verified"]


def test_a_demo_that_is_started_again_after_eight_days_verifies(shell, clock):
    assert verdict(shell, clock, shell.json("demo", "--no-serve"))
    clock.later(days=8)
    assert verdict(shell, clock, shell.json("demo", "--no-serve"))


def test_a_demos_roles_are_issued_again_after_a_day_to_the_same_holders(shell, clock):
    shell.run("demo", "--no-serve")
    path = shell.folder / "demo" / "out" / "recycler-role.jsonld"
    first, key = json.loads(path.read_text()), (shell.folder / "demo" / "keys" / "recycler.pem").read_bytes()
    clock.later(hours=23)
    shell.run("demo", "--no-serve")
    assert json.loads(path.read_text()) == first
    clock.later(hours=1)
    shell.run("demo", "--no-serve")
    again = json.loads(path.read_text())
    assert again["validFrom"] == "2027-03-09T09:30:00Z" and again["id"] != first["id"]
    assert again["credentialSubject"]["id"] == first["credentialSubject"]["id"]
    assert (shell.folder / "demo" / "keys" / "recycler.pem").read_bytes() == key


def test_a_demos_role_that_cannot_be_read_is_issued_again(shell, clock):
    shell.run("demo", "--no-serve")
    path = shell.folder / "demo" / "out" / "recycler-role.jsonld"
    issued_again = {}
    for content in ("", "{", '{"validFrom": 3}', "[]"):
        path.write_text(content)
        shell.run("demo", "--no-serve")
        issued_again[content] = json.loads(path.read_text())["validFrom"] == "2027-03-08T09:30:00Z"
    assert all(issued_again.values()), issued_again
