"""Which consents list a party as a sub-licensee. No list of the index says it, so each entry is looked through once."""

from __future__ import annotations

import threading
from array import array
from base64 import b64encode
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence

from registry.log.damage import Damaged
from registry.log.record import LogRecord
from verifier.rules.model.record import holds
from verifier.statements.types import Consent

Leaves = Callable[[int, int], Iterator[bytes]]
"""The bytes of the log's entries from one place up to another."""


class Sublicenses:
    """Of one log, which only grows; for any number of threads. What has been looked through is remembered.

    Only leaves in which the member's name stands are parsed, so that a million take seconds, once.
    """

    def __init__(self, leaves: Leaves) -> None:
        self._leaves = leaves
        self._lock = threading.Lock()
        self._read = 0
        self._listed: dict[str, array[int]] = {}

    def of(self, record: LogRecord, party: str) -> Sequence[int]:
        """The places in ``record`` of the consents that list a party, rising; good or not."""
        with self._lock:
            while self._read < record.size:
                self._read_on(record)
            rows = self._listed.get(party, array("I"))
            return rows[: bisect_left(rows, record.size)]

    def behind(self, record: LogRecord) -> int:
        """How many entries of ``record`` are still to be looked through."""
        return max(record.size - self._read, 0)

    def _read_on(self, record: LogRecord) -> None:
        try:
            for leaf in self._leaves(self._read, record.size):
                if any(mark in leaf for mark in _MARKS):
                    self._take(record, self._read)
                self._read += 1
        except Damaged:  # told at /healthz, and by whatever shows that entry
            self._read += 1

    def _take(self, record: LogRecord, index: int) -> None:
        entry = record.entry(index)
        if holds(entry, Consent):
            for party in entry.statement.sublicensees or ():
                self._listed.setdefault(party, array("I")).append(index)


def _in_base64(text: bytes) -> Iterator[bytes]:
    """What base64 makes of a text wherever it begins in a group of three bytes, but for what it shares with others."""
    for before in range(3):
        encoded = b64encode(b"\0" * before + text)
        yield encoded[-(-8 * before // 6) : 8 * (before + len(text)) // 6]


_MARKS = tuple(_in_base64(b'"sublicensees":['))
