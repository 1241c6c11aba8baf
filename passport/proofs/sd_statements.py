"""The statements of a document as ecdsa-sd-2023 orders and labels them, and which of them a set of pointers selects.

A statement is a line of canonical N-Quads in which each blank node is called by its *masked* label: ``u`` + base64url
of the HMAC of its canonical label. Sorted, the statements have numbers; what a JSON pointer selects is a set of such
numbers. Masked labels do not depend on which other statements are shown, so a part and the whole speak of the same
lines.

(VC Data Integrity ECDSA Cryptosuites 1.0, sections 3.4.1 to 3.4.4 and 3.4.16)
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable, Mapping

from passport.errors import ProofError
from passport.linked_data import rdfc10, skolem
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.nquads import Quad, relabel
from passport.proofs import pointers as json_pointers


def mask(hmac_key: bytes, canonical_label: str) -> bytes:
    """The 32 bytes that stand for a canonical label (``c14n0``)."""
    return hmac.digest(hmac_key, canonical_label.encode("utf-8"), hashlib.sha256)


def masked_label(masked: bytes) -> str:
    """Blank-node label made of masked bytes."""
    return "u" + base64.urlsafe_b64encode(masked).rstrip(b"=").decode("ascii")


class Statements:
    """The statements of one document.

    :param document: without its proof.
    :param masks: gives the masked bytes of a canonical label of *this* document.
    :raises UnsafeJsonLd: something in the document would not be signed, or its blank nodes cannot be named.
    """

    def __init__(self, document: dict, masks: Mapping[str, bytes] | bytes, *, loader: ContextLoader) -> None:
        self._loader = loader
        self.document = document
        self._named = skolem.name_blank_nodes(document, loader=loader)
        self._masked: dict[str, bytes] = {}
        for own, canonical in self._named.issued.items():
            masked = mask(masks, canonical) if isinstance(masks, bytes) else masks.get(canonical)
            if masked is None:
                raise ProofError("the label map does not fit the document", expected=f"an entry for {canonical}")
            self._masked[own] = masked
        self._labels = {own: masked_label(masked) for own, masked in self._masked.items()}
        self.lines = tuple(sorted(set(relabel(self._named.quads, self._labels))))
        self._numbers = {line: number for number, line in enumerate(self.lines)}

    def quads_of(self, pointers: Iterable[str]) -> tuple[Quad, ...]:
        """Quads of the part that these pointers select, in this object's own labels.

        :raises UsageError: a pointer names nothing.
        """
        part = json_pointers.select(self._named.document, pointers)
        return skolem.quads_of(part, loader=self._loader)

    def numbers(self, quads: Iterable[Quad]) -> frozenset[int]:
        """Numbers of the statements that these quads are.

        :raises ProofError: one of them is no statement of the document (its JSON means something else in part than in
            whole, as a JSON literal does).
        """
        try:
            return frozenset(self._numbers[line] for line in relabel(quads, self._labels))
        except KeyError:
            raise ProofError(
                "a part of this document does not say the same as within the whole",
                hint="Select the whole of a JSON literal instead of a part of it.",
            ) from None

    def masks_for(self, quads: Iterable[Quad]) -> dict[int, bytes]:
        """Label map of a part: number of the canonical label that a verifier will compute -> masked bytes."""
        issued = rdfc10.canonicalize(quads).issued if self._masked else {}
        return {int(canonical[len("c14n") :]): self._masked[own] for own, canonical in issued.items()}
