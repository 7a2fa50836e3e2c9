"""How old what is outstanding is: not due yet, or so many days late."""

from __future__ import annotations

from collections.abc import Iterable

from verifier.base.values import value
from verifier.rules.money.allocation import DueLine, days_late


@value(frozen=False)
class Ages:
    """Minor units by age: ``not_yet_due``, then by days begun after the due date."""

    not_yet_due: int = 0
    days_1_30: int = 0
    days_31_60: int = 0
    days_61_90: int = 0
    days_more: int = 0

    @property
    def late(self) -> int:
        """All that is past its date."""
        return self.days_1_30 + self.days_31_60 + self.days_61_90 + self.days_more

    def add(self, other: Ages) -> None:
        """Add what another has."""
        self.not_yet_due += other.not_yet_due
        self.days_1_30 += other.days_1_30
        self.days_31_60 += other.days_31_60
        self.days_61_90 += other.days_61_90
        self.days_more += other.days_more


def ages_of(lines: Iterable[DueLine], filled: int, instant: int) -> Ages:
    """What is left of a claim's net lines, in the order in which they fall due, once ``filled`` went to the first."""
    found = Ages()
    for line in lines:
        taken = max(0, min(filled, line.amount))
        filled -= taken
        left = max(line.amount - taken, 0)
        days = days_late(line.due_at, instant)
        if days == 0:
            found.not_yet_due += left
        elif days <= 30:
            found.days_1_30 += left
        elif days <= 60:
            found.days_31_60 += left
        elif days <= 90:
            found.days_61_90 += left
        else:
            found.days_more += left
    return found
