"""The signed status lists of one issuer.

* A list belongs to the issuer that began it. Lists of other issuers in the same store are left alone.
* A change of a bit is a row with its reason, stored in a short transaction (:mod:`passport.publishing.commit`). Neither
  that transaction nor anything in it reads a list.
* A list is signed outside of every transaction: the bits of its newest signed version, and the changes after it. What
  the newest version holds is taken over only if it verifies with the key that signs now, and the store knows how far it
  goes; else the list is made from all changes. :meth:`StatusLists.refresh` always makes it from all changes.
* A signed list is stored if no other version was stored meanwhile; else it is made again. So each version contains all
  changes of the version before it, whichever process signed it.
* Lists of revocations and suspensions are signed with each change of them, before the command that changed them
  returns. ``refresh`` bits wait for the next regular signing (:mod:`passport.publishing.publisher`). A change that a
  crash left unsigned is signed by the next command that signs: late, and never lost.
* A signed list is valid for :data:`VALIDITY`. It is signed anew each day (:meth:`StatusLists.refresh`), so that the
  timer may fail for six days before the list ends.

    lists = StatusLists(store, issuer, base_url)
    with store.transaction() as transaction:
        change_status(transaction, issuer.id, document["id"], REVOCATION, True, "recalled", at)
    lists.catch_up(at)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REFRESH
from passport.errors import PassportError
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.proofs.data_integrity import verify_proof
from passport.publishing.places import list_address
from passport.store import Store, StoredSignedList, Transaction
from passport.store.reading import StoreQueries
from passport.store.rows import stored_document

#: How long a signed list is valid. A bearer can show an old list at most so long after a revocation.
VALIDITY = timedelta(days=7)
#: A list signed less than this ago is left alone by a refresh, so that a second run of a daily timer changes nothing.
FRESH = timedelta(hours=12)


@dataclass(frozen=True)
class RefreshedList:
    """A list as :meth:`StatusLists.refresh` left it.

    :ivar address: IRI of the list credential; :ivar purpose: such as ``revocation``.
    :ivar signed: whether it was signed now; False where the signed one was still fresh.
    :ivar valid_until: when it ends, aware.
    """

    address: str
    purpose: str
    signed: bool
    valid_until: datetime

    @property
    def valid_from(self) -> datetime:
        """When it was signed."""
        return self.valid_until - VALIDITY


@dataclass(frozen=True)
class PreparedList:
    """A list as it is at one moment, unsigned.

    :ivar before: number of the newest signed version that was there; 0 for none.
    :ivar last_change: number of the last change that is in it.
    """

    number: int
    before: int
    last_change: int
    document: JsonObject


@dataclass(frozen=True)
class SignedVersion:
    """A list signed and not stored yet."""

    prepared: PreparedList
    document: JsonObject


class StatusLists:
    """:param base_url: the lists are at ``{base_url}/status/{number}``."""

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._base_url = base_url
        # Numbers of lists that have a signed version: once they have one, they always have.
        self._begun: frozenset[int] = frozenset()

    # --- when a list is signed --------------------------------------------------------------------------------------

    def first_versions(self, named: Collection[int], at: datetime) -> tuple[SignedVersion, ...]:
        """Lists that were never signed, signed: to be stored with the first credentials that name them.

        :param named: numbers of the lists that these credentials name. Nothing is done where all of them are signed.
        :param at: instant of signing, aware; the lists are valid from then on for :data:`VALIDITY`.
        """
        if self._begun.issuperset(named):
            return ()
        purposes = self._purposes()
        unsigned = [number for number in self._store.unsigned_lists() if number in purposes]
        self._begun = frozenset(purposes).difference(unsigned)
        return tuple(self._signed(self._prepared(number, purposes[number], at), at) for number in unsigned)

    def catch_up(self, at: datetime) -> None:
        """Sign the lists of revocations and suspensions that lack a change.

        When this returns, each change that was stored before it began is in a signed list that is stored.
        """
        waiting = {number for number, purpose in self._purposes().items() if purpose != REFRESH}
        self._sign([number for number in self._store.lists_behind() if number in waiting], at, behind=True)

    def sign_all(self, at: datetime) -> None:
        """Sign every list of the issuer, so that what it says is known to be of ``at``."""
        self._sign(tuple(self._purposes()), at)

    def refresh(self, at: datetime) -> tuple[RefreshedList, ...]:
        """Sign the lists that need it: a regular signing that can be repeated without a further effect.

        A list is left alone while it was signed within :data:`FRESH` before ``at``, says exactly what the rows say, and
        verifies with the key that signs now. A list that a clock in the future or another key signed is signed anew.
        """
        return tuple(self._refreshed(number, purpose, at) for number, purpose in self._purposes().items())

    def store(self, transaction: Transaction, versions: Iterable[SignedVersion]) -> frozenset[int]:
        """Store signed lists, each if no other version of it was stored meanwhile.

        :returns: numbers of those that were not stored.
        """
        overtaken = set()
        for version in versions:
            prepared = version.prepared
            if transaction.signed_number(prepared.number) == prepared.before:
                transaction.add_status_list(prepared.number, version.document, last_change=prepared.last_change)
            else:
                overtaken.add(prepared.number)
        return frozenset(overtaken)

    # --- how --------------------------------------------------------------------------------------------------------

    def _purposes(self) -> dict[int, str]:
        """The purposes of the issuer's own lists."""
        return self._store.list_purposes(issuer=self._issuer.id)

    def _sign(self, numbers: Sequence[int], at: datetime, *, behind: bool = False) -> None:
        """:param behind: leave a list alone once another process has signed its changes."""
        purposes = self._purposes()
        while numbers:
            versions = [self._signed(self._prepared(number, purposes[number], at), at) for number in numbers]
            with self._store.transaction() as transaction:
                overtaken = self.store(transaction, versions)
            if behind and overtaken:
                overtaken = overtaken.intersection(self._store.lists_behind())
            numbers = sorted(overtaken)

    def _refreshed(self, number: int, purpose: str, at: datetime) -> RefreshedList:
        address = list_address(self._base_url, number)
        while True:
            prepared = self._prepared(number, purpose, at, anew=True)
            until = self._end_if_fresh(self._store.status_list(number), prepared.document, at)
            if until is not None:
                return RefreshedList(address, purpose, False, until)
            version = self._signed(prepared, at)
            with self._store.transaction() as transaction:
                if not self.store(transaction, [version]):
                    return RefreshedList(address, purpose, True, at + VALIDITY)

    def _prepared(self, number: int, purpose: str, at: datetime, *, anew: bool = False) -> PreparedList:
        """:param anew: from all changes, and nothing of the version before."""
        before = self._store.signed_list(number)
        bits, last_change = None, 0
        if before is not None and before.last_change is not None and not anew:
            bits, last_change = self._bits(before, number, purpose, at), before.last_change
        if bits is None:
            bits, last_change = status_list.BitString(), 0
        # Read after the version before, so that nothing is left out between the two.
        for sequence, position, value in self._store.bits_since(number, last_change):
            bits.set(position, value)
            last_change = sequence
        document = status_list.status_list_credential(
            list_address(self._base_url, number), self._issuer.id, purpose, bits, valid_from=at,
            valid_until=at + VALIDITY,
        )  # fmt: skip
        return PreparedList(number, 0 if before is None else before.sequence, last_change, document)

    def _signed(self, prepared: PreparedList, at: datetime) -> SignedVersion:
        return SignedVersion(prepared, self._issuer.issue(prepared.document, created=at))

    def _bits(self, before: StoredSignedList, number: int, purpose: str, at: datetime) -> status_list.BitString | None:
        """The bits of a signed version; None where it does not verify with the key that signs now."""
        try:
            document = stored_document(before.body, f"status list {number}")
            verify_proof(document, self._own_key(), at=max(at, vcdm.valid_from(document) or at))
            if document.get("id") != list_address(self._base_url, number):
                return None
            return status_list.read_list(document, purpose)
        except PassportError:
            return None

    def _end_if_fresh(self, signed: JsonObject | None, unsigned: JsonObject, at: datetime) -> datetime | None:
        """When the signed list ends; None where it has to be signed anew."""
        if signed is None:
            return None
        try:
            since = vcdm.valid_from(signed)
            if since is None or not at - FRESH < since <= at:
                return None
            until = since + VALIDITY
            times = {"validFrom": vcdm.date_time(since), "validUntil": vcdm.date_time(until)}
            if {**signed, "proof": None} != {**unsigned, **times, "proof": None}:
                return None
            verify_proof(signed, self._own_key(), at=at)
        except PassportError:
            return None
        return until

    def _own_key(self) -> DidResolver:
        """A DID resolver that knows only the present signing key of the issuer."""
        url, key = self._issuer.signer.verification_method, self._issuer.signer.public_key
        method = {"id": url, "type": "Multikey", "controller": self._issuer.id, "publicKeyMultibase": key.multikey}
        document = {"id": self._issuer.id, "verificationMethod": [method], "assertionMethod": [url]}
        # The document of a did:key is computed, and is this one.
        return DidResolver({self._issuer.id: document})


def purposes_set(store: StoreQueries, credential_id: str) -> frozenset[str]:
    """The purposes for which a bit of the credential is set, such as ``revocation``."""
    return purposes_set_of(store, [credential_id]).get(credential_id, frozenset())


def purposes_set_of(store: StoreQueries, credential_ids: Collection[str]) -> dict[str, frozenset[str]]:
    """The same of several credentials, by their ids; one without a place is left out."""
    places = store.places_of_each(credential_ids)
    bits = store.bits_set((place.list, place.position) for each in places.values() for place in each.values())
    return {
        id_: frozenset(purpose for purpose, place in each.items() if (place.list, place.position) in bits)
        for id_, each in places.items()
    }
