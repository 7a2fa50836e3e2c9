"""Processes that check leaves beside the replay, and what is fetched ahead for them; everything comes back in order."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor
from types import TracebackType
from typing import Any, NamedTuple

from verifier.log.hashing import leaf_hash
from verifier.programs.collecting import collect_rarely
from verifier.replay.leaves import Fact, ReadLeaf, read_leaves

FETCHERS = 6
"""Files that are asked for at a time, of a source that is far away."""

PART = 64
"""Leaves that a process checks at a time: few, so that at the end of a log none waits long for another to finish."""

AHEAD_BYTES = 16 * 1024 * 1024
"""Of bundles that are fetched or being checked, before another is begun."""


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Bundle(NamedTuple):
    """An entry bundle to check: its number, its entries, how many of the first are known, whether it comes from the
    mirror, and what was found out about the others before.
    """

    number: int
    entries: Sequence[bytes]
    skip: int
    is_mirrored: bool
    facts: Sequence[Fact | None] = ()

    @property
    def width(self) -> int:
        """How many entries it has."""
        return len(self.entries)

    @property
    def fresh(self) -> Sequence[bytes]:
        """The entries that are not known."""
        return self.entries[self.skip :]


class CheckedBundle(NamedTuple):
    """A bundle and what its leaves after the first ``skip`` tell."""

    bundle: Bundle
    leaves: list[ReadLeaf]

    def hashes(self) -> list[bytes]:
        """Of all its leaves."""
        known = self.bundle.entries[: self.bundle.skip]
        return [*map(leaf_hash, known), *(leaf.hash for leaf in self.leaves)]


def check_here(bundle: Bundle) -> CheckedBundle:
    """Check a bundle in this process."""
    return CheckedBundle(bundle, read_leaves(bundle.fresh, bundle.facts))


class Workers:
    """``jobs`` processes; with one, the work is done where it is asked for."""

    def __init__(self, jobs: int) -> None:
        self.jobs = jobs
        self._pool: ProcessPoolExecutor | None = None
        if jobs > 1:
            context = multiprocessing.get_context("fork")
            self._pool = ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(os.getpid(),))
            self._pool.submit(os.getpid).result()  # all processes start now, before there are threads or much memory

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def check(self, bundles: Iterable[Bundle]) -> Iterator[CheckedBundle]:
        """Check bundles, in their order."""
        if self._pool is None:
            yield from map(check_here, bundles)
            return
        waiting: deque[tuple[Bundle, int, list[Future[list[ReadLeaf]]]]] = deque()
        ahead = 0
        for bundle in bundles:
            size = sum(map(len, bundle.entries))
            while waiting and (len(waiting) > 2 * self.jobs or ahead + size > AHEAD_BYTES):
                done, its_size, parts = waiting.popleft()
                ahead -= its_size
                yield CheckedBundle(done, _together(parts))
            parts = [self._pool.submit(read_leaves, *one) for one in _parts(bundle)]
            waiting.append((bundle, size, parts))
            ahead += size
        for done, _, parts in waiting:
            yield CheckedBundle(done, _together(parts))


def _parts(bundle: Bundle) -> Iterator[tuple[Sequence[bytes], Sequence[Fact | None]]]:
    fresh = bundle.fresh
    for at in range(0, len(fresh), PART):
        yield fresh[at : at + PART], bundle.facts[at : at + PART]


def _together(parts: Iterable[Future[list[ReadLeaf]]]) -> list[ReadLeaf]:
    return [leaf for part in parts for leaf in part.result()]


def _begin(parent: int) -> None:
    """In a new process: an interrupt is for the one that started it, and without that one there is nothing to do."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    collect_rarely()
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


class Fetcher:
    """Calls a function for one item after the other, several at a time if ``ahead``, and keeps their order."""

    def __init__(self, ahead: bool) -> None:
        self._ahead = ahead

    def map(self, get: Callable[[Any], Bundle], items: Iterable[Any]) -> Iterator[Bundle]:
        """``get`` of each item."""
        if not self._ahead:
            yield from map(get, items)
            return
        waiting: deque[Future[Bundle]] = deque()
        with ThreadPoolExecutor(FETCHERS) as pool:
            try:
                for item in items:
                    if len(waiting) >= FETCHERS:
                        yield waiting.popleft().result()
                    waiting.append(pool.submit(get, item))
                while waiting:
                    yield waiting.popleft().result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
