"""Inclusion proofs of an RFC 6962 tree (section 2.1.1).

A proof lists hashes of subtrees from the bottom up. How many there must be follows from the numbers alone, so a proof
of any other length is refused before anything is hashed. ``consistency.py`` checks the other kind, and ``provers.py``
makes both.
"""

from __future__ import annotations

from collections.abc import Sequence

from verifier.base.errors import KembarError
from verifier.log.hashing import HASH_SIZE, node_hash

MAX_SIZE = 2**63 - 1
"""The largest tree (C2SP tlog-tiles; RFC 6962 counts in 64 bits)."""


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
    check_hashes(proof, inner + border)
    result = leaf_hash
    for level in range(inner):
        sibling = proof[level]
        result = node_hash(sibling, result) if index >> level & 1 else node_hash(result, sibling)
    for sibling in proof[inner:]:
        result = node_hash(sibling, result)
    if result != root:
        raise ProofError(f"the proof of leaf {index} leads to another root")


def check_hashes(proof: Sequence[bytes], length: int) -> None:
    """That a proof has so many hashes, each of the right size; :class:`ProofError` if not."""
    if len(proof) != length:
        raise ProofError(f"the proof has {len(proof)} hashes, it must have {length}")
    if any(len(item) != HASH_SIZE for item in proof):
        raise ProofError(f"a hash in the proof does not have {HASH_SIZE} bytes")
