"""RDF Dataset Canonicalization, RDFC-1.0 (W3C Recommendation, 21 May 2024), with bounded work.

The steps carry the numbers of section 4.4.3 of the Recommendation. Three things are added:

* The work is bounded. Blank nodes that look alike are told apart by trying permutations, and a hostile graph of ten
  nodes that are all joined to each other asks for years of it. Each step of Hash N-Degree Quads costs from a budget;
  an exhausted budget is :class:`~passport.errors.CanonicalizationLimit`, not an answer. The numbers of quads and of
  blank nodes are bounded before anything is computed.
* Several documents may share one budget (:func:`shared_work`): each of a hundred small poisons stays below its own.
* The map from the input's blank-node labels to the canonical ones is given back: ecdsa-sd-2023 needs it.

Documents without blank nodes, such as this project's own, are sorted and that is all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from types import MappingProxyType

from passport.errors import CanonicalizationLimit, UsageError
from passport.linked_data.nquads import Quad, relabel
from passport.texts import Message

DEFAULT_MAX_WORK = 200_000
"""Steps of Hash N-Degree Quads: one for every quad looked at and one for every node placed in a permutation. The
largest of the W3C tests needs about a twentieth of it; the whole is spent in well under a second."""

MAX_QUADS = 100_000
MAX_BLANK_NODES = 20_000
_MAX_NESTING = 300  # levels of Hash N-Degree Quads inside each other, well below the interpreter's own limit


_SHARED: ContextVar[list[int] | None] = ContextVar("work left to all canonicalisations together", default=None)


@contextmanager
def shared_work(limit: int) -> Iterator[None]:
    """Let all canonicalisations within this block, in this thread or task, spend ``limit`` together."""
    token = _SHARED.set([limit])
    try:
        yield
    finally:
        _SHARED.reset(token)


def shared_work_left() -> int | None:
    """What is left of the limit of :func:`shared_work`; None outside of such a block."""
    left = _SHARED.get()
    return None if left is None else left[0]


@dataclass(frozen=True)
class CanonicalDataset:
    """The canonical form of a dataset.

    ``lines`` are the statements in canonical N-Quads, each with its line feed, in code point order, without duplicates.
    ``issued`` maps each blank-node label of the input to its canonical one, both without ``_:``, in the order of issue.
    """

    lines: tuple[str, ...]
    issued: Mapping[str, str]

    @cached_property
    def text(self) -> str:
        """The canonical N-Quads document."""
        return "".join(self.lines)


def canonicalize(
    quads: Iterable[Quad], *, algorithm: str = "sha256", max_work: int = DEFAULT_MAX_WORK
) -> CanonicalDataset:
    """Canonical form of a dataset.

    :param algorithm: hash function inside the algorithm, ``"sha256"`` or ``"sha384"`` (P-384 suites).
    :param max_work: budget, see :data:`DEFAULT_MAX_WORK`.
    :raises CanonicalizationLimit: too many quads or blank nodes, or the budget is spent.
    """
    if algorithm not in ("sha256", "sha384"):
        raise UsageError(
            Message("unknown hash function for RDFC-1.0"), expected=Message("sha256 or sha384"), found=repr(algorithm)
        )
    distinct = list(dict.fromkeys(quads))
    if len(distinct) > MAX_QUADS:
        raise CanonicalizationLimit(
            Message("the graph is too large"), expected=Message("at most {max_quads} statements", max_quads=MAX_QUADS)
        )
    if not any(s[0] == "_" or o[0] == "_" or g[:1] == "_" for s, _, o, g in distinct):
        return CanonicalDataset(tuple(sorted([quad.line() for quad in distinct])), MappingProxyType({}))
    shared = _SHARED.get()
    if shared is not None:
        max_work = min(max_work, shared[0])
    canonicalizer = _Canonicalizer(distinct, algorithm, max_work)
    try:
        issued = canonicalizer.run()
    finally:
        if shared is not None:
            shared[0] -= max_work - max(canonicalizer.work_left, 0)
    lines = tuple(sorted(relabel(distinct, issued)))
    return CanonicalDataset(lines, MappingProxyType(issued))


class _Issuer:
    """Issues labels ``{prefix}0``, ``{prefix}1``, … and remembers each node and its label, in order. (section 4.5)"""

    __slots__ = ("prefix", "issued")

    def __init__(self, prefix: str, issued: dict[str, str] | None = None) -> None:
        self.prefix = prefix
        self.issued = issued if issued is not None else {}

    def issue(self, identifier: str) -> str:
        label = self.issued.get(identifier)
        if label is None:
            label = self.issued[identifier] = f"{self.prefix}{len(self.issued)}"
        return label

    def copy(self) -> _Issuer:
        return _Issuer(self.prefix, dict(self.issued))


class _Canonicalizer:
    """State of one run. Identifiers here are labels without ``_:``."""

    def __init__(self, quads: list[Quad], algorithm: str, max_work: int) -> None:
        self.quads = quads
        self.hash: Callable[[str], str] = lambda text: hashlib.new(algorithm, text.encode("utf-8")).hexdigest()
        self.work_left = max_work
        self.canonical = _Issuer("c14n")
        self.first_degree: dict[str, str] = {}
        self.mentions: dict[str, list[Quad]] = {}

    def run(self) -> dict[str, str]:
        # 2. Which quads mention which blank node.
        mentions = self.mentions
        for quad in self.quads:
            for term in {quad.subject, quad.object, quad.graph}:
                if term[:2] == "_:":
                    mentions.setdefault(term[2:], []).append(quad)
        if len(mentions) > MAX_BLANK_NODES:
            raise CanonicalizationLimit(
                Message("the graph has too many blank nodes"),
                expected=Message("at most {max_blank_nodes}", max_blank_nodes=MAX_BLANK_NODES),
                found=str(len(mentions)),
            )
        # 3. Hash each by what is said of it.
        alike: dict[str, list[str]] = {}
        for identifier in mentions:
            digest = self.first_degree[identifier] = self.hash_first_degree(identifier)
            alike.setdefault(digest, []).append(identifier)
        # 4. A hash that only one node has names that node.
        shared = []
        for digest in sorted(alike):
            if len(alike[digest]) == 1:
                self.canonical.issue(alike[digest][0])
            else:
                shared.append(digest)
        # 5. The others are told apart by the paths that lead from them.
        for digest in shared:
            results = []
            for identifier in alike[digest]:
                if identifier in self.canonical.issued:
                    continue
                issuer = _Issuer("b")
                issuer.issue(identifier)
                results.append(self.hash_n_degree(identifier, issuer, 1))
            for _, issuer in sorted(results, key=lambda result: result[0]):
                for identifier in issuer.issued:
                    self.canonical.issue(identifier)
        return self.canonical.issued

    def hash_first_degree(self, identifier: str) -> str:
        """Section 4.6.3: the quads that mention the node, itself written ``_:a`` and every other blank node ``_:z``."""
        own = f"_:{identifier}"
        lines = []
        for s, p, o, g in self.mentions[identifier]:
            if s[0] == "_":
                s = "_:a" if s == own else "_:z"
            if o[0] == "_":
                o = "_:a" if o == own else "_:z"
            if g:
                if g[0] == "_":
                    g = "_:a" if g == own else "_:z"
                lines.append(f"{s} {p} {o} {g} .\n")
            else:
                lines.append(f"{s} {p} {o} .\n")
        lines.sort()
        return self.hash("".join(lines))

    def hash_related(self, related: str, quad: Quad, issuer: _Issuer, position: str) -> str:
        """Section 4.7.3: a neighbour, by its position and by what is known of it."""
        label = self.canonical.issued.get(related) or issuer.issued.get(related)
        known = f"_:{label}" if label else self.first_degree[related]
        return self.hash(f"{position}{known}" if position == "g" else f"{position}{quad.predicate}{known}")

    def hash_n_degree(self, identifier: str, issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Section 4.8.3: the shortest, first path in code point order that visits all neighbours."""
        if depth > _MAX_NESTING:
            raise _limit()
        self.spend(1)
        # 1-3. Neighbours, by the hash of how they are related.
        neighbours: dict[str, list[str]] = {}
        for quad in self.mentions[identifier]:
            self.spend(1)
            for position, term in (("s", quad.subject), ("o", quad.object), ("g", quad.graph)):
                if term[:2] == "_:" and term[2:] != identifier:
                    digest = self.hash_related(term[2:], quad, issuer, position)
                    neighbours.setdefault(digest, []).append(term[2:])
        # 4-5. For each of these hashes, the best order of its nodes.
        data = []
        for digest in sorted(neighbours):
            data.append(digest)
            path, issuer = self.best_path(neighbours[digest], issuer, depth)
            data.append(path)
        # 6.
        return self.hash("".join(data)), issuer

    def best_path(self, nodes: list[str], issuer: _Issuer, depth: int) -> tuple[str, _Issuer]:
        """Steps 5.2 to 5.6 of section 4.8.3."""
        chosen_path, chosen_issuer = "", issuer
        for permutation in permutations(nodes):
            candidate = self.follow(permutation, issuer.copy(), chosen_path, depth)
            if candidate is not None and (not chosen_path or candidate[0] < chosen_path):
                chosen_path, chosen_issuer = candidate
        return chosen_path, chosen_issuer

    def follow(
        self, permutation: tuple[str, ...], issuer: _Issuer, best: str, depth: int
    ) -> tuple[str, _Issuer] | None:
        """Path of one permutation and the labels issued along it; ``None`` as soon as it cannot beat ``best``."""
        self.spend(1 + len(issuer.issued) // 32)  # the copy of a long list of labels is work too
        path = ""
        unvisited = []
        for related in permutation:
            self.spend(1)
            label = self.canonical.issued.get(related)
            if label is None:
                if related not in issuer.issued:
                    unvisited.append(related)
                label = issuer.issue(related)
            path += f"_:{label}"
            if best and len(path) >= len(best) and path > best:
                return None
        for related in unvisited:
            digest, result = self.hash_n_degree(related, issuer, depth + 1)
            path += f"_:{issuer.issue(related)}<{digest}>"
            issuer = result
            if best and len(path) >= len(best) and path > best:
                return None
        return path, issuer

    def spend(self, steps: int) -> None:
        self.work_left -= steps
        if self.work_left < 0:
            raise _limit()


def _limit() -> CanonicalizationLimit:
    return CanonicalizationLimit(
        Message("canonicalising this graph takes more work than is allowed"),
        hint=Message("Its blank nodes cannot be told apart cheaply. Give the nodes identifiers."),
    )
