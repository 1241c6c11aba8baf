"""Quick reading in PostgreSQL: what is not ready is not waited for; a lost connection never shows another moment."""

from __future__ import annotations

import threading
import time

import pytest

from passport.errors import StoreFailure
from passport.store import Store
from passport.store import direct_postgresql as direct_module
from passport.store.direct_postgresql import PostgresqlReading
from passport.store.direct_reading import VERSION
from passport.vocabulary.credential_types import PASSPORT


@pytest.fixture(scope="module")
def url(cluster) -> str:
    address = cluster.database()
    Store.open(address).close()
    return address


@pytest.fixture
def direct(url) -> PostgresqlReading:
    reading = Store.open(url).direct
    assert isinstance(reading, PostgresqlReading)
    return reading


def end_connections(cluster, url: str) -> None:
    of_others = "pid <> pg_backend_pid() AND datname = current_database()"
    cluster.sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {of_others}", url)


def test_a_moment_whose_connection_is_lost_is_over(cluster, url, direct):
    version = direct.version()
    assert direct.hold() and not direct.hold()
    end_connections(cluster, url)
    for _ in range(2):
        with pytest.raises(StoreFailure):
            direct.current("urn:pack", PASSPORT)
    assert direct.version() == version, "the moment has a version as long as it is held"
    direct.release()
    assert direct.version() == version and direct.current("urn:pack", PASSPORT) is None
    assert direct.hold()
    direct.release()


def test_an_answer_that_takes_too_long_is_not_waited_for(direct, monkeypatch):
    monkeypatch.setattr(direct_module, "PATIENCE", 0.2)
    started = time.monotonic()
    with pytest.raises(StoreFailure):
        direct._rows("SELECT true FROM pg_sleep(30)")
    assert time.monotonic() - started < 5
    monkeypatch.undo()
    assert direct._rows(VERSION)


def test_an_event_loop_does_not_wait_for_a_connection(direct, monkeypatch):
    may_connect, usual = threading.Event(), direct._connect

    def connect():
        assert threading.current_thread() is not loop
        may_connect.wait(10)
        return usual()

    monkeypatch.setattr(direct, "_connect", connect)
    answers: list[object] = []

    def run() -> None:
        direct.never_wait()
        started = time.monotonic()
        for _ in range(3):
            try:
                answers.append(direct.version())
            except StoreFailure as error:
                answers.append(type(error).__name__)
        answers.append(time.monotonic() - started < 1)
        may_connect.set()
        while time.monotonic() - started < 10:
            try:
                answers.append(direct.version())
                return
            except StoreFailure:
                time.sleep(0.01)

    loop = threading.Thread(target=run)
    loop.start()
    loop.join()
    assert answers == ["StoreUnavailable"] * 3 + [True, direct.version()]


@pytest.mark.parametrize("text", ["a\0b", "a\ud800", "'; DROP TABLE packs; --"])
def test_what_no_text_is_or_looks_like_a_statement_is_not_found(direct, text):
    assert direct.current(text, PASSPORT) is None and not direct.knows(text, PASSPORT)
    assert list(direct.history(text, PASSPORT)) == []
