"""A log as the world sees it: its published checkpoint, and the proofs that are made there while it goes on.

The process that writes it (:class:`registry.log.log.Log`) and those that follow it on other machines
(:class:`registry.log.followed_log.FollowedLog`) give them out alike.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from registry.log.image import LogImage, Undo
from registry.log.log_error import LogUnavailable
from registry.log.log_reader import LogReader
from registry.log.publication import Publication, Published
from registry.log.store import Erasing, Store
from verifier.index.proofs import subject_key
from verifier.index.shown import Absence, Presence
from verifier.log.hashing import leaf_hash
from verifier.log.tiles import HEIGHT, WIDTH, Tile, format_entries


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectProof:
    """A subject's complete list of (index, logged) and its proof, at ``published``."""

    published: Published
    rows: tuple[tuple[int, int], ...]
    proof: Presence | Absence


class Follower(Protocol):
    """Is told when the log has grown, while it is held: so it only leaves word, and never asks the log anything."""

    def grew(self, size: int, keys: list[bytes]) -> None:
        """A batch that ends at ``size`` is published; it changed the lists with these keys."""

    def restarted(self) -> None:
        """The log was taken up again after a failure; it is not said what changed."""


class PublishedLog(LogReader):
    """All that stands in ``state`` beyond ``published`` is for the writer only.

    Readers hold :meth:`reading`, which the writer holds from the moment when the index moves until the new checkpoint
    is published.
    """

    root: Path
    origin: str
    genesis: str
    publication: Publication
    eraser: Erasing

    def __init__(self, store: Store) -> None:
        self.store = store
        self.state = LogImage()
        self.follower: Follower | None = None
        self._lock = threading.Lock()
        self._unpublished: list[Undo] | None = []  # of each batch in ``state`` that is not published; None: not known
        self._published: Published | None = None
        self._last_seal = b"", b""  # the last seal's leaf hash and its bytes

    def close(self) -> None:
        """Let go of the store."""
        self.store.close()

    @property
    def published(self) -> Published:
        """What the world sees now."""
        if self._published is None:
            raise LogUnavailable("nothing is published yet")
        return self._published

    @contextmanager
    def reading(self) -> Iterator[Published]:
        """Hold the log still: within, the index of ``state`` is that of what is published.

        A batch that is kept and could not be published, on a full disk say, is taken out of the index for as long; the
        lists of ``state`` may be longer.
        """
        with self._lock:
            undone = self._unpublished
            if undone is None:
                raise LogUnavailable("the last write has not been taken up again")
            index = self.state.index
            again = [index.update(undo) for undo in reversed(undone)]
            try:
                yield self.published
            finally:
                for redo in reversed(again):
                    index.update(redo)

    def leaf(self, index: int) -> bytes:
        """As of any log; the last seal, which stands in every answer about a list, is at hand."""
        if index != self.state.size - 1:
            return super().leaf(index)
        hash, leaf = self._last_seal
        if hash != self.state.nodes.read(0, index):
            leaf = super().leaf(index)
            self._last_seal = leaf_hash(leaf), leaf
        return leaf

    def index_proofs(self, subjects: Iterable[str]) -> list[tuple[Sequence[int], Presence | Absence]]:
        """The rows of each subject's list, copied, and the proof of the list; within :meth:`reading`."""
        size, found = self.published.checkpoint.size, []
        for key in map(subject_key, subjects):
            rows = self.state.rows(key)
            found.append((rows[: bisect_left(rows, size)], self.state.index.prove(key)))
        return found

    def subject_proof(self, published: Published, rows: Sequence[int], proof: Presence | Absence) -> SubjectProof:
        """Rows with their logged times, which takes a while for long lists, so that nobody is held up meanwhile."""
        times = tuple((index, self.state.logged(index)) for index in rows)
        return SubjectProof(published=published, rows=times, proof=proof)

    def read_tile(self, tile: Tile) -> bytes | None:
        """A tile or entry bundle of the published log; any width up to what there is now of a partial one."""
        level = tile.level or 0
        end = tile.index * WIDTH + tile.width
        if end > self.published.checkpoint.size >> HEIGHT * level:
            return None
        start = tile.index * WIDTH
        if tile.level is None:
            return format_entries(list(self.leaves(start, end)))
        return bytes(self.state.nodes.levels[HEIGHT * level][32 * start : 32 * end])
