"""What is in force about subjects and types, as the preparation of a write needs to know it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from passport.credentials.issuer import Issuer
from passport.credentials.status_list import REVOCATION
from passport.publishing.status.status_lists import purposes_set
from passport.publishing.stored_signatures import StoredSignatures
from passport.publishing.writes import About, Head
from passport.store import Store, StoredCredential


class Heads:
    """:param issuer: whose DID document stored signatures are verified with."""

    def __init__(self, store: Store, issuer: Issuer) -> None:
        self._store = store
        self._issuer = issuer.id
        self._signatures = StoredSignatures(issuer)

    def of(self, digests: Mapping[About, str], at: datetime, *, verify: bool = True) -> dict[About, Head]:
        """:param digests: of the content that is to be written about each subject and type.

        :param verify: whether the signature of what says the same already is verified.
        """
        heads = dict.fromkeys(digests, Head())
        issuers = self._store.list_issuers()
        for about, (sequence, stored) in self._store.newest(digests).items():
            is_same = stored.content == digests[about]
            anew = verify and is_same and self._must_be_signed_anew(stored, at)
            places = self._store.places_of(stored.id) if anew or not is_same else {}
            others = {issuers.get(place.list, "") for place in places.values()} - {self._issuer}
            heads[about] = Head(sequence, stored, places, anew, min(others, default=None))
        return heads

    def _must_be_signed_anew(self, stored: StoredCredential, at: datetime) -> bool:
        """Whether the signature does not hold, of what is not revoked."""
        if self._signatures.fault(stored, at) is None:
            return False
        return REVOCATION not in purposes_set(self._store, stored.id)
