"""``passport grant``: giving a role, the list of roles, and taking one back by its id, its file or its holder."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from passport.commands.terminal import console
from passport.credentials.verifier import Verifier
from passport.identity.keys import PrivateKey
from passport.linked_data import strict_json
from passport.project import Project

WHY = ("--reason", "contract ended")


@pytest.fixture(scope="module")
def holder() -> str:
    return PrivateKey.generate().public_key.did_key


@pytest.fixture
def give(shell, shop, holder):
    def give(name: str = "role.jsonld", did: str | None = None, *more: str):
        words = ("--audience", "legitimate-interest", "--purpose", "recycling", "--project", shop)
        shell.run("grant", did or holder, *words, "-o", shell.folder / name, *more)
        return shell.folder / name, strict_json.loads((shell.folder / name).read_bytes())

    return give


@pytest.fixture
def verified(shop):
    """How the role stands, by the project's own trust list and the lists in its store."""

    def verified(role: dict) -> bool | None:
        project = Project.open(shop)
        store = project.open_store()
        lists = {f"{project.base_url}/status/{n}": store.status_list(n) for n in store.list_numbers()}
        return Verifier(project.trust_list(), status_lists=lists).verify(role, at=console.now()).verified

    return verified


def test_a_role_ends_after_thirty_days_and_has_a_place_in_a_signed_list(give, verified):
    _, role = give()
    start, end = (datetime.fromisoformat(role[name]) for name in ("validFrom", "validUntil"))
    assert end - start == timedelta(days=30)
    (entry,) = role["credentialStatus"]
    assert entry["statusPurpose"] == "revocation"
    assert verified(role) is True


@pytest.mark.parametrize("by", ["id", "file", "holder", "stdin"])
def test_a_role_is_taken_back_by_its_id_its_file_or_its_holder(shell, shop, give, verified, holder, by):
    path, role = give()
    name = {"id": role["id"], "file": path, "holder": holder, "stdin": "-"}[by]
    stdin = path.read_text() if by == "stdin" else None
    result = shell.run("grant", "revoke", name, *WHY, "--project", shop, stdin=stdin)
    assert result.stdout == f"revoked  {role['id']}\n"
    assert verified(role) is False
    again = shell.run("grant", "revoke", role["id"], *WHY, "--project", shop)
    assert "taken back before" in again.stdout


def test_all_roles_of_a_holder_are_taken_back_and_nobody_else_s(shell, shop, give, verified, holder):
    other = PrivateKey.generate().public_key.did_key
    roles = [give("1.jsonld")[1], give("2.jsonld")[1], give("3.jsonld", other)[1]]
    document = shell.json("grant", "revoke", holder, *WHY, "--project", shop)
    assert document == {"outcome": "revoked", "credentials": [roles[0]["id"], roles[1]["id"]]}
    assert [verified(role) for role in roles] == [False, False, True]
    assert shell.json("grant", "revoke", holder, *WHY, "--project", shop)["outcome"] == "same"


def test_roles_are_listed_while_they_count(shell, shop, give, holder, monkeypatch):
    assert "no role was given" in shell.run("grant", "list", "--project", shop).stdout
    _, role = give()
    _, other = give("2.jsonld", PrivateKey.generate().public_key.did_key, "--days", "1")
    listed = shell.json("grant", "list", "--project", shop)["roles"]
    assert [entry["id"] for entry in listed] == [role["id"], other["id"]]
    assert listed[0] == {
        "id": role["id"], "holder": holder, "audience": "legitimate-interest", "purpose": "recycling", "packs": [],
        "validFrom": role["validFrom"], "validUntil": role["validUntil"], "standing": "valid",
    }  # fmt: skip
    (of_holder,) = shell.json("grant", "list", "--holder", holder, "--project", shop)["roles"]
    assert of_holder["id"] == role["id"]
    shell.run("grant", "revoke", role["id"], *WHY, "--project", shop)
    later = datetime.now(UTC) + timedelta(days=2)
    monkeypatch.setattr(console, "now", lambda: later)
    assert shell.json("grant", "list", "--project", shop)["roles"] == []
    standing = [entry["standing"] for entry in shell.json("grant", "list", "--all", "--project", shop)["roles"]]
    assert standing == ["revoked", "ended"]
    assert "--all" in shell.run("grant", "list", "--project", shop).stdout


def test_the_store_keeps_no_signature_of_a_role(shell, shop, give):
    """A copy of the store gives nobody a role."""
    _, role = give()
    signature = role["proof"]["proofValue"]
    assert all(signature.encode() not in path.read_bytes() for path in shop.glob("passports.db*"))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("https://passport.example.com/credentials/none", "no role"),
        ("did:web:nobody.example", "no role"),
        ("nothing-here.jsonld", "is no role"),
        ("id-less.json", "no role credential"),
        ("text", "no role credential"),
    ],
)
def test_what_names_no_role_of_this_project_is_refused(shell, shop, give, name, words):
    (shell.folder / "id-less.json").write_text("{}")
    (shell.folder / "text").write_text("hello")
    assert "no role yet" in shell.run("grant", "revoke", name, *WHY, "--project", shop, code=2).stderr
    give()
    assert words in shell.run("grant", "revoke", name, *WHY, "--project", shop, code=2).stderr
    assert json.loads(shell.run("grant", "revoke", name, *WHY, "--project", shop, "--json", code=2).stdout)["error"]


def test_a_role_of_another_project_is_refused(shell, shop, give):
    path, role = give()
    shell.run("init", shell.folder / "other", "--base-url", "https://other.example.com")
    Project.open(shell.folder / "other").open_store().close()
    assert "no role" in shell.run("grant", "revoke", path, *WHY, "--project", shell.folder / "other", code=2).stderr


@pytest.mark.parametrize("holder", ["did:key:zDnNoKey", "zDn", "revoked"])
def test_a_holder_that_is_no_did_with_a_key_is_refused_and_not_remembered(shell, shop, holder):
    words = ("--audience", "commission", "--purpose", "inspection", "--project", shop)
    shell.run("grant", holder, *words, code=1)
    assert shell.json("grant", "list", "--all", "--project", shop)["roles"] == []


def test_options_may_come_before_the_holder_and_help_tells_of_all_three(shell, shop, holder):
    words = ("--purpose", "recycling", "--audience", "legitimate-interest", "--project", shop, "--json")
    assert json.loads(shell.run("grant", *words, holder).stdout)["credentialSubject"]["id"] == holder
    text = shell.run("grant", "--help").stdout
    assert all(word in text for word in ("list", "revoke", "to ", "Examples:"))
    for name in ("to", "list", "revoke"):
        text = shell.run("grant", name, "--help").stdout
        assert "Examples:" in text and "--json" in text
