"""A record with one more entry at its end, for whoever asks what would become of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import overload

from verifier.rules.model.record import Entry, Record
from verifier.statements.sections import Section
from verifier.statements.subjects import subjects


class Appended(Sequence[int]):
    """A list with a few rows more at its end, without copying what may be a hundred thousand of them."""

    __slots__ = ("_head", "_length", "_tail")

    def __init__(self, head: Sequence[int], tail: Sequence[int]) -> None:
        self._head = head
        self._tail = tail
        self._length = len(head) + len(tail)

    def __len__(self) -> int:
        return self._length

    @overload
    def __getitem__(self, place: int) -> int: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[int]: ...

    def __getitem__(self, place: int | slice) -> int | Sequence[int]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(self._length))]
        if place < 0:
            place += self._length
        if not 0 <= place < self._length:
            raise IndexError("no such row")
        head = len(self._head)
        return self._head[place] if place < head else self._tail[place - head]

    def __iter__(self) -> Iterator[int]:
        yield from self._head
        yield from self._tail


class Candidate:
    """A record with one more entry at its end, which nobody has logged yet: what "may I?" is asked of."""

    complete = True

    def __init__(self, record: Record, entry: Entry, sections: Mapping[str, Section]) -> None:
        self.genesis = record.genesis
        self.size = entry.index + 1
        self._record = record
        self._entry = entry
        self._sections = sections
        self._touched = frozenset(subjects(entry.statement))

    def rows(self, subject: str) -> Sequence[int] | None:
        rows = self._record.rows(subject)
        if subject not in self._touched or rows is None:
            return rows
        return Appended(rows, (self._entry.index,))

    def entry(self, index: int) -> Entry | None:
        return self._entry if index == self._entry.index else self._record.entry(index)

    def find(self, id: str) -> Sequence[int]:
        found = self._record.find(id)
        return found if id != self._entry.statement.id else (*found, self._entry.index)

    def opened(self, entry: Entry, name: str) -> Section | None:
        return self._sections.get(name) if entry.index == self._entry.index else self._record.opened(entry, name)

    def assumed_good(self, index: int) -> bool:
        return index != self._entry.index and self._record.assumed_good(index)
