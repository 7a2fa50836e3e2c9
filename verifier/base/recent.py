"""What was lately used is kept, the rest is forgotten: memory stays flat however much there is to read."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Recent(Generic[K, V]):
    """A dictionary of what was lately used: between ``limit`` and twice as many. Safe for threads, without a lock.

    It is two dictionaries, the young and the old one. What is found in the old moves to the young. When the young is
    full, it becomes the old, and the old is forgotten.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._young: dict[K, V] = {}
        self._old: dict[K, V] = {}

    def get(self, key: K) -> V | None:
        """What was put there, if it is still at hand."""
        found = self._young.get(key)
        if found is None:
            found = self._old.get(key)
            if found is not None:
                self.put(key, found)
        return found

    def put(self, key: K, value: V) -> None:
        """Keep a value for a while."""
        if len(self._young) >= self._limit:
            self._old, self._young = self._young, {}
        self._young[key] = value

    def forget(self, key: K) -> None:
        """Drop a value that holds no more."""
        self._young.pop(key, None)
        self._old.pop(key, None)
