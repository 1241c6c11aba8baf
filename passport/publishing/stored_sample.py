"""The stored credentials in force, and the verification of a sample of them.

*In force* are the credentials that the read side shows as valid: the newest of each subject and type, and each event,
unless revoked. A replaced credential stays in the store as history, whether it verifies or not.

    sample(store, resolver, at=now).faults
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from random import SystemRandom

from passport.credentials.checks.signature_check import check_signature
from passport.credentials.credential import issuer_id
from passport.credentials.status_list import REVOCATION
from passport.errors import PassportError, UnresolvableDid
from passport.identity import DidResolver
from passport.publishing.status.status_lists import purposes_set
from passport.store import Store, StoredCredential
from passport.store.reading import StoreQueries
from passport.vocabulary.credential_types import EVENT

SIZE = 40


def in_force(store: StoreQueries, stored: StoredCredential) -> bool:
    """Whether ``stored`` counts at present; a suspended one does, since a suspension can be lifted."""
    if stored.type != EVENT:
        current = store.current(stored.subject, stored.type)
        if current is None or current.id != stored.id:
            return False
    return REVOCATION not in purposes_set(store, stored.id)


@dataclass(frozen=True)
class SampleFault:
    """A stored credential that does not verify, and why."""

    id: str
    type: str
    reason: str


@dataclass(frozen=True)
class Sample:
    """:ivar total: credentials in the store; :ivar examined: those in force that were verified.

    :ivar unknown: those whose issuer's DID document is not at hand.
    """

    total: int
    examined: int
    faults: tuple[SampleFault, ...]
    unknown: int = 0


def sample(store: Store, resolver: DidResolver, *, at: datetime, size: int = SIZE) -> Sample:
    """Verify the newest credentials and others drawn at random, in equal parts.

    Only signatures are looked at. What was replaced or revoked does not count.

    :param size: how many rows to draw at most; a store of fewer is verified whole.
    """
    total = store.version()[0]
    newest = range(max(total - size // 2, 0) + 1, total + 1)
    older = range(1, newest.start) if total else range(0)
    drawn = [*SystemRandom().sample(older, min(size - len(newest), len(older))), *newest]
    examined, unknown = 0, 0
    faults = []
    for number in sorted(drawn):
        for _, stored in store.numbered(number - 1, 1):
            if not in_force(store, stored):
                continue
            try:
                document = stored.document
                check_signature(document, resolver, controller=str(issuer_id(document)), at=max(at, stored.issued_at))
                examined += 1
            except UnresolvableDid:
                unknown += 1
            except PassportError as error:
                examined += 1
                faults.append(SampleFault(stored.id, stored.type, str(error)))
    return Sample(total, examined, tuple(faults), unknown)
