"""The access log cannot be changed unseen: who read which restricted elements, and when."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from resolver.state import AccessRecord, State

AT = datetime(2027, 3, 8, 9, 30, tzinfo=UTC)


def record(number: int) -> AccessRecord:
    return AccessRecord(AT, f"token{number}", "did:key:z1", "legitimate-interest", "recycling", "https://a.example/1",
                        ("stateOfCharge", "stateOfHealth"))  # fmt: skip


@pytest.fixture
def state(tmp_path: Path) -> State:
    state = State(tmp_path / "state.db")
    for number in range(4):
        state.log(record(number))
    return state


def tamper(state: State, statement: str) -> None:
    """What somebody with the file can do: take the triggers off first."""
    with sqlite3.connect(state._path) as connection:
        connection.execute("DROP TRIGGER access_log_no_update")
        connection.execute("DROP TRIGGER access_log_no_delete")
        connection.execute(statement)


def test_an_untouched_log_holds_together(state):
    assert state.first_broken() is None
    number, head = state.log_head()
    assert number == 4
    assert len(head) == 64


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE access_log SET holder = 'did:key:z2' WHERE sequence = 2", 2),
        ("UPDATE access_log SET at = '2027-03-09T09:30:00+00:00' WHERE sequence = 4", 4),
        ("UPDATE access_log SET elements = 'stateOfCharge' WHERE sequence = 1", 1),
        ("UPDATE access_log SET token = 'token1 ', purpose = 'x' WHERE sequence = 3", 3),
        ("UPDATE access_log SET chain = NULL WHERE sequence = 3", 3),
        ("DELETE FROM access_log WHERE sequence = 1", 2),
        ("DELETE FROM access_log WHERE sequence = 3", 4),
        ("UPDATE access_log SET sequence = 9 WHERE sequence = 4", 9),
    ],
)
def test_a_change_is_seen_at_its_place(state, statement, broken):
    tamper(state, statement)
    assert state.first_broken() == broken


def test_a_log_that_was_cut_off_has_another_head(state):
    before = state.log_head()
    tamper(state, "DELETE FROM access_log WHERE sequence = 4")
    assert state.first_broken() is None  # the chain alone cannot tell
    assert state.log_head() != before


def test_the_same_read_twice_gives_two_different_hashes(state):
    state.log(record(9))
    first = state.log_head()[1]
    state.log(record(9))
    assert state.log_head()[1] != first


def test_many_at_once_make_one_chain(state):
    threads = [threading.Thread(target=state.log, args=(record(number),)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert state.log_head()[0] == 24
    assert state.first_broken() is None


def test_a_log_from_before_the_chain_goes_on(tmp_path):
    path = tmp_path / "state.db"
    with sqlite3.connect(path) as connection:
        connection.execute(
            "CREATE TABLE access_log (sequence INTEGER PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL,"
            " token TEXT NOT NULL, holder TEXT NOT NULL, audience TEXT NOT NULL, purpose TEXT NOT NULL,"
            " subject TEXT NOT NULL, elements TEXT NOT NULL)"
        )
        old = (1, "2027-03-08T09:30:00+00:00", "t", "h", "a", "p", "s", "e")
        connection.execute("INSERT INTO access_log VALUES (?, ?, ?, ?, ?, ?, ?, ?)", old)
    state = State(path)
    state.log(record(1))
    assert state.first_broken() is None
    assert len(tuple(state.accesses())) == 2


def test_each_restricted_read_is_in_the_chain_before_the_answer_goes_out(site):
    bearer = site.bearer()
    for number, path in enumerate((site.path(site.ev), site.path(site.ev) + "?format=csv"), 1):
        assert site.client.get(path, headers=bearer).status_code == 200
        assert site.state.log_head()[0] == number
    assert site.state.first_broken() is None


def test_no_log_entry_no_answer(site):
    bearer = site.bearer()
    with sqlite3.connect(site.state._path) as connection:
        connection.execute("DROP TABLE access_log")
    answer = site.client.get(site.path(site.ev), headers=bearer)
    assert answer.status_code == 500
    assert "stateOfCharge" not in answer.text
