"""Members that verified before: a factory's files hold the same model, batch and status lists thousands of times.

* What is remembered is checks 1 and 2: that a document is well formed, and that its proofs verify with keys of its
  issuer. Validity, status, trust and belonging together are judged in each file anew.
* A document is found by the digest of all that it says, by the DID documents that its file holds, and by the instant
  asked about; never by its id. A forged member with the id of a genuine one has another digest, so that it is verified.
* Only what verified is remembered, and only where it took nothing from the work that is bounded over a whole file: an
  answer does not depend on which files were looked at before.
* It belongs to one verifier, whose policy, keys and resources do not change, and holds a limited number of digests.
"""

from __future__ import annotations

import hashlib
import marshal
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from passport.proofs.data_integrity import VerifiedProof

#: Documents that are remembered. The least recently used is forgotten first.
REMEMBERED = 4096

#: What is checked of a document, the document, the DID documents beside it, the instant.
Key = tuple[str, bytes, bytes, datetime]


class Remembered:
    """The proofs of documents that verified, by their content.

    :param size: how many documents are remembered.
    """

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._proofs: OrderedDict[Key, tuple[VerifiedProof, ...]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._proofs)

    def proofs(self, key: Key) -> tuple[VerifiedProof, ...] | None:
        """The proofs of a document that verified before; None where none is known."""
        known = self._proofs.get(key)
        if known is not None:
            self._proofs.move_to_end(key)
        return known

    def keep(self, key: Key, proofs: tuple[VerifiedProof, ...]) -> None:
        """Remember a document whose checks 1 and 2 passed."""
        self._proofs[key] = proofs
        if len(self._proofs) > self._size:
            self._proofs.popitem(last=False)


def digest(value: Mapping[str, Any]) -> bytes | None:
    """The SHA-256 of all that a JSON value says, in the order in which it says it; None for what no JSON has."""
    try:
        # To Python 1, 1.0 and True are equal; to these bytes they are not.
        return hashlib.sha256(marshal.dumps(dict(value), 2)).digest()
    except ValueError:
        return None
