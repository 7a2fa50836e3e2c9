"""What was worked out about consents, kept from one question to the next while the log grows.

Without it a verdict on the thousandth use under a consent would read all that came before it. Counted units are kept as
a :class:`~verifier.rules.use.counts.Count`, the money as a :class:`~verifier.rules.money.book.Book`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from verifier.rules.kept_folds import KeptFolds
from verifier.rules.model.context import Context
from verifier.rules.model.record import Entry, holds
from verifier.rules.money.book import BOOKS, Book
from verifier.rules.use.caps import COUNTS, tallies_of
from verifier.rules.use.counts import Count
from verifier.statements.sections import Terms
from verifier.statements.types import Consent

KEPT = 4_096
"""Consents whose void entries are remembered: more than those of which more is."""


class Cache:
    """For any number of threads, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._counts = KeptFolds(COUNTS)
        self._books = KeptFolds(BOOKS)
        self._void: dict[str, set[int]] = {}

    @contextmanager
    def lent(self, below: Context, to: Context, consent_id: str, *, money: bool) -> Iterator[None]:
        """Within the block, and no longer, ``to`` goes on from what is known of a consent.

        ``below`` shows the log, of which nothing will be taken back without :meth:`forget`; ``to`` shows the same, or
        has a candidate on top. Without ``money`` the book is kept only where the terms make it matter (A18).
        """
        with self._lock:
            terms = self._count(below, consent_id)
            self._counts.lend(to, consent_id)
            if money or (terms is not None and (terms.pay_first != "none" or terms.overdue_limit is not None)):
                book = self._books.advance(below, consent_id, lambda: Book(below, consent_id))
                _ = book.legs  # worked out now, so that no fork has to
                self._books.lend(to, consent_id)
            self._point_at_faults(below, to, consent_id)
            yield

    def forget(self) -> None:
        """Start over: something was taken back, or erased."""
        with self._lock:
            self._counts.forget()
            self._books.forget()
            self._void.clear()

    def _point_at_faults(self, below: Context, to: Context, consent_id: str) -> None:
        """Have the void entries looked at that lie in what is not read again: a verdict names them."""
        void = self._void.setdefault(consent_id, set())
        void.update(index for index, _ in below.faults())
        for index in void:
            entry = to.record.entry(index)
            if entry is not None:
                to.standing(entry)
        if len(self._void) > KEPT:
            del self._void[next(iter(self._void))]

    def _count(self, below: Context, consent_id: str) -> Terms | None:
        """Have the units counted where there are caps; the consent's terms, where they can be read."""
        consent, _ = below.named(f"consent:{consent_id}", consent_id)
        if not holds(consent, Consent):
            return None
        terms = below.section(consent, "terms")
        if not isinstance(terms, Terms):
            return None
        if terms.caps.keys() - set(terms.overage):
            self._counts.advance(below, consent_id, lambda: _counted(below, consent))
        return terms


def _counted(below: Context, consent: Entry[Consent]) -> Count:
    count = tallies_of(below, consent)
    assert isinstance(count, Count), "a log shows all of its lists"
    return count
