"""``registry repair``: what stands beside the leaves is made anew from them, where a disk has changed it.

The leaves themselves cannot be made anew: they are compared with what this log signed, and a damaged one is named.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from registry.log.batch import Batch, split_hashes
from registry.log.columns import derive, split_leaves
from registry.log.damage import Damaged
from registry.log.image import LogImage
from registry.log.log import DATABASE, SIGNED_CHECKPOINT, read_checkpoint
from registry.log.log_error import LogError
from registry.log.store import Store
from verifier.log.hashing import leaf_hash


def repair(root: Path) -> list[int]:
    """Write the damaged rows of the registry in ``root`` anew; the first entries of their batches.

    No other process may write to the folder. Raises :class:`~registry.log.log_error.LogError`, having written nothing,
    where the leaves are not those that were signed.
    """
    signed = read_checkpoint(root / SIGNED_CHECKPOINT)
    if signed is None:
        raise LogError(f"{root / SIGNED_CHECKPOINT} is missing: nothing says what the leaves should be")
    store = Store(root / DATABASE)
    try:
        state, broken = LogImage(), []
        for row in store.batches(checked=False):
            made = _made(state, row, is_whole=row.checksum() == store.checksum(row.first))
            if made != row or store.checksum(row.first) != made.checksum():
                broken.append(replace(made, leaves=b""))
        size = signed.checkpoint.size
        if size > state.size or state.nodes.root(size) != signed.checkpoint.root:
            raise Damaged(f"the leaves are not those whose tree of size {size} was signed")
        store.replace_columns(broken)
    except Damaged as error:
        why = "A damaged leaf cannot be made anew: restore a copy of the folder, or take it from a mirror"
        raise LogError(f"{root / DATABASE}: {error}. {why}. Nothing was changed.") from None
    finally:
        store.close()
    return [batch.first for batch in broken]


def _made(state: LogImage, row: Batch, *, is_whole: bool) -> Batch:
    """The row that the leaves make. Where the row ``is_whole``, a leaf that has not its hash there is damaged."""
    leaves = split_leaves(row.leaves)
    if is_whole:
        for index, (leaf, hash) in enumerate(zip(leaves, split_hashes(row.hashes), strict=False), row.first):
            if leaf_hash(leaf) != hash:
                raise Damaged(f"entry {index} is not what was logged")
    made, staged, _ = derive(state, leaves)
    if made.first != row.first:
        raise Damaged(f"batch {row.first} does not begin where the one before it ended, at {made.first}")
    state.apply(made, staged)
    return made
