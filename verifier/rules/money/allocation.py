"""What fills what: money that came, and the claims that it pays (rules M3, M4, M6).

Each leg is filled on its own, claim by claim in the order in which they arose, the oldest money first; money that names
claims goes there first. The same filling is done for what is certain and for what is possible (M4).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate
from operator import attrgetter
from typing import Generic, TypeVar, cast

from verifier.base.strict import MAX_INSTANT
from verifier.base.values import replace, value
from verifier.rules.model.calendar import DAY
from verifier.rules.money.amounts import Lines

PASS_ON_DAYS = 45
"""Days in which an agency passes on what it received in full (M3)."""

C = TypeVar("C", bound=Hashable)
"""What is filled."""

ENDLESS = 1 << 100
"""Stands for a sum without a bound among sums that have one: more than all that an evidence file can hold."""


@value(kw_only=False)
class Inflow:
    """Money that came at one time; ``lines`` name what they are for and are within ``amount``, the rest is free.

    ``amount`` ``None``: without an upper bound.
    ``licensee``: the licensee or a sub-licensee paid it. ``credit``: the payee let it off, so it lowers what is due.
    ``entries`` are the indices that show it; the first settles the order within one second. ``grade`` is that
    of the best of them (M4), 0 for what is no money.
    """

    at: int
    amount: int | None
    lines: Lines = ()
    entries: tuple[int, ...] = ()
    licensee: bool = False
    credit: bool = False
    grade: int = 0


@value(kw_only=False)
class Part:
    """Some of an inflow that went to one claim."""

    amount: int
    inflow: Inflow


@value(kw_only=False)
class DueLine:
    """A line of one payee's and claim's due. ``due_at`` ``None``: it has not fallen due yet, or never does.

    ``counts_at``, where it has no date as long as an agency has not all of its claim: from when on it counts as fallen
    due all the same (M3). ``first``: a session waits for it, whatever its date (A18).
    """

    index: int
    logged: int
    amount: int
    due_at: int | None
    counts_at: int | None = None
    first: bool = False

    def fell_due(self, instant: int) -> bool:
        """Whether it is among what has fallen due by an instant (M4)."""
        at = self.counts_at if self.due_at is None else self.due_at
        return at is not None and at <= instant


@value(kw_only=False)
class Settled:
    """A due line and when it was filled; ``None`` while it is not."""

    line: DueLine
    filled_at: int | None


class Allocation(Generic[C]):
    """Which parts of which inflows fill each claim.

    First the inflows that name claims. Then what is free of all, laid end to end in the order of time, meets what is
    short of all claims, laid end to end in the order in which they arose: a claim's parts are those that lie beside it,
    and are found without filling the others.
    """

    def __init__(
        self,
        dues: Mapping[C, int | None],
        inflows: Iterable[Inflow],
        names: Mapping[str, Sequence[C]] | None = None,
        waits: str | None = None,
    ) -> None:
        """``dues`` are in the order in which they arose, ``inflows`` in order of time (:func:`by_time`).

        ``names``: the claims that a name in ``lines`` stands for, in order; without it each is its own. What ``waits``
        names and does not need yet fills nothing else (M4).
        """
        short: dict[C, int] = {claim: ENDLESS if due is None else due for claim, due in dues.items()}
        self._dues = list(short.values())
        self._named: dict[C, list[Part]] = {}
        self._pool: list[Inflow] = []
        self._came: list[tuple[Inflow, list[tuple[C, int]], int]] = []  # each, what of it went where it names, the rest
        self._waiting: list[Part] = []
        self._arrived: list[list[Part]] | None = None
        free: list[int] = []
        for inflow in inflows:
            left = ENDLESS if inflow.amount is None else inflow.amount
            named: list[tuple[C, int]] = []
            for name, wanted in inflow.lines:
                meant = min(left, wanted)
                for claim in (cast(C, name),) if names is None else names.get(name, ()):
                    amount = min(meant, short.get(claim, 0))
                    if amount:
                        named.append((claim, amount))
                        self._named.setdefault(claim, []).append(Part(amount, inflow))
                        short[claim] = _less(short[claim], amount)
                        meant -= amount
                        left = _less(left, amount)
                if name == waits and meant:
                    self._waiting.append(Part(meant, inflow))
                    left = _less(left, meant)
            self._came.append((inflow, named, left))
            if left:
                self._pool.append(inflow)
                free.append(left)
        self._short = short
        self._places = {claim: place for place, claim in enumerate(short)}
        self._short_to = list(accumulate(short.values()))
        self._free_to = list(accumulate(free))
        self._free = self._free_to[-1] if free else 0

    def parts(self, claim: C) -> list[Part]:
        """What fills a claim, named parts first, each kind in order of time."""
        end = self._short_to[self._places[claim]]
        return [*self._named.get(claim, ()), *self._between(end - self._short[claim], min(end, self._free))]

    def arrivals(self, claim: C) -> list[Part]:
        """When a claim came to have what it has: each with the inflow that brought it that much more, in order of time.

        By the money that had come by then: what comes later and names a claim leaves what was free to others, and moves
        no date. Where no money names a claim, or all does, they are its parts.
        """
        if not self._named or not self._pool:
            return self.parts(claim)
        if self._arrived is None:
            self._arrived = self._arrive()
        return self._arrived[self._places[claim]]

    def is_full(self, claim: C) -> bool:
        """Whether nothing is short of a claim's due."""
        return self._short[claim] == 0 or self._short_to[self._places[claim]] <= self._free

    def received(self, claim: C) -> int:
        """What fills a claim."""
        own, end = self._short[claim], self._short_to[self._places[claim]]
        return sum(part.amount for part in self._named.get(claim, ())) + max(0, min(end, self._free) - (end - own))

    def comes_before(self, one: C, other: C) -> bool:
        """Whether money fills one claim before another."""
        return self._places[one] < self._places[other]

    def full_at(self, claim: C) -> int | None:
        """When the last of a claim's due came; ``None`` while it is not full, 0 where nothing is due."""
        if not self.is_full(claim):
            return None
        if self._named:
            return max([part.inflow.at for part in self.arrivals(claim)], default=0)
        if not self._short[claim]:
            return 0
        return self._pool[bisect_left(self._free_to, self._short_to[self._places[claim]])].at

    def short(self, claim: C) -> int | None:
        """What is missing of a claim's due; ``None``: there is no bound to it."""
        own = self._short[claim]
        missing = max(0, min(own, self._short_to[self._places[claim]] - self._free))
        return None if own >= ENDLESS else missing

    @property
    def left(self) -> list[Part]:
        """What is over once everything is filled, of money that has a bound; what waits for a later claim too."""
        start = self._short_to[-1] if self._short_to else 0
        over = [*self._waiting, *self._between(start, self._free)]
        return [part for part in over if part.inflow.amount is not None]

    def _arrive(self) -> list[list[Part]]:
        """Every claim's arrivals, by its place: inflow by inflow. Named money goes where it names; of the free
        money so far, as many claims from the first on are full as it reaches."""
        found: list[list[Part]] = [[] for _ in self._dues]
        had, named = [0] * len(self._dues), [0] * len(self._dues)
        first = free = before = 0  # the first claim that is not full, and what free money the ones before it took

        def raise_to(place: int, amount: int, inflow: Inflow) -> None:
            if amount > had[place]:
                found[place].append(Part(amount - had[place], inflow))
                had[place] = amount

        for inflow, lines, left in self._came:
            free += left
            for claim, amount in lines:
                place = self._places[claim]
                named[place] += amount
                if place < first:
                    before -= amount
                elif place > first:
                    raise_to(place, named[place], inflow)
            while first < len(self._dues):
                short = _less(self._dues[first], named[first])
                raise_to(first, named[first] + min(short, free - before), inflow)
                if free - before < short:
                    break
                before += short
                first += 1
        return found

    def _between(self, start: int, end: int) -> Iterator[Part]:
        """The parts of the free money from ``start`` to ``end`` along its length."""
        place = bisect_right(self._free_to, start)
        while start < end:
            reach = min(self._free_to[place], end)
            yield Part(reach - start, self._pool[place])
            start = reach
            place += 1


def _less(amount: int, taken: int) -> int:
    return amount if amount >= ENDLESS else amount - taken


def by_time(inflows: Iterable[Inflow]) -> list[Inflow]:
    """The oldest first; of the same second, in the order of the first entries that show them."""
    return sorted(inflows, key=attrgetter("at", "entries"))


def allocate(
    dues: Mapping[C, int | None],
    inflows: Iterable[Inflow],
    names: Mapping[str, Sequence[C]] | None = None,
    waits: str | None = None,
) -> Allocation[C]:
    """Fill claims, in the order of ``dues``, from ``inflows``. Dues are >= 0; ``None`` takes all that there is.

    A due without a bound never meets an inflow without one: the most that is due is filled by the least received.
    """
    return Allocation(dues, by_time(inflows), names, waits)


def net(lines: Iterable[DueLine]) -> list[DueLine]:
    """The lines of one claim with every negative one cancelling the latest before it (M6).

    A negative one that finds nothing before it to cancel stays as it is.
    """
    found: list[DueLine] = []
    for line in lines:
        amount = line.amount
        while amount < 0 and found and found[-1].amount > 0:
            last = found.pop()
            amount += last.amount
            if amount > 0:
                found.append(replace(last, amount=amount))
                amount = 0
        if amount:
            found.append(replace(line, amount=amount))
    return found


def by_due(lines: Iterable[DueLine]) -> list[DueLine]:
    """Net lines in the order in which they fall due, which is that in which a claim's money fills them."""
    return sorted(lines, key=lambda line: (line.due_at is None, line.due_at or 0))


def settle(lines: Sequence[DueLine], parts: Iterable[Part]) -> list[Settled]:
    """When each of a claim's net lines was filled, by its arrivals."""
    arrived = sorted(parts, key=lambda part: (part.inflow.at, part.inflow.entries))
    found = []
    place = reached = needed = 0
    for line in lines:
        needed += line.amount
        while reached < needed and place < len(arrived):
            reached += arrived[place].amount
            place += 1
        filled = reached >= needed
        found.append(
            Settled(line, arrived[place - 1].inflow.at if filled and place else line.logged if filled else None)
        )
    return found


def days_late(due_at: int | None, until: int) -> int:
    """Days begun after the due date (T5); 0 before it, and while nothing has fallen due."""
    return 0 if due_at is None or until <= due_at else -((due_at - until) // DAY)


def days_after(instant: int, days: int) -> int | None:
    """``days`` later; ``None`` past the last instant that can be written, which is as good as never."""
    due = instant + days * DAY
    return due if due <= MAX_INSTANT else None
