"""``registry repair``: what stands beside the leaves is made anew from them, where a disk has changed it.

The leaves themselves cannot be made anew: they are compared with what this log signed, and a damaged one is taken from
a copy of the log (its own tiles, a mirror) that has the leaf with the hash that was written, or it is named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from registry.log.batch import Batch, split_hashes, unpack_lengths
from registry.log.columns import derive, split_leaves
from registry.log.damage import Damaged
from registry.log.image import LogImage
from registry.log.log_error import LogError
from registry.log.publication import DATABASE, SIGNED_CHECKPOINT, read_checkpoint
from registry.log.sqlite_store import SqliteStore
from verifier.log.hashing import leaf_hash

Leaf = Callable[[int], bytes | None]
"""A copy of the log: an entry's leaf, or None where it has none. Nothing that it says is believed."""


def repair(root: Path, copies: Sequence[Leaf] = ()) -> list[int]:
    """Write the damaged rows of the registry in ``root`` anew; the first entries of their batches.

    ``copies`` are asked for damaged leaves.

    No other process may write to the folder. Raises :class:`~registry.log.log_error.LogError`, having written nothing,
    where the leaves are not those that were signed.
    """
    signed = read_checkpoint(root / SIGNED_CHECKPOINT)
    if signed is None:
        raise LogError(f"{root / SIGNED_CHECKPOINT} is missing: nothing says what the leaves should be")
    store = SqliteStore(root / DATABASE, for_repair=True)
    try:
        state, broken = LogImage(), []
        for row in store.batches(checked=False):
            checksum = store.checksum(row.first)
            made = _made(state, _leaves(row, checksum, copies), row.first)
            if made != row or checksum != made.checksum():
                broken.append(made if made.leaves != row.leaves else replace(made, leaves=b""))
        size = signed.checkpoint.size
        if size > state.size or state.nodes.root(size) != signed.checkpoint.root:
            raise Damaged(f"the leaves are not those whose tree of size {size} was signed")
        store.replace_columns(broken)
    except Damaged as error:
        why = "A damaged leaf cannot be made anew: restore a copy of the folder, or name a mirror that has it (--from)"
        raise LogError(f"{root / DATABASE}: {error}. {why}. Nothing was changed.") from None
    finally:
        store.close()
    return [batch.first for batch in broken]


def _made(state: LogImage, leaves: Sequence[bytes], first: int) -> Batch:
    """The row that the leaves make."""
    made, staged, _ = derive(state, leaves)
    if made.first != first:
        raise Damaged(f"batch {first} does not begin where the one before it ended, at {made.first}")
    state.apply(made, staged)
    return made


def _leaves(row: Batch, checksum: bytes | None, copies: Sequence[Leaf]) -> list[bytes]:
    """Of a row that is whole, a leaf that has not its hash there is damaged; of another, only the leaves are believed.

    A row of version 0.1 (no checksum) may be either: the tree that was signed tells in the end.
    """
    if checksum == row.checksum():
        return _whole_leaves(row, copies)
    if checksum is None:
        with suppress(Damaged, ValueError):
            return _whole_leaves(row, copies)
    return split_leaves(row.leaves)


def _whole_leaves(row: Batch, copies: Sequence[Leaf]) -> list[bytes]:
    leaves, at = [], 0
    sizes = unpack_lengths(row.lengths)
    for index, (size, hash) in enumerate(zip(sizes, split_hashes(row.hashes), strict=True), row.first):
        leaf: bytes | None = row.leaves[at : at + size]
        at += size
        if leaf_hash(row.leaves[at - size : at]) != hash:
            found = (copy(index) for copy in copies)
            leaf = next((one for one in found if one is not None and leaf_hash(one) == hash), None)
        if leaf is None:
            raise Damaged(f"entry {index} is not what was logged, and no copy has it")
        leaves.append(leaf)
    return leaves
