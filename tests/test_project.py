"""Where a project's store is: beside its passport.toml, where that says, or where the environment says."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from passport.commands.keeping.init import make_project
from passport.errors import UnusableProject
from passport.project import Project
from resolver.config import ResolverConfig

ELSEWHERE = "postgresql://publisher@db.example/passports"


@pytest.fixture
def project(tmp_path, monkeypatch) -> Project:
    monkeypatch.delenv("PASSPORT_STORE", raising=False)
    return make_project(tmp_path / "shop", "https://passport.example.com", names={"en": "Operator", "zh": None})


def test_a_store_is_a_file_that_its_owner_alone_may_read(project):
    assert not project.has_store()
    project.open_store().close()
    assert project.has_store()
    files = [path for path in project.folder.iterdir() if path.name.startswith("passports.db")]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_passport_toml_may_name_another_store(project):
    replace(project, store=ELSEWHERE).write()
    reopened = Project.open(project.folder)
    assert reopened.store_url == ELSEWHERE == ResolverConfig.from_project(reopened).store_url
    assert reopened.has_store()


def test_the_environment_names_another_store_for_commands_and_for_the_resolver(project, monkeypatch):
    monkeypatch.setenv("PASSPORT_STORE", ELSEWHERE)
    assert Project.find(str(project.folder)).store_url == ELSEWHERE
    environ = {"PASSPORT_PROJECT": str(project.folder), "PASSPORT_STORE": ELSEWHERE}
    assert ResolverConfig.from_environ(environ).store_url == ELSEWHERE


def test_a_store_that_is_no_text_is_refused(project):
    _say(project, "store = 1")
    with pytest.raises(UnusableProject, match="store; expected an address"):
        Project.open(project.folder)


def test_a_password_in_passport_toml_is_refused_when_the_store_is_opened(project):
    _say(project, 'store = "postgresql://publisher:hunter2@db.example/passports"')
    with pytest.raises(UnusableProject, match="holds a password") as caught:
        Project.open(project.folder).open_store()
    assert "hunter2" not in str(caught.value)


def test_a_folder_that_cannot_hold_a_store_is_refused(project):
    (project.folder / "passports.db").mkdir()
    with pytest.raises(UnusableProject, match="is not a database"):
        project.open_store()


def _say(project: Project, line: str) -> None:
    path: Path = project.folder / "passport.toml"
    path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")
