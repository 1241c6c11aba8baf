"""The write path, common to all writes: reserve, prepare, sign, commit.

* Nothing is signed during a writer's turn. A turn is a reservation of places, or a commit.
* A list is signed before a credential that names it can be seen: lists that were never signed are signed first, and
  stored with the credentials.
* Bits on which validity depends are signed right after the commit that set them (:meth:`StatusLists.catch_up`). Where a
  crash came between the two, the next write signs them.

    path = WritePath(store, issuer, base_url)
    reserved = path.places.take()
    signed = path.sign(prepare_statement(…))
    (stored,) = path.commit([signed], at=now)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from passport.credentials.issuer import Issuer
from passport.publishing.commit import commit
from passport.publishing.places import Places
from passport.publishing.sign import sign_write, sign_writes
from passport.publishing.status.status_lists import StatusLists
from passport.publishing.writes import PreparedWrite, SignedWrite
from passport.store import Store

#: Numbers of the newest credential and of the newest change of status.
Newest: TypeAlias = tuple[int, int]


def newest_of(version: tuple[int, ...]) -> Newest:
    """:param version: of the store (:meth:`passport.store.reading.StoreQueries.version`)."""
    # The second number is that of signed status lists, which say nothing that the changes do not.
    credential, _, change, *_ = version
    return credential, change


@dataclass(frozen=True)
class CommittedTurn:
    """What one commit did.

    :ivar stored: of each write whether it was stored.
    :ivar before: version of the store (:meth:`passport.store.reading.StoreQueries.version`) before it; :ivar after:
        with it.
    """

    stored: tuple[bool, ...]
    before: tuple[int, ...]
    after: tuple[int, ...]


class WritePath:
    """Writes into one store for one issuer.

    :param base_url: address under which credentials and lists are named.
    """

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self.issuer = issuer
        self.base_url = base_url
        self.places = Places(store, issuer.id, base_url)
        self.lists = StatusLists(store, issuer, base_url)

    def sign(self, prepared: PreparedWrite) -> SignedWrite:
        """:raises PassportError: as :meth:`Issuer.issue`; nothing is stored."""
        return sign_write(self.issuer, prepared)

    def sign_all(self, prepared: Sequence[PreparedWrite]) -> tuple[SignedWrite, ...]:
        """Several writes, together where the key signs in batches; see :meth:`sign`."""
        return sign_writes(self.issuer, prepared)

    def commit(self, writes: Sequence[SignedWrite], *, at: datetime, catch_up: bool = True) -> tuple[bool, ...]:
        """Store signed writes in one transaction, each if nothing changed since it was prepared.

        The lists of revocations and suspensions that they change are signed and stored before this returns.

        :param catch_up: False: the caller has them signed later (:meth:`StatusLists.catch_up`).
        :returns: of each write whether it was stored.
        :raises AlreadyIssued: another process stored the same id, address or code first; nothing is stored.
        :raises AnotherIssuer: one would replace what another issuer issued; nothing is stored.
        """
        return self.commit_turn(writes, at=at, catch_up=catch_up).stored

    def commit_turn(
        self, writes: Sequence[SignedWrite], *, at: datetime, catch_up: bool = True,
        read_at: Newest | None = None,
    ) -> CommittedTurn:  # fmt: skip
        """The same, with the versions of the store before and after it.

        :param read_at: what was newest before anything was read that the writes were prepared from. Where it still is,
            nothing of that is read again. None: not known.
        """
        named = frozenset(number for write in writes for number in write.prepared.lists)
        first = self.lists.first_versions(named, at)
        with self._store.transaction() as transaction:
            before = transaction.version()
            stored = commit(transaction, self.issuer.id, writes, unchanged=newest_of(before) == read_at)
            self.lists.store(transaction, first)
            after = transaction.version()
        if catch_up and any(done and write.prepared.decides_status for write, done in zip(writes, stored, strict=True)):
            self.lists.catch_up(at)
        return CommittedTurn(stored, before, after)
