"""``passport identity``, ``directory`` and ``trust``: from a first entry to a trust list that follows it."""

from __future__ import annotations

import json

import pytest

from passport.commands.keeping.init import make_project
from passport.credentials.digests import document_digest
from passport.credentials.issuer import presentation
from passport.project import Project
from tests.directory_world import Company, credit_code

RULES = {"rules": [{"roles": ["batteryMaker"], "trustedFor": ["BatteryPassportCredential"], "regimes": ["cn"]}]}


@pytest.fixture
def registrar(shell):
    """A registrar with two enterprises, and a verifier whose trust list names it."""
    make_project(shell.folder / "registrar", "https://registrar.example", names={"en": "Registrar"})
    did = json.loads((shell.folder / "registrar/trusted-issuers.json").read_text())["issuers"][0]["id"]
    entry = {"id": did, "name": {"en": "Registrar"}}
    entry["trustedFor"] = ["EnterpriseIdentityCredential", "EnterpriseDirectoryCredential"]
    (shell.folder / "trust.json").write_text(json.dumps({"issuers": [entry]}))
    (shell.folder / "policy.json").write_text(json.dumps(RULES))
    for number, (name, role) in enumerate((("maker", "batteryMaker"), ("lab", "certificationBody")), 1):
        company = Company(name, number)
        (shell.folder / f"{name}.json").write_text(json.dumps(company.document))
        shell.run(
            "identity", "issue", company.did, "--name", name.title(), "--name-zh", "某某公司", "--country", "CN",
            "--credit-code", credit_code(number), "--role", role, "--did-document", f"{name}.json",
            "-o", f"{name}.jsonld", "--project", "registrar",
        )  # fmt: skip
    return "--project", "registrar"


def test_an_accreditation_hangs_on_the_identity_of_its_actor(shell, registrar):
    # The registrar accredits too; the verifier's list is its own.
    (shell.folder / "registrar/trusted-issuers.json").write_bytes((shell.folder / "trust.json").read_bytes())
    words = ("accredit", "did:web:maker.example", "--identity", "maker.jsonld", *registrar)
    # The status lists are at the registrar, which is asked for them; this one is at hand.
    file = json.loads((shell.folder / "maker.jsonld").read_text())
    store = Project.open(shell.folder / "registrar").open_store()
    lists = [store.status_list(number) for number in sorted(store.role_lists())]
    store.close()
    (shell.folder / "maker.jsonld").write_text(json.dumps(presentation([file, *lists])))
    made = shell.json(*words, "--offline", "--role", "batteryMaker", "--days", "30000")
    subject, stated = made["credentialSubject"], file["credentialSubject"]
    for name in ("id", "legalName", "unifiedSocialCreditCode"):
        assert subject[name] == stated[name]
    assert made["validUntil"] == file["validUntil"], "it ends with the identity"
    assert subject["identityCredential"] == file["id"] and subject["identityDigest"] == document_digest(file)
    role_words = ("--audience", "commission", "--purpose", "oversight", "--offline", "--days", "3000")
    role = shell.json("grant", "did:web:maker.example", "--identity", "maker.jsonld", *role_words, *registrar)
    assert role["credentialSubject"]["identityDigest"] == document_digest(file)
    assert role["validUntil"] == file["validUntil"] and len(role["credentialStatus"]) == 3
    of_lab = ("grant", "did:web:lab.example", "--identity", "maker.jsonld", *role_words, *registrar)
    assert "is of another" in shell.run(*of_lab, code=2).stderr
    for more, told in (
        (("--role", "recycler"), "states no such role"), (("--role", "batteryMaker", "--name", "X"), "of the identity"),
        (("--role", "batteryMaker", "--manufacturer-code", "ZZZ"), "no such manufacturer code"),
    ):  # fmt: skip
        assert told in shell.run(*words, "--offline", *more, code=2).stderr
    other = ("accredit", "did:web:lab.example", *words[2:], "--offline", "--role", "batteryMaker")
    assert "is of another" in shell.run(*other, code=2).stderr
    file["credentialSubject"]["actorRole"] = ["recycler"]
    (shell.folder / "maker.jsonld").write_text(json.dumps(presentation([file, *lists])))
    assert "does not verify" in shell.run(*words, "--offline", "--role", "recycler", code=1).stderr


def test_from_a_listed_enterprise_to_a_trust_list_that_follows_its_revocation(shell, registrar):
    rows = shell.json("identity", "list", *registrar)["identities"]
    assert [(row["did"], row["standing"], len(row["keys"])) for row in rows] == [
        ("did:web:lab.example", "valid", 1), ("did:web:maker.example", "valid", 1),
    ]  # fmt: skip
    found = shell.run("directory", "search", "--code", credit_code(1), *registrar, "--lang", "zh").stdout
    assert "某某公司" in found and credit_code(1) in found and "did:web:lab" not in found
    shell.run("directory", "save", "-o", "d1.jsonld", *registrar)
    shell.run("verify", "d1.jsonld", "--offline", "--trust", "trust.json")
    make = ("trust", "from-directory", "--policy", "policy.json", "--trust", "trust.json")
    dry = shell.json(*make, "d1.jsonld", "--dry-run")
    assert dry["added"] == ["did:web:maker.example"] and not dry["written"]
    said = shell.run(*make, "d1.jsonld").stdout
    assert "2 entries, 1 of them not from the directory" in said
    assert shell.json(*make, "d1.jsonld")["outcome"] == "same"
    shell.run("identity", "suspend", "did:web:maker.example", "--reason", "examined", *registrar)
    shell.run("identity", "restore", "did:web:maker.example", "--reason", "cleared", *registrar)
    shell.run("identity", "revoke", "did:web:maker.example", "--reason", "struck off", *registrar)
    shell.run("directory", "save", "-o", "d2.jsonld", *registrar)
    assert shell.json(*make, "d2.jsonld")["removed"] == ["did:web:maker.example"]
    assert "newer directory" in shell.json(*make, "d1.jsonld", code=1)["error"]["message"], "though none of it is left"
    standings = [each["standing"] for each in shell.json("directory", "changes", *registrar)["changes"]]
    assert standings == [None, "valid", None, "valid", "suspended", "valid", "revoked"]
    listed = shell.json("identity", "list", "--all", *registrar)["identities"]
    assert {row["did"]: row["standing"] for row in listed}["did:web:maker.example"] == "revoked"


def test_an_identity_is_written_as_untp_anchors_signed_and_unsigned(shell, registrar):
    anchor = ("identity", "anchor", "maker.jsonld", "--registrar-name", "Registrar", *registrar)
    (unsigned,) = json.loads(shell.run(*anchor).stdout)
    assert unsigned["credentialSubject"]["registeredId"] == credit_code(1)
    (token,) = json.loads(shell.run(*anchor, "--signed").stdout)
    assert token.count(".") == 2


def test_a_refused_identity_says_what_is_wrong(shell, registrar):
    issue = ("identity", "issue", "did:web:x.example", "--name", "X", "--country", "CN", "--role", "dealer", *registrar)
    assert shell.json(*issue, "--lei", "506700GE1G29325QX364", code=1)["error"]["code"] == "malformed-identifier"
    assert "the keys of the enterprise are not known" in shell.run(*issue, "--registration", "HRB 1", code=2).stderr
    assert "exclude each other" in shell.run(
        *issue, "--registration", "H", "--fetch", "--did-document", "maker.json", code=2
    ).stderr  # fmt: skip
    assert (
        "struck"
        not in shell.run("identity", "revoke", "did:web:y.example", "--reason", "struck", *registrar, code=2).stderr
    )
    assert "no directory was signed here" in shell.run("directory", "save", "--project", _empty(shell), code=2).stderr


def _empty(shell):
    make_project(shell.folder / "empty", "https://empty.example", names={"en": "E"})
    return "empty"


def test_the_daily_refresh_signs_the_directory_too(shell, registrar, monkeypatch):
    from datetime import timedelta

    from passport.commands.terminal import console

    later = console.now() + timedelta(days=1)
    monkeypatch.setattr(console, "now", lambda: later)
    document = shell.json("refresh", *registrar)
    assert document["directory"]["id"].startswith("https://registrar.example/directory/")
    assert "directory" not in shell.json("refresh", *registrar)
