"""How late something is for whoever reads an account: by the days of her calendar, so nothing is late on its due day.

The law counts 24 hours from the instant at which a line falls due (rules, T5), and a verdict on that very day says
NOT_PAID. People count dates. So pages and papers show an account as :func:`by_calendar` has it; what a file proves, and
a verdict says, stays as it is.
"""

from __future__ import annotations

from registry.look import Zone
from verifier.base.values import replace
from verifier.rules.money.ages import Ages
from verifier.rules.money.statement import AccountStatement, PayeeAges, StatementLine

_AGES = ("not_yet_due", "days_1_30", "days_31_60", "days_61_90", "days_more")
_LIMITS = (0, 30, 60, 90)
"""The last day of each of them but the oldest."""


def by_calendar(statement: AccountStatement, now: int, zone: Zone) -> AccountStatement:
    """The same, with the days late and the ages of those dates; without totals, which count as the law does."""
    lines = tuple(_line(line, now, zone) for line in statement.lines)
    sums: dict[tuple[str, str], Ages] = {}
    for line in lines:
        if line.of != "surplus":
            sums.setdefault((line.payee, line.currency), Ages()).add(line.ages)
    ages = tuple(PayeeAges(payee=payee, currency=currency, ages=one) for (payee, currency), one in sorted(sums.items()))
    return replace(statement, lines=lines, ages=ages, totals={})


def _line(line: StatementLine, now: int, zone: Zone) -> StatementLine:
    if line.due_at is None or not line.ages.late:
        return line
    days = zone.day(now) - zone.day(line.due_at)
    return replace(line, days_late=None if line.days_late is None else days, ages=_no_older(line.ages, days))


def _no_older(ages: Ages, days: int) -> Ages:
    """Of a line whose oldest part is so many days late: a part of it that the law takes for older is as old as that."""
    amounts = [getattr(ages, name) for name in _AGES]
    oldest = sum(days > limit for limit in _LIMITS)
    shown = [*amounts[:oldest], sum(amounts[oldest:])]
    return Ages(**dict(zip(_AGES, shown, strict=False)))  # nothing is older
