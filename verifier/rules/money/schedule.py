"""What usages earn under a consent: its fees but the flat ones, entry by entry in log order (rule M1).

Units run over the consent in log order, those of the consents that it replaced included: they move the count on, but
earn nothing here. Amounts are exact: minor units times a *scale*, which the fees' denominators divide.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from verifier.base.values import replace, value
from verifier.rules.model.context import Growing
from verifier.rules.money.fees import FeeScope, owed_of, scope_of_fee
from verifier.rules.money.reasons import Reason
from verifier.rules.money.units import FEE_UNITS, Counter, Event, UsageRun, counter
from verifier.statements.sections import Fee

SCALE = 10_000
"""What every scale is a multiple of: fees are per mille, or a share in hundredths of a per cent."""


@value(kw_only=False)
class Earned:
    """What one entry earned for its usage, and the flat fees owed by ``use`` that arise with it."""

    index: int
    logged: int
    usage: str
    exact: int
    begins: tuple[Fee, ...] = ()


class Schedule(Growing):
    """Takes the usages and reports of a consent one by one, in log order, and says what each earns.

    ``doubts`` are reasons why nothing that the schedule says can be relied on. ``unpriced`` are the indices of usages
    that no fee meets so far.
    """

    def __init__(self, fees: Sequence[Fee], scale: int = SCALE) -> None:
        self.doubts: list[Reason] = []
        self._counters: dict[tuple[str, bool, FeeScope | None], Counter] = {}
        self._priced: list[tuple[Fee, tuple[str, bool, FeeScope | None], int]] = []
        self._waiting: list[tuple[Fee, FeeScope | None]] = []  # owed by use, and not arisen yet
        self._scopes: list[FeeScope | None] = []
        self._meant: list[FeeScope | None] = []  # of fees for what is only known once it is reported
        for fee in fees:
            scope = scope_of_fee(fee)
            if fee.per != "flat":
                kind = (fee.per, fee.once, scope)
                self._counters.setdefault(kind, _counter(fee, scope))
                self._priced.append((fee, kind, scale // FEE_UNITS[fee.per].per))
            elif owed_of(fee) == "use":
                self._waiting.append((fee, scope))
            if fee.per != "flat" or owed_of(fee) == "use":
                self._scopes.append(scope)
            if fee.per in ("mille", "value") and _costs(fee):
                self._meant.append(scope)
        self._reads_time = counts_time(fees) or any(fee.per in ("mille", "value") for fee in fees)
        self._runs: dict[str, UsageRun] = {}
        self._unpriced: dict[str, int] = {}

    def add(self, event: Event) -> Earned | None:
        """What one more entry earns; ``None`` for one under a consent that was replaced."""
        run = self._run(event)
        before = {kind: counted.total for kind, counted in self._counters.items()}
        for counted in self._counters.values():
            counted.count(event.usage, run)
        if not event.own:
            return None
        exact = 0
        for fee, kind, scale in self._priced:
            after = self._counters[kind].total
            if after != before[kind]:
                exact += scale * price_of(fee, before[kind], after)
        begins = tuple(fee for fee, scope in self._waiting if scope is None or scope.meets(run))
        if begins:
            self._waiting = [pair for pair in self._waiting if pair[0] not in begins]
        if self._scopes and None not in self._scopes:
            self._look_for_price(event, run)
        return Earned(event.index, event.logged, event.usage, exact, begins)

    def _look_for_price(self, event: Event, run: UsageRun) -> None:
        if any(scope is None or scope.meets(run) for scope in self._scopes):
            self._unpriced.pop(event.usage, None)
        elif event.declares:
            self._unpriced[event.usage] = event.index

    def _run(self, event: Event) -> UsageRun:
        run = self._runs.get(event.usage)
        if run is None:  # a report stands on its usage, so it never comes first
            run = self._runs[event.usage] = UsageRun.declare(event)
        else:
            run = self._runs[event.usage] = replace(run)  # a fork may hold the other
            self.doubts.extend(run.report(event))
        return run

    def run(self, usage: str) -> UsageRun:
        """A usage, as far as its entries have said."""
        return self._runs[usage]

    def unpriced(self, usage: str) -> int | None:
        """The index of a usage that no fee meets; ``None``: one does."""
        return self._unpriced.get(usage)

    @property
    def may_be_open(self) -> bool:
        """Whether the most that is due for some usage may have no upper bound."""
        return self._reads_time

    def open(self, usage: str) -> str | None:
        """Why the most that is due for a usage has no upper bound, as a reason code; ``None`` where it has one."""
        run = self._runs[usage]
        if self._reads_time and run.senseless:
            return "bad_terms"
        may_be_charged = any(scope is None or scope.may_meet(run) for scope in self._meant)
        return "not_reported" if may_be_charged and not run.reported else None


class ScopedCounter(Growing):
    """Counts for the usages that meet a scope; of impressions only those inside it."""

    def __init__(self, scope: FeeScope, counted: Counter, *, inside: bool) -> None:
        self._scope, self._counted, self._inside = scope, counted, inside
        self._most: dict[str, int] = {}

    @property
    def total(self) -> int:
        return self._counted.total

    def count(self, usage: str, run: UsageRun) -> None:
        if not self._scope.meets(run):
            return
        if self._inside:
            inside = sum(line.impressions for line in run.lines if self._scope.holds(line))
            self._most[usage] = max(inside, self._most.get(usage, 0))  # a lower total is ignored
            run = replace(run, impressions=self._most[usage])
        self._counted.count(usage, run)


def _counter(fee: Fee, scope: FeeScope | None) -> Counter:
    counted = counter(FEE_UNITS[fee.per], once=fee.once)
    return counted if scope is None else ScopedCounter(scope, counted, inside=fee.per == "mille")


def price_of(fee: Fee, before: int, after: int) -> int:
    """The price of the units ``before`` + 1 to ``after``: those above ``above``, each at its tier.

    Negative where there are fewer units than before: they are taken back at the price that the last ones had.
    """
    if after < before:
        return -price_of(fee, after, before)
    low, high = max(before, fee.above), max(after, fee.above)
    if fee.tiers is None:
        return (fee.bp or fee.amount or 0) * (high - low)
    total = 0
    for place, tier in enumerate(fee.tiers):
        start = max(low, tier.from_)
        end = min(high, fee.tiers[place + 1].from_) if place + 1 < len(fee.tiers) else high
        if end > start:
            total += tier.amount * (end - start)
    return total


def _costs(fee: Fee) -> bool:
    """Whether any unit costs anything."""
    return bool(fee.amount) or bool(fee.bp) or any(tier.amount for tier in fee.tiers or ())


def counts_over_the_consent(fees: Iterable[Fee]) -> bool:
    """Whether it matters how many units came before, so that replaced consents' usages must be known."""
    return any(fee.per != "flat" and (fee.above or fee.once or (fee.tiers and len(fee.tiers) > 1)) for fee in fees)


def counts_time(fees: Iterable[Fee]) -> bool:
    """Whether any fee is charged by the day or month, so that it matters what cuts a use short."""
    return any(fee.per in FEE_UNITS and FEE_UNITS[fee.per].timed for fee in fees)
