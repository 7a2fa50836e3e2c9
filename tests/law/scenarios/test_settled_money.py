"""Cases of money on which the rules and the naive evaluator parted in random histories, settled by the words of the
rules."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.decided import asked_of, decided, of_no_day
from tests.support.money_story import Story, figures
from tests.support.world import DAY, Actor, Logged
from verifier.base.strict import format_instant
from verifier.rules.model.results import Result

# ---- M3: what the agency says that it passed on is nothing that the licensee paid


@pytest.mark.parametrize("payee, through", [("anna", True), ("crew", False)])
@pytest.mark.parametrize("unread", ["lines that do not add up", "reference erased"])
def test_a_payment_by_the_agency_that_cannot_be_read_hides_nothing_of_what_the_agency_had(
    payee: str, through: bool, unread: str
) -> None:
    s = Story()
    s.through_gina()
    payees: dict[str, Actor] = {"anna": s.anna, "crew": s.crew}
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 10, **({"via": s.gina} if through else {})})
    usage = s.use()
    amount = 2_000
    lines: dict[str, Any] = {"money": {"lines": [{"for": usage, "amount": amount + 1}]}}
    paid = s.payment(amount, payees[payee], payer=s.gina, provider=s.bank, **(lines if "lines" in unread else {}))
    if "erased" in unread:
        s.world.erasure(paid, erased=["evidence"])
    said = [line for line in figures(s, s.decide(at="+90d")) if line.startswith("gina to_agency")]
    assert [line.split()[2] for line in said] == ["NOT_PAID"]


def test_a_payment_by_the_licensee_that_cannot_be_read_does() -> None:
    s = Story()
    s.through_gina()
    usage = s.use()
    s.payment(2_000, s.anna, provider=s.bank, money={"lines": [{"for": usage, "amount": 2_001}]})
    assert {line.answer for line in s.decide(at="+90d").paid.payees} <= {"CANNOT_TELL"}


# ---- M5, M7: less shown never makes money more certain


def test_a_smaller_attestation_counts_in_the_least_while_it_cannot_be_told_who_controls_its_provider() -> None:
    s = Story()
    s.brand = s.world.party("free brand", roles=["licensee"])
    s.fees = [{"per": "use", "amount": 500}]
    s.due["days"] = 0
    usage = s.use()
    s.payment(300, provider=s.house_bank, reference="ONE")
    s.payment(700, provider=s.post, reference="ONE")
    whole = decided(s.world, usage, kind="usage")
    less = decided(s.world, usage, kind="usage", hide_lists=[f"keys:{s.holding.id}"])
    assert whole.paid is not None and less.paid is not None
    assert (whole.paid.answer, less.paid.answer) == ("CANNOT_TELL", "CANNOT_TELL")
    rows = {row.rule: row.result for row in whole.rules}
    more_certain = [row.rule for row in less.rules if rows[row.rule] is Result.UNKNOWN is not row.result]
    assert more_certain == []


# ---- M1: a share of the days of a term that has none


def test_a_share_of_the_days_run_of_a_term_that_ends_before_it_begins_cannot_be_told() -> None:
    s = Story()
    s.fees = [{"per": "flat", "amount": 100, "owed": "signed", "rata": True}]
    consent = s.consent
    s.world.revocation(consent=consent)
    decision = asked_of(of_no_day(s), s.world, consent.id, "consent")
    assert decision.paid is not None and decision.paid.answer == "CANNOT_TELL"


# ---- M1: what is open, and what it leaves open


def option(s: Story, *fees: dict[str, Any], **terms: Any) -> Logged:
    """A consent to use that is taken five days after it was signed, and may be used before: in vain."""
    s.fees = list(fees)
    start = s.world.now
    s.consent_options |= {"exercise_by": start + 9 * 86_400}
    s.consent_options["terms"] = {"starts": start, "ends": start + 365 * 86_400, **terms}
    return s.consent


@pytest.mark.parametrize("later, answer", [(4, "CANNOT_TELL"), (6, "NOT_YET_DUE")])
def test_a_period_that_begins_with_a_silent_use_cannot_be_told(later: int, answer: str) -> None:
    """500 a quarter, taken on day 5; a use of day ``later`` may have earned more."""
    s = Story()
    every = {"per": "flat", "amount": 500, "owed": "every", "days": 91, "recoup": "period"}
    consent = option(s, every, {"per": "mille", "amount": 1})
    start = s.world.now - 86_400
    for day in sorted([5, later]):
        s.world.set_clock(start + day * 86_400)
        s.world.exercise(consent) if day == 5 else s.world.usage(consent)
    paid = decided(s.world, consent).paid
    assert paid is not None and paid.answer == answer


def test_what_a_later_use_adds_is_its_line_whatever_a_silent_use_may_have_earned() -> None:
    s = Story()
    s.fees = [{"per": "flat", "amount": 1_000, "owed": "signed", "recoup": "all"}, {"per": "mille", "amount": 1_000}]
    s.fees.append({"per": "image", "amount": 1})
    s.use()
    usage = s.use(terms={"units": {"images": 900}})
    s.world.set_clock(s.world.now + 60 * 86_400)
    s.world.report(usage)
    assert [figures(s, s.decide(place)) for place in (0, 1)] == [
        ["anna direct: CANNOT_TELL 0 0"], ["anna direct: PAID 0 0"],
    ]  # fmt: skip


@pytest.mark.parametrize("flat, answer", [(False, "PAID"), (True, "NOT_YET_DUE")])
def test_hidden_terms_hide_nothing_of_what_a_consent_owes_by_itself(flat: bool, answer: str) -> None:
    s = Story()
    s.fees = [{"per": "month", "amount": 500}, *([{"per": "flat", "amount": 9, "owed": "signed"}] if flat else [])]
    now = s.world.now
    usage = s.use(terms={"starts": now + 86_400, "ends": now + 20 * 86_400})
    s.world.set_clock(now + 5 * 86_400)
    s.world.revocation(consent=s.consent)
    s.world.report(usage, terms={"ends": s.world.now - 2 * 86_400})
    paid = decided(s.world, s.consent, hide=[(s.consent.id, "terms")]).paid
    assert paid is not None and paid.answer == answer


def test_of_the_lines_of_one_instant_the_one_that_falls_due_earlier_comes_first() -> None:
    """2 of 8 fall due at once: a half of them would be the crew's, and goes to the first by id."""
    s = Story()
    s.splits = [{"payee": s.anna, "kind": "model", "parts": 3}, {"payee": s.crew, "kind": "crew", "parts": 1}]
    signed = {"per": "flat", "owed": "signed"}
    s.fees = [{**signed, "amount": 5, "due_days": 4}, {**signed, "amount": 2, "due_days": 0}]
    paid = decided(s.world, s.consent).paid
    assert paid is not None
    first = min(s.anna.id, s.crew.id)
    fell = {line.payee: line.answer for line in paid.payees}
    assert fell[s.crew.id] == ("NOT_PAID" if first == s.crew.id else "NOT_YET_DUE") and fell[s.anna.id] == "NOT_PAID"


def test_what_falls_away_at_once_falls_after_what_was_signed() -> None:
    """Of 1 at once and 1 later, 3 of 8 days run: 0.75 is due, of which the first of the two is the whole."""
    s = Story()
    signed = {"per": "flat", "owed": "signed", "rata": True, "amount": 1}
    s.fees = [{**signed, "due_days": 0}, {**signed, "due_days": 9}]
    creation = s.world.creation(model=s.anna, maker=s.world.party("studio", roles=["maker"]))
    twin = s.world.twin(s.anna, creation=creation)
    s.world.revocation(consent=creation)
    start = s.world.now - 2 * 86_400 - 3_600
    s.consent_options |= {"twin": twin, "terms": {"starts": start, "ends": start + 8 * 86_400}}
    paid = decided(s.world, s.consent).paid
    assert paid is not None
    (line,) = paid.payees
    assert (line.answer, line.due, line.due_at) == ("NOT_PAID", 1, s.world.entry(s.consent).logged)


# ---- M1: what comes with, or after, what cannot be told


def test_a_share_of_days_that_are_none_leaves_nothing_to_be_told_of_a_use() -> None:
    """What falls away came before the use: its share of the running total turns on that."""
    s = Story()
    s.fees = [{"per": "flat", "amount": 100, "owed": "signed", "rata": True}, {"per": "use", "amount": 5}]
    s.due["days"] = 0
    usage = s.use()
    s.world.revocation(consent=s.consent)
    paid = asked_of(of_no_day(s), s.world, usage.id).paid
    assert paid is not None and (paid.answer, paid.payees) == ("CANNOT_TELL", ())


@pytest.mark.parametrize("revoked", [True, False])
def test_what_no_fee_meets_is_not_warned_of_where_nothing_can_be_told(revoked: bool) -> None:
    """Once something may stop the consent its ``rata`` has no days to share; until then the fees can be read."""
    s = Story()
    s.fees = [{"per": "flat", "amount": 5, "owed": "signed", "rata": True}]
    s.fees.append({"per": "use", "amount": 5, "countries": ["FR"]})
    usage = s.use()
    if revoked:
        s.world.revocation(consent=s.consent)
    found = asked_of(of_no_day(s), s.world, usage.id)
    assert ("unpriced" in {note.code for note in found.warnings}) is not revoked


@pytest.mark.parametrize("use_first, answer", [(True, "CANNOT_TELL"), (False, "NOT_PAID")])
def test_a_line_after_a_use_of_hidden_terms_cannot_be_told(use_first: bool, answer: str) -> None:
    """What the use earned is not known, and with it whose the odd unit is."""
    s = Story()
    now = s.world.now
    s.fees = [{"per": "flat", "amount": 12, "owed": "on", "at": now + 5 * 86_400, "due_days": 0}]
    s.fees.append({"per": "use", "amount": 5})
    consent = s.consent
    s.world.set_clock(now + (3 if use_first else 6) * 86_400)
    s.world.usage(consent)
    s.world.set_clock(now + 8 * 86_400)
    paid = decided(s.world, consent, hide=[(consent.id, "terms")]).paid
    assert paid is not None and paid.answer == answer


def test_an_option_that_nobody_takes_owes_no_dates_whatever_its_terms() -> None:
    s = Story()
    every = {"per": "flat", "amount": 5, "owed": "every", "days": 2, "recoup": "period"}
    consent = option(s, every, {"per": "month", "amount": 1})
    paid = decided(s.world, consent, hide=[(consent.id, "terms")]).paid
    assert paid is not None and paid.answer == "PAID"


@pytest.mark.parametrize("later, due_days, answer", [
    (0, 0, "CANNOT_TELL"), (0, 5, "CANNOT_TELL"), (1, 0, "NOT_PAID"),
])  # fmt: skip
def test_a_line_that_cannot_be_told_leaves_nothing_to_be_told_of_its_claim(
    later: int, due_days: int, answer: str
) -> None:
    """An advance, and another fee of the same instant or of a later one; of a use before them nothing is reported."""
    s = Story()
    at = s.world.now + 3 * DAY
    dated = {"per": "flat", "owed": "on", "due_days": 0}
    s.fees = [{**dated, "amount": 12, "at": at, "recoup": "all"}, {"per": "mille", "amount": 5}]
    s.fees.append({**dated, "amount": 10, "at": at + later * DAY, "due_days": due_days})
    s.use()
    s.world.set_clock(at + 20 * DAY)
    assert s.world.check(s.consent, max_age="90d")["paid"]["answer"] == answer


@pytest.mark.parametrize("gross_bp, answer", [(0, "PAID"), (10_000, "CANNOT_TELL")])
def test_who_gets_nothing_of_it_is_owed_nothing_of_what_cannot_be_told(gross_bp: int, answer: str) -> None:
    s = Story()
    now = s.world.now
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1, "gross_bp": gross_bp})
    s.fees = [{"per": "flat", "amount": 5, "owed": "on", "at": now + 3 * 86_400, "recoup": "all"}]
    s.fees.append({"per": "value", "bp": 2_500})
    s.use()
    s.world.set_clock(now + 60 * 86_400)
    paid = decided(s.world, s.consent).paid
    assert paid is not None
    assert {line.payee: line.answer for line in paid.payees}[s.crew.id] == answer


@pytest.mark.parametrize("owed", ["signed", "break"])
@pytest.mark.parametrize("released, due", [(True, 0), (False, 12)])
def test_what_is_for_the_exclusivity_arises_no_more_at_the_instant_of_its_release(
    owed: str, released: bool, due: int
) -> None:
    """Whenever it would: with the consent or with the licensee's own revocation."""
    s = Story()
    s.fees = [{"per": "flat", "amount": 12, "owed": owed, "for": "exclusive"}, {"per": "use", "amount": 1}]
    consent = s.world.consent(
        model=s.anna, licensee=s.brand, money={"fees": s.fees, "splits": s.splits, "due": s.due},
        exclusive={"release": 0},
    )  # fmt: skip
    if released:
        s.world.revocation(consent=consent, ground="unpaid", part="exclusive", effective=s.world.entry(consent).logged)
    if owed == "break":
        s.world.advance("1d")
        s.world.revocation(consent=consent, by=s.brand)
    paid = decided(s.world, consent).paid
    assert paid is not None and [line.due for line in paid.payees] == [due]


# ---- M3, M6: figures


def test_a_line_of_less_than_nothing_counts_in_what_was_received() -> None:
    """Nothing came: the unit that one claim frees fills another, and is received by nobody."""
    s = Story()
    s.splits = [{"payee": s.anna, "kind": "model", "parts": 1}, {"payee": s.crew, "kind": "trust", "parts": 1}]
    s.fees = [{"per": "flat", "amount": 1}, {"per": "flat", "amount": 5, "owed": "signed", "rata": True}]
    start = s.world.now
    s.consent_options["terms"] = {"starts": start, "ends": start + 60 * 86_400}
    s.use()
    s.world.revocation(consent=s.consent, effective=start + 5 * 86_400)
    s.world.set_clock(start + 6 * 86_400)
    paid = decided(s.world, s.consent).paid
    assert paid is not None
    assert [line.received for line in paid.payees] == [0, 0]
    assert sum(line.due for line in paid.payees) == 1


def test_what_the_licensee_pays_past_the_agency_for_the_consent_lowers_the_consents_part_alone() -> None:
    """6 of 5 are hers at 12,200: the odd one fills no part of a use at the agency."""
    s = Story()
    s.through_gina()
    s.splits = [{"payee": s.anna, "kind": "model", "parts": 1, "via": s.gina, "gross_bp": 12_200}]
    s.fees = [{"per": "flat", "amount": 5, "owed": "signed"}, {"per": "use", "amount": 70}]
    s.receipt(10)
    usage = s.use()
    found = decided(s.world, usage, kind="usage").paid
    assert found is not None
    assert {(line.leg, line.of): line.received for line in found.payees} == {
        ("from_agency", "consent"): 6, ("from_agency", "usage"): 4, ("to_agency", "consent"): 5,
        ("to_agency", "usage"): 4,
    }  # fmt: skip


# ---- M5: what came is known whether it is known what is due or not


def test_a_repeated_reference_is_warned_of_where_it_cannot_be_told_what_is_due() -> None:
    """Units count over a consent whose signer's key is disputed."""
    s = Story(arbiter=None)
    s.arbiter = s.world.party("arbiter", roles=["arbiter"])
    s.fees = [{"per": "mille", "tiers": [{"from": 0, "amount": 2}, {"from": 2, "amount": 1}]}]
    first = s.consent
    s.replace()
    second = s.consent
    for _ in range(2):
        s.receipt(20, reference="V")
    s.world.key(s.anna, add=[s.world_key("new")], retire=[s.anna.keys[0]])
    s.world.dispute(first, [first], author=s.anna, tag="key")
    found = decided(s.world, second)
    assert found.paid is not None and found.paid.answer == "CANNOT_TELL"
    assert [note.code for note in found.warnings if note.code == "reference_repeated"] == ["reference_repeated"]


@pytest.mark.parametrize("shown", [True, False])
def test_a_repeated_reference_is_warned_of_where_the_fees_make_no_sense(shown: bool) -> None:
    """Their first date lies after the terms' end, as whoever reads the terms can see."""
    s = Story()
    start = s.world.now
    s.fees = [{"per": "flat", "amount": 12, "owed": "every", "days": 30, "first": format_instant(start + 20 * DAY)}]
    s.consent_options["terms"] = {"starts": start, "ends": start + 10 * DAY}
    for _ in range(2):
        s.receipt(20, reference="V")
    verdict = s.world.check(s.consent, hide_sections=[] if shown else [(s.consent, "terms")])
    assert verdict["paid"]["answer"] == "CANNOT_TELL"
    assert "reference_repeated" in {note["code"] for note in verdict["warnings"]}


def test_a_repeated_reference_is_warned_of_where_there_is_no_day_of_which_to_owe_a_share() -> None:
    s = Story()
    s.fees = [{"per": "flat", "amount": 12, "owed": "signed", "rata": True}]
    for _ in range(2):
        s.receipt(20, reference="V")
    s.world.revocation(consent=s.consent)
    found = asked_of(of_no_day(s), s.world, s.consent.id, "consent")
    assert found.paid is not None and found.paid.answer == "CANNOT_TELL"
    assert "reference_repeated" in {note.code for note in found.warnings}


# ---- M5: what a return takes of a transfer


@pytest.mark.parametrize("void, first, named_again, received", [
    (True, "use", False, 10), (True, "use", True, 4), (True, "consent", False, 4), (False, "use", False, 10),
])  # fmt: skip
def test_a_return_takes_what_it_names_then_what_is_free_then_the_last_lines(
    void: bool, first: str, named_again: bool, received: int
) -> None:
    """Of 20, 14 are for a use and 6 for the consent, which owes nothing; 10 go back. What was for a use that is void
    fills another, and is no less named."""
    s = Story()
    s.fees = [{"per": "use", "amount": 50}]
    usage = s.use()
    named = s.world.usage(s.consent, signers=[s.bank]) if void else usage
    lines = [{"for": named, "amount": 14}, {"for": s.consent, "amount": 6}]
    paid = s.payment(20, provider=s.bank, money={"lines": lines if first == "use" else lines[::-1]})
    back = {"lines": [{"for": named, "amount": 10}]} if named_again else {}
    s.adjust("return", 10, of=[paid], provider=s.bank, money=back)
    (line,) = [one for one in s.world.check(usage)["paid"]["payees"] if one["of"] == "usage"]
    assert line["received"] == received


# ---- M1, M2: lines of one instant come in the order of what they arose with


@pytest.mark.parametrize("used_first", [True, False])
def test_what_a_use_made_comes_before_what_an_exercise_made_where_it_was_declared_before_it(used_first: bool) -> None:
    """5 with the use, due on the fourth day, and 1 of a date that is past, due on the third, at one instant: of each
    odd total the lower id has the larger half, so that the 1 is hers if it comes first."""
    s = Story()
    start = s.world.now
    s.splits.append({"payee": s.crew, "kind": "crew", "parts": 1})
    s.fees = [
        {"per": "flat", "amount": 1, "owed": "on", "at": start, "due_days": 3},
        {"per": "flat", "amount": 5, "owed": "use", "due_days": 4},
    ]
    s.consent_options["exercise_by"] = start + 9 * DAY
    consent, logged = s.consent, s.world.now
    for used in (True, False) if used_first else (False, True):
        made = s.world.usage(consent) if used else s.world.exercise(consent)
        assert s.world.entry(made).logged == logged
    s.world.set_clock(logged + 9 * DAY)
    payees = s.world.check(consent, max_age="90d")["paid"]["payees"]
    late = [5, 6] if used_first else [6, 5]
    assert [(one["due"], one["days_late"]) for one in payees] == [(3, days) for days in late]
