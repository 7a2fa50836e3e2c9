"""Hashes of an RFC 6962 Merkle tree (section 2.1).

A tree of n leaves splits at the largest power of two below n; that is all its shape. ``CompactTree`` keeps only the
roots of the complete subtrees that n is made of, one for each 1 in its binary form.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""


def leaf_hash(leaf: bytes) -> bytes:
    """H(0x00 || leaf)."""
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """H(0x01 || left || right) of two hashes."""
    return sha256(b"\x01" + left + right).digest()


def root(leaf_hashes: Iterable[bytes]) -> bytes:
    """The root over leaf hashes in order; :data:`EMPTY_ROOT` of none."""
    tree = CompactTree()
    for leaf in leaf_hashes:
        tree.append(leaf)
    return tree.root()


class CompactTree:
    """A growing tree that remembers its size and O(log size) hashes.

    ``peaks`` are the roots of its complete subtrees, the widest first: as many as ``size`` has bits that are 1.
    """

    __slots__ = ("peaks", "size")

    def __init__(self, size: int = 0, peaks: Sequence[bytes] = ()) -> None:
        if size < 0 or size.bit_count() != len(peaks):
            raise ValueError(f"a tree of size {size} does not have {len(peaks)} peaks")
        self.size = size
        self.peaks = list(peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash."""
        peaks = self.peaks
        carry = self.size
        while carry & 1:
            leaf = sha256(b"\x01" + peaks.pop() + leaf).digest()
            carry >>= 1
        peaks.append(leaf)
        self.size += 1

    def root(self) -> bytes:
        """The root over everything appended so far."""
        if not self.peaks:
            return EMPTY_ROOT
        result = self.peaks[-1]
        for peak in self.peaks[-2::-1]:
            result = node_hash(peak, result)
        return result

    def copy(self) -> CompactTree:
        """An independent tree in the same state."""
        return CompactTree(self.size, self.peaks)
