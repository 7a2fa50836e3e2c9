"""A18: what must be paid before a use, and what must not stay unpaid while it runs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.money_story import Story
from tests.support.payment_story import DAY, NOT_PREPAID, NOT_YET, PASS, a18, asked, day, told, use

# ---- the flat fee of 100.00 first. Something is logged on day 0, and the use is declared on day 1 and starts on day 3


def paid_before(s: Story) -> None:
    s.receipt()
    use(s)


def a_cent_short(s: Story) -> None:
    s.receipt(9_999)
    use(s)


def paid_a_second_before_the_start(s: Story) -> None:
    use(s)
    s.receipt(received_at=day(3, -1))


def paid_at_the_start(s: Story) -> None:
    use(s)
    s.receipt(received_at=day(3))


def attested(s: Story) -> None:
    s.payment(provider=s.bank)
    use(s)


def payers_word(s: Story) -> None:
    s.payment()
    use(s)


def dates_differ(s: Story) -> None:
    """The bank saw it leave in time, she says that it came too late: by the least it was late, by the most in time."""
    s.payment(provider=s.bank, reference="R1", settled_at=day(2))
    use(s)
    s.receipt(reference="R1", received_at=day(4))


def returned(s: Story) -> None:
    payment = s.payment(provider=s.bank)
    use(s)
    s.adjust("return", of=[payment], provider=s.bank)


def credited_before(s: Story) -> None:
    s.receipt(4_000)
    s.adjust("credit", 6_000)
    use(s)


def credited_after(s: Story) -> None:
    s.receipt(4_000)
    use(s)
    s.adjust("credit", 6_000)


def nothing_paid(s: Story) -> None:
    use(s)


def receipt_hidden(s: Story) -> None:
    s.hide(s.receipt(), "money")
    use(s)


def enough_beside_a_hidden_receipt(s: Story) -> None:
    """While anything of the payee's is hidden nothing can be told: it may be a return."""
    s.receipt()
    s.hide(s.receipt(), "money")
    use(s)


def fees_hidden(s: Story) -> None:
    s.receipt()
    s.hide(s.consent, "money")
    use(s)


def account_hidden(s: Story) -> None:
    s.receipt()
    s.hidden_lists.append("account")
    use(s)


def one_of_two_payees(s: Story) -> None:
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1})
    s.receipt(5_000)
    use(s)


def both_payees(s: Story) -> None:
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1})
    s.receipt(5_000)
    s.world.set_clock(day(0))
    s.receipt(5_000, s.crew)
    use(s)


def the_agency_has_it(s: Story) -> None:
    """What it passes on is no matter of the licensee's."""
    s.through_gina()
    s.receipt(10_000, s.gina)
    use(s)


def the_agency_has_not(s: Story) -> None:
    s.through_gina()
    s.receipt(8_000, payer=s.gina)
    use(s)


def paid_past_the_agency(s: Story) -> None:
    """Her part of 80.00 straight to her, the agency's own to the agency: together all that the licensee owes."""
    s.through_gina()
    s.receipt(8_000)
    s.receipt(2_000, s.gina)
    use(s)


def said_to_be_paid_past_the_agency(s: Story) -> None:
    s.through_gina()
    s.payment(8_000)
    s.receipt(2_000, s.gina)
    use(s)


def no_flat_fee(s: Story) -> None:
    s.fees[:] = [{"per": "use", "amount": 5_000}]
    use(s)


def more_than_the_flat_fee_is_due(s: Story) -> None:
    s.fees.append({"per": "use", "amount": 5_000})
    s.receipt()
    use(s)


SESSION: list[tuple[Callable[[Story], None], str]] = [
    (paid_before, PASS),
    (a_cent_short, NOT_PREPAID),
    (paid_a_second_before_the_start, PASS),
    (paid_at_the_start, NOT_PREPAID),
    (attested, PASS),
    (payers_word, "UNKNOWN own_word"),
    (dates_differ, "UNKNOWN amounts_differ"),
    (returned, NOT_PREPAID),
    (credited_before, PASS),
    (credited_after, NOT_PREPAID),
    (nothing_paid, NOT_PREPAID),
    (receipt_hidden, "UNKNOWN not_disclosed"),
    (enough_beside_a_hidden_receipt, "UNKNOWN not_disclosed"),
    (fees_hidden, "UNKNOWN not_disclosed"),
    (account_hidden, "UNKNOWN list_missing"),
    (one_of_two_payees, NOT_PREPAID),
    (both_payees, PASS),
    (the_agency_has_it, PASS),
    (the_agency_has_not, NOT_PREPAID),
    (paid_past_the_agency, PASS),
    (said_to_be_paid_past_the_agency, "UNKNOWN own_word"),
    (no_flat_fee, PASS),
    (more_than_the_flat_fee_is_due, PASS),
]


@pytest.mark.parametrize("story, expected", SESSION, ids=[story.__name__ for story, _ in SESSION])
def test_session(story: Callable[[Story], None], expected: str) -> None:
    s = told({"pay_first": "session"})
    story(s)
    decision = asked(s)
    assert a18(decision) == expected
    words = {"PASS": "AUTHORISED", "FAIL": "NOT_AUTHORISED", "UNKNOWN": "CANNOT_TELL"}
    assert decision.authorised == words[expected.partition(" ")[0]]


@pytest.mark.parametrize("story, expected", SESSION, ids=[story.__name__ for story, _ in SESSION])
def test_prepaid_is_the_same_where_the_flat_fee_is_all_that_the_usage_made_due(
    story: Callable[[Story], None], expected: str
) -> None:
    s = told({"pay_first": "prepaid"})
    story(s)
    other: dict[Callable[[Story], None], str]
    other = {no_flat_fee: NOT_PREPAID, more_than_the_flat_fee_is_due: NOT_PREPAID}
    assert a18(asked(s)) == other.get(story, expected)


def test_what_names_a_use_does_not_fill_what_the_consent_owes() -> None:
    s = told({"pay_first": "session"})
    s.fees.append({"per": "use", "amount": 5_000})
    use(s)
    use(s)
    s.world.set_clock(day(2))
    s.receipt(money={"lines": [{"for": s.usages[1].id, "amount": 10_000}]})
    assert a18(asked(s)) == a18(asked(s, 1)) == NOT_PREPAID
    s.world.set_clock(day(2))
    s.receipt(5_000, received_at=day(2))
    assert a18(asked(s)) == a18(asked(s, 1)) == PASS


@pytest.mark.parametrize(
    "at, expected", [(day(2), NOT_YET), (day(3, -1), NOT_YET), (day(3), NOT_PREPAID), (day(9), NOT_PREPAID)]
)
@pytest.mark.parametrize("condition", ["session", "prepaid"])
def test_before_the_start_it_is_not_too_late(condition: str, at: int, expected: str) -> None:
    s = told({"pay_first": condition})
    use(s)
    assert a18(asked(s, at=at)) == expected


@pytest.mark.parametrize("condition", ["session", "prepaid"])
def test_before_the_start_what_came_has_come(condition: str) -> None:
    s = told({"pay_first": condition})
    paid_before(s)
    assert a18(asked(s, at=day(2))) == PASS


@pytest.mark.parametrize("condition", ["session", "prepaid"])
def test_too_long_after_the_checkpoint_nobody_can_tell_what_came(condition: str) -> None:
    s = told({"pay_first": condition})
    use(s)
    assert a18(asked(s, at=s.world.now + 2 * DAY, max_age=DAY)) == "UNKNOWN stale"
    s = told({"pay_first": condition})
    paid_before(s)
    assert a18(asked(s, at=s.world.now + 2 * DAY, max_age=DAY)) == PASS
