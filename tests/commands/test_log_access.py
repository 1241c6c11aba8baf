"""The resolver's log of reads is a transparency log too: signed, audited, and provable after a record was deleted."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from passport.errors import StoreFailure
from passport.project import Project
from passport.store.log.access_log import AccessLog, AccessRecord
from passport.store.log.log_writing import ACCESS
from passport.store.state.resolver_state import ResolverState
from passport.transparency.merkle import CompactRange, leaf_hash

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def record(number: int) -> AccessRecord:
    return AccessRecord(AT, f"token{number}", "did:key:z1", "commission", "audit", "https://a.example/1", ("soc",))


@pytest.fixture
def state(shop: Path) -> ResolverState:
    """The state of the project ``shop``, with four reads, and the key of its log."""
    made = ResolverState(Project.open(shop).state_path)
    for number in range(4):
        made.log(record(number))
    return made


@pytest.fixture
def log_key(shell, shop: Path, state) -> str:
    vkey = shell.json("log", "key", "--log", "access", "--project", shop)["vkey"]
    shell.run("log", "checkpoint", "--log", "access", "--project", shop)
    return vkey


def tamper(state: ResolverState, *statements: str) -> None:
    with sqlite3.connect(state.path) as connection:
        for name in ("access_log", "log_entries"):
            for verb in ("update", "delete"):
                connection.execute(f"DROP TRIGGER IF EXISTS {name}_no_{verb}")
        for statement in statements:
            connection.execute(statement)


def verified(shell, shop: Path, code: int = 0) -> dict:
    return shell.json("log", "verify", "--log", "access", "--project", shop, code=code)


def test_an_entry_is_the_digest_of_salt_and_record(state):
    rows = list(state.reads.log_rows(ACCESS))
    salted = list(state.reads.salted())
    assert [(position, entry) for position, entry in rows] == [
        (position, sha256(body).digest()) for position, _, body in salted
    ]
    assert [number for _, number, _ in salted] == [1, 2, 3, 4]
    assert b"token0" in salted[0][2][32:]


def test_the_same_read_twice_gives_two_entries_that_tell_nothing(state):
    state.log(record(9))
    state.log(record(9))
    (*_, first, second) = [entry for _, entry in state.reads.log_rows(ACCESS)]
    assert first != second


def test_the_log_of_reads_has_a_key_and_a_name_of_its_own(shell, shop, log_key):
    events = shell.json("log", "key", "--project", shop)["vkey"]
    assert log_key.split("+")[0] == "passport.example.com/log/access"
    assert log_key.split("+")[2] != events.split("+")[2]
    assert (shop / "keys" / "access-log.pem").stat().st_mode & 0o777 == 0o600


def test_a_sound_log_of_reads_verifies(shell, shop, log_key):
    found = verified(shell, shop)
    assert (found["sound"], found["size"], found["documents"], found["checkpoints"]) == (True, 4, 4, 1)


def test_a_record_may_be_deleted_and_the_log_remains_provable(shell, shop, state, log_key):
    tamper(state, "DELETE FROM access_log WHERE sequence = 2")
    found = verified(shell, shop)
    assert (found["sound"], found["size"], found["documents"]) == (True, 4, 3)


def test_an_altered_record_is_located(shell, shop, state, log_key):
    tamper(state, "UPDATE access_log SET holder = 'did:key:z2' WHERE sequence = 3")
    (fault,) = verified(shell, shop, code=1)["faults"]
    assert (fault["kind"], fault["index"]) == ("altered", 2)
    assert "read 3" in fault["message"]


def test_a_record_that_was_never_logged_is_named(shell, shop, state, log_key):
    tamper(
        state,
        "INSERT INTO access_log (at, token, holder, audience, purpose, subject, elements, salt)"
        " VALUES ('x', 'x', 'x', 'x', 'x', 'x', 'x', x'00')",
    )
    (fault,) = verified(shell, shop, code=1)["faults"]
    assert fault["kind"] == "unlogged" and "read 5" in fault["message"]


def test_a_log_of_reads_without_its_end_is_truncated(shell, shop, state, log_key):
    tamper(state, "DELETE FROM log_entries WHERE position = 3", "DELETE FROM access_log WHERE sequence = 4")
    (fault,) = verified(shell, shop, code=1)["faults"]
    assert (fault["kind"], fault["index"]) == ("truncated", 3)


def test_a_witness_cosigns_the_log_of_reads(shell, shop, log_key):
    shell.run("init", "witness", "--base-url", "https://witness.example.org")
    shell.run("log", "key", "--witness", "--project", "witness")
    words = ("log", "witness", shop, "--log", "access", "--log-key", log_key, "--project", "witness")
    assert shell.json(*words)["size"] == 4


def test_no_entry_of_the_log_is_ever_changed(state):
    with sqlite3.connect(state.path) as connection:
        for statement in ("UPDATE log_entries SET position = 9", "DELETE FROM log_entries"):
            with pytest.raises(sqlite3.DatabaseError, match="append-only"):
                connection.execute(statement)


def test_readers_who_come_together_share_a_commit(shop, monkeypatch):
    state = ResolverState(Project.open(shop).state_path)
    commits, entered, go_on = [], threading.Event(), threading.Event()
    commit = ResolverState.commit

    def slow(self, group):
        commits.append(len(group))
        entered.set()
        go_on.wait(10)
        commit(self, group)

    monkeypatch.setattr(ResolverState, "commit", slow)
    threads = [threading.Thread(target=state.log, args=(record(number),)) for number in range(9)]
    threads[0].start()
    entered.wait(10)
    for thread in threads[1:]:
        thread.start()
    while state.waiting < 8:
        pass
    go_on.set()
    for thread in threads:
        thread.join()
    assert commits == [1, 8]
    assert state.log_head()[0] == 9 and state.first_broken() is None


def test_a_commit_that_fails_fails_for_everybody_in_it(shop, monkeypatch):
    state = ResolverState(Project.open(shop).state_path)
    with sqlite3.connect(state.path) as connection:
        connection.execute("DROP TABLE log_entries")
    with pytest.raises(StoreFailure):
        state.log(record(1))
    assert state.log_head() == (0, ""), "half a record was kept"


def test_the_tree_of_many_reads_is_that_of_its_entries(shop):
    state = ResolverState(Project.open(shop).state_path)
    with state.reads.transaction() as transaction:
        transaction.add([record(number) for number in range(600)])
    log: AccessLog = state.reads
    tree = CompactRange()
    for _, entry in log.log_rows(ACCESS):
        tree.append(leaf_hash(entry))
    assert log.log_tree(ACCESS, 600).root() == tree.root()
    assert state.first_broken() is None


def test_a_state_of_version_1_goes_on_with_a_log(tmp_path):
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE access_log (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,"
            " token TEXT NOT NULL, holder TEXT NOT NULL, audience TEXT NOT NULL, purpose TEXT NOT NULL,"
            " subject TEXT NOT NULL, elements TEXT NOT NULL, chain TEXT)"
        )
        connection.execute("INSERT INTO access_log VALUES (1, 'at', 't', 'h', 'a', 'p', 's', 'e', NULL)")
        connection.execute("PRAGMA user_version=1")
    state = ResolverState(path)
    state.log(record(1))
    assert [number for _, number, _ in state.reads.salted()] == [2]
    assert state.reads.log_size(ACCESS) == 1
    assert state.first_broken() is None
    ResolverState(path).log(record(2))
    assert state.reads.log_size(ACCESS) == 2
