"""Nonces that were used: a signature counts once."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import Protocol

from registry.tables.tables import Tables

KEPT = 65
"""Seconds that a nonce is remembered: 60 of its signature, and 5 that it may be ahead."""
KEPT_TOGETHER = 15 * 60
"""The same where several machines remember together: their clocks may differ by the rest."""
MOST = 1_000_000
"""Nonces at a time."""
SWEEP = 30.0
"""Seconds between two sweeps of those that several machines remember."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS nonces (
    key TEXT NOT NULL, nonce TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (key, nonce)) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS nonces_by_age ON nonces (at);
CREATE TABLE IF NOT EXISTS nonces_began (one INTEGER PRIMARY KEY CHECK (one = 1), at INTEGER NOT NULL) STRICT;
"""


class Nonces(Protocol):
    """Of verified signatures of live keys, for any number of threads."""

    began: int | None
    """The second (POSIX) from which on they are remembered; None for that in which this process began."""

    def use(self, key: str, nonce: str) -> bool | None:
        """Whether a key uses a nonce for the first time; None where there is no room."""


class OwnNonces:
    """Remembered by this process, which is the only one."""

    began: int | None = None

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: set[tuple[str, str]] = set()
        self._order: deque[tuple[float, tuple[str, str]]] = deque()

    def use(self, key: str, nonce: str) -> bool | None:
        """Whether a key uses a nonce for the first time; None where there is no room."""
        now = time.monotonic()
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


class KeptNonces:
    """Remembered in tables, by all who have them open."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self._sweeping = threading.Lock()
        self._swept = -SWEEP
        self._is_full = False
        tables.make(_SCHEMA)
        first = "INSERT INTO nonces_began (one, at) VALUES (1, ?) ON CONFLICT (one) DO NOTHING"
        tables.change(first, int(time.time()) + 1)
        [(at,)] = tables.rows("SELECT at FROM nonces_began")
        self.began: int | None = at

    def use(self, key: str, nonce: str) -> bool | None:
        """Whether a key uses a nonce for the first time; None where there is no room."""
        if time.monotonic() - self._swept >= SWEEP and self._sweeping.acquire(blocking=False):
            try:
                self._sweep()
            finally:
                self._sweeping.release()
        if self._is_full:
            return None
        query = "INSERT INTO nonces VALUES (?, ?, ?) ON CONFLICT (key, nonce) DO NOTHING RETURNING at"
        return bool(self._tables.rows(query, key, nonce, int(time.time())))

    def _sweep(self) -> None:
        self._tables.change("DELETE FROM nonces WHERE at <= ?", int(time.time()) - KEPT_TOGETHER)
        [(count,)] = self._tables.rows("SELECT count(*) FROM nonces")
        self._is_full = count >= MOST
        self._swept = time.monotonic()
