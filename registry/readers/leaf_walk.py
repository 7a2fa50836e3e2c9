"""What no list of the log's index tells: each entry is looked through once, from the last place on."""

from __future__ import annotations

import threading
from base64 import b64encode
from collections.abc import Callable, Iterator

from registry.log.damage import Damaged
from registry.log.record import LogRecord

Leaves = Callable[[int, int], Iterator[bytes]]
"""The bytes of the log's entries from one place up to another."""


class LeafWalk:
    """Of one log, which only grows; for any number of threads. ``take`` is told of each entry in which one of the
    ``marks`` stands, in log order. Only those are parsed, so that a million take seconds, once.
    """

    def __init__(self, leaves: Leaves, marks: tuple[str, ...], take: Callable[[LogRecord, int], None]) -> None:
        self.lock = threading.RLock()
        self._leaves = leaves
        self._marks = tuple(one for mark in marks for one in _in_base64(mark.encode("ascii")))
        self._take = take
        self._read = 0

    def up_to(self, record: LogRecord) -> None:
        """Look through what ``record`` has beyond the last place. Whoever reads what was taken holds the lock."""
        with self.lock:
            while self._read < record.size:
                self._read_on(record)

    def behind(self, record: LogRecord) -> int:
        """How many entries of ``record`` are still to be looked through."""
        return max(record.size - self._read, 0)

    def _read_on(self, record: LogRecord) -> None:
        try:
            for leaf in self._leaves(self._read, record.size):
                if any(mark in leaf for mark in self._marks):
                    self._take(record, self._read)
                self._read += 1
        except Damaged:  # told at /healthz, and by whatever shows that entry
            self._read += 1


def _in_base64(text: bytes) -> Iterator[bytes]:
    """What base64 makes of a text wherever it begins in a group of three bytes, but for what it shares with others."""
    for before in range(3):
        encoded = b64encode(b"\0" * before + text)
        yield encoded[-(-8 * before // 6) : 8 * (before + len(text)) // 6]
