"""The statement of account: lines, over-payment, what cannot be told, and what it adds up to."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.money_story import Story
from verifier.rules.money.statement import AccountStatement, make_statement, statement_json


def drawn(s: Story, **options: Any) -> AccountStatement:
    context = s.context()
    return make_statement(context, [s.world.entry(usage) for usage in s.usages], **options)


def rows(s: Story, made: AccountStatement) -> list[str]:
    """ "use payee leg: answer due received outstanding overpaid" of each line."""
    numbers = {usage.id: f"use {place}" for place, usage in enumerate(s.usages)}
    return [
        f"{numbers.get(line.usage or '', 'over')} {s.name(line.payee)} {line.leg}: {line.answer} "
        f"{line.due} {line.received} {line.outstanding} {line.overpaid}"
        for line in made.lines
    ]


def totals(made: AccountStatement) -> dict[str, tuple[int, int, int, int]]:
    return {code: (one.due, one.received, one.outstanding, one.overpaid) for code, one in made.totals.items()}


def shown(made: AccountStatement, place: int = 0) -> list[tuple[str, int, int, tuple[int, ...]]]:
    return [(one.kind, one.grade, one.amount, one.entries) for one in made.lines[place].evidence]


def two_uses() -> Story:
    s = Story()
    s.fees = [{"per": "use", "amount": 1_000}]
    s.due["days"] = 0
    s.use()
    s.use()
    return s


def test_nothing_is_owed() -> None:
    made = make_statement(Story().context(), [])
    assert (made.lines, made.untold, made.totals, made.answers) == ((), (), {}, set())


def test_lines_and_totals() -> None:
    s = two_uses()
    s.receipt(1_500)
    made = drawn(s)
    assert rows(s, made) == ["use 0 anna direct: PAID 1000 1000 0 0", "use 1 anna direct: NOT_PAID 1000 500 500 0"]
    assert totals(made) == {"EUR": (2_000, 1_500, 500, 0)}
    assert made.answers == {"PAID", "NOT_PAID"}


def test_what_shows_it() -> None:
    s = two_uses()
    attested = s.payment(600, provider=s.bank)
    both = s.payment(300, provider=s.bank, reference="R1"), s.receipt(300, reference="R1")
    s.payment(5_000)  # the payer's word shows nothing
    credit = s.adjust("credit", 200)
    made = drawn(s)
    assert rows(s, made)[0] == "use 0 anna direct: PAID 900 900 0 0"
    assert shown(made) == [
        ("attestation", 3, 600, (attested.index,)),
        ("receipt", 4, 300, (both[0].index, both[1].index)),
        ("credit", 0, 100, (credit.index,)),
    ]
    assert shown(made, 1) == [("credit", 0, 100, (credit.index,))]
    assert totals(made) == {"EUR": (1_800, 900, 900, 0)}


def test_what_was_returned_is_shown_with_what_it_was_returned_of() -> None:
    s = two_uses()
    attested = s.payment(600, provider=s.bank)
    back = s.adjust("return", 150, of=[attested], provider=s.bank)
    s.adjust("return", 0, of=[attested], provider=s.bank)
    assert shown(drawn(s)) == [("attestation", 3, 450, (attested.index, back.index))]


def test_over_payment_is_a_line_of_its_own() -> None:
    s = two_uses()
    s.receipt(2_000)
    more = s.receipt(70)
    made = drawn(s)
    assert rows(s, made)[2:] == ["over anna direct: None 0 70 0 70"]
    assert shown(made, 2) == [("receipt", 4, 70, (more.index,))]
    assert totals(made) == {"EUR": (2_000, 2_070, 0, 70)}
    assert made.answers == {"PAID"}


def test_one_payees_over_payment_does_not_hide_what_another_is_owed() -> None:
    s = Story()
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1})
    s.use()
    s.receipt(10_000)
    assert totals(drawn(s)) == {"EUR": (10_000, 10_000, 5_000, 5_000)}
    assert totals(drawn(s, payee=s.crew.id)) == {"EUR": (5_000, 0, 5_000, 0)}
    assert totals(drawn(s, payee=s.anna.id)) == {"EUR": (5_000, 10_000, 0, 5_000)}
    assert drawn(s, payee=s.bank.id).lines == ()


def test_money_to_somebody_who_is_owed_nothing() -> None:
    s = Story()
    s.consent_options["under"] = s.world.mandate(model=s.anna, agency=s.gina)
    s.use()
    s.receipt(5, s.gina)
    assert rows(s, drawn(s))[1:] == ["over gina None: None 0 5 0 5"]


def test_what_is_left_while_more_may_be_due_is_no_over_payment_for_certain() -> None:
    s = Story()
    s.fees = [{"per": "mille", "amount": 500}]
    s.use()
    s.receipt(100)
    made = drawn(s)
    assert rows(s, made) == ["use 0 anna direct: NOT_YET_DUE 0 0 0 0", "over anna direct: CANNOT_TELL 0 100 0 100"]


def test_both_legs_of_an_agency() -> None:
    s = Story()
    s.through_gina()
    s.use()
    s.receipt(10_000, s.gina)
    made = drawn(s)
    assert sorted(rows(s, made)) == [
        "use 0 anna from_agency: NOT_YET_DUE 8000 0 8000 0", "use 0 gina to_agency: PAID 10000 10000 0 0"
    ]  # fmt: skip


def test_a_void_use_owes_nothing() -> None:
    s = two_uses()
    s.usages.append(s.world.usage(s.consent, signers=[s.anna]))
    assert len(drawn(s).lines) == 2


def test_uses_of_which_nothing_can_be_told() -> None:
    s = two_uses()
    s.hide(s.consent, "money")
    made = drawn(s)
    assert [(one.usage, one.code) for one in made.untold] == [(usage.id, "not_disclosed") for usage in s.usages]
    assert (made.lines, made.answers) == ((), {"CANNOT_TELL"})


def test_without_an_audit_that_is_asked_for() -> None:
    s = two_uses()
    s.receipt(2_000)
    made = drawn(s, told=False)
    assert made.answers == {"CANNOT_TELL"}
    assert totals(made) == {"EUR": (2_000, 2_000, 0, 0)}


@pytest.mark.parametrize("start, end, uses", [(None, None, 2), (0, 1, 1), (1, None, 1), (None, 1, 1), (2, None, 0)])
def test_a_period(start: int | None, end: int | None, uses: int) -> None:
    """Uses by when they were declared, a day apart; over-payment by when it came."""
    s = two_uses()
    s.receipt(2_010)
    began = s.usages[0].logged

    def after(days: int | None) -> int | None:
        return None if days is None else began + days * 86_400

    made = drawn(s, start=after(start), end=after(end))
    assert sum(line.usage is not None for line in made.lines) == uses
    assert sum(line.usage is None for line in made.lines) == (end is None)


def test_several_currencies_are_kept_apart() -> None:
    s = two_uses()
    other = s.world.consent(
        model=s.anna, licensee=s.brand, money={"currency": "JPY", "fees": [{"per": "flat", "amount": 7}]}
    )
    s.usages.append(s.world.usage(other))
    assert totals(drawn(s)) == {"EUR": (2_000, 0, 2_000, 0), "JPY": (7, 0, 7, 0)}


def test_a_late_line() -> None:
    s = two_uses()
    s.world.advance("40d")
    line = drawn(s).lines[0]
    assert (line.days_late, line.due_at) == (42, s.usages[0].logged)


def test_as_json() -> None:
    s = two_uses()
    receipt = s.receipt(1_000)
    made = statement_json(drawn(s))
    assert made["totals"] == {
        "EUR": {
            "due": 2_000, "received": 1_000, "outstanding": 1_000, "overpaid": 0,
            "late": 1_000, "not_yet_due": 0, "upcoming": 0,
        }
    }  # fmt: skip
    assert made["untold"] == []
    lines = made["lines"]
    assert isinstance(lines, list)
    assert lines[0] == {
        "of": "usage", "usage": s.usages[0].id, "consent": s.consent.id, "payee": s.anna.id, "leg": "direct",
        "currency": "EUR", "answer": "PAID", "due": 1_000, "received": 1_000, "outstanding": 0, "overpaid": 0,
        "due_at": "2026-01-02T00:00:00Z", "days_late": 2, "arose_at": "2026-01-02T00:00:00Z",
        "ages": {"not_yet_due": 0, "days_1_30": 0, "days_31_60": 0, "days_61_90": 0, "days_more": 0},
        "evidence": [
            {"kind": "receipt", "grade": 4, "amount": 1_000, "at": "2026-01-04T00:00:00Z", "entries": [receipt.index]}
        ],
    }  # fmt: skip
