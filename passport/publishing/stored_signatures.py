"""Verification of the stored credentials of one issuer. Each is verified once."""

from __future__ import annotations

from datetime import datetime

from passport.credentials.checks.signature_check import check_signature
from passport.credentials.issuer import Issuer
from passport.errors import PassportError, UnresolvableDid
from passport.store import StoredCredential


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
