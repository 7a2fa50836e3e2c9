"""How old what is outstanding is: not due yet, or so many days late."""

from __future__ import annotations

import pytest

from tests.support.money_story import Story
from verifier.rules.model.calendar import DAY
from verifier.rules.money.ages import Ages, ages_of
from verifier.rules.money.allocation import DueLine
from verifier.rules.money.statement import make_statement

NOW = 1_000 * DAY


def line(amount: int, late: int | None) -> DueLine:
    """One that fell due so many seconds ago."""
    return DueLine(index=5, logged=0, amount=amount, due_at=None if late is None else NOW - late)


@pytest.mark.parametrize("late, bucket", [
    (None, "not_yet_due"), (-1, "not_yet_due"), (0, "not_yet_due"), (1, "days_1_30"), (30 * DAY, "days_1_30"),
    (30 * DAY + 1, "days_31_60"), (60 * DAY, "days_31_60"), (60 * DAY + 1, "days_61_90"), (90 * DAY, "days_61_90"),
    (90 * DAY + 1, "days_more"), (900 * DAY, "days_more"),
])  # fmt: skip
def test_days_begun_after_the_due_date(late: int | None, bucket: str) -> None:
    assert ages_of([line(7, late)], 0, NOW) == Ages(**{bucket: 7})
    assert Ages(**{bucket: 7}).late == (0 if bucket == "not_yet_due" else 7)


def test_what_came_went_to_the_first_lines() -> None:
    lines = [line(10, 100 * DAY), line(10, 40 * DAY), line(10, -DAY)]
    assert ages_of(lines, 13, NOW) == Ages(days_31_60=7, not_yet_due=10)
    assert ages_of(lines, 99, NOW) == Ages()


@pytest.mark.parametrize("days, ages", [
    (74, Ages(not_yet_due=8_000)), (75, Ages(not_yet_due=8_000)), (76, Ages(days_1_30=8_000)),
    (110, Ages(days_31_60=8_000)),
])  # fmt: skip
def test_what_an_agency_holds_back_is_as_old_as_it_counts(days: int, ages: Ages) -> None:
    """Due to Gina 30 days after it was declared, so that Anna's part is late after day 75; nobody paid anything."""
    s = Story()
    s.through_gina()
    usage = s.use()
    context = s.context(usage.logged + days * DAY)
    made = make_statement(context, [s.world.entry(usage)], payee=s.anna.id)
    assert [one.ages for one in made.ages] == [ages]
    said = [(line.answer, line.due_at, line.days_late) for line in made.lines]
    since = usage.logged + 75 * DAY
    assert said == [("NOT_YET_DUE", None, 0) if days < 75 else ("NOT_PAID", since, days - 75)]
