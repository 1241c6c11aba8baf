"""The graph of a document in two forms that answer the same questions: a tree of nodes, or a list of quads.

:class:`Walked` is what the fast path makes: nodes, each with its statements already written. A statement is ``subject``
+ ``tail``, both pieces of its line of canonical N-Quads (``'<iri> '`` and ``'<p> "text" .\\n'``), so that making lines
is joining, and hashing needs no second rendering. A blank node has no subject until it gets a label.

Each blank node of such a document hangs on exactly one other node (the JSON that says it), and no other node mentions
it: identifiers of blank nodes, lists and reversed properties are not walked. RDFC-1.0 is then short: the hash of what
is said of a node (section 4.6) tells it apart from all others, unless two nodes look alike, and for those the whole
algorithm runs.

:class:`Listed` holds the quads that the reference makes. Labels are without ``_:`` everywhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from passport.linked_data import rdfc10
from passport.linked_data.json_types import JsonObject
from passport.linked_data.nquads import Quad, relabel
from passport.linked_data.rdfc10 import CanonicalDataset


class WalkedNode:
    """A node object.

    :ivar subject: ``'<iri> '``, or ``""`` for a blank node; :ivar label: what a blank node is called here, or ``""``.
    :ivar tails: ``'predicate object .\\n'`` for each statement whose object is no blank node.
    :ivar children: ``'predicate '`` and node for each statement whose object is one.
    :ivar parent: for a blank node, the node and the ``'predicate '`` that lead to it.
    """

    __slots__ = ("subject", "label", "tails", "children", "parent")

    def __init__(self, subject: str, label: str) -> None:
        self.subject = subject
        self.label = label
        self.tails: list[str] = []
        self.children: list[tuple[str, WalkedNode]] | None = None
        self.parent: tuple[WalkedNode, str] | None = None


class Walked:
    """The graph of one document.

    :param nodes: in document order. A node whose IRI occurs in two places is there twice.
    :param rows: further nodes, those of long lists: ``subject`` -> its tails, sorted and without duplicates.
    :param blank: those without an IRI.
    :param places: ``id()`` of a JSON object of the document -> label of the blank node that it is.
    :param ambiguous: a property was used that has two terms in the context, so that the document may be written in
        another way.
    :param document: kept, since ``places`` speaks of its parts.
    :param once: no IRI has two nodes.
    :param spelled: each value is surely written as :mod:`passport.linked_data.spelling` wants it; False: it may be.
    :param size: values in the document.
    """

    __slots__ = ("nodes", "rows", "blank", "places", "ambiguous", "document", "once", "spelled", "size")

    def __init__(
        self,
        nodes: list[WalkedNode],
        blank: list[WalkedNode],
        places: Mapping[int, str],
        ambiguous: bool,
        document: JsonObject,
        *,
        rows: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
        once: bool = False,
        spelled: bool = False,
        size: int = 0,
    ) -> None:
        self.nodes = nodes
        self.rows = rows
        self.blank = blank
        self.places = places
        self.ambiguous = ambiguous
        self.document = document
        self.once = once
        self.spelled = spelled
        self.size = size

    @property
    def has_blank_nodes(self) -> bool:
        return bool(self.blank)

    def quads(self) -> tuple[Quad, ...]:
        """The dataset, without duplicates."""
        make = tuple.__new__
        quads: dict[Quad, None] = {}
        for node in self.nodes:
            subject = node.subject[:-1] or f"_:{node.label}"
            for tail in node.tails:
                predicate, _, rest = tail.partition(" ")
                quads[make(Quad, (subject, predicate, rest[:-3], ""))] = None
            for head, child in node.children or ():
                quads[make(Quad, (subject, head[:-1], f"_:{child.label}", ""))] = None
        for row, texts in self.rows.items():
            for tail in texts:
                predicate, _, rest = tail.partition(" ")
                quads[make(Quad, (row[:-1], predicate, rest[:-3], ""))] = None
        return tuple(quads)

    def canonical(self, algorithm: str = "sha256") -> CanonicalDataset:
        """The canonical dataset (RDFC-1.0).

        :raises CanonicalizationLimit: as :func:`passport.linked_data.rdfc10.canonicalize`.
        """
        issued = self.first_degree(algorithm)
        if issued is None:
            return rdfc10.canonicalize(self.quads(), algorithm=algorithm)
        return CanonicalDataset(tuple(self.lines(issued)), MappingProxyType(issued))

    def canonical_bytes(self, algorithm: str = "sha256") -> bytes:
        """The canonical N-Quads document in UTF-8, without a line of its own for each statement.

        :raises CanonicalizationLimit: as :func:`passport.linked_data.rdfc10.canonicalize`.
        """
        issued = self.first_degree(algorithm)
        if issued is None:
            return rdfc10.canonicalize(self.quads(), algorithm=algorithm).text.encode("utf-8")
        # Subject by subject: one Chinese character would make a wide text of the whole, which takes long to encode.
        described = self._described(issued)
        return b"".join([(subject + subject.join(tails)).encode("utf-8") for subject, tails in described])

    def issued(self) -> Mapping[str, str]:
        """Canonical label of each blank node, with SHA-256.

        :raises CanonicalizationLimit: as :func:`passport.linked_data.rdfc10.canonicalize`.
        """
        issued = self.first_degree("sha256")
        return rdfc10.canonicalize(self.quads()).issued if issued is None else issued

    def lines(self, labels: Mapping[str, str]) -> list[str]:
        """Lines of N-Quads in code point order, without duplicates, with these labels for the blank nodes."""
        return [subject + tail for subject, tails in self._described(labels) for tail in tails]

    def _described(self, labels: Mapping[str, str]) -> Iterator[tuple[str, Sequence[str]]]:
        """Each subject with its tails, at least one."""
        # Sorted by subject, then within each. That is the order of whole lines, because a subject ends in a space,
        # which occurs in no IRI and no label: none is the beginning of another.
        by_subject: dict[str, Sequence[str]] = {}
        for node in self.nodes:
            tails: Sequence[str] = node.tails
            if node.children:
                tails = [*tails, *[f"{head}_:{labels[child.label]} .\n" for head, child in node.children]]
            if not tails:
                continue
            subject = node.subject or f"_:{labels[node.label]} "
            known = by_subject.get(subject)
            by_subject[subject] = tails if known is None else [*known, *tails]
        for row, texts in self.rows.items():
            by_subject[row] = [*by_subject[row], *texts] if row in by_subject else texts
        for subject in sorted(by_subject):
            tails = by_subject[subject]
            if len(tails) > 1 and type(tails) is not tuple:
                distinct = set(tails)
                tails = sorted(distinct if len(distinct) < len(tails) else tails)
            yield subject, tails

    def first_degree(self, algorithm: str) -> dict[str, str] | None:
        """Canonical label of each blank node; ``None`` where that takes more than first-degree hashes."""
        blank = self.blank
        # At the bounds it is for the whole algorithm to count, and to refuse.
        tails_of_rows = sum(map(len, self.rows.values()))
        if len(blank) + tails_of_rows + sum([len(node.tails) for node in self.nodes]) > rdfc10.MAX_QUADS:
            return None
        if len(blank) > rdfc10.MAX_BLANK_NODES:
            return None
        if not blank:
            return {}
        function = hashlib.sha256 if algorithm == "sha256" else hashlib.sha384
        hashes: dict[bytes, str] = {}
        mentioned = 0
        for node in blank:
            tails = node.tails
            if len(tails) > 1:
                # For the hash a set of statements, except that two children count as two. (section 4.4.3, step 2)
                tails = node.tails = sorted(set(tails))
            if node.children:
                tails = sorted([*tails, *[f"{head}_:z .\n" for head, _ in node.children]])
            text = "_:a " + "_:a ".join(tails) if tails else ""
            if node.parent is not None:
                parent, head = node.parent
                # '<' sorts before '_', and '_:z' after '_:a': the line that leads here is the first or the last.
                text = f"{parent.subject}{head}_:a .\n{text}" if parent.subject else f"{text}_:z {head}_:a .\n"
            elif not tails:
                continue  # the document itself, saying nothing: no statement mentions it
            mentioned += 1
            hashes[function(text.encode("utf-8")).digest()] = node.label
        if len(hashes) < mentioned:
            return None
        return {hashes[digest]: f"c14n{place}" for place, digest in enumerate(sorted(hashes))}


class Listed:
    """The graph of one document as quads."""

    __slots__ = ("_quads",)

    def __init__(self, quads: tuple[Quad, ...]) -> None:
        self._quads = quads

    @property
    def has_blank_nodes(self) -> bool:
        return any(quad.subject.startswith("_:") or quad.object.startswith("_:") for quad in self._quads)

    def quads(self) -> tuple[Quad, ...]:
        """See :meth:`Walked.quads`."""
        return self._quads

    def canonical(self, algorithm: str = "sha256") -> CanonicalDataset:
        """See :meth:`Walked.canonical`."""
        return rdfc10.canonicalize(self._quads, algorithm=algorithm)

    def canonical_bytes(self, algorithm: str = "sha256") -> bytes:
        """See :meth:`Walked.canonical_bytes`."""
        return self.canonical(algorithm).text.encode("utf-8")

    def issued(self) -> Mapping[str, str]:
        """See :meth:`Walked.issued`."""
        return self.canonical().issued

    def lines(self, labels: Mapping[str, str]) -> list[str]:
        """See :meth:`Walked.lines`."""
        return sorted(set(relabel(self._quads, labels)))
