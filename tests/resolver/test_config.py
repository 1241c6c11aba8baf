"""The configuration is refused before the first request, with a hint; and it never needs a key."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from passport.commands.keeping.init import make_project
from passport.errors import UnusableProject
from passport.identity.shared_secret import SharedSecret
from passport.store import Store
from resolver.app import create_app
from resolver.config import ResolverConfig
from tests.each import each


@pytest.fixture
def project(tmp_path):
    return make_project(tmp_path / "shop", "https://passport.example.com", names={})


@pytest.fixture
def config(project) -> ResolverConfig:
    return ResolverConfig.from_environ({"PASSPORT_PROJECT": str(project.folder)})


def test_the_environment_names_the_project(config, project):
    assert config.base_url == "https://passport.example.com"
    assert config.state_path == project.state_path
    assert config.token_lifetime == 600
    assert config.store_url.endswith("/shop/passports.db")
    assert config.trust_list.issuer(project.issuer) is not None


@each(
    ("environ", "words"),
    [
        ({}, "PASSPORT_PROJECT"),
        ({"PASSPORT_PROJECT": ""}, "PASSPORT_PROJECT"),
        ({"PASSPORT_PROJECT": "/nowhere"}, "passport.toml"),
    ],
)
def test_an_environment_without_a_project_is_refused_with_a_hint(environ, words):
    with pytest.raises(UnusableProject) as caught:
        ResolverConfig.from_environ(environ)
    assert words in str(caught.value)
    assert caught.value.hint


@pytest.mark.parametrize("lifetime", ["0", "299", "601", "86400", "ten", "-600", "６００"])
def test_a_token_lifetime_outside_five_to_ten_minutes_is_refused(project, lifetime):
    with pytest.raises(UnusableProject, match="300 to 600"):
        ResolverConfig.from_environ({"PASSPORT_PROJECT": str(project.folder), "PASSPORT_TOKEN_LIFETIME": lifetime})


@pytest.mark.parametrize(
    "change",
    [
        {"base_url": "passport.example.com"}, {"base_url": "https://a.example/?x"}, {"base_url": "ftp://a.example"},
        {"access_policy": "everything"}, {"languages": ("en", "fr")}, {"languages": ()}, {"token_lifetime": True},
    ],
)  # fmt: skip
def test_a_field_out_of_its_range_is_refused(config, change):
    with pytest.raises(UnusableProject):
        replace(config, **change)


def test_an_unknown_regime_is_refused_at_the_start(config):
    with pytest.raises(UnusableProject, match="eu"):
        create_app(replace(config, regimes=("atlantis",)), store=Store.open("sqlite://"), now=lambda: None)


def test_no_store_is_refused_at_the_start(config):
    with pytest.raises(UnusableProject, match="store"):
        create_app(replace(config, store_url=None), now=lambda: None)


def test_a_state_file_that_cannot_be_made_is_refused_at_the_start(config, tmp_path):
    with pytest.raises(UnusableProject, match="state"):
        create_app(replace(config, state_path=tmp_path / "no" / "state.db"), store=Store.open("sqlite://"), now=None)


def test_a_trust_list_that_cannot_be_read_is_refused_at_the_start(project):
    project.trust_list_path.write_text("{}")
    with pytest.raises(Exception, match="issuers"):
        ResolverConfig.from_project(project)


def test_a_did_web_issuer_has_its_document_served_where_the_did_points(tmp_path):
    project = make_project(tmp_path / "web", "https://passport.example.com", names={}, did_web_issuer=True)
    document = ResolverConfig.from_project(project).issuer_document
    assert document["id"] == project.issuer == "did:web:passport.example.com"
    elsewhere = replace(project, base_url="https://other.example.com")
    assert ResolverConfig.from_project(elsewhere).issuer_document is None


def test_a_did_document_of_somebody_else_is_refused(tmp_path):
    project = make_project(tmp_path / "web", "https://passport.example.com", names={}, did_web_issuer=True)
    (project.folder / "did.json").write_text('{"id": "did:web:evil.example"}')
    with pytest.raises(UnusableProject, match="not the issuer"):
        ResolverConfig.from_project(project)


def start(folder: str, code: str) -> subprocess.CompletedProcess:
    environ = {**os.environ, "PASSPORT_PROJECT": folder}
    return subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, timeout=120)


def test_the_read_side_works_without_any_key(project):
    (project.folder / "keys" / "issuer.pem").unlink()
    (project.folder / "keys").rmdir()
    code = (
        "from resolver.wsgi import application; client = application.test_client();"
        "print(client.get('/healthz').status_code, client.get('/01/09506000134352').status_code)"
    )
    ran = start(str(project.folder), code)
    assert ran.stdout.split() == ["200", "404"], ran.stderr


def test_a_start_without_a_project_ends_with_error_and_hint():
    ran = start("/nowhere", "from resolver.wsgi import app; app()")
    assert ran.returncode == 2
    assert ran.stderr.startswith("error: ")
    assert "hint: " in ran.stderr
    assert "Traceback" not in ran.stderr


def test_keys_of_vehicles_come_from_the_folder_that_is_named_and_from_nowhere_else(operator):
    secret = operator.project.keep_vehicle_key(SharedSecret.generate("k1"))
    environ = {"PASSPORT_PROJECT": str(operator.project.folder)}
    assert ResolverConfig.from_environ(environ).vehicle_keys == ()
    config = ResolverConfig.from_environ({**environ, "PASSPORT_VEHICLE_KEYS": str(secret.parent)})
    assert [key.id for key in config.vehicle_keys] == ["k1"]
    assert "vehicle_keys" not in repr(config)
    secret.unlink()


def test_a_folder_without_keys_of_vehicles_is_refused(operator, tmp_path):
    environ = {"PASSPORT_PROJECT": str(operator.project.folder), "PASSPORT_VEHICLE_KEYS": str(tmp_path)}
    with pytest.raises(UnusableProject):
        ResolverConfig.from_environ(environ)
