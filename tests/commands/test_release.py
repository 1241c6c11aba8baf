"""``passport release``: a copy that holds what the policy releases and nothing else, and verifies as any other."""

from __future__ import annotations

import json
import sqlite3

import pytest

from passport.battery.privacy.release_policy import FIRST, check_log

OPEN = {"policy": "p1", "recipient": "abroad", "basis": "test", "classes": ["open"]}


@pytest.fixture
def release(shell, shop, issued):
    """Release the LMT pack by a policy into ``abroad``."""

    def run(code=0, to="abroad", **members):
        (shell.folder / "policy.json").write_text(json.dumps({**OPEN, **members}))
        if code == 0:
            return shell.json("release", "--policy", "policy.json", "-o", to, "--project", shop)
        return shell.run("release", "--policy", "policy.json", "-o", to, "--project", shop, code=code)

    return run


def everything_in(folder) -> str:
    """All bytes of the copy that anybody could read, as text."""
    with sqlite3.connect(folder / "passports.db") as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        rows = [value for table in tables for row in database.execute(f"SELECT * FROM {table}") for value in row]
    return "\n".join(value.decode() if isinstance(value, bytes) else str(value) for value in rows)


def test_only_public_credentials_leave_by_the_open_class(shell, shop, issued, release):
    said = release()
    assert said["packs"] == [issued]
    outcomes = {entry["type"]: entry["outcome"] for entry in said["credentials"]}
    assert outcomes == {
        "BatteryModelCredential": "whole", "BatteryModelDetailCredential": "nothing",
        "BatteryBatchCredential": "whole", "BatteryPassportCredential": "whole",
        "BatteryConditionCredential": "nothing",
    }  # fmt: skip
    text = everything_in(shell.folder / "abroad")
    assert "nominalVoltage" in text
    for withheld in ("stateOfCharge", "detailedComposition", "capacityFade", "recordedAt"):
        assert withheld not in text


def test_a_named_indicator_leaves_without_its_neighbours(shell, issued, release):
    said = release(indicators=["capacityFade"])
    condition = next(entry for entry in said["credentials"] if entry["type"] == "BatteryConditionCredential")
    assert (condition["outcome"], condition["released"]) == ("part", ["capacityFade"])
    text = everything_in(shell.folder / "abroad")
    assert "capacityFade" in text and "stateOfCharge" not in text
    shown = shell.run("show", issued, "--project", "abroad", "--as", "legitimate-interest", "--all").stdout
    assert "2.4" in shown


def test_the_copy_verifies_offline_as_the_original_does(shell, issued, release):
    release(classes=["open", "restricted"], **{"except": ["testReportResults"]})
    shell.run("show", issued, "--project", "abroad", "--as", "legitimate-interest", "--save", "view.jsonld")
    result = shell.json("verify", "view.jsonld", "--offline", "--trust", "abroad/trusted-issuers.json")
    assert result["verified"] is True
    assert len(result["credentials"]) == 5


def test_neither_key_nor_base_proof_nor_reason_leaves(shell, shop, issued, release):
    shell.run("revoke", issued, "--reason", "secret reason", "--suspend", "--project", shop)
    release(classes=["open", "restricted"])
    names = {entry.name for entry in (shell.folder / "abroad").iterdir() if not entry.name.startswith("passports.db")}
    assert names == {"passport.toml", "trusted-issuers.json"}
    with sqlite3.connect(shell.folder / "abroad" / "passports.db") as database:
        assert database.execute("SELECT count(*) FROM base_proofs").fetchone() == (0,)
    assert "secret reason" not in everything_in(shell.folder / "abroad")


def test_a_revocation_is_known_abroad(shell, shop, issued, release):
    shell.run("revoke", issued, "--reason", "recall", "--project", shop)
    release()
    shell.run("show", issued, "--project", "abroad", "--save", "view.jsonld")
    result = shell.json("verify", "view.jsonld", "--offline", "--trust", "abroad/trusted-issuers.json", code=1)
    assert result["verified"] is False


def test_every_credential_that_left_is_in_the_log_and_the_log_only_grows(shell, shop, issued, release):
    release()
    log = shop / "releases.jsonl"
    first = log.read_bytes()
    assert [json.loads(line)["type"][-1] for line in first.splitlines()] == [
        "BatteryModelCredential",
        "BatteryBatchCredential",
        "BatteryPassportCredential",
    ]
    entry = json.loads(first.splitlines()[0])
    assert (entry["policy"], entry["recipient"], entry["basis"], entry["previous"]) == ("p1", "abroad", "test", FIRST)
    release(to="second", policy="p2")
    assert log.read_bytes().startswith(first) and len(log.read_bytes().splitlines()) == 6
    assert check_log(iter(log.read_bytes().splitlines(keepends=True))) != FIRST


def test_a_log_that_was_changed_stops_the_next_release(shell, shop, issued, release):
    release()
    log = shop / "releases.jsonl"
    log.write_bytes(log.read_bytes().replace(b'"abroad"', b'"nobody"', 1))
    assert "broken at line 2" in release(code=2, to="second").stderr
    assert not (shell.folder / "second").exists()


def test_a_pack_whose_public_part_may_not_leave_stays_as_a_whole(shell, shop, issued, release):
    said = release(classes=["restricted"], indicators=["capacityFade"])
    assert said["packs"] == []
    assert {entry["outcome"] for entry in said["credentials"]} == {"nothing"}
    assert (shop / "releases.jsonl").read_bytes() == b""
    assert issued not in everything_in(shell.folder / "abroad")


def test_a_folder_with_something_in_it_is_refused(shell, release):
    (shell.folder / "abroad").mkdir()
    (shell.folder / "abroad" / "x").write_text("x")
    assert "holds something already" in release(code=2).stderr


@pytest.mark.parametrize("members", [{"classes": ["withheld"]}, {"indicators": ["licensePlateNumber"]}, {"x": "y"}])
def test_a_wrong_policy_releases_nothing(shell, shop, release, members):
    release(code=2, **members)
    assert not (shell.folder / "abroad").exists() and not (shop / "releases.jsonl").exists()


def test_the_copy_is_a_store_of_its_own_wherever_the_projects_is(shell, shop, issued, release, monkeypatch):
    with sqlite3.connect(shop / "passports.db") as here, sqlite3.connect(shop / "elsewhere.db") as elsewhere:
        here.backup(elsewhere)
    for path in shop.glob("passports.db*"):
        path.unlink()
    monkeypatch.setenv("PASSPORT_STORE", f"sqlite:///{shop / 'elsewhere.db'}")
    assert release()["packs"] == [issued]
    assert not (shop / "passports.db").exists()
    assert "nominalVoltage" in everything_in(shell.folder / "abroad")
    monkeypatch.delenv("PASSPORT_STORE")
    assert issued in shell.run("show", issued, "--project", "abroad", "--json").stdout


def test_what_does_not_verify_is_not_released(shell, shop, issued, release):
    """Neither a credential that was changed nor a list; and the folder is free for the next try."""
    with sqlite3.connect(shop / "passports.db") as database:
        database.execute("DROP TRIGGER credentials_no_update")
        number, body = database.execute(
            "SELECT sequence, body FROM credentials WHERE type = 'BatteryPassportCredential'"
        ).fetchone()
        document = json.loads(body)
        document["credentialSubject"]["serialNumber"] = "RS0"
        database.execute("UPDATE credentials SET body = ? WHERE sequence = ?", (json.dumps(document).encode(), number))
    refused = release(code=1)
    assert "nothing was released" in refused.stderr and document["id"] in refused.stderr
    assert list((shell.folder / "abroad").iterdir()) == [] and not (shop / "releases.jsonl").exists()
    with sqlite3.connect(shop / "passports.db") as database:
        database.execute("UPDATE credentials SET body = ? WHERE sequence = ?", (body, number))
        database.execute("DROP TRIGGER status_lists_no_update")
        (signed,) = database.execute("SELECT body FROM status_lists WHERE list = 1 ORDER BY sequence DESC").fetchone()
        forged = json.loads(signed) | {"validFrom": "2020-01-01T00:00:00Z"}
        database.execute("UPDATE status_lists SET body = ? WHERE list = 1", (json.dumps(forged).encode(),))
    assert "status/1" in release(code=1).stderr
    with sqlite3.connect(shop / "passports.db") as database:
        database.execute("UPDATE status_lists SET body = ? WHERE list = 1", (signed,))
    assert release()["packs"] == [issued]


# --- batches, and what becomes of a copy ----------------------------------------------------------------------------


def test_a_batch_that_is_held_back_holds_its_packs_back(shell, shop, issued, release):
    said = release(**{"except": ["facilityIdentifier"]})
    assert said["packs"] == []
    batch = next(entry for entry in said["credentials"] if entry["type"] == "BatteryBatchCredential")
    assert batch["outcome"] == "nothing" and "facilityIdentifier" in batch["reason"]
    assert "nominalVoltage" not in everything_in(shell.folder / "abroad")


def test_an_update_carries_newer_lists_and_revocations_into_the_copy(shell, shop, issued, release):
    release()
    shell.run("revoke", issued, "--reason", "secret reason", "--public-reason", "recalled", "--project", shop)
    said = shell.json("release", "--update", "-o", "abroad", "--project", shop)
    assert sum(one["changes"] for one in said["lists"]) == 1 and any(one["newer"] for one in said["lists"])
    assert "secret reason" not in everything_in(shell.folder / "abroad")
    shell.run("show", issued, "--project", "abroad", "--save", "view.jsonld")
    result = shell.json("verify", "view.jsonld", "--offline", "--trust", "abroad/trusted-issuers.json", code=1)
    assert result["verified"] is False
    assert "recalled" in shell.run("show", issued, "--project", "abroad").stdout
    again = shell.json("release", "--update", "-o", "abroad", "--project", shop)
    assert not any(one["newer"] or one["changes"] for one in again["lists"])


def test_a_revoked_batch_is_known_abroad_after_an_update(shell, shop, issued, release):
    said = release()
    batch = next(one["subject"] for one in said["credentials"] if one["type"] == "BatteryBatchCredential")
    shell.run("revoke", batch, "--reason", "wrong shares", "--project", shop)
    shell.run("release", "--update", "-o", "abroad", "--project", shop)
    shell.run("show", issued, "--project", "abroad", "--save", "view.jsonld")
    result = shell.json("verify", "view.jsonld", "--offline", "--trust", "abroad/trusted-issuers.json", code=1)
    assert result["verified"] is False


def test_an_update_of_another_projects_copy_is_refused(shell, shop, issued, release):
    release()
    shell.run("init", "other", "--base-url", "https://other.example")
    assert (
        "not one of this project"
        in shell.run("release", "--update", "-o", "abroad", "--project", "other", code=2).stderr
    )


@pytest.mark.parametrize("arguments", [(), ("--update", "--policy", "policy.json")])
def test_a_release_needs_a_policy_and_an_update_takes_none(shell, shop, issued, arguments):
    (shell.folder / "policy.json").write_text(json.dumps(OPEN))
    assert (
        "--policy FILE, or --update"
        in shell.run("release", *arguments, "-o", "abroad", "--project", shop, code=2).stderr
    )


def test_an_update_of_a_list_that_does_not_verify_is_refused(shell, shop, issued, release):
    release()
    with sqlite3.connect(shop / "passports.db") as database:
        database.execute("DROP TRIGGER status_lists_no_update")
        (signed,) = database.execute("SELECT body FROM status_lists WHERE list = 1 ORDER BY sequence DESC").fetchone()
        forged = json.loads(signed) | {"validFrom": "2020-01-01T00:00:00Z"}
        database.execute("UPDATE status_lists SET body = ? WHERE list = 1", (json.dumps(forged).encode(),))
    assert "status/1" in shell.run("release", "--update", "-o", "abroad", "--project", shop, code=1).stderr
