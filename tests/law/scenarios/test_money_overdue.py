"""Conditions of payment: prepaid, and not overdue."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.money_story import Story
from tests.support.payment_story import DAY, NOT_PREPAID, PASS, START, a18, asked, day, told, use
from verifier.base.strict import parse_instant
from verifier.rules.decide import Decision


def segments(decision: Decision) -> list[tuple[int, int, str]]:
    """Days after the start, and the answer in them."""
    words = {"AUTHORISED": "yes", "NOT_AUTHORISED": "no", "CANNOT_TELL": "?"}
    return [
        ((one.from_ - START) // DAY, (one.to - START) // DAY, words[one.authorised]) for one in decision.segments
    ]


# ---- prepaid: what the usage's own entry made due


def by_use(condition: str = "prepaid") -> Story:
    """Two uses that start on day 3, at 10.00 each and 1.00 per image."""
    s = told({"pay_first": condition})
    s.fees[:] = [{"per": "use", "amount": 1_000}, {"per": "image", "amount": 100}]
    use(s)
    use(s)
    s.world.set_clock(day(2))
    return s


def both(s: Story) -> list[str]:
    s.world.set_clock(day(20))
    return [a18(asked(s)), a18(asked(s, 1))]


@pytest.mark.parametrize(
    "amount, expected",
    [(1_099, [NOT_PREPAID, NOT_PREPAID]), (1_100, [PASS, NOT_PREPAID]), (2_199, [PASS, NOT_PREPAID]),
     (2_200, [PASS, PASS])],
)  # fmt: skip
def test_money_fills_usages_in_log_order(amount: int, expected: list[str]) -> None:
    s = by_use()
    s.receipt(amount)
    assert both(s) == expected


def test_money_for_one_use_is_not_for_another() -> None:
    s = by_use()
    s.receipt(1_100, money={"lines": [{"for": s.usages[1].id, "amount": 1_100}]})
    assert both(s) == [NOT_PREPAID, PASS]


@pytest.mark.parametrize("reported", [0, 1])
def test_what_a_report_makes_due_later_takes_nothing_away(reported: int) -> None:
    s = by_use()
    s.receipt(2_200)
    s.world.report(s.usages[reported], terms={"images": 5})
    assert both(s) == [PASS, PASS]
    assert asked(s, 1, at=day(90)).paid.answer == "NOT_PAID"  # type: ignore[union-attr]  # a good usage has one


def test_a_cent_that_rounding_takes_back_is_no_arrear() -> None:
    """The second use gives the last payee one cent less, as the first one has one too many."""
    s = told({"pay_first": "prepaid"})
    s.fees[:] = [{"per": "use", "tiers": [{"from": 0, "amount": 10}, {"from": 1, "amount": 1}]}]
    studio, union = s.world.party("studio", roles=["fund"]), s.world.party("levy", roles=["union"])
    few = max(s.anna, studio, union, key=lambda one: one.id)
    kinds = {"anna": "model", "studio": "crew", "levy": "levy"}
    payees = (s.anna, studio, union)
    s.splits[:] = [{"payee": one, "kind": kinds[one.name], "parts": 2 if one is few else 6} for one in payees]
    use(s)
    use(s)
    s.world.set_clock(day(2))
    for payee in payees:
        s.receipt(1 if payee is few else 5, payee, received_at=day(2))
    assert both(s) == [NOT_PREPAID, PASS]


def test_what_was_due_of_a_replaced_consent_is_no_matter() -> None:
    s = told({"pay_first": "session"})
    use(s)
    s.replace()
    s.receipt()
    s.use(terms={"starts": "+3d", "ends": "+13d"})
    s.world.advance("9d")
    assert (a18(asked(s)), a18(asked(s, 1))) == (NOT_PREPAID, PASS)


# ---- overdue


def ten_days(*, fees: list[dict[str, Any]] | None = None) -> Story:
    """A use from day 0 to day 100; its fee is due on day 30, and it must not be overdue for more than ten days."""
    s = told({"overdue_limit": 10})
    s.fees[:] = fees or s.fees
    s.use(terms={"starts": day(0), "ends": day(100)})
    s.world.set_clock(day(60))
    return s


@pytest.mark.parametrize(
    "at, expected, cut",
    [
        (day(30), PASS, [(0, 100, "yes")]),
        (day(40), PASS, [(0, 100, "yes")]),
        (day(41), "FAIL overdue", [(0, 40, "yes"), (40, 41, "no"), (41, 100, "yes")]),
        (day(60), "FAIL overdue", [(0, 40, "yes"), (40, 60, "no"), (60, 100, "yes")]),
        (day(400), "FAIL overdue", [(0, 40, "yes"), (40, 100, "no")]),
    ],
)
def test_overdue_from_the_moment_and_never_after_the_questions(
    at: int, expected: str, cut: list[tuple[int, int, str]]
) -> None:
    decision = asked(ten_days(), at=at)
    assert (a18(decision), segments(decision)) == (expected, cut)


@pytest.mark.parametrize(
    "received, expected, cut",
    [
        (day(20), PASS, [(0, 100, "yes")]),
        (day(40), PASS, [(0, 100, "yes")]),
        (day(45), "FAIL overdue", [(0, 40, "yes"), (40, 45, "no"), (45, 100, "yes")]),
    ],
)
def test_until_it_is_filled(received: int, expected: str, cut: list[tuple[int, int, str]]) -> None:
    s = ten_days()
    s.receipt(received_at=received)
    decision = asked(s)
    assert (a18(decision), segments(decision)) == (expected, cut)


def test_paying_once_more_makes_nothing_overdue() -> None:
    s = ten_days()
    s.receipt(received_at=day(20))
    s.receipt(money={"lines": [{"for": s.usages[0].id, "amount": 10_000}]})
    decision = asked(s)
    assert (a18(decision), segments(decision)) == (PASS, [(0, 100, "yes")])


def test_not_a_cent_may_be_missing() -> None:
    s = ten_days()
    s.receipt(9_999, received_at=day(20))
    assert segments(asked(s, at=day(60))) == [(0, 40, "yes"), (40, 60, "no"), (60, 100, "yes")]


def test_the_payers_word_leaves_it_open() -> None:
    s = ten_days()
    s.payment(settled_at=day(45))
    decision = asked(s, at=day(60))
    assert a18(decision) == "FAIL overdue"
    assert segments(decision) == [(0, 40, "yes"), (40, 45, "no"), (45, 60, "?"), (60, 100, "yes")]


def test_a_later_word_for_the_same_use_takes_nothing_away() -> None:
    """By that word the money of day 20 was left over; but it is there, and it is enough."""
    s = ten_days()
    s.receipt(received_at=day(20))
    s.payment(settled_at=day(45), money={"lines": [{"for": s.usages[0].id, "amount": 10_000}]})
    decision = asked(s, at=day(60))
    assert (a18(decision), segments(decision)) == (PASS, [(0, 100, "yes")])


@pytest.mark.parametrize(
    "at, cut", [(day(35), [(0, 100, "yes")]), (day(60), [(0, 40, "yes"), (40, 60, "?"), (60, 100, "yes")])]
)
def test_what_is_hidden_matters_only_once_something_may_be_late(at: int, cut: list[tuple[int, int, str]]) -> None:
    s = ten_days()
    s.hide(s.receipt(received_at=day(10)), "money")
    assert segments(asked(s, at=at)) == cut


def test_fees_that_are_hidden() -> None:
    s = ten_days()
    s.hide(s.consent, "money")
    decision = asked(s, at=day(60))
    assert (a18(decision), segments(decision)) == ("UNKNOWN not_disclosed", [(0, 60, "?"), (60, 100, "yes")])


def test_of_a_use_whose_window_makes_no_sense_it_cannot_be_told() -> None:
    """It may have run before anything was overdue."""
    s = ten_days()
    s.use(terms={"starts": day(60), "ends": day(60)})
    decision = asked(s, 1, at=day(60))
    assert (a18(decision), decision.authorised) == ("UNKNOWN bad_terms", "CANNOT_TELL")


def test_what_is_late_of_one_use_stops_the_others() -> None:
    s = ten_days(fees=[{"per": "use", "amount": 1_000}])
    s.world.set_clock(day(20))
    s.use(terms={"starts": day(20), "ends": day(100)})
    s.receipt(1_000, money={"lines": [{"for": s.usages[1].id, "amount": 1_000}]})
    assert segments(asked(s, 1, at=day(60))) == [(20, 40, "yes"), (40, 60, "no"), (60, 100, "yes")]
    assert segments(asked(s, 0, at=day(60))) == [(0, 40, "yes"), (40, 60, "no"), (60, 100, "yes")]


def test_each_line_has_its_own_date() -> None:
    s = ten_days(fees=[{"per": "image", "amount": 1_000}])
    s.world.set_clock(day(10))
    s.world.report(s.usages[0], terms={"images": 3})
    s.world.set_clock(day(60))
    s.receipt(1_000, received_at=day(10))
    s.receipt(2_000, received_at=day(55))
    assert segments(asked(s, at=day(60))) == [(0, 50, "yes"), (50, 55, "no"), (55, 100, "yes")]


def test_a_line_of_less_than_nothing_is_never_overdue() -> None:
    """Of 10 cents the crew is due 2, of 11 only 1 (6, 6 and 2 parts): the second use takes one back."""
    s = told({"overdue_limit": 0, "late_window": 9 * DAY})
    s.due.update({"from": "starts", "days": 0})
    s.fees = [{"per": "use", "tiers": [{"from": 0, "amount": 10}, {"from": 1, "amount": 1}]}]
    parts = ((s.anna, "model", 6), (s.sub, "trust", 6), (s.crew, "crew", 2))
    s.splits = [{"payee": payee, "kind": kind, "parts": count} for payee, kind, count in parts]
    s.use(terms={"starts": day(0), "ends": day(100)})
    for payee, amount in ((s.anna, 5), (s.sub, 5), (s.crew, 2)):
        s.receipt(amount, payee, received_at=day(0))
    s.use(terms={"starts": day(2), "ends": day(100)})
    decision = asked(s, 1, at=day(60))
    assert decision.paid is not None and -1 in [line.due for line in decision.paid.payees]
    assert (a18(decision), segments(decision)) == (PASS, [(2, 100, "yes")])
    assert {line.days_late for line in decision.paid.payees} == {0}


def test_many_late_lines_are_one_stretch() -> None:
    s = ten_days(fees=[{"per": "use", "amount": 1_000}])
    for number in range(30):
        s.world.set_clock(day(number))
        s.use(terms={"starts": day(number), "ends": day(100)})
    decision = asked(s, at=day(80))
    assert segments(decision) == [(0, 40, "yes"), (40, 80, "no"), (80, 100, "yes")]


def test_the_agencys_arrears_are_not_the_licensees() -> None:
    s = told({"overdue_limit": 0})
    s.due["days"] = 0
    s.through_gina()
    s.receipt(10_000, s.gina)
    s.use(terms={"starts": day(1), "ends": day(100)})
    decision = asked(s, at=day(99))
    assert a18(decision) == PASS
    assert decision.paid is not None and decision.paid.answer == "NOT_PAID"


def test_a_due_date_that_never_comes() -> None:
    s = told({"overdue_limit": 2**53 - 1})
    s.use(terms={"starts": day(0), "ends": day(100)})
    assert a18(asked(s, at=parse_instant("9999-12-31T23:59:59Z"))) == PASS


def test_too_late_to_tell() -> None:
    s = ten_days()
    assert a18(asked(s, at=day(62), max_age=DAY)) == "UNKNOWN stale"


def test_both_conditions() -> None:
    s = told({"overdue_limit": 0, "pay_first": "session"})
    s.due["days"] = 0
    s.fees.append({"per": "use", "amount": 1})
    s.receipt()
    s.use(terms={"starts": day(1), "ends": day(100)})
    assert segments(asked(s, at=day(60))) == [(1, 60, "no"), (60, 100, "yes")]


# ---- no condition


def test_without_a_condition_nothing_about_money_is_asked_for() -> None:
    s = told({})
    s.use()
    s.hide(s.consent, "money")
    s.hidden_lists.append("account")
    decision = asked(s)
    assert (a18(decision), decision.authorised) == ("NOT_APPLICABLE not_applicable", "AUTHORISED")
    (row,) = [row for row in decision.rules if row.rule == "A18"]
    assert row.entries == ()


def test_terms_that_are_hidden() -> None:
    s = told({"pay_first": "session"})
    s.use()
    s.hide(s.consent, "terms")
    assert a18(asked(s)) == "UNKNOWN not_disclosed"


def test_a_window_that_is_not_known() -> None:
    s = told({"pay_first": "session"})
    s.hide(s.use(), "terms")
    assert a18(asked(s)) == "UNKNOWN not_disclosed"
