"""Runs of ``passport issue`` on a machine that fails: a clean stop, a clear message, nothing lost, nothing twice."""

from __future__ import annotations

import errno
import os
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.engine.default import DefaultDialect

from passport.commands.terminal import console
from passport.publishing.bulk import journal
from tests.issued_packs import hold_each_once, pack_of_number, results, serials, store_of, write_lines
from tests.store_faults import small_disk, writers_lock

PACKS = 6
ALL = [f"EB{number:06}" for number in range(PACKS)]


@pytest.fixture
def path(shell, monkeypatch) -> Path:
    """Six packs in chunks of two."""
    monkeypatch.setattr("passport.exchange.records.record_input.CHUNK", 2)
    return write_lines(shell.folder / "packs.jsonl", [pack_of_number(number) for number in range(PACKS)])


@pytest.fixture
def after_a_chunk(monkeypatch):
    """Something that happens when the first chunk is stored."""

    def happens(what) -> None:
        usual, done = journal.RunJournal.chunk_done, []

        def chunk_done(self, *words):
            usual(self, *words)
            if not done:
                done.append(self)
                what()

        monkeypatch.setattr(journal.RunJournal, "chunk_done", chunk_done)

    return happens


def hold_resumed(shell, shop: Path, path: Path, issued: int) -> None:
    """What was issued before is there, and the run goes on to its end."""
    assert len(serials(shop)) == issued
    shell.run("issue", path, "--project", shop, "--keep-going", "--resume")
    assert serials(shop) == ALL
    assert [each["number"] for each in results(shop)] == list(range(1, PACKS + 1))
    hold_each_once(shop)


def test_a_store_that_another_program_locks_ends_the_run_with_what_is_safe(shell, shop, path, monkeypatch):
    monkeypatch.setattr("passport.store.engines.PATIENCE", 0)
    usual = journal.RunJournal.chunk_done
    lock = writers_lock(shop / "passports.db")

    def locked(self, *words):
        usual(self, *words)
        lock.__enter__()

    with monkeypatch.context() as patch:
        patch.setattr(journal.RunJournal, "chunk_done", locked)
        ended = shell.run("issue", path, "--project", shop, "--keep-going", code=3)
    lock.__exit__(None, None, None)
    assert "locked by another program" in ended.stderr and "Stopped: 2 packs are done." in ended.stderr
    hold_resumed(shell, shop, path, 2)


def test_a_disk_that_turns_read_only_ends_the_run_and_it_goes_on_when_it_is_writable(
    shell, path, tmp_path, monkeypatch
):
    with small_disk(tmp_path / "disk", 8_000_000) as disk:
        shop = disk.folder / "shop"
        shell.run("init", shop, "--base-url", "https://passport.example.com", "--name", "Example Operator")
        disk.make_read_only()
        ended = shell.run("issue", path, "--project", shop, "--keep-going", code=None)
        assert ended.exit_code in (2, 3) and "read-only" in ended.stderr.lower()
        disk.make_writable()
        hold_resumed(shell, shop, path, 0)


def failing_sync(*_: object) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode, error.sqlite_errorname = sqlite3.SQLITE_IOERR_FSYNC, "SQLITE_IOERR_FSYNC"
    raise error


def test_a_commit_that_the_disk_does_not_confirm_ends_the_run_with_what_is_safe(
    shell, shop, path, monkeypatch, after_a_chunk
):
    with monkeypatch.context() as patch:
        after_a_chunk(lambda: patch.setattr(DefaultDialect, "do_commit", failing_sync))
        ended = shell.run("issue", path, "--project", shop, "--keep-going", code=3)
    assert "does not answer" in ended.stderr and "Stopped: 2 packs are done." in ended.stderr
    hold_resumed(shell, shop, path, 2)


def test_a_journal_that_the_disk_does_not_confirm_ends_the_run_before_it_issues(shell, shop, path, monkeypatch):
    def failing(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", failing)
        ended = shell.run("issue", path, "--project", shop, "--keep-going", code=2)
    assert "cannot be written" in ended.stderr
    hold_resumed(shell, shop, path, 0)


@pytest.mark.parametrize("step", [timedelta(days=-1), timedelta(days=400)], ids=["back", "forward"])
def test_a_clock_that_is_stepped_between_runs_changes_nothing_that_was_done(shell, shop, path, monkeypatch, step):
    at = datetime(2026, 11, 29, 9, tzinfo=UTC)
    monkeypatch.setattr(console, "now", lambda: at)

    def ends() -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        usual, stored = journal._append, []

        def append(file, data):
            stored.append(file.name)
            if stored.count("progress.jsonl") == 2:
                ends()
            usual(file, data)

        patch.setattr(journal, "_append", append)
        shell.run("issue", path, "--project", shop, "--keep-going", code=2)
    first = {each.id for _, each in store_of(shop).numbered(limit=1000)}
    monkeypatch.setattr(console, "now", lambda: at + step)
    hold_resumed(shell, shop, path, 4)
    assert first <= {each.id for _, each in store_of(shop).numbered(limit=1000)}
