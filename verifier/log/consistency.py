"""Consistency proofs of an RFC 6962 tree (section 2.1.2): that a log only grew."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.log.hashing import EMPTY_ROOT, node_hash
from verifier.log.proofs import MAX_SIZE, ProofError, check_hashes


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """That the tree of ``size`` leaves begins with the very leaves of the older one.

    The proof is empty if the sizes are equal or the old tree is empty. Raises :class:`ProofError` if it does not
    follow.
    """
    if not 0 <= old_size <= size <= MAX_SIZE:
        raise ProofError(f"a tree of size {size} cannot have grown from size {old_size}")
    if old_size in (0, size):
        check_hashes(proof, 0)
        if old_root != (root if old_size == size else EMPTY_ROOT):
            raise ProofError(f"two roots for one tree of size {old_size}")
        return
    # Begin at the old tree's last complete subtree: its 2^shift leaves end where the old tree ends.
    shift = (old_size & -old_size).bit_length() - 1
    last = (old_size - 1) >> shift
    inner = ((old_size - 1) ^ (size - 1)).bit_length() - shift
    border = (last >> inner).bit_count()
    is_whole = old_size == 1 << shift  # then that subtree's root is the old root, which need not be sent
    check_hashes(proof, inner + border + (not is_whole))
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
