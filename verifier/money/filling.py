"""What fills what: money that came, and the usages that it pays (rules M3, M6).

Each leg is filled on its own, usage by usage in log order, the oldest money first; money that names usages goes there
first. The same filling is done for what is certain and for what is possible (M4).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from verifier.money.amounts import Lines
from verifier.strict import MAX_INSTANT

DAY = 86_400
PASS_ON_DAYS = 45
"""Days in which an agency passes on what it received in full (M3)."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Money that came at one time; ``lines`` are for usages and within ``amount``, the rest is free.

    ``amount`` ``None``: without an upper bound.
    ``licensee``: the licensee or a sub-licensee paid it. ``credit``: the payee let it off, so it lowers what is due.
    ``entries`` are the indices that show it; the first settles the order of lots of the same second.
    """

    at: int
    amount: int | None
    lines: Lines = ()
    entries: tuple[int, ...] = ()
    licensee: bool = False
    credit: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """Some of a lot that went to one usage."""

    amount: int
    lot: Lot


@dataclass(slots=True)
class Filling:
    """Usage -> the parts that fill it and what is still short (``None``: without a bound); the lots left over."""

    parts: dict[str, list[Part]] = field(default_factory=dict)
    short: dict[str, int | None] = field(default_factory=dict)
    left: list[Part] = field(default_factory=list)

    def is_full(self, usage: str) -> bool:
        return self.short[usage] == 0


@dataclass(frozen=True, slots=True)
class DueLine:
    """A line of one payee's and usage's due. ``due_at`` ``None``: it has not fallen due yet."""

    index: int
    logged: int
    amount: int
    due_at: int | None


@dataclass(frozen=True, slots=True)
class Settled:
    """A due line and when it was filled; ``None`` while it is not."""

    line: DueLine
    filled_at: int | None


def fill(dues: Mapping[str, int | None], lots: Iterable[Lot]) -> Filling:
    """Fill usages, in the order of ``dues``, from ``lots``. Dues are >= 0; ``None`` takes all that there is.

    A due without a bound never meets a lot without one: the most that is due is filled by the least received.
    """
    filling = Filling(short=dict(dues))
    pool = []
    for lot in sorted(lots, key=lambda lot: (lot.at, lot.entries)):
        left = lot.amount
        for usage, wanted in lot.lines:
            left = _give(filling, usage, lot, left, wanted)
        if left != 0:
            pool.append((lot, left))
    place = 0
    left = pool[0][1] if pool else 0
    for usage in dues:
        while filling.short[usage] != 0 and place < len(pool):
            left = _give(filling, usage, pool[place][0], left, None)
            if left == 0:
                place += 1
                left = pool[place][1] if place < len(pool) else 0
    unused = [(pool[place][0], left), *pool[place + 1 :]] if place < len(pool) else []
    filling.left = [Part(rest, lot) for lot, rest in unused if rest is not None]
    return filling


def _give(filling: Filling, usage: str, lot: Lot, left: int | None, wanted: int | None) -> int | None:
    """Give a usage up to ``wanted`` of what is ``left`` of a lot, as far as it is short; what is left then."""
    short = filling.short.get(usage, 0)
    amount = short if left is None else left if short is None else min(left, short)
    assert amount is not None, "a due without a bound met money without one"
    if wanted is not None and wanted < amount:
        amount = wanted
    if amount:
        filling.parts.setdefault(usage, []).append(Part(amount, lot))
        if short is not None:
            filling.short[usage] = short - amount
    return None if left is None else left - amount


def net(lines: Iterable[DueLine]) -> list[DueLine]:
    """The lines of one usage with every negative one cancelling the latest before it (M6).

    A negative one that finds nothing before it to cancel stays as it is.
    """
    found: list[DueLine] = []
    for line in lines:
        amount = line.amount
        while amount < 0 and found and found[-1].amount > 0:
            last = found.pop()
            amount += last.amount
            if amount > 0:
                found.append(DueLine(last.index, last.logged, amount, last.due_at))
                amount = 0
        if amount:
            found.append(DueLine(line.index, line.logged, amount, line.due_at))
    return found


def settle(lines: Sequence[DueLine], parts: Iterable[Part]) -> list[Settled]:
    """When each of a usage's net lines was filled, by its parts in order of time."""
    arrived = sorted(parts, key=lambda part: (part.lot.at, part.lot.entries))
    found = []
    place = reached = needed = 0
    for line in lines:
        needed += line.amount
        while reached < needed and place < len(arrived):
            reached += arrived[place].amount
            place += 1
        filled = reached >= needed
        found.append(Settled(line, arrived[place - 1].lot.at if filled and place else line.logged if filled else None))
    return found


def days_late(due_at: int | None, until: int) -> int:
    """Days begun after the due date (T5); 0 before it, and while nothing has fallen due."""
    return 0 if due_at is None or until <= due_at else -((due_at - until) // DAY)


def days_after(instant: int, days: int) -> int:
    """``days`` later, or the last instant that can be written."""
    return min(instant + days * DAY, MAX_INSTANT)
