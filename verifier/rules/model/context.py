"""The contract, opened at one record and one instant: what every rule asks its questions of.

It adds three things to a record: the *standing* of an entry (good, void or doubtful), the sections that can be read,
and a memory, so that a thing is judged once however many rules ask for it.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from enum import Enum
from typing import Any, Generic, TypeVar, overload

from verifier.base.values import value
from verifier.rules.model.record import Entry, Record, entries_at, holds
from verifier.statements.sections import Section
from verifier.statements.types import Consent, Erasure, Genesis, Statement, Usage

S = TypeVar("S", bound=Statement)
T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Standing(Enum):
    """*Void* has no effect; *good* has; *doubtful* is neither relied on nor ignored (protocol, section 7.1)."""

    GOOD = "good"
    VOID = "void"
    DOUBTFUL = "doubtful"


@value(kw_only=False)
class Judgement:
    """An entry's standing, and for one that is not good the rule and the reason code that say why."""

    standing: Standing
    rule: str = "A0"
    code: str = "ok"
    entries: tuple[int, ...] = ()


GOOD = Judgement(Standing.GOOD)
LIST_MISSING = Judgement(Standing.DOUBTFUL, "A0", "list_missing")


def void(rule: str, code: str, *entries: int) -> Judgement:
    """A judgement that an entry has no effect."""
    return Judgement(Standing.VOID, rule, code, entries)


def doubtful(rule: str, code: str, *entries: int) -> Judgement:
    """A judgement that an entry's effect cannot be told."""
    return Judgement(Standing.DOUBTFUL, rule, code, entries)


@value(kw_only=False)
class Unread:
    """A section that this reader cannot read: ``not_disclosed`` or ``erased``, and the erasure's index."""

    code: str
    entries: tuple[int, ...] = ()


class Kept(Generic[K, V]):
    """What one family of rules keeps under keys of its own; made once, beside the function that works it out."""


class Growing:
    """What takes one entry after another and changes with it. Whoever keeps such a thing while a log grows copies it
    with :func:`verifier.rules.model.forks.fork`."""

    __slots__ = ()


class Memo:
    """The memory of one context. The rules of its state:

    1. Nothing in it is news: all follows from the context's record, instant and ``as_of``. Who drops it all loses time.
    2. ``standings`` counts rulings, ``base`` does not; both by index. Each rests on lower indices, and through the
       rulings and disputes on a consent on higher ones too. So while a log grows both hold until a ruling or a dispute
       is appended (:meth:`forget_standings`); what is kept of that consent's rulings goes then (:meth:`forget`).
    3. An entry that the record vouches for (``assumed_good``) does not stand in ``base``.
    4. What a family keeps (:meth:`recall`) is worked out once by key and shared: nobody changes it, unless it says
       itself how it grows.
    5. What is lent (:meth:`lend`), all of a family, is another's and outlives the context. The lender answers for it:
       it was worked out of the same log, of which nothing was taken back since.
    6. ``depth`` and ``in_order`` are no results. They say how deep the judging stands just now, and whether it goes
       through a list in order. Who sets them sets them back.
    """

    def __init__(self) -> None:
        self.standings: dict[int, Judgement] = {}
        self.base: dict[int, Judgement] = {}
        self.depth = 0
        self.in_order = False
        self._kept: defaultdict[Kept[Any, Any], dict[Any, Any]] = defaultdict(dict)

    def recall(self, kept: Kept[K, V], key: K, work_out: Callable[[], V]) -> V:
        """What is kept under a key, worked out at the first time of asking."""
        known = self._kept[kept]
        if key not in known:
            known[key] = work_out()
        found: V = known[key]
        return found

    def lend(self, kept: Kept[K, V], known: dict[K, V]) -> None:
        """Have the context go on from what its lender worked out."""
        self._kept[kept] = known

    def forget(self, kept: Kept[K, V], key: K) -> None:
        """Have one thing worked out anew."""
        self._kept[kept].pop(key, None)

    def forget_standings(self) -> None:
        """Have every standing worked out anew: a ruling or a dispute was appended."""
        self.standings.clear()
        self.base.clear()

    def shrink_to(self, limit: int) -> None:
        """Drop whatever has grown past ``limit`` things, so that the memory stays flat while a log grows."""
        for known in (self.standings, self.base, *self._kept.values()):
            if len(known) > limit:
                known.clear()


class Context(ABC):
    """One record read at one instant (POSIX seconds).

    ``as_of`` is the time that the checkpoint vouches for; ``stale`` whether the instant is too long past it. How
    entries are judged is for the rules, which ask their questions here: the one context that there is, made by whoever
    opens a record, is :class:`verifier.rules.standing.judged.JudgedContext`.
    """

    def __init__(self, record: Record, *, instant: int, as_of: int, stale: bool = False) -> None:
        self.record = record
        self.instant = instant
        self.as_of = as_of
        self.stale = stale
        self.memo = Memo()

    @property
    def profile(self) -> str:
        """The profile that the registry set in its genesis; ``open`` where genesis is not shown."""
        genesis = self.record.entry(0)
        return genesis.statement.profile if genesis and isinstance(genesis.statement, Genesis) else "open"

    # -- standing

    @abstractmethod
    def judge(self, entry: Entry) -> Judgement:
        """Work out :meth:`standing`."""

    @abstractmethod
    def judge_without_rulings(self, entry: Entry) -> Judgement:
        """What an entry is worth as if there were no rulings."""

    def standing(self, entry: Entry) -> Judgement:
        """Whether an entry has effect, rulings and earlier copies of the same statement counted."""
        known = self.memo.standings.get(entry.index)
        if known is None:
            known = self.memo.standings[entry.index] = self.judge(entry)
        return known

    def faults(self) -> list[tuple[int, Judgement]]:
        """The void entries that were looked at so far, by rising index."""
        void = [index for index, judgement in self.memo.base.items() if judgement.standing is Standing.VOID]
        for entry in entries_at(self.record, void):
            self.standing(entry)
        return sorted((i, j) for i, j in self.memo.standings.items() if j.standing is Standing.VOID)

    # -- looking things up

    def named(
        self, subject: str, id: str, before: int | None = None, *, ruled: bool = True
    ) -> tuple[Entry | None, Judgement]:
        """The entry of a statement id that must stand in ``subject``'s list, below index ``before``, and its standing.

        The first good copy, else a doubtful one, else a void one. Where the list is not shown, what the file happens to
        show is returned as doubtful: an entry outside a complete list proves nothing about what else there is.
        ``ruled=False`` takes the standing as if there were no rulings, which is how rulings are judged themselves.
        """
        best: tuple[Entry | None, Judgement] = (None, void("A0", "void_parties"))
        shown = self.record.rows(subject) is not None
        for entry in entries_at(self.record, self.record.find(id)):
            if before is not None and entry.index >= before:
                break
            if not shown:
                return entry, LIST_MISSING
            judgement = self.standing(entry) if ruled else self.judge_without_rulings(entry)
            if judgement.standing is Standing.GOOD:
                return entry, judgement
            if best[0] is None or (
                judgement.standing is Standing.DOUBTFUL and best[1].standing is Standing.VOID
            ):
                best = entry, judgement
        return best if shown else (None, LIST_MISSING)

    def listed(self, subject: str, *kinds: type[S]) -> list[tuple[Entry[S], Judgement]] | None:
        """The good and doubtful entries of some types in a subject's list, in log order; ``None``: it is not shown."""
        rows = self.record.rows(subject)
        return None if rows is None else self._pick(rows, kinds)

    def fresh(self, subjects: Iterable[str], start: int, *kinds: type[S]) -> list[tuple[Entry[S], Judgement]]:
        """The good and doubtful entries of some types in some lists from index ``start`` on, in log order."""
        rows: set[int] = set()
        for subject in subjects:
            listed = self.record.rows(subject) or ()
            rows.update(listed[bisect_left(listed, start) :])
        return self._pick(sorted(rows), kinds)

    def _pick(self, rows: Iterable[int], kinds: tuple[type[S], ...]) -> list[tuple[Entry[S], Judgement]]:
        found = []
        for entry in entries_at(self.record, rows):
            if holds(entry, *kinds):
                judgement = self.standing(entry)
                if judgement.standing is not Standing.VOID:
                    found.append((entry, judgement))
        return found

    # -- sections

    @overload
    def section(self, entry: Entry, name: str) -> Section | Unread: ...
    @overload
    def section(self, entry: Entry, name: str, kind: type[T], /) -> T | Unread: ...
    @overload
    def section(self, entry: Entry, name: str, kind: type[T], other: type[U], /) -> T | U | Unread: ...
    def section(self, entry: Entry, name: str, *kinds: type[Any]) -> Any:
        """An entry's section, or why it cannot be read. A reader's own copy counts even after an erasure.

        ``kinds``: what such an entry's section is read as; it was, when it was opened.
        """
        opened = self.record.opened(entry, name)
        if opened is not None:
            assert not kinds or isinstance(opened, kinds)
            return opened
        for erasure, judgement in self.listed(f"erased:{entry.statement.id}", Erasure) or ():
            if judgement.standing is Standing.GOOD and name in erasure.statement.erased:
                return Unread("erased", (erasure.index,))
        return Unread("not_disclosed", (entry.index,))

    def consent_of(self, usage: Entry[Usage]) -> Entry[Consent] | None:
        """The consent that a usage names, good or not, if it is shown."""
        id = usage.statement.consent
        consent, _ = self.named(f"consent:{id}", id, usage.index)
        return consent if holds(consent, Consent) else None
