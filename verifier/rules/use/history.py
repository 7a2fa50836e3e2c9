"""What was done under a consent so far: the units that are counted.

A history is a fold over the lists ``uses:``, like a :class:`~verifier.rules.money.book.Book` of the money, so that
judging one more usage does not mean reading all that came before it.
"""

from __future__ import annotations

from copy import copy

from verifier.rules.model.chain import replaced_as_judged
from verifier.rules.model.context import Context, Kept, Unread
from verifier.rules.model.folds import Fold, KeptFolds, open_fold
from verifier.rules.model.record import Entry
from verifier.rules.use.counts import Count


class History(Fold):
    """The :class:`~verifier.rules.use.counts.Count` of one consent, once somebody asked for it."""

    def __init__(self, context: Context, consent_id: str) -> None:
        super().__init__(context, consent_id)
        self._count: Count | None = None

    def fork(self, context: Context) -> History:
        other = copy(self)
        other._count = self._count.fork() if self._count is not None else None
        return other

    def catch_up(self, context: Context) -> None:
        self._next = context.record.size
        if self._count is not None:
            self._count.catch_up(context)

    def count(self, context: Context, consent: Entry) -> Count | Unread:
        """The units of all usages under the consent, and under those that it replaced; counted when first asked for."""
        if self._count is None:
            ids = [consent.statement.id, *(id for id, _, _ in replaced_as_judged(context, consent))]
            subjects = tuple(f"uses:{id}" for id in ids)
            if any(context.record.rows(subject) is None for subject in subjects):
                return Unread("list_missing")
            self._count = Count(subjects=subjects)
            self._count.catch_up(context)
        return self._count


class Histories(KeptFolds[History]):
    """Histories of many consents."""

    def begin(self, context: Context, consent_id: str) -> History:
        return History(context, consent_id)

    def count(self, context: Context, consent: Entry) -> None:
        """Have the units counted under a consent whose history was just advanced."""
        self._kept[consent.statement.id].count(context, consent)


HISTORIES: Kept[str, History] = Kept()
"""By consent."""


def history_of(context: Context, consent_id: str) -> History | None:
    """The history of a consent, the same for every question to this context; ``None``: its list is not shown."""
    shown = context.record.rows(f"uses:{consent_id}") is not None
    return open_fold(context, HISTORIES, Histories, consent_id) if shown else None
