"""Folds over what stands under one consent, kept from one decision to the next while a log grows.

A fold is a :class:`~verifier.rules.money.book.Book` of the money or a :class:`~verifier.rules.use.counts.Count` of
units. It is read entry by entry, and does not depend on what is asked or when. Checking a file needs none of this: what
it asks for is folded once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, Protocol, TypeVar, cast

from verifier.rules.model.context import Context, Growing, Kept
from verifier.rules.model.forks import fork
from verifier.statements.types import Consent, Twin

KEPT_FOLDS = 256


class Fold(Protocol):
    """What the entries under a consent come to, up to but not including the entry ``next``."""

    next: int

    def catch_up(self, context: Context) -> None:
        """Take all that the record shows beyond what was taken."""


F = TypeVar("F", bound=Fold)


class KeptFolds(Generic[F]):
    """The folds of a family, by consent; the latest asked for.

    A kept fold takes only what was appended since. What earlier entries are worth changes with rulings, disputes,
    revocations and the like, which stand in the lists of the consent, of those that it replaced or that replaced it, or
    of its twin: once one of those lists has grown, the fold is begun anew. What was read of a section stays in it: who
    erases something, or takes something back, has it forgotten. Not safe for use from several threads at a time.
    """

    def __init__(self, family: Kept[str, F]) -> None:
        self._family = family
        self._kept: dict[str, tuple[tuple[int, ...], F]] = {}

    def advance(self, context: Context, consent_id: str, begin: Callable[[], F]) -> F:
        """Bring the kept fold up to a record of which nothing will be taken back."""
        fold = self._holds(context, consent_id)
        stamp = _stamp_of(context, consent_id)
        if fold is None:
            fold = begin()
        fold.catch_up(context)
        self._kept.pop(consent_id, None)
        self._kept[consent_id] = stamp, fold
        if len(self._kept) > KEPT_FOLDS:
            del self._kept[next(iter(self._kept))]
        return fold

    def lend(self, context: Context, consent_id: str) -> None:
        """Have a context go on from a fork of the kept fold, where it holds there."""
        kept = self._holds(context, consent_id)
        if kept is not None:
            lent = cast(F, fork(cast(Growing, kept), context))
            lent.catch_up(context)
            context.memo.recall(self._family, consent_id, lambda: lent)

    def forget(self) -> None:
        """Drop all."""
        self._kept.clear()

    def _holds(self, context: Context, consent_id: str) -> F | None:
        """The kept fold, if a record, of the same log, goes on where it ends and changes nothing of what is in it."""
        stamp, fold = self._kept.get(consent_id, ((), None))
        if fold is None or fold.next > context.record.size or stamp != _stamp_of(context, consent_id):
            return None
        return fold


def _stamp_of(context: Context, consent_id: str) -> tuple[int, ...]:
    """How long the lists are that a fold rests on besides those that it reads: -1 for one that is not shown."""
    subjects = [f"consent:{consent_id}"]
    lengths = []
    for subject in subjects:
        rows = context.record.rows(subject)
        lengths.append(-1 if rows is None else len(rows))
        for index in rows or ():
            entry = context.record.entry(index)
            statement = entry.statement if entry is not None else None
            found: list[str] = []
            if isinstance(statement, Consent):
                found = [f"consent:{statement.id}", f"consent:{statement.follows}", f"twin:{statement.twin}"]
            elif isinstance(statement, Twin):
                found = [f"consent:{statement.creation}"]
            subjects.extend(one for one in found if one not in subjects and not one.endswith(":None"))
    return tuple(lengths)
