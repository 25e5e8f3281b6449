"""Merkle tree of RFC 6962 over SHA-256: hashes, roots, inclusion proofs and consistency proofs.

Positions count from 0, sizes are numbers of leaves, hashes are 32 bytes. A *range* `(start, end)` names the leaves
`start ≤ i < end`; the ranges met here always start at a multiple of the smallest power of two that holds them, so that
their root is also a part of the whole tree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import TypeAlias

from colloque.kernel.errors import InvalidInputError, TamperedError

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()
MAX_PROOF_HASHES = 63

Range: TypeAlias = tuple[int, int]
RangeRoot: TypeAlias = Callable[[int, int], bytes]


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry, `SHA-256(0x00 ‖ entry)`. Source: RFC 6962, section 2.1."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of two neighbouring subtrees, `SHA-256(0x01 ‖ left ‖ right)`. Source: RFC 6962, section 2.1."""
    return sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Root over the given leaf hashes (or over the roots of equal perfect subtrees, the last of which may be smaller).

    Pairing level by level and carrying an odd last hash up gives the Merkle Tree Hash of RFC 6962, section 2.1.
    """
    if not hashes:
        return EMPTY_ROOT
    level = list(hashes)
    while len(level) > 1:
        odd = level[-1] if len(level) % 2 else None
        pairs = iter(level)
        level = [sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)]
        if odd is not None:
            level.append(odd)
    return level[0]


def _largest_power_below(size: int) -> int:
    return 1 << (size - 1).bit_length() - 1


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Ranges whose roots prove that the leaf at `index` is in the tree of `size`, from the leaf's sibling up.

    Raises `InvalidInputError` unless `0 ≤ index < size`. Source: RFC 6962, section 2.1.1.
    """
    if not 0 <= index < size:
        raise InvalidInputError(f"There is no entry {index} in a tree of {size}.", code="out-of-range")
    start, end = 0, size
    ranges: list[Range] = []
    while end - start > 1:
        middle = start + _largest_power_below(end - start)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    ranges.reverse()
    return ranges


def prove_inclusion(index: int, size: int, range_root: RangeRoot) -> list[bytes]:
    """Inclusion proof of the leaf at `index` in the tree of `size`, at most 63 hashes. Raises `InvalidInputError`."""
    return [range_root(start, end) for start, end in inclusion_ranges(index, size)]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that the leaf hash stands at `index` in the tree of `size` with this `root`.

    Up to where the paths of this leaf and of the last one meet, the bits of `index` say on which side each sibling stands;
    above, every sibling is the root of a perfect subtree on the left, one for each bit set. Raises `TamperedError`.
    Source: RFC 6962, section 2.1.1; the same checks as RFC 9162, section 2.1.3.2.
    """
    if not 0 <= index < size:
        raise TamperedError(f"There is no entry {index} in a tree of {size}.", code="inclusion")
    meeting = (index ^ (size - 1)).bit_length()
    if len(proof) != meeting + (index >> meeting).bit_count():
        raise TamperedError("The inclusion proof has another length than this tree asks for.", code="inclusion")
    digest, side = leaf, index
    for sibling in proof[:meeting]:
        pair = b"\x01" + sibling + digest if side & 1 else b"\x01" + digest + sibling
        digest = sha256(pair).digest()
        side >>= 1
    for sibling in proof[meeting:]:
        digest = sha256(b"\x01" + sibling + digest).digest()
    if digest != root:
        raise TamperedError(
            f"The proof for entry {index} does not lead to the root of the checkpoint.", code="inclusion"
        )


def consistency_ranges(old_size: int, new_size: int) -> list[Range]:
    """Ranges whose roots prove that the tree of `old_size` is the beginning of the tree of `new_size`.

    Empty when the sizes are equal or the old tree is empty. Raises `InvalidInputError` unless
    `0 ≤ old_size ≤ new_size`. Source: RFC 6962, section 2.1.2.
    """
    if not 0 <= old_size <= new_size:
        raise InvalidInputError(f"A tree of {new_size} cannot continue a tree of {old_size}.", code="out-of-range")
    if old_size in {0, new_size}:
        return []
    start, end = 0, new_size
    ranges: list[Range] = []
    while end != old_size:
        middle = start + _largest_power_below(end - start)
        if old_size <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((start, middle))
            start = middle
    if start:
        ranges.append((start, end))
    ranges.reverse()
    return ranges


def prove_consistency(old_size: int, new_size: int, range_root: RangeRoot) -> list[bytes]:
    """Consistency proof between two sizes of one tree, at most 63 hashes. Raises `InvalidInputError`."""
    return [range_root(start, end) for start, end in consistency_ranges(old_size, new_size)]


def verify_consistency(old_size: int, old_root: bytes, new_size: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that the older tree is the beginning of the newer one, nothing changed, nothing removed.

    Raises `TamperedError`. Source: RFC 9162, section 2.1.4.2.
    """
    if not 0 <= old_size <= new_size:
        raise TamperedError(f"The log shrank from {old_size} entries to {new_size}.", code="consistency")
    if old_size in {0, new_size}:
        expected = EMPTY_ROOT if old_size == 0 else new_root
        if proof or old_root != expected:
            raise TamperedError("Two checkpoints of the same size have different roots.", code="consistency")
        return
    hashes = list(proof)
    if old_size & (old_size - 1) == 0:
        hashes.insert(0, old_root)
    if not hashes:
        raise TamperedError("The consistency proof is empty.", code="consistency")
    node, last = old_size - 1, new_size - 1
    while node & 1:
        node >>= 1
        last >>= 1
    old = new = hashes[0]
    for digest in hashes[1:]:
        if last == 0:
            raise TamperedError("The consistency proof is longer than the tree is high.", code="consistency")
        if node & 1 or node == last:
            old, new = node_hash(digest, old), node_hash(digest, new)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            new = node_hash(new, digest)
        node >>= 1
        last >>= 1
    if last or old != old_root or new != new_root:
        raise TamperedError(
            f"The log of {new_size} entries does not continue the log of {old_size} entries: its past was changed.",
            code="consistency",
        )


class Frontier:
    """Roots of the perfect subtrees that make up a growing tree: enough to add leaves and tell the root any time."""

    def __init__(self) -> None:
        self.size = 0
        self._stack: list[tuple[int, bytes]] = []

    def push(self, digest: bytes, height: int = 0) -> None:
        """Add the root of a perfect subtree of `2^height` leaves; the size so far must be a multiple of that number."""
        self.size += 1 << height
        stack = self._stack
        while stack and stack[-1][0] == height:
            digest = sha256(b"\x01" + stack.pop()[1] + digest).digest()
            height += 1
        stack.append((height, digest))

    def root(self) -> bytes:
        """Root of the tree so far."""
        stack = self._stack
        if not stack:
            return EMPTY_ROOT
        digest = stack[-1][1]
        for _, left in reversed(stack[:-1]):
            digest = sha256(b"\x01" + left + digest).digest()
        return digest
