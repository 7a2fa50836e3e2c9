"""M3, M6 and §7.2 at work: due dates, lateness, staleness, and money that is for one usage and not another."""

from __future__ import annotations

import pytest

from tests.support.money_story import Story, codes, figures, own
from verifier.base.strict import MAX_INTEGER, parse_instant
from verifier.rules.money.book import open_book
from verifier.rules.money.money_rules import MoneyDecision, PayeeLine, judge_money
from verifier.rules.standing.judged import JudgedContext

DAY = 86_400
START = parse_instant("2026-01-02T00:00:00Z")
"""When the first usage of a story is declared: the consent is logged the day before."""


def day(number: int, seconds: int = 0) -> int:
    """So many days, and seconds, after the first usage was declared."""
    return START + number * DAY + seconds


def only(decision: MoneyDecision) -> PayeeLine:
    (line,) = own(decision)
    return line


def of(story: Story, decision: MoneyDecision, name: str) -> PayeeLine:
    (line,) = [line for line in own(decision) if story.name(line.payee) == name]
    return line


@pytest.mark.parametrize(
    "at, days_late",
    [(day(0), 0), (day(30), 0), (day(30, 1), 1), (day(31), 1), (day(31, 1), 2), (day(395), 365)],
)
def test_days_late_while_nothing_came(at: int, days_late: int) -> None:
    line = only(Story().decide(at=at))
    answer = "NOT_YET_DUE" if at < day(30) else "NOT_PAID"
    assert (line.answer, line.due_at, line.days_late) == (answer, day(30), days_late)


@pytest.mark.parametrize(
    "received_at, at, days_late",
    [
        (day(30), day(400), 0),
        (day(30, 1), day(400), 1),
        (day(40), day(400), 10),
        (day(40), day(30), 0),  # at an earlier instant it was not late yet
        (day(40), day(35), 5),
    ],
)
def test_days_late_once_it_came(received_at: int, at: int, days_late: int) -> None:
    s = Story()
    s.use()
    s.world.set_clock(day(50))
    s.receipt(received_at=received_at)
    line = only(s.decide(at=at))
    assert (line.answer, line.due_at, line.days_late) == ("PAID", day(30), days_late)


def test_received_is_never_later_than_logged() -> None:
    s = Story()
    s.use()
    s.receipt(received_at=day(90))
    assert only(s.decide(at=day(400))).days_late == 0


def test_where_payee_and_provider_differ_the_later_date_counts() -> None:
    s = Story()
    s.use()
    s.world.set_clock(day(50))
    s.payment(provider=s.bank, reference="R1", settled_at=day(30))
    s.receipt(reference="R1", received_at=day(33))
    assert only(s.decide(at=day(400))).days_late == 3


@pytest.mark.parametrize("origin, due_at", [("declared", day(7)), ("starts", day(17)), ("ends", day(27))])
def test_due_from(origin: str, due_at: int) -> None:
    s = Story()
    s.due = {"from": origin, "days": 7}
    s.use(terms={"starts": "+10d", "ends": "+20d"})
    assert only(s.decide()).due_at == due_at


@pytest.mark.parametrize("said, due_at", [
    ([15], day(22)), ([25], day(27)), ([15, 18], day(25)), ([18, None], day(25)), ([5], day(17)),
])  # fmt: skip
def test_an_end_that_was_reported_is_what_a_line_falls_due_from_if_it_is_earlier(
    said: list[int | None], due_at: int
) -> None:
    """Declared for days 10 to 20; what the declaration made due goes along, and so does what the reports add."""
    s = Story()
    s.due, s.fees = {"from": "ends", "days": 7}, [{"per": "image", "amount": 1_000}]
    usage = s.use(terms={"starts": "+10d", "ends": "+20d"})
    for place, end in enumerate(said):
        s.world.report(usage, terms={"images": 2 + place, **({} if end is None else {"ends": day(end)})})
    line = only(s.decide())
    assert (line.due, line.due_at) == ((2 + place) * 1_000, due_at)


def test_no_use_is_long_enough_to_put_off_what_it_owes() -> None:
    s = Story()
    s.due = {"from": "ends", "days": 7}
    s.use(terms={"starts": day(0), "ends": day(5_000)})
    assert only(s.decide()).due_at == day(373)


def test_what_an_earlier_end_brought_forward_is_late_from_then_on() -> None:
    s = Story()
    s.due = {"from": "ends", "days": 7}
    usage = s.use(terms={"starts": day(0), "ends": day(100)})
    assert only(s.decide(at=day(30))).answer == "NOT_YET_DUE"
    s.world.report(usage, terms={"ends": day(20)})
    line = only(s.decide(at=day(30)))
    assert (line.answer, line.due_at, line.days_late) == ("NOT_PAID", day(27), 3)


def test_a_due_date_past_the_last_instant_is_left_out() -> None:
    s = Story()
    s.due = {"from": "ends", "days": 366}
    s.use(terms={"starts": "9999-01-01T00:00:00Z", "ends": "9999-12-31T23:59:59Z"})
    line = only(s.decide(at="9999-12-31T23:59:59Z"))
    assert (line.answer, line.due_at, line.days_late) == ("NOT_YET_DUE", None, 0)


def by_image() -> Story:
    """3 images declared on day 0, 5 reported on day 10: 30.00 due on day 30, 20.00 on day 40."""
    s = Story()
    s.fees = [{"per": "image", "amount": 1_000}]
    usage = s.use(terms={"units": {"images": 3}})
    s.world.set_clock(day(10))
    s.world.report(usage, terms={"images": 5})
    s.world.set_clock(day(50))
    return s


@pytest.mark.parametrize(
    "amount, received_at, answer, due_at, days_late",
    [
        (0, 0, "NOT_PAID", day(30), 20),
        (3_000, day(30), "NOT_PAID", day(40), 10),
        (3_000, day(42), "NOT_PAID", day(30), 12),  # the line that was late longest
        (5_000, day(30), "PAID", day(40), 0),
        (5_000, day(35), "PAID", day(30), 5),
        (5_000, day(45), "PAID", day(30), 15),
    ],
)
def test_each_line_has_its_own_due_date(
    amount: int, received_at: int, answer: str, due_at: int, days_late: int
) -> None:
    s = by_image()
    if amount:
        s.receipt(amount, received_at=received_at)
    line = only(s.decide(at=day(50)))
    assert (line.answer, line.due_at, line.days_late) == (answer, due_at, days_late)
    assert line.due == 5_000


# ---- through the agency


def test_what_the_agency_owes_falls_due_45_days_after_it_has_all() -> None:
    s = Story()
    s.through_gina()
    s.use()
    s.world.set_clock(day(60))
    s.receipt(9_999, s.gina, received_at=day(5))
    anna = of(s, s.decide(at=day(90)), "anna")
    assert (anna.answer, anna.due_at, anna.days_late) == ("NOT_PAID", None, 0)
    s.receipt(1, s.gina, received_at=day(20))
    anna = of(s, s.decide(at=day(65, 1)), "anna")
    assert (anna.answer, anna.due_at, anna.days_late) == ("NOT_PAID", day(65), 1)


def test_what_comes_later_makes_nobody_late() -> None:
    """Brand paid in time, and the agency has had it since; then Brand pays Anna too, or names what was paid."""
    s = Story()
    s.through_gina()
    s.use()
    s.world.set_clock(day(5))
    s.receipt(10_000, s.gina)
    s.world.set_clock(day(60))
    s.receipt(8_000)
    decision = s.decide(at=day(90))
    gina, anna = of(s, decision, "gina"), of(s, decision, "anna")
    assert (gina.answer, gina.days_late) == ("PAID", 0)
    assert (anna.answer, anna.due_at, anna.days_late) == ("PAID", day(50), 10)


def test_money_that_names_what_was_paid_in_time() -> None:
    s = Story()
    s.use()
    s.world.set_clock(day(5))
    s.receipt()
    s.world.set_clock(day(60))
    s.receipt(money={"lines": [{"for": s.usages[0].id, "amount": 10_000}]})
    line = only(s.decide(at=day(90)))
    assert (line.answer, line.days_late) == ("PAID", 0)


def test_an_agency_that_was_paid_before_the_use_owes_from_the_declaration() -> None:
    s = Story()
    s.through_gina()
    s.receipt(10_000, s.gina)
    s.world.set_clock(day(30))
    s.use()
    assert of(s, s.decide(), "anna").due_at == day(75)


# ---- staleness


def test_stale_not_paid_cannot_be_told() -> None:
    s = Story()
    s.use()
    decision = s.decide(at=day(40), stale=True)
    line = only(decision)
    assert (line.answer, line.outstanding, line.due_at, line.days_late) == ("CANNOT_TELL", 10_000, day(30), None)
    assert codes(decision) == {"M4 stale", "M8 stale"}
    assert decision.warnings == ()


def test_stale_paid_is_a_warning() -> None:
    s = Story()
    s.use()
    s.receipt()
    decision = s.decide(stale=True)
    assert (decision.paid.answer, only(decision).days_late) == ("PAID", None)
    assert [note.code for note in decision.warnings] == ["stale"]


def test_stale_is_the_contracts_own_by_default() -> None:
    s = Story()
    s.due["days"] = 0
    usage = s.use()
    context = JudgedContext(s.world.record(), instant=s.world.now, as_of=0, stale=True)
    assert judge_money(context, s.world.entry(usage)).paid.answer == "CANNOT_TELL"


# ---- several usages


def three_uses(*amounts: int) -> Story:
    s = Story()
    s.fees = [{"per": "use", "amount": 1_000}]
    s.due["days"] = 0
    for _ in range(3):
        s.use()
    for amount in amounts:
        s.receipt(amount)
    return s


def answers(s: Story) -> list[str]:
    return [s.decide(place).paid.answer for place in range(3)]


def test_money_fills_usages_in_log_order() -> None:
    assert answers(three_uses(1_500)) == ["PAID", "NOT_PAID", "NOT_PAID"]
    s = three_uses(1_500)
    assert figures(s, s.decide(1)) == ["anna direct: NOT_PAID 1000 500"]
    assert answers(three_uses(1_000, 1_000, 1_000)) == ["PAID", "PAID", "PAID"]


def test_money_that_names_a_usage_goes_there_first() -> None:
    s = three_uses()
    s.receipt(1_000, money={"lines": [{"for": s.usages[2].id, "amount": 1_000}]})
    assert answers(s) == ["NOT_PAID", "NOT_PAID", "PAID"]


def test_the_payers_lines_count_before_the_payees() -> None:
    s = three_uses()
    s.payment(1_000, reference="R1", money={"lines": [{"for": s.usages[1].id, "amount": 1_000}]})
    s.receipt(1_000, reference="R1", money={"lines": [{"for": s.usages[2].id, "amount": 1_000}]})
    assert answers(s) == ["NOT_PAID", "PAID", "NOT_PAID"]


def test_a_return_re_opens_the_usage_that_it_names() -> None:
    s = three_uses()
    lines = [{"for": usage.id, "amount": 1_000} for usage in s.usages]
    payment = s.payment(3_000, provider=s.bank, money={"lines": lines})
    s.adjust("return", 1_000, of=[payment], provider=s.bank, money={"lines": lines[:1]})
    assert answers(s) == ["NOT_PAID", "PAID", "PAID"]


def test_a_credit_for_one_usage() -> None:
    s = three_uses()
    s.adjust("credit", 1_000, money={"lines": [{"for": s.usages[1].id, "amount": 1_000}]})
    assert answers(s) == ["NOT_PAID", "PAID", "NOT_PAID"]
    assert figures(s, s.decide(1)) == ["anna direct: PAID 0 0"]


def test_a_doubtful_use_makes_the_whole_consent_untellable_and_stays_due() -> None:
    s = three_uses(1_000)
    old = s.brand.keys[0]
    s.world.key(s.brand, add=[s.world_key("brand new")])
    s.world.key(s.brand, retire=[old], signers=[s.brand.keys[1]])
    s.world.dispute(s.consent, [s.usages[1]], author=s.brand, tag="key")
    assert answers(s) == ["CANNOT_TELL"] * 3
    assert codes(s.decide()) == {f"M{rule} key_disputed" for rule in (1, 4, 5, 7, 8)}
    assert figures(s, s.decide(1)) == ["anna direct: CANNOT_TELL 1000 0"]


def test_money_for_an_advance_that_cannot_be_told_is_received() -> None:
    s = Story()
    fee = {"per": "flat", "amount": 10, "owed": "on", "at": s.world.now + 5 * 86_400, "recoup": "all"}
    s.fees = [fee, {"per": "mille", "amount": 5}]
    s.use()
    s.world.set_clock(s.world.now + 9 * 86_400)
    s.receipt(1)
    assert figures(s, s.decide(0), "consent") == ["anna direct: CANNOT_TELL 10 1"]


def test_a_hundred_uses_and_a_crew_fund_of_one_per_cent() -> None:
    s = Story()
    s.fees = [{"per": "use", "amount": 40}]
    s.splits = [
        {"payee": s.anna, "kind": "model", "parts": 99},
        {"payee": s.crew, "kind": "crew", "parts": 1},
    ]
    with s.world.batch():
        for _ in range(100):
            s.usages.append(s.world.usage(s.consent))
    context = s.context()
    due = {"anna": 0, "crew": 0}
    for usage in s.usages:
        for line in own(judge_money(context, s.world.entry(usage))):
            due[s.name(line.payee)] += line.due
    assert due == {"anna": 3_960, "crew": 40}


def test_a_consents_book_is_opened_once() -> None:
    s = three_uses()
    context = s.context()
    judge_money(context, s.world.entry(s.usages[0]))
    book = open_book(context, s.consent.id)
    judge_money(context, s.world.entry(s.usages[2]))
    assert open_book(context, s.consent.id) is book


def test_a_void_usage_has_no_paid() -> None:
    s = Story()
    s.use()
    void = s.world.usage(s.consent, signers=[s.anna])
    with pytest.raises(ValueError, match="void"):
        judge_money(s.context(), s.world.entry(void))


# ---- consents that replace


def replacing(fees: list[dict[str, object]]) -> Story:
    """Two uses under the old consent, one under the new, which has the same fees."""
    s = Story()
    s.fees = fees
    s.due["days"] = 0
    s.use()
    s.use()
    old = s.consent
    s.replace()
    s.use()
    assert s.consent is not old
    return s


def test_units_of_a_replaced_consent_count_but_cost_nothing() -> None:
    s = replacing([{"per": "use", "amount": 1_000, "above": 2}])
    assert [only(s.decide(place)).due for place in range(3)] == [0, 0, 1_000]


def test_the_flat_fee_is_owed_again() -> None:
    s = replacing([{"per": "flat", "amount": 1_000}])
    assert [own(s.decide(place), "consent")[0].due for place in range(3)] == [1_000, 1_000, 1_000]
    assert [only(s.decide(place)).due for place in range(3)] == [0, 0, 0]


@pytest.mark.parametrize("above, answer", [(2, "CANNOT_TELL"), (0, "NOT_PAID")])
def test_a_replaced_consents_uses_are_needed_only_where_they_count(above: int, answer: str) -> None:
    s = replacing([{"per": "use", "amount": 1_000, "above": above}])
    old = s.usages[0].statement
    s.hidden_lists.append(f"uses:{getattr(old, 'consent')}")  # noqa: B009 -- a Usage
    assert s.decide(2).paid.answer == answer


# ---- warnings


@pytest.mark.parametrize(
    "amount, more, warned", [(10_000, 0, False), (10_001, 0, True), (10_000, 1, True), (9_000, 1_000, False)]
)
def test_over_payment_is_shown(amount: int, more: int, warned: bool) -> None:
    s = Story()
    s.use()
    entries = [s.receipt(amount).index]
    if more:
        entries.append(s.receipt(more).index)
    decision = s.decide()
    assert decision.paid.answer == "PAID"
    assert [(note.code, note.entries) for note in decision.warnings] == [("overpaid", (entries[-1],))] * warned


def test_money_for_nobody_who_is_owed_is_over_payment() -> None:
    s = Story()
    s.consent_options["under"] = s.world.mandate(model=s.anna, agency=s.gina)
    s.use()
    receipt = s.receipt(1, s.gina)
    assert [(note.code, note.entries) for note in s.decide().warnings] == [("overpaid", (receipt.index,))]


@pytest.mark.parametrize("parts, warned", [((80, 20), False), ((79, 21), True), ((7_999, 2_001), True)])
def test_commission_above_the_mandates(parts: tuple[int, int], warned: bool) -> None:
    s = Story()
    s.through_gina(parts=parts)
    assert [note.code for note in s.decide().warnings] == ["commission_cap"] * warned


def test_commission_above_the_profiles_cap() -> None:
    s = Story()
    s.consent_options["terms"] = {"profile": "ny"}
    s.consent_options["under"] = s.world.mandate(model=s.anna, agency=s.gina, money={"commission_bp": 3_000})
    s.splits = [
        {"payee": s.anna, "kind": "model", "parts": 75},
        {"payee": s.gina, "kind": "agency", "parts": 25},
    ]
    assert [note.code for note in s.decide().warnings] == ["commission_cap"]


def test_sums_that_are_too_large() -> None:
    s = Story()
    s.fees[0]["amount"] = MAX_INTEGER
    s.use()
    s.receipt(MAX_INTEGER)
    assert s.decide().paid.answer == "PAID"
    s.receipt(1)
    assert codes(s.decide()) == {"M4 too_large", "M8 too_large"}


def test_a_use_may_take_a_cent_back_and_nothing_is_lost() -> None:
    """With parts 6, 6 and 2 the last payee has 2 of 10 but only 1 of 11."""
    s = Story()
    s.fees = [{"per": "use", "tiers": [{"from": 0, "amount": 10}, {"from": 1, "amount": 1}]}]
    studio, union = s.world.party("studio", roles=["fund"]), s.world.party("levy", roles=["union"])
    few = max(s.anna, studio, union, key=lambda one: one.id)
    kinds = {"anna": "model", "studio": "crew", "levy": "levy"}
    s.splits = [
        {"payee": one, "kind": kinds[one.name], "parts": 2 if one is few else 6} for one in (s.anna, studio, union)
    ]
    s.use()
    s.use()
    assert [of(s, s.decide(place), few.name).due for place in range(2)] == [2, -1]
    s.receipt(1, few)
    for place, (due, received) in enumerate([(2, 2), (-1, -1)]):
        line = of(s, s.decide(place), few.name)
        assert (line.answer, line.due, line.received, line.outstanding) == ("PAID", due, received, 0)
    assert s.decide().warnings == ()
    s.receipt(1, few)
    assert [note.code for note in s.decide().warnings] == ["overpaid"]
