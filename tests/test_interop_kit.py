"""``passport vectors`` and docs/interop.md: our verifier over the set as a stranger would run it, from files alone."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from passport import interop_kit
from passport.belonging import passport_verifier
from passport.commands import main
from passport.credentials import intake
from passport.credentials.trust import TrustList

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "interop.md").read_text(encoding="utf-8")
NAMES = re.findall(r"^\| `([a-z-]+)` \| (?:true|false|null) \|", PAGE, re.MULTILINE)

#: Cases in which a verifier is told more than the command can be: a challenge, or an address that it did not read.
TOLD = ("good-asked", "another-asked", "presented", "presented-elsewhere", "token-vp-jwt")


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    place = tmp_path_factory.mktemp("kit") / "vectors"
    result = CliRunner().invoke(main, ["vectors", "--out", str(place), "--json"])
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["cases"] == len(NAMES)
    return place


@pytest.fixture(scope="module")
def manifest(folder) -> dict:
    return json.loads((folder / "manifest.json").read_text(encoding="utf-8"))


def test_the_page_lists_the_cases_of_the_set(manifest):
    assert [case["name"] for case in manifest["cases"]] == NAMES
    for case in manifest["cases"]:
        assert f"| `{case['name']}` | {json.dumps(case['expected']['verified'])} | {case['shows']['en']} |" in PAGE
        assert re.search(r"[\u4e00-\u9fff]", case["shows"]["zh"])


@pytest.mark.parametrize("name", NAMES)
def test_each_case_gets_the_verdict_that_was_written_down_for_it(folder, manifest, name):
    case = next(case for case in manifest["cases"] if case["name"] == name)
    data = (folder / case["file"]).read_bytes()
    assert hashlib.sha256(data).hexdigest() == case["sha256"]
    verifier = passport_verifier(TrustList.load(folder / manifest["trustList"]))
    at = datetime.fromisoformat(manifest["instant"])
    result = verifier.verify(intake.take(data).document, at=at, **case.get("options", {}))
    expected = case["expected"]
    assert result.verified is expected["verified"]
    assert {str(check.number): check.outcome.value for check in result.checks} == expected["checks"]
    assert expected.get("code") in {None, *(check.code for check in result.checks)}


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TOLD])
def test_the_command_ends_with_the_code_of_the_manifest(folder, manifest, name):
    case = next(case for case in manifest["cases"] if case["name"] == name)
    assert "options" not in case
    words = ["verify", str(folder / case["file"]), "--offline", "--trust", str(folder / "trusted-issuers.json")]
    result = CliRunner().invoke(main, [*words, "--at", manifest["instant"]])
    assert result.exit_code == case["expected"]["exitCode"], result.output


def test_the_commands_of_the_page_run(folder, monkeypatch):
    monkeypatch.chdir(folder.parent)
    calls = [line.split()[1:] for line in re.findall(r"^\$ (passport verify .*)$", PAGE, re.MULTILINE)]
    assert [CliRunner().invoke(main, words).exit_code for words in calls] == [0, 1]


def test_what_has_no_random_part_is_the_same_on_every_run():
    one, other = interop_kit.files(), interop_kit.files()
    differing = {name for name in one if one[name] != other[name]}
    assert differing <= {
        "manifest.json", "cases/good-read-out.json", "cases/superseded-read-out.json", "cases/two-packs.json",
        "cases/token-vc-sd-jwt.txt",
    }  # fmt: skip


def test_contexts_stand_in_the_set_as_they_are_pinned(folder, manifest):
    assert len(manifest["contexts"]) == 2
    for context in manifest["contexts"]:
        assert hashlib.sha256((folder / context["file"]).read_bytes()).hexdigest() == context["sha256"]


def test_the_test_keys_are_trusted_nowhere_else(folder):
    keys = (folder.parents[0] / "shop").as_posix()
    assert CliRunner().invoke(main, ["init", keys, "--base-url", "https://p.example", "--name", "X"]).exit_code == 0
    own = json.loads((Path(keys) / "trusted-issuers.json").read_text(encoding="utf-8"))
    known = set(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["testKeys"].values())
    assert not known & {issuer["id"] for issuer in own["issuers"]}


def test_a_folder_that_holds_something_is_refused(folder):
    result = CliRunner().invoke(main, ["vectors", "--out", str(folder)])
    assert result.exit_code == 2
    assert "holds something already" in result.output
    assert CliRunner().invoke(main, ["vectors", "--out", str(folder), "--force"]).exit_code == 0
