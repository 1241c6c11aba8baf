"""How a document of the store is signed: what grain and audience decide (docs/decisions/0001), in one place.

* A public credential is signed whole with ecdsa-rdfc-2019.
* A restricted one is signed with ecdsa-sd-2023. The read side gets the full derived view, the write side keeps the base
  proof.

    signed = sign(issuer, document, restricted=True, at=now)
    transaction.add_credential(StoredCredential(…, signed.body, …), signed.base)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from passport.credentials.issuer import Issuer
from passport.credentials.signature_check import check_signature
from passport.errors import PassportError, UnresolvableDid
from passport.linked_data import strict_json
from passport.presenting.presenter import mandatory_pointers
from passport.proofs import ecdsa_sd_2023
from passport.store import StoredCredential


@dataclass(frozen=True)
class Signed:
    """:ivar body: what the read side serves, UTF-8 JSON.

    :ivar base: the issuer's own copy of a restricted credential.
    """

    body: bytes
    base: dict[str, Any] | None


def sign(issuer: Issuer, document: dict[str, Any], *, restricted: bool, at: datetime) -> Signed:
    """Sign ``document`` for the store.

    :param restricted: whether only some readers may see it.
    :raises PassportError: as :meth:`Issuer.issue`.
    """
    if not restricted:
        return Signed(strict_json.dumps(issuer.issue(document, created=at, cryptosuite="ecdsa-rdfc-2019")), None)
    base = issuer.issue(
        document, created=at, cryptosuite="ecdsa-sd-2023", mandatory_pointers=mandatory_pointers(document)
    )
    everything = [f"/credentialSubject/{key}" for key in document["credentialSubject"] if key != "id"]
    return Signed(strict_json.dumps(ecdsa_sd_2023.derive(base, everything)), base)


class StoredSignatures:
    """Which stored credentials of one issuer verify. Each is verified once."""

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
