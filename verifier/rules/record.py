"""What the rules read: entries at their places, complete lists, opened sections. Nothing else reaches a rule.

A :class:`Record` is a view of the log. The registry's shows everything; one made from an evidence file shows the lists
that the file proves complete; an auditor's grows entry by entry with :meth:`MemoryRecord.fold`. A rule cannot tell
them apart, which is why all three reach the same verdict.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from verifier.statements.sections import Section
from verifier.statements.statement import Statement
from verifier.statements.subjects import subjects


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A statement at its place in the log.

    ``logged`` is the ``at`` of the seal that covers it (POSIX seconds), ``signers`` the keyids (hex) on its envelope,
    each of which has been verified.
    """

    index: int
    logged: int
    statement: Statement
    signers: frozenset[str]


class Record(Protocol):
    """A view of the log that the rules can read. ``None`` always means *not shown*, never *empty*."""

    @property
    def genesis(self) -> str:
        """The id of entry 0."""

    @property
    def size(self) -> int:
        """How many entries the view covers: the last seal's own index."""

    def rows(self, subject: str) -> Sequence[int] | None:
        """The complete list of a subject as rising indices; empty when proven empty; ``None`` when not shown."""

    def entry(self, index: int) -> Entry | None:
        """The entry at ``index``; ``None`` for a seal, a leaf that cannot be read, or one that is not shown."""

    def find(self, id: str) -> Sequence[int]:
        """Rising indices of the shown entries whose statement id is ``id``."""

    def opened(self, entry: Entry, name: str) -> Section | None:
        """The entry's section under ``name``, or ``None`` if it is not disclosed to this reader."""

    def assumed_good(self, index: int) -> bool:
        """Whether this view vouches that the entry was judged good when it was appended (a registry's own log)."""


class MemoryRecord:
    """A record in memory that shows all that was folded into it: auditors' and tests' view."""

    def __init__(self, genesis: str) -> None:
        self.genesis = genesis
        self.size = 0
        self._entries: dict[int, Entry] = {}
        self._lists: dict[str, list[int]] = {}
        self._ids: dict[str, list[int]] = {}
        self._sections: dict[tuple[int, str], Section] = {}

    def fold(self, entry: Entry, sections: Mapping[str, Section] | None = None) -> None:
        """Take one more entry, in log order. Total: an entry that breaks a rule is void for the rules, never an error."""
        if entry.index < self.size:
            raise ValueError(f"entry {entry.index} is folded after {self.size - 1}")
        self.size = entry.index + 1
        self._entries[entry.index] = entry
        self._ids.setdefault(entry.statement.id, []).append(entry.index)
        for subject in subjects(entry.statement):
            self._lists.setdefault(subject, []).append(entry.index)
        for name, section in (sections or {}).items():
            self._sections[entry.index, name] = section

    def skip(self, index: int) -> None:
        """Account for a seal or a leaf that cannot be read: it has a place and touches nothing."""
        self.size = max(self.size, index + 1)

    def rows(self, subject: str) -> Sequence[int] | None:
        return self._lists.get(subject, ())

    def entry(self, index: int) -> Entry | None:
        return self._entries.get(index)

    def find(self, id: str) -> Sequence[int]:
        return self._ids.get(id, ())

    def opened(self, entry: Entry, name: str) -> Section | None:
        return self._sections.get((entry.index, name))

    def assumed_good(self, index: int) -> bool:
        return False


class ShownRecord(MemoryRecord):
    """What an evidence file shows: the entries in it, and only those lists that it proves complete."""

    def __init__(self, genesis: str, shown: Mapping[str, Iterable[int]]) -> None:
        super().__init__(genesis)
        self._shown = {subject: tuple(rows) for subject, rows in shown.items()}

    def rows(self, subject: str) -> Sequence[int] | None:
        return self._shown.get(subject)
