"""Tiles: the tree of a log as files of 256 hashes, and its entries as bundles of 256. (C2SP tlog-tiles)

* A tile of level ``l`` holds the roots of full tiles of the level below; level 0 holds leaf hashes.
* A partial tile has 1 to 255 hashes and occurs at the right edge of the tree only. A tile of a tree never changes, so
  it may be cached for ever.
* A proof needs about one tile for each level: three for a million entries.

    Tile(0, 1234067).path                            # tile/0/x001/x234/067
    TileTree(checkpoint.size, read).inclusion(index)
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from passport.errors import MalformedLogData
from passport.texts import Message
from passport.transparency import merkle
from passport.transparency.merkle import HASH_BYTES

WIDTH = 256
_HEIGHT = 8
_MAX_LEVEL = 63
_PATH = re.compile(
    r"tile/(?P<level>entries|0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
).fullmatch


@dataclass(frozen=True)
class Tile:
    """The place of a tile, or of a bundle of entries.

    :ivar level: 0 to 63; None for a bundle of entries.
    :ivar number: of the tile within its level, from 0.
    :ivar width: hashes or entries in it, 1 to 256.
    """

    level: int | None
    number: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """Path below the log's address."""
        digits = str(self.number)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        number = "/".join([*("x" + group for group in groups[:-1]), groups[-1]])
        level = "entries" if self.level is None else str(self.level)
        return f"tile/{level}/{number}" + ("" if self.width == WIDTH else f".p/{self.width}")

    @classmethod
    def parse(cls, path: str) -> Tile:
        """The tile of a path. One tile has one path: no leading zeroes, no partial tile of full width.

        :raises MalformedLogData: not the path of a tile.
        """
        match = _PATH(path)
        if match:
            level = None if match["level"] == "entries" else int(match["level"])
            tile = cls(level, int(re.sub("[x/]", "", match["number"])), int(match["width"] or WIDTH))
            if (level is None or level <= _MAX_LEVEL) and tile.path == path:
                return tile
        raise MalformedLogData(
            Message("not the path of a tile"), expected=Message("such as {path}", path="tile/0/x001/067")
        )

    @property
    def end(self) -> int:
        """Number of entries that a tree has at least where this tile is in it."""
        return ((self.number * WIDTH) + self.width) << (_HEIGHT * (self.level or 0))


#: The bytes of a tile.
TileReader: TypeAlias = Callable[[Tile], bytes]


def tile_in(level: int, number: int, size: int) -> Tile:
    """The tile at this place in a tree of ``size``, in the width that it has there."""
    hashes = size >> (_HEIGHT * level)
    return Tile(level, number, min(hashes - number * WIDTH, WIDTH))


class TileTree:
    """The tree of ``size`` as its tiles say. Each tile is read once.

    What comes out proves nothing by itself: compare :meth:`root` with a signed checkpoint, or verify the proof.

    :param read: the bytes of a tile. Bytes of the wrong length are refused.
    """

    def __init__(self, size: int, read: TileReader) -> None:
        self.size = size
        self._read = read
        self._hashes: dict[tuple[int, int], list[bytes]] = {}

    def root(self) -> bytes:
        return merkle.tree_root(self.size, self.subtree)

    def root_of(self, size: int) -> bytes:
        """Root of the first ``size`` entries."""
        return merkle.tree_root(size, self.subtree)

    def inclusion(self, index: int) -> tuple[bytes, ...]:
        """:raises LogProofFailed: the tree has no such leaf."""
        return merkle.inclusion_proof(index, self.size, self.subtree)

    def consistency(self, old_size: int) -> tuple[bytes, ...]:
        """:raises LogProofFailed: the old tree is larger."""
        return merkle.consistency_proof(old_size, self.size, self.subtree)

    def leaf(self, index: int) -> bytes:
        """Hash of a leaf."""
        return self.subtree(0, index)

    def subtree(self, level: int, index: int) -> bytes:
        """Root of a perfect subtree, see :mod:`passport.transparency.merkle`."""
        tile_level, height = divmod(level, _HEIGHT)
        first = index << height
        hashes = self._tile(tile_level, first // WIDTH)
        begin = first % WIDTH
        return merkle.fold(hashes[begin : begin + (1 << height)])

    def _tile(self, level: int, number: int) -> list[bytes]:
        if (level, number) not in self._hashes:
            tile = tile_in(level, number, self.size)
            self._hashes[level, number] = split_hashes(self._read(tile), tile)
        return self._hashes[level, number]


def split_hashes(data: bytes, tile: Tile) -> list[bytes]:
    """The hashes in a tile.

    :raises MalformedLogData: there are more or fewer than its width.
    """
    if len(data) != tile.width * HASH_BYTES:
        raise MalformedLogData(
            Message("{path} has the wrong length", path=tile.path),
            expected=Message("{n} bytes", n=tile.width * HASH_BYTES),
            found=str(len(data)),
        )
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


# --- bundles of entries ---------------------------------------------------------------------------------------------
# Each entry has its length before it, 16 bits, big-endian. Entries of our logs are digests of 32 bytes.

_LENGTH = HASH_BYTES.to_bytes(2, "big")


def bundle(entries: Sequence[bytes]) -> bytes:
    """The bundle with these digests."""
    return b"".join(_LENGTH + entry for entry in entries)
