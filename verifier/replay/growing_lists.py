"""Every subject's list as it grows, and the index over them: enough of both to tell the root at every seal.

Of a list only its Merkle *frontier* is needed: the roots of its complete subtrees. The index holds the size and root of
every list, and of a list with one row that is the frontier; those of longer lists lie in a *store* (a disk).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

from verifier.index.proofs import list_leaf, list_value
from verifier.index.tree import IndexTree
from verifier.log.hashing import HASH_SIZE, CompactTree, leaf_hash

OPEN_LISTS = 16_384
"""Frontiers that are kept at hand before they go to the store: some 600 bytes each."""

_ONE = (1).to_bytes(8, "big")


class Frontiers(Protocol):
    """Where frontiers lie that are not at hand."""

    def frontier(self, key: bytes) -> bytes:
        """The peaks of a list with more than one row, 32 bytes each, the widest first."""

    def put_frontiers(self, peaks: Iterable[tuple[bytes, bytes]]) -> None:
        """Keep (key, peaks) of some lists."""


class GrowingLists(Protocol):
    """What a replay needs of the lists."""

    def append(self, first: int, logged: int, touched: Iterable[Sequence[bytes]]) -> None:
        """A batch: entry ``first`` + i, logged at ``logged``, touches the subjects with the keys ``touched[i]``."""

    def root(self) -> bytes:
        """The index root over all rows so far."""


class Lists:
    """The lists behind ``tree``, an index that they have made."""

    def __init__(self, tree: IndexTree, store: Frontiers) -> None:
        self.tree = tree
        self._store = store
        self._open: dict[bytes, CompactTree] = {}

    def root(self) -> bytes:
        """The index root over all rows so far."""
        return self.tree.root()

    def append(self, first: int, logged: int, touched: Iterable[Sequence[bytes]]) -> None:
        """A whole batch: entry ``first`` + i, logged at ``logged``, touches the subjects with the keys ``touched[i]``.

        All at once, because a subject that many entries of the batch touch then changes the index once.
        """
        added: dict[bytes, list[bytes]] = {}
        for index, keys in enumerate(touched, first):
            if keys:
                row = leaf_hash(list_leaf(index, logged))
                for key in keys:
                    rows = added.get(key)
                    if rows is None:
                        added[key] = [row]
                    else:
                        rows.append(row)
        changes: dict[bytes, bytes | None] = {}
        for key, rows in added.items():
            frontier = self._frontier(key)
            if frontier is None and len(rows) == 1:  # by far the most common, and its root is its row
                changes[key] = _ONE + rows[0]
                continue
            tree = frontier or CompactTree()
            for row in rows:
                tree.append(row)
            self._open[key] = tree
            changes[key] = list_value(tree.size, tree.root())
        self.tree.update(changes)
        if len(self._open) > OPEN_LISTS:
            self.flush()

    def flush(self) -> None:
        """Put all frontiers that are at hand into the store."""
        self._store.put_frontiers([(key, b"".join(tree.peaks)) for key, tree in self._open.items()])
        self._open.clear()

    def _frontier(self, key: bytes) -> CompactTree | None:
        """The frontier of a list, for the caller to grow; None if it has no row yet."""
        tree = self._open.get(key)
        if tree is not None:
            return tree
        known = self.tree.get(key)
        if known is None:
            return None
        size = int.from_bytes(known[:8], "big")
        peaks = known[8:] if size == 1 else self._store.frontier(key)
        return CompactTree(size, [peaks[at : at + HASH_SIZE] for at in range(0, len(peaks), HASH_SIZE)])
