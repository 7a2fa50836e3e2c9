"""The money rows of RULES' worked cases where an agency stands between the licensee and the model."""

from __future__ import annotations

import pytest

from tests.support.money_story import Story
from tests.support.worked_money import (
    Case,
    check_worked,
    hidden,
    no,
)


def agency_receipt_only(s: Story) -> None:
    s.through_gina()
    s.use()
    s.receipt(10_000, s.gina)


def agency_received_nothing(s: Story) -> None:
    s.through_gina()
    s.use()


def agency_passed_it_on(s: Story) -> None:
    s.through_gina()
    s.use()
    s.receipt(10_000, s.gina)
    s.receipt(8_000, payer=s.gina)


def agency_with_vat(s: Story) -> None:
    s.through_gina(gross_bp=11_900)
    s.use()
    s.receipt(11_900, s.gina)
    s.receipt(8_000, payer=s.gina)


def licensee_paid_past_the_agency(s: Story) -> None:
    s.through_gina()
    s.use()
    s.receipt(8_000)
    s.receipt(2_000, s.gina)


def sublicensee_paid_past_the_agency(s: Story) -> None:
    s.through_gina()
    s.use(sublicensee=s.sub)
    s.receipt(8_000, payer=s.sub)


def agency_paid_before_it_was_paid(s: Story) -> None:
    s.through_gina()
    s.use()
    s.receipt(8_000, payer=s.gina)


def licensee_overpaid_past_the_agency(s: Story) -> None:
    """What is above her part lowers nothing of what the agency is owed."""
    s.through_gina()
    s.use()
    s.receipt(10_000)


def hidden_money_past_the_agency(s: Story) -> None:
    """It may have lowered both legs."""
    s.through_gina()
    s.use()
    s.hide(s.receipt(8_000), "money")


CASES = [
    Case(
        agency_receipt_only, "NOT_PAID", no("M3 not_passed_on"),
        ["anna from_agency: NOT_PAID 8000 0", "gina to_agency: PAID 10000 10000"],
    ),
    Case(
        agency_received_nothing, "NOT_PAID", no("M3 not_passed_on", "M4 unpaid"),
        ["anna from_agency: NOT_PAID 8000 0", "gina to_agency: NOT_PAID 10000 0"],
    ),
    Case(
        agency_passed_it_on, "PAID", set(),
        ["anna from_agency: PAID 8000 8000", "gina to_agency: PAID 10000 10000"],
    ),
    Case(
        agency_with_vat, "PAID", set(),
        ["anna from_agency: PAID 8000 8000", "gina to_agency: PAID 11900 11900"],
    ),
    Case(
        licensee_paid_past_the_agency, "PAID", set(),
        ["anna from_agency: PAID 8000 8000", "gina to_agency: PAID 10000 10000"],
    ),
    Case(
        sublicensee_paid_past_the_agency, "NOT_PAID", no("M4 unpaid"),
        ["anna from_agency: PAID 8000 8000", "gina to_agency: NOT_PAID 10000 8000"],
    ),
    Case(
        agency_paid_before_it_was_paid, "NOT_PAID", no("M4 unpaid"),
        ["anna from_agency: PAID 8000 8000", "gina to_agency: NOT_PAID 10000 0"],
    ),
    Case(
        licensee_overpaid_past_the_agency, "NOT_PAID", no("M4 unpaid"),
        ["anna from_agency: PAID 8000 8000", "gina to_agency: NOT_PAID 10000 8000"],
    ),
    Case(
        hidden_money_past_the_agency, "CANNOT_TELL",
        {*hidden("M4", "not_disclosed"), "M3 not_disclosed"},
        ["anna from_agency: CANNOT_TELL 8000 0", "gina to_agency: CANNOT_TELL 10000 0"],
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.story.__name__)
def test_worked_cases(case: Case) -> None:
    check_worked(case)
