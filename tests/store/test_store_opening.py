"""Any number of processes may open, and make, a store or the resolver's state at the same time."""

from __future__ import annotations

import multiprocessing
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from passport.errors import StoreLocked
from passport.store import Store, StoredCredential, sqlite
from passport.store.log.access_log import AccessRecord
from passport.store.state.resolver_state import ResolverState

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)
TYPE = "BatteryPassportCredential"
PROCESSES, ROUNDS = 6, 12


def write_to_store(path: Path, number: int) -> None:
    store = Store.open(f"sqlite:///{path}")
    with store.transaction() as transaction:
        transaction.add_credential(StoredCredential(f"urn:c:{number}", TYPE, "urn:pack:1", b"{}", "digest", AT))
    store.close()


def write_to_state(path: Path, number: int) -> None:
    state = ResolverState(path)
    state.secret()
    state.log(AccessRecord(AT, f"token-{number}", "did:key:z", "authority", "audit", "urn:pack:1", ("x",)))


def write_rounds(work, folder: Path, number: int, together, errors) -> None:
    for round_ in range(ROUNDS):
        together.wait(300)
        try:
            work(folder / f"{round_}.db", number)
        except Exception as error:  # whatever it is, the other process has to hear of it
            errors.put(f"{error!r}, of {error.__cause__!r}")


def in_processes(work, folder: Path) -> list[str]:
    """The errors of all processes that do ``work`` at the same time, on one new file after another."""
    # Each process is a new one, made by one that has nothing but these modules.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["passport.store", "passport.store.state.resolver_state"])
    together, errors = context.Barrier(PROCESSES), context.Queue()
    running = [
        context.Process(target=write_rounds, args=(work, folder, number, together, errors))
        for number in range(PROCESSES)
    ]
    for process in running:
        process.start()
    for process in running:
        process.join()
    assert [process.exitcode for process in running] == [0] * PROCESSES
    found = []
    while not errors.empty():
        found.append(errors.get())
    return found


def test_several_processes_may_make_one_store(tmp_path):
    assert in_processes(write_to_store, tmp_path) == []
    for round_ in range(ROUNDS):
        stored = Store.open(f"sqlite:///{tmp_path / f'{round_}.db'}").history("urn:pack:1", TYPE)
        assert sorted(one.id for one in stored) == [f"urn:c:{number}" for number in range(PROCESSES)]


def test_several_processes_may_make_one_state_and_its_log_stays_whole(tmp_path):
    assert in_processes(write_to_state, tmp_path) == []
    for round_ in range(ROUNDS):
        state = ResolverState(tmp_path / f"{round_}.db")
        assert state.first_broken() is None
        assert state.log_head()[0] == PROCESSES


OPEN = {"store": lambda path: Store.open(f"sqlite:///{path}"), "state": ResolverState}


@pytest.fixture
def taken(tmp_path) -> tuple[Path, sqlite3.Connection]:
    """A new file, and a connection that has the writer's lock and switches it at that moment."""
    path = tmp_path / "passports.db"
    path.touch()
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    return path, writer


@pytest.mark.parametrize("name", OPEN)
def test_a_new_file_that_another_switches_at_that_moment_is_opened(taken, monkeypatch, name):
    """The cause of "database is locked": the switch to the write-ahead log is refused at once, not waited for."""
    path, writer = taken
    refused = []

    def pause(seconds: float) -> None:
        refused.append(seconds)
        writer.close()

    monkeypatch.setattr(sqlite.time, "sleep", pause)
    OPEN[name](path)
    assert len(refused) == 1
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("name", OPEN)
def test_a_new_file_that_stays_taken_is_locked(taken, monkeypatch, name):
    path, writer = taken
    clock = iter(range(0, 1000, 3))
    monkeypatch.setattr(sqlite.time, "monotonic", lambda: next(clock))
    monkeypatch.setattr(sqlite.time, "sleep", lambda seconds: None)
    with pytest.raises(StoreLocked):
        OPEN[name](path)
    writer.close()


def test_a_log_from_before_the_chain_is_brought_up_to_date_once(tmp_path):
    """Two workers that start at once both find the column missing; the second must not add it again."""
    path = tmp_path / "0.db"
    with sqlite3.connect(path) as old:
        old.execute(
            "CREATE TABLE access_log (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,"
            " token TEXT NOT NULL, holder TEXT NOT NULL, audience TEXT NOT NULL, purpose TEXT NOT NULL,"
            " subject TEXT NOT NULL, elements TEXT NOT NULL)"
        )
    old.close()
    assert in_processes(write_to_state, tmp_path) == []
    assert ResolverState(path).log_head()[0] == PROCESSES
