"""What the packs of one input say of each other: a pack described twice, a model or batch described in two ways.

Called in the order of the input, also where several processes read its chunks. Memory: some hundred bytes a pack.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from passport.battery.fault import Fault, Location
from passport.battery.first_numbers import FirstNumbers, digest_number
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
        self._first_places = _FirstPlaces()
        self._modules = _FirstPlaces()
        self._packs_of_modules = FirstNumbers()
        self._shared: dict[About, tuple[str, Place]] = {}

    def second_description(self, item: WorkedItem) -> Fault | None:
        """The fault of a pack that an earlier item describes."""
        return described_twice(item.keys, self._first_places)

    def shared_modules(self, item: WorkedItem) -> tuple[Fault, ...]:
        """A fault for each module that an earlier item gives to another pack, which is not handed on to this one."""
        if item.address is None:
            return ()
        own, faults = item.address[0], []
        handed_on = {digest_number(pack) for pack in (own, *item.before)}
        for code, place in item.modules:
            first = self._modules((code,), place)
            pack = self._packs_of_modules.first((code,), digest_number(own))
            if first is not None and pack not in handed_on:
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


class _FirstPlaces:
    """Keys with the place of the first one. Rows are kept, not places: millions of keys fit."""

    def __init__(self) -> None:
        self._rows = FirstNumbers()
        self._places: dict[int, Location] = {}

    def __call__(self, key: Sequence[str], place: Location) -> Location | None:
        """The first place of a key; None where this is the first one."""
        if place.row is not None:
            row = self._rows.first(key, place.row)
            return None if row is None else Location(place.file, row=row)
        first = self._places.setdefault(digest_number(*key), place)
        return None if first is place else first
