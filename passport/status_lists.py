"""The status lists of one issuer: which place in them is whose, what stands there, and the lists signed.

* A credential has a place in a list of each purpose. Odd numbers are lists of revocations, even ones of suspensions;
  when a pair is full, the next two begin.
* Places are random and independent: neither list tells which pack, nor which places belong together.
* A change is a row with its reason. The lists are made from the rows and signed whole, in the change's transaction.

    lists = StatusLists(issuer, base_url)
    document["credentialStatus"] = lists.allot(transaction, document["id"])
    lists.change(transaction, document["id"], REVOCATION, True, "recalled", at)
    lists.sign(transaction, at)
"""

from __future__ import annotations

from datetime import datetime

from passport.credentials import status_list
from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION, SUSPENSION
from passport.store import StatusChange, StatusEntry, Transaction
from passport.store.reading import Reading

PURPOSES = (REVOCATION, SUSPENSION)
# A list is left at three quarters: random positions are still found at once, and a newcomer's place tells nothing.
_FILL = status_list.MINIMUM_LENGTH * 3 // 4


class StatusLists:
    """:param base_url: the lists are at ``{base_url}/status/{number}``."""

    def __init__(self, issuer: Issuer, base_url: str) -> None:
        self._issuer = issuer
        self._base_url = base_url

    def allot(self, transaction: Transaction, credential_id: str) -> list[dict]:
        """Give a credential its places.

        :returns: its ``credentialStatus``.
        """
        pair = 0
        while len(transaction.positions(2 * pair + 1)) >= _FILL:
            pair += 1
        entries, stored = [], []
        for number, purpose in enumerate(PURPOSES, start=2 * pair + 1):
            position = status_list.free_index(transaction.positions(number), status_list.MINIMUM_LENGTH)
            stored.append(StatusEntry(number, position, credential_id))
            entries.append(status_list.entry(self._address(number), position, purpose))
        transaction.add_status_entries(stored)
        return entries

    def change(
        self, transaction: Transaction, credential_id: str, purpose: str, value: bool, reason: str, at: datetime
    ) -> bool:
        """Set the credential's bit; False where it has none or it stands so already."""
        for entry in transaction.status_entries(credential_id):
            if _purpose(entry.list) == purpose:
                bits = {change.position: change.value for change in transaction.status_changes(entry.list)}
                if bits.get(entry.position, False) != value:
                    transaction.add_status_change(StatusChange(entry.list, entry.position, value, reason, at))
                    return True
        return False

    def purposes_set(self, store: Reading, credential_id: str) -> frozenset[str]:
        """The purposes for which a bit of the credential is set, such as ``revocation``."""
        found = set()
        for entry in store.status_entries(credential_id):
            bits = {change.position: change.value for change in store.status_changes(entry.list)}
            if bits.get(entry.position, False):
                found.add(_purpose(entry.list))
        return frozenset(found)

    def carry_over(self, transaction: Transaction, before: str, after: str, at: datetime) -> None:
        """Set for ``after`` what is set for ``before``, except that it is revoked.

        A credential that is only signed anew says the same, so a suspension goes on: a new signature lifts no recall.
        """
        for purpose in sorted(self.purposes_set(transaction, before) - {REVOCATION}):
            self.change(transaction, after, purpose, True, f"as before, for {before}", at)

    def sign(self, transaction: Transaction, at: datetime, *, only_missing: bool = False) -> None:
        """Sign all lists as they stand.

        :param only_missing: leave those alone that were signed once: what they say has not changed.
        """
        for number in transaction.list_numbers():
            if only_missing and transaction.status_list(number) is not None:
                continue
            bits = status_list.BitString()
            for change in transaction.status_changes(number):
                bits.set(change.position, change.value)
            unsigned = status_list.status_list_credential(
                self._address(number), self._issuer.id, _purpose(number), bits, valid_from=at
            )
            transaction.add_status_list(number, self._issuer.issue(unsigned, created=at))

    def _address(self, number: int) -> str:
        return f"{self._base_url}/status/{number}"


def _purpose(number: int) -> str:
    return PURPOSES[(number - 1) % len(PURPOSES)]
