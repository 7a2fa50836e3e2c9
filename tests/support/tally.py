"""A schedule and its ledger for one payee, so that a test reads what each entry makes due in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy

from verifier.base.values import value
from verifier.rules.model.forks import fork
from verifier.rules.money.claims import Claim, Ledger, Posting
from verifier.rules.money.fees import check_money
from verifier.rules.money.schedule import SCALE, Schedule
from verifier.rules.money.splits import Leg, LegKind
from verifier.rules.money.units import Event
from verifier.statements.sections import ConsentMoney, Due, Fee


@value(kw_only=False)
class Line:
    """What one entry made due for its usage, the flat fees that arise with it too, in minor units."""

    index: int
    logged: int
    usage: str
    amount: int


class Tally:
    """Takes the usages and reports of a consent one by one, and says what each makes due."""

    def __init__(self, fees: Sequence[Fee]) -> None:
        due = Due(from_="declared", days=0)
        check_money(ConsentMoney(currency="EUR", fees=tuple(fees), splits=(), due=due), "use", None)
        self.schedule = Schedule(fees)
        self.ledger = Ledger([Leg(payee="p", kind=LegKind.DIRECT, places=(0,), gross_bp=10_000)], [1], SCALE)

    @property
    def total(self) -> int:
        """All that is due so far."""
        return self.ledger.debts[0].total

    @property
    def too_large(self) -> bool:
        """Whether a sum has become too large."""
        return bool(self.ledger.lost)

    def add(self, event: Event) -> Line | None:
        """The line of one more entry; ``None`` for one under a consent that was replaced."""
        earned = self.schedule.add(event)
        if earned is None:
            return None
        before = self.total
        for fee in earned.begins:
            claim = Claim("consent", event.logged, True)
            self.ledger.post(Posting(event.logged, 0, event.index, 0, claim, flat=SCALE * (fee.amount or 0)))
        claim = Claim(event.usage, self.schedule.run(event.usage).said.logged)
        self.ledger.post(Posting(event.logged, 1, event.index, 0, claim, earned=earned.exact))
        return Line(event.index, event.logged, event.usage, self.total - before)

    def fork(self) -> Tally:
        """A copy that goes on by itself."""
        other = copy(self)
        other.schedule, other.ledger = fork(self.schedule), fork(self.ledger)
        return other
