"""M3 and M6: what fills what, and when."""

from __future__ import annotations

import pytest

from verifier.base.strict import MAX_INSTANT
from verifier.rules.model.calendar import DAY
from verifier.rules.money.allocation import DueLine, Inflow, Part, allocate, days_after, days_late, net, settle


def got(dues: dict[str, int | None], *inflows: Inflow) -> dict[str, int]:
    allocation = allocate(dues, inflows)
    for usage, due in dues.items():
        total = sum(part.amount for part in allocation.parts(usage))
        assert allocation.short(usage) == (None if due is None else due - total)
        assert due is None or due >= total
        assert allocation.is_full(usage) is (due == total)
    return {usage: sum(part.amount for part in parts) for usage in dues if (parts := allocation.parts(usage))}


def test_nothing_came() -> None:
    assert got({"u": 5, "v": 0}) == {}


def test_usage_by_usage_in_log_order() -> None:
    assert got({"u": 60, "v": 60, "w": 60}, Inflow(1, 100)) == {"u": 60, "v": 40}


def test_lines_go_first() -> None:
    assert got({"u": 60, "v": 60}, Inflow(1, 100, (("v", 50),))) == {"v": 50, "u": 50}


def test_lines_of_later_money_go_before_free_money() -> None:
    assert got({"u": 60, "v": 60}, Inflow(1, 100), Inflow(2, 60, (("u", 60),))) == {"u": 60, "v": 60}


def test_more_than_a_named_usage_needs_goes_on_in_log_order() -> None:
    assert got({"u": 60, "v": 10}, Inflow(1, 50, (("v", 50),))) == {"v": 10, "u": 40}


def test_lines_that_name_no_usage_of_the_consent() -> None:
    assert got({"u": 60}, Inflow(1, 70, (("other", 70),))) == {"u": 60}


def test_a_usage_that_is_named_twice() -> None:
    assert got({"u": 60, "v": 5}, Inflow(1, 70, (("u", 40), ("u", 30)))) == {"u": 60, "v": 5}


def test_what_is_left_over() -> None:
    first, second, third = Inflow(1, 50, entries=(1,)), Inflow(2, 50, entries=(2,)), Inflow(3, 50, entries=(3,))
    assert allocate({"u": 70}, [third, first, second]).left == [Part(30, second), Part(50, third)]


def test_the_oldest_money_first_whatever_order_it_was_logged_in() -> None:
    old, new = Inflow(1, 50, entries=(9,)), Inflow(2, 50, entries=(4,))
    assert allocate({"u": 60}, [new, old]).parts("u") == [Part(50, old), Part(10, new)]


def arrived(dues: dict[str, int | None], *inflows: Inflow) -> dict[str, list[tuple[int, int]]]:
    """When each usage came to have so much more."""
    allocation = allocate(dues, inflows)
    return {usage: [(part.inflow.at, part.amount) for part in allocation.arrivals(usage)] for usage in dues}


def test_without_lines_what_fills_a_usage_arrived_when_it_came() -> None:
    assert arrived({"u": 60, "v": 60}, Inflow(1, 50), Inflow(2, 30)) == {"u": [(1, 50), (2, 10)], "v": [(2, 20)]}


def test_money_for_a_usage_that_is_full_fills_others_and_moves_no_date() -> None:
    later = Inflow(9, 60, (("u", 60),))
    assert got({"u": 60, "v": 60}, Inflow(1, 60), later) == {"u": 60, "v": 60}
    assert arrived({"u": 60, "v": 60}, Inflow(1, 60), later) == {"u": [(1, 60)], "v": [(9, 60)]}
    assert [allocate({"u": 60, "v": 60}, [Inflow(1, 60), later]).full_at(usage) for usage in "uv"] == [1, 9]


def test_it_fills_first_what_is_missing() -> None:
    later = Inflow(9, 60, (("u", 60),))
    assert arrived({"u": 60, "v": 60}, Inflow(1, 40), later) == {"u": [(1, 40), (9, 20)], "v": [(9, 40)]}


def test_money_for_a_later_usage_is_there_when_it_comes() -> None:
    early = Inflow(1, 50, (("v", 50),))
    assert arrived({"u": 60, "v": 60}, early, Inflow(5, 80)) == {"u": [(5, 60)], "v": [(1, 50), (5, 10)]}


def test_money_without_an_upper_bound_fills_all_that_follows() -> None:
    assert got({"u": 60, "v": 60, "w": 0}, Inflow(1, 10), Inflow(2, None)) == {"u": 60, "v": 60}
    assert got({"u": 60, "v": 60}, Inflow(1, None, (("v", 5),))) == {"u": 60, "v": 60}


def test_a_due_without_an_upper_bound_takes_all() -> None:
    assert got({"u": 10, "v": None, "w": 10}, Inflow(1, 100), Inflow(2, 5, (("w", 5),))) == {"u": 10, "v": 90, "w": 5}


# -- lines of one usage


def due(*amounts: int) -> list[DueLine]:
    return [DueLine(place, place * 10, amount, place) for place, amount in enumerate(amounts)]


@pytest.mark.parametrize(
    "amounts, left",
    [
        ([5], [(0, 5)]),
        ([5, 3], [(0, 5), (1, 3)]),
        ([5, 3, -1], [(0, 5), (1, 2)]),
        ([5, 3, -3], [(0, 5)]),
        ([5, 3, -4], [(0, 4)]),
        ([5, -5], []),
        ([5, -6], [(1, -1)]),
        ([-1], [(0, -1)]),
        ([-1, 3], [(0, -1), (1, 3)]),
        ([5, -2, 4, -5], [(0, 2)]),
        ([0, 5, 0], [(1, 5)]),
    ],
)
def test_a_negative_line_cancels_the_latest(amounts: list[int], left: list[tuple[int, int]]) -> None:
    found = net(due(*amounts))
    assert [(line.index, line.amount) for line in found] == left
    assert sum(line.amount for line in found) == sum(amounts)


@pytest.mark.parametrize(
    "amounts, parts, filled",
    [
        ([5], [], [None]),
        ([5], [(100, 5)], [100]),
        ([5], [(100, 4)], [None]),
        ([5], [(300, 1), (100, 4)], [300]),
        ([5, 3], [(100, 8)], [100, 100]),
        ([5, 3], [(100, 5), (200, 2)], [100, None]),
        ([5, 3], [(100, 6), (200, 2)], [100, 200]),
        ([-1, 3], [(100, 2)], [0, 100]),
    ],
)
def test_when_lines_were_filled(amounts: list[int], parts: list[tuple[int, int]], filled: list[int | None]) -> None:
    arrived = [Part(amount, Inflow(at, amount)) for at, amount in parts]
    assert [one.filled_at for one in settle(due(*amounts), arrived)] == filled


@pytest.mark.parametrize(
    "due_at, until, days",
    [(None, 10**9, 0), (100, 0, 0), (100, 100, 0), (100, 101, 1), (100, 100 + DAY, 1), (100, 101 + DAY, 2)],
)
def test_days_late_are_those_begun(due_at: int | None, until: int, days: int) -> None:
    assert days_late(due_at, until) == days


def test_there_is_no_due_date_past_the_last_instant() -> None:
    assert days_after(100, 2) == 100 + 2 * DAY
    assert days_after(MAX_INSTANT - DAY, 1) == MAX_INSTANT
    assert days_after(MAX_INSTANT - DAY + 1, 1) is None
    assert days_after(100, 2**53 - 1) is None
