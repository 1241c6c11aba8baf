"""docs/keys.md is run: every command, in its order, with the outcome that the page promises."""

from __future__ import annotations

import json
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import click
import openpyxl
import pytest
from click.testing import CliRunner, Result

from passport.commands import main
from passport.commands.keeping.key import key
from passport.credentials.trust import TrustList
from passport.credentials.verifier import Verifier
from passport.identity.keys import PrivateKey
from passport.project import Project
from tests.each import each

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = (CHECKOUT / "docs" / "keys.md").read_text(encoding="utf-8")


def commands(section: str | None = None) -> list[list[str]]:
    text = PAGE if section is None else PAGE.partition(f"## {section}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    return [shlex.split(line.removeprefix("$ passport ")) for block in blocks for line in block.splitlines()]


def run(*words: str) -> Result:
    done = CliRunner().invoke(main, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("correct horse\n", encoding="utf-8")
    openpyxl.load_workbook(CHECKOUT / "examples" / "lmt-ebike.xlsx").save(tmp_path / "packs.xlsx")
    return tmp_path


def test_every_command_of_the_page_runs_in_its_order(folder):
    told = {}
    for words in commands():
        done = run(*words)
        assert done.exit_code == 0, (words, done.output)
        told.setdefault(" ".join(words), []).append(done.output)
    listed = told["key list --project shop"]
    assert [[line.split("  ")[0] for line in output.splitlines()[1:]] for output in listed] == [
        ["in use"],
        ["retired", "in use"],
        ["revoked", "in use"],
    ]
    assert "nothing was changed" in next(said[0] for name, said in told.items() if "--dry-run" in name)
    for project in ("shop", "production"):
        opened = Project.open(folder / project)
        store = opened.open_store()
        pack = store.packs()[0].subject
        store.close()
        run("show", pack, "--project", project, "--save", f"{project}.jsonld")
        trust = str(opened.trust_list_path)
        assert run("verify", f"{project}.jsonld", "--offline", "--trust", trust).exit_code == 0, project


def test_the_key_in_use_at_the_instant_of_the_page_is_the_first_one(folder):
    """At the date of the page's example nothing was in use yet but key-1; after the rotation that one is revoked."""
    for section in ("An issuer with a did:web", "A new key, once a year"):
        for words in commands(section):
            assert run(*words).exit_code == 0
    words = next(words for words in commands() if "compromised" in words and "--dry-run" not in words)
    document = json.loads(run(*words, "--json").stdout)
    assert document["key"].endswith("#key-1") and document["inUse"].endswith("#key-2")
    assert document["credentials"] and all(one["signedAnewAs"] for one in document["credentials"])
    assert document["statusLists"] and document["leftAlone"] == []


def test_the_error_of_the_page_is_the_one_that_is_said(folder):
    (init, *_) = commands("An issuer with a did:web")
    run(*init)
    path = folder / "shop" / "keys" / "issuer.pem"
    path.unlink()
    PrivateKey.generate().save(path, b"correct horse")
    done = run("issue", "packs.xlsx", "--project", "shop", "--passphrase-file", "secret.txt")
    (said,) = re.findall(r"```\n(error: .*?)\n```", PAGE)
    assert done.exit_code == 2 and said in done.stderr


def test_a_did_key_is_led_to_the_page(folder):
    run("init", "trial", "--base-url", "https://passport.example.com")
    before = sorted((path, path.read_bytes()) for path in (folder / "trial").rglob("*") if path.is_file())
    for words in (["rotate"], ["rotate", "--announce"], ["compromised", "--since", "2026-03-01T00:00:00Z"]):
        done = run("key", *words, "--project", "trial")
        assert done.exit_code == 2 and "docs/keys.md" in done.stderr and "did:web" in done.stderr
        assert json.loads(run("key", *words, "--project", "trial", "--json").stdout)["error"]["code"] == "fixed-key"
    assert sorted((path, path.read_bytes()) for path in (folder / "trial").rglob("*") if path.is_file()) == before


def test_a_did_key_is_listed_as_the_one_key_in_use(folder):
    run("init", "trial", "--base-url", "https://passport.example.com")
    listed = json.loads(run("key", "list", "--project", "trial", "--json").stdout)
    (key,) = listed["keys"]
    assert key["state"] == "in use" and key["id"].startswith(f"{listed['issuer']}#") and key["file"]
    assert f"in use  {key['id'].partition('#')[2]}" in run("key", "list", "--project", "trial").stdout


def test_a_file_of_the_old_issuer_keeps_its_signature_and_its_lists_are_of_another(folder):
    """What the page says of packs issued already by a did:key."""
    for words in commands("From did:key to did:web"):
        assert run(*words).exit_code == 0, words
    old, new = (Project.open(folder / name) for name in ("trial", "production"))
    store, newer = old.open_store(), new.open_store()
    pack = store.packs()[0].subject
    assert newer.packs()[0].subject == pack, "the address stays"
    run("show", pack, "--project", "trial", "--save", "old.jsonld")
    run("show", pack, "--project", "production", "--save", "new.jsonld")
    saved, fresh = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("old.jsonld", "new.jsonld"))
    both = TrustList((*old.trust_list().issuers, *new.trust_list().issuers))
    at = datetime.now(UTC)
    assert Verifier(both).verify(saved, at=at).verified is True
    assert Verifier(new.trust_list()).verify(saved, at=at).verified is False, "the old id is not trusted"
    lists = {document["id"]: document for document in fresh["verifiableCredential"]
             if "BitstringStatusListCredential" in document["type"]}  # fmt: skip
    bare = {**saved, "verifiableCredential": [document for document in saved["verifiableCredential"]
                                              if "BitstringStatusListCredential" not in document["type"]]}  # fmt: skip
    online = Verifier(both, status_lists=lists).verify(bare, at=at)
    assert online.verified is None and online.check(4).outcome.value == "undetermined"
    store.close()
    newer.close()


SUBCOMMANDS = sorted(
    f"{name} {below}".strip()
    for name, command in key.commands.items()
    for below in (command.commands if isinstance(command, click.Group) else [""])
)


@each("name", SUBCOMMANDS)
def test_every_subcommand_of_key_has_help_with_an_example_and_json(name):
    text = run("key", *name.split(), "--help").stdout
    assert f"passport key {name}" in text and "--json" in text
    assert re.search("Examples?:", text)


def test_every_option_of_the_page_exists():
    for words in commands():
        path = words[:2] if words[0] == "key" else words[:1]
        text = run(*path, "--help").stdout
        for option in (word for word in words if word.startswith("--")):
            assert option in text, words
