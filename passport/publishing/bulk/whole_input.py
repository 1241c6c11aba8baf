"""What the packs of one input say of each other: a pack described twice, a model or batch described in two ways.

Asked in the order of the input, whoever worked on its chunks. Memory: some hundred bytes a pack.
"""

from __future__ import annotations

import hashlib
from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence

from passport.battery.fault import Fault, Location
from passport.battery.record import described_twice
from passport.battery.record_chunks import Chunk
from passport.publishing.bulk.worked import WorkedItem
from passport.publishing.module_claims import in_another_pack
from passport.publishing.writes import About
from passport.texts import Message

#: A pack of the input: its chunk, and its number there.
Place = tuple[Chunk, int]


class WholeInput:
    """:param contradiction: the fault of two packs that say something else of a subject and type."""

    def __init__(self, contradiction: Callable[[About, Place, Place], Fault | None]) -> None:
        self._contradiction = contradiction
        self._first_places = FirstPlaces()
        self._modules = FirstPlaces()
        self._packs_of_modules = FirstPlaces()
        self._shared: dict[About, tuple[str, Place]] = {}

    def second_description(self, item: WorkedItem) -> Fault | None:
        """The fault of a pack that an earlier item describes."""
        return described_twice(item.keys, self._first_places)

    def shared_modules(self, item: WorkedItem) -> tuple[Fault, ...]:
        """A fault for each module that an earlier item gives to another pack, which is not handed on to this one."""
        if item.address is None:
            return ()
        own, faults = item.address[0], []
        handed_on = {_digest(pack) for pack in (own, *item.before)}
        for code, place in item.modules:
            first = self._modules((code,), place)
            # A digest instead of a row: which pack the code belongs to.
            pack = self._packs_of_modules((code,), Location("", row=_digest(own)))
            if first is not None and pack is not None and pack.row not in handed_on:
                where = Message("row {row}", row=first.row) if first.row else first.pointer or first.text
                found = Message("{code}, a module of the pack in {place}", code=code, place=where)
                faults.append(in_another_pack(place, found))
        return tuple(faults)

    def contradictions(self, item: WorkedItem, chunk: Chunk) -> tuple[Fault, ...]:
        """A fault for each model or batch of which the item says something else than an earlier one."""
        place = (chunk, item.number - chunk.begin.first)
        faults = []
        for shared in item.shared:
            digest, first = self._shared.setdefault(shared.about, (shared.digest, place))
            if digest != shared.digest:
                faults.append(self._contradiction(shared.about, first, place))
        return tuple(fault for fault in faults if fault is not None)


class FirstPlaces:
    """Keys by their digests with the place of the first one. Rows are kept, not places: millions of keys fit.

    The newest keys are in a dictionary, the others in sorted arrays of some bytes a key.
    """

    def __init__(self, newest: int = 500_000) -> None:
        self._newest = newest
        self._rows: dict[int, int] = {}
        self._places: dict[int, Location] = {}
        self._older: list[tuple[array[int], array[int]]] = []

    def __call__(self, key: Sequence[str], place: Location) -> Location | None:
        """The first place of a key; None where this is the first one."""
        digest = _digest("\0".join(key))
        first = self._places.get(digest)
        if first is not None:
            return first
        row = self._row(digest)
        if row is not None:
            return Location(place.file, row=row)
        if place.row is None:
            self._places[digest] = place
        else:
            self._rows[digest] = place.row
            if len(self._rows) >= self._newest:
                self._put_away()
        return None

    def _row(self, digest: int) -> int | None:
        row = self._rows.get(digest)
        if row is not None:
            return row
        for digests, rows in self._older:
            at = bisect_left(digests, digest)
            if at < len(digests) and digests[at] == digest:
                return rows[at]
        return None

    def _put_away(self) -> None:
        ordered = sorted(self._rows.items())
        self._older.append((array("Q", (key for key, _ in ordered)), array("Q", (row for _, row in ordered))))
        self._rows.clear()


def _digest(text: str) -> int:
    # One false alarm in ten million inputs of a million packs.
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
