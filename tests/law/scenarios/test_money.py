"""The money rows of RULES' worked cases, and each rule at its edges: stories told to the log, and what it answers.

A story logs what happened; the case says what ``paid`` answers, which codes the rules give, and each payee's figures as
"name leg: answer due received". Amounts are cents.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.money_story import Story, codes, figures
from tests.support.worked_money import (
    PAID_100,
    UNPAID_100,
    UNTOLD_100,
    Case,
    check_worked,
    hidden,
    no,
    nothing_told,
    unknown,
)
from verifier.statements.types import Receipt

# ---- the stories: each is a function that tells one, and the answer


def nothing_came(s: Story) -> None:
    s.use()


def payee_receipts(s: Story) -> None:
    s.use()
    s.receipt()


def one_cent_short(s: Story) -> None:
    s.use()
    s.receipt(9_999)


def payer_word_only(s: Story) -> None:
    """pain.001 and pain.002 ACTC, or a camt.054 that the payer submits: a payment that only the payer signs."""
    s.use()
    s.payment()


def provider_attests(s: Story) -> None:
    s.use()
    s.payment(provider=s.bank)


def attested_and_receipted(s: Story) -> None:
    s.fees[0]["amount"] = 20_000
    s.use()
    s.payment(10_000, provider=s.bank, reference="R1")
    s.receipt(10_000, reference="R1")


def amounts_differ(s: Story) -> None:
    s.use()
    s.payment(10_000, provider=s.bank, reference="R1")
    s.receipt(6_000, reference="R1")


def amounts_differ_above_what_is_due(s: Story) -> None:
    s.fees[0]["amount"] = 6_000
    amounts_differ(s)


def amounts_differ_below_what_is_due(s: Story) -> None:
    s.fees[0]["amount"] = 10_001
    amounts_differ(s)


def per_mille_not_reported(s: Story) -> None:
    s.fees = [{"per": "mille", "amount": 500}]
    s.use()
    s.receipt(1_000_000)


def per_mille_and_the_flat_fee_unpaid(s: Story) -> None:
    s.fees.append({"per": "mille", "amount": 500})
    s.use()


def per_mille_reported_too_early(s: Story) -> None:
    s.fees = [{"per": "mille", "amount": 500}]
    s.world.report(s.use(), terms={"lines": [{"channel": "print", "country": "DE", "impressions": 1_000}]})


def per_day(s: Story) -> None:
    s.fees = [{"per": "day", "amount": 500}]
    s.use()


def attested_then_returned(s: Story) -> None:
    s.use()
    payment = s.payment(provider=s.bank)
    s.adjust("return", of=[payment], provider=s.bank)


def attested_then_returned_and_paid_again(s: Story) -> None:
    attested_then_returned(s)
    s.receipt()


def payer_says_it_came_back(s: Story) -> None:
    s.use()
    payment = s.payment(provider=s.bank)
    s.adjust("return", of=[payment])


def payee_says_she_returned_it(s: Story) -> None:
    s.use()
    receipt = s.receipt()
    s.adjust("return", of=[receipt], by=s.anna)


def payee_returned_a_surplus(s: Story) -> None:
    s.use()
    receipt = s.receipt(15_000)
    s.adjust("return", 5_000, of=[receipt], by=s.anna)


def another_provider_says_it_came_back(s: Story) -> None:
    """A return by a provider that is not the payment's does not fit, and is ignored."""
    s.use()
    payment = s.payment(provider=s.bank)
    s.adjust("return", of=[payment], provider=s.post)


def receipt_returned_by_the_payer_and_a_bank(s: Story) -> None:
    """The bank attested nothing of it, but the payer is the receipt's: his word re-opens."""
    s.use()
    receipt = s.receipt()
    signers = [s.brand.keys[0], s.bank.keys[0]]
    s.adjust("return", of=[receipt], provider=s.bank, signers=signers)


def returned_by_the_payee_and_another_bank(s: Story) -> None:
    """The bank's word does not fit; hers alone leaves it open."""
    s.use()
    payment = s.payment(provider=s.bank)
    s.adjust("return", of=[payment], provider=s.post, signers=[s.anna.keys[0], s.post.keys[0]])


def return_of_what_was_never_logged(s: Story) -> None:
    s.use()
    s.payment(provider=s.bank)
    s.adjust("return", of=["ab" * 32], provider=s.bank)


def payees_own_provider_says_it_came_back(s: Story) -> None:
    s.anna = s.world.party("anna ltd", roles=["model"], controller=s.world.party("anna holding", roles=["holder"]))
    s.splits[0]["payee"] = s.anna
    s.bank = s.world.party("anna bank", roles=["provider"], controller=s.anna)
    s.use()
    payment = s.payment(provider=s.bank)
    s.adjust("return", of=[payment], provider=s.bank)


def unlisted_provider(s: Story) -> None:
    s.use()
    s.payment(provider=s.world.party("stranger", roles=["provider"]))


def provider_under_payers_control(s: Story) -> None:
    s.use()
    s.payment(provider=s.house_bank)


def provider_under_licensees_control_for_a_sublicensee(s: Story) -> None:
    s.use(sublicensee=s.sub)
    s.payment(provider=s.house_bank, payer=s.sub)


def controlled_provider_but_receipted(s: Story) -> None:
    s.use()
    s.payment(provider=s.house_bank, reference="R1")
    s.receipt(reference="R1")


def payer_and_payee_under_control(s: Story) -> None:
    own = s.world.party("brand studio", roles=["fund"], controller=s.brand)
    s.splits = [{"payee": own, "kind": "crew", "parts": 1}]
    s.use()
    s.receipt(10_000, own)


def revoked(s: Story) -> None:
    s.use()
    s.world.revocation(consent=s.consent)


def revoked_and_paid(s: Story) -> None:
    revoked(s)
    s.receipt()


def outside_the_term(s: Story) -> None:
    s.use(terms={"starts": "+400d", "ends": "+401d"})


def second_use_of_a_flat_fee(s: Story) -> None:
    """The flat fee is the consent's, and is owed as long as nobody paid it."""
    s.fees = [{"per": "flat", "amount": 10_000}]
    s.use()
    s.use()
    s.usages.pop(0)


def voided_use_before(s: Story) -> None:
    """A use that the arbiter voided owes nothing."""
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    first = s.use()
    s.use()
    s.world.ruling(s.consent, [first])
    s.usages.pop(0)


def other_currency(s: Story) -> None:
    s.use()
    s.payment(10_000, provider=s.bank, money={"currency": "USD"})


def other_currency_settled(s: Story) -> None:
    s.use()
    s.payment(11_000, provider=s.bank, reference="R1", money={"currency": "USD"})
    s.receipt(10_000, reference="R1")


def claimed_unpaid(s: Story) -> None:
    s.use()
    payment = s.payment(provider=s.bank)
    s.world.dispute(s.consent, [payment], author=s.anna, tag="unpaid")


def claimed_unpaid_by_another(s: Story) -> None:
    s.use()
    payment = s.payment(provider=s.bank)
    s.world.dispute(s.consent, [payment], author=s.brand, tag="unpaid")


def disputed_otherwise(s: Story) -> None:
    s.use()
    payment = s.payment(provider=s.bank)
    s.world.dispute(s.consent, [payment], author=s.anna, tag="wrong_amount")


def claimed_unpaid_and_ruled(s: Story) -> None:
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    s.use()
    payment = s.payment(provider=s.bank)
    s.world.dispute(s.consent, [payment], author=s.anna, tag="unpaid")
    s.world.ruling(s.consent, [payment], outcome="stands")


def ruled_that_it_was_never_paid(s: Story) -> None:
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    s.use()
    payment = s.payment(provider=s.bank)
    s.world.ruling(s.consent, [payment], outcome="void")


def credited(s: Story) -> None:
    s.use()
    s.receipt(7_000)
    s.adjust("credit", 3_000)


def credited_by_the_payer(s: Story) -> None:
    """A credit is the payee's to give: signed by the payer it is void."""
    s.use()
    s.receipt(7_000)
    s.adjust("credit", 3_000, by=s.brand)


def splits_of_others(s: Story) -> None:
    s.consent_options["parties"] = {"payees": sorted([s.anna.id, s.crew.id])}
    s.use()
    s.receipt()


def collected_without_the_power(s: Story) -> None:
    s.through_gina()
    s.consent_options["under"] = s.world.mandate(model=s.anna, agency=s.gina, powers=["approve"])
    s.use()


def one_cent_that_cannot_be_split(s: Story) -> None:
    s.fees = [{"per": "flat", "amount": 1}]
    collected_without_the_power(s)


def lines_that_do_not_add_up(s: Story) -> None:
    usage = s.use()
    s.receipt(10_000, money={"lines": [{"for": usage.id, "amount": 9_000}]})


def crew_unpaid(s: Story) -> None:
    s.splits = [
        {"payee": s.anna, "kind": "model", "parts": 99},
        {"payee": s.crew, "kind": "crew", "parts": 1},
    ]
    s.use()
    s.receipt(9_900)


def reference_repeated(s: Story) -> None:
    """Two instalments, and she typed the reference of the first again: or did she sign one receipt twice?"""
    s.use()
    s.receipt(6_000, reference="R1")
    s.receipt(4_000, reference="R1")


def reference_repeated_above_what_is_due(s: Story) -> None:
    s.fees[0]["amount"] = 6_000
    reference_repeated(s)


def reference_repeated_below_what_is_due(s: Story) -> None:
    s.fees[0]["amount"] = 10_001
    reference_repeated(s)


def reference_of_two_signers(s: Story) -> None:
    s.use()
    s.payment(provider=s.bank, reference="R1")
    s.payment(reference="R1")
    s.receipt(reference="R1")


def doubtful_provider(s: Story) -> None:
    s.use()
    s.payment(provider=s.bank)
    s.hidden_lists.append(f"keys:{s.bank.id}")


CASES = [
    Case(nothing_came, "NOT_PAID", no("M4 unpaid"), UNPAID_100),
    Case(payee_receipts, "PAID", set(), PAID_100),
    Case(one_cent_short, "NOT_PAID", no("M4 unpaid"), ["anna direct: NOT_PAID 10000 9999"]),
    Case(payer_word_only, "CANNOT_TELL", unknown("M4", "own_word"), UNTOLD_100),
    Case(provider_attests, "PAID", set(), PAID_100),
    Case(attested_and_receipted, "NOT_PAID", no("M4 unpaid"), ["anna direct: NOT_PAID 20000 10000"]),
    Case(amounts_differ, "CANNOT_TELL", unknown("M5", "amounts_differ"), ["anna direct: CANNOT_TELL 10000 6000"]),
    Case(amounts_differ_above_what_is_due, "PAID", set(), ["anna direct: PAID 6000 6000"]),
    Case(amounts_differ_below_what_is_due, "NOT_PAID", no("M4 unpaid"), ["anna direct: NOT_PAID 10001 6000"]),
    Case(
        reference_repeated, "CANNOT_TELL", unknown("M5", "reference_repeated"), ["anna direct: CANNOT_TELL 10000 6000"]
    ),
    Case(reference_repeated_above_what_is_due, "PAID", set(), ["anna direct: PAID 6000 6000"]),
    Case(
        reference_repeated_below_what_is_due, "NOT_PAID", no("M4 unpaid"), ["anna direct: NOT_PAID 10001 6000"]
    ),
    Case(reference_of_two_signers, "PAID", set(), PAID_100),
    Case(
        per_mille_not_reported, "CANNOT_TELL", unknown("M1", "not_reported"), ["anna direct: CANNOT_TELL 0 0"]
    ),
    Case(per_mille_and_the_flat_fee_unpaid, "NOT_PAID", no("M1 not_reported", "M4 unpaid"), UNPAID_100),
    Case(
        per_mille_reported_too_early, "NOT_PAID", no("M1 not_reported", "M4 unpaid"),
        ["anna direct: NOT_PAID 500 0"],
    ),
    Case(per_day, "NOT_PAID", no("M4 unpaid"), ["anna direct: NOT_PAID 15000 0"]),
    Case(attested_then_returned, "NOT_PAID", no("M4 returned"), UNPAID_100),
    Case(attested_then_returned_and_paid_again, "PAID", set(), PAID_100),
    Case(payer_says_it_came_back, "NOT_PAID", no("M4 returned"), UNPAID_100),
    Case(payee_says_she_returned_it, "CANNOT_TELL", unknown("M5", "return_contested"), UNTOLD_100),
    Case(payee_returned_a_surplus, "PAID", set(), PAID_100),
    Case(another_provider_says_it_came_back, "PAID", set(), PAID_100),
    Case(receipt_returned_by_the_payer_and_a_bank, "NOT_PAID", no("M4 returned"), UNPAID_100),
    Case(returned_by_the_payee_and_another_bank, "CANNOT_TELL", unknown("M5", "return_contested"), UNTOLD_100),
    Case(
        payees_own_provider_says_it_came_back, "CANNOT_TELL", unknown("M5", "return_contested"),
        ["anna ltd direct: CANNOT_TELL 10000 0"],
    ),
    Case(return_of_what_was_never_logged, "PAID", set(), PAID_100),
    Case(unlisted_provider, "NOT_PAID", no("M4 unpaid"), UNPAID_100),
    Case(provider_under_payers_control, "CANNOT_TELL", unknown("M7", "same_control"), UNTOLD_100),
    Case(
        provider_under_licensees_control_for_a_sublicensee, "CANNOT_TELL", unknown("M7", "same_control"), UNTOLD_100
    ),
    Case(controlled_provider_but_receipted, "PAID", set(), PAID_100),
    Case(
        payer_and_payee_under_control, "CANNOT_TELL", unknown("M7", "same_control"),
        ["brand studio direct: CANNOT_TELL 10000 0"],
    ),
    Case(revoked, "NOT_PAID", no("M4 unpaid"), UNPAID_100),
    Case(revoked_and_paid, "PAID", set(), PAID_100),
    Case(outside_the_term, "NOT_PAID", no("M4 unpaid"), UNPAID_100),
    Case(second_use_of_a_flat_fee, "NOT_PAID", no("M4 unpaid"), ["anna direct: PAID 0 0"]),
    Case(voided_use_before, "NOT_PAID", no("M4 unpaid"), UNPAID_100),
    Case(other_currency, "CANNOT_TELL", unknown("M5", "other_currency"), UNTOLD_100),
    Case(other_currency_settled, "PAID", set(), PAID_100),
    Case(claimed_unpaid, "CANNOT_TELL", unknown("M5", "claimed_unpaid"), UNTOLD_100),
    Case(claimed_unpaid_by_another, "PAID", set(), PAID_100),
    Case(disputed_otherwise, "PAID", set(), PAID_100),
    Case(claimed_unpaid_and_ruled, "PAID", set(), PAID_100),
    Case(ruled_that_it_was_never_paid, "NOT_PAID", no("M4 unpaid"), UNPAID_100),
    Case(credited, "PAID", set(), ["anna direct: PAID 7000 7000"]),
    Case(credited_by_the_payer, "NOT_PAID", no("M4 unpaid"), ["anna direct: NOT_PAID 10000 7000"]),
    Case(splits_of_others, "CANNOT_TELL", nothing_told("split_mismatch", 2), []),
    Case(collected_without_the_power, "CANNOT_TELL", nothing_told("bad_terms", 2), []),
    Case(one_cent_that_cannot_be_split, "CANNOT_TELL", nothing_told("bad_terms", 2), []),
    Case(lines_that_do_not_add_up, "CANNOT_TELL", unknown("M5", "bad_terms"), UNTOLD_100),
    Case(
        crew_unpaid, "NOT_PAID", no("M4 unpaid"), ["anna direct: PAID 9900 9900", "crew direct: NOT_PAID 100 0"]
    ),
    Case(doubtful_provider, "CANNOT_TELL", hidden("M4", "list_missing"), UNTOLD_100),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.story.__name__)
def test_worked_cases(case: Case) -> None:
    check_worked(case)


@pytest.mark.parametrize(
    "tell", [reference_repeated, reference_repeated_above_what_is_due, reference_repeated_below_what_is_due]
)
def test_a_repeated_reference_is_warned_of_whatever_turns_on_it(tell: Callable[[Story], None]) -> None:
    s = Story()
    tell(s)
    first, second = (made.index for made in s.world.entries.values() if isinstance(made.statement, Receipt))
    warned = {note.code: note.entries for note in s.decide().warnings}
    assert warned["reference_repeated"] == (first, second)


def test_two_signers_may_use_one_reference() -> None:
    s = Story()
    reference_of_two_signers(s)
    assert "reference_repeated" not in {note.code for note in s.decide().warnings}


def test_dates_alone_may_leave_open_whose_money_filled_a_payees_part() -> None:
    """Anna has her 80.00 twice. Was the licensee's money first, it lowers what the agency is owed; if not, it does not:
    bank and payee differ on when that came."""
    s = Story()
    s.through_gina()
    s.use()
    s.world.advance("10d")
    s.payment(8_000, provider=s.bank, reference="R1", settled_at="-8d")
    s.receipt(8_000, reference="R1", received_at="-2d")
    s.receipt(8_000, payer=s.gina, received_at="-6d")
    s.receipt(2_000, s.gina)
    decision = s.decide(at="+90d")
    assert figures(s, decision)[0] == "anna from_agency: PAID 8000 8000"
    assert decision.paid.answer == "CANNOT_TELL"
    assert codes(decision) == {"M5 amounts_differ", "M4 amounts_differ", "M8 amounts_differ"}
