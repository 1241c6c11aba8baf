"""The status lists of one issuer: which place in them is whose, what stands there, and the lists signed.

* A credential has a place in a list of each purpose that it asks for. A list has one purpose, for good, which the store
  keeps beside its number.
* The first list of each purpose begins with the first credential of all. When a list is full, the next one of its
  purpose begins.
* Role credentials have lists of their own.
* Places are random and independent: no list tells which pack, nor which places belong together.
* A change is a row with its reason. The lists are made from the rows and signed whole. Revocations and suspensions are
  signed in the change's transaction; a ``refresh`` waits for the next regular signing
  (:class:`passport.publishing.publisher`).
* A signed list is valid for :data:`VALIDITY`. It is signed anew each day (:meth:`StatusLists.refresh`), so that the
  timer may fail for six days before the list ends.

    lists = StatusLists(issuer, base_url)
    document["credentialStatus"] = lists.allot(transaction, document["id"])
    changed = lists.change(transaction, document["id"], REVOCATION, True, "recalled", at)
    lists.sign(transaction, at, numbers={changed})
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from passport.credentials import credential as vcdm
from passport.credentials import status_list
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REFRESH, REVOCATION, SUSPENSION
from passport.errors import PassportError
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.proofs.data_integrity import verify_proof
from passport.store import StatusChange, StatusEntry, Transaction
from passport.store.reading import StoreQueries

#: Places of a credential that can be withdrawn, for good or for a time.
PURPOSES = (REVOCATION, SUSPENSION)
#: All purposes that an issuer of passports has a list of.
KINDS = (*PURPOSES, REFRESH)
#: How long a signed list is valid. A bearer can show an old list at most so long after a revocation.
VALIDITY = timedelta(days=7)
#: A list signed less than this ago is left alone by a refresh, so that a second run of a daily timer changes nothing.
FRESH = timedelta(hours=12)
# A list is left at three quarters: random positions are still found at once, and a newcomer's place tells nothing.
_FILL = status_list.MINIMUM_LENGTH * 3 // 4


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


class StatusLists:
    """:param base_url: the lists are at ``{base_url}/status/{number}``."""

    def __init__(self, issuer: Issuer, base_url: str) -> None:
        self._issuer = issuer
        self._base_url = base_url

    def begin(self, transaction: Transaction, purposes: Sequence[str] = KINDS) -> None:
        """Begin a list of each purpose where there is none yet.

        Done before the first credential, whatever it is: lists are public, and one that begins with the first read-out
        would tell everybody that there are read-outs now, which not everybody may know.
        """
        of_roles = transaction.role_lists()
        known = {purpose for number, purpose in transaction.list_purposes().items() if number not in of_roles}
        for purpose in purposes:
            if purpose not in known:
                self._open_list(transaction, purpose, for_roles=False)

    def allot(
        self,
        transaction: Transaction,
        credential_id: str,
        purposes: Sequence[str] = PURPOSES,
        *,
        for_roles: bool = False,
    ) -> list[JsonObject]:
        """Give a credential its places, one in a list of each purpose.

        A list that begins here is not signed yet: :meth:`sign` does it in the same transaction.

        :param purposes: of Bitstring Status List 1.0, such as ``revocation``; each once.
        :param for_roles: in the lists of roles, which are kept apart: who looks at one is not told how packs stand.
        :returns: its ``credentialStatus``.
        """
        self.begin(transaction)
        entries, stored = [], []
        for purpose in purposes:
            number = self._open_list(transaction, purpose, for_roles)
            position = status_list.free_index(transaction.positions(number), status_list.MINIMUM_LENGTH)
            stored.append(StatusEntry(number, position, credential_id))
            entries.append(status_list.entry(self._address(number), position, purpose))
        transaction.add_status_entries(stored)
        return entries

    def change(
        self, transaction: Transaction, credential_id: str, purpose: str, value: bool, reason: str, at: datetime
    ) -> int | None:
        """Set or clear the credential's bit of that purpose.

        :returns: the number of the list that changed, which is to be signed; None where the credential has no place of
            that purpose, or where the bit has that value already.
        """
        purposes = transaction.list_purposes()
        for entry in transaction.status_entries(credential_id):
            if purposes.get(entry.list) == purpose:
                if transaction.status_bit(entry.list, entry.position) == value:
                    return None
                transaction.add_status_change(StatusChange(entry.list, entry.position, value, reason, at))
                return entry.list
        return None

    def carry_over(self, transaction: Transaction, before: str, after: str, at: datetime) -> set[int]:
        """Set for ``after`` what is set for ``before``, except that it is revoked.

        A credential that is only signed anew says the same, so a suspension goes on: a new signature lifts no recall.

        :returns: numbers of the lists that changed, which are to be signed.
        """
        changed = [
            self.change(transaction, after, purpose, True, f"as before, for {before}", at)
            for purpose in sorted(purposes_set(transaction, before) - {REVOCATION})
        ]
        return {number for number in changed if number is not None}

    def sign(self, transaction: Transaction, at: datetime, *, numbers: Collection[int] | None = None) -> None:
        """Sign lists as they stand. Lists that were never signed are signed in any case.

        :param at: instant of signing, aware; the lists are valid from then on for :data:`VALIDITY`.
        :param numbers: those to sign; None: all.
        """
        for number, purpose in transaction.list_purposes().items():
            if numbers is None or number in numbers or transaction.status_list_body(number) is None:
                self._sign(transaction, number, purpose, at)

    def refresh(self, transaction: Transaction, at: datetime) -> tuple[RefreshedList, ...]:
        """Sign the lists that need it: a regular signing that can be repeated without a further effect.

        A list is left alone while it was signed within :data:`FRESH` before ``at``, says exactly what the rows say, and
        verifies with the key that signs now. A list that a clock in the future or another key signed is signed anew.
        """
        refreshed = []
        for number, purpose in transaction.list_purposes().items():
            unsigned = self._unsigned(transaction, number, purpose, at)
            until = self._end_if_fresh(transaction.status_list(number), unsigned, at)
            if until is None:
                transaction.add_status_list(number, self._issuer.issue(unsigned, created=at))
            signed, until = until is None, until or at + VALIDITY
            refreshed.append(RefreshedList(self._address(number), purpose, signed, until))
        return tuple(refreshed)

    def _sign(self, transaction: Transaction, number: int, purpose: str, at: datetime) -> None:
        unsigned = self._unsigned(transaction, number, purpose, at)
        transaction.add_status_list(number, self._issuer.issue(unsigned, created=at))

    def _unsigned(self, transaction: Transaction, number: int, purpose: str, at: datetime) -> JsonObject:
        bits = status_list.BitString()
        for change in transaction.status_changes(number):
            bits.set(change.position, change.value)
        return status_list.status_list_credential(
            self._address(number), self._issuer.id, purpose, bits, valid_from=at, valid_until=at + VALIDITY
        )

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
        """Knows of the issuer's keys only the one that signs now."""
        url, key = self._issuer.signer.verification_method, self._issuer.signer.public_key
        method = {"id": url, "type": "Multikey", "controller": self._issuer.id, "publicKeyMultibase": key.multikey}
        document = {"id": self._issuer.id, "verificationMethod": [method], "assertionMethod": [url]}
        # The document of a did:key is computed, and is this one.
        return DidResolver({self._issuer.id: document})

    def _open_list(self, transaction: Transaction, purpose: str, for_roles: bool) -> int:
        """The number of the list of that purpose that has room, which may be a new one."""
        known, of_roles = transaction.list_purposes(), transaction.role_lists()
        of_purpose = [
            number for number, its_purpose in known.items()
            if its_purpose == purpose and (number in of_roles) == for_roles
        ]  # fmt: skip
        if of_purpose and len(transaction.positions(of_purpose[-1])) < _FILL:
            return of_purpose[-1]
        number = max(known, default=0) + 1
        transaction.begin_status_list(number, purpose)
        return number

    def _address(self, number: int) -> str:
        return f"{self._base_url}/status/{number}"


def purposes_set(store: StoreQueries, credential_id: str) -> frozenset[str]:
    """The purposes for which a bit of the credential is set, such as ``revocation``."""
    purposes = store.list_purposes()
    return frozenset(
        purposes[entry.list]
        for entry in store.status_entries(credential_id)
        if entry.list in purposes and store.status_bit(entry.list, entry.position)
    )
