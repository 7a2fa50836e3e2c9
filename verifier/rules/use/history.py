"""What was done under a consent so far: its reports by usage, and the units that are counted.

A history is a fold over the lists ``uses:``, like a :class:`~verifier.rules.money.book.Book` of the money, and may be
kept like one while a log grows, so that judging one more usage does not mean reading all that came before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from verifier.rules.model.chain import replaced_as_judged
from verifier.rules.model.context import Context, Judgement, Kept, Unread
from verifier.rules.model.record import Entry
from verifier.rules.money.book import stamp_of
from verifier.rules.use.counts import Count, fresh
from verifier.statements.types import Report

KEPT_HISTORIES = 256

Reports = Sequence[tuple[Entry, Judgement]]


class History:
    """The good and doubtful reports under one consent, and its :class:`~verifier.rules.use.counts.Count`, up to but not
    including the entry ``_next``."""

    def __init__(self, context: Context, consent_id: str) -> None:
        self._id = consent_id
        self._next = 0
        self._reports: dict[str, tuple[tuple[Entry, Judgement], ...]] = {}
        self._below: dict[str, tuple[tuple[Entry, Judgement], ...]] = {}
        self._count: Count | None = None
        self._stamp = stamp_of(context, consent_id)

    def holds(self, context: Context) -> bool:
        """Whether a record, of the same log, goes on where this history ends and changes nothing of what is in it."""
        return self._next <= context.record.size and self._stamp == stamp_of(context, self._id)

    def fork(self) -> History:
        """A copy that goes on by itself, while this one waits."""
        other = copy(self)
        other._below = {**self._below, **self._reports} if self._below else self._reports
        other._reports = {}
        other._count = self._count.fork() if self._count is not None else None
        return other

    def catch_up(self, context: Context) -> None:
        """Take all that the record shows beyond what was taken."""
        start, self._next = self._next, context.record.size
        for pair in fresh(context, [f"uses:{self._id}"], start, Report):
            report = pair[0].statement
            assert isinstance(report, Report)
            self._reports[report.usage] = (*self.reports(report.usage), pair)
        if self._count is not None:
            self._count.catch_up(context)

    def reports(self, usage: str) -> Reports:
        """The reports on one usage, in log order."""
        return self._reports.get(usage) or self._below.get(usage, ())

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


HISTORIES: Kept[str, History | None] = Kept()
"""By consent."""


def history_of(context: Context, consent_id: str) -> History | None:
    """The history of a consent, the same for every question to this contract; ``None``: its list is not shown."""

    def open_it() -> History | None:
        if context.record.rows(f"uses:{consent_id}") is None:
            return None
        kept = context.memo.lent(Histories)
        history = (kept and kept.fork(context, consent_id)) or History(context, consent_id)
        history.catch_up(context)
        return history

    return context.memo.recall(HISTORIES, consent_id, open_it)


class Histories:
    """Histories that are kept from one decision to the next while a log grows, by consent; the latest asked for.

    As with kept books (:class:`~verifier.rules.money.ledgers.Ledgers`), one is begun anew when the list of its consent
    has grown, or of those tied to it; what was read of a section stays in it, and what is erased or taken back has to
    be forgotten. Not safe for use from several threads at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[str, History] = {}

    def advance(self, context: Context, consent_id: str) -> None:
        """Bring the kept history up to a record of which nothing will be taken back."""
        history = self._kept.pop(consent_id, None)
        if history is None or not history.holds(context):
            history = History(context, consent_id)
        history.catch_up(context)
        self._kept[consent_id] = history
        if len(self._kept) > KEPT_HISTORIES:
            del self._kept[next(iter(self._kept))]

    def count(self, context: Context, consent: Entry) -> None:
        """Have the units counted under a consent whose history was just advanced."""
        self._kept[consent.statement.id].count(context, consent)

    def fork(self, context: Context, consent_id: str) -> History | None:
        """A copy of the kept history, for a record that goes on where it ends; ``None`` if there is none that holds."""
        history = self._kept.get(consent_id)
        return history.fork() if history is not None and history.holds(context) else None

    def forget(self) -> None:
        """Drop all."""
        self._kept.clear()
