"""Sign anew what a key signed that counts no more: the same content, with the key that signs now.

1. What is in force (:func:`passport.publishing.stored_sample.in_force`), names the key, and was signed by it, is
   affected. A row that names the key and does not fit its signature was changed by somebody: it is reported, and never
   signed anew.
2. Rows are taken in the order in which they were stored, some in one transaction. The new credential is stored, the old
   one is revoked with the reason, and the lists that say so are signed, all in that transaction. When it ends half-way,
   the next run goes on where it stopped: what was done is no longer in force.
3. What was suspended stays suspended. What was revoked or replaced stays so, and is not signed anew.
4. In the end all status lists are signed.

A thief with the key and with access to the store could have added rows, and their signatures hold. ``since`` tells
which rows could be such: those signed since that instant, and those stored after one of them, whatever they say of
their date. Somebody has to look at them.

    found = survey(store, issuer, url, as_it_was(document, "key-1"), since=since, at=now)
    Reissuer(store, issuer, base_url).reissue(found.affected, reason="…", at=now)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from passport.battery.access import SELECTIVE
from passport.credentials import credential as vcdm
from passport.credentials.issuer import Issuer
from passport.credentials.signature_check import check_signature
from passport.credentials.status_list import REVOCATION
from passport.errors import PassportError
from passport.identity import DidResolver
from passport.proofs.data_integrity import proofs_of
from passport.publishing.document_signing import sign
from passport.publishing.status_lists import StatusLists
from passport.publishing.stored_sample import SampleFault, in_force
from passport.store import Role, Store, StoredCredential, Transaction

_PAGE = 200
# The turn of a writer lasts while these are signed: about a second.
_BATCH = 20


@dataclass(frozen=True)
class Affected:
    """A credential in force that the key signed.

    :ivar signed_at: what its proof says; None where it does not say.
    :ivar since: whether it was signed since the instant asked about, or stored after one that was.
    """

    id: str
    type: str
    subject: str
    signed_at: datetime | None
    since: bool


@dataclass(frozen=True)
class KeySurvey:
    """What a key has signed that counts at present.

    :ivar lists: addresses of the status lists whose newest version it signed.
    :ivar changed: rows that name the key and do not fit its signature.
    :ivar roles: roles that still count. The store keeps no signed role, so that any key may have signed them.
    """

    affected: tuple[Affected, ...]
    lists: tuple[str, ...]
    changed: tuple[SampleFault, ...]
    roles: tuple[Role, ...]


@dataclass(frozen=True)
class Reissued:
    """:ivar before: id of the credential that was revoked; :ivar after: id of the one that says the same."""

    before: str
    after: str


def survey(store: Store, issuer: str, url: str, key: DidResolver, *, since: datetime | None, at: datetime) -> KeySurvey:
    """Look through the store for what ``url`` signed. Reads and verifies; changes nothing.

    :param issuer: DID of the issuer; :param url: the verification method.
    :param key: knows that method as it was when it counted (:func:`passport.identity.did_rotation.as_it_was`).
    :param since: None: no row is told from another.
    """
    affected: list[Affected] = []
    changed: list[SampleFault] = []
    suspect = False
    for stored in _naming(store, url):
        try:
            document = stored.document
            proofs = check_signature(document, key, controller=issuer, at=max(at, stored.issued_at))
        except PassportError as error:
            if in_force(store, stored):
                changed.append(SampleFault(stored.id, stored.type, str(error)))
            continue
        signed_at = proofs[0].created
        # A date is what somebody wrote. The order of the rows is what happened.
        suspect = suspect or (since is not None and max(signed_at or stored.issued_at, stored.issued_at) >= since)
        if in_force(store, stored):
            affected.append(Affected(stored.id, stored.type, stored.subject, signed_at, suspect))
    return KeySurvey(tuple(affected), _lists(store, url), tuple(changed), _roles(store, at))


def _naming(store: Store, url: str) -> Iterator[StoredCredential]:
    """The stored credentials of which a proof names ``url``, in their order."""
    after, needle = 0, url.encode()
    while page := store.numbered(after, _PAGE):
        after = page[-1][0]
        yield from (stored for _, stored in page if needle in stored.body and _names(stored.document, url))


def _names(document: dict[str, Any], url: str) -> bool:
    try:
        return any(proof.get("verificationMethod") == url for proof in proofs_of(document))
    except PassportError:
        return False


def _lists(store: Store, url: str) -> tuple[str, ...]:
    newest = (store.status_list(number) for number in store.list_numbers())
    return tuple(document["id"] for document in newest if document is not None and _names(document, url))


def _roles(store: Store, at: datetime) -> tuple[Role, ...]:
    return tuple(role for role in store.roles() if role.valid_until > at and not store.is_flagged(role.id))


class Reissuer:
    """Signs stored credentials anew.

    :param issuer: signs; its first signature is verified with the DID document before anything is stored.
    :param base_url: address under which credentials and lists are named.
    """

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._issuer = issuer
        self._base_url = base_url
        self._lists = StatusLists(issuer, base_url)

    def reissue(
        self,
        affected: Sequence[Affected],
        *,
        reason: str,
        at: datetime,
        progress: Callable[[int], None] = lambda _: None,
    ) -> tuple[Reissued, ...]:
        """Sign what is affected anew, revoke what it replaces, and sign all status lists.

        :param reason: kept in the store with each revocation.
        :param at: instant of signing, aware; becomes ``validFrom``.
        :param progress: told how many are done.
        """
        at = at.replace(microsecond=0)
        done: list[Reissued] = []
        for start in range(0, len(affected), _BATCH):
            batch = affected[start : start + _BATCH]
            with self._store.transaction() as transaction:
                changed: set[int] = set()
                made = []
                for one in batch:
                    stored = transaction.credential(one.id)
                    # Another process may have replaced or revoked it meanwhile.
                    if stored is not None and in_force(transaction, stored):
                        made.append(Reissued(stored.id, self._anew(transaction, stored, reason, at, changed)))
                self._lists.sign(transaction, at, numbers=changed)
            done += made
            progress(len(done))
        with self._store.transaction() as transaction:
            self._lists.sign(transaction, at)
        return tuple(done)

    def _anew(
        self, transaction: Transaction, stored: StoredCredential, reason: str, at: datetime, changed: set[int]
    ) -> str:
        new_id = f"{self._base_url}/credentials/{uuid4()}"
        # What is restricted is signed again from the issuer's own copy where there is one; both say the same.
        document = transaction.base_proof(stored.id) or stored.document
        unsigned = _renamed({key: value for key, value in document.items() if key != "proof"}, stored.id, new_id)
        purposes = transaction.list_purposes()
        places = [purposes[entry.list] for entry in transaction.status_entries(stored.id) if entry.list in purposes]
        unsigned["validFrom"] = vcdm.date_time(at)
        unsigned.pop("credentialStatus", None)
        if places:
            status = self._lists.allot(transaction, new_id, places)
            unsigned = _behind(unsigned, "validFrom", "credentialStatus", status)
        signed = sign(self._issuer, unsigned, restricted=stored.type in SELECTIVE, at=at)
        transaction.add_credential(replace(stored, id=new_id, body=signed.body, issued_at=at), signed.base)
        number = self._lists.change(transaction, stored.id, REVOCATION, True, reason, at)
        if number is not None:
            changed.add(number)
        changed |= self._lists.carry_over(transaction, stored.id, new_id, at)
        return new_id


def _renamed(value: Any, before: str, after: str) -> Any:
    """``value`` with the credential's id, and the ids of nodes under it, under another id."""
    if isinstance(value, Mapping):
        return {key: _renamed(item, before, after) for key, item in value.items()}
    if isinstance(value, list):
        return [_renamed(item, before, after) for item in value]
    if isinstance(value, str) and (value == before or value.startswith(f"{before}#")):
        return after + value[len(before) :]
    return value


def _behind(document: dict[str, Any], key: str, name: str, value: Any) -> dict[str, Any]:
    """``document`` with a member behind ``key``, where people who read it expect it."""
    made: dict[str, Any] = {}
    for each, content in document.items():
        made[each] = content
        if each == key:
            made[name] = value
    return made
