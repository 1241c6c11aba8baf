"""The commit of writes: one short transaction that compares the store and stores what was signed before.

1. For each subject and type of a write, the newest credential is still the one from which the write was prepared, or
   says what the write relies on: a pack relies on what its model says, whichever signature it has. A credential to be
   signed anew was not revoked meanwhile: a new signature never restores a revoked credential. No other credential
   names a module of the pack that did not name it then.
2. The credentials are stored, with the pack where it is unknown.
3. Bits are set where they are not set yet; the published notice of a change is stored with it. A bit is the issuer's
   own: no other issuer changes it, in any store.

Several writes cost as many statements as one. A write sees what the ones before it store.

    with store.transaction() as transaction:
        (stored,) = commit(transaction, issuer.id, [signed])      # False: prepare it again
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from passport.credentials.wording import shortened
from passport.errors import AnotherIssuer
from passport.linked_data.json_types import JsonObject
from passport.publishing.writes import About, PreparedWrite, SignedWrite
from passport.store import Notice, Pack, StatusChange, StatusEntry, StoredCredential, Transaction
from passport.texts import Message


def commit(
    transaction: Transaction, issuer: str, writes: Sequence[SignedWrite], *, unchanged: bool = False
) -> tuple[bool, ...]:
    """Store signed writes, each where nothing changed since it was prepared.

    :param issuer: DID of who signed them.
    :param unchanged: whether no credential and no change of status was stored since then, so that only what the writes
        before it store can stand against a write.
    :returns: of each write whether it was stored; of one that was not, nothing is.
    :raises AnotherIssuer: one changes a bit of another issuer.
    """
    group = _Group(transaction, [signed.prepared for signed in writes], unchanged)
    stored = tuple(group.take(signed) for signed in writes)
    group.store(issuer)
    return stored


class _Group:
    """What the store says of all that the writes concern, and what is to be stored."""

    def __init__(self, transaction: Transaction, writes: Sequence[PreparedWrite], unchanged: bool) -> None:
        self._transaction = transaction
        self._unchanged = unchanged
        abouts = set() if unchanged else {condition.about for write in writes for condition in write.conditions}
        self._newest = transaction.newest_contents(abouts) if abouts else {}
        self._set = set(transaction.bits_set(_place(entry) for write in writes for entry in _entries(write)))
        self._number = transaction.credential_number()
        modules = transaction.packs_of_modules({code for write in writes for code in write.modules})
        self._modules = {code: frozenset(named for _, named in stated) for code, stated in modules.items()}
        self._credentials: list[tuple[StoredCredential, bytes | None]] = []
        self._excerpts: dict[str, JsonObject] = {}
        self._late: set[str] = set()
        self._packs: dict[str, Pack] = {}
        self._changes: list[tuple[StatusChange, Notice | None]] = []

    def take(self, signed: SignedWrite) -> bool:
        """Take a write in, if its conditions hold."""
        prepared = signed.prepared
        # 1. As it was prepared from.
        for condition in prepared.conditions:
            if condition.unrevoked is not None and _place(condition.unrevoked) in self._set:
                return False
            if self._unchanged and condition.about not in self._newest:
                continue
            number, content = self._newest.get(condition.about, (0, None))
            if condition.sequence not in (None, number) or condition.content not in (None, content):
                return False
        if any(self._modules.get(code, frozenset()) != named for code, named in prepared.modules.items()):
            return False
        # 2. Credentials and pack.
        for credential in signed.credentials:
            about: About = (credential.stored.subject, credential.stored.type)
            self._newest[about] = (self._number + len(self._credentials), credential.stored.content)
            self._credentials.append((credential.stored, credential.issuer_part))
            if credential.excerpt is not None:
                self._excerpts[credential.stored.id] = credential.excerpt
            for code in prepared.modules:
                self._modules[code] = self._modules.get(code, frozenset()) | {credential.stored.id}
            if credential.late:
                self._late.add(credential.stored.id)
        if prepared.pack is not None:
            self._packs.setdefault(prepared.pack.subject, prepared.pack)
        # 3. Status.
        for carried in prepared.carried:
            if _place(carried.before) in self._set:
                self._change(carried.change, None)
        for bit in prepared.changes:
            self._change(bit.change, bit.notice)
        return True

    def _change(self, change: StatusChange, notice: Notice | None) -> None:
        place = (change.list, change.position)
        if (place in self._set) == change.value:
            return
        (self._set.add if change.value else self._set.discard)(place)
        self._changes.append((change, notice))

    def store(self, issuer: str) -> None:
        """Store all that was taken in."""
        _refuse_others(self._transaction, issuer, {change.list for change, _ in self._changes})
        self._transaction.add_credentials(self._credentials, late=self._late, excerpts=self._excerpts)
        known = self._transaction.known_packs(self._packs) if self._packs else ()
        self._transaction.add_packs(pack for subject, pack in self._packs.items() if subject not in known)
        self._transaction.add_status_changes(self._changes)


def _entries(write: PreparedWrite) -> list[StatusEntry]:
    """The places whose bits a write asks about or changes."""
    entries = [carried.before for carried in write.carried]
    entries += [condition.unrevoked for condition in write.conditions if condition.unrevoked is not None]
    changes: list[StatusChange] = [bit.change for bit in write.changes]
    changes += [carried.change for carried in write.carried]
    return entries + [StatusEntry(change.list, change.position, "") for change in changes]


def _place(entry: StatusEntry) -> tuple[int, int]:
    return entry.list, entry.position


def change_bit(transaction: Transaction, change: StatusChange, notice: Notice | None = None) -> bool:
    """Store a change of status where the bit has another value so far.

    :returns: whether it was stored.
    """
    if transaction.status_bit(change.list, change.position) == change.value:
        return False
    transaction.add_status_change(change, notice)
    return True


def _refuse_others(transaction: Transaction, issuer: str, numbers: Collection[int]) -> None:
    """:raises AnotherIssuer: one of the status lists belongs to another issuer, or to none."""
    issuers = transaction.list_issuers() if numbers else {}
    for number in sorted(numbers):
        if issuers.get(number) != issuer:
            raise AnotherIssuer(
                Message("another issuer issued it, who alone changes its status"),
                expected=shortened(issuer),
                found=shortened(issuers.get(number, "")) or None,
            )


def change_status(
    transaction: Transaction,
    issuer: str,
    credential_id: str,
    purpose: str,
    value: bool,
    reason: str,
    at: datetime,
    notice: Notice | None = None,
) -> bool:
    """Set or clear a stored credential's bit of one purpose.

    :param issuer: DID of who changes it.
    :returns: whether it changed: False where it has no place of that purpose, or the bit has that value already.
    :raises AnotherIssuer: the credential has another issuer.
    """
    place = transaction.places_of(credential_id).get(purpose)
    if place is None:
        return False
    _refuse_others(transaction, issuer, [place.list])
    return change_bit(transaction, StatusChange(place.list, place.position, value, reason, at), notice)
