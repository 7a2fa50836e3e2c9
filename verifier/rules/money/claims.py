"""Claims: what is due, in the order in which money fills it (rules M1, M2, M4).

Each usage is a claim, and so is each instant at which lines of the consent arise. A *ledger* keeps the one running
total of a consent, rounded half-even once at each entry or instant that adds to it, and splits it among the payees; a
*line* is the change that one of them makes. What arises on a date is posted once a later entry, or the question's
instant, has reached it.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from verifier.base.strict import MAX_INSTANT, MAX_INTEGER
from verifier.base.values import replace, value
from verifier.rules.model.context import Growing
from verifier.rules.money.allocation import DueLine
from verifier.rules.money.amounts import half_even
from verifier.rules.money.reasons import CannotTell, Reason
from verifier.rules.money.splits import Leg, quotas


class Claim(NamedTuple):
    """A usage, or what its consent owes from an instant on: ``id`` is the usage's or the consent's, which is also what
    money names it by; ``at`` is when it arose."""

    id: str
    at: int
    of_consent: bool = False


class Posting(NamedTuple):
    """What one entry, or one instant of the consent, adds: exact amounts, in the order in which they arise.

    ``place``: 0 of the consent, 1 what falls away of it, 2 of a usage: so they come at a tie of time. ``dated``: no
    session waits for it whatever its date (A18), so that of one day it comes last. ``advance`` is set off against all
    that is earned, ``held`` against what is earned in its ``period`` (-1: none) alone.
    """

    at: int
    place: int
    entry: int
    due_at: int
    claim: Claim
    dated: bool = True
    flat: int = 0
    advance: int = 0
    held: int = 0
    earned: int = 0
    period: int = -1


@value(frozen=False)
class Debt(Growing):
    """What is due on one leg: each claim's lines in the order in which they arose, their sum, and the sum of all."""

    leg: Leg
    lines: dict[Claim, tuple[DueLine, ...]]
    due: dict[Claim, int]
    total: int = 0

    def add(self, posting: Posting, amount: int) -> None:
        """One line; one of 0 still says that there is such a claim."""
        claim = posting.claim
        if amount:
            due_at = posting.due_at if posting.due_at <= MAX_INSTANT else None
            due = DueLine(posting.entry, posting.at, amount, due_at, first=not posting.dated)
            self.lines[claim] = (*self.lines.get(claim, ()), due)
            self.total += amount
        self.due[claim] = self.due.get(claim, 0) + amount

    def fall_due(self, dates: Mapping[Claim, int]) -> None:
        """Have all lines of these claims fall due then, whenever they were posted for."""
        for claim, at in dates.items():
            due_at = at if at <= MAX_INSTANT else None
            if any(line.due_at != due_at for line in self.lines.get(claim, ())):
                self.lines[claim] = tuple([replace(line, due_at=due_at) for line in self.lines[claim]])


class Ledger(Growing):
    """One reading of what is due. ``lost`` are claims of which too large a sum was made, with the reason; ``advances``
    are claims of the consent that are set off against what is earned: in which periods, -1: in all."""

    def __init__(self, legs: Sequence[Leg], parts: Sequence[int], scale: int) -> None:
        self._legs = legs
        self._parts = parts
        self._scale = scale
        self._posted: list[Posting] = []
        self._ahead: list[Posting] = []
        self._clear()

    def _clear(self) -> None:
        self.debts = [Debt(leg=leg, lines={}, due={}) for leg in self._legs]
        self.entries: dict[Claim, tuple[int, ...]] = {}
        self.lost: dict[Claim, Reason] = {}
        self.advances: dict[Claim, frozenset[int]] = {}
        self._last_of_consent = -(1 << 62)
        self._flat = self._advances = self._earned = 0
        self._periods: dict[int, tuple[int, int]] = {}
        self._in_periods = 0
        self._total = 0
        self._too_large = False
        self._broken: Reason | None = None

    # -- what comes

    def announce(self, postings: Sequence[Posting]) -> None:
        """Have postings of the consent wait for their time."""
        self._ahead = sorted([*self._ahead, *postings])

    def post(self, posting: Posting) -> None:
        """Take what an entry adds, after all of the consent that arose until then."""
        self._post_ahead(posting.at)
        if self._posted and posting < self._posted[-1]:
            insort(self._posted, posting)
            self._replay()
        else:
            self._add(posting)
            self._posted.append(posting)

    def as_of(self, instant: int) -> bool:
        """Have all lines of the consent there that arose by an instant, and none that arises later; whether that
        changed any."""
        changed = self._post_ahead(instant)
        if self._last_of_consent > instant:
            later = [one for one in self._posted if one.claim.of_consent and one.at > instant]
            self._posted = [one for one in self._posted if not (one.claim.of_consent and one.at > instant)]
            self._ahead = sorted([*self._ahead, *later])
            self._replay()
            return True
        return changed

    def _post_ahead(self, until: int) -> bool:
        reached = 0
        while reached < len(self._ahead) and self._ahead[reached].at <= until:
            reached += 1
        if not reached:
            return False
        fresh, self._ahead = self._ahead[:reached], self._ahead[reached:]
        if self._posted and fresh[0] < self._posted[-1]:
            self._posted = sorted([*self._posted, *fresh])
            self._replay()
            return True
        for posting in fresh:
            self._add(posting)
            self._posted.append(posting)
        return True

    def _replay(self) -> None:
        """Begin anew: something arose before what was posted already."""
        self._clear()
        for posting in self._posted:
            self._add(posting)

    # -- running totals

    def _add(self, posting: Posting) -> None:
        claim = posting.claim
        if claim.of_consent:
            self._last_of_consent = max(self._last_of_consent, posting.at)
            if posting.advance or posting.held:
                self.advances[claim] = self.advances.get(claim, frozenset()) | {posting.period}
        before = self._total
        self._take(posting)
        after = half_even(self._exact, self._scale)
        self._too_large = self._too_large or not -MAX_INTEGER <= after <= MAX_INTEGER
        if not self._too_large:
            self._total = after
        entries = self.entries.get(claim, ())
        if posting.entry not in entries:
            self.entries[claim] = tuple(sorted((*entries, posting.entry)))
        if self._too_large:
            self.lost.setdefault(claim, Reason("M1", "too_large", (posting.entry,)))
        self._split(posting, self._total, changed=self._total != before)

    def _take(self, posting: Posting) -> None:
        self._flat += posting.flat
        self._advances += posting.advance
        self._earned += posting.earned
        if posting.period >= 0:
            held, earned = self._periods.get(posting.period, (0, 0))
            now = held + posting.held, earned + posting.earned
            self._periods[posting.period] = now
            self._in_periods += (max(now) - now[1]) - (max(held, earned) - earned)

    @property
    def _exact(self) -> int:
        """Flat fees, and the larger of advances and what is earned; of each period what its line is more than that."""
        return self._flat + max(self._advances, self._earned) + self._in_periods

    def _split(self, posting: Posting, total: int, *, changed: bool) -> None:
        """Add to every leg's debt what the new running total adds."""
        amounts = [0] * len(self.debts)
        if changed and self.debts and self._broken is None:
            shares = quotas(total, self._parts)
            try:
                amounts = [debt.leg.total(shares) - debt.total for debt in self.debts]
            except CannotTell as error:
                self._broken = error.reason
        if self._broken is not None:
            self.lost.setdefault(posting.claim, replace(self._broken, entries=(posting.entry,)))
        for debt, amount in zip(self.debts, amounts, strict=True):
            debt.add(posting, amount)


def period_of(dates: Sequence[int], logged: int) -> int:
    """The number of the period [date, next date) in which a usage was logged, -1: none. The last of ``dates`` is where
    the last period ends."""
    place = bisect_right(dates, logged) - 1
    return place if place < len(dates) - 1 else -1
