"""Bounds and rounding."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.base.strict import MAX_INTEGER
from verifier.rules.money.amounts import Lines, bounded, half_even, within
from verifier.rules.money.reasons import CannotTell, Reason, gather


@pytest.mark.parametrize(
    "numerator, denominator, rounded",
    [
        (0, 2, 0),
        (1, 2, 0),
        (3, 2, 2),
        (5, 2, 2),
        (7, 2, 4),
        (-1, 2, 0),
        (-3, 2, -2),
        (-5, 2, -2),
        (1, 3, 0),
        (2, 3, 1),
        (-1, 3, 0),
        (-2, 3, -1),
        (499, 1000, 0),
        (500, 1000, 0),
        (501, 1000, 1),
        (1500, 1000, 2),
        (2500, 1000, 2),
        (10**30 + 1, 2, (10**30) // 2),
    ],
)
def test_half_even(numerator: int, denominator: int, rounded: int) -> None:
    assert half_even(numerator, denominator) == rounded


@given(st.integers(-(10**20), 10**20), st.integers(1, 10**6))
def test_half_even_is_the_rounding_of_exact_fractions(numerator: int, denominator: int) -> None:
    assert half_even(numerator, denominator) == round(Fraction(numerator, denominator))


@pytest.mark.parametrize("amount", [0, 1, MAX_INTEGER, -MAX_INTEGER])
def test_within_bounds(amount: int) -> None:
    assert bounded("M1", amount) == amount


@pytest.mark.parametrize("amount", [MAX_INTEGER + 1, -MAX_INTEGER - 1])
def test_out_of_bounds(amount: int) -> None:
    with pytest.raises(CannotTell) as caught:
        bounded("M2", amount)
    assert caught.value.reason == Reason("M2", "too_large")


@pytest.mark.parametrize(
    "lines, amount, left",
    [
        ((), 5, ()),
        ((("u", 5),), 5, (("u", 5),)),
        ((("u", 5),), 4, (("u", 4),)),
        ((("u", 5), ("v", 3)), 7, (("u", 5), ("v", 2))),
        ((("u", 5), ("v", 3)), 5, (("u", 5),)),
        ((("u", 0), ("v", 3)), 5, (("v", 3),)),
        ((("u", 1), ("v", 1), ("u", 1)), 3, (("u", 2), ("v", 1))),
        ((("u", 5), ("v", 3)), 0, ()),
        ((("u", 5), ("v", 3)), None, (("u", 5), ("v", 3))),
    ],
)
def test_lines_within_an_amount(lines: Lines, amount: int | None, left: Lines) -> None:
    assert within(lines, amount) == left


def test_reasons_are_gathered_by_rule_and_code_in_the_order_of_codes() -> None:
    reasons = [Reason("M4", "own_word", (9,)), Reason("M1", "erased", (3,)), Reason("M4", "own_word", (4, 9))]
    assert gather(reasons) == (Reason("M1", "erased", (3,)), Reason("M4", "own_word", (4, 9)))
