"""Folds over what stands under one consent: read entry by entry, opened once a context, kept while a log grows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Generic, Self, TypeVar

from verifier.rules.model.context import Context, Kept
from verifier.statements.types import Consent, Twin

F = TypeVar("F", bound="Fold")

KEPT_FOLDS = 256


class Fold(ABC):
    """What the entries under a consent come to, up to but not including the entry ``_next``.

    It does not depend on what is asked or when. What earlier entries are worth changes with rulings, disputes,
    revocations and the like, which stand in the lists of the consent, of those that it replaced or that replaced it, or
    of its twin: while those lists are as long as they were, it :meth:`holds`.
    """

    def __init__(self, context: Context, consent_id: str) -> None:
        self.id = consent_id
        self._next = 0
        self._stamp = _stamp_of(context, consent_id)

    @abstractmethod
    def catch_up(self, context: Context) -> None:
        """Take all that the record shows beyond what was taken."""

    @abstractmethod
    def fork(self, context: Context) -> Self:
        """A copy that goes on by itself, while this one waits."""

    def holds(self, context: Context) -> bool:
        """Whether a record, of the same log, goes on where this ends and changes nothing of what is in it."""
        return self._next <= context.record.size and self._stamp == _stamp_of(context, self.id)


class KeptFolds(ABC, Generic[F]):
    """Folds that are kept from one decision to the next while a log grows, by consent; the latest asked for.

    A kept fold takes only what was appended since, and is begun anew once it does not hold. What was read of a section
    stays in it: who erases something, or takes something back, has it forgotten. Not safe for use from several threads
    at a time.
    """

    def __init__(self) -> None:
        self._kept: dict[str, F] = {}

    @abstractmethod
    def begin(self, context: Context, consent_id: str) -> F:
        """One that has read nothing yet."""

    def advance(self, context: Context, consent_id: str) -> F:
        """Bring the kept fold up to a record of which nothing will be taken back."""
        fold = self._kept.pop(consent_id, None)
        if fold is None or not fold.holds(context):
            fold = self.begin(context, consent_id)
        fold.catch_up(context)
        self._kept[consent_id] = fold
        if len(self._kept) > KEPT_FOLDS:
            del self._kept[next(iter(self._kept))]
        return fold

    def open(self, context: Context, consent_id: str) -> F:
        """A fork of the kept fold, or where none holds a new one, of all that the record shows."""
        kept = self._kept.get(consent_id)
        fold = kept.fork(context) if kept is not None and kept.holds(context) else self.begin(context, consent_id)
        fold.catch_up(context)
        return fold

    def forget(self) -> None:
        """Drop all."""
        self._kept.clear()


def open_fold(context: Context, opened: Kept[str, F], keeper: type[KeptFolds[F]], consent_id: str) -> F:
    """The fold of a consent, the same for every question to this context; from what is lent to it, if anything is."""
    folds = context.memo.lent(keeper) or keeper()
    return context.memo.recall(opened, consent_id, lambda: folds.open(context, consent_id))


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
