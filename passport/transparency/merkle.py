"""Merkle trees of RFC 6962: hashes, proofs of inclusion, proofs of consistency.

* The hash of a leaf and the hash of a node begin with different bytes: no node can pass as a leaf (section 2.1).
* A proof is made from perfect subtrees. ``SubtreeReader`` gives the root of the perfect subtree of height ``level``
  with number ``index``: its leaves are ``index << level`` up to ``(index + 1) << level``.
* A proof is checked with what the verifier has: leaf, index, sizes, roots. Where the proof comes from does not matter.

    proof = inclusion_proof(index, size, read)
    verify_inclusion(leaf_hash(entry), index, size, proof, root)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

from passport.errors import LogProofFailed
from passport.texts import Message

HASH_BYTES = 32
#: Sizes and indexes are counted in 63 bits, as in other implementations; so a proof has at most 63 or 64 hashes.
MAX_SIZE = 2**63 - 1
MAX_PROOF = 64
#: Root of the tree without leaves.
EMPTY_ROOT = sha256(b"").digest()

#: The hash of the perfect subtree (level, index).
SubtreeReader: TypeAlias = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash of the leaf with this entry."""
    return sha256(b"\0" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of the node above two nodes."""
    return sha256(b"\1" + left + right).digest()


def fold(hashes: Sequence[bytes]) -> bytes:
    """Root over a power of two of neighbouring hashes of one level."""
    row = list(hashes)
    while len(row) > 1:
        row = [node_hash(row[at], row[at + 1]) for at in range(0, len(row), 2)]
    return row[0]


class CompactRange:
    """The leaves from the first one on, as the roots of their perfect subtrees: at most one for each level.

    Adding a leaf and asking for the root take a number of hashes that grows with the logarithm of the size.
    """

    def __init__(self) -> None:
        self.size = 0
        self._subtrees: list[bytes] = []  # from the largest to the smallest

    def append(self, leaf: bytes) -> None:
        """:param leaf: the leaf's hash."""
        node, size = leaf, self.size
        while size & 1:
            node = node_hash(self._subtrees.pop(), node)
            size >>= 1
        self._subtrees.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Root of the tree with these leaves."""
        if not self._subtrees:
            return EMPTY_ROOT
        node = self._subtrees[-1]
        for subtree in reversed(self._subtrees[:-1]):
            node = node_hash(subtree, node)
        return node


# --- making proofs --------------------------------------------------------------------------------------------------


def tree_root(size: int, read: SubtreeReader) -> bytes:
    """Root of the tree with ``size`` leaves."""
    return _range_root(0, size, read) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, read: SubtreeReader) -> tuple[bytes, ...]:
    """Proof that leaf ``index`` is in the tree of ``size``: sibling hashes, from the leaf's up to the root's child.

    :raises LogProofFailed: the tree has no such leaf.
    """
    if not 0 <= index < size:
        raise LogProofFailed(
            Message("the tree has no leaf of this index"),
            expected=Message("an index below {size}", size=size),
            found=str(index),
        )
    begin, end = 0, size
    siblings = []
    while end - begin > 1:
        middle = begin + _largest_power_below(end - begin)
        if index < middle:
            siblings.append(_range_root(middle, end, read))
            end = middle
        else:
            siblings.append(_range_root(begin, middle, read))
            begin = middle
    return tuple(reversed(siblings))


def consistency_proof(old_size: int, size: int, read: SubtreeReader) -> tuple[bytes, ...]:
    """Proof that the tree of ``old_size`` is the beginning of the tree of ``size``. Empty from 0, and to the same size.

    :raises LogProofFailed: the old tree is larger.
    """
    if not 0 <= old_size <= size:
        raise LogProofFailed(
            Message("the older tree is larger than the newer one"),
            expected=Message("at most {size} entries", size=size),
            found=str(old_size),
        )
    if old_size in (0, size):
        return ()
    begin, end, known = 0, size, True
    nodes = []
    while old_size < end:
        middle = begin + _largest_power_below(end - begin)
        if old_size <= middle:
            nodes.append(_range_root(middle, end, read))
            end = middle
        else:
            nodes.append(_range_root(begin, middle, read))
            begin, known = middle, False
    if not known:
        # The old tree's root is known only where the old tree is a perfect subtree at the beginning.
        nodes.append(_range_root(begin, end, read))
    return tuple(reversed(nodes))


def _range_root(begin: int, end: int, read: SubtreeReader) -> bytes:
    """Root over a range that begins where a subtree large enough for it begins."""
    size = end - begin
    if size & (size - 1) == 0:
        level = size.bit_length() - 1
        return read(level, begin >> level)
    middle = begin + _largest_power_below(size)
    return node_hash(_range_root(begin, middle, read), _range_root(middle, end, read))


def _largest_power_below(size: int) -> int:
    return 1 << ((size - 1).bit_length() - 1)


# --- checking proofs ------------------------------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if the leaf is at ``index`` in the tree with this size and root. (RFC 9162, section 2.1.3.2)

    :param leaf: the leaf's hash.
    :raises LogProofFailed: the proof does not show that.
    """
    failure = LogProofFailed(Message("the proof of inclusion does not lead to the root of the checkpoint"))
    if not 0 <= index < size <= MAX_SIZE or len(proof) > MAX_PROOF:
        raise failure
    position, last, node = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise failure
        if position & 1 or position == last:
            node = node_hash(sibling, node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            node = node_hash(node, sibling)
        position, last = position >> 1, last >> 1
    if last != 0 or node != root:
        raise failure


def verify_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the old tree is the beginning of the new one. (RFC 9162, section 2.1.4.2)

    :raises LogProofFailed: the proof does not show that.
    """
    failure = LogProofFailed(Message("the proof of consistency does not lead from one root to the other"))
    if not 0 <= old_size <= size <= MAX_SIZE or len(proof) > MAX_PROOF:
        raise failure
    if old_size in (0, size):
        if proof or old_root != (root if old_size == size else EMPTY_ROOT):
            raise failure
        return
    nodes = list(proof)
    if old_size & (old_size - 1) == 0:
        nodes.insert(0, old_root)
    if not nodes:
        raise failure
    position, last = old_size - 1, size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    old_node = new_node = nodes[0]
    for node in nodes[1:]:
        if last == 0:
            raise failure
        if position & 1 or position == last:
            old_node, new_node = node_hash(node, old_node), node_hash(node, new_node)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            new_node = node_hash(new_node, node)
        position, last = position >> 1, last >> 1
    if last != 0 or old_node != old_root or new_node != root:
        raise failure
