"""``passport vc-api``: what stops it before it listens, and the server that it makes."""

from __future__ import annotations

import pytest

from passport.commands import vc_api


@pytest.fixture
def served(monkeypatch):
    """What would be served, without listening."""
    found = []
    monkeypatch.setattr(vc_api, "_serve", lambda config, host, port: found.append(config))
    return found


def test_in_development_the_dids_come_as_environment_variables_and_no_key_is_written(shell, served, tmp_path):
    result = shell.run("vc-api", "--dev", "--base-url", "https://localhost:8443")
    lines = result.stdout.splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        f"export {name}" for name in ("ISSUER_DID", "ISSUER_DID_P256", "ISSUER_DID_P384")
    ]
    (config,) = served
    assert config.development and config.token is None and config.base_url == "https://localhost:8443"
    assert set(config.issuers) >= {"", "eddsa-rdfc-2022", "ecdsa-sd-2023", "ecdsa-jcs-2019-p384", "status"}


def test_without_a_token_a_project_is_not_served(shell, served, monkeypatch):
    monkeypatch.delenv("PASSPORT_VC_API_TOKEN", raising=False)
    shell.run("init", shell.folder / "shop", "--base-url", "https://passport.example.com")
    result = shell.run("vc-api", "--project", shell.folder / "shop", code=2)
    assert "PASSPORT_VC_API_TOKEN" in result.stderr
    assert served == []


def test_a_project_is_served_with_its_own_key_and_trust_list_and_nothing_foreign(shell, served, monkeypatch):
    monkeypatch.setenv("PASSPORT_VC_API_TOKEN", "t" * 40)
    shell.run("init", shell.folder / "shop", "--base-url", "https://passport.example.com")
    shell.run("vc-api", "--project", shell.folder / "shop")
    (config,) = served
    assert (config.development, config.foreign, "controller" in config.decisive) == (False, False, True)
    assert "status" not in config.issuers and "ecdsa-sd-2023" in config.issuers


@pytest.mark.parametrize(
    "words",
    [
        ("--dev", "--host", "0.0.0.0"),
        ("--context", "https://example.org/c=x.jsonld"),
        ("--base-url", "https://example.org"),
        ("--dev", "--context", "https://example.org/c"),
        ("--dev", "--context", "https://example.org/c=nothing-here.jsonld"),
    ],
)
def test_what_opens_a_door_or_makes_no_sense_is_refused(shell, served, words):
    shell.run("vc-api", *words, code=2)
    assert served == []
