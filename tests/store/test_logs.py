"""Transparency logs in the store: the tree grows as its entries do, in every database alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import pytest
import sqlalchemy as sql
from hypothesis import given, settings
from hypothesis import strategies as st

from passport.errors import BrokenLog, MalformedLogData
from passport.store import Store
from passport.store.log.log_tables import log_entries
from passport.store.log.log_writing import EVENTS
from passport.transparency.checkpoint import Checkpoint
from passport.transparency.merkle import CompactRange, leaf_hash, verify_consistency, verify_inclusion
from passport.transparency.note import Note, NoteSignature
from passport.transparency.tiles import Tile
from tests.conftest import example_count
from tests.log_tiles import split_bundle, tiles_of

ENTRIES = [sha256(str(number).encode()).digest() for number in range(66_200)]


def root(size: int) -> bytes:
    tree = CompactRange()
    for entry in ENTRIES[:size]:
        tree.append(leaf_hash(entry))
    return tree.root()


@pytest.fixture
def store(store_url):
    opened = Store.open(store_url)
    yield opened
    opened.close()


def append(store: Store, begin: int, end: int, log: str = EVENTS) -> int:
    with store.transaction() as transaction:
        return transaction.append_to_log(log, ENTRIES[begin:end])


def test_entries_get_the_next_positions(store):
    assert append(store, 0, 3) == 0
    assert append(store, 3, 3) == 3
    assert append(store, 3, 5) == 3
    assert store.log_size(EVENTS) == 5
    assert list(store.log_rows(EVENTS)) == list(enumerate(ENTRIES[:5]))


def test_two_logs_know_nothing_of_each_other(store):
    append(store, 0, 3)
    assert append(store, 1, 2, "access") == 0
    assert (store.log_size(EVENTS), store.log_size("access"), store.log_size("none")) == (3, 1, 0)


def test_an_entry_is_found_at_its_first_position(store):
    append(store, 0, 3)
    append(store, 1, 2)
    assert store.log_position(EVENTS, ENTRIES[1]) == 1
    assert store.log_position(EVENTS, ENTRIES[9]) is None
    assert store.log_position("access", ENTRIES[1]) is None


@pytest.mark.product(of=3)
def test_a_tree_of_three_levels_is_proven_from_its_tiles(store):
    for begin, end in ((0, 300), (300, 65_000), (65_000, 65_536), (65_536, 66_200)):
        append(store, begin, end)
    size = 66_200
    tree = store.log_tree(EVENTS, size)
    assert tree.root() == root(size)
    for index in (0, 255, 256, 65_535, 65_536, 66_199):
        verify_inclusion(leaf_hash(ENTRIES[index]), index, size, tree.inclusion(index), tree.root())
    for old_size in (1, 256, 65_535, 65_536, 66_000):
        verify_consistency(old_size, root(old_size), size, tree.root(), tree.consistency(old_size))
        assert store.log_tree(EVENTS, old_size).root() == root(old_size)


@settings(max_examples=example_count(25))
@given(st.lists(st.integers(0, 300), min_size=1, max_size=5))
def test_the_tree_is_the_same_in_whatever_batches_it_grew(batches):
    store = Store.open("sqlite://")
    size = 0
    for batch in batches:
        assert append(store, size, size + batch) == size
        size += batch
        assert store.log_tree(EVENTS, size).root() == root(size)
    for tile in tiles_of(size):
        if tile.level is None:
            begin = tile.number * 256
            assert split_bundle(store.log_tile(EVENTS, tile), tile) == ENTRIES[begin : begin + tile.width]
    store.close()


def test_a_partial_tile_of_a_full_one_is_its_beginning(store):
    append(store, 0, 600)
    full = store.log_tile(EVENTS, Tile(0, 1))
    assert store.log_tile(EVENTS, Tile(0, 1, 77)) == full[: 77 * 32]
    assert store.log_tile(EVENTS, Tile(1, 0, 1)) == store.log_tile(EVENTS, Tile(1, 0, 2))[:32]


@pytest.mark.parametrize("tile", [Tile(0, 1, 200), Tile(0, 2), Tile(None, 1, 45), Tile(1, 0, 2), Tile(5, 0, 1)])
def test_a_tile_beyond_the_log_is_refused(store, tile):
    append(store, 0, 300)
    with pytest.raises(BrokenLog):
        store.log_tile(EVENTS, tile)


@pytest.mark.parametrize("entry", [b"", b"a" * 31, b"a" * 33])
def test_an_entry_that_is_no_digest_is_refused(store, entry):
    with pytest.raises(MalformedLogData), store.transaction() as transaction:
        transaction.append_to_log(EVENTS, [ENTRIES[0], entry])
    assert store.log_size(EVENTS) == 0


def test_a_transaction_that_fails_appends_nothing(store):
    with pytest.raises(ZeroDivisionError), store.transaction() as transaction:
        transaction.append_to_log(EVENTS, ENTRIES[:300])
        raise ZeroDivisionError
    assert append(store, 0, 1) == 0


def test_a_log_that_lost_an_entry_takes_no_tile_over_the_gap(store):
    append(store, 0, 200)
    with store.engine.connect().execution_options(writes=True) as connection, connection.begin():
        for statement in _without_triggers(store):
            connection.exec_driver_sql(statement)
        connection.execute(sql.delete(log_entries).where(log_entries.c.position == 7))
    with pytest.raises(BrokenLog, match="gaps"):
        append(store, 200, 300)
    assert store.log_size(EVENTS) == 200


def _without_triggers(store: Store) -> tuple[str, ...]:
    if store.engine.dialect.name == "sqlite":
        return ("DROP TRIGGER log_entries_no_delete",)
    return ("ALTER TABLE log_entries DISABLE TRIGGER ALL",)


def test_writers_at_once_never_share_a_position(shared_url):
    stores = [Store.open(shared_url) for _ in range(4)]

    def write(number: int) -> list[int]:
        return [append(stores[number], number * 100 + turn, number * 100 + turn + 1) for turn in range(20)]

    with ThreadPoolExecutor(4) as pool:
        positions = [position for found in pool.map(write, range(4)) for position in found]
    assert sorted(positions) == list(range(80))


# --- checkpoints ----------------------------------------------------------------------------------------------------


def test_the_newest_checkpoint_comes_with_its_cosignatures(store):
    lines = tuple(NoteSignature(f"witness{number}.example", b"1234", b"56") for number in range(3))
    for size in (5, 9):
        checkpoint = Checkpoint("log.example", size, root(size))
        with store.transaction() as transaction:
            transaction.add_log_checkpoint(EVENTS, checkpoint, Note(checkpoint.text, lines[:1]))
    newest = store.log_checkpoint(EVENTS)
    with store.transaction() as transaction:
        transaction.add_log_cosignature(newest, lines[2])
        transaction.add_log_cosignature(newest, lines[1])
    newest = store.log_checkpoint(EVENTS)
    assert (newest.size, newest.root, newest.note.text) == (9, root(9), checkpoint.text)
    assert newest.note.signatures == (lines[0], lines[2], lines[1])
    assert [each.size for each in store.log_checkpoints(EVENTS)] == [5, 9]
    assert store.log_checkpoints(EVENTS)[0].note.signatures == lines[:1]
    assert store.log_checkpoints_of(EVENTS, 9) == (newest,)
    assert store.log_checkpoint("access") is None and store.log_checkpoints("access") == ()
