"""Tiles and bundles: their paths, widths and bytes, and the proofs that come out of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import MalformedLogData
from passport.transparency.merkle import CompactRange, fold, leaf_hash, verify_consistency, verify_inclusion
from passport.transparency.tiles import Tile, TileTree, bundle, split_hashes, tile_in
from tests.each import each

HASHES = [leaf_hash(number.to_bytes(4, "big")) for number in range(70_000)]


def tiles(size: int) -> dict[Tile, bytes]:
    """All hash tiles of the first ``size`` leaves, level by level."""
    made, level, row = {}, 0, HASHES[:size]
    while row:
        above = []
        for number in range(-(-len(row) // 256)):
            part = row[number * 256 : number * 256 + 256]
            made[Tile(level, number, len(part))] = b"".join(part)
            above += [fold(part)] if len(part) == 256 else []
        level, row = level + 1, above
    return made


def root(size: int) -> bytes:
    tree = CompactRange()
    for leaf in HASHES[:size]:
        tree.append(leaf)
    return tree.root()


@each(
    ("tile", "path"),
    [
        (Tile(0, 0), "tile/0/000"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 1_234_067), "tile/1/x001/x234/067"),
        (Tile(None, 1000, 1), "tile/entries/x001/000.p/1"),
        (Tile(63, 999), "tile/63/999"),
    ],
)
def test_a_tile_has_the_path_of_the_specification(tile, path):
    assert tile.path == path
    assert Tile.parse(path) == tile


@each(
    "path",
    ["", "tile", "tile/0", "tile/0/0", "tile/0/00", "tile/00/000", "tile/64/000", "tile/0/1000", "tile/0/x000/001",
     "tile/0/001/234", "tile/0/x01/234", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000.p/",
     "tile/0/-01", "tile/0/000/", "/tile/0/000", "tile/0/٠٠٠", "tile/entry/000", "tile/0/000\n", "tile/0/../000",
     "tile/0/" + "x999/" * 9 + "999"],
)  # fmt: skip
def test_a_path_that_is_none_is_refused(path):
    with pytest.raises(MalformedLogData):
        Tile.parse(path)


@given(st.integers(0, 10**17), st.integers(1, 256), st.one_of(st.none(), st.integers(0, 63)))
def test_every_tile_comes_back_from_its_path(number, width, level):
    assert Tile.parse(Tile(level, number, width).path) == Tile(level, number, width)


def test_a_tree_of_seventy_thousand_is_read_in_the_tiles_of_the_specification():
    found = set(tiles(70_000))
    assert len(found) == 273 + 1 + 1 + 1 + 1
    assert {tile for tile in found if tile.width < 256} == {Tile(0, 273, 112), Tile(1, 1, 17), Tile(2, 0, 1)}
    for tile in found:
        assert tile_in(tile.level, tile.number, 70_000) == tile


@each("size", [1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
def test_tiles_give_the_root_and_proofs_of_their_tree(size):
    made = tiles(size)
    asked = []
    tree = TileTree(size, lambda tile: asked.append(tile) or made[tile])
    assert tree.root() == root(size)
    for index in {0, size // 2, size - 1}:
        verify_inclusion(HASHES[index], index, size, tree.inclusion(index), tree.root())
        assert tree.leaf(index) == HASHES[index]
    for old_size in {1, size // 3, size - 1, size}:
        verify_consistency(old_size, root(old_size), size, tree.root(), tree.consistency(old_size))
        assert tree.root_of(old_size) == root(old_size)
    assert len(asked) == len(set(asked)), "a tile was read twice"


def test_a_proof_reads_one_tile_or_two_for_each_level():
    made = tiles(70_000)
    asked = []
    tree = TileTree(70_000, lambda tile: asked.append(tile) or made[tile])
    tree.inclusion(1_000)
    assert len(asked) <= 2 * 3


def test_a_tile_of_the_wrong_length_is_refused():
    tree = TileTree(300, lambda tile: b"\0" * (32 * tile.width - 1))
    with pytest.raises(MalformedLogData, match="wrong length"):
        tree.root()
    with pytest.raises(MalformedLogData):
        split_hashes(b"", tile_in(0, 0, 1))


def test_a_bundle_has_a_length_before_each_digest():
    entries = [bytes([number]) * 32 for number in range(3)]
    data = bundle(entries)
    assert data[:3] == b"\0\x20\0" and len(data) == 3 * 34
    assert [data[at + 2 : at + 34] for at in (0, 34, 68)] == entries
