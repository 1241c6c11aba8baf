"""A store moved between SQLite and PostgreSQL is the same, byte for byte, or nothing was moved."""

from __future__ import annotations

import pytest

from passport.errors import StoreDiffers, StoreNotEmpty, StoreUnavailable, UsageError
from passport.store import Store
from passport.store.copying import store_move
from passport.store.copying.store_move import move
from passport.store.copying.table_rows import RowDigest, all_tables, digest, moment
from tests.publishing.kept_project import kept_project


def content(store: Store) -> dict[str, tuple[int, str]]:
    with moment(store.engine) as connection:
        made = {table.name: digest(connection, table) for table in all_tables()}
    return {name: (each.rows, each.hex) for name, each in made.items()}


@pytest.fixture
def old(tmp_path):
    project = kept_project(tmp_path)
    store = project.open_store()
    with store.transaction() as transaction:
        # Entries enough for tiles of two levels' beginning, and bytes that are no text.
        transaction.append_to_log("other", [bytes([number % 256]) * 32 for number in range(600)])
    yield store
    store.close()


def test_a_store_is_the_same_in_another_database_and_back(old, tmp_path, cluster):
    before, steps = content(old), []
    server = Store.open(cluster.database())
    moved = move(old, server, lambda rows, total: steps.append((rows, total)))
    assert {name: (moved.rows[name], moved.digests[name]) for name in before} == before == content(server)
    assert sum(rows for rows, _ in steps) == steps[0][1]
    assert (moved.places, moved.places_set) == (before["status_entries"][0], 1)
    assert {name: log.size for name, log in moved.logs.items()} == {
        "events": before["log_entries"][0] - 600,
        "other": 600,
    }
    assert moved.documents == sum(before[name][0] for name in
        ("credentials", "base_proofs", "status_lists", "event_documents", "refused_events"))  # fmt: skip
    back = Store.open(f"sqlite:///{tmp_path / 'back.db'}")
    assert move(server, back) == moved
    assert content(back) == before
    with back.transaction() as transaction:
        assert transaction.append_to_log("other", [bytes(32)]) == 600, "the new store goes on where the old one was"
    for store in (server, back):
        store.close()


def test_a_store_that_holds_something_is_no_target(old, tmp_path):
    new = Store.open(f"sqlite:///{tmp_path / 'new.db'}")
    with new.transaction() as transaction:
        transaction.begin_status_list(1, "refresh", "did:example:issuer")
    before = content(new)
    with pytest.raises(StoreNotEmpty, match="status_list_issuers"):
        move(old, new)
    assert content(new) == before


def test_a_store_is_not_moved_to_itself(old):
    with pytest.raises(UsageError, match="itself"):
        move(old, Store.open(str(old.engine.url)))


def test_a_copy_that_differs_is_not_stored(old, empty_url, monkeypatch):
    class Forgetful(RowDigest):
        @property
        def hex(self) -> str:
            return "00"

    new = Store.open(empty_url)
    empty = content(new)
    monkeypatch.setattr(store_move, "digest", lambda connection, table: Forgetful())
    with pytest.raises(StoreDiffers, match="not written as it was read"):
        move(old, new)
    assert content(new) == empty


def test_a_move_that_is_cut_off_leaves_an_empty_store_and_can_begin_again(old, cluster):
    new = Store.open(cluster.database())

    def cut_off(rows: int, total: int) -> None:
        cluster.sql("SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'")

    with pytest.raises(StoreUnavailable):
        move(old, new, cut_off)
    assert move(old, new).rows["credentials"] == 7
    new.close()


def test_the_digest_of_rows_tells_values_of_different_kinds_apart():
    rows = [(1,), ("1",), (b"1",), (True,), (None,), ("",), (b"",), ("a", "b"), ("ab",), ("a", None, "b")]
    digests = set()
    for row in rows:
        made = RowDigest()
        made.add(row)
        digests.add(made.hex)
    assert len(digests) == len(rows)
