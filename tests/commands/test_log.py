"""``passport log`` between two project folders: one keeps a log, the other witnesses it; a third verifies offline."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import pytest
import sqlalchemy as sql

from passport.project import Project
from passport.store import Store
from passport.store.log.log_tables import log_entries
from passport.store.log.log_writing import EVENTS
from passport.transparency.note import Note
from tests.commands.conftest import Shell
from tests.log_tiles import tiles_of
from tests.logged_events import log_events

DOCUMENTS = [f'{{"event":{number}}}'.encode() for number in range(300)]


class World:
    """The operator's project ``shop`` with its log, and the project ``witness``."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        for name, host in (("shop", "passport.example.com"), ("witness", "witness.example.org")):
            shell.run("init", name, "--base-url", f"https://{host}")
        self.log_key = shell.json("log", "key", "--project", "shop")["vkey"]
        self.witness_key = shell.json("log", "key", "--witness", "--project", "witness")["vkey"]

    def append(self, begin: int, end: int, *, project: str = "shop", first: bytes | None = None) -> None:
        store = Project.open(self.shell.folder / project).open_store()
        log_events(store, [first] * (first is not None) + DOCUMENTS[begin:end])
        store.close()

    def sign(self, *, project: str = "shop") -> dict:
        return self.shell.json("log", "checkpoint", "--project", project)

    def witness(self, source: str | Path = "shop", *, code: int = 0) -> dict:
        words = ("log", "witness", source, "--log-key", self.log_key, "--project", "witness")
        return self.shell.json(*words, code=code)

    def add(self, cosigned: dict, *, code: int = 0) -> dict:
        (self.shell.folder / "cosigned.txt").write_text(cosigned["checkpoint"])
        words = ("log", "checkpoint", "--cosigned", "cosigned.txt", "--witness-key", self.witness_key)
        return self.shell.json(*words, "--project", "shop", code=code)

    def other_history(self) -> None:
        """A store of the same operator in which the first entry is another."""
        shutil.copytree(self.shell.folder / "shop", self.shell.folder / "fork")
        for path in (self.shell.folder / "fork").glob("passports.db*"):
            path.unlink()
        self.append(1, 200, project="fork", first=b"another")
        self.sign(project="fork")


@pytest.fixture
def world(shell: Shell) -> World:
    made = World(shell)
    made.append(0, 100)
    made.sign()
    return made


# --- keys -----------------------------------------------------------------------------------------------------------


def test_a_key_is_made_once_and_its_vkey_lies_beside_it(world, shell):
    path = shell.folder / "shop" / "keys" / "log.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    again = shell.json("log", "key", "--project", "shop")
    assert (again["vkey"], again["made"]) == (world.log_key, False)
    assert path.read_bytes() == before
    assert (path.with_suffix(".vkey")).read_text() == world.log_key + "\n"
    assert world.log_key.startswith("passport.example.com/log/events+")
    assert world.witness_key.startswith("witness.example.org/witness+")


def test_a_key_with_a_passphrase_signs_only_with_it(world, shell):
    shell.run("init", "safe", "--base-url", "https://safe.example")
    (shell.folder / "secret.txt").write_text("correct horse")
    shell.run("log", "key", "--project", "safe", "--passphrase-file", "secret.txt")
    shell.run("log", "checkpoint", "--project", "safe", code=2)
    shell.run("log", "checkpoint", "--project", "safe", "--passphrase-file", "secret.txt")


def test_a_key_that_others_can_read_signs_nothing(world, shell):
    (shell.folder / "shop" / "keys" / "log.pem").chmod(0o640)
    assert "can be read by others" in shell.run("log", "checkpoint", "--project", "shop", code=2).output


def test_a_key_of_another_algorithm_is_refused(world, shell):
    path = shell.folder / "shop" / "keys" / "log.pem"
    shutil.copy(shell.folder / "shop" / "keys" / "issuer.pem", path)
    assert "Ed25519" in shell.run("log", "checkpoint", "--project", "shop", code=1).output


def test_no_trust_list_names_the_key_of_a_log(world, shell):
    assert "log/events" not in (shell.folder / "shop" / "trusted-issuers.json").read_text()


# --- checkpoints, witness, receipt ----------------------------------------------------------------------------------


def test_a_checkpoint_is_printed_as_it_was_signed(world, shell):
    printed = shell.run("log", "checkpoint", "--project", "shop").stdout
    assert printed.splitlines()[:2] == ["passport.example.com/log/events", "100"]
    assert Note.parse(printed.encode()).text == Note.parse(world.sign()["checkpoint"].encode()).text


def test_a_receipt_with_a_witness_verifies_offline(world, shell):
    assert world.add(world.witness()) == {"added": ["witness.example.org/witness"]}
    (shell.folder / "event.jsonld").write_bytes(DOCUMENTS[41])
    shell.run("log", "receipt", "event.jsonld", "-o", "event.tlog-proof", "--project", "shop")
    shutil.rmtree(shell.folder / "shop")
    words = ("log", "check", "event.tlog-proof", "event.jsonld", "--log-key", world.log_key)
    found = shell.json(*words, "--witness-key", world.witness_key)
    assert (found["verified"], found["index"], found["size"]) == (True, 41, 100)
    assert [each["witness"] for each in found["cosignatures"]] == ["witness.example.org/witness"]
    assert "seen by witness.example.org/witness" in shell.run(*words, "--witness-key", world.witness_key).output


def test_a_receipt_of_another_document_is_refused(world, shell):
    (shell.folder / "event.jsonld").write_bytes(DOCUMENTS[41])
    shell.run("log", "receipt", "event.jsonld", "-o", "event.tlog-proof", "--project", "shop")
    (shell.folder / "event.jsonld").write_bytes(DOCUMENTS[42])
    words = ("log", "check", "event.tlog-proof", "event.jsonld", "--log-key", world.log_key, "--witnesses", "0")
    assert shell.json(*words, code=1)["error"]["code"] == "log-proof"


def test_a_receipt_without_the_demanded_witness_is_refused(world, shell):
    (shell.folder / "event.jsonld").write_bytes(DOCUMENTS[41])
    shell.run("log", "receipt", "event.jsonld", "-o", "event.tlog-proof", "--project", "shop")
    words = ("log", "check", "event.tlog-proof", "event.jsonld", "--log-key", world.log_key)
    assert shell.json(*words, "--witness-key", world.witness_key, code=1)["error"]["code"] == "untrusted-checkpoint"
    assert "--witnesses 0" in shell.run(*words, code=2).output
    assert "only the operator" in shell.run(*words, "--witnesses", "0").output


def test_a_document_that_is_not_in_the_log_gets_no_receipt(world, shell):
    (shell.folder / "event.jsonld").write_bytes(b"{}")
    assert "not in the log" in shell.run("log", "receipt", "event.jsonld", "--project", "shop", code=2).output


def test_cosignatures_without_the_key_of_their_witness_are_not_taken(world, shell):
    (shell.folder / "cosigned.txt").write_text(world.witness()["checkpoint"])
    shell.run("log", "checkpoint", "--cosigned", "cosigned.txt", "--project", "shop", code=2)
    words = ("log", "checkpoint", "--cosigned", "cosigned.txt", "--witness-key", world.log_key, "--project", "shop")
    shell.run(*words, code=1)


# --- what a witness refuses -----------------------------------------------------------------------------------------


def test_a_witness_follows_a_log_that_grows(world):
    assert world.witness()["before"] is None
    world.append(100, 290)
    world.sign()
    again = world.witness()
    assert (again["before"], again["size"]) == (100, 290)
    assert world.witness()["before"] == 290


def test_a_witness_refuses_a_log_that_was_rolled_back(world, shell):
    shutil.copytree(shell.folder / "shop", shell.folder / "backup")
    world.append(100, 200)
    world.sign()
    world.witness()
    assert world.witness("backup", code=1)["error"]["code"] == "log-rolled-back"
    assert world.witness()["before"] == 200, "the refused checkpoint changed the memory"


def test_a_witness_refuses_two_histories(world):
    world.witness()
    world.other_history()
    refused = world.witness("fork", code=1)["error"]
    assert refused["code"] == "two-histories"
    assert "200 entries that does not contain the tree of 100" in refused["message"]


def test_a_witness_refuses_a_checkpoint_of_another_key(world, shell):
    foreign = shell.json("log", "key", "--witness", "--project", "shop")["vkey"]
    words = ("log", "witness", "shop", "--log-key", foreign, "--project", "witness")
    assert shell.json(*words, code=1)["error"]["code"] == "malformed-key"
    shell.run("init", "copy", "--base-url", "https://passport.example.com")
    other = shell.json("log", "key", "--project", "copy")["vkey"]
    words = ("log", "witness", "shop", "--log-key", other, "--project", "witness")
    assert shell.json(*words, code=1)["error"]["code"] == "untrusted-checkpoint"


def exported(world: World, to: Path) -> Path:
    """The log as files below a folder."""
    store = Project.open(world.shell.folder / "shop").open_store()
    stored = store.log_checkpoint(EVENTS)
    to.mkdir()
    (to / "checkpoint").write_bytes(bytes(stored.note))
    for tile in tiles_of(stored.size):
        (to / tile.path).parent.mkdir(parents=True, exist_ok=True)
        (to / tile.path).write_bytes(store.log_tile(EVENTS, tile))
    store.close()
    return to


def test_a_witness_reads_a_folder_of_tiles(world, shell):
    world.append(100, 290)
    world.sign()
    assert world.witness(exported(world, shell.folder / "files"))["size"] == 290


def test_a_witness_refuses_tiles_of_another_tree(world, shell):
    folder = exported(world, shell.folder / "files")
    tile = folder / "tile" / "0" / "000.p" / "100"
    tile.write_bytes(bytes(3200))
    assert world.witness(folder, code=1)["error"]["code"] == "broken-log"
    tile.write_bytes(bytes(3201))
    assert world.witness(folder, code=1)["error"]["code"] == "malformed-log-data"
    tile.unlink()
    world.witness(folder, code=2)


def test_a_source_that_is_none_is_refused(world, shell):
    (shell.folder / "nothing").mkdir()
    world.witness("nothing", code=2)
    world.witness("http://example.com/log/events", code=2)


# --- audit ----------------------------------------------------------------------------------------------------------


def tamper(world: World, *statements) -> None:
    store = Store.open(Project.open(world.shell.folder / "shop").store_url)
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for verb in ("update", "delete"):
            connection.exec_driver_sql(f"DROP TRIGGER log_entries_no_{verb}")
        for statement in statements:
            connection.execute(statement)
    store.close()


def test_a_sound_log_verifies(world, shell):
    found = shell.json("log", "verify", "--project", "shop")
    assert (found["sound"], found["size"], found["checkpoints"], found["faults"]) == (True, 100, 1, [])
    assert "nothing was deleted" in shell.run("log", "verify", "--project", "shop").output


def test_a_truncation_leaves_with_one_and_says_where(world, shell):
    tamper(world, sql.delete(log_entries).where(log_entries.c.position >= 90))
    found = shell.json("log", "verify", "--project", "shop", code=1)
    first, *others = [(fault["kind"], fault["index"]) for fault in found["faults"]]
    assert first == ("truncated", 90) and others == [("unlogged", at) for at in range(90, 100)]
    shell.run("log", "checkpoint", "--project", "shop", code=1)


def test_a_rewritten_log_is_told_apart_by_a_receipt_kept_elsewhere(world, shell):
    (shell.folder / "event.jsonld").write_bytes(DOCUMENTS[41])
    shell.run("log", "receipt", "event.jsonld", "-o", "kept.tlog-proof", "--project", "shop")
    world.other_history()
    assert shell.json("log", "verify", "--project", "fork")["sound"]
    found = shell.json("log", "verify", "--checkpoint", "kept.tlog-proof", "--project", "fork", code=1)
    assert [fault["kind"] for fault in found["faults"]] == ["two-histories"]
    assert "part between entry 0 and entry 99" in found["faults"][0]["message"]


def test_a_saved_passport_keeps_a_checkpoint_and_still_verifies(world, shell):
    shell.run("issue", shell.workbook("lmt-ebike.xlsx"), "--project", "shop")
    shell.run("show", "RS260122-04417", "--save", "saved.jsonld", "--project", "shop")
    words = ("verify", "saved.jsonld", "--offline", "--trust", "shop/trusted-issuers.json")
    assert "wrapper of the file says more" not in shell.run(*words).output
    assert shell.json("log", "verify", "--checkpoint", "saved.jsonld", "--project", "shop")["sound"]
    world.other_history()
    found = shell.json("log", "verify", "--checkpoint", "saved.jsonld", "--project", "fork", code=1)
    assert [fault["kind"] for fault in found["faults"]] == ["two-histories"]


def test_a_saved_passport_without_a_checkpoint_is_refused(world, shell):
    (shell.folder / "bare.jsonld").write_text('{"type": "VerifiablePresentation"}')
    words = ("log", "verify", "--checkpoint", "bare.jsonld", "--project", "shop")
    assert shell.json(*words, code=1)["error"]["code"] == "malformed-log-data"


def test_a_checkpoint_that_the_log_did_not_sign_is_refused(world, shell):
    shell.run("init", "copy", "--base-url", "https://passport.example.com")
    shell.run("log", "key", "--project", "copy")
    shell.run("log", "checkpoint", "-o", "forged.txt", "--project", "copy")
    words = ("log", "verify", "--checkpoint", "forged.txt", "--project", "shop")
    assert shell.json(*words, code=1)["error"]["code"] == "untrusted-checkpoint"
