"""M2 and M3: quotas, running lines, and legs."""

from __future__ import annotations

import pytest

from tests.support.money_values import steps
from verifier.base.strict import MAX_INTEGER
from verifier.rules.money.reasons import CannotTell
from verifier.rules.money.splits import Leg, LegKind, agency_parts, legs, quotas
from verifier.statements.sections import Split


def split(payee: str, parts: int, kind: str = "model", gross_bp: int = 10_000, via: str | None = None) -> Split:
    return Split(payee=payee, kind=kind, parts=parts, gross_bp=gross_bp, via=via)


@pytest.mark.parametrize(
    "total, parts, shares",
    [
        (0, [1, 1], [0, 0]),
        (1, [1, 1], [1, 0]),
        (1, [1, 2], [0, 1]),
        (2, [1, 1, 1], [1, 1, 0]),
        (100, [1, 1, 1], [34, 33, 33]),
        (10, [6, 6, 2], [4, 4, 2]),
        (11, [6, 6, 2], [5, 5, 1]),  # one unit more in all, one less for the last: why a line may be −1
        (40, [1, 99], [0, 40]),
        (50, [1, 99], [1, 49]),
        (10, [1_000_000, 1], [10, 0]),
        (MAX_INTEGER, [1, 1], [MAX_INTEGER // 2 + 1, MAX_INTEGER // 2]),
    ],
)
def test_quotas(total: int, parts: list[int], shares: list[int]) -> None:
    assert quotas(total, parts) == shares
    assert sum(shares) == total


def lines(totals: list[int], *splits: Split, agency: str | None = None) -> dict[tuple[str, str], list[int]]:
    debts = legs(splits, agency)
    return {(leg.payee, leg.kind.value): steps(leg, totals, splits) for leg in debts}


def test_a_hundred_uses_at_40_with_a_crew_fund_of_1_per_cent() -> None:
    made = lines([40 * n for n in range(1, 101)], split("a", 99), split("c", 1, "crew"))
    assert sum(made["c", "direct"]) == 40
    assert sum(made["a", "direct"]) == 3960
    assert set(made["c", "direct"]) == {0, 1}


def test_a_line_may_be_minus_one() -> None:
    made = lines([10, 11], split("a", 6), split("b", 6), split("c", 2))
    assert made == {("a", "direct"): [4, 1], ("b", "direct"): [4, 1], ("c", "direct"): [2, -1]}


@pytest.mark.parametrize("gross_bp, due", [(10_000, [50, 50]), (12_200, [61, 61]), (7_000, [35, 35]), (0, [0, 0])])
def test_gross(gross_bp: int, due: list[int]) -> None:
    assert lines([50, 100], split("a", 1, gross_bp=gross_bp)) == {("a", "direct"): due}


def test_gross_is_rounded_half_even_on_the_running_total() -> None:
    assert lines([1, 2, 3, 4], split("a", 1, gross_bp=15_000))["a", "direct"] == [2, 1, 1, 2]


def test_a_gross_total_that_is_too_large() -> None:
    with pytest.raises(CannotTell) as caught:
        lines([MAX_INTEGER], split("a", 1, gross_bp=10_001))
    assert (caught.value.reason.rule, caught.value.reason.code) == ("M2", "too_large")


def test_through_the_agency() -> None:
    made = lines(
        [1000], split("a", 80, via="g"), split("c", 5, "crew"), split("g", 15, "agency", gross_bp=12_200), agency="g"
    )
    assert made == {("a", "from_agency"): [800], ("c", "direct"): [50], ("g", "to_agency"): [1159]}


def test_an_agency_without_a_share_of_its_own() -> None:
    made = lines([100], split("a", 3, via="g"), split("b", 1, via="g"), agency="g")
    assert made == {("a", "from_agency"): [75], ("b", "from_agency"): [25], ("g", "to_agency"): [100]}


def test_an_agency_through_which_nothing_goes_is_paid_directly() -> None:
    assert legs([split("a", 9), split("g", 1, "agency")], "g") == (
        Leg(payee="a", kind=LegKind.DIRECT, places=(0,), gross_bp=10_000),
        Leg(payee="g", kind=LegKind.DIRECT, places=(1,), gross_bp=10_000),
    )


def test_legs_rise_by_payee() -> None:
    found = legs([split("a", 1, via="b"), split("b", 1, "agency"), split("c", 1, via="b")], "b")
    assert [leg.payee for leg in found] == ["a", "b", "c"]
    assert found[1].places == (0, 1, 2)


def test_commission_counts_all_agency_parts() -> None:
    assert agency_parts([split("a", 80), split("g", 15, "agency"), split("h", 5, "agency")]) == (20, 100)
