"""``passport vectors``: the set is used as a stranger would use it, from its files alone."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from click.testing import CliRunner

from passport.commands import main
from passport.credentials import intake
from passport.credentials.trust import UnsafeAnyIssuer
from passport.credentials.verifier import Verifier
from passport.errors import PassportError
from passport.identity import DidResolver
from passport.interop_kit import AT
from passport.interop_kit.actors import seeded_bytes
from passport.linked_data import contexts, strict_json
from passport.texts import languages
from tests.conftest import CHECKOUT
from tests.test_hygiene import private_material

JsonObject = dict[str, Any]


def run(*words: str | Path, folder: Path | None = None) -> tuple[int, JsonObject]:
    result = CliRunner().invoke(main, [str(word) for word in (*words, "--json")])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("vectors") / "set"
    code, report = run("vectors", "--out", folder)
    assert code == 0
    assert report["files"] == sum(1 for path in folder.rglob("*") if path.is_file())
    return folder


@pytest.fixture(scope="module")
def manifest(kit: Path) -> JsonObject:
    return json.loads((kit / "expected.json").read_text(encoding="utf-8"))


def options(kit: Path, case: JsonObject) -> list[str | Path]:
    asked = [word for name in ("about", "challenge", "domain") if name in case for word in (f"--{name}", case[name])]
    return [kit / case["file"], "--offline", "--trust", kit / case["trust"], "--at", case["at"], *asked]


# --- the verdicts ---------------------------------------------------------------------------------------------------


def test_each_case_gets_the_verdict_that_the_manifest_states(kit, manifest):
    wrong = {}
    for case in manifest["cases"]:
        expected = case["expected"]
        code, report = run("verify", *options(kit, case))
        found = {"exitCode": code, "code": report.get("error", {}).get("code")}
        stated = {"exitCode": expected["exitCode"], "code": expected["code"]}
        if "error" not in report:
            signed = report["presentation"]
            checks = [*([] if signed is None else signed["checks"]), *report["checks"]]
            found |= {
                "code": next(
                    (check["code"] for check in checks if check["outcome"] in ("failed", "undetermined")), None
                ),
                "verified": report["verified"],
                "checks": {str(check["number"]): check["outcome"] for check in report["checks"]},
                "presentation": None if signed is None else signed["checks"][1]["outcome"],
                "superseded": [one["id"] for one in report["superseded"]],
            }
            stated |= {name: expected[name] for name in ("verified", "checks", "superseded")}
            stated["presentation"] = expected.get("presentation")
        if found != stated:
            wrong[case["name"]] = (found, stated)
    assert wrong == {}


def test_the_manifest_says_rightly_which_signatures_hold(kit, manifest):
    """By cryptography alone: everybody is trusted, nothing else is asked."""
    wrong = []
    for case in manifest["cases"]:
        pinned = {one["id"]: one["didDocument"] for one in trust(kit, case)["issuers"] if "didDocument" in one}
        try:
            document = intake.read((kit / case["file"]).read_bytes())
        except PassportError:
            assert case["expected"]["signatures"] is None
            continue
        result = Verifier(UnsafeAnyIssuer(), DidResolver(pinned)).verify(document, at=AT)
        signed = [one.check(2) for one in result.members if one.check(1).passed]
        signed += [] if result.presentation is None else [result.presentation.check(2)]
        outcomes = {check.part("proof").value for check in signed}
        holds = False if "failed" in outcomes else None if "undetermined" in outcomes or not signed else True
        if any(check.number == 1 and check.outcome.value == "undetermined" for check in result.checks):
            holds = None
        if holds is not case["expected"]["signatures"]:
            wrong.append((case["name"], holds))
    assert wrong == []


def trust(kit: Path, case: JsonObject) -> JsonObject:
    return json.loads((kit / case["trust"]).read_text(encoding="utf-8"))


def test_every_check_fails_and_every_form_stands_in_a_case(kit, manifest):
    outcomes = {
        (number, outcome) for case in manifest["cases"] for number, outcome in case["expected"]["checks"].items()
    }
    assert {(str(number), outcome) for number in range(1, 7) for outcome in ("passed", "failed")} <= outcomes
    assert {("1", "undetermined"), ("2", "undetermined"), ("4", "undetermined")} <= outcomes
    assert {case["expected"]["verified"] for case in manifest["cases"]} == {True, False, None}
    everything = b"".join((kit / case["file"]).read_bytes() for case in manifest["cases"])
    for form in ("ecdsa-rdfc-2019", "ecdsa-sd-2023", "vc+jwt", "vc+sd-jwt", "vc+cose", "did:web:", "did:key:"):
        assert form.encode() in everything
    assert {"jsonld", "jwt", "sd-jwt", "cose"} == {
        Path(case["file"]).name.split(".", 1)[1] for case in manifest["cases"]
    }
    names = [case["name"] for case in manifest["cases"]]
    assert len(set(names)) == len(names)


# --- the set itself -------------------------------------------------------------------------------------------------


def test_the_manifest_follows_its_schema(kit, manifest):
    schema = json.loads((kit / "expected.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(manifest, schema)
    broken = {**manifest, "cases": [{**manifest["cases"][0], "expected": {"verified": "yes"}}]}
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(broken, schema)


def test_the_digest_of_every_file_is_right(kit, manifest):
    present = {str(path.relative_to(kit)) for path in kit.rglob("*") if path.is_file()}
    assert present == {*manifest["files"], "expected.json"}
    for path, digest in manifest["files"].items():
        assert hashlib.sha256((kit / path).read_bytes()).hexdigest() == digest


def test_every_context_that_a_document_uses_is_in_the_set(kit, manifest):
    copies = {one["url"]: one for one in manifest["contexts"]}
    for one in copies.values():
        assert contexts.digest(strict_json.loads((kit / one["file"]).read_bytes())) == one["sha256OfJcs"]
    used = set()
    for case in manifest["cases"]:
        if case["file"].endswith(".jsonld") and case["expected"]["code"] != "malformed-document":
            pending: list[Any] = [json.loads((kit / case["file"]).read_bytes())]
            while pending:
                value = pending.pop()
                if isinstance(value, dict):
                    used |= set(value.get("@context", ()))
                    pending += [each for key, each in value.items() if not key.endswith("didDocument")]
                elif isinstance(value, list):
                    pending += value
    assert used - set(copies) == {"https://example.net/unknown/v1"}


@pytest.mark.torture
def test_the_same_set_is_made_in_another_process(kit, tmp_path):
    words = ["-c", "from passport.commands import main; main()", "vectors", "--out", str(tmp_path / "again")]
    environment = {**os.environ, "PYTHONHASHSEED": "4711", "PYTHONPATH": str(CHECKOUT), "TZ": "Asia/Shanghai"}
    subprocess.run([sys.executable, *words], check=True, env=environment, capture_output=True)
    for path in sorted(path for path in kit.rglob("*") if path.is_file()):
        assert path.read_bytes() == (tmp_path / "again" / path.relative_to(kit)).read_bytes(), path.name


def test_no_private_key_is_in_the_set(kit):
    secrets = [seeded_bytes(name) for name in ("maker", "rival", "auditor", "stranger", "holder")]
    forms = [
        form
        for secret in secrets
        for form in (
            secret,
            secret.hex().encode(),
            base64.b64encode(secret)[:40],
            base64.urlsafe_b64encode(secret)[:40],
        )
    ]
    for path in kit.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert private_material(data) == []
            assert not any(form in data for form in forms)


def test_the_set_says_everywhere_that_its_keys_are_test_keys(kit, manifest):
    assert "TEST KEYS" in manifest["warning"]
    assert "TEST KEYS" in (kit / "README.md").read_text(encoding="utf-8")
    for name in ("namespaces", "any-subject"):
        issuers = json.loads((kit / "trust" / f"{name}.json").read_text(encoding="utf-8"))["issuers"]
        assert all(one["name"]["en"].startswith("TEST KEY") for one in issuers)


def test_each_case_is_told_in_every_language(manifest):
    for case in manifest["cases"]:
        assert set(case["title"]) == set(languages())
        assert re.search("[\u4e00-\u9fff]", case["title"]["zh"]) and "{" not in case["title"]["zh"]
        assert case["title"]["en"].isascii()


def test_a_new_project_trusts_none_of_the_test_keys(kit, tmp_path):
    assert run("init", tmp_path / "shop", "--base-url", "https://p.example")[0] == 0
    own = json.loads((tmp_path / "shop" / "trusted-issuers.json").read_text(encoding="utf-8"))
    keys = json.loads((kit / "keys.json").read_text(encoding="utf-8"))["keys"]
    assert not {key["id"] for key in keys} & {issuer["id"] for issuer in own["issuers"]}


def test_a_folder_with_something_in_it_is_refused_without_force(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    code, report = run("vectors", "--out", tmp_path)
    assert code == 2
    assert "holds something already" in report["error"]["message"]
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_with_force_files_of_the_set_are_replaced_and_others_left(kit, tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    (tmp_path / "README.md").write_text("older", encoding="utf-8")
    code, _ = run("vectors", "--out", tmp_path, "--force")
    assert code == 0
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "README.md").read_bytes() == (kit / "README.md").read_bytes()


# --- what verify learnt for it --------------------------------------------------------------------------------------


def test_about_holds_a_file_against_the_battery_that_was_asked_for(kit):
    words = [kit / "cases/passport-public.jsonld", "--offline", "--trust", kit / "trust/namespaces.json"]
    words += ["--at", "2026-11-28T12:00:00Z", "--about"]
    assert run("verify", *words, "ZZZPE10A7K2M05G6J0000317")[0] == 0
    code, report = run("verify", *words, "ZZZPE10A7K2M05G6J0000318")
    assert code == 1
    assert report["checks"][5]["code"] == "other-asked"


def test_a_challenge_holds_a_presentation_against_the_occasion(kit):
    words = [kit / "cases/presented.jsonld", "--offline", "--trust", kit / "trust/namespaces.json"]
    words += ["--at", "2026-11-28T12:00:00Z", "--challenge"]
    code, report = run("verify", *words, "4f2c1d7a9be0", "--domain", "verifier.example.net")
    assert code == 0
    assert report["holder"].startswith("did:key:")
    assert run("verify", *words, "another", "--domain", "verifier.example.net")[0] == 1


# --- docs/interop.md ------------------------------------------------------------------------------------------------

PAGE = (CHECKOUT / "docs" / "interop.md").read_text(encoding="utf-8")


def test_the_page_lists_the_cases_of_the_set(manifest):
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (true|false|null) \| (?:`([a-z-]+)`)? ?\| (.+) \|$", PAGE, re.MULTILINE)
    assert rows == [
        (case["name"], json.dumps(case["expected"]["verified"]), case["expected"]["code"] or "", case["title"]["en"])
        for case in manifest["cases"]
    ]


def test_the_commands_of_the_page_end_as_it_says(kit, monkeypatch):
    kit.with_name("interop").symlink_to(kit)
    monkeypatch.chdir(kit.parent)
    calls = [line.split() for line in re.findall(r"^\$ passport (verify interop/.*)$", PAGE, re.MULTILINE)]
    codes = [CliRunner().invoke(main, words).exit_code for words in calls]
    (stated,) = re.findall(r"They end with ([0-9, ]+) and ([0-9])\.", PAGE)
    assert codes == [int(code) for code in (*stated[0].split(","), stated[1])]


def test_another_teams_file_is_verified_by_the_trust_list_of_the_page(kit, tmp_path, monkeypatch):
    trust_list = json.loads(re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)[1])
    keys = json.loads((kit / "keys.json").read_text(encoding="utf-8"))["keys"]
    trust_list["issuers"][0]["id"] = next(key["id"] for key in keys if key["name"] == "maker")
    (tmp_path / "yours-trust.json").write_text(json.dumps(trust_list), encoding="utf-8")
    (tmp_path / "yours.jsonld").write_bytes((kit / "cases/passport-public.jsonld").read_bytes())
    monkeypatch.chdir(tmp_path)
    calls = [line.split() for line in re.findall(r"^\$ passport (verify yours.*)$", PAGE, re.MULTILINE)]
    assert len(calls) == 2
    for words in calls:
        assert CliRunner().invoke(main, [*words, "--at", "2026-11-28T12:00:00Z"]).exit_code == 0


def test_every_file_that_the_page_names_is_in_the_set(kit):
    table = PAGE.split("| path | what it is |")[1].split("\n\n")[0]
    named = re.findall(r"`([a-z.]+(?:json|/))`", table)
    assert {"expected.json", "cases/", "trust/", "keys.json", "did/", "contexts/"} <= set(named)
    assert [name for name in named if not (kit / name).exists()] == []
