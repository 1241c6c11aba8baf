"""``passport verify FOLDER``: each file by itself, and the worst answer."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from passport.commands import main, verify_folder


@pytest.fixture
def folder(shell, shop, issued):
    """A folder with one saved passport."""
    made = shell.folder / "saved"
    made.mkdir()
    shell.run("show", issued, "--project", shop, "--save", "saved/a.jsonld")
    return made


@pytest.fixture
def copy(folder):
    """Adds a changed copy of it."""
    good = (folder / "a.jsonld").read_text("utf-8")

    def changed(name: str, change) -> None:
        document = json.loads(good)
        change(document)
        (folder / name).write_text(json.dumps(document), encoding="utf-8")

    return changed


@pytest.fixture
def verify(shell, shop):
    def call(*words, code=0):
        return shell.run("verify", "saved", "--offline", "--trust", shop / "trusted-issuers.json", *words, code=code)

    return call


def forged(document: dict) -> None:
    document["verifiableCredential"][0]["credentialSubject"]["manufacturerName"] = "Another"


def without_lists(document: dict) -> None:
    members = document["verifiableCredential"]
    document["verifiableCredential"] = [m for m in members if "BitstringStatusListCredential" not in m["type"]]


def test_the_answer_is_the_worst_one_and_each_file_that_is_not_verified_is_named(verify, folder, copy):
    verify()
    copy("b.jsonld", without_lists)
    verify(code=3)
    copy("c.jsonld", forged)
    (folder / "d.txt").write_text("no passport")
    said = verify("--results", "lines.jsonl", code=1).stdout
    assert "a.jsonld" not in said and all(name in said for name in ("b.jsonld", "c.jsonld", "d.txt"))
    assert "Of 4 files in saved: 1 verified, 1 not verified, 1 not to be checked, 1 no passports." in said
    lines = [json.loads(line) for line in (folder.parent / "lines.jsonl").read_text("utf-8").splitlines()]
    assert [line["outcome"] for line in lines] == ["verified", "undetermined", "not-verified", "unreadable"]
    assert (
        lines[0]["subjects"] and lines[1]["checks"] == ["4 no-status-list"] and lines[2]["checks"][0].startswith("2 ")
    )


def test_two_jobs_say_the_same_as_one(verify, folder, copy):
    for n in range(3):
        copy(f"more-{n}.jsonld", forged if n == 1 else lambda document: None)
    alone = json.loads(verify("--json", code=1).stdout)
    assert json.loads(verify("--json", "--jobs", "2", code=1).stdout) == alone
    assert alone["outcomes"] == {"verified": 3, "not-verified": 1} and alone["files"] == 4


@pytest.mark.parametrize("words", [("--about", "x"), ("--regime", "eu"), ("--challenge", "c")])
def test_a_folder_with_an_option_for_one_file_is_refused(verify, folder, words):
    assert "each by itself" in verify(*words, code=2).stderr


def test_a_folder_is_not_verified_by_asking_others(shell, shop, folder):
    trust = shop / "trusted-issuers.json"
    assert "--offline" in shell.run("verify", "saved", "--trust", trust, code=2).stderr


def test_an_empty_folder_and_jobs_for_a_file_are_refused(shell, shop, verify, folder):
    trust = shop / "trusted-issuers.json"
    shell.run("verify", "saved/a.jsonld", "--offline", "--trust", trust, "--jobs", "2", code=2)
    (folder / "a.jsonld").rename(shell.folder / "a.jsonld")
    assert "holds no file" in verify(code=2).stderr


def test_an_interrupted_folder_has_no_answer(shop, folder, copy, monkeypatch):
    copy("b.jsonld", forged)
    usual = verify_folder.FolderCheck.answer

    def interrupted(check, path):
        if path.name == "b.jsonld":
            raise KeyboardInterrupt
        return usual(check, path)

    monkeypatch.setattr(verify_folder.FolderCheck, "answer", interrupted)
    monkeypatch.chdir(folder.parent)
    words = ["verify", "saved", "--offline", "--trust", str(shop / "trusted-issuers.json")]
    ended = CliRunner().invoke(main, words)
    assert ended.exit_code == 130
    assert "Interrupted: 1 of 2 files were looked at, 1 verified. The folder has no answer." in ended.stderr
    assert ended.stdout == ""
