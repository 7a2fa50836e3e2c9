"""The log as of the newest checkpoint that met the policy's quorum, for evidence.

The log's own index is always that of the newest batch, whose checkpoint nobody has cosigned yet. So where a quorum is
asked for, the registry keeps the index a second time and lets it follow a step behind: the writer notes which lists a
batch changed, and once a checkpoint has its quorum the second index is taken to its size. Lists and inclusion proofs
need no second copy: they are cut at that size.

What readers were shown stays: the newest such checkpoint is kept with its cosignatures, durably, and the second index
is made anew at its size when the registry starts. Else a restart while the witnesses are away would leave readers
nothing.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager

from registry.log.publication import Published
from registry.log.published_log import PublishedLog
from verifier.index.proofs import subject_key
from verifier.index.shown import Absence, Presence
from verifier.index.tree import IndexTree

MAX_PENDING = 200_000
"""Changed lists that are kept batch by batch. Beyond that they are thrown together, and the next quorum that counts is
one for the newest checkpoint of then: the memory of a log whose witnesses are gone stays bounded by its subjects.
"""


class CosignedView:
    """Follows ``log`` (:class:`registry.log.log.Follower`). The writer only appends to a queue; all else is for
    others. ``kept`` is the newest checkpoint that met the quorum before, ``keep`` is given each that does from now on.
    """

    def __init__(
        self,
        log: PublishedLog,
        kept: Published | None = None,
        keep: Callable[[Published], None] = lambda published: None,
    ) -> None:
        self._log = log
        self._keep = keep
        self._kept = kept
        self._lock = threading.Lock()
        self._published: Published | None = None
        self._pending: deque[tuple[int, dict[bytes, bytes | None]]] = deque()
        self._lost = True
        self._tree: IndexTree = IndexTree()
        self._size = 0

    @property
    def published(self) -> Published | None:
        """The newest checkpoint with a quorum, with the lines that make it; None while there is none."""
        return None if self._lost else self._published

    # ---- the writer's side: called while the log is held

    def grew(self, size: int, keys: Iterable[bytes]) -> None:
        """A batch that ends at ``size`` is published; it changed the lists with these keys."""
        index = self._log.state.index
        self._pending.append((size, {key: index.get(key) for key in keys}))

    def restarted(self) -> None:
        """It is not known what changed: the next one who looks begins anew, at what readers were shown."""
        self._lost = True

    # ---- the other side

    def begin(self) -> None:
        """Make the index anew as it was at the checkpoint that is kept, if that is needed. Holds the log meanwhile."""
        if not self._lost:
            return
        with self._log.reading() as published, self._lock:
            state, kept = self._log.state, self._kept
            self._tree = state.index.copy()
            self._size = published.checkpoint.size
            self._pending.clear()
            self._published = None
            if kept is not None and kept.checkpoint.size <= self._size:
                before = state.lists_at(kept.checkpoint.size)
                self._tree.update(before)
                self._pending.append((self._size, {key: state.index.get(key) for key in before}))
                self._size, self._published = kept.checkpoint.size, kept
            self._lost = False

    def met(self, published: Published) -> bool:
        """``published`` has its quorum: go there, if that is forward and the way is known."""
        self.begin()
        size = published.checkpoint.size
        with self._lock:
            if self._lost or size < self._size:
                return False
            if size > self._size and size not in [end for end, _ in list(self._pending)]:
                return False  # thrown together over this size: readers keep what they have until the next
            changes: dict[bytes, bytes | None] = {}
            while self._pending and self._pending[0][0] <= size:
                self._size, changed = self._pending.popleft()
                changes.update(changed)
            self._tree.update(changes)
            self._published = self._kept = published
            self._keep(published)  # while it is held, so that they only go forward
            return True

    def trim(self) -> None:
        """Throw together what waits, if it is too much."""
        waiting = len(self._pending)
        if waiting > 1 and sum(len(changes) for _, changes in list(self._pending)) > MAX_PENDING:
            with self._lock:
                size, merged = 0, dict[bytes, bytes | None]()
                for _ in range(waiting):  # others may come meanwhile, at the other end
                    size, changed = self._pending.popleft()
                    merged.update(changed)
                self._pending.appendleft((size, merged))

    def index_proofs(
        self, size: int, subjects: Sequence[str]
    ) -> list[tuple[Sequence[int], Presence | Absence]] | None:
        """Like :meth:`registry.log.log.Log.index_proofs`, at ``size``; None if the view has moved on."""
        with self.holding() as published:
            if published is None or published.checkpoint.size != size:
                return None
            return self.held_proofs(size, subjects)

    @contextmanager
    def holding(self) -> Iterator[Published | None]:
        """Hold the view still; neither the writer nor the asking of witnesses waits for it, only their news does."""
        with self._lock:
            yield self.published

    @property
    def held_index(self) -> IndexTree:
        """The index itself within :meth:`holding`, which gave a checkpoint; nobody keeps it or changes it."""
        return self._tree

    def held_proofs(self, size: int, subjects: Sequence[str]) -> list[tuple[Sequence[int], Presence | Absence]]:
        """The same within :meth:`holding`, which gave a checkpoint of ``size``."""
        keys = [subject_key(subject) for subject in subjects]
        proofs = [self._tree.prove(key) for key in keys]
        rows = self._log.state.rows
        return [([row for row in rows(key)[:] if row < size], proof) for key, proof in zip(keys, proofs, strict=True)]
