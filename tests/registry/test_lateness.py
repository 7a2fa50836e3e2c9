"""Nothing is late on the day on which it is due, wherever its reader is."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from registry.lateness import by_calendar
from registry.look import Zone
from verifier.base.strict import parse_instant
from verifier.rules.money.ages import Ages
from verifier.rules.money.allocation import days_late
from verifier.rules.money.statement import AccountStatement, PayeeAges, StatementLine

DUE = parse_instant("2026-11-29T10:00:00Z")
NAMES = ("not_yet_due", "days_1_30", "days_31_60", "days_61_90", "days_more")


def line(now: int, *, due: int = DUE, more: int = 0) -> StatementLine:
    """100 that fell due then, and ``more`` that does not yet, as the law counts."""
    days = days_late(due, now)
    age = NAMES[sum(days > limit for limit in (0, 30, 60, 90))]
    ages = Ages(not_yet_due=more)
    ages.add(Ages(**{age: 100}))
    return StatementLine(
        of="usage", usage="u", consent="c", payee="p", leg="direct", currency="EUR", answer="NOT_PAID", due=100 + more,
        received=0, outstanding=100 + more, overpaid=0, due_at=due, days_late=days, evidence=(), ages=ages,
    )  # fmt: skip


@dataclass
class Shown:
    days: int | None
    ages: tuple[int, ...]


def shown(now: str, zone: str = "UTC", **more: int) -> Shown:
    at = parse_instant(now)
    own = line(at, **more)
    statement = AccountStatement(
        lines=(own,), untold=(), ages=(PayeeAges(payee="p", currency="EUR", ages=own.ages),)
    )  # fmt: skip
    found = by_calendar(statement, at, Zone(zone))
    [one], [sums] = found.lines, found.ages
    assert sums.ages == one.ages and one.outstanding == own.outstanding
    return Shown(one.days_late, tuple(getattr(one.ages, name) for name in NAMES))


@pytest.mark.parametrize(
    ("now", "zone", "days"),
    [
        ("2026-11-29T10:00:01Z", "UTC", 0), ("2026-11-29T23:59:59Z", "UTC", 0), ("2026-11-30T00:00:00Z", "UTC", 1),
        ("2026-11-29T16:59:59Z", "Asia/Jakarta", 0), ("2026-11-29T17:00:00Z", "Asia/Jakarta", 1),
        ("2026-11-30T07:59:59Z", "America/Los_Angeles", 0), ("2026-11-30T08:00:00Z", "America/Los_Angeles", 1),
        ("2026-12-29T23:00:00Z", "UTC", 30), ("2026-12-30T00:00:00Z", "UTC", 31),
    ],
)  # fmt: skip
def test_days_are_those_of_the_calendar(now: str, zone: str, days: int) -> None:
    found = shown(now, zone, more=7)
    assert found.days == days
    late = (107, 0, 0, 0, 0) if days == 0 else (7, 100, 0, 0, 0) if days <= 30 else (7, 0, 100, 0, 0)
    assert found.ages == late


def test_before_it_is_due_nothing_changes() -> None:
    assert shown("2026-11-28T10:00:00Z", more=7) == Shown(0, (107, 0, 0, 0, 0))
    assert shown("2026-11-29T10:00:00Z", "Asia/Jakarta") == Shown(0, (100, 0, 0, 0, 0))


def test_long_ago_it_is_as_old_as_the_law_says() -> None:
    assert shown("2027-11-29T12:00:00Z") == Shown(365, (0, 0, 0, 0, 100))
