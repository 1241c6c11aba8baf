"""Reissue the credentials of a revoked key: the same content, signed with the present key.

1. A credential is affected if it is in force (:func:`passport.publishing.stored_sample.in_force`), names the key, and
   its signature verifies with that key. A row that names the key but does not verify was tampered with: it is reported,
   and never signed anew.
2. Rows are taken in the order in which they were stored, some at a time: signed without a lock, then stored in one
   transaction (:mod:`passport.publishing.prepare`), in which each old one is revoked with the reason. The lists that
   say so are signed right after it. When it ends half-way, the next run goes on where it stopped: what was done is no
   longer in force.
3. What was suspended stays suspended. What was revoked or replaced stays so, and is not signed anew.
4. In the end all status lists are signed.

A thief with the key and with access to the store could have added rows, and their signatures hold. ``since`` tells
which rows could be such: those signed since that instant, and those stored after one of them, whatever they say of
their date. Somebody has to look at them.

    found = survey(store, issuer, url, as_it_was(document, "key-1"), since=since, at=now)
    Reissuer(store, issuer, base_url).reissue(found.affected, reason="…", at=now)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials.checks.signature_check import check_signature
from passport.credentials.issuer import Issuer
from passport.errors import PassportError
from passport.identity import DidResolver
from passport.proofs.data_integrity import proofs_of
from passport.publishing.prepare import prepare_anew
from passport.publishing.stored_sample import SampleFault, in_force
from passport.publishing.write_path import WritePath
from passport.publishing.writes import Head, PreparedWrite
from passport.store import Role, Store, StoredCredential
from passport.vocabulary.credential_types import EVENT

_PAGE = 200
# Stored in one transaction.
BATCH_SIZE = 20


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
    """:ivar before: id of the revoked credential; :ivar after: id of its replacement with the same content."""

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
        # A date is a claim. The order of the rows is what happened.
        suspect = suspect or (since is not None and max(signed_at or stored.issued_at, stored.issued_at) >= since)
        if in_force(store, stored):
            affected.append(Affected(stored.id, stored.type, stored.subject, signed_at, suspect))
    return KeySurvey(tuple(affected), _lists(store, url), tuple(changed), _roles(store, issuer, at))


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


def _roles(store: Store, issuer: str, at: datetime) -> tuple[Role, ...]:
    lists = store.list_purposes(issuer=issuer)
    own = (role for role in store.roles() if role.list in lists)
    return tuple(role for role in own if role.valid_until > at and not store.is_flagged(role.id))


class Reissuer:
    """Signs stored credentials anew.

    :param issuer: signs; its first signature is verified with the DID document before anything is stored.
    :param base_url: address under which credentials and lists are named.
    """

    def __init__(self, store: Store, issuer: Issuer, base_url: str) -> None:
        self._store = store
        self._path = WritePath(store, issuer, base_url)

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
        for start in range(0, len(affected), BATCH_SIZE):
            batch = affected[start : start + BATCH_SIZE]
            still_stored = [stored for item in batch if (stored := self._store.credential(item.id)) is not None]
            # Another process may have replaced or revoked some of them meanwhile, or do so until the commit.
            counting = [stored for stored in still_stored if in_force(self._store, stored)]
            self._path.places.expect([tuple(self._store.places_of(stored.id)) for stored in counting])
            signed = [self._path.sign(self._prepared(stored, reason, at)) for stored in counting]
            stored_ones = self._path.commit(signed, at=at)
            done += [
                Reissued(before.id, write.credentials[0].stored.id)
                for before, write, is_stored in zip(counting, signed, stored_ones, strict=True)
                if is_stored
            ]
            progress(len(done))
        self._path.lists.sign_all(at)
        return tuple(done)

    def _prepared(self, stored: StoredCredential, reason: str, at: datetime) -> PreparedWrite:
        about = (stored.subject, stored.type)
        sequence, newest = self._store.newest([about])[about]
        # One that was replaced a moment ago has no number, so that its condition cannot hold.
        head = Head(sequence if newest.id == stored.id else -1, stored, self._store.places_of(stored.id))
        return prepare_anew(
            stored,
            head,
            self._path.places.take(tuple(head.places)),
            reason=reason,
            at=at,
            is_event=stored.type == EVENT,
        )
