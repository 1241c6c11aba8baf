"""Places in status lists, reserved before a credential is prepared.

* A credential has a place in a list of each purpose that it asks for. A list has one purpose and one issuer, for good,
  which the store keeps beside its number. Role credentials have lists of their own.
* Several issuers may share a store. Each draws places from the lists that it began, and signs only these.
* Places are reserved in blocks, in one short transaction for a block. The row that takes a place names the id of the
  credential that will have it, so two processes never get the same place, and nothing is given back.
* A place stays unused where its credential is never stored: after a crash, after a lost race, or where a run needed
  fewer than it expected. Its bit stays 0. A block is never larger than what the run still expects to sign.
* Places are random and independent: no list tells which pack, nor which places belong together.
* The first list of each purpose begins with the first reservation of an issuer. When a list is full, the next one of
  its purpose begins.

    places = Places(store, issuer.id, base_url)
    places.expect([(REVOCATION, SUSPENSION)] * 500)
    reserved = places.take((REVOCATION, SUSPENSION))
    document["id"], document["credentialStatus"] = reserved.id, list(reserved.status)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TypeAlias
from uuid import uuid4

from passport.credentials import status_list
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION
from passport.linked_data.json_types import JsonObject
from passport.store import StatusEntry, Store, Transaction

#: Places of a credential that can be withdrawn, for good or for a time.
PURPOSES = (REVOCATION, SUSPENSION)
#: All purposes that an issuer of passports has a list of.
KINDS = (*PURPOSES, REFRESH)
#: Credentials for which places are reserved in one transaction, at most.
BLOCK = 1_000
#: Reservations between two counts of the taken places: what other processes take meanwhile is not known here.
_COUNTED_EACH = 16
# A list is left at three quarters: random positions are still found at once, and a newcomer's place tells nothing.
_FILL = status_list.MINIMUM_LENGTH * 3 // 4


@dataclass(frozen=True)
class _Kind:
    """What a list is chosen by."""

    issuer: str
    purpose: str
    for_roles: bool


_Need: TypeAlias = tuple[tuple[str, ...], bool]


@dataclass(frozen=True)
class Reserved:
    """The id of a credential that is still to be prepared, and its places.

    :ivar id: credential IRI; :ivar places: by purpose; :ivar status: its ``credentialStatus``.
    """

    id: str
    places: Mapping[str, StatusEntry]
    status: tuple[JsonObject, ...]

    @property
    def lists(self) -> frozenset[int]:
        """Numbers of the lists that it has places in."""
        return frozenset(place.list for place in self.places.values())


class Places:
    """Reserves places, and keeps those of a block until they are taken.

    :param issuer: DID of the issuer of the credentials and of the lists.
    :param base_url: credentials are ``{base_url}/credentials/{uuid}``, the lists ``{base_url}/status/{number}``.
    """

    def __init__(self, store: Store, issuer: str, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._base_url = base_url
        self._expected: Counter[_Need] = Counter()
        self._spare: dict[_Need, list[Reserved]] = {}
        self._turn = Lock()
        self._filled: dict[int, int] = {}
        self._reservations = 0

    def expect(self, needs: Iterable[Sequence[str]]) -> None:
        """Say for which credentials places will be taken, so that they are reserved together.

        :param needs: the purposes of each credential. What is left of an earlier expectation is forgotten.
        """
        with self._turn:
            self._expected = Counter((tuple(purposes), False) for purposes in needs)

    def take(self, purposes: Sequence[str] = PURPOSES, *, for_roles: bool = False) -> Reserved:
        """A new credential id with a place in a list of each purpose.

        :param purposes: of Bitstring Status List 1.0, such as ``revocation``; each once.
        :param for_roles: in the lists of roles, which are kept apart: such a list says nothing of packs.
        """
        need = (tuple(purposes), for_roles)
        with self._turn:
            if not self._spare.get(need):
                self._reserve(need)
            if self._expected[need]:
                self._expected[need] -= 1
            return self._spare[need].pop()

    def _reserve(self, need: _Need) -> None:
        wanted = Counter({need: 1})
        # The other kinds that the run needs come along: a pack has credentials of several.
        for other, number in self._expected.items():
            missing = min(number, BLOCK) - len(self._spare.get(other, ()))
            wanted[other] = max(wanted[other], missing)
        wanted = +wanted
        places: Counter[_Kind] = Counter()
        for (purposes, for_roles), number in wanted.items():
            places.update({_Kind(self._issuer, purpose, for_roles): number for purpose in purposes})
        # Counted before the writer's turn: a list may become a little fuller than it should, and no place is lost.
        filled = self._counted()
        with self._store.transaction() as transaction:
            _begin_all(transaction, self._issuer)
            drawn = {kind: _draw(transaction, kind, number, filled) for kind, number in places.items()}
            made = {need: self._made(need, drawn, number) for need, number in wanted.items()}
            transaction.add_status_entries(
                [place for block in made.values() for reserved in block for place in reserved.places.values()]
            )
        for each, block in made.items():
            self._spare.setdefault(each, []).extend(block)

    def _counted(self) -> dict[int, int]:
        """About how many places of each open list are taken. Counting reads the list, so it is done now and then."""
        if self._reservations % _COUNTED_EACH == 0:
            self._filled.clear()
        self._reservations += 1
        for number in _open_lists(self._store, self._issuer).values():
            if number not in self._filled:
                self._filled[number] = self._store.count_places(number)
        return self._filled

    def _made(self, need: _Need, drawn: Mapping[_Kind, list[tuple[int, int]]], number: int) -> list[Reserved]:
        """So many new credentials, each with one of the drawn places for each purpose."""
        purposes, for_roles = need
        drawn_of = {purpose: drawn[_Kind(self._issuer, purpose, for_roles)] for purpose in purposes}
        made: list[Reserved] = []
        for _ in range(number):
            credential_id = f"{self._base_url}/credentials/{uuid4()}"
            places = {purpose: StatusEntry(*free.pop(), credential_id) for purpose, free in drawn_of.items()}
            status = tuple(
                [
                    status_list.entry(list_address(self._base_url, place.list), place.position, purpose)
                    for purpose, place in places.items()
                ]
            )
            made.append(Reserved(credential_id, places, status))
        return made


def list_address(base_url: str, number: int) -> str:
    """IRI of the status list of that number."""
    return f"{base_url}/status/{number}"


def _open_lists(store: Store | Transaction, issuer: str) -> dict[_Kind, int]:
    """The newest list of each kind, which is the one with room if there is any."""
    of_roles, purposes = store.role_lists(), store.list_purposes(issuer=issuer)
    return {_Kind(issuer, purpose, number in of_roles): number for number, purpose in purposes.items()}


def _begin_all(transaction: Transaction, issuer: str) -> None:
    """Begin a list of each purpose where there is none yet.

    Done before the first credential, whatever it is: lists are public, and one that begins with the first read-out
    would tell everybody that there are read-outs now, which not everybody may know.
    """
    known = _open_lists(transaction, issuer)
    for purpose in KINDS:
        kind = _Kind(issuer, purpose, for_roles=False)
        if kind not in known:
            _begin(transaction, kind)


def _begin(transaction: Transaction, kind: _Kind) -> int:
    number = max(transaction.list_numbers(), default=0) + 1
    transaction.begin_status_list(number, kind.purpose, kind.issuer, for_roles=kind.for_roles)
    return number


def _draw(transaction: Transaction, kind: _Kind, wanted: int, filled: dict[int, int]) -> list[tuple[int, int]]:
    """Free places as pairs of list and position, in lists of that kind.

    :param filled: how many places of a list are taken, where that is known; kept up to date.
    """
    places: list[tuple[int, int]] = []
    number = _open_lists(transaction, kind.issuer).get(kind)
    while len(places) < wanted:
        if number is None:
            number = _begin(transaction, kind)
            filled[number] = 0
        if number not in filled:
            # Another process began it a moment ago.
            filled[number] = transaction.count_places(number)
        room = min(_FILL - filled[number], wanted - len(places))
        if room > 0:
            places += [(number, position) for position in _free_positions(transaction, number, room)]
            filled[number] += room
        number = None
    return places


def _free_positions(transaction: Transaction, number: int, wanted: int) -> list[int]:
    """Positions drawn at random among the free ones. Only those that are drawn are looked up."""
    drawn: set[int] = set()
    free: list[int] = []
    while len(free) < wanted:
        positions = dict.fromkeys(status_list.random_indexes(wanted - len(free)))
        candidates = [position for position in positions if position not in drawn]
        drawn.update(candidates)
        taken = transaction.taken_places(number, candidates)
        free += [position for position in candidates if position not in taken]
    return free
