"""What all parties of a log are called, whoever may know it: who asks for a name is told what she may know of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from registry.log.record import LogRecord
from registry.readers.leaf_walk import LeafWalk, Leaves
from registry.readers.look_alikes import look_alike, plain
from verifier.statements.sections import Name
from verifier.statements.types import Key, Party


class NameBook:
    """Of one log, which only grows; for any number of threads. A name that was erased since is still found here, and
    told to nobody: who is found is looked up before it is told."""

    def __init__(self, leaves: Leaves) -> None:
        self.walk = LeafWalk(leaves, ('"type":"key"', '"type":"party"'), self._take)
        self._names: dict[str, str] = {}

    def alike(self, record: LogRecord, name: str) -> list[tuple[str, str]]:
        """Parties, each with its name, that could be taken for one of this name; by their names."""
        return [(party, called) for party, called in self._all(record) if look_alike(name, called)]

    def called(self, record: LogRecord, text: str) -> list[str]:
        """Parties in whose names each word of ``text`` begins a word, without regard to case and accents; by their
        names. Of no word nobody."""
        wanted = _words(text)
        return [party for party, called in self._all(record) if wanted and _begins(wanted, _words(called))]

    def _all(self, record: LogRecord) -> Iterator[tuple[str, str]]:
        with self.walk.lock:
            self.walk.up_to(record)
            found = sorted(self._names.items(), key=lambda one: (one[1], one[0]))
        yield from found

    def _take(self, record: LogRecord, index: int) -> None:
        entry = record.entry(index)
        if entry is not None and isinstance(entry.statement, Party | Key):
            party = entry.statement.id if isinstance(entry.statement, Party) else entry.statement.parties.author
            called = record.opened(entry, "name")
            if isinstance(called, Name) and party is not None:
                self._names[party] = called.name


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", plain(text))


def _begins(wanted: list[str], words: list[str]) -> bool:
    return all(any(word.startswith(one) for word in words) for one in wanted)
