"""Reading a log: leaves, sections and proofs, out of its database and of what is kept in memory about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from registry.log.damage import check_disclosures, check_leaf
from registry.log.image import LogImage
from registry.log.store import Store
from verifier.log.provers import prove_consistency, prove_inclusion


class LogReader:
    """What a log tells whoever reads it. ``state`` and ``store`` are the subclass's to give."""

    state: LogImage
    store: Store

    def leaf(self, index: int) -> bytes:
        """The bytes of the entry at ``index``. Raises :class:`~registry.log.damage.Damaged`."""
        return self._whole(index, self.store.read_leaves(*self.state.span(index)))

    def leaves(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of entries ``start`` to ``end`` - 1. Raises :class:`~registry.log.damage.Damaged`."""
        lengths = self.state.lengths
        while start < end:
            first, offset, _ = self.state.span(start)
            stop = min(end, self.state.batch_end(start))
            data = self.store.read_leaves(first, offset, sum(lengths[start:stop]))
            at = 0
            for index in range(start, stop):
                yield self._whole(index, data[at : at + lengths[index]])
                at += lengths[index]
            start = stop

    def _whole(self, index: int, leaf: bytes) -> bytes:
        return check_leaf(index, leaf, self.state.nodes.read(0, index))

    def disclosures(self, index: int) -> Mapping[str, str]:
        """Section name -> disclosure, of those that are kept for an entry. Raises :class:`Damaged`."""
        return check_disclosures(index, self.leaf(index), self.store.disclosures(index))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The proof that entry ``index`` is in the tree of the first ``size``, which is at most the published one."""
        return prove_inclusion(index, size, self.state.nodes.read)

    def consistency(self, old: int, size: int) -> list[bytes]:
        """The proof that the tree of ``size`` begins with that of ``old``."""
        return prove_consistency(old, size, self.state.nodes.read)


class LogCopy(LogReader):
    """A log that another process writes: its database, read only, and an image of it but for the index.

    It has all that answers are made of but the proofs of lists, which only the writer can give.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self.state = LogImage()
        self._open_store = open_store

    def open(self) -> None:
        """Use a connection of one's own, which must not be open while the process forks."""
        self.store = self._open_store()

    def close(self) -> None:
        self.store.close()

    def follow(self) -> None:
        """Take whatever the database holds by now. Raises :class:`~registry.log.damage.Damaged`."""
        batches = self.store.batches(self.state.size, leaves=False)
        self.state.take(replace(batch, digests=b"", keys=b"") for batch in batches)  # those are for admission alone
