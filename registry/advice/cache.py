"""What was worked out about consents, kept from one question to the next while the log grows.

Without it a verdict on the thousandth use under a consent would read all that came before it. Reports and counted units
are kept as a :class:`~verifier.rules.use.history.History`, the money as a :class:`~verifier.rules.money.book.Book`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from verifier.rules.model.context import Context
from verifier.rules.money.book import Ledgers
from verifier.rules.use.history import Histories
from verifier.statements.sections import Terms
from verifier.statements.types import Consent

KEPT = 4_096
"""Consents whose void entries are remembered: more than those of which more is."""


class Cache:
    """For any number of threads, one at a time."""

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._histories = Histories()
        self._ledgers = Ledgers()
        self._void: dict[str, set[int]] = {}

    @contextmanager
    def lent(self, below: Context, to: Context, consent_id: str, *, money: bool) -> Iterator[None]:
        """Within the block, and no longer, ``to`` goes on from what is known of a consent.

        ``below`` shows the log, of which nothing will be taken back without :meth:`forget`; ``to`` shows the same, or
        has a candidate on top. Without ``money`` the book is kept only where the terms make it matter (A18).
        """
        with self._lock:
            self._histories.advance(below, consent_id)
            to.memo.lend(self._histories)
            terms = self._count(below, consent_id)
            if money or (terms is not None and (terms.pay_first != "none" or terms.overdue_limit is not None)):
                self._ledgers.advance(below, consent_id)
                to.memo.lend(self._ledgers)
            self._point_at_faults(below, to, consent_id)
            yield

    def forget(self) -> None:
        """Start over: something was taken back, or erased."""
        with self._lock:
            self._histories.forget()
            self._ledgers.forget()
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
        if consent is None or not isinstance(consent.statement, Consent):
            return None
        terms = below.section(consent, "terms")
        if not isinstance(terms, Terms):
            return None
        if terms.caps.keys() - set(terms.overage):
            self._histories.count(below, consent)
        return terms
