"""The issuer's key elsewhere than in a file, its rate, and its rotation while a batch is being issued."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from passport.commands.keeping.init import make_project
from passport.project import Project
from passport.publishing.bulk import journal
from passport.publishing.keys import key_rotation
from passport.publishing.upkeep.examiner import examine
from tests.identity.test_signers import PIN, token  # noqa: F401 (a fixture)
from tests.issued_packs import hold_each_once, pack_of_number, write_lines

BASE = "https://passport.example.com"


@pytest.fixture
def web(shell):
    return make_project(shell.folder / "shop", BASE, names={"en": "Operator", "zh": None}, did_web_issuer=True)


def keys_used(project: Project) -> dict[str, int]:
    """How many credentials each key signed."""
    store, used = project.open_store(), {}
    for _, stored in store.numbered(0, 1_000):
        key = stored.document["proof"]["verificationMethod"].partition("#")[2]
        used[key] = used.get(key, 0) + 1
    store.close()
    return used


def outcome(project: Project) -> bool | None:
    store = project.open_store()
    try:
        return examine(project, store, at=datetime.now(UTC) + timedelta(minutes=1)).outcome
    finally:
        store.close()


@pytest.mark.product(of=2)
@pytest.mark.parametrize("jobs", [1, 2])
def test_a_key_that_is_rotated_during_a_batch_spoils_nothing(shell, web, monkeypatch, jobs):
    """What the old key signed goes on verifying, the batch ends, and the next one is signed with the new key."""
    monkeypatch.setattr("passport.exchange.records.record_input.CHUNK", 2)
    monkeypatch.setattr("passport.commands.issuing.issue_call.KEPT", 2)
    usual, rotations = journal.RunJournal.chunk_done, []

    def chunk_done(self, *words):
        usual(self, *words)
        if not rotations:
            rotations.append(key_rotation.rotate(web, None, at=datetime.now(UTC)))

    monkeypatch.setattr(journal.RunJournal, "chunk_done", chunk_done)
    packs = write_lines(shell.folder / "packs.jsonl", [pack_of_number(number) for number in range(6)])
    shell.run("issue", packs, "--project", web.folder, "--jobs", jobs)
    assert len(rotations) == 1 and rotations[0].after.endswith("#key-2")
    hold_each_once(web.folder)
    project = Project.open(web.folder)
    assert set(keys_used(project)) <= {"key-1", "key-2"} and "key-1" in keys_used(project)
    before = keys_used(project).get("key-2", 0)
    more = write_lines(shell.folder / "more.jsonl", [pack_of_number(9)])
    shell.run("issue", more, "--project", web.folder)
    assert keys_used(project)["key-2"] > before
    assert outcome(project) is True


def test_a_project_changes_to_a_key_in_a_token_and_signs_with_it(shell, web, token):  # noqa: F811
    pin = shell.folder / "pin.txt"
    pin.write_bytes(PIN + b"\n")
    packs = write_lines(shell.folder / "packs.jsonl", [pack_of_number(0)])
    shell.run("issue", packs, "--project", web.folder)
    address = token.format("issuer")
    words = ("key", "rotate", "--project", web.folder, "--passphrase-file", pin)
    wrong = json.loads(shell.run(*words, "--signer", token.format("none"), "--json", code=2).stdout)
    assert wrong["error"]["code"] == "unusable-signer"
    assert Project.open(web.folder) == web, "nothing was changed"
    done = json.loads(shell.run(*words, "--signer", address, "--json").stdout)
    assert done["after"].endswith("#key-2")
    project = Project.open(web.folder)
    assert project.signer == address and project.verification_method == done["after"]
    # Two processes, each logged in to the token.
    more = write_lines(shell.folder / "more.jsonl", [pack_of_number(number) for number in (1, 2)])
    shell.run("issue", more, "--project", web.folder, "--passphrase-file", pin, "--jobs", 2)
    assert set(keys_used(project)) == {"key-1", "key-2"}
    assert outcome(project) is True
    again = json.loads(shell.run(*words, "--signer", address, "--json", code=2).stdout)
    assert "in use already" in again["error"]["message"]
    refused = json.loads(shell.run(*words, "--json", code=2).stdout)
    assert refused["error"]["code"] == "unusable-signer", "no key file is made for a key in a token"
    rate = json.loads(
        shell.run("key", "rate", "--seconds", "0.1", "--project", web.folder, "--passphrase-file", pin, "--json").stdout
    )
    assert rate["kind"] == "pkcs11" and rate["key"] == done["after"] and rate["perSecond"] > 0
    assert "signatures a second" in shell.run("key", "rate", "--seconds", "0.1", "--project", web.folder,
                                              "--passphrase-file", pin).stdout  # fmt: skip


def test_a_key_that_is_announced_has_no_address(shell, web):
    words = ("key", "rotate", "--announce", "--signer", "pkcs11:object=a?module-path=/m.so", "--project", web.folder)
    assert "is not announced" in shell.run(*words, code=2).stderr


def test_a_key_at_a_service_needs_its_public_half(shell, web):
    address = "https://signer.example/csc/v2?credentialID=issuer"
    words = ("key", "rotate", "--signer", address, "--project", web.folder, "--json")
    assert json.loads(shell.run(*words, code=2).stdout)["error"]["expected"].startswith("--multikey")
