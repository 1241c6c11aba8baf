"""docs/log.md is run: every command, in its order, by an operator, a witness and somebody with a receipt."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from passport.commands import main
from passport.project import Project
from tests.logged_events import log_events

PAGE = (Path(__file__).resolve().parent.parent / "docs" / "log.md").read_text(encoding="utf-8")


def run(*words: str) -> str:
    done = CliRunner().invoke(main, list(words))
    assert done.exit_code == 0, (words, done.output)
    return done.stdout


def test_every_command_of_the_page_runs_in_its_order(tmp_path, monkeypatch):
    for name in ("PASSPORT_PROJECT", "PASSPORT_STORE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "secret.txt").write_text("correct horse\n", encoding="utf-8")
    (tmp_path / "event.jsonld").write_text('{"an": "event"}', encoding="utf-8")
    run("init", "shop", "--base-url", "https://passport.example.com")
    log_events(Project.open(tmp_path / "shop").open_store(), [(tmp_path / "event.jsonld").read_bytes()])
    keys = {"VKEY": "", "WITNESS": ""}
    outputs = []
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
        for line in block.splitlines():
            words = [keys.get(word, word) for word in shlex.split(line.removeprefix("$ passport "))]
            if words[:2] == ["log", "key"]:
                name = "WITNESS" if "--witness" in words else "VKEY"
                keys[name] = json.loads(run(*words, "--json"))["vkey"]
            else:
                outputs.append(run(*words))
    assert any("seen by witness.example.org/witness" in output for output in outputs)
    assert "nothing was deleted, altered, reordered or cut off" in outputs[-1]


def test_the_page_names_every_finding():
    from passport.publishing.log.log_audit import FaultKind

    assert all(f"`{kind}`" in PAGE for kind in FaultKind)
