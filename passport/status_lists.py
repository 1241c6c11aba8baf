"""The status lists of one issuer: which place in them is whose, what stands there, and the lists signed.

* A credential has a place in a list of each purpose that it asks for. A list has one purpose, for good, which the store
  keeps beside its number; when a list is full, the next one of its purpose begins.
* Places are random and independent: no list tells which pack, nor which places belong together.
* A change is a row with its reason. The lists are made from the rows and signed whole. Revocations and suspensions are
  signed in the change's transaction; a ``refresh`` waits for the next regular signing (:class:`passport.publisher`).
* A signed list is valid for :data:`VALIDITY`. It is signed anew each day, so that six days can fail before it ends.

    lists = StatusLists(issuer, base_url)
    document["credentialStatus"] = lists.allot(transaction, document["id"])
    changed = lists.change(transaction, document["id"], REVOCATION, True, "recalled", at)
    lists.sign(transaction, at, numbers={changed})
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from passport.credentials import status_list
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.store import StatusChange, StatusEntry, Transaction
from passport.store.reading import Reading

#: Places of a credential that can be withdrawn, for good or for a time.
PURPOSES = (REVOCATION, SUSPENSION)
#: How long a signed list is valid. A bearer can show an old list at most so long after a revocation.
VALIDITY = timedelta(days=7)
# A list is left at three quarters: random positions are still found at once, and a newcomer's place tells nothing.
_FILL = status_list.MINIMUM_LENGTH * 3 // 4


class StatusLists:
    """:param base_url: the lists are at ``{base_url}/status/{number}``."""

    def __init__(self, issuer: Issuer, base_url: str) -> None:
        self._issuer = issuer
        self._base_url = base_url

    def allot(
        self, transaction: Transaction, credential_id: str, purposes: Sequence[str] = PURPOSES
    ) -> list[dict]:
        """Give a credential its places, one in a list of each purpose.

        A list that begins here is not signed yet: :meth:`sign` does it in the same transaction.

        :param purposes: of Bitstring Status List 1.0, such as ``revocation``; each once.
        :returns: its ``credentialStatus``.
        """
        entries, stored = [], []
        for purpose in purposes:
            number = self._open_list(transaction, purpose)
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

    def carry_over(self, transaction: Transaction, before: str, after: str, at: datetime) -> set[int | None]:
        """Set for ``after`` what is set for ``before``, except that it is revoked.

        A credential that is only signed anew says the same, so a suspension goes on: a new signature lifts no recall.

        :returns: numbers of the lists that changed, which are to be signed.
        """
        return {
            self.change(transaction, after, purpose, True, f"as before, for {before}", at)
            for purpose in sorted(purposes_set(transaction, before) - {REVOCATION})
        }

    def sign(self, transaction: Transaction, at: datetime, *, numbers: Collection[int] | None = None) -> None:
        """Sign lists as they stand. Lists that were never signed are signed in any case.

        :param at: instant of signing, aware; the lists are valid from then on for :data:`VALIDITY`.
        :param numbers: those to sign; None: all.
        """
        for number, purpose in transaction.list_purposes().items():
            if numbers is None or number in numbers or transaction.status_list_body(number) is None:
                self._sign(transaction, number, purpose, at)

    def _sign(self, transaction: Transaction, number: int, purpose: str, at: datetime) -> None:
        bits = status_list.BitString()
        for change in transaction.status_changes(number):
            bits.set(change.position, change.value)
        unsigned = status_list.status_list_credential(
            self._address(number), self._issuer.id, purpose, bits, valid_from=at, valid_until=at + VALIDITY
        )
        transaction.add_status_list(number, self._issuer.issue(unsigned, created=at))

    def _open_list(self, transaction: Transaction, purpose: str) -> int:
        """The number of the list of that purpose that has room, which may be a new one."""
        known = transaction.list_purposes()
        of_purpose = [number for number, its_purpose in known.items() if its_purpose == purpose]
        if of_purpose and len(transaction.positions(of_purpose[-1])) < _FILL:
            return of_purpose[-1]
        number = max(known, default=0) + 1
        transaction.begin_status_list(number, purpose)
        return number

    def _address(self, number: int) -> str:
        return f"{self._base_url}/status/{number}"


def purposes_set(store: Reading, credential_id: str) -> frozenset[str]:
    """The purposes for which a bit of the credential is set, such as ``revocation``."""
    purposes = store.list_purposes()
    return frozenset(
        purposes[entry.list]
        for entry in store.status_entries(credential_id)
        if entry.list in purposes and store.status_bit(entry.list, entry.position)
    )
