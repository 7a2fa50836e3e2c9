"""Questions that take long: few at a time, few waiting, and equal ones share an answer.

However many strangers ask, and however much, submissions go on and other readers are served: two questions are answered
at a time, eight more wait, and the rest are told when to come again. Who has left is not worked for.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from registry.metering import HasLeft
from registry.problems import Problem

AT_ONCE = 2
WAITING = 8
SHARING = 16
"""Requests that may wait for an answer which somebody else has asked for."""
KEPT_SECONDS = 10.0
"""So old may the answer to a stranger be."""
KEPT_BYTES = 64 * 1024 * 1024
_LOOK = 0.2
"""Seconds after which a request that waits looks whether its client is still there."""

Found = bytes | Problem
HasClientLeft = Callable[[], bool]
Make = Callable[[HasClientLeft], Found]
"""Answers a question; gives up with HasLeft once the function that it gets says so."""


class _OpenQuestion:
    """A question that is being answered, and all who wait for it."""

    def __init__(self) -> None:
        self.waiting: list[HasClientLeft] = []
        self.done = threading.Event()
        self.found: Found | None = None

    def is_left(self) -> bool:
        """Whether nobody waits any more."""
        return all(has_left() for has_left in list(self.waiting))


class Questions:
    """For any number of threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(AT_ONCE)
        self._waiting = 0
        self._sharing = 0
        self._asked: dict[Hashable, _OpenQuestion] = {}
        self._kept: OrderedDict[Hashable, tuple[float, Found]] = OrderedDict()
        self._bytes = 0

    def answer(self, key: Hashable, make: Make, has_left: HasClientLeft, *, keep: bool) -> Found:
        """What ``make`` says, or somebody's equal question (``key``) has been told; ``keep`` it for a while.

        Raises :class:`~registry.metering.HasLeft` if the client has hung up meanwhile.
        """
        with self._lock:
            kept = self._recent(key) if keep else None
            if kept is not None:
                return kept
            asked = self._asked.get(key)
            if asked is not None:
                if self._sharing >= SHARING:
                    return _busy()
                self._sharing += 1
                asked.waiting.append(has_left)
            elif self._waiting >= AT_ONCE + WAITING:
                return _busy()
            else:
                self._waiting += 1
                mine = self._asked[key] = _OpenQuestion()
                mine.waiting.append(has_left)
        return self._share(asked, has_left) if asked is not None else self._make(key, mine, make, has_left, keep)

    def _make(self, key: Hashable, mine: _OpenQuestion, make: Make, has_left: HasClientLeft, keep: bool) -> Found:
        try:
            while not self._places.acquire(timeout=_LOOK):
                if mine.is_left():
                    raise HasLeft
            try:
                mine.found = make(mine.is_left)
            finally:
                self._places.release()
            return mine.found
        finally:
            with self._lock:
                self._waiting -= 1
                del self._asked[key]
                if keep and mine.found is not None:
                    self._keep(key, mine.found)
            mine.done.set()

    def _share(self, asked: _OpenQuestion, has_left: HasClientLeft) -> Found:
        try:
            is_done = False
            while not is_done:
                is_done = asked.done.wait(_LOOK)
                if has_left():
                    raise HasLeft
            return asked.found if asked.found is not None else _busy()  # its maker failed, and has said so to its own
        finally:
            with self._lock:
                self._sharing -= 1
                asked.waiting.remove(has_left)

    # ---- what was answered lately, while the lock is held

    def _recent(self, key: Hashable) -> Found | None:
        while self._kept:
            oldest, (at, found) = next(iter(self._kept.items()))
            if time.monotonic() - at <= KEPT_SECONDS and self._bytes <= KEPT_BYTES:
                break
            del self._kept[oldest]
            self._bytes -= _size(found)
        kept = self._kept.get(key)
        return None if kept is None else kept[1]

    def _keep(self, key: Hashable, found: Found) -> None:
        if key not in self._kept and _size(found) <= KEPT_BYTES // 2:
            self._kept[key] = time.monotonic(), found
            self._bytes += _size(found)


def _size(found: Found) -> int:
    return len(found) if isinstance(found, bytes) else 1000


def _busy() -> Problem:
    return Problem(code="busy", detail="many questions are being answered; ask again in a moment")
