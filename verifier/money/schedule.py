"""What is due under a consent: its fees over its usages and reports, entry by entry in log order (rule M1).

The schedule keeps one running total per consent, exact, and rounds it half-even once at each entry. A *line* is the
change that one usage or report makes to the rounded total. Units run over the consent in log order, those of the
consents that it replaced included: they move the count on, but cost nothing here.

Time-based and impression fees (``day``, ``month``, ``mille``) belong in ``_PRICES`` too, as one function each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from verifier.money.amounts import bounded, half_even
from verifier.money.reasons import CannotTell
from verifier.statements.sections import Fee

THOUSAND = 1000
"""Running totals are kept in thousandths of a minor unit, since fees may be per mille: exact, without fractions."""


@dataclass(frozen=True, slots=True)
class Event:
    """A usage or report as the schedule sees it.

    ``own`` is false where it is under a consent that this one replaced. ``images`` is the usage's total so far,
    ``None`` where a report does not state it.
    """

    index: int
    logged: int
    usage: str
    declares: bool
    own: bool = True
    images: int | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """What one entry made due for its usage, in minor units."""

    index: int
    logged: int
    usage: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The lines of a consent, one per own event, and what is not yet known about them.

    ``least`` and ``most`` are the same unless a fee leaves the amount open. The most that is due for a usage in
    ``open`` has no upper bound, for the reason ``code``.
    """

    least: tuple[Line, ...]
    most: tuple[Line, ...]
    open: frozenset[str] = frozenset()
    code: str | None = None


@dataclass(slots=True)
class Count:
    """Units so far, before and after one event."""

    usages: int = 0
    own_usages: int = 0
    images: int = 0
    uses_before: int = 0
    images_before: int = 0
    first: bool = False


Price = Callable[[Fee, Count], int]


def _flat(fee: Fee, count: Count) -> int:
    """Once per consent, at its first usage."""
    return (fee.amount or 0) if count.first else 0


def _use(fee: Fee, count: Count) -> int:
    return price_of(fee, count.uses_before, count.usages)


def _image(fee: Fee, count: Count) -> int:
    return price_of(fee, count.images_before, count.images)


_PRICES: dict[str, Price] = {"flat": _flat, "use": _use, "image": _image}


def price_of(fee: Fee, before: int, after: int) -> int:
    """The price of the units ``before`` + 1 to ``after``: those above ``above``, each at its tier."""
    low, high = max(before, fee.above), max(after, fee.above)
    if fee.tiers is None:
        return (fee.amount or 0) * (high - low)
    total = 0
    for place, tier in enumerate(fee.tiers):
        start = max(low, tier.from_)
        end = min(high, fee.tiers[place + 1].from_) if place + 1 < len(fee.tiers) else high
        if end > start:
            total += tier.amount * (end - start)
    return total


def counts_over_the_consent(fees: Iterable[Fee]) -> bool:
    """Whether it matters how many units came before, so that replaced consents' usages must be known."""
    return any(fee.per != "flat" and (fee.above or (fee.tiers and len(fee.tiers) > 1)) for fee in fees)


def check_fees(fees: Iterable[Fee]) -> None:
    """:class:`CannotTell` ``bad_terms`` for members that do not fit one another."""
    for fee in fees:
        flat = fee.per == "flat"
        if (flat and (fee.above or fee.tiers is not None)) or (fee.once and fee.per not in ("day", "month")):
            raise CannotTell("M1", "bad_terms")


def schedule(fees: Sequence[Fee], events: Iterable[Event]) -> Schedule:
    """The lines that ``events``, in log order, make due.

    :class:`CannotTell`: ``bad_terms``; ``too_large``; ``not_judged`` for a fee that this version does not price. A fee
    per mille while nothing is reported is priced: nothing so far, and no upper bound (``not_reported``).
    """
    events = list(events)
    check_fees(fees)
    mille = any(fee.per == "mille" for fee in fees)
    reported = any(not event.declares for event in events)
    priced = []
    for fee in fees:
        if fee.per in _PRICES:
            priced.append((fee, _PRICES[fee.per]))
        elif fee.per != "mille" or reported:
            raise CannotTell("M1", "not_judged")
    lines = tuple(_lines(priced, events))
    if not mille:
        return Schedule(least=lines, most=lines)
    usages = frozenset(event.usage for event in events if event.own)
    return Schedule(least=lines, most=lines, open=usages, code="not_reported" if usages else None)


def _lines(fees: Sequence[tuple[Fee, Price]], events: Iterable[Event]) -> Iterable[Line]:
    count = Count()
    images: dict[str, int] = {}
    exact = rounded = 0
    for event in events:
        _advance(count, event, images)
        if not event.own:
            continue
        for fee, price in fees:
            exact += THOUSAND * price(fee, count)
        after = bounded("M1", half_even(exact, THOUSAND))
        yield Line(event.index, event.logged, event.usage, after - rounded)
        rounded = after


def _advance(count: Count, event: Event, images: dict[str, int]) -> None:
    """Count the units of one event. A report's total replaces its usage's; a lower one is ignored (A11)."""
    count.uses_before, count.images_before = count.usages, count.images
    count.first = event.declares and event.own and count.own_usages == 0
    if event.declares:
        count.usages += 1
        count.own_usages += event.own
    known = images.get(event.usage, 0)
    if event.images is not None and event.images > known:
        images[event.usage] = event.images
        count.images = bounded("M1", count.images + event.images - known)
