"""Records of an input that need not fit into memory: chunks of some packs, read one at a time and in any process.

* A chunk says where its packs are, not what they are. It can be pickled, so that another process reads it.
* Each pack of the input is one item, whether or not a record could be made of it: nothing that was read disappears.
* The digest of a chunk tells whether what is read a second time is what was read before.

    for chunk in chunks:
        for item in chunk.read().items: ...
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from passport.battery.fault import Fault, Location
from passport.battery.record import Record
from passport.texts import Message

#: Packs of a chunk. So many are stored in one transaction: more gain nothing and keep other writers waiting.
CHUNK = 50


@dataclass(frozen=True)
class Item:
    """One pack of the input.

    :ivar record: None where nothing could be read of it; :ivar faults: of reading, in all severities.
    """

    record: Record | None
    faults: tuple[Fault, ...] = ()

    @property
    def name(self) -> str:
        """What people call the pack: its code, else its serial number."""
        pack = self.record.pack if self.record is not None else {}
        return str(pack.get("packTractionBatteryCode") or pack.get("serialNumber") or Message("without a number"))

    @property
    def place(self) -> Location:
        """Where it is in the input."""
        if self.record is not None:
            return self.record.locate("pack")
        return self.faults[0].location


@dataclass(frozen=True)
class ChunkContent:
    """:ivar common: faults that belong to no single pack; :ivar digest: of what was read."""

    items: tuple[Item, ...]
    common: tuple[Fault, ...] = ()
    digest: bytes = b""


@dataclass(frozen=True)
class Position:
    """Where a chunk begins.

    :ivar source: number of its source; :ivar number: of the chunk; :ivar first: number of its first pack in the input.
    :ivar offset: in bytes of a file of lines, else in items of the source; :ivar line: number of its first line.
    """

    source: int = 0
    number: int = 0
    first: int = 0
    offset: int = 0
    line: int = 1


class Chunk(Protocol):
    @property
    def begin(self) -> Position:
        """Where it begins."""

    @property
    def end(self) -> Position:
        """Where the next one begins."""

    @property
    def size(self) -> int:
        """How many packs it has."""

    def read(self) -> ChunkContent:
        """:raises PassportError: the input cannot be read."""


@dataclass(frozen=True)
class RecordChunk:
    """Records that are in memory already."""

    begin: Position
    items: tuple[Item, ...]

    @property
    def size(self) -> int:
        return len(self.items)

    @property
    def end(self) -> Position:
        return replace(self.begin, number=self.begin.number + 1, first=self.begin.first + self.size)

    def read(self) -> ChunkContent:
        return ChunkContent(self.items, (), hashlib.sha256(str(self.begin).encode()).digest())


def record_chunks(records: Sequence[Record]) -> tuple[RecordChunk, ...]:
    """Chunks of records in memory."""
    items = [Item(record) for record in records]
    starts = range(0, len(items), CHUNK)
    return tuple(
        RecordChunk(Position(number=number, first=start), tuple(items[start : start + CHUNK]))
        for number, start in enumerate(starts)
    )
