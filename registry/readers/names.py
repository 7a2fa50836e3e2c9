"""What parties are called, for one reader: by the ``name`` sections that she may read."""

from __future__ import annotations

from collections.abc import Iterable

from registry.log.record import LogRecord
from registry.readers.rights import ReaderRecord, Rights
from verifier.evidence.about import name_of
from verifier.rules.standing.judged import JudgedContext


class Names:
    """For one answer: it remembers what it told. ``record`` shows all, ``now`` is in POSIX seconds."""

    def __init__(self, record: LogRecord, rights: Rights, now: int) -> None:
        self._record = record
        self._context = JudgedContext(ReaderRecord(record, rights), instant=now, as_of=now)
        self.told: dict[str, str] = {}

    def of(self, party: str) -> str:
        """What a party was called last; "" where this reader may not know, or where it has no name."""
        if party not in self.told:
            found = name_of(self._context, party) if self._record.find(party) else None
            self.told[party] = "" if found is None else found.name
        return self.told[party]

    def all(self, parties: Iterable[str]) -> dict[str, str]:
        """Of those of them that this reader may know, the name by the id."""
        return {one: name for one in sorted(set(parties)) if (name := self.of(one))}
