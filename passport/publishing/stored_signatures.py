"""Verification of the stored credentials of one issuer. Each is verified once."""

from __future__ import annotations

from datetime import datetime

from passport.credentials import credential as vcdm
from passport.credentials.checks.signature_check import check_signature
from passport.credentials.issuer import Issuer
from passport.errors import PassportError, StoredUnverified, UnresolvableDid
from passport.identity import DidResolver
from passport.linked_data.json_types import JsonObject
from passport.store import StoredCredential
from passport.texts import Message


class StoredSignatures:
    """:param issuer: whose DID document the signatures are verified with."""

    def __init__(self, issuer: Issuer) -> None:
        self._issuer = issuer
        self._faults: dict[str, str | None] = {}

    def fault(self, stored: StoredCredential, at: datetime) -> str | None:
        """Why the signature of ``stored`` does not hold at ``at``; None where it does.

        None as well where the DID document is not at hand, so that nothing can be said: a project always has it.
        """
        if stored.id not in self._faults:
            self._faults[stored.id] = self._examined(stored, at)
        return self._faults[stored.id]

    def _examined(self, stored: StoredCredential, at: datetime) -> str | None:
        try:
            # A clock that runs behind is another fault, and not one of the signature.
            check_signature(
                stored.document, self._issuer.resolver, controller=self._issuer.id, at=max(at, stored.issued_at)
            )
        except UnresolvableDid as error:
            # The document of another did:web, then: it was signed for another issuer.
            return str(error) if self._issuer.is_resolvable else None
        except PassportError as error:
            return str(error)
        return None


def refuse_unverified(
    document: JsonObject, resolver: DidResolver, at: datetime, message: Message, *, hint: Message | None = None
) -> None:
    """Check the signature of a document that is about to leave the store.

    :param message: what did not happen, and why.
    :raises StoredUnverified: the signature does not hold.
    """
    try:
        # The clock of another machine may have signed a moment ahead.
        signed_at = vcdm.valid_from(document) or at
        check_signature(document, resolver, controller=vcdm.issuer_id(document), at=max(at, signed_at))
    except PassportError as error:
        raise StoredUnverified(
            message,
            (document["id"],),
            expected=Message("signatures that hold with the keys of the trust list"),
            found=f"{document['id']}: {error}"[:300],
            hint=hint,
        ) from error
