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
from typing import Any

from passport.errors import ProofError, UsageError
from passport.linked_data import compiled, skolem
from passport.linked_data.contexts import ContextLoader
from passport.linked_data.json_types import JsonObject
from passport.linked_data.walked import Listed, Walked
from passport.proofs import pointers as json_pointers
from passport.texts import Message


def mask(hmac_key: bytes, canonical_label: str) -> bytes:
    """The 32 bytes that replace a canonical label (``c14n0``)."""
    return hmac.digest(hmac_key, canonical_label.encode("utf-8"), hashlib.sha256)


def masked_label(masked: bytes) -> str:
    """Blank-node label made of masked bytes."""
    return "u" + base64.urlsafe_b64encode(masked).rstrip(b"=").decode("ascii")


class MaskedStatements:
    """The statements of one document.

    Two tiers, as everywhere in linked data. Where the fast path walked the document, a part of it is walked too, and
    its blank nodes are known by the JSON objects that they are. Otherwise the blank nodes get names first
    (:mod:`passport.linked_data.skolem`), and a part is expanded anew. Whatever the first does not know, the second
    decides.

    :param document: without its proof.
    :param masks: the HMAC key; or the masked bytes for each canonical label of *this* document.
    :param graph: of the document, where the caller has made it.
    :raises UnsafeJsonLd: something in the document would not be signed, or its blank nodes cannot be named.
    :raises ProofError: a blank node has no entry in ``masks``.
    """

    def __init__(
        self, document: JsonObject, masks: Mapping[str, bytes] | bytes, *, loader: ContextLoader,
        graph: Walked | Listed | None = None,
    ) -> None:  # fmt: skip
        self.document = document
        self._loader = loader
        self._masks = masks
        self._use(WalkedDocument.of(document, loader, graph) or _NamedDocument(document, loader))
        self.lines = tuple(self._source.graph.lines(self._labels))
        self._numbers = {line: number for number, line in enumerate(self.lines)}
        if self.is_walked and _reserved(self.lines):
            self._use(_NamedDocument(document, loader))  # which refuses it

    @property
    def is_walked(self) -> bool:
        """Whether the fast tier still holds the document."""
        return self._source.fast

    def _use(self, source: WalkedDocument | _NamedDocument) -> None:
        self._source = source
        self._masked: dict[str, bytes] = {}
        for own, canonical in source.issued.items():
            masked = mask(self._masks, canonical) if isinstance(self._masks, bytes) else self._masks.get(canonical)
            if masked is None:
                raise ProofError(
                    Message("the label map does not fit the document"),
                    expected=Message("an entry for {canonical}", canonical=canonical),
                )
            self._masked[own] = masked
        self._labels = {own: masked_label(masked) for own, masked in self._masked.items()}

    def numbers(self, pointers: Iterable[str]) -> frozenset[int]:
        """Numbers of the statements that these pointers select.

        :raises UsageError: a pointer names nothing.
        :raises ProofError: what they select is no statement of the document (its JSON means something else in part than
            in whole, as a JSON literal does).
        """
        return self._numbers_of(self._part(pointers))

    def part(self, pointers: Iterable[str]) -> tuple[frozenset[int], dict[int, bytes]]:
        """As :meth:`numbers`; and the label map of the part that is selected: number of the canonical label that a
        verifier will compute -> masked bytes."""
        part = self._part(pointers)
        issued = part.issued() if self._masked else {}
        masks = {int(canonical[len("c14n") :]): self._masked[own] for own, canonical in issued.items()}
        return self._numbers_of(part), masks

    def _numbers_of(self, part: Walked | Listed) -> frozenset[int]:
        if part is self._source.graph:
            return frozenset(range(len(self.lines)))
        try:
            return frozenset([self._numbers[line] for line in part.lines(self._labels)])
        except KeyError:
            raise ProofError(
                Message("a part of this document does not say the same as within the whole"),
                hint=Message("Select the whole of a JSON literal instead of a part of it."),
            ) from None

    def _part(self, pointers: Iterable[str]) -> Walked | Listed:
        pointers = tuple(pointers)
        source = self._source
        if isinstance(source, WalkedDocument):
            part = source.part(pointers)
            if part is not None:
                return part
            source = _NamedDocument(self.document, self._loader)
            self._use(source)
        return source.part(pointers)


class WalkedDocument:
    """The fast tier."""

    fast = True

    def __init__(self, graph: Walked, loader: ContextLoader) -> None:
        self.graph = graph
        self.issued = graph.issued()
        self._loader = loader

    @classmethod
    def of(
        cls, document: JsonObject, loader: ContextLoader, made: Walked | Listed | None = None
    ) -> WalkedDocument | None:
        graph = compiled.walk(document, loader=loader) if made is None else made
        # To name its blank nodes, a document is written anew. With two terms for one property that may come out
        # otherwise than it came in, and pointers would name other things.
        if not isinstance(graph, Walked) or (graph.blank and graph.ambiguous):
            return None
        return cls(graph, loader)

    def part(self, pointers: tuple[str, ...]) -> Walked | None:
        graph, places = self.graph, {}

        def made(whole: JsonObject, part: JsonObject) -> None:
            label = graph.places.get(id(whole))
            if label is not None:
                places[id(part)] = label

        try:
            choice = json_pointers.tree(graph.document, pointers)
            if graph.blank and _enters_single(graph.document, choice):
                return None
            if json_pointers.is_whole(graph.document, choice):
                return graph
            part = json_pointers.share(graph.document, choice, made)
        except UsageError:
            if graph.blank:
                return None
            raise
        return compiled.walk(part, loader=self._loader, places={**graph.places, **places})


class _NamedDocument:
    """The reference."""

    fast = False

    def __init__(self, document: JsonObject, loader: ContextLoader) -> None:
        named = skolem.name_blank_nodes(document, loader=loader)
        self.graph = Listed(named.quads)
        self.issued = named.issued
        self._document = named.document
        self._loader = loader

    def part(self, pointers: tuple[str, ...]) -> Listed:
        part = json_pointers.select(self._document, pointers)
        return Listed(skolem.quads_of(part, loader=self._loader))


def _enters_single(value: Any, choice: json_pointers.Tree | None) -> bool:
    """Whether a pointer goes into an array with one entry. Naming blank nodes may take such an array away."""
    if choice is None:
        return False
    if isinstance(value, list):
        return len(value) == 1 or any(_enters_single(value[int(index)], below) for index, below in choice.items())
    return any(_enters_single(value[key], below) for key, below in choice.items())


def _reserved(lines: tuple[str, ...]) -> bool:
    return skolem.PREFIX in "".join(lines)
