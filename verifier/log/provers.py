"""Proofs of an RFC 6962 tree (sections 2.1.1 and 2.1.2), made for those who check them in ``proofs.py`` and
``consistency.py``.

Provers read hashes of *complete* subtrees through ``read_node(level, index)``: the root over the 2^level leaves that
begin at index * 2^level. Every other hash that a proof needs is made of those.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from verifier.log.hashing import EMPTY_ROOT, node_hash
from verifier.log.proofs import MAX_SIZE

ReadNode: TypeAlias = Callable[[int, int], bytes]


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
