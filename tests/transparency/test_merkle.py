"""Trees and proofs of RFC 6962, against published numbers and against a tree built by its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from passport.errors import LogProofFailed
from passport.transparency.merkle import (
    EMPTY_ROOT,
    CompactRange,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from tests.each import each

#: Leaves and roots of the known-answer test of Certificate Transparency (the tree of each size from 1 to 8).
LEAVES = [bytes.fromhex(each) for each in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)


def definition(leaves):
    """Root of a tree, as section 2.1 defines it."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return node_hash(definition(leaves[:middle]), definition(leaves[middle:]))


HASHES = [leaf_hash(str(number).encode()) for number in range(400)]


def reader(hashes):
    return lambda level, index: definition(hashes[index << level : (index + 1) << level])


def altered(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


# --- roots ----------------------------------------------------------------------------------------------------------


def test_the_empty_tree_has_the_digest_of_nothing():
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert CompactRange().root() == tree_root(0, reader([])) == EMPTY_ROOT


def test_the_published_roots_come_out():
    tree = CompactRange()
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    for size, root in enumerate(ROOTS, 1):
        tree.append(hashes[size - 1])
        assert tree.root().hex() == root
        assert tree_root(size, reader(hashes)).hex() == root


def test_a_published_proof_of_inclusion_comes_out():
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert [each.hex() for each in inclusion_proof(0, 8, reader(hashes))] == [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]


def test_a_published_proof_of_consistency_comes_out():
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    assert [each.hex() for each in consistency_proof(6, 8, reader(hashes))] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


def test_a_compact_range_has_the_root_of_every_size():
    tree = CompactRange()
    for size in range(1, 300):
        tree.append(HASHES[size - 1])
        assert tree.root() == definition(HASHES[:size])


# --- proofs ---------------------------------------------------------------------------------------------------------


def test_every_leaf_of_every_size_up_to_sixty_is_proven():
    for size in range(1, 61):
        read, root = reader(HASHES[:size]), definition(HASHES[:size])
        for index in range(size):
            verify_inclusion(HASHES[index], index, size, inclusion_proof(index, size, read), root)


def test_every_pair_of_sizes_up_to_sixty_is_consistent():
    for size in range(61):
        read, root = reader(HASHES[:size]), definition(HASHES[:size])
        for old_size in range(size + 1):
            proof = consistency_proof(old_size, size, read)
            verify_consistency(old_size, definition(HASHES[:old_size]), size, root, proof)


sizes = st.integers(1, 400)


@given(sizes, st.data())
def test_a_leaf_of_any_size_is_proven_and_no_other_leaf(size, data):
    index = data.draw(st.integers(0, size - 1))
    root = definition(HASHES[:size])
    proof = inclusion_proof(index, size, reader(HASHES[:size]))
    verify_inclusion(HASHES[index], index, size, proof, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda each: each != index)) if size > 1 else None
    if other is not None:
        with pytest.raises(LogProofFailed):
            verify_inclusion(HASHES[other], index, size, proof, root)
        with pytest.raises(LogProofFailed):
            verify_inclusion(HASHES[index], other, size, proof, root)


@given(sizes, st.data())
def test_a_changed_byte_anywhere_in_a_proof_of_inclusion_is_refused(size, data):
    index = data.draw(st.integers(0, size - 1))
    root = definition(HASHES[:size])
    proof = list(inclusion_proof(index, size, reader(HASHES[:size])))
    parts = [HASHES[index], root, *proof]
    part, at = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 31))
    parts[part] = altered(parts[part], at)
    with pytest.raises(LogProofFailed):
        verify_inclusion(parts[0], index, size, parts[2:], parts[1])


@given(sizes, st.data())
def test_a_changed_byte_anywhere_in_a_proof_of_consistency_is_refused(size, data):
    old_size = data.draw(st.integers(1, size))
    parts = [definition(HASHES[:old_size]), definition(HASHES[:size])]
    parts += consistency_proof(old_size, size, reader(HASHES[:size]))
    verify_consistency(old_size, parts[0], size, parts[1], parts[2:])
    part, at = data.draw(st.integers(0, len(parts) - 1)), data.draw(st.integers(0, 31))
    parts[part] = altered(parts[part], at)
    with pytest.raises(LogProofFailed):
        verify_consistency(old_size, parts[0], size, parts[1], parts[2:])


@given(sizes, st.data())
def test_a_proof_with_a_hash_too_many_or_too_few_is_refused(size, data):
    index, old_size = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, old_root = definition(HASHES[:size]), definition(HASHES[:old_size])
    inclusion = inclusion_proof(index, size, reader(HASHES[:size]))
    consistency = consistency_proof(old_size, size, reader(HASHES[:size]))
    for proof in [(*inclusion, root), *([inclusion[:-1], inclusion[1:]] if inclusion else [])]:
        with pytest.raises(LogProofFailed):
            verify_inclusion(HASHES[index], index, size, proof, root)
    for proof in [(*consistency, root), *([consistency[:-1], consistency[1:]] if consistency else [])]:
        with pytest.raises(LogProofFailed):
            verify_consistency(old_size, old_root, size, root, proof)


@given(st.integers(2, 400), st.data())
def test_a_history_with_another_leaf_is_inconsistent(size, data):
    old_size = data.draw(st.integers(1, size - 1))
    changed = data.draw(st.integers(0, old_size - 1))
    other = [*HASHES[:changed], leaf_hash(b"another"), *HASHES[changed + 1 : size]]
    proof = consistency_proof(old_size, size, reader(other))
    with pytest.raises(LogProofFailed):
        verify_consistency(old_size, definition(HASHES[:old_size]), size, definition(other), proof)


def test_an_entry_that_looks_like_a_node_is_no_node():
    left, right = HASHES[:2]
    assert leaf_hash(left + right) != node_hash(left, right)


@each(("index", "size"), [(0, 0), (8, 8), (-1, 8)])
def test_a_leaf_outside_the_tree_has_no_proof(index, size):
    with pytest.raises(LogProofFailed):
        inclusion_proof(index, size, reader(HASHES[:8]))
    with pytest.raises(LogProofFailed):
        verify_inclusion(HASHES[0], index, size, (), HASHES[0])


def test_a_larger_old_tree_has_no_proof():
    with pytest.raises(LogProofFailed, match="larger"):
        consistency_proof(9, 8, reader(HASHES[:8]))
    with pytest.raises(LogProofFailed):
        verify_consistency(9, HASHES[0], 8, HASHES[1], ())


def test_a_root_of_nothing_is_only_the_empty_one():
    verify_consistency(0, EMPTY_ROOT, 8, definition(HASHES[:8]), ())
    with pytest.raises(LogProofFailed):
        verify_consistency(0, HASHES[0], 8, definition(HASHES[:8]), ())
