"""Tiles and bundles of a tree as a monitor lists and reads them."""

from __future__ import annotations

from collections.abc import Iterator

from passport.transparency.tiles import WIDTH, Tile, tile_in

_ENTRY = 2 + 32


def tiles_of(size: int) -> Iterator[Tile]:
    """All tiles and bundles of a tree of ``size``."""
    level, hashes = 0, size
    while hashes:
        for number in range(-(-hashes // WIDTH)):
            yield tile_in(level, number, size)
            if level == 0:
                yield Tile(None, number, tile_in(0, number, size).width)
        level, hashes = level + 1, hashes >> 8


def split_bundle(data: bytes, tile: Tile) -> list[bytes]:
    """The digests in a bundle, each with its length before it."""
    assert len(data) == tile.width * _ENTRY
    entries = [data[at : at + _ENTRY] for at in range(0, len(data), _ENTRY)]
    assert all(entry[:2] == b"\0\x20" for entry in entries)
    return [entry[2:] for entry in entries]
