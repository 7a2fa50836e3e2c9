"""Which consents list a party as a sub-licensee. No list of the index says it, so each entry is looked through once."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Sequence

from registry.log.record import LogRecord
from registry.readers.leaf_walk import LeafWalk, Leaves
from verifier.rules.model.record import holds
from verifier.statements.types import Consent


class Sublicenses:
    """Of one log, which only grows; for any number of threads. What has been looked through is remembered."""

    def __init__(self, leaves: Leaves) -> None:
        self.walk = LeafWalk(leaves, ('"sublicensees":[',), self._take)
        self._listed: dict[str, array[int]] = {}

    def of(self, record: LogRecord, party: str) -> Sequence[int]:
        """The places in ``record`` of the consents that list a party, rising; good or not."""
        with self.walk.lock:
            self.walk.up_to(record)
            rows = self._listed.get(party, array("I"))
            return rows[: bisect_left(rows, record.size)]

    def _take(self, record: LogRecord, index: int) -> None:
        entry = record.entry(index)
        if holds(entry, Consent):
            for party in entry.statement.sublicensees or ():
                self._listed.setdefault(party, array("I")).append(index)
