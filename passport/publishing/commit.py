"""The commit of a write: one short transaction that compares the store and stores what was signed before.

1. For each subject and type of the write, the newest credential is still the one from which the write was prepared. A
   credential to be signed anew was not revoked meanwhile: a new signature never restores a revoked credential.
2. The credentials are stored, with the pack where it is unknown.
3. Bits are set where they are not set yet; the published notice of a change is stored with it.

    with store.transaction() as transaction:
        stored = commit(transaction, signed)      # False: prepare it again
"""

from __future__ import annotations

from datetime import datetime

from passport.publishing.writes import SignedWrite, WriteCondition
from passport.store import Notice, StatusChange, Transaction


def commit(transaction: Transaction, signed: SignedWrite) -> bool:
    """Store a signed write.

    :returns: False, and nothing is stored, where something changed since it was prepared.
    """
    prepared = signed.prepared
    # 1. As it was prepared from.
    if not _hold(transaction, prepared.conditions):
        return False
    # 2. Credentials and pack.
    for credential in signed.credentials:
        transaction.add_credential(credential.stored, credential.base_proof)
    if prepared.pack is not None and transaction.pack(prepared.pack.subject) is None:
        transaction.add_pack(prepared.pack)
    # 3. Status.
    for bit in prepared.changes:
        change_bit(transaction, bit.change, bit.notice)
    for carried in prepared.carried:
        if transaction.status_bit(carried.before.list, carried.before.position):
            change_bit(transaction, carried.change)
    return True


def _hold(transaction: Transaction, conditions: tuple[WriteCondition, ...]) -> bool:
    compared = {condition.about: condition.sequence for condition in conditions if condition.sequence is not None}
    newest = transaction.newest_numbers(compared) if compared else {}
    if any(newest.get(about, 0) != sequence for about, sequence in compared.items()):
        return False
    unrevoked = [condition.unrevoked for condition in conditions if condition.unrevoked is not None]
    return not any(transaction.status_bit(place.list, place.position) for place in unrevoked)


def change_bit(transaction: Transaction, change: StatusChange, notice: Notice | None = None) -> bool:
    """Store a change of status where the bit has another value so far.

    :returns: whether it was stored.
    """
    if transaction.status_bit(change.list, change.position) == change.value:
        return False
    transaction.add_status_change(change)
    if notice:
        transaction.add_notice(notice)
    return True


def change_status(
    transaction: Transaction,
    credential_id: str,
    purpose: str,
    value: bool,
    reason: str,
    at: datetime,
    notice: Notice | None = None,
) -> bool:
    """Set or clear a stored credential's bit of one purpose.

    :returns: whether it changed: False where it has no place of that purpose, or the bit has that value already.
    """
    place = transaction.places_of(credential_id).get(purpose)
    if place is None:
        return False
    return change_bit(transaction, StatusChange(place.list, place.position, value, reason, at), notice)
