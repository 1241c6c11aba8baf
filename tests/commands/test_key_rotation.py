"""``passport key rotate``, ``compromised`` and ``list`` as they are called; what they do is in the stories."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta

import pytest

from passport.identity.keys import PrivateKey

DID = "did:web:passport.example.com"


@pytest.fixture
def shop(shell):
    """A project that issues as did:web."""
    folder = shell.folder / "shop"
    shell.run("init", folder, "--base-url", "https://passport.example.com", "--did-web")
    return folder


@pytest.fixture
def issued(shell, shop):
    """Address of the LMT pack, issued in that project."""
    document = shell.json("issue", shell.workbook("lmt-ebike.xlsx"), "--project", shop)
    return next(entry["id"] for entry in document["entries"] if entry["kind"] == "pack")


def files(folder):
    return {path: path.read_bytes() for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith((".", "passports.db"))}  # fmt: skip


def yesterday() -> str:
    return (datetime.now(UTC) - timedelta(days=1)).isoformat()


def test_a_rotation_says_which_key_signs_and_what_becomes_of_the_other(shell, shop):
    said = shell.run("key", "rotate", "--project", shop).stdout
    assert f"in use     {DID}#key-2" in said and f"retired    {DID}#key-1" in said
    document = shell.json("key", "rotate", "--project", shop)
    assert (document["outcome"], document["before"], document["after"]) == ("rotated", f"{DID}#key-2", f"{DID}#key-3")
    listed = shell.json("key", "list", "--project", shop)["keys"]
    assert [each["state"] for each in listed] == ["retired", "retired", "in use"]
    assert [event["event"] for event in listed[1]["events"]] == ["made", "in-use", "retired"]


def test_a_secret_is_neither_printed_nor_written_elsewhere(shell, shop):
    outputs = [shell.run("key", "rotate", "--project", shop).output, shell.run("key", "list", "--project", shop).output]
    secrets = [path.read_text().splitlines()[1] for path in (shop / "keys").glob("*.pem")]
    assert len(secrets) == 2
    others = [content for path, content in files(shop).items() if path.suffix != ".pem"]
    for secret in secrets:
        assert not any(secret in output for output in outputs)
        assert not any(secret.encode() in content for content in others)


def test_a_foreign_key_stops_every_command_that_signs(shell, shop, issued):
    path = shop / "keys" / "issuer.pem"
    path.unlink()
    PrivateKey.generate().save(path, None)
    workbook, role = shell.folder / "lmt-ebike.xlsx", PrivateKey.generate().public_key.did_key
    database = shop / "passports.db"
    with sqlite3.connect(database) as connection:
        before = list(connection.iterdump())
    for words in (
        ["issue", workbook],
        ["refresh"],
        ["revoke", issued, "--reason", "x"],
        ["grant", role, "--audience", "commission", "--purpose", "x"],
        ["key", "rotate"],
        ["vc-api"],
    ):
        refused = shell.run(*words, "--project", shop, code=2)
        assert f"not the one of {DID}#key-1" in refused.stderr, words
        assert shell.json(*words, "--project", shop, code=2)["error"]["code"] == "wrong-key"
    with sqlite3.connect(database) as connection:
        assert list(connection.iterdump()) == before


def test_a_dry_run_shows_what_would_be_done_and_changes_nothing(shell, shop, issued):
    with sqlite3.connect(shop / "passports.db") as connection:
        rows = list(connection.iterdump())
    before = files(shop)
    said = shell.run("key", "compromised", "--since", yesterday(), "--dry-run", "--project", shop).stdout
    assert "nothing was changed" in said and "5 credentials would be signed anew" in said
    document = shell.json("key", "compromised", "--since", yesterday(), "--dry-run", "--project", shop)
    assert document["dryRun"] is True and document["inUse"] is None
    assert {one["signedAnewAs"] for one in document["credentials"]} == {None}
    assert files(shop) == before
    with sqlite3.connect(shop / "passports.db") as connection:
        assert list(connection.iterdump()) == rows


def test_a_stolen_key_is_revoked_and_all_that_it_signed_is_signed_anew(shell, shop, issued):
    shell.run("show", issued, "--project", shop, "--save", "before.jsonld")
    said = shell.run("key", "compromised", "--since", yesterday(), "--project", shop).stdout
    assert f"revoked  {DID}#key-1" in said and "5 credentials are signed anew" in said
    assert "signed since that instant" in said and issued in said
    trust = shop / "trusted-issuers.json"
    shell.run("verify", "before.jsonld", "--offline", "--trust", trust, code=1)
    shell.run("show", issued, "--project", shop, "--save", "after.jsonld")
    shell.run("verify", "after.jsonld", "--offline", "--trust", trust)
    shell.run("doctor", "--project", shop)
    # The same again finds nothing to do, and names the same key.
    again = shell.json("key", "compromised", "--since", yesterday(), "--project", shop, "--key", "key-1")
    assert (again["key"], again["credentials"], again["statusLists"]) == (f"{DID}#key-1", [], [])


def test_roles_that_still_count_are_named_to_be_given_again(shell, shop, issued):
    holder = PrivateKey.generate().public_key.did_key
    shell.run("grant", holder, "--audience", "commission", "--purpose", "x", "--project", shop, "-o", "role.jsonld")
    words = ("key", "compromised", "--since", yesterday(), "--project", shop)
    assert "1 roles that still count" in shell.run(*words).stdout
    role = json.loads((shell.folder / "role.jsonld").read_text(encoding="utf-8"))
    assert [each["holder"] for each in shell.json(*words, "--key", "key-1")["roles"]] == [holder]
    assert role["credentialSubject"]["id"] == holder
    shell.run("verify", "role.jsonld", "--offline", "--trust", shop / "trusted-issuers.json", code=1)


def test_a_row_that_was_changed_is_left_alone_and_is_the_exit_code(shell, shop, issued):
    with sqlite3.connect(shop / "passports.db") as connection:
        connection.execute("DROP TRIGGER credentials_no_update")
        number, body = connection.execute("SELECT sequence, body FROM credentials ORDER BY sequence").fetchone()
        document = json.loads(body)
        document["credentialSubject"]["batteryMass"] = "9.9"
        row = (json.dumps(document).encode(), number)
        connection.execute("UPDATE credentials SET body = ? WHERE sequence = ?", row)
    words = ("key", "compromised", "--since", yesterday(), "--project", shop)
    assert "1 left alone" in shell.run(*words, "--dry-run", code=1).stdout
    done = shell.json(*words, code=1)
    assert [each["id"] for each in done["leftAlone"]] == [document["id"]]
    assert len([one for one in done["credentials"] if one["signedAnewAs"]]) == 4


def test_a_key_can_be_revoked_before_anything_was_issued(shell, shop):
    done = shell.json("key", "compromised", "--since", yesterday(), "--project", shop)
    assert (done["credentials"], done["inUse"]) == ([], f"{DID}#key-2")
    assert not (shop / "passports.db").exists()
    document = shell.json("issue", shell.workbook("lmt-ebike.xlsx"), "--project", shop)
    assert document["entries"]


@pytest.mark.parametrize("since", ["yesterday", "2026-03-01", "2026-03-01T00:00:00", "2999-01-01T00:00:00Z"])
def test_an_instant_that_is_none_or_lies_ahead_is_refused(shell, shop, since):
    before = files(shop)
    assert "--since" in shell.run("key", "compromised", "--since", since, "--project", shop, code=2).stderr
    assert files(shop) == before


def test_a_revocation_without_a_reason_or_of_an_unknown_key_is_refused(shell, shop):
    before = files(shop)
    words = ("key", "compromised", "--since", yesterday(), "--project", shop)
    shell.run(*words, "--reason", " ", code=2)
    assert "key-1" in shell.run(*words, "--key", "key-7", code=2).stderr
    assert files(shop) == before


def test_issue_names_what_was_signed_anew(shell, shop, issued):
    """A key taken out of the document by hand, as older advice said: what it signed falls; the way back is issue."""
    path = shell.folder / "lmt-ebike.xlsx"
    key = PrivateKey.generate()
    (shop / "keys" / "issuer.pem").unlink()
    key.save(shop / "keys" / "issuer.pem", None)
    shown = shell.run("key", "did-document", shop / "keys" / "issuer.pem", "--base-url", "https://passport.example.com")
    document = json.loads(shown.stdout)
    (shop / "did.json").write_text(json.dumps(document), encoding="utf-8")
    listed = json.loads((shop / "trusted-issuers.json").read_text(encoding="utf-8"))
    listed["issuers"][0]["didDocument"] = document
    (shop / "trusted-issuers.json").write_text(json.dumps(listed), encoding="utf-8")
    refused = shell.json("issue", path, "--project", shop, code=1)["error"]
    assert refused["code"] == "stored-unverified" and len(refused["credentials"]) == 5
    words = ("issue", path, "--replace", "--reason", "key changed", "--project", shop)
    said = shell.run(*words).stdout
    assert "did not verify, signed anew" in said
    assert {tuple(entry["signedAnew"]) for entry in shell.json(*words)["entries"]} == {()}
    shell.run("doctor", "--project", shop)
