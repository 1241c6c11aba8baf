"""``passport doctor`` and ``passport refresh``: each thing that can be wrong, and what is said of it."""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from passport.commands import main
from passport.commands.keeping.init import make_project
from passport.commands.terminal import console
from passport.credentials.trust import TrustList
from passport.project import Project
from passport.publishing.publisher import Publisher
from passport.store.log.access_log import AccessRecord
from passport.store.state.resolver_state import ResolverState
from passport.vocabulary import vocabulary
from passport.vocabulary.vocabulary import Audience
from resolver.commands.doctor import examine
from tests.packs import example_records
from tests.remembering_publisher import RememberingPublisher

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def issued_project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one pack, which is copied for each test."""
    folder = tmp_path_factory.mktemp("issued") / "shop"
    project = make_project(folder, "https://passport.example.com", names={"en": "Shop", "zh": "店"})
    store = project.open_store()
    publisher = RememberingPublisher(store, project.issuer_with_key(None), project.base_url, vocabulary.load(), ())
    publisher.issue(example_records("lmt-ebike.xlsx"), at=NOW)
    store.close()
    return folder


@pytest.fixture
def project(issued_project: Path, tmp_path: Path) -> Project:
    return Project.open(Path(shutil.copytree(issued_project, tmp_path / "shop")))


def findings(project: Project, at: datetime = NOW, **environ: str) -> dict[str, str]:
    return {finding.name: finding.outcome for finding in examine(project, at, environ)}


def told(project: Project, *options: str) -> Result:
    return CliRunner().invoke(main, ["doctor", "--project", str(project.folder), *options])


def test_a_project_in_order_passes_everything(project):
    assert set(findings(project).values()) == {"passed"}
    done = CliRunner().invoke(main, ["doctor", "--project", str(project.folder)])
    assert done.exit_code == 0, done.output


def test_a_key_that_others_can_read_is_found(project):
    os.chmod(project.folder / "keys" / "issuer.pem", 0o644)
    assert findings(project)["issuer key"] == "failed"
    done = told(project)
    assert done.exit_code == 1
    assert "✗ issuer key: mode 644" in done.stdout and "chmod 600" in done.stdout


@pytest.mark.parametrize("name", ["passports.db", "state.db"])
def test_a_store_or_state_that_others_can_read_is_found(project, name):
    ResolverState(project.state_path)
    assert name not in findings(project)
    os.chmod(project.folder / name, 0o644)
    assert findings(project)[name] == "failed"


def test_a_store_that_passport_toml_names_is_looked_at(project):
    away = replace(project, store="postgresql://nobody@/passports?host=/nonexistent")
    away.write()
    (project.folder / "passports.db").unlink()
    assert findings(away)["store"] == "failed"


def test_a_full_disk_is_found(project, monkeypatch):
    usage = shutil.disk_usage(project.folder)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=999_000_000))
    assert findings(project)["disk"] == "failed"
    assert "1.0 GB free" in told(project).stdout


def test_lists_are_as_fresh_as_the_resolver_asks(project):
    later = NOW + timedelta(hours=30)
    assert findings(project, later)["status list 1"] == "passed"
    assert findings(project, later, PASSPORT_STATUS_MAX_AGE="24")["status list 1"] == "failed"


@pytest.mark.parametrize("environ", [{"PASSPORT_PROXIES": "x"}, {"PASSPORT_RATE_LIMIT": "0/60"},
                                     {"PASSPORT_TOKEN_LIFETIME": "9"}])  # fmt: skip
def test_settings_with_which_the_resolver_would_not_start_are_found(project, environ):
    found = findings(project, **environ)
    assert (found["settings"], found["store"]) == ("failed", "undetermined")


def test_a_misspelt_audience_in_the_trust_list_is_found(project):
    trusted = json.loads(project.trust_list_path.read_text(encoding="utf-8"))
    trusted["issuers"][0]["audiences"] = ["recyclers"]
    project.trust_list_path.write_text(json.dumps(trusted), encoding="utf-8")
    assert findings(project)["settings"] == "failed"
    assert "legitimate-interest" in told(project).stdout


def test_an_own_did_web_that_nothing_pins_is_found(project):
    own = replace(project, issuer="did:web:passport.example.com")
    trusted = json.loads(project.trust_list_path.read_text(encoding="utf-8"))
    trusted["issuers"][0]["id"] = own.issuer
    project.trust_list_path.write_text(json.dumps(trusted), encoding="utf-8")
    (finding,) = (one for one in examine(own, NOW, {}) if one.name == "trust list")
    assert finding.outcome == "failed" and "didDocument" in finding.hint


def test_a_trust_list_that_is_not_there_hides_no_other_finding(project):
    project.trust_list_path.unlink()
    os.chmod(project.folder / "keys" / "issuer.pem", 0o640)
    found = findings(project)
    assert (found["trust list"], found["issuer key"]) == ("failed", "failed")
    assert told(project).exit_code == 1


@pytest.mark.parametrize("content", [b"no database" * 999, b""])
def test_a_store_that_cannot_be_read_is_a_finding_like_another(project, content):
    for path in project.folder.glob("passports.db-*"):
        path.unlink()
    (project.folder / "passports.db").write_bytes(content)
    found = findings(project)
    assert "failed" in (found.get("store"), found.get("status list"))
    assert found["disk"] == "passed"
    assert told(project).exit_code == 1


def test_a_store_elsewhere_is_looked_at_where_it_is(project, tmp_path):
    elsewhere = tmp_path / "elsewhere.db"
    (project.folder / "passports.db").rename(elsewhere)
    assert findings(project)["store"] == "undetermined"
    assert findings(project, PASSPORT_STORE=f"sqlite:///{elsewhere}")["status list 1"] == "passed"
    assert not (project.folder / "passports.db").exists()


def test_what_is_in_order_needs_no_hint_and_the_outcome_is_the_exit_code(project):
    done = told(project, "--json")
    assert done.exit_code == 0
    assert {finding["hint"] for finding in json.loads(done.stdout)["findings"]} == {None}
    (project.folder / "passports.db").unlink()
    done = told(project, "--json")
    assert done.exit_code == 3
    (store,) = (one for one in json.loads(done.stdout)["findings"] if one["outcome"] == "undetermined")
    assert store["hint"] == "passport issue makes the store."


def test_an_old_key_and_old_status_lists_are_found(project):
    later = findings(project, NOW + timedelta(days=1000))
    assert later["key age"] == "failed"
    assert later["status list 1"] == "failed"


def test_an_old_list_of_another_issuer_in_the_store_is_left_to_that_issuer(project, tmp_path):
    second = make_project(tmp_path / "second", project.base_url, names={"en": "Second", "zh": None})
    store = project.open_store()
    own = store.list_numbers()
    Publisher.of_project(second, store, None).issue(example_records("stationary-lfp.xlsx"), at=NOW)
    store.close()
    hints = {one.name: one.hint for one in examine(project, NOW + timedelta(days=1000), {}) if "list " in one.name}
    assert all(f"passport refresh --project {project.folder}" in hints[f"status list {number}"] for number in own)
    others = [hint for name, hint in hints.items() if name not in {f"status list {number}" for number in own}]
    assert others and all(hint.startswith(f"{second.issuer} signs it") for hint in others)


def test_a_clock_behind_the_last_signature_is_found(project):
    assert findings(project, NOW - timedelta(days=2))["clock"] == "failed"


def test_a_trust_list_without_ourselves_is_found(project):
    project.trust_list_path.write_text('{"issuers": []}', encoding="utf-8")
    assert findings(project)["trust list"] == "failed"
    project.trust_list_path.write_text("{", encoding="utf-8")
    done = CliRunner().invoke(main, ["doctor", "--project", str(project.folder), "--json"])
    assert done.exit_code == 1
    assert json.loads(done.stdout)["findings"][0]["outcome"] == "failed"


def test_a_project_that_issued_nothing_is_undetermined(tmp_path):
    project = make_project(tmp_path / "new", "https://passport.example.com", names={"en": "Shop", "zh": "店"})
    assert findings(project)["store"] == "undetermined"


def test_a_read_side_without_a_key_is_in_order(project):
    (project.folder / "keys" / "issuer.pem").unlink()
    assert findings(project)["issuer key"] == "passed"


def test_refresh_signs_the_lists_again_and_changes_nothing_else(project, monkeypatch):
    monkeypatch.setattr(console, "now", lambda: NOW + timedelta(days=1))
    store = project.open_store()
    before = store.status_list(1)
    done = CliRunner().invoke(main, ["refresh", "--project", str(project.folder)])
    assert done.exit_code == 0, done.output
    after = store.status_list(1)
    assert after["proof"]["proofValue"] != before["proof"]["proofValue"]
    assert after["credentialSubject"] == before["credentialSubject"]


# --- the access log -------------------------------------------------------------------------------------------------


@pytest.fixture
def logged(project: Project) -> Project:
    state = ResolverState(project.state_path)
    for number in range(3):
        state.log(AccessRecord(NOW, f"t{number}", "did:key:z1", "commission", "p", "https://a.example/1", ("soc",)))
    return project


def tampered(project: Project, statement: str) -> dict[str, str]:
    with sqlite3.connect(project.state_path) as connection:
        connection.execute("DROP TRIGGER access_log_no_update")
        connection.execute("DROP TRIGGER access_log_no_delete")
        connection.execute(statement)
    return findings(project)


def test_an_access_log_in_order_passes_also_where_the_store_is_elsewhere(logged):
    assert findings(logged)["access log"] == "passed"
    (logged.folder / "passports.db").unlink()
    assert findings(logged)["access log"] == "passed"


@pytest.mark.parametrize(
    "statement",
    ["UPDATE access_log SET holder = 'x' WHERE sequence = 2", "DELETE FROM access_log WHERE sequence = 2",
     "DELETE FROM access_log WHERE sequence = 3", "DELETE FROM access_log"],
)  # fmt: skip
def test_an_access_log_that_was_changed_or_cut_off_is_found(logged, statement):
    assert tampered(logged, statement)["access log"] == "failed"


def test_an_access_log_that_cannot_be_read_is_found(logged):
    for path in logged.folder.glob("state.db-*"):
        path.unlink()
    logged.state_path.write_bytes(b"no database")
    assert findings(logged)["access log"] == "failed"


# --- what the guide says --------------------------------------------------------------------------------------------

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "deploy.md").read_text(encoding="utf-8")


def test_the_trust_list_of_the_guide_is_one_and_every_member_and_audience_is_explained(tmp_path):
    (example,) = re.findall(r"```json\n(.*?)```", GUIDE, re.DOTALL)
    path = tmp_path / "trusted-issuers.json"
    path.write_text(example, encoding="utf-8")
    _, roles = TrustList.load(path).issuers
    assert roles.audiences == {"legitimate-interest"}
    section = GUIDE.partition("## The trust list")[2].partition("\n## ")[0].replace(example, "")
    members = {key for issuer in json.loads(example)["issuers"] for key in issuer}
    codes = {code.value for code in Audience if code is not Audience.PUBLIC}
    assert {f"`{word}`" for word in members | codes} <= set(re.findall("`[^`]*`", section))


def test_the_guide_shows_what_doctor_says(logged):
    shown = set(re.findall(r"^✓ ([a-z ]+?)(?: \d+)?:", GUIDE, re.MULTILINE))
    assert shown == {name.rstrip(" 0123456789") for name in findings(logged)}
