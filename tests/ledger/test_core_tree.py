"""The tree against the definitions of RFC 6962, section 2.1, written out here as the text states them."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from colloque.kernel.errors import InvalidInputError, TamperedError
from colloque.ledger.core.tree import (
    EMPTY_ROOT,
    Frontier,
    consistency_ranges,
    inclusion_ranges,
    leaf_hash,
    node_hash,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)


def mth(entries: list[bytes]) -> bytes:
    """MTH(D[n]), section 2.1."""
    n = len(entries)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + entries[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + mth(entries[:k]) + mth(entries[k:])).digest()


def path(m: int, entries: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]), section 2.1.1."""
    n = len(entries)
    if n == 1:
        return []
    k = 1
    while k * 2 < n:
        k *= 2
    if m < k:
        return [*path(m, entries[:k]), mth(entries[k:])]
    return [*path(m - k, entries[k:]), mth(entries[:k])]


def subproof(m: int, entries: list[bytes], *, whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b), section 2.1.2."""
    n = len(entries)
    if m == n:
        return [] if whole else [mth(entries)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*subproof(m, entries[:k], whole=whole), mth(entries[k:])]
    return [*subproof(m - k, entries[k:], whole=False), mth(entries[:k])]


def entries_of(size: int) -> list[bytes]:
    return [f"entry {number}".encode() for number in range(size)]


def test_hashes_written_out() -> None:
    assert EMPTY_ROOT.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert node_hash(b"l", b"r") == sha256(b"\x01lr").digest()
    assert root_of([]) == EMPTY_ROOT


@pytest.mark.parametrize("size", [*range(18), 31, 32, 33, 255, 256, 257])
def test_root_and_every_proof_of_small_trees(size: int) -> None:
    entries = entries_of(size)
    hashes = [leaf_hash(entry) for entry in entries]
    assert root_of(hashes) == mth(entries)

    def range_root(start: int, end: int) -> bytes:
        return mth(entries[start:end])

    for index in range(size) if size < 40 else (0, 1, size // 2, size - 2, size - 1):
        proof = prove_inclusion(index, size, range_root)
        assert proof == path(index, entries), f"inclusion of {index} in {size}"
        verify_inclusion(hashes[index], index, size, proof, mth(entries))
    for old in range(1, size) if size < 40 else (1, 2, 128, size - 1):
        proof = prove_consistency(old, size, range_root)
        assert proof == subproof(old, entries, whole=True), f"consistency of {old} with {size}"
        verify_consistency(old, mth(entries[:old]), size, mth(entries), proof)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_changed_proof_never_holds(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 400))
    entries = entries_of(size)
    hashes = [leaf_hash(entry) for entry in entries]
    root = root_of(hashes)

    def range_root(start: int, end: int) -> bytes:
        return root_of(hashes[start:end])

    index = data.draw(st.integers(0, size - 1))
    proof = prove_inclusion(index, size, range_root)
    verify_inclusion(hashes[index], index, size, proof, root)
    at = data.draw(st.integers(0, len(proof) - 1))
    bit = data.draw(st.integers(0, 255))
    flipped = (int.from_bytes(proof[at], "big") ^ 1 << bit).to_bytes(32, "big")
    bad_proofs = [[*proof[:at], flipped, *proof[at + 1 :]], proof[:-1], [*proof, root], proof[1:]]
    for bad in bad_proofs:
        with pytest.raises(TamperedError):
            verify_inclusion(hashes[index], index, size, bad, root)
    other = data.draw(st.integers(0, size - 1).filter(lambda n: n != index))
    with pytest.raises(TamperedError):
        verify_inclusion(hashes[other], index, size, proof, root)
    with pytest.raises(TamperedError):
        verify_inclusion(hashes[index], other, size, proof, root)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_rewritten_past_is_never_consistent(data: st.DataObject) -> None:
    new = data.draw(st.integers(2, 400))
    old = data.draw(st.integers(1, new - 1))
    hashes = [leaf_hash(entry) for entry in entries_of(new)]
    old_root = root_of(hashes[:old])
    changed = list(hashes)
    at = data.draw(st.integers(0, old - 1))
    changed[at] = leaf_hash(b"rewritten")

    def changed_range_root(start: int, end: int) -> bytes:
        return root_of(changed[start:end])

    proof = prove_consistency(old, new, changed_range_root)
    with pytest.raises(TamperedError):
        verify_consistency(old, old_root, new, root_of(changed), proof)
    with pytest.raises(TamperedError):
        verify_consistency(new, root_of(changed), old, old_root, proof)


def test_equal_and_empty_trees() -> None:
    root = leaf_hash(b"x")
    verify_consistency(1, root, 1, root, [])
    verify_consistency(0, EMPTY_ROOT, 1, root, [])
    with pytest.raises(TamperedError):
        verify_consistency(1, root, 1, leaf_hash(b"y"), [])
    with pytest.raises(TamperedError):
        verify_consistency(0, root, 1, root, [])
    with pytest.raises(TamperedError):
        verify_consistency(2, root, 3, root, [])
    for index, size in ((0, 0), (3, 3), (-1, 2)):
        with pytest.raises(InvalidInputError):
            inclusion_ranges(index, size)
    with pytest.raises(InvalidInputError):
        consistency_ranges(3, 2)


@given(st.integers(0, 300))
@settings(max_examples=40, deadline=None)
def test_a_growing_frontier_has_the_root_of_the_whole(size: int) -> None:
    hashes = [leaf_hash(entry) for entry in entries_of(size)]
    frontier = Frontier()
    for number, digest in enumerate(hashes):
        assert frontier.root() == root_of(hashes[:number])
        frontier.push(digest)
    assert (frontier.size, frontier.root()) == (size, root_of(hashes))
