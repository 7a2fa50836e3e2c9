"""What one question may cost: counted while the log is walked for it, not once the answer is there.

A question names one thing and may need half of the log: who asks cannot see that, and who answers sees it only by
walking. So each list, entry and byte is counted when it is touched, and the walk ends with :class:`TooMuch` at the
first that is spent, or with :class:`HasLeft` once nobody waits for the answer any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from verifier.evidence.file import MAX_ENTRIES, MAX_EVIDENCE, MAX_SUBJECTS
from verifier.rules.model.record import Entry, Record
from verifier.statements.sections import Section

EVERY = 64
"""Steps of a walk between two looks at the clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """``seconds`` are of this thread's CPU, ``size`` is in bytes of leaves."""

    lists: int
    entries: int
    size: int
    seconds: float

    def at_most(self, other: Bounds) -> Bounds:
        """The lesser of each."""
        return Bounds(
            lists=min(self.lists, other.lists),
            entries=min(self.entries, other.entries),
            size=min(self.size, other.size),
            seconds=min(self.seconds, other.seconds),
        )


STRANGER = Bounds(lists=2_000, entries=20_000, size=16 * 1024 * 1024, seconds=2.0)
OWN = Bounds(lists=MAX_SUBJECTS, entries=MAX_ENTRIES, size=MAX_EVIDENCE, seconds=60.0)
"""Of a reader who may see sections: as much as one file may hold."""
AT_FIRST = Bounds(lists=500, entries=1_000, size=1024 * 1024, seconds=0.05)
"""What is spent on a question in the writer's own process, before it goes to the one beside it."""


class TooMuch(Exception):
    """More than the bounds allow. The message says of what, and what to do."""


class HasLeft(Exception):
    """Nobody waits for the answer any more."""


class Meter:
    """Counts one question, in the thread that answers it."""

    def __init__(self, bounds: Bounds, has_left: Callable[[], bool] = lambda: False) -> None:
        self._bounds = bounds
        self._has_left = has_left
        self._ends = time.thread_time() + bounds.seconds
        self._lists: set[str] = set()
        self._entries: set[int] = set()
        self._size = 0
        self._steps = 0

    def list(self, subject: str) -> None:
        """A list is looked at."""
        self._lists.add(subject)
        self._check("lists", len(self._lists), self._bounds.lists)

    def entry(self, index: int) -> None:
        """An entry is looked at."""
        self._entries.add(index)
        self._check("entries", len(self._entries), self._bounds.entries)

    def bytes(self, count: int) -> None:
        """So much of the answer is there."""
        self._size += count
        self._check("bytes", self._size, self._bounds.size)

    def _check(self, what: str, count: int, limit: int) -> None:
        if count > limit:
            raise TooMuch(f"it takes more than {limit:,} {what}, the most that is answered here; {_INSTEAD}")
        self._steps += 1
        if self._steps % EVERY == 0:
            if time.thread_time() > self._ends:
                seconds = self._bounds.seconds
                raise TooMuch(f"it takes more than {seconds:g} s of work, the most that is done for it; {_INSTEAD}")
            if self._has_left():
                raise HasLeft


_INSTEAD = (
    "ask about one usage or consent at a time, or read the log itself: its tiles are public, and 'verifier audit' "
    "or 'verifier watch' keep what they read"
)


class MeteredRecord:
    """``record`` with a meter at it. ``read`` are the lists that were looked at, with their lengths then."""

    def __init__(self, record: Record, meter: Meter) -> None:
        self.read: dict[str, int] = {}
        self._record = record
        self._meter = meter

    @property
    def genesis(self) -> str:
        return self._record.genesis

    @property
    def size(self) -> int:
        return self._record.size

    @property
    def complete(self) -> bool:
        return self._record.complete

    def rows(self, subject: str) -> Sequence[int] | None:
        self._meter.list(subject)
        return self._noted(subject)

    def _noted(self, subject: str) -> Sequence[int] | None:
        rows = self._record.rows(subject)
        self.read[subject] = len(rows or ())
        return rows

    def entry(self, index: int) -> Entry | None:
        self._meter.entry(index)
        return self._record.entry(index)

    def find(self, id: str) -> Sequence[int]:
        return self._record.find(id)

    def opened(self, entry: Entry, name: str) -> Section | None:
        self._noted(f"erased:{entry.statement.id}")  # what is opened now may be gone a batch later
        return self._record.opened(entry, name)

    def assumed_good(self, index: int) -> bool:
        return self._record.assumed_good(index)
