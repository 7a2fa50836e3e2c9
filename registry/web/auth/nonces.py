"""Nonces that were used: a signature counts once."""

from __future__ import annotations

import threading
from collections import deque

KEPT = 65
"""Seconds that a nonce is remembered: 60 of its signature, and 5 that it may be ahead."""
MOST = 1_000_000
"""Nonces at a time."""


class Nonces:
    """Of verified signatures of live keys. One of these serves all threads of the process, which is the only one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()
        self._order: deque[tuple[float, tuple[str, str]]] = deque()

    def use(self, key: str, nonce: str, now: float) -> bool | None:
        """Whether a key uses a nonce for the first time; None where there is no room. ``now`` is a monotonic time."""
        with self._lock:
            while self._order and self._order[0][0] < now:
                self._seen.discard(self._order.popleft()[1])
            if (key, nonce) in self._seen:
                return False
            if len(self._order) >= MOST:
                return None
            self._seen.add((key, nonce))
            self._order.append((now + KEPT, (key, nonce)))
            return True
