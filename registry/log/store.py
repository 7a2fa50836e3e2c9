"""The log's store: batches that are only ever added, and the disclosures apart from them so that they can be erased.

:class:`Store` is all that a log needs of a database. :mod:`registry.log.sqlite_store` is a file beside the registry,
:mod:`registry.log.postgresql_store` a server for several machines; ``tests/registry/log/test_store_contract.py`` asks
every store the same. What a log knows beyond its rows is made of them in memory (:mod:`registry.log.image`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from registry.log.batch import Batch

SECTIONS_PER_ENTRY = 8  # disclosures of entry i have the row ids from 8i on, so adding them appends to the table
SECTIONS_STORED = ("evidence", "exclusive", "money", "person", "terms", "name")
"""A section's place here is in the row ids of every database that there is: names are only ever added, at the end."""


class StoreRefused(Exception):
    """The store does not take what would change what is logged, or go on from anywhere but the log's end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingErasure:
    """The oldest erasure whose text is not gone yet. ``since`` is in POSIX seconds."""

    since: int
    reason: str


class Erasing(Protocol):
    """What sees to it that erased text is gone for good, in a thread of its own until :meth:`close`."""

    @property
    def pending(self) -> PendingErasure | None:
        """What is not gone yet; None where all is."""

    def erased(self) -> PendingErasure | None:
        """Text was deleted just now: what is still in the way of its being gone."""

    def close(self) -> None:
        """A last attempt, and the end."""


class Store(Protocol):
    """One log's rows. Writing is for one thread; reading is for any."""

    # ---- writing

    def append(
        self,
        batch: Batch,
        disclosures: Sequence[tuple[int, str, str]] = (),
        erased: Sequence[tuple[int, str]] = (),
    ) -> None:
        """All or nothing: the batch, disclosures (entry, section, text) and erasures (entry, section).

        It is the log's compare-and-swap: a batch goes where the last one ended, and no earlier in time, or
        :class:`StoreRefused` is raised. Durable when it returns. After any other error it is not known whether it was
        kept: read again.
        """

    def add_disclosures(self, disclosures: Sequence[tuple[int, str, str]]) -> None:
        """Disclosures (entry, section, text) that came after their entries: each once, and none that was erased."""

    def eraser(self) -> Erasing:
        """What finishes erasures, also those that a crash left half done, for the one process that writes.

        The caller closes it before the store.
        """

    def close(self) -> None: ...

    # ---- reading

    def size(self) -> int:
        """Entries in the store, seals included."""

    def last_at(self) -> int:
        """The last seal's time (POSIX seconds); 0 without one."""

    def batches(self, start: int = 0, *, leaves: bool = True, checked: bool = True) -> Iterator[Batch]:
        """Batches in log order from the one that begins at ``start``; without ``leaves`` that column is empty.

        Raises :class:`~registry.log.damage.Damaged` where a row is not what was written, but for its leaves, which
        their hashes tell of; not if ``checked`` is false, for whoever compares the columns with the leaves.
        """

    def checksum(self, first: int) -> bytes | None:
        """The checksum that was written with the row of the batch that begins at ``first``."""

    def read_leaves(self, first: int, offset: int, length: int) -> bytes:
        """``length`` bytes from ``offset`` of the leaves of the batch that begins at ``first``."""

    def disclosures(self, index: int) -> dict[str, str]:
        """Section name -> disclosure, of those that are there."""

    def erased(self, index: int) -> frozenset[str]:
        """The names of the entry's sections that were erased."""

    def disclosures_between(self, start: int, end: int) -> list[tuple[int, str, str]]:
        """(entry, section, disclosure) of the entries ``start`` to ``end`` - 1, in log order."""

    def all_erased(self) -> set[tuple[int, str]]:
        """(entry, section) of everything that was erased."""

    def check(self) -> list[str]:
        """The database's own check of itself; empty if all is well."""


def entry_and_name(place: int) -> tuple[int, str]:
    """The entry and the section with this row id."""
    return place // SECTIONS_PER_ENTRY, SECTIONS_STORED[place % SECTIONS_PER_ENTRY]


def place_of(index: int, name: str) -> int:
    """The inverse of :func:`entry_and_name`."""
    return index * SECTIONS_PER_ENTRY + SECTIONS_STORED.index(name)
