"""What is due under a consent: its fees over its usages and reports, entry by entry in log order (rule M1).

The schedule keeps one running total per consent, exact, and rounds it half-even once at each entry. A *line* is the
change that one usage or report makes to the rounded total. Units run over the consent in log order, those of the
consents that it replaced included: they move the count on, but cost nothing here.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import copy

from verifier.base.strict import MAX_INTEGER
from verifier.base.values import replace, value
from verifier.rules.money.amounts import half_even
from verifier.rules.money.reasons import CannotTell, Reason
from verifier.rules.money.units import FEE_UNITS, Counter, Event, UsageRun, counter
from verifier.statements.sections import Fee

THOUSAND = 1000
"""Running totals are kept in thousandths of a minor unit, since fees may be per mille: exact, without fractions."""


@value(kw_only=False)
class Line:
    """What one entry made due for its usage, in minor units."""

    index: int
    logged: int
    usage: str
    amount: int


class Schedule:
    """Takes the usages and reports of a consent one by one, in log order, and says what each makes due.

    ``flat`` is the sum of the flat fees, ``total`` the rounded running total. Once that would be ``too_large`` it stays
    as it is, and every line is 0: of the usages that are declared or reported from there on nothing is told. ``doubts``
    are reasons why nothing that the schedule says can be relied on. :class:`CannotTell` ``bad_terms`` if the fees
    contradict themselves.
    """

    def __init__(self, fees: Sequence[Fee]) -> None:
        check_fees(fees)
        self.doubts: list[Reason] = []
        self.flat = sum(fee.amount or 0 for fee in fees if fee.per == "flat")
        self._counters: dict[tuple[str, bool], Counter] = {}
        self._priced: list[tuple[Fee, Counter, int]] = []
        for fee in fees:
            if fee.per != "flat":
                kind = (fee.per, fee.once)
                counted = self._counters.setdefault(kind, counter(FEE_UNITS[fee.per], once=fee.once))
                self._priced.append((fee, counted, THOUSAND // FEE_UNITS[fee.per].per))
        self._per_mille = any(fee.per == "mille" and _costs(fee) for fee in fees)
        self._reads_time = counts_time(fees) or any(fee.per == "mille" for fee in fees)
        self._runs: dict[str, UsageRun] = {}
        self._used = False
        self._exact = 0
        self.too_large = False
        self.total = 0

    def fork(self) -> Schedule:
        """A copy that goes on by itself."""
        other = copy(self)
        other.doubts, other._runs = self.doubts.copy(), self._runs.copy()
        other._counters = {kind: counted.fork() for kind, counted in self._counters.items()}
        other._priced = [(fee, other._counters[fee.per, fee.once], scale) for fee, _, scale in self._priced]
        return other

    def add(self, event: Event) -> Line | None:
        """The line of one more entry; ``None`` for one under a consent that was replaced."""
        run = self._run(event)
        before = [counted.total for _, counted, _ in self._priced]
        for counted in self._counters.values():
            counted.count(event.usage, run)
        if not event.own:
            return None
        for (fee, counted, scale), units in zip(self._priced, before, strict=True):
            if counted.total != units:
                self._exact += scale * price_of(fee, units, counted.total)
        if not self._used:
            self._used = True
            self._exact += THOUSAND * self.flat
        after = half_even(self._exact, THOUSAND)
        self.too_large = self.too_large or not -MAX_INTEGER <= after <= MAX_INTEGER
        amount = 0 if self.too_large else after - self.total
        self.total += amount
        return Line(event.index, event.logged, event.usage, amount)

    def _run(self, event: Event) -> UsageRun:
        run = self._runs.get(event.usage)
        if run is None:  # a report stands on its usage, so it never comes first
            run = self._runs[event.usage] = UsageRun.declare(event)
        else:
            run = self._runs[event.usage] = replace(run)  # a fork may hold the other
            self.doubts.extend(run.report(event))
        return run

    def window(self, usage: str) -> tuple[int, int]:
        """A usage's declared ``starts`` and ``ends``."""
        run = self._runs[usage]
        return run.starts, run.declared

    @property
    def may_be_open(self) -> bool:
        """Whether the most that is due for some usage may have no upper bound."""
        return self._reads_time

    def open(self, usage: str) -> str | None:
        """Why the most that is due for a usage has no upper bound, as a reason code; ``None`` where it has one."""
        run = self._runs[usage]
        if self._reads_time and run.runs_backwards:
            return "bad_terms"
        return "not_reported" if self._per_mille and not run.reported else None


def price_of(fee: Fee, before: int, after: int) -> int:
    """The price of the units ``before`` + 1 to ``after``: those above ``above``, each at its tier.

    Negative where there are fewer units than before: they are taken back at the price that the last ones had.
    """
    if after < before:
        return -price_of(fee, after, before)
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


def _costs(fee: Fee) -> bool:
    """Whether any unit costs anything."""
    return bool(fee.amount) or any(tier.amount for tier in fee.tiers or ())


def counts_over_the_consent(fees: Iterable[Fee]) -> bool:
    """Whether it matters how many units came before, so that replaced consents' usages must be known."""
    return any(fee.per != "flat" and (fee.above or fee.once or (fee.tiers and len(fee.tiers) > 1)) for fee in fees)


def counts_time(fees: Iterable[Fee]) -> bool:
    """Whether any fee is charged by the day or month, so that it matters what cuts a use short."""
    return any(fee.per in FEE_UNITS and FEE_UNITS[fee.per].timed for fee in fees)


def check_fees(fees: Iterable[Fee]) -> None:
    """:class:`CannotTell` ``bad_terms`` for members that do not fit one another."""
    for fee in fees:
        unit = FEE_UNITS.get(fee.per)
        if unit is None and (fee.per != "flat" or fee.above or fee.tiers is not None):
            raise CannotTell("M1", "bad_terms")
        if fee.once and (unit is None or unit.shared is None):
            raise CannotTell("M1", "bad_terms")
