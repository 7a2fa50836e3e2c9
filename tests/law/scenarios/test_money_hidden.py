"""The money rows of RULES' worked cases where something is not shown: what cannot be told then."""

from __future__ import annotations

import pytest

from tests.support.money_story import Story
from tests.support.worked_money import (
    UNTOLD_100,
    Case,
    check_worked,
    hidden,
    nothing_told,
)


def receipt_not_disclosed(s: Story) -> None:
    s.use()
    s.receipt()
    s.hide(s.receipt(1), "money")


def reference_not_disclosed(s: Story) -> None:
    s.use()
    s.hide(s.receipt(), "evidence")


def receipt_erased(s: Story) -> None:
    s.use()
    s.world.erasure(s.receipt(), erased=["money"])


def another_payees_receipt_not_disclosed(s: Story) -> None:
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1})
    s.use()
    s.receipt(5_000)
    s.hide(s.receipt(5_000, s.crew), "money")


def adjustment_not_disclosed(s: Story) -> None:
    s.use()
    receipt = s.receipt()
    s.hide(s.adjust("return", of=[receipt]), "money")


def controllers_not_shown(s: Story) -> None:
    s.use()
    s.payment(provider=s.bank)
    s.hidden_lists.append(f"keys:{s.holding.id}")


def money_withheld(s: Story) -> None:
    s.use()
    s.receipt()
    s.hide(s.consent, "money")


def terms_erased(s: Story) -> None:
    s.use()
    s.receipt()
    s.world.erasure(s.consent, erased=["terms"], ground="withdrawal")


def usage_terms_erased(s: Story) -> None:
    usage = s.use()
    s.receipt()
    s.world.erasure(usage, erased=["terms"])


def report_not_disclosed(s: Story) -> None:
    usage = s.use()
    s.receipt()
    s.hide(s.world.report(usage), "terms")


def uses_not_shown(s: Story) -> None:
    s.use()
    s.receipt()
    s.hidden_lists.append("uses")


def account_not_shown(s: Story) -> None:
    s.use()
    s.receipt()
    s.hidden_lists.append("account")


def consent_not_shown(s: Story) -> None:
    """Not even that a payment without a payee is void can be told then."""
    s.use()
    s.payment(parties={"payee": None})
    s.hidden_lists.append("consent")


CASES = [
    Case(
        receipt_not_disclosed, "CANNOT_TELL", hidden("M4", "not_disclosed"), ["anna direct: CANNOT_TELL 10000 10000"]
    ),
    Case(reference_not_disclosed, "CANNOT_TELL", hidden("M4", "not_disclosed"), UNTOLD_100),
    Case(receipt_erased, "CANNOT_TELL", hidden("M4", "erased"), UNTOLD_100),
    Case(
        another_payees_receipt_not_disclosed, "CANNOT_TELL", hidden("M4", "not_disclosed"),
        ["anna direct: PAID 5000 5000", "crew direct: CANNOT_TELL 5000 0"],
    ),
    Case(
        adjustment_not_disclosed, "CANNOT_TELL", hidden("M4", "not_disclosed"),
        ["anna direct: CANNOT_TELL 10000 10000"],
    ),
    Case(controllers_not_shown, "CANNOT_TELL", hidden("M4", "list_missing"), UNTOLD_100),
    Case(money_withheld, "CANNOT_TELL", nothing_told("not_disclosed"), []),
    Case(terms_erased, "CANNOT_TELL", hidden("M1", "erased"), ["anna direct: CANNOT_TELL 10000 10000"]),
    Case(usage_terms_erased, "CANNOT_TELL", nothing_told("erased"), []),
    Case(report_not_disclosed, "CANNOT_TELL", nothing_told("not_disclosed"), []),
    Case(uses_not_shown, "CANNOT_TELL", nothing_told("list_missing"), []),
    Case(
        account_not_shown, "CANNOT_TELL", {"M4 list_missing", "M5 list_missing", "M7 list_missing", "M8 list_missing"},
        UNTOLD_100,
    ),
    Case(consent_not_shown, "CANNOT_TELL", hidden("M1", "list_missing"), UNTOLD_100),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.story.__name__)
def test_worked_cases(case: Case) -> None:
    check_worked(case)
