"""Histories of packs, read from the signed events of the store, and the facts of other packs that bear on an event.

A history is read once and kept; later only the events after its end are read. What is kept is checked against the head
in the store each time, so that several processes never work on an old one.

    histories = Histories(store)
    history = histories.of(pack)
    others = histories.of_all(BearingPacks(store, ()).of(needs(history, event), pack))
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from cachetools import LRUCache

from passport.errors import PassportError, StoreDamaged
from passport.lifecycle import History, LifecycleEvent, Needs, VehicleHash, from_json
from passport.lifecycle.event import CORRECTION
from passport.linked_data import strict_json
from passport.publishing.events.event_credentials import digest_of, read_event
from passport.store import EventKey, KeyKind, StoredEvent
from passport.store.events.event_store import EventQueries
from passport.texts import Message

#: Histories that one process keeps.
_KEPT = 20_000
#: Events whose documents are read together.
_READ_AT_ONCE = 2_000
#: Packs that are looked at to learn whether a vehicle is a swap model: any one of them shows it.
_SHOWN_BY = 8
_TO_VEHICLE = frozenset({"scrap_vehicle", "replace", CORRECTION})
_OF_SWAP = frozenset({"swap_in", "swap_out", CORRECTION})


class Histories:
    """:param store: of the signed events; a transaction too."""

    def __init__(self, store: EventQueries) -> None:
        self._store = store
        self._kept: LRUCache[str, History] = LRUCache(_KEPT)

    def of(self, pack: str) -> History:
        """The history of a pack as the store has it now; empty where it has none."""
        return self.of_all([pack])[pack]

    def of_all(self, packs: Collection[str]) -> dict[str, History]:
        """The histories of several packs, read together."""
        if not packs:
            return {}
        heads = self._store.event_heads(packs)
        known = {pack: self._known(pack, *heads.get(pack, (0, ""))) for pack in packs}
        for some in _portions({pack: heads[pack][0] - len(known[pack]) for pack in heads}):
            known |= self._extended({pack: known[pack] for pack in some}, heads)
        for pack, (_, digest) in heads.items():
            head = known[pack].head
            if head is None or head.digest != digest:
                raise StoreDamaged(
                    Message("the history of {pack} in the store is damaged", pack=pack),
                    expected=Message("the digest of its last event"),
                )
        self._kept.update(known)
        return known

    def keep(self, histories: Iterable[History]) -> None:
        """Remember histories as they were stored just now, so that they need not be read."""
        self._kept.update((history.pack, history) for history in histories)

    def _known(self, pack: str, position: int, digest: str) -> History:
        """What is kept of a chain that ends at ``position``; an empty history where that is of no use."""
        kept = self._kept.get(pack)
        return History.empty(pack) if kept is None or len(kept) > position else kept

    def _extended(self, known: Mapping[str, History], heads: Mapping[str, tuple[int, str]]) -> dict[str, History]:
        """The histories up to their heads."""
        chains = self._store.event_chains({pack: len(history) for pack, history in known.items()})
        # No further than the head that was read: another process may have added to the chain since.
        rows = [row for chain in chains.values() for row in chain if row.position <= heads[row.pack][0]]
        added: dict[str, list[tuple[LifecycleEvent, str]]] = {}
        for event, row in zip(self.events(rows), rows, strict=True):
            added.setdefault(row.pack, []).append((event, row.digest))
        grown = dict(known)
        for pack, events in added.items():
            if not len(known[pack]):
                grown[pack] = History.of(pack, events)
                continue
            for event, digest in events:
                grown[pack] = grown[pack].with_event(event, digest)
        return grown

    def events(self, rows: Sequence[StoredEvent]) -> list[LifecycleEvent]:
        """The events of rows, read from their signed documents.

        :raises StoreDamaged: a document is missing or not what was accepted.
        """
        wanted = {digest for row in rows for digest in (row.digest, row.detail) if digest is not None}
        documents = self._store.event_documents(wanted)
        try:
            # The bytes are what their digests say, so the detail is not digested again.
            if any(digest_of(document.body) != digest for digest, document in documents.items()):
                raise StoreDamaged(Message("a signed document is not what its digest says"))
            return [
                from_json(
                    read_event(
                        strict_json.loads(documents[row.digest].body),
                        None if row.detail is None else strict_json.loads(documents[row.detail].body),
                        row.detail,
                    ),
                    roles=row.roles,
                )
                for row in rows
            ]
        except (KeyError, PassportError) as error:
            raise StoreDamaged(
                Message("an event in the store is damaged"), expected=Message("the documents that were accepted")
            ) from error


def _portions(missing: Mapping[str, int]) -> Iterator[list[str]]:
    """Packs whose missing events are read together: a thousand histories of hundreds of events are not held at once.

    :param missing: how many events of each pack are not kept.
    """
    portion: list[str] = []
    size = 0
    for pack, count in missing.items():
        if not count:
            continue
        if portion and size + count > _READ_AT_ONCE:
            yield portion
            portion, size = [], 0
        portion.append(pack)
        size += count
    if portion:
        yield portion


class BearingPacks:
    """The packs whose histories bear on events of a group: looked up together, with those that the group itself adds.

    :param expected: keys that the events of the group want, as far as they are known beforehand.
    """

    def __init__(self, store: EventQueries, expected: Collection[EventKey]) -> None:
        self._store = store
        self._looked_up = set(expected)
        self._packs: dict[EventKey, set[str]] = {}
        self._look_up(expected)

    def of(self, wanted: Needs, pack: str) -> frozenset[str]:
        """The other packs that bear on an event of ``pack``."""
        keys = wanted_keys(wanted)
        more = keys - self._looked_up
        if more:
            self._look_up(more)
        return frozenset({*wanted.packs, *(each for key in keys for each in self._packs.get(key, ()))} - {pack})

    def add(self, keys: Collection[EventKey], pack: str) -> None:
        """An event of the group is found under these keys."""
        for key in keys:
            self._packs.setdefault(key, set()).add(pack)

    def _look_up(self, keys: Collection[EventKey]) -> None:
        self._looked_up |= set(keys)
        for key, packs in self._store.packs_by_key(keys, swap_limit=_SHOWN_BY).items() if keys else ():
            self._packs.setdefault(key, set()).update(packs)


def wanted_keys(wanted: Needs) -> frozenset[EventKey]:
    """The keys under which an event of another pack would change what bears on an event."""
    return frozenset({
        *(EventKey(kind, _value(each)) for each in wanted.vehicles for kind in (KeyKind.VEHICLE, KeyKind.SWAP_VEHICLE)),
        *(EventKey(KeyKind.PART, code) for code in wanted.parts),
        *(EventKey(KeyKind.CODE, code) for code in wanted.codes),
    })  # fmt: skip


def keys_of(event: LifecycleEvent, history: History) -> tuple[EventKey, ...]:
    """The keys under which events of other packs find this one. A correction has those of the event as it corrects it.

    :param history: of the pack, before the event.
    """
    stated = event
    if event.kind == CORRECTION:
        corrected = history.effective(event.corrects or "")
        stated = (corrected and corrected.corrected_by(event)) or event
    keys = [EventKey(KeyKind.PART, change.code) for change in stated.parts]
    code = stated.text("packCode")
    if code is not None:
        keys.append(EventKey(KeyKind.CODE, code))
    if event.kind in _TO_VEHICLE:
        keys += [EventKey(KeyKind.VEHICLE, _value(vehicle)) for vehicle in stated.vehicle]
    if event.kind in _OF_SWAP or stated.flag("isSwapModel"):
        keys += [EventKey(KeyKind.SWAP_VEHICLE, _value(vehicle)) for vehicle in stated.vehicle]
    keys += [EventKey(KeyKind.ORIGIN, pack) for pack in stated.texts("derivedFromPacks")]
    return tuple(dict.fromkeys(keys))


def _value(vehicle: VehicleHash) -> str:
    return f"{vehicle.value} {vehicle.key_id}"
