"""``passport store``, ``backup``, ``restore`` and ``fsck``: what they print, and how they leave."""

from __future__ import annotations

import json
import sqlite3

import pytest

from tests.publishing.kept_project import kept_project, tampered


@pytest.fixture
def kept(shell):
    """The project, as ``shop``."""
    return kept_project(shell.folder)


def test_the_store_tells_its_version_and_is_upgraded(shell, kept):
    told = shell.json("store", "info", "--project", "shop")
    assert (told["version"], told["newest"], told["missing"]) == (6, 6, [])
    assert told["rows"]["credentials"] == 7 and told["size"] > 0 and told["database"].startswith("sqlite 3.")
    with sqlite3.connect(kept.folder / "passports.db") as connection:
        connection.execute("DROP TABLE read_outs")
    connection.close()
    assert json.loads(shell.run("store", "info", "--project", "shop", "--json", code=1).stdout)["version"] == 5
    assert "5, to be upgraded to 6" in shell.run("store", "info", "--project", "shop", code=1).stdout
    assert "from version 5 to 6" in shell.run("store", "upgrade", "--project", "shop").stdout
    assert shell.json("store", "upgrade", "--project", "shop") == {"before": 6, "version": 6}
    assert "the newest" in shell.run("store", "info", "--project", "shop").stdout
    with sqlite3.connect(kept.folder / "passports.db") as connection:
        connection.execute("PRAGMA user_version=7")
    connection.close()
    assert "7, newer than version 6" in shell.run("store", "info", "--project", "shop", code=2).stdout
    refused = json.loads(shell.run("store", "upgrade", "--project", "shop", "--json", code=2).stdout)
    assert refused["error"]["code"] == "store-newer"


def test_a_store_that_is_not_there_is_made_by_an_upgrade_and_by_nothing_else(shell):
    shell.run("init", "new", "--base-url", "https://new.example")
    (shell.folder / "new" / "passports.db").unlink(missing_ok=True)
    refused = json.loads(shell.run("store", "info", "--project", "new", "--json", code=2).stdout)
    assert refused["error"]["code"] == "store-missing"
    gone = shell.run("store", "move", "sqlite:///none.db", "sqlite:///there.db", "--json", code=2).stdout
    assert json.loads(gone)["error"]["code"] == "store-missing"
    assert not (shell.folder / "there.db").exists() and not (shell.folder / "none.db").exists()
    assert "was made, version 6" in shell.run("store", "upgrade", "--project", "new").stdout


def test_a_store_is_moved_once(shell, kept):
    words = ("store", "move", "sqlite:///shop/passports.db", "sqlite:///other.db")
    said = shell.run(*words).stdout
    assert "every row was read back and is the same" in said and "of which 1 are set" in said and "Log events" in said
    assert json.loads(shell.run(*words, "--json", code=2).stdout)["error"]["code"] == "store-not-empty"
    moved = shell.json("store", "move", "sqlite:///other.db", "sqlite:///third.db")
    assert moved["rows"]["credentials"] == 7 and set(moved["digests"]) == set(moved["rows"])
    same = shell.run("store", "move", "sqlite:///other.db", "sqlite:///other.db", code=2)
    assert "to itself" in same.stderr


def test_a_project_comes_back_from_its_backup_and_is_examined(shell, kept):
    told = shell.json("backup", "b.zip", "--project", "shop")
    assert told["documents"] > 10 and told["keys"] == [] and told["leftOut"] == ["keys/issuer.pem", "keys/log.pem"]
    said = shell.run("backup", "c.zip", "--project", "shop").stdout
    assert "! not in the backup: keys/issuer.pem" in said and max(map(len, said.splitlines()[:-3])) <= 120
    assert "exists already" in shell.run("backup", "b.zip", "--project", "shop", code=2).stderr
    said = shell.run("restore", "b.zip", "again").stdout
    assert "again was restored from the backup of" in said and "✓ Credentials: 7 looked at" in said
    told = shell.json("restore", "b.zip", "third", "--sample", "2")
    assert told["sound"] is True and told["sample"] == 2 and told["factsOfPacks"] == 1
    assert "sound" not in shell.json("restore", "b.zip", "fourth", "--sample", "0")
    assert "is missing" in shell.run("restore", "b.zip", "none/there", code=2).stderr
    damaged = json.loads(shell.run("restore", "shop/passport.toml", "fifth", "--json", code=1).stdout)
    assert damaged["error"]["code"] == "damaged-backup"


def test_what_is_wrong_and_what_is_unknown_are_told_and_settle_the_exit_code(shell, kept):
    assert shell.json("fsck", "--project", "shop")["sound"] is True
    (kept.folder / "keys" / "log.vkey").unlink()
    said = shell.run("fsck", "--project", "shop", code=3).stdout
    assert "? Logs:" in said and "1 could not be checked: keys/log.vkey is missing" in said
    tampered(kept, "DELETE FROM passport_identifiers", "DELETE FROM base_proofs WHERE rowid = 1")
    told = json.loads(shell.run("fsck", "--project", "shop", "--json", code=1).stdout)
    parts = {part["part"]: part for part in told["parts"]}
    assert told["sound"] is False and parts["logs"]["unknown"] == 1
    assert (parts["rows"]["faults"], parts["views"]["faults"]) == (2, 1)
    said = shell.run("fsck", "--project", "shop", "--lang", "zh", code=1).stdout
    assert "✗" in said and "passport_identifiers" in said
