"""What the store says of packs and their current read-outs, kept from one block to the next.

* What was read stays right as long as no credential and no change of status is stored by others. The numbers of the
  newest ones tell; they are compared before anything is used, and under the writers' lock with each commit.
* An own commit changes what is known in the way that it was prepared. Any other one makes it forgotten.
* A bounded number of packs is kept, so memory does not grow with a fleet. What is not kept is read again.

    known = KnownPacks(store, issuer.id)
    known.begin()
    packs = known.packs(names)
    current = known.current(subjects)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from cachetools import LRUCache

from passport.credentials.status_list import REVOCATION
from passport.publishing.status.status_lists import purposes_set_of
from passport.publishing.write_path import CommittedTurn, Newest, newest_of
from passport.publishing.writes import Head
from passport.store import Pack, StatusEntry, Store
from passport.vocabulary.credential_types import CONDITION, PASSPORT

#: Packs that are kept.
_KEPT = 5_000


@dataclass(frozen=True)
class KnownPack:
    """A pack with a passport.

    :ivar other_issuer: whether another issuer issued the passport; :ivar revoked: whether it is revoked.
    """

    pack: Pack
    other_issuer: bool
    revoked: bool


@dataclass(frozen=True)
class CurrentReadOut:
    """The current read-out of a pack.

    :ivar head: as a write relies on it; its document is not kept.
    :ivar values: by indicator id, and ``recordedAt``; None where there is no read-out.
    :ivar revoked: whether it is revoked.
    """

    head: Head
    values: Mapping[str, Any] | None = None
    revoked: bool = False


class KnownPacks:
    """:param issuer: DID of the issuer that adds read-outs.

    Several threads may share it.
    """

    def __init__(self, store: Store, issuer: str) -> None:
        self._store = store
        self._issuer = issuer
        self._newest: Newest | None = None
        self._packs: LRUCache[str, tuple[KnownPack, ...]] = LRUCache(_KEPT)
        self._current: LRUCache[str, CurrentReadOut] = LRUCache(_KEPT)
        self._lock = Lock()

    def begin(self) -> Newest:
        """Forget what is known where others wrote since. :returns: what is newest in the store."""
        newest = newest_of(self._store.version())
        with self._lock:
            if newest != self._newest:
                self._forget(newest)
        return newest

    def forget(self) -> None:
        """Forget what is known."""
        with self._lock:
            self._forget(None)

    def _forget(self, newest: Newest | None) -> None:
        self._packs.clear()
        self._current.clear()
        self._newest = newest

    # --- reading ----------------------------------------------------------------------------------------------------

    def packs(self, names: Collection[str]) -> dict[str, tuple[KnownPack, ...]]:
        """The packs that have one of these codes or serial numbers, by that name; names without one are left out."""
        with self._lock:
            known = {name: packs for name in names if (packs := self._packs.get(name)) is not None}
            before = self._newest
        missing = [name for name in names if name not in known]
        if missing:
            read = self._read_packs(missing)
            self._keep(self._packs, read, before)
            known |= read
        return known

    def current(self, subjects: Collection[str]) -> dict[str, CurrentReadOut]:
        """The current read-out of each of these packs."""
        with self._lock:
            known = {subject: each for subject in subjects if (each := self._current.get(subject)) is not None}
            before = self._newest
        missing = [subject for subject in subjects if subject not in known]
        if missing:
            read = self._read_current(missing)
            self._keep(self._current, read, before)
            known |= read
        return known

    def _keep(self, kept: LRUCache[str, Any], read: Mapping[str, Any], before: Newest | None) -> None:
        """Keep what was read, if nothing was written while it was read."""
        after = newest_of(self._store.version())
        with self._lock:
            if before == after == self._newest:
                kept.update(read)

    def _read_packs(self, names: Collection[str]) -> dict[str, tuple[KnownPack, ...]]:
        packs = self._store.packs_of_names(names)
        passports = self._store.newest_ids([pack.subject for pack in packs], PASSPORT)
        places = self._store.places_of_each(list(passports.values()))
        own = self._store.list_purposes(issuer=self._issuer)
        purposes = purposes_set_of(self._store, list(passports.values()))
        wanted = set(names)
        by_name: dict[str, tuple[KnownPack, ...]] = {}
        for pack in packs:
            passport = passports.get(pack.subject)
            of_others = any(place.list not in own for place in places.get(passport or "", {}).values())
            revoked = passport is None or REVOCATION in purposes.get(passport, ())
            for name in wanted.intersection({pack.code or "", pack.serial}):
                by_name[name] = (*by_name.get(name, ()), KnownPack(pack, of_others, revoked))
        return by_name

    def _read_current(self, subjects: Collection[str]) -> dict[str, CurrentReadOut]:
        newest = self._store.newest([(subject, CONDITION) for subject in subjects])
        ids = [stored.id for _, stored in newest.values()]
        places, purposes = self._store.places_of_each(ids), purposes_set_of(self._store, ids)
        read = dict.fromkeys(subjects, CurrentReadOut(Head()))
        for (subject, _), (number, stored) in newest.items():
            read[subject] = CurrentReadOut(
                Head(number, stored, places.get(stored.id, {})),
                stored.document["credentialSubject"],
                REVOCATION in purposes.get(stored.id, ()),
            )
        return read

    # --- after an own commit ----------------------------------------------------------------------------------------

    def committed(self, turn: CommittedTurn, added: Iterable[AddedCurrent]) -> None:
        """Take in what a commit stored, if it came right behind what is known; else forget everything.

        :param added: of each credential of the turn that was stored, in its order.
        """
        with self._lock:
            if self._newest != newest_of(turn.before) or not all(turn.stored):
                self._forget(None)
                return
            listed = list(added)
            number = turn.after[0] - len(listed)
            for each in listed:
                number += 1
                if each.values is not None:
                    self._current[each.subject] = CurrentReadOut(Head(number, None, each.places), each.values)
            self._newest = newest_of(turn.after)


@dataclass(frozen=True)
class AddedCurrent:
    """A read-out that was stored.

    :ivar values: None where it is not the current one.
    """

    subject: str
    places: Mapping[str, StatusEntry]
    values: Mapping[str, Any] | None
