"""What the packs of one input say of each other: a pack described twice, a model or batch described in two ways.

Asked in the order of the input, whoever worked on its chunks. Memory: some hundred bytes a pack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from passport.battery.fault import Fault, Location
from passport.battery.record import PackKey, described_twice
from passport.battery.record_chunks import Chunk
from passport.publishing.bulk.worked import WorkedItem
from passport.publishing.writes import About

#: A pack of the input: its chunk, and its number there.
Place = tuple[Chunk, int]


class WholeInput:
    """:param contradiction: the fault of two packs that say something else of a subject and type."""

    def __init__(self, contradiction: Callable[[About, Place, Place], Fault | None]) -> None:
        self._contradiction = contradiction
        self._first_places = _FirstPlaces()
        self._shared: dict[About, tuple[str, Place]] = {}

    def second_description(self, item: WorkedItem) -> Fault | None:
        """The fault of a pack that an earlier item describes."""
        return described_twice(item.keys, self._first_places)

    def contradictions(self, item: WorkedItem, chunk: Chunk) -> tuple[Fault, ...]:
        """A fault for each model or batch of which the item says something else than an earlier one."""
        place = (chunk, item.number - chunk.begin.first)
        faults = []
        for shared in item.shared:
            digest, first = self._shared.setdefault(shared.about, (shared.digest, place))
            if digest != shared.digest:
                faults.append(self._contradiction(shared.about, first, place))
        return tuple(fault for fault in faults if fault is not None)


class _FirstPlaces:
    """Keys by their digests, and rows instead of places: a million packs fit."""

    def __init__(self) -> None:
        self._places: dict[int, Location | int] = {}

    def __call__(self, key: PackKey, place: Location) -> Location | None:
        text = "\0".join(key).encode("utf-8", "replace")
        digest = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
        first = self._places.get(digest)
        if first is None:
            self._places[digest] = place.row or place
            return None
        return Location(place.file, row=first) if isinstance(first, int) else first
