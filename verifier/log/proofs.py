"""Inclusion and consistency proofs of an RFC 6962 tree (sections 2.1.1 and 2.1.2).

Both kinds list hashes of subtrees from the bottom up. How many there must be follows from the numbers alone, so a
proof of any other length is refused before anything is hashed.

Provers read hashes of *complete* subtrees through ``read_node(level, index)``: the root over the 2^level leaves that
begin at index * 2^level. Every other hash that a proof needs is made of those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from verifier.base.errors import KembarError
from verifier.log.hashing import EMPTY_ROOT, HASH_SIZE, node_hash

MAX_SIZE = 2**63 - 1
"""The largest tree (C2SP tlog-tiles; RFC 6962 counts in 64 bits)."""

ReadNode: TypeAlias = Callable[[int, int], bytes]


class ProofError(KembarError):
    """A proof that does not prove what it is shown for."""


def check_inclusion(leaf_hash: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """That the leaf with this hash stands at ``index`` in the tree of ``size`` leaves with this ``root``.

    Raises :class:`ProofError` if it does not follow.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise ProofError(f"there is no leaf {index} in a tree of size {size}")
    # Above the level where the leaf's way to the root and the last leaf's meet, every sibling lies to the left.
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    _check_hashes(proof, inner + border)
    result = leaf_hash
    for level in range(inner):
        sibling = proof[level]
        result = node_hash(sibling, result) if index >> level & 1 else node_hash(result, sibling)
    for sibling in proof[inner:]:
        result = node_hash(sibling, result)
    if result != root:
        raise ProofError(f"the proof of leaf {index} leads to another root")


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """That the tree of ``size`` leaves begins with the very leaves of the older one.

    The proof is empty if the sizes are equal or the old tree is empty. Raises :class:`ProofError` if it does not
    follow.
    """
    if not 0 <= old_size <= size <= MAX_SIZE:
        raise ProofError(f"a tree of size {size} cannot have grown from size {old_size}")
    if old_size in (0, size):
        _check_hashes(proof, 0)
        if old_root != (root if old_size == size else EMPTY_ROOT):
            raise ProofError(f"two roots for one tree of size {old_size}")
        return
    # Begin at the old tree's last complete subtree: its 2^shift leaves end where the old tree ends.
    shift = (old_size & -old_size).bit_length() - 1
    last = (old_size - 1) >> shift
    inner = ((old_size - 1) ^ (size - 1)).bit_length() - shift
    border = (last >> inner).bit_count()
    is_whole = old_size == 1 << shift  # then that subtree's root is the old root, which need not be sent
    _check_hashes(proof, inner + border + (not is_whole))
    old = new = old_root if is_whole else proof[0]
    rest = proof if is_whole else proof[1:]
    for level in range(inner):
        sibling = rest[level]
        if last >> level & 1:
            old = node_hash(sibling, old)
            new = node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
    for sibling in rest[inner:]:
        old = node_hash(sibling, old)
        new = node_hash(sibling, new)
    if old != old_root:
        raise ProofError("the proof leads to another root for the old tree")
    if new != root:
        raise ProofError("the proof leads to another root for the new tree")


def _check_hashes(proof: Sequence[bytes], length: int) -> None:
    if len(proof) != length:
        raise ProofError(f"the proof has {len(proof)} hashes, it must have {length}")
    if any(len(item) != HASH_SIZE for item in proof):
        raise ProofError(f"a hash in the proof does not have {HASH_SIZE} bytes")


def prove_inclusion(index: int, size: int, read_node: ReadNode) -> list[bytes]:
    """The inclusion proof of leaf ``index`` in the tree of ``size`` leaves: sibling first, the root's child last."""
    if not 0 <= index < size <= MAX_SIZE:
        raise ValueError(f"there is no leaf {index} in a tree of size {size}")
    proof = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_root(middle, end, read_node))
            end = middle
        else:
            proof.append(range_root(start, middle, read_node))
            start = middle
    proof.reverse()
    return proof


def prove_consistency(old_size: int, size: int, read_node: ReadNode) -> list[bytes]:
    """The proof that the tree of ``size`` leaves begins with that of ``old_size``."""
    if not 0 <= old_size <= size <= MAX_SIZE:
        raise ValueError(f"a tree of size {size} cannot have grown from size {old_size}")
    if old_size in (0, size):
        return []
    proof = []
    start, end = 0, size
    while end != old_size:
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(range_root(middle, end, read_node))
            end = middle
        else:
            proof.append(range_root(start, middle, read_node))
            start = middle
    if start:
        proof.append(range_root(start, end, read_node))
    proof.reverse()
    return proof


def range_root(start: int, end: int, read_node: ReadNode) -> bytes:
    """The root over leaves ``start`` to ``end`` - 1 as a tree of its own, where ``start`` is a split point of it."""
    pieces = []
    while start < end:
        level = (end - start).bit_length() - 1
        pieces.append(read_node(level, start >> level))
        start += 1 << level
    if not pieces:
        return EMPTY_ROOT
    result = pieces.pop()
    while pieces:
        result = node_hash(pieces.pop(), result)
    return result


def _split(size: int) -> int:
    """The largest power of two below ``size``."""
    return 1 << ((size - 1).bit_length() - 1)
